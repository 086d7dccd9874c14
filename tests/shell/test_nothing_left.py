"""Whatever the environment was: after `deactivate` nothing is left, and everything is as before.

All that each shell knows is compared: variables with what they hold and whether they are exported, functions,
aliases. No name of ours is known in advance.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shell.real import make, needs

DUMPS = {
    "bash": "set -o posix; set; set +o posix; export -p; declare -F; alias; shopt; set -o",
    "dash": "set; export -p; alias; command -v deactivate || :; set -o",
    "zsh": "typeset; export; functions; alias; setopt",
    "ksh": "set; export -p; typeset +f; alias; set -o",
    "fish": "set; set -x; functions -a; functions fish_prompt",
    "tcsh": "set; /usr/bin/printenv; alias",
}
"""How each shell lists all it knows."""

# What changes by itself: counters, clocks, the last word, and where the shell is in its script.
OWN = (
    "_=", "RANDOM", "SRANDOM", "SECONDS", "EPOCH", "LINENO", "BASH_", "PIPESTATUS", "pipestatus", "status",
    "history", "FUNCNAME", "?", "!", "TTYIDLE", "export _=", "declare -x _=", "typeset -x _=",
    "CMD_DURATION", ".sh.", "ERRNO", "argv", "'!'", "'?'", "_ ", "- ", "$", "0=", "HISTCMD", "SHLVL",
    "typeset -g _=", "integer 10 ", "undefined", "# Defined",
)  # fmt: skip

words = st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=("Cs", "Cc")), max_size=12)
values = st.one_of(
    st.none(), st.just(""), words, st.sampled_from(["$(touch sentinel)", "a b", "it's", "\\", "!x"])
)
POSIX = {"PYTHONHOME": "unset PYTHONHOME; PYTHONHOME='of /mine'"}
PRIVATE = {
    **dict.fromkeys(("bash", "dash", "zsh", "ksh"), POSIX),
    "fish": {"PYTHONHOME": "set -e PYTHONHOME; set -g PYTHONHOME 'of /mine'"},
    "tcsh": {"PS1": "set PS1=x"},
}
"""Variables of the shell alone, which no program is told of, and which stay so."""

variables = st.fixed_dictionaries(
    {},
    optional={
        "PATH": st.one_of(
            st.just("/usr/local/bin:/usr/bin:/bin"), st.just(""), words.map("/usr/bin:/{}".format)
        ),
        "PYTHONHOME": values,
        "VIRTUAL_ENV": values,
        "VIRTUAL_ENV_PROMPT": values,
        "VIRTUAL_ENV_DISABLE_PROMPT": values,
        "OSTYPE": st.sampled_from(["linux-gnu", "msdos"]),
        "PYTHONPATH": values,
    },
)
walks = st.lists(st.sampled_from(["one", "two", "out"]), min_size=1, max_size=5)


def told(output: str) -> list[list[str]]:
    """What each dump of a script listed, without what is always different."""
    dumps: list[list[str]] = []
    for line in output.split("\n"):
        if line == "BEGIN":
            dumps.append([])
        elif dumps and line not in ("", "END") and not line.startswith(OWN):
            dumps[-1].append(line)
    return [sorted(each) for each in dumps]  # the order of variables is that of their making


@pytest.mark.slow
@pytest.mark.parametrize("name", DUMPS)
def test_after_leave_everything_is_as_before(name: str, tmp_path: Path) -> None:
    shell = needs(name, tmp_path)
    dump = f"echo BEGIN\n{DUMPS[name]}\necho END"
    places = {each: make(tmp_path / each, prompt) for each, prompt in (("one", "p $(x)"), ("two", "two"))}
    sources = {each: shell.source(place) for each, place in places.items()}

    @settings(max_examples=25)
    @given(variables, walks, st.sets(st.sampled_from(sorted(PRIVATE.get(name, {})))))
    def leaves_nothing(said: dict[str, str | None], walk: list[str], private: set[str]) -> None:
        start = [PRIVATE[name][each] for each in sorted(private)]
        lines: list[str] = []
        active = False
        for step in walk:
            if step != "out" or active:
                lines.append("deactivate" if step == "out" else sources[step])
            active = step != "out"
        if active:
            lines.append("deactivate")
        before, after = told(shell.run(*start, dump, *lines, dump, **said).output)
        assert after == before

    leaves_nothing()
    assert not list(tmp_path.rglob("sentinel*"))


def test_the_dump_would_show_what_is_left(tmp_path: Path) -> None:
    for name in DUMPS:
        try:
            shell = needs(name, tmp_path / name)
        except pytest.skip.Exception:
            continue
        (tmp_path / name).mkdir()
        dump = f"echo BEGIN\n{DUMPS[name]}\necho END"
        left = {"fish": "set -g LEFT x", "tcsh": "set LEFT=x"}.get(name, "LEFT=x")
        before, after = told(shell.run(dump, left, dump).output)
        assert before != after, name
