"""What is installed of a ``uv.lock``, beside what uv 0.13.8 said of it.

``selected.json`` is frozen from ``uv export --frozen --format pylock.toml`` with the options that are its
keys; the markers there were judged by ``packaging``. A project that is alone is left out.
"""

import json
from pathlib import Path

import pytest

from hutch.lock import ContradictingSelection, select
from hutch.lock.foreign.uv import parse, staleness
from hutch.ops.choosing import selection_of
from hutch.ops.context import Context
from hutch.ops.selection import SelectionOptions
from hutch.project import parse_manifest
from hutch.spec import parse_target

CORPUS = Path(__file__).parent
HERE = CORPUS / "uv"
CASES = [
    (case, options)
    for folder in (HERE, CORPUS / "projects")
    for case in sorted(path.parent for path in folder.glob("*/selected.json"))
    if (case / "uv.lock").is_file()
    for options in json.loads((case / "selected.json").read_text())
]


def options_of(text: str, defaults: tuple[str, ...]) -> SelectionOptions:
    words, found = text.split(), {}
    while words:
        word = words.pop(0).removeprefix("--").replace("-", "_")
        if word in ("all_extras", "all_groups", "all_packages"):
            found[word] = True
        elif word == "no_dev":
            found["dev"] = False
        elif word == "no_default_groups":
            found["no_group"] = defaults
        else:
            found[word] = (*found.get(word, ()), words.pop(0))
    return SelectionOptions(**found)


@pytest.mark.parametrize(("case", "options"), CASES, ids=[f"{case.name} {args}" for case, args in CASES])
def test_the_packages_are_those_that_uv_takes(tmp_path, case, options):
    checkout = Context(case, {"HOME": str(tmp_path), "HUTCH_CACHE_DIR": str(tmp_path / "cache")}).checkout
    text = (case / "uv.lock").read_text()
    lock = parse(text, "uv.lock", checkout.manifest)
    assert staleness(text, checkout.manifest, checkout.text) is None
    chosen = selection_of(options_of(options, checkout.own.default_groups), checkout)
    for expected in json.loads((case / "selected.json").read_text())[options]:
        for target in expected["on"]:
            found = select(
                lock,
                parse_target(target).environment(),
                extras=chosen.extras,
                groups=chosen.groups,
                only=chosen.only_groups,
            )
            # uv says no versions of directories.
            told = {one.name: f"{one.name} {one.version or ''}".strip() for one in found}
            told |= {name: name for name in expected["packages"] if " " not in name and name in told}
            assert sorted(told.values()) == sorted(expected["packages"]), target


def test_what_uv_holds_apart_is_held_apart():
    case = HERE / "lock-of-one-version-from-two-indexes"
    lock = parse(
        (case / "uv.lock").read_text(), "uv.lock", parse_manifest((case / "pyproject.toml").read_text())
    )
    here = parse_target("cp312-linux-x86_64").environment()
    with pytest.raises(ContradictingSelection):
        select(lock, here, extras=("cpu", "cu121"))
    with pytest.raises(ContradictingSelection):
        select(lock, here, extras=("cpu",), groups=("gpu",))


def test_of_one_version_from_two_indexes_each_extra_has_its_own():
    case = HERE / "lock-of-one-version-from-two-indexes"
    lock = parse(
        (case / "uv.lock").read_text(), "uv.lock", parse_manifest((case / "pyproject.toml").read_text())
    )
    here = parse_target("cp312-linux-x86_64").environment()
    for extra, index in (("cpu", "idx/cpu"), ("cu121", "idx/cu")):
        found = {one.name: one for one in select(lock, here, extras=(extra,))}
        assert found["visionlet"].index == found["torchlet"].index == index
        assert found["visionlet"].wheels[0].path == f"{index}/visionlet-0.20.0-py3-none-any.whl"
