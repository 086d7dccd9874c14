"""Random damage to what hutch reads from others: it is taken, refused, or a fault is found.

    python3 dev.py fuzz 60                 a minute, all readers in turn
    python3 dev.py fuzz 60 zip tar         only these
    python3 dev.py fuzz --inputs 1000000   so many inputs in all
    python3 dev.py fuzz --again FILE       one input that was kept

Inputs are honest ones with a few mutations: bits and bytes changed, numbers set to what numbers break at,
pieces left out, doubled, moved, put in from elsewhere. What is accepted is compared with what Python's own
readers see. Faults are kept in `.hutch-dev/fuzz/`, and end the run with exit code 1. `test_fuzz.py` runs the
same with Hypothesis, which makes inputs small.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import sys
import tarfile
import time
import traceback
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

if __name__ == "__main__":
    HERE = os.path.dirname(os.path.abspath(__file__))
    sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(os.path.dirname(HERE)), "src")]

from hostile.fuzzing_conda import READERS
from hutch.errors import Problem
from hutch.testing.fake_index import FakeIndex
from hutch.testing.wheels import make_metadata, make_sdist, make_wheel
from store.craft import Entry, build_zip, wheel_entries

__all__ = ["TARGETS", "Target", "mutated", "mutations"]

INTERESTING = [
    b"\0", b"\xff", b"\x7f", b"\x80", b"\n", b"\r", b",", b'"', b"=", b":", b";", b"[", b"]", b"{",
    b"}", b"/", b"\\", b"..", b"../", b"//", b"\x1b", b" ", b"\t", b"#", b"-", b"_", b"0", b"9",
    b"99999999999999999999", b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff",
    b"\xff" * 8, b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08",
    b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xc2\x9b", b"\xd9\xa0", b"e\xcc\x81",
    b"\xc3\xa9", b"sha256=", b"null", b"true", b"1e999", b"-1", b"0x10", b"0o7",
]  # fmt: skip

Mutation = tuple[int, int, int, int]
"""What, where, how long or how much, and with what: numbers that any input can be changed by."""
KINDS = 9


def mutated(seeds: Sequence[bytes], which: int, mutations: Sequence[Mutation]) -> bytes:
    """The seed ``which`` with ``mutations``, one after the other."""
    data = bytearray(seeds[which % len(seeds)])
    for kind, at, length, what in mutations:
        size = len(data)
        if not size:
            data += INTERESTING[what % len(INTERESTING)]
            continue
        at %= size
        kind %= KINDS
        if kind == 0:
            data[at] ^= 1 << (what & 7)
        elif kind == 1:
            data[at] = what & 255
        elif kind == 2:
            piece = INTERESTING[what % len(INTERESTING)]
            data[at : at + len(piece)] = piece
        elif kind == 3:
            data[at:at] = INTERESTING[what % len(INTERESTING)]
        elif kind == 4:
            del data[at : at + 1 + length % 64]
        elif kind == 5:
            piece = bytes(data[at : at + 1 + length % 256])
            where = what % (size + 1)
            data[where:where] = piece * (1 + what % 3)
        elif kind == 6:
            other = seeds[what % len(seeds)]
            start = length % (len(other) or 1)
            data[at : at + length % 128] = other[start : start + what % 128]
        elif kind == 7:
            width = (1, 2, 4, 8)[what & 3]
            number = int.from_bytes(data[at : at + width], "little") + (length % 17) - 8
            data[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, "little")
        else:
            del data[at + (length << 4) % size :]
    return bytes(data)


def mutations(source: random.Random) -> list[Mutation]:
    """A few of them: mostly one to three."""
    bits = source.getrandbits
    return [
        (bits(8), bits(24), bits(12), bits(16)) for _ in range(1 + (bits(2) & bits(2)) + (not bits(4)) * 6)
    ]


class Target(NamedTuple):
    """A reader: honest inputs, and what is done with one; it gives whether the input was accepted."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], bool]
    own: Callable[[], tuple[type[BaseException], ...]] = lambda: ()


# -- archives --------------------------------------------------------------------------------------


