"""Requirements files at a URL: ``-r https://…``, ``-c https://…``.

Whoever runs the server, or stands between, writes such a file. It may ask for packages and limit them; it
may not say where packages come from, name files of this machine, or be given its variables (see
``project.read_requirements``). It is fetched each time, and nothing is believed of an older copy.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["is_remote", "join_remote", "read_remote"]

MOST_BYTES = 4 << 20


class RemoteFile(Problem):
    """A requirements file at a URL cannot be used."""

    code = "remote-requirements"

    def __init__(self, url: str, why: str, hint: str = "download it, look at it, and name the copy") -> None:
        super().__init__(f"cannot read {url}", why=why, hint=hint)


def is_remote(path: str) -> bool:
    """Is it a URL, and no path?"""
    return path.lower().startswith(("http://", "https://"))


def join_remote(container: str, text: str) -> str:
    """The URL that ``-r text`` means in a file; one from the network names others of its own server."""
    if not is_remote(container):
        return text
    from hutch.net import join_url, origin_of, without_credentials

    found = text if is_remote(text) else join_url(container, text)
    if not is_remote(found) or origin_of(found) != origin_of(container):
        raise RemoteFile(
            without_credentials(container), f"it asks for {without_credentials(found)}, which is elsewhere"
        )
    return found


def read_remote(context: Context, url: str) -> bytes:
    """The bytes of a requirements file, of 4 MiB at most."""
    from hutch.net import Request, without_credentials

    shown = without_credentials(url)
    answers: list[object] = []
    request = Request(url=url, max_bytes=MOST_BYTES, purpose=f"the requirements file {shown}")
    # What the files say of indexes becomes a flag once all are read: these settings are not kept until then.
    with type(context)(context.directory, context.environ, flags=context.flags, emit=context.emit) as own:
        own.client.submit(request, answers.append)
        while not answers and own.client.pump(None):
            pass
    answer = answers[0]
    if isinstance(answer, Problem):
        raise answer
    status, body = answer.status, answer.body  # type: ignore[attr-defined]
    if status in (401, 403):
        origin = "/".join(shown.split("/")[:3])
        raise RemoteFile(shown, f"the server answered with {status}", f"`hutch auth login {origin}/`")
    if status != 200:
        raise RemoteFile(shown, f"the server answered with {status}")
    found: bytes = body
    return found
