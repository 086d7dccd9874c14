"""``hutch doctor`` in somebody else's checkout: nothing of it is run, nothing secret is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MANIFEST = '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = []\n'
SETUP = "import pathlib\npathlib.Path({!r}).touch()\n"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A file that is there once anything of the checkout was run."""
    return tmp_path / "ran"


def _program(path: Path, trap: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\ntouch {trap}\n")
    path.chmod(0o755)


def test_nothing_of_a_checkout_is_run(project, trap):
    made = project({"pyproject.toml": MANIFEST})
    made.run("sync").ok()
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    _program(made / "tools" / "python3.12", trap)
    python.symlink_to("../../tools/python3.12")
    for name in ("pip", "pip3", "git", "pwsh", "python3"):
        path = made / ".venv" / "bin" / name
        path.unlink(missing_ok=True)
        _program(path, trap)
    for name in ("git", "python", "python3", "pip", "uname", "powershell"):
        _program(made / name, trap)
    made.write({"setup.py": SETUP.format(str(trap)), "sitecustomize.py": SETUP.format(str(trap))})
    made.write({"conftest.py": SETUP.format(str(trap)), "random.py": SETUP.format(str(trap))})
    (packages,) = (made / ".venv" / "lib").glob("python*/site-packages")
    (packages / "zz.pth").write_text(f"import pathlib; pathlib.Path({str(trap)!r}).touch()\n")
    subprocess.run(["git", "init", "-q"], cwd=made.path, check=True)
    hook = made / "hook"
    _program(hook, trap)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.hooksPath"):
        subprocess.run(["git", "config", key, str(hook)], cwd=made.path, check=True)
    subprocess.run(["git", "add", "--force", "pyproject.toml"], cwd=made.path, env=_safe(), check=False)
    trap.unlink(missing_ok=True)
    path = os.pathsep.join([".", "", os.environ["PATH"]])
    for words in ("doctor --json", "doctor --json --deep", "doctor --json --fix --dry-run"):
        ran = made.run(words, environ={"PATH": path, "PSModulePath": "/x"})
        answer = json.loads(ran.stdout)
        assert not [each for each in answer["checks"] if each["state"] == "failed"]
        assert not trap.exists(), words
    assert any(each["code"] == "start-hooks" for each in answer["findings"])


def _safe() -> dict[str, str]:
    return {
        **os.environ,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "false",
    }


def test_the_trap_of_this_page_works(project, trap):
    """Else the test above could not fail."""
    made = project({"random.py": SETUP.format(str(trap))})
    subprocess.run(
        [sys.executable, "-c", "import random"], cwd=made.path, check=True, env={"PYTHONPATH": "."}
    )
    assert trap.exists()


def test_files_that_are_none_stop_nothing(project, tmp_path):
    """Pipes that nobody writes to, rings of links, names and texts that mean something elsewhere."""
    made = project({"pyproject.toml": MANIFEST, "main.py": "import os\n"})
    made.run("sync").ok()
    (packages,) = (made / ".venv" / "lib").glob("python*/site-packages")
    (made / ".github" / "workflows").mkdir(parents=True)
    (made / "src").mkdir()
    pipes = [
        "Dockerfile",
        "random.py",
        "app.py",
        "src/queue.py",
        ".github/workflows/ci.yml",
        "uv.lock",
        ".python-version",
    ]
    for path in (*(made / name for name in pipes), packages / "zz.pth", packages / "sitecustomize.py"):
        os.mkfifo(path)
    (made / "ring").symlink_to("ring")
    (made / "round").symlink_to(".")
    (made / "large.py").write_bytes(b"x = 1\n" * (2 << 20))
    made.write({"deep.py": "(" * 5000, "zero.py": b"\0", "latin.py": b"# \xe9\nimport os\n"})
    info = packages / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "RECORD").write_text("../../../../../../etc/passwd,,\n/etc/passwd,,\n\0,,\n")
    (info / "INSTALLER").write_text("pip\n")
    ran = made.run("doctor --json --offline", apart=True)
    answer = json.loads(ran.stdout)
    assert {each["code"]: each["reason"] for each in answer["checks"] if each["state"] == "failed"} == {}


def test_no_password_is_shown(project):
    made = project(
        {
            "pyproject.toml": MANIFEST,
            "pip.conf": "[global]\nextra-index-url = https://ada:hunter2@files.example/simple\n",
        }
    )
    variables = {
        "PIP_CONFIG_FILE": str(made / "pip.conf"),
        "PIP_INDEX_URL": "https://bob:hunter2@index.example/simple",
        "HTTPS_PROXY": "http://eve:hunter2@proxy.example:1",
        "https_proxy": "http://eve:hunter2@127.0.0.1:9",
        "HUTCH_INDEX_URL": "https://carol:hunter2@index.example/simple",
    }
    for words in ("doctor --json", "doctor -v"):
        ran = made.run(words, environ=variables)
        assert "hunter2" not in ran.stdout + ran.stderr
    assert "proxy-variables" in ran.stdout
    assert "pip-settings" in ran.stdout


def test_what_a_file_is_called_does_not_act_on_a_terminal(project):
    made = project({"pyproject.toml": MANIFEST, "Dockerfile": "RUN pip install a\x1b[31mlpha beta\n"})
    ran = made.run("doctor --check loose-installs")
    assert "\x1b" not in ran.stdout
    assert "beta" in ran.stdout
