"""``hutch init``: start a project; nothing that exists is overwritten."""

from __future__ import annotations

import os
import re

from hutch.errors import Problem, UsageProblem
from hutch.ops.checkout import MANIFEST, write_text
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["InitOptions", "InitOutcome", "ProjectExists", "init"]


class ProjectExists(Problem):
    """There is a manifest already."""

    code = "project-exists"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"there is a project here already: {path}", hint="hutch add NAME adds a package to it"
        )


class ScriptExists(Problem):
    """The script has metadata already."""

    code = "script-exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has inline metadata already", hint=f"hutch add --script {name} NAME adds a package to it"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """The options of ``init``; ``channel`` and ``platform`` are for a project with packages of conda."""

    path: str | None = None
    app: bool = False
    lib: bool = False
    name: str | None = None
    script: str | None = None
    conda: bool = False
    channel: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOutcome:
    """``files`` are relative to ``path``; ``workspace`` is the root of the one that it is a member of."""

    path: str
    name: str
    files: tuple[str, ...]
    workspace: str | None = None
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "name": self.name,
            "files": list(self.files),
            "workspace": self.workspace,
            "dry_run": self.dry_run,
        }


def _tell_passed_over(context: Context, root: str) -> None:
    from hutch.events import Notice
    from hutch.ops.manifests import others_in

    for name in others_in(root, MANIFEST)[:1]:
        text = f"{name} lies here and counts no more: hutch import, instead of init, takes over what it says"
        context.emit(Notice(text, warning=True))


def init(context: Context, options: InitOptions) -> InitOutcome:
    """Write a manifest and a first module; or the block of metadata of a script."""
    for word in ("channel", "platform"):
        if getattr(options, word) and not options.conda:
            raise UsageProblem(f"--{word} is about packages of conda", hint="hutch init --conda")
    if options.script is not None:
        return _init_script(context, options.script, dry_run=options.dry_run)
    root = context.path(options.path or ".")
    if os.path.exists(os.path.join(root, MANIFEST)):
        raise ProjectExists(os.path.join(root, MANIFEST))
    if os.path.exists(root) and not os.path.isdir(root):
        raise UsageProblem(f"{root} is a file", hint="give the path of a directory")
    name = _name(options.name, os.path.basename(root))
    files = {
        path: text
        for path, text in _files(context, name, library=options.lib, conda=options.conda).items()
        if not os.path.exists(os.path.join(root, path))
    }
    if options.conda:
        files[MANIFEST] += _conda_table(context, options)
    if not options.dry_run:
        for path, text in files.items():
            target = os.path.join(root, path)
            above = os.path.dirname(target)
            try:
                os.makedirs(above, exist_ok=True)
            except OSError as error:
                raise UsageProblem(f"cannot make {above}", why=error.strerror or str(error)) from None
            write_text(target, text)
        _tell_passed_over(context, root)
    workspace = _join_workspace(root, dry_run=options.dry_run)
    return InitOutcome(path=root, name=name, files=tuple(files), workspace=workspace, dry_run=options.dry_run)


