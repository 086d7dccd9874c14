"""The help pages, out of the table. Eighty columns, for somebody who has never seen hutch."""

from __future__ import annotations

from hutch.cli.model import COUNT, PAIR, Command, Option
from hutch.cli.parser import Parsed
from hutch.cli.table import COMMANDS, GLOBAL_OPTIONS, GROUPS
from hutch.cli.ui.terminal import Stream
from hutch.cli.ui.text import width_of, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["command_page", "main_page", "option_words", "options_page", "page", "usage"]

_MARGIN = 30  # column where an option's help begins


def page(parsed: Parsed, stream: Stream) -> str:
    """The page that was asked for."""
    if parsed.topic == "options":
        lines = options_page(stream)
    elif parsed.command is None:
        lines = main_page(stream)
    else:
        lines = command_page(parsed.command, stream)
    return "".join(f"{line}\n" for line in lines)


def main_page(stream: Stream) -> list[str]:
    """``hutch --help``: the commands by what they are for, and how to begin."""
    lines = [
        "hutch keeps a Python project well: its Python, its environment, its packages.",
        "",
        _title("Usage", stream) + " hutch COMMAND [OPTIONS]",
    ]
    for group, title in GROUPS:
        commands = [command for command in COMMANDS if command.group == group and not command.hidden]
        if commands:
            lines += ["", _title(title, stream)]
            for command in commands:
                words = command.name
                if command.commands:
                    words += " " + _some(verb.name for verb in command.commands)
                lines += _entry(words, command.help, stream, margin=22, style="command")
    lines += [
        "",
        _title("To begin", stream),
        *_examples(
            (
                ("hutch init shop && cd shop", "start a project"),
                ("hutch add flask", "give it a package"),
                ("hutch run python -m flask --version", "run something in it"),
            ),
            stream,
        ),
        "",
        "`hutch help COMMAND` explains a command, with examples; `hutch help options`",
        "explains the options that every command takes.",
    ]
    return lines


def command_page(command: Command, stream: Stream) -> list[str]:
    """``hutch lock --help``."""
    lines = [*wrap(command.help + ".", stream.width), "", _title("Usage", stream) + f" {usage(command)}"]
    if command.about:
        lines += ["", *wrap(command.about, stream.width)]
    if command.commands:
        lines += ["", _title("Commands", stream)]
        for verb in command.commands:
            lines += _entry(verb.title, verb.help, stream, margin=22, style="command")
    if command.positionals:
        lines += ["", _title("Words", stream)]
        for positional in command.positionals:
            lines += _entry(positional.usage(), positional.help, stream, style="option")
    shown = tuple(option for option in GLOBAL_OPTIONS if option.name in command.show)
    lines += _option_lines((*command.options, *shown), stream)
    if command.examples:
        lines += ["", _title("Examples", stream), *_examples(command.examples, stream)]
    if not command.commands:
        lines += ["", "`hutch help options` explains the options that every command takes."]
    return lines


def options_page(stream: Stream) -> list[str]:
    """``hutch help options``."""
    about = (
        "These options may stand before or after any command. Those with a variable in brackets can be"
        " set in the environment; the command line comes before the environment, and the environment"
        " before configuration files."
    )
    lines = ["The options that every command takes.", "", *wrap(about, stream.width)]
    return [*lines, *_option_lines(GLOBAL_OPTIONS, stream, variables=True)]


def usage(command: Command) -> str:
    """``hutch add [OPTIONS] REQUIREMENT...``."""
    words = ["hutch", *command.path]
    if command.commands:
        words.append("COMMAND")
    else:
        words.append("[OPTIONS]")
    words += [positional.usage() for positional in command.positionals]
    return " ".join(words)


def option_words(option: Option) -> str:
    """How an option is written: ``-P, --upgrade-package NAME``; a pair by what it changes."""
    name = f"--{option.name}"
    if option.kind == PAIR:
        name = f"--no-{option.name}" if option.default else f"--[no-]{option.name}"
    elif option.takes_value:
        name += f" {option.metavar}"
    elif option.kind == COUNT:
        pass
    return f"-{option.short}, {name}" if option.short else f"    {name}"


def _option_lines(options: tuple[Option, ...], stream: Stream, *, variables: bool = False) -> list[str]:
    lines: list[str] = []
    sections: dict[str, list[Option]] = {}
    for option in options:
        sections.setdefault(
            option.section if option.section not in ("Where", "Output") or variables else "", []
        ).append(option)
    for section in sorted(sections, key=lambda name: (name != "",)) if not variables else sections:
        lines += ["", _title(section or "Options", stream)]
        for option in sections[section]:
            help_text = option.help
            if option.choices:
                help_text += f" ({', '.join(option.choices)}"
                help_text += f"; {option.default} if not given)" if option.default else ")"
            if variables and option.env:
                help_text += f" [{option.env}]"
            lines += _entry(option_words(option), help_text, stream, style="option")
    return lines


def _entry(words: str, text: str, stream: Stream, *, margin: int = _MARGIN, style: str) -> list[str]:
    """``words`` on the left, ``text`` on the right; below it where the words are too long."""
    left = f"  {words}"
    if width_of(left) > margin - 2:
        body = wrap(text, stream.width, first=" " * margin, rest=" " * margin)
        return [f"  {stream.paint(style, words)}", *body]
    first, *rest = wrap(text, stream.width, first=" " * margin, rest=" " * margin)
    return [f"  {stream.paint(style, words)}{' ' * (margin - width_of(left))}{first[margin:]}", *rest]


def _examples(examples: tuple[tuple[str, str], ...], stream: Stream) -> list[str]:
    widest = max(width_of(line) for line, _ in examples)
    lines = []
    for line, text in examples:
        shown = stream.paint("command", line)
        if all(6 + widest + width_of(about) <= 80 for _, about in examples):
            lines.append(f"  {shown}{' ' * (widest - width_of(line) + 3)}{stream.paint('dim', text)}")
        else:
            lines += [f"  {shown}", f"      {stream.paint('dim', text)}"]
    return lines


def _some(names: Iterable[str], most: int = 5) -> str:
    """``dir|size|clean``; the first of many, as its own page has them all."""
    listed = list(names)
    return "|".join(listed if len(listed) <= most + 1 else [*listed[:most], "..."])


def _title(text: str, stream: Stream) -> str:
    return stream.paint("title", f"{text}:")
