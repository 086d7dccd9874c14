"""Environments that are not to be changed: their maker has frozen them (``conda-meta/frozen``, CEP 22), or
whoever runs hutch may not write there.

Who says ``--override-frozen``, or ``protect_frozen_envs: false`` in ``.condarc``, changes them all the same.
"""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["FrozenEnvironment", "ReadOnlyEnvironment", "override_frozen", "refuse_frozen"]

_ALLOWED = "changes_frozen"
_LONGEST = 64 << 10


class FrozenEnvironment(Problem):
    """An environment that is not to be changed was to be changed."""

    code = "frozen-environment"

    def __init__(self, root: str, message: str) -> None:
        super().__init__(
            f"{root} is frozen, and is not changed",
            why=message or "conda-meta/frozen is there: whoever made it wants it to stay as it is",
            hint=(
                f"hutch conda create -n NAME --clone {root} makes one that is yours",
                "--override-frozen changes it all the same",
            ),
        )
        self.root = root


class ReadOnlyEnvironment(Problem):
    """An environment was to be changed that this user may not write to: that of a machine, of a colleague."""

    code = "read-only-environment"

    def __init__(self, root: str) -> None:
        super().__init__(
            f"{root} may not be changed by you",
            why="its directory is read-only for this user",
            hint=f"hutch conda create -n NAME --clone {root} makes one that is yours",
        )
        self.root = root


def override_frozen(context: Context) -> None:
    """The user has said that this command may change what is frozen."""
    context.__dict__[_ALLOWED] = True


def refuse_frozen(context: Context, root: str | os.PathLike[str]) -> None:
    """`FrozenEnvironment` where a prefix is frozen, and nobody has said that this does not matter;
    `ReadOnlyEnvironment` where nothing can be written."""
    meta = os.path.join(root, "conda-meta")
    if os.path.isdir(meta) and not (os.access(meta, os.W_OK | os.X_OK) and os.access(root, os.W_OK)):
        raise ReadOnlyEnvironment(os.fspath(root))
    path = os.path.join(root, "conda-meta", "frozen")
    if not os.path.lexists(path) or context.__dict__.get(_ALLOWED):
        return
    if context.configuration.condarc.switch("protect_frozen_envs") is False:
        return
    raise FrozenEnvironment(os.fspath(root), _message(path))


def _message(path: str) -> str:
    """What its maker has to say: ``{"message": …}``; the file may be empty."""
    import json

    from hutch.plain import read_plain
    from hutch.spec import safe_text

    try:
        said = json.loads(read_plain(path, _LONGEST))
    except (OSError, ValueError, RecursionError):
        return ""
    text = said.get("message") if isinstance(said, dict) else None
    return safe_text(" ".join(text.split())[:500]) if isinstance(text, str) else ""
