"""What a project says of the activation of its own environment: scripts of the checkout, and variables.

A sync writes down in the environment what was said (``.hutch/activation.json``), so that a warm `run` and a
shell need not read the manifest; and for shells a script that reads the project's and sets the variables
behind them (``.hutch/activation.sh``). The scripts are code of the checkout. Who runs a command in the
environment or activates it by hand runs its code; the hook of a shell reads them only as they were allowed
(``docs/adr/0038-what-a-project-says-of-activation.md``).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hutch.lock import CondaTarget
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = [
    "OF_PIXI",
    "ProjectActivation",
    "plain_value",
    "read_activation",
    "record_activation",
    "said_of_activation",
]

RECORD, SCRIPT = ".hutch/activation.json", ".hutch/activation.sh"
OF_PIXI = tuple(f"PIXI_PROJECT_{name}" for name in ("ROOT", "NAME", "MANIFEST", "VERSION"))
OF_PIXI = (*OF_PIXI, "PIXI_ENVIRONMENT_NAME")
"""The variables by which scripts that were written for pixi find their project."""
_LARGEST = 1 << 20


class ProjectActivation:
    """``scripts`` are paths; ``env`` are names and values in which ``$NAME`` is a variable, and ``$$``
    a dollar."""

    __slots__ = ("env", "root", "scripts")

    def __init__(self, root: str, scripts: tuple[str, ...], env: tuple[tuple[str, str], ...]) -> None:
        self.root, self.scripts, self.env = root, scripts, env

    @property
    def record(self) -> str:
        """The file that says it."""
        return os.path.join(self.root, *RECORD.split("/"))

    def folders(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """What it has before ``$PATH``: these leave PATH with the environment."""
        said = dict(self.env).get("PATH", "")
        table = {**self._table(environ), **self.variables(environ)}
        for ending in ("$PATH", "${PATH}", "%PATH%"):
            if said.endswith(os.pathsep + ending):
                front = said.removesuffix(os.pathsep + ending)
                return tuple(filter(None, _expanded(front, table).split(os.pathsep)))
        return ()

    def variables(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables as they are in an environment with these, before any script is read."""
        table = self._table(environ)
        found: dict[str, str] = {}
        for name, value in self.env:
            if name != "PATH":
                found[name] = table[name] = _expanded(value, table)
        return found

    def _table(self, environ: Mapping[str, str]) -> dict[str, str]:
        return {**environ, "CONDA_PREFIX": self.root}

    def scripts_for(self, extension: str) -> tuple[str, ...]:
        """What a shell reads that reads such scripts."""
        if extension == ".sh" and any(name.endswith(".sh") for name in self.scripts):
            return (os.path.join(self.root, *SCRIPT.split("/")),)
        return tuple(name for name in self.scripts if extension != ".sh" and name.endswith(extension))

    def digest_parts(self) -> list[bytes]:
        """All that it says and reads, to be compared with what was allowed."""
        from hutch.plain import read_plain

        parts = [repr((self.scripts, self.env)).encode("utf-8", "surrogateescape")]
        for script in self.scripts:
            try:
                parts.append(read_plain(script, _LARGEST))
            except OSError as error:
                parts.append(f"- {error.errno}".encode())
        return parts


