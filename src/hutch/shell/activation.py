"""The activation scripts of an environment, for every shell we know, as name -> text."""

from __future__ import annotations

from hutch.shell import cmd, csh, elvish, fish, nu, posix, powershell, quoting, this, xonsh
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ActivationFacts", "activation_scripts", "activation_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationFacts:
    """What activation needs to know.

    ``environment`` is the absolute path; ``scripts`` its directory of commands (``bin``, ``Scripts``);
    ``prompt`` what the shell shows before its own prompt. A script finds a moved environment by its own
    place, where the shell can tell it; a ``relocatable`` one names no other place.

    ``call`` is there for an environment of conda's: words that print what is to be evaluated, in the shell
    as it is then. There are no scripts of such a one.
    """

    environment: str
    prompt: str
    scripts: str = "bin"
    relocatable: bool = False
    windows: bool = False
    call: tuple[str, ...] = ()


def activation_scripts(facts: ActivationFacts) -> dict[str, str]:
    """File name -> text, for the scripts directory. People use bash on Windows and PowerShell on Linux.

    Of two names that differ in letter case alone the second comes directly behind the first.
    """
    scripts = {
        "activate": _posix(facts),
        "activate.fish": _fill(fish.TEMPLATE, facts, quoting.quote_fish, fish.OWN_PLACE),
        "activate.csh": _csh(facts),
        "activate.nu": _fill(nu.TEMPLATE, facts, quoting.quote_nu, nu.OWN_PLACE),
        "activate.xsh": _fill(xonsh.TEMPLATE, facts, quoting.quote_xonsh, xonsh.OWN_PLACE),
        "activate.elv": _fill(elvish.TEMPLATE, facts, quoting.quote_elvish, ""),
        "activate.ps1": _fill(powershell.TEMPLATE, facts, quoting.quote_powershell, powershell.OWN_PLACE),
    }
    if facts.windows:
        scripts["activate.bat"] = _cmd(facts)
        scripts["deactivate.bat"] = _lines(cmd.DEACTIVATE)
    else:
        scripts["Activate.ps1"] = scripts["activate.ps1"]
    scripts["activate_this.py"] = _fill(this.TEMPLATE, facts, quoting.quote_python, None)
    return scripts


def activation_text(shell: str, facts: ActivationFacts) -> str | None:
    """What ``shell`` evaluates to activate the environment; None for a shell that evaluates no text.

    It names the environment: who evaluates a text has no file whose place could tell.
    """
    if facts.call:
        from hutch.shell.conda_text import EXTENSIONS, call_text

        return call_text(shell, (*facts.call, "--shell", shell)) + "\n" if shell in EXTENSIONS else None
    if shell in ("bash", "zsh", "ksh", "sh"):
        return _posix(facts, evaluated=True)
    if shell == "fish":
        lines = _fill(fish.TEMPLATE, facts, quoting.quote_fish, "").splitlines()
        code = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        return "".join(f"{line};\n" for line in code)
    if shell == "xonsh":
        return _fill(xonsh.TEMPLATE, facts, quoting.quote_xonsh, "")
    if shell == "elvish":
        return _fill(elvish.TEMPLATE, facts, quoting.quote_elvish, "")
    if shell in ("powershell", "pwsh"):
        return _fill(powershell.TEMPLATE, facts, quoting.quote_powershell, "")
    return None


_SPECIAL = frozenset("$`\\!%\"'")
"""Letters that some shell of this family, or its prompt, does not take as they are."""


def _posix(facts: ActivationFacts, *, evaluated: bool = False) -> str:
    shown, special = posix.SHOWN, {}
    if _SPECIAL & set(facts.prompt):
        # Without prompt substitution zsh shows a dollar as it is; but who knows when somebody switches it on.
        text = facts.prompt.translate({ord("%"): "%%", ord("$"): "_", ord("`"): "_"})
        shown, special = posix.SHOWN_SAFELY, {"__ZSH_PROMPT__": quoting.quote_posix(f"({text}) ")}
    template = posix.TEMPLATE.replace("__SHOWN__", shown)
    template = template.replace("__GUARD__", "" if evaluated else posix.GUARD)
    return _fill(template, facts, quoting.quote_posix, "" if evaluated else posix.OWN_PLACE, **special)


def _csh(facts: ActivationFacts) -> str:
    shown = quoting.quote_csh(csh.show(facts.prompt))
    return _fill(csh.TEMPLATE, facts, quoting.quote_csh, None, __SHOWN__=shown)


def _cmd(facts: ActivationFacts) -> str:
    shown = quoting.quote_cmd(facts.prompt.replace("$", "$$"))
    own = cmd.OWN_PLACE if facts.relocatable else quoting.quote_cmd(facts.environment)
    return _lines(_fill(cmd.ACTIVATE, facts, quoting.quote_cmd, None, __SHOWN__=shown, __PLACE__=own))


def _fill(
    template: str,
    facts: ActivationFacts,
    quote: Callable[[str], str],
    own_place: str | None,
    **more: str,
) -> str:
    """The template with the facts; None for ``own_place`` where a script cannot tell it."""
    template = template.replace("__OWN_PLACE__", own_place or "")
    texts = {
        "__ENVIRONMENT__": quote("" if facts.relocatable and own_place else facts.environment),
        "__SCRIPTS__": quote(facts.scripts),
        "__PROMPT__": quote(facts.prompt),
        **more,
    }
    return _put(template, list(texts.items()))


def _put(template: str, texts: list[tuple[str, str]]) -> str:
    """The template with each text in the place of its token; what is in a text is no token."""
    if not texts:
        return template
    (token, text), *others = texts
    return text.join(_put(piece, others) for piece in template.split(token))


def _lines(text: str) -> str:
    """cmd wants both characters at a line's end: labels and `goto` get lost otherwise."""
    return text.replace("\n", "\r\n")
