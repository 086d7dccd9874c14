"""Probing: the truth, one start, and none the second time, whatever surrounds the interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import hutch.interpreters.probe
from hutch.interpreters import BrokenInterpreter, UnsupportedInterpreter, probe_interpreter
from hutch.spec import supported_tags

MINORS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]

SELF = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(), "prefix": sys.base_prefix, "stdlib": sysconfig.get_path("stdlib"),
    "include_dir": sysconfig.get_path("include"), "soabi": sysconfig.get_config_var("SOABI"),
    "ext_suffix": sysconfig.get_config_var("EXT_SUFFIX"), "cache_tag": sys.implementation.cache_tag,
    "machine": platform.machine(), "system": platform.system(), "release": platform.release(),
    "platform_version": platform.version(), "name": platform.python_implementation(),
    "magic": __import__("importlib.util").util.MAGIC_NUMBER.hex(),
}))
"""


@pytest.mark.parametrize("minor", MINORS)
def test_an_interpreter_is_what_it_says_itself(minor: str, pyenv: Callable[[str], str]) -> None:
    path = pyenv(minor)
    said = json.loads(subprocess.run([path, "-I", "-c", SELF], capture_output=True, check=True).stdout)
    found = probe_interpreter(path)
    assert found.version == said["version"]
    assert found.python == tuple(map(int, minor.split(".")))
    assert (found.prefix, found.base_prefix) == (said["prefix"], said["prefix"])
    assert (found.stdlib, found.include_dir) == (said["stdlib"], said["include_dir"])
    assert (found.soabi, found.ext_suffix) == (said["soabi"], said["ext_suffix"])
    assert (found.cache_tag, found.magic) == (said["cache_tag"], said["magic"])
    assert found.marker_environment == {
        "implementation_name": "cpython",
        "implementation_version": found.version,
        "os_name": os.name,
        "platform_machine": said["machine"],
        "platform_python_implementation": said["name"],
        "platform_release": said["release"],
        "platform_system": said["system"],
        "platform_version": said["platform_version"],
        "python_full_version": found.version,
        "python_version": minor,
        "sys_platform": sys.platform,
    }
    assert not found.is_virtual
    assert found.executable_names[0].startswith("python")


@pytest.mark.parametrize("minor", MINORS)
def test_an_interpreter_answers_without_what_it_does_not_need(
    minor: str, pyenv: Callable[[str], str]
) -> None:
    """These would double the time for which a command waits."""
    script = Path(hutch.interpreters.probe.__file__).with_name("probe_script.py")
    ran = subprocess.run(
        [pyenv(minor), "-I", "-S", "-X", "importtime", str(script), "mark"], capture_output=True, check=True
    )
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.decode().splitlines()}
    assert "sysconfig" in imported
    assert not imported & {"re", "enum", "json", "platform", "threading", "importlib.util"}


def test_markers_and_tags_are_those_of_packaging() -> None:
    from packaging.markers import default_environment
    from packaging.tags import sys_tags

    found = probe_interpreter(sys.executable)
    assert found.marker_environment == dict(default_environment())
    assert list(supported_tags(found.tag_facts)) == list(dict.fromkeys(str(tag) for tag in sys_tags()))


@pytest.mark.parametrize("minor", MINORS)
def test_the_facts_for_an_environment_are_those_of_venv(
    minor: str, pyenv: Callable[[str], str], make_venv: Callable[..., Path], tmp_path: Path
) -> None:
    path = pyenv(minor)
    found = probe_interpreter(path)
    made = make_venv(tmp_path / "env", python=path)
    lines = (made / "pyvenv.cfg").read_text().splitlines()
    assert f"home = {found.home}" in lines
    assert f"version = {found.version}" in lines
    assert (made / found.layout.purelib).is_dir()
    assert (made / found.lib_dir / "site-packages").is_dir()
    assert (made / found.layout.scripts / "python").exists()
    assert (made / "lib64").is_symlink() == found.needs_lib64
    inside = probe_interpreter(made)
    assert inside.is_virtual
    assert inside.prefix == str(made)
    assert (inside.base_executable, inside.base_prefix) == (found.base_executable, found.base_prefix)
    assert (inside.version, inside.tag_facts) == (found.version, found.tag_facts)


