"""``hutch conda config``: look at what conda's configuration says, and change a file of it."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.ops.conda_config_show import OURS, CondaConfigOutcome, masked, no_such_key
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from hutch.ops.context import Context

    Pairs: TypeAlias = tuple[tuple[str, str], ...]

__all__ = ["CannotChangeCondarc", "CondaConfigOptions", "conda_config", "target_file"]


class CannotChangeCondarc(Problem):
    """A file of conda's configuration cannot be changed as it was asked."""

    code = "cannot-change-condarc"


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaConfigOptions:
    """The options of ``conda config``; without any that looks, it changes."""

    keys: tuple[str, ...] = ()
    show: bool = False
    show_sources: bool = False
    get: bool = False
    describe: bool = False
    validate: bool = False
    add: Pairs = ()
    prepend: Pairs = ()
    append: Pairs = ()
    set: Pairs = ()
    remove: Pairs = ()
    remove_key: tuple[str, ...] = ()
    stdin: bool = False
    file: str | None = None
    env: bool = False
    system: bool = False
    prefix: str | None = None


def conda_config(context: Context, options: CondaConfigOptions) -> CondaConfigOutcome:
    """Do what was asked."""
    import hutch.ops.conda_config_show as look

    edits = _edits(options)
    looks = options.show or options.get or options.describe
    if options.keys and not looks:
        raise UsageProblem(
            f"nothing says what is to be done with {options.keys[0]}",
            hint=(f"--show {options.keys[0]}", f"--set {options.keys[0]} VALUE"),
        )
    if (edits or options.stdin) and (looks or options.show_sources or options.validate):
        raise UsageProblem("looking and changing are two commands")
    if options.show:
        return look.show(context, options.keys)
    if options.show_sources:
        return look.show_sources(context)
    if options.describe:
        return look.describe(options.keys)
    if options.validate:
        return look.validate(context)
    if options.get:
        return look.get(context, options.keys, target_file(context, options))
    if not edits and not options.stdin:
        raise UsageProblem(
            "conda config is not told what to do",
            hint=(
                "to look: --show, --show-sources, --get, --describe, --validate",
                "to change: --add, --append, --prepend, --set, --remove, --remove-key, --stdin",
            ),
        )
    settings: dict[str, Any] = {}
    if options.stdin:
        from hutch.ops.conda_config_stdin import read_settings

        settings = read_settings()
    return _change(context, target_file(context, options), edits, settings)


def _edits(options: CondaConfigOptions) -> list[tuple[str, str, str, str]]:
    """(kind, key, value, how it was spelled), in conda's order, whatever that of the words was."""
    pairs = (
        ("prepend", "--add", options.add),
        ("prepend", "--prepend", options.prepend),
        ("append", "--append", options.append),
        ("set", "--set", options.set),
        ("remove", "--remove", options.remove),
    )
    found = [(kind, key, value, word) for kind, word, each in pairs for key, value in each]
    return [*found, *(("remove-key", key, "", "--remove-key") for key in options.remove_key)]


def target_file(context: Context, options: CondaConfigOptions) -> str:
    """The file that is meant, as conda chooses it: the user's, if nothing says another."""
    from hutch.ops.conda_place import present_place

    named = context.named is not None or options.prefix is not None
    if sum((options.file is not None, options.system, options.env or named)) > 1:
        raise UsageProblem(
            "more than one file is meant", hint="one of --file, --env (with -n or -p), --system"
        )
    if options.file is not None:
        return context.path(options.file)
    if options.system:
        return context.configuration.condarc_files[0]
    if named or (options.env and context.environ.get("CONDA_PREFIX")):
        return f"{present_place(context, options.prefix)}/.condarc"
    home = context.environ.get("HOME") or context.environ.get("USERPROFILE") or os.path.expanduser("~")
    said = context.environ.get("CONDARC") or "~/.condarc"
    return context.path(home + said[1:] if said.startswith(("~/", "~\\")) else said)


# -- changing ------------------------------------------------------------------------------------------


