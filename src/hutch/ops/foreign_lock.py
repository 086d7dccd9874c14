"""The lock of another tool, where it is what a checkout has: which of the files there it is.

It is never written; ``foreign_reading`` judges and reads it. See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

import os

from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.lock.foreign import ForeignFormat
    from hutch.ops.checkout import Checkout
    from hutch.project import Manifest

__all__ = ["ForeignLock", "find_foreign_lock", "lock_left_behind", "locks_beside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLock:
    """A lock file of another tool: where it is, and how it is read.

    One that has versions and no hashes (``is_proof`` is False) is not installed from. ``source`` is the
    requirements file that was compiled to it, where that is not the manifest; ``others`` are further files
    that belong to it.
    """

    path: str
    format: ForeignFormat = field(compare=False)
    is_proof: bool = True
    source: str = ""
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its file name."""
        return os.path.basename(self.path)

    def read(self, root: str, manifest: Manifest) -> str:
        """Its text; of one that consists of several files, all of them."""
        from hutch.ops.checkout import Neighbours, read_text

        if self.format.module != "requirements":
            return read_text(self.path)
        from hutch.lock.foreign.requirements import gather

        return gather(self.source or manifest.filename, Neighbours(root))


def find_foreign_lock(root: str, manifest: Manifest) -> ForeignLock | None:
    """The lock that another tool left in ``root``; None where hutch has its own, or there is none.

    The lock of the tool that the manifest is written for comes first. Of a manifest with ``[tool.hutch]``
    no other tool has a say.
    """
    from hutch.ops.checkout import LOCK

    path = os.path.join(root, LOCK)
    if os.path.lexists(path) or "hutch" in manifest.tool:
        return _find_pylock(path, manifest)
    for kind in _in_order(manifest):
        if kind.module == "requirements":
            return _find_requirements(root, manifest.filename, kind)
        path = os.path.join(root, kind.filename)
        if path != os.path.join(root, manifest.filename) and os.path.isfile(path):
            return ForeignLock(path=path, format=kind)
    return _find_compiled(root, manifest)


def _find_compiled(root: str, manifest: Manifest) -> ForeignLock | None:
    """What pip-compile made from this manifest: a lock, if it covers all that is installed unasked."""
    from hutch.lock.foreign import FORMATS
    from hutch.lock.foreign.requirements import gather, is_lock
    from hutch.ops.checkout import Neighbours
    from hutch.project.dialects.requirements_layers import compiled_from

    read = Neighbours(root)
    layers = compiled_from(manifest.filename, read)
    if not layers or layers[0].where != "project":
        return None
    wheres = {layer.where for layer in layers}
    covered = all(f"group:{group}" in wheres for group in manifest.default_groups)
    kind = next(each for each in FORMATS if each.module == "requirements")
    paths = tuple(os.path.join(root, layer.compiled or "") for layer in layers)
    is_proof = covered and is_lock(gather(manifest.filename, read))
    return ForeignLock(path=paths[0], format=kind, is_proof=is_proof, others=paths[1:])


def lock_left_behind(root: str, manifest: Manifest) -> ForeignLock | None:
    """The lock of the tool that a manifest was imported from: it says which versions are to stay.

    None where hutch has locked already; then its own lock says so.
    """
    from hutch.lock.foreign import FORMATS
    from hutch.ops.checkout import LOCK

    if "hutch" not in manifest.tool or os.path.lexists(os.path.join(root, LOCK)):
        return None
    for kind in FORMATS:
        path = os.path.join(root, kind.filename)
        if kind.module != "requirements" and os.path.isfile(path):
            return ForeignLock(path=path, format=kind, is_proof=False)
    kind = next(kind for kind in FORMATS if kind.module == "requirements")
    from hutch.ops.manifests import IN_FOLDER

    places = ("requirements.in", kind.filename, *IN_FOLDER)
    source = next((name for name in places if os.path.isfile(os.path.join(root, name))), None)
    found = _find_requirements(root, source, kind) if source is not None else None
    return replace(found, is_proof=False, source=source or "") if found is not None else None


_MAKERS = {
    "pip": "pip lock",
    "pipenv": "pipenv lock",
    "uv": "uv export --format pylock.toml",
    "pdm": "pdm lock",
}


def _find_pylock(path: str, manifest: Manifest) -> ForeignLock | None:
    """A ``pylock.toml`` that another tool keeps; None where it is hutch's own, or nobody's."""
    from hutch.lock.foreign.pylock import maker_of
    from hutch.lock.formats import PYLOCK, PYLOCK_OF_PDM, format_of
    from hutch.plain import read_plain

    if "hutch" in manifest.tool:
        return None
    try:
        maker = maker_of(read_plain(path))
    except OSError:
        return None
    if maker is None:
        return None
    if maker == "pdm" and manifest.filename == "pyproject.toml":
        return ForeignLock(path=path, format=PYLOCK_OF_PDM)
    beside = os.path.join(os.path.dirname(path), "Pipfile.lock")
    if maker == "pipenv" and os.path.isfile(beside) and (kind := format_of(beside)) is not None:
        return ForeignLock(path=beside, format=kind)  # Pipenv makes the other from this one
    return ForeignLock(path=path, format=replace(PYLOCK, command=_MAKERS.get(maker, maker)))


def _find_requirements(root: str, filename: str, kind: ForeignFormat) -> ForeignLock | None:
    """The files that pin what a project of requirements files asks for, if there are any."""
    from hutch.lock.foreign.requirements import gather, is_lock
    from hutch.ops.checkout import Neighbours
    from hutch.project.dialects.requirements_layers import compiled_of

    read = Neighbours(root)
    compiled = compiled_of(filename, read)
    if compiled is None:
        return None
    is_proof = is_lock(gather(filename, read))
    if not is_proof and compiled == filename:
        return None
    return ForeignLock(path=os.path.join(root, compiled), format=kind, is_proof=is_proof)


def _in_order(manifest: Manifest) -> Iterator[ForeignFormat]:
    from hutch.lock.foreign import FORMATS

    own = [kind for kind in FORMATS if kind.dialect in manifest.dialects]
    yield from own
    if manifest.filename == "pyproject.toml":  # its [project] may be any tool's
        yield from (kind for kind in FORMATS if kind not in own and kind.dialect in _OF_PYPROJECT)


_OF_PYPROJECT = frozenset({"uv", "poetry", "pdm"})


def locks_beside(checkout: Checkout) -> tuple[str, ...]:
    """The locks of other tools that lie there too, and are not taken."""
    from hutch.lock.foreign import FORMATS

    taken = checkout.foreign.name if checkout.foreign is not None else ""
    names = dict.fromkeys(kind.filename for kind in FORMATS if kind.module != "requirements")
    return tuple(
        name for name in names if name != taken and os.path.isfile(os.path.join(checkout.root, name))
    )
