"""The dialect of Pipenv: a ``Pipfile``.

``[packages]`` are the project's dependencies, ``[dev-packages]`` is the group ``dev``, and every other table
that Pipenv does not know by name is a category: a group of that name. The first source is the default index;
the others are asked only for what names them, unless ``install_search_all_sources`` says otherwise.

Spec: Pipenv's documentation, "Pipfile & Pipfile.lock" and "Indexes".
"""

from __future__ import annotations

from hutch.project.dialects.indexes import letters_of
from hutch.project.dialects.pipfile_entry import Entry, Wrong, parse_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original

__all__ = ["HASHED_APART", "group_name", "group_of", "tables_of", "translate"]

NOT_CATEGORIES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile", "build-system"})
"""Tables that list no packages."""

HASHED_APART = frozenset(
    {"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"}
)
"""Tables that are no category for the hash of a Pipfile (``[build-system]`` is one)."""

_INDEX = ("tool", "hutch", "index")
_SETTINGS = {
    "disable_pip_input": "pip is not asked anything here, so there is nothing to disable",
    "keep_outdated": "hutch lock keeps versions unless it is told to upgrade",
    "prefetch_index_manifests": "how an index is asked is hutch's own business",
    "sort_pipfile": "a list that is sorted stays sorted when something is added",
}


def tables_of(data: dict[str, Any]) -> list[str]:
    """The tables of a Pipfile that list packages, in the order in which Pipenv installs them."""
    named = [key for key in ("packages", "dev-packages") if key in data]
    return named + [key for key in data if key not in NOT_CATEGORIES and key not in named]


def group_of(table: str) -> str | None:
    """The dependency group that a table is; None for the dependencies of the project itself."""
    return {"packages": None, "dev-packages": "dev"}.get(table, table)


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what a Pipfile says."""
    data = dict(original.data)
    indexes = _sources(data, draft)
    _requires(data, draft)
    _pipenv(data, draft)
    scripts = data.get("scripts")
    for name in scripts if isinstance(scripts, dict) else ():
        draft.note(
            ("scripts", name), f"the script {name} has no equivalent: run its command with `hutch run`"
        )
    if "build-system" in data:
        draft.note(("build-system",), "[build-system] has no equivalent: each build gets what it asks for")
    names: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for table in tables_of(data):
        group = group_of(table)
        where = ("project", "dependencies") if group is None else ("dependency-groups", group_name(group))
        content = data[table]
        if not isinstance(content, dict):
            draft.fault((table,), "should be a table of packages")
            continue
        draft.put(where, [], (table,))
        for key, value in content.items():
            _package(original, draft, table, key, value, where, indexes, names)
    draft.put(("project", "dependencies"), [], ())


def group_name(name: str) -> str:
    """A category as the name of a group, which has no blanks."""
    return "-".join(name.split()) or name


# --- where packages come from ---


def _sources(data: dict[str, Any], draft: Draft) -> dict[str, str | None]:
    """Put the indexes; what entries call them → what the draft does, None for the default one."""
    sources = data.get("source")
    if sources is None:
        return {}
    if isinstance(sources, dict):
        sources = [sources]
    if not isinstance(sources, list):
        draft.fault(("source",), "should be tables ([[source]])")
        return {}
    settings = data.get("pipenv")
    search_all = isinstance(settings, dict) and settings.get("install_search_all_sources") is True
    found: dict[str, str | None] = {}
    taken: set[str] = set()
    for number, source in enumerate(sources):
        at = ("source", number)
        if not isinstance(source, dict) or not isinstance(source.get("url"), str) or not source["url"]:
            draft.fault(at, "has no url")
            continue
        name = source.get("name") or _host(source["url"])
        if not isinstance(name, str):
            draft.fault((*at, "name"), "should be a string")
            continue
        if name in found:
            draft.fault((*at, "name"), f"the name {name!r} is taken by a source above")
            continue
        plain = letters_of(name)
        while plain in taken:
            plain += "-"
        taken.add(plain)
        table: dict[str, Any] = {"name": plain, "url": braced(source["url"])}
        if not number:
            table["default"] = True
        elif not search_all:
            table["explicit"] = True
        verify = source.get("verify_ssl", True)
        if str(verify).lower() != "true" and source["url"].lower().startswith("https:"):
            table["verify"] = False
        draft.add(_INDEX, table, at)
        index = len(draft.get(*_INDEX) or ()) - 1
        for key in ("name", "url"):
            draft.origins[(*_INDEX, index, key)] = (*at, key) if key in source else at
        found[name] = plain if number else None
        for key in source:
            if key not in ("name", "url", "verify_ssl"):
                draft.note((*at, key), f"{key} of a source has no meaning for hutch")
    return found


def _host(url: str) -> str:
    """The name that Pipenv gives to a source without one: that of its host."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0] or "source"


def braced(url: str) -> str:
    """``$NAME`` and ``'${NAME}'`` as ``${NAME}``: Pipenv takes all three, hutch the last."""
    import re

    return re.sub(r"'?\$(?:\{(\w+)\}|([A-Za-z_]\w*))'?", lambda found: f"${{{found[1] or found[2]}}}", url)


