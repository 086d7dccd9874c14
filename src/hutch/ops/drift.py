"""Is the environment what the lock says? What is missing, extra, of another version or another file.

Changes nothing, asks no network, starts no program but the environment's own Python, if that is none of a
stranger. What cannot be known (another tool has put in a package of the right version) is no drift.
"""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from hutch.env import Environment, Installed
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.sync import SyncOptions
    from hutch.spec import CondaRecord

    Kind = Literal["missing", "extra", "version", "source", "file"]

__all__ = ["Compared", "Drift", "find_drift", "last_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A package that is not as locked: ``installed`` and ``locked`` are versions, or ``""``.

    ``source`` is another commit or address, ``file`` another file than one that the lock names.
    """

    kind: Kind
    name: str
    installed: str
    locked: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """For ``--json``."""
        return {
            "kind": self.kind,
            "package": self.name,
            "installed": self.installed,
            "locked": self.locked,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of comparing: the lock's file name, how many of its packages belong here, the differences.

    ``unknown`` have the locked version, and came from who knows where: another tool has put them in.
    ``command`` is the sync that was asked for last, and puts it right.
    """

    lock: str
    packages: int
    drift: tuple[Drift, ...]
    unknown: tuple[str, ...] = ()
    command: str = "hutch sync"

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "file": self.lock,
            "packages": self.packages,
            "drift": [each.to_json() for each in self.drift],
            "unknown": list(self.unknown),
            "command": self.command,
        }


def find_drift(context: Context, environment: Environment) -> Compared | None:
    """Compare the project's environment with its lock; None where there is no project, or no lock.

    Raises a Problem where the lock cannot be read, or is for other machines, and BrokenInterpreter.
    """
    from hutch.ops.lock_file import NoLock, read_lock

    if context.root is None:
        return None
    checkout = context.checkout
    try:
        lock = read_lock(context, checkout)
    except NoLock:
        return None
    from hutch.ops.env_selection import chosen_options

    asked, exact = _asked(environment)
    options = chosen_options(context, checkout, asked)
    packages, project, records = _wanted(context, checkout, lock, environment, options)
    installed = {str(name): one for name, one in environment.installed().items()}
    hashes = _hashes(environment, installed)
    drift: list[Drift] = []
    if environment.prefix:
        from hutch.ops.conda_drift import record_drift

        for kind, name, there, locked, detail in record_drift(environment, records, lock, exact=exact):
            drift.append(Drift(kind=kind, name=name, installed=there, locked=locked, detail=detail))
        installed = {name: one for name, one in installed.items() if not name.startswith("conda:")}
    unknown: list[str] = []
    for package in packages:
        name = str(package.name)
        one = installed.get(name)
        if one is None:
            drift.append(Drift(kind="missing", name=name, installed="", locked=package.version or "",
                               detail="is not installed"))  # fmt: skip
            continue
        found = _compare(name, package, one, hashes.get(name, ""))
        if found is not None:
            drift.append(found)
        elif not package.is_direct and not hashes.get(name) and package.wheels:
            unknown.append(name)
    expected = {str(package.name) for package in packages}
    if project:
        expected.add(project)
        if project not in installed:
            drift.append(
                Drift(
                    kind="missing",
                    name=project,
                    installed="",
                    locked="",
                    detail="is not installed: it is the project itself",
                )
            )
    allowed = expected if exact else expected | {str(each.name) for each in lock.packages}
    for name, one in installed.items():
        if name not in allowed:
            by = f", put in by {one.installer}" if one.installer not in ("", "hutch") else ""
            drift.append(Drift(kind="extra", name=name, installed=one.version, locked="",
                               detail=f"is not in the lock{by}"))  # fmt: skip
    path = checkout.foreign.path if checkout.foreign is not None else checkout.lock_path
    return Compared(
        lock=os.path.basename(path),
        packages=len(expected) + len(records),
        drift=tuple(sorted(drift, key=lambda each: each.name)),
        unknown=tuple(unknown),
        command=_command(asked, context.env),
    )


def _command(options: SyncOptions, environment: str | None = None) -> str:
    """The sync with these options, to be typed."""
    import shlex

    words = ["hutch", "sync"]
    words += ["--env", shlex.quote(environment)] if environment is not None else []
    for name in ("group", "no_group", "only_group", "extra", "package"):
        for value in getattr(options, name):
            words += [f"--{name.replace('_', '-')}", shlex.quote(value)]
    for name in ("all_groups", "only_dev", "all_extras", "all_packages", "only_deps"):
        if getattr(options, name):
            words.append(f"--{name.replace('_', '-')}")
    words += [] if options.dev else ["--no-dev"]
    words += [] if options.install_project else ["--no-install-project"]
    return " ".join(words)


