"""Conditions of dependencies (CEP 43): MatchSpecs with ``and``, ``or`` and parentheses between them.

    python <3.12          __unix and (python >=3.13 or numpy)

A MatchSpec holds where a package that it means is there; without the package it does not hold.
"""

from __future__ import annotations

import re

from .conda_specs import InvalidCondaSpec, parse_conda_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # A MatchSpec, or (``and`` or ``or``, parts).
    Condition = str | tuple[str, tuple["Condition", ...]]

__all__ = ["Condition", "alternatives_of", "condition_holds", "parse_condition"]

_WORDS = re.compile(r"\(|\)|\band\b|\bor\b")
_DEEPEST, _MOST = 20, 64
_parsed: dict[str, Condition] = {}


def parse_condition(text: str) -> Condition:
    """``text`` taken apart. Raises `InvalidCondaSpec`."""
    found = _parsed.get(text)
    if found is None:
        found = _parsed[text] = _Reader(text).read()
    return found


def condition_holds(condition: Condition, holds: Callable[[str], bool]) -> bool:
    """Whether it is so, where ``holds`` tells it of a MatchSpec."""
    if isinstance(condition, str):
        return holds(condition)
    word, parts = condition
    return (all if word == "and" else any)(condition_holds(part, holds) for part in parts)


def alternatives_of(condition: Condition) -> tuple[tuple[str, ...], ...]:
    """The same as alternatives: the condition is met where all MatchSpecs of one of them are.

    Raises `InvalidCondaSpec` where there would be more than anybody writes.
    """
    if isinstance(condition, str):
        return ((condition,),)
    word, parts = condition
    each = [alternatives_of(part) for part in parts]
    if word == "or":
        return _few(tuple(dict.fromkeys(one for found in each for one in found)))
    found: tuple[tuple[str, ...], ...] = ((),)
    for more in each:
        found = _few(tuple(dict.fromkeys((*one, *other) for one in found for other in more)))
    return found


def _few(found: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    if len(found) > _MOST:
        raise InvalidCondaSpec(" ".join(found[0])[:80], "its condition has too many alternatives")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = []
        at = 0
        for mark in _WORDS.finditer(text):
            self.words += [text[at : mark.start()].strip(), mark[0]]
            at = mark.end()
        self.words = [word for word in (*self.words, text[at:].strip()) if word]
        self.at = 0

    def read(self) -> Condition:
        found = self.either(0)
        if self.at < len(self.words):
            raise self.refused()
        return found

    def refused(self) -> InvalidCondaSpec:
        return InvalidCondaSpec(self.text, "as a condition it is MatchSpecs with `and`, `or` and parentheses")

    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def either(self, depth: int) -> Condition:
        return self.joined("or", lambda: self.joined("and", lambda: self.one(depth)))

    def joined(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self.next() == word:
            self.at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else (word, tuple(parts))

    def one(self, depth: int) -> Condition:
        word = self.next()
        self.at += 1
        if word == "(":
            if depth == _DEEPEST:
                raise self.refused()
            found = self.either(depth + 1)
            if self.next() != ")":
                raise self.refused()
            self.at += 1
            return found
        if not word or word in (")", "and", "or") or word == "not" or word.startswith("not "):
            raise self.refused()
        spec = parse_conda_spec(word)
        if spec.when or spec.extras:
            raise self.refused()
        return word
