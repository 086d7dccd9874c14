"""Imports between members of a workspace that their manifests do not declare.

In the one environment of a workspace such an import works by accident; whoever installs the member alone
misses it. Sources are read, not run, and each file once for each of its states. Only what other members
provide counts; what is tried (``except ImportError``) or meant for type checkers is nobody's fault.
"""

from __future__ import annotations

import os
import time

from hutch.events import Notice
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.members import Member

__all__ = ["imports_of", "sources_of", "tell_undeclared"]

MOST_FILES = 20_000
MOST_TOLD = 5
LARGEST = 8 << 20
"""A module that somebody wrote has less; what is larger is data."""
SECONDS = 3.0
"""For sources that have not been read yet; what is left over is read by the next command."""
_NOT_SOURCES = frozenset(
    {"build", "dist", "docs", "examples", "node_modules", "tests", "test", "__pycache__"}
)

# A file's size and time, and what it imports: (name, line).
Seen = tuple[int, int, tuple[tuple[str, int], ...]]


def tell_undeclared(context: Context, checkout: Checkout) -> None:
    """One line for each member that imports another one without asking for it."""
    owners = _owners(checkout)
    if not owners:
        return
    told = 0
    for member in checkout.members:
        if not member.is_project:
            continue
        asked = {one.requirement.name for found in member.requirements().values() for one in found}
        missing: dict[str, str] = {}
        for path, (_, _, names) in sorted(_imports(context, checkout, member).items()):
            for name, line in names:
                owner = _owner_of(name, owners)
                if owner is not None and owner.name not in asked and owner.name != member.name:
                    place = os.path.normpath(os.path.join(member.path, path)).replace(os.sep, "/")
                    missing.setdefault(owner.name, f"{place}:{line}: imports {name.partition('.')[0]}")
        for name, place in sorted(missing.items()):
            told += 1
            if told <= MOST_TOLD:
                text = f"{place}, and {member.name} does not ask for {name}"
                command = f"hutch add --package {member.name} {name}"
                context.emit(Notice(f"{text}; {command} does", warning=True))
    if told > MOST_TOLD:
        context.emit(Notice(f"and {told - MOST_TOLD} more imports that are not declared", warning=True))


def _owners(checkout: Checkout) -> dict[str, Member]:
    """Modules by the one member that provides them."""
    found: dict[str, Member | None] = {}
    for member in checkout.members:
        if member.installs:
            for name in _modules(os.path.normpath(os.path.join(checkout.root, member.path)), member):
                found[name] = None if name in found else member
    return {name: member for name, member in found.items() if member is not None}


def _owner_of(name: str, owners: dict[str, Member]) -> Member | None:
    """Who provides ``acme.api.views``: the member of the longest name that begins it."""
    while name:
        if name in owners:
            return owners[name]
        name = name.rpartition(".")[0]
    return None


def _modules(folder: str, member: Member) -> Iterator[str]:
    """The top-level modules of a member, in a `src` folder or beside the manifest."""
    source = os.path.join(folder, "src")
    if os.path.isdir(source):
        yield from _modules_in(source, "")
        return
    own = member.name.replace("-", "_")
    for name in _modules_in(folder, ""):
        # Of modules beside the manifest (setup.py, noxfile.py) only one is meant to be imported.
        if os.path.isdir(os.path.join(folder, name.partition(".")[0])) or name == own:
            yield name


def _modules_in(folder: str, prefix: str) -> Iterator[str]:
    for entry in _entries(folder):
        if entry.is_file() and entry.name.endswith(".py") and entry.name != "__init__.py":
            yield prefix + entry.name[:-3]
        elif entry.is_dir() and entry.name.isidentifier() and not (not prefix and entry.name in _NOT_SOURCES):
            if any(below.name.endswith(".py") and below.is_file() for below in _entries(entry.path)):
                yield prefix + entry.name
            elif prefix.count(".") < 3:  # a namespace: what is in it has names of its own
                yield from _modules_in(entry.path, f"{prefix}{entry.name}.")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _imports(context: Context, checkout: Checkout, member: Member) -> dict[str, Seen]:
    """What each file of a member imports, by its path; remembered by size and time."""
    from hutch.spec import short_sha256

    folder = os.path.normpath(os.path.join(checkout.root, member.path))
    others = {os.path.normpath(os.path.join(checkout.root, one.path)) for one in checkout.members}
    key = short_sha256(b"imports\0" + os.fsencode(folder))
    value = context.store.tables.read("requirements", key)
    known: dict[str, Seen] = value if isinstance(value, dict) else {}
    found: dict[str, Seen] = {}
    until = time.monotonic() + SECONDS
    for path, status in _files(folder, others - {folder}):
        if len(found) == MOST_FILES:
            break
        name = os.path.relpath(path, folder)
        before = known.get(name)
        if before is not None and before[:2] == (status.st_size, status.st_mtime_ns):
            found[name] = before
        elif time.monotonic() < until:
            found[name] = (status.st_size, status.st_mtime_ns, _read(path))
    if found != known:
        context.store.tables.write("requirements", key, found)
    return found


def sources_of(folder: str) -> Iterator[str]:
    """The Python files of a project: none that are hidden, built or in an environment."""
    return (path for path, _ in _files(folder, set()))


def imports_of(path: str) -> tuple[tuple[str, int], ...]:
    """The modules that a file imports, each with its first line; nothing that it can do without."""
    return _read(path)


def _files(folder: str, others: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    """The Python files of a member: none that are hidden, built, or another member's."""
    for entry in _entries(folder):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            left_out = entry.name in ("node_modules", "__pycache__", "build", "dist")
            if not left_out and entry.path not in others and not _is_environment(entry.path):
                yield from _files(entry.path, others)
        elif entry.name.endswith(".py") and entry.is_file():  # a pipe would be waited for
            yield entry.path, entry.stat()


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _read(path: str) -> tuple[tuple[str, int], ...]:
    """The modules that a file imports, each with its first line; none of one that cannot be read."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(read_plain(path, LARGEST))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: dict[str, int] = {}
    for name, line in _imported(tree.body):
        found.setdefault(name, line)
    return tuple(found.items())


def _imported(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    import ast

    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Try) and any(_forgives(handler) for handler in node.handlers):
            waiting += [*node.orelse, *node.finalbody]
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]


def _forgives(handler: ast.ExceptHandler) -> bool:
    import ast

    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(each, "id", getattr(each, "attr", "")) for each in caught}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"
