"""Words → a command and its values. Pure, and cheap to import.

The grammar: options anywhere, global ones also before the command; ``--x value`` or ``--x=value``; short
options may be joined (``-vq``, ``-p3.12``); ``--`` ends the options; what a ``rest`` positional
begins belongs to a child, dashes and all. An option that takes a value is never silently given the
next option as its value. An option that is not given may come from its environment variable, and
then yields to anything on the command line that excludes it.
"""

from __future__ import annotations

from hutch.cli.model import COUNT, FLAG, NUMBER, PAIR, Command, Option, Positional
from hutch.cli.table import COMMANDS, GLOBAL_OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

__all__ = ["Parsed", "parse", "truth"]

_TRUE = ("1", "true", "yes", "on", "y", "t")
_FALSE = ("0", "false", "no", "off", "n", "f")


class Parsed:
    """What the words said.

    ``values`` holds the command's own options and positionals by field, every one of them; ``flags``
    the settings (global or not) by long name, only those that were given; ``manner`` the global
    options about this program's behaviour (``quiet``, ``color`` …), every one. With ``help`` the
    command is the one to explain (none: hutch itself) and nothing else was checked; ``topic`` is a
    page that is no command. ``words`` are the words as they were typed, ``said`` the options that were given.
    """

    __slots__ = ("command", "flags", "help", "manner", "said", "topic", "values", "version", "words")

    def __init__(self) -> None:
        self.command: Command | None = None
        self.values: dict[str, object] = {}
        self.flags: dict[str, object] = {}
        self.manner: dict[str, object] = {}
        self.help = False
        self.version = False
        self.topic = ""
        self.words: tuple[str, ...] = ()
        self.said: frozenset[str] = frozenset()


def parse(words: Sequence[str], environ: Mapping[str, str]) -> Parsed:
    """Read the words after ``hutch``. Raises UsageProblem, and nothing else, for what is not in the table."""
    return _Parser(list(words), environ).parse()


def truth(text: str) -> bool | None:
    """What a variable says that stands for a flag; None if it says neither yes nor no."""
    word = text.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


