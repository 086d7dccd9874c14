"""Checks of conda prefixes: what pip has put over conda's packages, what is missing, what is left of others.

What is put right is put right by the records of `conda-meta`, which say where each package is from and what
its hash is: nothing is solved, and no other version comes.
"""

from __future__ import annotations

import os
import shlex

from hutch.ops.checks.environments import sync_fix
from hutch.ops.checks.values import Fix, check, some_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hutch.env import Environment, Wanted
    from hutch.env.conda_mixing import Mixed
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


def _prefix(ground: Ground) -> Environment | None:
    environment = ground.environment
    whole = environment is not None and environment.prefix and not ground.is_cut_off
    return environment if whole else None


def _place(ground: Ground, environment: Environment) -> str:
    """What chooses the prefix behind one of conda's verbs."""
    if ground.context.named is not None:
        return f"-n {shlex.quote(ground.context.named)}"
    return f"-p {shlex.quote(environment.root)}"


def _repair(
    ground: Ground,
    environment: Environment,
    plan: str,
    *,
    anew: Collection[str] = (),
    gone: Collection[str] = (),
    strays: Collection[str] = (),
    wheels: Collection[Wanted] = (),
) -> Fix:
    def apply() -> str:
        from hutch.ops.conda_repair import repair_prefix

        done = repair_prefix(
            ground.command, environment.root, anew=anew, gone=gone, strays=strays, wheels=wheels
        )
        again = sorted(link.name.removeprefix("conda:") for link in done.links)
        out = sorted(
            step.name for step in done.removals if step.name not in {link.name for link in done.links}
        )
        parts = [f"put in anew: {', '.join(again)}"] if again else []
        parts += [f"taken out: {', '.join(name.removeprefix('conda:') for name in out)}"] if out else []
        parts += [f"{len(strays)} stray files deleted"] if strays else []
        return "; ".join(parts) or "there was nothing to do any more"

    again = sorted(one.name for one in wheels)
    key = " ".join(("prefix", environment.root, *sorted(anew), *sorted(gone), *again))
    # What lay over a package of conda does not come back by itself: that is refused like any such change.
    return Fix(plan=(plan,), apply=apply, key=key, undo="" if gone else "hutch env rollback")


# -- pip over conda ---------------------------------------------------------------------------------------


@check(
    "conda-and-pip",
    "conda and pip have not installed over each other",
    group="environment",
    severity="error",
    fix_class="ask",
    why="conda does not know what pip has put over its packages: the next change by conda removes half of it,"
    " and two copies of a numerical library in one process crash or count wrong.",
)
def conda_and_pip(ground: Ground, say: Say) -> None:
    """What pip has put into an environment of conda, above all where conda has it too."""
    environment = _prefix(ground) or _active_conda(ground)
    if environment is None:
        return
    from hutch.env.conda_mixing import conda_owned, find_mixed

    if environment is ground.environment and ground.conda_owned is not None:
        owned, found = ground.conda_owned, ground.mixed
    else:
        owned = conda_owned(environment.root)
        found = find_mixed(environment, owned)
    for each in found:
        _say_mixed(ground, say, environment, each)
    over = {each.name for each in found}
    lines = [
        f"{name} {one.version}, put in by {one.installer}"
        for name, one in sorted(environment.installed().items())
        if not name.startswith("conda:") and name not in over and one.installer not in ("", "conda", "hutch")
    ]
    conda = set(owned.owners.values()) | {row[0] for row in owned.distributions.values()}
    libs = os.path.join(environment.root, environment.purelib, "numpy.libs")
    if environment.purelib and os.path.isdir(libs) and any(n.startswith(("libblas", "mkl")) for n in conda):
        say(
            "there are two libraries for linear algebra",
            seen=(libs, "numpy of an index brings a BLAS of its own beside conda's"),
            severity="warning",
            commands=("hutch sync",)
            if of_project(ground, environment)
            else (f"hutch conda install {_place(ground, environment)} numpy",),
        )
    if lines:
        say(
            "pip has put packages into an environment of conda",
            seen=(environment.root, *some_of(lines)),
            severity="info",
            why="No record of conda's has them: an export without a `pip:` list, a clone and a change of"
            " Python leave them out.",
            commands=("hutch add NAME for those that the project needs; hutch sync takes the others out",)
            if of_project(ground, environment)
            else ("write them into the `pip:` list of its environment.yml",),
        )


