"""Locks of PDM: what is wrong with one is told with its place, and what is right installs what PDM installs.

What each lock means is in ``tests/corpus/pdm``; the digests there are PDM's own.
"""

import copy
import tomllib
from pathlib import Path

import pytest

from hutch.errors import Problem
from hutch.lock import InvalidLock, MergeMarkers, NewerLock, select
from hutch.lock.foreign.pdm import parse, staleness
from hutch.lock.foreign.pdm_pylock import is_of_pdm
from hutch.lock.foreign.pdm_pylock import parse as parse_pylock
from hutch.lock.foreign.pdm_pylock import staleness as pylock_staleness
from hutch.lock.foreign.pdm_targets import environments_of
from hutch.lock.parse import Reader
from hutch.project import parse_manifest

CORPUS = Path(__file__).parents[1] / "corpus/pdm"
LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
    "implementation_name": "cpython",
    "python_version": "3.12",
    "python_full_version": "3.12.4",
}
WINDOWS = LINUX | {
    "sys_platform": "win32",
    "platform_system": "Windows",
    "platform_machine": "AMD64",
    "os_name": "nt",
}


def manifest_of(case: Path):
    def read(path: str) -> str | None:
        return (case / path).read_text() if (case / path).is_file() else None

    return parse_manifest((case / "pyproject.toml").read_text(), read=read)


def lock_of(name: str):
    case = CORPUS / name
    manifest = manifest_of(case)
    if (case / "pylock.toml").exists():
        return parse_pylock((case / "pylock.toml").read_text(), "pylock.toml", manifest)
    return parse((case / "pdm.lock").read_text(), "pdm.lock", manifest)


def names(lock, environment=LINUX, **chosen) -> set[str]:
    chosen = {"extras": lock.default_extras, "groups": lock.default_groups} | chosen
    return {package.name for package in select(lock, environment, **chosen)}


NEEDED = {"requests", "certifi", "charset-normalizer", "idna", "urllib3", "pysocks", "lib", "six"}


@pytest.mark.parametrize("strategy", ["lock-inherit", "lock-plain", "lock-static-urls", "lock-pylock"])
def test_every_strategy_installs_the_same(strategy):
    lock = lock_of(strategy)
    tests = {"pytest", "iniconfig", "packaging", "pluggy", "pygments", "click"}
    assert names(lock) == NEEDED | tests | {"ed", "coverage"}
    assert names(lock, extras=(), groups=()) == NEEDED
    assert names(lock, extras=(), groups=("test",), only=True) == tests
    windows = names(lock, WINDOWS, extras=(), groups=())
    assert windows == (NEEDED | {"colorama"} if "colorama" in {p.name for p in lock.packages} else NEEDED)
    old = names(lock, LINUX | {"python_version": "3.10", "python_full_version": "3.10.2"}, groups=("test",))
    assert {"exceptiongroup", "typing-extensions"} <= old
    assert "tomli" not in old  # resolution.excludes


@pytest.mark.parametrize("strategy", ["lock-inherit", "lock-plain", "lock-static-urls"])
def test_a_lock_is_fresh_until_what_it_was_made_for_changes(strategy):
    case = CORPUS / strategy
    manifest, text = (case / "pyproject.toml").read_text(), (case / "pdm.lock").read_text()
    assert staleness(text, manifest_of(case), manifest) is None
    for old, new in (
        ('"pytest"', '"pytest>=8"'),
        ('">=3.9"', '">=3.10"'),
        ("<3.8", "<3.9"),
        ('"click>=8"', '"click>=8.1"'),
    ):
        changed = manifest.replace(old, new)
        assert changed != manifest
        assert "digests differ" in (staleness(text, parse_manifest(changed), changed) or "")
    described = manifest.replace('version = "0.1"', 'version = "0.2"\ndescription = "other words"')
    assert staleness(text, parse_manifest(described), described) is None


def test_a_pylock_of_pdm_is_known_by_its_maker_and_stale_like_its_lock():
    case = CORPUS / "lock-pylock"
    text, manifest = (case / "pylock.toml").read_text(), (case / "pyproject.toml").read_text()
    assert is_of_pdm(text.encode())
    assert not is_of_pdm(text.replace('"pdm"', '"hutch"', 1).encode())
    assert pylock_staleness(text, manifest_of(case), manifest) is None
    changed = manifest.replace('"pytest"', '"pytest>=8"')
    assert pylock_staleness(text, parse_manifest(changed), changed) is not None


INPUTS = """
[metadata]
groups = ["default"]
lock_version = "4.5.1"
[metadata.lock_inputs.project]
requires-python = ">=3.9"
[metadata.lock_inputs.project.groups]
default = ["click", "colorama; sys_platform == 'win32'"]
[[package]]
name = "click"
version = "8.1.0"
files = [{ file = "click-8.1.0-py3-none-any.whl", hash = "sha256:%s" }]
""" % ("0" * 64)


