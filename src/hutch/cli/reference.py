"""The reference pages, out of the table: ``python -m hutch.cli.reference [DIRECTORY]``.

Writes ``commands.md`` and ``environment-variables.md`` into ``docs/reference``; a test fails when
they are not what this module would write.
"""

from __future__ import annotations

import sys

from hutch.cli.model import PAIR, Command, Option
from hutch.cli.reference_json import JSON
from hutch.cli.table import COMMANDS, GLOBAL_OPTIONS, GROUPS, every_command
from hutch.cli.ui.help import usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PAGES", "commands_page", "known_variables", "variables_page"]

EXIT_CODES = (
    ("0", "done"),
    ("1", "a problem that you can solve: a conflict, a missing file, a failed check"),
    ("2", "wrong usage of the command line"),
    ("3", "the network or an index did not deliver"),
    ("4", "interrupted"),
    ("70", "a bug in hutch"),
)

# Read by hutch, but not the value of any option.
OTHER_VARIABLES = (
    ("HUTCH_DATA_DIR", "where hutch keeps what is not a cache"),
    ("HUTCH_CACHE_LAYERS", "caches to look into first, divided as `PATH` is; see `cache-layers`"),
    ("HUTCH_CACHE_SIZE_LIMIT", "how large the cache may become: `20 GiB`, `10 %` of the disk, `none`"),
    ("HUTCH_CACHE_CHECK", "`content` hashes files of the cache before they are installed; else `dates`"),
    ("HUTCH_ARCHIVE_SIZE_LIMIT", "how much an archive may unpack to: `20 GiB`, or `none`"),
    ("HUTCH_ARCHIVE_MEMBER_LIMIT", "how many files and folders an archive may have"),
    ("HUTCH_CA_BUNDLE", "the certificates to trust, a file or a directory; see `ca-bundle`"),
    ("HUTCH_CLIENT_CERT", "the certificate with its key that is shown to servers; see `client-cert`"),
    ("HUTCH_PYTHON_DOWNLOADS", "`manual`, `never`: no Python is installed unasked; see `python-downloads`"),
    ("HUTCH_PROJECT_ENVIRONMENT", "where the project's environment is, instead of `.venv`"),
    ("HUTCH_ENV_FILES", "files that the shell hook loads in a trusted project; see `env-files`"),
    ("HUTCH_SHELL_HOOK", "`off`: the shell hook does nothing in this shell; `quiet`: it says nothing"),
    ("HUTCH_IN_SHELL", "set by `hutch shell`: the environment of the shell that you are in"),
    ("HUTCH_SHELL_STATE", "set by the shell hook, while it has activated something: what to put back"),
    ("PYENV_VERSION", "the Python of this shell, as pyenv sets it; several are divided by colons"),
    ("PYENV_ROOT", "where pyenv is, instead of `~/.pyenv`"),
    (
        "ASDF_DATA_DIR, MISE_DATA_DIR, UV_PYTHON_INSTALL_DIR, CONDA_EXE, MAMBA_ROOT_PREFIX, HOMEBREW_PREFIX",
        "where other tools keep Pythons, as they say themselves",
    ),
    ("HUTCH_CONDA_CHANNELS", "channels of conda, best first, divided by blanks; see `conda-channels`"),
    ("HUTCH_CONDA_CHANNEL_ALIAS", "the address below which channels of conda are found by their names"),
    ("HUTCH_CONDA_CHANNEL_PRIORITY", "`strict`, `flexible` or `disabled`"),
    ("HUTCH_CONDA_MIRRORS", "where channels are fetched from instead: `CHANNEL=ADDRESS`, divided by blanks"),
    ("CONDARC", "a file with conda's configuration, read behind all others"),
    (
        "CONDA_CHANNELS, CONDA_CHANNEL_ALIAS, CONDA_CHANNEL_PRIORITY, CONDA_OFFLINE, CONDA_SSL_VERIFY",
        "as conda reads them, where hutch's own settings say nothing",
    ),
    (
        "CONDA_OVERRIDE_ARCHSPEC, CONDA_OVERRIDE_CUDA, CONDA_OVERRIDE_GLIBC, CONDA_OVERRIDE_OSX",
        "virtual packages, instead of what was found or is assumed; empty: it is not there",
    ),
    ("HUTCH_MOST_TRIES", "how many versions a search may look at before it tells what it knows"),
    ("HUTCH_DEBUG", "`1` shows the traceback of every problem"),
    ("NO_COLOR", "any value turns colour off, unless `--color always` is given"),
    ("COLUMNS", "the width of the terminal, at most 100 of which are used"),
    ("TERM", "`dumb` turns colour and progress off"),
    ("SSL_CERT_FILE", "the certificates to trust, instead of the system's"),
    ("SSL_CERT_DIR", "a directory with the certificates to trust"),
    ("HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY", "proxies, also in lower case"),
    ("NETRC", "the file with credentials for indexes, instead of `~/.netrc` or `~/_netrc`"),
    (
        "HUTCH_INDEX_NAME_USERNAME, HUTCH_INDEX_NAME_PASSWORD",
        "the credential for the index that is called `name`; every character but letters and digits is `_`",
    ),
    (
        "UV_INDEX_NAME_…, POETRY_HTTP_BASIC_NAME_…, PDM_PYPI_… (USERNAME, PASSWORD)",
        "the same in the words of other tools, where `HUTCH_INDEX_NAME_…` says nothing",
    ),
    ("UV_KEYRING_PROVIDER", "as `PIP_KEYRING_PROVIDER`, where neither hutch nor pip has a value"),
    ("PIP_INDEX_URL, PIP_EXTRA_INDEX_URL and other PIP_*", "as for pip, where hutch itself has no value"),
    ("CUSTOM_COMPILE_COMMAND", "the command that the header of `hutch pip compile` names, as for pip-tools"),
    (
        "UV_PYTHON_INSTALL_MIRROR, UV_PYPY_INSTALL_MIRROR, PYTHON_BUILD_MIRROR_URL",
        "where archives of Pythons are, where `python-mirror` is not set",
    ),
    ("XDG_BIN_HOME", "the folder of programs for `hutch python install --bin`"),
    ("VISUAL, EDITOR", "the editor of `hutch pip config edit`"),
)


