"""A place on this disk that only holds copies owns nothing; one that holds its own files does."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import NetworkProblem
from hutch.index import IndexOptions
from hutch.index.digest import digest
from hutch.index.owners import Claim, is_mirror
from hutch.index.page import Page
from hutch.spec import normalize

NAME = normalize("acme")
DISK = IndexOptions(name="disk", url="file:///mirror")
NET = IndexOptions(name="net", url="https://index.example/simple/")


def page(base: str, files: dict[str, str | None]) -> Page:
    entries: list[dict[str, Any]] = [
        {"filename": name, "url": base + name, "hashes": {"sha256": proof} if proof else {}}
        for name, proof in files.items()
    ]
    return digest(entries, name=NAME, index="x", url=base, base=base)


def wheel(version: str) -> str:
    return f"acme-{version}-py3-none-any.whl"


ONE, TWO = "1" * 64, "2" * 64
PUBLIC = page("https://index.example/acme/", {wheel("1.0"): ONE, wheel("2.0"): TWO})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({wheel("1.0"): ONE}, True),
        ({wheel("1.0"): ONE, wheel("2.0"): TWO}, True),
        ({wheel("1.0"): TWO}, False),
        ({wheel("1.0"): ONE, wheel("1.0+internal"): TWO}, False),
        ({wheel("9.0"): ONE}, False),
    ],
)
def test_a_mirror_has_nothing_but_copies(files: dict[str, str | None], expected: bool) -> None:
    assert is_mirror(page("file:///mirror/acme/", files), PUBLIC) is expected


def test_the_bytes_on_the_disk_prove_a_copy_where_the_page_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / wheel("1.0")).write_bytes(b"wheel")
    proof = hashlib.sha256(b"wheel").hexdigest()
    local = page(tmp_path.as_uri() + "/", {wheel("1.0"): None})
    assert is_mirror(local, page("https://index.example/acme/", {wheel("1.0"): proof}))
    assert not is_mirror(local, PUBLIC)


def test_an_index_without_hashes_proves_nothing() -> None:
    local = page("file:///mirror/acme/", {wheel("1.0"): ONE})
    assert not is_mirror(local, page("https://index.example/acme/", {wheel("1.0"): None}))


def claimed(*asked: tuple[IndexOptions, Page | None]) -> Page | None:
    claim = Claim()
    for options, found in asked:
        if claim.asks(options):
            claim.take(options, found)
    return claim.page


def test_the_index_behind_a_mirror_owns_the_name() -> None:
    mirror = page("file:///mirror/acme/", {wheel("1.0"): ONE})
    other = page("file:///mirror/acme/", {wheel("2.0"): TWO})
    assert claimed((DISK, mirror), (NET, PUBLIC)) is PUBLIC
    assert claimed((DISK, mirror), (DISK, other), (NET, PUBLIC)) is PUBLIC
    assert claimed((DISK, mirror), (NET, None)) is mirror


def test_a_public_look_alike_of_a_private_package_never_owns_its_name() -> None:
    private = page("file:///mirror/acme/", {wheel("1.0+internal"): ONE})
    assert claimed((DISK, private), (NET, PUBLIC)) is private


def test_an_index_on_the_network_is_never_asked_behind_an_owner_on_the_network() -> None:
    claim = Claim()
    claim.take(NET, PUBLIC)
    assert not claim.asks(NET)
    assert not claim.asks(DISK)


def test_what_is_on_the_disk_counts_where_the_next_index_cannot_be_reached() -> None:
    claim = Claim()
    assert not claim.stands_without(NetworkProblem("down"))
    claim.take(DISK, PUBLIC)
    assert claim.stands_without(NetworkProblem("down"))
