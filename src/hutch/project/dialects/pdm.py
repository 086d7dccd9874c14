"""The dialect of PDM: ``[tool.pdm]`` beside ``[project]``.

Spec: PDM's "pyproject.toml reference", and what PDM 2.29 does where that is silent.
"""

from __future__ import annotations

from hutch.project.dialects.references import refer, refer_in_place, strings_of, table_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Original

__all__ = ["translate"]

_TABLE = ("tool", "pdm")
_TOLD_ELSEWHERE = {
    # What the build backend reads, and what is only about PDM's own messages.
    *("build", "version", "includes", "excludes", "package-dir", "source-includes", "editable-backend"),
    *("is-purelib", "run-setuptools", "allow_prereleases", "ignore_package_warnings"),
    *("dev-dependencies", "source", "resolution", "distribution", "package-type", "scripts", "options"),
    *("plugins", "workspace", "overrides"),
}


def translate(original: Original, draft: Draft) -> None:
    """Say in hutch's words what ``[tool.pdm]`` says."""
    table = draft.get(*_TABLE)
    _references(original, draft)
    if table is None:
        return  # built by pdm-backend, by whomever it is managed
    if not isinstance(table, dict):
        draft.fault(_TABLE, "should be a table")
        return
    _dev_dependencies(original, draft, table)
    draft.put(("tool", "hutch", "default-groups"), "all", _TABLE)
    _package(draft, table)
    _sources(draft, table)
    _resolution(original, draft, table)
    _workspace(draft, table)
    if table.get("scripts"):
        draft.note(
            (*_TABLE, "scripts"), "hutch runs commands, not yet scripts by their names: pdm run NAME does"
        )
    if table.get("options"):
        draft.note((*_TABLE, "options"), "arguments that PDM adds to its own commands are not hutch's")
    if table.get("plugins"):
        draft.note((*_TABLE, "plugins"), "plugins of PDM have no meaning for hutch")
    for key in table:
        if key not in _TOLD_ELSEWHERE:
            draft.note((*_TABLE, key), "hutch does not know this key")


def _references(original: Original, draft: Draft) -> None:
    """Paths in the standard tables: ``lib @ file:///${PROJECT_ROOT}/lib``."""
    refer_in_place(original, draft, "project", "dependencies")
    for path in (("project", "optional-dependencies"), ("dependency-groups",)):
        table = draft.get(*path)
        for key in table if isinstance(table, dict) else ():
            refer_in_place(original, draft, *path, key)


def _dev_dependencies(original: Original, draft: Draft, table: dict[str, Any]) -> None:
    """``[tool.pdm.dev-dependencies]``, older than PEP 735: they add to the group of the same name."""
    from hutch.spec import normalize

    path = (*_TABLE, "dev-dependencies")
    for group, items in table_of(draft, table, path).items():
        groups = draft.get("dependency-groups")
        spelled = groups if isinstance(groups, dict) else {}
        name = next((each for each in spelled if normalize(each) == normalize(group)), group)
        draft.put(("dependency-groups", name), [], (*path, group))
        for number, text in strings_of(draft, items, (*path, group)):
            words = refer(text, original, draft, (*path, group, number))
            if words is not None:
                draft.add(("dependency-groups", name), words, (*path, group, number))


def _package(draft: Draft, table: dict[str, Any]) -> None:
    """Whether the project itself is installed: PDM does it unless told otherwise."""
    project = draft.document.get("project")
    if isinstance(project, dict):  # what pdm init once wrote for applications
        for key in ("name", "version"):
            if project.get(key) == "":
                del project[key]
    name = draft.get("project", "name")
    if "package-type" in table:
        said, key = table["package-type"] == "library", "package-type"
    else:
        said, key = table.get("distribution", True), "distribution"
    if not isinstance(said, bool):
        draft.fault((*_TABLE, key), "should be true or false")
        return
    if (
        said
        and name is not None
        and draft.get("project", "version") is None
        and "version" not in draft.array("project", "dynamic")
    ):
        said = False
        draft.note(("project", "name"), "it has no version, so it is not installed itself")
    draft.put(("tool", "hutch", "package"), said and isinstance(name, str), (*_TABLE, key))


def _sources(draft: Draft, table: dict[str, Any]) -> None:
    sources = table.get("source", [])
    path = (*_TABLE, "source")
    if not isinstance(sources, list) or not all(isinstance(each, dict) for each in sources):
        draft.fault(path, "should be an array of tables ([[tool.pdm.source]])")
        return
    taken = draft.get("tool", "hutch", "index") is not None
    for number, source in enumerate(sources):
        at = (*path, number)
        name, url = source.get("name"), source.get("url")
        if not isinstance(name, str) or not name:
            draft.fault(at, "has no name")
            continue
        if url is None and name == "pypi":
            draft.note(at, "it has no url; the index of hutch's own settings is asked")
            continue
        if not isinstance(url, str) or not url:
            draft.fault((*at, "url"), "should be a string") if "url" in source else draft.fault(
                at, "has no url"
            )
            continue
        if taken:
            draft.note(at, "[[tool.hutch.index]] says which indexes there are")
            continue
        index = _index(draft, source, name, url, at)
        draft.add(("tool", "hutch", "index"), index, at)
    if len(sources) > 1 or (sources and sources[0].get("name") != "pypi"):
        draft.note(
            path,
            "PDM takes the best version of all its sources; hutch takes the first index that has a package",
        )


