"""A project on disk: its manifest, its lock, the place of its environment."""

from __future__ import annotations

import os
from pathlib import Path

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = ["LOCK", "MANIFEST", "Checkout", "NoProject", "find_checkout", "find_root", "write_text"]

MANIFEST = "pyproject.toml"
LOCK = "pylock.toml"


class NoProject(Problem):
    """There is no project here."""

    code = "no-project"

    def __init__(self, directory: Path, near: str | None = None) -> None:
        self.directory = directory
        why = f"neither {directory} nor a directory above it has a {MANIFEST} with a [project] table"
        super().__init__("no project here", why=near or why, hint="hutch init starts one in this directory")


class UnreadableFile(Problem):
    """A file of the project cannot be read or written."""

    code = "unreadable-file"

    def __init__(self, path: Path, doing: str, reason: str, hint: str = "") -> None:
        self.path = path
        super().__init__(f"cannot {doing} {path}", why=reason, hint=hint or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The directory of a project, and its manifest as read."""

    root: Path
    text: str
    manifest: Manifest

    @property
    def manifest_path(self) -> Path:
        """The manifest."""
        return self.root / MANIFEST

    @property
    def lock_path(self) -> Path:
        """The lock, there or not."""
        return self.root / LOCK


def find_root(directory: Path) -> Path | None:
    """The nearest directory from here upwards that has a manifest."""
    here = os.path.abspath(directory)
    while True:
        if os.path.isfile(os.path.join(here, MANIFEST)):
            return Path(here)
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def read_text(path: Path) -> str:
    """The text of a file of the project, or a problem that says why not."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}"
        raise UnreadableFile(path, "read", why, "save it as UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, "read", error.strerror or str(error)) from None


def write_text(path: Path, text: str) -> None:
    """Replace a file of the project whole or not at all; its permissions stay."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        mode = None
        if path.exists():
            path = path.resolve()  # a symlink stays one
            temporary = path.with_name(temporary.name)
            mode = path.stat().st_mode & 0o777
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        raise UnreadableFile(path, "write", error.strerror or str(error)) from None
    finally:
        try:
            os.unlink(temporary)
        except OSError:
            pass


def find_checkout(context: Context) -> Checkout:
    """Read the project that the user stands in."""
    from hutch.ops.memory import Memory
    from hutch.project import parse_manifest

    root = context.root
    if root is None:
        raise NoProject(context.directory)
    path = root / MANIFEST
    text = read_text(path)
    with Memory(context) as memory:
        manifest = parse_manifest(text, filename=MANIFEST, remember=memory.requirements)
    return Checkout(root=root, text=text, manifest=manifest)
