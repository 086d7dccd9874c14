"""The text of each step in real shells: it does what the step says, whatever stands in names and values."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutch.ops.conda_activation import prefix_facts
from hutch.shell import quote
from hutch.shell.conda import level_of, step_down, step_in, step_over
from hutch.shell.conda_text import EXTENSIONS, call_text, deactivate_text, step_text
from oracles.conda import ask_rattler, needs_rattler
from shell.conda_prefix import make_prefix

RUN = {
    "bash": ["bash", "--norc", "--noprofile"], "sh": ["dash"], "ksh": ["ksh"], "zsh": ["zsh", "-f"],
    "fish": ["fish", "--no-config"], "csh": ["tcsh", "-f"], "elvish": ["elvish", "-norc"],
    "xonsh": ["xonsh", "--no-rc"],
}  # fmt: skip
NASTY = ["", "a b", "it's", '"x"', "$HOME", "$(touch sentinel)", "`touch sentinel`", "\\", "a  b", "ü", "*",
         "-n", "!x", "~", "%s", "a;b", "a\nb", "\u2018x\u2019"]  # fmt: skip
POOL = ("FOO", "BAR", "EMPTY")
values = st.sampled_from(NASTY)
tables = st.dictionaries(st.sampled_from(POOL), values, max_size=3)
moves = st.lists(
    st.tuples(st.sampled_from(["over", "stack", "down", "again"]), st.sampled_from("AB"), tables), max_size=6
)


@pytest.fixture(scope="module", params=RUN)
def shell(request, tmp_path_factory):
    if shutil.which(RUN[request.param][0]) is None:
        pytest.skip(f"{RUN[request.param][0]} is not installed")
    made = Shell(request.param, tmp_path_factory.mktemp(request.param))
    # Of one the place itself is odd; the other has a name.
    make_prefix(made.roots["A"], packages={"FOO": "of A", "BAR": "it's $x `y` !z"})
    make_prefix(made.roots["B"], state={"FOO": 'of "B"\nand more', "EMPTY": ""})
    return made


class Shell:
    def __init__(self, name: str, top: Path) -> None:
        self.name, self.top, self.argv = name, top, RUN[name]
        self.roots = {"A": top / "it's $(touch x) `y` !z %d", "B": top / "envs" / "B"}
        self.count = 0

    def dump(self) -> str:
        """Write down the table of variables that a program is given."""
        self.count += 1
        file = quote(self.name, str(self.top / f"dump{self.count}"))
        if self.name == "xonsh":
            return f"/usr/bin/env -0 o> @({file})"
        return f"{'e:' if self.name == 'elvish' else ''}/usr/bin/env -0 > {file}"

    def set(self, name: str, value: str) -> str:
        word = quote(self.name, value)
        if self.name == "csh":
            return f"setenv {name} {word}".replace("\n", "\\\n")
        return {
            "fish": f"set -gx {name} {word}",
            "elvish": f"set-env {name} {word}",
            "xonsh": f"__xonsh__.env[{name!r}] = {word}",
        }.get(self.name, f"{name}={word}; export {name}")

    def run(self, lines: list[str], environ: dict[str, str]) -> list[dict[str, str]]:
        script = self.top / "script"
        script.write_text("\n".join([*lines, ""]))
        given = {"HOME": str(self.top), "TERM": "dumb", "LC_ALL": "C.UTF-8", **environ}
        done = subprocess.run(
            [shutil.which(self.argv[0]), *self.argv[1:], str(script)],
            env=given, cwd=self.top, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        files = [self.top / f"dump{number + 1}" for number in range(self.count)]
        self.count = 0
        tables = [[item.split("=", 1) for item in file.read_text().split("\0") if item] for file in files]
        return [dict(table) for table in tables]


def ours(environ: dict[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environ.items() if name in (*POOL, "PATH", "LOG") or "CONDA" in name
    }


def said(step, before: dict[str, str], after: dict[str, str]) -> str:
    """What the scripts have written: each sees the level that there is."""
    found = ""
    for scripts, mark, level in ((step.leave, "-", before), (step.enter, "+", after)):
        for script in scripts:
            found += f"{mark} {os.path.basename(script)[0]} {level['CONDA_SHLVL']};"
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=tables, walk=moves)
def test_a_shell_does_what_the_step_says(shell, start, walk):
    now = {"PATH": "/usr/bin:/bin:/usr/bin", "LOG": "", **start}
    lines, expected, given_at_first = [], [], dict(now)
    shell.count = 0

    def facts(root):
        return prefix_facts(root, EXTENSIONS[shell.name], now)

    for move, letter, changes in [*walk, *[("down", "A", {})] * 7]:
        root = str(shell.roots[letter])
        if move in ("over", "stack"):
            step = step_over(now, facts(root), facts, stack=move == "stack")
        elif move == "down" or not level_of(now):
            step = step_down(now, facts)
        else:
            step = step_in(now, facts(now["CONDA_PREFIX"]))
        if move == "down" and not level_of(now):
            break
        after = step.variables(now, ":")
        after["LOG"] = now["LOG"] + said(step, now, after)
        now = after
        lines += [step_text(shell.name, step), shell.dump()]
        expected.append(ours(now))
        if level_of(now) == 0:
            for name, value in changes.items():
                lines.append(shell.set(name, value))
                now[name] = value
    dumps = shell.run(lines, given_at_first)
    assert [ours(dump) for dump in dumps] == expected
    assert level_of(now) == 0
    assert not list(shell.top.rglob("sentinel"))
    assert not (shell.top / "x").exists()


DIGITS = dict.fromkeys(map(ord, "0123456789"))
PLAIN = {
    "fish": "set -g FOO mine second; set -gx BAR given list",
    "default": "FOO='mine second'; BAR=given; export BAR",
}
SHOW = {
    "fish": "echo $FOO[1] $FOO[2] $BAR[1]; env | grep -c ^FOO=",
    "default": "echo $FOO $BAR; env | grep -c ^FOO=",
}


@pytest.mark.parametrize("shell", ["bash", "sh", "ksh", "zsh", "fish"], indirect=True)
def test_what_a_shell_has_for_itself_alone_comes_back_so(shell):
    now = {"PATH": "/usr/bin:/bin", "LOG": "", "BAR": "given list" if shell.name == "fish" else "given"}
    start, lines = dict(now), [PLAIN.get(shell.name, PLAIN["default"])]

    def facts(root):
        return prefix_facts(root, EXTENSIONS[shell.name], now)

    for letter in "AB":
        step = step_over(now, facts(str(shell.roots[letter])), facts)
        lines.append(step_text(shell.name, step))
        now = step.variables(now, ":")
    for _ in "AB":
        step = step_down(now, facts)
        lines.append(step_text(shell.name, step))
        now = step.variables(now, ":")
    out = shell.top / "shown"
    lines.append(
        f"begin; {SHOW['fish']}; end > {out}" if shell.name == "fish" else f"{{ {SHOW['default']}; }} > {out}"
    )
    lines.append("true")
    shell.run(lines, start)
    assert out.read_text().splitlines() == ["mine second given", "0"]


@pytest.mark.parametrize("shell", ["bash", "sh", "ksh", "zsh"], indirect=True)
@pytest.mark.parametrize("options", ["-u", "-e", "-eu"])
def test_options_of_the_user_are_no_trouble(shell, options):
    now = {"PATH": "/usr/bin:/bin"}

    def facts(root):
        return prefix_facts(root, ".sh", now)

    step = step_over(now, facts(str(shell.roots["A"])), facts)
    now = step.variables(now, ":")
    lines = [f"set {options}", step_text(shell.name, step), shell.dump()]
    lines += [step_text(shell.name, step_down(now, facts)), shell.dump()]
    first, last = shell.run(lines, {"PATH": "/usr/bin:/bin"})
    assert first["CONDA_PREFIX"] == str(shell.roots["A"])
    assert ours(last) == {"PATH": "/usr/bin:/bin", "LOG": "+ a 1;+ b 1;- b 1;- a 1;"}


@pytest.mark.parametrize("shell", ["bash", "sh", "ksh", "zsh"], indirect=True)
def test_the_prompt_has_the_name_and_nothing_in_it_acts(shell):
    now = {"PATH": "/usr/bin:/bin"}

    def facts(root):
        return prefix_facts(root, ".none", now)

    lines, shown = ["PS1='before> '"], shell.top / "prompts"
    shown.unlink(missing_ok=True)
    for letter in "AB":
        step = step_over(now, facts(str(shell.roots[letter])), facts)
        lines += [step_text(shell.name, step), f'printf "%s\\n" "$PS1" >> {shown}']
        now = step.variables(now, ":")
    lines.append('PS1="mine $PS1"')  # somebody has put something before it
    for _ in "AB":
        step = step_down(now, facts)
        lines += [step_text(shell.name, step), f'printf "%s\\n" "$PS1" >> {shown}']
        now = step.variables(now, ":")
    shell.run(lines, {"PATH": "/usr/bin:/bin"})
    place = str(shell.roots["A"])
    for letter in "$`!%":
        place = place.replace(letter, "_")
    assert shown.read_text().splitlines() == [
        f"({place}) before> ", "(B) before> ", f"({place}) mine before> ", "mine before> "
    ]  # fmt: skip


# -- shells that are not here: their text --------------------------------------------------------------


def steps(tmp_path):
    root = make_prefix(tmp_path / "it's", packages={"FOO": "50% \"x\" 'y'"})
    (root / "etc/conda/activate.d/a.ps1").write_text("")
    (root / "etc/conda/activate.d/a.bat").write_text("")
    return root


def test_powershell_sets_and_reads(tmp_path):
    root = steps(tmp_path)
    now = {"PATH": "/bin", "FOO": "mine", "PYTHONHOME": "/ph"}
    step = step_over(now, prefix_facts(str(root), ".ps1", now), None)
    text = step_text("powershell", step).splitlines()
    quoted = str(root).replace("'", "''")
    assert text[0] == f"$env:PATH = '{quoted}/bin:/bin'"
    assert "$env:__CONDA_SHLVL_0_FOO = 'mine'" in text
    assert "if (Test-Path env:PYTHONHOME) { Remove-Item env:PYTHONHOME }" in text
    assert "$env:FOO = '50% \"x\" ''y'''" in text
    assert text[-1] == f". '{quoted}/etc/conda/activate.d/a.ps1'"
    assert text.index("$env:CONDA_SHLVL = '1'") < len(text) - 1
    back = step_text(
        "powershell", step_down(step.variables(now, ":"), lambda _: prefix_facts(str(root), ".ps1", now))
    )
    assert "$env:PATH = '/bin'" in back
    assert "$env:PYTHONHOME = '/ph'" in back
    assert "Remove-Item function:__hutch_conda_prompt" in back


def test_cmd_sets_and_calls(tmp_path):
    root = steps(tmp_path)
    now = {"PATH": "C:\\w"}
    step = step_over(now, prefix_facts(str(root), ".bat", now), None, separator=";")
    text = step_text("cmd", step, ";")
    assert all(line.endswith("\r\n") for line in text.splitlines(keepends=True))
    assert f'@set "PATH={root}/bin;C:\\w"\r\n' in text
    assert "@set \"FOO=50%% x 'y'\"\r\n" in text
    assert text.endswith(f'@call "{root}/etc/conda/activate.d/a.bat"\r\n')


@pytest.mark.parametrize("shell", [*EXTENSIONS])
def test_what_calls_hutch_quotes_its_words(shell):
    text = call_text(shell, ("/it's/hutch", "activate", "--shell", shell))
    if shell == "cmd":
        assert '"/it\'s/hutch" "activate"' in text
    else:
        assert quote(shell, "/it's/hutch") in text or repr("/it's/hutch") in text
    assert ("deactivate" in deactivate_text(shell, ("/hutch",), 0)) == (shell != "cmd")


@needs_rattler
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"], indirect=True)
def test_rattler_sets_and_reads_the_same(shell, tmp_path):
    """Its text and ours, evaluated: what programs are given then, and which scripts were read in which order.

    The names are plain ones: what is in a name runs there. It counts no levels, and reads what is in
    deactivate.d from the first to the last, where conda begins with the last.
    """
    roots = [tmp_path / "A", tmp_path / "envs" / "B"]
    make_prefix(roots[0], packages={"FOO": "of A", "BAR": "it's x"}, names=("b", "a"))
    make_prefix(roots[1], state={"FOO": "of B", "EMPTY": ""}, names=("b", "a"))
    now = start = {"PATH": "/usr/bin:/bin", "LOG": "", "CONDA_SHLVL": "0"}

    def facts(root):
        return prefix_facts(root, EXTENSIONS[shell.name], now)

    def dumps(texts):
        shell.count = 0
        return shell.run([line for text in texts for line in (text, shell.dump())], start)

    before, mine, theirs = None, [], []
    for root in map(str, roots):
        path = now["PATH"].split(":")
        theirs.append(
            ask_rattler("activation", prefix=root, shell=shell.name, before=before, path=path, environ=now)
        )
        step = step_over(now, facts(root), facts)
        mine.append(step_text(shell.name, step))
        now, before = step.variables(now, ":"), root
    for one, other in zip(dumps(mine), dumps(theirs), strict=True):
        for name in ("CONDA_PREFIX", "FOO", "EMPTY"):
            assert one.get(name) == other.get(name), name
        said = [each["LOG"].translate(DIGITS).split(";") for each in (one, other)]
        assert (said[0][:2], sorted(said[0]), "1") == (said[1][:2], sorted(said[1]), other["CONDA_SHLVL"])
        assert one["PATH"].split(":")[0] == other["PATH"].split(":")[0]
