"""``hutch ide``: editors are told of the environment, and keep all else that they were told."""

from __future__ import annotations

import json

import pytest

from commands.support import block, manifest, shown

SETTINGS = """\
{
\t// what the team agreed on
\t"editor.rulers": [110,],
\t"python.defaultInterpreterPath": "/gone/python", // old
\t"files.exclude": { "**/__pycache__": true }
}
"""


@pytest.fixture
def demo(project):
    made = project(manifest(name="demo"))
    made.run("sync").ok()
    return made


def test_settings_are_made(demo):
    assert shown(demo.run("ide vscode")) == block("""
        exit 0
        Set in .vscode/settings.json:
          python.defaultInterpreterPath: "${workspaceFolder}/.venv/bin/python"
          python.terminal.activateEnvironment: true
        note: if VS Code keeps another Python, use its command 'Python: Clear Workspace Interpreter Setting'
    """)
    assert json.loads(demo.read(".vscode/settings.json")) == {
        "python.defaultInterpreterPath": "${workspaceFolder}/.venv/bin/python",
        "python.terminal.activateEnvironment": True,
    }
    assert shown(demo.run("ide vscode")) == "exit 0\nNothing to do: .vscode/settings.json has it all\n"


def test_what_is_there_stays(demo):
    demo.write({".vscode/settings.json": SETTINGS.replace("\n", "\r\n")})
    (demo / ".vscode" / "settings.json").chmod(0o640)
    demo.run("ide vscode").ok()
    expected = SETTINGS.replace("/gone/python", "${workspaceFolder}/.venv/bin/python").replace(
        "true }\n", 'true },\n\t"python.terminal.activateEnvironment": true\n'
    )
    assert (demo / ".vscode" / "settings.json").read_bytes() == expected.replace("\n", "\r\n").encode()
    assert (demo / ".vscode" / "settings.json").stat().st_mode & 0o777 == 0o640


def test_nothing_is_written_when_it_is_only_looked_at(demo):
    assert demo.run("ide vscode --dry-run").ok().stderr.startswith("Would set in .vscode/settings.json:\n")
    printed = json.loads(demo.run("ide vscode --print").ok().stdout)
    assert printed["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv/bin/python"
    assert demo.tree() == ["pylock.toml", "pyproject.toml"]


def test_pytest_is_named_where_it_is_installed_and_nothing_else_was_said(demo, index):
    index.add_wheel("pytest", "8.0")
    demo.run("add --dev pytest").ok()
    said = json.loads(demo.run("ide vscode --json --dry-run").ok().stdout)
    assert said["changed"]["python.testing.pytestEnabled"] is True
    demo.write({".vscode/settings.json": '{"python.testing.unittestEnabled": true}'})
    said = json.loads(demo.run("ide vscode --json").ok().stdout)
    assert "python.testing.pytestEnabled" not in said["changed"]


def test_an_env_file_of_another_name_is_named(demo):
    for files, expected in (
        ('".env"', None),
        ('"local.env"', "${workspaceFolder}/local.env"),
        ('"a.env", "b.env"', None),
    ):
        demo.write({"hutch.toml": f"env-files = [{files}]\n"})
        said = json.loads(demo.run("ide vscode --json --dry-run").ok().stdout)
        assert said["settings"].get("python.envFile") == expected


def test_an_environment_elsewhere_is_named_in_full(demo):
    demo.run("env create play").ok()
    said = json.loads(demo.run("ide vscode --json -n play").ok().stdout)
    assert said["settings"]["python.defaultInterpreterPath"].endswith("/envs/play/bin/python")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": 1,\n "b" 2}', "line 2, column 6: a colon belongs here"),
        (b"[1]", "it holds no object"),
        (b'{"a": "\xff"}', "it is not UTF-8"),
        (b"{" * 5000, "line 1, column 2: a name in double quotes belongs here"),
    ],
)
def test_settings_that_cannot_be_read_are_left_as_they_are(demo, content, why):
    demo.write({".vscode/settings.json": content})
    assert shown(demo.run("ide vscode")) == block(f"""
        exit 1
        error: .vscode/settings.json is left as it is
          {why}
        try: hutch ide vscode --print shows what belongs into it
    """)
    assert (demo / ".vscode" / "settings.json").read_bytes() == content


@pytest.mark.parametrize("what", [".vscode", ".vscode/settings.json"])
def test_a_link_out_of_the_project_is_not_written_through(demo, what):
    outside = demo.home / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text("{}")
    (demo / what).parent.mkdir(exist_ok=True)
    (demo / what).symlink_to(outside if what == ".vscode" else outside / "settings.json")
    ran = demo.run("ide vscode")
    assert ran.exit_code == 1
    assert "it leads out of the project" in ran.stderr
    assert (outside / "settings.json").read_text() == "{}"


def test_pycharm_gets_a_path_to_paste(demo):
    demo.write({".idea/misc.xml": "<project/>"})
    assert shown(demo.run("ide pycharm")) == block("""
        exit 0
        Paste it in Settings > Python > Interpreter > Add Interpreter > Add Local > Select existing:
        -- stdout --
        <project>/.venv/bin/python
    """)
    assert demo.read(".idea/misc.xml") == "<project/>"


def test_without_an_environment_there_is_nothing_to_tell(project):
    made = project(manifest(name="demo"))
    for words in ("ide vscode", "ide pycharm"):
        assert shown(made.run(words)) == block("""
            exit 1
            error: there is no environment in .venv
            try: hutch sync makes it
        """)
    assert not (made / ".vscode").exists()
