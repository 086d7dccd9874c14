"""``hutch env pack|unpack`` of conda's environments: elsewhere, with hutch and without, to the byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from commands.conda_world import HERE, alone, make_demo, python
from conda.mixing import library, wheel_folder
from conda.real import run_in, same_tree
from hutch.testing.conda import PLACEHOLDER, CondaPackage, index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")
SPECS = "--conda python=3.12 --conda libvec --conda tool converter extra"


def tool():
    return CondaPackage(
        "tool",
        "1",
        noarch="python",
        depends=["python"],
        files={
            "site-packages/tool.py": "V = 1\n",
            "python-scripts/t": f"#!{PLACEHOLDER}/bin/python\n",
            "share/tool.txt": f"at {PLACEHOLDER}\n" * 9000,  # more than is kept in memory
        },
        links={"share/link": "tool.txt"},
        directories=["var/empty"],
        entry_points=["tool = tool:main"],
    )


@pytest.fixture
def demo(project, tmp_path):
    return make_demo(
        project,
        [python("3.12.4"), library("1.0"), tool(), alone("mine")],
        HUTCH_FIND_LINKS=os.fspath(wheel_folder(tmp_path)),
        HUTCH_NO_INDEX="1",
    )


def made(demo, name="sci", specs=SPECS):
    demo.run(f"env create {name} --channel ./chan --override-channels {specs}").ok()
    return demo.root.parent / name


def sound(demo, which, **more):
    told = json.loads(demo.run(f"env verify {which} --deep --json --offline", **more).stdout)
    assert [each for each in told["faults"] if each["kind"] != "interpreter"] == []
    return told


def content(root):
    """All files but what tells of the way: where a package was unpacked, dates of the history."""
    tree = same_tree(root, instead=os.fspath(root))
    return {
        path: row for path, row in tree.items() if not path.startswith("conda-meta/") and path != "conda-meta"
    }


@pytest.mark.parametrize("form", ["tar.zst", "tar.gz", "zip"])
def test_unpacked_it_is_what_it_would_be_if_it_had_been_made_there(demo, form):
    made(demo)
    ran = demo.run(f"env pack sci -o packed.{form}").ok()
    assert "Packed" in ran.stderr
    assert "with Python 3.12.4" in ran.stderr
    assert "may not work" not in ran.stderr
    demo.run(f"env unpack packed.{form} -n another-one-with-a-longer-name").ok()
    place = demo.root.parent / "another-one-with-a-longer-name"
    sound(demo, f"-n {place.name}")
    rows = json.loads(demo.run(f"conda list -n {place.name} --json").ok().stdout)
    assert {row["name"]: row["version"] for row in rows} == {
        "python": "3.12.4", "libvec": "1.0", "tool": "1", "converter": "0.1", "extra": "1.0",
    }  # fmt: skip
    assert (place / "var/empty").is_dir()
    assert str(place) in (demo.home / ".conda/environments.txt").read_text()
    found = content(place)
    history = json.loads(demo.run(f"env history -n {place.name} --json").ok().stdout)["generations"]
    assert len(history) == 1
    # It can be changed and rolled back like any other.
    demo.run(f"conda install -n {place.name} mine -c ./chan --override-channels").ok()
    demo.run(f"env rollback -n {place.name}").ok()
    assert content(place) == found
    demo.run(f"env remove {place.name} --yes").ok()
    fresh = content(made(demo, place.name))
    assert found == fresh


def test_two_environments_in_two_places_are_the_same_archive(demo):
    made(demo)
    made(demo, "a-second-one")
    for name in ("sci", "a-second-one"):
        history = demo.root.parent / name / "conda-meta/history"
        history.write_text("the same\n")  # it has the date and the words of the command
    packs = []
    for name in ("sci", "a-second-one"):
        demo.run(f"env pack {name} -o {name}.tar.gz").ok()
        demo.run(f"env unpack {name}.tar.gz ./out-{name}").ok()
        with subprocess.Popen(
            ["tar", "xzOf", f"{name}.tar.gz", "hutch-pack.json"], cwd=demo.path, stdout=-1
        ) as tar:
            assert tar.stdout is not None
            packs.append(json.loads(tar.stdout.read()))
    one, two = packs
    assert one["placed"] == two["placed"]
    assert one["files"] == two["files"]
    assert os.fspath(demo.root) not in json.dumps(one)


def test_without_hutch_tar_and_a_script_are_enough(demo, tmp_path):
    made(demo)
    demo.run("env pack sci -o packed.tar.gz").ok()
    place = tmp_path / "out with-hutch"
    demo.run(f"env unpack packed.tar.gz '{place}'").ok()
    os.rename(place, place.with_name("kept"))
    place.mkdir()
    subprocess.run(["tar", "xzf", demo.path / "packed.tar.gz", "-C", place], check=True)
    ran = subprocess.run(
        ["sh", place / "hutch-unpack", sys.executable], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{place} is ready\n"
    # The other one has to be where this one is, so that both name the same place.
    for name in ("hutch-unpack", "hutch-pack.json"):
        (place / name).unlink()
    mine = content(place)
    os.rename(place, place.with_name("mine"))
    os.rename(place.with_name("kept"), place)
    theirs = content(place)
    assert {path: row for path, row in theirs.items() if mine.get(path) != row} == {}
    shutil.rmtree(place)
    os.rename(place.with_name("mine"), place)
    demo.run(f"conda list -p '{place}'").ok()
    told = json.loads(demo.run(f"conda list -p '{place}' --json").stdout)
    assert len(told) == 5
    records = list((place / "conda-meta").glob("*.json"))
    checked = 0
    for record in records:
        for entry in json.loads(record.read_text())["paths_data"]["paths"]:
            if entry["path_type"] not in ("softlink", "directory"):
                import hashlib

                data = (place / entry["_path"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() == entry["sha256_in_prefix"], entry
                checked += bool(entry.get("prefix_placeholder"))
    assert checked >= 4


def test_the_script_goes_on_where_it_was_cut_off(demo, tmp_path):
    made(demo)
    demo.run("env pack sci -o packed.tar.gz").ok()
    place = tmp_path / "out"
    place.mkdir()
    subprocess.run(["tar", "xzf", demo.path / "packed.tar.gz", "-C", place], check=True)
    command = ["sh", os.fspath(place / "hutch-unpack"), sys.executable]
    (place / "conda-meta/hutch-unpacking").write_text("")
    text = place / "etc/vec.conf"
    text.write_text(text.read_text().replace(PLACEHOLDER, str(place)))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert not (place / "conda-meta/hutch-unpacking").exists()
    assert str(place) in text.read_text()
    # Another time there is something else, and it is not believed.
    (place / "share/vec/words.txt").write_text("other")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "not as it was packed" in ran.stderr


@pytest.mark.slow
def test_a_real_python_and_a_real_library(project, real_channel, tmp_path):
    from conda.real import the_python

    demo = project({}, CONDA_PREFIX=None)
    version = the_python().version
    demo.run(
        f"conda create -n day -c {real_channel} --override-channels python={version} libgreet greeter"
    ).ok()
    root = demo.home / "data/envs/day"
    said = run_in(root, "greeter-version")
    demo.run("env pack day -o day.tar.gz").ok()
    demo.run("env unpack day.tar.gz ./there").ok()
    (plain := tmp_path / "plain").mkdir()
    subprocess.run(["tar", "xzf", demo.path / "day.tar.gz", "-C", plain], check=True)
    shutil.rmtree(root)
    # The Python of the environment does it itself.
    ran = subprocess.run(
        ["sh", plain / "hutch-unpack"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for place in (demo.path / "there", plain):
        assert run_in(place, "greeter-version") == said
        assert run_in(place, "python", "-c", "import sys; print(sys.prefix)") == str(place)
    assert json.loads(demo.run("conda list -p ./there --json").ok().stdout)


def test_what_is_changed_and_what_is_nobodys(demo):
    root = made(demo)
    (root / "share/vec/words.txt").write_text("changed")
    config = root / "etc/vec.conf"
    config.write_text(config.read_text() + "# mine\n")
    (root / "notes.txt").write_text(f"in {root}")
    ran = demo.run("env pack sci -o packed.tar.gz").ok()
    assert "notes.txt" in ran.stderr
    assert "may not work" in " ".join(ran.stderr.split())
    ran = demo.run("env unpack packed.tar.gz -n two").ok()
    assert "packed with changes, in libvec" in " ".join(ran.stderr.split())
    place = root.parent / "two"
    assert (place / "etc/vec.conf").read_text() == f"prefix = {place}\n# mine\n"
    told = json.loads(demo.run("env verify -n two --deep --json --offline").stdout)
    changed = {each["path"] for each in told["faults"] if each["kind"] == "changed"}
    assert changed == {"share/vec/words.txt", "etc/vec.conf"}
    binary = root / "lib/libvec.so.1"
    binary.unlink()
    binary.write_bytes(b"\x7fELF\0" + os.fsencode(root) + b"/share\0tight")
    ran = demo.run("env pack sci -o other.tar.gz")
    assert ran.exit_code == 1
    assert "lib/libvec.so.1 is another file than was installed" in " ".join(ran.stderr.split())
    assert not (demo.path / "other.tar.gz").exists()
    demo.run("env pack sci -o other.tar.gz --exclude lib/libvec.so.1").ok()
    demo.run("env unpack other.tar.gz -n three").ok()
    assert not (root.parent / "three/lib/libvec.so.1").exists()
    (record,) = (root.parent / "three/conda-meta").glob("libvec-*.json")
    assert "libvec.so" not in record.read_text()


def test_what_does_not_fit_is_said_before_anything_is_made(demo, tmp_path):
    short = CondaPackage(
        "short", subdir=HERE, placeholder="/opt/short_placehold" + "_" * 100,
        files={"lib/short": b"\x7fELF\0/opt/short_placehold" + b"_" * 100 + b"/lib\0"},
    )  # fmt: skip
    needy = alone("needy", depends=["__glibc >=2.17"])
    index_channel(demo.path / "other", [short, needy])
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    if len(os.fspath(demo.root)) > 115:
        pytest.skip("the path of the tests is too long for the package itself")
    demo.run("conda create -n sci -c ./other --override-channels short needy").ok()
    demo.run("env pack sci -o packed.tar.gz").ok()
    ran = demo.run(f"env unpack packed.tar.gz {deep}")
    assert ran.exit_code == 1
    assert "is too long: lib/short has room for 120 bytes" in " ".join(ran.stderr.split())
    assert not deep.parent.exists()
    ran = demo.run("env unpack packed.tar.gz -n two", environ={"CONDA_OVERRIDE_GLIBC": "2.12"})
    assert ran.exit_code == 1
    assert "it needs __glibc >=2.17, and this machine has __glibc 2.12" in " ".join(ran.stderr.split())
    ran = demo.run("env unpack packed.tar.gz -n two --python 3.12")
    assert ran.exit_code == 2
    assert "has a Python of its own" in ran.stderr
    ran = demo.run("env unpack packed.tar.gz -n sci")
    assert ran.exit_code == 1
    told = json.loads(demo.run("env unpack packed.tar.gz -n two --dry-run --json").ok().stdout)
    assert (told["packages"], told["python"], told["dry_run"]) == (2, "", True)
    assert sorted(os.listdir(demo.root.parent)) == ["sci"]


def test_for_another_platform_it_is_told_so(demo):
    made(demo)
    from hutch.env.packing.manifest import MANIFEST

    demo.run("env pack sci -o packed.zip").ok()
    import zipfile

    other = "osx-arm64" if HERE != "osx-arm64" else "linux-64"
    with zipfile.ZipFile(demo.path / "packed.zip") as old, zipfile.ZipFile(demo.path / "far.zip", "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == MANIFEST:
                data = data.replace(HERE.encode(), other.encode(), 1)
            new.writestr(entry, data)
    ran = demo.run("env unpack far.zip -n two")
    assert ran.exit_code == 1
    assert f"it is for {other}, and this is {HERE}" in ran.stderr


WRONG = {
    "a path that leads out": {"files": [["../x", 1, "0" * 64, 0]]},
    "hutch's own": {"files": [[".hutch/change-1-a", 1, "0" * 64, 0]]},
    "twice": {"files": [["a", 1, "0" * 64, 0], ["a", 1, "0" * 64, 0]]},
    "a size that is none": {"files": [["a", -1, "0" * 64, 0]]},
    "a file that is not in it": {"placed": [["b", "text", "/hold"]]},
    "a link to be written to": {"placed": [["l", "text", "/hold"]]},
    "a way that nobody knows": {"placed": [["conda-meta/history", "other", "/hold"]]},
    "nothing to be replaced": {"placed": [["conda-meta/history", "text", ""]]},
    "placed twice": {"placed": [["conda-meta/history", "text", "/hold"]] * 2},
    "no environment": {"files": [["a", 1, "0" * 64, 0]], "placed": []},
    "two lines": {"prefix": {"subdir": "a\nb", "name": "", "python": "", "needs": []}},
    "no list": {"wheels": 3},
    "half a row": {"packages": [["a", "1"]]},
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_manifest_that_nobody_can_mean(fault):
    from hutch.env.packing.manifest import BadManifest
    from hutch.env.packing.prefix_manifest import parse_any

    sound = {
        "format": "hutch-pack-conda-1",
        "hutch": "1",
        "prefix": {"subdir": "linux-64", "name": "sci", "python": "", "needs": []},
        "packages": [],
        "wheels": [],
        "left_out": [],
        "placed": [["conda-meta/history", "text", "/hold"]],
        "links": [["l", "conda-meta"]],
        "files": [["conda-meta/history", 1, "0" * 64, 0]],
    }
    pack = parse_any(json.dumps(sound).encode())
    assert parse_any(pack.render()) == pack
    with pytest.raises(BadManifest):
        parse_any(json.dumps({**sound, **WRONG[fault]}).encode())


def test_an_archive_that_was_changed_leaves_nothing(demo):
    import zipfile

    made(demo)
    demo.run("env pack sci -o packed.zip").ok()
    with zipfile.ZipFile(demo.path / "packed.zip") as old, zipfile.ZipFile(demo.path / "bad.zip", "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data.replace(b"prefix", b"PREFIX") if "vec.conf" in entry.filename else data)
    ran = demo.run("env unpack bad.zip -n two")
    assert ran.exit_code == 1
    assert "etc/vec.conf" in ran.stderr
    assert sorted(os.listdir(demo.root.parent)) == ["sci"]


@pytest.mark.slow
def test_a_project_that_is_worked_on_is_built_as_it_is_now(project, real_channel):
    """A project's environment is a prefix where it asks for conda's packages."""
    from commands.packages import SHOP, SHOP_BACKEND

    demo = project({}, CONDA_PREFIX=None, HUTCH_NO_INDEX="1")
    demo.write(
        {
            "backend/mine.py": SHOP_BACKEND,
            "pyproject.toml": f"""{SHOP.replace('"alpha"', "")}
