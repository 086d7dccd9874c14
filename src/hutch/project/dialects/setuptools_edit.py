"""Edits of ``setup.cfg`` and of the files of requirements that setuptools is told of.

A ``setup.py`` is a program, and is never rewritten: the error names the line. Groups for development go to
the ``pyproject.toml`` beside it. Lines that are not meant stay byte for byte; each result is read again.
"""

from __future__ import annotations

from hutch.errors import Bug
from hutch.project import edit
from hutch.project.dialects.setuptools_files import layers_beside
from hutch.project.loading import load_toml
from hutch.project.splice import newline_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.dialects.setup_cfg import Entry
    from hutch.project.manifest import Manifest
    from hutch.project.settings import Source
    from hutch.spec import NormalizedName, Requirement

__all__ = ["add_requirement", "file_of", "remove_requirement", "remove_source", "set_sources"]

_ARGUMENTS = {"project": "install_requires", "extra": "extras_require"}


def file_of(manifest: Manifest, where: str, read: Callable[[str], str | None]) -> str:
    """The file in which ``where`` stands; that of a ``setup.py`` is not to be changed."""
    kind, _, extra = where.partition(":")
    text = read("pyproject.toml")
    if kind == "group":
        said = load_toml(text, "pyproject.toml") if text is not None else {}
        groups = {str(name).lower() for name in said.get("dependency-groups", {})}
        beside = [one for one in layers_beside(read) if one.where == where and extra.lower() not in groups]
        return beside[0].source if beside and "project" not in said else "pyproject.toml"
    if manifest.filename == "pyproject.toml" and text is not None:
        data = load_toml(text, "pyproject.toml")
        if "project" in data:
            return _dynamic_file(data, kind, extra) or "pyproject.toml"
    script = read("setup.py")
    if script is not None:
        from hutch.project.dialects.setup_py import read_setup_py

        program, argument = read_setup_py(script), _ARGUMENTS[kind]
        if program.values.get(argument) or argument in program.unknown or not program.complete:
            return "setup.py"
    config = read("setup.cfg")
    if config is None:
        return "setup.py"
    files = _files(_entry(config, where))
    return files[0] if len(files) == 1 else "setup.cfg"


def add_requirement(text: str, requirement: Requirement, where: str, *, filename: str) -> str:
    """Put ``requirement`` into ``where`` of the file ``filename`` (that of ``file_of``)."""
    if filename == "pyproject.toml":
        return edit.add_requirement(text, requirement, where, filename=filename)
    _refuse(text, where, filename)
    if filename == "setup.cfg":
        return _change(text, where, requirement.name, requirement)
    return _change_file(text, requirement.name, requirement)


def remove_requirement(text: str, name: NormalizedName, where: str, *, filename: str) -> str:
    """Take ``name`` out. Raises ``NotDeclared``."""
    if filename == "pyproject.toml":
        return edit.remove_requirement(text, name, where, filename=filename)
    _refuse(text, where, filename)
    changed = _change(text, where, name, None) if filename == "setup.cfg" else _change_file(text, name, None)
    if changed == text:
        raise edit.NotDeclared(name, where)
    return changed


def set_sources(text: str, name: NormalizedName, sources: tuple[Source, ...], *, filename: str) -> str:
    """``[tool.hutch.sources]``, which is in a ``pyproject.toml`` only."""
    if filename != "pyproject.toml":
        from hutch.project.faults import CannotEdit

        raise CannotEdit(
            filename,
            f"say where {name} comes from in",
            "setuptools has no words for it",
            f"write it into [tool.hutch.sources] of a pyproject.toml, or {name} @ URL into {filename}",
        )
    return edit.set_sources(text, name, sources, filename=filename)


def remove_source(text: str, name: NormalizedName, *, filename: str) -> str:
    """As ``project.edit.remove_source``; in other files there is none."""
    return edit.remove_source(text, name, filename=filename) if filename == "pyproject.toml" else text


# --- which file ---


