"""What conda's own configuration means for its verbs, and environments that are frozen (CEP 22)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.conda import Channel
from hutch.ops.channels import net_options
from hutch.ops.context import Context
from hutch.testing.conda import CondaPackage, index_channel

PACKAGES = (
    CondaPackage("a", "1", files={"share/a": "1"}), CondaPackage("a", "2", files={"share/a": "2"}),
    CondaPackage("b", "1", files={"share/b": "1"}, depends=["a"]), CondaPackage("usual", "1"),
    CondaPackage("c", "1", depends=["a >=2"]),
)  # fmt: skip
C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any], tmp_path: Path) -> Any:
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(found.path / "chan", PACKAGES)
    return found


def condarc(demo: Any, text: str) -> None:
    (demo.home / ".condarc").write_text(text)


def there(demo: Any, env: str = "env") -> list[str]:
    return sorted(path.stem for path in (demo.path / env / "conda-meta").glob("*.json"))


FROZEN = {"--dry-run": 1, "": 1, "--override-frozen": 0}


@pytest.mark.parametrize("flag", FROZEN)
@pytest.mark.parametrize(
    "words", [f"install {C} -y usual", f"update {C} -y --all", "remove -y b", "env remove -y --force"]
)
def test_what_is_frozen_is_not_changed(words: str, flag: str, demo: Any) -> None:
    demo.run(f"conda create -p env -y {C} b a=1").ok()
    (demo.path / "env/conda-meta/frozen").write_text('{"message": "clone it:\\u001b[31m it is everybody\'s"}')
    before = there(demo)
    ran = demo.run(f"conda {words} -p env {flag}")
    assert ran.exit_code == FROZEN[flag], ran.stderr
    if flag != "--override-frozen":
        assert there(demo) == before
        assert "<project>/env is frozen, and is not changed" in ran.stderr
        assert "it is everybody's" in ran.stderr
        assert "\x1b" not in ran.stderr
        assert "--override-frozen" in ran.stderr


@pytest.mark.parametrize(
    "content", ["", "[]", "not json", '{"message": 3}', '{"message": "x"}' + " " * 100_000]
)
def test_whatever_stands_in_it_it_is_frozen(content: str, demo: Any) -> None:
    demo.run(f"conda create -p env -y {C} a=1").ok()
    (demo.path / "env/conda-meta/frozen").write_text(content)
    ran = demo.run(f"conda install -p env -y {C} usual")
    assert ran.exit_code == 1
    assert "conda-meta/frozen is there" in ran.stderr


def test_a_copy_is_not_frozen_and_looking_is_free(demo: Any) -> None:
    demo.run(f"conda create -p env -y {C} a=1").ok()
    (demo.path / "env/conda-meta/frozen").touch()
    demo.run("conda list -p env").ok()
    demo.run("conda create -p copy -y --clone ./env").ok()
    demo.run(f"conda install -p copy -y {C} usual").ok()
    assert there(demo, "copy") == ["a-1-0", "usual-1-0"]


def test_who_protects_nothing_says_so(demo: Any) -> None:
    demo.run(f"conda create -p env -y {C} a=1").ok()
    (demo.path / "env/conda-meta/frozen").touch()
    condarc(demo, "protect_frozen_envs: false\n")
    demo.run(f"conda install -p env -y {C} usual").ok()


def test_a_rollback_is_a_change(demo: Any, tmp_path: Path) -> None:
    demo.run(f"conda create -n sci -y {C} a=1").ok()
    demo.run(f"conda install -n sci -y {C} usual").ok()
    root = tmp_path / "data/envs/sci"
    (root / "conda-meta/frozen").touch()
    ran = demo.run("env rollback -n sci")
    assert ran.exit_code == 1
    assert "is frozen" in ran.stderr
    (root / "conda-meta/frozen").unlink()
    demo.run("env rollback -n sci").ok()


def test_default_packages_come_with_every_environment(demo: Any) -> None:
    condarc(demo, "create_default_packages: [usual, a=1]\n")
    demo.run(f"conda create -p env -y {C} b").ok()
    assert there(demo) == ["a-1-0", "b-1-0", "usual-1-0"]
    demo.run(f"conda create -p other -y {C} a=2").ok()
    assert there(demo, "other") == ["a-2-0", "usual-1-0"]  # what the command says of a package wins


def test_what_a_company_disallows_is_not_installed(demo: Any) -> None:
    condarc(demo, "disallowed_packages: [a>=2]\n")
    demo.run(f"conda create -p env -y {C} b").ok()
    assert there(demo) == ["a-1-0", "b-1-0"]
    ran = demo.run(f"conda create -p other -y {C} c")
    assert ran.exit_code == 1
    assert "a >=2" in ran.stderr


def test_always_yes(demo: Any) -> None:
    condarc(demo, "always_yes: true\n")
    demo.run(f"conda create -p env {C} b").ok()
    assert there(demo) == ["a-2-0", "b-1-0"]


def test_environments_in_the_folders_of_conda(demo: Any, tmp_path: Path) -> None:
    folder = tmp_path / "shared/conda-envs"
    condarc(demo, f"envs_dirs: [{json.dumps(str(folder))}, relative/is/nothing]\n")
    demo.run(f"conda create -p {folder}/science -y {C} a=1").ok()
    (demo.home / ".conda/environments.txt").unlink()
    assert "a " in demo.run("conda list -n science").ok().stdout
    assert "science" in demo.run("conda env list").ok().stdout


def test_patience(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".condarc").write_text(
        "remote_connect_timeout_secs: 3.5\nremote_read_timeout_secs: 77\nremote_max_retries: 9\n"
    )
    channels = [Channel(name="c", url="https://channel.example/c")]
    (tmp_path / "work").mkdir()
    for environ, expected in (
        ({}, (3.5, 77.0, 9)),
        ({"HUTCH_TIMEOUT": "5", "CONDA_REMOTE_MAX_RETRIES": "none"}, (3.5, 5.0, 4)),
    ):
        context = Context(tmp_path / "work", {"HOME": str(home), **environ}, {})
        found = net_options(context, channels)
        assert (found.connect_timeout, found.timeout, found.retries) == expected
        context.close()
