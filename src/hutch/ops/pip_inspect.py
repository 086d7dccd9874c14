"""``hutch pip inspect``: an environment as JSON, by version 1 of pip's "inspect" report."""

from __future__ import annotations

from hutch.ops.pip_place import Look, find_place
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist

__all__ = ["PipInspectOptions", "PipInspectOutcome", "metadata_json", "pip_inspect"]

# Core metadata in JSON (PEP 566): the fields in the order in which pip has them, and which are lists.
_FIELDS = (
    ("Metadata-Version", False),
    ("Name", False),
    ("Version", False),
    ("Dynamic", True),
    ("Platform", True),
    ("Supported-Platform", True),
    ("Summary", False),
    ("Description", False),
    ("Description-Content-Type", False),
    ("Keywords", False),
    ("Home-page", False),
    ("Download-URL", False),
    ("Author", False),
    ("Author-email", False),
    ("Maintainer", False),
    ("Maintainer-email", False),
    ("License", False),
    ("License-Expression", False),
    ("License-File", True),
    ("Classifier", True),
    ("Requires-Dist", True),
    ("Requires-Python", False),
    ("Requires-External", True),
    ("Project-URL", True),
    ("Provides-Extra", True),
    ("Provides-Dist", True),
    ("Obsoletes-Dist", True),
)
_ENVIRONMENT = (
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "platform_python_implementation",
    "python_version",
    "sys_platform",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipInspectOptions(Look):
    """The options of ``pip inspect``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipInspectOutcome:
    """The report, keys in pip's order."""

    report: Mapping[str, Any] = field(hash=False)

    def text(self, *, verbose: bool = False) -> str:
        """All that is printed."""
        import json

        return json.dumps(self.report, indent=2, ensure_ascii=False) + "\n"

    def to_json(self) -> Mapping[str, Any]:
        return self.report


def pip_inspect(context: Context, options: PipInspectOptions) -> PipInspectOutcome:
    """All that there is to say of what is installed."""
    from hutch import __version__

    place = find_place(context, options)
    return PipInspectOutcome(
        report={
            "version": "1",
            "pip_version": f"hutch {__version__}",
            "installed": [_told(one) for one in place.dists(options)],
            "environment": {name: place.markers[name] for name in _ENVIRONMENT},
        }
    )


def _told(one: Dist) -> dict[str, Any]:
    found: dict[str, Any] = {"metadata": metadata_json(one.metadata), "metadata_location": one.info}
    if one.direct_url is not None:
        found["direct_url"] = _direct_url(one.direct_url)
    elif one.editable_location is not None:
        from pathlib import Path

        url = Path(one.editable_location).as_uri()
        found["direct_url"] = {"url": url, "dir_info": {"editable": True}}
    if one.installer:
        found["installer"] = one.installer
    if one.is_dist_info:
        found["requested"] = one.read("REQUESTED") is not None
    return found


def _direct_url(said: Mapping[str, Any]) -> dict[str, Any]:
    """PEP 610, with its parts in pip's order and the older spelling of a hash beside the newer."""
    from hutch.ops.pip_urls import hashes_of, shown_url

    found: dict[str, Any] = {"url": shown_url(said["url"])}
    if isinstance(info := said.get("vcs_info"), dict):
        names = ("vcs", "commit_id", "requested_revision")
        found["vcs_info"] = {name: info[name] for name in names if info.get(name)}
    elif isinstance(info := said.get("archive_info"), dict):
        hashes = hashes_of(info)
        told: dict[str, Any] = {}
        if hashes:
            told["hashes"] = hashes
            name, value = next(iter(hashes.items()))
            told["hash"] = f"{name}={value}"
        found["archive_info"] = told
    elif isinstance(info := said.get("dir_info"), dict):
        editable = info.get("editable")
        found["dir_info"] = {} if editable is None else {"editable": editable is True}
    if said.get("subdirectory"):
        found["subdirectory"] = said["subdirectory"]
    return found


def metadata_json(message: Message) -> dict[str, Any]:
    """METADATA as JSON (PEP 566)."""
    found: dict[str, Any] = {}
    for name, many in _FIELDS:
        values = message.get_all(name)
        if values is None:
            continue
        key = name.lower().replace("-", "_")
        if many:
            found[key] = [_text(each) for each in values]
            continue
        value = _text(values[0])
        if key == "keywords":
            found[key] = [each.strip() for each in value.split(",")] if "," in value else value.split()
        else:
            found[key] = value
    payload = message.get_payload()
    if isinstance(payload, str) and payload:
        found["description"] = payload
    return found


def _text(value: Any) -> str:
    """A header as text: what is not ASCII may come as bytes of unknown encoding."""
    from email.header import Header, decode_header, make_header

    if not isinstance(value, Header):
        return str(value)
    chunks: list[tuple[bytes | str, str | None]] = []
    for part, encoding in decode_header(value):
        if encoding == "unknown-8bit" and isinstance(part, bytes):
            try:
                part.decode("utf-8")
                encoding = "utf-8"
            except UnicodeDecodeError:
                encoding = "latin1"
        chunks.append((part, encoding))
    return str(make_header(chunks))
