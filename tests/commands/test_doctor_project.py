"""``hutch doctor``: checks of the project's files, each with the fault made for real and without."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.doctor_support import PLAIN, examine, findings, path_of, python_in, titles
from commands.support import locked, manifest
from hutch.ops.checks.locks import loose_names

CORPUS = Path(__file__).parents[1] / "corpus" / "projects"
MERGED = """\
[[packages]]
<<<<<<< ours
name = "alpha"
version = "1.0"
=======
name = "alpha"
version = "2.0"
>>>>>>> theirs
"""


# -- what is no fault --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(each.name for each in CORPUS.iterdir() if each.is_dir()))
def test_projects_of_others_are_sound(project, name):
    """Nothing is found in them but what is so: a Python that is old, requirements that nothing pins."""
    made = project()
    shutil.copytree(CORPUS / name, made.path, dirs_exist_ok=True)
    answer = examine(made, words="--offline")
    wrong = {(each["code"], each["title"]) for each in answer["findings"] if each["severity"] != "info"}
    wrong = {each for each in wrong if each[0] != "no-python"}  # the one of the suite is not for all of them
    allowed = {
        "djangoproject.com": {("no-lock", "a requirement has no exact version, and there is no lock")},
        "stable-diffusion": {
            ("no-lock", "4 requirements have no exact version, and there is no lock"),
            ("old-python", "Python 3.8 has reached the end of its life"),
        },
    }
    assert wrong <= allowed.get(name, set())


# -- the manifest and the lock -----------------------------------------------------------------------------


def test_a_setting_that_is_wrong_is_told(project):
    made = project(PLAIN + '\n[tool.hutch]\nresolution = "sideways"\n')
    (found,) = findings(made, "unreadable-manifest")
    assert found["severity"] == "error"
    assert "sideways" in str(found["seen"])


def test_a_lock_with_merge_markers(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("lock").ok()
    assert titles(made, "unreadable-lock") == []
    made.write({"pylock.toml": MERGED})
    (found,) = findings(made, "unreadable-lock")
    assert (found["title"], found["severity"], found["class"]) == (
        "pylock.toml has merge markers",
        "error",
        "ask",
    )
    made.run("doctor --check unreadable-lock --fix --yes").ok()
    assert titles(made, "unreadable-lock") == []
    assert locked(made) == {"alpha": "2.0"}


def test_a_lock_that_is_none(project):
    made = project({"pyproject.toml": PLAIN, "pylock.toml": "this is no lock\n"})
    (found,) = findings(made, "unreadable-lock")
    assert found["severity"] == "error"


def test_a_lock_that_is_old(project, index):
    index.add_wheel("alpha", "1.0")
    index.add_wheel("beta", "1.0")
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("lock").ok()
    assert titles(made, "stale-lock") == []
    made.write({"pyproject.toml": manifest("alpha", "beta")})
    (found,) = findings(made, "stale-lock")
    assert found["title"] == "pylock.toml is not what the manifest asks for now"
    assert made.run("lock --check").exit_code == 1  # the same, said by another command
    answer = json.loads(made.run("doctor --check stale-lock --fix --yes --json").ok().stdout)
    assert [(each["state"], each["text"]) for each in answer["fixes"]] == [("fixed", "locked 2 packages")]
    made.run("lock --check").ok()


def test_a_lock_of_another_tool_that_is_old(project):
    """As after `poetry lock`, and another requirement by hand."""
    made = project()
    shutil.copytree(CORPUS / "textual", made.path, dirs_exist_ok=True)
    assert titles(made, "stale-lock") == []
    text = made.read("pyproject.toml")
    assert "[tool.poetry.dependencies]\n" in text
    made.write(
        {
            "pyproject.toml": text.replace(
                "[tool.poetry.dependencies]\n", '[tool.poetry.dependencies]\nalpha = "*"\n'
            )
        }
    )
    (found,) = findings(made, "stale-lock")
    assert "poetry.lock" in found["title"]
    assert found["commands"]


def test_an_application_without_a_lock(project, index):
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha>=1", "alpha")})
    (found,) = findings(made, "no-lock")
    assert found["title"] == "a requirement has no exact version, and there is no lock"
    made.run("doctor --check no-lock --fix --yes").ok()
    assert (made / "pylock.toml").exists()
    assert titles(made, "no-lock") == []


def test_locks_of_several_tools(project):
    made = project()
    shutil.copytree(CORPUS / "textual", made.path, dirs_exist_ok=True)
    assert titles(made, "several-locks") == []
    shutil.copy(CORPUS / "flask" / "uv.lock", made / "uv.lock")
    (found,) = findings(made, "several-locks")
    assert found["title"] == "there are 2 locks: uv.lock, poetry.lock"
    assert found["seen"][0].startswith("hutch goes by ")


def test_a_lock_that_git_ignores(project, index):
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha"), ".gitignore": "*.pyc\n*.toml.bak\n"})
    made.run("lock").ok()
    assert titles(made, "ignored-lock") == []  # no repository
    subprocess.run(["git", "init", "-q"], cwd=made.path, check=True)
    assert titles(made, "ignored-lock") == []
    made.write({".gitignore": "*.pyc\npylock.toml\n"})
    (found,) = findings(made, "ignored-lock")
    assert found["seen"] == ["<project>/pylock.toml, by .gitignore:2:pylock.toml"]


def test_what_needs_no_lock(project):
    assert titles(project({"pyproject.toml": manifest("alpha==1.0")}), "no-lock") == []
    assert titles(project({"requirements.txt": "alpha==1.0\n"}), "no-lock") == []
    library = (
        manifest("alpha")
        + '\n[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
    )
    assert titles(project({"pyproject.toml": library}), "no-lock") == []


def test_requirements_without_versions(project):
    (found,) = findings(project({"requirements.txt": "alpha==1.0\nbeta\n"}), "no-lock")
    assert found["seen"] == ["requirements.txt:2: beta"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN pip install flask gunicorn==20.1", ["flask"]),
        ("RUN apt-get update && pip3 install --no-cache-dir 'alpha[beta]' && rm -r x", ["alpha[beta]"]),
        ("      - run: pip install -U pip setuptools", []),
        ("pip install -r requirements.txt black", []),
        ("pip install --index-url https://index.example/simple alpha", ["alpha"]),
        ("pip install .", []),
        ("pip install ./lib 'alpha@https://host.example/a.whl'", []),
        ("python3 -m pip install --user alpha", ["alpha"]),
        ("# pip install flask", []),
        ("npm install flask", []),
        ("uv pip install flask>=3", []),
        ("pip3.11 install flask", ["flask"]),
    ],
)  # fmt: skip
def test_lines_that_install_without_versions(line, names):
    assert loose_names(line) == names


def test_a_dockerfile_that_installs_what_is_newest(project):
    made = project({"pyproject.toml": PLAIN, "Dockerfile": "FROM python\nRUN pip install flask\n"})
    made.write({".github/workflows/ci.yml": "- run: pip install tox\n"})
    (found,) = findings(made, "loose-installs")
    assert found["seen"] == ["Dockerfile:2: flask", ".github/workflows/ci.yml:1: tox"]
    assert (
        titles(
            project({"pyproject.toml": PLAIN, "Dockerfile": "RUN pip install -r x.txt\n"}), "loose-installs"
        )
        == []
    )


# -- requirements ------------------------------------------------------------------------------------------


def test_requirements_of_one_platform(project):
    made = project({"requirements.txt": "alpha==1.0\npywin32==306  # for COM\nnvidia-cublas-cu12==12.1\n"})
    assert titles(made, "platform-requirements") == [
        "pywin32 is for Windows alone",
        "nvidia-cublas-cu12 is for Linux alone",
    ]
    answer = json.loads(made.run("doctor --check platform-requirements --fix --yes --json").ok().stdout)
    assert [each["state"] for each in answer["fixes"]] == ["fixed", "fixed"]
    assert made.read("requirements.txt") == (
        "alpha==1.0\n"
        'pywin32==306 ; sys_platform == "win32"  # for COM\n'
        'nvidia-cublas-cu12==12.1 ; sys_platform == "linux"\n'
    )
    assert titles(made, "platform-requirements") == []


def test_requirements_with_hashes_keep_them(project):
    digest = "0" * 64
    made = project({"requirements.txt": f"pywin32==306 --hash=sha256:{digest}\r\nalpha==1\r\n"})
    made.run("doctor --check platform-requirements --fix --yes").ok()
    written = (made / "requirements.txt").read_bytes().decode()
    assert written == f'pywin32==306 ; sys_platform == "win32" --hash=sha256:{digest}\r\nalpha==1\r\n'


def test_files_outside_of_the_project_are_not_written(project, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("pywin32==306\n")
    made = project({"requirements.txt": "-r more.txt\nalpha==1\n"})
    (made / "more.txt").symlink_to(outside)
    (found,) = findings(made, "platform-requirements")
    assert (found["title"], found["can_fix"]) == ("pywin32 is for Windows alone", False)
    made.run("doctor --check platform-requirements --fix --yes").ok()
    assert outside.read_text() == "pywin32==306\n"


def test_requirements_with_a_marker_are_right(project):
    made = project({"pyproject.toml": manifest("pywin32>=306; sys_platform == 'win32'", "colorama")})
    assert titles(made, "platform-requirements") == []


def test_requirements_from_the_machine_of_conda(project):
    text = "idna @ file:///croot/idna_1666125576474/work\nalpha==1.0\n"
    (found,) = findings(project({"requirements.txt": text}), "platform-requirements")
    assert found["title"] == "idna is asked for from a path of another machine"
    assert found["seen"][1] == "there is no /croot/idna_1666125576474/work"
    here = project()
    (here / "lib").mkdir()
    here.write({"requirements.txt": f"idna @ file://{here.path}/lib\n"})
    assert titles(here, "platform-requirements") == []


def test_a_build_that_the_default_index_does_not_have(project):
    made = project({"requirements.txt": "torch==2.1.0+cu121\n"})
    assert titles(made, "platform-requirements") == [
        "torch is asked for in a build that the default index does not have"
    ]


# -- modules -----------------------------------------------------------------------------------------------


def test_files_that_hide_modules(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": ""})
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("sync").ok()
    assert titles(made, "shadowed-modules") == []
    made.write(
        {"random.py": "def shuffle(): ...\n", "alpha.py": "", "src/queue/__init__.py": "", "time.py": ""}
    )
    made.write({"test/__init__.py": "", "email/notes.txt": ""})
    assert titles(made, "shadowed-modules") == [
        "alpha.py hides the package alpha",
        "random.py hides the module random of Python",
        "time.py can never be imported",
        "queue hides the module queue of Python",
    ]
    # What they do for real, and that the advice helps.
    made.write({"main.py": "import random; random.choice"})
    broken = subprocess.run([sys.executable, "main.py"], cwd=made.path, capture_output=True, check=False)
    assert b"AttributeError" in broken.stderr
    subprocess.run([sys.executable, "-P", "main.py"], cwd=made.path, check=True)


def test_imports_that_nothing_provides(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": ""})
    made = project({"pyproject.toml": manifest("alpha")})
    made.write(
        {
            "app.py": "import os, alpha, helper\nimport yaml\nfrom cv2 import imread\n",
            "helper.py": "try:\n    import maybe\nexcept ImportError:\n    pass\n",
            "tools/deep/inner.py": "import tools.deep\nfrom . import other\nimport app\n",
        }
    )
    assert titles(made, "undeclared-imports") == []  # without an environment nobody can say
    made.run("sync").ok()
    (found,) = findings(made, "undeclared-imports")
    assert found["title"] == "2 modules are imported and not there: cv2, yaml"
    assert found["seen"] == ["app.py:3: import cv2", "app.py:2: import yaml"]
    assert set(found["commands"]) == {"hutch add pyyaml", "hutch add opencv-python"}
    made.write({"app.py": "import os, alpha, helper\n"})
    assert titles(made, "undeclared-imports") == []


def test_imports_of_what_only_others_ask_for(project, index):
    index.add_wheel("beta-lib", "1.0", files={"beta/__init__.py": ""})
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": ""}, requires=["beta-lib"])
    made = project({"pyproject.toml": manifest("alpha"), "app.py": "import alpha\nfrom beta import x\n"})
    made.run("sync").ok()
    (found,) = findings(made, "undeclared-imports")
    assert found["title"] == "a package is imported and not asked for: beta-lib"
    assert found["seen"] == ["app.py:2: import beta of beta-lib"]
    made.run("doctor --check undeclared-imports --fix --yes").ok()
    assert "beta-lib" in made.read("pyproject.toml")
    assert titles(made, "undeclared-imports") == []


def test_what_is_locked_and_not_installed_wants_a_sync(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": ""})
    made = project({"pyproject.toml": manifest(extras={"more": ["alpha"]}), "app.py": "import alpha\n"})
    made.run("sync").ok()
    (found,) = findings(made, "undeclared-imports")
    assert found["commands"] == ["hutch sync, or with --all-groups and --all-extras: it is in the lock"]
    made.run("sync --all-extras").ok()
    assert titles(made, "undeclared-imports") == []


def test_members_that_are_not_installed_are_not_looked_at(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": ""})
    member = manifest("alpha", name="inner")
    made = project(
        {
            "pyproject.toml": manifest(more='[tool.hutch.workspace]\nmembers = ["inner"]\n'),
            "inner/pyproject.toml": member,
            "inner/inner.py": "import alpha\n",
        }
    )
    made.run("sync").ok()
    assert titles(made, "undeclared-imports") == []


# -- builds ------------------------------------------------------------------------------------------------


def test_a_package_that_has_to_be_built_without_a_compiler(project, index, tmp_path):
    index.add_sdist("gamma", "1.0")
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("gamma", "alpha")})
    made.run("lock").ok()
    bare = python_in(tmp_path / "bin", "python3")
    (found,) = findings(made, "missing-headers", PATH=str(bare))
    assert found["title"] == "gamma 1.0 is built here, and there is no C compiler on PATH"
    if Path("/etc/debian_version").exists():
        assert found["commands"][0] == "sudo apt-get install build-essential pkg-config"
    (tmp_path / "cc").mkdir()
    cc = tmp_path / "cc" / "cc"
    cc.write_text("#!/bin/sh\n")
    cc.chmod(0o755)
    assert titles(made, "missing-headers", PATH=path_of(bare, cc.parent)) == []
    only_wheels = project({"pyproject.toml": manifest("alpha")})
    only_wheels.run("lock").ok()
    assert titles(only_wheels, "missing-headers", PATH=str(bare)) == []


# -- hutch's own -------------------------------------------------------------------------------------------


def test_a_cache_that_is_damaged(project, index, home):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "x = 1\n"})
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("sync --link-mode copy").ok()
    assert titles(made, "damaged-cache") == []
    inner = [path for path in (home / "cache").rglob("__init__.py") if path.parent.name == "alpha"]
    assert inner
    for path in inner:
        path.chmod(0o644)
        path.write_text("y = 2 and more\n")
    (found,) = findings(made, "damaged-cache")
    assert (found["severity"], found["class"]) == ("error", "safe")
    assert "alpha" in found["seen"][0]
    answer = json.loads(made.run("doctor --check damaged-cache --fix --json").ok().stdout)
    assert answer["fixes"][0]["state"] == "fixed"
    assert titles(made, "damaged-cache") == []
    shutil.rmtree(made / ".venv")
    made.run("sync").ok()  # fetched again


def test_answers_that_are_damaged_are_a_note(project, index, home):
    """Tables are believed by their checksums, and made again."""
    index.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("lock").ok()
    tables = [path for path in (home / "cache").glob("metadata-*/**/*") if path.is_file()]
    assert tables
    tables[0].write_bytes(tables[0].read_bytes()[:-1] + b"!")
    (found,) = findings(made, "damaged-cache")
    assert (found["severity"], found["title"]) == ("info", "1 entry of the cache with answers is damaged")
    made.run("doctor --check damaged-cache --fix").ok()
    assert titles(made, "damaged-cache") == []
