"""Lazy doors: a room's names are imported when somebody asks for one of them.

A door is the ``__init__.py`` of a room. It lists its names in ``__all__``, with the module of each in a
table; type checkers read the real imports under ``TYPE_CHECKING``. Entering a room costs nothing, and
each name brings only its own module: that is what keeps a warm ``hutch run`` at a dozen modules.

A room must not have a module named like something that it gives out: importing the module would
put it before the name.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["lazy_door"]


def lazy_door(
    room: str, homes: Mapping[str, str], names: list[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of the room's door; ``homes`` has the module of each name."""

    def __getattr__(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        # Not ``importlib.import_module``: that would import ``importlib`` itself.
        value = getattr(__import__(f"{room}.{home}", fromlist=[name]), name)
        vars(__import__(room, fromlist=["__all__"]))[name] = value  # the next look-up does not come here
        return value

    def __dir__() -> list[str]:
        return names

    return __getattr__, __dir__
