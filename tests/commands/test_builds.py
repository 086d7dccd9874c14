"""What has to be built: the project itself, and packages that have no wheel."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import pytest

from commands.packages import SHOP, SHOP_BACKEND
from commands.support import block, installed, locked, manifest, shown
from hutch.testing.wheels import make_sdist


@pytest.fixture
def shop(project, index):
    """A project that is a package, with a build backend of its own that needs nothing."""
    index.add_wheel("alpha", "1.0")
    return project(
        {
            "pyproject.toml": SHOP,
            "backend/mine.py": SHOP_BACKEND,
            "src/shop.py": "def main():\n    print('open')\n",
        }
    )


# -- the project itself ----------------------------------------------------------------------------


def test_the_project_is_installed_where_it_lies(shop):
    assert shown(shop.run("sync")) == block("""
        exit 0
        Locked 1 package for 35 targets in <time>
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + shop 1.0
    """)
    assert shop.run("run shop").ok().stdout == "open\n"
    shop.write({"src/shop.py": "def main():\n    print('closed')\n"})
    assert shop.run("run shop").ok().stdout == "closed\n"
    assert shown(shop.run("sync")) == block("""
        exit 0
        Nothing to do: .venv is up to date
    """)


@pytest.mark.parametrize("flag", ["--only-deps", "--no-install-project"])
def test_without_the_project(shop, flag):
    shop.run(f"sync {flag}").ok()
    assert installed(shop) == {"alpha": "1.0"}


def test_a_backend_that_fails(shop):
    shop.write(
        {"backend/mine.py": SHOP_BACKEND.replace('print("building', 'raise SystemError("no ink"); print("')}
    )
    assert shown(shop.run("sync")) == block("""
        exit 1
        error: building shop failed: `build_editable` ended with exit code 1
          Traceback (most recent call last):
            File "<project>/backend/mine.py", line 23, in build_editable
              raise SystemError("no ink"); print(" the editable wheel")
          SystemError: no ink
    """)
    assert installed(shop) == {}
    shop.write({"backend/mine.py": SHOP_BACKEND})
    shop.run("sync").ok()


def test_a_backend_that_cannot_be_imported(shop):
    shop.write({"pyproject.toml": SHOP.replace('"mine"', '"yours"')})
    assert shown(shop.run("sync")) == block("""
        exit 1
        error: building shop failed: its build backend yours cannot be imported
    """)


def test_a_backend_without_editable_installs(shop):
    shop.write({"backend/mine.py": SHOP_BACKEND.replace("def build_editable", "def build_edible")})
    assert shown(shop.run("sync")) == block("""
        exit 1
        error: shop cannot be installed as editable
          its build backend mine has no `build_editable` (PEP 660)
        try: ask for a newer version of it in build-system.requires
         or: install it without editable; --no-install-project leaves the project itself out
    """)


def test_a_build_system_that_is_wrong(shop):
    shop.write({"pyproject.toml": SHOP.replace("requires = []", 'requires = "setuptools"')})
    assert shown(shop.run("sync")) == block("""
        exit 1
        error: pyproject.toml is not valid
          pyproject.toml:2: build-system.requires: should be an array of strings, not a string
    """)


def test_a_backend_that_no_index_has(shop):
    shop.write({"pyproject.toml": SHOP.replace("requires = []", 'requires = ["nonesuch>=1"]')})
    assert shown(shop.run("sync")) == block("""
        exit 1
        error: there is no package named nonesuch
          asked for in build-system.requires
          the index http://<index>/simple/ does not have it
        try: look at the spelling; a private package needs its index (--index-url, [[tool.hutch.index]])
    """)


def test_a_backend_from_the_index(shop, index):
    index.add_wheel("mine-backend", "1.0", files={"mine.py": SHOP_BACKEND})
    shop.write(
        {
            "pyproject.toml": SHOP.replace("requires = []", 'requires = ["mine-backend"]').replace(
                'backend-path = ["backend"]\n', ""
            )
        }
    )
    (shop / "backend/mine.py").unlink()
    shop.run("sync").ok()
    assert installed(shop) == {"alpha": "1.0", "shop": "1.0"}


# -- source distributions --------------------------------------------------------------------------


def test_a_package_that_is_only_there_as_source(project, index):
    index.add_sdist("beta", "2.0", requires=["alpha"])
    index.add_wheel("alpha", "1.0")
    made = project(manifest("beta"))
    assert shown(made.run("sync")) == block("""
        exit 0
        Locked 2 packages for 35 targets in <time>
        Made the environment .venv
        Installed 2 packages in <time>
         + alpha 1.0
         + beta 2.0
    """)
    assert made.run("run python -c 'import beta; print(beta.__version__)'").ok().stdout == "2.0\n"
    made.run("venv --clear").ok()
    index.faults.clear()
    index.fault("*", status=500)
    made.run("sync").ok()  # from the store: neither fetched nor built again


def test_requirements_that_only_a_build_tells(project, index):
    index.add_sdist("beta", "2.0", requires=["alpha"], dynamic=["Requires-Dist"])
    index.add_wheel("alpha", "1.0")
    made = project(manifest("beta"))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0", "beta": "2.0"}


def test_old_metadata_is_not_believed(project, index):
    """Before 2.2 the requirements in PKG-INFO are a guess: the backend is asked (PEP 643)."""
    index.add_sdist("beta", "2.0", requires=["alpha"], metadata_version="2.1")
    index.add_wheel("alpha", "1.0")
    made = project(manifest("beta"))
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0", "beta": "2.0"}


def test_a_build_that_needs_something_from_the_index(project, index):
    index.add_wheel("helper", "1.0")
    index.add_sdist("beta", "2.0", build_requires=["helper"], dynamic_build_requires=["helper>=1"])
    made = project(manifest("beta"))
    made.run("sync").ok()
    assert installed(made) == {"beta": "2.0"}


def test_a_build_that_needs_itself(project, index):
    index.add_sdist("beta", "2.0", build_requires=["gamma"], dynamic=["Requires-Dist"])
    index.add_sdist("gamma", "2.0", build_requires=["beta"], dynamic=["Requires-Dist"])
    assert shown(project(manifest("beta")).run("lock")) == block("""
        exit 1
        note: building beta-2.0.tar.gz to learn what it needs: no wheel fits, and its metadata are not static
        note: building gamma-2.0.tar.gz to learn what it needs: no wheel fits, and its metadata are not static
        error: a build needs itself: beta → gamma → beta
        try: ask for a version that has a wheel
    """)


def test_a_build_that_fails(project, index):
    index.add_sdist(
        "beta",
        "2.0",
        backend="import sys\n\ndef build_wheel(*args, **kwargs):\n    print('cc -O2 beta.c')\n"
        "    print('beta.c:1: fatal error: ink.h: No such file', file=sys.stderr)\n    raise SystemExit(1)\n",
    )
    made = project(manifest("beta"))
    made.run("lock").ok()
    assert shown(made.run("sync")) == block("""
        exit 1
        error: building beta 2.0 failed: `build_wheel` ended with exit code 1
          beta.c:1: fatal error: ink.h: No such file
          cc -O2 beta.c
        try: the header ink.h is missing: install the development package of the library that has it
    """)
    assert installed(made) == {}


def test_a_build_that_fails_while_locking(project, index):
    index.add_sdist(
        "beta",
        "2.0",
        dynamic=["Requires-Dist"],
        backend="raise RuntimeError('this backend needs a license')\n",
    )
    made = project(manifest("beta"))
    assert shown(made.run("lock")) == block("""
        exit 1
        note: building beta-2.0.tar.gz to learn what it needs: no wheel fits, and its metadata are not static
        error: building beta-2.0.tar.gz failed: `get_requires_for_build_wheel` ended with exit code 1
          Traceback (most recent call last):
            File "<build>/source/beta-2.0/_build/in_tree_backend.py", line 1, in <module>
              raise RuntimeError('this backend needs a license')
          RuntimeError: this backend needs a license
    """)
    assert made.tree() == ["pyproject.toml"]


def test_a_build_that_fails_for_a_wish_costs_no_more_than_the_wish(project, index):
    """Only a system without a wheel of 2.0 comes down to 1.0, which nobody can build any more."""
    index.add_sdist(
        "beta", "1.0", dynamic=["Requires-Dist"], backend="raise RuntimeError('this backend is too old')\n"
    )
    for platform in ("manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "macosx_11_0_arm64"):
        index.add_wheel("beta", "2.0", tags=f"py3-none-{platform}")
    made = project(manifest("beta"))
    assert shown(made.run("lock")) == block("""
        exit 0
        note: building beta-1.0.tar.gz to learn what it needs: no wheel fits, and its metadata are not static
        Locked 1 package for 21 targets in <time>
        note: left out cp39-macos-x86_64, cp310-macos-x86_64, cp311-macos-x86_64, cp312-macos-x86_64 and 10 more: beta 2.0 has no file for macOS x86_64 and Windows
         + beta 2.0
    """)


def test_builds_that_are_not_allowed(project, index):
    index.add_sdist("beta", "2.0")
    made = project(manifest("beta", more='[tool.hutch]\nonly-binary = [":all:"]\n'))
    assert shown(made.run("lock")) == block("""
        exit 1
        error: no versions satisfy all requirements
          beta 2.0 has no wheel for any target
          beta is asked for in pyproject.toml:5
    """)


def test_an_archive_that_leaves_its_directory(project, index):
    import gzip
    import io
    import tarfile

    _, good = make_sdist("beta", "2.0")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(good))) as source:
            for member in source:
                archive.addfile(member, source.extractfile(member))
        evil = tarfile.TarInfo("beta-2.0/../../evil")
        archive.addfile(evil, io.BytesIO(b""))
    index.add_file("beta", "beta-2.0.tar.gz", gzip.compress(buffer.getvalue()))
    assert shown(project(manifest("beta")).run("lock")) == block("""
        exit 1
        error: the source archive beta-2.0.tar.gz is refused
          beta-2.0/../../evil: its path leads upwards
    """)
