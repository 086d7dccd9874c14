"""``hutch conda create|install|update|remove|list|run|export|env``, with real packages in a folder."""

from __future__ import annotations

import json
import os
import shlex
import subprocess

import pytest

from commands.conda_world import conda
from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel

HERE = subdir_here()
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages have programs of a POSIX shell")


def python(version):
    return CondaPackage(
        "python",
        version,
        subdir=HERE,
        files={
            "bin/python": f'#!/bin/sh\necho python {version} DEEP=$DEEP PREFIX=$CONDA_PREFIX "$@"\nexit 7\n',
            f"lib/python{version.rpartition('.')[0]}/os.py": "",
        },
        modes={"bin/python": 0o755},
        depends=["libfoo"],
    )


def pure(version):
    files = {"site-packages/pure/__init__.py": version}
    return CondaPackage("pure", version, noarch="python", depends=["python", "dep"], files=files)


def library(version):
    return CondaPackage("libfoo", version, subdir=HERE, files={"share/foo.txt": version})


PACKAGES = (
    python("3.12.1"), python("3.12.4"), python("3.13.0"),
    library("1.0"), library("2.0"),
    pure("1.0"), pure("2.0"),
    CondaPackage("dep", "1", files={"share/dep": "1"}),
    CondaPackage("alone", "1", files={"share/alone": "1"}),
    CondaPackage("act", "1", files={"etc/conda/activate.d/a.sh": "export DEEP=activated\n"}),
    CondaPackage("needs13", "1", depends=["python >=3.13"], files={"share/needs13": "1"}),
)  # fmt: skip
C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project, tmp_path):
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(found.path / "chan", PACKAGES)
    found.root = tmp_path / "data" / "envs" / "sci"
    return found


def listed(demo, which="-n sci"):
    rows = json.loads(conda(demo, f"list {which} --json").stdout)
    return {row["name"]: row["version"] for row in rows}


def test_a_day_with_an_environment(demo):
    conda(demo, f"create -n sci {C} python=3.12 'pure<2' libfoo=1")
    assert listed(demo) == {"dep": "1", "libfoo": "1.0", "pure": "1.0", "python": "3.12.4"}
    # What is there stays; the channel is that of what is there.
    conda(demo, "install -n sci act")
    assert listed(demo)["libfoo"] == "1.0"
    ran = demo.run("conda run -n sci python word")
    assert ran.exit_code == 7
    assert ran.stdout == f"python 3.12.4 DEEP=activated PREFIX={demo.filtered(str(demo.root))} word\n"
    ran = demo.run("run -n sci python word")
    assert ran.exit_code == 7, ran.stderr
    assert "DEEP=activated" in ran.stdout
    # Within what was asked for, and the user is told.
    ran = conda(demo, "update -n sci pure")
    assert "pure stays at 1.0: it was asked for as 'pure<2'" in ran.stderr
    conda(demo, "install -n sci pure=2")
    assert listed(demo)["pure"] == "2.0"
    conda(demo, "update -n sci --all")
    assert listed(demo) == {"act": "1", "dep": "1", "libfoo": "1.0", "pure": "2.0", "python": "3.12.4"}
    # What came with it goes with it; what was asked for stays.
    conda(demo, "remove -n sci pure")
    assert listed(demo) == {"act": "1", "libfoo": "1.0", "python": "3.12.4"}
    history = (demo.root / "conda-meta/history").read_text()
    assert "# update specs: ['python=3.12', 'pure<2', 'libfoo=1']" in history
    assert "# remove specs: ['pure']" in history
    ran = demo.run("env rollback -n sci")
    assert ran.exit_code == 0, ran.stderr
    assert listed(demo)["pure"] == "2.0"
    assert listed(demo)["dep"] == "1"


def test_what_was_asked_for_is_remembered_after_going_back(demo):
    conda(demo, f"create -n sci {C} libfoo=1 alone")
    conda(demo, "install -n sci libfoo=2")
    assert listed(demo)["libfoo"] == "2.0"
    assert demo.run("env rollback -n sci").exit_code == 0
    conda(demo, "update -n sci --all")
    assert listed(demo) == {"alone": "1", "libfoo": "1.0"}


