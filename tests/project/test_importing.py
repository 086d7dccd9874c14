"""Whole tables into a ``pyproject.toml``: what is the same stays, what is said is what was meant."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from hutch.project import NothingToImport, OwnManifestThere, import_manifest, parse_manifest
from hutch.project.import_text import write_words

TEXTS = st.sampled_from(("a", "b>=1", "c ; os_name == 'nt'", 'd ; os_name == "nt"', "é\n\t\\"))
LISTS = st.lists(TEXTS, max_size=3)
SOURCES = st.dictionaries(
    st.sampled_from(("a", "b", "c.d")),
    st.fixed_dictionaries({"path": TEXTS}, optional={"editable": st.booleans()}),
)
INDEXES = st.lists(st.fixed_dictionaries({"name": TEXTS, "url": TEXTS}), min_size=1, max_size=3)
PROJECT = st.fixed_dictionaries(
    {"name": TEXTS},
    optional={
        "dependencies": LISTS,
        "dynamic": LISTS,
        "authors": st.lists(st.fixed_dictionaries({"name": TEXTS}), max_size=2),
        "optional-dependencies": st.dictionaries(st.sampled_from(("x", "y")), LISTS, max_size=2),
        "urls": st.dictionaries(st.sampled_from(("Home", "Source code")), TEXTS, max_size=2),
        "entry-points": st.dictionaries(
            st.sampled_from(("g.h", "i")), st.dictionaries(st.just("e"), TEXTS, max_size=1), max_size=2
        ),
    },
)
HUTCH = st.fixed_dictionaries(
    {},
    optional={
        "package": st.booleans(),
        "targets": LISTS,
        "sources": SOURCES,
        "index": INDEXES,
        "workspace": st.fixed_dictionaries({"members": LISTS}),
    },
)
GROUPS = st.dictionaries(
    st.sampled_from(("dev", "test")),
    st.lists(TEXTS | st.just({"include-group": "x"}), max_size=3),
    max_size=2,
)
WORDS = st.fixed_dictionaries(
    {"project": PROJECT},
    optional={
        "dependency-groups": GROUPS,
        "build-system": st.fixed_dictionaries({"requires": LISTS}),
        "tool": st.fixed_dictionaries({"hutch": HUTCH}),
    },
)


def merged(before: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """``before`` with the tables of ``words`` instead of its own."""
    tool = {**before.get("tool", {}), **words.get("tool", {})}
    return {**before, **words, **({"tool": tool} if tool else {})}


def pruned(value: Any) -> Any:
    """Without tables that say nothing: they may go."""
    if not isinstance(value, dict):
        return value
    found = {key: pruned(each) for key, each in value.items()}
    return {key: each for key, each in found.items() if each != {}}


@given(WORDS, WORDS, st.booleans())
@example(
    {"project": {"name": "a"}, "dependency-groups": {"test": [{"include-group": "x"}]}},
    {"project": {"name": "a"}, "dependency-groups": {"test": [{"include-group": "x"}, "a"]}},
    False,
)
def test_the_text_says_the_words_whatever_it_said_before(
    before: dict[str, Any], words: dict[str, Any], windows: bool
) -> None:
    before.setdefault("tool", {})["black"] = {"line-length": 99, "extend": ["x"]}
    text = "# the top\n" + tomlkit.dumps(before)
    if windows:
        text = text.replace("\n", "\r\n")
    result = write_words(text, words)
    assert pruned(tomllib.loads(result)) == pruned(merged(before, words))
    assert pruned(tomllib.loads(write_words(result, words))) == pruned(merged(before, words))


def test_what_stays_keeps_its_bytes() -> None:
    text = """\
# the top

[project]
name = 'x'   # the name
version = "1"
dependencies = [
  "a",  # why
  # and
  "b"
]

[tool.pdm.dev-dependencies]
test = ["c"]  # gone
"""
    imported = import_manifest(text, "pyproject.toml", remove_old=True)
    assert imported.text == text.replace('[tool.pdm.dev-dependencies]\ntest = ["c"]  # gone\n', "").replace(
        '  "b"\n]\n', '  "b"\n]\n\n[dependency-groups]\ntest = ["c"]\n'
    ).rstrip("\n") + '\n\n[tool.hutch]\ndefault-groups = "all"\n' + (
        "package = true\n" if "package" in imported.text else ""
    )
    assert imported.gone == ("tool.pdm.dev-dependencies",)


NAMED = '[project]\nname = "x"\nversion = "1"\n'
WAYS = {
    "dotted": 'project.name = "x"\nproject.version = "1"\ntool.pdm.dev-dependencies.test = ["a"]\n',
    "inline": 'project = { name = "x", version = "1" }\n[tool.pdm]\ndev-dependencies = { test = ["a"] }\n',
    "deep": NAMED + '[tool]\npdm = { dev-dependencies = { test = ["a", "b"] } }\n',
    "sources": NAMED
    + '[tool.hutch]\nsources.a = { path = "a" }\n[tool.uv.sources]\nb = { path = "b" }\n'
    + '[tool.uv]\nindex = [{ name = "q", url = "https://q.example/" }]\n',
    "indexes": NAMED
    + '[[tool.hutch.index]]\nname = "p"\nurl = "https://p.example/"\n[tool.uv]\ndev-dependencies = ["q"]\n',
    "headers": NAMED
    + 'optional-dependencies.a = ["b"]\n[tool.hutch.sources.z]\npath = "z"\n'
    + '[tool.uv.sources.y]\npath = "y"\neditable = true\n',
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("remove_old", [False, True])
def test_tables_may_be_written_in_any_way(text: str, remove_old: bool) -> None:
    before = parse_manifest(text)
    imported = import_manifest(text, "pyproject.toml", remove_old=remove_old)
    after = parse_manifest(imported.text)
    assert after.settings.sources == before.settings.sources
    assert {k: [d.requirement for d in v] for k, v in after.requirements().items()} == {
        k: [d.requirement for d in v] for k, v in before.requirements().items()
    }
    if remove_old:
        assert "b = {}" not in imported.text


def test_a_text_without_another_tool_has_nothing_to_import() -> None:
    with pytest.raises(NothingToImport):
        import_manifest("[project]\nname = 'x'\nversion = '1'\n", "pyproject.toml")
    with pytest.raises(OwnManifestThere):
        import_manifest("[packages]\n", "Pipfile", into="[tool.poetry]\nname = 'x'\n")


def test_flit_gets_one_of_both_and_a_core_that_reads_it() -> None:
    text = """\
[build-system]
requires = ["flit_core >=2,<3"]
build-backend = "flit_core.buildapi"

[tool.flit.metadata]
module = "shop"
dist-name = "the-shop"
author = "Ada"
author-email = "ada@shop.example"
keywords = "shop, web"
license = "MIT"
"""
    imported = import_manifest(text, "pyproject.toml")
    found = tomllib.loads(imported.text)
    assert found["tool"]["flit"] == {"module": {"name": "shop"}}
    assert found["build-system"]["requires"] == ["flit_core >=3.12,<5"]
    assert found["project"]["authors"] == [{"name": "Ada", "email": "ada@shop.example"}]
    assert (found["project"]["keywords"], found["project"]["license"]) == (["shop", "web"], {"text": "MIT"})
    assert imported.made_up == (
        "flit_core >=3.12,<5 in [build-system]: flit_core >=2,<3 does not read [project]",
    )
