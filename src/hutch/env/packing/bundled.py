"""The interpreter in an archive: a copy of the one below the environment, if it works wherever it lies.

Whether it does is not believed but tried. All that would be packed is linked into a directory elsewhere, and
the Python there is started: it has to find its library and its modules there, and may not open anything of
where it came from. What can be done for that is done before: a Python with a shared library (`configure
--enable-shared`, as pyenv often has it) names the directory of it by its whole path, which gives way to one
that begins where the program lies.
"""

from __future__ import annotations

import os
import sys

from hutch.env.packing.gathering import Item
from hutch.env.packing.problems import CannotMovePython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.interpreters import Interpreter

__all__ = ["bundled_python"]

SHARED = ("/", "/usr", "/usr/local", "/opt", "/opt/homebrew", "/opt/local", "/System", "/Library")
LEFT_OUT = frozenset(["site-packages", "test", "tests", "idle_test", "ensurepip", "pkgconfig", "man"])
NOT_SHARED = frozenset(["README", "README.txt"])
TRIAL = """\
import sys, os
here = sys.argv[1]
def inside(path):
    return os.path.realpath(path).startswith(os.path.realpath(here) + os.sep)
import encodings, zlib
for name in ("_ssl", "_ctypes", "_sqlite3", "_hashlib", "_lzma", "_bz2", "_uuid"):
    try:
        __import__(name)
    except ImportError:
        pass
if not inside(sys.prefix) and os.path.realpath(sys.prefix) != os.path.realpath(here):
    print("it looks for its library in " + sys.prefix)
elif not inside(os.__file__):
    print("it finds its library in " + os.path.dirname(os.__file__))
elif os.path.exists("/proc/self/maps"):
    old = sys.argv[2] + os.sep
    with open("/proc/self/maps", errors="replace") as file:
        for line in file:
            path = line.rstrip("\\n").partition("/")[2]
            if ("/" + path).startswith(old):
                print("it opens /" + path)
                break
"""


def bundled_python(
    interpreter: Interpreter, scratch: str, *, bytecode: bool = True
) -> tuple[list[Item], str]:
    """What of the interpreter goes into the archive, below ``python/``, and the path of its program there.

    ``scratch`` is an empty directory for the trial. Raises CannotMovePython, OSError.
    """
    prefix = os.path.realpath(interpreter.base_prefix)
    if interpreter.platform.os == "windows":
        raise CannotMovePython(prefix, "hutch packs no interpreters on Windows yet")
    if prefix in SHARED or interpreter.externally_managed or os.path.dirname(prefix) == prefix:
        raise CannotMovePython(prefix, "it shares its directories with the rest of the system")
    if interpreter.is_conda or os.path.isdir(os.path.join(prefix, "conda-meta")):
        raise CannotMovePython(
            prefix, "it belongs to conda, whose files name their place: hutch env pack packs those as a whole"
        )
    if interpreter.framework:
        raise CannotMovePython(prefix, "it is a framework of macOS, which is known by its place")
    program = _program(interpreter, prefix)
    items = list(_items(prefix, program, interpreter, bytecode))
    _try(items, program, scratch, prefix)
    return items, f"python/{program}"


def _program(interpreter: Interpreter, prefix: str) -> str:
    path = os.path.realpath(interpreter.base_executable)
    if not path.startswith(prefix + os.sep):
        raise CannotMovePython(prefix, f"its program is elsewhere, in {os.path.dirname(path)}")
    return os.path.relpath(path, prefix).replace(os.sep, "/")


