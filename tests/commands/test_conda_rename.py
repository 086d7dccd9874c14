"""``hutch env rename`` of conda's environments: history, what is changed, what is nobody's, who uses it."""

from __future__ import annotations

import json
import os

import pytest

from commands.conda_world import HERE, alone, make_demo, python
from conda.mixing import library, wheel_folder
from conda.real import same_tree
from hutch.testing.conda import PLACEHOLDER, CondaPackage

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")
C = "-c ./chan --override-channels"


def tool(version):
    return CondaPackage(
        "tool",
        version,
        noarch="python",
        depends=["python"],
        files={
            "site-packages/tool.py": f"V = {version!r}\n",
            "python-scripts/t": f"#!{PLACEHOLDER}/bin/python\n",
        },
        entry_points=["tool = tool:main"],
    )  # fmt: skip


@pytest.fixture
def demo(project, tmp_path):
    return make_demo(
        project,
        [
            python("3.12.4"),
            python("3.13.0"),
            library("1.0"),
            library("2.0"),
            tool("1"),
            tool("2"),
            alone("mine"),
        ],
        HUTCH_FIND_LINKS=os.fspath(wheel_folder(tmp_path)),
        HUTCH_NO_INDEX="1",
    )


def sound(demo, name):
    told = json.loads(demo.run(f"env verify -n {name} --deep --json --offline").stdout)
    assert [each for each in told["faults"] if each["kind"] != "interpreter"] == []


def versions(demo, name):
    rows = json.loads(demo.run(f"conda list -n {name} --json").ok().stdout)
    return {row["name"]: row["version"] for row in rows}


def told_of(demo, name):
    """Its generations; what they cost depends on who has links to it."""
    rows = json.loads(demo.run(f"env history -n {name} --json").ok().stdout)["generations"]
    return [{key: value for key, value in row.items() if key != "kept_bytes"} for row in rows]


LATER = "an-environment-with-a-much-longer-name"


def test_it_is_what_it_would_be_if_it_had_been_made_there(demo):
    asked = "python=3.12 libvec=2 tool=1"
    demo.run(f"conda create -n sci {C} {asked}").ok()
    demo.run(f"env rename sci {LATER}").ok()
    renamed = demo.root.parent / LATER
    found = same_tree(renamed, instead=os.fspath(renamed))  # every byte
    sound(demo, LATER)
    demo.run(f"env remove {LATER} --yes").ok()
    demo.run(f"conda create -n {LATER} {C} {asked}").ok()
    assert same_tree(renamed, instead=os.fspath(renamed)) == found


def test_it_can_be_rolled_back_under_its_new_name(demo):
    asked = "--conda python=3.12 --conda libvec=1 --conda tool=1 converter extra"
    demo.run(f"env create sci --channel ./chan --override-channels {asked}").ok()
    first = same_tree(demo.root)
    demo.run("conda install -n sci libvec=2 tool=2").ok()
    demo.run("conda install -n sci python=3.13").ok()
    generations = told_of(demo, "sci")
    assert len(generations) == 3
    before = same_tree(demo.root, instead=os.fspath(demo.root))
    demo.run(f"env rename sci {LATER}").ok()
    assert not demo.root.exists()
    assert told_of(demo, LATER) == generations
    sound(demo, LATER)
    demo.run(f"env rollback -n {LATER} 1").ok()
    assert versions(demo, LATER)["libvec"] == "1.0"
    assert versions(demo, LATER)["converter"] == "0.1"
    sound(demo, LATER)
    place = demo.root.parent / LATER
    assert (place / "bin/converter").read_text().startswith(f"#!{place}/bin/python")
    assert str(demo.root).encode() + b"/" not in (place / "bin/tool").read_bytes()
    assert first.keys() == same_tree(place).keys()
    # And back to where it began, to the byte.
    demo.run(f"env rollback -n {LATER} 3").ok()
    demo.run(f"env rename {LATER} sci").ok()
    assert same_tree(demo.root, instead=os.fspath(demo.root)) == before
    demo.run("env rollback -n sci 1").ok()
    assert same_tree(demo.root) == first
    sound(demo, "sci")


