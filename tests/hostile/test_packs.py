"""Packed environments: an archive that was changed on the way, or made to do harm, leaves nothing behind."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import manifest
from hostile.craft_tar import END, tarball

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f"lib/python{MINOR}/site-packages"
Members = list[tuple[dict[str, Any], bytes]]
Change = Callable[[dict[str, Any], Members], Any]


@pytest.fixture
def packed(project, index):
    """A project, and an honest archive of its environment in it."""
    index.add_wheel("web", "1.0", console_scripts={"web": "web:main"}, files={"web/__init__.py": "x = 1\n"})
    made = project(manifest("web"))
    made.run("sync").ok()
    made.run("env pack -o honest.tar.gz").ok()
    return made


def read(path: Path) -> tuple[dict[str, Any], Members]:
    members: Members = []
    with tarfile.open(path) as archive:
        for each in archive:
            stream = archive.extractfile(each)
            fields: dict[str, Any] = {"name": each.name, "mode": each.mode}
            if each.issym():
                fields |= {"type": b"2", "link": each.linkname}
            members.append((fields, stream.read() if stream else b""))
    return json.loads(members[0][1]), members


def write(path: Path, told: dict[str, Any], members: Members) -> None:
    members[0] = (members[0][0], json.dumps(told).encode())
    path.write_bytes(tarball(members))


def file(name: str, content: bytes = b"pwned\n", **fields: Any) -> tuple[dict[str, Any], bytes]:
    return {"name": name, **fields}, content


def row(name: str, content: bytes = b"pwned\n") -> list[Any]:
    return [name, len(content), hashlib.sha256(content).hexdigest(), 0]


def also(name: str, **fields: Any) -> Change:
    """A file that the manifest knows as well."""

    def change(told: dict[str, Any], members: Members) -> None:
        told["files"].append(row(name))
        members.append(file(name, **fields))

    return change


def beside(name: str, content: bytes = b"pwned\n", **fields: Any) -> Change:
    """A member that the manifest does not know."""
    return lambda told, members: members.append(file(name, content, **fields))


def a_link(name: str, target: str, kind: bytes = b"2") -> Change:
    def change(told: dict[str, Any], members: Members) -> None:
        told["links"].append([name, target])
        members.append(({"name": name, "type": kind, "link": target}, b""))

    return change


def through_a_link(told: dict[str, Any], members: Members) -> None:
    told["links"].append(["share/way", "../../.."])
    members.append(({"name": "share/way", "type": b"2", "link": "../../.."}, b""))
    also("share/way/x")(told, members)


def through_an_inner_link(told: dict[str, Any], members: Members) -> None:
    told["links"].append(["share/way", "../lib"])
    members.append(({"name": "share/way", "type": b"2", "link": "../lib"}, b""))
    also("share/way/x")(told, members)


def other_content(told: dict[str, Any], members: Members) -> None:
    at = next(i for i, (fields, _) in enumerate(members) if fields["name"].endswith("web/__init__.py"))
    members[at] = (members[at][0], b"x = 2\n")


def one_missing(told: dict[str, Any], members: Members) -> None:
    del members[
        next(i for i, (fields, _) in enumerate(members) if fields["name"].endswith("web/__init__.py"))
    ]


def twice(told: dict[str, Any], members: Members) -> None:
    members.append(next(each for each in members if each[0]["name"].endswith("web/__init__.py")))


def setting(*path: str, value: Any) -> Change:
    def change(told: dict[str, Any], members: Members) -> None:
        for key in path[:-1]:
            told = told[key]
        told[path[-1]] = value

    return change


def not_first(told: dict[str, Any], members: Members) -> None:
    members.append(members.pop(1))
    members.insert(0, file("first"))


CHANGES: dict[str, tuple[Change, str]] = {
    "upwards": (also("../../x"), "does not name one place"),
    "upwards, unknown to the manifest": (beside("../../x"), "it is not in hutch-pack.json"),
    "absolute": (also("/tmp/pwned-by-a-pack"), "is no relative path"),
    "a drive": (also("C:/x"), "is no relative path"),
    "a backslash": (also("share\\..\\..\\x"), "has a name that not every system can have"),
    "a control character": (also("share/\x1b[2J"), "has a name that not every system can have"),
    "the history": (also(".hutch/journal"), "is made where the environment is unpacked"),
    "the settings": (also("pyvenv.cfg"), "is made where the environment is unpacked"),
    "an interpreter": (also("bin/python"), "is made where the environment is unpacked"),
    "activation": (also("bin/activate"), "is made where the environment is unpacked"),
    "settings of pip": (also("pip.conf"), "is made where the environment is unpacked"),
    "in another letter case": (also("BIN/../pyvenv.cfg"), "does not name one place"),
    "hooks of git": (also(".git/hooks/post-checkout"), "is made where the environment is unpacked"),
    "unknown to the manifest": (beside(f"{SITE}/evil.pth", b"import os\n"), "it is not in hutch-pack.json"),
    "a link upwards": (a_link("share/out", "../../.."), "it is a link that leads out"),
    "a link to an absolute path": (a_link("share/out", "/etc"), "it is a link to the absolute path /etc"),
    "a link of the wrong kind": (a_link("share/out", "share/x", b"1"), "it is a hard link"),
    "a link unknown to the manifest": (
        lambda told, members: members.append(({"name": "l", "type": b"2", "link": "lib"}, b"")),
        "it is not so in hutch-pack.json",
    ),
    "through a link": (through_a_link, "it is a link that leads out, to ../../..|its path leads through"),
    "through a link inside": (through_an_inner_link, "its path leads through"),
    "a device": (beside("share/null", b"", type=b"3"), "it is a device"),
    "a pipe": (beside("share/pipe", b"", type=b"6"), "it is a pipe"),
    "another content": (other_content, "its content is not that of hutch-pack.json"),
    "one missing": (one_missing, "is in hutch-pack.json, and not in the archive"),
    "one twice": (twice, "it is not in hutch-pack.json, or there twice"),
    "a directory that nobody needs": (beside("evil/", b"", type=b"5"), "it is not in hutch-pack.json"),
    "the manifest not first": (not_first, "it does not begin with hutch-pack.json"),
    "of a newer format": (setting("format", value="hutch-pack-9"), "which a newer hutch has written"),
    "of no format": (setting("format", value="x"), "is not that of a packed environment"),
    "packages elsewhere": (setting("environment", "purelib", value="../../lib/x"), "its packages are in"),
    "commands elsewhere": (setting("environment", "scripts", value="../bin"), "its commands are in"),
    "a prompt of two lines": (
        setting("environment", "prompt", value="a\nhome = /evil"),
        "no text of one line",
    ),
    "a version that is none": (setting("python", "version", value="3"), "its Python has the version"),
    "an implementation": (setting("python", "implementation", value="../evil"), "which hutch does not know"),
    "an interpreter that is not in it": (
        setting("python", "bundled", value="bin/x"),
        "its interpreter is not",
    ),
    "sizes that are none": (setting("files", value=[["a", -1, "0" * 64, 0]]), "lacks something"),
    "digests that are none": (setting("files", value=[["a", 1, "x", 0]]), "lacks something"),
    "a list instead": (setting("python", value=[]), "lacks something"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_it_is_refused_and_nothing_is_left(packed, case):
    change, reason = CHANGES[case]
    told, members = read(packed / "honest.tar.gz")
    change(told, members)
    write(packed / "evil.tar.gz", told, members)
    before = snapshot(packed)
    ran = packed.run("env unpack evil.tar.gz out")
    assert ran.exit_code == 1, ran.stderr
    assert ran.stderr.startswith("error: evil.tar.gz cannot be unpacked\n"), ran.stderr
    assert any(each in ran.stderr for each in reason.split("|")), ran.stderr
    assert "\x1b" not in ran.stderr
    assert snapshot(packed) == before
    assert not os.path.lexists("/tmp/pwned-by-a-pack")


def snapshot(made: Any) -> dict[str, int]:
    """Everything around the project, but what hutch keeps."""
    found = {}
    for path in made.path.parent.rglob("*"):
        if "cache" not in path.parts and ".venv" not in path.parts:
            found[str(path)] = path.lstat().st_size if not path.is_dir() else -1
    return found


def test_the_honest_one_is_taken_as_it_was_read(packed):
    """What the table changes is what is refused, and not how it is written."""
    told, members = read(packed / "honest.tar.gz")
    write(packed / "evil.tar.gz", told, members)
    packed.run("env unpack evil.tar.gz out").ok()


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst", "zip"])
def test_every_byte_that_is_lost_or_added_is_noticed(packed, form):
    packed.run(f"env pack -o whole.{form}").ok()
    data = (packed / f"whole.{form}").read_bytes()
    middle = len(data) // 2
    for evil in (
        data[:-1],
        data[:middle],
        data[:4],
        b"",
        data + b"x",
        data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :],
    ):
        (packed / f"evil.{form}").write_bytes(evil)
        ran = packed.run(f"env unpack evil.{form} out")
        assert ran.exit_code == 1, len(evil)
        assert "Traceback" not in ran.stderr
        assert not (packed / "out").exists()


def test_an_archive_of_another_kind_than_its_name(packed):
    (packed / "evil.zip").write_bytes((packed / "honest.tar.gz").read_bytes())
    assert "it is no zip, whatever its name says" in packed.run("env unpack evil.zip out").stderr


def test_a_zip_with_a_link_out(packed):
    packed.run("env pack -o honest.zip").ok()
    with zipfile.ZipFile(packed / "honest.zip") as archive:
        members = [(each, archive.read(each)) for each in archive.infolist()]
    told = json.loads(members[0][1])
    told["links"].append(["share/out", "../../.."])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hutch-pack.json", json.dumps(told))
        for each, content in members[1:]:
            archive.writestr(each, content)
        entry = zipfile.ZipInfo("share/out")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "../../..")
    (packed / "evil.zip").write_bytes(buffer.getvalue())
    ran = packed.run("env unpack evil.zip out")
    assert "it is a link that leads out, to ../../.." in ran.stderr
    assert not (packed / "out").exists()


def test_a_bomb(packed):
    """What says of itself that it is small is stopped where it is not."""
    told, members = read(packed / "honest.tar.gz")
    told["files"].append(["share/bomb", 600 << 20, "0" * 64, 0])
    write(packed / "evil.tar.gz", told, members)
    whole = gzip.decompress((packed / "evil.tar.gz").read_bytes())
    assert whole.endswith(END)
    entry = tarfile.TarInfo("share/bomb")
    entry.size = 600 << 20
    head = entry.tobuf(tarfile.USTAR_FORMAT)
    with gzip.open(packed / "evil.tar.gz", "wb", compresslevel=9) as out:
        out.write(whole[: -len(END)] + head)
        for _ in range(600):
            out.write(bytes(1 << 20))
        out.write(END)
    assert (packed / "evil.tar.gz").stat().st_size < 2 << 20
    ran = packed.run("env unpack evil.tar.gz out")
    assert "out of proportion" in ran.stderr
    assert not (packed / "out").exists()


def test_a_manifest_cannot_put_code_into_the_script(packed):
    """The script that hutch packs says nothing that others wrote; hutch itself runs none."""
    packed.run("env pack -o again.tar.gz").ok()
    _, members = read(packed / "again.tar.gz")
    script = next(content for fields, content in members if fields["name"] == "hutch-unpack")
    assert b"web" not in script
    shell = script.partition(b"':'''")[0]  # what follows is for Python, and the shell has ended by then
    checked = subprocess.run(["sh", "-n"], input=shell, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    compile(script.decode(), "hutch-unpack", "exec")


def test_nothing_of_the_archive_is_run(packed, tmp_path):
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w').close()\n".encode()
    told, members = read(packed / "honest.tar.gz")
    for name in (f"{SITE}/sitecustomize.py", f"{SITE}/evil.pth"):
        content = code if name.endswith(".py") else b"import os; " + code
        told["files"].append(row(name, content))
        members.append(file(name, content))
    write(packed / "evil.tar.gz", told, members)
    packed.run("env unpack evil.tar.gz out").ok()
    assert not marker.exists()
