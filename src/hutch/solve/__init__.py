"""PubGrub without I/O: ask it, answer it, and it answers you."""

__all__: list[str] = []
