"""What activation of a conda environment means to a command: variables, and what its packages read.

Steps are computed in `hutch.shell.conda`, from the variables that there are; here the files of an environment
are read, and a command is started behind the scripts of its packages.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.shell.conda import PrefixFacts

__all__ = [
    "Activated",
    "activating",
    "environment_variables",
    "find_in",
    "prefix_facts",
    "prefix_variables",
    "scripts_in",
]

UNSET = "***unset***"
"""So conda marks a variable that is not to be there."""
_LARGEST = 1 << 20


class Activated(dict[str, str]):
    """The variables of a child, with the scripts that are to be read before it starts."""

    leave: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    before: Mapping[str, str] = {}


def prefix_facts(
    root: str, extension: str, environ: Mapping[str, str], *, project: bool = True
) -> PrefixFacts:
    """What activation needs to know of the environment at ``root``, for a shell that reads such scripts.

    With ``project`` the scripts and variables count, too, that a project has for its own.
    """
    from hutch.shell.conda import PrefixFacts, conda_name, prefix_folders

    variables, unset = environment_variables(root)
    enter, leave = (scripts_in(root, folder, extension) for folder in ("activate.d", "deactivate.d"))
    enter_sh: tuple[str, ...] = ()
    leave_sh: tuple[str, ...] = ()
    if extension not in (".sh", ".bat"):
        from hutch.ops.conda_sh import without_counterpart

        enter_sh = without_counterpart(scripts_in(root, "activate.d", ".sh"), enter)
        leave_sh = without_counterpart(scripts_in(root, "deactivate.d", ".sh"), leave)
    folders = prefix_folders(root, windows=os.name == "nt")
    if project and os.path.exists(os.path.join(root, ".hutch", "activation.json")):
        from hutch.ops.project_activation import read_activation

        own = read_activation(root)
        if own is not None:
            folders = (*own.folders(environ), *folders)
            variables |= own.variables({**environ, **variables})
            unset = tuple(name for name in unset if name not in variables)
            enter = (*enter, *own.scripts_for(extension))
            if extension not in (".sh", ".bat"):
                enter_sh = (*enter_sh, *own.scripts_for(".sh"))
    return PrefixFacts(
        root=root,
        name=conda_name(root, environ),
        folders=folders,
        variables=variables,
        unset=unset,
        enter=enter,
        leave=leave[::-1],
        enter_sh=enter_sh,
        leave_sh=leave_sh[::-1],
    )


def prefix_variables(variables: dict[str, str], root: str) -> Activated:
    """The variables of a child in a prefix: as conda's activation sets them, over what is active."""
    from hutch.shell.conda import step_over

    def facts(each: str) -> PrefixFacts:
        return prefix_facts(each, ".bat" if os.name == "nt" else ".sh", variables)

    step = step_over(variables, facts(root), facts, separator=os.pathsep)
    found = Activated(step.variables(variables, os.pathsep))
    found.leave, found.enter = step.leave, step.enter
    found.own = tuple(step.export)
    found.before = dict(variables)
    for key in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "HUTCH_SHELL_STATE"):
        found.pop(key, None)
    return found


def find_in(command: str, variables: Mapping[str, str]) -> str | None:
    """The program of a command; the name alone where a script may add the folder that it is in to PATH."""
    from hutch.ops.child import find_program

    found = find_program(command, variables)
    if found is not None or not isinstance(variables, Activated) or os.path.basename(command) != command:
        return found
    return command if any(b"PATH" in _content(script) for script in variables.enter) else None


def _content(script: str) -> bytes:
    from hutch.plain import read_plain

    try:
        return read_plain(script, _LARGEST)
    except OSError:
        return b""


# What scripts export has to reach the command: they are read by the shell that becomes it. A function has
# words of its own, so that `set --` and `shift` in a script are its own affair.
_TEXT = r"""
__hutch_read() { . "$1"; }
__hutch_each() {
    while [ "$#" -gt 0 ]; do
        __hutch_script=$1
        shift
        if [ -r "$__hutch_script" ]; then __hutch_read "$__hutch_script"; fi
    done
}
__GUARD__
__LEAVE__
__NAMES__
__ENTER__
__END__
unset __hutch_script
unset -f __hutch_each __hutch_read
exec "$@"
"""
# Other shells than bash end with the first thing that they do not understand.
_GUARD = (
    "trap 'echo \"hutch: $__hutch_script has ended the shell that reads it:"
    " it may be for bash, which is not on PATH\" >&2' EXIT"
)
_OLD = ("CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER")


