"""Manifests: text ↔ model."""

__all__: list[str] = []
