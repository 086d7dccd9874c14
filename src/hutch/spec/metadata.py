"""Core metadata: the few fields that resolving and installing need, read fast and forgivingly.

The format is that of the core metadata specification: headers as in e-mail, UTF-8, a body that does
not matter here. Faults that released files have and that everybody reads (``>=1.0.*``, missing
commas) are repaired, and the repairs are told in ``repairs``.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

from .names import NormalizedName, is_valid_name, normalize, safe_text
from .requirements import (
    InvalidRequirement,
    Requirement,
    parse_requirement,
    parse_requirement_with,
    requirement_from_tuple,
    requirement_to_tuple,
)
from .specifiers import InvalidSpecifier, Specifiers, parse_legacy_specifiers
from .versions import InvalidVersion, canonical_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CoreMetadata",
    "InvalidMetadata",
    "metadata_from_tuple",
    "metadata_to_tuple",
    "parse_metadata",
    "static_requirements",
]

_ONCE = {"metadata-version", "name", "version", "requires-python"}
_MANY = {"requires-dist", "provides-extra", "dynamic"}


class InvalidMetadata(Problem):
    """The metadata of a distribution cannot be used; ``faults`` are all of them."""

    code = "invalid-metadata"

    def __init__(self, what: str, faults: tuple[str, ...]) -> None:
        super().__init__(f"the metadata of {safe_text(what)} is not valid", why=faults)
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreMetadata:
    """What a distribution says of itself. ``version`` is in normal spelling; ``dynamic`` names fields
    in lower case; ``repairs`` are sentences about what had to be read otherwise than written."""

    name: NormalizedName
    version: str
    requires_python: Specifiers = ()
    extras: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    dynamic: frozenset[str] = frozenset()
    metadata_version: str = "2.1"
    repairs: tuple[str, ...] = ()


def parse_metadata(data: bytes | str, *, what: str = "a distribution") -> CoreMetadata:
    """Parse a ``METADATA`` or ``PKG-INFO`` file; ``what`` names it in messages.

    :class:`InvalidMetadata` with all faults when name, version or a requirement cannot be read.
    """
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    # Nothing behind the first empty line matters, unless there is nothing before it.
    once, many = _read_headers(data[: _end_of_headers(data)].decode("utf-8", "replace"))
    if not once:
        once, many = _read_headers(data.decode("utf-8", "replace"))
    faults: list[str] = []
    repairs: list[str] = []
    name = once.get("name", "")
    if not is_valid_name(name):
        faults.append(f"the name `{safe_text(name)}` is not valid" if name else "it has no name")
    version = once.get("version", "")
    try:
        version = canonical_version(version)
    except InvalidVersion:
        faults.append(f"the version `{safe_text(version)}` is not valid" if version else "it has no version")
    requires_python = _parse_requires_python(once.get("requires-python", ""), repairs)
    requirements: list[Requirement] = []
    for line in many["requires-dist"]:
        try:
            requirements.append(_parse_requirement(line, repairs))
        except InvalidRequirement as problem:
            faults.append(f"{problem.what}: {' '.join(problem.why)}")
    if faults:
        raise InvalidMetadata(what if not name else f"{safe_text(name)} {safe_text(version)}", tuple(faults))
    return CoreMetadata(
        name=normalize(name),
        version=version,
        requires_python=requires_python,
        extras=tuple(dict.fromkeys(str(normalize(extra)) for extra in many["provides-extra"])),
        requirements=tuple(requirements),
        dynamic=frozenset(field.lower() for field in many["dynamic"]),
        metadata_version=once.get("metadata-version", "1.0"),
        repairs=tuple(repairs),
    )


def _end_of_headers(data: bytes) -> int:
    ends = [at for at in (data.find(b"\n\n"), data.find(b"\n\r\n")) if at >= 0]
    return min(ends, default=len(data)) + 1


def _read_headers(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The fields of interest up to the empty line; the first wins where one is allowed."""
    once: dict[str, str] = {}
    many: dict[str, list[str]] = {field: [] for field in _MANY}
    field, value = "", ""

    def keep() -> None:
        if field in _MANY:
            many[field].append(value.strip())
        elif field in _ONCE:
            once.setdefault(field, value.strip())

    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            if field or once:
                break
            continue
        if line[0] in " \t":
            value += " " + line.strip()  # a folded header goes on
            continue
        keep()
        field, colon, value = line.partition(":")
        field = field.lower() if colon else ""
    keep()
    return once, many


def _parse_requires_python(text: str, repairs: list[str]) -> Specifiers:
    """A ``Requires-Python`` that makes no sense is passed over, as every installer does."""
    try:
        specifiers, repair = parse_legacy_specifiers(text)
    except InvalidSpecifier:
        repairs.append(f"passed over Requires-Python: `{safe_text(text)}`")
        return ()
    if repair:
        repairs.append(f"Requires-Python: {repair}")
    return specifiers


def _parse_requirement(line: str, repairs: list[str]) -> Requirement:
    try:
        return parse_requirement(line)
    except InvalidRequirement as first:

        def parse_leniently(text: str) -> Specifiers:
            specifiers, repair = parse_legacy_specifiers(text)
            if repair:
                repairs.append(f"{safe_text(line)}: {repair}")
            return specifiers

        try:
            return parse_requirement_with(line, parse_leniently)
        except InvalidRequirement:
            raise first from None


def static_requirements(metadata: CoreMetadata) -> bool:
    """Do the requirements of this source distribution hold for every wheel built of it (PEP 643)?"""
    version = metadata.metadata_version.split(".")
    try:
        static_since = (int(version[0]), int(version[1])) >= (2, 2)
    except (ValueError, IndexError):
        return False
    return static_since and metadata.dynamic.isdisjoint(
        {"requires-dist", "provides-extra", "requires-python", "version", "name"}
    )


def metadata_to_tuple(metadata: CoreMetadata) -> tuple[Any, ...]:
    """Plain values for ``marshal``; see :func:`metadata_from_tuple`."""
    return (
        metadata.name,
        metadata.version,
        metadata.requires_python,
        metadata.extras,
        tuple(requirement_to_tuple(requirement) for requirement in metadata.requirements),
        tuple(sorted(metadata.dynamic)),
        metadata.metadata_version,
        metadata.repairs,
    )


def metadata_from_tuple(value: tuple[Any, ...]) -> CoreMetadata:
    """The metadata that :func:`metadata_to_tuple` took apart."""
    name, version, requires_python, extras, requirements, dynamic, metadata_version, repairs = value
    return CoreMetadata(
        name=name,
        version=version,
        requires_python=requires_python,
        extras=extras,
        requirements=tuple([_seen.get(each) or _see(each) for each in requirements]),
        dynamic=frozenset(dynamic),
        metadata_version=metadata_version,
        repairs=repairs,
    )


# The versions of a package say the same again and again; the same words become the same value.
_seen: dict[tuple[Any, ...], Requirement] = {}


def _see(value: tuple[Any, ...]) -> Requirement:
    requirement = _seen[value] = requirement_from_tuple(value)
    return requirement
