"""A project on disk: its manifest, its lock, the place of its environment."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.plain import read_plain
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.foreign_lock import ForeignLock
    from hutch.ops.members import Member
    from hutch.ops.memory import Memory
    from hutch.project import Editor, Manifest
    from hutch.spec import Specifiers

__all__ = [
    "LOCK",
    "MANIFEST",
    "Checkout",
    "NoProject",
    "Neighbours",
    "plain_words",
    "read_manifest",
    "read_text",
    "refuse_way_out",
    "write_text",
]

MANIFEST = "pyproject.toml"
LOCK = "pylock.toml"


class NoProject(Problem):
    """There is no project here."""

    code = "no-project"

    def __init__(self, directory: str, near: str | None = None) -> None:
        self.directory = directory
        why = f"neither {directory} nor a directory above it has a pyproject.toml, a Pipfile or the like"
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
    """The directory of a project, and its manifest as read.

    ``file`` is the name of the manifest, ``others`` are the files beside it that it consists of, and
    ``foreign`` is the lock of another tool, where that is what says which versions are installed; ``seed`` is
    one that proves nothing, and whose versions are kept when a lock is made. ``beside`` has texts of the
    others that are not written yet, by their names.

    A workspace is one too (``ops.members``): then ``manifest`` says what all members ask for, and ``own``
    is that of the member whose manifest is edited.
    """

    root: str
    text: str
    manifest: Manifest
    file: str = MANIFEST
    others: tuple[str, ...] = ()
    foreign: ForeignLock | None = None
    seed: ForeignLock | None = None
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What to call the project: its own name, or its directory's."""
        return self.manifest.name or os.path.basename(self.root)

    @property
    def manifest_path(self) -> str:
        """The manifest."""
        return os.path.join(self.root, self.file)

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
    def interpreter(self) -> Interpreter | None:
        """The Python that it has to have, whatever is asked for elsewhere; None for projects."""
        return None

    @property
    def members(self) -> tuple[Member, ...]:
        """The projects of a workspace, the root first; none of a project alone."""
        return ()

    @property
    def neighbours(self) -> tuple[Member, ...]:
        """The projects of the workspace that it is, or is a member of."""
        return self.members

    @property
    def home(self) -> str:
        """The directory that its environment lies in."""
        return self.root

    @property
    def stamps(self) -> tuple[tuple[str, object], ...]:
        """What files were before they were read, beside the manifest of the root."""
        return ()

    @property
    def texts(self) -> dict[str, str]:
        """Manifests of other directories that are not written yet, by path."""
        return {}

    @property
    def own(self) -> Manifest:
        """What the file at ``manifest_path`` says."""
        return self.manifest

    @property
    def directory(self) -> str:
        """Where that file lies: what paths in it start from."""
        return self.root

    @property
    def requires_python(self) -> Specifiers:
        """The Pythons that its environment may have."""
        return self.manifest.requires_python

    @property
    def pythons(self) -> tuple[Specifiers, ...]:
        """The Pythons that are locked for: those that any of these admits."""
        return (self.manifest.requires_python,)

    @property
    def together(self) -> frozenset[str]:
        """The lists that are installed together, whatever else is chosen."""
        return frozenset(f"group:{name}" for name in self.manifest.default_groups)

    @property
    def watched(self) -> tuple[str, ...]:
        """Files and directories, beside the manifest, that say what the project is."""
        foreign = self.foreign
        if foreign is None:
            return self.others
        from hutch.lock.foreign import FORMATS

        # One of another tool that comes may be taken before this one.
        locks = (os.path.join(self.root, kind.filename) for kind in FORMATS)
        return tuple(dict.fromkeys((*self.others, foreign.path, *foreign.others, *locks)))

    def told(self, where: str) -> str:
        """A list of the lock in words: ``extra cpu``."""
        return plain_words(where)

    def at(self, member: str) -> Checkout:
        """The same, with another member in focus: its is the manifest to edit."""
        return self

    def at_root(self) -> Checkout:
        """The same, with the manifest of the root as the one to edit."""
        return self.at(".")

    def with_texts(self, context: Context, texts: Mapping[str, str]) -> Checkout:
        """The project in which these manifests (by the folder of their member) say something else."""
        return self.edited(context, texts["."]) if texts else self

    @property
    def source(self) -> str:
        """The text of the file that holds the manifest."""
        return self.text

    def editor_of(self, text: str) -> Editor:
        """For changes of the manifest, which says ``text``, in its own syntax."""
        from hutch.project import Editor
        from hutch.values import replace

        own = self.own
        is_plain = self.file == MANIFEST and not own.dialects and "hutch" not in own.tool
        if is_plain and os.path.exists(os.path.join(self.root, "uv.lock")):
            own = replace(own, dialects=("uv",))  # it has the tool whose lock lies beside it
        return Editor(own, text, Neighbours(self.directory, self.beside))

    def edited(self, context: Context, text: str, beside: Mapping[str, str] | None = None) -> Checkout:
        """The same project with another manifest; ``beside`` has other files of it that change."""
        from hutch.values import replace

        beside = {**self.beside, **(beside or {})}
        manifest = read_manifest(context, text, self.file, read=Neighbours(self.root, beside))
        return replace(self, text=text, manifest=manifest, beside=beside)

    def with_own(self, manifest: Manifest) -> Checkout:
        """The same project, its ``own`` manifest another value."""
        from hutch.values import replace

        return replace(self, manifest=manifest)

    def rendered(self, lock: Lock) -> str:
        """The text of a lock of this project."""
        return lock.render()


