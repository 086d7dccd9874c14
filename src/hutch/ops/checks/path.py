"""Checks of PATH: which `python`, `pip` and `hutch` one gets there, and whether they belong together."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.checks.values import check
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


def _is_shim(ground: Ground, path: str) -> bool:
    """Whether a program stands for another one, chosen when it is called: pyenv, asdf, mise, hutch."""
    folder = os.path.basename(os.path.dirname(path))
    return folder == "shims" or os.path.basename(os.path.realpath(path)) in ("pyenv", "mise", "asdf")


def _leads(path: str) -> str:
    real = os.path.realpath(path)
    return path if real == path else f"{path}, which is {real}"


@check(
    "mismatched-pip",
    "pip and python on PATH are of the same Python",
    group="machine",
    why="What pip installs is not there for python: the import fails although pip said that it is installed.",
)
def mismatched_pip(ground: Ground, say: Say) -> None:
    """The first `pip` on PATH, by its first line, beside the first `python`."""
    for pip_name, python_name in (("pip", "python"), ("pip3", "python3")):
        pips, pythons = ground.on_path(pip_name), ground.on_path(python_name)
        if not pips or not pythons:
            continue
        pip, python = pips[0], pythons[0]
        if _is_shim(ground, pip) and _is_shim(ground, python):
            continue
        behind = interpreter_of(pip)
        if behind is None:
            continue
        if not os.path.exists(behind):
            say(
                f"{pip_name} cannot start: its Python is gone",
                seen=(pip, f"begins with {behind}, which is not there"),
                commands=(f"{python_name} -m pip", "hutch pip install"),
                severity="error",
            )
            return
        if _is_shim(ground, python) or _same_python(behind, python):
            continue
        seen = (f"{pip_name}: {pip}, for {behind}", f"{python_name}: {_leads(python)}")
        if _has_no_pip(python):
            say(
                f"{pip_name} is not the one of the environment that {python_name} is of",
                seen=(*seen, "that environment has none, as those of hutch and uv do"),
                commands=("hutch pip install", "hutch add"),
                severity="info",
            )
            return
        say(
            f"{pip_name} installs for another Python than {python_name} runs",
            seen=seen,
            commands=(f"{python_name} -m pip", "hutch pip install"),
        )
        return


def _has_no_pip(python: str) -> bool:
    """Whether a Python is of an environment that was made without pip."""
    from hutch.interpreters import read_environment_file

    file = read_environment_file(python)
    if file is None:
        return False
    folder = os.path.dirname(python)
    return not any(name.partition(".")[0].rstrip("0123456789") == "pip" for name in os.listdir(folder))


def interpreter_of(program: str) -> str | None:
    """The Python that a command of an installer starts; None where that cannot be seen."""
    try:
        data = read_plain(program, 1 << 22)
    except OSError:
        return None
    if os.name == "nt":
        _, mark, rest = data.rpartition(b"#!")
        return rest.partition(b"\n")[0].strip(b'" \r').decode("utf-8", "replace") if mark else None
    first, _, rest = data.partition(b"\n")
    if not first.startswith(b"#!"):
        return None
    words = first[2:].decode("utf-8", "surrogateescape").split()
    if words[:1] == ["/bin/sh"] and rest.startswith(b"'''exec' "):
        import shlex

        try:
            words = shlex.split(rest.partition(b"\n")[0][9:].decode("utf-8", "surrogateescape"))
        except ValueError:
            return None
    if (
        not words
        or not os.path.isabs(words[0])
        or not os.path.basename(words[0]).startswith(("python", "pypy"))
    ):
        return None
    return words[0]


def _same_python(one: str, other: str) -> bool:
    """Whether two paths are one installation (or one environment)."""
    from hutch.interpreters import read_environment_file

    environments = [read_environment_file(each) for each in (one, other)]
    prefixes = [os.path.realpath(each.prefix) if each is not None else "" for each in environments]
    if any(prefixes):
        return prefixes[0] == prefixes[1]
    return os.path.realpath(one) == os.path.realpath(other) or (
        os.path.realpath(os.path.dirname(one)) == os.path.realpath(os.path.dirname(other))
        and _minor(one) == _minor(other)
    )


def _minor(path: str) -> str:
    """``3.12`` of the file behind a path, as its name tells."""
    name = os.path.basename(os.path.realpath(path)).removeprefix("python")
    return name if name.startswith("3.") else ""


@check(
    "several-pythons",
    "python and python3 on PATH are one Python, and it works",
    group="machine",
    severity="info",
    why="Which Python a command or a script gets depends on how it was called.",
)
def several_pythons(ground: Ground, say: Say) -> None:
    """`python` that is broken, a stub of the Store, or another one than `python3`."""
    first = {}
    for name in ("python", "python3"):
        found = ground.on_path(name)
        if not found:
            continue
        path = first[name] = found[0]
        if os.name == "nt" and _is_stub(path):
            say(
                f"{name} opens the Microsoft Store",
                seen=(path,),
                why="It is no Python, but a file of no length that leads to the shop.",
                commands=("Settings > Apps > Advanced app settings > App execution aliases: turn it off",),
            )
            del first[name]
    for found_one in ground.interpreters:
        mine = [name for name, path in first.items() if path == found_one.path]
        if mine and found_one.problem is not None:
            say(
                f"{mine[0]} on PATH does not work",
                seen=(found_one.path, found_one.problem.what, *found_one.problem.why),
                commands=found_one.problem.hints,
                why="Whatever calls it fails before its first line.",
                severity="warning",
            )
            return
    if len(first) < 2:
        return
    python, python3 = first["python"], first["python3"]
    if _is_shim(ground, python) or _is_shim(ground, python3) or _same_python(python, python3):
        return
    if os.path.dirname(python) == os.path.dirname(python3):
        return
    say(
        "python and python3 are different Pythons",
        seen=tuple(f"{name}: {_told(ground, path)}" for name, path in first.items()),
        commands=("hutch python list",),
    )


def _is_stub(path: str) -> bool:
    from hutch.interpreters.windows import is_store_stub

    try:
        return is_store_stub(path, os.stat(path).st_size)
    except OSError:
        return True


def _told(ground: Ground, path: str) -> str:
    real = os.path.realpath(path)
    for found in ground.interpreters:
        if os.path.realpath(found.path) == real and found.interpreter is not None:
            return f"{_leads(path)} ({found.interpreter.describe()})"
    return _leads(path)


@check(
    "forgotten-activation",
    "python is the one of the project, or the project has no environment",
    group="machine",
    severity="info",
    why="What is installed for the project is not there for that Python. hutch run needs no activation.",
)
def forgotten_activation(ground: Ground, say: Say) -> None:
    """In a project with an environment, with another `python` first on PATH, and none activated."""
    environment = ground.environment
    if ground.root is None or environment is None or ground.environ.get("VIRTUAL_ENV"):
        return
    if ground.context.named is not None:
        return  # it is not the project's
    found = ground.on_path("python") or ground.on_path("python3")
    mine = os.path.realpath(os.path.join(environment.root, environment.scripts))
    if not found or os.path.realpath(os.path.dirname(found[0])) == mine or _is_own_shim(ground, found[0]):
        return
    say(
        "the project's environment is not active",
        seen=(f"python is {_leads(found[0])}", f"the environment is {environment.root}"),
        commands=("hutch run python", "hutch shell"),
    )


@check(
    "pyenv-virtualenv",
    "No other hook takes away what was activated",
    group="machine",
    severity="info",
    why="Before each prompt it deactivates what .python-version does not name: environments of hutch shell,"
    " of the shell hook and of activate.",
)
def pyenv_virtualenv(ground: Ground, say: Say) -> None:
    """The hook of pyenv-virtualenv, which exports that it is there."""
    if ground.environ.get("PYENV_VIRTUALENV_INIT"):
        say(
            "pyenv-virtualenv watches this shell",
            seen=("PYENV_VIRTUALENV_INIT is set",),
            commands=(
                "take pyenv virtualenv-init out of the start-up file of your shell, and open a new one",
                "hutch shell-hook --help has what takes its place",
            ),
        )


def _is_own_shim(ground: Ground, path: str) -> bool:
    """Whether it is hutch's `python`, which follows the project."""
    if ground.configuration is None:
        return False
    try:
        shims = os.path.join(ground.configuration.data_dir, "shims")
    except Problem:
        return False
    return os.path.realpath(os.path.dirname(path)) == os.path.realpath(shims)


