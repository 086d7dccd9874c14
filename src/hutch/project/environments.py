"""``[tool.hutch.environments]``: the environments of a project beside the first, by name."""

from __future__ import annotations

from hutch.project.settings import a_kind
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.faults import Faults
    from hutch.project.spans import Path

__all__ = ["DeclaredEnvironment", "parse_environments"]

_LISTS = ("groups", "extras", "only-groups", "no-groups")
_KEYS = (*_LISTS, "dev", "python", "solve-group")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEnvironment:
    """What is in one: the groups and extras beside the dependencies, or ``only_groups`` without them.

    ``no_groups`` are default groups that are left out. ``python`` is asked for as anywhere in a project: a
    version, or a name. With a ``solve_group`` its packages of conda are solved for apart from those of the
    project, together with those of the same name.
    """

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    dev: bool = True
    python: str | None = None
    no_groups: tuple[str, ...] = ()
    solve_group: str | None = None


def parse_environments(value: object, faults: Faults, at: Path) -> dict[str, DeclaredEnvironment]:
    """Read the table; what is wrong goes to ``faults``."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.add(at, 'should be a table such as [tool.hutch.environments.train] with groups = ["train"]')
        return {}
    found: dict[str, DeclaredEnvironment] = {}
    for name, table in value.items():
        here = (*at, name)
        if not is_environment_name(name):
            faults.add(here, "the name of an environment is of letters, digits, '.', '_', '-'")
        elif not isinstance(table, dict):
            faults.add(here, f"should be a table with {', '.join(_KEYS)}, not {a_kind(table)}")
        else:
            found[name] = _one(table, faults, here)
    return found


def is_environment_name(name: str) -> bool:
    """Whether a directory can end so: ``.venv-NAME``."""
    plain = name.replace("-", "").replace("_", "").replace(".", "").replace("+", "")
    return bool(name) and plain.isalnum() and name[0].isalnum() and not name.endswith(".") and len(name) <= 64


def _one(table: dict[str, object], faults: Faults, at: Path) -> DeclaredEnvironment:
    for key in table:
        if key not in _KEYS:
            faults.add((*at, key), f"unknown key; an environment has {', '.join(_KEYS)}")
    lists = {key: _names(table, key, faults, at) for key in _LISTS}
    for key in ("groups", "extras"):
        if lists["only-groups"] and lists[key]:
            faults.add(
                (*at, key), "is for an environment with the project's dependencies; only-groups has none"
            )
    dev, python = table.get("dev", True), table.get("python")
    if not isinstance(dev, bool):
        faults.add((*at, "dev"), f"should be true or false, not {a_kind(dev)}")
    solve_group = table.get("solve-group")
    if solve_group is not None and not (isinstance(solve_group, str) and is_environment_name(solve_group)):
        faults.add((*at, "solve-group"), "should be a name of letters, digits, '.', '_', '-'")
        solve_group = None
    if python is not None and not isinstance(python, str):
        faults.add((*at, "python"), f'should be a string such as "3.12", not {a_kind(python)}')
    return DeclaredEnvironment(
        groups=lists["groups"],
        extras=lists["extras"],
        only_groups=lists["only-groups"],
        dev=dev is not False,
        python=python if isinstance(python, str) else None,
        no_groups=lists["no-groups"],
        solve_group=solve_group if isinstance(solve_group, str) else None,
    )


def _names(table: dict[str, object], key: str, faults: Faults, at: Path) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        faults.add((*at, key), f"should be an array of names of {key.rpartition('-')[2]}")
        return ()
    return tuple(values)
