"""Package files that lie in no channel: ``hutch conda install ./numpy-2.3.5-py313_0.conda``.

A file beside a repodata is a package of that channel, and what it needs is found there as well. Any other is
installed as it is, like a line of an ``@EXPLICIT`` list; what it needs and is not there is told.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

__all__ = ["loose_files", "loose_lines", "loose_records"]

_ENDINGS = (".conda", ".tar.bz2")
_REPODATA = ("repodata.json", "repodata.json.zst", "repodata.json.bz2", "repodata_shards.msgpack.zst")


def loose_files(context: Context, words: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that are such files, if all are; none if there is none. Raises `UsageProblem`."""
    words = tuple(words)
    found = tuple(word for word in words if _is_loose(context, word))
    others = [word for word in words if word not in found]
    if found and others:
        raise UsageProblem(
            f"{found[0]} cannot be installed together with {others[0]}",
            why="the file lies in no channel, so it is installed as it is, and nothing is solved",
            hint=f"install {others[0]} first, then the file",
        )
    return found


def loose_records(context: Context, words: Sequence[str], subdir: str) -> tuple[CondaRecord, ...]:
    """The packages in these files, which may be for ``subdir`` or noarch. Raises `UsageProblem`."""
    from urllib.request import pathname2url

    from hutch.lock import parse_explicit
    from hutch.ops.conda_addresses import filled

    if not words:
        return ()
    addresses = {}
    for word in words:
        path, _, digest = word.partition("#")
        folder, filename = os.path.split(context.path(path))
        base = "file://" + pathname2url(folder).rstrip("/")
        # A list has the files of subdirs; which one it is for is in the package.
        line = f"{base}/noarch/{filename}" + (f"#{digest}" if digest else "")
        addresses[line] = base
    said = parse_explicit("@EXPLICIT\n" + "\n".join(addresses), "the command line")
    known = dict(zip(said, addresses.values(), strict=True))
    records = filled(context, [replace(one, channel=base, base=base) for one, base in known.items()])
    for one in records:
        if one.subdir not in (subdir, "noarch"):
            raise UsageProblem(f"{one.filename} is for another platform", why=f"{one.subdir}, not {subdir}")
    return records


def loose_lines(text: str) -> dict[str, str]:
    """The lines of an ``@EXPLICIT`` list that name files in no subdir, each with the path that it means."""
    from urllib.request import url2pathname

    from hutch.conda import is_subdir

    found = {}
    for line in text.splitlines():
        address, sign, digest = line.strip().partition("#")
        folder = address.rpartition("/")[0].rpartition("/")[2]
        if address.startswith("file://") and not is_subdir(folder):
            found[line] = url2pathname(address.removeprefix("file://")) + sign + digest
    return found


def _is_loose(context: Context, word: str) -> bool:
    path = word.partition("#")[0]
    if not path.endswith(_ENDINGS) or "://" in path:
        return False
    folder = os.path.dirname(context.path(path))
    if not os.path.isfile(context.path(path)):
        if os.sep in path or path.startswith("."):
            raise UsageProblem(f"{path} cannot be installed", why="there is no such file")
        return False
    return not any(os.path.exists(os.path.join(folder, name)) for name in _REPODATA)
