"""``hutch sync`` where there is no environment any more: when it is filled at a glance, and when somebody
looks properly."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from commands.packages import BACKEND
from commands.support import PYTHON, installed, manifest, shown, unless_called
from commands.test_venv_at_once import contents, grow_old
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="somebody always looks there")


@pytest.fixture
def glance(monkeypatch):
    """Whether the environment is filled without a look at the project."""

    def at_a_glance(made, command="sync", **more):
        return unless_called(monkeypatch, made, "hutch.ops.sync.sync", command, **more) is not None

    return at_a_glance


@pytest.fixture
def made(project, index):
    """A project that was installed once, with everything in the store, and that has no environment now."""
    index.add_wheel("io", "1.0", requires=["tool>=1"], files={"io_demo/__init__.py": "X = 1\n"})
    index.add_wheel("tool", "1.0", entry_points={"console_scripts": {"tool": "tool:main"}})
    index.add_wheel("extra", "1.0")
    made = project({"pyproject.toml": manifest("io", groups={"dev": ["extra"]}, extras={"more": ["extra"]})})
    made.environ["HUTCH_PYTHON"] = PYTHON
    made.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    made.run("lock").ok()
    grow_old(made)
    made.run("sync").ok()
    forget(made)
    return made


def forget(made):
    shutil.rmtree(made / ".venv")
    grow_old(made)


def cache_of(made) -> Path:
    return made.home / "cache"


def without_history(found):
    """What is in an environment, but for the notes of who made it when."""
    return {name: each for name, each in found.items() if not name.startswith(".hutch/")}


@pytest.mark.parametrize("words", ["sync", "sync --frozen", "sync --locked", "-q sync"])
def test_the_same_is_installed_as_by_who_looks(made, glance, words):
    assert glance(made, words)
    at_once = without_history(contents(made / ".venv"))
    assert installed(made) == {"io": "1.0", "tool": "1.0", "extra": "1.0"}
    forget(made)
    made.run(f"{words} --no-config").ok()  # a flag: somebody looks
    assert without_history(contents(made / ".venv")) == at_once


def test_what_is_said_is_the_same(made):
    said = shown(made.run("sync"))
    forget(made)
    assert shown(made.run("sync --no-config")) == said
    assert "Made the environment .venv" in said


def test_afterwards_there_is_nothing_to_do(made, glance):
    assert glance(made)
    assert glance(made)  # at the glance of an environment that is there
    assert "Nothing to do" in made.run("sync").ok().stderr
    made.run("env verify").ok()


def test_it_is_in_the_history_and_can_be_taken_back(made, glance):
    assert glance(made)
    history = json.loads(made.run("env history --json").ok().stdout)
    assert [each["command"] for each in history["generations"]] == ["sync"]


CHANGES = {
    "the manifest": lambda made: made.write({"pyproject.toml": manifest("io", "extra")}),
    "the lock": lambda made: (made / "pylock.toml").write_text(made.read("pylock.toml") + "# other\n"),
    "settings": lambda made: made.write({"hutch.toml": "timeout = 20\n"}),
    "a pin": lambda made: made.write({".python-version": "3\n"}),
    "a variable": lambda made: made.environ.update(HUTCH_LINK_MODE="copy"),
    "bytecode is wanted": lambda made: made.environ.update(HUTCH_COMPILE="background"),
    "nobody says that it is not": lambda made: made.environ.update(PYTHONDONTWRITEBYTECODE=""),
    "it is a job of CI": lambda made: made.environ.update(CI="yes"),
    "another place": lambda made: made.environ.update(HUTCH_PROJECT_ENVIRONMENT="other"),
    "another cache": lambda made: made.environ.update(HUTCH_CACHE_DIR=str(made / "cache")),
    "a directory in its place": lambda made: (made / ".venv").mkdir(),
    "a link in its place": lambda made: (made / ".venv").symlink_to("nowhere"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_somebody_looks_after_a_change_of(made, glance, change):
    CHANGES[change](made)
    assert not glance(made)


@pytest.mark.parametrize(
    "words",
    [
        *("sync --no-dev", "sync --extra more", "sync --only-deps", "sync --reinstall", "sync --dry-run"),
        *("sync --json", "sync --link-mode copy", "sync --offline", "sync --python 3"),
    ],
)
def test_other_words_ask_for_something_else(made, glance, words):
    assert not glance(made, words)


def test_what_was_chosen_last_is_known(made, glance):
    assert not glance(made, "sync --extra more")
    made.run("sync --extra more").ok()
    forget(made)
    assert glance(made, "sync --extra more")


def test_a_wheel_that_is_gone_is_fetched(made, glance, index):
    cache = cache_of(made)
    entry = next(path.parent for path in cache.rglob("io_demo")).parent
    shutil.rmtree(entry)
    assert not glance(made)
    made.run("sync").ok()
    assert installed(made)["io"] == "1.0"


def test_a_file_of_the_store_that_was_edited_is_not_spread(made):
    cache = cache_of(made)
    file = next(path for path in cache.rglob("__init__.py") if path.parent.name == "io_demo")
    file.chmod(0o644)
    file.write_text("X = 2\n")
    ran = made.run("sync").ok()
    assert "io 1.0 was changed (io_demo/__init__.py)" in ran.stderr
    placed = next((made / ".venv").rglob("io_demo/__init__.py"))
    assert placed.read_text() == "X = 1\n"
    made.run("env verify").ok()


def test_a_store_that_others_may_write_is_not_believed(made, glance):
    cache = cache_of(made)
    os.chmod(cache, 0o777)
    assert not glance(made)


def test_a_project_with_a_library_of_this_machine_is_looked_at(project, index, glance):
    index.add_wheel("io", "1.0")
    sources = '[tool.hutch.sources]\nlib = { path = "lib-1.0-py3-none-any.whl" }\n'
    made = project({"pyproject.toml": manifest("io", "lib", more=sources)})
    made.write({"lib-1.0-py3-none-any.whl": make_wheel("lib", "1.0")[1]})
    made.environ.update(HUTCH_PYTHON=PYTHON, PYTHONDONTWRITEBYTECODE="1")
    grow_old(made)
    made.run("sync").ok()
    assert installed(made) == {"io": "1.0", "lib": "1.0"}
    forget(made)
    assert not glance(made)


@pytest.fixture
def package(project, index):
    """A project that is installed itself, and was once."""
    index.add_wheel("io", "1.0")
    system = "[build-system]\nrequires = []\nbuild-backend = 'mine'\nbackend-path = ['backend']\n"
    made = project(
        {
            "pyproject.toml": manifest("io", name="shop", more=system),
            "backend/mine.py": BACKEND,
            "src/shop.py": "X = 1\n",
        }
    )
    made.environ.update(HUTCH_PYTHON=PYTHON, PYTHONDONTWRITEBYTECODE="1")
    made.run("lock").ok()
    made.run("sync").ok()  # it is built, and that is told
    forget(made)
    made.run("sync").ok()
    forget(made)
    return made


def test_the_project_itself_is_put_in_as_by_who_looks(package, glance):
    assert glance(package)
    at_once = without_history(contents(package / ".venv"))
    assert installed(package) == {"io": "1.0", "shop": "1.0"}
    package.run("run python -c 'import shop'").ok()
    forget(package)
    package.run("sync --no-config").ok()
    assert without_history(contents(package / ".venv")) == at_once


def test_a_project_that_is_built_otherwise_is_looked_at(package, glance):
    package.write({"setup.cfg": "[metadata]\n"})
    assert not glance(package)


def test_what_has_no_bytecode_yet_is_compiled_afterwards(made, glance, monkeypatch):
    made.environ["HUTCH_COMPILE"] = "background"
    started = []
    monkeypatch.setattr("hutch.store.detached.start_detached", lambda *words, **_: started.append(words))
    made.run("sync").ok()
    forget(made)
    started.clear()
    assert glance(made)
    assert len(started) == 1
    assert not list((made / ".venv").rglob("io_demo/__pycache__/*.pyc"))


def test_bytecode_that_is_there_is_put_in(made, glance):
    made.environ["HUTCH_COMPILE"] = "now"
    made.run("sync").ok()  # into the store
    forget(made)
    made.environ["HUTCH_COMPILE"] = "existing"
    made.run("sync").ok()
    forget(made)
    assert glance(made)
    assert list((made / ".venv").rglob("io_demo/__pycache__/*.pyc"))


def test_what_was_taken_is_told_each_time(project, index, glance):
    index.add_wheel("io", "1.0")
    made = project({"Pipfile": "[packages]\nio = '*'\n", "setup.py": ""})
    made.environ.update(HUTCH_PYTHON=PYTHON, PYTHONDONTWRITEBYTECODE="1")
    made.run("lock").ok()
    grow_old(made)
    said = shown(made.run("sync"))
    assert "Taken from Pipfile, pylock.toml; setup.py lies here too" in said
    forget(made)
    assert shown(made.run("sync")) == said
    forget(made)
    assert glance(made)


def test_an_environment_made_by_a_killed_glance_is_finished(made, monkeypatch):
    import hutch.env

    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(hutch.env, "apply_plan", dies, raising=False)
        assert made.run("sync").exit_code == 4
    assert installed(made) == {}
    time.sleep(0.01)
    made.run("sync").ok()
    assert installed(made) == {"io": "1.0", "tool": "1.0", "extra": "1.0"}
