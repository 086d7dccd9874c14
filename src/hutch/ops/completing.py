"""What a lock of another tool leaves out, asked of the index: files by their hashes, places by their names.

``Pipfile.lock`` and hashed requirements know the hashes of a version and not whose they are; ``poetry.lock``
and ``pdm.lock`` know the names of the files and not where they are. The page of the project on the index
says both. What is proven stays the same: a file counts if its hash is in the lock.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.index import File, Missing, Page
    from hutch.lock import Lock, LockedFile, LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen

__all__ = [
    "UnknownFile",
    "UnknownHashes",
    "addressed_lock",
    "completed_lock",
    "is_incomplete",
    "located_files",
    "pages_of",
]


class UnknownHashes(Problem):
    """None of the files that an index has for a version has a hash of the lock."""

    code = "unknown-hashes"

    def __init__(
        self, name: str, version: str, lock: str, index: str, count: int, hashes: tuple[tuple[str, str], ...]
    ) -> None:
        self.hashes = hashes
        shown = [f"{algorithm}:{digest[:16]}…" for algorithm, digest in hashes[:2]]
        shown += [f"{len(hashes) - 2} more"] if len(hashes) > 2 else []
        files = "one file" if count == 1 else f"{count} files"
        which = " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)
        told = "has no file for it" if not count else f"has {files} for it, and none with {which}"
        super().__init__(
            f"{lock} has hashes for {name} {version} that no file has",
            why=f"the index {index} {told}",
            hint="lock again with the tool that made it, or name the index that it was made from",
        )


class NotOnIndex(Problem):
    """A package of the lock is on none of the indexes, and the lock does not say where its files are."""

    code = "not-on-index"

    def __init__(self, name: str, asked: tuple[str, ...]) -> None:
        super().__init__(
            f"{name} is in the lock, and on no index",
            why=f"asked: {', '.join(asked) or 'none'}",
            hint="name the index that the lock was made from",
        )


class UnknownFile(Problem):
    """A file of the lock is not on the page of its project, or is another one there."""

    code = "unknown-file"

    def __init__(self, filename: str, index: str, why: str) -> None:
        super().__init__(
            f"{filename} is in the lock, and cannot be had",
            why=f"{why} (the index {index})",
            hint="lock again with the tool that made it, or name the index that it was made from",
        )


def is_incomplete(package: LockedPackage) -> bool:
    """Whether the lock has none of its files: it may know hashes, a version alone, or just the name."""
    return not (package.is_direct or package.wheels or package.sdist)


def completed_lock(context: Context, lock: Lock, shown: str) -> Lock:
    """``lock`` with the files of each package that it knows by hashes alone; ``shown`` is its name."""
    loose = [one for one in lock.packages if is_incomplete(one)]
    for one in loose:
        # Without a hash nothing but its index says whose package of that name is meant.
        if one.index is not None and not one.loose_hashes and _index_named(context, one.index) is None:
            raise NotOnIndex(one.name, ())
    pages = pages_of(context, [(str(one.name), one.index) for one in loose])
    found = {id(one): _with_files(one, pages[str(one.name), one.index], shown) for one in loose}
    return replace(lock, packages=tuple(found.get(id(one), one) for one in lock.packages))


def _with_files(package: LockedPackage, page: Page, shown: str) -> LockedPackage:
    from hutch.spec import canonical_version

    if package.version is None:
        package = replace(package, version=_newest(page))
    version = canonical_version(package.version or "")
    known = set(package.loose_hashes)
    files = [
        file
        for place, label in enumerate(page.versions)
        if canonical_version(label) == version
        for file in page.files_of(place)
    ]
    fitting = [file for file in files if not known or known.intersection(file.hashes)]
    if not fitting:
        version = package.version or ""
        raise UnknownHashes(package.name, version, shown, page.index, len(files), package.loose_hashes)
    wheels = [_locked(file, known) for file in fitting if file.tags]
    sources = [_locked(file, known) for file in fitting if not file.tags]
    sources.sort(key=lambda file: (not file.filename.endswith(".tar.gz"), file.filename))
    return replace(
        package,
        wheels=tuple(sorted(wheels, key=lambda file: file.filename)),
        sdist=sources[0] if sources else None,
    )


def _newest(page: Page) -> str:
    """What a lock that says "any version" means: Pipenv writes that of what it did not need where it was."""
    final = ~(page.prerelease | page.yanked)
    places = range(len(page.versions) - 1, -1, -1)
    place = next((place for place in places if final >> place & 1), len(page.versions) - 1)
    return page.versions[place] if page.versions else ""


def _locked(file: File, known: set[tuple[str, str]]) -> LockedFile:
    from hutch.lock import LockedFile

    return LockedFile(
        filename=file.filename,
        url=file.url,
        size=file.size,
        upload_time=file.upload_time,
        hashes=tuple(sorted(set(file.hashes).intersection(known) if known else file.hashes)),
    )


def located_files(context: Context, chosen: Iterable[Chosen]) -> list[Chosen]:
    """The same files, those without an address with the one that the index has for them, and those that lie
    beside the lock with theirs."""
    chosen = [_beside(one, context.root or context.directory) for one in chosen]
    lost = [one for one in chosen if one.file.url is None]
    if not lost:
        return chosen
    pages = pages_of(context, [(one.name, one.index) for one in lost])
    found = {one.name: replace(one, file=_located(one.file, pages[one.name, one.index])) for one in lost}
    return [found.get(one.name, one) for one in chosen]


def addressed_lock(context: Context, lock: Lock) -> Lock:
    """``lock`` with the address of each file that it knows by its name alone."""

    def files(package: LockedPackage) -> list[LockedFile]:
        return [*package.wheels, *((package.sdist,) if package.sdist is not None else ())]

    lost = [
        (package, file)
        for package in lock.packages
        for file in files(package)
        if file.url is None and file.path is None
    ]
    if not lost:
        return lock
    pages = pages_of(context, [(str(package.name), package.index) for package, _ in lost])
    urls: dict[tuple[str, str], LockedFile] = {}
    for package, file in lost:
        urls[str(package.name), file.filename] = _located(file, pages[str(package.name), package.index])
    return replace(
        lock,
        packages=tuple(
            replace(
                package,
                wheels=tuple(urls.get((str(package.name), file.filename), file) for file in package.wheels),
                sdist=package.sdist and urls.get((str(package.name), package.sdist.filename), package.sdist),
            )
            for package in lock.packages
        ),
    )


def _beside(one: Chosen, base: str) -> Chosen:
    if one.file.url is not None or one.file.path is None:
        return one
    from pathlib import Path

    return replace(one, file=replace(one.file, url=Path(base, one.file.path).resolve().as_uri()))


def _located(wanted: LockedFile, page: Page) -> LockedFile:
    for place in range(len(page.versions)):
        for file in page.files_of(place):
            if file.filename == wanted.filename:
                theirs, ours = dict(file.hashes), dict(wanted.hashes)
                differs = [name for name in theirs.keys() & ours.keys() if theirs[name] != ours[name]]
                if differs:
                    why = f"its {differs[0]} there is another one than in the lock"
                    raise UnknownFile(wanted.filename, page.index, why)
                return replace(wanted, url=file.url, size=wanted.size or file.size)
    raise UnknownFile(wanted.filename, page.index, "the page of its project does not list it")


def pages_of(context: Context, asked: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], Page]:
    """The page of each project, from the index that the lock names, if it is one of ours."""
    from hutch.index import Missing

    waiting = dict.fromkeys(asked)
    found: dict[tuple[str, str | None], Page] = {}
    failed: list[Problem] = []

    def ask(key: tuple[str, str | None]) -> None:
        def done(answer: Page | Missing | Problem) -> None:
            if isinstance(answer, Problem):
                failed.append(answer)
            elif isinstance(answer, Missing):
                failed.append(NotOnIndex(key[0], answer.asked))
            else:
                found[key] = answer

        context.indexes.fetch_page(key[0], done, index=_index_named(context, key[1]))  # type: ignore[arg-type]

    for key in waiting:
        ask(key)
    while len(found) + len(failed) < len(waiting) and not failed and context.client.pump(None):
        pass
    if failed:
        raise failed[0]
    return found


def _index_named(context: Context, place: str | None) -> str | None:
    """The name of the index at this address, or of this name; None (any of them) where there is none such."""
    if place is None:
        return None
    for index in context.configuration.indexes:
        if place == index.name or place.rstrip("/") == index.url.rstrip("/"):
            return index.name
    return None
