"""Is a conda prefix what the lock says? The part of `ops.drift` that is about records."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import Selection
    from hutch.spec import CondaRecord

    Kind = Literal["missing", "extra", "version", "file"]

__all__ = ["locked_in_prefix", "record_drift"]


def locked_in_prefix(
    context: Context, checkout: Checkout, lock: Lock, environment: Environment, selection: Selection
) -> tuple[list[CondaRecord], Interpreter | None]:
    """The records that belong there, and what the Python among them takes. Raises `NotLockedForPlatform`."""
    from hutch.ops.conda_python import python_to_be
    from hutch.ops.conda_sync import chosen_part, conda_target, selected_records

    target = conda_target(context, lock, selection)
    records = [one.record for one in selected_records(*chosen_part(context, lock, selection), target)]
    return records, python_to_be(target, environment.root, records)


def record_drift(
    environment: Environment, records: Sequence[CondaRecord], lock: Lock, *, exact: bool
) -> Iterator[tuple[Kind, str, str, str, str]]:
    """What is missing, of another version or build, of another file, or too much: the fields of a `Drift`."""
    from hutch.env import prefix_packages

    present = {one.record.name: one.record for one in prefix_packages(environment.root)}
    wanted = {record.name: record for record in records}
    for name, record in wanted.items():
        there, locked = present.get(name), f"{record.version} {record.build}"
        if there is None:
            yield "missing", name, "", locked, "is not installed"
            continue
        installed = f"{there.version} {there.build}"
        if installed != locked:
            detail = f"is {installed} instead of {locked}"
            yield "version", name, installed, locked, detail
        elif record.sha256 and there.sha256 and record.sha256 != there.sha256:
            detail = "is of a file that the lock does not name"
            yield "file", name, installed, locked, detail
    known = set(wanted)
    if not exact and lock.conda is not None:
        known |= {each.record.name for each in lock.conda.packages}
    for name, record in present.items():
        if name not in known:
            installed = f"{record.version} {record.build}"
            yield "extra", name, installed, "", "is not in the lock"
