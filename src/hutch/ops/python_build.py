"""``hutch python install --build``: CPython compiled here; see docs/explanation/building-pythons.md."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.events import Checked, Notice, PhaseEnded, PhaseStarted
from hutch.ops.pythons.family import package_family
from hutch.ops.pythons.sources import NoSource, find_source, refuse_spaces
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters.facts import Interpreter
    from hutch.interpreters.managed import Host, Installed, Pythons
    from hutch.interpreters.managed.compiling import BuildPlan
    from hutch.ops.context import Context
    from hutch.ops.pythons.sources import Source

__all__ = ["BuildOptions", "build_interpreter", "plan_build"]

_MOST_JOBS = 256
_LINE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How to build. ``configure`` are texts as typed, each of one or more words."""

    configure: tuple[str, ...] = ()
    jobs: int | None = None
    debug: bool = False
    free_threaded: bool = False
    keep_source: bool = False
    sha256: str | None = None
    allow_unverified: bool = False
    reinstall: bool = False


def build_interpreter(
    context: Context, pythons: Pythons, source: str, options: BuildOptions
) -> tuple[Installed, bool]:
    """Build ``source`` (a folder, an archive, a version that the source mirror has) and install it.

    Whether it was not there yet. Raises NoCompiler, NotASource, NoSource, BuildFailed, CannotInstall,
    HashMismatch; after each nothing is changed.
    """
    from hutch.interpreters.managed import CannotInstall, host_here

    refuse_spaces(pythons.root)
    if os.name == "nt":
        raise NoSource(
            "hutch does not build Python on Windows", hint="hutch python install fetches one that is built"
        )
    environ, family, tools = _look_around(context)
    try:
        with pythons.working() as folder:
            found = find_source(
                context,
                source,
                folder,
                sha256=options.sha256,
                allow_unverified=options.allow_unverified,
            )
            return _build(context, pythons, host_here(), found, folder, options, environ, family, tools)
    except OSError as error:
        raise CannotInstall(str(error.filename or pythons.root), error.strerror or str(error)) from error


def plan_build(context: Context, source: str, options: BuildOptions) -> tuple[str, str, str]:
    """Key, name and version of what would be built, as far as they can be told without unpacking anything."""
    import re

    from hutch.interpreters.managed import host_here
    from hutch.interpreters.managed.source import source_version

    environ, family, tools = _look_around(context)
    path = context.path(source)
    if os.path.isdir(path):
        version = source_version(path)
    else:
        told = re.search(r"(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)", os.path.basename(source))
        version = told[1] if told else ""
    if not version:
        return "", os.path.basename(source), ""
    name = _name(version, options)
    _homebrew(environ)
    _say_what_is_missing(context, name, environ, family, tools[0])
    return _key(version, options, host_here()), name, version


