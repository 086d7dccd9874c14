"""One module per verb: gather → plan → apply."""

__all__: list[str] = []
