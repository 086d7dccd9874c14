"""A choice that is years older than the newest version: one line, and who holds it back."""

from __future__ import annotations

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.index import Page
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request
    from hutch.provide import IndexProvider
    from hutch.solve import Resolution

__all__ = ["tell_lost_pythons", "tell_stale"]

YEARS = 3
MOST = 3


def tell_stale(context: Context, request: Request, provider: IndexProvider, resolution: Resolution) -> None:
    """Name direct dependencies that others keep years behind; told from pages that were read anyhow."""
    names = dict.fromkeys(
        root.requirement.name
        for root in request.roots
        if root.declared is not None and not root.constraint and root.requirement.url is None
    )
    told = 0
    for name in names:
        pages = provider.pages_of(name)
        places = [place for _, place in resolution.chosen.get(name, ())]
        if len(pages) != 1 or not places or told == MOST or name in request.direct:
            continue
        page = pages[0]
        final = [i for i in range(len(page.versions)) if not (page.prerelease | page.yanked) >> i & 1]
        if not final or max(places) >= final[-1]:
            continue
        old, new = _uploaded(page, max(places)), _uploaded(page, final[-1])
        years = _years(old, new)
        if years < YEARS or not (holder := _holder(request, resolution, name, final[-1])):
            continue
        told += 1
        text = f"{name} {page.versions[max(places)]} is of {old[:4]}, {years} years older than"
        context.emit(Notice(f"{text} {page.versions[final[-1]]}: {holder}"))


def _uploaded(page: Page, place: int) -> str:
    """When the first file of the version came; empty where the index does not say."""
    return min((file.upload_time for file in page.files_of(place) if file.upload_time), default="")


def _years(old: str, new: str) -> int:
    if not old or not new:
        return 0
    months = (int(new[:4]) - int(old[:4])) * 12 + int(new[5:7]) - int(old[5:7])
    return months // 12


def _holder(request: Request, resolution: Resolution, name: str, place: int) -> str:
    """Who rules out the version at ``place``: a package, or the Pythons; nobody if the user did."""
    universe = resolution.universe
    state = 2 << place
    for root in request.roots:
        if root.requirement.name == name and root.requirement.specifiers:
            from hutch.spec import admits

            if not admits(root.requirement.specifiers, universe.label(name, place)):
                return ""
    for package, pairs in sorted(resolution.chosen.items()):
        for _, chosen in pairs:
            for need in resolution.needs.get((package, chosen), ()):
                if need.package == name and need.exactly is None and not universe.by_order(need) & state:
                    words = ",".join(operator + version for operator, version in need.specifiers)
                    return f"{package} {universe.label(package, chosen)} needs {name} {words}"
    for limit in universe.versions[name].limits:
        if limit.versions >> place & 1 and limit.targets & request.demanded:
            return f"that one {limit.reason}"
    return ""


def tell_lost_pythons(context: Context, request: Request, resolution: Resolution) -> None:
    """Where all that was left out are the oldest Pythons: the ``requires-python`` that says so."""
    manifest = request.manifest
    if manifest is None or not manifest.requires_python or "requires-python" in manifest.dynamic:
        return
    lost = {
        target.python for target in request.targets.in_mask(request.targets.everything & ~resolution.targets)
    }
    kept = {target.python for target in request.targets.in_mask(resolution.targets)}
    if lost and kept and max(lost) < min(kept):
        first = "{}.{}".format(*min(kept))
        place = f"{manifest.filename}:{manifest.line('project', 'requires-python')}"
        context.emit(
            Notice(f"{place}: no Python before {first} can be locked; requires-python >={first} would say so")
        )