class Memory:
    """A file in memory with a descriptor, for readers that want one."""

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self.descriptor = os.memfd_create("fuzz")
        else:
            import tempfile

            self.descriptor = tempfile.TemporaryFile().fileno()  # noqa: SIM115

    def fill(self, data: bytes) -> int:
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, data, 0)
        return self.descriptor


_memory: list[Memory] = []


def memory(data: bytes) -> int:
    if not _memory:
        _memory.append(Memory())
    return _memory[0].fill(data)


def zips() -> list[bytes]:
    payload = b"content " * 40
    wide = {"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}
    streamed = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return streamed.write(data)

    with zipfile.ZipFile(Unseekable(), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a/\u00fc.txt", payload)
    forced = io.BytesIO()
    with zipfile.ZipFile(forced, "w") as archive, archive.open("x", "w", force_zip64=True) as stream:
        stream.write(payload)
    return [
        build_zip(
            [Entry("a.txt", payload), Entry("b/c.txt", b"there", method=0), Entry("d/", mode=0o040755)]
        ),
        build_zip(wheel_entries(name="evil"), comment=b"a comment"),
        build_zip([Entry("a", b"1" * 99)], zip64={}, end={"count": 0xFFFF, "here": 0xFFFF}),
        build_zip([Entry("a", b"1", central=wide, local=wide)]),
        streamed.getvalue(),
        forced.getvalue(),
        make_wheel("alpha", "1.0", console_scripts={"a": "alpha:main"})[1],
    ]


def read_zip(data: bytes) -> bool:
    from hutch.store.archive import open_archive

    archive = open_archive(memory(data), windows=False)
    found = {member.name: archive.read(member) for member in archive.members}
    assert all(b"".join(archive.chunks(member)) == found[member.name] for member in archive.members)
    # Whatever is accepted is the same to the reader that nearly everybody else has.
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        theirs = {info.orig_filename: other.read(info) for info in other.infolist()}
    assert len(theirs) == len(other.infolist()) or len(found) != len(archive.members)
    assert found == theirs, "zipfile sees something else"
    return True


def wheels() -> list[bytes]:
    """Texts of a wheel, one after the other: they are damaged, the archive around them is not."""
    info = "evil-1.0.dist-info"
    found = []
    for data in (
        make_wheel(
            "evil", "1.0", console_scripts={"a": "evil:main", "b": "evil.x:run [x]"}, requires=["b>1"]
        )[1],
        make_wheel(
            "evil", "1.0", data={"scripts/run": "#!python\n", "data/etc/x": "1"}, tags="py2.py3-none-any"
        )[1],
    ):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = {name: archive.read(name) for name in archive.namelist()}
        parts = [name.encode() + b"\n" + text for name, text in texts.items() if name.startswith(info)]
        found.append(b"\n\x1d\n".join(parts))
    return found


def read_wheel(data: bytes) -> bool:
    from hutch.store.archive import open_archive
    from hutch.store.contents import check_contents

    members = {b"evil/__init__.py": b"__version__ = '1.0'\n"}
    for part in data.split(b"\n\x1d\n"):
        name, _, text = part.partition(b"\n")
        members[name] = text
    archive = open_archive(memory(build_zip([Entry(name, text, method=0) for name, text in members.items()])))
    contents, faults = check_contents(archive, "evil-1.0-py3-none-any.whl", fold_case=True)
    assert (contents is None) == bool(faults)
    return contents is not None


def tars() -> list[bytes]:
    found = [gzip.decompress(make_sdist("evil", "1.0")[1])]
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as archive:
            for name, content in (
                ("e-1/a", b"1" * 600),
                ("e-1/" + "d/" * 20 + "x", b""),
                ("e-1/\u00fc", b"2"),
            ):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                if form == tarfile.PAX_FORMAT:
                    member.mtime = 1.5  # type: ignore[assignment]
                archive.addfile(member, io.BytesIO(content))
            for kind, target in ((tarfile.SYMTYPE, "a"), (tarfile.LNKTYPE, "e-1/a"), (tarfile.DIRTYPE, "")):
                member = tarfile.TarInfo(f"e-1/{kind!r}")
                member.type, member.linkname = kind, target
                archive.addfile(member)
            if form != tarfile.USTAR_FORMAT:
                archive.addfile(tarfile.TarInfo("e-1/" + "n" * 200))
        found.append(out.getvalue()[: out.getvalue().rindex(b"ustar") + 1536])
    return found


def read_tar(data: bytes) -> bool:
    from hutch.store import read_tar

    ours: list[tuple[str, str, bytes]] = []
    for member, content in read_tar(io.BytesIO(data)):
        parts = []
        while content.left:
            parts.append(content.read(1 << 16))
        ours.append((member.name, member.kind, b"".join(parts)))
    theirs = []
    kinds = {tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=2) as archive:
        for each in archive:
            stream = archive.extractfile(each) if each.isreg() else None
            text = stream.read() if stream is not None else b""
            # A file without content whose name ends in a slash is a directory to us, as to most readers.
            kind = "directory" if each.name.endswith("/") and not text else kinds.get(each.type, "file")
            theirs.append((each.name.rstrip("/"), kind, text))
    mine = [(name.rstrip("/"), kind, text) for name, kind, text in ours if kind in ("file", *kinds.values())]
    if len(mine) == len(ours):
        assert mine == theirs, "tarfile sees something else"
    return True


def sdists() -> list[bytes]:
    return [gzip.compress(data, 1, mtime=0) for data in tars()]


_FOLDER: list[str] = []


def read_sdist(data: bytes) -> bool:
    """The whole way to the disk: afterwards one directory is there, or nothing."""
    import atexit
    import shutil
    import tempfile

    from hutch.build import Limits, unpack_sdist

    if not _FOLDER:
        shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
        _FOLDER.append(tempfile.mkdtemp(prefix="hutch-fuzz-", dir=shared))
        atexit.register(shutil.rmtree, _FOLDER[0], ignore_errors=True)
    into = os.path.join(_FOLDER[0], "in", "out")
    os.makedirs(into)
    path = os.path.join(_FOLDER[0], "e-1.tar.gz")
    # Damage to what is inside; of damage to the packing there is another target.
    with open(path, "wb") as file:
        file.write(gzip.compress(data, 1, mtime=0))
    try:
        top = unpack_sdist(path, into, limits=Limits(size=1 << 22, free=1 << 22))
        assert os.listdir(into) == [top.name]
        root = os.path.realpath(top) + os.sep
        for folder, folders, files in os.walk(top):
            for name in (*folders, *files):
                assert (os.path.realpath(os.path.join(folder, name)) + os.sep).startswith(root)
        return True
    except Problem:
        assert os.listdir(into) == []
        raise
    finally:
        assert os.listdir(os.path.dirname(into)) == ["out"]
        shutil.rmtree(os.path.dirname(into))


def packs() -> list[bytes]:
    import bz2
    import lzma

    from hutch.store import zstd

    text = tars()[0]
    return [
        b"g" + gzip.compress(text),
        b"b" + bz2.compress(text),
        b"x" + lzma.compress(text, preset=0),
        b"z" + zstd().compress(text),
    ]


def read_packed(data: bytes) -> bool:
    from hutch.store import Unpacked

    form = {b"b": "bz2", b"x": "xz", b"z": "zst"}.get(data[:1], "gz")
    source = Unpacked(io.BytesIO(data[1:]), form, 1 << 22)
    while source.read(1 << 16):
        pass
    return True


# -- texts -----------------------------------------------------------------------------------------


def records() -> list[bytes]:
    digest = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    return [
        f'evil.py,{digest},0\r\n"a, b.py",{digest},12\n"say ""x"".py",,\nevil-1.dist-info/x,,\n'.encode(),
        f"evil/__init__.py,{digest},0\n../../../bin/evil,{digest},9\nevil/x.pyc,,\n".encode(),
        b"/absolute,sha256=x,1\n./x,,\nlib64/x,,\na\\b,,\n",
    ]


def read_record(data: bytes) -> bool:
    from hutch.env.records import inside, parse_rows
    from hutch.store.texts import parse_record

    site = "lib/python3.12/site-packages"
    for path, _, _ in parse_rows("/e", f"{site}/evil-1.0.dist-info", data):
        assert path, "a row of nothing"
        assert not path.startswith("/"), path
        assert ".." not in path.split("/"), path
        assert inside("/e", "", path) is not None
    rows, faults = parse_record(data.decode("utf-8"))
    return bool(rows) and not faults


def commands() -> list[bytes]:
    return [
        b"[console_scripts]\na = b:c\nd.e-f = g.h : i.j [x, y] # why\n\n[gui_scripts]\nw=b:c\n",
        b"# x\n[other]\n?=!\n[console_scripts]\r\n\xc3\xbc = \xc3\xb6:x\r\n",
    ]


def read_commands(data: bytes) -> bool:
    from hutch.store.texts import parse_entry_points

    console, gui, faults = parse_entry_points(data.decode("utf-8"))
    for name, target, _ in (*console, *gui):
        assert name, "a command without a name"
        assert "/" not in name, name
        assert "\\" not in name, name
        assert name.isprintable(), name
        module, _, attribute = target.partition(":")
        assert all(part.isidentifier() for part in (*module.split("."), *attribute.split(".")))
        compile(f"from {module} import {attribute.split('.')[0]} as x", "x", "exec", 0x400) if (
            module.isascii() and not _has_keyword(module, attribute)
        ) else None
    return not faults


def _has_keyword(*texts: str) -> bool:
    import keyword

    return any(keyword.iskeyword(part) for text in texts for part in text.split("."))


def core_metadata() -> list[bytes]:
    text = make_metadata(
        "evil", "1.0", requires=["b>=1", "c[x]==2.*; python_version<'3.9' and extra == 'y'", "d @ https://x.example/d"],
        extras={"y": ["e"]}, requires_python=">=3.8, !=3.9.*", fields=[("Summary", "words\n  more")],
        description="Name: other\n",
    )  # fmt: skip
    wheel = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return [text.encode(), wheel.encode(), text.replace("\n", "\r\n").encode()]


def read_core_metadata(data: bytes) -> bool:
    from hutch.spec import parse_metadata
    from hutch.store.texts import check_metadata, check_wheel

    text = data.decode("utf-8", "replace")
    check_wheel(text, "evil-1.0-py3-none-any.whl")
    name, _, faults = check_metadata(text, ("evil", "1.0"))
    if not faults:
        import email.parser

        theirs = email.parser.HeaderParser().parsestr(text)
        assert theirs.get_all("name", [""])[0].strip() == name, "email sees another name"
    parse_metadata(data)
    return True


def _index() -> FakeIndex:
    index = FakeIndex()
    index.add_wheel("evil", "1.0", yanked="broken", requires_python=">=3.8")
    index.add_wheel("evil", "1.1rc1", sidecar="true", upload_time="2026-01-01T00:00:00Z")
    index.add_sdist("evil", "2.0", yanked=True)
    index.add_file("evil", "evil-3.0.zip", b"")
    index.statuses["evil"] = ("archived", "old")
    return index


def pages_of_json() -> list[bytes]:
    answer = _index().answer("/simple/evil/", {"accept": "application/vnd.pypi.simple.v1+json"})
    assert answer is not None
    return [answer.body, json.dumps(json.loads(answer.body), indent=1).encode()]


def pages_of_html() -> list[bytes]:
    answer = _index().answer("/simple/evil/", {"accept": "text/html"})
    assert answer is not None
    base = b'<base href="../files/"><a href=evil-1.0.tar.gz#md5=x data-yanked>evil-1.0.tar.gz</a><!-- x -->'
    return [answer.body, answer.body.replace(b"<body>", b"<body>" + base)]


def _read_page(parse: Callable[[bytes, str], Any], data: bytes) -> bool:
    from hutch.index.digest import digest
    from hutch.spec import NormalizedName

    url = "https://index.example/simple/evil/"
    page = parse(data, url)
    found = digest(
        page.entries, name=NormalizedName("evil"), index="main", url=url, base=page.base,
        status=page.status, status_reason=page.status_reason,
    )  # fmt: skip
    for position in range(len(found.versions)):
        for file in found.files_of(position):
            assert file.filename.isprintable(), file
            assert "/" not in file.filename, file
            assert file.url.isascii(), file
            assert file.url.isprintable(), file
            assert file.url.startswith(("https://", "http://")), file
    return bool(found.versions)


def read_json(data: bytes) -> bool:
    from hutch.index.json_page import parse_json

    return _read_page(parse_json, data)


def read_html(data: bytes) -> bool:
    from hutch.index.html_page import parse_html

    return _read_page(parse_html, data)


def locks() -> list[bytes]:
    digest = "a" * 64
    return [
        f'''lock-version = "1.0"
environments = ["sys_platform == 'linux'"]
requires-python = ">=3.9"
extras = ["x"]
dependency-groups = ["dev"]
default-groups = ["dev"]
created-by = "hutch"

[[packages]]
name = "evil"
version = "1.0"
marker = "python_version >= '3.9'"
requires-python = ">=3.8"
index = "https://index.example/simple/"
dependencies = [{{ name = "b" }}]
sdist = {{ name = "evil-1.0.tar.gz", url = "https://files.example/evil-1.0.tar.gz", size = 1,
 upload-time = 2025-01-01T00:00:00Z, hashes = {{ sha256 = "{digest}" }} }}
wheels = [{{ name = "evil-1.0-py3-none-any.whl", url = "https://files.example/x.whl",
 hashes = {{ sha256 = "{digest}" }} }}]

[[packages]]
name = "b"
vcs = {{ type = "git", url = "https://git.example/b", commit-id = "{"b" * 40}" }}

[[packages]]
name = "c"
directory = {{ path = "../c", editable = true }}

[tool.hutch]
targets = ["cp312-linux-x86_64"]
'''.replace(",\n ", ", ").encode()
    ]


def read_lock(data: bytes) -> bool:
    from hutch.lock import parse_lock, render_lock

    lock = parse_lock(data.decode("utf-8"))
    again = render_lock(lock)
    assert render_lock(parse_lock(again)) == again
    return True


def read_tail(data: bytes) -> bool:
    from hutch.index.zip_tail import read_metadata_by_ranges

    reading = read_metadata_by_ranges("evil", "1.0")
    wanted = next(reading)
    while True:
        start, stop = (max(len(data) + wanted, 0), len(data)) if isinstance(wanted, int) else wanted
        try:
            wanted = reading.send((start, len(data), data[start:stop]))
        except StopIteration as end:
            return isinstance(end.value, bytes)


def wheel_tails() -> list[bytes]:
    big = {f"evil/{number}.py": hashlib.sha256(str(number).encode()).hexdigest() for number in range(40)}
    return [make_wheel("evil", "1.0", files=files)[1] for files in (None, big)]


def _archive_faults() -> tuple[type[BaseException], ...]:
    from hutch.store import ArchiveFault, PackFault, TarFault

    return ArchiveFault, PackFault, TarFault


def _page_faults() -> tuple[type[BaseException], ...]:
    from hutch.index.json_page import InvalidPage

    return (InvalidPage,)


def _tail_faults() -> tuple[type[BaseException], ...]:
    from hutch.index.zip_tail import BadArchive, WholeFileNeeded

    return BadArchive, WholeFileNeeded


# -- manifests of packed environments ----------------------------------------------------------------


def pack_manifests() -> list[bytes]:
    from hutch.env.packing.manifest import PackFile, PackManifest, PackPackage
    from hutch.spec import Platform

    one = PackManifest(
        hutch="1.0",
        implementation="cpython",
        python="3.12.1",
        free_threaded=False,
        debug=False,
        cache_tag="cpython-312",
        ext_suffix=".so",
        platform=Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 36)),
        scripts="bin",
        purelib="lib/python3.12/site-packages",
        prompt="demo",
        relocatable=False,
        system_site_packages=False,
        packages=(
            PackPackage(name="a", version="1", sha256="0" * 64, tags=("py3-none-any",), dist_info="x"),
        ),
        files=(PackFile(path="bin/a", size=3, sha256="1" * 64, executable=True),),
        links=(("share/b", "a"),),
    )
    return [one.render()]


