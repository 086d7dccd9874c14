"""``hutch ide``: an editor is told of the environment, in its own settings or in words to paste.

What is in the settings already stays as it is, comments and all. PyCharm keeps the interpreters that it knows
in a table of its own, outside of the project; a project's file only names one of them, so writing it would
point at nothing, and hutch says where to paste the path instead.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["IdeOptions", "PycharmOutcome", "VscodeOutcome", "pycharm", "vscode"]

LARGEST = 4 << 20


class InvalidSettings(Problem):
    """The editor's settings cannot be read, so they are left as they are."""

    code = "invalid-editor-settings"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"{path} is left as it is", why=why, hint="hutch ide vscode --print shows what belongs into it"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeOptions:
    """The options of ``ide``: ``print`` shows what to paste, and writes nothing."""

    print: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VscodeOutcome:
    """The file, and which of its members were (or would be) set to what."""

    file: str
    interpreter: str
    settings: Mapping[str, Any]
    changed: Mapping[str, Any]
    print: bool = False
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "interpreter": self.interpreter,
            "settings": dict(self.settings),
            "changed": dict(self.changed),
            "dry_run": self.dry_run or self.print,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PycharmOutcome:
    """The path to paste."""

    interpreter: str
    environment: str

    def to_json(self) -> dict[str, Any]:
        return {"interpreter": self.interpreter, "environment": self.environment, "changed": {}}


def pycharm(context: Context, options: IdeOptions) -> PycharmOutcome:
    """What to paste into PyCharm; nothing is written."""
    from hutch.ops.activate import present_for_activation

    environment = present_for_activation(context)
    return PycharmOutcome(interpreter=environment.executable, environment=environment.root)


def vscode(context: Context, options: IdeOptions) -> VscodeOutcome:
    """Have VS Code use the environment, by the settings of the project's folder."""
    from hutch.ops.activate import present_for_activation
    from hutch.project.jsonc import JsoncFault, parse_jsonc, set_keys

    environment = present_for_activation(context)
    home = context.root or context.directory
    path = os.path.join(home, ".vscode", "settings.json")
    shown = os.path.relpath(path, context.directory)
    text = _read(home, path, shown)
    try:
        present = parse_jsonc(text) if text.strip("\ufeff \t\r\n") else {}
        if not isinstance(present, dict):
            raise InvalidSettings(shown, "it holds no object")
        wanted = _wanted(context, environment, home, present)
        changed = {
            name: value
            for name, value in wanted.items()
            if name not in present or present[name] != value or type(present[name]) is not type(value)
        }
        edited = set_keys(text, changed) if changed else text
    except JsoncFault as fault:
        why = f"line {fault.line}, column {fault.column}: {fault.what}"
        raise InvalidSettings(shown, why) from None
    if changed and not options.dry_run and not options.print:
        _write(path, shown, edited)
    return VscodeOutcome(
        file=path,
        interpreter=environment.executable,
        settings=wanted,
        changed=changed,
        print=options.print,
        dry_run=options.dry_run,
    )


def _wanted(
    context: Context, environment: Environment, home: str, present: Mapping[str, Any]
) -> dict[str, Any]:
    """The members that tell VS Code of the environment; what somebody has decided otherwise stays."""
    executable, inside = environment.executable, os.path.join(home, "")
    if executable.startswith(inside):
        executable = "${workspaceFolder}/" + executable[len(inside) :].replace(os.sep, "/")
    wanted: dict[str, Any] = {
        "python.defaultInterpreterPath": executable,
        "python.terminal.activateEnvironment": True,
    }
    testing = ("python.testing.pytestEnabled", "python.testing.unittestEnabled")
    if not any(name in present for name in testing) and _has(environment, "pytest"):
        wanted[testing[0]] = True
    files = context.configuration.env_files
    if len(files) == 1 and files[0] != ".env" and "python.envFile" not in present:
        # .env is what it takes by itself, and of several it can take one.
        wanted["python.envFile"] = files[0] if os.path.isabs(files[0]) else "${workspaceFolder}/" + files[0]
    return wanted


def _has(environment: Environment, package: str) -> bool:
    places = dict.fromkeys((environment.purelib, environment.platlib))
    return any(
        os.path.exists(os.path.join(environment.root, each, package, "__init__.py")) for each in places
    )


def _read(home: str, path: str, shown: str) -> str:
    """The text of the settings; empty where there are none."""
    from hutch.plain import read_plain

    real = os.path.realpath(path)
    if not real.startswith(os.path.join(os.path.realpath(home), "")):
        raise InvalidSettings(shown, f"it leads out of the project, to {real}")
    try:
        return read_plain(path, LARGEST).decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InvalidSettings(shown, "it is not UTF-8") from None
    except OSError as error:
        raise InvalidSettings(shown, error.strerror or str(error)) from error


def _write(path: str, shown: str, text: str) -> None:
    import stat

    from hutch.store.disk import write_atomic

    path = os.path.realpath(path)  # a link within the project stays one
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else None
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_atomic(path, text.encode("utf-8"))
        if mode is not None:
            os.chmod(path, mode)
    except OSError as error:
        raise InvalidSettings(shown, f"it cannot be written: {error.strerror or error}") from error
