"""From entries of a lock to an environment: choose files, fetch or build wheels, plan, apply.

Downloads and unpacking run side by side: the network in this thread, unpacking in others (see
``index.fetch_file``).
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.events import Fetched, Notice, PhaseEnded, PhaseStarted
from hutch.light import contextmanager
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from hutch.env import DamagedWheel, Environment, Plan
    from hutch.index import File
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.fetching import Fetcher
    from hutch.store import StoredWheel

__all__ = [
    "Chosen",
    "allow_clobber",
    "choose_files",
    "downloads_at_once",
    "fetch_wheels",
    "get_ready",
    "indexed_file",
    "install",
]

_MOST_AT_ONCE = 50
_FOR_DOWNLOADS = (
    "hutch.store.publish",
    "hashlib",
    "hutch.index.downloads",
    "hutch.net.client",
    "hutch.net.curl",
    "pycurl",
    "hutch.net.background",
    "hutch.store.unpackers",
)
_FOR_CHANGES = (
    "hutch.env.create",
    "hutch.shell.activation",
    "hutch.lock.selecting",
    "hutch.spec.target_words",
    "hutch.env.installed",
    "hutch.env.apply",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A file of the lock for this machine: a wheel, or a source distribution to be built."""

    name: str
    version: str
    file: LockedFile
    is_wheel: bool
    index: str | None

    @property
    def sha256(self) -> str | None:
        """The digest by which the store knows it."""
        return dict(self.file.hashes).get("sha256")


def choose_files(
    packages: Iterable[LockedPackage],
    interpreter: Interpreter,
    *,
    built: Collection[str] = (),
    supported: Mapping[str, int] | None = None,
) -> tuple[Chosen, ...]:
    """For each entry the wheel that fits best, else its source distribution; of those that are to be
    ``built`` (``:all:`` for every one) the source distribution, if the lock has it. ``supported`` are tags of
    another Python."""
    from hutch.lock import choose_file
    from hutch.spec import supported_tags

    if supported is None:
        supported = supported_tags(interpreter.tag_facts)
    chosen = []
    for package in packages:
        file = package.sdist if built and {package.name, ":all:"}.intersection(built) else None
        file = file or choose_file(package, supported)
        chosen.append(
            Chosen(
                name=package.name,
                version=package.version or "",
                file=file,
                is_wheel=file is not package.sdist,
                index=package.index,
            )
        )
    return tuple(chosen)


def get_ready(*, downloads: bool = True) -> Callable[[], bool]:
    """Something to do while somebody else is waited for: each call imports a module that will be needed,
    for ``downloads`` or for what comes after them."""
    left = iter((*_FOR_DOWNLOADS, *_FOR_CHANGES) if downloads else _FOR_CHANGES)

    def bring_one() -> bool:
        module = next(left, None)
        try:
            if module == "pycurl":
                from hutch.net.curl import import_pycurl

                import_pycurl()
            elif module is not None:
                __import__(module)
        except ImportError:
            pass  # there is another way, or whoever needs it says so
        return module is not None

    return bring_one


def install(
    context: Context,
    environment: Environment,
    plan: Plan,
    chosen: Mapping[str, Chosen],
    extra: Mapping[str, StoredWheel],
    builder: Builder,
    interpreter: Interpreter,
    *,
    pinned: bool | None = None,
    new: bool = False,
) -> None:
    """Fetch what the plan needs, then carry it out: the environment changes when all is there.

    With ``pinned`` false an environment that was rolled back follows its lock again; a ``new`` one was made
    by this command.
    Raises ``DamagedWheel`` where one of ``extra`` is damaged. It has been taken out of the store by then, so
    that it is made anew when it is asked for again.
    """
    from hutch.env import CannotWrite, DamagedBytecode, DamagedWheel, apply_plan
    from hutch.ops.bytecode import bytecode_for, discard_bytecode
    from hutch.ops.occasions import note_root, occasion_of
    from hutch.ops.planting import link_mode_for, planted

    mode = link_mode_for(context, environment)
    trees = mode == "tree"
    needed = {name: chosen[name] for name in plan.needs() if name in chosen}
    # Who has something put in anew has a reason: then it is looked at closely.
    again = (
        {link.name for link in plan.links if link.reason in ("reinstalled", "repaired")} if trees else set()
    )
    context.store.wheels.fresh.clear()
    found = fetch_wheels(
        context, needed.values(), builder, interpreter, trees=trees, again=again, fetcher=context.fetcher
    )
    # Builds are done in environments that have links to the same files, by programs of others.
    built = extra or not all(one.is_wheel for one in needed.values())
    proven = frozenset[str]() if built or trees else frozenset(context.store.wheels.fresh)
    wheels = {**extra, **found}
    bytecode = bytecode_for(context, wheels, interpreter, environment)
    context.emit(PhaseStarted("install", len(plan.steps)))
    for last in (False, False, False, False, True):
        try:
            if context.configuration.checks_content:
                _check_content(wheels)
            if trees:
                wheels = planted(context, wheels)
            apply_plan(
                plan.supply(wheels).with_bytecode(bytecode),
                environment,
                link_mode=mode,
                allow_clobber=allow_clobber(context, plan),
                emit=context.emit,
                occasion=occasion_of(
                    context, pinned=pinned, remembered=environment.remembers, new=new, proven=proven
                ),
            )
            break
        except DamagedWheel as damaged:
            if last:
                raise
            for _, _, sha256, _ in damaged.wheels if trees else ():
                context.store.trees.forget(sha256)
            wheels.update(_heal(context, damaged, needed, builder, interpreter))
            proven = frozenset()
        except DamagedBytecode as spoiled:
            if last:
                raise
            discard_bytecode(context, spoiled, bytecode)
        except CannotWrite as problem:
            # Somebody emptied the store after the look at it, so the next look finds what is missing.
            if last or not isinstance(problem.__cause__, FileNotFoundError):
                raise
            proven = frozenset()
    note_root(context, environment)
    context.emit(PhaseEnded("install"))


