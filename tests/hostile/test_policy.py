"""What a user decided holds whatever an index does: rows P and H of the threat table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from commands.support import block, installed, locked, manifest, shown
from hutch.testing.fake_index import FakeFile, FakeIndex

MakeProject = Callable[..., Any]


def sha256(file: FakeFile) -> str:
    return hashlib.sha256(file.body).hexdigest()


@pytest.fixture
def private() -> Iterator[FakeIndex]:
    """An index before the public one."""
    fake = FakeIndex()
    with fake.serve():
        yield fake


@pytest.fixture
def corp(private: FakeIndex, index: FakeIndex, project: MakeProject, transport: str) -> Any:
    """A project whose ``alpha`` is private; the public index has a later one of that name."""
    private.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "99.0")
    index.add_wheel("beta", "1.0")
    more = f'[[tool.hutch.index]]\nname = "corp"\nurl = "{private.url}"\n'
    return project(manifest("alpha", more=more))


# -- names that are private here and public there ----------------------------------------------------


def test_p01_the_private_index_wins_whatever_the_version(corp: Any, index: FakeIndex) -> None:
    corp.run("sync").ok()
    assert installed(corp) == {"alpha": "1.0"}
    assert index.log == []


@pytest.mark.parametrize("status", [401, 403, 407, 429, 500, 503])
def test_p02_p03_a_private_index_that_fails_stops_the_command(
    corp: Any, private: FakeIndex, index: FakeIndex, status: int
) -> None:
    private.fault("/simple/*", status=status)
    ran = corp.run("sync")
    assert ran.exit_code == 3
    assert ran.stderr.startswith("error: ")
    assert installed(corp) == {}
    assert corp.tree() == ["pyproject.toml"]
    assert index.log == []


@pytest.mark.parametrize("fault", [{"refuse": True}, {"cut": 5}, {"cut": 0, "kind": "timeout"}])
def test_p04_so_does_one_that_breaks_off(
    corp: Any, private: FakeIndex, index: FakeIndex, fault: dict[str, Any]
) -> None:
    private.fault("/simple/*", **fault)
    ran = corp.run("sync", environ={"HUTCH_TIMEOUT": "0.3"})
    assert shown(ran).startswith("exit 3\nerror: could not fetch the page of alpha from <index>\n")
    assert index.log == []


@pytest.mark.parametrize("body", [b"", b"<html><form><input></form></html>", b"{}", b'{"files": []}'])
def test_p04_so_does_one_that_answers_nonsense(
    corp: Any, private: FakeIndex, index: FakeIndex, body: bytes
) -> None:
    from hutch.testing.transport import Answer

    kind = (("Content-Type", "application/vnd.pypi.simple.v1+json"),)
    private.fault("/simple/*", answer=Answer(headers=kind, body=body))
    assert corp.run("sync").exit_code in (1, 3)
    assert installed(corp) == {}
    assert index.log == []


def test_p04_offline_is_no_reason_either(corp: Any, index: FakeIndex, project: MakeProject) -> None:
    """The public page is in the cache, and the private one is not."""
    project(manifest("alpha")).run("lock").ok()
    ran = corp.run("lock --offline")
    assert ran.exit_code == 3
    assert "error: the page of alpha is not in the cache, and the network is switched off\n" in ran.stderr


def test_p01_what_a_private_package_needs_may_be_public(
    corp: Any, private: FakeIndex, index: FakeIndex
) -> None:
    private.projects.clear()
    private.add_wheel("alpha", "1.0", requires=["beta"])
    private.add_project("nothing")
    corp.run("sync").ok()
    assert installed(corp) == {"alpha": "1.0", "beta": "1.0"}


def test_p01_names_are_not_told_to_indexes_that_need_not_know(corp: Any, index: FakeIndex) -> None:
    corp.run("lock").ok()
    assert index.log == []


def test_p01_an_explicit_index_is_asked_for_nothing_else(
    private: FakeIndex, index: FakeIndex, project: MakeProject
) -> None:
    private.add_wheel("alpha", "1.0")
    private.add_wheel("beta", "99.0")
    index.add_wheel("beta", "1.0")
    more = (
        f'[[tool.hutch.index]]\nname = "corp"\nurl = "{private.url}"\nexplicit = true\n'
        '[tool.hutch.sources]\nalpha = { index = "corp" }\n'
    )
    made = project(manifest("alpha", "beta", more=more))
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0"}
    assert private.asked("/simple/beta/") == []
    assert index.asked("/simple/alpha/") == []


# -- cooldown ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "chosen"),
    [("2024-01-01T00:00:00Z", "1.0"), ("2024-06-02T00:00:00Z", "2.0")],
)
def test_p05_what_was_uploaded_later_does_not_exist(
    index: FakeIndex, project: MakeProject, when: str, chosen: str
) -> None:
    index.add_wheel("alpha", "1.0", upload_time="2023-01-01T00:00:00Z")
    index.add_wheel("alpha", "2.0", upload_time="2024-06-01T00:00:00Z")
    made = project(manifest("alpha"))
    made.run("lock", environ={"HUTCH_EXCLUDE_NEWER": when}).ok()
    assert locked(made) == {"alpha": chosen}


@pytest.mark.parametrize("time", [None, "soon", "2099", 7, "", "2023-13-45T99:99:99Z", "\x1b[2J"])
def test_p06_what_does_not_say_when_it_was_uploaded_does_not_exist_either(
    index: FakeIndex, project: MakeProject, time: object
) -> None:
    """Fails closed: an index without upload times, or with lies about them, cannot be cooled down."""
    index.add_wheel("alpha", "1.0", listed={} if time is None else {"upload-time": time})
    made = project(manifest("alpha"))
    ran = made.run("lock", environ={"HUTCH_EXCLUDE_NEWER": "2024-01-01"})
    assert ran.exit_code == 1
    assert made.tree() == ["pyproject.toml"]
    assert "\x1b" not in ran.stderr


def test_p06_and_that_is_said(index: FakeIndex, project: MakeProject) -> None:
    index.add_wheel("alpha", "1.0")
    index.add_wheel("alpha", "2.0")
    made = project(manifest("alpha"))
    assert shown(made.run("lock", environ={"HUTCH_EXCLUDE_NEWER": "2024-01-01"})) == block("""
        exit 1
        error: no versions satisfy all requirements
          every version of alpha is left out by exclude-newer, because its index does not say when it came
          alpha is asked for in pyproject.toml:5
    """)


# -- hashes that were written down -------------------------------------------------------------------


@pytest.fixture
def pinned(index: FakeIndex, project: MakeProject, transport: str) -> Any:
    """An empty environment, and an index with alpha, that needs beta."""
    index.add_wheel("alpha", "1.0", requires=["beta"])
    index.add_wheel("beta", "1.0")
    made = project("")
    made.run("venv").ok()
    return made


def requirements(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_h00_what_has_its_hashes_is_installed(pinned: Any, index: FakeIndex) -> None:
    lines = [f"{name}==1.0 --hash=sha256:{sha256(index.projects[name][0])}" for name in ("alpha", "beta")]
    pinned.write({"requirements.txt": requirements(*lines)})
    pinned.run("pip install --require-hashes -r requirements.txt").ok()
    assert installed(pinned) == {"alpha": "1.0", "beta": "1.0"}


def test_h01_a_hash_that_no_file_has(pinned: Any, index: FakeIndex) -> None:
    good = f"beta==1.0 --hash=sha256:{sha256(index.projects['beta'][0])}"
    pinned.write({"requirements.txt": requirements(f"alpha==1.0 --hash=sha256:{'0' * 64}", good)})
    assert shown(pinned.run("pip install -r requirements.txt")) == block("""
        exit 1
        error: not everything has a hash to be proven by
          alpha 1.0: no file of the index has one of its hashes
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)
    assert installed(pinned) == {}


