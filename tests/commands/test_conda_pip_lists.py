"""``pip:`` lists of an environment.yml, and conda's verbs beside what came from an index: one solve."""

from __future__ import annotations

import json
import os

import pytest

from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel

HERE = subdir_here()
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")
SITE = "lib/python{}/site-packages"


def python(version):
    minor = version.rpartition(".")[0]
    return CondaPackage(
        "python",
        version,
        subdir=HERE,
        files={"bin/python": f"#!/bin/sh\necho {version}\n", f"lib/python{minor}/os.py": ""},
        modes={"bin/python": 0o755},
    )


def conda_vector(version):
    info = f"site-packages/vector-{version}.dist-info"
    files = {
        "site-packages/vector/__init__.py": version,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: vector\nVersion: {version}\n",
        f"{info}/RECORD": "",
    }
    purls = [f"pkg:pypi/vector@{version}"]
    return CondaPackage("vector", version, noarch="python", depends=["python"], files=files, purls=purls)


PACKAGES = (
    python("3.12.4"), python("3.13.0"), conda_vector("1.0"), conda_vector("2.0"),
    CondaPackage("tool", "1", files={"share/tool": "1"}),
)  # fmt: skip


@pytest.fixture
def demo(project, index, tmp_path):
    index.add_wheel("flask", "3.0", requires=["vector<2"])
    index.add_wheel("flask", "2.0", requires=["vector"])
    index.add_wheel("extra", "1.0")
    index.add_wheel("extra", "2.0")
    index.add_wheel("broken", "1.0", requires=["vector>=9"])
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(found.path / "chan", PACKAGES)
    found.root = tmp_path / "data" / "envs" / "sci"
    return found


def yml(demo, *conda, pip=(), name="environment.yml"):
    lines = ["name: sci", "channels: [./chan]", "dependencies:", *(f"  - {each}" for each in conda)]
    lines += ["  - pip:", *(f"    - {each}" for each in pip)] if pip else []
    (demo.path / name).write_text("\n".join(lines) + "\n")


def listed(demo, which="-n sci"):
    rows = json.loads(demo.run(f"conda list {which} --json").ok().stdout)
    return {row["name"]: (row["version"], row["channel"] == "pypi") for row in rows}


def test_both_kinds_come_of_one_solve_in_one_change(demo):
    yml(demo, "python=3.12", "vector", pip=["flask==3.0"])
    demo.run("conda env create -f environment.yml").ok()
    # What the index's package needs is heard by the choice among conda's.
    assert listed(demo) == {"python": ("3.12.4", False), "vector": ("1.0", False), "flask": ("3.0", True)}
    generations = json.loads(demo.run("env history -n sci --json").ok().stdout)["generations"]
    assert len(generations) == 1
    assert "3.0" in demo.run("conda env export -n sci").ok().stdout


def test_files_and_constraints_that_the_list_names_count(demo):
    (demo.path / "more.txt").write_text("extra\n")
    (demo.path / "limits.txt").write_text("extra<2\n")
    yml(demo, "python=3.12", pip=["-r more.txt", "-c limits.txt"])
    demo.run("env create sci -f environment.yml").ok()
    assert listed(demo)["extra"] == ("1.0", True)


def test_a_pip_part_that_cannot_be_leaves_nothing(demo):
    yml(demo, "python=3.12", "vector", pip=["broken"])
    ran = demo.run("conda env create -f environment.yml")
    assert ran.exit_code == 1
    assert "broken 1.0" in ran.stderr
    assert not demo.root.exists()
    yml(demo, "python=3.12", "vector", pip=["extra==1.0"])
    demo.run("conda env create -f environment.yml").ok()
    before = {path: path.read_bytes() for path in demo.root.rglob("*") if path.is_file()}
    yml(demo, "python=3.12", "tool", pip=["extra==2.0", "nowhere"])
    ran = demo.run("conda env update -f environment.yml")
    assert ran.exit_code == 1
    now = {path: path.read_bytes() for path in demo.root.rglob("*") if path.is_file()}
    assert now == before


def test_an_update_prunes_both_kinds(demo):
    yml(demo, "python=3.12", "vector", pip=["flask==2.0", "extra==1.0"])
    demo.run("conda env create -f environment.yml").ok()
    yml(demo, "python=3.12", "tool", pip=["extra"])
    demo.run("conda env update -f environment.yml").ok()
    found = listed(demo)
    assert found["flask"] == ("2.0", True)
    assert found["tool"] == ("1", False)
    demo.run("conda env update -f environment.yml --prune").ok()
    assert set(listed(demo)) == {"python", "tool", "extra"}
    yml(demo, "python=3.12", "tool")
    demo.run("conda env update -f environment.yml --prune").ok()
    assert set(listed(demo)) == {"python", "tool"}


