"""The projects and the index of the tests of commands, and the two ways over the network."""

from __future__ import annotations

from commands.conftest import index, project
from faults.transports import transport

__all__ = ["index", "project", "transport"]
