"""What configures uv, in hutch's words: indexes, builds, dates. Of ``uv.toml``, or of ``[tool.uv]``."""

from __future__ import annotations

from hutch.project.dialects.draft import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.dialects.draft import Draft, Origin, Original
    from hutch.project.spans import Path

__all__ = ["SETTING_KEYS", "translate_settings"]

_OURS = ("tool", "hutch")

_SAME = frozenset(
    {
        *("index-url", "extra-index-url", "find-links", "no-index", "resolution", "offline"),
        *("no-build", "no-build-package", "no-binary-package", "no-cache"),
    }
)
"""What hutch calls by the same name, and means by it."""

_NOTES = {
    "prerelease-package": "hutch takes pre-releases of a package where a requirement names one",
    "index-strategy": "in hutch the first index that has a package owns it",
    "fork-strategy": "hutch chooses the newest version for each target",
    "keyring-provider": "hutch asks for credentials by its own settings",
    "required-version": "a version of uv; hutch does what it can",
    "python-preference": "hutch takes a Python that is there",
    "python-downloads": "hutch takes a Python that is there",
    "config-settings": "give them on the command line: --config-settings",
    "config-settings-package": "give them on the command line: --config-settings-package",
    "no-build-isolation": "hutch builds in isolation",
    "no-build-isolation-package": "hutch builds in isolation",
    "extra-build-dependencies": "hutch builds with what a project says that its build needs",
    "extra-build-variables": "a project cannot give variables to builds in hutch",
    "require-build-hashes": "hutch verifies what an index says of the files",
    "torch-backend": "choose the index of torch in [tool.hutch.sources]",
    "no-sources": "hutch goes by the sources that are written down",
    "no-sources-package": "hutch goes by the sources that are written down",
}
"""What hutch has no word for, and what it does instead."""

_OF_THE_MACHINE = frozenset(
    {
        *("system-certs", "native-tls", "cache-dir", "http-proxy", "https-proxy", "no-proxy"),
        *("allow-insecure-host", "concurrent-downloads", "concurrent-builds", "concurrent-installs"),
        *("python-install-mirror", "pypy-install-mirror", "graalpy-install-mirror"),
        *("pyodide-install-mirror", "python-downloads-json-url"),
    }
)
_USUAL = {
    "index-strategy": "first-index",
    "fork-strategy": "requires-python",
    "keyring-provider": "disabled",
    "no-build-isolation": False,
    "no-sources": False,
    "require-build-hashes": False,
}
"""What is no news: the default."""
_COMMANDS = frozenset(
    {
        *("preview", "preview-features", "add-bounds", "reinstall", "reinstall-package"),
        *("upgrade", "upgrade-package"),
    }
)
_TRANSLATED = frozenset(
    {
        *("index", "no-binary", "link-mode", "compile-bytecode", "prerelease"),
        *("exclude-newer", "exclude-newer-package", "dependency-metadata"),
    }
)
SETTING_KEYS = _SAME | _TRANSLATED | _NOTES.keys() | _OF_THE_MACHINE | _COMMANDS
"""The keys of ``[tool.uv]`` that a ``uv.toml`` takes over."""

_LINK_MODES = {"reflink": "clone", "clone": "clone", "copy": "copy", "hardlink": "hardlink"}


