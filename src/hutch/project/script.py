"""Scripts with inline metadata: the block ``# /// script`` … ``# ///``, read and edited (PEP 723).

The block is looked at as the ``[project]`` table of a manifest: the line that opens it stands for the
header, each other line for itself without its ``#``, and lines above are empty. So everything that
reads, places and edits manifests serves scripts as well, and lines keep their numbers. Whatever an
edit changes is put back line by line: all other bytes of the file stay.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.project.faults import Fault, InvalidManifest
from hutch.project.loading import load_toml
from hutch.project.parse import Reader
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.manifest import Manifest
    from hutch.project.parse import Remembered

__all__ = ["Block", "UnclosedBlock", "add_block", "find_block", "parse_script", "put_back", "script_manifest"]

OPENING, CLOSING, HEADER = "# /// script", "# ///", "[project]"
KEYS = ("dependencies", "requires-python")


class UnclosedBlock(Problem):
    """A script opens a block of metadata and never closes it; by the specification that is no block."""

    code = "unclosed-script-block"

    def __init__(self, filename: str, line: int, end: int) -> None:
        self.line = line
        super().__init__(
            f"{filename}:{line}: the block `{OPENING}` is not closed",
            why=f"its lines begin with `#` and a space, up to a line `{CLOSING}`; line {end} does not",
            hint=f"write a line `{CLOSING}` at its end",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where the metadata stand: lines ``first`` (the opening one) to ``last`` (the closing one), from 0.

    ``lines`` are all of the file, with their ends.
    """

    lines: tuple[str, ...]
    first: int
    last: int

    @property
    def content(self) -> str:
        """The TOML text, a line for each line between."""
        between = self.lines[self.first + 1 : self.last]
        return "".join(_without_hash(line) + "\n" for line in map(_bare, between))


def find_block(text: str, filename: str) -> Block | None:
    """The block of metadata of a script, or None. Follows the specification's regular expression.

    Raises ``InvalidManifest`` for a second block, and ``UnclosedBlock``.
    """
    if OPENING not in text:
        return None
    lines = _split(text)
    found: list[Block] = []
    unclosed: UnclosedBlock | None = None
    number = 0
    while number < len(lines):
        kind = _opens(lines[number], number)
        if kind:
            end = number + 1
            while end < len(lines) and _is_comment(_bare(lines[end])):
                end += 1
            # The last closing line of the comment is the one that counts.
            last = next((n for n in range(end - 1, number, -1) if _bare(lines[n]) == CLOSING), None)
            if last is not None:
                if kind == "script":
                    found.append(Block(lines=tuple(lines), first=number, last=last))
                number = last
            elif kind == "script":
                unclosed = unclosed or UnclosedBlock(filename, number + 1, end + 1)
        number += 1
    if len(found) > 1:
        first = found[0].first + 1
        reason = f"a second block `{OPENING}`; the first one is in line {first}"
        raise InvalidManifest(filename, (Fault("", found[1].first + 1, reason),))
    if not found and unclosed is not None:
        raise unclosed
    return found[0] if found else None


def script_manifest(block: Block) -> str:
    """The block as the text of a manifest, each line where it is in the script."""
    return "\n" * block.first + HEADER + "\n" + block.content


def parse_script(text: str, *, filename: str, remember: Remembered | None = None) -> Manifest:
    """Read what ``script_manifest`` gave; faults have the lines of the script.

    There is no name, and what scripts cannot say (groups, extras, a build system) is a fault.
    """
    from hutch.project.declared import Locator

    try:
        data = load_toml(text, filename)
    except InvalidManifest as problem:
        raise InvalidManifest(filename, tuple(_shifted(fault) for fault in problem.faults)) from None
    reader = _ScriptReader(data, filename, Locator(text), remember if remember is not None else {})
    try:
        return reader.read()
    except InvalidManifest as problem:
        faults = (replace(fault, path=fault.path.removeprefix("project.")) for fault in problem.faults)
        raise InvalidManifest(filename, tuple(faults)) from None


def put_back(block: Block, manifest: str) -> str:
    """The script with the lines of ``manifest`` (an edit of ``script_manifest``) in its block.

    Lines that are as they were keep their bytes; new ones end as the opening line does.
    """
    new = [_bare(line) for line in _split(manifest)[block.first + 1 :]]
    old = [_bare(line) for line in block.lines[block.first + 1 : block.last]]
    before = [_without_hash(line) for line in old]
    opening = block.lines[block.first]
    newline = opening[len(_bare(opening)) :] or "\n"
    same = 0
    while same < min(len(new), len(before)) and new[same] == before[same]:
        same += 1
    tail = 0
    while tail < min(len(new), len(before)) - same and new[-1 - tail] == before[-1 - tail]:
        tail += 1
    start, end = block.first + 1 + same, block.last - tail
    middle = [(f"# {line}" if line else "#") + newline for line in new[same : len(new) - tail]]
    return "".join([*block.lines[:start], *middle, *block.lines[end:]])


def add_block(text: str, requires_python: str) -> str:
    """The script with an empty block of metadata: below a ``#!`` line and an encoding, above the rest."""
    import re

    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = _split(text.removeprefix("\ufeff"))
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    head = 0
    if lines and lines[0].startswith("#!"):
        head = 1
    if len(lines) > head and re.match(r"[ \t\f]*#.*?coding[:=]", lines[head]):
        head += 1
    block = [OPENING, f'# requires-python = "{requires_python}"', "# dependencies = []", CLOSING]
    above, rest = lines[:head], lines[head:]
    if above and not above[-1].endswith(("\n", "\r")):
        above[-1] += newline
    if rest and rest[0].strip():
        block.append("")
    return mark + "".join([*above, *(line + newline for line in block), *rest])


class _ScriptReader(Reader):
    """Reads a block: a manifest with two keys and ``[tool]``."""

    def read(self) -> Manifest:
        project = self.data.get("project", {})
        for key in project if isinstance(project, dict) else ():
            if key not in KEYS:
                self.faults.add(
                    ("project", key), f"has no meaning in a script; there are {', '.join(KEYS)} and [tool]"
                )
        for key in self.data:
            if key not in ("project", "tool"):
                self.faults.add((key,), f"has no meaning in a script; there are {', '.join(KEYS)} and [tool]")
        self.faults.raise_any()
        return replace(Reader.read(self), is_package=False)

    def name(self, project: dict[str, Any], *, required: bool) -> str | None:
        return None


def _shifted(fault: Fault) -> Fault:
    """Columns of the file, not of the text without ``# ``."""
    return replace(fault, column=fault.column + 2) if fault.column else fault


def _split(text: str) -> list[str]:
    """Lines as a file has them: only line feeds end one (``splitlines`` knows a dozen other ends)."""
    pieces = text.split("\n")
    lines = [piece + "\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines


def _opens(line: str, number: int) -> str:
    """The type of the block that the line opens; empty where it opens none."""
    bare = _bare(line)
    if number == 0:
        bare = bare.removeprefix("\ufeff")
    if not bare.startswith("# /// "):
        return ""
    kind = bare[6:]
    return kind if kind.isascii() and kind.replace("-", "a").isalnum() else ""


def _bare(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _without_hash(line: str) -> str:
    return line[2:] if line.startswith("# ") else line[1:]
