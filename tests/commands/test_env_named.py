"""``hutch env create|list|remove|clone|rename|path`` and ``-n``: environments by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands.support import PYTHON, block, environment_rows, manifest, shown


@pytest.fixture
def shop(index):
    for version in ("1.0", "2.0"):
        index.add_wheel(
            "web", version, requires=["io"], console_scripts={"web": "web:main"}, files={"web.py": MAIN}
        )
        index.add_wheel("io", version)
    index.add_wheel("color", "1.0")
    return index


MAIN = "import sys\ndef main():\n    print(sys.prefix)\n"


@pytest.fixture
def place(project, shop):
    """A directory without a project."""
    return project({"notes.txt": ""})


def envs(made) -> Path:
    return Path(made.home) / "data" / "envs"


def names(made):
    return sorted(os.listdir(envs(made)))


def packages(made, name):
    told = json.loads(made.run(f"pip list -n {name} --format json").ok().stdout)
    return {each["name"]: each["version"] for each in told}


# -- create ----------------------------------------------------------------------------------------


def test_create(place):
    assert shown(place.run("env create science 'web<2' color")) == block("""
        exit 0
        Made science with Python <version> and 3 packages in <time>
         + color 1.0
         + io 2.0
         + web 1.0
        use it: hutch run -n science python
    """)
    assert names(place) == ["science"]
    root = envs(place) / "science"
    assert place.run("run -n science web").ok().stdout == f"{place.filtered(str(root))}\n"
    assert ".new-" not in (root / "bin" / "web").read_text()
    assert ".new-" not in (root / "bin" / "activate").read_text()
    assert ".new-" not in (root / "pyvenv.cfg").read_text()
    place.run("env verify -n science --deep").ok()


def test_create_what_is_pinned_already(place):
    place.environ["HUTCH_PYTHON"] = None
    place.write({".python-version": "mine\n"})
    assert "names mine, which is no version" in place.run("env create other --dry-run").ok().stderr
    assert "warning" not in place.run("env create mine").ok().stderr
    assert place.run("python which").ok().stdout.endswith("/envs/mine/bin/python\n")


def test_create_without_packages_and_with_pip(place, shop):
    shop.add_wheel("pip", "30.0")
    assert shown(place.run("env create empty")) == block("""
        exit 0
        Made empty with Python <version> in <time>
        use it: hutch run -n empty python
    """)
    place.run("env create seeded --seed --prompt 'My own'").ok()
    assert packages(place, "seeded") == {"pip": "30.0"}
    assert "prompt = My own\n" in (envs(place) / "seeded" / "pyvenv.cfg").read_text()


def test_create_from_a_file(place):
    place.write({"requirements.txt": "web==1.0\n", "limits.txt": "io<2\n"})
    place.run("env create mine -r requirements.txt -c limits.txt").ok()
    assert packages(place, "mine") == {"io": "1.0", "web": "1.0"}


def test_what_cannot_be_chosen_leaves_nothing(place):
    ran = place.run("env create science 'web>5'")
    assert ran.exit_code == 1
    assert names(place) == []
    assert place.run("env create science nothing-of-that-name").exit_code == 1
    assert names(place) == []


def test_a_dry_run_says_what_would_be_there(place):
    assert shown(place.run("env create science web --dry-run")) == block("""
        exit 0
        Would make science with Python <version> and 2 packages
         + io 2.0
         + web 2.0
    """)
    assert names(place) == []


def test_a_name_that_is_taken(place):
    place.run("env create science color").ok()
    assert shown(place.run("env create science web")) == block("""
        exit 1
        error: there is an environment named science
          in <home>/data/envs/science
        try: hutch pip install -n science … puts more into it
         or: --clear makes it anew
    """)
    assert packages(place, "science") == {"color": "1.0"}
    said = place.run("env create science web --clear").ok().stderr
    assert said.startswith("Made science anew with Python")
    assert packages(place, "science") == {"io": "2.0", "web": "2.0"}
    assert names(place) == ["science"]


def test_something_else_of_that_name(place):
    (envs(place) / "science").mkdir(parents=True)
    (envs(place) / "science" / "thesis.txt").write_text("years of work")
    for more in ("", "--clear"):
        ran = place.run(f"env create science {more}")
        assert ran.exit_code == 1
        assert "something else has that name" in ran.stderr
    assert place.run("env remove science").exit_code == 1
    assert place.run("run -n science true").exit_code == 1
    assert names(place) == ["science"]


def test_the_active_one_is_not_the_one_that_is_named(place, tmp_path):
    place.run("env create science web").ok()
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "other"], check=True)
    place.environ["VIRTUAL_ENV"] = str(tmp_path / "other")
    assert packages(place, "science") == {"io": "2.0", "web": "2.0"}
    place.run("pip install -n science color").ok()
    place.run("env verify -n science").ok()
    assert json.loads(place.run("pip list --format json").ok().stdout) == []
    assert place.run("run -n science web").ok().stdout == place.filtered(f"{envs(place) / 'science'}\n")
    assert [(row["kind"], row["active"]) for row in environment_rows(place)] == [
        ("named", False),
        ("active", True),
    ]


def test_clear_that_fails_leaves_the_old_one(place):
    place.run("env create science color").ok()
    assert place.run("env create science nothing-of-that-name --clear").exit_code == 1
    assert packages(place, "science") == {"color": "1.0"}
    assert names(place) == ["science"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("..", "a name has letters and digits"),
        ("'a b'", "a name is of letters, digits, '.', '_', '-' and '+'"),
        ("a/b", "a name is of letters, digits, '.', '_', '-' and '+'"),
        ("'a\"b'", "a name is of letters, digits, '.', '_', '-' and '+'"),
        ("_x", "a name begins with a letter or a digit"),
        ("x.", "Windows drops a '.' at the end"),
        ("NUL.txt", "on Windows it is a device"),
        ("base", "conda calls the one that it lies in so; hutch lies in no environment of yours"),
        ("3.12", "that is how a Python is asked for, in .python-version as in --python"),
        ("pypy3.10", "that is how a Python is asked for, in .python-version as in --python"),
        ("system", "that is how a Python is asked for, in .python-version as in --python"),
        ("a" * 65, "a name has at most 64 bytes"),
    ],
)
def test_names_that_cannot_be(place, name, why):
    ran = place.run(f"env create {name} color")
    assert ran.exit_code == 2
    assert ran.stderr.splitlines()[1].strip() == why
    assert not envs(place).exists()


@pytest.mark.parametrize("name", ["py3", "Daten-Übung", "a.b_c+d", "python3.12-web", "7zip", "x"])
def test_names_that_can_be(place, name):
    place.run(f"env create '{name}'").ok()
    assert place.run(f"run -n '{name}' python -c 'import sys; print(sys.prefix)'").ok()
    assert [row["name"] for row in environment_rows(place)] == [name]


def test_another_letter_case_is_the_same_name(place):
    place.run("env create Science").ok()
    assert shown(place.run("env create science")) == block("""
        exit 2
        error: there is an environment named Science
          where letter case does not count, science is the same directory
        try: choose another name
    """)


def test_directories_of_links_are_not_for_what_outlives_the_cache(place):
    ran = place.run("env create science web --link-mode tree").ok()
    assert "an environment with a name is to outlive the cache" in ran.stderr
    site = next((envs(place) / "science" / "lib").glob("python*/site-packages"))
    assert not any(each.is_symlink() for each in site.iterdir())


# -- the cache goes, they stay ---------------------------------------------------------------------


def test_neither_prune_nor_clean_touches_them(place):
    place.run("env create science web").ok()
    before = {p: p.stat().st_mtime_ns for p in envs(place).rglob("*")}
    place.run("cache prune --limit 0").ok()
    place.run("cache clean").ok()
    assert {p: p.stat().st_mtime_ns for p in envs(place).rglob("*")} == before
    assert place.run("run -n science web").exit_code == 0
    place.run("env verify -n science --deep").ok()


# -- list ------------------------------------------------------------------------------------------


def test_list_where_there_is_nothing(place):
    assert shown(place.run("env list")) == block("""
        exit 0
        There is no environment with a name yet, and none of a project here
        make one: hutch env create NAME PACKAGE…
    """)


def test_list(place):
    place.run("env create science web").ok()
    place.run("env create alone").ok()
    (envs(place) / "alone" / "bin" / "python").unlink()
    ran = place.run("env list -v", environ={"VIRTUAL_ENV": str(envs(place) / "science")}).ok()
    assert ran.stderr == "! alone: it has no Python\n  science: asked for web\n"
    assert [line.split() for line in ran.stdout.splitlines()] == [
        ["name", "python", "packages", "used", "where"],
        ["!", "alone", "<version>", "0", "today", "<home>/data/envs/alone"],
        ["*", "science", "<version>", "2", "today", "<home>/data/envs/science"],
    ]
    told = {row["name"]: row for row in environment_rows(place, "--size")}
    assert told["alone"]["broken"] == "it has no Python"
    assert told["science"]["broken"] is None
    assert told["science"]["asked"] == ["web"]
    assert (told["science"]["packages"], told["science"]["kind"]) == (2, "named")
    assert told["science"]["bytes"] > 1000
    assert not told["science"]["active"]


def test_what_goes_into_a_pipe_is_not_cut(place):
    name = "a-name-that-is-as-long-as-names-can-be-and-a-path-that-is-longer"
    place.run(f"env create {name[:60]}").ok()
    out = place.run("env list", environ={"COLUMNS": "40"}).ok().stdout
    assert f"<home>/data/envs/{name[:60]}\n" in out


def test_those_of_pyenv_and_conda_are_shown_and_left_alone(place):
    home = Path(place.home)
    pyenv = home / ".pyenv" / "versions" / "3.12.1" / "envs" / "old"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", pyenv], check=True)
    (home / ".pyenv" / "versions" / "old").symlink_to(pyenv)
    conda = home / "mini" / "envs" / "data"
    (conda / "conda-meta").mkdir(parents=True)
    (conda / "conda-meta" / "python-3.11.4-h1_0_cpython.json").write_text("{}")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{conda}\n/nowhere\nrelative\n\n")
    assert environment_rows(place) == []
    told = environment_rows(place, "--all")
    assert [(row["name"], row["kind"]) for row in told] == [("old", "pyenv"), ("data", "conda")]
    assert told[1]["python"] == "3.11.4"
    assert place.run("env remove old").exit_code == 1
    assert "(of conda)" in place.run("env list --all").ok().stdout


# -- remove ----------------------------------------------------------------------------------------


def test_remove(place):
    place.run("env create science web").ok()
    place.run("env create other").ok()
    assert "Would remove science, which would free" in place.run("env remove science --dry-run").ok().stderr
    assert names(place) == ["other", "science"]
    assert "Removed science, which frees " in place.run("env remove science").ok().stderr
    assert names(place) == ["other"]


def test_remove_all_or_none(place):
    place.run("env create science").ok()
    assert shown(place.run("env remove science sience")) == block("""
        exit 1
        error: there is no environment named sience
          there are science
        try: did you mean science?
         or: hutch env create sience makes it
    """)
    assert names(place) == ["science"]
    assert place.run("env remove").exit_code == 2


def test_the_active_one_is_not_removed(place):
    place.run("env create science").ok()
    active = {"VIRTUAL_ENV": str(envs(place) / "science")}
    assert shown(place.run("env remove science", environ=active)) == block("""
        exit 1
        error: science is in use
          it is active in this shell
        try: deactivate, and remove it then
         or: --force to remove it now
    """)
    assert place.run("env rename science lab", environ=active).exit_code == 1
    place.run("env remove science --force", environ=active).ok()
    assert names(place) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_one_that_runs_is_not_removed(place):
    place.run("env create science").ok()
    python = envs(place) / "science" / "bin" / "python"
    with subprocess.Popen(
        [python, "-c", "input('>')"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.read(1)
        ran = place.run("env remove science")
        assert ran.exit_code == 1
        assert f"process {child.pid}: " in ran.stderr
        child.communicate(b"\n")
    place.run("env remove science").ok()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_one_that_another_shell_is_in_is_not_removed(place):
    place.run("env create science").ok()
    inside = {**os.environ, "VIRTUAL_ENV": str(envs(place) / "science")}
    with subprocess.Popen(["sleep", "60"], env=inside) as shell:
        try:
            assert f"process {shell.pid}: sleep 60" in place.run("env remove science").stderr
        finally:
            shell.kill()
    place.run("env remove science").ok()


def test_who_changes_it_comes_to_an_end_first(place):
    from hutch.env import lock_environment, open_environment

    place.run("env create science").ok()
    with lock_environment(open_environment(envs(place) / "science")):
        process = place.start("env remove science", stderr=-1)
        time.sleep(0.3)
        assert names(place) == ["science"]
    assert process.communicate(timeout=60)[1].startswith("Removed science")
    assert names(place) == []


# -- clone and rename ------------------------------------------------------------------------------


def test_clone(place):
    place.run("env create science web").ok()
    source, clone = envs(place) / "science", envs(place) / "lab"
    (source / "bin" / "mine").write_text("#!/bin/sh\necho by hand\n")
    site = next((source / "lib").glob("python*/site-packages"))
    (site / "own.txt").write_text("own")
    said = place.run("env clone science lab").ok().stderr
    assert said == "Cloned <home>/data/envs/science to lab (Python <version>, 2 packages) in <time>\n"
    assert names(place) == ["lab", "science"]
    place.run("env verify -n lab --deep").ok()
    assert place.run("run -n lab web").ok().stdout == f"{place.filtered(str(clone))}\n"
    assert (clone / "bin" / "mine").read_text() == "#!/bin/sh\necho by hand\n"
    there = clone / site.relative_to(source)
    # What came from the store is the same file, what is the environment's own another.
    assert os.path.samefile(there / "web.py", site / "web.py")
    assert not os.path.samefile(there / "own.txt", site / "own.txt")
    assert "prompt = lab" in (clone / "pyvenv.cfg").read_text()
    history = json.loads(place.run("env history -n lab --json").ok().stdout)
    assert [each["command"] for each in history["generations"]] == ["env clone science lab"]
    assert history["changed_since"] == []
    assert environment_rows(place)[0]["asked"] == ["web"]


def test_a_change_of_the_clone_is_none_of_the_first(place):
    place.run("env create science 'web<2'").ok()
    place.run("env clone science lab").ok()
    place.run("pip install -n lab web==2.0").ok()
    assert (packages(place, "science")["web"], packages(place, "lab")["web"]) == ("1.0", "2.0")
    place.run("env rollback -n lab").ok()
    assert packages(place, "lab")["web"] == "1.0"
    place.run("env verify -n lab --deep").ok()
    place.run("env verify -n science --deep").ok()


def test_clone_of_what_venv_made(place):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", place / "ve nv"], check=True)
    place.run("pip install --python 've nv' web").ok()
    place.run("env clone './ve nv' kept").ok()
    assert place.run("run -n kept web").ok().stdout == place.filtered(f"{envs(place) / 'kept'}\n")
    assert environment_rows(place)[0]["broken"] is None


def test_clone_of_a_project_s_environment(project, shop):
    made = project(manifest("web"))
    made.run("sync").ok()
    made.run("env clone ./.venv before").ok()
    made.run("remove web").ok()
    assert packages(made, "before") == {"io": "2.0", "web": "2.0"}


def test_clone_of_one_that_links_to_the_cache(project, shop):
    """Its directories stay links, and the cache knows that they are used."""
    shop.add_wheel("wide", "1.0", files={f"wide/{n}.py": "" for n in ("__init__", "a")})
    made = project(manifest("web", "wide"), HUTCH_LINK_MODE="tree")
    made.run("sync").ok()
    site = next((made / ".venv").glob("lib/python*/site-packages"))
    assert (site / "wide").is_symlink()
    made.run("env clone ./.venv kept").ok()
    shutil.rmtree(made / ".venv")
    made.run("cache prune --limit 0").ok()
    made.run("cache clean").ok()
    made.run("run -n kept python -c 'import wide, web'").ok()
    made.run("env verify -n kept --deep").ok()
    made.run("env rename kept still").ok()
    made.run("cache prune --limit 0").ok()
    made.run("env verify -n still --deep").ok()


def test_clone_says_what_is_wrong(place):
    place.run("env create science").ok()
    place.run("env create lab").ok()
    assert "there is an environment named lab" in place.run("env clone science lab").stderr
    assert place.run("env clone nope other").exit_code == 1
    assert place.run("env clone ./nope other").exit_code == 1
    assert place.run("env clone science ..").exit_code == 2
    assert names(place) == ["lab", "science"]
    assert "Would clone" in place.run("env clone science other --dry-run").ok().stderr
    assert names(place) == ["lab", "science"]


def test_rename(place):
    place.run("env create science 'web<2'").ok()
    place.run("pip install -n science web==2.0").ok()
    place.run("env rename science lab").ok()
    assert names(place) == ["lab"]
    root = envs(place) / "lab"
    assert not (root / ".hutch" / "was").exists()
    assert place.run("run -n lab web").ok().stdout == place.filtered(f"{root}\n")
    assert "science" not in (root / "bin" / "activate").read_text()
    assert "prompt = lab\n" in (root / "pyvenv.cfg").read_text()
    history = json.loads(place.run("env history -n lab --json").ok().stdout)
    assert [each["command"] for each in history["generations"]] == [
        "env create science web<2",
        "pip install web==2.0",
    ]
    assert history["changed_since"] == []
    # A command that comes back is older than the name, and speaks of the new place all the same.
    place.run("env rollback -n lab").ok()
    assert place.run("run -n lab web").ok().stdout == place.filtered(f"{root}\n")
    place.run("env verify -n lab --deep").ok()


def test_rename_to_another_letter_case(place, tmp_path):
    (tmp_path / "case").mkdir()
    if (tmp_path / "CASE").exists():
        pytest.skip("letter case makes no difference on this disk")
    place.run("env create science").ok()
    place.run("env rename science Science").ok()
    assert names(place) == ["Science"]
    place.run("env verify -n Science").ok()


def test_a_prompt_of_its_own_stays(place):
    place.run("env create science --prompt mine").ok()
    place.run("env rename science lab").ok()
    assert "prompt = mine\n" in (envs(place) / "lab" / "pyvenv.cfg").read_text()


# -- what was asked for ----------------------------------------------------------------------------


def test_later_installations_stay_within_what_was_asked_for(place, shop):
    place.run("env create science 'io<2'").ok()
    shop.add_wheel("needs-io", "1.0", requires=["io"])
    place.run("pip install -n science --upgrade --upgrade-strategy eager needs-io").ok()
    assert packages(place, "science")["io"] == "1.0"
    place.run("pip install -n science 'io>=2'").ok()
    assert packages(place, "science")["io"] == "2.0"
    assert environment_rows(place)[0]["asked"] == ["io>=2", "needs-io"]
    place.run("env rollback -n science").ok()
    assert environment_rows(place)[0]["asked"] == ["io<2", "needs-io"]
    place.run("pip uninstall -n science -y needs-io").ok()
    assert environment_rows(place)[0]["asked"] == ["io<2"]


def test_upgrade(place, shop):
    place.run("env create science 'web<2' color").ok()
    shop.add_wheel("web", "1.5", requires=["io"], files={"web.py": MAIN})
    shop.add_wheel("io", "3.0")
    shop.add_wheel("color", "2.0")
    before = packages(place, "science")
    assert shown(place.run("env upgrade science --dry-run")) == block("""
        exit 0
        Would update 3 packages
         ~ color 1.0 → 2.0
         ~ io 2.0 → 3.0
         ~ web 1.0 → 1.5
    """)
    assert packages(place, "science") == before
    place.run("env upgrade science color").ok()
    assert packages(place, "science") == {**before, "color": "2.0"}
    place.run("env upgrade science").ok()
    assert packages(place, "science") == {"color": "2.0", "io": "3.0", "web": "1.5"}
    assert environment_rows(place)[0]["asked"] == ["color", "web<2"]
    history = json.loads(place.run("env history -n science --json").ok().stdout)
    commands = [each["command"] for each in history["generations"]]
    assert commands[1:] == ["env upgrade science color", "env upgrade science"]
    place.run("env create empty").ok()
    assert "nothing was asked of empty that has newer versions" in place.run("env upgrade empty").stderr
    assert place.run("env upgrade science nope").exit_code == 2
    assert place.run("env upgrade nope").exit_code == 1


def test_what_is_editable_stays_so(place, shop):
    from commands.packages import package, write

    write(place.path / "mine", package("mine"))
    place.run("env create science web<2 -e ./mine").ok()
    info = "lib/python*/site-packages/mine-*.dist-info/direct_url.json"
    for command in ("env upgrade science", "pip install -n science color", "env rename science lab"):
        place.run(command).ok()
        name = names(place)[0]
        (origin,) = (envs(place) / name).glob(info)
        assert json.loads(origin.read_text())["dir_info"] == {"editable": True}
        place.run(f"run -n {name} python -c 'import mine'").ok()
        place.run(f"env verify -n {name} --deep").ok()


def test_no_password_is_written_down(place, shop):
    host = shop.url.split("//")[1].split("/")[0]
    place.run("env create science").ok()
    place.run(f"pip install -n science 'color @ http://me:hunter2@{host}/files/color-1.0-py3-none-any.whl'")
    for path in (envs(place) / "science").rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


# -- which one is meant ----------------------------------------------------------------------------


def test_run_of_a_name_that_is_not_there(place):
    place.run("env create science").ok()
    assert shown(place.run("run -n sciense true")) == block("""
        exit 1
        error: there is no environment named sciense
          there are science
        try: did you mean science?
         or: hutch env create sciense makes it
    """)
    assert place.run("run -n ../../etc true").exit_code == 2


def test_run_in_a_project_touches_no_project(project, shop):
    made = project(manifest("web"))
    made.run("env create science color").ok()
    made.run("run -n science python -c 'import color'").ok()
    assert not (made / ".venv").exists()
    assert not (made / "pylock.toml").exists()
    assert "has no groups" in made.run("run -n science --group dev true").stderr


def test_what_excludes_a_name(place):
    place.run("env create science").ok()
    assert place.run("run -n science --env train true").exit_code == 2
    assert place.run("pip list -n science --system").exit_code == 2
    assert "name two environments" in place.run("pip list -n science --python 3").stderr


def test_a_script_runs_where_it_is_told_to(place):
    place.run("env create science color").ok()
    script = "# /// script\n# dependencies = ['nothing-of-that-name']\n# ///\nimport color\n"
    place.write({"one.py": script})
    place.run("run -n science one.py").ok()


def test_one_more_package_for_once(place):
    place.run("env create science color").ok()
    place.run("run -n science --with web python -c 'import web, color'").ok()
    assert packages(place, "science") == {"color": "1.0"}


def test_the_short_form_is_still_no_cache_elsewhere(place):
    from hutch.cli.parser import parse

    assert parse(["sync", "-n"], {}).flags == {"no-cache": True}
    assert parse(["run", "-n", "science", "true"], {}).values["name"] == "science"
    assert parse(["run", "--no-cache", "-n", "science", "true"], {}).flags == {"no-cache": True}


def test_pyenv_s_way_of_saying_it(place):
    """A ``.python-version`` that names one of hutch's, where there is no project."""
    place.run("env create science web").ok()
    place.write({".python-version": "science\n", "below/x.txt": ""})
    expected = place.filtered(f"{envs(place) / 'science'}\n")
    assert place.run("run web", cwd="below").ok().stdout == expected
    place.run("pip install color", cwd="below").ok()
    assert packages(place, "science")["color"] == "1.0"
    assert place.run("env path", cwd="below").ok().stdout == expected
    place.write({".python-version": "other\n"})
    assert place.run("run web").exit_code != 0
    place.run("env create other").ok()
    assert place.run("run python -c 'import sys; print(sys.prefix)'").ok().stdout.endswith("/other\n")
    run = place.run("run web", environ={"PYENV_VERSION": "science"})
    assert run.ok().stdout == expected


