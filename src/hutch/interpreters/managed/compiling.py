"""Configure, make, install: CPython from its source into a tree that is right for the place where it will be.

Everything happens below a working folder; `DESTDIR` is in it, the prefix is the final place, so that nothing
has to be edited afterwards. Each step is ended with all its children when it is interrupted.
"""

from __future__ import annotations

import os

from hutch.interpreters.managed.source import BuildFailed, likely_cause
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BuildPlan", "compile_python", "configure_words", "missing_modules", "preprocess"]

_HOURS = 6 * 3600.0
_TAIL = 12
_READ = 64 * 1024
_LARGEST_LOG = 1 << 22
_MODULES = (
    "zlib", "ssl", "hashlib", "ctypes", "bz2", "lzma", "readline", "sqlite3", "curses", "uuid", "tkinter",
)  # fmt: skip
_ANSWERS = {"uuid": "import _uuid", "hashlib": "import _hashlib", "tkinter": "import _tkinter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPlan:
    """What is built, where it will be, and how.

    ``tools`` are the compiler's and `make`'s paths; ``configure`` and ``make`` words of the user's;
    ``log`` the file that all steps write.
    """

    name: str
    version: str
    source: str
    prefix: str
    log: str
    make_program: str
    jobs: int
    configure: tuple[str, ...] = ()
    make: tuple[str, ...] = ()
    debug: bool = False
    free_threaded: bool = False
    with_pip: bool = True


def configure_words(plan: BuildPlan) -> list[str]:
    """The options of `configure`: ours first, so that the user's win."""
    minor = tuple(int(number) for number in plan.version.split(".")[:2])
    words = [f"--prefix={plan.prefix}"]
    words.append("--with-ensurepip=" + ("install" if plan.with_pip else "no"))
    if minor >= (3, 10):
        words.append("--disable-test-modules")  # two thirds of an installation, and half of its time
    if plan.debug:
        words.append("--with-pydebug")
    if plan.free_threaded:
        words.append("--disable-gil")
    return [*words, *plan.configure]


def compile_python(
    plan: BuildPlan, folder: str, environ: Mapping[str, str], tell: Callable[[str, str], None]
) -> str:
    """Build below ``folder``; the tree of the installation. ``tell`` hears each step, and its last line.

    Raises BuildFailed, and OSError where the disk refuses.
    """
    objects, destination = os.path.join(folder, "objects"), os.path.join(folder, "installed")
    os.mkdir(objects)
    variables = dict(environ)
    words = configure_words(plan)
    if "--enable-shared" in words and "-rpath" not in variables.get("LDFLAGS", ""):
        variables["LDFLAGS"] = f"{variables.get('LDFLAGS', '')} -Wl,-rpath,{plan.prefix}/lib".strip()
    make = [plan.make_program, *plan.make]
    steps = (
        ("configure", ["/bin/sh", os.path.join(plan.source, "configure"), *words]),
        ("make", [*make, f"-j{plan.jobs}"]),
        ("make install", [plan.make_program, "install", f"DESTDIR={destination}"]),
    )
    os.makedirs(os.path.dirname(plan.log), exist_ok=True)
    with open(plan.log, "wb"):
        pass
    for step, argv in steps:
        _run(plan, step, argv, objects, variables, tell)
    tree = destination + plan.prefix
    if not os.path.isdir(tree):
        raise BuildFailed(
            plan.name, "make install", plan.log, (), "nothing was installed under its prefix", ""
        )
    return tree


def _run(
    plan: BuildPlan,
    step: str,
    argv: list[str],
    folder: str,
    environ: Mapping[str, str],
    tell: Callable[[str, str], None],
) -> None:
    from hutch.processes import running

    began = os.path.getsize(plan.log)

    def watch() -> str:
        tell(step, _last_line(plan.log))
        return ""

    tell(step, "")
    with open(plan.log, "ab") as log:
        log.write(f"$ {' '.join(argv)}\n".encode("utf-8", "surrogateescape"))
        log.flush()
        try:
            with running(
                argv, environ=environ, seconds=_HOURS, output=log, directory=folder, watch=watch
            ) as one:
                one.wait()
        except OSError as error:
            raise BuildFailed(plan.name, step, plan.log, (), error.strerror or str(error), "") from error
    if one.process.returncode == 0:
        return
    with open(plan.log, "rb") as file:
        file.seek(max(began, os.path.getsize(plan.log) - _LARGEST_LOG))
        said = file.read().decode("utf-8", "replace")
    cause, hint = likely_cause(said)
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    if one.stopped:
        cause = "it was still at it after six hours"
    raise BuildFailed(plan.name, step, plan.log, lines[-_TAIL:], cause, hint)


def _last_line(path: str) -> str:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 512))
            lines = file.read(512).decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines[:-1]) if line.strip()), "")


def preprocess(compiler: str, environ: Mapping[str, str]) -> Callable[[str], str | None]:
    """Asks the preprocessor of ``compiler``; what it says, or None where it does not work."""

    def ask(text: str) -> str | None:
        import shlex
        import subprocess

        flags = shlex.split(environ.get("CPPFLAGS", "")) + shlex.split(environ.get("CFLAGS", ""))
        try:
            ran = subprocess.run(
                [compiler, *flags, "-E", "-P", "-x", "c", "-"],
                input=text,
                env=dict(environ),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None
        return ran.stdout if ran.returncode == 0 else None

    return ask


def missing_modules(program: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The optional modules that the Python at ``program`` does not have."""
    import subprocess

    lines = ["import sys"]
    for name in _MODULES:
        lines.append(f"try:\n {_ANSWERS.get(name, f'import {name}')}\nexcept ImportError:\n print({name!r})")
    try:
        ran = subprocess.run(
            [program, "-I", "-S", "-c", "\n".join(lines)],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(ran.stdout.split()) if ran.returncode == 0 else ()
