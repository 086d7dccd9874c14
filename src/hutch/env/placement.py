"""What one wheel puts into an environment, path by path, and its RECORD.

Follows the binary distribution format ("Spread", `.data` schemes, ``#!python``), "Recording installed
projects" and PEP 610. What a wheel itself ships as `INSTALLER`, `REQUESTED`, `direct_url.json` or `RECORD`
is ours to say and is dropped.
"""

from __future__ import annotations

import os

from hutch.env.launchers import LauncherFacts, render_launcher, rewrite_shebang
from hutch.env.records import LINKED_RECORD, inside, render_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from hutch.env.environment import Environment
    from hutch.env.kept import Kept
    from hutch.env.plan import Link
    from hutch.store import Manifest

__all__ = ["Part", "Placement", "launcher_facts", "place", "reads_requirement"]

KNOWN_STARTUP = frozenset(["coverage", "setuptools"])
OURS = frozenset(["RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"])


class Part:
    """A file outside the bulk of a wheel: written from ``content``, or put from ``source`` in the store."""

    __slots__ = ("command", "content", "digest", "mode", "path", "size", "source")

    def __init__(
        self,
        path: str,
        *,
        mode: int,
        content: bytes | None = None,
        source: str = "",
        digest: str = "",
        size: int = 0,
        command: bool = False,
    ) -> None:
        self.path = path
        self.mode = mode
        self.content = content
        self.source = source
        self.command = command
        self.digest = digest if content is None else _digest(content)
        self.size = size if content is None else len(content)


