"""The door costs nothing, and shows what is behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hutch
import hutch.store

SOURCE = str(Path(hutch.__file__).parents[1])

# Reading a table is on the way of every command; publishing, cleaning and building are not.
_READING = """
import sys
sys.path.insert(0, sys.argv[1])
import os, marshal, zlib
before = set(sys.modules)
import hutch.store
assert not [name for name in set(sys.modules) - before if name.startswith("hutch.store.")]
store = hutch.store.Store("/nonexistent")
store.tables.read("index", "flask")
print(*sorted(set(sys.modules) - before))
"""


def test_every_name_of_the_door_is_there():
    for name in hutch.store.__all__:
        assert getattr(hutch.store, name).__name__ == name
    assert dir(hutch.store) == hutch.store.__all__


def test_reading_a_table_imports_almost_nothing():
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _READING, SOURCE], capture_output=True, text=True, check=True
    )
    imported = set(result.stdout.split())
    assert {
        "hutch",
        "hutch.store",
        "hutch.store.folder",
        "hutch.store.tables",
        "hutch.store.disk",
    } <= imported
    heavy = {
        "re", "typing", "pathlib", "tempfile", "shutil", "json", "email", "subprocess", "dataclasses",
        "hashlib", "threading", "csv", "zipfile",
    }  # fmt: skip
    assert not heavy & imported
