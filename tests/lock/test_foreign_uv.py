"""``uv.lock``: what is wrong with one, and when it is out of date.

``uv_verdicts/`` is frozen from uv 0.13.8: manifests, the lock that it made of them, and for one change each
whether ``uv lock --check --offline`` still had the lock. The rest of the format is in ``tests/corpus/uv``.
"""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile.places import places_in, put
from hutch.errors import Bug, Problem
from hutch.lock import InvalidLock, MergeMarkers, NewerLock, lock_from_tuple, lock_to_tuple, select
from hutch.lock.foreign.uv import parse, staleness
from hutch.lock.foreign.uv_asked import same_markers, same_pythons
from hutch.lock.foreign.uv_edges import decoded
from hutch.ops.context import Context
from hutch.project import parse_manifest
from hutch.spec import evaluate, normalize, parse_marker, parse_specifiers, parse_target

VERDICTS = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "uv_verdicts").iterdir()
}
MANIFEST = parse_manifest(
    '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["a"]\n'
    "[project.optional-dependencies]\ncpu = []\n[dependency-groups]\ndev = []\n"
)
HASH = "sha256:" + "0" * 64
SHOP = """
[[package]]
name = "shop"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "a" }]
"""
A = f"""
[[package]]
name = "a"
version = "1.0"
source = {{ registry = "https://index.example/simple/" }}
wheels = [
    {{ url = "https://files.index.example/a-1.0-py3-none-any.whl", hash = "{HASH}" }},
]
"""


def lock(*parts: str, head: str = 'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n'):
    return parse(head + "".join(parts), "uv.lock", MANIFEST)


def reasons(*parts: str, **more) -> tuple[str, ...]:
    with pytest.raises(InvalidLock) as found:
        lock(*parts, **more)
    return found.value.why


# --- the format ---


def test_sizes_and_times_are_taken_over():
    wheel = A.replace('" },', '", size = 123, upload-time = "2025-01-31T12:30:00.25+01:00" },')
    (package,) = lock(SHOP, wheel).packages
    assert package.index == "https://index.example/simple/"
    assert package.wheels[0].size == 123
    assert package.wheels[0].upload_time == "2025-01-31T11:30:00.250000Z"


@pytest.mark.parametrize("revision", ["", "revision = 0\n", "revision = 3\n", "revision = 99\n"])
def test_any_revision_is_read(revision):
    found = lock(SHOP, A, head=f'version = 1\n{revision}requires-python = ">=3.10"\n')
    assert [package.name for package in found.packages] == ["a"]


def test_a_higher_version_is_refused_with_the_number():
    with pytest.raises(NewerLock) as found:
        lock(SHOP, A, head="version = 2\n")
    assert found.value.why == ("its version is 2, and this hutch knows 1",)


def test_an_unfinished_merge_names_its_line_and_uv():
    with pytest.raises(MergeMarkers) as found:
        parse("version = 1\n<<<<<<< HEAD\n", "uv.lock", MANIFEST)
    assert found.value.line == 2
    assert "uv lock" in found.value.hints[0]


def test_what_is_no_toml_is_told_with_its_line():
    with pytest.raises(InvalidLock) as found:
        parse('version = 1\nname = "\n', "uv.lock", MANIFEST)
    assert found.value.why[0].startswith("uv.lock:2: ")
    assert found.value.hints[1] == "delete uv.lock and run `uv lock`"


def test_a_lock_of_another_project_has_nothing_to_install():
    with pytest.raises(Exception, match="the lock has no shop"):
        select(lock(A), parse_target("cp312-linux-x86_64").environment())


def test_the_shadow_keeps_all_of_it():
    found = lock(SHOP, A)
    assert lock_from_tuple(lock_to_tuple(found)) == found


def test_all_that_is_wrong_is_told_at_once():
    bad = f"""
[[package]]
name = "B_b"
version = "1.0"
source = {{ registry = "https://index.example/simple/" }}
sdist = {{ url = "ftp://files.index.example/b-1.0.tar.gz", hash = "{HASH}" }}
wheels = [
    {{ url = "https://files.index.example/evil/..%2f..%2fx-1.0-py3-none-any.whl", hash = "{HASH}" }},
    {{ url = "https://files.index.example/other-1.0-py3-none-any.whl", hash = "md5:00" }},
    {{ url = "https://files.index.example/c-1.0-py3-none-any.whl", hash = "sha256:xyz", size = -1 }},
]

[[package]]
name = "d"
source = {{ git = "https://git.example/d?rev=main" }}

[[package]]
name = "e"
version = "1.0"
source = {{ somewhere = "else" }}

[[package]]
name = "f"
version = "1.0"
source = {{ registry = "https://index.example/simple/" }}
dependencies = ["a", {{ name = "a", marker = "python ==" }}]
"""
    told = "\n".join(reasons(SHOP, A, bad))
    for words in (
        "package[2].name: 'B_b' is not a normalised name",
        "package[2].sdist.url: should begin with https://, http://, file://",
        "package[2].wheels[0]: '../../x-1.0-py3-none-any.whl' is not the name of a file that installs",
        "package[2].wheels[1].hashes: none of them proves the file",
        "package[2].wheels[2].hashes.sha256: should be hexadecimal",
        "package[2].wheels[2].size: should not be negative",
        "package[3].source.git: should end with # and the 40 or 64 digits of a commit",
        "package[4].source: should be one of registry, git",
        "package[5].dependencies[0]: should be a table",
        "package[5].dependencies[1].marker",
    ):
        assert words in told, words


