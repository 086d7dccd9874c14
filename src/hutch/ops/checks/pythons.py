"""Checks of the Pythons: what they lack, how old they are, what was put where all of them see it."""

from __future__ import annotations

import os

from hutch.ops.checks.values import check
from hutch.plain import read_plain
from hutch.store.disk import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.interpreters import Interpreter
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say, Severity

__all__ = ["CHECKS"]

NEEDED = {
    "ssl": "no https",
    "zlib": "no wheels, no zip files",
    "ctypes": "no ctypes, which many packages need",
    "sqlite3": "no SQLite",
    "bz2": "no bzip2",
    "lzma": "no xz",
    "readline": "no editing of lines at its prompt",
    "tkinter": "no windows (Tk)",
    "curses": "no curses",
}
_RANKS: tuple[Severity, ...] = ("info", "warning", "error")
_SEVERE: dict[str, Severity] = {"ssl": "error", "zlib": "error", "ctypes": "warning", "sqlite3": "warning"}


def _of_the_system(python: Interpreter) -> bool:
    return python.base_prefix in ("/usr", "/usr/local") and os.name != "nt"


def _minor(python: Interpreter) -> str:
    return ".".join(map(str, python.python))


@check(
    "no-python",
    "There is a Python for this project",
    group="python",
    severity="error",
    seconds=60.0,
    why="Without one no environment can be made, and nothing runs.",
)
def no_python(ground: Ground, say: Say) -> None:
    """What the project, a pin or a variable asks for, and no Python of this machine is."""
    from hutch.interpreters import NoInterpreter

    python, problem = ground.chosen_python, ground.problems.get("chosen")
    if python is not None or problem is None or (ground.root is not None and ground.checkout is None):
        return
    configuration = ground.configuration
    comes = (
        isinstance(problem, NoInterpreter)
        and configuration is not None
        and configuration.python_downloads == "automatic"
        and not ground.offline
    )
    say(
        problem.what,
        seen=problem.why,
        commands=problem.hints or ("hutch python list", "hutch python install"),
        why="hutch sync installs one, or says why it cannot." if comes else "",
        severity="info" if comes else "error",
    )


@check(
    "missing-modules",
    "The Python in use has all of its standard library",
    group="python",
    severity="info",
    why="It was built, or split into packages, without them: whatever imports them fails.",
    seconds=30.0,
)
def missing_modules(ground: Ground, say: Say) -> None:
    """Import what depends on libraries of the system, in the Python behind the environment."""
    from hutch.interpreters.modules import probe_missing_modules

    python = ground.chosen_python
    if python is None or python.implementation != "cpython":
        return
    found = probe_missing_modules(python.base_executable, ground.environ, tuple(NEEDED))
    found = {
        name: said for name, said in found.items() if not (os.name == "nt" and name in ("readline", "curses"))
    }
    if not found:
        return
    worst = max((_SEVERE.get(name, "info") for name in found), key=_RANKS.index)
    commands = [] if _is_ours(ground, python) else [_another(ground, _minor(python))]
    if ground.environment is not None and ground.environment.prefix:
        commands = []  # a channel has built it, and says by packages what it has
    elif _of_the_system(python) and os.path.exists("/etc/debian_version"):
        if "tkinter" in found:
            commands.append("sudo apt install python3-tk")
    else:
        commands += _build_lines(tuple(found))
    say(
        f"{python.describe()} lacks {', '.join(found)}",
        seen=(python.base_executable, *(f"{NEEDED[name]} ({said})" for name, said in found.items())),
        commands=tuple(commands),
        severity=worst,
    )


def _is_ours(ground: Ground, python: Interpreter) -> bool:
    """Whether hutch has installed it already."""
    if ground.configuration is None:
        return False
    ours = os.path.join(os.path.realpath(ground.configuration.data_dir), "python", "")
    return os.path.realpath(python.base_prefix).startswith(ours)


def _another(ground: Ground, minor: str) -> str:
    """A complete one, which the project's environment has then as well."""
    install = f"hutch python install {minor}"
    if ground.checkout is None or ground.context.named is not None:
        return install
    return f"{install} && hutch sync --python {minor}"


