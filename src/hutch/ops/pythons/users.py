"""Which environments run a Python that hutch installed: named ones, and those that the cache knows of."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.interpreters.managed import Pythons
    from hutch.ops.context import Context

__all__ = ["environments_by_home"]


def environments_by_home(context: Context, pythons: Pythons) -> dict[str, list[str]]:
    """Paths of environments, by the name in the folder of Pythons that their `home` goes through: a key, or
    a minor alias."""
    found: dict[str, list[str]] = {}
    for path in dict.fromkeys(_environments(context)):
        name = _name(path, pythons.root)
        if name:
            found.setdefault(name, []).append(path)
    return found


def _environments(context: Context) -> Iterator[str]:
    from hutch.store.roots import registered

    named = os.path.join(context.configuration.data_dir, "envs")
    try:
        for name in sorted(os.listdir(named)):
            yield os.path.realpath(os.path.join(named, name))
    except OSError:
        pass
    active = context.environ.get("VIRTUAL_ENV", "")
    if os.path.isabs(active):
        yield os.path.realpath(active)
    if context.root is not None:
        yield os.path.realpath(os.path.join(context.root, ".venv"))
    for _, path in registered(context.store.root):
        yield path


def _name(environment: str, root: str) -> str:
    """What of the folder of Pythons the environment's ``home`` goes through; "" for none."""
    from hutch.interpreters import parse_pyvenv
    from hutch.plain import read_plain

    try:
        text = read_plain(os.path.join(environment, "pyvenv.cfg"), 1 << 16)
    except (OSError, ValueError):
        return ""
    home = parse_pyvenv(text.decode("utf-8", "replace")).get("home", "")
    for base in dict.fromkeys((root, os.path.realpath(root))):
        inside = os.path.join(base, "")
        if home.startswith(inside):
            return home[len(inside) :].split(os.sep)[0]
    return ""
