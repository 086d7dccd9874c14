"""Table 1.4, RECORD: every file is in it and has the hash that it says, or nothing is installed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import pytest

from hostile.world import INFO, World, evil
from hutch.testing.wheels import record_line

CONTENT = b"x = 1\n"
Rows = list[str]


def digest(algorithm: str, content: bytes = CONTENT) -> str:
    packed = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    return f"{algorithm}={packed}"


def row_of_evil(text: str) -> Callable[[Rows], Rows]:
    return lambda rows: [text if row.startswith("evil.py,") else row for row in rows]


REFUSED = {
    "M01 no RECORD": evil(info={"RECORD": None}),
    "M01 an empty RECORD": evil(info={"RECORD": b""}),
    "M01 a RECORD of itself alone": evil(info={"RECORD": f"{INFO}/RECORD,,\n".encode()}),
    "M02 a wrong hash": evil(record=row_of_evil(f"evil.py,{digest('sha256', b'other')},6")),
    "M02 the hash of nothing": evil(record=row_of_evil(f"evil.py,{digest('sha256', b'')},6")),
    "M02 a wrong size": evil(record=row_of_evil(f"evil.py,{digest('sha256')},7")),
    "M02 half a hash": evil(record=row_of_evil(f"evil.py,{digest('sha256')[:20]},6")),
    "M02 a hash with something behind it": evil(record=row_of_evil(f"evil.py,{digest('sha256')}==AA,6")),
    "M03 a file that is not listed": evil(record=lambda rows: [r for r in rows if "evil.py" not in r]),
    "M03 METADATA is not listed": evil(record=lambda rows: [r for r in rows if "METADATA" not in r]),
    "M03 another spelling": evil(record=row_of_evil(f"./evil.py,{digest('sha256')},6")),
    "M03 another letter case": evil(record=row_of_evil(f"EVIL.py,{digest('sha256')},6")),
    "M05 md5": evil(record=row_of_evil(f"evil.py,{digest('md5')},6")),
    "M05 sha1": evil(record=row_of_evil(f"evil.py,{digest('sha1')},6")),
    "M05 sha224": evil(record=row_of_evil(f"evil.py,{digest('sha224')},6")),
    "M05 sha3": evil(record=row_of_evil(f"evil.py,{digest('sha3_256')},6")),
    "M05 no hash": evil(record=row_of_evil("evil.py,,6")),
    "M05 a hash of no algorithm": evil(record=row_of_evil(f"evil.py,{digest('sha256')[7:]},6")),
    "two rows that differ": evil(record=lambda rows: [*rows, f"evil.py,{digest('md5')},6"]),
    "two columns": evil(record=row_of_evil(f"evil.py,{digest('sha256')}")),
    "four columns": evil(record=row_of_evil(f"evil.py,{digest('sha256')},6,7")),
    "a comma that is not quoted": evil(
        {"evil,x.py": b"1"},
        record=lambda rows: [row.replace('"', "") for row in rows],
    ),
    "a size of 5,000 digits": evil(record=row_of_evil(f"evil.py,{digest('sha256')},{'9' * 5000}")),
    "a size below nothing": evil(record=row_of_evil(f"evil.py,{digest('sha256')},-6")),
    "a size in other digits": evil(record=row_of_evil(f"evil.py,{digest('sha256')},\u0666")),
    "not UTF-8": evil(info={"RECORD": b"\xff\xfe\x00"}),
    "one endless quote": evil(record=lambda rows: ['"' + "x" * 200_000, *rows]),
    "rows without end": evil(record=lambda rows: [*rows, *["x,,"] * 20_000]),
}


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    world.offer(REFUSED[row])
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


GHOSTS = {
    "M04 a file that is not there": "ghost.py,,",
    "M06 upwards": "../../../../../outside/x,,",
    "M06 upwards by a detour": "evil/../../../../../../x,,",
    "M07 absolute": "/etc/passwd,,",
    "M08 another's file": "victim/__init__.py,,",
    "M08 the interpreter": "../../../bin/python,,",
}


@pytest.mark.parametrize("row", GHOSTS)
def test_rows_without_a_file_are_dropped_and_never_deleted(world: World, row: str) -> None:
    world.offer(evil(record=lambda rows: [*rows, GHOSTS[row]]))
    before = world.snapshot()
    world.accept(world.install(), before)
    installed = (world.site / INFO / "RECORD").read_text()
    assert GHOSTS[row] not in installed
    assert ".." not in installed
    (world.project / "victim.txt").write_text("victim==1.0\n")
    world.project.run("pip sync victim.txt").ok()
    (world.project / "victim.txt").unlink()
    assert world.snapshot() == before


def test_what_is_installed_is_what_its_record_says(world: World) -> None:
    world.offer(evil({"a, b.py": b"1", 'say "hi".py': b"2", "\u00fc.py": b"3"}))
    world.install().ok()
    rows = (world.site / INFO / "RECORD").read_text().splitlines()
    for path in world.site.rglob("*"):
        where = path.relative_to(world.site).as_posix()
        if path.is_file() and not where.startswith(("victim", f"{INFO}/RECORD")):
            assert record_line(where, path.read_bytes()) in rows
    assert len(rows) == len(set(rows)) == 4 + 2 + 2 + 1  # files, METADATA and WHEEL, our two, itself


WRONG = "the hash of evil-1.0-py3-none-any.whl is wrong"
NONE = "gives no hash of it"


@pytest.mark.parametrize(
    ("hashes", "words"),
    [
        ({"sha256": "0" * 64}, WRONG),
        ({"md5": "RIGHT", "sha256": "0" * 64}, WRONG),
        ({"sha512": "0" * 128, "sha256": "RIGHT"}, WRONG),
        ({"md5": "RIGHT"}, NONE),
        ({"sha1": "RIGHT"}, NONE),
    ],
    ids=["I01 sha256", "I03 right md5, wrong sha256", "wrong sha512, right sha256", "I02 md5", "I02 sha1"],
)
def test_the_hash_of_the_archive_is_compared_before_it_is_opened(
    world: World, hashes: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hutch.store import publish

    data = b"not even an archive"
    said = {
        name: hashlib.new(name, data).hexdigest() if value == "RIGHT" else value
        for name, value in hashes.items()
    }
    world.offer(data, hashes=said)
    opened: list[object] = []
    monkeypatch.setattr(publish, "open_archive", lambda *each, **_: opened.append(each))
    before = world.snapshot()
    world.refuse(world.install(), before, words)
    assert not opened