def of_project(ground: Ground, environment: Environment) -> bool:
    """Whether it is the project's, whose lock says what is in it: then nothing is put in by hand."""
    if ground.checkout is None or ground.context.named is not None or ground.environment_root is None:
        return False
    return os.path.realpath(environment.root) == os.path.realpath(ground.environment_root)


def _say_mixed(ground: Ground, say: Say, environment: Environment, each: Mixed) -> None:
    names = ", ".join(each.conda)
    if each.rewritten:
        title = f"{each.installer} has installed {each.name} over conda's own of the same version"
    elif each.known:
        title = f"{each.installer} has installed {each.name} {each.version} over conda's {each.known}"
    else:
        title = f"{each.installer}'s {each.name} {each.version} has written over files of conda's {names}"
    seen = [environment.root, f"conda-meta speaks of {names}"]
    if each.files:
        seen.append(f"{len(each.files)} files are both's: {', '.join(each.files[:3])}")
    if each.strays:
        seen.append(f"{len(each.strays)} files are of no package of conda's: {', '.join(each.strays[:3])}")
    plan = f"put {names} in anew, as the record of conda says"
    if not each.rewritten:
        plan = f"take {each.installer}'s {each.name} {each.version} out, and {plan}"
    elif each.strays:
        plan = f"{plan}, without {len(each.strays)} files of {each.installer}'s"
    fix = None
    if environment.prefix:
        fix = _repair(
            ground,
            environment,
            plan,
            anew=each.conda,
            gone=() if each.rewritten else (each.name,),
            strays=each.strays,
        )
    place = _place(ground, environment)
    keep: tuple[str, ...] = ()
    if not each.rewritten:
        wanted = shlex.quote(f"{each.name}=={each.version}")
        what = f"hutch conda remove {place} {' '.join(map(shlex.quote, each.conda))}, then hutch pip install"
        if of_project(ground, environment):
            what = "hutch add --pypi"
        keep = (f"to keep that of {each.installer} instead: {what} {wanted}",)
    say(title, seen=tuple(seen), fix=fix, commands=keep)


def _active_conda(ground: Ground) -> Environment | None:
    """The active environment of conda, of which somebody may have lost the history."""
    from hutch.env import NotAnEnvironment, is_prefix, open_conda, open_prefix

    root = ground.environ.get("CONDA_PREFIX", "")
    if not root or ground.context.named is not None or not os.path.isdir(os.path.join(root, "conda-meta")):
        return None
    if is_prefix(root):
        return open_prefix(root)
    try:
        return open_conda(root)
    except NotAnEnvironment:
        return None


# -- what is missing, and what is changed -----------------------------------------------------------------


@check(
    "conda-files",
    "Every file of conda's packages is there, as it was put in",
    group="environment",
    severity="error",
    fix_class="safe",
    why="A program or an import fails, or does something else than the version says.",
)
def conda_files(ground: Ground, say: Say) -> None:
    """The records of `conda-meta` beside the disk; with ``--deep`` every hash."""
    environment = _prefix(ground)
    if environment is None:
        return
    from hutch.env import verify_environment

    told = {f"conda:{name}" for each in ground.mixed for name in each.conda}
    told |= {each.name for each in ground.mixed}
    missing: dict[str, list[str]] = {}
    changed: dict[str, list[str]] = {}
    unreadable: list[str] = []
    for each in verify_environment(environment, deep=ground.deep).findings:
        if not each.package or each.package in told:
            continue
        if each.kind == "no-record" and each.package.startswith("conda:"):
            unreadable.append(each.package[6:])
        elif each.kind in ("missing", "changed", "no-record", "no-metadata", "twice"):
            into = changed if each.kind == "changed" else missing
            into.setdefault(each.package, []).append(f"{each.path} {each.detail}")
    for package in unreadable:
        say(
            f"the record of {package} cannot be read",
            seen=(os.path.join(environment.root, "conda-meta"), f"{package} is not known to be whole"),
            commands=(f"hutch conda install {_place(ground, environment)} {shlex.quote(package)}",),
        )
    for package, lines in missing.items():
        lines += changed.pop(package, [])
        _say_files(ground, say, environment, package, lines, "safe", unreadable)
    for package, lines in changed.items():
        # Somebody may have edited it on purpose.
        _say_files(ground, say, environment, package, lines, "ask", unreadable)


