"""``activation`` in ``[tool.hutch.conda]``: scripts and variables of a project's environment.

    [tool.hutch.conda.activation]
    scripts = ["setup.sh"]
    env = { DATA = "$CONDA_PREFIX/share/data", PRICE = "5 $$" }     # $$ is a dollar

    [tool.hutch.conda.target.linux.activation]          # takes the place of scripts, adds variables
    [tool.hutch.conda.group.gpu.activation]             # a group or an extra; may have target tables itself

When a checkout's scripts are read is in docs/adr/0038.
"""

from __future__ import annotations

from hutch.project.conda_settings import CondaActivation
from hutch.project.settings import a_kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.faults import Faults
    from hutch.project.spans import Path

__all__ = ["ACTIVATION", "as_it_stands", "is_own_file", "parse_activation"]

ACTIVATION = "activation"
_KEYS = ("scripts", "env")


def parse_activation(
    value: object, faults: Faults, at: Path, where: str, selectors: tuple[str, ...]
) -> CondaActivation | None:
    """Read one table; what is wrong goes to ``faults``. None where it says nothing."""
    if not isinstance(value, dict):
        faults.add(at, f"should be a table with {' and '.join(_KEYS)}, not {a_kind(value)}")
        return None
    for key in value:
        if key not in _KEYS:
            faults.add((*at, key), f"unknown key; activation has {' and '.join(_KEYS)}")
    scripts = []
    said = value.get("scripts", [])
    if not isinstance(said, list):
        faults.add((*at, "scripts"), f"should be an array of files, not {a_kind(said)}")
        said = []
    for number, text in enumerate(said):
        if isinstance(text, str) and is_own_file(text):
            scripts.append(text)
        else:
            faults.add((*at, "scripts", number), "should be a file of the project, by its path from there")
    env = []
    from hutch.spec import variable_fault

    table = value.get("env", {})
    if not isinstance(table, dict):
        faults.add((*at, "env"), f"should be a table of variables, not {a_kind(table)}")
        table = {}
    for name, text in table.items():
        fault = variable_fault(name, path=True)
        if fault:
            faults.add((*at, "env", name), fault)
        elif not isinstance(text, str) or "\0" in text:
            faults.add((*at, "env", name), f"should be a string, not {a_kind(text)}")
        else:
            env.append((name, text))
    found = CondaActivation(where=where, selectors=selectors, scripts=tuple(scripts), env=tuple(env))
    return found if scripts or env else None


def is_own_file(text: str) -> bool:
    """Whether a path stays in the project, and can be named in a line of a shell."""
    parts = text.replace("\\", "/").split("/")
    return bool(text) and text.isprintable() and ".." not in parts and parts[0] != "" and ":" not in parts[0]


def as_it_stands(value: str) -> str:
    """A value in which a dollar is a dollar, in words of ``activation``."""
    return value.replace("$", "$$")
