"""``conda config`` of conda itself and of hutch: the same words make files that say the same.

``REAL_CONDA_PYTHON`` names a Python that has conda as a module (see ``test_conda_itself``).
"""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from hutch.project.yaml_text import read_yaml

CONDA = os.environ.get("REAL_CONDA_PYTHON", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONDA, reason="REAL_CONDA_PYTHON names no Python that has conda"),
]
BEFORE = """\
# mine
channels:  # best
  - conda-forge
  - bioconda
always_yes: true
proxy_servers:
  https: http://p.example:1
pinned_packages: [numpy 1.*]
"""


@pytest.fixture
def demo(project: Any) -> Any:
    return project({}, CONDA_PREFIX=None, CONDARC=None)


def itself(demo: Any, words: str) -> str:
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("CONDA", "PYTHON"))}
    ran = subprocess.run(
        [CONDA, "-m", "conda", "config", *words.split()],
        env={**environ, "HOME": str(demo.home)}, cwd=demo.path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ran.stdout


def meaning(text: str) -> Any:
    """Switches as conda writes them anew and as they stood are the same."""

    def low(value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    return {key: low(value) for key, value in (read_yaml(text).value or {}).items()}


@pytest.mark.parametrize(
    "words",
    [
        "--add channels new", "--append channels last", "--add channels bioconda",
        "--append channels conda-forge",
        "--set channel_priority false", "--set always_yes no", "--remove channels bioconda",
        "--remove-key always_yes", "--add create_default_packages ipykernel",
        "--add channels a; --append channels b; --remove channels conda-forge; --set offline true",
        "--set ssl_verify false; --remove-key pinned_packages", "--append pinned_packages openssl=3",
    ],
)  # fmt: skip
def test_the_same_words_say_the_same(words: str, demo: Any) -> None:
    place = demo.home / ".condarc"
    place.write_text(BEFORE)
    for each in words.split("; "):  # that conda takes one kind of change at a time
        itself(demo, each)
    theirs = place.read_text()
    place.write_text(BEFORE)
    ran = demo.run(f"conda config {words.replace(';', '')}")
    assert ran.exit_code == 0, ran.stderr
    assert meaning(place.read_text()) == meaning(theirs)
    old = ("proxy_servers", "ssl_verify")  # which that conda does not list
    said = demo.run("conda config --get").stdout.splitlines()
    listed = [line for line in said if not any(name in line for name in old)]
    assert sorted(listed) == sorted(itself(demo, "--get").splitlines())
    assert "# mine" in place.read_text()
