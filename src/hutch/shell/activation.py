"""The activation scripts of an environment, for every shell we know, as name -> text."""

from __future__ import annotations

from hutch.shell import cmd, csh, fish, nu, posix, powershell, quoting, this
from hutch.values import dataclass

__all__ = ["ActivationFacts", "activation_scripts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationFacts:
    """What activation needs to know.

    ``environment`` is the absolute path; ``scripts`` its directory of commands (``bin``, ``Scripts``);
    ``prompt`` what the shell shows before its own prompt. A ``relocatable`` script finds the environment
    by its own place, where the shell can tell it.
    """

    environment: str
    prompt: str
    scripts: str = "bin"
    relocatable: bool = False
    windows: bool = False


def activation_scripts(facts: ActivationFacts) -> dict[str, str]:
    """File name -> text, for the scripts directory. People use bash on Windows and PowerShell on Linux."""
    scripts = {
        "activate": _fill(posix.TEMPLATE, facts, quoting.quote_posix, posix.RELOCATABLE),
        "activate.fish": _fill(fish.TEMPLATE, facts, quoting.quote_fish, fish.RELOCATABLE),
        "activate.csh": _fill(csh.TEMPLATE, facts, quoting.quote_csh, None),
        "activate.nu": _fill(nu.TEMPLATE, facts, quoting.quote_nu, nu.RELOCATABLE),
        "activate.ps1": _fill(powershell.TEMPLATE, facts, quoting.quote_powershell, powershell.RELOCATABLE),
        "activate_this.py": _fill(this.TEMPLATE, facts, quoting.quote_python, None),
    }
    if facts.windows:
        scripts["activate.bat"] = _lines(_fill(cmd.ACTIVATE, facts, quoting.quote_cmd, cmd.RELOCATABLE))
        scripts["deactivate.bat"] = _lines(cmd.DEACTIVATE)
    return scripts


def _fill(template: str, facts: ActivationFacts, quote: object, relocatable: str | None) -> str:
    assert callable(quote)
    path = quote(facts.environment)
    if facts.relocatable and relocatable is not None:
        path = relocatable
    return (
        template.replace("__ENVIRONMENT__", path)
        .replace("__SCRIPTS__", quote(facts.scripts))
        .replace("__PROMPT__", quote(facts.prompt))
    )


def _lines(text: str) -> str:
    """cmd wants both characters at a line's end: labels and `goto` get lost otherwise."""
    return text.replace("\n", "\r\n")
