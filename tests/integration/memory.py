"""``hutch lock`` in this process over an index in memory: no socket, no sleep, any order of answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hutch.net import Client
from hutch.ops.context import Context
from hutch.ops.lock import LockOptions, lock
from hutch.ops.outcomes import LockOutcome
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock, MemoryTransport, Order

__all__ = ["lock_in_memory"]


def lock_in_memory(
    project: Path,
    index: FakeIndex,
    options: LockOptions | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    order: Order = "given",
    seed: int = 0,
    at_once: int | None = None,
) -> tuple[LockOutcome, MemoryTransport]:
    """Lock ``project``, whose only index is ``index``; what was asked is in the transport.

    ``order`` and ``at_once`` are those in which the index answers what is under way.
    """
    transport = index.transport(order=order, seed=seed, at_once=at_once)
    context = Context(project, {**os.environ, "HUTCH_INDEX_URL": index.url, **(environ or {})})
    # The one thing that is not the user's: where a cached property finds the network.
    context.__dict__["client"] = Client(transport, context.configuration.net, clock=FakeClock())
    with context:
        return lock(context, options or LockOptions()), transport
