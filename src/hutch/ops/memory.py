"""What hutch remembers of a project between commands, to be quick: nothing that cannot be lost."""

from __future__ import annotations

import os

from hutch.spec import short_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["Memory"]

MOST = 4000
MOST_DOCUMENTS = 400


class Memory:
    """Requirement texts already split, and each manifest as it was last parsed.

    Reading TOML costs the import of a parser and of ``re``, ``datetime`` and ``typing``: as much as all
    the rest of a ``hutch lock`` with nothing to do.
    """

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._key = short_sha256(os.fsencode(context.root or context.directory))
        self.requirements: dict[str, Any] = {}
        self._documents: dict[str, tuple[str, Any]] = {}
        self._changed = False

    def __enter__(self) -> Memory:
        value = self._store.tables.read("requirements", self._key)
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], dict):
            self.requirements, self._documents = value
        self._size = len(self.requirements)
        return self

    def load_toml(self, text: str, filename: str) -> dict[str, Any]:
        """The document of this text: as remembered, or parsed."""
        digest = short_sha256(text.encode())
        known = self._documents.get(filename)
        if known is not None and known[0] == digest:
            data: dict[str, Any] = known[1]
            return data
        from hutch.project import load_toml

        data = load_toml(text, filename)
        if _is_plain(data) and not has_secret(text):
            if len(self._documents) >= MOST_DOCUMENTS:
                self._documents.clear()
            self._documents[filename] = (digest, data)
        else:
            self._documents.pop(filename, None)
        self._changed = True
        return data

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and (self._changed or len(self.requirements) != self._size):
            if len(self.requirements) > MOST:
                self.requirements = dict(list(self.requirements.items())[-MOST // 2 :])
            kept = {text: found for text, found in self.requirements.items() if not has_secret(text)}
            self._store.tables.write("requirements", self._key, (kept, self._documents))


def has_secret(text: str) -> bool:
    """May a URL in ``text`` hold a password or a token? Then nothing of it is written down."""
    at = text.find("://")
    while at >= 0:
        rest = text[at + 3 : at + 2000]
        end = min((place for place in map(rest.find, "/ \"'\n#") if place >= 0), default=len(rest))
        host, scheme = rest[:end], text[max(at - 4, 0) : at]
        if "@" in host and not (scheme.endswith("ssh") and ":" not in host.partition("@")[0]):
            return True
        address = rest.split(None, 1)[0] if rest.strip() else ""
        if "?" in address.partition('"')[0].partition("'")[0]:
            return True
        at = text.find("://", at + 3)
    return False


def _is_plain(value: object) -> bool:
    """Can the store keep it? Dates cannot be kept, and are rare in a manifest."""
    if isinstance(value, dict):
        return all(_is_plain(each) for each in value.values())
    if isinstance(value, list):
        return all(_is_plain(each) for each in value)
    return isinstance(value, (str, int, float, bool))