def _wanted(
    context: Context, checkout: Checkout, lock: Lock, environment: Environment, options: SyncOptions
) -> tuple[tuple[LockedPackage, ...], str, list[CondaRecord]]:
    """The entries of the lock that belong into the environment, the project if it does, and the records."""
    from hutch.interpreters import probe_interpreter
    from hutch.ops.choosing import focused, selection_of, without_chosen
    from hutch.ops.syncing import select_packages
    from hutch.spec import normalize

    if options.package or options.all_packages:
        checkout = focused(context, options.package, all_packages=options.all_packages)
    records: list[CondaRecord] = []
    interpreter: Interpreter | None
    if environment.prefix and lock.conda is not None:
        from hutch.ops.conda_drift import locked_in_prefix
        from hutch.ops.conda_sync import chosen_part

        selection = selection_of(options, checkout, None, lock)
        records, interpreter = locked_in_prefix(context, checkout, lock, environment, selection)
        lock, taken = chosen_part(context, lock, selection)
    else:
        interpreter = probe_interpreter(environment.executable, context.store)
        selection = taken = selection_of(options, checkout, interpreter, lock)
    packages: tuple[LockedPackage, ...] = ()
    if interpreter is not None and (lock.packages or not records):
        packages = select_packages(lock, interpreter, taken, checkout)
    if checkout.members and (options.only_deps or not options.install_project):
        packages = without_chosen(packages, checkout, options, every=options.only_deps)
    manifest = checkout.manifest
    itself = options.install_project and not options.only_deps and not selection.only_groups
    project = normalize(manifest.name) if manifest.is_package and itself and manifest.name else ""
    return packages, str(project), records


def last_options(environment: Environment | None) -> SyncOptions:
    """What the last sync of the environment was asked for, as far as that is known."""
    from hutch.ops.sync import SyncOptions

    return _asked(environment)[0] if environment is not None else SyncOptions()


def _asked(environment: Environment) -> tuple[SyncOptions, bool]:
    """What the last sync of the environment was asked for, and whether it took out all else.

    Where that is not known it is what `hutch sync` alone would take, and nothing that some selection of the
    lock brings is too much.
    """
    from hutch.env.state import read_old_state

    state = read_old_state(environment.root)
    match state:
        case (_, _, _, ((key, bool(exact)), *_), *_):
            return _options(key), exact
    return _remembered(environment), False


def _options(key: object) -> SyncOptions:
    """The options of which ``ops.quick.selection_key`` has made this."""
    from hutch.ops.sync import SyncOptions

    match key:
        case (
            tuple(group), tuple(no_group), tuple(only), tuple(extra), bool(groups), bool(dev), bool(only_dev),
            bool(extras), (bool(itself), bool(only_deps)), tuple(package), bool(all_packages), *_,
        ):  # fmt: skip
            return SyncOptions(
                group=group,
                no_group=no_group,
                only_group=only,
                extra=extra,
                all_groups=groups,
                dev=dev,
                only_dev=only_dev,
                all_extras=extras,
                install_project=itself,
                only_deps=only_deps,
                package=package,
                all_packages=all_packages,
            )
    return SyncOptions()


def _remembered(environment: Environment) -> SyncOptions:
    """What was asked of one of a project's other environments when it was made."""
    from hutch.ops.asked import read_asked
    from hutch.ops.sync import SyncOptions

    asked = read_asked(environment.root)
    return SyncOptions(**dict(asked.selection)) if asked is not None else SyncOptions()  # type: ignore[arg-type]


def _hashes(environment: Environment, installed: Mapping[str, Installed]) -> dict[str, str]:
    """The hashes of the wheels that hutch has put in, where nobody has put in another one since."""
    from hutch.env import packages_now
    from hutch.env.generations import read_newest

    now = packages_now(environment.root, installed, read_newest(environment.root))
    return {one.name: one.sha256 for one in now if one.sha256}


def _compare(name: str, package: LockedPackage, one: Installed, sha256: str) -> Drift | None:
    from hutch.env.plan import same_version

    locked = package.version or ""
    by = f", put in by {one.installer}" if one.installer not in ("", "hutch") else ""

    def differs(kind: Kind, detail: str) -> Drift:
        return Drift(kind=kind, name=name, installed=one.version, locked=locked, detail=detail)

    if locked and not same_version(one.version, locked):
        return differs("version", f"is {one.version} instead of {locked}{by}")
    if package.vcs is not None:
        said = (one.direct_url or {}).get("vcs_info")
        commit = said.get("commit_id") if isinstance(said, dict) else None
        if commit != package.vcs.commit_id:
            return differs("source", f"is not of the commit {package.vcs.commit_id[:12]}{by}")
        return None
    if not package.is_direct and one.url is not None:
        from hutch.config.values import redacted

        return differs("source", f"is from {redacted(one.url)}, and not from an index{by}")
    if sha256 and package.wheels and package.sdist is None:
        known = [
            digest for wheel in package.wheels for algorithm, digest in wheel.hashes if algorithm == "sha256"
        ]
        if known and sha256 not in known:
            return differs("file", "is of a file that the lock does not name")
    return None
