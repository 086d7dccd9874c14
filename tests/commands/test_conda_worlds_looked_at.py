"""A lock with several environments, looked at: ``tree``, ``why``, ``why-not``, ``outdated``, ``export``."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from commands.conda_world import HERE, alone, four_environments, make_demo, python
from commands.support import block, shown


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    """A project of pixi with four environments, and a lock of it."""
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0", requires=["delta"])
    index.add_wheel("delta", "1.0")
    index.add_wheel("beta", "1.0", requires=["greeter<2"])
    purls = ["pkg:pypi/greeter"]
    packages = [alone("greeter", version, purls=purls) for version in ("1.0", "2.0")]
    made = make_demo(project, [python(), *packages])
    made.write({"pixi.toml": four_environments()})
    made.run("lock").ok()
    return made


def test_a_tree_has_no_needs_between_environments(demo: Any) -> None:
    ran = demo.run("tree").ok()
    assert ran.stdout == block(f"""
        demo
        ├── alpha 2.0
        │   └── delta 1.0
        ├── greeter 1.0 (conda; on old.{HERE})
        ├── greeter 2.0 (conda; on {HERE})
        ├── python 3.12.4 (conda; on {HERE}, old.{HERE})
        ├── beta 1.0 (group old)
        │   └── greeter 1.0 (conda)
        ├── greeter 1.0 (group old; conda; on old.{HERE})
        └── greeter 1.0 (group tools; conda; on old.{HERE}, tools.{HERE})
    """)
    assert "environments that are solved apart: default, old, both, tools" in ran.stderr


def test_the_first_environment_is_called_default(demo: Any) -> None:
    demo.run("sync --env default").ok()
    assert (demo.path / ".venv/conda-meta").is_dir()
    assert not (demo.path / ".venv-default").exists()
    assert demo.run("run --env default python -V").ok().stdout == "python 3.12.4 -V\n"


def test_a_tree_of_one_environment(demo: Any) -> None:
    assert shown(demo.run("tree --env old")) == block("""
        exit 0
        -- stdout --
        demo
        ├── alpha 2.0
        │   └── delta 1.0
        ├── greeter 1.0 (conda)
        ├── python 3.12.4 (conda)
        ├── beta 1.0 (group old)
        │   └── greeter 1.0 (conda)
        └── greeter 1.0 (group old; conda)
    """)
    assert demo.run("tree --env tools").ok().stdout == "demo\n└── greeter 1.0 (group tools)\n"
    assert "greeter 2.0 (conda)" in demo.run("tree --env default").ok().stdout
    assert shown(demo.run("tree --env olt")) == block("""
        exit 2
        error: this project has no environment named olt
          it has both, old, tools
        try: did you mean old?
         or: hutch sync --env olt with --group, --extra or --python makes one besides
    """)


def test_a_slip_in_the_name_makes_no_environment(demo: Any) -> None:
    assert shown(demo.run("sync --env olt")) == block("""
        exit 2
        error: this project declares no environment named olt
          it declares both, old, tools
        try: did you mean old?
         or: hutch sync --env olt with --group, --extra or --python makes one besides
    """)
    assert not (demo.path / ".venv-olt").exists()


def test_reasons_are_those_of_the_version_that_is_shown(demo: Any) -> None:
    entries = {
        each["version"]: each for each in json.loads(demo.run("why greeter --json").ok().stdout)["entries"]
    }
    assert entries["2.0"]["paths"] == [["demo", "greeter 2.0"]]
    assert entries["2.0"]["constraints"] == ["greeter is asked for in pixi.toml:8"]
    assert "beta 1.0 needs greeter<2" in entries["1.0"]["constraints"]
    beta = demo.run("why beta").ok().stdout.splitlines()
    assert len(beta) == len(set(beta))
    assert demo.run("why greeter --env tools").ok().stdout == block(f"""
        greeter 1.0
          0 from ./chan on {HERE}
          demo (group tools) → greeter 1.0
          greeter <2 is asked for in pixi.toml:19
    """)


def test_what_stands_against_a_version_is_said_of_one_environment(demo: Any) -> None:
    assert "greeter 2.0 0 is what is locked" in demo.run("why-not greeter==2.0").ok().stdout
    assert shown(demo.run("why-not --env tools greeter==2.0")) == block("""
        exit 0
        -- stdout --
        greeter 2.0 does not fit:
          greeter <2 is asked for in pixi.toml:19
    """)
    assert "2.0 0 is newer" in demo.run("why-not greeter==1.0").ok().stdout
    assert "beta is not in the lock" in demo.run("why-not --env tools beta==1.0").ok().stdout
    assert "nothing speaks against alpha 1.0" in demo.run("why-not --env old alpha==1.0").ok().stdout


def test_what_is_outdated_in_one_environment(demo: Any) -> None:
    assert demo.run("outdated --env default").ok().stderr == "Everything is the newest there is: 4 packages\n"
    assert demo.run("outdated --env tools").ok().stdout == block("""
        package          locked  upgrade  newest  held back by
        greeter (conda)  1.0     -        2.0     greeter <2 (pixi.toml:19)
    """)
    held = demo.run("outdated --env old").ok().stdout
    assert "beta needs greeter<2" in held


def test_exports_of_one_environment(demo: Any) -> None:
    requirements = demo.run("export --env old --no-hashes --no-annotate --no-header").ok().stdout
    assert requirements.split() == ["alpha==2.0", "beta==1.0", "delta==1.0"]
    found = yaml.safe_load(demo.run("export --env tools --format environment.yml").ok().stdout)
    assert found["dependencies"] == ["greeter=1.0=0"]
    found = yaml.safe_load(demo.run("export --env both --format conda-lock").ok().stdout)
    assert {each["name"]: each["version"] for each in found["package"]} == {
        "alpha": "2.0",
        "beta": "1.0",
        "delta": "1.0",
        "greeter": "1.0",
        "python": "3.12.4",
    }
    text = demo.run("export --env old --format pylock").ok().stdout
    assert "sys_platform" in text.partition("[[packages]]")[0]
    assert "py_" not in text
    assert 'version = "2.0"\nbuild' not in text  # of greeter, which another environment has


def test_an_environment_of_a_project_without_conda(project: Any, index: Any) -> None:
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "1.0")
    made = project(
        {
            "pyproject.toml": block("""
                [project]
                name = "demo"
                version = "1"
                dependencies = ["alpha"]
                [dependency-groups]
                docs = ["beta"]
                test = ["gamma"]
                [tool.hutch]
                package = false
                [tool.hutch.environments]
                docs = { only-groups = ["docs"] }
                test = { groups = ["test"] }
            """)
        }
    )
    made.run("lock").ok()
    assert made.run("tree --env docs").ok().stdout == "demo 1\n└── beta 1.0 (group docs)\n"
    assert made.run("tree --env test").ok().stdout == "demo 1\n├── alpha 1.0\n└── gamma 1.0 (group test)\n"
    assert "beta is not in the environment test" in made.run("why beta --env test").stderr
    text = made.run("export --env docs --no-hashes --no-annotate --no-header").ok().stdout
    assert text.split() == ["beta==1.0"]


def test_why_of_a_package_that_another_environment_has(demo: Any) -> None:
    assert shown(demo.run("why beta --env tools")) == block("""
        exit 1
        error: beta is not in the environment tools
          the lock has it for another one
        try: hutch why beta
    """)
    assert "error: gamma is not in the lock" in demo.run("why gamma --env tools").stderr


def test_a_command_that_is_not_there_may_be_in_a_package_of_a_channel(demo: Any) -> None:
    ran = demo.run("run nope")
    assert ran.exit_code == 1
    assert (
        "hutch add nope (--conda: from a channel) installs it, if it is a package of that name" in ran.stderr
    )


def test_packages_of_an_index_on_top_of_an_environment_without_python(project: Any, index: Any) -> None:
    index.add_wheel("alpha", "1.0")
    made = make_demo(project, [alone("gdal")])
    made.write({"environment.yml": f"channels: [./chan]\nplatforms: [{HERE}]\ndependencies: [gdal]\n"})
    assert shown(made.run("run --with alpha true")).endswith(
        block("""
        error: --with: the environment has no Python to run packages of an index with
        try: hutch add --conda python
        """)
    )
