"""The metadata of a source: as written down if that can be believed, else asked of its backend.

In this order: static (`static.py`); ``prepare_metadata_for_build_wheel``; and where a backend does not
have that hook, the wheel is built and read.
"""

from __future__ import annotations

import os
from pathlib import Path

from hutch.build.environment import BuildEnvironments, BuildOptions
from hutch.build.make import opened_source
from hutch.build.problems import display
from hutch.build.scratch import read_left, scratch_directory
from hutch.build.session import MissingHook, Session, no_editable, open_session, require_project
from hutch.build.static import read_static_metadata
from hutch.events import Building, Emit, silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.spec import CoreMetadata

__all__ = ["prepare_metadata", "read_wheel_metadata"]

_DEFAULT = BuildOptions()
LARGEST = 32 * 1024 * 1024
"""No metadata is larger, not even with a long README."""


def prepare_metadata(
    source: str | os.PathLike[str],
    *,
    environments: BuildEnvironments | None,
    into: str | os.PathLike[str] | None = None,
    options: BuildOptions = _DEFAULT,
    editable: bool = False,
    keep_wheel: str | os.PathLike[str] | None = None,
    emit: Emit = silent,
    before_build: Callable[[str], None] | None = None,
) -> CoreMetadata:
    """The metadata of a source directory or an sdist archive.

    ``into`` is a directory for scratch files (the system's if None). ``editable`` asks for the metadata of
    the editable wheel where a backend is asked at all. Where a whole wheel had to be built to learn it, it is
    left in the directory ``keep_wheel``, if one is given. ``before_build`` is told before a backend is asked,
    and may raise. Raises what `build_wheel` raises,
    InvalidMetadata, and WrongProject where it is not what the options expect.
    """
    place = Path(into) if into else None
    with scratch_directory(place) as scratch, opened_source(Path(source), scratch, options) as tree:
        found = read_static_metadata(tree)
        if found is not None:
            require_project(options, options.what or tree.name, found.name, found.version)
            return found
        if before_build is not None:
            before_build(options.what or tree.name)
        emit(Building(options.what or tree.name))
        kind = "editable" if editable else "wheel"
        with open_session(tree, kind, environments, options, scratch) as session:
            found = _asked(session, kind, Path(keep_wheel) if keep_wheel else None)
            require_project(options, session.what, found.name, found.version)
            return found


def _asked(session: Session, kind: str, keep: Path | None) -> CoreMetadata:
    from hutch.spec import parse_metadata

    step = f"prepare_metadata_for_build_{kind}"
    directory = session.scratch / "metadata"
    directory.mkdir()
    settings = dict(session.options.config_settings)
    try:
        answer: object = session.call(
            step, lambda caller: getattr(caller, step)(str(directory), settings, _allow_fallback=False)
        )
    except MissingHook:
        return _from_build(session, kind, keep)
    if not isinstance(answer, str) or answer != os.path.basename(answer) or not answer.endswith(".dist-info"):
        raise session.failed(step, f"`{step}` named no .dist-info directory: {display(answer)}")
    try:
        if (directory / answer).is_symlink():
            raise NotADirectoryError(answer)
        data = read_left(directory / answer / "METADATA", LARGEST + 1)
    except OSError:
        raise session.failed(step, f"`{step}` wrote no METADATA into {display(answer)}") from None
    if len(data) > LARGEST:
        raise session.failed(step, f"`{step}` wrote METADATA of more than {LARGEST >> 20} MiB")
    return parse_metadata(data, what=session.what)


def _from_build(session: Session, kind: str, keep: Path | None) -> CoreMetadata:
    """The long way: build it and look inside."""
    step = f"build_{kind}"
    directory = session.scratch / "wheel"
    directory.mkdir()
    settings = dict(session.options.config_settings)
    try:
        answer: object = session.call(step, lambda caller: getattr(caller, step)(str(directory), settings))
    except MissingHook:
        if kind == "editable":
            raise no_editable(session) from None
        raise session.failed(step, f"its backend {session.system.backend} has no `{step}`") from None
    wheel = session.built_file(step, directory, answer, (".whl",))
    found = read_wheel_metadata(wheel)
    if isinstance(found, str):
        raise session.failed(step, f"`{step}` made a wheel that cannot be read: {found}")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        os.replace(wheel, keep / wheel.name)
    return found


def read_wheel_metadata(wheel: Path) -> CoreMetadata | str:
    """The metadata in a wheel file that was just built here; or why it cannot be read."""
    import zipfile
    import zlib

    from hutch.spec import InvalidMetadata, parse_metadata

    try:
        with zipfile.ZipFile(wheel) as zipped:
            names = [
                name
                for name in zipped.namelist()
                if name.endswith(".dist-info/METADATA") and name.count("/") == 1
            ]
            if len(names) != 1:
                return f"it has {len(names)} METADATA files"
            with zipped.open(names[0]) as file:
                data = file.read(LARGEST + 1)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError) as error:
        return str(error)
    if len(data) > LARGEST:
        return "its METADATA is too large"
    try:
        return parse_metadata(data, what=wheel.name)
    except InvalidMetadata as problem:
        return problem.what + "".join(f"; {fault}" for fault in problem.faults)
