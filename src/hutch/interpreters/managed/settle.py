"""What was written down when a Python was built, made right for the place where it will be.

An interpreter finds itself by where it is; but `sysconfig`, which builds of extension modules ask, tells what
stood in the Makefile: the prefix ``/install``, a `clang` in ``/tools``. Corrected are ``_sysconfigdata*.py``,
``_sysconfig_vars*.json``, `Makefile`, ``pkgconfig/*.pc``, ``build-details.json``, ``python*-config``, and the
first line of scripts. Nothing is executed: the data is read as data.
"""

from __future__ import annotations

import os

from hutch.store.disk import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["correct_variables", "replace_prefix", "settle"]

_LARGEST = 8 << 20
_SHEBANG = 127  # bytes that every kernel reads of a first line

_COMPILERS = {
    "CC": "cc", "CXX": "c++", "LINKCC": "cc", "LDSHARED": "cc", "BLDSHARED": "cc", "LDCXXSHARED": "c++",
    "MAINCC": "cc", "AR": "ar", "CPP": "cc",
}  # fmt: skip
_FOREIGN = r"(?:.*/)?(?:[\w.]+-)*(?:clang(?:\+\+)?|gcc|g\+\+|llvm-ar|ar|musl-gcc|musl-clang)(?:-\d+)?"
_DROPPED = r"\s*(?:-isysroot\s+\S+|--sysroot=\S+|-fdebug-default-version=4|-I/tools/\S+|-L/tools/\S+)(?=\s|$)"

EXTERNALLY_MANAGED = """\
[externally-managed]
Error=This Python belongs to hutch, which gives it to many environments.
 .
 What is installed into it would be seen by none of them, and go with its next
 upgrade. Instead:
 .
     hutch add PACKAGE              for the project you are in
     hutch venv; hutch pip install  for an environment to play with
     hutch run --with PACKAGE       for once
"""


def settle(root: str, place: str) -> None:
    """Make the installation in ``root`` right for ``place``, where it will be moved. Raises OSError."""
    libraries = list(_libraries(root))
    for library in libraries:
        _write(os.path.join(library, "EXTERNALLY-MANAGED"), EXTERNALLY_MANAGED)
    if not os.path.isdir(os.path.join(root, "bin")):
        return  # Windows: `sysconfig` computes all of it from where the interpreter is
    old = _built_for(libraries)
    for library in libraries:
        _settle_library(root, library, old, place)
    if old:
        folder = os.path.join(root, "lib", "pkgconfig")
        for name in names_in(folder):
            if name.endswith(".pc"):
                _edit(os.path.join(folder, name), lambda text: _pkgconfig(text, old, place))
    _settle_scripts(os.path.join(root, "bin"), old, place)
    _name_python(os.path.join(root, "bin"))


def replace_prefix(text: str, old: str, new: str) -> str:
    """``text`` with the directory ``old`` named ``new``: as a whole path, its beginning, or behind ``-I``."""
    import re

    if not old or old == "/":
        return text
    before = r"(?:(?<=-I)|(?<=-L)|(?<=-R)|(?<![\w./-]))"
    return re.sub(before + re.escape(old) + r"(?![\w.-])", lambda _: new, text)


def correct_variables(values: dict[str, Any], old: str, place: str) -> dict[str, Any]:
    """The variables of `sysconfig` for ``place``: prefixes, and compilers that are not only the builder's."""
    import re

    found = {}
    for name, value in values.items():
        if isinstance(value, str):
            value = _replaced(value, old, place)
            if name in _COMPILERS:
                word, space, rest = value.strip().partition(" ")
                # `clang` and cross compilers were the builder's. One that is here under that very name stays.
                if re.fullmatch(_FOREIGN, word) and word not in ("gcc", "g++", "ar", "cc", "c++"):
                    value = _COMPILERS[name] + space + rest
            value = re.sub(_DROPPED, "", value)
        found[name] = value
    return found


def _replaced(value: str, old: str, place: str) -> str:
    """The same for a variable. Words of a command line are quoted where the place has a space, as that of
    macOS has."""
    import shlex

    changed = replace_prefix(value, old, place)
    if (
        changed == value
        or not any(each in place for each in " '\"")
        or not (" " in value or value[:1] == "-")
    ):
        return changed
    try:
        words = shlex.split(value)
    except ValueError:
        return changed
    return shlex.join(replace_prefix(word, old, place) for word in words)


def _libraries(root: str) -> Iterator[str]:
    """The directories of the standard library: ``lib/python3.12``, ``lib/pypy3.10``, ``Lib``."""
    import re

    for folder in ("lib", "lib64"):
        above = os.path.join(root, folder)
        if os.path.islink(above):
            continue
        for name in names_in(above):
            path = os.path.join(above, name)
            if re.fullmatch(r"(?:python|pypy|graalpy)\d[\d.]*t?", name) and os.path.isdir(path):
                yield path
    for name in ("Lib", "lib-python"):
        path = os.path.join(root, name)
        if os.path.isfile(os.path.join(path, "os.py")):
            yield path


