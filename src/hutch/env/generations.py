"""The history of an environment: a record of each change, and what the change took away.

A record is the journal of a change that was completed (`journal.py`), under another name: beside what it
moved and made, it lists every distribution that was in the environment afterwards. So each record is a
*generation*, and what came after it has kept what is needed to have it again:

    .hutch/change-17-5f3a…     the record of the 17th change
    .hutch/kept-17-5f3a…/N     what it took away, by its number in `moves`

All of it lies in `.hutch` itself, because one sync of that directory then makes all these names durable.
A change that somebody else made (pip, by hand) has a record too, written when the next change finds it; it
has moved nothing.
"""

from __future__ import annotations

import os

from hutch.plain import read_plain
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hutch.env.environment import Environment

    # ("+" or "-", name, version), or ("~", name, before, after)
    Step = tuple[str, ...]

__all__ = [
    "GENERATIONS",
    "Occasion",
    "Package",
    "Record",
    "parse_record",
    "read_change",
    "read_history",
    "record_names",
    "steps_between",
    "sweep",
    "unpin",
    "wheels_in_use",
]

FORMAT = "hutch-change-1"
GENERATIONS = 10
"""How many earlier states of an environment are kept, unless a setting says otherwise."""
CHANGE, KEPT = "change-", "kept-"
LATEST = 253_370_764_800
"""The year 9999, in Unix time: what is later is no date."""
PINNED = ".hutch/pinned"
"""There while an environment stays as it was rolled back to; relative to the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """On behalf of what an environment is changed, and what shall be remembered of it.

    ``command`` is shown in the history. ``generations`` earlier states are kept. ``restores`` is the number
    of the generation that the change goes back to. ``pinned`` says whether the environment stays so though
    the lock says otherwise; None leaves that as it is. A ``passing`` environment goes away with the
    command, and needs neither history nor a disk that has everything. A ``new`` one came into being with this
    command: there is nothing to recover of it. ``proven`` are wheels, by their digests, that came into the
    store a moment ago, where nobody else has links to their files yet: nobody can have edited them.
    """

    command: str = ""
    generations: int = GENERATIONS
    restores: int | None = None
    pinned: bool | None = None
    passing: bool = False
    new: bool = False
    proven: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A distribution of a generation.

    ``sha256`` is that of its wheel, where hutch installed it; ``size`` and ``digest`` are those of its
    RECORD, the digest only where hutch wrote it; ``since`` is the generation that brought it;
    ``requested`` and ``direct_url`` are what else was noted when it was put there.
    """

    name: str
    version: str
    dist_info: str
    sha256: str = ""
    size: int = 0
    digest: str = ""
    since: int = 0
    requested: bool = False
    direct_url: Mapping[str, object] | None = field(default=None, hash=False)

    def to_row(self) -> tuple[object, ...]:
        """As it is written."""
        row = (self.name, self.version, self.dist_info, self.sha256, self.size, self.digest, self.since)
        return (*row, self.requested, self.direct_url)

    def is_same(self, other: Package) -> bool:
        """Whether both are one installation, as far as RECORD tells."""
        if self.dist_info != other.dist_info or self.size != other.size:
            return False
        return not self.digest or not other.digest or self.digest == other.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A change: when (Unix time), on whose behalf, what it moved and made, what was there after."""

    name: str
    number: int
    time: float
    boot: tuple[float, float] = (0.0, 0.0)
    command: str = ""
    restores: int | None = None
    foreign: bool = False
    steps: tuple[Step, ...] = ()
    moves: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()

    def render(self) -> bytes:
        """As it is written."""
        value = {
            "format": FORMAT,
            "name": self.name,
            "number": self.number,
            "time": self.time,
            "boot": self.boot,
            "command": self.command,
            "restores": self.restores,
            "foreign": self.foreign,
            "steps": self.steps,
            "moves": self.moves,
            "fresh": self.fresh,
            "packages": [one.to_row() for one in self.packages],
        }
        return _json(value).encode("ascii")


def _json(value: object) -> str:
    """``json.dumps``, without importing it and all that it is made of for a record to be written."""
    match value:
        case str():
            return _encode(value)
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(map(_json, value))}]"
        case dict():
            return f"{{{', '.join(f'{_encode(str(key))}: {_json(each)}' for key, each in value.items())}}}"
    raise TypeError(f"not a value of JSON: {value!r}")


def _encode(text: str) -> str:
    try:
        from _json import encode_basestring_ascii
    except ImportError:  # another implementation of Python
        from json.encoder import encode_basestring_ascii
    return encode_basestring_ascii(text)


def new_name(number: int) -> str:
    """A name for the ``number``-th change that no other has, though one of that number was cut off."""
    return f"{number}-{os.urandom(6).hex()}"


def parse_record(data: bytes) -> Record:
    """Raises ValueError; its text says what is wrong."""
    import json

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("it cannot be read") from None
    match value:
        case {"format": str(found)} if found != FORMAT:
            raise ValueError(f"another version of hutch wrote it ({found[:40]})")
        case {
            "format": str(),
            "name": str(name),
            "number": int(number),
            "time": int(time) | float(time),
            "boot": [float(start), float(running)],
            "command": str(command),
            "restores": int() | None as restores,
            "foreign": bool(foreign),
            "steps": list(steps),
            "moves": list(moves),
            "fresh": list(fresh),
            "packages": list(packages),
        } if (
            _is_name(name)
            and 0 <= time < LATEST
            and all(_is_step(each) for each in steps)
            and all(isinstance(each, str) and _is_safe(each) for each in (*moves, *fresh))
        ):
            return Record(
                name=name,
                number=number,
                time=float(time),
                boot=(start, running),
                command=command,
                restores=restores,
                foreign=foreign,
                steps=tuple(tuple(step) for step in steps),
                moves=tuple(moves),
                fresh=tuple(fresh),
                packages=tuple(_package(row) for row in packages),
            )
    raise ValueError("it does not say what was changed")


def _package(row: object) -> Package:
    match row:
        case [
            str(name),
            str(version),
            str(dist_info),
            str(sha256),
            int(size),
            str(digest),
            int(since),
            bool(requested),
            dict() | None as direct_url,
        ]:
            if _is_safe(dist_info) and (not sha256 or _is_hash(sha256)):
                return Package(
                    name=name,
                    version=version,
                    dist_info=dist_info,
                    sha256=sha256,
                    size=size,
                    digest=digest,
                    since=since,
                    requested=requested,
                    direct_url=direct_url,
                )
    raise ValueError("it does not say what was installed")


def _is_step(step: object) -> bool:
    match step:
        case ["+" | "-", str(), str()] | ["~", str(), str(), str()]:
            return True
    return False


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(each in "0123456789abcdef" for each in text)


def _is_name(name: str) -> bool:
    number, dash, token = name.partition("-")
    return bool(dash) and number.isdecimal() and token.isalnum()


def _is_safe(path: str) -> bool:
    """Whether a path of a record stays in the environment."""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/") and "\0" not in path


# -- what is there ----------------------------------------------------------------------------------


def record_names(root: str) -> list[str]:
    """The names of the records, oldest first. Raises OSError where there may be some that cannot be seen: a
    next one would be taken for the first."""
    try:
        names = os.listdir(os.path.join(root, ".hutch"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    found = [name[len(CHANGE) :] for name in names if name.startswith(CHANGE)]
    return sorted((name for name in found if _is_name(name)), key=lambda name: int(name.partition("-")[0]))


def is_untouched(root: str) -> bool:
    """Whether nobody has changed the environment yet, nor begun to."""
    try:
        names = os.listdir(os.path.join(root, ".hutch"))
    except OSError:
        return False
    return not any(name == "journal" or name.startswith(CHANGE) for name in names)


def read_change(root: str, name: str) -> Record | None:
    """The record of that name; None if it is gone, or was lost with the power."""
    try:
        record = parse_record(read_plain(os.path.join(root, ".hutch", CHANGE + name)))
    except (OSError, ValueError):
        return None
    return record if record.name == name else None


def read_history(root: str) -> tuple[Record, ...]:
    """The generations that are known, oldest first; the last is what hutch left there."""
    found = (read_change(root, name) for name in record_names(root))
    return tuple(record for record in found if record is not None)


def read_newest(root: str) -> Record | None:
    """The last of them."""
    for name in reversed(record_names(root)):
        record = read_change(root, name)
        if record is not None:
            return record
    return None


def kept_directory(root: str, name: str) -> str:
    """Where the change of that name has put what it took away."""
    return os.path.join(root, ".hutch", KEPT + name)


def wheels_in_use(environment: Environment | str) -> frozenset[str]:
    """The SHA-256 of each wheel from which something in the environment, or in a generation of it, came.

    An environment that is gone, or has no history, uses none.
    """
    root = environment if isinstance(environment, str) else environment.root
    found = {one.sha256 for record in read_history(root) for one in record.packages}
    try:
        data = read_plain(os.path.join(root, ".hutch", "journal"))
        found.update(one.sha256 for one in parse_record(data).packages)
    except (OSError, ValueError):
        pass
    return frozenset(found - {""})


def write_foreign(root: str, record: Record) -> None:
    """Write the record of a change that somebody else made. It may be lost with the power."""
    path = os.path.join(root, ".hutch", CHANGE + record.name)
    temporary = os.path.join(root, ".hutch", "change.new")
    with open(temporary, "wb") as file:
        file.write(record.render())
    os.replace(temporary, path)


def sweep(root: str, generations: int) -> None:
    """Forget what is older than so many earlier states. What cannot be deleted is tried again next time."""
    from hutch.trees import delete_tree

    directory = os.path.join(root, ".hutch")
    names = record_names(root)
    known = names[-generations - 1 :]
    # The oldest that is known can be gone back to; what it took away belongs to one that cannot.
    needed = {KEPT + name for name in known[1:]} | {CHANGE + name for name in known}
    try:
        for name in os.listdir(directory):
            if name.startswith((CHANGE, KEPT)) and name not in needed:
                delete_tree(os.path.join(directory, name))
    except OSError:
        pass


def unpin(root: str) -> None:
    """Let the environment follow its lock again."""
    try:
        os.unlink(os.path.join(root, PINNED))
    except OSError:
        pass


def steps_between(before: Iterable[Package], after: Iterable[Package]) -> tuple[Step, ...]:
    """What has changed, by name."""
    old = {one.name: one for one in before}
    new = {one.name: one for one in after}
    steps: list[Sequence[str]] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            steps.append(("-", name, old[name].version))
        elif name not in old:
            steps.append(("+", name, new[name].version))
        elif not old[name].is_same(new[name]):
            steps.append(("~", name, old[name].version, new[name].version))
    return tuple(tuple(step) for step in steps)