def _refuse(text: str, where: str, filename: str) -> None:
    """``CannotEdit`` for a program, and for a choice between files."""
    from hutch.project.faults import CannotEdit

    if filename == "setup.py":
        from hutch.project.dialects.setup_py import read_setup_py

        argument = _ARGUMENTS[where.partition(":")[0]]
        line = read_setup_py(text).line(argument)
        raise CannotEdit(
            filename,
            "change",
            f"setup.py:{line}: it is a program, and {argument} is there",
            (
                f"edit {argument} in setup.py:{line}, then run hutch lock",
                "use --group NAME for what only development needs",
                "hutch import makes a pyproject.toml of it",
            ),
        )
    entry = _entry(text, where) if filename == "setup.cfg" else None
    files = _files(entry)
    if entry is not None and files:
        raise CannotEdit(
            filename,
            "choose a file of requirements in",
            f"setup.cfg:{entry.line} names {len(files)}",
            f"edit {' or '.join(files)}, then run hutch lock",
        )


def _dynamic_file(data: dict[str, Any], kind: str, extra: str) -> str | None:
    """The file of ``[tool.setuptools.dynamic]`` that ``where`` is read from."""
    from hutch.spec import normalize

    dynamic = data.get("tool", {}).get("setuptools", {}).get("dynamic", {})
    if kind == "project":
        said = dynamic.get("dependencies")
    else:
        extras = dynamic.get("optional-dependencies", {})
        said = next((value for key, value in extras.items() if normalize(key) == normalize(extra)), None)
    files = said.get("file") if isinstance(said, dict) else None
    names = [files] if isinstance(files, str) else files
    if not isinstance(names, list) or len(names) != 1:
        return None
    return str(names[0]).replace("\\", "/").removeprefix("./")


def _entry(text: str, where: str) -> Entry | None:
    from hutch.project.dialects.setup_cfg import read_setup_cfg
    from hutch.spec import normalize

    config = read_setup_cfg(text)
    kind, _, extra = where.partition(":")
    if kind == "project":
        return config.get("options", "install_requires")
    extras = config.sections.get("options.extras_require", {})
    return next((entry for key, entry in extras.items() if normalize(key) == normalize(extra)), None)


def _files(entry: Entry | None) -> list[str]:
    if entry is None or not entry.text.startswith("file:"):
        return []
    names = entry.text[5:].replace("\n", ",").split(",")
    return [name.strip().removeprefix("./") for name in names if name.strip()]


# --- setup.cfg ---


def _change(text: str, where: str, name: NormalizedName, new: Requirement | None) -> str:
    """``setup.cfg`` with ``new`` in the place of ``name``, or without it."""
    entry = _entry(text, where)
    newline = newline_of(text)
    lines = text.splitlines(keepends=True)
    if entry is None:
        if new is None:
            return text
        changed = _with_key(text, where, new.render(), newline)
    elif len(entry.lines) <= 1:
        items = _replaced([item for _, item in entry.items()], name, new)
        shown = "".join(f"    {item}{newline}" for item in items)
        head = lines[entry.line - 1]
        sign = min((at for mark in "=:" if (at := head.find(mark)) >= 0), default=len(head))
        indent = head[: len(head) - len(head.lstrip())]
        body = "".join(indent + line for line in shown.splitlines(keepends=True))
        lines[entry.line - 1] = head[: sign + 1].rstrip("\r\n") + newline + body
        changed = "".join(lines)
    else:
        changed = _in_lines(lines, entry, name, new, newline)
    expected = _replaced([item for _, item in entry.items()] if entry else [], name, new)
    after = _entry(changed, where)
    if sorted(item for _, item in (after.items() if after else ())) != sorted(expected):
        raise Bug("an edit of setup.cfg changed something else")
    return changed


