"""Completion scripts for bash, zsh, fish and PowerShell, out of the table.

Each script is complete in itself: pressing Tab starts no Python. They know commands, options and the
values that are known beforehand; where a file is wanted, the shell's own completion answers.
"""

from __future__ import annotations

from hutch.cli.model import COUNT, PAIR, PATH, Command, Option
from hutch.cli.table import COMMANDS as ALL_COMMANDS
from hutch.cli.table import GLOBAL_OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SCRIPTS", "bash", "fish", "powershell", "zsh"]


COMMANDS = tuple(command for command in ALL_COMMANDS if not command.hidden)


def _nodes() -> list[tuple[str, Command | None]]:
    """Every place on the command line: ``("", None)``, ``("lock", …)``, ``("cache dir", …)`` and so on."""
    return [("", None), *((command.title, command) for command in _every(COMMANDS))]


def _every(commands: tuple[Command, ...]) -> Iterator[Command]:
    for command in commands:
        yield command
        yield from _every(command.commands)


def _nouns() -> list[str]:
    """The places that need one more word."""
    return [command.title for command in _every(COMMANDS) if command.commands]


def _options(command: Command | None) -> tuple[Option, ...]:
    return (*(command.options if command else ()), *GLOBAL_OPTIONS)


def _words(command: Command | None) -> list[str]:
    """What may stand here without dashes, as far as it is known beforehand."""
    if command is None:
        return [each.name for each in COMMANDS]
    if command.commands:
        return [each.name for each in command.commands]
    if command.name == "help":
        return [*(each.name for each in COMMANDS if each.name != "help"), "options"]
    return [choice for positional in command.positionals for choice in positional.choices]


def _spellings(options: tuple[Option, ...], *, values: bool = False) -> list[str]:
    return [word for option in options if option.takes_value or not values for word in option.spellings()]


def _value_options() -> list[str]:
    """Every option, of whatever command, that takes the word after it."""
    found = [word for _, command in _nodes() for word in _spellings(_options(command), values=True)]
    return list(dict.fromkeys(found))


# bash


def bash() -> str:
    """For bash 3.2 and newer; needs no bash-completion. An empty answer means: file names."""
    places, values = [], []
    for title, command in _nodes():
        words = " ".join(_words(command))
        options = " ".join(_spellings(_options(command)))
        places.append(f'        "{title}") words="{words}"; options="{options}" ;;')
        for option in command.options if command else GLOBAL_OPTIONS:
            if option.choices:
                names = "|".join(f'"{title if command else "*"}":{word}' for word in option.spellings())
                names = names.replace('"*"', "*")
                values.append(f'        {names}) values="{" ".join(option.choices)}" ;;')
    groups = "|".join(f'"{noun}"' for noun in _nouns())
    return f"""\
# bash completion for hutch
_hutch() {{
    local current previous word place words options values skip i
    COMPREPLY=()
    current="${{COMP_WORDS[COMP_CWORD]}}"
    previous="${{COMP_WORDS[COMP_CWORD-1]}}"
    # bash breaks --name=value into three words
    if [ "$current" = "=" ]; then
        current=""
    elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -gt 2 ]; then
        previous="${{COMP_WORDS[COMP_CWORD-2]}}"
    fi
    place="" skip=""
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${{COMP_WORDS[i]}}"
        if [ -n "$skip" ]; then
            if [ "$word" != "=" ]; then skip=""; fi
            continue
        fi
        case "$word" in
            {"|".join(_value_options())}) skip=1 ;;
            -*|=) ;;
            *)
                case "$place" in
                    "") place="$word" ;;
                    {groups}) place="$place $word" ;;
                    "run") return 0 ;;
                esac ;;
        esac
    done
    words="" options="" values=""
    case "$place" in
{chr(10).join(places)}
    esac
    if [ -n "$skip" ]; then
        case "$place:$previous" in
{chr(10).join(values)}
        esac
        if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$current")); fi
        return 0
    fi
    case "$current" in
        -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
        *)
            if [ "$place" = "run" ]; then
                COMPREPLY=($(compgen -c -- "$current"))
            elif [ -n "$words" ]; then
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            fi ;;
    esac
    return 0
}}
complete -o default -F _hutch hutch
"""


