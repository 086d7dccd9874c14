"""The newest version that an index has for an interpreter: ``hutch pip list --outdated``, ``pip tree``."""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.index import Page
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context
    from hutch.spec import NormalizedName, Targets

__all__ = ["Latest", "find_latest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """A version, and whether what would be taken of it is a ``wheel`` or an ``sdist``."""

    version: str
    kind: str


def find_latest(
    context: Context, names: Iterable[NormalizedName], interpreter: Interpreter, *, pre: bool = False
) -> dict[str, Latest]:
    """The newest version of each that this Python could have; what no index has is left out.

    Pre-releases count with ``pre``; yanked versions never do, nor what came after ``exclude-newer``.
    """
    from hutch.errors import Problem
    from hutch.index import Page
    from hutch.ops.moments import exclude_newer
    from hutch.spec import Targets

    context.ask_again()
    wanted = list(dict.fromkeys(names))
    answers: dict[str, object] = {}
    for name in wanted:

        def answered(answer: object, name: str = str(name)) -> None:
            answers[name] = answer

        context.indexes.fetch_page(name, answered)
    while len(answers) < len(wanted) and context.client.pump(None):
        pass
    targets = Targets((interpreter.target(),))
    limit = exclude_newer(context)
    found: dict[str, Latest] = {}
    for each in wanted:
        answer = answers.get(str(each))
        if isinstance(answer, Problem):
            raise answer
        if isinstance(answer, Page):
            newest = _newest(context, answer, targets, pre, limit)
            if newest is not None:
                found[str(each)] = newest
    return found


def _newest(context: Context, page: Page, targets: Targets, pre: bool, limit: str | None) -> Latest | None:
    configuration = context.configuration
    both = {str(page.name), ":all:"}
    wheels_only = bool(both & set(configuration.only_binary))
    never_wheels = bool(both & set(configuration.no_binary))
    usable = ((1 << len(page.versions)) - 1) & ~page.yanked
    if not pre:
        usable &= ~page.prerelease
    while usable:
        place = usable.bit_length() - 1
        usable &= ~(1 << place)
        kinds = set()
        for file in page.files_of(place):
            if file.yanked is not None or not targets.requires_python_mask_of(file.requires_python):
                continue
            if limit is not None and (file.upload_time is None or file.upload_time >= limit):
                continue
            if not file.is_wheel:
                if not wheels_only:
                    kinds.add("sdist")
            elif not never_wheels and targets.wheel_mask(file.tags):
                kinds.add("wheel")
        if kinds:
            return Latest(version=page.versions[place], kind="wheel" if "wheel" in kinds else "sdist")
    return None
