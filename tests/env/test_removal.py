"""Uninstalling takes what belongs to a distribution, and nothing else, whatever its RECORD says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from env.support import sync, tree
from hutch.env import Environment, Wanted
from hutch.env.records import read_record, render_row, resolve_path

Make = Callable[..., Wanted]


def add_rows(environment: Environment, dist_info: str, *rows: str) -> None:
    path = environment.site_packages / dist_info / "RECORD"
    text = path.read_text()
    path.unlink()
    path.write_text(text + "".join(f"{row},,\n" for row in rows))


def test_rows_that_lead_elsewhere_delete_nothing(
    environment: Environment, wheel: Make, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.txt").write_text("mine")
    (tmp_path / "near.txt").write_text("mine")
    sync(
        environment,
        wheel("victim", "1", files={"victim/__init__.py": "", "victim/data.txt": "v"}),
        wheel("evil", "1", files={"evil.py": ""}),
    )
    (environment.site_packages / "linked").symlink_to(outside)
    add_rows(
        environment, "evil-1.dist-info",
        str(outside / "x.txt"), "../../../../outside/x.txt", "../../../../near.txt", "linked/x.txt",
        "victim/__init__.py", "victim-1.dist-info/RECORD", "../../../bin/python", "../../../pyvenv.cfg",
        "../../../bin/activate", "../../../.hutch/lock", "..\\..\\..\\pyvenv.cfg",
        "", ".", "..", "../..", "../../..",
        "C:\\x", "evil/../victim/data.txt",
    )  # fmt: skip
    around = tree(tmp_path / "outside"), (tmp_path / "near.txt").read_text()
    sync(environment, keep={"victim"})
    assert (tree(tmp_path / "outside"), (tmp_path / "near.txt").read_text()) == around
    assert environment.installed().keys() == {"victim"}
    assert (environment.site_packages / "linked").is_symlink()
    for path in ("victim/__init__.py", "victim/data.txt", "victim-1.dist-info/RECORD"):
        assert (environment.site_packages / path).exists(), path
    for path in ("bin/python", "pyvenv.cfg", "bin/activate", ".hutch/lock"):
        assert (environment.path / path).exists(), path
    assert not (environment.site_packages / "evil.py").exists()


def test_a_recorded_link_is_removed_as_a_link(environment: Environment, wheel: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.txt").write_text("mine")
    sync(environment, wheel("alpha", "1", files={"alpha/__init__.py": ""}))
    (environment.site_packages / "alpha" / "link").symlink_to(outside)
    add_rows(environment, "alpha-1.dist-info", "alpha/link", "alpha/link/x.txt")
    sync(environment)
    assert (outside / "x.txt").exists()


def test_bytecode_and_empty_directories_go_and_what_is_foreign_stays(
    environment: Environment, wheel: Make
) -> None:
    before = tree(environment.root)
    one = wheel("alpha", "1", files={"alpha/__init__.py": "", "alpha/sub/x.py": "", "single.py": ""})
    sync(environment, one)
    site = environment.site_packages
    for cache, name in [("alpha", "__init__"), ("alpha/sub", "x"), (".", "single")]:
        (site / cache / "__pycache__").mkdir()
        for suffix in ("cpython-312.pyc", "cpython-312.opt-1.pyc", "pypy310.pyc"):
            (site / cache / "__pycache__" / f"{name}.{suffix}").write_bytes(b"")
    (site / "__pycache__" / "other.cpython-312.pyc").write_bytes(b"")
    (site / "alpha" / "sub" / "empty").mkdir()
    sync(environment)
    (site / "__pycache__" / "other.cpython-312.pyc").unlink()
    (site / "__pycache__").rmdir()
    left = tree(environment.root)
    assert {path for path in left if path not in before} <= {
        f"{environment.purelib}/alpha{below}" for below in ("", "/sub", "/sub/empty")
    }  # fmt: skip


def test_what_was_put_there_by_hand_stays(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1", files={"alpha/__init__.py": "", "alpha/sub/x.py": ""}))
    mine = environment.site_packages / "alpha" / "sub" / "settings.toml"
    mine.write_text("mine")
    sync(environment, wheel("alpha", "2", files={"alpha/__init__.py": "2", "alpha/other.py": ""}))
    assert mine.read_text() == "mine"
    assert not (environment.site_packages / "alpha" / "sub" / "x.py").exists()
    sync(environment)
    assert mine.read_text() == "mine"
    assert not (environment.site_packages / "alpha" / "__init__.py").exists()


def test_namespaces_go_with_their_last_package(environment: Environment, wheel: Make) -> None:
    before = tree(environment.root)
    one = wheel("space-a", "1", files={"space/deep/a/x.py": ""})
    other = wheel("space-b", "1", files={"space/deep/b/x.py": ""})
    sync(environment, one, other)
    sync(environment, other)
    assert (environment.site_packages / "space" / "deep" / "b" / "x.py").exists()
    assert not (environment.site_packages / "space" / "deep" / "a").exists()
    sync(environment, one, other)
    sync(environment)
    assert tree(environment.root) == before


def test_data_files_go_and_the_directories_of_the_environment_stay(
    environment: Environment, wheel: Make
) -> None:
    before = tree(environment.root)
    one = wheel(
        "alpha", "1",
        data={"data/share/man/man1/a.1": "x", "scripts/a-script": "#!python\n", "headers/a.h": "",
              "purelib/p.py": "", "platlib/q.py": "", "data/etc/x": ""},
    )  # fmt: skip
    sync(environment, one)
    version = ".".join(environment.python_version.split(".")[:2])
    assert (environment.path / "include" / "site" / f"python{version}" / "alpha" / "a.h").exists()
    assert (environment.path / "share" / "man" / "man1" / "a.1").exists()
    assert (environment.scripts_dir / "a-script").read_text() == f"#!{environment.executable}\n"
    recorded = read_record(environment.root, environment.installed()["alpha"].dist_info)
    assert all((environment.path / path).exists() for path in recorded)
    sync(environment)
    assert tree(environment.root) == {**before, "include": "directory"}


def test_what_pip_installed_is_uninstalled_like_our_own(environment: Environment) -> None:
    before = tree(environment.root)
    site = environment.site_packages
    (site / "six.py").write_text("")
    (site / "__pycache__").mkdir()
    (site / "__pycache__" / "six.cpython-312.pyc").write_bytes(b"")
    (environment.scripts_dir / "six").write_text("")
    (site / "six-1.0.dist-info").mkdir()
    (site / "six-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    (site / "six-1.0.dist-info" / "RECORD").write_text(
        'six.py,sha256=x,0\n__pycache__/six.cpython-312.pyc,,\n../../../bin/six,,\n"six-1.0.dist-info/RECORD",,\n'
    )
    sync(environment)
    assert tree(environment.root) == before


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.py", "lib/site/a/b.py"),
        ("../../bin/x", "bin/x"),
        ("../../../x", None),
        ("/etc/passwd", None),
        ("C:\\x", None),
        ("..\\..\\Scripts\\x.exe", "Scripts/x.exe"),
        ("./a//b", "lib/site/a/b"),
        ("../..", None),
        ("a/../../../../../x", None),
    ],
)
def test_paths_of_a_record(path: str, expected: str | None) -> None:
    assert resolve_path("lib/site", path) == expected


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1))
def test_a_row_is_read_back_as_it_was_written(path: str) -> None:
    from hutch.env.records import _parse

    assert list(_parse(render_row(path, "abc", 3))) == [(path, "sha256=abc", "3")]
