"""What can go wrong with a source and its build.

Problem
├── InvalidBuildSystem     pyproject.toml says nothing usable about how to build
├── NotASource             there is nothing in the directory that could be built
├── InvalidSdist           the archive is unsafe, broken, or no source distribution
├── BuildForbidden         a build is needed, and not allowed
├── WrongProject           the source is of another project or version than was said
├── NoEditable             the backend cannot make editable installs
├── NoSandbox              a sandbox was asked for that this system cannot give
└── BuildFailed            the backend ran, and did not deliver
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.build.sandbox import SandboxReport

__all__ = [
    "BuildFailed",
    "BuildForbidden",
    "InvalidBuildSystem",
    "InvalidSdist",
    "NoEditable",
    "NoSandbox",
    "NotASource",
    "WrongProject",
    "display",
    "has_more_than_shown",
]

SHOWN_LINES = 20


def _without_machinery(output: str) -> list[str]:
    """The lines of ``output`` without the frames of tracebacks that are not the backend's own."""
    kept: list[str] = []
    within = False
    for line in output.splitlines():
        if line.startswith('  File "'):
            within = (
                "pyproject_hooks" in line or "<frozen importlib" in line or "importlib/__init__.py" in line
            )
        elif not line.startswith("    "):
            within = False
        if not within:
            kept.append(line)
    return kept


def _shown_lines(output: str) -> list[str]:
    return [line.rstrip() for line in _without_machinery(output) if line.strip()]


def has_more_than_shown(output: str) -> bool:
    """Whether the problem of a failed build leaves out something of what it said."""
    return len(_shown_lines(output)) > SHOWN_LINES


def display(text: object) -> str:
    """Text from outside, fit for a message: no control characters, and not without end."""
    from hutch.spec import safe_text

    shown = safe_text(str(text))
    return shown if len(shown) <= 300 else f"{shown[:297]}..."


class InvalidBuildSystem(Problem):
    """``[build-system]`` of a `pyproject.toml` cannot be followed; ``faults`` tell all that is wrong."""

    code = "invalid-build-system"

    def __init__(self, path: str, faults: tuple[str, ...]) -> None:
        super().__init__(
            f"{display(path)} does not say how to build",
            why=faults,
            hint='write, for example: requires = ["hatchling"], build-backend = "hatchling.build"',
        )
        self.path = path
        self.faults = faults


class NotASource(Problem):
    """The directory holds neither a `pyproject.toml` nor a `setup.py`."""

    code = "not-a-source"

    def __init__(self, path: str, reason: str = "it has neither a pyproject.toml nor a setup.py") -> None:
        super().__init__(f"{display(path)} cannot be built", why=reason)
        self.path = path
        self.reason = reason


class InvalidSdist(Problem):
    """An archive is refused; nothing of it was left on disk. ``member`` names the entry at fault;
    ``too_much``: it is beyond the limits, which the user may raise."""

    code = "invalid-sdist"

    def __init__(self, archive: str, reason: str, *, member: str = "", too_much: bool = False) -> None:
        why = f"{display(member)}: {display(reason)}" if member else display(reason)
        hint = (
            "if you trust it, raise the limits: HUTCH_ARCHIVE_SIZE_LIMIT=20GiB, "
            "HUTCH_ARCHIVE_MEMBER_LIMIT=1000000"
        )
        super().__init__(
            f"the source archive {display(archive)} is refused", why=why, hint=hint if too_much else ()
        )
        self.archive = archive
        self.reason = reason
        self.member = member


class BuildForbidden(Problem):
    """Only files that need no build are allowed."""

    code = "build-forbidden"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{display(what)} would have to be built, which is not allowed here",
            why="builds run code of the package",
            hint="allow it to be built, or ask for a version that has a wheel",
        )
        self.what_to_build = what


class WrongProject(Problem):
    """What came out of a source is another project, or another version, than the index said."""

    code = "wrong-project"

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(
            f"{display(what)} is not what it was said to be",
            why=(f"said to be: {display(expected)}", f"says itself: {display(found)}"),
            hint="do not use this file; tell those who run the index",
        )
        self.what_was_read = what
        self.expected = expected
        self.found = found


class NoEditable(Problem):
    """The backend has no PEP 660 hooks."""

    code = "no-editable"

    def __init__(self, what: str, backend: str) -> None:
        advice = (
            "ask for setuptools >=64 in build-system.requires"
            if backend.partition(".")[0] == "setuptools"
            else "ask for a newer version of it in build-system.requires"
        )
        super().__init__(
            f"{display(what)} cannot be installed as editable",
            why=f"its build backend {display(backend)} has no `build_editable` (PEP 660)",
            hint=(advice, "install it without editable; --no-install-project leaves the project itself out"),
        )
        self.backend = backend


class NoSandbox(Problem):
    """No build without a sandbox, was said, and there is none."""

    code = "no-sandbox"

    def __init__(self, what: str, report: SandboxReport) -> None:
        open_ones = [
            name for name, closed in (("files", report.files), ("the network", report.network)) if not closed
        ]
        super().__init__(
            f"building {display(what)} was not begun: there is no sandbox to do it in",
            why=(
                f"this system cannot keep a build from {' and '.join(open_ones) or 'anything'}",
                *(display(one) for one in (*report.missing, report.failed) if one),
            ),
            hint='sandbox = "auto" builds with what there is, --no-sandbox without any',
        )
        self.report = report


class BuildFailed(Problem):
    """A build did not deliver. ``step`` is the PEP 517 hook, ``output`` all that the build said
    (its last 256 KiB), ``log`` where all of it is kept, ``returncode`` None where the build was stopped."""

    code = "build-failed"

    def __init__(
        self,
        what: str,
        reason: str,
        *,
        step: str = "",
        backend: str = "",
        output: str = "",
        returncode: int | None = None,
        log: str = "",
        hint: str | tuple[str, ...] = (),
    ) -> None:
        lines = [display(line) for line in _shown_lines(output)]
        shown = lines[-SHOWN_LINES:]
        if len(lines) > len(shown):
            kept = f", all of them in {display(log)}" if log else ""
            shown.insert(0, f"… {len(lines) - len(shown)} lines before these{kept}")
        super().__init__(f"building {display(what)} failed: {display(reason)}", why=tuple(shown), hint=hint)
        self.what_was_built = what
        self.reason = reason
        self.step = step
        self.backend = backend
        self.output = output
        self.returncode = returncode
        self.log = log
