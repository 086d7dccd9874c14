"""``hutch conda env config vars``: the variables that are set where an environment is used."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "CondaVarsListOptions",
    "CondaVarsListOutcome",
    "CondaVarsOutcome",
    "CondaVarsSetOptions",
    "CondaVarsUnsetOptions",
    "checked_name",
    "conda_vars_list",
    "conda_vars_set",
    "conda_vars_unset",
]

PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaVarsListOptions:
    """The options of ``conda env config vars list``."""

    prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaVarsSetOptions:
    """The options of ``conda env config vars set``."""

    assignments: tuple[str, ...] = ()
    prefix: str | None = None
    override_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaVarsUnsetOptions:
    """The options of ``conda env config vars unset``."""

    names: tuple[str, ...] = ()
    prefix: str | None = None
    override_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaVarsListOutcome:
    """What is set, by name; the ``unset`` are those that packages set in vain."""

    root: str
    variables: dict[str, str]
    unset: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As conda says it."""
        return dict(self.variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaVarsOutcome:
    """What was changed: the values that are set now, the names that are not; ``absent`` were not before."""

    root: str
    set: dict[str, str]
    unset: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "prefix": self.root,
            "set": dict(self.set),
            "unset": list(self.unset),
            "absent": list(self.absent),
        }


def conda_vars_list(context: Context, options: CondaVarsListOptions) -> CondaVarsListOutcome:
    """What activation sets, and what is unset: what packages say, over it what the user has said, and over
    all what a project says of its own environment."""
    from hutch.ops.conda_activation import environment_variables
    from hutch.ops.conda_place import present_place

    root = present_place(context, options.prefix)
    variables, unset = environment_variables(root)
    variables |= _of_project(context, root)
    unset = tuple(name for name in unset if name not in variables)
    return CondaVarsListOutcome(root=root, variables=dict(sorted(variables.items())), unset=unset)


def _of_project(context: Context, root: str) -> dict[str, str]:
    from hutch.ops.project_activation import read_activation

    own = read_activation(root)
    return own.variables(context.environ) if own is not None else {}


def conda_vars_set(context: Context, options: CondaVarsSetOptions) -> CondaVarsOutcome:
    """Set variables; all of them, or none."""
    from hutch.ops.conda_activation import UNSET

    found: dict[str, str] = {}
    for word in options.assignments:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageProblem(f"'{word}' does not say to what it is set", hint=f"{word or 'NAME'}=VALUE")
        name = checked_name(name)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UsageProblem(f"the value of {name} is not UTF-8", why="JSON cannot say it") from None
        if value == UNSET:
            raise UsageProblem(
                f"the value of {name} is what conda writes for a variable that is not to be there",
                hint=f"hutch conda env config vars unset {name}",
            )
        found[name] = value
    return _change(context, options.prefix, options.override_frozen, found, ())


def conda_vars_unset(context: Context, options: CondaVarsUnsetOptions) -> CondaVarsOutcome:
    """Take variables away, also those that packages set."""
    names = tuple(dict.fromkeys(checked_name(name) for name in options.names))
    return _change(context, options.prefix, options.override_frozen, {}, names)


def _change(
    context: Context, prefix: str | None, override: bool, found: dict[str, str], names: tuple[str, ...]
) -> CondaVarsOutcome:
    from hutch.env.locking import hold_lock
    from hutch.ops.conda_activation import UNSET, environment_variables
    from hutch.ops.conda_frozen import override_frozen, refuse_frozen
    from hutch.ops.conda_place import present_place
    from hutch.ops.conda_state import set_variables

    root = present_place(context, prefix)
    if override:
        override_frozen(context)
    refuse_frozen(context, root)
    with hold_lock(root, emit=context.emit, timeout=PATIENCE):
        there, _ = environment_variables(root)
        gone = tuple(name for name in names if name in there)
        set_variables(root, {**found, **dict.fromkeys(gone, UNSET)})
    if vain := sorted(_of_project(context, root).keys() & {*found, *names}):
        from hutch.events import Notice

        text = f"what the project says of {', '.join(vain)} counts: it stands in its manifest"
        context.emit(Notice(text, warning=True))
    absent = tuple(name for name in names if name not in gone)
    return CondaVarsOutcome(root=root, set=found, unset=gone, absent=absent)


def checked_name(said: str) -> str:
    """The name in capitals, as activation has it."""
    from hutch.spec import variable_fault

    name = said.strip()
    fault = variable_fault(name)
    if fault:
        what, _, why = fault.partition(": ")
        shown = f"'{name}'" if why else name.upper()
        raise UsageProblem(f"{shown} {what}", why=why or "what an environment says of it is passed over")
    return name.upper()
