"""Virtual packages: what a machine has that no channel gives (CEP 30).

Those of this machine are found without starting a program, but for a graphics driver that does not tell its
version otherwise. Those of another platform are what is assumed of it, as pixi and conda-lock assume it; a
project says more where it needs more. ``CONDA_OVERRIDE_CUDA=12.4`` and its like win over both; an empty one
means that it is not there.
"""

from __future__ import annotations

import os
import sys

from hutch.spec import CondaRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["detect_virtual", "subdir_here", "usual_virtual", "virtual_packages"]

Found = dict[str, tuple[str, str]]
"""Names without ``__``, each with a version and a build."""

_MACHINES = {
    "x86_64": "64", "amd64": "64", "i386": "32", "i686": "32", "x86": "32", "aarch64": "aarch64",
    "arm64": "arm64", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "armv7l": "armv7l",
    "armv6l": "armv6l",
}  # fmt: skip
_ARCHSPEC = {"64": "x86_64", "32": "x86", "aarch64": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x",
    "riscv64": "riscv64", "armv7l": "arm", "armv6l": "arm"}  # fmt: skip

# What CPUs of x86-64 have by levels of the psABI, as /proc/cpuinfo calls it.
_LEVELS = (
    ("x86_64_v2", "cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3"),
    ("x86_64_v3", "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"),
    ("x86_64_v4", "avx512bw avx512cd avx512dq avx512f avx512vl"),
)


def subdir_here() -> str:
    """The subdir of this machine: ``linux-64``."""
    machine, system = _machine()
    word = _MACHINES.get(machine, machine)
    if system == "linux":
        if word == "64" and sys.maxsize < 1 << 32:
            word = "32"
        return f"linux-{'aarch64' if word == 'arm64' else word}"
    name = {"darwin": "osx", "windows": "win"}.get(system, system)
    return f"{name}-{'arm64' if word == 'aarch64' else word}"


def _machine() -> tuple[str, str]:
    """(machine, system) as the kernel calls them, in lower case."""
    if os.name == "posix":  # what the module says there, without its import
        facts = os.uname()
        return facts.machine.lower(), facts.sysname.lower()
    import platform

    return platform.machine().lower(), platform.system().lower()


def virtual_packages(
    subdir: str,
    environ: Mapping[str, str],
    said: Mapping[str, str] | None = None,
    *,
    anywhere: bool = False,
) -> tuple[CondaRecord, ...]:
    """The virtual packages of ``subdir``: of this machine where it is its own, else the usual ones.

    With ``anywhere`` they are the usual ones in any case: those of a lock that others use as well. ``said``
    (``{"cuda": "12.4"}``, with or without underscores) is what a project asks of that platform; an empty
    version takes one away. Variables win over it.
    """
    is_here = subdir == subdir_here() and not anywhere
    found = detect_virtual(subdir) if is_here else usual_virtual(subdir)
    system = subdir.partition("-")[0]
    for name, version in (said or {}).items():
        _override(found, name.removeprefix("__").lower(), version)
    for variable, name in (
        ("CONDA_OVERRIDE_ARCHSPEC", "archspec"),
        ("CONDA_OVERRIDE_CUDA", "cuda"),
        ("CONDA_OVERRIDE_GLIBC", "glibc"),
        ("CONDA_OVERRIDE_LINUX", "linux"),
        ("CONDA_OVERRIDE_OSX", "osx"),
        ("CONDA_OVERRIDE_WIN", "win"),
    ):
        # What a variable says of another system is not about this platform.
        at_home = {"glibc": "linux", "linux": "linux", "osx": "osx", "win": "win"}.get(name, system)
        if variable in environ and at_home == system:
            _override(found, name, environ[variable].strip())
    return tuple(
        CondaRecord(name=f"__{name}", version=version, build=build, subdir=subdir)
        for name, (version, build) in sorted(found.items())
    )


def _override(found: Found, name: str, version: str) -> None:
    if not version:
        found.pop(name, None)
    elif name == "archspec":
        found[name] = ("1", version)
    else:
        found[name] = (version, found.get(name, ("", "0"))[1])


def usual_virtual(subdir: str) -> Found:
    """What is assumed of a platform that is not this one."""
    system, _, word = subdir.partition("-")
    found: Found = {}
    if system == "linux":
        found |= {"unix": ("0", "0"), "linux": ("4.18", "0"), "glibc": ("2.28", "0")}
    elif system == "osx":
        found |= {"unix": ("0", "0"), "osx": ("13.0", "0")}
    elif system == "win":
        found |= {"win": ("10.0", "0")}
    elif system in ("emscripten", "wasi", "freebsd", "zos"):
        found |= {"unix": ("0", "0")}
    machine = "m1" if subdir == "osx-arm64" else _ARCHSPEC.get(word, word)
    if machine and system in ("linux", "osx", "win"):
        found["archspec"] = ("1", "aarch64" if subdir == "win-arm64" else machine)
    return found


