"""Several environments of a project with packages of conda: ``lock``, ``sync --env``, ``run --env``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from commands.conda_world import HERE, four_environments
from commands.doctor_support import findings
from commands.support import block, shown
from conda.real import the_python
from hutch.lock import parse_lock, parse_pixi_lock
from hutch.testing.conda import CondaPackage, index_channel
from oracles.conda import ask_rattler, needs_rattler

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all of them: the Python is unpacked once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def demo(project: Any, index: Any, real_channel: Path, cache: Path) -> Any:
    """A project of pixi with a channel in it that holds a Python, and an index with wheels."""
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    python = the_python()
    assert python is not None
    text = four_environments(python.minor, tools='channels = ["./more"]')
    made = project({"pixi.toml": text}, HUTCH_CACHE_DIR=os.fspath(cache), CONDA_PREFIX=None, CONDA_SHLVL=None)
    shutil.copytree(real_channel, made.path / "chan")
    index_channel(made.path / "more", [CondaPackage("extra", "1.0", noarch="generic")])
    made.minor = python.minor
    return made


def installed(demo: Any, environment: str = "") -> dict[str, str]:
    """The packages of both kinds that an environment has, with their versions."""
    prefix = demo.path / f".venv{environment and '-'}{environment}"
    meta = [path.stem.rsplit("-", 2) for path in (prefix / "conda-meta").glob("*.json")]
    site = prefix / f"lib/python{demo.minor}/site-packages"
    wheels = [
        path.stem.split("-") for path in site.glob("*.dist-info") if (path / "REQUESTED").exists() or True
    ]
    return {name: version for name, version, *_ in (*meta, *wheels)}


def test_each_environment_has_what_it_asks_for(demo: Any) -> None:
    demo.run("lock").ok()
    part = parse_lock(demo.read("pylock.toml")).conda
    assert part is not None
    assert [target.name for target in part.targets] == [HERE, f"old.{HERE}", f"tools.{HERE}"]
    assert {each.name: each.world for each in part.environments} == {
        "default": "default",
        "old": "old",
        "both": "old",
        "tools": "tools",
    }
    assert [world.channels for world in part.worlds] == [
        ("./chan",),
        ("./more", "./chan"),
        ("./more", "./chan"),
    ]
    demo.run("sync").ok()
    demo.run("sync --env old").ok()
    demo.run("sync --env tools").ok()
    first, old, tools = installed(demo), installed(demo, "old"), installed(demo, "tools")
    assert (first["greeter"], old["greeter"], tools["greeter"]) == ("2.0", "1.0", "1.0")
    assert ("alpha" in first, "beta" in first) == (True, False)
    assert ("alpha" in old, "beta" in old) == (True, True)
    assert ("alpha" in tools, "beta" in tools) == (False, False)
    for name in ("old", "tools"):
        assert "Nothing to do" in demo.run(f"sync --env {name}").ok().stderr
        assert "It is what pylock.toml says" in demo.run(f"env verify --env {name}").ok().stderr
    next((demo.path / ".venv-old/conda-meta").glob("greeter-*.json")).unlink()
    assert "try: hutch sync --env old makes it" in demo.run("env verify --env old").stderr
    assert shown(demo.run("lock --check")).startswith("exit 0")


def test_run_takes_the_environment_that_is_named(demo: Any) -> None:
    code = "import alpha, beta, greeter; print(greeter.__file__)"
    ran = demo.run(f"run --env both python -c '{code}'").ok()
    assert "/.venv-both/" in ran.stdout
    assert demo.run("run python -c 'import beta'").exit_code == 1


def test_what_is_in_no_environment_is_refused(demo: Any) -> None:
    demo.run("lock").ok()
    assert shown(demo.run("sync --group tools")) == block("""
        exit 1
        error: the lock has no packages of conda for the project, the group tools together
          both has the project, the group old, the group tools
          default has the project
          old has the project, the group old
          tools has the group tools
        try: choose an environment with --env
         or: declare one in [tool.hutch.environments] and run hutch lock
    """)
    assert not (demo.path / ".venv").exists()


def test_the_environments_are_those_of_a_pixi_lock(demo: Any) -> None:
    demo.run("lock").ok()
    demo.run("export --format pixi -o pixi.lock").ok()
    text = demo.read("pixi.lock")
    found = yaml.safe_load(text)["environments"]
    assert list(found) == ["default", "both", "old", "tools"]
    here = {name: each["packages"][HERE] for name, each in found.items()}
    names = {
        name: {each.get("conda", each.get("pypi")).rpartition("/")[2].split("-")[0] for each in listed}
        for name, listed in here.items()
    }
    assert "beta" in names["old"] & names["both"]
    assert "alpha" in names["default"]
    assert not {"alpha", "beta"} & names["tools"]
    assert [each["url"].rpartition("/chan")[1:] for each in found["default"]["channels"]] == [("/chan", "/")]
    # It is read as it was written, environment by environment.
    part, before = parse_pixi_lock(text), parse_lock(demo.read("pylock.toml")).conda
    assert before is not None
    assert [each.name for each in part.environments] == list(found)
    tools = part.environment("tools")
    assert tools is not None
    labels = [record.label for record in part.on(f"tools.{HERE}")]
    assert sorted(labels) == sorted(record.label for record in before.on(f"tools.{HERE}"))
    # Other forms have one environment.
    demo.run("export --format environment.yml --group old -o old.yml").ok()
    assert "greeter=1.0" in demo.read("old.yml")
    demo.run("export --format conda-lock --group old -o conda-lock.yml").ok()
    assert yaml.safe_load(demo.read("conda-lock.yml"))["metadata"]["platforms"] == [HERE]


@needs_rattler
def test_rattler_reads_the_environments_that_are_written_for_pixi(demo: Any) -> None:
    demo.run("lock").ok()
    demo.run("export --format pixi -o pixi.lock").ok()
    said = ask_rattler("pixi_lock", path=os.fspath(demo.path / "pixi.lock"))
    written = yaml.safe_load(demo.read("pixi.lock"))["environments"]
    assert {key: len(urls) for key, urls in said.items()} == {
        f"{name} {HERE}": len(each["packages"][HERE]) for name, each in written.items()
    }


def test_an_import_says_the_same_in_hutchs_words(demo: Any) -> None:
    demo.run("lock").ok()
    before = parse_lock(demo.read("pylock.toml")).conda
    demo.run("import").ok()
    text = demo.read("pyproject.toml")
    assert 'groups = ["old", "tools"]' in text
    assert 'only-groups = ["tools"]' in text
    assert 'solve-group = "old"' in text
    demo.run("lock").ok()
    assert parse_lock(demo.read("pylock.toml")).conda == before


def test_a_workspace_has_environments_of_its_own(demo: Any) -> None:
    (demo.path / "pixi.toml").unlink()
    demo.write(
        {
            "pyproject.toml": block(f"""
                [tool.hutch.workspace]
                members = ["one", "two"]

                [dependency-groups]
                old = ["beta"]

                [tool.hutch.conda]
                channels = ["./chan"]
                platforms = ["{HERE}"]
                dependencies = ["python {demo.minor}.*"]
                group.old.dependencies = ["greeter <2"]

                [tool.hutch.environments]
                old = {{ groups = ["old"], solve-group = "old" }}
            """),
            "one/pyproject.toml": block("""
                [project]
                name = "one"
                version = "1"
                dependencies = ["alpha"]
                [tool.hutch]
                package = false
                [tool.hutch.conda]
                dependencies = ["greeter"]
            """),
            "two/pyproject.toml": '[project]\nname = "two"\nversion = "1"\n[tool.hutch]\npackage = false\n',
        }
    )
    demo.run("lock").ok()
    part = parse_lock(demo.read("pylock.toml")).conda
    assert part is not None
    assert [each.name for each in part.environments] == ["default", "old"]
    demo.run("sync").ok()
    demo.run("sync --env old").ok()
    first, old = installed(demo), installed(demo, "old")
    assert (first["greeter"], "alpha" in first, "beta" in first) == ("2.0", True, False)
    assert (old["greeter"], "alpha" in old, "beta" in old) == ("1.0", True, True)


def test_doctor_advises_what_a_project_does(demo: Any) -> None:
    demo.run("sync").ok()
    site = demo.path / f".venv/lib/python{demo.minor}/site-packages"
    made = site / "extra-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (made / "INSTALLER").write_text("pip\n")
    (made / "RECORD").write_text("extra/__init__.py,,\nextra-1.0.dist-info/METADATA,,\n")
    found = findings(demo, "conda-files", "conda-and-pip")
    assert [one["commands"] for one in found if one["title"] == "extra is not whole"] == [
        ["hutch sync takes extra out: it is not in the lock"]
    ]
    assert not any("hutch pip install" in command for one in found for command in one["commands"])
    demo.run("sync").ok()
    assert not made.exists()


def test_what_is_left_of_a_package_is_taken_out_by_a_sync(demo: Any) -> None:
    demo.run("sync --env old").ok()
    next((demo.path / ".venv-old/conda-meta").glob("greeter-*.json")).unlink()
    ran = demo.run("run --env old python -c 1")
    assert ran.exit_code == 1
    assert "try: hutch sync --env old takes out what the lock does not have" in ran.stderr
    demo.run("sync --env old").ok()
    demo.run("run --env old python -c 'import greeter'").ok()


def test_who_has_no_card_writes_what_a_machine_with_one_shall_have(demo: Any) -> None:
    needy = CondaPackage("needy", "1.0", subdir=HERE, depends=["__cuda >=12"])
    index_channel(demo.path / "more", [needy, CondaPackage("extra", "1.0", noarch="generic")])
    gpu = """
