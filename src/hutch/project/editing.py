"""Edits of any manifest, in the syntax of the tool that it is written for.

``Editor`` is what ``hutch add``, ``remove`` and ``upgrade --bump`` use. It keeps the texts of the files that
it was asked to change: a project of requirements files has a file a group. Which syntax is spoken is
decided by the dialects of the manifest; each has its module ``dialects/<tool>_edit.py`` with
``add_requirement``, ``remove_requirement`` and, where the tool has words for it, ``set_sources``,
``remove_source`` and ``file_of``. What PEP 621 and PEP 735 say is edited by ``project.edit``.
"""

from __future__ import annotations

from hutch.project.faults import CannotEdit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.declared import Declared
    from hutch.project.manifest import Manifest
    from hutch.project.settings import Source
    from hutch.spec import NormalizedName, Requirement, Specifiers

__all__ = ["CannotEdit", "Editor"]

_SPOKEN = {
    "poetry": "poetry_edit",
    "pdm": "pdm_edit",
    "uv": "uv_edit",
    "flit": "flit_edit",
    "setuptools": "setuptools_edit",
    "pipfile": "pipfile_edit",
    "requirements": "requirements_edit",
    "environment_yml": "environment_yml_edit",
    "pixi": "pixi_edit",
}
"""Dialects with a syntax of their own for requirements, and who writes it."""


