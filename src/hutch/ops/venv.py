"""``hutch venv``: make a virtual environment."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = ["EnvironmentExists", "VenvOptions", "VenvOutcome", "activation", "venv"]


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")
"""What a shell takes as it is."""


class EnvironmentExists(Problem):
    """There is an environment already, and it was not to be emptied."""

    code = "environment-exists"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"there is an environment in {path} already",
            hint=("hutch sync brings it up to date", "--clear empties it and makes it anew"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VenvOptions:
    """The options of ``venv``."""

    path: str | None = None
    prompt: str | None = None
    system_site_packages: bool = False
    relocatable: bool = False
    clear: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VenvOutcome:
    """The environment that was made; ``activate`` is the line to type in the user's shell."""

    path: str
    version: str
    interpreter: str
    activate: str
    dry_run: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "path": self.path,
            "version": self.version,
            "interpreter": self.interpreter,
            "activate": self.activate,
            "dry_run": self.dry_run,
        }


def venv(context: Context, options: VenvOptions) -> VenvOutcome:
    """Make an environment in ``path``, or ``.venv``; only an environment is ever replaced."""
    from time import time

    from hutch.env import NotAnEnvironment, create_environment, is_unfinished, open_environment
    from hutch.ops.environments import LEFT_ALONE, first_environment, refuse_way_out
    from hutch.ops.redirects import make_known, make_room

    began = time()
    _pass_over_requirements(context)
    root = context.path(options.path or ".venv")
    if options.path is None and context.root is not None:
        _refuse_project_of_conda(context.checkout)
        root = os.path.join(context.checkout.home, ".venv")
        if context.configuration.environment_place == "central":
            root = first_environment(context, context.checkout)
            if not options.dry_run:
                make_room(context, context.checkout, root)
        refuse_way_out(root)
    occupied = not is_unfinished(root)
    if occupied:
        try:
            open_environment(root)
        except NotAnEnvironment as problem:
            problem.hints = (LEFT_ALONE, "hutch venv PATH makes one elsewhere")
            raise
        if not options.clear:
            raise EnvironmentExists(root)
    interpreter = _interpreter(context)
    if not options.dry_run:
        plain = options == VenvOptions(path=options.path) and not context.flags
        plain = plain and context.configuration.environment_place != "central"
        create_environment(
            root,
            interpreter,
            prompt=options.prompt or _prompt(context, os.path.basename(root) if options.path else ".venv"),
            system_site_packages=options.system_site_packages,
            relocatable=options.relocatable,
            clear=occupied,
        )
        if options.path is None and context.root is not None:
            make_known(context, context.checkout, root)
        from hutch.ops.trust import made_here

        made_here(context.environ, root, context.configuration.data_dir)
        if plain and not context.noticed:
            from hutch.ops.quick_venv import remember_venv

            remember_venv(context, interpreter, began)
    return VenvOutcome(
        path=root,
        version=interpreter.version,
        interpreter=interpreter.base_executable,
        activate=activation(context.directory, root, context.environ),
        dry_run=options.dry_run,
    )


def _refuse_project_of_conda(checkout: Checkout) -> None:
    """The environment of such a project has its Python from a channel."""
    from hutch.ops.conda_asked import asks_conda

    if asks_conda(checkout.manifest):
        raise Problem(
            "this project has packages of conda, and no virtual environment",
            why="its environment is a conda prefix, whose Python is one of its packages",
            hint=("hutch sync makes it", "hutch venv PATH makes a virtual environment elsewhere"),
        )


def _pass_over_requirements(context: Context) -> None:
    """A requirements file says nothing of a Python: what is wrong in one is no matter here."""
    if context.root is None or not context.manifest_file.endswith((".txt", ".in")):
        return
    try:
        context.checkout  # noqa: B018
    except Problem:
        context.__dict__.update(root=None, place=None)


def _interpreter(context: Context) -> Interpreter:
    """The project's Python where there is a project, else the one asked for or found."""
    from hutch.ops.interpreter import any_interpreter, project_origin, teller
    from hutch.ops.searching import search_options

    if context.root is None:
        return any_interpreter(context, None)
    from hutch.interpreters import find_interpreter
    from hutch.ops.pythons.missing import found_or_installed

    checkout, request = context.checkout, context.configuration.python
    return found_or_installed(
        context,
        lambda: find_interpreter(
            request or checkout.manifest.settings.python,
            requires_python=checkout.requires_python
            if request is None
            else checkout.manifest.requires_python,
            search=search_options(context),
            store=context.store,
            origin=project_origin(context) if request else checkout.manifest_path,
            tell=teller(context),
        ),
    )


def _prompt(context: Context, name: str) -> str:
    if name != ".venv":
        return name
    if context.root is not None and (context.checkout.manifest.name or context.checkout.members):
        return context.checkout.name
    return os.path.basename(context.directory)


def activation(directory: str, root: str, environ: Mapping[str, str]) -> str:
    """The line that activates the environment in the user's shell, as far as it can be told."""
    relative = os.path.relpath(root, directory)
    path = relative if not relative.startswith("..") else root
    if os.name == "nt":
        script = path + "\\Scripts\\activate"
        return f"{script}.ps1" if environ.get("PSModulePath") else script
    shell = os.path.basename(environ.get("SHELL", ""))
    endings = {"fish": ".fish", "csh": ".csh", "tcsh": ".csh", "nu": ".nu", "pwsh": ".ps1"}
    endings |= {"xonsh": ".xsh", "elvish": ".elv"}
    ending = endings.get(shell, "")
    script = f"{path}/bin/activate{ending}"
    if not _PLAIN.issuperset(script):
        import shlex

        script = shlex.quote(script)
    if shell == "elvish":
        return f"eval (slurp < {script})"
    if shell in ("sh", "dash", "ash", "ksh", "mksh"):
        return f". {script}"
    return f"overlay use {script}" if shell == "nu" else script if shell == "pwsh" else f"source {script}"
