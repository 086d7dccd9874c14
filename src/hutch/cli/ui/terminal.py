"""The two streams of the process, and what may be done with each.

``out`` carries data, ``err`` everything said to a person. A reader that goes away (``hutch tree | head``)
is no problem of anybody's: the rest of the data is dropped quietly. A stream that cannot encode a
character gets it escaped instead of an error.

Text leaves here, and nowhere else. Whatever it was made of (a package's summary, a name in an archive, the
output of a build), nothing gets out to a person, or to a terminal, that acts on one: of control sequences
only the colours that ``paint`` writes. Data for a pipe or a file is passed on as it is.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TextIO

    from hutch.cli.ui.drawer import Drawer
    from hutch.events import Event

__all__ = ["Stream", "Terminal"]

STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "hint": "1;32",
    "title": "1",
    "command": "1;36",
    "option": "36",
    "added": "32",
    "removed": "31",
    "updated": "33",
    "name": "1",
    "dim": "2",
}
_CODES = frozenset(STYLES.values())


class Stream:
    """One output stream: where it goes, how wide it is, whether it may be coloured."""

    def __init__(self, file: TextIO | None, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.color = False
        self.terminal = False
        self.closed = file is None or file.closed  # None: the process was started without it
        if file is not None and not self.closed:
            self.file = file
            self.terminal = file.isatty()

    @property
    def width(self) -> int:
        """Columns to write in: those of the terminal up to 100; 80 where there is none."""
        if not self.terminal:
            return 80
        told = self.environ.get("COLUMNS", "")
        if told.isascii() and told.isdigit() and int(told) > 0:
            return max(20, min(int(told), 100))
        try:
            return max(20, min(os.get_terminal_size(self.file.fileno()).columns or 80, 100))
        except (OSError, ValueError):
            return 80

    @property
    def fold(self) -> int:
        """Columns after which sentences go on in the next line; as good as never where there is no terminal.

        Logs are searched line by line, and whoever shows them folds them.
        """
        return self.width if self.terminal else 1 << 30

    @property
    def unicode(self) -> bool:
        """Whether bars and arrows can be written."""
        return not self.closed and (self.file.encoding or "").lower().replace("-", "").startswith("utf")

    def paint(self, style: str, text: str) -> str:
        """``text`` in a style, where colour is allowed."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.color and text else text

    def write(self, text: str, *, exact: bool = False) -> None:
        """Write and flush. OSError for a full disk; nothing for a reader that went away.

        ``exact``: not for people, or written by ourselves, controls and all.
        """
        if self.closed:
            return
        if not exact and not text.replace("\n", "").isprintable():
            text = _harmless(text, self.color)
        try:
            try:
                self.file.write(text)
            except UnicodeEncodeError:
                encoding = self.file.encoding or "ascii"
                self.file.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.file.flush()
        except BrokenPipeError:
            self.abandon()
        except OSError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Stop writing; what is still buffered goes nowhere, also when the interpreter ends."""
        self.closed = True
        try:
            number = self.file.fileno()
        except (OSError, ValueError, AttributeError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _harmless(text: str, color: bool) -> str:
    """``text`` without what acts on a terminal but line ends and, where there may be any, our own colours."""
    from hutch.cli.ui.text import clean

    kept: list[str] = []
    for line in text.split("\n"):
        first, *rest = line.split("\x1b[")
        pieces = [clean(first)]
        for piece in rest:
            code, end, words = piece.partition("m")
            ours = color and end and (code == "0" or code in _CODES)
            pieces.append(f"\x1b[{code}m{clean(words)}" if ours else clean(piece))
        kept.append("".join(pieces))
    return "\n".join(kept)


class Terminal:
    """Both streams, and how talkative the user wants us."""

    def __init__(self, stdout: TextIO | None, stderr: TextIO | None, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.out = Stream(stdout, environ)
        self.err = Stream(stderr, environ)
        self.quiet = 0
        self.verbose = 0
        self.progress = True
        self.directory = ""  # where the user stands; empty for the process's own directory
        self._drawer: Drawer | None = None
        self.behave({})

    def behave(self, manner: Mapping[str, object]) -> None:
        """Take over ``--quiet``, ``--verbose``, ``--progress`` and ``--color``."""
        self.quiet = int(str(manner.get("quiet") or 0))
        self.verbose = int(str(manner.get("verbose") or 0))
        self.progress = bool(manner.get("progress", True)) and not self.quiet
        color = manner.get("color", "auto")
        dumb = self.environ.get("TERM") == "dumb" or bool(self.environ.get("NO_COLOR"))
        for stream in (self.out, self.err):
            stream.color = color == "always" or (color == "auto" and stream.terminal and not dumb)
        self.progress = self.progress and self.err.terminal and self.environ.get("TERM") != "dumb"

    def data(self, text: str) -> None:
        """Write to stdout, exactly."""
        self.close()
        self.out.write(text, exact=not self.out.terminal)

    def json(self, value: Mapping[str, Any]) -> None:
        """Write ``value`` to stdout as JSON: keys sorted, two spaces, one line feed at the end."""
        import json

        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
        if not text.replace("\n", "").isprintable():
            from hutch.cli.ui.text import clean

            # What acts on a terminal is escaped, and so the same for whoever parses it.
            text = "".join(
                each if each.isprintable() or each == "\n" or clean(each) == each else json.dumps(each)[1:-1]
                for each in text
            )
        self.data(text + "\n")

    def say(self, *lines: str) -> None:
        """Write lines to a person, on stderr; nothing with ``--quiet``."""
        if lines and not self.quiet:
            self.tell(*lines)

    def tell(self, *lines: str) -> None:
        """Write lines to a person, on stderr, whatever ``--quiet`` says."""
        self.close()
        try:
            self.err.write("".join(f"{line}\n" for line in lines))
        except OSError:
            self.err.abandon()  # there is nobody left to tell

    def short(self, path: str | os.PathLike[str]) -> str:
        """A path as the user would write it: relative if it is below the place where they stand."""
        from hutch.cli.ui.text import clean

        here, text = self.directory or os.getcwd(), os.path.abspath(os.path.join(self.directory, path))
        try:
            relative = os.path.relpath(text, here)
        except ValueError:  # another drive
            relative = os.pardir
        if relative == os.curdir:
            return "this directory"
        return clean(text if relative.split(os.sep)[0] == os.pardir else relative)

    def emit(self, event: Event) -> None:
        """Take an event: draw it, say it, or drop it."""
        if self._drawer is None:
            from hutch.events import Notice

            if not self.progress and not self.verbose and not isinstance(event, Notice):
                return  # nobody would see it
            from hutch.cli.ui.drawer import Drawer

            self._drawer = Drawer(self)
        self._drawer.take(event)

    def close(self) -> None:
        """Clear the progress line and flush."""
        if self._drawer is not None:
            self._drawer.stop()
