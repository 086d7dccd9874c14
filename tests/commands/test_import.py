"""``hutch import``: what it says and writes; and manifests of conda and pixi in commands."""

from __future__ import annotations

import json

from commands.support import block, locked, shown

ENVIRONMENT = """\
name: demo
channels: [conda-forge]
dependencies:
  - python>=3.9
  - gdal
  - pip:
    - alpha
    - -r more.txt
"""
POETRY = """\
# A project of Poetry's.
[tool.poetry]
name = "demo"
version = "1.0"
description = "A demo"
authors = []
package-mode = false

[tool.poetry.dependencies]
python = ">=3.9"
alpha = "^1"  # why
beta = { version = "*", optional = true }

[tool.poetry.extras]
more = ["beta"]

[tool.black]
line-length = 99
"""


def test_a_manifest_of_conda_becomes_a_pyproject_beside_it(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    made = project({"environment.yml": ENVIRONMENT, "more.txt": "beta\n"})
    assert shown(made.run("import")) == block("""
        exit 0
        Wrote pyproject.toml from environment.yml
        Made up for it:
          the version 0, for a [project] has to have one
        Still there: environment.yml; it is as it was
        next: hutch lock
    """)
    assert made.read("pyproject.toml") == block("""
        [project]
        name = "demo"
        version = "0"
        requires-python = ">=3.9"
        dependencies = [
            "alpha",
            "beta",
        ]

        [tool.hutch]
        package = false

        [tool.hutch.conda]
        channels = ["conda-forge"]
        dependencies = [
            "python>=3.9",
            "gdal",
        ]
    """)
    assert made.read("environment.yml") == ENVIRONMENT


def test_a_dry_run_shows_the_difference_and_writes_nothing(project):
    made = project({"pyproject.toml": POETRY})
    ran = made.run("import --dry-run").ok()
    assert ran.stdout.startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n@@ ")
    assert '+name = "demo"\n' in ran.stdout
    assert ran.stderr.startswith("Would write pyproject.toml\n")
    assert made.read("pyproject.toml") == POETRY


def test_a_pyproject_keeps_what_is_not_replaced(project):
    made = project({"pyproject.toml": POETRY})
    assert shown(made.run("import")) == block("""
        exit 0
        Wrote pyproject.toml
        Still there: [tool.poetry]; other-tools = false makes hutch pass over it
        next: hutch lock
    """)
    text = made.read("pyproject.toml")
    assert POETRY.partition("[tool.poetry]")[2] in text
    assert "other-tools = false" in text
    assert shown(made.run("import")) == block("""
        exit 1
        error: there is nothing to import from pyproject.toml
          what it says of the project is in [project], [dependency-groups] and [tool.hutch] already
    """)


def test_what_was_taken_over_can_go(project):
    made = project({"pyproject.toml": POETRY})
    assert shown(made.run("import --remove-old")) == block("""
        exit 0
        Wrote pyproject.toml
        Taken out: [tool.poetry.dependencies], [tool.poetry.extras]
        Still there: [tool.poetry]; other-tools = false makes hutch pass over it
        next: hutch lock
    """)
    assert made.read("pyproject.toml") == block("""
        [project]
        name = "demo"
        version = "1.0"
        description = "A demo"
        requires-python = ">=3.9"
        dependencies = ["alpha>=1,<2"]

        [project.optional-dependencies]
        more = ["beta"]

        # A project of Poetry's.
        [tool.poetry]
        authors = []

        [tool.black]
        line-length = 99

        [tool.hutch]
        package = false
        other-tools = false
    """)


def test_the_versions_of_the_old_lock_stay(project, index):
    for version in ("1.0", "1.1"):
        index.add_wheel("alpha", version)
    lock = """\
[[package]]
name = "alpha"
version = "1.0"
description = ""
optional = false
python-versions = "*"
files = [{file = "alpha-1.0-py3-none-any.whl", hash = "sha256:@"}]

[metadata]
lock-version = "2.0"
python-versions = ">=3.9"
content-hash = "x"
"""
    made = project(
        {
            "pyproject.toml": POETRY.replace('beta = { version = "*", optional = true }\n', "").replace(
                '[tool.poetry.extras]\nmore = ["beta"]\n', ""
            ),
            "poetry.lock": lock.replace("@", "a" * 64),
        }
    )
    assert (
        made.run("import")
        .ok()
        .stderr.endswith("next: hutch lock, which starts from the versions of poetry.lock\n")
    )
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0"}


def test_another_manifest_is_not_overwritten(project):
    made = project({"pyproject.toml": "[project]\nname = 'd'\nversion = '1'\n", "Pipfile": "[packages]\n"})
    assert shown(made.run("import Pipfile")) == block("""
        exit 1
        error: Pipfile is not imported: there is a pyproject.toml that speaks of the project
          it has [project]
        try: hutch import pyproject.toml
         or: move it away, if Pipfile is the one that counts
    """)


def test_a_pyproject_of_formatters_is_joined(project):
    made = project(
        {"pyproject.toml": "[tool.black]\nline-length = 99\n", "Pipfile": '[packages]\nalpha = "*"\n'}
    )
    made.run("import Pipfile").ok()
    text = made.read("pyproject.toml")
    assert text.startswith("[project]\n")
    assert "[tool.black]\nline-length = 99\n" in text


def test_what_is_wrong_is_told_at_its_place(project):
    made = project({"environment.yml": "dependencies:\n- pip:\n  - a b\n"})
    assert shown(made.run("import")) == block("""
        exit 1
        error: environment.yml is not valid
          environment.yml:3: `a b` is not a valid requirement; `b` is not expected after the name
    """)
    assert not (made / "pyproject.toml").exists()


def test_a_link_to_somewhere_else_is_not_written_through(project):
    made = project({"environment.yml": ENVIRONMENT, "more.txt": ""})
    outside = made.path.parent / "profile"
    outside.write_text("a = 1\n")
    (made / "pyproject.toml").symlink_to(outside)
    ran = made.run("import environment.yml")
    assert ran.exit_code == 2
    assert "which is outside of the project" in ran.stderr
    assert outside.read_text() == "a = 1\n"


def test_import_for_a_program(project):
    made = project({"environment.yml": ENVIRONMENT, "more.txt": ""})
    found = json.loads(made.run("import --json --dry-run").ok().stdout)
    assert found["notes"] == []
    assert (found["dry_run"], found["left"]) == (True, ["environment.yml"])
    assert not (made / "pyproject.toml").exists()


def test_a_pixi_lock_is_installed_as_it_stands(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    project({"pyproject.toml": "[project]\nname='x'\nversion='1'\ndependencies=['alpha==1.0']\n"})
    made = project({"pyproject.toml": "[project]\nname='x'\nversion='1'\ndependencies=['alpha==1.0']\n"})
    made.run("lock").ok()
    import tomllib

    wheel = tomllib.loads(made.read("pylock.toml"))["packages"][0]["wheels"][0]
    platforms = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
    lists = "".join(f"      {each}:\n      - pypi: {wheel['url']}\n" for each in platforms)
    lock = (
        f"version: 6\nenvironments:\n  default:\n    packages:\n{lists}packages:\n- pypi: {wheel['url']}\n"
        f"  name: alpha\n  version: '1.0'\n  sha256: {wheel['hashes']['sha256']}\n"
    )
    manifest = "[workspace]\nname = 'demo'\nchannels = []\nplatforms = {}\n[pypi-dependencies]\nalpha = '*'\n"
    (made / "pyproject.toml").unlink()
    (made / "pylock.toml").unlink()
    made.write({"pixi.toml": manifest.format(json.dumps(platforms)), "pixi.lock": lock})
    assert " + alpha 1.0\n" in made.run("sync").ok().stderr
    assert not (made / "pylock.toml").exists()
    made.write({"pixi.lock": lock.replace(wheel["hashes"]["sha256"], "0" * 64)})
    assert "hash" in made.run("sync --frozen --reinstall --no-cache").stderr


def test_a_member_of_a_workspace_is_imported_where_one_stands(project):
    named = "[project]\nname = '{}'\nversion = '1'\n"
    places = "[tool.uv]\ndev-dependencies = []\n[tool.uv.sources]\nx = { path = '../x' }\n"
    made = project(
        {
            "pyproject.toml": named.format("root") + "[tool.hutch.workspace]\nmembers = ['one']\n",
            "one/pyproject.toml": named.format("one") + places,
            "x/pyproject.toml": named.format("x"),
        }
    )
    assert made.run("import", cwd="one").ok().stderr.startswith("Wrote pyproject.toml\n")
    assert '[tool.hutch.sources]\nx = { path = "../x" }\n' in made.read("one/pyproject.toml")
    assert "warning" not in made.run("lock").ok().stderr
