"""What a project asks for, as the roots of a solve: its dependencies, extras, groups, constraints."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.resolve import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.builds import Builder
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Declared, Manifest
    from hutch.provide import Bound

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
    dependencies = _dynamic(context, checkout, builder) or manifest.requirements()
    own = normalize(manifest.name) if manifest.name else ""
    roots: list[Root] = []
    for where, declared in dependencies.items():
        for one in _expanded(manifest, own, declared):
            roots.append(Root(requirement=one.requirement, where=where, declared=one))
    for one in manifest.settings.constraints:
        roots.append(Root(requirement=one.requirement, where="project", declared=one, constraint=True))
    return tuple(roots), bound_indexes(manifest)


def _dynamic(
    context: Context, checkout: Checkout, builder: Builder
) -> dict[str, tuple[Declared, ...]] | None:
    """The requirements of a project whose build backend computes them; None where the manifest has them."""
    from hutch.project import Declared
    from hutch.spec import mentions_extra

    manifest = checkout.manifest
    computed = manifest.dynamic & {"dependencies", "optional-dependencies"}
    if not computed or not manifest.is_package:
        return None
    from hutch.build import prepare_metadata
    from hutch.ops.builds import build_options

    options = build_options(context, what=checkout.name)
    metadata = prepare_metadata(checkout.root, environments=builder, options=options, emit=context.emit)
    found: dict[str, list[Declared]] = {"project": []}
    for requirement in metadata.requirements:
        declared = Declared(requirement=requirement, text=requirement.render())
        if requirement.marker is not None and mentions_extra(requirement.marker):
            for extra in metadata.extras:
                found.setdefault(f"extra:{extra}", []).append(declared)
        else:
            found["project"].append(declared)
    static = manifest.requirements()
    if "dependencies" not in computed:
        found["project"] = list(static["project"])
    return {**static, **{where: tuple(declared) for where, declared in found.items()}}


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
