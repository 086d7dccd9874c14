"""What to say about wrong words: one UsageProblem for each way to be wrong.

Imported only when something is wrong, so that it may compare spellings and look through the whole table.
"""

from __future__ import annotations

from hutch.cli.model import Command, Option, Positional
from hutch.cli.table import COMMANDS, ELSEWHERE, GLOBAL_OPTIONS, every_command
from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "conflicting",
    "empty_value",
    "empty_word",
    "extra_word",
    "missing_value",
    "missing_verb",
    "missing_word",
    "needless_value",
    "no_truth",
    "redirected",
    "refused",
    "unknown_command",
    "unknown_option",
    "wrong_choice",
    "wrong_number",
]


_PYENV = {
    "versions": ("hutch python list --only-installed",),
    "version": ("hutch python which", "hutch python pin"),
    "version-name": ("hutch python find --show-version",),
    "version-origin": ("hutch python which",),
    "local": ("hutch python pin 3.12",),
    "global": ("hutch python pin --global 3.12",),
    "whence": ("hutch python which --all NAME",),
    "prefix": ("hutch python find --prefix",),
    "root": ("hutch python dir",),
    "latest": ("hutch python find 3.12 --show-version",),
    "exec": ("hutch run COMMAND",),
    "rehash": ("hutch python shim install, once: nothing is to be rehashed",),
    "virtualenv": ("hutch env create NAME --python 3.12",),
    "virtualenvs": ("hutch env list",),
    "remove": ("hutch python uninstall 3.12",),
    "update": ("hutch python upgrade",),
    "use": ("hutch python pin 3.12", "hutch python shell 3.12"),
}
"""What users of pyenv (and of mise) look for below ``hutch python``."""
_CONDA = {
    "init": ("hutch shell-hook bash --install", "hutch conda init bash, which is that with a command conda"),
    "doctor": ("hutch doctor -n ENV",),
    "repoquery": ("hutch conda search SPEC --info",),
    "compare": ("hutch conda env export -n ENV, and diff",),
    "rename": ("hutch conda create -n NEW --clone OLD", "hutch conda env remove -n OLD, then"),
    "clone": ("hutch conda create -n NEW --clone OLD",),
    "history": ("hutch env history -n ENV",),
    "revisions": ("hutch env history -n ENV",),
    "rollback": ("hutch env rollback -n ENV",),
    "pack": ("hutch env pack -n ENV",),
    "lock": ("hutch lock, in a project with [tool.hutch.conda]",),
    "shell": ("hutch conda activate ENV", "hutch conda run -n ENV COMMAND"),
    "notices": ("hutch conda info shows the channels; what they announce is on their own pages",),
    "tos": ("hutch conda config --show channels: hutch asks those, and accepts no terms for anybody",),
    "token": ("hutch auth login ADDRESS",),
    "content-trust": ("every package is compared with the hash that its channel has",),
    "package": ("hutch env verify -n ENV",),
    "build": ("conda-build or rattler-build: hutch makes no packages of conda",),
}
"""What users of conda and mamba look for below ``hutch conda``."""
_OPTIONS = {
    "--feature": ("--group", "a feature of pixi is a group"),
    "--environment": ("--env", ""),
    "-e": ("--env", ""),
    "--manifest-path": ("--manifest", ""),
}
"""What users of pixi say, and what that is here."""
_MANY = 6
"""Verbs of a noun that are not told one by one."""


def unknown_command(parent: Command | None, word: str) -> UsageProblem:
    """``hutch instal``: near words, or where other tools' words are found here."""
    if parent is None:
        known = {command.name: f"hutch {command.name}" for command in COMMANDS if not command.hidden}
        hints = ELSEWHERE.get(word) or tuple(known[name] for name in _near(word, known))
        return UsageProblem(f"there is no command {_show(word)}", hint=hints or ("hutch --help",))
    known = {command.name: f"hutch {command.title}" for command in parent.commands}
    hints = tuple(known[name] for name in _near(word, known))
    if parent.path == ("python",):
        hints = _instead_of_a_verb(word) or hints
    if parent.path == ("conda",):
        hints = _CONDA.get(word) or hints
    if parent.path == ("conda", "env") and word in (above := _verbs(("conda",))):
        hints = (f"hutch {above[word]}",)
    if not hints:
        hints = tuple(known.values()) if len(known) <= _MANY else (f"hutch {parent.title} --help",)
    return UsageProblem(f"`hutch {parent.title}` has no command {_show(word)}", hint=hints)