class Editor:
    """Changes of one manifest: ``texts`` has the new texts by file name, the manifest's own among them.

    ``read`` gives the text of another file of the same directory.
    """

    def __init__(self, manifest: Manifest, text: str, read: Callable[[str], str | None]) -> None:
        self._manifest = manifest
        self._read = read
        self.texts: dict[str, str] = {manifest.filename: text}
        self._module = _module_of(manifest)
        self._places: dict[str, str] = {}  # where what was added went
        self._changed: dict[str, None] = {}

    @property
    def text(self) -> str:
        """The manifest itself, as it is now."""
        return self.texts[self._manifest.filename]

    @property
    def beside(self) -> dict[str, str]:
        """The other files that were changed, by their names."""
        return {name: text for name, text in self.texts.items() if name != self._manifest.filename}

    @property
    def changed(self) -> str:
        """The files that were changed, for a sentence."""
        return " and ".join(self._changed) or self._manifest.filename

    def add(self, requirement: Requirement, where: str) -> None:
        """Put ``requirement`` into ``where``, or in the place of the entry of its name there."""
        self._places[requirement.name] = where
        self._change(
            where,
            lambda text, file: self._call("add_requirement", text, requirement, where, file),
            requirement.name,
        )
        self._refuse_loss(requirement.name, where)

    def _refuse_loss(self, name: NormalizedName, where: str) -> None:
        """A table of another tool may make a group (an environment of Hatch) whose place is taken by a list
        of that name elsewhere."""
        from hutch.project.parse import parse_manifest

        own = self._manifest.filename
        kind, _, group = where.partition(":")
        before = {one.requirement.name for one in self._manifest.requirements().get(where, ())}
        if kind != "group" or not self._manifest.dialects or before <= {name}:
            return
        read = _Overlaid(self._read, self.texts)
        after = parse_manifest(self.text, filename=own, read=read).requirements().get(where, ())
        lost = sorted(before - {one.requirement.name for one in after})
        if lost:
            why = f"a list of its own would take the place of what makes the group: {', '.join(lost[:4])}"
            hint = ("add it where those stand", "choose another name for the group")
            raise CannotEdit(own, f"add to the group {group} of", why, hint)

    def remove(self, name: NormalizedName, where: str) -> None:
        """Take ``name`` out of ``where``; ``NotDeclared`` where it is not there."""
        self._change(
            where, lambda text, file: self._call("remove_requirement", text, name, where, file), name
        )

    def add_conda(self, spec: str, where: str = "project", *, selector: str = "") -> None:
        """Ask conda for a MatchSpec in ``where``, on the platforms of ``selector`` (none: on all)."""
        self._change_conda("add_conda", spec, where, selector=selector)

    def remove_conda(self, name: str, where: str = "project") -> None:
        """Ask conda for a package no more; ``NotDeclared`` where it is not asked for."""
        self._change_conda("remove_conda", name, where)

    def add_channels(self, names: tuple[str, ...]) -> None:
        """Ask these channels of conda as well, behind those that are asked already."""
        self._change_conda("add_channels", names)

    @property
    def says_sides(self) -> bool:
        """Whether the manifest has words for the side that a package comes from."""
        return "pixi" not in self._manifest.dialects and self._manifest.filename.endswith(".toml")

    def prefer(self, side: str, name: str) -> None:
        """Try ``pypi`` or ``conda`` first for a name that both have, where there are words for it."""
        file = self._manifest.filename
        if not self.says_sides:
            return
        from hutch.project.conda_edit import prefer_side

        before = self.texts[file]
        self.texts[file] = prefer_side(before, side, name, filename=file)
        if self.texts[file] != before:
            self._changed[file] = None

    def forget_side(self, name: str) -> None:
        """Say no more which side is preferred for a name."""
        file = self._manifest.filename
        if file.endswith(".toml"):
            from hutch.project.conda_edit import forget_side

            self.texts[file] = forget_side(self.texts[file], name, filename=file)

    def _change_conda(self, function: str, *words: Any, **more: Any) -> None:
        """What conda is asked for stands in the manifest itself, in pixi's words or in hutch's."""
        name, dialects = self._manifest.filename, self._manifest.dialects
        before = self.texts[name]
        module: Any
        if "environment_yml" in dialects:
            from hutch.project.dialects import environment_yml_edit as module
        elif name.endswith(".toml"):
            from hutch.project import conda_edit as module

            more["pixi"] = "pixi" in dialects
        else:
            why = "it has no words for packages of conda"
            raise CannotEdit(name, "say in", why, "hutch import makes a pyproject.toml of it")
        self.texts[name] = getattr(module, function)(before, *words, filename=name, **more)
        if self.texts[name] != before:
            self._changed[name] = None

    def set_sources(self, name: NormalizedName, sources: tuple[Source, ...]) -> None:
        """Say where ``name`` comes from, and nothing else of that."""
        where = self._places.get(name, "project")
        self._change(where, lambda text, file: self._call("set_sources", text, name, sources, file), name)

    def remove_source(self, name: NormalizedName) -> None:
        """Say nothing any more of where ``name`` comes from."""
        if hasattr(self._module, "remove_source"):
            self._change("project", lambda text, file: self._call("remove_source", text, name, file))

    def reword(self, one: Declared, where: str, words: str) -> None:
        """Say ``words`` in the place of the requirement ``one``."""
        is_standard = one.path[:1] in (("project",), ("dependency-groups",))
        if is_standard and one.locator is not None and one.locator.at(one.path) == one.path:
            from hutch.project.repair import replace_entry

            name = self._manifest.filename
            self.texts[name] = replace_entry(self.texts[name], one.path, words, filename=name)
        else:
            from hutch.spec import parse_requirement

            self.add(parse_requirement(words), where)

    def bound(self, version: str, where: str) -> Specifiers:
        """What is written of a version that was chosen, where nobody said more: a lower bound, or what the
        tool writes."""
        from hutch.spec import lower_bound, public_version

        usual = getattr(self._module, "bound", None)
        name = self._manifest.filename
        if usual is not None and usual(self.text, where, filename=name) == "caret":
            from hutch.project.dialects.poetry_constraints import caret

            return caret(public_version(version))
        return lower_bound(version)

    def _call(self, function: str, text: str, *arguments: Any) -> str:
        *given, filename = arguments
        found = getattr(self._module, function, None)
        if found is None:
            raise CannotEdit(
                filename,
                "say in",
                "it has no words for where a package comes from",
                "hutch import makes a pyproject.toml of it",
            )
        more = {"read": self._read} if getattr(self._module, "READS", False) else {}
        changed: str = found(text, *given, filename=filename, **more)
        return changed

    def _change(
        self, where: str, change: Callable[[str, str], str], package: NormalizedName | None = None
    ) -> None:
        find = getattr(self._module, "file_of", None)
        name = self._manifest.filename
        if find is not None:
            more = {"package": package} if getattr(self._module, "READS", False) else {}
            name = find(self._manifest, where, self._read, **more)
        before = self.texts.get(name)
        if before is None:
            before = self._read(name) or ""
        self.texts[name] = change(before, name)
        if self.texts[name] != before:
            self._changed[name] = None


class _Overlaid:
    """Reads the files of a directory, some of which are not written yet."""

    def __init__(self, read: Callable[[str], str | None], texts: dict[str, str]) -> None:
        self._read, self._texts = read, texts

    def __call__(self, path: str) -> str | None:
        return self._texts[path] if path in self._texts else self._read(path)

    def names(self, folder: str) -> list[str]:
        names = getattr(self._read, "names", None)
        found: list[str] = names(folder) if names is not None else []
        return found


def _module_of(manifest: Manifest) -> Any:
    """The module that edits ``manifest``: that of its first dialect which has one, else PEP 621's."""
    for dialect in manifest.dialects:
        name = _SPOKEN.get(dialect)
        if name is not None:
            try:
                return __import__(f"hutch.project.dialects.{name}", fromlist=["add_requirement"])
            except ModuleNotFoundError:
                if manifest.filename != "pyproject.toml":
                    raise CannotEdit(
                        manifest.filename,
                        "change",
                        "nobody has taught it to write such a file",
                        ("edit it, then run hutch lock", "hutch import makes a pyproject.toml of it"),
                    ) from None
    return __import__("hutch.project.edit", fromlist=["add_requirement"])