def _conda_table(context: Context, options: InitOptions) -> str:
    """``[tool.hutch.conda]`` with channels and platforms, so that it means the same to everybody."""
    from hutch.conda import subdir_here
    from hutch.net import hide_credentials
    from hutch.ops.channels import configured_channels
    from hutch.project.conda_settings import is_selector
    from hutch.spec import safe_text

    for channel in options.channel:
        if hide_credentials(channel) != channel or "/t/" in channel.partition("://")[2]:
            raise UsageProblem(
                "--channel: the address has a password or a token in it",
                hint="hutch auth login keeps those; name the address without",
            )
    for platform in options.platform:
        if not is_selector(platform) or "-" not in platform:
            raise UsageProblem(
                f"--platform: {safe_text(platform)} is no platform of conda",
                hint="linux-64, linux-aarch64, osx-64, osx-arm64, win-64",
            )
    # An address or a folder of this machine is for nobody else.
    usual = [name for name in configured_channels(context) if "/" not in name and "\\" not in name]
    lines = ["", "[tool.hutch.conda]"]
    for key, words in (
        ("channels", options.channel or tuple(usual)),
        ("platforms", options.platform or (subdir_here(),)),
    ):
        if words:
            lines.append(f"{key} = [{', '.join(_quoted(word) for word in dict.fromkeys(words))}]")
    lines += ["dependencies = [", '    "python",', "]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)


def _join_workspace(directory: str, *, dry_run: bool) -> str | None:
    """The workspace around a new project; where no pattern of its means the folder, that is added."""
    from hutch.ops.checkout import read_text
    from hutch.ops.workspace import outer_workspace
    from hutch.project import add_member

    outer = outer_workspace(directory)
    if outer is None:
        return None
    root, table = outer
    member = os.path.relpath(directory, root).replace(os.sep, "/")
    if table.excludes(member):
        return None
    if not table.admits(member) and not dry_run:
        path = os.path.join(root, MANIFEST)
        write_text(path, add_member(read_text(path), member))
    return root


def _init_script(context: Context, shown: str, *, dry_run: bool) -> InitOutcome:
    """A script with a block, or the block for a script that has none."""
    from hutch.ops.checkout import read_text
    from hutch.project import add_block, find_block

    path = context.path(shown)
    if os.path.isdir(path):
        raise UsageProblem(f"{shown} is a directory", hint="give the path of a script, such as report.py")
    exists = os.path.exists(path)
    text = read_text(path) if exists else SCRIPT
    if exists and find_block(text, shown) is not None:
        raise ScriptExists(shown)
    made = add_block(text, f">={_python(context)}")
    if not dry_run:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageProblem(f"cannot make {os.path.dirname(path)}", why=why) from None
        write_text(path, made)
    name = os.path.basename(path)
    return InitOutcome(path=os.path.dirname(path), name=name, files=(name,), dry_run=dry_run)


def _name(given: str | None, text: str) -> str:
    """The name that was given, or a valid one from the name of the directory."""
    from hutch.spec import is_valid_name

    if given is not None:
        if not is_valid_name(given):
            raise UsageProblem(
                f"--name: {given!r} cannot be the name of a project",
                why="a name has ASCII letters, digits, '-', '_' and '.', and begins and ends with a letter or"
                " digit",
            )
        return given
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    if not name or not is_valid_name(name):
        raise UsageProblem(f"{text!r} gives no project name", hint="name it: --name shop")
    return name


def _files(context: Context, name: str, *, library: bool, conda: bool) -> dict[str, str]:
    from hutch.project import render_app, render_library

    requires_python = f">={_python_of_conda(context) if conda else _python(context)}"
    module = re.sub(r"[^a-z0-9_]", "_", name.lower())
    if module[:1].isdigit():
        module = f"_{module}"
    if library:
        return {
            MANIFEST: render_library(name, requires_python=requires_python),
            "README.md": f"# {name}\n",
            f"src/{module}/__init__.py": (
                f'"""What {name} does."""\n\n\ndef hello() -> str:\n    """Say hello."""\n'
                f'    return "Hello from {name}"\n'
            ),
            f"src/{module}/py.typed": "",
            ".gitignore": GITIGNORE,
        }
    return {
        MANIFEST: render_app(name, requires_python=requires_python),
        "README.md": f"# {name}\n\n    hutch run main.py\n",
        "main.py": (
            f'def main() -> None:\n    print("Hello from {name}")\n\n\n'
            'if __name__ == "__main__":\n    main()\n'
        ),
        ".gitignore": GITIGNORE,
    }


SCRIPT = """\
def main() -> None:
    print("Hello")


if __name__ == "__main__":
    main()
"""
GITIGNORE = "__pycache__/\n*.egg-info/\n/.venv\n/.venv-*/\n/.python-envs\n/build/\n/dist/\n"


def _python(context: Context) -> str:
    """``3.12``: the lowest Python that the project asks for, which is the one that it begins with."""
    from hutch.ops.interpreter import any_interpreter

    interpreter = any_interpreter(context, None)
    return f"{interpreter.python[0]}.{interpreter.python[1]}"


def _python_of_conda(context: Context) -> str:
    """Likewise where the Python is a package: what is asked for, here or not; else that of hutch."""
    import sys

    asked = re.match(r"(\d+)\.(\d+)", context.configuration.python or "")
    major, minor = asked.groups() if asked is not None else sys.version_info[:2]
    return f"{major}.{minor}"
