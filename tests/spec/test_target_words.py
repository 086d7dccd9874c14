"""Words for targets."""

from __future__ import annotations

import pytest

from hutch.spec import InvalidTarget, NoTargetsLeft, named_targets, parse_specifiers, parse_target_word


@pytest.mark.parametrize(
    ("word", "count", "some"),
    [
        ("cp312-linux-x86_64", 1, "cp312-linux-x86_64"),
        ("3.12-linux-amd64", 1, "cp312-linux-x86_64"),
        ("cp312-linux-ppc64le", 1, "cp312-linux-ppc64le"),
        ("cp312-linux-x86_64-musl1.2", 1, "cp312-linux-x86_64-musl1.2"),
        ("cp311.3+-linux-x86_64", 1, "cp311.3+-linux-x86_64"),
        ("default", 40, "cp312-windows-x86_64"),
        ("linux", 16, "cp312-linux-aarch64"),
        ("macos-arm64", 8, "cp312-macos-arm64"),
        ("windows-arm64", 8, "cp312-windows-arm64"),
        ("cp312", 5, "cp312-windows-x86_64"),
        ("cp312-linux", 2, "cp312-linux-aarch64"),
        ("linux-cp312", 2, "cp312-linux-aarch64"),
        ("musl", 16, "cp312-linux-x86_64-musl1.2"),
        ("cp312-linux-musl", 2, "cp312-linux-aarch64-musl1.2"),
        ("free-threaded", 15, "cp314t-linux-x86_64"),
        ("cp313t", 5, "cp313t-windows-x86_64"),
        ("free-threaded-musl", 6, "cp313t-linux-aarch64-musl1.2"),
        ("pypy-linux-x86_64", 3, "pp310-linux-x86_64"),
        ("glibc2.17-x86_64", 8, "cp312-linux-x86_64-glibc2.17"),
        ("macos-11.0", 16, "cp312-macos-arm64-11.0"),
    ],
)
def test_words(word: str, count: int, some: str) -> None:
    found = parse_target_word(word)
    names = [target.name for target in found.targets]
    assert some in names
    assert len(names) == len(set(names)) == count
    assert found.one is (count == 1)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("lunix", "`lunix` is no part of a target; did you mean `linux`?"),
        ("linux-windows", "`windows` is the second of its kind in it"),
        ("cp312-cp313", "`cp313` is the second of its kind in it"),
        ("free-threaded-cp312", "only CPython 3.13 and newer can be free-threaded"),
        ("macos-musl", "there is no such system"),
        ("", None),
        ("cp", None),
        ("cp3x", None),
        ("musl1.x", None),
    ],
)
def test_words_that_are_none(word: str, why: str | None) -> None:
    with pytest.raises(InvalidTarget) as caught:
        parse_target_word(word)
    if why:
        assert caught.value.reason == why


def test_words_together_and_requires_python() -> None:
    targets, words = named_targets(("linux", "cp312", "cp313-linux-x86_64"), parse_specifiers(">=3.12"))
    assert len(targets) == 8 + 3
    assert [word.one for word in words] == [False, False, True]
    with pytest.raises(NoTargetsLeft, match="no target is left of cp39"):
        named_targets(("cp39",), parse_specifiers(">=3.12"))
