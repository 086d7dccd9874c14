"""Manifests and locks of other tools, a trap a folder, each with what it means beside it.

``tests/corpus/TOOL/TRAP/`` holds the files under their real names, and
- ``expected.toml``: the manifest in hutch's words (without the tables of other tools),
- ``expected.json``: the lock as values,
- ``notes.txt`` and ``faults.txt``: what is told besides, a line each, ``FILE:LINE: words``,
- ``stale.txt``: why the lock does not answer the manifest, by the rule of its tool; none: it does.

``CORPUS_WRITE=1`` writes what is expected from what is read (a lock, where there is an ``expected.json``,
empty at first): to be looked at before it is committed.
"""

import json
import os
import tomllib
from pathlib import Path

import pytest

from hutch.errors import Problem
from hutch.lock.foreign import FORMATS, PYLOCK_OF_PDM, parse_foreign, staleness
from hutch.lock.foreign.requirements import gather
from hutch.ops.manifests import manifest_in
from hutch.project import dialects_in, is_toml, load_toml, parse_manifest
from hutch.project.dialects import translate
from hutch.project.dialects.draft import Place, TranslatedLocator
from hutch.values import fields

HERE = Path(__file__).parent
EXPECTED = ("expected.toml", "expected.json", "notes.txt", "faults.txt", "stale.txt")
WRITE = os.environ.get("CORPUS_WRITE") == "1"
CASES = sorted(
    {path.parent for name in EXPECTED for path in HERE.rglob(name)}
    if not WRITE
    else {path for path in HERE.glob("*/*") if path.is_dir() and "__" not in path.name}
)


def identity(case: Path) -> str:
    return case.relative_to(HERE).as_posix()


class Neighbours:
    def __init__(self, case: Path) -> None:
        self.case = case

    def __call__(self, path: str) -> str | None:
        found = self.case / path
        return found.read_text(encoding="utf-8") if found.is_file() else None

    def names(self, folder: str) -> list[str]:
        there = self.case / folder
        return [path.name for path in there.iterdir() if path.is_file()] if there.is_dir() else []


def neighbours(case: Path) -> Neighbours:
    return Neighbours(case)


def manifest_of(case: Path) -> tuple[str, str]:
    name = manifest_in(str(case))
    if name is None:
        name = next(p.name for p in sorted(case.iterdir()) if p.name not in EXPECTED)
    return name, (case / name).read_text(encoding="utf-8")


def draft_of(case: Path):
    name, text = manifest_of(case)
    data = load_toml(text, name) if is_toml(name) else {}
    read = neighbours(case)
    return translate(text, name, data, dialects_in(name, data, read), read), text, name


def manifest_value(case: Path):
    name, text = manifest_of(case)
    return parse_manifest(text, filename=name, read=neighbours(case))


def words_of_hutch(document: dict) -> dict:
    kept = {key: document[key] for key in ("project", "dependency-groups", "build-system") if key in document}
    if "hutch" in document.get("tool", {}):
        kept["tool"] = {"hutch": document["tool"]["hutch"]}
    return kept


def expect(path: Path, text: str) -> None:
    """``text`` is what ``path`` says; a file that is not there says nothing."""
    if WRITE:
        if text:
            path.write_text(text, encoding="utf-8")
        elif path.exists():
            path.unlink()
    assert text == (path.read_text(encoding="utf-8") if path.exists() else "")


@pytest.mark.parametrize("case", CASES, ids=identity)
def test_the_manifest_means_what_is_expected(case):
    draft, text, name = draft_of(case)
    locator = TranslatedLocator(text, draft.origins)
    notes = []
    for note in draft.notes:
        place = note.origin if isinstance(note.origin, Place) else None
        line = place.line if place else locator.document.line(note.origin)
        notes.append(f"{(place and place.filename) or name}:{line}: {note.text}\n")
    expect(case / "notes.txt", "".join(notes))
    faults = ""
    try:
        manifest_value(case)
    except Problem as problem:
        faults = "".join(f"{why}\n" for why in problem.why)
    expect(case / "faults.txt", faults)
    if faults:
        return
    found = words_of_hutch(draft.document)
    if WRITE:
        (case / "expected.toml").write_text(toml_of(found), encoding="utf-8")
    assert found == tomllib.loads((case / "expected.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=identity)
def test_the_lock_means_what_is_expected(case):
    kind = next((each for each in (*FORMATS, PYLOCK_OF_PDM) if (case / each.filename).is_file()), None)
    if kind is None or (case / "faults.txt").exists() or not (case / "expected.json").exists():
        return
    manifest, text = manifest_value(case), (case / kind.filename).read_text(encoding="utf-8")
    if kind.module == "requirements":
        text = gather(manifest.filename, neighbours(case))
    lock = parse_foreign(kind, text, kind.filename, manifest)
    expect(case / "expected.json", json.dumps(plain(lock), indent=1, ensure_ascii=False) + "\n")
    expect(
        case / "stale.txt",
        f"{reason}\n" if (reason := staleness(kind, text, manifest, manifest_of(case)[1])) else "",
    )


def plain(value):
    """A value of hutch as JSON, without what is as by default."""
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if hasattr(value, "__value_fields__"):
        shown = {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.init}
        return {name: each for name, each in shown.items() if each not in (None, [], {}, "", False)}
    return value


def toml_of(document: dict) -> str:
    """A document as TOML, for those who look at it."""
    import tomlkit

    return tomlkit.dumps(document)
