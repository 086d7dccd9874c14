"""``hutch env pack``: an environment as an archive that can be unpacked somewhere else."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.events import Fetched, Notice, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from hutch.env import Environment
    from hutch.env.packing import Gathered, PackManifest
    from hutch.env.packing.gathering import Item
    from hutch.env.packing.manifest import PackFile
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["EnvPackOptions", "PackOutcome", "env_pack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvPackOptions:
    """The options of ``env pack``; without an environment it is the project's."""

    environment: str | None = None
    output: str | None = None
    format: str | None = None
    with_python: bool = False
    editable: bool = True
    ignore_editable: bool = False
    bytecode: bool = True
    compress_level: str | None = None
    exclude: tuple[str, ...] = ()
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackOutcome:
    """What was packed; ``size`` are the bytes of the archive (None in a dry run), ``unpacked`` of the files.

    ``names_place`` are files that name the environment's own path, and may not work where they are unpacked.
    """

    environment: str
    archive: str
    format: str
    python: str
    with_python: bool
    packages: int
    files: int
    unpacked: int
    size: int | None
    sha256: str
    left_out: tuple[str, ...]
    names_place: tuple[str, ...]
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "archive": self.archive,
            "format": self.format,
            "python": self.python,
            "with_python": self.with_python,
            "packages": self.packages,
            "files": self.files,
            "unpacked_bytes": self.unpacked,
            "bytes": self.size,
            "sha256": self.sha256,
            "left_out": list(self.left_out),
            "names_place": list(self.names_place),
            "dry_run": self.dry_run,
        }


