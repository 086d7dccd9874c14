"""Archives as they are published, and as somebody with bad intentions would."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from hutch.interpreters.managed import InvalidPythonArchive
from hutch.interpreters.managed.unpack import unpack_python
from hutch.store import TreeLimits
from interpreters.managed.archives import compressed


def info(name: str, kind: bytes = tarfile.REGTYPE, *, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, mode
    return made


def python(top: str, name: str = "python3.12") -> list[tuple[tarfile.TarInfo, bytes]]:
    """The least that is taken for an installation."""
    return [
        (info(f"{top}/bin/{name}", mode=0o755), b"#!program\n"),
        (info(f"{top}/lib/python3.12/os.py"), b"# os\n"),
        (info(f"{top}/bin/python3", tarfile.SYMTYPE, target=name), b""),
    ]


def write(folder: Path, members: list[tuple[tarfile.TarInfo, bytes]], name: str = "python.tar.gz") -> str:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    path = folder / name
    path.write_bytes(compressed(data.getvalue(), name))
    return str(path)


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst", ".tar.bz2"])
@pytest.mark.parametrize(
    "top", ["python", "pypy3.10-v7.3.17-linux64", "graalpy-community-25.0.2-linux-amd64"]
)
def test_the_layouts_and_the_ways_of_packing(tmp_path: Path, top: str, ending: str) -> None:
    archive = write(tmp_path, python(top), f"some{ending}")
    root = unpack_python(archive, os.path.basename(archive), str(tmp_path / "into"))
    assert root == str(tmp_path / "into" / top)
    assert os.readlink(os.path.join(root, "bin", "python3")) == "python3.12"
    assert stat.S_IMODE(os.stat(os.path.join(root, "bin", "python3.12")).st_mode) & 0o111


def test_of_a_whole_build_the_installation_is_taken_alone(tmp_path: Path) -> None:
    members = [
        (info("python/PYTHON.json"), b"{}"),
        (info("python/build/core/a.o"), b"\0" * 5000),
        (info("python/licenses/LICENSE.txt"), b"free"),
        *python("python/install"),
    ]
    archive = write(tmp_path, members, "whole.tar.zst")
    root = unpack_python(archive, "whole.tar.zst", str(tmp_path / "into"))
    assert root == str(tmp_path / "into" / "python" / "install")
    assert sorted(os.listdir(tmp_path / "into" / "python")) == ["install"]


def test_a_zip_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "pypy3.10-v7.3.17-win64.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("pypy3.10-v7.3.17-win64/bin/python")
        member.external_attr = 0o100755 << 16
        archive.writestr(member, b"program")
    root = unpack_python(str(path), path.name, str(tmp_path / "into"))
    assert os.path.basename(root) == "pypy3.10-v7.3.17-win64"


OUTSIDE = [
    ("a path upwards", [(info("python/../../evil"), b"x")]),
    ("an absolute path", [(info("/etc/evil"), b"x")]),
    ("beside the top directory", [(info("evil"), b"x")]),
    ("another top directory", [*python("python"), (info("other/x"), b"x")]),
    ("a link upwards", [*python("python"), (info("python/l", tarfile.SYMTYPE, target="../../x"), b"")]),
    ("an absolute link", [*python("python"), (info("python/l", tarfile.SYMTYPE, target="/etc/passwd"), b"")]),
    (
        "a file through a link",
        [
            *python("python"),
            (info("python/l", tarfile.SYMTYPE, target="lib"), b""),
            (info("python/l/evil"), b"x"),
        ],
    ),
    (
        "a hard link to outside",
        [*python("python"), (info("python/l", tarfile.LNKTYPE, target="/etc/passwd"), b"")],
    ),
    ("a backslash", [*python("python"), (info("python/l\\", tarfile.SYMTYPE, target="l\\//"), b"")]),
    ("a device", [*python("python"), (info("python/d", tarfile.CHRTYPE), b"")]),
    ("a pipe", [*python("python"), (info("python/d", tarfile.FIFOTYPE), b"")]),
    ("the same file twice", [*python("python"), (info("python/a"), b"1"), (info("python/a"), b"2")]),
    ("a control character", [*python("python"), (info("python/a\x1b[2J"), b"1")]),
    ("no python at all", [(info("python/readme"), b"1")]),
]


@pytest.mark.parametrize(("why", "members"), OUTSIDE, ids=[why for why, _ in OUTSIDE])
def test_a_hostile_archive_is_refused(
    tmp_path: Path, why: str, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    archive = write(tmp_path, members)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(InvalidPythonArchive):
        unpack_python(archive, "python.tar.gz", str(tmp_path / "work" / "into"))
    left = {path for path in set(tmp_path.rglob("*")) - before if "work" not in path.parts}
    assert left == set(), why


def test_nothing_is_setuid_or_writable_by_others(tmp_path: Path) -> None:
    members = [*python("python"), (info("python/bin/tool", mode=0o6777), b"x")]
    root = unpack_python(write(tmp_path, members), "python.tar.gz", str(tmp_path / "into"))
    assert stat.S_IMODE(os.stat(os.path.join(root, "bin", "tool")).st_mode) == 0o755


def test_a_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    members = [*python("python"), (info("python/zeros"), b"\0" * (3 << 20))]
    limits = TreeLimits(size=1 << 20, free=1 << 20)
    with pytest.raises(InvalidPythonArchive, match="refused") as caught:
        unpack_python(write(tmp_path, members), "python.tar.gz", str(tmp_path / "into"), limits=limits)
    assert "out of proportion" in caught.value.reason


@pytest.mark.parametrize("ending", [".tar.gz", ".tar.zst", ".tar.bz2"])
def test_a_truncated_archive_is_refused(tmp_path: Path, ending: str) -> None:
    path = Path(write(tmp_path, [*python("python"), (info("python/x"), os.urandom(50_000))], f"cut{ending}"))
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(InvalidPythonArchive):
        unpack_python(str(path), path.name, str(tmp_path / "into"))


@pytest.mark.parametrize("name", ["python.tar.zst", "python.zip", "python.exe"])
def test_what_is_packed_otherwise_than_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    path = Path(write(tmp_path, python("python"))).rename(tmp_path / name)
    with pytest.raises(InvalidPythonArchive):
        unpack_python(str(path), name, str(tmp_path / "into"))