def test_the_same_again(demo):
    conda(demo, f"create -n sci {C} python=3.12 'pure<2' libfoo=1 act")
    exact = conda(demo, "env export -n sci").stdout
    asked = conda(demo, "export -n sci --from-history").stdout
    assert exact.startswith("name: sci\nchannels:\n  - file://")
    assert "  - libfoo=1.0=0\n" in exact
    assert "prefix:" not in exact
    for word in ("act", "libfoo=1", '"pure<2"', "python=3.12"):
        assert f"  - {word}\n" in asked
    conda(demo, "env export -n sci -f exact.yml")
    conda(demo, "export -n sci --from-history -f asked.yml")
    assert demo.filtered((demo.path / "exact.yml").read_text()) == exact
    conda(demo, "env create -f exact.yml -n exact")
    conda(demo, "env create -f asked.yml -p ./asked")
    conda(demo, "create -n copy --clone sci")
    (demo.path / "list.txt").write_text(conda(demo, "list -n sci --export").stdout)
    conda(demo, f"create -n list {C} --file list.txt")
    explicit = conda(demo, "list -n sci --explicit --sha256").stdout
    assert "@EXPLICIT\n" in explicit
    for which in ("-n exact", "-p ./asked", "-n copy", "-n list"):
        assert conda(demo, f"list {which} --explicit --sha256").stdout == explicit
    # With its own name, which is taken.
    ran = demo.run("conda env create -f exact.yml")
    assert ran.exit_code == 1
    assert "there is an environment named sci" in ran.stderr
    assert set(conda(demo, "env list").stdout.split()) >= {"exact", "copy", "list", "sci"}
    conda(demo, "env remove -n exact")
    assert not (demo.root.parent / "exact").exists()
    assert demo.run("conda list -n exact").exit_code == 1


def test_a_file_makes_an_environment_just_that(demo):
    conda(demo, f"create -n sci {C} libfoo=1 alone")
    (demo.path / "environment.yml").write_text(
        "name: sci\nchannels: [./chan]\ndependencies:\n  - act\n  - libfoo\n  - dep  # [win]\n"
    )
    conda(demo, "env update")
    assert listed(demo) == {"act": "1", "alone": "1", "libfoo": "1.0"}
    conda(demo, "env update --prune")
    assert listed(demo) == {"act": "1", "libfoo": "1.0"}
    before = sorted(os.listdir(demo.root / "conda-meta"))
    (demo.path / "environment.yml").write_text(
        "name: sci\nchannels: [./chan]\ndependencies:\n  - alone\n  - pip:\n      - flask\n"
    )
    ran = demo.run("conda env update")
    assert ran.exit_code == 1
    assert "there is no package named flask\n  asked for in environment.yml:6" in ran.stderr
    assert sorted(os.listdir(demo.root / "conda-meta")) == before


def test_pins_and_the_minor_version_of_python_hold(demo):
    conda(demo, f"create -n sci {C} python=3.12 libfoo=1")
    ran = demo.run("conda install -n sci needs13")
    assert ran.exit_code == 1
    assert "needs13" in ran.stderr
    conda(demo, "install -n sci needs13 python=3.13")
    assert listed(demo)["python"] == "3.13.0"
    (demo.root / "conda-meta/pinned").write_text("libfoo 1.*  # for good\n")
    conda(demo, "install -n sci alone libfoo")  # as in conda: the pin holds beside what is asked for
    conda(demo, "update -n sci --all")
    assert listed(demo)["libfoo"] == "1.0"


def test_what_cannot_be_leaves_nothing(demo):
    ran = demo.run(f"conda create -n sci {C} libfoo=9")
    assert ran.exit_code == 1
    assert not demo.root.exists()
    ran = demo.run(f"conda create -n sci {C} nothing-like-it")
    assert ran.exit_code == 1
    assert "nothing-like-it" in ran.stderr
    conda(demo, f"create -n sci {C} libfoo --dry-run")
    assert not demo.root.exists()
    conda(demo, f"create -n sci {C} libfoo")
    assert demo.run(f"conda create -n sci {C} libfoo").exit_code == 1
    for words, why in [
        ("remove -n sci act", "not installed"),
        ("update -n sci act", "not installed"),
        ("install -n sci", "nothing to install"),
        ("list", "no environment was named"),
        ("list -p ./chan", "is no conda environment"),
        ("list -n other", "no environment named other"),
        ("create libfoo", "has no name"),
    ]:
        ran = demo.run(f"conda {words}")
        assert ran.exit_code in (1, 2), words
        assert why in ran.stderr


def test_what_needs_it_goes_too(demo):
    conda(demo, f"create -n sci {C} python=3.12 pure alone")
    said = json.loads(conda(demo, "remove -n sci libfoo --dry-run --json").stdout)
    assert [step["name"] for step in said["steps"]] == ["dep", "libfoo", "pure", "python"]
    assert len(listed(demo)) == 5
    conda(demo, "remove -n sci libfoo")
    assert listed(demo) == {"alone": "1"}