def commands_page() -> str:
    """``docs/reference/commands.md``."""
    lines = [
        "# Commands",
        "",
        "<!-- Written by `python -m hutch.cli.reference`; change src/hutch/cli/table.py instead. -->",
        "",
        "`hutch COMMAND --help` shows the same on the terminal. stdout carries data only; everything said",
        "to a person goes to stderr.",
        "",
    ]
    for group, title in GROUPS:
        members = [verb for verb in every_command() if _group(verb) == group]
        if members:
            lines += [f"- {title}: " + ", ".join(f"[{verb.title}](#{_anchor(verb)})" for verb in members)]
    for verb in every_command():
        lines += ["", *_command(verb)]
    lines += ["", "## Options of every command", ""]
    lines += _table(GLOBAL_OPTIONS)
    lines += [
        "",
        "## JSON",
        "",
        "With `--json` stdout carries one JSON object, indented, with sorted keys. Keys may be added, and",
        "are not taken away. Where a command fails after its words were understood, the object has the",
        "one key `problems`, a list of objects with `code`, `what`, `why` and `hints` (the last two are",
        "lists of lines); stderr tells the same to a person.",
        "",
        "A problem with the code `conflict` also has `details`: `conflicts`, a list of objects with `where`,",
        "`premises` and `requirements` (`place`, `requirement`), and `suggestions`, in the order of the",
        "message, with `text` and `edits` (`kind`, `text`, `note`, `places`, `entries`, `values`).",
    ]
    lines += ["", "## Exit codes", "", "| Code | Meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES]
    lines += ["", "`run` passes on the exit code of its command.", ""]
    return "\n".join(lines)


def known_variables() -> frozenset[str]:
    """The names of all variables of hutch's own that mean something."""
    from hutch.config.settings import SETTINGS

    options = [*GLOBAL_OPTIONS, *(option for verb in every_command() for option in verb.options)]
    found = {option.env for option in options if option.env}
    found |= {f"HUTCH_{name.upper().replace('-', '_')}" for name in SETTINGS}
    found |= {f"HUTCH_NO_{name.removeprefix('HUTCH_')}" for name in found}
    found |= {word for names, _ in OTHER_VARIABLES for word in names.split(", ")}
    return frozenset(name for name in found if name.startswith("HUTCH_"))


def variables_page() -> str:
    """``docs/reference/environment-variables.md``."""
    lines = [
        "# Environment variables",
        "",
        "<!-- Written by `python -m hutch.cli.reference`; change src/hutch/cli/table.py instead. -->",
        "",
        "An option of the command line comes before its variable, and a variable before the configuration",
        "files. An empty variable counts as unset. Flags take `1`, `true`, `yes`, `on` or `0`, `false`,",
        "`no`, `off`; of a pair such as `--dev`/`--no-dev`, `HUTCH_NO_DEV=1` says the same as `HUTCH_DEV=0`.",
        "Options that may be repeated take several values, separated by spaces.",
        "",
        "| Variable | Stands for |",
        "|---|---|",
    ]
    found: dict[str, tuple[Option, list[str]]] = {}
    for option in GLOBAL_OPTIONS:
        if option.env:
            found[option.env] = (option, [])
    for verb in every_command():
        for option in verb.options:
            if option.env:
                found.setdefault(option.env, (option, []))[1].append(verb.title)
    for name in sorted(found):
        option, verbs = found[name]
        where = f" of {', '.join(f'`{verb}`' for verb in verbs)}" if verbs else ""
        lines.append(f"| `{name}` | `{_spelled(option)}`{where} |")
    lines += ["", "## Others that hutch reads", "", "| Variable | Meaning |", "|---|---|"]
    for names, meaning in OTHER_VARIABLES:
        lines.append(f"| {names} | {meaning} |")
    return "\n".join([*lines, ""])


PAGES = {"commands.md": commands_page, "environment-variables.md": variables_page}


def _group(verb: Command) -> str:
    owner = next(command for command in COMMANDS if command.name == verb.path[0])
    return owner.group


def _anchor(verb: Command) -> str:
    return f"hutch-{verb.title.replace(' ', '-')}"


def _command(verb: Command) -> list[str]:
    lines = [f"## hutch {verb.title}", "", f"{verb.help}.", "", "```", usage(verb), "```"]
    if verb.about:
        lines += ["", verb.about]
    if verb.positionals:
        lines.append("")
        lines += [f"- `{word.usage()}`: {word.help}" for word in verb.positionals]
    shown = [option for option in GLOBAL_OPTIONS if option.name in verb.show]
    if verb.options or shown:
        lines += ["", *_table((*verb.options, *shown))]
    if verb.title in JSON:
        lines += ["", "With `--json`:", "", *(f"- `{key}`: {text}" for key, text in JSON[verb.title])]
    if verb.examples:
        lines += ["", "```console"]
        for line, about in verb.examples:
            lines += [f"# {about}", f"$ {line}"]
        lines.append("```")
    return lines


def _table(options: Iterable[Option]) -> list[str]:
    lines = ["| Option | Meaning | Variable |", "|---|---|---|"]
    for option in options:
        meaning = option.help
        if option.choices:
            meaning += f": {', '.join(f'`{choice}`' for choice in option.choices)}"
            meaning += f"; `{option.default}` if not given" if option.default else ""
        variable = f"`{option.env}`" if option.env else ""
        lines.append(f"| `{_spelled(option)}` | {meaning.replace('|', chr(92) + '|')} | {variable} |")
    return lines


def _spelled(option: Option) -> str:
    short = f"-{option.short}, " if option.short else ""
    name = f"--{option.name}"
    if option.kind == PAIR:
        return f"{short}--no-{option.name}" if option.default else f"{short}{name}, --no-{option.name}"
    return f"{short}{name} {option.metavar}".rstrip()


def _write(directory: str) -> None:
    from pathlib import Path

    for name, page in PAGES.items():
        (Path(directory) / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    _write(sys.argv[1] if len(sys.argv) > 1 else "docs/reference")