def _change(
    context: Context, file: str, edits: Sequence[tuple[str, str, str, str]], settings: dict[str, Any]
) -> CondaConfigOutcome:
    """All of it, or nothing: first whole ``settings``, as conda does it."""
    from hutch.config.condarc import condarc_faults
    from hutch.config.condarc_edit import CannotEditCondarc, CondarcEdit, edit_condarc
    from hutch.config.model import ConfigProblem
    from hutch.ops.channels import USUAL
    from hutch.ops.conda_config_file import read_condarc_text, write_condarc_text

    with context.store.lock("condarc", timeout=30.0):
        before = read_condarc_text(file)
        text = before
        warnings: list[str] = []
        keys: list[str] = []
        if settings:
            from hutch.ops.conda_config_stdin import edits_by

            edits = [*edits_by(settings, _table(file, text)), *edits]
        for kind, word, value, spelled in edits:
            key, value = _checked(text, kind, word, value, spelled)
            try:
                if (kind, key, value) == ("remove", "channels", "defaults") and value not in _items(
                    text, key
                ):
                    warnings.append("'defaults' is not in 'channels': hutch asks it where it is named alone")
                    continue
                whole = spelled == "--stdin"
                if value not in USUAL and not whole:
                    text = _seeded(context, text, kind, key, warnings)
                value = _meant(text, key, value) if kind == "remove" else value
                if not whole:
                    _tell(warnings, text, kind, key, value)
                text = edit_condarc(text, [CondarcEdit(kind, key, value)])
            except CannotEditCondarc as error:
                raise _cannot(file, spelled, key, value, error.reason, error.line) from None
            keys.append(key)
        known = condarc_faults(before, file, context.environ)
        faults = tuple(each for each in condarc_faults(text, file, context.environ) if each not in known)
        if faults:
            raise ConfigProblem(faults)
        if text != before:
            said = [edit[2] for edit in edits if edit[0] != "remove"]
            warnings += write_condarc_text(file, text, secret=any(masked(each) != each for each in said))
    warnings += _unheard(context, file, keys)
    return CondaConfigOutcome(
        form="edit",
        file=file,
        changed=tuple(dict.fromkeys(keys)) if text != before else (),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _cannot(
    file: str, spelled: str, key: str, value: str, reason: str, line: int | None
) -> CannotChangeCondarc:
    place = f"{file}:{line}" if line is not None else file
    what = " ".join(filter(None, (spelled, key, masked(value))))
    hint = () if "not in" in reason else f"edit {file}, which is as it was"
    return CannotChangeCondarc(f"{what} cannot be done", why=f"{place}: {reason}", hint=hint)


def _checked(text: str, kind: str, word: str, value: str, spelled: str) -> tuple[str, str]:
    """The key under its own name, and the value as it is written. Raises UsageProblem."""
    from hutch.config.condarc_edit import key_path
    from hutch.config.condarc_keys import find_key, value_fault

    first, *below = key_path(word)
    key = find_key(first)
    if key is None:
        if kind == "remove-key":
            return word, ""  # whatever it is, it may go
        raise no_such_key(first)
    name = ".".join((key.name, *below))
    if below and (key.kind != "table" or not below[0]):
        raise UsageProblem(f"{key.name} has no parts", hint=key.name)
    if kind == "remove-key":
        return name, ""
    several = key.name in ("custom_multichannels", "mirrored_channels")
    lists = key.kind == "list" or (several and bool(below))
    if kind == "set" and key.kind == "list":
        hint = (f"--append {key.name} {masked(value)}", f"--add {key.name} {masked(value)}, to be the first")
        raise UsageProblem(f"{key.name} is a list", hint=hint)
    if kind in ("prepend", "append") and not lists:
        part = "" if key.kind != "table" else f".{below[0] if below else 'NAME'}"
        raise UsageProblem(f"{name} is no list", hint=f"--set {key.name}{part} {masked(value)}")
    if kind == "remove" and not lists:
        raise UsageProblem(f"{name} is no list", hint=f"--remove-key {name}")
    if kind == "set" and key.kind == "table" and not below:
        raise UsageProblem(f"{key.name} is a table", hint=f"--set {key.name}.NAME {masked(value)}")
    if kind != "remove":
        fault = value_fault(key, below[0] if below else "", value)
        if fault is not None:
            raise UsageProblem(f"{spelled} {name}: {masked(value)!r} {fault}")
    if key.kind == "switch":
        from hutch.config.condarc import YES

        value = "true" if value.lower() in YES else "false"
    return name, value


def _seeded(context: Context, text: str, kind: str, key: str, warnings: list[str]) -> str:
    """One more channel does not take away what is asked without any: where nobody names channels yet, those
    stand behind it. (conda writes ``defaults`` there.)"""
    if key != "channels" or kind not in ("prepend", "append"):
        return text
    from hutch.config.condarc_edit import CondarcEdit, edit_condarc
    from hutch.config.model import ConfigProblem
    from hutch.ops.channels import USUAL

    try:
        if _said(text, key) is not None or context.configuration.condarc.words("channels"):
            return text
    except ConfigProblem:
        return text  # nobody knows what is asked now
    warnings.append(f"{', '.join(USUAL)} stays: it is what is asked while no channel is named")
    return edit_condarc(text, [CondarcEdit("append", "channels", name) for name in USUAL])


def _said(text: str, key: str) -> Any:
    """What the file says of the key now."""
    from hutch.config.condarc_edit import CannotEditCondarc, key_path, name_in_file
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        found: Any = read_yaml(text).value or {}
    except InvalidYaml as error:
        raise CannotEditCondarc(error.reason, error.line) from None
    first, *below = key_path(key)
    for name in (name_in_file(found, first), *below):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _table(file: str, text: str) -> dict[str, Any]:
    """All that the file says now."""
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        found: Any = read_yaml(text).value or {}
    except InvalidYaml as error:
        raise _cannot(file, "--stdin", "", "", error.reason, error.line) from None
    if not isinstance(found, dict):
        raise _cannot(file, "--stdin", "", "", "it should be a table", None)
    return found


def _items(text: str, key: str) -> list[Any]:
    """The entries of a list now."""
    found = _said(text, key)
    return [found] if isinstance(found, str) else found if isinstance(found, list) else []


def _meant(text: str, key: str, value: str) -> str:
    """The entry of a list: itself, or the only one that is shown so."""
    items = _items(text, key)
    if value in items or "****" not in value:
        return value
    shown = [each for each in items if masked(each) == value]
    return shown[0] if len(shown) == 1 else value


def _tell(warnings: list[str], text: str, kind: str, key: str, value: str) -> None:
    found = _said(text, key)
    if kind in ("prepend", "append") and isinstance(found, list) and value in found:
        where = "top" if kind == "prepend" else "bottom"
        if len(found) > 1:
            warnings.append(f"'{masked(value)}' already in '{key}' list, moving to the {where}")


def _unheard(context: Context, file: str, keys: Sequence[str]) -> list[str]:
    """Why what was written does not count for hutch, where it does not."""
    from hutch.config.condarc_edit import key_path
    from hutch.config.condarc_keys import find_key

    found = []
    for word in dict.fromkeys(keys):
        key = find_key(key_path(word)[0])
        if key is not None and not key.used:
            found.append(f"hutch does not use {key.name}: {key.about}")
    if not context.configuration.hears_condarc(file):
        active = os.path.isdir(os.path.join(os.path.dirname(file), "conda-meta"))
        where = "where the environment is active, outside of a project" if active else f"with CONDARC={file}"
        found.append(f"{file} is not read here: it is {where}")
    else:
        found += _stronger(context, file, keys)
    return found


def _stronger(context: Context, file: str, keys: Sequence[str]) -> list[str]:
    """Who says the same keys with more weight than the file: of lists hutch's own settings alone."""
    from hutch.config.condarc_edit import key_path
    from hutch.config.condarc_keys import find_key
    from hutch.config.model import ConfigProblem

    configuration = context.configuration
    try:
        sources = configuration.condarc_sources
    except ConfigProblem:
        return []  # what is wrong with another file is told by who reads it
    said = {key for word in keys if (key := find_key(key_path(word)[0])) is not None and key.used}
    found = []
    for key in sorted(said, key=lambda key: key.name):
        setting = next((ours for ours, theirs in OURS.items() if theirs == key.name), None)
        if setting is not None and configuration.origin(setting).rung != "default":
            place = configuration.origin(setting).place
            found.append(f"{setting} ({place}) stands above {key.name}: hutch uses that")
            continue
        if key.kind in ("list", "table"):
            continue
        places = [place for place, values in sources if any(find_key(name) is key for name in values)]
        if file in places and places[-1] != file:
            found.append(f"{places[-1]} stands above {file}: what it says of {key.name} is used")
    return found
