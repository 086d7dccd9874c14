"""A small world for shims: Pythons that say which they are, folders, pins, trust, and both kinds of shims.

The Pythons are one compiled program that prints its own path and words; what lies beside it (a library,
headers) tells hutch which version each is, so nothing has to be started to find out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from hutch.interpreters.pin_files import PIN_FILES
from hutch.ops.context import Context
from hutch.ops.plain_python import Noting, PlainPython, plain_python
from hutch.ops.shim_tables import ShimTables
from hutch.shell.shim import ShimFacts
from hutch.shell.shim_c import render_c
from hutch.shell.shim_sh import render_sh

KINDS = ("c", "sh", *(["bash"] if os.path.exists("/bin/bash") else []))
"""The program; the script, as `/bin/sh` here reads it, and as macOS does, where that is bash."""
PYTHON = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static volatile const char padding[400000] = {1};
int main(int count, char **words)
{
    char here[8192];
    int i;
    if (count == 2 && strcmp(words[1], "--fail") == 0)
        return 41 + padding[count];
    printf("%s\n", words[0]);
    for (i = 1; i < count; i++)
        printf("[%s]\n", words[i]);
    if (count == 2 && strcmp(words[1], "--read") == 0 && fgets(here, sizeof here, stdin))
        printf("read %s", here);
    if (count == 3 && strcmp(words[1], "--show") == 0)
        printf("%s\n", getenv(words[2]) ? getenv(words[2]) : "unset");
    return 0;
}
"""
HUTCH = """#!/bin/sh
if [ "$1" = python ]; then echo SLOW; exit 90; fi
echo "HUTCH ${VIRTUAL_ENV-} ${HUTCH_PYTHON-} $*"
"""


class World:
    """Folders below ``top``: ``data``, ``pyenv``, ``home``, ``bin`` (on PATH) and ``tree`` with the pins."""

    def __init__(self, top: Path) -> None:
        self.top = top.resolve()
        self.data, self.pyenv = self.top / "data", self.top / "pyenv"
        self.tree, self.bin, self.home = self.top / "tree", self.top / "bin", self.top / "home"
        self.shims = self.data / "shims"
        self.hutch = self.top / "hutch"
        self.hutch.write_text(HUTCH)
        self.hutch.chmod(0o755)
        self.python = self.top / "fake"
        (self.top / "fake.c").write_text(PYTHON)
        compile_c(self.top / "fake.c", self.python)
        self.watched = (str(self.data / "python"), str(self.data / "envs"), str(self.pyenv / "versions"))
        self.facts = ShimFacts(
            data=str(self.data),
            shims=str(self.shims),
            hutch=(str(self.hutch),),
            watched=self.watched,
            pin_files=PIN_FILES,
            stamp="hutch shim 1",
        )
        (self.top / "shim.c").write_text(render_c(self.facts), "ascii")
        compile_c(self.top / "shim.c", self.top / "c")
        (self.top / "sh").write_text(render_sh(self.facts))
        (self.top / "sh").chmod(0o755)
        script = render_sh(self.facts).removeprefix("#!/bin/sh\n")
        (self.top / "bash").write_text("#!/bin/bash --posix\n" + script)
        (self.top / "bash").chmod(0o755)
        self.clear()

    def clear(self) -> None:
        """Begin anew: no Pythons, no pins, no tables."""
        for folder in (self.data, self.pyenv, self.tree, self.bin, self.home):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        self.data.chmod(0o700)
        self.shims.mkdir()

    def install(self, version: str, prefix: Path | None = None) -> Path:
        """A Python of this version; of pyenv's, if nothing else is said."""
        prefix = prefix or self.pyenv / "versions" / version
        major, minor, _ = version.split(".")
        (prefix / "bin").mkdir(parents=True)
        library = prefix / "lib" / f"python{major}.{minor}"
        library.mkdir(parents=True)
        (library / "os.py").write_text("")
        header = prefix / "include" / f"python{major}.{minor}"
        header.mkdir(parents=True)
        (header / "patchlevel.h").write_text(f'#define PY_VERSION "{version}"\n')
        program = prefix / "bin" / f"python{major}.{minor}"
        os.link(self.python, program)
        for name in ("python", "python3"):
            (prefix / "bin" / name).symlink_to(program.name)
        return prefix

    def environment(self, root: Path, base: Path) -> Path:
        """A virtual environment of the Python in ``base``."""
        (root / "bin").mkdir(parents=True)
        (root / "pyvenv.cfg").write_text(f"home = {base / 'bin'}\n")
        for name in ("python", "python3"):
            (root / "bin" / name).symlink_to(base / "bin" / "python")
        return root

    def environ(self, **more: str) -> dict[str, str]:
        """The variables of whoever calls."""
        return {
            "PATH": f"{self.shims}:{self.bin}",
            "HOME": str(self.home),
            "PYENV_ROOT": str(self.pyenv),
            "HUTCH_DATA_DIR": str(self.data),
            "HUTCH_CACHE_DIR": str(self.top / "cache"),
            **more,
        }

    def use(self, kind: str) -> None:
        """Put the shims of this kind into their folder."""
        for name in ("python", "python3", "python3.21", "python3.22", "python3.23", "pip", "pip3"):
            path = self.shims / name
            path.unlink(missing_ok=True)
            os.link(self.top / kind, path)

    def call(
        self, name: str, *words: str, cwd: Path, environ: dict[str, str] | None = None, stdin: str = ""
    ) -> tuple[int, str]:
        """Exit code and output of a shim."""
        environ = self.environ() if environ is None else environ
        ran = subprocess.run(
            [name, *words],
            executable=self.shims / name,
            cwd=cwd,
            env={**environ, "PWD": str(cwd)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ran.returncode, ran.stdout + ran.stderr

    def shell_call(self, name: str, *words: str, cwd: Path, **more: object) -> tuple[int, str]:
        """The same, as a shell does it: with the full path as the first word."""
        environ = more.get("environ") or self.environ()
        assert isinstance(environ, dict)
        ran = subprocess.run(
            [str(self.shims / name), *words],
            cwd=cwd,
            env={**environ, "PWD": str(cwd)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ran.returncode, ran.stdout + ran.stderr

    def decide(
        self, name: str, cwd: Path, environ: dict[str, str] | None = None, *, note: bool = False
    ) -> PlainPython:
        """What the rules say in Python; with ``note`` the tables learn it, as in the slow way."""
        context = Context(cwd, self.environ() if environ is None else environ)
        noting = Noting()
        if note:
            time.sleep(0.012)  # what is noted in the tick in which something changed is not believed
            tables = ShimTables(str(self.shims))
            tables.begin(self.watched)
            noting = Noting(name=tables.note_name, file=tables.note_file)
        try:
            return plain_python(context, name, noting)
        finally:
            context.close()


def compile_c(source: Path, program: Path) -> None:
    """Compile, and let no warning pass."""
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-Wconversion"]
    subprocess.run(["cc", *flags, "-o", str(program), str(source)], check=True)
