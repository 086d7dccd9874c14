"""``exclude-newer``: a moment, or a span back from now, as the ISO time that uploads are compared with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.project import ProjectSettings

__all__ = ["exclude_newer", "newer_than", "typed_moments"]


def exclude_newer(context: Context) -> str | None:
    """The latest upload time that counts, in UTC; None where every upload does."""
    said = context.configuration.exclude_newer
    if said is None:
        return None
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    return resolve_moment(said, now=datetime.now(UTC))


def newer_than(settings: ProjectSettings) -> dict[str, Any]:
    """What packages and indexes have instead of ``exclude-newer``, for a request."""
    if not settings.newer_packages and not settings.newer_indexes:
        return {}
    from datetime import UTC, datetime

    from hutch.project import resolve_moment

    now = datetime.now(UTC)
    return {
        key: {name: said and resolve_moment(said, now=now) for name, said in found.items()}
        for key, found in (
            ("newer_packages", settings.newer_packages),
            ("newer_indexes", settings.newer_indexes),
        )
    }


def typed_moments(packages: tuple[str, ...], indexes: tuple[str, ...]) -> dict[str, dict[str, str | None]]:
    """``NAME=WHEN`` as typed, like ``newer_than``; ``NAME=false`` exempts. Raises ``UsageProblem``."""
    from datetime import UTC, datetime

    from hutch.errors import UsageProblem
    from hutch.project import parse_moment, resolve_moment
    from hutch.spec import normalize

    now = datetime.now(UTC)
    found: dict[str, dict[str, str | None]] = {"newer_packages": {}, "newer_indexes": {}}
    for option, words, key in (
        ("exclude-newer-package", packages, "newer_packages"),
        ("exclude-newer-index", indexes, "newer_indexes"),
    ):
        for word in words:
            name, sign, text = word.partition("=")
            name, text = name.strip(), text.strip()
            moment = None if text.lower() == "false" else parse_moment(text)
            if not sign or not name or (moment is None and text.lower() != "false"):
                raise UsageProblem(
                    f"--{option} `{word}` is not NAME=WHEN",
                    hint=f"--{option} numpy=2026-10-01, numpy='7 days', or numpy=false",
                )
            name = str(normalize(name)) if key == "newer_packages" else name
            found[key][name] = resolve_moment(moment, now=now) if moment is not None else None
    return found
