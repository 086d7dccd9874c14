"""Where the ``hutch pip`` commands that only look, look: the places in which a Python finds packages.

An environment is read without starting its Python; one that sees the packages of another, and a Python
outside of any, is asked. Nothing here changes anything.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist

__all__ = ["Look", "Place", "Where", "find_place"]

# What comes with a Python and says that it is installed.
_OF_PYTHON = frozenset(["python", "wsgiref", "argparse"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which environment is meant: the options that all who look share."""

    system: bool = False
    target: str | None = None
    prefix: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Where):
    """And what of it counts."""

    local: bool = False
    user: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The paths that a Python searches. ``root`` is the environment, empty where all counts as its own.

    ``user_site`` is the directory of the user's own packages, if this Python looks there.
    """

    paths: tuple[str, ...]
    interpreter: Interpreter
    root: str = ""
    user_site: str = ""

    @property
    def markers(self) -> Mapping[str, str]:
        """What environment markers mean there."""
        return self.interpreter.marker_environment

    def dists(self, look: Where | None = None) -> list[Dist]:
        """The distributions, as far as ``look`` wants them; all of them, where nobody says."""
        from hutch.ops.pip_dists import find_dists

        found = find_dists(self.paths)
        if not isinstance(look, Look):
            return found
        if look.local and self.root:
            found = [one for one in found if _is_below(one.installed_in, self.root)]
        if look.user:
            found = [one for one in found if self.user_site and _is_below(one.installed_in, self.user_site)]
        return [one for one in found if one.name not in _OF_PYTHON]


def _is_below(path: str, root: str) -> bool:
    path, root = os.path.normcase(os.path.realpath(path)), os.path.normcase(os.path.realpath(root))
    return path == root or path.startswith(os.path.join(root, ""))


def find_place(context: Context, look: Where) -> Place:
    """The place that is meant: folders, an environment, or a Python itself."""
    from hutch.interpreters import probe_installation, probe_interpreter
    from hutch.ops.pip_environment import NowhereToInstall, open_prefix, outside_interpreter

    if look.path and isinstance(look, Look) and (look.user or look.local):
        raise UsageProblem("--path names all that counts", why="it cannot be combined with --user or --local")
    if look.target is not None or look.prefix is not None or look.path:
        return _folders(context, look)
    if look.system:
        return _outside(context, outside_interpreter(context))
    from hutch.ops.pip_environment import environment_to_look_at

    root = environment_to_look_at(context)
    if root is None:
        asked = context.flags.get("python")
        if asked is None:
            raise NowhereToInstall(
                "there is no environment to look at",
                "none is active, and neither this directory nor one above it has a .venv",
                hint=("hutch venv makes one", "--python PATH names one; --system is the Python itself"),
            )
        return _outside(context, outside_interpreter(context))
    environment = open_prefix(root)
    interpreter = probe_interpreter(environment.executable, context.store)
    if environment.python_outside:
        return _outside(context, interpreter, environment.executable, environment.root)
    from hutch.ops.pip_dists import with_pth

    own = [os.path.join(environment.root, path) for path in (environment.purelib, environment.platlib)]
    place = Place(paths=(*_more(context), *with_pth(own)), interpreter=interpreter, root=environment.root)
    if not environment.system_site_packages:
        return place
    # The Python below is asked, and not that of the environment: a .pth file of it may run anything.
    below = probe_installation(interpreter.base_executable, context.environ)
    return replace(place, paths=(*place.paths, *below.paths), user_site=below.user_site)


def _more(context: Context) -> list[str]:
    """``PYTHONPATH``, which every Python searches first."""
    said = context.environ.get("PYTHONPATH", "")
    return [path for path in said.split(os.pathsep) if os.path.isabs(path)]


def _folders(context: Context, look: Where) -> Place:
    """``--path``, ``--target``, ``--prefix``: folders, and the Python that they are for."""
    from hutch.ops.pip_folder import folder_environment

    if look.path:
        from hutch.ops.interpreter import any_interpreter

        paths = tuple(context.path(path) for path in look.path)
        return Place(paths=paths, interpreter=any_interpreter(context, None))
    environment, interpreter = folder_environment(context, look.target, look.prefix, dry_run=True)
    own = [environment.purelib, environment.platlib]
    paths = tuple(os.path.normpath(os.path.join(environment.root, path)) for path in own)
    return Place(paths=paths, interpreter=interpreter)


def _outside(context: Context, interpreter: Interpreter, path: str = "", root: str = "") -> Place:
    """A Python that is asked itself."""
    from hutch.interpreters import probe_installation

    found = probe_installation(path or interpreter.path, context.environ)
    return Place(paths=found.paths, interpreter=interpreter, root=root, user_site=found.user_site)
