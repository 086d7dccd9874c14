"""An environment that is somewhere else now: what in it names its own place, written anew.

Those are the first lines of its commands, the activation scripts and `pyvenv.cfg`. Every step leaves files
that the same function, called again, goes on from: see "Elsewhere" in docs/explanation/environment.md. What
must be so is that a row of a RECORD changes before its file does, and `pyvenv.cfg` last.
"""

from __future__ import annotations

import os

from hutch.env.launchers import LauncherFacts, render_shebang, rewrite_launcher, split_shebang
from hutch.env.removal import is_protected
from hutch.plain import read_plain
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env.environment import Environment
    from hutch.interpreters import Interpreter

__all__ = [
    "Repointed",
    "find_moved",
    "foreign_commands",
    "former_place",
    "relocatable_commands",
    "repoint",
    "repoint_restored",
]

FORMER = "former-place"
"""The setting in `pyvenv.cfg` that says where an environment was before it was moved."""
LARGEST = 8 << 20
"""Commands are a few lines, or a small program; what is larger is no script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repointed:
    """What was written anew (paths relative to the environment). ``before`` is where it was made."""

    before: str
    commands: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.commands or self.texts)


def former_place(environment: Environment) -> str:
    """The place that the environment was made for, as `pyvenv.cfg` or its activation script tells; or ``""``.

    `venv` and hutch write it into ``command``, virtualenv and uv into ``activate`` alone.
    """
    said = environment.settings.get("command", "")
    found = _behind_venv(said)
    return found or _activated(os.path.join(environment.root, environment.scripts, "activate"))


def find_moved(environment: Environment) -> str:
    """Where the environment was made, if that is not where it is now: it was moved or copied. Else ``""``."""
    if environment.python_outside:
        return ""
    said = former_place(environment)
    if not said or not os.path.isabs(said) or _is_same(said, environment.root):
        return ""
    return said


def foreign_commands(environment: Environment, before: str = "") -> list[str]:
    """The commands whose first line names an interpreter that is gone, or that of the place ``before``.

    Paths relative to the environment. Those of what is started through it alone are not: a script of the user
    for ``/usr/bin/python3`` is right as it is.
    """
    facts = _facts(environment, environment.root, environment.relocatable)
    return [path for path, content in _scripts(environment) if _anew(environment, content, facts, before)]


def relocatable_commands(environment: Environment) -> dict[str, bytes]:
    """The commands in the form that looks for the interpreter beside itself, where they have another."""
    facts = _facts(environment, environment.root, True)
    before = former_place(environment)
    anew = ((path, _anew(environment, content, facts, before)) for path, content in _scripts(environment))
    return {path: content for path, content in anew if content is not None}


def repoint_restored(environment: Environment) -> None:
    """After a rollback: commands that come from before a move are made right for where it is now.

    The caller holds the lock. Raises OSError.
    """
    before = environment.settings.get(FORMER, "")
    if foreign_commands(environment, before):
        repoint(environment, before=before)


def repoint(
    environment: Environment,
    *,
    place: str | None = None,
    before: str | None = None,
    interpreter: Interpreter | None = None,
    relocatable: bool | None = None,
    prompt: str | None = None,
) -> Repointed:
    """Write anew what names the place of the environment; its packages stay as they are.

    ``place`` is where it will be, when that is not yet where it is; ``before`` the place that its commands
    speak of. With an ``interpreter`` (of the same implementation and minor version) it is that Python's from
    now on. The caller holds the lock, where anybody else can know of the environment. Raises OSError.
    """
    root = environment.root
    place = root if place is None else place
    before = former_place(environment) if before is None else before
    keep = environment.relocatable if relocatable is None else relocatable
    facts = _facts(environment, place, keep)
    found = {
        path: new
        for path, content in _scripts(environment)
        if (new := _anew(environment, content, facts, before)) is not None
    }
    as_it_is = place == root and interpreter is None and keep == environment.relocatable and prompt is None
    if not found and as_it_is and not find_moved(environment):
        return Repointed(before=before)
    from hutch.env.state import forget_state

    forget_state(root)
    _change_records(environment, found)
    for path, content in found.items():
        _put(root, path, content, executable=True)
    texts = tuple(_write_texts(environment, place, interpreter, keep, prompt))
    return Repointed(before=before, commands=tuple(found), texts=texts)


# -- where it was -----------------------------------------------------------------------------------


def _behind_venv(command: str) -> str:
    """The directory at the end of ``/usr/bin/python -m venv --copies /here``: it may have spaces."""
    _, mark, rest = command.partition(" -m venv ")
    while mark and rest.startswith("--"):
        option, space, rest = rest.partition(" ")
        if not space:
            return ""
        if option == "--prompt":
            return rest[rest.index(" /") + 1 :] if " /" in rest else ""
    return rest.strip() if os.path.isabs(rest.strip()) else ""


def _activated(path: str) -> str:
    """What ``VIRTUAL_ENV=`` is set to in somebody's activation script; ``""`` if it finds itself."""
    try:
        text = read_plain(path, 1 << 20).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    for line in text.split("\n"):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if name in ("VIRTUAL_ENV", "_virtual_env") and equals:
            import shlex

            try:
                words = shlex.split(value)
            except ValueError:
                return ""
            if len(words) == 1 and os.path.isabs(words[0]) and "$" not in words[0]:
                return words[0]
    return ""