def activating(
    root: str, program: str, words: list[str], variables: dict[str, str], *, windows: bool = os.name == "nt"
) -> tuple[str, list[str]]:
    """The program and words that read ``deactivate.d`` of what was active and ``activate.d`` of the prefix
    first, where there are any. What the scripts are not to see yet is put aside in ``variables``."""
    from hutch.ops.child import find_program
    from hutch.shell.quoting import quote_posix

    if isinstance(variables, Activated):
        leave, enter, own, before = variables.leave, variables.enter, variables.own, variables.before
    else:
        leave, own, before = (), (), {}
        enter = scripts_in(root, "activate.d", ".bat" if windows else ".sh")
    if not (leave or enter):
        return program, words
    if windows:
        from hutch.ops.conda_cmd import through_cmd

        through_cmd(variables, leave, enter, (*_OLD, *own), before)
        # A script may have added the folder that it is in to PATH.
        return find_program(program, variables) or program, words
    bash = find_program("bash", variables)
    shell = bash or "/bin/sh"
    later = [name for name in (*_OLD, *own) if name in variables] if leave else []
    if bash and "BASH_ENV" in variables:
        later.append("BASH_ENV")  # of the command, and not of the shell before it
    names = []
    for name in dict.fromkeys(later):
        variables[f"__hutch_v_{name}"] = variables.pop(name)
        put = f'{name}="${{__hutch_v_{name}}}"; export {name}; unset __hutch_v_{name}'
        names.append(put)
        if name in before and name != "BASH_ENV":
            variables[name] = before[name]

    def each(scripts: tuple[str, ...]) -> str:
        return f"__hutch_each {' '.join(quote_posix(script) for script in scripts)}" if scripts else ""

    pieces = {
        "__GUARD__": "" if bash else _GUARD,
        "__LEAVE__": each(leave),
        "__NAMES__": "\n".join(names),
        "__ENTER__": each(enter),
        "__END__": "" if bash else "trap - EXIT",
    }
    text = "\n".join(pieces.get(line, line) for line in _TEXT.strip().splitlines())
    return shell, [os.path.basename(shell), "-c", text, "hutch", program, *words[1:]]


def environment_variables(root: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables of an environment, and the names of those that are not to be there.

    Those of packages (``etc/conda/env_vars.d``), and over them those of the user (``conda-meta/state``), with
    names in capitals, as conda exports them. What activation itself sets is not among them.
    """
    from hutch.spec import OWN_VARIABLES

    folder = os.path.join(root, "etc", "conda", "env_vars.d")
    found: dict[str, str] = {}
    for name in _names(folder):
        if name.endswith(".json"):
            found |= _texts(_json(os.path.join(folder, name)))
    state = _json(os.path.join(root, "conda-meta", "state"))
    if isinstance(state, dict):
        found |= _texts(state.get("env_vars"))
    for name in ("PATH", "PYTHONHOME", *OWN_VARIABLES):
        found.pop(name, None)
    unset = tuple(name for name, value in found.items() if value == UNSET)
    return {name: value for name, value in found.items() if value != UNSET}, unset


def _texts(value: Any) -> dict[str, str]:
    """Names and values that can be variables."""
    if not isinstance(value, dict):
        return {}
    return {
        key.upper(): each
        for key, each in value.items()
        if isinstance(key, str)
        and isinstance(each, str)
        and key.isascii()
        and key.isidentifier()
        and "\0" not in each
        and _is_text(each)
    }


def _is_text(value: str) -> bool:
    """JSON can say halves of letters, which no program can be given."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json(path: str) -> Any:
    text = _content(path)
    if not text:
        return None
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def scripts_in(root: str, folder: str, extension: str) -> tuple[str, ...]:
    """The scripts of packages in ``activate.d`` or ``deactivate.d``, in the order of their names; those with
    line ends and the like in them are passed over."""
    where = os.path.join(root, "etc", "conda", folder)
    return tuple(
        os.path.join(where, name)
        for name in _names(where)
        if name.endswith(extension) and not name.startswith(".") and name.isprintable()
    )


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
