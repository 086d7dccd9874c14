"""``hutch shell-answer``: what the hook of a shell asks for. Its words are the hook's, not the user's."""

from __future__ import annotations

import os

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what the shell is to do."""
    from hutch.ops.shell_answer import answer_shell
    from hutch.shell.hooks.answer import render_answer

    places = call.values["places"]
    assert isinstance(places, tuple)
    venv, pin = (*("" if place == "-" else str(place) for place in places), "", "")[:2]
    data = call.environ.get("HUTCH_DATA_DIR") or str(call.values["data"] or "")
    if not os.path.isabs(data):
        return 0  # nowhere to look for trust, so there is none
    shell = str(call.values["shell"])
    answer = answer_shell(call.environ, data, venv, pin, call.directory)
    data_for(call, render_answer(shell, answer).encode("utf-8", "surrogateescape"))
    return 0


def data_for(call: Call, text: bytes) -> None:
    """Write bytes as they are: a path need not be text."""
    buffer = getattr(call.terminal.out.file, "buffer", None)
    if buffer is None:
        call.terminal.data(text.decode("utf-8", "surrogateescape"))
    else:
        buffer.write(text)
        buffer.flush()
