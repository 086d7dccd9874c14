"""What the packing of both kinds of environments has in common: what is told of it, and the archive."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.events import Fetched, Notice, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from typing import Any

    from hutch.env import Environment
    from hutch.env.packing import Gathered, PackManifest, PrefixPack
    from hutch.env.packing.gathering import Item
    from hutch.env.packing.manifest import PackFile
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["PackOutcome", "cannot_read", "hashed", "held", "interpreter_of", "latest", "tell", "write"]


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


def latest(context: Context) -> int | None:
    """``SOURCE_DATE_EPOCH``: no file in the archive is younger."""
    text = context.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    if not text.isdecimal() or not 315_532_800 <= int(text) < 1 << 33:
        raise UsageProblem(
            "SOURCE_DATE_EPOCH is a number of seconds since 1970, of 1980 or later", why=f"it is {text!r}"
        )
    return int(text)


def held(context: Context, environment: Environment) -> AbstractContextManager[None]:
    """The lock of the environment; one that cannot be written needs none."""
    from contextlib import nullcontext

    from hutch.env import lock_environment

    folder = os.path.join(environment.root, ".hutch")
    if not os.access(folder if os.path.isdir(folder) else environment.root, os.W_OK):
        return nullcontext()
    return lock_environment(environment, emit=context.emit)


def tell(context: Context, found: Gathered, named: str | None) -> None:
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
        place = named or "the environment"
        raise LeadsOut(place, found.ways_out, hint=tuple(hints))
    if found.left_out:
        context.emit(Notice(f"left out, because they are changed elsewhere: {', '.join(found.left_out)}"))
    if found.remnants:
        names = ", ".join(path.rpartition("/")[2] for path in found.remnants[:3])
        context.emit(Notice(f"left out what a killed pip has left: {names}"))


def write(
    context: Context,
    archive: str,
    form: str,
    level: int | None,
    manifest: PackManifest | PrefixPack,
    items: list[Item],
) -> tuple[int, str]:
    """The bytes and the hash of the archive."""
    from hashlib import file_digest

    from hutch.env.packing import PrefixPack, write_pack
    from hutch.env.packing.gathering import Item
    from hutch.env.packing.manifest import MANIFEST, SCRIPT
    from hutch.env.packing.problems import CannotPack

    if isinstance(manifest, PrefixPack):
        from hutch.env.packing.prefix_script import PREFIX_SCRIPT as script
    else:
        from hutch.env.packing.script import unpack_script

        script = unpack_script(manifest)
    texts = [
        Item(path=MANIFEST, content=manifest.render()),
        Item(path=SCRIPT, content=script, executable=True),
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


def hashed(
    context: Context, environment: Environment, items: Iterable[Item], *, past: tuple[str, ...] = ()
) -> tuple[list[PackFile], list[str]]:
    """Each file with its hash, links left out; and those that name the place of the environment, but for
    what always does, and is put right (``past`` has more ends of such paths)."""
    from hutch.env.packing.gathering import hash_item

    files: list[PackFile] = []
    named: list[str] = []
    needle = os.fsencode(environment.root) if len(environment.root) > 4 else b""
    past = (".pyc", "/direct_url.json", "/RECORD", *past)
    regular = [item for item in items if not item.target]
    context.emit(PhaseStarted("check", len(regular)))
    try:
        for item in regular:
            file, says_it = hash_item(item, b"" if item.path.endswith(past) else needle)
            files.append(file)
            if says_it:
                named.append(item.path)
            context.emit(Fetched(item.path, file.size))
    except OSError as error:
        raise cannot_read(environment, error) from error
    context.emit(PhaseEnded("check"))
    return files, named


def cannot_read(environment: Environment, error: OSError) -> Exception:
    from hutch.env.packing.problems import CannotPack

    name = os.path.relpath(str(error.filename), environment.root) if error.filename else "something in it"
    return CannotPack(f"{environment.root} cannot be packed", why=f"{name}: {error.strerror or error}")


def interpreter_of(context: Context, environment: Environment) -> Interpreter:
    """The Python of the environment, which has to work."""
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
