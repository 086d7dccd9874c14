"""``hutch env unpack``: an environment out of an archive, in another place, perhaps on another machine."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env.packing import PackManifest, PrefixPack
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.spec import TagFacts

__all__ = ["EnvUnpackOptions", "UnpackOutcome", "env_unpack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvUnpackOptions:
    """The options of ``env unpack``; without a directory and a name it is the name of the archive."""

    archive: str = ""
    directory: str | None = None
    name: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackOutcome:
    """What was made. ``activate`` is the line to type in the user's shell."""

    archive: str
    environment: str
    name: str
    python: str
    interpreter: str
    packages: int
    files: int
    bytes: int
    left_out: tuple[str, ...]
    activate: str
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "archive": self.archive,
            "environment": self.environment,
            "name": self.name or None,
            "python": self.python,
            "interpreter": self.interpreter,
            "packages": self.packages,
            "files": self.files,
            "bytes": self.bytes,
            "left_out": list(self.left_out),
            "activate": self.activate,
            "dry_run": self.dry_run,
        }


def env_unpack(context: Context, options: EnvUnpackOptions) -> UnpackOutcome:
    """Check whether it fits, unpack beside the place, make it whole there, rename it."""
    from hutch.env.packing import PackDoesNotFit, PrefixPack, read_pack
    from hutch.ops.venv import activation

    start = time.monotonic()
    archive = context.path(options.archive)
    try:
        manifest, form = read_pack(archive)
    except OSError as error:
        raise Problem(f"{options.archive} cannot be read", why=error.strerror or str(error)) from error
    place, staging = _place(context, options, archive)
    if isinstance(manifest, PrefixPack):
        return _prefix(context, options, archive, form, manifest, place, staging, start)
    interpreter = (
        None if manifest.bundled else _interpreter(context, manifest, archive, dry_run=options.dry_run)
    )
    reasons = _misfits(context, manifest, interpreter)
    if reasons:
        raise PackDoesNotFit(os.path.basename(archive), reasons)
    if not options.dry_run:
        _unpack(context, archive, form, manifest, interpreter, place, staging, options.name)
    shown = interpreter.base_executable if interpreter is not None else os.path.join(place, manifest.bundled)
    return UnpackOutcome(
        archive=archive,
        environment=place,
        name=options.name or "",
        python=interpreter.version if interpreter is not None else manifest.python,
        interpreter=shown,
        packages=len(manifest.packages),
        files=len(manifest.files),
        bytes=manifest.size,
        left_out=manifest.left_out,
        activate=activation(context.directory, place, context.environ),
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _prefix(
    context: Context,
    options: EnvUnpackOptions,
    archive: str,
    form: str,
    pack: PrefixPack,
    place: str,
    staging: str,
    start: float,
) -> UnpackOutcome:
    """A conda environment: it has its Python in it."""
    import shlex

    from hutch.ops.env_unpack_prefix import refuse_misfit, unpack_prefix

    refuse_misfit(context, archive, pack, place)
    if not options.dry_run:
        unpack_prefix(context, archive, form, pack, place, staging)
    shown = os.path.relpath(place, context.directory)
    shown = place if shown.startswith("..") else shown if os.sep in shown else os.path.join(".", shown)
    return UnpackOutcome(
        archive=archive,
        environment=place,
        name=options.name or "",
        python=pack.python,
        interpreter=os.path.join(place, "bin", "python") if pack.python else "",
        packages=len(pack.packages) + len(pack.wheels),
        files=len(pack.files),
        bytes=pack.size,
        left_out=pack.left_out,
        activate=f"hutch conda activate {shlex.quote(shown)}",
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


# -- where to ---------------------------------------------------------------------------------------


def _place(context: Context, options: EnvUnpackOptions, archive: str) -> tuple[str, str]:
    """Where the environment will be, and the directory in which it is made."""
    from hutch.env import NotAnEnvironment
    from hutch.env.packing import format_of
    from hutch.ops.env_unpack_beside import is_empty
    from hutch.ops.venv import EnvironmentExists

    if options.name is not None:
        from hutch.ops.named import check_new_name, is_environment

        if options.directory is not None:
            raise UsageProblem("a directory and a name: the environment can be in one place alone")
        place = check_new_name(context, options.name)
        staging = os.path.dirname(place)
        if is_environment(place):
            raise Problem(
                f"there is an environment named {options.name} already",
                hint=(f"hutch env remove {options.name} removes it", "-n NAME is another name"),
            )
    else:
        name = os.path.basename(archive)
        form = format_of(name)
        stem = name[: name.lower().rindex("." + form.split(".")[0])] if form and "." in name[1:] else ""
        if options.directory is None and not stem:
            raise UsageProblem("the archive's name gives none to the environment", hint="name a directory")
        place = context.path(options.directory or stem)
        staging = os.path.join(os.path.dirname(place), f".{os.path.basename(place)}.unpacking")
    _check_text(place)
    if os.path.lexists(place) and not is_empty(place):
        if os.path.lexists(os.path.join(place, "pyvenv.cfg")):
            problem = EnvironmentExists(place)
            problem.hints = ("choose another directory, or remove this one",)
            raise problem
        raise NotAnEnvironment(
            place, "there is something else already", hint="choose another directory, or remove it"
        )
    return place, staging


def _check_text(place: str) -> None:
    from hutch.env.create import check_path

    check_path(place)


# -- does it fit ------------------------------------------------------------------------------------


def _interpreter(context: Context, manifest: PackManifest, archive: str, *, dry_run: bool) -> Interpreter:
    """The Python that was asked for, else one that fits; where there is none, one is installed."""
    from hutch.env.packing import PackDoesNotFit
    from hutch.interpreters import NoInterpreter, find_interpreter
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.searching import search_options

    if context.flags.get("python") is not None:
        return any_interpreter(context, str(context.flags["python"]))
    major, minor = manifest.minor
    word = {"cpython": "", "pypy": "pypy", "graalpy": "graalpy"}[manifest.implementation]
    request = f"{word}{major}.{minor}{'t' if manifest.free_threaded else ''}"
    try:
        if not dry_run:
            return any_interpreter(context, request)
        return find_interpreter(
            request, requires_python=(), search=search_options(context), store=context.store
        )
    except NoInterpreter as problem:
        why = [line for line in problem.why if line.startswith("none was installed")]
        raise PackDoesNotFit(
            os.path.basename(archive),
            (f"it is for {manifest.describe()}, of which there is none here", *why),
            hint=(f"hutch python install {request}", "--python PATH names one that hutch does not find"),
        ) from problem


def _misfits(context: Context, manifest: PackManifest, interpreter: Interpreter | None) -> tuple[str, ...]:
    """Why it cannot work with this Python, or on this machine."""
    from hutch.spec import supported_tags

    facts, reasons = _facts(context, manifest, interpreter), []
    if interpreter is not None:
        mine = (interpreter.implementation, interpreter.python, interpreter.free_threaded, interpreter.debug)
        theirs = (manifest.implementation, manifest.minor, manifest.free_threaded, manifest.debug)
        if mine != theirs:
            return (f"it is for {manifest.describe()}, and {interpreter.path} is {interpreter.describe()}",)
    here, there = facts.platform, manifest.platform
    if (manifest.scripts == "Scripts") != (here.os == "windows"):
        return (f"it is for {_machine(manifest)}, and this is {here.os}",)
    supported = supported_tags(facts)
    local: list[str] = []
    for one in manifest.packages:
        tags = [tag.lower() for each in one.tags for tag in _expanded(each)]
        if tags and not any(tag in supported for tag in tags):
            reasons.append(f"{one.name} {one.version} is for {', '.join(one.tags[:3])}")
        elif tags and all(tag.rpartition("-")[2].startswith("linux_") for tag in tags):
            local.append(one.name)
    bundled = ["its Python"] if manifest.bundled else []
    if bundled and (here.os, here.machine) != (there.os, there.machine):
        reasons.append(f"its Python is for {_machine(manifest)}, and this is {here.os} on {here.machine}")
    elif (local or bundled) and (here.libc != there.libc or here.version < there.version):
        what = ", ".join([*bundled, *local[:5]])
        reasons.append(f"{what}: made for {_libc(there)}, and here is {_libc(here)}")
    return tuple(reasons)


def _facts(context: Context, manifest: PackManifest, interpreter: Interpreter | None) -> TagFacts:
    """Which wheels the environment will take: of its Python, or of a bundled one on this machine."""
    if interpreter is not None:
        return interpreter.tag_facts
    import sys

    from hutch.interpreters import probe_interpreter
    from hutch.values import replace

    mine = probe_interpreter(sys.executable, context.store).tag_facts
    return replace(
        mine,
        implementation=manifest.implementation,
        python=manifest.minor,
        free_threaded=manifest.free_threaded,
        debug=manifest.debug,
        ext_suffix=manifest.ext_suffix,
    )


def _expanded(tag: str) -> list[str]:
    parts = tag.split("-")
    if len(parts) != 3:
        return []
    return [
        f"{python}-{abi}-{platform}"
        for python in parts[0].split(".")
        for abi in parts[1].split(".")
        for platform in parts[2].split(".")
    ]


def _machine(manifest: PackManifest) -> str:
    return f"{manifest.platform.os} on {manifest.platform.machine}"


def _libc(platform: object) -> str:
    libc, version = getattr(platform, "libc", ""), getattr(platform, "version", (0, 0))
    return f"{libc or 'this system'} {version[0]}.{version[1]}" if version != (0, 0) else libc or "no libc"


# -- making it --------------------------------------------------------------------------------------


def _unpack(
    context: Context,
    archive: str,
    form: str,
    manifest: PackManifest,
    interpreter: Interpreter | None,
    place: str,
    staging: str,
    name: str | None,
) -> None:
    from hutch.env import open_environment
    from hutch.env.packing.whole import make_whole
    from hutch.ops.env_unpack_beside import tell_faults, unpacked_beside
    from hutch.ops.occasions import note_root, occasion_of
    from hutch.ops.venv import EnvironmentExists

    def taken() -> Problem:
        return EnvironmentExists(place)

    with unpacked_beside(context, archive, form, manifest, place, staging, taken) as tree:
        prompt, command = name or manifest.prompt, occasion_of(context).command
        made = make_whole(tree, manifest, interpreter, place, prompt=prompt, command=command)
        tell_faults(context, made, deep=False, what="faults")
    # What its history names may be wanted for a rollback, so the store spares it.
    note_root(context, open_environment(place))
