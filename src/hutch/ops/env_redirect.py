"""``hutch env redirect``: a file in the project that tells other tools where its environment is."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = ["CannotRedirect", "EnvRedirectOptions", "EnvRedirectOutcome", "env_redirect"]


class CannotRedirect(Problem):
    """What is in the way of the file is somebody else's, or the file is not needed."""

    code = "cannot-redirect"

    def __init__(self, path: str, reason: str, hint: str) -> None:
        super().__init__(f"{path} is left as it is", why=reason, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRedirectOptions:
    """The options of ``env redirect``."""

    form: str = ""
    remove: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRedirectOutcome:
    """The file, and where it leads; ``changed`` is false where it was so already."""

    path: str
    environment: str
    changed: bool
    removed: bool = False
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "environment": self.environment,
            "changed": self.changed,
            "removed": self.removed,
            "dry_run": self.dry_run,
        }


def env_redirect(context: Context, options: EnvRedirectOptions) -> EnvRedirectOutcome:
    """Write the file, or take out what leads to this environment; nothing of somebody else's is touched."""
    from hutch.env import CannotWrite
    from hutch.ops.env_places import PYTHON_ENVS, VENV
    from hutch.ops.environments import environment_root
    from hutch.ops.redirects import leads_to, obstacle, remove_redirect, targets, write_redirect

    home = context.checkout.home
    root = environment_root(context, context.checkout)
    path = os.path.join(home, PYTHON_ENVS if options.form == "python-envs" else VENV)
    said = targets(home, options.form)
    if options.remove:
        changed = any(leads_to((each,), root) for each in said)
    else:
        changed = not leads_to(said, root)
        if os.path.abspath(root) == os.path.join(home, VENV):
            raise CannotRedirect(
                path,
                "the environment is .venv in the project, where every tool looks first",
                'environment-place = "central" has it elsewhere; --env NAME means another',
            )
        reason = obstacle(home, root, options.form)
        if reason:
            raise CannotRedirect(path, reason, "move it away, or write the other form")
    if changed and not options.dry_run:
        try:
            if options.remove:
                remove_redirect(home, root, options.form)
            else:
                write_redirect(home, root, options.form)
        except OSError as error:
            raise CannotWrite(str(error.filename or path), error.strerror or str(error)) from error
        from hutch.ops.trust import made_here

        made_here(context.environ, root, context.configuration.data_dir, home)
    return EnvRedirectOutcome(
        path=path, environment=root, changed=changed, removed=options.remove, dry_run=options.dry_run
    )
