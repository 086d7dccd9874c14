"""The eight ways in which pip breaks conda environments: each made for real, and not to be had with hutch.

On the one side a real pip, run by the Python of a conda prefix as in conda's own ones (which have no note against
it), and conda, whose two acts are made here as it does them: it puts files over what lies there, and takes the
files of a record away. On the other side the same wishes put to hutch: in a project, and on an environment.

| | bug | what pip and conda do | what hutch does |
|---|---|---|---|
| 1 | conda does not see what pip put over its package | lists the old version; its removal leaves half of pip's | one side only has a package; `hutch pip` leaves conda's alone; a stray pip is refused by the note; doctor finds it |
| 2 | a new minor version of Python | pip's packages stay in the directory of the old one | put in again for the new one, or the change is refused |
| 3 | the solver does not see pip's packages | changes what they need under them | one resolution; a conflict names both sides |
| 4 | the same software under two names | there twice, one over the other | one package: by `purls`, the map, the table |
| 5 | exports and the history do not know pip's packages, or name files of a build machine | not made again, not rolled back | both are in the lock with hashes, and in each generation |
| 6 | the `pip:` list comes last and fails late | an environment without it; `--prune` does not see it | nothing is made; what goes from the list goes from the environment |
| 7 | what is written through a hard link of the cache | other environments change, and new ones get it | new ones never do; doctor finds and mends the others |
| 8 | one name, two things | one overwrites the other | two files of one path are refused before anything is written |
"""  # noqa: E501

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from conda.mixing import (
    WHEELS,
    Prefix,
    as_conda_installs,
    as_conda_removes,
    library,
    make_prefix,
    pure,
)
from conda.real import HERE, other_python, same_tree, the_python

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX"),
]


@pytest.fixture
def shop(index: Any) -> Any:
    """The index, with what the wheels beside the channel are."""
    for name, version, files, more in WHEELS:
        index.add_wheel(name, version, files=files, **more)
    return index


@pytest.fixture
def plain(project: Any, tmp_path: Path, mixing_channel: Path, conda_cache: Path) -> Prefix:
    """An environment for pip to break: without the note, as conda makes them."""
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache)
    (made.site.parent / "EXTERNALLY-MANAGED").unlink()
    return made


class Ours:
    """A project with packages of both kinds."""

    def __init__(self, made: Any, channel: Path) -> None:
        self.made, self.root, self.channel = made, made.path / ".venv", channel

    def write(self, records: list[str], wheels: list[str], more: str = "") -> None:
        """Its manifest."""
        text = f"""
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = {json.dumps(wheels)}

[tool.hutch]
package = false

[tool.hutch.conda]
channels = [{json.dumps(os.fspath(self.channel))}]
platforms = ["{HERE}"]
dependencies = {json.dumps(records)}
{more}"""
        self.made.write({"pyproject.toml": text})

    def run(self, command: str) -> Any:
        return self.made.run(command)

    def code(self, code: str) -> str:
        """What Python prints in the environment."""
        said: str = self.made.run(f"run python -c {shlex.quote(code)}").ok().stdout.strip()
        return said

    @property
    def conda(self) -> dict[str, str]:
        """The packages of conda that are there, by their records."""
        rows = (path.stem.rsplit("-", 2) for path in (self.root / "conda-meta").glob("*.json"))
        return {name: version for name, version, _ in rows}

    @property
    def wheels(self) -> dict[str, str]:
        """The distributions that hutch has put in from the index."""
        found = {}
        for info in self.root.glob("lib/python*/site-packages/*.dist-info"):
            if (info / "INSTALLER").read_text().strip() == "hutch":
                name, _, version = info.name.removesuffix(".dist-info").partition("-")
                found[name.replace("_", "-")] = version
        return found


@pytest.fixture
def ours(project: Any, shop: Any, mixing_channel: Path, conda_cache: Path) -> Ours:
    made = project({}, HUTCH_CACHE_DIR=os.fspath(conda_cache), CONDA_PREFIX=None, CONDA_SHLVL=None)
    made.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    return Ours(made, mixing_channel)


