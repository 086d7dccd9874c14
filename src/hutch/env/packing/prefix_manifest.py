"""What stands at the beginning of a packed conda prefix: its platform and files, where the prefix goes."""

from __future__ import annotations

from hutch.env.packing.manifest import MANIFEST, BadManifest, PackFile, checked_paths, fault_of_place
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.env.packing.manifest import PackManifest

__all__ = ["FORMAT", "HOLD", "MODES", "Placed", "PrefixPack", "parse_any"]

FORMAT = "hutch-pack-conda-1"
HOLD = "/opt/hutch-pack-of-a-prefix"
"""What stands for the prefix in commands, whose packages have none of their own for it."""
MODES = ("text", "binary", "command", "wheel")
"""How the prefix gets into a file: as conda puts it into texts and binaries; as the Python in the first line
of a command that conda, or a wheel, has made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A file that is written anew where it is unpacked: ``hold`` is what stands for the prefix in it."""

    path: str
    mode: str
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixPack:
    """The manifest: ``needs`` are the virtual packages that it wants, ``packages`` (name, version, build)."""

    hutch: str
    subdir: str
    name: str
    python: str
    needs: tuple[str, ...] = ()
    packages: tuple[tuple[str, str, str], ...] = ()
    wheels: tuple[tuple[str, str, str, str], ...] = ()
    """(name, version, sha256 or "", dist-info) of each distribution of an index."""
    left_out: tuple[str, ...] = ()
    placed: tuple[Placed, ...] = ()
    files: tuple[PackFile, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)

    def render(self) -> bytes:
        """As it is written: JSON, a line for each package and file."""
        import json

        def line(value: object) -> str:
            return json.dumps(value, ensure_ascii=True)

        def lines(values: list[object]) -> str:
            return "[\n" + ",\n".join(f"  {line(each)}" for each in values) + "\n ]" if values else "[]"

        files: list[object] = [[one.path, one.size, one.sha256, int(one.executable)] for one in self.files]
        head = {"subdir": self.subdir, "name": self.name, "python": self.python, "needs": list(self.needs)}
        parts = [
            f' "format": {line(FORMAT)}',
            f' "hutch": {line(self.hutch)}',
            f' "prefix": {line(head)}',
            f' "packages": {lines([list(each) for each in self.packages])}',
            f' "wheels": {lines([list(each) for each in self.wheels])}',
            f' "left_out": {line(list(self.left_out))}',
            f' "placed": {lines([[each.path, each.mode, each.hold] for each in self.placed])}',
            f' "links": {lines([list(each) for each in self.links])}',
            f' "files": {lines(files)}',
        ]
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def parse_any(content: bytes) -> PackManifest | PrefixPack:
    """The manifest of a conda prefix, or of another environment; BadManifest where it is neither."""
    from hutch.env.packing.manifest import manifest_of, read_value

    value = read_value(content)
    return _prefix_pack(value) if value["format"] == FORMAT else manifest_of(value)


def _prefix_pack(value: Mapping[str, Any]) -> PrefixPack:
    try:
        pack = _parse(value)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BadManifest(f"its {MANIFEST} lacks something, or has it in another form") from error
    _check(pack)
    return pack


def _parse(value: Mapping[str, Any]) -> PrefixPack:
    from hutch.env.packing.manifest import digest, number, text

    prefix = value["prefix"]
    return PrefixPack(
        hutch=text(value["hutch"]),
        subdir=text(prefix["subdir"]),
        name=text(prefix["name"]),
        python=text(prefix["python"]),
        needs=tuple(text(each) for each in prefix["needs"]),
        packages=tuple((text(a), text(b), text(c)) for a, b, c in value["packages"]),
        wheels=tuple(
            (text(name), text(version), digest(sha256) if sha256 else "", text(where))
            for name, version, sha256, where in value["wheels"]
        ),
        left_out=tuple(text(each) for each in value["left_out"]),
        placed=tuple(Placed(path=text(a), mode=text(b), hold=text(c)) for a, b, c in value["placed"]),
        files=tuple(
            PackFile(path=text(path), size=number(size), sha256=digest(sha256), executable=bool(mode))
            for path, size, sha256, mode in value["files"]
        ),
        links=tuple((text(path), text(target)) for path, target in value["links"]),
    )


def _check(pack: PrefixPack) -> None:
    seen = checked_paths(pack.files, pack.links, fault_of_place)
    links = {path for path, _ in pack.links}
    placed: set[str] = set()
    for one in pack.placed:
        odd = len(one.hold) < 4 or not one.hold.startswith("/") or not one.hold.isprintable()
        if one.path not in seen or one.path in links or one.path in placed or one.mode not in MODES or odd:
            raise BadManifest(f"{one.path!r} is to be written anew, and nobody can tell how")
        placed.add(one.path)
    words = (pack.name, pack.subdir, pack.python, *pack.needs, *pack.left_out)
    rows = (word for row in (*pack.packages, *pack.wheels) for word in row)
    if not all(word.isprintable() for word in (*words, *rows)):
        raise BadManifest("its names are no texts of one line")
    if "conda-meta/history" not in seen:
        raise BadManifest("it has no conda-meta/history, so it is no environment of conda")