def test_conda_verbs_keep_what_an_index_gave(demo, index):
    yml(demo, "python=3.12", pip=["flask==3.0"])
    demo.run("conda env create -f environment.yml").ok()
    asked = len(index.log)
    demo.run("conda install -n sci tool").ok()
    demo.run("conda update -n sci --all").ok()
    assert len(index.log) == asked  # what is there says itself what it needs
    assert listed(demo)["vector"] == ("1.0", False)
    ran = demo.run("conda install -n sci vector=2.0")
    assert ran.exit_code == 1
    assert "flask 3.0 needs vector<2" in ran.stderr or "flask" in ran.stderr
    assert listed(demo)["vector"] == ("1.0", False)


def test_another_python_takes_the_wheels_with_it(demo):
    yml(demo, "python=3.12", pip=["extra==1.0"])
    demo.run("conda env create -f environment.yml").ok()
    assert (demo.root / SITE.format("3.12") / "extra-1.0.dist-info").is_dir()
    demo.run("conda install -n sci python=3.13").ok()
    assert listed(demo) == {"python": ("3.13.0", False), "extra": ("1.0", True)}
    assert (demo.root / SITE.format("3.13") / "extra-1.0.dist-info").is_dir()
    assert not (demo.root / SITE.format("3.12") / "extra-1.0.dist-info").exists()
    demo.run("env rollback -n sci").ok()
    assert (demo.root / SITE.format("3.12") / "extra-1.0.dist-info").is_dir()
    assert listed(demo)["python"] == ("3.12.4", False)


def test_a_package_moves_from_the_index_to_conda_when_that_is_asked(demo, index):
    index.add_wheel("vector", "1.5")
    yml(demo, "python=3.12", pip=["vector==1.5", "extra"])
    demo.run("conda env create -f environment.yml").ok()
    assert listed(demo)["vector"] == ("1.5", True)
    demo.run("conda install -n sci vector=1.0").ok()
    assert listed(demo) == {"python": ("3.12.4", False), "vector": ("1.0", False), "extra": ("2.0", True)}


def test_a_project_of_this_disk_is_installed_from_a_list(demo):
    (demo.path / "extra-1.0-py3-none-any.whl").write_bytes(_wheel())
    yml(demo, "python=3.12", pip=["./extra-1.0-py3-none-any.whl"])
    demo.run("conda env create -f environment.yml").ok()
    assert listed(demo)["extra"] == ("1.0", True)
    demo.run("conda install -n sci tool").ok()
    assert listed(demo)["extra"] == ("1.0", True)


def _wheel():
    from hutch.testing.wheels import make_wheel

    return make_wheel("extra", "1.0", files={"extra.py": ""})[1]


# -- just these: clones, lists of addresses -----------------------------------------------------------------


def test_a_clone_has_what_came_from_an_index(demo, index):
    yml(demo, "python=3.12", "tool", pip=["flask==3.0"])
    demo.run("conda env create -f environment.yml").ok()
    asked = len(index.log)
    demo.run("env clone sci copy").ok()
    demo.run("conda create -n other --clone sci").ok()
    assert len(index.log) == asked
    assert listed(demo, "-n copy") == listed(demo, "-n other") == listed(demo)
    demo.run("conda install -n copy python=3.13").ok()
    assert listed(demo, "-n copy")["flask"] == ("3.0", True)


def test_a_list_of_addresses_makes_the_same_again(demo):
    yml(demo, "python=3.12", "vector=1.0", "tool")
    demo.run("conda env create -f environment.yml").ok()
    wanted = listed(demo)
    rows = [json.loads(path.read_bytes()) for path in (demo.root / "conda-meta").glob("*.json")]
    for digest, mark in (("md5", ""), ("sha256", "sha256:")):
        lines = ["@EXPLICIT", *(f"{row['url']}#{mark}{row[digest]}" for row in rows)]
        (demo.path / f"{digest}.txt").write_text("\n".join(lines) + "\n")
    demo.run("conda create -n one --file md5.txt").ok()
    demo.run("conda env create -n two -f sha256.txt").ok()
    assert listed(demo, "-n one") == listed(demo, "-n two") == wanted
    meta = json.loads((demo.root.parent / "one/conda-meta/vector-1.0-0.json").read_bytes())
    assert meta["depends"] == ["python"]
    text = (demo.path / "sha256.txt").read_text()
    spoiled = [f"{line[:-4]}0000" if "tool" in line else line for line in text.splitlines()]
    (demo.path / "bad.txt").write_text("\n".join(spoiled) + "\n")
    ran = demo.run("conda create -n three --file bad.txt")
    assert ran.exit_code == 1
    assert not (demo.root.parent / "three").exists()


