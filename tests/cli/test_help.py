"""Help pages: eighty columns, whole, in place."""

from __future__ import annotations

import pytest

from hutch.cli.parser import parse
from hutch.cli.table import COMMANDS, GLOBAL_OPTIONS, every_command
from hutch.cli.ui.help import page

PLACES = ["", "options", *(command.name for command in COMMANDS), *(verb.title for verb in every_command())]


def shown(place: str, terminal) -> str:
    return page(parse(["help", *place.split()], {}), terminal.out)


@pytest.mark.parametrize("place", PLACES)
def test_every_page_fits_eighty_columns(place, make_terminal):
    lines = shown(place, make_terminal()).split("\n")
    assert lines[-1] == ""
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


@pytest.mark.parametrize("place", PLACES)
def test_colour_changes_nothing_but_colour(place, make_terminal):
    colored = make_terminal(terminal=True, COLUMNS="80")
    text = shown(place, colored)
    assert "\x1b[1m" in text
    assert _plain(text) == shown(place, make_terminal())


def _plain(text: str) -> str:
    import re

    return re.sub("\x1b\\[[0-9;]*m", "", text)


@pytest.mark.parametrize("width", ["1", "20", "40", "61", "300"])
def test_pages_can_be_made_for_any_width(width, make_terminal):
    assert shown("sync", make_terminal(terminal=True, COLUMNS=width))


def test_the_page_of_a_command_names_all_its_options(make_terminal):
    for verb in every_command():
        text = shown(verb.title, make_terminal())
        for option in verb.options:
            assert f"-{option.name}" in text or f"]{option.name}" in text


def test_the_page_of_options_names_all_of_them(make_terminal):
    text = shown("options", make_terminal())
    for option in GLOBAL_OPTIONS:
        assert option.name in text
        assert option.env in text


def test_the_main_page(make_terminal):
    assert shown("", make_terminal()) == MAIN


def test_the_page_of_a_command(make_terminal):
    assert shown("lock", make_terminal()) == LOCK


MAIN = """\
hutch keeps a Python project well: its Python, its environment, its packages.

Usage: hutch COMMAND [OPTIONS]

Your project:
  init                Start a project: write a pyproject.toml
  add                 Add packages to the project, and install them
  remove              Remove packages from the project, and uninstall them
  lock                Choose a version of every package, and write pylock.toml
  sync                Make the environment equal to the lock
  run                 Run a command in the project's environment
  upgrade             Take newer versions, within what pyproject.toml allows

Understand it:
  tree                Show what needs what, as a tree
  why                 Say why a package is here, and why this version
  why-not             Say why a version is not the chosen one
  search              List the versions of a package, from indexes and conda's
                      channels
  outdated            List packages that are not the newest, and why not

Hand it to other tools:
  import              Write another tool's manifest as pyproject.toml
  export              Write the lock in a format of other tools
  git setup|merge-lock
                      Merge pylock.toml in git by locking again

Environments:
  venv                Make a virtual environment
  env create|list|upgrade|clone|rename|...
                      Environments by name; the history of one, the way back, a
                      check
  python list|find|which|pin|install|...
                      Find, pin and install Pythons
  doctor              Look for what makes environments fail, and put it right
  shell               Start a shell in which an environment is active
  activate            Print what your shell evaluates to activate an environment
  conda create|install|update|upgrade|remove|...
                      conda's own verbs, with hutch behind them
  kernel install|list|remove
                      Let notebooks run in an environment
  ide vscode|pycharm  Tell an editor of the project's environment
  shell-hook          Have your shell activate environments by itself
  allow               Trust a project: entering it activates its environment
  deny                Trust a project no longer, and be asked no more
  pip compile|install|sync|uninstall|list|...
                      What pip and pip-tools do, in their words

hutch itself:
  cache dir|size|verify|prune|clean
                      Look at the cache of packages, check it, make it smaller
  config show         Show the configuration
  auth login|logout|list
                      Keep user names and passwords of indexes and other servers
  self version        About this hutch
  completions         Print a script that lets your shell complete hutch's words
  help                Explain a command

To begin:
  hutch init shop && cd shop            start a project
  hutch add flask                       give it a package
  hutch run python -m flask --version   run something in it

`hutch help COMMAND` explains a command, with examples; `hutch help options`
explains the options that every command takes.
"""

LOCK = """\
Choose a version of every package, and write pylock.toml.

Usage: hutch lock [OPTIONS]

Works out which versions fit together, for every Python and system that the
project supports, and writes them to pylock.toml. Versions that are already
locked stay, unless you ask for newer ones. Nothing is installed.

Options:
      --check                 Only say whether pylock.toml is up to date; exit
                              with 1 if it is not
  -U, --upgrade               Choose anew: the newest versions that fit
  -P, --upgrade-package NAME  Choose anew for this package only; flask or
                              'flask<4' (may be repeated)
      --target TARGET         Lock for these targets only: cp312-linux-x86_64,
                              macos-arm64, cp313, musl (may be repeated)
      --add-target TARGET     Write a further target into pyproject.toml, and
                              lock for it too (may be repeated)
      --explain-targets       Only tell which targets there are, and why some
                              are left out
      --resolution WHICH      Which versions to prefer (highest, lowest,
                              lowest-direct)
      --apply N               Make the edit that line N of a conflict's advice
                              proposes, and lock
      --script FILE           Work on this script and its inline metadata,
                              instead of a project
      --dry-run               Say what would be done, and change nothing
      --json                  Print the outcome as JSON

Examples:
  hutch lock             lock what pyproject.toml asks for
  hutch lock --upgrade   everything as new as possible
  hutch lock --check     in CI: is the lock up to date?

`hutch help options` explains the options that every command takes.
"""
