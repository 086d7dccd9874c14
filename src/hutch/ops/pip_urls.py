"""What `direct_url.json` (PEP 610) says, to be shown."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["hashes_of", "shown_url"]


def hashes_of(info: Mapping[str, Any]) -> dict[str, str]:
    """The hashes of an archive, in either spelling of PEP 610."""
    hashes = info.get("hashes")
    if isinstance(hashes, dict) and hashes:
        return {str(name): str(value) for name, value in hashes.items()}
    name, equals, value = str(info.get("hash") or "").partition("=")
    return {name: value} if equals else {}


def shown_url(url: str) -> str:
    """A URL without credentials; ``git@`` and references to variables are none (PEP 610)."""
    from hutch.lock import without_credentials

    user = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    if user == "git" or (user and all(_is_variable(part) for part in user.split(":", 1))):
        return url
    return without_credentials(url)


def _is_variable(text: str) -> bool:
    name = text.removeprefix("${").removesuffix("}")
    return text == "${" + name + "}" and name.replace("_", "").isalnum()
