"""Sources that are made to hurt whoever compiles them: deep, huge, endless, in codings that are none.

They are compiled by nobody's wish, after a command, so they must not cost more than their own bytecode.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.store import Store, StoredWheel, bytecode_tag, compilers, compiling
from hutch.store.compiling import Compiled, compile_wheels
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits are POSIX's")

TAG = bytecode_tag(sys.implementation.cache_tag or "", importlib.util.MAGIC_NUMBER.hex()) or ""
GOOD = {"evil/__init__.py": "x = 1\n", "evil/z.py": "y = 1\n"}


def finals(depth: int) -> str:
    """The compiler writes what is in ``finally`` twice, so this doubles with each level."""
    return (
        "".join(f"{' ' * at}try:\n{' ' * at} f()\n{' ' * at}finally:\n" for at in range(depth))
        + " " * depth
        + "g()\n"
    )


DEEP = {
    "parentheses": "(" * 100_000 + ")" * 100_000,
    "brackets": "x = " + "[" * 90 + "]" * 90,
    "unary": "x = " + "-" * 200_000 + "1",
    "nots": "x = " + "not " * 100_000 + "1",
    "attributes": "x" + ".a" * 200_000,
    "calls": "f" + "()" * 200_000,
    "lambdas": "x = " + "lambda:" * 20_000 + "0",
    "sums": "x = " + "1+" * 200_000 + "1",
    "powers": "x = " + "2**" * 50_000 + "1",
    "elses": "if a: pass\n" + "elif a: pass\n" * 20_000,
    "indents": "".join(" " * at + "if a:\n" for at in range(2_000)) + " " * 2_000 + "pass\n",
    "f-strings": "x = " + "f'{" * 200 + "1" + "}'" * 200,
    "comprehensions": "x = " + "[" * 40 + "1" + " for a in b]" * 40,
    "decorators": "@a\n" * 50_000 + "def f(): pass\n",
}
LARGE = {
    "power": "x = 9**9**9\n",
    "shift": "x = 1 << (1 << 40)\n",
    "text": "x = 'a' * 10**12\n",
    "list": "x = (1, 2) * 10**12\n",
    "digits": "x = " + "9" * 1_000_000 + "\n",
    "bytes": "x = b'" + "a" * 3_000_000 + "'\n",
    "names": "".join(f"name_{i} = {i}\n" for i in range(60_000)),
    "numbers": "x = [" + ",".join(map(str, range(200_000))) + "]\n",
    "finals": finals(19),
}
CODED = {
    "rot13": b"# coding: rot13\nk = 1\n",
    "path": b"# coding: ../../../tmp/x\nk = 1\n",
    "module": b"# coding: os\nk = 1\n",
    "undefined": b"# coding: undefined\nk = 1\n",
    "zlib": b"# coding: zlib\nk = 1\n",
    "idna": b"# coding: idna\n" + b"a" * 100_000,
    "utf-7": b"# coding: utf-7\n+AGE- = 1\n",
    "nul": b"x = 1\0\n",
    "bom": b"\xef\xbb\xbf# coding: latin-1\n",
    "noise": bytes(range(256)) * 100,
    "returns": b"x = 1\r" * 10_000,
    "long": b"x = 1;" * 500_000,
}


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Compiled, list[str]]]:
    """Compile a wheel of such sources, with less patience than usual; what came of it."""
    script = Path(compilers.SCRIPT).read_text()
    script = script.replace("SECONDS = 20", "SECONDS = 1").replace("MEMORY = 1 << 30", "MEMORY = 400 << 20")

    def act(files: dict[str, Any], instead: Callable[[str], str] = str) -> tuple[Compiled, list[str]]:
        changed = tmp_path / "compile_script.py"
        changed.write_text(instead(script))
        monkeypatch.setattr(compilers, "SCRIPT", str(changed))
        store = Store(tmp_path / "store")
        wheel = publish(store, tmp_path, {**GOOD, **files})
        outcome = compile_wheels(
            store, [wheel], TAG, [sys.executable], environ=os.environ, seconds=300, workers=2
        )
        assert os.listdir(tmp_path / "store" / "scratch-v1") == []
        assert store.verify(deep=True).damage == ()
        found = store.bytecode.find(wheel.sha256, TAG)
        return outcome, [row[0].split("/")[-1].partition(".")[0] for row in found.rows] if found else []

    return act


def publish(store: Store, tmp_path: Path, files: dict[str, Any]) -> StoredWheel:
    filename, data = make_wheel("evil", "1.0", files=files)
    path = tmp_path / filename
    path.write_bytes(data)
    return store.wheels.publish(path, filename, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("kind", [*DEEP, *LARGE, *CODED])
def test_one_bad_source_costs_its_own_bytecode_at_most(compiled, kind):
    source = {**DEEP, **LARGE, **CODED}[kind]
    outcome, names = compiled({"evil/bad.py": source})
    assert outcome.stopped == ""
    assert outcome.wheels == 1
    assert {"__init__", "z"} <= set(names)
    if "bad" not in names:
        assert [each[1] for each in outcome.left_out] == ["evil/bad.py"]


def test_what_takes_for_ever_is_ended_and_left_out(compiled):
    def endless(script: str) -> str:
        return script.replace(
            "    code = compile(", "    while b'bad' in source:\n        pass\n    code = compile("
        )

    outcome, names = compiled({"evil/bad.py": "bad = 1\n"}, endless)
    assert outcome.left_out == (("evil 1.0", "evil/bad.py", "the compiler failed"),)
    assert names == ["__init__", "z"]


def test_what_takes_all_memory_is_left_out(compiled):
    def greedy(script: str) -> str:
        return script.replace(
            "    code = compile(",
            "    if b'bad' in source:\n        bytearray(1 << 40)\n    code = compile(",
        )

    outcome, names = compiled({"evil/bad.py": "bad = 1\n"}, greedy)
    assert outcome.left_out == (("evil 1.0", "evil/bad.py", "it needs too much memory"),)
    assert names == ["__init__", "z"]


DIES = "    if b'bad' in source:\n        import os\n        os.kill(os.getpid(), 11)\n    code = compile("


def test_a_compiler_that_crashes_is_tried_again_once(compiled, tmp_path):
    def dies(script: str) -> str:
        count = f"        open({str(tmp_path / 'tries')!r}, 'a').write('x')\n"
        script = script.replace('("RLIMIT_FSIZE", 0),', "")
        return script.replace("    code = compile(", DIES.replace("        import", count + "        import"))

    outcome, names = compiled({"evil/bad.py": "bad = 1\n"}, dies)
    assert outcome.left_out == (("evil 1.0", "evil/bad.py", "the compiler failed"),)
    assert names == ["__init__", "z"]
    assert (tmp_path / "tries").read_text() == "xx"


def test_a_wheel_that_crashes_it_again_and_again_is_left_alone(compiled, tmp_path):
    def dies(script: str) -> str:
        count = f"        open({str(tmp_path / 'tries')!r}, 'a').write('x')\n"
        script = script.replace('("RLIMIT_FSIZE", 0),', "")
        return script.replace("    code = compile(", DIES.replace("        import", count + "        import"))

    outcome, _ = compiled({f"evil/bad{i:03}.py": "bad = 1\n" for i in range(100)}, dies)
    assert outcome.stopped == ""
    assert len(outcome.left_out) >= 100
    # Two workers, each with a source under way when the third has failed, and each source twice.
    assert len((tmp_path / "tries").read_text()) <= 2 * (compiling.MOST_STRIKES + 1)


def test_the_compiler_may_write_no_file(compiled, tmp_path):
    def writes(script: str) -> str:
        act = f"    open({str(tmp_path / 'written')!r}, 'w').write('x' * 100)\n"
        return script.replace("    code = compile(", act + "    code = compile(")

    compiled({}, writes)
    assert not (tmp_path / "written").exists() or (tmp_path / "written").read_bytes() == b""


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        "true",
        "exec sleep 600",
        "printf '\\001\\377\\377\\377\\377'",
        "head -c 100000000 /dev/zero",
        "kill -9 $$",
    ],
)
def test_a_program_that_is_no_interpreter_compiles_nothing(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(compiling, "PATIENCE", 1.0)
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    store = Store(tmp_path / "store")
    wheel = publish(store, tmp_path, GOOD)
    outcome = compile_wheels(store, [wheel], TAG, [str(program)], environ=os.environ, seconds=60)
    assert outcome.wheels == 0
    assert outcome.stopped
    assert list(store.bytecode.entries()) == []


def test_an_interpreter_that_answers_with_other_bytecode_compiles_nothing(compiled):
    def lies(script: str) -> str:
        return script.replace("return MAGIC_NUMBER + head", "return b'\\0\\0\\r\\n' + head")

    outcome, names = compiled({}, lies)
    assert "another one" in outcome.stopped
    assert names == []
