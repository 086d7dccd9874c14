"""py-rattler alone at one piece of work, in a process of its own: the other side of ``conda_costs.py``.

The question is one object of JSON, the only argument. What is done is what a command of hutch does: imports,
the work, a line of output. After an ``await`` of py-rattler an interpreter may crash while it ends
(PyO3/pyo3-async-runtimes#40), so this one does not end.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

rattler: Any = importlib.import_module("rattler")

VIRTUAL = {
    "osx-64": [("__osx", "13.0"), ("__unix", "0"), ("__archspec", "1")],
    "linux-64": [("__glibc", "2.28"), ("__linux", "4.18"), ("__unix", "0"), ("__archspec", "1")],
    "osx-arm64": [("__osx", "13.0"), ("__unix", "0"), ("__archspec", "1")],
    "win-64": [("__win", "10.0"), ("__archspec", "1")],
}


def _virtual(subdir: str) -> list[Any]:
    build = importlib.import_module("rattler.package.build_string").BuildString("0")
    return [
        rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(version), build)
        for name, version in VIRTUAL[subdir]
    ]


def _specs(question: dict[str, Any]) -> list[Any]:
    return [rattler.MatchSpec(text, strict=False) for text in question["specs"]]


def _sparse(question: dict[str, Any]) -> list[Any]:
    channel = rattler.Channel(Path(question["channel"]).as_uri())
    found = []
    for subdir in (question["subdir"], "noarch"):
        path = Path(question["channel"], subdir, "repodata.json")
        if path.exists():
            found.append(rattler.SparseRepoData(channel, subdir, str(path)))
    return found


def _installed(prefix: str) -> list[Any]:
    return [rattler.PrefixRecord.from_path(path) for path in Path(prefix, "conda-meta").glob("*.json")]


async def sparse(question: dict[str, Any]) -> int:
    """Solve out of mapped files: its quickest way for a folder."""
    found = await rattler.solve_with_sparse_repodata(
        _specs(question), _sparse(question), virtual_packages=_virtual(question["subdir"])
    )
    return len(found)


async def platforms(question: dict[str, Any]) -> int:
    """As `sparse`, for several platforms, one after the other."""
    return sum([await sparse({**question, "subdir": each}) for each in question["subdirs"]])


async def gateway(question: dict[str, Any]) -> int:
    """Solve through its cache of repodata, as for a server."""
    return len(await _solve(question))


async def _solve(question: dict[str, Any], locked: list[Any] | None = None) -> list[Any]:
    found: list[Any] = await rattler.solve(
        [rattler.Channel(Path(question["channel"]).as_uri())],
        _specs(question),
        gateway=rattler.Gateway(cache_dir=Path(question["cache"], "repodata")),
        platforms=[question["subdir"], "noarch"],
        virtual_packages=_virtual(question["subdir"]),
        locked_packages=locked or [],
    )
    return found


async def install(question: dict[str, Any]) -> int:
    """Solve, and make the prefix that: what is there is preferred, but for the names in ``free``."""
    present = _installed(question["prefix"])
    free = question.get("free", ())
    locked = [each for each in present if each.name.normalized not in free]
    records = await _solve(question, locked)
    await rattler.install(
        records,
        question["prefix"],
        cache_dir=Path(question["cache"], "packages"),
        installed_packages=present,
        requested_specs=[each._match_spec for each in _specs(question)],
        execute_link_scripts=False,
    )
    return len(records)


async def remove(question: dict[str, Any]) -> int:
    """Make the prefix what it is without the names in ``specs``."""
    present = _installed(question["prefix"])
    left = [each for each in present if each.name.normalized not in question["specs"]]
    cache = Path(question["cache"], "packages")
    await rattler.install(left, question["prefix"], cache_dir=cache, installed_packages=present)
    return len(left)


async def listing(question: dict[str, Any]) -> int:
    """What is in the prefix, as ``conda list`` prints it; with ``free`` as ``conda env export`` does."""
    form = "  - {0}={1}={2}" if question.get("free") else "{0:24} {1:12} {2:12} {3}"
    rows = sorted(
        (each.name.normalized, str(each.version), str(each.build), str(each.channel))
        for each in _installed(question["prefix"])
    )
    print("\n".join(form.format(*row) for row in rows))
    return len(rows)


async def search(question: dict[str, Any]) -> int:
    """The records that MatchSpecs mean."""
    found = await rattler.Gateway(cache_dir=Path(question["cache"], "repodata")).query(
        [rattler.Channel(Path(question["channel"]).as_uri())],
        [question["subdir"], "noarch"],
        _specs(question),
        recursive=False,
    )
    rows = [
        (each.name.normalized, str(each.version), str(each.build), each.subdir)
        for records in found
        for each in records
    ]
    print("\n".join(f"{name:24} {version:12} {build:12} {subdir}" for name, version, build, subdir in rows))
    return len(rows)


def main() -> None:
    """Answer, and go at once."""
    question = json.loads(sys.argv[1])
    code = 0
    try:
        print(asyncio.run(globals()[question["ask"]](question)))
    except Exception as error:
        print(str(error)[:4000])
        code = 0 if question.get("unsolvable") else 1
    sys.stdout.flush()
    os._exit(code)


main()
