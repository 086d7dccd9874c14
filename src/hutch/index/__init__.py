"""The Simple API, find-links and core metadata of files."""

__all__: list[str] = []
