"""What stands at the beginning of a packed environment: what it is for, and every file that is in it."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from hutch.spec import Platform

__all__ = [
    "FORMAT",
    "MANIFEST",
    "SCRIPT",
    "BadManifest",
    "PackFile",
    "PackManifest",
    "PackPackage",
    "checked_paths",
    "digest",
    "fault_of_path",
    "fault_of_place",
    "manifest_of",
    "number",
    "parse_manifest",
    "read_value",
    "text",
]

FORMAT = "hutch-pack-1"
MANIFEST = "hutch-pack.json"
SCRIPT = "hutch-unpack"
MADE_THERE = "is made where the environment is unpacked, and not taken from an archive"
LARGEST = 128 << 20
_IMPLEMENTATIONS = ("cpython", "pypy", "graalpy")


class BadManifest(Exception):
    """Why the manifest is refused, in a sentence about the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """A file of the archive: path with slashes, bytes, hexadecimal SHA-256, whether it is executable."""

    path: str
    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPackage:
    """A distribution: ``sha256`` is that of its wheel, where it is known; ``tags`` are what it is for."""

    name: str
    version: str
    sha256: str = ""
    tags: tuple[str, ...] = ()
    dist_info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackManifest:
    """All of it. ``python`` is ``3.12.1``; ``bundled`` the interpreter in the archive, or ``""``.

    ``scripts`` and ``purelib`` are where commands and packages are; ``links`` are (path, relative target).
    """

    hutch: str
    implementation: str
    python: str
    free_threaded: bool
    debug: bool
    cache_tag: str
    ext_suffix: str
    platform: Platform
    scripts: str
    purelib: str
    prompt: str
    relocatable: bool
    system_site_packages: bool
    bundled: str = ""
    packages: tuple[PackPackage, ...] = ()
    left_out: tuple[str, ...] = ()
    files: tuple[PackFile, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def minor(self) -> tuple[int, int]:
        """``(3, 12)``."""
        major, minor = self.python.split(".")[:2]
        return int(major), int(minor)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)

    def describe(self) -> str:
        """Which Python it is for, in words."""
        name = {"cpython": "Python", "pypy": "PyPy", "graalpy": "GraalPy"}[self.implementation]
        threads = " (free-threaded)" if self.free_threaded else ""
        return f"{name} {self.minor[0]}.{self.minor[1]}{threads}"

    def render(self) -> bytes:
        """As it is written: JSON, a line for each package and file."""
        import json

        def line(value: object) -> str:
            return json.dumps(value, ensure_ascii=True)

        def lines(values: list[object]) -> str:
            return "[\n" + ",\n".join(f"  {line(each)}" for each in values) + "\n ]" if values else "[]"

        platform = self.platform
        head: dict[str, Any] = {
            "format": FORMAT,
            "hutch": self.hutch,
            "python": {
                "implementation": self.implementation,
                "version": self.python,
                "free_threaded": self.free_threaded,
                "debug": self.debug,
                "cache_tag": self.cache_tag,
                "ext_suffix": self.ext_suffix,
                "bundled": self.bundled,
            },
            "platform": {
                "os": platform.os,
                "machine": platform.machine,
                "libc": platform.libc,
                "version": list(platform.version),
                "tag": platform.tag,
            },
            "environment": {
                "scripts": self.scripts,
                "purelib": self.purelib,
                "prompt": self.prompt,
                "relocatable": self.relocatable,
                "system_site_packages": self.system_site_packages,
            },
        }
        parts = [f' "{key}": {line(value)}' for key, value in head.items()]
        packages: list[object] = [
            {"name": one.name, "version": one.version, "sha256": one.sha256, "tags": list(one.tags),
             "dist_info": one.dist_info}
            for one in self.packages
        ]  # fmt: skip
        files: list[object] = [[one.path, one.size, one.sha256, int(one.executable)] for one in self.files]
        parts += [
            f' "packages": {lines(packages)}',
            f' "left_out": {line(list(self.left_out))}',
            f' "links": {lines([list(each) for each in self.links])}',
            f' "files": {lines(files)}',
        ]
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def parse_manifest(content: bytes) -> PackManifest:
    """The manifest; BadManifest where it is none, or one that nobody can mean."""
    return manifest_of(read_value(content))


def read_value(content: bytes) -> Mapping[str, Any]:
    """The JSON of a manifest of either kind; BadManifest where it is none."""
    import json

    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadManifest(f"its {MANIFEST} is no JSON") from error
    if not isinstance(value, dict) or not str(value.get("format", "")).startswith("hutch-pack-"):
        raise BadManifest(f"its {MANIFEST} is not that of a packed environment")
    return value


def manifest_of(value: Mapping[str, Any]) -> PackManifest:
    """The manifest of the JSON; BadManifest where it is one of another format, or nobody can mean it."""
    if value["format"] != FORMAT:
        raise BadManifest(f"it is of the format {value['format']!r}, which a newer hutch has written")
    try:
        return _parse(value)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BadManifest(f"its {MANIFEST} lacks something, or has it in another form") from error


