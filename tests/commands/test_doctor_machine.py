"""``hutch doctor``: checks of this machine and its Pythons, each with the fault made for real and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands.doctor_support import PLAIN, findings, own_python, path_of, program, python_in, titles
from commands.support import PYTHON

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SYSTEM = Path("/usr/bin/python3")
ANOTHER = next(
    (
        path
        for path in (*sorted(Path("/usr/bin").glob("python3.*[0-9]")), SYSTEM)
        if path.exists() and os.path.realpath(path) != PYTHON
    ),
    None,
)


# -- variables ---------------------------------------------------------------------------------------------


def test_python_home(project):
    made = project(PLAIN)
    assert titles(made, "python-home") == []
    (found,) = findings(made, "python-home", PYTHONHOME="/nowhere/at/all")
    assert found["seen"] == ["PYTHONHOME=/nowhere/at/all, which is not there"]
    assert found["commands"] == ["unset PYTHONHOME"]
    # What it does for real: the very Python that hutch would use does not start.
    started = subprocess.run(
        [PYTHON, "-c", ""], env={"PYTHONHOME": "/nowhere/at/all"}, capture_output=True, check=False
    )
    assert started.returncode != 0


def test_where_a_variable_is_set_is_told(project, home):
    (home / ".bashrc").write_text("alias ls=ls\nexport PYTHONHOME=/opt/python\n")
    (found,) = findings(project(PLAIN), "python-home", PYTHONHOME="/opt/python")
    assert found["seen"][1] == "<home>/.bashrc:2 seems to set it"


def test_python_path_with_packages_of_another_python(project, tmp_path):
    made = project(PLAIN)
    made.run("sync").ok()
    foreign = tmp_path / "lib" / "python3.7" / "site-packages"
    foreign.mkdir(parents=True)
    (found,) = findings(made, "python-path", PYTHONPATH=f"{foreign}{os.pathsep}")
    assert found["severity"] == "warning"
    assert found["seen"] == [
        f"{foreign}: packages of another Python, 3.7; this environment has {MINOR}",
        "an empty entry: depends on the directory that one stands in",
    ]


def test_python_path_with_a_standard_library(project):
    stdlib = os.path.dirname(os.__file__)
    made = project(PLAIN)
    (found,) = findings(made, "python-path", PYTHONPATH=stdlib)
    assert found["seen"] == [made.filtered(f"{stdlib}: the standard library of a Python")]


def test_python_path_of_plain_folders_is_a_note(project, tmp_path):
    made = project(PLAIN)
    assert titles(made, "python-path") == []
    (found,) = findings(made, "python-path", PYTHONPATH=str(tmp_path))
    assert (found["severity"], found["title"]) == ("info", "PYTHONPATH is set")


def test_certificates_that_are_not_there(project, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here\n")
    good = tmp_path / "good.pem"
    good.write_text("-----BEGIN CERTIFICATE-----\n")
    made = project(PLAIN)
    assert titles(made, "certificate-variables", SSL_CERT_FILE=str(good), SSL_CERT_DIR=str(tmp_path)) == []
    assert titles(
        made,
        "certificate-variables",
        SSL_CERT_FILE=str(tmp_path / "gone.pem"),
        REQUESTS_CA_BUNDLE=str(empty),
        SSL_CERT_DIR=str(good),
    ) == [
        "SSL_CERT_FILE names a file that is not there",
        "SSL_CERT_DIR names a file, where a directory is meant",
        "REQUESTS_CA_BUNDLE names a file without a certificate in it",
    ]


def test_proxies_that_disagree_show_no_password(project):
    made = project(PLAIN)
    assert titles(made, "proxy-variables", http_proxy="http://proxy.example:3128") == []
    (found,) = findings(
        made, "proxy-variables", https_proxy="http://ada:secret@one.example", HTTPS_PROXY="http://two.example"
    )
    assert found["title"] == "https_proxy and HTTPS_PROXY differ"
    assert found["seen"][0] == "https_proxy=http://****@one.example"
    assert "secret" not in str(found)


def test_proxies_that_are_none(project):
    made = project(PLAIN)
    assert titles(made, "proxy-variables", http_proxy="http://proxy.example:port") == [
        "http_proxy is no address"
    ]
    assert titles(made, "proxy-variables", ALL_PROXY="ftp://proxy.example") == [
        "ALL_PROXY is an address of a kind that proxies do not have (ftp://)"
    ]


def test_variables_that_are_mistyped(project):
    made = project(PLAIN)
    assert titles(made, "mistyped-variables", HUTCH_NO_DEV="1", HUTCH_MY_OWN_THING="1") == []
    assert titles(made, "mistyped-variables", HUTCH_INDEX_COMPANY_PASSWORD="x", HUTCH_INDEX_UR="") == []
    (found,) = findings(made, "mistyped-variables", HUTCH_INDEX_ULR="https://ada:secret@index.example/")
    assert (found["title"], found["seen"]) == ("hutch reads no HUTCH_INDEX_ULR", ["there is HUTCH_INDEX_URL"])
    assert "secret" not in str(found)


# -- PATH --------------------------------------------------------------------------------------------------


def test_a_pip_of_another_python(project, tmp_path):
    other = tmp_path / "other"
    made = project(PLAIN)
    made.run(f"venv {other}").ok()
    pip = program(other / "bin", "pip", f"#!{other}/bin/python\n")
    bin_folder = python_in(tmp_path / "bin", "python")
    (tmp_path / "pips").mkdir()
    (tmp_path / "pips" / "pip").symlink_to(pip)
    (found,) = findings(made, "mismatched-pip", PATH=path_of(tmp_path / "pips", bin_folder))
    assert found["title"] == "pip installs for another Python than python runs"
    assert found["seen"][0] == f"pip: {tmp_path}/pips/pip, for {other}/bin/python"
    assert found["commands"][0] == "python -m pip"


def test_a_pip_of_the_same_python(project, tmp_path):
    folder = python_in(tmp_path / "bin", "python", "python3")
    program(folder, "pip", f"#!{PYTHON}\n")
    program(folder, "pip3", f"#!{PYTHON}\n")
    made = project(PLAIN)
    assert titles(made, "mismatched-pip", PATH=path_of(folder)) == []
    venv = made / "v"
    made.run("venv v").ok()
    for name in ("pip", "pip3"):
        program(venv / "bin", name, f"#!{venv}/bin/python\n")
    assert titles(made, "mismatched-pip", PATH=path_of(venv / "bin")) == []


def test_an_environment_without_a_pip_of_its_own(project, tmp_path):
    """Neither hutch nor uv puts one there; pip is then whatever comes next on PATH."""
    made = project(PLAIN)
    made.run("sync").ok()
    program(tmp_path / "bin", "pip", f"#!{PYTHON}\n")
    (found,) = findings(made, "mismatched-pip", PATH=path_of(made / ".venv" / "bin", tmp_path / "bin"))
    assert (found["severity"], found["title"]) == (
        "info",
        "pip is not the one of the environment that python is of",
    )


def test_a_pip_whose_python_is_gone(project, tmp_path):
    folder = python_in(tmp_path / "bin", "python", "python3")
    program(folder, "pip", "#!/gone/bin/python3.9\n")
    (found,) = findings(project(PLAIN), "mismatched-pip", PATH=path_of(folder))
    assert (found["title"], found["severity"]) == ("pip cannot start: its Python is gone", "error")


@pytest.mark.skipif(ANOTHER is None, reason="there is one Python on this machine")
def test_python_and_python3_are_two(project, tmp_path):
    one = python_in(tmp_path / "one", "python")
    two = python_in(tmp_path / "two", "python3", target=str(ANOTHER))
    made = project(PLAIN)
    (found,) = findings(made, "several-pythons", PATH=path_of(one, two))
    assert found["title"] == "python and python3 are different Pythons"
    assert found["seen"][0].startswith(f"python: {one}/python, which is <interpreter>")
    both = python_in(tmp_path / "both", "python", "python3")
    assert titles(made, "several-pythons", PATH=path_of(both)) == []


def test_a_python_on_path_that_does_not_work(project, tmp_path):
    folder = tmp_path / "bin"
    program(folder, "python3", "#!/bin/sh\nexit 3\n")
    (found,) = findings(project(PLAIN), "several-pythons", PATH=path_of(folder))
    assert (found["title"], found["severity"]) == ("python3 on PATH does not work", "warning")
    assert str(folder / "python3") in found["seen"]


def test_an_environment_that_is_not_active(project, tmp_path):
    made = project(PLAIN)
    bin_folder = python_in(tmp_path / "bin", "python")
    assert titles(made, "forgotten-activation", PATH=path_of(bin_folder)) == []
    made.run("sync").ok()
    (found,) = findings(made, "forgotten-activation", PATH=path_of(bin_folder))
    assert found["seen"][1] == "the environment is <project>/.venv"
    assert titles(made, "forgotten-activation", PATH=path_of(made / ".venv" / "bin")) == []
    assert titles(made, "forgotten-activation", PATH=path_of(bin_folder), VIRTUAL_ENV="/x") == []


def test_the_hook_of_pyenv_virtualenv(project):
    made = project(PLAIN)
    assert titles(made, "pyenv-virtualenv", PYENV_VIRTUALENV_INIT=None) == []
    (found,) = findings(made, "pyenv-virtualenv", PYENV_VIRTUALENV_INIT="1")
    assert found["title"] == "pyenv-virtualenv watches this shell"


def test_two_hutches(project, tmp_path):
    one = program(tmp_path / "one", "hutch", "#!/bin/sh\n")
    two = program(tmp_path / "two", "hutch", "#!/bin/sh\n")
    made = project(PLAIN)
    assert titles(made, "two-hutches", PATH=path_of(one.parent)) == []
    (found,) = findings(made, "two-hutches", PATH=path_of(one.parent, two.parent))
    assert found["seen"] == [f"{one} is used", f"{two} is not"]
    link = tmp_path / "three"
    link.mkdir()
    (link / "hutch").symlink_to(one)
    assert titles(made, "two-hutches", PATH=path_of(one.parent, link)) == []


POLICIES = """\

        Scope ExecutionPolicy
        ----- ---------------
