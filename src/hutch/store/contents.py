"""What an archive must contain to be the wheel that its file name says.

See the binary distribution format (PEP 427) and "Recording installed projects" (PEP 376, PEP 627).
All faults are gathered, then told at once.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from hutch.errors import Problem
from hutch.spec.names import is_valid_name, normalize
from hutch.spec.versions import version_key
from hutch.store.archive import Archive, ArchiveFault, Member
from hutch.store.manifest import Script
from hutch.store.paths import clashes, fault_of_name, is_reserved_script
from hutch.values import dataclass

__all__ = ["Contents", "Placed", "check_contents", "parse_entry_points", "parse_record", "split_wheel_name"]

SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
# The installer's word, not the author's: copies in the archive are dropped.
_DROPPED = frozenset(["INSTALLER", "REQUESTED", "direct_url.json", "provenance_url.json"])
_RECORDS = frozenset(["RECORD", "RECORD.jws", "RECORD.p7s"])
_LENGTHS = {"sha256": 43, "sha384": 64, "sha512": 86}  # of a hash in base64 without padding
# Texts are taken apart in memory; none that anyone wrote comes near these sizes.
_TEXTS = {"METADATA": 16 << 20, "WHEEL": 1 << 20, "RECORD": 64 << 20, "entry_points.txt": 4 << 20}
_SPARE_ROWS = 10_000  # of RECORD, beyond one a file


@dataclass(frozen=True, slots=True)
class Placed:
    """A member that is unpacked: below ``files`` (``scheme`` is "") or ``data/<scheme>``, at ``path``."""

    member: Member
    scheme: str
    path: str
    algorithm: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A checked wheel: everything but the hashes of its files, which are compared when they are written."""

    name: str
    version: str
    dist_info: str
    root_is_purelib: bool
    placed: tuple[Placed, ...]
    console_scripts: tuple[Script, ...]
    gui_scripts: tuple[Script, ...]


def split_wheel_name(filename: str) -> tuple[str, str] | None:
    """Name and version in the file name of a wheel, or None if it is not one."""
    parts = filename.removesuffix(".whl").split("-")
    if not filename.endswith(".whl") or len(parts) not in (5, 6) or not all(parts):
        return None
    if len(parts) == 6 and not parts[2][0].isdigit():
        return None
    return parts[0], parts[1]


def check_contents(
    archive: Archive, filename: str, *, fold_case: bool, windows: bool = os.name == "nt"
) -> tuple[Contents | None, list[str]]:
    """The contents of the wheel, or None; and why not.

    ``fold_case``: names that differ in case only are the same file where it will lie. Raises ArchiveFault.
    """
    asked = split_wheel_name(filename)
    if asked is None:
        return None, ["the file name is not that of a wheel"]
    files = {member.name: member for member in archive.members if not member.name.endswith("/")}
    faults = clashes(
        (each.name for each in archive.members if not each.name.endswith("/")), fold_case=fold_case
    )
    faults += _folder_clashes(archive, files)
    if faults:
        return None, faults

    dist_info, faults = _find_dist_info(files, asked)
    if dist_info is None:
        return None, faults
    texts: dict[str, str] = {}
    for wanted, limit in _TEXTS.items():
        member = files.get(f"{dist_info}/{wanted}")
        if member is None:
            if wanted != "entry_points.txt":
                faults.append(f"{dist_info}/{wanted} is missing")
            continue
        if member.size > limit:
            raise ArchiveFault(f"'{member.name}' is larger than any such file can be")
        try:
            # Authors' names of long ago are not always UTF-8; the fields that matter here are.
            texts[wanted] = archive.read(member).decode(
                "utf-8", "replace" if wanted == "METADATA" else "strict"
            )
        except UnicodeDecodeError:
            faults.append(f"{member.name} is not UTF-8")
    name = version = ""
    purelib = False
    if "METADATA" in texts:
        name, version, found = _check_metadata(texts["METADATA"], asked)
        faults += found
    if "WHEEL" in texts:
        purelib, found = _check_wheel(texts["WHEEL"])
        faults += found
    console, gui, found = parse_entry_points(texts.get("entry_points.txt", ""))
    faults += found
    placed: list[Placed] = []
    if "RECORD" in texts:
        if texts["RECORD"].count("\n") > len(files) + _SPARE_ROWS:
            return None, [*faults, "RECORD has far more rows than there are files"]
        hashes, found = parse_record(texts["RECORD"])
        faults += found
        placed, found = _place(files, dist_info, hashes, windows)
        faults += found
    if faults:
        return None, faults
    return Contents(
        name=name,
        version=version,
        dist_info=dist_info,
        root_is_purelib=purelib,
        placed=tuple(placed),
        console_scripts=tuple(console),
        gui_scripts=tuple(gui),
    ), []


