"""``hutch pip config``: the configuration files of pip, read and written as pip does.

hutch obeys them (``hutch config show`` says what came of it), so here they can be seen and changed without
pip. A password in an address is shown as stars, except by ``get``, which is asked for the value itself.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from configparser import RawConfigParser
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "NoSuchKey", "PipConfigEditOptions", "PipConfigGetOptions", "PipConfigListOptions", "PipConfigOutcome",
    "PipConfigSetOptions", "PipConfigUnsetOptions", "pip_config_debug", "pip_config_edit", "pip_config_get",
    "pip_config_list", "pip_config_set", "pip_config_unset",
]  # fmt: skip

_KINDS = {
    "pip-system": "global",
    "pip-user": "user",
    "pip-environment": "site",
    "pip-file": "env",
}
_ORDER = ("global", "user", "site", "env")
_IGNORED = ("version", "help")


class NoSuchKey(Problem):
    """pip's configuration does not say this."""

    code = "no-such-key"

    def __init__(self, key: str, where: str) -> None:
        super().__init__(f"pip's configuration does not have {key}", why=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigListOptions:
    """The options of ``pip config list``, and of all others: which file."""

    globally: bool = False
    user: bool = False
    site: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigGetOptions(PipConfigListOptions):
    """The options of ``pip config get``."""

    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigUnsetOptions(PipConfigGetOptions):
    """The options of ``pip config unset``."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigSetOptions(PipConfigUnsetOptions):
    """The options of ``pip config set``."""

    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigEditOptions(PipConfigListOptions):
    """The options of ``pip config edit``."""

    editor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipConfigOutcome:
    """``lines`` for standard output, ``told`` for the one who typed it; ``values`` by place for JSON."""

    lines: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "values": [{"key": key, "value": value, "place": place} for key, value, place in self.values],
            "lines": list(self.lines),
        }


# -- files ----------------------------------------------------------------------------------------


def _files(context: Context) -> list[tuple[str, str]]:
    """(kind, path) of the files that pip would read, in its order, there or not."""
    from hutch.config import find_home, pip_files, system_here

    system = system_here()
    environment = context.environ.get("VIRTUAL_ENV") or _near(context)
    found = pip_files(context.environ, system, find_home(context.environ, system), environment)
    return sorted(((_KINDS[rung], path) for rung, path in found), key=lambda each: _ORDER.index(each[0]))


def _near(context: Context) -> str | None:
    """The environment whose pip would be meant."""
    from hutch.ops.pip_environment import find_environment

    try:
        return find_environment(context)
    except Problem:
        return None


def _chosen(options: PipConfigListOptions) -> str | None:
    given = {"global": options.globally, "user": options.user, "site": options.site}
    said = [kind for kind, is_said in given.items() if is_said]
    if len(said) > 1:
        raise UsageProblem("one file at a time", hint="one of --global, --user, --site")
    return said[0] if said else None


def _parser(path: str) -> RawConfigParser:
    """The file, or an empty one; ``UsageProblem`` where nobody can read it."""
    import configparser

    class Parser(configparser.RawConfigParser):
        def optionxform(self, optionstr: str) -> str:
            return _normal(optionstr)

    parser = Parser()
    if os.path.isfile(path):
        try:
            with open(path, encoding="utf-8-sig") as file:
                parser.read_file(file, path)
        except (configparser.Error, UnicodeDecodeError, OSError) as error:
            reason = str(error).replace("\n", " ")
            raise UsageProblem(
                f"{path} cannot be read", why=reason, hint="mend it, or move it away"
            ) from None
    return parser


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _values(path: str) -> dict[str, str]:
    parser = _parser(path)
    return {
        f"{section}.{name}": value for section in parser.sections() for name, value in parser.items(section)
    }


def _variables(context: Context) -> dict[str, str]:
    found = {}
    for key, value in context.environ.items():
        if key.startswith("PIP_") and key[4:].lower() not in _IGNORED:
            found[key] = value
    return dict(sorted(found.items()))


def _shown(value: str) -> str:
    """The value, without the passwords of addresses."""
    if "://" not in value:
        return value
    import re

    from hutch.net import without_credentials

    return re.sub(r"\S+://\S+", lambda found: without_credentials(found[0]), value)


# -- looking --------------------------------------------------------------------------------------


def _layers(context: Context, kind: str | None) -> list[tuple[str, dict[str, str]]]:
    """(place, values) of what counts, the weakest first; variables are the last."""
    layers = [(path, _values(path)) for each, path in _files(context) if kind in (None, each)]
    variables = {f":env:.{_normal(key[4:])}": value for key, value in _variables(context).items()}
    return [*layers, (":env:", variables)]


def pip_config_list(context: Context, options: PipConfigListOptions) -> PipConfigOutcome:
    """Every value with its key, place by place; the variables too."""
    lines, values = [], []
    # As pip prints them: place by place, in the order of the names of the places.
    for place, said in sorted(_layers(context, _chosen(options)), key=lambda layer: layer[0]):
        for key, value in sorted(said.items()):
            lines.append(f"{key}={_shown(value)!r}")
            values.append((key, _shown(value), place))
    return PipConfigOutcome(lines=tuple(lines), values=tuple(values))


def pip_config_get(context: Context, options: PipConfigGetOptions) -> PipConfigOutcome:
    """The value that counts; raises ``NoSuchKey``."""
    key = _checked_key(options.key or "")
    kind = _chosen(options)
    found = None
    for place, said in _layers(context, kind):
        if key in said:
            found = (key, said[key], place)
    if found is None:
        looked = [path for each, path in _files(context) if kind in (None, each)]
        raise NoSuchKey(key, f"looked into {', '.join(looked) or 'no file'}")
    return PipConfigOutcome(lines=tuple(found[1].split("\n")), values=(found,))


def pip_config_debug(context: Context) -> PipConfigOutcome:
    """The files that pip looks at, there or not, and what each says."""
    lines = ["env_var:"]
    values = []
    for key, value in _variables(context).items():
        lines.append(f"  {key.upper()}={_shown(value)!r}")
        values.append((key, _shown(value), ":env:"))
    files = _files(context)
    for kind in sorted(_ORDER):
        mine = [path for each, path in files if each == kind]
        if not mine and kind != "env":
            continue
        lines.append(f"{kind}:")
        for path in mine:
            there = os.path.exists(path)
            lines.append(f"  {path}, exists: {there!r}")
            for key, value in _values(path).items() if there else ():
                lines += [f"    {line}" for line in f"{key}: {_shown(value)}".split("\n")]
                values.append((key, _shown(value), path))
    return PipConfigOutcome(lines=tuple(lines), values=tuple(values))


def _checked_key(text: str) -> str:
    key = _normal(text)
    section, dot, name = key.partition(".")
    if not (section and dot and name) or set(key) & set("[]\n\r=: "):
        raise UsageProblem(f"{text} has no section", hint=f"is global.{text} meant?")
    return key


# -- changing -------------------------------------------------------------------------------------


def _place_to_change(context: Context, options: PipConfigListOptions, key: str | None = None) -> str:
    """The file that pip would write to."""
    files = _files(context)
    named = context.environ.get("PIP_CONFIG_FILE")
    if named in (os.devnull, "nul"):
        raise UsageProblem(f"PIP_CONFIG_FILE is {named}", why="then pip reads no file", hint="unset it")
    kind = _chosen(options)
    if kind is None:
        sites = [path for each, path in files if each == "site" and os.path.isfile(path)]
        # A file in a .venv that somebody named; one that lies about may have come with the checkout.
        named_one = context.environ.get("VIRTUAL_ENV") or context.flags.get("python")
        kind = "site" if sites and named_one else "user"
    mine = [path for each, path in files if each == kind]
    if not mine and kind == "user":  # PIP_CONFIG_FILE stands instead
        mine = [path for each, path in files if each == "env"]
    if not mine:
        raise UsageProblem(
            f"there is no place for a {kind} configuration of pip",
            hint="make an environment (hutch venv)" if kind == "site" else "--user",
        )
    if key is not None:
        for path in reversed(mine):
            if os.path.isfile(path) and key in _values(path):
                return path
    # As pip: the last of those that are read.
    return mine[-1]


def pip_config_set(context: Context, options: PipConfigSetOptions) -> PipConfigOutcome:
    """Write a value into a file."""
    return _change(context, options, options.value or "")


def pip_config_unset(context: Context, options: PipConfigUnsetOptions) -> PipConfigOutcome:
    """Take a value out of a file; raises ``NoSuchKey``."""
    return _change(context, options, None)


def _change(context: Context, options: PipConfigUnsetOptions, value: str | None) -> PipConfigOutcome:
    from io import StringIO

    from hutch.ops.checkout import UnreadableFile, write_text

    key = _checked_key(options.key or "")
    path = _place_to_change(context, options, key if value is None else None)
    parser = _parser(path)
    section, _, name = key.partition(".")
    if value is None:
        if not (parser.has_section(section) and parser.remove_option(section, name)):
            raise NoSuchKey(key, f"{path} does not say it")
        if not parser.items(section):
            parser.remove_section(section)
    else:
        if "\n" in value:
            raise UsageProblem("a value has one line here", hint="hutch pip config edit")
        if not parser.has_section(section):
            parser.add_section(section)
        parser.set(section, name, value)
    text = StringIO()
    parser.write(text)
    if options.dry_run:
        return PipConfigOutcome(told=(f"Would write to {path}",))
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    except OSError as error:
        raise UnreadableFile(path, "write", error.strerror or str(error)) from None
    write_text(path, text.getvalue())
    return PipConfigOutcome(told=(f"Writing to {path}",))


def pip_config_edit(context: Context, options: PipConfigEditOptions) -> PipConfigOutcome:
    """Open the file in an editor; what comes out has to be readable."""
    import shlex
    import subprocess

    editor = options.editor or context.environ.get("VISUAL") or context.environ.get("EDITOR")
    if not editor:
        raise UsageProblem("there is no editor", why="neither VISUAL nor EDITOR is set", hint="--editor vi")
    path = _place_to_change(context, options)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        done = subprocess.run([*shlex.split(editor), path], check=False)
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{editor} cannot be started", why=str(error)) from None
    if done.returncode:
        raise UsageProblem(f"{editor} ended with {done.returncode}")
    _parser(path)
    return PipConfigOutcome()
