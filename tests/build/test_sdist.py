"""Source archives: honest ones come out whole, and of the others nothing comes out.

security.md 1.5: member paths, links, devices, modes, bombs, polyglots. What Python's own filters do
must not matter, so each case stands for every patch release.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutch.build import InvalidSdist, Limits, unpack_sdist

OK = ("a-1.0/ok.py", b"ok")


def info(kind: bytes, target: str = "", *, mode: int = 0o644, size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo("x")
    made.type, made.linkname, made.mode, made.size = kind, target, mode, size
    return made


def link(target: str) -> tarfile.TarInfo:
    return info(tarfile.SYMTYPE, target)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a-1.0.tar.gz", "w:gz"),
        ("a-1.0.tgz", "w:gz"),
        ("a-1.0.tar.bz2", "w:bz2"),
        ("a-1.0.tar.xz", "w:xz"),
    ],
)
def test_an_honest_archive_comes_out_whole(tarball, tmp_path: Path, name: str, mode: str) -> None:
    path = tarball(
        [("./a-1.0/setup.py", "x = 1"), ("a-1.0/src/deep/m.py", b"\x00\xff"), ("a-1.0/empty", b"")],
        name=name,
        mode=mode,
    )
    top = unpack_sdist(path, tmp_path / "out")
    assert top == tmp_path / "out" / "a-1.0"
    assert (top / "setup.py").read_text() == "x = 1"
    assert (top / "src" / "deep" / "m.py").read_bytes() == b"\x00\xff"
    assert (top / "empty").read_bytes() == b""
    assert (top / "setup.py").stat().st_mtime == 1_600_000_000


def test_an_honest_zip_comes_out_whole(zipball, tmp_path: Path) -> None:
    script = zipfile.ZipInfo("a-1.0/configure", (2020, 1, 2, 3, 4, 6))
    script.external_attr = 0o100755 << 16
    top = unpack_sdist(
        zipball([("a-1.0/", b""), ("a-1.0/m.py", b"m"), (script, b"#!/bin/sh")]), tmp_path / "out"
    )
    assert (top / "m.py").read_bytes() == b"m"
    assert os.access(top / "configure", os.X_OK)
    assert not os.access(top / "m.py", os.X_OK)


def test_modes_are_ours(tarball, tmp_path: Path) -> None:
    """PEP 706: "clear high mode bits (setuid, setgid, sticky) and group/other write bits"."""
    entries = []
    for mode in (0o7777, 0o4755, 0o666, 0o000, 0o011, 0o100):
        made = info(tarfile.REGTYPE, mode=mode)
        entries.append((f"a-1.0/{mode:o}", made))
    directory = info(tarfile.DIRTYPE, mode=0o2777)
    os.umask(umask := os.umask(0))
    top = unpack_sdist(tarball([("a-1.0/d", directory), *entries]), tmp_path / "out")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in top.iterdir() if path.is_file()}
    runs, plain = 0o755 & ~umask, 0o644 & ~umask
    assert modes == {"7777": runs, "4755": runs, "666": plain, "0": plain, "11": plain, "100": runs}
    assert stat.S_IMODE((top / "d").stat().st_mode) == 0o755 & ~umask


def test_links_that_stay_inside_are_made(tarball, tmp_path: Path) -> None:
    top = unpack_sdist(
        tarball(
            [
                ("a-1.0/docs/README", link("../README")),
                ("a-1.0/README", b"read me"),
                ("a-1.0/dir", link("docs")),
                ("a-1.0/COPY", info(tarfile.LNKTYPE, "a-1.0/README")),
                ("a-1.0/broken", link("nothing")),
            ]
        ),
        tmp_path / "out",
    )
    assert (top / "docs" / "README").read_bytes() == b"read me"
    assert (top / "dir" / "README").read_bytes() == b"read me"
    assert (top / "COPY").read_bytes() == b"read me"
    assert not (top / "COPY").is_symlink()
    assert (top / "COPY").stat().st_nlink == 1
    assert (top / "broken").is_symlink()


EVIL: dict[str, list[tuple[str, object]]] = {
    "upwards": [OK, ("a-1.0/../../evil", b"x")],
    "upwards at once": [("../evil", b"x")],
    "upwards in the middle": [OK, ("a-1.0/x/../../../evil", b"x")],
    "upwards with backslashes": [OK, ("a-1.0\\..\\..\\evil", b"x")],
    "absolute": [OK, ("/tmp/evil", b"x")],
    "absolute, twice slashed": [OK, ("//tmp/evil", b"x")],
    "a drive": [OK, ("C:\\evil", b"x")],
    "a drive without a slash": [OK, ("c:evil", b"x")],
    "a share": [OK, ("\\\\host\\evil", b"x")],
    "a line feed in the name": [OK, ("a-1.0/x\ny", b"x")],
    "an escape in the name": [OK, ("a-1.0/\x1b[31m", b"x")],
    "a device": [OK, ("a-1.0/null", info(tarfile.CHRTYPE))],
    "a disk": [OK, ("a-1.0/sda", info(tarfile.BLKTYPE))],
    "a pipe": [OK, ("a-1.0/pipe", info(tarfile.FIFOTYPE))],
    "a link to an absolute path": [OK, ("a-1.0/l", link("/etc/passwd"))],
    "a link out": [OK, ("a-1.0/l", link("../../evil"))],
    "a link to the directory above": [OK, ("a-1.0/l", link(".."))],
    "a link out by a detour": [OK, ("a-1.0/l", link("x/../../../evil"))],
    "a link out with backslashes": [OK, ("a-1.0/l", link("..\\..\\evil"))],
    "a link to itself, but for a backslash": [OK, ("a-1.0/l\\", link("l\\//"))],
    "a link to nothing": [OK, ("a-1.0/l", link(""))],
    "a link at the top": [("a-1.0", link("."))],
    "a file through a link": [OK, ("a-1.0/l", link("sub")), ("a-1.0/l/evil", b"x")],
    "a link through a link": [OK, ("a-1.0/d/l", link("..")), ("a-1.0/m", link("d/l/../../evil"))],
    "a link in place of a file": [OK, ("a-1.0/ok.py", link("other"))],
    "a file in place of a link": [OK, ("a-1.0/l", link("ok.py")), ("a-1.0/l", b"x")],
    "a directory in place of a file": [OK, ("a-1.0/ok.py/inner", b"x")],
    "a file in place of a directory": [("a-1.0/d/f", b"x"), ("a-1.0/d", b"x")],
    "a hard link out": [OK, ("a-1.0/h", info(tarfile.LNKTYPE, "/etc/passwd"))],
    "a hard link upwards": [OK, ("a-1.0/h", info(tarfile.LNKTYPE, "../../etc/passwd"))],
    "a hard link to a link": [OK, ("a-1.0/l", link("ok.py")), ("a-1.0/h", info(tarfile.LNKTYPE, "a-1.0/l"))],
    "a hard link to what comes later": [("a-1.0/h", info(tarfile.LNKTYPE, "a-1.0/ok.py")), OK],
    "twice with different content": [OK, ("a-1.0/ok.py", b"no")],
    "twice, one longer": [OK, ("a-1.0/./ok.py", b"okay")],
    "two tops": [OK, ("b-1.0/x", b"x")],
    "a file at the top": [("setup.py", b"x")],
    "a file beside the top": [OK, ("setup.py", b"x")],
    "nothing": [],
    "too deep": [OK, ("a-1.0/" + "d/" * 80 + "f", b"x")],
}


@pytest.mark.parametrize("case", EVIL)
def test_of_an_evil_archive_nothing_comes_out(
    tarball, tmp_path: Path, snapshot: Callable[[Path], object], case: str
) -> None:
    path = tarball(EVIL[case])
    before = snapshot(tmp_path)
    with pytest.raises(InvalidSdist) as caught:
        unpack_sdist(path, tmp_path / "out")
    assert snapshot(tmp_path) == before
    assert "\x1b" not in "".join((caught.value.what, *caught.value.why))


def test_names_that_are_no_utf8_come_out_or_are_refused_in_words(tarball, tmp_path: Path) -> None:
    path = tarball([OK, ("a-1.0/caf\udce9", b"x")])
    try:
        top = unpack_sdist(path, tmp_path / "out")
    except InvalidSdist as problem:
        "".join((problem.what, *problem.why)).encode()
    else:
        assert sorted(os.listdir(os.fsencode(top))) == [b"caf\xe9", b"ok.py"]
    with pytest.raises(InvalidSdist) as caught:
        unpack_sdist(tarball([OK, ("a-1.0/../caf\udce9", b"x")]), tmp_path / "other")
    "".join((caught.value.what, *caught.value.why)).encode()


def test_what_macos_adds_is_left_out_and_equal_repeats_do_no_harm(tarball, tmp_path: Path) -> None:
    top = unpack_sdist(tarball([("._a-1.0", b"mac"), OK, OK]), tmp_path / "out")
    assert sorted(path.name for path in top.parent.iterdir()) == ["a-1.0"]
    assert (top / "ok.py").read_bytes() == b"ok"


def test_what_was_there_before_is_kept(tarball, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "a-1.0" / "mine"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(InvalidSdist, match="refused") as caught:
        unpack_sdist(tarball([OK]), tmp_path / "out")
    assert "is there already" in caught.value.reason
    assert kept.read_text() == "mine"


class TestBombs:
    """1.3: over a stated size or ratio, refused with little written."""

    def test_a_ratio_out_of_proportion(self, tarball, tmp_path: Path, snapshot) -> None:
        path = tarball([("a-1.0/zeros", bytes(4_000_000))])
        before = snapshot(tmp_path)
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(path, tmp_path / "out", limits=Limits(free=100_000, ratio=20))
        assert "out of proportion" in caught.value.reason
        assert snapshot(tmp_path) == before

    def test_a_size_too_large(self, tarball, tmp_path: Path) -> None:
        path = tarball([("a-1.0/one", os.urandom(60_000)), ("a-1.0/two", os.urandom(60_000))])
        with pytest.raises(InvalidSdist) as caught:
            unpack_sdist(path, tmp_path / "out", limits=Limits(size=100_000))
        assert "more than 100000 bytes" in caught.value.reason

    def test_too_many_members(self, tarball, tmp_path: Path) -> None:
        path = tarball([(f"a-1.0/{number}", b"") for number in range(50)])
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(path, tmp_path / "out", limits=Limits(members=40))
        assert "more than 40 entries" in caught.value.reason

    def test_a_zip_out_of_proportion(self, zipball, tmp_path: Path) -> None:
        path = zipball([("a-1.0/zeros", bytes(4_000_000))])
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(path, tmp_path / "out", limits=Limits(free=100_000, ratio=20))
        assert "out of proportion" in caught.value.reason

    def test_a_sparse_file(self, tmp_path: Path, tarball) -> None:
        made = info(tarfile.GNUTYPE_SPARSE)
        with pytest.raises(InvalidSdist):
            unpack_sdist(tarball([OK, ("a-1.0/s", made)]), tmp_path / "out")


class TestForms:
    """The name decides, and the content has to agree."""

    @pytest.mark.parametrize("name", ["a-1.0.whl", "a-1.0.tar", "a-1.0.exe", "a-1.0"])
    def test_other_names_are_refused(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(tmp_path / name, tmp_path / "out")
        assert "its name does not end" in caught.value.reason

    def test_a_zip_called_tar(self, zipball, tmp_path: Path) -> None:
        path = zipball([("a-1.0/x", b"")], name="a-1.0.tar.gz")
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(path, tmp_path / "out")
        assert "whatever its name says" in caught.value.reason

    def test_a_tar_with_a_zip_behind_it_is_read_as_the_tar(self, tarball, zipball, tmp_path: Path) -> None:
        """S10, CVE-2026-3219."""
        path = tarball([OK])
        path.write_bytes(path.read_bytes() + zipball([("evil-1.0/x", b"")]).read_bytes())
        try:
            assert unpack_sdist(path, tmp_path / "out").name == "a-1.0"
        except InvalidSdist:
            pass
        assert not (tmp_path / "out" / "evil-1.0").exists()

    def test_two_zips_in_one(self, zipball, tmp_path: Path) -> None:
        first = zipball([("a-1.0/x", b"")]).read_bytes()
        path = zipball([("b-1.0/x", b"")])
        path.write_bytes(first + path.read_bytes())
        with pytest.raises(InvalidSdist):
            unpack_sdist(path, tmp_path / "out")

    def test_a_zip_in_the_comment(self, zipball, tmp_path: Path) -> None:
        inner = zipball([("evil-1.0/x", b"")], name="inner.zip").read_bytes()
        path = zipball([("a-1.0/x", b"")])
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = inner
        with pytest.raises(InvalidSdist):
            unpack_sdist(path, tmp_path / "out")

    @pytest.mark.parametrize("kept", [3, 15, 60, 120])
    def test_a_truncated_archive(self, tarball, tmp_path: Path, snapshot, kept: int) -> None:
        path = tarball([("a-1.0/x", os.urandom(5000))])
        path.write_bytes(path.read_bytes()[:kept])
        before = snapshot(tmp_path)
        with pytest.raises(InvalidSdist):
            unpack_sdist(path, tmp_path / "out")
        assert snapshot(tmp_path) == before

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidSdist):
            unpack_sdist(tmp_path / "a-1.0.tar.gz", tmp_path / "out")

    def test_sizes_that_disagree_smuggle_nothing(self, tmp_path: Path) -> None:
        """S08, CVE-2025-62518: a pax size of 0 over a ustar size, with a tar inside the content."""
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a-1.0/smuggled"))
        outer = io.BytesIO()
        with tarfile.open(fileobj=outer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            made = tarfile.TarInfo("a-1.0/carrier")
            made.size = len(inner.getvalue())
            made.pax_headers = {"comment": "x"}
            tar.addfile(made, io.BytesIO(inner.getvalue()))
        path = tmp_path / "a-1.0.tar.gz"
        path.write_bytes(gzip.compress(outer.getvalue()))
        top = unpack_sdist(path, tmp_path / "out")
        assert [one.name for one in top.iterdir()] == ["carrier"]
        assert (top / "carrier").stat().st_size == len(inner.getvalue())


class TestZips:
    def test_links_in_a_zip_are_judged_too(self, zipball, tmp_path: Path) -> None:
        evil = zipfile.ZipInfo("a-1.0/l")
        evil.external_attr = (stat.S_IFLNK | 0o777) << 16
        with pytest.raises(InvalidSdist, match="refused") as caught:
            unpack_sdist(zipball([("a-1.0/x", b""), (evil, b"/etc/passwd")]), tmp_path / "out")
        assert caught.value.member == "a-1.0/l"

    def test_a_second_name_is_refused(self, zipball, tmp_path: Path) -> None:
        evil = zipfile.ZipInfo("a-1.0/x")
        evil.extra = b"\x75\x70\x09\x00\x01" + bytes(4) + b"evil"
        with pytest.raises(InvalidSdist) as caught:
            unpack_sdist(zipball([(evil, b"")]), tmp_path / "out")
        assert caught.value.reason == "'a-1.0/x' has another name in its extra field"

    @pytest.mark.parametrize("name", ["../evil", "/evil", "a-1.0/../../evil", "a-1.0\\..\\..\\evil"])
    def test_paths_in_a_zip_are_judged_too(self, zipball, tmp_path: Path, snapshot, name: str) -> None:
        path = zipball([("a-1.0/x", b""), (name, b"")])
        before = snapshot(tmp_path)
        with pytest.raises(InvalidSdist):
            unpack_sdist(path, tmp_path / "out")
        assert snapshot(tmp_path) == before


names = st.text(st.sampled_from("ab./\\:é \x00-"), min_size=1, max_size=12)
targets = st.text(st.sampled_from("ab./\\"), max_size=12)
entries = st.lists(
    st.tuples(
        names,
        st.one_of(
            st.binary(max_size=5),
            targets.map(lambda text: ("symlink", text)),
            targets.map(lambda text: ("hardlink", text)),
            st.just(("directory", "")),
        ),
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(entries)
def test_whatever_is_in_it_nothing_gets_outside(tmp_path_factory: pytest.TempPathFactory, entries) -> None:
    """Property: afterwards there is one top directory below `out` and nothing that leads out, or nothing."""
    root = tmp_path_factory.mktemp("any")
    kinds = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "directory": tarfile.DIRTYPE}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in entries:
            made = tarfile.TarInfo(f"t/{name}" if not name.startswith(("/", ".")) else name)
            if isinstance(content, bytes):
                made.size = len(content)
                tar.addfile(made, io.BytesIO(content))
            else:
                made.type, made.linkname = kinds[content[0]], content[1]
                tar.addfile(made)
    path = root / "t-1.tar.gz"
    path.write_bytes(gzip.compress(data.getvalue()))
    out = root / "out"
    try:
        top = unpack_sdist(path, out)
    except InvalidSdist:
        assert not out.exists()
        assert sorted(one.name for one in root.iterdir()) == ["t-1.tar.gz"]
        return
    assert sorted(one.name for one in root.iterdir()) == ["out", "t-1.tar.gz"]
    assert list(out.iterdir()) == [top]
    inside = os.path.join(os.path.realpath(top), "")
    for directory, below, files in os.walk(top):
        for name in (*below, *files):
            real = os.path.realpath(os.path.join(directory, name))
            assert (real + os.sep).startswith(inside)
