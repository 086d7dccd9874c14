"""The commands of packages: small files in ``bin`` that start the environment's interpreter.

Pure text and bytes; `apply` writes them. Follows the entry points specification ("console_scripts",
"gui_scripts") and the rules that `distlib` and `installer` have for the first line: the kernel cuts it at
127 bytes (older Linux; others allow more) and knows no spaces, so other paths go through ``/bin/sh``.
"""

from __future__ import annotations

from hutch.env.problems import InvalidCommand
from hutch.values import dataclass

__all__ = [
    "LauncherFacts",
    "check_command",
    "render_launcher",
    "render_shebang",
    "rewrite_launcher",
    "rewrite_shebang",
    "shell_word",
    "split_shebang",
]

LONGEST = 127
"""Bytes of a first line that every kernel still reads, ``#!`` included."""

POSIX = """\
import sys
from {module} import {first}
if __name__ == "__main__":
    sys.argv[0] = sys.argv[0].removesuffix("-script.pyw").removesuffix(".exe")
    sys.exit({function}())
"""
# `removesuffix` came with Python 3.9.
OLD = POSIX.replace(
    'sys.argv[0].removesuffix("-script.pyw").removesuffix(".exe")',
    'sys.argv[0][:-4] if sys.argv[0].endswith(".exe") else sys.argv[0]',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LauncherFacts:
    """What the commands of one environment have in common.

    ``python`` is the absolute path of the interpreter inside it; ``relocatable`` has them look for it beside
    themselves; ``machine`` chooses the Windows launcher (``amd64``, ``arm64``, ``x86``).
    """

    python: str
    windows: bool = False
    relocatable: bool = False
    machine: str = "amd64"
    python_version: tuple[int, int] = (3, 9)


def check_command(package: str, name: str, target: str) -> tuple[str, str]:
    """The module and the function of a command, or `InvalidCommand`.

    A name is one component of a path; a target is dotted identifiers, so that it cannot smuggle code.
    """
    if (
        not name
        or name in (".", "..")
        or "/" in name
        or "\\" in name
        or ":" in name
        or not name.isprintable()
    ):
        raise InvalidCommand(package, name, "the name is not that of a file in one directory")
    if len(name.encode("utf-8", "surrogatepass")) > 250:
        raise InvalidCommand(package, name[:40], "the name is too long")
    module, colon, function = (part.strip() for part in target.partition(":"))
    if not colon or not _dotted(module) or not _dotted(function):
        raise InvalidCommand(package, name, f"the target {target!r} is not `module:function`")
    return module, function


def _dotted(text: str) -> bool:
    from keyword import iskeyword

    return all(part.isidentifier() and not iskeyword(part) for part in text.split("."))


def render_launcher(
    facts: LauncherFacts, package: str, name: str, target: str, *, gui: bool = False
) -> dict[str, bytes]:
    """The files (name -> content) that make the command ``name`` of ``package``; all are executable."""
    module, function = check_command(package, name, target)
    template = POSIX if facts.python_version >= (3, 9) else OLD
    body = template.format(module=module, first=function.partition(".")[0], function=function).encode()
    if facts.windows:
        return {f"{name}.exe": _windows(facts, body, gui=gui)}
    return {name: render_shebang(facts) + body}


def render_shebang(facts: LauncherFacts, *, gui: bool = False) -> bytes:
    """The first line, or the three lines that do its work where it cannot."""
    import os

    python = facts.python
    if facts.windows:
        if gui:
            python = python.replace("python.exe", "pythonw.exe")
        quoted = f'"{python}"' if " " in python else python
        return b"#!" + quoted.encode("utf-8") + b"\r\n"
    if facts.relocatable:
        name = python.rpartition("/")[2]
        # `realpath`, because a command is often started through a link from ~/.local/bin.
        where = '"$(dirname -- "$(realpath -- "$0")")"/' + shell_word(name)
        return f"#!/bin/sh\n'''exec' {where} \"$0\" \"$@\"\n' '''\n".encode()
    path = os.fsencode(python)
    line = b"#!" + path + b"\n"
    if len(line) <= LONGEST and not any(each in path for each in b" \t\n"):
        return line
    # To the shell: exec the interpreter with this file. To Python: a string that nobody reads.
    word = os.fsencode(shell_word(python))
    return b"#!/bin/sh\n'''exec' " + word + b" \"$0\" \"$@\"\n' '''\n"


def shell_word(path: str) -> str:
    """``path`` as one word of the shell that may also stand between three single quotes of Python.

    No backslash may come out but before a quote (Python warns of others), and no three quotes in a row.

    >>> shell_word("/a b/$c/python")
    '"/a b/"\\'$\\'"c/python"'
    """
    pieces: list[str] = []
    plain = ""
    for each in path:
        if each in '$`"\\':
            if plain:
                pieces.append(f'"{plain}"')
                plain = ""
            pieces.append(f"'{each}'")
        elif each == "'" and plain.endswith("'"):
            pieces.append(f'"{plain}"')
            plain = each
        else:
            plain += each
    if plain:
        pieces.append(f'"{plain}"')
    return "".join(pieces)


def rewrite_shebang(facts: LauncherFacts, content: bytes) -> bytes | None:
    """A script of a wheel's ``.data/scripts`` with ``#!python`` made real, or None if it has no such line."""
    if not content.startswith(b"#!python"):
        return None
    line, end, rest = content.partition(b"\n")
    word = line.rstrip()
    if word not in (b"#!python", b"#!pythonw"):
        return None
    shebang = render_shebang(facts, gui=word == b"#!pythonw")
    return shebang + rest if end else shebang


def split_shebang(content: bytes) -> tuple[str, bytes] | None:
    """The interpreter that a command names, ``""`` if it looks for it beside itself, and what follows.

    Read are the forms of `render_shebang`, and what pip, distlib and uv write. None for anything else, as
    for a line with options of the interpreter, which would get lost.
    """
    line, end, rest = content.partition(b"\n")
    if not end or not line.startswith(b"#!"):
        return None
    word = line[2:].strip()
    if word == b"/bin/sh" and rest.startswith(b"'''exec' "):
        command, end, rest = rest.partition(b"\n")
        closing, end, body = rest.partition(b"\n")
        if closing.strip() != b"' '''" or not command.endswith(b' "$0" "$@"'):
            return None
        text = command[len(b"'''exec' ") : -len(b' "$0" "$@"')].decode("utf-8", "surrogateescape")
        if text.startswith('"$(dirname -- "$(realpath -- "$0")")"/'):
            return "", body
        import shlex

        try:
            words = shlex.split(text)
        except ValueError:
            return None
        # distlib quotes a path with a space in it, and pip of some years did not.
        return " ".join(words), body
    if not word or b" " in word or b"\t" in word:
        return None
    return word.decode("utf-8", "surrogateescape"), rest


def rewrite_launcher(content: bytes, facts: LauncherFacts, before: str) -> bytes | None:
    """A launcher for Windows with the interpreter of ``facts``; None if it has that, or is another's.

    It is a program, ``#!`` and a path, a line end, and a zip file. ``before`` is where the environment was.
    """
    import ntpath
    import os

    end = content.rfind(b"PK\x05\x06")
    if end < 0 or len(content) < end + 22:
        return None
    size, offset = (int.from_bytes(content[end + at : end + at + 4], "little") for at in (12, 16))
    zipped = end - size - offset
    start = content.rfind(b"#!", 0, zipped) if zipped > 0 else -1
    line = content[start:zipped]
    if start < 0 or not line.endswith(b"\n") or len(line) > 2048:
        return None
    word = line[2:].strip().strip(b'"').decode("utf-8", "surrogateescape")
    folder, name = ntpath.split(word)
    if not name.lower().startswith("python"):
        return None
    ours = [ntpath.dirname(facts.python)]
    if before:
        ours.append(ntpath.join(before, "Scripts"))
    known = folder == "<launcher_dir>" or ntpath.normcase(folder) in map(ntpath.normcase, ours)
    if not known and os.path.exists(word):
        return None
    gui = name.lower() == "pythonw.exe"
    new = render_shebang(facts, gui=gui)
    if facts.relocatable:
        new = b"#!<launcher_dir>\\" + (b"pythonw.exe" if gui else b"python.exe") + b"\r\n"
    made = content[:start] + new + content[zipped:]
    return None if made == content else made


def _windows(facts: LauncherFacts, body: bytes, *, gui: bool) -> bytes:
    """distlib's launcher, the line that it reads, and the program as a zip behind it."""
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # A fixed date, so that the same command is the same bytes.
        archive.writestr(zipfile.ZipInfo("__main__.py", (2020, 2, 2, 0, 0, 0)), body)
    shebang = render_shebang(facts, gui=gui)
    if facts.relocatable:
        name = "pythonw.exe" if gui else "python.exe"
        shebang = b"#!<launcher_dir>\\" + name.encode() + b"\r\n"
    return _windows_stub(facts.machine, gui=gui) + shebang + buffer.getvalue()


def _windows_stub(machine: str, *, gui: bool) -> bytes:
    import importlib.util
    import os

    bits = {"arm64": "64-arm", "x86": "32", "win32": "32"}.get(machine.lower(), "64")
    spec = importlib.util.find_spec("distlib")
    if spec is None or spec.origin is None:
        from hutch.errors import Bug

        raise Bug("distlib, which brings the launchers for Windows, is not installed")
    path = os.path.join(os.path.dirname(spec.origin), f"{'w' if gui else 't'}{bits}.exe")
    with open(path, "rb") as file:
        return file.read()
