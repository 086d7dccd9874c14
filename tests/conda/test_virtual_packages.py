"""Virtual packages (CEP 30): of this machine beside rattler's, assumed of others, overridden."""

from __future__ import annotations

import pytest

from hutch.conda import subdir_here, usual_virtual, virtual_packages
from oracles.conda import ask_rattler, needs_rattler


@needs_rattler
@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CONDA_OVERRIDE_CUDA": "12.4"},
        {"CONDA_OVERRIDE_GLIBC": "2.17"},
        {"CONDA_OVERRIDE_ARCHSPEC": "x86_64_v2"},
        {"CONDA_OVERRIDE_CUDA": "11.8", "CONDA_OVERRIDE_GLIBC": "2.34"},
        {"CONDA_OVERRIDE_CUDA": ""},
    ],
    ids=str,
)
def test_this_machine_as_rattler_sees_it(environ: dict[str, str]) -> None:
    theirs = ask_rattler("detect", environ=environ)
    ours = [[each.name, each.version, each.build] for each in virtual_packages(subdir_here(), environ)]
    assert ours == theirs


@pytest.mark.parametrize(
    ("subdir", "names"),
    [
        ("linux-64", {"archspec", "glibc", "linux", "unix"}),
        ("linux-aarch64", {"archspec", "glibc", "linux", "unix"}),
        ("osx-arm64", {"archspec", "osx", "unix"}),
        ("osx-64", {"archspec", "osx", "unix"}),
        ("win-64", {"archspec", "win"}),
        ("emscripten-wasm32", {"unix"}),
    ],
)
def test_what_is_assumed_of_a_platform(subdir: str, names: set[str]) -> None:
    assert set(usual_virtual(subdir)) == names


def test_a_variable_about_another_system_is_not_about_this_one() -> None:
    other = "osx-arm64" if subdir_here() != "osx-arm64" else "osx-64"
    environ = {"CONDA_OVERRIDE_GLIBC": "2.40", "CONDA_OVERRIDE_OSX": "15.1"}
    found = {each.name: each.version for each in virtual_packages(other, environ)}
    assert found["__osx"] == "15.1"
    assert "__glibc" not in found


def test_what_a_project_asks_for() -> None:
    found = {each.name: (each.version, each.build) for each in virtual_packages(
        "win-64", {}, {"cuda": "12.0", "__archspec": "x86_64_v3", "win": ""}
    )}  # fmt: skip
    assert found == {"__archspec": ("1", "x86_64_v3"), "__cuda": ("12.0", "0")}
