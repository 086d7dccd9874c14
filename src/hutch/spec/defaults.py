"""Which targets a lock is made for when nobody says: see ``docs/explanation/targets.md``."""

from __future__ import annotations

from hutch.values import replace

from .specifiers import Specifiers
from .targets import BASELINES, STABLE_MINORS, NoTargets, Target, covers, slices
from .universe import Targets

__all__ = ["default_targets"]


def default_targets(requires_python: Specifiers, machine: Target | None = None) -> Targets:
    """Every stable minor (3.8 and later) that ``requires_python`` admits, on the usual platforms.

    Minors of which only some patch releases are admitted become slices. The machine's own target is
    added (as its whole minor) unless one of these covers it, so that the bytes of a lock do not depend
    on who makes it. :class:`NoTargets` if nothing is left.
    """
    found = [
        Target(python=python, low=low, high=high, platform=platform)
        for platform in BASELINES
        for python in STABLE_MINORS
        for low, high, admitted in slices(requires_python, python)
        if admitted
    ]
    if machine is not None and not any(covers(target, machine) for target in found):
        found += [
            replace(machine, low=low, high=high)
            for low, high, admitted in slices(requires_python, machine.python)
            if admitted and low <= machine.low and (high is None or machine.low < high)
        ]
    if not found:
        raise NoTargets(requires_python)
    return Targets(tuple(found))