def _folder_clashes(archive: Archive, files: Mapping[str, Member]) -> list[str]:
    """Folders that the archive lists, where a file has the same name."""
    return [
        f"'{member.name[:-1]}' is a file and a folder"
        for member in archive.members
        if member.name.endswith("/") and member.name[:-1] in files
    ]


def _find_dist_info(files: Mapping[str, Member], asked: tuple[str, str]) -> tuple[str | None, list[str]]:
    tops = {name.partition("/")[0] for name in files if "/" in name}
    infos = sorted(top for top in tops if top.lower().endswith(".dist-info"))
    if len(infos) != 1:
        found = ", ".join(infos[:3])
        return None, [
            f"there are several .dist-info folders: {found}" if infos else "there is no .dist-info folder"
        ]
    dist_info = infos[0]
    name, _, version = dist_info[: -len(".dist-info")].rpartition("-")
    if not dist_info.endswith(".dist-info") or not _same(name, version, asked):
        return None, [f"the folder {dist_info} is not that of the file name"]
    return dist_info, []


def _same(name: str, version: str, asked: tuple[str, str]) -> bool:
    """Whether this is the project and version that the file name says, however spelled."""
    if not name or normalize(name) != normalize(asked[0]):
        return False
    try:
        # In file names, `_` stands for the `-` of a local version or a post release.
        return version_key(version.replace("_", "-")) == version_key(asked[1].replace("_", "-"))
    except Problem:
        return False


