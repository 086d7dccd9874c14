"""The task graph and the test matrix (nothing lives here yet)."""

__all__: list[str] = []
