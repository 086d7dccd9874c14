"""Making a virtual environment, without starting Python: a few directories, links and small files.

Follows PEP 405 and what `venv` and `virtualenv` write, so that pip, IDEs and they themselves accept the
result. What is to be written is computed first (`_contents`, for any platform), then written, `pyvenv.cfg`
last: until then the directory carries a mark by which the next command knows that it may go on.
"""

from __future__ import annotations

import os

from hutch.env.environment import (
    KEPT_WHEN_CLEARED,
    MARK,
    SETTINGS,
    Environment,
    is_unfinished,
    open_environment,
    read_settings,
)
from hutch.env.fresh import sync_ways, write_fresh
from hutch.env.locking import hold_lock, refuse_links
from hutch.env.problems import CannotWrite, NotAnEnvironment
from hutch.env.syncing import sync_directory, sync_file
from hutch.env.texts import CACHEDIR_TAG
from hutch.events import Emit, silent
from hutch.trees import delete_tree
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.interpreters import Interpreter

__all__ = [
    "Contents",
    "check_path",
    "create_environment",
    "describe_contents",
    "render_settings",
    "write_interpreter",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A new environment as a value: paths relative to it, with slashes.

    ``links`` are (path, target of the symbolic link), ``copies`` (path, file to copy) and ``files``
    (path, text).
    """

    directories: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    copies: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


def create_environment(
    path: str | os.PathLike[str],
    interpreter: Interpreter,
    *,
    prompt: str | None = None,
    system_site_packages: bool = False,
    relocatable: bool = False,
    clear: bool = False,
    passing: bool = False,
    emit: Emit = silent,
) -> Environment:
    """Make an environment at ``path`` for ``interpreter`` and open it.

    An existing environment is kept with its packages and gets the new interpreter files, or is emptied first
    with ``clear``; any other directory that is not empty is left alone (`NotAnEnvironment`). ``prompt``
    is what activation shows (by default the directory's name, or its parent's for ``.venv``). A ``passing``
    environment goes away with the command, and does not wait for the disk.
    """
    root = os.path.abspath(path)
    check_path(root)
    contents = describe_contents(
        root,
        interpreter,
        prompt=_prompt(root, prompt),
        system_site_packages=system_site_packages,
        relocatable=relocatable,
    )
    try:
        _claim(root)
        with hold_lock(root, emit=emit):
            # Without settings, what is there was left by a creation that was cut off.
            fresh = False
            if clear or read_settings(root) is None:
                fresh = not _clear(root)
            else:
                from hutch.env.recovery import recover_locked

                recover_locked(root, emit)
            if fresh and not contents.copies:
                files = [(path, text.encode("utf-8", "surrogateescape")) for path, text in contents.files]
                write_fresh(root, contents.directories, contents.links, files, passing=passing)
            else:
                _write(root, contents, passing=passing)
            delete_tree(os.path.join(root, MARK))
    except OSError as error:
        raise CannotWrite(str(error.filename or root), error.strerror or str(error)) from error
    return open_environment(root)


def _prompt(root: str, prompt: str | None) -> str:
    name = os.path.basename(root)
    if prompt is None:
        prompt = os.path.basename(os.path.dirname(root)) or name if name in (".venv", "venv") else name
    # One line, and nothing that a terminal obeys.
    return "".join(each for each in prompt if each.isprintable()).strip()


def check_path(root: str) -> None:
    if not all(each >= " " for each in root):
        shown = root.translate(dict.fromkeys(range(32), "?"))
        raise NotAnEnvironment(shown, "a path may not have line ends or tabs")
    try:
        root.encode()
    except UnicodeEncodeError as error:
        shown = root.encode("utf-8", "replace").decode()
        raise NotAnEnvironment(shown, "a path has to be UTF-8 for Python to read it in pyvenv.cfg") from error
    if os.pathsep in root and os.pathsep == ":":
        raise NotAnEnvironment(
            root, f"a path with `{os.pathsep}` cannot be on PATH", hint="choose another directory"
        )


def _claim(root: str) -> None:
    """Make ``root`` a directory that we may write into, or raise `NotAnEnvironment`."""
    if os.path.lexists(root):
        if not os.path.isdir(root):
            raise NotAnEnvironment(
                root, "it is a file" if os.path.exists(root) else "it is a link that leads nowhere"
            )
        known = read_settings(root) is not None or os.path.lexists(os.path.join(root, MARK))
        if not known and not is_unfinished(root):
            raise NotAnEnvironment(
                root,
                "there is a directory with other things in it, and hutch does not touch what is not its own",
                hint="choose another directory, or remove this one yourself",
            )
        if os.path.lexists(os.path.join(root, "conda-meta")):
            raise NotAnEnvironment(root, "it is a conda environment")
    refuse_links(root)
    os.makedirs(os.path.join(root, ".hutch"), exist_ok=True)
    with open(os.path.join(root, MARK), "w", encoding="ascii"):
        pass


def _clear(root: str) -> bool:
    """Empty an environment, `pyvenv.cfg` first, so that a half of it is none; the lock, the mark and what was
    asked of it stay.

    Whether there was anything else.
    """
    delete_tree(os.path.join(root, SETTINGS))
    found = [name for name in os.listdir(root) if name != ".hutch"]
    own = os.path.join(".hutch", "")
    found += [own + name for name in os.listdir(os.path.join(root, own)) if name not in KEPT_WHEN_CLEARED]
    for name in found:
        delete_tree(os.path.join(root, name))
    return bool(found)


def _write(root: str, contents: Contents, *, passing: bool) -> None:
    # Everything is made under this one name first and then renamed: a kill leaves one stray file at most,
    # and that where the next command overwrites it.
    temporary = _put(root, contents)
    for path, text in contents.files:
        if path == SETTINGS and not passing:
            sync_ways(root, contents.directories, (*contents.links, *contents.copies))
        delete_tree(temporary)
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            if path == SETTINGS and not passing:
                file.flush()
                sync_file(file.fileno())
        os.replace(temporary, os.path.join(root, path))
    if not passing:
        sync_directory(root)


def write_interpreter(root: str, interpreter: Interpreter) -> None:
    """Put the links to this Python, or its launchers, into the environment at ``root``."""
    _put(root, describe_contents(root, interpreter, prompt=""))


def _put(root: str, contents: Contents) -> str:
    """Make the directories, links and copies of ``contents``; the name under which each is made first."""
    temporary = os.path.join(root, ".hutch", "new")
    for path in contents.directories:
        _check_real(root, path)
        os.makedirs(os.path.join(root, path), exist_ok=True)
    for path, target in contents.links:
        _link(temporary, os.path.join(root, path), target)
    for path, source in contents.copies:
        _copy(temporary, os.path.join(root, path), source)
    return temporary


def _check_real(root: str, directory: str) -> None:
    """Nothing is written through a link that leads out of the environment."""
    parts = directory.split("/")
    for length in range(1, len(parts) + 1):
        path = os.path.join(root, *parts[:length])
        if os.path.islink(path):
            raise CannotWrite(path, "it is a symbolic link, and hutch would write somewhere else")


def _link(temporary: str, path: str, target: str) -> None:
    try:
        if os.readlink(path) == target:
            return
    except OSError:
        pass
    if os.path.isdir(path) and not os.path.islink(path):
        return  # a real lib64, where somebody wanted one
    delete_tree(temporary)
    os.symlink(target, temporary)
    os.replace(temporary, path)


def _copy(temporary: str, path: str, source: str) -> None:
    import shutil

    delete_tree(temporary)
    shutil.copyfile(source, temporary)
    shutil.copymode(source, temporary)
    os.replace(temporary, path)


def describe_contents(
    root: str,
    interpreter: Interpreter,
    *,
    prompt: str,
    system_site_packages: bool = False,
    relocatable: bool = False,
) -> Contents:
    """Everything that a new environment consists of; touches nothing."""
    from hutch.shell import ActivationFacts, activation_scripts

    layout = interpreter.layout
    windows = interpreter.platform.os == "windows"
    scripts = layout.scripts
    facts = ActivationFacts(
        environment=root, prompt=prompt, scripts=scripts, relocatable=relocatable, windows=windows
    )
    names = interpreter.executable_names
    purelib = layout.purelib
    platlib = layout.platlib
    links: list[tuple[str, str]] = []
    copies: list[tuple[str, str]] = []
    if interpreter.needs_lib64 and not platlib.startswith("lib64/"):
        links.append(("lib64", "lib"))
    elif platlib.startswith("lib64/"):
        links.append(("lib64", "lib"))
        platlib = "lib/" + platlib[6:]
    if windows:
        copies += _windows_copies(interpreter, scripts)
    else:
        links.append((f"{scripts}/{names[0]}", interpreter.base_executable))
        links += [(f"{scripts}/{name}", names[0]) for name in names[1:]]
    files = [(f"{scripts}/{name}", text) for name, text in activation_scripts(facts).items()]
    files.append((".gitignore", "*\n"))
    files.append(("CACHEDIR.TAG", CACHEDIR_TAG))
    settings = render_settings(
        root,
        interpreter,
        prompt=prompt,
        system_site_packages=system_site_packages,
        relocatable=relocatable,
    )
    files.append((SETTINGS, settings))  # last: it makes the directory an environment
    # No folder for headers: what has some makes it, and `sysconfig` names that of the base.
    directories = dict.fromkeys((purelib, platlib, scripts))
    return Contents(
        directories=tuple(directories), links=tuple(links), copies=tuple(copies), files=tuple(files)
    )


def _windows_copies(interpreter: Interpreter, scripts: str) -> Iterable[tuple[str, str]]:
    """The launchers of `venv`, which start the base interpreter that `home` names."""
    import ntpath

    nt = ntpath.join(interpreter.stdlib, "venv", "scripts", "nt")
    renamed = interpreter.python >= (3, 13)
    threads = "t" if interpreter.free_threaded and renamed else ""
    debug = "_d" if interpreter.debug else ""
    for name, launcher in (("python", "venvlauncher"), ("pythonw", "venvwlauncher")):
        source = f"{launcher}{threads}{debug}.exe" if renamed else f"{name}{debug}.exe"
        yield f"{scripts}/{name}{debug}.exe", ntpath.join(nt, source)


def render_settings(
    root: str,
    interpreter: Interpreter,
    *,
    prompt: str,
    system_site_packages: bool = False,
    relocatable: bool = False,
) -> str:
    """The text of `pyvenv.cfg`, with the keys of `venv` and those of `virtualenv`."""
    from hutch import __version__

    python = interpreter.version_info
    windows_copy = interpreter.is_virtual and interpreter.platform.os == "windows"
    implementation = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}.get(
        interpreter.implementation, interpreter.implementation
    )
    lines = {
        "home": interpreter.home,
        "implementation": implementation,
        "include-system-site-packages": "true" if system_site_packages else "false",
        "version": ".".join(str(part) for part in python[:3]),
        "version_info": ".".join(str(part) for part in python),
        # Behind the links of an environment is the base; a copy of it is no file of the base.
        "executable": interpreter.base_executable if windows_copy else interpreter.real_path,
        "command": f"{interpreter.base_executable} -m venv {root}",
        "base-prefix": interpreter.base_prefix,
        "base-exec-prefix": interpreter.base_exec_prefix,
        "base-executable": interpreter.base_executable,
        "hutch": __version__,
    }
    if prompt:
        lines["prompt"] = prompt
    if relocatable:
        lines["relocatable"] = "true"
    return "".join(f"{key} = {value}\n" for key, value in lines.items())
