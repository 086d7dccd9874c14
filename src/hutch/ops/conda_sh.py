"""Scripts of packages that are for sh alone, in a shell that cannot read them.

Most packages have their `activate.d` in the words of sh and no others; conda passes them over in fish, tcsh,
xonsh, elvish and nushell. What they export is found by reading them in a child, and set in the shell like any
other variable. (What else they do, functions and aliases, is of no use there.)
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hutch.shell.conda import CondaStep

__all__ = ["read_by_sh", "with_sh", "without_counterpart"]

_TEXT = r"""
__hutch_read() { . "$1"; }
exec 3>&1 1>&2
__hutch_program=$1
shift
while [ "$#" -gt 0 ]; do
    if [ -r "$1" ]; then __hutch_read "$1"; fi
    shift
done
exec "$__hutch_program" -IS -c 'import os
with open(3, "wb") as out: out.write(b"\0".join(b"=".join(each) for each in os.environb.items()))'
"""
_OF_SHELLS = frozenset(("_", "SHLVL", "PWD", "OLDPWD", "BASH_ENV", "ENV", "LC_CTYPE"))


def without_counterpart(scripts: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """Those of ``scripts`` that are not there a second time, in the words of another shell (``own``)."""
    known = {os.path.splitext(script)[0] for script in own}
    return tuple(script for script in scripts if os.path.splitext(script)[0] not in known)


def read_by_sh(scripts: Sequence[str], environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that the scripts change, with their new values; None for those that they unset."""
    import subprocess
    import sys

    from hutch.ops.child import find_program

    shell = find_program("bash", environ) if "PATH" in environ else None
    shell = shell or "/bin/sh"
    if not scripts or os.name == "nt" or not os.access(shell, os.X_OK):
        return {}
    given = {name: value for name, value in environ.items() if name not in ("BASH_ENV", "ENV")}
    words = [shell, "-c", _TEXT, "hutch", sys.executable, *scripts]
    try:
        done = subprocess.run(words, env=given, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    except OSError:
        return {}
    found: dict[str, str] = {}
    for item in done.stdout.split(b"\0"):
        name, equals, value = os.fsdecode(item).partition("=")
        if equals:
            found[name] = value
    if done.returncode or not found:
        return {}
    changed: dict[str, str | None] = {
        name: value for name, value in found.items() if given.get(name) != value
    }
    changed |= {name: None for name in given if name not in found}
    return {
        name: value
        for name, value in changed.items()
        if name.isascii() and name.isidentifier() and name not in _OF_SHELLS
    }


def with_sh(step: CondaStep, environ: Mapping[str, str], separator: str) -> CondaStep:
    """The step with what the scripts for sh change, which its shell does not read."""
    from hutch.values import replace

    if not (step.leave_sh or step.enter_sh):
        return step
    path = step.path
    table = {**environ, "PATH": separator.join(path or ())}
    left = read_by_sh(step.leave_sh, table)
    if said := left.pop("PATH", None):
        path = tuple(said.split(separator))
    step = replace(step, path=path)
    restored = {one.name for one in step.restore}
    left = {name: value for name, value in left.items() if name not in {*step.export, *restored}}
    after = step.variables({**environ, **{k: v for k, v in left.items() if v is not None}}, separator)
    for name, value in left.items():
        if value is None:
            after.pop(name, None)
    came = read_by_sh(step.enter_sh, after)
    if said := came.pop("PATH", None):
        path = tuple(said.split(separator))
    changed = {**left, **came}
    export = {**step.export, **{name: value for name, value in changed.items() if value is not None}}
    gone = [name for name, value in changed.items() if value is None]
    return replace(
        step,
        path=path,
        export={name: value for name, value in export.items() if name not in gone},
        unset=tuple(dict.fromkeys((*step.unset, *gone))),
    )
