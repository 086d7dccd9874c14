"""Who keeps Pythons on a machine: where each puts them, and whose a path is.

pyenv has a module of its own (`pins`), for its rules; so has Windows. What is here are places: of uv, asdf,
mise, Homebrew, python.org and conda.
"""

from __future__ import annotations

import os
import sys

from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hutch.interpreters.places import SearchOptions

__all__ = [
    "collections_of",
    "conda_lists",
    "conda_prefixes",
    "conda_roots",
    "homebrew_of",
    "keeper_of",
    "shims_of",
]

_LARGEST = 256 * 1024
_CONDA_NAMES = (
    *("miniconda3", "miniforge3", "mambaforge", "anaconda3", "micromamba", "miniconda", "anaconda"),
    *(".miniconda3", ".miniforge3", ".conda"),
)
_KEEPERS = (
    ("/uv/python/", "uv"),
    ("/installs/python/", ""),
    ("/Cellar/", "Homebrew"),
    ("/homebrew/opt/", "Homebrew"),
    ("/.linuxbrew/", "Homebrew"),
    ("/Library/Developer/CommandLineTools/", "Xcode"),
    ("/Applications/Xcode", "Xcode"),
    ("/Library/Frameworks/Python.framework/", "python.org"),
    ("/nix/store/", "Nix"),
    ("/snap/", "snap"),
    ("/hostedtoolcache/", "CI tools"),
    ("/WindowsApps/", "Store"),
    ("/Programs/Python/", "python.org"),
    ("/AppData/Local/Python/", "python.org"),
    ("/pyenv-win/versions/", "pyenv"),
)