def read_pack_manifest(data: bytes) -> bool:
    from hutch.env.packing.manifest import parse_manifest

    manifest = parse_manifest(data)
    parse_manifest(manifest.render())  # what is taken can be said again
    manifest.describe()
    return True


def _pack_faults() -> tuple[type[BaseException], ...]:
    from hutch.env.packing.manifest import BadManifest

    return (BadManifest,)


def _not_text() -> tuple[type[BaseException], ...]:
    return (UnicodeDecodeError,)  # by us, before the reader has the text


TARGETS = {
    "zip": Target(zips, read_zip, _archive_faults),
    "wheel": Target(wheels, read_wheel, _archive_faults),
    "tar": Target(tars, read_tar, _archive_faults),
    "packed": Target(packs, read_packed, _archive_faults),
    "sdist": Target(tars, read_sdist),
    "record": Target(records, read_record, _not_text),
    "entry-points": Target(commands, read_commands, _not_text),
    "metadata": Target(core_metadata, read_core_metadata),
    "json-page": Target(pages_of_json, read_json, _page_faults),
    "html-page": Target(pages_of_html, read_html, _page_faults),
    "lock": Target(locks, read_lock, _not_text),
    "pack": Target(pack_manifests, read_pack_manifest, _pack_faults),
    "tail": Target(wheel_tails, read_tail, _tail_faults),
    **{name: Target(*reader) for name, reader in READERS.items()},
}


