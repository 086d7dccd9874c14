"""Packages that come from directories, archives and repositories instead of an index."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import json
import os
import subprocess
import tomllib

import pytest

from commands.support import block, installed, locked, manifest, shown
from hutch.testing.wheels import make_sdist, make_wheel

BACKEND = """\
import base64, hashlib, os, tomllib, zipfile

def _project():
    with open("pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]

def _build(directory, files):
    project = _project()
    name = project["name"].replace("-", "_")
    stem = f"{name}-{project['version']}"
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {one}" for one in project.get("dependencies", [])]
    files = dict(files)
    files[f"{stem}.dist-info/METADATA"] = "\\n".join(lines) + "\\n"
    files[f"{stem}.dist-info/WHEEL"] = (
        "Wheel-Version: 1.0\\nGenerator: mine\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    )
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
    files[f"{stem}.dist-info/RECORD"] = "\\n".join([*rows, f"{stem}.dist-info/RECORD,,"]) + "\\n"
    with zipfile.ZipFile(os.path.join(directory, f"{stem}-py3-none-any.whl"), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"{stem}-py3-none-any.whl"

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = _project()["name"].replace("-", "_")
    return _build(wheel_directory, {f"_{name}.pth": os.path.abspath("src") + "\\n"})

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = _project()["name"].replace("-", "_")
    with open(f"src/{name}.py") as file:
        return _build(wheel_directory, {f"{name}.py": file.read()})
"""


def package(
    name: str, *dependencies: str, version: str = "1.0", more: str = "", text: str = ""
) -> dict[str, str]:
    """The files of a package with a build backend of its own that needs nothing."""
    return {
        "pyproject.toml": (
            '[build-system]\nrequires = []\nbuild-backend = "mine"\nbackend-path = ["backend"]\n\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\nrequires-python = ">=3.9"\n'
            f"dependencies = {json.dumps(dependencies)}\n{more}"
        ),
        "backend/mine.py": BACKEND,
        f"src/{name.replace('-', '_')}.py": text or f"WORD = 'this is {name}'\n",
    }


def write(folder, files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def sources(**lines: str) -> str:
    return "[tool.hutch.sources]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())


def git(folder, *words: str) -> str:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        environ.update({f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@index.example"})
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder, files, message: str = "change") -> str:
    """A commit of these files in the repository there, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def entry(made, name: str) -> dict:
    lock = tomllib.loads(made.read("pylock.toml"))
    return next(package for package in lock["packages"] if package["name"] == name)


def direct_url(made, name: str) -> dict:
    found = next((made / ".venv").glob(f"lib/python*/site-packages/{name}-*.dist-info/direct_url.json"))
    return json.loads(found.read_text())


def word(made, module: str) -> str:
    return made.run(f"run --frozen python -c 'import {module}; print({module}.WORD)'").stdout.strip()


# -- directories -----------------------------------------------------------------------------------


def test_a_directory_is_locked_by_its_path_and_installed(project, index):
    index.add_wheel("alpha", "1.0")
    made = project(manifest("lib", more=sources(lib='{ path = "lib" }')))
    write(made / "lib", package("lib", "alpha"))
    assert shown(made.run("sync")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + lib 1.0
    """)
    assert entry(made, "lib")["directory"] == {"path": "lib"}
    assert "version" not in entry(made, "lib")  # PEP 751: what lies there may change it
    assert direct_url(made, "lib")["dir_info"] == {}
    assert word(made, "lib") == "this is lib"
