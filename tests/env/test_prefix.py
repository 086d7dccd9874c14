"""Conda prefixes: packages of channels and wheels, in and out, by one plan, and undone together."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from env.support import tree
from env.test_kill import killed_at
from hutch.env import (
    CannotRelocate,
    ClobberProblem,
    DamagedWheel,
    Plan,
    Wanted,
    apply_plan,
    open_prefix,
    plan_conda,
    plan_rollback,
    prefix_packages,
    python_of,
    read_history,
    recover,
    verify_environment,
)
from hutch.store import Store
from hutch.testing.conda import PLACEHOLDER, CondaPackage

SITE = "lib/python3.12/site-packages"


def python(version: str = "3.12.1") -> CondaPackage:
    minor = version.rpartition(".")[0]
    script = f"#!/bin/sh\necho python {version} of {PLACEHOLDER}\n"
    return CondaPackage(
        "python",
        version,
        "h1_0",
        subdir="linux-64",
        files={f"bin/python{minor}": script, f"lib/python{minor}/os.py": "", "bin/activate": "mine"},
        links={"bin/python": f"python{minor}", "bin/python3": f"python{minor}"},
        modes={f"bin/python{minor}": 0o755},
        directories=[f"lib/python{minor}/site-packages"],
    )


def library(version: str = "1.0", **more: Any) -> CondaPackage:
    return CondaPackage(
        "libfoo",
        version,
        subdir="linux-64",
        files={
            "lib/libfoo.so.1": b"\x7fELF\0"
            + PLACEHOLDER.encode()
            + b"/lib:"
            + PLACEHOLDER.encode()
            + b"\0end\0",
            "share/foo/foo.conf": f"prefix={PLACEHOLDER}\nagain={PLACEHOLDER}/x\n",
            "bin/foo": f"#!{PLACEHOLDER}/bin/python -E\nversion {version}\n",
            "share/foo/plain.txt": version,
        },
        links={"lib/libfoo.so": "libfoo.so.1"},
        modes={"bin/foo": 0o755},
        directories=["share/foo/empty"],
        **more,
    )


def pure(version: str = "2.0") -> CondaPackage:
    return CondaPackage(
        "pure",
        version,
        noarch="python",
        depends=["python"],
        files={
            "site-packages/pure/__init__.py": f"v = '{version}'\n",
            f"site-packages/pure-{version}.dist-info/METADATA": f"Name: pure\nVersion: {version}\n",
            f"site-packages/pure-{version}.dist-info/INSTALLER": "conda",
            "python-scripts/pure-script": "#!/bin/sh\n",
        },
        modes={"python-scripts/pure-script": 0o755},
        entry_points=["pure = pure.sub:main.run"],
    )


class Prefix:
    """A prefix, and what of packages the store has."""

    def __init__(self, root: Path, store: Store, channel: Path) -> None:
        self.root = root
        self.store = store
        self.channel = channel

    def change(
        self, *packages: CondaPackage, wheels: tuple[Wanted, ...] = (), apply: bool = True, **more: Any
    ) -> Plan:
        records, stored = [], {}
        for package in packages:
            record = package.write(self.channel)
            archive = self.channel / package.subdir / package.filename
            stored[package.name] = self.store.conda.publish(archive, package.filename, record.sha256)
            records.append(record)
        environment = open_prefix(self.root, python=python_of(records), after=True)
        options = {key: more.pop(key) for key in ("requested", "keep", "reinstall", "noted") if key in more}
        plan = plan_conda(environment, records, wheels, **options).supply_conda(stored)
        if apply:
            self.root.mkdir(exist_ok=True)
            apply_plan(plan, environment, **more)
        return plan

    def back(self, number: int | None = None) -> None:
        environment = open_prefix(self.root)
        apply_plan(plan_rollback(environment, number, lambda sha256: None).plan, environment)

    def tree(self) -> dict[str, str]:
        """All but what tells of the history."""
        return {path: what for path, what in tree(self.root).items() if path != "conda-meta/history"}

    def names(self) -> list[str]:
        return sorted(open_prefix(self.root).installed())

    def meta(self, name: str) -> dict[str, Any]:
        (path,) = (self.root / "conda-meta").glob(f"{name}-*-*.json")
        return json.loads(path.read_text())  # type: ignore[no-any-return]


@pytest.fixture
def prefix(tmp_path: Path, store: Store) -> Prefix:
    return Prefix(tmp_path / "prefix", store, tmp_path / "channel")


def test_a_new_prefix(prefix: Prefix) -> None:
    prefix.change(python(), library(), pure(), requested={"libfoo": ("libfoo >=1",)})
    root = prefix.root
    text = os.fspath(root)
    assert (root / "share/foo/foo.conf").read_text() == f"prefix={text}\nagain={text}/x\n"
    binary = (root / "lib/libfoo.so.1").read_bytes()
    packed = library().files["lib/libfoo.so.1"]
    assert len(binary) == len(packed)
    assert binary.startswith(b"\x7fELF\0" + os.fsencode(f"{text}/lib:{text}") + b"\0")
    assert binary.endswith(b"\0end\0")
    assert os.readlink(root / "lib/libfoo.so") == "libfoo.so.1"
    assert (root / "share/foo/empty").is_dir()
    assert stat.S_IMODE(os.stat(root / "bin/foo").st_mode) & 0o111
    done = subprocess.run([root / "bin/python"], capture_output=True, text=True, check=True)
    assert done.stdout == f"python 3.12.1 of {text}\n"
    assert (root / SITE / "pure/__init__.py").read_text() == "v = '2.0'\n"
    command = (root / "bin/pure").read_text()
    assert command.startswith(f"#!{text}/bin/python3.12\n")
    assert "from pure.sub import main\n" in command
    assert "sys.exit(main.run())" in command
    assert (root / "bin/pure-script").exists()
    assert prefix.names() == ["conda:libfoo", "conda:pure", "conda:python"]
    assert verify_environment(open_prefix(root), deep=True).faults == ()


def test_its_files_are_those_of_the_store(prefix: Prefix) -> None:
    plan = prefix.change(library(), link_mode="hardlink")
    stored = plan.links[0].conda.package  # type: ignore[union-attr]
    path = "share/foo/plain.txt"
    assert os.path.samefile(prefix.root / path, os.path.join(stored.files, path))  # type: ignore[union-attr]
    assert not os.path.samefile(prefix.root / "bin/foo", os.path.join(stored.files, "bin/foo"))  # type: ignore[union-attr]


def test_conda_meta_says_what_conda_says(prefix: Prefix) -> None:
    prefix.change(library(), pure_less := python(), requested={"libfoo": ("libfoo >=1",)})
    meta = prefix.meta("libfoo")
    assert meta["requested_spec"] == "libfoo >=1"
    assert "requested_spec" not in prefix.meta(pure_less.name)
    assert (meta["name"], meta["version"], meta["build"], meta["fn"]) == (
        "libfoo", "1.0", "0", "libfoo-1.0-0.conda",
    )  # fmt: skip
    assert meta["url"].endswith("/linux-64/libfoo-1.0-0.conda")
    assert set(meta["files"]) == {*library().files, *library().links}
    for entry in meta["paths_data"]["paths"]:
        if entry["path_type"] == "hardlink":
            content = (prefix.root / entry["_path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entry["sha256_in_prefix"]
    history = (prefix.root / "conda-meta/history").read_text()
    assert "::libfoo-1.0-0\n" in history
    assert history.startswith("==> ")
    again = prefix.change(library(), python(), requested={"python": ("python 3.12.*",)})
    assert again.steps == ()
    assert prefix.meta("python")["requested_spec"] == "python 3.12.*"
    assert prefix.meta("libfoo")["requested_spec"] == "libfoo >=1"
    assert [one.requested for one in prefix_packages(os.fspath(prefix.root))] == [
        ("libfoo >=1",),
        ("python 3.12.*",),
    ]


def test_update_and_removal_leave_nothing(prefix: Prefix) -> None:
    prefix.change(python(), library())
    before = prefix.tree()
    prefix.change(python(), library("2.0"), pure())
    assert (prefix.root / "share/foo/plain.txt").read_text() == "2.0"
    assert not (prefix.root / "conda-meta/libfoo-1.0-0.json").exists()
    cache = prefix.root / SITE / "pure/__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-312.pyc").write_bytes(b"x")
    prefix.change(python(), library())
    assert prefix.tree() == before
    prefix.change()
    assert set(prefix.tree()) <= {"conda-meta", ".hutch"}


def test_what_the_user_put_there_stays(prefix: Prefix) -> None:
    prefix.change(library())
    (prefix.root / "share/foo/mine.txt").write_text("mine")
    prefix.change()
    assert (prefix.root / "share/foo/mine.txt").read_text() == "mine"
    assert sorted(path for path in prefix.tree() if path.startswith("share/foo/")) == ["share/foo/mine.txt"]


def test_another_minor_takes_noarch_and_wheels_along(prefix: Prefix, wheel: Callable[..., Wanted]) -> None:
    one = wheel("extra", "1.0", files={"extra.py": ""}, console_scripts={"extra": "extra:main"})
    prefix.change(python(), pure(), wheels=(one,))
    assert (prefix.root / SITE / "extra.py").exists()
    assert (prefix.root / "lib/python3.12/EXTERNALLY-MANAGED").exists()
    plan = prefix.change(python("3.13.0"), pure(), wheels=(one,))
    assert {step.name for step in plan.removals} == {"conda:python", "conda:pure", "extra"}
    assert not (prefix.root / "lib/python3.12").exists()
    assert (prefix.root / "lib/python3.13/site-packages/pure/__init__.py").exists()
    assert (prefix.root / "lib/python3.13/site-packages/extra.py").exists()
    assert (prefix.root / "lib/python3.13/EXTERNALLY-MANAGED").exists()
    assert "python3.13" in (prefix.root / "bin/pure").read_text()
    prefix.back()
    assert (prefix.root / SITE / "extra.py").exists()
    assert (prefix.root / SITE / "pure/__init__.py").exists()
    assert not (prefix.root / "lib/python3.13/site-packages").exists()
    assert verify_environment(open_prefix(prefix.root), deep=True).faults == ()


def test_wheels_have_their_records_and_conda_packages_theirs(
    prefix: Prefix, wheel: Callable[..., Wanted]
) -> None:
    one = wheel("extra", "1.0", files={"extra.py": ""}, console_scripts={"extra": "extra:main"})
    prefix.change(python(), pure(), wheels=(one,))
    info = prefix.root / SITE / "extra-1.0.dist-info"
    assert (info / "INSTALLER").read_text() == "hutch\n"
    assert "../../../bin/extra," in (info / "RECORD").read_text()
    assert (prefix.root / "bin/extra").read_text().startswith(f"#!{prefix.root}/bin/python\n")
    # conda's `dist-info` is no distribution of its own.
    assert prefix.names() == ["conda:pure", "conda:python", "extra"]
    prefix.change(python(), pure())
    assert prefix.names() == ["conda:pure", "conda:python"]
    assert not info.exists()


def test_one_file_of_two_is_refused_before_anything_is_written(
    prefix: Prefix, wheel: Callable[..., Wanted]
) -> None:
    prefix.change(python(), pure())
    before = tree(prefix.root)
    other = CondaPackage("other", files={"lib/python3.12/site-packages/pure/__init__.py": "else"})
    with pytest.raises(ClobberProblem):
        prefix.change(python(), pure(), other)
    assert tree(prefix.root) == before
    both = wheel("pure", "9.0", files={"pure/__init__.py": "wheel"})
    with pytest.raises(ClobberProblem):
        prefix.change(python(), pure(), wheels=(both,))
    assert tree(prefix.root) == before
    same = CondaPackage("other", files={"share/mine": "x"})
    (prefix.root / "share").mkdir()
    (prefix.root / "share/mine").write_text("the user's")
    with pytest.raises(ClobberProblem):
        prefix.change(python(), pure(), same)


def test_what_is_from_one_side_may_go_to_the_other(prefix: Prefix, wheel: Callable[..., Wanted]) -> None:
    one = wheel("pure", "9.0", files={"pure/__init__.py": "wheel"})
    prefix.change(python(), wheels=(one,))
    before = prefix.tree()
    prefix.change(python(), pure())
    assert prefix.names() == ["conda:pure", "conda:python"]
    prefix.back()
    assert prefix.tree() == before
    prefix.back(2)
    assert (prefix.root / SITE / "pure/__init__.py").read_text() == "v = '2.0'\n"


@pytest.mark.parametrize(
    "path", ["conda-meta/history", "conda-meta/evil-1-0.json", ".hutch/journal", "pyvenv.cfg"]
)
def test_packages_have_no_say_in_what_makes_it_a_prefix(prefix: Prefix, path: str) -> None:
    with pytest.raises(ClobberProblem):
        prefix.change(CondaPackage("evil", files={path: "x"}))


def test_a_link_of_one_is_no_way_for_another(prefix: Prefix, tmp_path: Path) -> None:
    prefix.change(CondaPackage("one", files={"a/f": ""}, links={"way": "a"}))
    with pytest.raises(ClobberProblem):
        prefix.change(
            CondaPackage("one", files={"a/f": ""}, links={"way": "a"}),
            CondaPackage("two", files={"way/g": ""}),
        )


def test_a_prefix_that_is_too_long(prefix: Prefix) -> None:
    short = CondaPackage("short", files={"lib/x": b"\0/opt/short\0"}, placeholder="/opt/short")
    with pytest.raises(CannotRelocate) as caught:
        prefix.change(short)
    assert "too long" in caught.value.why[0]
    assert not (prefix.root / "lib").exists()


def test_a_long_first_line(tmp_path: Path, store: Store) -> None:
    prefix = Prefix(tmp_path / ("long" * 30), store, tmp_path / "channel")
    prefix.change(python(), library(), pure())
    assert (prefix.root / "bin/foo").read_text().startswith("#!/usr/bin/env python -E\n")
    assert (prefix.root / "bin/pure").read_text().startswith("#!/bin/sh\n'''exec' \"")


def test_a_damaged_store_is_found_before_links(prefix: Prefix) -> None:
    package = library()
    plan = prefix.change(package, apply=False)
    stored = plan.links[0].conda.package  # type: ignore[union-attr]
    Path(stored.files, "share/foo/plain.txt").write_text("edited")  # type: ignore[union-attr]
    prefix.root.mkdir()
    with pytest.raises(DamagedWheel):
        apply_plan(plan, open_prefix(prefix.root))
    assert set(tree(prefix.root)) <= {".hutch"}


def test_verify_sees_what_was_done_to_it(prefix: Prefix) -> None:
    prefix.change(python(), library(), pure())
    (prefix.root / "lib/libfoo.so").unlink()
    (prefix.root / "share/foo/plain.txt").unlink()
    (prefix.root / "bin/foo").write_text("else")
    found = verify_environment(open_prefix(prefix.root), deep=True)
    assert sorted((each.kind, each.path) for each in found.faults) == [
        ("changed", "bin/foo"),
        ("missing", "lib/libfoo.so"),
        ("missing", "share/foo/plain.txt"),
    ]


def test_generations_of_both_kinds(prefix: Prefix, wheel: Callable[..., Wanted]) -> None:
    one = wheel("extra", "1.0", files={"extra.py": ""})
    prefix.change(python(), library(), wheels=(one,))
    first = prefix.tree()
    prefix.change(python(), library("2.0"), pure())
    second = prefix.tree()
    prefix.back()
    assert prefix.tree() == first
    prefix.back(2)
    assert prefix.tree() == second
    assert [record.number for record in read_history(os.fspath(prefix.root))] == [1, 2, 3, 4]
    assert (prefix.root / "conda-meta/history").read_text().count("==> ") == 4


@pytest.mark.slow
def test_killed_anywhere_it_is_the_old_prefix_or_the_new_one(
    prefix: Prefix, wheel: Callable[..., Wanted], tmp_path: Path
) -> None:
    import shutil

    one = wheel("extra", "1.0", files={"extra.py": ""})
    prefix.change(python(), library(), wheels=(one,))
    plan = prefix.change(python("3.13.0"), library("2.0"), pure(), wheels=(one,), apply=False)
    done = tmp_path / "done"
    before = prefix.tree()
    old = new = step = 0
    after: dict[str, str] = {}
    saved = tmp_path / "saved"
    shutil.copytree(prefix.root, saved, symlinks=True)
    while True:
        shutil.rmtree(prefix.root)
        shutil.copytree(saved, prefix.root, symlinks=True)
        environment = open_prefix(
            prefix.root, python=python_of([python("3.13.0").write(prefix.channel)]), after=True
        )
        killed = killed_at(step, partial(apply_plan, plan, environment, link_mode="hardlink"))
        if not killed:
            break
        recover(environment)
        found = prefix.tree()
        if found == before:
            old += 1
        else:
            new += 1
            after = after or found
            assert found == after
        step += 1
    assert after in ({}, prefix.tree())
    assert old > 50
    assert not done.exists()


def _fails_at(step: int, problem: type[BaseException], act: Callable[[], object]) -> int:
    """Run ``act`` in a child in which the ``step``-th change of the disk fails.

    0 if it never came so far, 1 if it was reported, 2 if the change found another way."""
    from env.test_kill import CHANGING

    pid = os.fork()
    if pid == 0:
        left = [step]

        def fail(event: str, arguments: tuple[object, ...]) -> None:
            if event in CHANGING:
                left[0] -= 1
                if left[0] == -1:
                    raise problem(28, "No space left on device") if problem is OSError else problem()

        import sys

        sys.addaudithook(fail)
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0 if left[0] >= 0 else 2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.slow
@pytest.mark.parametrize("problem", [OSError, KeyboardInterrupt])
def test_a_full_disk_and_ctrl_c_leave_the_old_prefix(
    prefix: Prefix, problem: type[BaseException], tmp_path: Path
) -> None:
    import shutil

    prefix.change(python(), library())
    before = prefix.tree()
    plan = prefix.change(python("3.13.0"), library("2.0"), pure(), apply=False)
    saved = tmp_path / "saved"
    shutil.copytree(prefix.root, saved, symlinks=True)
    environment = open_prefix(
        prefix.root, python=python_of([python("3.13.0").write(prefix.channel)]), after=True
    )
    reported = step = 0
    while step < 400:
        code = _fails_at(step, problem, partial(apply_plan, plan, environment, link_mode="hardlink"))
        if code == 0:
            break
        if code == 1:
            recover(environment)
            found = prefix.tree()
            # A change that was complete when it was interrupted stays.
            assert found == before or "lib/python3.13/os.py" in found
            if found == before:
                reported += 1
            else:
                assert verify_environment(open_prefix(prefix.root), deep=True).faults == ()
        else:
            assert "lib/python3.13/os.py" in prefix.tree()
        shutil.rmtree(prefix.root)
        shutil.copytree(saved, prefix.root, symlinks=True)
        step += 1
    assert reported > 40


def test_what_a_lost_power_took_is_undone(prefix: Prefix) -> None:
    prefix.change(python(), library())
    before = prefix.tree()
    prefix.change(python(), library("2.0"), pure())
    # Rewritten files are the youngest: their contents are what a lost power takes.
    path = prefix.root / "share/foo/foo.conf"
    date = os.stat(path).st_mtime_ns
    path.write_bytes(b"")
    os.utime(path, ns=(date, date))
    hutch = prefix.root / ".hutch"
    for record in hutch.glob("change-*"):
        value = json.loads(record.read_text())
        value["boot"] = [1.0, 1.0]
        date = os.stat(record).st_mtime_ns
        record.write_text(json.dumps(value))
        os.utime(record, ns=(date, date))
    assert recover(open_prefix(prefix.root))
    assert prefix.tree() == before


@pytest.mark.parametrize(
    "name", ["../../out", "/etc/out", "conda-meta/history", ".hutch/lock", "a/../../out"]
)
def test_a_record_that_came_with_a_checkout_removes_nothing_elsewhere(
    prefix: Prefix, tmp_path: Path, name: str
) -> None:
    prefix.change(library())
    (tmp_path / "out").write_text("mine")
    path = prefix.root / "conda-meta/evil-1-0.json"
    entry = {"_path": name, "path_type": "hardlink"}
    path.write_text(
        json.dumps(
            {"name": "evil", "version": "1", "build": "0", "files": [name], "paths_data": {"paths": [entry]}}
        )
    )
    prefix.change(library())
    assert not path.exists()
    assert (tmp_path / "out").read_text() == "mine"
    assert (prefix.root / "conda-meta/history").exists()
    assert prefix.names() == ["conda:libfoo"]
