"""What a kill leaves where environments have names, state by state, and what the next command makes of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hutch.env import NameTaken, discard, publish, settle_folder, staged
from hutch.env.staging import WAS


def environment(path: Path, text: str = "x") -> Path:
    (path / ".hutch").mkdir(parents=True)
    (path / "pyvenv.cfg").write_text(f"home = {text}\n")
    return path


def told(folder: Path) -> dict[str, str]:
    return {each.name: (each / "pyvenv.cfg").read_text()[7:-1] for each in sorted(folder.iterdir())}


def test_published(tmp_path: Path) -> None:
    with staged(str(tmp_path)) as stage:
        environment(Path(stage, "one"))
        assert len(os.listdir(tmp_path)) == 1
        publish(os.path.join(stage, "one"), str(tmp_path / "one"))
    assert told(tmp_path) == {"one": "x"}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    environment(tmp_path / "one", "old")
    with staged(str(tmp_path)) as stage:
        environment(Path(stage, "one"), "new")
        with pytest.raises(NameTaken):
            publish(os.path.join(stage, "one"), str(tmp_path / "one"))
    assert told(tmp_path) == {"one": "old"}


def test_instead_of_another(tmp_path: Path) -> None:
    environment(tmp_path / "one", "old")
    with staged(str(tmp_path)) as stage:
        environment(Path(stage, "one"), "new")
        publish(os.path.join(stage, "one"), str(tmp_path / "one"), instead=True)
    assert told(tmp_path) == {"one": "new"}


def test_what_could_not_be_renamed_leaves_the_old_one(tmp_path: Path) -> None:
    environment(tmp_path / "one", "old")
    with pytest.raises(OSError, match="gone"):
        publish(str(tmp_path / "gone"), str(tmp_path / "one"), instead=True)
    assert told(tmp_path) == {"one": "old"}


def test_discarded(tmp_path: Path) -> None:
    discard(str(environment(tmp_path / "one")))
    assert told(tmp_path) == {}


@pytest.mark.parametrize(
    ("there", "then"),
    [
        # Cut off between the two renames of a replacement: back to its name.
        ({".old-0123-one": "old"}, {"one": "old"}),
        # After them: what made way goes.
        ({".old-0123-one": "old", "one": "new"}, {"one": "new"}),
        ({".gone-0123": "old", "one": "x"}, {"one": "x"}),
        # A name may have the sign that stands before it.
        ({".old-0123-one-two": "old"}, {"one-two": "old"}),
        ({".old-": "odd"}, {}),
        ({"one": "x", "two": "y"}, {"one": "x", "two": "y"}),
    ],
)
def test_settled(tmp_path: Path, there: dict[str, str], then: dict[str, str]) -> None:
    for name, text in there.items():
        environment(tmp_path / name, text)
    for _ in range(2):
        settle_folder(str(tmp_path))
        assert told(tmp_path) == then


@pytest.mark.parametrize(
    ("was", "then"),
    [
        ("old", {"new": "y", "other": "z"}),
        ("new", {"new": "y", "old": "x", "other": "z"}),
        ("gone", {"new": "y", "old": "x", "other": "z"}),
        # Nobody but us writes it; what leads elsewhere is passed over all the same.
        ("../other", {"new": "y", "old": "x", "other": "z"}),
        ("", {"new": "y", "old": "x", "other": "z"}),
        (".", {"new": "y", "old": "x", "other": "z"}),
    ],
)
def test_renamed_and_cut_off(tmp_path: Path, was: str, then: dict[str, str]) -> None:
    for name, text in (("old", "x"), ("new", "y"), ("other", "z")):
        environment(tmp_path / name, text)
    (tmp_path / "new" / WAS).write_text(was)
    settle_folder(str(tmp_path))
    assert told(tmp_path) == then
    assert not (tmp_path / "new" / WAS).exists()


def test_what_nobody_holds_goes(tmp_path: Path) -> None:
    stage = tmp_path / ".new-0123"
    environment(stage / "one")
    (stage / "lock").write_text("")
    settle_folder(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_a_lock_it_has_a_day(tmp_path: Path) -> None:
    """Another command may be just about to make it."""
    stage = tmp_path / ".new-0123"
    environment(stage / "one")
    settle_folder(str(tmp_path))
    assert stage.exists()
    os.utime(stage, (1, 1))
    settle_folder(str(tmp_path))
    assert not stage.exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    settle_folder(str(tmp_path / "nowhere"))
