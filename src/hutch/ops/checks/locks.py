"""Checks of what pins versions: is there a lock, can it be read, does it say what the manifest asks for."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.checks.values import Fix, check
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


def _lock_again(ground: Ground, plan: str) -> Fix:
    """Make the lock, or make it anew; what was in it stays where it fits."""

    def apply() -> str:
        from hutch.ops.lock import LockOptions, lock

        outcome = lock(ground.command, LockOptions())
        return f"locked {outcome.packages} packages"

    return Fix(plan=(plan,), apply=apply, key="lock", undo="git checkout pylock.toml, if it was committed")


@check(
    "unreadable-lock",
    "The lock can be read",
    group="project",
    severity="error",
    fix_class="ask",
    why="Nothing can be installed from it, and an install without it takes other versions.",
)
def unreadable_lock(ground: Ground, say: Say) -> None:
    """A lock with the markers of a merge, or that is no lock any more."""
    ground.lock  # noqa: B018 - asked for, to have the problem
    problem = ground.problems.get("lock")
    checkout = ground.checkout
    if problem is None or checkout is None:
        return
    own = checkout.foreign is None and problem.code != "newer-lock"
    fix = _lock_again(ground, "lock again; versions that can still be read there stay") if own else None
    say(
        problem.what,
        seen=tuple(line for text in problem.why for line in text.splitlines()),
        commands=problem.hints or (("hutch lock",) if own else ()),
        fix=fix,
    )


@check(
    "stale-lock",
    "The lock was made for what the manifest says now",
    group="project",
    fix_class="ask",
    why="Others, and CI with --locked, get something else than the manifest asks for, or an error.",
)
def stale_lock(ground: Ground, say: Say) -> None:
    """The manifest has changed since the lock was made."""
    checkout, lock = ground.checkout, ground.lock
    if checkout is None or lock is None:
        return
    if checkout.foreign is not None:
        from hutch.ops.foreign_reading import refuse_stale

        try:
            refuse_stale(checkout, ground.context)
        except Problem as problem:
            say(problem.what, seen=problem.why, commands=problem.hints)
        return
    from hutch.ops.lock import current_inputs

    if lock.inputs != current_inputs(ground.context, checkout):
        say(
            "pylock.toml is not what the manifest asks for now",
            seen=(f"{checkout.manifest_path} or a setting has changed since {checkout.lock_path} was made",),
            commands=("hutch lock --check", "hutch lock"),
            fix=_lock_again(ground, "lock again, changing as few versions as possible"),
        )


@check(
    "no-lock",
    "An application says exactly which versions it runs with",
    group="project",
    fix_class="ask",
    why="Each install takes what is newest on that day: it works today, and nobody knows of tomorrow.",
)
def no_lock(ground: Ground, say: Say) -> None:
    """An application with requirements and neither a lock nor exact versions."""
    checkout = ground.checkout
    if checkout is None or ground.is_library or checkout.foreign is not None or ground.lock is not None:
        return
    if "lock" in ground.problems:
        return
    lists = checkout.manifest.requirements()
    loose = [
        one
        for declared in lists.values()
        for one in declared
        if one.requirement.url is None
        and not any(
            operator in ("==", "===") and "*" not in text for operator, text in one.requirement.specifiers
        )
    ]
    if loose:
        number = len({one.requirement.name for one in loose})
        many = f"{number} requirements have" if number > 1 else "a requirement has"
        say(
            f"{many} no exact version, and there is no lock",
            seen=tuple(dict.fromkeys(f"{one.place}: {one.text}" for one in loose)),
            commands=("hutch lock",),
            fix=_lock_again(ground, "write pylock.toml"),
        )


@check(
    "several-locks",
    "One lock says what is installed",
    group="project",
    severity="info",
    why="Each tool follows its own lock, and nothing keeps them equal: people of one project have two sets.",
)
def several_locks(ground: Ground, say: Say) -> None:
    """Locks of several tools beside each other."""
    from hutch.lock.foreign import FORMATS
    from hutch.ops.checkout import LOCK

    checkout = ground.checkout
    if checkout is None:
        return
    names = dict.fromkeys((LOCK, *(kind.filename for kind in FORMATS if kind.module != "requirements")))
    there = [name for name in names if os.path.isfile(os.path.join(checkout.root, name))]
    if len(there) < 2:
        return
    used = os.path.basename(checkout.foreign.path if checkout.foreign is not None else checkout.lock_path)
    say(
        f"there are {len(there)} locks: {', '.join(there)}",
        seen=(f"hutch goes by {used}",),
        commands=tuple(f"git rm {name}, if nobody works with its tool" for name in there if name != used),
    )


@check(
    "ignored-lock",
    "The lock is where others get it",
    group="project",
    why="git ignores it: whoever clones the project, and CI, installs other versions than you have.",
)
def ignored_lock(ground: Ground, say: Say) -> None:
    """A `pylock.toml` of an application that `.gitignore` names."""
    checkout = ground.checkout
    if checkout is None or ground.is_library or checkout.foreign is not None or ground.lock is None:
        return
    name = os.path.basename(checkout.lock_path)
    said = ground.git(checkout.root, "check-ignore", "--verbose", "--", name)
    if said:
        place = said.partition("\t")[0]
        say(
            f"git ignores {name}",
            seen=(f"{checkout.lock_path}, by {place}",),
            commands=(f"take the line out, and git add {name}",),
        )


_LOOKED_AT = ("Dockerfile", "Containerfile", ".gitlab-ci.yml", "azure-pipelines.yml", ".travis.yml")


@check(
    "loose-installs",
    "What builds and tests the project installs exact versions",
    group="project",
    severity="info",
    why="An image or a job that was green yesterday fails today, though nobody changed anything.",
)
def loose_installs(ground: Ground, say: Say) -> None:
    """Lines of Dockerfiles and CI that install packages without versions."""
    if ground.root is None:
        return
    found = []
    for path in _recipes(ground.root):
        try:
            text = read_plain(path, 1 << 20).decode("utf-8", "replace")
        except OSError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            names = loose_names(line)
            if names:
                place = os.path.relpath(path, ground.root).replace(os.sep, "/")
                found.append(f"{place}:{number}: {', '.join(names)}")
    if found:
        say(
            "packages are installed without versions by what builds the project",
            seen=tuple(found),
            commands=("hutch export --format requirements > requirements.txt", "hutch sync --locked"),
        )


def _recipes(root: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(root))
    except OSError:
        return
    for name in names:
        if name in _LOOKED_AT or name.startswith(("Dockerfile.", "Containerfile.")):
            yield os.path.join(root, name)
    workflows = os.path.join(root, ".github", "workflows")
    if os.path.isdir(workflows):
        for name in sorted(os.listdir(workflows)):
            if name.endswith((".yml", ".yaml")):
                yield os.path.join(workflows, name)


_TAKES_VALUE = frozenset(
    (
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-e",
        "--editable",
        "-i",
        "--index-url",
        "--extra-index-url",
    )
) | frozenset(("-f", "--find-links", "-t", "--target", "--prefix", "--root", "--python", "--trusted-host"))


def loose_names(line: str) -> list[str]:
    """The packages that a line installs with pip, or uv, without a version."""
    words = line.partition(" #")[0].replace("&&", " ; ").replace("|", " ; ").split()
    if line.lstrip().startswith("#") or "install" not in words:
        return []
    at = words.index("install")
    before = words[at - 1].rstrip("0123456789.") if at else ""
    if os.path.basename(before) != "pip":
        return []
    names, skip = [], False
    for word in words[at + 1 :]:
        if word in (";", "\\") or word.startswith(";"):
            break
        if skip or word.startswith("-"):
            skip = not skip and word in _TAKES_VALUE
            if word in ("-r", "--requirement", "-e", "--editable"):
                return []
            continue
        name = word.strip("\"'")
        if any(mark in name for mark in ("==", "@", "/", "$", ".whl", "{", "<", ">", "~=")) or name == ".":
            continue
        if name.partition("[")[0] in ("pip", "setuptools", "wheel", "uv", "hutch") or name.startswith("."):
            continue
        if name.partition("[")[0].replace("-", "").replace("_", "").replace(".", "").isalnum():
            names.append(name)
    return names


CHECKS = (unreadable_lock, stale_lock, no_lock, several_locks, ignored_lock, loose_installs)