def _build_lines(names: tuple[str, ...]) -> list[str]:
    """What has to be there before that Python is built again: the same that `python install --build` asks."""
    from hutch.interpreters.managed.needs import NEEDS, install_line
    from hutch.ops.pythons.family import package_family

    missing = tuple(need for need in NEEDS if any(name in need.modules for name in names))
    line = install_line(package_family(), missing)
    return [f"{line}, and build that Python again"] if line else []


@check(
    "no-ensurepip",
    "The Python in use can make environments of its own",
    group="python",
    severity="info",
    why="python -m venv fails with it. hutch venv and hutch sync need nothing of that, and work.",
)
def no_ensurepip(ground: Ground, say: Say) -> None:
    """Debian leaves `ensurepip` to a package of its own."""
    python = ground.chosen_python
    if python is None or not os.path.isdir(python.stdlib):
        return
    missing = [
        name
        for name in ("venv", "ensurepip")
        if not os.path.isfile(os.path.join(python.stdlib, name, "__init__.py"))
    ]
    if missing:
        more = (f"sudo apt install python{_minor(python)}-venv",) if _of_the_system(python) else ()
        say(
            f"{python.describe()} has no {' and no '.join(missing)}",
            seen=tuple(f"there is no {os.path.join(python.stdlib, name)}" for name in missing),
            commands=("hutch venv", *more),
        )


@check(
    "old-python",
    "The Python in use is looked after by those who make it",
    group="python",
    why="Nobody repairs it any more, and new releases of packages do without it.",
)
def old_python(ground: Ground, say: Say) -> None:
    """A Python at the end of its life, or near it, that the project or this directory gets."""
    from datetime import date

    from hutch.interpreters.support_dates import NEWEST, support_of

    python = ground.chosen_python
    if python is None or python.implementation != "cpython":
        return
    support = support_of(python.python, date.today())
    if support is None or support.state not in ("ended", "ending"):
        return
    ended = support.state == "ended"
    say(
        f"Python {_minor(python)} {'has reached' if ended else 'comes to'} the end of its life",
        seen=(python.base_executable, f"{'since' if ended else 'on'} {support.end}"),
        commands=("hutch python list", f"hutch sync --python {NEWEST[0]}.{NEWEST[1]} tries the newest"),
        severity="warning" if ended else "info",
    )


@check(
    "system-packages",
    "No package was installed into the system's Python by pip",
    group="python",
    why="The system's own tools import them, and an upgrade of the system breaks or loses them.",
)
def system_packages(ground: Ground, say: Say) -> None:
    """What an installer put into Pythons that a package manager looks after."""
    for found in ground.interpreters:
        python = found.interpreter
        if python is None or python.is_virtual or not python.externally_managed:
            continue
        minor = _minor(python)
        folders = [
            os.path.join(python.base_prefix, "local", "lib", f"python{minor}", "dist-packages"),
            os.path.join(python.base_prefix, "lib", f"python{minor}", "site-packages"),
            os.path.join(python.base_prefix, "lib", "python3", "dist-packages"),
        ]
        mine = [one for folder in dict.fromkeys(folders) for one in _by_pip(folder)]
        if mine:
            names = [name for name, _ in mine]
            say(
                f"{_several(len(mine))} of pip in {python.describe()} of the system",
                seen=tuple(f"{name} in {folder}" for name, folder in mine),
                commands=(
                    f"hutch init, then hutch add {' '.join(names[:3])}{' ...' if len(names) > 3 else ''}",
                    f"sudo {python.path} -m pip uninstall --break-system-packages {' '.join(names[:5])}",
                ),
            )


def _several(number: int) -> str:
    return "1 package" if number == 1 else f"{number} packages"


def _by_pip(folder: str) -> list[tuple[str, str]]:
    """(name, folder) of the distributions that pip or uv put there, without pip itself."""
    found = []
    for name in names_in(folder):
        if not name.endswith(".dist-info"):
            continue
        try:
            installer = (
                read_plain(os.path.join(folder, name, "INSTALLER"), 4096).decode("utf-8", "replace").strip()
            )
        except OSError:
            continue
        project = name.partition("-")[0].replace("_", "-").lower()
        if installer in ("pip", "uv") and project not in ("pip", "setuptools", "wheel"):
            found.append((project, folder))
    return sorted(found)


