"""The command line: flags → options → one call of ``ops``; ``cli.ui`` alone draws.

``table`` is the one list of commands and options; the parser, the help pages, the completions and
the reference read it. ``commands/<verb>.py`` are thin: they hand an operation its options and show what
came of it.
"""

from __future__ import annotations

from hutch.cli.main import leave, main, program

__all__ = ["leave", "main", "program"]