def _build(
    context: Context,
    pythons: Pythons,
    host: Host,
    source: Source,
    folder: str,
    options: BuildOptions,
    environ: dict[str, str],
    family: str | None,
    tools: tuple[str, str],
) -> tuple[Installed, bool]:
    from hutch.interpreters.managed import Installed
    from hutch.interpreters.managed.compiling import BuildPlan, compile_python, missing_modules
    from hutch.interpreters.managed.source import source_version

    version = source_version(source.tree)
    if options.free_threaded and tuple(map(int, version.split(".")[:2])) < (3, 13):
        raise UsageProblem("--free-threaded is for Python 3.13 and newer", why=f"the source is {version}")
    key, alias = _key(version, options, host), _key(".".join(version.split(".")[:2]), options, host)
    name = _name(version, options)
    with pythons.lock(key, lambda who: context.emit(Notice(f"waiting for {who}, which installs {name}"))):
        present = pythons.find(key)
        if present is not None and not options.reinstall:
            return present, False
        kegs = _homebrew(environ)
        missing = _say_what_is_missing(context, name, environ, family, tools[0])
        plan = BuildPlan(
            name=name,
            version=version,
            source=source.tree,
            prefix=pythons.path(key),
            log=os.path.join(pythons.root, ".logs", f"{key}.log"),
            make_program=tools[1],
            jobs=_jobs(options),
            configure=(*kegs, *_words(context, options)),
            make=_split(context, "PYTHON_MAKE_OPTS", "MAKE_OPTS"),
            debug=options.debug,
            free_threaded=options.free_threaded,
            with_pip="zlib" not in missing,
        )
        tree = _compile(context, plan, folder, environ, compile_python)
        from hutch.interpreters.managed.settle import settle

        settle(tree, plan.prefix)
        program = os.path.join(tree, "bin", "python3")
        variables = {**environ, "LD_LIBRARY_PATH": os.path.join(tree, "lib")}
        _compare(_ask(program, name, variables), version, options, name)
        lacking = missing_modules(program, variables)
        one = Installed(
            key=key,
            path=plan.prefix,
            alias=alias,
            implementation="cpython",
            version=version,
            free_threaded=options.free_threaded,
            filename=source.filename or "built from source",
            sha256=source.sha256,
            origin=source.origin,
            compiled=True,
        )
        pythons.publish(tree, one)
        if lacking:
            context.emit(Notice(f"{name} has no {', '.join(lacking)}", warning=True))
        if options.keep_source:
            _keep(context, pythons, source.tree, folder, key)
        _remove(plan.log)
    return one, True


def _compile(
    context: Context, plan: BuildPlan, folder: str, environ: Mapping[str, str], build: object
) -> str:
    """The steps, each a phase."""
    assert callable(build)
    shown = ""

    def tell(step: str, line: str) -> None:
        nonlocal shown
        if step != shown:
            if shown:
                context.emit(PhaseEnded(shown))
            context.emit(PhaseStarted(step))
            shown = step
        if line:
            # Of a long call of the compiler the last word says what it is about.
            context.emit(Checked(line if len(line) <= _LINE else line.split()[-1][-_LINE:]))

    try:
        tree: str = build(plan, folder, environ, tell)
        return tree
    except KeyboardInterrupt:
        _remove(plan.log)  # nobody wants to know why it failed
        raise
    finally:
        if shown:
            context.emit(PhaseEnded(shown))


def _homebrew(environ: dict[str, str]) -> tuple[str, ...]:
    """On macOS, where Homebrew has it installed: the variables are changed, the options given."""
    from hutch.config import system_here

    if system_here() != "macos":
        return ()
    from hutch.interpreters.managed.needs import homebrew_places

    variables, options = homebrew_places(("/opt/homebrew/opt", "/usr/local/opt"), environ, os.path.isdir)
    environ.update(variables)
    return options


def _look_around(context: Context) -> tuple[dict[str, str], str | None, tuple[str, str]]:
    """The variables of the build, what installs packages here, and (compiler, make). Raises NoCompiler."""
    import shlex
    import shutil

    from hutch.build.variables import build_variables
    from hutch.interpreters.managed.needs import tools_line
    from hutch.interpreters.managed.source import NoCompiler

    home = context.environ.get("HOME", "/")
    environ = build_variables(context.environ, home=home, temporary=context.environ.get("TMPDIR") or "/tmp")
    path = os.pathsep.join(p for p in context.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(p))
    environ["PATH"] = path
    family = package_family()
    named = shlex.split(environ.get("CC", ""))[:1]
    compiler = next(
        filter(None, (shutil.which(word, path=path) for word in (*named, "cc", "gcc", "clang"))), None
    )
    make = next(filter(None, (shutil.which(word, path=path) for word in ("make", "gmake"))), None)
    if compiler is None or make is None:
        lacking = [word for word, found in (("C compiler", compiler), ("make", make)) if found is None]
        raise NoCompiler(lacking, tools_line(family, root=_is_root()))
    return environ, family, (compiler, make)


