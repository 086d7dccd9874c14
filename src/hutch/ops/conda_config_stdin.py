"""``hutch conda config --stdin``: settings as YAML, each in the place of all that a file says of it."""

from __future__ import annotations

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Edit: TypeAlias = tuple[str, str, str, str]

__all__ = ["SPELLED", "edits_by", "read_settings"]

SPELLED = "--stdin"
LARGEST = 1 << 20


def read_settings() -> dict[str, Any]:
    """What comes on stdin, to its end; nothing for an empty one. Raises UsageProblem."""
    import sys

    from hutch.project.yaml_text import InvalidYaml, read_yaml

    if sys.stdin is None or sys.stdin.isatty():
        raise UsageProblem(
            "nothing comes on stdin", hint="hutch conda config --stdin < FILE reads settings as YAML"
        )
    try:
        text = sys.stdin.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageProblem("what comes on stdin cannot be read", why=str(error)) from None
    if len(text) > LARGEST:
        raise UsageProblem("what comes on stdin is too long for settings")
    try:
        found: Any = read_yaml(text).value
    except InvalidYaml as error:
        place = f"line {error.line}: " if error.line is not None else ""
        raise UsageProblem("what comes on stdin is no YAML", why=f"{place}{error.reason}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageProblem("what comes on stdin should be a table", hint="channel_priority: strict")
    return found


def edits_by(settings: dict[str, Any], said: dict[str, Any]) -> list[Edit]:
    """The changes of a file that says ``said`` now, as (kind, key, value, how it was spelled).

    What stays is not touched, so that comments beside it stay as well.
    """
    from hutch.config.condarc_edit import name_in_file
    from hutch.config.condarc_keys import find_key
    from hutch.ops.conda_config_show import no_such_key

    edits: list[Edit] = []
    for word, wanted in settings.items():
        key = find_key(str(word))
        if key is None:
            raise no_such_key(str(word))
        before = said.get(name_in_file(said, key.name))
        if not isinstance(wanted, dict):
            edits += _one(key.name, wanted, before, is_list=key.kind == "list")
            continue
        if key.kind != "table":
            raise UsageProblem(f"{key.name} is no table", why="so it stands on stdin")
        inner = before if isinstance(before, dict) else {}
        several = key.name in ("custom_multichannels", "mirrored_channels")
        for name in inner:
            if name not in wanted:
                edits.append(("remove-key", f"{key.name}.{name}", "", SPELLED))
        for name, each in wanted.items():
            edits += _one(f"{key.name}.{name}", each, inner.get(name), is_list=several)
    return edits


def _one(key: str, wanted: Any, before: Any, *, is_list: bool) -> list[Edit]:
    if wanted == before:
        return []
    if wanted is None:
        return [("remove-key", key, "", SPELLED)] if before is not None else []
    if isinstance(wanted, dict):
        raise UsageProblem(f"{key} is a table on stdin, and should be none")
    if not is_list:
        if isinstance(wanted, list):
            raise UsageProblem(f"{key} is a list on stdin, and should be none")
        return [("set", key, str(wanted), SPELLED)]
    items = list(dict.fromkeys(map(str, wanted if isinstance(wanted, list) else [wanted])))
    present = before if isinstance(before, list) else [before] if before is not None else []
    if not items:
        return [("remove-key", key, "", SPELLED)] if before is not None else []
    gone: list[Edit] = [("remove", key, each, SPELLED) for each in present if each not in items]
    kept = [each for each in present if each in items]
    # One that is there already, and not where it should be, moves behind those that come before it.
    moved = items[len(kept) :] if kept == items[: len(kept)] else items
    return [*(("append", key, each, SPELLED) for each in moved), *gone]
