"""Files are put into the folder that was named, whatever a lock or an index calls them."""

from __future__ import annotations

import pytest

from hutch.lock import LockedFile
from hutch.ops.install import Chosen
from hutch.ops.pip_archives import UnsafeName, fetch_archives


def chosen(filename):
    file = LockedFile(filename=filename, url="https://files.index.example/x", hashes=())
    return Chosen(name="x", version="1", file=file, is_wheel=True, index=None)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x.whl", "/x.whl", "a/x.whl", ".x.whl", "..\\x.whl", "x.whl\0", "x/"]
)
def test_names_that_lead_elsewhere(name, tmp_path):
    with pytest.raises(UnsafeName):
        fetch_archives(None, [chosen(name)], str(tmp_path), dry_run=True)


def test_names_of_files(tmp_path):
    (saved,) = fetch_archives(None, [chosen("x-1-py3-none-any.whl")], str(tmp_path), dry_run=True)
    assert saved.path == str(tmp_path / "x-1-py3-none-any.whl")
