"""Which Pythons can be had: the table, that of a mirror, and a newer one from the index."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem
from hutch.events import Notice
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import File
    from hutch.interpreters.managed import Build, Host, Mirror
    from hutch.ops.context import Context

__all__ = ["Available", "NoNewTable", "available", "is_stale", "refresh_table", "shown_place"]

LIBRARY = "pbs-installer"
MEMBER = "pbs_installer/versions.json"
LARGEST = 64 << 20
DAY = 24 * 3600.0


class NoNewTable(Problem):
    """A newer table of Pythons was asked for, and cannot be had."""

    code = "no-new-python-table"
    exit_code = 3

    def __init__(self, reason: str | tuple[str, ...]) -> None:
        super().__init__(
            "no newer table of Pythons can be had",
            why=reason,
            hint=f"the configured index has to have {LIBRARY}; without --refresh the table at hand is used",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """The builds for this machine and where they come from; ``origin`` says whose table it is, for people.

    ``fixed`` tables are those of a mirror: there is no newer one to look for.
    """

    builds: tuple[Build, ...]
    mirrors: tuple[Mirror, ...]
    host: Host
    origin: str
    fixed: bool = False


def available(context: Context, *, refresh: bool = False) -> Available:
    """What can be installed on this machine. ``refresh`` looks for a newer table first.

    Raises NoNewTable, InvalidTable, and what the network raises when a mirror's own table is fetched.
    """
    from hutch.interpreters.managed import host_here, mirror_from, read_table
    from hutch.interpreters.managed.table import newest_table
    from hutch.ops.searching import managed_pythons

    host = host_here()
    mirrors = mirror_from(context.configuration.python_mirror, context.environ)
    root = managed_pythons(context)
    own = _own_table(context, mirrors, host)
    if refresh and own is None:
        refresh_table(context, root, host)
    table = newest_table(root)
    builds = read_table(table, host, context.store)
    if own is not None:
        # What a mirror says of a file that the table knows, too, does not count: its hash is the table's.
        known = {build.filename: build for build in builds}
        mine = tuple(known.get(build.filename, build) for build in own)
        origin = shown_place(f"{mirrors[0].url}/versions.json")
        return Available(builds=mine, mirrors=mirrors, host=host, origin=origin, fixed=True)
    origin = f"{LIBRARY} {table.version}" if table is not None else "hutch's own table"
    return Available(builds=builds, mirrors=mirrors, host=host, origin=origin)


def _own_table(context: Context, mirrors: tuple[Mirror, ...], host: Host) -> tuple[Build, ...] | None:
    """The table of the mirror that hutch was told of; None where it has none."""
    if not context.configuration.python_mirror:
        return None
    from hutch.interpreters.managed import parse_versions

    url = f"{mirrors[0].url}/versions.json"
    data = fetch_small(context, url, "the mirror's table of Pythons")
    return None if data is None else parse_versions(data, host, where=shown_place(url))


def shown_place(url: str) -> str:
    """An address for people: a path where it is one, and never a password."""
    if url.lower().startswith("file:"):
        from hutch.index.local import local_path

        return local_path(url)
    from hutch.net import hide_credentials

    return hide_credentials(url)


def fetch_small(context: Context, url: str, purpose: str, *, most: int = LARGEST) -> bytes | None:
    """A small file of a mirror, which need not have it: None where it has not, or cannot be asked."""
    if url.lower().startswith("file:"):
        from hutch.index.local import local_path

        try:
            with open(local_path(url), "rb") as file:
                return file.read(most)
        except OSError:
            return None
    from hutch.net import InsecureAddress, Request

    if context.configuration.offline:
        return None
    try:
        response = context.client.fetch(Request(url=url, purpose=purpose, max_bytes=most))
    except InsecureAddress:
        return None  # what came over plain http is believed where there is a hash for it: archives
    return response.body if response.status == 200 else None


def is_stale(root: str) -> bool:
    """Whether nobody has looked for a newer table for a day."""
    from hutch.interpreters.managed.place import TABLE

    try:
        return time.time() - os.stat(os.path.join(root, TABLE, "asked")).st_mtime > DAY
    except OSError:
        return True


def refresh_table(context: Context, root: str, host: Host) -> bool:
    """Fetch the newest table from the index, unless the one at hand is as new; whether there was a newer one.

    The wheel is proven by the index's hash, and nothing of it is run. The index is the user's or the
    machine's: one that only the project names is not asked. Raises NoNewTable, NetworkProblem.
    """
    from hutch.interpreters.managed.table import Table, keep_table, newest_table

    if context.configuration.offline:
        raise NoNewTable("the network is switched off")
    with _of_the_machine(context) as aside:
        version, file = _newest_wheel(aside)
        present = newest_table(root)
        _note_asked(root)
        if present is not None and present.order >= Table(path="", version=version).order:
            return False
        data = _member(aside, file)
    try:
        keep_table(root, data, version, host)
    except OSError as error:
        from hutch.interpreters.managed import CannotInstall

        raise CannotInstall(str(error.filename or root), error.strerror or str(error)) from error
    return True


def _of_the_machine(context: Context) -> Context:
    """The command outside of any project: what comes is for all of them, so no checkout names the index."""
    from hutch.ops.context import Context as Surroundings

    flags = {name: value for name, value in context.flags.items() if name not in ("manifest", "project")}
    return Surroundings(os.path.abspath(os.sep), context.environ, flags, context.emit)


def look_for_newer(context: Context, root: str, host: Host) -> bool:
    """The same, now and then, for commands that do well without: what goes wrong is a warning."""
    if context.configuration.offline or not is_stale(root):
        return False
    try:
        return refresh_table(context, root, host)
    except Problem as problem:
        why = f": {problem.why[0]}" if problem.why else ""
        context.emit(Notice(f"{problem.what}{why}; the one at hand is used"))
        _note_asked(root)
        return False


def _newest_wheel(context: Context) -> tuple[str, File]:
    from hutch.index import Page
    from hutch.spec import NormalizedName

    answers: list[object] = []
    context.ask_again()
    context.indexes.fetch_page(NormalizedName(LIBRARY), answers.append)
    while not answers and context.client.pump(None):
        pass
    answer = answers[0] if answers else None
    if isinstance(answer, Problem):
        raise answer
    if not isinstance(answer, Page):
        raise NoNewTable(f"the configured index has no {LIBRARY}")
    usable = ((1 << len(answer.versions)) - 1) & ~answer.yanked & ~answer.prerelease & answer.wheels
    while usable:
        place = usable.bit_length() - 1
        usable &= ~(1 << place)
        for file in answer.files_of(place):
            if file.is_wheel and file.yanked is None and file.sha256 is not None:
                return answer.versions[place], file
    raise NoNewTable(f"the configured index has no wheel of {LIBRARY} with a hash")


def _member(context: Context, file: File) -> bytes:
    """``versions.json`` out of the wheel, which is read strictly, as all wheels."""
    from hutch.index import fetch_file
    from hutch.store import ArchiveFault, open_archive

    with context.store.scratch() as scratch:
        answers: list[object] = []
        fetch_file(context.client, context.store, file, answers.append, into=scratch)
        while not answers and context.client.pump(None):
            pass
        answer = answers[0] if answers else None
        if isinstance(answer, Problem):
            raise answer
        descriptor = os.open(str(answer), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            archive = open_archive(descriptor)
            member = next((each for each in archive.members if each.name == MEMBER), None)
            if member is None or member.size > LARGEST:
                raise NoNewTable(f"{file.filename} has no table in it")
            return archive.read(member)
        except ArchiveFault as fault:
            raise NoNewTable(f"{file.filename} {fault}") from fault
        finally:
            os.close(descriptor)


def _note_asked(root: str) -> None:
    from hutch.interpreters.managed.place import TABLE

    folder = os.path.join(root, TABLE)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "asked"), "w", encoding="ascii"):
            pass
        os.utime(os.path.join(folder, "asked"))
    except OSError:
        pass
