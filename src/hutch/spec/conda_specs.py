"""MatchSpecs: how conda names the packages that it means (CEP 29).

    numpy                         numpy >=1.26,<3               numpy=2.3=py312*
    conda-forge::numpy[version=">=1.26", build="*_openblas"]    python 3.12.* *_cpython

As conda's command line reads them: ``name=1.2`` is the family 1.2.*, ``name=1.2=build`` and ``name 1.2`` are
that very version. py-rattler is the oracle of the tests.
"""

from __future__ import annotations

import re

from hutch.errors import Problem
from hutch.values import dataclass

from .conda_patterns import bounded_expression, fits_pieces
from .conda_versions import (
    InvalidCondaVersion,
    parse_conda_version,
    parse_version_spec,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .conda_records import CondaRecord

__all__ = ["CondaSpec", "InvalidCondaSpec", "channel_is", "parse_conda_spec"]

_NAME = re.compile(r"[a-z0-9_][a-z0-9_.\-]*|\*")
_HEAD = re.compile(r"\s*([A-Za-z0-9_.\-*]+)\s*(.*)", re.DOTALL)
_PAIR = re.compile(
    r"""\s*([A-Za-z_0-9]+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\[\]]*\]|[^,\s"'\[\]]+)\s*(?:,|$)"""
)
_OF_AN_INDEX = re.compile(r"^\s*[\w.-]+\s*(\[[\w\s,.-]*\]|@|[^;\[]*;)")
"""What looks like a requirement of a Python package."""
_LOOSE = re.compile(r"[<>=!~,|]\s|\s[,|]")
_OPERATORS = frozenset("=<>!~,|")
_LONGEST = 8000
"""Characters of a MatchSpec; those that are met have 120."""
_KEYS = frozenset(
    {
        *("version", "build", "build_number", "channel", "subdir", "md5", "sha256", "url", "fn", "license"),
        *("track_features", "features", "when", "extras", "flags", "license_family"),
    }
)


class InvalidCondaSpec(Problem):
    """A text that should name packages of conda does not."""

    code = "invalid-conda-spec"

    def __init__(self, text: str, reason: str) -> None:
        from .names import safe_text

        hint = "it looks like `numpy`, `numpy=2.3`, `numpy>=2,<3` or `conda-forge::numpy=2.3=py312*`"
        self.of_an_index = _OF_AN_INDEX.search(text) is not None
        if self.of_an_index:
            hint = "extras, markers and addresses are for package indexes: a `pip:` list, or hutch add"
        super().__init__(
            f"`{safe_text(text[:200])}` names no package of conda",
            why=reason if len(reason) <= 300 else f"{reason[:200]}…{reason[-80:]}",
            hint=hint,
        )

    @property
    def sentence(self) -> str:
        """All of it in one line, for a list of faults."""
        said = f"{self.what}: {self.why[0]}"
        return f"{said}; {self.hints[0]}" if self.of_an_index else said


def _meant(said: str) -> str:
    """What is meant, where that can be seen."""
    swapped = re.search(r"=\s*([<>])", said)
    if swapped:
        return f"`{swapped[1]}=` may be meant"
    for sign, meant in _OTHER_SIGNS.items():
        if sign in said:
            return f"`{meant}` may be meant"
    if said.startswith(":"):
        return "`::` stands behind a channel"
    return "it has quotes in it" if said.strip("=<>! ").startswith(("'", '"')) else ""


_OTHER_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!="}


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaSpec:
    """A MatchSpec taken apart; what it does not say is empty.

    ``version``, ``build`` and ``build_number`` are specs themselves. ``when`` is a MatchSpec that has to hold
    in the environment for this one to count (CEP 43), ``extras`` groups of more dependencies (CEP 44).
    """

    text: str
    name: str
    version: str = ""
    build: str = ""
    build_number: str = ""
    channel: str = ""
    subdir: str = ""
    md5: str = ""
    sha256: str = ""
    url: str = ""
    filename: str = ""
    license: str = ""
    track_features: tuple[str, ...] = ()
    when: str = ""
    extras: tuple[str, ...] = ()

    @property
    def names_a_build(self) -> bool:
        """Whether nothing but a file of conda can be meant."""
        return bool(
            self.build
            or self.build_number
            or self.channel
            or self.subdir
            or self.md5
            or self.sha256
            or self.url
        )

    @property
    def says_no_more(self) -> bool:
        """Whether it says nothing but name, version and build, as nearly all of them do."""
        return not (
            self.build_number
            or self.channel
            or self.subdir
            or self.md5
            or self.sha256
            or self.url
            or self.filename
            or self.license
            or self.track_features
        )

    def admits_version(self, version: str) -> bool:
        """Whether a version is one that is meant."""
        return not self.version or _admitted(self.version, version)

    def admits_build(self, build: str) -> bool:
        """Whether a build is one that is meant."""
        return not self.build or _glob(self.build)(build)

    def matches(self, record: CondaRecord) -> bool:
        """Whether ``record`` is meant; its name included."""
        return (self.name in ("*", record.name)) and self.admits(record)

    def admits(self, record: CondaRecord) -> bool:
        """As `matches`, for a record that has the name."""
        if not (self.admits_version(record.version) and self.admits_build(record.build)):
            return False
        if self.build_number and not _admitted(self.build_number, str(record.build_number)):
            return False
        if self.subdir and self.subdir != record.subdir:
            return False
        if self.channel and not channel_is(self.channel, record.channel):
            return False
        if self.md5 and self.md5 != record.md5:
            return False
        if self.sha256 and self.sha256 != record.sha256:
            return False
        if self.url and self.url != record.url:
            return False
        if self.filename and self.filename != record.filename:
            return False
        if self.license and not _glob(self.license)(record.license):
            return False
        return not self.track_features or set(self.track_features) <= set(record.track_features)


_admissions: dict[tuple[str, str], bool] = {}


def _admitted(spec: str, version: str) -> bool:
    """A name has a thousand records of some tens of versions: each is asked about once."""
    key = (spec, version)
    found = _admissions.get(key)
    if found is None:
        try:
            found = parse_version_spec(spec)(parse_conda_version(version))
        except InvalidCondaVersion:
            found = False  # a version that nobody can read is admitted by nothing
        _admissions[key] = found
    return found


_globs: dict[str, Callable[[str], bool]] = {}


def _glob(pattern: str) -> Callable[[str], bool]:
    """``py312*``, ``^py3.*$`` or the text itself, upper and lower case the same."""
    found = _globs.get(pattern)
    if found is None:
        if pattern.startswith("^") and pattern.endswith("$"):
            expression = bounded_expression(pattern)
            found = lambda text: expression.match(text) is not None  # noqa: E731
        elif pattern == "*":
            found = lambda text: True  # noqa: E731
        elif "*" in pattern:
            pieces = pattern.lower().split("*")
            found = lambda text: fits_pieces(pieces, text.lower())  # noqa: E731
        else:
            lowered = pattern.lower()
            found = lambda text: text.lower() == lowered  # noqa: E731
        _globs[pattern] = found
    return found


def channel_is(asked: str, channel: str) -> bool:
    """Whether ``asked``, a channel as a MatchSpec names it, is the one at the address ``channel``."""
    if "://" in asked:
        return channel == asked.rstrip("/")
    return channel == asked or channel.endswith(f"/{asked}")


_parsed: dict[str, CondaSpec] = {}


def parse_conda_spec(text: str) -> CondaSpec:
    """``text`` taken apart. Raises `InvalidCondaSpec`."""
    found = _parsed.get(text)
    if found is None:
        found = _parsed[text] = _parse(text)
    return found


def _parse(text: str) -> CondaSpec:
    if len(text) > _LONGEST:
        raise InvalidCondaSpec(text, f"it has more than {_LONGEST} characters")
    body = text.partition(" #")[0].strip()
    if not body:
        raise InvalidCondaSpec(text, "it is empty")
    if body.startswith(("http://", "https://", "file://")) and "::" not in body:
        return _of_url(text, body)
    body, pairs = _take_pairs(text, body)
    said = {"channel": "", "subdir": ""}
    if "::" in body:
        said["channel"], said["subdir"], body = _take_channel(text, body)
    head = _HEAD.fullmatch(body)
    if head is None:
        raise InvalidCondaSpec(text, "it has no name")
    name, rest = head[1], head[2].strip()
    # A version may follow a name without a blank, and starts with an operator then.
    if _NAME.fullmatch(name.lower()) is None:
        raise InvalidCondaSpec(text, f"`{name}` is no name of a package")
    version, build = _version_and_build(text, rest)
    said.update(name=name.lower(), version=version, build=build)
    features, extras = _say_pairs(text, pairs, said) if pairs else ((), ())
    for field in ("version", "build_number"):
        if said.get(field):
            try:
                parse_version_spec(said[field])
            except InvalidCondaVersion as problem:
                why = _meant(said[field]) or (problem.why[0] if problem.why else str(problem))
                raise InvalidCondaSpec(text, f"`{said[field]}` cannot be read: {why}") from problem
    for field in ("build", "license"):
        if said.get(field, "").startswith("^"):
            try:
                bounded_expression(said[field])
            except ValueError as error:
                reason = f"the expression `{said[field][:80]}` cannot be used: {error}"
                raise InvalidCondaSpec(text, reason) from error
    return CondaSpec(text=text, track_features=features, extras=extras, **said)


def _say_pairs(
    text: str, pairs: dict[str, str], said: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What ``[…]`` says goes into ``said``; features and extras are returned."""
    for key, value in pairs.items():
        if key in ("extras", "flags", "features", "license_family", "track_features"):
            continue
        said[{"fn": "filename"}.get(key, key)] = value.strip() if key == "version" else value
    if said.get("build_number") and not re.search(r"\d", said["build_number"]):
        raise InvalidCondaSpec(text, f"`{said['build_number'][:40]}` is no number of a build")
    for field, length in (("md5", 32), ("sha256", 64)):
        if said.get(field) and not re.fullmatch(f"[0-9a-fA-F]{{{length}}}", said[field]):
            raise InvalidCondaSpec(text, f"`{field}` is {length} hexadecimal digits")
        said[field] = said.get(field, "").lower()
    extras = pairs.get("extras", "").strip("[]").split(",")
    return (
        tuple(pairs.get("track_features", "").replace(",", " ").split()),
        tuple(word.strip(" \"'") for word in extras if word.strip()),
    )


def _of_url(text: str, url: str) -> CondaSpec:
    address, _, digest = url.partition("#")
    filename = address.rpartition("/")[2]
    stem = filename.removesuffix(".conda").removesuffix(".tar.bz2")
    parts = stem.rsplit("-", 2)
    if stem == filename or len(parts) != 3 or not all(parts):
        raise InvalidCondaSpec(text, "an address of a package ends in NAME-VERSION-BUILD.conda or .tar.bz2")
    is_sha256 = digest.startswith("sha256:")
    return CondaSpec(
        text=text,
        channel=address.rpartition("/")[0].rpartition("/")[0],
        name=parts[0].lower(),
        version=f"=={parts[1]}",
        build=parts[2],
        url=address,
        sha256=digest.removeprefix("sha256:") if is_sha256 else "",
        md5="" if is_sha256 else digest,
    )


def _take_pairs(text: str, body: str) -> tuple[str, dict[str, str]]:
    """What stands in ``[…]`` at the end, by key."""
    if not body.endswith("]"):
        return body, {}
    depth, at = 0, len(body)
    while at:
        at -= 1
        depth += {"]": 1, "[": -1}.get(body[at], 0)
        if not depth:
            break
    pairs: dict[str, str] = {}
    inner, position = body[at + 1 : -1], 0
    while position < len(inner) and inner[position:].strip():
        pair = _PAIR.match(inner, position)
        if pair is None:
            raise InvalidCondaSpec(text, f"`[{inner}]` cannot be read: KEY=VALUE, with commas between them")
        key, value = pair[1].lower(), pair[2]
        if key not in _KEYS:
            raise InvalidCondaSpec(text, f"`{key}` is no key of a MatchSpec")
        if value[0] in "\"'":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        pairs[key] = value
        position = pair.end()
    return body[:at].strip(), pairs


def _take_channel(text: str, body: str) -> tuple[str, str, str]:
    channel, _, rest = body.rpartition("::")
    channel = channel.partition("::")[0] if "://" not in channel else channel  # channel:namespace:name is old
    if not channel:
        raise InvalidCondaSpec(text, "nothing stands before `::`")
    subdir = ""
    last = channel.rpartition("/")[2]
    if "/" in channel and re.fullmatch(r"noarch|(linux|osx|win|freebsd|emscripten|wasi|zos)-\w+", last):
        channel, subdir = channel.rpartition("/")[0], last
    return channel.rstrip("/"), subdir, rest


def _version_and_build(text: str, rest: str) -> tuple[str, str]:
    """What stands behind the name: ``=1.2=build``, ``>=1,<2 build``, ``1.2 build``, ``1.2``."""
    if not rest:
        return "", ""
    # Blanks after operators and around commas and bars belong to the version.
    if _LOOSE.search(rest):
        rest = re.sub(r"\s*([,|])\s*", r"\1", re.sub(r"([<>=!~])\s+", r"\1", rest))
    words = rest.split()
    if len(words) > 2:
        raise InvalidCondaSpec(text, f"`{' '.join(words[2:])}` is too much: NAME VERSION BUILD")
    version, build = words[0], words[1] if len(words) == 2 else ""
    if not build:
        # The last `=` that is no part of an operator parts the build from the version.
        front, _, back = version.rpartition("=")
        if front and back and front[-1] not in _OPERATORS and not _OPERATORS.intersection(back):
            version, build = front, back
            if version.startswith("=") and not version.startswith("=="):
                version = version[1:]
                if "*" not in version and not re.search(r"[,|]", version):
                    version = f"=={version}"
            return version, build
    if version.startswith("=") and not version.startswith("=="):
        if version.rstrip("*").endswith(".") and not re.search(r"[,|]", version):
            version = version[1:]
        elif build and not re.search(r"[*,|=]", version[1:]):
            version = f"={version}"  # with a build it is that very version, as of `name=1.2=build`
    return version, build
