"""A file of a mirror with a name that is known, and what the mirror says of its hash."""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["fetch_archive", "stated_hash"]

SUMS = 1 << 20


def stated_hash(context: Context, place: str, filename: str) -> str | None:
    """The sha256 of a file in the folder ``place`` of a mirror, by ``SHA256SUMS`` or ``FILE.sha256``."""
    from hutch.interpreters.managed import parse_sums
    from hutch.ops.pythons.available import fetch_small

    for name in ("SHA256SUMS", f"{filename}.sha256"):
        data = fetch_small(context, place + name, "hashes of a mirror", most=SUMS)
        if data is None:
            continue
        text = data.decode("utf-8", "replace")
        alone = text.strip().lower()
        if name != "SHA256SUMS" and len(alone) == 64 and set(alone) <= set("0123456789abcdef"):
            return alone
        stated = parse_sums(text, filename)
        if stated is not None:
            return stated
    return None


def fetch_archive(
    context: Context,
    url: str,
    filename: str,
    sha256: str | None,
    folder: str,
    *,
    allow_unverified: bool = False,
) -> str | None:
    """The file, in ``folder``; None where the mirror does not have it. Raises Unverified, NetworkProblem."""
    from hutch.index import File, FileUnavailable, fetch_file
    from hutch.ops.pythons.installing import Unverified

    if url.lower().startswith("file:"):
        from hutch.index.local import local_path

        path = str(local_path(url))
        if not os.path.isfile(path):
            return None
        if sha256 is None and not allow_unverified:
            raise Unverified(filename, filename)
        return path
    if sha256 is None and not allow_unverified and not _is_there(context, url):
        return None
    if sha256 is None and not allow_unverified:
        raise Unverified(filename, filename)
    answers: list[object] = []
    into = os.path.join(folder, "fetched")
    os.makedirs(into, exist_ok=True)
    file = File(filename=filename, url=url, hashes=(("sha256", sha256),) if sha256 else ())
    fetch_file(context.client, context.store, file, answers.append, into=into)
    while not answers and context.client.pump(None):
        pass
    answer = answers[0]
    if isinstance(answer, FileUnavailable) and answer.status in (400, 403, 404, 410):
        return None
    if isinstance(answer, Problem):
        raise answer
    return str(answer)


def _is_there(context: Context, url: str) -> bool:
    from hutch.net import Request

    if context.configuration.offline:
        return False
    return context.client.fetch(Request(url=url, method="HEAD", purpose="a source of Python")).status == 200
