"""What was written down at build time is right where the installation is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hutch.interpreters.managed import Pythons, host_here, install_archive
from hutch.interpreters.managed.settle import correct_variables, replace_prefix, settle
from interpreters.managed.archives import Archive


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/install", "/new place"),
        ("/install/lib", "/new place/lib"),
        ("-I/install/include -L/install/lib", "-I/new place/include -L/new place/lib"),
        ("-Wl,-rpath,/install/lib", "-Wl,-rpath,/new place/lib"),
        ("prefix=/install\n", "prefix=/new place\n"),
        ("'--prefix=/install' 'x'", "'--prefix=/new place' 'x'"),
        ("/installed", "/installed"),
        ("/tmp/install/x", "/tmp/install/x"),
        ("my-/install", "my-/install"),
    ],
)
def test_a_prefix_is_replaced_where_it_is_one(text: str, expected: str) -> None:
    assert replace_prefix(text, "/install", "/new place") == expected


def test_a_prefix_that_is_the_root_is_left_alone() -> None:
    assert replace_prefix("/usr /", "/", "/x") == "/usr /"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CC", "clang -pthread", "cc -pthread"),
        ("CC", "/tools/clang-linux64/bin/clang", "cc"),
        ("CXX", "clang++ -pthread", "c++ -pthread"),
        ("CC", "/usr/bin/aarch64-linux-gnu-gcc -x", "cc -x"),
        ("CC", "musl-clang", "cc"),
        ("CC", "gcc", "gcc"),
        ("AR", "/tools/llvm/bin/llvm-ar", "ar"),
        ("LDSHARED", "clang -shared -L/install/lib", "cc -shared -L/place/lib"),
        ("LDCXXSHARED", "clang++ -shared", "c++ -shared"),
        ("CFLAGS", "-O3 -isysroot /Applications/Xcode.app/SDK -g", "-O3 -g"),
        ("CFLAGS", "-I/tools/deps/include -O2", " -O2"),
        ("LIBDIR", "/install/lib", "/place/lib"),
        ("CONFIG_ARGS", "'CC=clang'", "'CC=clang'"),
    ],
)
def test_a_variable_is_corrected(name: str, value: str, expected: str) -> None:
    assert correct_variables({name: value}, "/install", "/place")[name] == expected


def test_words_of_a_command_line_are_quoted_where_the_place_has_a_space() -> None:
    values = {"LDSHARED": "gcc -shared -L/install/lib", "LIBDIR": "/install/lib", "BLDLIBRARY": "-L/install"}
    assert correct_variables(values, "/install", "/my place") == {
        "LDSHARED": "gcc -shared '-L/my place/lib'",
        "LIBDIR": "/my place/lib",
        "BLDLIBRARY": "'-L/my place'",
    }


def test_numbers_stay_numbers() -> None:
    assert correct_variables({"Py_DEBUG": 0, "SIZEOF_LONG": 8}, "/install", "/place") == {
        "Py_DEBUG": 0,
        "SIZEOF_LONG": 8,
    }


def a_build(root: Path) -> Path:
    """The text files of a build for ``/install``, as python-build-standalone makes them."""
    library = root / "lib" / "python3.14"
    for folder in (library / "config-3.14-x86_64-linux-gnu", root / "lib" / "pkgconfig", root / "bin"):
        folder.mkdir(parents=True)
    (library / "_sysconfigdata__linux_x86_64-linux-gnu.py").write_text(
        "# generated\nbuild_time_vars = "
        "{'prefix': '/install', 'CC': 'clang', 'LIBDIR': '/install/lib', 'N': 1}\n"
    )
    (library / "_sysconfig_vars__linux_x86_64-linux-gnu.json").write_text(
        json.dumps({"prefix": "/install", "CC": "clang", "N": 1})
    )
    (library / "build-details.json").write_text(
        json.dumps({"base_prefix": "../..", "base_interpreter": "/install/bin/python3.14", "x": [1]})
    )
    (library / "config-3.14-x86_64-linux-gnu" / "Makefile").write_text("prefix=\t/install\n")
    (root / "lib" / "pkgconfig" / "python-3.14.pc").write_text(
        "prefix=/install\nlibdir=${prefix}/lib\nLibs: -L/install/lib\n"
    )
    (root / "bin" / "python3.14").write_text("program")
    (root / "bin" / "python3.14").chmod(0o755)
    (root / "bin" / "pip3").write_text("#!/install/bin/python3.14\nimport pip\n")
    (root / "bin" / "python3.14-config").write_text('#!/bin/sh\nprefix="/install"\n')
    (root / "bin" / "tool").write_text('#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$0")/python3.14" "$0"\n')
    return library


def test_every_file_that_names_the_builders_prefix(tmp_path: Path) -> None:
    library = a_build(tmp_path / "python")
    settle(str(tmp_path / "python"), "/data/python/cpython-3.14.0")
    names: dict[str, object] = {}
    exec((library / "_sysconfigdata__linux_x86_64-linux-gnu.py").read_text(), names)
    place = "/data/python/cpython-3.14.0"
    assert names["build_time_vars"] == {"prefix": place, "CC": "cc", "LIBDIR": f"{place}/lib", "N": 1}
    values = json.loads((library / "_sysconfig_vars__linux_x86_64-linux-gnu.json").read_text())
    assert values == {"prefix": place, "CC": "cc", "N": 1}
    details = json.loads((library / "build-details.json").read_text())
    assert details == {"base_prefix": "../..", "base_interpreter": f"{place}/bin/python3.14", "x": [1]}
    assert (library / "config-3.14-x86_64-linux-gnu" / "Makefile").read_text() == f"prefix=\t{place}\n"
    config = (tmp_path / "python" / "lib" / "pkgconfig" / "python-3.14.pc").read_text()
    assert config == f"prefix=${{pcfiledir}}/../..\nlibdir=${{prefix}}/lib\nLibs: -L{place}/lib\n"
    assert (tmp_path / "python/bin/pip3").read_text() == f"#!{place}/bin/python3.14\nimport pip\n"
    assert (tmp_path / "python/bin/python3.14-config").read_text() == f'#!/bin/sh\nprefix="{place}"\n'
    assert "dirname" in (tmp_path / "python/bin/tool").read_text()
    assert os.readlink(tmp_path / "python/bin/python") == "python3.14"
    assert os.readlink(tmp_path / "python/bin/python3") == "python3.14"
    assert "hutch" in (library / "EXTERNALLY-MANAGED").read_text()


def test_a_script_starts_from_a_place_that_no_first_line_can_name(tmp_path: Path) -> None:
    a_build(tmp_path / "a b")
    place = str(tmp_path / "a b")
    program = tmp_path / "a b" / "bin" / "python3.14"
    program.write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "a b" / "bin" / "pip3").chmod(0o755)
    settle(place, place)
    ran = subprocess.run([tmp_path / "a b/bin/pip3", "one two"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{place}/bin/pip3 one two\n"


def test_data_that_is_no_data_is_not_run(tmp_path: Path) -> None:
    library = a_build(tmp_path / "python")
    data = library / "_sysconfigdata__linux_x86_64-linux-gnu.py"
    evil = f"build_time_vars = {{'prefix': open({str(tmp_path / 'ran')!r}, 'w')}}\n"
    data.write_text(evil)
    (library / "_sysconfig_vars__linux_x86_64-linux-gnu.json").write_text("[1]")
    settle(str(tmp_path / "python"), "/data")
    assert not (tmp_path / "ran").exists()
    assert data.read_text() == evil


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None and shutil.which("cc") is None, reason="no C compiler")
def test_an_extension_module_is_built_against_an_installed_python(
    tmp_path: Path, python_312: Archive
) -> None:
    """What `sysconfig` says is enough to compile, to link and to import."""
    pythons = Pythons(str(tmp_path / "data folder" / "python"))
    one = install_archive(
        pythons,
        str(python_312.path),
        build=None,
        host=host_here(),
        filename=python_312.name,
        sha256=python_312.sha256,
        origin="here",
    )
    assert one.key == "cpython-3.12.1-" + "-".join((host_here().os, host_here().machine, host_here().libc))
    script = """