def test_path(place):
    place.run("env create science").ok()
    assert place.run("env path science").ok().stdout == "<home>/data/envs/science\n"
    assert place.run("env path --interpreter science").ok().stdout == "<home>/data/envs/science/bin/python\n"
    assert json.loads(place.run("env path science --json").ok().stdout)["exists"] is True
    assert place.run("env path nope").exit_code == 1


def test_one_whose_python_is_gone(place, tmp_path):
    place.run("env create science web").ok()
    link = envs(place) / "science" / "bin" / "python"
    link.unlink()
    link.symlink_to(tmp_path / "gone")
    assert "its Python is gone" in environment_rows(place)[0]["broken"]
    # The next run makes it right, where the same Python is found elsewhere.
    assert place.run("run -n science web").ok().stdout == place.filtered(f"{envs(place) / 'science'}\n")
    assert environment_rows(place)[0]["broken"] is None


def test_what_to_do_about_damage_names_it(place):
    place.run("env create science web").ok()
    next((envs(place) / "science" / "lib").glob("python*/site-packages/web.py")).unlink()
    ran = place.run("env verify -n science")
    assert ran.exit_code == 1
    assert ran.stderr.endswith("try: hutch pip install -n science --reinstall web\n")
    place.run("pip install -n science --reinstall web").ok()
    place.run("env verify -n science --deep").ok()


# -- a day with it ---------------------------------------------------------------------------------


def test_a_day_of_one_who_had_conda(place, shop):
    """create, install, list, clone, break, roll back, export, rename, remove."""
    place.run("env create work 'web<2'").ok()
    place.run("pip install -n work color").ok()
    frozen = place.run("pip freeze -n work").ok().stdout
    place.run("env clone work try").ok()
    place.run("pip install -n try -U web").ok()
    place.run("pip uninstall -n try -y color").ok()
    assert packages(place, "try") == {"io": "2.0", "web": "2.0"}
    place.run("env rollback -n try 1").ok()
    assert place.run("pip freeze -n try").ok().stdout == frozen
    place.write({"frozen.txt": frozen})
    place.run("env create again -r frozen.txt").ok()
    assert place.run("pip freeze -n again").ok().stdout == frozen
    place.run("env rename again done").ok()
    place.run("env remove try work").ok()
    assert [row["name"] for row in environment_rows(place)] == ["done"]
    place.run("env verify -n done --deep").ok()
