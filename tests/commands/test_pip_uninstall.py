"""``hutch pip uninstall``: what goes, what stays, what is asked, and the way back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from commands.pip_support import SITE, VERSION, pip, put
from commands.support import block, installed, shown


@pytest.fixture
def shop(index):
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/data.txt": "x"})
    index.add_wheel("beta", "2.0")
    index.add_wheel("gamma", "3.0")
    return index


@pytest.fixture
def place(project, shop):
    made = project({"notes.txt": ""})
    made.run("venv").ok()
    made.run("pip install alpha beta gamma").ok()
    return made


def test_several_and_back(place):
    before = sorted(path.name for path in (place / SITE).iterdir())
    assert shown(place.run("pip uninstall Alpha beta==9 absent")) == block("""
        exit 0
        warning: Skipping absent as it is not installed
        Removed 2 packages in <time>
         - alpha 1.0
         - beta 2.0
    """)
    assert installed(place) == {"gamma": "3.0"}
    assert not (place / SITE / "alpha").exists()
    place.run("env rollback").ok()
    assert sorted(path.name for path in (place / SITE).iterdir()) == before
    assert shown(place.run("pip check")).startswith("exit 0")


def test_a_file(place):
    place.write(
        {"r.txt": "alpha>=1 ; python_version > '3'\n-c c.txt\n./somewhere.whl\nbeta\n", "c.txt": "gamma\n"}
    )
    ran = place.run("pip uninstall -y -r r.txt")
    assert ran.exit_code == 0, ran.stderr
    assert installed(place) == {"gamma": "3.0"}


def test_nothing_is_done_in_a_dry_run(place):
    assert shown(place.run("pip uninstall --dry-run beta")) == block("""
        exit 0
        Would remove 1 package
         - beta 2.0
    """)
    assert "beta" in installed(place)


def test_nothing_named(place):
    assert shown(place.run("pip uninstall -y")) == block("""
        exit 2
        error: there is nothing to uninstall
          no package was named, neither as a word nor in a file
        try: hutch pip uninstall requests
    """)


def test_what_is_no_name(place):
    ran = place.run("pip uninstall -y ./alpha beta")
    assert ran.stderr.splitlines()[0] == (
        "warning: Invalid requirement: './alpha' ignored - the uninstall command expects named requirements"
    )
    assert "beta" not in installed(place)


def test_json(place):
    said = json.loads(place.run("pip uninstall beta --json").ok().stdout)
    assert said["removed"] == [{"name": "beta", "version": "2.0"}]


def test_what_others_installed(place):
    """pip's, with its compiled files; what lies in between and is nobody's stays."""
    info = put(place / SITE, "pipped", "1")
    (place / SITE / "__pycache__").mkdir(exist_ok=True)
    compiled = place / SITE / f"__pycache__/pipped.cpython-{VERSION.replace('.', '')}.pyc"
    compiled.write_bytes(b"")
    (place / SITE / "pipped_notes.txt").write_text("mine")
    place.run("pip uninstall -y pipped").ok()
    assert not info.exists()
    assert not compiled.exists()
    assert (place / SITE / "pipped_notes.txt").exists()


def test_files_outside(place):
    """A RECORD is no permission to delete: what it names outside of the environment stays."""
    info = put(place / SITE, "reaching", "1")
    outside = place / "precious.txt"
    outside.write_text("mine")
    far = os.path.relpath(outside, place / SITE)
    with open(info / "RECORD", "a") as record:
        record.write(f"{far},,\n{outside},,\n")
    place.run("pip uninstall -y reaching").ok()
    assert outside.read_text() == "mine"
    assert not info.exists()


@pytest.mark.parametrize(
    ("installer", "hint"),
    [
        (
            "pip",
            (
                "hutch pip install --reinstall-package lost --no-deps lost==1 makes it whole again,"
                " and then it can be removed"
            ),
        ),
        ("conda", "conda installed it, and can remove it"),
    ],
)
def test_without_record(place, installer, hint):
    info = put(place / SITE, "lost", "1", INSTALLER=f"{installer}\n")
    (info / "RECORD").unlink()
    assert shown(place.run("pip uninstall -y lost beta")) == block(f"""
        exit 1
        error: cannot uninstall lost 1
          its RECORD is missing
          lib/python{VERSION}/site-packages/lost-1.dist-info does not say which files belong to it
        try: {hint}
    """)
    assert "beta" in installed(place)  # all or nothing


def test_setup_py_develop(place):
    (place / SITE / "older.egg-link").write_text("/srv/older\n.\n")
    ran = place.run("pip uninstall -y older")
    assert ran.exit_code == 1
    assert "try: python setup.py develop --uninstall, in the directory of the project\n" in ran.stderr


def test_an_editable(place):
    place.write(
        {
            "lib/pyproject.toml": '[project]\nname = "lib"\nversion = "1"\n'
            '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n',
            "lib/lib.py": "",
        }
    )
    url = json.dumps({"url": f"file://{place / 'lib'}", "dir_info": {"editable": True}})
    info = put(place / SITE, "lib", "1", direct_url_json=url)
    place.run("pip uninstall -y lib").ok()
    assert not info.exists()
    assert (place / "lib/lib.py").exists()


def test_a_folder(project, shop):
    made = project({"notes.txt": ""})
    made.run("pip install --target folder alpha beta").ok()
    assert shown(made.run("pip uninstall -y alpha --target folder")) == block("""
        exit 0
        Removed 1 package in <time>
         - alpha 1.0
    """)
    assert sorted(os.listdir(made / "folder"))[:1] == ["beta"]
    assert made.run("pip uninstall -y alpha --target nowhere").exit_code == 2


def test_what_the_python_below_has(project):
    """Seen, but not of this environment: pip leaves it alone as well."""
    made = project({"notes.txt": ""})
    made.run("venv --system-site-packages").ok()
    environ = {"PYTHONUSERBASE": str(made / "home")}
    site = made / f"home/lib/python{VERSION}/site-packages"
    put(site, "below", "1")
    ran = made.run("pip uninstall -y below", environ=environ).ok()
    where = f"<project>/home/lib/python{VERSION}/site-packages, outside of <project>/.venv"
    assert ran.stderr.splitlines() == [
        f"warning: Not uninstalling below at {where}",
        "Nothing to do: .venv is up to date",
    ]
    assert (site / "below.py").exists()


@pytest.mark.slow
def test_after_it_pip_sees_the_same(place):
    pytest.importorskip("pip")
    place.run("pip uninstall -y alpha").ok()
    said = pip(str(place / ".venv/bin/python"), "freeze")
    assert said.stdout == place.run("pip freeze").ok().stdout == "beta==2.0\ngamma==3.0\n"
    python = place / ".venv/bin/python"
    assert subprocess.run([python, "-c", "import alpha"], capture_output=True, check=False).returncode == 1


class TestAnInstalledPython:
    """``--system``: a copy of the Python of the tests, with a library of links."""

    @pytest.fixture
    def python(self, project, shop):
        made = project({"notes.txt": ""})
        base = made.environ["HUTCH_PYTHON"]
        home = made / "opt"
        (home / "bin").mkdir(parents=True)
        library = home / f"lib/python{VERSION}"
        (library / "site-packages").mkdir(parents=True)
        source = os.path.join(os.path.dirname(os.path.dirname(base)), f"lib/python{VERSION}")
        for name in os.listdir(source):
            if name not in ("site-packages", "EXTERNALLY-MANAGED"):
                (library / name).symlink_to(os.path.join(source, name))
        shutil.copy(base, home / "bin/python3")
        said = subprocess.run(
            [home / "bin/python3", "-c", "import sys; print(sys.prefix)"],
            capture_output=True,
            text=True,
            check=False,
        )
        if said.stdout.strip() != str(home):
            pytest.skip("the Python of the tests cannot be moved")
        return made, home

    def test_it_is_changed_when_it_is_asked_for(self, python):
        made, home = python
        exe = home / "bin/python3"
        assert shown(made.run(f"pip install alpha --python {exe}")) == block("""
            exit 1
            error: <project>/opt/bin/python3 is in no environment
              hutch changes environments only; an installed Python with --system alone
            try: hutch venv --python <project>/opt/bin/python3 && hutch pip install alpha
             or: --python PATH names another environment
        """)
        made.run(f"pip install alpha beta --system --python {exe}").ok()
        assert made.run(f"pip freeze --python {exe}").ok().stdout == "alpha==1.0\nbeta==2.0\n"
        made.run(f"pip uninstall alpha -y --system --python {exe}").ok()
        assert made.run(f"pip freeze --system --python {exe}").ok().stdout == "beta==2.0\n"
        made.run(f"env rollback --python {exe}").ok()
        assert made.run(f"pip freeze --system --python {exe}").ok().stdout == "alpha==1.0\nbeta==2.0\n"
        assert made.run(f"pip check --system --python {exe}").exit_code == 0

    def test_pep_668(self, python):
        made, home = python
        exe = home / "bin/python3"
        (home / f"lib/python{VERSION}/EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
        for command in (f"pip install alpha --system --python {exe}", f"pip install alpha --python {exe}"):
            marker = f"<project>/opt/lib/python{VERSION}/EXTERNALLY-MANAGED"
            assert shown(made.run(command)) == block(f"""
                exit 1
                error: the packages of <project>/opt/bin/python3 belong to the system
                  {marker} says so: its package manager installs them
                try: an environment of your own: hutch venv && hutch pip install alpha
                 or: for this Python itself: the system's package manager, or --break-system-packages
            """)
        ran = made.run(f"pip uninstall -y alpha --system --python {exe}")
        assert (ran.exit_code, "belong to the system" in ran.stderr) == (1, True)
        made.run(f"pip install alpha --break-system-packages --python {exe}").ok()
        assert made.run(f"pip freeze --python {exe}").ok().stdout == "alpha==1.0\n"

    def test_where_there_is_an_environment_the_system_is_left_alone(self, python):
        made, _ = python
        made.run("venv").ok()
        made.run("pip install alpha --break-system-packages").ok()
        assert installed(made) == {"alpha": "1.0"}

    def test_what_a_file_says_and_no_more(self, python):
        """For the image of a container; what the Python came with stays."""
        made, home = python
        exe = home / "bin/python3"
        made.write({"r.txt": "beta==2.0\n"})
        put(home / f"lib/python{VERSION}/site-packages", "pip", "1")
        made.run(f"pip install alpha --system --python {exe}").ok()
        made.run(f"pip sync r.txt --system --python {exe}").ok()
        assert made.run(f"pip freeze --all --python {exe}").ok().stdout == "beta==2.0\npip==1\n"

    def test_an_environment_of_conda(self, python):
        """The active one is changed like any other, and its own packages stay; the base is none."""
        made, home = python
        (home / "conda-meta").mkdir()
        (home / "bin/python").symlink_to("python3")
        put(home / f"lib/python{VERSION}/site-packages", "of-conda", "1", INSTALLER="conda\n")
        environ = {"CONDA_PREFIX": str(home), "CONDA_DEFAULT_ENV": "work"}
        made.run("pip install alpha", environ=environ).ok()
        assert made.run("pip freeze", environ=environ).ok().stdout == "alpha==1.0\nof-conda==1\n"
        made.run("pip uninstall -y alpha", environ=environ).ok()
        made.run("env rollback", environ=environ).ok()
        assert made.run("pip freeze", environ=environ).ok().stdout == "alpha==1.0\nof-conda==1\n"
        assert made.run("pip install beta", environ={**environ, "CONDA_DEFAULT_ENV": "base"}).exit_code == 1
        ran = made.run(f"pip install beta --python {home}")
        assert ran.exit_code == 0, ran.stderr
