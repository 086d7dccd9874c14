"""``poetry.lock``: what is installed of it, when it is stale, and that nothing in it ends in a traceback.

What each lock means as values is in ``tests/corpus/poetry``.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.lock import AmbiguousLock, InvalidLock, NewerLock, select
from hutch.lock.foreign.poetry import parse, staleness
from hutch.lock.foreign.poetry_stale import content_hash
from hutch.project import parse_manifest
from hutch.spec import parse_target

CORPUS = Path(__file__).parent.parent / "corpus" / "poetry"
LOCKS = sorted(path.parent.name for path in CORPUS.glob("*/poetry.lock"))
HASHES = json.loads(Path(__file__).with_name("poetry_content_hashes.json").read_text("utf-8"))


def texts(case: str) -> tuple[str, str]:
    folder = CORPUS / case
    return (folder / "pyproject.toml").read_text("utf-8"), (folder / "poetry.lock").read_text("utf-8")


def installed(case: str, target: str, **chosen: Any) -> list[str]:
    manifest, lock = texts(case)
    found = parse(lock, "poetry.lock", parse_manifest(manifest))
    return [f"{p.name} {p.version}" for p in select(found, parse_target(target).environment(), **chosen)]


@pytest.mark.parametrize(
    ("case", "target", "chosen", "expected"),
    [
        ("lock-1.0", "cp38-linux-x86_64-glibc2.28", {}, "certifi pysocks pytest requests"),
        ("lock-1.0", "cp38-linux-x86_64-glibc2.28", {"groups": ()}, "certifi pysocks requests"),
        ("lock-1.0", "cp38-windows-x86_64", {}, "certifi pysocks pytest colorama requests"),
        ("lock-1.1-two-versions", "cp38-linux-x86_64-glibc2.28", {}, "numpy=1.22.4 pandas pytz"),
        ("lock-1.1-two-versions", "cp310-linux-aarch64-glibc2.28", {}, "numpy=1.22.4 pandas pytz"),
        ("lock-2.0-newest-that-fits", "cp39-linux-x86_64-glibc2.28", {}, "click=8.1.8 flask"),
        ("lock-2.0-newest-that-fits", "cp312-linux-x86_64-glibc2.28", {}, "click=8.2.1 flask"),
        ("lock-2.0-newest-that-fits", "cp39-windows-x86_64", {}, "click=8.1.8 colorama flask"),
        (
            "lock-2.1-groups-and-markers",
            "cp312-linux-x86_64-glibc2.28",
            {},
            "pysocks pytest pytest-plugin requests=2.32.3 ruff",
        ),
        (
            "lock-2.1-groups-and-markers",
            "cp312-linux-x86_64-glibc2.28",
            {"groups": ("lint",), "only": True},
            "ruff",
        ),
        (
            "lock-2.1-groups-and-markers",
            "cp39-linux-x86_64-glibc2.28",
            {"extras": ("pretty",), "groups": ("docs",)},
            "importlib-metadata markdown pysocks pytest pytest-plugin requests=2.31.0 rich",
        ),
        (
            "lock-2.1-groups-and-markers",
            "cp312-windows-x86_64",
            {"extras": ("pretty",), "groups": ()},
            "colorama pysocks pytest pytest-plugin requests=2.32.3 rich",
        ),
        (
            "lock-extras-that-exclude-each-other",
            "cp312-linux-x86_64-glibc2.28",
            {"extras": ("cuda",)},
            "torch=2.3.1+cu118",
        ),
        ("lock-extras-that-exclude-each-other", "cp312-linux-x86_64-glibc2.28", {}, ""),
    ],
)
def test_what_is_installed(case: str, target: str, chosen: dict[str, Any], expected: str) -> None:
    found = installed(case, target, **chosen)
    wanted = [word.split("=") for word in expected.split()]
    assert [each.split(" ")[0] for each in found] == [word[0] for word in wanted]
    assert not {" ".join(word) for word in wanted if len(word) > 1} - set(found)


def test_extras_that_exclude_each_other_are_not_installed_together() -> None:
    with pytest.raises(Problem) as caught:
        installed(
            "lock-extras-that-exclude-each-other",
            "cp312-linux-x86_64-glibc2.28",
            extras=("cpu", "cuda"),
        )
    assert isinstance(caught.value, AmbiguousLock) or caught.value.code == "contradicting-selection"


# --- staleness ---


@pytest.mark.parametrize("case", sorted(HASHES))
def test_the_content_hash_is_that_of_poetry(case: str) -> None:
    data = tomllib.loads((CORPUS / case / "pyproject.toml").read_text("utf-8"))
    assert [content_hash(data), content_hash(data, groups=False)] == HASHES[case]


@pytest.mark.parametrize("case", [case for case in LOCKS if case != "lock-stale"])
def test_a_lock_of_its_time_is_fresh_and_any_change_that_counts_is_seen(case: str) -> None:
    manifest, lock = texts(case)
    model = parse_manifest(manifest)
    assert staleness(lock, model, manifest) is None
    assert staleness(lock, model, manifest + "\n# a comment\n[tool.ruff]\n") is None
    if "[tool.poetry.dependencies]\n" in manifest:
        changed = manifest.replace("[tool.poetry.dependencies]\n", '[tool.poetry.dependencies]\nnew = "*"\n')
        assert staleness(lock, model, changed) is not None


def test_dependency_groups_count_since_poetry_2_3() -> None:
    manifest, lock = texts("lock-hash-of-poetry-2.2")
    changed = manifest.replace("none = []", 'none = ["six"]')
    assert staleness(lock, parse_manifest(changed), changed) is None
    newer = lock.replace("Poetry 2.2.1", "Poetry 2.3.0")
    assert staleness(newer, parse_manifest(manifest), manifest) is not None


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ssh://-oProxyCommand=x/y", "-oProxyCommand=x:y"])
def test_no_repository_is_an_option_of_git(url: str) -> None:
    manifest, lock = texts("lock-places")
    with pytest.raises(InvalidLock):
        parse(lock.replace("git@git.example:team/mono.git", url), "poetry.lock", parse_manifest(manifest))


def test_a_package_with_files_that_nobody_installs_has_their_hashes() -> None:
    manifest, lock = texts("lock-hash-of-poetry-2.2")
    (six,) = parse(lock, "poetry.lock", parse_manifest(manifest)).packages
    assert len(six.wheels) == 1
    assert six.loose_hashes == ()
    lock = lock.replace(".tar.gz", ".exe").replace("-py3-none-any.whl", "-py2.7.egg")
    (six,) = parse(lock, "poetry.lock", parse_manifest(manifest)).packages
    assert six.wheels == ()
    assert len(six.loose_hashes) == 2
    lock = re.sub(r"files = \[.*?\n\]", "files = []", lock, flags=re.DOTALL)
    (six,) = parse(lock, "poetry.lock", parse_manifest(manifest)).packages
    assert six.loose_hashes == ()


def test_an_index_is_named_without_who_asks_it() -> None:
    manifest, lock = texts("lock-places")
    lock = lock.replace("https://company.example/", "https://ada:secret@company.example/")
    found = parse(lock, "poetry.lock", parse_manifest(manifest))
    assert found.named("billing")[0].index == "https://company.example/simple"


def test_a_project_that_asks_for_its_own_extras_has_what_is_in_them() -> None:
    manifest = parse_manifest(
        '[project]\nname = "My.App"\nversion = "1"\ndependencies = ["six"]\n'
        "[project.optional-dependencies]\na = [\"attrs; sys_platform == 'linux'\"]\n"
        'b = ["my-app[a]; python_version >= \'3.9\'", "my_app[b]"]\n[tool.poetry]\n'
    )
    lock = parse(texts("lock-hash-of-poetry-2.2")[1], "poetry.lock", manifest)
    assert [(root.where, root.name, root.marker) for root in lock.roots] == [
        ("project", "six", None),
        ("extra:a", "attrs", "sys_platform == 'linux'"),
        ("extra:b", "attrs", "python_version >= '3.9' and sys_platform == 'linux'"),
    ]


@pytest.mark.parametrize("lock", ["", "[metadata]\n", "[metadata]\ncontent-hash = 1\n"])
def test_without_a_hash_a_lock_is_stale(lock: str) -> None:
    manifest = '[tool.poetry]\nname = "a"\nversion = "1"\n'
    assert staleness(lock, parse_manifest(manifest), manifest) == "it has no content-hash"


# --- what is wrong ---

FAULTY = """\
[[package]]
name = "six"
version = "1.16.0"
python-versions = 3
markers = "python_version >"
files = [
    {file = "six-1.16.0-py2.py3-none-any.whl", hash = "sha256:12"},
    {file = "../six-1.16.0.tar.gz", hash = "sha256:12"},
    3,
]

