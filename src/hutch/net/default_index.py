"""The one place that knows which index is asked when none is configured.

The address is the packaging ecosystem's own constant, taken from the ``distlib`` that is installed
beside hutch: whoever patches that (a distribution, a company) has patched hutch as well.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["default_index_url"]


def default_index_url() -> str:
    """The URL of the Simple API of the default index, with a slash at its end."""
    base = _read_constant() or _import_constant()
    return base.rstrip("/").removesuffix("/pypi") + "/simple/"


def _read_constant() -> str | None:
    # Importing distlib.index loads half of the standard library (50 ms), for one line of its text.
    import os
    import re

    spec = _find("distlib")
    for directory in (spec.submodule_search_locations or ()) if spec else ():
        try:
            with open(os.path.join(directory, "index.py"), encoding="utf-8") as stream:
                found = re.search(r"^DEFAULT_INDEX\s*=\s*['\"](https://[^'\"\s]+)['\"]", stream.read(), re.M)
        except OSError:
            continue
        if found:
            return found[1]
    return None


def _find(name: str) -> ModuleSpec | None:
    """Where a package is: on the path, nearly always, and that is looked at without `importlib.util`."""
    from _frozen_importlib_external import PathFinder

    found = PathFinder.find_spec(name)
    if found is not None:
        return found
    from importlib.util import find_spec

    return find_spec(name)


def _import_constant() -> str:
    from distlib.index import DEFAULT_INDEX

    return str(DEFAULT_INDEX)
