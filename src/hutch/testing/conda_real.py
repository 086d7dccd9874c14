"""Packages of conda that do something: a Python that runs, a compiled library, activation, commands.

The Python is one of this machine, taken apart and put into a package; it finds what belongs to it from where
it lies, so it runs from any prefix.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile

from hutch.testing.conda import PLACEHOLDER, CondaPackage
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RealPython", "activating", "c_library", "commands", "find_real_python"]

_LEFT_OUT = {"test", "tests", "idlelib", "idle_test", "lib2to3", "tkinter", "turtledemo", "pydoc_data"}
_LEFT_OUT |= {"site-packages", "dist-packages", "__pycache__"}
_ASK = """\
import json, os, sys, sysconfig
print(json.dumps({
    "version": ".".join(map(str, sys.version_info[:3])),
    "base": sys.base_prefix,
    "program": os.path.realpath(sys.executable),
    "stdlib": sysconfig.get_path("stdlib"),
    "dynload": os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload"),
    "site": sysconfig.get_path("purelib"),
    "library": os.path.join(
        sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("INSTSONAME") or ""
    ),
    "free": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealPython:
    """A Python of this machine: what goes into a package, read once."""

    version: str
    subdir: str
    files: dict[str, bytes]
    modes: dict[str, int]

    @property
    def minor(self) -> str:
        """``3.12``."""
        return self.version.rpartition(".")[0]

    @property
    def site(self) -> str:
        """Where packages are, in a prefix."""
        return f"lib/python{self.minor}/site-packages"

    def version_after(self, steps: int = 1) -> str:
        """A later patch release: the same bits under another version."""
        return f"{self.minor}.{int(self.version.rpartition('.')[2]) + steps}"

    def package(self, version: str | None = None, *, without: tuple[str, ...] = ()) -> CondaPackage:
        """It as a package, under ``version``, which it tells in a file as well."""
        version = version or self.version
        note = f"Python {version} in {PLACEHOLDER}\n"
        files = {path: data for path, data in self.files.items() if not path.startswith(without or "\0")}
        return CondaPackage(
            "python",
            version,
            f"h{version.replace('.', '')}_cpython",
            subdir=self.subdir,
            files={**files, "share/python/patchlevel.txt": note},
            links={"bin/python": f"python{self.minor}", "bin/python3": f"python{self.minor}"},
            modes=self.modes,
        )


def find_real_python(programs: Iterator[str] | list[str], subdir: str) -> RealPython | None:
    """The first of these that can be taken elsewhere; None where there is none."""
    for program in programs:
        try:
            asked = subprocess.run(
                [program, "-I", "-c", _ASK], capture_output=True, text=True, timeout=60, check=True
            )
            facts = json.loads(asked.stdout)
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        usual = os.path.join(facts["base"], "lib", f"python{facts['version'].rpartition('.')[0]}")
        # A distribution's own looks for its packages elsewhere.
        ordinary = facts["stdlib"] == usual and facts["site"] == os.path.join(usual, "site-packages")
        if not ordinary or facts["free"] or not os.path.isfile(os.path.join(usual, "ensurepip/__init__.py")):
            continue
        found = _taken(facts, subdir)
        if _runs_elsewhere(found):
            return found
    return None


def _taken(facts: dict[str, str], subdir: str) -> RealPython:
    base = facts["base"]
    minor = facts["version"].rpartition(".")[0]
    files = {f"bin/python{minor}": _relocated(_read(facts["program"]), base)}
    modes = {f"bin/python{minor}": 0o755}
    if os.path.isfile(facts["library"]):
        path = f"lib/{os.path.basename(facts['library'])}"
        files[path] = _relocated(_read(facts["library"]), base)
        modes[path] = 0o755
    for path in _standard_library(facts["stdlib"]):
        data = _read(os.path.join(facts["stdlib"], path))
        if os.path.basename(path).startswith("_sysconfigdata"):
            data = data.replace(f"{base}/".encode(), f"{PLACEHOLDER}/".encode())
            data = data.replace(f"'{base}'".encode(), f"'{PLACEHOLDER}'".encode())
        files[f"lib/python{minor}/{path}"] = data
    for name in sorted(os.listdir(facts["dynload"])):
        if name.endswith(".so") and not name.startswith(("_test", "_tkinter", "_xx", "xx")):
            path = f"lib/python{minor}/lib-dynload/{name}"
            files[path] = _relocated(_read(os.path.join(facts["dynload"], name)), base)
            modes[path] = 0o755
    files[f"lib/python{minor}/site-packages/README.txt"] = b"Packages that are installed go here.\n"
    return RealPython(version=facts["version"], subdir=subdir, files=files, modes=modes)


def _standard_library(folder: str) -> Iterator[str]:
    for directory, directories, names in os.walk(folder):
        directories[:] = sorted(
            name
            for name in directories
            if name not in _LEFT_OUT and name != "lib-dynload" and not name.startswith("config-")
        )
        for name in sorted(names):
            path = os.path.join(directory, name)
            if not name.endswith((".pyc", ".exe", ".a")) and os.path.isfile(path):
                yield os.path.relpath(path, folder)


def _relocated(data: bytes, base: str) -> bytes:
    """A program that looks for its libraries beside itself: the run path is a string, and has room."""
    for prefix in (f"{base}/lib\0".encode(), f"{base}/lib:".encode()):
        here = b"$ORIGIN/../lib" if len(prefix) > 14 else b""
        if here:
            data = data.replace(b"\0" + prefix, b"\0" + here.ljust(len(prefix), b"\0"))
    return _stripped(data)


def _stripped(data: bytes) -> bytes:
    """Without what only a debugger wants, where there is a `strip`: a fourth is left."""
    strip = shutil.which("strip")
    if strip is None or len(data) < 1 << 20:
        return data
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "library")
        with open(path, "wb") as file:
            file.write(data)
        if subprocess.run([strip, "--strip-debug", path], capture_output=True, check=False).returncode:
            return data
        return _read(path)


def _runs_elsewhere(python: RealPython) -> bool:
    """Whether it finds its own library, its modules and its place from another place."""
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.realpath(folder)
        for path, data in python.files.items():
            place = os.path.join(root, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(data)
            os.chmod(place, python.modes.get(path, 0o644))
        text = (
            "import sys, ssl, json, zlib, os, sysconfig\n"
            "maps = open('/proc/self/maps').read() if os.path.exists('/proc/self/maps') else ''\n"
            "own = all(sys.prefix in line for line in maps.splitlines() if 'libpython' in line)\n"
            "print(sys.prefix, sysconfig.get_path('purelib'), own)"
        )
        program = os.path.join(root, "bin", f"python{python.minor}")
        ran = subprocess.run([program, "-I", "-B", "-c", text], capture_output=True, text=True, check=False)
        return ran.returncode == 0 and ran.stdout.split() == [root, os.path.join(root, python.site), "True"]


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


# -- a library in C ---------------------------------------------------------------------------------------

_LIBRARY = """\
static volatile const char place[] = PREFIX;
static volatile const char data[] = PREFIX "/share/greet/words.txt";
const char *greet_place(void) { return (const char *)place; }
const char *greet_data(void) { return (const char *)data; }
const char *greet_version(void) { return VERSION; }
"""
_PROGRAM = """\
#include <stdio.h>
extern const char *greet_place(void), *greet_data(void), *greet_version(void);
int main(void) {
    char line[200];
    FILE *words = fopen(greet_data(), "r");
    if (!words || !fgets(line, sizeof line, words)) return 1;
    printf("%s %s %s", greet_version(), greet_place(), line);
    return 0;
}
"""


def c_library(version: str, subdir: str) -> CondaPackage:
    """``libgreet``: its place stands in text (a configuration, a `.pc`) and in its binary.

    Where there is a C compiler it has a library and the program ``greet``, which tells the place that was
    compiled in and what it reads there; else a file of the same form that nobody can run.
    """
    files: dict[str, bytes | str] = {
        "share/greet/words.txt": f"words of {version}\n",
        "etc/greet.conf": f"prefix = {PLACEHOLDER}\nlibrary = {PLACEHOLDER}/lib\n",
        "lib/pkgconfig/greet.pc": f"prefix={PLACEHOLDER}\nName: greet\nVersion: {version}\n",
        "bin/greet-config": f"#!/bin/sh\necho --prefix={PLACEHOLDER} --version={version}\n",
    }
    compiled = _compiled(version)
    if compiled is None:
        place = PLACEHOLDER.encode()
        files["lib/libgreet.so.1"] = b"\x7fELF\0" + place + b"\0" + place + b"/share/greet/words.txt\0end\0"
    else:
        files["lib/libgreet.so.1"], files["bin/greet"] = compiled
    return CondaPackage(
        "libgreet",
        version,
        subdir=subdir,
        files=files,
        links={"lib/libgreet.so": "libgreet.so.1"},
        modes={"bin/greet": 0o755, "bin/greet-config": 0o755, "lib/libgreet.so.1": 0o755},
    )


def _compiled(version: str) -> tuple[bytes, bytes] | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("greet.c", _LIBRARY), ("main.c", _PROGRAM)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        names = [f'-DVERSION="{version}"', f'-DPREFIX="{PLACEHOLDER}"']
        words = ["-shared", "-fPIC", "-Wl,-soname,libgreet.so.1", *names]
        program = "-o greet main.c libgreet.so.1 -Wl,-rpath,$ORIGIN/../lib"
        for command in ([*words, "-o", "libgreet.so.1", "greet.c"], program.split()):
            ran = subprocess.run([compiler, *command], cwd=folder, capture_output=True, check=False)
            if ran.returncode:
                return None
        return _read(os.path.join(folder, "libgreet.so.1")), _read(os.path.join(folder, "greet"))


# -- activation, and commands -----------------------------------------------------------------------------


def activating(version: str = "1.0") -> CondaPackage:
    """``greet-activation``: a variable by `env_vars.d`, one by `activate.d`, undone by `deactivate.d`."""
    return CondaPackage(
        "greet-activation",
        version,
        files={
            "etc/conda/activate.d/greet.sh": "export GREET_BEFORE=$GREET\nexport GREET=$CONDA_PREFIX/greet\n"
            'greet_twice() { echo "$GREET $GREET"; }\n',
            "etc/conda/deactivate.d/greet.sh": "export GREET=$GREET_BEFORE\nunset GREET_BEFORE\n"
            'unset -f greet_twice\n[ -n "$GREET" ] || unset GREET\n',
            "etc/conda/env_vars.d/greet.json": json.dumps({"GREET_VERSION": version}),
        },
    )


def commands(version: str) -> CondaPackage:
    """``greeter``: pure Python, with the commands ``greeter`` and ``greeter-version``."""
    text = (
        f"import sys\n\nVERSION = {version!r}\n\n\ndef main():\n"
        "    print(VERSION, sys.prefix, *sys.argv[1:])\n\n\ndef version():\n    print(VERSION)\n"
    )
    info = f"site-packages/greeter-{version}.dist-info"
    return CondaPackage(
        "greeter",
        version,
        "py_0",
        noarch="python",
        depends=["python >=3.8", "libgreet"],
        files={
            "site-packages/greeter/__init__.py": text,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeter\nVersion: {version}\n",
            f"{info}/INSTALLER": "conda\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": "".join(
                f"{path},,\n"
                for path in (
                    "greeter/__init__.py",
                    *(f"{info[14:]}/{name}" for name in ("METADATA", "INSTALLER", "WHEEL", "RECORD")),
                )
            ),
        },
        entry_points=["greeter = greeter:main", "greeter-version = greeter:version"],
    )
