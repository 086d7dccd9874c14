"""``hutch git``: merging ``pylock.toml`` in git, by solving and not by patching.

A lock is proven as a whole; a mixture of two is not. So the driver merges the *manifests* of both
sides, as git itself will, and locks for what comes out, preferring the versions of both sides. Where
that cannot be done (the manifests conflict, their commits are not found, nothing fits, no network)
the lock is left with conflict markers, as without a driver; ``hutch lock`` goes on from there.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.checkout import LOCK, MANIFEST, Checkout, Neighbours, read_manifest, read_text, write_text
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "GitSetupOptions",
    "GitSetupOutcome",
    "LockNotMerged",
    "MergeLockOptions",
    "MergeLockOutcome",
    "git_setup",
    "merge_lock",
]

DRIVER = "hutch git merge-lock %O %A %B %P"
ATTRIBUTE = f"{LOCK} merge=hutch"


class LockNotMerged(Problem):
    """A lock could not be merged, and has conflict markers now."""

    code = "lock-not-merged"

    def __init__(self, path: str, why: tuple[str, ...], manifest: str = MANIFEST) -> None:
        super().__init__(
            f"{path} is not merged", why=why, hint=f"finish the merge of {manifest}, then run hutch lock"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSetupOptions:
    """The options of ``git setup``."""

    user: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSetupOutcome:
    """``attributes`` is the file that names the driver; ``changed`` whether it had to be written."""

    attributes: str
    driver: str
    changed: bool
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "attributes": self.attributes,
            "driver": self.driver,
            "changed": self.changed,
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLockOptions:
    """What git hands to a merge driver: ``%O %A %B %P``. The result goes to ``ours``."""

    base: str = ""
    ours: str = ""
    theirs: str = ""
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLockOutcome:
    """The lock that was merged, and how many packages it has."""

    path: str
    packages: int

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "packages": self.packages}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merged(Checkout):
    """The project as it will be after the merge; its lock so far is what both sides had."""

    preferences: str

    @property
    def lock_path(self) -> str:
        return self.preferences


_Choices = dict[str, tuple[tuple[str, ...], ...]]
_Sides = tuple[str, str, str]
"""The commits of our side, of where the two parted, and of their side."""


class _Unmerged(Exception):
    """Why there is nothing to lock for."""


def git_setup(context: Context, options: GitSetupOptions) -> GitSetupOutcome:
    """Tell git to merge locks with hutch: in this repository, or in all of the user's."""
    top = _git(context, ("rev-parse", "--show-toplevel"), needed="a git repository").strip()
    path = os.path.join(top, ".gitattributes")
    before = read_text(path) if os.path.exists(path) else ""
    changed = ATTRIBUTE not in (" ".join(line.split()) for line in before.splitlines())
    if not options.dry_run:
        where = "--global" if options.user else "--local"
        name = "locks of hutch, merged by locking again"
        _git(context, ("config", where, "merge.hutch.name", name), needed="a configuration to write")
        _git(context, ("config", where, "merge.hutch.driver", DRIVER), needed="a configuration to write")
        if changed:
            gap = "" if not before or before.endswith("\n") else "\n"
            write_text(path, f"{before}{gap}{ATTRIBUTE}\n")
    return GitSetupOutcome(attributes=path, driver=DRIVER, changed=changed, dry_run=options.dry_run)


def merge_lock(context: Context, options: MergeLockOptions) -> MergeLockOutcome:
    """Merge a lock, as git's driver: the result replaces ``ours``; ``LockNotMerged`` leaves markers there."""
    import tempfile

    path = options.path or LOCK
    base, ours, theirs = (context.path(path) for path in (options.base, options.ours, options.theirs))
    try:
        with tempfile.TemporaryDirectory(prefix="hutch-merge-") as scratch:
            sides = _find_sides(context, path, base, ours, theirs)
            text = _merged_file(context, scratch, sides, _beside(context, os.path.dirname(path)))
            texts = (read_text(base), read_text(ours), read_text(theirs))
            found, packages = _lock(context, scratch, path, text, texts, sides)
    except (_Unmerged, Problem) as error:
        why = (error.what, *error.why) if isinstance(error, Problem) else (str(error),)
        _leave_markers(context, base, ours, theirs)
        manifest = os.path.basename(_beside(context, os.path.dirname(path)))
        raise LockNotMerged(path, why, manifest) from None
    write_text(ours, found)
    return MergeLockOutcome(path=path, packages=packages)


