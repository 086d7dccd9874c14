"""What is installed, read from directories that all kinds of tools have left behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hutch.env import CannotRemove, Environment, Wanted, WantedEditable, plan_changes
from hutch.env.installed import Installed


def put(environment: Environment, directory: str, **files: str) -> Path:
    path = environment.site_packages / directory
    path.mkdir()
    for name, text in files.items():
        (path / name.replace("_json", ".json")).write_text(text)
    return path


def test_name_and_version_come_from_the_directory(environment: Environment) -> None:
    put(environment, "Foo_Bar-1.0+local.1.dist-info", RECORD="x,,\n", INSTALLER="pip\n", REQUESTED="")
    found = environment.installed()
    assert list(found) == ["foo-bar"]
    one = found["foo-bar"]
    assert (one.name, one.version, one.installer, one.requested) == ("Foo_Bar", "1.0+local.1", "pip", True)
    assert one.dist_info == f"{environment.purelib}/Foo_Bar-1.0+local.1.dist-info"
    assert one.complete
    assert not one.editable


def test_a_directory_that_does_not_say_it_is_asked_by_its_metadata(environment: Environment) -> None:
    put(
        environment,
        "odd-name-1.dist-info",
        RECORD="x,,\n",
        METADATA="Name: odd-name\nVersion: 1\n\nName: lie\n",
    )
    assert environment.installed()["odd-name"].version == "1"


@pytest.mark.parametrize("files", [{}, {"RECORD": ""}])
def test_without_a_record_it_is_incomplete_and_repaired(
    environment: Environment, files: dict[str, str]
) -> None:
    put(environment, "torn-1.dist-info", **files)
    installed = environment.installed()
    assert not installed["torn"].complete
    plan = plan_changes(installed, [Wanted(name="torn", version="1")])
    assert [step.reason for step in plan.steps] == ["repaired", "repaired"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_nobody_waits_for_a_pipe(environment: Environment) -> None:
    path = put(environment, "pipes-1.dist-info")
    for name in ("RECORD", "METADATA", "INSTALLER", "direct_url.json"):
        os.mkfifo(path / name)
    assert not environment.installed()["pipes"].complete


def test_two_of_one_name_are_both_replaced(environment: Environment) -> None:
    put(environment, "twice-1.dist-info", RECORD="x,,\n")
    put(environment, "Twice-2.dist-info", RECORD="")
    installed = environment.installed()
    assert installed["twice"].version == "1"
    plan = plan_changes(installed, [Wanted(name="twice", version="1")])
    (removal,) = plan.removals
    assert {Path(path).name for path in removal.dist_infos} == {"twice-1.dist-info", "Twice-2.dist-info"}


def test_direct_urls_are_told(environment: Environment) -> None:
    url = {"url": "file:///src/app", "dir_info": {"editable": True}}
    put(environment, "app-1.dist-info", RECORD="x,,\n", direct_url_json=json.dumps(url))
    put(environment, "bad-1.dist-info", RECORD="x,,\n", direct_url_json="[" * 100_000)
    found = environment.installed()
    assert found["app"].editable
    assert found["app"].url == "file:///src/app"
    assert found["bad"].direct_url is None


def test_remains_and_other_things_are_passed_over(environment: Environment) -> None:
    put(environment, "~umpy-1.dist-info", RECORD="x,,\n")
    (environment.site_packages / "file-1.dist-info").write_text("")
    assert environment.installed() == {}


def test_legacy_installations_are_told_and_not_touched(environment: Environment) -> None:
    put(environment, "old-1.0-py3.11.egg-info", **{"PKG-INFO": "Name: Old\nVersion: 1.0\n"})
    (environment.site_packages / "dev.egg-link").write_text("/src/dev\n.")
    installed = environment.installed()
    assert (installed["old"].kind, installed["old"].version) == ("egg-info", "1.0")
    assert installed["dev"].editable
    assert not plan_changes(installed, [], keep={"old", "dev"})
    for name, hint in (("old", "setup.py install"), ("dev", "setup.py develop")):
        with pytest.raises(CannotRemove) as problem:
            plan_changes(installed, [], keep={"old", "dev"} - {name})
        assert hint in problem.value.why[0]


def installed(version: str = "1.0", **about: object) -> dict[str, Installed]:
    return {"a": Installed(name="a", version=version, dist_info=f"lib/a-{version}.dist-info", **about)}  # type: ignore[arg-type]


URL = {"url": "https://index.example/a.whl", "archive_info": {}}


@pytest.mark.parametrize(
    ("present", "wanted", "reasons"),
    [
        ({}, Wanted(name="a", version="1.0"), ["new"]),
        (installed(), Wanted(name="A", version="1.0"), []),
        (installed(), Wanted(name="a", version="1.0.0"), []),
        (installed(), Wanted(name="a", version="1.1"), ["changed", "changed"]),
        (installed(), Wanted(name="a", version="1.0", direct_url=URL), ["changed", "changed"]),
        (installed(direct_url=URL), Wanted(name="a", version="1.0", direct_url=dict(URL)), []),
        (installed(direct_url=URL), Wanted(name="a", version="1.0"), ["changed", "changed"]),
        (installed(), WantedEditable(name="a", version="1.0", directory="/src"), ["changed", "changed"]),
        (
            installed(direct_url={"url": "file:///src", "dir_info": {"editable": True}}),
            WantedEditable(name="a", version="1.0", directory="/src"),
            [],
        ),
        (installed(), None, ["unwanted"]),
        (installed("not.a.version"), Wanted(name="a", version="1.0"), ["changed", "changed"]),
        (installed(complete=False, installer="conda"), Wanted(name="a", version="1.0"), None),
    ],
)  # fmt: skip
def test_the_steps_from_what_is_to_what_is_wanted(present, wanted, reasons) -> None:  # type: ignore[no-untyped-def]
    asked = [wanted] if wanted else []
    if reasons is None:
        with pytest.raises(CannotRemove):
            plan_changes(present, asked)
        return
    assert [step.reason for step in plan_changes(present, asked).steps] == reasons


def test_a_plan_is_data() -> None:
    present = installed() | {"b": Installed(name="b", version="2", dist_info="lib/b-2.dist-info")}
    plan = plan_changes(
        present, [Wanted(name="a", version="2.0"), Wanted(name="c", version="3", direct_url=URL)]
    )
    assert plan.to_json() == {
        "steps": [
            {"action": "remove", "name": "a", "version": "1.0", "reason": "changed"},
            {"action": "remove", "name": "b", "version": "2", "reason": "unwanted"},
            {"action": "install", "name": "a", "version": "2.0", "reason": "changed"},
            {"action": "install", "name": "c", "version": "3", "reason": "new", "direct_url": URL},
        ],
        "unchanged": 0,
    }
    assert plan.summary.changed == (("a", "1.0", "2.0"),)
    assert plan.summary.removed == (("b", "2"),)
    assert plan.summary.added == (("c", "3"),)
    assert plan.needs() == ("a", "c")


def test_what_is_kept_and_what_is_reinstalled() -> None:
    assert plan_changes(installed(), [], keep={"a"}).unchanged == 1
    plan = plan_changes(installed(), [Wanted(name="a", version="1.0")], reinstall={"a"})
    assert plan.summary.reinstalled == (("a", "1.0"),)
