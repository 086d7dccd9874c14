"""What the ``pip`` commands are asked for: words, requirements files, manifests.

The files have been read before (see ``pip_files``): a manifest and sources on this disk may need what was
said there.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.pip_files import shown_path
from hutch.ops.resolve import Root
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.located import Locator
    from hutch.ops.origins import Origin
    from hutch.ops.pip_files import Files
    from hutch.ops.resolve import Request
    from hutch.project import Asked, Manifest
    from hutch.provide import Bound, Direct
    from hutch.spec import Marker, Targets

__all__ = ["Wishes", "gather", "gather_into"]


@dataclass(slots=True, kw_only=True)
class Wishes:
    """The roots of a solve. ``labels`` say of each (by identity) what ``# via`` calls it.

    ``hashes`` are those that were written behind a requirement, by name; ``editable`` names packages
    that are used where their sources lie, ``edited`` those of repositories that were only looked at here.
    """

    locator: Locator
    source_folder: str | None = None
    edited: set[str] = field(default_factory=set)
    roots: list[Root] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    projects: list[tuple[Manifest, str]] = field(default_factory=list)
    editable: set[str] = field(default_factory=set)
    bound: dict[str, tuple[Bound, ...]] = field(default_factory=dict)
    hashes: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def add(self, root: Root, label: str) -> None:
        """Ask for one thing more."""
        self.roots.append(root)
        self.labels[id(root)] = label

    def request(
        self, context: Context, targets: Targets, *, prerelease: str | None, files: Iterable[Files]
    ) -> Request:
        """All of it for these targets, as the settings are. What is typed (``prerelease``) is stronger than
        what the ``files`` say, and that than the settings."""
        from hutch.ops.moments import exclude_newer
        from hutch.ops.resolve import Request

        configuration = context.configuration
        pre = any(each.says("pre") for each in files)
        return Request(
            roots=tuple(self.roots),
            targets=targets,
            demanded=targets.everything,
            direct=self.direct(targets),
            resolution=configuration.resolution,
            only_binary=frozenset(configuration.only_binary),
            no_binary=frozenset(configuration.no_binary),
            exclude_newer=exclude_newer(context),
            bound=self.bound,
            prerelease=prerelease or ("allow" if pre else configuration.prerelease),
        )

    def adjusted(self, request: Request, newer: Mapping[str, Mapping[str, str | None]]) -> Request:
        """The request, with what the projects say against others' words: overrides, excludes, dates; and
        with the dates that were typed, which are the stronger."""
        from hutch.ops.adjusting import adjusted
        from hutch.ops.moments import newer_than

        for manifest, _ in self.projects:
            request = adjusted(_dated(request, newer_than(manifest.settings)), manifest.settings)
        return _dated(request, newer)

    def label(self, root: Root) -> str:
        """What ``# via`` calls a root; one that an override put in the place of others has their label."""
        if id(root) in self.labels:
            return self.labels[id(root)]
        name = root.requirement.name
        return next((self.labels[id(each)] for each in self.roots if each.requirement.name == name), "")

    def direct(self, targets: Targets) -> dict[str, tuple[Direct, ...]]:
        """The packages that come from a directory, an archive or a repository."""
        if not self.projects and not any(root.requirement.url for root in self.roots):
            return {}
        from hutch.ops.alternatives import refuse_overlaps
        from hutch.ops.direct import find_direct

        found = find_direct(self.roots, self.locator, targets)
        for manifest, base in self.projects:
            refuse_overlaps(manifest, targets)
            found.update(find_direct(self.roots, self.locator, targets, manifest=manifest, base=base))
        return {
            name: tuple(map(_edited, each)) if name in self.editable else each for name, each in found.items()
        }


def _dated(request: Request, newer: Mapping[str, Mapping[str, str | None]]) -> Request:
    """The request with further dates by package and index."""
    return replace(
        request,
        newer_packages={**request.newer_packages, **newer.get("newer_packages", {})},
        newer_indexes={**request.newer_indexes, **newer.get("newer_indexes", {})},
    )


def _edited(direct: Direct) -> Direct:
    directory = direct.entry.directory
    if directory is None:
        return direct
    return replace(direct, entry=replace(direct.entry, directory=replace(directory, editable=True)))


def gather(
    context: Context,
    files: Files,
    builder: Builder,
    *,
    base: str,
    words: Iterable[str] = (),
    editables: Iterable[str] = (),
    extras: Iterable[str] = (),
    all_extras: bool = False,
    source_folder: str | None = None,
) -> Wishes:
    """Turn everything that is asked for into the roots of a solve.

    ``base`` is the directory from which paths are told, ``source_folder`` where repositories are checked out
    to be worked on (empty: they are looked at, and no more).
    """
    from hutch.ops.located import Locator

    wishes = Wishes(locator=Locator(context, builder, base), source_folder=source_folder)
    gather_into(
        context,
        files,
        builder,
        wishes,
        words=words,
        editables=editables,
        extras=extras,
        all_extras=all_extras,
    )
    return wishes


