"""The command line: flags → options → one ops call; cli.ui alone draws."""

__all__: list[str] = []
