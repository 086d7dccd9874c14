"""What ``pip install`` may break: packages that were there before, and that nobody asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env import Environment
    from hutch.ops.context import Context
    from hutch.ops.outcomes import SyncOutcome

__all__ = ["tell_conflicts"]


def tell_conflicts(
    context: Context, environment: Environment, markers: Mapping[str, str], outcome: SyncOutcome
) -> None:
    """Warn of what does not fit to what has changed, as pip does after it."""
    from hutch.events import Notice
    from hutch.ops.pip_present import metadata_of
    from hutch.spec import admits, evaluate, render_specifiers

    changed = {name for name, *_ in (*outcome.installed, *outcome.updated)}
    if not changed or outcome.dry_run:
        return
    installed = {str(name): one for name, one in environment.installed().items()}
    if changed.issuperset(installed):
        return
    for name, one in installed.items():
        if one.kind != "dist-info" or name in changed:
            continue
        metadata = metadata_of(environment.root, one)
        for need in metadata.requirements if metadata is not None else ():
            other = installed.get(str(need.name))
            if other is None or str(need.name) not in changed or not need.specifiers:
                continue
            if need.marker is not None and not evaluate(need.marker, markers):
                continue
            if not admits(need.specifiers, other.version):
                wanted = f"{need.name} {render_specifiers(need.specifiers)}"
                told = f"{name} {one.version} needs {wanted}, and {other.version} is installed now"
                context.emit(Notice(told, warning=True))
