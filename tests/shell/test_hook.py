"""The shell hook in real shells: when it asks, what it says, whom it leaves alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from shell.hooked import SHELLS, Hooked, hooked


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Hooked:
    return hooked(request.param, tmp_path)


def only(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shell", names, indirect=True)


# -- when it asks ----------------------------------------------------------------------------------


def test_nobody_is_asked_where_nothing_changes(shell: Hooked) -> None:
    one = shell.project("one")
    deep = one / "a" / "b"
    deep.mkdir(parents=True)
    (shell.top / "out" / "elsewhere").mkdir()
    outside = [shell.cd(shell.top / "out" / "elsewhere"), shell.look, shell.look, shell.cd(shell.top / "out")]
    shell.run([shell.look, shell.look, *outside, shell.look])
    assert shell.calls() == 0
    shell.run([shell.cd(one), shell.look, shell.look, shell.cd(deep), shell.look, shell.look])
    assert shell.calls() == 1
    shell.run([shell.cd(one), shell.look, shell.cd(shell.top / "out"), shell.look, shell.look])
    assert shell.calls() == 1


def test_a_version_in_a_pin_is_no_environment_to_ask_about(shell: Hooked) -> None:
    (shell.top / ".python-version").write_text("3.12.1\n# it-is\n3.11\n")
    shell.run([shell.look, shell.cd(shell.top), shell.look])
    assert shell.calls() == 0


def test_an_untrusted_project_is_asked_about_once(shell: Hooked) -> None:
    strange, one = shell.project("strange", trusted=False), shell.project("one")
    (strange / "sub").mkdir()
    lines = [shell.cd(strange), shell.look, shell.look, shell.cd(strange / "sub"), shell.look, shell.dump]
    lines += [shell.cd(one), shell.look, shell.cd(strange), shell.look]
    dumps, errors = shell.said(lines)
    said = f"hutch: .venv of {strange} is not activated: `hutch allow` to trust it\n"
    assert errors == said
    assert "VIRTUAL_ENV" not in dumps[0].environ
    assert dumps[0].environ["PATH"] == "/usr/bin:/bin"


def test_where_one_does_not_stand_in_the_project_it_is_named(shell: Hooked) -> None:
    strange = shell.project("it's strange", trusted=False)
    (strange / "sub").mkdir()
    _, errors = shell.said([shell.cd(strange / "sub"), shell.look])
    quoted = str(strange).replace("'", "'\\''")
    assert f"`hutch allow '{quoted}'` to trust it" in errors


def test_the_prompt_after_allow_activates_and_that_after_deny_leaves(shell: Hooked) -> None:
    strange = shell.project("strange", trusted=False)
    hutch = shell.top / "bin" / "hutch"
    data = f"HUTCH_DATA_DIR={shell.data}"
    call = {"elvish": "e:/usr/bin/env", "nu": "^/usr/bin/env"}.get(shell.name, "/usr/bin/env")
    told = {"HUTCH_CACHE_DIR": str(shell.top / "cache")}
    shell.allow(strange)
    os.rename(shell.data / "trust", shell.data / "later")  # what `hutch allow` will have written
    lines = [shell.cd(strange), shell.look, shell.dump]
    lines += [f"{call} {data} {hutch} allow -q", shell.look, shell.dump]
    lines += [f"{call} {data} {hutch} deny -q", shell.look, shell.dump]
    shutil.rmtree(shell.data / "later")
    first, allowed, denied = shell.run(lines, **told)
    assert "VIRTUAL_ENV" not in first.environ
    assert allowed.environ["VIRTUAL_ENV"] == str(strange / ".venv")
    assert "VIRTUAL_ENV" not in denied.environ
    _, errors = shell.said([shell.cd(strange), shell.look])
    assert errors == ""  # it was denied, and is not asked about


def test_an_environment_that_was_replaced_is_asked_about_again(shell: Hooked) -> None:
    one = shell.project("one")
    os.rename(one / ".venv", one / "old")
    shutil.copytree(one / "old", one / ".venv")
    dumps, errors = shell.said([shell.cd(one), shell.look, shell.dump])
    assert "it is not the one that was trusted: `hutch allow`" in errors
    assert "VIRTUAL_ENV" not in dumps[0].environ


def test_an_environment_that_appears_is_there_at_the_next_prompt(shell: Hooked) -> None:
    one = shell.project("one")
    os.rename(one / ".venv", one / "made")
    move = {"elvish": "e:mv", "nu": "^mv"}.get(shell.name, "mv")
    lines = [shell.cd(one), shell.look, shell.dump, f"{move} made .venv", shell.look, shell.dump]
    before, after = shell.run([*lines, f"{move} .venv made", shell.look, shell.dump])[:2]
    assert "VIRTUAL_ENV" not in before.environ
    assert after.environ["VIRTUAL_ENV"] == str(one / ".venv")


def test_a_hutch_that_is_gone_is_no_trouble(shell: Hooked) -> None:
    one = shell.project("one")
    (shell.top / "bin" / "hutch").unlink()
    dumps, errors = shell.said([shell.cd(one), shell.look, shell.dump])
    assert errors == ""
    assert "VIRTUAL_ENV" not in dumps[0].environ


def test_it_can_be_switched_off_and_made_quiet(shell: Hooked) -> None:
    one, strange = shell.project("one"), shell.project("strange", trusted=False)
    lines = [shell.cd(one), shell.look, shell.set("HUTCH_SHELL_HOOK", "off"), shell.look, shell.dump]
    lines += [shell.cd(strange), shell.look, shell.set("HUTCH_SHELL_HOOK", "quiet"), shell.look]
    lines += [shell.cd(one), shell.look, shell.dump]
    (off, quiet), errors = shell.said(lines)
    assert errors == ""
    assert "VIRTUAL_ENV" not in off.environ
    assert quiet.environ["VIRTUAL_ENV"] == str(one / ".venv")


def test_evaluating_it_twice_is_evaluating_it_once(shell: Hooked) -> None:
    if shell.name == "elvish":
        pytest.skip("in a script each has a state of its own; test_hook_prompts.py does it for real")
    one = shell.project("one")
    lines = [shell.cd(one), shell.look, shell.load(), shell.look, shell.cd(shell.top / "out"), shell.look]
    last = shell.run([*lines, shell.dump])[-1]
    assert last.environ["PATH"] == "/usr/bin:/bin"
    assert "VIRTUAL_ENV" not in last.environ


# -- whom it leaves alone --------------------------------------------------------------------------


def test_an_environment_that_is_active_already_is_left_alone(shell: Hooked) -> None:
    one = shell.project("one")
    lines = [shell.cd(one), shell.look, shell.dump, shell.unset("VIRTUAL_ENV"), shell.look, shell.dump]
    by_hand, without = shell.run(lines, VIRTUAL_ENV="/by/hand")
    assert by_hand.environ["VIRTUAL_ENV"] == "/by/hand"
    assert by_hand.environ["PATH"] == "/usr/bin:/bin"
    assert without.environ["VIRTUAL_ENV"] == str(one / ".venv")
    assert shell.calls() == 1


@pytest.mark.parametrize(("name", "active"), [("base", True), ("train", False)])
def test_a_named_environment_of_conda_is_left_alone_and_base_is_not_in_the_way(
    shell: Hooked, name: str, active: bool
) -> None:
    one = shell.project("one")
    variables = {"CONDA_PREFIX": "/conda", "CONDA_DEFAULT_ENV": name}
    dump = shell.run([shell.cd(one), shell.look, shell.dump], **variables)[0]
    assert ("VIRTUAL_ENV" in dump.environ) is active


def test_another_that_is_activated_inside_takes_over(shell: Hooked) -> None:
    """As a script of `venv` does it, which knows nothing of the hook."""
    one = shell.project("one")
    lines = [
        shell.cd(one),
        shell.look,
        shell.set("VIRTUAL_ENV", "/by/hand"),
        shell.before_path("/by/hand/bin"),
    ]
    lines += [shell.look, shell.dump, shell.cd(shell.top / "out"), shell.look, shell.dump]
    given = {} if shell.name == "xonsh" else {"PYTHONHOME": "/home of python"}
    inside, outside = shell.run(lines, **given)
    for dump in (inside, outside):
        assert dump.environ["VIRTUAL_ENV"] == "/by/hand"
        assert dump.environ["PATH"] == "/by/hand/bin:/usr/bin:/bin"
        assert "HUTCH_SHELL_STATE" not in dump.environ


@only("bash", "zsh", "fish")
def test_venvs_own_script_inside_and_out_again(shell: Hooked) -> None:
    one = shell.project("one")
    other = shell.top / "other"
    import venv

    venv.create(other, with_pip=False)
    script = other / "bin" / ("activate.fish" if shell.name == "fish" else "activate")
    lines = [shell.set("PS1", "$ "), shell.dump]  # the script exports it
    lines += [shell.cd(one), shell.look, f"source {shell.word(script)}", shell.look, shell.dump]
    lines += [shell.cd(shell.top / "out"), shell.look, "deactivate", shell.look, shell.dump]
    before, inside, after = shell.run(lines, PYTHONHOME="/home of python")
    assert inside.environ["PATH"] == f"{other}/bin:/usr/bin:/bin"
    assert inside.environ["VIRTUAL_ENV"] == str(other)
    assert "PYTHONHOME" not in inside.environ
    assert after.variables == before.variables
    assert after.environ["PYTHONHOME"] == "/home of python"


@only("bash", "zsh", "fish", "xonsh")
def test_deactivate_leaves_until_another_environment_is_met(shell: Hooked) -> None:
    one, two = shell.project("one"), shell.project("two")
    (one / "sub").mkdir()
    lines = [
        shell.cd(one),
        shell.look,
        "deactivate",
        shell.look,
        shell.cd(one / "sub"),
        shell.look,
        shell.dump,
    ]
    left, met = shell.run([*lines, shell.cd(two), shell.look, shell.dump])
    assert "VIRTUAL_ENV" not in left.environ
    assert left.environ["PATH"] == "/usr/bin:/bin"
    assert "function deactivate" not in left.names
    assert met.environ["VIRTUAL_ENV"] == str(two / ".venv")


@pytest.mark.parametrize(
    "name", ["it's here", 'dou"ble', "do$HOME$(touch x)`touch x`", "ü", "two\nlines", "[x]*?", "-n", "\\"]
)
def test_folders_with_odd_names(shell: Hooked, name: str) -> None:
    if "\n" in name and shell.name in ("elvish", "nu", "fish"):
        pytest.skip("hutch makes no environment there, and trusts none")
    odd = shell.project(name, trusted="\n" not in name)
    lines = [shell.cd(odd), shell.look, shell.dump, shell.cd(shell.top / "out"), shell.look, shell.dump]
    (inside, outside), errors = shell.said(lines)
    if "\n" in name:
        assert errors.count("is not activated") == 1
    else:
        assert (inside.environ["VIRTUAL_ENV"], errors) == (f"{odd}/.venv", "")
    assert outside.environ["PATH"] == "/usr/bin:/bin"
    assert "VIRTUAL_ENV" not in outside.environ
    assert not list(shell.top.rglob("x"))


@only("bash", "zsh", "fish")
def test_a_folder_that_is_gone(shell: Hooked) -> None:
    one = shell.project("one")
    (one / "gone").mkdir()
    lines = [shell.cd(one / "gone"), f"rmdir {shell.word(one / 'gone')}", shell.look, shell.look, shell.dump]
    dumps, errors = shell.said([*lines, shell.cd(shell.top / "out"), shell.look, shell.dump])
    assert errors == ""
    assert "VIRTUAL_ENV" not in dumps[1].environ
    assert shell.calls() <= 1


# -- names, redirects, nested shells ---------------------------------------------------------------


def test_a_name_in_a_pin_is_an_environment_of_hutch_or_of_pyenv(shell: Hooked) -> None:
    for folder, name in (
        (shell.data / "envs", "train"),
        (shell.top / "home" / ".pyenv" / "versions", "web-3"),
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "pyvenv.cfg").write_text("")
        (shell.top / "out" / name).mkdir()
        (shell.top / "out" / name / ".python-version").write_text(f"{name}\n")
    (shell.top / "out" / "none").mkdir()
    (shell.top / "out" / "none" / ".python-version").write_text("../../envs/train\nnobody\n")
    lines = []
    for name in ("train", "web-3", "none"):
        lines += [shell.cd(shell.top / "out" / name), shell.look, shell.dump]
    train, web, none = shell.run(lines)
    assert train.environ["VIRTUAL_ENV"] == str(shell.data / "envs" / "train")
    assert train.environ["VIRTUAL_ENV_PROMPT"] == "train"
    assert web.environ["VIRTUAL_ENV"] == str(shell.top / "home" / ".pyenv" / "versions" / "web-3")
    assert "VIRTUAL_ENV" not in none.environ


def test_a_named_environment_that_comes_or_goes_is_seen_without_going_anywhere(shell: Hooked) -> None:
    here, other = shell.top / "out" / "later", shell.data / "envs" / "made"
    for folder in (here, other):
        folder.mkdir(parents=True)
    (other / "pyvenv.cfg").write_text("")
    (here / ".python-version").write_text("later\n")
    move = "^/bin/mv" if shell.name == "nu" else "/bin/mv"
    named = other.with_name("later")
    dumps = shell.run(
        [
            *(shell.cd(here), shell.look, shell.dump),
            *(f"{move} {shell.word(other)} {shell.word(named)}", shell.look, shell.dump),
            *(f"{move} {shell.word(named)} {shell.word(other)}", shell.look, shell.dump),
        ]
    )
    assert [each.environ.get("VIRTUAL_ENV") for each in dumps] == [None, str(named), None]


def test_a_file_that_says_where_the_environment_is(shell: Hooked) -> None:
    one = shell.top / "one"
    place = shell.top / "central"
    for folder in (one, place):
        folder.mkdir()
    (place / "pyvenv.cfg").write_text("prompt = one\n")
    (one / ".venv").write_text("../central\n")
    lines = [shell.cd(one), shell.look, shell.dump]
    dumps, errors = shell.said(lines)
    assert "VIRTUAL_ENV" not in dumps[0].environ
    assert f"the environment of {one} is not activated" in errors
    shell.allow(one)
    assert shell.run(lines)[0].environ["VIRTUAL_ENV"] == str(place)


@pytest.mark.parametrize("child", SHELLS)
def test_a_shell_inside_puts_back_what_the_one_around_it_has_changed(child: str, tmp_path: Path) -> None:
    outer = hooked("bash", tmp_path / "outer")
    inner = hooked(child, tmp_path / "inner")
    one = outer.project("one", env="FOO=its own\nBAR=other")
    lines = [outer.cd(one), outer.look, outer.dump]
    inherited = outer.run(lines, FOO="b$ef ore", PYTHONHOME="/home of python")[0].environ
    assert inherited["FOO"] == "its own"
    given = {name: inherited[name] for name in inherited if name not in ("PWD", "SHLVL", "_", "OLDPWD")}
    if child == "xonsh":
        given.pop("PYTHONHOME", None)
    dump = inner.run([inner.look, inner.dump], **given)[0].environ
    assert dump["PATH"] == "/usr/bin:/bin"
    assert dump["FOO"] == "b$ef ore"
    assert dump["PYTHONHOME"] == "/home of python"
    assert not {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "BAR", "HUTCH_SHELL_STATE"} & set(dump)


@only("bash", "zsh", "fish", "elvish", "nu")
def test_a_shell_inside_keeps_an_environment_that_was_activated_for_it(shell: Hooked) -> None:
    """By somebody who knows nothing of the hook, and passes its state on."""
    one = shell.project("one")
    state = "1;/project/.venv;/project/.venv/bin;project;VIRTUAL_ENV;VIRTUAL_ENV_PROMPT"
    state += ";FOO=before;PYTHONHOME=/old"
    given = {
        "VIRTUAL_ENV": "/by/hand",
        "VIRTUAL_ENV_PROMPT": "hand",
        "PATH": "/by/hand/bin:/project/.venv/bin:/usr/bin:/bin",
        "FOO": "of the project",
        "HUTCH_SHELL_STATE": state,
    }
    dump = shell.run([shell.cd(one), shell.look, shell.look, shell.dump], **given)[0].environ
    assert (dump["VIRTUAL_ENV"], dump["VIRTUAL_ENV_PROMPT"]) == ("/by/hand", "hand")
    assert dump["PATH"] == "/by/hand/bin:/usr/bin:/bin"
    assert dump["FOO"] == "before"
    assert not {"PYTHONHOME", "HUTCH_SHELL_STATE"} & set(dump)


@pytest.mark.parametrize(
    "state", ["1", "1;%zz;b;c", "2;a;b;c", "1;a;b;c;X Y=1", "1;a;b;c;$(touch x)=1", "1;a%00;b;c"]
)
@pytest.mark.parametrize("name", SHELLS)
def test_a_state_that_nobody_wrote_is_no_trouble(state: str, name: str, tmp_path: Path) -> None:
    shell = hooked(name, tmp_path)
    dumps, errors = shell.said([shell.look, shell.look, shell.dump], HUTCH_SHELL_STATE=state)
    assert errors == ""
    assert dumps[0].environ["PATH"] == "/usr/bin:/bin"
    assert "HUTCH_SHELL_STATE" not in dumps[0].environ
    assert shell.calls() == 1
    assert not list(tmp_path.rglob("x"))


# -- env files -------------------------------------------------------------------------------------


def test_an_env_file_is_loaded_as_it_was_trusted_and_not_otherwise(shell: Hooked) -> None:
    one = shell.project("one", env="FOO='a b'\nLD_PRELOAD=/evil\nPATH=/evil\nPYTHONPATH=lib\n")
    lines = [shell.cd(one), shell.look, shell.dump]
    dumps, errors = shell.said(lines)
    assert dumps[0].environ["FOO"] == "a b"
    assert dumps[0].environ["PYTHONPATH"] == "lib"
    assert "LD_PRELOAD" not in dumps[0].environ
    assert "/evil" not in dumps[0].environ["PATH"]
    assert errors == f"hutch: .env of {one} may not set LD_PRELOAD, PATH\n"
    (one / ".env").write_text("FOO=changed-and-secret\n")
    dumps, errors = shell.said(lines)
    assert "FOO" not in dumps[0].environ
    assert dumps[0].environ["VIRTUAL_ENV"] == str(one / ".venv")
    assert "secret" not in errors
    assert (
        errors == f"hutch: .env of {one} is not what was trusted, and not loaded: `hutch allow` to load it\n"
    )


@only("bash", "zsh", "fish", "xonsh", "nu")
def test_an_env_file_that_is_changed_while_one_is_there_is_taken_away(shell: Hooked) -> None:
    one = shell.project("one", env="FOO=1")
    future = {"nu": "^"}.get(shell.name, "")
    lines = [
        shell.cd(one),
        shell.look,
        shell.dump,
        f"{future}touch -d 2099-01-01 .env",
        shell.look,
        shell.look,
    ]
    lines += [
        shell.dump,
        f"{future}cp .env.new .env",
        f"{future}touch -d 2099-01-02 .env",
        shell.look,
        shell.dump,
    ]
    (one / ".env.new").write_text("FOO=2")
    before, touched, changed = shell.run(lines)
    assert (before.environ["FOO"], touched.environ["FOO"]) == ("1", "1")
    assert "FOO" not in changed.environ
    assert shell.calls() == 3  # a new date is looked at once


def test_an_env_file_with_a_fault_is_told_of_and_the_environment_is_activated(shell: Hooked) -> None:
    one = shell.project("one", env="FOO=1")
    (one / ".env").write_text("this is no assignment")
    dumps, errors = shell.said([shell.cd(one), shell.look, shell.look, shell.dump])
    assert errors.count("no env file of") == 1
    assert dumps[0].environ["VIRTUAL_ENV"] == str(one / ".venv")
