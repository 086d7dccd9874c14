"""What can be wrong with an interpreter, or with what was asked of us.

Problem
├── BrokenInterpreter          it is there, and does not start, or its link leads nowhere
├── UnsupportedInterpreter     it starts, and is too old to work with
├── InvalidPythonRequest       the words that name an interpreter mean nothing
└── NoInterpreter              none of those found fits
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters.request import PythonRequest
    from hutch.spec import Specifiers

__all__ = [
    "BrokenInterpreter", "InvalidPythonRequest", "NoInterpreter", "Rejected", "UnsupportedInterpreter",
]  # fmt: skip

SHOWN = 5
"""So many of the interpreters that did not fit are told; of the rest the versions."""


class BrokenInterpreter(Problem):
    """An interpreter, or the environment round it, cannot be started.

    ``path`` is what was asked for, ``link`` the symbolic link that leads nowhere (or None), and
    ``reason`` one line without the path.
    """

    code = "broken-interpreter"

    def __init__(
        self,
        path: str,
        reason: str,
        *,
        link: str | None = None,
        output: tuple[str, ...] = (),
        hint: str | tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"the interpreter {path} is broken: {reason}", why=output, hint=hint)
        self.path = path
        self.reason = reason
        self.link = link
        self.output = output


class UnsupportedInterpreter(Problem):
    """A Python that works, and that is older than what hutch can manage."""

    code = "unsupported-interpreter"

    def __init__(self, path: str, version: str) -> None:
        super().__init__(
            f"{path} is Python {version}, which is too old",
            why="hutch manages Python 3.8 and newer",
            hint="name a newer interpreter with --python",
        )
        self.path = path
        self.version = version
        self.reason = f"Python {version} is too old (3.8 is the oldest that hutch manages)"


class InvalidPythonRequest(Problem):
    """The words for an interpreter cannot be read; ``origin`` is the file that has them, if one has."""

    code = "invalid-python-request"

    def __init__(self, request: str, reason: str, origin: str = "") -> None:
        super().__init__(
            f"`{request}` does not name a Python: {reason}",
            why=f"{origin} says so" if origin else (),
            hint="write a version (3.12), a range (>=3.11,<3.13), an implementation (pypy@3.10) or a path",
        )
        self.request = request
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One interpreter that was found, and why it did not fit."""

    path: str
    version: str
    reason: str

    def line(self) -> str:
        """One line for people."""
        name = f"{self.version} at {self.path}" if self.version else self.path
        return f"{name}: {self.reason}"


class NoInterpreter(Problem):
    """No interpreter fits what was asked for; ``rejected`` tells of each that was found.

    ``asked`` and ``admitted`` are what would have fitted; ``installable`` whether installing one would help.
    """

    code = "no-interpreter"

    def __init__(
        self,
        request: str | None,
        requires_python: str,
        rejected: tuple[Rejected, ...],
        *,
        hint: tuple[str, ...] = (),
        asked: PythonRequest | None = None,
        admitted: Specifiers = (),
        installable: bool = False,
    ) -> None:
        parts = [
            f"`{request}`" if request else "",
            f"requires-python {requires_python}" if requires_python else "",
        ]
        super().__init__(
            "no Python was found for " + (" and ".join(part for part in parts if part) or "this project"),
            why=self._told(rejected),
            hint=hint,
        )
        self.request = request
        self.requires_python = requires_python
        self.rejected = rejected
        self.asked = asked
        self.admitted = admitted
        self.installable = installable

    @staticmethod
    def _told(rejected: tuple[Rejected, ...]) -> tuple[str, ...]:
        if not rejected:
            return ("there is no Python at all in the places where hutch looks (PATH, pyenv, the system)",)
        lines = tuple(one.line() for one in rejected[:SHOWN])
        rest = rejected[SHOWN:]
        if not rest:
            return lines
        versions = ", ".join(dict.fromkeys(one.version for one in rest if one.version))
        return (*lines, f"and {len(rest)} more" + (f": {versions}" if versions else ""))