def minor() -> str:
    python = the_python()
    assert python is not None
    return f"python {python.minor}.*"


# -- 1: over a package of conda ---------------------------------------------------------------------------


def test_1_pip_over_a_package_that_conda_goes_on_listing(plain):
    plain.pip("install", "vector==2.0")
    assert plain.conda()["vector"] == "1.0"
    assert plain.version("vector") == "2.0"
    as_conda_removes(plain.root, "vector")
    # Half a package: pip lists it, its new modules are there, the package itself is not.
    assert "vector  " in plain.pip("list")
    assert (plain.site / "vector/new_2.py").exists()
    assert plain.python("-c", "import vector; print(hasattr(vector, '__version__'))") == "False"


def test_1_one_side_has_it_with_hutch(ours):
    ours.write([minor(), "vector 1.0"], ["vector"])
    ours.run("sync").ok()
    assert (ours.conda["vector"], ours.wheels) == ("1.0", {})
    # A version that the index alone has: the package goes over to that side, all of it.
    ours.write([minor()], ["vector ==2.0"])
    ours.run("sync").ok()
    assert ("vector" in ours.conda, ours.wheels) == (False, {"vector": "2.0"})
    assert ours.code("import vector; print(vector.__version__)") == "2.0"
    # And both at once is no wish that can be met.
    ours.write([minor(), "vector 1.0"], ["vector ==2.0"])
    ran = ours.run("sync")
    assert ran.exit_code == 1
    assert "vector" in ran.stderr
    assert ours.wheels == {"vector": "2.0"}
    ours.write([minor()], [])
    ours.run("sync").ok()
    assert list((ours.root / "lib").glob("python*/site-packages/vector*")) == []


def test_1_a_stray_pip_is_told_and_what_it_does_all_the_same_is_found(
    project, tmp_path, mixing_channel, conda_cache
):
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache)
    before = made.tree()
    said = made.pip_fails("install", "vector==2.0", PIP_BREAK_SYSTEM_PACKAGES="0")
    assert "externally-managed-environment" in said
    assert "installed by hutch" in said
    assert made.tree() == before
    made.pip("install", "vector==2.0")
    # What would have hit the half of it: refused, or put right, and never done in silence.
    made.run("doctor -n day --fix --yes --check conda-and-pip").ok()
    assert made.tree() == before
    made.run("conda remove -n day vector").ok()
    assert list(made.site.glob("vector*")) == []


def test_1_doctor_mends_both_kinds_in_a_project(ours):
    ours.write([minor(), "vector 1.0"], ["extra"])
    ours.run("sync").ok()
    before = same_tree(ours.root)
    site = next((ours.root / "lib").glob("python*/site-packages"))
    (ours.root / "share/vec/words.txt").unlink()
    (site / "extra/__init__.py").unlink()
    ours.run("doctor --fix --check conda-files").ok()
    assert without_bytecode(same_tree(ours.root)) == without_bytecode(before)
    ours.run("env verify --deep").ok()
    # Where the store forgot the wheel, by the lock.
    (site / "extra/__init__.py").unlink()
    for change in (ours.root / ".hutch").glob("change-*"):
        change.unlink()
    ours.run("doctor --fix --check conda-files").ok()
    assert without_bytecode(same_tree(ours.root)) == without_bytecode(before)
    assert "Nothing to do" in ours.run("sync").ok().stderr


def without_bytecode(tree: dict[str, str]) -> dict[str, str]:
    return {path: what for path, what in tree.items() if "__pycache__" not in path}