def collections_of(environ: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Where other tools and installers put Pythons side by side."""
    system: str = sys.platform
    user = home if os.path.isabs(home) else ""
    asdf = environ.get("ASDF_DATA_DIR") or (os.path.join(user, ".asdf") if user else "")
    if system == "win32":
        local, roaming = environ.get("LOCALAPPDATA", ""), environ.get("APPDATA", "")
        found = [
            os.path.join(local, "Python") if local else "",
            os.path.join(local, "Programs", "Python") if local else "",
            os.path.join(roaming, "uv", "python") if roaming else "",
            os.path.join(home, ".pyenv", "pyenv-win", "versions") if home else "",
        ]
        mise = environ.get("MISE_DATA_DIR") or (os.path.join(local, "mise") if local else "")
    else:
        data = environ.get("XDG_DATA_HOME") or (os.path.join(user, ".local", "share") if user else "")
        uv = environ.get("UV_PYTHON_INSTALL_DIR") or (os.path.join(data, "uv", "python") if data else "")
        found = [uv]
        if system == "darwin":
            found.append("/Library/Frameworks/Python.framework/Versions")
        mise = environ.get("MISE_DATA_DIR") or (os.path.join(data, "mise") if data else "")
    found += [os.path.join(one, "installs", "python") for one in (asdf, mise) if one]
    return tuple(dict.fromkeys(one for one in found if os.path.isabs(one)))


def shims_of(collections: tuple[str, ...], managed: str) -> tuple[str, ...]:
    """Directories of PATH whose `python` is not one, but starts one: those of asdf, of mise, and our own."""
    ending = os.path.join("installs", "python")
    found = [os.path.join(one.removesuffix(ending), "shims") for one in collections if one.endswith(ending)]
    if managed:
        found.append(os.path.join(os.path.dirname(managed), "shims"))
    return tuple(found)


def homebrew_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where Homebrew has a stable name for each of its formulas."""
    if os.name == "nt":
        return ()
    prefixes = [environ.get("HOMEBREW_PREFIX", ""), "/opt/homebrew", "/home/linuxbrew/.linuxbrew"]
    if sys.platform == "darwin":
        prefixes.append("/usr/local")
    return tuple(dict.fromkeys(os.path.join(one, "opt") for one in prefixes if os.path.isabs(one)))


def conda_roots(environ: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Where an installation of conda may be: as it says of itself, and in the usual places."""
    found = [environ.get("MAMBA_ROOT_PREFIX", ""), environ.get("CONDA_ROOT", "")]
    said = environ.get("CONDA_EXE", "") or environ.get("MAMBA_EXE", "")
    if said:
        found.append(os.path.dirname(os.path.dirname(said)))
    if os.path.isabs(home):
        found += [os.path.join(home, name) for name in _CONDA_NAMES]
    if os.name == "nt":
        found += [
            os.path.join(environ[name], each)
            for name in ("LOCALAPPDATA", "PROGRAMDATA", "ALLUSERSPROFILE")
            if environ.get(name)
            for each in ("miniconda3", "anaconda3", "miniforge3")
        ]
    else:
        found += [f"/opt/{name}" for name in ("conda", "miniconda3", "miniforge3", "anaconda3", "mambaforge")]
        if sys.platform == "darwin":
            found += ["/opt/homebrew/Caskroom/miniconda/base", "/opt/homebrew/Caskroom/miniforge/base"]
    return tuple(dict.fromkeys(one for one in found if os.path.isabs(one)))


def conda_lists(home: str) -> tuple[str, ...]:
    """The files in which conda writes down every environment that it makes."""
    return (os.path.join(home, ".conda", "environments.txt"),) if os.path.isabs(home) else ()


def conda_prefixes(search: SearchOptions) -> Iterator[str]:
    """Every environment of conda that can be found: base, those beside it, those that are written down."""
    seen: set[str] = set()
    for root in search.conda_roots:
        folders = [root] if os.path.isdir(os.path.join(root, "conda-meta")) else []
        beside = os.path.join(root, "envs")
        try:
            folders += [os.path.join(beside, name) for name in sorted(os.listdir(beside))]
        except OSError:
            pass
        for folder in folders:
            if folder not in seen:
                seen.add(folder)
                yield folder
    for path in search.conda_lists:
        try:
            lines = read_plain(path)[:_LARGEST].decode("utf-8", "surrogateescape").splitlines()
        except (OSError, ValueError):
            continue
        for line in lines:
            folder = line.strip()
            if os.path.isabs(folder) and "\0" not in folder and folder not in seen:
                seen.add(folder)
                yield folder


def keeper_of(path: str, real_path: str, source: str, search: SearchOptions, *, conda: bool = False) -> str:
    """Who put a Python there, for people: ``pyenv``, ``uv``, ``conda``, ``Homebrew``, ``hutch``, …"""
    for one in (path, real_path):
        for directory, name in ((search.managed, "hutch"), (search.pyenv_root, "pyenv")):
            if directory and _within(one, directory):
                return name
    if conda:
        return "conda"
    if source == "Microsoft Store":
        return "Store"
    if source.startswith("registry"):
        company = source.partition("(")[2].rstrip(")")
        return {"PythonCore": "python.org", "ContinuumAnalytics": "conda"}.get(company, company or "registry")
    for one in (real_path, path):
        plain = one.replace("\\", "/")
        if "/installs/python/" in plain:
            return "asdf" if _is_asdf(one, search) else "mise"
        for part, name in _KEEPERS:
            if name and part in plain:
                return name
    for directory in search.collections:
        if _within(path, directory) or _within(real_path, directory):
            return "uv"
    folder = os.path.dirname(real_path)
    if folder in ("/usr/bin", "/bin"):
        return _distribution()
    return "local" if folder == "/usr/local/bin" else ""


def _is_asdf(path: str, search: SearchOptions) -> bool:
    """asdf and mise share their layout: what is not below a folder of mise's name is asdf's."""
    ending = os.path.join("installs", "python")
    own = [one for one in search.collections if one.endswith(ending) and _within(path, one)]
    root = own[0].removesuffix(ending) if own else path.partition(ending)[0]
    return "mise" not in os.path.basename(os.path.normpath(root)).lower()


def _within(path: str, directory: str) -> bool:
    return os.path.normcase(path).startswith(os.path.join(os.path.normcase(os.path.normpath(directory)), ""))


def _distribution() -> str:
    """``Debian``, where the system says what it is called; else ``system``."""
    try:
        lines = read_plain("/etc/os-release")[:_LARGEST].decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return "system"
    for line in lines:
        if line.startswith("NAME="):
            words = line[5:].strip().strip("\"'").split()
            if words and words[0].isalnum() and len(words[0]) <= 12:
                return words[0]
    return "system"
