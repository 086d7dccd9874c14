"""Edits of requirements files: a line in, a line out, comments and order kept.

A group has its file; where there is none it is made, named as its neighbours are. Of what pip-compile makes
from an ``.in`` nothing is changed here: that is what the ``.in`` is for.
"""

from __future__ import annotations

from hutch.project.dialects.requirements_layers import compiled_of, find_layers
from hutch.project.edit import AmbiguousEdit, NotDeclared
from hutch.project.faults import CannotEdit
from hutch.project.splice import newline_of
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.project.manifest import Manifest
    from hutch.project.requirement_lines import Given
    from hutch.project.settings import Source
    from hutch.spec import Requirement

__all__ = ["READS", "add_requirement", "file_of", "remove_requirement", "set_sources"]

READS = True
"""The functions here want to read files: the name of `-e ./lib` is in that folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A logical line that asks for something: where it begins and ends (before its line end), its comment."""

    start: int
    end: int
    name: str
    given: Given
    comment: str
    hashed: bool


def file_of(
    manifest: Manifest,
    where: str,
    read: Callable[[str], str | None],
    *,
    package: str | None = None,
) -> str:
    """The file that asks for what ``where`` means: for ``package`` the one that has it, which may be one
    that is included; of a group not one that another list includes too. Raises ``CannotEdit`` where there can
    be none.
    """
    lists = manifest.requirements()
    shared = {one.filename for other, found in lists.items() if other != where for one in found}
    for one in lists.get(where, ()):
        if one.requirement.name == package and (where == "project" or one.filename not in shared):
            return one.filename
    kind, _, name = where.partition(":")
    if kind == "extra":
        why = "requirements files have groups, a file each, and no extras"
        hint = (f"use --group {name}", "hutch import makes a pyproject.toml of it")
        raise CannotEdit(manifest.filename, "say in", why, hint)
    layers = find_layers(manifest.filename, read)[0]
    found = next((layer.source for layer in layers if layer.where == where), None)
    if found is not None:
        return found
    folder, slash, own = manifest.filename.rpartition("/")
    stem, _, ending = own.rpartition(".")
    inner = folder.rpartition("/")[2] == "requirements"
    path = f"{folder}{slash}{name}.{ending}" if inner else f"{folder}{slash}{stem}-{name}.{ending}"
    if not any(layer.where == where for layer in find_layers(manifest.filename, _With(read, path))[0]):
        why = f"nobody would take {path} for a group: its name may stand for a Python or a system"
        raise CannotEdit(manifest.filename, "say in", why, ("use --dev", "make an .in of each file"))
    return path


class _With:
    """Reads as if there was one more file, which is empty."""

    def __init__(self, read: Callable[[str], str | None], path: str) -> None:
        self._read = read
        self._path = path

    def __call__(self, path: str) -> str | None:
        return "" if path == self._path else self._read(path)

    def names(self, folder: str) -> list[str]:
        """The files of a folder."""
        from hutch.project.dialects.requirements_layers import names_beside

        at, _, name = self._path.rpartition("/")
        return [*names_beside(self._read)(folder), *([name] if at == folder else [])]


def add_requirement(
    text: str, requirement: Requirement, where: str, *, filename: str, read: Callable[[str], str | None]
) -> str:
    """Put ``requirement`` into the file ``filename``; a line of its name keeps its extras and its marker
    where nothing else is said, and its comment."""
    lines = _lines(text, filename, read)
    _refuse_hashes(lines, filename)
    same = [line for line in lines if line.name == requirement.name]
    if not same:
        if not text and (held := _held(filename, read)):
            text = held
        return _inserted(text, lines, requirement.name, requirement.render())
    chosen = _which(requirement, same, where, text)
    if chosen is None:
        return _inserted(text, lines, requirement.name, requirement.render())
    return _replaced(text, chosen, _keeping(requirement, chosen).render())


def remove_requirement(
    text: str, name: str, where: str, *, filename: str, read: Callable[[str], str | None]
) -> str:
    """Take the lines of ``name`` out of the file. Raises ``NotDeclared``."""
    from hutch.spec import normalize

    lines = _lines(text, filename, read)
    found = [line for line in lines if line.name == normalize(name)]
    if not found:
        import difflib

        near = difflib.get_close_matches(normalize(name), [line.name for line in lines], n=1)
        raise NotDeclared(name, where, near=tuple(near))
    for line in reversed(found):
        end = text.find("\n", line.end)
        text = text[: line.start] + (text[end + 1 :] if end >= 0 else "")
    return text


def set_sources(
    text: str,
    name: str,
    sources: tuple[Source, ...],
    *,
    filename: str,
    read: Callable[[str], str | None],
) -> str:
    """Say where ``name`` comes from, on its line."""
    from hutch.spec import normalize

    if len(sources) != 1 or sources[0].marker or sources[0].kind in ("index", "workspace"):
        why = "a line of a requirements file has one place, and no index"
        raise CannotEdit(filename, "say in", why, "hutch import makes a pyproject.toml of it")
    lines = [line for line in _lines(text, filename, read) if line.name == normalize(name)]
    for line in reversed(lines):
        text = _replaced(text, line, _placed(name, sources[0], line))
    return text


