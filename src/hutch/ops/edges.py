"""Who needs whom in a lock that does not say: Pipenv's, and files of pins.

The metadata of the packages says it. That is asked for where somebody wants to see it (``tree``, ``why``),
and not for an installation, which does without. What nobody seems to need stays with what the project asks
for.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import File, Page
    from hutch.lock import Edge, Lock, LockedPackage, RootEdge
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.spec import CoreMetadata

__all__ = ["with_edges"]


def with_edges(context: Context, checkout: Checkout, lock: Lock) -> Lock:
    """``lock`` with the edges that the metadata of its packages says, where it has none of its own.

    Where the index cannot be asked the lock comes back as it is.
    """
    if checkout.foreign is None or len(lock.packages) < 2 or any(one.dependencies for one in lock.packages):
        return lock
    from hutch.ops.completing import pages_of

    indexed = [one for one in lock.packages if not one.is_direct]
    try:
        pages = pages_of(context, [(str(one.name), one.index) for one in indexed])
    except Problem:
        return lock
    metadata = _metadata(context, {str(one.name): (one, pages[str(one.name), one.index]) for one in indexed})
    roots = _roots(checkout, lock)
    extras: dict[str, set[str]] = {}
    for root in roots:
        extras.setdefault(str(root.name), set()).update(root.extras)
    edges: dict[str, tuple[Edge, ...]] = {}
    names = {str(one.name) for one in lock.packages}
    # An extra may ask for one of another package, so again until nothing is new.
    while True:
        before = sum(map(len, extras.values()))
        for name, found in metadata.items():
            edges[name] = _edges(found, names, extras.get(name, set()))
            for edge in edges[name]:
                extras.setdefault(str(edge.name), set()).update(edge.extras)
        if sum(map(len, extras.values())) == before:
            break
    packages = tuple(replace(one, dependencies=edges.get(str(one.name), ())) for one in lock.packages)
    return replace(lock, packages=packages, roots=_kept_roots(lock, roots, edges))


def _metadata(context: Context, wanted: dict[str, tuple[LockedPackage, Page]]) -> dict[str, CoreMetadata]:
    """What is known, or told by the index, of one wheel of each package."""
    from hutch.index import fetch_metadata
    from hutch.spec import canonical_version

    found: dict[str, CoreMetadata] = {}
    waiting = 0

    def ask(name: str, page: Page, file: File) -> None:
        def take(answer: CoreMetadata | Problem) -> None:
            nonlocal waiting
            waiting -= 1
            if not isinstance(answer, Problem):
                found[name] = answer

        fetch_metadata(context.client, context.store, page, file, take)

    for name, (package, page) in wanted.items():
        version = canonical_version(package.version or "")
        files = [
            file
            for place, label in enumerate(page.versions)
            if canonical_version(label) == version
            for file in page.files_of(place)
            if file.tags
        ]
        if files:
            waiting += 1
            ask(name, page, files[0])
    while waiting and context.client.pump(None):
        pass
    return found


def _edges(metadata: CoreMetadata, names: set[str], extras: set[str]) -> tuple[Edge, ...]:
    """Its needs, as far as they are in the lock and not for an extra that nobody asks for."""
    import re

    from hutch.lock import Edge
    from hutch.spec import normalize, render_marker

    edges: list[Edge] = []
    asked = {normalize(extra) for extra in extras}
    for one in metadata.requirements:
        if str(one.name) not in names or one.name == metadata.name:
            continue
        marker = render_marker(one.marker) if one.marker is not None else None
        of = {normalize(name) for name in re.findall(r"\bextra == ['\"]([^'\"]+)['\"]", marker or "")}
        if not of or of & asked:
            edges.append(Edge(name=one.name, extras=tuple(one.extras), marker=marker))
    return tuple(sorted(dict.fromkeys(edges), key=lambda edge: edge.name))


def _roots(checkout: Checkout, lock: Lock) -> tuple[RootEdge, ...]:
    """What the project asks for itself; nothing, where its manifest is the lock."""
    from hutch.lock.foreign.roots import roots_of

    assert checkout.foreign is not None
    if checkout.foreign.name == checkout.file:
        return ()
    names = {str(one.name) for one in lock.packages}
    return tuple(root for root in roots_of(checkout.manifest) if str(root.name) in names)


def _kept_roots(
    lock: Lock, roots: tuple[RootEdge, ...], edges: dict[str, tuple[Edge, ...]]
) -> tuple[RootEdge, ...]:
    """The roots, with those of the lock that nothing else leads to."""
    if not roots:
        needed = {str(edge.name) for name, found in edges.items() for edge in found if str(edge.name) != name}
        roots = tuple(root for root in lock.roots if str(root.name) not in needed)
    reached: set[str] = set()
    todo = [str(root.name) for root in roots]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [str(edge.name) for edge in edges.get(name, ())]
    return (*roots, *(root for root in lock.roots if str(root.name) not in reached))
