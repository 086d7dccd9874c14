"""``hutch env pack`` of a conda environment: its files as their packages have them, whatever place they name.

Python is one of its packages, so it is always in the archive. What it is unpacked for is the same platform.
"""

from __future__ import annotations

import os
import time

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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hutch.env import Environment, PrefixPackage
    from hutch.env.packing import GatheredPrefix, PrefixPack
    from hutch.ops.context import Context
    from hutch.ops.env_pack import EnvPackOptions

__all__ = ["pack_prefix"]


def pack_prefix(
    context: Context,
    options: EnvPackOptions,
    root: str,
    archive: str,
    form: str,
    level: int | None,
    start: float,
) -> PackOutcome:
    """The archive gets its name when it is complete."""
    from tempfile import TemporaryDirectory

    from hutch.env import open_prefix, prefix_packages
    from hutch.env.packing import gather_prefix

    environment = open_prefix(root)
    with (
        held(context, environment),
        _packed(context, environment, options) as packed,
        TemporaryDirectory(prefix="hutch-pack-") as scratch,
    ):
        try:
            gathered = gather_prefix(
                packed,
                scratch,
                bytecode=options.bytecode,
                ignore_editable=options.ignore_editable,
                exclude=options.exclude,
                latest=latest(context),
            )
        except (OSError, ValueError) as error:
            raise cannot_read(
                environment, error if isinstance(error, OSError) else OSError(str(error))
            ) from error
        _refuse_stuck(environment, gathered)
        tell(context, gathered.found, options.environment)
        pack, named = _described(context, packed, _name_of(root), prefix_packages(root), gathered)
        size, sha256 = None, ""
        if not options.dry_run:
            size, sha256 = write(context, archive, form, level, pack, list(gathered.found.items))
    return PackOutcome(
        environment=environment.root,
        archive=archive,
        format=form,
        python=environment.python_version,
        with_python=True,
        packages=len(pack.packages) + len(pack.wheels),
        files=len(pack.files),
        unpacked=pack.size,
        size=size,
        sha256=sha256,
        left_out=gathered.found.left_out,
        names_place=named,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _name_of(root: str) -> str:
    """What it is called: by its folder, or that of its project."""
    name = os.path.basename(root)
    return name if name[:1] != "." else os.path.basename(os.path.dirname(root))


def _packed(
    context: Context, environment: Environment, options: EnvPackOptions
) -> AbstractContextManager[Environment]:
    """What is read: the environment, or a copy in which nothing is worked on elsewhere."""
    from contextlib import nullcontext

    from hutch.env.packing.gathering import is_editable

    wanted = not options.editable and not options.ignore_editable
    if not wanted or not any(is_editable(one) for one in environment.installed().values()):
        return nullcontext(environment)
    from hutch.ops.env_pack_built import built_copy

    return built_copy(context, environment, interpreter_of(context, environment))


def _refuse_stuck(environment: Environment, gathered: GatheredPrefix) -> None:
    if not gathered.stuck:
        return
    from hutch.env.packing.problems import CannotPack

    raise CannotPack(
        f"{environment.root} cannot be packed as it is",
        why=tuple(
            f"{path} is another file than was installed, and has the path of the environment in it"
            for path in gathered.stuck[:6]
        ),
        hint=("hutch doctor --fix puts it right", "--exclude PATH leaves it out"),
    )


def _described(
    context: Context,
    environment: Environment,
    name: str,
    packages: tuple[PrefixPackage, ...],
    gathered: GatheredPrefix,
) -> tuple[PrefixPack, tuple[str, ...]]:
    """The manifest, and the files of nobody that name the place of the environment."""
    from hutch import __version__
    from hutch.env.packing import PrefixPack

    files, named = hashed(context, environment, gathered.found.items, past=("conda-meta/history",))
    subdirs = {one.record.subdir for one in packages} - {"noarch"}
    records = (one.record for one in packages)
    needs = {need for record in records for need in record.depends if need.startswith("__")}
    pack = PrefixPack(
        hutch=__version__,
        subdir=min(subdirs, default="noarch"),
        name=name,
        python=environment.python_version,
        needs=tuple(sorted(needs)),
        packages=tuple((one.record.name, one.record.version, one.record.build) for one in packages),
        wheels=gathered.wheels,
        left_out=gathered.found.left_out,
        placed=gathered.placed,
        files=tuple(files),
        links=tuple((item.path, item.target) for item in gathered.found.items if item.target),
    )
    return pack, tuple(named)
