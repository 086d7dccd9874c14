"""``hutch python install``: fetch Pythons, or unpack archives, into hutch's own folder."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters import PythonRequest
    from hutch.interpreters.managed import Build, Installed, Named, Pythons
    from hutch.ops.context import Context
    from hutch.ops.pythons.available import Available
    from hutch.spec import Specifiers

__all__ = ["InstalledPython", "PythonInstallOptions", "PythonInstallOutcome", "python_install"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonInstallOptions:
    """The options of ``python install``; without requests it is what the project pins."""

    requests: tuple[str, ...] = ()
    reinstall: bool = False
    bin: bool = False
    default: bool = False
    sha256: str | None = None
    allow_unverified: bool = False
    build: bool = False
    configure: tuple[str, ...] = ()
    jobs: int | None = None
    debug: bool = False
    free_threaded: bool = False
    keep_source: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPython:
    """One Python: ``state`` is ``installed``, ``present`` or ``planned``; ``asked`` the words for it."""

    key: str
    name: str
    version: str
    path: str
    state: str
    asked: str
    origin: str = ""
    sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "name": self.name,
            "version": self.version,
            "path": self.path,
            "state": self.state,
            "asked": self.asked,
            "from": self.origin,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonInstallOutcome:
    """What was installed, what was there, and what could not be had; ``named`` are names in ``folder``.

    ``folder_on_path`` says whether a shell finds them.
    """

    pythons: tuple[InstalledPython, ...]
    problems: tuple[Problem, ...] = ()
    named: tuple[Named, ...] = ()
    folder: str = ""
    folder_on_path: bool = True
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "pythons": [one.to_json() for one in self.pythons],
            "failed": [
                {"code": each.code, "what": each.what, "why": list(each.why)} for each in self.problems
            ],
            "programs": [{"path": one.path, "refused": one.refused or None} for one in self.named],
            "dry_run": self.dry_run,
        }


def python_install(context: Context, options: PythonInstallOptions) -> PythonInstallOutcome:
    """Install what is asked for. Problems of single ones are in the outcome; the others are installed."""
    from hutch.interpreters.managed import Pythons
    from hutch.ops.searching import managed_pythons

    start = time.monotonic()
    pythons = Pythons(managed_pythons(context))
    if not options.dry_run:
        pythons.settle()
    if options.build:
        done, problems = _built(context, pythons, options)
    else:
        done, problems = _fetched(context, pythons, options)
    named, folder = _name(context, pythons, done, options)
    if not options.dry_run:
        from hutch.ops.python_shim import renew_shims

        renew_shims(context)
    return PythonInstallOutcome(
        pythons=tuple(done),
        problems=tuple(problems),
        named=tuple(named),
        folder=folder,
        folder_on_path=folder in context.environ.get("PATH", "").split(os.pathsep),
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _fetched(
    context: Context, pythons: Pythons, options: PythonInstallOptions
) -> tuple[list[InstalledPython], list[Problem]]:
    """Ready-made ones, from archives and from the table."""
    if options.configure or options.jobs or options.debug or options.free_threaded or options.keep_source:
        raise UsageProblem(
            "--configure, --jobs, --debug, --free-threaded and --keep-source go with --build",
            hint="a ready-made free-threaded Python is hutch python install 3.13t",
        )
    archives = [words for words in options.requests if is_archive(context, words)]
    words = [words for words in options.requests if words not in archives]
    sha256 = _checked_hash(options, archives, words)
    done: list[InstalledPython] = []
    problems: list[Problem] = []
    for path in archives:
        try:
            done.append(_from_archive(context, pythons, context.path(path), options, sha256))
        except Problem as problem:
            problems.append(problem)
    if words or not options.requests:
        more, failed = _from_table(context, pythons, words, options, sha256)
        done += more
        problems += failed
    return done, problems


def _built(
    context: Context, pythons: Pythons, options: PythonInstallOptions
) -> tuple[list[InstalledPython], list[Problem]]:
    """Compiled here, one after the other."""
    from hutch.ops.python_build import BuildOptions, build_interpreter, plan_build

    if not options.requests:
        raise UsageProblem(
            "--build needs to know what to build", hint="hutch python install --build ./Python-3.13.5.tar.xz"
        )
    how = BuildOptions(
        configure=options.configure,
        jobs=options.jobs,
        debug=options.debug,
        free_threaded=options.free_threaded,
        keep_source=options.keep_source,
        sha256=_checked_hash(options, [], list(options.requests)),
        allow_unverified=options.allow_unverified,
        reinstall=options.reinstall,
    )
    done: list[InstalledPython] = []
    problems: list[Problem] = []
    for words in options.requests:
        if options.dry_run:
            key, name, version = plan_build(context, words, how)
            path = pythons.path(key) if key else pythons.root
            done.append(
                InstalledPython(key=key, name=name, version=version, path=path, state="planned", asked=words)
            )
            continue
        try:
            installed, is_new = build_interpreter(context, pythons, words, how)
        except Problem as problem:
            problems.append(problem)
        else:
            done.append(_told(installed, "installed" if is_new else "present", words))
    return done, problems


def is_archive(context: Context, words: str) -> bool:
    """Whether a request is the path of an archive: it ends as one does, and is there or looks like a path."""
    from hutch.interpreters.managed.builds import archive_form

    if archive_form(words) is None:
        return False
    return "/" in words or os.sep in words or os.path.isfile(context.path(words))


def _checked_hash(options: PythonInstallOptions, archives: list[str], words: list[str]) -> str | None:
    if options.sha256 is None:
        return None
    from hutch.spec import InvalidHash, parse_hash

    if len(archives) + len(words) != 1:
        raise UsageProblem("--sha256 is about one archive", hint="name one version, or one file")
    text = options.sha256.strip()
    try:
        algorithm, digest = parse_hash(text if ":" in text or "=" in text else f"sha256:{text}")
    except InvalidHash as error:
        raise UsageProblem("--sha256 takes 64 hexadecimal digits", why=text[:100]) from error
    if algorithm != "sha256":
        raise UsageProblem("--sha256 takes 64 hexadecimal digits", why=text[:100])
    return digest


def _from_archive(
    context: Context, pythons: Pythons, path: str, options: PythonInstallOptions, sha256: str | None
) -> InstalledPython:
    from hutch.interpreters.managed import host_here, read_table
    from hutch.interpreters.managed.table import newest_table
    from hutch.ops.pythons.installing import install_local

    if not os.path.isfile(path):
        raise UsageProblem(f"there is no archive {path}")
    host = host_here()
    # What the table says of a file of this name holds for one on this disk, too.
    name = os.path.basename(path)
    table = read_table(newest_table(pythons.root), host, context.store)
    build = next((each for each in table if each.filename == name), None)
    expected = sha256 or (build.sha256 if build is not None else None)
    present = pythons.find(build.key) if build is not None else None
    if present is not None and not options.reinstall:
        return _told(present, "present", path)
    if options.dry_run:
        return InstalledPython(
            key=build.key if build else "",
            name=build.describe() if build else name,
            version=build.version if build else "",
            path=pythons.path(build.key) if build else pythons.root,
            state="planned",
            asked=path,
            origin=path,
            sha256=expected or "",
        )
    installed = install_local(context, pythons, host, path, build=build, sha256=expected)
    return _told(installed, "installed", path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """One request: what is there already for it, or else the build that is to be installed."""

    words: str
    present: Installed | None = None
    build: Build | None = None


def _from_table(
    context: Context,
    pythons: Pythons,
    words: list[str],
    options: PythonInstallOptions,
    sha256: str | None,
) -> tuple[list[InstalledPython], list[Problem]]:
    from hutch.ops.pythons.installing import Wish, install_builds

    wanted = _Wanted(context, pythons, options)
    meant, problems = wanted.all(words)
    done = [_told(one.present, "present", one.words) for one in meant if one.present is not None]
    builds = {one.build.key: one for one in meant if one.build is not None}
    if options.dry_run:
        planned = (_planned(pythons, one.build, one.words) for one in builds.values() if one.build)
        return [*done, *planned], problems
    wishes = [
        Wish(build=one.build, sha256=sha256, reinstall=options.reinstall)
        for one in builds.values()
        if one.build
    ]
    if wishes:
        outcome = install_builds(
            context, pythons, wanted.found, wishes, allow_unverified=options.allow_unverified
        )
        for key, one in builds.items():
            result = outcome[key]
            if isinstance(result, Problem):
                problems.append(result)
            else:
                done.append(_told(result, "installed", one.words))
    return done, problems


class _Wanted:
    """What the words of a call mean. The table is read when the first of them needs it."""

    def __init__(self, context: Context, pythons: Pythons, options: PythonInstallOptions) -> None:
        self._context = context
        self._pythons = pythons
        self._reinstall = options.reinstall
        self._found: Available | None = None

    @property
    def found(self) -> Available:
        """The table, and where things come from."""
        if self._found is None:
            from hutch.ops.pythons.available import available

            self._found = available(self._context, refresh=self._context.configuration.refresh)
        return self._found

    def all(self, words: list[str]) -> tuple[list[_Meant], list[Problem]]:
        """Each request, and what is wrong with those that cannot be served."""
        from hutch.ops.pythons.asking import pinned_words, version_request

        requests: list[tuple[str, PythonRequest | None, Specifiers]] = []
        if words:
            # What is no version is a mistake of this call, which then does nothing.
            for text in dict.fromkeys(words):
                requests.append((text, version_request(text), ()))
        else:
            pins, requires = pinned_words(self._context)
            requests = [
                (text, request, requires if request is None else ()) for text, request in self._versions(pins)
            ]
            if not requests:
                requests = [("requires-python" if requires else "the newest", None, requires)]
        meant: list[_Meant] = []
        problems: list[Problem] = []
        for text, request, requires_python in requests:
            try:
                meant.append(self._one(text, request, requires_python))
            except Problem as problem:
                problems.append(problem)
        return meant, problems

    def _versions(self, pins: list[tuple[str, str]]) -> list[tuple[str, PythonRequest | None]]:
        """The pins that are versions; of others it is said that they are passed over."""
        from hutch.events import Notice
        from hutch.ops.pythons.asking import version_request

        found: list[tuple[str, PythonRequest | None]] = []
        for text, origin in pins:
            try:
                found.append((text, version_request(text)))
            except Problem:
                place = self._context.emit
                place(
                    Notice(
                        f"{origin} names {text}, which is no version to install: passed over", warning=True
                    )
                )
        return found

    def _one(self, text: str, request: PythonRequest | None, requires_python: Specifiers) -> _Meant:
        from hutch.ops.pythons.asking import build_for, installed_for
        from hutch.ops.pythons.available import available, look_for_newer

        present = installed_for(self._pythons, request, requires_python)
        if present and not self._reinstall:
            return _Meant(words=text, present=present[0])
        if present:
            # The very one again, not a newer patch.
            for build in self.found.builds:
                if build.key == present[0].key:
                    return _Meant(words=text, build=build)
        try:
            return _Meant(words=text, build=build_for(self.found, request, requires_python, words=text))
        except Problem:
            if self.found.fixed or not look_for_newer(self._context, self._pythons.root, self.found.host):
                raise
        self._found = available(self._context)
        return _Meant(words=text, build=build_for(self.found, request, requires_python, words=text))


def _told(one: Installed, state: str, words: str) -> InstalledPython:
    return InstalledPython(
        key=one.key,
        name=one.describe(),
        version=one.version,
        path=one.path,
        state=state,
        asked=words,
        origin=one.origin,
        sha256=one.sha256,
    )


def _planned(pythons: Pythons, build: Build, words: str) -> InstalledPython:
    return InstalledPython(
        key=build.key,
        name=build.describe(),
        version=build.version,
        path=pythons.path(build.key),
        state="planned",
        asked=words,
        origin=build.url,
        sha256=build.sha256 or "",
    )


def _name(
    context: Context, pythons: Pythons, done: list[InstalledPython], options: PythonInstallOptions
) -> tuple[list[Named], str]:
    """Names in the user's folder of programs, where they are asked for: ``--default`` names the first."""
    if not (options.bin or options.default) or options.dry_run:
        return [], ""
    from hutch.interpreters.managed import CannotInstall, name_programs, programs_folder

    folder = programs_folder(context.environ, context.configuration.directories.home)
    if folder is None:
        raise CannotInstall("~/.local/bin", "there is no home directory")
    named: list[Named] = []
    for number, one in enumerate(done):
        installed = pythons.find(one.key)
        if installed is None:
            continue
        try:
            named += name_programs(pythons, installed, folder, default=options.default and number == 0)
        except OSError as error:
            raise CannotInstall(str(error.filename or folder), error.strerror or str(error)) from error
    return named, folder
