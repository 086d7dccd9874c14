"""The words of a user as builds: what is to be installed, and what of that which is installed is meant."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import PythonRequest
    from hutch.interpreters.managed import Build, Installed, Pythons
    from hutch.ops.context import Context
    from hutch.ops.pythons.available import Available
    from hutch.spec import Specifiers

__all__ = ["NoBuild", "NotInstalled", "build_for", "installed_for", "pinned_words", "version_request"]


class NoBuild(Problem):
    """There is no build of what is asked for."""

    code = "no-python-build"

    def __init__(self, words: str, why: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(f"there is no build of {words} for this machine", why=why, hint=hints)
        self.words = words


class NotInstalled(Problem):
    """What is asked for is none of the Pythons that hutch installed."""

    code = "python-not-installed"

    def __init__(self, words: str, there: tuple[str, ...]) -> None:
        super().__init__(
            f"hutch has installed no Python {words}",
            why=f"there is {', '.join(there)}" if there else "hutch has installed no Python yet",
            hint=(f"hutch python install {words}", "what others installed is upgraded and removed by them"),
        )
        self.words = words


def version_request(words: str) -> PythonRequest | None:
    """What is asked for, where that is what a Python is; UsageProblem for a path or the name of a program."""
    from hutch.interpreters import parse_python_request

    request = parse_python_request(words)
    if request is None:
        return None
    named = request.name is not None and not request.specifiers and request.implementation is None
    if request.path is not None or (named and request.name not in ("python", "python3")):
        raise UsageProblem(
            f"{words} names no version of Python",
            hint="name 3.12, 3.13t, pypy3.10, graalpy, '>=3.11,<3.14', or the path of an archive",
        )
    if request.platform:
        _refuse_another_machine(words, request.platform)
    return request


def _refuse_another_machine(words: str, platform: str) -> None:
    """The full name of a build says for which machine it is: ``cpython-3.12-linux-x86_64-musl``."""
    from hutch.interpreters.managed import host_here

    here = host_here()
    system, _, rest = platform.partition("-")
    machine, _, libc = rest.partition("-")
    named = host_here(
        system={"macos": "darwin", "windows": "win32"}.get(system, system), machine=machine, libc=lambda: libc
    )
    if (named.os, named.machine) != (here.os, here.machine) or libc not in ("", here.libc):
        raise NoBuild(words, (f"it is for another machine: this is {here.describe()}",), ())


def build_for(
    found: Available,
    request: PythonRequest | None,
    requires_python: Specifiers = (),
    *,
    words: str = "",
) -> Build:
    """The newest build that fits. Raises NoBuild, which says what there is."""
    from hutch.interpreters.managed import best_build
    from hutch.spec import render_specifiers

    build = best_build(found.builds, request, requires_python)
    if build is not None:
        return build
    asked = words or (request.text if request is not None else "") or "a Python"
    if requires_python:
        asked += f" (requires-python {render_specifiers(requires_python)})"
    if not found.builds:
        raise NoBuild(
            asked,
            (f"{found.origin} has no builds for {found.host.describe()}",),
            (
                "install a Python by the system's package manager, which hutch then finds",
                "set a mirror with a versions.json of its own that has some (HUTCH_PYTHON_MIRROR)",
                "hutch python install --build ./Python-3.12 builds one from source",
            ),
        )
    raise NoBuild(
        asked,
        (_what_there_is(found, request),),
        ("--refresh looks for a newer table",) if not found.fixed else ("ask whoever runs the mirror",),
    )


def _what_there_is(found: Available, request: PythonRequest | None) -> str:
    """The newest patch of each minor version that there is, of the implementation that was asked for."""
    wanted = (request.implementation if request is not None else None) or "cpython"
    newest: dict[str, Build] = {}
    for build in sorted(found.builds, key=lambda build: build.rank, reverse=True):
        if build.implementation == wanted and not build.is_prerelease:
            newest.setdefault(".".join(build.version.split(".")[:2]), build)
    if not newest:
        return f"{found.origin} has no {wanted} for {found.host.describe()}"
    names = [build.describe() for build in newest.values()]
    return f"{found.origin} has " + ", ".join([names[0], *(name.partition(" ")[2] for name in names[1:])])


def installed_for(
    pythons: Pythons, request: PythonRequest | None, requires_python: Specifiers = ()
) -> list[Installed]:
    """Those installations that are meant by ``request``, the newest first."""
    from hutch.interpreters.managed import as_build, fitting_builds

    all_ = pythons.installed()
    by_key = {one.key: one for one in all_}
    those = fitting_builds([as_build(one) for one in all_], request, requires_python)
    return [by_key[build.filename] for build in those]


def pinned_words(context: Context) -> tuple[list[tuple[str, str]], Specifiers]:
    """What the project pins, as (words, where they stand), and its requires-python.

    All lines of `.python-version` and its like, and of `.python-versions`; else the setting ``python``.
    """
    from hutch.interpreters import nearest_pin

    pins: list[tuple[str, str]] = []
    requires: Specifiers = ()
    if context.root is not None:
        requires = context.checkout.requires_python
    pin = nearest_pin(context.pins) if context.pins else None
    if pin is not None:
        pins += [(name, pin.origin) for name in pin.names]
    pins += _more_versions(context)
    if not pins:
        words = context.configuration.python
        if words is None and context.root is not None:
            words = context.checkout.manifest.settings.python
        if words:
            pins.append((words, "the setting python"))
    return list(dict(pins).items()), requires


def _more_versions(context: Context) -> list[tuple[str, str]]:
    """uv keeps further versions in `.python-versions`, beside the first."""
    from hutch.interpreters import parse_python_version_file
    from hutch.plain import read_plain

    if not context.pins:
        return []
    path = os.path.join(context.pins, ".python-versions")
    try:
        text = read_plain(path, 1 << 16)
    except (OSError, ValueError):
        return []
    return [(name, path) for name in parse_python_version_file(text.decode("utf-8", "replace"))]
