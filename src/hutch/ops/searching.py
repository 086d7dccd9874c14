"""Where interpreters are looked for."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import SearchOptions
    from hutch.ops.context import Context

__all__ = ["managed_pythons", "search_options"]


def search_options(context: Context, directory: str | None = None) -> SearchOptions:
    """Where interpreters are looked for; ``directory`` is where a pin may be, if not where it always is."""
    from hutch.interpreters import SearchOptions

    return SearchOptions.from_environ(
        context.environ, directory=directory or context.pins, managed=managed_pythons(context)
    )


def managed_pythons(context: Context) -> str:
    """The directory of the Pythons that hutch installs, each in one of its own; it need not be there."""
    return os.path.join(context.configuration.data_dir, "python")
