"""Lines of pip's requirements dialect that stand in a file of another kind, in hutch's words.

They are read as a requirements file, with those that ``-r`` and ``-c`` name. Requirements go to the
dependencies of the project, constraints and indexes to ``[tool.hutch]``. A path starts, as for pip, from the
directory of the command, which is that of the original, also in a file of another directory.
"""

from __future__ import annotations

from hutch.project.dialects.draft import Place
from hutch.project.dialects.indexes import say_flat, say_index
from hutch.project.dialects.references import name_of_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.requirements_file import Asked, FileOption

__all__ = ["say_lines"]

_LISTS = {"no-binary": "no-binary", "only-binary": "only-binary"}
_NOTES = {
    "pre": "--pre has no words in hutch: name the pre-release that is wanted, as in `x >=2.0a1`",
    "trusted-host": "--trusted-host: whom to trust is for the machine to say, in its own configuration",
    "require-hashes": "--require-hashes: every lock of hutch has all hashes",
    "prefer-binary": "--prefer-binary has no words in hutch",
    "use-feature": "--use-feature is about pip itself",
    "no-index": "--no-index is for the machine to say: hutch --no-index",
}


def say_lines(original: Original, draft: Draft, lines: list[tuple[int, str]]) -> None:
    """Say what ``lines`` ask for; each has the number of its line in the original."""
    from hutch.errors import Problem
    from hutch.project.requirements_file import InvalidRequirementsFile, read_requirements

    own = original.filename.replace("\\", "/").rpartition("/")[2]
    text = "\n".join(line for _, line in lines)

    def read(path: str) -> bytes:
        if path == own:
            return text.encode("utf-8", "surrogatepass")
        found = original.read(path)
        if found is None:
            raise Problem(f"{path} cannot be read")
        return found.encode()

    def join(container: str, path: str) -> str:
        if "://" in path:
            raise Problem(f"{path} is not read: hutch reads files of the project alone")
        folder = container.rpartition("/")[0]
        return _normal_path(f"{folder}/{path}" if folder else path)

    def place(path: str, line: int) -> Place:
        if path == own:
            return Place(lines[min(max(line, 1), len(lines)) - 1][0] if lines else 1)
        return Place(line, path)

    try:
        found = read_requirements(own, read, join=join, shown=lambda path: path, environ={})
    except InvalidRequirementsFile as problem:
        for fault in problem.faults:
            draft.fault(place(fault.path, fault.line), fault.reason)
        return
    saying = _Saying(original, draft)
    for asked in found.asked:
        number = asked.place.rpartition(":")[2]
        saying.ask(asked, place(asked.container, int(number) if number.isdigit() else 1))
    for option in found.options:
        saying.option(option, place(option.container, option.line))
    for notice in found.notices:
        draft.note(place(own, 1), notice)


def _normal_path(path: str) -> str:
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class _Saying:
    def __init__(self, original: Original, draft: Draft) -> None:
        self.original = original
        self.draft = draft

    def ask(self, asked: Asked, at: Place) -> None:
        given, draft = asked.given, self.draft
        if asked.constraint:
            if given.requirement is not None:
                draft.add(("tool", "hutch", "constraints"), given.requirement.render(), at)
            return
        if asked.hashes:
            draft.note(at, f"the hashes of {asked.text.split()[0]} are not taken over: the lock has its own")
        if given.requirement is not None and not given.editable:
            draft.add(("project", "dependencies"), given.requirement.render(), at)
            return
        location = given.location or (given.requirement.url if given.requirement is not None else "") or ""
        name = given.requirement.name if given.requirement is not None else None
        if "://" in location and not location.startswith("file://"):
            draft.fault(at, f"`{location}` does not say the name of what it installs; write name @ URL")
            return
        self._directory(asked, location.removeprefix("file://"), name, at)

    def _directory(self, asked: Asked, path: str, name: str | None, at: Place) -> None:
        from hutch.spec import is_valid_name, normalize, render_marker

        given = asked.given
        plain = path if path.startswith("/") else _normal_path(path)
        name = name or name_of_project(self.original.read, plain) or plain.rstrip("/").rpartition("/")[2]
        if not name or not is_valid_name(name):
            self.draft.fault(at, f"nothing here says the name of what is in {path or '.'}")
            return
        source: dict[str, Any] = {"path": plain or "."}
        if given.editable:
            source["editable"] = True
        key = normalize(name)
        if not self.draft.put(("tool", "hutch", "sources", key), source, at):
            self.draft.note(at, f"{key} has another source already, which is taken")
        extras = given.requirement.extras if given.requirement is not None else given.extras
        marker = given.requirement.marker if given.requirement is not None else given.marker
        words = name + (f"[{','.join(extras)}]" if extras else "")
        if marker is not None:
            words += f" ; {render_marker(marker)}"
        self.draft.add(("project", "dependencies"), words, at)

    def option(self, option: FileOption, at: Place) -> None:
        draft, value = self.draft, option.raw
        if option.name in ("index-url", "extra-index-url", "find-links"):
            self._index(option.name, value, at)
        elif option.name in _LISTS:
            names = [each for each in value.split(",") if each and each != ":none:"]
            path = ("tool", "hutch", _LISTS[option.name])
            said = draft.get(*path)
            if not isinstance(said, list):
                draft.put(path, names, at)
            else:
                said += [each for each in names if each not in said]
        else:
            draft.note(at, _NOTES.get(option.name, f"--{option.name} has no words in hutch"))

    def _index(self, kind: str, url: str, at: Place) -> None:
        if kind == "find-links":
            say_flat(self.draft, url, at)
        else:
            say_index(self.draft, url, at, default=kind == "index-url")
