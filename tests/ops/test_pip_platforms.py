"""pip's words for another Python: every platform tag names a platform that accepts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem, UsageProblem
from hutch.ops.pip_platforms import asked_target, platform_of
from hutch.spec import Platform
from hutch.spec.platforms import accepts, platform_tags

PLATFORMS = [
    Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 39)),
    Platform(os="linux", machine="aarch64", libc="glibc", version=(2, 28)),
    Platform(os="linux", machine="x86_64", libc="musl", version=(1, 2)),
    Platform(os="macos", machine="arm64", version=(14, 0)),
    Platform(os="macos", machine="x86_64", version=(13, 0)),
    Platform(os="windows", machine="x86_64"),
    Platform(os="windows", machine="arm64"),
    Platform(os="windows", machine="x86"),
]
TAGS = sorted({tag for platform in PLATFORMS for tag in platform_tags(platform)})


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_names_a_platform_that_accepts_it(tag):
    assert accepts(platform_of(tag), tag)


@given(st.text(max_size=30))
def test_any_text_names_a_platform_or_is_refused(text):
    try:
        assert isinstance(platform_of(text), Platform)
    except Problem as problem:
        assert problem.what


class Here:
    """As much of an interpreter as is asked for."""

    from hutch.spec import TagFacts, Target

    platform = PLATFORMS[0]
    tag_facts = TagFacts(implementation="cpython", python=(3, 12), platform=PLATFORMS[0])

    def target(self):
        return self.Target(
            implementation="cpython",
            python=(3, 12),
            low=4,
            high=5,
            free_threaded=False,
            platform=self.platform,
        )


@pytest.mark.parametrize(
    ("said", "python", "low"),
    [("3", (3, 0), 0), ("3.11", (3, 11), 0), ("311", (3, 11), 0), ("3.9.7", (3, 9), 7), ("27", (2, 7), 0)],
)
def test_versions_of_python(said, python, low):
    target, _ = asked_target(Here(), (), said, None, ())
    assert (target.python, target.low) == (python, low)


@pytest.mark.parametrize("said", ["", "x", "3.", "3.1.2.4", "-3", "3.11rc1"])
def test_what_is_no_version(said):
    with pytest.raises(UsageProblem, match="is not a version of Python"):
        asked_target(Here(), ("any",), said, None, ())


def test_abis_limit_the_tags():
    _, every = asked_target(Here(), ("win_amd64",), "3.12", None, ())
    _, some = asked_target(Here(), ("win_amd64",), "3.12", None, ("abi3",))
    assert "cp312-cp312-win_amd64" in every
    assert "cp312-cp312-win_amd64" not in some
    assert "cp39-abi3-win_amd64" in some
    assert "py3-none-any" in some
    _, free = asked_target(Here(), (), "3.13", None, ("cp313t",))
    assert "cp313-cp313t-manylinux_2_39_x86_64" in free
    assert "cp313-cp313-manylinux_2_39_x86_64" not in free
    _, pure = asked_target(Here(), ("any",), None, None, ())
    assert pure
    assert all(tag.endswith("-any") for tag in pure)


def test_nothing_said_is_here():
    target, ranks = asked_target(Here(), (), None, None, ())
    assert target == Here().target()
    assert next(iter(ranks)) == "cp312-cp312-linux_x86_64"
