"""``hutch env pack``: an environment as an archive that can be unpacked somewhere else."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.ops.env_pack_parts import (
    PackOutcome,
    cannot_read,
    hashed,
    held,
    interpreter_of,
    latest,
    tell,
    write,
)
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hutch.env import Environment
    from hutch.env.packing import Gathered, PackManifest
    from hutch.env.packing.gathering import Item
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


def env_pack(context: Context, options: EnvPackOptions) -> PackOutcome:
    """Hash everything, then write it; the archive gets its name when it is complete."""
    from tempfile import TemporaryDirectory

    from hutch.env.packing import bundled_python, gather

    start = time.monotonic()
    environment = _chosen(context, options.environment)
    archive, form, level = _target(context, options, environment)
    if environment.python_outside:
        from hutch.ops.env_pack_prefix import pack_prefix

        return pack_prefix(context, options, environment.root, archive, form, level, start)
    interpreter = interpreter_of(context, environment)
    with held(context, environment), _packed(context, environment, interpreter, options) as packed:
        try:
            found = gather(
                packed,
                bytecode=options.bytecode,
                ignore_editable=options.ignore_editable,
                exclude=options.exclude,
                latest=latest(context),
            )
        except OSError as error:
            raise cannot_read(environment, error) from error
        tell(context, found, options.environment)
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
            size, sha256 = write(context, archive, form, level, manifest, items)
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
    from hutch.env import is_prefix, open_environment, open_prefix, recover
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
        environment = open_prefix(path) if is_prefix(path) else open_environment(path)
        recover(environment, context.emit)
    if environment.python_outside and not is_prefix(environment.root):
        raise CannotPack(
            f"{environment.root} is no virtual environment",
            hint="hutch packs what hutch, venv, virtualenv and uv have made, and the environments of conda",
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
    name = ""
    if os.path.basename(environment.root)[:1] == ".":
        # One of a project is called so; of a prefix nothing says it.
        name = (
            os.path.basename(os.path.dirname(environment.root)) if environment.prefix else environment.prompt
        )
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
    from hutch.env.packing.manifest import PackManifest

    files, named = hashed(context, environment, items)
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
