"""The table itself: complete, consistent, explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hutch.cli import reference
from hutch.cli.model import COUNT, FLAG, PAIR, Command, Option
from hutch.cli.parser import parse
from hutch.cli.table import COMMANDS, ELSEWHERE, GLOBAL_OPTIONS, GROUPS, NAMED, every_command

REPOSITORY = Path(__file__).resolve().parents[2]
VERBS = every_command()
OPTIONS = [(verb, option) for verb in VERBS for option in (*verb.options, *GLOBAL_OPTIONS)]


def title(value: object) -> str:
    if isinstance(value, Command):
        return value.title
    return value.name if isinstance(value, Option) else str(value)


@pytest.mark.parametrize("verb", VERBS, ids=title)
def test_no_two_options_of_a_command_are_spelled_alike(verb):
    spellings = [word for option in (*verb.options, *GLOBAL_OPTIONS) for word in option.spellings()]
    # Behind the command, pip's own letter is stronger than ours.
    for word in {"pip show": ("-f",), "env create": ("-f",)}.get(verb.title, ()):
        spellings.remove(word)
    # Behind conda's verbs, conda's own letters: -p is the place of an environment, -f a file, -i an index.
    own = {word for option in verb.options for word in option.spellings()} if verb.path[0] == "conda" else ()
    for word in {"-p", "-f", "-i"}.intersection(own):
        spellings.remove(word)
    if NAMED in verb.options or verb.title in ("env create", "env unpack"):  # which give the name
        spellings.remove("-n")  # the name of an environment, as conda has it, and not --no-cache
    assert sorted(spellings) == sorted(set(spellings))


@pytest.mark.parametrize("verb", VERBS, ids=title)
def test_no_two_values_of_a_command_share_a_field(verb):
    fields = [option.field for option in verb.options if not option.sets]
    fields += [positional.field for positional in verb.positionals]
    assert sorted(fields) == sorted(set(fields))


def test_one_option_has_one_meaning_in_all_commands():
    """An option that several commands have is the same object, or says why it is another thing."""
    apart = {"dev", "group", "optional", "frozen"}  # where to write; what not to do; …
    # The pip commands have these too, each with a variable of its own.
    apart |= {"output-file", "upgrade", "upgrade-package", "resolution", "reinstall", "reinstall-package"}
    apart |= {"deep"}  # of env verify and cache verify: each with a variable of its own
    apart |= {"editable"}  # of pip install: a directory; of add: a switch
    apart |= {
        "package"
    }  # where to begin a tree; one member whose manifest is edited; members that are chosen
    apart |= {"name"}  # of init: the project; else which environment
    # The verbs of env have these, each with a variable of its own.
    apart |= {"clear", "editable", "force", "prompt", "requirement", "seed", "size", "system-site-packages"}
    apart |= {"remove"}  # of env redirect: a switch
    apart |= {"apply"}  # of add: as well; of lock: and nothing else
    apart |= {"target"}  # of lock: what it is made for; of pip install: a folder
    # The verbs of pip have these of pip, each with a variable of its own.
    apart |= {"requirement", "prefix", "path", "local", "user", "exclude", "exclude-editable", "outdated"}
    apart |= {"all", "deps", "depth", "format", "global", "invert", "json", "only-deps", "pre"}
    apart |= {"python-version", "root", "site", "uploaded-prior-to"}
    apart |= {"force-reinstall"}  # of pip install and conda install: each with a variable of its own
    apart |= {"prune", "sha256"}  # of conda env update and conda list: as conda has them
    apart |= {"channel"}  # of env create: without a letter, which is that of constraints there
    apart |= {"file"}  # of conda create: MatchSpecs; of conda env: an environment.yml to read, or to write
    apart |= {"pip-args", "config"}  # of pip compile and pip sync
    apart |= {"annotate", "header", "emit-index-url"}  # of pip compile and export
    apart |= {
        "build-constraint",
        "no-require-hashes",
        "prefer-binary",
        "requirements-from-script",
    }
    apart |= {"abi", "implementation", "platform"}  # of pip install: with a folder
    apart |= {"check", "fix", "list", "yes"}  # of doctor: names of checks; of lock, cache and pip: switches
    apart |= {"shell"}  # of shell: a program; of activate: the language of what is printed
    apart |= {"env-file"}  # of run: for a command; of shell: for the shell
    apart |= {"print"}  # of the verbs of ide, each with a variable of its own
    apart |= {"system"}  # of python find: what is passed over; of pip: where to install
    apart |= {"prune"}  # of python upgrade: older patch releases; of pip tree: branches
    apart |= {"conda", "pypi"}  # of add and remove: which side, each with a variable of its own
    apart |= {"output"}  # of env pack: an archive; of pip lock: a lock
    apart |= {"rev"}  # of add: a commit; of conda install: a generation
    # Of conda install and update, each with a variable of its own; no-deps is of pip as well.
    apart |= {"freeze-installed", "update-deps", "no-deps"}
    # Of search: another word for --subdir; of conda export: other words than of export.
    apart |= {"platform", "format"}
    apart |= {"stdin"}  # of auth login: a password; of conda config: settings
    apart |= {"envs"}  # of conda search: where to look; of conda info: what to show
    apart |= {"reverse"}  # of pip tree: who needs it; of conda list: an order
    # Of conda's verbs: dry-run has a letter; the others are conda's words for files, keys and its cache.
    apart |= {"dry-run", "env", "system", "remove", "packages", "describe", "show", "get", "set", "append"}
    first: dict[str, Option] = {}
    for verb in VERBS:
        for option in verb.options:
            known = first.setdefault(option.name, option)
            assert known is option or option.name in apart, f"{verb.title} --{option.name}"


@pytest.mark.parametrize(("verb", "option"), OPTIONS, ids=title)
def test_every_option_is_explained(verb, option):
    assert re.match(r"[A-Z]|[a-z]+:", option.help)
    assert not option.help.endswith(".")
    assert bool(option.metavar) == option.takes_value
    if option.kind not in (FLAG, PAIR, COUNT) and not option.sets:
        assert option.metavar.isupper()


@pytest.mark.parametrize(("verb", "option"), OPTIONS, ids=title)
def test_every_option_has_a_variable_by_the_rule(verb, option):
    """``HUTCH_`` and the name for what is shared; the command in between for what is its own."""
    if option.sets or option.name in ("help", "version"):
        assert option.env == ""
        return
    name = option.name.upper().replace("-", "_")
    command = "_".join(verb.path).upper().replace("-", "_")
    assert option.env in (f"HUTCH_{name}", f"HUTCH_{command}_{name}")


def test_one_variable_stands_for_one_option_name():
    names: dict[str, str] = {}
    for _, option in OPTIONS:
        if option.env:
            assert names.setdefault(option.env, option.name) == option.name


@pytest.mark.parametrize("verb", VERBS, ids=title)
def test_every_command_is_explained_with_examples_that_parse(verb):
    assert verb.help[0].isupper()
    assert not verb.help.endswith(".")
    assert 1 <= len(verb.examples) <= 3
    for line, about in verb.examples:
        assert about
        assert "hutch " in line
        import shlex

        words = shlex.split(re.sub(r'^eval "\$\((.*)\)"$', r"\1", re.split(r"[|<>] ", line)[0]))
        parsed = parse(words[1:], {})
        assert parsed.help or parsed.command is verb, line


def test_every_command_is_in_a_group_that_is_shown():
    assert {command.group for command in COMMANDS} == {group for group, _ in GROUPS}


@pytest.mark.parametrize("verb", [*VERBS, *COMMANDS], ids=title)
def test_conflicts_and_shown_options_name_options_that_exist(verb):
    names = {word.lstrip("-") for option in verb.options for word in option.spellings()}
    assert {name for conflict in verb.conflicts for name in conflict} <= names
    assert set(verb.show) <= {option.name for option in GLOBAL_OPTIONS}


def test_words_of_other_tools_lead_to_words_that_exist():
    known = {command.name for command in COMMANDS}
    for word, hints in ELSEWHERE.items():
        assert word not in known
        for hint in hints:
            parse(hint.split()[1:], {})


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_the_reference_is_up_to_date(name):
    """If this fails: ``python -m hutch.cli.reference``."""
    written = (REPOSITORY / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == reference.PAGES[name]()


def test_every_variable_that_the_code_reads_is_in_the_reference():
    page = reference.variables_page()
    for path in (REPOSITORY / "src").rglob("*.py"):
        for name in re.findall(r"[\"'](HUTCH_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")):
            assert name in page, f"{path.name} reads {name}"
