"""What is installed of a lock of PDM's, beside what PDM 2.29 said of it.

``selected.json`` is frozen from PDM's own reading of the lock: its keys are options, and stand for the groups
and extras that PDM was asked for, on an interpreter and a system each. The project itself is left out.
"""

import json
from pathlib import Path

import pytest

from hutch.lock import select
from hutch.lock.foreign import PYLOCK_OF_PDM, format_of, parse_foreign, staleness
from hutch.ops.choosing import selection_of
from hutch.ops.context import Context
from hutch.ops.selection import SelectionOptions
from hutch.spec import parse_target

CORPUS = Path(__file__).parent
CASES = [
    (case, name, options)
    for folder in (CORPUS / "pdm", CORPUS / "projects")
    for case in sorted(path.parent for path in folder.glob("*/selected.json"))
    for name in ("pdm.lock", "pylock.toml")
    if (case / name).is_file()
    for options in json.loads((case / "selected.json").read_text())
]


@pytest.mark.parametrize(("case", "name", "options"), CASES, ids=[f"{c.name} {args}" for c, _, args in CASES])
def test_the_packages_are_those_that_pdm_takes(tmp_path, case, name, options):
    checkout = Context(case, {"HOME": str(tmp_path), "HUTCH_CACHE_DIR": str(tmp_path / "cache")}).checkout
    manifest, text, lock_text = checkout.manifest, checkout.text, (case / name).read_text()
    kind = format_of(name) or PYLOCK_OF_PDM
    lock = parse_foreign(kind, lock_text, name, manifest)
    assert staleness(kind, lock_text, manifest, text) is None
    chosen = selection_of(options_of(options), checkout, lock=lock)
    for expected in json.loads((case / "selected.json").read_text())[options]:
        (target,) = expected["on"]
        found = select(
            lock,
            parse_target(target).environment(),
            extras=chosen.extras,
            groups=chosen.groups,
            only=chosen.only_groups,
        )
        assert sorted(f"{one.name} {one.version}" for one in found) == sorted(expected["packages"]), target


def options_of(text: str) -> SelectionOptions:
    words, found = text.split(), {}
    while words:
        name = words.pop(0).removeprefix("--").replace("-", "_")
        found[name] = (*found.get(name, ()), words.pop(0))
    return SelectionOptions(**found)