@check(
    "user-packages",
    "No packages of the user's directory come into this environment",
    group="python",
    severity="info",
    why="They are seen by every Python of that version, and in no lock: it works here and nowhere else.",
)
def user_packages(ground: Ground, say: Say) -> None:
    """`pip install --user` for the Python in use, and whether its packages come into the environment."""
    python, environment = ground.chosen_python, ground.environment
    if python is None or ground.environ.get("PYTHONNOUSERSITE"):
        return
    folder = _user_site(ground, python)
    if folder is None:
        return
    names = [
        name.partition("-")[0] for name in names_in(folder) if name.endswith((".dist-info", ".egg-info"))
    ]
    hooks = [name for name in names_in(folder) if name in ("sitecustomize.py", "usercustomize.py")]
    if not names and not hooks:
        return
    prefix = environment is not None and environment.prefix
    seen = environment is not None and (environment.system_site_packages or prefix)
    what = f"{_several(len(names))} for the user alone" if names else f"{hooks[0]} in the user's packages"
    why = "a conda environment is no virtual one" if prefix else "include-system-site-packages = true"
    where: tuple[str, ...] = (f"{environment.root} sees them: {why}",) if environment and seen else ()
    if prefix and environment is not None:
        here = {
            name.partition("-")[0] for name in names_in(os.path.join(environment.root, environment.purelib))
        }
        hidden = [name for name in names if name in here]
        where += (f"they hide those of the environment: {', '.join(hidden)}",) if hidden else ()
    say(
        f"{what}, with Python {_minor(python)}",
        seen=(folder, *where, ", ".join([*names, *hooks][:8]) + (", ..." if len(names) > 8 else "")),
        commands=("export PYTHONNOUSERSITE=1", *(("hutch venv --clear",) if seen and not prefix else ())),
        severity="warning" if seen else "info",
    )


def _user_site(ground: Ground, python: Interpreter) -> str | None:
    """The directory of packages that `pip install --user` fills, as `site` has it."""
    base = ground.environ.get("PYTHONUSERBASE", "")
    if os.name == "nt":
        base = base or os.path.join(ground.environ.get("APPDATA", ""), "Python")
        return os.path.join(base, f"Python{python.python[0]}{python.python[1]}", "site-packages")
    if not base:
        if not os.path.isabs(ground.home):
            return None
        base = os.path.join(ground.home, ".local")
        if python.framework:
            base = os.path.join(ground.home, "Library", python.framework, _minor(python))
            return os.path.join(base, "lib", "python", "site-packages")
    thread = "t" if python.free_threaded else ""
    return os.path.join(base, "lib", f"python{_minor(python)}{thread}", "site-packages")


@check(
    "start-hooks",
    "Nothing unknown runs whenever the environment's Python starts",
    group="environment",
    why="It runs before every program, in every process, and no package says that it is its own.",
)
def start_hooks(ground: Ground, say: Say) -> None:
    """`.pth` files with code and `sitecustomize.py` that belong to no package of the environment."""
    environment = ground.environment
    if environment is None:
        return
    folder = os.path.join(environment.root, environment.purelib)
    owned: set[str] | None = None
    for name in names_in(folder):
        lines = list(_code_of(os.path.join(folder, name))) if name.endswith(".pth") else []
        is_hook = name in ("sitecustomize.py", "usercustomize.py", "sitecustomize", "usercustomize")
        if not lines and not is_hook:
            continue
        if owned is None:
            owned = _owned(ground)
        if name in owned or name in ("_virtualenv.pth", "_hutch_base.pth", "distutils-precedence.pth"):
            continue
        say(
            f"{name} runs at each start of the environment's Python",
            seen=(os.path.join(folder, name), *lines[:3]),
            commands=(f"look at it; rm {os.path.join(folder, name)}",),
        )


def _code_of(path: str) -> Iterator[str]:
    """The lines of a `.pth` file that are run."""
    try:
        text = read_plain(path, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        if line.startswith(("import ", "import\t")):
            yield line[:120]


def _owned(ground: Ground) -> set[str]:
    """The names at the top of site-packages that packages have in their RECORD."""
    environment = ground.environment
    assert environment is not None
    from hutch.env import record_rows

    found: set[str] = set()
    for one in ground.installed.values():
        path = os.path.join(environment.root, one.dist_info, "RECORD")
        try:
            text = read_plain(path).decode("utf-8", "replace")
        except OSError:
            continue
        found.update(row.partition("/")[0] for row, _ in record_rows(text))
    return found


CHECKS = (no_python, missing_modules, no_ensurepip, old_python, system_packages, user_packages, start_hooks)
