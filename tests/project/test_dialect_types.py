"""Manifests whose values are of other types than their tools write: faults with a line, never a crash."""

import pytest

from hutch.project import InvalidManifest, parse_manifest

PROJECT = '[project]\nname = "x"\nversion = "1"\n'
HATCH = "[tool.hatch.envs.docs]\ndependencies = ['mkdocs']\n"


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "x"\ndynamic = 1\n[tool.pdm]\n',
        f"{PROJECT}dynamic = 1\n[tool.setuptools]\n",
        f"{PROJECT}dynamic = 1.5\n{HATCH}",
        f"dependency-groups = 1\n{PROJECT}{HATCH}",
        f"dependency-groups = 'x'\n{PROJECT}{HATCH}",
        "dependency-groups = 1.5\n[build-system]\nrequires = ['setuptools']\n",
    ],
)
def test_a_value_of_another_type(text):
    files = {"setup.cfg": "[metadata]\nname = x\nversion = 1\n", "requirements-dev.txt": "a\n"}
    with pytest.raises(InvalidManifest):
        parse_manifest(text, filename="pyproject.toml", read=files.get)
