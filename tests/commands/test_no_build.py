"""``no-build`` and its kin: the same in lock, sync, add, run and pip; said in files, variables and flags."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import pytest

from commands.packages import commit, package, sources, write
from commands.support import block, installed, locked, manifest, shown


@pytest.fixture
def shop(index):
    """``both`` has a wheel and a source, ``source`` a newer version without a wheel, ``raw`` none at all."""
    index.add_wheel("both", "1.0")
    index.add_sdist("both", "1.0")
    index.add_wheel("source", "1.0")
    index.add_sdist("source", "2.0")
    index.add_sdist("raw", "1.0")
    return index


def built(made) -> bool:
    return any(request.endswith(".tar.gz") for request in made)


def test_a_lock_takes_versions_that_have_wheels(project, shop):
    made = project(manifest("both", "source"))
    made.run("lock --no-build").ok()
    assert locked(made) == {"both": "1.0", "source": "1.0"}
    assert "tar.gz" not in made.read("pylock.toml")
    made.run("lock").ok()  # what one command says of builds does not make the lock out of date
    assert locked(made) == {"both": "1.0", "source": "1.0"}


def test_a_lock_with_sources_alone_is_made_anew_where_somebody_asks_for_that(project, shop):
    made = project(manifest("both", "source"))
    made.run("lock").ok()
    assert locked(made) == {"both": "1.0", "source": "2.0"}
    assert shown(made.run("lock --no-build")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
         ~ source 2.0 → 1.0
    """)
    made.run("lock --check").ok()


@pytest.mark.parametrize(
    "said", ["--no-build", "--no-build-package raw", "--only-binary raw", "--only-binary :all:"]
)
def test_what_has_no_wheel_cannot_be_locked(project, shop, said):
    made = project(manifest("raw"))
    assert shown(made.run(f"lock {said}")) == block("""
        exit 1
        error: no versions satisfy all requirements
          raw 1.0 has no wheel for any target
          raw is asked for in pyproject.toml:5
    """)


def test_a_project_that_says_so_has_no_sources_in_its_lock(project, shop):
    made = project(manifest("both", "source", more="[tool.hutch]\nno-build = true\n"))
    made.run("lock").ok()
    before = made.read("pylock.toml")
    assert "tar.gz" not in before
    made.write({"pyproject.toml": manifest("both", "source", more="[tool.hutch]\nno-build = false\n")})
    assert made.run("lock --check").exit_code == 1


def test_a_lock_that_needs_a_build_is_not_installed(project, shop):
    made = project(manifest("both", "source", "raw"))
    made.run("lock").ok()
    before = made.read("pylock.toml")
    shop.log.clear()
    assert shown(made.run("sync --no-build")) == block("""
        exit 1
        error: 2 packages would have to be built, which no-build forbids
          raw 1.0, source 2.0
        try: hutch lock --no-build chooses versions that have wheels, where there are such
         or: leave no-build out, if their builds may run here
    """)
    assert made.read("pylock.toml") == before
    assert not built(path for path, _ in shop.log)
    assert installed(made) == {}
    made.environ["HUTCH_NO_BUILD_PACKAGE"] = "raw"
    assert shown(made.run("sync")) == block("""
        exit 1
        error: raw 1.0 would have to be built, which no-build-package (HUTCH_NO_BUILD_PACKAGE) forbids
        try: hutch lock --no-build chooses versions that have wheels, where there are such
         or: leave no-build-package (HUTCH_NO_BUILD_PACKAGE) out, if their builds may run here
    """)
    del made.environ["HUTCH_NO_BUILD_PACKAGE"]
    assert shown(made.run("run --only-binary source python -c 'print(1)'")) == block("""
        exit 1
        error: source 2.0 would have to be built, which only-binary forbids
        try: hutch lock --no-build chooses versions that have wheels, where there are such
         or: leave only-binary out, if their builds may run here
    """)
    assert made.read("pylock.toml") == before
    made.run("sync").ok()
    made.run("sync --no-build").ok()  # what is installed is not built again
    assert made.run("run --no-build python -c 'print(1)'").ok().stdout == "1\n"


def test_what_was_built_before_is_taken(project, shop):
    made = project(manifest("raw"))
    made.run("sync").ok()
    other = project({"pyproject.toml": manifest("raw"), "pylock.toml": made.read("pylock.toml")})
    other.run("sync --no-build").ok()
    assert installed(other) == {"raw": "1.0"}


def test_add_takes_what_has_a_wheel(project, shop):
    made = project(manifest())
    made.run("add source --no-build --no-sync").ok()
    assert locked(made) == {"source": "1.0"}
    assert '"source>=1.0"' in made.read("pyproject.toml")
    assert made.run("add raw --no-build --no-sync").exit_code == 1
    assert "raw" not in made.read("pyproject.toml")


def test_pip_takes_what_has_a_wheel(project, shop):
    made = project({"in.txt": "both\nsource\n"})
    assert "source==1.0" in made.run("pip compile in.txt --no-build").ok().stdout
    assert "source==1.0" in made.run("pip compile in.txt --no-build-package source").ok().stdout
    made.run("venv").ok()
    made.run("pip install source --no-build").ok()
    assert installed(made) == {"source": "1.0"}
    assert made.run("pip install raw --no-build").exit_code == 1
    made.write({"pins.txt": "raw==1.0\n"})
    assert made.run("pip sync pins.txt --no-build").exit_code == 1
    assert installed(made) == {"source": "1.0"}


def test_a_directory_and_a_commit_are_not_built_either(project, shop, tmp_path):
    commit(tmp_path / "upstream", package("git"))
    text = sources(lib='{ path = "lib" }', git=f'{{ git = "{tmp_path / "upstream"}" }}')
    made = project(manifest("lib", "git", more=text))
    write(made / "lib", package("lib"))
    made.run("lock --no-build").ok()  # what they need is said in their manifests
    assert shown(made.run("sync --no-build")) == block("""
        exit 1
        error: git would have to be built, which no-build forbids
        try: leave no-build out, if their builds may run here
    """)
    dynamic = package("lib")
    dynamic["pyproject.toml"] = dynamic["pyproject.toml"].replace(
        'version = "1.0"\n', 'dynamic = ["version"]\n'
    )
    write(made / "lib", dynamic)
    assert shown(made.run("lock --no-build")) == block("""
        exit 1
        error: lib would have to be built, which no-build forbids
        try: leave no-build out, if their builds may run here
    """)


def test_what_one_works_on_is_built_all_the_same(project, shop):
    made = project(manifest("lib", more=sources(lib='{ path = "lib", editable = true }')))
    write(made / "lib", package("lib"))
    made.run("sync --no-build").ok()
    assert installed(made) == {"lib": "1.0"}


def test_always_to_be_built(project, shop):
    made = project(manifest("both"))
    made.run("lock").ok()
    made.run("sync --frozen --no-binary both").ok()
    assert built(path for path, _ in shop.log)
    assert installed(made) == {"both": "1.0"}
    for said in ("--no-binary both", "--no-binary-package both", "--no-binary :all:"):
        made = project({"in.txt": "both\n"})
        made.run("venv").ok()
        shop.log.clear()
        made.run(f"pip install -r in.txt --no-cache {said}").ok()
        assert built(path for path, _ in shop.log), said


def test_the_settings_are_shown(project, shop):
    made = project(manifest(), HUTCH_NO_BUILD="1", HUTCH_NO_BUILD_PACKAGE="raw")
    out = made.run("config show").ok().stdout
    assert "no-build " in out
    assert "no-build-package" in out
