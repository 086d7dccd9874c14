"""What ``hutch add`` is given beside names: paths, URLs, repositories; the project there tells its name."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.origins import ARCHIVES, Origin, origin_of_source, origin_of_url, relative_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.add import AddOptions
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Manifest, Source
    from hutch.spec import Marker, Requirement

__all__ = ["given_requirements", "sources_with"]

PLACE = "this command"


def given_requirements(
    context: Context, checkout: Checkout, options: AddOptions
) -> list[tuple[Requirement, Source | None]]:
    """Each requirement to be written, and the source to be written with it, if it has one."""
    _check_options(options)
    if options.git is not None:
        return [_from_git(context, checkout, options, options.git)]
    given = [_given(context, checkout, text, options.editable) for text in options.requirements]
    names = {one.name for one in checkout.neighbours if one.is_project}
    return [
        (requirement, _of_workspace(source) if requirement.name in names else source)
        for requirement, source in given
    ]


def _of_workspace(source: Source | None) -> Source:
    """A member is asked for as one, by its name or by its path."""
    from hutch.project import Source

    if source is not None and source.kind != "path":
        return source  # what is said is wrong, and will be told so
    return Source(kind="workspace", location="", editable=True)


def sources_with(
    manifest: Manifest, requirement: Requirement, where: str, source: Source
) -> tuple[Source, ...]:
    """The sources of a package with the new one among them.

    It stands alone, unless the package is asked for elsewhere too, by another extra or group or with
    another marker: then each of its sources is for the place that asked for it.
    """
    from hutch.spec import parse_marker
    from hutch.values import replace

    others = {
        (place, one.requirement.marker)
        for place, declared in manifest.requirements().items()
        for one in declared
        if one.requirement.name == requirement.name
    } - {(where, requirement.marker)}
    if source.kind == "workspace":
        return (source,)
    before = manifest.settings.sources.get(requirement.name, ())
    if len(others) == 1 and len(before) == 1 and before[0].where is None and before[0].marker is None:
        before = (_for(before[0], *next(iter(others))),)
    mine = _for(source, where, requirement.marker)

    def said(one: Source) -> tuple[object, object]:
        return one.where, parse_marker(one.marker) if one.marker else None

    if not others or said(mine) == (None, None) or any(said(one) == (None, None) for one in before):
        return (source,)
    kept = tuple(replace(mine, path=()) if said(one) == said(mine) else one for one in before)
    return kept if any(said(one) == said(mine) for one in before) else (*before, mine)


def _for(source: Source, where: str, marker: Marker | None) -> Source:
    """The source, limited to what asked for it."""
    from hutch.spec import render_marker
    from hutch.values import replace

    kind, _, name = where.partition(":")
    said = {kind: name} if kind in ("extra", "group") else {}
    return replace(source, marker=render_marker(marker) if marker is not None else None, **said)  # type: ignore[arg-type]


def _check_options(options: AddOptions) -> None:
    if options.git is None:
        for name in ("branch", "tag", "rev", "subdirectory"):
            if getattr(options, name) is not None:
                raise UsageProblem(f"--{name} is about a repository", hint="name one with --git URL")
        if not options.requirements:
            raise UsageProblem("nothing is named that could be added", hint="hutch add NAME, or --git URL")
        return
    if options.editable:
        raise UsageProblem(
            "a repository cannot be installed as editable",
            hint="clone it, and hutch add --editable the directory",
        )
    if len(options.requirements) > 1:
        raise UsageProblem("--git is about one package", hint="add them one after another")


def _from_git(
    context: Context, checkout: Checkout, options: AddOptions, location: str
) -> tuple[Requirement, Source | None]:
    from hutch.project import Source
    from hutch.spec import parse_requirement

    kinds = [kind for kind in ("rev", "branch", "tag") if getattr(options, kind) is not None]
    if "://" not in location and os.path.isdir(context.path(location)):
        location = relative_path(context.path(location), checkout.directory)
    source = Source(
        kind="git",
        location=location.removeprefix("git+"),
        revision=getattr(options, kinds[0]) if kinds else None,
        revision_kind=kinds[0] if kinds else None,  # type: ignore[arg-type]
        subdirectory=options.subdirectory,
    )
    _refuse_secret(source.location)
    origin = origin_of_source(source, checkout.directory, PLACE)
    assert origin is not None
    if options.requirements:
        requirement = parse_requirement(options.requirements[0])
        if requirement.url is not None:
            raise UsageProblem(f"{requirement.name} has a URL already", hint="leave --git out")
        return requirement, source
    return _named(context, checkout, origin, ""), source


def _given(
    context: Context, checkout: Checkout, text: str, editable: bool
) -> tuple[Requirement, Source | None]:
    from hutch.spec import parse_requirement
    from hutch.values import replace

    if not _is_place(text, editable):
        requirement = parse_requirement(text)
        if requirement.url is None:
            return requirement, None
        _refuse_secret(requirement.url)
        origin = origin_of_url(requirement.url, PLACE)
        return replace(requirement, url=None), _source_of(origin, checkout, editable)
    text, extras = _split_extras(text)
    _refuse_secret(text)
    if "://" in text:
        origin = origin_of_url(text, PLACE)
    else:
        origin = _origin_of_path(context.path(os.path.expanduser(text)), editable)
    return _named(context, checkout, origin, extras), _source_of(origin, checkout, editable)


def _is_place(text: str, editable: bool) -> bool:
    """Is it a path or a URL, rather than a requirement? ``lib`` is a name, ``./lib`` a path."""
    if " @ " in text or text.partition("[")[0].rstrip().endswith("@"):
        return False
    head = _split_extras(text)[0]
    if editable or "://" in head or head in (".", "..") or head.startswith(("./", "../", "/", "~/")):
        return True
    if os.name == "nt" and (head.startswith((".\\", "..\\", "\\")) or head[1:2] == ":"):
        return True
    return head.lower().endswith(ARCHIVES) or "/" in head.partition(";")[0]


def _split_extras(text: str) -> tuple[str, str]:
    """``../lib[fast]`` → ``../lib`` and ``[fast]``."""
    if text.endswith("]") and "[" in text:
        head, _, inside = text.rpartition("[")
        return head, f"[{inside}"
    return text, ""


def _origin_of_path(path: str, editable: bool) -> Origin:
    if os.path.isdir(path):
        return Origin(kind="directory", location=path, editable=editable)
    if editable:
        raise UsageProblem(f"{path} is no directory", why="only a directory can be installed as editable")
    if not os.path.isfile(path):
        raise UsageProblem(f"{path} is not there", hint="a package of an index is named without a slash")
    return Origin(kind="archive", location=path)


def _named(context: Context, checkout: Checkout, origin: Origin, extras: str) -> Requirement:
    """The requirement for what is at a place, by the name that it gives itself."""
    from hutch.ops.builds import Builder
    from hutch.ops.located import Locator
    from hutch.spec import parse_requirement

    located = Locator(context, Builder(context), checkout.root).locate(origin, None, PLACE)
    return parse_requirement(f"{located.metadata.name}{extras}")


def _source_of(origin: Origin, checkout: Checkout, editable: bool) -> Source:
    from hutch.project import Source

    if editable and origin.kind != "directory":
        raise UsageProblem(f"{origin} is no directory", why="only a directory can be installed as editable")
    location = relative_path(origin.location, checkout.directory) if origin.is_path else origin.location
    if origin.kind == "git":
        return Source(
            kind="git",
            location=location,
            revision=origin.revision,
            revision_kind="rev" if origin.revision else None,
            subdirectory=origin.subdirectory,
        )
    if origin.is_path:
        return Source(kind="path", location=location, editable=editable, subdirectory=origin.subdirectory)
    proof = "&".join(f"{algorithm}={digest}" for algorithm, digest in origin.hashes)
    return Source(
        kind="url",
        location=f"{location}#{proof}" if proof else location,
        subdirectory=origin.subdirectory,
    )


def _refuse_secret(text: str) -> None:
    from hutch.lock import without_credentials

    if without_credentials(text) != text:
        raise UsageProblem(
            f"a user name or password does not belong into pyproject.toml: {without_credentials(text)}",
            hint="leave it out, and give it by ~/.netrc or a credential helper of git",
        )
