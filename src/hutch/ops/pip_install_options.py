"""The options of ``hutch pip install``, and what they mean together: where to install, for which Python."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.pip_choosing import PipWanted
    from hutch.ops.pip_files import Files
    from hutch.ops.pip_inputs import Wishes
    from hutch.project import Declared
    from hutch.spec import Target

__all__ = [
    "PipInstallOptions",
    "add_more",
    "build_constraints",
    "foreign_target",
    "place_of",
    "settled",
    "source_folder",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipInstallOptions:
    """The options of ``pip install``, named as on the command line."""

    requirements: tuple[str, ...] = ()
    requirement: tuple[str, ...] = ()
    editable: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    requirements_from_script: tuple[str, ...] = ()
    only_deps: bool = False
    target: str | None = None
    prefix: str | None = None
    root: str | None = None
    src: str | None = None
    system: bool = False
    break_system_packages: bool = False
    report: str | None = None
    constraint: tuple[str, ...] = ()
    build_constraint: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    all_extras: bool = False
    upgrade: bool = False
    upgrade_package: tuple[str, ...] = ()
    upgrade_strategy: str | None = None
    deps: bool = True
    reinstall: bool = False
    reinstall_package: tuple[str, ...] = ()
    ignore_installed: bool = False
    require_hashes: bool = False
    no_require_hashes: bool = False
    warn_conflicts: bool = True
    prerelease: str | None = None
    all_releases: tuple[str, ...] = ()
    only_final: tuple[str, ...] = ()
    prefer_binary: bool = False
    exclude_newer_package: tuple[str, ...] = ()
    exclude_newer_index: tuple[str, ...] = ()
    uploaded_prior_to: str | None = None
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    python_version: str | None = None
    implementation: str | None = None
    abi: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def is_foreign(self) -> bool:
        """Is it for another Python than the one that is here?"""
        return bool(self.platform or self.python_version or self.implementation or self.abi)

    @property
    def names_anything(self) -> bool:
        """Is there anything to install?"""
        named = (self.requirements, self.requirement, self.editable, self.group)
        return any((*named, self.requirements_from_script))


def settled(context: Context, options: PipInstallOptions) -> PipInstallOptions:
    """The options without what is another way to say something, and checked against each other."""
    if not options.names_anything:
        raise UsageProblem(
            "there is nothing to install",
            why="neither a requirement, nor -r FILE, nor -e PATH was given",
            hint="hutch pip install -r requirements.txt",
        )
    if options.uploaded_prior_to is not None:
        context.flags["exclude-newer"] = options.uploaded_prior_to
    for word, names, meaning in (
        ("--all-releases", options.all_releases, "allow"),
        ("--only-final", options.only_final, "disallow"),
    ):
        said = {name.strip() for text in names for name in text.split(",")} - {":none:", ""}
        if said - {":all:"}:
            raise UsageProblem(
                f"{word} is for all packages or for none",
                why=f"of {', '.join(sorted(said - {':all:'}))} alone, its requirement says it",
                hint=f"{word} :all:, or a requirement such as 'name>=2.0rc1', which admits pre-releases",
            )
        if said:
            options = replace(options, prerelease=meaning)
    if options.ignore_installed:
        options = replace(options, reinstall=True)
    if options.is_foreign:
        if options.target is None and options.prefix is None and options.root is None:
            raise UsageProblem(
                "--platform, --python-version, --implementation and --abi need --target DIR",
                why="what is for another Python does not run in an environment of this one",
                hint="hutch pip install --target build/ …",
            )
        if context.configuration.no_binary:
            raise UsageProblem(
                "nothing can be built for another Python than this one", hint="leave --no-binary out"
            )
    return options


def foreign_target(
    options: PipInstallOptions, interpreter: Interpreter
) -> tuple[Target, Mapping[str, int]] | None:
    """What ``--platform`` and its like mean, with the tags of the files; None where they are not given."""
    if not options.is_foreign:
        return None
    from hutch.ops.pip_platforms import asked_target

    return asked_target(
        interpreter, options.platform, options.python_version, options.implementation, options.abi
    )


def build_constraints(context: Context, options: PipInstallOptions | PipWanted) -> tuple[Declared, ...]:
    """The limits that ``--build-constraint`` files say."""
    if not options.build_constraint:
        return ()
    from hutch.ops.pip_files import read_files
    from hutch.project import Declared

    found = []
    for asked in read_files(context, (), options.build_constraint).asked:
        requirement = asked.given.requirement
        if requirement is None or requirement.url is not None:
            raise UsageProblem(
                f"{asked.place}: a constraint of builds is a name with versions", why=f"it is {asked.text}"
            )
        found.append(Declared(requirement=requirement, text=asked.text, filename=asked.place))
    return tuple(found)


def place_of(context: Context, options: PipInstallOptions) -> tuple[Environment, Interpreter]:
    """Where to install: an environment, an installed Python, or the folder that was named."""
    if options.target is None and options.prefix is None and options.root is None:
        from hutch.ops.pip_environment import pip_environment

        return pip_environment(
            context,
            dry_run=options.dry_run,
            system=options.system,
            break_system_packages=options.break_system_packages,
            can_make=True,
        )
    from hutch.ops.pip_folder import folder_environment

    if options.editable:
        raise UsageProblem(
            "what is editable is found by an environment alone",
            why="a folder of packages has nothing that reads its .pth files",
            hint="leave --editable out, or install into an environment",
        )
    if options.root is None:
        return folder_environment(context, options.target, options.prefix, dry_run=options.dry_run)
    inside = options.target if options.target is not None else options.prefix
    if inside is not None:
        inside = os.path.abspath(inside)
        below = _below(context, options.root, inside)
        if options.target is not None:
            return folder_environment(context, below, None, dry_run=options.dry_run)
        return folder_environment(context, None, below, dry_run=options.dry_run)
    from hutch.ops.pip_environment import environment_to_look_at, open_prefix, outside_interpreter

    place = None if options.system else environment_to_look_at(context)
    if place is not None:
        from hutch.interpreters import probe_interpreter

        environment = open_prefix(place)
        interpreter = probe_interpreter(environment.executable, context.store)
        prefix = environment.root
    else:
        from hutch.interpreters import probe_installation

        interpreter = outside_interpreter(context)
        prefix = probe_installation(interpreter.path, context.environ).scheme["data"]
    below = _below(context, options.root, prefix)
    return folder_environment(context, None, below, dry_run=options.dry_run, interpreter=interpreter)


def source_folder(context: Context, options: PipInstallOptions, environment: Environment) -> str:
    """Where repositories are checked out that are installed to be worked on: pip's places."""
    if options.src is not None:
        return context.path(options.src)
    return context.path("src") if environment.python_outside else os.path.join(environment.root, "src")


def _below(context: Context, root: str, path: str) -> str:
    """An absolute path as it is below another root."""
    return os.path.join(context.path(root), os.path.splitdrive(path)[1].lstrip("/\\"))


def add_more(
    context: Context,
    options: PipInstallOptions | PipWanted,
    files: Files,
    builder: Builder,
    wishes: Wishes,
) -> None:
    """``--group`` and ``--requirements-from-script``."""
    from hutch.ops.pip_lists import add_groups

    add_groups(context, options.group, builder, wishes)
    if not options.requirements_from_script:
        return
    from hutch.ops.checkout import Checkout
    from hutch.ops.resolve import Root
    from hutch.ops.roots import project_roots
    from hutch.ops.script import script_checkout

    for path in options.requirements_from_script:
        found = script_checkout(context, path)
        checkout = Checkout(root=found.root, text=found.text, manifest=found.manifest)
        roots, bound = project_roots(context, checkout, builder)
        wishes.bound.update(bound)
        wishes.projects.append((found.manifest, found.root))
        for root in roots:
            wishes.add(Root(requirement=root.requirement, declared=root.declared), path)
