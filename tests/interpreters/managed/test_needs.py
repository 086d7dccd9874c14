"""What CPython needs to be compiled, told for systems that are not this one; and why a build failed."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from hutch.interpreters.managed.needs import (
    NEEDS,
    family_of,
    homebrew_places,
    install_line,
    missing_needs,
    question,
    tools_line,
)
from hutch.interpreters.managed.source import likely_cause

RELEASES = {
    "Debian": ('ID=debian\nVERSION_ID="12"\n', "apt"),
    "Ubuntu": ("ID=ubuntu\nID_LIKE=debian\n", "apt"),
    "Mint": ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt"),
    "Fedora": ("ID=fedora\n", "dnf"),
    "Rocky": ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf"),
    "Alpine": ("ID=alpine\n", "apk"),
    "Arch": ("ID=arch\n", "pacman"),
    "openSUSE": ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "zypper"),
    "an unknown one": ("ID=plan9\n", None),
    "none": ("", None),
}


@pytest.mark.parametrize(("text", "family"), RELEASES.values(), ids=RELEASES)
def test_the_family_of_a_system(text: str, family: str | None) -> None:
    assert family_of("linux", text) == family


def test_macos_has_homebrew() -> None:
    assert family_of("macos", "") == "brew"
    assert tools_line("brew") == "xcode-select --install"


def test_one_line_brings_all_that_is_missing() -> None:
    two = tuple(need for need in NEEDS if need.name in ("OpenSSL", "libffi"))
    assert install_line("apt", two) == "sudo apt-get install libssl-dev libffi-dev"
    assert install_line("apt", two, root=True) == "apt-get install libssl-dev libffi-dev"
    assert install_line("dnf", two, root=True) == "dnf install openssl-devel libffi-devel"
    assert install_line("brew", two) == "brew install openssl@3 libffi"
    assert install_line(None, two) is None


@pytest.mark.parametrize("family", ["apt", "dnf", "apk", "pacman", "zypper", "brew"])
def test_every_need_has_a_package_in_every_family(family: str) -> None:
    for need in NEEDS:
        assert family in need.packages, need.name


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_real_preprocessor_tells_the_headers(tmp_path) -> None:
    (tmp_path / "zlib.h").write_text("")

    def ask(text: str) -> str | None:
        ran = subprocess.run(
            ["cc", "-nostdinc", f"-I{tmp_path}", "-E", "-P", "-x", "c", "-"],
            input=text, capture_output=True, text=True,
        )  # fmt: skip
        return ran.stdout if ran.returncode == 0 else None

    missing = missing_needs(ask)
    assert missing is not None
    assert [need.name for need in NEEDS if need not in missing] == ["zlib"]


def test_a_preprocessor_that_does_not_work_says_nothing() -> None:
    assert missing_needs(lambda text: None) is None
    assert missing_needs(lambda text: question()) is not None


def test_what_homebrew_does_not_link_is_found() -> None:
    there = {"/opt/homebrew/opt/openssl@3", "/opt/homebrew/opt/readline", "/usr/local/opt/readline"}
    variables, options = homebrew_places(
        ("/opt/homebrew/opt", "/usr/local/opt"), {"CPPFLAGS": "-DMINE"}, there.__contains__
    )
    assert variables["CPPFLAGS"] == (
        "-DMINE -I/opt/homebrew/opt/openssl@3/include -I/opt/homebrew/opt/readline/include"
    )
    assert variables["PKG_CONFIG_PATH"].split(":")[0] == "/opt/homebrew/opt/openssl@3/lib/pkgconfig"
    assert options == ("--with-openssl=/opt/homebrew/opt/openssl@3",)
    assert homebrew_places(("/opt/homebrew/opt",), {}, lambda path: False) == ({}, ())


CAUSES = {
    "disk": ("cc1: error: x.o: No space left on device", "the disk is full"),
    "memory": ("gcc: fatal error: Killed signal terminated program cc1", "the machine ran out of memory"),
    "gcc's header": ("a.c:3: fatal error: ffi.h: No such file or directory", "the header ffi.h is missing"),
    "clang's header": ("a.c:3:10: fatal error: 'openssl/ssl.h' file not found",
                       "the header openssl/ssl.h is missing"),
    "a library": ("/usr/bin/ld: cannot find -lz: No such file", "the linker does not find z"),
    "zlib": ("zipimport.ZipImportError: can't decompress data; zlib not available",
             "zlib is missing, which pip cannot do without"),
    "configure": ("configure: error: no acceptable C compiler found in $PATH",
                  "no acceptable C compiler found in $PATH"),
    "nothing known": ("make: *** [all] Error 2", ""),
}  # fmt: skip


@pytest.mark.parametrize(("log", "cause"), CAUSES.values(), ids=CAUSES)
def test_the_likely_cause(log: str, cause: str) -> None:
    assert likely_cause(f"checking for gcc... gcc\n{log}\nmake: *** [Makefile] Error 1\n")[0] == cause
