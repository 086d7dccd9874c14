"""Around the lock: what a merge leaves, what changed, what it depends on, and the export."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.lock import (
    Change,
    Edge,
    InvalidLock,
    Lock,
    LockedArchive,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedVcs,
    LockHasNoEdges,
    MergeMarkers,
    RootEdge,
    diff_locks,
    digest_inputs,
    export_requirements,
    has_merge_markers,
    parse_lock,
    salvage,
)
from hutch.project import Source
from hutch.spec import parse_requirement, parse_specifiers
from hutch.values import dataclass, replace
from lock.strategies import locks

# --- merges ---


@given(locks())
def test_all_that_a_whole_lock_holds_is_salvaged(lock: Lock) -> None:
    expected = tuple(dict.fromkeys((p.name, p.version) for p in lock.packages if p.version))
    assert salvage(lock.render()) == expected
    assert not has_merge_markers(lock.render())


@given(locks(), locks())
def test_of_a_merge_both_sides_are_salvaged_ours_first(ours: Lock, theirs: Lock) -> None:
    base = "[[packages]]\nname = 'q'\nversion = '9'\n"
    text = f"<<<<<<< a\n{ours.render()}||||||| o\n{base}=======\n{theirs.render()}>>>>>>> b\n"
    expected = dict.fromkeys(
        (p.name, p.version) for lock in (ours, theirs) for p in lock.packages if p.version
    )
    assert salvage(text) == tuple(expected)
    with pytest.raises(MergeMarkers):
        parse_lock(text)


def test_a_conflict_between_a_name_and_its_version() -> None:
    text = (
        '[[packages]]\nname = "a"\n<<<<<<< ours\nversion = "1"\n=======\nversion = "2"\n>>>>>>> theirs\n'
        '[[packages]]\n<<<<<<< ours\nname = "b"\nversion = "3"\n'
        '=======\nname = "c"\nversion = "4"\n>>>>>>> theirs\n'
    )
    assert salvage(text) == (("a", "1"), ("b", "3"), ("a", "2"), ("c", "4"))


def test_what_git_makes_of_two_branches_is_salvaged(tmp_path: Path) -> None:
    def lock(**versions: str) -> str:
        return Lock(
            packages=tuple(plain(n, v) for n, v in sorted(versions.items())), inputs=str(versions)
        ).render()

    def git(*words: str) -> int:
        who = ("-c", "user.name=x", "-c", "user.email=x@mail.example", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *who, *words], cwd=tmp_path, capture_output=True).returncode

    path = tmp_path / "pylock.toml"
    if git("init", "-q", "-b", "main"):
        pytest.skip("no git")
    for branch, text in (
        ("main", lock(a="1", m="1")),
        ("one", lock(a="1", b="1", m="2")),
        ("two", lock(a="2", c="1", m="3")),
    ):
        git("checkout", "-q", "-b", branch, "main") if branch != "main" else None
        path.write_text(text)
        git("add", ".")
        assert git("commit", "-q", "-m", branch) == 0
    assert git("merge", "one") != 0
    merged = path.read_text()
    with pytest.raises(MergeMarkers):
        parse_lock(merged)
    assert set(salvage(merged)) >= {("a", "2"), ("b", "1"), ("c", "1"), ("m", "2"), ("m", "3")}


@given(st.text(max_size=80))
def test_salvage_takes_any_text(text: str) -> None:
    salvage(text)


# --- changes ---


def plain(name: str, version: str | None = "1.0", **more: Any) -> LockedPackage:
    proof = (("sha256", f"{len(name):064x}"),)
    filename = f"{name}-{version}-py3-none-any.whl"
    file = LockedFile(filename=filename, url=f"https://index.example/{filename}", hashes=proof)
    if not {"directory", "vcs", "archive"} & more.keys():
        more.setdefault("wheels", (file,))
    return LockedPackage(name=name, version=version, **more)  # type: ignore[arg-type]


def test_changes_are_by_name() -> None:
    vcs = LockedVcs(kind="git", url="https://git.example/v", commit_id="0123456789abcdef")
    old = Lock(packages=(plain("a"), plain("b"), plain("c", "1.0"), plain("c", "2.0"), plain("v", vcs=vcs)))
    new = Lock(
        packages=(
            plain("a"),
            plain("c", "2.0"),
            plain("d", None, directory=LockedDirectory(path="../d")),
            plain("v", vcs=replace(vcs, commit_id="fedcba9876543210")),
        )
    )
    assert diff_locks(old, new) == (
        Change(name="b", kind="removed", before=("1.0",)),  # type: ignore[arg-type]
        Change(name="c", kind="updated", before=("1.0", "2.0"), after=("2.0",)),  # type: ignore[arg-type]
        Change(name="d", kind="added", after=("../d",)),  # type: ignore[arg-type]
        Change(name="v", kind="updated", before=("1.0 (012345678)",), after=("1.0 (fedcba987)",)),  # type: ignore[arg-type]
    )
    assert diff_locks(new, new) == ()
    assert [change.kind for change in diff_locks(None, old)] == ["added"] * 4


# --- inputs ---


@dataclass(frozen=True)
class Index:
    name: str = "default"
    url: str = "https://index.example/simple/"
    explicit: bool = False


BASE: dict[str, Any] = {
    "requirements": {"project": ("A_b >= 1, <2", "c"), "extra:x": (), "group:dev": ("d; os_name=='nt'",)},
    "requires_python": parse_specifiers(">=3.9,<4"),
    "name": "My_Project",
    "targets": ("cp312-linux-x86_64", "cp311-linux-x86_64"),
    "constraints": ("e<2",),
    "overrides": ("f==1",),
    "sources": {"g": (Source(kind="git", location="https://git.example/g"),)},
    "indexes": (Index("company", "https://company.example/simple"), Index()),
    "default_groups": ("dev", "docs"),
}


@pytest.mark.parametrize(
    "same",
    [
        {
            "requirements": {
                "group:dev": ('d ; os_name == "nt"',),
                "extra:x": (),
                "project": ("c", "a.b<2,>=1", "c"),
            }
        },
        {"requirements": {w: [parse_requirement(t) for t in ts] for w, ts in BASE["requirements"].items()}},
        {"requires_python": parse_specifiers("<4 , >=3.9")},
        {"name": "my-project"},
        {"targets": tuple(reversed(BASE["targets"]))},
        {"indexes": (Index("company", "https://me:secret@company.example/simple/"), Index())},
        {"default_groups": ("docs", "dev")},
    ],
)
def test_what_cannot_change_the_answer_does_not_change_the_digest(same: dict[str, Any]) -> None:
    assert digest_inputs(**(BASE | same)) == digest_inputs(**BASE)


@pytest.mark.parametrize(
    "other",
    [
        {"requirements": BASE["requirements"] | {"project": ("a-b>=1,<3", "c")}},
        {"requirements": BASE["requirements"] | {"project": ("a-b>=1,<2", "c[x]")}},
        {"requirements": BASE["requirements"] | {"extra:y": ()}},
        {
            "requirements": {
                "project": (),
                **{k: v for k, v in BASE["requirements"].items() if k != "project"},
            }
        },
        {"requires_python": parse_specifiers(">=3.9")},
        {"name": None},
        {"targets": ()},
        {"constraints": ()},
        {"overrides": ("f==2",)},
        {
            "sources": {
                "g": (
                    Source(kind="git", location="https://git.example/g", revision="x", revision_kind="tag"),
                )
            }
        },
        {"indexes": tuple(reversed(BASE["indexes"]))},
        {"indexes": (Index("company", "https://company.example/simple", explicit=True), Index())},
        {"resolution": "lowest"},
        {"exclude_newer": "2026-01-01T00:00:00Z"},
        {"default_groups": ("dev",)},
        {"only_binary": (":all:",)},
        {"package": True},
        {"others": {"../lib": "1"}},
    ],
)
def test_what_can_change_the_answer_changes_the_digest(other: dict[str, Any]) -> None:
    assert digest_inputs(**(BASE | other)) != digest_inputs(**BASE)


# --- requirements.txt ---


def file(name: str, *hashes: tuple[str, str]) -> LockedFile:
    return LockedFile(filename=name, url=f"https://index.example/{name}", hashes=hashes)


LOCK = Lock(
    packages=(
        plain(
            "attrs",
            wheels=(file("attrs-1.0-py3-none-any.whl", ("md5", "0"), ("sha256", "bb")),),
            sdist=file("attrs-1.0.tar.gz", ("sha256", "aa")),
        ),
        plain("colorama", marker="sys_platform == 'win32'", wheels=(file("c", ("sha512", "cc")),)),
        plain("fast", marker="'fast' in extras", dependencies=(Edge(name="attrs"),)),  # type: ignore[arg-type]
        plain(
            "pytest",
            marker="'dev' in dependency_groups and os_name == 'posix'",
            dependencies=(Edge(name="attrs", extras=("x",)), Edge(name="colorama")),
        ),  # type: ignore[arg-type]
    ),
    extras=("fast",),
    dependency_groups=("dev",),
    default_groups=("dev",),
    roots=(
        RootEdge(name="attrs"),  # type: ignore[arg-type]
        RootEdge(name="fast", where="extra:fast"),  # type: ignore[arg-type]
        RootEdge(name="pytest", where="group:dev"),  # type: ignore[arg-type]
    ),
    inputs="1",
)


def test_the_layout_is_pip_compiles() -> None:
    text = export_requirements(
        LOCK,
        project="demo",
        header="written by hutch",
        options=("--index-url https://index.example/simple/",),
    )
    assert (
        text
        == """\
