"""A whole lock, and its text: the same lock, the same bytes on every machine.

See ``docs/explanation/lock.md``. Spec: PEP 751.
"""

from __future__ import annotations

from hutch.lock.model import LockedPackage, RootEdge
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock.conda_model import CondaLock
    from hutch.spec import NormalizedName

__all__ = ["FORMAT", "LOCK_VERSION", "Lock", "render_lock"]

LOCK_VERSION = "1.0"
FORMAT = 1
"""The version of ``[tool.hutch]``; a reader refuses a higher one."""

_HEADER = (
    "# Written by hutch from pyproject.toml: change that file, not this one. After a merge: hutch lock\n\n"
)


_CONDA_HEADER = (
    _HEADER[:-1]
    + "# Other installers see the wheels alone: what comes from conda's channels is in tool.hutch.conda\n\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock file.

    ``environments`` are markers, one of which must hold where it is used (none: anywhere).
    ``targets`` are the names of ``spec.Target``. ``inputs`` is the digest of what it was solved from;
    empty, as ``targets`` and ``roots`` are, when another tool wrote it (``is_foreign``). ``conflicts`` are
    extras and groups (``extra:x``, ``group:y``) of which not all may be chosen together. With ``by_edges``
    an entry is wanted where the edges from the roots lead to it, as in the locks of most other tools;
    its own marker, if it has one, must hold besides. ``default_extras`` are installed unasked, which only
    other tools have. ``conda`` is what comes from channels; None where nothing was asked of them.
    """

    packages: tuple[LockedPackage, ...] = ()
    requires_python: str | None = None
    environments: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    dependency_groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()
    created_by: str = "hutch"
    targets: tuple[str, ...] = ()
    roots: tuple[RootEdge, ...] = ()
    inputs: str = ""
    conflicts: tuple[tuple[str, ...], ...] = ()
    by_edges: bool = False
    default_extras: tuple[str, ...] = ()
    conda: CondaLock | None = None
    tool: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_foreign(self) -> bool:
        """Whether there is no ``[tool.hutch]``: installable, but not comparable with a manifest."""
        return not self.inputs

    @property
    def count(self) -> int:
        """How many packages it holds, of both kinds."""
        return len(self.packages) + (len(self.conda.packages) if self.conda is not None else 0)

    @property
    def places(self) -> int:
        """For how many targets it is: with packages of conda, for their platforms."""
        return len(self.conda.targets) if self.conda is not None else len(self.targets)

    def named(self, name: str) -> tuple[LockedPackage, ...]:
        """The entries of ``name``, in the order of the lock."""
        return tuple(package for package in self.packages if package.name == name)

    def preferences(self) -> dict[NormalizedName, tuple[str, ...]]:
        """The versions that it holds by name: what a new solve should rather keep."""
        found: dict[NormalizedName, tuple[str, ...]] = {}
        for package in self.packages:
            if package.version is not None:
                found[package.name] = (*found.get(package.name, ()), package.version)
        return found

    def render(self) -> str:
        """The text of the file: see ``render_lock``."""
        return render_lock(self)


def render_lock(lock: Lock) -> str:
    """The text of ``lock``. Packages, files, edges and roots are sorted, whatever their order here."""
    from hutch.lock.render import order, package_text
    from hutch.lock.toml import quote, string_lines, strings, table_text

    lines = [_HEADER if lock.conda is None else _CONDA_HEADER, f'lock-version = "{LOCK_VERSION}"\n']
    if lock.environments:
        lines.append(string_lines("environments", lock.environments))
    if lock.requires_python:
        lines.append(f"requires-python = {quote(lock.requires_python)}\n")
    if not lock.is_foreign or lock.extras or lock.dependency_groups:
        lines.append(f"extras = {strings(sorted(lock.extras))}\n")
        lines.append(f"dependency-groups = {strings(sorted(lock.dependency_groups))}\n")
        lines.append(f"default-groups = {strings(sorted(lock.default_groups))}\n")
    lines.append(f"created-by = {quote(lock.created_by)}\n")
    if not lock.packages:
        lines.append("packages = []\n")  # the key is required
    for package in sorted(lock.packages, key=order):
        lines.append(package_text(package))
    if not lock.is_foreign:
        lines.append(_ours(lock))
    lines += (table_text(("tool", name), value) for name, value in sorted(lock.tool.items()))
    return "".join(lines)


def _ours(lock: Lock) -> str:
    """The table of what only a locker needs."""
    from hutch.lock.render import edge_order, edge_text
    from hutch.lock.toml import quote, string_lines, strings

    lines = [f"\n[tool.hutch]\nformat = {FORMAT}\ninputs = {quote(lock.inputs)}\n"]
    if lock.targets:
        lines.append(string_lines("targets", lock.targets))
    if lock.conflicts:
        lines.append("conflicts = [\n")
        lines += (f"  {strings(sorted(each))},\n" for each in sorted(map(sorted, lock.conflicts)))
        lines.append("]\n")
    if lock.roots:
        lines.append("roots = [\n")
        lines += (f"  {edge_text(root)},\n" for root in sorted(lock.roots, key=edge_order))
        lines.append("]\n")
    if lock.conda is not None:
        from hutch.lock.conda_render import conda_text

        lines.append(conda_text(lock.conda))
    return "".join(lines)
