"""Activation scripts for cmd.exe: the lines that it is given, and the variables that it says, as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hutch.ops.conda_activation import Activated, activating
from hutch.ops.conda_cmd import MARK, command_lines, parse_set, through_cmd

CMD = r"C:\Windows\System32\cmd.exe"


def said(variables):
    """As cmd /u writes what `set` says."""
    lines = [MARK, *(f"{name}={value}" for name, value in sorted(variables.items()))]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-16-le", "surrogatepass")


class Shell:
    """In the place of cmd.exe: reads the line that it is given; scripts are functions of the variables."""

    def __init__(self, **scripts):
        self.scripts = {f"C:\\env\\{name}.bat": change for name, change in scripts.items()}
        self.seen = []

    def __call__(self, line, variables):
        start, _, text = line.partition(' /c "')
        assert start == f'"{CMD}" /d /e:on /v:off /u /s'
        *calls, end = text.removesuffix('"').split(" & ")
        assert end == f"echo {MARK}& set"
        found = dict(variables)
        for call in calls:
            path = call.removeprefix('call "').removesuffix('" 1>&2')
            self.seen.append((path.rpartition("\\")[2], dict(found)))
            if self.scripts[path](found) == "exit":
                return b""
        return said(found)


def path(name):
    return f"C:\\env\\{name}.bat"


def test_what_scripts_set_unset_and_change_is_what_the_command_gets():
    def first(found):
        found |= {"Mixed": "1", "PATH": "C:\\env\\more;" + found["PATH"]}
        del found["GOES"]

    shell = Shell(first=first, second=lambda found: found.update(SECOND=found["Mixed"] + "2"))
    variables = {"COMSPEC": CMD, "PATH": "C:\\bin", "GOES": "x", "=C:": "C:\\here"}
    through_cmd(variables, (), (path("first"), path("second")), (), {}, shell)
    assert variables == {
        "COMSPEC": CMD,
        "PATH": "C:\\env\\more;C:\\bin",
        "MIXED": "1",
        "SECOND": "12",
        "=C:": "C:\\here",
    }


def test_who_leaves_sees_what_was_and_who_enters_what_will_be():
    shell = Shell(leave=lambda found: found.update(LEFT=found["CONDA_PREFIX"]), enter=lambda found: None)
    variables = {"COMSPEC": CMD, "CONDA_PREFIX": "C:\\new", "ADDED": "1"}
    before = {"CONDA_PREFIX": "C:\\old"}
    own = ("CONDA_PREFIX", "ADDED", "NOT_THERE")
    through_cmd(variables, (path("leave"),), (path("enter"),), own, before, shell)
    (_, leaving), (_, entering) = shell.seen
    assert (leaving["CONDA_PREFIX"], "ADDED" in leaving) == ("C:\\old", False)
    assert (entering["CONDA_PREFIX"], entering["ADDED"], entering["LEFT"]) == ("C:\\new", "1", "C:\\old")
    assert variables["CONDA_PREFIX"] == "C:\\new"


def test_a_script_that_ends_the_shell_is_told_of_and_loses_no_variable(capsys):
    shell = Shell(ends=lambda found: "exit")
    variables = {"COMSPEC": CMD, "A": "1"}
    through_cmd(variables, (), (path("ends"),), (), {}, shell)
    assert variables == {"COMSPEC": CMD, "A": "1"}
    assert "the shell that reads ends.bat has ended" in capsys.readouterr().err


def test_a_path_that_cmd_would_read_twice_is_passed_over(capsys):
    shell = Shell(fine=lambda found: found.update(B="2"))
    variables = {"COMSPEC": CMD}
    through_cmd(variables, (), ("C:\\%PATH%\\x.bat", path("fine")), (), {}, shell)
    assert variables["B"] == "2"
    assert "%PATH%" in capsys.readouterr().err


def test_many_scripts_are_several_lines_that_cmd_takes():
    scripts = [f"C:\\{'folder' * 15}\\script-{number}.bat" for number in range(300)]
    lines = command_lines(scripts, CMD)
    assert len(lines) > 1
    assert all(len(line) < 8191 for line, _ in lines)
    assert [script for _, held in lines for script in held] == scripts
    assert command_lines([], CMD) == []


NAMES = st.text("ABCXYZ_()1", min_size=1, max_size=6)
VALUES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=12)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_set_says_is_read_back(variables):
    assert parse_set(said(variables)) == variables


def test_values_of_several_lines_and_noise_before_the_mark():
    noise = "a script writes A=1\r\n".encode("utf-16-le")
    assert parse_set(noise + said({"A": "1\r\n2", "B": ""})) == {"A": "1\r\n2", "B": ""}
    assert parse_set(noise) is None
    assert parse_set(b"") is None


def test_a_command_behind_scripts_keeps_its_words(tmp_path, monkeypatch):
    import hutch.ops.conda_cmd as conda_cmd

    folder = tmp_path / "etc/conda/activate.d"
    folder.mkdir(parents=True)
    (folder / "a.bat").write_text("")
    (folder / "a.sh").write_text("")
    (tool := tmp_path / "tool").write_text("")
    tool.chmod(0o755)
    lines = []

    def run(line, variables):
        lines.append(line)
        return said({**variables, "PATH": str(tmp_path)})

    monkeypatch.setattr(conda_cmd, "_run", run)
    variables = Activated({"COMSPEC": CMD, "PATH": "/nowhere"})
    variables.enter = (str(folder / "a.bat"),)
    words = ["tool", "100%", "a & b", '"q"', "^"]
    assert activating(str(tmp_path), "tool", words, variables, windows=True) == (str(tool), words)
    assert "a & b" not in lines[0]
    # On the light way, where only the environment is known.
    plain = {"COMSPEC": CMD, "PATH": "/nowhere"}
    activating(str(tmp_path), "tool", words, plain, windows=True)
    assert "a.bat" in lines[1]
    assert plain["PATH"] == str(tmp_path)
