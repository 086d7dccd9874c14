"""pip's verbs in an environment of conda: what conda's packages bring is there, and stays.

A distribution that a conda package brings is one candidate to the solver, the version that is there, so what
is asked for has to go with it, and a conflict names it. What would take its files away all the same is
refused. And the change is one of both kinds: what is put in is compared with the files of conda's packages as
well, and a generation of the history has them.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.env import Environment, Installed, Plan
    from hutch.ops.context import Context
    from hutch.ops.resolve import Root
    from hutch.provide import Direct
    from hutch.spec import NormalizedName

__all__ = ["PackageOfConda", "both_kinds", "check_asked", "conda_sources", "of_conda", "refuse_conda"]


class PackageOfConda(Problem):
    """pip would take something away, or replace it, that a package of conda has brought."""

    code = "package-of-conda"

    def __init__(self, root: str, place: str, rows: tuple[tuple[str, str, str], ...]) -> None:
        names = ", ".join(name for name, _, _ in rows)
        packages = " ".join(dict.fromkeys(package for _, package, _ in rows))
        brought = ", ".join(f"{package} {version}" for _, package, version in rows)
        super().__init__(
            f"{names} in {root} {'are' if len(rows) > 1 else 'is'} conda's, and is left as it is",
            why=f"conda would go on listing {brought}, and its next change would break what is there then",
            hint=(
                f"hutch conda install {place} {packages} has another version from a channel",
                f"hutch conda remove {place} {packages} takes it out, and makes room for that of an index",
            ),
        )


def of_conda(environment: Environment) -> dict[str, tuple[str, str]]:
    """The distributions that packages of conda have brought, as their records say: by normalised name, the
    package and its version. Empty where it is no environment of conda."""
    from hutch.env import is_prefix, prefix_packages
    from hutch.env.conda_mixing import conda_owned

    if not environment.kept or not is_prefix(environment.root):
        return {}
    versions = {one.record.name: one.record.version for one in prefix_packages(environment.root)}
    rows = conda_owned(environment.root).distributions.items()
    return {name: (package, versions.get(package, "")) for name, (package, _, folder) in rows if folder}


def conda_sources(
    environment: Environment, installed: Mapping[NormalizedName, Installed]
) -> dict[str, Direct]:
    """What the conda packages of the environment are on an index, each as the one candidate that it has.

    Those that have a `dist-info` say so themselves; of others their records do (`purls`, well-known names).
    """
    from hutch.conda.names import NameMap
    from hutch.env import is_prefix, prefix_packages
    from hutch.lock import LockedDirectory, LockedPackage
    from hutch.ops.pip_present import metadata_of
    from hutch.provide import Direct
    from hutch.spec import CoreMetadata, canonical_version, normalize

    if not environment.kept or not is_prefix(environment.root):
        return {}
    from pathlib import Path

    place = LockedDirectory(path=Path(environment.root).as_uri())
    found: dict[str, Direct] = {}
    known = of_conda(environment)
    for name in known:
        one = installed.get(normalize(name))
        metadata = metadata_of(environment.root, one) if one is not None else None
        if metadata is not None:
            found[name] = Direct(
                metadata=metadata, entry=LockedPackage(name=normalize(name), directory=place)
            )
    records = {one.record.name: one.record for one in prefix_packages(environment.root)}
    names = NameMap(lambda name: (records[name],) if name in records else ())
    brought = {package for package, _ in known.values()}
    for package, record in records.items():
        distribution = names.distribution(package) if package not in brought and package != "python" else None
        if distribution is None or distribution in found or distribution in installed:
            continue
        try:
            version = canonical_version(record.version)
        except ValueError:
            continue
        found[distribution] = Direct(
            metadata=CoreMetadata(name=normalize(distribution), version=version),
            entry=LockedPackage(name=normalize(distribution), directory=place),
        )
    return found


def check_asked(
    context: Context,
    environment: Environment,
    sources: Mapping[str, Direct],
    roots: Iterable[Root],
    *,
    again: bool,
) -> None:
    """Raise `PackageOfConda` for what is asked for by name in another version than conda's; say what stays
    though it is asked for ``again`` (newer, or anew)."""
    from hutch.events import Notice
    from hutch.spec import admits

    rows, stays = [], []
    for root in roots:
        name = root.requirement.name
        source = sources.get(name)
        if source is None:
            continue
        package = of_conda(environment).get(name, (name, source.version))
        if root.requirement.url or not admits(root.requirement.specifiers, source.version):
            rows.append((str(name), *package))
        elif again and not root.constraint:
            stays.append(f"{name} {source.version}")
    if rows:
        raise PackageOfConda(environment.root, _place(context, environment), tuple(rows))
    if stays:
        command = f"hutch conda update {_place(context, environment)}"
        context.emit(Notice(f"{', '.join(stays)} of conda's stays as it is: {command} asks its channel"))


def _place(context: Context, environment: Environment) -> str:
    import shlex

    named = context.named
    return f"-n {shlex.quote(named)}" if named is not None else f"-p {shlex.quote(environment.root)}"


def refuse_conda(context: Context, environment: Environment, plan: Plan) -> None:
    """Raise `PackageOfConda` where the plan takes anything of conda's away."""
    if not plan.removals:
        return
    known = of_conda(environment)
    rows = tuple((step.name, *known[step.name]) for step in plan.removals if step.name in known)
    if rows:
        raise PackageOfConda(environment.root, _place(context, environment), rows)


def both_kinds(environment: Environment, plan: Plan) -> tuple[Environment, Plan]:
    """The environment with its packages of both kinds, where it is one of conda, and the plan for that."""
    from hutch.env import is_prefix, open_prefix
    from hutch.env.plan import Noted

    if not environment.kept or environment.prefix or not is_prefix(environment.root):
        return environment, plan
    # Whose the environment is does not change by that: who keeps pip out of it, or not, goes on so.
    return open_prefix(environment.root), replace(plan, noted=Noted(managed=False))
