"""``hutch python uninstall``: take Pythons away that hutch installed, and say what would break."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem, some_lines
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters.managed import Installed, Pythons
    from hutch.ops.context import Context

__all__ = ["PythonInUse", "PythonUninstallOptions", "PythonUninstallOutcome", "python_uninstall"]

SHOWN = 8


class PythonInUse(Problem):
    """Environments would lose their Python."""

    code = "python-in-use"

    def __init__(self, name: str, environments: tuple[str, ...]) -> None:
        super().__init__(
            f"{name} is the Python of environments, which would not start without it",
            why=some_lines(environments, SHOWN),
            hint=(
                "hutch env remove takes a named one away; hutch sync --python makes a project's anew",
                "--force removes it all the same; hutch sync then makes them anew, with another Python",
            ),
        )
        self.environments = environments


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonUninstallOptions:
    """The options of ``python uninstall``."""

    requests: tuple[str, ...] = ()
    all: bool = False
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonUninstallOutcome:
    """What was removed (key and name); the environments that break by it, or run a lower patch from now on.

    ``moved`` are aliases with the version that they stand for now, ``programs`` names that are gone, too.
    """

    removed: tuple[tuple[str, str], ...]
    broken: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, int], ...] = ()
    programs: tuple[str, ...] = ()
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "removed": [{"key": key, "name": name} for key, name in self.removed],
            "broken": list(self.broken),
            "moved": [{"alias": alias, "to": to, "environments": number} for alias, to, number in self.moved],
            "programs": list(self.programs),
            "dry_run": self.dry_run,
        }


def python_uninstall(context: Context, options: PythonUninstallOptions) -> PythonUninstallOutcome:
    """Remove them; PythonInUse where environments would break, unless the user says ``--force``."""
    from hutch.interpreters.managed import Pythons, programs_folder, unname_programs
    from hutch.ops.pythons.users import environments_by_home
    from hutch.ops.searching import managed_pythons

    pythons = Pythons(managed_pythons(context))
    if bool(options.requests) == options.all:
        raise UsageProblem(
            "name what is to be removed" if not options.all else "--all removes everything",
            hint=("hutch python uninstall 3.12", "hutch python uninstall --all"),
        )
    going = _meant(pythons, options)
    users = environments_by_home(context, pythons)
    broken, moved = _consequences(pythons, going, users)
    if broken and not options.force and not options.dry_run:
        raise PythonInUse(", ".join(one.describe() for one in going), tuple(broken))
    programs: list[str] = []
    if not options.dry_run:
        for one in going:
            pythons.remove(one)
        folder = programs_folder(context.environ, context.configuration.directories.home)
        programs = unname_programs(pythons, folder) if folder is not None else []
    if not options.dry_run:
        from hutch.ops.python_shim import renew_shims

        renew_shims(context)
    return PythonUninstallOutcome(
        removed=tuple((one.key, one.describe()) for one in going),
        broken=tuple(broken),
        moved=tuple(moved),
        programs=tuple(programs),
        dry_run=options.dry_run,
    )


def _meant(pythons: Pythons, options: PythonUninstallOptions) -> list[Installed]:
    """What the words mean; of ``3.12`` all patch releases."""
    from hutch.ops.pythons.asking import NotInstalled, installed_for, version_request

    if options.all:
        return pythons.installed()
    found: dict[str, Installed] = {}
    for words in options.requests:
        exact = pythons.find(words)
        those = [exact] if exact is not None else installed_for(pythons, version_request(words))
        if not those:
            raise NotInstalled(words, tuple(one.describe() for one in pythons.installed()))
        found.update((one.key, one) for one in those)
    return list(found.values())


def _consequences(
    pythons: Pythons, going: list[Installed], users: dict[str, list[str]]
) -> tuple[list[str], list[tuple[str, str, int]]]:
    """The environments that would break, and the aliases that go to a lower patch."""
    keys = {one.key for one in going}
    broken: list[str] = []
    moved: list[tuple[str, str, int]] = []
    for one in going:
        broken += users.get(one.key, [])
    for alias in dict.fromkeys(one.alias for one in going):
        left = [one for one in pythons.installed() if one.alias == alias and one.key not in keys]
        if not left:
            broken += users.get(alias, [])
        elif pythons.target(alias) in keys:
            newest = max(left, key=lambda one: one.order)
            moved.append((alias, newest.describe(), len(users.get(alias, []))))
    return list(dict.fromkeys(broken)), moved
