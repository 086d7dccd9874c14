"""What an index knows of one project: versions in order, and their files, built when asked for.

Versions are known by their position: bit *i* of every mask stands for ``versions[i]``. A page of
two thousand versions is loaded without making one object a file; ``files_of`` makes those of the
versions that somebody looks at.
"""

from __future__ import annotations

import marshal

from hutch.spec import PROOF_ALGORITHMS, NormalizedName, VersionKey, is_file_name, safe_text
from hutch.values import dataclass, field, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from hutch.index.entries import Entries
    from hutch.index.packed import PackedRecords
    from hutch.index.walk import Walk

    # filename, url, hashes, size, requires-python, yanked, core-metadata, upload-time: as they came
    Record: TypeAlias = tuple[Any, ...]
else:
    Record = tuple

__all__ = ["File", "Missing", "Page", "Record"]

_LARGEST = 1 << 50
_WEAK = {"md5": 32, "sha1": 40, "sha224": 56}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of one version, checked.

    ``hashes`` are those that prove something, ``checksums`` those that only tell accidents (md5).
    ``tags`` is ``py3-none-any`` as in the file name, "" for a source distribution. ``yanked`` is the
    reason ("" if none was given), None if it is not. ``metadata`` tells of the ``.metadata`` file
    beside it: its sha256, or only whether there is one. ``upload_time`` is ISO 8601, in UTC.
    """

    filename: str
    url: str
    hashes: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    requires_python: str | None = None
    yanked: str | None = None
    metadata: str | bool = False
    upload_time: str | None = None
    tags: str = ""
    checksums: tuple[tuple[str, str], ...] = ()

    # Written out, because a lock makes thousands: the general one asks each field what it is.
    def __init__(
        self,
        *,
        filename: str,
        url: str,
        hashes: tuple[tuple[str, str], ...] = (),
        size: int | None = None,
        requires_python: str | None = None,
        yanked: str | None = None,
        metadata: str | bool = False,
        upload_time: str | None = None,
        tags: str = "",
        checksums: tuple[tuple[str, str], ...] = (),
    ) -> None:
        _put_filename(self, filename)
        _put_url(self, url)
        _put_hashes(self, hashes)
        _put_size(self, size)
        _put_requires_python(self, requires_python)
        _put_yanked(self, yanked)
        _put_metadata(self, metadata)
        _put_upload_time(self, upload_time)
        _put_tags(self, tags)
        _put_checksums(self, checksums)

    @property
    def sha256(self) -> str | None:
        """The sha256 that the index gives, in hexadecimal digits."""
        for algorithm, digest in self.hashes:
            if algorithm == "sha256":
                return digest
        return None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; otherwise it is a source distribution."""
        return self.tags != ""

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine."""
        return self.url.startswith("file:")


# The ways into a frozen value's slots.
(
    _put_filename,
    _put_url,
    _put_hashes,
    _put_size,
    _put_requires_python,
    _put_yanked,
    _put_metadata,
    _put_upload_time,
    _put_tags,
    _put_checksums,
) = (vars(File)[each.name].__set__ for each in fields(File))


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """No index has the project; ``asked`` are the names of those that were asked."""

    name: NormalizedName
    asked: tuple[str, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Page:
    """The versions of a project, ascending, on the index that owns it.

    ``versions`` are in normal spelling, ``keys`` their sort keys. Masks: ``prerelease`` (alpha, beta,
    candidate, development), ``yanked`` (every file is), ``wheels`` and ``sdists`` (has at least one).
    ``requires_python`` pairs a text with the versions all of whose files carry it.
    ``status`` is the project's status marker (``active``, ``archived``, ``deprecated``,
    ``quarantined``) with its ``status_reason``. ``walk`` is what is remembered of many of its versions.
    """

    name: NormalizedName
    index: str
    url: str
    versions: tuple[str, ...]
    keys: tuple[VersionKey, ...]
    prerelease: int
    yanked: int
    wheels: int
    sdists: int
    requires_python: tuple[tuple[str, int], ...] = ()
    status: str = "active"
    status_reason: str = ""
    records: list[tuple[Record, ...] | bytes | Entries] | PackedRecords = field(repr=False)
    walk: Walk | None = field(default=None, repr=False)
    _files: dict[int, tuple[File, ...]] = field(default_factory=dict, repr=False)

    @property
    def index_url(self) -> str:
        """The base of the index that the page is of, as PEP 751 wants it."""
        base, _, last = self.url.rstrip("/").rpartition("/")
        return f"{base}/" if last == self.name else self.url

    def files_of(self, position: int) -> tuple[File, ...]:
        """The usable files of ``versions[position]``, by name. Records that are not right are left out."""
        files = self._files.get(position)
        if files is None:
            by_name: dict[str, File] = {}
            for record in self.records_of(position):
                file = file_of(record)
                if file is not None:
                    by_name.setdefault(file.filename, file)  # of a name that is there twice, the first
            files = self._files[position] = tuple([by_name[name] for name in sorted(by_name)])
        return files

    def records_of(self, position: int) -> tuple[Record, ...]:
        """The records of ``versions[position]``, whether they are packed or not made yet."""
        records = self.records[position]
        if isinstance(records, bytes):
            unpacked: tuple[Record, ...] = marshal.loads(records)
            return unpacked
        return records if isinstance(records, tuple) else records.records()

    def packed_records(self) -> tuple[bytes, ...]:
        """The records of each version, marshalled: what the store keeps."""
        return tuple(
            [
                each if isinstance(each, bytes) else marshal.dumps(self.records_of(place), 4)
                for place, each in enumerate(self.records)
            ]
        )


def file_of(record: Record) -> File | None:
    """The file that a record of a page describes; None if the record is not what it should be.

    A lock looks at some thousands of files, so the usual case takes the short way here.
    """
    filename, url, hashes, size, requires_python, yanked, metadata, upload_time = record
    if type(filename) is not str or not is_file_name(filename) or type(url) is not str:
        return None
    if not (url.isascii() and url.isprintable()) or " " in url:
        from hutch.index.links import resolve_link

        try:
            url = resolve_link(url, url)
        except ValueError:
            return None
    if requires_python is not None and type(requires_python) is not str:
        return None
    weak: tuple[tuple[str, str], ...] = ()
    if type(hashes) is str and len(hashes) == 64 and _is_hex(hashes):
        proofs: tuple[tuple[str, str], ...] = (("sha256", hashes),)
    else:
        proofs, weak = _hashes({"sha256": hashes} if type(hashes) is str else hashes)
    tags = ""
    if filename[-4:] == ".whl":
        tags = "-".join(filename[:-4].lower().rsplit("-", 3)[1:])
    if metadata is not None and metadata is not True:
        metadata = _metadata(metadata)
    if upload_time is not None and not (type(upload_time) is str and _is_time(upload_time)):
        upload_time = None
    return File(
        filename=filename,
        url=url,
        hashes=proofs,
        size=size if type(size) is int and 0 <= size <= _LARGEST else None,
        requires_python=requires_python or None,
        yanked=None if yanked is None else _reason(yanked),
        metadata=metadata or False,
        upload_time=upload_time,
        tags=tags,
        checksums=weak,
    )


def _reason(yanked: Any) -> str | None:
    if yanked is False:
        return None
    return safe_text(yanked) if type(yanked) is str else ""


def _hashes(hashes: Any) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Digests that prove and digests that do not; what has the wrong length or letters is neither."""
    proofs, weak = [], []
    for algorithm, digest in hashes.items() if type(hashes) is dict else ():
        if type(digest) is not str:
            continue
        digest = digest.lower()
        if not _is_hex(digest):
            continue
        if len(digest) == PROOF_ALGORITHMS.get(algorithm):
            proofs.append((algorithm, digest))
        elif len(digest) == _WEAK.get(algorithm):
            weak.append((algorithm, digest))
    return tuple(sorted(proofs)), tuple(sorted(weak))


def _is_hex(digest: str) -> bool:
    """Whether it is of hexadecimal digits in lower case. Faster than looking at each."""
    try:
        return len(bytes.fromhex(digest)) * 2 == len(digest) and digest == digest.lower()
    except ValueError:
        return False


def _metadata(value: Any) -> str | bool:
    if type(value) is dict:
        digest = value.get("sha256")
        if type(digest) is str and len(digest) == 64 and _is_hex(digest.lower()):
            return digest.lower()
        return True
    return value is True


def _is_time(text: str) -> bool:
    # 2024-05-01T12:00:00Z, with or without fractions: what RFC 3339 and PEP 700 allow.
    return (
        20 <= len(text) <= 32
        and text[4] == text[7] == "-"
        and text[10] in "Tt "
        and text[13] == text[16] == ":"
        and (text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]).isdecimal()
        and "01" <= text[5:7] <= "12"
        and "01" <= text[8:10] <= "31"
        and max(text[11:13], "23") == "23"
        and max(text[14:16], text[17:19], "60") == "60"
    )
