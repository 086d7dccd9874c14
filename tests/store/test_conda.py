"""Conda packages in the store: real archives, read, checked, unpacked, found damaged, refused."""

from __future__ import annotations

import bz2
import hashlib
import json
import os
import tarfile
from pathlib import Path

import pytest

from hutch.spec import HashMismatch
from hutch.store import InvalidCondaPackage, Limits, Store
from hutch.testing.conda import PLACEHOLDER, CondaPackage, tar_of


def _library(form: str = "conda", **more: object) -> CondaPackage:
    return CondaPackage(
        "libfoo",
        "1.2",
        "h1_3",
        subdir="linux-64",
        form=form,
        files={
            "share/foo.conf": f"prefix={PLACEHOLDER}\n",
            "lib/libfoo.so.1": b"\x7fELF\0" + PLACEHOLDER.encode() + b"/lib\0end",
            "bin/foo": "#!/bin/sh\n",
        },
        links={"lib/libfoo.so": "libfoo.so.1"},
        modes={"bin/foo": 0o775},
        directories=["share/empty"],
        **more,  # type: ignore[arg-type]
    )


def _put(store: Store, tmp_path: Path, package: CondaPackage, data: bytes | None = None):  # type: ignore[no-untyped-def]
    archive = tmp_path / "archive"
    archive.write_bytes(package.data() if data is None else data)
    return store.conda.publish(archive, package.filename, hashlib.sha256(archive.read_bytes()).hexdigest())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.mark.parametrize("form", ["conda", "tar.bz2"])
def test_a_package_is_unpacked_with_all_that_it_says(store: Store, tmp_path: Path, form: str) -> None:
    stored = _put(store, tmp_path, _library(form))
    manifest = stored.manifest
    assert (manifest.name, manifest.version, manifest.build) == ("libfoo", "1.2", "h1_3")
    assert [row[0] for row in manifest.files] == ["bin/foo", "lib/libfoo.so.1", "share/foo.conf"]
    assert manifest.files[0][3] == 0o755
    assert manifest.files[1][3] == 0o644
    assert manifest.links == (("lib/libfoo.so", "libfoo.so.1"),)
    assert manifest.directories == ("share/empty",)
    assert {path: each.mode for path, each in manifest.prefixed.items()} == {
        "share/foo.conf": "text",
        "lib/libfoo.so.1": "binary",
    }
    assert manifest.prefixed["share/foo.conf"].placeholder == PLACEHOLDER
    assert json.loads(manifest.index)["name"] == "libfoo"
    assert Path(stored.files, "bin/foo").read_bytes() == b"#!/bin/sh\n"
    assert not os.path.lexists(os.path.join(stored.files, "lib/libfoo.so"))
    assert stored.damage(deep=True) == ()
    assert stored.strange() == ()
    again = Store(store.root).conda.find(stored.sha256, check=True)
    assert again is not None
    assert again.manifest == manifest


def test_files_lists_and_prefixes_of_old_packages(store: Store, tmp_path: Path) -> None:
    package = _library("tar.bz2")
    package.info["info/paths.json"] = b"-"
    package.info["info/has_prefix"] = (
        f'"{PLACEHOLDER}" text "share/foo.conf"\n{PLACEHOLDER} binary lib/libfoo.so.1\n'.encode()
    )
    package.info["info/no_link"] = b"bin/foo\n"
    manifest = _put(store, tmp_path, package).manifest
    assert manifest.prefixed["share/foo.conf"].mode == "text"
    assert manifest.prefixed["lib/libfoo.so.1"].placeholder == PLACEHOLDER
    assert manifest.no_link == {"bin/foo"}
    package.info["info/has_prefix"] = b"share/foo.conf\n"
    manifest = _put(store, tmp_path, package).manifest
    assert manifest.prefixed["share/foo.conf"].placeholder == "/opt/anaconda1anaconda2anaconda3"


def test_the_hash_is_compared(store: Store, tmp_path: Path) -> None:
    package = _library()
    (tmp_path / "archive").write_bytes(package.data())
    with pytest.raises(HashMismatch):
        store.conda.publish(tmp_path / "archive", package.filename, "0" * 64)
    assert list(store.conda.entries()) == []


