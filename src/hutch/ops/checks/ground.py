"""What checks look at: the project, its lock, its environment, the variables; each read once.

A fact that is not there, **or cannot be read**, is None: one check says what is wrong with it (``problems``
has it), and all others go on without. Nothing here starts a program of the checkout.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.light import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any, TypeVar

    from hutch.config import Configuration
    from hutch.env import Environment, Installed
    from hutch.env.conda_mixing import CondaOwned, Mixed
    from hutch.interpreters import Found, Interpreter
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.spec import NormalizedName

    T = TypeVar("T")

__all__ = ["Ground"]


class Ground:
    """The place that is looked at; ``deep`` asks for what takes longer (hashes of all files).

    ``variables`` are the names of all variables of hutch's own.
    """

    def __init__(
        self,
        context: Context,
        *,
        deep: bool = False,
        variables: frozenset[str] = frozenset(),
        prefix: str | None = None,
    ) -> None:
        self.command = context
        """What the command was given: for fixes, which change things."""
        self.context = _quiet(context)
        """The same for looking: without a network, and without a word."""
        self.deep = deep
        self.prefix = prefix
        """The environment that was named by its place."""
        self.variables = variables
        self.environ: Mapping[str, str] = context.environ
        self._known: dict[str, Any] = {}
        self._locks: dict[str, AbstractContextManager[object]] = {}
        self.problems: dict[str, Problem] = {}
        """What kept a fact (``configuration``, ``place``, ``checkout``, ``lock``) from being read."""

    def _fact(self, name: str, read: Callable[[], T]) -> T | None:
        """What ``read`` gives, or None; it is called once, though a check that hangs in it is given up: the
        next one that asks waits for the same answer, instead of starting the same program again."""
        from threading import RLock

        with self._locks.setdefault(name, RLock()):
            if name not in self._known:
                self._known[name] = None
                try:
                    self._known[name] = read()
                except Problem as problem:
                    self.problems[name] = problem
                except OSError as error:
                    self.problems[name] = Problem(str(error))
            found: T | None = self._known[name]
            return found

    # -- settings -------------------------------------------------------------------------------------

    @cached_property
    def configuration(self) -> Configuration | None:
        """All settings, as the command has them; None where one of them is wrong."""
        return self._fact("configuration", lambda: self.command.configuration)

    @property
    def offline(self) -> bool:
        """Whether the network is out of bounds."""
        return self.configuration is None or self.configuration.offline

    def forget(self) -> None:
        """Read everything anew: it was changed."""
        self._known.clear()
        self.problems.clear()
        for name, value in vars(type(self)).items():
            if isinstance(value, cached_property):
                self.__dict__.pop(name, None)

    def close(self) -> None:
        """Let go of the store."""
        self.context.close()

    @property
    def home(self) -> str:
        """The user's home directory; ``""`` where there is none."""
        return self.environ.get("USERPROFILE" if os.name == "nt" else "HOME", "")

    # -- the project ----------------------------------------------------------------------------------

    @cached_property
    def root(self) -> str | None:
        """The directory of the project, also of one whose manifest cannot be read."""
        found = self._fact("place", lambda: self.context.root)
        if found is None and "place" in self.problems:
            from hutch.ops.manifests import find_root

            return find_root(self.context.directory)
        return found

    @cached_property
    def checkout(self) -> Checkout | None:
        """The project, read."""
        if self.root is None:
            return None
        return self._fact("checkout", lambda: self.context.checkout)

    @cached_property
    def lock(self) -> Lock | None:
        """The project's lock as it is on disk, of whichever tool."""
        from hutch.errors import NetworkProblem
        from hutch.ops.lock_file import NoLock, read_lock

        checkout = self.checkout
        if checkout is None:
            return None
        found = self._fact("lock", lambda: read_lock(self.context, checkout))
        if isinstance(self.problems.get("lock"), (NoLock, NetworkProblem)):
            del self.problems["lock"]  # some locks of other tools need an index to be understood
        return found

    @property
    def is_library(self) -> bool:
        """Whether the project is one that others install."""
        return self.checkout is not None and self.checkout.manifest.is_package

    # -- the environment ------------------------------------------------------------------------------

    @cached_property
    def environment_root(self) -> str | None:
        """Where the project's environment is, or would be; without a project the active one, or the nearest
        `.venv`, if any."""
        from hutch.env import is_prefix
        from hutch.ops.chosen import chosen_environment
        from hutch.ops.environments import environment_root

        if self.prefix is not None:
            return self.prefix
        if self.context.named is not None:
            return chosen_environment(self.context)  # a name that nobody has is the user's mistake
        checkout = self.checkout
        if checkout is not None:
            return self._fact("place of the environment", lambda: environment_root(self.context, checkout))
        if self.root is not None:
            return os.path.join(self.root, ".venv")
        active = self.environ.get("VIRTUAL_ENV", "")
        if os.path.isabs(active) and os.path.isfile(os.path.join(active, "pyvenv.cfg")):
            return active
        active = self.environ.get("CONDA_PREFIX", "")
        if os.path.isabs(active) and is_prefix(active):
            return active
        return _nearest(self.context.directory)

    @cached_property
    def environment(self) -> Environment | None:
        """The environment, whatever state it is in; None where there is none."""
        from hutch.env import is_prefix, is_unfinished, open_environment, open_prefix

        root = self.environment_root
        if root is None or is_unfinished(root):
            return None
        if is_prefix(root):
            return self._fact("environment", lambda: open_prefix(root))
        return self._fact("environment", lambda: open_environment(root))

    @property
    def is_cut_off(self) -> bool:
        """Whether a change of the environment was begun and not completed: it is neither old nor new."""
        root = self.environment_root
        return root is not None and os.path.lexists(os.path.join(root, ".hutch", "journal"))

    @cached_property
    def is_foreign(self) -> bool:
        """Whether starting the environment's Python would start a program of the checkout."""
        from hutch.ops.environments import came_along

        return self.environment_root is not None and came_along(self.context, self.environment_root)

    @cached_property
    def python(self) -> Interpreter | None:
        """The environment's Python, told from its files or asked; None where it is broken or a stranger's."""
        from hutch.interpreters import probe_interpreter

        environment = self.environment
        if environment is None or self.is_foreign:
            return None
        return self._fact(
            "python",
            lambda: probe_interpreter(environment.executable, self.context.store, environ=self.environ),
        )

    @cached_property
    def chosen_python(self) -> Interpreter | None:
        """The Python that the project has, or would get; outside of projects the one that would be used."""
        from hutch.ops.interpreter import any_interpreter, project_interpreter

        if self.python is not None:
            return self.python
        checkout = self.checkout
        if checkout is not None:
            return self._fact("chosen", lambda: project_interpreter(self.context, checkout))
        return self._fact("chosen", lambda: any_interpreter(self.context, None))

    @cached_property
    def installed(self) -> Mapping[NormalizedName, Installed]:
        """What is installed in the environment, by normalised name."""
        environment = self.environment
        if environment is None:
            return {}
        found = self._fact("installed", environment.installed)
        return found if found is not None else {}

    @cached_property
    def conda_owned(self) -> CondaOwned | None:
        """What the records of conda say of the environment; None where it is no prefix."""
        from hutch.env.conda_mixing import conda_owned

        environment = self.environment
        if environment is None or not environment.prefix:
            return None
        return self._fact("conda-meta", lambda: conda_owned(environment.root))

    @cached_property
    def mixed(self) -> tuple[Mixed, ...]:
        """What lies over packages of conda in it."""
        from hutch.env.conda_mixing import find_mixed

        environment, owned = self.environment, self.conda_owned
        if environment is None or owned is None:
            return ()
        return self._fact("mixed", lambda: find_mixed(environment, owned)) or ()

    # -- the machine ----------------------------------------------------------------------------------

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The absolute entries of PATH, each once."""
        entries = self.environ.get("PATH", "").split(os.pathsep)
        return tuple(dict.fromkeys(entry for entry in entries if os.path.isabs(entry)))

    def on_path(self, name: str) -> list[str]:
        """The programs of this name on PATH, in order; nothing is started."""
        found = []
        names = [f"{name}.exe", f"{name}.bat", f"{name}.cmd"] if os.name == "nt" else [name]
        for folder in self.path:
            for each in names:
                path = os.path.join(folder, each)
                if os.path.isfile(path) and os.access(path, os.X_OK):
                    found.append(path)
        return found

    @cached_property
    def interpreters(self) -> tuple[Found, ...]:
        """All Pythons of this machine, broken ones too."""
        from hutch.interpreters import list_interpreters
        from hutch.ops.searching import search_options

        return (
            self._fact(
                "interpreters",
                lambda: list_interpreters(
                    search_options(self.context), store=self.context.store, environ=self.environ
                ),
            )
            or ()
        )

    def git(self, directory: str, *words: str) -> str | None:
        """A question to git that runs nothing of the repository; None where it has no answer."""
        from hutch.ops.pip_vcs import ask_git

        return ask_git(self.context, directory, *words)


def _quiet(context: Context) -> Context:
    from hutch.ops.context import Context as Quiet

    made = Quiet(
        directory=context.directory,
        environ={**context.environ, "HUTCH_PYTHON_DOWNLOADS": "never"},
        flags={**context.flags, "offline": True},
    )
    made.named, made.env = context.named, context.env
    return made


def _nearest(directory: str) -> str | None:
    while True:
        if os.path.isfile(os.path.join(directory, ".venv", "pyvenv.cfg")):
            return os.path.join(directory, ".venv")
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
