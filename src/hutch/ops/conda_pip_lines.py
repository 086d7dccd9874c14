"""What a change of a prefix asks of an index: words, files, and the ``pip:`` list of an environment.yml."""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.ops.context import Context
    from hutch.ops.pip_files import Files

__all__ = ["IndexAsked", "read_pip_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAsked:
    """What a change asks of an index: files in pip's dialect, whose paths are told from ``base``,
    ``words`` and ``editables`` of the command. ``only``: nothing else of an index shall be there."""

    files: Files
    base: str
    words: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    only: bool = False

    @property
    def names_anything(self) -> bool:
        """Whether anything of an index is asked for."""
        return bool(self.files.asked or self.files.manifests or self.words or self.editables)


def read_pip_lines(
    context: Context, path: str, lines: Sequence[tuple[int, str]], *, only: bool = False
) -> IndexAsked:
    """The lines (with their numbers) of a ``pip:`` list in the file at ``path``, with the files that they
    name. Options among them hold for the command, as in a requirements file."""
    from hutch.ops.pip_files import Files, _join, _read, set_flags, shown_path
    from hutch.ops.pip_remote import is_remote, read_remote
    from hutch.project import read_requirements

    rows: list[str] = []
    for number, line in lines:
        rows += [""] * (number - 1 - len(rows))  # so that a fault is told where it stands
        rows.append(line)
    text = "\n".join(rows).encode("utf-8", "surrogatepass")

    def read(place: str) -> bytes:
        if place == path:
            return text
        return read_remote(context, place) if is_remote(place) else _read(place)

    found = read_requirements(
        path,
        read,
        join=_join,
        shown=lambda each: shown_path(context, each),
        environ=context.environ,
        foreign=is_remote,
    )
    files = Files(asked=tuple(found.asked), options=tuple(found.options))
    set_flags(context, files)
    return IndexAsked(files=files, base=os.path.dirname(path), only=only)