# -- the long run ------------------------------------------------------------------------------------


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=float, default=None)
    parser.add_argument("targets", nargs="*", metavar="READER", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=None, help="end after so many")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--again", metavar="FILE", help="READER-….bin that was kept: run it once more")
    parser.add_argument("--keep", default=".hutch-dev/fuzz", metavar="DIR")
    args = parser.parse_args(words)
    if args.again:
        return again(args.again)
    names = args.targets or list(TARGETS)
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        parser.error(f"there is no reader {unknown[0]}: {', '.join(TARGETS)}")
    seed = random.SystemRandom().getrandbits(32) if args.seed is None else args.seed
    seconds = args.seconds or (None if args.inputs else 60.0)
    print(f"seed {seed}", flush=True)
    faults = total = 0
    start = time.monotonic()
    for number, name in enumerate(names):
        share = None if args.inputs is None else -(-args.inputs // len(names))
        until = None if seconds is None else start + seconds * (number + 1) / len(names)
        count, failed = fuzz(name, random.Random(f"{seed} {name}"), share, until, args.keep)
        total += count
        faults += failed
    spent = time.monotonic() - start
    print(f"{total:,} inputs in {spent:.0f} s, {faults} faults", flush=True)
    return 1 if faults else 0


def fuzz(
    name: str, source: random.Random, most: int | None, until: float | None, keep: str
) -> tuple[int, int]:
    """Inputs, and faults among them (about three are enough)."""
    target = TARGETS[name]
    seeds, own = target.seeds(), (Problem, *target.own())
    for which in range(len(seeds)):
        attempt(target.run, own, seeds[which])
    count = accepted = failed = 0
    start = time.monotonic()
    while (most is None or count < most) and (until is None or time.monotonic() < until) and failed < 3:
        for _ in range(50):
            data = mutated(seeds, source.getrandbits(8), mutations(source))
            count += 1
            try:
                accepted += target.run(data)
            except own:
                pass
            except Exception:
                failed += 1
                report(name, data, keep)
    spent = max(time.monotonic() - start, 1e-9)
    rate = f"{count / spent:,.0f} a second"
    print(
        f"  {name:<13} {count:>10,} inputs, {accepted:>8,} accepted, {rate:>18}, {failed} faults", flush=True
    )
    return count, failed


def attempt(run: Callable[[bytes], bool], own: tuple[type[BaseException], ...], data: bytes) -> bool:
    """Whether it was accepted; what is not a refusal goes up."""
    try:
        return run(data)
    except own:
        return False


def report(name: str, data: bytes, keep: str) -> None:
    os.makedirs(keep, exist_ok=True)
    path = os.path.join(keep, f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.bin")
    with open(path, "wb") as file:
        file.write(data)
    print(f"{name}: kept as {path}\n{traceback.format_exc()}", flush=True)


def again(path: str) -> int:
    name = next(name for name in TARGETS if os.path.basename(path).startswith(f"{name}-"))
    target = TARGETS[name]
    with open(path, "rb") as file:
        accepted = attempt(target.run, (Problem, *target.own()), file.read())
    print(f"{name}: {'accepted' if accepted else 'refused'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
