"""``hutch conda search --envs``: which of the user's environments have a package."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from hutch.ops.conda_list import CondaRow
    from hutch.ops.conda_search import CondaSearchOptions
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord, CondaSpec

__all__ = ["CondaEnvsOutcome", "NotInstalledAnywhere", "record_of", "search_envs"]


class NotInstalledAnywhere(Problem):
    """No environment that is known has what was looked for."""

    code = "installed-nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnvsOutcome:
    """The environments that have something of it: (name, path, the packages that are meant)."""

    found: tuple[tuple[str, str, tuple[CondaRow, ...]], ...]
    info: bool = False

    def to_json(self) -> Any:
        """As conda says it: a list."""
        from hutch.ops.conda_search import record_json

        return [
            {
                "location": path,
                "name": name,
                "package_records": [{**record_json(record_of(row)), "channel": row.channel} for row in rows],
            }
            for name, path, rows in self.found
        ]


def search_envs(context: Context, options: CondaSearchOptions) -> CondaEnvsOutcome:
    """Look in all environments of conda that are known here, also for what pip has put there."""
    from hutch.ops.conda_place import known_prefixes, prefix_name
    from hutch.ops.conda_search import taken_apart

    if options.channel or options.override_channels:
        raise UsageProblem(
            "--envs asks no channel",
            why="it looks at what is installed",
            hint="CHANNEL::NAME means what came from that channel",
        )
    text = options.spec or "*"
    pattern, spec = taken_apart(text)
    means = _meaning(pattern, spec, options.subdir or spec.subdir)
    found, everything = [], []
    for path in known_prefixes(context):
        rows = tuple(_rows(context, path))
        everything += [(path, row) for row in rows]
        meant = tuple(row for row in rows if means(row))
        if meant:
            found.append((prefix_name(context, path), path, meant))
    if not found:
        raise _nowhere(text, pattern, everything)
    return CondaEnvsOutcome(found=tuple(found), info=options.info)


def _rows(context: Context, path: str) -> Iterator[CondaRow]:
    """What is in one; one that cannot be read is told, and no reason to be silent of the others."""
    from hutch.events import Notice
    from hutch.ops.conda_list import prefix_rows

    try:
        yield from prefix_rows(context, path)
    except (Problem, OSError) as error:
        context.emit(Notice(f"{path} cannot be read: {error}", warning=True))


def record_of(row: CondaRow) -> CondaRecord:
    """The record of a package; that of one from an index tells what is known of it."""
    from hutch.spec import CondaRecord

    if row.record is not None:
        return row.record
    return CondaRecord(name=row.name, version=row.version, build=row.build, subdir="pypi", channel="pypi")


def _meaning(pattern: str, spec: CondaSpec, subdir: str) -> Callable[[CondaRow], bool]:
    from fnmatch import fnmatchcase

    from hutch.spec import normalize

    plain = pattern.replace("[", "[[]")
    # An index has one spelling for foo.bar, foo_bar and foo-bar; conda has three names.
    of_index = pattern if "*" in pattern else str(normalize(pattern))

    def means(row: CondaRow) -> bool:
        named = fnmatchcase(row.name, plain) or (row.record is None and row.name == of_index)
        if not named or (subdir and subdir != (row.record.subdir if row.record is not None else "pypi")):
            return False
        try:
            return spec.admits(record_of(row))
        except ValueError:
            return False  # a version of an index that conda cannot order

    return means


def _nowhere(text: str, pattern: str, everything: Iterable[tuple[str, CondaRow]]) -> NotInstalledAnywhere:
    import difflib

    from hutch.spec import safe_text

    known = list(everything)
    others = dict.fromkeys(f"{row.version} in {path}" for path, row in known if row.name == pattern)
    near = difflib.get_close_matches(pattern.strip("*"), {row.name for _, row in known}, n=3, cutoff=0.7)
    said = [each for index, each in enumerate(others) if index < 5]
    why = f"there is {pattern} {', '.join(said)}" if said else ()
    hints = [f"it may be meant: {', '.join(map(safe_text, near))}"] if near and not said else []
    return NotInstalledAnywhere(
        f"no environment has what `{safe_text(text)}` means",
        why=safe_text(why) if isinstance(why, str) else why,
        hint=(*hints, "hutch conda search, without --envs, asks the channels"),
    )
