"""How long each Python is looked after by those who make it: the one place with these dates.

From the release schedules (PEP 373, 494, 537, 569, 596, 602, 619, 664, 693, 719, 745, 790). Until the first
date there are releases with repairs, until the second releases with what is needed for security; then it has
reached the end of its life. A day, where the schedule has only a month, is the last of that month.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

__all__ = ["NEWEST", "SUPPORT", "Support", "support_of"]

SUPPORT = {
    (2, 7): ("2020-01-01", "2020-01-01"),
    (3, 0): ("2009-06-27", "2009-06-27"),
    (3, 1): ("2011-06-26", "2012-04-09"),
    (3, 2): ("2013-05-13", "2016-02-20"),
    (3, 3): ("2014-03-08", "2017-09-29"),
    (3, 4): ("2017-08-09", "2019-03-18"),
    (3, 5): ("2017-08-08", "2020-09-30"),
    (3, 6): ("2018-12-24", "2021-12-23"),
    (3, 7): ("2020-06-27", "2023-06-27"),
    (3, 8): ("2021-05-03", "2024-10-07"),
    (3, 9): ("2022-05-17", "2025-10-31"),
    (3, 10): ("2023-04-05", "2026-10-31"),
    (3, 11): ("2024-04-02", "2027-10-31"),
    (3, 12): ("2025-04-08", "2028-10-31"),
    (3, 13): ("2026-10-31", "2029-10-31"),
    (3, 14): ("2027-10-31", "2030-10-31"),
    (3, 15): ("2028-10-31", "2031-10-31"),
}
"""(no more repairs, end of life) of each minor version."""

NEWEST = (3, 15)
"""The newest that had a final release when this was written."""

NEAR_DAYS = 183


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """``state`` is ``bugfix``, ``security``, ``ending`` (the last half year of that) or ``ended``."""

    state: str
    end: str

    def remark(self) -> str:
        """For people, where there is something to be said: ``end of life since 2024-10-07``."""
        if self.state == "ended":
            return f"end of life since {self.end}"
        return f"end of life on {self.end}" if self.state == "ending" else ""


def support_of(python: tuple[int, int], today: date) -> Support | None:
    """How a minor version of CPython is looked after on a day; None where nobody knows."""
    from datetime import date

    if python < (2, 7):
        return Support(state="ended", end="2013-10-29")
    if python not in SUPPORT:
        return None
    repairs, end = SUPPORT[python]
    left = (date.fromisoformat(end) - today).days
    if left < 0:
        return Support(state="ended", end=end)
    if left <= NEAR_DAYS:
        return Support(state="ending", end=end)
    return Support(state="bugfix" if today <= date.fromisoformat(repairs) else "security", end=end)
