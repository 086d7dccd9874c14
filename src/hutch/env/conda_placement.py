"""What one conda package puts into a prefix, path by path, and its record in `conda-meta`."""

from __future__ import annotations

import os

from hutch.env.conda_files import A_DIRECTORY, META, render_meta
from hutch.env.conda_text import PrefixTooLong, entry_point, rewrite
from hutch.env.placement import Part, Placement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

    from hutch.env.environment import Environment
    from hutch.env.kept import Kept
    from hutch.env.plan import CondaLink, Link
    from hutch.store import Prefixed, StoredConda

__all__ = ["CondaPlacement", "place_conda", "place_kept_conda"]

_SMALL = 1 << 20


class Rewritten(Part):
    """A file that is written for this prefix. What is small is kept in memory, the rest made again."""

    __slots__ = ("_how", "_prefix", "_text", "_windows")

    def __init__(self, path: str, source: str, mode: int, how: Prefixed, prefix: str, windows: bool) -> None:
        self._how, self._prefix, self._windows = how, prefix, windows
        text = self._render(source)
        super().__init__(path, mode=mode, content=text)
        self.source = source
        self._text = text if len(text) <= _SMALL else None
        self.content = None

    def _render(self, source: str) -> bytes:
        with open(source, "rb") as file:
            return rewrite(file.read(), self._how, self._prefix, windows=self._windows)

    def render(self) -> bytes:
        """What is to be written."""
        return self._text if self._text is not None else self._render(self.source)


class CondaPlacement(Placement):
    """A conda package on its way into a prefix; to be taken for a `Placement` where paths are claimed.

    ``parts`` are its files, ``softlinks`` its links with their targets, ``folders`` the directories that are
    made though nothing is in them; ``copied`` are files that are never linked.
    """

    is_conda = True
    metadata = ""
    bytecode = None

    def __init__(
        self, step: Link, where: str, environment: Environment, *, sha256: str, record: bytes | None = None
    ) -> None:
        self.name = step.name
        self.version = step.version
        self.label = f"{step.name.partition(':')[2]} {step.version}"
        self.sha256 = sha256
        self.site = META
        self.where = where
        self.dist_info = where[len(META) + 1 :]
        self.store = ""
        self.directories: Sequence[str] = ()
        self.links: dict[str, str] = {}
        self.body: list[Sequence[object]] = []
        self.info: list[Sequence[object]] = []
        self.opened: list[Sequence[object]] = []
        self.parts: list[Part] = []
        self.softlinks: dict[str, str] = {}
        self.folders: list[str] = []
        self.copied: set[str] = set()
        self.entries: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, Any] = {}
        self._purelib = environment.purelib
        self._skipped: set[str] = set()
        self._disowned: set[str] = set()
        self._record = record

    def tops(self) -> set[str]:
        """It has nothing that is below `site-packages` by its nature."""
        return set()

    def tops_of_parts(self) -> set[str]:
        """The names in `site-packages` that files of it want a place in."""
        start = self._purelib + "/"
        paths = [*(part.path for part in self.parts), *self.softlinks]
        return {path[len(start) :].partition("/")[0] for path in paths if path.startswith(start)}

    def contested_paths(self, contested: Collection[str]) -> Iterator[tuple[str, str, bool]]:
        """(path, digest, whether a command) of all that must be looked at: everything."""
        for part in self.parts:
            yield part.path, part.digest, part.command
        for path in self.softlinks:
            yield path, "", False

    def requires(self, name: str) -> bool:
        """Commands are never taken over from another package."""
        return False

    def startup_files(self) -> list[str]:
        """What a channel's packages run is told nowhere: libraries of C have a say in everything, too."""
        return []

    def compiled(self) -> Sequence[Sequence[object]]:
        """There is no bytecode in the store for it."""
        return ()

    def skip(self, path: str, *, owned: bool) -> None:
        """Do not make ``path``: it is there already (``owned``: and is ours as well), or is another's."""
        self._skipped.add(path)
        if not owned:
            self._disowned.add(path)

    def skips(self, path: str) -> bool:
        """Whether ``path`` is not made."""
        return path in self._skipped

    def parts_to_put(self) -> list[Part]:
        """The parts that are to be made."""
        return [part for part in self.parts if part.path not in self._skipped]

    def softlinks_to_put(self) -> list[tuple[str, str]]:
        """The links that are to be made."""
        return [pair for pair in self.softlinks.items() if pair[0] not in self._skipped]

    @property
    def record(self) -> bytes:
        """The JSON of `conda-meta`. Nothing is skipped from here on."""
        if self._record is None:
            entries = [
                self.entries[path]
                for path in sorted(self.entries, key=lambda path: path.split("/"))
                if path not in self._disowned
            ]
            files = [each["_path"] for each in entries if each["path_type"] != "directory"]
            self._record = render_meta(self.facts, files, entries)
        return self._record