def _is_same(one: str, other: str) -> bool:
    if os.path.normcase(os.path.normpath(one)) == os.path.normcase(os.path.normpath(other)):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


# -- commands ---------------------------------------------------------------------------------------


def _facts(environment: Environment, place: str, relocatable: bool) -> LauncherFacts:
    name = "python.exe" if environment.windows else "python"
    return LauncherFacts(
        python=os.path.join(place, environment.scripts, name),
        windows=environment.windows,
        relocatable=relocatable,
    )


def _scripts(environment: Environment) -> Iterator[tuple[str, bytes]]:
    """The files among the commands that have a first line (path, content)."""
    folder = os.path.join(environment.root, environment.scripts)
    try:
        with os.scandir(folder) as entries:
            names = sorted(each.name for each in entries if each.is_file(follow_symlinks=False))
    except OSError:
        return
    for name in names:
        path = f"{environment.scripts}/{name}"
        if is_protected(path, environment.scripts):
            continue
        try:
            with open(os.path.join(folder, name), "rb") as file:
                begin = file.read(2)
                if begin != b"#!" and not (begin == b"MZ" and environment.windows):
                    continue
                content = begin + file.read(LARGEST)
        except OSError:
            continue
        if len(content) < LARGEST:
            yield path, content


def _anew(environment: Environment, content: bytes, facts: LauncherFacts, before: str) -> bytes | None:
    """The command with its first line for ``facts``; None if it has that, or is none of the environment's."""
    if facts.windows and content.startswith(b"MZ"):
        return rewrite_launcher(content, facts, before)
    parted = split_shebang(content)
    if parted is None:
        return None
    interpreter, body = parted
    if not _is_ours(environment, interpreter, facts.python, before):
        return None
    if interpreter and not facts.relocatable and _is_same(*map(os.path.dirname, (interpreter, facts.python))):
        return None  # perhaps over a link, and right all the same
    new = render_shebang(facts) + body
    return None if new == content else new


def _is_ours(environment: Environment, interpreter: str, python: str, before: str) -> bool:
    """Is it the Python of this environment, of the one that this was, or of one that is gone?"""
    if not interpreter:
        return True  # looks for it beside itself
    folder, name = os.path.split(interpreter)
    if not name.lower().startswith(("python", "pypy", "graalpy")) or not os.path.isabs(interpreter):
        return False
    scripts = environment.scripts
    ours = [os.path.dirname(python), os.path.join(environment.root, scripts)]
    if before:
        ours.append(os.path.join(before, scripts))
    if any(os.path.normcase(folder) == os.path.normcase(each) for each in ours):
        return True
    # A link on the way to the same directory is no other environment.
    if os.path.exists(folder):
        return any(_is_same(folder, each) for each in ours)
    # What is gone was in a `bin`, where the Python of some environment was.
    return os.path.basename(folder).lower() == scripts.lower()


# -- what else speaks of them -----------------------------------------------------------------------


def _change_records(environment: Environment, found: dict[str, bytes]) -> None:
    """Have the RECORDs say what the commands are about to be, and the history what the RECORDs are."""
    from hutch.env.records import record_name, replace_rows
    from hutch.spec.digest import record_digest

    if not found:
        return
    root = environment.root
    now = {}
    for path in found:
        with open(os.path.join(root, path), "rb") as file:
            now[path] = record_digest(file.read())
    then = {path: (now[path], record_digest(new), len(new)) for path, new in found.items()}
    changed: dict[str, tuple[int, bytes]] = {}
    for one in environment.installed().values():
        for dist_info in (one.dist_info, *one.others):
            if one.kind != "dist-info":
                continue
            where = f"{dist_info}/{record_name(root, dist_info)}"
            try:
                old = read_plain(os.path.join(root, where))
            except OSError:
                continue
            new = replace_rows(root, dist_info, old, then)
            if new != old:
                _put(root, where, new)
                changed[dist_info] = (len(old), new)
    if changed:
        _change_history(root, changed)


