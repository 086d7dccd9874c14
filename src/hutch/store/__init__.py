"""The content-addressed store."""

__all__: list[str] = []
