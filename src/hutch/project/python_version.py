"""The text of a ``.python-version`` file, as pyenv, uv and others write it.

Per line the first word counts; blank lines and those that begin with ``#`` do not. Several lines
are several interpreters, the first of them being ``python``.
"""

from __future__ import annotations

__all__ = ["parse_python_version", "render_python_version"]


def parse_python_version(text: str) -> tuple[str, ...]:
    """The requests in ``text``, in order, with pyenv's ``python-`` prefix dropped.

    A word with ``/`` or ``..`` is passed over: it would be a path into pyenv's tree
    (CVE-2022-35861), and as a path to an interpreter it would not mean the same on two machines.
    """
    found = []
    for line in text.removeprefix("\ufeff").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        word = words[0].removeprefix("python-")
        if word and "/" not in word and "\\" not in word and ".." not in word:
            found.append(word)
    return tuple(found)


def render_python_version(requests: tuple[str, ...]) -> str:
    """The text of a file that asks for ``requests``; plain versions, so that all tools agree."""
    return "".join(f"{request}\n" for request in requests)
