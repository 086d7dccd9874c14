"""What can be wrong with installing a Python.

Problem
├── InvalidTable            what should be a table of builds is none (``builds.py``)
├── InvalidPythonArchive    the archive is refused, or holds no Python
├── NotWhatItSays           it holds another Python than the table says
└── CannotRunHere           the Python in it does not start on this machine
"""

from __future__ import annotations

from hutch.errors import Problem

__all__ = ["CannotRunHere", "InvalidPythonArchive", "NotWhatItSays"]


class InvalidPythonArchive(Problem):
    """An archive is refused; nothing of it is left on disk. ``member`` names the entry at fault."""

    code = "invalid-python-archive"

    def __init__(self, archive: str, reason: str, *, member: str = "", too_much: bool = False) -> None:
        from hutch.spec import safe_text

        said = safe_text(reason)
        super().__init__(
            f"the archive {safe_text(archive)} is refused",
            why=f"{safe_text(member)}: {said}" if member else said,
            hint=()
            if too_much
            else ("fetch it again: hutch python install --reinstall", "another build: see hutch python list"),
        )
        self.archive = archive
        self.reason = reason
        self.member = member


class NotWhatItSays(Problem):
    """The archive holds another Python than its table says."""

    code = "not-what-it-says"

    def __init__(self, archive: str, expected: str, found: str) -> None:
        super().__init__(
            f"{archive} is not installed: it should be {expected}, and is {found}",
            hint="tell whoever made the table or the mirror",
        )
        self.archive = archive
        self.expected = expected
        self.found = found


class CannotRunHere(Problem):
    """The Python of an archive does not start on this machine; it is gone again."""

    code = "python-cannot-run-here"

    def __init__(self, name: str, reason: str, output: tuple[str, ...] = ()) -> None:
        super().__init__(
            f"{name} does not run on this machine, and is not installed",
            why=(reason, *output),
            hint=(
                "an older version may have been built for older systems: hutch python install 3.11",
                "a Python of the system will do: name it with --python",
            ),
        )
        self.reason = reason
