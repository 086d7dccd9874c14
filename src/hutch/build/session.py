"""One source tree, one environment, one log: the calls of the backend, and their failures in our words.

PEP 517 is spoken through `pyproject_hooks`; its process is started by us (`process.py`), with variables
chosen by us (`variables.py`). Nothing of `pyproject_hooks` or `subprocess` leaves this page.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hutch.build.backend import BuildSystem, read_build_system, read_pyproject
from hutch.build.diagnosis import hint_for
from hutch.build.editable_static import asks_for_nothing
from hutch.build.environment import BuildEnvironment, BuildEnvironments, BuildOptions
from hutch.build.problems import (
    BuildFailed,
    BuildForbidden,
    NoEditable,
    NoSandbox,
    NotASource,
    WrongProject,
    display,
    has_more_than_shown,
)
from hutch.build.process import Surroundings, read_tail, run_logged
from hutch.build.scratch import read_left
from hutch.build.variables import build_variables

if TYPE_CHECKING:
    from pyproject_hooks import BuildBackendHookCaller

    from hutch.build.process import Ended
    from hutch.build.sandbox import SandboxReport

__all__ = ["MissingHook", "Session", "no_editable", "open_session", "require_project"]

T = TypeVar("T")
MOST_KEPT = 16 * 1024 * 1024
"""Bytes of the output of a failed build that are kept, from its end."""
MOST_ANSWERED = 16 * 1024 * 1024
"""Bytes in the answer of a hook: a name, or a list of requirements."""


class MissingHook(Exception):
    """The backend does not have an optional hook. Never leaves this room."""


class _Stopped(Exception):
    """The process of a hook ended badly."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.code)
        self.ended = ended


