"""py-rattler, alone (nothing lives here yet)."""

__all__: list[str] = []
