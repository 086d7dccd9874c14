"""The texts in a `.dist-info` folder, read as those read them who read them later.

METADATA and WHEEL are parsed as Python's ``email`` does (headers end at the first line that is none, a lone
carriage return ends a line), RECORD as its ``csv``; see the core metadata, binary distribution format and
entry points specifications. Faults are sentences, gathered.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.spec.digest import record_text
from hutch.spec.names import is_valid_name, normalize
from hutch.spec.versions import version_key
from hutch.store.manifest import Script
from hutch.store.paths import fault_of_name, is_reserved_script

__all__ = [
    "check_metadata",
    "check_wheel",
    "parse_entry_points",
    "parse_record",
    "same_release",
    "split_wheel_name",
]

_LONGEST_NUMBER = 18  # digits: what no size and no version of a format ever has


def split_wheel_name(filename: str) -> tuple[str, str] | None:
    """Name and version in the file name of a wheel, or None if it is not one."""
    parts = filename.removesuffix(".whl").split("-")
    if not filename.endswith(".whl") or len(parts) not in (5, 6) or not all(parts):
        return None
    if len(parts) == 6 and not parts[2][0].isdigit():
        return None
    return parts[0], parts[1]


def same_release(name: str, version: str, asked: tuple[str, str]) -> bool:
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
    """The header lines of METADATA or WHEEL, up to the first line that is none; names in lower case."""
    found: list[tuple[str, str]] = []
    for line in text.replace("\r\n", "\n").partition("\n\n")[0].replace("\r", "\n").split("\n"):
        if not line.strip():
            break
        if line[0] in " \t" and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.isascii() or not name.isprintable() or " " in name:
            break
        found.append((name.lower(), value.strip()))
    return found


def check_metadata(text: str, asked: tuple[str, str]) -> tuple[str, str, list[str]]:
    """Name and version in METADATA, which must be those of the file name."""
    headers = _headers(text)
    names = [value for field, value in headers if field == "name"]
    versions = [value for field, value in headers if field == "version"]
    if len(names) != 1 or len(versions) != 1:
        return "", "", ["METADATA does not have one Name and one Version"]
    if not same_release(names[0], versions[0], asked):
        return "", "", [f"METADATA is about {names[0][:100]} {versions[0][:100]}"]
    return names[0], versions[0], []


def check_wheel(text: str, filename: str) -> tuple[bool, list[str]]:
    """``Root-Is-Purelib`` of WHEEL, whose format must be 1.x, and whose tags those of the file name."""
    headers = _headers(text)
    fields = dict(headers)
    if len({value for field, value in headers if field == "wheel-version"}) > 1:
        return False, ["WHEEL has two values for Wheel-Version"]
    version = fields.get("wheel-version", "")
    major, _, minor = version.partition(".")
    if not (_is_number(major) and _is_number(minor)):
        return False, ["WHEEL has no Wheel-Version"]
    faults = []
    if int(major) != 1:
        faults.append(f"it has Wheel-Version {version}; hutch knows 1.x")
    pythons = {
        python.strip().lower()
        for field, value in headers
        if field == "tag"
        for python in value.partition("-")[0].split(".")
    }
    named = set(filename.removesuffix(".whl").split("-")[-3].lower().split("."))
    if pythons and not any(_agree(one, other) for one in pythons for other in named):
        told = ", ".join(sorted(pythons)[:4])
        faults.append(f"WHEEL says that it is for {told}, the file name for {', '.join(sorted(named)[:4])}")
    return fields.get("root-is-purelib", "").lower() == "true", faults


def _agree(one: str, other: str) -> bool:
    """Whether two Python tags can be about one interpreter.

    Makers re-label wheels when they know better (`py3` for `cp39`; the ABI and the platform very often:
    docs/adr/0014), but not one minor version as another.
    """
    if one == other:
        return True
    first, second = one.lstrip("abcdefghijklmnopqrstuvwxyz"), other.lstrip("abcdefghijklmnopqrstuvwxyz")
    return min(len(first), len(second)) <= 1 and first[:1] == second[:1]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


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
        rows = [line.split(",") for line in _lines(text)]
    hashes: dict[str, tuple[str, str, int | None]] = {}
    faults = []
    for row in rows:
        if not row or row == [""]:
            continue
        if len(row) != 3:
            faults.append("RECORD has a row without three columns")
            break
        algorithm, _, digest = row[1].partition("=")
        size = row[2].strip()
        if size and not (size.isdecimal() and size.isascii() and len(size) <= _LONGEST_NUMBER):
            faults.append(f"RECORD has a size for '{row[0]}' that is no number")
            continue
        value = (algorithm, _plain_hash(algorithm, digest), int(size) if size else None)
        if hashes.setdefault(row[0], value) != value:
            faults.append(f"RECORD has two rows for '{row[0]}'")
    return hashes, faults


def _plain_hash(algorithm: str, digest: str) -> str:
    """The hash in URL-safe base64 without padding. Some generators (gmsh) write hexadecimal digits."""
    if algorithm == "sha256" and len(digest) == 64:
        try:
            return record_text(bytes.fromhex(digest))
        except ValueError:
            return digest
    return digest.rstrip("=")


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
    for name in scripts["console_scripts"].keys() & scripts["gui_scripts"].keys():
        faults.append(f"the script '{name}' is declared for the console and for windows")
    return list(scripts["console_scripts"].values()), list(scripts["gui_scripts"].values()), faults


def _parse_script(name: str, value: str) -> Script | None:
    # Windows' rules everywhere: a name that is no file there is none that anyone needs.
    if "/" in name or fault_of_name(name, windows=True) or is_reserved_script(name):
        return None
    for comment in (" #", "\t#", " ;", "\t;"):
        value = value.partition(comment)[0].rstrip()
    if not value.replace("\t", " ").isprintable():
        return None
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
