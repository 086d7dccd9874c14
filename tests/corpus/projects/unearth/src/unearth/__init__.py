"""A replica of unearth."""

__version__ = "0.15.0"


def main() -> None:
    """Nothing."""
