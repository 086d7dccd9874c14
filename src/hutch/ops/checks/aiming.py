"""Advice for the environment that was asked about: what is typed has to be about the same one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from hutch.ops.checks.values import Finding

__all__ = ["BY_NAME", "OF_PROJECT", "aim", "aim_finding", "chosen_words"]

BY_NAME = (
    "run", "shell", "doctor", "activate", "ide", "kernel",
    "pip install", "pip list", "pip freeze", "pip check", "pip uninstall",
    "env verify", "env history", "env rollback", "env pack",
)  # fmt: skip
"""Commands that take ``-n NAME``, and ``--env NAME`` as well."""
OF_PROJECT = ("sync", "add", "remove", "upgrade", "outdated")
"""Commands that take ``--env NAME`` alone."""


def chosen_words(env: str | None, named: str | None) -> str:
    """What chooses the environment, as it is typed: ``" --env train"``, ``" -n play"`` or ``""``."""
    if named is not None:
        return f" -n {named}"
    return f" --env {env}" if env is not None else ""


def aim(text: str, env: str | None, named: str | None) -> str:
    """``text`` with each of hutch's commands in it for that environment."""
    import re

    words = chosen_words(env, named)
    if not words or "hutch " not in text:
        return text
    verbs = BY_NAME if named is not None else (*BY_NAME, *OF_PROJECT)

    def aimed(found: re.Match[str]) -> str:
        return found[0] if text[found.end() :].startswith((" --env ", " -n ")) else f"{found[0]}{words}"

    return re.sub(rf"\bhutch (?:{'|'.join(verbs)})(?: (?<=ide |nel )\w+)?(?![\w-])", aimed, text)


def aim_finding(finding: Finding, env: str | None, named: str | None) -> Finding:
    """The finding, with such advice."""
    from hutch.values import replace

    if env is None and named is None:
        return finding
    fix = finding.fix
    if fix is not None:
        fix = replace(fix, undo=aim(fix.undo, env, named))
    return replace(finding, commands=tuple([aim(each, env, named) for each in finding.commands]), fix=fix)