def _say_files(
    ground: Ground,
    say: Say,
    environment: Environment,
    package: str,
    lines: list[str],
    kind: str,
    unreadable: list[str],
) -> None:
    whole = "is not whole" if kind == "safe" else "has files that were changed"
    fix = None
    commands: tuple[str, ...] = ()
    if package.startswith("conda:"):
        name = package[6:]
        if not unreadable:
            fix = _repair(
                ground, environment, f"put {name} in anew, as the record of conda says", anew=(name,)
            )
    else:
        name = package
        one = next((one for each, one in ground.installed.items() if str(each) == package), None)
        wanted = f"{name}=={one.version}" if one is not None else name
        locked = ground.lock is not None and any(str(each.name) == name for each in ground.lock.packages)
        stored = _stored(ground, environment).get(package)
        if stored is not None:
            fix = _repair(ground, environment, f"put {name} in anew, from the store", wheels=(stored,))
        elif locked:
            fix = sync_fix(ground, f"install {name} anew", key=f"anew {name}", reinstall=(name,))
        else:
            commands = (f"hutch pip install --reinstall {shlex.quote(wanted)}",)
            if of_project(ground, environment):
                commands = (f"hutch sync takes {name} out: it is not in the lock",)
        if fix is None and kind == "safe" and one is not None and one.installer != "hutch":
            # Half of what conda has taken away with its own: nothing that can be imported.
            fix = _repair(ground, environment, f"take what is left of {name} out", gone=(package,))
            kind = "ask"
    say(
        f"{name} {whole}",
        seen=some_of(lines),
        fix=fix,
        fix_class="safe" if kind == "safe" else "ask",
        severity="error" if whole == "is not whole" else "warning",
        commands=commands,
    )


def _stored(ground: Ground, environment: Environment) -> dict[str, Wanted]:
    from hutch.ops.conda_repair import stored_wheels

    return stored_wheels(ground.command, environment)


# -- what is left of others -------------------------------------------------------------------------------


@check(
    "stranded-packages",
    "No package is left behind with a Python that is gone",
    group="environment",
    severity="warning",
    fix_class="ask",
    why="They were installed for another minor version, and the Python of this environment does not see them:"
    " what needs them fails, and `pip list` does not show them.",
)
def stranded_packages(ground: Ground, say: Say) -> None:
    """Distributions below `lib/python3.X` of a Python that the prefix no longer has."""
    from hutch.env.conda_mixing import find_stranded

    environment = _prefix(ground)
    if environment is None:
        return
    found = find_stranded(environment)
    if not found:
        return
    places = sorted({os.path.dirname(one.dist_info) for one in found.values()})
    names = [f"{name}=={one.version}" for name, one in found.items()]
    say(
        f"{len(found)} packages are left in {', '.join(places)}"
        if len(found) > 1
        else f"{names[0].partition('==')[0]} is left in {places[0]}",
        seen=some_of(
            [f"{name} {one.version}, put in by {one.installer or 'nobody'}" for name, one in found.items()]
        ),
        fix=_repair(ground, environment, "take them out", gone=tuple(found)),
        commands=()
        if of_project(ground, environment)
        else (f"first, where they are wanted: hutch pip install {' '.join(map(shlex.quote, names))}",),
    )


@check(
    "unmanaged-prefix",
    "pip is told that somebody else manages this environment",
    group="environment",
    severity="info",
    fix_class="ask",
    why="What a stray `pip install` puts in, the next change does not know: it may remove or replace it in"
    " parts.",
)
def unmanaged_prefix(ground: Ground, say: Say) -> None:
    """`EXTERNALLY-MANAGED` beside the `site-packages` of a prefix that hutch has made or changed."""
    environment = _prefix(ground)
    if environment is None or not environment.purelib:
        return
    path = os.path.join(environment.root, os.path.dirname(environment.purelib), "EXTERNALLY-MANAGED")
    if os.path.lexists(path) or not os.path.isdir(os.path.dirname(path)):
        return
    from hutch.env import read_history

    changes = (one.command for one in read_history(environment.root))
    if not any(command and not command.startswith("doctor") for command in changes):
        return  # hutch has not changed it, but for repairs: whoever did has his own ways

    def apply() -> str:
        from hutch.env import lock_environment
        from hutch.env.conda_notes import MANAGED
        from hutch.ops.checkout import write_text

        with lock_environment(environment, emit=ground.command.emit):
            write_text(path, MANAGED)
        return f"wrote {path}"

    say(
        f"nothing keeps pip out of {environment.root}",
        seen=(f"there is no {path}",),
        fix=Fix(plan=(f"write {path}",), apply=apply, key=f"managed {environment.root}", undo=f"rm {path}"),
    )


CHECKS = (conda_and_pip, conda_files, stranded_packages, unmanaged_prefix)
