"""What activating a conda environment changes, and what leaving it puts back: values, for any shell.

conda keeps its state in variables, so that each step can be computed from those that there are: `CONDA_SHLVL`
counts, `CONDA_PREFIX_n` are the environments below, `CONDA_STACKED_n` says that one was put over another, and
`__CONDA_SHLVL_n_NAME` is what NAME was. conda itself can go on where hutch has begun,
and hutch where conda has. What is done otherwise than there: ``docs/explanation/activation.md``.
"""

from __future__ import annotations

from hutch.shell.hooks.answer import shown
from hutch.spec import OWN_VARIABLES as OWN
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "OWN",
    "CondaStep",
    "PrefixFacts",
    "Saved",
    "conda_base",
    "conda_name",
    "level_of",
    "prefix_folders",
    "step_down",
    "step_in",
    "step_over",
]

PROMPT = "({default_env}) "
_LEVEL_WAS = "__CONDA_SHLVL_0_CONDA_SHLVL"
_FOLDERS = ("", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin")
# With this set, Python would look for its library somewhere else: conda leaves it, and Python then fails.
_AWAY = ("PYTHONHOME",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixFacts:
    """An environment: its folders of commands, what conda calls it, its variables (those of ``unset`` are not
    to be there), and the scripts that a shell reads when it comes (``enter``) and goes (``leave``). Those of
    ``enter_sh`` and ``leave_sh`` are for sh, and this shell cannot read them."""

    root: str
    name: str
    folders: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    enter_sh: tuple[str, ...] = ()
    leave_sh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What ``name`` was is in ``place``; ``value`` is None where programs do not get it: a shell may have
    such a variable for itself alone. ``source`` is where it is found to be saved, ``name`` or an earlier
    place."""

    name: str
    place: str
    value: str | None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaStep:
    """What a shell does, in this order: PATH (None: there is none), the scripts of ``leave``, ``restore``,
    ``save``, ``unset``, ``export``, the prompt, the scripts of ``enter``."""

    path: tuple[str, ...] | None
    leave: tuple[str, ...] = ()
    restore: tuple[Saved, ...] = ()
    unset: tuple[str, ...] = ()
    save: tuple[Saved, ...] = ()
    export: Mapping[str, str] = field(default_factory=dict)
    enter: tuple[str, ...] = ()
    leave_sh: tuple[str, ...] = ()
    enter_sh: tuple[str, ...] = ()
    modifier: str = ""
    modifier_before: str = ""
    level: int = 0

    def variables(self, environ: Mapping[str, str], separator: str) -> dict[str, str]:
        """The table of variables behind it, but for what the scripts do."""
        found = dict(environ)
        found.pop("PATH", None)
        if self.path is not None:
            found["PATH"] = separator.join(self.path)
        for one in self.restore:
            found.pop(one.name, None)
            found.pop(one.place, None)
            if one.value is not None:
                found[one.name] = one.value
        for name in self.unset:
            found.pop(name, None)
        for one in self.save:
            if one.value is not None:
                found[one.place] = one.value
        return found | dict(self.export)


def prefix_folders(root: str, *, windows: bool = False) -> tuple[str, ...]:
    """What of an environment is on PATH, in conda's order."""
    if not windows:
        return (f"{root.rstrip('/')}/bin",)
    root = root.rstrip("\\/")
    return tuple(f"{root}/{folder}".rstrip("/").replace("/", "\\") for folder in _FOLDERS)


def conda_base(environ: Mapping[str, str]) -> str:
    """Where conda itself is, as far as its variables tell."""
    for name in ("_CONDA_ROOT", "CONDA_ROOT", "MAMBA_ROOT_PREFIX"):
        if root := environ.get(name):
            return root.rstrip("/\\")
    program = environ.get("CONDA_EXE", "").replace("\\", "/")
    return program.rpartition("/")[0].rpartition("/")[0]


def conda_name(root: str, environ: Mapping[str, str]) -> str:
    """What is said of an environment (`CONDA_DEFAULT_ENV`): its name where it has one, else its place.

    That of a project is called as the project is.
    """
    parts = root.replace("\\", "/").rstrip("/").split("/")
    base = conda_base(environ)
    if base and base.replace("\\", "/").rstrip("/").split("/") == parts:
        return "base"
    name, folder, above = (*reversed(parts[-3:]), "", "", "")[:3]
    if folder == "envs":
        return name
    if name == ".venv" or name.startswith(".venv-"):
        return (folder or root) + name.removeprefix(".venv")
    if above == "projects" and folder.rpartition("-")[0] and name.startswith(folder.rpartition("-")[0]):
        return name  # in the central place
    return root


def level_of(environ: Mapping[str, str]) -> int:
    """How many environments are active, one over another."""
    text = environ.get("CONDA_SHLVL", "").strip()
    level = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return level if environ.get("CONDA_PREFIX") else 0


def step_over(
    environ: Mapping[str, str],
    new: PrefixFacts,
    facts: Callable[[str], PrefixFacts],
    *,
    stack: bool = False,
    prompt: str | None = PROMPT,
    separator: str = ":",
) -> CondaStep:
    """Activate ``new``: in the place of the one that is active, or over it (``stack``).

    ``facts`` are those of another environment, by its root. Without a ``prompt`` there is none.
    """
    level = level_of(environ)
    old_root = environ.get("CONDA_PREFIX", "") if level else ""
    if level and old_root == new.root:
        return step_in(environ, new, prompt=prompt, separator=separator)
    if level > 1 and environ.get(f"CONDA_PREFIX_{level - 1}") == new.root:
        return step_down(environ, facts, prompt=prompt, separator=separator)
    old = facts(old_root) if level and not stack else None
    path = _path(environ, separator)
    # What they were comes back now, and stays where it is kept for when their environment comes again.
    between = (
        {name: environ.get(f"__CONDA_SHLVL_{level - 1}_{name}") for name in old.variables} if old else {}
    )
    save = []
    for name in (*new.variables, *(name for name in _AWAY if name in environ)):
        place = f"__CONDA_SHLVL_{level}_{name}"
        if name in between:
            save.append(Saved(name, place, between[name], f"__CONDA_SHLVL_{level - 1}_{name}"))
        else:
            save.append(Saved(name, place, environ.get(name), name))
    if not level and "CONDA_SHLVL" in environ:
        save.append(Saved("CONDA_SHLVL", _LEVEL_WAS, environ["CONDA_SHLVL"], "CONDA_SHLVL"))
    names = _names(environ, level, prompt)
    if not stack:
        del names[-1:]
    names.append(new.name)
    export = dict(new.variables)
    if level:
        export[f"CONDA_PREFIX_{level}"] = old_root
        if stack:
            export[f"CONDA_STACKED_{level + 1}"] = "true"
    modifier = _modifier(prompt, new, names)
    export |= _own(new, level + 1, modifier)
    unset = [name for name in _AWAY if name in environ and name not in export]
    unset += [name for name, value in between.items() if value is None and name not in export]
    back = {name: value for name, value in between.items() if value is not None and name not in export}
    return CondaStep(
        path=_replaced(path, old.folders if old is not None else (), new.folders),
        leave=old.leave if old is not None else (),
        leave_sh=old.leave_sh if old is not None else (),
        unset=tuple(unset),
        save=tuple(save),
        export=back | export,
        enter=new.enter,
        enter_sh=new.enter_sh,
        modifier=modifier,
        modifier_before=environ.get("CONDA_PROMPT_MODIFIER", ""),
        level=level + 1,
    )


def step_down(
    environ: Mapping[str, str],
    facts: Callable[[str], PrefixFacts],
    *,
    prompt: str | None = PROMPT,
    separator: str = ":",
) -> CondaStep:
    """Leave the environment that is active, for the one below it, if there is one."""
    level = level_of(environ)
    path = _path(environ, separator)
    if not level:
        return CondaStep(path=path)
    old = facts(environ["CONDA_PREFIX"])
    below = level - 1
    restore = _restored(environ, old, below)
    export: dict[str, str] = {}
    unset: list[str] = []
    enter: tuple[str, ...] = ()
    enter_sh: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    modifier = ""
    if not below:
        unset += [name for name in OWN if name in environ]
        restore = (*restore, *_saved(environ, "CONDA_SHLVL", 0))
        if "CONDA_EXE" in environ and _LEVEL_WAS not in environ:
            export["CONDA_SHLVL"] = "0"  # whoever has set conda up in the shell has said that
        unset = [name for name in unset if name not in {one.name for one in restore} and name not in export]
    else:
        root = environ.get(f"CONDA_PREFIX_{below}", "")
        new = facts(root)
        stacked = environ.get(f"CONDA_STACKED_{level}", "").strip()
        unset += [name for name in (f"CONDA_PREFIX_{below}", f"CONDA_STACKED_{level}") if name in environ]
        folders = () if stacked else new.folders
        export |= new.variables
        names = _names(environ, level, prompt)[:-1]
        if not stacked:
            names.append(new.name)
        modifier = _modifier(prompt, new, names)
        export |= _own(new, below, modifier)
        enter, enter_sh = new.enter, new.enter_sh
    unset += [name for name in old.variables if name not in {one.name for one in restore}]
    return CondaStep(
        path=_replaced(path, old.folders, folders),
        leave=old.leave,
        leave_sh=old.leave_sh,
        restore=restore,
        unset=tuple(dict.fromkeys(name for name in unset if name not in export)),
        export=export,
        enter=enter,
        enter_sh=enter_sh,
        modifier=modifier,
        modifier_before=environ.get("CONDA_PROMPT_MODIFIER", ""),
        level=below,
    )


def step_in(
    environ: Mapping[str, str], active: PrefixFacts, *, prompt: str | None = PROMPT, separator: str = ":"
) -> CondaStep:
    """Activate the one anew that is active: its packages have changed."""
    level = level_of(environ)
    path = _path(environ, separator)
    if not level:
        return CondaStep(path=path)
    names = [*_names(environ, level, prompt)[:-1], active.name]
    modifier = _modifier(prompt, active, names)
    gone = [name for name in active.unset if name in environ]
    restore = tuple(one for name in gone for one in _saved(environ, name, level - 1))
    return CondaStep(
        path=_replaced(path, active.folders, active.folders),
        leave=active.leave,
        leave_sh=active.leave_sh,
        restore=restore,
        unset=tuple(name for name in gone if name not in {one.name for one in restore}),
        export={**active.variables, **_own(active, level, modifier)},
        enter=active.enter,
        enter_sh=active.enter_sh,
        modifier=modifier,
        modifier_before=environ.get("CONDA_PROMPT_MODIFIER", ""),
        level=level,
    )


def _own(new: PrefixFacts, level: int, modifier: str) -> dict[str, str]:
    return dict(zip(OWN, (new.root, str(level), new.name, modifier), strict=True))


def _saved(environ: Mapping[str, str], name: str, level: int) -> tuple[Saved, ...]:
    place = f"__CONDA_SHLVL_{level}_{name}"
    return (Saved(name, place, environ[place]),) if place in environ else ()


def _restored(environ: Mapping[str, str], old: PrefixFacts, level: int) -> tuple[Saved, ...]:
    """What the variables of an environment were before it came."""
    found = [Saved(name, f"__CONDA_SHLVL_{level}_{name}", environ.get(f"__CONDA_SHLVL_{level}_{name}"))
             for name in old.variables]  # fmt: skip
    for name in _AWAY:
        if name not in old.variables and name not in environ:
            found += _saved(environ, name, level)
    return tuple(found)


def _path(environ: Mapping[str, str], separator: str) -> tuple[str, ...] | None:
    path = environ.get("PATH")
    return tuple(path.split(separator)) if path else None


def _replaced(
    path: tuple[str, ...] | None, old: Iterable[str], new: tuple[str, ...]
) -> tuple[str, ...] | None:
    """PATH with the ``new`` folders where the ``old`` ones were, or first of all."""
    kept = list(path or ())
    at = None
    for folder in old:
        if folder in kept:
            place = kept.index(folder)
            at = place if at is None else min(at, place)
            del kept[place]
    kept[at or 0 : at or 0] = new
    return tuple(kept) or None


def _names(environ: Mapping[str, str], level: int, prompt: str | None) -> list[str]:
    """The environments that can be seen, the last one on top: those that another was put over count."""
    found: list[str] = []
    if prompt is None:
        return found
    for each in range(1, level + 1):
        root = environ.get("CONDA_PREFIX" if each == level else f"CONDA_PREFIX_{each}", "")
        if not environ.get(f"CONDA_STACKED_{each}", "").strip():
            del found[-1:]
        found.append(conda_name(root, environ))
    return found


def _modifier(prompt: str | None, new: PrefixFacts, names: Iterable[str]) -> str:
    """What is put before the prompt: `env_prompt` of `.condarc`, in letters that no prompt acts on."""
    if prompt is None:
        return ""
    said = (
        ("{default_env}", new.name),
        ("{stacked_env}", ",".join(reversed(tuple(names)))),
        ("{prefix}", new.root),
        ("{name}", new.root.replace("\\", "/").rstrip("/").rpartition("/")[2]),
    )
    return _put(prompt, said)


def _put(text: str, said: tuple[tuple[str, str], ...]) -> str:
    """Each token in the text by what it stands for; what is in that is no token."""
    if not said:
        return text
    (token, value), *rest = said
    return shown(value).join(_put(piece, tuple(rest)) for piece in text.split(token))
