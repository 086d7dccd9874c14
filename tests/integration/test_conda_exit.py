"""No run of hutch ends otherwise than it says: py-rattler, whose threads make one in four interpreters crash
at exit (PyO3/pyo3-async-runtimes#40), is installed beside it, tells where the default channel is, and is not
imported.

20 runs of each command here, 200 with ``HYPOTHESIS_PROFILE=slow``.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel
from oracles.conda import needs_rattler, rattler_python

pytestmark = [pytest.mark.slow, needs_rattler]
RUNS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 20


@pytest.fixture
def demo(project: Any, tmp_path: Path) -> Any:
    channel = tmp_path / "mirror"
    index_channel(
        channel,
        [
            CondaPackage("tool", "1.0", files={"share/tool": "1"}),
            CondaPackage("tool", "2.0", subdir=subdir_here(), files={"share/tool": "2"}),
        ],
    )
    made = project(
        {},
        HUTCH_DATA_DIR=os.fspath(tmp_path / "data"),
        CONDA_PREFIX=None,
        HUTCH_CONDA_MIRRORS=f"conda-forge={channel.as_uri()}",
    )
    made.channel = channel
    return made


def command(made: Any) -> list[str]:
    """hutch as it is started, with py-rattler where it is found; 99 where that was imported."""
    words = made.launcher
    python = rattler_python()
    assert python is not None
    where = subprocess.run(
        [python, "-c", "import rattler; print(rattler.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    body = words[-1].replace(
        "from hutch.cli import", f"sys.path.append({os.path.dirname(where)!r}); from hutch.cli import"
    )
    ends = "code = main(); leave(99 if any(n.partition('.')[0] == 'rattler' for n in sys.modules) else code)"
    assert "leave(main())" in body
    return [*words[:-1], body.replace("leave(main())", ends)]


def test_every_run_ends_with_0(demo: Any) -> None:
    """The default channel is named nowhere: its address is that of py-rattler, and a mirror has it here."""
    demo.run("conda create -n one -c ../mirror --override-channels tool").ok()
    start = command(demo)
    environ = demo.variables
    for words, expected in (
        ("conda search tool", "2.0"),
        ("conda create -n two --dry-run tool", "2.0"),
        ("conda list -n one", "tool"),
    ):
        ended: dict[int, int] = {}
        for _ in range(RUNS):
            ran = subprocess.run(
                [*start, *words.split()],
                cwd=demo.path,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            ended[ran.returncode] = ended.get(ran.returncode, 0) + 1
            assert ran.returncode == 0, f"{words}: {ran.returncode} {ran.stderr}"
            assert expected in ran.stdout + ran.stderr
        assert ended == {0: RUNS}
