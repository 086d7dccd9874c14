"""What the output of a failed build usually means: a cause in it, a thing to do.

Each entry is a pattern and one hint, which may use the pattern's groups. The first that fits in the
tail of the output wins; a hint has to be likely to help, or it stays out.
"""

from __future__ import annotations

import re

__all__ = ["hint_for"]

_UNDECLARED = (
    "it needs `{0}` to be built and does not say so in build-system.requires: ask its authors to add it"
)
_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"Python\.h: No such file",
        "the headers of Python are missing: install `python3-dev` or `python3-devel`",
    ),
    (
        r"Microsoft Visual C\+\+ (\S+) or greater is required",
        "install the Visual C++ build tools, or ask for a version that has a wheel",
    ),
    (
        r"(?:command|unable to execute) '?([\w.+-]*(?:gcc|g\+\+|clang|cc|c\+\+))'?(?: failed)?: No such file",
        "there is no compiler `{0}`: install one (`gcc`), or ask for a version that has a wheel",
    ),
    (
        r"(?:can't find Rust compiler|Cargo, the Rust package manager, is not installed|cargo: not found)",
        "it needs Rust: install it (`rustup`), or ask for a version that has a wheel",
    ),
    (
        r"fatal error: ([\w./+-]+\.h(?:pp)?): No such file",
        "the header {0} is missing: install the development package of the library that has it",
    ),
    (
        r"(?:CMake must be installed|[Cc]ould not find CMake|cmake: not found)",
        "it needs CMake: install it, or ask for a version that has a wheel",
    ),
    (
        r"No module named '?distutils",
        "it needs `distutils`, gone since Python 3.12: use an older Python, or a newer version of it",
    ),
    (
        r"No module named '?pkg_resources",
        "it needs `pkg_resources`, which new versions of setuptools no longer have",
    ),
    (r"No module named '?imp'?$", "it needs `imp`, which Python 3.12 no longer has: use an older Python"),
    (
        r"use_2to3 is invalid",
        "it was written for Python 2, and setuptools no longer converts it: use a newer version",
    ),
    (
        r"setuptools-scm was unable to detect version|unable to detect version for",
        "its version comes from its repository, which is not here: set SETUPTOOLS_SCM_PRETEND_VERSION",
    ),
    (
        r"No file/folder found for package",
        "it has no code of its own: package-mode = false in [tool.poetry], or --no-install-project",
    ),
    (r"No space left on device", "the disk is full"),
    (r"ModuleNotFoundError: No module named '?([A-Za-z_][\w]*)", _UNDECLARED),
)


def hint_for(output: str) -> str:
    """A hint for the output of a failed build; "" where nothing is known."""
    tail = output[-32768:]
    for pattern, hint in _CAUSES:
        matched = re.search(pattern, tail, re.MULTILINE)
        if matched is not None:
            return hint.format(*matched.groups())
    return ""
