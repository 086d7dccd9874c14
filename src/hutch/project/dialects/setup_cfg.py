"""The static part of a ``setup.cfg``: sections, keys, values and their lines, as setuptools reads them.

Not ``configparser``: it does not say where a value stands, and an edit has to know. The grammar is the one
that it has: keys end at ``=`` or ``:``, deeper lines continue a value, ``#`` and ``;`` begin comment lines.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Entry", "SetupCfg", "read_setup_cfg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key. ``lines`` are the pieces of its value with their lines (from 1), the first behind the key.

    ``line`` is that of the key itself, ``last`` that of the last line of the value.
    """

    key: str
    line: int
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def text(self) -> str:
        """The value in one text, as ``configparser`` gives it."""
        return "\n".join(text for _, text in self.lines).strip()

    @property
    def last(self) -> int:
        """The last line that says something."""
        return max((line for line, text in self.lines if text), default=self.line)

    def items(self, separator: str = ";") -> list[tuple[int, str]]:
        """A list: a line an item where there are several lines, else the pieces between separators."""
        said = [(line, text) for line, text in self.lines if text]
        if len(self.lines) <= 1:
            said = [(line, piece.strip()) for line, text in said for piece in text.split(separator)]
        return [(line, text) for line, text in said if text and not text.startswith("#")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCfg:
    """A file. ``faults`` are (line, reason) of lines that are none of the grammar."""

    sections: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[tuple[int, str], ...] = ()

    def get(self, section: str, key: str) -> Entry | None:
        """The entry; its key may be written with dashes."""
        found = self.sections.get(section, {})
        return found.get(key) or found.get(key.replace("_", "-"))


def read_setup_cfg(text: str) -> SetupCfg:
    """Read a ``setup.cfg``. Never raises: what is wrong is in ``faults``."""
    sections: dict[str, dict[str, Entry]] = {}
    starts: dict[str, int] = {}
    faults: list[tuple[int, str]] = []
    current: dict[str, Entry] | None = None
    entry: list[tuple[int, str]] | None = None
    key, key_line, indent = "", 0, 0

    def finish() -> None:
        nonlocal entry
        if current is not None and entry is not None:
            while entry and not entry[-1][1]:
                entry.pop()
            current[key] = Entry(key=key, line=key_line, lines=tuple(entry))
        entry = None

    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            continue
        if not stripped:
            if entry is not None:
                entry.append((number, ""))
            continue
        depth = len(line) - len(line.lstrip())
        if entry is not None and depth > indent:
            entry.append((number, stripped))
            continue
        finish()
        if stripped.startswith("["):
            end = stripped.find("]")
            if end < 0:
                faults.append((number, "the [ of a section is not closed"))
                current = None
                continue
            name = stripped[1:end]
            current = sections.setdefault(name, {})
            starts.setdefault(name, number)
            continue
        at = min((found for sign in "=:" if (found := stripped.find(sign)) >= 0), default=-1)
        if current is None or at <= 0:
            faults.append((number, "is neither a section nor key = value"))
            continue
        key, key_line, indent = stripped[:at].strip(), number, depth
        entry = [(number, stripped[at + 1 :].strip())]
    finish()
    return SetupCfg(sections=sections, starts=starts, faults=tuple(faults))