@pytest.mark.parametrize(
    ("dependencies", "fresh"),
    [
        ("'click>=8', 'colorama; sys_platform == \"win32\"'", True),
        ("'click>=8.1,<9', 'colorama>=0.4; sys_platform == \"win32\"'", True),
        ("'click>=8.2', 'colorama; sys_platform == \"win32\"'", False),
        ("'click>=8'", False),
        ("'click>=8', 'colorama'", False),
        ("'click[x]>=8', 'colorama; sys_platform == \"win32\"'", False),
    ],
)
def test_with_lock_inputs_a_specifier_may_change_as_long_as_the_lock_satisfies_it(dependencies, fresh):
    text = f"[project]\nname='a'\nversion='1'\nrequires-python='>=3.9'\ndependencies=[{dependencies}]\n"
    assert (staleness(INPUTS, parse_manifest(text), text) is None) is fresh


def test_a_project_that_wants_lock_inputs_has_no_use_for_a_lock_without():
    text = "[project]\nname='a'\nversion='1'\n[tool.pdm.resolution]\nlock_inputs = true\n"
    reason = staleness("[metadata]\nlock_version='4.5.1'\ncontent_hash='x:y'\n", parse_manifest(text), text)
    assert "lock_inputs" in (reason or "")


@pytest.mark.parametrize(
    ("platform", "system", "machine"),
    [
        ("linux", "linux", "x86_64"),
        ("alpine", "linux", "x86_64"),
        ("windows", "win32", "AMD64"),
        ("macos", "darwin", "arm64"),
        ("manylinux_2_28_aarch64", "linux", "aarch64"),
        ("musllinux_1_2_x86_64", "linux", "x86_64"),
        ("windows_arm64", "win32", "ARM64"),
        ("macos_11_0_x86_64", "darwin", "x86_64"),
        ("macos_arm64", "darwin", "arm64"),
    ],
)
def test_a_platform_of_a_target_is_a_system_and_a_machine(platform, system, machine):
    wanted = f"sys_platform == '{system}' and platform_machine == '{machine}'"
    assert environments_of([{"platform": platform, "requires_python": ">=3.9"}], Reader()) == (
        ">=3.9",
        (wanted,),
    )


def test_a_range_of_pythons_with_a_gap_is_a_marker():
    assert environments_of([{"requires_python": "<3.9||>=3.10"}], Reader()) == (
        None,
        ("((python_full_version < '3.9') or (python_full_version >= '3.10'))",),
    )


GOOD = (CORPUS / "lock-direct/pdm.lock").read_text()
MANIFEST = parse_manifest("[project]\nname='a'\nversion='1'\n")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("[metadata", InvalidLock, "pdm.lock:1"),
        ("<<<<<<< ours\n", MergeMarkers, "pdm lock"),
        ("[metadata]\nlock_version = '4.6'\n", NewerLock, "4.6"),
        ("[metadata]\nlock_version = '5.0.1'\n", NewerLock, "5.0.1"),
        ("[metadata]\nlock_version = '3.1'\n", InvalidLock, "older than 4"),
        ("[metadata]\n", InvalidLock, "metadata.lock_version"),
        ("metadata = 3\n", InvalidLock, "metadata.lock_version"),
        (GOOD.replace("0123456789abcdef0123456789abcdef01234567", "main"), InvalidLock, "revision"),
        (GOOD.replace('"sha256:' + "0" * 64, '"sha256:12'), InvalidLock, "files[0]"),
        (GOOD.replace("https://files.example/two", "ftp://files.example/two"), InvalidLock, "package[1].url"),
        (GOOD.replace("https://git.example", "https://-oProxyCommand=x"), InvalidLock, "package[0].url"),
        (GOOD.replace('["two", "-e', '["!two", "-e'), InvalidLock, "package[0].dependencies[0]"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, error, words):
    with pytest.raises(error) as caught:
        parse(text, "pdm.lock", MANIFEST)
    assert words in "\n".join((caught.value.what, *caught.value.why, *caught.value.hints))


def test_what_indexes_once_said_of_versions_is_no_fault():
    text = GOOD.replace('["two", "-e', '["two>=1.*", "-e').replace(
        'name = "two"\n', 'name = "two"\nrequires_python = ">=3.6.*, <"\n'
    )
    one, two = parse(text, "pdm.lock", MANIFEST).packages[:2]
    assert one.dependencies[0].name == two.name == "two"
    assert two.requires_python is None
    assert parse(text.replace(", <", ""), "pdm.lock", MANIFEST).packages[1].requires_python == ">=3.6"


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("junk", [7, [1], {"a": 1}, "\0", "", True, [{}], ["x"]], ids=repr)
@pytest.mark.parametrize("name", ["lock-direct", "lock-4.2", "lock-targets", "lock-inherit"])
def test_whatever_stands_anywhere_is_read_or_refused(name, junk):
    data = tomllib.loads((CORPUS / name / "pdm.lock").read_text())
    manifest = manifest_of(CORPUS / name)
    for path in places(data):
        if not path or "summary" in path or (len(path) > 2 and path[1] not in (0, 1, "files", "targets")):
            continue
        changed = copy.deepcopy(data)
        inner = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = junk
        try:
            parse(text_of(changed), "pdm.lock", manifest)
            staleness(text_of(changed), manifest, (CORPUS / name / "pyproject.toml").read_text())
        except Problem:
            pass


def text_of(data) -> str:
    import tomlkit

    return tomlkit.dumps(data)
