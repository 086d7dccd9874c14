"""What of a conda prefix goes into an archive, and in which form: as its packages have it.

A file that has the prefix in it is taken back to what was in the package, with the placeholder; a command has
a placeholder of ours in its first line. So the archive names no place, and the same prefix in two places
gives the same archive. Nothing is written here but to a directory for that.
"""

from __future__ import annotations

import hashlib
import os

from hutch.env.conda_files import META, parse_meta, render_meta
from hutch.env.conda_installed import PREFIX, meta_records
from hutch.env.conda_moving import COMMANDS, prefixed_by
from hutch.env.conda_text import original, replace_path, repoint_command
from hutch.env.packing.gathering import FIXED, Gathered, Gatherer, Item
from hutch.env.packing.manifest import MANIFEST, SCRIPT, fault_of_place
from hutch.env.packing.prefix_manifest import HOLD, Placed
from hutch.plain import read_plain
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.spec import NormalizedName
    from hutch.store import Prefixed

__all__ = ["GatheredPrefix", "gather_prefix"]

_SMALL = 1 << 16
LARGEST = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredPrefix:
    """What will be packed, and which of the files are written anew where it is unpacked.

    ``stuck`` are binaries that were changed, so that nobody can tell how the prefix is in them.
    """

    found: Gathered
    placed: tuple[Placed, ...]
    wheels: tuple[tuple[str, str, str, str], ...]
    stuck: tuple[str, ...] = ()


def gather_prefix(
    environment: Environment,
    scratch: str,
    *,
    bytecode: bool = True,
    ignore_editable: bool = False,
    exclude: Sequence[str] = (),
    latest: int | None = None,
) -> GatheredPrefix:
    """Look at everything; ``scratch`` is an empty directory for larger files in their other form.

    Raises OSError."""
    return _Gatherer(environment, bytecode, ignore_editable, tuple(exclude), latest).prefix(scratch)


