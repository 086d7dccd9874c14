"""A few words of the standard library, without what the import of their modules brings along.

``functools`` and ``contextlib`` cost 3 ms with all that they need, which is a tenth of a warm command, for a
dozen lines each. These here mean the same as far as hutch goes; type checkers see the standard library's.
"""

from __future__ import annotations

TYPE_CHECKING = False
_ENDLESS = 1e999
if TYPE_CHECKING:
    from collections import deque
    from contextlib import contextmanager
    from functools import cached_property, wraps
    from typing import Any
else:
    try:
        from _collections import deque
    except ImportError:  # not everywhere in C
        from collections import deque

    class cached_property:
        """As ``functools.cached_property``."""

        def __init__(self, make):
            self._make, self.__doc__ = make, make.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, value, owner=None):
            if value is None:
                return self
            made = value.__dict__[self._name] = self._make(value)
            return made

    def wraps(wrapped):
        """As ``functools.wraps``, as far as help and tests look."""

        def dress(wrapper):
            for name in ("__module__", "__name__", "__qualname__", "__doc__"):
                setattr(wrapper, name, getattr(wrapped, name))
            wrapper.__wrapped__ = wrapped
            return wrapper

        return dress

    def contextmanager(make):
        """As ``contextlib.contextmanager``, for ``with``: its managers decorate nothing."""

        @wraps(make)
        def begin(*positional, **named):
            return _Managed(make(*positional, **named))

        return begin

    class _Managed:
        """A generator that yields once, as a context manager."""

        __slots__ = ("_generator",)

        def __init__(self, generator):
            self._generator = generator

        def __enter__(self):
            try:
                return next(self._generator)
            except StopIteration:
                raise RuntimeError("generator didn't yield") from None

        def __exit__(self, kind, error, trace):
            if error is None:
                try:
                    next(self._generator)
                except StopIteration:
                    return False
                raise RuntimeError("generator didn't stop")
            try:
                self._generator.throw(error)
            except StopIteration as ended:
                return ended is not error
            except BaseException as raised:
                # What the body raised is not raised once more; a StopIteration comes back wrapped (PEP 479).
                same = raised is error or (
                    isinstance(error, StopIteration)
                    and raised.__cause__ is error
                    and type(raised) is RuntimeError
                )
                if not same:
                    raise
                error.__traceback__ = trace
                return False
            raise RuntimeError("generator didn't stop after throw()")


def from_json(data: str | bytes) -> Any:
    """As ``json.loads``, which brings ``re`` and ``enum`` along: 4 ms.

    The scanner is the same. Whatever is not plainly right is handed to the real one, which has words for it.
    """
    try:
        from _json import make_scanner

        text = data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data
        # ``json`` guesses the encoding of bytes by the zeros among the first.
        if text[:1] not in ("{", "[") or "\0" in text[:4]:
            raise ValueError
        value, end = make_scanner(_Plain)(text, 0)  # type: ignore[arg-type]
        if text[end:].strip(" \t\n\r"):
            raise ValueError
        return value
    except (ImportError, AttributeError, ValueError, StopIteration, RecursionError, SystemError):
        # SystemError: until 3.12 the scanner fails so where nobody has imported ``json`` with its exception.
        import json

        return json.loads(data)


class _Plain:
    """What ``json`` reads if nobody says otherwise."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": -_ENDLESS, "Infinity": _ENDLESS, "NaN": _ENDLESS - _ENDLESS}.__getitem__


__all__ = ["cached_property", "contextmanager", "deque", "from_json", "wraps"]
