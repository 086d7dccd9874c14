"""Variants of a request, solved with what has been read already, on a budget: how advice is verified."""

from __future__ import annotations

import time

from hutch.errors import Problem
from hutch.ops.asking import cut, direct_masks, needs_of
from hutch.provide import drive
from hutch.solve import Unsolvable
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.resolve import Request
    from hutch.provide import IndexProvider, ProviderOptions
    from hutch.solve import DependenciesOf, Facts, Resolution, Versions
    from hutch.spec import Targets

__all__ = ["Enough", "TooDear", "Trials"]

MOST_TRIES = 4000
MOST_SOLVES = 80
SECONDS = 8.0
SHARE = 6  # one attempt takes at most this part of what is allowed in all


class Enough(Exception):
    """The budget is used up."""


class TooDear(Enough):
    """One attempt has used up what any one attempt may: try another one."""


@dataclass(slots=True)
class Trials:
    """Solves variants of a request with the provider that has read everything already, on a budget."""

    provider: IndexProvider
    tries: int = MOST_TRIES
    solves: int = MOST_SOLVES
    deadline: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    targets: Targets | None = None
    left: int = 0
    until: float = 0.0

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        return self.provider.versions(packages)

    def facts(self, question: DependenciesOf) -> Facts:
        self.tries -= 1
        self.left -= 1
        now = time.monotonic()
        if self.tries < 0 or now > self.deadline:
            raise Enough
        if self.left < 0 or now > self.until:
            raise TooDear
        if self.provider.needs_source(question):
            raise TooDear  # nobody's build is run for advice
        try:
            return self.provider.facts(question)
        except Problem as problem:
            raise TooDear from problem  # a download that fails is no matter of the advice

    def _options(self, request: Request) -> ProviderOptions:
        """Those that the provider had, for other targets and without preferences."""
        known = self.provider.options
        lowest = known.lowest if isinstance(known.lowest, bool) else direct_masks(request)
        direct = known.direct
        if request.spoken_for and not request.targets.worlds:
            # To take a requirement of a member away is to take away the root: the package does not repeat it.
            direct = {
                name: tuple(replace(one, metadata=replace(one.metadata, requirements=())) for one in found)
                if name in request.spoken_for
                else found
                for name, found in direct.items()
            }
        return replace(
            known,
            targets=request.targets,
            demanded=request.demanded,
            preferred={},
            lowest=lowest,
            direct=direct,
        )

    def solve(self, request: Request) -> Resolution | Unsolvable:
        """What the solver says of the demanded targets; raises ``Enough``."""
        from hutch.provide import TargetsCut
        from hutch.solve import Options, solve

        self.solves -= 1
        if self.solves < 0:
            raise Enough
        self.left = MOST_TRIES // SHARE
        self.until = time.monotonic() + SECONDS / SHARE
        # What an older lock prefers plays no part: the advice is the same with and without it.
        while True:
            self.provider.set_options(self._options(request))
            try:
                needs = [need for root in request.roots for need in needs_of(root, request.targets)]
                if request.targets.cuts:
                    raise TargetsCut
                self.targets = request.targets
                solver = solve(
                    needs,
                    Options(
                        targets=request.demanded,
                        demanded=request.demanded,
                        lowest=self.provider.options.lowest,
                    ),
                )
                return drive(solver, self)
            except Unsolvable as problem:
                return problem
            except TargetsCut:
                request = cut(request)
