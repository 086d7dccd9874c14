"""``setup.py`` and ``setup.cfg`` read without running anything, beside those who run and parse them."""

import configparser
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hutch.project.dialects.setup_cfg import read_setup_cfg
from hutch.project.dialects.setup_py import read_setup_py


def run(text: str) -> dict:
    """What ``setup`` is really called with."""
    given_to_setup: dict = {}
    exec(text, {"__name__": "__main__", "setup": lambda **given: given_to_setup.update(given)})
    return given_to_setup


LIST = st.sampled_from(["['a']", "['a', 'b']", "[]", "('a',)", "['a'] + ['c']", "[*x, 'd']", "list(y)", "x"])
TABLE = st.sampled_from(["{'t': ['a']}", "dict(t=x)", "{**z, 'u': y}", "{'t': x + y}", "{}", "z"])
NAME = st.sampled_from(["x", "y"])
STATEMENT = st.one_of(
    st.tuples(NAME, LIST).map(lambda v: f"{v[0]} = {v[1]}"),
    st.tuples(NAME, LIST).map(lambda v: f"{v[0]} += {v[1]}"),
    st.tuples(NAME, LIST).map(lambda v: f"{v[0]} = list({v[1]}); {v[0]}.extend({v[1]})"),
    NAME.map(lambda name: f"{name} = list({name}); {name}.append('e')"),
    st.tuples(NAME, LIST).map(lambda v: f"if {v[1]}:\n    {v[0]} = {v[1]}"),
    st.tuples(NAME, LIST).map(lambda v: f"for i in {v[1]}:\n    {v[0]} = list({v[0]}) + [i]"),
    NAME.map(lambda name: f"def f():\n    global {name}\n    {name} = ['g']\nf()"),
    NAME.map(lambda name: f"def f(v):\n    v[:] = ['g']\n{name} = list({name})\nf({name})"),
    NAME.map(lambda name: f"{name} = list({name}); {name}.insert(0, 'h')"),
    NAME.map(lambda name: f"{name} = [i for i in {name}]"),
    NAME.map(lambda name: f"{name} = list({name}); del {name}[:]"),
    st.tuples(NAME, NAME).map(lambda v: f"{v[0]} = list({v[0]}); {v[1]} = {v[0]}; {v[1]}.append('k')"),
    st.tuples(NAME, NAME).map(lambda v: f"{v[0]} = {v[1]} = list({v[0]}); {v[1]} += ['m']"),
    TABLE.map(lambda value: f"z = {value}"),
    LIST.map(lambda value: f"z['n'] = {value}"),
    TABLE.map(lambda value: f"z.update({value})"),
    st.just("z = dict(z); z.pop('t', None)"),
    st.just("exec(\"x = ['exec']\", globals())"),
    st.just("import os as x; x = ['i']"),
    st.just("try:\n    y = ['try']\nexcept Exception:\n    pass"),
    st.just("with open('/dev/null') as y:\n    y = ['with']"),
    st.just("(lambda: x.append('lambda') if isinstance(x, list) else None)()"),
)
CALL = st.sampled_from(
    [
        "setup(install_requires=x, extras_require=z)",
        "setup(install_requires=x + y, extras_require={'a': y, **z})",
        "setup(**{'install_requires': y, 'name': 'a' + 'b', 'version': f\"{'1'}.0\"})",
        "if __name__ == '__main__':\n    setup(install_requires=x, name='\\n a '.strip())",
        "k = dict(install_requires=x)\nsetup(extras_require=z, **k)",
        "setup(install_requires='''\n a\n b'''.splitlines(), py_modules='a b'.split())",
    ]
)


def equal(found, really) -> bool:
    """Lists and tuples count as the same."""
    if isinstance(found, list):
        return len(found) == len(really) and all(map(equal, found, really))
    if isinstance(found, dict):
        return found.keys() == really.keys() and all(equal(found[key], really[key]) for key in found)
    return bool(found == really)


@given(st.lists(STATEMENT, max_size=8), CALL)
@example(["x = ['a']", "x += y"], "setup(install_requires=x)")
def test_what_is_said_of_a_setup_py_is_so_when_it_runs(statements, call):
    text = "\n".join(["x = ['one']", "y = ['two']", "z = {'t': ['three']}", *statements, call])
    try:
        really = run(text)
    except (TypeError, AttributeError, ValueError):
        return
    found = read_setup_py(text)
    assert found.fault is None
    for name, value in found.values.items():
        assert equal(value, really[name]), (name, text)
    if found.complete:
        assert found.values.keys() | found.unknown == really.keys()


@pytest.mark.parametrize(
    "text",
    [
        "setup(name='a')\nsetup(name='b')",
        "import setuptools\ndef main():\n    setuptools.setup(name='a')\nmain()",
        "if x:\n    setup(name='a')\n",
        "for i in y:\n    setup(name='a')\n",
        "setup(*arguments)",
        "",
    ],
)
def test_where_it_is_not_clear_what_is_called_nothing_is_known(text):
    found = read_setup_py(text)
    assert not found.complete
    assert found.is_unknown("install_requires")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "x = " + "[" * 500 + "]" * 500,
        "setup(x=" + "-" * 20_000 + "1)",
        "x = 'a'\n" + "x = x + x\n" * 100 + "setup(name=x)",
        "x = ['a']\n" + "x += x\n" * 100 + "setup(install_requires=x)",
        "x = ['a']\nx.append(x)\nsetup(install_requires=x)",
        "x = {}\nx['x'] = x\nsetup(extras_require=x)",
        "setup(name='\\ud800')",
        "\0",
        "#coding: nonsense\nsetup(name='a')",
    ],
    ids=range(10),
)
def test_a_hostile_setup_py_is_read_in_no_time_or_refused(text):
    read_setup_py(text)


def test_files_that_a_setup_py_may_read():
    text = "x = open(os.path.join(here, 'requirements', 'base.txt'))\ny = read('shop/about.py')\nz = 'a b'\n"
    assert set(read_setup_py(text).files) >= {"requirements/base.txt", "shop/about.py"}


# -- setup.cfg --------------------------------------------------------------------------------------

WORD = st.text(string.ascii_letters + string.digits + "_.-<>!~[]'\"()#;%= ", min_size=1, max_size=12)
LINE = st.one_of(
    st.sampled_from(
        ["[metadata]", "[options]", "[options.extras_require]", "[flake8]", "", "# a comment", "; too"]
    ),
    st.tuples(
        st.sampled_from(["name", "install_requires", "test", "Name"]),
        st.sampled_from(["=", " = ", ":"]),
        WORD,
    ).map("".join),
    st.sampled_from(["install_requires =", "test:"]),
    st.tuples(st.sampled_from(["    ", "\t", "  "]), WORD.filter(lambda w: w.strip())).map("".join),
    st.sampled_from(["    # inner", "    ; inner", "   "]),
)


@given(st.lists(LINE, max_size=14))
@example(["[options]", "install_requires =", "    flask", "", "    click", "# end", "test: x"])
@example(["[options]", "install_requires = flask", "  # c", "    click"])
def test_a_setup_cfg_is_what_configparser_says(lines):
    text = "[options]\nzip_safe = 1\n" + "\n".join(lines) + "\n"
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    found = read_setup_cfg(text)
    assert not found.faults
    for section in parser.sections():
        expected = {key: value.strip() for key, value in parser.items(section)}
        assert {key: entry.text for key, entry in found.sections[section].items()} == expected
        for key, entry in found.sections[section].items():
            assert text.splitlines()[entry.line - 1].lstrip().startswith(key)
            for line, words in entry.lines:
                assert words in text.splitlines()[line - 1]
