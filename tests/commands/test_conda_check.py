"""``hutch lock --check`` judges the records of conda: by their own words, and by the project's."""

from __future__ import annotations

from typing import Any

import pytest

from hutch.testing.conda import CondaPackage, index_channel

MANIFEST = """\
[project]
name = "demo"
version = "1"
requires-python = "==3.12.*"

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "win-64"]
dependencies = ["tool >=1", "vc"]
constraints = ["low <3"]

[tool.hutch.conda.target.linux]
constraints = ["vc >=1"]
"""


@pytest.fixture
def demo(project: Any) -> Any:
    made = project({"pyproject.toml": MANIFEST}, COLUMNS="80")
    packages = [CondaPackage("python", version, "0_cpython") for version in ("3.12.8", "3.13.1")]
    packages += [CondaPackage("low", version, "0") for version in ("1.0", "2.0", "3.0")]
    packages += [
        CondaPackage("tool", "1.0", "0", depends=["python", "low >=1"]),
        CondaPackage("vc", "2", "0"),
    ]
    index_channel(made.path / "chan", packages)
    made.run("lock").ok()
    made.run("lock --check").ok()
    return made


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('  "low >=1",\n', '  "low >=3",\n', "tool 1.0 0 needs low >=3, and 2.0 0 is there"),
        ('  { spec = "vc" },\n', "", "vc is asked for in pyproject.toml:9, and the lock does not note it"),
        ('version = "2.0"', 'version = "3.0"', "pyproject.toml:10 wants low <3, and 3.0 0 is there"),
        ('version = "3.12.8"', 'version = "3.13.1"', "wants python 3.12.*, and 3.13.1 0_cpython is there"),
        (
            'version = "2"\n',
            'version = "0.5"\n',
            "linux-64: pyproject.toml:13 wants vc >=1, and 0.5 0",
        ),
    ],
)
def test_what_somebody_has_changed_in_the_lock(demo: Any, old: str, new: str, told: str) -> None:
    text = demo.read("pylock.toml")
    assert old in text
    demo.write({"pylock.toml": text.replace(old, new)})
    failed = demo.run("lock --check")
    assert failed.exit_code == 1
    assert told in failed.stderr
    demo.run("lock --upgrade").ok()
    demo.run("lock --check").ok()
