"""The order in which indexes are asked, from all that was said about them.

    find-links (flags first) → named indexes → extra-index-url → the default index → supplemental ones

The first that has a name owns it. ``docs/adr/0008-how-extra-indexes-rank.md`` says why.
"""

from __future__ import annotations

from hutch.config.model import ConfigFault, ConfigProblem, Origin, Value
from hutch.config.places import as_url, is_missing
from hutch.config.values import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.index import IndexOptions
    from hutch.net import Credential, KnownIndex
    from hutch.project import DeclaredIndex

__all__ = ["rank_indexes"]

_OF_OTHERS = frozenset({"default", "project", "pip-environment", "flag"})
"""Where an index may stand that the user has not named himself: a checkout (whose environment may be part of
it), nobody, and the flags, among which are the options of requirements files."""


def rank_indexes(
    values: Mapping[str, Value],
    environ: Mapping[str, str],
    home: str | None,
    notice: Callable[[str], None],
) -> tuple[tuple[IndexOptions, ...], tuple[Credential, ...], tuple[KnownIndex, ...]]:
    """The indexes in their order, their URLs without credentials; the credentials apart; and who named which.

    What lies on this disk and is not there is passed over with a notice: a drive that is not mounted
    or a directory that was not built yet. A name that is given twice, or two defaults of one rank, are
    ``ConfigProblem``.
    """
    from hutch.net import KnownIndex, index_credential, without_credentials

    options: list[IndexOptions] = []
    credentials: list[Credential] = []
    known: list[KnownIndex] = []

    def add(name: str, url: str, said: Origin, **more: Any) -> None:
        from hutch.errors import Problem
        from hutch.index import IndexOptions

        origin = said.place
        try:
            # What is meant for the index of one project is not for the one that is asked where none is named.
            said_by = {} if said.rung == "default" else environ
            credential = index_credential(name, url, said_by, f"the URL in {origin}")
        except Problem as problem:
            raise ConfigProblem(
                (ConfigFault(origin, name, "; ".join((problem.what, *problem.why))),)
            ) from None
        bare = without_credentials(url)
        if more.get("kind", "simple") == "simple" and "?" in bare and bare.lower().startswith("http"):
            reason = "an index has no query (?…): what proves who you are belongs before its host, or into"
            raise ConfigProblem((ConfigFault(origin, name, f"{reason} {_variable(name)}"),))
        if is_missing(bare):
            notice(f"{redacted(bare)} ({origin}) is not there, and is passed over")
            return
        if credential is not None:
            credentials.append(credential)
        if bare.lower().startswith(("http://", "https://")):
            known.append(KnownIndex(name=name, url=bare, own=said.rung not in _OF_OTHERS))
        options.append(IndexOptions(name=name, url=bare, **more))

    def fill(url: str, name: str, origin: Origin, *, verify: bool = True) -> str:
        if "${" not in url:
            return url
        from hutch.config.variables import filled

        return filled(url, environ, name=name, place=origin.place, notice=notice, verify=verify)

    def places(name: str) -> list[tuple[str, Origin]]:
        value = values[name]
        found = value.value if isinstance(value.value, tuple) else ()
        return [
            (as_url(fill(str(place), name, value.origin), value.base, home), value.origin) for place in found
        ]

    def usual() -> str:
        """The index that is asked where no table says otherwise."""
        url = values["index-url"]
        if url.value is not None:
            return as_url(fill(str(url.value), "index-url", url.origin), url.base, home)
        from hutch.net import default_index_url

        return default_index_url()

    def url_of(table: DeclaredIndex) -> str:
        if table.url == "default":
            return usual()
        return as_url(fill(table.url, table.name, named.origin, verify=table.verify), named.base, home)

    for number, (url, origin) in enumerate(places("find-links"), 1):
        add(f"find-links-{number}", url, origin, kind="flat")
    if values["no-index"].value:
        return tuple(options), tuple(credentials), tuple(known)
    default = _default(values)
    named, tables = values["index"], _tables(values["index"])

    def add_table(table: DeclaredIndex) -> None:
        add(
            table.name,
            url_of(table),
            named.origin,
            kind=table.kind,
            # A default index that something stronger replaced keeps its name, for sources that use it.
            explicit=table.explicit or table.default,
            supplemental=table.supplemental,
            verify=table.verify,
            absent_statuses=table.absent_statuses,
        )

    for table in tables:
        if not table.supplemental and not (table.default and default is None):
            add_table(table)
    more: dict[str, Any] = {}
    if default is None:
        table = next(table for table in tables if table.default)
        last = (table.name, url_of(table), named.origin)
        more = {"kind": table.kind, "verify": table.verify, "absent_statuses": table.absent_statuses}
    else:
        last = ("default", usual(), default)
    # Asking a place a second time changes nothing: of an index that is also the default, the last stays.
    seen = {_same(each.url) for each in options} | {_same(without_credentials(last[1]))}
    for number, (url, origin) in enumerate(places("extra-index-url"), 1):
        if _same(without_credentials(url)) not in seen:
            seen.add(_same(without_credentials(url)))
            add(f"extra-{number}", url, origin)
    add(*last, default=True, **more)
    for table in tables:
        if table.supplemental:
            add_table(table)
    return tuple(options), tuple(credentials), tuple(known)


def _variable(name: str) -> str:
    from hutch.net import variable_key

    return f"HUTCH_INDEX_{variable_key(name)}_PASSWORD"


def _same(url: str) -> str:
    return url.rstrip("/")


def _tables(value: Value) -> tuple[DeclaredIndex, ...]:
    return value.value if isinstance(value.value, tuple) else ()


def _default(values: Mapping[str, Value]) -> Origin | None:
    """Who names the default index; None if it is one of the named ones."""
    url, tables = values["index-url"], values["index"]
    named = [table for table in _tables(tables) if table.default]
    if named and (url.value is None or tables.origin.rank > url.origin.rank):
        return None
    if named and tables.origin.rank == url.origin.rank:
        reason = f"the index {named[0].name!r} is the default one as well"
        raise ConfigProblem((ConfigFault(url.origin.place, "index-url", reason),))
    return url.origin if url.value is not None else Origin("default", "default")
