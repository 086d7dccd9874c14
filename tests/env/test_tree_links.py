"""Directories of wheels as links into the store: namespaces part, and nothing is done through a link."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from env.support import sync, tree
from env.test_kill import copy_of, killed_at
from hutch.env import (
    CannotRestore,
    CannotWrite,
    ClobberProblem,
    DamagedWheel,
    Environment,
    Wanted,
    apply_plan,
    lost_packages,
    plan_changes,
    plan_rollback,
    recover,
    trees_in_use,
    verify_environment,
)
from hutch.events import PhaseStarted
from hutch.store import Store
from hutch.values import replace

RECORD = "hutch.record"


@pytest.fixture
def linked(wheel: Callable[..., Wanted], store: Store) -> Callable[..., Wanted]:
    """As ``wheel``, to be linked by directories."""

    def make(*words: Any, **options: Any) -> Wanted:
        wanted = wheel(*words, **options)
        assert wanted.wheel is not None
        return replace(wanted, wheel=store.trees.plant(wanted.wheel))

    return make


@pytest.fixture(autouse=True)
def untouched(store: Store) -> Iterator[None]:
    """Whatever is done to environments: the trees are what they were when they were made."""
    yield
    for sha256, folder, current in store.trees.entries():
        if current:
            found = store.trees.find(sha256)
            assert found is not None
            for path, date in found.dates:
                assert os.stat(f"{folder}/files/{path}").st_mtime_ns == date


def site(environment: Environment) -> Path:
    return environment.site_packages


def links(environment: Environment) -> set[str]:
    """The links in `site-packages`, by path."""
    found = set()
    for directory, directories, _ in os.walk(site(environment)):
        for name in directories:
            if os.path.islink(os.path.join(directory, name)):
                found.add(os.path.relpath(os.path.join(directory, name), site(environment)))
    return found


def imported(environment: Environment, code: str) -> Any:
    """What the code prints (as JSON) in an interpreter that has this `site-packages`."""
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import json, sys; sys.path.insert(0, {str(site(environment))!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def faults(environment: Environment) -> list[tuple[str, str]]:
    return [(each.kind, each.path) for each in verify_environment(environment).faults]


def test_a_package_is_one_link_and_its_record_our_own(environment, linked):
    one = linked(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "v = 1\n", "alpha/deep/x.py": "", "alpha_one.py": "", "data/a.txt": "a"},
        console_scripts={"alpha": "alpha:main"},
        data={"data/share/alpha/x.txt": "x"},
    )
    sync(environment, one, link_mode="tree")
    assert links(environment) == {"alpha", "data"}
    info = site(environment) / "alpha-1.0.dist-info"
    assert info.is_dir()
    assert not info.is_symlink()
    assert sorted(os.listdir(info)) == sorted(["INSTALLER", "METADATA", "WHEEL", "entry_points.txt", RECORD])
    module = site(environment) / "alpha_one.py"
    assert module.is_file()
    assert not module.is_symlink()
    assert not (environment.path / "share" / "alpha" / "x.txt").is_symlink()
    rows = (info / RECORD).read_text().splitlines()
    assert f"alpha,tree={one.wheel.sha256}/{os.path.basename(one.wheel.folder)}," in rows
    assert rows[-1] == "alpha-1.0.dist-info/hutch.record,,"
    told = imported(
        environment,
        """
