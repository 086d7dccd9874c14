"""``hutch pip compile``: choose versions for requirements files, and write them down as pins."""

from __future__ import annotations

import os
import time

from hutch.errors import Bug, UsageProblem
from hutch.events import Notice
from hutch.ops.checkout import write_text
from hutch.ops.outcomes import Change, lock_facts
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.lock import LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.pip_layers import Layer
    from hutch.ops.resolve import Resolved, Root

__all__ = ["PipCompileOptions", "PipCompileOutcome", "PipLayersOutcome", "pip_compile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCompileOptions:
    """The options of ``pip compile``, named as on the command line."""

    files: tuple[str, ...] = ()
    output_file: str | None = None
    layered: bool = False
    constraint: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    all_extras: bool = False
    group: tuple[str, ...] = ()
    build_deps_for: tuple[str, ...] = ()
    all_build_deps: bool = False
    only_build_deps: bool = False
    python_version: str | None = None
    python_platform: str | None = None
    universal: bool = False
    generate_hashes: bool = False
    reuse_hashes: bool = True
    strip_extras: bool = True
    allow_unsafe: bool = True
    unsafe_package: tuple[str, ...] = ()
    annotate: bool = True
    annotation_style: str = "split"
    header: bool = True
    emit_options: bool = True
    emit_index_url: bool = True
    emit_find_links: bool = True
    emit_trusted_host: bool = True
    newline: str = "preserve"
    upgrade: bool = False
    upgrade_package: tuple[str, ...] = ()
    prerelease: str | None = None
    uploaded_prior_to: str | None = None
    exclude_newer_package: tuple[str, ...] = ()
    exclude_newer_index: tuple[str, ...] = ()
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    pip_args: str | None = None
    config: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCompileOutcome:
    """The text; ``path`` is the file that it belongs in, None for standard output."""

    text: str
    path: str | None
    packages: int
    targets: int
    changes: tuple[Change, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    written: bool = False
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            **lock_facts(self),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PipLayersOutcome:
    """Several files of pins out of one solve."""

    layers: tuple[PipCompileOutcome, ...]
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {"layers": [layer.to_json() for layer in self.layers]}


def pip_compile(context: Context, options: PipCompileOptions) -> PipCompileOutcome | PipLayersOutcome:
    """Solve what the files ask for, and write the pins into the output file, or hand them on."""
    start = time.monotonic()
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.located import Locator
    from hutch.ops.moments import typed_moments
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.pip_layers import layers_of
    from hutch.ops.pip_targets import compile_targets

    options = _settled(context, options)
    places = _typed_places(context)
    newer = typed_moments(options.exclude_newer_package, options.exclude_newer_index)
    layers = layers_of(context, options, options.files or _default_files(context))
    interpreter = any_interpreter(context, None)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(context, interpreter, settings=settings)
    output = layers[0].output
    base = os.path.dirname(output) if output is not None else context.directory
    wishes = Wishes(locator=Locator(context, builder, base), source_folder="")
    layers = [_gathered(context, layer, options, builder, wishes) for layer in layers]
    pins: dict[str, tuple[str, ...]] = {}
    for layer in layers:
        pins.update({name: each for name, each in layer.old.pins.items() if name not in pins})
    preferred = _preferences(pins, options, wishes)
    manifests = [path for layer in layers for path in layer.files.manifests]
    targets, demanded = compile_targets(context, options, manifests, interpreter)
    resolved = _resolved(context, options, layers, wishes, builder, targets, demanded, preferred, newer)
    from hutch.ops.locking import lock_packages

    _check(lock_packages(resolved), resolved)
    environment = None if options.universal else targets.targets[0].environment()
    outcomes = [
        _written(context, options, replace(layer, places=places), layers, resolved, wishes, base, environment)
        for layer in layers
    ]
    outcomes = [replace(outcome, seconds=time.monotonic() - start) for outcome in outcomes]
    if not options.layered:
        return outcomes[0]
    return PipLayersOutcome(layers=tuple(outcomes), seconds=time.monotonic() - start)


def _settled(context: Context, options: PipCompileOptions) -> PipCompileOptions:
    """The options without what is another way to say something, and checked against each other."""
    from hutch.ops.pip_lists import BUILD_KINDS
    from hutch.ops.pip_tools import take_pip_args

    if options.pip_args is not None and take_pip_args(context, options.pip_args):
        options = replace(options, prerelease=options.prerelease or "allow")
    if options.uploaded_prior_to is not None:
        context.flags["exclude-newer"] = options.uploaded_prior_to
    if options.all_build_deps:
        options = replace(options, build_deps_for=BUILD_KINDS)
    if options.only_build_deps and not options.build_deps_for:
        raise UsageProblem("--only-build-deps needs --build-deps-for KIND or --all-build-deps")
    if options.only_build_deps and (options.extra or options.all_extras or options.group):
        raise UsageProblem("--only-build-deps goes without --extra, --all-extras and --group")
    extras = tuple(part.strip() for text in options.extra for part in text.split(",") if part.strip())
    return replace(options, extra=extras)


def _typed_places(context: Context) -> dict[str, tuple[str, ...]]:
    """The indexes and places of this command line, which belong into the file of pins as well."""
    places: dict[str, tuple[str, ...]] = {}
    for name in ("index-url", "extra-index-url", "find-links"):
        value: Any = context.flags.get(name) or ()
        places[name] = tuple(map(str, value)) if isinstance(value, tuple | list) else (str(value),)
    return places


def _default_files(context: Context) -> tuple[str, ...]:
    """What is meant when nothing is named."""
    for name in ("requirements.in", "setup.py", "pyproject.toml", "setup.cfg"):
        if os.path.isfile(context.path(name)):
            return (name,)
    raise UsageProblem(
        "there is nothing to compile",
        why="no file was named, and there is neither a requirements.in nor a pyproject.toml here",
        hint="hutch pip compile requirements.in -o requirements.txt",
    )


# -- choosing -------------------------------------------------------------------------------------


def _gathered(
    context: Context, layer: Layer, options: PipCompileOptions, builder: Any, wishes: Wishes
) -> Layer:
    """The layer with its roots, which join those of all layers."""
    from hutch.ops.pip_inputs import gather_into
    from hutch.ops.pip_lists import add_build_requirements, add_groups

    before = len(wishes.roots)
    manifests = layer.files.manifests
    if options.build_deps_for and not manifests:
        raise UsageProblem(
            "--build-deps-for and --all-build-deps are about a pyproject.toml, setup.py or setup.cfg",
            why=f"{layer.names[0]} is none" if layer.names else "none was given",
        )
    gather_into(
        context,
        replace(layer.files, manifests=()) if options.only_build_deps else layer.files,
        builder,
        wishes,
        extras=options.extra,
        all_extras=options.all_extras,
    )
    if options.build_deps_for:
        add_build_requirements(context, manifests, options.build_deps_for, builder, wishes)
    add_groups(context, options.group, builder, wishes)
    return replace(layer, roots=tuple(wishes.roots[before:]))


def _preferences(
    pins: dict[str, tuple[str, ...]], options: PipCompileOptions, wishes: Wishes
) -> dict[str, tuple[str, ...]]:
    """The pins to keep; what ``--upgrade-package 'NAME<4'`` asks for becomes a constraint."""
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    kept = {} if options.upgrade else dict(pins)
    for text in options.upgrade_package:
        requirement = parse_requirement(text)
        kept.pop(requirement.name, None)
        if requirement.specifiers:
            wishes.add(Root(requirement=requirement, constraint=True, asker="--upgrade-package"), "")
    return kept


def _resolved(
    context: Context,
    options: PipCompileOptions,
    layers: list[Layer],
    wishes: Wishes,
    builder: Any,
    targets: Any,
    demanded: int,
    preferred: Mapping[str, tuple[str, ...]],
    newer: Mapping[str, Mapping[str, str | None]],
) -> Resolved:
    from hutch.ops.resolve import resolve

    files = [layer.files for layer in layers]
    request = wishes.request(context, targets, prerelease=options.prerelease, files=files)
    request = wishes.adjusted(replace(request, demanded=demanded, preferred=preferred), newer)
    held = () if options.universal or options.upgrade_package else _held(preferred, request.roots)
    if held:
        from hutch.ops.patience import SearchTooLong
        from hutch.solve import Unsolvable

        for root in held:
            wishes.labels[id(root)] = ""
        try:
            return resolve(context, replace(request, roots=(*request.roots, *held), explains=False), builder)
        except (Unsolvable, SearchTooLong):
            for root in held:
                del wishes.labels[id(root)]
    return resolve(context, request, builder)


def _held(pins: Mapping[str, tuple[str, ...]], roots: Iterable[Root]) -> tuple[Root, ...]:
    """The pins as limits, but those that a requirement speaks against: what is new has to do with them, if
    it can. As with pip-compile, a file changes as little as possible then."""
    from hutch.ops.resolve import Root
    from hutch.spec import Requirement, admits, normalize

    asked: dict[str, list[Requirement]] = {}
    for root in roots:
        asked.setdefault(root.requirement.name, []).append(root.requirement)
    held = []
    for name, versions in pins.items():
        if len(versions) == 1 and not any(
            each.url is not None or not admits(each.specifiers, versions[0]) for each in asked.get(name, ())
        ):
            pin = Requirement(name=normalize(name), specifiers=(("==", versions[0]),))
            held.append(Root(requirement=pin, constraint=True, asker="the pins"))
    return tuple(held)


def _check(packages: tuple[LockedPackage, ...], resolved: Resolved) -> None:
    """Pins that are wrong anywhere are a bug of ours, and never get to the disk."""
    from hutch.lock import Lock, check_lock

    targets = resolved.targets
    alive = resolved.resolution.targets
    violations = check_lock(
        Lock(packages=packages, environments=targets.environments(alive)),
        targets.in_mask(alive),
        {"project": [root.requirement for root, _ in resolved.roots if not root.constraint]},
        resolved.provider.metadata_of,
    )
    if violations:
        shown = "\n".join(f"  {violation}" for violation in violations[:12])
        raise Bug(f"the pins would be wrong; they have not been written\n{shown}")


# -- writing --------------------------------------------------------------------------------------


def _written(
    context: Context,
    options: PipCompileOptions,
    layer: Layer,
    layers: list[Layer],
    resolved: Resolved,
    wishes: Wishes,
    base: str,
    environment: Mapping[str, str] | None,
) -> PipCompileOutcome:
    """The file of pins of one layer, written if it is new."""
    from hutch.ops.locking import lock_packages
    from hutch.ops.pip_layers import parted
    from hutch.ops.pip_pins import header_of, linesep_of, option_lines, pins_text

    mine, label, below = parted(context, layer, layers, resolved, wishes)
    packages = lock_packages(mine)
    text = pins_text(
        packages,
        mine,
        label,
        options,
        old=layer.old,
        header=header_of(
            context, tuple(name for each in layers for name in each.names), options, layer.places
        )
        if options.header
        else "",
        lines=option_lines(options, layer.files, base, layer.places),
        environment=environment,
        layers=below,
        edited=wishes.edited,
    )
    if "\n# WARNING: " in f"\n{text}":
        said = "pip refuses some of these pins beside hashes: see their # WARNING lines"
        context.emit(Notice(said, warning=True))
    output = layer.output
    ending = linesep_of(options.newline, (*((output,) if output else ()), *map(context.path, layer.names)))
    if output is not None and ending != "\n":
        text = text.replace("\n", ending)
    changed = text != layer.old.text
    if output is not None and changed and not options.dry_run:
        write_text(output, text)
    return PipCompileOutcome(
        text=text,
        path=output,
        packages=len(packages),
        targets=len(resolved.targets.in_mask(resolved.resolution.targets)),
        changes=_changes(layer.old.pins, packages),
        dropped=resolved.dropped,
        written=output is not None and changed and not options.dry_run,
        dry_run=options.dry_run,
    )


def _changes(pins: Mapping[str, tuple[str, ...]], packages: Iterable[LockedPackage]) -> tuple[Change, ...]:
    new: dict[str, tuple[str, ...]] = {}
    for package in packages:
        if not package.is_direct and package.version is not None:
            new[package.name] = (*new.get(package.name, ()), package.version)
    return tuple(
        Change(name, ", ".join(pins.get(name, ())) or None, ", ".join(new.get(name, ())) or None)
        for name in sorted(pins.keys() | new.keys())
        if sorted(pins.get(name, ())) != sorted(new.get(name, ()))
    )
