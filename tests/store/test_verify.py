"""Verifying a store: everything that was changed is found, said and, if asked, taken out."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from hutch.store import Store
from hutch.testing.wheels import make_wheel


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store(tmp_path / "store")
    filename, data = make_wheel(
        "alpha", "1.0", files={"alpha/__init__.py": "x = 1\n"}, data={"scripts/run": "ab"}
    )
    (tmp_path / filename).write_bytes(data)
    made.wheels.publish(tmp_path / filename, filename, hashlib.sha256(data).hexdigest())
    made.tables.write("index", "alpha", (1, 2))
    made.tables.write("metadata", "alpha", (1, 2))
    return made


def entry(store: Store) -> Path:
    (sha256,) = store.wheels.entries()
    return Path(store.wheels.folder(sha256))


def keep_date(path: Path, content: bytes) -> None:
    facts = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_a_sound_store_has_nothing(store):
    seen = []
    done = store.verify(deep=True, step=seen.append)
    assert done.damage == ()
    assert (done.wheels, done.tables) == (1, 2)
    assert done.files == 4
    assert seen == ["alpha 1.0"]
    assert Store(store.root + "-none").verify().wheels == 0


@pytest.mark.parametrize(
    ("harm", "faults"),
    [
        (
            lambda e: (e / "files/alpha/__init__.py").write_text("y = 22\n"),
            ("files/alpha/__init__.py was changed",),
        ),
        (lambda e: (e / "files/alpha/__init__.py").unlink(), ("files/alpha/__init__.py is missing",)),
        (lambda e: (e / "data/scripts/run").write_text("owned"), ("data/scripts/run was changed",)),
        (lambda e: (e / "files/evil.py").write_text(""), ("files/evil.py is not one of its files",)),
        (lambda e: (e / "manifest").write_bytes(b"x"), ("its manifest cannot be read",)),
        (lambda e: (e / "manifest").unlink(), ("its manifest cannot be read",)),
    ],
)
def test_damage_is_said_and_with_fix_removed(store, harm, faults):
    harm(entry(store))
    (damage,) = store.verify().damage
    assert (damage.kind, damage.faults, damage.done) == ("wheels", faults, "")
    (damage,) = store.verify(fix=True).damage
    assert (damage.faults, damage.done) == (faults, "removed")
    assert list(store.wheels.entries()) == []
    assert store.verify().damage == ()


def test_only_reading_finds_what_has_its_old_size_and_date(store):
    keep_date(entry(store) / "files/alpha/__init__.py", b"x = 2\n")
    assert store.verify().damage == ()
    (damage,) = store.verify(deep=True, fix=True).damage
    assert damage.faults == ("files/alpha/__init__.py was changed, and has its old size and date",)
    assert damage.done == "removed"


def test_dates_are_restored(store):
    for path in entry(store).rglob("*"):
        os.utime(path, (0, 0))
    (damage,) = store.verify().damage
    assert damage.faults[0].endswith(" has another date")
    assert len(damage.faults) == 4
    (damage,) = store.verify(fix=True).damage
    assert damage.done == "restored"
    assert store.verify(deep=True).damage == ()


def test_a_table_with_a_flipped_bit(store):
    path = Path(store.tables.path("index", "alpha"))
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    (damage,) = store.verify().damage
    assert (damage.kind, damage.key, damage.done) == ("index", "alpha", "")
    assert store.verify(fix=True).damage[0].done == "removed"
    assert not path.exists()


def test_an_entry_under_the_name_of_another_wheel(store):
    """Whoever can write here could have one wheel installed under the hash of another."""
    other = Path(store.wheels.folder("ab" * 32))
    other.parent.mkdir(parents=True)
    shutil.copytree(entry(store), other)
    assert store.wheels.find("ab" * 32) is None
    (damage,) = store.verify(fix=True).damage
    assert damage.faults == ("it is another wheel than its name says",)
    assert damage.key == "ab" * 32
    assert len(list(store.wheels.entries())) == 1