MachinePolicy       Undefined
   UserPolicy       Undefined
      Process       Undefined
  CurrentUser       {}
 LocalMachine       {}

"""


@pytest.mark.parametrize(
    ("user", "machine", "title"),
    [
        ("Undefined", "AllSigned", ["PowerShell runs no script that is not signed (AllSigned)"]),
        ("Undefined", "Undefined", ["PowerShell runs no script that is not signed (Restricted)"]),
        ("RemoteSigned", "Restricted", []),
        ("Undefined", "Unrestricted", []),
    ],
)
def test_the_policy_of_powershell(project, tmp_path, user, machine, title):
    (tmp_path / "table").write_text(POLICIES.format(user, machine))
    program(tmp_path / "bin", "pwsh", f"#!/bin/sh\ncat {tmp_path}/table\n")
    made = project(PLAIN)
    path = path_of(tmp_path / "bin")
    assert titles(made, "powershell-policy", PATH=path, PSModulePath="/x") == title
    assert titles(made, "powershell-policy", PATH=path) == []  # whose shell is another one is not asked


# -- disks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ("50m", ("error", "there is little room for the cache: 50.0 MiB")),
        ("600m", ("warning", "there is little room for the cache: 600.0 MiB")),
        ("2g,nr_inodes=5000", ("warning", "there is room for 4,99")),
    ],
)
def test_a_disk_that_is_almost_full(project, confined, size, found):
    made = project(PLAIN)
    cache = made.home / "cache"
    cache.mkdir()
    ran = confined(made, f"mount -t tmpfs -o size={size} tmpfs {cache}", "doctor --json --check full-disk")
    ours = [each for each in json.loads(ran.stdout)["findings"] if "<cache>" in each["seen"]]
    assert [(each["severity"], each["title"][: len(found[1])]) for each in ours] == [found]


def test_a_disk_with_room(project, confined):
    made = project(PLAIN)
    cache = made.home / "cache"
    cache.mkdir()
    ran = confined(made, f"mount -t tmpfs -o size=2g tmpfs {cache}", "doctor --json --check full-disk")
    assert not [each for each in json.loads(ran.stdout)["findings"] if "<cache>" in each["seen"]]


# -- Pythons -----------------------------------------------------------------------------------------------


def test_no_python_that_fits(project):
    made = project(PLAIN.replace(">=3.9", ">=3.99"), HUTCH_PYTHON=None)
    (found,) = findings(made, "no-python", HUTCH_PYTHON_DOWNLOADS="never")
    assert found["severity"] == "error"
    assert "3.99" in str(found["title"]) + str(found["seen"])
    assert found["commands"]
    assert titles(project(PLAIN), "no-python") == []
    # Where hutch may install one, and can ask for it, that is no fault yet.
    assert findings(made, "no-python", HUTCH_PYTHON_DOWNLOADS="automatic")[0]["severity"] == "info"


def test_a_pin_of_a_python_that_is_not_here(project):
    made = project(PLAIN, HUTCH_PYTHON=None)
    made.write({".python-version": "3.98\n"})
    (found,) = findings(made, "no-python", HUTCH_PYTHON_DOWNLOADS="never")
    assert ".python-version" in str(found["title"]) + str(found["seen"])


def test_a_python_without_parts_of_its_library(project, tmp_path):
    python = own_python(tmp_path / "python", without=("_ssl", "_sqlite3", "_lzma"))
    made = project(PLAIN, HUTCH_PYTHON=str(python))
    (found,) = findings(made, "missing-modules")
    assert found["severity"] == "error"  # without ssl there is no https
    for name in ("ssl", "sqlite3", "lzma"):
        assert name in found["title"]
    assert found["commands"][0] == f"hutch python install {MINOR} && hutch sync --python {MINOR}"
    if Path("/etc/debian_version").exists():
        line = "sudo apt-get install libssl-dev liblzma-dev libsqlite3-dev, and build that Python again"
        assert line in found["commands"]


def test_a_python_that_hutch_installed_is_not_to_be_installed_again(project, tmp_path):
    python = own_python(tmp_path / "data" / "python" / "one", without=("_sqlite3",))
    made = project(PLAIN, HUTCH_PYTHON=str(python))
    (found,) = findings(made, "missing-modules", HUTCH_DATA_DIR=str(tmp_path / "data"))
    assert not any("hutch python install" in each for each in found["commands"])


def test_a_python_with_all_of_its_library(project):
    asked = ("ssl", "zlib", "ctypes", "sqlite3", "bz2", "lzma", "readline", "tkinter", "curses")
    lacking = [
        name
        for name in asked
        if subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True, check=False).returncode
    ]
    found = titles(project(PLAIN), "missing-modules")
    assert len(found) == bool(lacking)


def test_a_python_without_ensurepip(project, tmp_path):
    python = own_python(tmp_path / "python", without=("ensurepip",))
    made = project(PLAIN, HUTCH_PYTHON=str(python))
    (found,) = findings(made, "no-ensurepip")
    assert found["title"].endswith("has no ensurepip")
    made.run("sync").ok()  # which is what is said of it
    assert titles(project(PLAIN), "no-ensurepip") == []


def test_a_python_at_the_end_of_its_life(project, real_home):
    old = next(iter(sorted((real_home / ".pyenv" / "versions").glob("3.8.*/bin/python3"))), None)
    if old is None:
        pytest.skip("no old Python on this machine")
    made = project(PLAIN.replace(">=3.9", ">=3.8"), HUTCH_PYTHON=str(old))
    (found,) = findings(made, "old-python")
    assert "has reached the end of its life" in found["title"]
    assert found["severity"] == "warning"


def test_a_python_that_is_looked_after(project, real_home):
    good = next(iter(sorted((real_home / ".pyenv" / "versions").glob("3.1[234].*/bin/python3"))), None)
    if good is None:
        pytest.skip("no such Python on this machine")
    assert titles(project(PLAIN, HUTCH_PYTHON=str(good)), "old-python") == []


def test_packages_in_the_python_of_the_system(project, tmp_path):
    python = own_python(tmp_path / "python")
    library = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    (library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    made = project(PLAIN)
    path = path_of(python.parent)
    ours = [each for each in findings(made, "system-packages", PATH=path) if str(tmp_path) in str(each)]
    assert ours == []
    info = library / "site-packages" / "alpha-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    ours = [each for each in findings(made, "system-packages", PATH=path) if str(tmp_path) in str(each)]
    assert [each["seen"] for each in ours] == [[f"alpha in {library}/site-packages"]]
    assert "hutch add alpha" in ours[0]["commands"][0]


def test_packages_of_the_user(project, home):
    made = project(PLAIN)
    made.run("sync").ok()
    folder = home / ".local" / "lib" / f"python{MINOR}" / "site-packages"
    assert titles(made, "user-packages") == []
    (folder / "alpha-1.0.dist-info").mkdir(parents=True)
    (found,) = findings(made, "user-packages")
    assert (found["title"], found["severity"]) == (
        f"1 package for the user alone, with Python {MINOR}",
        "info",
    )
    assert titles(made, "user-packages", PYTHONNOUSERSITE="1") == []
    settings = made / ".venv" / "pyvenv.cfg"
    settings.write_text(
        settings.read_text().replace(
            "include-system-site-packages = false", "include-system-site-packages = true"
        )
    )
    (found,) = findings(made, "user-packages")
    assert found["severity"] == "warning"
    assert "<project>/.venv sees them: include-system-site-packages = true" in found["seen"]


def test_hooks_that_nobody_owns(project, index):
    index.add_wheel("alpha", "1.0", files={"alpha.pth": "import os; os.environ.get('X')\n"})
    made = project(PLAIN.replace("[]", '["alpha"]'))
    made.run("sync").ok()
    assert titles(made, "start-hooks") == []  # the .pth of a package is the package's
    (packages,) = (made / ".venv" / "lib").glob("python*/site-packages")
    (packages / "zz.pth").write_text("import sys; sys.path.append('/tmp/other')\n")
    (packages / "paths.pth").write_text(f"{made.path}\n")
    (packages / "sitecustomize.py").write_text("print('hello')\n")
    assert titles(made, "start-hooks") == [
        "sitecustomize.py runs at each start of the environment's Python",
        "zz.pth runs at each start of the environment's Python",
    ]