def _parse(value: Mapping[str, Any]) -> PackManifest:
    from hutch.spec import Platform

    python, machine, environment = value["python"], value["platform"], value["environment"]
    version = text(python["version"])
    numbers = version.split(".")
    if len(numbers) < 2 or not all(each.isdecimal() and len(each) < 5 for each in numbers[:2]):
        raise BadManifest(f"its Python has the version {version!r}")
    if python["implementation"] not in _IMPLEMENTATIONS:
        raise BadManifest(f"its Python is {python['implementation']!r}, which hutch does not know")
    low, high = machine["version"]
    manifest = PackManifest(
        hutch=text(value["hutch"]),
        implementation=python["implementation"],
        python=version,
        free_threaded=_flag(python["free_threaded"]),
        debug=_flag(python["debug"]),
        cache_tag=text(python["cache_tag"]),
        ext_suffix=text(python["ext_suffix"]),
        bundled=text(python["bundled"]),
        platform=Platform(
            os=text(machine["os"]),
            machine=text(machine["machine"]),
            libc=text(machine["libc"]),
            version=(number(low), number(high)),
            tag=text(machine["tag"]),
        ),
        scripts=text(environment["scripts"]),
        purelib=text(environment["purelib"]),
        prompt=text(environment["prompt"]),
        relocatable=_flag(environment["relocatable"]),
        system_site_packages=_flag(environment["system_site_packages"]),
        packages=tuple(
            PackPackage(
                name=text(one["name"]),
                version=text(one["version"]),
                sha256=digest(one["sha256"]) if one["sha256"] else "",
                tags=tuple(text(tag) for tag in one["tags"]),
                dist_info=text(one["dist_info"]),
            )
            for one in value["packages"]
        ),
        left_out=tuple(text(each) for each in value["left_out"]),
        files=tuple(
            PackFile(path=text(path), size=number(size), sha256=digest(sha256), executable=bool(mode))
            for path, size, sha256, mode in value["files"]
        ),
        links=tuple((text(path), text(target)) for path, target in value["links"]),
    )
    _check(manifest)
    return manifest


def _check(manifest: PackManifest) -> None:
    windows = manifest.scripts == "Scripts"
    if manifest.scripts not in ("bin", "Scripts"):
        raise BadManifest(f"its commands are in {manifest.scripts!r}")
    parts = manifest.purelib.split("/")
    plain = parts[:1] + parts[-1:] == (["Lib", "site-packages"] if windows else ["lib", "site-packages"])
    if not plain or len(parts) != 3 - windows or not all(each.isprintable() for each in parts):
        raise BadManifest(f"its packages are in {manifest.purelib!r}")
    if not manifest.prompt.isprintable():
        raise BadManifest("its prompt is no text of one line")
    seen = checked_paths(manifest.files, manifest.links, lambda path: fault_of_path(path, manifest.scripts))
    if manifest.bundled and (manifest.bundled not in seen or not manifest.bundled.startswith("python/")):
        raise BadManifest("its interpreter is not in it")


def checked_paths(
    files: Iterable[PackFile], links: Iterable[tuple[str, str]], fault_of: Callable[[str], str]
) -> set[str]:
    """All paths of a pack. Raises BadManifest for one with a fault, and for one that is there twice."""
    seen: set[str] = set()
    for path in (*(each.path for each in files), *(path for path, _ in links)):
        fault = fault_of(path)
        if fault:
            raise BadManifest(f"{path!r} {fault}")
        if path in seen:
            raise BadManifest(f"{path!r} is in it twice")
        seen.add(path)
    return seen


def fault_of_path(path: str, scripts: str) -> str:
    """Why a file of that path has no place in a packed environment; ``""`` if it has."""
    from hutch.env.removal import is_protected

    fault = fault_of_place(path)
    if not fault and (path.split("/")[0].lower() == "lib64" or is_protected(path, scripts)):
        return MADE_THERE
    return fault


def fault_of_place(path: str) -> str:
    """Why a file of that path has no place in any pack; ``""`` if it has."""
    if not path or path[0] in "/\\" or path[1:2] == ":":
        return "is no relative path"
    if not path.isprintable() or "\\" in path:
        return "has a name that not every system can have"
    parts = path.split("/")
    if any(each in ("", ".", "..") for each in parts):
        return "does not name one place"
    if parts[0].lower() in (".hutch", MANIFEST, SCRIPT):
        return MADE_THERE
    return ""


def text(value: object) -> str:
    """The text that it is; else TypeError."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def number(value: object) -> int:
    """The number of bytes that it is; else TypeError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 60:
        raise TypeError
    return value


def digest(value: object) -> str:
    """The SHA-256 that it is; else TypeError."""
    if not isinstance(value, str) or len(value) != 64 or value.strip("0123456789abcdef"):
        raise TypeError
    return value
