"""The nouns of the command line: options, positionals, commands, as plain frozen data.

Everything else here reads this data: the parser, the help pages, the completions, the reference. The
classes are written by hand because ``dataclasses`` and ``typing`` cost more to import than
``hutch run`` may take in all; ``Final`` (seen by the type checker alone) keeps them frozen.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

__all__ = ["Command", "Option", "Positional"]

_KEYWORDS = {"with": "with_packages", "from": "from_tool", "global": "globally"}
"""Options that are called as words of Python are."""

FLAG, PAIR, COUNT, TEXT, PATH, NUMBER = "flag", "pair", "count", "text", "path", "number"


class Option:
    """One option.

    ``kind`` is ``flag`` (present or not), ``pair`` (``--x`` and ``--no-x``, ``default`` says which
    holds when neither is given), ``count`` (``-vv``), ``text``, ``path`` or ``number``. ``many`` options
    may be repeated and give a tuple. ``field`` is the name under which the value is handed on.

    ``help`` explains the spelling that help pages show; of a pair that holds by default that is ``--no-x``.

    ``setting`` marks what a configuration file can say as well: such a value is handed to the
    ``config`` room as a flag, which also reads ``env`` itself, so that ``hutch config show`` can tell the
    two apart. ``sets`` makes the option another spelling of ``(field, value)``, or with None of the field.
    An option that takes two ``words`` gives both as a tuple.
    """

    __slots__ = (
        "choices", "default", "env", "field", "help", "kind", "many", "metavar", "name", "section", "sets",
        "setting", "short", "words",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        help: str,
        *,
        kind: str = FLAG,
        short: str = "",
        metavar: str = "",
        choices: tuple[str, ...] = (),
        many: bool = False,
        default: object = None,
        env: str = "",
        setting: bool = False,
        section: str = "",
        sets: tuple[str, object] | None = None,
        words: int = 1,
    ) -> None:
        self.name: Final = name
        self.help: Final = help
        self.kind: Final = kind
        self.short: Final = short
        self.metavar: Final = metavar
        self.choices: Final = choices
        self.many: Final = many
        self.default: Final = default
        self.env: Final = env
        self.setting: Final = setting
        self.section: Final = section
        self.sets: Final = sets
        self.words: Final = words
        self.field: Final = _KEYWORDS.get(name) or name.replace("-", "_")

    @property
    def takes_value(self) -> bool:
        """Whether a word belongs to this option."""
        return self.kind in (TEXT, PATH, NUMBER)

    def spellings(self) -> tuple[str, ...]:
        """Every way to write it: ``("-q", "--quiet")``, ``("--dev", "--no-dev")``."""
        short = (f"-{self.short}",) if self.short else ()
        negative = (f"--no-{self.name}",) if self.kind == PAIR else ()
        return (*short, f"--{self.name}", *negative)

    def empty(self) -> object:
        """The value when nobody says anything."""
        if self.many:
            return ()
        if self.kind == COUNT:
            return 0
        if self.kind in (FLAG, PAIR):
            return bool(self.default) if not self.setting else None
        return self.default


class Positional:
    """A word without dashes. ``count``: ``1``, ``?`` (at most one), ``*``, ``+``, or ``rest``.

    ``rest`` takes everything from the first such word on, dashes and all: it belongs to a child.
    """

    __slots__ = ("choices", "count", "field", "help", "kind", "metavar")

    def __init__(
        self,
        field: str,
        metavar: str,
        help: str,
        *,
        count: str = "1",
        choices: tuple[str, ...] = (),
        kind: str = TEXT,
    ) -> None:
        self.field: Final = field
        self.metavar: Final = metavar
        self.help: Final = help
        self.count: Final = count
        self.choices: Final = choices
        self.kind: Final = kind

    @property
    def many(self) -> bool:
        """Whether the value is a tuple."""
        return self.count in ("*", "+", "rest")

    def usage(self) -> str:
        """How it looks in a usage line."""
        if self.count == "1":
            return self.metavar
        if self.count == "?":
            return f"[{self.metavar}]"
        return f"{self.metavar}..." if self.count in ("+", "rest") else f"[{self.metavar}...]"


class Command:
    """One verb, or a noun with verbs of its own (``commands``).

    ``help`` is one line; ``about`` the paragraphs below it; ``examples`` pairs of a command line and
    what it does. ``show`` names global options that matter so much here that its page lists them.
    Options in one tuple of ``conflicts`` exclude each other. The verbs of a noun are made when somebody asks
    for them: a table of all words takes longer to make than ``hutch run`` may take in all. For the same
    reason a command may name the ``page`` where the rest of it is said, and have only its line of help here.
    """

    __slots__ = (
        "_commands", "_page", "about", "conflicts", "examples", "group", "help", "hidden", "name", "options",
        "path", "positionals", "show",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        help: str,
        *,
        group: str = "",
        about: str = "",
        options: tuple[Option, ...] = (),
        positionals: tuple[Positional, ...] = (),
        examples: tuple[tuple[str, str], ...] = (),
        commands: Callable[[], tuple[Command, ...]] | tuple[Command, ...] = (),
        conflicts: tuple[tuple[str, ...], ...] = (),
        show: tuple[str, ...] = (),
        hidden: bool = False,
        page: Callable[[], Command] | None = None,
    ) -> None:
        self.path: Final = tuple(name.split())
        self.name: Final = self.path[-1]
        self.help: Final = help
        self.group: Final = group
        self.hidden: Final = hidden
        self._page = page
        if page is None:
            self._say(about, options, positionals, examples, commands, conflicts, show)

    def _say(
        self,
        about: str,
        options: tuple[Option, ...],
        positionals: tuple[Positional, ...],
        examples: tuple[tuple[str, str], ...],
        commands: Callable[[], tuple[Command, ...]] | tuple[Command, ...],
        conflicts: tuple[tuple[str, ...], ...],
        show: tuple[str, ...],
    ) -> None:
        self.about = about
        self.options = options
        self.positionals = positionals
        self.examples = examples
        self._commands = commands
        self.conflicts = conflicts
        self.show = show

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """What the command's page says, when it is first asked for."""
            page = self._page if name in Command.__slots__ and name != "_page" else None
            if page is None:
                raise AttributeError(name)
            said, self._page = page(), None
            self._say(
                said.about, said.options, said.positionals, said.examples, said._commands, said.conflicts,
                said.show,
            )  # fmt: skip
            return getattr(self, name)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The verbs of a noun; none of a verb."""
        if callable(self._commands):
            self._commands = self._commands()
        return self._commands

    @property
    def title(self) -> str:
        """The words that call it: ``cache clean``."""
        return " ".join(self.path)
