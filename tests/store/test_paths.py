"""Which names are one file, and which scripts nobody may bring."""

from __future__ import annotations

import pytest

from hutch.store.paths import clashes, is_reserved_script


@pytest.mark.parametrize(
    ("names", "fold_case", "words"),
    [
        (["a", "b", "a/"[:1] + "b/c"], False, None),
        (["a/b", "a/c", "d/b"], False, None),
        (["a", "a"], False, "twice"),
        (["a/b", "a"], False, "a file and a folder"),
        (["a", "a/b/c"], False, "a file and a folder"),
        (["A.py", "a.py"], False, None),
        (["A.py", "a.py"], True, "the same file"),
        (["a/x", "A/y"], False, None),
        (["a/x", "A/y"], True, "the same folder"),
        (["ß.py", "SS.py"], True, "the same file"),
        (["\u00e9.py", "e\u0301.py"], False, "the same file"),
        (["\u00e9/a", "e\u0301/b"], False, "the same folder"),
    ],
)
def test_clashes(names, fold_case, words):
    found = clashes(names, fold_case=fold_case)
    assert (words is None and not found) or (words is not None and any(words in each for each in found))


@pytest.mark.parametrize(
    "name",
    [
        "python", "Python", "python3", "python3.12", "python3.13t", "pythonw.exe", "python.exe", "pypy3",
        "pypy3.10",
        "activate", "activate.fish", "Activate.ps1", "activate_this.py", "deactivate.bat", "ACTIVATE.BAT",
    ],
)  # fmt: skip
def test_scripts_that_would_replace_the_environment(name):
    assert is_reserved_script(name)


@pytest.mark.parametrize(
    "name",
    [
        "python-config",
        "ipython",
        "ipython3",
        "pip3.12",
        "activate-global-python-argcomplete",
        "pypyr",
        "black",
    ],
)
def test_scripts_that_only_look_like_it(name):
    assert not is_reserved_script(name)
