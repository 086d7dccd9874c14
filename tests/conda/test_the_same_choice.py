"""Where only conda is involved, hutch chooses what rattler's solver chooses: build for build.

On the real records of HUTCH_SHARED (all platforms in one solve), and on small made-up channels.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conda.solving import Folders, choose, differences, virtual_of
from hutch.spec import CondaRecord, compare_conda_versions, parse_conda_spec, parse_conda_version
from oracles.conda import ask_rattler, needs_rattler, needs_records, unpack_records

pytestmark = needs_rattler

REQUESTS: dict[str, tuple[list[str], list[str]]] = {
    "science": (
        ["linux-64", "linux-aarch64"],
        ["python=3.11", "numpy", "pandas", "scikit-learn", "pytorch"],
    ),
    # Nobody locked a pytorch for these.
    "science-mac": (["osx-arm64"], ["python=3.11", "numpy", "pandas", "scikit-learn", "pytorch"]),
    "science-win": (["win-64"], ["python=3.11", "numpy", "pandas", "scikit-learn", "pytorch"]),
    "desk": (
        ["linux-64", "osx-64", "osx-arm64"],
        ["python=3.12", "jupyterlab", "matplotlib", "scipy", "xarray", "dask"],
    ),
    "four": (["linux-64", "osx-64", "osx-arm64", "win-64"], ["python=3.12", "numpy", "pandas"]),
    "windows": (["win-64"], ["python=3.11", "numpy", "pandas", "scikit-learn"]),
    "arm": (["linux-aarch64"], ["python", "numpy"]),
    "old": (["linux-64", "osx-64", "linux-aarch64"], ["python=3.9", "numpy<2", "scipy"]),
    "free": (["linux-64", "osx-arm64"], ["python", "pip", "requests", "pyyaml"]),
    "build": (["linux-64"], ["numpy * py312*", "scipy>=1.11"]),
    "blas": (["linux-64"], ["python=3.12", "numpy", "libblas=*=*openblas"]),
    "bounds": (
        ["linux-64", "osx-64", "osx-arm64", "win-64"],
        ["python>=3.10,<3.13", "pandas<2.3", "numpy>=1.26"],
    ),
    "none": (["linux-64"], ["python=3.11", "numpy=99"]),
    "cross": (["linux-64"], ["python=3.9", "numpy>=2.3"]),
    "missing": (["linux-64"], ["there-is-no-such-package"]),
    "tools": (["linux-64", "win-64"], ["python=3.12", "sqlalchemy", "click", "rich"]),
}


UNSOLVABLE = frozenset(("none", "cross", "missing", "science-mac", "science-win"))
COUNTS = {
    "science": {"linux-64": 71, "linux-aarch64": 61},
    "desk": {"linux-64": 320, "osx-64": 257, "osx-arm64": 257},
}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_records(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def folders(real: Path) -> Folders:
    return Folders([real])


def compare(
    channels: Folders,
    subdirs: Sequence[str],
    specs: Sequence[str],
    virtual: Mapping[str, list[tuple[str, str, str]]] | None = None,
    locked: Sequence[tuple[str, str, str]] = (),
    **how: Any,
) -> dict[str, dict[str, list[str]]] | None:
    """One solve of hutch for all platforms beside one of rattler for each."""
    theirs = {
        subdir: ask_rattler(
            "solve",
            channels=channels.folders,
            subdir=subdir,
            specs=list(specs),
            virtual=(virtual or {}).get(subdir, virtual_of(subdir)),
            locked=[list(each) for each in locked],
            strategy="lowest" if how.get("lowest") else "highest",
            **{key: value for key, value in how.items() if key != "lowest"},
        )
        for subdir in subdirs
    }
    ours = choose(channels, subdirs, specs, virtual=virtual, locked=locked, **how)
    if any("unsatisfiable" in said for said in theirs.values()):
        assert ours is None, theirs
        return None
    assert ours is not None, theirs
    assert {subdir: differences(ours[subdir], said) for subdir, said in theirs.items()} == {
        subdir: [] for subdir in subdirs
    }
    return ours


@needs_records
@pytest.mark.parametrize("name", REQUESTS)
def test_the_real_records(name: str, folders: Folders) -> None:
    subdirs, specs = REQUESTS[name]
    found = compare(folders, subdirs, specs)
    assert (found is None) == (name in UNSOLVABLE)
    if name in COUNTS:
        assert {subdir: len(chosen) for subdir, chosen in (found or {}).items()} == COUNTS[name]


@needs_records
def test_where_the_two_trade_otherwise(folders: Folders) -> None:
    """A newer libblas or a newer libgfortran: both are solutions, and only these packages hang on it."""
    specs = ["python=3.9", "numpy<2", "scipy"]
    said = ask_rattler(
        "solve", channels=folders.folders, subdir="osx-arm64", specs=specs, virtual=virtual_of("osx-arm64")
    )
    ours = choose(folders, ["osx-arm64"], specs)
    assert ours is not None
    chosen = ours["osx-arm64"]
    assert {line.partition(":")[0] for line in differences(chosen, said)} == {
        *("_openmp_mutex", "libblas", "libcblas", "libgcc", "libgfortran", "libgfortran5", "liblapack"),
        "libopenblas",
    }
    newer = parse_conda_version(chosen["libopenblas"][0])
    assert compare_conda_versions(newer, parse_conda_version(said["chosen"]["libopenblas"][0])) > 0


EARLIER = {"old": "numpy<1.26", "four": "numpy<2.3", "desk": "scipy<1.16"}


@needs_records
@pytest.mark.parametrize("name", ["old", "four", "desk"])
def test_what_was_chosen_before_stays(name: str, folders: Folders) -> None:
    """A lock: an older choice is kept as far as a new request admits it."""
    subdirs, specs = REQUESTS[name]
    before = choose(folders, subdirs, [*specs, EARLIER[name]])
    assert before is not None
    locked = sorted({(n, v, b) for chosen in before.values() for n, (v, b, _, _) in chosen.items()})
    for subdir in subdirs:
        mine = [(n, v, b) for n, (v, b, _, _) in before[subdir].items()]
        assert compare(folders, [subdir], specs, locked=mine) == {subdir: before[subdir]}
    again = choose(folders, subdirs, specs, locked=locked)
    assert again == before


@needs_records
@pytest.mark.parametrize("cutoff", [1_700_000_000_000, 1_740_000_000_000, 1_760_000_000_000])
def test_a_date(cutoff: int, folders: Folders) -> None:
    compare(folders, ["linux-64"], ["python=3.11", "numpy", "pandas"], exclude_newer=cutoff)


@needs_records
def test_the_lowest_versions(folders: Folders) -> None:
    compare(folders, ["linux-64"], ["python=3.11", "numpy>=1.24"], lowest=True)


# -- made-up channels ------------------------------------------------------------------------------


def make(folder: Path, rows: Sequence[str]) -> Path:
    """A channel of rows ``NAME VERSION BUILD | DEPENDS | …``; ``key=value`` behind the build for the rest."""
    tables: dict[str, dict[str, Any]] = {"linux-64": {}, "noarch": {}}
    for row in rows:
        head, *parts = row.split("|")
        name, version, build, *said = head.split()
        more = dict(pair.split("=", 1) for pair in said)
        number = build.rpartition("_")[2]
        subdir = more.pop("subdir", "linux-64")
        record: dict[str, Any] = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": int(number) if number.isdigit() else 0,
            "subdir": subdir,
            "depends": [part.strip() for part in parts if not part.startswith("!")],
            "constrains": [part[1:].strip() for part in parts if part.startswith("!")],
            "sha256": "0" * 64,
            "size": 1,
        }
        if "timestamp" in more:
            record["timestamp"] = int(more["timestamp"])
        if "track_features" in more:
            record["track_features"] = more["track_features"]
        tables[subdir][f"{name}-{version}-{build}.conda"] = record
    for subdir, packages in tables.items():
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        data = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
        (folder / subdir / "repodata.json").write_text(json.dumps(data))
    return folder


FIRST = ["a 1 h_0", "a 2 h_0 | b", "b 1 h_0", "c 1 h_0 | a >=2", "only 1 h_0"]
SECOND = ["a 3 h_0", "b 2 h_0", "b 1 h_7", "c 2 h_0 | a >=3", "d 1 h_0 subdir=noarch | c"]


@pytest.mark.parametrize("priority", ["strict", "flexible", "disabled"])
@pytest.mark.parametrize(
    "specs",
    [["a"], ["a", "b"], ["c"], ["d"], ["a=3"], ["b=2"], ["d", "only"], ["a>=3"], ["c=2", "a"]],
    ids=",".join,
)  # fmt: skip
def test_two_channels(priority: str, specs: list[str], tmp_path: Path) -> None:
    channels = Folders([make(tmp_path / "first", FIRST), make(tmp_path / "second", SECOND)])
    compare(channels, ["linux-64"], specs, priority=priority)


@pytest.mark.parametrize("priority", ["strict", "flexible", "disabled"])
def test_a_request_that_names_the_channel(priority: str, tmp_path: Path) -> None:
    channels = Folders([make(tmp_path / "first", FIRST), make(tmp_path / "second", SECOND)])
    found = choose(channels, ["linux-64"], ["second::a"], priority=priority)
    assert found is not None
    assert found["linux-64"]["a"][0] == "3"


def test_strict_is_by_platform(tmp_path: Path) -> None:
    """A channel that has a name for one platform alone leaves the others to the next."""
    channels = Folders(
        [make(tmp_path / "first", FIRST), make(tmp_path / "second", ["a 9 h_0 subdir=noarch"])]
    )
    found = choose(channels, ["linux-64", "win-64"], ["a"])
    assert found is not None
    assert (found["linux-64"]["a"][0], found["win-64"]["a"][0]) == ("2", "9")


@pytest.mark.parametrize(
    ("rows", "specs"),
    [
        (["a 1 h_0", "a 2 h_0 track_features=slow"], ["a"]),
        (["a 1 h_0", "a 1 h_1", "a 1.0 h_0"], ["a"]),
        (["a 1 x_0 | p <3", "a 1 y_0 | p <4", "p 2 h_0", "p 3 h_0"], ["a"]),
        (["a 1 x_0 timestamp=1700000000000", "a 1 y_0 timestamp=1600000000000"], ["a"]),
        (["a 1 cpu_0", "a 1 cuda_0 | __cuda", "__unused 1 0"], ["a"]),
        (["a 1 h_0 |!b <2", "b 1 h_0", "b 2 h_0"], ["a", "b"]),
        (["a 1 h_0 |!b <2", "b 2 h_0"], ["a"]),
        (["a 1 h_0 | b | c", "b 1 h_0 | d <2", "c 1 h_0 | d >=2", "c 0 h_0", "d 1 h_0", "d 2 h_0"], ["a"]),
        (["a 1 h_0 | b=*=mkl*", "b 1 mkl_0", "b 2 other_0"], ["a"]),
        (["a 1 h_0 | __glibc >=2.99", "a 0.9 h_0 | __glibc >=2.17"], ["a"]),
        (["a 1.0rc1 h_0", "a 0.9 h_0"], ["a"]),
        (["a 2024.1 h_0", "a 1!1 h_0"], ["a"]),
        (["a 1 h_0 | m", "m 1 v1_0 | x", "m 1 v2_0 | y", "x 1 h_0", "y 1 h_0"], ["a", "y"]),
    ],
)  # fmt: skip
def test_small_ones(rows: list[str], specs: list[str], tmp_path: Path) -> None:
    compare(Folders([make(tmp_path / "c", rows)]), ["linux-64"], specs)


@pytest.mark.parametrize("version", ["11", "12", "13", None])
def test_what_a_machine_has_is_constrained_as_well(version: str | None, tmp_path: Path) -> None:
    """Nobody needs ``__cuda`` here, and yet it is there: with an older one nobody can have the newer."""
    rows = ["a 1 h_0 | v 11", "a 2 h_0 | v 12", "a 3 h_0 | v 13"]
    rows += [f"v {each} h_0 |!__cuda >={each}" for each in (11, 12, 13)]
    virtual = [*virtual_of("linux-64"), *([("__cuda", version, "0")] if version else [])]
    channels = Folders([make(tmp_path / "c", rows)])
    found = compare(channels, ["linux-64"], ["a"], virtual={"linux-64": virtual})
    assert found is not None
    assert found["linux-64"]["a"][0] == {"11": "1", "12": "2", "13": "3", None: "3"}[version]
    assert (compare(channels, ["linux-64"], ["a>=3"], virtual={"linux-64": virtual}) is None) == (
        version in ("11", "12")
    )


def test_what_is_asked_for_is_worth_more_than_a_python_that_is_not(tmp_path: Path) -> None:
    rows = ["python 3.13 h_0", "python 3.14 h_0", "a 1 h_0 | python 3.14", "a 2 h_0 | python 3.13"]
    channels = Folders([make(tmp_path / "c", rows)])
    found = compare(channels, ["linux-64"], ["a"])
    assert found is not None
    assert found["linux-64"]["a"][0] == "2"
    found = choose(channels, ["linux-64"], ["a", "python"])
    assert found is not None
    assert found["linux-64"]["python"][0] == "3.14"  # where both are asked for, the newest Python


@pytest.mark.parametrize("version", ["11.8", "12.4", None])
def test_cuda_decides_between_variants(version: str | None, tmp_path: Path) -> None:
    rows = ["t 2 cpu_0", "t 2 cuda118_1 | __cuda >=11.8,<12", "t 2 cuda12_2 | __cuda >=12"]
    virtual = [*virtual_of("linux-64"), *([("__cuda", version, "0")] if version else [])]
    found = compare(Folders([make(tmp_path / "c", rows)]), ["linux-64"], ["t"], virtual={"linux-64": virtual})
    assert found is not None
    assert found["linux-64"]["t"][1] == {"11.8": "cuda118_1", "12.4": "cuda12_2", None: "cpu_0"}[version]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_made_up_channels(seed: int, tmp_path: Path) -> None:
    """Solvable for one, solvable for the other; what is chosen for the request itself is the same."""
    rnd = random.Random(seed)
    names = "abcdefg"
    rows = []
    for at, name in enumerate(names):
        for version in range(1, rnd.randint(2, 5)):
            for build in range(rnd.randint(1, 2)):
                depends = []
                for other in rnd.sample(names[at + 1 :], min(len(names) - at - 1, rnd.randint(0, 2))):
                    mark = rnd.choice(["", "!", ""])
                    depends.append(f"{mark}{other} {rnd.choice(['>=', '<', '<=', '!='])}{rnd.randint(1, 4)}")
                rows.append(" |".join([f"{name} {version} h_{build}", *depends]))
    channels = Folders([make(tmp_path / "c", rows)])
    specs = ["a", rnd.choice("bcd")]
    theirs = ask_rattler(
        "solve", channels=channels.folders, subdir="linux-64", specs=specs, virtual=virtual_of("linux-64")
    )
    ours = choose(channels, ["linux-64"], specs)
    assert (ours is None) == ("unsatisfiable" in theirs)
    if ours is not None:
        for name in ("a",):
            assert ours["linux-64"][name][:2] == theirs["chosen"][name][:2]


@needs_records
@pytest.mark.parametrize("priority", ["strict", "flexible", "disabled"])
@pytest.mark.parametrize(
    ("first", "subdir", "specs"),
    [
        ("pytorch", "linux-64", ["pytorch", "python=3.11"]),
        ("pytorch", "win-64", ["python=3.11", "numpy"]),
        ("robostack-staging", "osx-arm64", ["python=3.11", "numpy", "pandas"]),
        ("robostack-staging", "linux-64", ["python=3.11", "scipy"]),
    ],
)
def test_real_channels_before_another(
    priority: str, first: str, subdir: str, specs: list[str], real: Path, tmp_path: Path
) -> None:
    channels = Folders([unpack_records(tmp_path, first), real])
    compare(channels, [subdir], specs, priority=priority)
    back = Folders([real, tmp_path / first])
    compare(back, [subdir], specs, priority=priority)


# -- any request -------------------------------------------------------------------------------------

CUDA = ("11.8", "12.4", "12.9")
PYTHONS = ("python=3.10", "python=3.11", "python=3.12", "python>=3.9,<3.12", "python")


def any_request(seed: int, folders: Folders) -> dict[str, Any]:
    """One to four names of the channel for a platform, with bounds, builds and machines of all kinds."""
    rnd = random.Random(seed)
    subdir = rnd.choice(("linux-64", "osx-64", "osx-arm64", "win-64"))
    here: dict[str, list[CondaRecord]] = {}
    for name, by_channel in folders.by_name.items():
        records = [each for records in by_channel.values() for each in records]
        here[name] = [each for each in records if each.subdir in (subdir, "noarch")]
    specs = []
    for name in rnd.sample(sorted(name for name, records in here.items() if records), rnd.randint(1, 4)):
        record = rnd.choice(here[name])
        version, build = record.version, record.build
        family = ".".join(version.split(".")[:2])
        forms = (
            f"{name}={family}", f"{name}>={version}", f"{name}<{version}", f"{name}=={version}",
            f"{name}={version}={build}", f"{name}=*=*{build[-2:]}", f"{name}!={version}",
            f"{name} >={version},<{version}.9999", f"{name}[build_number=0]", f'{name}[version="{family}.*"]',
            f"{name}~={family}" if family.count(".") else name, f"{name} {family}.*|{version}",
        )  # fmt: skip
        specs.append(rnd.choice(forms) if rnd.random() < 0.6 else name)
    if rnd.random() < 0.5:
        specs.append(rnd.choice(PYTHONS))
    virtual = list(virtual_of(subdir))
    if rnd.random() < 0.3:
        virtual.append(("__cuda", rnd.choice(CUDA), "0"))
    return {"subdir": subdir, "specs": specs, "virtual": virtual}


@needs_records
@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_any_request_on_the_real_records(block: int, folders: Folders) -> None:
    """A request has a solution for one if it has one for the other; nearly always it is the same.

    Where two solutions trade (an older one of this for a newer one of that) the two may choose otherwise: in
    one of fifteen requests, and then about what nobody has named.
    """
    questions = [any_request(seed, folders) for seed in range(block * 100, block * 100 + 100)]
    answers = ask_rattler("solves", channels=folders.folders, questions=questions)
    solved, traded, named = 0, [], []
    for question, said in zip(questions, answers, strict=True):
        subdir, specs = question["subdir"], question["specs"]
        found = choose(folders, [subdir], specs, virtual={subdir: question["virtual"]})
        assert (found is None) == ("unsatisfiable" in said), (question, said)
        if found is None:
            continue
        solved += 1
        different = {line.partition(":")[0] for line in differences(found[subdir], said)}
        if different:
            traded.append(specs)
            names = {parse_conda_spec(spec).name for spec in specs}
            if any(found[subdir][name][0] != said["chosen"][name][0] for name in names & different):
                named.append((specs, names & different))
    assert solved > 40
    assert len(traded) * 8 <= solved, traded
    assert len(named) <= 1, named
