"""The lock's model and its formats."""

__all__: list[str] = []
