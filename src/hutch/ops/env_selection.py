"""What belongs into a project's other environments: what is typed, else declared, else what they remember."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.asked import LISTS, SWITCHES, Asked, read_asked, typed_python, write_asked
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import SelectionOptions
    from hutch.ops.sync import SyncOptions

    Chosen = TypeVar("Chosen", bound=SelectionOptions)

__all__ = ["asked_python", "chosen_options", "refuse_undeclared", "refuse_unknown", "remember_choice"]


def chosen_options(context: Context, checkout: Checkout, options: Chosen) -> Chosen:
    """The options with the groups and extras of the environment that is meant, where none are typed."""
    if context.env is None or _is_chosen(options):
        return options
    declared = checkout.manifest.settings.environments.get(context.env)
    if declared is not None:
        return replace(
            options,
            group=declared.groups,
            extra=declared.extras,
            only_group=declared.only_groups,
            no_group=declared.no_groups,
            dev=declared.dev,
        )
    asked = _asked(context, checkout)
    if asked is None:
        return options
    known: dict[str, Any] = dict(asked.selection)
    return replace(options, **known)


def _is_chosen(options: SelectionOptions) -> bool:
    return any(getattr(options, name) for name in LISTS) or any(
        getattr(options, name) is not (name == "dev") for name in SWITCHES
    )


def _asked(context: Context, checkout: Checkout) -> Asked | None:
    from hutch.ops.environments import environment_root

    return read_asked(environment_root(context, checkout))


def asked_python(context: Context, checkout: Checkout) -> tuple[str, str] | None:
    """(request, where it stands) of the Python that the environment of ``--env`` is for; None where nobody
    has said, or another is typed now. A variable is about all environments, and yields to that of one."""
    if context.env is None or context.flags.get("python") is not None:
        return None
    declared = checkout.manifest.settings.environments.get(context.env)
    if declared is not None:
        return (declared.python, checkout.manifest_path) if declared.python is not None else None
    asked = _asked(context, checkout)
    if asked is None or asked.python is None:
        return None
    from hutch.ops.environments import environment_root

    return asked.python, os.path.join(environment_root(context, checkout), "pyvenv.cfg")


def remember_choice(
    context: Context, checkout: Checkout, root: str, typed: SyncOptions, interpreter: Interpreter | None
) -> None:
    """Write down what was chosen for the environment at ``root``: by a sync, or when it was made.

    What `run` chooses is for once. Failing only makes the next command choose the default.
    """
    if context.env is None or context.env in checkout.manifest.settings.environments:
        return
    known = read_asked(root)
    typed_now = context.flags.get("python") is not None
    python = typed_python(context, interpreter) if typed_now and interpreter is not None else None
    if known is not None:
        if context.words[:1] != ("sync",) or not (_is_chosen(typed) or python is not None):
            return
        chosen = _selection(typed) if _is_chosen(typed) else known.selection
        python = python if python is not None else known.python
    else:
        chosen = _selection(typed)
    now = Asked(python=python, selection=chosen)
    if now == known:
        return
    try:
        write_asked(root, now)
    except OSError:
        pass


def _selection(typed: SyncOptions) -> tuple[tuple[str, object], ...]:
    found: list[tuple[str, object]] = [(name, getattr(typed, name)) for name in LISTS if getattr(typed, name)]
    found += [(name, value) for name in SWITCHES if (value := getattr(typed, name)) is not (name == "dev")]
    return tuple(found)


def refuse_undeclared(context: Context, checkout: Checkout, options: SelectionOptions, root: str) -> None:
    """Raise where a project declares environments, and a sync would make another of which nothing is said.

    It would have the packages of the first under the name of a slip. Who says what belongs into it gets it.
    """
    declared = checkout.manifest.settings.environments
    if context.env is None or not declared or context.env in declared or os.path.lexists(root):
        return
    if _is_chosen(options) or context.flags.get("python") is not None:
        return
    raise UsageProblem(
        f"this project declares no environment named {context.env}",
        why=f"it declares {', '.join(sorted(declared))}",
        hint=(
            *_near(context.env, declared),
            _besides(context.env),
        ),
    )


def refuse_unknown(context: Context, checkout: Checkout, root: str) -> None:
    """Raise for a name that is neither declared nor that of an environment: nobody makes one by a slip."""
    if context.env is None or os.path.lexists(root) or context.env in checkout.manifest.settings.environments:
        return
    from hutch.ops.env_list import project_rows

    names = [row.env_name for row in project_rows(context) if row.env_name]
    names = sorted({*names, *checkout.manifest.settings.environments})
    raise UsageProblem(
        f"this project has no environment named {context.env}",
        why=f"it has {', '.join(names)}" if names else "it has only its first",
        hint=(
            *_near(context.env, names),
            _besides(context.env)
            if checkout.manifest.settings.environments
            else f"hutch sync --env {context.env} makes one; groups and extras that you add are remembered",
        ),
    )


def _besides(name: str) -> str:
    return f"hutch sync --env {name} with --group, --extra or --python makes one besides"


def _near(name: str, names: Iterable[str]) -> tuple[str, ...]:
    import difflib

    return tuple(f"did you mean {near}?" for near in difflib.get_close_matches(name, list(names), n=1))