def test_the_lock_of_conda_lock_makes_an_environment(demo):
    yml(demo, "python=3.12", "tool")
    demo.run("conda env create -f environment.yml").ok()
    rows = [json.loads(path.read_bytes()) for path in (demo.root / "conda-meta").glob("*.json")]
    package = [
        {
            "name": row["name"], "version": row["version"], "manager": "conda", "platform": HERE,
            "url": row["url"], "dependencies": {}, "category": "main",
            "hash": {"md5": row["md5"], "sha256": row["sha256"]},
        }
        for row in rows
    ]  # fmt: skip
    lock = {"version": 1, "metadata": {"platforms": [HERE], "channels": []}, "package": package}
    (demo.path / "conda-lock.yml").write_text(json.dumps(lock))
    demo.run("conda create -n one --file conda-lock.yml").ok()
    assert listed(demo, "-n one") == listed(demo)
    ran = demo.run("conda create -n two tool --file conda-lock.yml")
    assert ran.exit_code == 2
    lock["package"].append({**package[0], "name": "flask", "manager": "pip"})
    (demo.path / "conda-lock.yml").write_text(json.dumps(lock))
    ran = demo.run("conda create -n two --file conda-lock.yml")
    assert ran.exit_code == 2
    assert "has packages of an index, too" in ran.stderr


# -- what a machine has; variables --------------------------------------------------------------------------


def test_variables_of_a_file_are_set_where_the_environment_is_used(demo):
    text = "name: sci\nchannels: [./chan]\ndependencies: [tool]\nvariables:\n  WHERE: here\n  NUMBER: 3\n"
    (demo.path / "environment.yml").write_text(text)
    demo.run("conda env create -f environment.yml").ok()
    assert json.loads((demo.root / "conda-meta/state").read_bytes()) == {
        "env_vars": {"WHERE": "here", "NUMBER": "3"}
    }
    assert demo.run("conda run -n sci sh -c 'echo $WHERE$NUMBER'").ok().stdout == "here3\n"
    (demo.path / "environment.yml").write_text(text.replace("here", "there"))
    demo.run("conda env update").ok()
    assert demo.run("conda run -n sci sh -c 'echo $WHERE$NUMBER'").ok().stdout == "there3\n"
    # What cannot be read is somebody's, and not replaced.
    broken = '{"env_vars": {"MINE": "1"},}'
    (demo.root / "conda-meta/state").write_text(broken)
    ran = demo.run("conda env update")
    assert ran.exit_code == 1
    assert "conda-meta/state" in ran.stderr
    assert (demo.root / "conda-meta/state").read_text() == broken


def test_scripts_that_ask_conda_for_a_machine_are_answered(demo):
    yml(demo, "tool")
    demo.run("conda env create -f environment.yml").ok()
    demo.environ["CONDA_PREFIX"] = os.fspath(demo.root)
    demo.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    said = json.loads(demo.run("conda info --json").ok().stdout)
    assert said["platform"] == HERE
    assert said["active_prefix_name"] == "sci"
    assert len(said["envs"]) == 1
    assert said["envs"][0].endswith("/envs/sci")
    assert ["__cuda", "12.4", "0"] in said["virtual_pkgs"]
    assert all(url.endswith((f"/{HERE}", "/noarch")) for url in said["channels"])
    shown = demo.run("conda info --all").ok().stdout
    assert "virtual packages :" in shown
    assert "sci" in demo.run("conda info --envs").ok().stdout
    assert len(demo.run("conda info --base").ok().stdout.splitlines()) == 1


# -- in hutch's words ---------------------------------------------------------------------------------


def test_words_that_only_conda_has_make_an_environment_of_conda(demo):
    demo.run("env create sci --channel ./chan --override-channels python=3.12 tool").ok()
    assert listed(demo) == {"python": ("3.12.4", False), "tool": ("1", False)}
    demo.environ["CONDA_CHANNELS"] = os.fspath(demo.path / "chan")
    demo.run("env create two python=3.13 tool").ok()
    assert listed(demo, "-n two")["python"] == ("3.13.0", False)


def test_both_kinds_in_one_command(demo):
    (demo.path / "more.txt").write_text("extra<2\n")
    words = "--channel ./chan --override-channels --conda python=3.12 --conda vector"
    demo.run(f"env create sci {words} flask==3.0 -r more.txt").ok()
    found = listed(demo)
    assert found["vector"] == ("1.0", False)
    assert found["flask"] == ("3.0", True)
    assert found["extra"] == ("1.0", True)
    ran = demo.run(f"env create three {words} flask==3.0 --conda vector=2.0")
    assert ran.exit_code == 1
    assert not (demo.root.parent / "three").exists()


def test_an_environment_of_both_kinds_gets_another_name(demo):
    yml(demo, "python=3.12", "tool", pip=["flask==3.0"])
    demo.run("conda env create -f environment.yml").ok()
    before = listed(demo)
    (demo.root / "conda-meta/pinned").write_text("tool 1\n")
    demo.run("env rename sci lab").ok()
    assert (demo.root.parent / "lab/conda-meta/pinned").read_text() == "tool 1\n"
    assert listed(demo, "-n lab") == before
    assert not demo.root.exists()
