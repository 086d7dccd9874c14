"""What a hint about packages of conda says in the words of the manifest that the project has: hutch's own
table, pixi's, or an environment.yml."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = ["all_channels_asked", "for_platforms", "machines_have", "manifest_of"]

_OURS = "[tool.hutch.conda]"


def manifest_of(context: Context) -> Manifest | None:
    """The manifest of the project; None where there is none, or it cannot be read."""
    from hutch.errors import Problem

    try:
        return context.checkout.manifest
    except Problem:
        return None


def machines_have(manifest: Manifest | None, key: str, version: str) -> str:
    """How to say that all machines of the project have something, such as a version of CUDA."""
    if _is_yml(manifest):
        assert manifest is not None
        name = {"macos": "OSX", "windows": "WIN"}.get(key, key.upper())
        return (
            f"CONDA_OVERRIDE_{name}={version} before the command, for {manifest.filename} has no words for it"
        )
    if _is_pixi(manifest):
        word = {"glibc": "libc"}.get(key, key)
        return f'{word} = "{version}" in {_pixis(manifest, "system-requirements")}'
    return f'system-requirements = {{ {key} = "{version}" }} in {_OURS}'


def for_platforms(manifest: Manifest | None, name: str, selectors: Iterable[str]) -> str:
    """Where a package is asked for that some platforms do not have."""
    if _is_yml(manifest):
        from hutch.project.dialects.conda_draft import COMMENT_SELECTORS

        words = {selector: word for word, selector in COMMENT_SELECTORS.items()}
        said = " and ".join(f"`{name} # [{words.get(each, each)}]`" for each in selectors)
        return f"{said} in {manifest.filename if manifest is not None else ''}"
    if _is_pixi(manifest):
        return "in " + " and ".join(_pixis(manifest, f"target.{each}.dependencies") for each in selectors)
    tables = " and ".join(f"[tool.hutch.conda.target.{each}]" for each in selectors)
    return f"among the dependencies of {tables}"


def all_channels_asked(manifest: Manifest | None) -> str:
    """How all channels are asked for a package, and not the first alone that has it."""
    if _is_yml(manifest):
        return "HUTCH_CONDA_CHANNEL_PRIORITY=flexible"
    if _is_pixi(manifest):
        return f'channel-priority = "disabled" in {_pixis(manifest, "workspace")}'
    return f'channel-priority = "flexible" in {_OURS}'


def _is_yml(manifest: Manifest | None) -> bool:
    return manifest is not None and "environment_yml" in manifest.dialects


def _is_pixi(manifest: Manifest | None) -> bool:
    return manifest is not None and "pixi" in manifest.dialects


def _pixis(manifest: Manifest | None, table: str) -> str:
    in_pyproject = manifest is not None and not manifest.filename.endswith("pixi.toml")
    return f"[{'tool.pixi.' if in_pyproject else ''}{table}]"
