"""``hutch python upgrade`` and ``uninstall``: environments survive. And Pythons that nobody asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, manifest, shown
from commands.test_python_install import KEYS, archives, folder, play, python, says, stock, there
from hutch.env import open_environment
from interpreters.managed.archives import Archive

__all__ = ["archives", "folder", "play"]  # fixtures

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the archives are made from Pythons of pyenv")


@pytest.fixture
def patches(archives: dict[str, Archive]) -> tuple[Archive, Archive]:
    """Two patch releases of 3.11, both real."""
    found = sorted(
        (one for name, one in archives.items() if name.startswith("3.11.")), key=lambda one: one.version
    )
    if len(found) < 2:
        pytest.skip("there are no two patch releases of 3.11 here (Debian's and pyenv's)")
    return found[0], found[-1]


def number(one: Archive) -> str:
    return ".".join(map(str, one.version))


@pytest.fixture
def older(play: Any, folder: Path, patches: tuple[Archive, Archive]) -> Any:
    """A project whose Python is the older patch; the newer one has come to the mirror since."""
    stock(folder, patches[0])
    play.run("python install 3.11").ok()
    stock(folder, *patches)
    filtered = play.filtered
    first, second = map(number, patches)
    play.filtered = lambda text: filtered(text.replace(first, "<old>").replace(second, "<new>"))
    return play


def through_the_alias(made: Any) -> str:
    """The newest 3.11 of hutch's, by the name that stays: others of this machine may be newer."""
    return str(made.home / "data" / "python" / f"cpython-3.11-{KEYS}" / "bin" / "python")


def test_an_environment_runs_the_new_patch(older: Any, index: Any, patches: tuple[Archive, Archive]) -> None:
    index.add_wheel("alpha", "1.0")
    older.write({"pyproject.toml": manifest("alpha")})
    older.run("sync", environ={"HUTCH_PYTHON": through_the_alias(older)}).ok()
    print_version = "run python -c 'import alpha, sys; print(*sys.version_info[:3], sep=str(\".\"))'"
    assert older.run(print_version).ok().stdout == "<old>\n"
    settings = (older / ".venv" / "pyvenv.cfg").read_text()
    assert f"home = {os.path.dirname(through_the_alias(older))}\n" in settings
    assert shown(older.run("python upgrade")) == block("""
        exit 0
        Upgraded CPython <old> → <new>; 1 environment follows
        """)
    for _ in range(2):
        ran = older.run(print_version).ok()
        assert (ran.stdout, ran.stderr) == ("<new>\n", "")
    assert "Nothing to do" in older.run("sync").ok().stderr
    assert open_environment(older / ".venv").python_version == number(patches[1])
    assert "sound" in older.run("env verify").ok().stderr
    assert (older / ".venv" / "pyvenv.cfg").read_text() == settings
    assert there(older) == [f"cpython-{number(one)}" for one in patches]
    assert shown(older.run("python upgrade --prune")) == block(f"""
        exit 0
        CPython <new> is the newest
         - cpython-<old>-{KEYS}
        """).replace(KEYS, "<machine>")
    assert older.run(print_version).ok().stdout == "<new>\n"


def test_who_asked_for_a_patch_keeps_it(older: Any, patches: tuple[Archive, Archive]) -> None:
    old = number(patches[0])
    older.run(f"venv --python {old} mine").ok()
    # Debian's own has the same version and is met later.
    assert f"cpython-{old}-{KEYS}" in (older / "mine" / "pyvenv.cfg").read_text().split("\n")[0]
    older.run("venv --python 3.11.0 mine2")
    older.run("python upgrade 3.11").ok()
    assert says(older / "mine" / "bin" / "python") == old


def test_who_asks_for_a_minor_version_gets_the_name_that_follows_it(play: Any) -> None:
    play.environ["PATH"] = "/nowhere"
    play.run("python install 3.12").ok()
    for words, key in [("3.12", f"cpython-3.12-{KEYS}"), ("3.12.1", f"cpython-3.12.1-{KEYS}")]:
        play.run(f"venv --python {words} made-with-{words}").ok()
        settings = (play / f"made-with-{words}" / "pyvenv.cfg").read_text()
        assert settings.startswith(f"home = {play.home}/data/python/{key}/bin\n")


def test_a_patch_that_somebody_asked_for_is_not_pruned(
    older: Any, index: Any, patches: tuple[Archive, Archive]
) -> None:
    index.add_wheel("alpha", "1.0")
    older.write({"pyproject.toml": manifest("alpha"), ".python-version": number(patches[0])})
    older.run("sync").ok()
    assert shown(older.run("python upgrade --prune")) == block(f"""
        exit 0
        Upgraded CPython <old> → <new>
        cpython-<old>-{KEYS} stays: 1 environment asked for it
        """).replace(KEYS, "<machine>")
    assert says(older / ".venv" / "bin" / "python") == number(patches[0])
    assert len(there(older)) == 2


