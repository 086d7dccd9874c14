"""Reading files that somebody else has chosen."""

from __future__ import annotations

import os

import pytest

from hutch.plain import read_plain


def test_all_of_it_is_read(tmp_path):
    for content in (b"", b"x", b"y" * 100_000):
        (tmp_path / "file").write_bytes(content)
        assert read_plain(str(tmp_path / "file")) == content


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no such file here")
def test_a_file_that_says_it_is_empty_is_read(tmp_path):
    assert read_plain("/proc/self/status").startswith(b"Name:")
    assert len(read_plain("/proc/self/status")) > 100


def test_not_more_than_it_may_have(tmp_path):
    (tmp_path / "file").write_bytes(b"z" * 100)
    assert read_plain(str(tmp_path / "file"), 100) == b"z" * 100
    with pytest.raises(OSError, match="more than"):
        read_plain(str(tmp_path / "file"), 99)


@pytest.mark.skipif(os.name == "nt", reason="no such things there")
def test_nobody_waits_for_a_pipe_or_reads_a_device(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(OSError, match="no file"):
            read_plain(str(path))