def translate_settings(original: Original, table: dict[str, Any], draft: Draft) -> None:
    """Say what ``uv.toml`` says, or ``table`` (``[tool.uv]``) where there is none."""
    text = original.read("uv.toml")
    if text is None:
        _Settings(table, draft, lambda *path: ("tool", "uv", *path)).all()
        return
    filename = original.filename.replace("\\", "/")
    beside = filename.rpartition("/")[0]
    name = f"{beside}/uv.toml" if beside else "uv.toml"
    own = _read(text, name, draft)
    if own is None:
        return
    for key in [key for key in table if key in SETTING_KEYS]:
        told = f"{key}: uv.toml beside it says what counts, so uv does not read this"
        if key == "index":
            told += " but for the indexes that sources name"
        draft.note(("tool", "uv", key), told)
    settings, at = own
    for key in settings:
        if key in _OTHER_KEYS:
            draft.note(at(key), f"{key} is about commands of uv alone")
        elif key not in SETTING_KEYS:
            draft.note(at(key), f"uv.toml has no say in {key} of a project")
    _Settings(settings, draft, at).all()
    # Sources name indexes of the manifest, which are asked for nothing else then.
    known = [each.get("name") for each in _indexes(draft) if isinstance(each, dict)]
    for number, each in enumerate(table["index"] if isinstance(table.get("index"), list) else ()):
        if isinstance(each, dict) and each.get("name") and each["name"] not in known:
            index = {**each, "explicit": True, "default": False}
            _Settings({}, draft, lambda *path: ("tool", "uv", *path)).add_index(index, number)


_OTHER_KEYS = frozenset({"pip", "publish-url", "check-url", "trusted-publishing", "audit", "cache-keys"})


def _read(text: str, name: str, draft: Draft) -> tuple[dict[str, Any], Callable[..., Origin]] | None:
    """The tables of a ``uv.toml``, and what tells where something stands in it."""
    from hutch.project.declared import Locator
    from hutch.project.toml_text import read_toml

    try:
        found = read_toml(text)
    except ValueError as error:
        draft.fault(Place(1, name), f"is not TOML: {error}")
        return None
    locator = Locator(text)
    return found, lambda *path: Place(locator.line(path), name)


def _indexes(draft: Draft) -> list[Any]:
    """Those that are said so far."""
    found = draft.get(*_OURS, "index")
    return found if isinstance(found, list) else []