def _change_history(root: str, changed: dict[str, tuple[int, bytes]]) -> None:
    """Each record knows a package by the length of its RECORD: it is the same package still."""
    from hutch.env.generations import read_change, record_names, write_foreign
    from hutch.spec.digest import short_sha256

    for name in record_names(root):
        record = read_change(root, name)
        if record is None:
            continue
        packages = []
        for one in record.packages:
            size, new = changed.get(one.dist_info, (-1, b""))
            if one.size == size:
                digest = short_sha256(new)[:16] if one.digest else ""
                one = replace(one, size=len(new), digest=digest)
            packages.append(one)
        if tuple(packages) != record.packages:
            write_foreign(root, replace(record, packages=tuple(packages)))


def _write_texts(
    environment: Environment,
    place: str,
    interpreter: Interpreter | None,
    relocatable: bool,
    prompt: str | None,
) -> Iterator[str]:
    """Activation for the new place, the interpreter if it is another one, and the settings, last."""
    from hutch.shell import ActivationFacts, activation_scripts

    root, settings = environment.root, dict(environment.settings)
    if prompt is not None:
        settings["prompt"] = prompt
    facts = ActivationFacts(
        environment=place,
        prompt=settings.get("prompt", "").strip("'\"") or os.path.basename(place),
        scripts=environment.scripts,
        relocatable=relocatable,
        windows=environment.windows,
    )
    for name, text in activation_scripts(facts).items():
        path = f"{environment.scripts}/{name}"
        if _differs(root, path, text.encode("utf-8", "surrogateescape")):
            _put(root, path, text.encode("utf-8", "surrogateescape"))
            yield path
    if interpreter is not None:
        from hutch.env.create import write_interpreter

        write_interpreter(root, interpreter)
    text = _settings_text(environment, settings, place, interpreter, relocatable)
    content = text.encode("utf-8", "surrogateescape")
    if _differs(root, "pyvenv.cfg", content):
        _put(root, "pyvenv.cfg", content, sync=True)
        yield "pyvenv.cfg"


def _settings_text(
    environment: Environment,
    settings: dict[str, str],
    place: str,
    interpreter: Interpreter | None,
    relocatable: bool,
) -> str:
    if interpreter is not None:
        from hutch.env.create import render_settings

        return render_settings(
            place,
            interpreter,
            prompt=settings.get("prompt", "").strip("'\""),
            system_site_packages=environment.system_site_packages,
            relocatable=relocatable,
        )
    lines = dict(settings)
    base = lines.get("base-executable") or lines.get("executable") or os.path.join(environment.home, "python")
    said = lines.get("command", "").partition(" -m venv ")[0]
    lines["command"] = f"{said or base} -m venv {place}"
    before = former_place(environment)
    if before and before != place and _has_kept(environment.root):
        lines[FORMER] = before  # what earlier generations have kept speaks of it
    lines.pop("relocatable", None)
    if relocatable:
        lines["relocatable"] = "true"
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def _has_kept(root: str) -> bool:
    """Whether there is anything to go back to."""
    try:
        return any(name.startswith("kept-") for name in os.listdir(os.path.join(root, ".hutch")))
    except OSError:
        return False


def _differs(root: str, path: str, content: bytes) -> bool:
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read(len(content) + 1) != content
    except OSError:
        return True


def _put(root: str, path: str, content: bytes, *, executable: bool = False, sync: bool = False) -> None:
    """Write a file in one step, and through no link."""
    from hutch.env.syncing import sync_file

    target = os.path.join(root, path)
    folder = os.path.dirname(target)
    if os.path.islink(folder):
        from hutch.env.problems import CannotWrite

        raise CannotWrite(folder, "it is a symbolic link, and hutch would write somewhere else")
    os.makedirs(os.path.join(root, ".hutch"), exist_ok=True)
    temporary = os.path.join(root, ".hutch", "new")
    if os.path.lexists(temporary):
        os.unlink(temporary)
    with open(temporary, "xb") as file:
        file.write(content)
        if sync:
            file.flush()
            sync_file(file.fileno())
    if executable:
        os.chmod(temporary, 0o755 & ~_umask_of(target))
    os.replace(temporary, target)


def _umask_of(path: str) -> int:
    """The bits that the file that is replaced does not have either."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return 0
    return 0 if mode & 0o100 else 0o111
