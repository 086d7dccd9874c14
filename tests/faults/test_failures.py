"""Changes that fail, and environments that are damaged (R01 to R05 of the table of faults)."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

from commands.support import block, installed, manifest, shown, verified


@pytest.fixture
def indexed(index):
    index.add_wheel("web", "1.0", requires=["io"], files={"web/__init__.py": "version = 1\n"})
    index.add_wheel("web", "2.0", requires=["io"], files={"web/__init__.py": "version = 2\n"})
    index.add_wheel("io", "1.0", files={"io1/__init__.py": "x = 1\n", "io2.py": "y = 1\n"},
                    console_scripts={"io-run": "io1:main"})  # fmt: skip
    for name in ("one", "two", "three"):
        index.add_wheel(name, "1.0")
    return index


def site_packages(made: Any) -> Any:
    return next((made / ".venv").glob("lib/python*/site-packages"))


def works(made: Any, version: int) -> None:
    ran = made.run("run --no-sync python -c 'import web; print(web.version)'").ok()
    assert ran.stdout == f"{version}\n"


def test_r01_after_a_failed_upgrade_the_old_version_works(project, indexed):
    """The new version cannot be had: its hash is wrong."""
    made = project(manifest("web<2"))
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web")})
    made.run("lock --upgrade").ok()
    lock = made.read("pylock.toml")
    made.write({"pylock.toml": _spoil(lock, "web-2.0")})
    ran = made.run("sync --frozen")
    assert ran.exit_code == 1
    assert "sha256" in ran.stderr
    assert installed(made) == {"web": "1.0", "io": "1.0"}
    works(made, 1)
    assert verified(made) == ([], [])
    made.write({"pylock.toml": lock})
    made.run("sync --frozen").ok()
    works(made, 2)


def _spoil(lock: str, file: str) -> str:
    start = lock.index(file)
    end = lock.index("sha256", start)
    digest = re.search(r"[0-9a-f]{64}", lock[end:])
    assert digest is not None
    return lock[:end] + lock[end:].replace(digest.group(0), "0" * 64, 1)


def test_r01_after_an_upgrade_that_the_disk_refused(project, indexed):
    """The new version has a file where another package has one."""
    indexed.add_wheel("web", "3.0", requires=["io"], files={"io2.py": "stolen\n", "web/__init__.py": ""})
    made = project(manifest("web<2"))
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web")})
    ran = made.run("upgrade")
    assert ran.exit_code == 1
    assert "io2.py" in ran.stderr
    assert installed(made) == {"web": "1.0", "io": "1.0"}
    works(made, 1)
    assert verified(made) == ([], [])


def test_r02_one_bad_of_three_leaves_none(project, indexed):
    made = project(manifest("web<2"))
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web<2", "one", "two", "three")})
    made.run("lock").ok()
    lock = made.read("pylock.toml")
    made.write({"pylock.toml": _spoil(lock, "two-1.0")})
    assert made.run("sync --frozen").exit_code == 1
    assert installed(made) == {"web": "1.0", "io": "1.0"}
    assert verified(made) == ([], [])
    made.write({"pylock.toml": lock})
    made.run("sync --frozen").ok()
    assert installed(made).keys() == {"web", "io", "one", "two", "three"}


def test_r02_one_that_cannot_be_built_of_three(project, indexed):
    indexed.add_sdist("broken", "1.0", backend="def build_wheel(*a, **k):\n    raise SystemExit('no')\n")
    made = project(manifest("web<2"))
    made.run("sync").ok()
    assert made.run("pip install one broken three").exit_code == 1
    assert installed(made) == {"web": "1.0", "io": "1.0"}
    assert verified(made) == ([], [])


@pytest.mark.parametrize(
    "damage",
    ["io1", "io2.py", "../../../bin/io-run", "io-1.0.dist-info", "io-1.0.dist-info/RECORD"],
)
def test_r03_damage_at_the_top_is_noticed_by_sync(project, indexed, damage):
    made = project(manifest("web<2"))
    made.run("sync").ok()
    path = site_packages(made) / damage
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    # What a glance cannot see costs nothing to leave alone: a look at `site-packages` starts it.
    (site_packages(made) / "touched").write_text("")
    (site_packages(made) / "touched").unlink()
    made.run("sync").ok()
    assert verified(made) == ([], [])
    assert installed(made) == {"web": "1.0", "io": "1.0"}


def test_r04_damage_below_is_found_by_verify_and_healed(project, indexed):
    made = project(manifest("web<2"))
    made.run("sync").ok()
    file = site_packages(made) / "io1" / "__init__.py"
    file.unlink()
    ran = made.run("env verify")
    assert re.sub(r"python3\.\d+", "<python>", shown(ran)) == block("""
        exit 1
        error: something is not as installed in <project>/.venv
          lib/<python>/site-packages/io1/__init__.py is missing
        try: hutch sync --reinstall-package io
        """)
    made.run("sync --reinstall-package io").ok()
    assert verified(made) == ([], [])


def test_r05_an_edit_through_a_hard_link_is_found_in_all_and_healed(project, indexed):
    """Two environments share the file; whoever edits one edits both, and the store."""
    first, second = project(manifest("io")), project(manifest("io"))
    for made in (first, second):
        made.run("sync --link-mode hardlink").ok()
    file = site_packages(first) / "io2.py"
    with open(file, "r+") as opened:
        opened.write("z")
    for made in (first, second):
        assert [fault["path"].rpartition("/")[2] for fault in verified(made)[0]] == ["io2.py"]
        ran = made.run("sync --reinstall")
        assert ran.exit_code == 0, ran.stderr
        assert verified(made) == ([], [])
    assert (site_packages(second) / "io2.py").read_text() == "y = 1\n"


def test_everything_anew(project, indexed):
    """``--reinstall`` puts right whatever was done to the files of packages."""
    made = project(manifest("web<2", "one", "two"))
    made.run("sync").ok()
    before = _tree(made)
    for number, path in enumerate(sorted(site_packages(made).rglob("*.py"))):
        path.unlink()
        if number % 2:
            path.write_text("garbage")
    (made / ".venv" / "bin" / "io-run").write_text("#!/gone/python\n")
    assert verified(made)[0]
    made.run("sync --reinstall").ok()
    assert verified(made) == ([], [])
    assert _tree(made) == before


def _tree(made: Any) -> dict[str, bytes]:
    root = made / ".venv"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".hutch" not in path.parts and "__pycache__" not in path.parts
    }
