"""Other tools see a normal environment: after a sync, after a rollback, and after they have changed it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from commands.support import PYTHON, installed, manifest, verified

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def pip() -> str:
    """A Python that has pip."""
    done = subprocess.run([PYTHON, "-I", "-m", "pip", "--version"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("the Python below has no pip")
    return PYTHON


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel(
        "web",
        "2.0",
        requires=["io"],
        console_scripts={"web": "web:main"},
        files={"web/__init__.py": "def main():\n    print('two')\n", "web/sub/x.py": "x = 1\n"},
        data={"data/share/web/note.txt": "note\n", "scripts/web-old": "#!python\nprint('old')\n"},
    )
    index.add_wheel("io", "1.0", files={"io1/__init__.py": "x = 1\n", "io2.py": "y = 1\n"})
    return project(manifest("web"))


def in_it(made: Any, *words: str) -> str:
    """What the environment's Python says."""
    done = subprocess.run(
        [str(made / ".venv" / "bin" / "python"), "-I", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def with_pip(python: str, made: Any, *words: str) -> str:
    done = subprocess.run(
        [python, "-I", "-m", "pip", "--python", str(made / ".venv" / "bin" / "python"),
         "--disable-pip-version-check", "--no-input", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


LOOK = """
import importlib.metadata as m, json
found = {}
for d in m.distributions():
    missing = [str(f) for f in d.files or () if not f.locate().exists()]
    found[d.name] = [d.version, d.read_text("INSTALLER"), missing]
print(json.dumps(found))
"""


def assert_normal(python: str, made: Any, expected: dict[str, str]) -> None:
    """For pip, for `importlib.metadata`, for `compileall`."""
    assert with_pip(python, made, "check") == "No broken requirements found.\n"
    listed = json.loads(with_pip(python, made, "list", "--format", "json"))
    assert {each["name"]: each["version"] for each in listed} == expected
    seen = json.loads(in_it(made, "-c", LOOK))
    assert seen == {name: [version, "hutch\n", []] for name, version in expected.items()}
    in_it(made, "-m", "compileall", "-q", str(next((made / ".venv").glob("lib/python*/site-packages"))))


def test_after_a_sync_an_upgrade_and_a_rollback(demo, pip):
    demo.write({"pyproject.toml": manifest("web<2")})
    demo.run("sync").ok()
    assert_normal(pip, demo, {"web": "1.0", "io": "1.0"})
    demo.write({"pyproject.toml": manifest("web")})
    demo.run("upgrade").ok()
    assert_normal(pip, demo, {"web": "2.0", "io": "1.0"})
    shown = with_pip(pip, demo, "show", "--files", "web")
    demo.run("env rollback").ok()
    assert_normal(pip, demo, {"web": "1.0", "io": "1.0"})
    assert verified(demo) == ([], [])
    demo.run("env rollback 2").ok()
    assert with_pip(pip, demo, "show", "--files", "web") == shown
    assert in_it(demo, "-c", "import web; web.main()") == "two\n"
    assert verified(demo) == ([], [])


def test_pip_uninstalls_what_was_rolled_back_to_and_leaves_nothing(demo, pip):
    demo.run("sync").ok()
    demo.run("remove web").ok()
    demo.run("env rollback").ok()
    with_pip(pip, demo, "uninstall", "--yes", "web")
    assert installed(demo) == {"io": "1.0"}
    assert verified(demo) == ([], [])
    assert not list((demo / ".venv").glob("share/web/*"))
    assert not list((demo / ".venv" / "bin").glob("web*"))


def test_what_pip_installed_between_two_commands_is_kept_for_the_way_back(demo, pip, index):
    demo.run("sync").ok()
    index.add_wheel("tool", "1.0", files={"tool.py": "z = 1\n"}, console_scripts={"tool": "tool:main"})
    with_pip(pip, demo, "install", "--quiet", "--index-url", index.url, "tool")
    assert verified(demo) == ([], [])
    assert [each["name"] for each in json.loads(demo.run("env history --json").stdout)["changed_since"]] == [
        "tool"
    ]
    demo.run("sync").ok()  # which takes away what nobody asked for
    assert installed(demo) == {"web": "2.0", "io": "1.0"}
    demo.run("env rollback").ok()
    assert installed(demo) == {"web": "2.0", "io": "1.0", "tool": "1.0"}
    assert verified(demo) == ([], [])
    assert with_pip(pip, demo, "check") == "No broken requirements found.\n"
    assert in_it(demo, "-c", "import tool; print(tool.z)") == "1\n"
    with_pip(pip, demo, "uninstall", "--yes", "tool")
    assert verified(demo) == ([], [])


def test_pip_sees_what_is_linked_and_refuses_to_uninstall_through_the_links(demo, pip):
    demo.run("sync --link-mode tree").ok()
    (site,) = (demo / ".venv").glob("lib/python*/site-packages")
    before = tree(demo)
    assert (site / "web").is_symlink()
    assert "web" in with_pip(pip, demo, "list")
    with_pip(pip, demo, "check")
    words = ["-m", "pip", "--python", str(demo / ".venv" / "bin" / "python"), "uninstall", "-y", "web"]
    done = subprocess.run([pip, "-I", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RECORD file not found" in done.stderr
    assert "installed by hutch" in done.stderr
    assert tree(demo) == before
    assert verified(demo) == ([], [])
    assert in_it(
        demo, "-c", "import web.sub.x, io1, importlib.resources as r; print(r.files(web))"
    ).startswith(str(site))


def tree(made: Any) -> list[str]:
    """Every path of the environment, and of what it links to in the cache, but bytecode."""
    found = [path for top in (made / ".venv", made.home / "cache" / "trees-v1") for path in top.rglob("*")]
    return sorted(str(path) for path in found if "__pycache__" not in path.parts)
