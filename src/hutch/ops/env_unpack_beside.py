"""How an archive becomes an environment: unpacked beside its place, made whole there, and renamed."""

from __future__ import annotations

import os

from hutch.events import Fetched, Notice, PhaseEnded, PhaseStarted
from hutch.light import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hutch.env import Environment
    from hutch.env.packing import PackManifest, PrefixPack
    from hutch.errors import Problem
    from hutch.ops.context import Context

__all__ = ["is_empty", "tell_faults", "unpacked_beside"]


@contextmanager
def unpacked_beside(
    context: Context,
    archive: str,
    form: str,
    pack: PackManifest | PrefixPack,
    place: str,
    staging: str,
    taken: Callable[[], Problem],
) -> Iterator[str]:
    """The archive's files, in a directory that becomes ``place`` in one step when the block is through.

    Raises what ``taken`` gives where somebody has the place by then, `CannotWrite` where the disk refuses.
    """
    from hutch.env import CannotWrite
    from hutch.env.packing import unpack_into
    from hutch.env.staging import NameTaken, publish, settle_folder, staged

    own = staging != os.path.dirname(place)
    try:
        settle_folder(staging)
        with staged(staging) as stage:
            context.emit(PhaseStarted("unpack", len(pack.files)))
            tree = unpack_into(archive, form, pack, stage, step=lambda size: context.emit(Fetched("", size)))
            context.emit(PhaseEnded("unpack"))
            yield tree
            if is_empty(place):
                os.rmdir(place)
            publish(tree, place)
    except NameTaken as error:
        raise taken() from error
    except OSError as error:
        raise CannotWrite(str(error.filename or place), error.strerror or str(error)) from error
    finally:
        if own:
            try:
                os.rmdir(staging)
            except OSError:
                pass


def is_empty(path: str) -> bool:
    """Whether it is a directory of its own with nothing in it: an environment may be put there."""
    try:
        return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)
    except OSError:
        return False


def tell_faults(context: Context, made: Environment, *, deep: bool, what: str) -> None:
    """What was broken or changed when it was packed is so still; all else was compared with the manifest."""
    from hutch.env import verify_environment

    kinds = ("interpreter", "command", "extra", "settings")
    faults = [each for each in verify_environment(made, deep=deep).findings if each.kind not in kinds]
    if faults:
        names = sorted({each.package.removeprefix("conda:") for each in faults if each.package})
        text = f"it was packed with {what}, in {', '.join(names[:5])}; hutch env verify tells which"
        context.emit(Notice(text, warning=True))
