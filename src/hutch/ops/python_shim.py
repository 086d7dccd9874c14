"""``hutch python shim install|show|remove``: plain ``python`` for programs that know no shell.

What the shims do is on docs/explanation/shims.md; `hutch.ops.plain_python` answers what they cannot.
"""

from __future__ import annotations

import os

from hutch.ops.shim_files import (
    ALWAYS,
    NoShims,
    compilers,
    link_shim,
    look_at_shims,
    make_shims,
    present_shims,
)
from hutch.ops.shim_tables import ShimTables, shims_folder
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.ops.context import Context

__all__ = [
    "NoShims",
    "PythonShimInstallOptions",
    "PythonShimOutcome",
    "PythonShimRemoveOptions",
    "python_shim_install",
    "python_shim_remove",
    "python_shim_show",
    "renew_shims",
    "watched_folders",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShimInstallOptions:
    """The options of ``python shim install``."""

    sh: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShimRemoveOptions:
    """The options of ``python shim remove``."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShimOutcome:
    """The folder and what is in it. ``kind`` is ``program`` (compiled), ``script`` or None (there are none).

    ``place`` is where PATH has the folder: ``first`` (before all other Pythons), ``late`` (another one is
    found before it), or ``missing``. ``stale`` says what no longer holds of what the shims were made with.
    """

    folder: str
    kind: str | None
    names: tuple[str, ...]
    place: str
    line: str
    stale: str = ""
    done: str = ""
    dry_run: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "folder": self.folder,
            "kind": self.kind,
            "names": list(self.names),
            "path": self.place,
            "line": self.line,
            "stale": self.stale or None,
            "done": self.done or None,
            "dry_run": self.dry_run,
        }


def python_shim_install(context: Context, options: PythonShimInstallOptions) -> PythonShimOutcome:
    """Make the shims, or make them anew: each name has the old one or the new one, whatever happens."""
    folder = _folder(context)
    names = _names(context)
    _refuse_strangers(folder, names)
    if options.dry_run:
        kind = "script" if options.sh or not compilers(context) else "program"
        return _outcome(context, folder, kind, names, done="installed", dry_run=True)
    try:
        os.makedirs(folder, mode=0o755, exist_ok=True)
        kind = make_shims(context, folder, names, watched_folders(context), script=options.sh)
        tables = ShimTables(folder)
        tables.forget()
    except OSError as error:
        why = error.strerror or str(error)
        hint = "HUTCH_DATA_DIR names another place"
        raise NoShims(f"the shims cannot be written to {folder}", why=why, hint=hint) from error
    return _outcome(context, folder, kind, names, done="installed")


def python_shim_show(context: Context) -> PythonShimOutcome:
    """Which shims there are, and whether they are used."""
    folder = shims_folder(context.configuration.data_dir)
    names = present_shims(folder)
    kind, stale = (None, "") if not names else look_at_shims(folder, names)
    return _outcome(context, folder, kind, names, stale=stale)


def python_shim_remove(context: Context, options: PythonShimRemoveOptions) -> PythonShimOutcome:
    """Take the shims away, and what they knew; whatever else is in the folder stays."""
    folder = shims_folder(context.configuration.data_dir)
    names = present_shims(folder)
    if names and not options.dry_run:
        try:
            for name in names:
                os.unlink(os.path.join(folder, name))
            ShimTables(folder).forget()
            if not os.listdir(folder):
                os.rmdir(folder)
        except OSError as error:
            why = error.strerror or str(error)
            raise NoShims(f"the shims in {folder} cannot be removed", why=why) from error
    return _outcome(context, folder, None, names, done="removed", dry_run=options.dry_run)


def renew_shims(context: Context, *, tables: bool = True) -> None:
    """Pythons have come or gone: the shims look again, and there is a ``python3.X`` for each that is there.

    Where there are no shims nothing is done; what goes wrong is nobody's problem but theirs. Without
    ``tables`` only the names are renewed.
    """
    folder = shims_folder(context.configuration.data_dir)
    old = present_shims(folder)
    if not old:
        return
    if tables:
        ShimTables(folder).forget()
    names = _names(context)
    source = os.path.join(folder, old[0])
    try:
        for name in names:
            if not os.path.lexists(os.path.join(folder, name)):
                link_shim(source, os.path.join(folder, name))
        for name in old:
            if name not in names:
                os.unlink(os.path.join(folder, name))
    except OSError:
        pass


def watched_folders(context: Context) -> tuple[str, ...]:
    """The folders in which Pythons come and go."""
    from hutch.ops.searching import search_options

    search = search_options(context)
    pyenv = os.path.join(search.pyenv_root, "versions") if search.pyenv_root else ""
    named = search.environments
    found = [search.managed, named, pyenv, *search.collections]
    return tuple(dict.fromkeys(path for path in found if path and os.path.isabs(path)))


def _folder(context: Context) -> str:
    folder = shims_folder(context.configuration.data_dir)
    if os.name == "nt":
        raise NoShims(
            "there are no shims on Windows",
            why="what is started without a shell has to be a native program there, and hutch has none",
            hint="hutch shell-hook powershell has plain python follow the directory in PowerShell",
        )
    if not folder.isprintable() or ":" in folder:
        why = f"{folder!r} has a colon or a control character in it"
        raise NoShims("the folder of the shims cannot be on PATH", why=why, hint="set HUTCH_DATA_DIR")
    if os.path.islink(folder) or (os.path.lexists(folder) and not os.path.isdir(folder)):
        raise NoShims(f"{folder} is no folder of hutch's", hint="move it away")
    return folder


def _names(context: Context) -> tuple[str, ...]:
    """What plain names there are to be: a ``python3.X`` for each minor version on this machine."""
    from hutch.interpreters import survey_pythons
    from hutch.ops.searching import search_options

    found = survey_pythons(search_options(context), store=context.store)
    minors = {each.glance.version_info[:2] for each in found if each.glance is not None}
    return (*ALWAYS, *(f"python{major}.{minor}" for major, minor in sorted(minors) if major == 3))


def _refuse_strangers(folder: str, names: Sequence[str]) -> None:
    ours = present_shims(folder)
    for name in names:
        path = os.path.join(folder, name)
        if os.path.lexists(path) and name not in ours:
            raise NoShims(f"{path} is in the way, and hutch did not make it", hint="move it away")


def _outcome(
    context: Context, folder: str, kind: str | None, names: Sequence[str], *, stale: str = "", done: str = "",
    dry_run: bool = False,
) -> PythonShimOutcome:  # fmt: skip
    return PythonShimOutcome(
        folder=folder,
        kind=kind,
        names=tuple(names),
        place=_place(context, folder),
        line=_line(context, folder),
        stale=stale,
        done=done,
        dry_run=dry_run,
    )


def _place(context: Context, folder: str) -> str:
    for entry in context.environ.get("PATH", "").split(os.pathsep):
        if os.path.normpath(entry or ".") == folder:
            return "first"
        if os.path.isabs(entry) and any(
            os.access(os.path.join(entry, n), os.X_OK) for n in ("python", "python3")
        ):
            later = context.environ.get("PATH", "").split(os.pathsep)
            return "late" if folder in map(os.path.normpath, later) else "missing"
    return "missing"


def _line(context: Context, folder: str) -> str:
    """What puts the folder on PATH, for the start-up file of the user's shell."""
    from hutch.shell import quote

    shell = os.path.basename(context.environ.get("SHELL", ""))
    if shell == "fish":
        return f"fish_add_path --path --prepend {quote('fish', folder)}"
    if shell in ("csh", "tcsh"):
        return f'setenv PATH {quote("csh", folder)}":$PATH"'
    if folder.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum():
        return f'export PATH="{folder}:$PATH"'
    return f'export PATH={quote("bash", folder)}":$PATH"'
