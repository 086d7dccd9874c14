"""Whatever lies in a directory of packages: the verbs of ``hutch pip`` say something, and run nothing."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

PIECES = [
    "Name: x\n", "Version: 1\n", "Version: zz\n", "Metadata-Version: 9.x\n", "Requires-Python: >=x\n",
    "Requires-Dist: a>=1; extra == 'x'\n", "Requires-Dist: ;;\n", "Requires-Dist: a @ file://[::1\n", "\n",
    "\0", "\x1b[31m", "=?utf-8?q?=ff?=", "Keywords: ,,\n", "Name: \udcff", "Summary: é\n", "  folded\n",
    "Project-URL: nocomma\n", "Project-URL: Homepage, x\n", "{", "}", "[", '"', "Tag: py3\n", "Build: 1\n",
    '{"url": "file://[::1", "dir_info": {"editable": true}}', '{"url": "file:///x%ff", "dir_info": {}}',
    '{"url": "git+ssh://a:b@[x", "vcs_info": {}}', '{"url": 3, "dir_info": {}}', "Tag: a-b-c-d\n",
    '{"url": "file:x", "archive_info": {"hash": 3, "hashes": []}}', "a.py,sha256=x,1\n", '"unclosed,',
    "../../../../etc/passwd,,\n", "/\n", "/proc/self\n", ".\n", "..\n", "[x:\n", "[:python_version<'3']\n",
]  # fmt: skip
NAMES = ["x-1", "y", "z-1-2", "-", "a-b-c-1", "é-1", "x-zz", "~x-1"]
FILES = [
    "METADATA", "PKG-INFO", "RECORD", "direct_url.json", "WHEEL", "INSTALLER", "entry_points.txt",
    "REQUESTED", "requires.txt", "installed-files.txt", "hutch.record",
]  # fmt: skip
VERBS = [
    "list", "list -v --format json", "list --format freeze --not-required", "freeze", "show -v -f x y z a",
    "check", "tree", "tree --invert", "inspect",
]  # fmt: skip


def fill(folder: Path, chance: random.Random, ran: Path) -> None:
    def some() -> bytes:
        text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(9)))
        noise = bytes(chance.randrange(256) for _ in range(20)) if chance.random() < 0.2 else b""
        return text.encode("utf-8", "surrogateescape") + noise

    for _ in range(3):
        name = chance.choice(NAMES)
        kind = chance.choice(["dist-info", "egg-info", "egg-link", "pth", "file"])
        place = folder / (f"{name}.egg-info" if kind == "file" else f"{name}.{kind}")
        if place.exists():
            continue
        if kind in ("dist-info", "egg-info"):
            place.mkdir()
            for file in chance.sample(FILES, 5):
                (place / file).write_bytes(some())
        else:
            place.write_bytes(some())
    (folder / "start.pth").write_text(f"import os; open({str(ran)!r}, 'w')\n")


@pytest.mark.parametrize("seed", [*range(12), 54, 1077])
def test_something_is_said(project, seed):
    made = project({"notes.txt": ""})
    folder = made / "packages"
    folder.mkdir()
    fill(folder, random.Random(seed), made / "ran")
    for verb in VERBS:
        ran = made.run(f"pip {verb} --path packages")
        assert ran.exit_code in (0, 1), (verb, ran.stderr)
    ran = made.run("pip uninstall -y x y z a --target packages")
    assert ran.exit_code in (0, 1), ran.stderr
    assert not (made / "ran").exists()


def test_a_name_that_nothing_can_have(project):
    """A null in a path of RECORD: no call of the system takes it."""
    made = project({"packages/x-1.dist-info/RECORD": "a\0b.py,,\nx/\0/../c.py,,\nx-1.dist-info/RECORD,,\n"})
    made.write({"packages/x-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: x\nVersion: 1\n"})
    made.write({"packages/x/y.py": ""})
    made.run("pip uninstall -y x --target packages").ok()
    assert not (made / "packages/x-1.dist-info").exists()
    assert (made / "packages/x/y.py").exists()


def test_what_is_no_file(project):
    """A pipe that nobody writes to, a device that never ends: nobody waits for them."""
    made = project({"notes.txt": ""})
    info = made / "packages/x-1.dist-info"
    info.mkdir(parents=True)
    os.mkfifo(info / "METADATA")
    for name in ("WHEEL", "direct_url.json", "INSTALLER"):
        (info / name).symlink_to("/dev/zero")
    os.mkfifo(made / "packages/y.egg-link")
    os.mkfifo(made / "packages/y.pth")
    assert made.run("pip list --path packages --format freeze").ok().stdout == "x==1\n"
    assert made.run("pip show -f x --path packages").ok().stdout.startswith("Name: x\nVersion: 1\n")


def test_an_environment_of_the_checkout_runs_nothing(project):
    """It sees the packages of its Python, so that one is asked, and not that of the environment."""
    made = project({"notes.txt": ""})
    made.run("venv --system-site-packages").ok()
    (site,) = (made / ".venv/lib").glob("python*/site-packages")
    (site / "start.pth").write_text(f"import os; open({str(made / 'ran')!r}, 'w')\n")
    (site / "sitecustomize.py").write_text(f"open({str(made / 'ran')!r}, 'w')\n")
    for verb in (*VERBS, "uninstall -y absent"):
        assert made.run(f"pip {verb}").exit_code in (0, 1)
    assert not (made / "ran").exists()
