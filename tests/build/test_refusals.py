"""What failed builds say, and whether hutch takes the sandbox to be the cause."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutch.build import SandboxReport
from hutch.build.refusals import refusal_hints

CLOSED = SandboxReport(files="landlock", network="namespace", mounts=True)


def hints(output: str, report: SandboxReport | None = CLOSED, **more: tuple[str, ...]) -> str:
    options = {"own": ("/scratch",), "readable": ("/usr",), "hidden": (), **more}
    return "\n".join(refusal_hints(output, report, name="it", **options))


@pytest.mark.parametrize(
    "output",
    [
        "socket.gaierror: [Errno -3] Temporary failure in name resolution",
        "urllib.error.URLError: <urlopen error [Errno 101] Network is unreachable>",
        "curl: (6) Could not resolve host: index.example",
        "error: failed to download from `https://index.example/x`\n  dns error: failed to lookup address",
        "error: attempting to make an HTTP request, but --offline was specified",
        "As a reminder, you're using offline mode (--offline)",
        "fatal: unable to access 'https://git.example/': Could not resolve host: git.example",
        "wget: unable to resolve host address 'index.example'",
        "go: dial tcp: lookup index.example: Temporary failure in name resolution",
    ],
)
def test_the_network_is_named(output: str) -> None:
    assert hints(output).startswith('the sandbox has no network: build-network = ["it"] in [tool.hutch]')
    assert hints(output, SandboxReport(files="landlock")) == ""
    assert hints(output, None) == ""


@pytest.mark.parametrize(
    "line",
    [
        "PermissionError: [Errno 13] Permission denied: '{}'",
        "cp: cannot open '{}' for reading: Permission denied",
        "fatal error: {}: Permission denied",
        "CMake Error: file failed to open for reading (Permission denied): {}",
        "error: could not open `{}`: Permission denied (os error 13)",
        "x: cannot open {}: Operation not permitted",
    ],
)
def test_a_file_that_could_be_read_without_a_sandbox(line: str, tmp_path: Path) -> None:
    path = tmp_path / "foo.h"
    path.touch()
    expected = f"the sandbox keeps {path} from builds: HUTCH_SANDBOX_READ={tmp_path}, or sandbox-read in"
    assert hints(line.format(path)).startswith(expected)
    assert "SANDBOX_WRITE" in hints(line.format(path), readable=(str(tmp_path),))
    assert hints(line.format(path), own=(str(tmp_path),)) == ""


def test_a_file_that_could_be_written_without_a_sandbox(tmp_path: Path) -> None:
    line = f"OSError: [Errno 30] Read-only file system: '{tmp_path}/new'"
    assert f"HUTCH_SANDBOX_WRITE={tmp_path}" in hints(line)


def test_a_file_that_is_hidden_only_looks_missing(tmp_path: Path) -> None:
    (tmp_path / "foo.h").touch()
    line = "FileNotFoundError: [Errno 2] No such file or directory: '{}'"
    assert "SANDBOX_READ" in hints(line.format(tmp_path / "foo.h"), hidden=(str(tmp_path),))
    assert "SANDBOX_WRITE" in hints(line.format(tmp_path / "new.h"), hidden=(str(tmp_path),))
    assert hints(line.format(tmp_path / "foo.h")) == ""
    assert hints(line.format(tmp_path / "none" / "foo.h"), hidden=(str(tmp_path),)) == ""


@pytest.mark.parametrize(
    "output",
    [
        "fatal error: ink.h: No such file or directory",
        "PermissionError: [Errno 13] Permission denied: '/scratch/home/x'",
        "PermissionError: [Errno 13] Permission denied: '/nonexistent/deep/x'",
        "RuntimeError: it has never worked",
        "error: command '/usr/bin/gcc' failed with exit code 1",
        "",
    ],
)
def test_a_failure_of_its_own_is_not_blamed_on_the_sandbox(output: str) -> None:
    assert hints(output) == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_its_user_may_not_read_either_is_not_blamed_on_it(tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.touch(mode=0o000)
    assert hints(f"Permission denied: '{path}'") == ""
