"""``${NAME}`` in the addresses of indexes: the value comes from the environment, and is written down nowhere.

Whoever writes an address chooses which variable goes to which host, in a checkout as in one's own files; see
``docs/explanation/security.md``. Where the connection proves nothing (no TLS, ``verify = false``) no password
is put in.
"""

from __future__ import annotations

import re

from hutch.config.model import ConfigFault, ConfigProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["filled"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled(
    url: str,
    environ: Mapping[str, str],
    *,
    name: str,
    place: str,
    notice: Callable[[str], None],
    verify: bool = True,
) -> str:
    """``url`` with the values of its variables; in its user and password they are escaped.

    Without one of those it is asked without a password, and a notice says so. One that is missing elsewhere
    is a ``ConfigProblem``.
    """
    if "${" not in url:
        return url
    scheme, mark, rest = url.partition("://")
    host = rest.partition("/")[0]
    user, at, bare = host.rpartition("@")
    if not mark or not at or "${" not in user:
        return _put(url, environ, name, place)
    from urllib.parse import quote

    after = _put(rest[len(host) :], environ, name, place)
    open_url = f"{scheme}://{_put(bare, environ, name, place)}{after}"
    missing = sorted({key for key in _VARIABLE.findall(user) if not environ.get(key)})
    if missing:
        told = " and ".join(missing)
        notice(f"{place}: the environment has no {told}, so the index {name} is asked without a password")
        return open_url
    if not verify or (scheme.lower() != "https" and not _is_here(bare)):
        notice(f"{place}: nothing proves who the index {name} is, so it is told no password")
        return open_url
    said = _VARIABLE.sub(lambda found: quote(environ[found[1]], safe=""), user)
    return f"{scheme}://{said}@{open_url.partition('://')[2]}"


def _put(text: str, environ: Mapping[str, str], name: str, place: str) -> str:
    for key in _VARIABLE.findall(text):
        if not environ.get(key):
            reason = f"the environment has no {key}, which the URL of the index {name!r} needs"
            raise ConfigProblem((ConfigFault(place, name, reason),))
    return _VARIABLE.sub(lambda found: environ[found[1]], text)


def _is_here(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    return name in ("localhost", "127.0.0.1", "[::1]")
