"""``--compile``, ``--no-compile`` and the setting ``compile``: when installed modules get bytecode."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, block, manifest, shown

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the process is left behind by a fork")


@pytest.fixture
def shop(index):
    index.add_wheel("web", "1.0", requires=["io"], files={"web/__init__.py": "x = 1\n", "web/sub/y.py": ""})
    index.add_wheel("io", "1.0", files={"io1/__init__.py": "x = 1\n", "io2.py": "y = 1\n"})
    return index


@pytest.fixture
def demo(project, shop):
    """A project, where nothing is said about compiling."""
    return project(manifest("web"), HUTCH_COMPILE=None)


@pytest.fixture
def started(monkeypatch) -> list[Any]:
    """What would have been started, and is not."""
    calls: list[Any] = []
    monkeypatch.setattr("hutch.store.detached.start_detached", lambda *words, **_: calls.append(words))
    return calls


def compiled(made: Any) -> list[str]:
    """The modules of the environment that have bytecode."""
    site = next((made / ".venv").glob("lib/python*/site-packages"))
    return sorted(path.name.partition(".")[0] for path in site.rglob("*.pyc"))


def stored(made: Any) -> list[str]:
    folder = made.home / "cache" / "bytecode-v1"
    return sorted(path.name.partition(".")[0] for path in folder.rglob("*.pyc"))


def requests(made: Any) -> list[str]:
    folder = made.home / "cache" / "compile-v1"
    return sorted(os.listdir(folder)) if folder.exists() else []


ALL = ["__init__", "__init__", "io2", "y"]


@pytest.mark.parametrize("how", ["--compile", "HUTCH_COMPILE=1", "HUTCH_COMPILE=now", "compile = true"])
def test_compiled_before_it_is_installed(demo, started, how):
    name, _, value = how.partition("=")
    if how.startswith("compile"):
        demo.write({"hutch.toml": how + "\n"})
    elif value:
        demo.environ[name] = value
    ran = demo.run("sync" + (" --compile" if how == "--compile" else "")).ok()
    assert " + web 1.0" in ran.stderr
    assert compiled(demo) == stored(demo) == ALL
    assert started == []
    assert requests(demo) == []


@pytest.mark.parametrize("how", ["--no-compile", "HUTCH_COMPILE=off", "HUTCH_COMPILE=no", 'compile = "off"'])
def test_not_compiled_and_not_linked(demo, started, how):
    demo.run("sync --compile").ok()
    shutil.rmtree(demo / ".venv")
    name, _, value = how.partition("=")
    if how.startswith("compile"):
        demo.write({"hutch.toml": how + "\n"})
    elif value:
        demo.environ[name] = value
    demo.run("sync" + (" --no-compile" if how == "--no-compile" else "")).ok()
    assert compiled(demo) == []
    assert started == []


@pytest.mark.parametrize("how", [{"CI": "true"}, {"HUTCH_COMPILE": "existing"}])
def test_where_ci_is_set_nothing_is_started_and_what_is_there_is_used(demo, started, how):
    demo.environ.update(how)
    demo.run("sync").ok()
    assert (compiled(demo), stored(demo), started, requests(demo)) == ([], [], [], [])
    demo.run("sync --compile --reinstall").ok()
    shutil.rmtree(demo / ".venv")
    demo.run("sync").ok()
    assert compiled(demo) == ALL
    assert started == []


def test_who_wants_no_bytecode_from_python_has_none_from_us(demo, started):
    demo.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    demo.run("sync").ok()
    assert (compiled(demo), started) == ([], [])
    shutil.rmtree(demo / ".venv")
    demo.run("sync --compile").ok()
    assert compiled(demo) == ALL, "unless they ask"


def test_afterwards_by_a_process_that_nobody_waits_for(demo):
    """A real one: the command ends, and later the cache has bytecode for the next environment."""
    demo.run("sync", apart=True).ok()
    assert compiled(demo) == []
    late = time.monotonic() + 120
    while requests(demo) and time.monotonic() < late:
        time.sleep(0.1)
    assert stored(demo) == ALL
    assert compiled(demo) == [], "the environment is left alone"
    shutil.rmtree(demo / ".venv")
    demo.run("sync").ok()
    assert compiled(demo) == ALL
    demo.run("env verify --deep").ok()
    demo.run("cache verify --deep").ok()


def test_one_process_for_a_command_and_none_where_nothing_is_missing(demo, shop, started):
    demo.run("sync").ok()
    assert len(started) == len(requests(demo)) == 1
    (words, _) = started.pop()
    assert words[1:4] == ["-I", "-S", "-c"]
    assert words[-1] == str(demo.home / "cache")
    for command in ("sync", "lock", "sync --reinstall --compile", "sync --reinstall", "sync --frozen"):
        demo.run(command).ok()
        assert started == [], command
    shop.add_wheel("more", "1.0")
    demo.run("add more").ok()
    assert len(started) == 1
    demo.run("remove more").ok()
    assert len(started) == 1


def test_nothing_is_started_for_a_cache_that_goes_away(demo, started):
    demo.run("sync --no-cache").ok()
    assert started == []


@pytest.mark.parametrize("which", ["getpid", "getppid"])
def test_nothing_is_started_where_it_would_end_with_the_container(demo, started, monkeypatch, which):
    monkeypatch.setattr(os, which, lambda: 1)
    demo.run("sync").ok()
    assert (started, requests(demo)) == ([], [])


def test_nothing_is_started_after_a_problem(demo, shop, started):
    shop.add_wheel("clash", "1.0", files={"web/__init__.py": "other"})
    demo.write({"pyproject.toml": manifest("web", "clash")})
    assert demo.run("sync").exit_code == 1
    assert started == []


def test_run_and_pip_install_and_scripts_too(demo, started):
    demo.run("venv").ok()
    demo.run("pip install io").ok()
    assert len(started) == 1
    demo.run("pip install web --compile").ok()
    assert compiled(demo) == ["__init__", "y"]


def test_a_folder_that_is_given_away_gets_bytecode_where_somebody_asks(demo, started):
    command = f"pip install --python {PYTHON} io --target"
    demo.run(f"{command} one").ok()
    demo.run(f"{command} two --compile").ok()
    assert list((demo / "one").rglob("*.pyc")) == []
    assert len(list((demo / "two").rglob("*.pyc"))) == 2
    assert started == []


def test_damaged_bytecode_is_told_and_not_used(demo):
    demo.run("sync --compile").ok()
    shutil.rmtree(demo / ".venv")
    one = next(path for path in (demo.home / "cache" / "bytecode-v1").rglob("*.pyc") if "io2" in path.name)
    one.write_bytes(b"edited")
    demo.environ["HUTCH_COMPILE"] = "existing"
    assert shown(demo.run("sync")) == block("""
        exit 0
        note: the store's bytecode of io 1.0 was changed: it is not used
        Made the environment .venv
        Installed 2 packages in <time>
         + io 1.0
         + web 1.0
    """)
    assert compiled(demo) == ["__init__", "y"]
    demo.run("cache verify --deep").ok()


def test_content_is_compared_where_that_is_asked_for(demo):
    demo.environ["HUTCH_CACHE_CHECK"] = "content"
    demo.run("sync --compile").ok()
    one = next(path for path in (demo.home / "cache" / "bytecode-v1").rglob("*.pyc") if "io2" in path.name)
    facts = one.stat()
    one.write_bytes(bytes(facts.st_size))
    os.utime(one, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    shutil.rmtree(demo / ".venv")
    demo.run("sync --compile").ok()
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    assert bytes(facts.st_size) not in [path.read_bytes() for path in site.rglob("*.pyc")]


def test_a_word_that_is_none(demo):
    demo.environ["HUTCH_COMPILE"] = "sometimes"
    assert shown(demo.run("sync")) == block("""
        exit 1
        error: a setting cannot be used
          HUTCH_COMPILE: compile: 'sometimes' is none of background, now, existing, off
        try: `hutch config show` shows every setting and where it was set
    """)


def test_config_show_tells_it(demo):
    told = json.loads(demo.run("config show --json").stdout)
    (one,) = [each for each in told["settings"] if each["name"] == "compile"]
    assert one["source"] == "default"


def test_a_source_that_does_not_compile_is_in_the_log(demo, shop):
    shop.add_wheel("old", "1.0", files={"old/__init__.py": "", "old/two.py": "print 'x'\n"})
    demo.write({"pyproject.toml": manifest("web", "old")})
    ran = demo.run("sync --compile").ok()
    assert "two.py" not in ran.stderr
    assert compiled(demo) == ["__init__", *ALL]


def test_another_python_has_its_own(demo, real_home):
    """An environment of another version is linked without what was made for this one."""
    others = sorted((real_home / ".pyenv" / "versions").glob("3.1[0-9]*/bin/python"))
    others = [path for path in others if f"{sys.version_info[0]}.{sys.version_info[1]}." not in str(path)]
    if not others:
        pytest.skip("there is one Python only")
    demo.run("sync --compile").ok()
    demo.run(f"sync --compile --python {others[0]}").ok()
    version = subprocess.run([others[0], "-c", "import sys; print(sys.implementation.cache_tag)"],
                             capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    assert {path.name.split(".")[1] for path in site.rglob("*.pyc")} == {version}
    assert len(os.listdir(demo.home / "cache" / "bytecode-v1")) == 2


@pytest.mark.slow
def test_pip_uninstalls_all_of_it(demo):
    done = subprocess.run([PYTHON, "-I", "-m", "pip", "--version"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("the Python below has no pip")
    demo.run("venv").ok()
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    before = sorted(site.rglob("*"))
    demo.run("sync --compile").ok()
    words = [PYTHON, "-I", "-m", "pip", "--python", str(demo / ".venv/bin/python"), "uninstall", "-y"]
    subprocess.run([*words, "web", "io"], check=True, capture_output=True)
    left = [path for path in site.rglob("*") if path not in before and path.is_file()]
    assert left == []


@pytest.mark.parametrize("disown", [False, True])
def test_the_process_left_behind_holds_nothing_and_is_nobodys_child_if_need_be(tmp_path: Path, disown):
    """Who waits for the end of a pipe, or for children that he has not started, must not wait for it."""
    told = tmp_path / "told"
    code = (
        "import os, sys\n"
        "own = '/proc/self/fd'\n"
        "fds = [int(n) for n in os.listdir(own)] if os.path.isdir(own) else [0]\n"
        "link = os.readlink(own + '/1') if os.path.isdir(own) else os.devnull\n"
        "alone = os.getsid(0) == os.getpgrp()\n"
        "text = repr((alone, fds, link, sorted(os.environ)))\n"
        "open(sys.argv[1] + '.new', 'w').write(text)\n"
        "os.rename(sys.argv[1] + '.new', sys.argv[1])\n"
    )
    parent = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from hutch.store.detached import start_detached\n"
        "r, w = os.pipe(); os.set_inheritable(w, True)\n"
        f"words = [sys.executable, '-I', '-S', '-c', sys.argv[2], sys.argv[3]]\n"
        f"start_detached(words, {{'A': 'b'}}, disown={disown})\n"
        "os.close(w)\n"
        "assert os.read(r, 1) == b''\n"
        "try:\n    os.wait()\n    print('a child')\nexcept ChildProcessError:\n    pass\n"
    )
    source = str(Path(__file__).parents[2] / "src")
    words = [sys.executable, "-I", "-c", parent, source, code, str(told)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    late = time.monotonic() + 60
    while not told.exists() and time.monotonic() < late:
        time.sleep(0.02)
    alone, descriptors, out, names = eval(told.read_text())
    assert (done.stdout == "a child\n") is not disown
    assert alone
    assert set(descriptors) <= {0, 1, 2, 3}, "3 is that of the folder that was just listed"
    assert out == os.devnull
    assert set(names) - {"LC_CTYPE"} == {"A"}
