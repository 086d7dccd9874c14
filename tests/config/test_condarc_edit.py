"""Edits of a .condarc as text: what comes out says what was wanted and nothing else, and comments stay."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import Any

import pytest

from hutch.config.condarc_edit import CannotEditCondarc, CondarcEdit, edit_condarc, key_path, name_in_file
from hutch.project.yaml_text import InvalidYaml, read_yaml


def edited(text: str, *edits: tuple[str, ...]) -> str:
    return edit_condarc(text, [CondarcEdit(*edit) for edit in edits])


LIST = "# mine\nchannels:  # best first\n  - one   # first\n  # between\n  - two\noffline: false\n"


@pytest.mark.parametrize(
    ("text", "edit", "after"),
    [
        ("", ("append", "channels", "a"), "channels:\n  - a\n"),
        ("", ("set", "offline", "true"), "offline: true\n"),
        ("offline: false", ("set", "always_yes", "true"), "offline: false\nalways_yes: true\n"),
        ("offline: no # now\r\n", ("set", "offline", "true"), "offline: true # now\r\n"),
        ("offline: # now\n", ("set", "offline", "true"), "offline: true # now\n"),
        ("\ufeffoffline: no\r\n", ("prepend", "channels", "a"),
         "\ufeffoffline: no\r\nchannels:\r\n  - a\r\n"),
        (LIST, ("prepend", "channels", "zero"), LIST.replace("  - one", "  - zero\n  - one")),
        (LIST, ("append", "channels", "three"), LIST.replace("  - two\n", "  - two\n  - three\n")),
        (LIST, ("append", "channels", "one"),
         "# mine\nchannels:  # best first\n  # between\n  - two\n  - one   # first\noffline: false\n"),
        (LIST, ("remove", "channels", "two"), LIST.replace("  - two\n", "")),
        (LIST, ("remove-key", "channels"), "# mine\noffline: false\n"),
        ("channels: [a, 'b']  # x\n", ("prepend", "channels", "c"), "channels: [c, a, 'b']  # x\n"),
        ("channels: [a]", ("remove", "channels", "a"), "channels: []"),
        ("channels:\n- a\n", ("remove", "channels", "a"), "channels: []\n"),
        ("channels: [\n  a,  # one\n  b,\n]\n", ("append", "channels", "c"),
         "channels: [\n  a,  # one\n  b, c,\n]\n"),
        ("channels: [\n  a,  # one\n  b\n]\n", ("prepend", "channels", "c"),
         "channels: [\n  c, a,  # one\n  b\n]\n"),
        ("channels: [a,\n  b]\n", ("remove", "channels", "b"), "channels: [a]\n"),
        ("channels: [a,\n  b]\n", ("remove", "channels", "a"), "channels: [b]\n"),
        ("channels: [a,\n  b,\n  c]\n", ("append", "channels", "a"), "channels: [b,\n  c, a]\n"),
        ("channels: [a,\n  b,\n  c]\n", ("prepend", "channels", "c"), "channels: [c, a,\n  b]\n"),
        ("channels:\n", ("append", "channels", "a"), "channels:\n  - a\n"),
        ("channels: a\n", ("append", "channels", "b"), "channels: [a, b]\n"),
        ("channel: [a]\n", ("append", "channels", "b"), "channel: [a, b]\n"),
        ("channels:\n- a", ("append", "channels", "b: c"), 'channels:\n- a\n- "b: c"\n'),
        ("", ("append", "pinned_packages", "3.10"), "pinned_packages:\n  - '3.10'\n"),
        ("", ("set", "proxy_servers.https", "http://p:1"), "proxy_servers:\n  https: http://p:1\n"),
        ("proxy_servers: {}\n", ("set", "proxy_servers.https", "http://p:1"),
         "proxy_servers:\n  https: http://p:1\n"),
        ("proxy_servers: {http: a}\n", ("set", "proxy_servers.http", "b,c"),
         'proxy_servers: {http: "b,c"}\n'),
        ("proxy_servers:\n    http: a  # old\n\n# next\noffline: no\n",
         ("set", "proxy_servers.https", "b"),
         "proxy_servers:\n    http: a  # old\n    https: b\n\n# next\noffline: no\n"),
        ("proxy_servers:\n  http: a\n  https: b\n", ("remove-key", "proxy_servers.http"),
         "proxy_servers:\n  https: b\n"),
        ("proxy_servers:\n  http: a\noffline: no\n", ("remove-key", "proxy_servers.http"), "offline: no\n"),
        ("custom_multichannels:\n  x:\n    - a\n  y: [b]\n", ("append", "custom_multichannels.x", "c"),
         "custom_multichannels:\n  x:\n    - a\n    - c\n  y: [b]\n"),
        ("custom_multichannels:\n  x:\n  - a\n", ("append", "custom_multichannels.y", "c"),
         "custom_multichannels:\n  x:\n  - a\n  y:\n    - c\n"),
    ],
)  # fmt: skip
def test_edits(text: str, edit: tuple[str, ...], after: str) -> None:
    assert edited(text, edit) == after


def test_several_and_again_the_same() -> None:
    once = edited("", ("prepend", "channels", "b"), ("prepend", "channels", "a"), ("set", "offline", "no"))
    assert read_yaml(once).value == {"channels": ["a", "b"], "offline": "no"}
    assert edited(once, ("prepend", "channels", "a"), ("set", "offline", "no")) == once


@pytest.mark.parametrize(
    ("text", "edit", "reason"),
    [
        ("channels: [a\n", ("append", "channels", "b"), "expected"),
        ("- a\n", ("append", "channels", "b"), "should be a table"),
        ("channels: {a: b}\n", ("append", "channels", "b"), "is not a list of texts"),
        ("channels: [[a]]\n", ("append", "channels", "b"), "is not a list of texts"),
        ("channels: [a]\n", ("remove", "channels", "b"), "is not in channels"),
        ("", ("remove-key", "channels"), "channels is not in it"),
        ("offline: |\n  no\n", ("set", "offline", "yes"), "not a single value on one line"),
        ("channels: [a]\n", ("set", "channels", "b"), "not a single value"),
        ("{channels: [a]}\n", ("append", "channels", "b"), "beginning of its line"),
        ("{channels: [a]}\n", ("set", "offline", "yes"), "without a change of something else"),
        ("x: &c [a]\nchannels: *c\n", ("append", "channels", "b"), "can"),
        ("channels:\n  - a\n    b\n", ("append", "channels", "c"), "can"),
        ("offline: no\n---\nx: y\n", ("set", "always_yes", "yes"), "without a change of something else"),
        ("proxy_servers: a\n", ("set", "proxy_servers.http", "b"), "proxy_servers is not a table"),
        ("proxy_servers: {http: a}\n", ("set", "proxy_servers.https", "b"), "one entry a line"),
    ],
)  # fmt: skip
def test_what_cannot_be_edited_is_told(text: str, edit: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CannotEditCondarc, match=re.escape(reason)):
        edited(text, edit)


# -- properties ---------------------------------------------------------------------------------------

WORDS = (
    "conda-forge", "a", "b", "https://me:pw@x.example/t/tok/c", "true", "1.10", "null", "~", "x: y", "#no",
    "numpy>=2,<3", "- a", "é", "'q'", '"dq"', "*", "&x", "!t", "[a]", "{a}", "${WHO}/x", "\\s", "a #b", "@x",
    "%x", "k:", "0x10", "1e3", ".5", "2001-01-01", "=", "<<", "|", ">", "?", "a,b", "-",
)  # fmt: skip
KEYS = {
    "channels": "list", "channel": "list", "pinned_packages": "list", "unknown": "list",
    "channel_alias": "text", "offline": "text", "verify_ssl": "text",
    "proxy_servers": "table", "custom_multichannels": "table",
}  # fmt: skip
EDITED = (
    "channels", "pinned_packages", "unknown", "channel_alias", "offline", "ssl_verify", "proxy_servers.https",
    "proxy_servers.a.b", "custom_multichannels.a.b", "proxy_servers",
)  # fmt: skip
COMMENT = re.compile(r"# c\d+")


class Writer:
    """Makes files as people write them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.comments = 0

    def text(self) -> str:
        chance = self.random.random
        lines = ["---"] if chance() < 0.1 else []
        for name in self.random.sample(sorted(KEYS), self.random.randrange(5)):
            lines += self.entry(name, KEYS[name])
        if chance() < 0.05:
            lines.append("...")
        end = self.random.choice(["\n", "\n", "\r\n"])
        text = end.join(lines) + self.random.choice(["", end])
        return f"\ufeff{text}" if chance() < 0.1 else text

    def entry(self, name: str, kind: str) -> list[str]:
        choose, chance = self.random.choice, self.random.random
        lines = [self.comment()] if chance() < 0.4 else []
        lines += [""] if chance() < 0.2 else []
        if kind == "text":
            return [*lines, f"{name}: {choose([self.scalar(), ''])}{self.behind()}"]
        if kind == "list":
            return [*lines, *self.listed(name)]
        names = self.random.sample(["http", "https", "all", "a.b"], self.random.randrange(4))
        if chance() < 0.25:
            said = ", ".join(f"{each}: {self.scalar(flow=True)}" for each in names)
            return [*lines, f"{name}: {{{said}}}{self.behind()}"]
        indent = choose(["  ", "    "])
        lines.append(f"{name}:{self.behind()}")
        for each in names:
            lines += [choose(["", f"  {self.comment()}"])] if chance() < 0.2 else []
            if chance() < 0.3:
                lines += [f"{indent}{each}:", f"{indent}{choose(['', '  '])}- {self.scalar()}"]
            else:
                lines.append(f"{indent}{each}: {self.scalar()}{self.behind()}")
        return lines

    def listed(self, name: str) -> list[str]:
        choose, chance = self.random.choice, self.random.random
        count = self.random.randrange(4)
        if chance() < 0.2 and count:
            return [f"{name}: {self.scalar()}{self.behind()}"]
        if chance() < 0.3:
            words = [self.scalar(flow=True) for _ in range(count)]
            if chance() < 0.4:
                lines = [f"  {word},{self.behind()}" for word in words]
                return [f"{name}: [", *lines, f"  ]{self.behind()}"]
            return [f"{name}: [{', '.join(words)}]{self.behind()}"]
        lines = [f"{name}:{self.behind()}"]
        indent = choose(["", "  ", "    "])
        for _ in range(count):
            lines += [choose(["", f"  {self.comment()}"])] if chance() < 0.2 else []
            lines.append(f"{indent}- {self.scalar()}{self.behind()}")
        return lines

    def scalar(self, *, flow: bool = False) -> str:
        word = self.random.choice(WORDS)
        kind = self.random.randrange(3)
        if kind == 0:
            return "'" + word.replace("'", "''") + "'"
        if kind == 1:
            try:
                if read_yaml(f"[{word}]" if flow else f"- {word}").value == [word]:
                    return word
            except InvalidYaml:
                pass
        return json.dumps(word, ensure_ascii=False)

    def comment(self) -> str:
        self.comments += 1
        return f"# c{self.comments}"

    def behind(self) -> str:
        return f" {self.comment()}" if self.random.random() < 0.3 else ""


