"""Projects of Poetry as people have them: what a lock comes to on several Pythons, and that it is fresh.

The versions are those that Poetry itself installed from these locks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hutch.lock import select
from hutch.lock.foreign.poetry import parse, staleness
from hutch.project import parse_manifest
from hutch.spec import parse_target

PROJECTS = Path(__file__).parent / "projects"
LINUX = "linux-x86_64-glibc2.28"


@pytest.mark.parametrize(
    ("name", "python", "chosen", "count", "some"),
    [
        ("textual", "cp312", {}, 34, {"markdown-it-py 3.0.0", "mypy 1.14.1"}),
        ("textual", "cp312", {"extras": ("syntax",)}, 37, {"tree-sitter 0.23.2"}),
        ("poetry", "cp312", {}, 68, {"keyring 25.7.0"}),
        ("poetry", "cp39", {}, 0, {"importlib-metadata 8.6.1"}),
        ("langchain-openai", "cp312", {}, 35, {"langchain-core 0.3.28"}),
        ("langchain-openai", "cp39", {"groups": ("test",), "only": True}, 0, {"numpy 1.26.4"}),
    ],
)
def test_what_is_installed(
    name: str, python: str, chosen: dict[str, tuple[str, ...]], count: int, some: set[str]
) -> None:
    text = (PROJECTS / name / "pyproject.toml").read_text("utf-8")
    lock = (PROJECTS / name / "poetry.lock").read_text("utf-8")
    manifest = parse_manifest(text)
    assert staleness(lock, manifest, text) is None
    found = {
        f"{p.name} {p.version}"
        for p in select(
            parse(lock, "poetry.lock", manifest), parse_target(f"{python}-{LINUX}").environment(), **chosen
        )
    }
    assert some <= found
    if count:
        assert len(found) == count