def test_1_nor_does_hutch_pip(project, shop, tmp_path, mixing_channel, conda_cache):
    """`hutch pip` on an environment: conda's packages are there for the solver, and stay."""
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache, "vector=1.0 pytensor-core converter")
    before = made.tree()

    def said(command: str) -> str:
        ran = made.run(command)
        assert ran.exit_code == 1, ran.stderr
        assert made.tree() == before
        return ran.stderr

    for command in ("install -n day vector==2.0", "uninstall -n day -y vector"):
        text = said(f"pip {command}")
        assert "vector in" in text.replace("\n", " ")
        assert "is conda's, and is left as it is" in text
        assert "try: hutch conda install -n day vector has another version from a channel" in text
    assert "would overwrite a file of vector 1.0" in said("pip install -n day vector-headless")  # (8)
    assert "would overwrite a file of converter 3.0" in said("pip install -n day converter")
    assert (
        "vector 1.0 of conda's stays as it is" in made.run("pip install -n day --upgrade vector").ok().stderr
    )
    assert made.tree() == before
    # (3) and (4): what a wheel needs is what conda has, under whatever name.
    made.run("pip install -n day needs-tensor needs-old-vector").ok()
    assert made.version("tensor") == "of conda"
    assert made.version("vector") == "1.0"
    # (5): the history has both, and goes back with both.
    made.run("conda install -n day vector=1.1").ok()
    assert made.conda()["vector"] == "1.1"
    made.run("env rollback -n day").ok()
    made.run("env rollback -n day").ok()
    assert made.tree() == before
    made.run("env verify -n day --deep").ok()


# -- 2: another minor version of Python -------------------------------------------------------------------


needs_another_python = pytest.mark.skipif(
    other_python() is None, reason="no newer Python of this machine can be taken to another place"
)


@needs_another_python
def test_2_pip_leaves_its_packages_with_the_old_python(plain):
    plain.pip("install", "extra==1.0")
    assert plain.version("extra") == "1.0"
    newer = other_python()
    as_conda_removes(plain.root, "python")
    as_conda_installs(plain.root, newer.package(), newer.site)
    assert (plain.root / "lib" / f"python{the_python().minor}/site-packages/extra").exists()
    with pytest.raises(AssertionError, match="No module named 'extra'"):
        plain.python("-c", "import extra")


@needs_another_python
def test_2_hutch_puts_them_in_for_the_new_python(ours):
    ours.write([minor()], ["extra"])
    ours.run("sync").ok()
    ours.write([f"python {other_python().minor}.*"], ["extra"])
    ours.run("sync").ok()
    assert ours.code("import extra, sys; print(extra.__version__, sys.version_info[:2])") == (
        f"1.0 {tuple(map(int, other_python().minor.split('.')))}"
    )
    assert not (ours.root / "lib" / f"python{the_python().minor}/site-packages/extra").exists()
    ours.run("env rollback").ok()
    assert ours.code("import extra; print(extra.__version__)") == "1.0"


@needs_another_python
def test_2_conda_verbs_take_them_along_or_change_nothing(plain):
    plain.pip("install", "extra==1.0")
    before = plain.tree()
    ran = plain.run(f"conda install -n day python={other_python().minor}")
    if ran.exit_code:
        assert "extra" in ran.stderr
        assert plain.tree() == before
    assert plain.version("extra") == "1.0"
    assert len(list((plain.root / "lib").glob("python3*/site-packages/extra"))) == 1


# -- 3: the solver and what it does not see ---------------------------------------------------------------


def test_3_conda_changes_what_a_package_of_pip_needs(plain):
    plain.pip("install", "needs-old-vector")
    assert "No broken requirements" in plain.pip("check")
    for name in ("vector", "libvec"):
        as_conda_removes(plain.root, name)
    as_conda_installs(plain.root, library("2.0"), "")
    as_conda_installs(plain.root, pure("vector", "2.1"), os.fspath(plain.site.relative_to(plain.root)))
    assert "needs-old-vector 1.0 has requirement vector<2, but you have vector 2.1" in plain.pip_check()


