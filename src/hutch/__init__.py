"""hutch: one tool for any Python project."""

__version__ = "0.1.0"
