"""A PEP 517 frontend."""

__all__: list[str] = []
