"""The door is honest, and costs nothing until something is asked of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import hutch.spec

SOURCE = Path(hutch.spec.__file__)
ALLOWED = {
    "__future__",
    "_bisect",
    "ast",
    "binascii",
    "bisect",
    "collections.abc",
    "difflib",
    "functools",  # keys of what is sorted by a comparison
    "hutch.values",
    "hashlib",
    "hutch.doors",
    "hutch.errors",
    "importlib",
    "itertools",
    "operator",
    "re",  # what conda's texts are taken apart with; their modules are read where there are any
    "sys",  # which Python this is: `_sha256` became `_sha2`
    "typing",
}
# What start-up must not pay for: each of these takes longer to import than this room.
COSTLY = [
    "packaging",
    "pathlib",
    "email",
    "urllib.parse",
    "json",
    "subprocess",
    "tempfile",
    "tomllib",
    "asyncio",
]


def test_every_name_of_the_door_exists_and_only_those_are_shown() -> None:
    for name in hutch.spec.__all__:
        assert getattr(hutch.spec, name) is not None
    assert dir(hutch.spec) == sorted(hutch.spec.__all__)
    assert sorted(hutch.spec._HOME) == sorted(hutch.spec.__all__)


def test_what_type_checkers_see_is_what_is_there() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert seen == hutch.spec._HOME


def run(code: str) -> list[str]:
    source = str(SOURCE.parent.parent.parent)
    code = f"import sys; sys.path.insert(0, {source!r})\n{code}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_opening_the_door_imports_nothing() -> None:
    modules = run("import hutch.spec")
    assert [name for name in modules if name.startswith("hutch")] == ["hutch", "hutch.doors", "hutch.spec"]
    assert "dataclasses" not in modules


def test_versions_and_markers_need_no_dataclasses() -> None:
    modules = run("import hutch.spec.markers, hutch.spec.hashes")
    assert "dataclasses" not in modules


def test_nothing_costly_is_imported_by_using_everything() -> None:
    modules = run(
        "from hutch.spec import *\n"
        "metadata = parse_metadata('Metadata-Version: 2.1\\nName: a\\nVersion: 1\\n'"
        '\'Requires-Python: >=3.8.*\\nRequires-Dist: b[c]>=1,<2; python_version<"3.9" and extra=="d"\\n\')\n'
        "targets = default_targets(metadata.requires_python, parse_target('cp312-linux-x86_64-musl1.2'))\n"
        "mask = targets.marker_mask(metadata.requirements[0].marker, 'd')\n"
        "targets.render(mask), targets.name(mask), targets.environments()\n"
        "targets.wheel_mask('py3-none-any')\n"
        "parse_wheel_name('a-1-py3-none-any.whl'), parse_hash('sha256:' + 'a' * 64)\n"
    )
    assert not set(modules) & set(COSTLY)


def test_this_room_never_touches_the_world() -> None:
    for path in SOURCE.parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                assert name in ALLOWED, (path.name, name)
