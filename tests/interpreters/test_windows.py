"""Windows, as values: what its registry, its Store and its file names mean."""

from __future__ import annotations

import pytest

from hutch.interpreters.hints import Hint
from hutch.interpreters.windows import (
    RegistryEntry,
    is_store_stub,
    read_registry,
    registry_order,
    store_directories,
)


def entry(company: str, tag: str, executable: str, version: str = "") -> RegistryEntry:
    return RegistryEntry(company=company, tag=tag, executable=executable, version=version)


@pytest.mark.parametrize(
    ("one", "hint"),
    [
        (entry("PythonCore", "3.12", "p", "3.12.4"), Hint(implementation="cpython", version=(3, 12, 4))),
        (entry("PythonCore", "3.12-32", "p"), Hint(implementation="cpython", version=(3, 12))),
        (
            entry("PythonCore", "3.13t", "p", "3.13.0"),
            Hint(implementation="cpython", version=(3, 13, 0), free_threaded=True),
        ),
        (entry("PyPy", "3.10", "p"), Hint(implementation="pypy", version=(3, 10))),
        (entry("ContinuumAnalytics", "py311_64", "p", "3.11.5"), Hint(version=(3, 11, 5))),
        (entry("Somebody", "default", "p"), None),
    ],
)
def test_a_registry_entry_tells_its_version(one: RegistryEntry, hint: Hint | None) -> None:
    assert one.hint() == hint


def test_the_launcher_and_repeats_are_left_out_and_pythoncore_comes_first() -> None:
    entries = [
        entry("PyLauncher", "x", "C:\\Windows\\py.exe"),
        entry("Anaconda", "3.11", "C:\\conda\\python.exe"),
        entry("PythonCore", "3.12", "C:\\Python312\\python.exe"),
        entry("PythonCore", "3.12-copy", "c:\\python312\\PYTHON.EXE"),
        entry("PythonCore", "3.9", ""),
    ]
    assert [one.executable for one in registry_order(entries)] == [
        "C:\\Python312\\python.exe",
        "C:\\conda\\python.exe",
    ]


@pytest.mark.parametrize(
    ("path", "size", "stub"),
    [
        ("C:\\Users\\u\\AppData\\Local\\Microsoft\\WindowsApps\\python.exe", 0, True),
        ("C:/Users/u/AppData/Local/Microsoft/WindowsApps/python3.exe", 0, True),
        ("C:\\Users\\u\\AppData\\Local\\Microsoft\\WindowsApps\\python.exe", 10, False),
        ("C:\\Python312\\python.exe", 0, False),
        ("C:\\x\\WindowsApps\\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0\\python.exe", 0, False),
    ],
)
def test_the_stub_of_the_store_is_no_python(path: str, size: int, stub: bool) -> None:
    assert is_store_stub(path, size) is stub


def test_a_python_of_the_store_has_a_directory_of_its_own() -> None:
    names = [
        "python.exe",
        "PythonSoftwareFoundation.Python.3.9_qbz5n2kfra8p0",
        "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0",
        "PythonSoftwareFoundation.PythonManager_qbz5n2kfra8p0",
        "Microsoft.DesktopAppInstaller_8wekyb3d8bbwe",
    ]
    assert store_directories(names) == [names[2], names[1]]


def test_off_windows_there_is_no_registry() -> None:
    import sys

    if sys.platform != "win32":
        assert read_registry() == ()
