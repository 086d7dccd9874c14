"""The light words mean what the standard library's mean."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch import light
from hutch.light import from_json

SOURCE = str(Path(light.__file__).parents[1])


def quiet():
    yield "given"


def swallows():
    try:
        yield "given"
    except Exception:
        pass


def cleans_up():
    try:
        yield "given"
    finally:
        log.append("cleaned")


def raises_another():
    try:
        yield "given"
    except ValueError as error:
        raise KeyError("another") from error


def raises_it_again():
    try:
        yield "given"
    except ValueError as error:
        raise error from None


def never_yields():
    if log is None:
        yield


def yields_twice():
    yield 1
    yield 2


def yields_after_an_error():
    try:
        yield 1
    except ValueError:
        yield 2


def ends_with_stop_iteration():
    yield 1
    raise StopIteration


def fails_before():
    raise OSError("before")
    yield


log: list[str] = []
GENERATORS = [
    quiet, swallows, cleans_up, raises_another, raises_it_again, never_yields, yields_twice,
    yields_after_an_error, ends_with_stop_iteration, fails_before,
]  # fmt: skip
BODIES = [
    None,
    ValueError("body"),
    KeyError("body"),
    StopIteration("body"),
    RuntimeError("body"),
    KeyboardInterrupt(),
]


def outcome(manager, error):
    """What comes of a ``with``: the value, whether the body's error came out, or which other."""
    log.clear()
    value = None
    try:
        with manager() as value:
            if error is not None:
                raise error
    except BaseException as raised:
        cause = raised.__cause__
        return value, raised is error, type(raised), str(raised), type(cause), list(log)
    return value, None, None, "", None, list(log)


@pytest.mark.parametrize("error", BODIES, ids=repr)
@pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.__name__)
def test_context_managers_end_as_those_of_the_standard_library(generator, error):
    mine = outcome(light.contextmanager(generator), error)
    assert mine == outcome(contextlib.contextmanager(generator), error)


def test_where_an_error_came_from_is_not_hidden():
    def body():
        raise ValueError

    with pytest.raises(ValueError) as caught, light.contextmanager(quiet)():
        body()
    assert [entry.name for entry in caught.traceback][-1] == "body"


def test_a_function_that_is_wrapped_looks_like_itself():
    def original(a, b):
        """It says something."""

    def wrapper(*words):
        return words

    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__wrapped__"):
        mine, theirs = light.wraps(original)(wrapper), functools.wraps(original)(wrapper)
        assert getattr(mine, name) == getattr(theirs, name)


def test_a_property_is_made_once():
    made = []

    class Box:
        @light.cached_property
        def lid(self):
            """What closes it."""
            made.append(self)
            return object()

    box, other = Box(), Box()
    assert box.lid is box.lid
    assert box.lid is not other.lid
    assert made == [box, other]
    assert Box.lid.__doc__ == "What closes it."
    box.lid = 3
    assert box.lid == 3
    del box.lid
    assert box.lid != 3


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_PIECES = st.sampled_from(
    [
        *'{}",: \n\x00\x01\x0b\xa0\ufeff',
        *("[]", "[1, 2]", "0", "1e400", "1.5", "NaN", "Infinity", "-Infinity"),
        *('{"a": 1}', '"a"', "\\u00e9", "\\ud800", "\xe9", "tru", "true", chr(0xDC80)),
    ]
)


def read_with(read, data):
    try:
        return repr(read(data))
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


@given(_VALUES, st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-16-le", "utf-8-sig"]), st.booleans())
def test_json_is_read_as_json_reads_it(value, encoding, escaped):
    text = json.dumps(value, ensure_ascii=escaped)
    assert read_with(from_json, text) == read_with(json.loads, text)
    data = text.encode(encoding, "surrogatepass")
    assert read_with(from_json, data) == read_with(json.loads, data)


@given(st.lists(_PIECES, max_size=8).map("".join))
def test_what_is_no_json_is_refused_as_json_refuses_it(text):
    assert read_with(from_json, text) == read_with(json.loads, text)
    data = text.encode("utf-8", "surrogatepass")
    assert read_with(from_json, data) == read_with(json.loads, data)
    assert read_with(from_json, data + b"\xff") == read_with(json.loads, data + b"\xff")


def test_json_as_deep_as_it_likes_ends_in_the_same_error():
    assert read_with(from_json, "[" * 100_000) == read_with(json.loads, "[" * 100_000)


def test_json_is_read_without_its_module():
    code = "import sys; from hutch.light import from_json; from_json(b'{}'); sys.exit('json' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code], env={**os.environ, "PYTHONPATH": SOURCE}, check=False
    )
    assert ran.returncode == 0


@pytest.mark.parametrize("text", ["{", '["x', "[1,]", '{"a" 1}', "[nul]", "{}x", "", "x", '["\\u12"]'])
def test_what_is_no_json_is_refused_where_nobody_has_imported_json(text):
    code = (
        "import sys\nfrom hutch.light import from_json\nassert 'json' not in sys.modules\n"
        "try: from_json(sys.argv[1])\nexcept ValueError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code, text],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"JSONDecodeError: {ran.stdout.strip()}" == read_with(json.loads, text)
