"""Layers: several requirements files that become several files of pins, out of one solve.

``base.in`` becomes ``base.txt``, ``dev.in`` (with ``-c base.txt`` or ``-r base.in``) becomes ``dev.txt``.
One package has one version in all of them, by construction and not by the order in which they are compiled.
A layer that names the pins of another (``-c base.txt``, ``-r base.txt``) means those that come out of this
solve: what the file says from before is not read as a limit.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hutch.ops.context import Context
    from hutch.ops.pip_compile import PipCompileOptions
    from hutch.ops.pip_files import Files
    from hutch.ops.pip_inputs import Wishes
    from hutch.ops.pip_pins import Old
    from hutch.ops.resolve import Resolved, Root

__all__ = ["Layer", "layers_of", "parted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What becomes one file of pins: its inputs, what they say, and where it goes. ``places`` are the indexes
    and places of the command line."""

    names: tuple[str, ...]
    files: Files
    output: str | None
    old: Old
    roots: tuple[Root, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def layers_of(context: Context, options: PipCompileOptions, names: tuple[str, ...]) -> list[Layer]:
    """The layers, read: one for all files, or with ``--layered`` one for each."""
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_pins import read_old

    if not options.layered:
        output = context.path(options.output_file) if options.output_file is not None else None
        _refuse_same(context, names, output)
        files = read_files(context, names, options.constraint)
        set_flags(context, files)
        return [Layer(names=names, files=files, output=output, old=read_old(context, output))]
    if options.output_file is not None:
        raise UsageProblem(
            "--layered names the files of pins itself", why="dev.in becomes dev.txt", hint="leave -o out"
        )
    outputs = [_output_of(context, name) for name in names]
    if len(set(outputs)) < len(outputs):
        raise UsageProblem("two layers would be written to one file", why=", ".join(names))
    layers = []
    for name, output in zip(names, outputs, strict=True):
        _refuse_same(context, names, output)
        files = read_files(context, (name,), options.constraint, empty=frozenset(outputs))
        set_flags(context, files)
        layers.append(Layer(names=(name,), files=files, output=output, old=read_old(context, output)))
    return layers


def _output_of(context: Context, name: str) -> str:
    """``dev.in`` → ``dev.txt``; the dependencies of a project → ``requirements.txt`` beside it."""
    from hutch.ops.pip_files import SOURCES
    from hutch.ops.pip_remote import is_remote

    if name == "-" or is_remote(name):
        raise UsageProblem(f"--layered: {name} has no place for its pins beside it", hint="name files")
    path = context.path(name)
    if os.path.basename(path) in SOURCES:
        return os.path.join(os.path.dirname(path), "requirements.txt")
    return os.path.splitext(path)[0] + ".txt"


def _refuse_same(context: Context, names: Iterable[str], output: str | None) -> None:
    if output is not None and any(context.path(name) == output for name in names if name != "-"):
        raise UsageProblem(
            f"{os.path.basename(output)} would be read and written",
            why="the pins would take the place of what asks for them",
            hint="name what asks for packages requirements.in, and the pins requirements.txt",
        )


def parted(
    context: Context, layer: Layer, layers: list[Layer], resolved: Resolved, wishes: Wishes
) -> tuple[Resolved, Callable[[Root], str], dict[str, set[str]]]:
    """What of the solve belongs into a layer; what ``# via`` calls its roots; and the reasons by name that
    are other layers (``-c base.txt``)."""
    from hutch.ops.locking import lock_packages
    from hutch.ops.pip_files import shown_path

    known = {id(root) for each in layers for root in each.roots}
    own = {id(root) for root in layer.roots}

    def of(*some: Layer) -> Resolved:
        """The solve with the roots of some layers."""
        ids = {id(root) for each in some for root in each.roots}
        names = {root.requirement.name for each in some for root in each.roots if not root.constraint}
        kept = []
        for pair in resolved.roots:
            root = pair[0]
            # What is of no layer is a limit for all, or stands in the place of others (an override).
            if id(root) in ids or (
                id(root) not in known and (root.constraint or root.requirement.name in names)
            ):
                kept.append(pair)
        return replace(resolved, roots=tuple(kept))

    def label(root: Root) -> str:
        return "" if id(root) in known and id(root) not in own else wishes.label(root)

    mine = of(*_below(layer, layers))
    reasons: dict[str, set[str]] = {}
    there: set[str] = set()
    for other in layers:
        for path, constraint in layer.files.included:
            if path != other.output or other is layer:
                continue
            there = there or {package.name for package in lock_packages(mine)}
            said = f"{'-c' if constraint else '-r'} {shown_path(context, path).replace(os.sep, '/')}"
            for package in lock_packages(of(*_below(other, layers))):
                if package.name in there:
                    reasons.setdefault(package.name, set()).add(said)
    return mine, label, reasons


def _below(layer: Layer, layers: list[Layer]) -> list[Layer]:
    """A layer, and those whose pins it takes over whole (``-r base.txt``)."""
    found = [layer]
    for each in found:
        taken = {path for path, constraint in each.files.included if not constraint}
        found += [other for other in layers if other.output in taken and other not in found]
    return found
