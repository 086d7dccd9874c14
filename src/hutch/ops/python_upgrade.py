"""``hutch python upgrade``: the newest patch of what is installed; environments follow the minor alias."""

from __future__ import annotations

import time

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters.managed import Installed, Pythons
    from hutch.ops.context import Context
    from hutch.ops.pythons.available import Available
    from hutch.ops.pythons.installing import Wish

__all__ = ["PythonUpgradeOptions", "PythonUpgradeOutcome", "Upgraded", "python_upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonUpgradeOptions:
    """The options of ``python upgrade``; without requests it is every minor version that is installed."""

    requests: tuple[str, ...] = ()
    all: bool = False
    prune: bool = False
    allow_unverified: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """One minor version: from which patch to which; the same where there is no newer one, or ``compiled``."""

    alias: str
    name: str
    before: str
    after: str
    environments: int = 0
    compiled: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "alias": self.alias,
            "before": self.before,
            "after": self.after,
            "environments": self.environments,
            "compiled": self.compiled,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonUpgradeOutcome:
    """What became of each, the installations that were removed, and those that were kept though older."""

    upgraded: tuple[Upgraded, ...]
    removed: tuple[str, ...] = ()
    kept: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "upgraded": [one.to_json() for one in self.upgraded],
            "removed": list(self.removed),
            "kept": [{"key": key, "environments": number} for key, number in self.kept],
            "failed": [
                {"code": each.code, "what": each.what, "why": list(each.why)} for each in self.problems
            ],
            "dry_run": self.dry_run,
        }


def python_upgrade(context: Context, options: PythonUpgradeOptions) -> PythonUpgradeOutcome:
    """Install the newest patch of each, move the alias; the older ones go with ``--prune`` alone."""
    from hutch.interpreters.managed import Pythons
    from hutch.ops.pythons.available import available, look_for_newer
    from hutch.ops.pythons.installing import install_builds
    from hutch.ops.pythons.users import environments_by_home
    from hutch.ops.searching import managed_pythons

    start = time.monotonic()
    if options.all and options.requests:
        raise UsageProblem("--all upgrades everything", hint="name versions, or --all")
    pythons = Pythons(managed_pythons(context))
    if not options.dry_run:
        pythons.settle()
    lines = _lines(pythons, options.requests)
    found: Available | None = None
    wishes: dict[str, Wish] = {}
    if lines:
        found = available(context, refresh=context.configuration.refresh)
        asked = found.fixed or context.configuration.refresh
        if not asked and look_for_newer(context, pythons.root, found.host):
            found = available(context)
        wishes = _wishes(lines, found)
    problems: list[Problem] = []
    after = {alias: wish.build.version for alias, wish in wishes.items()}
    if wishes and found is not None and not options.dry_run:
        outcome = install_builds(
            context, pythons, found, list(wishes.values()), allow_unverified=options.allow_unverified
        )
        for alias, wish in wishes.items():
            result = outcome[wish.build.key]
            if isinstance(result, Problem):
                problems.append(result)
                del after[alias]
    users = environments_by_home(context, pythons)
    upgraded = tuple(
        Upgraded(
            alias=alias,
            name=newest.describe(),
            before=_shown(newest),
            after=_after(newest, wishes[alias]) if alias in after else _shown(newest),
            environments=len(users.get(alias, ())),
            compiled=newest.compiled,
        )
        for alias, newest in lines.items()
    )
    removed, kept = _prune(pythons, users, options, lines)
    if not options.dry_run:
        from hutch.ops.python_shim import renew_shims

        renew_shims(context)
    return PythonUpgradeOutcome(
        upgraded=upgraded,
        removed=removed,
        kept=kept,
        problems=tuple(problems),
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _shown(one: Installed) -> str:
    return one.release if one.implementation == "graalpy" else one.version


def _after(one: Installed, wish: Wish) -> str:
    return wish.build.release if one.implementation == "graalpy" else wish.build.version


def _lines(pythons: Pythons, requests: tuple[str, ...]) -> dict[str, Installed]:
    """The newest installation of each minor version that is meant, by alias."""
    from hutch.ops.pythons.asking import NotInstalled, installed_for, version_request

    if not requests:
        meant = pythons.installed()
    else:
        meant = []
        for words in requests:
            those = installed_for(pythons, version_request(words))
            if not those:
                raise NotInstalled(words, tuple(one.describe() for one in pythons.installed()))
            meant += those
    lines: dict[str, Installed] = {}
    for one in sorted(meant, key=lambda one: one.order, reverse=True):
        lines.setdefault(one.alias, max(_of_alias(pythons, one.alias), key=lambda each: each.order))
    return dict(sorted(lines.items(), key=lambda line: line[1].order, reverse=True))


def _of_alias(pythons: Pythons, alias: str) -> list[Installed]:
    return [one for one in pythons.installed() if one.alias == alias]


def _wishes(lines: dict[str, Installed], found: Available) -> dict[str, Wish]:
    """What is newer than what is there, by alias. What was compiled here was so for a reason, and stays."""
    from hutch.interpreters.managed.builds import version_key
    from hutch.ops.pythons.installing import Wish

    wishes = {}
    for alias, newest in lines.items():
        those = [build for build in found.builds if build.alias == alias and not newest.compiled]
        best = max(those, key=lambda build: build.rank, default=None)
        if best is None:
            continue
        if (version_key(best.version), version_key(best.release or "0")) > newest.order:
            wishes[alias] = Wish(build=best)
    return wishes


def _prune(
    pythons: Pythons, users: dict[str, list[str]], options: PythonUpgradeOptions, lines: dict[str, Installed]
) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """Remove the older patches, but for those that environments were made from by their exact version."""
    if not options.prune:
        return (), ()
    removed, kept = [], []
    for alias in lines:
        those = sorted(_of_alias(pythons, alias), key=lambda one: one.order, reverse=True)
        for one in those[1:]:
            if users.get(one.key):
                kept.append((one.key, len(users[one.key])))
                continue
            if not options.dry_run:
                pythons.remove(one)
            removed.append(one.key)
    return tuple(removed), tuple(kept)
