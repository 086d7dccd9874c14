"""A lock made before of the same inputs and pages is answered from memory; in every doubt it is solved."""

from __future__ import annotations

import os
import time

import pytest

from commands.support import locked, manifest, shown, unless_called
from hutch.ops import answers
from hutch.ops.answers import Answers
from hutch.ops.quick import surroundings

HOUR = 3600


SOLVER = "hutch.ops.lock_solve.solve_lock"


@pytest.fixture
def remembered(monkeypatch):
    """Whether ``hutch lock`` needs no solver where there is no lock yet; with the lock that it writes."""

    def is_remembered(made, command="lock", **more):
        (made / "pylock.toml").unlink(missing_ok=True)
        return unless_called(monkeypatch, made, SOLVER, command, **more) is not None

    return is_remembered


@pytest.fixture
def shop(index):
    old = {"upload_time": "2020-01-01T00:00:00Z"}
    index.add_wheel("web", "1.0", requires=["io"], **old)
    for machine in ("x86_64", "aarch64"):
        index.add_wheel("io", "1.0", tags=f"py3-none-manylinux_2_17_{machine}", **old)
    return index


def grow_old(made, seconds=10):
    """The pages in the cache were written a while ago."""
    (folder,) = (made.home / "cache").glob("pages-v*")
    for file in folder.iterdir():
        os.utime(file, (time.time() - seconds,) * 2)


@pytest.fixture
def made(project, shop):
    """A project that was locked twice: over the network, and from pages of the cache."""
    made = project(manifest("web"))
    made.run("lock").ok()
    (made / "pylock.toml").unlink()
    made.run("lock").ok()
    return made


def test_the_same_again(made, shop, remembered):
    before, said = made.read("pylock.toml"), shown(made.run("lock --upgrade"))
    shop.log.clear()
    assert remembered(made)
    assert made.read("pylock.toml") == before
    assert shop.log == []
    (made / "pylock.toml").unlink()
    again = shown(made.run("lock"))
    assert "Locked 2 packages" in again
    assert "left out" in again  # io has no file for macOS, and who asks hears it each time
    assert " + web 1.0" in again
    assert "up to date" in said
    assert shown(made.run("lock --check")).startswith("exit 0")


def solves_nothing(monkeypatch, made):
    """Run ``hutch lock``; how it went, None where it solved."""
    return unless_called(monkeypatch, made, SOLVER, "lock")


def test_there_and_back_again(made, shop, monkeypatch):
    """What a lock becomes when a requirement is added follows from the lock that is there, too."""
    without, more = manifest("web"), manifest("web", "late")
    shop.add_wheel("late", "1.0")
    made.write({"pyproject.toml": more})
    made.run("lock").ok()  # asks for the page of late
    made.write({"pyproject.toml": without})
    made.run("lock").ok()
    made.write({"pyproject.toml": more})
    said = shown(made.run("lock"))
    lock = made.read("pylock.toml")
    made.write({"pyproject.toml": without})
    assert solves_nothing(monkeypatch, made)
    assert "late" not in locked(made)
    made.write({"pyproject.toml": more})
    again = solves_nothing(monkeypatch, made)
    assert again is not None
    assert shown(again) == said
    assert "+ late 1.0" in said
    assert made.read("pylock.toml") == lock
    assert shown(made.run("lock --check")).startswith("exit 0")


@pytest.fixture
def glanced(made, shop, monkeypatch):
    """A project that went to another branch and back so often that it is known at a glance; and how it is
    seen that it was: nobody makes the context of an operation."""
    without, more = manifest("web"), manifest("web", "late")
    shop.add_wheel("late", "1.0")
    for text in (more, without) * 4:
        made.write({"pyproject.toml": text})
        made.run("lock").ok()

    def lock(text=more, words="lock"):
        if made.read("pyproject.toml") != text:
            made.write({"pyproject.toml": text})
        return unless_called(monkeypatch, made, "hutch.ops.context.Context.__init__", words)

    lock.made, lock.more, lock.without = made, more, without
    return lock


