"""``python -m hutch``."""

from hutch.cli import program

program()
