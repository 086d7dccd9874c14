"""The directory that is an environment of conda, becomes one, or is something else and is left alone."""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = [
    "NotAPrefix",
    "begin_history",
    "check_place",
    "missing_above",
    "open_present_prefix",
    "unmake",
    "what_it_is_instead",
]


class NotAPrefix(Problem):
    """The directory is something else, and is left alone."""

    code = "not-a-prefix"

    def __init__(self, path: str, reason: str, *, hint: str | None = None) -> None:
        """With a ``hint`` it was to be one already, else it was to become one."""
        usual = "name a directory that is empty or not there, or a conda environment"
        said = f"{path} is no conda environment"
        super().__init__(
            said if hint is not None else f"{said}, and cannot become one", why=reason, hint=hint or usual
        )
        self.path = path


def what_it_is_instead(root: str) -> NotAPrefix:
    """A directory was named for an environment of conda, and is something else: what, and what to do."""
    import shlex

    name = os.path.basename(root)
    if not os.path.isdir(root):
        return NotAPrefix(root, "it is a file", hint="name the directory of the environment")
    if os.path.lexists(os.path.join(root, "pyvenv.cfg")):
        named = os.path.basename(os.path.dirname(root)) == "envs"
        more = f"hutch env remove {shlex.quote(name)} deletes it" if named else "it goes like any directory"
        return NotAPrefix(
            root,
            "it is a virtual environment (there is a pyvenv.cfg in it)",
            hint=f"hutch pip works with it (--python {shlex.quote(root)}); {more}",
        )
    if os.path.lexists(os.path.join(root, "conda-meta")):
        return NotAPrefix(
            root,
            "there is a conda-meta in it without a history: it was never completed, or has lost that",
            hint="an empty file conda-meta/history makes it one again, for conda as well",
        )
    others = sorted(os.listdir(root))
    return NotAPrefix(
        root,
        f"there is no conda-meta in it, but {', '.join(others[:3])}" if others else "it is empty",
        hint="hutch conda env list shows those that there are"
        if others
        else f"hutch conda create -p {shlex.quote(root)} makes one there",
    )


def open_present_prefix(context: Context, prefix: str | os.PathLike[str]) -> Environment:
    """The prefix that is there; what was cut off is undone. Raises `NotAPrefix`."""
    from hutch.env import is_prefix, open_prefix, recover

    root = os.path.abspath(prefix)
    if os.path.lexists(os.path.join(root, ".hutch", "journal")):
        recover(open_prefix(root), context.emit)
    if not is_prefix(root):
        raise what_it_is_instead(root)
    environment = open_prefix(root)
    recover(environment, context.emit)
    return environment


def check_place(context: Context, root: str) -> bool:
    """Whether there is no prefix yet; what was cut off is undone. Raises `NotAPrefix`."""
    from hutch.env import is_prefix, open_prefix, recover

    if not os.path.lexists(root):
        return True
    if not os.path.isdir(root):
        raise NotAPrefix(root, "it is not a directory")
    if os.path.lexists(os.path.join(root, ".hutch", "journal")):
        recover(open_prefix(root), context.emit)
    if is_prefix(root):
        return False
    if os.path.lexists(os.path.join(root, "pyvenv.cfg")):
        raise NotAPrefix(root, "it is a virtual environment")
    others = sorted(set(os.listdir(root)) - {".hutch", "conda-meta"})
    if others:
        raise NotAPrefix(root, f"there is {others[0]} in it")
    return True


def begin_history(root: str) -> None:
    """Make a prefix without packages one for everybody: what has this file is an environment of conda."""
    from hutch.env import CannotWrite

    path = os.path.join(root, "conda-meta", "history")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "ab"):
            pass
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error


def missing_above(root: str) -> Iterator[str]:
    """The directories above it that are not there yet, the innermost first."""
    folder = os.path.dirname(root)
    while folder != os.path.dirname(folder) and not os.path.lexists(folder):
        yield folder
        folder = os.path.dirname(folder)


def unmake(root: str, before: frozenset[str] | None) -> None:
    """Delete what of a prefix was made before it came to nothing; never what somebody has put there: what was
    in the directory ``before``, None where there was none."""
    from hutch.trees import delete_tree

    try:
        made = set(os.listdir(root))
        if not made <= {".hutch", "conda-meta"}:
            return
        if before is None:
            delete_tree(root)
            return
        for name in made - before:
            delete_tree(os.path.join(root, name))
    except OSError:
        pass
