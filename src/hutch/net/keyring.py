"""The system's keyring, through the program ``keyring``: in a process of its own, and not for ever.

Keyrings wait: for a window that asks to be unlocked, for a bus that is not there. So nobody asks one before
a server has refused, there is a limit of time, the program gets no terminal and no input but the password
that it shall keep, and where nobody sits at a terminal it is not started at all, unless that was asked for.
What it answers is never shown.
"""

from __future__ import annotations

import os

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KeyringAnswer", "KeyringOptions", "KeyringProgram"]

_MOST_ANSWERED = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringOptions:
    """Whether the keyring is asked, and how.

    ``provider`` is pip's word: ``auto`` (where there is a ``terminal``), ``subprocess`` and ``import`` (also
    where there is none), ``disabled``. No program below the directories in ``apart`` is started: they are
    somebody else's. ``timeout`` is in seconds.
    """

    provider: str = "disabled"
    terminal: bool = False
    apart: tuple[str, ...] = ()
    timeout: float = 30.0
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringAnswer:
    """What came of a question: a user name and a password, or why there are none."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    missing: str = ""


class KeyringProgram:
    """The program, looked for when it is first needed. ``unusable`` says why it is not asked, if so."""

    def __init__(self, options: KeyringOptions) -> None:
        self._options = options
        self._path: str | None = None
        self.unusable = self._look()

    def _look(self) -> str:
        options = self._options
        if options.provider == "disabled":
            return "the keyring is switched off (keyring-provider)"
        self._path = self._find()
        if self._path is None:
            return "there is no program keyring on the PATH"
        if options.provider == "auto" and not options.terminal:
            return "the keyring is not asked without a terminal (--keyring-provider subprocess asks it)"
        return ""

    def _find(self) -> str | None:
        import shutil

        apart = [os.path.realpath(path) for path in self._options.apart]
        for folder in self._options.environ.get("PATH", "").split(os.pathsep):
            if not os.path.isabs(folder):
                continue
            found = shutil.which("keyring", path=folder)
            if found and not any(_is_below(os.path.realpath(place), apart) for place in (folder, found)):
                return found
        return None

    def get(self, services: Sequence[str], username: str | None) -> KeyringAnswer:
        """The password of the first of ``services`` that has one, for ``username`` or whoever it has."""
        if self.unusable:
            # Whoever has no keyring, or wants none, need not be told so each time.
            told = self._path is not None or self._options.provider in ("subprocess", "import")
            return KeyringAnswer(missing=self.unusable if told else "")
        for service in services:
            words = ("get", service, username) if username else ("--mode", "creds", "get", service)
            code, out = self._run(words)
            if code == 0 and out:
                user, _, password = ("", "", out) if username else out.partition("\n")
                password = password.removesuffix("\n").removesuffix("\r")
                if password and "\n" not in password:
                    return KeyringAnswer(username=username or user.removesuffix("\r"), password=password)
            if code is None:
                return KeyringAnswer(missing=out)
        return KeyringAnswer(missing="the keyring has no password for it")

    def set(self, service: str, username: str, password: str) -> str:
        """Keep a password; gives why it could not be kept, or nothing."""
        if self.unusable:
            return self.unusable
        code, out = self._run(("set", service, username), given=password)
        if code is None:
            return out
        # A backend that keeps nothing may say that all is well.
        if code != 0 or self.get((service,), username).password != password:
            return "the keyring did not keep it"
        return ""

    def delete(self, service: str, username: str) -> str:
        """Forget a password; gives why that failed, or nothing."""
        if self.unusable:
            return self.unusable
        code, out = self._run(("del", service, username))
        return out if code is None else "" if code == 0 else "the keyring did not forget it"

    def _run(self, words: Sequence[str], given: str = "") -> tuple[int | None, str]:
        """(exit code, output); (None, why) where it did not answer. What it says on stderr goes nowhere."""
        import subprocess

        assert self._path is not None
        windows = os.name == "nt"
        names = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW") if windows else ()
        try:
            process = subprocess.Popen(
                [self._path, *words],
                cwd=os.path.dirname(self._path),
                env=clean(self._options.environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=not windows,
                creationflags=sum(getattr(subprocess, name, 0) for name in names),
            )
        except OSError as error:
            return None, f"the program keyring cannot be started ({error.strerror or 'it is not a program'})"
        with process:
            try:
                out, _ = process.communicate(given.encode(), timeout=self._options.timeout)
            except subprocess.TimeoutExpired:
                return None, f"the keyring gave no answer within {self._options.timeout:g} seconds"
            finally:
                if process.poll() is None:
                    _end(process)
        try:
            return process.returncode, out[:_MOST_ANSWERED].decode()
        except UnicodeDecodeError:
            return None, "the keyring's answer is not text"


def _end(process: object) -> None:
    """End the program with all that it started."""
    pid: int = process.pid  # type: ignore[attr-defined]
    if os.name == "nt":
        process.kill()  # type: ignore[attr-defined]
        return
    import signal

    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass  # it is over


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for it: all that a keyring may be found by, and none that speak of this Python or that
    hold the passwords of indexes."""
    left = ("PYTHON", "HUTCH_", "PIP_", "UV_", "POETRY_", "PDM_", "TWINE_", "VIRTUAL_ENV", "LD_PRELOAD")
    kept = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(left) or name.upper() == "PYTHON_KEYRING_BACKEND"
    }
    kept.update(PYTHONSAFEPATH="1", PYTHONIOENCODING="utf-8", PYTHONUTF8="1")
    return kept
