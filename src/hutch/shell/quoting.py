"""One word of text, for each shell: nothing in it is expanded, split or obeyed.

Line ends and NUL are for none of them; whoever makes an environment refuses them in its path.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = [
    "SHELLS",
    "quote",
    "quote_cmd",
    "quote_csh",
    "quote_elvish",
    "quote_fish",
    "quote_nu",
    "quote_posix",
    "quote_powershell",
    "quote_python",
    "quote_xonsh",
]


def quote_posix(text: str) -> str:
    """For sh, bash, zsh, ksh, dash: between single quotes nothing is special but the single quote."""
    return "'" + text.replace("'", "'\\''") + "'"


def quote_fish(text: str) -> str:
    """For fish: between single quotes, backslash and single quote are escaped."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_csh(text: str) -> str:
    """For csh and tcsh: as sh, and history is expanded even between single quotes."""
    return "'" + text.replace("'", "'\\''").replace("!", "\\!") + "'"


def quote_nu(text: str) -> str:
    """For nushell: double quotes with backslash escapes; only ``$"..."`` would be interpolated."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quote_powershell(text: str) -> str:
    """For PowerShell: single quotes doubled, the typographic ones too, which it takes for the plain one."""
    for mark in "'\u2018\u2019\u201a\u201b":
        text = text.replace(mark, mark * 2)
    return "'" + text + "'"


def quote_elvish(text: str) -> str:
    """For elvish: single quotes doubled, and nothing else is special between them."""
    return "'" + text.replace("'", "''") + "'"


def quote_xonsh(text: str) -> str:
    """For xonsh, in the words of Python: a literal of ASCII letters, for ``@(...)``."""
    return ascii(text)


def quote_cmd(text: str) -> str:
    """For a value in ``@set "NAME=value"`` of a batch file: only the percent sign is expanded there.

    No quotes are added: the line has them. A Windows path has no double quote; in a prompt it is dropped.
    """
    return text.replace("%", "%%").replace('"', "")


def quote_python(text: str) -> str:
    """A Python literal."""
    return ascii(text)


SHELLS: dict[str, Callable[[str], str]] = {
    "bash": quote_posix,
    "zsh": quote_posix,
    "ksh": quote_posix,
    "sh": quote_posix,
    "fish": quote_fish,
    "csh": quote_csh,
    "tcsh": quote_csh,
    "nu": quote_nu,
    "powershell": quote_powershell,
    "pwsh": quote_powershell,
    "cmd": quote_cmd,
    "elvish": quote_elvish,
    "xonsh": quote_xonsh,
}


def quote(shell: str, text: str) -> str:
    """``text`` as one word of ``shell``, one of `SHELLS`."""
    return SHELLS[shell](text)