class _Settings:
    def __init__(self, table: dict[str, Any], draft: Draft, at: Callable[..., Origin]) -> None:
        self.table = table
        self.draft = draft
        self.at = at

    def all(self) -> None:
        """Every key, in its order."""
        for key, value in self.table.items():
            if key in _SAME:
                self.draft.put((*_OURS, key), value, self.at(key))
            elif key in _TRANSLATED:
                getattr(self, "say_" + key.replace("-", "_"))(value)
            elif key in _NOTES and _USUAL.get(key, ...) != value:
                self.draft.note(self.at(key), f"{key}: {_NOTES[key]}")
            elif key in _OF_THE_MACHINE:
                self.draft.note(self.at(key), f"{key} is about a machine: say it in your own hutch.toml")
            elif key in _COMMANDS and value:
                self.draft.note(self.at(key), f"{key} is an option of commands, or nothing that hutch has")
        if "index-url" in self.table and self.draft.get(*_OURS, "index-url") and self.has_default():
            # uv asks the table then; hutch wants one word about it.
            del self.draft.document["tool"]["hutch"]["index-url"]
            self.draft.note(self.at("index-url"), "index-url: another index is the default one")

    def has_default(self) -> bool:
        return any(isinstance(each, dict) and each.get("default") is True for each in _indexes(self.draft))

    # --- indexes ---

    def say_index(self, value: Any) -> None:
        if not isinstance(value, list):
            self.draft.fault(self.at("index"), "should be an array of tables")
            return
        if "index" in (self.draft.get(*_OURS) or {}):
            self.draft.note(self.at("index"), "[[tool.hutch.index]] says which indexes there are")
            return
        for number, item in enumerate(value):
            self.add_index(item, number)

    def add_index(self, item: Any, number: int) -> None:
        """One table; hutch wants a name of each."""
        at = self.at("index", number)
        if not isinstance(item, dict):
            self.draft.fault(at, "should be a table with name and url")
            return
        said: dict[str, Any] = {"name": item.get("name") or f"index-{number + 1}"}
        for key, value in item.items():
            place = self.at("index", number, key)
            if key in ("url", "format"):
                said[key] = value
            elif key in ("default", "explicit"):
                if value is not False:
                    said[key] = value
            elif key == "ignore-error-codes" and isinstance(value, list):
                said["absent-statuses"] = [each for each in value if each in range(400, 500)]
                if len(said["absent-statuses"]) < len(value):
                    self.draft.note(place, "hutch takes no status of 500 or more for an answer")
            elif key == "exclude-newer" and isinstance(said["name"], str):
                self.say_moment((*_OURS, "exclude-newer-index", said["name"]), value, place)
            elif key in ("authenticate", "cache-control", "publish-url", "hash-algorithm"):
                self.draft.note(place, f"hutch has no {key} for an index")
            elif key != "name":
                self.draft.note(place, f"hutch knows no {key} of an index")
        if said.get("default") is True and said.get("explicit") is True:
            del said["default"]
            self.draft.note(at, "hutch asks its usual default index for what no other index has")
        path = (*_OURS, "index")
        self.draft.add(path, said, at)
        here = len(_indexes(self.draft)) - 1
        for key in item:
            self.draft.origins[(*path, here, key)] = self.at("index", number, key)

    # --- dates ---

    def say_exclude_newer(self, value: Any) -> None:
        if value is not False:
            self.say_moment((*_OURS, "exclude-newer"), value, self.at("exclude-newer"))

    def say_exclude_newer_package(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.draft.fault(self.at("exclude-newer-package"), "should be a table of names and dates")
            return
        for name, said in value.items():
            self.say_moment(
                (*_OURS, "exclude-newer-package", name), said, self.at("exclude-newer-package", name)
            )

    def say_moment(self, path: tuple[str, ...], value: Any, at: Origin) -> None:
        from hutch.project.dialects.uv_moments import moment_of

        self.draft.put(path, moment_of(value), at)

    # --- what is built, how it is installed ---

    def say_no_binary(self, value: Any) -> None:
        if value is True:
            self.draft.put((*_OURS, "no-binary"), [":all:"], self.at("no-binary"))

    def say_prerelease(self, value: Any) -> None:
        if value in ("allow", "disallow", "explicit"):
            self.draft.put((*_OURS, "prerelease"), value, self.at("prerelease"))
        elif value != "if-necessary-or-explicit":
            told = "prerelease: hutch takes pre-releases where they are asked for, or nothing else is there"
            self.draft.note(self.at("prerelease"), told)

    def say_link_mode(self, value: Any) -> None:
        if isinstance(value, str) and value in _LINK_MODES:
            self.draft.put((*_OURS, "link-mode"), _LINK_MODES[value], self.at("link-mode"))
        else:
            self.draft.note(self.at("link-mode"), f"link-mode: hutch makes no links of the kind {value}")

    def say_compile_bytecode(self, value: Any) -> None:
        if value is True:
            self.draft.put((*_OURS, "compile"), "now", self.at("compile-bytecode"))

    def say_dependency_metadata(self, value: Any) -> None:
        """uv takes such an entry for all that the package says: what is not there is not asked for."""
        if not isinstance(value, list):
            self.draft.fault(self.at("dependency-metadata"), "should be an array of tables")
            return
        path: Path = (*_OURS, "dependency-metadata")
        for number, item in enumerate(value):
            at = self.at("dependency-metadata", number)
            if not isinstance(item, dict):
                self.draft.fault(at, "should be a table with name and requires-dist")
                continue
            said = {"requires-dist": [], **item}
            if "provides-extras" in said:
                said["provides-extra"] = said.pop("provides-extras")
            self.draft.add(path, said, at)  # type: ignore[arg-type]
            kept = self.draft.get(*path)  # type: ignore[arg-type]
            here = len(kept) - 1 if isinstance(kept, list) else 0
            for key in item:
                self.draft.origins[(*path, here, key)] = self.at("dependency-metadata", number, key)
