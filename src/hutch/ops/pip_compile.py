"""``hutch pip compile``: choose versions for requirements files, and write them down as pins."""

from __future__ import annotations

import os
import time

from hutch.errors import Bug, UsageProblem
from hutch.events import Notice
from hutch.ops.checkout import read_text, write_text
from hutch.ops.outcomes import Change, lock_facts
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.interpreters import Interpreter
    from hutch.lock import LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.pip_files import Files
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.resolve import Resolved
    from hutch.spec import Specifiers, Targets

__all__ = ["PipCompileOptions", "PipCompileOutcome", "pip_compile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCompileOptions:
    """The options of ``pip compile``, named as on the command line."""

    files: tuple[str, ...] = ()
    output_file: str | None = None
    constraint: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    all_extras: bool = False
    python_version: str | None = None
    python_platform: str | None = None
    universal: bool = False
    generate_hashes: bool = False
    annotate: bool = True
    annotation_style: str = "split"
    header: bool = True
    upgrade: bool = False
    upgrade_package: tuple[str, ...] = ()
    prerelease: str | None = None
    exclude_newer_package: tuple[str, ...] = ()
    exclude_newer_index: tuple[str, ...] = ()
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
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


def pip_compile(context: Context, options: PipCompileOptions) -> PipCompileOutcome:
    """Solve what the files ask for, and write the pins into the output file, or hand them on."""
    start = time.monotonic()
    from hutch.lock import render_compiled
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.locking import lock_packages
    from hutch.ops.moments import exclude_newer, typed_moments
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_inputs import gather
    from hutch.ops.resolve import Request, resolve

    newer = typed_moments(options.exclude_newer_package, options.exclude_newer_index)
    names = options.files or _default_files(context)
    files = read_files(context, names, options.constraint)
    set_flags(context, files)
    output = context.path(options.output_file) if options.output_file is not None else None
    old_text, pins = _old(context, output)
    interpreter = any_interpreter(context, None)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(context, interpreter, settings=settings)
    base = os.path.dirname(output) if output is not None else context.directory
    wishes = gather(context, files, builder, base=base, extras=options.extra, all_extras=options.all_extras)
    preferred = _preferences(pins, options, wishes)
    targets, demanded = _targets(context, options, files, interpreter)
    configuration = context.configuration
    request = Request(
        roots=tuple(wishes.roots),
        targets=targets,
        demanded=demanded,
        preferred=preferred,
        direct=wishes.direct(targets),
        resolution=configuration.resolution,
        only_binary=frozenset(configuration.only_binary),
        no_binary=frozenset(configuration.no_binary),
        exclude_newer=exclude_newer(context),
        bound=wishes.bound,
        prerelease=options.prerelease or ("allow" if files.says("pre") else "explicit"),
    )
    resolved = resolve(context, wishes.adjusted(request, newer), builder)
    packages = lock_packages(resolved)
    _check(packages, resolved)
    text = render_compiled(
        packages,
        _reasons(resolved, packages, wishes),
        hashes=options.generate_hashes,
        annotate=options.annotate,
        style=options.annotation_style,
        header=_header(names, options) if options.header else "",
        options=_option_lines(files, base),
    )
    changed = text != old_text
    if output is not None and changed and not options.dry_run:
        write_text(output, text)
    return PipCompileOutcome(
        text=text,
        path=output,
        packages=len(packages),
        targets=len(resolved.targets.in_mask(resolved.resolution.targets)),
        changes=_changes(pins, packages),
        dropped=resolved.dropped,
        written=output is not None and changed and not options.dry_run,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _default_files(context: Context) -> tuple[str, ...]:
    """What is meant when nothing is named."""
    for name in ("requirements.in", "pyproject.toml"):
        if os.path.isfile(context.path(name)):
            return (name,)
    raise UsageProblem(
        "there is nothing to compile",
        why="no file was named, and there is neither a requirements.in nor a pyproject.toml here",
        hint="hutch pip compile requirements.in -o requirements.txt",
    )


# -- what was there before ----------------------------------------------------------------------


def _old(context: Context, output: str | None) -> tuple[str | None, dict[str, tuple[str, ...]]]:
    """The text and the pins of the output file, which are kept where they fit."""
    if output is None or not os.path.isfile(output):
        return None, {}
    from hutch.errors import Problem
    from hutch.ops.pip_files import shown_path
    from hutch.project import read_requirements
    from hutch.spec import pins_exactly

    text = read_text(output)
    try:
        found = read_requirements(
            output,
            lambda path: text.encode() if path == output else b"",
            join=lambda container, name: f"{container}/{name}",
            shown=lambda path: shown_path(context, path),
            environ={},
        )
    except Problem as problem:
        context.emit(
            Notice(f"{problem.what}, so its versions are not kept: {'; '.join(problem.why)}", warning=True)
        )
        return text, {}
    pins: dict[str, tuple[str, ...]] = {}
    for asked in found.asked:
        requirement = asked.given.requirement
        version = pins_exactly(requirement.specifiers) if requirement is not None else None
        if requirement is not None and version is not None:
            pins[requirement.name] = (*pins.get(requirement.name, ()), version)
    return text, pins


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


def _changes(pins: dict[str, tuple[str, ...]], packages: Iterable[LockedPackage]) -> tuple[Change, ...]:
    new: dict[str, tuple[str, ...]] = {}
    for package in packages:
        if not package.is_direct and package.version is not None:
            new[package.name] = (*new.get(package.name, ()), package.version)
    return tuple(
        Change(name, ", ".join(pins.get(name, ())) or None, ", ".join(new.get(name, ())) or None)
        for name in sorted(pins.keys() | new.keys())
        if sorted(pins.get(name, ())) != sorted(new.get(name, ()))
    )


# -- where it is to hold --------------------------------------------------------------------------


def _targets(
    context: Context, options: PipCompileOptions, files: Files, interpreter: Interpreter
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
    said = _requires_python(context, options, files)
    minimum = options.python_version or f"{python[0]}.{python[1]}"
    targets = default_targets(said or ((">=", minimum),), here)
    place = targets.index_of(here)
    return targets, targets.everything if place is None else 1 << place


def _requires_python(context: Context, options: PipCompileOptions, files: Files) -> Specifiers:
    """What the project itself says, where it is a project that is compiled."""
    from hutch.ops.checkout import MANIFEST, read_manifest

    for path in files.manifests:
        if options.python_version is None and os.path.basename(path) == MANIFEST:
            return read_manifest(context, read_text(path)).requires_python
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


# -- the text ---------------------------------------------------------------------------------


def _reasons(resolved: Resolved, packages: Iterable[LockedPackage], wishes: Wishes) -> dict[str, set[str]]:
    """By name: the files and the packages that need it."""
    from hutch.provide import split_package

    via: dict[str, set[str]] = {}
    there = {package.name for package in packages}
    for root, needs in resolved.roots:
        label = wishes.label(root)
        for need in needs:
            name = split_package(need.package)[0]
            if label and name in there:
                via.setdefault(name, set()).add(label)
    for package in packages:
        for edge in package.dependencies:
            if edge.name != package.name:
                via.setdefault(edge.name, set()).add(package.name)
    return via


def _option_lines(files: Files, base: str) -> list[str]:
    """The options of the files that whoever installs the pins needs too, as they were written."""
    from hutch.net import without_credentials

    lines: list[str] = []
    for option in files.options:
        raw = option.raw
        if option.name in ("index-url", "extra-index-url"):
            lines.append(f"--{option.name} {raw if '${' in raw else without_credentials(raw)}")
        elif option.name == "find-links":
            beside = os.path.join(os.path.dirname(option.container), raw)
            if "://" not in raw and "${" not in raw and os.path.exists(beside):
                raw = os.path.relpath(beside, base).replace(os.sep, "/")
            lines.append(f"--find-links {raw}")
        elif option.name in ("trusted-host", "only-binary", "no-binary"):
            lines.append(f"--{option.name} {raw}")
        elif option.name in ("no-index", "pre"):
            lines.append(f"--{option.name}")
    return lines


def _header(names: tuple[str, ...], options: PipCompileOptions) -> str:
    """How to make the file again; options of the day (``--upgrade``) are not part of it."""
    import shlex

    words = ["hutch", "pip", "compile", *names]
    for name in ("constraint", "extra"):
        for value in getattr(options, name):
            words += [f"--{name}", value]
    for name in ("python_version", "python_platform", "prerelease"):
        if (value := getattr(options, name)) is not None:
            words += [f"--{name.replace('_', '-')}", value]
    for name in ("universal", "all_extras", "generate_hashes"):
        if getattr(options, name):
            words.append(f"--{name.replace('_', '-')}")
    if not options.annotate:
        words.append("--no-annotate")
    if options.annotation_style != "split":
        words += ["--annotation-style", options.annotation_style]
    if options.output_file is not None:
        words += ["-o", options.output_file]
    return f"This file was autogenerated by hutch via the following command:\n   {shlex.join(words)}"
