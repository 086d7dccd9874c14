"""Environments by name: which names there can be, and where the one is that somebody means."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.env_places import names_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = [
    "NameIsTaken",
    "NoSuchEnvironment",
    "check_env_name",
    "check_new_name",
    "is_environment",
    "may_be_a_name",
    "named_environment",
    "named_environments",
]

LONGEST = 64
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))]
)
_CONDA = frozenset(["base", "root"])
_PYTHONS = ("python", "cpython", "pypy", "graalpy", "system", "any", "default")


class NoSuchEnvironment(Problem):
    """There is no environment of that name."""

    code = "no-such-environment"

    def __init__(self, name: str, known: tuple[str, ...], made: str | None = None) -> None:
        """``made`` is the hint that tells how to make it, where that is not `env create`."""
        import difflib
        import shlex

        self.name = name
        near = difflib.get_close_matches(name, known, n=1)
        listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        hints = [f"did you mean {near[0]}?"] if near else []
        super().__init__(
            f"there is no environment named {name}",
            why=f"there are {listed}" if known else "there is none with a name yet",
            hint=(*hints, made or f"hutch env create {shlex.quote(name)} makes it"),
        )


class NameIsTaken(Problem):
    """There is an environment of that name already."""

    code = "environment-name-taken"

    def __init__(self, name: str, path: str, *, can_clear: bool = True) -> None:
        hints = (f"hutch pip install -n {name} … puts more into it",) if can_clear else ()
        more = "--clear makes it anew" if can_clear else f"hutch env remove {name} makes room"
        super().__init__(f"there is an environment named {name}", why=f"in {path}", hint=(*hints, more))


def named_environment(context: Context, name: str) -> str:
    """Where the environment of that name is; ``NoSuchEnvironment`` where there is none."""
    check_env_name(name)
    folder = names_folder(context.configuration.data_dir)
    root = os.path.join(folder, name)
    # On some disks another letter case is the same directory, and would be another environment to all tools.
    if not is_environment(root) or name not in os.listdir(folder):
        raise NoSuchEnvironment(name, named_environments(context))
    return root


def named_environments(context: Context) -> tuple[str, ...]:
    """The names that there are, in order."""
    folder = names_folder(context.configuration.data_dir)
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    found = [name for name in names if name[:1] != "." and is_environment(os.path.join(folder, name))]
    return tuple(sorted(found, key=lambda name: (name.casefold(), name)))


def is_environment(root: str) -> bool:
    """Whether there is an environment, working or not, of either kind: no link that leads elsewhere."""
    if os.path.islink(root):
        return False
    if os.path.lexists(os.path.join(root, "pyvenv.cfg")):
        return True
    if not os.path.isdir(os.path.join(root, "conda-meta")):
        return False
    from hutch.env import is_prefix

    return is_prefix(root)


def check_env_name(name: str) -> None:
    """Raise ``UsageProblem`` for what no environment can be called."""
    if not name or not may_be_a_name(name):
        raise UsageProblem(f"{_shown(name)!r} cannot be the name of an environment", why=_why_not(name))


def check_new_name(context: Context, name: str, *, instead: str | None = None) -> str:
    """Where a new environment of that name would be; a problem where it cannot be called so.

    ``instead`` is the name that one gives up for it, which may be the same in another letter case.
    """
    check_env_name(name)
    lowered = name.casefold()
    if lowered in _CONDA:
        raise UsageProblem(
            f"no environment is called {name}",
            why="conda calls the one that it lies in so; hutch lies in no environment of yours",
            hint="choose another name",
        )
    if _means_a_python(lowered):
        raise UsageProblem(
            f"no environment is called {name}",
            why="that is how a Python is asked for, in .python-version as in --python",
            hint=f"hutch env create NAME --python {name} makes one with that Python",
        )
    folder = names_folder(context.configuration.data_dir)
    for other in named_environments(context):
        if other not in (name, instead) and other.casefold() == lowered:
            raise UsageProblem(
                f"there is an environment named {other}",
                why=f"where letter case does not count, {name} is the same directory",
                hint="choose another name",
            )
    return os.path.join(folder, name)


def may_be_a_name(name: str) -> bool:
    """Whether an environment can be called so."""
    return not _why_not(name)


def _why_not(name: str) -> str:
    from unicodedata import normalize

    if name in ("", ".", ".."):
        return "a name has letters and digits"
    if len(os.fsencode(name)) > LONGEST:
        return f"a name has at most {LONGEST} bytes"
    if not all(each.isalnum() or each in "._-+" for each in name):
        return "a name is of letters, digits, '.', '_', '-' and '+'"
    if not name[0].isalnum():
        return "a name begins with a letter or a digit"
    if name.endswith("."):
        return "Windows drops a '.' at the end"
    if normalize("NFC", name) != name:
        return "it is written with combining marks, and the same letters may be written otherwise"
    if name.partition(".")[0].casefold() in _DEVICES:
        return "on Windows it is a device"
    return ""


def _means_a_python(lowered: str) -> bool:
    rest = lowered
    for word in _PYTHONS:
        if lowered == word:
            return True
        if lowered.startswith(word):
            rest = lowered[len(word) :].lstrip("-@")
    return rest[:1].isdigit() and all(each.isdigit() or each in ".t" for each in rest.removesuffix("-dev"))


def _shown(name: str) -> str:
    from hutch.spec import safe_text

    return safe_text(name)[:80]
