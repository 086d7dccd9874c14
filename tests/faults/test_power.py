"""A lost power: whatever the disk did not take of a change, the environment is what it was, or became.

(D14 of the table of faults, for environments; for the store see its own tests.)
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from env.conftest import environment, interpreter, store, wheel
from env.support import sync, tree
from faults.power import Disk
from faults.restart import later, start_again
from hutch.env import (
    Environment,
    Occasion,
    Wanted,
    apply_plan,
    create_environment,
    is_unfinished,
    open_environment,
    plan_changes,
    plan_rollback,
    recover,
    verify_environment,
)
from hutch.events import Event, Linked
from hutch.interpreters import Interpreter
from hutch.store import Store
from hutch.values import replace

__all__ = ["environment", "interpreter", "store", "wheel"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="directories cannot be synced there")

Make = Callable[..., Wanted]
# (points in time, states of each beside the three that are always there)
QUICK, SLOW = (12, 2), ((None, 25) if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else (40, 3))
EFFORTS = [pytest.param(QUICK, id="quick"), pytest.param(SLOW, id="all", marks=pytest.mark.slow)]


def opened_again(root: str) -> Environment:
    """The next command after the power has come back."""
    opened = open_environment(root)
    recover(opened)
    assert not os.path.lexists(os.path.join(root, ".hutch", "journal"))
    return opened


def check(disk: Disk, allowed: list[dict[str, str]], effort: tuple[int | None, int]) -> dict[int, int]:
    """Every state becomes one of ``allowed``, whole to the byte; how often each."""
    seed = random.Random(7)
    met = dict.fromkeys(range(len(allowed)), 0)
    points, each = effort
    for state in disk.states(seed, points=points, each=each):
        disk.put(state)
        opened = opened_again(disk.root)
        found = tree(disk.root)
        assert found in allowed, _different(found, allowed, disk, state.point)
        met[allowed.index(found)] += 1
        assert verify_environment(opened, deep=True).faults == ()
    return met


def _different(found: dict[str, str], allowed: list[dict[str, str]], disk: Disk, point: int) -> str:
    lines = [f"after act {point} of {len(disk.log)}"]
    for number, one in enumerate(allowed):
        wrong = sorted(path for path in found.keys() | one.keys() if found.get(path) != one.get(path))
        lines.append(f"not {number}: {wrong[:12]}")
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of these tests is a model; the real one need not keep up."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def sets(wheel: Make) -> list[list[Wanted]]:
    """Three sets, with what there can be between them."""
    shared = [
        wheel("space-a", "1.0", files={"space/a/__init__.py": "a = 1\n", "space/shared.txt": "same"}),
        wheel("space-b", "1.0", files={"space/b/__init__.py": "b = 1\n", "space/shared.txt": "same"}),
    ]
    old = wheel(
        "alpha",
        "1.0",
        files={"alpha/__init__.py": "v = 1\n", "alpha/gone.py": "x = 1\n", "alpha_one.py": "x = 2\n"},
        console_scripts={"alpha": "alpha:main"},
        data={"data/share/alpha/x.txt": "text"},
    )
    new = wheel(
        "alpha",
        "2.0",
        files={"alpha/__init__.py": "v = 2\n", "alpha/more/x.py": "y = 1\n"},
        console_scripts={"alpha": "alpha:main", "alpha2": "alpha:main"},
    )
    late = wheel("late", "1", files={"late/__init__.py": "z = 1\n", "space/late.py": "q = 1\n"})
    return [[old, *shared], [new, shared[0], late], [old, late]]


def planted(store: Store, wanted: Wanted) -> Wanted:
    """The same, to be linked by directories."""
    assert wanted.wheel is not None
    return replace(wanted, wheel=store.trees.plant(wanted.wheel))


@pytest.mark.parametrize("mode", ["hardlink", "copy", "tree"])
@pytest.mark.parametrize("effort", EFFORTS)
def test_a_change_is_there_or_not(
    environment: Environment,
    store: Store,
    sets: list[list[Wanted]],
    effort: tuple[int | None, int],
    mode: str,
) -> None:
    if mode == "tree":
        sets = [[planted(store, one) for one in each] for each in sets]
    sync(environment, *sets[0])
    before = tree(environment.root)
    disk = Disk(environment.root)
    disk.record(lambda: sync(environment, *sets[1], link_mode=mode))
    met = check(disk, [before, _after(disk)], effort)
    assert met[0]
    if effort is SLOW:
        assert met[1], "the last state of all is the new environment"


def _after(disk: Disk) -> dict[str, str]:
    """What the directory becomes when nothing is lost."""
    whole = next(
        state for state in disk.states(random.Random(0), points=None, each=0) if state.point == len(disk.log)
    )
    disk.put(whole)
    return tree(disk.root)


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_first_of_all_changes(
    environment: Environment, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    before = tree(environment.root)
    disk = Disk(environment.root)
    disk.record(lambda: sync(environment, *sets[0], link_mode="hardlink"))
    check(disk, [before, _after(disk)], effort)


@pytest.mark.parametrize("effort", EFFORTS)
def test_two_changes_of_one_session(
    environment: Environment, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    """The second rests on files of the first, which are not on the disk yet."""
    sync(environment, *sets[0])
    trees = [tree(environment.root)]
    disk = Disk(environment.root)
    for wanted in sets[1:]:
        disk.record(lambda wanted=wanted: sync(environment, *wanted, link_mode="hardlink"))  # type: ignore[misc]
        trees.append(tree(environment.root))
    met = check(disk, trees, effort)
    if effort is SLOW:
        assert all(met.values())


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_rollback_is_there_or_not(
    environment: Environment, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    sync(environment, *sets[0])
    sync(environment, *sets[1])
    before = tree(environment.root)
    disk = Disk(environment.root)

    def back() -> None:
        way = plan_rollback(environment, 1, lambda sha256: None)
        apply_plan(way.plan, environment, occasion=Occasion(restores=1, pinned=True), link_mode="hardlink")

    disk.record(back)
    check(disk, [before, tree(environment.root)], effort)


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_change_that_was_undone_and_one_after_it(
    environment: Environment, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    """Ctrl-C, then another change, then the power is gone."""
    sync(environment, *sets[0])
    trees = [tree(environment.root)]
    disk = Disk(environment.root)

    def interrupt(event: Event) -> None:
        if isinstance(event, Linked) and event.package == "late":
            raise KeyboardInterrupt

    def both() -> None:
        with pytest.raises(KeyboardInterrupt):
            sync(environment, *sets[1], link_mode="hardlink", emit=interrupt)
        sync(environment, sets[0][0], link_mode="hardlink")

    disk.record(both)
    trees.append(tree(environment.root))
    check(disk, trees, effort)


@pytest.mark.parametrize("effort", EFFORTS)
def test_with_nothing_kept_what_is_lost_is_known_and_put_in_anew(
    environment: Environment, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    """Who keeps no generations has the new environment after the next sync, if not the old one at once."""
    sync(environment, *sets[0])
    before = tree(environment.root)
    disk = Disk(environment.root, volatile=False)
    plan = plan_changes(environment.installed(), sets[1])
    disk.record(lambda: apply_plan(plan, environment, link_mode="hardlink", occasion=Occasion(generations=0)))
    after = tree(environment.root)
    seed = random.Random(11)
    for state in disk.states(seed, points=effort[0], each=effort[1]):
        disk.put(state)
        opened = opened_again(disk.root)
        if tree(disk.root) != before:
            sync(opened, *sets[1])
            assert tree(disk.root) == after, _different(tree(disk.root), [after], disk, state.point)


def test_how_often_a_change_waits_for_the_disk(environment: Environment, sets: list[list[Wanted]]) -> None:
    """The number does not grow with files or packages: the journal, `.hutch`, and the directories above.

    Those are `bin`, `site-packages`, and here the root (for `share`); `space` is shared and stays.
    """
    disk = Disk(environment.root)
    disk.record(lambda: sync(environment, *sets[0], link_mode="hardlink"))
    assert disk.syncs == 2 + 3
    disk = Disk(environment.root)
    disk.record(lambda: sync(environment, *sets[0], link_mode="hardlink"))
    assert disk.syncs == 0
    disk = Disk(environment.root)
    disk.record(lambda: sync(environment, *sets[1], link_mode="hardlink"))
    assert disk.syncs == 2 + 4


def test_an_environment_that_nobody_needs_later_waits_for_nothing(
    environment: Environment, sets: list[list[Wanted]]
) -> None:
    plan = plan_changes(environment.installed(), sets[0])
    disk = Disk(environment.root)
    disk.record(lambda: apply_plan(plan, environment, occasion=Occasion(passing=True)))
    assert disk.syncs == 0
    assert os.listdir(environment.path / ".hutch") == ["lock"]


# -- what is no damage -----------------------------------------------------------------------------


def test_an_edit_is_no_damage(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    sync(environment, wheel("alpha", "2"), link_mode="copy")
    file = environment.site_packages / "alpha" / "__init__.py"
    file.write_text("print('where am I?')\n")
    later(file)
    start_again(environment.root)
    assert not recover(environment)
    assert file.read_text() == "print('where am I?')\n"
    assert (environment.path / ".hutch" / "settled").exists()


def test_what_was_uninstalled_since_is_no_damage(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"), wheel("beta", "1"))
    shutil.rmtree(environment.site_packages / "alpha")
    shutil.rmtree(environment.site_packages / "alpha-1.dist-info")
    start_again(environment.root)
    assert not recover(environment)
    assert list(environment.installed()) == ["beta"]


def test_nothing_is_undone_that_somebody_else_built_upon(environment: Environment, wheel: Make) -> None:
    one = wheel("alpha", "1", files={"alpha.py": "x = 1\n"})
    sync(environment, one, link_mode="copy")
    info = environment.site_packages / "ipdb-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: ipdb\nVersion: 3\n")
    (info / "RECORD").write_text("ipdb-3.dist-info/METADATA,,\nipdb-3.dist-info/RECORD,,\n")
    file = environment.site_packages / "alpha.py"
    stamp = file.stat().st_mtime_ns
    file.write_text("")  # what the power did
    os.utime(file, ns=(stamp, stamp))
    start_again(environment.root)
    said: list[Event] = []
    assert recover(environment, said.append)
    [notice] = said
    assert "files of alpha" in notice.text  # type: ignore[attr-defined]
    assert sorted(environment.installed()) == ["alpha", "ipdb"]
    assert not environment.installed()["alpha"].complete
    plan = plan_changes(environment.installed(), [one], keep=["ipdb"])
    assert [step.reason for step in plan.links] == ["repaired"]
    apply_plan(plan, environment)
    assert file.read_text() == "x = 1\n"
    assert environment.installed()["alpha"].complete
    assert plan_changes(environment.installed(), [one], keep=["ipdb"]).steps == ()


def test_notes_that_cannot_be_read_are_as_good_as_none(environment: Environment, wheel: Make) -> None:
    for number in range(1, 4):
        sync(environment, wheel("alpha", str(number)))
    settled = environment.path / ".hutch" / "settled"
    for text in ("", "x", "-", "9" * 5000, "1-\udcff"):
        settled.write_bytes(text.encode("utf-8", "surrogateescape"))
        start_again(environment.root)
        assert not recover(environment)
        assert settled.read_text().startswith("3-")
    newest = sorted((environment.path / ".hutch").glob("change-3-*"))[0]
    newest.write_text("")  # as of a change of another tool, which was noted in passing
    assert not recover(environment)
    settled.unlink()
    assert not recover(environment)
    assert settled.read_text().startswith("3-")
    sync(environment, wheel("beta", "1"))
    assert verify_environment(environment, deep=True).findings == ()


def test_the_look_is_taken_once(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    start_again(environment.root)
    assert not recover(environment)
    file = environment.site_packages / "alpha" / "__init__.py"
    os.truncate(file, 0)
    assert not recover(environment)


# -- making one --------------------------------------------------------------------------------------


@pytest.mark.parametrize("effort", EFFORTS)
def test_an_environment_that_is_made_and_filled(
    tmp_path: Path, interpreter: Interpreter, sets: list[list[Wanted]], effort: tuple[int | None, int]
) -> None:
    """It is there, or the next command makes it; never something that has to be moved out of the way."""
    home = tmp_path / "project"
    home.mkdir()
    root = str(home / ".venv")
    disk = Disk(str(home))

    def make() -> None:
        sync(create_environment(root, interpreter, prompt="p"), *sets[0], link_mode="hardlink")

    disk.record(make)
    full = tree(root)
    seed = random.Random(3)
    met = {"made anew": 0, "empty": 0, "full": 0}
    for state in disk.states(seed, points=effort[0], each=effort[1]):
        disk.put(state)
        if is_unfinished(root) or not _opens(root):
            create_environment(root, interpreter, prompt="p")
            met["made anew"] += 1
        opened = opened_again(root)
        if not opened.installed():
            met["empty"] += 1
            sync(opened, *sets[0])
        else:
            met["full"] += 1
        assert tree(root) == full, _different(tree(root), [full], disk, state.point)
        assert verify_environment(opened, deep=True).findings == ()
    assert met["made anew"]
    assert met["full"]


def _opens(root: str) -> bool:
    """As `ops` does it: an environment whose Python cannot be started is made anew, with what is in it."""
    return os.path.exists(open_environment(root).executable)


def test_texts_of_which_a_beginning_is_left_are_written_anew(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    whole = tree(environment.root)
    script = environment.scripts_dir / "activate"
    script.write_bytes(script.read_bytes()[:100])
    (environment.scripts_dir / "activate.fish").write_bytes(b"")
    start_again(environment.root)
    recover(environment)
    assert tree(environment.root) == whole


def test_texts_that_somebody_has_edited_stay(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("alpha", "1"))
    script = environment.scripts_dir / "activate"
    script.write_text("# mine\n")
    start_again(environment.root)
    recover(environment)
    assert script.read_text() == "# mine\n"


def test_a_tree_that_lost_something_undoes_what_links_to_it(
    environment: Environment, store: Store, wheel: Make
) -> None:
    """The names of a tree are not synced: the look after a start of the machine goes through the links."""
    before = tree(environment.root)
    one = planted(store, wheel("alpha", "1.0", files={"alpha/__init__.py": "v = 1\n", "alpha/b/x.py": ""}))
    sync(environment, one, link_mode="tree")
    assert one.wheel is not None
    os.chmod(f"{one.wheel.files}/alpha/b", 0o755)
    os.unlink(f"{one.wheel.files}/alpha/b/x.py")
    start_again(environment.root)
    recover(environment)
    assert tree(environment.root) == before
    assert store.trees.find(one.wheel.sha256) is not None  # it was looked at just now
    os.utime(os.path.join(os.path.dirname(one.wheel.folder), "tree"), (1, 1))
    assert store.trees.find(one.wheel.sha256) is None
