"""``Pipfile.lock`` and hashed requirements from anybody: a lock, or an ``InvalidLock`` that says all."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.lock import InvalidLock, MergeMarkers, select
from hutch.lock.foreign import pipfile, requirements
from hutch.project import parse_manifest
from hutch.project.dialects.draft import Draft, Original
from hutch.project.dialects.pipfile import translate as translate_pipfile

MANIFEST = parse_manifest("[packages]\n[dev-packages]\n[docs]\n", filename="Pipfile")
META = {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "requires": {}, "sources": []}
HERE = {
    "sys_platform": "linux",
    "python_version": "3.12",
    "python_full_version": "3.12.1",
    "os_name": "posix",
}


def parse(sections, meta=META):
    return pipfile.parse(json.dumps({"_meta": meta, **sections}), "Pipfile.lock", MANIFEST)


KEYS = st.sampled_from(
    (
        *("version", "hashes", "markers", "index", "git", "ref", "path", "file", "editable", "extras"),
        *("subdirectory", "sys_platform", "os_name", "hg", "unknown"),
    )
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        ["==1.0", "*", "sha256:" + "a" * 64, "== 'nt'", "https://x.example/a.zip", "./a", "a" * 40]
    ),
    st.text(max_size=8),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(KEYS, SCALARS, max_size=3))
ENTRIES = st.one_of(st.dictionaries(KEYS, VALUES, max_size=5), SCALARS)
SECTIONS = st.dictionaries(
    st.one_of(st.sampled_from(["default", "develop", "docs", "_meta"]), st.text(max_size=6)),
    st.one_of(st.dictionaries(st.text(max_size=6), ENTRIES, max_size=3), SCALARS),
    max_size=4,
)


@given(SECTIONS)
def test_any_lock_is_read_or_told_of(sections):
    try:
        lock = parse(sections)
    except (InvalidLock, Problem):
        return
    assert {root.name for root in lock.roots} == {package.name for package in lock.packages}


@given(
    st.dictionaries(
        st.sampled_from(["packages", "dev-packages", "source", "requires", "pipenv", "x"]), VALUES
    )
)
def test_any_pipfile_is_translated_or_told_of(data):
    draft = Draft()
    translate_pipfile(Original(text="", filename="Pipfile", data=data), draft)
    assert draft.document["project"]["dependencies"] is not None


@given(st.text(st.sampled_from("ab=1.0-[]{}\\#\n -rce:/@;'\"\t"), max_size=60))
def test_any_requirements_are_read_or_told_of(text):
    read = {"requirements.txt": text}.get
    gathered = requirements.gather("requirements.txt", read)
    requirements.is_lock(gathered)
    try:
        manifest = parse_manifest(text, filename="requirements.txt", read=read)
        requirements.parse(gathered, "requirements.txt", manifest)
    except Problem:
        pass


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Pipfile.lock:1: it is not JSON: Expecting value"),
        ("[]", "Pipfile.lock:1: should be an object"),
        ("{}", "_meta: is missing"),
        ('{"_meta": {"pipfile-spec": 7}}', "_meta.pipfile-spec: is 7, and hutch reads 6"),
        ("[" * 100_000, "Pipfile.lock:1: it is nested too deeply"),
    ],
)
def test_what_is_no_lock(text, told):
    with pytest.raises(InvalidLock) as raised:
        pipfile.parse(text, "Pipfile.lock", MANIFEST)
    assert raised.value.why[0] == told


def test_all_faults_of_a_lock_at_once():
    with pytest.raises(InvalidLock) as raised:
        parse(
            {
                "default": {
                    "a": {"version": "one"},
                    "b": {"version": "==1", "hashes": ["sha256:0", "x"]},
                    "c": {"git": "https://git.example/c.git", "ref": "main"},
                    "d": {"hg": "https://hg.example/d"},
                    "e": {"version": "==1", "markers": "python"},
                    "not a name": {"version": "==1"},
                    "f": 7,
                },
                "develop": [],
            }
        )
    assert [fault.path for fault in raised.value.faults] == [
        "default.a.version",
        "default.b.hashes",
        "default.b.hashes",
        "default.c.ref",
        "default.d",
        "default.e.markers",
        "default.not a name",
        "default.f",
        "develop",
    ]


def test_an_unfinished_merge_is_told_as_such():
    with pytest.raises(MergeMarkers):
        pipfile.parse('{\n<<<<<<< ours\n"_meta": {}}', "Pipfile.lock", MANIFEST)


def test_entries_are_chosen_by_category_and_marker():
    lock = parse(
        {
            "default": {
                "here": {"version": "==1"},
                "windows": {"version": "==1", "markers": "sys_platform == 'win32'"},
                "old": {"version": "==1", "python_version": "< '3'"},
            },
            "develop": {"dev": {"version": "==1"}},
            "docs": {"doc": {"version": "==1"}},
        }
    )
    assert {each.name for each in select(lock, HERE)} == {"here", "dev"}
    assert {each.name for each in select(lock, HERE, groups=())} == {"here"}
    assert {each.name for each in select(lock, HERE, groups=("docs",), only=True)} == {"doc"}
    windows = {**HERE, "sys_platform": "win32"}
    assert {each.name for each in select(lock, windows, groups=())} == {"here", "windows"}


@pytest.mark.parametrize(
    ("groups", "version"),
    [((), "1"), (("dev",), "2"), (("docs",), "3"), (("dev", "docs"), "3")],
)
def test_of_several_versions_the_one_of_the_last_category_counts(groups, version):
    lock = parse(
        {
            "default": {"a": {"version": "==1"}},
            "develop": {"a": {"version": "==2"}},
            "docs": {"a": {"version": "==3"}},
        }
    )
    assert [each.version for each in select(lock, HERE, groups=groups)] == [version]


HASHED = """\
a==1.0 ; sys_platform == 'win32' --hash=sha256:{0}
a==2.0 ; sys_platform != 'win32' --hash=sha256:{0}
"""


def test_lines_of_a_name_are_told_apart_by_their_markers():
    text = HASHED.format("a" * 64)
    manifest = parse_manifest(text, filename="requirements.txt")
    lock = requirements.parse(text, "requirements.txt", manifest)
    assert [each.version for each in select(lock, HERE)] == ["2.0"]
    assert [each.version for each in select(lock, {**HERE, "sys_platform": "win32"})] == ["1.0"]


@pytest.mark.parametrize(
    ("text", "is_lock"),
    [
        (f"a==1 --hash=sha256:{'a' * 64}\n", True),
        ("a==1\n", False),
        (f"a>=1 --hash=sha256:{'a' * 64}\n", False),
        (f"a==1.* --hash=sha256:{'a' * 64}\n", False),
        (f"a==1 --hash=sha256:{'a' * 64}\nb==1\n", False),
        (f"a==1 --hash=sha256:{'a' * 64}\n-e ./lib\n", True),
        (f"a==1 --hash=sha256:{'a' * 64}\nb @ git+https://git.example/b.git@{'a' * 40}\n", True),
        (f"a==1 --hash=sha256:{'a' * 64}\nb @ git+https://git.example/b.git@main\n", False),
        (f"a==1 --hash=sha256:{'a' * 64}\nb @ https://files.example/b-1.zip\n", False),
        (f"a==1 --hash=sha256:{'a' * 64}\nb @ https://files.example/b-1.zip#sha256={'b' * 64}\n", True),
        ("", False),
        ("a==1 --hash=md5:00\n", False),
    ],
)
def test_hashes_make_a_lock(text, is_lock):
    read = {"requirements.txt": text, "lib/setup.py": "from setuptools import setup\nsetup(name='lib')\n"}.get
    assert requirements.is_lock(requirements.gather("requirements.txt", read)) is is_lock


def test_the_hash_of_a_pipfile_is_that_of_pipenv():
    """The table was made with Pipenv 2026.10 (``Project().pipfile.calculate_hash()``)."""
    table = json.loads((Path(__file__).parent / "pipenv_hashes.json").read_text(encoding="utf-8"))
    assert len(table) >= 10
    assert [pipfile.pipfile_hashes(each["pipfile"])[0] for each in table] == [each["hash"] for each in table]


def test_of_files_without_hashes_the_versions_count_alone():
    text = (
        "a==1.0\nb @ git+https://git.example/b.git@main\nc>=2\n-e ./lib\nd==4.0 ; sys_platform == 'win32'\n"
    )
    manifest = parse_manifest("a\n", filename="requirements.in")
    read = {"requirements.in": "a\n", "requirements.txt": text}.get
    lock = requirements.parse(requirements.gather("requirements.in", read), "requirements.txt", manifest)
    assert lock.preferences() == {"a": ("1.0",), "d": ("4.0",)}


def test_a_category_with_a_blank_is_a_group_all_the_same():
    manifest = parse_manifest('[packages]\n["Load Tests"]\nlocust = "*"\n', filename="Pipfile")
    text = json.dumps({"_meta": META, "default": {}, "Load Tests": {"locust": {"version": "==2.0"}}})
    lock = pipfile.parse(text, "Pipfile.lock", manifest)
    assert lock.dependency_groups == tuple(manifest.groups) == ("load-tests",)
    assert [each.name for each in select(lock, HERE, groups=("load-tests",))] == ["locust"]