def test_what_is_changed_stays_changed_and_what_is_nobodys_comes_along(demo):
    demo.run(f"conda create -n sci {C} python=3.12 libvec mine").ok()
    (demo.root / "mine.txt").write_text(f"in {demo.root}")
    (demo.root / "share/mine").write_text("changed")
    config = demo.root / "etc/vec.conf"
    config.write_text(config.read_text() + f"# {demo.root}/more {demo.root}s\n")
    (demo.root / "here").symlink_to(demo.root / "share")
    (demo.root / "conda-meta/pinned").write_text("libvec 2.*\n")
    (demo.root / "conda-meta/frozen").write_text("{}")
    demo.run("env rename sci lab").ok()
    place = demo.root.parent / "lab"
    assert (place / "mine.txt").read_text() == f"in {demo.root}"
    assert (place / "share/mine").read_text() == "changed"
    text = (place / config.relative_to(demo.root)).read_text()
    assert text.endswith(f"# {place}/more {demo.root}s\n")
    assert os.readlink(place / "here") == f"{place}/share"
    assert (place / "conda-meta/pinned").read_text() == "libvec 2.*\n"
    assert (place / "conda-meta/frozen").exists()
    told = json.loads(demo.run("env verify -n lab --deep --json --offline").stdout)
    changed = {each["path"] for each in told["faults"] if each["kind"] == "changed"}
    assert changed == {"share/mine", str(config.relative_to(demo.root))}
    noted = (demo.home / ".conda/environments.txt").read_text().split("\n")
    assert str(place) in noted
    assert str(demo.root) not in noted


def test_a_binary_that_somebody_has_changed_is_not_guessed_at(demo):
    demo.run(f"conda create -n sci {C} libvec").ok()
    path = next(path for path in (demo.root / "lib").iterdir() if path.name.startswith("libvec.so"))
    path.unlink()
    path.write_bytes(b"\x7fELF\0" + os.fsencode(demo.root) + b"/lib\0tight")
    before = same_tree(demo.root)
    ran = demo.run("env rename sci lab")
    assert ran.exit_code == 1
    assert "is another file than was installed" in ran.stderr
    assert same_tree(demo.root) == before
    assert sorted(os.listdir(demo.root.parent)) == ["sci"]


def test_who_changes_it_is_waited_for(demo):
    from hutch.env.locking import hold_lock

    demo.run(f"conda create -n sci {C} mine").ok()
    with hold_lock(os.fspath(demo.root)):
        other = demo.start("env rename sci lab", stderr=-1)
        line = other.stderr.readline()
        assert "waiting for" in line
        assert not (demo.root.parent / "lab").exists()
    other.communicate(timeout=30)
    assert other.returncode == 0
    assert (demo.root.parent / "lab").exists()


def test_a_path_that_is_too_long_leaves_it_as_it_is(demo, tmp_path):
    short = CondaPackage(
        "short", subdir=HERE, placeholder="/opt/short_placehold" + "_" * 60,
        files={"lib/short": b"\x7fELF\0/opt/short_placehold" + b"_" * 60 + b"/lib\0"},
    )  # fmt: skip
    demo2 = demo
    from hutch.testing.conda import index_channel

    index_channel(demo2.path / "other", [short])
    base = os.fspath(demo2.root.parent)
    if len(base) + 2 > 80 or len(base) + 64 <= 80:
        pytest.skip("the path of the tests decides what is too long")
    demo2.run("conda create -n s -c ./other --override-channels short").ok()
    ran = demo2.run("env rename s " + "s" * 60)
    assert ran.exit_code == 1
    assert "too long" in ran.stderr
    assert os.listdir(base) == ["s"]
