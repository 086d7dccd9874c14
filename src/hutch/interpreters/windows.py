"""Where Windows keeps its Pythons: the registry (PEP 514), the Store, the install manager.

The reading is kept apart from the judging: `read_registry` and `read_store` touch the machine, the
rest are functions of values, which is how they are tested on every system.
"""

from __future__ import annotations

import os
import sys

from hutch.interpreters.hints import Hint
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "RegistryEntry",
    "is_store_stub",
    "read_registry",
    "registry_hint",
    "registry_order",
    "store_directories",
]

# Compiled where it is used: of all systems one needs it.
_STORE_PACKAGE = r"(?i)PythonSoftwareFoundation\.Python\.(\d+)\.(\d+)_\w+"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One ``Company\\Tag`` of PEP 514 with its ``InstallPath``."""

    company: str
    tag: str
    executable: str
    version: str = ""

    def hint(self) -> Hint | None:
        """What the tag and the version say."""
        return registry_hint(self)


def registry_hint(entry: RegistryEntry) -> Hint | None:
    """``PythonCore\\3.12-32`` is a CPython 3.12; ``ContinuumAnalytics`` and others are not said to be."""
    import re

    matched = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?(t?)", entry.version) or re.match(
        r"(\d+)\.(\d+)(?:\.(\d+))?(t?)", entry.tag
    )
    if matched is None:
        return None
    implementation = {"pythoncore": "cpython", "astral": "cpython", "pypy": "pypy"}.get(entry.company.lower())
    return Hint(
        implementation=implementation,
        version=tuple(int(part) for part in matched.groups()[:3] if part),
        free_threaded=True if entry.tag.lower().partition("-")[0].endswith("t") else None,
    )


def registry_order(entries: Iterable[RegistryEntry]) -> list[RegistryEntry]:
    """Without repeats and without the launcher's own key; PythonCore first, else as they came (PEP 514)."""
    kept: dict[str, RegistryEntry] = {}
    for entry in entries:
        if entry.company.lower() != "pylauncher" and entry.executable:
            kept.setdefault(entry.executable.lower(), entry)
    return sorted(kept.values(), key=lambda entry: entry.company.lower() != "pythoncore")


def is_store_stub(path: str, size: int) -> bool:
    """Whether ``path`` is one of the files of length 0 that only open the Store (or forward to it).

    Every Windows has `python.exe` in `WindowsApps`, with or without a Python behind it. A Store Python
    that is installed has a directory of its own there (see `store_directories`).
    """
    parts = [part.lower() for part in path.replace("/", "\\").split("\\")]
    return size == 0 and len(parts) > 1 and parts[-2] == "windowsapps"


def store_directories(names: Iterable[str]) -> list[str]:
    """Those names in `WindowsApps` that are an installed Python of the Store, the newest first."""
    import re

    found = [(int(m[1]), int(m[2]), name) for name in names if (m := re.fullmatch(_STORE_PACKAGE, name))]
    return [name for _, _, name in sorted(found, reverse=True)]


def read_registry() -> tuple[RegistryEntry, ...]:
    """All entries of the user's and the machine's registry, in both views; () off Windows."""
    entries: list[RegistryEntry] = []
    if sys.platform == "win32":
        import winreg

        for root, view in (
            (winreg.HKEY_CURRENT_USER, 0),
            (winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WOW64_64KEY),
            (winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WOW64_32KEY),
        ):
            access = winreg.KEY_READ | view
            try:
                python = winreg.OpenKeyEx(root, r"Software\Python", 0, access)
            except OSError:
                continue
            with python:
                for company in _subkeys(winreg, python):
                    with winreg.OpenKeyEx(python, company, 0, access) as key:
                        for tag in _subkeys(winreg, key):
                            with winreg.OpenKeyEx(key, tag, 0, access) as one:
                                entry = _read_entry(winreg, one, company, tag, access)
                                if entry is not None:
                                    entries.append(entry)
    return tuple(entries)


def _subkeys(winreg: object, key: object) -> list[str]:
    names: list[str] = []
    while True:
        try:
            names.append(winreg.EnumKey(key, len(names)))  # type: ignore[attr-defined]
        except OSError:
            return names


def _read_entry(winreg: object, key: object, company: str, tag: str, access: int) -> RegistryEntry | None:
    def value(of: object, name: str) -> str:
        try:
            text = winreg.QueryValueEx(of, name)[0]  # type: ignore[attr-defined]
        except OSError:
            return ""
        return text if isinstance(text, str) else ""

    try:
        with winreg.OpenKeyEx(key, "InstallPath", 0, access) as install:  # type: ignore[attr-defined]
            executable = value(install, "ExecutablePath")
            directory = value(install, "")
    except OSError:
        return None
    if not executable and directory:
        executable = os.path.join(directory, "python.exe")
    if not executable:
        return None
    return RegistryEntry(company=company, tag=tag, executable=executable, version=value(key, "Version"))
