"""Full disks (D01, D02), few descriptors (D15), odd paths (L01-L06), odd surroundings (L09-L13)."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501, PT019
from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from commands.support import PYTHON, installed, manifest

MIB = 1 << 20
PACKAGES = 8


@pytest.fixture
def big(project, index):
    """A project of 80 MB in 8 packages, none of which deflates."""
    for number in range(PACKAGES):
        data = random.Random(number).randbytes(10_000_000)
        index.add_wheel(
            f"big{number}", "1.0", files={f"big{number}/__init__.py": "", f"big{number}/data": data}
        )
    made = project(manifest(*(f"big{number}" for number in range(PACKAGES))))
    made.run("lock").ok()
    return made


def in_namespace(made: Any, namespaces: list[str], script: str) -> subprocess.CompletedProcess[str]:
    """A shell script in a mount namespace of its own; ``$hutch`` is hutch."""
    head = f'hutch() {{ {shlex.join(made.launcher)} "$@"; }}\n'
    return subprocess.run(
        [*namespaces, "sh", "-c", head + script],
        cwd=made.path,
        env=made.variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


FILLS_UP = """
set -e
mkdir -p '{place}'; mount -t tmpfs -o size=64m,mode=700 tmpfs '{place}'
{first}
if hutch sync; then echo HELD; exit 9; else code=$?; fi
[ $code = 1 ] || exit $code
hutch cache verify --deep --cache-dir "$HUTCH_CACHE_DIR" >&2
{between}
mount -o remount,size=400m '{place}'
hutch sync
hutch cache verify --deep
.venv/bin/python -c 'import {names}'
ls .venv/lib/python*/site-packages | grep -c dist-info
"""
NAMES = ", ".join(f"big{number}" for number in range(PACKAGES))


def check_filled(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(PACKAGES)], done.stdout
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Nothing is damaged") == 2


def test_D02_a_cache_on_a_disk_that_fills_up(big, _namespaces):
    done = in_namespace(big, _namespaces, FILLS_UP.format(
        place=big.home / "cache", first="", between="[ ! -e .venv ] || [ -z \"$(ls .venv/lib/python*/site-packages | grep dist-info)\" ]", names=NAMES,
    ))  # fmt: skip
    check_filled(done)


def test_D01_an_environment_on_a_disk_that_fills_up(big, _namespaces):
    done = in_namespace(big, _namespaces, FILLS_UP.format(
        place=big.path / ".venv", first="", between="[ -z \"$(ls .venv/lib/python*/site-packages | grep dist-info)\" ]", names=NAMES,
    ))  # fmt: skip
    check_filled(done)
    assert "the environment was put back as it was" in done.stderr


def test_D02_what_did_not_fit_does_not_stay_in_the_way(big, _namespaces):
    script = f"""
    mkdir -p '{big.home}/cache'; mount -t tmpfs -o size=64m,mode=700 tmpfs '{big.home}/cache'
    hutch sync; hutch cache size --json
    """
    done = in_namespace(big, _namespaces, script)
    kinds = {each["kind"]: each["bytes"] for each in json.loads(done.stdout)["kinds"]}
    assert kinds.get("archives", 0) + kinds.get("scratch", 0) < MIB


def test_D15_64_descriptors(project, index):
    names = [f"many{number}" for number in range(120)]
    for name in names:
        index.add_wheel(name, "1.0")
    made = project(manifest(*names))
    made.under(["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"], "sync").ok()
    assert len(installed(made)) == 120


# -- paths -----------------------------------------------------------------------------------------

PLACES = {
    "L01-spaces": "two  spaces",
    "L02-unicode": "проект ünïcode 中文 🐍",
    "L02-decomposed": "u\u0308ber",
    "L03-long": "/".join(["a-rather-long-name-of-a-directory"] * 7),
    "L04-quotes": 'it\'s "quoted" `id` $HOME $(id) ${x}; & | * ? [a] ~ # ! \\',
    "L04-percent": "%s %(x)s {0} {x}",
    "L06-255-bytes": "n" * 255,
    "L06-not-utf8": os.fsdecode(b"latin-\xe9"),
    "L04-dash": "-n",
}


@pytest.mark.skipif(os.name == "nt", reason="names of POSIX")
@pytest.mark.parametrize("where", ["project", "cache", "both"])
@pytest.mark.parametrize("place", PLACES)
def test_paths(project, index, place, where, tmp_path):
    """The environment works, its commands do, and what is in the cache is linked."""
    index.add_wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "def main():\n    print('hello')\n"},
        console_scripts={"hello": "alpha:main"},
        data={"scripts/tool": "#!python\nimport sys\nprint(sys.prefix)\n"},
    )
    made = project(manifest("alpha"))
    if place == "L06-not-utf8" and where != "cache":
        pytest.skip("no place for an environment: see below")
    if where != "cache":
        inside = made.path / PLACES[place]
        inside.mkdir(parents=True)
        shutil.move(made / "pyproject.toml", inside)
        made.path = inside
    if where != "project":
        made.environ["HUTCH_CACHE_DIR"] = str(tmp_path / "c" / PLACES[place])
    for command in ("lock", "sync", "sync", "cache verify --deep", "run hello"):
        ran = made.run(command, apart=True)
        assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == "hello\n"
    hello = subprocess.run([made / ".venv/bin/hello"], capture_output=True, text=True, check=False)
    assert (hello.returncode, hello.stdout) == (0, "hello\n"), hello.stderr
    tool = subprocess.run([made / ".venv/bin/tool"], capture_output=True, check=False)
    assert tool.returncode == 0, tool.stderr
    assert os.fsencode(made.path) in tool.stdout or b"\\" in tool.stdout or b"\n" in os.fsencode(made.path)
    made.run("remove alpha", apart=True).ok()
    assert installed(made) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two\nlines", "a path may not have line ends or tabs"),
        ("a\ttab", "a path may not have line ends or tabs"),
        ("with:colon", "a path with `:` cannot be on PATH"),
        (os.fsdecode(b"latin-\xe9"), "a path has to be UTF-8 for Python to read it in pyvenv.cfg"),
    ],
)
def test_L04_places_where_no_environment_can_be(project, name, reason):
    """Refused in words: `pyvenv.cfg` is lines, and PATH is divided by colons."""
    made = project()
    made.path = made.path / name
    made.path.mkdir()
    made.write({"pyproject.toml": manifest()})
    ran = made.run("sync", apart=True)
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[1] == f"  {reason}"
    assert made.tree() in (["pyproject.toml", "pylock.toml"], ["pylock.toml", "pyproject.toml"])


def test_L04_a_cache_with_a_control_character(project, tmp_path):
    ran = project(manifest()).run("sync", environ={"HUTCH_CACHE_DIR": str(tmp_path / "two\nlines")})
    assert ran.exit_code == 1
    assert "has control characters" in ran.stderr


# -- surroundings ----------------------------------------------------------------------------------


@pytest.fixture
def demo(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "x = 'ü'\n", "alpha/ünïcode.py": ""})
    return project(manifest("alpha"))


@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param({"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, id="L05-C-locale"),
        pytest.param({"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}, id="L05-POSIX"),
        pytest.param({f"PAD{number}": "x" * 100_000 for number in range(9)}, id="L09-large"),
        pytest.param({"PATH": ""}, id="L10-empty-PATH"),
        pytest.param({"PATH": None}, id="L10-no-PATH"),
        pytest.param(
            {"PYTHONPATH": "/nonexistent:.", "PYTHONHOME": "/nonexistent", "PYTHONSTARTUP": "/dev/zero",
             "PYTHONWARNINGS": "error", "PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2", "PYTHONSAFEPATH": "1"},
            id="L11-hostile-PYTHON",
        ),
    ],
)  # fmt: skip
def test_surroundings(demo, surroundings):
    ran = demo.run("sync", environ=surroundings, apart=True)
    assert ran.exit_code == 0, ran.stderr
    assert installed(demo) == {"alpha": "1.0"}
    done = subprocess.run([demo / ".venv/bin/python", "-c", "import alpha"], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"])
def test_L12_closed_streams(demo, closed):
    if "full" in closed and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    demo.under(["sh", "-c", f'exec "$@" {closed}', "sh"], "sync").ok()
    assert installed(demo) == {"alpha": "1.0"}


def test_L13_a_directory_that_is_gone(demo):
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    ran = demo.under(["sh", "-c", script, "sh"], "sync")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("error: the current directory cannot be used\n")


def test_the_interpreter_lies_in_an_odd_place(demo, tmp_path):
    """Its path goes into the first line of every command."""
    place = tmp_path / "an odd 'place' $HOME"
    place.mkdir()
    (place / "python3").symlink_to(PYTHON)
    demo.run("sync", environ={"HUTCH_PYTHON": str(place / "python3")}, apart=True).ok()
    assert subprocess.run([demo / ".venv/bin/python", "-c", "import alpha"], check=False).returncode == 0
