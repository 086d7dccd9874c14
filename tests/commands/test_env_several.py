"""Several environments of one project (``--env``), the central place, and files that lead there."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from commands.support import PYTHON, block, environment_rows, installed, manifest, shown
from hutch.ops.trust import is_trusted

CENTRAL = {"HUTCH_ENVIRONMENT_PLACE": "central"}
PREFIX = "run python -c 'import sys; print(sys.prefix)'"


@pytest.fixture
def shop(index):
    for name in ("web", "train", "cuda", "test"):
        index.add_wheel(name, "1.0")
    return index


@pytest.fixture
def demo(project, shop):
    return project(
        manifest("web", extras={"gpu": ["cuda"]}, groups={"train": ["train"], "dev": ["test"]}),
    )


def inside(made, env):
    root = made / f".venv-{env}"
    return sorted(each.name.partition("-")[0] for each in root.glob("lib/python*/site-packages/*.dist-info"))


def central(made) -> list[str]:
    folder = Path(made.home) / "data" / "projects"
    if not folder.is_dir():
        return []
    return sorted(each.relative_to(folder).as_posix() for each in folder.glob("*/*") if each.is_dir())


# -- several of one project ------------------------------------------------------------------------


def test_each_remembers_what_was_chosen_for_it(demo):
    demo.run("sync").ok()
    demo.run("sync --env train --group train --extra gpu --no-dev").ok()
    assert sorted(installed(demo)) == ["test", "web"]
    assert inside(demo, "train") == ["cuda", "train", "web"]
    ran = demo.run(f"{PREFIX.replace('run', 'run --env train')}").ok()
    assert ran.stdout == "<project>/.venv-train\n"
    assert inside(demo, "train") == ["cuda", "train", "web"]
    assert shown(demo.run("sync --env train")) == block("""
        exit 0
        Nothing to do: .venv-train is up to date
    """)
    assert sorted(installed(demo)) == ["test", "web"]


def test_what_run_chooses_is_for_once(demo):
    demo.run("sync --env train --group train").ok()
    demo.run("run --env train --extra gpu python -c 'import cuda'").ok()
    assert inside(demo, "train") == ["cuda", "test", "train", "web"]
    demo.run("sync --env train").ok()
    assert inside(demo, "train") == ["test", "train", "web"]


def test_another_choice_takes_the_place_of_the_first(demo):
    demo.run("sync --env train --group train").ok()
    demo.run("sync --env train --extra gpu --no-dev").ok()
    assert inside(demo, "train") == ["cuda", "web"]
    demo.run("sync --env train").ok()
    assert inside(demo, "train") == ["cuda", "web"]


def test_at_a_glance_each_is_its_own(demo):
    demo.run("sync").ok()
    demo.run("sync --env train --only-group train").ok()
    for _ in range(2):
        assert ".venv is up to date" in demo.run("sync").ok().stderr
        assert ".venv-train is up to date" in demo.run("sync --env train").ok().stderr
        assert demo.run(PREFIX).ok().stdout == "<project>/.venv\n"
        assert demo.run(PREFIX.replace("run", "run --env train")).ok().stdout == "<project>/.venv-train\n"
        assert demo.run(PREFIX, environ={"HUTCH_ENV": "train"}).ok().stdout == "<project>/.venv-train\n"
    shutil.rmtree(demo / ".venv-train")
    # Nothing is remembered of what is gone, and nothing is made by a slip.
    assert demo.run("run --env train true").exit_code == 2
    demo.run("sync --env train").ok()
    assert inside(demo, "train") == ["test", "web"]


def test_what_changes_the_project_keeps_the_choice(demo, shop):
    shop.add_wheel("more", "1.0")
    demo.run("sync --env train --group train --no-dev").ok()
    demo.run("add more --env train").ok()
    assert inside(demo, "train") == ["more", "train", "web"]
    demo.run("add --group late test --env train").ok()
    assert inside(demo, "train") == ["more", "test", "train", "web"]
    demo.run("remove more", environ={"HUTCH_ENV": "train"}).ok()
    assert inside(demo, "train") == ["train", "web"]
    assert not (demo / ".venv").exists()


def test_a_declared_one(project, shop):
    more = '[tool.hutch.environments.train]\ngroups = ["train"]\nextras = ["gpu"]\ndev = false\n'
    made = project(
        manifest("web", extras={"gpu": ["cuda"]}, groups={"train": ["train"], "dev": ["test"]}, more=more)
    )
    made.run("run --env train python -c 'import train, cuda'").ok()
    assert inside(made, "train") == ["cuda", "train", "web"]
    made.run("sync --env train --group train").ok()
    assert inside(made, "train") == ["test", "train", "web"]
    made.run("sync --env train").ok()
    assert inside(made, "train") == ["cuda", "train", "web"]


def test_a_declared_one_that_is_wrong(project):
    more = block("""
        [tool.hutch.environments]
        "../x" = {}
        a = { groups = "train", python = 3, path = "/" }
        b = { only-groups = ["x"], extras = ["y"], dev = 1 }
    """)
    ran = project(manifest(more=more)).run("sync")
    assert ran.exit_code == 1
    told = [line.partition("tool.hutch.environments.")[2] for line in ran.stderr.splitlines()[1:]]
    keys = "groups, extras, only-groups, no-groups, dev, python, solve-group"
    only = "is for an environment with the project's dependencies; only-groups has none"
    assert told == [
        "\"../x\": the name of an environment is of letters, digits, '.', '_', '-'",
        "a.groups: should be an array of names of groups",
        'a.python: should be a string such as "3.12", not a number',
        f"a.path: unknown key; an environment has {keys}",
        f"b.extras: {only}",
        "b.dev: should be true or false, not a number",
    ]


def test_a_group_that_is_not_there(project, shop):
    more = '[tool.hutch.environments.train]\ngroups = ["trian"]\n'
    ran = project(manifest("web", groups={"train": ["train"]}, more=more)).run("sync --env train")
    assert ran.exit_code == 2
    assert "there is no group named trian" in ran.stderr


def test_one_that_is_not_there(demo):
    demo.run("sync --env train --group train").ok()
    assert shown(demo.run("run --env trian true")) == block("""
        exit 2
        error: this project has no environment named trian
          it has train
        try: did you mean train?
         or: hutch sync --env trian makes one; groups and extras that you add are remembered
    """)
    assert demo.run("sync --env ../x").exit_code == 2
    assert demo.run("env history --env nope").exit_code == 1


def test_the_other_commands_know_it(demo):
    demo.run("sync --env train --only-group train").ok()
    assert json.loads(demo.run("pip list --env train --format json").ok().stdout) == [
        {"name": "train", "version": "1.0"}
    ]
    history = json.loads(demo.run("env history --env train --json").ok().stdout)
    assert history["environment"].endswith("/.venv-train")
    demo.run("env verify --env train").ok()
    demo.run("sync --env train --group train").ok()
    demo.run("env rollback --env train").ok()
    assert inside(demo, "train") == ["train"]
    assert demo.run("env path --env train").ok().stdout == "<project>/.venv-train\n"
    assert [row["name"] for row in environment_rows(demo)] == ["train"]
    demo.run("env remove --env train").ok()
    assert not (demo / ".venv-train").exists()
    assert demo.run("env remove --env train").exit_code == 1


def test_beside_the_one_that_a_variable_names(demo, tmp_path):
    chosen = {"HUTCH_PROJECT_ENVIRONMENT": str(tmp_path / "mine")}
    demo.run("sync --env train --only-group train", environ=chosen).ok()
    assert (tmp_path / "mine-train" / "pyvenv.cfg").exists()
    assert not (demo / ".venv-train").exists()


def test_a_link_out_of_the_project_is_refused_here_too(demo, tmp_path):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "theirs"], check=True)
    (demo / ".venv-train").symlink_to(tmp_path / "theirs")
    assert "outside of the project" in demo.run("sync --env train").stderr


def test_what_is_remembered_may_come_with_a_checkout(demo, tmp_path):
    """Groups of the project, and a Python by its version: never a program."""
    demo.run("sync --env train --only-group train").ok()
    (tmp_path / "evil").write_text("#!/bin/sh\ntouch pwned\n")
    (tmp_path / "evil").chmod(0o755)
    asked = demo / ".venv-train" / ".hutch" / "asked"
    said = json.loads(asked.read_text())
    for python in (str(tmp_path / "evil"), "./evil", "~/evil"):
        asked.write_text(json.dumps({**said, "python": python}))
        demo.run("sync --env train --reinstall").ok()
    assert not (demo / "pwned").exists()
    for content in ("[]", "{", "[" * 100000, json.dumps({**said, "selection": {"group": 3, "dev": "x"}})):
        asked.write_text(content)
        demo.run("sync --env train --reinstall").ok()


@pytest.mark.skipif(
    not os.path.exists(os.path.expanduser("~/.pyenv/versions/3.12.1/bin/python")),
    reason="needs two Pythons of pyenv",
)
def test_each_has_its_python(demo, real_home):
    versions = real_home / ".pyenv" / "versions"
    pythons = {"PYENV_ROOT": str(real_home / ".pyenv"), "HUTCH_PYTHON": None}
    assert (versions / "3.13.0").exists()
    demo.run("sync --python 3.12", environ=pythons).ok()
    demo.run("sync --env next --python 3.13", environ=pythons).ok()
    code = "python -c 'import sys; print(sys.version_info[:2])'"
    for _ in range(2):
        assert demo.run(f"run --env next {code}", environ=pythons).ok().stdout == "(3, 13)\n"
        assert demo.run(f"run {code}", environ=pythons).ok().stdout == "(3, 12)\n"
    demo.write({".python-version": "3.12\n"})
    assert demo.run(f"run --env next {code}", environ=pythons).ok().stdout == "(3, 13)\n"
    # A variable is about all of them, and yields.
    shell = {**pythons, "HUTCH_PYTHON": "3.12"}
    assert demo.run(f"run --env next {code}", environ=shell).ok().stdout == "(3, 13)\n"
    # Made anew, it is still for that Python and those groups.
    demo.run("sync --env next --only-group train", environ=pythons).ok()
    (demo / ".venv-next" / "pyvenv.cfg").unlink()
    shutil.rmtree(demo / ".venv-next" / "lib")
    demo.run("sync --env next", environ=pythons)
    assert json.loads((demo / ".venv-next" / ".hutch" / "asked").read_text())["python"] == "3.13"


# -- the central place -----------------------------------------------------------------------------


def test_nothing_in_the_tree(demo):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    demo.run("sync --env train --only-group train").ok()
    assert demo.tree() == ["pylock.toml", "pyproject.toml"]
    [folder] = {each.partition("/")[0] for each in central(demo)}
    assert central(demo) == [f"{folder}/project", f"{folder}/project-train"]
    for _ in range(2):
        assert demo.run(PREFIX).ok().stdout == f"<home>/data/projects/{folder}/project\n"
        there = demo.run(PREFIX.replace("run", "run --env train")).ok().stdout
        assert there == f"<home>/data/projects/{folder}/project-train\n"
    assert "up to date" in demo.run("sync").ok().stderr
    assert [(row["name"], row["kind"]) for row in environment_rows(demo)] == [
        (None, "project"),
        ("train", "project"),
    ]
    demo.run("add train").ok()
    assert "train" in {each["name"] for each in json.loads(demo.run("pip list --format json").ok().stdout)}


def test_the_configuration_of_a_project_says_it(demo):
    demo.write({"hutch.toml": 'environment-place = "central"\n'})
    demo.run("sync").ok()
    assert not (demo / ".venv").exists()
    assert len(central(demo)) == 1
    # What is remembered of one place is not believed of the other.
    demo.write({"hutch.toml": 'environment-place = "project"\n'})
    assert demo.run(PREFIX).ok().stdout == "<project>/.venv\n"
    demo.write({"hutch.toml": 'environment-place = "central"\n'})
    assert demo.run(PREFIX).ok().stdout.startswith("<home>/data/projects/")
    assert demo.run(PREFIX, environ={"HUTCH_ENVIRONMENT_PLACE": "project"}).ok().stdout == "<project>/.venv\n"


def test_a_project_that_was_reached_over_a_link(demo, tmp_path):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    (tmp_path / "link").symlink_to(demo.path)
    demo.run("-C ../link sync").ok()
    assert len(central(demo)) == 1


def test_two_projects_of_one_name(project, shop, tmp_path):
    made = project(manifest("web"), **CENTRAL)
    other = tmp_path / "elsewhere" / "project"
    other.mkdir(parents=True)
    (other / "pyproject.toml").write_text(manifest("train"))
    made.run("sync").ok()
    made.run(f"-C {other} sync").ok()
    assert len(central(made)) == 2


def test_an_empty_one_in_the_central_place(demo):
    ran = demo.run("venv", environ=CENTRAL).ok()
    [place] = central(demo)
    assert f"Made <home>/data/projects/{place} with Python" in ran.stderr
    assert "prompt = demo\n" in (Path(demo.home) / "data" / "projects" / place / "pyvenv.cfg").read_text()
    assert not (demo / ".venv").exists()
    assert demo.run("venv", environ=CENTRAL).exit_code == 1
    demo.run("venv").ok()
    assert (demo / ".venv").is_dir()
    demo.run("venv mine", environ=CENTRAL).ok()
    assert (demo / "mine" / "pyvenv.cfg").exists()


def test_orphans(demo, tmp_path):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    demo.run("sync --env train --only-group train").ok()
    assert not any(row["orphan"] for row in environment_rows(demo, "--all"))
    assert shown(demo.run("env remove --orphans --dry-run")) == "exit 0\nNothing was removed\n"
    demo.path.rename(tmp_path / "moved")
    demo.path.mkdir()
    demo.path.rmdir()
    demo.path = tmp_path / "moved"
    demo.run("sync").ok()
    told = environment_rows(demo, "--all")
    assert [row["orphan"] for row in told if row["kind"] == "central"] == [True, True]
    listed = demo.run("env list --all").ok()
    assert "hutch env remove --orphans" in listed.stderr
    assert listed.stdout.count("/project (gone)\n") == 2
    demo.run("env remove --orphans").ok()
    assert len(central(demo)) == 1
    assert central(demo)[0].endswith("/moved")
    assert len(list((Path(demo.home) / "data" / "projects").iterdir())) == 1


def test_neither_prune_nor_clean_touches_the_central_place(demo):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    demo.run("cache prune --limit 0").ok()
    demo.run("cache clean").ok()
    demo.run("env verify --deep --no-lock").ok()


# -- at a glance, and by looking -------------------------------------------------------------------


def step_of(seed, made, other):
    """Change one thing of those that say which environment is meant."""
    venv, listed, settings = made / ".venv", made / ".python-envs", made / "hutch.toml"

    def take_away(path):
        is_directory = path.is_dir() and not path.is_symlink()
        shutil.rmtree(path) if is_directory else path.unlink(missing_ok=True)

    def lead(path):
        take_away(path)
        path.write_text(f"{seed.choice([*other, 'nowhere'])}\n")

    def place(value):
        settings.write_text(f'environment-place = "{value}"\n')

    def variable(name, *values):
        made.environ[name] = seed.choice([None, *values])

    seed.choice(
        [
            lambda: take_away(venv),
            lambda: take_away(listed),
            lambda: lead(listed),
            lambda: lead(venv),
            lambda: made.run("venv --clear"),
            lambda: place("central"),
            lambda: place("project"),
            lambda: variable("HUTCH_ENVIRONMENT_PLACE", "central", "project"),
            lambda: variable("HUTCH_PROJECT_ENVIRONMENT", "mine", ".venv"),
            lambda: variable("HUTCH_ENV", "train"),
            lambda: variable("HUTCH_ENVIRONMENT_REDIRECT", "venv", "python-envs", "link"),
            lambda: None,
        ]
    )()


@pytest.mark.parametrize("number", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 8))])
def test_a_walk_over_all_that_says_which(demo, number):
    """`run` and `sync`, which may know it at a glance, mean what `env path` finds by looking."""
    seed = random.Random(number)
    demo.run("sync", environ=CENTRAL).ok()
    [place] = central(demo)
    mine = Path(demo.home) / "data" / "projects" / place
    demo.run("env create science web").ok()
    other = [mine, mine.with_name(f"{mine.name}-train"), Path(demo.home) / "data" / "envs" / "science"]
    demo.run("sync --env train --no-dev", environ=CENTRAL).ok()
    meant = set()
    for _ in range(30):
        step_of(seed, demo, other)
        told = demo.run("env path")
        if told.exit_code:
            assert demo.run("sync").exit_code == 1
            continue
        ran = demo.run("sync")
        if ran.exit_code:
            assert "is not a Python environment" in ran.stderr  # a file that leads nowhere
            continue
        for _ in range(2):
            ran = demo.run("run python -c 'import sys; print(sys.prefix)'").ok()
            assert ran.stdout == told.stdout
        meant.add(told.stdout)
    assert len(meant) >= 2
    assert packages_of(other[-1]) == ["web"]


def packages_of(root):
    return sorted(p.name.partition("-")[0] for p in root.glob("lib/python*/site-packages/*.dist-info"))


# -- redirects -------------------------------------------------------------------------------------


FORMS = [("venv", ".venv"), ("python-envs", ".python-envs"), ("link", ".venv")]


@pytest.mark.parametrize(("form", "file"), FORMS)
def test_a_redirect_is_written_when_one_is_made(demo, form, file):
    demo.environ.update(CENTRAL | {"HUTCH_ENVIRONMENT_REDIRECT": form})
    demo.run("sync").ok()
    [place] = central(demo)
    path = Path(demo.home) / "data" / "projects" / place
    assert (os.readlink(demo / file) if form == "link" else demo.read(file).rstrip("\n")) == str(path)
    assert [each["name"] for each in json.loads(demo.run("pip list --format json").ok().stdout)]
    # And it is followed where nothing else says so.
    demo.environ.update(dict.fromkeys((*CENTRAL, "HUTCH_ENVIRONMENT_REDIRECT")))
    for _ in range(2):
        assert demo.run(PREFIX).ok().stdout == demo.filtered(f"{path}\n")
    assert "up to date" in demo.run("sync").ok().stderr
    (demo / file).unlink()
    assert demo.run(PREFIX).ok().stdout == "<project>/.venv\n"


def test_a_directory_counts_before_all_lines(demo):
    demo.environ.update(CENTRAL | {"HUTCH_ENVIRONMENT_REDIRECT": "python-envs"})
    demo.run("sync").ok()
    demo.environ.update(dict.fromkeys((*CENTRAL, "HUTCH_ENVIRONMENT_REDIRECT")))
    demo.run("run true").ok()
    demo.run("venv").ok()
    assert demo.run("env path").ok().stdout == "<project>/.venv\n"
    assert demo.run(PREFIX).ok().stdout == "<project>/.venv\n"


def test_a_redirect_that_was_removed_with_its_environment(demo):
    demo.environ.update(CENTRAL | {"HUTCH_ENVIRONMENT_REDIRECT": "venv"})
    demo.run("sync").ok()
    demo.environ.update(dict.fromkeys((*CENTRAL, "HUTCH_ENVIRONMENT_REDIRECT")))
    shutil.rmtree(Path(demo.home) / "data" / "projects")
    demo.run("sync").ok()
    assert len(central(demo)) == 1
    assert (demo / ".venv").is_file()


def test_redirect_by_hand(demo):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    [place] = central(demo)
    demo.write({".python-envs": "\n../other\r\n"})
    said = shown(demo.run("env redirect python-envs"))
    assert said == f"exit 0\nWrote .python-envs: <home>/data/projects/{place}\n"
    assert demo.filtered(demo.read(".python-envs")) == f"../other\n<home>/data/projects/{place}\n"
    assert "Nothing to do" in demo.run("env redirect python-envs").ok().stderr
    demo.run("env redirect python-envs --remove").ok()
    assert demo.read(".python-envs") == "../other\n"
    demo.run("env redirect venv --dry-run").ok()
    assert not (demo / ".venv").exists()
    demo.run("env redirect venv").ok()
    demo.run("env redirect venv --remove").ok()
    assert not (demo / ".venv").exists()


def test_what_is_in_the_way_of_a_redirect(demo, tmp_path):
    demo.run("sync").ok()
    assert shown(demo.run("env redirect venv")) == block("""
        exit 1
        error: <project>/.venv is left as it is
          the environment is .venv in the project, where every tool looks first
        try: environment-place = "central" has it elsewhere; --env NAME means another
    """)
    assert demo.run("env redirect venv", environ=CENTRAL).exit_code == 1
    shutil.rmtree(demo / ".venv")
    theirs = tmp_path / "theirs"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", theirs], check=True)
    demo.write({".venv": f"{theirs}\n"})
    demo.run("sync", environ=CENTRAL).ok()
    assert ".venv leads to " in demo.run("env redirect venv", environ=CENTRAL).stderr
    assert demo.read(".venv") == f"{theirs}\n"


def test_a_link_by_hand(demo):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    demo.run("env redirect link").ok()
    assert "Nothing to do" in demo.run("env redirect link").ok().stderr
    demo.environ.update(dict.fromkeys(CENTRAL))
    for command in ("pip list", "env history", "sync", "env verify", "run true"):
        demo.run(command).ok()
    assert demo.run(PREFIX).ok().stdout.startswith("<home>/data/projects/")
    assert demo.run("env redirect venv").exit_code == 1
    demo.run("env redirect link --remove").ok()
    assert not os.path.lexists(demo / ".venv")


# A checkout does not point us at somebody's environment.


@pytest.fixture
def theirs(demo, tmp_path):
    """Three environments with a package in each: by name, of another project, of somebody."""
    demo.run("env create science train").ok()
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text(manifest("train", name="other"))
    demo.run(f"-C {other} sync", environ=CENTRAL).ok()
    root = tmp_path / "somebody"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", root], check=True)
    data = Path(demo.home) / "data"
    [place] = central(demo)
    return {"named": data / "envs" / "science", "other": data / "projects" / place, "somebody": root}


@pytest.mark.parametrize("whose", ["named", "other", "somebody"])
def test_a_file_venv_that_leads_to_somebody_s(demo, theirs, whose):
    before = sorted(theirs[whose].rglob("*"))
    demo.write({".venv": f"{theirs[whose]}\n"})
    for command in ("sync", "run true", "add web", "env rollback"):
        ran = demo.run(command)
        assert ran.exit_code == 1
        assert "and hutch made no environment of this project there" in ran.stderr
        assert f"HUTCH_PROJECT_ENVIRONMENT={demo.filtered(str(theirs[whose]))}" in ran.stderr
    assert sorted(theirs[whose].rglob("*")) == before


@pytest.mark.parametrize("whose", ["named", "other", "somebody"])
def test_a_line_of_python_envs_that_leads_to_somebody_s(demo, theirs, whose):
    before = sorted(theirs[whose].rglob("*"))
    demo.write({".python-envs": f"{theirs[whose]}\n"})
    demo.run("sync").ok()
    assert sorted(installed(demo)) == ["test", "web"]
    assert sorted(theirs[whose].rglob("*")) == before


def test_no_way_out_of_the_own_directory(demo, theirs):
    demo.environ.update(CENTRAL)
    demo.run("sync").ok()
    mine = next(each for each in central(demo) if each.startswith("project-"))
    folder = Path(demo.home) / "data" / "projects" / mine.partition("/")[0]
    demo.environ.update(dict.fromkeys(CENTRAL))
    for said in (f"{folder}/../../envs/science", f"{folder}/project/../../../envs/science", f"{folder}"):
        demo.write({".python-envs": f"{said}\n"})
        assert demo.run("env path").ok().stdout == "<project>/.venv\n"


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xff\xfe", b"a\0b\n", b"x" * 100_000, b"\xef\xbb\xbfx\n"]
)
def test_files_that_are_no_redirects(demo, content):
    demo.write({".python-envs": content})
    demo.run("sync").ok()
    assert demo.run("env path").ok().stdout == "<project>/.venv\n"


def test_a_pipe_is_not_waited_for(demo):
    os.mkfifo(demo / ".python-envs")
    assert demo.run("env path").ok().stdout == "<project>/.venv\n"


def test_plain_python_and_the_hook_follow_into_the_central_place(demo):
    """What hutch has made there for this very project is trusted, once a file in the project leads to it."""
    data = os.path.join(demo.home, "data")
    (Path(data) / "shims").mkdir(parents=True)
    which = "python which"
    demo.environ |= CENTRAL
    demo.run("sync").ok()
    assert "; plain python is another until hutch env redirect venv" in demo.run(which).ok().stderr
    hint = "hutch env redirect venv has entering it activate that environment"
    assert hint in demo.run("allow --dry-run").ok().stderr
    for words in ("env redirect venv", "env redirect venv --remove", "env redirect python-envs"):
        demo.run(words).ok()
        assert is_trusted(data, str(demo.path))
    assert "plain python" not in demo.run(which).ok().stderr
    demo.run("deny").ok()
    demo.run("env redirect venv").ok()
    assert not is_trusted(data, str(demo.path))
    assert "; plain python is another until hutch allow" in demo.run(which).ok().stderr


@pytest.mark.parametrize("name", [".venv", ".venv/pyvenv.cfg", ".python-envs"])
def test_what_a_checkout_has_is_not_trusted_for_an_environment_in_the_central_place(demo, name):
    data = os.path.join(demo.home, "data")
    demo.write({"theirs/pyvenv.cfg": "", name: "theirs\n", "hutch.toml": 'environment-place = "central"\n'})
    demo.run("sync").ok()
    assert not is_trusted(data, str(demo.path))
    demo.run("env redirect python-envs")
    if name != ".python-envs":
        assert not is_trusted(data, str(demo.path))


def test_what_a_checkout_gets_later_is_not_trusted(demo):
    data = os.path.join(demo.home, "data")
    demo.environ |= CENTRAL
    demo.run("sync").ok()
    assert is_trusted(data, str(demo.path))
    demo.write({".venv": "/somewhere/else\n"})
    assert not is_trusted(data, str(demo.path))


def test_the_variable_is_about_plain_python_too(demo):
    """As the shims read it: `which` and `find` say what they start."""
    demo.run("sync").ok()
    demo.run("sync --env train").ok()
    for env, root, said in (("train", ".venv-train", "environment train"), (None, ".venv", "environment")):
        found = demo.run("python which", environ={"HUTCH_ENV": env}).ok()
        assert found.stdout == f"<project>/{root}/bin/python\n"
        assert found.stderr.endswith(f"the project's {said}\n")
        assert demo.run("python find", environ={"HUTCH_ENV": env}).ok().stdout == found.stdout


def test_what_is_advised_names_the_environment(demo):
    demo.run("sync --env train --group train").ok()
    demo.run("add cuda --env train").ok()
    ran = demo.run("env rollback --env train").ok()
    text = "hutch run --env train leaves it like this; hutch sync --env train makes it what pylock.toml says"
    assert text in ran.stderr
    assert "try: hutch add --dev ipykernel --env train" in demo.run("kernel install --env train").stderr
    assert shown(demo.run("doctor --env trian")) == block("""
        exit 2
        error: this project has no environment named trian
          it has train
        try: did you mean train?
         or: hutch sync --env trian makes one; groups and extras that you add are remembered
    """)
