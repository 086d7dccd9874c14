"""``hutch python find``: the path of the Python that is used here, or that a request means."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["PythonFindOptions", "PythonFindOutcome", "python_find"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFindOptions:
    """The options of ``python find``."""

    request: str | None = None
    system: bool = False
    show_version: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFindOutcome:
    """The Python; ``shown`` is what of it is asked for."""

    path: str
    version: str
    implementation: str
    free_threaded: bool
    prefix: str
    environment: bool
    shown: str

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "version": self.version,
            "implementation": self.implementation,
            "free_threaded": self.free_threaded,
            "prefix": self.prefix,
            "environment": self.environment,
        }


def python_find(context: Context, options: PythonFindOptions) -> PythonFindOutcome:
    """Raises NoInterpreter where there is none."""
    from hutch.errors import UsageProblem
    from hutch.ops.python_here import python_here
    from hutch.ops.python_list import shown_version

    if options.show_version and options.prefix:
        raise UsageProblem("--show-version and --prefix exclude each other")
    glance = python_here(context, options.request, system=options.system).glance
    version = shown_version(glance)
    shown = version if options.show_version else glance.prefix if options.prefix else glance.path
    return PythonFindOutcome(
        path=glance.path,
        version=version,
        implementation=glance.implementation,
        free_threaded=glance.free_threaded,
        prefix=glance.prefix,
        environment=glance.is_virtual,
        shown=shown,
    )
