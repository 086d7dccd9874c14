"""``hutch env list`` tells environments of conda from others."""

from __future__ import annotations

import json
import os

from hutch.testing.conda import CondaPackage, index_channel


def test_which_are_condas(project, tmp_path):
    demo = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(demo.path / "chan", [CondaPackage("foo", "1", files={"share/foo": "1"})])
    for command in ("conda create -n sci -c ./chan --override-channels foo", "env create plain"):
        ran = demo.run(command)
        assert ran.exit_code == 0, ran.stderr
    rows = json.loads(demo.run("env list --json").stdout)["environments"]
    assert {row["name"]: row["of_conda"] for row in rows} == {"sci": True, "plain": False}
    lines = demo.run("env list").stdout.splitlines()
    assert [line.endswith("(conda)") for line in lines if "sci" in line.split()] == [True]
    assert [line.endswith("(conda)") for line in lines if "plain" in line.split()] == [False]