def test_the_active_environment_is_meant(demo):
    conda(demo, f"create -p ./env {C} alone")
    demo.environ["CONDA_PREFIX"] = os.fspath(demo.path / "env")
    assert listed(demo, "") == {"alone": "1"}
    conda(demo, "install act")
    assert listed(demo, "") == {"act": "1", "alone": "1"}
    ran = demo.run("conda env remove -p ./env")
    assert ran.exit_code == 1
    assert "is in use" in ran.stderr
    demo.environ["CONDA_PREFIX"] = None
    (demo.path / "env/condabin").mkdir()
    ran = demo.run("conda env remove -p ./env --force")
    assert ran.exit_code == 1
    assert "conda's own environment" in ran.stderr
    (demo.path / "env/condabin").rmdir()
    conda(demo, "env remove -p ./env")
    assert not (demo.path / "env").exists()


def test_hutchs_own_word_for_it(demo):
    ran = demo.run("env create sci --channel ./chan --override-channels --conda python=3.12 --conda alone")
    assert ran.exit_code == 0, ran.stderr
    assert "Made sci with Python 3.12.4 and 3 packages" in ran.stderr
    assert listed(demo) == {"alone": "1", "libfoo": "2.0", "python": "3.12.4"}
    said = json.loads(demo.run("env path sci --json").stdout)
    assert said["exists"]
    assert said["interpreter"].endswith("sci/bin/python")
    (row,) = json.loads(demo.run("env list --json").stdout)["environments"]
    assert (row["name"], row["python"], row["packages"], row["broken"]) == ("sci", "3.12.4", 3, None)
    ran = demo.run("env create sci --conda alone --channel ./chan --override-channels")
    assert ran.exit_code == 1
    assert "there is an environment named sci" in ran.stderr
    conda(demo, "env export -n sci -f environment.yml")
    assert demo.run("env create two -f environment.yml").exit_code == 0
    assert listed(demo, "-n two") == listed(demo)
    assert demo.run("env remove two --yes").exit_code == 0
    ran = demo.run("env clone sci copy")
    assert ran.exit_code == 0, ran.stderr
    assert "Cloned" in ran.stderr
    assert listed(demo, "-n copy") == listed(demo)
    (demo.root.parent / "copy/conda-meta/frozen").write_text("{}")
    ran = demo.run("env rename copy other")
    assert ran.exit_code == 0, ran.stderr
    assert (demo.root.parent / "other/conda-meta/frozen").read_text() == "{}"
    ran = demo.run("env remove other --yes")
    assert ran.exit_code == 1
    assert "is frozen" in ran.stderr
    assert "--force" in ran.stderr
    (demo.root.parent / "other/conda-meta/frozen").unlink()
    assert listed(demo, "-n other") == listed(demo)
    assert not (demo.root.parent / "copy").exists()
    for words in ("--clear --conda alone", "--conda alone --seed", "--conda alone --python 3.12"):
        ran = demo.run(f"env create three {words}")
        assert ran.exit_code == 2
        assert "do not go together" in ran.stderr


def test_who_sits_at_a_terminal_is_asked(demo):
    seen = asked(demo, f"conda create -n sci {C} pure=1", b"n\n")
    assert "The following packages will be INSTALLED:" in seen
    assert "Nothing was changed" in seen
    assert not demo.root.exists()
    assert "Made" in asked(demo, f"conda create -n sci {C} pure=1", b"\n")
    seen = asked(demo, "conda install -n sci pure=2", b"y\n")
    assert "The following packages will be UPDATED:" in seen
    assert "pure  1.0-0  -->  2.0-0" in seen
    assert listed(demo)["pure"] == "2.0"
    assert "Proceed?" not in asked(demo, "conda remove -n sci pure -y", b"")
    assert "pure" not in listed(demo)
    for word in ("env remove", "remove --all"):
        assert "Nothing was removed" in asked(demo, f"conda {word} -n sci", b"n\n")
        # What is lost is lost: whoever just types Enter has not said yes.
        seen = asked(demo, f"conda {word} -n sci", b"\n")
        assert "with all that is in it" in seen
        assert "Delete it? [y/N]" in seen
        assert "Nothing was removed" in seen
        assert demo.root.exists()
    assert "Removed" in asked(demo, "conda remove --all -n sci", b"y\n")
    assert not demo.root.exists()


def test_all_packages_are_the_environment(demo):
    conda(demo, f"create -n sci {C} pure alone")
    ran = demo.run("conda remove -n sci alone --all")
    assert ran.exit_code == 2
    assert "packages were named" in ran.stderr
    assert json.loads(conda(demo, "remove -n sci --all --dry-run --json").stdout)["removed"] is False
    conda(demo, "remove -n sci --all --keep-env")
    assert listed(demo) == {}
    conda(demo, "install -n sci alone -c ./chan --override-channels")
    noted = demo.home / ".conda/environments.txt"
    assert str(demo.root) in noted.read_text()
    told = json.loads(conda(demo, "remove -n sci --all --json").stdout)
    assert (told["success"], told["removed"]) == (True, True)
    assert not demo.root.exists()
    assert str(demo.root) not in noted.read_text()


