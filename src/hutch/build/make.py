"""Build a wheel, an editable wheel or a source distribution out of a source tree or an archive.

What is built appears in the output directory whole or not at all: the backend writes into a scratch
directory, and the finished file is moved.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

from hutch.build.environment import BuildEnvironments, BuildOptions
from hutch.build.scratch import scratch_directory
from hutch.build.sdist import unpack_sdist
from hutch.build.session import MissingHook, no_editable, open_session
from hutch.events import Building, Emit, silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["build_editable", "build_sdist", "build_wheel", "opened_source"]

_DEFAULT = BuildOptions()


def build_wheel(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    environments: BuildEnvironments | None,
    options: BuildOptions = _DEFAULT,
    emit: Emit = silent,
) -> Path:
    """Build the wheel of a source directory, or of an sdist archive, into ``out``; its path.

    Raises BuildFailed, BuildForbidden, InvalidBuildSystem, NotASource, InvalidSdist.
    """
    return _build("wheel", source, out, environments, options, emit)


def build_editable(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    environments: BuildEnvironments | None,
    options: BuildOptions = _DEFAULT,
    emit: Emit = silent,
) -> Path:
    """Build the editable wheel (PEP 660) of a source directory into ``out``; its path.

    Raises NoEditable where the backend cannot, and what `build_wheel` raises.
    """
    return _build("editable", source, out, environments, options, emit)


def build_sdist(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    environments: BuildEnvironments | None,
    options: BuildOptions = _DEFAULT,
    emit: Emit = silent,
) -> Path:
    """Build the source distribution of a source directory into ``out``; its path."""
    return _build("sdist", source, out, environments, options, emit)


def _build(
    kind: str,
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    environments: BuildEnvironments | None,
    options: BuildOptions,
    emit: Emit,
) -> Path:
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with scratch_directory(None) as scratch, opened_source(Path(source), scratch, options) as tree:
        emit(Building(options.what or Path(source).name))
        with open_session(tree, kind, environments, options, scratch) as session:
            step = f"build_{kind}"
            result = scratch / "out"
            result.mkdir()
            settings = dict(options.config_settings)
            try:
                answer: object = session.call(
                    step, lambda caller: getattr(caller, step)(str(result), settings)
                )
            except MissingHook:
                if kind == "editable":
                    raise no_editable(session) from None
                raise session.failed(step, f"its backend {session.system.backend} has no `{step}`") from None
            endings = (".tar.gz", ".zip") if kind == "sdist" else (".whl",)
            return _moved(session.built_file(step, result, answer, endings), out)


def _moved(built: Path, out: Path) -> Path:
    """Move the finished file into ``out`` in one step, over an older one of that name."""
    import errno
    import shutil

    target = out / built.name
    try:
        os.replace(built, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = out / f".{built.name}.{os.getpid()}.part"
        try:
            shutil.copyfile(built, near)
            os.replace(near, target)
        finally:
            near.unlink(missing_ok=True)
    return target


@contextmanager
def opened_source(source: Path, scratch: Path, options: BuildOptions) -> Iterator[Path]:
    """The tree at ``source``; if it is an archive, unpacked for as long as this lasts."""
    if source.is_file():
        yield unpack_sdist(source, scratch / "source", limits=options.limits)
    else:
        yield source
