"""The name under which a built wheel is kept: all that may change what comes out of a build."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hutch.trees import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["build_key", "source_files", "tree_digest"]

FORMAT = "1"
_SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", ".bzr", ".venv", "venv", "__pycache__", ".tox", ".nox", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", ".hutch", ".hutch-dev", "node_modules",
    }
)  # fmt: skip


def build_key(
    *,
    source: str,
    python: str,
    requires: Iterable[str] = (),
    config_settings: Mapping[str, str | tuple[str, ...]] | None = None,
    editable: bool = False,
    more: Mapping[str, str] | None = None,
) -> str:
    """A hexadecimal key for `store.built`.

    ``source`` is the hash of the archive or of the tree (`tree_digest`), ``python`` the interpreter's tag
    (``cp312-cp312-linux_x86_64``), ``requires`` what the build environment holds (``name==version``, or the
    requirements), ``more`` whatever else decides (passed variables). Their order does not count.
    """
    settings = config_settings or {}
    parts = [
        FORMAT,
        source,
        python,
        "editable" if editable else "wheel",
        _listed(sorted(set(requires))),
        _listed(_listed([name, *_many(settings[name])]) for name in sorted(settings)),
        _listed(_listed([name, value]) for name, value in sorted((more or {}).items())),
    ]
    return hashlib.sha256(_listed(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _many(value: str | Iterable[str]) -> list[str]:
    return ["text", value] if isinstance(value, str) else ["list", *value]


def _listed(parts: Iterable[str]) -> str:
    """Parts joined so that no other parts give the same text."""
    return "".join(f"{len(part)}:{part}" for part in parts)


def tree_digest(source: str | os.PathLike[str]) -> str:
    """A SHA-256 over the names, modes and contents in a source tree, but for what no build looks at
    (repositories, environments, caches). Symbolic links count by their target."""
    digest = hashlib.sha256()
    root = os.fspath(source)
    for directory, below, names in _walk(root):
        links = [name for name in below if os.path.islink(os.path.join(directory, name))]
        for name in sorted([*names, *links]):
            path = Path(directory, name)
            relative = os.fsencode(os.path.relpath(path, root).replace(os.sep, "/"))
            if path.is_symlink():
                content = b"link " + os.fsencode(os.readlink(path))
            elif path.is_file():
                runs = b"x" if os.access(path, os.X_OK) else b"-"
                with open(path, "rb") as file:
                    content = runs + hashlib.file_digest(file, "sha256").digest()
            else:
                continue
            digest.update(b"%d:%s%d:%s" % (len(relative), relative, len(content), content))
    return digest.hexdigest()


def source_files(source: str | os.PathLike[str]) -> Iterator[str]:
    """The directories and files that `tree_digest` looks at: none of them changed, the digest did not."""
    for directory, _, names in _walk(os.fspath(source)):
        yield directory
        for name in sorted(names):
            yield os.path.join(directory, name)


def _walk(root: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for directory, below, names in walk(root):
        below[:] = sorted(
            name
            for name in below
            if name not in _SKIPPED
            and not name.startswith(".venv-")  # another environment of the project
            and not name.endswith(".egg-info")
            and not (name == "build" and directory == root and _is_setuptools_build(os.path.join(root, name)))
        )
        yield directory, below, names


def _is_setuptools_build(path: str) -> bool:
    """Is this what a build in place left there? A build must not make the source look changed."""
    try:
        names = os.listdir(path)
    except OSError:
        return False
    return bool(names) and all(
        name == "lib" or name.startswith(("lib.", "bdist.", "temp.", "__")) for name in names
    )
