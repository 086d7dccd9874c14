"""``hutch conda rename`` where a path is said: on either side, with the care of a rename by name."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from commands.conda_world import alone, conda, library, make_demo, python
from hutch.testing.conda import PLACEHOLDER, index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")


@pytest.fixture
def demo(project):
    told = alone(
        "told",
        files={"bin/told": f"#!{PLACEHOLDER}/bin/python\n", "share/told.txt": f"in {PLACEHOLDER}\n"},
        modes={"bin/told": 0o755},
    )
    made = make_demo(project, [python(), library("1.0"), library("1.5"), told])
    conda(made, "create -p ./old -c ./chan --override-channels python told libfoo=1.0")
    conda(made, "install -p ./old -c ./chan --override-channels libfoo=1.5")
    return made


def contents(root):
    """What of a prefix must not get another word: all but what tells of this place and moment."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".hutch" not in path.parts
    }


def faults(root):
    """What is not as its records say; the Python of these tests is none that answers."""
    from hutch.env import open_prefix, verify_environment

    found = verify_environment(open_prefix(str(root)), deep=True).findings
    return [one for one in found if one.kind != "interpreter"]


def assert_whole(demo, root, *, others=()):
    """It works there and nowhere else, with its history, and nothing is left of what was under way."""
    assert (root / "share/told.txt").read_text() == f"in {root}\n"
    assert (root / "bin/told").read_text() == f"#!{root}/bin/python\n"
    assert faults(root) == []
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix == ".json":
            for other in others:
                assert str(other).encode() not in path.read_bytes(), path
    assert not (root / ".hutch" / "moved").exists()
    noted = (demo.home / ".conda" / "environments.txt").read_text().splitlines()
    assert str(root) in noted
    assert not set(noted) & set(map(str, others))
    moves = demo.home / "data" / "moves"
    assert not moves.exists() or os.listdir(moves) == []
    for folder in {each.parent for each in (root, *others) if each.parent.exists()}:
        assert [name for name in os.listdir(folder) if name.startswith((".new-", ".gone-"))] == []


def test_from_one_directory_to_another(demo):
    old, new = demo.path / "old", demo.path / "deep" / "er" / "new"
    ran = conda(demo, "rename -p ./old ./deep/er/new")
    assert (ran.stdout, ran.stderr.splitlines()[-1].partition(" in ")[0]) == (
        "",
        f"Renamed old to {Path('deep/er/new')} (Python 3.12.4, 3 packages)",
    )
    assert not old.exists()
    assert_whole(demo, new, others=[old])
    # The history came along: one can go back, and what comes back is for the new place.
    conda(demo, f"install -p {new} --revision 1")
    listed = json.loads(conda(demo, f"list -p {new} --json").stdout)
    assert {each["name"]: each["version"] for each in listed}["libfoo"] == "1.0"
    assert conda(demo, f"run -p {new} python x").stdout == "python 3.12.4 x\n"


def test_between_names_and_places(demo):
    old, named, lab = demo.path / "old", demo.root, demo.root.parent / "lab"
    told = json.loads(conda(demo, "rename -p ./old sci --json").stdout)
    shown = demo.filtered(str(old)), "sci", demo.filtered(str(named)), True
    assert (told["source"], told["name"], told["path"], told["renamed"]) == shown
    assert_whole(demo, named, others=[old])
    conda(demo, "rename -n sci lab")
    assert_whole(demo, lab, others=[named])
    told = json.loads(conda(demo, "rename -n lab ./here --json").stdout)
    assert (told["source"], told["name"], told["path"]) == ("lab", "", demo.filtered(str(demo.path / "here")))
    assert_whole(demo, demo.path / "here", others=[lab])
    assert conda(demo, "env list").stdout.splitlines()[2:] == [
        demo.filtered(f"{'':<24}   {demo.path / 'here'}")
    ]
    # A path to where hutch's have their names is a name.
    told = json.loads(conda(demo, f"rename -p ./here {named} --json").stdout)
    assert (told["name"], told["path"]) == ("sci", demo.filtered(str(named)))


