"""What the kernel may answer instead of doing its work (D06-D13): no hard links, no locks, EIO, a full disk.

`strace -e inject` makes the answer. After every such run the next one, without the fault, has to end with a
whole environment and a cache without damage.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from commands.support import installed, manifest

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
BOTH = {"alpha": "1.0", "beta": "1.0"}


@pytest.fixture(scope="module", autouse=True)
def _may_trace() -> None:
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("nothing can be traced here")


@pytest.fixture
def demo(project, index):
    index.add_wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "x = 1\n", "alpha/big.py": "#" * 300_000, "alpha/sub/z.py": ""},
        data={"scripts/tool": "#!python\nprint('tool')\n"},
        entry_points={"console_scripts": {"hello": "alpha:x"}},
    )
    index.add_wheel("beta", "1.0")
    made = project(manifest("alpha", "beta"), PYTHONDONTWRITEBYTECODE="1")
    made.run("lock").ok()
    shutil.rmtree(made.home / "cache")
    return made


def injected(demo: Any, faults: list[str], command: str = "sync --frozen") -> Any:
    """``hutch COMMAND``, whose system calls fail as the ``faults`` say (see ``inject=`` of strace)."""
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    words = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    for fault in faults:
        words += ["-e", f"inject={fault}"]
    return demo.under(words, command)


def site(demo: Any) -> Path:
    return next((demo / ".venv").glob("lib/python*/site-packages"))


def check_whole(demo: Any) -> None:
    assert installed(demo) == BOTH
    assert (site(demo) / "alpha/__init__.py").read_text() == "x = 1\n"
    assert (site(demo) / "alpha/big.py").stat().st_size == 300_000
    assert (demo / ".venv/bin/tool").exists()
    demo.run("cache verify --deep").ok()


@pytest.mark.parametrize("error", ["EXDEV", "EPERM", "EMLINK", "EOPNOTSUPP", "EACCES"])
def test_D07_no_hard_links(demo, error):
    ran = injected(demo, [f"link,linkat:error={error}"]).ok()
    check_whole(demo)
    assert (site(demo) / "alpha/big.py").stat().st_nlink == 1
    assert ran.stderr.count("note: files are copied: ") == (error != "EMLINK")


@pytest.mark.parametrize("error", ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EINVAL"])
def test_D11_no_locks(demo, error):
    injected(demo, [f"flock:error={error}", f"fcntl:error={error}:when=9999"]).ok()
    check_whole(demo)


def test_D10_nothing_can_be_renamed(demo):
    ran = injected(demo, ["rename,renameat,renameat2:error=EXDEV"])
    assert ran.exit_code == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    demo.run("sync").ok()
    check_whole(demo)


def test_no_copies_in_the_kernel(demo):
    ran = injected(
        demo,
        ["copy_file_range:error=ENOSYS"],
        "sync --frozen --link-mode copy",
    )
    assert ran.exit_code == 0, ran.stderr
    check_whole(demo)


SWEEP = [
    ("write", "ENOSPC"),
    ("write", "EIO"),
    ("pread64", "EIO"),
    ("mkdir,mkdirat", "ENOSPC"),
    ("rename,renameat,renameat2", "EIO"),
    ("link,linkat", "EIO"),
    ("link,linkat", "ENOSPC"),
    ("utimensat", "EPERM"),
    ("fsync", "EIO"),
    ("unlink,unlinkat", "EIO"),
    ("flock", "EINTR"),
    ("rmdir", "EBUSY"),
]


@pytest.mark.parametrize(("call", "error"), SWEEP, ids=lambda value: value.partition(",")[0])
@pytest.mark.parametrize(
    "when",
    ["2", "6", *(pytest.param(each, marks=pytest.mark.slow) for each in ("1", "3", "10", "17", "34+"))],
)
def test_D09_D12_D13_one_call_fails(demo, call, error, when):
    """An error in the middle ends in the old state or the new one, and in words."""
    if call == "pread64" and not when.endswith("+"):
        when = str(int(when) + 12)  # the first ones are those of the dynamic linker
    ran = injected(demo, [f"{call}:error={error}:when={when}"])
    assert ran.exit_code in (0, 1, 3), ran.stderr
    assert "Traceback" not in ran.stderr
    demo.run("sync").ok()
    check_whole(demo)
