"""``hutch pip install --target`` and ``--prefix``: folders of packages, without an environment."""

# Messages stand here whole, as they are printed.
from __future__ import annotations

import os
import subprocess

import pytest

from commands.packages import package, write
from commands.support import PYTHON, block, shown


@pytest.fixture
def shop(index):
    for version in ("1.0", "2.0"):
        index.add_wheel(
            "io",
            version,
            files={"io_.py": f"WORD = '{version}'\n\ndef main():\n    print(WORD)\n"},
            console_scripts={"say": "io_:main"},
        )
    index.add_wheel("web", "1.0", requires=["io<2"], files={"web.py": "import io_\n"})
    return index


def files(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def word(folder) -> str:
    environ = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [PYTHON, "-c", "import io_; print(io_.WORD)"]
    return subprocess.run(words, env=environ, capture_output=True, text=True, check=True).stdout.strip()


def test_into_a_folder(project, shop):
    made = project({})
    assert shown(made.run("pip install web --target out --dry-run")) == block("""
        exit 0
        Would install 2 packages
         + io 1.0
         + web 1.0
    """)
    assert not (made / "out").exists()
    assert shown(made.run("pip install web --target out")) == block("""
        exit 0
        Installed 2 packages in <time>
         + io 1.0
         + web 1.0
    """)
    assert [name for name in files(made / "out") if "dist-info" not in name] == [
        "bin/say",
        "io_.py",
        "web.py",
    ]
    assert word(made / "out") == "1.0"
    shebang = (made / "out" / "bin" / "say").read_text().splitlines()[0]
    assert PYTHON in shebang
    assert (made / "out" / "io_.py").stat().st_nlink == 1
    # The same once more changes nothing, and something else is made of it.
    assert shown(made.run("pip install web --target out")) == block("""
        exit 0
        Nothing to do: out is up to date
    """)
    made.run("pip install io --target out --upgrade --no-deps").ok()
    assert word(made / "out") == "2.0"
    assert len([name for name in files(made / "out") if name.endswith("METADATA")]) == 2


def test_below_a_prefix(project, shop):
    made = project({})
    made.run("pip install io==1.0 --prefix out").ok()
    (site,) = (made / "out").glob("lib/python*/site-packages")
    assert word(site) == "1.0"
    assert (made / "out" / "bin" / "say").exists()
    assert not (made / "out" / ".hutch").exists()


def test_from_a_file_and_a_directory(project, shop):
    made = project({"in.txt": "./lib\nio<2\n"})
    write(made / "lib", package("lib"))
    made.run("pip install -r in.txt --target out").ok()
    assert {"io_.py", "lib.py"} <= set(files(made / "out"))


def test_what_is_in_the_way(project, shop):
    made = project({"file": ""})
    assert shown(made.run("pip install io --target file")) == block("""
        exit 2
        error: <project>/file is no directory
        try: name a directory, or one that is not there yet
    """)
    assert shown(made.run("pip install -e . --target out")) == block("""
        exit 2
        error: what is editable is found by an environment alone
          a folder of packages has nothing that reads its .pth files
        try: leave --editable out, or install into an environment
    """)
    made.run("venv").ok()
    assert shown(made.run("pip install io --prefix .venv")) == block("""
        exit 2
        error: <project>/.venv is an environment, which has places of its own for packages
        try: --python <project>/.venv installs into it
    """)
    (made / "out").mkdir()
    (made / "out" / "io_.py").write_text("mine\n")
    assert made.run("pip install io --target out").exit_code == 1
    assert (made / "out" / "io_.py").read_text() == "mine\n"
