"""Activation and hook text."""

__all__: list[str] = []
