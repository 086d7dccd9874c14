"""CPython itself, built from its source. Minutes: ``CPYTHON_SOURCE`` has to name an archive or a folder.

Debian has one: ``apt-get source --download-only python3.13``, with a ``deb-src`` line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

SOURCE = os.environ.get("CPYTHON_SOURCE", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.exists(SOURCE), reason="CPYTHON_SOURCE names no source of CPython"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler"),
]

EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "answer", 0, -1, 0};
PyMODINIT_FUNC PyInit_answer(void)
{
    PyObject *made = PyModule_Create(&module);
    PyModule_AddIntConstant(made, "value", 42);
    return made;
}
"""


def test_it_is_built_and_is_a_whole_python(project):
    made = project({})
    ran = made.run(f"python install --build {SOURCE} --json").ok()
    key = json.loads(ran.stdout)["pythons"][0]["key"]
    assert key.startswith("cpython-")
    (place,) = [path for path in (made.home / "data" / "python").glob("cpython-*") if not path.is_symlink()]
    python = place / "bin" / "python"
    say = "import ssl, zlib, ctypes, sysconfig as s; print(s.get_config_var('prefix'), s.get_path('include'))"
    said = subprocess.run([python, "-c", say], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == str(place)
    assert Path(said[1], "Python.h").is_file()
    (made / "answer.c").write_text(EXTENSION)
    include = f"-I{said[1]}"
    ending = sysconfig.get_config_var("SHLIB_SUFFIX") or ".so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", include, "answer.c", "-o", f"answer{ending}"], cwd=made.path, check=True
    )
    counted = subprocess.run(
        [python, "-c", "import answer; print(answer.value)"], cwd=made.path, capture_output=True, text=True
    )
    assert counted.stdout == "42\n", counted.stderr
    made.run(f"venv --python {python}").ok()
    assert subprocess.run([made / ".venv" / "bin" / "python", "-c", "import ssl"]).returncode == 0
