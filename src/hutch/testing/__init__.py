"""In-memory ends, fake indexes and wheel makers for tests of hutch and of its users."""

__all__: list[str] = []
