"""Archives of builds: fetched all at once, each made an installation as soon as it is here.

Several processes may install the same: the lock of each build is held meanwhile, and who had to wait finds it
there. What cannot be had does not keep the others from being installed.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from hutch.errors import NetworkProblem, Problem
from hutch.events import Checked, Notice, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hutch.interpreters.managed import Build, Host, Installed, Mirror, Pythons
    from hutch.ops.context import Context
    from hutch.ops.pythons.available import Available
    from hutch.store import TreeLimits

__all__ = ["DownloadsForbidden", "NoArchive", "Unverified", "Wish", "install_builds", "install_local"]

SUMS = 4 << 20


class NoArchive(NetworkProblem):
    """The archive of a build is in none of the places where it should be."""

    code = "no-python-archive"

    def __init__(self, name: str, places: tuple[str, ...], *, mirror: str = "") -> None:
        from hutch.ops.pythons.available import shown_place

        why = tuple(f"not there: {shown_place(place)}" for place in places)
        super().__init__(
            f"the archive of {name} cannot be had",
            why=why or "the table has no address for it, and no mirror is set",
            hint=(
                f"put it there, or set another mirror ({mirror})"
                if mirror
                else "set a mirror that has it (HUTCH_PYTHON_MIRROR)"
            ),
        )
        self.places = places


class DownloadsForbidden(Problem):
    """``python-downloads`` is ``never``, and a Python would have to be downloaded."""

    code = "python-downloads-forbidden"

    def __init__(self, name: str, place: str) -> None:
        super().__init__(
            f"{name} is not downloaded: python-downloads is never",
            why=f"{place} says so",
            hint=(
                "hutch python install ./ARCHIVE takes a file of this machine",
                "HUTCH_PYTHON_MIRROR may name a folder",
                "HUTCH_PYTHON_DOWNLOADS=manual allows it, this once",
            ),
        )


class Unverified(Problem):
    """There is nothing to compare an archive with."""

    code = "unverified-python"

    def __init__(self, name: str, filename: str) -> None:
        super().__init__(
            f"nothing says what {filename} should be",
            why=f"the table has no hash of {name}, and no SHA256SUMS of a mirror has one",
            hint=(
                "--sha256 HASH, if you know it",
                "--allow-unverified installs whatever comes, this once",
                "a newer patch release has one, most likely",
            ),
        )
        self.filename = filename


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One build that is to be installed; ``sha256`` is what the user says of it."""

    build: Build
    sha256: str | None = None
    reinstall: bool = False


def install_builds(
    context: Context,
    pythons: Pythons,
    found: Available,
    wishes: list[Wish],
    *,
    allow_unverified: bool = False,
) -> dict[str, Installed | Problem]:
    """Install each, by its key; those that are there (now that nobody else is at it) stay as they are."""
    wishes = sorted({wish.build.key: wish for wish in wishes}.values(), key=lambda wish: wish.build.key)
    done: dict[str, Installed | Problem] = {}
    with ExitStack() as held:
        open_: list[Wish] = []
        for wish in wishes:
            key = wish.build.key
            held.enter_context(pythons.lock(key, _waiting(context, wish.build.describe())))
            present = pythons.find(key)
            if present is not None and not wish.reinstall:
                done[key] = present
            elif _is_forbidden(context, wish.build, found.mirrors):
                place = context.configuration.origin("python-downloads").place
                done[key] = DownloadsForbidden(wish.build.describe(), place)
            else:
                open_.append(wish)
        if not open_:
            return done
        scratch = held.enter_context(context.store.scratch())
        context.emit(PhaseStarted("download", len(open_)))
        for wish in open_:
            _Fetch(context, pythons, found, wish, scratch, done, allow_unverified).start()
        while len(done) < len(wishes) and context.client.pump(None):
            pass
        context.emit(PhaseEnded("download"))
    return done


def install_local(
    context: Context, pythons: Pythons, host: Host, path: str, *, build: Build | None, sha256: str | None
) -> Installed:
    """Install from an archive of this machine. ``sha256`` is what it has to have, if anybody knows."""
    import hashlib

    from hutch.interpreters.managed import install_archive
    from hutch.spec import HashMismatch

    name = os.path.basename(path)
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 is not None and actual != sha256:
        raise HashMismatch(expected=f"sha256:{sha256}", actual=f"sha256:{actual}", what=name)
    return install_archive(
        pythons,
        path,
        build=build,
        host=host,
        filename=name,
        sha256=actual,
        origin=path,
        environ=context.environ,
        limits=_limits(context),
    )