# zsh


def zsh() -> str:
    """For zsh: to be evaluated after ``compinit``, or saved as ``_hutch`` on ``fpath``."""
    functions = [_zsh_function(title, command) for title, command in _nodes()]
    common = [f"        {spec}" for option in GLOBAL_OPTIONS for spec in _zsh_option(option)]
    return (
        "#compdef hutch\n# zsh completion for hutch\n"
        + "\n".join(["_hutch_common() {", "    common=(", *common, "    )", "}", ""])
        + "\n".join(functions)
        + """
if [ "$funcstack[1]" = "_hutch" ]; then
    _hutch "$@"
else
    compdef _hutch hutch
fi
"""
    )


def _zsh_function(title: str, command: Command | None) -> str:
    lines = [f"{_zsh_name(title)}() {{", "    local -a common", "    _hutch_common"]
    specs = [spec for option in (command.options if command else ()) for spec in _zsh_option(option)]
    children = COMMANDS if command is None else command.commands
    if children:
        lines += [
            '    local curcontext="$curcontext" state line',
            "    typeset -A opt_args",
            "    local -a commands",
            "    commands=(",
            *(f"        {_quote(child.name + ':' + child.help)}" for child in children),
            "    )",
        ]
        specs += ["'1: :->command'", "'*:: :->words'"]
        call = "    _arguments -s -S -C $common"
    else:
        call = "    _arguments -s -S $common"
        for positional in command.positionals if command else ():
            if positional.count == "rest":
                specs.append("'*::command:_normal'")
                continue
            action = "_files"
            choices = _words(command)
            if choices:
                action = f"({' '.join(choices)})"
            elif positional.kind != PATH:
                action = " "
            specs.append(_quote(f"{'*' if positional.many else ''}:{positional.metavar.lower()}:{action}"))
    lines.append(" \\\n        ".join([call, *specs]))
    if children:
        lines += [
            "    case $state in",
            "        command) _describe -t commands command commands ;;",
            "        words)",
            "            case $line[1] in",
            *(f"                {child.name}) {_zsh_name(child.title)} ;;" for child in children),
            "            esac ;;",
            "    esac",
        ]
    return "\n".join([*lines, "}", ""])


def _zsh_name(title: str) -> str:
    return "_hutch" + "".join(f"_{word}" for word in title.split())


def _zsh_option(option: Option) -> list[str]:
    about = option.help.replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    value = ""
    if option.takes_value:
        action = (
            f"({' '.join(option.choices)})" if option.choices else "_files" if option.kind == PATH else " "
        )
        value = "".join(f":{word}:{action}" for word in option.metavar.lower().split(" ")[-option.words :])
    again = option.many or option.kind == COUNT
    spellings = option.spellings()
    exclude = "" if again else f"({' '.join(spellings)})"
    specs = []
    for spelling in spellings:
        equals = "=" if option.takes_value and option.words == 1 and spelling.startswith("--") else ""
        specs.append(_quote(f"{exclude}{'*' if again else ''}{spelling}{equals}[{about}]{value}"))
    return specs


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# fish


