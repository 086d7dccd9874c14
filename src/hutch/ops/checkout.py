"""A project on disk: its manifest, its lock, the place of its environment."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.project import Manifest

__all__ = [
    "LOCK",
    "MANIFEST",
    "Checkout",
    "NoProject",
    "find_checkout",
    "find_root",
    "read_manifest",
    "read_text",
    "write_text",
]

MANIFEST = "pyproject.toml"
LOCK = "pylock.toml"


class NoProject(Problem):
    """There is no project here."""

    code = "no-project"

    def __init__(self, directory: str, near: str | None = None) -> None:
        self.directory = directory
        why = f"neither {directory} nor a directory above it has a {MANIFEST}"
        hint = (
            "write [project] with a name and a version" if near else "hutch init starts one in this directory"
        )
        super().__init__("no project here", why=near or why, hint=hint)


class UnreadableFile(Problem):
    """A file of the project cannot be read or written."""

    code = "unreadable-file"

    def __init__(self, path: str, doing: str, reason: str, hint: str = "") -> None:
        self.path = path
        super().__init__(f"cannot {doing} {path}", why=reason, hint=hint or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The directory of a project, and its manifest as read."""

    root: str
    text: str
    manifest: Manifest

    @property
    def name(self) -> str:
        """What to call the project: its own name, or its directory's."""
        return self.manifest.name or os.path.basename(self.root)

    @property
    def manifest_path(self) -> str:
        """The manifest."""
        return os.path.join(self.root, MANIFEST)

    @property
    def lock_path(self) -> str:
        """The lock, there or not."""
        return os.path.join(self.root, LOCK)

    @property
    def lock_hint(self) -> str:
        """What to do where there is no lock, or an old one."""
        return "run hutch lock"

    @property
    def environment(self) -> str | None:
        """Where its environment is, if not where projects have theirs (see ``environment_root``)."""
        return None

    @property
    def source(self) -> str:
        """The text of the file that holds the manifest."""
        return self.text

    def edited(self, context: Context, text: str) -> Checkout:
        """The same project with another manifest."""
        return Checkout(root=self.root, text=text, manifest=read_manifest(context, text))

    def rendered(self, lock: Lock) -> str:
        """The text of a lock of this project."""
        return lock.render()


def find_root(directory: str) -> str | None:
    """The nearest directory from here upwards that has a manifest."""
    here = os.path.abspath(directory)
    while True:
        if os.path.isfile(os.path.join(here, MANIFEST)):
            return here
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def read_text(path: str) -> str:
    """The text of a file of the project, or a problem that says why not."""
    try:
        with open(path, encoding="utf-8", newline="") as file:  # the ends of lines stay what they are
            return file.read()
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}"
        raise UnreadableFile(path, "read", why, "save it as UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, "read", error.strerror or str(error)) from None


def _remove_leftovers(directory: str) -> None:
    """Remove what a killed command was about to put in the place of a manifest or a lock."""
    import time

    for name in os.listdir(directory):
        if name.startswith((f".{MANIFEST}.", f".{LOCK}.")) and name.endswith(".tmp"):
            path = os.path.join(directory, name)
            try:
                if os.stat(path).st_mtime < time.time() - 60:  # whoever is alive needs no minute
                    os.unlink(path)
            except OSError:
                pass


def write_text(path: str, text: str) -> None:
    """Replace a file of the project whole or not at all; its permissions stay, and so does a link to it."""
    path = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.tmp")
    try:
        mode = None
        if os.path.exists(path):
            mode = os.stat(path).st_mode & 0o777
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
        _remove_leftovers(os.path.dirname(path))
    except OSError as error:
        raise UnreadableFile(path, "write", error.strerror or str(error)) from None
    finally:
        try:
            os.unlink(temporary)
        except OSError:
            pass


def find_checkout(context: Context) -> Checkout:
    """Read the project that the user stands in."""
    root = context.root
    if root is None:
        raise NoProject(context.directory)
    path = os.path.join(root, MANIFEST)
    text = read_text(path)
    manifest = read_manifest(context, text)
    if manifest.name is None and not manifest.groups and not manifest.is_package:
        raise NoProject(context.directory, f"{path} has no [project] table")
    return Checkout(root=root, text=text, manifest=manifest)


def read_manifest(context: Context, text: str) -> Manifest:
    """Parse a manifest, with what is remembered of the one before."""
    from hutch.ops.memory import Memory
    from hutch.project import parse_manifest

    with Memory(context) as memory:
        return parse_manifest(text, filename=MANIFEST, remember=memory.requirements, load=memory.load_toml)