def test_an_edge_to_nowhere_is_a_fault():
    assert reasons(SHOP) == ("package[0].dependencies[0]: names a, which is not in this lock",)


def test_an_edge_that_could_mean_two_is_a_fault():
    assert reasons(SHOP, A, A.replace("1.0", "2.0")) == (
        "package[0].dependencies[0]: names a, and several entries could be meant",
    )


@pytest.mark.parametrize(
    "text",
    [
        "version = true\n",
        "package = 3\n",
        "version = 1\npackage = [1]\n",
        'version = 1\npackage = [{ name = 1 }, { name = "a", source = "x" }]\n',
        'version = 1\nconflicts = [[{ package = 1 }], 2]\nsupported-markers = "x"\n',
        "version = 1\nmanifest = 1\nrequires-python = 3\n",
    ],
)
def test_no_shape_ends_in_a_traceback(text):
    with pytest.raises(InvalidLock):
        parse(text, "uv.lock", MANIFEST)
    staleness(text, MANIFEST, "")


def test_the_words_about_conflicts():
    assert decoded("extra-4-shop-cpu") == ("extra", "shop", "cpu")
    assert decoded("extra-8-my-shop-cu-121") is None
    assert decoded("extra-7-my-shop-cu-121") == ("extra", "my-shop", "cu-121")
    assert decoded("group-4-shop-dev") == ("group", "shop", "dev")
    assert decoded("project-4-shop") == ("project", "shop", "")
    for word in (
        "cpu",
        "extra",
        "extra-x-shop",
        "extra-4-sho",
        "extra-4-shop",
        "project-4-shop-x",
        "group-4-shop-",
    ):
        assert decoded(word) is None


# --- out of date ---


@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name, found in VERDICTS.items() for change in found["cases"]]
)
def test_it_is_out_of_date_where_uv_says_so(tmp_path, name, change):
    found = VERDICTS[name]
    case = found["cases"][change]
    for path, text in {**found["files"], case["file"]: case["text"]}.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    environ = {"HOME": str(tmp_path), "HUTCH_CACHE_DIR": str(tmp_path / "cache")}
    checkout = Context(tmp_path, environ).checkout
    assert parse(found["lock"], "uv.lock", checkout.manifest).packages
    reason = staleness(found["lock"], checkout.manifest, checkout.text)
    assert (reason is None) is case["current"], reason


def test_the_reasons_name_what_has_changed():
    found = VERDICTS["project"]

    def reason(change: str) -> str | None:
        return staleness(found["lock"], parse_manifest(found["cases"][change]["text"]), "")

    assert reason("add dep") == "toolz is new"
    assert reason("rm dep") == "idna is no longer asked for"
    assert reason("bound") == "what is asked of httpx has changed: httpx[http2]>=0.26"
    assert reason("python") == "it is for Python >=3.10, and requires-python is now >=3.11"
    assert reason("version") == "it has shop 1.0, and the version is now 1.1"
    assert reason("group dep") == "toolz of the group dev is new"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("python_version < '3.12'", "python_full_version < '3.12'", True),
        ("python_version <= '3.11'", "python_full_version < '3.12'", True),
        ("python_version > '3.11'", "python_full_version > '3.11'", False),
        ("python_full_version >= '3.9'", None, True),
        ("sys_platform == 'win32'", "os_name == 'nt'", False),
        ("sys_platform == 'win32' and os_name == 'nt'", "sys_platform == 'win32'", True),
        ("sys_platform != 'linux' and sys_platform != 'darwin'", "sys_platform == 'win32'", False),
        ("extra == 'a' or sys_platform == 'x'", "sys_platform == 'x' or extra == 'a'", True),
        ("extra == 'a'", "extra == 'b'", False),
        ("platform_machine == 'x86_64' and python_version >= '3.8'", "platform_machine == 'x86_64'", True),
    ],
)
def test_markers_are_compared_by_what_they_mean(one, other, same):
    markers = [[parse_marker(text) if text else None] for text in (one, other)]
    assert same_markers(*markers, parse_specifiers(">=3.10")) is same