def _verbs(path: tuple[str, ...]) -> dict[str, str]:
    """The verbs below a noun: ``hutch conda env activate`` is ``hutch conda activate``."""
    noun = next(command for command in COMMANDS if command.path == path)
    return {command.name: command.title for command in noun.commands if not command.hidden}


def _instead_of_a_verb(word: str) -> tuple[str, ...]:
    """``hutch python 3.12``, ``hutch python x.py``: what looks like a call of Python, and words of pyenv."""
    if word.endswith((".py", ".pyw")) or "/" in word or "\\" in word:
        return (f"hutch run python {_cut(word)}",)
    if word[:1].isdigit() or word[:1] in "<>=~":
        return (f"hutch python find {_cut(word)}", f"hutch python install {_cut(word)}")
    return _PYENV.get(word, ())


def redirected(directory: str) -> UsageProblem | None:
    """``install numpy>=2``: the shell writes our output into a file ``=2``, and tells us ``numpy`` alone."""
    import os
    import re
    import stat

    try:
        out = os.fstat(1)
        if not stat.S_ISREG(out.st_mode):
            return None
        names = [name for name in os.listdir(directory) if re.fullmatch(r"=?\d+(\.\d+)*(,.*)?", name)]
        for name in names:
            if os.path.samestat(os.lstat(os.path.join(directory, name)), out):
                return UsageProblem(
                    f"your shell has kept `>{name}` for itself",
                    why=f"what stands behind `>` is a file to write to: there is a file called {name} now",
                    hint=f"quote it: 'NAME>{name}'",
                )
    except OSError:
        pass
    return None


def missing_verb(parent: Command) -> UsageProblem:
    """``hutch cache``."""
    return UsageProblem(
        f"`hutch {parent.title}` needs one more word",
        why=tuple(
            f"hutch {command.title}: {command.help}" for command in parent.commands if not command.hidden
        ),
    )


def refused(option: Option, spelling: str) -> UsageProblem:
    """``pip install --user``: a word of pip that hutch does not follow, and why."""
    hint = str(option.sets[1]) if option.sets else ""
    return UsageProblem(f"{spelling} is not for hutch", why=option.help, hint=hint)


def unknown_option(command: Command | None, spelling: str, letter: str = "") -> UsageProblem:
    """``--upgade``: near spellings; or the commands that do have the option."""
    options = (*GLOBAL_OPTIONS, *(command.options if command else ()))
    spellings = [name for option in options for name in option.spellings()]
    owners = [
        other
        for other in every_command()
        if other is not command and any(spelling in option.spellings() for option in other.options)
    ]
    near = _near(spelling, spellings) if spelling.startswith("--") else []
    where = f"`hutch {command.title}`" if command else "`hutch`"
    why = []
    if not spelling.startswith("--") and len(spelling) > 2:
        if letter:
            why.append(f"there is no {_show(letter)}, and options of more than one letter have two dashes")
        else:
            why.append("options of more than one letter have two dashes")
        near = _near(f"-{spelling}", spellings)
    hints = [*near]
    same, why_so = _OPTIONS.get(spelling, ("", ""))
    if same in spellings:
        hints, owners = [f"{same}: {why_so}" if why_so else same], []
    if command is not None and command.path in (("python",), ("run",)) and spelling in ("-c", "-m", "-V"):
        hints.append(f"hutch run python {spelling}")
    if owners:
        names = ", ".join(other.title for other in owners)
        why.append(f"it is an option of: {names}")
        if command is None:
            hints.append(f"hutch {owners[0].title} {spelling}, with the option after the command")
    hints.append(f"hutch {command.title} --help" if command else "hutch --help")
    return UsageProblem(f"{where} has no option {_show(spelling)}", why=tuple(why), hint=tuple(hints[:3]))


