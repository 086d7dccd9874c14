"""``-e git+https://…#egg=name``: a repository that is checked out to be worked on, and used where it lies.

As for pip the checkout is in `src/name` of the environment. What is there stays as it is: somebody may have
worked on it.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.ops.origins import Origin

__all__ = ["NoCheckout", "check_out"]


class NoCheckout(Problem):
    """There is something where a repository was to be checked out."""

    code = "no-checkout"

    def __init__(self, folder: str, why: str) -> None:
        super().__init__(
            f"cannot check out into {folder}",
            why=why,
            hint="move it away, or --src DIR has checkouts in another place",
        )


def check_out(context: Context, origin: Origin, name: str, source_folder: str) -> str:
    """The directory of the project, in a checkout that is made if there is none."""
    from hutch.ops.located import inside
    from hutch.ops.pip_vcs import head_of

    folder = os.path.join(source_folder, name)
    if os.path.lexists(folder):
        if not os.path.isdir(os.path.join(folder, ".git")):
            raise NoCheckout(folder, "it is no checkout of git")
        address, commit = head_of(context, folder)
        if address != origin.bare:
            raise NoCheckout(
                folder, f"it is a checkout of {address or 'no repository'}, and not of {origin.bare}"
            )
        revision = origin.revision or ""
        if len(revision) == 40 and revision != commit:
            told = (
                f"{folder} is at {(commit or 'no commit')[:12]} and stays there; {revision[:12]} is asked for"
            )
            context.emit(Notice(told, warning=True))
    else:
        _make(context, origin, folder)
    return inside(folder, origin.subdirectory, folder)


def _make(context: Context, origin: Origin, folder: str) -> None:
    """The checkout, which is there as a whole or not at all."""
    from hutch.ops.located import open_repository

    fresh = f"{folder}.new"
    with open_repository(context, origin.location) as repository:
        commit = repository.resolve(origin.revision_kind, origin.revision)
        try:
            os.makedirs(os.path.dirname(folder), exist_ok=True)
            _remove(fresh)
            repository.checkout(commit, fresh, submodules=origin.submodules, lfs=origin.lfs)
            repository.part(fresh)
            os.rename(fresh, folder)
        except OSError as error:
            raise NoCheckout(folder, f"it cannot be made: {error.strerror or error}") from error
        finally:
            _remove(fresh)


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
