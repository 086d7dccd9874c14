"""What can go wrong with an environment.

Problem
├── NotAnEnvironment     the directory is something else, and is left alone
├── EnvironmentBusy      another process changes it, and does not come to an end
├── EnvironmentChanged   it is no longer what the plan was made for: plan again
├── CannotWrite          no permission, no space, a read-only or vanished disk
├── CannotRemove         installed in a way that does not say what belongs to it
├── ClobberProblem       a file that would be written belongs to somebody else
├── CannotRelocate       a file of a conda package has no room for the prefix
├── WrongWheel           a wheel is another package than the plan says
├── DamagedWheel         the store's copy of a wheel was edited: unpack it anew
├── DamagedBytecode      the same of bytecode: go on without it
├── DamagedJournal       what a killed process wrote down cannot be read
├── NoGeneration         the history has nothing of that number, or nothing older
├── CannotRestore        what a generation had is neither kept nor in the store
└── InvalidCommand       a command of a wheel has a name or target that cannot be right
"""

from __future__ import annotations

from hutch.errors import Problem, within
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import Bytecode

__all__ = [
    "CannotRelocate",
    "CannotRemove",
    "CannotRestore",
    "CannotWrite",
    "Clash",
    "ClobberProblem",
    "DamagedBytecode",
    "DamagedJournal",
    "DamagedWheel",
    "EnvironmentBusy",
    "EnvironmentChanged",
    "InvalidCommand",
    "NoGeneration",
    "NotAnEnvironment",
    "WrongWheel",
]

SHOWN = 8
ENVIRONMENT = "the environment"
NOBODY = "nobody"


class NotAnEnvironment(Problem):
    """``path`` is not a virtual environment; ``reason`` says what is missing."""

    code = "not-an-environment"

    def __init__(self, path: str, reason: str, *, hint: str | tuple[str, ...] = ()) -> None:
        super().__init__(f"{path} is not a Python environment", why=reason, hint=hint)
        self.path = path
        self.reason = reason


class EnvironmentBusy(Problem):
    """Another process held the lock of the environment for ``seconds``; ``holder`` tells which, if known."""

    code = "environment-busy"

    def __init__(self, path: str, holder: str, seconds: float) -> None:
        super().__init__(
            f"{path} is being changed by another command",
            why=f"{holder or 'the other command'} did not finish within {seconds:.0f} seconds",
            hint="wait for it to end, or stop it; what it leaves is repaired by the next command",
        )
        self.path = path
        self.holder = holder
        self.seconds = seconds


class EnvironmentChanged(Problem):
    """The environment is not what the plan was made for: somebody was quicker. Planning again helps."""

    code = "environment-changed"

    def __init__(self, path: str, changes: tuple[str, ...]) -> None:
        super().__init__(
            f"{path} was changed by another command in the meantime",
            why=within(list(changes), SHOWN),
            hint="run the command again",
        )
        self.path = path
        self.changes = changes


class CannotWrite(Problem):
    """The disk refused: ``path`` could not be made, changed or removed for ``reason``."""

    code = "cannot-write"

    def __init__(self, path: str, reason: str, *, undone: bool = False) -> None:
        why = (reason, "the environment was put back as it was") if undone else (reason,)
        import errno
        import os

        full = reason == os.strerror(errno.ENOSPC)
        super().__init__(
            f"cannot write {path}",
            why=why,
            hint="free some space on that disk, and try again" if full else (),
        )
        self.undone = undone
        self.path = path
        self.reason = reason


class CannotRelocate(Problem):
    """A file of a conda package cannot be made for the prefix, whose path is too long for it."""

    code = "cannot-relocate"

    def __init__(self, label: str, path: str, prefix: str, reason: str) -> None:
        super().__init__(
            f"{label} cannot be put into {prefix}",
            why=f"the path of the environment is too long for {path}: it has {reason}",
            hint="choose a shorter path for the environment",
        )
        self.path = path
        self.prefix = prefix


