"""Edits of a manifest that a diagnosis proposes: how they read, and how they are written."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hutch.ops.resolve import Root
    from hutch.project import Declared
    from hutch.spec import Requirement, Specifiers

__all__ = ["Edit", "NothingToApply", "Suggestion", "write_edits"]


class NothingToApply(Problem):
    """``lock --apply`` names an edit that is not there, or that is none of ``pyproject.toml``'s."""

    code = "nothing-to-apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change: ``raise``, ``lower``, ``marker``, ``remove``, ``requires-python`` or ``targets``.

    ``declared`` are the entries to change, with what each becomes ("" to take it out); ``values`` is
    the new ``requires-python``, or the targets to leave out.
    """

    kind: str
    text: str
    note: str = ""
    places: tuple[str, ...] = ()
    declared: tuple[tuple[Declared, str], ...] = ()
    values: tuple[str, ...] = ()
    writable: bool = True

    @staticmethod
    def change(roots: Sequence[Root], specifiers: Specifiers, kind: str, note: str) -> Edit:
        """Other specifiers for a requirement."""
        from hutch.spec import render_specifiers

        first = roots[0].requirement
        return Edit(
            kind=kind,
            text=f"{first.name} {render_specifiers(specifiers)}",
            note=note,
            **_of(roots, lambda requirement: replace(requirement, specifiers=specifiers).render()),
        )

    @staticmethod
    def marker(roots: Sequence[Root], changed: Requirement, marker: str) -> Edit:
        """A marker for a requirement that has none."""
        from hutch.spec import render_specifiers

        first = roots[0].requirement
        words = f'"{first.name}{render_specifiers(first.specifiers)}; {marker}"'
        return Edit(
            kind="marker",
            text=words,
            note="if it is needed there alone",
            **_of(roots, lambda requirement: changed.render()),
        )

    @staticmethod
    def remove(roots: Sequence[Root]) -> Edit:
        """Without the requirement."""
        name = roots[0].requirement.name
        return Edit(
            kind="remove",
            text=f"remove {name}",
            note="if the project can do without it",
            **_of(roots, lambda requirement: ""),
        )

    @staticmethod
    def requires_python(place: str, specifiers: Specifiers, note: str = "") -> Edit:
        """Fewer Pythons."""
        from hutch.spec import render_specifiers

        value = render_specifiers(specifiers)
        return Edit(
            kind="requires-python",
            text=f"requires-python {value}",
            note=note,
            places=(place,),
            values=(value,),
        )

    @staticmethod
    def targets(place: str, gone: tuple[str, ...]) -> Edit:
        """Fewer targets."""
        names = ", ".join(gone)
        return Edit(kind="targets", text=f"tool.hutch.targets without {names}", places=(place,), values=gone)

    @property
    def done(self) -> str:
        """Where, and what it is now: ``pyproject.toml:8: botocore >=1.31.62``."""
        if self.kind == "remove":
            return f"{' and '.join(self.places)}: {self.text.removeprefix('remove ')} is removed"
        return f"{' and '.join(self.places)}: {self.text}"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "note": self.note,
            "places": list(self.places),
            "entries": [{"before": one.text, "after": words} for one, words in self.declared],
            "values": list(self.values),
        }


def _of(roots: Sequence[Root], words: Any) -> dict[str, Any]:
    """Where the requirement stands, each entry once."""
    found: dict[object, tuple[Declared, str]] = {}
    writable = True
    for root in roots:
        one = root.declared
        if one is None or not one.path or one.locator is None:
            writable = False
        else:
            found[one.filename, one.path] = one, words(root.requirement)
    return {
        "places": tuple(dict.fromkeys(root.place for root in roots)),
        "declared": tuple(found.values()),
        "writable": writable,
    }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Edits that help together, and that were solved with once."""

    edits: tuple[Edit, ...]

    @property
    def text(self) -> str:
        """One line."""
        if len(self.edits) == 1:
            edit = self.edits[0]
            return f"{edit.text}, {edit.note}" if edit.note else edit.text
        texts = [edit.text for edit in self.edits]
        return f"{', '.join(texts[:-1])} and {texts[-1]}"

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "edits": [edit.to_json() for edit in self.edits]}


def write_edits(text: str, edits: Sequence[Edit], filename: str | None = None) -> str:
    """The manifest ``text`` with the edits made; raises ``NothingToApply`` for what stands elsewhere.

    With ``filename`` only those in that file: of a workspace every member has one.
    """
    from hutch.project import replace_entry, set_requires_python

    entries: dict[Any, str] = {}
    for edit in edits:
        if not edit.writable:
            raise NothingToApply(
                "the edit cannot be made in pyproject.toml",
                why=f"what it changes stands in {' and '.join(edit.places)}",
            )
        if edit.kind == "requires-python":
            text = set_requires_python(text, edit.values[0])
        elif edit.kind == "targets" and filename in (None, "pyproject.toml"):
            from hutch.project import load_toml

            names = load_toml(text, "pyproject.toml")["tool"]["hutch"]["targets"]
            for number, name in enumerate(names):
                if name in edit.values:
                    entries["tool", "hutch", "targets", number] = ""
        for one, words in edit.declared:
            if filename in (None, one.filename):
                entries[one.path] = words
    # From the last to the first, so that what is taken out moves no other entry.
    for path in sorted(entries, key=lambda path: (path[:-1], path[-1]), reverse=True):
        text = replace_entry(text, path, entries[path])
    return text
