"""Requirements files beside a ``setup.py``: what development and tests need, as groups.

``requirements-dev.txt`` and ``requirements-test.txt``, and their like, are the groups ``dev`` and ``test``,
as in a project of nothing but requirements files; the first is installed unasked. ``requirements.txt`` itself
is not read: it mostly says again what ``setup.py`` says, or pins one deployment. What cannot be read of such
a file is left out and told, for the project does not consist of it.
"""

from __future__ import annotations

from hutch.project.dialects.draft import Draft, Place
from hutch.project.dialects.requirements_layers import DEVELOPMENT, find_layers, names_beside
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.project.dialects.draft import Original
    from hutch.project.dialects.requirements_layers import Layer

__all__ = ["groups_beside", "layers_beside"]

_ITSELF = "the-project-itself"
_TESTS = ("test", "tests", "testing")
_KEPT = ("constraints", "extra-index-url", "find-links", "index-url")


def layers_beside(read: Callable[[str], str | None]) -> tuple[Layer, ...]:
    """The files beside that are groups, each with its group."""
    layers, _ = find_layers("requirements.txt", read)
    wanted = {f"group:{name}" for name in (*DEVELOPMENT, *_TESTS)}
    return tuple(layer for layer in layers if layer.where in wanted)


def groups_beside(original: Original, draft: Draft) -> None:
    """Add the groups of the files beside to ``draft``, as far as it has none of their names."""
    from hutch.project.dialects.requirements import layers_into

    groups = draft.get("dependency-groups")
    said = {str(name).lower() for name in groups} if isinstance(groups, dict) else set()
    chosen = tuple(
        layer for layer in layers_beside(original.read) if layer.where.partition(":")[2] not in said
    )
    if not chosen:
        return
    beside = Draft({})
    layers_into(replace(original, read=_Naming(original.read)), beside, chosen)
    for origin, reason in beside.faults:
        draft.note(origin, f"left out: {reason}")
    for note in beside.notes:
        draft.note(note.origin, note.text)
    found = {name: items for name, items in (beside.get("dependency-groups") or {}).items() if items}
    for name, items in found.items():
        for number, text in enumerate(items):
            origin = beside.origins.get(("dependency-groups", name, number), Place(1))
            if not isinstance(text, str):
                continue
            for words in _instead_of_itself(text, draft) if _name(text) == _ITSELF else (text,):
                draft.add(("dependency-groups", name), words, origin)
    for name, source in beside.table("tool", "hutch", "sources").items():
        if name != _ITSELF:
            at = ("tool", "hutch", "sources", name)
            draft.put(at, source, beside.origins.get(at, Place(1)))
    for key in _KEPT:
        if (value := beside.get("tool", "hutch", key)) is not None:
            draft.put(("tool", "hutch", key), value, Place(1))
    default = [name for name in draft.table("dependency-groups") if name in DEVELOPMENT]
    if default:
        draft.put(("tool", "hutch", "default-groups"), default, Place(1))


class _Naming:
    """Reads the files beside, and says a name for the project itself: ``-e .[test]`` needs one."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read

    def __call__(self, path: str) -> str | None:
        return f'[project]\nname = "{_ITSELF}"\n' if path == "pyproject.toml" else self._read(path)

    def names(self, folder: str) -> Iterable[str]:
        return names_beside(self._read)(folder)


def _instead_of_itself(text: str, draft: Draft) -> list[str]:
    """What ``-e .[test]`` adds: the extra. ``-e .`` adds nothing, the project is installed anyway."""
    from hutch.spec import normalize, parse_requirement

    extras = parse_requirement(text).extras
    name = draft.get("project", "name")
    if extras and isinstance(name, str):
        return [f"{name}[{','.join(extras)}]"]
    table = draft.get("project", "optional-dependencies")
    known = {normalize(key): items for key, items in table.items()} if isinstance(table, dict) else {}
    wanted = [known[normalize(extra)] for extra in extras if normalize(extra) in known]
    return [item for items in wanted for item in items if isinstance(item, str)]


def _name(text: str) -> str:
    from hutch.errors import Problem
    from hutch.spec import parse_requirement

    try:
        return parse_requirement(text).name
    except Problem:
        return ""