def env_pack(context: Context, options: EnvPackOptions) -> PackOutcome:
    """Hash everything, then write it; the archive gets its name when it is complete."""
    from tempfile import TemporaryDirectory

    from hutch.env.packing import bundled_python, gather

    start = time.monotonic()
    environment = _chosen(context, options.environment)
    archive, form, level = _target(context, options, environment)
    interpreter = _interpreter(context, environment)
    with _held(context, environment), _packed(context, environment, interpreter, options) as packed:
        try:
            found = gather(
                packed,
                bytecode=options.bytecode,
                ignore_editable=options.ignore_editable,
                exclude=options.exclude,
                latest=_latest(context),
            )
        except OSError as error:
            raise _cannot_read(environment, error) from error
        _tell(context, found, options)
        items, program = list(found.items), ""
        if options.with_python:
            if environment.system_site_packages:
                from hutch.env.packing.problems import CannotPack

                raise CannotPack(
                    f"{environment.root} sees the packages of its Python, which are not packed",
                    hint="make it without --system-site-packages, or pack it without --with-python",
                )
            with TemporaryDirectory(prefix="hutch-pack-") as scratch:
                more, program = bundled_python(interpreter, scratch, bytecode=options.bytecode)
            items += more
        manifest, named = _describe(context, packed, interpreter, found, items, program)
        size, sha256 = None, ""
        if not options.dry_run:
            size, sha256 = _write(context, archive, form, level, manifest, items)
    return PackOutcome(
        environment=os.path.abspath(environment.root),
        archive=archive,
        format=form,
        python=interpreter.version,
        with_python=options.with_python,
        packages=len(manifest.packages),
        files=len(manifest.files),
        unpacked=manifest.size,
        size=size,
        sha256=sha256,
        left_out=found.left_out,
        names_place=named,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _chosen(context: Context, text: str | None) -> Environment:
    """The environment of that name or in that directory; without any the one that `env` speaks of."""
    from hutch.env import open_conda, open_environment, recover
    from hutch.env.packing.problems import CannotPack
    from hutch.ops.present import present_environment

    if text is not None and (context.named is not None or context.env is not None):
        raise UsageProblem(f"{text}, and -n or --env: one environment is packed at a time")
    if text is None:
        environment = present_environment(context)
    else:
        path = context.path(text)
        is_path = os.path.isdir(path) or os.sep in text or text in (".", "..")
        if not is_path or not (os.path.lexists(os.path.join(path, "pyvenv.cfg")) or os.sep in text):
            from hutch.ops.named import named_environment

            path = named_environment(context, text)
        if os.path.isdir(os.path.join(path, "conda-meta")):
            environment = open_conda(path)
        else:
            environment = open_environment(path)
        recover(environment, context.emit)
    if environment.python_outside:
        raise CannotPack(
            f"{environment.root} is no virtual environment",
            hint="hutch packs what hutch, venv, virtualenv and uv have made; conda-pack packs those of conda",
        )
    return environment


def _target(
    context: Context, options: EnvPackOptions, environment: Environment
) -> tuple[str, str, int | None]:
    """Where the archive goes, its format and level."""
    from hutch.env.packing import FORMATS, format_of
    from hutch.env.packing.archives import LEVELS
    from hutch.errors import Problem

    told = format_of(options.output) if options.output else None
    form = options.format or told or FORMATS[0]
    if told is not None and form != told:
        raise UsageProblem(f"--format {form} and a file named {os.path.basename(options.output or '')}")
    name = environment.prompt if os.path.basename(environment.root)[:1] == "." else ""
    name = "".join(each if each.isalnum() or each in "._-+" else "-" for each in name).strip(".-")
    name = name or os.path.basename(environment.root)
    archive = context.path(options.output or f"{name}.{form}")
    if os.path.isdir(archive):
        archive = os.path.join(archive, f"{name}.{form}")
    root = os.path.realpath(environment.root)
    if os.path.realpath(archive).startswith(root + os.sep):
        raise UsageProblem(
            "the archive would lie in the environment that is packed", hint="-o FILE elsewhere"
        )
    if os.path.lexists(archive) and not options.force:
        raise Problem(f"{archive} is there already", hint=("--force replaces it", "-o FILE is another name"))
    return archive, form, _level(options.compress_level, form, LEVELS[form])


def _level(text: str | None, form: str, limits: tuple[int, int, int]) -> int | None:
    if text is None:
        return None
    low, high, usual = limits
    if not text.isdecimal() or len(text) > 3 or not low <= int(text) <= high:
        raise UsageProblem(f"--compress-level of {form} is a number from {low} to {high}; usually {usual}")
    return int(text)


def _packed(
    context: Context, environment: Environment, interpreter: Interpreter, options: EnvPackOptions
) -> AbstractContextManager[Environment]:
    """What is read: the environment, or a copy without editables."""
    from contextlib import nullcontext

    if options.editable or options.ignore_editable:
        return nullcontext(environment)
    from hutch.ops.env_pack_built import built_copy

    return built_copy(context, environment, interpreter)


def _latest(context: Context) -> int | None:
    """``SOURCE_DATE_EPOCH``: no file in the archive is younger."""
    text = context.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    if not text.isdecimal() or not 315_532_800 <= int(text) < 1 << 33:
        raise UsageProblem(
            "SOURCE_DATE_EPOCH is a number of seconds since 1970, of 1980 or later", why=f"it is {text!r}"
        )
    return int(text)


def _interpreter(context: Context, environment: Environment) -> Interpreter:
    from hutch.env.packing.problems import CannotPack
    from hutch.interpreters import BrokenInterpreter, probe_interpreter
    from hutch.ops.environments import came_along

    repair = "hutch sync puts it right" if context.root is not None else "hutch venv --clear makes it anew"
    if came_along(context, environment.root):
        raise CannotPack(f"{environment.root} came with the checkout, and is not started", hint=repair)
    try:
        return probe_interpreter(environment.executable, context.store)
    except BrokenInterpreter as problem:
        raise CannotPack(
            f"the Python of {environment.root} does not work", why=(problem.what, *problem.why), hint=repair
        ) from problem


def _held(context: Context, environment: Environment) -> AbstractContextManager[None]:
    """The lock of the environment; one that cannot be written needs none."""
    from contextlib import nullcontext

    from hutch.env import lock_environment

    folder = os.path.join(environment.root, ".hutch")
    if not os.access(folder if os.path.isdir(folder) else environment.root, os.W_OK):
        return nullcontext()
    return lock_environment(environment, emit=context.emit)


def _tell(context: Context, found: Gathered, options: EnvPackOptions) -> None:
    """What is left out; a problem where something leads out of the environment."""
    if found.ways_out:
        from hutch.env.packing import LeadsOut

        hints: list[str] = []
        if found.editables:
            names = " ".join(found.editables)
            hints.append(f"--no-editable builds {names}, and packs what is there now")
            hints.append(f"--ignore-editable leaves {names} out")
        if len(found.ways_out) > len(found.editables):
            hints.append("--exclude PATH leaves a file or link out")
        place = options.environment or "the environment"
        raise LeadsOut(place, found.ways_out, hint=tuple(hints))
    if found.left_out:
        context.emit(Notice(f"left out, because they are changed elsewhere: {', '.join(found.left_out)}"))
    if found.remnants:
        names = ", ".join(path.rpartition("/")[2] for path in found.remnants[:3])
        context.emit(Notice(f"left out what a killed pip has left: {names}"))


def _describe(
    context: Context,
    environment: Environment,
    interpreter: Interpreter,
    found: Gathered,
    items: list[Item],
    program: str,
) -> tuple[PackManifest, tuple[str, ...]]:
    """The manifest, and the files that name the place of the environment."""
    from hutch import __version__
    from hutch.env.packing.gathering import hash_item
    from hutch.env.packing.manifest import PackManifest

    files: list[PackFile] = []
    named: list[str] = []
    needle = os.fsencode(environment.root) if len(environment.root) > 4 else b""
    regular = [item for item in items if not item.target]
    context.emit(PhaseStarted("check", len(regular)))
    try:
        for item in regular:
            search = needle if not item.path.endswith((".pyc", "/direct_url.json", "/RECORD")) else b""
            file, says_it = hash_item(item, search)
            files.append(file)
            if says_it:
                named.append(item.path)
            context.emit(Fetched(item.path, file.size))
    except OSError as error:
        raise _cannot_read(environment, error) from error
    context.emit(PhaseEnded("check"))
    manifest = PackManifest(
        hutch=__version__,
        implementation=interpreter.implementation,
        python=interpreter.version,
        free_threaded=interpreter.free_threaded,
        debug=interpreter.debug,
        cache_tag=interpreter.cache_tag,
        ext_suffix=interpreter.ext_suffix,
        platform=interpreter.platform,
        scripts=environment.scripts,
        purelib=environment.purelib,
        prompt=environment.prompt,
        relocatable=environment.relocatable,
        system_site_packages=environment.system_site_packages,
        bundled=program,
        packages=found.packages,
        left_out=found.left_out,
        files=tuple(files),
        links=tuple((item.path, item.target) for item in items if item.target),
    )
    return manifest, tuple(named)


def _write(
    context: Context, archive: str, form: str, level: int | None, manifest: PackManifest, items: list[Item]
) -> tuple[int, str]:
    """The bytes and the hash of the archive."""
    from hashlib import file_digest

    from hutch.env.packing import write_pack
    from hutch.env.packing.gathering import Item
    from hutch.env.packing.manifest import MANIFEST, SCRIPT
    from hutch.env.packing.problems import CannotPack
    from hutch.env.packing.script import unpack_script

    texts = [
        Item(path=MANIFEST, content=manifest.render()),
        Item(path=SCRIPT, content=unpack_script(manifest), executable=True),
    ]
    context.emit(PhaseStarted("pack", len(items)))
    known = {each.path: each for each in manifest.files}
    try:
        size = write_pack(
            archive, form, level, texts, items, known, step=lambda size: context.emit(Fetched("", size))
        )
        with open(archive, "rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CannotPack(
            f"{archive} cannot be written", why=error.strerror or str(error), hint="-o FILE is another place"
        ) from error
    context.emit(PhaseEnded("pack"))
    return size, sha256


def _cannot_read(environment: Environment, error: OSError) -> Exception:
    from hutch.env.packing.problems import CannotPack

    name = os.path.relpath(str(error.filename), environment.root) if error.filename else "something in it"
    return CannotPack(f"{environment.root} cannot be packed", why=f"{name}: {error.strerror or error}")
