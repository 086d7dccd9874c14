"""One call of hutch, as the command modules see it: the parsed words, the terminal, the way to ``ops``."""

from __future__ import annotations

import os

from hutch.cli.model import PATH
from hutch.cli.table import WHICH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol, TypeVar

    from hutch.cli.model import Command
    from hutch.cli.parser import Parsed
    from hutch.cli.ui.terminal import Terminal
    from hutch.ops.context import Context
    from hutch.ops.outcomes import LockOutcome, SyncOutcome

    T = TypeVar("T")

    class Outcome(Protocol):
        """What an operation returns."""

        def to_json(self) -> Mapping[str, Any]:
            """The outcome as JSON's types."""


__all__ = ["Call"]


class Call:
    """One call of hutch.

    ``--project DIR`` moves the place where the project is looked for, not the place where the user
    stands: paths among the words mean what they mean in the user's shell.
    """

    def __init__(
        self, parsed: Parsed, environ: Mapping[str, str], directory: str, terminal: Terminal
    ) -> None:
        assert parsed.command is not None
        self.command: Command = parsed.command
        self.values = parsed.values
        self.flags = parsed.flags
        self.typed = parsed.words
        self.said = parsed.said
        self.environ = environ
        self.terminal = terminal
        self._context: Context | None = None
        self._made: str | None = None
        terminal.directory = directory
        project = parsed.manner.get("project")
        self.directory = os.path.abspath(os.path.join(directory, str(project))) if project else directory
        if project:
            self._anchor(directory)
        if named := parsed.manner.get("manifest"):
            self.flags = {**self.flags, "manifest": os.path.abspath(os.path.join(directory, str(named)))}

    @property
    def json(self) -> bool:
        """Whether the outcome goes to stdout as JSON."""
        return bool(self.values.get("json"))

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be changed."""
        return bool(self.values.get("dry_run"))

    def context(self) -> Context:
        """The surroundings that an operation needs; made once, let go by :meth:`close`."""
        if self._context is not None:
            return self._context
        from hutch.ops.context import Context

        if not os.path.isdir(self.directory):
            from hutch.errors import UsageProblem

            pips = self.command.path[0] == "pip" and "=" in self.directory
            hint = "what pip calls -C is --config-settings here" if pips else ()
            raise UsageProblem("--project names a directory that is not there", why=self.directory, hint=hint)
        self._go_to_member()
        self._context = Context(
            directory=self.directory, environ=self.environ, flags=self.flags, emit=self.terminal.emit
        )
        self._context.words = (*self.command.path, *self._positionals())
        self._context.typed = self.typed
        self._context.named, self._context.env = self.which_environment()
        of_lock = self.command.path[0] in _OF_THE_LOCK
        if self._context.env == "default" and not of_lock and _is_the_first(self._context):
            self._context.env = None
        self._context.made = self._made
        self._context.ask = self._ask
        return self._context

    def refuse_redirected(self) -> None:
        """For commands that take requirements: the shell may have kept the ``>=2`` of one for itself."""
        import stat

        try:
            is_file = stat.S_ISREG(os.fstat(1).st_mode)
        except OSError:
            return
        if is_file:
            from hutch.cli.mistakes import redirected

            problem = redirected(os.getcwd())
            if problem is not None:
                raise problem

    def _ask(self, question: str) -> bool:
        from hutch.cli.ui.prompt import agrees

        return not self.json and agrees(self.terminal, question)

    def _positionals(self) -> list[str]:
        words: list[str] = []
        for positional in self.command.positionals:
            value = self.values.get(positional.field)
            if positional.count != "rest" and value:
                words += [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
        return words

    def _go_to_member(self) -> None:
        """Where each member of a workspace has its own lock, ``--package`` says where to be."""
        named = self.values.get("package")
        if not named or self.command.path == ("tree",):
            return
        from hutch.ops.separate import separate_members

        names = (named,) if isinstance(named, str) else named
        assert isinstance(names, tuple)
        found = separate_members(self.directory, names)
        if found is None:
            return
        if len(found) > 1:
            from hutch.errors import UsageProblem

            raise UsageProblem("each member has its own lock", hint="name one --package at a time")
        self.directory = found[0]
        self.values["package"] = None if isinstance(named, str) else ()

    def for_each_member(self, run: Callable[[Call], int]) -> int:
        """Do it in each member of a workspace whose members have locks of their own."""
        from hutch.ops.separate import separate_members

        code = 0
        for folder in separate_members(self.directory, ()) or ():
            self.close()
            self._context = None
            self.directory = folder
            self.terminal.say(f"{self.terminal.short(folder)}:")
            code = run(self) or code
        return code

    def close(self) -> None:
        """Let go of the network and of what was temporary."""
        if self._context is not None:
            self._context.close()

    def options(self, kind: Callable[..., T]) -> T:
        """The operation's options: every value of the command but ``json``, which is ours, and which
        environment is meant, which the context knows."""
        ours = {"json", *(option.field for option in self.command.options if option in WHICH)}
        return kind(**{name: value for name, value in self.values.items() if name not in ours})

    def which_environment(self) -> tuple[str | None, str | None]:
        """The name of ``-n`` and that of ``--env``, as far as the command has them and they are said."""
        found = [self.values.get(one.field) if one in self.command.options else None for one in WHICH]
        return (str(found[0]) if found[0] else None, str(found[1]) if found[1] else None)

    def environment_in_place(self, *, exact: bool) -> str | None:
        """The project's environment, if it is known at a glance to be what the lock asks for."""
        if self.flags:
            return None
        from hutch.ops.quick import known_environment, selection_key

        named, env = self.which_environment()
        if named is not None:
            return None
        key = selection_key(self.values)
        return known_environment(self.directory, self.environ, key, exact=exact, env=env)

    def lock_in_place(self) -> tuple[int, int] | None:
        """How many packages and targets the lock has, if it is known at a glance to be up to date."""
        if self.flags or any(self.values.values()):
            return None
        from hutch.ops.quick_lock import lock_in_place

        return lock_in_place(self.directory, self.environ)

    def lock_from_memory(self) -> LockOutcome | None:
        """What came of writing the lock, if it is known at a glance what it is to be."""
        if self.flags or any(self.values.values()):
            return None
        from hutch.ops.quick_answer import lock_from_memory

        return lock_from_memory(self.directory, self.environ)

    def sync_at_once(self) -> SyncOutcome | None:
        """What came of filling a new environment, if it was known at a glance what belongs into it."""
        unusual = ("dry_run", "package", "all_packages", "env")
        odd = self.flags or any(self.values.get(name) for name in unusual)
        if odd:
            return None
        from time import monotonic

        from hutch.ops.quick import selection_key
        from hutch.ops.quick_sync import sync_at_once

        start, key = monotonic(), (*selection_key(self.values), ".")
        done = sync_at_once(self.directory, self.environ, key, self.command.path, self.terminal.emit)
        if done is None or isinstance(done, str):
            self._made = done
            return None
        from hutch.ops.outcomes import SyncOutcome

        place, version, installed, taken, passed_over = done
        return SyncOutcome(
            environment=place,
            python=version,
            created=True,
            installed=installed,
            taken=taken,
            passed_over=passed_over,
            seconds=monotonic() - start,
        )

    def venv_at_once(self) -> tuple[str, str, str] | None:
        """The root, version and Python of a new environment, if it could be made without looking closely."""
        odd = self.flags or self.directory != self.terminal.directory
        if odd or any(value for name, value in self.values.items() if name != "path"):
            return None
        from hutch.ops.quick_venv import venv_at_once

        path = self.values.get("path")
        return venv_at_once(self.directory, self.environ, str(path) if path else None)

    def finish(self, outcome: Outcome, show: Callable[[Any, Terminal], None]) -> int:
        """Print the outcome, for a program or for a person."""
        if self.json:
            self.terminal.json(outcome.to_json())
        else:
            show(outcome, self.terminal)
        return 0

    def _anchor(self, directory: str) -> None:
        """Make relative paths among the words independent of ``--project``."""
        paths = {option.field for option in self.command.options if option.kind == PATH}
        paths |= {positional.field for positional in self.command.positionals if positional.kind == PATH}
        for field in paths & self.values.keys():
            self.values[field] = _joined(directory, self.values[field])
        for name in ("cache-dir", "config-file"):
            if name in self.flags:
                self.flags[name] = _joined(directory, self.flags[name])


def _joined(directory: str, value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_joined(directory, path) for path in value)
    if not isinstance(value, str) or value.lower().startswith(("http://", "https://")):
        return value
    return os.path.join(directory, value)


_OF_THE_LOCK = ("tree", "why", "why-not", "outdated", "export")
"""Commands that show all of a lock unless an environment is named, be it the first."""


def _is_the_first(context: Context) -> bool:
    """Whether ``--env default`` is the project's first environment, as in pixi's words and in locks: where no
    other one is called so."""
    from hutch.errors import Problem
    from hutch.ops.environments import environment_root

    try:
        checkout = context.checkout
        if "default" in checkout.manifest.settings.environments:
            return False
        return not os.path.lexists(environment_root(context, checkout))
    except Problem:
        return False  # which the command comes upon, too
