"""Plain `python` for programs that know no shell: what is filled into the two shims.

The rules are on one page, docs/explanation/shims.md; `shim_c` and `shim_sh` are the programs.
"""

from __future__ import annotations

from hutch.values import dataclass

__all__ = ["ShimFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShimFacts:
    """What a shim knows from the day it was made.

    ``hutch`` are the words that start hutch, the first an absolute path; ``watched`` the folders in which
    Pythons come and go; ``pin_files`` what pins a Python, pyenv's first; ``stamp`` says which shim this is.
    """

    data: str
    shims: str
    hutch: tuple[str, ...]
    watched: tuple[str, ...]
    pin_files: tuple[str, ...]
    stamp: str