def plain_words(where: str) -> str:
    """A list (``extra:cpu``) in words, where there is but one project."""
    return where.replace(":", " ")


_OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/")


class Neighbours:
    """Reads the files beside a manifest, by their paths from its directory; knows which were asked for.

    ``texts`` are those that are not written yet."""

    def __init__(self, directory: str, texts: Mapping[str, str] | None = None) -> None:
        self._directory = directory
        self._texts = texts or {}
        self.asked: dict[str, None] = {}

    def __call__(self, path: str) -> str | None:
        """The text of a file; None where there is none, or none that can be read."""
        full = os.path.normpath(os.path.join(self._directory, path))
        self.asked[full] = None
        if path in self._texts:
            return self._texts[path]
        try:
            # A repository may name, or link to, what the system tells of this process: its variables.
            if os.path.realpath(full).startswith(_OF_THE_SYSTEM):
                return None
            data = read_plain(full)
        except OSError:
            return None
        try:
            return data.decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            return _as_pip_reads(data)

    def names(self, folder: str) -> list[str]:
        """The files in a folder; none where there is none, or where it is another project's.

        Of a folder within, whoever remembers an answer looks again if it has changed; the directory itself
        changes all the time.
        """
        full = os.path.normpath(os.path.join(self._directory, folder))
        if folder:
            self.asked[full] = None
        unwritten = {path.rpartition("/")[2] for path in self._texts if path.rpartition("/")[0] == folder}
        try:
            return [*unwritten, *(each.name for each in os.scandir(full) if each.is_file())]
        except OSError:
            return [*unwritten]


def read_text(path: str) -> str:
    """The text of a file of the project, or a problem that says why not."""
    try:
        # A repository may have a link to /dev/zero in its place. The ends of lines stay what they are.
        return read_plain(path).decode()
    except UnicodeDecodeError as error:
        if path.endswith((".txt", ".in")) and (found := _as_pip_reads(error.object)) is not None:
            return found
        why = f"it is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}"
        raise UnreadableFile(path, "read", why, "save it as UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, "read", error.strerror or str(error)) from None


def _as_pip_reads(data: bytes) -> str | None:
    """The text of a requirements file in another encoding: `pip freeze >` of PowerShell writes UTF-16."""
    from hutch.project import decode_requirements

    try:
        return decode_requirements(data)[0]
    except (UnicodeError, LookupError):
        return None


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
        _remove(temporary)
        # "x": a checkout may have links of such names to other people's files.
        with open(temporary, "x", encoding="utf-8", newline="") as file:
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
        _remove(temporary)


def refuse_way_out(path: str) -> None:
    """A problem if a lock that is to be made is a link to something else, outside of its directory.

    A checkout may say that its lock is the file that the user's shell reads when it starts.
    """
    if not os.path.islink(path):
        return
    target, root = os.path.realpath(path), os.path.realpath(os.path.dirname(path))
    if not target.startswith(root + os.sep):
        why = f"it is a link to {target}, which is outside of the project, and no lock"
        raise UnreadableFile(path, "write", why, "remove the link")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def read_manifest(
    context: Context,
    text: str,
    filename: str = MANIFEST,
    memory: Memory | None = None,
    read: Callable[[str], str | None] | None = None,
) -> Manifest:
    """Parse a manifest, with what is remembered of the one before; ``filename`` is from the root, ``read``
    gives the files beside it."""
    from hutch.ops.memory import Memory
    from hutch.project import parse_manifest

    if memory is not None:
        return parse_manifest(
            text, filename=filename, remember=memory.requirements, load=memory.load_toml, read=read
        )
    with Memory(context) as memory:
        return parse_manifest(
            text, filename=filename, remember=memory.requirements, load=memory.load_toml, read=read
        )
