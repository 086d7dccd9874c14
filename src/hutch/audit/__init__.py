"""Findings and bills of materials (nothing lives here yet)."""

__all__: list[str] = []