class CannotRemove(Problem):
    """``name`` cannot be uninstalled, because nothing says which files are its own."""

    code = "cannot-remove"

    def __init__(self, name: str, version: str, kind: str, entry: str) -> None:
        what = {
            "egg-link": "it was installed by `setup.py develop`",
            "egg-info": "it was installed by `setup.py install` or by the system's package manager",
        }.get(kind, "its RECORD is missing")
        super().__init__(
            f"cannot uninstall {name} {version}",
            why=(what, f"{entry} does not say which files belong to it"),
            hint="make the environment anew: `hutch venv --clear`, then `hutch sync`",
        )
        self.name = name
        self.version = version
        self.kind = kind
        self.entry = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One path (relative to the environment) that ``newcomer`` wants and ``owner`` has.

    ``owner`` is ``name version`` of a distribution, ``ENVIRONMENT`` for what hutch itself wrote, or
    ``NOBODY`` for what is in no record.
    """

    path: str
    owner: str
    newcomer: str


class ClobberProblem(Problem):
    """Installing would replace files of another distribution, of the environment itself, or of the user."""

    code = "clobber"

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        from hutch.spec import safe_text

        # What cannot be allowed comes first: the rest need not be thought about then.
        first = next((clash for clash in clashes if clash.owner == ENVIRONMENT), clashes[0])
        files = "a file" if len(clashes) == 1 else "files"
        whose = "that no package owns" if first.owner == NOBODY else f"of {first.owner}"
        super().__init__(
            f"{first.newcomer} would overwrite {files} {whose}",
            why=within([safe_text(_told(clash)) for clash in clashes], SHOWN),
            hint=_ways_out(clashes, first),
        )
        self.clashes = clashes


def _told(clash: Clash) -> str:
    path = clash.path if len(clash.path) <= 200 else f"{clash.path[:100]}…{clash.path[-100:]}"
    if clash.owner == NOBODY:
        return f"{path}: may be your own, and is wanted by {clash.newcomer}"
    return f"{path}: of {clash.owner}, and wanted by {clash.newcomer}"


def _ways_out(clashes: tuple[Clash, ...], first: Clash) -> tuple[str, ...]:
    if first.owner == ENVIRONMENT or first.owner == first.newcomer:
        return ()
    names = dict.fromkeys(clash.newcomer.partition(" ")[0] for clash in clashes)
    allow = " ".join(f"--allow-clobber {name}" for name in list(names)[:4])
    if first.owner == NOBODY:
        return (f"move {'them' if len(clashes) > 1 else 'it'} away, or let it be replaced: {allow}",)
    return (f"keep one of the two: {first.owner} or {first.newcomer}", f"let it be replaced: {allow}")


class WrongWheel(Problem):
    """The wheel that was handed in for ``name`` ``version`` says that it is something else (``found``)."""

    code = "wrong-wheel"

    def __init__(self, name: str, version: str, found: str) -> None:
        super().__init__(
            f"the wheel for {name} {version} is one of {found}",
            why="its name and version are not those that were resolved or locked",
            hint="lock again; if it stays so, the index or the lock is not to be trusted",
        )
        self.name = name
        self.version = version
        self.found = found


class DamagedWheel(Problem):
    """Files in the store are not as they were unpacked.

    ``wheels`` are (name, version, sha256, a file of it): unpack these anew and apply the plan again.
    """

    code = "damaged-wheel"

    def __init__(self, wheels: tuple[tuple[str, str, str, str], ...]) -> None:
        super().__init__(
            "the store's copy of a package was edited or damaged",
            why=within([f"{name} {version}: {file}" for name, version, _, file in wheels], SHOWN),
            hint="remove it from the store with `hutch cache clean "
            + " ".join(w[0] for w in wheels[:4])
            + "`",
        )
        self.wheels = wheels


class DamagedBytecode(Problem):
    """Bytecode in the store is not as it was compiled: take it out, and apply the plan without it.

    ``found`` are (name, version, bytecode).
    """

    code = "damaged-bytecode"

    def __init__(self, found: tuple[tuple[str, str, Bytecode], ...]) -> None:
        super().__init__(
            "the store's bytecode of a package was edited or damaged",
            why=within([f"{name} {version}" for name, version, _ in found], SHOWN),
            hint="remove it from the store with `hutch cache verify --fix`",
        )
        self.found = found


class DamagedJournal(Problem):
    """The journal at ``path`` cannot be used to undo what was cut off, for ``reason``."""

    code = "damaged-journal"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            "a change of the environment was cut off, and cannot be undone",
            why=f"{path}: {reason}",
            hint="make the environment anew: `hutch venv --clear`, then `hutch sync`",
        )
        self.path = path
        self.reason = reason


class InvalidCommand(Problem):
    """A wheel declares a command whose name or target cannot be right, or is meant to do harm."""

    code = "invalid-command"

    def __init__(self, package: str, command: str, reason: str) -> None:
        super().__init__(f"{package} declares a command that cannot be made", why=f"{command!r}: {reason}")
        self.package = package
        self.command = command
        self.reason = reason


class NoGeneration(Problem):
    """There is no generation ``number`` of the environment; without a number, none before the present one."""

    code = "no-generation"

    def __init__(self, path: str, number: int | None, known: tuple[int, ...]) -> None:
        if number is None:
            what = f"there is no earlier state of {path} to go back to"
        else:
            what = f"{path} has no generation {number}"
        if not known:
            why = "nothing has been installed there by hutch yet"
        elif len(known) == 1:
            why = f"its history has only generation {known[0]}"
        else:
            why = f"its history has the generations {', '.join(map(str, known))}"
        super().__init__(what, why=why, hint="hutch env history shows them")
        self.path = path
        self.number = number
        self.known = known


class CannotRestore(Problem):
    """Distributions (``name version``) of a generation are nowhere to be had."""

    code = "cannot-restore"

    def __init__(self, path: str, number: int, lost: tuple[str, ...]) -> None:
        super().__init__(
            f"{path} cannot be made what it was in generation {number}",
            why=within(
                [f"{each} was removed by another tool, and is not in the cache" for each in lost], SHOWN
            ),
            hint="hutch env history shows the other generations; hutch sync installs what the lock says",
        )
        self.path = path
        self.number = number
        self.lost = lost
