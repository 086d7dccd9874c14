"""Table 1.4, M06–M08: RECORD of what is installed is hostile too, whoever installed it.

Only listed files inside of the environment go, none that another distribution has as well, and no directory
of others.
"""

from __future__ import annotations

import os

import pytest

from hostile.world import INFO, World, evil
from hutch.testing.wheels import record_line


def with_rows(world: World, rows: str) -> None:
    """Have ``evil`` installed as by another tool, with these rows in its RECORD."""
    world.offer(evil({"evil/__init__.py": b"", "evil/deep/x.py": b""}))
    world.install().ok()
    record = world.site / INFO / "RECORD"
    record.unlink()  # it may be a hard link
    record.write_text(rows, encoding="utf-8", errors="surrogateescape")


def uninstall(world: World) -> None:
    (world.root / "victim.txt").write_text("victim==1.0\n")
    ran = world.project.run("pip sync ../victim.txt")
    world.proper(ran)
    assert ran.exit_code == 0, ran
    (world.root / "victim.txt").unlink()


OWN = "evil.py,,\nevil/__init__.py,,\nevil/deep/x.py,,\n"
ROWS = {
    "M06 upwards": "../../../../../outside/x,,",
    "M06 to the project": "../../../../src/main.py,,",
    "M06 to a folder beside the environment": "../../../../.venv-x/x,,",
    "M06 by a detour": "evil/../../../../../src/main.py,,",
    "M06 by backslashes": "..\\..\\..\\..\\src\\main.py,,",
    "M06 quoted": '"../../../../src/main.py",,',
    "M06 a folder": "../../../../src,,",
    "M06 a folder with a slash": "../../../../src/,,",
    "M07 absolute": "OUTSIDE/x,,",
    "M07 a file of the system": "/etc/passwd,,",
    "M07 with more slashes": "//OUTSIDE/x,,",
    "M08 another's file": "victim/__init__.py,,",
    "M08 another's file, as it is": "VICTIM-ROW",
    "M08 another's folder": "victim,,",
    "M08 another's folder with a slash": "victim/,,",
    "M08 another's records": "victim-1.0.dist-info/RECORD,,\nvictim-1.0.dist-info/METADATA,,",
    "M08 another's folder of records": "victim-1.0.dist-info,,",
    "M08 another's command": "../../../bin/victim,,",
    "M08 another's data": "../../../etc/victim.conf,,",
    "M08 another's data by lib64": "../../../lib64/PYTHON/site-packages/victim_alone.py,,",
    "M08 another's file by a detour": "../site-packages/victim_alone.py,,",
    "the interpreter": "../../../bin/python,,",
    "the interpreter, absolute": "ENVIRONMENT/bin/python,,",
    "activate": "../../../bin/activate,,",
    "pyvenv.cfg": "../../../pyvenv.cfg,,",
    "the environment": "../../..,,",
    "site-packages": ".,,",
    "site-packages by its name": "../site-packages,,",
    "bin": "../../../bin,,",
    "hutch's own": "../../../.hutch/lock,,",
    "through a link": "link/x,,",
    "the link's folder": "link/,,",
    "a drive": "c:x,,",
    "a drive behind a detour": "../../../c:x,,",
    "NUL": "\0,,",
    "not UTF-8": "\udcff,,",
    "a name without end": "x" * 70_000 + ",,",
    "a path without end": "x/" * 5_000 + ",,",
    "an endless quote": '"' + "x" * 200_000,
    "commas": "," * 5_000,
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_all_others_survive(world: World, row: str) -> None:
    (world.site / "link").symlink_to(world.root / "outside")
    before = world.snapshot()
    victim = record_line("victim/__init__.py", (world.site / "victim" / "__init__.py").read_bytes())
    text = ROWS[row]
    for word, place in {
        "OUTSIDE": str(world.root / "outside"),
        "ENVIRONMENT": str(world.environment),
        "PYTHON": world.site.parent.name,
        "VICTIM-ROW": victim,
    }.items():
        text = text.replace(word, place)
    with_rows(world, f"{OWN}{text}\n{INFO}/RECORD,,\n")
    uninstall(world)
    left = {path for path in world.snapshot() if path not in before}
    # Where the RECORD cannot be read nothing but the folder of the records goes.
    assert all("/evil" in path for path in left), left
    assert {path: what for path, what in world.snapshot().items() if path in before} == before
    assert not (world.site / INFO).exists()


def test_what_the_user_put_into_the_package_stays(world: World) -> None:
    with_rows(world, f"{OWN}{INFO}/RECORD,,\n")
    mine = world.site / "evil" / "mine.txt"
    mine.write_text("mine\n")
    uninstall(world)
    assert mine.read_text() == "mine\n"
    assert not (world.site / "evil" / "__init__.py").exists()


def test_a_link_in_place_of_the_package_goes_and_what_it_leads_to_stays(world: World) -> None:
    with_rows(world, f"{OWN}{INFO}/RECORD,,\n")
    folder = world.site / "evil"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    (world.root / "outside" / "__init__.py").write_text("theirs\n")
    folder.symlink_to(world.root / "outside")
    uninstall(world)
    assert (world.root / "outside" / "__init__.py").read_text() == "theirs\n"


@pytest.mark.parametrize("kind", ["a link", "a folder", "a pipe"])
def test_a_record_that_is_no_file(world: World, kind: str) -> None:
    with_rows(world, f"{OWN}{INFO}/RECORD,,\n")
    record = world.site / INFO / "RECORD"
    record.unlink()
    (world.root / "outside" / "RECORD").write_text("victim/__init__.py,,\n../../../../src/main.py,,\n")
    if kind == "a link":
        record.symlink_to(world.root / "outside" / "RECORD")
    elif kind == "a folder":
        record.mkdir()
    else:
        os.mkfifo(record)
    before = world.snapshot()
    (world.root / "victim.txt").write_text("victim==1.0\n")
    world.proper(world.project.run("pip sync ../victim.txt"))
    (world.root / "victim.txt").unlink()
    after = world.snapshot()
    assert {p: w for p, w in after.items() if "/evil" not in p} == {
        p: w for p, w in before.items() if "/evil" not in p
    }
