"""Checks of the project's modules: names that hide others, and imports that nothing provides."""

from __future__ import annotations

import os
import sys
import time

from hutch.ops.checks.values import Fix, check
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]

HARMLESS = frozenset(("test", "this", "antigravity", "idlelib", "__main__", "__hello__", "__phello__"))
MOST_FILES = 3000
SECONDS = 6.0


@check(
    "shadowed-modules",
    "No file of the project has the name of a module that others import",
    group="project",
    why="Whoever imports that name, packages of others too, gets the file of the project instead.",
)
def shadowed_modules(ground: Ground, say: Say) -> None:
    """`random.py` beside the program; a folder called like a package that is installed."""
    if ground.root is None and ground.environment is None:
        return
    places = dict.fromkeys((ground.root, ground.context.directory, os.path.join(ground.root or "", "src")))
    installed = _installed_modules(ground)
    for place in places:
        if place is None or not os.path.isdir(place):
            continue
        for name, path in _modules(place):
            if name in sys.builtin_module_names:
                say(
                    f"{os.path.basename(path)} can never be imported",
                    seen=(path, f"{name} is built into Python, and comes first"),
                    commands=(f"give it another name, such as my_{name}.py",),
                    why="import finds the module that is built in, wherever the file lies.",
                )
            elif name in sys.stdlib_module_names and name not in HARMLESS:
                say(
                    f"{os.path.basename(path)} hides the module {name} of Python",
                    seen=(path, *_stale_bytecode(place, name)),
                    commands=(f"give it another name, such as my_{name}.py", "hutch run python -P FILE"),
                )
            elif name in installed:
                say(
                    f"{os.path.basename(path)} hides the package {installed[name]}",
                    seen=(path, f"{name} is also in the environment, of {installed[name]}"),
                    commands=(f"give it another name, such as my_{name}.py", "hutch run python -P FILE"),
                )


def _stale_bytecode(place: str, name: str) -> tuple[str, ...]:
    return (f"{name}.pyc as well",) if os.path.isfile(os.path.join(place, f"{name}.pyc")) else ()


