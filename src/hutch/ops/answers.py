"""Locks that were made before of the same inputs, from the same pages: answered from memory.

What comes out of a solve follows from the manifest, the configuration, the machine, hutch itself, and the
pages that were read (metadata belong to files, which never change). So an answer is kept under a digest of
the former, together with the latter: which tables of the cache they were, and until when they may be
believed. As long as each of them is the very same file and still fresh, the answer is the same, letter for
letter, and has been checked. A lock that is there already, to be changed as little as possible, is one of the
inputs: its text. Nothing is kept where more than that may have counted: directories and repositories, local
indexes, a page that came over the network just now, something that the user had to be told.
"""

from __future__ import annotations

import os
import time

from hutch.ops.quick import stamp, surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from hutch.interpreters import Interpreter
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

    Dropped: TypeAlias = tuple[tuple[str, str], ...]

__all__ = ["Answers", "answer_holds"]

FORMAT = 2
KIND = "locks"


class Answers:
    """The answers for one checkout: ``inputs`` is the digest of what it asks for, ``old`` the lock that is
    there.
    """

    def __init__(self, context: Context, checkout: Checkout, inputs: str, old: str | None = None) -> None:
        self._context = context
        self._checkout = checkout
        self._start = time.time()
        self.key = _key(context, checkout, inputs, old)
        """Under what the answer is kept; None where something counts that is not in it."""

    def recall(self) -> tuple[str, Dropped] | None:
        """The text of the lock, and the wishes that were left out, with reasons."""
        if self.key is None:
            return None
        held = answer_holds(self._context.store.tables.read(KIND, self.key), self._start)
        if held is None:
            return None
        machine, text, dropped = held
        # Last: where nothing is remembered, the network is asked before the interpreter is.
        from hutch.ops.interpreter import project_interpreter

        if machine != _machine(project_interpreter(self._context, self._checkout)):
            return None
        return text, dropped

    def remember(self, interpreter: Interpreter, text: str, dropped: Dropped) -> None:
        """Keep the answer that was just found, if all that it rests on can be named."""
        context = self._context
        if self.key is None or context.noticed:
            return
        believed = context.indexes.believed()
        if not believed:
            return
        # As they were when they were read: another process may have written newer ones since.
        pages = tuple((path, until, seen) for path, (until, seen) in believed.items())
        if all(seen is not None for _, _, seen in pages):
            value = FORMAT, _machine(interpreter), pages, text, dropped
            context.store.tables.write(KIND, self.key, value)


def answer_holds(value: object, now: float) -> tuple[str, str, Dropped] | None:
    """(machine, text, wishes left out) of what was kept, if its pages are the same and believed ``now``."""
    if not isinstance(value, tuple) or len(value) != 5 or value[0] != FORMAT:
        return None
    from hutch.index.freshness import holds

    _, machine, pages, text, dropped = value
    if not all(holds(until, now) and stamp(path) == seen for path, until, seen in pages):
        return None
    return machine, text, dropped


def _machine(interpreter: Interpreter) -> str:
    """The target that is always in the lock."""
    return repr(interpreter.target())


def _key(context: Context, checkout: Checkout, inputs: str, old: str | None) -> str | None:
    """Under what the answer is kept; None where something counts that is not in it."""
    from hutch import __version__
    from hutch.ops.checkout import Checkout as Plain
    from hutch.spec import short_sha256

    configuration = context.configuration
    if context.flags or configuration.offline or configuration.refresh or configuration.no_cache:
        return None
    settings = checkout.manifest.settings
    if type(checkout) is not Plain or settings.sources:
        return None
    if configuration.exclude_newer or settings.newer_packages or settings.newer_indexes:
        return None  # some of them are so many days back from now
    if any(one.requirement.url for found in checkout.manifest.requirements().values() for one in found):
        return None
    files = ((path, stamp(path)) for path in configuration.files_looked_for)
    parts = (
        __version__,
        inputs,
        checkout.text,
        old or "",
        surroundings(context.environ),
        *map(str, files),
        os.path.basename(checkout.lock_path),
    )
    return f"answer-{short_sha256(repr(parts).encode('utf-8', 'surrogateescape'))[:32]}"
