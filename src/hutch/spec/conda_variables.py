"""Which variables an environment of conda may say, and which it is not asked about."""

from __future__ import annotations

__all__ = ["OWN_VARIABLES", "variable_fault"]

OWN_VARIABLES = ("CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER")
"""What activation itself sets."""


def variable_fault(name: str, *, path: bool = False) -> str:
    """Why an environment cannot set ``name``, as the end of a sentence; empty where it can.

    With ``path`` it may say what is put before the other folders of PATH.
    """
    if not (name.isascii() and name.isidentifier()):
        return "cannot be the name of a variable: it has letters, digits and _, and starts with no digit"
    upper = name.upper()
    if upper in ("PYTHONHOME", *OWN_VARIABLES) or (upper == "PATH" and not path):
        return "is set by activation itself"
    return ""