def gather_into(
    context: Context,
    files: Files,
    builder: Builder,
    wishes: Wishes,
    *,
    words: Iterable[str] = (),
    editables: Iterable[str] = (),
    extras: Iterable[str] = (),
    all_extras: bool = False,
) -> None:
    """The same, beside what was wished for before."""
    for path in files.manifests:
        _add_manifest(context, path, builder, wishes, tuple(extras), all_extras)
    if (extras or all_extras) and not files.manifests:
        raise UsageProblem(
            "--extra and --all-extras choose among the extras of a pyproject.toml",
            why="none was given",
            hint="write the extras of a package behind its name: 'flask[async]'",
        )
    for text in words:
        _add(context, _word(text), wishes)
    for text in editables:
        _add(context, _word(text, editable=True), wishes)
    for asked in files.asked:
        name = _add(context, asked, wishes)
        for setting in asked.settings:
            builder.settings.add(name, setting, f"{asked.place}: --config-settings")


def _word(text: str, *, editable: bool = False) -> Asked:
    """A requirement of the command line."""
    from hutch.project import Asked, Unreadable, parse_given

    try:
        given = parse_given(text)
    except Unreadable as error:
        from hutch.spec import InvalidRequirement

        raise InvalidRequirement(text, str(error).partition("; ")[2] or str(error)) from None
    if editable:
        given = replace(given, editable=True)
    return Asked(given=given, declared=None, text=text, place="this command", container="")


def _add(context: Context, asked: Asked, wishes: Wishes) -> str:
    """Take one requirement in; its name."""
    from hutch.spec import Requirement, normalize

    given, requirement = asked.given, asked.given.requirement
    kind = "-c" if asked.constraint else "-r"
    label = f"{kind} {asked.place.rpartition(':')[0]}" if asked.container else ""
    location = given.location if requirement is None else requirement.url
    if location is None:
        assert requirement is not None
        if given.editable:
            raise _not_editable(asked)
    else:
        edited = False
        origin, url = _origin(context, location, given.is_url or requirement is not None, asked)
        if given.editable and origin.kind == "git" and wishes.source_folder is not None:
            if wishes.source_folder:
                origin, url = _checked_out(context, origin, url, asked, wishes.source_folder)
            else:
                given, edited = replace(given, editable=False), True
        elif given.editable and origin.kind != "directory":
            raise _not_editable(asked)
        if requirement is None:
            name = _egg(url) or wishes.locator.locate(origin, None, asked.place).metadata.name
            extras = given.extras or _egg_extras(url)
            requirement = Requirement(name=normalize(name), extras=extras, marker=given.marker)
        if asked.hashes and "#" not in url:
            algorithm, digest = asked.hashes[0]
            url = f"{url}#{algorithm}={digest}"
        requirement = replace(requirement, url=url)
        if given.editable:
            wishes.editable.add(requirement.name)
        if edited:
            wishes.edited.add(requirement.name)
    wishes.add(
        Root(
            requirement=requirement,
            declared=asked.declared if location is None else None,
            constraint=asked.constraint,
            asker=asked.place,
        ),
        label,
    )
    wishes.hashes.setdefault(requirement.name, set()).update(asked.hashes)
    return requirement.name


def _checked_out(
    context: Context, origin: Origin, url: str, asked: Asked, source_folder: str
) -> tuple[Origin, str]:
    """The directory in which the repository is checked out, instead of the repository."""
    from pathlib import Path

    from hutch.ops.origins import origin_of_url
    from hutch.ops.pip_source import check_out
    from hutch.spec import is_valid_name

    requirement = asked.given.requirement
    name = _egg(url) or (str(requirement.name) if requirement is not None else "")
    if not is_valid_name(name):
        raise UsageProblem(
            f"{asked.text.removeprefix('-e ')} needs a name",
            why=f"{asked.place}: its checkout is called so",
            hint="write #egg=NAME behind it",
        )
    egg = url.partition("#")[2]
    url = Path(check_out(context, origin, name, source_folder)).as_uri()
    fragments = [part for part in egg.split("&") if part.startswith("egg=")]
    return origin_of_url(url, asked.place), url + (f"#{fragments[0]}" if fragments else "")


def _not_editable(asked: Asked) -> UsageProblem:
    return UsageProblem(
        f"{asked.text.removeprefix('-e ')} cannot be editable",
        why=f"{asked.place}: only a directory with sources is installed so that its files are used",
        hint="give the path of the directory: -e ./name",
    )