def test_one_of_condas_own_by_its_name_stays_in_condas_folder(demo):
    envs = demo.home / "miniconda3" / "envs"
    (envs.parent / "conda-meta").mkdir(parents=True)
    (envs.parent / "conda-meta" / "history").touch()
    (envs.parent / "condabin").mkdir()
    conda(demo, f"rename -p ./old {envs / 'his'}")
    conda(demo, "rename -n his hers")
    assert_whole(demo, envs / "hers", others=[envs / "his"])
    assert conda(demo, "run -n hers python x").stdout == "python 3.12.4 x\n"
    ran = conda(demo, f"rename -p {envs.parent} ./mine", 1)
    assert "is conda's own environment, and is not renamed" in ran.stderr


def test_what_is_refused_leaves_all_as_it_was(demo):
    before = contents(demo.path / "old")
    (demo.path / "full").mkdir()
    (demo.path / "link").symlink_to("old")
    for words, code, said in (
        ("rename -p ./old ./full", 1, "is there already"),
        ("rename -p ./old ./old", 1, "is there already"),
        ("rename -p ./old .", 1, "is there already"),
        ("rename -p ./old ./old/inner/new", 2, "cannot become a part of itself"),
        ("rename -p ./old ./link/new", 2, "cannot become a part of itself"),
        ("rename -p ./link ./new", 2, "is a link"),
        ("rename -p ./nowhere ./new", 1, "there is no environment in"),
        ("rename -p ./full ./new", 1, "is no conda environment"),
        ("rename -p ./old 3.12", 2, "how a Python is asked for"),
        ("rename ./new", 1, "no environment was named"),
    ):
        ran = conda(demo, words, code)
        assert (ran.stdout, said in ran.stderr) == ("", True), (words, ran.stderr)
    assert contents(demo.path / "old") == before
    assert sorted(os.listdir(demo.path)) == sorted(["chan", "full", "link", "old"])
    assert "Would rename old to new" in conda(demo, "rename -p ./old ./new --dry-run").stderr
    assert not (demo.path / "new").exists()
    demo.environ["CONDA_PREFIX"] = str(demo.path / "old")
    assert "active" in conda(demo, "rename -p ./old ./new", 1).stderr
    assert not (demo.path / "new").exists()
    conda(demo, "rename -p ./old ./new --force")


def test_a_place_that_is_too_long_for_a_package(demo):
    """A binary file has room for a path of some length: nothing is made where it does not suffice."""
    index = [python(), alone("blob", files={"lib/blob.so": b"\0" + PLACEHOLDER.encode() + b"/lib\0\1"})]
    index_channel(demo.path / "more", index)
    conda(demo, "create -p ./with -c ./more --override-channels python blob")
    before, entries = contents(demo.path / "with"), sorted(os.listdir(demo.path))
    ran = conda(demo, f"rename -p ./with ./{'/'.join(['d' * 60] * 5)}", 1)
    assert "blob" in ran.stderr
    assert (contents(demo.path / "with"), sorted(os.listdir(demo.path))) == (before, entries)
    conda(demo, "rename -p ./with ./shorter")
    assert f"{demo.path}/shorter/lib\0".encode() in (demo.path / "shorter/lib/blob.so").read_bytes()
    assert faults(demo.path / "shorter") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for the superuser")
def test_where_nothing_can_be_written(demo):
    before = contents(demo.path / "old")
    (demo.path / "closed").mkdir()
    (demo.path / "closed").chmod(0o555)
    ran = conda(demo, "rename -p ./old ./closed/below/new", 1)
    assert "cannot write" in ran.stderr
    shutil.move(demo.path / "old", demo.path / "shut")
    os.rename(demo.path / "shut", demo.path / "old")
    demo.path.chmod(0o555)
    try:
        ran = conda(demo, f"rename -p ./old {demo.home / 'new'}", 1)
        assert "could not go from there" in ran.stderr
    finally:
        demo.path.chmod(0o755)
    assert contents(demo.path / "old") == before
    assert not (demo.home / "new").exists()


def test_links_lead_to_it(demo):
    """A prefix speaks of itself by the path that it was made under, whichever it is called by now."""
    (demo.path / "way").symlink_to(demo.path)
    conda(demo, "create -p ./way/made -c ./chan --override-channels python told")
    assert (demo.path / "made/share/told.txt").read_text() == f"in {demo.path}/way/made\n"
    conda(demo, "rename -p ./made ./new")
    assert (demo.path / "new/share/told.txt").read_text() == f"in {demo.path}/new\n"
    noted = (demo.home / ".conda" / "environments.txt").read_text()
    assert f"{demo.path}/way/made\n" not in noted
    conda(demo, "rename -p ./way/old ./way/newer")
    assert (demo.path / "newer/share/told.txt").read_text() == f"in {demo.path}/way/newer\n"


