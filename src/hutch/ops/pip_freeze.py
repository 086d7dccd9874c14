"""``hutch pip freeze``: what is installed as a requirements file, line for line as pip writes it."""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.pip_place import Look, find_place
from hutch.ops.pip_urls import hashes_of, shown_url
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist

__all__ = ["PipFreezeOptions", "PipFreezeOutcome", "pip_freeze", "reference_of"]

ADDED = "## The following requirements were added by pip freeze:"
# Options that stay where they are. What pip does not know there (constraints, hashes) stays as well.
_KEPT = (
    *("-r", "--requirement", "-c", "--constraint", "-f", "--find-links", "-i", "--index-url", "--pre"),
    *("--trusted-host", "--process-dependency-links", "--extra-index-url", "--use-feature", "--no-index"),
    *("--only-binary", "--no-binary", "--prefer-binary", "--require-hashes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipFreezeOptions(Look):
    """The options of ``pip freeze``, named as on the command line."""

    requirement: tuple[str, ...] = ()
    all: bool = False
    exclude: tuple[str, ...] = ()
    exclude_editable: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipFreezeOutcome:
    """The lines, comments among them."""

    lines: tuple[str, ...]

    def text(self, *, verbose: bool = False) -> str:
        """All that is printed."""
        return "".join(f"{line}\n" for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        return {"lines": list(self.lines)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frozen:
    """One package: comments, then the requirement."""

    name: str
    key: str
    requirement: str
    editable: bool = False
    comments: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.comments, f"-e {self.requirement}" if self.editable else self.requirement)


def pip_freeze(context: Context, options: PipFreezeOptions) -> PipFreezeOutcome:
    """Everything that is installed, with its version or its origin; in the order of given files."""
    from hutch.spec import normalize

    place = find_place(context, options)
    dists = place.dists(options)
    if options.strict:
        from hutch.ops.pip_check import tell_faults

        tell_faults(context, place, dists)
    skipped = {str(normalize(name)) for name in options.exclude}
    if not options.all:
        skipped.add("pip")
        if place.interpreter.python < (3, 12):  # until then each environment came with them
            skipped.update(("setuptools", "distribute", "wheel"))
    found: dict[str, _Frozen] = {}
    for one in dists:
        if not (options.exclude_editable and one.editable_location):
            found[str(one.name)] = _frozen(context, one)
    lines: list[str] = []
    if options.requirement:
        for line in _in_order(context, options.requirement, found):
            lines.append(line)
        lines.append(ADDED)
    for each in sorted(found.values(), key=lambda each: each.name.lower()):
        if each.key not in skipped:
            lines += each.lines
    return PipFreezeOutcome(lines=tuple(lines))


def _frozen(context: Context, one: Dist) -> _Frozen:
    if one.editable_location:
        from hutch.ops.pip_vcs import editable_requirement

        requirement, comments = editable_requirement(context, one)
        return _Frozen(
            name=one.raw_name,
            key=str(one.name),
            requirement=requirement,
            editable=True,
            comments=comments,
        )
    if one.direct_url is not None:
        text = f"{one.raw_name} @ {reference_of(one.direct_url)}"
        return _Frozen(name=one.raw_name, key=str(one.name), requirement=text)
    return _Frozen(name=one.raw_name, key=str(one.name), requirement=one.pin)


def reference_of(said: Mapping[str, Any]) -> str:
    """PEP 610 as what stands behind ``name @``."""
    url = shown_url(said["url"])
    fragments = []
    if isinstance(info := said.get("vcs_info"), dict):
        url = f"{info.get('vcs', '')}+{url}@{info.get('commit_id', '')}"
    elif isinstance(info := said.get("archive_info"), dict):
        fragments += [f"{name}={value}" for name, value in list(hashes_of(info).items())[:1]]
    if said.get("subdirectory"):
        fragments.append(f"subdirectory={said['subdirectory']}")
    return f"{url}#{'&'.join(fragments)}" if fragments else url


# -- the order of files -------------------------------------------------------------------------------


def _in_order(context: Context, files: tuple[str, ...], found: dict[str, _Frozen]) -> Iterator[str]:
    """The lines of the files: comments and options as they are, requirements as they are installed."""
    told: set[str] = set()
    met: dict[str, list[str]] = {}
    for file in files:
        for line in _logical_lines(context, file):
            stripped = line.strip()
            if not stripped or stripped.startswith("#") or line.startswith(_KEPT):
                kept = line.rstrip()
                if kept not in told:
                    told.add(kept)
                    yield kept
                continue
            name, text = _named(line)
            if name is None:
                unclear = "because it's not clear what it would install"
                told_line = f"Skipping line in requirement file [{file}] {unclear}: {text}"
                context.emit(Notice(told_line, warning=True))
                continue
            from hutch.spec import normalize

            key = str(normalize(name))
            if key in found:
                yield from found.pop(key).lines
                met.setdefault(name, []).append(file)
            elif met.get(name):
                met[name].append(file)
            else:
                met.setdefault(name, [])
                told_name = f"Requirement file [{file}] contains {text}, but package {name!r}"
                context.emit(Notice(f"{told_name} is not installed", warning=True))
    for name, where in met.items():
        if len(where) > 1:
            listed = ", ".join(sorted(set(where)))
            context.emit(Notice(f"Requirement {name} included multiple times [{listed}]", warning=True))


def _logical_lines(context: Context, file: str) -> Iterator[str]:
    """The lines of a file; those that end in ``\\`` are joined, which pip does not do here."""
    from hutch.ops.checkout import read_text

    waiting = ""
    for line in read_text(context.path(file)).splitlines():
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            waiting += line[:-1]
            continue
        yield waiting + line
        waiting = ""
    if waiting:
        yield waiting


def _named(line: str) -> tuple[str | None, str]:
    """The name that a requirement asks for, if it tells one, and the requirement without its comment."""
    head, mark, _ = line.partition(" #")
    text = (head if mark else line).strip()
    text = text.partition(" --hash")[0].strip()
    bare = text
    for option in ("-e", "--editable"):
        if bare.startswith(option):
            bare = bare[len(option) :].strip().lstrip("=").strip()
    egg = bare.partition("#")[2]
    for part in egg.split("&"):
        if part.startswith("egg="):
            return part[4:].partition("[")[0], text
    end = 0
    while end < len(bare) and (bare[end].isalnum() or bare[end] in "-_."):
        end += 1
    rest = bare[end:].lstrip()
    if end and bare[0].isalnum() and (not rest or rest[0] in "[<>=!~;@("):
        return bare[:end], text
    file = os.path.basename(bare.partition("#")[0].partition("?")[0])
    if file.endswith(".whl") and file.count("-") >= 4:
        return file.partition("-")[0], text
    return None, text
