"""From what a file, a variable or a flag says to a checked value."""

from __future__ import annotations

import os

from hutch.config.settings import Setting

__all__ = ["Unusable", "check_text", "check_value", "redacted"]


class Unusable(ValueError):
    """A value that its setting cannot take; the message is the reason, for a person."""


_TRUE = frozenset(("1", "true", "yes", "on", "y", "t"))
_FALSE = frozenset(("0", "false", "no", "off", "n", "f"))


def check_text(setting: Setting, text: str) -> object:
    """Check what a variable or pip's file says: always text, lists divided by white space."""
    if setting.kind == "switch":
        word = text.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise Unusable(f"{text!r} is neither true nor false")
    if setting.switch and text.strip().lower() in _TRUE | _FALSE:
        return setting.switch[text.strip().lower() in _TRUE]
    if setting.kind in ("places", "words"):
        divided = text.replace(",", " ") if setting.kind == "words" else text
        return check_value(setting, divided.split())
    if setting.kind == "paths":
        return check_value(setting, [each for each in text.split(os.pathsep) if each.strip()])
    if setting.kind in ("number", "seconds"):
        try:
            return check_value(setting, int(text) if setting.kind == "number" else float(text))
        except ValueError:
            raise Unusable(f"{text!r} is not a number") from None
    if setting.kind == "indexes":
        raise Unusable("tables can only be written in a file")
    return check_value(setting, text.strip())


def check_value(setting: Setting, value: object) -> object:
    """Check a value of TOML's types, or of a flag."""
    kind = setting.kind
    if kind == "switch":
        if isinstance(value, bool):
            return value
        raise Unusable(f"should be true or false, not {_told(value)}")
    if setting.switch and isinstance(value, bool):
        return setting.switch[value]
    if kind in ("places", "words", "paths"):
        if isinstance(value, str):
            value = (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise Unusable("should be an array of strings")
        return _checked_words(setting, tuple(str(item) for item in value))
    if kind in ("number", "seconds"):
        return _number(setting, value)
    if kind == "moment":
        from hutch.project import parse_moment

        moment = parse_moment(value)
        if moment is None:
            raise Unusable(f"{_told(value)} is neither a date (2026-11-01) nor a span (30 days)")
        return moment
    if kind == "size":
        return _size(value)
    if not isinstance(value, str) and hasattr(value, "__fspath__"):
        value = str(value)
    if not isinstance(value, str):
        raise Unusable(f"should be a string, not {_told(value)}")
    if not value:
        raise Unusable("is empty")
    if any(ord(character) < 32 for character in value):
        raise Unusable("has control characters")
    if setting.choices and value not in setting.choices:
        raise Unusable(f"{value!r} is none of {', '.join(setting.choices)}")
    return value


def _number(setting: Setting, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unusable(f"should be a number, not {_told(value)}")
    if setting.kind == "number" and not isinstance(value, int):
        raise Unusable("should be a whole number")
    # Also refuses nan.
    if not 0 <= value < (1_000_000_000 if setting.name == "archive-member-limit" else 1_000_000):
        raise Unusable(f"{value} is out of range")
    if not value and setting.name != "retries":
        raise Unusable("should be more than 0")
    return value


def _size(value: object) -> str:
    from hutch.store import parse_limit

    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if not isinstance(value, str) or parse_limit(value) is None:
        raise Unusable(f"{_told(value)} is neither a size (20 GiB), a share of the disk (10 %) nor none")
    return value


_NAMES = frozenset(
    {
        *("only-binary", "no-binary", "no-build-package", "no-binary-package"),
        *("build-network", "sandbox-exclude", "allow-clobber"),
    }
)
"""The settings whose words are names of packages, or ``:all:``."""


def _checked_words(setting: Setting, words: tuple[str, ...]) -> tuple[str, ...]:
    from hutch.errors import Problem

    if setting.name == "targets":
        from hutch.spec import parse_target_word

        for word in words:
            try:
                parse_target_word(word)
            except Problem as problem:
                raise Unusable("; ".join((problem.what, *problem.why))) from None
    elif setting.kind == "paths" and not all(word and word.isprintable() for word in words):
        raise Unusable("should be an array of paths")
    elif setting.name in _NAMES:
        from hutch.spec import is_valid_name, normalize

        # Names of conda may begin with a line: _openmp_mutex.
        conda = setting.name == "allow-clobber"
        for word in words:
            name = word.lstrip("_") if conda else word
            if word not in (":all:", ":none:") and not is_valid_name(name):
                raise Unusable(f"{word!r} is neither a name nor :all:")
        return tuple(str(normalize(word)) if word[0] != ":" else word for word in words)
    return words


def _told(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def redacted(text: str) -> str:
    """``text`` with the user name, the password and the token of a URL shown as ``****``."""
    scheme, mark, rest = text.partition("://")
    before, said, behind = rest.partition("/t/")
    if mark and said:  # what stands there in addresses of conda is a secret
        token, slash, tail = behind.partition("/")
        text = f"{scheme}://{before}/t/{'****' if token else ''}{slash}{tail}"
        rest = text.partition("://")[2]
    if not mark:
        scheme, rest = "", text
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    userinfo, sign, host = rest[:end].rpartition("@")
    if not sign or not (mark or ":" in userinfo):
        return text
    return f"{scheme}{mark}****@{host}{rest[end:]}"