def missing_value(option: Option, spelling: str, word: str | None, *, known: bool) -> UsageProblem:
    """``--target`` at the end, or before another option."""
    why = () if word is None else (f"what comes next, {_show(word)}, begins like an option",)
    hint = f"{spelling} {'|'.join(option.choices) or option.metavar}"
    if word is not None and not known:
        hint = f"--{option.name}={_cut(word)} if that is the value"
    return UsageProblem(f"{spelling} needs a value", why=why, hint=hint)


def needless_value(spelling: str, value: str) -> UsageProblem:
    """``--offline=1``."""
    return UsageProblem(f"{spelling} takes no value, but got {_show(value)}", hint=f"{spelling} alone")


def empty_value(option: Option, spelling: str) -> UsageProblem:
    """``--index-url=``."""
    return UsageProblem(f"{spelling} has an empty value", hint=f"{spelling} {option.metavar}")


def empty_word(command: Command, positional: Positional) -> UsageProblem:
    """``hutch add ''``."""
    return UsageProblem(f"an empty {positional.metavar} for `hutch {command.title}`", hint=_example(command))


def wrong_choice(name: str, value: str, choices: tuple[str, ...]) -> UsageProblem:
    """``--color=blue``."""
    near = _near(value, choices)
    return UsageProblem(
        f"{name} cannot be {_show(value)}",
        why=f"it is one of: {', '.join(choices)}",
        hint=tuple(near[:1]),
    )


def wrong_number(name: str, value: str) -> UsageProblem:
    """``--depth=two``."""
    return UsageProblem(f"{name} needs a whole number, but got {_show(value)}")


def no_truth(name: str, value: str) -> UsageProblem:
    """``HUTCH_FROZEN=maybe``."""
    return UsageProblem(f"the environment variable {name} is {_show(value)}", hint=(f"{name}=1", f"{name}=0"))


def conflicting(command: Command, names: list[str]) -> UsageProblem:
    """``--frozen --locked``."""
    first, *others = names
    return UsageProblem(
        f"{first} and {' and '.join(others)} do not go together in `hutch {command.title}`",
        hint=f"hutch {command.title} --help",
    )


def missing_word(command: Command, positional: Positional) -> UsageProblem:
    """``hutch add``."""
    article = "an" if positional.metavar[0] in "AEIO" else "a"
    return UsageProblem(
        f"`hutch {command.title}` needs {article} {positional.metavar}",
        why=f"{positional.metavar}: {positional.help}",
        hint=_example(command),
    )


def extra_word(command: Command, word: str) -> UsageProblem:
    """``hutch lock flask``."""
    usage = " ".join(positional.usage() for positional in command.positionals)
    why = f"it takes: {usage}" if usage else "it takes options only"
    return UsageProblem(
        f"`hutch {command.title}` does not know what to do with {_show(word)}",
        why=why,
        hint=f"hutch {command.title} --help",
    )


def _example(command: Command) -> tuple[str, ...]:
    return tuple(line for line, _ in command.examples[:1])


def _show(word: str) -> str:
    """A word from outside, short enough and quoted enough for a message."""
    return f"`{_cut(word)}`" if word else "an empty word"


def _cut(word: str) -> str:
    return word if len(word) <= 60 else f"{word[:57]}..."


def _near(word: str, known: Iterable[str]) -> list[str]:
    """The words that were perhaps meant: the likeliest first, at most two."""
    import difflib

    known = list(known)
    starts = [name for name in known if len(word.strip("-")) >= 2 and name.startswith(word)]
    close = difflib.get_close_matches(word[:60], known, n=2, cutoff=0.7)
    return list(dict.fromkeys([*close, *starts]))[:2]
