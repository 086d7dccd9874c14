"""Requirements files: pip's dialect, read as pip reads it.

Decoding, joined lines, comments, ``${VARIABLE}``, ``-r`` and ``-c`` and what may stand beside a
requirement follow pip's reference ("Requirements File Format"). Nothing here touches the disk: bytes come
from a reader that is handed in, and so does the meaning of a path inside another file.
"""

from __future__ import annotations

import re

from hutch.errors import Problem
from hutch.project.declared import Declared, Locator
from hutch.project.faults import Fault
from hutch.project.requirement_lines import Given, Unreadable, parse_given, split_options
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.project.spans import Path

__all__ = [
    "Asked",
    "FileOption",
    "InvalidRequirementsFile",
    "RequirementsFile",
    "decode_requirements",
    "read_requirements",
]

_COMMENT = re.compile(r"(^|\s+)#.*$")
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),  # before UTF-16, whose mark begins it
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


# What a file from the network may not change: whoever wrote it would choose whom to trust.
_PLACES = frozenset(
    ("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "no-require-hashes")
)


class InvalidRequirementsFile(Problem):
    """Requirements files have lines that say nothing; ``faults`` are all of them."""

    code = "invalid-requirements-file"

    def __init__(self, filename: str, faults: tuple[Fault, ...]) -> None:
        self.filename = filename
        self.faults = faults
        count = len(faults)
        super().__init__(
            f"{filename} cannot be used" if count == 1 else f"{filename} cannot be used: {count} faults",
            why=tuple(f"{fault.path}:{fault.line}: {fault.reason}" for fault in faults),
        )


class _At(Locator):
    """The line that a requirement stands on, known while it is read."""

    __slots__ = ("_line",)

    def __init__(self, line: int) -> None:
        super().__init__("")
        self._line = line

    def line(self, path: Path) -> int:
        return self._line


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One requirement of a file: what is asked for, its hashes, and whether it only constrains. ``settings``
    are those for its build, ``KEY=VALUE``.

    ``container`` is the path of the file, as the reader knows it; ``declared`` has the place for people.
    """

    given: Given
    declared: Declared | None
    text: str
    place: str
    container: str
    constraint: bool = False
    hashes: tuple[tuple[str, str], ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOption:
    """A global option: its long name, its value (``""`` for a switch), and where it stands.

    ``raw`` is the value as it was written, with its variables: what may be copied into another file.
    """

    name: str
    value: str
    raw: str
    container: str
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementsFile:
    """A requirements file with all that it includes, in the order in which it is read. ``included`` are the
    paths of those files, and whether they only constrain."""

    asked: tuple[Asked, ...] = ()
    options: tuple[FileOption, ...] = ()
    notices: tuple[str, ...] = field(default=())
    included: tuple[tuple[str, bool], ...] = ()


def read_requirements(
    path: str,
    read: Callable[[str], bytes],
    *,
    join: Callable[[str, str], str],
    shown: Callable[[str], str],
    environ: Mapping[str, str],
    constraint: bool = False,
    encoding: str = "utf-8",
    foreign: Callable[[str], bool] = lambda path: False,
) -> RequirementsFile:
    """Read the file at ``path`` and those that it names.

    ``read`` gives the bytes of a path or raises a ``Problem``; ``join(container, text)`` is the path that
    ``-r text`` means in the file ``container``; ``shown`` is a path for people. ``encoding`` is that of
    the locale, for files that are no UTF-8. Into ``foreign`` files, which somebody else wrote, no variables
    are put, and places of this machine and other indexes are faults there. Raises
    ``InvalidRequirementsFile`` with every fault of all files.
    """
    reader = _Reader(read, join, shown, environ, encoding, foreign)
    reader.file(path, read(path), constraint, ())
    if reader.faults:
        raise InvalidRequirementsFile(shown(path), tuple(reader.faults))
    return RequirementsFile(
        asked=tuple(reader.asked),
        options=tuple(reader.options),
        notices=tuple(reader.notices),
        included=tuple(reader.included),
    )


def decode_requirements(data: bytes, encoding: str = "utf-8") -> tuple[str, str]:
    """The text, and a notice where it was guessed; ``UnicodeError`` or ``LookupError`` where it is none."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name), ""
    for line in data.split(b"\n", 2)[:2]:
        if line[:1] == b"#" and (found := _CODING.search(line)):
            return data.decode(found[1].decode("ascii")), ""
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        if encoding.lower().replace("-", "") == "utf8":
            raise
        return data.decode(encoding), f"it is not UTF-8, and was read as {encoding}, as this system writes it"


class _Reader:
    def __init__(
        self,
        read: Callable[[str], bytes],
        join: Callable[[str, str], str],
        shown: Callable[[str], str],
        environ: Mapping[str, str],
        encoding: str,
        foreign: Callable[[str], bool],
    ) -> None:
        self._foreign = foreign
        self._read = read
        self._join = join
        self._shown = shown
        self._environ = environ
        self._encoding = encoding
        self.asked: list[Asked] = []
        self.options: list[FileOption] = []
        self.notices: list[str] = []
        self.faults: list[Fault] = []
        self.included: list[tuple[str, bool]] = []

    def file(self, path: str, data: bytes, constraint: bool, above: tuple[str, ...]) -> None:
        name = self._shown(path)
        try:
            text, notice = decode_requirements(data, self._encoding)
        except (UnicodeError, LookupError) as error:
            self.faults.append(Fault(name, 1, f"it cannot be decoded: {error}"))
            return
        if notice:
            self.notices.append(f"{name}: {notice}")
        for number, raw in _logical_lines(text):
            line = raw if self._foreign(path) else self._expanded(raw)
            try:
                self._line(path, number, line, raw, constraint, (*above, path))
            except Unreadable as error:
                self.faults.append(Fault(name, number, str(error)))

    def _expanded(self, line: str) -> str:
        """``${NAME}`` of the environment; what is unset or empty stays as it is written."""
        return _VARIABLE.sub(lambda found: self._environ.get(found[1]) or found[0], line)

    def _line(
        self, path: str, number: int, line: str, raw: str, constraint: bool, above: tuple[str, ...]
    ) -> None:
        words, options = split_options(line)
        settings = tuple(option.value for option in options if option.name == "config-settings")
        if settings:
            self._refuse_foreign(path, "--config-settings tells a build what to do")
        if bad := next((text for text in settings if not text.partition("=")[1]), None):
            raise Unreadable(f"--config-settings `{bad}` is not KEY=VALUE")
        if words:
            hashes = tuple(each for option in options for each in option.hashes())
            self._ask(path, number, parse_given(words), words, constraint, hashes, settings)
            return
        _, raw_options = split_options(raw)
        for option, written in zip(options, raw_options, strict=False):
            if option.name in ("requirement", "constraint"):
                self._include(path, number, option.value, option.name == "constraint", above)
            elif option.name == "editable":
                self._refuse_foreign(path, "-e names a place of this machine")
                if constraint:
                    raise Unreadable("a constraint cannot be editable")
                given = replace(parse_given(option.value), editable=True)
                self._ask(path, number, given, f"-e {option.value}", False, (), settings)
            elif option.is_global:
                if option.name in _PLACES:
                    self._refuse_foreign(path, f"--{option.name} says where packages come from")
                self.options.append(
                    FileOption(
                        name=option.name, value=option.value, raw=written.value, container=path, line=number
                    )
                )
            else:
                option.hashes()  # config-settings of an editable line
                if option.name == "hash":
                    raise Unreadable("a hash belongs behind a requirement")

    def _refuse_foreign(self, path: str, what: str) -> None:
        if self._foreign(path):
            raise Unreadable(f"{what}, which a file from the network may not; write it into a file of yours")

    def _ask(
        self,
        path: str,
        number: int,
        given: Given,
        text: str,
        constraint: bool,
        hashes: tuple[tuple[str, str], ...],
        settings: tuple[str, ...] = (),
    ) -> None:
        location = given.location or (given.requirement.url if given.requirement is not None else None)
        if location is not None and ("://" not in location or location.lower().startswith("file:")):
            self._refuse_foreign(path, f"`{location}` is a place of this machine")
        if constraint and given.requirement is None:
            raise Unreadable("a constraint needs a name: `name @ URL`")
        if constraint and given.requirement is not None and given.requirement.extras:
            raise Unreadable("a constraint cannot have extras")
        name = self._shown(path)
        declared = None
        if given.requirement is not None:
            declared = Declared(requirement=given.requirement, text=text, filename=name, locator=_At(number))
        self.asked.append(
            Asked(
                given=given,
                declared=declared,
                text=text,
                place=f"{name}:{number}",
                container=path,
                constraint=constraint,
                hashes=(*given.hashes, *hashes),
                settings=settings,
            )
        )

    def _include(self, path: str, number: int, text: str, constraint: bool, above: tuple[str, ...]) -> None:
        try:
            below = self._join(path, text)
        except Problem as problem:
            raise Unreadable("; ".join(problem.why or (problem.what,))) from None
        if below in above:
            ring = " → ".join(self._shown(each) for each in (*above[above.index(below) :], below))
            raise Unreadable(f"the file includes itself: {ring}")
        try:
            data = self._read(below)
        except Problem as problem:
            raise Unreadable("; ".join((problem.what, *problem.why))) from None
        self.included.append((below, constraint))
        self.file(below, data, constraint, above)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """(number of the first line, text) of what backslashes join, without comments and empty lines."""
    found: list[tuple[int, str]] = []
    begun: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        comment = _COMMENT.match(line)
        if line.endswith("\\") and not comment:
            first = first if begun else number
            begun.append(line.strip("\\"))
            continue
        # A comment ends what was begun; the space keeps it one.
        found.append((first if begun else number, "".join((*begun, f" {line}" if comment else line))))
        begun = []
    if begun:
        found.append((first, "".join(begun)))
    stripped = ((number, _COMMENT.sub("", line).strip()) for number, line in found)
    return [(number, line) for number, line in stripped if line]
