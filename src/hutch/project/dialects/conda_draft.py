"""Says in the words of ``[tool.hutch.conda]`` what conda's own files and pixi's say.

What is wrong with a MatchSpec is told by the reader of those words, at the place in the original.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.project.dialects.draft import Draft, Origin

__all__ = ["COMMENT_SELECTORS", "CondaDraft", "meant"]

_TABLE = ("tool", "hutch", "conda")

COMMENT_SELECTORS = {
    "linux": "linux",
    "osx": "osx",
    "win": "win",
    "unix": "unix",
    "linux64": "linux-64",
    "aarch64": "linux-aarch64",
    "ppc64le": "linux-ppc64le",
    "osx64": "osx-64",
    "arm64": "osx-arm64",
    "win64": "win-64",
    "not win": "unix",
}
"""The words in ``# [linux]`` behind a line, as conda-lock has them, and what they are for hutch."""


def meant(word: str, known: Iterable[str]) -> str:
    """The one of the ``known`` words that a slip stands for; empty where none is near."""
    import difflib

    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.8)), "")


class CondaDraft:
    """The conda part of a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def channel(self, text: str, at: Origin, group: str = "") -> None:
        """One channel more, behind those that are there (or those of a group); a password is left out."""
        plain, had_secret = _without_secret(text.strip())
        if had_secret:
            reason = "the password in the address of a channel is passed over: `hutch auth login` keeps those"
            self.draft.note(at, reason, warn=True)
        table = _table(group)
        if plain not in self.draft.array(*table, "channels"):
            self.draft.add((*table, "channels"), plain, at)

    def platform(self, value: object, at: Origin, group: str = "") -> None:
        """One platform more, of all or of a group."""
        table = _table(group)
        if value not in self.draft.array(*table, "platforms"):
            self.draft.add((*table, "platforms"), value, at)

    def spec(
        self,
        text: str,
        at: Origin,
        *,
        where: str = "project",
        selector: str = "",
        key: str = "dependencies",
    ) -> None:
        """A MatchSpec for the project or a group, everywhere or for one ``selector``."""
        group: tuple[str, ...] = ("group", where.partition(":")[2]) if where != "project" else ()
        target: tuple[str, ...] = ("target", selector) if selector else ()
        self.draft.add((*_TABLE, *group, *target, key), text, at)

    def entry(
        self,
        name: str,
        value: object,
        at: Origin,
        *,
        where: str = "project",
        selector: str = "",
        key: str = "dependencies",
    ) -> None:
        """An entry of a table of pixi: a version, or a table of what it has to be."""
        from hutch.project.conda_words import spec_text

        if isinstance(value, str):
            said: Mapping[str, str] = {"version": value}
        elif not isinstance(value, dict):
            self.draft.fault(at, "should be a version, or a table with one")
            return
        elif {"git", "path"} & value.keys():
            self.draft.note(at, f"{name} is built by pixi from its sources, for which hutch has no words")
            return
        else:
            said = {key: str(value[key]) for key in _KEYS if isinstance(value.get(key), str | int)}
            for odd in sorted(value.keys() - {*_KEYS, *_PIXIS}):
                reason = f"{odd!a} is nothing that is said of a package of conda ({name}): passed over"
                self.draft.note(at, reason, warn=True)
        self.spec(spec_text(name, said), at, where=where, selector=selector, key=key)

    def activation(
        self, table: Mapping[str, object], at: Origin, *, where: str = "project", selector: str = ""
    ) -> None:
        """pixi's ``activation``, which has the same words; scripts from elsewhere are left out."""
        from hutch.project.conda_activation import is_own_file

        group: tuple[str, ...] = ("group", where.partition(":")[2]) if where != "project" else ()
        target: tuple[str, ...] = ("target", selector) if selector else ()
        into = (*_TABLE, *group, *target, "activation")
        assert isinstance(at, tuple)
        scripts = table.get("scripts", [])
        if not isinstance(scripts, list):
            self.draft.fault((*at, "scripts"), "should be an array of files")
            scripts = []
        for number, script in enumerate(scripts):
            here = (*at, "scripts", number)
            if isinstance(script, str) and not is_own_file(script):
                self.draft.note(here, f"{script!a} is no file of the project: it is not read", warn=True)
            else:
                self.draft.add((*into, "scripts"), script, here)
        from hutch.spec import variable_fault

        env = table.get("env", {})
        if not isinstance(env, dict):
            self.draft.fault((*at, "env"), "should be a table of variables")
            return
        for name, value in env.items():
            here = (*at, "env", name)
            fault = variable_fault(name, path=True)
            if fault and ":" not in fault:  # the reader tells of what is no name
                self.draft.note(here, f"{name} {fault}: passed over", warn=True)
            else:
                self.draft.put((*into, "env", name), value, here)

    def variable(self, name: str, value: str, at: Origin, selector: str = "") -> None:
        """One of conda's ``variables``: a ``$`` in it is one, and what is said last counts."""
        from hutch.project.conda_activation import as_it_stands

        target: tuple[str, ...] = ("target", selector) if selector else ()
        into = (*_TABLE, *target, "activation", "env")
        self.draft.table(*into).pop(name, None)
        self.draft.put((*into, name), as_it_stands(value), at)

    def requirements(self, table: Mapping[str, object], at: Origin, group: str = "") -> None:
        """pixi's ``system-requirements``, which has the same words."""
        for key, value in table.items():
            self.draft.put((*_table(group), "system-requirements", key), value, at)


_PIXIS = ("extras", "features", "flags", "license", "license-family", "track-features", "when")
_KEYS = ("version", "build", "build-number", "channel", "subdir", "md5", "sha256", "url", "file-name")


def _table(group: str) -> tuple[str, ...]:
    return (*_TABLE, "group", group) if group else _TABLE


def _without_secret(text: str) -> tuple[str, bool]:
    """The address of a channel without user, password and token; and whether there was one."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        return text, False
    host, slash, path = rest.partition("/")
    plain = host.rpartition("@")[2]
    had_secret = plain != host
    if path.startswith("t/") and scheme != "file":
        path, had_secret = path[2:].partition("/")[2], True
    return f"{scheme}://{plain}{slash}{path}", had_secret