def test_at_a_glance(glanced):
    said = shown(glanced())
    assert locked(glanced.made)["late"] == "1.0"
    assert "Locked 3 packages" in said
    assert "+ late 1.0" in said
    assert "left out" in said
    text = glanced.made.read("pylock.toml")
    assert "up to date" in shown(glanced())  # and from now on there is nothing to do
    assert shown(glanced.made.run("lock --check")).startswith("exit 0")
    (glanced.made / "pylock.toml").unlink()
    glanced.made.run("lock").ok()
    assert glanced.made.read("pylock.toml") == text


@pytest.mark.parametrize("words", ["lock --json", "lock --upgrade", "lock --check", "lock --cache-dir x"])
def test_words_that_mean_something_are_looked_at_properly(glanced, words):
    assert glanced(words=words) is None


def write_a_setting(made):
    made.write({"hutch.toml": "retries = 1\n"})


def pin_the_python(made):
    import sys

    made.write({".python-version": f"{sys.version_info[0]}.{sys.version_info[1]}\n"})


def age_the_pages(made):
    grow_old(made, seconds=30)


def edit_the_lock(made):
    made.write({"pylock.toml": made.read("pylock.toml") + "\n# by hand\n"})


def link_the_lock(made):
    (made / "pylock.toml").rename(made / "other.toml")
    (made / "pylock.toml").symlink_to("other.toml")


def open_the_cache_to_all(made):
    (made.home / "cache").chmod(0o777)


@pytest.mark.parametrize(
    "change",
    [write_a_setting, pin_the_python, age_the_pages, edit_the_lock, link_the_lock, open_the_cache_to_all],
    ids=lambda change: change.__name__,
)
def test_no_glance_after_a_change(glanced, change):
    change(glanced.made)
    before = glanced.made.read("pylock.toml")
    assert glanced() is None
    assert glanced.made.read("pylock.toml") == before
    glanced.made.run("lock").ok()
    assert locked(glanced.made)["late"] == "1.0"


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_no_glance_at_pages_of_another_time(glanced, monkeypatch, by):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + by)
    assert glanced() is None


def test_no_glance_while_somebody_else_changes_the_project(glanced):
    from hutch.spec import short_sha256
    from hutch.store import Store

    key = short_sha256(os.fsencode(os.path.realpath(glanced.made.path)))[:32]
    with Store(str(glanced.made.home / "cache")).lock(f"project-{key}", timeout=0):
        assert glanced() is None
    assert glanced() is not None


def test_what_is_said_at_a_glance_is_of_the_lock_that_is_put_there(made, shop):
    """The same question may have got another answer since: from another page, or on another machine."""

    def again():
        (made / "pylock.toml").unlink()
        return shown(made.run("lock"))

    assert [" + io 1.0" in again() for _ in range(3)] == [True] * 3
    shop.add_wheel("io", "2.0")
    made.run("lock --refresh --upgrade").ok()
    for _ in range(4):
        assert " + io 2.0" in again()
        assert locked(made)["io"] == "2.0"


def test_a_variable_with_a_relative_path_means_another_file_elsewhere(tmp_path, monkeypatch):
    def digests(value, name="HUTCH_CONFIG_FILE"):
        found = []
        for folder in (tmp_path, tmp_path / "sub"):
            folder.mkdir(exist_ok=True)
            monkeypatch.chdir(folder)
            found.append(surroundings({name: value, "PATH": "a/b"}))
        return found[0] == found[1]

    assert not digests("c.toml")
    assert not digests("./wheels", "HUTCH_INDEX_URL")
    assert not digests("wheels", "PIP_FIND_LINKS")
    assert digests(str(tmp_path / "c.toml"))
    assert digests("https://index.example/simple/", "HUTCH_INDEX_URL")
    assert digests("python3.12", "HUTCH_PYTHON")


