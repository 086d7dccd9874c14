"""The digest of what a lock depends on: equal digests, equal question.

It says whether a lock answers the manifest as it is now, without solving. What cannot change the
answer (order, spelling, comments, the project's own version) must not change the digest, and
credentials must not enter it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from hutch.project import Source
    from hutch.spec import Requirement, Specifiers

    class AskedIndex(Protocol):
        """What counts of an index (``index.IndexOptions``): the order is that of asking."""

        @property
        def name(self) -> str: ...
        @property
        def url(self) -> str: ...
        @property
        def explicit(self) -> bool: ...


__all__ = ["AskedIndex", "digest_inputs"]

_GENERATION = "1"


def digest_inputs(
    *,
    requirements: Mapping[str, Iterable[Requirement | str]],
    requires_python: Specifiers = (),
    name: str | None = None,
    targets: Iterable[str] = (),
    constraints: Iterable[Requirement | str] = (),
    overrides: Iterable[Requirement | str] = (),
    sources: Mapping[str, Iterable[Source]] | None = None,
    indexes: Iterable[AskedIndex] = (),
    resolution: str = "highest",
    exclude_newer: str | None = None,
    default_groups: Iterable[str] = (),
    only_binary: Iterable[str] = (),
    no_binary: Iterable[str] = (),
    package: bool = False,
    others: Mapping[str, str] | None = None,
) -> str:
    """``sha256:<hex>`` over all that the answer of a lock depends on, the indexes' answers excepted.

    ``requirements`` are by where they come from (``project``, ``extra:x``, ``group:y``), as
    ``Manifest.requirements`` has them; an extra without requirements counts too. ``name`` is the
    project's (its extras may name it), ``package`` whether it is installed itself. ``others`` is for
    whatever else a caller lets the answer depend on, such as digests of the manifests of path
    dependencies. Texts and parsed requirements give the same digest.
    """
    from hutch.lock.urls import without_credentials
    from hutch.spec import normalize, short_sha256

    lines = [f"generation {_GENERATION}", f"name {normalize(name) if name else ''}", f"package {package}"]
    lines.append("requires-python " + ",".join(sorted(op + version for op, version in requires_python)))
    for where in sorted(requirements):
        lines.append(f"where {where}")
        # A requirement that stands twice, or also through an included group, asks no more than once.
        lines += sorted({f"{where} {_normal(each)}" for each in requirements[where]})
    lines += sorted({f"constraint {_normal(each)}" for each in constraints})
    lines += sorted({f"override {_normal(each)}" for each in overrides})
    for key in sorted(sources or {}):
        for source in (sources or {})[key]:
            place = without_credentials(source.location)
            kind = "editable" if source.editable else source.kind
            told = (kind, place, source.revision_kind, source.revision, source.subdirectory, source.marker)
            more = "" if source.submodules else " no submodules"
            more += " lfs" if source.lfs else ""
            lines.append(f"source {key} {told!r}{more}{f' {source.where}' if source.where else ''}")
    lines += sorted({f"target {target}" for target in targets})
    for index in indexes:
        url = without_credentials(index.url).rstrip("/")
        lines.append(f"index {index.name} {url} {'explicit' if index.explicit else ''}")
    for key, words in (
        ("default-groups", default_groups),
        ("only-binary", only_binary),
        ("no-binary", no_binary),
    ):
        lines.append(f"{key} {' '.join(sorted(set(words)))}")
    lines.append(f"mode {resolution} {exclude_newer or ''}")
    lines += (f"other {key} {value}" for key, value in sorted((others or {}).items()))
    return "sha256:" + short_sha256("\n".join(lines).encode())


def _normal(requirement: Requirement | str) -> str:
    """The requirement in a form that does not depend on how it was written."""
    if isinstance(requirement, str):
        from hutch.spec import parse_requirement

        requirement = parse_requirement(requirement)
    parts = (
        requirement.name,
        sorted(requirement.extras),
        sorted(requirement.specifiers),
        requirement.marker,
        requirement.url,
    )
    if requirement.url is not None:
        from hutch.lock.urls import without_credentials

        parts = (*parts[:4], without_credentials(requirement.url))
    return repr(parts)
