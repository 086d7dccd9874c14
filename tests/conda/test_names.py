"""Which conda package is which distribution: a table, what the user says, and what real records say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from hutch.conda.names import NameMap
from hutch.spec import CondaRecord, record_from_json
from hutch.values import replace
from oracles.conda import needs_records, unpack_records

PYTHON = ("python >=3.9",)


def channel(*names: str, **more: tuple[str, ...]) -> dict[str, list[CondaRecord]]:
    """Packages for Python, and by keyword those that say their purls."""
    found = {name: [CondaRecord(name=name, version="1", build="0", depends=PYTHON)] for name in names}
    for name, purls in more.items():
        found[name] = [CondaRecord(name=name, version="1", build="0", depends=PYTHON, purls=purls)]
    return found


def names_of(records: dict[str, list[CondaRecord]], user: dict[str, str] | None = None) -> NameMap:
    def records_of(name: str) -> Sequence[CondaRecord]:
        return records.get(name, ())

    return NameMap(records_of, user=user)


@pytest.mark.parametrize(
    ("conda", "index"),
    [
        ("numpy", "numpy"),
        ("pytorch", "torch"),
        ("matplotlib-base", "matplotlib"),
        ("typing_extensions", "typing-extensions"),
        ("python-build", "build"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("importlib_metadata", "importlib-metadata"),
        ("msgpack-python", "msgpack"),
    ],
)
def test_both_ways(conda: str, index: str) -> None:
    names = names_of(channel(conda))
    assert names.distribution(conda) == index
    assert names.package(index) == conda


@pytest.mark.parametrize(
    "name", ["pandoc", "graphviz", "python", "matplotlib", "tzdata", "python_abi", "ninja"]
)
def test_what_is_another_thing_on_the_index(name: str) -> None:
    names = names_of(channel(name))
    assert names.distribution(name) is None
    assert names.package(name) is None


def test_what_is_not_for_python_is_of_conda_alone() -> None:
    records = {"libfoo": [CondaRecord(name="libfoo", version="1", build="0", depends=("libgcc",))]}
    assert names_of(records).distribution("libfoo") is None


def test_the_user_says_it_first() -> None:
    records = channel("corp-requests", "tables", numpy=("pkg:pypi/numpy@1",))
    names = names_of(records, {"corp-requests": "Requests", "tables": "", "numpy": "numpy-corp"})
    assert names.distribution("corp-requests") == "requests"
    assert names.package("requests") == "corp-requests"
    assert names.distribution("tables") is None
    assert names.distribution("numpy") == "numpy-corp"


def test_what_a_record_says_of_itself() -> None:
    records = channel(weird=("pkg:conda/x", "pkg:pypi/Usual.Name@1?source=x"), none=())
    names = names_of(records)
    assert names.distribution("none") is None
    assert names.distribution("weird") == "usual-name"
    assert names.package("usual-name") == "weird"  # learned, as it has been read
    assert names_of(records).package("usual-name") is None


@needs_records
def test_the_rule_agrees_with_the_purls_of_real_records(tmp_path: Path) -> None:
    records: dict[str, list[CondaRecord]] = {}
    folder = unpack_records(tmp_path)
    for subdir in ("linux-64", "noarch"):
        data = json.loads((folder / subdir / "repodata.json").read_bytes())
        for key in ("packages.conda", "packages"):
            for filename, said in data.get(key, {}).items():
                record = record_from_json(said, filename, subdir=subdir)
                assert record is not None
                records.setdefault(record.name, []).append(record)
    silent = {name: [replace(each, purls=None) for each in found] for name, found in records.items()}
    by_purls, by_rule = names_of(records), names_of(silent)
    speaking = [name for name, found in records.items() if any(each.purls is not None for each in found)]
    differing = {
        name: (by_purls.distribution(name), by_rule.distribution(name))
        for name in speaking
        if by_purls.distribution(name) != by_rule.distribution(name)
    }
    assert len(speaking) > 900
    # Where the two differ, it is the record that says something odd.
    assert differing == {
        "libsodium": ("libsodium", None),
        "zeromq": ("zeromq", None),
        "rerun-sdk": ("rerun-notebook", "rerun-sdk"),
    }
