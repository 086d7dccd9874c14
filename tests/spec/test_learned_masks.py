"""What one universe learnt, an equal one may believe: the answers are the same, and the cuts are not lost."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import Targets, default_targets, parse_marker, parse_specifiers, parse_target

TARGETS = default_targets(parse_specifiers(">=3.10"), parse_target("cp312-linux-x86_64"))

MARKERS = [
    "python_version >= '3.11'", "python_full_version < '3.11.3'", "sys_platform == 'win32'",
    "platform_machine != 'arm64' and sys_platform == 'darwin'", "extra == 'docs'",
    "implementation_name == 'cpython' or os_name == 'nt'", "python_version in '3.10 3.12'",
]  # fmt: skip
PYTHONS = [">=3.8", ">=3.11.4", "<3.13", "!=3.12.*", ">=3.10,<4", "nonsense", ">=3.7.1", "==3.12.*"]
TAGS = [
    "py3-none-any", "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", "cp310-abi3-win_amd64",
    "cp311-cp311-macosx_11_0_arm64", "py2.py3-none-any", "cp39-cp39-musllinux_1_1_x86_64",
]  # fmt: skip


def ask(targets, markers=(), pythons=(), tags=()):
    return (
        [(targets.marker_mask(each), targets.marker_cuts(each)) for each in map(parse_marker, markers)],
        [(targets.requires_python_mask_of(each), targets.requires_python_cuts_of(each)) for each in pythons],
        [targets.wheel_mask(each) for each in tags],
        targets.cuts,
    )


@given(*(st.lists(st.sampled_from(each)) for each in (MARKERS, PYTHONS, TAGS, MARKERS, PYTHONS, TAGS)))
def test_memory_changes_no_answer(markers, pythons, tags, more_markers, more_pythons, more_tags):
    first, asked = Targets(TARGETS.targets), Targets(TARGETS.targets)
    ask(first, markers, pythons, tags)
    asked.recall(marshal.loads(marshal.dumps(first.learned(), 4)))
    more = more_markers, more_pythons, more_tags
    assert ask(asked, *more) == ask(Targets(TARGETS.targets), *more)


def test_what_is_known_is_not_worked_out_again(monkeypatch):
    first, asked = Targets(TARGETS.targets), Targets(TARGETS.targets)
    pythons = [each for each in PYTHONS if not first.requires_python_cuts_of(each)]
    markers = [each for each in MARKERS if not first.marker_cuts(parse_marker(each)) and "extra" not in each]
    whole = ask(first, markers, pythons, TAGS)
    asked.recall(first.learned())

    def refuse(*_):
        raise AssertionError("it was known")

    for name in ("compare", "slices", "accepts", "interpreter_accepts", "parse_legacy_specifiers"):
        monkeypatch.setattr(f"hutch.spec.universe.{name}", refuse)
    assert ask(asked, markers, pythons, TAGS)[:3] == whole[:3]


def test_a_scout_knows_as_much_and_leaves_no_cuts_behind():
    targets = Targets(TARGETS.targets)
    targets.recall(({}, {">=2.0": 7}, {}, {}))
    scout = targets.scout()
    assert scout.requires_python_mask_of(">=2.0") == 7
    scout.requires_python_mask_of(">=3.11.4")
    assert scout.cuts
    assert not targets.cuts


@pytest.mark.parametrize("tags", ["", "py3-none-any"])
def test_nothing_is_known_at_first(tags):
    assert Targets(()).wheel_mask(tags) == 0
