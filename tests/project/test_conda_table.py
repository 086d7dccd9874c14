"""``[tool.hutch.conda]``: what it says, and what is told of what it may not say."""

from __future__ import annotations

import pytest

from hutch.project import CondaGroup, CondaPlatform, CondaSettings, InvalidManifest, parse_manifest

HEAD = '[project]\nname = "d"\nversion = "1"\n\n'

WHOLE = (
    HEAD
    + """\
[tool.hutch.conda]
channels = ["conda-forge", "https://channel.example/ours", "../channel"]
channel-priority = "flexible"
platforms = ["linux-64", { name = "linux-64-gpu", platform = "linux-64", system-requirements.cuda = "12" }]
constraints = ["libblas 3.9.* *openblas"]
prefer = ["pypi:Requests", "conda:numpy"]
only = ["pypi:my.tool"]
map = { My-Fork = "NumPy", pandoc = false }
system-requirements = { glibc = "2.28", macos = 13.0, libc = { family = "musl", version = "1.2" } }

[tool.hutch.conda.dependencies]
python = "3.12.*"
numpy = ">=2, <3"
anything = "*"
mpi = "4.* mpich*"
pytorch = { version = ">=2.4", build = "cuda*", channel = "conda-forge" }
mkl = { build = "*_intel" }
exact = { md5 = "0123456789abcdef0123456789abcdef", build-number = 3 }

[tool.hutch.conda.target.linux]
dependencies = ["gcc"]

[tool.hutch.conda.target.win-64.dependencies]
vs2022 = "*"

[tool.hutch.conda.group.Dev-Tools]
dependencies = ["pytest >=8"]
target.unix.dependencies = ["gdb"]

[tool.hutch.conda.extra.plot.dependencies]
matplotlib = "*"
"""
)


def read(text: str) -> CondaSettings:
    found = parse_manifest(text).settings.conda
    assert found is not None
    return found


def test_nothing_is_said() -> None:
    assert parse_manifest(HEAD).settings.conda is None
    assert read(HEAD + "[tool.hutch.conda]\n") == CondaSettings()


def test_everything() -> None:
    found = read(WHOLE)
    assert found.channels == ("conda-forge", "https://channel.example/ours", "../channel")
    assert found.channel_priority == "flexible"
    assert found.platforms == (
        CondaPlatform(name="linux-64", subdir="linux-64"),
        CondaPlatform(name="linux-64-gpu", subdir="linux-64", requirements=(("__cuda", "12"),)),
    )
    assert found.map == {"my-fork": "numpy", "pandoc": ""}
    assert found.requirements == (("__glibc", "2.28"), ("__osx", "13.0"), ("__musl", "1.2"))
    said = [(each.spec, each.where, each.selectors, each.constraint) for each in found.dependencies]
    assert said == [
        ("python 3.12.*", "project", (), False),
        ("numpy >=2,<3", "project", (), False),
        ("anything", "project", (), False),
        ("mpi 4.* mpich*", "project", (), False),
        ("conda-forge::pytorch >=2.4 cuda*", "project", (), False),
        ("mkl * *_intel", "project", (), False),
        (
            'exact[md5="0123456789abcdef0123456789abcdef",build_number="3"]',
            "project",
            (),
            False,
        ),
        ("libblas 3.9.* *openblas", "project", (), True),
        ("gcc", "project", ("linux",), False),
        ("vs2022", "project", ("win-64",), False),
        ("pytest >=8", "group:dev-tools", (), False),
        ("gdb", "group:dev-tools", ("unix",), False),
        ("matplotlib", "extra:plot", (), False),
    ]


@pytest.mark.parametrize(
    ("subdir", "names"),
    [
        ("linux-64", {"gcc", "gdb"}),
        ("linux-aarch64", {"gcc", "gdb"}),
        ("osx-arm64", {"gdb"}),
        ("win-64", {"vs2022"}),
        ("win-arm64", set()),
    ],
)
def test_what_is_asked_for_on_a_platform(subdir: str, names: set[str]) -> None:
    asked = {each.name for each in read(WHOLE).asked(subdir)}
    assert asked & {"gcc", "gdb", "vs2022"} == names
    assert {"python", "numpy", "pytest", "libblas"} <= asked


def test_which_side_a_name_comes_from() -> None:
    found = read(WHOLE)
    assert found.sides("requests") == ("index", "conda")
    assert found.sides("numpy") == ("conda", "index")
    assert found.sides("my-tool") == ("index",)
    assert found.sides("pandas") == ("conda", "index")


def test_a_place_has_a_line() -> None:
    manifest = parse_manifest(WHOLE)
    (numpy,) = [each for each in read(WHOLE).dependencies if each.name == "numpy"]
    assert WHOLE.splitlines()[manifest.line(*numpy.path) - 1] == 'numpy = ">=2, <3"'


