"""Lines of pip's requirements dialect that stand in a file of another kind, in hutch's words.

They are read as a requirements file, with those that ``-r`` and ``-c`` name. Requirements go to the
dependencies of the project, constraints and indexes to ``[tool.hutch]``. A path starts, as for pip, from the
directory of the command, which is that of the original, also in a file of another directory.
"""

from __future__ import annotations

from hutch.project.dialects.draft import Place
from hutch.project.dialects.requirements_places import NoName, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.requirements_file import Asked, FileOption

__all__ = ["say_lines"]

_TOOL = ("tool", "hutch")
_LISTS = ("extra-index-url", "find-links", "no-binary", "only-binary")
_NOTES = {
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
            raise Problem(f"{path} is not there, or cannot be read")
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
            if given.requirement is not None and given.requirement.url is None:
                draft.add((*_TOOL, "constraints"), given.requirement.render(), at)
            else:
                draft.note(at, "a constraint with a URL has no words in hutch: say it in a requirement")
            return
        if asked.hashes:
            draft.note(at, f"the hashes of {asked.text.split()[0]} are not taken over: the lock has its own")
        if given.requirement is not None and given.requirement.url is None and not given.editable:
            draft.add(("project", "dependencies"), given.requirement.render(), at)
            return
        try:
            words, name, source, notes = located(asked, self.original.read)
        except NoName as error:
            draft.fault(at, str(error))
            return
        for text in notes:
            draft.note(at, text)
        if source is not None and not draft.put((*_TOOL, "sources", name), source, at):
            draft.note(at, f"{name} has another source already, which is taken")
        draft.add(("project", "dependencies"), words, at)

    def option(self, option: FileOption, at: Place) -> None:
        draft, value, name = self.draft, option.raw, option.name
        if name == "index-url":  # the last counts, as for pip
            hutch = draft.document.setdefault("tool", {}).setdefault("hutch", {})
            hutch[name] = value
            draft.origins[(*_TOOL, name)] = at
        elif name in _LISTS:
            values = value.split(",") if name.endswith("binary") else [value]
            for each in values:
                if each and each != ":none:" and each not in (draft.get(*_TOOL, name) or ()):
                    draft.add((*_TOOL, name), each, at)
        elif name == "pre":
            draft.put((*_TOOL, "prerelease"), "allow", at)
        else:
            draft.note(at, _NOTES.get(name, f"--{name} has no words in hutch"))
