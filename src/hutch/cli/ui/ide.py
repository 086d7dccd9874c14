"""What ``hutch kernel`` and ``hutch ide`` say."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count, cut
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.ide import PycharmOutcome, VscodeOutcome
    from hutch.ops.kernels import KernelInstallOutcome, KernelListOutcome, KernelRemoveOutcome
    from hutch.ops.kernelspecs import Kernel

__all__ = ["print_kernels", "show_kernel", "show_pycharm", "show_removed_kernels", "show_vscode"]


def show_kernel(outcome: KernelInstallOutcome, terminal: Terminal) -> None:
    """``hutch kernel install``."""
    kernel = outcome.kernel
    what = f"the kernel {clean(kernel.name)}, shown as {clean(kernel.display_name)}"
    if not outcome.changed:
        terminal.say(f"Nothing to do: {what} is there")
    else:
        terminal.say(f"{'Would install' if outcome.dry_run else 'Installed'} {what}")
    terminal.say(f"  in {terminal.short(kernel.folder)}", f"  with {terminal.short(kernel.program)}")


def print_kernels(outcome: KernelListOutcome, terminal: Terminal) -> None:
    """``hutch kernel list``: a line a kernel."""
    if not outcome.kernels:
        terminal.say("There are no kernels; hutch kernel install makes one for the environment here")
        return
    rows = [
        (
            clean(kernel.name),
            clean(kernel.display_name),
            "dead" if kernel.is_dead else "hutch" if kernel.ours else "",
            clean(terminal.short(kernel.program)),
        )
        for kernel in outcome.kernels
    ]
    shown: list[tuple[str, ...]] = [("kernel", "shown as", "", "Python"), *rows]
    terminal.data("".join(f"{cut(line, terminal.out.fold)}\n" for line in columns(shown)))
    _tell_dead([kernel for kernel in outcome.kernels if kernel.is_dead], terminal)


def _tell_dead(dead: list[Kernel], terminal: Terminal) -> None:
    ours = [kernel for kernel in dead if kernel.ours]
    if ours:
        terminal.say("hutch kernel remove --stale removes what hutch made and is dead")
    for kernel in dead:
        if not kernel.ours:
            terminal.say(f"jupyter kernelspec remove {clean(kernel.name)} removes one of another tool")


def show_removed_kernels(outcome: KernelRemoveOutcome, terminal: Terminal) -> None:
    """``hutch kernel remove``."""
    verb = "Would remove" if outcome.dry_run else "Removed"
    if outcome.removed:
        names = ", ".join(clean(kernel.name) for kernel in outcome.removed)
        terminal.say(f"{verb} {count(len(outcome.removed), 'kernel')}: {names}")
    else:
        terminal.say("Nothing to do: no kernel that hutch made is dead")
    _tell_dead(list(outcome.others), terminal)


def show_vscode(outcome: VscodeOutcome, terminal: Terminal) -> None:
    """``hutch ide vscode``."""
    import json

    if outcome.print:
        terminal.data(json.dumps(dict(outcome.settings), indent=4, ensure_ascii=False) + "\n")
        return
    file = terminal.short(outcome.file)
    if not outcome.changed:
        terminal.say(f"Nothing to do: {file} has it all")
        return
    terminal.say(f"{'Would set' if outcome.dry_run else 'Set'} in {file}:")
    for name, value in outcome.changed.items():
        terminal.say(f"  {name}: {clean(json.dumps(value, ensure_ascii=False))}")
    if not outcome.dry_run:
        text = (
            "if VS Code keeps another Python, use its command 'Python: Clear Workspace Interpreter Setting'"
        )
        terminal.emit(Notice(text))


def show_pycharm(outcome: PycharmOutcome, terminal: Terminal) -> None:
    """``hutch ide pycharm``: the path is data, where it goes is said."""
    terminal.say(
        "Paste it in Settings > Python > Interpreter > Add Interpreter > Add Local > Select existing:"
    )
    terminal.data(f"{outcome.interpreter}\n")
