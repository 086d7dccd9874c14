"""Prefixes of conda as activation sees them, with scripts for each shell that say when they run."""

from __future__ import annotations

import json
from pathlib import Path

SAY = {
    "sh": 'export LOG="${{LOG-}}{what} {name} $CONDA_SHLVL;"\n',
    "fish": 'set -gx LOG "$LOG{what} {name} $CONDA_SHLVL;"\n',
    "csh": 'setenv LOG "${{LOG}}{what} {name} ${{CONDA_SHLVL}};"\n',
    "xsh": "$LOG = $LOG + '{what} {name} ' + str($CONDA_SHLVL) + ';'\n",
    "elv": "set-env LOG $E:LOG'{what} {name} '$E:CONDA_SHLVL';'\n",
}
"""In each shell: a script that appends to LOG what it is and what it sees."""


def make_prefix(
    root: Path,
    *,
    packages: dict[str, str] | None = None,
    state: dict[str, str] | None = None,
    names: tuple[str, ...] = ("b", "a's $x"),
) -> Path:
    """An environment at ``root`` with two scripts for each way, and variables."""
    (root / "bin").mkdir(parents=True)
    meta = root / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text("==> 2026-01-02 03:04:05 <==\n")
    if state is not None:
        (meta / "state").write_text(json.dumps({"env_vars": state}))
    etc = root / "etc" / "conda"
    for way in ("activate", "deactivate"):
        folder = etc / f"{way}.d"
        folder.mkdir(parents=True)
        (folder / "README").write_text("not a script\n")
        for name in names:
            for ending, text in SAY.items():
                said = text.format(what="+" if way == "activate" else "-", name=name[0])
                (folder / f"{name}.{ending}").write_text(said)
    if packages is not None:
        (etc / "env_vars.d").mkdir()
        (etc / "env_vars.d" / "package.json").write_text(json.dumps(packages))
    return root
