"""Platforms, as values: each system as its `sysconfig` names it."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.interpreters.elf import read_elf
from hutch.interpreters.platforms import musl_version, platform_of
from hutch.spec import Platform


def answer(platform: str, **facts: object) -> dict[str, object]:
    machine = str(facts.pop("machine", "x86_64"))
    markers = {"platform_machine": machine, "platform_system": facts.pop("system", "Linux")}
    return {"platform": platform, "markers": markers, "pointer_bits": 64, "glibc": "", "macos": "", **facts}


@pytest.mark.parametrize(
    ("facts", "platform"),
    [
        (
            answer("linux-x86_64", glibc="2.36"),
            Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 36)),
        ),
        (
            answer("linux-x86_64", glibc="2.20-2014.11"),
            Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 20)),
        ),
        (
            answer("linux-x86_64", glibc="2.36", pointer_bits=32),
            Platform(os="linux", machine="i686", libc="glibc", version=(2, 36)),
        ),
        (
            answer("linux-aarch64", glibc="2.31", pointer_bits=32),
            Platform(os="linux", machine="armv8l", libc="glibc", version=(2, 31)),
        ),
        (
            answer("linux-armv7l", glibc="2.31", pointer_bits=32, hard_float=False),
            Platform(os="linux", machine="armv7l"),
        ),
        (
            answer("linux-x86_64", musl="1.2"),
            Platform(os="linux", machine="x86_64", libc="musl", version=(1, 2)),
        ),
        (answer("linux-x86_64"), Platform(os="linux", machine="x86_64")),
        (
            answer("macosx-10.9-universal2", machine="arm64", macos="14.5"),
            Platform(os="macos", machine="arm64", version=(14, 5)),
        ),
        (
            answer("macosx-11.0-arm64", machine="arm64", macos="26.0.1"),
            Platform(os="macos", machine="arm64", version=(26, 0)),
        ),
        (answer("win-amd64", machine="AMD64"), Platform(os="windows", machine="x86_64")),
        (answer("win-arm64", machine="ARM64"), Platform(os="windows", machine="arm64")),
        (answer("win32", machine="AMD64", pointer_bits=32), Platform(os="windows", machine="x86")),
        (
            answer("freebsd-14.0-release-amd64", machine="amd64", system="FreeBSD"),
            Platform(os="freebsd", machine="amd64", tag="freebsd_14_0_release_amd64"),
        ),
    ],
)
def test_a_platform_is_told(facts: dict[str, object], platform: Platform) -> None:
    assert platform_of(facts) == platform


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("musl libc (x86_64)\nVersion 1.2.4\nDynamic Program Loader\n", "1.2"),
        ("musl libc\nVersion x\n", ""),
        ("ld.so (GNU libc) stable release version 2.36\n", ""),
        ("", ""),
    ],
)
def test_musl_is_known_by_what_its_loader_says(said: str, version: str) -> None:
    assert musl_version(said) == version


def test_the_elf_header_is_read_as_packaging_reads_it() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("no ELF here")
    from packaging._elffile import ELFFile

    executable = Path(sys.executable).resolve()
    header = read_elf(str(executable))
    with open(executable, "rb") as file:
        oracle = ELFFile(file)
        assert header is not None
        assert (header.machine, header.flags, header.loader) == (
            oracle.machine,
            oracle.flags,
            oracle.interpreter,
        )
    assert header.bits == struct.calcsize("P") * 8


@given(st.binary(max_size=200))
def test_no_file_upsets_the_reader_of_elf(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "elf"
    for content in (data, b"\x7fELF\x02\x01" + data, b"\x7fELF\x01\x02" + data):
        path.write_bytes(content)
        read_elf(str(path))
