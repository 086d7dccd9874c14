"""Checks of requirements: what only one platform, or only one machine, can install."""

from __future__ import annotations

import os

from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say
    from hutch.project import Declared

__all__ = ["CHECKS"]

WINDOWS, MACOS, LINUX = 'sys_platform == "win32"', 'sys_platform == "darwin"', 'sys_platform == "linux"'
BOUND = {
    "pywin32": WINDOWS,
    "pypiwin32": WINDOWS,
    "pywinpty": WINDOWS,
    "pywin32-ctypes": WINDOWS,
    "windows-curses": WINDOWS,
    "wmi": WINDOWS,
    "comtypes": WINDOWS,
    "winshell": WINDOWS,
    "pyreadline3": WINDOWS,
    "pyobjc": MACOS,
    "appnope": MACOS,
    "pyinotify": LINUX,
    "python-apt": LINUX,
    "dbus-python": LINUX,
    "systemd-python": LINUX,
}
PREFIXES = {"pyobjc-framework-": MACOS, "pyobjc-": MACOS, "nvidia-": LINUX}


@check(
    "platform-requirements",
    "Requirements can be installed on every machine that the project is for",
    group="project",
    fix_class="ask",
    why="On other systems, or other machines, the install fails.",
)
def platform_requirements(ground: Ground, say: Say) -> None:
    """What `pip freeze` writes on one machine and no other can install."""
    checkout = ground.checkout
    if checkout is None:
        return
    for declared in (one for each in checkout.manifest.requirements().values() for one in each):
        requirement = declared.requirement
        name, marker = str(requirement.name), _bound_to(str(requirement.name))
        place = f"{declared.place}: {declared.text}"
        if marker is not None and requirement.marker is None:
            said = {WINDOWS: "Windows", MACOS: "macOS", LINUX: "Linux"}[marker]
            say(
                f"{name} is for {said} alone",
                seen=(place,),
                commands=(f"write in its place: {declared.text.strip()} ; {marker}",),
                fix=_with_marker(ground, declared, marker),
            )
        elif path := _foreign_path(ground, declared):
            version = (
                ground.installed[requirement.name].version if requirement.name in ground.installed else ""
            )
            better = f"{name}=={version}" if version else f"{name} and its version"
            say(
                f"{name} is asked for from a path of another machine",
                seen=(place, f"there is no {path}"),
                commands=(f"write in its place: {better}", "pip list --format=freeze, instead of pip freeze"),
            )
        elif (local := _local_version(requirement.specifiers)) and _names_no_index(ground, name):
            say(
                f"{name} is asked for in a build that the default index does not have",
                seen=(place, f"+{local} is only on an index of its maker"),
                commands=(f"hutch add {name} --index NAME=URL", f"or without the build: {name}"),
            )


def _bound_to(name: str) -> str | None:
    found = BOUND.get(name)
    return found or next((marker for prefix, marker in PREFIXES.items() if name.startswith(prefix)), None)


def _foreign_path(ground: Ground, declared: Declared) -> str:
    """The absolute path that a requirement is taken from, where this machine has none such; else ``""``."""
    from urllib.parse import unquote, urlsplit

    checkout, requirement = ground.checkout, declared.requirement
    assert checkout is not None
    url = requirement.url or ""
    paths = [unquote(urlsplit(url).path)] if url.startswith("file://") else []
    for source in checkout.manifest.settings.sources.get(requirement.name, ()):
        if source.kind == "path":
            paths.append(source.location)
    return next((path for path in paths if os.path.isabs(path) and not os.path.exists(path)), "")


def _local_version(specifiers: tuple[tuple[str, str], ...]) -> str:
    for operator, version in specifiers:
        if operator == "==" and "+" in version:
            return version.partition("+")[2]
    return ""


def _names_no_index(ground: Ground, name: str) -> bool:
    """Whether nothing says that this package comes from another index than the default one."""
    checkout, configuration = ground.checkout, ground.configuration
    assert checkout is not None
    if any(str(each) == name for each in checkout.manifest.settings.sources):
        return False
    return configuration is None or all(each.default for each in configuration.indexes)


def _with_marker(ground: Ground, declared: Declared, marker: str) -> Fix | None:
    """Add the marker in a requirements file, where a requirement is a line; elsewhere it is advice."""
    checkout = ground.checkout
    assert checkout is not None
    path = os.path.join(checkout.directory, declared.filename)
    from hutch.interpreters import lies_in

    if not declared.filename.endswith(".txt") or not declared.line or not lies_in(path, checkout.root):
        return None  # a checkout may name, or link to, a file of the user's

    def apply() -> str:
        from hutch.errors import Problem
        from hutch.ops.checkout import read_text, write_text

        lines = read_text(path).split("\n")
        line = lines[declared.line - 1]
        ending = "\r" if line.endswith("\r") else ""
        body, sign, comment = line.rstrip("\r").partition(" #")
        if not body.strip().startswith(declared.text.strip()[:3]) or body.rstrip().endswith("\\"):
            raise Problem(f"{declared.place} is not written in one line any more")
        before, space, options = body.rstrip().partition(" --")
        lines[declared.line - 1] = (
            f"{before} ; {marker}{space}{options}{sign and ' ' + sign}{comment}{ending}"
        )
        write_text(path, "\n".join(lines))
        return f"wrote ; {marker} behind {declared.place}"

    return Fix(
        plan=(f"write ; {marker} behind {declared.place}",),
        apply=apply,
        undo=f"take the marker away again in {declared.place}",
    )


CHECKS = (platform_requirements,)
