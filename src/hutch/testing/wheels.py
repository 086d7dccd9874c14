"""Small real wheels and sdists made from dictionaries.

For tests of hutch and of its users: ``make_wheel("alpha", "1.0", requires=["beta>=2"])`` gives a
file name and the bytes of an archive that every installer accepts. The bytes depend on nothing but
the arguments (dates are fixed), so equal arguments give equal hashes.

See the binary distribution format, the core metadata and the source distribution specifications.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["make_metadata", "make_sdist", "make_wheel", "record_line"]

_DATE = (2020, 2, 2, 0, 0, 0)
_EPOCH = 1580601600  # the same moment, for tar

Files = Mapping[str, bytes | str]


def _escape(name: str) -> str:
    """A name as it stands in file names of wheels and sdists: normalised, with underscores."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def record_line(path: str, content: bytes) -> str:
    """One row of RECORD for ``path``, without a line end."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    quoted = '"' + path.replace('"', '""') + '"' if "," in path or '"' in path else path
    return f"{quoted},sha256={digest},{len(content)}"


def make_metadata(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    requires_python: str | None = None,
    dynamic: Iterable[str] = (),
    metadata_version: str = "2.2",
    fields: Iterable[tuple[str, str]] = (),
    description: str = "",
) -> str:
    """The text of a METADATA or PKG-INFO file; ``fields`` are further headers."""
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    lines += [f"Dynamic: {field}" for field in dynamic]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"{field}: {value}" for field, value in fields]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra, requirements in (extras or {}).items():
        lines.append(f"Provides-Extra: {extra}")
        for requirement in requirements:
            body, _, marker = requirement.partition(";")
            condition = (
                f"({marker.strip()}) and extra == '{extra}'" if marker.strip() else f"extra == '{extra}'"
            )
            separator = " ; " if "@" in body else "; "
            lines.append(f"Requires-Dist: {body.strip()}{separator}{condition}")
    return "\n".join(lines) + "\n\n" + description


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    parts = []
    for group, points in groups.items():
        parts.append(f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items()))
    return "\n".join(parts)


def make_wheel(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    files: Files | None = None,
    data: Files | None = None,
    tags: str = "py3-none-any",
    build: str = "",
    console_scripts: Mapping[str, str] | None = None,
    gui_scripts: Mapping[str, str] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    requires_python: str | None = None,
    root_is_purelib: bool | None = None,
    executables: Iterable[str] = (),
    fields: Iterable[tuple[str, str]] = (),
    dist_info_files: Files | None = None,
    compress: bool = True,
) -> tuple[str, bytes]:
    """A wheel: its file name and its bytes.

    ``files`` go to the root of the archive (default: a package named like the project, with
    ``__version__``); ``data`` goes under ``.data/``, so its keys begin with a scheme
    (``scripts/run.sh``). ``dist_info_files`` are added to the ``.dist-info`` directory and replace
    what would be made (``METADATA``, ``WHEEL``, ``entry_points.txt``, ``RECORD``). Paths in
    ``executables`` get the executable bit.
    """
    stem = f"{_escape(name)}-{version.replace('-', '_')}"
    filename = "-".join(filter(None, (stem, build, tags))) + ".whl"
    if files is None:
        files = {f"{_escape(name)}/__init__.py": f"__version__ = {version!r}\n"}
    points: dict[str, Mapping[str, str]] = {}
    if console_scripts:
        points["console_scripts"] = console_scripts
    if gui_scripts:
        points["gui_scripts"] = gui_scripts
    points.update(entry_points or {})

    info: dict[str, bytes] = {
        "METADATA": make_metadata(
            name, version, requires=requires, extras=extras, requires_python=requires_python, fields=fields
        ).encode(),
        "WHEEL": _wheel_text(tags, build, root_is_purelib).encode(),
    }
    if points:
        info["entry_points.txt"] = _entry_points(points).encode()
    info.update((path, _bytes(content)) for path, content in (dist_info_files or {}).items())

    members = {path: _bytes(content) for path, content in files.items()}
    members.update((f"{stem}.data/{path}", _bytes(content)) for path, content in (data or {}).items())
    members.update((f"{stem}.dist-info/{path}", content) for path, content in info.items())
    record = f"{stem}.dist-info/RECORD"
    if record not in members:
        rows = [record_line(path, content) for path, content in members.items()]
        members[record] = ("\n".join([*rows, f"{record},,"]) + "\n").encode()
    return filename, _zip(members, frozenset(executables), compress)


def _wheel_text(tags: str, build: str, root_is_purelib: bool | None) -> str:
    pythons, abis, platforms = tags.split("-")
    if root_is_purelib is None:
        root_is_purelib = platforms == "any"
    lines = [
        "Wheel-Version: 1.0",
        "Generator: hutch.testing",
        f"Root-Is-Purelib: {str(root_is_purelib).lower()}",
    ]
    lines += [
        f"Tag: {python}-{abi}-{platform}"
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    ]
    if build:
        lines.append(f"Build: {build}")
    return "\n".join(lines) + "\n"


def _zip(members: Mapping[str, bytes], executables: frozenset[str], compress: bool) -> bytes:
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in members.items():
            entry = zipfile.ZipInfo(path, _DATE)
            entry.compress_type = method
            entry.create_system = 3
            entry.external_attr = (0o100755 if path in executables else 0o100644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


# A PEP 517 backend that needs nothing: it packs the tree that it lies in, and takes the metadata
# from PKG-INFO. Sdists made here carry it, so that tests can build without an index.
_BACKEND = '''\
"""A build backend of the test suite: packs src/ and the metadata in PKG-INFO into a wheel."""
import base64, hashlib, os, zipfile

TAGS = "@TAGS@"


def _info():
    with open("PKG-INFO", encoding="utf-8") as stream:
        text = stream.read()
    # What an sdist calls dynamic, the wheel knows: the lines that were kept back are in METADATA.extra.
    if os.path.exists("METADATA.extra"):
        with open("METADATA.extra", encoding="utf-8") as stream:
            extra = stream.read()
        lines = [line for line in text.split("\\n") if not line.startswith("Dynamic:")]
        at = lines.index("")
        text = "\\n".join(lines[:at] + extra.splitlines() + lines[at:])
    fields = dict(line.split(": ", 1) for line in text.split("\\n\\n")[0].split("\\n") if ": " in line)
    name = fields["Name"].lower().replace("-", "_").replace(".", "_")
    return name, fields["Version"], text


def _dist_info(text):
    files = {"METADATA": text.encode(), "WHEEL": b"Wheel-Version: 1.0\\nGenerator: hutch.testing\\n"
             b"Root-Is-Purelib: true\\nTag: py3-none-any\\n"}
    if os.path.exists("entry_points.txt"):
        with open("entry_points.txt", "rb") as stream:
            files["entry_points.txt"] = stream.read()
    return files


def get_requires_for_build_wheel(config_settings=None):
    return [@REQUIRES@]


get_requires_for_build_editable = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version, text = _info()
    folder = "%s-%s.dist-info" % (name, version)
    os.makedirs(os.path.join(metadata_directory, folder))
    for path, content in _dist_info(text).items():
        with open(os.path.join(metadata_directory, folder, path), "wb") as stream:
            stream.write(content)
    return folder


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def _write(wheel_directory, members):
    name, version, text = _info()
    folder = "%s-%s.dist-info" % (name, version)
    members.update(("%s/%s" % (folder, path), content) for path, content in _dist_info(text).items())
    rows = []
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(content)))
    members[folder + "/RECORD"] = ("\\n".join(rows + [folder + "/RECORD,,"]) + "\\n").encode()
    filename = "%s-%s-%s.whl" % (name, version, TAGS)
    with zipfile.ZipFile(os.path.join(wheel_directory, filename), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 2, 2, 0, 0, 0)), content)
    return filename


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    members = {}
    for root, _, names in os.walk("src"):
        for each in sorted(names):
            path = os.path.join(root, each)
            with open(path, "rb") as stream:
                members[os.path.relpath(path, "src").replace(os.sep, "/")] = stream.read()
    return _write(wheel_directory, members)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = _info()[0]
    return _write(wheel_directory, {"_editable_%s.pth" % name: os.path.abspath("src").encode() + b"\\n"})


def build_sdist(sdist_directory, config_settings=None):
    import tarfile
    name, version, text = _info()
    stem = "%s-%s" % (name, version)
    with tarfile.open(os.path.join(sdist_directory, stem + ".tar.gz"), "w:gz") as archive:
        archive.add(".", stem, filter=lambda each: None if "__pycache__" in each.name else each)
    return stem + ".tar.gz"
'''


def make_sdist(
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    files: Files | None = None,
    console_scripts: Mapping[str, str] | None = None,
    requires_python: str | None = None,
    dynamic: Sequence[str] = (),
    metadata_version: str = "2.2",
    fields: Iterable[tuple[str, str]] = (),
    build_requires: Sequence[str] = (),
    dynamic_build_requires: Sequence[str] = (),
    backend: str | None = None,
    root_files: Files | None = None,
) -> tuple[str, bytes]:
    """A source distribution: its file name (``.tar.gz``) and its bytes.

    It carries a backend of its own that needs nothing to build a wheel of ``files`` (paths below
    ``src/``). ``backend`` replaces the text of that backend (to make it fail, for example).
    ``build_requires`` is ``build-system.requires``, ``dynamic_build_requires`` what the backend asks
    for when it is called. With ``"Requires-Dist"`` in ``dynamic``, PKG-INFO keeps back ``requires``
    and ``extras``, and only a build tells them (PEP 643). ``root_files`` are added beside
    ``pyproject.toml`` and replace what would be made.
    """
    stem = f"{_escape(name)}-{version.replace('-', '_')}"
    kept_back = "Requires-Dist" in dynamic
    info = make_metadata(
        name,
        version,
        requires=() if kept_back else requires,
        extras=None if kept_back else extras,
        requires_python=requires_python,
        dynamic=dynamic,
        metadata_version=metadata_version,
        fields=fields,
    )
    if files is None:
        files = {f"{_escape(name)}/__init__.py": f"__version__ = {version!r}\n"}
    quoted = ", ".join(f'"{requirement}"' for requirement in build_requires)
    text = backend if backend is not None else _BACKEND
    text = text.replace("@TAGS@", "py3-none-any")
    text = text.replace("@REQUIRES@", ", ".join(repr(each) for each in dynamic_build_requires))
    members: dict[str, bytes] = {
        "PKG-INFO": info.encode(),
        "pyproject.toml": (
            f"[build-system]\nrequires = [{quoted}]\n"
            'build-backend = "in_tree_backend"\nbackend-path = ["_build"]\n\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\n'
            + _project_dynamic(requires, extras, requires_python, kept_back)
        ).encode(),
        "_build/in_tree_backend.py": text.encode(),
    }
    if kept_back:
        whole = make_metadata(name, version, requires=requires, extras=extras)
        kept = [line for line in whole.splitlines() if line.startswith(("Requires-Dist:", "Provides-Extra:"))]
        members["METADATA.extra"] = ("\n".join(kept) + "\n").encode()
    if console_scripts:
        members["entry_points.txt"] = _entry_points({"console_scripts": console_scripts}).encode()
    members.update((f"src/{path}", _bytes(content)) for path, content in files.items())
    members.update((path, _bytes(content)) for path, content in (root_files or {}).items())

    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=_EPOCH) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, content in members.items():
            entry = tarfile.TarInfo(f"{stem}/{path}")
            entry.size = len(content)
            entry.mtime = _EPOCH
            archive.addfile(entry, io.BytesIO(content))
    return f"{stem}.tar.gz", buffer.getvalue()


def _project_dynamic(
    requires: Sequence[str],
    extras: Mapping[str, Iterable[str]] | None,
    requires_python: str | None,
    kept_back: bool,
) -> str:
    """The rest of the ``[project]`` table, saying the same as PKG-INFO does."""
    lines = []
    if requires_python is not None:
        lines.append(f'requires-python = "{requires_python}"')
    if kept_back:
        lines.append('dynamic = ["dependencies", "optional-dependencies"]')
    else:
        lines.append(f"dependencies = {_toml_list(requires)}")
        if extras:
            lines.append("\n[project.optional-dependencies]")
            lines += [f'"{extra}" = {_toml_list(each)}' for extra, each in extras.items()]
    return "\n".join(lines) + "\n"


def _toml_list(texts: Iterable[str]) -> str:
    # A TOML basic string escapes what a JSON string escapes.
    import json

    return json.dumps(list(texts))