import shlex, subprocess, sys, sysconfig
v = sysconfig.get_config_var
assert v("prefix") == sys.prefix, v("prefix")
for name, value in sysconfig.get_config_vars().items():
    assert not isinstance(value, str) or "pyenv" not in value or value[0] == ".", (name, value)
include = sysconfig.get_path("include")
obj = "spam" + v("EXT_SUFFIX")
linker = v("LDSHARED").split(" ")[0]
run = [linker, "-shared", "-fPIC", *shlex.split(v("CFLAGS")), "-I", include]
subprocess.run([*run, "spam.c", "-o", obj], check=True)
sys.path.insert(0, ".")
import spam
print(spam.answer(), v("LIBDIR"))
"""
    (tmp_path / "spam.c").write_text(
        "#include <Python.h>\n"
        "static PyObject *answer(PyObject *s, PyObject *a) { return PyLong_FromLong(42); }\n"
        'static PyMethodDef m[] = {{"answer", answer, METH_NOARGS, ""}, {0}};\n'
        'static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "spam", "", -1, m};\n'
        "PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&d); }\n"
    )
    ran = subprocess.run(
        [os.path.join(one.path, "bin", "python"), "-I", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"42 {one.path}/lib\n"


def test_of_windows_only_the_note_is_written(tmp_path: Path) -> None:
    """`sysconfig` computes the rest from where the interpreter is."""
    (tmp_path / "Lib").mkdir()
    (tmp_path / "Lib" / "os.py").write_text("")
    (tmp_path / "python.exe").write_bytes(b"MZ")
    settle(str(tmp_path), "C:\\data\\python\\cpython-3.12.7-windows-x86_64-none")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "EXTERNALLY-MANAGED", "Lib", "os.py", "python.exe",
    ]  # fmt: skip