def _placed(name: str, source: Source, line: _Line) -> str:
    from hutch.spec import render_marker

    requirement = line.given.requirement
    extras = requirement.extras if requirement is not None else line.given.extras
    marker = requirement.marker if requirement is not None else line.given.marker
    more = f"[{','.join(extras)}]" if extras else ""
    ending = f" ; {render_marker(marker)}" if marker is not None else ""
    within = f"#subdirectory={source.subdirectory}" if source.subdirectory else ""
    if source.kind == "path":
        path = source.location if source.location.startswith((".", "/")) else f"./{source.location}"
        if source.editable:
            return f"-e {path}{more}"
        return f"{path}{more}{ending}"
    if source.kind == "url":
        return f"{name}{more} @ {source.location}{within}{ending}"
    url = source.location if "://" in source.location else _ssh(source.location)
    revision = f"@{source.revision}" if source.revision else ""
    return f"{name}{more} @ git+{url}{revision}{within}{ending}"


def _ssh(place: str) -> str:
    host, _, path = place.partition(":")
    return f"ssh://{host}/{path.lstrip('/')}"


# --- lines ---


def _lines(text: str, filename: str, read: Callable[[str], str | None]) -> list[_Line]:
    """The lines that ask for a package, with its name."""
    from hutch.project.dialects.requirements_places import NoName, located
    from hutch.project.requirement_lines import Unreadable, parse_given, split_options
    from hutch.project.requirements_file import Asked
    from hutch.spec import normalize
    from hutch.values import replace

    found: list[_Line] = []
    for start, end, words, comment in _logical(text):
        try:
            before, options = split_options(words)
            editable = next((each.value for each in options if each.name == "editable"), None)
            if not before and editable is None:
                continue
            given = parse_given(before or str(editable))
        except Unreadable:
            continue
        if editable is not None and not before:
            given = replace(given, editable=True)
        asked = Asked(given=given, declared=None, text=words, place="", container=filename)
        if given.requirement is not None:
            name = str(given.requirement.name)
        else:
            try:
                name = normalize(located(asked, read)[1])
            except NoName:
                continue
        hashed = any(each.name == "hash" for each in options)
        found.append(_Line(start=start, end=end, name=name, given=given, comment=comment, hashed=hashed))
    return found


def _logical(text: str) -> list[tuple[int, int, str, str]]:
    """(start, end, words without comment, comment with the blanks before it) of each logical line."""
    import re

    found: list[tuple[int, int, str, str]] = []
    at, begun, start = 0, "", 0
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        end = at + len(bare)
        is_comment = bare.lstrip().startswith("#")
        if bare.endswith("\\") and not is_comment:
            start = start if begun else at
            begun += bare.strip("\\")
        else:
            comment = re.search(r"(?:^|\s+)#.*$", bare)
            words = bare[: comment.start()] if comment else bare
            if (begun + words).strip():
                first = start if begun else at
                stop = end if not (begun and is_comment) else at - 1
                kept = comment[0] if comment and not is_comment else ""
                found.append((first, stop, (begun + words).strip(), kept))
            begun = ""
        at += len(line) + 1
    return found


def _replaced(text: str, line: _Line, words: str) -> str:
    return text[: line.start] + words + line.comment + text[line.end :]


def _inserted(text: str, lines: list[_Line], name: str, words: str) -> str:
    """A new line: in its place if the names are sorted, else at the end."""
    newline = newline_of(text)
    names = [line.name for line in lines]
    before = [line for line in lines if line.name < name]
    if lines and names == sorted(names) and len(before) < len(lines):
        if before:
            end = before[-1].end
            return f"{text[:end]}{newline}{words}{text[end:]}"
        start = lines[0].start
        # Comments right above the first line speak of it.
        while start and text[: start - 1].rpartition("\n")[2].lstrip().startswith("#"):
            start = text[: start - 1].rfind("\n") + 1
        return f"{text[:start]}{words}{newline}{text[start:]}"
    if text and not text.endswith("\n"):
        text += newline
    return f"{text}{words}{newline}"


def _held(filename: str, read: Callable[[str], str | None]) -> str:
    """How a new ``.in`` begins: held to the versions of the project's own, in pip-compile's words."""
    folder, slash, name = filename.rpartition("/")
    if not name.endswith(".in"):
        return ""
    for own in ("requirements.in", "base.in", "main.in"):
        if read(f"{folder}{slash}{own}") is not None and compiled_of(f"{folder}{slash}{own}", read):
            return f"-c {own[:-3]}.txt\n"
    return ""


def _refuse_hashes(lines: list[_Line], filename: str) -> None:
    if any(line.hashed for line in lines):
        why = "its lines have hashes, which a tool has put there"
        hint = (
            "add the line to the .in that it was compiled from",
            "hutch import makes a pyproject.toml of it",
        )
        raise CannotEdit(filename, "change", why, hint)


def _which(new: Requirement, same: list[_Line], where: str, text: str) -> _Line | None:
    """The line that ``new`` replaces; None where it becomes a line of its own."""
    markers = [
        line.given.requirement.marker if line.given.requirement is not None else line.given.marker
        for line in same
    ]
    if new.marker is None:
        if len(same) > 1:
            raise AmbiguousEdit(new.name, where, tuple(text[line.start : line.end] for line in same))
        return same[0]
    for line, marker in zip(same, markers, strict=True):
        if marker == new.marker:
            return line
    return same[0] if len(same) == 1 and markers[0] is None else None


def _keeping(new: Requirement, line: _Line) -> Requirement:
    from hutch.values import replace

    old = line.given.requirement
    extras = old.extras if old is not None else line.given.extras
    marker = old.marker if old is not None else line.given.marker
    return replace(new, extras=new.extras or extras, marker=new.marker or marker)