def test_on_another_disk_it_is_copied(demo):
    shm = Path("/dev/shm")
    if not os.access(shm, os.W_OK) or shm.stat().st_dev == demo.path.stat().st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shm) as other:
        new = Path(other) / "new"
        conda(demo, f"rename -p ./old {new}")
        assert not (demo.path / "old").exists()
        assert_whole(demo, new, others=[demo.path / "old"])
        assert conda(demo, f"run -p {new} python x").stdout == "python 3.12.4 x\n"


def test_one_that_came_along_is_no_better_known_afterwards(demo):
    """Who renames what a checkout has brought has not made it: no command starts its Python unasked."""
    from hutch.ops.conda_made import was_made_here

    conda(demo, "rename -p ./old ./new")
    assert was_made_here(str(demo.path / "new"))
    shutil.copytree(demo.path / "new", demo.path / "brought", symlinks=True)
    conda(demo, "rename -p ./brought ./renamed")
    assert not was_made_here(str(demo.path / "renamed"))


def test_what_somebody_has_changed_since_is_not_deleted(demo):
    """Cut off between the two steps both are whole; one that was changed since is somebody's own."""
    shutil.copytree(demo.path / "old", demo.path / "new", symlinks=True)
    (demo.path / "new/.hutch/moved").write_text("0123456789ab")
    moves = demo.home / "data" / "moves"
    moves.mkdir(parents=True)
    note = {
        "token": "0123456789ab",
        "old": str(demo.path / "old"),
        "new": str(demo.path / "new"),
        "stage": str(demo.path / ".new-0123456789ab"),
        "gone": str(demo.path / ".gone-0123456789ab"),
        "mark": "another",
        "folders": [],
    }
    (moves / "0123456789ab.json").write_text(json.dumps(note))
    (moves / "broken.json").write_text("{")
    conda(demo, "env list")
    assert os.listdir(moves) == []
    assert (demo.path / "old").exists()
    assert not (demo.path / "new/.hutch/moved").exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_anywhere_it_is_old_or_new_and_whole(demo, how):
    import random

    from faults.killing import count_changes, killed_at, points

    few = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 8
    shutil.copytree(demo.path / "old", demo.path / "model", symlinks=True)
    total = count_changes(demo, "conda rename -p ./old ./sub/new")
    old, new = demo.path / "old", demo.path / "sub" / "new"
    conda(demo, "rename -p ./sub/new ./old")
    os.rmdir(demo.path / "sub")
    drawn = random.Random(f"rename {how}")
    late = range(max(1, total - 40), total + 1, 2 if few > 8 else 8)
    for number in sorted({*points(drawn, total, few), *late}):
        done = killed_at(demo, "conda rename -p ./old ./sub/new", number, how)
        assert "Traceback" not in done.stderr, done.stderr
        listed = conda(demo, "env list").stdout
        here, gone = (old, new) if old.exists() else (new, old)
        assert not gone.exists(), (number, total)
        assert demo.filtered(str(here)) in listed
        assert_whole(demo, here, others=[gone])
        if here == new:
            conda(demo, "rename -p ./sub/new ./old")
            os.rmdir(demo.path / "sub")
        assert sorted(os.listdir(demo.path)) == ["chan", "model", "old"], (number, total)


def test_where_the_old_one_cannot_go_there_is_no_new_one(demo, monkeypatch):
    """As the root of a mounted file system cannot be renamed."""
    import errno

    before = contents(demo.path / "old")
    real = os.rename

    def busy(source, target, **more):
        if os.path.basename(source) == "old":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), source)
        real(source, target, **more)

    monkeypatch.setattr(os, "rename", busy)
    ran = conda(demo, "rename -p ./old ./sub/new", 1)
    assert "busy" in ran.stderr
    assert contents(demo.path / "old") == before
    assert sorted(os.listdir(demo.path)) == ["chan", "old"]
    assert os.listdir(demo.home / "data" / "moves") == []
