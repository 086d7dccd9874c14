"""Names, versions, requirements, markers, tags, targets, hashes."""

__all__: list[str] = []