[feature.gpu]
channels = ["./more"]
system-requirements = { cuda = "12" }
[feature.gpu.dependencies]
needy = "*"

[environments]
gpu = { features = ["gpu"], no-default-feature = true }
"""
    demo.write({"pixi.toml": demo.read("pixi.toml").replace("\n[environments]\n", gpu)})
    demo.run("lock").ok()
    told = "needy 1.0 0, for gpu.HERE, needs __cuda >=12, which this machine lacks".replace("HERE", HERE)
    assert shown(demo.run("sync --env gpu")) == block(f"""
        exit 1
        error: this machine lacks what packages in the lock need ({HERE})
          {told}
        try: CONDA_OVERRIDE_CUDA=12 before the command has it as on a machine that is so
         or: system-requirements of the project are the least that machines have; hutch lock
    """)
    ran = demo.run("add --conda --group gpu extra --env gpu").ok()
    assert f"warning: written and locked; not installed here, for {told}\n" in ran.stderr
    assert "extra" in demo.read("pixi.toml")
    assert not (demo.path / ".venv-gpu").exists()
    demo.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    demo.run("sync --env gpu --locked").ok()
    assert {"extra", "needy"} <= installed(demo, "gpu").keys()
    del demo.environ["CONDA_OVERRIDE_CUDA"]
    demo.run("remove --conda --group gpu extra").ok()
    assert "extra" not in demo.read("pixi.toml")
    ran = demo.run("add --conda --group gpu extra").ok()
    assert "what the group gpu has is in the environment gpu: hutch sync --env gpu\n" in ran.stderr
    assert "extra" in demo.read("pixi.toml")
    assert installed(demo).keys() >= {"alpha", "greeter"}