class _Parser:
    def __init__(self, words: list[str], environ: Mapping[str, str]) -> None:
        self.words = words
        self.environ = environ
        self.at = 0
        self.command: Command | None = None
        self.spellings: dict[str, tuple[Option, bool]] = {}
        self.given: dict[str, object] = {}
        self.said: dict[str, str] = {}  # "no-dev" -> how it was spelled on the command line
        self.loose: list[str] = []
        self.learn(GLOBAL_OPTIONS)

    def learn(self, options: tuple[Option, ...]) -> None:
        """Accept these options from here on."""
        for option in options:
            self.spellings[f"--{option.name}"] = (option, True)
            if option.short:
                self.spellings[f"-{option.short}"] = (option, True)
            if option.kind == PAIR:
                self.spellings[f"--no-{option.name}"] = (option, False)

    def parse(self) -> Parsed:
        self.read_words()
        result = Parsed()
        result.words = tuple(self.words)
        is_conda = self.command is not None and self.command.path == ("conda",)
        result.version = bool(self.given.get("version")) and (self.command is None or is_conda)
        result.help = bool(self.given.get("help")) and not result.version
        result.command = self.command
        if self.command is None and not result.version:
            result.help = True
        elif self.command is not None and self.command.name == "help" and not result.help:
            self.explain(result)
        if result.help or result.version:
            self.settle(GLOBAL_OPTIONS, result)
            return result
        if self.command is not None:
            if self.command.commands:
                self.no_verb(self.command)
            more = _pip_words() if self.command.path[0] == "pip" else ()
            self.settle((*GLOBAL_OPTIONS, *more, *self.command.options), result)
            result.said = frozenset(name.removeprefix("no-") for name in self.said) | self.said.keys()
            self.check_conflicts(self.command)
            self.place(self.command, result.values)
        return result

    # Words

    def read_words(self) -> None:
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word == "--":
                self.take_rest()
                return
            if word.startswith("--"):
                self.long(word)
            elif word.startswith("-") and len(word) > 1:
                self.short(word)
            elif self.command is None or self.command.commands:
                if not self.rephrase(word):
                    self.choose(word)
            else:
                self.loose.append(word)
                if _has_rest(self.command):
                    self.loose += self.words[self.at :]
                    return

    def take_rest(self) -> None:
        for word in self.words[self.at :]:
            if self.command is None or self.command.commands:
                self.choose(word)
            else:
                self.loose.append(word)

    def rephrase(self, word: str) -> bool:
        """Words of conda that are other words of hutch: these are read in their place."""
        if self.command is None or self.command.path != ("conda",):
            return False
        if any(command.name == word for command in self.command.commands):
            return False
        from hutch.cli.table_conda_words import in_other_words

        instead = in_other_words([word, *self.words[self.at :]])
        if instead is None:
            return False
        self.command = None
        self.words = [*self.words[: self.at], *instead]
        return True

    def choose(self, word: str) -> None:
        known = self.command.commands if self.command else COMMANDS
        for command in known:
            if command.name == word:
                self.command = command
                if command.path == ("pip",):
                    self.learn(_pip_words())
                elif command.path[0] == "conda":
                    self.learn(_conda_words(command))
                self.learn(command.options)
                return
        from hutch.cli.mistakes import unknown_command

        raise unknown_command(self.command, word)

    def long(self, word: str) -> None:
        spelling, equals, value = word.partition("=")
        found = self.spellings.get(spelling)
        if found is None:
            self.unknown(spelling)
        option, positive = found
        if option.takes_value:
            first = value if equals else self.next_word(option, spelling)
            self.put(option, self.with_next(option, first, spelling), spelling)
            return
        if equals:
            from hutch.cli.mistakes import needless_value

            raise needless_value(spelling, value)
        self.put(option, positive, spelling)

    def short(self, word: str) -> None:
        letters = word[1:]
        if letters[1:] and f"--{letters.partition('=')[0]}" in self.spellings:
            self.unknown(word)  # -offline is not -o ffline
        while letters:
            spelling, letters = f"-{letters[0]}", letters[1:]
            found = self.spellings.get(spelling)
            if found is None:
                self.unknown(spelling if len(word) == 2 else word, spelling)
            option, _ = found
            if option.takes_value:
                value = letters.removeprefix("=") if letters else self.next_word(option, spelling)
                self.put(option, self.with_next(option, value, spelling), spelling)
                return
            self.put(option, True, spelling)

    def with_next(self, option: Option, word: str, spelling: str) -> str | tuple[str, ...]:
        """The value of an option: a word, or two."""
        return word if option.words == 1 else (word, self.next_word(option, spelling))

    def next_word(self, option: Option, spelling: str) -> str:
        word = self.words[self.at] if self.at < len(self.words) else None
        # The words of another program have dashes.
        if word is None or (word.startswith("-") and word != "-" and option.metavar != "WORDS"):
            from hutch.cli.mistakes import missing_value

            raise missing_value(option, spelling, word, known=word in self.spellings)
        self.at += 1
        return word

    def put(self, option: Option, value: object, spelling: str) -> None:
        if option.takes_value:
            value = (
                tuple(_checked(option, each, spelling) for each in value)
                if isinstance(value, tuple)
                else _checked(option, str(value), spelling)
            )
        if option.sets:
            option_field, set_value = option.sets
            if option_field == "refused":
                from hutch.cli.mistakes import refused

                raise refused(option, spelling)
            self.given[option_field] = value if set_value is None else set_value
        elif option.many:
            before = self.given.get(option.field, ())
            assert isinstance(before, tuple)
            self.given[option.field] = (*before, value)
        elif option.kind == COUNT:
            count = self.given.get(option.field, 0)
            assert isinstance(count, int)
            self.given[option.field] = count + 1
        else:
            self.given[option.field] = value
        if option.kind == PAIR:
            self.said.pop(f"no-{option.name}" if value else option.name, None)
        self.said[f"no-{option.name}" if value is False else option.name] = spelling

    def unknown(self, spelling: str, letter: str = "") -> NoReturn:
        from hutch.cli.mistakes import unknown_option

        raise unknown_option(self.command, spelling, letter)

    # Values

    def settle(self, options: tuple[Option, ...], result: Parsed) -> None:
        """Give each option its value: said, from the environment, or empty."""
        for option in options:
            if option.sets or option.name in ("help", "version"):
                continue
            if option.setting:
                if option.field in self.given:
                    result.flags[option.name] = self.given[option.field]
                continue
            if option.field not in self.given:
                self.from_environment(option)
            value = self.given.get(option.field, option.empty())
            (result.manner if option in GLOBAL_OPTIONS else result.values)[option.field] = value

    def from_environment(self, option: Option) -> None:
        found = _from_environment(option, self.environ)
        if found is None:
            return
        name, value = found
        spoken = f"no-{option.name}" if value is False else option.name
        if value is False and option.kind != PAIR:
            return
        if self.command is not None:
            for conflict in self.command.conflicts:
                if spoken in conflict and any(
                    other != spoken and self.said.get(other, "").startswith("-") for other in conflict
                ):
                    return  # the command line has said something else
        self.given[option.field] = value
        self.said[spoken] = name

    def check_conflicts(self, command: Command) -> None:
        for conflict in command.conflicts:
            met = [self.said[name] for name in conflict if name in self.said]
            if len(met) > 1:
                from hutch.cli.mistakes import conflicting

                raise conflicting(command, met)

    def place(self, command: Command, values: dict[str, object]) -> None:
        """Deal the words without dashes out to the positionals."""
        words = self.loose
        for positional in command.positionals:
            if positional.many:
                taken, words = tuple(words), []
            else:
                taken, words = tuple(words[:1]), words[1:]
            if not taken and positional.count in ("1", "+", "rest"):
                from hutch.cli.mistakes import missing_word

                raise missing_word(command, positional)
            for word in taken:
                _check_word(command, positional, word)
            values[positional.field] = taken if positional.many else (taken[0] if taken else None)
        if words:
            from hutch.cli.mistakes import extra_word

            raise extra_word(command, words[0])

    # Help

    def explain(self, result: Parsed) -> None:
        """``hutch help cache clean`` is ``hutch cache clean --help``; ``options`` is a page of its own."""
        words, self.command = self.loose, None
        result.help = True
        if words == ["options"]:
            result.topic = "options"
        else:
            for word in words:
                self.explain_word(word)
        result.command = self.command

    def explain_word(self, word: str) -> None:
        if self.command is not None and not self.command.commands:
            from hutch.cli.mistakes import extra_word

            raise extra_word(self.command, word)
        self.choose(word)

    def no_verb(self, command: Command) -> NoReturn:
        from hutch.cli.mistakes import missing_verb

        raise missing_verb(command)