def test_h01_the_page_lies_about_the_hash(pinned: Any, index: FakeIndex) -> None:
    """The page says the hash that was written down, and the bytes are others."""
    file = index.projects["beta"][0]
    expected = sha256(file)
    file.body += b"!"
    file.record["size"] = len(file.body)
    pinned.write({"requirements.txt": f"beta==1.0 --hash=sha256:{expected}\n"})
    ran = pinned.run("pip install -r requirements.txt")
    assert ran.exit_code == 1
    assert f"  expected: sha256:{expected}\n  got: sha256:{sha256(file)}\n" in ran.stderr
    assert installed(pinned) == {}


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224"])
def test_h02_hashes_that_prove_nothing(pinned: Any, index: FakeIndex, algorithm: str) -> None:
    digest = hashlib.new(algorithm, index.projects["beta"][0].body).hexdigest()
    pinned.write({"requirements.txt": f"beta==1.0 --hash={algorithm}:{digest}\n"})
    ran = pinned.run("pip install -r requirements.txt")
    assert ran.exit_code == 1
    assert f"`{algorithm}:{digest}` is not a hash such as sha256:HEX (sha384, sha512)\n" in ran.stderr
    assert installed(pinned) == {}


def test_h03_something_that_is_needed_has_none(pinned: Any, index: FakeIndex) -> None:
    pinned.write({"requirements.txt": f"alpha==1.0 --hash=sha256:{sha256(index.projects['alpha'][0])}\n"})
    assert shown(pinned.run("pip install -r requirements.txt")) == block("""
        exit 1
        error: not everything has a hash to be proven by
          beta 1.0 is needed as well, and has no --hash
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)
    assert installed(pinned) == {}


@pytest.mark.parametrize("line", ["alpha", "alpha>=1", "alpha==1.*", "alpha==1.0"])
def test_h03_a_requirement_without_a_hash(pinned: Any, line: str) -> None:
    pinned.write({"requirements.txt": f"{line}\n"})
    ran = pinned.run("pip install --require-hashes -r requirements.txt")
    assert ran.exit_code == 1
    assert "error: not everything has a hash to be proven by\n" in ran.stderr
    assert installed(pinned) == {}


def test_h04_bytes_that_were_swapped_after_they_were_locked(pinned: Any, index: FakeIndex) -> None:
    file = index.projects["beta"][0]
    pinned.write({"requirements.txt": f"beta==1.0 --hash=sha256:{sha256(file)}\n"})
    other = index.add_wheel("beta", "2.0").body
    file.body = other
    ran = pinned.run("pip install -r requirements.txt")
    assert ran.exit_code == 1
    assert installed(pinned) == {}


def test_h05_what_the_cache_has_satisfies_no_other_pin(pinned: Any, index: FakeIndex) -> None:
    """The cache knows beta 1.0; another file of that name and version is asked for by its hash."""
    file = index.projects["beta"][0]
    pinned.run("pip install beta").ok()
    pinned.run("venv --clear").ok()
    first = sha256(file)
    file.body = index.add_wheel("gamma", "1.0", files={"x.py": "new"}).body
    index.projects["beta"].clear()
    second = index.add_wheel("beta", "1.0", files={"beta/__init__.py": "second = True\n"})
    pinned.write({"requirements.txt": f"beta==1.0 --hash=sha256:{sha256(second)}\n"})
    pinned.run("pip install --refresh -r requirements.txt").ok()
    (module,) = pinned.path.glob(".venv/lib/*/site-packages/beta/__init__.py")
    assert module.read_text() == "second = True\n"
    assert sha256(second) != first