def _lock(
    context: Context,
    scratch: str,
    path: str,
    text: str,
    locks: tuple[str, str, str],
    sides: _Sides,
) -> tuple[str, int]:
    """Lock for the manifest ``text``, keeping the versions of the ``locks`` of both sides where they fit."""
    from hutch.ops.conda_apart import choices_by_environment, kept_of_both
    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions, make_or_read_lock

    root = os.path.dirname(context.path(path))
    kept = os.path.join(scratch, LOCK)
    write_text(kept, f"<<<<<<< both sides\n{_kept(*locks)}>>>>>>> both sides\n")
    with Context(root, context.environ, context.flags) as inner:
        inner.kept = kept_of_both(*map(choices_by_environment, locks))
        name = inner.manifest_file
        manifest = read_manifest(inner, text, filename=name, read=Neighbours(root))
        above = inner.place.workspace if inner.place is not None else None
        merged: Checkout
        if above is not None or manifest.settings.workspace is not None:
            merged = _merged_workspace(context, inner, scratch, path, text, kept, sides)
        else:
            merged = _Merged(root=root, text=text, manifest=manifest, file=name, preferences=kept)
        locked = make_or_read_lock(inner, merged, LockOptions(dry_run=True))
        return locked.text, locked.lock.count


def _merged_workspace(
    context: Context, inner: Context, scratch: str, path: str, text: str, kept: str, sides: _Sides
) -> Checkout:
    """The workspace as it will be after the merge: members come and go, and change, on either side."""
    from hutch.ops.members import read_workspace
    from hutch.ops.separate import separate_member

    folder = os.path.dirname(path)
    above = inner.place.workspace if inner.place is not None else None
    top = os.path.relpath(above or context.path(folder), context.directory).replace(os.sep, "/")
    member = os.path.relpath(context.path(folder), context.path(top)).replace(os.sep, "/")
    overlay = _merged_manifests(context, scratch, sides, "" if top == "." else top)
    workspace = read_workspace(inner, context.path(top), member, {**overlay, member: text})
    if above is None and workspace.table.locks == "shared":
        return replace(workspace, lock_at=kept)
    return replace(separate_member(workspace, member), lock_at=kept)


def _kept(base: str, ours: str, theirs: str) -> str:
    """What to keep of both sides, of an index and of conda, as blocks of a lock."""
    from hutch.lock import salvage, salvage_conda

    texts = (base, ours, theirs)
    versions = _changed([_by_name((name, (version,)) for name, version in salvage(text)) for text in texts])
    records = _changed([_by_name((row[0], row[1:]) for row in salvage_conda(text)) for text in texts])
    lines = []
    for name, found in versions.items():
        lines += [f'[[packages]]\nname = "{name}"\nversion = "{version}"\n' for (version,) in found]
    for name, found in records.items():
        head = f'[[tool.hutch.conda.packages]]\nname = "{name}"\n'
        lines += [f'{head}version = "{version}"\nbuild = "{build}"\n' for version, build in found]
    return "".join(lines)


def _by_name(rows: Iterable[tuple[str, tuple[str, ...]]]) -> _Choices:
    found: _Choices = {}
    for name, row in rows:
        found[name] = (*found.get(name, ()), row)
    return found


def _changed(sides: Sequence[_Choices]) -> _Choices:
    """By name what to keep: of a side that changed it its versions, of two that did those of both."""
    before, mine, other = sides
    kept = {}
    for name in sorted(mine.keys() | other.keys()):
        had, a, b = before.get(name), mine.get(name), other.get(name)
        versions = b if a == had else a if b == had else (*(a or ()), *(b or ()))
        if versions:
            kept[name] = tuple(dict.fromkeys(versions))
    return kept


# -- what git knows ---------------------------------------------------------------------------------


def _beside(context: Context, folder: str) -> str:
    """The manifest beside a lock, as git names it."""
    from hutch.ops.manifests import manifest_in

    return os.path.join(folder, manifest_in(context.path(folder)) or MANIFEST).replace(os.sep, "/")


def _find_sides(context: Context, path: str, base: str, ours: str, theirs: str) -> _Sides:
    """The commits that are merged; ``_Unmerged`` where that is not clear."""
    head = _commit(context, "HEAD")
    if head is None or not _has(context, head, path, ours):
        raise _Unmerged("the lock of this side is not the one that is committed")
    other = next((each for each in _others(context, path, theirs) if _has(context, each, path, theirs)), None)
    if other is None:
        raise _Unmerged("the commit that is merged cannot be found out")
    fork = _git(context, ("merge-base", head, other), check=False).strip()
    forks = (fork, _commit(context, f"{other}^1"))
    before = next((each for each in forks if each and _has(context, each, path, base)), None)
    if before is None:
        raise _Unmerged("the commit where the two sides parted cannot be found out")
    return head, before, other