# written by hutch
--index-url https://index.example/simple/

attrs[x]==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   demo (pyproject.toml)
    #   pytest
colorama==1.0 ; sys_platform == 'win32' \\
    --hash=sha512:cc
    # via pytest
pytest==1.0 ; os_name == 'posix' \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000006
    # via demo (pyproject.toml:dev)
"""
    )


def test_the_choice_is_made_and_the_rest_of_the_markers_stays() -> None:
    bare = export_requirements(LOCK, groups=(), extras=("fast",), hashes=False, annotate=False)
    assert bare == "attrs==1.0\ncolorama==1.0 ; sys_platform == 'win32'\nfast==1.0\n"
    only = export_requirements(LOCK, groups=("dev",), only=True, hashes=False, annotate=False)
    assert only.startswith("attrs[x]==1.0\ncolorama==1.0 ; sys")
    assert "fast" not in only
    with pytest.raises(LockHasNoEdges):
        export_requirements(replace(LOCK, inputs=""), only=True)
    assert export_requirements(Lock()) == ""


def test_what_comes_from_elsewhere() -> None:
    lock = Lock(
        packages=(
            plain("a", None, directory=LockedDirectory(path="libs/a", editable=True)),
            plain(
                "b",
                None,
                directory=LockedDirectory(path="../b", subdirectory="python"),
                marker="os_name == 'nt'",
            ),
            plain(
                "c",
                vcs=LockedVcs(kind="git", url="https://u:p@git.example/c", commit_id="abc", subdirectory="s"),
            ),
            plain("d", archive=LockedArchive(url="https://files.example/d.zip", hashes=(("sha256", "dd"),))),
        )
    )
    assert (
        export_requirements(lock, annotate=False)
        == """\
-e ./libs/a
../b/python ; os_name == 'nt'
c @ git+https://git.example/c@abc#subdirectory=s
d @ https://files.example/d.zip \\
    --hash=sha256:dd
"""
    )


def test_pip_reads_what_is_exported(tmp_path: Path) -> None:
    proof = "0" * 64
    packages = tuple(
        replace(p, wheels=tuple(replace(w, hashes=(("sha256", proof),)) for w in p.wheels), sdist=None)
        for p in LOCK.packages
    )
    path = tmp_path / "requirements.txt"
    path.write_text(export_requirements(replace(LOCK, packages=packages), header="x\n\ny"))
    code = (
        "import sys\nfrom pip._internal.req.req_file import parse_requirements\n"
        "from pip._internal.network.session import PipSession\n"
        "for each in parse_requirements(sys.argv[1], session=PipSession()):\n"
        "    print(each.requirement, sorted(each.options))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert [line.split("=")[0] for line in lines] == ["attrs[x]", "colorama", "pytest"]
    assert all("'hashes'" in line for line in lines)


def test_a_lock_that_is_cut_off_is_a_problem() -> None:
    text = LOCK.render()
    with pytest.raises(InvalidLock):
        parse_lock(text[: len(text) // 2])
