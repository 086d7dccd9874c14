"""What kind of machine this is, for every kind there is."""

from __future__ import annotations

import pytest

from hutch.interpreters.managed import Host, host_here


@pytest.mark.parametrize(
    ("system", "machine", "libc", "words", "served"),
    [
        ("linux", "x86_64", "gnu", "Linux on x86_64", True),
        ("linux", "x86_64", "musl", "Linux on x86_64 with musl", False),
        ("linux", "aarch64", "gnu", "Linux on aarch64", True),
        ("linux", "armv7l", "gnu", "Linux on armv7", False),
        ("linux", "s390x", "gnu", "Linux on s390x", False),
        ("linux", "riscv64", "gnu", "Linux on riscv64", False),
        ("linux", "i686", "gnu", "Linux on x86", True),
        ("darwin", "arm64", "", "macOS on aarch64", True),
        ("win32", "AMD64", "", "Windows on x86_64", True),
        ("freebsd14", "amd64", "", "freebsd14 on x86_64", False),
    ],
)
def test_a_machine_in_the_words_of_the_table(
    system: str, machine: str, libc: str, words: str, served: bool
) -> None:
    host = host_here(system=system, machine=machine, libc=lambda: libc)
    assert host.describe() == words
    assert host.is_served is served


def test_this_machine_is_one() -> None:
    assert host_here().os in ("linux", "macos", "windows")
    assert host_here().machine


def test_a_build_for_hard_floats_runs_where_soft_ones_do() -> None:
    host = Host(os="linux", machine="armv7", libc="gnu")
    assert host.runs("linux", "armv7", "gnueabihf")
    assert not host.runs("linux", "armv7", "musl")
