"""Prefixes made by `change_prefix`: byte for byte those of rattler; from folders and servers; refusals."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from env.support import tree
from env.test_prefix import library, pure, python
from hutch.env import ClobberProblem, Wanted, open_prefix, prefix_packages, verify_environment
from hutch.ops.conda_directory import NotAPrefix
from hutch.ops.conda_fetch import UnprovenPackage
from hutch.ops.conda_prefix import StrandedPackages, change_prefix, rollback_prefix
from hutch.ops.context import Context
from hutch.ops.planting import in_use
from hutch.spec import CondaRecord, HashMismatch
from hutch.store import InvalidCondaPackage
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.wheels import make_wheel
from hutch.values import replace
from oracles.conda import ask_rattler, needs_rattler


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def context(tmp_path: Path, said: list[str]) -> Iterator[Context]:
    (tmp_path / "home").mkdir()
    environ = {
        "HOME": os.fspath(tmp_path / "home"),
        "HUTCH_CACHE_DIR": os.fspath(tmp_path / "cache"),
        "PATH": os.environ["PATH"],
    }
    found = Context(tmp_path, environ, {}, emit=lambda event: said.append(getattr(event, "text", "")))
    yield found
    found.close()


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    return tmp_path / "channel"


def _without_meta(root: Path) -> dict[str, str]:
    return {path: what for path, what in tree(root).items() if not path.startswith("conda-meta")}


def _plain(package: CondaPackage) -> CondaPackage:
    """Without empty directories, which rattler 0.28 takes for files and fails to link."""
    package.paths = [each for each in package.paths if each["path_type"] != "directory"]
    return package


OURS = {"lib/python3.12/EXTERNALLY-MANAGED", "lib/python3.11/EXTERNALLY-MANAGED"}
RATTLERS = {"CACHEDIR.TAG"}


@needs_rattler
@pytest.mark.parametrize("form", ["conda", "tar.bz2"])
def test_every_byte_is_that_of_rattlers(context: Context, channel: Path, tmp_path: Path, form: str) -> None:
    first = CondaPackage("scripts", files={"etc/conda/activate.d/x.sh": "export X=1\n", "Menu/x.json": "{}"})
    records = index_channel(channel, [_plain(python()), _plain(library(form=form)), pure(), first])
    root = tmp_path / "prefix"
    specs = ["libfoo >=1", "pure", "scripts"]
    ask_rattler(
        "install",
        channel=os.fspath(channel),
        prefix=os.fspath(root),
        cache=os.fspath(tmp_path / "r"),
        specs=specs,
    )
    theirs, meta = _without_meta(root), {}
    for path in (root / "conda-meta").glob("*.json"):
        meta[path.name] = json.loads(path.read_text())
    shutil.rmtree(root)
    requested = {"libfoo": ("libfoo >=1",), "pure": ("pure",), "scripts": ("scripts",)}
    change_prefix(context, root, records, requested=requested)
    ours = _without_meta(root)
    assert {path: what for path, what in ours.items() if path not in OURS} == {
        path: what for path, what in theirs.items() if path not in RATTLERS
    }
    for path in theirs:
        if path not in RATTLERS and not (root / path).is_symlink():
            assert (root / path).is_dir() or os.access(root / path, os.R_OK)
    # And what conda-meta tells of each file and record.
    for name, expected in meta.items():
        found = json.loads((root / "conda-meta" / name).read_text())
        same = "name version build build_number subdir sha256 md5 size fn url depends timestamp license"
        for key in (*same.split(), "requested_specs"):
            assert found[key] == expected[key], (name, key)
        assert found["files"] == sorted(expected["files"], key=lambda path: path.split("/"))
        described = {each["_path"]: each for each in found["paths_data"]["paths"]}
        for each in expected["paths_data"]["paths"]:
            if each["path_type"] != "directory":
                assert each.items() <= described[each["_path"]].items()


@needs_rattler
def test_rattler_reads_our_records(context: Context, channel: Path, tmp_path: Path) -> None:
    records = index_channel(channel, [python(), library(), pure()])
    root = tmp_path / "prefix"
    change_prefix(context, root, records, requested={"pure": ("pure 2.*",)})
    read = ask_rattler("prefix", prefix=os.fspath(root))
    assert [(one["name"], one["version"]) for one in read] == [
        ("libfoo", "1.0"), ("pure", "2.0"), ("python", "3.12.1"),
    ]  # fmt: skip
    assert [one["requested"] for one in read] == [[], ["pure 2.*"], []]
    for one in read:
        for path, digest in one["hashes"].items():
            place = root / path
            if place.is_file() and not place.is_symlink():
                assert hashlib.sha256(place.read_bytes()).hexdigest() == digest


@needs_rattler
def test_a_prefix_of_rattlers_is_taken_over(context: Context, channel: Path, tmp_path: Path) -> None:
    records = index_channel(channel, [_plain(python()), _plain(library()), pure()])
    root = tmp_path / "prefix"
    ask_rattler(
        "install",
        channel=os.fspath(channel),
        prefix=os.fspath(root),
        cache=os.fspath(tmp_path / "r"),
        specs=["libfoo", "pure"],
    )
    assert [one.record.name for one in prefix_packages(os.fspath(root))] == ["libfoo", "pure", "python"]
    assert [one.requested for one in prefix_packages(os.fspath(root))] == [("libfoo",), ("pure",), ()]
    # The records of the channel are those that are there.
    nothing = change_prefix(context, root, records, dry_run=True)
    assert nothing.plan.steps == ()
    before = tree(root)
    newer = [_plain(library("2.0")).write(channel), *(one for one in records if one.name != "libfoo")]
    change_prefix(context, root, newer)
    assert (root / "share/foo/plain.txt").read_text() == "2.0"
    rollback_prefix(context, root, 1)
    after = tree(root)
    for path in ("conda-meta/history", *OURS):
        before.pop(path, None)
        after.pop(path, None)
    assert after == before
    assert verify_environment(open_prefix(root), deep=True).faults == ()


def test_a_server_sends_them_and_a_wrong_hash_is_refused_from_both(
    context: Context, channel: Path, tmp_path: Path
) -> None:
    record = index_channel(channel, [library()])[0]
    handler = partial(_Quiet, directory=os.fspath(channel))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        served = replace(record, channel=f"http://127.0.0.1:{server.server_port}")
        for one in (record, served):
            with pytest.raises(HashMismatch):
                change_prefix(context, tmp_path / "bad", [replace(one, sha256="0" * 64, md5="")])
            assert not (tmp_path / "bad").exists()
            with pytest.raises(HashMismatch):
                change_prefix(
                    context, tmp_path / "bad", [replace(one, sha256="", md5="0" * 32)], allow_md5=True
                )
        with pytest.raises(UnprovenPackage):
            change_prefix(context, tmp_path / "bad", [replace(served, sha256="")])
        with pytest.raises(InvalidCondaPackage):
            change_prefix(context, tmp_path / "bad", [replace(record, version="9", sha256="")])
        assert not (tmp_path / "bad").exists()
        change_prefix(context, tmp_path / "good", [served])
    finally:
        server.shutdown()
        server.server_close()
    assert (tmp_path / "good/share/foo/plain.txt").read_text() == "1.0"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None:
        pass


def test_a_tampered_store_is_mended(context: Context, channel: Path, tmp_path: Path, said: list[str]) -> None:
    record = index_channel(channel, [library()])[0]
    change_prefix(context, tmp_path / "one", [record], link_mode="copy")
    stored = context.store.conda.find(record.sha256)
    assert stored is not None
    Path(stored.files, "share/foo/plain.txt").write_text("evil")
    change_prefix(context, tmp_path / "two", [record], link_mode="copy")
    assert (tmp_path / "two/share/foo/plain.txt").read_text() == "1.0"
    assert any("was changed: fetched anew" in text for text in said)


def test_what_is_no_prefix_is_left_alone(context: Context, channel: Path, tmp_path: Path) -> None:
    record = index_channel(channel, [library()])[0]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("mine")
    with pytest.raises(NotAPrefix):
        change_prefix(context, tmp_path / "mine", [record])
    assert tree(tmp_path / "mine") == {"file": hashlib.sha256(b"mine").hexdigest()}
    with pytest.raises(NotAPrefix):
        rollback_prefix(context, tmp_path / "mine")


def test_scripts_run_for_those_who_are_named(
    context: Context, channel: Path, tmp_path: Path, said: list[str]
) -> None:
    package = CondaPackage(
        "noisy",
        files={
            "bin/.noisy-post-link.sh": 'echo "$PKG_NAME $PKG_VERSION" > "$PREFIX/linked"\n',
            "bin/.noisy-pre-unlink.sh": 'rm "$PREFIX/linked"\n',
        },
    )
    record = index_channel(channel, [package])[0]
    quiet = change_prefix(context, tmp_path / "quiet", [record])
    assert quiet.scripts == ("bin/.noisy-post-link.sh",)
    assert not (tmp_path / "quiet/linked").exists()
    assert any("not run" in text for text in said)
    change_prefix(context, tmp_path / "loud", [record], run_scripts={"noisy"})
    assert (tmp_path / "loud/linked").read_text() == "noisy 1.0\n"
    change_prefix(context, tmp_path / "loud", [], run_scripts={"noisy"})
    assert not (tmp_path / "loud/linked").exists()


def test_scripts_see_no_secret_and_no_home(context: Context, channel: Path, tmp_path: Path) -> None:
    script = 'env > "$PREFIX/seen"; echo "$PATH" > "$PREFIX/path"\n'
    record = index_channel(channel, [CondaPackage("nosy", files={"bin/.nosy-post-link.sh": script})])[0]
    secrets = {"HUTCH_PASSWORD": "swordfish", "AWS_SECRET_ACCESS_KEY": "swordfish", "X_UNKNOWN": "swordfish"}
    proxy = {"HTTPS_PROXY": "http://me:swordfish@proxy.example:8080"}
    asking = Context(tmp_path, {**context.environ, **secrets, **proxy}, {})
    change_prefix(asking, tmp_path / "one", [record], run_scripts={"nosy"})
    asking.close()
    seen = (tmp_path / "one/seen").read_text()
    assert "swordfish" not in seen
    assert f"HOME={context.environ['HOME']}\n" not in seen
    assert "PKG_NAME=nosy\n" in seen
    assert (tmp_path / "one/path").read_text().startswith(str(tmp_path / "one/bin") + os.pathsep)


def test_conda_is_told_of_the_prefix_once(context: Context, channel: Path, tmp_path: Path) -> None:
    record = index_channel(channel, [library()])[0]
    known = tmp_path / "home/.conda/environments.txt"
    known.parent.mkdir()
    known.write_text("/elsewhere")
    for _ in range(2):
        change_prefix(context, tmp_path / "one", [record])
    assert known.read_text() == f"/elsewhere\n{tmp_path / 'one'}\n"
    # And the store: what the prefix has come from is not pruned.
    stored = context.store.conda.find(record.sha256)
    assert stored is not None
    os.utime(os.path.join(stored.folder, "manifest"), (1_000_000_000, 1_000_000_000))
    assert context.store.prune(limit=0, in_use=in_use).removed == {}
    shutil.rmtree(tmp_path / "one")
    assert context.store.prune(limit=0, in_use=in_use).removed == {"conda": 1}


def test_a_dry_run_touches_nothing(context: Context, channel: Path, tmp_path: Path) -> None:
    record: CondaRecord = index_channel(channel, [library()])[0]
    found = change_prefix(context, tmp_path / "one", [record], dry_run=True)
    assert not (tmp_path / "one").exists()
    step = found.to_json()["steps"][0]
    assert (step["kind"], step["name"], step["build"]) == ("conda", "libfoo", "0")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs the layout of a Python on Linux")
def test_a_real_python_runs_from_a_prefix(context: Context, channel: Path) -> None:
    base = Path(sys.base_prefix)
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    files: dict[str, bytes] = {f"bin/python{minor}": Path(sys.base_prefix, f"bin/python{minor}").read_bytes()}
    links = {"bin/python": f"python{minor}"}
    shared = sysconfig.get_config_var("INSTSONAME") or ""
    if (base / "lib" / shared).is_file():
        files[f"lib/{shared}"] = (base / "lib" / shared).read_bytes()
    stdlib = base / f"lib/python{minor}"
    left_out = {
        "test",
        "site-packages",
        "idlelib",
        "lib2to3",
        "ensurepip",
        "tkinter",
        "__pycache__",
        "turtledemo",
    }
    for path in stdlib.rglob("*"):
        parts = path.relative_to(stdlib).parts
        if path.is_file() and not left_out.intersection(parts) and not parts[0].startswith("config-"):
            files[f"lib/python{minor}/{'/'.join(parts)}"] = path.read_bytes()
    package = CondaPackage(
        "python",
        sys.version.split()[0],
        subdir="linux-64",
        files=files,
        links=links,
        modes={f"bin/python{minor}": 0o755},
        directories=[f"lib/python{minor}/site-packages"],
        placeholder=os.fspath(base),
    )
    records = index_channel(channel, [package, pure()])
    root = Path(tempfile.mkdtemp(prefix="h", dir="/tmp"))
    try:
        if len(os.fspath(root)) > len(os.fspath(base)):
            pytest.skip("the Python of the tests has too short a prefix")
        change_prefix(context, root, records)
        done = subprocess.run(
            [root / "bin/python", "-I", "-c", "import sys, json, pure; print(sys.prefix, pure.__file__)"],
            capture_output=True,
            text=True,
            check=True,
            env={},
        )
        assert done.stdout.split() == [
            os.fspath(root),
            os.fspath(root / f"lib/python{minor}/site-packages/pure/__init__.py"),
        ]
    finally:
        shutil.rmtree(root)


def test_the_verbs_on_environments_know_prefixes(context: Context, channel: Path, tmp_path: Path) -> None:
    from hutch.ops.env_history import env_history
    from hutch.ops.env_rollback import EnvRollbackOptions, env_rollback
    from hutch.ops.env_verify import EnvVerifyOptions, env_verify

    root = tmp_path / "one"
    change_prefix(context, root, index_channel(channel, [python("3.12.1"), library()]))
    change_prefix(context, root, index_channel(channel, [python("3.13.0"), pure()]))
    active = {**context.environ, "CONDA_PREFIX": os.fspath(root), "CONDA_DEFAULT_ENV": "one"}
    here = Context(tmp_path, active, {})

    def faults() -> list[str]:
        # The Python of these packages is a script that prints a line.
        found = env_verify(here, EnvVerifyOptions()).findings
        return [each.path for each in found if each.is_fault and each.kind != "interpreter"]

    try:
        history = env_history(here)
        assert [generation.number for generation in history.generations] == [1, 2]
        assert faults() == []
        found = env_rollback(here, EnvRollbackOptions())
        assert ("+", "conda:libfoo", "1.0 0") in found.steps
        assert (root / "lib/python3.12/os.py").exists()
        assert faults() == []
        (root / "share/foo/plain.txt").unlink()
        assert faults() == ["share/foo/plain.txt"]
    finally:
        here.close()


def test_wheels_are_not_left_behind_with_the_python_that_goes(
    context: Context, channel: Path, tmp_path: Path
) -> None:
    filename, content = make_wheel("extra", "1.0", files={"extra.py": ""})
    (tmp_path / filename).write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    stored = context.store.wheels.publish(tmp_path / filename, filename, sha256)
    wanted = Wanted(name="extra", version="1.0", wheel=stored)
    root = tmp_path / "one"
    change_prefix(context, root, index_channel(channel, [python("3.12.1")]), [wanted])
    newer = index_channel(channel, [python("3.13.0")])
    before = tree(root)
    with pytest.raises(StrandedPackages):
        change_prefix(context, root, newer)
    assert tree(root) == before
    change_prefix(context, root, newer, [wanted])
    assert (root / "lib/python3.13/site-packages/extra.py").exists()
    # Without a word of wheels those that are there stay.
    change_prefix(context, root, [*newer, *index_channel(channel, [library()])])
    assert (root / "lib/python3.13/site-packages/extra.py").exists()


def test_what_cannot_be_made_leaves_no_directory(context: Context, channel: Path, tmp_path: Path) -> None:
    one, two = (CondaPackage(name, files={"share/same": name}) for name in ("one", "two"))
    with pytest.raises(ClobberProblem):
        change_prefix(context, tmp_path / "new", index_channel(channel, [one, two]))
    assert not (tmp_path / "new").exists()


def test_what_was_in_the_directory_before_stays(context: Context, channel: Path, tmp_path: Path) -> None:
    """Pins may be written before there is an environment."""
    pinned = tmp_path / "new/conda-meta/pinned"
    pinned.parent.mkdir(parents=True)
    pinned.write_text("one 1.*\n")
    one, two = (CondaPackage(name, files={"share/same": name}) for name in ("one", "two"))
    with pytest.raises(ClobberProblem):
        change_prefix(context, tmp_path / "new", index_channel(channel, [one, two]))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["conda-meta"]
    assert pinned.read_text() == "one 1.*\n"


@pytest.mark.parametrize("said", ["two_b", "Two-B", ":all:"])
def test_who_may_replace_files_is_named_as_conda_names_it(
    context: Context, channel: Path, tmp_path: Path, said: str
) -> None:
    one, two = (CondaPackage(name, files={"share/same": name}) for name in ("one", "two_b"))
    records = index_channel(channel, [one, two])
    flags = {"allow-clobber": (said,)}
    with Context(tmp_path, {**context.environ}, flags) as allowing:
        change_prefix(allowing, tmp_path / "new", records)
    assert (tmp_path / "new/share/same").read_text() == "two_b"
