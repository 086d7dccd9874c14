"""A conflict as data: what the index has, what the project asks for, what hutch says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Case", "manifest_of", "serve"]


@dataclass(frozen=True)
class Case:
    """``index`` has a line a version (``flask 3.0: click>=8 | python>=3.9``), ``wants`` a line a requirement.

    A line of ``wants`` that ends in a colon opens a group (``dev:``) or an extra (``[fast]:``). ``advice``
    is how many edits the message proposes; each of them has to lock.
    """

    name: str
    index: str
    wants: str
    message: str
    advice: int
    python: str = ">=3.9"
    more: str = ""


def serve(case: Case, index: Any) -> None:
    """Put the versions of a case on a fake index."""
    for line in case.index.strip().splitlines():
        head, _, rest = line.strip().partition(":")
        name, _, version = head.partition(" ")
        needs, *traits = (part.strip() for part in rest.split("|"))
        make: dict[str, Any] = {"requires": [each.strip() for each in needs.split("&") if each.strip()]}
        for trait in traits:
            kind, _, value = trait.partition(" ")
            if kind == "python":
                make["requires_python"] = value
            elif kind == "tags":
                make["tags"] = value
            elif kind == "yanked":
                make["yanked"] = value
            elif kind == "extra":
                extra, _, needed = value.partition("=")
                make.setdefault("extras", {})[extra] = [needed]
        index.add_wheel(name, version, **make)


def manifest_of(case: Case) -> str:
    """The ``pyproject.toml`` of a case, a requirement a line."""
    lists: dict[str, list[str]] = {"": []}
    where = ""
    for line in case.wants.strip().splitlines():
        word = line.strip()
        if word.endswith(":"):
            where = word.removesuffix(":")
            lists[where] = []
        else:
            lists[where].append(word)

    def array(items: list[str]) -> str:
        return "[\n" + "".join(f'    "{item}",\n' for item in items) + "]\n"

    text = f'[project]\nname = "demo"\nversion = "1.0"\nrequires-python = "{case.python}"\n'
    text += "dependencies = " + array(lists.pop(""))
    extras = {name.strip("[]"): items for name, items in lists.items() if name.startswith("[")}
    groups = {name: items for name, items in lists.items() if not name.startswith("[")}
    for header, found in (("project.optional-dependencies", extras), ("dependency-groups", groups)):
        if found:
            text += f"\n[{header}]\n" + "".join(f"{name} = {array(items)}" for name, items in found.items())
    return text + (f"\n{case.more}" if case.more else "")
