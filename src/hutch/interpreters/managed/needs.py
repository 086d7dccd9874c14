"""What CPython needs to be compiled: which headers, what is lacking without one, what installs them.

Values and texts: the one look at the machine is ``preprocess``, which the caller gives.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "NEEDS",
    "Need",
    "family_of",
    "homebrew_places",
    "install_line",
    "missing_needs",
    "question",
    "tools_line",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One library: any of ``headers`` will do; without it the result lacks ``modules``.

    ``packages`` are what brings it, by family of systems.
    """

    name: str
    headers: tuple[str, ...]
    modules: tuple[str, ...]
    packages: Mapping[str, str]


def _need(name: str, headers: str, modules: str, **packages: str) -> Need:
    return Need(name=name, headers=tuple(headers.split()), modules=tuple(modules.split()), packages=packages)


NEEDS = (
    _need("zlib", "zlib.h", "zlib", apt="zlib1g-dev", dnf="zlib-devel", apk="zlib-dev", pacman="zlib",
          zypper="zlib-devel", brew="zlib"),
    _need("OpenSSL", "openssl/ssl.h", "ssl hashlib", apt="libssl-dev", dnf="openssl-devel", apk="openssl-dev",
          pacman="openssl", zypper="libopenssl-devel", brew="openssl@3"),
    _need("libffi", "ffi.h ffi/ffi.h", "ctypes", apt="libffi-dev", dnf="libffi-devel", apk="libffi-dev",
          pacman="libffi", zypper="libffi-devel", brew="libffi"),
    _need("bzip2", "bzlib.h", "bz2", apt="libbz2-dev", dnf="bzip2-devel", apk="bzip2-dev", pacman="bzip2",
          zypper="libbz2-devel", brew="bzip2"),
    _need("lzma", "lzma.h", "lzma", apt="liblzma-dev", dnf="xz-devel", apk="xz-dev", pacman="xz",
          zypper="xz-devel", brew="xz"),
    _need("readline", "readline/readline.h editline/readline.h", "readline", apt="libreadline-dev",
          dnf="readline-devel", apk="readline-dev", pacman="readline", zypper="readline-devel",
          brew="readline"),
    _need("SQLite", "sqlite3.h", "sqlite3", apt="libsqlite3-dev", dnf="sqlite-devel", apk="sqlite-dev",
          pacman="sqlite", zypper="sqlite3-devel", brew="sqlite"),
    _need("ncurses", "ncurses.h ncursesw/ncurses.h curses.h", "curses", apt="libncurses-dev",
          dnf="ncurses-devel", apk="ncurses-dev", pacman="ncurses", zypper="ncurses-devel", brew="ncurses"),
    _need("uuid", "uuid/uuid.h uuid.h", "_uuid", apt="uuid-dev", dnf="libuuid-devel", apk="util-linux-dev",
          pacman="util-linux-libs", zypper="libuuid-devel", brew=""),
    _need("Tk", "tk.h tcl/tk.h tcl8.6/tk.h tcl9.0/tk.h tcl-tk/tk.h", "tkinter", apt="tk-dev", dnf="tk-devel",
          apk="tk-dev", pacman="tk", zypper="tk-devel", brew="tcl-tk"),
)  # fmt: skip

_INSTALL = {
    "apt": "apt-get install",
    "dnf": "dnf install",
    "apk": "apk add",
    "pacman": "pacman -S",
    "zypper": "zypper install",
    "brew": "brew install",
}
_TOOLS = {
    "apt": "apt-get install build-essential pkg-config",
    "dnf": "dnf install gcc make pkgconf-pkg-config",
    "apk": "apk add build-base linux-headers pkgconf",
    "pacman": "pacman -S base-devel",
    "zypper": "zypper install gcc make pkgconf",
    "brew": "xcode-select --install",
}
_FAMILIES = {
    "debian": "apt", "ubuntu": "apt",
    "fedora": "dnf", "rhel": "dnf", "centos": "dnf", "amzn": "dnf",
    "alpine": "apk", "arch": "pacman", "manjaro": "pacman",
    "suse": "zypper", "opensuse": "zypper",
}  # fmt: skip
_MARK = "hutch_has_"


def question() -> str:
    """What the preprocessor is given: it answers with a word for each header that is there."""
    lines = []
    for number, need in enumerate(NEEDS):
        tests = " || ".join(f"__has_include(<{header}>)" for header in need.headers)
        lines += [f"#if {tests}", f"{_MARK}{number}", "#endif"]
    return "\n".join(lines) + "\n"


def missing_needs(preprocess: Callable[[str], str | None]) -> tuple[Need, ...] | None:
    """What is missing, by the answer of the preprocessor; None where it cannot tell."""
    answer = preprocess(question())
    if answer is None:
        return None
    words = set(answer.split())
    return tuple(need for number, need in enumerate(NEEDS) if f"{_MARK}{number}" not in words)


def family_of(system: str, os_release: str) -> str | None:
    """Which tool installs packages on this system; None where that is not known."""
    if system == "macos":
        return "brew"
    said = {
        name: value.strip("\"'")
        for name, _, value in (line.partition("=") for line in os_release.splitlines())
    }
    for word in (said.get("ID", ""), *said.get("ID_LIKE", "").split()):
        family = _FAMILIES.get(word.lower().partition("-")[0])
        if family:
            return family
    return None


def homebrew_places(
    kegs: tuple[str, ...], environ: Mapping[str, str], is_there: Callable[[str], bool]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Where Homebrew keeps what it does not link: (variables for the build, options of `configure`).

    ``kegs`` are folders as ``/opt/homebrew/opt``. What the user's variables say comes first.
    """
    found = []
    for need in NEEDS:
        formula = need.packages.get("brew", "")
        folders = [f"{keg}/{formula}" for keg in kegs if formula and is_there(f"{keg}/{formula}")]
        found += folders[:1]
    variables = {}
    for name, flag, folder, between in (
        ("CPPFLAGS", "-I", "include", " "),
        ("LDFLAGS", "-L", "lib", " "),
        ("PKG_CONFIG_PATH", "", "lib/pkgconfig", ":"),
    ):
        said = [environ[name]] if environ.get(name) else []
        words = [f"{flag}{one}/{folder}" for one in found]
        if words:
            variables[name] = between.join([*said, *words])
    openssl = [f"--with-openssl={one}" for one in found if "/openssl" in one]
    return variables, tuple(openssl)


def install_line(family: str | None, needs: tuple[Need, ...], *, root: bool = False) -> str | None:
    """The command that brings all of it; None on a system that is not known."""
    if family is None:
        return None
    packages = [need.packages.get(family, "") for need in needs]
    words = " ".join(package for package in packages if package)
    return _as_root(family, f"{_INSTALL[family]} {words}", root) if words else None


def tools_line(family: str | None, *, root: bool = False) -> str | None:
    """The command that brings a compiler and `make`."""
    return _as_root(family, _TOOLS[family], root) if family is not None else None


def _as_root(family: str, line: str, root: bool) -> str:
    return line if root or family == "brew" else f"sudo {line}"
