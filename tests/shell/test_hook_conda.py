"""The shell hook and environments of conda, in real shells: of projects, named, and activated by hand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hutch.ops.trust import verdict
from hutch.shell.hooks import hook_text
from shell.conda_prefix import make_prefix
from shell.hooked import SHELLS, Hooked, hooked

OWN = ("CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Hooked:
    return hooked(request.param, tmp_path)


def only(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shell", names, indirect=True)


def science(shell: Hooked, name: str = "science", *, trusted: bool = True) -> Path:
    """A project whose environment is a prefix."""
    root = shell.top / name
    make_prefix(
        root / ".venv", packages={"FOO": "of a package", "BAR": "it's $x `y`"}, state={"bar": 'a "b"'}
    )
    if trusted:
        shell.allow(root)
    return root


def log(shell: Hooked, text: str) -> str:
    """What scripts have written. nushell reads no file while it runs: it gets what those for sh export, and
    the hook takes that back."""
    return text if shell.name != "nu" else text if "-" not in text else ""


def test_a_project_of_conda_is_entered_and_left(shell: Hooked) -> None:
    root = science(shell)
    (root / "sub").mkdir()
    lines = [
        shell.dump,
        shell.cd(root),
        shell.look,
        shell.dump,
        shell.cd(root / "sub"),
        shell.look,
        shell.look,
    ]
    lines += [shell.cd(shell.top / "out"), shell.look, shell.dump]
    more = {} if shell.name == "xonsh" else {"PYTHONHOME": "/ph"}  # which is a program of Python's
    (before, inside, after), errors = shell.said(lines, LOG="", FOO="mine", CONDA_SHLVL="0", **more)
    assert errors == ""
    environment = str(root / ".venv")
    assert inside.environ["PATH"] == f"{environment}/bin:/usr/bin:/bin"
    assert [inside.environ[name] for name in OWN] == [environment, "1", "science", "(science) "]
    assert (inside.environ["FOO"], inside.environ["BAR"]) == ("of a package", 'a "b"')
    assert "VIRTUAL_ENV" not in inside.environ
    assert "PYTHONHOME" not in inside.environ
    assert inside.environ["LOG"] == log(shell, "+ a 1;+ b 1;")
    assert after.environ.pop("LOG") == log(shell, "+ a 1;+ b 1;- b 1;- a 1;")
    before.environ.pop("LOG")
    for dump in (before, after):
        for name in ("_", "OLDPWD", "PWD"):
            dump.environ.pop(name, None)
    assert after.environ == before.environ
    assert after.variables | {"PS1": None} == before.variables | {"PS1": None}
    assert not {name for name in after.names if name.startswith("function deactivate")}
    assert shell.calls() == 1


def test_one_that_came_with_a_checkout_runs_nothing(shell: Hooked) -> None:
    root = science(shell, trusted=False)
    dumps, errors = shell.said([shell.cd(root), shell.look, shell.look, shell.dump], LOG="")
    assert errors == f"hutch: .venv of {root} is not activated: `hutch allow` to trust it\n"
    assert dumps[0].environ["LOG"] == ""
    assert "CONDA_PREFIX" not in dumps[0].environ


def test_trust_holds_while_packages_change_and_lapses_with_another_environment(shell: Hooked) -> None:
    root = science(shell)
    history = root / ".venv" / "conda-meta" / "history"
    with open(history, "a") as file:
        file.write("==> 2026-05-05 00:00:00 <==\n+chan::numpy-1-0\n")
    assert verdict(str(shell.data), str(root)) == "allowed"
    history.write_text("==> 2026-06-06 00:00:00 <==\n")
    assert verdict(str(shell.data), str(root)) == "lapsed"
    dumps, errors = shell.said([shell.cd(root), shell.look, shell.dump], LOG="")
    assert "it is not the one that was trusted" in errors
    assert dumps[0].environ["LOG"] == ""


def test_scripts_that_are_for_sh_alone_count_in_every_shell(shell: Hooked) -> None:
    root = science(shell)
    etc = root / ".venv" / "etc" / "conda"
    (etc / "activate.d" / "more.sh").write_text(
        'echo noise\nexport MORE="it\'s $CONDA_PREFIX" LIST=a:b\nunset GONE\nexport PATH=/x:$PATH\n'
    )
    (etc / "deactivate.d" / "more.sh").write_text("unset MORE LIST\nexport GONE=back\n")
    lines = [shell.cd(root), shell.look, shell.dump, shell.cd(shell.top / "out"), shell.look, shell.dump]
    inside, after = shell.run(lines, LOG="", GONE="back")
    assert (inside.environ["MORE"], inside.environ["LIST"]) == (f"it's {root}/.venv", "a:b")
    assert not {"MORE", "LIST", *OWN} & set(after.environ)
    assert after.environ["GONE"] == "back"


@only("bash", "old bash", "zsh", "fish", "xonsh", "nu")
def test_packages_that_change_are_seen_at_the_next_prompt(shell: Hooked) -> None:
    """Whoever changes them; and nobody is asked again after that. (elvish has no dates.)"""
    root = science(shell)
    etc = root / ".venv" / "etc" / "conda" / "env_vars.d"
    call = {"nu": "^"}.get(shell.name, "")
    lines = [shell.cd(root), shell.look, shell.look, shell.dump]
    change = 'echo \'{"NEW": "1"}\' > env_vars.d/new.json; echo >> ../../conda-meta/history'
    script = shell.top / "change"
    wait = "1.1" if shell.name == "fish" else "0.05"  # which counts seconds
    script.write_text(f"cd {etc.parent}\nsleep {wait}\n{change}\n")
    lines += [f"{call}sh {shell.word(script)}", shell.look, shell.look, shell.dump]
    lines += [shell.cd(shell.top / "out"), shell.look, shell.dump]
    before, after, left = shell.run(lines, LOG="")
    assert "NEW" not in before.environ
    assert after.environ["NEW"] == "1"
    assert "NEW" not in left.environ
    assert shell.calls() == 2
    shell.run([shell.cd(root), shell.look, shell.look, shell.look])
    assert shell.calls() == 1


def test_base_stays_beneath(shell: Hooked) -> None:
    root = science(shell)
    base = make_prefix(shell.top / "conda")
    given = {
        "CONDA_PREFIX": str(base), "CONDA_SHLVL": "1", "CONDA_DEFAULT_ENV": "base",
        "CONDA_PROMPT_MODIFIER": "(base) ", "CONDA_EXE": f"{base}/bin/conda", "LOG": "",
        "PATH": f"{base}/bin:/usr/bin:/bin",
    }  # fmt: skip
    lines = [shell.cd(root), shell.look, shell.dump, shell.cd(shell.top / "out"), shell.look, shell.dump]
    inside, after = shell.run(lines, **given)
    assert inside.environ["PATH"] == f"{root}/.venv/bin:{base}/bin:/usr/bin:/bin"
    assert inside.environ["CONDA_PREFIX_1"] == str(base)
    assert (inside.environ["CONDA_STACKED_2"], inside.environ["CONDA_SHLVL"]) == ("true", "2")
    assert {name: after.environ[name] for name in given if name != "LOG"} == {
        name: value for name, value in given.items() if name != "LOG"
    }
    assert not {name for name in after.environ if name.startswith(("CONDA_PREFIX_", "CONDA_STACKED"))}
    assert after.environ["LOG"] == log(shell, "+ a 2;+ b 2;- b 2;- a 2;")


def test_a_name_in_a_pin_is_one_of_conda_as_well(shell: Hooked) -> None:
    made = make_prefix(shell.data / "envs" / "train")
    here = shell.top / "out" / "here"
    here.mkdir()
    (here / ".python-version").write_text("train\n")
    (dump,) = shell.run([shell.cd(here), shell.look, shell.dump], LOG="")
    assert [dump.environ[name] for name in OWN] == [str(made), "1", "train", "(train) "]
    assert dump.environ["LOG"] == log(shell, "+ a 1;+ b 1;")


def test_a_named_one_that_is_made_is_there_at_the_next_prompt(shell: Hooked) -> None:
    made = make_prefix(shell.top / "made")
    (shell.data / "envs").mkdir()
    here = shell.top / "out" / "here"
    here.mkdir()
    (here / ".python-version").write_text("train\n")
    move = {"elvish": "e:mv", "nu": "^mv"}.get(shell.name, "mv")
    there = shell.data / "envs" / "train"
    lines = [shell.cd(here), shell.look, shell.look, shell.dump]
    lines += [f"{move} {shell.word(made)} {shell.word(there)}", shell.look, shell.look, shell.dump]
    before, after = shell.run(lines, LOG="")
    assert "CONDA_PREFIX" not in before.environ
    assert after.environ["CONDA_PREFIX"] == str(there)
    assert shell.calls() == 2


def test_a_virtual_environment_that_is_activated_inside_takes_over(shell: Hooked) -> None:
    root = science(shell)
    lines = [
        shell.cd(root),
        shell.look,
        shell.set("VIRTUAL_ENV", "/by/hand"),
        shell.before_path("/by/hand/bin"),
    ]
    (dump,) = shell.run([*lines, shell.look, shell.dump], LOG="", FOO="mine")
    assert dump.environ["PATH"] == "/by/hand/bin:/usr/bin:/bin"
    assert not {*OWN, "HUTCH_SHELL_STATE", "BAR"} & set(dump.environ)
    assert dump.environ["FOO"] == "mine"
    assert dump.environ["LOG"] == log(shell, "+ a 1;+ b 1;- b 1;- a 1;")


@only("bash", "zsh", "fish", "xonsh")
def test_deactivate_leaves_it_until_another_is_met(shell: Hooked) -> None:
    root = science(shell)
    lines = [shell.cd(root), shell.look, "deactivate", shell.look, shell.dump]
    (dump,) = shell.run(lines, LOG="")
    assert "CONDA_PREFIX" not in dump.environ
    assert dump.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;"
    assert shell.calls() == 1


# -- the function `hutch`, and steps that others make ----------------------------------------------


def conda(shell: Hooked, words: str) -> str:
    """``hutch conda WORDS``, without the function of the hook."""
    hutch = f"{shell.top}/bin/hutch"
    text = f"{hutch} conda {words} --shell {shell.name}"
    return {
        "fish": f"{text} | source",
        "xonsh": f"execx($({text}))",
        "elvish": f"eval (e:{text} | slurp)",
    }.get(shell.name, f'eval "$({text})"')


def given(shell: Hooked) -> dict[str, str]:
    return {
        "LOG": "", "HUTCH_DATA_DIR": str(shell.data), "HUTCH_CACHE_DIR": str(shell.top / "cache"),
        "HUTCH_NO_CONFIG": "1",
    }  # fmt: skip


CAN = only("bash", "old bash", "zsh", "fish", "elvish", "xonsh")


@only("bash", "old bash", "zsh", "fish")
def test_with_the_hook_the_verbs_change_the_shell(shell: Hooked) -> None:
    one = make_prefix(shell.data / "envs" / "one", packages={"FOO": "of one"})
    two = make_prefix(shell.top / "two", state={"BAR": "of two"})
    path = f"{shell.top}/bin:/usr/bin:/bin"
    lines = ["hutch conda activate one", shell.dump, f"hutch conda activate --stack {two}", shell.dump]
    lines += [
        "hutch conda reactivate",
        "hutch conda deactivate",
        shell.dump,
        "hutch conda deactivate",
        shell.dump,
    ]
    lines += ["hutch conda deactivate", "hutch conda list --help > help", shell.dump]
    first, second, third, last, again = shell.run(lines, **given(shell), FOO="mine", PATH=path)
    assert [first.environ[name] for name in OWN] == [str(one), "1", "one", "(one) "]
    assert (first.environ["FOO"], first.environ["PATH"]) == ("of one", f"{one}/bin:{path}")
    assert [second.environ[name] for name in OWN] == [str(two), "2", str(two), f"({two}) "]
    assert (second.environ["BAR"], second.environ["PATH"]) == ("of two", f"{two}/bin:{one}/bin:{path}")
    assert [third.environ[name] for name in OWN] == [str(one), "1", "one", "(one) "]
    assert third.environ["LOG"] == "+ a 1;+ b 1;+ a 2;+ b 2;- b 2;- a 2;+ a 2;+ b 2;- b 2;- a 2;+ a 1;+ b 1;"
    for dump in (last, again):
        assert not [name for name in dump.environ if "CONDA" in name or name == "BAR"]
        assert (dump.environ["FOO"], dump.environ["PATH"]) == ("mine", path)
    assert "Usage: hutch conda list" in (shell.top / "out" / "help").read_text()


@only("bash", "zsh", "fish")
def test_what_cannot_be_activated_leaves_the_shell_as_it_was(shell: Hooked) -> None:
    status = "$status" if shell.name == "fish" else "$?"
    venv = shell.top / "out" / "venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    lines = [shell.dump]
    for word in ("nothing", "./venv", "./none", ""):
        lines += [f"hutch conda activate {word}", f"echo {status} >> codes"]
    path = f"{shell.top}/bin:/usr/bin:/bin"
    (before, after), errors = shell.said([*lines, shell.dump], **given(shell), PATH=path)
    assert (shell.top / "out" / "codes").read_text().split() == ["1", "1", "1", "2"]
    assert "there is no environment named nothing" in errors
    assert "hutch activate is for those" in errors
    assert "no environment was named" in errors
    assert after.environ["PATH"] == before.environ["PATH"]
    assert not [name for name in after.environ if "CONDA" in name]


@only("bash", "old bash", "zsh", "fish")
def test_the_projects_one_is_entered_anew_when_its_packages_have_changed(shell: Hooked) -> None:
    root = science(shell)
    state = root / ".venv" / "conda-meta" / "state"
    later = state.with_name("later")
    later.write_text('{"env_vars": {"NEW": "1"}}')
    lines = [shell.cd(root), shell.look, f"mv {shell.word(later)} {shell.word(state)}"]
    lines += [
        "hutch conda reactivate",
        shell.look,
        shell.dump,
        shell.cd(shell.top / "out"),
        shell.look,
        shell.dump,
    ]
    path = f"{shell.top}/bin:/usr/bin:/bin"
    inside, after = shell.run(lines, **given(shell), PATH=path)
    assert (inside.environ["NEW"], inside.environ["BAR"]) == ("1", "it's $x `y`")
    assert inside.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;+ a 1;+ b 1;"
    assert not {"NEW", "BAR", *OWN} & set(after.environ)


@only("bash", "zsh", "fish")
def test_a_command_conda_where_it_is_asked_for_and_there_is_none(shell: Hooked) -> None:
    one = make_prefix(shell.data / "envs" / "one")
    text = hook_text(shell.name, f"{shell.top}/bin/hutch", str(shell.data), conda=True)
    (shell.top / "hook").write_text(text)
    path = f"{shell.top}/bin:/usr/bin:/bin"
    lines = ["conda activate one", shell.dump, "conda deactivate", shell.dump]
    first, after = shell.run(lines, **given(shell), PATH=path)
    assert first.environ["CONDA_PREFIX"] == str(one)
    assert "CONDA_PREFIX" not in after.environ
    real = shell.top / "bin" / "conda"
    real.write_text("#!/bin/sh\necho the real one > real\n")
    real.chmod(0o755)
    shell.run(["conda activate one"], **given(shell), PATH=path)
    assert (shell.top / "out" / "real").read_text() == "the real one\n"


@CAN
def test_another_one_over_the_projects_and_back_again(shell: Hooked) -> None:
    root = science(shell)
    other = make_prefix(shell.data / "envs" / "other", packages={"FOO": "of other"})
    lines = [shell.cd(root), shell.look, conda(shell, "activate other"), shell.look, shell.dump]
    lines += [shell.cd(shell.top / "out"), shell.look, shell.dump]
    lines += [conda(shell, "deactivate"), shell.dump, shell.look, shell.dump]
    over, outside, back, after = shell.run(lines, **given(shell), FOO="mine")
    for dump in (over, outside):
        assert dump.environ["PATH"] == f"{other}/bin:/usr/bin:/bin"
        assert [dump.environ[name] for name in OWN] == [str(other), "2", "other", "(other) "]
        assert (dump.environ["FOO"], dump.environ.get("BAR")) == ("of other", None)
        assert dump.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;+ a 2;+ b 2;"
    assert back.environ["CONDA_PREFIX"] == f"{root}/.venv"
    assert back.environ["FOO"] == "of a package"
    assert after.environ["PATH"] == "/usr/bin:/bin"
    assert after.environ["FOO"] == "mine"
    assert not {*OWN, "HUTCH_SHELL_STATE", "BAR"} & set(after.environ)
    assert not [name for name in after.environ if "CONDA" in name]
    assert after.environ["LOG"].endswith(";- b 2;- a 2;+ a 1;+ b 1;- b 1;- a 1;")


@CAN
def test_the_projects_one_that_conda_deactivates_is_not_left_twice(shell: Hooked) -> None:
    root = science(shell)
    lines = [shell.cd(root), shell.look, conda(shell, "deactivate"), shell.look, shell.look, shell.dump]
    (dump,) = shell.run(lines, **given(shell), FOO="mine")
    assert dump.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;"
    assert dump.environ["PATH"] == "/usr/bin:/bin"
    assert dump.environ["FOO"] == "mine"
    assert not [name for name in dump.environ if "CONDA" in name or name == "HUTCH_SHELL_STATE"]


@CAN
def test_in_an_environment_of_conda_a_project_is_left_alone(shell: Hooked) -> None:
    root = science(shell)
    other = make_prefix(shell.data / "envs" / "other")
    lines = [conda(shell, "activate other"), shell.cd(root), shell.look, shell.dump]
    lines += [conda(shell, "deactivate"), shell.look, shell.dump]
    over, after = shell.run(lines, **given(shell))
    assert over.environ["CONDA_PREFIX"] == str(other)
    assert after.environ["CONDA_PREFIX"] == f"{root}/.venv"


@only("bash", "zsh", "fish")
def test_a_shell_within_undoes_what_it_inherits(shell: Hooked) -> None:
    root = science(shell)
    other = shell.project("other")
    inner = shell.top / "inner"
    start = shell.start.replace("WATCHED", "FOO").replace("FILE", str(shell.top / "dumps"))
    lines = [start, shell.load(), shell.cd(other), shell.look, shell.dump]
    inner.write_text("\n".join([*lines, shell.cd(root), shell.look, shell.dump, ""]))
    run = " ".join(shell.word(word) for word in [*shell.argv, str(inner)])
    there, back = shell.run([shell.cd(root), shell.look, run], LOG="", FOO="mine")
    assert there.environ["VIRTUAL_ENV"] == f"{other}/.venv"
    assert there.environ["PATH"] == f"{other}/.venv/bin:/usr/bin:/bin"
    assert there.environ["FOO"] == "mine"
    assert not {*OWN, "BAR"} & set(there.environ)
    assert there.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;"
    assert back.environ["CONDA_PREFIX"] == f"{root}/.venv"
    assert back.environ["LOG"] == "+ a 1;+ b 1;- b 1;- a 1;+ a 1;+ b 1;"
    assert shell.calls() == 3


@only("bash", "zsh", "fish")
def test_one_that_is_denied_meanwhile_runs_nothing_in_a_shell_within(shell: Hooked) -> None:
    root = science(shell)
    inner = shell.top / "inner"
    start = shell.start.replace("WATCHED", "FOO").replace("FILE", str(shell.top / "dumps"))
    inner.write_text("\n".join([start, shell.load(), shell.look, shell.dump, ""]))
    run = " ".join(shell.word(word) for word in [*shell.argv, str(inner)])
    gone = f"rm -r {shell.word(shell.data / 'trust')}"
    dumps, _ = shell.said([shell.cd(root), shell.look, gone, run], LOG="")
    assert dumps[0].environ["LOG"] == "+ a 1;+ b 1;"
    assert "CONDA_PREFIX" not in dumps[0].environ


def test_an_environment_that_is_replaced_by_one_of_conda_is_another_one(shell: Hooked) -> None:
    root = shell.project("one")
    shutil.rmtree(root / ".venv" / "bin")
    os.unlink(root / ".venv" / "pyvenv.cfg")
    make_prefix(root / "made")
    for name in os.listdir(root / "made"):
        os.rename(root / "made" / name, root / ".venv" / name)
    dumps, errors = shell.said([shell.cd(root), shell.look, shell.dump], LOG="")
    assert "is not activated" in errors
    assert dumps[0].environ["LOG"] == ""
