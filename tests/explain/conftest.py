"""The same projects and the same index as the tests of commands."""

from __future__ import annotations

from commands.conftest import index, project

__all__ = ["index", "project"]
