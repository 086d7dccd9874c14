"""From MatchSpecs, and requirements of Python beside them, to records: one resolution for all platforms.

Where only conda is asked this is the whole of it. With requirements the targets are platforms times one minor
version of Python, and ``ops.conda_joint`` answers for both sides. The answer is a value: the records of each
platform with what leads there, ready for a lock (`CondaResolution.to_lock`).
"""

from __future__ import annotations

from hutch.events import PhaseEnded, PhaseStarted
from hutch.ops.conda_problems import CondaConflict, NoSuchCondaPackage
from hutch.ops.conda_question import CondaAsked, CondaResolution, Question, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Root
    from hutch.project import CondaPlatform
    from hutch.spec import CondaRecord, Target

__all__ = ["CondaAsked", "CondaConflict", "CondaResolution", "NoSuchCondaPackage", "Side", "solve_conda"]


def solve_conda(
    context: Context,
    specs: Iterable[str | CondaAsked],
    requirements: Iterable[Root] = (),
    platforms: Iterable[str | CondaPlatform] = (),
    preferred: Mapping[str, Iterable[str]] | None = None,
    *,
    channels: Iterable[str] = (),
    priority: str | None = None,
    assumed: Mapping[str, str] | None = None,
    exclude_newer: str | None = None,
    lowest: bool = False,
    side: Side | None = None,
    adjust: Callable[[Request], Request] | None = None,
    builder: Callable[[Target], Builder] | None = None,
    whole: frozenset[str] = frozenset(),
    present: Mapping[str, CondaRecord] | None = None,
    correct: Callable[[CondaRecord], CondaRecord] | None = None,
) -> CondaResolution:
    """Choose records, and versions of an index where there are ``requirements``.

    ``platforms`` are that of this machine, unless said. ``preferred`` are ``VERSION BUILD`` by name: those of
    a lock or a prefix. ``assumed`` are virtual packages with versions for all platforms. ``exclude_newer`` is
    a moment as ``parse_moment`` writes it. ``adjust`` may add to what is asked of the index (sources, say),
    and ``builder`` builds what has no wheel for a target. What lists of ``whole`` reach is told in full, also
    where the project has it anyway. What is ``present`` in an environment, by name, counts though no channel
    has it any more. ``correct`` makes a record what it is to be. Raises `CondaConflict`,
    `NoSuchCondaPackage` and problems of channels.
    """
    from hutch.conda import ChannelRefused
    from hutch.ops.channels import told_of_plugins

    context.emit(PhaseStarted("resolve"))
    question = None
    try:
        asked = tuple(each if isinstance(each, CondaAsked) else CondaAsked(spec=each) for each in specs)
        question = Question(context, asked, platforms, preferred or {}, channels, priority, assumed or {})
        question.exclude_newer = exclude_newer
        question.lowest = lowest
        question.whole = whole
        question.present = present
        question.correct = correct
        question.adjust, question.builder = adjust, builder
        wanted = tuple(requirements)
        if wanted:
            from hutch.ops.conda_joint import solve_joint

            return solve_joint(question, wanted, side or Side())
        return question.solve_alone()
    except ChannelRefused as problem:
        raise told_of_plugins(context, problem) from None
    finally:
        if question is not None:
            question.leave()
        context.emit(PhaseEnded("resolve"))
