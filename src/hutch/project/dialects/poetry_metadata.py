"""What ``[tool.poetry]`` says of the package itself, and how Poetry is to work here, in hutch's words.

``packages``, ``include``, ``exclude`` and ``build`` are poetry-core's, which goes on building the package:
they stay where they are.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.spans import Path

__all__ = ["translate_metadata", "translate_settings"]

_AT = ("tool", "poetry")
_OURS = ("tool", "hutch")
_SAME = ("description", "license", "keywords", "classifiers")
_LINKS = {"homepage": "Homepage", "repository": "Repository", "documentation": "Documentation"}


def translate_metadata(table: dict[str, Any], original: Original, draft: Draft) -> None:
    """Name, version and the rest of the metadata, as far as ``[project]`` does not say them."""
    project = original.data.get("project")
    dynamic = draft.get("project", "dynamic")
    left = set(map(str, dynamic)) if isinstance(dynamic, list) else set()
    for key in ("name", "version"):
        if key in table and key not in left:
            draft.put(("project", key), table[key], (*_AT, key))
    if isinstance(project, dict):
        if "scripts" in left:
            _scripts(table, draft)
        return
    for key in _SAME:
        if key in table:
            draft.put(("project", key), table[key], (*_AT, key))
    for key in ("authors", "maintainers"):
        _people(table, key, draft)
    readme = table.get("readme")
    if isinstance(readme, str):
        draft.put(("project", "readme"), readme, (*_AT, "readme"))
    elif isinstance(readme, list):
        draft.note((*_AT, "readme"), "[project] has one readme; poetry-core joins several")
    for key, name in _LINKS.items():
        if isinstance(table.get(key), str):
            draft.put(("project", "urls", name), table[key], (*_AT, key))
    urls = table.get("urls")
    for name, url in urls.items() if isinstance(urls, dict) else ():
        draft.put(("project", "urls", name), url, (*_AT, "urls", name))
    _scripts(table, draft)


def _people(table: dict[str, Any], key: str, draft: Draft) -> None:
    listed = table.get(key)
    for number, each in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(each, str):
            draft.fault((*_AT, key, number), 'should be a string such as "Ada Lovelace <ada@example.org>"')
            continue
        name, _, rest = each.partition("<")
        person = {"name": name.strip(), "email": rest.rpartition(">")[0].strip()}
        person = {part: words for part, words in person.items() if words}
        if person:
            draft.add(("project", key), person, (*_AT, key, number))


def _scripts(table: dict[str, Any], draft: Draft) -> None:
    scripts = table.get("scripts", {})
    if not isinstance(scripts, dict):
        draft.fault((*_AT, "scripts"), "should be a table")
        scripts = {}
    for name, value in scripts.items():
        at = (*_AT, "scripts", name)
        reference = value
        if isinstance(value, dict):
            reference = value.get("reference", value.get("callable"))
            if value.get("type") == "file":
                draft.note(at, f"{name} is a file that is installed as it is; [project] has no word for that")
                continue
            if value.get("extras"):
                draft.note(at, f"{name} works with extras only; [project] has no word for that")
        if not isinstance(reference, str):
            draft.fault(at, 'should be a string such as "package.module:function"')
            continue
        draft.put(("project", "scripts", name), reference, at)
    plugins = table.get("plugins", {})
    if not isinstance(plugins, dict):
        draft.fault((*_AT, "plugins"), "should be a table")
        return
    for group, entries in plugins.items():
        for name, reference in entries.items() if isinstance(entries, dict) else ():
            path: tuple[str, ...] = ("entry-points", group)
            if group == "console_scripts":
                path = ("scripts",)
            elif group == "gui_scripts":
                path = ("gui-scripts",)
            draft.put(("project", *path, name), reference, (*_AT, "plugins", group, name))


# --- how Poetry is to work ---


def translate_settings(table: dict[str, Any], original: Original, draft: Draft) -> None:
    """What has to do with installing: constraints of builds, and of ``poetry.toml`` what matters here."""
    if "requires-poetry" in table:
        draft.note((*_AT, "requires-poetry"), "a version of Poetry; hutch does what it can")
    if "requires-plugins" in table:
        draft.note((*_AT, "requires-plugins"), "plugins of Poetry do not run in hutch")
    _build_constraints(table.get("build-constraints", {}), draft, (*_AT, "build-constraints"))
    text = original.read("poetry.toml")
    if text is not None:
        _local(text, draft)


def _build_constraints(value: object, draft: Draft, at: Path) -> None:
    from hutch.project.dialects.poetry_entries import read_entries

    if not isinstance(value, dict):
        draft.fault(at, "should be a table")
        return
    wanted: dict[str, list[tuple[str, str, Path]]] = {}
    for package, tools in value.items():
        if not isinstance(tools, dict):
            draft.fault((*at, package), "should be a table")
            continue
        for name, constraint in tools.items():
            here = (*at, package, name)
            for entry in read_entries(draft, name, constraint, here, lambda index: index):
                wanted.setdefault(entry.name, []).append((package, entry.render(entry.marker), here))
    for name, found in wanted.items():
        packages = {package for package, _, _ in found}
        texts = dict.fromkeys(text for _, text, _ in found)
        if len(packages) > 1 and len(texts) > 1:
            told = " and ".join(sorted(packages))
            words = f"builds of {told} want different versions of {name}; hutch has one for all"
            draft.note(found[0][2], words)
            continue
        draft.note(found[0][2], f"hutch holds {name} to this in every build")
        for text in texts:
            draft.add((*_OURS, "build-constraints"), text, found[0][2])


def _local(text: str, draft: Draft) -> None:
    """``poetry.toml``: settings of Poetry for this directory."""
    from hutch.project.dialects.draft import Place
    from hutch.project.spans import scan
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        draft.fault(Place(1, "poetry.toml"), f"not TOML: {error}")
        return
    document = scan(text)

    def place(*path: str) -> Place:
        return Place(document.line(path), "poetry.toml")

    def at(*path: str) -> Any:
        found: Any = data
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    for key in ("no-binary", "only-binary"):
        found = at("installer", key)
        words = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else []
        if found is True:  # Poetry takes true and false as well
            words = [":all:"]
        names = [str(each).strip() for each in words if str(each).strip()]
        if names:
            draft.put((*_OURS, key), names, place("installer", key))
    days = at("solver", "min-release-age")
    if isinstance(days, int) and not isinstance(days, bool) and days > 0:
        draft.put((*_OURS, "exclude-newer"), f"{days} days", place("solver", "min-release-age"))
    excluded = at("solver", "min-release-age-exclude")
    excluded = excluded.split(",") if isinstance(excluded, str) else excluded
    for name in excluded if isinstance(excluded, list) and days else ():
        where = place("solver", "min-release-age-exclude")
        draft.put((*_OURS, "exclude-newer-package", str(name).strip()), False, where)
    if at("virtualenvs", "options", "system-site-packages") is True:
        reason = "environments of a project do not see the packages of their Python in hutch"
        draft.note(place("virtualenvs", "options", "system-site-packages"), reason)
    if at("virtualenvs", "create") is False:
        draft.note(place("virtualenvs", "create"), "hutch installs into the environment of the project")
