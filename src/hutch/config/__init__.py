"""Layers of settings, with where each value came from."""

__all__: list[str] = []
