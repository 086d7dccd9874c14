"""What hutch tells a hook: in words of the shell for bash, zsh and fish, as JSON for the others."""

from __future__ import annotations

from hutch.shell.quoting import quote_fish, quote_posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Answer", "decode_state", "encode_state", "render_answer"]


class Answer:
    """What is to be done.

    ``adopt`` is an activation that this shell inherits from another (what `decode_state` gives): it is taken
    on, and undone. ``environment`` is to be activated, as (root, directory of commands, name). ``variables``
    are set besides. ``say`` is (of what, text), told once a shell. ``marks`` are files with whether each is
    there: another answer is due when one comes or goes. ``files`` are those that must not get younger than
    the last of ``marks``.

    Of an environment of conda's there are ``level`` (its `CONDA_SHLVL`, else empty), and scripts of its
    packages to be read on entering (``read``) and on leaving it (``later``); ``adopt_level`` and
    ``adopt_later`` are those of what is taken on. Its commands may be in several folders, as PATH has them.
    """

    __slots__ = (
        *("adopt", "adopt_later", "adopt_level", "environment", "files", "later", "level", "marks", "read"),
        *("say", "state", "variables"),
    )

    def __init__(self) -> None:
        self.adopt: tuple[tuple[str, str, str], dict[str, str | None]] | None = None
        self.environment: tuple[str, str, str] | None = None
        self.state = ""
        self.variables: dict[str, str] = {}
        self.say: list[tuple[str, str]] = []
        self.marks: list[tuple[str, bool]] = []
        self.files: list[str] = []
        self.level = self.adopt_level = ""
        self.read: tuple[str, ...] = ()
        self.later: tuple[str, ...] = ()
        self.adopt_later: tuple[str, ...] = ()


def render_answer(shell: str, answer: Answer) -> str:
    """The text for ``shell``, one of the hooked."""
    if shell in ("bash", "zsh"):
        return _calls(answer, quote_posix)
    if shell == "fish":
        return _calls(answer, quote_fish)
    return _json(answer)


def _calls(answer: Answer, quote: Any) -> str:
    lines: list[tuple[str, ...]] = []
    if answer.adopt is not None:
        activated, before = answer.adopt
        lines.append(("__hutch_adopt", *activated, *filter(None, (answer.adopt_level,))))
        for name, value in before.items():
            lines.append(("__hutch_was", name) if value is None else ("__hutch_was", name, value))
        if answer.adopt_later:
            lines.append(("__hutch_later", *answer.adopt_later))
        lines.append(("__hutch_leave",))
    for about, text in answer.say:
        lines.append(("__hutch_say", about, text))
    for path, there in answer.marks:
        lines.append(("__hutch_watch", path, "1" if there else "0"))
    for path in answer.files:
        lines.append(("__hutch_file", path))
    if answer.environment is not None:
        entered = (*answer.environment, shown(answer.environment[2]), answer.state)
        lines.append(("__hutch_enter", *entered, *filter(None, (answer.level,))))
        for name, value in answer.variables.items():
            lines.append(("__hutch_put", name, value))
        if answer.later:
            lines.append(("__hutch_later", *answer.later))
        if answer.read:
            lines.append(("__hutch_read", *answer.read))
    return "".join(
        f"{line[0]} {' '.join(quote(word) for word in line[1:])}".rstrip() + "\n" for line in lines
    )


def _json(answer: Answer) -> str:
    value: dict[str, Any] = {
        "say": [{"about": about, "text": text} for about, text in answer.say],
        "marks": [{"path": path, "there": there} for path, there in answer.marks],
        "files": list(answer.files),
        "adopt": None,
        "enter": None,
    }
    if answer.adopt is not None:
        activated, before = answer.adopt
        value["adopt"] = {
            **_activated(activated),
            "before": [{"name": name, "value": before[name]} for name in before],
            "level": answer.adopt_level,
            "later": list(answer.adopt_later),
        }
    if answer.environment is not None:
        more = [{"name": name, "value": value} for name, value in answer.variables.items()]
        value["enter"] = {
            **_activated(answer.environment),
            "state": answer.state,
            "variables": more,
            "level": answer.level,
            "read": list(answer.read),
            "later": list(answer.later),
        }
    return _text(value) + "\n"


def _activated(activated: tuple[str, str, str]) -> dict[str, str]:
    root, scripts, name = activated
    return {"environment": root, "scripts": scripts, "prompt": name, "shown": shown(name)}


def _text(value: object) -> str:
    """JSON, without the module for it, which is a third of what the command may take. All of it is ASCII."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return '"' + "".join(_letter(each) for each in value) + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(each)}" for key, each in value.items()) + "}"
    assert isinstance(value, list)
    return "[" + ", ".join(_text(each) for each in value) + "]"


def _letter(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if " " <= letter <= "~":
        return letter
    return "".join(f"\\u{unit:04x}" for unit in _units(ord(letter)))


def _units(point: int) -> tuple[int, ...]:
    if point < 0x10000:
        return (point,)
    point -= 0x10000
    return 0xD800 + (point >> 10), 0xDC00 + (point & 0x3FF)


def shown(name: str) -> str:
    """The name of an environment as it may stand in a prompt: nothing that a shell or a terminal acts on."""
    return "".join("_" if each in "$`\\%!" or not each.isprintable() else each for each in name)


def encode_state(activated: tuple[str, str, str], before: dict[str, str | None]) -> str:
    """What a shell that inherits an activation needs to undo it, in letters that no shell cares about."""
    words = [_escape(each) for each in activated]
    words += [name if value is None else f"{name}={_escape(value)}" for name, value in before.items()]
    return ";".join(["1", *words])


def decode_state(text: str) -> tuple[tuple[str, str, str], dict[str, str | None]] | None:
    """What `encode_state` wrote; None for anything else."""
    version, *words = text.split(";")
    if version != "1" or len(words) < 3:
        return None
    try:
        root, scripts, name = (_unescape(word) for word in words[:3])
        before: dict[str, str | None] = {}
        for word in words[3:]:
            key, equals, value = word.partition("=")
            if not key.isidentifier() or not key.isascii():
                return None
            before[key] = _unescape(value) if equals else None
    except ValueError:
        return None
    return (root, scripts, name), before


def _escape(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if (chr(b).isalnum() and b < 128) or b in b"/._-" else f"%{b:02x}" for b in data)


def _unescape(text: str) -> str:
    first, *rest = text.split("%")
    data = bytearray(first.encode("ascii"))
    for each in rest:
        data.append(int(each[:2], 16))
        data += each[2:].encode("ascii")
    found = data.decode("utf-8", "surrogateescape")
    if "\0" in found:
        raise ValueError(text)
    return found
