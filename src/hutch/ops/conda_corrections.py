"""What a project says against records of channels, on its way into a solve: overrides and excludes.

A record is corrected before the solver sees it, and is in the lock as it was corrected: so `tree` and `why`
show what holds, the law of the lock judges it, and ``conda-meta`` has it, where conda reads it.
"""

from __future__ import annotations

from hutch.events import Notice
from hutch.ops.conda_asked import line_of
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hutch.lock import Lock
    from hutch.ops.conda_problems import CondaConflict
    from hutch.ops.context import Context
    from hutch.project import Adjustment, CondaCorrection, CondaSettings, Manifest
    from hutch.spec import CondaRecord

__all__ = ["Corrections", "hint_of_overrides", "tell_unreached"]


class Corrections:
    """Corrects records, and knows which words had anything to do with which."""

    def __init__(self, settings: CondaSettings) -> None:
        # What is about one parent goes before what is about all.
        self.overrides = sorted(settings.overrides, key=lambda each: not each.parent)
        self.excludes = settings.excludes
        self.names = {each.name for each in (*self.overrides, *self.excludes)}
        self.used: dict[int, set[tuple[str, str, str]]] = {}

    def __bool__(self) -> bool:
        return bool(self.names)

    def __call__(self, record: CondaRecord) -> CondaRecord:
        """The record as it is to be."""
        depends = tuple(self._corrected(record, record.depends))
        constrains = tuple(self._corrected(record, record.constrains))
        if depends == record.depends and constrains == record.constrains:
            return record
        return replace(record, depends=depends, constrains=constrains)

    def _corrected(self, record: CondaRecord, specs: Iterable[str]) -> Iterator[str]:
        for text in specs:
            if not any(name in text for name in self.names):
                yield text
                continue
            from hutch.spec import parse_conda_spec

            spec = parse_conda_spec(text)
            if any(self._is_about(each, record, spec.name) for each in self.excludes):
                continue
            override = next((one for one in self.overrides if self._is_about(one, record, spec.name)), None)
            if override is None:
                yield text
            elif spec.when:
                yield f'{override.spec}[when="{spec.when}"]'
            else:
                yield override.spec

    def _is_about(self, each: CondaCorrection, record: CondaRecord, name: str) -> bool:
        from hutch.spec import parse_conda_spec

        if each.name != name:
            return False
        if each.parent:
            parent = parse_conda_spec(each.parent)
            if parent.name != record.name or not parent.admits(record):
                return False
        self.used.setdefault(id(each), set()).add((record.name, record.version, record.build))
        return True

    def tell(self, context: Context, manifest: Manifest, lock: Lock) -> None:
        """Tell of what has no use any more, and of what was to be looked at again."""
        from datetime import UTC, datetime

        locked: set[tuple[str, str, str]] = set()
        if lock.conda is not None:
            records = (each.record for each in lock.conda.packages)
            locked |= {(record.name, record.version, record.build) for record in records}
        conda = manifest.settings.conda
        asked = (
            {each.name for each in conda.dependencies if not each.constraint} if conda is not None else set()
        )
        today = datetime.now(UTC).date().isoformat()
        for kind, found in (("override", self.overrides), ("exclude", self.excludes)):
            for each in found:
                place = line_of(manifest, each.path)
                reason = f" ({each.reason})" if each.reason else ""
                is_asked = kind == "override" and not each.parent and each.name in asked
                if not is_asked and not self.used.get(id(each), set()) & locked:
                    who = f"{each.parent} is not in the lock, or" if each.parent else "no record of the lock"
                    text = f"the {kind} `{each.told}` changes nothing: {who} asks for {each.name}; it may go"
                    if each.parent:
                        text = text.replace(f" asks for {each.name}", f" does not ask for {each.name}")
                    context.emit(Notice(f"{place}: {text}"))
                elif each.until and today > each.until:
                    text = f"the {kind} `{each.told}` was to be looked at again after {each.until}"
                    context.emit(Notice(f"{place}: {text}{reason}; it still holds", warning=True))


