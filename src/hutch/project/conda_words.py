"""``[tool.hutch.conda]``: what a project asks conda's channels for.

    [tool.hutch.conda]
    channels = ["conda-forge"]
    platforms = ["linux-64", "osx-arm64"]
    dependencies = ["python 3.12.*", "numpy >=2"]      # or a table: numpy = ">=2"
    prefer = ["pypi:requests"]
    map = { my-fork = "numpy" }
    system-requirements = { cuda = "12", glibc = "2.28" }

    [tool.hutch.conda.target.linux.dependencies]        # linux, osx, win, unix, or a platform
    [tool.hutch.conda.group.dev.dependencies]           # group or extra; may have target tables itself
    [tool.hutch.conda.group.gpu]                        # and what it asks of places and machines
    channels = ["nvidia"]
    platforms = ["linux-64"]
    system-requirements = { cuda = "12" }

Nothing here says whom this machine trusts (docs/adr/0017): no passwords, no mirrors, no programs to run at
installation. Those are settings of the user.
"""

from __future__ import annotations

from hutch.project.conda_activation import ACTIVATION, parse_activation
from hutch.project.conda_corrections import CORRECTIONS, parse_corrections
from hutch.project.conda_settings import (
    SYSTEMS,
    CondaActivation,
    CondaDependency,
    CondaGroup,
    CondaPlatform,
    CondaSettings,
    is_selector,
    misspelt,
    selected,
)
from hutch.project.settings import a_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.project.faults import Faults
    from hutch.project.spans import Path

__all__ = [
    "CondaDependency",
    "CondaGroup",
    "CondaPlatform",
    "CondaSettings",
    "is_selector",
    "parse_conda_table",
    "selected",
    "spec_text",
]


PRIORITIES = ("strict", "flexible", "disabled")
_VIRTUAL = {
    "cuda": "__cuda",
    "glibc": "__glibc",
    "musl": "__musl",
    "libc": "__glibc",
    "macos": "__osx",
    "linux": "__linux",
    "windows": "__win",
    "archspec": "__archspec",
}
_SIGNS = (",", "|")
_SIDES = {"conda": "conda", "pypi": "index", "index": "index"}
_LISTS = {"dependencies": False, "constraints": True}
_INNER = (*_LISTS, "target", "channels", "platforms", "system-requirements", ACTIVATION)
_KEYS = (
    *("channels", "channel-priority", "platforms", *_LISTS, "target", "group", "extra"),
    *("prefer", "only", "map", "system-requirements", ACTIVATION, *CORRECTIONS),
)
_TABLE_KEYS = ("version", "build", "build-number", "channel", "subdir", "md5", "sha256", "url", "file-name")


def spec_text(name: str, said: Mapping[str, str]) -> str:
    """The MatchSpec of a name with what a table says of it."""
    version, build = said.get("version", "").strip(), said.get("build", "").strip()
    version = "" if version == "*" and not build else version or ("*" if build else "")
    head = f"{said['channel']}::{name}" if said.get("channel") else name
    rest = {key: said[key] for key in said if key not in ("version", "build", "channel") and said[key]}
    for sign in _SIGNS:  # blanks around a sign part nothing; elsewhere they part the build from the version
        version = sign.join(part.strip() for part in version.split(sign)) if sign in version else version
    text = " ".join(each for each in (head, version, build) if each)
    keys = {"file-name": "fn", "build-number": "build_number"}
    pairs = ",".join(f'{keys.get(key, key)}="{value}"' for key, value in rest.items())
    return f"{text}[{pairs}]" if pairs else text


def parse_conda_table(value: object, faults: Faults, at: Path) -> CondaSettings:
    """Read the table; what is wrong goes to ``faults``, each at its place."""
    if not isinstance(value, dict):
        faults.add(at, f"should be a table with channels and dependencies, not {a_kind(value)}")
        return CondaSettings()
    return _Table(value, faults, at).read()


