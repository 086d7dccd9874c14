"""``[tool.uv]`` and ``uv.toml``, whatever they say: a draft or faults, never a traceback.

What each key means is in ``tests/corpus/uv``.
"""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hostile.places import places_in, put
from hutch.errors import Bug, Problem
from hutch.project import parse_manifest

CORPUS = Path(__file__).parents[1] / "corpus" / "uv"
CASES = sorted(path.parent.name for path in CORPUS.glob("*/pyproject.toml"))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 500),
    st.floats(allow_nan=False),
    st.dates(),
    st.sampled_from(["", "x", "../x", "all", "a ==1", "a @ x", "P1D", ">=3", "sys_platform == 'x'", "ä\n"]),
    st.lists(st.sampled_from(["a", 1, {"extra": "a"}, ["b"]]), max_size=2),
    st.dictionaries(
        st.sampled_from(["name", "url", "git", "path", "extra", "package", "requires-python"]),
        st.sampled_from(["a", 1, "", {"name": "a"}]),
        max_size=2,
    ),
)


@given(st.data())
def test_whatever_is_said_is_a_draft_or_a_fault(data):
    import tomlkit

    case = CORPUS / data.draw(st.sampled_from(CASES))
    files = {
        path.name: tomllib.loads(path.read_text())
        for path in case.glob("*.toml")
        if "expected" not in path.name
    }
    changed = data.draw(st.sampled_from(sorted(files)))
    for _ in range(data.draw(st.integers(1, 3))):
        found = [path for path in places_in(files[changed]) if path and path[0] != "project"]
        if found:
            put(files[changed], data.draw(st.sampled_from(found)), data.draw(ODD))
    texts = {name: tomlkit.dumps(document) for name, document in files.items()}
    try:
        manifest = parse_manifest(texts["pyproject.toml"], read=texts.get)
    except Problem as problem:
        assert not isinstance(problem, Bug)
    else:
        assert (
            "uv" in manifest.dialects
            or "tool" not in files["pyproject.toml"]
            or "uv" not in files["pyproject.toml"]["tool"]
        )