def test_3_hutch_chooses_once_for_both(ours):
    ours.write([minor(), "vector"], [])
    ours.run("sync").ok()
    assert (ours.conda["vector"], ours.conda["libvec"]) == ("2.1", "2.0")
    # A wheel's need takes a choice of conda's back, with what that had brought.
    ours.write([minor(), "vector"], ["needs-old-vector"])
    ours.run("sync").ok()
    assert (ours.conda["vector"], ours.wheels) == ("1.1", {"needs-old-vector": "1.0"})
    ours.run("run python -m pip --version")
    before = sorted(ours.conda.items())
    ours.write([minor(), "vector >=2"], ["needs-old-vector"])
    ran = ours.run("sync")
    assert ran.exit_code == 1
    assert "needs-old-vector" in ran.stderr
    assert "vector<2" in ran.stderr.replace(" ", "")
    assert "vector>=2" in ran.stderr.replace(" ", "")
    assert sorted(ours.conda.items()) == before


def test_3_conda_verbs_see_what_wheels_need(project, shop, tmp_path, mixing_channel, conda_cache):
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache, "vector=1.0")
    made.run("pip install -n day needs-old-vector").ok()
    before = made.tree()
    ran = made.run("conda install -n day vector=2.1")
    assert ran.exit_code == 1
    assert "needs-old-vector 1.0" in ran.stderr
    assert "vector <2" in ran.stderr
    assert "vector=2.1 is asked for in this command" in ran.stderr
    assert made.tree() == before
    made.run("conda install -n day 'vector>=1'").ok()
    made.run("conda update -n day --all").ok()
    assert made.conda()["vector"] == "1.1"
    assert "No broken requirements" in made.pip_check()
    ran = made.run("conda remove -n day vector").ok()
    assert "warning: needs-old-vector 1.0 needs vector, which goes" in ran.stderr


# -- 4: two names of one thing ----------------------------------------------------------------------------


def test_4_pip_puts_the_same_software_in_again(project, tmp_path, mixing_channel, conda_cache):
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache, "pytensor-core")
    (made.site.parent / "EXTERNALLY-MANAGED").unlink()
    assert made.version("tensor") == "of conda"
    made.pip("install", "needs-tensor")
    # Both say that they own the module, and conda's is overwritten.
    assert made.version("tensor") == "2.0"
    assert "pytensor-core" in made.conda()
    assert "tensor  " in made.pip("list")
    assert (made.site / "tensor/big.py").exists()


def test_4_to_hutch_they_are_one_package(ours):
    ours.write([minor(), "pytensor-core"], ["needs-tensor"])
    ours.run("sync").ok()
    assert ours.conda["pytensor-core"] == "2.0"
    assert ours.wheels == {"needs-tensor": "1.0"}
    assert ours.code("import tensor, needs_tensor; print(tensor.__version__)") == "of conda"
    # The other side where the user says so, and then that one alone.
    ours.write([minor()], ["needs-tensor"], 'prefer = ["pypi:tensor"]')
    ours.run("sync").ok()
    assert "pytensor-core" not in ours.conda
    assert ours.wheels == {"needs-tensor": "1.0", "tensor": "2.0"}


# -- 5: exports and the history ---------------------------------------------------------------------------


