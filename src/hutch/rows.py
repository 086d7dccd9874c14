"""Named tuples, without the import of ``collections`` and ``typing``.

Rows of manifests and archives come by in every installation, and these two modules with all that they need
would be a tenth of the fastest one. Type checkers see ``typing.NamedTuple``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:
    from _collections import _tuplegetter  # type: ignore[import-not-found]
except ImportError:  # not everywhere in C
    from _operator import itemgetter

    def _tuplegetter(place: int, text: str) -> Any:
        return property(itemgetter(place), doc=text)


__all__ = ["row_type"]


def row_type(module: str, name: str, *fields: str) -> Any:
    """As ``typing.NamedTuple``, as far as hutch goes. Who makes many uses ``_make``, which checks nothing."""

    def make(cls: Any, /, *values: Any, **named: Any) -> Any:
        left = fields[len(values) :]
        if len(values) > len(fields) or named.keys() != set(left):
            raise TypeError(f"{name} takes {', '.join(fields)}")
        return tuple.__new__(cls, (*values, *(named[field] for field in left)))

    def replace(self: Any, /, **named: Any) -> Any:
        return type(self)(**dict(zip(fields, self, strict=True)) | named)

    def values_of(self: Any) -> tuple[Any, ...]:
        return (*self,)

    def show(self: Any) -> str:
        return f"{name}({', '.join(f'{k}={v!r}' for k, v in zip(fields, self, strict=True))})"

    own = {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
    own |= {"__new__": make, "__repr__": show, "__getnewargs__": values_of, "__module__": module}
    own |= {"__slots__": (), "_make": classmethod(tuple.__new__), "_replace": replace, "_fields": fields}
    return type(name, (tuple,), own)
