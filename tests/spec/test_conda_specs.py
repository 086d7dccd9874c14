"""MatchSpecs (CEP 29): a table of forms, what each matches, and py-rattler as an oracle."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import CondaRecord, InvalidCondaSpec, parse_conda_spec, record_from_json
from oracles.conda import ask_rattler, needs_rattler, needs_records, unpack_records

FORMS: dict[str, tuple[str, str, str]] = {
    # text -> name, version, build
    "numpy": ("numpy", "", ""),
    "NumPy": ("numpy", "", ""),
    "numpy *": ("numpy", "*", ""),
    "numpy=1.26": ("numpy", "=1.26", ""),
    "numpy==1.26": ("numpy", "==1.26", ""),
    "numpy 1.26": ("numpy", "1.26", ""),
    "numpy 1.26.*": ("numpy", "1.26.*", ""),
    "numpy>=1,<2": ("numpy", ">=1,<2", ""),
    "numpy >= 1, < 2": ("numpy", ">=1,<2", ""),
    "numpy >=1,<2 py312*": ("numpy", ">=1,<2", "py312*"),
    "numpy=1.26.4=py311_0": ("numpy", "==1.26.4", "py311_0"),
    "numpy==1.26.4=py311_0": ("numpy", "==1.26.4", "py311_0"),
    "numpy=1.26.*=py311_0": ("numpy", "1.26.*", "py311_0"),
    "numpy 1.26.4 *_0": ("numpy", "1.26.4", "*_0"),
    "numpy[version='>=1.26', build=\"*_openblas\"]": ("numpy", ">=1.26", "*_openblas"),
    "numpy>1[build=py*]": ("numpy", ">1", "py*"),
    "_libgcc_mutex=0.1=conda_forge": ("_libgcc_mutex", "==0.1", "conda_forge"),
    "python 3.12.* *_cp312": ("python", "3.12.*", "*_cp312"),
    "numpy >=1.26 # why not": ("numpy", ">=1.26", ""),
}


@pytest.mark.parametrize("text", FORMS)
def test_the_forms(text: str) -> None:
    spec = parse_conda_spec(text)
    assert (spec.name, spec.version, spec.build) == FORMS[text]


def test_a_channel_and_a_subdir_before_the_name() -> None:
    spec = parse_conda_spec("conda-forge/linux-64::numpy=2")
    assert (spec.channel, spec.subdir, spec.name, spec.version) == ("conda-forge", "linux-64", "numpy", "=2")
    spec = parse_conda_spec(f"https://channel.example/deep/mine::numpy[md5={'AB' * 16}]")
    assert (spec.channel, spec.subdir, spec.md5) == ("https://channel.example/deep/mine", "", "ab" * 16)
    assert parse_conda_spec("defaults::numpy").channel == "defaults"


def test_an_address_is_a_spec_of_one_file() -> None:
    digest = "a" * 64
    spec = parse_conda_spec(f"https://channel.example/x/linux-64/foo-bar-1.0-h0_1.conda#sha256:{digest}")
    assert (spec.name, spec.version, spec.build, spec.sha256) == ("foo-bar", "==1.0", "h0_1", digest)
    assert parse_conda_spec("file:///c/noarch/a-1-0.tar.bz2#" + "b" * 32).md5 == "b" * 32


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "=1.0", ">=1", "::numpy", "numpy=1=2=3", "numpy 1 2 3", "numpy[version=", "numpy[foo=1]",
        "numpy[version='>=']", "num py >=1 x y", "numpy >=1..2", "http://channel.example/numpy", "-numpy",
        "numpy ^[ py", "numpy * ^(*$",
    ],
)  # fmt: skip
def test_what_is_no_spec(text: str) -> None:
    with pytest.raises(InvalidCondaSpec):
        parse_conda_spec(text)


RECORD = CondaRecord(
    name="numpy",
    version="1.26.4",
    build="py311h64a7726_0",
    build_number=3,
    subdir="linux-64",
    channel="https://channel.example/conda-forge",
    filename="numpy-1.26.4-py311h64a7726_0.conda",
    sha256="c" * 64,
    license="BSD-3-Clause",
    track_features=("blas_openblas",),
)


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("numpy", True),
        ("*", True),
        ("scipy", False),
        ("numpy=1.26", True),
        ("numpy 1.26", False),
        ("numpy * py311*", True),
        ("numpy * PY311*", True),
        ("numpy * py312*", False),
        ("numpy * ^py3.*_0$", True),
        ("numpy[build_number=3]", True),
        ("numpy[build_number='>3']", False),
        ("conda-forge::numpy", True),
        ("bioconda::numpy", False),
        ("https://channel.example/conda-forge::numpy", True),
        ("conda-forge/osx-64::numpy", False),
        ("numpy[subdir=linux-64]", True),
        ("numpy[license=BSD*]", True),
        ("numpy[license=MIT]", False),
        ("numpy[track_features=blas_openblas]", True),
        ("numpy[track_features=mkl]", False),
        (f"numpy[sha256={'c' * 64}]", True),
        (f"numpy[sha256={'d' * 64}]", False),
        ("numpy[fn=numpy-1.26.4-py311h64a7726_0.conda]", True),
        ("https://channel.example/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda", True),
        ("https://other.example/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda", False),
    ],
)
def test_what_is_meant(text: str, is_meant: bool) -> None:
    assert parse_conda_spec(text).matches(RECORD) is is_meant


@given(st.text(max_size=60))
def test_any_text_is_a_spec_or_refused(text: str) -> None:
    try:
        spec = parse_conda_spec(text)
    except InvalidCondaSpec:
        return
    assert spec.name
    spec.matches(RECORD)


_PLAIN = ["numpy", "numpy 1.11", "numpy=1.26", "numpy=1.26.4=py311h64a7726_0", "numpy==1.26.4",
    "numpy 1.26.*",
    "numpy >=1,<2 py312*", "numpy 1.26.4 *_0", "numpy=1.26.4=*_0", "numpy[version=1.26.4]", "numpy>1",
    'numpy[version=">=1.11",build="py311*"]', "numpy 1.26*", "numpy=1.26.*=py311h64a7726_0", "numpy=1.26.*",
    "numpy = 1.26", "numpy>=1.11=py311h64a7726_0", 'numpy[build_number=">=1"]', "NUMPY", "numpy *",
    "numpy * py311*", "numpy=1.26.4|=2.0", "numpy!=1.26.4", "numpy~=1.26.0",
    "numpy<2|>2.1", "numpy >=1.22,<1.27|2.1.*", "numpy =1.26 *_0", "numpy =1.26.4 *_0", "numpy ~=1",
    "numpy =1,<1.26.4.*", "numpy =2|=1.26", "numpy ~=2 py312*", "numpy =1.26 *"]  # fmt: skip


@needs_rattler
@needs_records
def test_every_real_spec_matches_what_it_matches_for_rattler(tmp_path) -> None:
    by_name: dict[str, list[dict[str, Any]]] = {}
    specs = set(_PLAIN)
    for path in sorted(unpack_records(tmp_path).glob("*/repodata.json")):
        data = json.loads(path.read_bytes())
        for key in ("packages", "packages.conda"):
            for record in data.get(key, {}).values():
                by_name.setdefault(record["name"], []).append(record)
                specs.update(record["depends"], record.get("constrains", ()))
    rnd = random.Random(2)
    cases: list[tuple[str, list[dict[str, Any]]]] = []
    for text in sorted(specs):
        records = by_name.get(parse_conda_spec(text).name, [])
        few = rnd.sample(records, min(25, len(records)))
        keys = ("name", "version", "build", "build_number", "subdir")
        cases.append((text, [{key: each[key] for key in keys} for each in few]))
    wrong = []
    asked = 0
    for (text, records), said in zip(cases, ask_rattler("matches", cases=cases), strict=True):
        spec = parse_conda_spec(text)
        made = [record_from_json(each) for each in records]
        ours = [spec.name, [each is not None and spec.matches(each) for each in made]]
        asked += len(made)
        if said != ours:
            wrong.append((text, records, ours, said))
    assert wrong == []
    assert asked > 50_000


def any_spec(rnd: random.Random) -> str:
    """A MatchSpec of any kind. ``==1.2.*`` is left out, which is 1.2 for others, and the family here."""
    versions = ("1", "1.0", "1.2", "1.2.3", "2.0", "2.0rc1", "3.12", "1!1.0", "2024", "1.2_1")
    builds = ("py312*", "*_0", "py31?h1_0", "0", "*openblas", "cuda*", "*", "^py3.*$", "py312h1_0", "PY312*")

    def one() -> str:
        operator = rnd.choice((">=", "<=", "<", ">", "==", "!=", "=", "~=", ""))
        family = rnd.choice((".*", "*")) if rnd.random() < 0.25 and operator in ("", "=", "!=", ">=") else ""
        return f"{operator}{rnd.choice(versions)}{family}"

    version = rnd.choice(",|").join(one() for _ in range(rnd.choice((1, 1, 1, 2, 3))))
    build = rnd.choice(builds)
    forms = (
        f"numpy{version}", f"numpy {version}", f"numpy {version} {build}", f"numpy={versions[1]}={build}",
        f'numpy[version="{version}",build="{build}"]',
        f'numpy[build_number="{rnd.choice((">=1", "1", "<2"))}"]',
        f"numpy {version}[build={build}]", f"numpy=*={build}", f"numpy {rnd.choice(('>=', '==', '<'))} 1.2",
    )  # fmt: skip
    return rnd.choice(forms)


@needs_rattler
def test_any_spec_matches_what_it_matches_for_rattler() -> None:
    rnd = random.Random(3)
    versions = ("1", "1.0", "1.2", "1.2.3", "1.20", "2.0", "2.0rc1", "2.0.post1", "1!1.0", "2024.1", "3.12.1")
    builds = (("py312h1_0", 0), ("py311h1_1", 1), ("0", 0), ("h_openblas", 3), ("cuda118_2", 2))
    records = [
        {"name": "numpy", "version": version, "build": build, "build_number": number, "subdir": "linux-64"}
        for version in versions
        for build, number in builds
    ]
    made = [record_from_json(each) for each in records]
    specs = sorted({any_spec(rnd) for _ in range(1500)})
    wrong = []
    for text, said in zip(
        specs, ask_rattler("matches", cases=[(text, records) for text in specs]), strict=True
    ):
        try:
            spec = parse_conda_spec(text)
        except InvalidCondaSpec:
            ours = None
        else:
            ours = [spec.name, [each is not None and spec.matches(each) for each in made]]
        if said != ours:
            wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["numpy[build_number=a]", "numpy[md5=abc]", "numpy[sha256=" + "g" * 64 + "]", "numpy[md5=]"]
)
def test_what_no_record_could_be(text: str) -> None:
    with pytest.raises(InvalidCondaSpec):
        parse_conda_spec(text)