def _lines(text: str) -> list[str]:
    """The lines; not ``splitlines``, which also breaks at characters that others take for text."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


def _headers(text: str) -> list[tuple[str, str]]:
    """The header lines of METADATA or WHEEL, up to the first empty one; names in lower case."""
    found: list[tuple[str, str]] = []
    for line in _lines(text.replace("\r\n", "\n").partition("\n\n")[0]):
        if not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon and line[0] not in " \t":
            found.append((name.strip().lower(), value.strip()))
    return found


def _check_metadata(text: str, asked: tuple[str, str]) -> tuple[str, str, list[str]]:
    headers = _headers(text)
    names = [value for field, value in headers if field == "name"]
    versions = [value for field, value in headers if field == "version"]
    if len(names) != 1 or len(versions) != 1:
        return "", "", ["METADATA does not have one Name and one Version"]
    if not _same(names[0], versions[0], asked):
        return "", "", [f"METADATA is about {names[0]} {versions[0]}"]
    return names[0], versions[0], []


def _check_wheel(text: str) -> tuple[bool, list[str]]:
    fields = dict(_headers(text))
    version = fields.get("wheel-version", "")
    major, _, minor = version.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        return False, ["WHEEL has no Wheel-Version"]
    if int(major) != 1:
        return False, [f"it has Wheel-Version {version}; hutch knows 1.x"]
    return fields.get("root-is-purelib", "").lower() == "true", []


def parse_record(text: str) -> tuple[dict[str, tuple[str, str, int | None]], list[str]]:
    """RECORD as path -> (algorithm, hash, size); hash and algorithm are "" where the row has none."""
    rows: list[list[str]]
    if '"' in text:
        import csv

        try:
            rows = list(csv.reader(_lines(text)))
        except csv.Error:
            return {}, ["RECORD is not a CSV file"]
    else:
        rows = [line.rsplit(",", 2) for line in _lines(text)]
    hashes: dict[str, tuple[str, str, int | None]] = {}
    faults = []
    for row in rows:
        if not row or row == [""]:
            continue
        if len(row) < 3:
            faults.append("RECORD has a row without three columns")
            break
        algorithm, _, digest = row[1].partition("=")
        size = row[2].strip()
        value = (algorithm, _plain_hash(algorithm, digest), int(size) if size.isdecimal() else None)
        if hashes.setdefault(row[0], value) != value:
            faults.append(f"RECORD has two rows for '{row[0]}'")
    return hashes, faults


def _plain_hash(algorithm: str, digest: str) -> str:
    """The hash in URL-safe base64 without padding. Some generators (gmsh) write hexadecimal digits."""
    if algorithm == "sha256" and len(digest) == 64:
        try:
            return urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b"=").decode("ascii")
        except ValueError:
            return digest
    return digest.rstrip("=")


def _place(
    files: Mapping[str, Member],
    dist_info: str,
    hashes: Mapping[str, tuple[str, str, int | None]],
    windows: bool,
) -> tuple[list[Placed], list[str]]:
    """Where each file goes, with the hash that RECORD has for it."""
    placed: list[Placed] = []
    faults: list[str] = []
    data = dist_info.removesuffix(".dist-info") + ".data/"
    info = dist_info + "/"
    for name, member in files.items():
        if name.startswith(info) and name[len(info) :] in _RECORDS:
            continue
        algorithm, digest, size = hashes.get(name, ("", "", None))
        if not digest:
            faults.append(f"'{name}' is not in RECORD, or without a hash")
        elif len(digest) != _LENGTHS.get(algorithm):
            faults.append(f"'{name}' has a hash in RECORD that is no SHA-256, SHA-384 or SHA-512")
        elif size is not None and size != member.size:
            faults.append(f"'{name}' has another size in RECORD")
        if name.startswith(info) and name[len(info) :] in _DROPPED:
            continue
        scheme, path = "", name
        if ".data/" in name and name.partition("/")[0].endswith(".data"):
            if not name.startswith(data):
                faults.append(f"'{name}' is in the data folder of another distribution")
                continue
            scheme, _, path = name[len(data) :].partition("/")
            fault = _fault_of_data(scheme, path)
            if fault:
                faults.append(f"'{name}' {fault}")
                continue
        placed.append(Placed(member, scheme, path, algorithm, digest))
    return placed, faults


def _fault_of_data(scheme: str, path: str) -> str | None:
    if scheme not in SCHEMES or not path:
        return "is in no known scheme of the data folder"
    first, _, rest = path.partition("/")
    if scheme in ("purelib", "platlib") and rest and first.lower().endswith((".dist-info", ".data")):
        return "would pass for another distribution"
    script = (
        path
        if scheme == "scripts"
        else rest
        if scheme == "data" and first.lower() in ("bin", "scripts")
        else ""
    )
    if script and "/" not in script and is_reserved_script(script):
        return "would replace a part of the environment itself"
    if (scheme == "data" and path.lower() in ("pyvenv.cfg", ".hutch")) or (
        scheme == "data" and first.lower() == ".hutch"
    ):
        return "would replace a part of the environment itself"
    return None


def parse_entry_points(text: str) -> tuple[list[Script], list[Script], list[str]]:
    """Console and GUI scripts of an ``entry_points.txt``, and what is wrong with them.

    Other groups are data of other programs; nothing here runs them.
    """
    scripts: dict[str, dict[str, Script]] = {"console_scripts": {}, "gui_scripts": {}}
    faults: list[str] = []
    group = ""
    for line in _lines(text):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped[0] == "[" and stripped[-1] == "]":
            group = stripped[1:-1].strip()
            continue
        if group not in scripts:
            continue
        name, equals, value = stripped.partition("=")
        script = _parse_script(name.strip(), value.strip()) if equals else None
        if script is None:
            faults.append(f"the script '{(stripped)[:80]}' has a bad name or does not name an object")
            continue
        known = scripts[group].setdefault(script.name, script)
        if known != script:
            faults.append(f"the script '{script.name}' is declared twice")
    return list(scripts["console_scripts"].values()), list(scripts["gui_scripts"].values()), faults


def _parse_script(name: str, value: str) -> Script | None:
    # Windows' rules everywhere: a name that is no file there is none that anyone needs.
    if "/" in name or fault_of_name(name, windows=True) or is_reserved_script(name):
        return None
    for comment in (" #", "\t#", " ;", "\t;"):
        value = value.partition(comment)[0].rstrip()
    target, bracket, extras = value.partition("[")
    if bracket and not extras.endswith("]"):
        return None
    extras = ",".join(each.strip() for each in extras.removesuffix("]").split(",")) if bracket else ""
    module, colon, attribute = target.partition(":")
    module, attribute = module.strip(), attribute.strip()
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        return None
    if extras and not all(is_valid_name(each) for each in extras.split(",")):
        return None
    return Script(name, f"{module}:{attribute}", extras)
