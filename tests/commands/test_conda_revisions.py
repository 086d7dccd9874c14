"""``hutch conda list --revisions`` and ``install --revision``, with real packages in a folder."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import conda
from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"


def package(name, version, *depends):
    return CondaPackage(name, version, depends=list(depends), files={f"share/{name}": version})


@pytest.fixture
def demo(project, tmp_path):
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(
        found.path / "chan",
        [package("foo", "1.0"), package("foo", "2.0"), package("bar", "1"), package("top", "1", "bar")],
    )
    found.root = tmp_path / "data" / "envs" / "sci"
    return found


def listed(demo):
    return {row["name"]: row["version"] for row in json.loads(conda(demo, "list -n sci --json").stdout)}


def test_there_and_back(demo):
    conda(demo, f"create -n sci {C} foo=1")
    conda(demo, "install -n sci foo=2 top")
    conda(demo, "remove -n sci top")
    rows = json.loads(conda(demo, "list -n sci --revisions --json").stdout)
    history = json.loads(demo.run("env history -n sci --json").stdout)["generations"]
    assert [row["rev"] for row in rows] == [each["number"] for each in history] == [1, 2, 3]
    assert [row["current"] for row in rows] == [False, False, True]
    assert rows[0]["install"] == ["foo-1.0-0"]
    assert rows[1]["install"] == ["bar-1-0", "top-1-0"]
    assert rows[1]["upgrade"] == [{"old": "foo-1.0-0", "new": "foo-2.0-0"}]
    assert rows[2]["remove"] == ["bar-1-0", "top-1-0"]
    text = conda(demo, "list -n sci --revisions").stdout
    assert "(rev 2)\n     foo  {1.0-0 -> 2.0-0}\n    +bar-1-0\n    +top-1-0\n" in text
    assert "(rev 3, current)\n    -bar-1-0\n    -top-1-0\n" in text
    # A look at it first, which changes nothing.
    planned = json.loads(conda(demo, "install -n sci --revision 1 --dry-run --json").stdout)
    assert planned["dry_run"] is True
    assert listed(demo) == {"foo": "2.0"}
    conda(demo, "install -n sci --revision 2")
    assert listed(demo) == {"bar": "1", "foo": "2.0", "top": "1"}
    conda(demo, "install -n sci --rev 1 -y")
    assert listed(demo) == {"foo": "1.0"}
    assert (demo.root / "share/foo").read_text() == "1.0"
    # What was asked for then is what was asked for.
    conda(demo, "update -n sci --all")
    assert listed(demo) == {"foo": "1.0"}
    rows = json.loads(conda(demo, "list -n sci --revisions --json").stdout)
    assert rows[-1]["rev"] == 5
    assert rows[-1]["downgrade"] == [{"old": "foo-2.0-0", "new": "foo-1.0-0"}]
    ran = conda(demo, "install -n sci --revision 5")
    assert "is there already" in ran.stderr


def test_what_cannot_be_gone_back_to(demo):
    conda(demo, f"create -n sci {C} foo=1")
    assert "generation" in conda(demo, "install -n sci --revision 9", code=1).stderr
    assert "is no number of a revision" in conda(demo, "install -n sci --revision x", code=2).stderr
    assert "install more afterwards" in conda(demo, "install -n sci --revision 1 bar", code=2).stderr
    (demo.root / "conda-meta/frozen").write_text("{}")
    conda(demo, "install -n sci --revision 1", code=1)
    assert listed(demo) == {"foo": "1.0"}