def _modules(folder: str) -> Iterator[tuple[str, str]]:
    """(name, path) of what could be imported from a folder: modules, and packages with an `__init__`."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(".py") and entry.name[:-3].isidentifier() and entry.is_file():
            yield entry.name[:-3], entry.path
        elif entry.name.isidentifier() and os.path.isfile(os.path.join(entry.path, "__init__.py")):
            yield entry.name, entry.path


def _installed_modules(ground: Ground) -> dict[str, str]:
    """Names at the top of site-packages, with the package that has them; not those of the project itself."""
    environment, checkout = ground.environment, ground.checkout
    if environment is None:
        return {}
    from hutch.env import record_rows

    own = {str(checkout.manifest.name)} if checkout is not None else set()
    own |= {str(member.name) for member in checkout.members} if checkout is not None else set()
    found: dict[str, str] = {}
    for name, one in ground.installed.items():
        if str(name) in own or one.direct_url is not None:
            continue
        try:
            text = read_plain(os.path.join(environment.root, one.dist_info, "RECORD")).decode(
                "utf-8", "replace"
            )
        except OSError:
            continue
        for path, _ in record_rows(text):
            top, slash, rest = path.partition("/")
            if slash and top.isidentifier() and rest == "__init__.py":
                found.setdefault(top, str(name))
            elif not slash and top.endswith(".py") and top[:-3].isidentifier():
                found.setdefault(top[:-3], str(name))
    return found


@check(
    "undeclared-imports",
    "What the project imports is there, and asked for",
    group="project",
    severity="info",
    fix_class="ask",
    why="The import fails, or works by accident until some other package stops needing it.",
    seconds=20.0,
)
def undeclared_imports(ground: Ground, say: Say) -> None:
    """Imports of the sources that neither Python, the project nor the environment has."""
    environment, checkout = ground.environment, ground.checkout
    if environment is None or checkout is None or environment.system_site_packages:
        return
    from hutch.ops.imports import imports_of, sources_of
    from hutch.ops.unknown import MEANT

    purelib = os.path.join(environment.root, environment.purelib)
    there = _importable(purelib)
    if there is None:
        return  # editable installations that find modules by code
    missing: dict[str, str] = {}
    borrowed: dict[str, str] = {}
    owners, declared = _owners(ground), _declared(ground)
    until = time.monotonic() + SECONDS
    own: set[str] = set()
    files: list[str] = []
    left_out = tuple(_not_installed(ground))
    for path in sources_of(checkout.root):
        if path.startswith(left_out):
            continue
        if len(files) == MOST_FILES or time.monotonic() > until:
            break
        files.append(path)
        parts = os.path.relpath(path, checkout.root).split(os.sep)
        own.update((*parts[:-1], parts[-1][:-3]))
    for path in files:
        if time.monotonic() > until:
            break
        for name, line in imports_of(path):
            top = name.partition(".")[0]
            if top in own or top in sys.stdlib_module_names or top.startswith("_"):
                continue
            place = f"{os.path.relpath(path, checkout.root).replace(os.sep, '/')}:{line}: import {top}"
            if top not in there:
                missing.setdefault(top, place)
            elif top in owners and owners[top] not in declared:
                borrowed.setdefault(owners[top], f"{place} of {owners[top]}")
    if borrowed:
        names = tuple(sorted(borrowed))
        say(
            f"{_some(len(names))} imported and not asked for: {_shortened(names)}",
            seen=tuple(borrowed[name] for name in names),
            commands=(f"hutch add {' '.join(names)}",),
            why="Others need it now, so it is there; when they stop, the import fails.",
            fix=_adding(ground, names),
        )
    if not missing:
        return
    known = [MEANT[name.lower()] for name in missing if name.lower() in MEANT]
    locked = {str(one.name) for one in ground.lock.packages} if ground.lock is not None else set()
    in_lock = any(name.replace("_", "-").lower() in locked for name in (*missing, *known))
    say(
        f"{_some(len(missing), 'module')} imported and not there: {_shortened(tuple(sorted(missing)))}",
        seen=tuple(missing[name] for name in sorted(missing)),
        commands=(
            *(("hutch sync, or with --all-groups and --all-extras: it is in the lock",) if in_lock else ()),
            *(f"hutch add {name}" for name in known if name not in locked),
        )
        or ("hutch add NAME, by the name that the index has",),
    )


def _not_installed(ground: Ground) -> Iterator[str]:
    """The folders of members of a workspace that the environment is not for."""
    checkout = ground.checkout
    assert checkout is not None
    for member in checkout.members:
        if member.path != "." and member.name not in ground.installed:
            yield os.path.join(os.path.normpath(os.path.join(checkout.root, member.path)), "")


def _some(number: int, noun: str = "package") -> str:
    return f"{number} {noun}s are" if number > 1 else f"a {noun} is"


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _adding(ground: Ground, names: tuple[str, ...]) -> Fix:
    """Ask for packages that are in the lock already."""

    def apply() -> str:
        from hutch.ops.add import AddOptions, add

        add(ground.command, AddOptions(requirements=names))
        return f"added {', '.join(names)} to the requirements"

    return Fix(
        plan=(f"add {', '.join(names)} to the requirements",),
        apply=apply,
        undo=f"hutch remove {' '.join(names)}",
    )


def _declared(ground: Ground) -> set[str]:
    """The names that the project asks for, in whichever list, and its own."""
    checkout = ground.checkout
    assert checkout is not None
    manifests = [checkout.manifest, checkout.own]
    found = {
        str(one.requirement.name)
        for each in manifests
        for many in each.requirements().values()
        for one in many
    }
    return found | {str(each.name) for each in manifests} | {str(each.name) for each in checkout.members}


def _owners(ground: Ground) -> dict[str, str]:
    """The package of each module that only one package has, where it is not the project itself."""
    environment = ground.environment
    assert environment is not None
    from hutch.env import record_rows

    found: dict[str, str] = {}
    several: set[str] = set()
    for name, one in ground.installed.items():
        try:
            text = read_plain(os.path.join(environment.root, one.dist_info, "RECORD")).decode(
                "utf-8", "replace"
            )
        except OSError:
            continue
        mine = set()
        for path, _ in record_rows(text):
            top, slash, _ = path.partition("/")
            module = top if slash else top.removesuffix(".py")
            if module.isidentifier() and (slash or top.endswith(".py")):
                mine.add(module)
        several |= mine & set(found)
        found.update(dict.fromkeys(mine, str(name)))
    return {module: name for module, name in found.items() if module not in several}


def _importable(purelib: str) -> set[str] | None:
    """The names that can be imported from an environment; None where only running code could tell."""
    found: set[str] = set()
    try:
        entries = list(os.scandir(purelib))
    except OSError:
        return None
    for entry in entries:
        name = entry.name
        if name.startswith("__editable__") and name.endswith(".py"):
            return None
        if name.endswith(".pth"):
            try:
                text = read_plain(entry.path, 1 << 20).decode("utf-8", "replace")
            except OSError:
                continue
            lines = [line.strip() for line in text.splitlines()]
            for line in lines:
                if os.path.isdir(line):
                    found.update(each.partition(".")[0] for each in os.listdir(line))
        else:
            found.add(name.partition(".")[0])
    return found


CHECKS = (shadowed_modules, undeclared_imports)
