"""What can be wrong with a packed environment, or with one that is to be packed."""

from __future__ import annotations

from hutch.errors import Problem, within

__all__ = ["CannotMovePython", "CannotPack", "InvalidPack", "LeadsOut", "PackDoesNotFit"]

SHOWN = 12


class LeadsOut(Problem):
    """Something in the environment is a way out of it, which leads nowhere on another machine."""

    code = "leads-out"

    def __init__(self, place: str, ways: tuple[str, ...], *, hint: tuple[str, ...]) -> None:
        super().__init__(f"{place} cannot be packed as it is", why=within(ways, SHOWN), hint=hint)
        self.ways = ways


class CannotPack(Problem):
    """The environment cannot be packed, or the archive cannot be written."""

    code = "cannot-pack"


class CannotMovePython(Problem):
    """The interpreter does not work anywhere else than where it is."""

    code = "python-not-movable"

    def __init__(self, prefix: str, reason: str) -> None:
        super().__init__(
            f"the Python in {prefix} cannot be packed",
            why=reason,
            hint=(
                "hutch python install has Pythons that can be moved; hutch sync --python with one of them",
                "without --with-python the archive needs a Python of the same version where it is unpacked",
            ),
        )


class InvalidPack(Problem):
    """The archive is no packed environment, or not the one that its manifest speaks of."""

    code = "invalid-pack"

    def __init__(self, archive: str, reason: str, *, member: str = "", too_much: bool = False) -> None:
        where = f"{member}: {reason}" if member else reason
        super().__init__(
            f"{archive} cannot be unpacked",
            why=where,
            # A disk that is full is no fault of the archive.
            hint=()
            if too_much or reason.startswith("it cannot be")
            else "pack it again with hutch env pack, or copy it again from where it was made",
        )
        self.reason = reason
        self.member = member


class PackDoesNotFit(Problem):
    """It is for another Python or another machine."""

    code = "pack-does-not-fit"

    def __init__(self, archive: str, reasons: tuple[str, ...], *, hint: tuple[str, ...] = ()) -> None:
        super().__init__(f"{archive} does not fit here", why=within(reasons, SHOWN), hint=hint)
        self.reasons = reasons
