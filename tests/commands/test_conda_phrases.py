"""What helps against a conflict, in the words of the manifest that the project has."""

from __future__ import annotations

from typing import Any

import pytest

from commands.conda_world import HERE, alone, library, make_demo
from hutch.testing.conda import CondaPackage

OTHER = "osx-arm64" if HERE != "osx-arm64" else "linux-64"
SYSTEM = HERE.partition("-")[0]
WORDS = {HERE: {"linux-64": "linux", "osx-arm64": "osx", "win-64": "win"}.get(HERE, SYSTEM)}
YML = "name: x\nchannels: [./chan]\nplatforms: [{platforms}]\ndependencies:\n  - {name}\n"
PIXI = """
[workspace]
name = "x"
channels = ["./chan"]
platforms = [{quoted}]
[dependencies]
{name} = "*"
"""
PYPROJECT = '[project]\nname = "x"\nversion = "1"\n[tool.hutch]\npackage = false\n'
OURS = (
    PYPROJECT
    + '[tool.hutch.conda]\nchannels = ["./chan"]\nplatforms = [{quoted}]\ndependencies = ["{name}"]\n'
)


@pytest.fixture
def demo(project: Any) -> Any:
    needs = CondaPackage("fast", "1", depends=["__cuda >=12"], files={"share/fast": "1"})
    return make_demo(project, [needs, library(), alone()])


def written(demo: Any, kind: str, name: str, *platforms: str) -> None:
    said = {
        "environment.yml": YML,
        "pixi.toml": PIXI,
        "pyproject.toml": OURS,
        "tool.pixi": PYPROJECT
        + PIXI.replace("[workspace]", "[tool.pixi.workspace]").replace("[dep", "[tool.pixi.dep"),
    }[kind]
    quoted = ", ".join(f'"{each}"' for each in platforms)
    text = said.format(name=name, platforms=", ".join(platforms), quoted=quoted)
    demo.write({"pyproject.toml" if kind == "tool.pixi" else kind: text})


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        (
            "environment.yml",
            "CONDA_OVERRIDE_CUDA=12 before the command, for environment.yml has no words for it",
        ),
        ("pixi.toml", 'cuda = "12" in [system-requirements]'),
        ("tool.pixi", 'cuda = "12" in [tool.pixi.system-requirements]'),
        ("pyproject.toml", 'system-requirements = { cuda = "12" } in [tool.hutch.conda]'),
    ],
)
def test_what_machines_have(kind: str, hint: str, demo: Any) -> None:
    written(demo, kind, "fast", HERE)
    ran = demo.run("lock")
    assert f"try: {hint}, if all machines of the project have that" in " ".join(ran.stderr.split())
    # What it says helps.
    if kind == "environment.yml":
        demo.run("lock", environ={"CONDA_OVERRIDE_CUDA": "12"}).ok()
        demo.run("lock --check").ok()


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("environment.yml", f"`libfoo # [{WORDS[HERE]}]` in environment.yml"),
        ("pixi.toml", f"in [target.{SYSTEM}.dependencies]"),
        ("tool.pixi", f"in [tool.pixi.target.{SYSTEM}.dependencies]"),
        ("pyproject.toml", f"among the dependencies of [tool.hutch.conda.target.{SYSTEM}]"),
    ],
)
def test_what_one_platform_does_not_have(kind: str, hint: str, demo: Any) -> None:
    written(demo, kind, "libfoo", HERE, OTHER)
    ran = demo.run("lock")
    assert ran.exit_code == 1
    assert f"try: libfoo for {HERE} alone: {hint}" in ran.stderr
    if kind == "environment.yml":
        demo.write({kind: demo.read(kind).replace("- libfoo", f"- libfoo  # [{WORDS[HERE]}]")})
        demo.run("lock").ok()


def test_of_another_platform_it_is_told_which_was_asked(demo: Any) -> None:
    written(demo, "pixi.toml", "libfoo", OTHER)
    ran = demo.run("lock")
    assert f"these were asked for {OTHER}: ./chan" in ran.stderr
