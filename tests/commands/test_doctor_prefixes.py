"""``hutch doctor``: what pip, and others, have done to conda prefixes; each fault made for real, and without.

pip is that of a real Python in the prefix, made by its own `ensurepip`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from commands.doctor_support import findings
from conda.mixing import Prefix, make_prefix
from conda.real import same_tree, the_python
from oracles.conda import ask_rattler, needs_rattler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX"),
]
ALL = (
    "conda-and-pip",
    "conda-files",
    "stranded-packages",
    "unmanaged-prefix",
    "stale-bytecode",
    "pip-remnants",
)


@pytest.fixture
def demo(project: Any, tmp_path: Path, mixing_channel: Path, conda_cache: Path) -> Prefix:
    return make_prefix(project, tmp_path, mixing_channel, conda_cache)


def found(demo: Prefix, *codes: str, words: str = "") -> list[dict[str, Any]]:
    return findings(demo.made, *(codes or ALL), words=f"-n day {words}")


def fixed(demo: Prefix, code: str, *, words: str = "") -> None:
    ran = demo.run(f"doctor -n day --fix --yes --check {code} {words}").ok()
    assert "fixed: " in ran.stdout, ran.stdout
    assert found(demo, words=words) == []
    demo.run("env verify -n day --deep").ok()


def test_a_sound_prefix_has_none_of_them(demo):
    demo.python("-c", "import vector, json")
    assert found(demo) == []
    assert found(demo, words="--deep") == []


def test_by_its_place_and_when_it_is_active(demo):
    (demo.root / "share/vec/words.txt").unlink()
    (by_name,) = found(demo, "conda-files")
    (by_place,) = findings(demo.made, "conda-files", words=f"--prefix {demo.root}")
    (active,) = findings(demo.made, "conda-files", CONDA_PREFIX=os.fspath(demo.root))
    assert by_name["title"] == by_place["title"] == active["title"] == "libvec is not whole"
    ran = demo.run("doctor --prefix . --check conda-files")
    assert (ran.exit_code, ran.stderr.splitlines()[0]) == (1, "error: <project> is not a Python environment")


# -- pip over conda ---------------------------------------------------------------------------------------


def test_a_newer_version_of_pip_over_that_of_conda(demo):
    before = demo.tree()
    demo.pip("install", "vector==2.0")
    assert demo.version("vector") == "2.0"
    (one,) = found(demo, "conda-and-pip", "conda-files")
    assert one["title"] == "pip has installed vector 2.0 over conda's 1.0"
    assert (one["severity"], one["class"]) == ("error", "ask")
    assert one["plan"] == ["take pip's vector 2.0 out, and put vector in anew, as the record of conda says"]
    keep = "hutch conda remove -n day vector, then hutch pip install -n day vector==2.0"
    assert one["commands"] == [f"to keep that of pip instead: {keep}"]
    # Without the user's say nothing happens.
    ran = demo.run("doctor -n day --fix --check conda-and-pip")
    assert ran.exit_code == 1
    assert demo.version("vector") == "2.0"
    fixed(demo, "conda-and-pip")
    assert demo.version("vector") == "1.0"
    assert demo.tree() == before
    # And the way back is not one that brings two owners of one file.
    ran = demo.run("env rollback -n day")
    assert "vector 2.0 would overwrite a file of vector 1.0 py_0" in ran.stderr
    assert demo.tree() == before


def test_the_same_version_of_pip_over_that_of_conda(demo):
    before = demo.tree()
    demo.pip("install", "--force-reinstall", "--no-deps", "vector==1.0")
    (one,) = found(demo, "conda-and-pip", "conda-files")
    assert one["title"] == "pip has installed vector over conda's own of the same version"
    # The wheel has a module that conda's package has not.
    assert any("vector/only_wheel.py" in line for line in one["seen"])
    fixed(demo, "conda-and-pip")
    assert demo.tree() == before


def test_another_name_over_the_same_files(demo):
    """As `opencv-python` over `py-opencv`: no name tells, the files do."""
    before = demo.tree()
    demo.pip("install", "vector-headless")
    (one,) = found(demo, "conda-and-pip", "conda-files")
    assert one["title"] == "pip's vector-headless 3.0 has written over files of conda's vector"
    fixed(demo, "conda-and-pip")
    assert demo.tree() == before


def test_two_of_one_name(demo):
    """conda updates over what pip has put in: both have a `dist-info` then."""
    before = demo.tree()
    site = demo.site
    kept = site / "vector-1.0.dist-info"
    shutil.copytree(kept, demo.made / "kept")
    demo.pip("install", "vector==2.0")
    shutil.copytree(demo.made / "kept", kept)
    (one,) = found(demo, "conda-and-pip", "conda-files")
    assert one["title"] == "pip has installed vector 2.0 over conda's 1.0"
    fixed(demo, "conda-and-pip")
    assert demo.tree() == before


def test_what_pip_adds_beside_conda_is_a_note(demo):
    demo.pip("install", "extra==1.0")
    (one,) = found(demo)
    assert (one["severity"], one["seen"][1:]) == ("info", ["extra 1.0, put in by pip"])
    demo.pip("uninstall", "-y", "extra")
    assert found(demo) == []


def test_uninstalled_by_pip(demo):
    before = demo.tree()
    demo.pip("uninstall", "-y", "vector")
    (one,) = found(demo, "conda-files")
    assert (one["title"], one["class"]) == ("vector is not whole", "safe")
    ran = demo.run("doctor -n day --fix --check conda-files").ok()  # nobody need be asked
    assert "put in anew: vector" in ran.stdout
    assert demo.tree() == before


def test_what_a_killed_pip_has_left(demo):
    (demo.site / "~ector").mkdir()
    (demo.site / "~ector/__init__.py").write_text("")
    (one,) = found(demo)
    assert one["code"] == "pip-remnants"
    fixed(demo, "pip-remnants")


def test_half_a_package_of_pip(demo):
    """What conda removes of a package that pip had put over its own leaves the rest of it."""
    demo.pip("install", "extra==1.0")
    shutil.rmtree(demo.site / "extra")
    one = found(demo, "conda-files")[0]
    assert (one["title"], one["class"]) == ("extra is not whole", "ask")
    assert one["commands"] == ["hutch pip install -n day --reinstall extra==1.0"]
    fixed(demo, "conda-files")
    assert not (demo.site / "extra-1.0.dist-info").exists()


# -- files ------------------------------------------------------------------------------------------------


def test_files_that_are_gone_or_changed(demo):
    before = demo.tree()
    (demo.root / "lib/libvec.so.1").unlink()
    shutil.rmtree(demo.root / "share/vec")
    (one,) = found(demo, "conda-files")
    assert one["title"] == "libvec is not whole"
    fixed(demo, "conda-files")
    assert demo.tree() == before
    # A file that was changed may have been changed on purpose.
    path = demo.root / "etc/vec.conf"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"mine\n")
    (one,) = found(demo, "conda-files")
    assert (one["title"], one["severity"], one["class"]) == (
        "libvec has files that were changed",
        "warning",
        "ask",
    )
    fixed(demo, "conda-files")
    assert demo.tree() == before
    # Of equal size: only a hash tells, or the date.
    path.unlink()
    path.write_bytes(bytes(reversed(content)))
    assert len(found(demo, "conda-files", words="--deep")) == 1
    fixed(demo, "conda-files", words="--deep")
    assert demo.tree() == before


def test_all_files_of_a_package_are_gone_and_the_store_as_well(demo, tmp_path):
    """The record says address and hash."""
    before = demo.tree()
    record = json.loads((demo.root / "conda-meta/libvec-1.0-0.json").read_text())
    for path in record["files"]:
        (demo.root / path).unlink()
    demo.made.environ["HUTCH_CACHE_DIR"] = os.fspath(tmp_path / "another")
    fixed(demo, "conda-files")
    after = demo.tree()
    assert set(before) == set(after)
    assert [path for path in before if before[path] != after[path]] == ["conda-meta/libvec-1.0-0.json"]
    # Where the channel has something else under that name nothing is changed.
    shutil.rmtree(tmp_path / "another")
    (demo.root / "share/vec/words.txt").unlink()
    package = Path(record["url"].removeprefix("file://"))
    content = package.read_bytes()
    package.write_bytes(content + b"evil")
    try:
        broken = demo.tree()
        ran = demo.run("doctor -n day --fix --check conda-files")
        assert ran.exit_code == 1
        assert "not fixed" in ran.stdout
        assert demo.tree() == broken
    finally:
        package.write_bytes(content)


def test_a_record_that_cannot_be_read(demo):
    before = demo.tree()
    (demo.root / "conda-meta/libvec-1.0-0.json").write_bytes(b"\0" * 500)
    one = found(demo, "conda-files")[0]
    assert one["title"] == "the record of libvec cannot be read"
    assert one["commands"] == ["hutch conda install -n day libvec"]
    demo.run("conda install -n day libvec=1.0").ok()
    assert demo.tree() == before
    assert found(demo) == []


# -- what is left of others -------------------------------------------------------------------------------


def test_packages_of_a_python_that_is_gone(demo):
    old = demo.root / "lib/python3.2/site-packages"
    demo.pip("install", "--target", os.fspath(old), "extra==1.0")
    (one,) = found(demo, "stranded-packages")
    assert one["title"] == "extra is left in lib/python3.2/site-packages"
    assert one["commands"] == ["first, where they are wanted: hutch pip install -n day extra==1.0"]
    fixed(demo, "stranded-packages")
    assert not (old / "extra").exists()


def test_nothing_keeps_pip_out(demo):
    note = demo.site.parent / "EXTERNALLY-MANAGED"
    content = note.read_bytes()
    note.unlink()
    (one,) = found(demo)
    assert (one["code"], one["severity"], one["class"]) == ("unmanaged-prefix", "info", "ask")
    fixed(demo, "unmanaged-prefix")
    assert note.read_bytes() == content


def test_bytecode_without_a_source_is_imported(demo):
    stale = demo.site / "gone.pyc"
    (demo.site / "gone.py").write_text("A = 1\n")
    demo.python("-m", "py_compile", os.fspath(demo.site / "gone.py"))
    shutil.move(next((demo.site / "__pycache__").glob("gone.*.pyc")), stale)
    (demo.site / "gone.py").unlink()
    assert demo.python("-c", "import gone; print(gone.A)") == "1"
    (one,) = found(demo, "stale-bytecode")
    assert one["title"] == "the bytecode gone.pyc has no source any more"
    fixed(demo, "stale-bytecode")
    with pytest.raises(AssertionError, match="No module named 'gone'"):
        demo.python("-c", "import gone")


def test_bytecode_of_another_source_of_the_same_size_and_date(demo):
    """What the archives of conda's packages, all of one date, make possible."""
    module = demo.site / "vector/__init__.py"
    content, facts = module.read_bytes(), module.stat()
    demo.python("-c", "import vector", PYTHONDONTWRITEBYTECODE="")
    cached = next((demo.site / "vector/__pycache__").glob("__init__.*.pyc"))
    module.unlink()
    module.write_bytes(content.replace(b"1.0", b"9.9"))
    os.utime(module, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    demo.python("-m", "py_compile", os.fspath(module))
    module.unlink()
    module.write_bytes(content)
    os.utime(module, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert demo.version("vector") == "9.9"
    assert found(demo) == []
    (one,) = found(demo, "stale-bytecode", words="--deep")
    assert one["seen"] == [demo.made.filtered(os.fspath(cached))]
    fixed(demo, "stale-bytecode", words="--deep")
    assert demo.version("vector") == "1.0"


def test_packages_of_the_user_hide_those_of_the_prefix(demo):
    demo.pip("install", "--user", "vector==2.0")
    assert demo.version("vector") == "2.0"
    (one,) = found(demo, "user-packages")
    assert one["severity"] == "warning"
    assert any("vector" in line for line in one["seen"])
    assert "export PYTHONNOUSERSITE=1" in one["commands"]


def test_a_python_path_that_leads_into_another_prefix(demo, tmp_path):
    other = tmp_path / "other" / "lib" / "python3.2" / "site-packages"
    other.mkdir(parents=True)
    (one,) = findings(demo.made, "python-path", words="-n day", PYTHONPATH=os.fspath(other))
    assert one["severity"] == "warning"
    assert "packages of another Python, 3.2" in one["seen"][0]


def test_env_verify_names_what_puts_it_right(demo):
    (demo.root / "bin/python").unlink()
    (demo.root / "share/vec/words.txt").unlink()
    ran = demo.run("env verify -n day")
    assert ran.exit_code == 1
    assert "try: hutch doctor -n day --fix puts it in anew, by what conda-meta says" in ran.stderr
    demo.run("doctor -n day --fix --check conda-files").ok()
    demo.run("env verify -n day --deep").ok()


def test_an_environment_without_a_python_is_sound(demo):
    demo.run("conda remove -n day python pip vector").ok()
    assert demo.conda() == {"libvec": "1.0"}
    demo.run("env verify -n day --deep").ok()
    assert found(demo) == []


@needs_rattler
def test_a_prefix_of_another_tool(demo, tmp_path, mixing_channel):
    """Nothing of hutch is in it: the records are enough."""
    root = tmp_path / "theirs"
    python = the_python()
    ask_rattler(
        "install",
        channel=os.fspath(mixing_channel),
        prefix=os.fspath(root),
        cache=os.fspath(tmp_path / "rattler"),
        specs=[f"python={python.version}", "pip", "vector=1.0", "libvec=1.0"],
    )
    theirs = Prefix(demo.made, root, mixing_channel)
    before = same_tree_of(root)

    def seen(*codes: str) -> list[str]:
        return [each["title"] for each in findings(demo.made, *codes, words=f"--prefix {root}")]

    assert seen(*ALL) == []
    theirs.pip("install", "vector==2.0")
    (root / "share/vec/words.txt").unlink()
    assert seen(*ALL) == ["pip has installed vector 2.0 over conda's 1.0", "libvec is not whole"]
    demo.run(f"doctor --prefix {root} --fix --yes --check conda-and-pip --check conda-files").ok()
    assert seen(*ALL) == []
    # pip is not kept out of what is not hutch's.
    assert same_tree_of(root) == before


def same_tree_of(root: Path) -> dict[str, str]:
    """What is there but for records, history and bytecode."""
    tree = same_tree(root)
    return {
        path: what
        for path, what in tree.items()
        if not path.startswith("conda-meta") and "__pycache__" not in path
    }
