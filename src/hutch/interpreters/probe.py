"""Ask an interpreter what it is: one start, and none the second time.

The answer is kept in the store's table ``interpreters``. It holds as long as the file behind the path
(size, mtime, inode), the `pyvenv.cfg`, and the machine (kernel, libc) are the same. The interpreter of
an environment is the Python behind it plus the environment's path, so it costs no start of its own
where the environment links to a Python that is known.
"""

from __future__ import annotations

import os

from hutch.interpreters.facts import Interpreter, Layout
from hutch.interpreters.virtual import base_candidates, read_environment_file
from hutch.light import from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from hutch.interpreters.virtual import EnvironmentFile
else:
    Protocol = object


__all__ = [
    "FactsStore",
    "FactsTables",
    "place_and_stamp",
    "probe_interpreter",
    "python_in",
    "recall_interpreter",
]

KIND = "interpreters"
FORMAT = 1
SECONDS = 30.0
"""A Python answers in 20 ms; a cold GraalPy on a loaded machine may take seconds."""

Stamp = tuple[object, ...]


class FactsTables(Protocol):
    """The tables of the store, as far as this room uses them."""

    def read(self, kind: str, key: str) -> object | None: ...

    def write(self, kind: str, key: str, value: object) -> object: ...


class FactsStore(Protocol):
    """The store, as far as this room uses it.

    It may have a method ``meanwhile``, which is called again and again while an interpreter is waited for, as
    long as it gives True.
    """

    @property
    def tables(self) -> FactsTables: ...