class _Table:
    def __init__(self, table: dict[str, Any], faults: Faults, at: Path) -> None:
        self.table = table
        self.faults = faults
        self.path = at
        said = table.get("platforms")
        tables = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
        self.named = {each["name"] for each in tables if isinstance(each.get("name"), str)}

    def read(self) -> CondaSettings:
        table, at = self.table, self.path
        for key in table:
            if key not in _KEYS:
                self.faults.add((*at, key), f"unknown key; [tool.hutch.conda] has {', '.join(_KEYS)}")
        found = list(self.lists(table, at, "project"))
        activation = list(self.activation(table, at, "project"))
        groups: dict[str, CondaGroup] = {}
        for kind in ("group", "extra"):
            for name, inner in self.sub(table, kind, at).items():
                here = (*at, kind, name)
                if not isinstance(inner, dict):
                    self.faults.add(here, f"should be a table with {', '.join(_INNER)}, not {a_kind(inner)}")
                    continue
                for key in inner:
                    if key not in _INNER:
                        self.faults.add((*here, key), f"unknown key; a {kind} has {', '.join(_INNER)}")
                from hutch.spec import normalize

                where = f"{kind}:{normalize(name)}"
                found += self.lists(inner, here, where)
                activation += self.activation(inner, here, where)
                asked = CondaGroup(
                    channels=self.channels(inner, here),
                    platforms=self.some_platforms(inner, here),
                    requirements=self.requirements(inner, here),
                )
                if asked != CondaGroup():
                    groups[where] = asked
        return CondaSettings(
            channels=self.channels(table, at),
            channel_priority=self.priority(),
            platforms=self.platforms(),
            dependencies=tuple(found),
            prefer=self.sides("prefer"),
            only=self.sides("only"),
            map=self.map(),
            requirements=self.requirements(table, at),
            groups=groups,
            activation=tuple(activation),
            overrides=parse_corrections(table.get("overrides"), self.faults, (*at, "overrides"), "overrides"),
            excludes=parse_corrections(table.get("excludes"), self.faults, (*at, "excludes"), "excludes"),
        )

    # --- small shapes ---

    def sub(self, table: dict[str, Any], key: str, at: Path) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.faults.add((*at, key), f"should be a table, not {a_kind(value)}")
        return {}

    def texts(self, table: dict[str, Any], key: str, path: Path) -> Iterator[tuple[Path, str]]:
        value, at = table.get(key, []), (*path, key)
        if not isinstance(value, list):
            self.faults.add(at, f"should be an array of strings, not {a_kind(value)}")
            return
        for number, text in enumerate(value):
            if isinstance(text, str):
                yield (*at, number), text
            else:
                self.faults.add((*at, number), f"should be a string, not {a_kind(text)}")

    # --- what is asked for ---

    def lists(
        self, table: dict[str, Any], at: Path, where: str, selectors: tuple[str, ...] = ()
    ) -> Iterator[CondaDependency]:
        for key, constraint in _LISTS.items():
            for path, name, text in self.specs(table.get(key), (*at, key)):
                yield CondaDependency(
                    spec=text, name=name, where=where, selectors=selectors, constraint=constraint, path=path
                )
        for selector, inner in self.sub(table, "target", at).items():
            here = (*at, "target", selector)
            if not is_selector(selector) and selector not in self.named:
                self.faults.add(here, f"should be {', '.join(SYSTEMS)} or a platform such as linux-64")
            elif not isinstance(inner, dict):
                self.faults.add(here, f"should be a table with {', '.join(_LISTS)}, not {a_kind(inner)}")
            else:
                for key in inner:
                    if key not in (*_LISTS, ACTIVATION):
                        reason = f"unknown key; a target has {', '.join((*_LISTS, ACTIVATION))}"
                        self.faults.add((*here, key), reason)
                inner = {key: item for key, item in inner.items() if key in _LISTS}
                yield from self.lists(inner, here, where, (*selectors, selector))

    def activation(self, table: dict[str, Any], at: Path, where: str) -> Iterator[CondaActivation]:
        """What is done on activation: everywhere, and on some platforms."""
        places: list[tuple[dict[str, Any], Path, tuple[str, ...]]] = [(table, at, ())]
        targets = table.get("target")
        for selector, inner in targets.items() if isinstance(targets, dict) else ():
            if isinstance(inner, dict):
                places.append((inner, (*at, "target", selector), (selector,)))
        for inner, here, selectors in places:
            if ACTIVATION in inner:
                said = parse_activation(inner[ACTIVATION], self.faults, (*here, ACTIVATION), where, selectors)
                if said is not None:
                    yield said

    def specs(self, value: object, at: Path) -> Iterator[tuple[Path, str, str]]:
        """Place, name and text of each MatchSpec, of a list or of a table by name."""
        if value is None:
            return
        said: list[tuple[Path, str | None]]
        if isinstance(value, list):
            said = [
                ((*at, number), item if isinstance(item, str) else None) for number, item in enumerate(value)
            ]
        elif isinstance(value, dict):
            said = [((*at, name), self.text(name, item, (*at, name))) for name, item in value.items()]
        else:
            self.faults.add(at, f"should be an array of MatchSpecs or a table, not {a_kind(value)}")
            return
        from hutch.spec import InvalidCondaSpec, parse_conda_spec

        for path, text in said:
            if text is None:
                if isinstance(value, list):
                    self.faults.add(path, 'should be a MatchSpec such as "numpy >=2"')
                continue
            try:
                spec = parse_conda_spec(text)
            except InvalidCondaSpec as problem:
                self.faults.add(path, problem.sentence)
                continue
            if spec.name == "*" or spec.name.startswith("__"):
                reason = "should name a package; what a machine has is said by system-requirements"
                self.faults.add(path, reason)
            elif _has_secret(spec.channel) or _has_secret(spec.url.partition("#")[0]):
                self.faults.add(path, _NO_PASSWORD)
            else:
                yield path, spec.name, text

    def text(self, name: str, value: object, at: Path) -> str | None:
        """The MatchSpec of an entry of a table: a version, or a table of its parts."""
        if isinstance(value, str):
            return spec_text(name, {"version": value})
        if not isinstance(value, dict):
            self.faults.add(at, f'should be a version such as ">=2", or a table, not {a_kind(value)}')
            return None
        before = len(self.faults.found)
        for key, item in value.items():
            if key not in _TABLE_KEYS:
                self.faults.add((*at, key), f"unknown key; a dependency has {', '.join(_TABLE_KEYS)}")
            elif not isinstance(item, str) and not (key == "build-number" and type(item) is int):
                self.faults.add((*at, key), f"should be a string, not {a_kind(item)}")
            elif '"' in str(item):
                self.faults.add((*at, key), "should have no quotes in it")
        if len(self.faults.found) > before:
            return None
        return spec_text(name, {key: str(item) for key, item in value.items()})

    # --- where it comes from ---

    def channels(self, table: dict[str, Any], path: Path) -> tuple[str, ...] | None:
        if "channels" not in table:
            return None
        found = []
        for at, text in self.texts(table, "channels", path):
            host = text.partition("://")[2].partition("/")[0]
            if not text.strip() or any(ord(c) <= 32 or 127 <= ord(c) < 160 for c in text):
                self.faults.add(at, "should be a name such as conda-forge, an address or a folder")
            elif "@" in host or "/t/" in text.partition("://")[2]:
                self.faults.add(at, _NO_PASSWORD)
            elif text in found:
                self.faults.add(at, f"{text} is there already")
            else:
                found.append(text)
        return tuple(found)

    def priority(self) -> str | None:
        value = self.table.get("channel-priority")
        if value is not None and value not in PRIORITIES:
            self.faults.add((*self.path, "channel-priority"), f"should be one of {', '.join(PRIORITIES)}")
            return None
        return value

    def platforms(self) -> tuple[CondaPlatform, ...] | None:
        if "platforms" not in self.table:
            return None
        value, at = self.table["platforms"], (*self.path, "platforms")
        if not isinstance(value, list) or not value:
            self.faults.add(at, 'should be an array of platforms such as ["linux-64", "osx-arm64"]')
            return None
        found: list[CondaPlatform] = []
        for number, item in enumerate(value):
            here = (*at, number)
            table = item if isinstance(item, dict) else {"platform": item}
            subdir, name = table.get("platform"), table.get("name", table.get("platform"))
            if not isinstance(subdir, str) or not is_selector(subdir) or subdir in SYSTEMS:
                reason = (
                    "should be a platform such as linux-64, osx-arm64 or win-64, or a table with `platform`"
                )
                self.faults.add(here, reason)
                continue
            if meant := misspelt(subdir):
                self.faults.add(here, f"{subdir} is no platform of conda: {meant} may be meant")
            for key in table:
                if key not in ("name", "platform", "system-requirements"):
                    self.faults.add(
                        (*here, key), "unknown key; a platform has name, platform, system-requirements"
                    )
            if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
                self.faults.add((*here, "name"), "should be of letters, digits, '-' and '_'")
            elif any(other.name == name for other in found):
                self.faults.add(
                    here, f"{name} is there already; another of that platform has a name of its own"
                )
            else:
                required = self.requirements(table, here)
                found.append(CondaPlatform(name=name, subdir=subdir, requirements=required))
        return tuple(found)

    def some_platforms(self, table: dict[str, Any], path: Path) -> tuple[str, ...] | None:
        """Those of the project's platforms that a group is for."""
        if "platforms" not in table:
            return None
        found = []
        for at, text in self.texts(table, "platforms", path):
            if text in self.named or is_selector(text):
                found.append(text)
            else:
                self.faults.add(at, f"should be {', '.join(SYSTEMS)}, or a platform of the project")
        return tuple(found)

    def requirements(self, table: dict[str, Any], at: Path) -> tuple[tuple[str, str], ...]:
        found = []
        for key, value in self.sub(table, "system-requirements", at).items():
            here = (*at, "system-requirements", key)
            if isinstance(value, dict) and key == "libc":  # pixi: { family = "glibc", version = "2.28" }
                key, value = str(value.get("family", "glibc")), value.get("version")
            if key not in _VIRTUAL:
                self.faults.add(here, f"unknown key; there are {', '.join(_VIRTUAL)}")
                continue
            text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
            if not isinstance(text, str) or not _is_version(text, key):
                self.faults.add(here, f'should be a version such as "12", not {str(value)[:40]!r}')
            else:
                found.append((_VIRTUAL[key], text))
        return tuple(found)

    # --- two sides ---

    def sides(self, key: str) -> tuple[tuple[str, str], ...]:
        from hutch.spec import is_valid_name, normalize

        found: list[tuple[str, str]] = []
        for at, text in self.texts(self.table, key, self.path):
            side, colon, name = text.partition(":")
            if not colon or side not in _SIDES or not is_valid_name(name):
                self.faults.add(at, 'should be "pypi:NAME" or "conda:NAME", with the name on the index')
            elif any(normalize(name) == other for _, other in found):
                self.faults.add(at, f"{name} is there already")
            else:
                found.append((_SIDES[side], str(normalize(name))))
        return tuple(found)

    def map(self) -> dict[str, str]:
        from hutch.spec import is_valid_name, normalize

        found: dict[str, str] = {}
        for name, value in self.sub(self.table, "map", self.path).items():
            at = (*self.path, "map", name)
            if value is False or value == "":
                found[name.lower()] = ""
            elif isinstance(value, str) and is_valid_name(value):
                found[name.lower()] = str(normalize(value))
            else:
                self.faults.add(at, "should be the name on the index, or false where it is none")
        return found


def _has_secret(address: str) -> bool:
    """Whether there is a password or a token (``https://host/t/TOKEN/channel``) in it."""
    parts = address.partition("://")[2].split("/")
    return "@" in address or (len(parts) > 2 and parts[1] == "t")


_NO_PASSWORD = "should have no password or token in it: `hutch auth login` keeps those, for this user alone"


def _is_version(text: str, key: str) -> bool:
    from hutch.errors import Problem
    from hutch.spec import parse_conda_version

    if key == "archspec":
        return text.replace("_", "").replace("-", "").isalnum()
    try:
        parse_conda_version(text)
    except Problem:
        return False
    return True
