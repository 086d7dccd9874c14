"""``requirements/``: what hutch itself is made of, proven by hash."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Pin:
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(text: str) -> dict[str, Pin]:
    """The blocks ``name==version ; marker \\ --hash=…`` of a requirement file."""
    found = {}
    for block in re.split(r"^(?=\S)", text.replace("\\\n", " "), flags=re.MULTILINE):
        if block.strip() and not block.startswith("#"):
            words, *hashes = re.split(r"\s+--hash=", block.strip())
            requirement = Requirement(words)
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[canonicalize_name(requirement.name)] = Pin(
                specifier.version, str(requirement.marker or ""), tuple(hashes)
            )
    return found


@pytest.fixture(scope="module")
def runtime(repository) -> dict[str, Pin]:
    return pins((repository / "requirements/runtime.txt").read_text())


@pytest.fixture(scope="module")
def dev(repository) -> dict[str, Pin]:
    return pins((repository / "requirements/dev.txt").read_text())


def test_every_pin_is_proven(dev, runtime):
    for name, pin in {**dev, **runtime}.items():
        assert pin.hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", hash_) for hash_ in pin.hashes), name


def test_the_files_hold_pins_and_hashes_only(repository):
    """No index, no address: where packages come from is the reader's own choice."""
    for file in (repository / "requirements").glob("*.txt"):
        for line in file.read_text().splitlines():
            assert re.fullmatch(
                r"[a-z0-9._-]+==[^ ]+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line
            ), line


def test_what_hutch_runs_on_is_what_its_tests_run_on(dev, runtime):
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_pins_are_what_pyproject_asks_for(dev, runtime, pyproject):
    groups = pyproject["dependency-groups"]
    for texts, pinned in (
        (pyproject["project"]["dependencies"], runtime),
        ([*groups["test"], *groups["lint"]], dev),
    ):
        for text in texts:
            requirement = Requirement(text)
            pin = pinned[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(pin.version), text
