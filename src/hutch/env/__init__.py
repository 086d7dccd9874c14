"""An environment on disk: plan, link, remove, journal."""

__all__: list[str] = []
