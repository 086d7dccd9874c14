"""A manifest of another tool as one in hutch's words: PEP 621, PEP 735 and ``[tool.hutch]``.

What is written is the draft that hutch works with anyway (``project.dialects``), so that moving over changes
nothing. A ``pyproject.toml`` is changed in place: what it says in these words already stays byte for byte,
new keys join the tables that are there. The tables of the other tools stay, for they may say more than hutch
has words for; ``other-tools = false`` says that they count no more. With ``remove_old`` what was taken over
goes.

See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

from hutch.errors import Bug, Problem
from hutch.project.import_text import write_words
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.dialects.draft import Draft, Note
    from hutch.project.spans import Path

__all__ = ["Imported", "NothingToImport", "OwnManifestThere", "import_manifest"]

PYPROJECT = "pyproject.toml"
_FLIT = "flit_core >=3.12,<5"
_OF_FLIT = ("metadata", "scripts", "entrypoints")


class NothingToImport(Problem):
    """The manifest is in hutch's words already."""

    code = "nothing-to-import"

    def __init__(self, filename: str) -> None:
        super().__init__(
            f"there is nothing to import from {filename}",
            why="what it says of the project is in [project], [dependency-groups] and [tool.hutch] already",
        )


class OwnManifestThere(Problem):
    """The file that would be written says already what the project needs."""

    code = "own-manifest-there"

    def __init__(self, filename: str, tables: tuple[str, ...]) -> None:
        super().__init__(
            f"{filename} is not imported: there is a pyproject.toml that speaks of the project",
            why=f"it has {', '.join(tables)}",
            hint=("hutch import pyproject.toml", f"move it away, if {filename} is the one that counts"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The text of the new ``pyproject.toml``. ``notes`` is what it cannot say, ``made_up`` what it had to say
    and the original does not; ``left`` are tables of other tools that are still there, ``gone`` those paths
    that were taken out. ``ignores_others``: the tables that are left count no more."""

    text: str
    notes: tuple[Note, ...] = ()
    made_up: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    ignores_others: bool = False


def import_manifest(
    text: str,
    filename: str,
    *,
    read: Callable[[str], str | None] | None = None,
    into: str = "",
    name: str = "project",
    remove_old: bool = False,
) -> Imported:
    """Turn the manifest ``text`` into a ``pyproject.toml``.

    ``into`` is the text of the one that lies beside a file of another name; ``name`` is what the project is
    called where nothing says so. Raises ``InvalidManifest``, ``NothingToImport``, ``OwnManifestThere``.
    """
    from hutch.project.parse import parse_manifest

    before = parse_manifest(text, filename=filename, read=read)  # what is wrong is told with its places
    in_place = filename == PYPROJECT
    draft, dialects = _translated(text, filename, read)
    words = words_of(draft.document)
    base = text if in_place else into
    if in_place and (not dialects or words == words_of(_data(base))):
        raise NothingToImport(filename)
    if not in_place:
        _refuse_own(filename, base)
    made_up = _complete(words, name)
    if not in_place and "tool" not in words:
        # Whose manifest it is, is told by [tool.hutch]: the locks of others do not count as such any more.
        words["tool"] = {"hutch": {"package": before.is_package}}
    if in_place and "flit" in dialects:
        made_up += _newer_flit(words)
    result = write_words(base, words)
    gone: tuple[str, ...] = ()
    if in_place:
        result, gone = _without_old(result, draft, words, remove_old)
    translated, _ = _translated(result, PYPROJECT, read)
    others_left = in_place and not remove_old and dialect_tables(_data(result))
    if others_left or words_of(translated.document) != words:
        words.setdefault("tool", {}).setdefault("hutch", {})["other-tools"] = False
        result = write_words(result, words)
        translated, _ = _translated(result, PYPROJECT, read)
        if words_of(translated.document) != words:
            raise Bug("an import says something else than what it was made of")
    parse_manifest(result, read=read)
    left = tuple(f"tool.{key}" for key in dialect_tables(_data(result)))
    return Imported(
        text=result,
        notes=tuple(draft.notes),
        made_up=made_up,
        left=left,
        gone=gone,
        ignores_others=words.get("tool", {}).get("hutch", {}).get("other-tools") is False,
    )


def words_of(document: dict[str, Any]) -> dict[str, Any]:
    """The part of a document that is hutch's to read."""
    found: dict[str, Any] = {
        key: document[key] for key in ("project", "dependency-groups", "build-system") if key in document
    }
    tool = document.get("tool")
    if isinstance(tool, dict) and tool.get("hutch"):
        found["tool"] = {"hutch": tool["hutch"]}
    return found


def dialect_tables(data: dict[str, Any]) -> tuple[str, ...]:
    """The tables below ``[tool]`` that dialects read."""
    from hutch.project.manifest import TABLES

    tool = data.get("tool")
    return tuple(key for key in TABLES if isinstance(tool, dict) and key in tool)


def _data(text: str) -> dict[str, Any]:
    from hutch.project.loading import load_toml

    return load_toml(text, PYPROJECT)


def _translated(
    text: str, filename: str, read: Callable[[str], str | None] | None
) -> tuple[Draft, tuple[str, ...]]:
    from hutch.project.dialects import translate
    from hutch.project.loading import load_toml
    from hutch.project.manifest import dialects_in, is_toml

    data = load_toml(text, filename) if is_toml(filename) else {}
    dialects = dialects_in(filename, data, read)
    return translate(text, filename, data, dialects, read), dialects


def _refuse_own(filename: str, text: str) -> None:
    data = _data(text)
    words = words_of(data)
    tables = [key for key in words if key != "tool"] + (["tool.hutch"] if "tool" in words else [])
    tables += [f"tool.{key}" for key in ("poetry", "pdm", "uv", "pixi") if key in dialect_tables(data)]
    if tables:
        raise OwnManifestThere(filename, tuple(f"[{each}]" for each in tables))


def _complete(words: dict[str, Any], name: str) -> tuple[str, ...]:
    """Say what a ``[project]`` has to say; gives what was made up for that."""
    project = words.setdefault("project", {})
    made_up = []
    if "name" not in project:
        project["name"] = name
        made_up.append(f"the name {name}, which is that of the directory")
    if "name" in project.get("dynamic", ()):  # which a [project] cannot have
        project["dynamic"] = [each for each in project["dynamic"] if each != "name"]
    if "version" not in project and "version" not in project.get("dynamic", ()):
        project["version"] = "0"
        made_up.append("the version 0, for a [project] has to have one")
    return tuple(made_up)


def _newer_flit(words: dict[str, Any]) -> tuple[str, ...]:
    """flit_core reads ``[project]`` since 3.2: one that may not be so new would read nothing at all."""
    from hutch.spec import admits, parse_requirement

    system = words.get("build-system", {})
    requires = system.get("requires", ())
    for number, text in enumerate(requires):
        requirement = parse_requirement(text)
        if requirement.name == "flit-core" and not admits(requirement.specifiers, "3.12"):
            words["build-system"] = {**system, "requires": [*requires]}
            words["build-system"]["requires"][number] = _FLIT
            return (f"{_FLIT} in [build-system]: {text} does not read [project]",)
    return ()


# --- what was taken over ---


def _without_old(
    text: str, draft: Draft, words: dict[str, Any], remove_old: bool
) -> tuple[str, tuple[str, ...]]:
    """The text without what its other tools' tables said and the new words say now."""
    from hutch.project.import_text import remove_paths
    from hutch.project.manifest import TABLES

    doomed: set[Path] = set()
    if remove_old:
        kept = _read_by_backend(words)
        if any(note.warn for note in draft.notes):  # conda packages, which its own tool goes on to install
            kept |= {"pixi"}
        doomed = {
            _item(origin)
            for origin in draft.origins.values()
            if isinstance(origin, tuple)
            and len(origin) > 2
            and origin[0] == "tool"
            and origin[1] in TABLES
            and origin[1] not in kept
        }
    # Some stand for a table of which not all was taken over: what was is said more closely by others.
    doomed = {
        path for path in doomed if not any(len(o) > len(path) and o[: len(path)] == path for o in doomed)
    }
    tool = _data(text).get("tool", {})
    if isinstance(flit := tool.get("flit"), dict) and "metadata" in flit:
        # flit_core takes one of both, and refuses a file that has both; what it cannot say is in the notes.
        doomed |= {("tool", "flit", key) for key in _OF_FLIT if key in flit}
        module = flit["metadata"].get("module") if isinstance(flit["metadata"], dict) else None
        if isinstance(module, str) and "module" not in flit and module != words["project"].get("name"):
            from hutch.project.keys import create_value
            from hutch.project.spans import scan
            from hutch.project.splice import quote

            text = create_value(scan(text), ("tool", "flit", "module", "name"), quote(module))
    return remove_paths(text, doomed)


def _item(path: Path) -> Path:
    """Of what stands in an item of an array, the item: it is taken over as a whole."""
    end = next((number for number, part in enumerate(path) if isinstance(part, int)), len(path))
    return path[: end + 1]


def _read_by_backend(words: dict[str, Any]) -> frozenset[str]:
    """Tools whose tables the build backend needs, for it is too old for ``[project]``."""
    from hutch.errors import Problem
    from hutch.spec import admits, parse_requirement

    for text in words.get("build-system", {}).get("requires", ()):
        try:
            requirement = parse_requirement(text)
        except Problem:
            continue
        if requirement.name in ("poetry-core", "poetry") and not admits(requirement.specifiers, "2.99"):
            return frozenset(("poetry",))
    return frozenset()
