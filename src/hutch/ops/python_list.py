"""``hutch python list``: every Python of the machine, and those that can be installed."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters import Glance, PythonRequest, Sighting
    from hutch.ops.context import Context

__all__ = ["Listed", "PythonListOptions", "PythonListOutcome", "python_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonListOptions:
    """The options of ``python list``."""

    request: str | None = None
    all_versions: bool = False
    only_installed: bool = False
    only_downloads: bool = False
    paths: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One Python that is there, or could be (``download`` is then its name for `hutch python install`).

    ``support`` is ``bugfix``, ``security``, ``ending``, ``ended`` or "" where nobody knows, and ``end`` the
    date of its end of life. ``broken`` says why it cannot be used at all.
    """

    path: str = ""
    real_path: str = ""
    implementation: str = ""
    version: str = ""
    free_threaded: bool = False
    debug: bool = False
    environment: bool = False
    keeper: str = ""
    name: str = ""
    chosen: bool = False
    supported: bool = True
    support: str = ""
    end: str = ""
    broken: str = ""
    stub: bool = False
    download: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path or None,
            "real_path": self.real_path or None,
            "implementation": self.implementation or None,
            "version": self.version or None,
            "free_threaded": self.free_threaded,
            "debug": self.debug,
            "environment": self.environment,
            "source": self.keeper or None,
            "name": self.name or None,
            "chosen": self.chosen,
            "supported": self.supported,
            "support": self.support or None,
            "end_of_life": self.end or None,
            "broken": self.broken or None,
            "stub": self.stub,
            "download": self.download or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonListOutcome:
    """The newest first; downloads after what is there. ``request`` is what was asked for."""

    pythons: tuple[Listed, ...]
    request: str = ""
    paths: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"pythons": [each.to_json() for each in self.pythons]}


def python_list(context: Context, options: PythonListOptions) -> PythonListOutcome:
    """What there is. Starts nothing whose facts are known, or can be read from the disk."""
    from hutch.errors import UsageProblem
    from hutch.interpreters import parse_python_request

    if options.only_installed and options.only_downloads:
        raise UsageProblem("--only-installed and --only-downloads exclude each other")
    request = parse_python_request(options.request) if options.request else None
    here = () if options.only_downloads else _installed(context, request)
    # Whoever wants none of them is not shown them either, unless asked for.
    asked = options.only_downloads or options.all_versions
    wanted = asked or context.configuration.python_downloads != "never"
    left_out = options.only_installed or options.paths or not wanted
    downloads = () if left_out else _downloads(context, request, options, here)
    return PythonListOutcome(pythons=(*here, *downloads), request=options.request or "", paths=options.paths)


def _installed(context: Context, request: PythonRequest | None) -> tuple[Listed, ...]:
    from hutch.interpreters import survey_pythons
    from hutch.ops.searching import search_options

    found = survey_pythons(search_options(context), store=context.store, environ=context.environ)
    chosen = _chosen(context)
    rows = [(each, _listed(each, chosen)) for each in found if _is_meant(each, request)]
    rows.sort(key=lambda row: _order(row[0]), reverse=True)
    return tuple(row for _, row in rows)


def _chosen(context: Context) -> Glance | None:
    """The one that is used here; None where there is none, which `hutch python find` would explain."""
    from hutch.ops.python_here import python_here

    try:
        return python_here(context, system=True).glance
    except Problem:
        return None


def _order(one: Sighting) -> tuple[object, ...]:
    """The greater the further up: versions, with other implementations below; what is broken last."""
    glance = one.glance
    if glance is None:
        return (0, 0, (), False, False, not one.stub, one.path)
    ranks = {"cpython": 2, "pypy": 1}
    return (
        1,
        ranks.get(glance.implementation, 0),
        (*glance.version_info[:3], not glance.is_prerelease, glance.version_info[4]),
        not glance.free_threaded,
        not glance.is_virtual,
        True,
        "",
    )


def _is_meant(one: Sighting, request: PythonRequest | None) -> bool:
    from hutch.interpreters.choose import misfit

    if request is None:
        return True
    if request.path is not None:
        # A directory means what is below it.
        inside = os.path.join(request.path, "")
        return one.path == request.path or one.path.startswith(inside) or one.real_path.startswith(inside)
    if request.name is not None and not request.specifiers and request.implementation is None:
        return request.name in (one.name, one.keeper.lower(), os.path.basename(one.path))
    return one.glance is not None and not misfit(one.glance, request, ())


def _listed(one: Sighting, chosen: Glance | None) -> Listed:
    glance = one.glance
    if glance is None:
        reason = "it only offers to install a Python" if one.stub else _reason(one.problem)
        return Listed(
            path=one.path,
            real_path=one.real_path,
            keeper=one.keeper,
            name=one.name,
            broken=reason,
            stub=one.stub,
            supported=False,
        )
    from datetime import date

    from hutch.interpreters import support_of

    support = support_of(glance.python, date.today())
    return Listed(
        path=one.path,
        real_path=one.real_path,
        implementation=glance.implementation,
        version=shown_version(glance),
        free_threaded=glance.free_threaded,
        debug=glance.debug,
        environment=glance.is_virtual,
        keeper=one.keeper,
        name=one.name,
        chosen=chosen is not None and not glance.is_virtual and chosen.real_path == glance.real_path,
        supported=glance.python >= (3, 8),
        support=support.state if support else "",
        end=support.end if support else "",
    )


def shown_version(glance: Glance) -> str:
    """``3.14.0rc1``, where an interpreter says ``3.14.0c1`` of itself."""
    info = glance.version_info
    if info[3] == "final":
        return glance.version
    stage = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info[3], info[3])
    return f"{info[0]}.{info[1]}.{info[2]}{stage}{info[4]}"


def _reason(problem: Problem | None) -> str:
    return str(getattr(problem, "reason", "") or (problem.what if problem is not None else ""))


def _downloads(
    context: Context, request: PythonRequest | None, options: PythonListOptions, here: tuple[Listed, ...]
) -> tuple[Listed, ...]:
    """The newest of each minor version that can be installed; with ``all_versions`` every one."""
    from hutch.interpreters.managed.builds import fitting_builds
    from hutch.ops.pythons.available import available

    if request is not None and not request.specifiers and request.implementation is None:
        return ()  # a path, or the name of something that is here
    try:
        builds = available(context).builds
    except Problem as problem:
        if options.only_downloads:
            raise
        from hutch.events import Notice

        # What is here can be told without it.
        context.emit(Notice(f"what can be installed is not known: {problem.what}", warning=True))
        return ()
    found = fitting_builds(builds, request, ())
    present = {(each.implementation, each.version, each.free_threaded) for each in here}
    rows: list[Listed] = []
    seen: set[tuple[object, ...]] = set()
    for build in found:
        minor = (build.implementation, build.info[:2], build.free_threaded)
        if minor in seen and not options.all_versions:
            continue
        if build.is_prerelease and not options.all_versions and request is None:
            continue
        seen.add(minor)
        if (build.implementation, build.version, build.free_threaded) in present:
            continue
        rows.append(
            Listed(
                implementation=build.implementation,
                version=build.version,
                free_threaded=build.free_threaded,
                download=build.key,
            )
        )
    return tuple(rows)
