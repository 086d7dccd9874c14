"""``hutch export``: each format as its own tool reads it, from hutch's lock and from those of other tools."""

from __future__ import annotations

import json
import sys
import tomllib

import pytest
import yaml
from packaging.pylock import Pylock

from commands.support import block, manifest, shown

TARGET = "cp312-windows-x86_64"


@pytest.fixture
def demo(project, index):
    index.add_wheel(
        "web", "2.0", requires=["io>=1", "color; sys_platform == 'win32'"], extras={"quick": ["fast"]}
    )
    for name in ("io", "color", "fast", "test"):
        index.add_wheel(name, "2.0")
    made = project(
        manifest("web[quick]", python=">=3.11", extras={"more": ["fast"]}, groups={"dev": ["test"]})
    )
    made.run("lock").ok()
    return made


def test_for_one_target_there_are_no_markers(demo):
    assert shown(demo.run(f"export --no-hashes --no-annotate --target {TARGET}")) == block("""
        exit 0
        -- stdout --
        # made by `hutch export` from pylock.toml; do not edit

        color==2.0
        fast==2.0
        io==2.0
        test==2.0
        web[quick]==2.0
    """)


def test_for_one_target_what_others_need_is_left_out(demo):
    assert "color" not in demo.run("export --no-hashes --target cp312-linux-x86_64").ok().stdout


def test_packages_can_be_left_out_and_the_project_added(project, index):
    index.add_wheel("io", "2.0")
    text = manifest(
        "io", more='[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
    )
    made = project({"pyproject.toml": text, "demo.py": '"""Demo."""\n'})
    made.run("lock").ok()
    ran = made.run("export --no-hashes --no-header --no-annotate --emit-project --no-emit-package IO")
    assert shown(ran) == "exit 0\n-- stdout --\n-e .\n"


def test_a_project_that_is_no_package_cannot_be_added(demo):
    assert shown(demo.run("export --emit-project")) == block("""
        exit 2
        error: --emit-project: this project is no package
          nothing of it is installed but what it needs
    """)


def test_constraints_have_neither_extras_nor_hashes(demo):
    assert shown(demo.run("export --format constraints --no-dev")) == block("""
        exit 0
        -- stdout --
        # made by `hutch export` from pylock.toml; do not edit
        color==2.0 ; sys_platform == 'win32'
        fast==2.0
        io==2.0
        web==2.0
    """)


def test_the_indexes_can_be_named(demo):
    text = demo.run("export --no-hashes --emit-index-url").ok().stdout
    assert text.splitlines()[1].startswith("--index-url http://<index>/")


def test_environment_yml(demo):
    ran = demo.run("export --format environment.yml --no-dev -o environment.yml")
    assert shown(ran) == "exit 0\nWrote 4 packages to environment.yml\n"
    assert yaml.safe_load(demo.read("environment.yml")) == {
        "name": "demo",
        "channels": ["conda-forge"],
        "dependencies": [
            "python >=3.11",
            "pip",
            {"pip": ["color==2.0 ; sys_platform == 'win32'", "fast==2.0", "io==2.0", "web[quick]==2.0"]},
        ],
    }


def test_environment_yml_of_one_target_has_its_python(demo):
    found = yaml.safe_load(demo.run(f"export --format environment.yml --target {TARGET}").ok().stdout)
    assert found["dependencies"][0] == "python=3.12"


def test_a_pylock_of_one_target_says_so(demo):
    text = demo.run(f"export --format pylock --target {TARGET} --no-dev").ok().stdout
    found = tomllib.loads(text)
    Pylock.from_dict(found).validate()
    assert [one["name"] for one in found["packages"]] == ["color", "fast", "io", "web"]
    assert all("marker" not in one for one in found["packages"])
    assert "win32" in found["environments"][0]


PIPFILE = """\
[[source]]
name = "own"
url = "{url}"
verify_ssl = true

[packages]
web = {{ version = "*", extras = ["quick"] }}

[dev-packages]
test = "*"

[docs]
io = "*"

[requires]
python_version = "{python}"
"""
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_pipfile_lock_is_what_pipenv_reads(demo, index):
    demo.write({"Pipfile": PIPFILE.format(url=index.url, python=PYTHON)})
    (demo / "pylock.toml").unlink()
    text = demo.run("--manifest Pipfile export --format pipfile.lock").ok().stdout
    found = json.loads(text)
    assert found["_meta"]["pipfile-spec"] == 6
    assert found["_meta"]["requires"] == {"python_version": PYTHON}
    assert [each["name"] for each in found["_meta"]["sources"]] == ["own"]
    assert sorted(found["default"]) == ["color", "fast", "io", "web"]
    assert (sorted(found["develop"]), sorted(found["docs"])) == (["test"], ["io"])
    web = found["default"]["web"]
    assert (web["version"], web["extras"], web["index"]) == ("==2.0", ["quick"], "own")
    assert [each.partition(":")[0] for each in web["hashes"]] == ["sha256"]
    assert found["default"]["color"]["markers"] == "sys_platform == 'win32'"
    # It is a lock that hutch takes for that of the Pipfile, and installs the same of.
    demo.write({"Pipfile.lock": text})
    (demo / "pylock.toml").unlink()
    assert "color" not in demo.run("--manifest Pipfile sync --locked").ok().stderr
    assert not (demo / "pylock.toml").exists()


def test_pipfile_lock_without_a_pipfile(demo):
    assert shown(demo.run("export --format pipfile.lock")) == block("""
        exit 1
        error: a Pipfile.lock needs a Pipfile beside it
          <project> has none, and Pipenv takes no lock without one
        try: hutch export --format requirements is for everything that reads pip's files
    """)


POETRY = """\
[tool.poetry]
name = "demo"
version = "1.0"
package-mode = false

[tool.poetry.dependencies]
python = ">=3.11"
web = "*"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def test_the_lock_of_another_tool_is_exported_by_its_edges(project, index):
    """As poetry-plugin-export: what is needed where, the hashes of all files."""
    files = {name: index.add_wheel(name, "2.0") for name in ("web", "color")}
    assert all(files.values())
    digest = "a" * 64
    lock = f"""\
[[package]]
name = "color"
version = "2.0"
description = ""
optional = false
python-versions = "*"
files = [{{file = "color-2.0-py3-none-any.whl", hash = "sha256:{digest}"}}]

[[package]]
name = "web"
version = "2.0"
description = ""
optional = false
python-versions = "*"
files = [{{file = "web-2.0-py3-none-any.whl", hash = "sha256:{digest}"}}]

[package.dependencies]
color = {{version = "*", markers = "sys_platform == \\"win32\\""}}

[metadata]
lock-version = "2.0"
python-versions = ">=3.11"
content-hash = "x"
"""
    made = project({"pyproject.toml": POETRY, "poetry.lock": lock})
    assert shown(made.run("export --frozen")) == block(f"""
        exit 0
        -- stdout --
        # made by `hutch export` from poetry.lock; do not edit

        color==2.0 ; sys_platform == 'win32' \\
            --hash=sha256:{digest}
            # via web
        web==2.0 \\
            --hash=sha256:{digest}
            # via demo (pyproject.toml)
    """)