def _say_what_is_missing(
    context: Context, name: str, environ: Mapping[str, str], family: str | None, compiler: str
) -> tuple[str, ...]:
    """Tell which modules the result will lack, and what brings them; the names of the modules."""
    from hutch.interpreters.managed.compiling import preprocess
    from hutch.interpreters.managed.needs import install_line, missing_needs

    needs = missing_needs(preprocess(compiler, environ))
    if not needs:
        return ()
    modules = tuple(module for need in needs for module in need.modules)
    context.emit(Notice(f"{name} will have no {', '.join(modules)}: headers are missing", warning=True))
    line = install_line(family, needs, root=_is_root())
    if line:
        context.emit(Notice(f"to have them: {line}"))
    else:
        context.emit(Notice("to have them, install the headers of " + ", ".join(need.name for need in needs)))
    return modules


def _words(context: Context, options: BuildOptions) -> tuple[str, ...]:
    """What the user says to `configure`, the command line last."""
    import shlex

    words = list(_split(context, "CONFIGURE_OPTS", "PYTHON_CONFIGURE_OPTS"))
    for text in options.configure:
        try:
            words += shlex.split(text)
        except ValueError as error:
            raise UsageProblem(f"--configure {text}: {error}") from error
    if any(word.startswith(("--prefix", "--exec-prefix")) for word in words):
        raise UsageProblem("the prefix of a Python of hutch's is hutch's to choose", why="--prefix was given")
    return tuple(words)


def _split(context: Context, *names: str) -> tuple[str, ...]:
    import shlex

    words: list[str] = []
    for name in names:
        try:
            words += shlex.split(context.environ.get(name, ""))
        except ValueError as error:
            raise UsageProblem(f"{name} cannot be read: {error}") from error
    return tuple(words)


def _jobs(options: BuildOptions) -> int:
    if options.jobs is not None:
        if not 1 <= options.jobs <= _MOST_JOBS:
            raise UsageProblem(f"--jobs is a number from 1 to {_MOST_JOBS}")
        return options.jobs
    from hutch.forked import processors

    return processors()


def _key(version: str, options: BuildOptions, host: Host) -> str:
    variant = ("+freethreaded" if options.free_threaded else "") + ("+debug" if options.debug else "")
    return f"cpython-{version}{variant}-{host.os}-{host.machine}-{host.libc}"


def _name(version: str, options: BuildOptions) -> str:
    kinds = [word for word, on in (("free-threaded", options.free_threaded), ("debug", options.debug)) if on]
    return f"CPython {version}" + (f" ({', '.join(kinds)})" if kinds else "")


def _ask(program: str, name: str, environ: Mapping[str, str]) -> Interpreter:
    from hutch.interpreters import BrokenInterpreter, UnsupportedInterpreter, probe_interpreter
    from hutch.interpreters.managed import CannotRunHere

    try:
        return probe_interpreter(program, None, environ=environ)
    except BrokenInterpreter as problem:
        raise CannotRunHere(name, problem.reason, problem.output) from problem
    except UnsupportedInterpreter as problem:
        raise CannotRunHere(name, problem.reason) from problem


def _compare(found: Interpreter, version: str, options: BuildOptions, name: str) -> None:
    same = found.free_threaded == options.free_threaded and found.debug == options.debug
    if (
        not same
        or found.implementation != "cpython"
        or found.version_info[:2] != tuple(int(number) for number in version.split(".")[:2])
    ):
        from hutch.interpreters.managed import NotWhatItSays

        raise NotWhatItSays("what was built", name, found.describe())


def _keep(context: Context, pythons: Pythons, tree: str, folder: str, key: str) -> None:
    if not tree.startswith(folder + os.sep):
        return  # it was the user's own folder
    place = os.path.join(pythons.root, ".sources", key)
    from hutch.trees import delete_tree

    if os.path.lexists(place):
        delete_tree(place)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.rename(tree, place)
    context.emit(Notice(f"the source is kept in {place}"))


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