def _items(prefix: str, program: str, interpreter: Interpreter, bytecode: bool) -> Iterator[Item]:
    major, minor = interpreter.python
    bin_directory = program.rpartition("/")[0]
    names = {f"{bin_directory}/{name}" for name in ("python", "python3", f"python{major}.{minor}")} | {
        program
    }
    waiting = ["lib", "include", bin_directory]
    for extra in ("lib64", "lib_pypy", "lib-python", "languages", "modules", "LICENSE", "LICENSE.txt"):
        if os.path.exists(os.path.join(prefix, extra)):
            waiting.append(extra)
    while waiting:
        path = waiting.pop()
        where = os.path.join(prefix, path)
        folder, _, name = path.rpartition("/")
        if os.path.islink(where):
            target = os.path.normpath(os.path.join(os.path.dirname(where), os.readlink(where)))
            inside = target.startswith(prefix + os.sep)
            kept = os.path.relpath(target, prefix).replace(os.sep, "/")
            if inside and (folder != bin_directory or (path in names and kept in names)):
                relative = os.path.relpath(target, os.path.dirname(where)).replace(os.sep, "/")
                yield Item(path=f"python/{path}", target=relative)
        elif os.path.isdir(where):
            if name in LEFT_OUT or (name == "__pycache__" and not bytecode):
                continue
            waiting += [f"{path}/{each}" for each in sorted(os.listdir(where))]
        elif folder != bin_directory or path in names:
            if name.endswith((".a", ".o")) or not os.path.isfile(where):
                continue  # for embedding, and larger than all the rest
            status = os.stat(where)
            executable = bool(status.st_mode & 0o100) and not name.endswith(".py")
            if content := _with_own_library(where, path, prefix):
                yield Item(path=f"python/{path}", content=content, executable=executable)
                continue
            yield Item(path=f"python/{path}", source=where, executable=executable, mtime=int(status.st_mtime))


def _with_own_library(where: str, path: str, prefix: str) -> bytes | None:
    """A program or library that looks for others in ``prefix/lib``, changed so that it looks beside itself.

    The path stands in it as a text between zeros, which may become shorter. None where there is none. The
    trial tells whether that was all.
    """
    folder, _, name = path.rpartition("/")
    if name.endswith((".py", ".pyc", ".h", ".txt")) or os.stat(where).st_size > 256 << 20:
        return None
    with open(where, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
        content = b"\x7fELF" + file.read()
    for library in ("lib", "lib64"):
        old = b"\0" + os.fsencode(os.path.join(prefix, library)) + b"\0"
        up = "/".join([".."] * len(folder.split("/")) + [library])
        new = b"\0$ORIGIN/" + up.encode() + b"\0"
        if old in content and len(new) <= len(old):
            return content.replace(old, new.ljust(len(old), b"\0"))
    return None


def _try(items: list[Item], program: str, scratch: str, prefix: str) -> None:
    """Start the copy. It is the interpreter that the environment runs with anyway."""
    import shutil
    import subprocess

    for item in items:
        path = os.path.join(scratch, *item.path.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if item.target:
            os.symlink(item.target, path)
            continue
        if item.content is not None:
            with open(path, "xb") as file:
                file.write(item.content)
            os.chmod(path, 0o755 if item.executable else 0o644)
            continue
        try:
            os.link(item.source, path)
        except OSError:
            shutil.copy2(item.source, path)
    here = os.path.join(scratch, "python")
    environ = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "DYLD_PRINT_LIBRARIES": "1"}
    command = [os.path.join(here, *program.split("/")), "-I", "-S", "-B", "-c", TRIAL, here, prefix]
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMovePython(prefix, f"a copy of it cannot be started elsewhere: {error}") from error
    said = done.stdout.decode("utf-8", "replace").strip()
    errors = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode:
        last = errors[-1] if errors else f"it ended with {done.returncode}"
        raise CannotMovePython(prefix, f"a copy of it does not work elsewhere: {last}")
    if said:
        raise CannotMovePython(prefix, f"a copy of it elsewhere needs the original: {said}")
    if sys.platform == "darwin":
        for line in errors:
            path = "/" + line.partition("/")[2]
            if path.startswith(prefix + os.sep):
                raise CannotMovePython(prefix, f"a copy of it elsewhere needs the original: it opens {path}")
