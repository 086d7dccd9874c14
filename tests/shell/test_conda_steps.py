"""Steps of conda's activation as values: whatever is done, the way back leads to where it began."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutch.shell.conda import (
    PrefixFacts,
    conda_name,
    level_of,
    prefix_folders,
    step_down,
    step_in,
    step_over,
)

POOL = ("X", "Y", "PYTHONPATH", "PYTHONHOME")
VALUES = st.text("ab '\"$`\\!%\n;", max_size=4)


def prefix(letter, variables=None, unset=()):
    root = f"/e/envs/{letter}"
    return PrefixFacts(
        root=root,
        name=conda_name(root, {}),
        folders=prefix_folders(root),
        variables=variables or {},
        unset=unset,
        enter=(f"+{letter}",),
        leave=(f"-{letter}",),
    )


FACTS = st.fixed_dictionaries(
    {letter: st.dictionaries(st.sampled_from(POOL[:3]), VALUES, max_size=3) for letter in "ABC"}
)
ENVIRONS = st.fixed_dictionaries(
    {"PATH": st.sampled_from(["/usr/bin:/bin", "/bin", "/e/envs/A/bin:/bin", "::/bin:"])},
    optional={**dict.fromkeys(POOL, VALUES), "CONDA_SHLVL": st.just("0")},
)
MOVES = st.lists(
    st.tuples(st.sampled_from(["over", "stack", "down", "again"]), st.sampled_from("ABC")), max_size=8
)


@given(FACTS, ENVIRONS, MOVES)
def test_every_way_back_leads_to_where_it_began(variables, environ, moves):
    by_root = {f"/e/envs/{letter}": prefix(letter, found) for letter, found in variables.items()}
    facts = by_root.__getitem__
    now = dict(environ)
    visible: list[list[str]] = []
    for move, letter in moves:
        level, new = level_of(now), by_root[f"/e/envs/{letter}"]
        if move in ("over", "stack"):
            step = step_over(now, new, facts, stack=move == "stack")
            if step.level > level:
                under = list(visible[-1]) if visible else []
                visible.append([*(under if move == "stack" else under[:-1]), new.root])
            elif step.level < level:
                del visible[-1:]
        elif move == "down":
            step = step_down(now, facts)
            del visible[-1:]
        elif level:
            step = step_in(now, facts(now["CONDA_PREFIX"]))
        else:
            continue
        now = step.variables(now, ":")
        assert level_of(now) == len(visible)
        if not visible:
            assert now == environ
            continue
        # What can be seen is what conda's prompt shows with {stacked_env}: the last one comes first.
        assert now["CONDA_PREFIX"] == visible[-1][-1]
        for name in POOL:
            said = [by_root[root].variables[name] for root in visible[-1] if name in by_root[root].variables]
            if name == "PYTHONHOME" and not said:
                assert name not in now
            else:
                assert now.get(name) == (said[-1] if said else environ.get(name))
        bins = [f"{root}/bin" for root in reversed(visible[-1])]
        assert now["PATH"] == ":".join([*bins, environ["PATH"]])
    while level_of(now):
        now = step_down(now, facts).variables(now, ":")
    assert now == environ


def test_scripts_are_read_in_conda_s_order():
    one, two = prefix("A"), prefix("B")
    facts = {each.root: each for each in (one, two)}.__getitem__
    now = step_over({"PATH": "/bin"}, one, facts).variables({"PATH": "/bin"}, ":")
    over = step_over(now, two, facts)
    assert (over.leave, over.enter) == (("-A",), ("+B",))
    stacked = step_over(now, two, facts, stack=True)
    assert (stacked.leave, stacked.enter) == ((), ("+B",))
    down = step_down(over.variables(now, ":"), facts)
    assert (down.leave, down.enter) == (("-B",), ("+A",))
    again = step_over(now, one, facts)
    assert (again.leave, again.enter) == (("-A",), ("+A",))
    back = step_over(over.variables(now, ":"), one, facts)
    assert (back.leave, back.enter, back.level) == (("-B",), ("+A",), 1)
    assert step_down({"PATH": "/bin"}, facts).level == 0


def test_the_names_are_those_of_conda():
    one, two = prefix("A"), prefix("B", {"X": "2"})
    facts = {each.root: each for each in (one, two)}.__getitem__
    start = {"PATH": "/bin", "X": "1"}
    first = step_over(start, one, facts).variables(start, ":")
    assert first == {
        "PATH": "/e/envs/A/bin:/bin", "X": "1",
        "CONDA_PREFIX": "/e/envs/A", "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "A",
        "CONDA_PROMPT_MODIFIER": "(A) ",
    }  # fmt: skip
    assert step_over(first, two, facts, stack=True).variables(first, ":") == {
        "PATH": "/e/envs/B/bin:/e/envs/A/bin:/bin", "X": "2", "__CONDA_SHLVL_1_X": "1",
        "CONDA_PREFIX": "/e/envs/B", "CONDA_SHLVL": "2", "CONDA_DEFAULT_ENV": "B",
        "CONDA_PROMPT_MODIFIER": "(B) ", "CONDA_PREFIX_1": "/e/envs/A", "CONDA_STACKED_2": "true",
    }  # fmt: skip


def test_what_conda_has_begun_is_ended():
    """The table that `conda activate` makes where its start-up lines were read."""
    one = prefix("A", {"X": "2"})
    now = {
        "PATH": "/e/envs/A/bin:/opt/conda/condabin:/bin", "CONDA_EXE": "/opt/conda/bin/conda", "X": "2",
        "__CONDA_SHLVL_0_X": "1", "CONDA_PREFIX": "/e/envs/A", "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": "A", "CONDA_PROMPT_MODIFIER": "(A) ",
    }  # fmt: skip
    assert step_down(now, {one.root: one}.__getitem__).variables(now, ":") == {
        "PATH": "/opt/conda/condabin:/bin", "CONDA_EXE": "/opt/conda/bin/conda", "X": "1", "CONDA_SHLVL": "0",
    }  # fmt: skip


def test_a_variable_that_is_marked_as_gone_goes_when_the_scripts_are_read_again():
    one = prefix("A", {}, unset=("X", "Y"))
    now = {"CONDA_PREFIX": one.root, "CONDA_SHLVL": "1", "X": "2", "__CONDA_SHLVL_0_X": "1", "Y": "3"}
    after = step_in(now, one).variables(now, ":")
    assert (after.get("X"), after.get("Y"), after.get("__CONDA_SHLVL_0_X")) == ("1", None, None)


def test_the_prompt_is_what_condarc_says_of_it_and_nothing_in_a_name_acts():
    one = prefix("A")
    odd = PrefixFacts(root="/e/$(touch x)/{name}", name="/e/$(touch x)/{name}", folders=("/b",))
    facts = {one.root: one, odd.root: odd}.__getitem__
    assert step_over({}, one, facts, prompt="[{name}|{prefix}] ").modifier == "[A|/e/envs/A] "
    assert step_over({}, odd, facts).modifier == "(/e/_(touch x)/{name}) "
    assert step_over({}, one, facts, prompt=None).modifier == ""
    now = step_over({}, one, facts, prompt="<{stacked_env}> ").variables({}, ":")
    assert step_over(now, odd, facts, stack=True, prompt="<{stacked_env}> ").modifier == (
        "</e/_(touch x)/{name},A> "
    )


def test_a_level_that_is_none_counts_as_nothing():
    for level in ("", "x", "-1", "1x", "99999999999", "²", " 1 "):
        environ = {"CONDA_SHLVL": level, "CONDA_PREFIX": "/e/envs/A"}
        assert level_of(environ) == (1 if level == " 1 " else 0)
    assert level_of({"CONDA_SHLVL": "2"}) == 0


def test_an_environment_is_called_as_conda_or_its_project_is_called():
    assert conda_name("/home/me/.conda/envs/science", {}) == "science"
    assert conda_name("/home/me/somewhere", {}) == "/home/me/somewhere"
    assert conda_name("/home/me/demo/.venv", {}) == "demo"
    assert conda_name("/home/me/demo/.venv-test", {}) == "demo-test"
    assert conda_name("/d/projects/demo-1234abcd/demo", {}) == "demo"
    assert conda_name("/opt/conda", {"CONDA_EXE": "/opt/conda/bin/conda"}) == "base"
    assert conda_name("/opt/conda/envs/x", {"_CONDA_ROOT": "/opt/conda"}) == "x"


def test_windows_has_six_folders_in_conda_s_order():
    assert prefix_folders("C:\\e\\", windows=True) == (
        "C:\\e", "C:\\e\\Library\\mingw-w64\\bin", "C:\\e\\Library\\usr\\bin", "C:\\e\\Library\\bin",
        "C:\\e\\Scripts", "C:\\e\\bin",
    )  # fmt: skip