def tell_unreached(context: Context, manifest: Manifest, lock: Lock) -> None:
    """Tell of words of ``[tool.hutch]`` that are about Python's requirements alone, where a record of conda
    is what they seem to be about: nothing is said of it by them."""
    settings = manifest.settings
    if lock.conda is None or not (settings.overrides or settings.excludes or settings.constraints):
        return
    from hutch.lock import distributions_of
    from hutch.spec import InvalidVersion, admits, parse_conda_spec

    records = {each.record.name: each.record for each in lock.conda.packages}
    by_name: dict[str, CondaRecord] = {}
    for record in records.values():
        for name in (*distributions_of(record), record.name):
            by_name.setdefault(str(name), record)
    needed: dict[str, set[str]] = {}
    for record in records.values():
        for text in record.depends:
            needed.setdefault(parse_conda_spec(text).name, set()).add(record.name)

    def misses(specifiers: object, record: CondaRecord) -> bool:
        try:
            return not admits(specifiers, record.version)  # type: ignore[arg-type]
        except InvalidVersion:
            return False

    def users(record: CondaRecord, parent: str) -> list[str]:
        found = sorted(needed.get(record.name, ()))
        if not parent:
            return found
        above = by_name.get(parent)
        return [above.name] if above is not None and above.name in found else []

    for override in settings.overrides:
        requirement = override.declared.requirement
        record_ = by_name.get(str(requirement.name))
        parent = str(override.parent.name) if override.parent is not None else ""
        if record_ is None or not misses(requirement.specifiers, record_):
            continue
        if found := users(record_, parent):
            text = (
                f"the override `{requirement.render()}` is for requirements of Python, and conda's {found[0]}"
            )
            text += f" asks for {record_.name} {record_.version} in its own words:"
            context.emit(Notice(f"{override.declared.place}: {text} {_INSTEAD.format('overrides')}"))
    for exclude in settings.excludes:
        requirement = exclude.declared.requirement
        record_ = by_name.get(str(requirement.name))
        parent = str(exclude.parent.name) if exclude.parent is not None else ""
        if record_ is not None and (found := users(record_, parent)):
            text = (
                f"the exclude `{requirement.render()}` is for requirements of Python, and conda's {found[0]}"
            )
            text += f" asks for {record_.name} in its own words:"
            context.emit(Notice(f"{exclude.declared.place}: {text} {_INSTEAD.format('excludes')}"))
    for declared in settings.constraints:
        requirement = declared.requirement
        record_ = records.get(str(requirement.name))
        if record_ is not None and misses(requirement.specifiers, record_):
            text = (
                f"the constraint `{requirement.render()}` is about a package of the index, and {record_.name}"
            )
            text += f" {record_.version} of conda's channels is not known to be that:"
            context.emit(Notice(f"{declared.place}: {text} {_INSTEAD.format('constraints')}"))


def hint_of_overrides(problem: CondaConflict, manifest: Manifest) -> CondaConflict:
    """A conflict with the words that would be heard, where an override of Python's requirements was not."""
    settings = manifest.settings
    found = []
    for one in settings.overrides:
        name = str(one.declared.requirement.name)
        known = settings.conda is not None and any(each.name == name for each in settings.conda.overrides)
        if not known and sum(f" needs {name} " in f"{line} " for line in problem.premises) > 1:
            text = _as_spec(one)
            found.append(f'overrides = ["{text}"] in [tool.hutch.conda], for what records of conda ask')
    problem.hints = (*found, *problem.hints)
    return problem


def _as_spec(one: Adjustment) -> str:
    from hutch.spec import render_specifiers

    requirement = one.declared.requirement
    text = f"{requirement.name} {render_specifiers(requirement.specifiers)}".strip()
    return f"{one.parent.name} > {text}" if one.parent is not None else text


_INSTEAD = "{} of [tool.hutch.conda] are for those"