[tool.hutch.conda]
channels = ["{real_channel}"]
platforms = ["{HERE}"]
dependencies = ["python", "libgreet"]
""",
            "src/shop.py": "def main():\n    print('open')\n",
        }
    )
    demo.run("sync").ok()
    assert (demo.path / ".venv/conda-meta/history").exists()
    ran = demo.run("env pack -o shop.tar.gz")
    assert ran.exit_code == 1
    assert "--no-editable builds shop" in ran.stderr

    def now():
        """But for bytecode: a build starts the Python of the environment."""
        tree = same_tree(demo.path / ".venv")
        return {path: row for path, row in tree.items() if "__pycache__" not in path}

    before = now()
    demo.run("env pack --no-editable").ok()
    assert now() == before
    assert not [name for name in os.listdir(demo.path) if name.endswith(".packing")]
    (demo.path / "src/shop.py").unlink()
    name = os.path.basename(demo.path)
    demo.run(f"env unpack {name}.tar.zst ./there").ok()
    assert run_in(demo.path / "there", "python", "-c", "import shop; shop.main()") == "open"
    assert (
        run_in(demo.path / "there", "python", "-c", "import sys; print(sys.prefix)") == f"{demo.path}/there"
    )
    demo.run("env pack --ignore-editable -o without.zip").ok()
    demo.run("env unpack without.zip ./without").ok()
    assert not list((demo.path / "without").rglob("shop-*.dist-info"))
