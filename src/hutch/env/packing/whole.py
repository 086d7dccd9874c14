"""What an archive does not have, made where it was unpacked: what makes the directory an environment."""

from __future__ import annotations

import os

from hutch.env.environment import open_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.environment import Environment
    from hutch.env.packing.manifest import PackManifest
    from hutch.interpreters import Interpreter

__all__ = ["make_whole"]


def make_whole(
    tree: str,
    manifest: PackManifest,
    interpreter: Interpreter | None,
    place: str,
    *,
    prompt: str,
    command: str,
) -> Environment:
    """The environment at ``tree``, which will be at ``place``; without an interpreter it has one.

    ``command`` is its first generation. Raises OSError.
    """
    from hutch.env.create import render_settings
    from hutch.env.repointing import repoint
    from hutch.env.texts import CACHEDIR_TAG

    for path in (manifest.purelib, manifest.scripts, ".hutch"):
        os.makedirs(os.path.join(tree, path), exist_ok=True)
    if interpreter is None:
        _link_bundled(tree, manifest)
        settings = _bundled_settings(manifest, place, prompt)
    else:
        settings = render_settings(
            place,
            interpreter,
            prompt=prompt,
            system_site_packages=manifest.system_site_packages,
            relocatable=True,
        )
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", CACHEDIR_TAG), ("pyvenv.cfg", settings)):
        path = os.path.join(tree, name)
        with open(path, "x", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
    made = open_environment(tree)
    repoint(made, place=place, before=place, interpreter=interpreter, relocatable=manifest.relocatable)
    made = open_environment(tree)
    _begin_history(made, manifest, command)
    return made


def _link_bundled(tree: str, manifest: PackManifest) -> None:
    major, minor = manifest.minor
    first, *others = ("python", "python3", f"python{major}.{minor}")
    if manifest.implementation != "cpython":
        others += [manifest.implementation, f"{manifest.implementation}{major}"]
    folder = os.path.join(tree, manifest.scripts)
    os.symlink(f"../{manifest.bundled}", os.path.join(folder, first))
    for name in others:
        os.symlink(first, os.path.join(folder, name))
    if manifest.purelib.startswith("lib/") and not os.path.lexists(os.path.join(tree, "lib64")):
        os.symlink("lib", os.path.join(tree, "lib64"))


def _bundled_settings(manifest: PackManifest, place: str, prompt: str) -> str:
    from hutch import __version__

    program = f"{place}/{manifest.bundled}"
    prefix = f"{place}/python"
    implementation = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}[manifest.implementation]
    lines = {
        "home": os.path.dirname(program),
        "implementation": implementation,
        "include-system-site-packages": "false",
        "version": ".".join(manifest.python.split(".")[:3]),
        "executable": program,
        "command": f"{program} -m venv {place}",
        "base-prefix": prefix,
        "base-exec-prefix": prefix,
        "base-executable": program,
        "hutch": __version__,
        "relocatable": "true",
    }
    if prompt:
        lines["prompt"] = prompt
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def _begin_history(made: Environment, manifest: PackManifest, command: str) -> None:
    """One generation, in which the hashes of the wheels are known."""
    from hutch.env.recording import begin_history, packages_now
    from hutch.values import replace

    hashes = {one.name: one for one in manifest.packages}
    installed = {str(name): one for name, one in made.installed().items()}
    packages = []
    for one in packages_now(made.root, installed, None):
        known = hashes.get(one.name)
        same = known is not None and (known.version, known.dist_info) == (one.version, one.dist_info)
        sha256 = known.sha256 if known is not None and same else ""
        there = installed[one.name]
        packages.append(replace(one, sha256=sha256, requested=there.requested, direct_url=there.direct_url))
    begin_history(made.root, packages, command)
