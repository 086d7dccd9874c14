"""What hutch may import before it does anything: the start-up budget, as a list of modules.

Time is measured elsewhere; what takes time is importing, and that can be counted.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hutch

SOURCE = str(Path(hutch.__file__).parents[1])

PARSING = {
    "__future__",
    "hutch",
    "hutch.cli",
    "hutch.cli.main",
    "hutch.cli.model",
    "hutch.cli.parser",
    "hutch.cli.table",
    "hutch.cli.ui",
    "hutch.cli.ui.terminal",
}
# os and what it needs; ``site`` would have imported them, and the launcher starts without it.
SYSTEM = {"abc", "_abc", "genericpath", "os", "os.path", "posix", "posixpath", "stat", "_stat"}
SYSTEM |= {"nt", "ntpath", "_collections_abc", "_sitebuiltins", "_locale", "errno"}


def imported(words: list[str]) -> set[str]:
    """The modules that the command brings in, beside those of a bare interpreter."""
    body = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {SOURCE!r})\n"
        "from hutch.cli import main\n"
        f"code = main({words!r})\n"
        "sys.stdout.write('|' + ' '.join(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", body], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.rpartition("|")[2].split())


def test_version_imports_almost_nothing():
    assert imported(["--version"]) - SYSTEM <= PARSING


def test_help_needs_little_more():
    allowed = {*PARSING, "hutch.cli.ui.help", "hutch.cli.ui.text", "unicodedata"}
    assert imported(["--help"]) - SYSTEM <= allowed
    assert imported(["sync", "--help"]) - SYSTEM <= allowed


def test_completions_need_little_more():
    allowed = {
        *PARSING,
        "hutch.cli.call",
        "hutch.cli.commands",
        "hutch.cli.commands.completions",
        "hutch.cli.completions",
    }
    assert imported(["completions", "bash"]) - SYSTEM <= allowed
