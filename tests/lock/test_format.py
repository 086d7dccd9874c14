"""The text of a lock: what is written is read again, byte for byte, and the reference reads it too."""

from __future__ import annotations

import marshal
import random
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock, PylockValidationError

from hutch.lock import (
    InvalidLock,
    Lock,
    LockedFile,
    LockedPackage,
    LockedVcs,
    MergeMarkers,
    NewerLock,
    lock_from_tuple,
    lock_to_tuple,
    parse_lock,
)
from hutch.values import replace
from lock.strategies import locks

SHA = "0" * 64


@given(locks())
def test_what_is_written_is_read_again(lock: Lock) -> None:
    text = lock.render()
    assert parse_lock(text) == lock
    assert parse_lock(text).render() == text


@given(locks(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_found_does_not_show(lock: Lock, chance: random.Random) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(items, len(items)))

    other = replace(
        lock,
        packages=shuffled(
            tuple(
                replace(p, wheels=shuffled(p.wheels), dependencies=shuffled(p.dependencies))
                for p in lock.packages
            )
        ),
        roots=shuffled(lock.roots),
        extras=shuffled(lock.extras),
        dependency_groups=shuffled(lock.dependency_groups),
    )
    assert other.render() == lock.render()


@given(locks())
def test_the_reference_reads_it(lock: Lock) -> None:
    pylock = Pylock.from_dict(tomllib.loads(lock.render()))
    pylock.validate()
    assert [package.name for package in pylock.packages] == [package.name for package in lock.packages]
    for theirs, ours in zip(pylock.packages, lock.packages, strict=True):
        assert [wheel.filename for wheel in theirs.wheels or ()] == [wheel.filename for wheel in ours.wheels]


@given(locks())
def test_the_shadow_is_the_lock(lock: Lock) -> None:
    shadow = marshal.loads(marshal.dumps(lock_to_tuple(lock)))
    assert lock_from_tuple(shadow) == lock
    again = lock_from_tuple(shadow)
    assert again is not None
    assert again.render() == lock.render()
    assert hash(again.packages) == hash(lock.packages)
    assert [replace(package) for package in again.packages] == list(lock.packages)


@pytest.mark.parametrize("value", [None, (), 3, (0,) * 12, (1,) * 12, ("1",) * 11])
def test_what_is_no_shadow_is_none(value: object) -> None:
    assert lock_from_tuple(value) is None


WHEEL = LockedFile(
    filename="a-1.0-py3-none-any.whl",
    url="https://user:secret@index.example/f/a-1.0-py3-none-any.whl",
    size=7,
    upload_time="2025-01-02T03:04:05Z",
    hashes=(("sha256", SHA),),
)


def test_the_layout() -> None:
    """One package a block, one file a line: the layout is what keeps diffs small."""
    lock = Lock(
        packages=(
            LockedPackage(
                name="a",  # type: ignore[arg-type]
                version="1.0",
                marker="os_name == 'nt'",
                index="https://user:secret@index.example/simple/",
                wheels=(WHEEL,),
            ),
        ),
        requires_python=">=3.11",
        inputs="sha256:1",
        targets=("cp312-linux-x86_64",),
    )
    place = "https://index.example/f/a-1.0-py3-none-any.whl"
    hashes = f'{{ sha256 = "{SHA}" }}'
    assert (
        lock.render()
        == f"""\
# Written by hutch from pyproject.toml: change that file, not this one. After a merge: hutch lock

lock-version = "1.0"
requires-python = ">=3.11"
extras = []
dependency-groups = []
default-groups = []
created-by = "hutch"

[[packages]]
name = "a"
version = "1.0"
marker = "os_name == 'nt'"
index = "https://index.example/simple/"
wheels = [
  {{ url = "{place}", upload-time = 2025-01-02T03:04:05Z, size = 7, hashes = {hashes} }},
]

[tool.hutch]
format = 1
inputs = "sha256:1"
targets = [
  "cp312-linux-x86_64",
]
"""
    )


@pytest.mark.parametrize("scheme", ["https", "http", "ftp", "git+https", "svn+ssh"])
def test_no_password_gets_into_a_lock(scheme: str) -> None:
    url = f"{scheme}://user:p%40ss@host.example/x"
    package = LockedPackage(
        name="a",  # type: ignore[arg-type]
        version="1.0",
        vcs=LockedVcs(kind="git", url=url, commit_id="1"),
        index=url,
    )
    text = Lock(packages=(package,)).render()
    assert "p%40ss" not in text
    assert ("user@" in text) is (scheme == "svn+ssh")


# --- what is wrong with a lock ---

GOOD = {
    "lock-version": "1.0",
    "created-by": "x",
    "packages": [{"name": "a", "version": "1.0", "wheels": [{"url": WHEEL.url, "hashes": {"sha256": SHA}}]}],
}


def toml(value: object) -> str:
    from hutch.lock.toml import toml_value

    assert isinstance(value, dict)
    return "".join(f"{key} = {toml_value(item)}\n" for key, item in value.items())


def changed(path: str, value: object) -> str:
    """GOOD with ``value`` at ``path`` (``packages.0.name``); None takes the key out."""
    import copy

    data: object = copy.deepcopy(GOOD)
    place, *rest = [data], *path.split(".")
    table: object = data
    for part in rest[:-1]:
        table = table[int(part)] if isinstance(table, list) else table.setdefault(part, {})  # type: ignore[attr-defined]
    del place
    if value is None:
        del table[rest[-1]]  # type: ignore[attr-defined]
    else:
        table[rest[-1]] = value  # type: ignore[index]
    return toml(data)


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("lock-version", None, "lock-version"),
        ("lock-version", 1, "lock-version"),
        ("lock-version", "0.9", "lock-version"),
        ("created-by", None, "created-by"),
        ("packages", None, "packages"),
        ("packages", {}, "packages"),
        ("packages", [1], "packages[0]"),
        ("extras", ["A_b"], "extras[0]"),
        ("environments", "x", "environments"),
        ("dependency-groups", [1], "dependency-groups[0]"),
        ("packages.0.name", None, "packages[0]"),
        ("packages.0.name", "A", "packages[0].name"),
        ("packages.0.version", 1, "packages[0].version"),
        ("packages.0.version", "one", "packages[0].version"),
        ("packages.0.wheels.0.hashes", None, "packages[0].wheels[0].hashes"),
        ("packages.0.wheels.0.hashes", {}, "packages[0].wheels[0].hashes"),
        ("packages.0.wheels.0.hashes.sha256", 1, "packages[0].wheels[0].hashes.sha256"),
        ("packages.0.wheels.0.size", "7", "packages[0].wheels[0].size"),
        ("packages.0.wheels.0.size", True, "packages[0].wheels[0].size"),
        ("packages.0.wheels.0.upload-time", "now", "packages[0].wheels[0].upload-time"),
        ("packages.0.wheels.0.url", None, "packages[0].wheels[0]"),
        ("packages.0.wheels.0.name", "b-1.0-py3-none-any.whl", "packages[0].wheels[0]"),
        ("packages.0.wheels.0.name", "a-2.0-py3-none-any.whl", "packages[0].wheels[0]"),
        ("packages.0.wheels.0.name", "a.zip", "packages[0].wheels[0]"),
        (
            "packages.0.sdist",
            {"url": "https://x.example/b-1.0.tar.gz", "hashes": {"sha256": SHA}},
            "packages[0].sdist",
        ),
        (
            "packages.0.sdist",
            {"url": "https://x.example/a-2.0.tar.gz", "hashes": {"sha256": SHA}},
            "packages[0].sdist",
        ),
        ("packages.0.wheels", None, "packages[0]"),
        ("packages.0.directory", {"path": "."}, "packages[0]"),
        ("packages.0.directory", {"path": 1}, "packages[0].directory.path"),
        ("packages.0.vcs", {"type": "git", "url": "x"}, "packages[0].vcs"),
        ("packages.0.archive", {"url": "x"}, "packages[0].archive.hashes"),
        ("packages.0.attestation-identities", [{}], "packages[0].attestation-identities[0]"),
    ],
)
def test_every_fault_has_its_path_and_the_reference_agrees(path: str, value: object, at: str) -> None:
    text = changed(path, value)
    with pytest.raises(InvalidLock) as caught:
        parse_lock(text)
    assert at in [fault.path for fault in caught.value.faults]
    with pytest.raises(PylockValidationError):
        Pylock.from_dict(tomllib.loads(text))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidLock) as caught:
        parse_lock("lock-version = 1\npackages = [{ name = 'A' }, { version = 3 }]\n")
    assert len(caught.value.faults) == 7