def test_what_would_be_upgraded(older: Any) -> None:
    assert shown(older.run("python upgrade --dry-run")) == block("""
        exit 0
        Would upgrade CPython <old> → <new>
        """)
    outcome = json.loads(older.run("python upgrade --dry-run --json").ok().stdout)
    (one,) = outcome["upgraded"]
    assert (one["before"], one["after"], outcome["dry_run"]) == ("<old>", "<new>", True)
    assert len(there(older)) == 1


def test_what_was_compiled_here_stays(older: Any, patches: tuple[Archive, Archive]) -> None:
    facts = Path(through_the_alias(older)).parents[1] / ".hutch-build.json"
    facts.write_text(facts.read_text().replace('"compiled": false', '"compiled": true'))
    assert shown(older.run("python upgrade")) == block("""
        exit 0
        CPython <old> was compiled here: a newer one comes by --build 3.11
        """)
    assert there(older) == [f"cpython-{number(patches[0])}"]


def test_nothing_to_upgrade(play: Any) -> None:
    assert shown(play.run("python upgrade")) == block("""
        exit 0
        Hutch has installed no Python yet: hutch python install
        """)
    assert shown(play.run("python upgrade 3.12")) == block("""
        exit 1
        error: hutch has installed no Python 3.12
          hutch has installed no Python yet
        try: hutch python install 3.12
         or: what others installed is upgraded and removed by them
        """)
    assert play.run("python upgrade 3.12 --all").exit_code == 2


def test_an_upgrade_that_cannot_be_had_leaves_all_as_it_was(
    older: Any, folder: Path, patches: tuple[Archive, Archive]
) -> None:
    (folder / patches[1].name).unlink()
    ran = older.run("python upgrade --prune")
    assert ran.exit_code == 3
    assert "the archive of CPython <new> cannot be had" in ran.stderr
    assert there(older) == [f"cpython-{number(patches[0])}"]
    assert says(Path(through_the_alias(older))) == number(patches[0])


def test_environments_run_the_next_lower_patch_when_the_newest_goes(
    older: Any, index: Any, patches: tuple[Archive, Archive]
) -> None:
    index.add_wheel("alpha", "1.0")
    older.write({"pyproject.toml": manifest("alpha")})
    older.run("python upgrade").ok()
    older.run("sync", environ={"HUTCH_PYTHON": through_the_alias(older)}).ok()
    assert shown(older.run(f"python uninstall {number(patches[1])}")) == block("""
        exit 0
        Removed 1 Python
         - CPython <new>
        1 environment now runs CPython <old>
        """)
    assert says(older / ".venv" / "bin" / "python") == number(patches[0])


def test_a_python_that_environments_need_stays_unless_it_is_forced(play: Any, index: Any) -> None:
    index.add_wheel("alpha", "1.0")
    play.write({"pyproject.toml": manifest("alpha"), ".python-version": "3.12\n"})
    play.environ["PATH"] = "/nowhere"
    play.run("python install").ok()
    play.run("sync").ok()
    assert shown(play.run("python uninstall 3.12")) == block("""
        exit 1
        error: CPython 3.12.1 is the Python of environments, which would not start without it
          <project>/.venv
        try: hutch env remove takes a named one away; hutch sync --python makes a project's anew
         or: --force removes it all the same; hutch sync then makes them anew, with another Python
        """)
    assert says(play / ".venv" / "bin" / "python") == "3.12.1"
    assert shown(play.run("python uninstall --all --dry-run")) == block("""
        exit 0
        Would remove 1 Python
         - CPython 3.12.1
        1 environment would lose its Python:
           .venv
        """)
    assert there(play) == ["cpython-3.12.1"]
    assert play.run("python uninstall 3.12 --force --json").ok().stdout.count("broken") == 1
    assert there(play) == []
    # The next command heals it: the Python that is pinned is fetched again.
    healed = play.run("sync", environ={"HUTCH_PYTHON_DOWNLOADS": "automatic"}).ok()
    assert "installed CPython 3.12.1" in healed.stderr
    assert says(play / ".venv" / "bin" / "python") == "3.12.1"


def test_the_active_environment_counts(play: Any, tmp_path: Path) -> None:
    """It has no package, and lies anywhere: nothing else knows of it."""
    play.environ["PATH"] = "/nowhere"
    play.run("python install 3.12").ok()
    active = tmp_path / "elsewhere" / "active"
    play.run(f"venv --python 3.12 {active}").ok()
    ran = play.run("python uninstall 3.12", environ={"VIRTUAL_ENV": str(active)})
    assert ran.exit_code == 1
    assert str(active) in ran.stderr
    assert play.run("python uninstall 3.12").ok()


def test_what_was_not_installed_is_not_removed(play: Any) -> None:
    play.run("python install 3.12").ok()
    assert shown(play.run("python uninstall 3.13")) == block("""
        exit 1
        error: hutch has installed no Python 3.13
          there is CPython 3.12.1
        try: hutch python install 3.13
         or: what others installed is upgraded and removed by them
        """)
    assert play.run("python uninstall").exit_code == 2
    assert play.run("python uninstall 3.12 --all").exit_code == 2
    assert play.run(f"python uninstall cpython-3.12.1-{KEYS}").ok()
    assert there(play) == []