class _Gatherer(Gatherer):
    def prefix(self, scratch: str) -> GatheredPrefix:
        from hutch.env.packing.gathering import place_of

        self.scratch = scratch
        self.placed: dict[str, Placed] = {}
        self.stuck: list[str] = []
        installed = {
            name: one for name, one in self.environment.installed().items() if not name.startswith(PREFIX)
        }
        editables, kept, self.gone = self._parted(installed)
        self._walk("")
        if not self.ignore_editable:
            for name, one in editables.items():
                self.ways_out.append(f"{name} is installed from {place_of(one)}, and is changed there")
        if self.environment.purelib:
            self._paths()
        self._stale_bytecode()
        for where in meta_records(self.root):
            self._package_of_conda(where)
        self._wheel_commands(kept)
        self._records(kept)
        self._odd_names()
        return GatheredPrefix(
            found=Gathered(
                items=tuple(self.items[path] for path in sorted(self.items)),
                packages=(),
                ways_out=tuple(self.ways_out),
                editables=tuple(map(str, editables)) if not self.ignore_editable else (),
                left_out=tuple(map(str, editables)) if self.ignore_editable else (),
                remnants=tuple(self.remnants),
                excluded=len(self.excluded),
            ),
            placed=tuple(self.placed[path] for path in sorted(self.placed) if path in self.items),
            wheels=tuple(self._wheel_rows(installed, kept)),
            stuck=tuple(self.stuck),
        )

    def _stays_behind(self, path: str) -> bool:
        return path in (".hutch", MANIFEST, SCRIPT, f"{META}/hutch-unpacking")

    def _fault(self, path: str) -> str:
        return fault_of_place(path)

    def _file(self, path: str, where: str) -> None:
        super()._file(path, where)
        if path in self.items:  # packages say which of their files can be run
            run = bool(os.stat(where).st_mode & 0o100)
            self.items[path] = replace(self.items[path], executable=run)

    def _wheel_rows(
        self, installed: Mapping[NormalizedName, Installed], kept: Mapping[NormalizedName, Installed]
    ) -> Iterator[tuple[str, str, str, str]]:
        from hutch.env.packing.gathering import hashes_of

        hashes = hashes_of(self.root, {str(name): one for name, one in installed.items()})
        for name, one in kept.items():
            yield str(name), one.version, hashes.get(str(name), ""), one.dist_info

    # -- packages of conda --------------------------------------------------------------------------

    def _package_of_conda(self, where: str) -> None:
        if where not in self.items:
            return
        data = parse_meta(read_plain(os.path.join(self.root, where), LARGEST))
        if data is None:
            return
        paths_data = data.get("paths_data")
        entries = paths_data.get("paths") if isinstance(paths_data, dict) else None
        found = []
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("_path") if isinstance(entry, dict) else None
            if isinstance(path, str) and (path in self.items or entry.get("path_type") == "directory"):
                found.append(self._entry(path, entry))
        files = data.get("files")
        files = files if isinstance(files, list) else []
        facts = {key: value for key, value in data.items() if key not in ("files", "paths_data")}
        facts |= {"extracted_package_dir": "", "package_tarball_full_path": ""}
        facts["link"] = {"source": "", "type": 1}
        facts |= {key: _public(str(facts[key])) for key in ("url", "channel") if key in facts}
        content = render_meta(facts, [path for path in files if path in self.items], found)
        self.items[where] = Item(path=where, content=content)

    def _entry(self, path: str, entry: dict[str, Any]) -> dict[str, Any]:
        how, command = prefixed_by(entry), entry.get("path_type") in COMMANDS
        item = self.items.get(path)
        if (how is None and not command) or item is None or item.target:
            return entry
        content = self._content(path)
        said = entry.get("sha256")
        if command:
            new = repoint_command(content, self.root, HOLD, of_conda=True)
            self._place(path, Placed(path=path, mode="command", hold=HOLD), new)
        else:
            assert how is not None
            new = self._back(path, content, how, said if isinstance(said, str) else "")
        if new is None:
            return entry
        digest = hashlib.sha256(new).hexdigest()
        now = hashlib.sha256(content).hexdigest()
        if entry.get("sha256_in_prefix") not in (now, None):
            return entry  # it was changed, and is told to be
        more = {"sha256": digest} if command else {}
        return {**entry, **more, "sha256_in_prefix": digest, "size_in_bytes": len(new)}

    def _back(self, path: str, content: bytes, how: Prefixed, sha256: str) -> bytes | None:
        found = original(content, how, self.root, sha256, windows=self.environment.windows)
        if found is None:
            self.stuck.append(path)
            return None
        new, proved = found
        if not proved and how.mode != "binary":
            new = replace_path(content, self.root, how.placeholder)
        self._place(path, Placed(path=path, mode=how.mode, hold=how.placeholder), new)
        return new

    # -- wheels -------------------------------------------------------------------------------------

    def _wheel_commands(self, kept: Mapping[NormalizedName, Installed]) -> None:
        """Commands with our placeholder; their rows in RECORD are changed by `_records`."""
        from hutch.env.records import read_record

        start = f"{self.environment.scripts}/"
        for one in kept.values():
            for path in read_record(self.root, one.dist_info):
                item = self.items.get(path)
                if item is None or not path.startswith(start) or item.target or path in self.placed:
                    continue
                new = repoint_command(self._content(path), self.root, HOLD, of_conda=False)
                if new is not None:
                    self.anew[path] = new
                    self._place(path, Placed(path=path, mode="wheel", hold=HOLD), new)

    # -- contents -----------------------------------------------------------------------------------

    def _content(self, path: str) -> bytes:
        return read_plain(os.path.join(self.root, path), LARGEST)

    def _place(self, path: str, how: Placed, content: bytes | None) -> None:
        """Have the archive have ``content`` there, which is written anew where that is unpacked."""
        if content is None:
            return
        before = self.items[path]
        # Its bytecode is for another date: Python makes it anew.
        if len(content) <= _SMALL:
            self.items[path] = replace(before, source="", content=content, mtime=FIXED)
        else:
            source = os.path.join(self.scratch, str(len(self.placed)))
            with open(source, "xb") as file:
                file.write(content)
            self.items[path] = replace(before, source=source, mtime=FIXED)
        self.placed[path] = how


def _public(address: str) -> str:
    """The address of a channel without what only its user may know."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2]
    if path.startswith("t/"):
        path = path[2:].partition("/")[2]
    return f"{scheme}://{host}{slash}{path}"
