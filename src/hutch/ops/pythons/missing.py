"""Where no Python fits: install one, or say why not (the setting ``python-downloads``)."""

from __future__ import annotations

from hutch.errors import NetworkProblem, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.interpreters import Interpreter, NoInterpreter
    from hutch.interpreters.managed import Build
    from hutch.ops.context import Context

__all__ = ["found_or_installed"]


def found_or_installed(context: Context, find: Callable[[], Interpreter]) -> Interpreter:
    """What ``find`` finds; where it finds none, once more when the newest fitting build was installed.

    Raises what ``find`` raises: the problem says then as well why nothing was installed.
    """
    from hutch.interpreters import NoInterpreter

    try:
        return find()
    except NoInterpreter as problem:
        if context.configuration.python_downloads != "automatic" or not problem.installable:
            raise
        reason = _install(context, problem)
        if reason:
            problem.why = (*problem.why, f"none was installed: {reason}")
            raise
    return find()


def _install(context: Context, problem: NoInterpreter) -> str:
    """Install what fits; the reason where that cannot be done, "" where it was. Raises what goes wrong."""
    from hutch.events import Notice
    from hutch.interpreters.managed import Pythons, best_build
    from hutch.ops.pythons.available import available, look_for_newer
    from hutch.ops.pythons.installing import Wish, install_builds
    from hutch.ops.searching import managed_pythons

    pythons = Pythons(managed_pythons(context))
    try:
        found = available(context)
    except Problem as trouble:
        return trouble.what
    build = best_build(found.builds, problem.asked, problem.admitted)
    if build is None and not found.fixed and look_for_newer(context, pythons.root, found.host):
        found = available(context)
        build = best_build(found.builds, problem.asked, problem.admitted)
    if build is None:
        if not found.builds:
            return f"there are no builds for {found.host.describe()} ({found.origin})"
        return f"no build fits either ({found.origin})"
    if context.configuration.offline and not _is_near(build, found.mirrors):
        return f"{build.describe()} would fit, and the network is switched off"
    outcome = install_builds(context, pythons, found, [Wish(build=build)])[build.key]
    if isinstance(outcome, NetworkProblem):
        return ": ".join((outcome.what, *outcome.why[:1]))
    if isinstance(outcome, Problem):
        raise outcome from problem
    context.emit(Notice(f"installed {outcome.describe()}, as no Python of this machine fits"))
    return ""


def _is_near(build: Build, mirrors: tuple[object, ...]) -> bool:
    """Whether the mirror is a folder, which needs no network."""
    return any(getattr(mirror, "url", "").lower().startswith("file:") for mirror in mirrors)
