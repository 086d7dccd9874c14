"""Environments that others keep by name: pyenv-virtualenv's and conda's. They are shown, and left alone."""

from __future__ import annotations

import os

from hutch.ops.env_rows import EnvRow, describe
from hutch.plain import read_plain
from hutch.store.disk import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.context import Context

__all__ = ["conda_rows", "pyenv_rows"]


def pyenv_rows(context: Context) -> Iterator[EnvRow]:
    """The environments of pyenv-virtualenv: ``versions/3.12.1/envs/NAME`` and, of old, ``versions/NAME``."""
    root = context.environ.get("PYENV_ROOT") or os.path.join(_home(context), ".pyenv")
    versions = os.path.join(root, "versions")
    for version in names_in(versions):
        place = os.path.join(versions, version)
        if os.path.islink(place):
            continue  # the name of one that is found below
        if os.path.lexists(os.path.join(place, "pyvenv.cfg")):
            yield describe(place, version, "pyenv")
        for name in names_in(os.path.join(place, "envs")):
            path = os.path.join(place, "envs", name)
            if os.path.lexists(os.path.join(path, "pyvenv.cfg")):
                yield describe(path, name, "pyenv")


def conda_rows(context: Context) -> Iterator[EnvRow]:
    """The environments that conda has noted in ``~/.conda/environments.txt``."""
    try:
        text = read_plain(os.path.join(_home(context), ".conda", "environments.txt"), 1 << 20)
    except OSError:
        return
    for line in dict.fromkeys(text.decode("utf-8", "surrogateescape").splitlines()):
        path = line.strip()
        if not os.path.isabs(path) or not os.path.isdir(os.path.join(path, "conda-meta")):
            continue
        yield _of_conda(path)


def _of_conda(path: str) -> EnvRow:
    names = names_in(os.path.join(path, "conda-meta"))
    records = [name for name in names if name.endswith(".json")]
    # python-3.12.1-hab00c5b_1_cpython.json
    pythons = [name.split("-") for name in records if name.startswith("python-") and name.count("-") == 2]
    named = os.path.basename(os.path.dirname(path)) == "envs"
    base = os.path.isdir(os.path.join(path, "condabin"))
    name = "base" if base else os.path.basename(path) if named else ""
    return EnvRow(
        env_name=name,
        path=path,
        kind="conda",
        of_conda=True,
        python=pythons[0][1] if pythons else "",
        packages=len(records),
    )


def _home(context: Context) -> str:
    from hutch.config.directories import find_home, system_here

    return find_home(context.environ, system_here()) or os.sep
