"""Repodata that is wrong, and repodata that means harm: an answer in few words, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conda.serving import serve
from hutch.store import zstd

GOOD: dict[str, Any] = {
    "name": "good", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "size": 1,
    "sha256": "a" * 64, "timestamp": 1_700_000_000_000, "subdir": "noarch", "noarch": "generic",
}  # fmt: skip


def whole(packages: object = None, **more: object) -> str:
    found = {"good-1.0-0.conda": GOOD} if packages is None else packages
    return json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": found, **more})


def one(**changed: object) -> str:
    return whole({"good-1.0-0.conda": {**GOOD, **changed}})


def raw(key: str, value: str) -> str:
    """A value that `json.dumps` does not write."""
    return one(X="@").replace('"X": "@"', f'"{key}": {value}')


# What is read of it: the record all the same, none, or that it is no repodata.
CASES: dict[str, tuple[str, str]] = {
    "wrong types": ('{"packages": [], "packages.conda": "x"}', "none"),
    "a list": ("[]", "no repodata"),
    "null": ("null", "no repodata"),
    "nothing": ("", "no repodata"),
    "a page": ("<!doctype html>\n<html>log in</html>", "no repodata"),
    "zeros": ("\0" * 100, "no repodata"),
    "deep lists": ("[" * 100_000, "no repodata"),
    "deep objects": ('{"packages":' + '{"a":' * 100_000, "no repodata"),
    "deep in a record": (one(x=0).replace('"x": 0', '"x": ' + "[" * 900 + "]" * 900), "record"),
    "cut": (whole()[:-20], "no repodata"),
    "of another platform": (whole().replace('{"subdir": "noarch"}', '{"subdir": "osx-64"}'), "no repodata"),
    "a record of another": (one(subdir="win-64"), "none"),
    "records are lists": (whole({"good-1.0-0.conda": [1, 2]}), "none"),
    "removed is nonsense": (whole(removed=[[1], {}, None, "x"]), "record"),
    "removed is no list": (whole(removed="good-1.0-0.conda"), "record"),
    "removed": (whole(removed=["good-1.0-0.conda"]), "none"),
    "info is a list": ('{"info":[],"packages":{},"packages.conda":{}}', "none"),
    "a key twice": (raw("name", '"evil"'), "none"),
    "NaN": (raw("build_number", "NaN"), "record"),
    "infinity": (raw("build_number", "Infinity"), "record"),
    "beyond a float": (raw("timestamp", "1e999"), "record"),
    "400 digits": (raw("size", "9" * 400), "record"),
    "4200 digits": (raw("timestamp", "9" * 4200), "record"),
    "5000 digits": (raw("size", "9" * 5000), "no repodata"),
    "less than nothing": (one(size=-5, build_number=-1, timestamp=-1), "record"),
    "name up": (one(name="../../good"), "none"),
    "name of dots": (one(name=".."), "none"),
    "name from the root": (one(name="/etc/good"), "none"),
    "name with a line end": (one(name="good\nevil"), "none"),
    "name of another script": (one(name="g\u043e\u043ed"), "none"),
    "name that turns round": (one(name="go\u202eod"), "none"),
    "name without an end": (one(name="g" * 1_000_000), "none"),
    "version up": (one(version="1/../.."), "none"),
    "version that is none": (one(version="not a version"), "none"),
    "version without an end": (one(version="1." * 100_000 + "1"), "none"),
    "version of many digits": (one(version="9" * 5000), "none"),
    "build up": (one(build="0/../../x"), "none"),
    "build for a terminal": (one(build="0\x1b[31m"), "none"),
    "build without an end": (one(build="b" * 100_000), "none"),
    "half a character": (one(license="\ud800", track_features=["\ud800"]), "record"),
    "license for a terminal": (one(license="\x1b[31mred\x07"), "record"),
    "hash that leads out": (one(sha256="../" * 21 + "a"), "record"),
    "hash that is a number": (one(sha256=5, md5=["x"]), "record"),
    "file with a zero": (whole({"good\0-1.0-0.conda": GOOD}), "record"),
    "file up": (whole({"../good-1.0-0.conda": GOOD}), "none"),
    "file of no form": (whole({"good-1.0-0.exe": GOOD}), "none"),
    "dependencies of all types": (one(depends=[1, None, {}, [], ""]), "record"),
    "dependencies are a table": (one(depends={"a": 1}), "record"),
    "features are numbers": (one(track_features=[1, 2]), "record"),
    "purls of all types": (one(purls=["pkg:pypi/../x", 5, "pkg:pypi/a%00b", "\ud800"]), "record"),
    "noarch is a number": (one(noarch=5), "record"),
    "site-packages up": (one(python_site_packages_path="../../x"), "record"),
    "a key of another address": (one(url="http://evil.example/x", channel="http://evil.example"), "record"),
    "newer than all": (whole(repodata_version=99), "record"),
}  # fmt: skip


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return project({}, COLUMNS="80", CONDA_PREFIX=None)


def proper(ran: Any) -> Any:
    """It ended in one of hutch's ways, said little, and nothing that acts on a terminal; its JSON."""
    said = ran.stdout + ran.stderr
    assert ran.exit_code in (0, 1, 2, 3), said[-3000:]
    assert "Traceback" not in said
    assert not {"\x1b", "\x07", "\u202e"}.intersection(said)
    assert len(ran.stderr) < 1500, ran.stderr[:1500]
    return json.loads(ran.stdout)


