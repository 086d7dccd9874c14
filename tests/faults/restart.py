"""An environment as it is after the machine was started again."""

from __future__ import annotations

import marshal
import os
import re
from pathlib import Path

__all__ = ["later", "lose", "start_again"]


def start_again(root: str | os.PathLike[str], *, settled: bool = False) -> None:
    """What was noted there of the start of the machine is another one's.

    ``settled`` expects that the state has no such note any more.
    """
    for path in Path(root, ".hutch").iterdir():
        if path.name == "state":
            with open(path, "r+b") as file:
                file.readline()  # by which hutch knows its own
                start = file.tell()
                mark, value = marshal.loads(file.read())
                assert (mark is None) == settled
                if settled:
                    continue
                file.seek(start)
                file.truncate()
                file.write(marshal.dumps(((1.0, 1.0), value)))
        elif path.name.startswith("change-") or path.name == "journal":
            found = path.stat()
            path.write_text(re.sub(r'"boot": \[[^]]*\]', '"boot": [1.0, 1.0]', path.read_text()))
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def lose(path: Path) -> None:
    """What the power does to a file that was not synced."""
    found = path.stat()
    path.unlink()  # other names of it are another machine's
    path.write_bytes(b"")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.utime(path.parent, ns=(found.st_atime_ns, found.st_mtime_ns))


def later(path: Path, seconds: float = 60) -> None:
    """As if it had been changed a while after."""
    found = os.lstat(path)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + int(seconds * 1e9)), follow_symlinks=False)
