"""What hutch may import before it does anything: the start-up budget, as a list of modules.

Time is measured elsewhere; what takes time is importing, and that can be counted.
"""

from __future__ import annotations

import compileall
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import hutch
from effort.counting import modules_of, told_by
from hutch.testing.fake_index import FakeIndex

SOURCE = str(Path(hutch.__file__).parents[1])

PARSING = {
    "__future__",
    "hutch",
    "hutch.cli",
    "hutch.cli.main",
    "hutch.cli.model",
    "hutch.cli.parser",
    "hutch.cli.table",
    "hutch.cli.ui",
    "hutch.cli.ui.terminal",
    "hutch.finder",
}
VERBS_OF_PIP = {f"hutch.cli.table_pip{page}" for page in ("", "_install", "_more", "_own")}
PAGES = {f"hutch.cli.{page.stem}" for page in Path(SOURCE, "hutch", "cli").glob("table_*.py")}
"""Pages of the table: what lists every word reads them all."""
COSTLY = {
    "re", "typing", "pathlib", "dataclasses", "tomllib", "json", "hashlib", "functools", "subprocess",
}  # fmt: skip
"""What nothing that is waited for imports: a millisecond and more each."""
# os and what it needs; ``site`` would have imported them, and the launcher starts without it.
SYSTEM = {"abc", "_abc", "genericpath", "os", "os.path", "posix", "posixpath", "stat", "_stat"}
SYSTEM |= {"nt", "ntpath", "_collections_abc", "_sitebuiltins", "_locale", "errno"}
SYSTEM |= {"gc"}  # built in


@pytest.fixture(scope="module", autouse=True)
def bytecode() -> None:
    """As after an installation; a module without needs others to look for it elsewhere."""
    compileall.compile_dir(os.path.join(SOURCE, "hutch"), quiet=2)


def imported(words: list[str], directory: Path | None = None) -> set[str]:
    """The modules that the command brings in, beside those of a bare interpreter."""
    return modules_of(words, directory)[0]


def test_version_imports_almost_nothing():
    assert imported(["--version"]) - SYSTEM <= PARSING


def test_help_needs_little_more():
    allowed = {*PARSING, "hutch.cli.ui.help", "hutch.cli.ui.text", "unicodedata"}
    assert imported(["sync", "--help"]) - SYSTEM <= allowed
    assert imported(["--help"]) - SYSTEM <= {*allowed, *VERBS_OF_PIP, *PAGES}  # it lists them all


def test_completions_need_little_more():
    allowed = {
        *PARSING,
        "hutch.cli.call",
        "hutch.cli.commands",
        "hutch.cli.commands.completions",
        "hutch.cli.completions",
        *VERBS_OF_PIP,
        *PAGES,
    }
    assert imported(["completions", "bash"]) - SYSTEM <= allowed


# What tells at a glance that nothing has changed since the last sync: see ``ops.quick``.
GLANCE = {
    *PARSING,
    "hutch.cli.call",
    "hutch.cli.commands",
    "hutch.doors",
    "hutch.env",
    "hutch.env.state",
    "hutch.ops",
    "hutch.ops.quick",
    "hutch.spec",
    "hutch.spec.digest",
    "_sha2",
    "_sha256",
}


