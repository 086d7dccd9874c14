"""Source distributions as people publish them, built in the sandbox. From the real index."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from hutch.build import probe_sandbox

pytestmark = [
    pytest.mark.network,
    pytest.mark.slow,
    pytest.mark.skipif(not probe_sandbox().files, reason="this system has no sandbox"),
]

PACKAGES = {
    "idna": "flit-core",
    "attrs": "hatchling, with plugins",
    "tomlkit": "poetry-core",
    "pluggy": "setuptools-scm",
    "locket": "setuptools, with versioneer",
    "pdm-backend": "itself",
    "markupsafe": "setuptools, an extension in C",
    "wrapt": "setuptools, an extension in C",
}


@pytest.mark.parametrize("name", PACKAGES, ids=[f"{name}: {by}" for name, by in PACKAGES.items()])
def test_it_is_built_and_can_be_imported(project: Callable[..., Any], mirror: str, name: str) -> None:
    if "in C" in PACKAGES[name] and shutil.which("cc") is None:
        pytest.skip("there is no compiler")
    made = project("", HUTCH_INDEX_URL=mirror, HUTCH_SANDBOX="require")
    made.run("venv").ok()
    made.run(f"pip install --no-binary {name} {name}").ok()
    module = {"attrs": "attr", "pdm-backend": "pdm.backend"}.get(name, name)
    python = made / ".venv/bin/python"
    subprocess.run([python, "-I", "-c", f"import {module}"], check=True)
