"""Files that say which Python a directory asks for, beside pyenv's: uv's, asdf's, mise's, Heroku's.

Each gives names as `.python-version` does: the first is meant first. What cannot be a name here
(``ref:main``, ``path:…``, ``latest``) is left out: it names no version that another machine would have too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PIN_FILES", "names_in"]

PIN_FILES = (
    ".python-version",
    ".python-versions",
    ".tool-versions",
    "mise.toml",
    ".mise.toml",
    "runtime.txt",
)
"""In the order in which they count within one directory."""

_ALIASES = ("python", "core:python")


def names_in(filename: str, text: str) -> tuple[str, ...]:
    """The names that a file of ``PIN_FILES`` gives, in their order."""
    text = text.removeprefix("\ufeff")
    if filename.startswith(".python-version"):
        found = _first_words(text)
    elif filename == ".tool-versions":
        found = (name for word in _tool_versions(text) for name in _plain(word))
    elif filename == "runtime.txt":
        found = iter(_runtime(text))
    else:
        found = (name for word in _mise(text) for name in _plain(word))
    return tuple(dict.fromkeys(found))


def _first_words(text: str) -> Iterator[str]:
    """pyenv: of each line the first word; a path (as uv writes it) is a name too."""
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0]


def _tool_versions(text: str) -> Iterator[str]:
    """asdf: ``python 3.12.1 3.11.2  # why``; the first line of a tool counts."""
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words and words[0] in _ALIASES:
            yield from words[1:]
            return


def _runtime(text: str) -> tuple[str, ...]:
    """Heroku and its like: ``python-3.12.1``, or the number alone, and nothing else in the file."""
    words = text.split()
    version = words[0].removeprefix("python-") if len(words) == 1 else ""
    return (version,) if version[:1].isdigit() and version.replace(".", "").isalnum() else ()


def _mise(text: str) -> Iterator[str]:
    """``[tools] python = …``: a text, a table with ``version``, or an array of those."""
    from hutch.errors import Problem
    from hutch.project import load_toml

    try:
        tools = load_toml(text, "mise.toml").get("tools")
    except Problem:
        return  # mise itself says what is wrong
    said = next((tools[key] for key in _ALIASES if key in tools), ()) if isinstance(tools, dict) else ()
    for one in said if isinstance(said, list) else [said]:
        version = one.get("version") if isinstance(one, dict) else one
        if isinstance(version, str):
            yield version.strip()


def _plain(word: str) -> Iterator[str]:
    """A version of asdf or mise as a name: ``latest:3.12`` and ``prefix:3.12`` are the newest 3.12."""
    kind, colon, rest = word.partition(":")
    if colon:
        if kind in ("latest", "prefix") and rest[:1].isdigit():
            yield rest
    elif word != "latest" and "/" not in word and "\\" not in word and word:
        yield word
