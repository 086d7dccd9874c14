"""The key of a built wheel: the same for the same build, another for another."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hutch.build import build_key, tree_digest

BASE = {"source": "ab" * 32, "python": "cp312-cp312-linux_x86_64"}


def test_order_does_not_count() -> None:
    one = build_key(**BASE, requires=("a", "b"), config_settings={"x": "1", "y": "2"})
    assert one == build_key(**BASE, requires=("b", "a", "a"), config_settings={"y": "2", "x": "1"})


def test_everything_else_does() -> None:
    keys = [
        build_key(**BASE),
        build_key(**{**BASE, "source": "cd" * 32}),
        build_key(**{**BASE, "python": "cp313-cp313-linux_x86_64"}),
        build_key(**BASE, requires=("a",)),
        build_key(**BASE, requires=("a", "b")),
        build_key(**BASE, requires=("ab",)),
        build_key(**BASE, config_settings={"a": "b"}),
        build_key(**BASE, config_settings={"a": ("b",)}),
        build_key(**BASE, config_settings={"a": ("b", "c")}),
        build_key(**BASE, config_settings={"a": "", "b": ""}),
        build_key(**BASE, editable=True),
        build_key(**BASE, more={"CFLAGS": "-O2"}),
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 64 for key in keys)


settings_ = st.dictionaries(
    st.text(max_size=4), st.one_of(st.text(max_size=4), st.tuples(st.text(max_size=2)))
)


@given(settings_, settings_, st.lists(st.text(max_size=3)), st.lists(st.text(max_size=3)))
def test_no_two_builds_share_a_key(
    one: dict[str, str], two: dict[str, str], left: list[str], right: list[str]
) -> None:
    same = build_key(**BASE, config_settings=one, requires=left) == build_key(
        **BASE, config_settings=two, requires=right
    )
    assert same == (one == two and set(left) == set(right))


def test_a_tree_changes_with_its_content_and_not_with_its_caches(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "m.py").write_text("x")
    digests = [tree_digest(tmp_path)]
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "m.pyc").write_text("cache")
    for name in (".git", ".venv", ".venv-train"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "HEAD").write_text("ref")
    os.utime(tmp_path / "a" / "m.py", (1, 1))
    assert tree_digest(tmp_path) == digests[0]
    for change in (
        lambda: (tmp_path / "a" / "m.py").write_text("y"),
        lambda: (tmp_path / "a" / "m.py").chmod(0o755),
        lambda: (tmp_path / "a" / "m.py").rename(tmp_path / "a" / "n.py"),
        lambda: (tmp_path / "link").symlink_to("a"),
        lambda: (tmp_path / "pipe.py").write_text(""),
    ):
        change()
        digests.append(tree_digest(tmp_path))
    assert len(set(digests)) == len(digests)
