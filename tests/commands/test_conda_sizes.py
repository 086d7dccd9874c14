"""``hutch conda list --size``: what each package has, of either kind, as it lies there."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import alone, conda, make_demo, python
from conda.mixing import wheel_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")


@pytest.fixture
def demo(project, tmp_path):
    packages = [
        python(),
        alone("big", files={"share/big": "x" * 5_000_000}),
        alone("a-name-that-is-longer-than-its-column", "2026.11.21.1", files={"share/long": "x" * 700}),
        alone("meta", files={}),
    ]
    made = make_demo(
        project, packages, HUTCH_FIND_LINKS=os.fspath(wheel_folder(tmp_path)), HUTCH_NO_INDEX="1"
    )
    names = "--conda python=3.12 --conda big --conda meta --conda a-name-that-is-longer-than-its-column"
    made.run(f"env create sci --channel ./chan --override-channels {names} extra").ok()
    return made


def lies_there(root, names):
    return sum((root / name).stat().st_size for name in names)


def test_bytes_are_those_of_the_files(demo):
    rows = {each["name"]: each for each in json.loads(conda(demo, "list -n sci --size --json").stdout)}
    meta = {path.name.rsplit("-", 2)[0]: path for path in (demo.root / "conda-meta").glob("*.json")}
    record = meta["big"].stat().st_size
    assert rows["big"]["size"] == 5_000_000 + record
    assert rows["meta"]["size"] == meta["meta"].stat().st_size  # what has no files has a record
    site = demo.root / "lib/python3.12/site-packages"
    listed = next(site.glob("extra-*.dist-info/RECORD")).read_text().split()
    assert rows["extra"]["size"] == lies_there(site, [line.partition(",")[0] for line in listed])
    # As it is now, not as it came.
    (demo.root / "share/big").unlink()
    rows = {each["name"]: each for each in json.loads(conda(demo, "list -n sci big --size --json").stdout)}
    assert rows["big"]["size"] == record
    assert "size" not in json.loads(conda(demo, "list -n sci big --json").stdout)[0]


def test_columns_stand_below_each_other(demo):
    ran = conda(demo, "list -n sci --size")
    assert ran.stderr == ""
    lines = ran.stdout.replace("<project>", str(demo.path)).splitlines()
    head = lines[2]
    assert head.split() == ["#", "Name", "Version", "Build", "Channel", "Size"]
    body = lines[3:-2]
    assert [line.split()[0] for line in body] == sorted(line.split()[0] for line in body)
    for word, place in (("Version", 1), ("Build", 2), ("Channel", 3)):
        assert {line.index(f" {line.split()[place]} ") for line in body} == {head.index(word) - 1}, word
    assert {len(line) for line in (head, *body)} == {len(head)}
    big = next(line for line in body if line.startswith("big "))
    assert big.endswith("4.8 MiB")
    assert lines[-2:] == ["#", "# 5 packages: 4.8 MiB"]
    assert conda(demo, "list -n sci --size --no-pip 'big|meta'").stdout.endswith("# 2 packages: 4.8 MiB\n")


@pytest.mark.parametrize("other", ["--explicit", "--export", "--canonical", "--revisions"])
def test_it_is_a_column_of_the_table_alone(demo, other):
    ran = conda(demo, f"list -n sci --size {other}", 2)
    assert (ran.stdout, "--size" in ran.stderr) == ("", True)
