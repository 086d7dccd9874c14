"""What ``hutch python`` shows of the Pythons that there are."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.python_dir import PythonDirOutcome

__all__ = ["print_directory"]


def print_directory(outcome: PythonDirOutcome, terminal: Terminal) -> None:
    """``hutch python dir``: exactly the path, for ``cd "$(hutch python dir)"``."""
    terminal.data(f"{outcome.path}\n")
