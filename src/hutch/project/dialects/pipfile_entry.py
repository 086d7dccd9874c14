"""One package of a ``Pipfile``: a version, or a table of what is wanted and from where."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["MARKER_NAMES", "Entry", "Wrong", "marker_of", "parse_entry"]

MARKER_NAMES = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
)
"""Names that Pipenv takes as keys of a package: what they say must hold as well."""

_OTHER_SYSTEMS = ("hg", "svn", "bzr")
_KNOWN = frozenset(
    {
        *("git", *_OTHER_SYSTEMS, "ref", "subdirectory", "name", "version", "extras", "editable", "markers"),
        *("os_markers", "hashes", "index", "no_binary", "pip_args", "skip_resolver", "path", "file"),
        *MARKER_NAMES,
    }
)
_OPERATORS = ("==", ">=", "<=", "~=", "!=", ">", "<", "===")
_TEXTS = ("git", "ref", "subdirectory", "index", "path", "file", *_OTHER_SYSTEMS)


class Wrong(ValueError):
    """An entry says nothing that could be meant; ``path`` is where in it."""

    def __init__(self, path: tuple[str, ...], reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a Pipfile asks for under one name.

    ``place`` is a kind of source (``git``, ``url``, ``path``) and the location; ``index`` the name of one.
    """

    name: str
    specifiers: str = ""
    extras: tuple[str, ...] = ()
    marker: str | None = None
    place: tuple[Literal["git", "url", "path"], str] | None = None
    ref: str | None = None
    subdirectory: str | None = None
    editable: bool = False
    index: str | None = None
    no_binary: bool = False
    notes: tuple[str, ...] = ()

    def render(self, name: str | None = None) -> str:
        """The requirement (PEP 508) without its place, under another ``name`` if it has one."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        marker = f"; {self.marker}" if self.marker else ""
        specifiers = f" {self.specifiers}" if self.specifiers else ""
        return f"{name or self.name}{extras}{specifiers}{marker}"


def parse_entry(key: str, value: object) -> Entry:
    """Read the package ``key = value``. Raises ``Wrong``."""
    from hutch.spec import is_valid_name

    name, bracket, inside = key.partition("[")
    name = name.strip()
    extras = tuple(each.strip() for each in inside.rstrip("] ").split(",") if each.strip()) if bracket else ()
    if not is_valid_name(name):
        raise Wrong((), f"{key!r} is not the name of a package")
    if isinstance(value, str) and value.startswith(("git+", "hg+", "svn+", "bzr+")):
        system, _, url = value.partition("+")
        value = {system: url}
    if not isinstance(value, dict):
        specifiers, note = _specifiers(value, ())
        return Entry(name=name, specifiers=specifiers, extras=extras, notes=note)
    return _table(name, value, extras)


def _table(name: str, table: dict[str, Any], extras: tuple[str, ...]) -> Entry:
    for each in table:
        if each not in _KNOWN:
            raise Wrong((each,), f"Pipenv has no key {each!r} for a package")
    for each in _TEXTS:
        if each in table and (not isinstance(table[each], str) or not table[each].strip()):
            raise Wrong((each,), "should be a string")
    if system := next((each for each in _OTHER_SYSTEMS if each in table), None):
        raise Wrong((system,), f"hutch takes packages from git, and from no {system} repository")
    more = table.get("extras", [])
    if not isinstance(more, list) or not all(isinstance(each, str) for each in more):
        raise Wrong(("extras",), "should be an array of names")
    specifiers, notes = _specifiers(table.get("version", "*"), ("version",))
    place, ref, also = _place(table)
    if place is not None and specifiers:
        notes = (*notes, f"the version {specifiers} of {name} is not asked for: its place says what it is")
        specifiers = ""
    for each, sentence in (
        ("skip_resolver", "skip_resolver has no equivalent: what a package needs is installed with it"),
        ("pip_args", "pip_args has no equivalent: hutch does not call pip"),
        ("hashes", "hashes of a Pipfile are not looked at; those of the lock are"),
        ("name", "name has no equivalent: the key is the name"),
    ):
        if table.get(each):
            notes = (*notes, sentence)
    if table.get("editable") and place is not None and place[0] != "path":
        notes = (*notes, f"{name} is installed, not editable: only a directory is used where it lies")
    return Entry(
        name=name,
        specifiers=specifiers,
        extras=tuple(dict.fromkeys((*extras, *more))),
        marker=marker_of(table),
        place=place,
        ref=ref,
        subdirectory=table.get("subdirectory"),
        editable=table.get("editable") is True,
        index=table.get("index"),
        no_binary=table.get("no_binary") is True,
        notes=(*notes, *also),
    )


def _specifiers(value: object, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """PEP 440 specifiers; a version alone means that version, as for Pipenv."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # `django = 4.2`, without quotes
    if not isinstance(value, str):
        raise Wrong(path, 'should be a version such as "*", ">=1.2" or "==1.2"')
    text = value.strip().removeprefix("(").removesuffix(")").strip()
    if text in ("", "*", "==*"):
        return "", ()
    from hutch.errors import Problem
    from hutch.spec import parse_specifiers

    note: tuple[str, ...] = ()
    if not text.startswith(_OPERATORS):
        if not text[:1].isalnum():
            raise Wrong(path, f"`{text}` is not a version, and Pipenv has no such operator")
        note = (f"{text!r} without an operator means exactly that version, =={text}",)
        text = f"=={text}"
    try:
        parse_specifiers(text)
    except Problem as problem:
        raise Wrong(path, "; ".join((problem.what, *problem.why))) from None
    return text, note