class Session:
    """The backend of ``source``, ready to be called. Made by `open_session`."""

    def __init__(
        self,
        source: Path,
        system: BuildSystem,
        environment: BuildEnvironment,
        options: BuildOptions,
        scratch: Path,
    ) -> None:
        self.source = source
        self.system = system
        self.options = options
        self.scratch = scratch
        self.what = options.what or source.name
        self._environment = environment
        self._log = scratch / "build.log"
        home, temporary = scratch / "home", scratch / "tmp"
        if not home.exists():  # once a build has been there, nothing is put into it: there may be links
            home.mkdir(mode=0o700)
            temporary.mkdir(mode=0o700)
            _trust_checkout(source, home)
            if not options.sandbox.network:
                _lend_crates(home)
        self._variables = build_variables(
            os.environ, home=str(home), temporary=str(temporary), passed=options.passed
        )
        self._variables.update(environment.variables)
        self._report: SandboxReport | None = None

    def call(self, step: str, hook: Callable[[BuildBackendHookCaller], T]) -> T:
        """Call one hook. Raises BuildFailed, and MissingHook where an optional hook is not there."""
        import pyproject_hooks

        try:
            return hook(self._caller())
        except pyproject_hooks.HookMissing as error:
            raise MissingHook(error.hook_name) from None
        except pyproject_hooks.BackendUnavailable as error:
            with open(self._log, "a", encoding="utf-8", errors="replace") as log:
                log.write(f"\n{error.traceback}")
            raise self._failed(step, f"its build backend {self.system.backend} cannot be imported") from None
        except pyproject_hooks.UnsupportedOperation as error:
            with open(self._log, "a", encoding="utf-8", errors="replace") as log:
                log.write(f"\n{error.traceback}")
            raise self._failed(step, f"its backend says that it cannot do `{step}`") from None
        except _Stopped as stopped:
            raise self._stopped(step, stopped.ended) from None
        except FileNotFoundError as error:
            # The backend left without an answer (`os._exit`), or the environment lost its interpreter.
            raise self._failed(step, f"`{step}` gave no answer") from error
        except OSError as error:
            reason = f"`{step}` could not be started: {error.strerror or error}"
            raise self._failed(step, reason) from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise self._failed(step, f"`{step}` gave an answer that cannot be read") from error

    def _stopped(self, step: str, ended: Ended) -> BuildFailed | NoSandbox:
        code = ended.code
        if ended.stopped == "sandbox" and ended.report is not None:
            return NoSandbox(self.what, ended.report)
        if ended.stopped == "time":
            reason = f"`{step}` took longer than {self.options.seconds:g} seconds"
            return self._failed(step, reason, more="build-timeout = SECONDS in [tool.hutch] gives it longer")
        if ended.stopped == "output" or code is None:
            return self._failed(step, f"`{step}` said more than a gigabyte")
        if code < 0:
            from hutch.interpreters.failures import signal_name

            return self._failed(step, f"`{step}` was ended by {signal_name(-code)}", code=code)
        return self._failed(step, f"`{step}` ended with exit code {code}", code=code)

    def failed(self, step: str, reason: str) -> BuildFailed:
        """The backend did what it was asked, and what came of it is wrong."""
        return self._failed(step, reason)

    def built_file(self, step: str, directory: Path, answer: object, endings: tuple[str, ...]) -> Path:
        """The file that a hook says it wrote into ``directory``, checked: there, alone, of the right kind."""
        if not isinstance(answer, str) or answer != os.path.basename(answer) or answer in ("", ".", ".."):
            raise self._failed(step, f"`{step}` named a file outside of its directory: {display(answer)}")
        path = directory / answer
        if not answer.endswith(endings):
            raise self._failed(step, f"`{step}` wrote {display(answer)}, which is no {endings[0]} file")
        # These are false, and no error, for a name that no file can have.
        if os.path.islink(path) or not os.path.isfile(path):
            raise self._failed(step, f"`{step}` says that it wrote {display(answer)}, which is not there")
        if path.suffix == ".whl":
            self._check_wheel_name(step, answer)
        return path

    def _check_wheel_name(self, step: str, filename: str) -> None:
        from hutch.spec import InvalidWheelName, parse_wheel_name

        try:
            name = parse_wheel_name(filename)
        except InvalidWheelName as problem:
            raise self._failed(step, f"`{step}` wrote {display(filename)}: {problem.reason}") from None
        require_project(self.options, self.what, name.name, name.version)

    def _caller(self) -> BuildBackendHookCaller:
        import warnings

        import pyproject_hooks

        # A backend's warnings are in the log as well; they are no warnings of this program.
        warnings.filterwarnings("ignore", category=pyproject_hooks.BuildBackendWarning)
        return pyproject_hooks.BuildBackendHookCaller(
            str(self.source),
            self.system.backend,
            list(self.system.backend_path) or None,
            runner=self._run,
            python_executable=self._environment.python,
        )

    def _run(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        # The hook's script may be read, and the directory that it answers in be written to.
        paths = [word for word in cmd[1:] if os.path.isabs(word)]
        ended = run_logged(
            cmd,
            directory=cwd or str(self.source),
            variables={**self._variables, **(extra_environ or {})},
            log=self._log,
            seconds=self.options.seconds,
            surroundings=self._surroundings(paths),
        )
        self._report = ended.report
        if ended.code != 0:
            raise _Stopped(ended)
        for path in paths:
            answer = os.path.join(path, "output.json")
            if os.path.lexists(answer):
                self._check_answer(answer)

    def _check_answer(self, path: str) -> None:
        """What the hook answered will be read as a whole: it has to be a file, and not a large one."""
        try:
            size = len(read_left(path, MOST_ANSWERED + 1))
        except OSError as error:
            raise ValueError(str(error)) from None
        if size > MOST_ANSWERED:
            raise ValueError("the answer is too large")

    def _surroundings(self, paths: Sequence[str] = ()) -> Surroundings:
        """What of the disk is this build's own. The scratch directory itself is not: the log lies there."""
        from hutch.build.sandbox import source_roots

        environment = self._environment
        own = [entry.path for entry in os.scandir(self.scratch) if entry.is_dir(follow_symlinks=False)]
        readable: tuple[str, ...] = ()
        protected: tuple[str, ...] = ()
        if not self.source.is_relative_to(self.scratch):
            own.append(str(self.source))
            readable, protected = source_roots(str(self.source), os.environ)
        return Surroundings(
            sandbox=self.options.sandbox,
            python=environment.python,
            readable=(*readable, *environment.readable, *(one for one in paths if not os.path.isdir(one))),
            writable=(*own, *(one for one in paths if os.path.isdir(one))),
            bytecode=environment.bytecode,
            protected=protected,
        )

    def _policy_name(self) -> str:
        """The name by which a setting can speak of what is built."""
        from hutch.spec import is_valid_name, normalize

        name = self.options.name or self.what
        return str(normalize(name)) if is_valid_name(name) else ""

    def _kept_log(self, output: str) -> str:
        """Where the output is kept, if not all of it is shown; the one of the last failure stays."""
        if not self.options.logs or not has_more_than_shown(output):
            return ""
        name = "".join(char if char.isalnum() or char in "-._" else "-" for char in self.what).strip(".-")
        path = os.path.join(self.options.logs, f"{name[-100:] or 'build'}.log")
        near = f"{path}.{os.getpid()}"
        try:
            os.makedirs(self.options.logs, exist_ok=True)
            with open(near, "xb") as file:
                file.write(read_left(self._log, MOST_KEPT, tail=True))
            os.replace(near, path)
        except OSError:
            return ""
        return path

    def _failed(self, step: str, reason: str, code: int | None = None, more: str = "") -> BuildFailed:
        from hutch.build.refusals import refusal_hints

        output = read_tail(self._log)
        hints = [hint_for(output), more]
        if self._report is not None:
            from hutch.build.sandbox.roots import hidden_places, system_roots

            around = self._surroundings()
            hints += refusal_hints(
                output,
                self._report,
                name=self._policy_name(),
                own=(str(self.scratch), *around.writable),
                readable=(*system_roots(), *around.readable),
                hidden=hidden_places(os.environ),
            )
        return BuildFailed(
            self.what,
            reason,
            step=step,
            backend=self.system.backend,
            output=output,
            returncode=code,
            log=self._kept_log(output),
            hint=tuple(hint for hint in hints if hint),
        )


@contextmanager
def open_session(
    source: Path,
    kind: str,
    environments: BuildEnvironments | None,
    options: BuildOptions,
    scratch: Path,
) -> Iterator[Session]:
    """A session for ``kind`` (``wheel``, ``sdist`` or ``editable``), in an environment that holds all that
    the build system, the options and the backend itself ask for."""
    what = options.what or source.name
    if options.forbidden or environments is None:
        raise BuildForbidden(what)
    if not source.is_dir():
        raise NotASource(str(source), "there is no such directory")
    source = Path(os.path.abspath(source))
    system = read_build_system(source)
    requires = tuple(dict.fromkeys((*system.requires, *options.requires)))
    with environments.needs(requires) as environment:
        session = Session(source, system, environment, options, scratch)
        more = asked_for(session, kind)
        missing = tuple(one for one in more if one not in requires)
        if not missing:
            yield session
            return
        with environments.needs((*requires, *missing)) as larger:
            yield Session(source, system, larger, options, scratch)


def asked_for(session: Session, kind: str) -> tuple[str, ...]:
    """What ``get_requires_for_build_<kind>`` says; not asked where the answer is known to be nothing."""
    if asks_for_nothing(session.system, read_pyproject(session.source)):
        return ()
    step = f"get_requires_for_build_{kind}"
    settings = dict(session.options.config_settings)
    try:
        answer: object = session.call(step, lambda caller: getattr(caller, step)(settings))
    except MissingHook:
        return ()
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        raise session.failed(step, f"`{step}` gave no list of requirements")
    from hutch.spec import InvalidRequirement, parse_requirement

    for one in answer:
        try:
            parse_requirement(one)
        except InvalidRequirement:
            raise session.failed(
                step, f"`{step}` asks for `{display(one)}`, which is no requirement"
            ) from None
    return tuple(dict.fromkeys(answer))


def no_editable(session: Session) -> NoEditable:
    """The problem that the backend has no PEP 660 hooks."""
    return NoEditable(session.what, session.system.backend)


def require_project(options: BuildOptions, what: str, name: str, version: str) -> None:
    """Raise WrongProject unless name and version are those that the options expect, if they do."""
    from hutch.spec import normalize, version_key

    expected = (normalize(options.name) if options.name else "", options.version)
    found = (normalize(name), version)
    same_name = not expected[0] or expected[0] == found[0]
    if same_name and (not expected[1] or version_key(expected[1]) == version_key(version)):
        return
    shown = f"{expected[0] or found[0]} {expected[1] or found[1]}"
    raise WrongProject(what, shown, f"{found[0]} {found[1]}")


def _trust_checkout(source: Path, home: Path) -> None:
    """git looks into no repository of another owner unless the configuration in the home says so, and that
    is not there in a build. One whose owner has the source as well is what was asked to be built."""
    for directory in (source, *source.parents) if hasattr(os, "geteuid") else ():
        try:
            owner = (directory / ".git").stat().st_uid
        except OSError:
            continue
        if owner == source.stat().st_uid != os.geteuid() and directory.as_posix().isprintable():
            quoted = str(directory).replace("\\", "\\\\").replace('"', '\\"')
            (home / ".gitconfig").write_text(f'[safe]\n\tdirectory = "{quoted}"\n', encoding="utf-8")
        return


def _lend_crates(home: Path) -> None:
    """What `cargo` has fetched before is there, without what else is in `~/.cargo` (credentials)."""
    real = os.environ.get("CARGO_HOME") or os.path.join(os.environ.get("HOME", ""), ".cargo")
    for name in ("registry", "git"):
        place, link = os.path.join(real, name), home / ".cargo" / name
        if os.path.isabs(place) and os.path.isdir(place):
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(place)
