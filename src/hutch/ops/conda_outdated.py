"""``hutch outdated`` for the packages of conda in a lock: what is newest, and what keeps it out."""

from __future__ import annotations

from hutch.ops.conda_known import Known, newest_first
from hutch.ops.outdated_outcome import Held, Outdated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from hutch.lock import CondaLock, Lock
    from hutch.ops.context import Context
    from hutch.project import Manifest
    from hutch.spec import CondaRecord

__all__ = ["outdated_of_conda"]


def outdated_of_conda(
    context: Context,
    manifest: Manifest,
    old: Lock,
    new: Lock,
    *,
    direct: bool,
    installed: Mapping[str, str],
    wheres: Collection[str] | None = None,
) -> tuple[list[Outdated], int]:
    """The packages of conda that are not the newest, and how many were looked at.

    ``wheres`` are the lists that count, if not all do.
    """
    if old.conda is None or new.conda is None:
        return [], 0
    look = _Look(context, manifest, old, new, wheres)
    names = sorted({each.record.name for each in old.conda.packages})
    if direct:
        names = [name for name in names if name in look.direct]
    look.known.want(names)
    found = [look.one(name, installed.get(f"conda:{name}")) for name in names]
    return [each for each in found if each is not None], len(names)


class _Look:
    def __init__(
        self, context: Context, manifest: Manifest, old: Lock, new: Lock, wheres: Collection[str] | None
    ) -> None:
        from hutch.spec import parse_conda_spec

        assert old.conda is not None
        assert new.conda is not None
        self.manifest = manifest
        self.wheres = wheres
        self.old, self.new = old.conda, new.conda
        self.known = Known(context, manifest, new.conda)
        self.direct = {parse_conda_spec(root.spec).name for root in new.conda.roots}
        self.direct |= {edge.conda for edge in new.conda.edges if edge.where}

    def one(self, name: str, installed: str | None) -> Outdated | None:
        """What there is to say of a package; None where it is the newest."""
        records = newest_first([each for each in self.known.records(name) if not each.track_features])
        if not records:
            return None
        locked, allowed = _versions(_records(self.old, name)), _versions(_records(self.new, name))
        newest = records[0]
        if set(locked) == {newest.version} or (locked == allowed and newest.version in locked):
            return None
        held: tuple[Held, ...] = ()
        if allowed and newest.version not in allowed:
            held = tuple(dict.fromkeys(self._held(name, newest, records)))
            held = held or (Held(kind="itself", text=f"hutch why-not '{name}=={newest.version}' says why"),)
        return Outdated(
            name=name,
            locked=locked,
            installed=installed,
            allowed=allowed,
            newest=newest.version,
            direct=name in self.direct,
            held=held,
            kind="conda",
        )

    def _held(self, name: str, newest: CondaRecord, records: Sequence[CondaRecord]) -> Iterator[Held]:
        """What stands against the newest version: any of its builds would do."""
        from hutch.spec import parse_conda_spec

        builds = [each for each in records if each.version == newest.version]
        conda = self.manifest.settings.conda
        for each in conda.dependencies if conda is not None else ():
            if self.wheres is not None and each.where not in self.wheres:
                continue
            if each.name == name and not any(map(parse_conda_spec(each.spec).admits, builds)):
                yield Held(
                    kind="requirement",
                    text=each.spec,
                    file=self.manifest.locator.filename(each.path) or self.manifest.filename,
                    line=self.manifest.line(*each.path) or None,
                )
        for package in self.new.packages:
            record = package.record
            for verb, specs in (("needs", record.depends), ("constrains", record.constrains)):
                for text in specs:
                    spec = parse_conda_spec(text)
                    if spec.name == name and not any(map(spec.admits, builds)):
                        yield Held(kind="package", text=f"{record.name} {record.version} {verb} {text}")
        for edge in self.new.edges:
            if edge.conda == name and edge.asks and not _admits(edge.asks, newest.version):
                user = edge.wheel or "the project"
                yield Held(kind="package", text=f"{user} needs {name}{edge.asks}")
        missing = [
            subdir
            for subdir in self.known.subdirs
            if not any(each.subdir in (subdir, "noarch") for each in builds)
        ]
        if missing:
            yield Held(kind="files", text=f"has no record for {', '.join(missing)}")
        if not missing:
            yield from self._own_needs(builds)

    def _own_needs(self, builds: Sequence[CondaRecord]) -> Iterator[Held]:
        """What all of its builds need that is not what is chosen."""
        from hutch.spec import parse_conda_spec

        faults: list[set[str]] = []
        for build in builds:
            unmet = set()
            for text in build.depends:
                spec = parse_conda_spec(text)
                chosen = _records(self.new, spec.name)
                if chosen and not any(map(spec.admits, chosen)):
                    unmet.add(f"it needs {text}, and {', '.join(_versions(chosen))} is chosen")
            faults.append(unmet)
        if faults and all(faults):
            fewest = min(faults, key=len)
            for text in sorted(fewest):
                yield Held(kind="itself", text=text)


def _records(part: CondaLock, name: str) -> list[CondaRecord]:
    """The records of a name, the oldest first."""
    found = [each.record for each in part.packages if each.record.name == name]
    return newest_first(found)[::-1]


def _versions(records: Sequence[CondaRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.version for record in records))


def _admits(asks: str, version: str) -> bool:
    from hutch.errors import Problem
    from hutch.spec import admits, parse_specifiers

    try:
        return admits(parse_specifiers(asks), version)
    except Problem:
        return True