def place_conda(step: Link, conda: CondaLink, environment: Environment) -> CondaPlacement:
    """Where everything of the package goes. Raises `InvalidCommand`, `CannotRelocate`, OSError."""
    from hutch.env.problems import WrongWheel
    from hutch.errors import Bug
    from hutch.spec import safe_text

    stored, record = conda.package, conda.record
    if stored is None:
        raise Bug(f"the plan has no package for {step.name} {step.version}")
    manifest = stored.manifest
    if (manifest.name, manifest.version, manifest.build) != (record.name, record.version, record.build):
        label = f"{manifest.name} {manifest.version} {manifest.build}"
        raise WrongWheel(record.name, f"{record.version} {record.build}", safe_text(label))
    where = f"{META}/{record.name}-{record.version}-{record.build}.json"
    one = CondaPlacement(step, where, environment, sha256=stored.sha256)
    python = manifest.noarch == "python"
    if python and not environment.purelib:
        from hutch.env.problems import CannotWrite

        raise CannotWrite(environment.root, f"{one.label} is for Python, and there is none in the prefix")
    _place_files(one, stored, environment, python)
    if python:
        _place_commands(one, stored, environment)
    one.facts = _facts(conda, stored)
    return one


def _place_files(one: CondaPlacement, stored: StoredConda, environment: Environment, python: bool) -> None:
    from hutch.env.problems import CannotRelocate

    manifest = stored.manifest
    hexes: dict[str, str] = {}
    for row in manifest.files:
        path, size, mode, digest = row[0], row[1], row[3], row[4]
        target = _target(path, environment) if python else path
        source = f"{stored.files}/{path}"
        how = manifest.prefixed.get(path)
        hexes[path] = _hex(digest)
        entry = {
            "_path": target,
            "path_type": "hardlink",
            "sha256": hexes[path],
            "sha256_in_prefix": hexes[path],
            "size_in_bytes": size,
        }
        if path in manifest.no_link:
            entry["no_link"] = True
            one.copied.add(target)
        if how is None:
            one.parts.append(Part(target, mode=mode, source=source, digest=digest, size=size))
        else:
            try:
                part = Rewritten(target, source, mode, how, environment.root, environment.windows)
            except PrefixTooLong as error:
                raise CannotRelocate(one.label, target, environment.root, str(error)) from error
            one.parts.append(part)
            entry |= {
                "sha256_in_prefix": _hex(part.digest),
                "size_in_bytes": part.size,
                "prefix_placeholder": how.placeholder,
                "file_mode": how.mode,
            }
        one.entries[target] = entry
    for path, leads in manifest.links:
        target = _target(path, environment) if python else path
        one.softlinks[target] = leads
        one.entries[target] = {
            "_path": target,
            "path_type": "softlink",
            "sha256": _sha256(b""),
            "sha256_in_prefix": _sha256(leads.encode("utf-8", "surrogateescape")),
            "size_in_bytes": 0,
        }
    for path in manifest.directories:
        target = _target(path, environment) if python else path
        one.folders.append(target)
        one.entries[target] = {"_path": target, "path_type": "directory"}


def _target(path: str, environment: Environment) -> str:
    """Where a file of a noarch package of Python goes."""
    first, slash, rest = path.partition("/")
    if slash and first == "site-packages":
        return f"{environment.purelib}/{rest}"
    if slash and first == "python-scripts":
        return f"{environment.scripts}/{rest}"
    return path


def _place_commands(one: CondaPlacement, stored: StoredConda, environment: Environment) -> None:
    from hutch.env.problems import InvalidCommand

    minor = ".".join(environment.python_version.split(".")[:2])
    python = f"{environment.root}/{environment.scripts}/python{minor}"
    for said in _entry_points(stored.manifest.link):
        made = entry_point(python, said)
        if made is None:
            raise InvalidCommand(one.label, said, "it is no command of the form name = module:function")
        name, content = made
        if environment.windows:
            name += "-script.py"
        path = f"{environment.scripts}/{name}"
        part = Part(path, mode=0o755, content=content, command=True)
        one.parts.append(part)
        kind = "windows_python_entry_point_script" if environment.windows else "unix_python_entry_point"
        one.entries[path] = {
            "_path": path,
            "path_type": kind,
            "sha256_in_prefix": _hex(part.digest),
            "sha256": _hex(part.digest),
            "size_in_bytes": part.size,
        }


