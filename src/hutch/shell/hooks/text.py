"""The page for a shell's start-up file, with the places of hutch and of its data filled in."""

from __future__ import annotations

from hutch.shell import quoting

__all__ = ["HOOKED", "hook_text", "quote_for"]

HOOKED = ("bash", "zsh", "fish", "powershell", "nushell", "xonsh", "elvish")

_QUOTES = {
    "bash": quoting.quote_posix,
    "zsh": quoting.quote_posix,
    "fish": quoting.quote_fish,
    "powershell": quoting.quote_powershell,
    "nushell": quoting.quote_nu,
    "xonsh": quoting.quote_python,
}


def hook_text(shell: str, program: str, data_dir: str, *, conda: bool = False) -> str:
    """What ``shell`` is to evaluate; ``program`` is the absolute path of hutch. With ``conda`` there is a
    function of that name, too."""
    from hutch.shell.hooks.functions import CONDA, FUNCTIONS

    template = __import__(f"hutch.shell.hooks.{shell}", fromlist=["TEMPLATE"]).TEMPLATE
    template += FUNCTIONS.get(shell, "") + (CONDA[shell] if conda else "")
    text: str = template.replace("__HUTCH__", quote_for(shell, program))
    return text.replace("__DATA__", quote_for(shell, data_dir))


def quote_for(shell: str, text: str) -> str:
    """``text`` as one word of a hooked shell."""
    return quoting.quote_elvish(text) if shell == "elvish" else _QUOTES[shell](text)
