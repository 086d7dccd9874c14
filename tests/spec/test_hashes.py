"""Digests."""

from __future__ import annotations

import pytest

from hutch.spec import HashMismatch, InvalidHash, best_hash, parse_hash, render_hash, require_same_hash

SHA256 = "a" * 64
SHA384 = "b" * 96
SHA512 = "c" * 128


@pytest.mark.parametrize("text", [f"sha256:{SHA256}", f"sha256={SHA256}", f" SHA256:{SHA256.upper()} "])
def test_both_spellings_are_read(text: str) -> None:
    assert parse_hash(text) == ("sha256", SHA256)
    assert render_hash(parse_hash(text)) == f"sha256:{SHA256}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("md5:" + "a" * 32, "not accepted"),
        ("sha1:" + "a" * 40, "not accepted"),
        ("sha256:" + "a" * 63, "64"),
        ("sha256:" + "g" * 64, "64"),
        (SHA256, "look like"),
        ("", "look like"),
    ],
)
def test_what_proves_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidHash) as caught:
        parse_hash(text)
    assert reason in caught.value.reason


def test_sha256_is_preferred_and_weak_ones_are_passed_over() -> None:
    assert best_hash([("md5", "a" * 32), ("sha512", SHA512), ("sha256", SHA256)]) == ("sha256", SHA256)
    assert best_hash([("sha384", SHA384), ("sha512", SHA512)]) == ("sha512", SHA512)
    assert best_hash([("md5", "a" * 32), ("sha1", "a" * 40), ("sha256", "short")]) is None


def test_a_mismatch_carries_both() -> None:
    require_same_hash(("sha256", SHA256), ("sha256", SHA256.upper()), what="a.whl")
    with pytest.raises(HashMismatch, match=r"the hash of a\.whl is wrong") as caught:
        require_same_hash(("sha256", SHA256), ("sha256", "0" * 64), what="a.whl")
    assert caught.value.expected == f"sha256:{SHA256}"
    assert caught.value.actual == "sha256:" + "0" * 64
    with pytest.raises(HashMismatch):
        require_same_hash(("sha256", SHA256), ("sha512", SHA256), what="a.whl")