[package.dependencies]
"bad name" = "*"
other = 3
idna = {version = "*", markers = "extra =="}

[[package]]
name = "two words"
version = "1"

[[package]]
name = "no-version"

[[package]]
name = "odd"
version = "one"

[[package]]
name = "nothing"
version = "1"

[[package]]
name = "git"
version = "1"
[package.source]
type = "git"
url = "ext::sh -c x"
resolved_reference = "main"

[[package]]
name = "place"
version = "1"
[package.source]
type = "moon"

[metadata]
lock-version = "2.1"
"""


def test_all_faults_are_told_with_their_places() -> None:
    with pytest.raises(InvalidLock) as caught:
        parse(FAULTY, "poetry.lock", parse_manifest('[tool.poetry]\nname = "a"\nversion = "1"\n'))
    assert [f"{fault.path}: {fault.reason}" for fault in caught.value.faults] == [
        "package[0].files[0].hashes.sha256: should have 64 digits, not 2",
        "package[0].files[2]: should be a table with file and hash",
        "package[0].markers: `python_version >` is not a valid marker; it ends too early",
        "package[0].python-versions: should be a string, not a whole number",
        "package[1].name: 'two words' is not a name",
        "package[2]: has no version",
        "package[3].version: `one` is not a valid version",
        "package[5].source.resolved_reference: should be the 40 or 64 digits of a commit",
        "package[6].source.type: should be one of legacy, git, url, file, directory",
        "package[0].dependencies: 'bad name' is not a name",
        "package[0].dependencies.other: should be a string, a table or an array of these",
        "package[0].dependencies.idna.markers: `extra ==` is not a valid marker; it ends too early",
    ]


def test_a_lock_of_the_future_is_not_guessed_at() -> None:
    with pytest.raises(NewerLock):
        parse('[metadata]\nlock-version = "3.0"\n', "poetry.lock", parse_manifest(""))


def test_merge_markers_are_told_as_such() -> None:
    with pytest.raises(Problem) as caught:
        parse("<<<<<<< HEAD\n[metadata]\n", "poetry.lock", parse_manifest(""))
    assert caught.value.code == "lock-merge-markers"


_value = st.recursive(
    st.none().map(lambda _: "") | st.booleans() | st.integers(-5, 5) | st.text("a.:/\x1b-*^", max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in _paths(each, (*path, key)))]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_whatever_stands_in_a_lock_is_read_or_refused(data: st.DataObject) -> None:
    manifest, lock = texts(data.draw(st.sampled_from(LOCKS)))
    document = _changed(data, tomllib.loads(lock))
    text = tomlkit.dumps(document)
    try:
        found = parse(text, "poetry.lock", parse_manifest(manifest))
        staleness(text, parse_manifest(manifest), manifest)
        select(found, parse_target("cp312-linux-x86_64-glibc2.28").environment())
    except Problem as problem:
        assert "\x1b" not in "".join((problem.what, *problem.why))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_whatever_stands_in_a_manifest_is_read_or_refused(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(sorted(HASHES)))
    document = _changed(data, tomllib.loads((CORPUS / case / "pyproject.toml").read_text("utf-8")))
    try:
        parse_manifest(tomlkit.dumps(document))
    except Problem:
        return


def _changed(data: st.DataObject, document: dict[str, Any]) -> dict[str, Any]:
    changed: Any = {"root": copy.deepcopy(document)}
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(_paths(changed)[2:] or [("root",)]))
        table = changed
        for key in path:
            table = table[key]
        table[last] = data.draw(_value)
    found: dict[str, Any] = changed["root"]
    return found
