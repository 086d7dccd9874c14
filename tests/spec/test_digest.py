"""Digests without ``hashlib`` and without ``base64`` are those that they would make."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import digest
from hutch.spec.digest import record_digest, record_text, short_sha256


def by_base64(raw: bytes) -> str:
    """As the specification of wheels has it: ``urlsafe_b64encode`` without the ``=`` at the end."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


@given(st.binary(max_size=100))
def test_the_text_of_any_bytes_is_that_of_base64(raw: bytes) -> None:
    assert record_text(raw) == by_base64(raw)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 20, 32, 48, 64, 500])
@pytest.mark.parametrize("byte", [0x00, 0xFB, 0xFF, 0x3E, 0x0A])
def test_letters_of_the_other_alphabet_and_line_ends_do_not_come_up(size: int, byte: int) -> None:
    text = record_text(bytes([byte]) * size)
    assert text == by_base64(bytes([byte]) * size)
    assert not set(text) & set("+/=\n")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_what_record_may_have_is_as_long_as_it_should_be(algorithm: str) -> None:
    raw = hashlib.new(algorithm, b"x").digest()
    assert record_text(raw) == by_base64(raw)
    assert len(record_text(raw)) == {"sha256": 43, "sha384": 64, "sha512": 86}[algorithm]


@given(st.binary(max_size=300))
def test_a_digest_is_that_of_hashlib(data: bytes) -> None:
    assert short_sha256(data) == hashlib.sha256(data).hexdigest()
    assert record_digest(data) == by_base64(hashlib.sha256(data).digest())


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_it_is_the_same_for_long_and_short(more: int) -> None:
    data = b"x" * (digest._SHORT + more)
    assert record_digest(data) == by_base64(hashlib.sha256(data).digest())