def detect_virtual(subdir: str) -> Found:
    """What this machine has."""
    found = usual_virtual(subdir)
    system = subdir.partition("-")[0]
    if system == "linux":
        found["linux"] = (_kernel(), "0")
        family, version = _libc()
        found.pop("glibc", None)
        if family:
            found[family] = (version, "0")
    elif system == "osx":
        import platform

        found["osx"] = (platform.mac_ver()[0] or "13.0", "0")
    elif system == "win":
        import platform

        found["win"] = (platform.version() or "10.0", "0")
    if subdir.endswith("-64"):
        found["archspec"] = ("1", _level())
    elif subdir == "osx-arm64":
        found["archspec"] = ("1", _apple())
    cuda = _cuda(system)
    if cuda:
        found["cuda"] = (cuda, "0")
    return found


def _kernel() -> str:
    import re

    found = re.match(r"\d+(\.\d+){0,3}", os.uname().release)
    return found[0] if found else "0"


def _libc() -> tuple[str, str]:
    """The C library that this Python runs with."""
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError, AttributeError):
        said = ""
    family, _, version = said.partition(" ")
    return ("glibc", version) if family == "glibc" and version else ("", "")


def _level() -> str:
    flags = _flags()
    level = "x86_64"
    for name, needed in _LEVELS:
        if not flags.issuperset(needed.split()):
            break
        level = name
    return level


def _flags() -> set[str]:
    if sys.platform == "linux":
        try:
            with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
                for line in file:
                    key, _, words = line.partition(":")
                    if key.strip() == "flags":
                        return set(words.split())
        except OSError:
            return set()
    if sys.platform == "darwin":
        words = " ".join(
            _sysctl(f"machdep.cpu.{key}") for key in ("features", "leaf7_features", "extfeatures")
        )
        names = {"sse4.1": "sse4_1", "sse4.2": "sse4_2", "lahf": "lahf_lm", "lzcnt": "abm", "avx1.0": "avx",
            "osxsave": "xsave"}  # fmt: skip
        return {names.get(word, word) for word in words.lower().split()}
    return set()


def _apple() -> str:
    """``m1`` out of ``Apple M1 Pro``."""
    import re

    found = re.search(r"\bM(\d+)", _sysctl("machdep.cpu.brand_string"))
    return f"m{found[1]}" if found else "m1"


def _sysctl(name: str) -> str:
    """What the kernel of a Mac says, without starting a program."""
    import ctypes

    try:
        call = ctypes.CDLL(None).sysctlbyname
        size = ctypes.c_size_t(4096)
        buffer = ctypes.create_string_buffer(4096)
        if call(name.encode(), buffer, ctypes.byref(size), None, 0):
            return ""
        return buffer.value.decode("utf-8", "replace")
    except (OSError, AttributeError):
        return ""


def _cuda(system: str) -> str:
    """The newest CUDA that the driver of this machine can do; empty without one."""
    if system not in ("linux", "win"):
        return ""
    return _driver(system) or _told_by_smi()


_DRIVERS = ("libcuda.so.1", "libcuda.so")
_FOLDERS = ("/usr/lib64/nvidia", "/usr/lib/wsl/lib")


def _has_driver(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the loader could find a driver of CUDA: most machines have none, and `ctypes` costs."""
    try:
        with open("/etc/ld.so.cache", "rb") as file:
            if b"libcuda.so" in file.read():
                return True
    except OSError:
        pass
    folders = (*environ.get("LD_LIBRARY_PATH", "").split(":"), "/lib", "/lib64", "/usr/lib", "/usr/lib64")
    folders += ("/usr/local/lib", *_FOLDERS)
    return any(os.path.exists(f"{folder}/{name}") for folder in folders if folder for name in _DRIVERS)


def _driver(system: str) -> str:
    if system == "linux" and not _has_driver():
        return ""
    import ctypes

    names = ["nvcuda.dll"] if system == "win" else list(_DRIVERS)
    if system == "linux":
        names += [f"{folder}/libcuda.so.1" for folder in _FOLDERS]
    for name in names:
        try:
            version = ctypes.c_int(0)
            if ctypes.CDLL(name).cuDriverGetVersion(ctypes.byref(version)) == 0 and version.value > 0:
                return f"{version.value // 1000}.{version.value % 1000 // 10}"
        except (OSError, AttributeError):
            continue
    return ""


def _told_by_smi() -> str:
    """The driver's own program, given two seconds: it is there where the library is out of reach."""
    if os.name == "posix" and not any(
        os.access(f"{folder}/nvidia-smi", os.X_OK) for folder in os.get_exec_path() if folder
    ):
        return ""
    import re
    import shutil
    import subprocess

    program = shutil.which("nvidia-smi")
    if program is None:
        return ""

    try:
        ran = subprocess.run(
            [program, "--query", "-u", "-x"], capture_output=True, text=True, timeout=2, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.search(r"<cuda_version>(\d+\.\d+)</cuda_version>", ran.stdout)
    return found[1] if found else ""
