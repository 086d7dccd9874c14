"""A shelf of archives of real interpreters, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from interpreters.managed.archives import Archive, shelf


@pytest.fixture(scope="session")
def shelf_of_pythons(real_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Archive]:
    """Archives by version; skips where there is no Python of pyenv's to make them from."""
    folder = tmp_path_factory.getbasetemp() / "shelf-of-pythons"
    _, found = shelf(real_home, folder)
    if not found:
        pytest.skip("there is no Python of pyenv's here to make archives from")
    return {".".join(map(str, one.version)): one for one in found}


@pytest.fixture
def python_312(shelf_of_pythons: dict[str, Archive]) -> Archive:
    """An archive of 3.12.1."""
    if "3.12.1" not in shelf_of_pythons:
        pytest.skip("pyenv has no 3.12.1 here")
    return shelf_of_pythons["3.12.1"]
