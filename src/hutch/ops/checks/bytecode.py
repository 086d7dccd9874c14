"""A check of bytecode: what Python would run though no source says it, or another one than the source."""

from __future__ import annotations

import os

from hutch.ops.checks.values import Fix, check, some_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env import Environment
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


@check(
    "stale-bytecode",
    "No bytecode is run in place of a source that says something else",
    group="environment",
    severity="warning",
    fix_class="safe",
    why="Python takes bytecode for that of a source by date and size, and where there is no source at all: a"
    " module that was removed can still be imported, and one that was replaced does what the old one did.",
)
def stale_bytecode(ground: Ground, say: Say) -> None:
    """Modules of bytecode alone that no package has; with ``--deep`` what Python compiles anew, compared."""
    environment = ground.environment
    if (
        environment is None
        or not environment.purelib
        or (environment.python_outside and not environment.prefix)
    ):
        return
    site = os.path.join(environment.root, environment.purelib)
    if os.path.islink(site):
        return
    alone = sorted(_without_source(ground, environment, site))
    other = sorted(_of_another_source(ground, environment, site)) if ground.deep else []
    for title, paths in (("has no source any more", alone), ("is of another source", other)):
        if not paths:
            continue
        say(
            f"the bytecode of {len(paths)} modules {title}"
            if len(paths) > 1
            else f"the bytecode {os.path.basename(paths[0])} {title}",
            seen=some_of(paths),
            fix=_deleting(ground, environment, paths),
        )


def _deleting(ground: Ground, environment: Environment, paths: list[str]) -> Fix:
    def apply() -> str:
        from hutch.env import lock_environment

        with lock_environment(environment, emit=ground.command.emit):
            for path in paths:
                os.unlink(path)
        return f"deleted {len(paths)} files of bytecode"

    return Fix(
        plan=("delete them; Python makes those that it can use anew",),
        apply=apply,
        key=f"bytecode {environment.root} {len(paths)}",
    )


def _without_source(ground: Ground, environment: Environment, site: str) -> Iterator[str]:
    """Bytecode that is imported without a source, and that no package has put there."""
    from hutch.trees import walk

    found = []
    for directory, directories, files in walk(site):
        directories[:] = [name for name in directories if name != "__pycache__"]
        names = set(files)
        found += [
            os.path.join(directory, name)
            for name in files
            if name.endswith(".pyc") and f"{name[:-1]}" not in names
        ]
    if not found:
        return
    from hutch.env.records import read_record

    owned: set[str] = set()
    for one in ground.installed.values():
        if one.kind in ("dist-info", "conda"):
            owned.update(read_record(environment.root, one.dist_info))
    for path in found:
        if os.path.relpath(path, environment.root).replace(os.sep, "/") not in owned:
            yield path


_COMPARE = """\
import importlib.util, marshal, os, sys
for top, folders, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(top, name)
        if not name.endswith(".py") or os.path.islink(path):
            continue
        cached = importlib.util.cache_from_source(path)
        try:
            with open(cached, "rb") as file:
                data = file.read()
            facts = os.stat(path)
            dated = int.from_bytes(data[8:12], "little") == int(facts.st_mtime) & 0xFFFFFFFF
            sized = int.from_bytes(data[12:16], "little") == facts.st_size & 0xFFFFFFFF
            if data[:4] != importlib.util.MAGIC_NUMBER or data[4:8] != bytes(4) or not (dated and sized):
                continue
            with open(path, "rb") as file:
                source = file.read()
            same = compile(source, path, "exec", dont_inherit=True) == marshal.loads(data[16:])
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, RecursionError):
            continue
        if not same:
            print(os.path.realpath(cached))
"""


def _of_another_source(ground: Ground, environment: Environment, site: str) -> Iterator[str]:
    """Bytecode that Python would run, as date and size are right, though it is not what its source gives.

    The environment's own Python compiles and compares; nothing that is compiled is run.
    """
    import subprocess

    if ground.python is None:
        return
    ran = subprocess.run(
        [environment.executable, "-I", "-S", "-B", "-W", "ignore", "-c", _COMPARE, site],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
        env={"PATH": os.defpath},
    )
    inside = os.path.realpath(site) + os.sep
    yield from (path for path in ran.stdout.splitlines() if path.startswith(inside))


CHECKS = (stale_bytecode,)
