"""Sources of packages: files with a build backend of their own, in a directory or a repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oracles.git import git

__all__ = ["BACKEND", "SHOP", "SHOP_BACKEND", "commit", "package", "sources", "word", "write"]

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

SHOP_BACKEND = """\
import os, zipfile

def _wheel(directory, files):
    name = "shop-1.0-py3-none-any.whl"
    files = dict(files)
    files["shop-1.0.dist-info/METADATA"] = "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n"
    files["shop-1.0.dist-info/WHEEL"] = (
        "Wheel-Version: 1.0\\nGenerator: mine\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    )
    files["shop-1.0.dist-info/entry_points.txt"] = "[console_scripts]\\nshop = shop:main\\n"
    import base64, hashlib
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
    files["shop-1.0.dist-info/RECORD"] = "\\n".join(rows + ["shop-1.0.dist-info/RECORD,,"]) + "\\n"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    print("building the editable wheel")
    return _wheel(wheel_directory, {"_shop.pth": os.path.abspath("src") + "\\n"})

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, {"shop.py": open("src/shop.py").read()})
"""

SHOP = """\
[build-system]
requires = []
build-backend = "mine"
backend-path = ["backend"]

[project]
name = "shop"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["alpha"]

[project.scripts]
shop = "shop:main"
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


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files there, with the directories that they need."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def sources(**lines: str) -> str:
    """``[tool.hutch.sources]``: where packages come from, by name."""
    return "[tool.hutch.sources]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())


def commit(folder: Path, files: Mapping[str, str], message: str = "change") -> str:
    """A commit of these files in the repository there, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def word(made: Any, module: str) -> str:
    """What the module of such a package says."""
    said: str = made.run(f"run --frozen python -c 'import {module}; print({module}.WORD)'").stdout.strip()
    return said
