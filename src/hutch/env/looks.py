"""The look at the files of the store before they are linked, by this process and another one.

A look is a call to the system a file and a little Python around it, so threads would wait for each other. The
other process is forked as soon as it is known which files there will be, and begins at one end of the list;
this one comes to it when it has nothing else to do, and goes through what is left from the other end. What
the other one finds wrong, or does not get to say, is looked at here: so damage is told in one way.
"""

from __future__ import annotations

import os

from hutch.env.link import damaged_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from hutch.env.link import Row
    from hutch.forked import Forked
    from hutch.store import Bytecode, StoredConda, StoredWheel

    Files: TypeAlias = "tuple[str, Sequence[Row]]"  # a folder and what should be in it

__all__ = ["Looks", "files_of"]

WORTH = 1500
"""Another process costs about as much as a look at so many files."""
_FINE, _BAD = b".x"


class Looks:
    """What another process has begun to look at, if it is worth one: large folders first."""

    def __init__(self, files: Iterable[Files]) -> None:
        self._files = sorted(files, key=lambda each: len(each[1]), reverse=True)
        self._process: Forked | None = None
        if sum(len(rows) for _, rows in self._files) < WORTH:
            return
        from hutch.forked import Forked, may_fork, processors

        if processors() > 1 and may_fork():
            try:
                self._process = Forked(lambda jobs, answers: _serve(self._files, answers))
            except OSError:
                pass  # no more processes for this user, or no descriptors

    def damage(self) -> dict[str, str]:
        """Of each folder in which something is not as it should be, the first such file."""
        damaged: dict[str, str] = {}
        begin, end = 0, len(self._files)  # what is before was told, what is behind was looked at here
        try:
            while begin < end:
                answers = self._hear(wait=end - begin == 1)
                for place, answer in enumerate(answers, begin):
                    if answer != _FINE:
                        self._look(place, damaged)
                begin += len(answers)
                if begin < end and (self._process is None or end - begin > 1):
                    end -= 1
                    self._look(end, damaged)
        finally:
            self.dismiss()
        return damaged

    def dismiss(self) -> None:
        """Nobody wants to know any more."""
        process, self._process = self._process, None
        if process is not None:
            process.close()
            try:
                process.kill()  # it has nothing to put in order
                process.wait()
            except OSError:
                pass

    def _hear(self, *, wait: bool) -> bytes:
        """What the other one says, if it says something; it is over with it where it cannot."""
        if self._process is None:
            return b""
        if not wait:
            from select import select

            if not select([self._process.answers], [], [], 0)[0]:
                return b""
        answers = os.read(self._process.answers, 4096)
        if not answers:
            self.dismiss()
        return answers

    def _look(self, place: int, damaged: dict[str, str]) -> None:
        folder, rows = self._files[place]
        file = damaged_file(folder, rows)
        if file is not None:
            damaged[folder] = file


def files_of(stored: StoredWheel | StoredConda | Bytecode) -> Iterator[Files]:
    """The folders of it in the store, with what should be in them."""
    if hasattr(stored, "rows"):
        yield stored.files, stored.rows
        return
    manifest = stored.manifest
    yield stored.files, manifest.files
    for scheme, rows in getattr(manifest, "data", ()):
        yield os.path.join(stored.folder, "data", scheme), rows


def _serve(files: Sequence[Files], answers: int) -> None:
    """What the other process does all its life."""
    for folder, rows in files:
        os.write(answers, bytes([_FINE if damaged_file(folder, rows) is None else _BAD]))
