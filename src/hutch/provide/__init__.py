"""Answers the solver's questions with whatever does the I/O."""

__all__: list[str] = []
