"""For which Python and system ``hutch pip compile`` chooses: one target, or all that a lock is made for."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.pip_compile import PipCompileOptions
    from hutch.spec import Specifiers, Targets

__all__ = ["compile_targets"]


def compile_targets(
    context: Context, options: PipCompileOptions, manifests: Iterable[str], interpreter: Interpreter
) -> tuple[Targets, int]:
    """One target, or all that a lock is made for; and those that must have a solution."""
    from hutch.spec import Target, Targets, default_targets, parse_platform

    platform = interpreter.platform
    if options.python_platform is not None:
        platform = parse_platform(options.python_platform)
    if options.python_version is not None:
        python, patch = _python_version(options.python_version)
        implementation, free_threaded = "cpython", False
    else:
        python, patch = interpreter.python, interpreter.version_info[2]
        implementation, free_threaded = interpreter.implementation, interpreter.free_threaded
    here = Target(
        implementation=implementation,
        python=python,
        low=patch,
        high=patch + 1,
        free_threaded=free_threaded,
        platform=platform,
    )
    if not options.universal:
        return Targets((here,)), 1
    said = _requires_python(context, options, manifests)
    minimum = options.python_version or f"{python[0]}.{python[1]}"
    targets = default_targets(said or ((">=", minimum),), here)
    place = targets.index_of(here)
    return targets, targets.everything if place is None else 1 << place


def _requires_python(context: Context, options: PipCompileOptions, manifests: Iterable[str]) -> Specifiers:
    """What the project itself says, where it is a project that is compiled."""
    from hutch.ops.checkout import MANIFEST, Neighbours, read_manifest, read_text

    for path in manifests:
        if options.python_version is None and os.path.basename(path) == MANIFEST:
            near = Neighbours(os.path.dirname(path))
            return read_manifest(context, read_text(path), read=near).requires_python
    return ()


def _python_version(text: str) -> tuple[tuple[int, int], int]:
    """``3.9`` is 3.9.0, the oldest that the pins have to serve."""
    parts = text.strip().split(".")
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        raise UsageProblem(
            f"--python-version: {text} is not a version of Python", hint="--python-version 3.12, or 3.12.4"
        )
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1]), numbers[2] if len(numbers) == 3 else 0
