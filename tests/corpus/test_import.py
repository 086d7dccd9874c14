"""What ``hutch import`` writes means what the original means: for every manifest of the corpus."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hutch.errors import Problem
from hutch.project import NothingToImport, OwnManifestThere, import_manifest, parse_manifest

HERE = Path(__file__).parent


def shared():
    spec = importlib.util.spec_from_file_location("corpus_cases", HERE / "test_corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["corpus_cases"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


corpus = shared()


def model(manifest):
    """What a manifest says, without places: the name and the version may be made up."""
    settings = manifest.settings
    plain = {name: getattr(settings, name) for name in settings.__slots__ if name != "package"}
    for name in ("constraints", "build_constraints"):
        plain[name] = [each.requirement for each in plain[name]]
    for name in ("overrides", "excludes"):
        plain[name] = [(each.declared.requirement, each.parent, each.reason) for each in plain[name]]
    dynamic = manifest.dynamic - {"name"}
    needs = {key: [one.requirement for one in each] for key, each in manifest.requirements().items()}
    return needs, plain, dynamic, manifest.requires_python, manifest.scripts, manifest.is_package


@pytest.mark.parametrize("remove_old", [False, True], ids=["", "remove-old"])
@pytest.mark.parametrize("case", corpus.CASES, ids=corpus.identity)
def test_an_imported_manifest_means_the_same(case, remove_old):
    filename, text = corpus.manifest_of(case)
    read = corpus.neighbours(case)
    into = (read("pyproject.toml") or "") if filename != "pyproject.toml" else ""
    try:
        before = parse_manifest(text, filename=filename, read=read)
    except Problem:
        with pytest.raises(Problem):
            import_manifest(text, filename, read=read, into=into)
        return
    try:
        imported = import_manifest(text, filename, read=read, into=into, remove_old=remove_old)
    except (NothingToImport, OwnManifestThere):
        return
    # Files beside are still there, the original among them; nothing of it counts a second time.
    beside = {filename: text}
    after = parse_manifest(imported.text, read=lambda path: beside.get(path) or read(path))
    assert model(after) == model(before)
    assert imported.notes == before.notes
    with pytest.raises(NothingToImport):
        import_manifest(imported.text, "pyproject.toml", read=read)
