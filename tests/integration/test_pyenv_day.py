"""``pyenv_day.sh``: a day with pyenv's work in it, in real bash, with Pythons from a mirror on this disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from interpreters.managed.archives import shelf, table

SCRIPT = Path(__file__).with_name("pyenv_day.sh")
SOURCE = Path(__file__).parents[2] / "src"
NEEDED = {"3.11.2", "3.11.7", "3.12.1"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash")
def test_the_day_of_a_user_of_pyenv(tmp_path, tmp_path_factory, real_home):
    mirror, archives = shelf(real_home, tmp_path_factory.getbasetemp() / "shelf-of-the-day")
    if not {".".join(map(str, one.version)) for one in archives} >= NEEDED:
        pytest.skip("pyenv has no 3.11.7 and 3.12.1 here, or Debian no 3.11.2")
    (mirror / "versions.json").write_bytes(table(archives))
    home, programs = tmp_path / "it is home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    launcher = programs / "hutch"
    launcher.write_text(f"#!/bin/sh\nPYTHONPATH='{SOURCE}' exec '{sys.executable}' -m hutch \"$@\"\n")
    launcher.chmod(0o755)
    environ = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "HOME": str(home),
        "HUTCH_CACHE_DIR": str(tmp_path / "cache"),
        "HUTCH_DATA_DIR": str(tmp_path / "data"),
        "HUTCH_PYTHON_MIRROR": str(mirror),
        "HUTCH_PYTHON_DOWNLOADS": "never",
        "HUTCH_COMPILE": "off",
        "PIP_CONFIG_FILE": os.devnull,
    }
    ran = subprocess.run(
        ["bash", "--norc", "--noprofile", str(SCRIPT)],
        cwd=home,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
    )
    lines = ran.stdout.splitlines()
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert lines[-1] == f"1..{len(lines) - 1}"
    assert len(lines) > 30
