"""Finding: the right one, by the rules, with few questions, and in words where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hutch.interpreters import (
    BrokenInterpreter,
    InvalidPythonRequest,
    NoInterpreter,
    SearchOptions,
    choose_interpreter,
    find_interpreter,
    iterate_candidates,
    list_interpreters,
)
from hutch.spec import parse_specifiers
from hutch.values import replace
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


class Machine:
    """A machine with some Pythons on it: links in directories to those of pyenv."""

    def __init__(self, root: Path, pyenv: Callable[[str], str]) -> None:
        self.root = root
        self.pyenv = pyenv
        self.search = SearchOptions(home=str(root))

    def on_path(self, *names: str, directory: str = "bin") -> Machine:
        """``python3.11`` is a link to pyenv's 3.11; ``python=3.11`` gives it another name."""
        place = self.root / directory
        place.mkdir(exist_ok=True)
        for name in names:
            link, _, version = name.partition("=")
            (place / link).symlink_to(self.pyenv(version or link.removeprefix("python")))
        path = tuple(dict.fromkeys((*self.search.path, str(place))))
        self.search = replace(self.search, path=path)
        return self

    def with_pyenv(self, *minors: str, selected: str = "") -> Machine:
        root = self.root / "pyenv"
        (root / "shims").mkdir(parents=True, exist_ok=True)
        (root / "shims" / "python").write_text("#!/bin/sh\necho shims must not run >&2; exit 1\n")
        (root / "shims" / "python").chmod(0o755)
        (root / "versions").mkdir(exist_ok=True)
        for minor in minors:
            real = Path(self.pyenv(minor)).parents[1]
            (root / "versions" / real.name).symlink_to(real)
        if selected:
            (root / "version").write_text(f"{selected}\n")
        path = (str(root / "shims"), *self.search.path)
        self.search = replace(self.search, path=path, pyenv_root=str(root))
        return self

    def project(self, pin: str) -> Machine:
        directory = self.root / "project"
        directory.mkdir(exist_ok=True)
        (directory / ".python-version").write_text(pin)
        self.search = replace(self.search, directory=str(directory))
        return self


@pytest.fixture
def machine(tmp_path: Path, pyenv: Callable[[str], str]) -> Machine:
    return Machine(tmp_path, pyenv)


def found(machine: Machine, request: str | None = None, requires: str = "", **options: object) -> str:
    interpreter = find_interpreter(
        request,
        requires_python=parse_specifiers(requires),
        search=machine.search,
        **options,  # type: ignore[arg-type]
    )
    return ".".join(map(str, interpreter.python))