def test_what_is_no_environment_is_told_what_it_is(demo):
    (demo.path / "file").write_text("")
    (demo.path / "empty").mkdir()
    (demo.path / "half/conda-meta").mkdir(parents=True)
    demo.write({"venv/pyvenv.cfg": "", "other/notes.txt": ""})
    told = {
        "file": ("it is a file", "name the directory"),
        "empty": ("it is empty", "hutch conda create -p"),
        "half": ("without a history", "makes it one again"),
        "venv": ("it is a virtual environment", "hutch pip works with it"),
        "other": ("but notes.txt", "hutch conda env list"),
    }
    for name, words in told.items():
        for verb in ("env remove", "list", "remove alone", "install alone"):
            ran = demo.run(f"conda {verb} -p ./{name}")
            assert ran.exit_code == 1
            assert f"{name} is no conda environment\n" in ran.stderr
            assert "become" not in ran.stderr
            assert all(word in " ".join(ran.stderr.split()) for word in words), ran.stderr
    ran = demo.run("conda create -p ./other alone -c ./chan --override-channels")
    assert "other is no conda environment, and cannot become one" in ran.stderr


def asked(demo, command, answer):
    """What the command says on a terminal, where its question gets this answer."""
    import pty

    ours, theirs = pty.openpty()
    words = [*demo.launcher, *shlex.split(command)]
    environ = demo.variables
    child = subprocess.Popen(
        words, cwd=demo.path, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen = b""
    try:
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # nobody is at the other end any more
                break
            if not piece:
                break
            seen += piece
            if (b"[Y/n]" in seen or b"[y/N]" in seen) and answer:
                os.write(ours, answer)
                answer = b""
        assert child.wait(60) == 0, seen
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    return seen.decode()


def test_env_create_in_condas_own_order(demo):
    ran = demo.run("env create -n sci python=3.12 alone --channel ./chan --override-channels")
    assert ran.exit_code == 0, ran.stderr
    assert listed(demo) == {"alone": "1", "libfoo": "2.0", "python": "3.12.4"}
    ran = demo.run("env create --prefix ./here alone --channel ./chan --override-channels --json")
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout)["path"] == "<project>/here"
    assert (demo.path / "here/share/alone").read_text() == "1"
    assert demo.run("env create -n a --prefix ./b alone").exit_code == 2
    ran = demo.run("env create")
    assert (ran.exit_code, "the new environment has no name" in ran.stderr) == (2, True)


def test_what_no_channel_has_any_more_stays(demo):
    conda(demo, f"create -n sci {C} alone dep")
    index_channel(demo.path / "chan", [one for one in PACKAGES if one.name != "alone"])
    conda(demo, f"install -n sci {C} libfoo")
    assert listed(demo) == {"alone": "1", "dep": "1", "libfoo": "2.0"}
    conda(demo, f"update -n sci {C} --all")
    assert listed(demo) == {"alone": "1", "dep": "1", "libfoo": "2.0"}
    conda(demo, "remove -n sci alone")
    assert demo.run(f"conda install -n sci {C} alone").exit_code == 1


def test_who_may_replace_files_is_said_as_the_advice_says_it(demo):
    both = [CondaPackage(name, "1", files={"share/one": name}) for name in ("aa", "bb")]
    index_channel(demo.path / "chan", [*PACKAGES, *both])
    ran = demo.run(f"conda create -n sci {C} aa bb")
    assert ran.exit_code == 1
    assert "--allow-clobber bb" in ran.stderr
    conda(demo, f"create -n sci {C} aa bb --allow-clobber bb")
    assert (demo.root / "share/one").read_text() == "bb"


def test_who_may_replace_files_is_said_in_condas_words_too(demo):
    both = [CondaPackage(name, "1", files={"share/one": name}) for name in ("aa", "_under_bar")]
    index_channel(demo.path / "chan", [*PACKAGES, *both])
    ran = demo.run(f"conda create -n sci {C} aa _under_bar")
    assert ran.exit_code == 1
    conda(demo, f"create -n sci {C} aa _under_bar --clobber")
    conda(demo, f"create -n two {C} aa _under_bar --allow-clobber _under_bar --allow-clobber aa")
    conda(demo, "remove -n two --all")
    ran = demo.run(f"conda create -n two {C} aa _under_bar", environ={"HUTCH_ALLOW_CLOBBER": "_under_bar,aa"})
    assert ran.exit_code == 0, ran.stderr
    assert "neither a name" in demo.run(f"conda create -n no {C} aa --allow-clobber _/x").stderr
