"""``hutch pip index versions``: the versions of a package that a Python could have."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.index import Page
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.spec import NormalizedName, Targets

__all__ = ["NoVersions", "PipVersionsOptions", "PipVersionsOutcome", "pip_versions"]


class NoVersions(Problem):
    """No index has a version of the package that this Python could have."""

    code = "no-versions"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"no matching distribution found for {name}", why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipVersionsOptions:
    """The options of ``pip index versions``, named as on the command line."""

    name: str = ""
    pre: bool = False
    platform: tuple[str, ...] = ()
    python_version: str | None = None
    implementation: str | None = None
    abi: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PipVersionsOutcome:
    """The versions, the highest first; ``installed`` is the one of the environment, if it has one."""

    name: str
    versions: tuple[str, ...]
    installed: str | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": self.name,
            "versions": list(self.versions),
            "latest": self.versions[0],
        }
        if self.installed is not None:
            found["installed_version"] = self.installed
        return found


def pip_versions(context: Context, options: PipVersionsOptions) -> PipVersionsOutcome:
    """Ask the index, and leave out what does not fit; raises ``NoVersions``."""
    from hutch.index import Page
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.pip_platforms import asked_target
    from hutch.spec import Targets, parse_name

    name = parse_name(options.name)
    interpreter = any_interpreter(context, None)
    target, ranks = asked_target(
        interpreter, options.platform, options.python_version, options.implementation, options.abi
    )
    context.ask_again()
    answers: list[object] = []
    context.indexes.fetch_page(name, answers.append)
    while not answers and context.client.pump(None):
        pass
    answer = answers[0]
    if isinstance(answer, Problem):
        raise answer
    if not isinstance(answer, Page):
        asked = getattr(answer, "asked", ())
        where = f" (asked: {', '.join(asked)})" if asked else ""
        raise NoVersions(options.name, f"no index has it{where}")
    versions = _usable(context, answer, Targets((target,)), ranks, options.pre)
    if not versions:
        why = "no version has a file that fits"
        if not options.pre and answer.prerelease:
            why += " and is no pre-release (--pre takes those too)"
        raise NoVersions(options.name, why)
    return PipVersionsOutcome(
        name=options.name, versions=tuple(versions), installed=_installed(context, name, interpreter)
    )


def _usable(context: Context, page: Page, targets: Targets, ranks: dict[str, int], pre: bool) -> list[str]:
    """The versions with a file that is not yanked, fits, and is of a kind that is allowed; highest first."""
    from hutch.ops.moments import exclude_newer
    from hutch.spec import best_rank

    configuration = context.configuration
    mine = {str(page.name), ":all:"}
    wheels_only = bool(mine & set(configuration.only_binary))
    no_wheels = bool(mine & set(configuration.no_binary))
    limit = exclude_newer(context)
    found = []
    for place in reversed(range(len(page.versions))):
        if not pre and page.prerelease >> place & 1:
            continue
        for file in page.files_of(place):
            if file.yanked is not None or not targets.requires_python_mask_of(file.requires_python):
                continue
            if limit is not None and (file.upload_time is None or file.upload_time >= limit):
                continue
            fits = not no_wheels and best_rank(file.tags, ranks) is not None
            if fits if file.is_wheel else not wheels_only:
                found.append(page.versions[place])
                break
    return found


def _installed(context: Context, name: NormalizedName, interpreter: Interpreter) -> str | None:
    """The version in the environment that is meant, if there is one at all."""
    from hutch.ops.pip_place import Look, find_place

    del interpreter
    try:
        dists = find_place(context, Look()).dists()
    except Problem:
        return None
    return next((dist.version for dist in dists if dist.name == name), None)