class Placement:
    """A wheel on its way into an environment.

    ``body`` and ``info`` are rows of the manifest, below ``site`` (relative to the environment): what
    goes first, and the `dist-info` that goes last, each with its directories. ``parts`` are commands and
    `.data` files, with paths relative to the environment; ``notes`` the files that we add to the
    `dist-info` (name -> content). ``links`` are directories below ``site`` that become links, and where to;
    ``ready`` where such a link is already, by another name.
    ``bytecode`` is what the store has of the modules of ``body``. Those of conda packages (``is_conda``) are
    made in ``conda_placement.py``, and have ``folders``.
    """

    is_conda = False
    folders: Sequence[str] = ()

    def __init__(
        self,
        step: Link,
        site: str,
        *,
        dist_info: str,
        sha256: str,
        store: str,
        directories: Sequence[str] = (),
        record: bytes | None = None,
    ) -> None:
        self.name = step.name
        self.version = step.version
        self.label = f"{step.name} {step.version}"
        self.sha256 = sha256
        self.site = site
        self.dist_info = dist_info
        self.store = store
        self.source = f"{store}/files"
        self.metadata = f"{self.source}/{dist_info}/METADATA"
        self.directories = directories
        self.links: dict[str, str] = {}
        self.ready: dict[str, str] = {}
        self.opened: list[Sequence[object]] = []
        self.record_name = "RECORD"
        self._whole: Manifest | None = None
        self.info_directories: list[str] = []
        self.body: list[Sequence[object]] = []
        self.info: list[Sequence[object]] = []
        self.parts: list[Part] = []
        self.notes: dict[str, bytes] = {}
        self.bytecode = step.bytecode
        self._skipped: set[str] = set()
        self._disowned: set[str] = set()
        self._record = record

    def tops(self) -> set[str]:
        """The names that the wheel makes in `site-packages` itself."""
        tops = {path for path in self.directories if "/" not in path}
        tops.update(row[0] for row in self.body if "/" not in row[0])  # type: ignore[operator, misc]
        tops.update(path for path in self.links if "/" not in path)
        tops.add(self.dist_info)
        return tops

    def tops_of_parts(self) -> set[str]:
        """The names in `site-packages` that `.data` files want a place in."""
        start = self.site + "/"
        return {
            part.path[len(start) :].partition("/")[0] for part in self.parts if part.path.startswith(start)
        }

    def contested_paths(self, contested: Collection[str]) -> Iterator[tuple[str, str, bool]]:
        """(path relative to the environment, digest, whether a command) of all that must be looked at."""
        if contested:
            for rows in (self.body, self.info):
                for row in rows:
                    path: str = row[0]  # type: ignore[assignment]
                    if path.partition("/")[0] in contested:
                        yield f"{self.site}/{path}", row[4], False  # type: ignore[misc]
            for path in self.links:
                if path.partition("/")[0] in contested:
                    yield f"{self.site}/{path}", "", False
            if self.dist_info in contested:
                for name in (*self.notes, self.record_name):
                    yield f"{self.site}/{self.dist_info}/{name}", "", False
        for part in self.parts:
            yield part.path, part.digest, part.command

    def open(self, path: str) -> list[str]:
        """Make a directory of the link at ``path``; the links that take its place, one level down."""
        if self._whole is None:
            from hutch.store.linked import read_whole

            self._whole = read_whole(self.store)
        del self.links[path]
        start = f"{path}/"
        self.directories = sorted([*self.directories, path])
        rows = [
            row for row in self._whole.files if row[0].startswith(start) and "/" not in row[0][len(start) :]
        ]
        self.body += rows
        self.opened += rows
        children = [each for each in self._whole.directories if each.rpartition("/")[0] == path]
        self.links.update((child, f"{self.source}/{child}") for child in children)
        if not self.links:
            self.record_name = "RECORD"
        return children

    def skip(self, path: str, *, owned: bool) -> None:
        """Do not make ``path``: it is there already (``owned``: and is ours as well), or is another's."""
        self._skipped.add(path)
        if not owned:
            self._disowned.add(path)

    def rows_to_put(self, rows: list[Sequence[object]]) -> list[Sequence[object]]:
        """``rows`` without what is skipped; the list itself in the usual case that nothing is."""
        if not self._skipped:
            return rows
        return [row for row in rows if f"{self.site}/{row[0]}" not in self._skipped]

    def compiled(self) -> Sequence[Sequence[object]]:
        """The rows of bytecode for modules put one by one; directories that are links have theirs in them."""
        rows: Sequence[Sequence[object]] = self.bytecode.rows if self.bytecode is not None else ()
        if not self.links:
            return rows
        inside = tuple(f"{path}/" for path in self.links)
        return [row for row in rows if not row[0].startswith(inside)]  # type: ignore[attr-defined]

    def bytecode_to_put(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """The directories and the rows of bytecode whose module is put in, and in whose way nothing is."""
        if self.bytecode is None:
            return (), ()
        rows = self.compiled()
        if not self._skipped and rows is self.bytecode.rows:
            return self.bytecode.directories, rows
        rows = self.rows_to_put(list(rows))
        return sorted({row[0].rpartition("/")[0] for row in rows}), rows  # type: ignore[attr-defined]

    def skips(self, path: str) -> bool:
        """Whether ``path`` is not made."""
        return path in self._skipped

    def parts_to_put(self) -> list[Part]:
        """The parts that are to be made."""
        return [part for part in self.parts if part.path not in self._skipped]

    def startup_files(self) -> list[str]:
        """Files that Python runs at every start in the environment: ``.pth`` with code, `sitecustomize`.

        Those of two packages that everybody has and knows are not told.
        """
        if self.name in KNOWN_STARTUP:
            return []
        found: list[str] = []
        start = self.site + "/"
        # Of `.data` as well: it is another way to the same place.
        places = [(str(row[0]), f"{self.source}/{row[0]}") for row in self.body if _may_start(str(row[0]))]
        places += [
            (part.path[len(start) :], part.source)
            for part in self.parts
            if part.path.startswith(start) and _may_start(part.path[len(start) :])
        ]
        for path, source in places:
            if not path.endswith(".pth") or _has_code(source):
                found.append(path)
        return found

    def requires(self, name: str) -> bool:
        """Whether the wheel's metadata names ``name`` as a dependency of whatever condition."""
        return reads_requirement(self.metadata, name)

    @property
    def record(self) -> bytes:
        """The RECORD of what is installed, itself as the last row. Nothing is skipped from here on."""
        if self._record is None:
            self._record = self._render_record()
        return self._record

    def _render_record(self) -> bytes:
        rows: list[str] = []
        if self._disowned:
            kept = [row for row in (*self.body, *self.info) if f"{self.site}/{row[0]}" not in self._disowned]
        else:
            kept = [*self.body, *self.info]
        for path, size, _, _, digest in kept:
            # The fast form of `render_row`, for the thousands of paths that need no quotes.
            if "," in path or '"' in path:  # type: ignore[operator]
                rows.append(render_row(path, digest, size))  # type: ignore[arg-type]
            else:
                rows.append(f"{path},sha256={digest},{size}\n")
        # Python writes bytecode anew when it has to, so it has no hash here; pip does the same.
        for row in self.bytecode_to_put()[1]:
            rows.append(f"{row[0]},,\n")
        up = "../" * (self.site.count("/") + 1)
        start = self.site + "/"
        for part in self.parts:
            if part.path not in self._disowned:
                path = part.path[len(start) :] if part.path.startswith(start) else up + part.path
                rows.append(render_row(path, part.digest, part.size))
        for name, content in self.notes.items():
            rows.append(render_row(f"{self.dist_info}/{name}", _digest(content), len(content)))
        if self.links:
            from hutch.env.planted import link_digest

            digest = link_digest(self.store)
            rows += [f"{_quoted(path)},{digest},\n" for path in self.links]
        rows.append(f"{self.dist_info}/{self.record_name},,\n")
        return "".join(rows).encode("utf-8", "surrogateescape")


def _may_start(path: str) -> bool:
    """Whether Python may look at the path in `site-packages` when it starts."""
    if "/" not in path and path.endswith((".pth", ".start")):
        return True
    if not path.startswith(("sitecustomize", "usercustomize")):
        return False
    module, _, rest = path.partition("/")
    return module.partition(".")[0] in ("sitecustomize", "usercustomize") and (
        not rest or rest.startswith("__init__.")
    )


def _has_code(pth: str) -> bool:
    """Whether `site` runs a line of the ``.pth``, read as the Python does that runs most of it."""
    with open(pth, "rb") as file:
        data = file.read((1 << 20) + 1)
    if len(data) > 1 << 20:
        return True  # nobody writes so many paths
    lines = data.decode("utf-8-sig", "replace").splitlines()
    return any(line.startswith(("import ", "import\t")) for line in lines)


def place(step: Link, environment: Environment, facts: LauncherFacts | None = None) -> Placement:
    """Where everything of the wheel of ``step`` goes. Reads the first bytes of its scripts, no more.

    ``facts`` are those of the environment, for whoever places many.
    """
    from hutch.errors import Bug

    if step.kept is not None:
        return _place_kept(step, step.kept, environment)
    if step.wheel is None:
        raise Bug(f"the plan has no wheel for {step.name} {step.version}")
    manifest = step.wheel.manifest
    _check_identity(step, manifest.name, manifest.version)
    start = manifest.dist_info + "/"
    # The `dist-info` is made when everything else is there.
    plain = [
        path for path in manifest.directories if path != manifest.dist_info and not path.startswith(start)
    ]
    one = Placement(
        step,
        environment.purelib,
        dist_info=manifest.dist_info,
        sha256=step.wheel.sha256,
        store=step.wheel.folder,
        directories=plain,
    )
    if step.wheel.links:
        one.links = {path: f"{one.source}/{path}" for path in step.wheel.links}
        if step.wheel.ready:
            one.ready = {path: f"{one.store}/links/{number}" for number, path in enumerate(step.wheel.links)}
        one.record_name = LINKED_RECORD
    one.info_directories = [path for path in manifest.directories if path.startswith(start)]
    one.body = [row for row in manifest.files if not row[0].startswith(start)]
    one.info = [
        row for row in manifest.files if row[0].startswith(start) and row[0][len(start) :] not in OURS
    ]
    facts = facts or launcher_facts(environment)
    for scheme, rows in manifest.data:
        one.parts += _place_scheme(one, scheme, rows, environment, facts)
    for gui, scripts in ((False, manifest.console_scripts), (True, manifest.gui_scripts)):
        for name, target, _ in scripts:
            for file, content in render_launcher(facts, one.label, name, target, gui=gui).items():
                path = f"{environment.scripts}/{file}"
                one.parts.append(Part(path, mode=0o755, content=content, command=True))
    if step.direct_url is not None:
        import json

        one.notes["direct_url.json"] = json.dumps(step.direct_url, sort_keys=True).encode()
    one.notes["INSTALLER"] = b"hutch\n"
    if step.requested:
        one.notes["REQUESTED"] = b""
    return one


def _place_kept(step: Link, kept: Kept, environment: Environment) -> Placement:
    """As `place`, for an installation that the environment itself has kept, file by file."""
    site, _, dist_info = kept.dist_info.rpartition("/")
    one = Placement(step, site, dist_info=dist_info, sha256=kept.sha256, store="", record=kept.record)
    one.record_name = kept.record_name
    one.metadata = kept.source(f"{kept.dist_info}/METADATA")
    inner, scripts = kept.dist_info + "/", environment.scripts + "/"
    # The `dist-info` comes when everything else is there.
    for file in sorted(kept.files, key=lambda file: file.path.startswith(inner)):
        if file.link:
            one.links[file.path[len(site) + 1 :]] = file.link
            continue
        digest = file.digest.removeprefix("sha256=") if file.digest.startswith("sha256=") else ""
        one.parts.append(
            Part(
                file.path,
                mode=file.mode,
                source=file.source,
                digest=digest,
                size=file.size,
                command=file.path.startswith(scripts),
            )
        )
    return one


def _check_identity(step: Link, name: str, version: str) -> None:
    """The wheel must be the package that was asked for; one built from a directory may have moved on."""
    from hutch.env.plan import same_version
    from hutch.env.problems import WrongWheel
    from hutch.spec import normalize, safe_text

    if normalize(name) != step.name or (step.direct_url is None and not same_version(version, step.version)):
        raise WrongWheel(step.name, step.version, safe_text(f"{name} {version}"))


def launcher_facts(environment: Environment) -> LauncherFacts:
    """What the commands of this environment have in common."""
    version = environment.python_version.split(".")
    known = len(version) > 1 and version[0].isdigit() and version[1].isdigit()
    return LauncherFacts(
        python=environment.executable,
        windows=environment.windows,
        relocatable=environment.relocatable,
        machine=_machine() if environment.windows else "amd64",
        # A version that nobody wrote down is taken for an old one.
        python_version=(int(version[0]), int(version[1])) if known else (3, 8),
    )


def _machine() -> str:
    return os.environ.get("PROCESSOR_ARCHITECTURE", "amd64").lower()


def _place_scheme(
    one: Placement,
    scheme: str,
    rows: Sequence[Sequence[object]],
    environment: Environment,
    facts: LauncherFacts,
) -> Iterator[Part]:
    """The parts of one key of `.data`."""
    places = {
        "scripts": environment.scripts,
        "data": "",
        "purelib": environment.purelib,
        "platlib": environment.purelib,
    }
    directory = places.get(scheme)
    if scheme == "headers":
        minor = ".".join(environment.python_version.split(".")[:2])
        directory = f"{environment.include}/site/python{minor}/{one.name}"
    if directory is None:
        from hutch.env.problems import InvalidCommand

        raise InvalidCommand(one.label, scheme, "there is no such place for the files of a wheel")
    for row in rows:
        name: str = row[0]  # type: ignore[assignment]
        size: int = row[1]  # type: ignore[assignment]
        mode: int = row[3]  # type: ignore[assignment]
        digest: str = row[4]  # type: ignore[assignment]
        source = f"{one.store}/data/{scheme}/{name}"
        path = inside(environment.root, "", f"{directory}/{name}" if directory else name)
        if path is None:
            from hutch.errors import Bug

            raise Bug(f"the store has a wheel with the file name {name!r}")
        content = _read_script(source, facts) if scheme == "scripts" else None
        if scheme == "scripts" and content is None and not mode & 0o100:
            # A wheel may forget the bit; a hard link must not change it for all, so this is a copy.
            with open(source, "rb") as file:
                content = file.read()
        if content is not None:
            yield Part(path, mode=0o755, content=content)
        else:
            yield Part(path, mode=mode, source=source, digest=digest, size=size)


def _read_script(source: str, facts: LauncherFacts) -> bytes | None:
    """The script with its real first line, or None if it is to be installed as it is."""
    with open(source, "rb") as file:
        if file.read(8) != b"#!python":
            return None
        file.seek(0)
        return rewrite_shebang(facts, file.read())


def reads_requirement(path: str, name: str) -> bool:
    """Whether the METADATA at ``path`` has a ``Requires-Dist`` of ``name`` (normalised)."""
    from hutch.spec import normalize

    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return False
    for line in text.splitlines():
        if not line:
            return False
        key, _, value = line.partition(":")
        if key.lower() == "requires-dist":
            value = value.strip()
            end = next(
                (at for at, each in enumerate(value) if not (each.isalnum() or each in "-_.")), len(value)
            )
            if normalize(value[:end]) == normalize(name):
                return True
    return False


def _quoted(path: str) -> str:
    """A path as the first field of a row."""
    return render_row(path, "", "")[:-3]


def _digest(content: bytes) -> str:
    from hutch.spec.digest import record_digest

    return record_digest(content)
