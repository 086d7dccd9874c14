"""Bytecode of the store is linked with its modules and leaves with them; what was edited is run as edited."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from env.support import tree
from hutch.env import (
    DamagedBytecode,
    Environment,
    Wanted,
    apply_plan,
    plan_changes,
    recover,
    verify_environment,
)
from hutch.interpreters import Interpreter
from hutch.store import Store, bytecode_tag
from hutch.store.compiling import compile_wheels

FILES = {
    "alpha/__init__.py": "def outer():\n    def inner():\n        raise ValueError\n    return inner\n",
    "alpha/sub/one.py": "x = 1\n",
    "alpha_alone.py": "y = 1\n",
}
Sync = Callable[..., None]


@pytest.fixture
def sync(store: Store, environment: Environment, interpreter: Interpreter) -> Sync:
    """Plan and apply what is wanted, with all its bytecode."""
    tag = bytecode_tag(interpreter.cache_tag, interpreter.magic)
    assert tag is not None

    def act(*wanted: Wanted, keep: Any = frozenset(), **options: Any) -> None:
        wheels = {one.name: one.wheel for one in wanted if one.wheel is not None}
        compile_wheels(
            store, wheels.values(), tag, [sys.executable], environ=os.environ, seconds=60, workers=1
        )
        known = {name: store.bytecode.find(wheel.sha256, tag) for name, wheel in wheels.items()}
        plan = plan_changes(environment.installed(), wanted, keep=keep)
        apply_plan(
            plan.with_bytecode({name: one for name, one in known.items() if one}), environment, **options
        )

    return act


def compiled(environment: Environment) -> list[str]:
    site = Path(environment.root) / environment.purelib
    return sorted(
        path.relative_to(site).as_posix().replace(f".{sys.implementation.cache_tag}", "")
        for path in site.rglob("*.pyc")
    )


def python(environment: Environment, code: str, *words: str) -> str:
    done = subprocess.run(
        [environment.executable, "-I", *words, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip() + done.stderr.strip()


ALL = ["__pycache__/alpha_alone.pyc", "alpha/__pycache__/__init__.pyc", "alpha/sub/__pycache__/one.pyc"]


@pytest.mark.parametrize("mode", ["hardlink", "copy", "auto"])
def test_modules_come_with_their_bytecode_and_python_takes_it(sync, wheel, environment, mode):
    sync(wheel("alpha", "1.0", files=FILES), link_mode=mode)
    assert compiled(environment) == ALL
    before = tree(environment.root)
    said = python(environment, "import alpha.sub.one, alpha_alone", "-v")
    assert said.count("matches") >= 3
    assert f"{environment.purelib}/alpha/" in said
    assert "wrote" not in said
    assert tree(environment.root) == before, "nothing was compiled again"


def test_tracebacks_name_the_file_of_the_environment_in_nested_code_too(sync, wheel, environment):
    sync(wheel("alpha", "1.0", files=FILES))
    code = (
        "import alpha, traceback\n"
        "print(alpha.outer.__code__.co_filename)\n"
        "try:\n    alpha.outer()()\n"
        "except ValueError:\n    traceback.print_exc()\n"
    )
    where = os.path.join(environment.root, environment.purelib, "alpha", "__init__.py")
    said = python(environment, code)
    assert said.startswith(where)
    assert f'File "{where}", line 3, in inner\n    raise ValueError' in said


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
@pytest.mark.parametrize("how", ["in place", "replaced"])
def test_an_edited_module_is_run_as_edited(sync, wheel, environment, store, mode, how):
    """Of the same size, even: the date tells."""
    one = wheel("alpha", "1.0", files=FILES)
    sync(one, link_mode=mode)
    path = Path(environment.root) / environment.purelib / "alpha" / "sub" / "one.py"
    if how == "replaced":
        path.unlink()
    path.write_text("x = 2\n")
    assert python(environment, "import alpha.sub.one as one; print(one.x)") == "2"
    assert python(environment, "import alpha.sub.one as one; print(one.x)") == "2"
    # Python has put its own bytecode in the place of ours, which the store still has.
    for sha256, tag in store.bytecode.entries():
        assert store.bytecode.find(sha256, tag).damage(deep=True) == ()


def test_uninstalling_leaves_nothing_whoever_wrote_the_bytecode(sync, wheel, environment):
    before = tree(environment.root)
    sync(wheel("alpha", "1.0", files=FILES))
    for path in (Path(environment.root) / environment.purelib).rglob("*.pyc"):
        path.unlink() if "alone" in path.name else path.write_bytes(b"another Python's")
    sync()
    assert tree(environment.root) == before


def test_record_names_the_bytecode_without_a_hash_and_all_is_well(sync, wheel, environment):
    sync(wheel("alpha", "1.0", files=FILES))
    record = Path(environment.root) / environment.purelib / "alpha-1.0.dist-info" / "RECORD"
    rows = [row for row in record.read_text().splitlines() if ".pyc" in row]
    assert len(rows) == 3
    assert all(row.endswith(".pyc,,") for row in rows)
    assert verify_environment(environment, deep=True).findings == ()
    (Path(environment.root) / environment.purelib / ALL[1]).unlink(missing_ok=True)
    python(environment, "import alpha", "-B")
    assert verify_environment(environment, deep=True).findings == ()


def test_another_version_brings_its_own(sync, wheel, environment):
    sync(wheel("alpha", "1.0", files=FILES))
    files = {"alpha/__init__.py": "", "alpha/sub/two.py": "x = 2\n"}
    sync(wheel("alpha", "2.0", files=files))
    assert compiled(environment) == ["alpha/__pycache__/__init__.pyc", "alpha/sub/__pycache__/two.pyc"]
    said = python(environment, "import alpha.sub.two", "-v")
    assert "wrote" not in said


def test_what_two_wheels_share_has_the_bytecode_of_the_one_that_is_there(sync, wheel, environment):
    """The same bytes with two dates: bytecode of the second would be stale, so it is not put in."""
    shared = {"tests_of_all/__init__.py": "x = 1\n", "space/__init__.py": ""}
    one = wheel("alpha", "1.0", files={**shared, "space/a.py": "x = 1\n"})
    two = wheel("beta", "1.0", files={**shared, "space/b.py": "x = 1\n"})
    sync(one, two)
    assert compiled(environment) == [
        "space/__pycache__/__init__.pyc",
        "space/__pycache__/a.pyc",
        "space/__pycache__/b.pyc",
        "tests_of_all/__pycache__/__init__.pyc",
    ]
    said = python(environment, "import tests_of_all, space.a, space.b", "-v")
    assert "wrote" not in said
    sync(two)
    assert python(environment, "import tests_of_all, space.b; print('well')") == "well"
    sync()
    assert compiled(environment) == []


def test_what_is_there_already_gets_no_bytecode_of_the_one_that_comes(sync, wheel, environment):
    shared = {"shared/__init__.py": "x = 1\n"}
    one, two = wheel("alpha", "1.0", files=shared), wheel("beta", "1.0", files={**shared, "shared/b.py": ""})
    apply_plan(plan_changes({}, [one]), environment)
    sync(one, two)
    assert compiled(environment) == ["shared/__pycache__/b.pyc"]


def test_bytecode_is_no_reason_for_a_clash(sync, wheel, environment):
    """Somebody else's bytecode, a directory or a link in its way: Python can do without ours."""
    site = Path(environment.root) / environment.purelib
    (site / "__pycache__").symlink_to("/nonexistent")
    (site / "alpha").mkdir()
    (site / "alpha" / "__pycache__").mkdir()
    name = f"__init__.{sys.implementation.cache_tag}.pyc"
    (site / "alpha" / "__pycache__" / name).write_bytes(b"left behind")
    beside = wheel(
        "beta", "1.0", files={f"alpha/sub/__pycache__/one.{sys.implementation.cache_tag}.pyc": "x"}
    )
    sync(wheel("alpha", "1.0", files=FILES))
    assert compiled(environment) == ALL[1:]
    assert (site / "alpha" / "__pycache__" / name).read_bytes() != b"left behind"
    assert os.readlink(site / "__pycache__") == "/nonexistent"
    sync()
    sync(beside)
    sync(beside, wheel("alpha", "1.0", files=FILES), allow_clobber={"alpha"})
    assert (site / "alpha" / "sub" / "one.py").exists()


