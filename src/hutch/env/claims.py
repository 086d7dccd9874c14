"""Who may have a path: every file that a plan brings, against what lies there and against each other.

A path that another distribution has recorded is its own; what makes the environment one, and the records of
what is installed, are nobody's; what no record knows may be the user's. The check costs little because most
packages have a top-level directory of their own: where nothing lies and no other wheel of the plan comes,
nothing below it need be looked at. What is contested is looked at file by file.
"""

from __future__ import annotations

import os
import stat

from hutch.env.problems import ENVIRONMENT, NOBODY, Clash, ClobberProblem
from hutch.env.records import fold_path, record_name, without_rows
from hutch.env.removal import is_protected
from hutch.events import Emit, Notice
from hutch.plain import read_plain
from hutch.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hutch.env.environment import Environment
    from hutch.env.placement import Placement
    from hutch.env.records import Owners

__all__ = ["Claims", "folds_case"]

INFOS = (".dist-info", ".egg-info", ".egg-link")


def folds_case(root: str) -> bool:
    """Whether `Foo` and `foo` are one file in the environment, as on macOS and Windows."""
    return os.path.lexists(os.path.join(root, "PYVENV.CFG"))


class Claims:
    """The one pass over what comes. What has to make way is added to ``moves``.

    Packages named in ``allowed`` may replace files of others; those in ``repaired`` were there before, with
    records that are lost, so what lies in their way is taken for their own. Those in ``restored`` come out of
    what the environment kept itself, records included.
    """

    def __init__(
        self,
        environment: Environment,
        structure: Iterable[str],
        moves: list[str],
        owners: Owners,
        *,
        allowed: Collection[str],
        repaired: Collection[str] = frozenset(),
        restored: Collection[str] = frozenset(),
        emit: Emit,
    ) -> None:
        self._root = environment.root
        self._site = environment.purelib
        self._scripts = environment.scripts
        self._moves = moves
        self._folds = folds_case(environment.root)
        self._structure = {self._key(path) for path in structure}
        self._moved = {self._key(path) for path in moves}
        self._owners = owners
        self._allowed = allowed
        self._repaired = repaired
        self._restored = restored
        self._emit = emit
        self._fresh: dict[str, None] = {}
        self._clashes: list[Clash] = []
        self._claimed: dict[str, tuple[Placement, str, bool]] = {}
        self._bytecode: list[tuple[Placement, str]] = []
        self._replaced: dict[tuple[str, str], int] = {}
        self._lost: dict[str, set[str]] = {}
        self._kinds: dict[str, str] = {"": "directory"}
        self._spots: dict[str, str | None] = {}

    def settle(self, placements: list[Placement]) -> tuple[list[str], dict[str, bytes]]:
        """The paths that are made and do not exist once the moves are done, and RECORDs that change.

        These are of packages that stay, without the files that others were allowed to replace. Raises
        ClobberProblem and OSError.
        """
        contested = self._contested(placements)
        for one in placements:
            if one.name not in self._restored and not one.is_conda:
                for part in one.parts:
                    self._check_records(one, part.path)
            for path, digest, command in one.contested_paths(contested):
                self._claim(one, path, digest, command)
            if one.is_conda:
                self._claim_conda(one)
        for one in placements:
            # When it is known whose the modules are.
            self._claim_bytecode(one, contested)
        self._check_kinds()
        self._check_bytecode()
        if self._clashes:
            raise ClobberProblem(tuple(self._clashes))
        for (newcomer, owner), number in self._replaced.items():
            files = "a file" if number == 1 else f"{number} files"
            text = f"{newcomer} replaced {files} of {owner}, as was allowed"
            if owner != NOBODY:
                here, there = newcomer.partition(" ")[0], owner.partition(" ")[0]
                text += f"; reinstall {there} when {here} goes"
            self._emit(Notice(text, warning=True))
        # The records first: they are moves and fresh paths as well.
        records = self._records()
        return list(self._fresh), records

    @property
    def fresh(self) -> list[str]:
        """The paths that are made and do not exist once the moves are done."""
        return list(self._fresh)

    def take(self, path: str, moves: list[str]) -> None:
        """A file that is ours to write: it is made anew, and what is there makes way."""
        parent = path.rpartition("/")[0]
        self._fresh[self._first_absent(path) if self._kind(parent) == "absent" else path] = None
        if path not in moves and self._kind(path) != "absent":
            self._move(path)

    def _claim_conda(self, one: Placement) -> None:
        """Directories that a conda package makes though nothing is in them, and its record."""
        for folder in one.folders:
            spot = self._settle_directory(one, folder)
            if spot is not None:
                self._fresh[spot] = None
        record = f"{one.site}/{one.dist_info}"
        if self._kind(record) == "absent":
            self._fresh[self._first_absent(record)] = None
        else:
            self._clash(one, record, self._owners.below(record) or NOBODY)

    def _records(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for dist_info, paths in self._lost.items():
            record = f"{dist_info}/{record_name(self._root, dist_info)}"
            content = read_plain(f"{self._root}/{record}")
            found[record] = without_rows(self._root, dist_info, content, paths, fold=self._folds)
            self._move(record)
            self._fresh[record] = None
        return found

    def _contested(self, placements: list[Placement]) -> set[str]:
        """The top-level names of `site-packages` where more than one wheel, or anything at all, is to be."""
        seen: dict[str, str] = {}
        contested: set[str] = set()
        for one in placements:
            for top in one.tops():
                key = self._key(top)
                if key in seen:
                    contested.update((top, seen[key]))
                seen[key] = top
            contested.update(one.tops_of_parts())
        for top in seen.values():
            if top in contested:
                continue
            path = f"{self._site}/{top}"
            if self._kind(path) == "absent":
                self._fresh[self._first_absent(path)] = None
            else:
                contested.add(top)
        return contested

    def _check_records(self, one: Placement, path: str) -> None:
        """A `.data` file may not add to the records of any distribution, its own included."""
        start = self._site + "/"
        if not self._key(path).startswith(self._key(start)):
            return
        top = path[len(start) :].partition("/")[0]
        if top.lower().endswith(INFOS):
            owner = self._owners.below(start + top) or ENVIRONMENT
            self._clash(one, path, owner)

    def _claim(self, one: Placement, path: str, digest: str, command: bool) -> None:
        key = self._key(path)
        if is_protected(path, self._scripts, prefix=one.is_conda) or key in self._structure:
            self._clash(one, path, ENVIRONMENT)
            return
        known = self._claimed.get(key)
        if known is not None:
            self._settle_between(one, known[0], path, same=known[1] == digest, commands=command and known[2])
            return
        self._claimed[key] = (one, digest, command)
        if key.endswith(".pyc") and "/__pycache__/" in key:
            self._bytecode.append((one, path))
        parent = path.rpartition("/")[0]
        spot = self._spots.get(parent, "?")
        if spot == "?":
            spot = self._spots[parent] = self._settle_directory(one, parent)
        if spot is not None:
            self._fresh[spot] = None
        elif self._kind(path) == "absent":
            self._fresh[path] = None
        else:
            self._settle_with_disk(one, path, digest, command)

    def _claim_bytecode(self, one: Placement, contested: set[str]) -> None:
        """Bytecode goes where its module goes, and is never a reason for a clash: Python can do without."""
        if one.bytecode is None:
            return
        from hutch.store import source_of

        for row in one.compiled():
            module: str = row[0]  # type: ignore[assignment]
            top = module.partition("/")[0]
            # Modules of `site-packages` itself, and they alone, share a folder for their bytecode.
            if top not in contested and top != "__pycache__":
                continue
            path, source = f"{self._site}/{module}", f"{self._site}/{source_of(module)}"
            owner = self._claimed.get(self._key(source), (one, "", False))[0]
            kind = self._kind(path)
            if (
                owner is not one
                or one.skips(source)
                or self._key(path) in self._claimed
                or self._kind(path.rpartition("/")[0]) == "other"
                or kind == "directory"
                or (kind == "other" and self._owners.of(path))
            ):
                one.skip(path, owned=False)
            else:
                self._claim(one, path, "", False)

    def _settle_directory(self, one: Placement, directory: str) -> str | None:
        """None if ``directory`` is there; else the first path on the way to it that is to be made."""
        parts = directory.split("/") if directory else []
        for length in range(1, len(parts) + 1):
            path = "/".join(parts[:length])
            kind = self._kind(path)
            if kind == "other":
                # A file or a link where a directory is to be: writing through a link is out of the question.
                owners = self._owners.of(path)
                if owners or is_protected(path, self._scripts, prefix=one.is_conda):
                    self._clash(one, path, owners[0][0] if owners else ENVIRONMENT)
                elif self._may_replace(one):
                    self._replace(one, path, NOBODY)
                else:
                    self._clash(one, path, NOBODY)
                return path
            if kind == "absent":
                return path
        return None

    def _settle_between(
        self, one: Placement, other: Placement, path: str, *, same: bool, commands: bool
    ) -> None:
        """Two wheels of the plan want ``path``; ``other`` came first and has it so far."""
        if one is other:
            self._clash(one, path, one.label)
        elif same:
            one.skip(path, owned=True)
        elif commands and one.requires(other.name):
            other.skip(path, owned=False)
            self._claimed[self._key(path)] = (one, "", True)
        elif commands and other.requires(one.name):
            one.skip(path, owned=False)
        elif one.name in self._allowed:
            other.skip(path, owned=False)
            self._claimed[self._key(path)] = (one, "", False)
            self._count(one, other.label)
        elif other.name in self._allowed:
            one.skip(path, owned=False)
            self._count(other, one.label)
        else:
            self._clash(one, path, other.label)

    def _settle_with_disk(self, one: Placement, path: str, digest: str, command: bool) -> None:
        """Something is at ``path`` already."""
        owners = self._owners.of(path)
        if not owners:
            self._settle_with_nobody(one, path, digest)
            return
        owner = owners[0][0]
        if digest and any(known == f"sha256={digest}" for _, known in owners):
            one.skip(path, owned=True)
        elif command and all(one.requires(label.partition(" ")[0]) for label, _ in owners):
            self._move(path)
            self._fresh[path] = None
        elif command and any(self._installed_requires(label, one.name) for label, _ in owners):
            one.skip(path, owned=False)
        elif one.name in self._allowed:
            self._replace(one, path, owner)
            self._fresh[path] = None
        else:
            self._clash(one, path, owner)

    def _settle_with_nobody(self, one: Placement, path: str, digest: str) -> None:
        """What lies there is in no record: bytecode, what a lost package left, or something of the user's."""
        if self._kind(path) == "directory":
            below = self._owners.below(path)
            if below is not None or not (self._may_replace(one) or self._is_empty(path)):
                self._clash(one, path, below or NOBODY)
                return
        elif not (
            self._may_replace(one)
            or path.endswith(".pyc")
            or (digest and _is_file_with(f"{self._root}/{path}", digest))
        ):
            self._clash(one, path, NOBODY)
            return
        self._move(path)
        self._fresh[path] = None

    def _installed_requires(self, label: str, name: str) -> bool:
        from hutch.env.placement import reads_requirement

        where = self._owners.dist_info(label)
        return where is not None and reads_requirement(os.path.join(self._root, where, "METADATA"), name)

    def _check_kinds(self) -> None:
        """No path of one wheel may be a directory of another."""
        directories: dict[str, str] = {}
        for path, (one, _, _) in self._claimed.items():
            parent = path.rpartition("/")[0]
            while parent and parent not in directories:
                directories[parent] = one.label
                parent = parent.rpartition("/")[0]
        for path in self._claimed.keys() & directories.keys():
            self._clash(self._claimed[path][0], path, directories[path])

    def _check_bytecode(self) -> None:
        """Bytecode is run in place of its source: who brings it must own that."""
        for one, path in self._bytecode:
            folder, _, name = path.rpartition("/")
            source = f"{folder.rpartition('/')[0]}/{name.partition('.')[0]}.py"
            coming = self._claimed.get(self._key(source))
            owners = [label for label, _ in self._owners.of(source)]
            if coming is not None and coming[0] is not one:
                self._clash(one, path, coming[0].label)
            elif owners and coming is None:
                self._clash(one, path, owners[0])

    def _may_replace(self, one: Placement) -> bool:
        return one.name in self._allowed or one.name in self._repaired or one.name in self._restored

    def _clash(self, one: Placement, path: str, owner: str) -> None:
        clash = Clash(path=path, owner=owner, newcomer=one.label)
        if clash not in self._clashes:
            self._clashes.append(clash)

    def _replace(self, one: Placement, path: str, owner: str) -> None:
        self._move(path)
        if one.name in self._allowed:
            self._count(one, owner)
        for label, _ in self._owners.of(path):
            dist_info = self._owners.dist_info(label)
            if dist_info is not None:
                self._lost.setdefault(dist_info, set()).add(path)

    def _count(self, one: Placement, owner: str) -> None:
        self._replaced[one.label, owner] = self._replaced.get((one.label, owner), 0) + 1

    def _move(self, path: str) -> None:
        self._moves.append(path)
        self._moved.add(self._key(path))
        self._kinds.clear()
        self._kinds[""] = "directory"

    def _key(self, path: str) -> str:
        return fold_path(path) if self._folds else path

    def _kind(self, path: str) -> str:
        """What is at ``path`` once the moves are done: ``absent``, ``directory`` or ``other``."""
        kind = self._kinds.get(path)
        if kind is None:
            if self._key(path) in self._moved or self._kind(path.rpartition("/")[0]) != "directory":
                kind = "absent"
            else:
                try:
                    mode = os.lstat(f"{self._root}/{path}").st_mode
                    kind = "directory" if stat.S_ISDIR(mode) else "other"
                except (FileNotFoundError, NotADirectoryError):
                    kind = "absent"
            self._kinds[path] = kind
        return kind

    def _first_absent(self, path: str) -> str:
        while (parent := path.rpartition("/")[0]) and self._kind(parent) == "absent":
            path = parent
        return path

    def _is_empty(self, path: str) -> bool:
        """Whether there is no file below the directory but bytecode."""
        for _, _, files in walk(f"{self._root}/{path}"):
            if any(not name.endswith(".pyc") for name in files):
                return False
        return True


def _is_file_with(path: str, digest: str) -> bool:
    """Whether a plain file with this SHA-256 (unpadded base64) is at ``path``."""
    from hashlib import file_digest

    from hutch.spec.digest import record_text

    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as file:
            found = record_text(file_digest(file, "sha256").digest())
    except OSError:
        return False
    return found == digest
