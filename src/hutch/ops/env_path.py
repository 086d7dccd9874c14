"""``hutch env path``: where an environment is, for scripts and editors."""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["EnvPathOptions", "EnvPathOutcome", "env_path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvPathOptions:
    """The options of ``env path``; without a name it is the project's environment, or the nearest."""

    env_name: str | None = None
    interpreter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvPathOutcome:
    """The environment, and the interpreter in it; ``exists`` may be false of a project's."""

    path: str
    interpreter: str
    exists: bool

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "interpreter": self.interpreter, "exists": self.exists}


def env_path(context: Context, options: EnvPathOptions) -> EnvPathOutcome:
    """Where it is; of a project that was never synced, where it will be."""
    from hutch.ops.named import named_environment

    if options.env_name is not None:
        root = named_environment(context, options.env_name)
    elif context.root is not None:
        from hutch.ops.environments import environment_root

        root = environment_root(context, context.checkout)
    else:
        from hutch.ops.present import present_environment

        root = present_environment(context, repair=False).root
    from hutch.env import is_prefix, open_prefix

    if is_prefix(root):
        return EnvPathOutcome(path=root, interpreter=open_prefix(root).executable, exists=True)
    windows = os.name == "nt"
    interpreter = os.path.join(root, "Scripts" if windows else "bin", "python.exe" if windows else "python")
    exists = os.path.lexists(os.path.join(root, "pyvenv.cfg"))
    return EnvPathOutcome(path=root, interpreter=interpreter, exists=exists)
