"""The project itself, installed so that its sources are used where they lie (PEP 660)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hutch.events import Building
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.ops.builds import Builder
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["ProjectItself", "project_itself"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectItself:
    """The project as a distribution. ``build`` makes its editable wheel, or finds the one made before."""

    name: str
    version: str
    key: str
    _context: Context = field(repr=False)
    _checkout: Checkout = field(repr=False)
    _builder: Builder = field(repr=False)

    def build(self) -> StoredWheel:
        """The editable wheel."""
        found = self._context.store.built.find_wheel(self.key)
        return (
            found if found is not None else _build(self._context, self._checkout, self._builder, self.key)[0]
        )


def project_itself(
    context: Context, checkout: Checkout, builder: Builder, interpreter: Interpreter
) -> ProjectItself:
    """Name and version of the project; what the backend computes is computed, once for each manifest."""
    from hutch.spec import normalize

    manifest = checkout.manifest
    key = _key(checkout, interpreter)
    if manifest.name is not None and manifest.version is not None:
        name, version = normalize(manifest.name), manifest.version
    else:
        wheel = context.store.built.find_wheel(key)
        if wheel is None:
            wheel, _ = _build(context, checkout, builder, key)
        name, version = normalize(wheel.manifest.name), wheel.manifest.version
    from hutch.spec import canonical_version

    return ProjectItself(
        name=name,
        version=canonical_version(version),
        key=key,
        _context=context,
        _checkout=checkout,
        _builder=builder,
    )


def _key(checkout: Checkout, interpreter: Interpreter) -> str:
    """An editable wheel holds a path and metadata; it is made anew where either may have changed."""
    digest = hashlib.sha256()
    for text in ("editable-1", checkout.root, checkout.text, interpreter.cache_tag):
        digest.update(text.encode("utf-8", "surrogateescape") + b"\0")
    for name in ("setup.py", "setup.cfg"):
        path = os.path.join(checkout.root, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                digest.update(file.read() + b"\0")
    return digest.hexdigest()


def _build(context: Context, checkout: Checkout, builder: Builder, key: str) -> tuple[StoredWheel, Path]:
    from hutch.build import build_editable
    from hutch.ops.builds import build_options
    from hutch.values import replace

    context.emit(Building(checkout.name))
    with context.store.scratch() as scratch:
        options = replace(build_options(context, checkout.name), name="")
        archive = build_editable(checkout.root, Path(scratch), environments=builder, options=options)
        return context.store.built.record(key, archive), archive
