"""A store whose files are not what they were: edited, cut, rotten, redated, deleted (K01-K07, K09, H06, H07)."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from commands.support import block, installed, manifest, shown
from hutch.testing.wheels import make_wheel

BODY = "value = 'as published'\n"


@pytest.fixture
def demo(project, index):
    """A project whose wheel is in the store; its environment is gone again, and shares nothing with it."""
    index.add_wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": BODY, "alpha/data.bin": "0123456789" * 50},
        data={"scripts/tool": "#!/bin/sh\necho tool\n"},
    )
    made = project(manifest("alpha"))
    made.run("sync").ok()
    shutil.rmtree(made / ".venv")
    index.log.clear()
    return made


def entry(demo) -> Path:
    (found,) = (demo.home / "cache").glob("wheels-*/*/*")
    return found


def files_of(demo) -> list[Path]:
    return sorted(path for path in entry(demo).rglob("*") if path.is_file())


def rewrite(path: Path, content: bytes, *, keep_date: bool = False) -> None:
    facts = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    if keep_date:
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def is_whole(demo) -> bool:
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    return (
        installed(demo) == {"alpha": "1.0"}
        and (site / "alpha/__init__.py").read_text() == BODY
        and (site / "alpha/data.bin").read_text() == "0123456789" * 50
        and (demo / ".venv/bin/tool").read_text() == "#!/bin/sh\necho tool\n"
    )


HARM = {
    "K01-emptied": lambda data: b"",
    "K02-halved": lambda data: data[: len(data) // 2],
    "K03-noise": lambda data: random.Random(1).randbytes(len(data) + 3),
    "K04-a-flipped-bit": lambda data: bytes([data[0] ^ 1]) + data[1:] if data else b"x",
}


@pytest.mark.parametrize("harm", HARM)
def test_every_file_of_the_cache(demo, harm):
    """The whole cache, tables and manifests and markers included."""
    for path in (demo.home / "cache").rglob("*"):
        if path.is_file():
            rewrite(path, HARM[harm](path.read_bytes()))
    demo.run("sync").ok()
    assert is_whole(demo)


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("number", range(6))
def test_each_file_of_a_wheel(demo, index, harm, number):
    files = files_of(demo)
    path = files[number % len(files)]
    rewrite(path, HARM[harm](path.read_bytes()))
    demo.run("sync").ok()
    assert is_whole(demo)
    assert index.asked("*.whl")
    shutil.rmtree(demo / ".venv")
    index.log.clear()
    demo.run("sync").ok()
    assert is_whole(demo)
    assert not index.asked("*.whl")  # healed for good


@pytest.mark.parametrize("number", range(6))
def test_K05_each_file_deleted(demo, number):
    files = files_of(demo)
    files[number % len(files)].unlink()
    demo.run("sync").ok()
    assert is_whole(demo)


def test_K05_folders_deleted(demo):
    cache = demo.home / "cache"
    for folder in sorted(path for path in cache.rglob("*") if path.is_dir()):
        if folder.exists():
            shutil.rmtree(folder)
            demo.run("sync").ok()
            assert is_whole(demo)
            shutil.rmtree(demo / ".venv")


@pytest.mark.parametrize("when", [0, 4_070_908_800, 2**31 + 5], ids=["1970", "K06-2099", "K06-2038"])
def test_dates_alone_cost_nothing(demo, index, when):
    """A store that was copied without dates, or met a clock from elsewhere, is right again without the network."""
    for path in (demo.home / "cache").rglob("*"):
        if path.is_file():
            os.utime(path, (when, when))
    assert shown(demo.run("sync --offline")) == block("""
        exit 0
        Made the environment .venv
        Installed 1 package in <time>
         + alpha 1.0
    """)
    assert is_whole(demo)


def test_H06_an_edited_file_of_the_cache_is_said_and_fetched_anew(demo):
    path = next(entry(demo).rglob("alpha/__init__.py"))
    rewrite(path, b"import os; os.system('owned')\n")
    assert shown(demo.run("sync")) == block("""
        exit 0
        note: the store's copy of alpha 1.0 was changed (alpha/__init__.py): fetched anew
        Made the environment .venv
        Installed 1 package in <time>
         + alpha 1.0
    """)
    assert is_whole(demo)


def test_H06_an_edited_program_of_the_cache(demo):
    """What lies in `.data` is compared as well: programs that are no Python are linked into bin."""
    rewrite(next(entry(demo).rglob("scripts/tool")), b"#!/bin/sh\necho own!\n")
    demo.run("sync").ok()
    assert is_whole(demo)


def test_H07_an_edit_in_one_environment_does_not_reach_the_next(demo, project):
    demo.run("sync --link-mode hardlink").ok()
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    with open(site / "alpha/__init__.py", "a") as file:
        file.write("print('owned')\n")
    other = project(manifest("alpha"), **demo.environ)
    ran = other.run("sync --link-mode hardlink").ok()
    assert "the store's copy of alpha 1.0 was changed" in ran.stderr
    assert is_whole(other)
    assert "owned" in (site / "alpha/__init__.py").read_text()  # his own, and left alone


def test_K09_rot_that_leaves_size_and_date_is_found_by_content(demo):
    """Nothing but reading tells; a setting asks for it, and `cache verify --deep` always does."""
    path = next(entry(demo).rglob("alpha/data.bin"))
    rewrite(path, b"X" * 500, keep_date=True)
    ran = demo.run("sync", environ={"HUTCH_CACHE_CHECK": "content"}).ok()
    assert "note: the store's copy of alpha 1.0 was changed (alpha/data.bin): fetched anew" in ran.stderr
    assert is_whole(demo)


def test_a_damaged_wheel_that_was_built_here_is_built_anew(project, index):
    index.add_sdist("beta", "1.0")
    made = project(manifest("beta"))
    made.run("sync").ok()
    shutil.rmtree(made / ".venv")
    path = next((made.home / "cache").glob("wheels-*/*/*/files/beta*/METADATA"))
    rewrite(path, path.read_bytes() + b"\n")
    ran = made.run("sync").ok()
    assert "note: the store's copy of beta 1.0 was changed" in ran.stderr
    assert ran.stderr.count("built anew") == 1
    assert installed(made) == {"beta": "1.0"}


def test_a_damaged_wheel_of_a_directory_is_built_anew(project, index):
    files = {
        "lib/pyproject.toml": "[project]\nname = 'lib'\nversion = '1'\n"
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n",
        "lib/backend.py": BACKEND,
        "pyproject.toml": "[project]\nname = 'demo'\nversion = '1'\ndependencies = ['lib']\n"
        "[tool.hutch.sources]\nlib = { path = 'lib' }\n",
    }
    made = project(files)
    made.run("sync").ok()
    shutil.rmtree(made / ".venv")
    path = next((made.home / "cache").glob("wheels-*/*/*/files/lib.py"))
    rewrite(path, b"print('owned')\n")
    made.run("sync").ok()
    assert next((made / ".venv").rglob("site-packages/lib.py")).read_text() == "x = 1\n"


@pytest.mark.parametrize("what", ["wrong", "short", "long"])
def test_K04_what_is_left_of_a_download_is_hashed_with_the_rest(demo, index, what):
    """`archives-v1` keeps downloads that were cut off; nothing in it is believed."""
    name = entry(demo).name
    (file,) = (
        each for project in index.projects.values() for each in project if each.filename.endswith(".whl")
    )
    body = file.body
    shutil.rmtree(entry(demo))
    left = {"wrong": bytes(len(body)), "short": b"PK" + bytes(90), "long": body + b"more"}[what]
    (demo.home / "cache/archives-v1").mkdir(exist_ok=True)
    (demo.home / f"cache/archives-v1/{name}.part").write_bytes(left)
    demo.run("sync").ok()
    assert is_whole(demo)
    assert not list((demo.home / "cache/archives-v1").iterdir())


@pytest.mark.parametrize(
    "when", [(0, 0), (0xFFFF, 0xFFFF), (0, 33)], ids=["K08-1980-00-00", "K08-2107", "K08-1980"]
)
def test_dates_in_archives_do_not_matter(project, index, when):
    import struct

    filename, data = make_wheel("alpha", "1.0")
    archive = bytearray(data)
    for mark, offset in ((b"PK\3\4", 10), (b"PK\1\2", 12)):
        at = archive.find(mark)
        while at >= 0:
            archive[at + offset : at + offset + 4] = struct.pack("<HH", *when)
            at = archive.find(mark, at + 4)
    index.add_file("alpha", filename, bytes(archive))
    made = project(manifest("alpha"))
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0"}
    made.run("cache verify --deep").ok()


BACKEND = """\
import zipfile, hashlib, base64

def build_wheel(directory, config_settings=None, metadata_directory=None):
    files = {
        "lib.py": "x = 1\\n",
        "lib-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: lib\\nVersion: 1\\n",
        "lib-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(text)}\\n")
    files["lib-1.dist-info/RECORD"] = "".join(rows) + "lib-1.dist-info/RECORD,,\\n"
    with zipfile.ZipFile(f"{directory}/lib-1-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return "lib-1-py3-none-any.whl"
"""
