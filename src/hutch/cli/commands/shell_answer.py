"""``hutch shell-answer``: what the hook of a shell asks for. Its words are the hook's, not the user's."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.ops.shell_answer import answer_text

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what the shell is to do, as bytes: a path need not be text."""
    values = call.values
    text = answer_text(values["shell"], values["places"], values["data"], call.environ)
    buffer = getattr(call.terminal.out.file, "buffer", None)
    if buffer is None:
        call.terminal.data(text.decode("utf-8", "replace"))
    else:
        buffer.write(text)
        buffer.flush()
    return 0