@pytest.mark.parametrize(
    ("text", "line"), [("x = \n", 1), ("a = 1\nb = [\n", 2), ("[[packages]]\nname = 'a'\nname = 'b'\n", 3)]
)
def test_what_is_no_toml_has_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidLock) as caught:
        parse_lock(text)
    assert caught.value.faults[0].line == line


@pytest.mark.parametrize(
    "text",
    [
        'lock-version = "2.0"\ncreated-by = "x"\npackages = []\n',
        'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n[tool.hutch]\nformat = 2\ninputs = "x"\n',
        'lock-version = "3"\nwhatever = 1\n',
    ],
)
def test_a_newer_lock_is_refused(text: str) -> None:
    with pytest.raises(NewerLock):
        parse_lock(text)


def test_a_newer_minor_version_and_unknown_keys_are_read() -> None:
    text = toml(GOOD).replace('"1.0"', '"1.7"', 1) + "new-key = 1\n[tool.hutch]\ninputs = 'x'\nnew = 2\n"
    assert [package.name for package in parse_lock(text).packages] == ["a"]


def test_a_lock_of_another_tool() -> None:
    text = toml(
        GOOD
        | {
            "tool": {"other": {"x": 1}},
            "packages": [
                {
                    "name": "a",
                    "version": "1.0",
                    "dependencies": [{"name": "b", "version": "2"}],
                    "tool": {"other": {"y": 2}},
                    "directory": {"path": "."},
                }
            ],
        }
    )
    lock = parse_lock(text)
    assert lock.is_foreign
    assert lock.tool == {"other": {"x": 1}}
    assert lock.packages[0].dependencies[0].name == "b"
    assert lock.packages[0].tool == {"other": {"y": 2}}
    assert Pylock.from_dict(tomllib.loads(lock.render())).created_by == "x"