def read_activation(root: str) -> ProjectActivation | None:
    """What was written down in the environment at ``root``; None where nothing is said."""
    from hutch.plain import read_plain

    try:
        text = read_plain(os.path.join(root, *RECORD.split("/")), _LARGEST)
    except OSError:
        return None
    import json

    try:
        said = json.loads(text)
        scripts = tuple(str(each) for each in said["scripts"])
        env = tuple((str(name), str(value)) for name, value in said["env"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not all(each.isprintable() and os.path.isabs(each) for each in scripts):
        return None
    if any(not (name.isascii() and name.isidentifier()) or "\0" in value for name, value in env):
        return None
    return ProjectActivation(root, scripts, env)


def record_activation(
    context: Context, checkout: Checkout, root: str, wheres: Collection[str], target: CondaTarget
) -> None:
    """Write down what the project says for its environment at ``root``, which has the lists ``wheres``."""
    record, script = (os.path.join(root, *name.split("/")) for name in (RECORD, SCRIPT))
    scripts, env = said_of_activation(context, checkout, wheres, target)
    if "pixi" in checkout.manifest.dialects and (scripts or env):
        env = {**_of_pixi(context, checkout), **env}
    if not scripts and not env:
        for path in (record, script):
            try:
                os.unlink(path)
            except OSError:
                pass
        return
    import json

    home = checkout.home
    missing = [each for each in scripts if not os.path.isfile(os.path.join(home, each))]
    if missing:
        from hutch.events import Notice

        text = f"{', '.join(missing)}: to be read on activation, and not there"
        context.emit(Notice(text, warning=True))
    full = [os.path.normpath(os.path.join(home, each)) for each in scripts]
    found = ProjectActivation(root, tuple(full), tuple(env.items()))
    _write(record, json.dumps({"scripts": full, "env": list(env.items())}, indent=1) + "\n")
    _write(script, _script(found))


def said_of_activation(
    context: Context, checkout: Checkout, wheres: Collection[str], target: CondaTarget
) -> tuple[list[str], dict[str, str]]:
    """The scripts and variables of what is chosen. Of groups the first that an environment names decides
    about a variable, and the project after all of them; scripts are read in that order."""
    settings = checkout.manifest.settings.conda
    if settings is None or not settings.activation:
        return [], {}
    declared = checkout.manifest.settings.environments.get(context.env or "")
    named = [f"group:{name}" for name in (declared.groups or declared.only_groups if declared else ())]
    order = [*(each for each in named if each in wheres), *sorted(set(wheres) - {*named, "project"})]
    order += ["project"] if "project" in wheres else []
    platform = target.name.removeprefix(f"{target.world}.")
    scripts: list[str] = []
    env: dict[str, str] = {}
    for where in order:
        here = [
            each
            for each in settings.activation
            if each.where == where and each.is_for(target.subdir, platform)
        ]
        here.sort(key=lambda each: [*map(_rank, each.selectors)], reverse=True)  # the closest first
        scripts += next((each.scripts for each in here if each.scripts), ())
        for each in here:
            for name, value in each.env:
                env.setdefault(name, value)
    return list(dict.fromkeys(scripts)), env


def _rank(selector: str) -> int:
    """How much of a platform a selector means, from the whole family to the one."""
    from hutch.project.conda_settings import SYSTEMS

    return 1 if selector == "unix" else 2 if selector in SYSTEMS else 3


def _of_pixi(context: Context, checkout: Checkout) -> dict[str, str]:
    root, name, manifest = checkout.home, checkout.name, checkout.manifest_path
    values = root, name, manifest, checkout.manifest.version or "", context.env or "default"
    found = dict(zip(OF_PIXI, values, strict=True))
    from hutch.project.conda_activation import as_it_stands

    # On Windows %NAME% means a variable and cannot be said otherwise: such a path is left out.
    said = {name: as_it_stands(value) for name, value in found.items() if value}
    return {name: value for name, value in said.items() if os.name != "nt" or "%" not in value}


def _write(path: str, text: str) -> None:
    from hutch.ops.checkout import write_text

    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.islink(path):
        os.unlink(path)
    write_text(path, text)


# -- variables in values ------------------------------------------------------------------------------


def _pieces(value: str) -> list[tuple[bool, str]]:
    """A value as (is the name of a variable, text)."""
    import re

    found: list[tuple[bool, str]] = []
    end = 0
    pattern = r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))"
    if os.name == "nt":
        pattern += r"|%([A-Za-z_][A-Za-z0-9_]*)%"
    for match in re.finditer(pattern, value):
        if match.start() > end:
            found.append((False, value[end : match.start()]))
        name = next(filter(None, match.groups()))
        found.append((name != "$", name))
        end = match.end()
    if end < len(value):
        found.append((False, value[end:]))
    return found


def plain_value(value: str) -> str | None:
    """A value in which no variable is named, as it is set; None where one is."""
    pieces = _pieces(value)
    return None if any(is_name for is_name, _ in pieces) else "".join(text for _, text in pieces)


def _expanded(value: str, table: Mapping[str, str]) -> str:
    if "$" not in value and "%" not in value:
        return value
    return "".join(table.get(text, "") if is_name else text for is_name, text in _pieces(value))


def _script(activation: ProjectActivation) -> str:
    """For sh: read the scripts one after another, then set the variables."""
    from hutch.shell.quoting import quote_posix

    lines = ["# written by hutch sync"]
    for script in activation.scripts:
        if script.endswith(".sh"):
            word = quote_posix(script)
            lines.append(f"if [ -r {word} ]; then . {word}; fi")
    for name, value in activation.env:
        if name == "PATH":
            continue  # its folders are put before the others when PATH is set
        words = [f'"${{{text}}}"' if is_name else quote_posix(text) for is_name, text in _pieces(value)]
        lines.append(f"{name}={''.join(words) or quote_posix('')}; export {name}")
    return "\n".join(lines) + "\n"