def test_the_same_bytes_under_another_name_are_refused(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library("tar.bz2"))
    with pytest.raises(InvalidCondaPackage, match="libfoo-9"):
        store.conda.publish(tmp_path / "archive", "libfoo-9-h1_3.tar.bz2", stored.sha256)


def test_an_edited_entry_is_damaged_and_unpacked_anew(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library())
    file = Path(stored.files, "bin/foo")
    file.write_bytes(b"#!/bin/no\n")
    assert store.conda.find(stored.sha256) is not None
    assert store.conda.find(stored.sha256, check=True) is None
    again = _put(store, tmp_path, _library())
    assert again.damage(deep=True) == ()
    assert file.read_bytes() == b"#!/bin/sh\n"


def test_a_date_alone_is_restored(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library())
    os.utime(os.path.join(stored.files, "bin/foo"))
    assert store.conda.find(stored.sha256, check=True) is not None
    assert stored.damage() == ()


def test_verify_finds_what_size_and_date_hide_and_takes_it_out(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library())
    file = os.path.join(stored.files, "bin/foo")
    date = os.stat(file).st_mtime_ns
    Path(file).write_bytes(b"#!/bin/no\n")
    os.utime(file, ns=(date, date))
    assert store.verify().damage == ()
    found = store.verify(deep=True)
    assert found.packages == 1
    assert [(each.kind, each.faults) for each in found.damage] == [
        ("conda", ("bin/foo was changed or is missing",))
    ]
    assert store.verify(deep=True, fix=True).damage[0].done == "removed"
    assert store.conda.find(stored.sha256) is None


def test_size_prune_and_clean_know_them(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library())
    assert [each.kind for each in store.size() if each.files > 2] == ["conda"]
    os.utime(os.path.join(stored.folder, "manifest"), (1_000_000_000, 1_000_000_000))
    kept = store.prune(limit=1 << 40, in_use=lambda path: ())
    assert kept.removed == {}
    # In use by a prefix, which is no virtual environment.
    from hutch.store.roots import register

    prefix = tmp_path / "prefix"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    register(store.root, os.fspath(prefix))
    assert store.prune(limit=0, in_use=lambda path: (stored.sha256,)).removed == {}
    assert store.prune(limit=0, in_use=lambda path: ()).removed == {"conda": 1}
    _put(store, tmp_path, _library())
    store.clean(["other"])
    assert store.conda.find(stored.sha256) is not None
    store.clean(["libfoo"])
    assert store.conda.find(stored.sha256) is None


def test_a_layer_is_read(store: Store, tmp_path: Path) -> None:
    stored = _put(store, tmp_path, _library())
    upper = Store(tmp_path / "upper", layers=[store.root])
    found = upper.conda.find(stored.sha256)
    assert found is not None
    assert found.folder == stored.folder
    upper.conda.discard(stored.sha256)
    assert upper.conda.find(stored.sha256) is None
    assert store.conda.find(stored.sha256) is not None


# -- what is refused --------------------------------------------------------------------------------


