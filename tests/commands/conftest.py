"""A fake index on loopback, and projects that use it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from commands.support import PYTHON
from hutch.testing.fake_index import FakeIndex

INTERPRETER = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    """A fake index that listens on loopback: ``index.add_wheel("alpha", "1.0")``."""
    fake = FakeIndex()
    with fake.serve():
        yield fake


@pytest.fixture
def second() -> Iterator[FakeIndex]:
    """Another index, of which no project knows until it is told."""
    fake = FakeIndex()
    with fake.serve():
        yield fake


@pytest.fixture
def project(project: Callable[..., Any], index: FakeIndex) -> Callable[..., Any]:
    """Projects as everywhere, whose one index is ``index``, and whose Python is the suite's own.

    Nothing is tried again and nothing is waited for, unless a test says so: a fault shows at once.
    """

    def make(files: str | Mapping[str, str | bytes] = "", **environ: str | None) -> Any:
        settings = {"HUTCH_INDEX_URL": index.url, "HUTCH_PYTHON": PYTHON, "HUTCH_RETRIES": "0"}
        made = project(files, **{**settings, **environ})
        filtered = made.filtered

        def fully_filtered(text: str) -> str:
            text = text.replace(PYTHON, "<interpreter>")
            text = filtered(text).replace(INTERPRETER, "<version>")
            text = re.sub(r"/\S*/hutch-build-\w+", "<build>", text)
            text = re.sub(r"^ *[~^]+\n", "", text, flags=re.MULTILINE)  # newer Pythons mark more
            return re.sub(r"127\.0\.0\.1:\d+|localhost:\d+", "<index>", text)

        made.filtered = fully_filtered
        return made

    return make


@pytest.fixture(scope="session")
def _namespaces() -> list[str]:
    """The words before a command that may mount; skipped where the system allows it to nobody."""
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        try:
            tried = subprocess.run(
                [*words, "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
                capture_output=True,
                check=False,
                timeout=20,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return words
    pytest.skip("nothing can be mounted here")


@pytest.fixture
def confined(_namespaces: list[str]) -> Callable[..., Any]:
    """``confined(project, mounts, command)``: hutch, where the script ``mounts`` has mounted for it alone."""

    def run(made: Any, mounts: str, command: str) -> Any:
        return made.under([*_namespaces, "sh", "-e", "-c", f'{mounts}\nexec "$@"', "sh"], command)

    return run
