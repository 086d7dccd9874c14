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

__all__ = ["PrefixTooLong", "entry_point", "rewrite"]

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
    if len(python) > _LONGEST - 2 or " " in python:
        first = f"#!/bin/sh\n'''exec' {shell_word(python)} \"$0\" \"$@\" #'''"
    else:
        first = f"#!{python}"
    text = f"""{first}
# -*- coding: utf-8 -*-
import re
import sys

from {module} import {function.split(".")[0]}

if __name__ == '__main__':
\tsys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])
\tsys.exit({function}())
"""
    return name, text.encode("utf-8", "surrogateescape")
