"""Scripts that the manifest of another tool has by name: Pipenv's, PDM's, Hatch's, pixi's, those of poe.

hutch runs commands. Whoever types the name of such a script is told what it is, and not to install a
package of that name, which may be anybody's.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.context import Context

__all__ = ["NamedScript", "find_script"]

_TOOLS = (
    (("pdm", "scripts"), "pdm run"),
    (("hatch", "envs", "default", "scripts"), "hatch run"),
    (("pixi", "tasks"), "pixi run"),
    (("poe", "tasks"), "poe"),
)
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScript:
    """A script in the file ``place``. ``native`` is how its tool runs it, ``command`` what it does, if that
    is one command without anything that only a shell understands."""

    place: str
    native: str
    command: str = ""


def find_script(context: Context, name: str) -> NamedScript | None:
    """The script of that name that the manifest has; None where it has none, or there is no project."""
    from hutch.errors import Problem

    try:
        checkout = context.checkout if context.root is not None else None
        if checkout is None:
            return None
        if checkout.file in ("Pipfile", "pixi.toml"):
            from hutch.project.loading import load_toml

            data = load_toml(checkout.text, checkout.file)
            tables = [(data.get("scripts"), "pipenv run"), (data.get("tasks"), "pixi run")]
            found = tables[checkout.file == "pixi.toml"]
            return _script(found[0], name, checkout.file, found[1])
        for path, native in _TOOLS:
            script = _script(_below(checkout.manifest.tool, path), name, checkout.file, native)
            if script is not None:
                return script
    except Problem:
        pass  # other commands say what is wrong with it
    return None


def _below(table: Mapping[str, object], path: tuple[str, ...]) -> object:
    found: object = table
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _script(table: object, name: str, place: str, native: str) -> NamedScript | None:
    said = table.get(name) if isinstance(table, dict) else None
    if said is None or name.startswith("_"):
        return None
    command = said.get("cmd") if isinstance(said, dict) and said.keys() <= {"cmd", "help"} else said
    plain = isinstance(command, str) and command.isprintable() and not set(command) & set("$|&;<>`{}()*?~")
    shown = str(command) if plain and len(str(command)) <= _LONGEST else ""
    return NamedScript(place=place, native=f"{native} {name}", command=shown)
