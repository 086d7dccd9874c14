"""Projects of setuptools: ``setup.py``, ``setup.cfg``, requirements beside them, and what only a build tells."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import pytest

from commands.support import block, installed, locked, shown

# What stands in for setuptools: a legacy backend that runs setup.py as a file of Python, with its own `setup`.
BACKEND = """\
import base64, hashlib, os, sys, types, zipfile

__legacy__ = sys.modules[__name__]


def _arguments():
    given = {}
    module = types.ModuleType("setuptools")
    module.setup = given.update
    sys.modules["setuptools"] = module
    open("runs.txt", "a").write("x")
    exec(compile(open("setup.py").read(), "setup.py", "exec"), {"__name__": "__main__"})
    return given


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_wheel


def _metadata(given):
    lines = ["Metadata-Version: 2.1", "Name: " + given["name"], "Version: " + given.get("version", "0.0.0")]
    lines += ["Requires-Dist: " + each for each in given.get("install_requires", [])]
    for extra, items in given.get("extras_require", {}).items():
        lines += ["Provides-Extra: " + extra]
        lines += ["Requires-Dist: " + each + "; extra == '" + extra + "'" for each in items]
    return "\\n".join(lines) + "\\n"


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    given = _arguments()
    name = given["name"] + "-" + given.get("version", "0.0.0") + ".dist-info"
    os.mkdir(os.path.join(metadata_directory, name))
    with open(os.path.join(metadata_directory, name, "METADATA"), "w") as file:
        file.write(_metadata(given))
    return name


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    given = _arguments()
    stem = given["name"] + "-" + given.get("version", "0.0.0")
    files = {
        "_" + given["name"] + ".pth": os.getcwd() + "\\n",
        stem + ".dist-info/METADATA": _metadata(given),
        stem + ".dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append("%s,sha256=%s,%d" % (path, digest, len(text.encode())))
    files[stem + ".dist-info/RECORD"] = "\\n".join([*rows, stem + ".dist-info/RECORD,,"]) + "\\n"
    with zipfile.ZipFile(os.path.join(wheel_directory, stem + "-py3-none-any.whl"), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return stem + "-py3-none-any.whl"


build_wheel = build_editable
"""

SETUP = """\
from setuptools import setup

setup(name="shop", version="1.0", python_requires=">=3.9", install_requires=["alpha"], extras_require={"fast": ["beta"]})
"""
COMPUTED = """\
from setuptools import setup

with open("needs.txt") as file:
    needs = file.read().split()
setup(name="sh" + str("op"), version="1.0", install_requires=needs)
"""


@pytest.fixture
def shop(project, index):
    files = {"setuptools/__init__.py": "", "setuptools/build_meta.py": BACKEND}
    index.add_wheel("setuptools", "80.0", files=files)
    index.add_wheel("wheel", "0.40")
    for name in ("alpha", "beta", "gamma", "delta"):
        index.add_wheel(name, "1.0")

    def make(files):
        return project({"shop.py": "WORD = 'open'\n", **files})

    return make


def runs(made) -> int:
    path = made / "runs.txt"
    return len(path.read_text()) if path.exists() else 0


def test_a_plain_setup_py_is_locked_without_running_it(shop):
    made = shop({"setup.py": SETUP})
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0", "beta": "1.0"}
    assert runs(made) == 0
    made.run("sync --extra fast").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "shop": "1.0"}
    assert made.run("run python -c 'import shop; print(shop.WORD)'").stdout == "open\n"
    assert "Nothing to do" in made.run("sync --extra fast").ok().stderr


def test_what_is_computed_comes_from_the_build_and_counts_until_a_file_of_it_changes(shop):
    made = shop({"setup.py": COMPUTED, "needs.txt": "alpha\n"})
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "shop": "1.0"}
    before = runs(made)
    assert "Nothing to do" in made.run("sync").ok().stderr
    made.run("lock --check").ok()
    assert runs(made) == before
    made.write({"needs.txt": "alpha\nbeta\n"})
    assert made.run("lock --check").exit_code == 1
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "shop": "1.0"}


def test_setup_cfg_fills_in_what_setup_py_leaves_open(shop):
    made = shop(
        {
            "setup.py": "from setuptools import setup\nsetup(name='shop', version='1.0')\n",
            "setup.cfg": "[options]\ninstall_requires =\n    alpha\n[options.extras_require]\nfast = beta\n",
            "pyproject.toml": "[dependency-groups]\ndev = ['gamma']\n",
        }
    )
    made.run("lock").ok()
    assert locked(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
    made.run("add delta --no-sync").ok()
    assert made.read("setup.cfg") == (
        "[options]\ninstall_requires =\n    alpha\n    delta>=1.0\n[options.extras_require]\nfast = beta\n"
    )
    made.run("add delta --dev --no-sync").ok()
    assert made.read("pyproject.toml") == "[dependency-groups]\ndev = ['delta>=1.0', 'gamma']\n"


def test_requirements_for_development_beside_a_setup_py(shop):
    made = shop(
        {
            "setup.py": SETUP,
            "requirements.txt": "alpha==0.1  # of a server: not read\n",
            "requirements-dev.txt": "-e .[fast]\ngamma  # to check\n",
            "requirements-test.txt": "delta\n",
        }
    )
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "shop": "1.0"}
    made.run("sync --group test").ok()
    assert installed(made)["delta"] == "1.0"
    made.run("add --dev delta").ok()
    assert made.read("requirements-dev.txt") == "-e .[fast]\ndelta>=1.0\ngamma  # to check\n"
    made.run("remove --dev gamma").ok()
    assert made.read("requirements-dev.txt") == "-e .[fast]\ndelta>=1.0\n"


def test_a_setup_py_is_not_rewritten(shop):
    made = shop({"setup.py": SETUP})
    assert shown(made.run("add beta")) == block("""
        exit 1
        error: hutch cannot change setup.py
          setup.py:3: it is a program, and install_requires is there
        try: edit install_requires in setup.py:3, then run hutch lock
         or: use --group NAME for what only development needs
         or: hutch import makes a pyproject.toml of it
    """)
    assert made.read("setup.py") == SETUP


def test_what_is_wrong_is_told_with_its_line(shop):
    made = shop(
        {
            "setup.py": "from setuptools import setup\nsetup(\n  name='shop',\n  version='1',\n  install_requires=['alpha >>1'],\n)\n",
            "setup.cfg": "[options\n",
        }
    )
    assert shown(made.run("lock")) == block("""
        exit 1
        error: setup.py is not valid: 2 faults
          setup.py:5: `alpha >>1` is not a valid requirement; `>>1`: `>1` is not a version
          setup.cfg:1: the [ of a section is not closed
    """)


def test_a_setup_py_that_is_not_python(shop):
    made = shop({"setup.py": "print 'hello'\n"})
    ran = made.run("lock")
    assert ran.exit_code == 1
    assert "setup.py:1: is not Python" in ran.stderr


def test_extras_that_only_a_build_tells(shop):
    made = shop(
        {
            "setup.py": "from setuptools import setup\n"
            "extras = {name: [name] for name in ('beta', 'gamma')}\n"
            "setup(name='shop', version='1.0', install_requires=['alpha'], extras_require=extras)\n"
        }
    )
    made.run("sync --extra Beta").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "shop": "1.0"}
    assert locked(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}
    made.run("sync --all-extras").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "shop": "1.0"}
    assert shown(made.run("sync --extra delta")) == block("""
        exit 2
        error: there is no extra named delta
          extras: beta, gamma
        try: did you mean beta?
    """)
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "shop": "1.0"}


def test_plain_extras_beside_computed_dependencies(shop):
    made = shop(
        {
            "setup.py": COMPUTED.replace(
                "install_requires=needs", "install_requires=needs, extras_require={'x': ['beta']}"
            ),
            "needs.txt": "alpha\n",
        }
    )
    made.run("sync --extra x").ok()
    assert installed(made) == {"alpha": "1.0", "beta": "1.0", "shop": "1.0"}
    made.run("sync").ok()
    assert installed(made) == {"alpha": "1.0", "shop": "1.0"}
