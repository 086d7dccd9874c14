"""What a project asks for, as the roots of a solve: its dependencies, extras, groups, constraints."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.resolve import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.builds import Builder
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Declared, Manifest
    from hutch.provide import Bound
    from hutch.spec import Marker, Specifiers

__all__ = ["UnsupportedRequirement", "project_roots"]


class UnsupportedRequirement(Problem):
    """A requirement of a kind that hutch cannot lock yet."""

    code = "unsupported-requirement"

    def __init__(self, text: str, place: str, kind: str) -> None:
        self.text = text
        self.place = place
        super().__init__(
            f"hutch cannot lock {kind} yet",
            why=f"{place} asks for {text}",
            hint="use a version from an index for now",
        )


def project_roots(
    context: Context, checkout: Checkout, builder: Builder
) -> tuple[tuple[Root, ...], dict[str, tuple[Bound, ...]]]:
    """The roots of the project, and the indexes of each package that does not come from any index."""
    from hutch.ops.alternatives import bound_indexes
    from hutch.spec import normalize

    manifest = checkout.manifest
    roots: list[Root] = []
    if checkout.members:
        roots += _roots_of_members(checkout)
    else:
        dependencies = _dynamic(context, checkout, builder) or manifest.requirements()
        own = normalize(manifest.name) if manifest.name else ""
        for where, declared in dependencies.items():
            for one in _expanded(manifest, own, declared):
                roots.append(Root(requirement=one.requirement, where=where, declared=one))
    for one in manifest.settings.constraints:
        roots.append(Root(requirement=one.requirement, where="project", declared=one, constraint=True))
    return tuple(roots), bound_indexes(manifest)


def _roots_of_members(checkout: Checkout) -> Iterator[Root]:
    """What each member asks for, on the Pythons that it admits.

    One that is installed is itself a root, and a package of the lock, which asks for the same as its
    lists: these are roots beside it, so that a conflict can name their lines.
    """
    from hutch.ops.merged import self_declared

    everywhere = checkout.manifest.requires_python
    for member in checkout.members:
        manifest = member.manifest
        within = _python_marker(manifest.requires_python) if manifest.requires_python != everywhere else None
        for local, declared in manifest.requirements().items():
            where = member.wheres[local]
            # What an extra adds goes by itself, as in one project: nobody chooses it without its member.
            implied = member.installs and local == "project"
            if implied:
                one = self_declared(member)
                yield Root(requirement=one.requirement, where=where, declared=one, within=within)
            for one in _expanded(manifest, member.name, declared):
                yield Root(
                    requirement=one.requirement, where=where, declared=one, within=within, implied=implied
                )


def _python_marker(specifiers: Specifiers) -> Marker | None:
    """``>=3.12`` as a marker."""
    from hutch.spec import parse_marker

    if not specifiers:
        return None
    return parse_marker(" and ".join(f"python_full_version {op} '{version}'" for op, version in specifiers))


def _dynamic(
    context: Context, checkout: Checkout, builder: Builder
) -> dict[str, tuple[Declared, ...]] | None:
    """The requirements of a project whose build backend computes them; None where the manifest has them."""
    from hutch.project import Declared
    from hutch.spec import NEVER
    from hutch.values import replace

    manifest = checkout.manifest
    computed = manifest.dynamic & {"dependencies", "optional-dependencies"}
    if not computed or not manifest.is_package:
        return None
    from hutch.build import prepare_metadata
    from hutch.ops.builds import build_options

    options = build_options(context, what=checkout.name)
    metadata = prepare_metadata(checkout.root, environments=builder, options=options, emit=context.emit)
    found: dict[str, list[Declared]] = {}
    if "dependencies" in computed:
        found["project"] = []
    if "optional-dependencies" in computed:
        found |= {f"extra:{extra}": [] for extra in metadata.extras}
    for requirement in metadata.requirements:
        always = _with_extra(requirement.marker, None)
        for where, listed in found.items():
            marker = always
            if where != "project":
                marker = _with_extra(requirement.marker, where.partition(":")[2])
                if marker == always:
                    continue  # it is the project's own
            if marker != NEVER:
                one = replace(requirement, marker=marker)
                listed.append(Declared(requirement=one, text=one.render(), filename=manifest.filename))
    return {**manifest.requirements(), **{where: tuple(declared) for where, declared in found.items()}}


def _with_extra(marker: Marker | None, extra: str | None) -> Marker | None:
    """What is left of ``marker`` where this extra is chosen, or none; ``NEVER`` if nothing can hold."""
    from hutch.spec import NEVER, and_, normalize, or_

    if marker is None:
        return None
    kind = marker[0]
    if kind in ("and", "or"):
        parts = [_with_extra(part, extra) for part in marker[1:]]  # type: ignore[arg-type]
        return and_(*parts) if kind == "and" else or_(*(part for part in parts if part != NEVER))
    if marker[1] != "extra":
        return marker
    return None if (normalize(str(marker[2])) == extra) is (kind == "==") else NEVER


def _expanded(
    manifest: Manifest, own: str, declared: tuple[Declared, ...], seen: frozenset[str] = frozenset()
) -> list[Declared]:
    """``all = ["shop[web,db]"]`` in the project ``shop`` means what its extras ask for."""
    found: list[Declared] = []
    for one in declared:
        requirement = one.requirement
        if not own or requirement.name != own:
            found.append(one)
            continue
        if requirement.marker is not None:
            raise UnsupportedRequirement(one.text, one.place, "the project itself behind a marker")
        for extra in requirement.extras:
            if extra not in seen:
                inner = manifest.optional_dependencies.get(extra, ())  # type: ignore[call-overload]
                found += _expanded(manifest, own, inner, seen | {extra})
    return found
