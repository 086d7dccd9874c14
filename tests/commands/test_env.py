"""``hutch env``: history, rollback, verify."""

from __future__ import annotations

import json
import re

import pytest

from commands.support import block, installed, manifest, shown


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel("web", "2.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel("io", "1.0", files={f"io{i}/__init__.py": "" for i in range(5)})
    index.add_wheel("extra", "1.0")
    made = project(manifest("web<2"))
    made.run("sync").ok()
    return made


def said(ran):
    """The words, without moments and durations."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "<moment>", shown(ran))
    text = re.sub(r"\d+(\.\d+)? (KiB|B)\b", "<size>", text)
    return re.sub(r"in \d+(\.\d+)? m?s", "in <time>", text)


def history(project):
    return json.loads(project.run("env history --json").ok().stdout)


# -- history ---------------------------------------------------------------------------------------


def test_the_history_has_a_line_for_each_change(demo):
    demo.run("add extra").ok()
    demo.run("remove web").ok()
    assert said(demo.run("env history")) == block("""
        exit 0
        -- stdout --
            when              command     packages  changes              kept
         1  <moment>  sync        2         + io 1.0, + web 1.0  -
         2  <moment>  add extra   3         + extra 1.0          <size>
        *3  <moment>  remove web  1         - io 1.0, - web 1.0  -
        """)


def test_the_history_for_a_program(demo):
    demo.write({"pyproject.toml": manifest("web")})
    demo.run("upgrade web").ok()
    told = history(demo)
    assert [each["number"] for each in told["generations"]] == [1, 2]
    newest = told["generations"][1]
    assert newest["changes"] == [{"name": "web", "before": "1.0", "after": "2.0"}]
    assert (newest["command"], newest["packages"], newest["current"]) == ("upgrade web", 2, True)
    assert newest["by_hutch"] is True
    assert told["generations"][0]["kept_bytes"] >= 0
    assert (told["changed_since"], told["rolled_back_to"]) == ([], None)


def test_a_command_is_remembered_without_secrets(demo, index):
    host = index.url.split("//")[1]
    url = f"http://me:hunter2@{host.split('/')[0]}/files/extra-1.0-py3-none-any.whl"
    demo.run(f"add 'extra @ {url}'")
    for path in (demo / ".venv" / ".hutch").glob("change-*"):
        record = json.loads(path.read_text())
        assert "hunter2" not in record["command"]


def test_a_sync_that_changes_nothing_is_no_generation(demo):
    demo.run("sync").ok()
    demo.run("sync --reinstall-package io").ok()
    assert [each["number"] for each in history(demo)["generations"]] == [1, 2]


def test_without_an_environment_there_is_no_history(project):
    made = project(manifest())
    assert shown(made.run("env history")) == block("""
        exit 1
        error: there is no environment in .venv
        try: hutch sync makes it
        """)
    made.run("venv").ok()
    assert shown(made.run("env history")) == block("""
        exit 0
        Hutch has changed nothing in .venv yet
        """)


# -- rollback --------------------------------------------------------------------------------------


def test_rolling_back_and_what_run_and_sync_do_then(demo):
    demo.run("add extra").ok()
    files = demo.read("pyproject.toml"), demo.read("pylock.toml")
    assert said(demo.run("env rollback")) == block("""
        exit 0
        Rolled .venv back to generation 1, of <moment>, in <time>
         - extra 1.0
        hutch run leaves it like this; hutch sync makes it what pylock.toml says again
        """)
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert (demo.read("pyproject.toml"), demo.read("pylock.toml")) == files
    for _ in range(2):
        ran = demo.run("run python -c print(1)")
        assert shown(ran) == block("""
            exit 0
            note: .venv was rolled back to generation 1, and stays so; hutch sync makes it what the lock says
            -- stdout --
            1
            """)
        assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert said(demo.run("sync")) == block("""
        exit 0
        Installed 1 package in <time>
         + extra 1.0
        """)
    assert shown(demo.run("run python -c print(1)")) == "exit 0\n-- stdout --\n1\n"


def test_a_sync_that_finds_nothing_to_change_ends_the_rest(demo):
    demo.run("add extra").ok()
    demo.run("env rollback").ok()
    demo.run("remove extra").ok()
    assert "rolled back" not in demo.run("run python -c 1").ok().stderr
    assert history(demo)["rolled_back_to"] is None


def test_pip_install_does_not_end_it(demo):
    demo.run("add extra").ok()
    demo.run("env rollback").ok()
    demo.run("pip install extra").ok()
    assert "rolled back" in demo.run("run python -c 1").ok().stderr


def test_a_rollback_needs_neither_store_nor_network(demo):
    demo.write({"pyproject.toml": manifest("web")})
    demo.run("upgrade web").ok()
    demo.run("cache clean").ok()
    assert said(demo.run("env rollback --offline")) == block("""
        exit 0
        Rolled .venv back to generation 1, of <moment>, in <time>
         ~ web 2.0 → 1.0
        hutch run leaves it like this; hutch sync makes it what pylock.toml says again
        """)
    assert installed(demo)["web"] == "1.0"
    demo.run("env verify --deep").ok()


def test_a_dry_run_changes_nothing(demo):
    demo.run("add extra").ok()
    assert said(demo.run("env rollback --dry-run")) == block("""
        exit 0
        Would roll .venv back to generation 1, of <moment>
         - extra 1.0
        """)
    assert "extra" in installed(demo)
    told = json.loads(demo.run("env rollback 1 --dry-run --json").ok().stdout)
    assert (told["restored"], told["left"], told["dry_run"]) == (1, 2, True)
    assert told["changes"] == [{"name": "extra", "before": "1.0", "after": None}]
    assert "rolled back" not in demo.run("run python -c 1").ok().stderr


def test_a_generation_that_is_not_there(demo):
    assert shown(demo.run("env rollback")) == block("""
        exit 1
        error: there is no earlier state of <project>/.venv to go back to
          its history has only generation 1
        try: hutch env history shows them
        """)
    assert shown(demo.run("env rollback 7")) == block("""
        exit 1
        error: <project>/.venv has no generation 7
          its history has only generation 1
        try: hutch env history shows them
        """)
    assert shown(demo.run("env rollback back")) == block("""
        exit 2
        error: back is no number of a generation
        try: hutch env history shows them
        """)


def test_what_another_tool_installed_is_not_lost_in_silence(demo):
    demo.run("add extra").ok()
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    info = site / "ipdb-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ipdb\nVersion: 3\n")
    (info / "INSTALLER").write_text("pip\n")
    (site / "ipdb.py").write_text("")
    (info / "RECORD").write_text(
        "ipdb.py,,0\nipdb-3.dist-info/METADATA,,\nipdb-3.dist-info/INSTALLER,,\nipdb-3.dist-info/RECORD,,\n"
    )
    assert "* now another tool + ipdb 3 -" in re.sub(" +", " ", demo.run("env history").ok().stdout)
    assert said(demo.run("env rollback 1")) == block("""
        exit 0
        Rolled .venv back to generation 1, of <moment>, in <time>
         - extra 1.0
         - ipdb 3
        warning: what another tool had changed since is gone (+ ipdb 3); hutch env rollback 3 brings it back
        hutch run leaves it like this; hutch sync makes it what pylock.toml says again
        """)
    demo.run("env rollback 3").ok()
    assert installed(demo) == {"web": "1.0", "io": "1.0", "extra": "1.0", "ipdb": "3"}
    assert (site / "ipdb.py").exists()


def test_how_many_generations_are_kept_is_a_setting(demo):
    demo.environ["HUTCH_GENERATIONS"] = "2"
    for _ in range(3):
        demo.run("sync --reinstall-package io").ok()
    assert [each["number"] for each in history(demo)["generations"]] == [2, 3, 4]


def test_env_outside_of_a_project_is_about_the_nearest(project, index):
    made = project({})
    assert shown(made.run("env verify")) == block("""
        exit 1
        error: there is no environment in .venv
        try: hutch venv makes one; or activate the one that you mean
        """)
    made.run("venv").ok()
    assert made.run("env history").ok().stderr == "Hutch has changed nothing in .venv yet\n"
    assert made.run("env verify").ok().stderr.startswith(".venv is sound: 0 files of 0 packages")
    index.add_wheel("extra", "1.0")
    index.add_wheel("extra", "2.0")
    made.run("pip install extra==1.0").ok()
    made.run("pip install extra==2.0").ok()
    assert said(made.run("env rollback")) == block("""
        exit 0
        Rolled .venv back to generation 1, of <moment>, in <time>
         ~ extra 2.0 → 1.0
        """)
    assert "rolled back" not in made.run("env history").ok().stderr


# -- verify ----------------------------------------------------------------------------------------


def test_folders_of_bytecode_in_a_record_need_not_be_there(demo):
    """As virtualenv notes those of the pip that it puts in."""
    (record,) = (demo / ".venv").glob("lib/python*/site-packages/io-1.0.dist-info/RECORD")
    record.write_text(record.read_text() + "io1/__pycache__,,\n")
    demo.run("env verify --deep").ok()


def site_packages(project):
    return next((project / ".venv").glob("lib/python*/site-packages"))


def test_a_sound_environment(demo):
    assert re.sub(r"\d+ files", "<n> files", said(demo.run("env verify --deep"))) == block("""
        exit 0
        .venv is sound: <n> files of 2 packages hashed in <time>
        It is what pylock.toml says: 2 packages
        """)


def test_what_is_broken_is_told_with_what_to_do(demo):
    site = site_packages(demo)
    (site / "io3" / "__init__.py").unlink()
    (site / "web" / "__init__.py").write_text("edited, and longer\n")
    ran = demo.run("env verify")
    text = re.sub(r"python3\.\d+", "<python>", shown(ran))
    assert re.sub(r"\d+ bytes instead of \d+", "<n> bytes instead of <n>", text) == block("""
        exit 1
        error: 2 things are not as installed in <project>/.venv
          lib/<python>/site-packages/io3/__init__.py is missing
          lib/<python>/site-packages/web/__init__.py has <n> bytes instead of <n>
        try: hutch sync --reinstall-package io --reinstall-package web
        """)
    told = json.loads(demo.run("env verify --json").stdout)
    assert told["sound"] is False
    assert [(each["kind"], each["package"]) for each in told["faults"]] == [
        ("missing", "io"),
        ("changed", "web"),
    ]
    demo.run("sync --reinstall-package io --reinstall-package web").ok()
    demo.run("env verify --deep").ok()


def test_an_edit_of_equal_size_is_found(demo):
    file = site_packages(demo) / "io1" / "__init__.py"
    demo.run("env verify").ok()
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)
    demo.run("env verify").ok()  # another date, the same bytes
    web = site_packages(demo) / "web" / "__init__.py"
    content = web.read_bytes()
    web.unlink()
    web.write_bytes(content[::-1])
    if content != content[::-1]:
        assert "has another content" in demo.run("env verify").stderr


def test_a_deleted_directory_is_noticed_by_a_plain_sync(demo):
    import shutil

    shutil.rmtree(site_packages(demo) / "io2")
    assert said(demo.run("sync")) == block("""
        exit 0
        Reinstalled 1 package in <time>
         ~ io 1.0
        """)
    demo.run("env verify --deep").ok()


def test_files_of_nobody_are_told_and_break_nothing(demo):
    site = site_packages(demo)
    (site / "mine").mkdir()
    (site / "mine" / "x.py").write_text("")
    (site / "note.txt").write_text("")
    ran = demo.run("env verify")
    assert ran.exit_code == 0
    assert re.sub(r"python3\.\d+", "<python>", ran.stderr).endswith(
        "note: lib/<python>/site-packages/mine/, lib/<python>/site-packages/note.txt belong to no package\n"
    )


def test_a_command_of_another_environment_is_a_fault(demo, tmp_path):
    command = demo / ".venv" / "bin" / "web"
    text = command.read_text()
    command.write_text(text.replace(str(demo / ".venv"), "/gone/.venv"))
    told = json.loads(demo.run("env verify --json").stdout)
    assert {each["path"] for each in told["faults"]} == {"bin/web"}


def test_a_python_that_is_gone(demo):
    config = demo / ".venv" / "pyvenv.cfg"
    config.write_text(re.sub("home = .*", "home = /gone/bin", config.read_text()))
    assert shown(demo.run("env verify")) == block("""
        exit 1
        error: something is not as installed in <project>/.venv
          pyvenv.cfg its Python is gone: there is no /gone/bin
        try: hutch sync makes it anew
        """)


def test_a_record_that_is_gone(demo):
    record = next(site_packages(demo).glob("io-*/RECORD"))
    record.unlink()
    told = json.loads(demo.run("env verify --json").stdout)
    assert told["faults"][0]["kind"] == "no-record"
    demo.run("sync --reinstall-package io").ok()
    demo.run("env verify --deep").ok()


def test_a_moved_environment_is_said_to_be_made_right(demo, tmp_path):
    import shutil

    shutil.move(demo.path, tmp_path / "moved")
    demo.path = tmp_path / "moved"
    ran = demo.run("env verify")
    assert ran.exit_code == 1
    assert "try: hutch doctor --fix makes its commands right where they are\n" in ran.stderr
    demo.run("doctor --fix --check moved-environment").ok()
    demo.run("env verify --deep").ok()
