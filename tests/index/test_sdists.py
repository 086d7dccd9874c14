"""What a source distribution says of itself without being built."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from hutch.index import read_sdist_metadata
from hutch.testing.wheels import make_metadata, make_sdist

INFO = make_metadata("alpha", "1.0", requires=["beta>=2"], metadata_version="2.2").encode()


def test_static_requirements_need_no_build(tmp_path: Path) -> None:
    name, body = make_sdist("alpha", "1.0", requires=["beta>=2"], extras={"x": ["gamma"]})
    (tmp_path / name).write_bytes(body)
    metadata = read_sdist_metadata(tmp_path / name)
    assert metadata is not None
    assert [requirement.name for requirement in metadata.requirements] == ["beta", "gamma"]


@pytest.mark.parametrize(
    "changes",
    [
        {"dynamic": ["Requires-Dist"]},
        {"dynamic": ["requires-dist"]},
        {"dynamic": ["Version"]},
        {"metadata_version": "2.1"},
    ],
)
def test_what_may_change_in_a_build_is_not_believed(tmp_path: Path, changes: dict[str, object]) -> None:
    name, body = make_sdist("alpha", "1.0", requires=["beta>=2"], **changes)  # type: ignore[arg-type]
    (tmp_path / name).write_bytes(body)
    assert read_sdist_metadata(tmp_path / name) is None


def tar_of(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_it_is_that_of_the_top_directory(tmp_path: Path) -> None:
    path = tmp_path / "alpha-1.0.tar.gz"
    path.write_bytes(
        tar_of(
            ("alpha-1.0/alpha.egg-info/PKG-INFO", b"x"), ("PKG-INFO", b"x"), ("./alpha-1.0/PKG-INFO", INFO)
        )
    )
    assert read_sdist_metadata(path) is not None


def test_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "alpha-1.0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("alpha-1.0/PKG-INFO", INFO)
    assert read_sdist_metadata(path) is not None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("alpha-1.0/PKG-INFO")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    path = tmp_path / "alpha-1.0.tar.gz"
    path.write_bytes(buffer.getvalue())
    assert read_sdist_metadata(path) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"no archive", tar_of()[:30], tar_of(("a/PKG-INFO", b"\0" * 50)), INFO],
    ids=["empty", "text", "cut off", "zeros", "metadata"],
)
@pytest.mark.parametrize("name", ["alpha-1.0.tar.gz", "alpha-1.0.zip"])
def test_no_damage_is_a_traceback(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    assert read_sdist_metadata(tmp_path / name) is None
    assert read_sdist_metadata(tmp_path / "nowhere.tar.gz") is None