@pytest.mark.parametrize("case", CASES)
def test_whatever_a_folder_says(case: str, demo: Any) -> None:
    text, read = CASES[case]
    (demo / "chan/noarch").mkdir(parents=True)
    (demo / "chan/noarch/repodata.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    check(demo, "./chan", read)


@pytest.mark.parametrize("form", ["repodata.json", "repodata.json.zst"])
@pytest.mark.parametrize(
    "case", ["a page", "cut", "deep lists", "infinity", "removed is nonsense", "name up"]
)
def test_whatever_a_server_says(case: str, form: str, demo: Any, tmp_path: Path) -> None:
    text, read = CASES[case]
    data = text.encode()
    with serve(tmp_path) as served:
        served.faults = {
            f"noarch/{form}": zstd().compress(data) if form.endswith("zst") else data,
            "": 404,
        }
        check(demo, served.url, read)


def check(demo: Any, channel: str, read: str) -> None:
    words = f"-c {channel} --override-channels --json"
    found = demo.run(f"conda search good {words}")
    said = proper(found)
    again = demo.run(f"conda search good {words}")  # of what was kept
    assert (again.exit_code, again.stdout) == (found.exit_code, found.stdout)
    made = demo.run(f"conda create -n x good --dry-run {words}")
    planned = proper(made)
    if read == "record":
        assert found.exit_code == made.exit_code == 0, found.stderr + made.stderr
        assert [each["name"] for each in said["good"]] == ["good"]
        assert [step["name"] for step in planned["steps"]] == ["good"]
        sha256 = said["good"][0]["sha256"]
        assert sha256 in ("", "a" * 64)
    else:
        codes = {each["code"] for each in (*said["problems"], *planned["problems"])}
        assert codes == {"invalid-repodata" if read == "no repodata" else "no-such-conda-package"}
    demo.run(f"conda search '*' -c {channel} --override-channels --info --json")
    assert demo.tree() == [each for each in demo.tree() if each.startswith("chan/")]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("!!!", "has a dependency that cannot be read"),
        ("a " + "(" * 50_000, "has a dependency that cannot be read"),
        ("a " + ">=1," * 200_000 + "<2", "has a dependency that cannot be read"),
        ("a * ^(x+)+$", "has a dependency that cannot be read"),
        ("a\x1b[31m >=1", "has a dependency that cannot be read"),
        ("\ud800", "has a dependency that cannot be read"),
        ("../../a", "has a dependency that cannot be read"),
        ("good >=2", "needs good >=2"),
        ("__nothing", "__nothing"),
    ],
)
def test_dependencies_that_cannot_be(spec: str, said: str, demo: Any) -> None:
    (demo / "chan/noarch").mkdir(parents=True)
    (demo / "chan/noarch/repodata.json").write_text(one(depends=[spec]))
    ran = demo.run("conda create -n x good --dry-run -c ./chan --override-channels --json")
    problem = proper(ran)["problems"][0]
    assert ran.exit_code == 1
    assert said in " ".join(problem["why"]), problem