def test_another_lock_is_another_question(made, shop, monkeypatch):
    without, more = manifest("web"), manifest("web", "late")
    shop.add_wheel("late", "1.0")
    shop.add_wheel("io", "2.0")
    for text in (more, without, more, without):
        made.write({"pyproject.toml": text})
        made.run("lock").ok()
    assert locked(made)["io"] == "1.0"
    made.run("lock --refresh --upgrade").ok()
    assert locked(made)["io"] == "2.0"
    made.write({"pyproject.toml": more})
    assert solves_nothing(monkeypatch, made) is None
    made.run("lock").ok()
    assert locked(made)["io"] == "2.0"


def test_an_answer_from_the_network_is_not_kept(project, shop, remembered):
    made = project(manifest("web"))
    made.run("lock").ok()
    assert not remembered(made)


def test_a_page_that_was_written_while_it_was_solved_is_not_taken_for_the_one_that_was_read(
    project, shop, remembered, monkeypatch
):
    made = project(manifest("web"))
    made.run("lock").ok()
    (made / "pylock.toml").unlink()
    remember = Answers.remember

    def late(self, *answer):
        grow_old(made)  # as if another process had put new ones there
        remember(self, *answer)

    with monkeypatch.context() as patch:
        patch.setattr(Answers, "remember", late)
        made.run("lock").ok()
    assert not remembered(made)


def publish(made, shop):
    shop.add_wheel("io", "2.0")
    made.run("lock --refresh --upgrade").ok()


def touch_a_page(made, shop):
    grow_old(made, seconds=20)


def lose_the_pages(made, shop):
    (folder,) = (made.home / "cache").glob("pages-v*")
    for file in folder.iterdir():
        file.unlink()


def ask_for_more(made, shop):
    made.write({"pyproject.toml": manifest("web", "io==1.0")})


def configure(made, shop):
    made.write({"hutch.toml": "retries = 1\n"})


@pytest.mark.parametrize(
    "change",
    [publish, touch_a_page, lose_the_pages, ask_for_more, configure],
    ids=lambda change: change.__name__,
)
def test_it_is_solved_after_a_change(made, shop, remembered, change):
    assert remembered(made)
    change(made, shop)
    assert not remembered(made)
    (made / "pylock.toml").unlink(missing_ok=True)
    made.run("lock").ok()
    assert locked(made)["io"] == ("2.0" if change is publish else "1.0")


def test_it_is_solved_for_another_machine(made, remembered, monkeypatch):
    monkeypatch.setattr(answers, "_machine", lambda interpreter: "another")
    assert not remembered(made)


@pytest.mark.parametrize("by", [HOUR, -HOUR])  # who sets the clock back does not believe them for years
def test_it_is_solved_when_the_pages_have_to_be_asked_for_again(made, remembered, monkeypatch, by):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + by)
    assert not remembered(made)


@pytest.mark.parametrize(
    "words", ["--upgrade", "--refresh", "--offline", "--resolution lowest", "--target linux", "--dry-run"]
)
def test_it_is_solved_where_options_are_given(made, remembered, words):
    assert not remembered(made, f"lock {words}")


@pytest.mark.parametrize(
    "more",
    [
        "[tool.hutch]\nexclude-newer = '2 days'\n",
        "[tool.hutch.sources]\nio = { path = 'io' }\n",
        "[tool.hutch]\noverrides = ['gone <2']\n",  # it matches nothing, which is said each time
    ],
)
def test_what_may_change_by_itself_is_not_kept(project, shop, remembered, more):
    made = project(manifest("web", more=more))
    made.write({"io/pyproject.toml": "[project]\nname = 'io'\nversion = '1.0'\n"})
    for _ in range(2):
        made.run("lock").ok()
        grow_old(made)
        (made / "pylock.toml").unlink()
    assert not remembered(made)