@given(st.text("[]{}=.,\"'\n ab1<>", max_size=60))
def test_any_text_is_a_lock_or_a_problem(text: str) -> None:
    try:
        parse_lock(text)
    except (InvalidLock, NewerLock, MergeMarkers):
        pass


JSON = st.recursive(
    st.none().map(lambda _: 0) | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "1.0", "A b"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["name", "version", "wheels", "sdist", "hashes", "url", "tool", "hutch", "vcs", "roots"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["packages", "tool", "extras", "lock-version", "requires-python"]))
def test_any_document_is_a_lock_or_a_problem(value: object, key: str) -> None:
    try:
        parse_lock(toml(GOOD | {key: value}))
    except (InvalidLock, NewerLock):
        pass


def test_a_shadow_of_a_large_lock_loads_its_files_late() -> None:
    package = LockedPackage(name="a", version="1.0", wheels=(WHEEL,) * 20)  # type: ignore[arg-type]
    lock = lock_from_tuple(lock_to_tuple(Lock(packages=(package,) * 150, inputs="x")))
    assert lock is not None
    with pytest.raises(AttributeError):
        object.__getattribute__(lock.packages[0], "wheels")
    assert len(lock.packages[0].wheels) == 20
    assert object.__getattribute__(lock.packages[0], "wheels") is lock.packages[0].wheels
    assert lock.packages[1].sdist is None
