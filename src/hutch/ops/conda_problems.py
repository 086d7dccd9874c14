"""What can be wrong with what is asked of conda's channels."""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hutch.spec import CondaRecord

__all__ = ["CondaConflict", "NoPythonForWheels", "NoSuchCondaPackage", "NoneThatCounts"]


class NoSuchCondaPackage(Problem):
    """A package is asked for that no channel has for any of the platforms."""

    code = "no-such-conda-package"

    def __init__(
        self,
        name: str,
        place: str,
        channels: Sequence[str],
        near: Sequence[str] = (),
        hints: Sequence[str] = (),
        subdirs: Sequence[str] = (),
    ) -> None:
        from hutch.spec import safe_text

        self.name = name
        self.near = tuple(near)
        asked = " and ".join(channels)
        hint = (
            (f"it may be meant: {', '.join(near)}",)
            if near
            else tuple(hints) or ("look at its name, or add the channel that has it",)
        )
        super().__init__(
            f"no channel has a package {safe_text(name)} (asked for in {place})",
            why=f"these were asked{' for ' if subdirs else ''}{' and '.join(subdirs)}: {asked}",
            hint=hint,
        )


class NoneThatCounts(Problem):
    """Channels have a package that is asked for, and no record of it that the settings let count."""

    code = "no-record-counts"

    def __init__(
        self,
        name: str,
        place: str,
        records: Sequence[CondaRecord],
        subdirs: Collection[str],
        exclude_newer: str | None,
        hint: str = "",
    ) -> None:
        here = [record for record in records if record.subdir in subdirs or record.subdir == "noarch"]
        what = f"no record of {name} can be taken (asked for in {place})"
        if not here:
            known = ", ".join(sorted({record.subdir for record in records}))
            super().__init__(
                what,
                why=f"there are some for {known}, and none for {' or '.join(subdirs)}",
                hint=hint,
            )
            return
        if exclude_newer is not None:
            dated = sorted(record.timestamp for record in here if record.timestamp > 0)
            came = f"the oldest came on {_day(dated[0])}" if dated else "none has a date"
            super().__init__(
                what,
                why=f"exclude-newer lets nothing count that came after {exclude_newer[:10]}; {came}",
                hint="set a later exclude-newer, or take it out",
            )
            return
        super().__init__(
            what,
            why="disallowed_packages of .condarc, or a channel that was named for it, rule out all of them",
            hint="hutch config show tells what is set, and where",
        )


def _day(milliseconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


class CondaConflict(Problem):
    """The MatchSpecs and requirements cannot be met; ``premises`` are the facts that say so."""

    code = "conda-conflict"

    def __init__(
        self, where: str, premises: Sequence[str], hints: Sequence[str], wheres: frozenset[str] = frozenset()
    ) -> None:
        self.where = where
        self.premises = tuple(premises)
        self.wheres = wheres
        """The lists of the project (``project``, ``group:x``) whose requirements the proof rests on."""
        super().__init__(
            "no packages satisfy all requirements" + (f" on {where}" if where else ""),
            why=tuple(premises),
            hint=tuple(hints),
        )

    def of_environments(self, names: Sequence[str], lists: Sequence[str] = ()) -> CondaConflict:
        """The same, with the environments of the project whose packages cannot be had; where nobody declared
        one, with the ``lists`` (``group:x``) that are chosen beside the project's."""
        told = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
        kind = "environments" if len(names) > 1 else "environment"
        found = CondaConflict(self.where, self.premises, self.hints, self.wheres)
        if told:
            found.what = f"{self.what}, in the {kind} {told}"
        elif lists:
            found.what = f"{self.what}, with the {' and the '.join(each.replace(':', ' ') for each in lists)}"
        return found


class NoPythonForWheels(Problem):
    """Requirements of Python are asked for, and there is no Python that all platforms could have."""

    code = "no-python-for-wheels"

    def __init__(self, targets: Sequence[str], channels: Sequence[str] = ()) -> None:
        what = f"there is no Python for {' and '.join(targets)}"
        if channels:
            super().__init__(
                what,
                why=(
                    "packages of an index need one, and no channel has any",
                    f"these were asked: {' and '.join(channels)}",
                ),
                hint="add a channel that has python, such as conda-forge",
            )
            return
        super().__init__(
            what,
            why="packages of an index need one that the channels have for every platform",
            hint="ask for another version of python, or for fewer platforms",
        )
