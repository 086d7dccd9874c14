"""The dialect of Hatch: environments of ``[tool.hatch.envs]`` as groups ``hatch-NAME``.

``hatch-default``, what ``hatch run`` works in, is installed unasked. Metadata is standard, and what is
dynamic in it comes from the build backend. A ``hatch.toml`` beside says the same without ``tool.hatch``, and
wins.

Spec: Hatch's "Environment configuration".
"""

from __future__ import annotations

from itertools import combinations

from hutch.project.dialects.draft import Draft, Place
from hutch.project.dialects.references import is_reference, refer, refer_in_place, strings_of, table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Origin, Original
    from hutch.project.spans import Document, Path

__all__ = ["translate"]

_ENVS = ("tool", "hatch", "envs")
_LISTS = ("dependencies", "extra-dependencies")
_INTERNAL = ("hatch-test", "hatch-static-analysis", "hatch-build", "hatch-uv")
"""Environments that Hatch has itself: no others are their template, and what they need it knows alone."""
_SILENT = {
    # About how Hatch makes and shows its environments.
    *(
        "type",
        "description",
        "installer",
        "path",
        "python",
        "template",
        "detached",
        "skip-install",
        "dev-mode",
    ),
    *("dependencies", "extra-dependencies", "features", "dependency-groups", "default-features"),
}


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what ``[tool.hatch]`` says."""
    table = draft.get("tool", "hatch") or {}
    if not isinstance(table, dict):
        draft.fault(("tool", "hatch"), "should be a table")
        return
    beside = original.read("hatch.toml")
    if beside is not None:
        from hutch.project.spans import scan
        from hutch.project.toml_text import read_toml

        try:
            said = read_toml(beside)
        except ValueError as error:
            draft.fault(Place(1, "hatch.toml"), str(error))
            return
        table = {**table, **said}
        draft = _Beside(draft, scan(beside), frozenset(said))
    refer_in_place(original, draft, "project", "dependencies")
    extras = draft.get("project", "optional-dependencies")
    for extra in extras if isinstance(extras, dict) else ():
        refer_in_place(original, draft, "project", "optional-dependencies", extra)
    if "dependencies" in draft.array("project", "dynamic"):
        for text in _texts(table.get("metadata")):  # hooks such as that of hatch-requirements-txt
            if not text.startswith(("/", "~")) and ".." not in text.split("/"):
                original.read(text)
    envs = {name: env for name, env in table_of(draft, table, _ENVS).items() if isinstance(env, dict)}
    for name in envs:
        _environment(original, draft, envs, name)
    _hold_apart(draft, envs)
    python = envs.get("default", {}).get("python")
    if isinstance(python, str) and python != "self":
        draft.put(("tool", "hutch", "python"), python, (*_ENVS, "default", "python"))
    groups = draft.get("dependency-groups")
    if isinstance(groups, dict) and "hatch-default" in groups:
        chosen = [name for name in groups if name in ("dev", "hatch-default")]
        draft.put(("tool", "hutch", "default-groups"), chosen, (*_ENVS, "default"))


class _Beside(Draft):
    """The same draft, where some keys of ``tool.hatch`` stand in ``hatch.toml``."""

    def __init__(self, draft: Draft, document: Document, keys: frozenset[str]) -> None:
        self.document, self.origins = draft.document, draft.origins
        self.faults, self.notes = draft.faults, draft.notes
        self._text = document
        self._keys = keys

    def _real(self, origin: Origin) -> Origin:
        if not isinstance(origin, tuple) or origin[:2] != ("tool", "hatch") or len(origin) < 3:
            return origin
        path: Path = origin[2:]
        return Place(self._text.line(path), "hatch.toml") if path[0] in self._keys else origin

    def put(self, path: tuple[str, ...], value: object, origin: Origin) -> bool:
        return super().put(path, value, self._real(origin))

    def add(self, path: tuple[str, ...], value: object, origin: Origin) -> None:
        super().add(path, value, self._real(origin))

    def fault(self, origin: Origin, reason: str) -> None:
        super().fault(self._real(origin), reason)

    def note(self, origin: Origin, text: str, **more: Any) -> None:
        super().note(self._real(origin), text, **more)


def _environment(original: Original, draft: Draft, envs: dict[str, Any], name: str) -> None:
    """One environment as a group: what it installs, its own and that of its template."""
    env = envs[name]
    at = (*_ENVS, name)
    short = name.removeprefix("hatch-")
    group = ("dependency-groups", f"hatch-{name}" if short in envs else f"hatch-{short}")
    if group[1] in draft.table("dependency-groups"):
        draft.note(at, f"there is a group {group[1]} already")
        return
    chain = _chain(draft, envs, name)
    said: dict[str, tuple[str, Any]] = {}
    for each in chain:  # the nearest that has a key decides
        for key, value in envs[each].items():
            said.setdefault(key, (each, value))
    found = False
    for key in _LISTS:
        owner, value = said.get(key, (name, None))
        for number, text in strings_of(draft, value, (*_ENVS, owner, key)):
            found = True
            place = (*_ENVS, owner, key, number)
            words = _requirement(original, draft, text, place)
            if words is not None:
                draft.add(group, words, place)
    detached = env.get("detached") is True or said.get("skip-install", ("", False))[1] is True
    owner, value = said.get("features", (name, None))
    features = [text for _, text in strings_of(draft, value, (*_ENVS, owner, "features"))]
    project = draft.get("project", "name")
    if features and isinstance(project, str) and not detached:
        found = True
        draft.add(group, f"{project}[{','.join(features)}]", (*_ENVS, owner, "features"))
    owner, value = said.get("dependency-groups", (name, None))
    for number, text in strings_of(draft, value, (*_ENVS, owner, "dependency-groups")):
        found = True
        draft.add(group, {"include-group": text}, (*_ENVS, owner, "dependency-groups", number))
    if not found and name == "default":
        return
    draft.put(group, [], at)
    if name in _INTERNAL and "dependencies" not in env:
        draft.note(at, f"what {name} needs besides is known to Hatch alone")
    told = [key for key in env if key not in _SILENT]
    if told:
        draft.note(at, f"{_listed(told)} of the environment {name}: hutch does not know, hatch does")


def _chain(draft: Draft, envs: dict[str, Any], name: str) -> list[str]:
    """The environment, its template, the template of that: without any other, ``default`` is one."""
    found = [name]
    while True:
        env = envs[found[-1]]
        alone = env.get("detached") is True or found[-1] in _INTERNAL
        standard = found[-1] if alone else "default"
        above = env.get("template", standard)
        if not isinstance(above, str) or (above not in envs and above != "default"):
            draft.fault((*_ENVS, found[-1], "template"), "should be the name of an environment")
            return found
        if above in found or above not in envs:
            return found
        found.append(above)


def _requirement(original: Original, draft: Draft, text: str, place: tuple[str | int, ...]) -> str | None:
    for root in ("{root}", "{root:real}"):
        text = text.replace(f"file://{root}", "{root:uri}")
    if "{" in text.replace("{root:uri}", ""):
        draft.note(place, "its place is known to Hatch alone, so it is left out")
        return None
    return refer(text, original, draft, place) if is_reference(text) else text


def _texts(value: object) -> list[str]:
    """Names of files in the settings of hooks: what they compute comes from there."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) and value.endswith((".txt", ".in", ".toml")) else []


def _hold_apart(draft: Draft, envs: dict[str, Any]) -> None:
    """Hatch solves each environment alone: two whose own lists contradict are never installed together."""
    from hutch.errors import Problem
    from hutch.spec import admitted_intervals, parse_requirement

    asked: dict[str, dict[str, Any]] = {}
    for name, items in draft.table("dependency-groups").items():
        if not name.startswith("hatch-") or not isinstance(items, list):
            continue
        for text in items:
            try:
                one = parse_requirement(text) if isinstance(text, str) else None
            except Problem:
                continue  # the reader tells what is wrong with it
            if one is not None and one.marker is None and one.specifiers:
                asked.setdefault(one.name, {}).setdefault(name, ())
                asked[one.name][name] += one.specifiers
    pairs: dict[tuple[str, str], None] = {}
    for groups in asked.values():
        for left, right in combinations(sorted(groups), 2):
            if not admitted_intervals(groups[left] + groups[right]):
                pairs[left, right] = None
    for left, right in pairs:
        draft.add(("tool", "hutch", "conflicts"), [{"group": left}, {"group": right}], _ENVS)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
