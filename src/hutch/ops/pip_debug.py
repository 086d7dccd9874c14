"""``hutch pip debug``: what decides which files fit a Python, for whoever asks why one does not."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["PipDebugOptions", "PipDebugOutcome", "pip_debug"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipDebugOptions:
    """The options of ``pip debug``, named as on the command line."""

    platform: tuple[str, ...] = ()
    python_version: str | None = None
    implementation: str | None = None
    abi: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PipDebugOutcome:
    """The interpreter, the target that was asked for, its tags from the best on, and its markers."""

    executable: str
    version: str
    target: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {
            "executable": self.executable,
            "version": self.version,
            "target": self.target,
            "tags": list(self.tags),
            "environment": dict(self.markers),
        }


def pip_debug(context: Context, options: PipDebugOptions) -> PipDebugOutcome:
    """Look at the interpreter, or at the one that the options describe."""
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.pip_platforms import asked_target

    interpreter = any_interpreter(context, None)
    target, ranks = asked_target(
        interpreter, options.platform, options.python_version, options.implementation, options.abi
    )
    own = target == interpreter.target()
    return PipDebugOutcome(
        executable=interpreter.path,
        version=interpreter.version,
        target=target.name,
        tags=tuple(sorted(ranks, key=ranks.__getitem__)),
        markers=dict(interpreter.marker_environment if own else target.environment()),
    )
