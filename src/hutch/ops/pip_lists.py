"""Lists of a project that the ``pip`` commands take by name: dependency groups, and what builds need."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.resolve import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.pip_inputs import Wishes

__all__ = ["BUILD_KINDS", "add_build_requirements", "add_groups"]

BUILD_KINDS = ("editable", "sdist", "wheel")


def add_groups(context: Context, groups: Iterable[str], builder: Builder, wishes: Wishes) -> None:
    """``--group NAME`` of the pyproject.toml here, ``--group PATH:NAME`` of another (PEP 735)."""
    from hutch.ops.checkout import MANIFEST, Checkout, Neighbours, read_manifest, read_text
    from hutch.ops.pip_files import shown_path
    from hutch.ops.roots import project_roots
    from hutch.spec import normalize

    for said in groups:
        path, colon, name = said.rpartition(":")
        path = context.path(os.path.expanduser(path) if colon else MANIFEST)
        if os.path.basename(path) != MANIFEST:
            raise UsageProblem(
                f"--group {said}: groups stand in a {MANIFEST}", hint=f"--group {MANIFEST}:{name}"
            )
        text = read_text(path)
        manifest = read_manifest(context, text, read=Neighbours(os.path.dirname(path)))
        shown = shown_path(context, path)
        if normalize(name) not in manifest.groups:
            known = ", ".join(sorted(manifest.groups))
            raise UsageProblem(
                f"{shown} has no group {name}", why=f"it has {known}" if known else "it has no groups"
            )
        checkout = Checkout(root=os.path.dirname(path), text=text, manifest=manifest)
        roots, bound = project_roots(context, checkout, builder)
        wishes.bound.update(bound)
        if not any(root == checkout.root for _, root in wishes.projects):
            wishes.projects.append((manifest, checkout.root))
        group = normalize(name)
        label = f"{manifest.name} ({shown}:{group})" if manifest.name else f"{shown}:{group}"
        for root in roots:
            if root.where == f"group:{group}":
                wishes.add(Root(requirement=root.requirement, declared=root.declared), label)


def add_build_requirements(
    context: Context, manifests: Iterable[str], kinds: Iterable[str], builder: Builder, wishes: Wishes
) -> None:
    """What building the projects needs, labelled as pip-compile does."""
    from hutch.build import build_requirements
    from hutch.ops.builds import build_options
    from hutch.ops.forbidden import refusing
    from hutch.ops.pip_files import shown_path
    from hutch.spec import parse_requirement

    for path in manifests:
        source = os.path.dirname(path)
        shown = shown_path(context, os.path.join(source, "pyproject.toml")).replace(os.sep, "/")
        refusing(context, shown)(shown)
        options = build_options(context, what=shown)
        static, asked = build_requirements(source, kinds, environments=builder, options=options)
        name = builder.tree_metadata(source, None, shown).name
        for label, texts in (
            (f"{name} ({shown}::build-system.requires)", static),
            *((f"{name} ({shown}::build-system.backend::{kind})", asked[kind]) for kind in asked),
        ):
            for text in texts:
                wishes.add(Root(requirement=parse_requirement(text), asker=label), label)
