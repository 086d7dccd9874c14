"""Words → values, and words that are wrong → one helpful problem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.cli.parser import Parsed, parse
from hutch.cli.table import COMMANDS, GLOBAL_OPTIONS, every_command
from hutch.errors import UsageProblem


def read(line: str, **environ: str) -> Parsed:
    return parse(line.split(), environ)


def wrong(line: str, **environ: str) -> tuple[str, ...]:
    with pytest.raises(UsageProblem) as caught:
        read(line, **environ)
    problem = caught.value
    return (problem.what, *problem.why, *(f"try: {hint}" for hint in problem.hints))


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("lock", "upgrade", False),
        ("lock --upgrade", "upgrade", True),
        ("lock -U", "upgrade", True),
        ("lock", "resolution", None),
        ("lock --resolution lowest", "resolution", "lowest"),
        ("lock --resolution=lowest", "resolution", "lowest"),
        ("lock --resolution highest --resolution=lowest", "resolution", "lowest"),
        ("lock", "upgrade_package", ()),
        ("lock -P flask", "upgrade_package", ("flask",)),
        ("lock -Pflask --upgrade-package=jinja2<4", "upgrade_package", ("flask", "jinja2<4")),
        ("lock -P=flask", "upgrade_package", ("flask",)),
        ("sync", "dev", True),
        ("sync --no-dev", "dev", False),
        ("sync --no-dev --dev", "dev", True),
        ("sync --no-install-project", "install_project", False),
        ("sync --no-group docs", "no_group", ("docs",)),
        ("tree --depth 2", "depth", 2),
        ("tree", "depth", None),
        ("add flask", "bounds", "lower"),
        ("add flask --raw", "bounds", "none"),
        ("add flask --bounds exact", "bounds", "exact"),
        ("add --dev flask requests", "requirements", ("flask", "requests")),
        ("add flask --dev requests", "requirements", ("flask", "requests")),
        ("add -- --odd", "requirements", ("--odd",)),
        ("export", "hashes", True),
        ("export -o -", "output_file", "-"),
        ("init", "path", None),
        ("init here", "path", "here"),
        ("cache clean", "names", ()),
        ("cache clean a b", "names", ("a", "b")),
        ("completions zsh", "shell", "zsh"),
    ],
)
def test_values(line, field, value):
    assert read(line).values[field] == value


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("run pytest -q --lf", ("pytest", "-q", "--lf")),
        ("run --no-sync pytest --no-sync", ("pytest", "--no-sync")),
        ("run -- pytest --help", ("pytest", "--help")),
        ("run pytest -- x", ("pytest", "--", "x")),
        ("run -p 3.12 python -p 3", ("python", "-p", "3")),
        ("-q run -v python -V", ("python", "-V")),
        ("run -- --odd", ("--odd",)),
    ],
)
def test_everything_after_the_command_of_run_is_the_commands(line, command):
    parsed = read(line)
    assert parsed.values["command"] == command
    assert not parsed.help
    assert not parsed.version


def test_an_empty_word_may_be_passed_on():
    assert parse(["run", "echo", ""], {}).values["command"] == ("echo", "")


@pytest.mark.parametrize(
    "line", ["-q -C there lock --offline", "lock --offline -qC there", "lock -C=there --offline -q"]
)
def test_global_options_stand_before_or_after_the_command(line):
    parsed = read(line)
    assert parsed.manner["quiet"] == 1
    assert parsed.manner["project"] == "there"
    assert parsed.flags == {"offline": True}


def test_settings_are_handed_on_only_when_they_were_given():
    """``config`` reads the variables itself, to be able to say where a value came from."""
    parsed = read(
        "sync --no-offline -i a --extra-index-url b --extra-index-url c --link-mode copy -n",
        HUTCH_PYTHON="3.12",
        HUTCH_OFFLINE="1",
    )
    assert parsed.flags == {
        "offline": False,
        "index-url": "a",
        "extra-index-url": ("b", "c"),
        "link-mode": "copy",
        "no-cache": True,
    }
    assert "link_mode" not in parsed.values


@pytest.mark.parametrize(
    ("line", "command", "topic"),
    [
        ("", None, ""),
        ("--help", None, ""),
        ("-h", None, ""),
        ("-q", None, ""),
        ("help", None, ""),
        ("help lock", "lock", ""),
        ("lock --help", "lock", ""),
        ("--help lock", "lock", ""),
        ("add -h", "add", ""),
        ("help cache", "cache", ""),
        ("cache --help", "cache", ""),
        ("cache clean -h", "cache clean", ""),
        ("help cache clean", "cache clean", ""),
        ("help options", None, "options"),
        ("help --help", "help", ""),
        ("help help", "help", ""),
        ("run --help", "run", ""),
        ("sync --frozen --locked --help", "sync", ""),
    ],
)
def test_ways_to_ask_for_help(line, command, topic):
    parsed = read(line)
    assert parsed.help
    assert (parsed.command.title if parsed.command else None) == command
    assert parsed.topic == topic


@pytest.mark.parametrize("line", ["--version", "-V", "-q --version", "--version --help"])
def test_version(line):
    assert read(line).version


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lck", ("there is no command `lck`", "try: hutch lock")),
        (
            "install",
            (
                "there is no command `install`",
                "try: hutch sync",
                "try: hutch add NAME",
                "try: hutch conda install -n ENV NAME",
                "try: hutch pip install NAME",
            ),
        ),
        ("xyzzy", ("there is no command `xyzzy`", "try: hutch --help")),
        ("python lst", ("`hutch python` has no command `lst`", "try: hutch python list")),
        ("python x.py", ("`hutch python` has no command `x.py`", "try: hutch run python x.py")),
        (
            "python -m venv",
            (
                "`hutch python` has no option `-m`",
                "try: hutch run python -m",
                "try: hutch python --help",
            ),
        ),
        ("python local", ("`hutch python` has no command `local`", "try: hutch python pin 3.12")),
        ("python xyzzy", ("`hutch python` has no command `xyzzy`", "try: hutch python --help")),
        (
            "python 3.12",
            (
                "`hutch python` has no command `3.12`",
                "try: hutch python find 3.12",
                "try: hutch python install 3.12",
            ),
        ),
        ("cache cleen", ("`hutch cache` has no command `cleen`", "try: hutch cache clean")),
        (
            "self update",
            ("`hutch self` has no command `update`", "try: hutch self version"),
        ),
        (
            "lock --upgade",
            ("`hutch lock` has no option `--upgade`", "try: --upgrade", "try: hutch lock --help"),
        ),
        (
            "sync --seed",
            (
                "`hutch sync` has no option `--seed`",
                "it is an option of: env create",
                "try: hutch sync --help",
            ),
        ),
        (
            "lock -offline",
            (
                "`hutch lock` has no option `-offline`",
                "options of more than one letter have two dashes",
                "try: --offline",
                "try: --no-offline",
                "try: hutch lock --help",
            ),
        ),
        (
            "lock -vx",
            (
                "`hutch lock` has no option `-vx`",
                "there is no `-x`, and options of more than one letter have two dashes",
                "try: hutch lock --help",
            ),
        ),
        ("tree --depth", ("--depth needs a value", "try: --depth N")),
        (
            "tree --depth --json",
            ("--depth needs a value", "what comes next, `--json`, begins like an option", "try: --depth N"),
        ),
        ("tree --depth two", ("--depth needs a whole number, but got `two`",)),
        ("tree --depth=-1", ("--depth needs a whole number, but got `-1`",)),
        ("lock --json=yes", ("--json takes no value, but got `yes`", "try: --json alone")),
        (
            "lock --resolution lowset",
            (
                "--resolution cannot be `lowset`",
                "it is one of: highest, lowest, lowest-direct",
                "try: lowest",
            ),
        ),
        ("lock --target=", ("--target has an empty value", "try: --target TARGET")),
        (
            "lock flask",
            (
                "`hutch lock` does not know what to do with `flask`",
                "it takes options only",
                "try: hutch lock --help",
            ),
        ),
        (
            "why a b",
            ("`hutch why` does not know what to do with `b`", "it takes: NAME", "try: hutch why --help"),
        ),
        (
            "run",
            (
                "`hutch run` needs a COMMAND",
                "COMMAND: The command and its arguments, or a .py file",
                "try: hutch run pytest -q",
            ),
        ),
        ("completions tcsh", ("SHELL cannot be `tcsh`", "it is one of: bash, zsh, fish, powershell")),
        (
            "sync --frozen --locked",
            ("--frozen and --locked do not go together in `hutch sync`", "try: hutch sync --help"),
        ),
        (
            "add --group x --dev flask",
            ("--dev and --group do not go together in `hutch add`", "try: hutch add --help"),
        ),
        (
            "help lock tree",
            (
                "`hutch lock` does not know what to do with `tree`",
                "it takes options only",
                "try: hutch lock --help",
            ),
        ),
    ],
)
def test_wrong_words_are_explained(line, said):
    assert wrong(line) == said


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("run -e test python", "--env"),
        ("sync --environment test", "--env"),
        ("add --feature test gdal", "--group: a feature of pixi is a group"),
        ("run -m http.server", "hutch run python -m"),
        ("task list", "hutch run COMMAND: tasks of pixi are pixi's to run"),
    ],
)
def test_words_of_pixi(line, hint):
    what, first, *_ = wrong(line)
    assert first == f"try: {hint}"
    assert len(_) == (0 if line.startswith("task") else 1), what


def test_an_option_before_its_command_is_sent_behind_it():
    what, why, *hints = wrong("--frozen sync")
    assert what == "`hutch` has no option `--frozen`"
    assert why == "it is an option of: add, remove, sync, run, export, shell"
    assert hints[-1] == "try: hutch --help"


def test_an_empty_requirement_is_no_requirement():
    with pytest.raises(UsageProblem, match="an empty REQUIREMENT"):
        parse(["add", ""], {})


class TestEnvironment:
    """An option that was not given comes from its variable."""

    @pytest.mark.parametrize(
        ("line", "environ", "field", "value"),
        [
            ("sync", {"HUTCH_FROZEN": "1"}, "frozen", True),
            ("sync", {"HUTCH_FROZEN": "no"}, "frozen", False),
            ("sync", {"HUTCH_FROZEN": ""}, "frozen", False),
            ("sync", {"HUTCH_DEV": "0"}, "dev", False),
            ("sync", {"HUTCH_NO_DEV": "true"}, "dev", False),
            ("sync --dev", {"HUTCH_NO_DEV": "true"}, "dev", True),
            ("sync", {"HUTCH_GROUP": "a  b"}, "group", ("a", "b")),
            ("sync --group c", {"HUTCH_GROUP": "a b"}, "group", ("c",)),
            ("lock", {"HUTCH_LOCK_RESOLUTION": "lowest"}, "resolution", "lowest"),
            ("tree", {"HUTCH_TREE_DEPTH": "3"}, "depth", 3),
            ("export", {"HUTCH_EXPORT_NO_HASHES": "1"}, "hashes", False),
            ("add x", {"HUTCH_DEV": "1"}, "dev", False),
            ("add x", {"HUTCH_ADD_DEV": "1"}, "dev", True),
        ],
    )
    def test_value(self, line, environ, field, value):
        assert read(line, **environ).values[field] == value

    @pytest.mark.parametrize(("text", "level"), [("1", 1), ("2", 2), ("true", 1), ("0", 0), ("", 0)])
    def test_counts(self, text, level):
        assert read("lock", HUTCH_VERBOSE=text).manner["verbose"] == level

    def test_the_command_line_puts_a_conflicting_variable_aside(self):
        values = read("sync --locked", HUTCH_FROZEN="1").values
        assert (values["locked"], values["frozen"]) == (True, False)

    def test_two_variables_may_conflict(self):
        assert wrong("sync", HUTCH_FROZEN="1", HUTCH_LOCKED="1")[0] == (
            "HUTCH_LOCKED and HUTCH_FROZEN do not go together in `hutch sync`"
        ) or wrong("sync", HUTCH_FROZEN="1", HUTCH_LOCKED="1")[0] == (
            "HUTCH_FROZEN and HUTCH_LOCKED do not go together in `hutch sync`"
        )

    @pytest.mark.parametrize(
        ("environ", "what"),
        [
            ({"HUTCH_FROZEN": "maybe"}, "the environment variable HUTCH_FROZEN is `maybe`"),
            ({"HUTCH_NO_DEV": "maybe"}, "the environment variable HUTCH_NO_DEV is `maybe`"),
            ({"HUTCH_COLOR": "blue"}, "HUTCH_COLOR cannot be `blue`"),
            ({"HUTCH_QUIET": "-3"}, "HUTCH_QUIET needs a whole number, but got `-3`"),
        ],
    )
    def test_wrong_values_name_the_variable(self, environ, what):
        assert wrong("sync", **environ)[0] == what

    def test_help_and_version_do_not_care(self):
        assert read("lock --help", HUTCH_LOCK_RESOLUTION="x").help
        assert read("--version", HUTCH_FROZEN="x").version


WORDS = sorted(
    {
        *(word for command in COMMANDS for word in command.path),
        *(word for verb in every_command() for option in verb.options for word in option.spellings()),
        *(word for option in GLOBAL_OPTIONS for word in option.spellings()),
        *("clean", "dir", "show", "--", "-", "", "=", "--x=", "-vq", "3", "lowest", "--color=never", "bash"),
    }
)
VARIABLES = sorted(
    {option.env for verb in every_command() for option in (*verb.options, *GLOBAL_OPTIONS) if option.env}
)


@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=8),
    st.dictionaries(
        st.sampled_from(VARIABLES), st.one_of(st.sampled_from(["1", "0", "x"]), st.text(max_size=4))
    ),
)
def test_any_words_give_a_result_or_a_usage_problem(words, environ):
    try:
        parsed = parse(words, environ)
    except UsageProblem:
        return
    if parsed.help or parsed.version:
        return
    command = parsed.command
    assert command is not None
    expected = {option.field for option in command.options if not option.sets and not option.setting}
    assert set(parsed.values) == expected | {positional.field for positional in command.positionals}


@given(st.sampled_from([verb for verb in every_command() if verb.name != "help"]), st.data())
def test_what_is_written_is_what_is_read(command, data):
    """Any choice of values, spelled out as words, comes back."""
    words, expected = list(command.path), {}
    for option in command.options:
        if option.sets or not data.draw(st.booleans()):
            continue
        if option.takes_value:
            text = st.sampled_from(option.choices) if option.choices else st.just("7")
            values = data.draw(st.lists(text, min_size=1, max_size=3 if option.many else 1))
            for value in values:
                words += data.draw(
                    st.sampled_from([[f"--{option.name}", value], [f"--{option.name}={value}"]])
                )
                words += ["8"] * (option.words - 1)
            values = [(value, "8") for value in values] if option.words == 2 else values
            values = [int(value) for value in values] if option.kind == "number" else values
            expected[option] = tuple(values) if option.many else values[0]
        else:
            words.append(f"--{option.name}")
            expected[option] = True
    for positional in command.positionals:
        if positional.count != "?":
            words.append(positional.choices[0] if positional.choices else "word")
    try:
        parsed = parse(words, {})
    except UsageProblem as problem:
        if "do not go together" in problem.what:
            return
        raise
    if parsed.help:
        return
    for option, value in expected.items():
        found = parsed.flags[option.name] if option.setting else parsed.values[option.field]
        assert found == value