def _entry_points(link: bytes) -> list[str]:
    from hutch.env.conda_files import parse_meta

    match parse_meta(link) if link else None:
        case {"noarch": {"entry_points": list(found)}}:
            return [each for each in found if isinstance(each, str)]
    return []


def _facts(conda: CondaLink, stored: StoredConda) -> dict[str, Any]:
    """What conda's record says beside the files: the package's own `index.json`, as its channel has it."""
    from hutch.env.conda_files import parse_meta

    record = conda.record
    facts = {
        key: value for key, value in (parse_meta(stored.manifest.index) or {}).items() if value is not None
    }
    facts |= {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "depends": list(record.depends),
        "constrains": list(record.constrains),
        "subdir": record.subdir,
        "fn": record.filename,
        "url": record.url,
        "channel": f"{record.channel}/{record.subdir}",
        "sha256": stored.sha256,
        "extracted_package_dir": stored.folder,
        "package_tarball_full_path": "",
        "link": {"source": stored.folder, "type": 1},
        "requested_specs": list(conda.requested),
    }
    if conda.requested:
        facts["requested_spec"] = conda.requested[0]
    else:
        facts.pop("requested_spec", None)
    optional: dict[str, object] = {
        "md5": record.md5,
        "size": record.size,
        "timestamp": record.timestamp,
        "license": record.license,
        "noarch": record.noarch,
        "python_site_packages_path": record.site_packages,
        "track_features": " ".join(record.track_features),
    }
    facts |= {key: value for key, value in optional.items() if value}
    if record.purls is not None:
        facts["purls"] = list(record.purls)
    return facts


def place_kept_conda(step: Link, kept: Kept, environment: Environment) -> CondaPlacement:
    """As `place_conda`, for an installation that the prefix itself has kept."""
    one = CondaPlacement(step, kept.dist_info, environment, sha256=kept.sha256, record=kept.record)
    scripts = environment.scripts + "/"
    for file in kept.files:
        if file.digest == A_DIRECTORY:
            one.folders.append(file.path)
        elif file.link:
            one.softlinks[file.path] = file.link
        else:
            digest = file.digest.removeprefix("sha256=") if file.digest.startswith("sha256=") else ""
            command = file.path.startswith(scripts)
            one.parts.append(
                Part(
                    file.path,
                    mode=file.mode,
                    source=file.source,
                    digest=digest,
                    size=file.size,
                    command=command,
                )
            )
    return one


def _hex(digest: str) -> str:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex()


def _sha256(content: bytes) -> str:
    from hashlib import sha256

    return sha256(content).hexdigest()


def put_conda(one: CondaPlacement, root: str, linker: Any) -> int:
    """Put one package in, its record last; the number of its files."""
    from hutch.env.link import WAYS, write_new

    made: set[str] = set()

    def make(folder: str) -> None:
        if folder not in made:
            made.add(folder)
            os.makedirs(folder, exist_ok=True)

    bulk: dict[str, list[Sequence[object]]] = {}
    parts = one.parts_to_put()
    for part in parts:
        path = f"{root}/{part.path}"
        make(path.rpartition("/")[0])
        if isinstance(part, Rewritten):
            write_new(path, part.render(), part.mode)
        elif part.content is not None:
            write_new(path, part.content, part.mode)
        elif part.path in one.copied:
            WAYS["copy"](part.source, path, part.mode)
        elif part.source.endswith(f"/{part.path}"):
            bulk.setdefault(part.source[: -len(part.path) - 1], []).append((part.path, 0, 0, part.mode))
        else:
            linker.put(part.source, path, part.mode)
    for source, rows in bulk.items():
        linker.put_all(source, root, rows)
    links = one.softlinks_to_put()
    for path, target in links:
        make(f"{root}/{path}".rpartition("/")[0])
        os.symlink(target, f"{root}/{path}")
    for folder in one.folders:
        make(f"{root}/{folder}")
    make(f"{root}/{META}")
    write_new(f"{root}/{one.where}", one.record, 0o666)
    return len(parts) + len(links) + 1