def allow_clobber(context: Context, plan: Plan) -> frozenset[str]:
    """The packages of the plan that may replace files of others; a name means that of conda's, too."""
    from hutch.spec import normalize

    allowed = context.configuration.allow_clobber
    every = ":all:" in allowed
    return allowed | {
        link.name
        for link in plan.links
        if every or (link.conda is not None and normalize(link.conda.record.name) in allowed)
    }


def _check_content(wheels: Mapping[str, StoredWheel]) -> None:
    """Hash every file of the wheels; ``DamagedWheel`` where one is not what was unpacked."""
    from hutch.env import DamagedWheel

    damaged = []
    for name, wheel in wheels.items():
        files = (wheel.whole() or wheel).damage(deep=True)
        if files:
            damaged.append((name, wheel.manifest.version, wheel.sha256, files[0].partition("/")[2]))
    if damaged:
        raise DamagedWheel(tuple(damaged))


def _heal(
    context: Context,
    damaged: DamagedWheel,
    needed: Mapping[str, Chosen],
    builder: Builder,
    interpreter: Interpreter,
) -> dict[str, StoredWheel]:
    """Somebody edited files of the store (through a hard link, as a rule): have those wheels anew.

    One whose dates alone are wrong (a copied store) is right again without being fetched.
    """
    wheels = context.store.wheels
    sound: dict[str, StoredWheel] = {}
    again = []
    lost = False
    for name, version, sha256, file in damaged.wheels:
        stored = wheels.find(sha256)
        if stored is not None:
            stored.redate()
            if not stored.damage(deep=context.configuration.checks_content):
                sound[name] = stored
                continue
        wheels.discard(sha256)
        lost = lost or name not in needed
        how = "fetched" if name in needed and needed[name].is_wheel else "built"
        what = f"was changed ({file})" if stored is not None else "is gone"
        context.emit(Notice(f"the store's copy of {name} {version} {what}: {how} anew"))
        if name in needed:
            again.append(needed[name])
    if lost:
        raise damaged
    return sound | fetch_wheels(context, again, builder, interpreter)


def fetch_wheels(
    context: Context,
    needed: Collection[Chosen],
    builder: Builder,
    interpreter: Interpreter,
    *,
    trees: bool = False,
    again: Collection[str] = (),
    fetcher: Fetcher | None = None,
) -> dict[str, StoredWheel]:
    """The unpacked wheel of each: from the store (as one of its ``trees``), from the network, or built.

    What ``fetcher`` was asked for it has to tell of, though it may be in the store by now.
    """
    found: dict[str, StoredWheel] = {}
    missing: list[Chosen] = []
    for one in needed:
        stored = None
        if trees and one.is_wheel and one.sha256:
            stored = context.store.trees.find(one.sha256, check=one.name in again)
        if fetcher is None or not fetcher.was_asked(one):
            stored = stored or _in_store(context, one, builder, interpreter)
        if stored is None:
            missing.append(one)
        else:
            found[one.name] = stored
    if missing:
        if sources := [(one.name, f"{one.name} {one.version}") for one in missing if not one.is_wheel]:
            from hutch.ops.forbidden import refuse_builds

            refuse_builds(context, sources, indexed=True)
        if any(one.file.url is None for one in missing):
            from hutch.ops.completing import located_files

            missing = located_files(context, missing)
        context.emit(PhaseStarted("download", len(missing)))
        if fetcher is not None:
            brought = fetcher.bring([one for one in missing if one.is_wheel])
            context.fetcher = None
            found.update(brought)
            missing = [one for one in missing if one.name not in brought]
        if missing:
            found.update(_fetch(context, missing, builder, interpreter))
        context.emit(PhaseEnded("download"))
    _check_told(context, needed, found)
    return found


