"""What ``hutch conda config`` says, in conda's look."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.config.condarc_keys import CondarcKey
    from hutch.ops.conda_config_show import CondaConfigOutcome

__all__ = ["print_config"]


def print_config(outcome: CondaConfigOutcome, terminal: Terminal) -> None:
    """``conda config``."""
    lines: list[str] = []
    if outcome.form == "show":
        lines = _yaml(outcome.found)
    elif outcome.form == "sources":
        for place, said in outcome.found.items():
            lines += [f"==> {clean(terminal.short(place))} <==", *_yaml(said), ""]
    elif outcome.form == "get":
        lines = [line for key, value in outcome.found.items() for line in _commands(key, value)]
    elif outcome.form == "describe":
        lines = [line for key in outcome.keys for line in _described(key)]
    terminal.data("".join(f"{line}\n" for line in lines))
    for warning in outcome.warnings:
        terminal.say(clean(warning))
    if outcome.form == "edit":
        place = terminal.short(outcome.file or "")
        changed = ", ".join(clean(key) for key in outcome.changed)
        terminal.say(f"Changed {changed} in {place}" if changed else f"All of it is so already: {place}")
    elif outcome.form == "validate":
        terminal.say("All that is said can be used")


def _yaml(values: Any) -> list[str]:
    """Keys with their values, as conda shows them."""
    lines = []
    for key, value in values.items():
        name = clean(str(key))
        if isinstance(value, dict):
            lines.append(f"{name}:" if value else f"{name}: {{}}")
            for inner, each in value.items():
                if isinstance(each, list):
                    lines += [f"  {clean(str(inner))}:", *(f"    - {clean(str(one))}" for one in each)]
                else:
                    lines.append(f"  {clean(str(inner))}: {clean(str(each))}")
        elif isinstance(value, list):
            lines.append(f"{name}:" if value else f"{name}: []")
            lines += [f"  - {clean(str(each))}" for each in value]
        else:
            lines.append(f"{name}: {clean(str(value))}")
    return lines


def _commands(key: str, value: Any) -> list[str]:
    """The words that would say it again."""
    if isinstance(value, dict):
        return [line for name, each in value.items() for line in _commands(f"{key}.{name}", each)]
    if not isinstance(value, list):
        return [f"--set {clean(key)} {clean(str(value))}"]
    lines = []
    for at, each in enumerate(reversed(value)):
        place = ("  # lowest priority" if at == 0 else "  # highest priority") if key == "channels" else ""
        edge = at in (0, len(value) - 1)
        lines.append(f"--add {clean(key)} {clean(repr(each))}{' ' + place if place and edge else ''}")
    return lines


def _described(key: CondarcKey) -> list[str]:
    kinds = {"list": "sequence: str", "table": "map: str", "switch": "bool", "number": "float"}
    kind = "|".join(key.choices) or kinds.get(key.kind, "str")
    lines = [f"{key.name} ({kind})"]
    if key.old_names:
        lines.append(f"  aliases: {', '.join(key.old_names)}")
    lines.append(f"  {key.about}" if key.used else f"  not used by hutch: {key.about}")
    return lines
