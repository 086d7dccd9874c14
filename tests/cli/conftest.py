"""Streams in memory, with and without a terminal at the other end."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from hutch.cli.ui.terminal import Terminal


class Screen(io.StringIO):
    """A text stream that may say that it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self.terminal = terminal
        self.encoding = encoding  # type: ignore[misc]

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        text.encode(self.encoding)
        return super().write(text)


@pytest.fixture
def make_terminal() -> Callable[..., Terminal]:
    """A Terminal over two screens: ``make_terminal(terminal=True, COLUMNS="60")``."""

    def make(*, terminal: bool = False, encoding: str = "utf-8", **environ: str) -> Terminal:
        screens = (Screen(terminal=terminal, encoding=encoding) for _ in range(2))
        return Terminal(*screens, environ)

    return make