def _origin(context: Context, location: str, is_url: bool, asked: Asked) -> tuple[Origin, str]:
    """The place that is meant, and its URL; a path is taken from the file that names it, if it is there."""
    from pathlib import Path

    from hutch.ops.origins import origin_of_url

    if is_url and not _is_relative_file(location):
        url = location
    else:
        text = os.path.expanduser(location.removeprefix("file:"))
        path = context.path(text)
        if asked.container and asked.container != "-" and not os.path.isabs(text):
            beside = os.path.normpath(os.path.join(os.path.dirname(asked.container), text))
            path = beside if os.path.exists(beside) else path
        if not os.path.exists(path):
            from hutch.ops.checkout import UnreadableFile

            raise UnreadableFile(path, "read", f"{asked.place} asks for {asked.text}, and nothing is there")
        url = Path(path).as_uri()
    return origin_of_url(url, asked.place), url


def _is_relative_file(location: str) -> bool:
    return location.startswith("file:") and not location.startswith("file:/")


def _egg(url: str) -> str:
    """The name that ``#egg=name[extra]`` gives, which spares looking at the place."""
    return _fragment(url).partition("[")[0].strip()


def _egg_extras(url: str) -> tuple[str, ...]:
    from hutch.spec import normalize

    inside = _fragment(url).partition("[")[2].rstrip("] ")
    return tuple(sorted({str(normalize(each)) for each in inside.split(",") if each.strip()}))


def _fragment(url: str) -> str:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(url.partition("#")[2])).get("egg", "")


def _add_manifest(
    context: Context, path: str, builder: Builder, wishes: Wishes, extras: tuple[str, ...], all_extras: bool
) -> None:
    """The dependencies of a project, and those of the extras that were chosen."""
    from hutch.ops.checkout import MANIFEST, Checkout, Neighbours, read_manifest, read_text
    from hutch.ops.roots import project_roots

    shown = shown_path(context, path)
    if os.path.basename(path) != MANIFEST:
        _add_sources(context, path, builder, wishes, extras, all_extras)
        return
    text = read_text(path)
    manifest = read_manifest(context, text, read=Neighbours(os.path.dirname(path)))
    chosen = _chosen_extras(shown, set(map(str, manifest.optional_dependencies)), extras, all_extras)
    if manifest.settings.sources:
        from hutch.ops.alternatives import settled

        manifest = settled(manifest, frozenset(f"extra:{extra}" for extra in chosen))
    checkout = Checkout(root=os.path.dirname(path), text=text, manifest=manifest)
    roots, bound = project_roots(context, checkout, builder)
    wishes.bound.update(bound)
    wishes.projects.append((checkout.manifest, checkout.root))
    label = f"{checkout.name} ({shown})"
    for root in roots:
        kind, _, name = root.where.partition(":")
        if kind == "project" or (kind == "extra" and name in chosen):
            wishes.add(replace(root, where="project"), label if not root.constraint else f"-c {shown}")


def _add_sources(
    context: Context, path: str, builder: Builder, wishes: Wishes, extras: tuple[str, ...], all_extras: bool
) -> None:
    """The same of a project whose build backend alone knows."""
    from hutch.build import prepare_metadata
    from hutch.ops.builds import build_options
    from hutch.ops.forbidden import refusing
    from hutch.project import Declared
    from hutch.spec import NEVER

    shown = shown_path(context, path)
    metadata = prepare_metadata(
        os.path.dirname(path),
        environments=builder,
        options=build_options(context, what=shown),
        emit=context.emit,
        before_build=refusing(context, shown),
    )
    chosen = _chosen_extras(shown, set(metadata.extras), extras, all_extras)
    for requirement in metadata.requirements:
        marker = _with_extras(requirement.marker, chosen)
        if marker != NEVER:
            kept = replace(requirement, marker=marker)
            declared = Declared(requirement=kept, text=kept.render(), filename=shown)
            wishes.add(Root(requirement=kept, declared=declared), f"{metadata.name} ({shown})")


def _with_extras(marker: Marker | None, chosen: set[str]) -> Marker | None:
    """What is left of a marker once the extras are chosen; ``NEVER`` if nothing can hold."""
    from hutch.spec import NEVER, and_, normalize, or_

    if marker is None:
        return None
    if marker[0] in ("and", "or"):
        parts = [_with_extras(part, chosen) for part in marker[1:]]  # type: ignore[arg-type]
        if marker[0] == "and":
            return NEVER if NEVER in parts else and_(*parts)
        alive = [part for part in parts if part != NEVER]
        return or_(*alive) if alive else NEVER
    if marker[1] == "extra":
        return None if (normalize(str(marker[2])) in chosen) is (marker[0] == "==") else NEVER
    return marker


def _chosen_extras(shown: str, known: set[str], extras: tuple[str, ...], all_extras: bool) -> set[str]:
    from hutch.spec import normalize

    chosen = set(known) if all_extras else {str(normalize(extra)) for extra in extras}
    if unknown := sorted(chosen - known):
        raise UsageProblem(
            f"{shown} has no extra {unknown[0]}",
            why=f"it has {', '.join(sorted(known))}" if known else "it has no extras",
        )
    return chosen
