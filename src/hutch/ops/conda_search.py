"""``hutch conda search``: what the channels have of a name."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.conda import Channel, Repodata
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord, CondaSpec

__all__ = ["CondaSearchOptions", "CondaSearchOutcome", "conda_search", "record_json", "taken_apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaSearchOptions:
    """The options of ``conda search``."""

    spec: str | None = None
    info: bool = False
    subdir: str | None = None
    channel: tuple[str, ...] = ()
    override_channels: bool = False
    envs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaSearchOutcome:
    """The records that were meant, by name and from the oldest version to the newest."""

    records: tuple[CondaRecord, ...]
    channels: tuple[Channel, ...]
    subdir: str
    info: bool = False

    def channel_of(self, record: CondaRecord) -> str:
        """What people call the channel of a record."""
        return next((each.name for each in self.channels if each.url == record.channel), record.channel)

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for record in self.records:
            found.setdefault(record.name, []).append(record_json(record))
        return found


def record_json(record: CondaRecord) -> dict[str, Any]:
    """A record as conda writes it."""
    return {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "channel": f"{record.channel}/{record.subdir}",
        "subdir": record.subdir,
        "fn": record.filename,
        "url": record.url,
        "size": record.size,
        "sha256": record.sha256,
        "md5": record.md5,
        "license": record.license,
        "timestamp": record.timestamp,
        "depends": list(record.depends),
        "constrains": list(record.constrains),
    }


def conda_search(context: Context, options: CondaSearchOptions) -> CondaSearchOutcome:
    """Look for what a MatchSpec means in the channels; its name may be a pattern (``*jupyter*``).

    Raises `NoSuchCondaPackage`, with names that are near.
    """
    from hutch.conda import subdir_here
    from hutch.ops.channels import channels_of, configured_channels, repodata
    from hutch.ops.conda_place import refuse_override

    subdir = options.subdir or subdir_here()
    pattern, spec = taken_apart(options.spec or "*")
    names = list(options.channel)
    if options.override_channels and names:
        refuse_override(context)
    else:
        names += configured_channels(context)
    if spec.channel:
        names = [spec.channel]
    channels = channels_of(context, names)
    known = repodata(context, channels, (spec.subdir or subdir,))
    wanted = _names(known, pattern)
    if not wanted:
        raise _unknown(known, pattern, options.spec or "*", channels)
    known.want(wanted)
    known.keep()
    found: list[CondaRecord] = []
    for name in sorted(wanted):
        records = [each for records in known.records(name).values() for each in records]
        found += _sorted(record for record in records if _admits(spec, record))
    if not found and not any(known.records(name) for name in wanted):
        raise _unknown(known, pattern, options.spec or "*", channels)
    if not found:
        raise _none_of_them(known, wanted, options.spec or "*", spec.subdir or subdir)
    return CondaSearchOutcome(
        records=tuple(found), channels=channels, subdir=spec.subdir or subdir, info=options.info
    )


def taken_apart(text: str) -> tuple[str, CondaSpec]:
    """The pattern of the name, and the rest as a MatchSpec of a package called ``x``."""
    import re

    from hutch.spec import parse_conda_spec

    head, mark, rest = text.strip().rpartition("::")
    matched = re.match(r"[A-Za-z0-9_.*-]+", rest)
    if "://" in rest or matched is None or "*" not in matched[0]:
        spec = parse_conda_spec(text)
        return spec.name, spec
    return matched[0].lower(), parse_conda_spec(f"{head}{mark}x{rest[matched.end() :]}")


def _names(known: Repodata, pattern: str) -> set[str]:
    if "*" not in pattern:
        return {pattern} if pattern in known.names() else set()
    from fnmatch import fnmatchcase

    return {name for name in known.names() if fnmatchcase(name, pattern.replace("[", "[[]"))}


def _admits(spec: CondaSpec, record: CondaRecord) -> bool:
    from hutch.values import replace

    # The channel was asked by itself, and with it the subdir, to which noarch belongs as well.
    return replace(spec, channel="", subdir="").admits(record)


def _sorted(records: Iterable[CondaRecord]) -> list[CondaRecord]:
    """By version and build, oldest first; records with tracked features among the others."""
    from hutch.conda import Sorter

    kept = list(records)
    with_features = [each for each in kept if each.track_features]
    if not with_features:
        return Sorter(lambda name: ()).sort(kept)
    from hutch.values import replace

    bare = [replace(each, track_features=()) for each in kept]
    of = dict(zip(map(id, bare), kept, strict=True))
    return [of[id(each)] for each in Sorter(lambda name: ()).sort(bare)]


def _unknown(known: Repodata, pattern: str, text: str, channels: Iterable[Channel]) -> Exception:
    import difflib

    from hutch.ops.conda_problems import NoSuchCondaPackage

    bare = pattern.strip("*")
    names = known.names()
    near = difflib.get_close_matches(bare, names, n=5, cutoff=0.7)
    inside = sorted((name for name in names if bare and bare in name), key=lambda name: (len(name), name))
    near += [name for name in inside[:5] if name not in near]
    return NoSuchCondaPackage(pattern, f"`{text}`", [channel.name for channel in channels], near[:6])


def _none_of_them(known: Repodata, wanted: set[str], text: str, subdir: str) -> Exception:
    from hutch.errors import Problem
    from hutch.spec import safe_text

    name = sorted(wanted)[0]
    records = _sorted(each for records in known.records(name).values() for each in records)
    versions = list(dict.fromkeys(record.version for record in reversed(records)))
    there = ", ".join(versions[:5]) + (f" and {len(versions) - 5} older" if len(versions) > 5 else "")
    return Problem(
        f"no channel has what `{safe_text(text)}` means for {subdir}",
        why=f"there is {name} {there}",
        hint=f"hutch conda search {name} shows all of them",
    )