class _Fetch:
    """One build on its way: one address after the other, then the installation in a thread."""

    def __init__(
        self,
        context: Context,
        pythons: Pythons,
        found: Available,
        wish: Wish,
        scratch: Path,
        done: dict[str, Installed | Problem],
        allow_unverified: bool,
    ) -> None:
        from hutch.interpreters.managed import addresses

        self._context = context
        self._pythons = pythons
        self._host = found.host
        self._build = wish.build
        self._done = done
        self._mirrors: tuple[Mirror, ...] = found.mirrors
        self._sha256 = wish.sha256 or wish.build.sha256
        self._trusting = allow_unverified
        self._places = addresses(wish.build, found.mirrors)
        self._folder = os.path.join(scratch, wish.build.key)
        self._next = 0
        self._missing: list[str] = []

    def start(self) -> None:
        if self._sha256 is None:
            try:
                self._sha256 = self._stated()
            except Problem as problem:
                self._end(problem)
                return
        if self._sha256 is None and not self._trusting:
            self._end(Unverified(self._build.describe(), self._build.filename))
            return
        os.mkdir(self._folder)
        self._ask()

    def _stated(self) -> str | None:
        from hutch.interpreters.managed import parse_sums, sums_addresses
        from hutch.ops.pythons.available import fetch_small

        for place in sums_addresses(self._build, self._mirrors):
            data = fetch_small(self._context, place, "the mirror's SHA256SUMS", most=SUMS)
            if data is not None:
                stated = parse_sums(data.decode("utf-8", "replace"), self._build.filename)
                if stated is not None:
                    return stated
        return None

    def _ask(self) -> None:
        from hutch.index import File, fetch_file

        if self._next >= len(self._places):
            mirror = next((each.origin for each in self._mirrors if each.url in str(self._places)), "")
            self._end(NoArchive(self._build.describe(), self._places, mirror=mirror))
            return
        hashes = (("sha256", self._sha256),) if self._sha256 else ()
        file = File(filename=self._build.filename, url=self._places[self._next], hashes=hashes)
        fetch_file(self._context.client, self._context.store, file, self._came, into=self._folder)

    def _came(self, answer: object) -> None:
        from hutch.index import FileUnavailable
        from hutch.net import FetchFailed
        from hutch.spec import HashMismatch

        if isinstance(answer, FileUnavailable) and answer.status in (None, 400, 403, 404, 410):
            last = self._next + 1 == len(self._places)
            if answer.status != 403 or not last:  # a refusal says what is missing: a password, mostly
                self._next += 1
                self._ask()
                return
        if isinstance(answer, Problem):
            if isinstance(answer, FetchFailed):
                answer.hints = (
                    "look at the connection to the network",
                    "name a mirror that can be reached: HUTCH_PYTHON_MIRROR, a URL or a folder",
                )
            elif isinstance(answer, HashMismatch):
                answer.hints = ("nothing of it was used; try again, or ask whoever runs the mirror",)
            self._end(answer)
            return
        path, place = str(answer), self._places[self._next]
        self._context.client.background(lambda: self._install(path, place), self._end)

    def _install(self, path: str, place: str) -> Installed:
        """In a thread."""
        import hashlib

        from hutch.interpreters.managed import install_archive
        from hutch.net import without_credentials

        actual = self._sha256
        if actual is None:
            with open(path, "rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            return install_archive(
                self._pythons,
                path,
                build=self._build,
                host=self._host,
                filename=self._build.filename,
                sha256=actual,
                origin=without_credentials(place),
                environ=self._context.environ,
                limits=_limits(self._context),
            )
        finally:
            os.unlink(path)

    def _end(self, outcome: Installed | Problem) -> None:
        self._done[self._build.key] = outcome
        self._context.emit(Checked(self._build.describe()))


def _is_forbidden(context: Context, build: Build, mirrors: tuple[Mirror, ...]) -> bool:
    """Whether it would come over the network, and none may."""
    from hutch.interpreters.managed import addresses

    if context.configuration.python_downloads != "never":
        return False
    return any(not place.lower().startswith("file:") for place in addresses(build, mirrors))


def _waiting(context: Context, name: str) -> Callable[[str], None]:
    def tell(holder: str) -> None:
        context.emit(Notice(f"waiting for {holder or 'another command'}, which installs {name}"))

    return tell


def _limits(context: Context) -> TreeLimits:
    from hutch.ops.limits import source_limits

    return source_limits(context)