def test_an_environment_of_copies_is_asked_itself(make_venv: Callable[..., Path], tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("every environment on Windows is one of copies")
    made = make_venv(tmp_path / "env", "--copies")
    found = probe_interpreter(made)
    assert found.is_virtual
    assert found.prefix == str(made)
    assert os.path.dirname(found.base_executable) == found.home
    assert not found.base_executable.startswith(str(made))


def test_an_environment_of_an_environment_leads_to_the_python_behind(
    make_venv: Callable[..., Path], base_python: str, tmp_path: Path
) -> None:
    first = make_venv(tmp_path / "first")
    second = make_venv(tmp_path / "second", python=str(first / "bin" / "python"))
    found = probe_interpreter(second)
    assert found.is_virtual
    assert os.path.realpath(found.base_executable) == base_python
    assert not found.base_executable.startswith(str(first))


def test_a_link_outside_of_an_installation_is_followed_to_where_the_library_is(
    base_python: str, tmp_path: Path
) -> None:
    """A `pyvenv.cfg` with ``home`` at the link's directory would make an environment that does not start."""
    link = tmp_path / "bin" / "mypython"
    link.parent.mkdir()
    link.symlink_to(base_python)
    found = probe_interpreter(link)
    assert found.path == str(link)
    assert found.home == os.path.dirname(base_python)


class TestStarts:
    """The answer is kept; it holds as long as nothing has changed."""

    def test_the_second_time_nothing_is_started(self, store, environ, base_python: str) -> None:
        first = probe_interpreter(base_python, store, environ=environ)
        second = probe_interpreter(base_python, store, environ=environ)
        assert first == second
        assert environ.starts == 1

    def test_an_environment_costs_no_start_where_its_python_is_known(
        self, store, environ, base_python: str, make_venv: Callable[..., Path], tmp_path: Path
    ) -> None:
        known = probe_interpreter(base_python, store, environ=environ)
        made = make_venv(tmp_path / "env")
        inside = probe_interpreter(made / "bin" / "python", store, environ=environ)
        assert inside.real_path == known.real_path
        assert environ.starts == 1

    def test_without_a_store_it_is_asked_each_time(self, environ, base_python: str) -> None:
        probe_interpreter(base_python, environ=environ)
        probe_interpreter(base_python, environ=environ)
        assert environ.starts == 2

    def test_a_changed_file_is_asked_again(self, store, environ, make_venv, tmp_path: Path) -> None:
        path = make_venv(tmp_path / "env", "--copies") / "bin" / "python"
        probe_interpreter(path, store, environ=environ)
        os.utime(path, (1, 1))
        probe_interpreter(path, store, environ=environ)
        assert environ.starts == 2

    @pytest.mark.parametrize("damage", [None, (), ("x",), (1, 2, 3, 4), "text", {"a": 1}])
    def test_a_damaged_entry_is_no_entry(self, store, environ, base_python: str, damage: object) -> None:
        found = probe_interpreter(base_python, store, environ=environ)
        for key in store.tables.values:
            store.tables.values[key] = damage
        assert probe_interpreter(base_python, store, environ=environ) == found
        assert environ.starts == 2

    def test_the_real_store_gives_back_the_same(self, tmp_path: Path, environ, base_python: str) -> None:
        from hutch.store import Store

        real = Store(tmp_path / "cache")
        first = probe_interpreter(base_python, real, environ=environ)
        assert probe_interpreter(base_python, Store(tmp_path / "cache"), environ=environ) == first
        assert environ.starts == 1

    def test_what_a_wrapper_starts_is_found_and_not_kept_under_its_name(
        self, store, environ, base_python: str, script: Callable[[str, str], str]
    ) -> None:
        """The wrapper may start another Python tomorrow (asdf and others decide by the directory)."""
        wrapper = script("bin/python", f'#!/bin/sh\necho Welcome to Python\nexec {base_python} "$@"\n')
        found = probe_interpreter(wrapper, store, environ=environ)
        assert found.path == base_python
        assert environ.starts == 2
        probe_interpreter(wrapper, store, environ=environ)
        assert environ.starts == 3


class TestSurroundings:
    """Nothing round the interpreter has a say in its answer."""

    def test_the_current_directory_is_not_imported_from(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_python: str
    ) -> None:
        for name in ("json", "os", "sysconfig", "platform", "struct", "sitecustomize", "usercustomize"):
            (tmp_path / f"{name}.py").write_text("raise SystemExit('fooled')\n")
        monkeypatch.chdir(tmp_path)
        assert probe_interpreter(base_python).real_path == base_python

    def test_variables_are_not_obeyed(self, tmp_path: Path, base_python: str) -> None:
        (tmp_path / "json.py").write_text("raise SystemExit('fooled')\n")
        hostile = {
            "PYTHONPATH": str(tmp_path),
            "PYTHONHOME": "/nonexistent",
            "PYTHONSTARTUP": str(tmp_path / "json.py"),
            "PYTHONVERBOSE": "1",
            "PYTHONINSPECT": "1",
            "PYTHONPLATLIBDIR": "wrong",
            "_PYTHON_SYSCONFIGDATA_NAME": "wrong",
            "_PYTHON_HOST_PLATFORM": "wrong-wrong",
            "__PYVENV_LAUNCHER__": "/wrong",
        }
        assert probe_interpreter(base_python, environ={**os.environ, **hostile}) == probe_interpreter(
            base_python
        )

    def test_noise_and_a_child_that_stays_do_no_harm(
        self, base_python: str, script: Callable[[str, str], str]
    ) -> None:
        noise = 'echo "{}"; echo "<hutch-0>{}</hutch-0>" >&2\nsleep 60 &'
        text = f'#!/bin/sh\n{noise}\n{base_python} "$@"\necho bye\n'
        began = time.monotonic()
        assert probe_interpreter(script("python", text)).real_path == base_python
        assert time.monotonic() - began < 20


def dangling(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "python"
    path.symlink_to(tmp_path / "gone" / "python3.11")
    return path, f"the link {path} points to {tmp_path / 'gone' / 'python3.11'}, which is not there"


class TestBroken:
    """Each way to be broken is told in one line that names what to look at."""

    def test_a_dangling_link_is_named(self, tmp_path: Path) -> None:
        path, reason = dangling(tmp_path)
        second = tmp_path / "bin" / "python3"
        second.parent.mkdir()
        second.symlink_to("../python")
        with pytest.raises(BrokenInterpreter) as caught:
            probe_interpreter(second)
        assert caught.value.reason == reason
        assert caught.value.link == str(path)
        assert caught.value.hints == (f"install that Python again, or remove the link {path}",)

    def test_an_environment_whose_python_is_gone(
        self, make_venv: Callable[..., Path], base_python: str, tmp_path: Path
    ) -> None:
        made = make_venv(tmp_path / "env")
        link = made / "bin" / "python"
        for name in (made / "bin").glob("python*"):
            name.unlink()
        link.symlink_to("/nonexistent/bin/python3")
        with pytest.raises(BrokenInterpreter) as caught:
            probe_interpreter(made)
        assert "/nonexistent/bin/python3, which is not there" in caught.value.what
        assert caught.value.hints == (
            f"the Python that the environment {made} was made from is gone; make it anew",
        )

    def test_a_ring_of_links(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(BrokenInterpreter):
            probe_interpreter(tmp_path / "a")

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(BrokenInterpreter, match="there is no such file"):
            probe_interpreter(tmp_path / "python")

    def test_an_empty_directory(self, tmp_path: Path) -> None:
        with pytest.raises(BrokenInterpreter, match="a directory without a Python in it"):
            probe_interpreter(tmp_path)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "it does not answer as a Python does|it is no program for this machine"),
            ("#!/bin/sh\necho hello\n", "it does not answer as a Python does"),
            ("#!/bin/sh\necho no such library >&2; exit 127\n", "it ended with exit code 127"),
            ("#!/bin/sh\nkill -SEGV $$\n", "it was ended by SIGSEGV"),
            (
                "#!/nonexistent/interpreter\n",
                "the program that its first line names, or its loader, is not there",
            ),
            ("#!/bin/sh\nyes\n", "it talks without end"),
            ("#!/bin/sh\nsleep 60\n", "it did not answer within 1 seconds"),
        ],
    )
    def test_a_program_that_is_no_python(
        self, script: Callable[[str, str], str], text: str, reason: str
    ) -> None:
        with pytest.raises(BrokenInterpreter, match=reason):
            probe_interpreter(script("python", text), seconds=1)

    def test_what_it_said_is_shown_without_control_characters(
        self, script: Callable[[str, str], str]
    ) -> None:
        path = script("python", "#!/bin/sh\nprintf 'dyld: \\033[31mLibrary not loaded\\n'; exit 1\n")
        with pytest.raises(BrokenInterpreter) as caught:
            probe_interpreter(path)
        assert len(caught.value.why) == 1
        assert "\x1b" not in caught.value.why[0]
        assert "Library not loaded" in caught.value.why[0]

    def test_a_file_that_may_not_be_executed(self, tmp_path: Path) -> None:
        path = tmp_path / "python"
        path.write_text("#!/bin/sh\n")
        path.chmod(0o644)
        with pytest.raises(BrokenInterpreter, match="it may not be executed"):
            probe_interpreter(path)

    @pytest.mark.parametrize(
        ("minor", "version"), [("2.7", "2"), ("3.6", r"3\.6\.\d+"), ("3.7", r"3\.7\.\d+")]
    )
    def test_a_python_that_is_too_old(self, minor: str, version: str, pyenv: Callable[[str], str]) -> None:
        with pytest.raises(UnsupportedInterpreter, match=f"is Python {version}, which is too old"):
            probe_interpreter(pyenv(minor))


def test_an_externally_managed_python_is_told(base_python: str, store, tmp_path: Path) -> None:
    """PEP 668: the mark lies in the standard library's directory, and counts for no environment."""
    found = probe_interpreter(base_python)
    assert found.externally_managed == os.path.exists(os.path.join(found.stdlib, "EXTERNALLY-MANAGED"))
    debian = Path("/usr/bin/python3")
    if debian.exists() and list(Path("/usr/lib").glob("python3.*/EXTERNALLY-MANAGED")):
        assert probe_interpreter(debian).externally_managed


def test_the_target_of_this_machine_has_its_name() -> None:
    found = probe_interpreter(sys.executable)
    target = found.target()
    assert target.python == sys.version_info[:2]
    assert target.low == sys.version_info[2]
    assert target.platform == found.platform
