"""Builds need an environment, which needs a resolve and an install: here the ring is closed.

``build`` declares what it wants (``BuildEnvironments``); this is the one implementation. A build
environment is made from the requirements of the build system for the interpreter alone, kept in
the store by the hash of what is in it, and used again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hutch.build import BuildEnvironment, BuildOptions
from hutch.errors import Problem

if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen
    from hutch.spec import CoreMetadata
    from hutch.store import StoredWheel

__all__ = ["BuildRing", "Builder"]


class BuildRing(Problem):
    """Building a package needs the package itself, built."""

    code = "build-ring"

    def __init__(self, ring: tuple[str, ...]) -> None:
        self.ring = ring
        super().__init__(
            "a build needs itself: " + " → ".join(ring),
            hint="ask for a version that has a wheel",
        )


class Builder:
    """Builds wheels and metadata for one command; ``build.BuildEnvironments`` over a context."""

    def __init__(
        self, context: Context, interpreter: Interpreter | None = None, *, ring: tuple[str, ...] = ()
    ) -> None:
        self._context = context
        self._interpreter = interpreter
        self._ring = ring

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter that builds."""
        if self._interpreter is None:
            from hutch.ops.interpreter import project_interpreter

            self._interpreter = project_interpreter(self._context, self._context.checkout)
        return self._interpreter