@pytest.mark.parametrize(
    ("locked", "asked", "same"),
    [
        (">=3.10", ">=3.10.0", True),
        (">=3.10, <4", ">=3.10,<4.0", True),
        (">=3.10", ">=3.10,<4", False),
        ("==3.12.*", ">=3.12,<3.13", True),
        ("==3.12.*", "~=3.12.0", True),
        (">=3.10", ">=3.10,!=3.11.1", False),
        (">=3.9.1", ">=3.9", False),
        ("nonsense", ">=3.9", False),
    ],
)
def test_pythons_are_compared_by_what_they_admit(locked, asked, same):
    assert same_pythons(locked, parse_specifiers(asked)) is same


ATOMS = st.one_of(
    st.tuples(
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(["3.10", "3.11", "3.11.4", "3.12"]),
    ),
    st.tuples(st.just("sys_platform"), st.sampled_from(["==", "!="]), st.sampled_from(["linux", "win32"])),
    st.tuples(st.just("extra"), st.just("=="), st.sampled_from(["a", "b"])),
).map(lambda atom: f"{atom[0]} {atom[1]} '{atom[2]}'")
MARKERS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda p: f"({p[0]} {p[1]} {p[2]})"
    ),
)
PLACES = [
    {"python_full_version": f"3.{minor}.{patch}", "python_version": f"3.{minor}", "sys_platform": system}
    for minor in range(9, 15)
    for patch in (0, 3, 4, 5, 20)
    for system in ("linux", "win32", "darwin")
]


@given(MARKERS, MARKERS)
def test_markers_are_the_same_where_they_hold_in_the_same_places(one, other):
    first, second = parse_marker(one), parse_marker(other)
    differ = any(
        evaluate(first, place, extras) is not evaluate(second, place, extras)
        for place in PLACES
        for extras in ((), ("a",), ("b",))
    )
    assert same_markers([first], [second], ()) is not differ


@given(
    st.sampled_from(["extra", "group"]),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).map(normalize),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).map(normalize),
)
def test_every_word_about_a_conflict_is_read_back(kind, package, name):
    assert decoded(f"{kind}-{len(package)}-{package}-{name}") == (kind, package, name)
    assert decoded(f"project-{len(package)}-{package}") == ("project", package, "")


# --- whatever a checkout says ---

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.sampled_from(
        ["", "x", ".", "../x", "a-1.0-py3-none-any.whl", "sha256:", "1.0", ">=", "extra == 'a'", "\x00"]
    ),
    st.lists(st.sampled_from(["a", 1]), max_size=2),
    st.dictionaries(st.sampled_from(["name", "url", "git", "a"]), st.sampled_from(["a", 1, ""]), max_size=2),
)


@given(st.data())
def test_what_is_odd_is_a_fault_or_is_passed_over(data):
    import tomlkit

    case = (
        Path(__file__).parents[1]
        / "corpus"
        / "uv"
        / data.draw(
            st.sampled_from(
                ["lock-conflicts", "lock-without-a-project", "lock-of-every-source", "lock-forks"]
            )
        )
    )
    manifest = parse_manifest((case / "pyproject.toml").read_text())
    document = tomllib.loads((case / "uv.lock").read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([each for each in places_in(document) if each]))
        put(document, path, data.draw(ODD))
    text = tomlkit.dumps(document)
    for judge in (
        lambda: select(parse(text, "uv.lock", manifest), parse_target("cp312-linux-x86_64").environment()),
        lambda: staleness(text, manifest, "", lambda path: None),
    ):
        try:
            judge()
        except Problem as problem:
            assert not isinstance(problem, Bug)


def test_an_index_of_somebodys_own_configuration_is_not_judged():
    text = (
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["a"]\n'
        "[tool.uv]\npackage = false\n[tool.uv.sources]\na = { index = 'ours' }\n"
    )
    metadata = '[package.metadata]\nrequires-dist = [{ name = "a", index = "https://index.example/ours/" }]\n'
    found = f'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n{SHOP}{metadata}{A}'
    assert staleness(found, parse_manifest(text), "") is None
    known = "[[tool.uv.index]]\nname = 'ours'\nurl = 'https://me:secret@index.example/ours'\n"
    assert staleness(found, parse_manifest(text + known), "") is None
    other = known.replace("/ours'", "/theirs'")
    assert staleness(found, parse_manifest(text + other), "") == "where a comes from has changed"