# -- where no Python fits --------------------------------------------------------------------------


@pytest.fixture
def bare(play: Any) -> Any:
    """A project that pins 3.12, on a machine where no 3.12 is found."""
    play.write({".python-version": "3.12\n"})
    play.environ.update(PATH="/nowhere", HUTCH_PYTHON_DOWNLOADS="automatic")
    found = play.run("venv --python 3.12 --dry-run x", environ={"HUTCH_PYTHON_DOWNLOADS": "never"})
    assert there(play) == []
    if found.exit_code == 0:
        pytest.skip("the Python of the system, or of this suite, is a 3.12")
    return play


@pytest.mark.parametrize("command", ["sync", "lock", "venv"])
def test_a_python_is_installed_where_none_fits(bare: Any, command: str) -> None:
    ran = bare.run(command).ok()
    assert "note: installed CPython 3.12.1, as no Python of this machine fits\n" in ran.stderr
    assert there(bare) == ["cpython-3.12.1"]
    again = bare.run("sync").ok()
    assert "installed CPython" not in again.stderr
    assert says(bare / ".venv" / "bin" / "python") == "3.12.1"


@pytest.mark.parametrize("downloads", ["manual", "never"])
def test_it_is_not_where_that_is_switched_off(bare: Any, downloads: str) -> None:
    ran = bare.run("sync", environ={"HUTCH_PYTHON_DOWNLOADS": downloads})
    assert ran.exit_code == 1
    assert "no Python was found for `3.12" in ran.stderr
    assert "none was installed" not in ran.stderr
    assert there(bare) == []


def test_a_checkout_does_not_switch_it_on(bare: Any) -> None:
    bare.write({"pyproject.toml": manifest(more='[tool.hutch]\npython-downloads = "automatic"\n')})
    bare.environ["HUTCH_PYTHON_DOWNLOADS"] = None
    (bare.home / ".config" / "hutch").mkdir(parents=True)
    (bare.home / ".config" / "hutch" / "hutch.toml").write_text('python-downloads = "never"\n')
    assert bare.run("sync").exit_code == 1
    assert there(bare) == []


def test_without_a_network_the_reason_is_told(bare: Any) -> None:
    ran = bare.run("sync --offline", environ={"HUTCH_PYTHON_MIRROR": "https://pythons.example"})
    assert ran.exit_code == 1
    assert "no Python was found for `3.12" in ran.stderr
    assert "and the network is switched off" in ran.stderr


def test_a_folder_needs_no_network(bare: Any) -> None:
    bare.run("sync --offline").ok()
    assert there(bare) == ["cpython-3.12.1"]


def test_a_version_that_nobody_has(bare: Any) -> None:
    bare.write({".python-version": "3.9\n", "pyproject.toml": manifest(python=">=3.8")})
    ran = bare.run("sync")
    assert ran.exit_code == 1
    assert "none was installed: no build fits either (" in ran.stderr


def test_a_wrong_hash_is_not_passed_over(bare: Any, folder: Path, archives: dict[str, Archive]) -> None:
    stock(folder, archives["3.12.1"], sha256="ab" * 32)
    ran = bare.run("sync")
    assert ran.exit_code == 1
    assert f"the hash of {archives['3.12.1'].name} is wrong" in ran.stderr
    assert there(bare) == []


def test_a_path_is_never_installed(bare: Any, project: Callable[..., Any]) -> None:
    ran = bare.run("venv --python /nowhere/python3.12 x")
    assert ran.exit_code == 1
    assert there(bare) == []
    assert python(bare, "3.12.1").parent.parent.name.startswith("cpython")


def test_a_pin_of_another_patch_is_obeyed_though_there_is_an_environment(
    older: Any, patches: tuple[Archive, Archive]
) -> None:
    first, second = map(number, patches)
    older.run("python upgrade").ok()
    older.environ["HUTCH_PYTHON"] = None
    version = "run python -c 'import sys; print(*sys.version_info[:3], sep=str(\".\"))'"
    older.write({"pyproject.toml": manifest(), ".python-version": f"{second}\n"})
    assert older.run(version).ok().stdout == "<new>\n"
    older.write({".python-version": f"{first}\n"})
    for _ in range(2):
        assert older.run(version).ok().stdout == "<old>\n"
    # A minor version is no reason to make it anew, and a bound that it does not keep to is.
    older.write({".python-version": "3.11\n"})
    assert older.run(version).ok().stdout == "<old>\n"
    older.write({"pyproject.toml": manifest(python=f">={second}")})
    assert older.run(version).ok().stdout == "<new>\n"


def test_one_of_several_environments_follows_as_well(older: Any) -> None:
    older.write({"pyproject.toml": manifest()})
    older.environ["HUTCH_PYTHON"] = None
    older.run(f"sync --env train --python {through_the_alias(older)}").ok()
    older.run("python upgrade").ok()
    version = "run --env train python -c 'import sys; print(*sys.version_info[:3], sep=str(\".\"))'"
    ran = older.run(version).ok()
    assert (ran.stdout, ran.stderr) == ("<new>\n", "")
