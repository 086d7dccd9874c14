"""What may be taken at all: uploads up to a date, by package and index; builds, or none."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import pytest

from commands.support import block, installed, locked, manifest, shown


@pytest.fixture
def shop(index):
    """``old`` and ``new`` in two versions, of 2024 and 2026; ``source`` has to be built to know what it needs."""
    for name in ("alpha", "beta"):
        index.add_wheel(name, "1.0", upload_time="2024-01-01T00:00:00Z")
        index.add_wheel(name, "2.0", upload_time="2026-01-01T00:00:00Z")
    index.add_sdist("source", "1.0", upload_time="2024-01-01T00:00:00Z")
    index.add_sdist("source", "2.0", dynamic=["Requires-Dist"], requires=["alpha"])
    return index


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("", ("2.0", "2.0")),
        ("exclude-newer = 2025-01-01", ("1.0", "1.0")),
        ("exclude-newer = 2025-01-01\nexclude-newer-package = { Alpha = false }", ("2.0", "1.0")),
        ("exclude-newer-package = { alpha = 2025-01-01 }", ("1.0", "2.0")),
        ('exclude-newer = 2025-01-01\nexclude-newer-package = { alpha = "2026-02-01" }', ("2.0", "1.0")),
        ("exclude-newer = 2025-01-01\nexclude-newer-index = { INDEX = false }", ("2.0", "2.0")),
        ("exclude-newer-index = { INDEX = 2025-01-01 }", ("1.0", "1.0")),
        (
            "exclude-newer-index = { INDEX = 2025-01-01 }\nexclude-newer-package = { beta = false }",
            ("1.0", "2.0"),
        ),
    ],
)
def test_dates_by_package_and_index(project, shop, text, versions):
    more = f'[tool.hutch]\n{text}\n[[tool.hutch.index]]\nname = "mine"\nurl = "{shop.url}"\ndefault = true\n'
    made = project(manifest("alpha", "beta", more=more.replace("INDEX", "mine")), HUTCH_INDEX_URL=None)
    made.run("lock").ok()
    assert (locked(made)["alpha"], locked(made)["beta"]) == versions
    made.run("lock --check").ok()


def test_a_change_of_dates_makes_the_lock_out_of_date(project, shop):
    made = project(manifest("alpha"))
    made.run("lock").ok()
    more = "[tool.hutch]\nexclude-newer-package = { alpha = 2025-01-01 }\n"
    made.write({"pyproject.toml": manifest("alpha", more=more)})
    assert made.run("lock --check").exit_code == 1
    made.run("lock --upgrade").ok()
    assert locked(made) == {"alpha": "1.0"}


def test_faults_in_dates_are_told(project, shop):
    more = '[tool.hutch]\nexclude-newer-package = { alpha = "soon", beta = true }\nexclude-newer-index = 3\n'
    assert shown(project(manifest("alpha", more=more)).run("lock")) == block("""
        exit 1
        error: pyproject.toml is not valid: 3 faults
          pyproject.toml:8: tool.hutch.exclude-newer-package.alpha: should be a date, a span such as '30 days', or false
          pyproject.toml:8: tool.hutch.exclude-newer-package.beta: should be a date, a span such as '30 days', or false
          pyproject.toml:9: tool.hutch.exclude-newer-index: should be a table, not a number
    """)


def test_a_build_while_locking_is_told_with_its_reason(project, shop):
    made = project(manifest("source"))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: building source-2.0.tar.gz to learn what it needs: no wheel fits, and its metadata are not static
        Locked 2 packages for 35 targets in <time>
         + alpha 2.0
         + source 2.0
    """)


def test_a_wheel_that_installs_nowhere_says_what_its_version_needs(project, shop):
    """As with a package whose wheels are for old Pythons alone: a build would say no more."""
    shop.add_wheel("source", "2.0", tags="cp27-cp27m-win32", requires=["alpha"])
    made = project(manifest("source", more='[tool.hutch]\nbuild-policy = "static"\n'))
    made.run("lock").ok()
    assert locked(made) == {"source": "2.0", "alpha": "2.0"}
    assert "cp27" not in made.read("pylock.toml")
    assert not any("source-2.0.tar.gz" in str(request) for request in shop.log)


def test_builds_while_locking_can_be_forbidden(project, shop):
    made = project(manifest("source", more='[tool.hutch]\nbuild-policy = "static"\n'))
    made.run("lock").ok()
    assert locked(made) == {"source": "1.0"}
    made.write({"pyproject.toml": manifest("source>1", more='[tool.hutch]\nbuild-policy = "static"\n')})
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          source 2.0 would have to be built to learn what it needs, which build-policy forbids
          source >1 is asked for in pyproject.toml:5
    """)


def test_what_static_metadata_say_is_believed_without_a_build(project, shop):
    made = project(manifest("source<2", more='[tool.hutch]\nbuild-policy = "static"\n'))
    made.run("sync").ok()
    assert installed(made) == {"source": "1.0"}


def test_only_binary_by_package_holds_in_lock_and_build(project, shop):
    shop.add_wheel("source", "0.5")
    made = project(manifest("source", more='[tool.hutch]\nonly-binary = ["source"]\n'))
    made.run("lock").ok()
    assert locked(made) == {"source": "0.5"}
    assert "sdist" not in made.read("pylock.toml")


def test_no_binary_by_package_holds_in_lock_and_sync(project, shop):
    shop.add_wheel("source", "3.0")
    shop.add_sdist("source", "3.0")
    made = project(manifest("source", "alpha", more='[tool.hutch]\nno-binary = ["source"]\n'))
    made.run("sync").ok()
    assert "source-3.0-py3" not in made.read("pylock.toml")
    assert installed(made) == {"source": "3.0", "alpha": "2.0"}


def test_dates_that_are_typed_for_pip(project, shop):
    made = project({"in.txt": "alpha\nbeta\n"})
    out = made.run("pip compile in.txt --exclude-newer-package Alpha=2025-01-01").ok().stdout
    assert "alpha==1.0" in out
    assert "beta==2.0" in out
    typed = "--exclude-newer 2025-01-01 --exclude-newer-package alpha=false"
    out = made.run(f"pip compile in.txt {typed}").ok().stdout
    assert "alpha==2.0" in out
    assert "beta==1.0" in out
    assert "alpha==1.0" in made.run("pip compile in.txt --exclude-newer-index default=2025-01-01").ok().stdout
    made.run("venv").ok()
    made.run(f"pip install -r in.txt {typed}").ok()
    assert installed(made) == {"alpha": "2.0", "beta": "1.0"}
    assert shown(made.run("pip compile in.txt --exclude-newer-package alpha")) == block("""
        exit 2
        error: --exclude-newer-package `alpha` is not NAME=WHEN
        try: --exclude-newer-package numpy=2026-10-01, numpy='7 days', or numpy=false
    """)
