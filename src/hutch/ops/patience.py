"""How long a search may go on: past that, what is known of it is told instead."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request
    from hutch.provide import IndexProvider
    from hutch.solve import DependenciesOf, Facts, Versions

__all__ = ["Patient", "SearchTooLong", "patient"]

MOST_TRIES = 200_000
VARIABLE = "HUTCH_MOST_TRIES"


class SearchTooLong(Problem):
    """No answer after ``tries`` versions were looked at; ``quarrelling`` are the packages that took most."""

    code = "search-too-long"

    def __init__(
        self, tries: int, quarrelling: tuple[tuple[str, int], ...], why: list[str], hints: list[str]
    ) -> None:
        self.tries = tries
        self.quarrelling = quarrelling
        super().__init__(f"no answer after {tries} versions were tried", why=tuple(why), hint=tuple(hints))


def patient(context: Context, request: Request, provider: IndexProvider) -> Patient:
    """``provider``, until the search has taken too long."""
    text = context.environ.get(VARIABLE, "")
    if text and not (text.isdigit() and int(text)):
        raise UsageProblem(f"{VARIABLE} is a number of versions, not `{text}`")
    return Patient(request, provider, int(text) if text else MOST_TRIES)


class Patient:
    """A provider that answers so often, and then raises ``SearchTooLong``."""

    def __init__(self, request: Request, provider: IndexProvider, most: int) -> None:
        self._request = request
        self._provider = provider
        self._most = self._left = most
        self._tried: dict[str, int] = {}

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        return self._provider.versions(packages)

    def facts(self, question: DependenciesOf) -> Facts:
        self._left -= 1
        self._tried[question.package] = self._tried.get(question.package, 0) + 1
        if self._left < 0:
            raise self._told()
        return self._provider.facts(question)

    def _told(self) -> SearchTooLong:
        most = sorted(self._tried.items(), key=lambda item: (-item[1], item[0]))[:4]
        most = [(name, count) for name, count in most if count * 20 >= most[0][1]]
        why, hints = [], []
        listed = ", ".join(f"{name} ({count})" for name, count in most)
        why.append(f"most of them of {listed}")
        for name, _ in most:
            for root in self._request.roots:
                if root.requirement.name != name:
                    continue
                why.append(f"{root.requirement.render()} is asked for in {root.place}")
                page = next(iter(self._provider.pages_of(name)), None)
                if page is not None and not root.requirement.specifiers and page.versions:
                    final = [v for i, v in enumerate(page.versions) if not page.prerelease >> i & 1]
                    hints.append(f"{name} >={(final or page.versions)[-1]}, or another bound of your choice")
        hints.append(f"{VARIABLE}={self._most * 10} to search on")
        return SearchTooLong(self._most, tuple(most), why, hints[-3:])
