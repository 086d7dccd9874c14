"""Whose file is it? Checked over the whole plan before anything is changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from env.support import sync, tree
from hutch.env import (
    ClobberProblem,
    DamagedWheel,
    Environment,
    EnvironmentChanged,
    Wanted,
    WrongWheel,
    apply_plan,
    plan_changes,
)
from hutch.errors import Bug
from hutch.events import Event, Notice
from hutch.values import replace

Make = Callable[..., Wanted]


def refused(environment: Environment, *wanted: Wanted, **options: object) -> ClobberProblem:
    before = tree(environment.root)
    with pytest.raises(ClobberProblem) as problem:
        sync(environment, *wanted, **options)
    assert tree(environment.root) == before
    assert not (environment.path / ".hutch" / "journal").exists()
    return problem.value


def test_a_file_of_another_distribution_is_not_replaced(environment: Environment, wheel: Make) -> None:
    sync(environment, wheel("victim", "1.0", files={"victim/__init__.py": "good"}))
    evil = wheel("evil", "6.6", files={"victim/__init__.py": "bad", "evil.py": ""})
    problem = refused(environment, evil, keep={"victim"})
    (clash,) = problem.clashes
    assert clash.path == f"{environment.purelib}/victim/__init__.py"
    assert (clash.owner, clash.newcomer) == ("victim 1.0", "evil 6.6")
    assert "victim 1.0" in problem.what
    assert "evil 6.6" in problem.what


@pytest.mark.parametrize(
    "path",
    [
        "scripts/python", "scripts/python3", "scripts/python3.12", "scripts/activate",
        "scripts/activate.fish", "scripts/activate_this.py", "data/pyvenv.cfg", "data/bin/python",
        "data/.gitignore", "data/.hutch/journal", "data/.hutch/lock", "data/lib64", "data/bin/activate.csh",
        "data/CACHEDIR.TAG",
    ],
)  # fmt: skip
def test_what_makes_the_environment_is_not_replaced(path: str, environment: Environment, wheel: Make) -> None:
    # The store refuses most of these already; this room does not rely on that.
    scheme, _, name = path.partition("/")
    evil = with_manifest(wheel("evil", "1", data={f"{scheme}/x": "#!/bin/sh\n"}), scheme, name)
    assert refused(environment, evil).clashes[0].owner == "the environment"


def with_manifest(wanted: Wanted, scheme: str, name: str) -> Wanted:
    """The same wheel with its one ``.data`` file under another name."""
    assert wanted.wheel is not None
    ((_, (row,)),) = wanted.wheel.manifest.data
    file = wanted.wheel.path / "data" / scheme
    (file / name).parent.mkdir(parents=True, exist_ok=True)
    (file / "x").rename(file / name)
    manifest = replace(wanted.wheel.manifest, data=((scheme, (row._replace(path=name),)),))
    return replace(wanted, wheel=replace(wanted.wheel, manifest=manifest))


@pytest.mark.parametrize("name", ["python", "python3", "activate", "Python", "python3.13t"])
def test_a_command_cannot_take_the_interpreters_name(
    name: str, environment: Environment, wheel: Make
) -> None:
    evil = wheel("evil", "1", console_scripts={"x": "evil:main"})
    assert evil.wheel is not None
    (script,) = evil.wheel.manifest.console_scripts
    manifest = replace(evil.wheel.manifest, console_scripts=(script._replace(name=name),))
    evil = replace(evil, wheel=replace(evil.wheel, manifest=manifest))
    assert refused(environment, evil).clashes[0].owner == "the environment"


@pytest.mark.parametrize("name", ["../escaped", "../../bin/x", "/tmp/x"])
def test_files_that_would_leave_the_environment_are_not_made(
    name: str, environment: Environment, wheel: Make
) -> None:
    evil = wheel("evil", "1", data={"data/x": ""})
    assert evil.wheel is not None
    ((scheme, (row,)),) = evil.wheel.manifest.data
    manifest = replace(evil.wheel.manifest, data=((scheme, (row._replace(path=name),)),))
    before = tree(environment.path.parent)
    with pytest.raises((Bug, DamagedWheel)):  # a manifest that the store never wrote
        sync(environment, replace(evil, wheel=replace(evil.wheel, manifest=manifest)))
    assert tree(environment.path.parent) == before


@pytest.mark.parametrize(
    "name",
    ["python-config", "pythonista", "activate-global-python-argcomplete", "pytest", "py.test", "pypi-server"],
)
def test_commands_that_only_look_like_it_are_fine(name: str) -> None:
    from hutch.env.removal import is_protected

    assert not is_protected(f"bin/{name}", "bin")


@pytest.mark.parametrize(
    "victim_file",
    ["victim/__init__.py", "victim-1.0.dist-info/RECORD", "victim-1.0.dist-info/METADATA"],
)
def test_data_files_cannot_reach_into_another_package(
    victim_file: str, environment: Environment, wheel: Make
) -> None:
    sync(environment, wheel("victim", "1.0", files={"victim/__init__.py": "good"}))
    for library in ("lib", "lib64"):
        where = environment.purelib.replace("lib/", library + "/", 1)
        evil = wheel("evil", "1", data={f"data/{where}/{victim_file}": "bad"})
        assert refused(environment, evil, keep={"victim"}).clashes[0].owner == "victim 1.0"


def test_two_wheels_of_one_plan_with_different_contents(environment: Environment, wheel: Make) -> None:
    one = wheel("aaa", "1", files={"tests/conftest.py": "one", "aaa.py": ""})
    other = wheel("bbb", "1", files={"tests/conftest.py": "two", "bbb.py": ""})
    clash = refused(environment, one, other).clashes[0]
    assert (clash.owner, clash.newcomer) == ("aaa 1", "bbb 1")


def test_a_file_and_a_directory_of_one_name(environment: Environment, wheel: Make) -> None:
    one = wheel("aaa", "1", files={"thing/x.py": ""})
    other = wheel("bbb", "1", data={f"data/{environment.purelib}/thing": "a file"})
    refused(environment, one, other)
    sync(environment, one)
    refused(environment, other, keep={"aaa"})
    sync(environment, other)
    refused(environment, one, keep={"bbb"})


def test_equal_files_have_two_owners_and_go_with_the_last(environment: Environment, wheel: Make) -> None:
    one = wheel("aaa", "1", files={"tests/__init__.py": "", "aaa.py": ""})
    other = wheel("bbb", "1", files={"tests/__init__.py": "", "bbb.py": ""})
    third = wheel("ccc", "1", files={"tests/__init__.py": "", "ccc.py": ""})
    before = tree(environment.root)
    sync(environment, one, other)
    sync(environment, one, other, third)
    shared = environment.site_packages / "tests" / "__init__.py"
    sync(environment, other, third)
    assert shared.exists()
    sync(environment, third)
    assert shared.exists()
    sync(environment)
    assert tree(environment.root) == before


def test_of_two_that_declare_one_command_the_one_that_requires_the_other_has_it(
    environment: Environment, wheel: Make
) -> None:
    lower = wheel("web-cli", "1", files={"web_cli.py": ""}, console_scripts={"web": "web_cli:main"})
    upper = wheel(
        "web", "1", requires=["Web_CLI>=1"], files={"web.py": ""}, console_scripts={"web": "web:main"}
    )
    command = environment.scripts_dir / "web"
    for order in ([lower, upper], [upper, lower]):
        sync(environment)
        sync(environment, *order)
        assert "from web import" in command.read_text()
        sync(environment)
        for one in order:
            sync(environment, one, keep={"web", "web-cli"})
        assert "from web import" in command.read_text()
        sync(environment, lower, upper, reinstall={"web-cli"})
        assert "from web import" in command.read_text()
    sync(environment, lower)
    assert not command.exists(), "gone with the one that had it"
    sync(environment, lower, reinstall={"web-cli"})
    stranger = wheel("stranger", "1", console_scripts={"web": "stranger:main"})
    assert refused(environment, stranger, keep={"web-cli"}).clashes[0].path == "bin/web"
    sync(environment)
    refused(environment, lower, stranger)


def test_who_is_allowed_to_replaces_what_another_has(environment: Environment, wheel: Make) -> None:
    notices: list[Event] = []

    def emit(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event)

    one = wheel("aaa", "1", files={"tests/x.py": "one", "aaa.py": ""})
    other = wheel("bbb", "1", files={"tests/x.py": "two", "bbb.py": ""})
    file = environment.site_packages / "tests" / "x.py"
    problem = refused(environment, one, other)
    assert problem.hints[-1] == "let it be replaced: --allow-clobber bbb"
    for order in ([one, other], [other, one]):
        sync(environment, *order, allow_clobber={"bbb"}, emit=emit)
        assert file.read_text() == "two"
        assert "tests/x.py" not in (environment.site_packages / "aaa-1.dist-info" / "RECORD").read_text()
        sync(environment)
    text = "bbb 1 replaced a file of aaa 1, as was allowed; reinstall aaa when bbb goes"
    assert notices[0] == Notice(text, warning=True)
    sync(environment, one)
    sync(environment, one, other, allow_clobber={"bbb"}, emit=emit)
    assert (file.read_text(), notices[-1]) == ("two", notices[0])
    sync(environment, other)
    assert file.read_text() == "two", "it is not the first one's any more"
    sync(environment)
    assert not file.exists()


def test_nobody_is_allowed_to_replace_the_environment(environment: Environment, wheel: Make) -> None:
    evil = with_manifest(wheel("evil", "1", data={"scripts/x": "#!/bin/sh\n"}), "scripts", "python")
    problem = refused(environment, evil, allow_clobber={"evil"})
    assert (problem.clashes[0].owner, problem.hints) == ("the environment", ())


def test_what_nobody_owns_makes_way_only_where_that_is_allowed(environment: Environment, wheel: Make) -> None:
    site = environment.site_packages
    (site / "alpha").mkdir()
    (site / "alpha" / "__init__.py").write_text("left over")
    (site / "alpha" / "notes.txt").write_text("mine")
    (site / "alpha" / "sub").write_text("a file where a directory is to be")
    alpha = wheel("alpha", "1", files={"alpha/__init__.py": "new", "alpha/sub/x.py": ""})
    problem = refused(environment, alpha)
    assert problem.what == "alpha 1 would overwrite files that no package owns"
    assert problem.hints == ("move them away, or let it be replaced: --allow-clobber alpha",)
    sync(environment, alpha, allow_clobber={"alpha"})
    assert (site / "alpha" / "__init__.py").read_text() == "new"
    assert (site / "alpha" / "notes.txt").read_text() == "mine"
    assert (site / "alpha" / "sub" / "x.py").exists()


def test_what_nobody_owns_and_is_the_same_anyway_is_no_trouble(environment: Environment, wheel: Make) -> None:
    site = environment.site_packages
    (site / "alpha" / "__pycache__").mkdir(parents=True)
    (site / "alpha" / "__init__.py").write_text("same")
    (site / "alpha" / "__pycache__" / "x.pyc").write_bytes(b"old")
    (site / "beta.py").mkdir()  # empty
    files = {"alpha/__init__.py": "same", "alpha/__pycache__/x.pyc": "new", "beta.py": ""}
    sync(environment, wheel("alpha", "1", files=files))
    assert (site / "alpha" / "__pycache__" / "x.pyc").read_text() == "new"
    assert (site / "beta.py").is_file()
    sync(environment)
    assert not (site / "alpha").exists()


@pytest.mark.parametrize("where", ["alpha", "alpha/deep", "alpha/__init__.py"])
def test_nothing_is_written_through_a_symbolic_link(
    where: str, environment: Environment, wheel: Make, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "__init__.py").write_text("theirs")
    link = environment.site_packages / where
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside / where.removeprefix("alpha").lstrip("/"))
    before = tree(outside)
    alpha = wheel("alpha", "1", files={"alpha/__init__.py": "ours", "alpha/deep/x.py": ""})
    refused(environment, alpha)
    sync(environment, alpha, allow_clobber={"alpha"})
    assert tree(outside) == before
    assert (environment.site_packages / "alpha" / "__init__.py").read_text() == "ours"
    assert not link.is_symlink()
    sync(environment)
    assert tree(outside) == before


@pytest.mark.parametrize(
    "path", ["lib", "LIB", "lib/python{}", "lib/python{}/site-packages", "bin", "include", "BIN/Python3"]
)
def test_no_file_takes_the_place_of_the_environments_directories(
    path: str, environment: Environment, wheel: Make
) -> None:
    minor = environment.purelib.split("/")[1].removeprefix("python")
    evil = with_manifest(wheel("evil", "1", data={"data/x": ""}), "data", path.format(minor))
    assert refused(environment, evil, allow_clobber={"evil"}).clashes[0].owner == "the environment"


@pytest.mark.parametrize("name", ["direct_url.json", "x/y", "RECORD", "METADATA"])
@pytest.mark.parametrize("whose", ["evil-1.dist-info", "victim-1.0.dist-info", "Gone-1.egg-info"])
def test_no_data_file_adds_to_the_records_of_a_distribution(
    whose: str, name: str, environment: Environment, wheel: Make
) -> None:
    sync(environment, wheel("victim", "1.0"))
    evil = wheel("evil", "1", data={f"data/{environment.purelib}/{whose}/{name}": "{}"})
    refused(environment, evil, keep={"victim"}, allow_clobber={"evil"})


def test_bytecode_of_a_module_belongs_to_its_owner(environment: Environment, wheel: Make) -> None:
    victim = wheel("victim", "1.0", files={"victim/__init__.py": "good"})
    files = {"victim/__pycache__/__init__.cpython-312.pyc": "evil", "evil.py": ""}
    evil = wheel("evil", "1", files=files)
    refused(environment, victim, evil)
    sync(environment, victim)
    assert refused(environment, evil, keep={"victim"}).clashes[0].owner == "victim 1.0"


def test_one_wheel_that_wants_a_place_twice_is_refused(environment: Environment, wheel: Make) -> None:
    files = {"alpha.py": "same"}
    refused(
        environment, wheel("alpha", "1", files=files, data={f"data/{environment.purelib}/alpha.py": "same"})
    )


def test_a_linked_site_packages_is_refused(environment: Environment, wheel: Make, tmp_path: Path) -> None:
    from hutch.env import CannotWrite

    os.rename(environment.site_packages, tmp_path / "elsewhere")
    environment.site_packages.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotWrite):
        sync(environment, wheel("alpha", "1"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_plan_for_another_state_is_not_applied(environment: Environment, wheel: Make) -> None:
    one, two = wheel("alpha", "1"), wheel("alpha", "2")
    first = plan_changes(environment.installed(), [one])
    again = plan_changes(environment.installed(), [two])
    apply_plan(first, environment)
    with pytest.raises(EnvironmentChanged):
        apply_plan(again, environment)
    upgrade = plan_changes(environment.installed(), [two])
    apply_plan(upgrade, environment)
    with pytest.raises(EnvironmentChanged):
        apply_plan(upgrade, environment)
    assert environment.installed()["alpha"].version == "2"


def test_code_that_runs_at_every_start_is_told(environment: Environment, wheel: Make) -> None:
    notices: list[Event] = []
    sync(
        environment,
        wheel("sly", "1", files={"sly.pth": "import os; os.getpid()\n"}),
        wheel("paths", "1", files={"paths.pth": "/some/where\n"}),
        emit=notices.append,
    )
    (notice,) = [event for event in notices if isinstance(event, Notice)]
    assert "sly 1" in notice.text
    assert "sly.pth" in notice.text
    assert notice.warning


def test_a_wheel_of_another_package_is_refused(environment: Environment, wheel: Make) -> None:
    real = wheel("alpha", "1.0")
    for name, version in (("beta", "1.0"), ("alpha", "2.0")):
        with pytest.raises(WrongWheel):
            sync(environment, replace(real, name=name, version=version))
    sync(environment, replace(real, version="1"))
    assert environment.installed()["alpha"].version == "1.0"


def test_where_letter_case_does_not_count_two_spellings_are_one_file(
    environment: Environment, wheel: Make
) -> None:
    one = wheel("aaa", "1", files={"Thing/x.py": "1"})
    other = wheel("bbb", "1", files={"thing/x.py": "2"})
    if not (environment.path / "PYVENV.CFG").exists():
        sync(environment, one, other)
        sync(environment)
        (environment.path / "PYVENV.CFG").write_text("")  # as if this file system were such a one
    refused(environment, one, other)


def test_where_letter_case_does_not_count_owners_are_found_by_any_spelling(
    environment: Environment, wheel: Make
) -> None:
    sync(environment, wheel("victim", "1.0", files={"victim/\u00e9.py": "good"}))
    if not (environment.path / "PYVENV.CFG").exists():
        (environment.path / "PYVENV.CFG").write_text("")  # as if this file system were such a one
        (environment.site_packages / "VICTIM").mkdir()
        (environment.site_packages / "VICTIM" / "E\u0301.py").write_text("good")
    evil = wheel("evil", "1", files={"VICTIM/E\u0301.py": "bad"})
    assert refused(environment, evil, keep={"victim"}).clashes[0].owner == "victim 1.0"
    sync(environment, wheel("evil", "1"), keep={"victim"})
    record = environment.site_packages / "evil-1.dist-info" / "RECORD"
    text = record.read_text()
    record.unlink()
    record.write_text(f"{text}VICTIM/E\u0301.py,,\n")
    sync(environment, keep={"victim"})
    assert (environment.site_packages / "VICTIM" / "E\u0301.py").read_text() == "good"