def test_damaged_bytecode_is_told_before_anything_is_changed(sync, wheel, environment, store):
    one = wheel("alpha", "1.0", files=FILES)
    sync(one)
    sync()
    before = tree(environment.root)
    ((sha256, tag),) = store.bytecode.entries()
    found = store.bytecode.find(sha256, tag)
    os.truncate(os.path.join(found.files, found.rows[0][0]), 3)
    with pytest.raises(DamagedBytecode) as caught:
        sync(one)
    assert [(name, version) for name, version, _ in caught.value.found] == [("alpha", "1.0")]
    assert tree(environment.root) == before


def test_each_file_of_bytecode_costs_one_look_and_one_link(sync, wheel, environment, monkeypatch):
    one = wheel("alpha", "1.0", files={f"alpha/m{i}.py": f"x = {i}\n" for i in range(50)})
    calls = {"stat": 0, "link": 0, "mkdir": 0}

    def counted(name: str) -> Any:
        real = getattr(os, name)

        def call(*words: Any, **options: Any) -> Any:
            calls[name] += 1
            return real(*words, **options)

        return call

    def cost(act: Callable[[], None]) -> dict[str, int]:
        calls.update(dict.fromkeys(calls, 0))
        with monkeypatch.context() as patch:
            for name in calls:
                replaced = counted(name)
                patch.setattr(os, "supports_dir_fd", os.supports_dir_fd | {replaced})
                patch.setattr(os, name, replaced)
            act()
        return dict(calls)

    sync(one)
    sync()
    plan = plan_changes(environment.installed(), [one])
    without = cost(lambda: apply_plan(plan, environment, link_mode="hardlink"))
    sync()
    with_it = cost(lambda: sync(one, link_mode="hardlink"))
    assert with_it["link"] - without["link"] == 50
    assert with_it["stat"] - without["stat"] <= 52
    assert with_it["mkdir"] - without["mkdir"] == 1


def test_a_change_that_was_cut_off_takes_the_bytecode_with_it(sync, wheel, environment, monkeypatch):
    before = tree(environment.root)
    real = os.link
    left = [5]

    def link(*words: Any, **options: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        real(*words, **options)

    monkeypatch.setattr(os, "supports_dir_fd", os.supports_dir_fd | {link})
    monkeypatch.setattr(os, "link", link)
    with pytest.raises(KeyboardInterrupt):
        sync(wheel("alpha", "1.0", files=FILES), link_mode="hardlink")
    monkeypatch.undo()
    recover(environment)
    assert tree(environment.root) == before
