"""What a project says of its activation, in hutch's words and in pixi's: who reads it, and when."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from commands.conda_world import HERE, alone, make_demo
from commands.support import block
from commands.test_conda_activate import hutch_in

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of a POSIX shell")

PIXI = """
[workspace]
name = "demo"
channels = ["./chan"]
platforms = ["HERE"]

[dependencies]
act = "*"

[activation]
scripts = ["setup.sh"]
[activation.env]
MODE = "fast"
DATA = "$CONDA_PREFIX/${MODE}"
PLAIN = "it's $(date) `id` 100%"
PATH = "$PIXI_PROJECT_ROOT/own:$PATH"

[target.SYSTEM.activation.env]
ONLY = "here"
[target.win.activation.env]
ONLY = "windows"

[feature.old.activation]
scripts = ["old.sh"]
[feature.old.activation.env]
MODE = "old"

[environments]
old = ["old"]
"""
SETUP = 'export SEEN="$PIXI_PROJECT_NAME:$FROM_PACKAGE"\nexport MODE=script\nexport AGAIN=setup\n'


@pytest.fixture
def demo(project: Any) -> Any:
    files = {"etc/conda/activate.d/act.sh": "export FROM_PACKAGE=package\n"}
    made = make_demo(project, [alone("act", files=files)])
    made.environ["HUTCH_DATA_DIR"] = os.fspath(made.home / "data")
    text = PIXI.replace("HERE", HERE).replace("SYSTEM", HERE.partition("-")[0]).lstrip()
    made.write({"pixi.toml": text, "setup.sh": SETUP, "old.sh": "export AGAIN=old\n"})
    return made


def table(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def variables(demo: Any, command: str = "run env") -> dict[str, str]:
    return table(demo.run(command).ok().stdout)


def test_run_sets_variables_and_reads_scripts(demo: Any) -> None:
    root = str(demo.path)
    for _ in range(2):  # with a sync, and at once
        found = variables(demo)
        assert found["SEEN"] == "demo:package"
        assert (found["MODE"], found["DATA"]) == ("fast", "<project>/.venv/fast")
        assert found["PLAIN"] == "it's $(date) `id` 100%"
        assert found["PATH"].startswith("<project>/own:<project>/.venv/bin:")
        assert found["PATH"].count("/own") == 1
        assert (found["ONLY"], found["AGAIN"]) == ("here", "setup")
        assert found["PIXI_PROJECT_ROOT"] in (root, "<project>")
    found = variables(demo, "run --env old env")
    assert (found["MODE"], found["DATA"], found["AGAIN"]) == ("old", "<project>/.venv-old/old", "setup")
    assert found["PIXI_ENVIRONMENT_NAME"] == "old"


def test_what_is_said_now_counts(demo: Any) -> None:
    assert variables(demo)["MODE"] == "fast"
    demo.write({"pixi.toml": demo.read("pixi.toml").replace('"fast"', '"slow"')})
    assert variables(demo)["DATA"] == "<project>/.venv/slow"
    assert "up to date" in demo.run("lock --check").ok().stderr
    text = demo.read("pixi.toml")
    demo.write({"pixi.toml": text[: text.index("[activation]")]})
    assert not {"MODE", "SEEN", "PIXI_PROJECT_ROOT"} & variables(demo).keys()
    assert not (demo.path / ".venv/.hutch/activation.json").exists()
    assert not (demo.path / ".venv/.hutch/activation.sh").exists()


def test_a_script_that_is_not_there_is_told_and_no_matter(demo: Any) -> None:
    (demo.path / "setup.sh").unlink()
    ran = demo.run("sync").ok()
    assert "warning: setup.sh: to be read on activation, and not there" in ran.stderr
    assert variables(demo)["MODE"] == "fast"


def test_activate_sets_it_and_deactivate_takes_it_back(demo: Any) -> None:
    demo.run("sync").ok()
    lines = 'env > one\neval "$(hutch activate --shell bash)"\nenv > two\ndeactivate\nenv > three\n'
    given = {**hutch_in(demo), "MODE": "mine"}
    subprocess.run(["bash", "-c", lines], env=given, cwd=demo.path, check=True, timeout=300)
    before, active, after = (table(demo.read(name)) for name in ("one", "two", "three"))
    assert (before["MODE"], active["MODE"], active["SEEN"]) == ("mine", "fast", "demo:package")
    assert after["MODE"] == "mine"
    assert after["PATH"] == before["PATH"]
    assert "DATA" not in after
    assert "PIXI_PROJECT_ROOT" not in after


def test_a_shell_that_cannot_read_sh_gets_the_variables(demo: Any) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish here")
    demo.run("sync").ok()
    text = demo.run("activate --shell fish").ok().stdout.replace("<project>", str(demo.path))
    given = {"PATH": "/usr/bin:/bin", "HOME": str(demo.home)}
    words = ["fish", "--no-config", "-c", f"{text}\nenv"]
    done = subprocess.run(words, env=given, cwd=demo.path, check=True, capture_output=True, text=True)
    active = table(done.stdout)
    assert (active["MODE"], active["SEEN"]) == ("fast", "demo:package")


def asked(demo: Any) -> str:
    data, here = (shlex.quote(each) for each in (demo.environ["HUTCH_DATA_DIR"], str(demo.path)))
    return demo.run(f"shell-answer --data {data} -- bash enter {here} -").ok().stdout


def test_the_hook_reads_it_when_it_was_allowed_and_as_it_was(demo: Any) -> None:
    demo.run("sync").ok()
    text = asked(demo)
    assert "__hutch_enter '<project>/.venv'" in text  # hutch has made it: the environment is trusted
    assert "activation.sh" not in text
    assert "fast" not in text
    assert "setup.sh, the activation of the project of" in text
    assert "is not trusted, and not loaded" in text
    said = demo.run("allow").ok().stderr
    assert "and reads setup.sh, as it is now: what a script does is not known before" in said
    assert "and loads the activation of the project, as it is now, which sets PIXI_PROJECT_ROOT," in said
    text = asked(demo)
    assert "act.sh' '<project>/.venv/.hutch/activation.sh'\n" in text
    assert "fast" in text
    demo.write({"setup.sh": "export EVIL=1\n"})
    text = asked(demo)
    assert "is not what was trusted" in text
    assert "activation.sh" not in text
    assert "__hutch_enter '<project>/.venv'" in text
    demo.run("allow").ok()
    assert "activation.sh" in asked(demo)


def test_what_is_said_wrong_is_told_at_its_place(project: Any) -> None:
    made = make_demo(project, [alone("act")])
    words = block(f"""
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
        scripts = ["../out.sh", "/etc/profile", "ok.sh"]
        more = 1
        [tool.hutch.conda.activation.env]
        "a-b" = "x"
        NUMBER = 3
    """)
    made.write({"pyproject.toml": words})
    said = made.run("lock")
    assert said.exit_code != 0
    for line, reason in (
        (11, "scripts[0]: should be a file of the project, by its path from there"),
        (11, "scripts[1]: should be a file of the project, by its path from there"),
        (12, "more: unknown key; activation has scripts and env"),
        (14, "cannot be the name of a variable: it has letters, digits and _"),
        (15, "NUMBER: should be a string, not"),
    ):
        assert any(
            f"pyproject.toml:{line}" in each and reason in each for each in said.stderr.splitlines()
        ), said.stderr


def test_an_import_says_it_in_hutchs_words(demo: Any) -> None:
    demo.run("sync").ok()
    record = json.loads(demo.read(".venv/.hutch/activation.json"))
    demo.run("import").ok()
    text = demo.read("pyproject.toml")
    assert "activation" in text
    assert "[tool.hutch.conda.group.old.activation" in text
    (demo.path / "pixi.toml").unlink()
    demo.run("sync").ok()
    again = json.loads(demo.read(".venv/.hutch/activation.json"))
    assert again["scripts"] == record["scripts"]
    of_pixi = [each for each in record["env"] if not each[0].startswith("PIXI_")]
    assert again["env"] == of_pixi
