"""From an archive on the disk to an installation: unpacked, settled, asked what it is, published.

All of it happens in a working folder beside the place where it will be, so that publishing is a rename.
"""

from __future__ import annotations

from hutch.interpreters.managed.builds import Build
from hutch.interpreters.managed.place import CannotInstall, Installed, Pythons
from hutch.interpreters.managed.problems import CannotRunHere, InvalidPythonArchive, NotWhatItSays
from hutch.interpreters.managed.settle import settle
from hutch.interpreters.managed.unpack import any_program, unpack_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters.facts import Interpreter
    from hutch.interpreters.managed.host import Host
    from hutch.store import TreeLimits

__all__ = ["install_archive"]


def install_archive(
    pythons: Pythons,
    archive: str,
    *,
    build: Build | None,
    host: Host,
    filename: str,
    sha256: str,
    origin: str,
    environ: Mapping[str, str] | None = None,
    limits: TreeLimits | None = None,
) -> Installed:
    """Make an installation of ``archive``, whose hash was compared; what it is has to be ``build``.

    Without one it is what it says of itself. Raises InvalidPythonArchive, CannotRunHere, NotWhatItSays,
    CannotInstall; after each nothing is changed.
    """
    try:
        with pythons.working() as folder:
            tree = unpack_python(archive, filename, folder, limits=limits)
            known = build or _build_of(_ask(tree, filename, environ), host, filename)
            one = Installed(
                key=known.key,
                path=pythons.path(known.key),
                alias=known.alias,
                implementation=known.implementation,
                version=known.version,
                release=known.release,
                free_threaded=known.free_threaded,
                filename=filename,
                sha256=sha256,
                origin=origin,
            )
            settle(tree, one.path)
            _compare(known, _ask(tree, filename, environ), filename)
            pythons.publish(tree, one)
            return one
    except OSError as error:
        raise CannotInstall(str(error.filename or pythons.root), error.strerror or str(error)) from error


def _ask(tree: str, filename: str, environ: Mapping[str, str] | None) -> Interpreter:
    """What the interpreter in ``tree`` says it is; nothing is remembered of it under this path."""
    from hutch.interpreters.probe import probe_interpreter, python_in
    from hutch.interpreters.problems import BrokenInterpreter, UnsupportedInterpreter

    program = any_program(tree) or python_in(tree)
    if program is None:
        raise InvalidPythonArchive(filename, "there is no Python in it")
    try:
        return probe_interpreter(program, None, environ=environ)
    except BrokenInterpreter as problem:
        raise CannotRunHere(filename, problem.reason, problem.output) from problem
    except UnsupportedInterpreter as problem:
        raise CannotRunHere(filename, problem.reason) from problem


def _build_of(interpreter: Interpreter, host: Host, filename: str) -> Build:
    """A build for an archive that nobody described: what its Python says, on this machine."""
    release = interpreter.implementation_version if interpreter.implementation != "cpython" else ""
    return Build(
        implementation=interpreter.implementation,
        version=interpreter.version,
        free_threaded=interpreter.free_threaded,
        os=host.os,
        machine=host.machine,
        libc=host.libc,
        filename=filename,
        url="",
        sha256=None,
        release=release,
    )


def _compare(build: Build, found: Interpreter, filename: str) -> None:
    same = (
        found.implementation == build.implementation
        and found.free_threaded == build.free_threaded
        # The table knows of GraalPy's Python only the minor version.
        and (found.version == build.version or build.implementation == "graalpy")
        and found.python == build.info[:2]
    )
    if not same:
        raise NotWhatItSays(filename, build.describe(), found.describe())
