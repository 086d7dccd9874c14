"""Files that have the place of their prefix in them, written for another place (CEP 34); commands of noarch.

What conda does, to the byte: a placeholder in a text is replaced; in a binary each string of C that has it
is replaced and filled up with zeros, so that nothing behind it moves. A first line that is longer than the
system takes becomes one that asks `env`.
"""

from __future__ import annotations

import sys

from hutch.env.launchers import check_command, shell_word
from hutch.env.problems import InvalidCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import Prefixed

__all__ = ["PrefixTooLong", "entry_point", "original", "repoint_command", "replace_path", "rewrite"]

_LONGEST = 512 if sys.platform == "darwin" else 127
"""Bytes of a first line, ``#!`` included."""


class PrefixTooLong(ValueError):
    """The prefix has more bytes than what stands for it in a binary."""


def rewrite(content: bytes, how: Prefixed, prefix: str, *, windows: bool = False) -> bytes:
    """``content`` with ``prefix`` in place of the placeholder. Raises `PrefixTooLong`."""
    old = how.placeholder.encode()
    new = (prefix.replace("\\", "/") if windows and how.mode == "text" else prefix).encode(
        "utf-8", "surrogateescape"
    )
    if how.mode == "binary":
        return content if windows else _rewrite_binary(content, old, new)
    if not windows and content.startswith(b"#!"):
        line, end, rest = content.partition(b"\n")
        return _rewrite_first_line(line, old, new) + end + rest.replace(old, new)
    return content.replace(old, new)


def _rewrite_binary(content: bytes, old: bytes, new: bytes) -> bytes:
    if len(new) > len(old):
        raise PrefixTooLong(f"{len(new)} bytes, and there is room for {len(old)}")
    parts: list[bytes] = []
    at = 0
    while True:
        start = content.find(old, at)
        if start < 0:
            break
        end = content.find(b"\0", start)
        end = len(content) if end < 0 else end
        text = content[start:end].replace(old, new)
        parts += [content[at:start], text, b"\0" * (end - start - len(text))]
        at = end
    return content if not parts else b"".join([*parts, content[at:]])


def _rewrite_first_line(line: bytes, old: bytes, new: bytes) -> bytes:
    if b" " in new:
        return _asking_env(line).replace(old, new) if old in line else line
    line = line.replace(old, new)
    return _asking_env(line) if len(line) > _LONGEST else line


def _asking_env(line: bytes) -> bytes:
    """``#!/usr/bin/env NAME rest`` for ``#!/path/NAME rest``."""
    words = line[2:].lstrip(b" ")
    if not words.startswith(b"/"):
        return line
    end = 0
    while end < len(words) and (words[end : end + 1] not in (b" ", b"\t", b"\r")):
        end += 2 if words[end : end + 2] == b"\\ " else 1
    name = words[:end].rpartition(b"/")[2]
    return line if name == b"env" else b"#!/usr/bin/env " + name + words[end:]


def entry_point(python: str, said: str) -> tuple[str, bytes] | None:
    """The name and the text of the command for ``name = module:function``; None if it says nothing such."""
    name, _, target = (part.strip() for part in said.partition("="))
    if name.startswith("."):
        return None
    try:
        module, function = check_command("", name, target)
    except InvalidCommand:
        return None
    text = f"""{_head(python)}
# -*- coding: utf-8 -*-
import re
import sys

from {module} import {function.split(".")[0]}

if __name__ == '__main__':
\tsys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])
\tsys.exit({function}())
"""
    return name, text.encode("utf-8", "surrogateescape")


def _head(python: str) -> str:
    """The first line of a command, or the two that do its work where it would be too long."""
    if len(python) > _LONGEST - 2 or " " in python:
        return f"#!/bin/sh\n'''exec' {shell_word(python)} \"$0\" \"$@\" #'''"
    return f"#!{python}"


# -- and back ---------------------------------------------------------------------------------------


