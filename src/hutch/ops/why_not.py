"""``hutch why-not NAME==VERSION``: why this version is not the chosen one, and what would take it."""

from __future__ import annotations

from hutch.errors import UsageProblem, some_words
from hutch.ops.conflicts import Conflict
from hutch.ops.lock import LockOptions, make_or_read_lock
from hutch.ops.lock_solve import current_request
from hutch.ops.narrowing import QUESTION
from hutch.ops.why_not_outcome import WhyNotOutcome
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.index import Page
    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Resolved
    from hutch.spec import Requirement

__all__ = ["WhyNotOptions", "WhyNotOutcome", "why_not"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNotOptions:
    """The options of ``why-not``."""

    requirement: str = ""


def why_not(context: Context, options: WhyNotOptions) -> WhyNotOutcome:
    """Solve with the version asked for, and tell what stands against it."""
    from hutch.ops.conda_asked import asks_conda
    from hutch.spec import parse_requirement, render_specifiers

    if asks_conda(context.checkout.manifest):
        from hutch.ops.conda_why_not import why_not_of_conda

        locked = make_or_read_lock(context, context.checkout, LockOptions(dry_run=True)).lock
        return why_not_of_conda(context, options.requirement, locked)
    requirement = parse_requirement(options.requirement)
    if not requirement.specifiers or requirement.url is not None:
        raise UsageProblem(
            f"why-not asks about versions, and `{options.requirement}` names none",
            hint=f"hutch why-not {requirement.name}==VERSION; hutch why {requirement.name}"
            " tells who needs it",
        )
    lock = make_or_read_lock(context, context.checkout, LockOptions(dry_run=True)).lock
    asked = f"{requirement.name} {render_specifiers(requirement.specifiers)}"
    if len(requirement.specifiers) == 1 and requirement.specifiers[0][0] == "==":
        asked = f"{requirement.name} {requirement.specifiers[0][1]}"
    return _Question(context, requirement, asked, lock).answer()


class _Question:
    def __init__(self, context: Context, requirement: Requirement, asked: str, lock: Lock) -> None:
        self._context = context
        self._requirement = requirement
        self._name = requirement.name
        self._asked = asked
        self._lock = lock
        self._chosen = tuple(
            package.version for package in lock.packages if package.name == self._name and package.version
        )

    def _outcome(self, verdict: str, what: str, **more: Any) -> WhyNotOutcome:
        return WhyNotOutcome(
            name=self._name, asked=self._asked, chosen=self._chosen, verdict=verdict, what=what, **more
        )

    def answer(self) -> WhyNotOutcome:
        from hutch.ops.builds import Builder
        from hutch.ops.resolve import Root, resolve
        from hutch.spec import admits, matching

        if not self._chosen:
            return self._outcome(
                "not-needed",
                f"{self._name} is not in the lock: nothing that the project needs asks for it",
                hints=(f"hutch add '{self._requirement.render()}'",),
            )
        if fitting := [each for each in self._chosen if admits(self._requirement.specifiers, each)]:
            return self._outcome("chosen", f"{self._name} {', '.join(fitting)} is what is locked")
        builder = Builder(self._context)
        request = current_request(self._context, self._context.checkout, LockOptions(), builder)
        page = self._page(request)
        if page is None:
            return self._outcome("direct", f"{self._name} does not come from an index")
        places = matching(self._requirement.specifiers, page.keys)
        if not places:
            newest = page.versions[-1] if page.versions else "none"
            return self._outcome(
                "no-such-version",
                f"there is no {self._asked} (newest: {newest})",
            )
        root = Root(requirement=self._requirement, constraint=True, asker=QUESTION)
        preferred = {name: kept for name, kept in request.preferred.items() if name != self._name}
        request = replace(request, roots=(*request.roots, root), preferred=preferred)
        try:
            resolved = resolve(self._context, request, builder)
        except Conflict as problem:
            if not places & ~page.yanked:
                return self._yanked(page, places)
            return self._outcome(
                "conflict",
                f"{self._asked} does not fit:",
                why=tuple(line for line in problem.why if QUESTION not in line or "(" in line),
                hints=tuple(each.text for each in problem.suggestions),
                details=problem.details(),
            )
        return self._possible(resolved, page)

    def _page(self, request: Request) -> Page | None:
        from hutch.index import Page
        from hutch.ops.alternatives import index_names
        from hutch.spec import matching

        pages = []
        for index in index_names(request.bound, self._name):
            found = self._context.indexes.read_page(self._name, index=index)
            if found is None:
                answers: list[object] = []
                self._context.indexes.fetch_page(self._name, answers.append, index=index)
                while not answers:
                    self._context.client.pump()
                found = answers[0]  # type: ignore[assignment]
            if isinstance(found, Page):
                pages.append(found)
        # Of several indexes, the one that has what is asked about.
        having = (page for page in pages if matching(self._requirement.specifiers, page.keys))
        return next(having, pages[0] if pages else None)

    def _yanked(self, page: Page, places: int) -> WhyNotOutcome:
        version = page.versions[places.bit_length() - 1]
        reason = next((f.yanked for f in page.files_of(places.bit_length() - 1) if f.yanked), "")
        return self._outcome(
            "yanked",
            f"{self._name} {version} was yanked{f' ({reason})' if reason else ''}:"
            " it is taken only where it is named exactly",
            hints=(f"hutch add '{self._name}=={version}'",),
        )

    def _possible(self, resolved: Resolved, page: Page) -> WhyNotOutcome:
        from hutch.spec import version_key

        chosen = [place for _, place in resolved.resolution.chosen.get(self._name, ())]
        if not chosen:
            return self._outcome(
                "not-needed",
                f"with {self._asked} the other packages are chosen so that none needs it",
                changes=self._changes(resolved),
            )
        page, place = resolved.provider.page_at(self._name, max(chosen))
        version = page.versions[place]
        this = f"{self._name} {version}"
        changes = self._changes(resolved)
        reasons = dict(resolved.dropped)
        if lost := [name for name in self._lock.targets if name in reasons]:
            why = tuple(
                dict.fromkeys(
                    f"{some_words([n for n in lost if reasons[n] == r], 4)}: {r}" for r in reasons.values()
                )
            )
            why = tuple(line for line in why if not line.startswith(":"))
            return self._outcome(
                "fewer-targets",
                f"{this} would leave out targets that the lock has:",
                why=why,
                changes=changes,
                hints=(f"hutch lock --upgrade-package '{self._name}=={version}'",),
            )
        if page.yanked >> place & 1:
            return self._yanked(page, 1 << place)
        if page.prerelease >> place & 1:
            return self._outcome(
                "pre-release",
                f"{this} is a pre-release, and nothing asks for one",
                changes=changes,
                hints=(f"hutch add '{self._name}>={version}'",),
            )
        best = max(self._chosen, key=version_key)
        newer = page.keys[place] > version_key(best)
        return self._outcome(
            "kept" if newer else "older",
            f"nothing speaks against {this}: "
            + (f"the lock keeps {best} until you ask for another" if newer else f"{best} is newer"),
            changes=changes,
            hints=(f"hutch lock --upgrade-package '{self._name}=={version}'",),
        )

    def _changes(self, resolved: Resolved) -> tuple[tuple[str, str, str], ...]:
        """What else would be chosen than what is locked."""
        from hutch.ops.locking import lock_packages

        after: dict[str, list[str]] = {}
        for package in lock_packages(resolved):
            after.setdefault(package.name, []).append(package.version or "")
        before: dict[str, list[str]] = {}
        for package in self._lock.packages:
            before.setdefault(package.name, []).append(package.version or "")
        return tuple(
            (name, ", ".join(before.get(name, [])) or "none", ", ".join(after.get(name, [])))
            for name in sorted(before.keys() | after.keys())
            if name != self._name and before.get(name) != after.get(name)
        )