def _place(
    table: dict[str, Any],
) -> tuple[tuple[Literal["git", "url", "path"], str] | None, str | None, tuple[str, ...]]:
    """(kind, location), the revision, and notes."""
    ref: str | None = table.get("ref")
    if "git" in table:
        url = str(table["git"]).removeprefix("git+").partition("#")[0]
        head, at, tail = url.rpartition("@")
        if at and "/" not in tail and "/" in head and "//" in head and head.rpartition("//")[2]:
            url, ref = head, ref or tail  # https://host/path.git@v1
        url, notes = _without_variables(url)
        return ("git", url), ref, notes
    location = table.get("file") or table.get("path")
    if location is None:
        return None, None, ()
    location = str(location).strip()
    if "://" in location and not location.lower().startswith("file:"):
        if location.startswith("git+"):
            return _place({**table, "git": location})
        if "${" in location or "$" in location.partition("://")[2].partition("/")[0]:
            key = "file" if table.get("file") else "path"
            raise Wrong((key,), "hutch puts no variables into the addresses of packages, only of sources")
        return ("url", location), None, ()
    if location.lower().startswith("file:"):
        from urllib.parse import unquote

        location = unquote(location[5:].removeprefix("//"))
    return ("path", location), None, ()


def _without_variables(url: str) -> tuple[str, tuple[str, ...]]:
    """A repository without the variables that prove who asks: git has its own ways for that."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    user, at, bare = host.rpartition("@")
    if mark and at and "$" in user:
        url = f"{scheme}://{bare}{slash}{path}"
        return url, ("the variables in the address of the repository are left out: git asks its own helper",)
    if "${" in url:
        raise Wrong(("git",), "hutch puts no variables into the address of a repository")
    return url, ()


def marker_of(table: dict[str, Any]) -> str | None:
    """All that the keys of a package say of where it is wanted, as one marker. Raises ``Wrong``."""
    from hutch.errors import Problem
    from hutch.spec import and_, parse_marker, render_marker

    found: list[Any] = []
    for key in ("markers", "os_markers", *MARKER_NAMES):
        value = table.get(key)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise Wrong((key,), "should be a marker, as a string")
        text = value if key.endswith("markers") else f"{key} {_quoted(value.strip())}"
        try:
            found.append(parse_marker(text))
        except Problem as problem:
            raise Wrong((key,), "; ".join((problem.what, *problem.why))) from None
    marker = and_(*found)
    return None if marker is None else render_marker(marker)


def _quoted(text: str) -> str:
    """``== nt`` as ``== 'nt'``: an operator, and a value that somebody left without quotes."""
    if "'" in text or '"' in text:
        return text
    for operator in ("not in", "in", *sorted(_OPERATORS, key=len, reverse=True)):
        if text.startswith(operator):
            return f"{operator} '{text[len(operator) :].strip()}'"
    return f"== '{text}'"