def _check_told(context: Context, needed: Collection[Chosen], found: Mapping[str, StoredWheel]) -> None:
    """What an index told of a wheel, and was chosen by, must be what the wheel itself says."""
    if "indexes" not in context.__dict__:
        return  # the lock chose
    from hutch.index import check_told

    for one in needed:
        known = context.indexes.known_file(one.name, one.version, one.file.filename) if one.is_wheel else None
        if known is not None:
            check_told(context.store, *known, found[one.name])


def _in_store(
    context: Context, one: Chosen, builder: Builder, interpreter: Interpreter
) -> StoredWheel | None:
    if one.sha256 is None:
        return None
    if one.is_wheel:
        return context.store.wheels.find(one.sha256)
    return builder.built(one.sha256, interpreter, one.name)


def _fetch(
    context: Context, missing: list[Chosen], builder: Builder, interpreter: Interpreter
) -> dict[str, StoredWheel]:
    from hutch.index import fetch_file
    from hutch.net import CannotSave
    from hutch.store import StoreProblem

    found: dict[str, StoredWheel] = {}
    failed: list[Problem] = []
    sources: list[tuple[Chosen, Path]] = []
    waiting = iter(missing)
    under_way: list[Callable[[], None]] = []
    wheels = sum(one.is_wheel for one in missing)
    with _folder(context, wheels < len(missing)) as scratch, context.store.wheels.unpacking(wheels):

        def start() -> None:
            """The next download, if there is one and nothing has gone wrong."""
            one = None if failed else next(waiting, None)
            if one is None:
                return

            def fetched(answer: StoredWheel | Path | Problem, one: Chosen = one) -> None:
                if isinstance(answer, Problem):
                    failed.append(answer)
                    return
                context.emit(Fetched(one.file.filename, one.file.size or 0))
                if one.is_wheel:
                    found[one.name] = answer  # type: ignore[assignment]
                else:
                    sources.append((one, answer))  # type: ignore[arg-type]
                start()

            into = None if one.is_wheel else scratch
            under_way.append(fetch_file(context.client, context.store, indexed_file(one), fetched, into=into))

        for _ in range(downloads_at_once()):
            start()
        context.client.when_idle(get_ready(downloads=False))
        while not failed and context.client.pump(None):
            pass
        if failed:
            if isinstance(failed[0], (CannotSave, StoreProblem)):
                # A disk that is full shall not stay so because of what cannot be used.
                for give_up in under_way:
                    give_up()
            raise failed[0]
        for one, archive in sources:
            found[one.name] = builder.build(archive, one, interpreter)
    return found


@contextmanager
def _folder(context: Context, wanted: bool) -> Iterator[Path | None]:
    """A working folder, if it is ``wanted``; in any case the store is one that can be written."""
    if wanted:
        with context.store.scratch() as scratch:
            yield scratch
    else:
        context.store.prepare()
        yield None


def downloads_at_once() -> int:
    """How many downloads to have under way: each takes three descriptors, of which there may be few."""
    try:
        import resource
    except ImportError:  # Windows, where there are enough
        return _MOST_AT_ONCE
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST_AT_ONCE if few < 0 else max(2, min(_MOST_AT_ONCE, (few - 40) // 3))


def indexed_file(one: Chosen) -> File:
    """The file of a lock as the index room knows files."""
    from hutch.index import File
    from hutch.spec import PROOF_ALGORITHMS, split_wheel_name

    tags = ""
    if one.is_wheel:
        parts = split_wheel_name(one.file.filename)
        tags = parts[-1] if parts is not None else ""
    return File(
        filename=one.file.filename,
        url=one.file.url or "",
        hashes=tuple(each for each in one.file.hashes if each[0] in PROOF_ALGORITHMS),
        checksums=tuple(each for each in one.file.hashes if each[0] not in PROOF_ALGORITHMS),
        size=one.file.size,
        tags=tags,
    )
