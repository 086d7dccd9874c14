"""What of a wheel may be linked as a whole, as its manifest says."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import sys

import pytest

from hutch.store import Store
from hutch.store.trees import find_trees, leads_out
from hutch.testing.wheels import make_wheel


@pytest.mark.parametrize(
    ("files", "trees"),
    [
        (["alpha/__init__.py", "alpha/sub/mod.py"], ["alpha"]),
        (["alpha.py"], []),
        (["ns/one/__init__.py", "ns/one/x.py"], ["ns/one"]),
        (["ns/deep/one/__init__.py", "ns/deep/mod.py"], ["ns/deep/one"]),
        (["ns/mod.py"], []),
        (["alpha/__init__.py", "alpha.libs/libz.so.1"], ["alpha", "alpha.libs"]),
        (["alpha/__init__.py", "alpha.libs/libblas64_-1a2b.so"], ["alpha", "alpha.libs"]),
        (["alpha/__init__.cpython-312-x86_64-linux-gnu.so"], ["alpha"]),
        (["share/data/x.txt"], ["share"]),
    ],
)
def test_packages_and_data_are_trees_and_namespaces_are_what_is_in_them(files, trees):
    directories = {"d-1.dist-info"}
    for path in files:
        while path := path.rpartition("/")[0]:
            directories.add(path)
    assert list(find_trees(sorted(directories), files, "d-1.dist-info")) == trees


def elf(*places: str, runpath: int = 29) -> bytes:
    """A library of 64 bits whose dynamic section has these search paths and nothing else."""
    strings = b"\0" + b"\0".join(place.encode() for place in places) + b"\0"
    at_strings, at_dynamic = 0x200, 0x400
    dynamic = b""
    offset = 1
    for place in places:
        dynamic += struct.pack("<qQ", runpath, offset)
        offset += len(place) + 1
    dynamic += struct.pack("<qQ", 5, 0x1000 + at_strings) + struct.pack("<qQ", 0, 0)
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHLQQQLHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    header += struct.pack("<LLQQQQQQ", 1, 5, 0, 0x1000, 0x1000, 0x800, 0x800, 0x1000)
    header += struct.pack("<LLQQQQQQ", 2, 6, at_dynamic, 0x1400, 0x1400, len(dynamic), len(dynamic), 8)
    return header.ljust(at_strings, b"\0") + strings.ljust(0x200, b"\0") + dynamic.ljust(0x400, b"\0")


KNOWN = frozenset(["alpha", "alpha/lib", "alpha.libs"])


@pytest.mark.parametrize(
    ("places", "leaves"),
    [
        ((), False),
        (("/usr/lib/x",), False),
        (("$ORIGIN",), False),
        (("$ORIGIN/../alpha.libs",), False),
        (("${ORIGIN}/lib:$ORIGIN",), False),
        (("$ORIGIN/../beta.libs",), True),
        (("$ORIGIN/lib:$ORIGIN/../../outside",), True),
        (("/usr/lib", "$ORIGIN/../nvidia/cublas/lib"), True),
    ],
)
@pytest.mark.parametrize("tag", [15, 29])
def test_a_library_may_look_for_others_inside_of_its_wheel(tmp_path, places, leaves, tag):
    (tmp_path / "alpha").mkdir()
    (tmp_path / "alpha/x.so").write_bytes(elf(*places, runpath=tag))
    assert leads_out(str(tmp_path), "alpha/x.so", KNOWN) is leaves


@pytest.mark.parametrize("cut", [10, 70, 0x1F0])
def test_a_library_that_cannot_be_read_is_taken_for_one_that_leads_out(tmp_path, cut):
    (tmp_path / "x.so").write_bytes(elf("$ORIGIN")[:cut])
    assert leads_out(str(tmp_path), "x.so", KNOWN)


@pytest.mark.parametrize(
    ("place", "leaves"),
    [(b"@loader_path/../alpha.libs/libz.dylib", False), (b"@loader_path/../../x.dylib", True)],
)
def test_libraries_of_macos(tmp_path, place, leaves):
    (tmp_path / "alpha").mkdir()
    body = b"\xcf\xfa\xed\xfe" + bytes(200) + place + bytes(100)
    (tmp_path / "alpha/x.so").write_bytes(body)
    assert leads_out(str(tmp_path), "alpha/x.so", KNOWN) is leaves
    fat = b"\xca\xfe\xba\xbe" + struct.pack(">L5L", 1, 7, 3, 4096, len(body), 12)
    (tmp_path / "alpha/x.so").write_bytes(fat.ljust(4096, b"\0") + body)
    assert leads_out(str(tmp_path), "alpha/x.so", KNOWN) is leaves


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="needs a compiler")
def test_what_a_real_linker_writes(tmp_path):
    (tmp_path / "alpha").mkdir()
    (tmp_path / "x.c").write_text("int x(void) { return 1; }\n")
    for place, leaves in (("$ORIGIN/../alpha.libs", False), ("$ORIGIN/../../beta", True)):
        words = ["gcc", "-shared", "-fPIC", "-o", "alpha/x.so", "x.c", f"-Wl,-rpath,{place}"]
        subprocess.run(words, cwd=tmp_path, check=True)
        assert leads_out(str(tmp_path), "alpha/x.so", KNOWN) is leaves


@pytest.mark.parametrize(("place", "trees"), [("$ORIGIN/lib", ("alpha",)), ("$ORIGIN/../../beta", ())])
def test_the_manifest_has_it(tmp_path, place, trees):
    filename, data = make_wheel(
        "alpha", "1.0", files={"alpha/__init__.py": "", "alpha/x.so": elf(place), "alpha/lib/y": ""}
    )
    path = tmp_path / filename
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    Store(tmp_path / "store").wheels.publish(path, filename, sha256)
    manifest = Store(tmp_path / "store").wheels.find(sha256).manifest
    assert manifest.trees == trees
    assert manifest.leaving == (() if trees else ("alpha/x.so",))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no umask")
def test_a_umask_of_the_moment_is_not_for_all_who_link_the_file(tmp_path):
    import os

    filename, data = make_wheel("alpha", "1.0")
    path = tmp_path / filename
    path.write_bytes(data)
    before = os.umask(0o077)
    try:
        stored = Store(tmp_path / "store").wheels.publish(path, filename, hashlib.sha256(data).hexdigest())
    finally:
        os.umask(before)
    for file in stored.manifest.files:
        assert (stored.path / "files" / file.path).stat().st_mode & 0o777 == file.mode
