"""YAML that anybody may have written, as plain values: texts, lists, tables, None; nothing else.

What most people write is read by `yaml_plain`. Of the rest PyYAML's parser says what stands in the text; what
it means is made here, of its events, so that no text of somebody else's makes an object, takes all the memory
there is (aliases of aliases of aliases) or the stack.
Numbers stay texts: ``3.10`` is a version. A key that is there twice is a fault, as for conda.

Spec: YAML 1.1, as far as files of conda's world use it.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.spans import Path

__all__ = ["InvalidYaml", "Yaml", "read_yaml"]

DEEPEST = 40
MOST_VALUES = 5_000_000
"""Values of a document, those of an alias counted each time that it is named."""

_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class InvalidYaml(ValueError):
    """The text is no YAML that is read here; ``line`` and ``column`` count from 1."""

    def __init__(self, reason: str, line: int, column: int | None = None) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        super().__init__(f"{reason} (line {line})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yaml:
    """What a document says, and the lines (from 1) of its entries, by their paths.

    ``spans`` are the beginnings and ends of its texts, where somebody asked for them.
    """

    value: Any
    lines: dict[Path, int]
    spans: dict[Path, tuple[int, int]]

    def line(self, path: Path) -> int:
        """The line of what is at ``path``, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, *, lines: bool = True, spans: bool = False) -> Yaml:
    """Read the first document of ``text``. Without ``lines`` nobody asks where anything is; ``spans`` is for
    those who change the text, which has no byte order mark then."""
    if not spans:
        from hutch.project.yaml_plain import read_plain_yaml

        plain = read_plain_yaml(text)
        if plain is not None:
            return Yaml(value=plain[0], lines=plain[1] if lines else {}, spans={})
    return _read_any(text, lines, spans)


def _read_any(text: str, lines: bool, spans: bool) -> Yaml:
    import yaml

    loader: Any = yaml.SafeLoader if spans else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(lines or spans)
    try:
        for event in yaml.parse(text if spans else text.removeprefix("\ufeff"), Loader=loader):
            builder.take(event)
            if builder.done:
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, None)
        reason = error.problem or error.context or "it is not YAML"
        if "cannot start any token" in reason and "\t" in _line(text, line):
            reason = "a tab stands where YAML takes blanks alone"
        raise InvalidYaml(reason, line, column) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise InvalidYaml(str(error).partition("\n")[0] or "it is not YAML", 1) from None
    return Yaml(value=builder.value, lines=builder.lines, spans=builder.spans)


class _Open:
    """A list or a table that has not ended."""

    __slots__ = ("anchor", "count", "is_table", "key", "merged", "path", "value")

    def __init__(self, value: Any, path: Path, anchor: str | None) -> None:
        self.value = value
        self.is_table = isinstance(value, dict)
        self.path = path
        self.anchor = anchor
        self.key: str | None = None
        self.merged: list[dict[str, Any]] = []
        self.count = 1


class _Builder:
    """Makes values of events. ``done`` once the first document has ended."""

    def __init__(self, lines: bool) -> None:
        self.value: Any = None
        self.lines: dict[Path, int] = {}
        self.spans: dict[Path, tuple[int, int]] = {}
        self.done = False
        self._lines = lines
        self._open: list[_Open] = []
        self._named: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._begin(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            ended = self._open.pop()
            for each in ended.merged:  # what the table says itself comes before, wherever it stands
                for name, item in each.items():
                    ended.value.setdefault(name, item)
            self._keep(ended.anchor, ended.value, ended.count)
            self._add(ended.value, ended.count, event)
        elif kind == "AliasEvent":
            if event.anchor not in self._named:
                raise _at(event, f"the alias *{event.anchor} names nothing that is above it")
            value, count = self._named[event.anchor]
            self._place(event)
            self._add(value, count, event)
        elif kind == "DocumentEndEvent":
            self.done = True

    def _scalar(self, event: Any) -> None:
        _check_tag(event)
        plain = event.implicit[0] and event.tag in (None, "tag:yaml.org,2002:null")
        value = None if plain and event.value in _NULLS else event.value
        if self._place(event):
            self.spans[self._path()] = (event.start_mark.index, event.end_mark.index)
        self._keep(event.anchor, value, 1)
        self._add(value, 1, event)

    def _begin(self, event: Any, value: Any) -> None:
        _check_tag(event)
        if len(self._open) >= DEEPEST:
            raise _at(event, f"it is nested more than {DEEPEST} deep")
        if self._open and self._open[-1].is_table and self._open[-1].key is None:
            raise _at(event, "a list or a table cannot be a key here")
        self._open.append(_Open(value, self._place(event), event.anchor))

    def _path(self) -> Path:
        """The path of the value that comes next."""
        if not self._open:
            return ()
        above = self._open[-1]
        return (*above.path, above.key or "") if above.is_table else (*above.path, len(above.value))

    def _place(self, event: Any) -> Path:
        if not self._lines or (self._open and self._open[-1].is_table and self._open[-1].key is None):
            return ()
        path = self._path()
        self.lines.setdefault(path, event.start_mark.line + 1)  # of a pair, the line of its key
        return path

    def _keep(self, anchor: str | None, value: Any, count: int) -> None:
        if anchor is not None:
            self._named[anchor] = (value, count)

    def _add(self, value: Any, count: int, event: Any) -> None:
        if not self._open:
            self.value = value
            return
        above = self._open[-1]
        above.count += count
        if above.count > MOST_VALUES:
            raise _at(event, f"its aliases stand for more than {MOST_VALUES:,} values")
        if not above.is_table:
            above.value.append(value)
        elif above.key is None:
            above.key = self._key(value, above, event)
        else:
            self._pair(above, value, event)

    def _key(self, value: Any, above: _Open, event: Any) -> str:
        if isinstance(value, (dict, list)):
            raise _at(event, "a list or a table cannot be a key here")
        key = "" if value is None else str(value)
        if key in above.value:
            raise _at(event, f"the key {key!r} is there twice")
        if self._lines:
            self.lines[(*above.path, key)] = event.start_mark.line + 1
        return key

    def _pair(self, above: _Open, value: Any, event: Any) -> None:
        key, above.key = above.key or "", None
        if key != "<<":
            above.value[key] = value
            return
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise _at(event, "what << merges is no table")
            above.merged.append(each)


def _check_tag(event: Any) -> None:
    if event.tag is not None and event.tag != "!" and event.tag not in _TAGS:
        raise _at(event, f"the tag {event.tag[:80]!r} stands for an object, and files of others make none")


def _line(text: str, number: int) -> str:
    """One of the lines that YAML counts: some of its line ends are others than a line feed."""
    import re

    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    return lines[number - 1] if number <= len(lines) else ""


def _at(event: Any, reason: str) -> InvalidYaml:
    mark = event.start_mark
    return InvalidYaml(reason, mark.line + 1, mark.column + 1)
