"""Operations on a project that are operations on a script where ``--script`` is given."""

from __future__ import annotations

from hutch.light import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from hutch.ops.context import Context

    Options = TypeVar("Options")
    Outcome = TypeVar("Outcome")

__all__ = ["for_scripts"]


def for_scripts(operation: Callable[[Context, Options], Outcome]) -> Callable[[Context, Options], Outcome]:
    """An operation on a project that with ``--script`` is one on a script."""

    @wraps(operation)
    def scripted(context: Context, options: Options) -> Outcome:
        path: str | None = options.script  # type: ignore[attr-defined]
        if path is None:
            return operation(context, options)
        from hutch.ops.script import ScriptContext

        with ScriptContext(context, path) as inner:
            return operation(inner, options)

    return scripted