def _index(
    draft: Draft, source: dict[str, Any], name: str, url: str, at: tuple[str | int, ...]
) -> dict[str, Any]:
    """One source as an index of hutch."""
    word = "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
    for root in ("file:///${PROJECT_ROOT}/", "file:///${PROJECT_ROOT}"):
        url = f"./{url[len(root) :]}" if url.startswith(root) else url
    index: dict[str, Any] = {"name": word, "url": url}
    if source.get("type") == "find_links":
        index["format"] = "flat"
    elif source.get("type", "index") != "index":
        draft.fault((*at, "type"), "should be index or find_links")
    if name == "pypi":
        index["default"] = True
    if source.get("verify_ssl") is False:
        index["verify"] = False
    included = [
        text for _, text in strings_of(draft, source.get("include_packages"), (*at, "include_packages"))
    ]
    if included and name != "pypi":
        plain = [text for text in included if not any(c in text for c in "*?[")]
        if len(plain) == len(included):
            index["explicit"] = True
        else:
            draft.note(
                (*at, "include_packages"), f"patterns have no equivalent: {name} is asked for every package"
            )
        for text in plain:
            _pin(draft, text, word, (*at, "include_packages"))
    if source.get("exclude_packages"):
        draft.note((*at, "exclude_packages"), f"hutch cannot keep packages from the index {name}")
    for key in ("username", "password", "ca_certs", "client_cert", "client_key"):
        if key in source:
            draft.note(
                (*at, key), "is not read from a project: hutch auth login, or the settings of this machine"
            )
    return index


def _pin(draft: Draft, name: str, index: str, origin: tuple[str | int, ...]) -> None:
    from hutch.spec import normalize

    draft.put(("tool", "hutch", "sources", normalize(name)), {"index": index}, origin)


def _resolution(original: Original, draft: Draft, table: dict[str, Any]) -> None:
    path = (*_TABLE, "resolution")
    said = table_of(draft, table, path)
    for name, value in table_of(draft, said, (*path, "overrides")).items():
        at = (*path, "overrides", name)
        if not isinstance(value, str):
            draft.fault(at, "should be a string")
        elif "://" in value:
            draft.note(at, "an override by a URL has no equivalent; make it a dependency with a source")
        elif value.strip() in ("", "*"):
            draft.add(("tool", "hutch", "overrides"), name, at)
        else:
            exact = value.strip()[0] not in "<>=!~"
            draft.add(("tool", "hutch", "overrides"), f"{name}{'==' if exact else ''}{value.strip()}", at)
    for number, text in strings_of(draft, said.get("excludes"), (*path, "excludes")):
        draft.add(("tool", "hutch", "excludes"), text, (*path, "excludes", number))
    if "exclude-newer" in said:
        draft.put(("tool", "hutch", "exclude-newer"), said["exclude-newer"], (*path, "exclude-newer"))
    for name, value in table_of(draft, said, (*path, "exclude-newer-override")).items():
        at = (*path, "exclude-newer-override", name)
        draft.put(("tool", "hutch", "exclude-newer-package", name), value, at)
    for key in ("no-binary", "only-binary"):
        value = said.get(key)
        words = (
            [value]
            if isinstance(value, str)
            else [text for _, text in strings_of(draft, value, (*path, key))]
        )
        words = [piece.strip() for text in words for piece in text.split(",") if piece.strip()]
        if words:
            draft.put(("tool", "hutch", key), words, (*path, key))
    if said.get("allow-prereleases") is True:
        draft.put(("tool", "hutch", "prerelease"), "allow", (*path, "allow-prereleases"))
    if said.get("prefer-binary"):
        draft.note((*path, "prefer-binary"), "has no equivalent; only-binary has")
    known = {
        *("overrides", "excludes", "exclude-newer", "exclude-newer-override", "no-binary", "only-binary"),
        *("allow-prereleases", "prefer-binary", "respect-source-order", "lock_inputs"),
    }
    for key in said:
        if key not in known:
            draft.note((*path, key), "hutch does not know this key")


def _workspace(draft: Draft, table: dict[str, Any]) -> None:
    path = (*_TABLE, "workspace")
    said = table_of(draft, table, path)
    members = [text for _, text in strings_of(draft, said.get("members"), (*path, "members"))]
    if members:
        draft.put(("tool", "hutch", "workspace"), {"members": members}, (*path, "members"))
