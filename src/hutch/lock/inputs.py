"""The digest of what a lock depends on: equal digests, equal question.

It says whether a lock answers the manifest as it is now, without solving. What cannot change the
answer (order, spelling, comments, the project's own version) must not change the digest, and
credentials must not enter it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hutch.project import Manifest

__all__ = ["digest_inputs"]

_GENERATION = "1"


def digest_inputs(
    manifest: Manifest,
    *,
    targets: Iterable[str] = (),
    indexes: Iterable[tuple[str, str]] = (),
    resolution: str = "highest",
    prerelease: str = "if-necessary",
    exclude_newer: str | None = None,
    constraints: Iterable[str] = (),
    overrides: Iterable[str] = (),
    others: Mapping[str, str] | None = None,
) -> str:
    """``sha256:<hex>`` over ``manifest`` and what the configuration adds to it.

    ``targets`` are the names configured (none: the default ones, which follow from requires-python).
    ``indexes`` are (name, URL) in the order in which they are asked. ``constraints`` and
    ``overrides`` are requirement texts beyond those of the manifest. ``others`` is for whatever else
    a caller lets the answer depend on, e.g. the digests of the manifests of path dependencies.
    """
    from hashlib import sha256

    from hutch.lock.render import without_credentials
    from hutch.spec import normalize, parse_requirement, render_specifiers

    lines = [f"generation {_GENERATION}", f"name {normalize(manifest.name) if manifest.name else ''}"]
    lines.append(f"requires-python {_order_free(render_specifiers(manifest.requires_python))}")
    for where, declared in manifest.requirements().items():
        lines.append(f"where {where}")
        # A requirement that stands twice, or also through an included group, asks no more than once.
        lines += sorted({f"{where} {each.requirement.render()}" for each in declared})
    settings = manifest.settings
    for kind, declared, more in (
        ("constraint", settings.constraints, constraints),
        ("override", settings.overrides, overrides),
    ):
        texts = {each.requirement.render() for each in declared}
        texts |= {parse_requirement(text).render() for text in more}
        lines += sorted(f"{kind} {text}" for text in texts)
    for name in sorted(settings.sources):
        for source in settings.sources[name]:
            place = without_credentials(source.location)
            kind = "editable" if source.editable else source.kind
            words = [kind, place, source.revision_kind, source.revision, source.subdirectory, source.marker]
            lines.append(f"source {name} {words!r}")
    lines += (f"target {name}" for name in sorted(targets))
    lines += (f"index {name} {without_credentials(url).rstrip('/')}" for name, url in indexes)
    lines.append(f"default-groups {sorted(manifest.default_groups)!r}")
    lines.append(f"package {manifest.is_package}")
    lines.append(f"mode {resolution} {prerelease} {exclude_newer or ''}")
    lines += (f"other {key} {value}" for key, value in sorted((others or {}).items()))
    return "sha256:" + sha256("\n".join(lines).encode()).hexdigest()


def _order_free(specifiers: str) -> str:
    return ",".join(sorted(part.strip() for part in specifiers.split(",")))
