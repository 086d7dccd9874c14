"""Which indexes there are: one frozen value each, made by configuration."""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal


__all__ = ["IndexOptions", "trusted_hosts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOptions:
    """One index.

    ``url`` is the root of a Simple API (``kind="simple"``, http, https or file), or a page or
    directory of files (``kind="flat"``, also a bare path). An ``explicit`` index is only asked for
    projects that name it. ``default`` marks the one that is asked last, but for ``supplemental`` ones.
    With ``verify`` off, certificates are not checked and plain http is accepted. ``absent_statuses`` are
    statuses that this index gives for projects that it does not have, beside 404 and 410. With ``joins``,
    the place owns no name: its files are added to the versions of the owner.
    """

    name: str
    url: str = field(repr=False)
    kind: Literal["simple", "flat"] = "simple"
    explicit: bool = False
    default: bool = False
    supplemental: bool = False
    verify: bool = True
    absent_statuses: tuple[int, ...] = ()
    joins: bool = False


def trusted_hosts(options: Iterable[IndexOptions]) -> tuple[str, ...]:
    """The hosts (with port, where it is not the default) of indexes with ``verify`` off."""
    from hutch.net import parse_url

    hosts = []
    for each in options:
        if not each.verify and each.url.lower().startswith(("http://", "https://")):
            hosts.append(parse_url(each.url).netloc)
    return tuple(hosts)