@pytest.fixture
def synced(project: Any) -> Path:
    """A project without requirements, synced once."""
    made = project({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.8"\n'})
    made.run("sync --offline").ok()
    made.run("sync").ok()
    made.run("lock").ok()
    root: Path = made.path
    return root


def test_a_sync_with_nothing_to_do_imports_almost_nothing(synced: Path) -> None:
    modules = imported(["sync"], synced)
    # Its one line on stderr is stripped of control characters like all others.
    said = {"hutch.cli.ui.text", "hutch.spec.names", "hutch.errors"}
    allowed = {*GLANCE, "hutch.cli.commands.sync", *said}
    assert {name for name in modules if name.startswith("hutch")} <= allowed
    assert not modules & COSTLY


def test_a_run_with_nothing_to_do_imports_almost_nothing(synced: Path) -> None:
    modules = imported_before_the_child(synced)
    allowed = {*GLANCE, "hutch.cli.commands.run", "hutch.ops.child"}
    assert {name for name in modules if name.startswith("hutch")} <= allowed
    assert not modules & COSTLY


def test_a_run_in_the_central_place_imports_little_more(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the data are, and where the project's directory is there, and no setting is read for it."""
    monkeypatch.setenv("HUTCH_ENVIRONMENT_PLACE", "central")
    made = project({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.8"\n'})
    made.run("sync --offline").ok()
    made.run("sync").ok()
    modules = imported_before_the_child(made.path)
    allowed = {*GLANCE, "hutch.cli.commands.run", "hutch.ops.child", "hutch.ops.env_places"}
    assert {name for name in modules if name.startswith("hutch")} <= allowed
    assert not (made / ".venv").exists()


def imported_before_the_child(directory: Path) -> set[str]:
    """What ``run`` has imported at the moment when it becomes its command."""
    body = (
        "import os, sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {SOURCE!r})\n"
        "def become(*words):\n"
        "    sys.stdout.write('|' + ' '.join(set(sys.modules) - before)); sys.stdout.flush(); os._exit(0)\n"
        "os.execve = become\n"
        "from hutch.cli import main\n"
        "main(['run', 'python', '-c', 'pass'])\n"
    )
    return set(told_by(body, directory)[0].split())


def test_what_a_warm_lock_uses_needs_no_tools_for_functions():
    """`functools` and `contextlib` are 1.5 ms: a fortieth of a warm lock."""
    rooms = (
        "cli.commands.lock", "config.load", "index.indexes", "interpreters.probe", "lock.parse", "net.client",
        "ops.builds", "ops.locking", "ops.resolve", "project.parse", "provide", "spec.universe",
        "store.folder",
    )  # fmt: skip
    body = f"import sys; sys.path.insert(0, {SOURCE!r})\n"
    body += "".join(f"import hutch.{room}\n" for room in rooms)
    body += "print(*sorted(sys.modules))"
    found = set(told_by(body)[0].split())
    assert not {"functools", "contextlib", "dataclasses", "re", "typing"} & found


def test_a_lock_with_nothing_to_do_imports_almost_nothing(synced: Path) -> None:
    modules = imported(["lock"], synced)
    store = {"hutch.store", "hutch.store.disk", "hutch.store.layout", "hutch.store.tables"}
    said = {"hutch.cli.ui.text", "hutch.spec.names", "hutch.errors", "hutch.values"}
    found = {"hutch.config", "hutch.config.directories", "hutch.cli.commands.lock", "hutch.ops.quick_lock"}
    assert {name for name in modules if name.startswith("hutch")} <= {*GLANCE, *store, *said, *found}
    assert not modules & COSTLY


def test_a_lock_from_memory_needs_no_solver_and_no_manifest(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUTCH_PYTHON", os.path.realpath(sys.executable))
    index = FakeIndex()
    index.add_wheel("io", "1.0")
    with index.serve() as url:
        monkeypatch.setenv("HUTCH_INDEX_URL", url)
        made = project({"pyproject.toml": "[project]\nname='demo'\nversion='1'\ndependencies=['io']\n"})
        for _ in range(5):  # from the network, from pages of the cache, from memory, at a glance
            made.run("lock").ok()
            (made / "pylock.toml").unlink()
    modules = {name for name in imported(["lock"], made.path) if name.startswith("hutch")}
    assert (made / "pylock.toml").exists()
    answer = {
        "hutch.cli.commands.lock", "hutch.cli.ui.summary", "hutch.cli.ui.text", "hutch.config",
        "hutch.config.directories", "hutch.errors", "hutch.index", "hutch.index.freshness",
        "hutch.ops.answers",
        "hutch.ops.checkout", "hutch.ops.outcomes", "hutch.ops.quick_answer", "hutch.ops.quick_lock",
        "hutch.plain", "hutch.spec.names", "hutch.store", "hutch.store.disk", "hutch.store.folder",
        "hutch.store.founding", "hutch.store.layout", "hutch.store.locks", "hutch.store.problems",
        "hutch.store.tables", "hutch.values",
    }  # fmt: skip
    assert modules <= {*GLANCE, *answer} - {"hutch.env", "hutch.env.state"}


def test_an_environment_at_a_glance_imports_almost_nothing(synced: Path) -> None:
    for path in (synced, synced / "pyproject.toml"):  # what may be younger than the command is not relied on
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert imported(["venv", "one", "-q"], synced) >= {"hutch.env.create"}
    modules = imported(["venv", "two", "-q"], synced)
    store = {"hutch.store", "hutch.store.disk", "hutch.store.layout", "hutch.store.tables"}
    found = {"hutch.cli.commands.venv", "hutch.ops.quick_lock", "hutch.ops.quick_venv"}
    found |= {
        "hutch.config",
        "hutch.config.directories",
        "hutch.errors",
        "hutch.values",
    }  # where is the cache?
    writing = {"hutch.env.flock", "hutch.env.fresh", "hutch.env.syncing", "hutch.ops.trust"}
    allowed = {*GLANCE, *store, *found, *writing} - {"hutch.env.state"}
    assert {name for name in modules if name.startswith("hutch")} <= allowed
    assert not modules & COSTLY


def test_an_installation_at_a_glance_imports_what_it_does_and_no_more(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUTCH_PYTHON", os.path.realpath(sys.executable))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # as it was when it was written down what to install
    index = FakeIndex()
    index.add_wheel("io", "1.0", entry_points={"console_scripts": {"io": "io:main"}})
    with index.serve() as url:
        monkeypatch.setenv("HUTCH_INDEX_URL", url)
        made = project({"pyproject.toml": "[project]\nname='demo'\nversion='1'\ndependencies=['io']\n"})
        made.run("lock").ok()
        made.run("sync").ok()
    for _ in range(2):
        shutil.rmtree(made / ".venv")
        for path in (made.path, made / "pyproject.toml", made / "pylock.toml"):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        modules = imported(["sync"], made.path)
    assert {"hutch.ops.quick_sync", "hutch.env.apply"} <= modules
    # Nothing is there to recover or to undo, and no text of activation to mend, of what was made just now.
    strange = {"hutch.env.recovery", "hutch.env.settling", "hutch.shell", "hutch.interpreters.managed.place"}
    # These bring a dozen others each, and are in nobody's way elsewhere.
    strange |= {"re", "enum", "functools", "collections", "typing", "pathlib", "dataclasses", "subprocess"}
    strange |= {"hashlib", "tomllib", "json", "contextlib", "hutch.ops.sync", "hutch.config", "hutch.lock"}
    assert sorted(modules & strange) == []


def test_what_the_hook_of_a_shell_asks_for_imports_almost_nothing(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who enters a project waits for it."""
    made = project({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n'})
    made.run("venv").ok()
    words = ["shell-answer", "bash", "enter", str(made.path), "-"]
    modules = imported(words, made.path)
    answering = {
        "hutch.cli.call", "hutch.cli.commands", "hutch.cli.commands.shell_answer", "hutch.cli.table_shell",
        "hutch.doors", "hutch.ops", "hutch.ops.shell_answer", "hutch.ops.trust", "hutch.ops.env_files",
        "hutch.shell", "hutch.shell.hooks", "hutch.shell.hooks.answer", "hutch.shell.quoting", "hutch.plain",
        "hutch.config", "hutch.config.directories", "hutch.errors", "hutch.values",
    }  # fmt: skip
    assert {name for name in modules if name.startswith("hutch")} <= {*PARSING, *answering}
    assert "hutch.ops.env_files" in modules  # somebody answered, and the project is trusted
    assert not modules & COSTLY


def test_so_does_what_it_asks_for_in_an_environment_of_conda(project: Any) -> None:
    """The variables of packages, which are JSON, are read where there are any."""
    made = project({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n'})
    (made / ".venv" / "conda-meta").mkdir(parents=True)
    (made / ".venv" / "conda-meta" / "history").write_text("==> 2026-01-02 03:04:05 <==\n")
    made.run("allow").ok()
    modules = imported(["shell-answer", "bash", "enter", str(made.path), "-"], made.path)
    assert "hutch.shell.conda" in modules  # somebody answered, and the project is trusted
    own = {name for name in modules if name.startswith("hutch.ops")}
    assert own <= {
        "hutch.ops", "hutch.ops.shell_answer", "hutch.ops.trust", "hutch.ops.env_files",
        "hutch.ops.conda_activation", "hutch.ops.env_places",
    }  # fmt: skip
    assert not modules & COSTLY
