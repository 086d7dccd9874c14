"""``--config-settings`` of ``hutch pip``: what is said to the backend of what is built, and to nobody else."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import io
import tarfile

import pytest

from commands.packages import package, write
from commands.support import block, shown

TOLD = """
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = _project()["name"]
    return _build(directory, {f"{name}.py": f"TOLD = {sorted((config_settings or {}).items())!r}\\n"})

build_editable = build_wheel
"""


def told_package(name: str) -> dict[str, str]:
    files = package(name)
    files["backend/mine.py"] += TOLD
    return files


@pytest.fixture
def made(project, index):
    for name in ("one", "two"):
        files = told_package(name)
        files["PKG-INFO"] = f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\nRequires-Python: >=3.9\n"
        body = io.BytesIO()
        with tarfile.open(fileobj=body, mode="w:gz") as archive:
            for path, text in files.items():
                info = tarfile.TarInfo(f"{name}-1.0/{path}")
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))
        index.add_file(name, f"{name}-1.0.tar.gz", body.getvalue())
    made = project({})
    made.run("venv").ok()
    return made


def told(made, name: str) -> str:
    found = next((made / ".venv").glob(f"lib/python*/site-packages/{name}.py"))
    return found.read_text().removeprefix("TOLD = ").strip()


def test_backends_are_told(made):
    made.run("pip install one two --config-settings level=3 --config-settings-package two:level=4").ok()
    assert told(made, "one") == "[('level', '3')]"
    assert told(made, "two") == "[('level', '4')]"


def test_a_key_that_is_given_twice_has_two_values(made):
    made.run("pip install one --config-settings opt=-a --config-settings opt=-b").ok()
    assert told(made, "one") == "[('opt', ['-a', '-b'])]"


def test_other_settings_are_another_wheel(made):
    made.run("pip install one --config-settings level=1").ok()
    made.run("pip install one --reinstall --config-settings level=2").ok()
    assert told(made, "one") == "[('level', '2')]"
    made.run("pip install one --reinstall").ok()
    assert told(made, "one") == "[]"


def test_settings_behind_a_requirement_and_an_editable(made):
    write(made / "lib", told_package("lib"))
    made.write({"in.txt": "one --config-settings level=1\ntwo\n-e ./lib --config-settings=editable=strict\n"})
    assert shown(made.run("pip install -r in.txt")) == block("""
        exit 0
        Installed 3 packages in <time>
         + lib 1.0
         + one 1.0
         + two 1.0
    """)
    assert told(made, "one") == "[('level', '1')]"
    assert told(made, "two") == "[]"
    assert told(made, "lib") == "[('editable', 'strict')]"
    made.write({"pins.txt": "one==1.0 --config-settings level=5\ntwo==1.0\n"})
    made.run("pip sync pins.txt --reinstall --config-settings all=1").ok()
    assert told(made, "one") == "[('all', '1'), ('level', '5')]"
    assert told(made, "two") == "[('all', '1')]"


def test_faults(made):
    assert shown(made.run("pip install one --config-settings level")) == block("""
        exit 2
        error: --config-settings `level` is not KEY=VALUE
    """)
    assert shown(made.run("pip install one --config-settings-package level=3")) == block("""
        exit 2
        error: --config-settings-package `level=3` is not NAME:KEY=VALUE
    """)
    made.write({"in.txt": "one --config-settings level\n"})
    assert shown(made.run("pip install -r in.txt")) == block("""
        exit 1
        error: in.txt cannot be used
          in.txt:1: --config-settings `level` is not KEY=VALUE
    """)
