"""What an archive must contain to be the wheel that its file name says.

See the binary distribution format (PEP 427) and "Recording installed projects" (PEP 376, PEP 627).
All faults are gathered, then told at once.
"""

from __future__ import annotations

from hutch.store.archive import Archive, ArchiveFault, Member
from hutch.store.directory import TooMuch
from hutch.store.manifest import Script
from hutch.store.paths import DEEPEST, clashes, fold, is_reserved_script
from hutch.store.texts import (
    check_metadata,
    check_wheel,
    parse_entry_points,
    parse_record,
    same_release,
    split_wheel_name,
)
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Contents", "Placed", "check_contents"]

SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
# The installer's word, not the author's: copies in the archive are dropped, in any letter case.
_DROPPED = frozenset(["installer", "requested", "direct_url.json", "provenance_url.json", "record"])
_RECORDS = frozenset(["RECORD", "RECORD.jws", "RECORD.p7s"])
# What says at the top of an environment which Python it has, and where its packages come from; and what
# makes it something else to conda, or to the git of whoever enters it, which runs what its settings say.
_SETTINGS = frozenset(["pyvenv.cfg", "pip.conf", "pip.ini"])
_NOBODYS = frozenset([".hutch", ".git", "conda-meta"])
# What stands for a distribution, or leads to one, when it lies in `site-packages`.
_INFOS = (".dist-info", ".egg-info", ".egg-link")
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


def check_contents(archive: Archive, filename: str, *, fold_case: bool) -> tuple[Contents | None, list[str]]:
    """The contents of the wheel, or None; and why not.

    ``fold_case``: names that differ in case only are the same file where it will lie. Raises ArchiveFault.
    """
    asked = split_wheel_name(filename)
    if asked is None:
        return None, ["the file name is not that of a wheel"]
    files = {member.name: member for member in archive.members if not member.name.endswith("/")}
    _count_folders(files, archive.limits.members)
    faults = clashes(
        (each.name for each in archive.members if not each.name.endswith("/")), fold_case=fold_case
    )
    faults += _folder_clashes(archive, files, fold_case)
    if faults:
        return None, faults

    dist_info, faults = _find_dist_info((member.name for member in archive.members), asked)
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
        name, version, found = check_metadata(texts["METADATA"], asked)
        faults += found
    if "WHEEL" in texts:
        purelib, found = check_wheel(texts["WHEEL"], filename)
        faults += found
    console, gui, found = parse_entry_points(texts.get("entry_points.txt", ""))
    faults += found
    placed: list[Placed] = []
    if "RECORD" in texts:
        if texts["RECORD"].count("\n") > len(files) + _SPARE_ROWS:
            return None, [*faults, "RECORD has far more rows than there are files"]
        hashes, found = parse_record(texts["RECORD"])
        faults += found
        commands = {script.name for script in (*console, *gui)}
        placed, found = _place(files, dist_info, hashes, commands)
        faults += found or _meeting(placed, fold_case=fold_case)
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


def _count_folders(names: Mapping[str, Member], most: int) -> None:
    """Folders cost more than files, and a few letters in a name make dozens of them."""
    if len(names) * DEEPEST <= most:
        return
    folders: set[str] = set()
    for name in names:
        parent = name.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
        if len(folders) > most:
            raise TooMuch(f"has more than {most} folders")


def _folder_clashes(archive: Archive, files: Mapping[str, Member], fold_case: bool) -> list[str]:
    """Folders that the archive lists, where a file has the same name."""
    folders = [member.name[:-1] for member in archive.members if member.name.endswith("/")]
    if not folders:
        return []
    keys = {fold(name, case=fold_case) for name in files}
    return [f"'{name}' is a file and a folder" for name in folders if fold(name, case=fold_case) in keys]


def _find_dist_info(names: Iterable[str], asked: tuple[str, str]) -> tuple[str | None, list[str]]:
    """The one `.dist-info` folder: files of such names, and folders with nothing in them, count as well."""
    tops = {name.partition("/")[0] for name in names}
    infos = sorted(top for top in tops if top.lower().endswith(_INFOS))
    if len(infos) != 1:
        found = ", ".join(infos[:3])
        return None, [
            f"there are several .dist-info folders: {found}" if infos else "there is no .dist-info folder"
        ]
    dist_info = infos[0]
    name, _, version = dist_info[: -len(".dist-info")].rpartition("-")
    if not dist_info.endswith(".dist-info") or not same_release(name, version, asked):
        return None, [f"the folder {dist_info} is not that of the file name"]
    return dist_info, []


def _place(
    files: Mapping[str, Member],
    dist_info: str,
    hashes: Mapping[str, tuple[str, str, int | None]],
    commands: Iterable[str],
) -> tuple[list[Placed], list[str]]:
    """Where each file goes, with the hash that RECORD has for it.

    A script that an entry point (of ``commands``) makes as well is left to it, as by every installer.
    """
    placed: list[Placed] = []
    faults: list[str] = []
    data = dist_info.removesuffix(".dist-info") + ".data/"
    info = dist_info + "/"
    generated = {f"{data}scripts/{name}" for name in commands}
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
        if name in generated:
            continue
        if name.startswith(info):
            own, below, _ = name[len(info) :].partition("/")
            if own.lower() in _DROPPED:
                if not below:
                    continue
                faults.append(f"'{name}' is where the installer writes a file")
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
    if scheme in ("purelib", "platlib") and first.lower().endswith((*_INFOS, ".data")):
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
    if scheme == "data" and (path.lower() in _SETTINGS or first.lower() in _NOBODYS):
        return "would replace a part of the environment itself"
    return None


def _meeting(placed: Iterable[Placed], *, fold_case: bool) -> list[str]:
    """Faults of files that are apart in the archive, and would meet where they are installed."""
    root = ("", "purelib", "platlib")
    if not any(each.scheme in root[1:] for each in placed):
        return []
    return clashes((each.path for each in placed if each.scheme in root), fold_case=fold_case)
