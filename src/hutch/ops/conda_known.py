"""What the channels of a project have of a name now: for those who compare it with a lock."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.lock import CondaLock
    from hutch.ops.context import Context
    from hutch.project import Manifest
    from hutch.spec import CondaRecord

__all__ = ["Known", "newest_first"]


class Known:
    """The records that a solve for the platforms of ``part`` would look at: of the channel that counts, by
    the project's own priority, and not after its moment."""

    def __init__(self, context: Context, manifest: Manifest, part: CondaLock) -> None:
        from hutch.ops.conda_project import asked_by, platforms_of
        from hutch.ops.conda_question import Question
        from hutch.project import CondaPlatform

        settings = manifest.settings.conda
        assert settings is not None
        subdirs = dict.fromkeys(target.subdir for target in part.targets)
        platforms = tuple(CondaPlatform(name=subdir, subdir=subdir) for subdir in subdirs)
        self._question = Question(
            context,
            asked_by(manifest, settings, platforms_of(settings)),
            platforms,
            {},
            settings.channels or (),
            settings.channel_priority,
            dict(settings.requirements),
        )
        self.subdirs = tuple(subdirs)
        self._question.exclude_newer = context.configuration.exclude_newer or manifest.settings.exclude_newer
        self._records = self._question.provider()[1]

    def want(self, names: Iterable[str]) -> None:
        """Fetch what is known of these names together."""
        self._question.repodata.want(list(names))

    def records(self, name: str) -> tuple[CondaRecord, ...]:
        """The records of a name that count anywhere."""
        return tuple(self._records(name))


def newest_first(records: Sequence[CondaRecord]) -> list[CondaRecord]:
    """By conda's order; records with tracked features are behind all others."""
    from hutch.conda import Sorter

    return Sorter(lambda name: ()).sort(list(records))[::-1]