# --- the interpreter, and the settings ---


def _requires(data: dict[str, Any], draft: Draft) -> None:
    requires = data.get("requires", {})
    if not isinstance(requires, dict):
        draft.fault(("requires",), "should be a table")
        return
    for key in ("python_full_version", "python_version"):
        value = requires.get(key)
        if value is None or value == "*":
            continue
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            draft.fault(("requires", key), 'should be a version such as "3.12"')
            continue
        _python(value.strip(), draft, ("requires", key))
    for key in requires:
        if key not in ("python_full_version", "python_version"):
            draft.note(("requires", key), f"{key} is not asked for: the lock is made for all platforms")


def _python(text: str, draft: Draft, origin: tuple[str, str]) -> None:
    """``3.12`` is that minor, ``3.12.1`` that Python (of its minor, for the lock), else a range."""
    if text[0] in "<>=!~":
        draft.put(("project", "requires-python"), text, origin)
        return
    parts = text.split(".")
    if not all(part.isdigit() for part in parts[:2]):
        draft.put(("tool", "hutch", "python"), text, origin)  # pypy3.10: what a person calls a Python
        return
    admitted = f"=={'.'.join(parts[:2])}.*" if len(parts) > 1 else f">={parts[0]},<{int(parts[0]) + 1}"
    draft.put(("project", "requires-python"), admitted, origin)
    draft.put(("tool", "hutch", "python"), text, origin)


def _pipenv(data: dict[str, Any], draft: Draft) -> None:
    settings = data.get("pipenv", {})
    if not isinstance(settings, dict):
        draft.fault(("pipenv",), "should be a table")
        return
    for key, value in settings.items():
        origin = ("pipenv", key)
        if key == "cool-down-period":
            if not isinstance(value, str) or not value.removesuffix("d").isdigit() or value[-1:] != "d":
                draft.fault(origin, "should be a number of days such as '30d'")
            else:
                draft.put(("tool", "hutch", "exclude-newer"), f"{int(value[:-1])} days", origin)
        elif key == "allow_prereleases":
            if value is True:
                draft.put(("tool", "hutch", "prerelease"), "allow", origin)
        elif key != "install_search_all_sources":
            why = _SETTINGS.get(key, "it is a setting of Pipenv's own")
            draft.note(origin, f"{key} has no equivalent: {why}")


# --- one package ---


def _package(
    original: Original,
    draft: Draft,
    table: str,
    key: str,
    value: object,
    where: tuple[str, ...],
    indexes: dict[str, str | None],
    names: dict[str, tuple[str, list[dict[str, Any]]]],
) -> None:
    origin = (table, key)
    try:
        entry = parse_entry(key, value)
    except Wrong as wrong:
        draft.fault((*origin, *wrong.path), wrong.reason)
        return
    for sentence in entry.notes:
        draft.note(origin, sentence)
    name = entry.name
    if entry.place is not None and entry.place[0] == "path" and _is_no_name(name):
        from hutch.project.dialects.references import name_of_project

        folder = entry.place[1].removeprefix("./").rstrip("/")
        found = name_of_project(original.read, "" if folder == "." else folder)
        if found is None:
            reason = f"an old Pipenv put {name!r} for a name that it did not know; write the package's own"
            draft.fault(origin, reason)
            return
        name = found
    draft.add(where, entry.render(name), origin)
    if entry.no_binary:
        draft.add(("tool", "hutch", "no-binary-package"), name, (*origin, "no_binary"))
    source = _source(entry, origin, indexes, draft)
    if source is None:
        return
    from hutch.spec import normalize

    known = names.get(normalize(name))
    if known is None:
        names[normalize(name)] = (table, [source])
        draft.put(("tool", "hutch", "sources", name), source, origin)
    elif source not in known[1]:
        draft.note(origin, f"{name} comes from where [{known[0]}] says, in both")


def _source(
    entry: Entry, origin: tuple[str, str], indexes: dict[str, str | None], draft: Draft
) -> dict[str, Any] | None:
    """The entry of ``[tool.hutch.sources]``; None where the default index has the package."""
    if entry.place is not None:
        kind, location = entry.place
        source: dict[str, Any] = {kind: location}
        if entry.ref is not None:
            source["rev"] = entry.ref
        if entry.subdirectory is not None:
            source["subdirectory"] = entry.subdirectory
        if entry.editable and kind == "path":
            source["editable"] = True
        return source
    if entry.index is None:
        return None
    if entry.index not in indexes:
        draft.fault((*origin, "index"), f"there is no [[source]] with the name {entry.index!r}")
        return None
    index = indexes[entry.index]
    return None if index is None else {"index": index}


def _is_no_name(name: str) -> bool:
    """Seven hexadecimal digits: what Pipenv of 2018 wrote where it did not know a name."""
    return len(name) == 7 and not set(name) - set("0123456789abcdef") and any(c.isdigit() for c in name)