def probe_interpreter(
    path: str | os.PathLike[str],
    store: FactsStore | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Interpreter:
    """The facts of the interpreter at ``path`` (a file, an environment, or a directory with `bin/python`).

    Raises BrokenInterpreter if it is not there, does not start, or does not answer within
    ``seconds``, and UnsupportedInterpreter if it is older than Python 3.8.
    """
    return _Probe(store, os.environ if environ is None else environ, seconds).probe(os.fspath(path), 0)


def recall_interpreter(
    path: str | os.PathLike[str], store: FactsStore | None, *, environ: Mapping[str, str] | None = None
) -> Interpreter | None:
    """What is known of the interpreter at ``path`` from an earlier answer that still holds; starts nothing.

    Raises BrokenInterpreter if it is not there.
    """
    probe = _Probe(store, os.environ if environ is None else environ, 0.0)
    try:
        return probe.probe(os.fspath(path), 0)
    except _NotKnown:
        return None


class _NotKnown(Exception):
    """It would have to be started."""


def place_and_stamp(path: str) -> tuple[str, Stamp]:
    """Under which name an answer about a file is kept, and what must be unchanged for it to hold."""
    real, stamp = _stamp(path, read_environment_file(path))
    return os.path.join(os.path.dirname(path), os.path.basename(real)), stamp


def python_in(directory: str) -> str | None:
    """The interpreter of an environment or an installation that lies in ``directory``; None if none does."""
    if os.name == "nt":
        places = [("Scripts", "python.exe"), ("python.exe",), ("bin", "python.exe"), ("pypy3.exe",)]
    else:
        places = [("bin", name) for name in ("python", "python3", "pypy3", "graalpy", "pypy")]
    for place in places:
        candidate = os.path.join(directory, *place)
        if os.path.lexists(candidate):
            return candidate
    return None


class _Probe:
    """One call: what it may use, and the recursion from an environment to the Python behind it."""

    __slots__ = ("environ", "seconds", "store")

    def __init__(self, store: FactsStore | None, environ: Mapping[str, str], seconds: float) -> None:
        self.store = store
        self.environ = environ
        self.seconds = seconds

    def probe(self, path: str, depth: int) -> Interpreter:
        path = os.path.abspath(path)
        if os.path.isdir(path):
            inner = python_in(path)
            if inner is None:
                from hutch.interpreters.problems import BrokenInterpreter

                raise BrokenInterpreter(path, "it is a directory without a Python in it")
            path = inner
        environment = read_environment_file(path)
        real, stamp = _stamp(path, environment)
        if environment is not None and depth < 8:
            base = _linked_base(environment, path, real)
            if base is not None:
                return _in_environment(self.probe(base, depth + 1), path, environment)
        # The names of one file in one directory (`python`, `python3`, `python3.12`) share their answer.
        place = os.path.join(os.path.dirname(path), os.path.basename(real))
        facts = self._read(place, stamp)
        if facts is None:
            facts = self._start(path)
            said = str(facts["executable"])
            if said and os.path.isabs(said) and not _same_file(said, real) and depth < 8:
                # The file is a wrapper that started another Python. What it starts may change while
                # the wrapper does not, so nothing is remembered under its name.
                return self.probe(said, depth + 1)
            self._write(place, stamp, facts)
        return _from_facts(facts, path, real, environment)

    def _start(self, path: str) -> dict[str, object]:
        """Run the interpreter; the only start."""
        if not self.seconds:
            raise _NotKnown
        from hutch.interpreters.failures import cannot_start, no_answer
        from hutch.interpreters.problems import BrokenInterpreter, UnsupportedInterpreter
        from hutch.interpreters.start import isolated_environment, run_limited

        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe_script.py")
        mark = f"hutch-{os.urandom(8).hex()}"
        end = f"</{mark}>".encode()
        try:
            answer = run_limited(
                [path, "-I", "-S", script, mark],
                environ=isolated_environment(self.environ),
                seconds=self.seconds,
                until=end,
                meanwhile=getattr(self.store, "meanwhile", None),
            )
        except OSError as error:
            raise cannot_start(path, error) from error
        begin, _, rest = answer.output.partition(f"<{mark}>".encode())
        text, closed, _ = rest.partition(end)
        if not closed:
            raise no_answer(path, answer.code, answer.stopped, begin, self.seconds)
        try:
            facts = from_json(text)
        except ValueError as error:
            raise BrokenInterpreter(path, "its answer cannot be read") from error
        if facts.get("too_old"):
            raise UnsupportedInterpreter(path, str(facts["version"]))
        markers = facts["markers"]
        if markers["sys_platform"].startswith("linux"):
            from hutch.interpreters.platforms import probe_linux

            probe_linux(facts, os.path.realpath(path))
        assert isinstance(facts, dict)
        return facts

    def _read(self, place: str, stamp: Stamp) -> dict[str, object] | None:
        if self.store is None:
            return None
        value = self.store.tables.read(KIND, _key(place))
        if isinstance(value, tuple) and len(value) == 4 and value[:3] == (FORMAT, place, stamp):
            facts = value[3]
            return facts if isinstance(facts, dict) else None
        return None

    def _write(self, place: str, stamp: Stamp, facts: dict[str, object]) -> None:
        if self.store is not None:
            self.store.tables.write(KIND, _key(place), (FORMAT, place, stamp, facts))


def _key(place: str) -> str:
    """The name of a place in the table. Two places that meet in one name only overwrite each other."""
    from zlib import adler32, crc32

    data = os.fsencode(place)
    return f"{crc32(data):08x}{adler32(data):08x}"


def _stamp(path: str, environment: EnvironmentFile | None) -> tuple[str, Stamp]:
    """The file behind ``path``, and what must be unchanged for an answer to hold."""
    try:
        status = os.stat(path)
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        from hutch.interpreters.failures import missing

        raise missing(path, environment, error) from error
    cfg = (environment.size, environment.mtime_ns) if environment else None
    return real, (real, status.st_size, status.st_mtime_ns, status.st_ino, cfg, *_machine())


def _machine() -> tuple[object, ...]:
    """What may change under an interpreter that stays the same: the kernel's version and the libc's."""
    if hasattr(os, "uname"):
        system, _, release, build, machine = os.uname()
        try:
            libc = os.confstr("CS_GNU_LIBC_VERSION")
        except (ValueError, OSError, AttributeError):
            libc = None
        return (system, release, build, machine, libc)
    import sys

    windows = getattr(sys, "getwindowsversion", None)
    return (sys.platform, tuple(windows()[:3]) if windows else None)


def _same_file(one: str, real: str) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(real)


def _linked_base(environment: EnvironmentFile, path: str, real: str) -> str | None:
    """The Python behind an environment, if the environment's is surely the same file (or redirects to it)."""
    for candidate in base_candidates(environment, path):
        if os.path.normcase(candidate) == os.path.normcase(path):
            continue
        if os.path.isfile(candidate) and (os.name == "nt" or _same_file(candidate, real)):
            return candidate
    return None


def _in_environment(base: Interpreter, path: str, environment: EnvironmentFile) -> Interpreter:
    """The interpreter of an environment, told from the Python behind it."""
    from hutch.values import replace

    return replace(
        base,
        path=path,
        prefix=environment.prefix,
        is_virtual=True,
        is_conda=False,
        externally_managed=False,
    )


def _from_facts(
    facts: Mapping[str, object], path: str, real: str, environment: EnvironmentFile | None
) -> Interpreter:
    """The value, from the answer of `probe_script.py` (perhaps an old one, out of the store)."""
    from hutch.interpreters.platforms import platform_of, tag_facts_of

    text = _Texts(facts)
    layout, markers, info = facts["layout"], facts["markers"], facts["version_info"]
    assert isinstance(layout, dict)
    assert isinstance(markers, dict)
    assert isinstance(info, list)
    base = text["base_executable"] or text["executable"] or path
    if environment is not None:
        # Without `site`, Pythons older than 3.11 do not know what is behind their environment.
        existing = (one for one in base_candidates(environment, path) if os.path.isfile(one))
        base = next(existing, base)
    elif os.path.normcase(base) == os.path.normcase(text["executable"]):
        base = path
    if os.name != "nt" and not text["framework"]:
        base = _with_stdlib(base, text["stdlib"], text["base_prefix"])
    platform = platform_of(facts)
    return Interpreter(
        path=path,
        real_path=real,
        implementation=_implementation(str(markers["implementation_name"])),
        version=text["version"],
        version_info=(int(info[0]), int(info[1]), int(info[2]), str(info[3]), int(info[4])),
        implementation_version=str(markers["implementation_version"]),
        free_threaded=bool(facts["free_threaded"]),
        debug=bool(facts["debug"]),
        prefix=environment.prefix if environment else text["prefix"],
        base_prefix=text["base_prefix"],
        base_exec_prefix=text["base_exec_prefix"],
        base_executable=base,
        home=os.path.dirname(base),
        is_virtual=environment is not None,
        is_conda=environment is None and os.path.isdir(os.path.join(text["prefix"], "conda-meta")),
        # Looked up each time: a distribution may add or drop the mark without touching the interpreter.
        externally_managed=environment is None
        and os.path.isfile(os.path.join(text["stdlib"], "EXTERNALLY-MANAGED")),
        platform=platform,
        tag_facts=tag_facts_of(facts, platform),
        marker_environment=markers,
        layout=Layout(scheme=text["scheme"], **layout),
        default_scheme=text["default_scheme"],
        stdlib=text["stdlib"],
        include_dir=text["include_dir"],
        platlibdir=text["platlibdir"],
        abiflags=text["abiflags"],
        soabi=text["soabi"],
        ext_suffix=text["ext_suffix"],
        cache_tag=text["cache_tag"],
        magic=text["magic"],
        pointer_bits=int(text["pointer_bits"]),
        framework=text["framework"],
    )


class _Texts:
    """The answer's scalars as text."""

    __slots__ = ("facts",)

    def __init__(self, facts: Mapping[str, object]) -> None:
        self.facts = facts

    def __getitem__(self, name: str) -> str:
        return str(self.facts[name])


def _implementation(name: str) -> str:
    return "graalpy" if name == "graalpython" else name


def _with_stdlib(executable: str, stdlib: str, base_prefix: str) -> str:
    """``executable``, or the first along its links from which the standard library would be found.

    `getpath` searches upwards from ``home``: the directory of a link such as ``~/bin/python3`` has no
    standard library above it, and an environment made from there would not start.
    """
    inside = os.path.relpath(stdlib, base_prefix)
    if inside.startswith(os.pardir):
        return executable
    current, seen = executable, set[str]()
    while current not in seen:
        seen.add(current)
        if os.path.isfile(os.path.join(os.path.dirname(os.path.dirname(current)), inside, "os.py")):
            return current
        try:
            target = os.readlink(current)
        except OSError:
            break
        current = os.path.normpath(os.path.join(os.path.dirname(current), target))
    return executable
