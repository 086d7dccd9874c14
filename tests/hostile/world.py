"""The world that a hostile archive meets: an environment with ``victim`` in it, and sentinels around it.

A test offers an archive on an index of loopback, installs it with the real command line, and says what has to
come of it. Before and after, every path in reach is compared: what it is, its mode, its bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from unicodedata import category

from hutch.testing.fake_index import FakeIndex
from store.craft import Entry, build_zip, wheel_entries

__all__ = ["World", "evil", "make_template"]

FILENAME = "evil-1.0-py3-none-any.whl"
INFO = "evil-1.0.dist-info"
DATA = "evil-1.0.data"
PRECIOUS = "somebody else's\n"
# Files beside the environment, where each kind of traversal would end; `venv` is the environment's parent.
SENTINELS = ("outside/x", "outside/deep/x", "x", "PROJECT/x", "PROJECT/src/main.py", "PROJECT/.venv-x/x")
VICTIM = {
    "files": {
        "victim/__init__.py": "def main():\n    print('innocent')\n",
        "victim/data.txt": "innocent\n",
        "victim_alone.py": "kind = 'innocent'\n",
    },
    "data": {"data/etc/victim.conf": "innocent\n", "scripts/victim-script": "#!python\nprint('innocent')\n"},
    "console_scripts": {"victim": "victim:main"},
}


def evil(files: Mapping[str, bytes] | None = None, **options: Any) -> list[Entry]:
    """The members of a wheel ``evil 1.0``, honest but for what is asked (see ``wheel_entries``)."""
    return wheel_entries({"evil.py": b"x = 1\n", **(files or {})}, name="evil", **options)


def make_template(project: Callable[..., Any], index: FakeIndex, folder: Path) -> None:
    """Fill ``folder`` with a project whose environment has victim, and a cache, for all tests to copy."""
    index.add_wheel("victim", "1.0", **VICTIM)  # type: ignore[arg-type]
    made = project({"notes.txt": PRECIOUS})
    made.run("venv").ok()
    made.run("pip install victim").ok()
    shutil.copytree(made.path, folder / "project", symlinks=True)
    shutil.copytree(made.home / "cache", folder / "cache", symlinks=True)


class World:
    """One test's own: ``project`` with its environment, the index, and all that could be hit."""

    def __init__(self, project: Callable[..., Any], index: FakeIndex, template: Path) -> None:
        self.index = index
        self.project = project({"notes.txt": PRECIOUS})
        self.root: Path = self.project.path.parent
        shutil.copytree(template / "project", self.project.path, symlinks=True, dirs_exist_ok=True)
        shutil.copytree(template / "cache", self.project.home / "cache", symlinks=True)
        self.prefix = f"{self.project.path.name}/.venv/"
        for name in (each.replace("PROJECT", self.project.path.name) for each in SENTINELS):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(PRECIOUS)
        self.environment: Path = self.project.path / ".venv"
        self.site: Path = next(self.environment.glob("lib/python*/site-packages"))
        index.add_wheel("victim", "1.0", **VICTIM)  # type: ignore[arg-type]

    def offer(self, archive: Iterable[Entry] | bytes, filename: str = FILENAME, **listed: Any) -> None:
        """Put an archive on the index, with the hash of its bytes."""
        data = archive if isinstance(archive, bytes) else build_zip(archive)
        metadata = listed.pop("metadata", None)
        if metadata is not None:
            digest = hashlib.sha256(metadata).hexdigest()
            listed.setdefault("core-metadata", {"sha256": digest})
        elif filename.endswith(".whl"):
            # So that the archive itself is what is judged, not the metadata in it that a resolver would read.
            metadata = b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n\n"
            listed.setdefault("core-metadata", {"sha256": hashlib.sha256(metadata).hexdigest()})
        self.index.add_file("evil", filename, data, metadata=metadata, record=listed)

    def install(self, words: str = "evil", **environ: str) -> Any:
        """``hutch pip install WORDS``."""
        return self.project.run(f"pip install {words}", environ=environ)

    def refuse(self, ran: Any, before: Mapping[str, object], *words: str, valid: bool = False) -> Any:
        """Exit 1, and a problem with ``words``; nothing changed, nothing exposed, nothing odd on screen.

        ``valid``: the archive is in order, and what it wants to do is not; so the store may have it.
        """
        self.proper(ran)
        assert ran.exit_code == 1, shown(ran)
        assert ran.stderr.startswith("error: ") or "\nerror: " in ran.stderr, shown(ran)
        for word in words:
            assert word in ran.stderr, (word, shown(ran))
        assert difference(before, self.snapshot()) == {}
        assert self.stored() in ({"victim"}, {"victim", "evil"})[: 1 + valid]
        return ran

    def accept(
        self, ran: Any, before: Mapping[str, object], allowed: Iterable[str] = ()
    ) -> dict[str, object]:
        """Exit 0; nothing that was there has changed, and all that is new lies in the environment."""
        self.proper(ran)
        assert ran.exit_code == 0, shown(ran)
        after = self.snapshot()
        changed = {path: what for path, what in difference(before, after).items() if path not in set(allowed)}
        assert not [path for path in changed if path in before], changed
        assert all(path.startswith(self.prefix) for path in changed), changed
        return {path.removeprefix(self.prefix): after[path] for path in changed if path in after}

    def proper(self, ran: Any) -> None:
        """No traceback, no bug of ours, nothing that acts on a terminal."""
        text = ran.stdout + ran.stderr
        # What a build said is shown, indented.
        assert not [line for line in text.splitlines() if line.startswith("Traceback")], text
        assert ran.exit_code != 70, text
        acting = [each for each in text if each != "\n" and category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert acting == [], shown(ran)

    def stored(self) -> set[str]:
        """The names of the wheels in the store; fails if anything half made lies around."""
        from hutch.store import Store

        cache = self.project.home / "cache"
        store = Store(cache)
        names = set()
        for sha256 in store.wheels.entries():
            wheel = store.wheels.find(sha256)
            names.add(wheel.manifest.name if wheel is not None else f"damaged {sha256}")
        left = [path for path in (cache / "scratch-v1").glob("*/**") if path.is_file()]
        return names | {str(path) for path in left}

    def snapshot(self) -> dict[str, object]:
        """Every path below the root and the home but hutch's own cache and lock: kind, mode, content."""
        found: dict[str, object] = {}
        for base in (self.root, self.project.home):
            for directory, folders, files in os.walk(base):
                if directory == str(self.project.home):
                    folders[:] = [name for name in folders if name != "cache"]
                    files = [name for name in files if not name.startswith(("stdout-", "stderr-"))]
                for name in (*folders, *files):
                    path = os.path.join(directory, name)
                    where = os.path.relpath(path, base)
                    if not where.startswith(f"{self.prefix}.hutch"):
                        found[where] = facts(path)
        return found


def facts(path: str) -> object:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path))
    if not stat.S_ISREG(status.st_mode):
        return ("other", oct(status.st_mode))
    with open(path, "rb") as file:
        return ("file", oct(status.st_mode), file.read())


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """What came, went or changed."""
    return {
        path: (before.get(path), after.get(path))
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


def shown(ran: Any) -> str:
    return f"exit {ran.exit_code}\n{ran.stderr}{ran.stdout}"