def _odd(name: str, kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, target, size
    return member


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (_odd("../out", tarfile.REGTYPE), "out"),
        (_odd("/etc/out", tarfile.REGTYPE), "absolute"),
        (_odd("a/../../out", tarfile.REGTYPE), "component"),
        (_odd("dev/null", tarfile.CHRTYPE), "device"),
        (_odd("pipe", tarfile.FIFOTYPE), "pipe"),
        (_odd("link", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (_odd("lib/link", tarfile.SYMTYPE, "../../out"), "link"),
        (_odd("hard", tarfile.LNKTYPE, "../../etc/passwd"), "hard link"),
        (_odd("bin/foo", tarfile.REGTYPE), "twice"),
        (_odd("bin/foo/below", tarfile.REGTYPE), "file"),
        (_odd("lib/libfoo.so/below", tarfile.REGTYPE), "link"),
        (_odd("info/index.json", tarfile.REGTYPE), "wrong part|twice"),
        (_odd("extra", tarfile.REGTYPE), "not told of"),
        (_odd("a\nb", tarfile.REGTYPE), "control"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("form", ["conda", "tar.bz2"])
def test_entries_that_have_no_business(
    store: Store, tmp_path: Path, member: tarfile.TarInfo, said: str, form: str
) -> None:
    package = _library(form)
    if form == "conda":
        data = package.zipped(tar_of(package.infos()), tar_of(package.files, package.links, odd=[member]))
    else:
        data = bz2.compress(tar_of({**package.infos(), **package.files}, package.links, odd=[member]))
    with pytest.raises(InvalidCondaPackage) as caught:
        _put(store, tmp_path, package, data)
    import re

    assert re.search(said, " ".join(caught.value.reasons))
    assert list(store.conda.entries()) == []
    assert not (tmp_path / "out").exists()


def test_links_that_lead_out_through_another(store: Store, tmp_path: Path) -> None:
    package = CondaPackage("x", files={"a/b/f": b""}, links={"a/b/s": "../..", "t": "a/b/s/../out"})
    with pytest.raises(InvalidCondaPackage) as caught:
        _put(store, tmp_path, package)
    assert "leads out" in caught.value.reasons[0]
    harmless = CondaPackage("x", files={"a/b/f": b""}, links={"a/s": "b", "t": "a/s/f", "loop": "loop"})
    assert len(_put(store, tmp_path, harmless).manifest.links) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda paths: paths.pop(0), "not told of"),
        (lambda paths: paths.append({"_path": "more", "path_type": "hardlink"}), "is not there"),
        (lambda paths: paths.append({"_path": "../up", "path_type": "hardlink"}), "component"),
        (lambda paths: paths.append(dict(paths[0])), "told of twice"),
        (lambda paths: paths[0].update(sha256="0" * 64), "hash"),
        (lambda paths: paths[0].update(size_in_bytes=3), "bytes"),
        (lambda paths: paths[0].update(path_type="softlink"), "should be a softlink"),
        (lambda paths: paths[-2].update(path_type="hardlink"), "is a link"),
        (lambda paths: paths[0].update(path_type="device"), "nobody knows"),
        (lambda paths: paths[0].update(file_mode="other"), "cannot be replaced"),
        (lambda paths: paths[0].update(prefix_placeholder="/a\nb"), "cannot be replaced"),
        (lambda paths: paths.append("text"), "cannot be read"),
    ],
)
def test_paths_that_are_not_those_of_the_archive(store: Store, tmp_path: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    package = _library()
    change(package.paths)
    with pytest.raises(InvalidCondaPackage, match="not a valid conda package") as caught:
        _put(store, tmp_path, package)
    assert said in " ".join(caught.value.reasons)


@pytest.mark.parametrize("key", ["name", "version", "build"])
def test_a_package_that_says_it_is_another(store: Store, tmp_path: Path, key: str) -> None:
    package = _library()
    package.index[key] = "other"
    with pytest.raises(InvalidCondaPackage) as caught:
        _put(store, tmp_path, package)
    assert "says that it is" in caught.value.reasons[0]


def test_bombs(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", limits=lambda: Limits(members=20, size=1 << 20))
    large = CondaPackage("x", files={"zeros": b"\0" * (2 << 20)})
    with pytest.raises(InvalidCondaPackage) as caught:
        _put(store, tmp_path, large)
    assert "archive-size-limit" in str(caught.value.hints).lower().replace("_", "-")
    many = CondaPackage("x", files={f"f{number}": b"" for number in range(30)}, form="tar.bz2")
    with pytest.raises(InvalidCondaPackage, match="valid"):
        _put(store, tmp_path, many)


@pytest.mark.parametrize("cut", [10, 200, -1])
def test_archives_that_are_cut_short(store: Store, tmp_path: Path, cut: int) -> None:
    for form in ("conda", "tar.bz2"):
        package = _library(form)
        with pytest.raises(InvalidCondaPackage):
            _put(store, tmp_path, package, package.data()[:cut])
    assert list(store.conda.entries()) == []


def test_parts_of_a_conda_archive(store: Store, tmp_path: Path) -> None:
    import io
    import zipfile

    package = _library()
    for names in (["metadata.json"], ["metadata.json", "pkg-libfoo-1.2-h1_3.tar.zst", "evil.txt"]):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in names:
                archive.writestr(name, json.dumps({"conda_pkg_format_version": 2}))
        with pytest.raises(InvalidCondaPackage):
            _put(store, tmp_path, package, buffer.getvalue())
    other = CondaPackage("other")
    with pytest.raises(InvalidCondaPackage) as caught:
        _put(store, tmp_path, package, other.zipped(tar_of(package.infos()), tar_of(package.files)))
    assert "of another package" in caught.value.reasons[0]