def looked_up(said: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        said = (said or {}).get(name) if isinstance(said, dict) or said is None else None
    return said


def apart(said: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """What it says but for the path; a table of nothing is none."""
    rest = {name: dict(value) if isinstance(value, dict) else value for name, value in said.items()}
    if len(path) == 1:
        rest.pop(path[0], None)
    elif path[0] in rest and (rest[path[0]] is None or isinstance(rest[path[0]], dict)):
        inner = rest.pop(path[0]) or {}
        inner.pop(path[1], None)
        rest.update({path[0]: inner} if inner else {})
    return rest


def wanted(old: Any, kind: str, value: str) -> Any:
    items = [] if old is None else [old] if isinstance(old, str) else old
    rest = [each for each in items if each != value] if isinstance(items, list) else []
    return {
        "set": value, "prepend": [value, *rest], "append": [*rest, value], "remove": rest, "remove-key": None,
    }[kind]  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_whatever_stands_there_just_that_is_changed_or_nothing(seed: int) -> None:
    writer = Writer(seed)
    choose = writer.random.choice
    done = 0
    for _ in range(60):
        text = writer.text()
        try:
            before = read_yaml(text).value or {}
        except InvalidYaml:
            continue
        edit = CondarcEdit(
            choose(["set", "prepend", "append", "remove", "remove-key"]), choose(EDITED), choose(WORDS)
        )
        try:
            after = edit_condarc(text, [edit])
        except CannotEditCondarc:
            continue
        done += 1
        found = read_yaml(after).value or {}
        first, *below = key_path(edit.key)
        path = (name_in_file(before, first), *below)
        assert apart(found, path) == apart(before, path), (text, edit)
        old = looked_up(before, path)
        assert looked_up(found, path) == wanted(old, edit.kind, edit.value), (text, edit)
        comments, kept = Counter(COMMENT.findall(text)), Counter(COMMENT.findall(after))
        assert not kept - comments
        if edit.kind in ("set", "prepend", "append") and not (isinstance(old, list) and edit.value in old):
            assert kept == comments, (text, edit)
        assert after.startswith("\ufeff") == text.startswith("\ufeff")
        if "\r\n" in text:
            assert "\n" not in after.replace("\r\n", ""), (text, edit)
    assert done > 10
