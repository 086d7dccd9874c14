"""Messages between forked processes, against the list that was sent."""

from __future__ import annotations

import os
from _thread import start_new_thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.pipes import message, messages, receive, send, widen

SENT = st.lists(st.tuples(st.integers(0, 99), st.binary(max_size=300)), max_size=20)


@given(SENT, st.integers(1, 400))
def test_messages_come_as_they_were_sent_in_whatever_pieces(sent: list[Any], step: int) -> None:
    data = b"".join(map(message, sent))
    begun: list[bytes] = []
    heard = [each for at in range(0, len(data), step) for each in messages(begun, data[at : at + step])]
    assert heard == sent
    assert begun == []


@given(SENT, st.integers(0, 400))
def test_who_waits_gets_whole_messages_and_nothing_of_one_that_was_cut(sent: list[Any], cut: int) -> None:
    parts = [*map(message, sent)]
    data = b"".join(parts)[: -cut or None]
    reader, writer = os.pipe()
    try:
        send(writer, data)
        os.close(writer)
        heard = []
        while (one := receive(reader)) is not None:
            heard.append(one)
    finally:
        os.close(reader)
    whole = next((n for n in range(len(parts) + 1) if len(b"".join(parts[: n + 1])) > len(data)), len(sent))
    assert heard == sent[:whole]


def test_what_is_larger_than_the_pipe_is_written_while_it_is_read() -> None:
    reader, writer = os.pipe()
    value = os.urandom(3 << 20)
    try:
        start_new_thread(send, (writer, message(value)))
        assert receive(reader) == value
    finally:
        os.close(reader)
        os.close(writer)


def test_a_pipe_is_as_wide_as_it_says() -> None:
    reader, writer = os.pipe()
    try:
        room = widen(writer)
        os.set_blocking(writer, False)
        assert os.write(writer, b"x" * (room + 1)) <= room
        assert room >= 1 << 12
    finally:
        os.close(reader)
        os.close(writer)


def test_who_writes_to_nobody_is_told() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(BrokenPipeError):
            send(writer, message("x"))
    finally:
        os.close(writer)
