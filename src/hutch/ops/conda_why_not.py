"""``hutch why-not`` in a project with packages of conda: whichever side the package comes from."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.lock.conda_worlds import FIRST
from hutch.ops.conda_problems import CondaConflict
from hutch.ops.why_not_outcome import WhyNotOutcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.lock import Lock
    from hutch.ops.context import Context

__all__ = ["why_not_of_conda"]

ASKER = "this command"


def why_not_of_conda(context: Context, text: str, lock: Lock) -> WhyNotOutcome:
    """Solve with what is asked for, a requirement or a MatchSpec, and tell what stands against it."""
    from hutch.ops.conda_preferences import asked_name, locked_packages

    name, specifies = asked_name(text)
    if not specifies:
        raise UsageProblem(
            f"why-not asks about versions, and `{text}` names none",
            hint=f"hutch why-not {name}==VERSION; hutch why {name} tells who needs it",
        )
    found = _Question(context, text, name, lock, locked_packages(lock).get(name)).answer()
    if context.env is None and lock.conda is not None and lock.conda.worlds:
        from hutch.events import Notice

        names = ", ".join(each.name for each in lock.conda.environments if each.name != FIRST)
        context.emit(Notice(f"that is about the first environment; --env asks about another one: {names}"))
    return found


class _Question:
    def __init__(self, context: Context, text: str, name: str, lock: Lock, conda: str | None) -> None:
        self._context = context
        self._text = text
        self._name = name
        self._lock = lock
        self._conda = conda
        self._asked = _worded(text, name)
        self._env = context.env or (FIRST if lock.conda is not None and lock.conda.worlds else None)

    def answer(self) -> WhyNotOutcome:
        from hutch.ops.conda_lock import solve_conda_lock
        from hutch.ops.lock import LockOptions
        from hutch.ops.lock_file import OldLock

        chosen = self._chosen(self._lock)
        if not chosen:
            flag = "" if self._lock.named(self._name) else " --conda"
            return self._outcome(
                "not-needed",
                f"{self._name} is not in the lock: nothing that the project needs asks for it",
                hints=(f"hutch add{flag} '{self._text}'",),
            )
        admits = self._admits()
        if fitting := [each for each in chosen if admits(each)]:
            return self._outcome("chosen", f"{self._name} {', '.join(fitting)} is what is locked")
        if self._conda is not None and (unknown := self._unknown(admits)) is not None:
            return unknown
        old = OldLock(lock=self._lock, versions=self._lock.preferences())
        options = LockOptions(upgrade_package=(self._text,), dry_run=True)
        try:
            checkout, inputs = self._context.checkout, self._lock.inputs
            new = solve_conda_lock(self._context, checkout, options, old, inputs, only=self._env)
        except CondaConflict as problem:
            shown = tuple(line for line in problem.premises if not line.endswith(f"is asked for in {ASKER}"))
            where = f" on {problem.where}" if problem.where else ""
            return self._outcome("conflict", f"{self._asked} does not fit{where}:", why=shown)
        return self._possible(new)

    def _possible(self, new: Lock) -> WhyNotOutcome:
        from hutch.lock import diff_locks
        from hutch.spec import compare_conda_versions, parse_conda_version

        chosen = self._chosen(new)
        changes = tuple(
            (each.name, ", ".join(each.before) or "none", ", ".join(each.after))
            for each in diff_locks(self._lock, new)
            if each.name not in (self._name, self._conda)
        )
        if not chosen:
            what = f"with {self._asked} the other packages are chosen so that none needs it"
            return self._outcome("not-needed", what, changes=changes)
        mine, best = self._chosen(self._lock)[-1], chosen[-1]
        newer = compare_conda_versions(
            parse_conda_version(best.partition(" ")[0]), parse_conda_version(mine.partition(" ")[0])
        )
        kept = newer > 0 or best.partition(" ")[0] == mine.partition(" ")[0]
        why = f"the lock keeps {mine} until you ask for another" if kept else f"{mine} is newer"
        return self._outcome(
            "kept" if kept else "older",
            f"nothing speaks against {self._name} {best}: {why}",
            changes=changes,
            hints=(f"hutch lock --upgrade-package '{self._text}'",),
        )

    def _chosen(self, lock: Lock) -> tuple[str, ...]:
        """What a lock has of it: versions of the index, records with their builds."""
        from hutch.ops.conda_known import newest_first
        from hutch.ops.env_part import part_of_environment
        from hutch.spec import normalize

        lock = part_of_environment(self._context, self._context.checkout, lock, name=self._env)
        found = [each.version for each in lock.named(normalize(self._name)) if each.version]
        if lock.conda is not None:
            from hutch.ops.conda_preferences import locked_packages

            name = locked_packages(lock).get(self._name, self._conda)
            records = [each.record for each in lock.conda.packages if each.record.name == name]
            found += [f"{each.version} {each.build}" for each in newest_first(records)[::-1]]
        return tuple(dict.fromkeys(found))

    def _admits(self) -> Callable[[str], bool]:
        from hutch.errors import Problem
        from hutch.spec import CondaRecord, admits, parse_conda_spec, parse_requirement

        spec = parse_conda_spec(self._text)
        try:
            specifiers = parse_requirement(self._text).specifiers
        except Problem:
            specifiers = ()

        def judge(label: str) -> bool:
            version, _, build = label.partition(" ")
            if not build and specifiers:
                return admits(specifiers, version)
            return spec.admits(CondaRecord(name=spec.name, version=version, build=build))

        return judge

    def _unknown(self, admits: Callable[[str], bool]) -> WhyNotOutcome | None:
        """That no channel has it; nothing where one has, or where the index might."""
        from hutch.ops.conda_known import Known, newest_first

        assert self._lock.conda is not None
        known = Known(self._context, self._context.checkout.manifest, self._lock.conda)
        records = newest_first(known.records(self._conda or self._name))
        if not records or any(admits(f"{each.version} {each.build}") for each in records):
            return None
        settings = self._context.checkout.manifest.settings.conda
        if settings is not None and "index" in settings.sides(self._name) and self._is_on_index(admits):
            return None
        newest = f"{records[0].version} {records[0].build}"
        return self._outcome("no-such-version", f"there is no {self._asked} (newest: {newest})")

    def _is_on_index(self, admits: Callable[[str], bool]) -> bool:
        from hutch.lock import distributions_of
        from hutch.ops.conda_add import page_on_index

        assert self._lock.conda is not None
        records = [each.record for each in self._lock.conda.packages if each.record.name == self._conda]
        names = {name for record in records for name in distributions_of(record)}
        pages = [page_on_index(self._context, name) for name in sorted(names)]
        return any(map(admits, (version for page in pages if page is not None for version in page.versions)))

    def _outcome(self, verdict: str, what: str, **more: Any) -> WhyNotOutcome:
        return WhyNotOutcome(
            name=self._name,
            asked=self._asked,
            chosen=self._chosen(self._lock),
            verdict=verdict,
            what=what,
            **more,
        )


def _worded(text: str, name: str) -> str:
    """``numpy==2.1`` as ``numpy 2.1``, anything else as it was typed."""
    rest = text.strip()[len(name) :].strip()
    exact = rest.startswith("==") and "," not in rest and "*" not in rest
    return f"{name} {rest[2:].strip()}" if exact else text.strip()
