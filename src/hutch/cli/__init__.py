"""The command line: flags → options → one call of ``ops``; ``cli.ui`` alone draws.

``table`` is the one list of commands and options; the parser, the help pages, the completions and
the reference read it. ``commands/<verb>.py`` are thin: they hand an operation its options and show what
came of it.
"""

from __future__ import annotations

import gc

import hutch.finder

# For all that is imported from here on. A command is short and keeps what it makes: looking through all of it
# for rings, every 700 objects, was a twentieth of a warm lock.
hutch.finder.find_quickly()
gc.set_threshold(200_000, 20, 20)

from hutch.cli.main import leave, main, program  # noqa: E402

__all__ = ["leave", "main", "program"]