@pytest.mark.parametrize(
    ("table", "line", "reason"),
    [
        ('chanels = ["a"]', 6, "unknown key; [tool.hutch.conda] has channels, channel-priority"),
        ('channels = "a"', 6, "should be an array of strings, not a string"),
        ('channels = ["a", 7]', 6, "should be a string, not a number"),
        ('channels = ["a", "a"]', 6, "a is there already"),
        ('channels = ["a b"]', 6, "should be a name such as conda-forge, an address or a folder"),
        ('channels = ["https://me:pw@channel.example/x"]', 6, "should have no password or token in it"),
        ('channels = ["https://channel.example/t/tk-1/x"]', 6, "should have no password or token in it"),
        ('channel-priority = "first"', 6, "should be one of strict, flexible, disabled"),
        ('platforms = ["linux"]', 6, "should be a platform such as linux-64, osx-arm64 or win-64"),
        ("platforms = []", 6, 'should be an array of platforms such as ["linux-64", "osx-arm64"]'),
        ('platforms = ["linux-64", "linux-64"]', 6, "linux-64 is there already; another of that platform"),
        ('platforms = [{ platform = "linux-64", cuda = "12" }]', 6, "unknown key; a platform has name"),
        ('dependencies = ["numpy ==="]', 6, "`numpy ===` names no package of conda"),
        ('dependencies = [\n  "numpy",\n  { a = 1 },\n]', 8, 'should be a MatchSpec such as "numpy >=2"'),
        ('dependencies = "numpy"', 6, "should be an array of MatchSpecs or a table, not a string"),
        (
            'dependencies = ["__cuda >=12"]',
            6,
            "should name a package; what a machine has is said by system-req",
        ),
        (
            'dependencies = ["https://u:p@channel.example/linux-64/a-1-0.conda"]',
            6,
            "should have no password or token in it",
        ),
        (
            'dependencies = ["https://channel.example/t/tk-1/c/linux-64/a-1-0.conda"]',
            6,
            "should have no password or token in it",
        ),
        (
            'dependencies = ["https://channel.example/t/tk-1/c::a"]',
            6,
            "should have no password or token in it",
        ),
        ("dependencies.numpy = 2", 6, 'should be a version such as ">=2", or a table, not a number'),
        ('dependencies.numpy = { versoin = "2" }', 6, "unknown key; a dependency has version, build"),
        ("dependencies.numpy = { version = 2 }", 6, "should be a string, not a number"),
        ("dependencies.numpy = { build = 'a\"b' }", 6, "should have no quotes in it"),
        (
            'target.bsd.dependencies = ["a"]',
            6,
            "should be linux, osx, win, unix or a platform such as linux-64",
        ),
        ('target.linux.channels = ["a"]', 6, "unknown key; a target has dependencies, constraints"),
        (
            'group.dev = ["a"]',
            6,
            "should be a table with dependencies, constraints, target, channels, platforms, system-req",
        ),
        ('group.dev.map = { a = "b" }', 6, "unknown key; a group has dependencies, constraints, target"),
        ('group.dev.channels = "a"', 6, "should be an array of strings, not a string"),
        ('group.dev.channels = ["https://u:p@h/c"]', 6, "should have no password or token in it"),
        ('group.dev.platforms = ["gpu"]', 6, "should be linux, osx, win, unix, or a platform of the project"),
        ('group.dev.system-requirements.gpu = "1"', 6, "unknown key; there are cuda, glibc, musl"),
        ('prefer = ["requests"]', 6, 'should be "pypi:NAME" or "conda:NAME", with the name on the index'),
        ('only = ["pypi:a", "conda:A"]', 6, "A is there already"),
        ("map = { a = true }", 6, "should be the name on the index, or false where it is none"),
        ('system-requirements = { gpu = "1" }', 6, "unknown key; there are cuda, glibc, musl"),
        (
            'system-requirements = { cuda = "twelve/1" }',
            6,
            "should be a version such as \"12\", not 'twelve/1'",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(table: str, line: int, reason: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(f"{HEAD}[tool.hutch.conda]\n{table}\n")
    (fault,) = caught.value.faults
    assert (fault.line, fault.reason[: len(reason)]) == (line, reason)


def test_what_a_group_asks_of_places_and_machines() -> None:
    found = read(
        HEAD
        + """\
[tool.hutch.conda]
platforms = ["linux-64", "osx-arm64", { name = "big", platform = "linux-64" }]
group.GPU = { channels = ["nvidia"], platforms = ["big", "win-64"], system-requirements.cuda = "12" }
extra.more.platforms = ["unix"]
group.plain.dependencies = ["a"]
"""
    )
    gpu, more = (
        CondaGroup(channels=("nvidia",), platforms=("big", "win-64"), requirements=(("__cuda", "12"),)),
        (CondaGroup(platforms=("unix",))),
    )
    assert found.groups == {"group:gpu": gpu, "extra:more": more}
    assert found.platforms is not None
    assert [[group.is_for(each) for each in found.platforms] for group in (gpu, more)] == [
        [False, False, True],
        [True, True, True],
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = f'{HEAD}[tool.hutch.conda]\nchannels = [1]\nplatforms = ["x"]\nprefer = ["a"]\nother = 1\n'
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text)
    assert [fault.line for fault in caught.value.faults] == [6, 7, 8, 9]
