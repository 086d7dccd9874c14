"""``hutch env pack --no-editable``: a copy of the environment in which nothing is worked on elsewhere.

What is installed from a directory, to be changed there, is built as it is now and put into the copy as any
wheel. The environment itself stays as it is; the copy is made of links where the file system has them.
"""

from __future__ import annotations

import os

from hutch.light import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.env import Environment, Installed
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["built_copy"]


@contextmanager
def built_copy(context: Context, environment: Environment, interpreter: Interpreter) -> Iterator[Environment]:
    """The copy, gone afterwards; the environment itself where there is nothing to build.

    The caller holds the lock of the environment. Raises OSError, and what a build raises.
    """
    from hutch.env import Occasion, Wanted, apply_plan, move_prefix, open_prefix, plan_changes, plan_conda
    from hutch.env.cloning import clone_environment
    from hutch.env.packing.gathering import is_editable
    from hutch.env.staging import settle_folder, staged
    from hutch.ops.builds import Builder

    installed = environment.installed()
    editables = {str(name): one for name, one in installed.items() if is_editable(one)}
    if not editables:
        yield environment
        return
    builder = Builder(context, interpreter)
    wheels = {name: _build(builder, name, one) for name, one in editables.items()}
    folder = _folder(environment)
    try:
        settle_folder(folder)
        with staged(folder) as stage:
            root = os.path.join(stage, "environment")
            if environment.prefix:
                move_prefix(environment, root, place=root)
                copy = open_prefix(root)
            else:
                copy = clone_environment(environment, root, place=root, command="env pack")
            wanted = [
                Wanted(
                    name=name,
                    version=wheel.manifest.version,
                    wheel=wheel,
                    requested=editables[name].requested,
                )
                for name, wheel in wheels.items()
            ]
            kept = {str(name) for name in installed} - wheels.keys()
            again = frozenset(wheels)
            if environment.prefix:
                plan = plan_conda(copy, None, wanted, keep=kept, reinstall=again)
            else:
                plan = plan_changes(copy.installed(), wanted, keep=kept, reinstall=again)
            apply_plan(
                plan,
                copy,
                link_mode=context.configuration.link_mode,
                emit=context.emit,
                occasion=Occasion(passing=True, new=True),
            )
            yield copy
    finally:
        try:
            os.rmdir(folder)
        except OSError:
            pass


def _build(builder: object, name: str, one: Installed) -> StoredWheel:
    from hashlib import sha256

    from hutch.env.packing import LeadsOut
    from hutch.env.packing.gathering import place_of
    from hutch.ops.builds import Builder

    assert isinstance(builder, Builder)
    directory = place_of(one)
    if not os.path.isdir(directory):
        raise LeadsOut(
            "the environment",
            (f"{name} is installed from {directory}, which is no directory here",),
            hint=(f"--ignore-editable leaves {name} out",),
        )
    # As it is now: no earlier build of the directory will do, and no later one is spared by this.
    return builder.build_tree(directory, name, sha256(b"pack-1" + os.urandom(16)).hexdigest())


def _folder(environment: Environment) -> str:
    """Where the copy is made: beside the environment, to be made of links; else where there is room."""
    above, name = os.path.split(environment.root)
    if os.access(above, os.W_OK):
        return os.path.join(above, f".{name.lstrip('.')}.packing")
    import tempfile

    return os.path.join(tempfile.gettempdir(), f"hutch-packing-{os.getpid()}")
