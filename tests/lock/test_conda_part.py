"""The conda part of ``pylock.toml``: out and in, what a stranger may write there, what is selected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.lock import (
    AmbiguousLock,
    CondaLock,
    CondaRoot,
    CondaTarget,
    InvalidLock,
    Lock,
    LockedConda,
    NotLockedForPlatform,
    UnknownSelection,
    channel_without_credentials,
    choose_conda_target,
    diff_locks,
    lock_from_tuple,
    lock_to_tuple,
    parse_lock,
    render_lock,
    salvage,
    salvage_conda,
    select_conda,
)
from hutch.spec import CondaRecord
from hutch.values import replace

from .conda_strategies import CHANNEL, conda_parts
from .strategies import locks

PLAIN = CondaRecord(
    name="numpy",
    version="2.3.5",
    build="py312h1_0",
    subdir="linux-64",
    channel=CHANNEL,
    filename="numpy-2.3.5-py312h1_0.conda",
    sha256="ab" * 32,
    depends=("python >=3.12,<3.13.0a0", "__glibc >=2.17,<3.0.a0"),
)
PYTHON = replace(
    PLAIN, name="python", version="3.12.8", build="0", filename="python-3.12.8-0.conda", depends=()
)


def lock_of(*packages: LockedConda, **said: object) -> Lock:
    part = CondaLock(
        channels=(CHANNEL,),
        targets=(CondaTarget(name="linux-64", subdir="linux-64", virtual=(("__glibc", "2.28", "0"),)),),
        roots=(CondaRoot(spec="numpy >=2"),),
        packages=packages,
    )
    return Lock(inputs="sha256:" + "0" * 64, conda=replace(part, **said), dependency_groups=("dev", "docs"))


def here(record: CondaRecord, where: str = "project") -> LockedConda:
    return LockedConda(record=record, reached=((where, ("linux-64",)),))


@given(locks(), conda_parts())
def test_what_is_written_is_read(lock: Lock, part: CondaLock) -> None:
    lock = replace(lock, conda=replace(part, packages=tuple(_plain(each) for each in part.packages)))
    text = render_lock(lock)
    assert parse_lock(text) == lock
    assert render_lock(parse_lock(text)) == text


def _plain(package: LockedConda) -> LockedConda:
    """Without the token of an address, which is never written."""
    channel = channel_without_credentials(package.record.channel)
    return replace(package, record=replace(package.record, channel=channel))


@given(locks(), conda_parts())
def test_the_shadow_is_the_lock(lock: Lock, part: CondaLock) -> None:
    lock = replace(lock, conda=part)
    import marshal

    again = lock_from_tuple(marshal.loads(marshal.dumps(lock_to_tuple(lock))))
    assert again == lock


@given(conda_parts(), st.randoms())
def test_the_order_in_memory_changes_no_byte(part: CondaLock, random: object) -> None:
    shuffled = list(part.packages)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    reached = [replace(each, reached=each.reached[::-1]) for each in shuffled]
    other = replace(part, packages=tuple(reached), roots=part.roots[::-1], targets=part.targets[::-1])
    lock = Lock(inputs="sha256:" + "0" * 64)
    assert render_lock(replace(lock, conda=other)) == render_lock(replace(lock, conda=part))


def test_the_layout() -> None:
    text = render_lock(lock_of(here(PLAIN), here(PYTHON)))
    assert text.split("[tool.hutch.conda]\n")[1].startswith(
        'channels = [\n  "https://channel.example/main",\n]\n'
        'targets = [\n  { name = "linux-64", virtual = ["__glibc=2.28=0"] },\n]\n'
        'roots = [\n  { spec = "numpy >=2" },\n]\n'
        '\n[[tool.hutch.conda.packages]]\nname = "numpy"\nversion = "2.3.5"\nbuild = "py312h1_0"\n'
        'channel = "https://channel.example/main"\nsubdir = "linux-64"\n'
        'file = "numpy-2.3.5-py312h1_0.conda"\nsha256 = "' + "ab" * 32 + '"\n'
        'depends = [\n  "python >=3.12,<3.13.0a0",\n  "__glibc >=2.17,<3.0.a0",\n]\n'
        'targets = ["linux-64"]\n'
    )


def test_a_new_version_changes_its_own_block_alone() -> None:
    newer = replace(PLAIN, version="2.3.6", filename="numpy-2.3.6-py312h1_0.conda", sha256="cd" * 32)
    old = render_lock(lock_of(here(PLAIN), here(PYTHON))).splitlines()
    new = render_lock(lock_of(here(newer), here(PYTHON))).splitlines()
    assert [line for line in new if line not in old] == [
        'version = "2.3.6"',
        'file = "numpy-2.3.6-py312h1_0.conda"',
        f'sha256 = "{"cd" * 32}"',
    ]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://me:secret@channel.example/main", "https://channel.example/main"),
        ("https://channel.example/t/to-ken/main", "https://channel.example/main"),
        ("https://me:s@channel.example/t/to-ken/main/label/x", "https://channel.example/main/label/x"),
        ("https://channel.example/main/t/x", "https://channel.example/main/t/x"),
        ("file:///t/x/y", "file:///t/x/y"),
    ],
)
def test_no_secret_is_written(address: str, written: str) -> None:
    assert channel_without_credentials(address) == written
    text = render_lock(lock_of(here(replace(PLAIN, channel=address)), channels=(address,)))
    assert "secret" not in text
    assert "to-ken" not in text
    assert written in text


@pytest.mark.parametrize(
    ("edge", "reason"),
    [
        ('{ conda = "../x", wheel = "pandas" }', "edges[0].conda: '../x' is not the name of a package"),
        ('{ conda = "numpy" }', "edges[0]: should say what is needed by whom: `wheel` or `where`"),
        ('{ conda = "numpy", wheel = "Pan/das" }', "edges[0].wheel: 'Pan/das' is not a normalised name"),
        ('{ conda = "numpy", where = "me" }', "edges[0].where: should be project, extra:NAME or group:NAME"),
        ('{ conda = "numpy", wheel = "a", asks = "\\u001b[31m" }', "edges[0].asks: should have no control"),
        (
            '{ conda = "numpy", wheel = "a", extra = "../x" }',
            "edges[0].extra: '../x' is not a normalised name",
        ),
        ('{ conda = "numpy", wheel = "a", version = 7 }', "edges[0].version: should be a string"),
        ("7", "edges[0]: should be a table"),
    ],
)
def test_edges_are_judged_as_well(edge: str, reason: str) -> None:
    text = render_lock(lock_of(here(PLAIN), here(PYTHON)))
    assert "roots = [" in text
    with pytest.raises(InvalidLock) as caught:
        parse_lock(text.replace("roots = [", f"edges = [\n  {edge},\n]\nroots = [", 1))
    assert reason in "\n".join(caught.value.why)


HOSTILE = [
    ('name = "numpy"', 'name = "../numpy"', "packages[0].name: '../numpy' is not the name of a package"),
    (
        'name = "numpy"',
        'name = "__glibc"',
        "packages[0].name: '__glibc' is a virtual package, and has no record",
    ),
    ('version = "2.3.5"', 'version = "2/3"', "packages[0].version: '2/3' is not a version"),
    ('version = "2.3.5"', 'version = "1..2"', "packages[0].version: '1..2' is not a version"),
    ('build = "py312h1_0"', 'build = "../x"', "packages[0].build: '../x' is not a build"),
    ('build = "py312h1_0"', "build = 7", "packages[0].build: should be a string, not a whole number"),
    ('subdir = "linux-64"', 'subdir = "../64"', "packages[0].subdir: '../64' is not a platform of conda"),
    (
        'file = "numpy',
        'file = "/etc/numpy',
        "packages[0].file: '/etc/numpy-2.3.5-py312h1_0.conda' is not the name",
    ),
    ("py312h1_0.conda", "py312h1_0.sh", "packages[0].file: should end in .conda or .tar.bz2"),
    (
        'channel = "https',
        'channel = "ftp',
        "packages[0].channel: should begin with https://, http://, file://",
    ),
    (
        'channel = "https://',
        'channel = "https://-o',
        "packages[0].channel: should not have a host that begins",
    ),
    ('/main"\nsubdir', '/ma in"\nsubdir', "packages[0].channel: should have no blanks, control characters"),
    ('sha256 = "ab', 'sha256 = "xy', "packages[0].sha256: should be 64 hexadecimal digits"),
    ("sha256 =", "sha512 =", "packages[0]: has no sha256, and is not from a folder of this machine"),
    (
        '"python >=3.12,<3.13.0a0"',
        '"python >=3.12,,"',
        "packages[0].depends[0]: `python >=3.12,,` names no package",
    ),
    (
        'targets = ["linux-64"]',
        'targets = ["win-64"]',
        "packages[0].targets.project: 'win-64' is not a target",
    ),
    (
        'targets = ["linux-64"]',
        'targets = { me = ["linux-64"] }',
        "packages[0].targets.me: should be project",
    ),
    ('targets = ["linux-64"]', "", "packages[0].targets: is missing"),
    (
        'targets = ["linux-64"]',
        'targets = ["linux-64"]\nsize = -1',
        "packages[0].size: should not be negative",
    ),
    (
        'targets = ["linux-64"]',
        'targets = ["linux-64"]\nnoarch = "x"',
        "packages[0].noarch: should be python or",
    ),
    (
        'targets = ["linux-64"]',
        'targets = ["linux-64"]\nsite-packages = "../../etc"',
        "packages[0].site-packages: should be a path inside of the environment",
    ),
    (
        '"__glibc=2.28=0"',
        '"glibc=2"',
        "targets[0].virtual[0]: should be a virtual package: __NAME=VERSION=BUILD",
    ),
    ('spec = "numpy >=2"', 'spec = ">=2"', "roots[0].spec: `>=2` names no package of conda"),
    (
        'spec = "numpy >=2"',
        'spec = "a", where = "x"',
        "roots[0].where: should be project, extra:NAME or group:NAME",
    ),
    ("channels = [\n", "channels = [\n  7,\n", "channels[0]: should be a string"),
]


@pytest.mark.parametrize(("old", "new", "fault"), HOSTILE)
def test_what_a_lock_may_not_say_is_told_with_its_place(old: str, new: str, fault: str) -> None:
    text = render_lock(lock_of(here(PLAIN)))
    assert old in text
    with pytest.raises(InvalidLock) as caught:
        parse_lock(text.replace(old, new))
    assert any(line.startswith(f"tool.hutch.conda.{fault}") for line in caught.value.why), caught.value.why


def test_one_target_has_a_package_once() -> None:
    other = replace(PLAIN, build="py312h1_1", filename="numpy-2.3.5-py312h1_1.conda")
    with pytest.raises(InvalidLock, match="not a valid lock") as caught:
        parse_lock(render_lock(lock_of(here(PLAIN), here(other))))
    assert "linux-64 has numpy already, from tool.hutch.conda.packages[0]" in caught.value.why[0]


def test_the_same_file_is_there_once() -> None:
    with pytest.raises(InvalidLock) as caught:
        parse_lock(render_lock(lock_of(here(PLAIN), here(PLAIN, "group:dev"))))
    assert "is the same file as tool.hutch.conda.packages[0]" in caught.value.why[0]


class TestSelecting:
    def test_the_project_and_what_is_chosen(self) -> None:
        lock = lock_of(here(PLAIN), here(PYTHON, "group:dev"))
        assert [each.record.name for each in select_conda(lock, "linux-64")] == ["numpy"]
        found = select_conda(lock, "linux-64", groups=["dev"])
        assert [each.record.name for each in found] == ["numpy", "python"]
        assert [each.requested for each in found] == [("numpy >=2",), ()]
        assert select_conda(lock, "win-64") == ()
        assert select_conda(replace(lock, conda=None), "linux-64") == ()

    def test_default_groups_are_chosen_unless_others_are(self) -> None:
        lock = replace(lock_of(here(PYTHON, "group:dev")), default_groups=("dev",))
        assert len(select_conda(lock, "linux-64")) == 1
        assert select_conda(lock, "linux-64", groups=[]) == ()

    def test_a_group_that_is_not_there(self) -> None:
        with pytest.raises(UnknownSelection):
            select_conda(lock_of(), "linux-64", groups=["tests"])

    def test_two_groups_with_different_records(self) -> None:
        newer = replace(PYTHON, version="3.13.1", filename="python-3.13.1-0.conda")
        lock = lock_of(here(PYTHON, "group:dev"), here(newer, "group:docs"))
        assert len(select_conda(lock, "linux-64", groups=["dev"])) == 1
        with pytest.raises(AmbiguousLock, match="2 entries for python"):
            select_conda(lock, "linux-64", groups=["dev", "docs"])


class TestThisMachine:
    """A lock is for a machine whose virtual packages the records that are locked admit."""

    def part(self) -> CondaLock:
        found = lock_of(here(PLAIN)).conda
        assert found is not None
        return found

    def test_older_than_assumed_and_new_enough_for_what_is_locked(self) -> None:
        glibc = CondaRecord(name="__glibc", version="2.17", build="0")
        assert choose_conda_target(self.part(), "linux-64", [glibc]).name == "linux-64"

    @pytest.mark.parametrize(
        ("virtual", "told"),
        [
            ([], "which this machine lacks"),
            ([CondaRecord(name="__glibc", version="2.12", build="0")], "this machine has 2.12"),
        ],
    )
    def test_what_is_missing_is_told(self, virtual: list[CondaRecord], told: str) -> None:
        with pytest.raises(NotLockedForPlatform) as caught:
            choose_conda_target(self.part(), "linux-64", virtual)
        (why,) = caught.value.why
        assert why.startswith("numpy 2.3.5 py312h1_0, for linux-64, needs __glibc >=2.17")
        assert told in why
        assert caught.value.lacking == ("__glibc >=2.17,<3.0.a0",)
        assert caught.value.hints[0].startswith("CONDA_OVERRIDE_GLIBC=2.17 before the command")

    def test_another_platform(self) -> None:
        with pytest.raises(NotLockedForPlatform) as caught:
            choose_conda_target(self.part(), "win-64", [])
        assert caught.value.why == ("it was solved for linux-64",)
        assert caught.value.lacking == ()

    def test_of_two_that_fit_the_one_that_assumes_more(self) -> None:
        part = self.part()
        cuda = CondaTarget(
            name="cuda", subdir="linux-64", virtual=(("__cuda", "12.0", "0"), ("__glibc", "2.28", "0"))
        )
        needs = replace(PYTHON, depends=("__cuda >=12",))
        part = replace(
            part,
            targets=(*part.targets, cuda),
            packages=(LockedConda(record=needs, reached=(("project", ("cuda",)),)),),
        )
        glibc = CondaRecord(name="__glibc", version="2.36", build="0")
        gpu = CondaRecord(name="__cuda", version="12.4", build="0")
        assert choose_conda_target(part, "linux-64", [glibc]).name == "linux-64"
        assert choose_conda_target(part, "linux-64", [glibc, gpu]).name == "cuda"


def test_what_a_new_lock_changes() -> None:
    newer = replace(PLAIN, build="py312h2_0", filename="numpy-2.3.5-py312h2_0.conda")
    old, new = lock_of(here(PLAIN)), lock_of(here(newer), here(PYTHON))
    said = [(each.name, each.kind, each.before, each.after) for each in diff_locks(old, new) if each.conda]
    assert said == [
        ("numpy", "updated", ("2.3.5 py312h1_0",), ("2.3.5 py312h2_0",)),
        ("python", "added", (), ("3.12.8 0",)),
    ]
    assert [each.kind for each in diff_locks(old, replace(new, conda=None))] == ["removed"]


class TestMerging:
    def test_both_sides_of_a_conflict_are_saved_each_as_what_it_is(self) -> None:
        old = render_lock(lock_of(here(PLAIN), here(PYTHON)))
        ours, theirs = 'version = "2.3.5"\nbuild = "py312h1_0"\n', 'version = "2.4.0"\nbuild = "py312h2_0"\n'
        text = old.replace(ours, f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n")
        assert salvage_conda(text) == (
            ("numpy", "2.3.5", "py312h1_0"),
            ("python", "3.12.8", "0"),
            ("numpy", "2.4.0", "py312h2_0"),
        )
        assert salvage(text) == ()

    @given(locks(), conda_parts())
    def test_of_a_whole_lock_everything_is_saved(self, lock: Lock, part: CondaLock) -> None:
        lock = replace(lock, conda=part)
        text = render_lock(lock)
        rows = {(each.record.name, each.record.version, each.record.build) for each in part.packages}
        assert set(salvage_conda(text)) == rows
        assert set(salvage(text)) == {(each.name, each.version) for each in lock.packages if each.version}
