"""Any place in a document that was read, and something else put there."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

__all__ = ["places_in", "put"]

Place = tuple[str | int, ...]


def places_in(value: Any, path: Place = ()) -> Iterator[Place]:
    """The keys that lead to each value of a document; none for the document itself."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places_in(part, (*path, key))


def put(document: Any, path: Place, value: Any) -> None:
    """Another value in that place; None takes it out."""
    for key in path[:-1]:
        document = document[key]
    if value is None:
        del document[path[-1]]
    else:
        document[path[-1]] = copy.deepcopy(value)