class TestRules:
    """What was asked for; else what is pinned; else the newest that fits."""

    def test_the_newest_that_fits_wins_whatever_its_place(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python=3.10", "python3.12").on_path("python3.11", directory="other")
        assert found(machine) == "3.12"
        assert found(machine, requires="<3.12") == "3.11"
        assert found(machine, requires=">=3.9,!=3.11.*,!=3.12.*") == "3.10"

    def test_a_version_is_found_wherever_it_is(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12").with_pyenv("3.8", "3.10")
        assert found(machine, "3.10") == "3.10"
        assert found(machine, "3.8") == "3.8"
        assert found(machine, ">=3.9,<3.12") == "3.10"
        assert found(machine, "cpython@3.9") == "3.9"

    def test_a_name_is_that_program_on_path(self, machine: Machine) -> None:
        machine.on_path("python=3.9", "python3=3.10", "python3.12")
        assert found(machine, "python") == "3.9"
        assert found(machine, "python3") == "3.10"
        assert found(machine, "python3.12") == "3.12"

    def test_a_name_that_does_not_fit_the_project_gives_way(self, machine: Machine) -> None:
        machine.on_path("python=3.9", "python3.12")
        assert found(machine, "python", requires=">=3.11") == "3.12"

    def test_a_path_is_taken_or_refused_and_never_replaced(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12")
        path = machine.pyenv("3.9")
        assert found(machine, path) == "3.9"
        with pytest.raises(NoInterpreter) as caught:
            found(machine, path, requires=">=3.11")
        assert "requires-python >=3.11 does not admit it" in caught.value.why[0]
        with pytest.raises(BrokenInterpreter):
            found(machine, str(machine.root / "nothing" / "python"))

    def test_an_environment_stands_for_the_python_behind_it(
        self, machine: Machine, make_venv: Callable[..., Path]
    ) -> None:
        made = make_venv(machine.root / "env", python=machine.pyenv("3.12"))
        machine.search = replace(machine.search, virtual_env=str(made), path=(str(made / "bin"),))
        interpreter = find_interpreter(search=machine.search)
        assert not interpreter.is_virtual
        assert interpreter.path == machine.pyenv("3.12")

    def test_a_path_into_an_environment_stays_there(
        self, machine: Machine, make_venv: Callable[..., Path]
    ) -> None:
        made = make_venv(machine.root / "env", python=machine.pyenv("3.12"))
        assert find_interpreter(str(made), search=machine.search).is_virtual

    def test_system_is_the_first_that_is_not_pyenvs(self, machine: Machine) -> None:
        machine.on_path("python=3.9").with_pyenv("3.12", selected="3.12")
        assert found(machine, "system") == "3.9"

    def test_the_python_that_runs_hutch_is_the_last_resort(self, machine: Machine, base_python: str) -> None:
        machine.search = replace(machine.search, running=base_python)
        assert find_interpreter(search=machine.search).real_path == base_python


class TestPins:
    """`.python-version` is obeyed, without a shim being run, and not trusted with programs."""

    def test_a_pin_decides_where_nothing_was_asked_for(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12").project("3.9\n")
        assert found(machine) == "3.9"
        assert found(machine, "3.12") == "3.12"
        assert found(machine, "any") == "3.12"

    def test_the_first_pinned_version_that_fits_counts(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.10", "python3.12").project("3.13\n3.9\n3.10\n")
        assert found(machine, requires=">=3.10") == "3.10"

    def test_a_pin_that_nothing_fits_is_named(self, machine: Machine) -> None:
        machine.on_path("python3.9").project("3.12\n")
        with pytest.raises(NoInterpreter) as caught:
            found(machine)
        pin = machine.root / "project" / ".python-version"
        assert caught.value.what == f"no Python was found for `3.12 ({pin})`"
        assert f"change what {pin} asks for" in caught.value.hints

    def test_a_named_environment_of_pyenv_is_found(
        self, machine: Machine, make_venv: Callable[..., Path]
    ) -> None:
        machine.on_path("python3.12").with_pyenv("3.9").project("work\n")
        make_venv(machine.root / "pyenv" / "versions" / "work", python=machine.pyenv("3.9"))
        assert found(machine) == "3.9"

    def test_a_pinned_word_does_not_run_a_program_of_that_name(self, machine: Machine) -> None:
        machine.on_path("python3.9").project("danger\n")
        danger = machine.root / "bin" / "danger"
        danger.write_text(f"#!/bin/sh\ntouch {machine.root}/ran\n")
        danger.chmod(0o755)
        assert found(machine) == "3.9"
        assert not (machine.root / "ran").exists()

    def test_a_name_that_pyenv_does_not_have_here_is_passed_over_with_a_reason(
        self, machine: Machine
    ) -> None:
        machine.on_path("python3.9", "python3.12").with_pyenv("3.9").project("my-venv\n3.9\n")
        told: list[str] = []
        assert found(machine, tell=told.append) == "3.9"
        pin = machine.root / "project" / ".python-version"
        (line,) = told
        assert line.startswith(f"{pin} names my-venv, which is no version, and no environment that hutch or")
        assert line.endswith(" pyenv has here: passed over")

    @pytest.mark.parametrize("pin", ["./evil", "sub/evil", "{directory}/evil", "~/evil"])
    def test_a_pin_does_not_run_a_program_of_its_own_directory(self, machine: Machine, pin: str) -> None:
        machine.on_path("python3.9").project(pin.format(directory=machine.root / "project"))
        with pytest.raises(InvalidPythonRequest):
            found(machine)

    def test_the_shim_is_resolved_and_not_run(self, machine: Machine) -> None:
        machine.with_pyenv("3.9", "3.10", selected="3.9").on_path("python3.12")
        assert found(machine, "python") == "3.9"
        machine.project("3.10\n")
        assert found(machine, str(machine.root / "pyenv" / "shims" / "python")) == "3.10"

    def test_the_variable_of_pyenv_wins(self, machine: Machine) -> None:
        machine.with_pyenv("3.9", "3.10").project("3.9\n")
        machine.search = replace(machine.search, pyenv_version="3.10")
        assert found(machine) == "3.10"


class TestEffort:
    """How many interpreters are started is part of the contract."""

    def test_one_start_where_the_names_tell_the_rest(self, machine: Machine, environ, store) -> None:
        machine.on_path("python3.8", "python3.9", "python3.10", "python3.11", "python3.12")
        assert found(machine, environ=environ, store=store) == "3.12"
        assert environ.starts == 1
        assert found(machine, requires="<3.10", environ=environ, store=store) == "3.9"
        assert environ.starts == 2
        assert found(machine, environ=environ, store=store) == "3.12"
        assert environ.starts == 2

    def test_a_link_called_python3_is_known_by_what_is_behind_it(
        self, machine: Machine, environ, store
    ) -> None:
        machine.on_path("python=3.9", "python3=3.9", "python3.12")
        found(machine, environ=environ, store=store)
        assert environ.starts == 1

    def test_a_path_costs_one_start(self, machine: Machine, environ) -> None:
        find_interpreter(machine.pyenv("3.12"), search=machine.search, environ=environ)
        assert environ.starts == 1

    def test_none_is_started_where_no_name_fits(self, machine: Machine, environ) -> None:
        machine.on_path("python3.8", "python3.9").with_pyenv("3.10")
        with pytest.raises(NoInterpreter):
            found(machine, requires=">=3.12", environ=environ)
        assert environ.starts == 0


class TestPlaces:
    """Where is looked, and where not."""

    def test_one_file_counts_once(self, machine: Machine) -> None:
        machine.on_path("python=3.9", "python3=3.9", "python3.9").on_path("python3.9", directory="other")
        assert [Path(one.path).name for one in iterate_candidates(machine.search)] == ["python"]

    def test_relative_entries_of_path_are_left_out(self, tmp_path: Path) -> None:
        path = os.pathsep.join(["", ".", "bin", "/usr/bin", "/usr/bin"])
        assert SearchOptions.from_environ({"PATH": path, "HOME": str(tmp_path)}).path == ("/usr/bin",)

    def test_programs_that_only_begin_like_python_are_left_out(self, machine: Machine) -> None:
        machine.on_path("python3.9")
        for name in ("python3-config", "pythonw", "python3.9-config", "python-argcomplete"):
            path = machine.root / "bin" / name
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)
        assert len(list(iterate_candidates(machine.search))) == 1

    def test_what_hutch_installed_is_found(self, machine: Machine) -> None:
        real = Path(machine.pyenv("3.9")).parents[1]
        (machine.root / "managed").mkdir()
        (machine.root / "managed" / "cpython-3.9.18-linux-x86_64-gnu").symlink_to(real)
        machine.search = replace(machine.search, managed=str(machine.root / "managed"))
        assert [one.source for one in iterate_candidates(machine.search)] == ["hutch"]
        assert found(machine) == "3.9"

    def test_what_other_tools_installed_is_found(self, machine: Machine) -> None:
        real = Path(machine.pyenv("3.9")).parents[1]
        place = machine.root / "share" / "uv" / "python"
        place.mkdir(parents=True)
        (place / "cpython-3.9.18-linux-x86_64-gnu").symlink_to(real)
        (place / ".lock").touch()
        environ = {"HOME": str(machine.root), "XDG_DATA_HOME": str(machine.root / "share"), "PATH": ""}
        search = replace(SearchOptions.from_environ(environ, running=""), system=())
        assert [one.source for one in iterate_candidates(search)] == [str(place)]

    def test_the_list_has_all_and_the_broken_ones_too(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12")
        (machine.root / "bin" / "python3.11").symlink_to("/nonexistent/python3.11")
        listed = list_interpreters(machine.search)
        assert [bool(one.interpreter) for one in listed] == [True, False, True]
        broken = listed[1].problem
        assert isinstance(broken, BrokenInterpreter)
        assert broken.link == str(machine.root / "bin" / "python3.11")


class TestNoInterpreter:
    """What was found, why each did not fit, and what to do."""

    def test_each_one_found_is_told(self, machine: Machine) -> None:
        machine.on_path("python3.8", "python3.12")
        (machine.root / "bin" / "python3.11").symlink_to("/nonexistent/python3.11")
        place = machine.root / "bin"
        with pytest.raises(NoInterpreter) as caught:
            found(machine, "3.11", requires=">=3.9")
        problem = caught.value
        assert problem.what == "no Python was found for `3.11` and requires-python >=3.9"
        assert sorted(one.replace(str(place), "BIN") for one in problem.why) == [
            (
                "3.11 at BIN/python3.11: "
                "the link BIN/python3.11 points to /nonexistent/python3.11, which is not there"
            ),
            f"3.12.{_patch(machine, '3.12')} at BIN/python3.12: `3.11` was asked for",
            f"3.8.{_patch(machine, '3.8')} at BIN/python3.8: `3.11` was asked for",
        ]
        assert problem.hints == ("hutch python install 3.11", "name another interpreter with --python")

    def test_an_empty_machine(self, tmp_path: Path) -> None:
        with pytest.raises(NoInterpreter) as caught:
            find_interpreter(
                search=SearchOptions(home=str(tmp_path)), requires_python=parse_specifiers(">=3.11,<3.13")
            )
        assert caught.value.why == (
            "there is no Python at all in the places where hutch looks (PATH, pyenv, the system)",
        )
        assert caught.value.hints[0] == "hutch python install 3.12"

    def test_an_unknown_name(self, tmp_path: Path) -> None:
        with pytest.raises(NoInterpreter) as caught:
            find_interpreter("webenv", search=SearchOptions(home=str(tmp_path)))
        assert "there is no program `webenv` on PATH" in caught.value.why[0]
        assert caught.value.hints == ("hutch python list, to see what there is",)


def _patch(machine: Machine, minor: str) -> str:
    return Path(machine.pyenv(minor)).parts[-3].split(".")[2]


class TestGlobalPins:
    """What holds everywhere holds where nobody else says anything."""

    def with_global(self, machine: Machine, pin: str) -> Machine:
        (machine.root / "data").mkdir(exist_ok=True)
        path = machine.root / "data" / "python-version"
        path.write_text(pin)
        machine.search = replace(machine.search, global_pin=str(path))
        return machine

    def test_it_decides_where_nobody_asks(self, machine: Machine) -> None:
        self.with_global(machine.on_path("python3.9", "python3.12"), "3.9\n")
        assert found(machine) == "3.9"
        assert found(machine, "3.12") == "3.12"
        assert found(machine.project("3.12\n")) == "3.12"

    def test_hutchs_is_read_before_pyenvs(self, machine: Machine) -> None:
        machine.with_pyenv("3.9", "3.10", "3.12", selected="3.9")
        assert found(machine) == "3.9"
        assert found(self.with_global(machine, "3.10\n")) == "3.10"

    def test_it_gives_way_to_a_project_without_a_word(self, machine: Machine) -> None:
        told: list[str] = []
        self.with_global(machine.on_path("python3.9", "python3.12"), "3.9\n")
        assert found(machine, requires=">=3.11", tell=told.append) == "3.12"
        assert told == []

    def test_one_that_is_not_here_is_told_of(self, machine: Machine) -> None:
        told: list[str] = []
        self.with_global(machine.on_path("python3.12"), "3.7\n")
        assert found(machine, tell=told.append) == "3.12"
        pin = machine.root / "data" / "python-version"
        assert told == [f"{pin} is passed over: no Python was found for `3.7 ({pin})`"]

    def test_the_system_where_there_is_none(self, machine: Machine) -> None:
        told: list[str] = []
        machine.with_pyenv("3.9", "3.12", selected="system")
        assert found(machine, tell=told.append) == "3.12"
        assert told == []
        assert found(machine.on_path("python3=3.9")) == "3.9"

    def test_any_of_its_names(self, machine: Machine) -> None:
        self.with_global(machine.on_path("python3.9", "python3.12"), "# mine\n3.7\n3.9\n")
        assert found(machine) == "3.9"


class TestChoices:
    """Why it is that one."""

    def choice(self, machine: Machine, request: str | None = None) -> tuple[str, str, str, str]:
        chosen = choose_interpreter(request, search=machine.search)
        origin = chosen.origin.replace(str(machine.root), "ROOT")
        return ".".join(map(str, chosen.glance.python)), chosen.by, chosen.name, origin

    def test_what_was_asked_for(self, machine: Machine) -> None:
        assert self.choice(machine.on_path("python3.9", "python3.12"), "3.9") == ("3.9", "request", "3.9", "")

    def test_a_pin(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12").project("3.7\n3.9\n")
        assert self.choice(machine) == ("3.9", "pin", "3.9", "ROOT/project/.python-version")

    def test_a_variable(self, machine: Machine) -> None:
        machine.with_pyenv("3.9", "3.12").project("3.12\n")
        machine.search = replace(machine.search, pyenv_version="3.9")
        assert self.choice(machine) == ("3.9", "pin", "3.9", "PYENV_VERSION")

    def test_pyenvs_own(self, machine: Machine) -> None:
        machine.with_pyenv("3.9", "3.12", selected="3.9")
        assert self.choice(machine) == ("3.9", "global pin", "3.9", "ROOT/pyenv/version")

    def test_the_best(self, machine: Machine) -> None:
        assert self.choice(machine.on_path("python3.9", "python3.12")) == ("3.12", "search", "", "")

    def test_those_that_are_too_old_for_an_environment_can_be_found(self, machine: Machine) -> None:
        machine.with_pyenv("2.7", "3.6", "3.12")
        assert self.choice(machine, "2.7")[0] == "2.7"
        assert self.choice(machine.project("3.6\n"))[0] == "3.6"
        with pytest.raises(NoInterpreter):
            find_interpreter("3.6", search=machine.search)

    def test_nothing_is_started(self, machine: Machine, environ) -> None:
        machine.with_pyenv("3.9", "3.12").project("3.9\n")
        choose_interpreter(search=machine.search, environ=environ)
        assert environ.starts == 0

    def test_conda_is_for_when_there_is_nothing_else(self, machine: Machine, tmp_path: Path) -> None:
        made = fake_python(tmp_path / "conda", "3.13.1").parents[1]
        (made / "conda-meta").mkdir()
        machine.on_path("python3.12")
        machine.search = replace(machine.search, conda_roots=(str(made),))
        assert self.choice(machine)[0] == "3.12"
        assert self.choice(machine, "3.13")[0] == "3.13"

    def test_an_environment_of_hutch_has_a_name(self, machine: Machine, tmp_path: Path, make_venv) -> None:
        make_venv(tmp_path / "envs" / "science", python=machine.pyenv("3.9"))
        machine.on_path("python3.12").project("science\n")
        machine.search = replace(machine.search, environments=str(tmp_path / "envs"))
        assert self.choice(machine)[:3] == ("3.9", "pin", "science")

    def test_a_build_for_another_machine_is_none_for_this(self, machine: Machine) -> None:
        machine.on_path("python3.12")
        with pytest.raises(NoInterpreter) as caught:
            found(machine, "cpython-3.12-windows-x86_64-none")
        assert "it is a build for another machine" in caught.value.why[0]

    def test_a_pin_from_another_machine_says_its_version(self, machine: Machine) -> None:
        told: list[str] = []
        machine.on_path("python3.9", "python3.12").project("cpython-3.9-windows-x86_64-none\n")
        assert found(machine, tell=told.append) == "3.9"
        pin = machine.root / "project" / ".python-version"
        assert told == [f"{pin} names a build for another machine: its version is taken"]


class TestNearMisses:
    """What nearly fits is told first, and the command that helps."""

    def test_another_patch_release(self, machine: Machine) -> None:
        machine.on_path("python3.9", "python3.12")
        here = f"3.12.{_patch(machine, '3.12')}"
        with pytest.raises(NoInterpreter) as caught:
            found(machine, "3.12.99")
        assert caught.value.rejected[0].version == here
        assert caught.value.hints[:2] == (
            f"ask for 3.12 to take {here}, which is here",
            "hutch python install 3.12.99",
        )

    def test_a_name_that_is_nearly_one(self, machine: Machine, make_venv) -> None:
        machine.with_pyenv("3.9")
        make_venv(machine.root / "pyenv" / "versions" / "webshop", python=machine.pyenv("3.9"))
        with pytest.raises(NoInterpreter) as caught:
            found(machine, "webshp")
        assert caught.value.hints[0] == "did you mean `webshop`?"

    @pytest.mark.parametrize(
        ("request_", "requires", "command"),
        [
            ("pypy3.10", "", "hutch python install pypy3.10"),
            ("3.13t", "", "hutch python install 3.13t"),
            ("cpython@3.12.1", "", "hutch python install 3.12.1"),
            (">=3.11,<3.13", "", "hutch python install 3.12"),
            ("3.10", ">=3.11", None),
            ("3.99", "", None),
            ("4", "", None),
        ],
    )
    def test_the_command_that_helps(
        self, tmp_path: Path, request_: str, requires: str, command: str | None
    ) -> None:
        with pytest.raises(NoInterpreter) as caught:
            find_interpreter(
                request_, search=SearchOptions(home=str(tmp_path)), requires_python=parse_specifiers(requires)
            )
        found = [hint for hint in caught.value.hints if hint.startswith("hutch python install")]
        assert found == ([command] if command else [])


REQUESTS = (
    None,
    "3",
    "3.9",
    "3.10",
    "312",
    ">=3.9,<3.12",
    "~=3.10.0",
    "cpython@3.11",
    "python3",
    "system",
    "latest",
)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("requires", ["", ">=3.10", "!=3.12.*,<3.13"])
def test_a_glance_chooses_what_asking_chooses(
    machine: Machine, store, request_: str | None, requires: str, pyenv_root: Path
) -> None:
    """On this machine, with all that it has."""
    search = SearchOptions.from_environ(
        {**os.environ, "PYENV_ROOT": str(pyenv_root)}, directory=str(machine.root)
    )
    required = parse_specifiers(requires)
    results = []
    for choose in (
        lambda: choose_interpreter(request_, search=search, requires_python=required, store=store).glance,
        lambda: find_interpreter(request_, search=search, requires_python=required, store=store),
        lambda: choose_interpreter(request_, search=search, requires_python=required, store=store).glance,
    ):
        try:
            found = choose()
            results.append((found.path, found.version))
        except NoInterpreter as problem:
            results.append(("", problem.what))
    assert results[0] == results[1] == results[2]
