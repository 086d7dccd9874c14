"""``dev.py``: the first thing that a newcomer runs, so its messages count as much as its work."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from types import ModuleType

import pytest


@pytest.fixture
def dev(repository) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", repository / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_it(repository):
    """Else that Python would show a SyntaxError before it could say what is wrong."""
    ast.parse((repository / "dev.py").read_text(), feature_version=(3, 6))


def test_it_needs_nothing_but_the_standard_library(repository):
    tree = ast.parse((repository / "dev.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_an_old_python_gets_a_sentence(repository, real_home):
    olds = [
        *real_home.glob(".pyenv/versions/3.[6-9].*/bin/python"),
        *real_home.glob(".pyenv/versions/3.10.*/bin/python"),
    ]
    if not olds:
        pytest.skip("no Python older than 3.11 here")
    for old in olds:
        ran = subprocess.run(
            [old, repository / "dev.py", "example"], stdout=-1, stderr=-1, text=True, check=False
        )
        assert ran.returncode == 1
        assert ran.stderr.startswith("error: hutch needs Python 3.11 or newer\n  this is Python 3.")
        assert "\ntry: " in ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("os_release", "fix"),
    [
        ('ID=debian\nVERSION_ID="12"', "sudo apt install python3.{minor}-venv"),
        ('ID=pop\nID_LIKE="ubuntu debian"', "sudo apt install python3.{minor}-venv"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "sudo dnf install"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"', "sudo zypper install"),
        ("ID=alpine", "sudo apk add"),
    ],
)
def test_a_python_without_venv_gets_the_fix_of_its_system(dev, monkeypatch, os_release, fix):
    monkeypatch.setattr(dev, "os_release", lambda: os_release)
    message = dev.without_venv()
    assert message.startswith("error: ")
    assert f"\ntry: {fix.format(minor=sys.version_info[1])}" in message
    assert message.count("sudo") == 1


def test_on_an_unknown_system_all_words_are_offered(dev, monkeypatch):
    monkeypatch.setattr(dev, "os_release", lambda: "")
    assert dev.without_venv().count("sudo") >= 4


def test_a_python_without_ensurepip_and_pip_is_met_before_anything_is_made(dev, monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "ENV", str(tmp_path / "env"))
    monkeypatch.setattr(dev, "outer_pip", lambda: None)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        dev.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name)
    )
    with pytest.raises(dev.Failed, match="venv"):
        dev.make_environment()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="shebangs are for POSIX")
@pytest.mark.parametrize("folder", ["short", "with a space", "long" * 40], ids=["short", "space", "long"])
def test_the_launcher_starts_whatever_its_path_is(dev, tmp_path, folder):
    """Linux cuts a shebang at 127 bytes and at its second space; /bin/sh then stands between."""
    home = tmp_path / folder
    (home / "hutch").mkdir(parents=True)
    (home / "hutch" / "cli.py").write_text(
        "import sys\n"
        "def program():\n"
        "    print(sys.argv[1:], sys.flags.isolated, sys.flags.no_site)\n"
        "    sys.exit(5)\n"
    )
    (home / "hutch" / "__init__.py").touch()
    python = home / "python"
    python.symlink_to(sys.executable)
    # A symlink to a virtual environment's own python finds no pyvenv.cfg, which the launcher needs not.
    launcher = home / "start"
    launcher.write_text(dev.launcher_text(str(python), [str(home)]))
    launcher.chmod(0o755)
    ran = subprocess.run([launcher, "a b", "c"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (5, "['a b', 'c'] 1 1\n", "")


def test_the_first_failure_gives_the_exit_code_but_all_parts_are_told(dev, capsys):
    report = dev.Report()
    for name, code in (("one", 0), ("two", 3), ("three", 1)):
        report.add(name, 0.5, code)
    assert report.tell() == 3
    told = capsys.readouterr().out
    assert [word in told for word in ("one", "two", "three", "1.5 s", "FAILED (3)")] == [True] * 5


def test_a_child_that_died_of_a_signal_is_a_failure(dev):
    report = dev.Report()
    report.add("pytest", 1.0, -9)
    assert report.tell() == 137


def test_pip_keeps_its_index_but_not_another_place_to_install_to(dev, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple/")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    environ = dev.pip_environ()
    assert environ["PIP_INDEX_URL"] == "https://index.example/simple/"
    assert environ["PIP_USER"] == "0"
    assert "PIP_TARGET" not in environ


@pytest.fixture
def launched(dev, tmp_path, monkeypatch):
    """A launcher that tells which Python runs it, and takes as long as that Python is told to."""
    (tmp_path / "hutch").mkdir()
    (tmp_path / "hutch" / "cli.py").write_text("def program():\n    pass\n")
    (tmp_path / "hutch" / "__init__.py").touch()
    launcher = tmp_path / "launcher"
    launcher.write_text(dev.launcher_text(sys.executable, [str(tmp_path)]))
    own = tmp_path / "own"
    own.symlink_to(sys.executable)
    monkeypatch.setattr(dev, "LAUNCHER", str(launcher))
    monkeypatch.setattr(dev, "ENV_PYTHON", str(own))
    monkeypatch.setattr(dev, "STAMP", str(tmp_path / "stamp.json"))
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="there a launcher is no script")
@pytest.mark.parametrize(
    ("times", "chosen"),
    [
        ({"own": 1.0, "other": 0.8}, "other"),
        ({"own": 1.0, "other": 0.95}, "own"),
        ({"own": 1.0, "other": None}, "own"),
        ({"own": None, "other": 0.5}, "own"),
        ({"own": 1.0, "other": 0.8, "third": 0.7}, "third"),
        ({"own": 1.0}, "own"),
    ],
    ids=["faster", "hardly", "broken", "own-broken", "fastest", "alone"],
)
def test_the_launcher_starts_another_build_only_if_that_takes_a_tenth_less(
    dev, launched, monkeypatch, times, chosen
):
    others = [str(launched / name) for name in times if name != "own"]
    for path in others:
        os.symlink(sys.executable, path)
    monkeypatch.setattr(dev, "same_pythons", lambda: others)
    asked = []

    def processor_time(command):
        asked.append(os.path.basename(command[0]))
        return times[asked[-1]]

    monkeypatch.setattr(dev, "processor_time", processor_time)
    stamp: dict[str, str] = {}
    assert dev.fastest_python(stamp) == str(launched / chosen)
    asked.clear()
    assert dev.fastest_python(stamp) == str(launched / chosen)
    assert asked == []  # it is chosen once


@pytest.mark.skipif(os.name == "nt", reason="there a launcher is no script")
def test_another_build_is_no_shim_no_other_version_and_not_the_same_one(dev, launched, monkeypatch):
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    folders = {each: launched / each for each in ("shim", "fails", "same", "differs")}
    for folder in folders.values():
        folder.mkdir()
    (folders["shim"] / name).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folders["fails"] / name).write_bytes(b"\x7fELF nothing")
    (folders["same"] / name).symlink_to(launched / "own")
    (folders["differs"] / name).write_bytes(b"\x7fELF differs")
    for folder in ("shim", "fails", "differs"):
        (folders[folder] / name).chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders.values())) + os.pathsep + "relative")
    real = dev.output_of

    def output_of(command):
        if command[0].startswith("/usr/"):
            return ""  # whatever this machine has
        if command[0] == str(folders["fails"] / name):
            return ""
        return "another\n" if "differs" in command[0] else real(command)

    monkeypatch.setattr(dev, "output_of", output_of)
    assert dev.same_pythons() == []
    monkeypatch.setattr(
        dev, "output_of", lambda command: "" if command[0].startswith("/usr/") else "all alike\n"
    )
    assert dev.same_pythons() == [str(folders["fails"] / name), str(folders["differs"] / name)]


@pytest.mark.skipif(os.name == "nt", reason="there a launcher is no script")
def test_what_two_builds_have_in_common_can_be_asked(dev):
    """The question itself runs: with nothing to say there would never be another build."""
    assert dev.output_of([sys.executable, "-ISc", dev.SAME, dev.site_packages()]).count("\n") == 2