@check(
    "two-hutches",
    "There is one hutch on PATH",
    group="hutch",
    severity="info",
    why="A shell, a script and an editor may use different ones, which write different locks.",
)
def two_hutches(ground: Ground, say: Say) -> None:
    """Programs called `hutch` in several folders of PATH that are not the same file."""
    found: dict[str, str] = {}
    for path in ground.on_path("hutch"):
        found.setdefault(os.path.realpath(path), path)
    if len(found) > 1:
        first, *others = found.values()
        say(
            f"there are {len(found)} hutches on PATH",
            seen=(f"{first} is used", *(f"{path} is not" for path in others)),
            commands=("hutch self version",),
        )


@check(
    "powershell-policy",
    "PowerShell runs the scripts that activate environments",
    group="machine",
    severity="info",
    seconds=30.0,
    why="Activate.ps1 is refused, and the environment is not active though one thinks so.",
)
def powershell_policy(ground: Ground, say: Say) -> None:
    """The policy of PowerShell, asked where PowerShell is what the user has."""
    if os.name != "nt" and not ground.environ.get("PSModulePath"):
        return
    found = ground.on_path("pwsh") or ground.on_path("powershell")
    if not found:
        return
    from hutch.interpreters.start import run_limited

    words = [found[0], "-NoProfile", "-NonInteractive", "-Command", "Get-ExecutionPolicy -List | Out-String"]
    answer = run_limited(words, environ=ground.environ, seconds=20.0)
    scope, policy = effective_policy(answer.output.decode("utf-8", "replace"))
    if policy in ("Restricted", "AllSigned"):
        by_others = scope in ("MachinePolicy", "UserPolicy")
        say(
            f"PowerShell runs no script that is not signed ({policy})",
            seen=(found[0], f"the policy {policy} is that of {scope}"),
            commands=(
                "hutch shell-hook powershell | Out-String | Invoke-Expression",
                *(() if by_others else ("Set-ExecutionPolicy -Scope CurrentUser RemoteSigned",)),
            ),
        )


def effective_policy(text: str) -> tuple[str, str]:
    """(scope, policy) that counts, of the table that ``Get-ExecutionPolicy -List`` prints."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2:
            said[words[0]] = words[1]
    for scope in ("MachinePolicy", "UserPolicy", "Process", "CurrentUser", "LocalMachine"):
        if said.get(scope, "Undefined") != "Undefined":
            return scope, said[scope]
    # Nobody says anything: on Windows for desktops no script runs then.
    return "Windows", "Restricted" if "LocalMachine" in said else ""


CHECKS = (
    mismatched_pip,
    several_pythons,
    forgotten_activation,
    pyenv_virtualenv,
    powershell_policy,
    two_hutches,
)