import alpha, alpha.deep.x, importlib.metadata as m
d = m.distribution("alpha")
names = [e.name for e in d.entry_points]
print(json.dumps([alpha.__file__, alpha.deep.x.__file__, d.version, d.files, names]))
""",
    )
    base = str(site(environment))
    assert told == [f"{base}/alpha/__init__.py", f"{base}/alpha/deep/x.py", "1.0", None, ["alpha"]]
    assert faults(environment) == []
    assert environment.installed()["alpha"].linked


def test_what_is_removed_leaves_the_tree_alone(environment, linked):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n", "alpha/b/c.py": ""})
    before = tree(site(environment))
    sync(environment, one, link_mode="tree")
    sync(environment, link_mode="tree")
    assert tree(site(environment)) == before
    assert os.path.isfile(f"{one.wheel.files}/alpha/b/c.py")
    # So it is when what was taken away is forgotten.
    shutil.rmtree(environment.path / ".hutch")
    assert os.path.isfile(f"{one.wheel.files}/alpha/b/c.py")


def test_namespaces_part_where_the_packages_do(environment, linked):
    a = linked("space-a", "1.0", files={"space/a/__init__.py": "v = 'a'\n", "space/a/sub/x.py": ""})
    b = linked("space-b", "1.0", files={"space/b/__init__.py": "v = 'b'\n"})
    sync(environment, a, link_mode="tree")
    assert links(environment) == {"space/a"}
    sync(environment, a, b, link_mode="tree")
    assert links(environment) == {"space/a", "space/b"}
    assert imported(environment, "import space.a, space.b; print(json.dumps([space.a.v, space.b.v]))") == [
        "a",
        "b",
    ]
    sync(environment, b, link_mode="tree")
    assert links(environment) == {"space/b"}
    assert not (site(environment) / "space" / "a").exists()


SHARED = {
    "a": {
        "pkg/__init__.py": "",
        "pkg/a/__init__.py": "v = 'a'\n",
        "pkg/a/in/x.py": "",
        "pkg/common/a.txt": "a",
    },
    "b": {"pkg/__init__.py": "", "pkg/b.py": "v = 'b'\n", "pkg/common/b.txt": "b", "pkg/b2/y.py": ""},
}


def test_a_directory_that_two_of_a_plan_share_is_real(environment, linked):
    sync(
        environment,
        linked("part-a", "1.0", files=SHARED["a"]),
        linked("part-b", "1.0", files=SHARED["b"]),
        link_mode="tree",
    )
    assert links(environment) == {"pkg/a", "pkg/b2"}
    assert sorted(os.listdir(site(environment) / "pkg" / "common")) == ["a.txt", "b.txt"]
    assert faults(environment) == []
    assert imported(environment, "import pkg.a, pkg.b; print(json.dumps([pkg.a.v, pkg.b.v]))") == ["a", "b"]


@pytest.mark.parametrize("mode", ["tree", "hardlink"])
def test_a_second_package_makes_a_directory_of_the_link(environment, linked, wheel, mode):
    a = linked("part-a", "1.0", files=SHARED["a"])
    b = (linked if mode == "tree" else wheel)("part-b", "1.0", files=SHARED["b"])
    sync(environment, a, link_mode="tree")
    assert links(environment) == {"pkg"}
    first = tree(site(environment))
    sync(environment, b, keep={"part-a"}, link_mode=mode)
    assert links(environment) == ({"pkg/a", "pkg/b2"} if mode == "tree" else {"pkg/a"})
    assert faults(environment) == []
    assert imported(environment, "import pkg.a, pkg.b; print(json.dumps([pkg.a.v, pkg.b.v]))") == ["a", "b"]
    # Who came first stays whole when the other goes, and the history knows how it was before.
    sync(environment, keep={"part-a"})
    assert faults(environment) == []
    assert imported(environment, "import pkg.a; print(json.dumps(pkg.a.v))") == "a"
    assert not (site(environment) / "pkg" / "b.py").exists()
    way = plan_rollback(environment, 1, lambda sha256: None)
    apply_plan(way.plan, environment)
    assert tree(site(environment)) == first


def test_what_comes_into_a_directory_of_somebody_does_not_link_it(environment, linked):
    (site(environment) / "alpha").mkdir()
    (site(environment) / "alpha" / "mine.txt").write_text("mine")
    sync(
        environment,
        linked("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/b/x.py": ""}),
        link_mode="tree",
    )
    assert links(environment) == {"alpha/b"}
    assert (site(environment) / "alpha" / "mine.txt").read_text() == "mine"


def test_a_link_of_somebody_is_not_gone_through(environment, linked, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", site(environment) / "alpha")
    with pytest.raises(ClobberProblem):
        sync(environment, linked("alpha", "1.0", files={"alpha/__init__.py": ""}), link_mode="tree")
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_file_of_another_package_below_a_link_is_still_a_clash(environment, linked):
    sync(
        environment,
        linked("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/x.py": "1"}),
        link_mode="tree",
    )
    before = tree(site(environment))
    with pytest.raises(ClobberProblem) as caught:
        sync(environment, linked("beta", "1.0", files={"alpha/x.py": "2"}), keep={"alpha"}, link_mode="tree")
    (clash,) = caught.value.clashes
    assert clash.path.endswith("alpha/x.py")
    assert tree(site(environment)) == before


def test_data_files_do_not_go_through_the_link_of_their_own_wheel(environment, linked):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/b/x.py": ""},
                 data={"purelib/alpha/extra.py": "e = 1\n"})  # fmt: skip
    sync(environment, one, link_mode="tree")
    assert links(environment) == {"alpha/b"}
    assert (site(environment) / "alpha" / "extra.py").read_text() == "e = 1\n"
    assert faults(environment) == []


def test_from_files_to_links_and_back(environment, linked, wheel):
    files = {"alpha/__init__.py": "v = 1\n", "alpha/b/x.py": ""}
    sync(environment, wheel("alpha", "1.0", files=files))
    real = tree(site(environment))
    sync(environment, linked("alpha", "1.0", files=files), reinstall={"alpha"}, link_mode="tree")
    assert links(environment) == {"alpha"}
    sync(environment, wheel("alpha", "1.0", files=files), reinstall={"alpha"})
    assert tree(site(environment)) == real


def test_an_edit_is_found_and_not_given_to_the_next(environment, linked, wheel, store):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n", "alpha/x.py": ""})
    sync(environment, one, link_mode="tree")
    module = site(environment) / "alpha" / "__init__.py"
    module.write_text("v = 2\n")  # in place, and of the same size
    assert faults(environment) == [("changed", module.relative_to(environment.path).as_posix())]
    # The entry is the same file: it is damaged, and so is what was made of it.
    assert store.wheels.find(one.wheel.sha256, check=True) is None
    os.utime(os.path.join(os.path.dirname(one.wheel.folder), "tree"), (0, 0))  # more than an hour ago
    assert store.trees.find(one.wheel.sha256) is None
    store.trees.forget(one.wheel.sha256)


def test_what_comes_into_a_tree_is_found_before_it_is_linked_to(environment, linked, store):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n"})
    os.chmod(f"{one.wheel.files}/alpha", 0o755)
    Path(one.wheel.files, "alpha", "cache.db").write_text("written by the package")
    with pytest.raises(DamagedWheel):
        sync(environment, one, link_mode="tree")
    store.trees.forget(one.wheel.sha256)
    again = store.trees.plant(store.wheels.find(one.wheel.sha256))
    assert again.folder != one.wheel.folder
    sync(environment, replace(one, wheel=again), link_mode="tree")
    assert sorted(os.listdir(site(environment) / "alpha")) == ["__init__.py", "__pycache__"]


def test_bytecode_goes_where_all_have_it_and_nothing_else_changes(environment, linked):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n", "alpha/deep/x.py": ""})
    sync(environment, one, link_mode="tree")
    imported(environment, "import alpha.deep.x; print(json.dumps(1))")
    assert os.listdir(f"{one.wheel.files}/alpha/deep/__pycache__")
    assert faults(environment) == []


def test_a_tree_that_is_gone_is_told(environment, linked, store):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n"})
    sync(environment, one, link_mode="tree")
    assert trees_in_use(environment.root) == {f"{one.wheel.sha256}/{os.path.basename(one.wheel.folder)}"}
    assert lost_packages(environment.root, environment.purelib) == []
    shutil.rmtree(os.path.dirname(one.wheel.folder))
    assert lost_packages(environment.root, environment.purelib) == ["alpha-1.0"]
    assert faults(environment) == [("missing", f"{environment.purelib}/alpha")]
    # Nothing but the links is needed to remove it.
    sync(environment)
    assert links(environment) == set()


def test_a_tree_that_goes_while_it_is_linked_to_undoes_the_change(environment, linked):
    """A link can be made to nothing, so it is looked at once more when its record is there to be seen."""
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n"})
    before = tree(environment.root)

    def clean(event):
        if isinstance(event, PhaseStarted):
            shutil.rmtree(os.path.dirname(one.wheel.folder))

    with pytest.raises(CannotWrite) as caught:
        sync(environment, one, link_mode="tree", emit=clean)
    assert isinstance(caught.value.__cause__, FileNotFoundError)  # so it is tried again, with another tree
    assert tree(environment.root) == before


def test_back_to_links(environment, linked):
    one = linked("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n", "alpha/b/x.py": ""})
    two = linked("alpha", "2.0", files={"alpha/__init__.py": "v = 2\n"})
    sync(environment, one, link_mode="tree")
    before = tree(site(environment))
    sync(environment, two, link_mode="tree")
    way = plan_rollback(environment, None, lambda sha256: None)
    apply_plan(way.plan, environment)
    assert tree(site(environment)) == before
    assert faults(environment) == []
    sync(environment, two, link_mode="tree")
    shutil.rmtree(os.path.dirname(one.wheel.folder))
    # Without its tree what was kept of it is of no use: the store may still have the wheel.
    asked: list[str] = []
    with pytest.raises(CannotRestore):
        plan_rollback(environment, None, lambda sha256: asked.append(sha256))
    assert asked == [one.wheel.sha256]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_anywhere_while_a_link_becomes_a_directory(environment, linked, tmp_path):
    a, gone = (
        linked("part-a", "1.0", files=SHARED["a"]),
        linked("gone", "1.0", files={"gone/__init__.py": ""}),
    )
    b = linked("part-b", "1.0", files=SHARED["b"])
    sync(environment, a, gone, link_mode="tree")
    plan = plan_changes(environment.installed(), [a, b])
    done = copy_of(environment, tmp_path / "done")
    apply_plan(plan, done, link_mode="tree")
    before, after = tree(environment.root), tree(done.root)
    assert links(done) == {"pkg/a", "pkg/b2"}
    step, old, new = 0, 0, 0
    while True:
        one = copy_of(environment, tmp_path / f"at{step}")
        killed = killed_at(step, lambda one=one: apply_plan(plan, one, link_mode="tree"))
        recover(one)
        found = tree(one.root)
        assert found in (before, after), f"neither old nor new when killed at step {step}"
        if not killed:
            break
        old, new = old + (found == before), new + (found == after)
        step += 1
    assert old > 20
    assert new >= 1


def counted(name: str, calls: dict[str, int]) -> Callable[..., Any]:
    real = getattr(os, name)

    def call(*words: Any, **options: Any) -> Any:
        calls[name] = calls.get(name, 0) + 1
        return real(*words, **options)

    return call


def test_no_more_links_than_packages_and_no_look_at_files(environment, linked, monkeypatch):
    files = {f"alpha/d{number % 7}/f{number}.py": "" for number in range(200)}
    wanted = [linked(name, "1.0", files={f"{name}/__init__.py": "", **{
        path.replace("alpha", name, 1): "" for path in files}}) for name in ("alpha", "beta")]  # fmt: skip
    plan = plan_changes(environment.installed(), wanted)
    calls: dict[str, int] = {}
    for name in ("link", "symlink", "stat", "lstat", "mkdir", "open"):
        monkeypatch.setattr(os, name, counted(name, calls))
    apply_plan(plan, environment, link_mode="tree")
    monkeypatch.undo()
    assert "symlink" not in calls
    assert calls["link"] <= 2 * 4 + 1  # the package, METADATA, WHEEL, the record; one INSTALLER for both
    assert calls["stat"] + calls["lstat"] < 80
    assert calls["open"] < 40