def test_5_pip_is_in_no_list_and_in_no_revision(plain):
    plain.pip("install", "extra==1.0")
    # Packages of conda are built somewhere, and pip tells where.
    info = plain.site / "vector-1.0.dist-info"
    origin = {"url": "file:///home/conda/feedstock_root/build_artifacts/vector_1/work", "dir_info": {}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    frozen = plain.pip("freeze")
    assert "vector @ file:///home/conda/feedstock_root" in frozen
    assert "extra" not in (plain.root / "conda-meta/history").read_text()
    records = [json.loads(path.read_text()) for path in (plain.root / "conda-meta").glob("*.json")]
    explicit = [record["url"] for record in records]
    assert not any("extra" in url for url in explicit)
    assert "--hash" not in frozen


def test_5_hutch_has_both_with_hashes_and_goes_back_with_both(ours, tmp_path):
    ours.write([minor(), "vector 1.0"], ["extra"])
    ours.run("sync").ok()
    lock = ours.made.read("pylock.toml")
    import tomllib

    read = tomllib.loads(lock)
    assert all(wheel["hashes"]["sha256"] for one in read["packages"] for wheel in one["wheels"])
    assert all(one["sha256"] for one in read["tool"]["hutch"]["conda"]["packages"])
    # A revision has both.
    ours.write([minor(), "vector 1.1"], [])
    ours.run("sync").ok()
    assert (ours.conda["vector"], ours.wheels) == ("1.1", {})
    ours.run("env rollback").ok()
    assert (ours.conda["vector"], ours.wheels) == ("1.0", {"extra": "1.0"})
    # And what is made again of the lock alone is the same.
    ours.made.write({"pylock.toml": lock})
    ours.write([minor(), "vector 1.0"], ["extra"])
    shutil.rmtree(ours.root)
    ours.run("sync --locked").ok()
    assert (ours.conda["vector"], ours.wheels) == ("1.0", {"extra": "1.0"})


# -- 6: the list that comes last --------------------------------------------------------------------------


ENVIRONMENT = """\
name: day
channels: [{channel}]
dependencies:
  - {python}
  - pip
  - vector =1.0
{pip}"""


def test_6_conda_first_then_pip_leaves_an_environment_without_the_list(plain):
    """The environment is there by then: `conda env create` starts pip last."""
    said = plain.pip_fails("install", "extra", "ahead")
    assert "missing-everywhere" in said
    assert plain.conda()["vector"] == "1.0"
    assert "extra" not in plain.pip("list")
    # And what is taken from the list stays, whatever is pruned: conda does not know it.
    plain.pip("install", "extra")
    plain.run("conda update -n day --all").ok()
    assert plain.version("extra") == "1.0"


def test_6_hutch_makes_all_of_it_or_nothing(ours, mixing_channel):
    def environment(*pip: str) -> str:
        lines = "".join(f"      - {each}\n" for each in pip)
        return ENVIRONMENT.format(
            channel=mixing_channel, python=minor().replace(" ", " ="), pip=f"  - pip:\n{lines}" if pip else ""
        )

    ours.made.write({"environment.yml": environment("extra", "ahead")})
    ran = ours.run("sync")
    assert ran.exit_code == 1
    assert "missing-everywhere" in ran.stderr
    assert not ours.root.exists()
    assert not (ours.made / "pylock.toml").exists()
    ours.made.write({"environment.yml": environment("extra")})
    ours.run("sync").ok()
    assert ours.wheels == {"extra": "1.0"}
    # What goes from the list goes from the environment.
    ours.made.write({"environment.yml": environment()})
    ours.run("sync").ok()
    assert (ours.wheels, ours.conda["vector"]) == ({}, "1.0")


def test_6_nor_does_conda_env_create_with_hutch(project, shop, tmp_path, mixing_channel, conda_cache):
    """conda's verb, with hutch behind it: a `pip:` list is solved, planned and put in with the rest."""
    made = project(
        {},
        HUTCH_DATA_DIR=os.fspath(tmp_path / "data"),
        HUTCH_CACHE_DIR=os.fspath(conda_cache),
        CONDA_PREFIX=None,
    )
    text = ENVIRONMENT.format(channel=mixing_channel, python=minor().replace(" ", " ="), pip="  - pip:\n{}")
    made.write({"environment.yml": text.format("      - extra\n      - ahead\n")})
    ran = made.run("conda env create -f environment.yml")
    assert ran.exit_code == 1
    assert "missing-everywhere" in ran.stderr
    assert not (tmp_path / "data/envs/day").exists()
    made.write({"environment.yml": text.format("      - extra\n      - needs-old-vector\n")})
    made.run("conda env create -f environment.yml").ok()
    rows = json.loads(made.run("conda list -n day --json").ok().stdout)
    assert {"extra", "needs-old-vector", "vector"} < {row["name"] for row in rows}
    # What goes from the list goes with --prune, and what cannot be met changes nothing.
    made.write({"environment.yml": text.format("      - needs-old-vector\n")})
    made.run("conda env update -f environment.yml --prune").ok()
    before = same_tree(tmp_path / "data/envs/day")
    rows = json.loads(made.run("conda list -n day --json").ok().stdout)
    assert "extra" not in {row["name"] for row in rows}
    made.write({"environment.yml": text.format("      - ahead\n")})
    assert made.run("conda env update -f environment.yml").exit_code == 1
    assert without_bytecode(same_tree(tmp_path / "data/envs/day")) == without_bytecode(before)


# -- 7: hard links of the cache ---------------------------------------------------------------------------


def test_7_what_is_written_through_a_hard_link(project, tmp_path, mixing_channel):
    """A program that writes in place (an editor, `2to3 -w`, a package's own script) writes into the cache and
    into every environment that has the file. Hard links are what they are; hutch sees it, and passes it on to
    nobody."""
    made = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    made.environ["HUTCH_LINK_MODE"] = "hardlink"
    create = f"conda create -c {mixing_channel.as_uri()} --override-channels libvec=1.0 -n"
    for name in ("one", "two"):
        made.run(f"{create} {name}").ok()
    one, two, three = (
        tmp_path / "data/envs" / name / "share/vec/words.txt" for name in ("one", "two", "three")
    )
    content = one.read_bytes()
    with open(one, "r+b") as file:
        file.write(b"evil")
    assert two.read_bytes() == one.read_bytes() != content  # the other environment has it as well
    # A new one does not get it, though the store has it.
    ran = made.run(f"{create} three").ok()
    assert "was changed: fetched anew" in ran.stderr
    assert three.read_bytes() == content
    # And those that have it are found, and mended.
    for name, path in (("one", one), ("two", two)):
        assert made.run(f"env verify -n {name}").exit_code == 1
        made.run(f"doctor -n {name} --fix --yes --check conda-files").ok()
        assert path.read_bytes() == content
        made.run(f"env verify -n {name} --deep").ok()
    assert three.read_bytes() == content


def test_7_pip_does_not_write_into_the_store(plain):
    """Today's pip writes new files; what it puts over those of conda is pip's alone."""
    copy = plain.made
    copy.run("conda create -n two --clone day").ok()
    before = (
        plain.root.parent / "two" / plain.site.relative_to(plain.root) / "vector/__init__.py"
    ).read_bytes()
    plain.pip("install", "vector==2.0")
    after = (
        plain.root.parent / "two" / plain.site.relative_to(plain.root) / "vector/__init__.py"
    ).read_bytes()
    assert after == before
    copy.run("env verify -n two --deep").ok()


# -- 8: one name, two things ------------------------------------------------------------------------------


def test_8_pip_overwrites_another_thing_of_the_same_name(project, tmp_path, mixing_channel, conda_cache):
    made = make_prefix(project, tmp_path, mixing_channel, conda_cache, "converter")
    (made.site.parent / "EXTERNALLY-MANAGED").unlink()
    made.pip("install", "converter")
    said = made.python("-c", "import subprocess; print(subprocess.check_output(['converter'], text=True))")
    assert said == "another thing"
    assert made.conda()["converter"] == "3.0"


def test_8_hutch_refuses_before_anything_is_written(ours):
    ours.write([minor(), "converter"], [])
    ours.run("sync").ok()
    assert ours.run("run converter").ok().stdout == "converted\n"
    ours.write([minor(), "converter"], ["converter"])
    ran = ours.run("sync")
    assert ran.exit_code == 1, ran.stderr
    assert (
        "converter 0.1 would overwrite a file of converter 3.0" in ran.stderr or "bin/converter" in ran.stderr
    )
    assert ours.run("run --no-sync converter").ok().stdout == "converted\n"
    assert ours.wheels == {}
