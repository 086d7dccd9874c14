"""What a lock asks of indexes before it knows for which Python, and what it does until they answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.lock_file import OldLock

__all__ = ["FirstRequests"]

# What a lock from the network needs after its first request, in this order.
_LATER = (
    "hutch.index.json_page",
    "hutch.index.digest",
    "hutch.index.metadata",
    "hutch.ops.targets",
    "hutch.provide.provider",
    "hutch.solve.solver",
    "hutch.ops.resolve",
    "hutch.ops.builds",
    "hutch.ops.roots",
    "hutch.ops.library",
    "hutch.ops.twins",
    "hutch.ops.lock_solve",
    "hutch.ops.locking",
    "hutch.ops.lawful",
    "hutch.ops.stale",
    "hutch.lock.check",
    "hutch.lock.carrying",
    "hutch.lock.render",
    "hutch.lock.shadow",
    "hutch.lock.diff",
)


class FirstRequests:
    """The pages that will be needed for sure or most likely, asked for while an interpreter is started."""

    def __init__(self, context: Context, checkout: Checkout, old: OldLock) -> None:
        self._context = context
        found = [one.requirement for found in checkout.manifest.requirements().values() for one in found]
        names = {requirement.name for requirement in found if requirement.url is None}
        self._names = sorted(names.union(old.versions) - set(checkout.manifest.settings.sources))
        self._begun = False
        self._modules = iter(_LATER)

    def begin(self) -> None:
        """Ask, if that was not done yet."""
        if self._begun:
            return
        self._begun = True
        context, under_way = self._context, False
        for name in self._names:
            if context.indexes.read_page(name) is None:
                context.indexes.fetch_page(name, lambda answer: None)
                under_way = True
        if under_way:
            context.client.when_idle(self._bring_one)
            context.client.pump(0)

    def _bring_one(self) -> bool:
        """Import a module that will be needed: there is no better time than while a server thinks."""
        module = next(self._modules, None)
        if module is not None:
            __import__(module)
        return module is not None

    def __call__(self) -> bool:
        """Go on for a moment; False when all answers are here."""
        if not self._begun:
            self.begin()
            return True
        return self._context.client.pump(0.002)
