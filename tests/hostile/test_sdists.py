"""Table 1.5: source archives. What Python's own readers let through must not matter."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hostile.craft_tar import END, header, pax, tarball
from hostile.world import World
from hutch.testing.wheels import make_sdist
from store.craft import Entry, build_zip

NAME = "evil-1.0.tar.gz"
TOP = "evil-1.0"


def honest() -> list[tuple[dict[str, Any], bytes]]:
    """The members of an sdist that can be built, as headers and contents."""
    _, data = make_sdist("evil", "1.0")
    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            assert stream is not None
            found.append(({"name": member.name}, stream.read()))
    return found


def with_members(*members: tuple[dict[str, Any], bytes]) -> bytes:
    return tarball([*honest(), *members])


def one(name: str, content: bytes = b"pwned\n", **fields: Any) -> tuple[dict[str, Any], bytes]:
    return {"name": name, **fields}, content


def link(name: str, target: str, kind: bytes = b"2") -> tuple[dict[str, Any], bytes]:
    return {"name": name, "type": kind, "link": target}, b""


DEEP = f"{TOP}/" + "d/" * 20
# CVE-2025-4517: links, each a short name for a long directory, until the kernel resolves no more of the path.
LONG = "d" * 247
RESOLVED = [
    member
    for depth in range(1, 17)
    for member in (
        (pax(path=f"{TOP}/{'/'.join([LONG] * depth)}"), b""),
        ({"name": "x", "type": b"5"}, b""),
        (pax(path=f"{TOP}/{'/'.join([LONG] * (depth - 1) + ['short'])}"), b""),
        link("x", LONG),
    )
]

REFUSED: dict[str, bytes] = {
    "S01 upwards": with_members(one("../../../x")),
    "S01 upwards in the middle": with_members(one(f"{TOP}/../../../x")),
    "S01 upwards, in a pax header": with_members((pax(path="../../../x"), b""), one("x")),
    "S01 upwards, in a long name of GNU": with_members(
        ({"name": "././@LongLink", "type": b"L"}, b"../../../x\0"), one("x")
    ),
    "S01 upwards, by prefix": with_members(one("x", prefix="../../..")),
    "S01 backslashes": with_members(one(f"{TOP}\\..\\..\\x")),
    "S02 absolute": with_members(one("/tmp/hutch-pwned")),
    "S02 a drive": with_members(one("C:/hutch-pwned")),
    "S03 a link to an absolute path": with_members(link(f"{TOP}/l", "/etc/passwd")),
    "S03 a link upwards": with_members(link(f"{TOP}/l", "../../outside")),
    "S03 a link by a detour": with_members(link(f"{TOP}/l", "a/../../../outside")),
    "S03 a link to the directory above": with_members(link(f"{TOP}/l", "..")),
    "S03 a link upwards, in a pax header": with_members(
        (pax(linkpath="../../outside"), b""), link(f"{TOP}/l", "setup.py")
    ),
    "S03 the top directory is a link": tarball([link(TOP, "/tmp"), *honest()]),
    "S04 a file through a link": with_members(link(f"{TOP}/l", "src"), one(f"{TOP}/l/x")),
    "S04 a link in place of a directory": with_members(link(f"{TOP}/src", "/tmp")),
    "S05 a hard link to outside": with_members(link(f"{TOP}/h", "/etc/passwd", b"1")),
    "S05 a hard link upwards": with_members(link(f"{TOP}/h", "../../etc/passwd", b"1")),
    "S05 a hard link to a link": with_members(
        link(f"{TOP}/l", "PKG-INFO"), link(f"{TOP}/h", f"{TOP}/l", b"1")
    ),
    "S06 a terminal": with_members(({"name": f"{TOP}/tty", "type": b"3"}, b"")),
    "S06 a disk": with_members(({"name": f"{TOP}/sda", "type": b"4"}, b"")),
    "S06 a pipe": with_members(({"name": f"{TOP}/pipe", "type": b"6"}, b"")),
    "S06 something unknown": with_members(one(f"{TOP}/what", type=b"Z")),
    "S06 a contiguous file": with_members(one(f"{TOP}/what", type=b"7")),
    "S06 a sparse file": with_members(({"name": f"{TOP}/sparse", "type": b"S"}, b"")),
    "S06 a sparse file by pax": with_members(
        (pax(**{"GNU.sparse.major": "1", "GNU.sparse.name": f"{TOP}/x"}), b""), one(f"{TOP}/sparse")
    ),
    "S06 another volume": with_members(one(f"{TOP}/m", type=b"M")),
    "S08 a pax size below the header's": with_members(
        (pax(size="0"), b""), one(f"{TOP}/carrier", header(name=f"{TOP}/smuggled") + END)
    ),
    "S08 a pax size above the header's": with_members(
        (pax(size="1024"), b""), one(f"{TOP}/carrier", b"", size=0), one(f"{TOP}/hidden")
    ),
    "S08 a pax size that is none": with_members((pax(size="6.0"), b""), one(f"{TOP}/x")),
    "S08 a pax size twice": with_members(
        (pax(raw=b"9 size=6\n9 size=0\n"), b""), one(f"{TOP}/x")
    ),
    "S08 two pax headers": with_members((pax(path=f"{TOP}/a"), b""), (pax(path=f"{TOP}/b"), b""), one("x")),
    "S08 a pax header and a long name": with_members(
        (pax(path=f"{TOP}/a"), b""), ({"name": "x", "type": b"L"}, f"{TOP}/b\0".encode()), one("x")
    ),
    "S08 a long name that goes on behind its size": with_members(
        ({"name": "x", "type": b"L", "size": len(TOP) + 2}, f"{TOP}/ab".encode()), one("x")
    ),
    "S08 a pax header that is too long": with_members((pax(raw=b"99 path=a\n"), b""), one(f"{TOP}/x")),
    "S08 a pax header without a line feed": with_members((pax(raw=b"10 path=ab"), b""), one(f"{TOP}/x")),
    "S08 a pax header for nobody": with_members((pax(path=f"{TOP}/a"), b"")),
    "S08 one name for all": with_members(({**pax(path=f"{TOP}/all"), "type": b"g"}, b"")),
    "S08 one size for all": with_members(({**pax(size="0"), "type": b"g"}, b"")),
    "S08 another character set": with_members((pax(hdrcharset="BINARY"), b""), one(f"{TOP}/x")),
    "S08 a size in other words": with_members(one(f"{TOP}/x", size_field=b"0o6\0        ")),
    "S08 a size with a line below": with_members(one(f"{TOP}/x", size_field=b"0_6\0        ")),
    "S08 a size below nothing": with_members(one(f"{TOP}/x", size_field=b"\xff" * 12)),
    "S08 a size without end": with_members(one(f"{TOP}/x", size_field=b"\x80" + b"\xff" * 11)),
    "S08 a directory with content": with_members(one(f"{TOP}/dir", type=b"5")),
    "S08 a link with content": with_members(one(f"{TOP}/l", type=b"2", link="PKG-INFO")),
    "S08 a prefix that GNU does not have": with_members(one("x", prefix=TOP, magic=b"ustar  \0")),
    "S08 a broken header in the middle": with_members(one(f"{TOP}/x", checksum=1), one(f"{TOP}/y")),
    "S08 more behind the end": gzip.compress(
        gzip.decompress(tarball(honest())) + header(name=f"{TOP}/hidden") + END
    ),
    "S08 more behind one empty block": tarball(honest(), end=bytes(512) + header(name=f"{TOP}/x")),
    "S08 cut short": tarball(honest(), end=header(name=f"{TOP}/x", size=5000) + b"short"),
    "S09 a path that is too long to be resolved": tarball(
        [*honest(), *RESOLVED, link(f"{TOP}/l", f"{'/'.join([LONG] * 16)}/../../x")]
    ),
    "S09 a link through a link": with_members(
        link(f"{TOP}/d", "src"), link(f"{TOP}/m", "d/../../outside"), one(f"{TOP}/m/x")
    ),
    "S09 links that climb": with_members(
        link(f"{TOP}/a", "."), link(f"{TOP}/a/b", ".."), one(f"{TOP}/a/b/x")
    ),
    "S10 a zip behind it": tarball(honest()) + build_zip([Entry("evil-1.0/pwned", b"1")]),
    "S10 a zip": build_zip([Entry(f"{TOP}/setup.py", b"1")]),
    "S10 a page of HTML": b"<html></html>",
    "S10 a wrong checksum": tarball(honest())[:-8] + bytes(8),
    "S10 cut off": tarball(honest())[:-9],
    "S13 two top directories": with_members(one("other-1.0/x")),
    "S13 a file beside the top directory": with_members(one("setup.py")),
    "S13 no top directory": tarball([one("setup.py"), one("PKG-INFO")]),
    "S13 nothing": tarball([]),
    "a line feed in a name": with_members(one(f"{TOP}/a\nb")),
    "an escape in a name": with_members(one(f"{TOP}/\x1b[2J")),
    "an 8-bit escape in a name": with_members((pax(path=f"{TOP}/\x9b2J"), b""), one("x")),
    "NUL in a name": with_members((pax(path=f"{TOP}/a\0b"), b""), one("x")),
    "a component of 256 bytes": with_members((pax(path=f"{TOP}/{'x' * 256}"), b""), one("x")),
    "a path of 2,000 bytes": with_members((pax(path=DEEP + "/".join(["x" * 99] * 20)), b""), one("x")),
    "twice, with another content": with_members(one(f"{TOP}/PKG-INFO", b"other")),
    "a million hard links": with_members(
        one(f"{TOP}/big", bytes(1 << 20)),
        *(link(f"{TOP}/h{number}", f"{TOP}/big", b"1") for number in range(200)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is unpacked is unpacked here, and nothing of it is to be left.
    monkeypatch.setattr("tempfile.tempdir", str(world.root / "outside"))
    world.offer(REFUSED[row], NAME)
    before = world.snapshot()
    world.refuse(world.install(), before, f"the source archive {NAME} is refused")


def test_s07_only_the_executable_bit_counts(tmp_path: Any) -> None:
    from hutch.build import unpack_sdist

    path = tmp_path / NAME
    path.write_bytes(tarball([one(f"{TOP}/tool", mode=0o6777), one(f"{TOP}/data", mode=0o0666)]))
    top = unpack_sdist(path, tmp_path / "out")
    assert ((top / "tool").stat().st_mode & 0o7777, (top / "data").stat().st_mode & 0o7777) == (0o755, 0o644)


def sdist(root_files: Mapping[str, str | bytes] | None = None, **options: Any) -> bytes:
    return make_sdist("evil", "1.0", root_files=root_files, **options)[1]


TOUCH = "open({!r}, 'w').close()\n"
CHANGED = {
    "S11 another name": lambda: make_sdist("other", "1.0")[1],
    "S11 another version": lambda: make_sdist("evil", "2.0")[1],
    "S12 PKG-INFO of another": lambda: sdist(
        {"PKG-INFO": "Metadata-Version: 2.1\nName: other\nVersion: 1\n"}
    ),
    "S12 PKG-INFO that is none": lambda: sdist({"PKG-INFO": b"\xff\xfe\0"}),
    "S17 a backend outside of the tree": lambda: sdist(
        {
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "x"\n'
            'backend-path = ["../../../../outside"]\n'
        }
    ),
    "S17 an absolute backend": lambda: sdist(
        {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "x"\nbackend-path = ["/tmp"]\n'}
    ),
    "a backend that answers with a path": lambda: sdist(
        backend="def build_wheel(directory, *_, **__):\n    return '../../x.whl'\n"
    ),
    "a backend that answers with a link": lambda: sdist(
        backend="import os\ndef build_wheel(directory, *_, **__):\n"
        "    os.symlink('/etc/passwd', directory + '/evil-1.0-py3-none-any.whl')\n"
        "    return 'evil-1.0-py3-none-any.whl'\n"
    ),
    "a backend that makes an evil wheel": lambda: sdist(
        backend="import zipfile\ndef build_wheel(directory, *_, **__):\n"
        "    with zipfile.ZipFile(directory + '/evil-1.0-py3-none-any.whl', 'w') as archive:\n"
        "        archive.writestr('../../../../x', 'pwned')\n"
        "    return 'evil-1.0-py3-none-any.whl'\n"
    ),
    "a backend that says escapes": lambda: sdist(
        backend="def build_wheel(*_, **__):\n    raise SystemExit('\\x1b[2J\\x1b]0;pwned\\x07\\x9b31m red')\n"
    ),
}


@pytest.mark.parametrize("row", CHANGED)
def test_what_comes_of_a_build_is_judged_as_well(world: World, row: str) -> None:
    make: Callable[[], bytes] = CHANGED[row]
    world.offer(make(), NAME)
    before = world.snapshot()
    world.refuse(world.install(), before)


def test_s14_where_builds_are_forbidden_nothing_runs(world: World) -> None:
    marker = world.root / "ran"
    code = f"open({str(marker)!r}, 'w').close()\n"
    world.offer(sdist({"setup.py": code}, backend=code), NAME)
    before = world.snapshot()
    world.refuse(world.install("evil", HUTCH_ONLY_BINARY=":all:"), before)
    assert not marker.exists()


@pytest.mark.parametrize("form", ["gz", "bz2", "xz"])
def test_archives_of_every_form_are_read_to_their_last_byte(tmp_path: Any, form: str) -> None:
    from hutch.build import InvalidSdist, unpack_sdist

    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[form]
    data = pack(gzip.decompress(tarball(honest())))
    path = tmp_path / f"evil-1.0.tar.{form}"
    for evil in (data + b"PK\5\6" + bytes(18), data[:-4] + bytes(4), data[:-1], data + data):
        path.write_bytes(evil)
        with pytest.raises(InvalidSdist):
            unpack_sdist(path, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    path.write_bytes(data + bytes(1024))  # padding, as on a tape
    assert (unpack_sdist(path, tmp_path / "out") / "PKG-INFO").exists()


def test_zips_of_sources_are_read_as_strictly_as_wheels(world: World) -> None:
    good = build_zip([Entry(f"{TOP}/{name['name'].partition('/')[2]}", data) for name, data in honest()])
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        assert archive.testzip() is None
    world.offer(good + b"x", "evil-1.0.zip")
    before = world.snapshot()
    world.refuse(world.install(), before, "the source archive evil-1.0.zip is refused")
