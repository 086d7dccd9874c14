"""Checks of what is installed: is it what the lock says, is it whole, does it fit together, whose is it."""

from __future__ import annotations

import os
import shlex

from hutch.ops.checks.environments import sync_fix
from hutch.ops.checks.values import Fix, check, some_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say
    from hutch.ops.drift import Compared

__all__ = ["CHECKS"]


def _works(ground: Ground) -> Environment | None:
    """The environment, if its Python works and is not a stranger's."""
    return ground.environment if ground.environment is not None and ground.python is not None else None


def _is_ours(environment: Environment) -> bool:
    """Whether hutch has made or changed it: what is in it can be had again."""
    return "hutch" in environment.settings or os.path.isdir(os.path.join(environment.root, ".hutch"))


def _compared(ground: Ground) -> Compared | None:
    from hutch.ops.drift import find_drift

    environment = _works(ground)
    if environment is None or ground.lock is None or ground.context.named is not None:
        return None
    return find_drift(ground.context, environment)


@check(
    "drifted-environment",
    "The environment is what the lock says",
    group="environment",
    severity="warning",
    fix_class="safe",
    why="What runs here is not what others install: pip or another tool has changed it, or the lock has"
    " moved on.",
)
def drifted_environment(ground: Ground, say: Say) -> None:
    """Missing, extra, other versions, other files."""
    from hutch.env import pinned_generation

    compared, environment = _compared(ground), ground.environment
    if compared is None or environment is None or not compared.drift:
        return
    lines = [f"{each.name} {each.detail}" for each in compared.drift]
    number = pinned_generation(environment.root)
    if number is not None:
        say(
            f"the environment was rolled back, and is not what {compared.lock} says",
            seen=some_of(lines),
            severity="info",
            commands=("hutch sync",),
        )
        return
    count = len(compared.drift)
    say(
        f"{count} packages are not what {compared.lock} says"
        if count > 1
        else f"a package is not what {compared.lock} says",
        seen=some_of(lines),
        fix=sync_fix(ground, "make it what the lock says"),
        fix_class="safe" if _is_ours(environment) else "info",
        commands=() if _is_ours(environment) else (compared.command,),
    )


@check(
    "damaged-packages",
    "Every file of every package is there, as it was installed",
    group="environment",
    severity="error",
    fix_class="safe",
    why="An import fails, or does something else than the version says; pip and others cannot uninstall"
    " what has no RECORD.",
)
def damaged_packages(ground: Ground, say: Say) -> None:
    """RECORD beside the disk; with ``--deep`` every hash."""
    from hutch.env import verify_environment

    environment = ground.environment
    if environment is None or environment.python_outside:
        return
    found = verify_environment(environment, deep=ground.deep)
    kinds = ("missing", "changed", "no-record", "no-metadata", "twice")
    by_name: dict[str, list[str]] = {}
    edited: dict[str, list[str]] = {}
    for each in found.findings:
        if each.kind in kinds and each.package:
            into = edited if each.kind == "changed" else by_name
            into.setdefault(each.package, []).append(f"{each.path} {each.detail}")
    for name, lines in by_name.items():
        lines += edited.pop(name, [])
        _say_damaged(ground, say, name, lines, "safe", "is not whole")
    for name, lines in edited.items():
        # Somebody may have edited it on purpose.
        _say_damaged(ground, say, name, lines, "ask", "has files that were changed")


def _say_damaged(ground: Ground, say: Say, name: str, lines: list[str], kind: str, what: str) -> None:
    locked = ground.lock is not None and any(str(each.name) == name for each in ground.lock.packages)
    fix = sync_fix(ground, f"install {name} anew", key=f"anew {name}", reinstall=(name,)) if locked else None
    one = next((one for each, one in ground.installed.items() if str(each) == name), None)
    version = f"=={one.version}" if one is not None and one.version else ""
    command = f"hutch pip install --reinstall {shlex.quote(name + version)}"
    say(
        f"{name} {what}",
        seen=some_of(lines),
        fix=fix if ground.python is not None else None,
        fix_class="safe" if kind == "safe" else "ask",
        severity="error" if kind == "safe" else "warning",
        commands=() if fix is not None else (command,),
    )