def _in_lines(
    lines: list[str], entry: Entry, name: NormalizedName, new: Requirement | None, newline: str
) -> str:
    """A list with an item a line: its lines replaced, one more, or fewer."""
    said = [(line, item) for line, item in entry.items() if line != entry.line]
    here = [line for line, item in said if _name_of(item) == name]
    if new is None or here:
        words = None if new is None else _kept(new, next(i for n, i in said if n in here[:1]))
        for line in reversed(here):
            old = lines[line - 1]
            if words is not None and line == here[0]:
                indent = old[: len(old) - len(old.lstrip())]
                lines[line - 1] = indent + words + (old[len(old.rstrip("\r\n")) :] or newline)
            else:
                del lines[line - 1]
        return "".join(lines)
    names = [_name_of(item) or "" for _, item in said]
    position = len(said)
    if names == sorted(names):
        position = next((n for n, each in enumerate(names) if each > name), len(said))
    example = lines[said[0][0] - 1] if said else "    "
    indent = example[: len(example) - len(example.lstrip())] or "    "
    at = said[position][0] - 1 if position < len(said) else (said[-1][0] if said else entry.line)
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
    lines.insert(at, f"{indent}{new.render()}{newline}")
    return "".join(lines)


def _with_key(text: str, where: str, words: str, newline: str) -> str:
    """A key that is not there yet, at the end of its section; a section, at the end of the file."""
    from hutch.project.dialects.setup_cfg import read_setup_cfg

    kind, _, extra = where.partition(":")
    section, key = ("options", "install_requires") if kind == "project" else ("options.extras_require", extra)
    config = read_setup_cfg(text)
    block = f"{key} ={newline}    {words}{newline}"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    if section not in config.sections:
        gap = newline if lines and lines[-1].strip() else ""
        return "".join(lines) + f"{gap}[{section}]{newline}{block}"
    entries = config.sections[section].values()
    last = max((each.last for each in entries), default=config.starts[section])
    lines.insert(last, block)
    return "".join(lines)


def _replaced(items: list[str], name: NormalizedName, new: Requirement | None) -> list[str]:
    """The items as they are to be afterwards."""
    found = [item for item in items if _name_of(item) == name]
    if new is None:
        return [item for item in items if item not in found]
    if not found:
        return [*items, new.render()]
    kept = [item for item in items if item not in found or item == found[0]]
    return [_kept(new, item) if item == found[0] else item for item in kept]


# --- a file of requirements ---


def _change_file(text: str, name: NormalizedName, new: Requirement | None) -> str:
    """A file with a requirement a line; a comment behind one stays."""
    newline = newline_of(text)
    lines = text.splitlines(keepends=True)
    here = [n for n, line in enumerate(lines) if _name_of(line.partition(" #")[0].strip()) == name]
    if new is not None and not here:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += newline
        names = [_name_of(line.partition(" #")[0].strip()) for line in lines]
        said = [(number, each) for number, each in enumerate(names) if each]
        at = len(lines)
        if said and [each for _, each in said] == sorted(each for _, each in said):
            at = next((number for number, each in said if each > name), said[-1][0] + 1)
        lines.insert(at, new.render() + newline)
        return "".join(lines)
    for number in reversed(here):
        old = lines[number]
        if new is None or number != here[0]:
            del lines[number]
            continue
        words, mark, comment = old.partition(" #")
        indent = words[: len(words) - len(words.lstrip())]
        gap = words[len(words.rstrip()) :].rstrip("\r\n")
        ending = f"{gap}{mark}{comment}" if mark else old[len(old.rstrip("\r\n")) :]
        lines[number] = indent + _kept(new, words.strip()) + ending
    return "".join(lines)


def _kept(new: Requirement, old: str) -> str:
    """``new`` with the extras and the marker of what it replaces, where it has none."""
    from hutch.errors import Problem
    from hutch.spec import parse_requirement
    from hutch.values import replace

    try:
        before = parse_requirement(old)
    except Problem:
        return new.render()
    return replace(new, extras=new.extras or before.extras, marker=new.marker or before.marker).render()


def _name_of(item: str) -> str | None:
    from hutch.errors import Problem
    from hutch.spec import parse_requirement

    if not item or item.startswith(("#", "-")):
        return None
    try:
        return parse_requirement(item).name
    except Problem:
        return None
