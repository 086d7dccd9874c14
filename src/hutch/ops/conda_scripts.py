"""What packages of conda would run at installation, and the menus that they would make.

Nothing of that happens unless the user has allowed it by name; it is told.
"""

from __future__ import annotations

import os

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hutch.env import Environment, Plan
    from hutch.ops.context import Context
    from hutch.store import StoredConda

__all__ = ["run_allowed", "tell_menus", "wanted_scripts"]


def _script(environment: Environment, name: str, kind: str) -> str:
    return f"{environment.scripts}/.{name}-{kind}.{'bat' if environment.windows else 'sh'}"


def wanted_scripts(
    environment: Environment, plan: Plan, packages: Mapping[str, StoredConda]
) -> tuple[str, ...]:
    """What the packages of the plan would run: paths in the prefix."""
    found = []
    for step in plan.removals:
        path = _script(environment, step.name.removeprefix("conda:"), "pre-unlink")
        if step.name.startswith("conda:") and os.path.lexists(os.path.join(environment.root, path)):
            found.append(path)
    for link in plan.links:
        package = packages.get(link.conda.record.name) if link.conda is not None else None
        if package is not None:
            path = _script(environment, package.manifest.name, "post-link")
            if any(row[0] == path for row in package.manifest.files):
                found.append(path)
    return tuple(found)


def run_allowed(
    context: Context, environment: Environment, plan: Plan, kind: str, allowed: Collection[str]
) -> set[str]:
    """Run the scripts of packages that the user has named; those that ran."""
    ran = set()
    steps = plan.removals if kind == "pre-unlink" else plan.links
    for step in steps:
        name = step.name.removeprefix("conda:")
        path = _script(environment, name, kind)
        if (
            step.name.startswith("conda:")
            and (name in allowed or ":all:" in allowed)
            and os.path.isfile(os.path.join(environment.root, path))
        ):
            _run(context, environment, path, name, step.version)
            ran.add(path)
    return ran


def _run(context: Context, environment: Environment, path: str, name: str, version: str) -> None:
    import subprocess
    import tempfile

    shell = os.path.join(environment.root, "bin", "bash")
    shell = shell if os.path.exists(shell) else "/bin/sh"
    words = [os.path.join(environment.root, path)]
    command = ["cmd.exe", "/d", "/c", *words] if environment.windows else [shell, *words]
    with tempfile.TemporaryDirectory(prefix="hutch-script-") as home:
        done = subprocess.run(
            command,
            cwd=environment.root,
            env=_variables(context, environment, home, name, version),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        text = f"{path} of {name} ended with {done.returncode}"
        context.emit(Notice(f"{text}: {said[0]}" if said else text, warning=True))


def _variables(
    context: Context, environment: Environment, home: str, name: str, version: str
) -> dict[str, str]:
    """What conda's contract for such scripts names, on top of what a build may see: no secrets."""
    from hutch.build.variables import build_variables

    version, _, build = version.partition(" ")
    number = build.rpartition("_")[2]
    variables = build_variables(context.environ, home=home, temporary=home)
    programs = os.path.join(environment.root, environment.scripts)
    variables |= {
        "PATH": f"{programs}{os.pathsep}{variables.get('PATH', os.defpath)}",
        "PREFIX": environment.root,
        "ROOT_PREFIX": environment.root,
        "PKG_NAME": name,
        "PKG_VERSION": version,
        "PKG_BUILDNUM": number if number.isdecimal() else "0",
    }
    return variables


def tell_menus(context: Context, plan: Plan, packages: Mapping[str, StoredConda]) -> None:
    menus = sorted(
        link.conda.record.name
        for link in plan.links
        if link.conda is not None
        and (package := packages.get(link.conda.record.name)) is not None
        and any(row[0].startswith("Menu/") for row in package.manifest.files)
    )
    if menus:
        context.emit(Notice(f"no entries of menus are made for {', '.join(menus)}"))
