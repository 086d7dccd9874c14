"""Stores that cannot be written, lie on another disk, below others, or belong to somebody else (D03-D07, D10, H08-H11)."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from commands.support import block, installed, manifest, read_only, shown, tmpfs

root_only = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can do this")


@pytest.fixture
def demo(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "x = 1\n", "alpha/y.py": ""})
    index.add_wheel("beta", "1.0")
    return project(manifest("alpha", "beta"))


def cache(demo) -> Path:
    return demo.home / "cache"


def whole_tree(path: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(p.relative_to(path)), p.lstat().st_mtime_ns, p.lstat().st_size) for p in path.rglob("*")
    )


def links(demo) -> int:
    return next((demo / ".venv").glob("lib/python*/site-packages/alpha/__init__.py")).stat().st_nlink


# -- read-only -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["sync", "lock", "add alpha", "run python -c 'import alpha'"])
def test_D04_a_cold_read_only_cache(demo, confined, command):
    cache(demo).mkdir()
    ran = confined(demo, read_only(cache(demo)), command).ok()
    warnings = [line for line in ran.stderr.splitlines() if line.startswith("warning")]
    assert len(warnings) <= 1
    assert list(cache(demo).iterdir()) == []


def test_D04_nothing_is_left_in_the_temporary_directory(demo, confined, tmp_path):
    (tmp_path / "tmp").mkdir()
    cache(demo).mkdir()
    demo.environ["TMPDIR"] = str(tmp_path / "tmp")
    assert "warning: the cache" in confined(demo, read_only(cache(demo)), "sync").ok().stderr
    assert list((tmp_path / "tmp").iterdir()) == []


def test_D05_a_warm_read_only_cache_says_nothing(demo, confined):
    demo.run("sync").ok()
    shutil.rmtree(demo / ".venv")
    before = whole_tree(cache(demo))
    # (To the kernel a mount that only looks read-only is another file system.)
    assert shown(confined(demo, read_only(cache(demo)), "sync --offline --link-mode copy")) == block("""
        exit 0
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + beta 1.0
    """)
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}
    assert whole_tree(cache(demo)) == before


def test_D05_a_read_only_cache_that_has_one_of_two(demo, confined, index):
    demo.run("sync").ok()
    shutil.rmtree(demo / ".venv")
    for path in cache(demo).glob("wheels-*/*/*"):
        if list(path.rglob("beta-1.0.dist-info")):
            shutil.rmtree(path)
    index.log.clear()
    ran = confined(demo, read_only(cache(demo)), "sync").ok()
    assert "cannot be written (Read-only file system): what is fetched or built now is not kept" in ran.stderr
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}
    assert len(index.asked("*.whl")) == 1


def test_a_script_in_a_read_only_cache_runs_in_a_temporary_environment(demo, confined, tmp_path):
    (tmp_path / "tmp").mkdir()
    demo.environ["TMPDIR"] = str(tmp_path / "tmp")
    demo.write({"s.py": "# /// script\n# dependencies = ['alpha']\n# ///\nimport alpha; print(alpha.x)\n"})
    cache(demo).mkdir()
    ran = confined(demo, read_only(cache(demo)), "run s.py").ok()
    assert ran.stdout == "1\n"
    assert list((tmp_path / "tmp").iterdir()) == []
    assert ran.stderr.count("warning: the cache") == 1


def test_no_place_at_all(demo, confined, tmp_path):
    cache(demo).mkdir()
    demo.run("lock").ok()
    shutil.rmtree(cache(demo))
    cache(demo).mkdir()
    demo.environ["TMPDIR"] = "/nonexistent"
    everything = "; ".join(read_only(path) for path in (cache(demo), "/tmp", "/var/tmp", demo.path))
    ran = confined(demo, everything, "sync")
    assert ran.exit_code == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("place", ["/dev/null", "/proc/nonexistent"])
def test_L08_a_home_where_nothing_can_be_made(demo, place):
    ran = demo.run("sync", environ={"HUTCH_CACHE_DIR": None, "HOME": place}, apart=True)
    assert ran.exit_code == 0, ran.stderr
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}


def test_L08_a_read_only_home(demo, confined, tmp_path, monkeypatch):
    home = tmp_path / "nobody"
    (home / ".cache").mkdir(parents=True)
    demo.environ["HOME"] = str(home)
    for name in ("HUTCH_CACHE_DIR", "HUTCH_DATA_DIR"):
        monkeypatch.delenv(name)
    ran = confined(demo, read_only(home), "sync").ok()
    assert ran.stderr.count("cannot be written (Read-only file system)") == 1
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}
    ran = confined(demo, read_only(home), "run python -c 'import alpha; print(alpha.x)'").ok()
    assert (ran.stdout, ran.stderr) == ("1\n", "")


def test_L07_no_home(demo, tmp_path):
    (tmp_path / "tmp").mkdir()
    gone = {"HUTCH_CACHE_DIR": None, "HOME": None, "XDG_CACHE_HOME": None, "TMPDIR": str(tmp_path / "tmp")}
    demo.run("sync", environ=gone, apart=True).ok()
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}


# -- another disk ----------------------------------------------------------------------------------


COPIED = "note: files are copied: the cache and the environment are on different file systems; with link-mode copy this is not said\n"


@pytest.mark.parametrize("mode", ["auto", "hardlink"])
def test_D06_another_file_system_is_said_once(demo, confined, mode):
    ran = confined(demo, tmpfs(cache(demo)), f"sync --link-mode {mode}").ok()
    assert ran.stderr.count(COPIED) == 1
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}
    assert links(demo) == 1


def test_D06_who_asked_for_copies_is_not_told(demo, confined):
    ran = confined(demo, tmpfs(cache(demo)), "sync --link-mode copy").ok()
    assert "copied" not in ran.stderr


def test_link_modes(demo):
    for mode, expected in (("hardlink", 2), ("copy", 1)):
        demo.run(f"sync --link-mode {mode} --reinstall").ok()
        assert links(demo) == expected
    ran = demo.run("sync --link-mode clone --reinstall").ok()
    # Where the disk has no clones they are copies, and that is said.
    assert links(demo) == 1
    assert ("there are no clones between" in ran.stderr) or ran.stderr


# -- layers ----------------------------------------------------------------------------------------


@pytest.fixture
def layer(demo, tmp_path):
    """A cache that has everything, which nobody may change."""
    demo.run("sync").ok()
    path = tmp_path / "a layer"
    shutil.copytree(cache(demo), path, symlinks=True)
    shutil.rmtree(cache(demo))
    shutil.rmtree(demo / ".venv")
    demo.environ["HUTCH_CACHE_LAYERS"] = os.pathsep.join([str(tmp_path / "absent"), str(path)])
    return path


def test_a_layer_has_everything(demo, layer, tmp_path, index):
    before = whole_tree(layer)
    index.log.clear()
    assert shown(demo.run("sync --offline")) == block(f"""
        exit 0
        warning: the cache layer {tmp_path}/absent is not there
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + beta 1.0
    """)
    assert index.log == []
    assert whole_tree(layer) == before
    assert links(demo) == 2  # linked from where it lies
    assert not list(cache(demo).glob("wheels-*/*/*"))


def test_a_damaged_layer_heals_in_the_own_cache(demo, layer, index):
    file = next(layer.rglob("alpha/__init__.py"))
    file.write_text("print('owned')\n")
    demo.run("sync").ok()
    assert next((demo / ".venv").rglob("alpha/__init__.py")).read_text() == "x = 1\n"
    assert file.read_text() == "print('owned')\n"
    shutil.rmtree(demo / ".venv")
    index.log.clear()
    ran = demo.run("sync").ok()
    assert "was changed" not in ran.stderr
    assert not index.asked("*.whl")


def test_a_layer_on_another_disk_is_copied_and_the_own_cache_linked(demo, layer, confined, index):
    for path in layer.glob("wheels-*/*/*"):
        if list(path.rglob("alpha-1.0.dist-info")):
            shutil.rmtree(path)
    mounts = f"mkdir -p '{layer}.new'; mount -t tmpfs -o mode=700 tmpfs '{layer}.new'; cp -a '{layer}/.' '{layer}.new'"
    demo.environ["HUTCH_CACHE_LAYERS"] = f"{layer}.new"
    ran = confined(demo, mounts, "sync").ok()
    assert ran.stderr.count(COPIED) == 1
    assert links(demo) == 2  # alpha, fetched into the own cache
    assert next((demo / ".venv").glob("lib/python*/site-packages/beta/__init__.py")).stat().st_nlink == 1


def test_layers_in_the_user_s_file(demo, layer):
    demo.environ["HUTCH_CACHE_LAYERS"] = None
    (demo.path.parent / "mine.toml").write_text(f"cache-layers = ['{layer.name}']\n")
    demo.run("sync --offline --config-file ../mine.toml").ok()
    assert installed(demo) == {"alpha": "1.0", "beta": "1.0"}


# -- somebody else's -------------------------------------------------------------------------------


@root_only
def test_H08_the_usual_cache_of_another_user_is_not_used(demo):
    home = demo.home / "theirs"
    usual = home / ".cache/hutch"
    surroundings = {"HUTCH_CACHE_DIR": None, "HOME": str(home)}
    home.mkdir()
    demo.run("sync", environ=surroundings).ok()
    file = next(usual.rglob("alpha/__init__.py"))
    facts = file.stat()
    file.write_text("x = 2\n")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    os.chown(usual, 4242, 4242)
    shutil.rmtree(demo / ".venv")
    before = whole_tree(usual)
    ran = demo.run("sync", environ=surroundings).ok()
    assert (
        "is not used, because it belongs to another user (4242): what is fetched or built now is not kept"
        in ran.stderr
    )
    assert next((demo / ".venv").rglob("alpha/__init__.py")).read_text() == "x = 1\n"
    assert whole_tree(usual) == before


@root_only
def test_H09_a_cache_of_another_user_that_was_chosen_is_used_and_said(demo):
    demo.run("sync").ok()
    shutil.rmtree(demo / ".venv")
    os.chown(cache(demo), 4242, 4242)
    ran = demo.run("sync --offline").ok()
    assert ran.stderr.splitlines()[0] == (
        "warning: the cache <cache> belongs to another user (4242): its files are used as they are"
    )


@pytest.mark.parametrize("setting", ["cache-dir = 'cache'", "cache-layers = ['cache']"])
def test_H10_a_cache_that_a_project_names_is_not_used(demo, setting):
    """A checkout could bring one along, with files under the hashes of its lock that are not theirs."""
    demo.run("sync").ok()
    shutil.rmtree(demo / ".venv")
    shutil.move(cache(demo), demo / "cache")
    file = next((demo / "cache").rglob("alpha/__init__.py"))
    facts = file.stat()
    file.write_text("x = 2\n")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    demo.write({"hutch.toml": f"{setting}\n"})
    ran = demo.run("sync").ok()
    assert "is passed over: a project does not say" in ran.stderr
    assert next((demo / ".venv").rglob("alpha/__init__.py")).read_text() == "x = 1\n"


@root_only
def test_H10_the_usual_cache_that_all_may_write_is_not_used(demo):
    home = demo.home / "mine"
    home.mkdir()
    surroundings = {"HUTCH_CACHE_DIR": None, "HOME": str(home)}
    demo.run("sync", environ=surroundings).ok()
    os.chmod(home / ".cache/hutch", 0o777)
    shutil.rmtree(demo / ".venv")
    ran = demo.run("sync", environ=surroundings).ok()
    assert "is not used, because it can be changed by every user of this machine" in ran.stderr


def test_H11_a_fresh_cache_is_its_user_s_alone(demo):
    before = os.umask(0)
    try:
        demo.run("sync", apart=True).ok()
    finally:
        os.umask(before)
    assert cache(demo).stat().st_mode & 0o777 == 0o700
    assert not [path for path in (demo / ".venv").rglob("alpha/*.py") if path.stat().st_mode & 0o022]


@root_only
def test_a_folder_that_root_has_left_in_the_cache(tmp_path):
    """After one `sudo hutch`: the cache is ours, a folder in it is not."""
    import multiprocessing

    from hutch.store import Store

    user = 4243
    os.chmod(tmp_path, 0o777)
    for parent in list(tmp_path.parents)[:3]:
        os.chmod(parent, 0o755 if parent.name != "tmp" else 0o1777)
    store = Store(tmp_path / "store")
    store.prepare()
    (tmp_path / "store/wheels-v2").mkdir()
    for path in (tmp_path / "store", tmp_path / "store/CACHEDIR.TAG", tmp_path / "store/.hutch-store"):
        os.chown(path, user, user)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_as_another_user, args=(str(tmp_path / "store"), user, theirs))
    process.start()
    process.join(60)
    assert ours.poll(1)
    reason = "Permission denied to wheels-v2"
    said = (
        f"the cache {tmp_path}/store cannot be written ({reason}): what is fetched or built now is not kept"
    )
    assert ours.recv() == [said]


def _as_another_user(root: str, user: int, answer) -> None:
    import tempfile

    from hutch.store import Store, cleaning, founding, locks, scratch  # noqa: F401  # before they are out of reach

    told: list[str] = []
    tempfile.tempdir = "/tmp"
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    try:
        store = Store(root, elsewhere=told.append)
        with store.scratch():
            pass
        store.close()
    except BaseException as error:
        told.append(repr(error))
    answer.send(told)


# -- clones ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_a_clone_that_only_a_layer_has_is_copied(project, tmp_path):
    """git writes into its clones, so one of a layer is not worked with where it lies."""
    from faults.test_store_damage import BACKEND

    made = project()
    made.write({
        "../repository/pyproject.toml": "[project]\nname = 'lib'\nversion = '1'\n"
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n",
        "../repository/backend.py": BACKEND,
    })  # fmt: skip
    repository = made.path.parent / "repository"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@index.example"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], cwd=repository, check=True)
    made.write({"pyproject.toml": manifest(f"lib @ git+{repository.as_uri()}")})
    made.run("sync").ok()
    shutil.rmtree(made / ".venv")
    layer = tmp_path / "layer"
    shutil.move(cache(made), layer)
    for kind in ("built-v1", "wheels-v2"):
        shutil.rmtree(layer / kind)
    shutil.move(repository, made.path.parent / "gone")
    before = whole_tree(layer)
    made.environ["HUTCH_CACHE_LAYERS"] = str(layer)
    made.run("sync --offline").ok()
    assert installed(made) == {"lib": "1"}
    assert whole_tree(layer) == before
    assert len(list((cache(made) / "git-v1").iterdir())) == 1
