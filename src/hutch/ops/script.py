"""Scripts with inline metadata as projects of one file: the same lock, edits and environments.

A ``ScriptContext`` stands where a ``Context`` stands for a project: its checkout is the script, its
settings are those of the block, of the user and of the system. A project around the script has no say,
so that the script means the same wherever it lies.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.light import cached_property
from hutch.ops.checkout import Checkout, read_text
from hutch.ops.context import Context
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from hutch.config import Configuration
    from hutch.lock import Lock
    from hutch.project import Block, Manifest

    Options = TypeVar("Options")
    Outcome = TypeVar("Outcome")

__all__ = [
    "NoMetadata",
    "ScriptCheckout",
    "ScriptContext",
    "has_block",
    "keeps_lock",
    "script_checkout",
    "script_lock_name",
]


ENVIRONMENTS = "envs-v1"
"""Where the store has environments that are thrown away."""


class NoMetadata(Problem):
    """A script has no block of metadata."""

    code = "no-script-metadata"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no inline metadata",
            why="there is no block that begins with `# /// script`",
            hint=f"hutch init --script {name} writes one",
        )


def script_lock_name(path: str) -> str:
    """``pylock.report.toml`` for ``report.py``: PEP 751 allows no dots in the name."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return f"pylock.{stem.replace('.', '-')}.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptCheckout(Checkout):
    """A script: ``text`` is its block as a manifest, see ``hutch.project.script``.

    ``place`` is the directory of its environment, as soon as that is known.
    """

    path: str
    block: Block
    place: str

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    @property
    def manifest_path(self) -> str:
        return self.path

    @property
    def lock_path(self) -> str:
        return os.path.join(self.root, script_lock_name(self.path))

    @property
    def lock_hint(self) -> str:
        return f"run hutch lock --script {self.manifest.filename}"

    @property
    def environment(self) -> str:
        return self.place

    @property
    def source(self) -> str:
        from hutch.project import put_back

        return put_back(self.block, self.text)

    def edited(self, context: Context, text: str, beside: Mapping[str, str] | None = None) -> ScriptCheckout:
        return ScriptCheckout(
            root=self.root,
            text=text,
            manifest=_manifest(context, text, self.manifest.filename),
            path=self.path,
            block=self.block,
            place=self.place,
        )

    def rendered(self, lock: Lock) -> str:
        text = lock.render()
        return text.replace("from pyproject.toml", f"from {self.name}", 1)


class ScriptContext(Context):
    """The surroundings of a command that is about a script."""

    def __init__(self, outer: Context, path: str) -> None:
        super().__init__(outer.directory, outer.environ, outer.flags, outer.emit)
        self.script = outer.path(path)
        self.shown = path

    @cached_property
    def root(self) -> str:
        """The directory of the script."""
        return os.path.dirname(self.script)

    @property
    def pins(self) -> str:
        """Nowhere: the script says itself which Pythons it runs on."""
        return ""

    @cached_property
    def checkout(self) -> ScriptCheckout:
        """The script; ``NoMetadata`` where it has none."""
        from hutch.project import find_block, script_manifest

        block = find_block(read_text(self.script), self.shown)
        if block is None:
            raise NoMetadata(self.shown)
        text = script_manifest(block)
        return ScriptCheckout(
            root=self.root,
            text=text,
            manifest=_manifest(self, text, self.shown),
            path=self.script,
            block=block,
            place=os.path.join(self.store.root, ENVIRONMENTS, "none"),
        )

    @cached_property
    def configuration(self) -> Configuration:
        """The settings of the block, the user and the system."""
        from hutch.config import load_configuration
        from hutch.project import find_block, script_manifest

        block = find_block(read_text(self.script), self.shown)
        text = script_manifest(block) if block is not None else ""
        return load_configuration(
            self.root,
            self.environ,
            self.flags,
            notice=self._notice,
            cwd=self.directory,
            script=(self.shown, text),
        )


def script_checkout(context: Context, path: str) -> ScriptCheckout:
    """The script, for a command that is about something else; ``NoMetadata`` where it has none."""
    own = ScriptContext(context, path)
    try:
        return own.checkout
    finally:
        own.close()


def keeps_lock(checkout: Checkout) -> bool:
    """Is a lock written beside it? A project always has one, a script one that was asked for."""
    return not isinstance(checkout, ScriptCheckout) or os.path.exists(checkout.lock_path)


def has_block(context: Context, path: str) -> bool:
    """Does the file have inline metadata? A block that is not closed is told of, and is none."""
    from hutch.events import Notice
    from hutch.project import UnclosedBlock, find_block

    try:
        with open(context.path(path), "rb") as file:
            if b"# /// script" not in file.read():
                return False  # in whatever encoding it is
    except OSError:
        return False  # Python will say why
    try:
        return find_block(read_text(context.path(path)), path) is not None
    except UnclosedBlock as problem:
        context.emit(Notice(f"{problem.what}, and so it is no metadata", warning=True))
        return False


def _manifest(context: Context, text: str, filename: str) -> Manifest:
    from hutch.ops.memory import Memory
    from hutch.project import parse_script

    with Memory(context) as memory:
        return parse_script(text, filename=filename, remember=memory.requirements)
