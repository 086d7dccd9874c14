"""What is plain TOML is read as ``tomllib`` reads it; what may not be is left to it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hutch
from hutch.project.plain_toml import read_plain_toml
from hutch.project.toml_text import read_toml

PLAIN = {
    "a manifest": """
# what it is
[project]
name = "web"          # a comment
version = '1.0'
requires-python = ">=3.11"
dependencies = [
    "flask>=3",   # why
    'requests[socks]',
]
[project.optional-dependencies]
docs = ["sphinx"]
[build-system]
requires = []
build-backend="x"
[tool.ruff]
line-length = 110
lint.select = ["E", "F"]
lint.ignore = ["W"]
[tool.hutch.sources]
io = { path = "../io", editable = true }
[[tool.uv.index]]
name = "one"
[[tool.uv.index]]
name = "two"
[tool.uv.index.more]
deep = 0
""",
    "a table named after one inside it": "[a.b]\nx = 1\n[a]\ny = 2\n",
    "quoted keys": '"a b" = 1\n\'c.d\' = 2\n["src/x.py"]\nf = 3\n',
    "escapes": r'a = "tab\t quote\" back\\ line\n"' + "\n",
    "several lines": 'a = """\nfirst\n  "second"\n"""\nb = \'\'\'x\\y\'\'\'\n',
    "no end of line": "a = true",
    "lines of another system": "[a]\r\nb = [\r\n1,\r\n]\r\n",
    "nothing": "",
    "inline": "a = { b.c = 1, b.d = [ { } , {e=1} ] }\n",
}

LEFT = {
    "a date": "a = 2026-01-01\n",
    "a float": "a = 1.5\n",
    "hexadecimal": "a = 0x1f\n",
    "underscores": "a = 1_000\n",
    "a rare escape": 'a = "\\u00e9"\n',
    "twice": "a = 1\na = 2\n",
    "a table twice": "[a]\n[a]\n",
    "a table over a value": "a = 1\n[a.b]\n",
    "a header below an inline table": "a = {}\n[a.b]\n",
    "a key into an inline table": "a = { b = 1 }\na.c = 2\n",
    "a header of what dotted keys made": "[a]\nb.c = 1\n[a.b]\n",
    "an element of what is no array of tables": "a = []\n[[a]]\n",
    "two on one line": "a = 1 b = 2\n",
    "an open string": 'a = "b\n',
    "an open array": "a = [1,\n",
    "a comma at the end of an inline table": "a = {b = 1,}\n",
    "an inline table over lines": "a = {b = 1,\nc = 2}\n",
    "a control character": 'a = "\x01"\n',
    "a carriage return alone": "a = 1\rb = 2\n",
    "a leading zero": "a = 01\n",
    "many digits": f"a = {'9' * 5000}\n",
    "no value": "a =\n",
    "no key": "= 1\n",
    "an empty part": "a..b = 1\n",
    "only a word": "a\n",
    "a header that goes on": "[a] b\n",
    "nested deeply": f"a = {'[' * 5000}\n",
    "a long key": f"{'a.' * 5000}b = 1\n",
    "quotes after three": 'a = """b""""\n',
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain(text):
    assert _exactly(read_plain_toml(text)) == _exactly(tomllib.loads(text))


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_left_to_tomllib(text):
    assert read_plain_toml(text) is None


def test_a_plain_manifest_brings_no_parser():
    source = str(Path(hutch.__file__).parents[1])
    body = f"import sys; sys.path[:0] = [{source!r}]; from hutch.project import parse_manifest as parse; "
    body += "parse('[tool.hutch]\\npackage = false\\n'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-ISc", body], capture_output=True, text=True, check=True)
    assert not {"tomllib", "re", "typing", "datetime", "enum"} & set(done.stdout.split())


def test_what_is_left_is_read_all_the_same():
    assert read_toml("a = 1.5\n") == {"a": 1.5}


LINES = "[a] [a.b] [[a]] [[a.b]] a.b=1 a={} a={b=1} a=[1,2] x=1"
SIGNS = "[ ] [[ ]] { } = . , # \" ' \"\"\" ''' \\ \\\\ \\n \\u0041 é"
WORDS = "a b a-b \"a\" 'b' 1 0 01 1.5 -1 true false 2026-01-01"
PIECES = st.sampled_from([*f"{LINES} {SIGNS} {WORDS}".split(), " ", "\n", "\t", "\r\n", "\x7f"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_pieces_of_toml(text):
    """Law: plain text is TOML, and means the same to ``tomllib``."""
    agrees(text)


@given(st.sampled_from(sorted(PLAIN)), st.data())
def test_a_manifest_with_a_mistake(name, data):
    text = PLAIN[name]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    agrees(text[:at] + data.draw(PIECES) + text[at + cut :])


def agrees(text):
    found = read_plain_toml(text)
    if found is not None:
        assert _exactly(found) == _exactly(tomllib.loads(text))


def _exactly(value):
    """The value with its types and the order of its keys: ``1 == True`` is not what is meant here."""
    return repr(value)