def fish() -> str:
    """For fish 3 and newer."""
    nouns = " ".join(map(_fish, _nouns()))
    lines = [
        "# fish completion for hutch",
        "function __hutch_place",
        "    set -l place",
        "    set -l skip 0",
        "    set -l words (commandline -opc)",
        "    for word in $words[2..-1]",
        "        if test $skip = 1",
        "            set skip 0",
        "            continue",
        "        end",
        "        switch $word",
        f"            case {' '.join(_value_options())}",
        "                set skip 1",
        "            case '-*'",
        "            case '*'",
        f'                if test (count $place) = 0; or contains -- "$place" {nouns}',
        "                    set -a place $word",
        '                else if test "$place" = run',
        "                    set place run child",
        "                    break",
        "                end",
        "        end",
        "    end",
        '    echo "$place"',
        "end",
        "function __hutch_at",
        '    test (__hutch_place) = "$argv"',
        "end",
        "function __hutch_not_in_child",
        "    test (__hutch_place) != 'run child'",
        "end",
        "complete -c hutch -f",
    ]
    for option in GLOBAL_OPTIONS:
        lines += _fish_option(option, "__hutch_not_in_child")
    for title, command in _nodes():
        at = f"__hutch_at {title}".strip()
        for child in COMMANDS if command is None else command.commands:
            lines.append(f"complete -c hutch -n {_fish(at)} -a {child.name} -d {_fish(child.help)}")
        if command is None or command.commands:
            continue
        for option in command.options:
            lines += _fish_option(option, at)
        words = _words(command)
        if words:
            lines.append(f"complete -c hutch -n {_fish(at)} -a {_fish(' '.join(words))}")
        if any(positional.kind == PATH for positional in command.positionals):
            lines.append(f"complete -c hutch -n {_fish(at)} -F")
        if any(positional.count == "rest" for positional in command.positionals):
            lines.append(f"complete -c hutch -n {_fish(at)} -a '(__fish_complete_command)'")
            lines.append(f"complete -c hutch -n {_fish(at + ' child')} -F")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option, condition: str) -> list[str]:
    head = f"complete -c hutch -n {_fish(condition)}"
    short = f" -s {option.short}" if option.short else ""
    value = ""
    if option.choices:
        value = f" -x -a {_fish(' '.join(option.choices))}"
    elif option.takes_value:
        value = " -r -F" if option.kind == PATH else " -x"
    lines = [f"{head}{short} -l {option.name} -d {_fish(option.help)}{value}"]
    if option.kind == PAIR:
        lines.append(f"{head} -l no-{option.name} -d {_fish(option.help)}")
    return lines


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# PowerShell


def powershell() -> str:
    """For PowerShell 5.1 and newer; to be put into ``$PROFILE``."""
    places, values = [], []
    for title, command in _nodes():
        places.append(f"        {_ps(title)} = @({', '.join(_ps(word) for word in _words(command))})")
        for option in command.options if command else GLOBAL_OPTIONS:
            for word in option.spellings() if option.choices else ():
                key = f"{title if command else '*'} {word}"
                values.append(f"        {_ps(key)} = @({', '.join(_ps(each) for each in option.choices)})")
    options = [
        f"        {_ps(title)} = @({', '.join(_ps(word) for word in _spellings(_options(command)))})"
        for title, command in _nodes()
    ]
    taking = ", ".join(_ps(word) for word in _value_options())
    nouns = ", ".join(map(_ps, _nouns()))
    newline = "\n"
    return f"""\
# PowerShell completion for hutch
Register-ArgumentCompleter -Native -CommandName hutch -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{{
{newline.join(places)}
    }}
    $options = @{{
{newline.join(options)}
    }}
    $values = @{{
{newline.join(values)}
    }}
    $taking = @({taking})
    $nouns = @({nouns})
    $place = ''
    $previous = ''
    $seen = @($commandAst.CommandElements | Where-Object {{
        $_.Extent.EndOffset -lt $cursorPosition
    }} | Select-Object -Skip 1 | ForEach-Object {{ $_.ToString() }})
    foreach ($word in $seen) {{
        if ($previous -ne '') {{ $previous = ''; continue }}
        if ($taking -ccontains $word) {{ $previous = $word }}
        elseif ($word.StartsWith('-')) {{ }}
        elseif ($place -eq '') {{ $place = $word }}
        elseif ($nouns -ccontains $place) {{ $place = "$place $word" }}
        elseif ($place -eq 'run') {{ return }}
    }}
    if ($previous -ne '') {{
        $found = $values["$place $previous"]
        if ($null -eq $found) {{ $found = $values["* $previous"] }}
    }} elseif ($wordToComplete.StartsWith('-')) {{
        $found = $options[$place]
    }} else {{
        $found = $words[$place]
    }}
    $found | Where-Object {{ $_ -clike "$wordToComplete*" }} | ForEach-Object {{
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }}
}}
"""


def _ps(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}
