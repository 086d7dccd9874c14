"""The mapping of names that a setting names: fetched once a day, kept, and no reason to fail."""

from __future__ import annotations

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.context import Context

__all__ = ["fetched_mapping"]

KIND = "repodata"
_DAY = 86400.0
_LARGEST = 64 << 20


def fetched_mapping(context: Context) -> Mapping[str, str]:
    """conda's names → the index's, by the setting ``conda-mapping``; empty where nobody has set it.

    What cannot be had is told, and what was had before is taken.
    """
    place = context.configuration.conda_mapping
    if place is None:
        return {}
    if place.startswith("file://") or "://" not in place:
        return _from_file(context, place)
    import time

    from hutch.errors import Problem

    key = f"mapping {place}"
    known = context.store.tables.read(KIND, key)
    kept = known if isinstance(known, tuple) and len(known) == 3 and isinstance(known[2], dict) else None
    if kept is not None:
        if context.configuration.offline or (
            time.time() < kept[0] + _DAY and not context.configuration.refresh
        ):
            found: dict[str, str] = kept[2]
            return found
    elif context.configuration.offline:
        return {}
    try:
        return _fetched(context, place, key, kept)
    except Problem as problem:
        rest = "that of the last time is taken" if kept is not None else "names are taken as they are"
        context.emit(Notice(f"no mapping of conda's names: {problem.what}; {rest}", warning=True))
        return kept[2] if kept is not None else {}


def _fetched(
    context: Context, url: str, key: str, kept: tuple[float, str, dict[str, str]] | None
) -> dict[str, str]:
    import time

    from hutch.conda import InvalidMapping, parse_mapping
    from hutch.errors import NetworkProblem
    from hutch.net import Request, hide_credentials

    headers = {"If-None-Match": kept[1]} if kept is not None and kept[1] else {}
    request = Request(url=url, headers=headers, max_bytes=_LARGEST, purpose="the mapping of conda's names")
    response = context.client.fetch(request)
    if response.status == 304 and kept is not None:
        found, tag = kept[2], kept[1]
    elif response.status == 200:
        try:
            found = parse_mapping(response.body)
        except InvalidMapping as error:
            raise NetworkProblem(f"what {hide_credentials(url)} sends cannot be read: {error}") from None
        tag = response.headers.get("etag", "")
    else:
        raise NetworkProblem(f"{hide_credentials(url)} answers with {response.status}")
    context.store.tables.write(KIND, key, (time.time(), tag, found))
    return found


def _from_file(context: Context, place: str) -> dict[str, str]:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    from hutch.conda import InvalidMapping, parse_mapping
    from hutch.errors import UsageProblem
    from hutch.plain import read_plain

    path = url2pathname(urlsplit(place).path) if place.startswith("file://") else place
    try:
        return parse_mapping(read_plain(path, _LARGEST))
    except (OSError, ValueError, InvalidMapping) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageProblem(f"conda-mapping: {path} cannot be read", why=reason) from None