def original(
    content: bytes, how: Prefixed, prefix: str, sha256: str = "", *, windows: bool = False
) -> tuple[bytes, bool] | None:
    """What `rewrite` has made ``content`` of, and whether ``sha256``, the hash of that, proves it.

    None where it cannot be told: the zeros that fill up a string of a binary are not there.
    """
    import hashlib

    old = (prefix.replace("\\", "/") if windows and how.mode == "text" else prefix).encode(
        "utf-8", "surrogateescape"
    )
    new = how.placeholder.encode()
    if how.mode == "binary":
        found = content if windows else _fill_back(content, old, new)
        candidates = [] if found is None else [found]
    else:
        candidates = [content.replace(old, new), *_long_lines(content, old, new)]
    for each in candidates:
        if sha256 and hashlib.sha256(each).hexdigest() == sha256:
            return each, True
    return (candidates[0], False) if candidates else None


def _fill_back(content: bytes, old: bytes, new: bytes) -> bytes | None:
    """The strings with the placeholder, which take up the zeros behind them that are there for that."""
    parts: list[bytes] = []
    at, more = 0, len(new) - len(old)
    while True:
        start = content.find(old, at)
        if start < 0:
            break
        end = content.find(b"\0", start)
        end = len(content) if end < 0 else end
        text = content[start:end]
        room = more * text.count(old)
        if room < 0 or content[end : end + room] != b"\0" * room:
            return None
        parts += [content[at:start], text.replace(old, new)]
        at = end + room
    return content if not parts else b"".join([*parts, content[at:]])


def _long_lines(content: bytes, old: bytes, new: bytes) -> list[bytes]:
    """The same for a first line that asks `env`, because it would have been too long."""
    mark = b"#!/usr/bin/env "
    line, end, rest = content.partition(b"\n")
    if not line.startswith(mark):
        return []
    name, after = line[len(mark) :], rest.replace(old, new)
    folders = (new + b"/bin/", b" " + new + b"/bin/")
    return [b"#!" + folder + name.replace(old, new) + end + after for folder in folders]


def replace_path(content: bytes, old: str, new: str) -> bytes:
    """``content`` with the directory ``new`` for ``old``, which may be part of a path, but not of a name."""
    before, after = (each.encode("utf-8", "surrogateescape") for each in (old, new))
    parts: list[bytes] = []
    at = 0
    while (start := content.find(before, at)) >= 0:
        behind = content[start + len(before) : start + len(before) + 1]
        whole = not (behind.isalnum() or behind in (b"_", b"-", b"+"))
        parts += [content[at:start], after if whole else before]
        at = start + len(before)
    return b"".join([*parts, content[at:]])


def repoint_command(content: bytes, before: str, after: str, *, of_conda: bool) -> bytes | None:
    """A command whose interpreter is below ``before``, with the same below ``after``; None if it has another.

    What is too long for a first line is written in conda's form or in that of wheels.
    """
    import os

    from hutch.env.launchers import LauncherFacts, render_shebang

    line, end, rest = content.partition(b"\n")
    if not line.startswith(b"#!") or not end:
        return None
    start = os.fsencode(before) + b"/"
    if line == b"#!/bin/sh":
        parted = _asked_of_the_shell(rest)
        if parted is None:
            return None
        python, rest = parted
    else:
        python = line[2:].strip(b" \t\r")
    if not python.startswith(start) or b"\t" in python:
        return None
    if b" " in python and line != b"#!/bin/sh" and not before.count(" "):
        # With options, which no other form can have.
        return line.replace(start, os.fsencode(after) + b"/", 1) + end + rest
    now = after + os.fsdecode(python[len(start) - 1 :])
    if of_conda:
        return os.fsencode(_head(now)) + b"\n" + rest
    return render_shebang(LauncherFacts(python=now, windows=False, relocatable=False)) + rest


def _asked_of_the_shell(rest: bytes) -> tuple[bytes, bytes] | None:
    """The interpreter, and what follows, of a command that begins with ``#!/bin/sh``."""
    import os
    import shlex

    command, _, body = rest.partition(b"\n")
    if not command.startswith(b"'''exec' "):
        return None
    text = command[len(b"'''exec' ") :]
    if text.endswith(b' "$0" "$@" #\'\'\''):
        text = text[: -len(b' "$0" "$@" #\'\'\'')]
    elif text.endswith(b' "$0" "$@"'):
        text = text[: -len(b' "$0" "$@"')]
        closing, _, body = body.partition(b"\n")
        if closing.strip() != b"' '''":
            return None
    else:
        return None
    try:
        words = shlex.split(os.fsdecode(text))
    except ValueError:
        return None
    return (os.fsencode(words[0]), body) if len(words) == 1 else None