def _built_for(libraries: list[str]) -> str:
    """The prefix that was built for, as ``sysconfig`` says; "" where it does not."""
    for library in libraries:
        for name in names_in(library):
            if name.startswith("_sysconfigdata") and name.endswith(".py"):
                values = _read_data(os.path.join(library, name))
                if values is not None:
                    prefix = values.get("prefix")
                    return prefix if isinstance(prefix, str) and os.path.isabs(prefix) else ""
    return ""


def _settle_library(root: str, library: str, old: str, place: str) -> None:
    import json

    for name in names_in(library):
        path = os.path.join(library, name)
        if name.startswith("_sysconfigdata") and name.endswith(".py"):
            values = _read_data(path)
            if values is not None:
                _write(path, _render_data(correct_variables(values, old, place)))
                _drop_bytecode(library, name)
        elif name.startswith("_sysconfig_vars") and name.endswith(".json"):
            _edit(path, lambda text: json.dumps(correct_variables(_table(text), old, place), indent=2))
        elif name == "build-details.json":
            _edit(path, lambda text: json.dumps(_details(_table(text), old, place), indent=2))
        elif name.startswith("config-") and old:
            for inner in ("Makefile", "python-config.py"):
                _edit(os.path.join(path, inner), lambda text: replace_prefix(text, old, place))


def _table(text: str) -> dict[str, Any]:
    import json

    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("no table")
    return value


def _details(values: Any, old: str, place: str) -> Any:
    """Every path in it; PEP 739 lets them be absolute, or relative, which stay."""
    if isinstance(values, str):
        return replace_prefix(values, old, place)
    if isinstance(values, list):
        return [_details(each, old, place) for each in values]
    if isinstance(values, dict):
        return {name: _details(each, old, place) for name, each in values.items()}
    return values


def _read_data(path: str) -> dict[str, Any] | None:
    """``build_time_vars`` of a module that holds nothing else, without running it."""
    import ast

    text = _read(path)
    if text is None:
        return None
    try:
        for node in ast.parse(text).body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            if node.targets[0].id == "build_time_vars":
                value = ast.literal_eval(node.value)
                return value if isinstance(value, dict) else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return None


def _render_data(values: dict[str, Any]) -> str:
    lines = [f" {name!r}: {values[name]!r},\n" for name in sorted(values, key=str)]
    return (
        "# system configuration generated and used by the sysconfig module\n"
        "# (corrected by hutch for the place where this Python is)\n"
        "build_time_vars = {\n" + "".join(lines) + "}\n"
    )


def _drop_bytecode(library: str, name: str) -> None:
    folder = os.path.join(library, "__pycache__")
    for each in names_in(folder):
        if each.startswith(name.removesuffix(".py") + "."):
            os.unlink(os.path.join(folder, each))


def _pkgconfig(text: str, old: str, place: str) -> str:
    lines = [
        "prefix=${pcfiledir}/../.." if line.strip() == f"prefix={old}" else line for line in text.split("\n")
    ]
    return replace_prefix("\n".join(lines), old, place)


def _settle_scripts(folder: str, old: str, place: str) -> None:
    """First lines that name the Python of the builder name the one beside them."""
    for name in names_in(folder):
        path = os.path.join(folder, name)
        if os.path.islink(path) or not os.path.isfile(path) or os.stat(path).st_size > _LARGEST:
            continue
        with open(path, "rb") as file:
            if file.read(2) != b"#!":
                continue
        _edit(path, lambda text, name=name: _script(text, name, old, place))  # type: ignore[misc]


def _script(text: str, name: str, old: str, place: str) -> str:
    import re

    first, _, rest = text.partition("\n")
    if old and re.match(r"#!\s*" + re.escape(old) + r"/bin/(?:python|pypy|graalpy)[\w.]*\s*$", first):
        program = os.path.join(place, "bin", first.rpartition("/")[2].strip())
        first = f"#!{program}"
        if " " in program or len(os.fsencode(first)) > _SHEBANG:
            quoted = "'" + program.replace("'", "'\"'\"'") + "'"
            # A first line that no kernel takes: sh reads the two, Python sees a string.
            first = f"#!/bin/sh\n'''exec' {quoted} \"$0\" \"$@\"\n' '''" if "'" not in program else first
        text = f"{first}\n{rest}"
    return replace_prefix(text, old, place) if name.endswith("-config") and old else text


def _name_python(folder: str) -> None:
    """``python`` and ``python3`` are there, whatever the builder called it."""
    import shutil

    from hutch.interpreters.managed.unpack import any_program

    program = any_program(os.path.dirname(folder))
    if program is None:
        return
    target = os.path.basename(program)
    for name in ("python3", "python"):
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            try:
                os.symlink(target, path)
            except OSError:  # a disk without links
                shutil.copy2(program, path)


def _read(path: str) -> str | None:
    try:
        if os.path.islink(path) or os.stat(path).st_size > _LARGEST:
            return None
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError:
        return None


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)


def _edit(path: str, change: Callable[[str], str]) -> None:
    """Change a file that is there and that can be read; what is no text of ours stays as it is."""
    text = _read(path)
    if text is None:
        return
    try:
        changed = change(text)
    except (ValueError, RecursionError):
        return
    if changed != text:
        _write(path, changed)