@check(
    "unmet-requirements",
    "What is installed fits together",
    group="environment",
    severity="warning",
    why="A package is there without what it needs, or with a version that it does not work with.",
)
def unmet_requirements(ground: Ground, say: Say) -> None:
    """The logic of `pip check`."""
    from hutch.ops.pip_check import find_faults
    from hutch.ops.pip_dists import find_dists, with_pth
    from hutch.ops.pip_place import Place

    environment = _works(ground)
    if environment is None or ground.python is None or environment.system_site_packages:
        return
    own = [os.path.join(environment.root, path) for path in (environment.purelib, environment.platlib)]
    place = Place(paths=tuple(with_pth(own)), interpreter=ground.python, root=environment.root)
    faults = find_faults(place, find_dists(place.paths))
    if faults:
        count = len(faults)
        say(
            f"{count} requirements of what is installed are not met"
            if count > 1
            else "a requirement of what is installed is not met",
            seen=some_of([fault.text for fault in faults]),
            commands=("hutch sync" if ground.lock is not None else "hutch pip check",),
        )


@check(
    "pip-remnants",
    "A killed pip has left nothing behind",
    group="environment",
    severity="warning",
    fix_class="safe",
    why="pip moves a package aside before it replaces it; what is left of that takes space, and pip warns"
    " of an invalid distribution at each call.",
)
def pip_remnants(ground: Ground, say: Say) -> None:
    """`~umpy` and its like in `site-packages`."""
    environment = ground.environment
    if (
        environment is None
        or (environment.python_outside and not environment.prefix)
        or not environment.purelib
    ):
        return
    site = os.path.join(environment.root, environment.purelib)
    try:
        names = sorted(name for name in os.listdir(site) if name.startswith("~"))
    except OSError:
        return
    if not names or os.path.islink(site):
        return

    def apply() -> str:
        from hutch.env import lock_environment
        from hutch.trees import delete_tree

        with lock_environment(environment, emit=ground.command.emit):
            for name in names:
                delete_tree(os.path.join(site, name))
        return f"deleted {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}"

    say(
        f"{len(names)} directories of a killed pip are left"
        if len(names) > 1
        else f"{names[0]} is left of a killed pip",
        seen=some_of([os.path.join(site, name) for name in names]),
        fix=Fix(plan=("delete what it had moved aside",), apply=apply, key=f"remnants {site}"),
    )


@check(
    "shared-files",
    "No file belongs to two packages",
    group="environment",
    severity="warning",
    why="The one that was installed last has overwritten the other's; uninstalling either of them breaks"
    " both.",
)
def shared_files(ground: Ground, say: Say) -> None:
    """Two RECORDs with one path and different content."""
    from hutch.env.records import LINKED, read_record

    environment = ground.environment
    if environment is None:
        return
    owners: dict[str, tuple[str, str]] = {}
    shared: dict[tuple[str, str], list[str]] = {}
    for name, one in ground.installed.items():
        if one.kind != "dist-info":
            continue
        for path, digest in read_record(environment.root, one.dist_info).items():
            if not digest or digest.startswith(LINKED):
                continue
            other = owners.setdefault(path, (str(name), digest))
            if other[0] != str(name) and other[1] != digest:
                shared.setdefault((other[0], str(name)), []).append(path)
    for (first, second), paths in shared.items():
        say(
            f"{first} and {second} have put different files in one place",
            seen=some_of(sorted(paths)),
            commands=(
                f"hutch why {shlex.quote(first)}",
                f"hutch why {shlex.quote(second)}",
                "leave one of them out; an override can exclude it",
            ),
        )


CHECKS = (
    drifted_environment,
    damaged_packages,
    unmet_requirements,
    pip_remnants,
    shared_files,
)