def _merged_file(context: Context, scratch: str, sides: _Sides, file: str) -> str:
    """A manifest as git is going to merge it; ``_Unmerged`` where it conflicts."""
    files: list[str] = []
    for commit in sides:
        text = _git(context, ("show", f"{commit}:{file}"), check=False)
        if not text:
            raise _Unmerged(f"a side has no {file}")
        files.append(os.path.join(scratch, f"{len(files)}.toml"))
        write_text(files[-1], text)
    merged: str | None = _git(context, ("merge-file", "-p", *files), check=False, conflicts=True)
    if merged is None:
        raise _Unmerged(f"the changes of {file} conflict")
    return merged


def _merged_manifests(context: Context, scratch: str, sides: _Sides, top: str) -> dict[str, str | None]:
    """The manifests below ``top`` that will not be those of our side, by their folder; None for one that
    goes."""
    ours, before, theirs = (_manifests(context, commit, top) for commit in sides)
    found: dict[str, str | None] = {}
    for file in sorted(ours.keys() | theirs.keys()):
        mine, was, other = ours.get(file), before.get(file), theirs.get(file)
        if other in (mine, was):
            continue
        folder = os.path.relpath(os.path.dirname(file), top or ".").replace(os.sep, "/")
        if mine == was:
            text = _git(context, ("show", f"{sides[2]}:{file}"), check=False) if other is not None else None
            found[folder] = text
        elif mine is None or other is None:
            raise _Unmerged(f"one side changes {file}, the other removes it")
        else:
            found[folder] = _merged_file(context, scratch, sides, file)
    return found


def _manifests(context: Context, commit: str, top: str) -> dict[str, str]:
    """The manifests of a commit below ``top``, each with the name of its contents."""
    words = ("ls-tree", "-r", "-z", commit, *(("--", f"{top}/") if top else ()))
    found = {}
    for line in _git(context, words, check=False).split("\0"):
        about, _, file = line.partition("\t")
        if os.path.basename(file) == MANIFEST:
            found[file] = about.split()[2]
    return found


def _others(context: Context, path: str, theirs: str) -> list[str]:
    """Commits that may be the one that is merged, the surest first."""
    found = [name.removeprefix("GITHEAD_") for name in context.environ if name.startswith("GITHEAD_")]
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD"):
        if commit := _commit(context, name):
            found.append(commit)
    done = _git(context, ("rev-parse", "--git-path", "rebase-merge/done"), check=False).strip()
    try:
        with open(context.path(done), encoding="utf-8") as file:
            words = file.read().splitlines()[-1].split()
        if len(words) > 1 and (commit := _commit(context, words[1])):
            found.append(commit)
    except (OSError, IndexError):
        pass
    blob = _git(context, ("hash-object", "--no-filters", theirs), check=False).strip()
    looked = ("log", "--all", "--format=%H", "-20", f"--find-object={blob}", "--", path)
    return [*found, *_git(context, looked, check=False).split()]


def _commit(context: Context, name: str) -> str | None:
    return (
        _git(context, ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"), check=False).strip() or None
    )


def _has(context: Context, commit: str, path: str, file: str) -> bool:
    """Does the commit have at ``path`` what is in ``file``?"""
    there = _git(context, ("rev-parse", "--verify", "--quiet", f"{commit}:{path}"), check=False).strip()
    return bool(there) and there == _git(context, ("hash-object", "--no-filters", file), check=False).strip()


def _leave_markers(context: Context, base: str, ours: str, theirs: str) -> None:
    names = ("-L", "ours", "-L", "base", "-L", "theirs")
    _git(context, ("merge-file", *names, ours, base, theirs), check=False, conflicts=True)


def _git(
    context: Context,
    words: Sequence[str],
    *,
    needed: str = "",
    check: bool = True,
    conflicts: bool = False,
) -> Any:
    """What git prints. With ``check`` a failure is a problem, without it is no text.

    With ``conflicts`` the exit code is the number of conflicts, and any is None.
    """
    import subprocess

    from hutch.net import absolute_path

    variables = {**context.environ, "LC_ALL": "C", "PATH": absolute_path(context.environ)}
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=context.directory,
            env=variables,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        raise UsageProblem(f"cannot run git: {error.strerror or error}", hint="install git") from None
    if conflicts:
        return done.stdout if done.returncode == 0 else None
    if done.returncode != 0:
        if check:
            said = done.stderr.strip().splitlines() or [f"git ended with {done.returncode}"]
            raise UsageProblem(f"this needs {needed}", why=said[-1])
        return ""
    return done.stdout
