def main() -> None:
    """Nothing."""