def _pip_words() -> tuple[Option, ...]:
    """What pip takes with every verb, and hutch therefore takes behind ``hutch pip``."""
    from hutch.cli.table_pip_words import PIP_WORDS

    return PIP_WORDS


def _conda_words(command: Command) -> tuple[Option, ...]:
    """What conda takes with this verb and hutch need not explain."""
    from hutch.cli.table_conda_words import conda_words

    return conda_words(" ".join(command.path[1:]))


def _has_rest(command: Command) -> bool:
    return any(positional.count == "rest" for positional in command.positionals)


def _checked(option: Option, text: str, spelling: str) -> object:
    """The value of an option out of its text, if it is one."""
    if option.choices and text not in option.choices:
        from hutch.cli.mistakes import wrong_choice

        raise wrong_choice(spelling, text, option.choices)
    if option.kind == NUMBER:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            from hutch.cli.mistakes import wrong_number

            raise wrong_number(spelling, text)
        return int(text)
    if not text:
        from hutch.cli.mistakes import empty_value

        raise empty_value(option, spelling)
    return text


def _check_word(command: Command, positional: Positional, word: str) -> None:
    if positional.choices and word not in positional.choices:
        from hutch.cli.mistakes import wrong_choice

        raise wrong_choice(positional.metavar, word, positional.choices)
    if not word and positional.count != "rest":
        from hutch.cli.mistakes import empty_word

        raise empty_word(command, positional)


def _from_environment(option: Option, environ: Mapping[str, str]) -> tuple[str, object] | None:
    """The variable that speaks for ``option`` and its value. An empty variable is an unset one."""
    if not option.env:
        return None
    name, text = option.env, environ.get(option.env, "")
    if option.kind == PAIR and not text:
        # HUTCH_NO_DEV=1 says what HUTCH_DEV=0 says.
        head = option.env[: -len(option.name)]
        name = f"{head}NO_{option.env[len(head) :]}"
        text = environ.get(name, "")
        if text:
            answer = truth(text)
            return name, (_no_truth(name, text) if answer is None else not answer)
    if not text:
        return None
    if option.kind in (FLAG, PAIR):
        answer = truth(text)
        return name, (_no_truth(name, text) if answer is None else answer)
    if option.kind == COUNT:
        answer = truth(text)
        value = int(answer) if answer is not None else _checked_count(name, text)
        return (name, value) if value else None
    if option.many:
        words = [_checked(option, word, name) for word in text.split()]
        if option.words == 1:
            return name, tuple(words)
        if len(words) % option.words:
            from hutch.cli.mistakes import missing_value

            raise missing_value(option, name, None, known=False)
        return name, tuple(zip(*[iter(words)] * option.words, strict=True))
    return name, _checked(option, text, name)


def _checked_count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        from hutch.cli.mistakes import wrong_number

        raise wrong_number(name, text)
    return int(text)


def _no_truth(name: str, text: str) -> NoReturn:
    from hutch.cli.mistakes import no_truth

    raise no_truth(name, text)
