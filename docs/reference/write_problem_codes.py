"""Write ``problem-codes.md`` out of the code: every kind of problem, by its stable code.

``python3 dev.py reference`` runs this; a test of the repository fails when the page is out of date.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import hutch
from hutch.errors import Problem

PAGE = Path(__file__).with_name("problem-codes.md")
HEAD = """# Problem codes

<!-- Written by `python3 dev.py reference`; change the docstring of the problem instead. -->

What can be wrong, and is not a bug of hutch. With `--json`, the code stands in the output; it does not
change from one version to the next. [Exit codes](exit-codes.md) are explained on their own page.

| Code | Meaning | Exit code |
|---|---|---|
"""


def problems() -> list[type[Problem]]:
    """Every kind of problem that hutch can raise, by code."""
    for module in pkgutil.walk_packages(hutch.__path__, "hutch."):
        # A script that other interpreters run is no module of ours; it only lives here.
        if not module.name.endswith(("__main__", "_script")):
            importlib.import_module(module.name)
    found: set[type[Problem]] = set()
    todo = [Problem]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.startswith("hutch."):
            found.add(kind)
    return sorted(found, key=lambda kind: (kind.code, kind.__qualname__))


def render() -> str:
    """The page."""
    rows = []
    for kind in problems():
        first = (inspect.getdoc(kind) or "").split("\n\n")[0]
        meaning = re.sub(r"``(.+?)``", r"`\1`", " ".join(first.split())).replace("|", "\\|")
        rows.append(f"| `{kind.code}` | {meaning} | {kind.exit_code} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
