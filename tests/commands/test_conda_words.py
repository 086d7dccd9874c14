"""Flags of conda's verbs that scripts use: what changes nothing is accepted, the rest is done or refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import conda
from hutch.cli.parser import parse
from hutch.cli.table import GLOBAL_OPTIONS, every_command
from hutch.cli.table_conda_words import CONDA_WORDS
from hutch.errors import UsageProblem
from hutch.testing.conda import CondaPackage, index_channel

REPOSITORY = Path(__file__).resolve().parents[2]
VERBS = {" ".join(verb.path[1:]): verb for verb in every_command() if verb.path[0] == "conda"}
WORDS = [(verb, option) for verb, options in CONDA_WORDS.items() for option in options]
C = "-c ./chan --override-channels -y"


@pytest.fixture
def demo(project: Callable[..., Any], tmp_path: Path) -> Any:
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(
        found.path / "chan",
        (
            CondaPackage("a", "1", files={"share/a": "1"}),
            CondaPackage("a", "2", files={"share/a": "2"}),
            CondaPackage("b", "1", files={"share/b": "1"}, depends=["a"]),
        ),
    )
    return found


@pytest.mark.parametrize(("verb", "option"), WORDS, ids=lambda each: getattr(each, "name", str(each)))
def test_every_word_is_accepted_another_spelling_or_refused_with_a_way_out(verb: str, option: Any) -> None:
    words = ["conda", *verb.split(), f"--{option.name}", *(["x"] if option.takes_value else [])]
    words += [
        "x" if positional.count in ("1", "+", "rest") else ""
        for positional in VERBS[verb].positionals
        if positional.count in ("1", "+", "rest")
    ]
    field, value = option.sets
    if field == "refused":
        with pytest.raises(UsageProblem) as caught:
            parse(words, {})
        assert option.name in caught.value.what
        assert caught.value.why == (option.help,)
        assert caught.value.hints == (value,)
    else:
        parsed = parse(words, {})
        assert field == "accepted" or parsed.values[field] == value
        assert "accepted" not in parsed.values


def test_no_word_is_one_that_the_verb_explains() -> None:
    for verb, options in CONDA_WORDS.items():
        own = {word for option in VERBS[verb].options for word in option.spellings()}
        everywhere = {word for option in GLOBAL_OPTIONS for word in option.spellings()}
        mine = [word for option in options for word in option.spellings()]
        assert not own.intersection(mine), verb
        assert not everywhere.intersection(mine), verb
        assert len(mine) == len(set(mine)), verb


def test_every_word_is_on_the_page() -> None:
    page = (REPOSITORY / "docs/reference/conda-flags.md").read_text(encoding="utf-8")
    for _, option in WORDS:
        assert f"`--{option.name}`" in page or f"`--{option.name} " in page, option.name


def test_a_script_of_conda(demo: Any) -> None:
    conda(
        demo,
        f"create -p env {C} --solver libmamba --no-lock --repodata-fn x.json a=1 --console classic",
    )
    conda(
        demo, f"install -p env {C} -S --experimental jlap --no-shortcuts --use-index-cache --no-update-deps b"
    )
    assert (demo.path / "env/share/a").read_text() == "1"
    conda(demo, "remove -p env -y -c conda-forge --no-pin b")
    assert not (demo.path / "env/share/b").exists()


def test_update_reads_files_and_puts_in_anew(demo: Any) -> None:
    conda(demo, f"create -p env {C} a=1 b")
    (demo.path / "specs.txt").write_text("a>=2\n# comment\n")
    conda(demo, f"update -p env {C} --file specs.txt")
    assert (demo.path / "env/share/a").read_text() == "2"
    (demo.path / "env/share/b").write_text("spoiled")
    ran = conda(demo, f"update -p env {C} --force-reinstall b")
    assert (demo.path / "env/share/b").read_text() == "1", ran.stderr


def test_lists_in_conda_s_ways(demo: Any) -> None:
    conda(demo, f"create -p env {C} a=2 b")
    assert [row["name"] for row in json.loads(conda(demo, "list -p env --reverse --json").stdout)] == [
        "b",
        "a",
    ]
    lines = conda(demo, "list -p env -c").stdout.splitlines()
    assert [line.partition("::")[2] for line in lines] == ["a-2-0", "b-1-0"]
    assert all("/chan/" in line.partition("::")[0] for line in lines)
    assert json.loads(conda(demo, "list -p env -c --json").stdout) == lines
    assert json.loads(conda(demo, "list -p env -f a --json").stdout)[0]["name"] == "a"
    assert "rev 1" in conda(demo, "list -p env -r").stdout
    assert len(json.loads(conda(demo, "list -p env --no-pip --json").stdout)) == 2
    assert "a 2 0" in " ".join(conda(demo, "search -i a=2 -c ./chan --override-channels").stdout.split())


def test_channels_of_an_export(demo: Any) -> None:
    conda(demo, f"create -p env {C} a=2")
    for verb in ("export", "env export"):
        words = (
            f"{verb} -p env -c mine -c https://me:s3cret@x.example/t/tk-12345678/c --ignore-channels --json"
        )
        channels = json.loads(conda(demo, words).stdout)["channels"]
        assert channels[:2] == ["mine", "https://x.example/c"]
        assert len(channels) == 3


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("conda shell.bash hook", "shell-hook bash --conda"),
        ("conda shell.posix hook", "shell-hook bash --conda"),
        ("conda -q shell.zsh hook", "-q shell-hook zsh --conda"),
        ("conda init bash", "shell-hook bash --install --conda"),
        ("conda init --reverse zsh", "shell-hook zsh --uninstall"),
        ("conda init -d fish", "shell-hook fish --install --conda --dry-run"),
        ("conda help env create", "help conda env create"),
        ("conda help", "help conda"),
    ],
)
def test_words_of_conda_that_are_other_words_of_hutch(words: str, meant: str) -> None:
    found, same = parse(words.split(), {}), parse(meant.split(), {})
    for part in ("command", "values", "help", "flags", "manner", "topic"):
        assert getattr(found, part) == getattr(same, part)


def test_which_version(demo: Any) -> None:
    assert conda(demo, "--version").stdout == demo.run("--version").stdout
    assert demo.run("conda create --version").exit_code == 2


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("install -k a", "ssl_verify"),
        ("install --all", "hutch conda update --all"),
        ("install --use-local a", "-c FOLDER"),
        ("remove --force a", "goes as well"),
        ("info --unsafe-channels", "shown nowhere"),
        ("init", "hutch shell-hook bash --install"),
        ("tos accept", "accepts no terms"),
        ("shell.bash activate x", "hutch conda --help"),
    ],
)
def test_what_is_refused_says_what_instead(words: str, text: str, demo: Any) -> None:
    ran = demo.run(f"conda {words}")
    assert ran.exit_code == 2
    assert text in ran.stderr
