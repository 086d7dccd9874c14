"""``variables:`` of an environment.yml that is a project's: who gets them, and in which other words."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
import yaml

from commands.conda_world import HERE, alone, make_demo
from commands.support import block
from commands.test_conda_activate import hutch_in
from commands.test_conda_project_activation import asked, table

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of a POSIX shell")

SYSTEM = HERE.partition("-")[0]
HEAD = "name: demo\nchannels: [./chan]\nplatforms: [HERE]\ndependencies: [act]\n".replace("HERE", HERE)
VARIABLES = f"""variables:
  MODE: fast
  threads: 4
  VERSION: 1.10
  DEBUG: true
  ON: yes
  EMPTY: ''
  PRICE: 5 $ of ${{HOME}} $$ $MODE $(date) `id` 100%
  LIBRARIES: "it's # 1"  # [{SYSTEM}]
  ELSEWHERE: x  # [win]
"""
SET = {
    "MODE": "fast",
    "THREADS": "4",
    "VERSION": "1.10",
    "DEBUG": "true",
    "ON": "yes",
    "EMPTY": "",
    "PRICE": "5 $ of ${HOME} $$ $MODE $(date) `id` 100%",
    "LIBRARIES": "it's # 1",
}
NAMES = {*SET, "ELSEWHERE", "threads"}


@pytest.fixture
def demo(project: Any) -> Any:
    files = {"etc/conda/activate.d/act.sh": "export FROM_PACKAGE=package\n"}
    files["etc/conda/env_vars.d/act.json"] = json.dumps({"MODE": "of a package"})
    made = make_demo(project, [alone("act", files=files), alone("more")])
    made.environ["HUTCH_DATA_DIR"] = os.fspath(made.home / "data")
    made.write({"environment.yml": HEAD + VARIABLES})
    return made


def found_in(variables: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name in NAMES}


def test_run_sets_them_as_conda_would(demo: Any) -> None:
    for verb in (
        "run env",
        "run env",
        "conda run -p .venv env",
    ):  # with a sync, at once, and in conda's words
        found = table(demo.run(verb).ok().stdout)
        assert found_in(found) == SET
        assert found["FROM_PACKAGE"] == "package"
    assert table(demo.run("conda env config vars list -p .venv").ok().stdout)["MODE "] == " fast"


def test_what_is_said_now_counts(demo: Any) -> None:
    assert table(demo.run("run env").ok().stdout)["MODE"] == "fast"
    demo.write({"environment.yml": demo.read("environment.yml").replace("MODE: fast", "MODE: slow")})
    assert table(demo.run("run env").ok().stdout)["MODE"] == "slow"
    assert "up to date" in demo.run("lock --check").ok().stderr
    demo.write({"environment.yml": HEAD})
    assert found_in(table(demo.run("run env").ok().stdout)) == {"MODE": "of a package"}


def test_what_cannot_be_set_is_told_with_its_line_and_the_rest_is_set(demo: Any) -> None:
    more = "  PATH: /evil\n  Conda_Prefix: /x\n  NONE:\n  LIST: [1]\n  'a b': 1\n"
    demo.write({"environment.yml": HEAD + VARIABLES + more})
    said = demo.run("sync").ok().stderr
    assert [line for line in said.splitlines() if line.startswith("warning")] == [
        "warning: environment.yml:15: PATH is set by activation itself: passed over",
        "warning: environment.yml:16: Conda_Prefix is set by activation itself: passed over",
        "warning: environment.yml:17: the variable NONE has no value (an empty one is NONE: ''): passed over",
        "warning: environment.yml:18: the variable LIST has no text for a value: passed over",
        "warning: environment.yml:19: 'a b' cannot be the name of a variable: passed over",
    ]
    found = table(demo.run("run env").ok().stdout)
    assert found_in(found) == SET
    assert found["CONDA_PREFIX"] == "<project>/.venv"
    assert "/evil" not in found["PATH"]
    demo.write({"environment.yml": HEAD + "variables: [MODE]\n"})
    ran = demo.run("sync")
    assert (ran.exit_code, ran.stderr.splitlines()[:2]) == (
        1,
        [
            "error: environment.yml is not valid",
            "  environment.yml:5: variables should be a table: NAME: VALUE",
        ],
    )


def test_in_bash_they_come_and_go(demo: Any) -> None:
    demo.run("sync").ok()
    lines = 'env > one\neval "$(hutch activate --shell bash)"\nenv > two\ndeactivate\nenv > three\n'
    given = {**hutch_in(demo), "MODE": "mine"}
    subprocess.run(["bash", "-c", lines], env=given, cwd=demo.path, check=True, timeout=300)
    before, active, after = (table(demo.read(name)) for name in ("one", "two", "three"))
    assert found_in(active) == SET
    assert found_in(before) == found_in(after) == {"MODE": "mine"}


def test_the_hook_sets_them_once_they_are_allowed_and_as_they_were(demo: Any) -> None:
    demo.write({"environment.yml": demo.read("environment.yml") + "  LD_PRELOAD: /evil.so\n"})
    demo.run("sync").ok()
    text = asked(demo)
    assert "__hutch_enter '<project>/.venv'" in text
    assert "evil" not in text
    assert "fast" not in text
    assert "the activation of the project of" in text
    said = demo.run("allow").ok().stderr
    assert "which sets MODE, THREADS, VERSION," in said.replace("\n", " ").replace("LIBRARIES, ", "")
    assert "LD_PRELOAD" in said
    assert "fast" in asked(demo)
    demo.write({"environment.yml": demo.read("environment.yml").replace("fast", "evil")})
    demo.run("sync").ok()
    text = asked(demo)
    assert "is not what was trusted" in text
    assert "evil" not in text


def test_an_import_and_an_export_say_the_same(demo: Any) -> None:
    demo.run("sync").ok()
    record = json.loads(demo.read(".venv/.hutch/activation.json"))
    exported = demo.run("export --format environment.yml").ok().stdout
    assert yaml.safe_load(exported)["variables"] == SET
    of_prefix = demo.run("conda env export -p .venv").ok()
    assert yaml.safe_load(of_prefix.stdout)["variables"] == SET
    demo.write({"again.yml": exported.replace("<project>", str(demo.path))})
    demo.run("conda env create -f again.yml -n again").ok()
    assert found_in(table(demo.run("conda run -n again env").ok().stdout)) == SET
    demo.run("import").ok()
    (demo.path / "environment.yml").unlink()
    assert "[tool.hutch.conda.activation.env]\n" in demo.read("pyproject.toml")
    demo.run("sync").ok()
    again = json.loads(demo.read(".venv/.hutch/activation.json"))
    assert dict(again["env"]) == dict(record["env"])
    assert found_in(table(demo.run("run env").ok().stdout)) == SET


def test_an_export_tells_what_conda_has_no_words_for(demo: Any) -> None:
    (demo.path / "environment.yml").unlink()
    demo.write(
        {
            "pyproject.toml": block(f"""
                [project]
                name = "demo"
                version = "1"
                [tool.hutch]
                package = false
                [tool.hutch.conda]
                channels = ["./chan"]
                platforms = ["{HERE}"]
                dependencies = ["act"]
                [tool.hutch.conda.activation]
                scripts = ["setup.sh"]
                [tool.hutch.conda.activation.env]
                DATA = "$CONDA_PREFIX/data"
                LINES = "two\\nlines"
                NO = "5 $$"
                PATH = "/opt/bin:$PATH"
                [tool.hutch.conda.group.more]
                dependencies = ["more"]
                [tool.hutch.conda.group.more.activation.env]
                LINES = "one"
            """),
            "setup.sh": "",
        }
    )
    ran = demo.run("export --format environment.yml").ok()
    assert "activation is not in it: setup.sh, DATA, PATH" in ran.stderr
    assert yaml.safe_load(ran.stdout)["variables"] == {"LINES": "two\nlines", "NO": "5 $"}
    ran = demo.run("export --format environment.yml --group more").ok()
    assert yaml.safe_load(ran.stdout)["variables"] == {"LINES": "one", "NO": "5 $"}


def test_a_variable_of_the_project_counts_over_one_that_the_user_sets(demo: Any) -> None:
    demo.run("sync").ok()
    ran = demo.run("conda env config vars set -p .venv MODE=mine OTHER=1").ok()
    assert "warning: what the project says of MODE counts: it stands in its manifest" in ran.stderr
    found = table(demo.run("run env").ok().stdout)
    assert (found["MODE"], found["OTHER"]) == ("fast", "1")


def test_where_no_environment_of_conda_is_made_it_is_told(project: Any, index: Any) -> None:
    index.add_wheel("rich", "14.0")
    made = make_demo(project, [])
    made.write({"environment.yml": "dependencies:\n  - pip: [rich]\nvariables:\n  MODE: fast\n"})
    said = " ".join(made.run("sync").ok().stderr.split())
    assert "scripts and variables are for environments of conda, and no package of conda is asked for" in said
