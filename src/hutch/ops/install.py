"""From entries of a lock to an environment: choose files, fetch or build wheels, plan, apply.

Downloads, unpacking and builds run side by side: the network in this thread, unpacking in a few
others (it is inflating and hashing, for which Python lets go of its lock).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hutch.errors import Problem
from hutch.events import Fetched, PhaseEnded, PhaseStarted

if TYPE_CHECKING:
    from hutch.env import Environment, Plan
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["Chosen", "NoFile", "choose_files", "fetch_wheels", "install"]


class NoFile(Problem):
    """A locked version has no file that this machine can install."""

    code = "no-file"

    def __init__(self, package: str, version: str, have: tuple[str, ...], python: str) -> None:
        self.package = package
        self.version = version
        shown = ", ".join(have[:4]) + (f" and {len(have) - 4} more" if len(have) > 4 else "")
        super().__init__(
            f"{package} {version} has no file for this machine",
            why=(f"it needs one for {python}", f"the lock has {shown or 'none'}"),
            hint="run hutch lock on this machine, or name its target with --target",
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


def choose_files(packages: Iterable[LockedPackage], interpreter: Interpreter) -> tuple[Chosen, ...]:
    """For each entry the wheel that fits best, else its source distribution; ``NoFile`` where neither."""
    from hutch.spec import best_rank, split_wheel_name, supported_tags

    supported = supported_tags(interpreter.tag_facts)
    ranks: dict[str, int | None] = {}
    chosen = []
    for package in packages:
        best: tuple[int, int, LockedFile] | None = None
        for file in package.wheels:
            name = split_wheel_name(file.filename)
            if name.tags not in ranks:
                ranks[name.tags] = best_rank(name.tags, supported)
            rank = ranks[name.tags]
            if rank is not None:
                build = (
                    -int("".join(filter(str.isdigit, name.build.partition("-")[0])) or 0) if name.build else 0
                )
                if best is None or (rank, build) < best[:2]:
                    best = rank, build, file
        file_or_none = best[2] if best is not None else package.sdist
        if file_or_none is None:
            raise NoFile(
                package.name,
                package.version or "",
                tuple(file.filename for file in package.wheels),
                interpreter.target().name,
            )
        chosen.append(
            Chosen(
                name=package.name,
                version=package.version or "",
                file=file_or_none,
                is_wheel=best is not None,
                index=package.index,
            )
        )
    return tuple(chosen)


def install(
    context: Context,
    environment: Environment,
    plan: Plan,
    chosen: Mapping[str, Chosen],
    extra: Mapping[str, StoredWheel],
    builder: Builder,
    interpreter: Interpreter,
) -> None:
    """Fetch what the plan needs, then carry it out. Nothing changes in the environment before all is there."""
    from hutch.env import apply_plan

    needed = [chosen[name] for name in plan.needs() if name in chosen]
    wheels = {**extra, **fetch_wheels(context, needed, builder, interpreter)}
    plan = plan.supply(wheels)
    context.emit(PhaseStarted("install", len(plan.steps)))
    apply_plan(plan, environment, link_mode=context.configuration.link_mode, emit=context.emit)
    context.emit(PhaseEnded("install"))


def fetch_wheels(
    context: Context, needed: Collection[Chosen], builder: Builder, interpreter: Interpreter
) -> dict[str, StoredWheel]:
    """The unpacked wheel of each: from the store, from the network, or built."""
    found: dict[str, StoredWheel] = {}
    missing: list[Chosen] = []
    for one in needed:
        stored = _in_store(context, one, builder, interpreter)
        if stored is None:
            missing.append(one)
        else:
            found[one.name] = stored
    if missing:
        context.emit(PhaseStarted("download", len(missing)))
        found.update(_fetch(context, missing, builder, interpreter))
        context.emit(PhaseEnded("download"))
    return found


def _in_store(
    context: Context, one: Chosen, builder: Builder, interpreter: Interpreter
) -> StoredWheel | None:
    if one.sha256 is None:
        return None
    if one.is_wheel:
        return context.store.wheels.find(one.sha256)
    return builder.built(one.sha256, interpreter)


def _fetch(
    context: Context, missing: list[Chosen], builder: Builder, interpreter: Interpreter
) -> dict[str, StoredWheel]:
    from hutch.index import fetch_locked_file

    found: dict[str, StoredWheel] = {}
    failed: list[Problem] = []
    unpacking: dict[str, Future[StoredWheel]] = {}
    sources: list[tuple[Chosen, Path]] = []

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2, thread_name_prefix="unpack") as pool:
        for one in missing:

            def fetched(answer: Path | Problem, one: Chosen = one) -> None:
                if isinstance(answer, Problem):
                    failed.append(answer)
                    return
                context.emit(Fetched(one.file.filename, one.file.size or 0))
                if one.is_wheel:
                    unpacking[one.name] = pool.submit(_publish, context, answer, one)
                else:
                    sources.append((one, answer))

            fetch_locked_file(
                context.client,
                context.store,
                url=one.file.url or "",
                filename=one.file.filename,
                hashes=one.file.hashes,
                size=one.file.size,
                index=one.index,
                done=fetched,
            )
        while not failed and context.client.pump(None):
            pass
        for name, future in unpacking.items():
            try:
                found[name] = future.result()
            except Problem as problem:
                failed.append(problem)
    try:
        if failed:
            raise failed[0]
        for one, archive in sources:
            found[one.name] = builder.build(archive, one, interpreter)
    finally:
        for _, archive in sources:
            archive.unlink(missing_ok=True)
    return found


def _publish(context: Context, archive: Path, one: Chosen) -> StoredWheel:
    try:
        return context.store.wheels.publish(archive, one.file.filename, one.sha256 or "")
    finally:
        archive.unlink(missing_ok=True)
