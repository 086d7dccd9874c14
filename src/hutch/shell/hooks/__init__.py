"""The text that a shell evaluates to have environments activated by itself, one module a shell.

`hook_text` gives the page for the start-up file, `Answer` is what is to be done on entering a directory, and
`render_answer` says it in the shell's own words. How a hook works: ``docs/explanation/shell-hook.md``.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.shell.hooks.answer import Answer, render_answer
    from hutch.shell.hooks.text import HOOKED, hook_text

_HOMES = {"HOOKED": "text", "hook_text": "text", "Answer": "answer", "render_answer": "answer"}

__all__ = ["HOOKED", "Answer", "hook_text", "render_answer"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
