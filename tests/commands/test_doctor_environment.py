"""``hutch doctor``: checks of environments, each with the fault made for real and without."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from commands.doctor_support import examine, findings, path_of, program, python_in, titles
from commands.support import PYTHON, installed, manifest
from faults.killing import count_changes, killed_at
from hutch.cli.table import every_command
from hutch.ops.checks.aiming import aim
from hutch.ops.checks.disks import network_type

pytestmark = pytest.mark.skipif(os.name == "nt", reason="environments of POSIX systems")
MINE = (
    "broken-environment",
    "moved-environment",
    "foreign-environment",
    "wrong-python",
    "wrong-environment-active",
    "conda-base",
    "committed-environment",
    "drifted-environment",
    "damaged-packages",
    "unmet-requirements",
    "pip-remnants",
    "shared-files",
    "conda-and-pip",
    "cache-elsewhere",
    "slow-disk",
    "odd-path",
    "foreign-owner",
    "dead-kernel",
    "dead-editor-python",
)
PRINTS = "def main():\n    import sys\n    print(sys.prefix)\n"


@pytest.fixture
def demo(project, index):
    index.add_wheel(
        "web",
        "1.0",
        requires=["io>=1"],
        files={"web/__init__.py": PRINTS},
        console_scripts={"web": "web:main"},
    )
    index.add_wheel("io", "1.0", files={"io1/__init__.py": "", "io1/data.txt": "data"})
    index.add_wheel("io", "0.5", files={"io1/__init__.py": "", "io1/data.txt": "older"})
    index.add_wheel("extra", "1.0", files={"io1/data.txt": "of extra"})
    made = project(manifest("web"))
    made.run("sync").ok()
    return made


def site(made) -> Path:
    return next((made / ".venv").glob("lib/python*/site-packages"))


def output(path: Path) -> str:
    return subprocess.run([path], capture_output=True, text=True, check=True).stdout.strip()


def fixed(made, code: str) -> None:
    """``--fix`` puts it right, and says so; nothing is found then."""
    ran = made.run(f"doctor --fix --check {code}").ok()
    assert ran.stdout.startswith("fixed: "), ran.stdout
    assert findings(made, code) == []
    made.run("env verify --deep").ok()


def test_a_sound_environment_has_none_of_them(demo):
    answer = examine(demo, *MINE)
    assert answer["findings"] == []
    assert {each["state"] for each in answer["checks"]} == {"fine"}


def test_where_there_is_none_nothing_is_found(project):
    assert findings(project(), *MINE) == []
    assert findings(project(manifest()), *MINE) == []


# -- its Python --------------------------------------------------------------------------------------------


def gone(made, version: str | None = None) -> None:
    """The Python of the environment is upgraded away."""
    python = made / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/gone/bin/python3")
    cfg = made / ".venv" / "pyvenv.cfg"
    lines = [
        line for line in cfg.read_text().splitlines() if not line.startswith(("home", "base", "executable"))
    ]
    cfg.write_text("\n".join(["home = /gone/bin", *lines]) + "\n")
    if version is not None:
        cfg.write_text(cfg.read_text().replace(f"{sys.version_info[0]}.{sys.version_info[1]}", version))


def test_a_python_that_was_upgraded_away(demo, tmp_path):
    gone(demo)
    (found,) = findings(demo, "broken-environment")
    assert (found["title"], found["severity"], found["class"]) == (
        "the Python of .venv is gone",
        "error",
        "safe",
    )
    assert found["seen"] == ["<project>/.venv/bin/python leads to /gone/bin/python3, which is gone"]
    assert "its packages stay" in found["plan"][0]
    before = sorted(installed(demo))
    fixed(demo, "broken-environment")
    assert output(demo / ".venv" / "bin" / "web") == str(demo / ".venv")
    assert sorted(installed(demo)) == before
    assert "Nothing to do" in demo.run("sync").ok().stderr


def test_a_python_that_became_another_minor_version(demo, tmp_path):
    """As /usr/bin/python3 does with the system."""
    other = program(tmp_path / "usr", "python3.99", "#!/bin/sh\n")
    python = demo / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(other)
    (found,) = findings(demo, "broken-environment")
    assert found["title"] == ".venv has another Python than its packages are for"
    now = "<project>/.venv/bin/python is Python 3.99 now, and the packages are for Python "
    assert found["seen"] == [now + f"{sys.version_info[0]}.{sys.version_info[1]}"]
    fixed(demo, "broken-environment")
    assert output(demo / ".venv" / "bin" / "web") == str(demo / ".venv")


def test_without_the_same_minor_version_it_is_made_anew_from_the_lock(demo):
    gone(demo, "2.6")
    (demo / ".venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}").rename(
        demo / ".venv" / "lib" / "python2.6"
    )
    (found,) = findings(demo, "broken-environment")
    assert found["plan"] == ["make it anew with a Python that is here, as the lock says"]
    fixed(demo, "broken-environment")
    assert installed(demo) == {"web": "1.0", "io": "1.0"}


def test_without_a_lock_what_was_installed_is_told(project, index):
    index.add_wheel("alpha", "1.0")
    made = project()
    made.run("venv").ok()
    made.run("pip install alpha").ok()
    gone(made, "2.6")
    next((made / ".venv" / "lib").iterdir()).rename(made / ".venv" / "lib" / "python2.6")
    (found,) = findings(made, "broken-environment")
    assert (found["class"], found["can_fix"]) == ("info", False)
    assert found["commands"] == ["hutch venv --clear .venv && hutch pip install alpha==1.0"]


# -- its place ---------------------------------------------------------------------------------------------


def test_a_project_that_was_moved(demo, tmp_path):
    old = demo.path
    shutil.move(old, tmp_path / "moved")
    demo.path = tmp_path / "moved"
    (found,) = findings(demo, "moved-environment")
    assert found["title"] == ".venv was moved"
    assert found["seen"][1:] == [f"it was made as {old / '.venv'}", "commands of another place: bin/web"]
    fixed(demo, "moved-environment")
    assert output(demo / ".venv" / "bin" / "web") == str(demo / ".venv")


def test_a_copy(demo, tmp_path):
    shutil.copytree(demo.path, tmp_path / "copy", symlinks=True)
    original = demo.path
    demo.path = tmp_path / "copy"
    assert titles(demo, "moved-environment") == [".venv is a copy of another"]
    assert output(demo / ".venv" / "bin" / "web") == str(original / ".venv")
    fixed(demo, "moved-environment")
    assert output(demo / ".venv" / "bin" / "web") == str(demo / ".venv")


def test_a_dry_run_tells_and_leaves_it(demo, tmp_path):
    shutil.move(demo.path, tmp_path / "moved")
    demo.path = tmp_path / "moved"
    before = (demo / ".venv" / "bin" / "web").read_bytes()
    ran = demo.run("doctor --fix --dry-run --check moved-environment")
    assert "would fix: .venv was moved: write its commands" in ran.stdout
    assert (demo / ".venv" / "bin" / "web").read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_modules_of_another_machine(demo):
    head = bytearray(b"\x7fELF\x02\x01\x01" + bytes(13))
    head[18:20] = (243).to_bytes(2, "little")
    (site(demo) / "io1" / "attach_riscv64.so").write_bytes(bytes(head))
    assert findings(demo, "foreign-environment") == [], "a package may bring libraries of others along"
    (site(demo) / "io1" / "_speed.cpython-312-riscv64-linux-gnu.so").write_bytes(bytes(head))
    (found,) = findings(demo, "foreign-environment")
    assert found["seen"][1].endswith("/io1/_speed.cpython-312-riscv64-linux-gnu.so is for ELF on riscv64")
    shutil.copy(os.path.realpath(PYTHON), site(demo) / "io1" / "_more.abi3.so")
    assert findings(demo, "foreign-environment") == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="for glibc")
def test_modules_of_another_libc(demo):
    """Of a container of Alpine, whose folder is that of this machine."""
    name = f"_speed.cpython-312-{platform.machine()}-linux-musl.so"
    shutil.copy(os.path.realpath(PYTHON), site(demo) / "io1" / name)
    (found,) = findings(demo, "foreign-environment")
    assert found["seen"][1].endswith(f"/io1/{name} is for Linux with musl")


def test_the_layout_of_windows(demo):
    shutil.rmtree(demo / ".venv")
    (demo / ".venv" / "Scripts").mkdir(parents=True)
    (demo / ".venv" / "Lib" / "site-packages").mkdir(parents=True)
    (demo / ".venv" / "pyvenv.cfg").write_text("home = C:\\Python312\nversion = 3.12.1\n")
    (found,) = findings(demo, "foreign-environment")
    assert found["seen"][1] == "it has the layout of Windows"


def test_an_environment_in_the_repository(demo):
    assert titles(demo, "committed-environment") == []
    subprocess.run(["git", "init", "-q"], cwd=demo.path, check=True)
    assert titles(demo, "committed-environment") == []
    subprocess.run(["git", "add", "-f", ".venv/pyvenv.cfg"], cwd=demo.path, check=True)
    (found,) = findings(demo, "committed-environment")
    assert found["title"] == ".venv is in the repository"
    assert found["commands"][0] == "git rm -r -q --cached .venv"
    subprocess.run(found["commands"][0].split(), cwd=demo.path, check=True)
    assert titles(demo, "committed-environment") == []


def test_an_environment_in_the_repository_is_forgotten_by_git(demo):
    subprocess.run(["git", "init", "-q"], cwd=demo.path, check=True)
    (demo / ".venv" / ".gitignore").unlink(missing_ok=True)
    subprocess.run(["git", "add", "."], cwd=demo.path, check=True)
    demo.run("doctor --check committed-environment --fix --yes").ok()
    assert titles(demo, "committed-environment") == []
    assert (demo / ".venv" / "pyvenv.cfg").exists()
    subprocess.run(["git", "add", "."], cwd=demo.path, check=True)  # it stays forgotten
    assert titles(demo, "committed-environment") == []


# -- the right one -----------------------------------------------------------------------------------------


def test_a_python_that_the_project_does_not_admit(demo):
    demo.write({"pyproject.toml": manifest("web", python=">=3.99")})
    (found,) = findings(demo, "wrong-python")
    assert "the project requires Python >=3.99" in found["seen"]
    demo.write({"pyproject.toml": manifest("web"), ".python-version": "3.98\n"})
    (found,) = findings(demo, "wrong-python")
    assert found["seen"][0] == "<project>/.python-version asks for 3.98"
    demo.write({".python-version": f"{sys.version_info[0]}.{sys.version_info[1]}\n"})
    assert findings(demo, "wrong-python") == []


def test_another_environment_is_active(demo, tmp_path):
    other = demo.path.parent / "other"
    demo.run(f"venv {other}").ok()
    (found,) = findings(demo, "wrong-environment-active", VIRTUAL_ENV=str(other))
    assert found["title"] == "another environment is active than the project's"
    mine = demo / ".venv"
    path = path_of(mine / "bin")
    assert findings(demo, "wrong-environment-active", VIRTUAL_ENV=str(mine), PATH=path) == []
    path = path_of(python_in(tmp_path / "first", "python"), mine / "bin")
    (found,) = findings(demo, "wrong-environment-active", VIRTUAL_ENV=str(mine), PATH=path)
    assert found["title"] == "an environment is active, and PATH has another Python before its own"
    (found,) = findings(demo, "wrong-environment-active", VIRTUAL_ENV="/gone")
    assert found["title"] == "an environment is active that is gone"


def test_the_base_of_conda(project):
    made = project(manifest())
    base = {"CONDA_DEFAULT_ENV": "base", "CONDA_PREFIX": "/opt/conda"}
    assert titles(made, "conda-base", **base) == [
        "the base environment of conda is active, and the project has none of its own"
    ]
    made.run("venv").ok()
    assert titles(made, "conda-base", **base) == []


# -- what is installed -------------------------------------------------------------------------------------


def test_drift(demo):
    demo.run("pip install extra io==0.5 --allow-clobber extra --allow-clobber io").ok()
    (found,) = findings(demo, "drifted-environment")
    assert found["title"] == "2 packages are not what pylock.toml says"
    assert found["seen"] == ["extra is not in the lock", "io is 0.5 instead of 1.0"]
    assert (found["class"], found["undo"]) == ("safe", "hutch env rollback")
    before = demo.read("pylock.toml")
    fixed(demo, "drifted-environment")
    assert demo.read("pylock.toml") == before
    assert installed(demo) == {"web": "1.0", "io": "1.0"}


def test_what_was_rolled_back_is_left_alone(demo):
    demo.run("add extra --allow-clobber extra").ok()
    demo.run("env rollback").ok()
    (found,) = findings(demo, "drifted-environment")
    assert (found["severity"], found["can_fix"]) == ("info", False)


def test_files_that_are_missing(demo):
    (site(demo) / "io1" / "data.txt").unlink()
    (site(demo) / "web-1.0.dist-info" / "METADATA").unlink()
    found = findings(demo, "damaged-packages")
    assert [(each["title"], each["class"]) for each in found] == [
        ("io is not whole", "safe"),
        ("web is not whole", "safe"),
    ]
    fixed(demo, "damaged-packages")
    assert (site(demo) / "io1" / "data.txt").read_text() == "data"


def test_an_edit_is_asked_about(demo):
    path = site(demo) / "io1" / "data.txt"
    path.unlink()
    path.write_text("mine, and longer")
    (found,) = findings(demo, "damaged-packages")
    assert (found["title"], found["class"], found["severity"]) == (
        "io has files that were changed",
        "ask",
        "warning",
    )
    demo.run("doctor --fix --check damaged-packages")
    assert path.read_text() == "mine, and longer"
    demo.run("doctor --fix --yes --check damaged-packages").ok()
    assert path.read_text() == "data"


def test_an_edit_of_the_same_size_and_date_is_seen_with_deep(demo):
    path = site(demo) / "io1" / "data.txt"
    before = path.stat()
    path.unlink()
    path.write_text("date")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert findings(demo, "damaged-packages") == []
    assert len(findings(demo, "damaged-packages", words="--deep")) == 1


def test_installed_twice(demo):
    shutil.copytree(site(demo) / "io-1.0.dist-info", site(demo) / "io-0.9.dist-info")
    (found,) = findings(demo, "damaged-packages")
    assert "is installed twice" in found["seen"][0]
    fixed(demo, "damaged-packages")


def test_requirements_that_are_not_met(demo):
    demo.run("pip uninstall -y io").ok()
    (found,) = findings(demo, "unmet-requirements")
    assert found["seen"] == ["web 1.0 requires io, which is not installed."]
    demo.run("pip install io==0.5").ok()
    assert "but you have io 0.5" in findings(demo, "unmet-requirements")[0]["seen"][0]


def test_what_a_killed_pip_has_left(demo):
    (site(demo) / "~o1").mkdir()
    (site(demo) / "~o1" / "x.py").write_text("")
    assert titles(demo, "pip-remnants") == ["~o1 is left of a killed pip"]
    fixed(demo, "pip-remnants")
    assert not (site(demo) / "~o1").exists()
    assert (site(demo) / "io1").exists()


def test_two_packages_with_one_file(demo):
    demo.run("pip install extra --allow-clobber extra").ok()
    assert findings(demo, "shared-files") == [], "hutch has taken it from the other's RECORD"
    record = site(demo) / "io-1.0.dist-info" / "RECORD"
    record.write_text(
        record.read_text() + "io1/data.txt,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"
    )
    (found,) = findings(demo, "shared-files")
    assert found["title"] == "extra and io have put different files in one place"


def test_pip_over_conda(project, tmp_path):
    prefix = tmp_path / "conda"
    packages = prefix / "lib" / "python3.12" / "site-packages"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "io-1.0-0.json").write_text(json.dumps({"name": "io", "version": "1.0"}))

    def put(name: str, version: str, installer: str) -> None:
        info = packages / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "INSTALLER").write_text(installer)

    made = project()
    put("io", "1.0", "conda")
    assert findings(made, "conda-and-pip", CONDA_PREFIX=str(prefix)) == []
    put("web", "1.0", "pip")
    (found,) = findings(made, "conda-and-pip", CONDA_PREFIX=str(prefix))
    assert (found["severity"], found["seen"][1:]) == ("info", ["web 1.0, put in by pip"])
    shutil.rmtree(packages / "io-1.0.dist-info")
    put("io", "1.1", "pip")
    found, other = findings(made, "conda-and-pip", CONDA_PREFIX=str(prefix))
    assert (found["severity"], found["title"]) == ("error", "pip has installed io 1.1 over conda's 1.0")
    assert not found["can_fix"]  # its history is gone: whose it is, and what it was, nobody knows
    assert (other["severity"], other["seen"][1:]) == ("info", ["web 1.0, put in by pip"])


# -- disks -------------------------------------------------------------------------------------------------


def test_the_cache_on_another_file_system(demo):
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(demo.path).st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        (found,) = findings(demo, "cache-elsewhere", HUTCH_CACHE_DIR=folder)
        assert found["seen"][1] == f"the cache: {folder}"
        assert findings(demo, "cache-elsewhere", HUTCH_CACHE_DIR=folder, HUTCH_LINK_MODE="copy") == []


def test_a_folder_that_is_synchronised(project, tmp_path):
    made = project(manifest())
    folder = tmp_path / "OneDrive - Company" / "demo"
    folder.parent.mkdir()
    shutil.move(made.path, folder)
    made.path = folder
    (found,) = findings(made, "slow-disk")
    assert found["title"] == "the environment is in a folder that OneDrive - Company synchronises"


@pytest.mark.parametrize(
    ("path", "kind"), [("/home/me/x", "nfs4"), ("/home/you", ""), ("/", ""), ("/mnt/my disk/a", "9p")]
)
def test_network_file_systems(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nserver:/home /home/me nfs4 rw 0 0\nC: /mnt/my\\040disk 9p rw 0 0\n"
    )
    assert network_type(path, str(mounts)) == kind


def test_paths_that_tools_cannot_handle(project, tmp_path):
    made = project(manifest())
    folder = tmp_path / f"a b é {'x' * 100}" / "demo"
    folder.parent.mkdir()
    shutil.move(made.path, folder)
    made.path = folder
    assert findings(made, "odd-path") == [], "there is no environment yet"
    made.run("venv").ok()
    (found,) = findings(made, "odd-path")
    assert len(found["seen"]) == 4
    assert found["severity"] == "info"


def test_files_of_root(demo, monkeypatch):
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give files away")
    assert findings(demo, "foreign-owner") == [], "root may have files"
    for path in [demo.path, *demo.path.rglob("*"), *demo.home.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    # Whoever it is has to have a Python, and that of the suite may be in root's own home.
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert findings(demo, "foreign-owner") == []
    path = site(demo) / "io1" / "data.txt"
    os.chown(path, 0, 0)
    found, _ = findings(demo, "foreign-owner")  # the cache has another name of it
    assert found["title"] == "files in the environment belong to root"
    assert found["seen"] == [f"<project>/{path.relative_to(demo.path)}"]
    assert found["commands"][0].startswith("sudo chown -R 12345:")


def test_bytecode_that_is_never_written(demo, monkeypatch):
    assert findings(demo, "no-bytecode") == []
    (found,) = findings(demo, "no-bytecode", PYTHONDONTWRITEBYTECODE="1")
    assert found["seen"] == ["PYTHONDONTWRITEBYTECODE=1", "io1, web have no bytecode"]
    assert found["commands"][0] == "hutch sync --reinstall --compile"
    with monkeypatch.context() as nothing:  # for root every place can be written
        nothing.setattr(os, "access", lambda path, mode: mode != os.W_OK)
        (found,) = findings(demo, "no-bytecode")
    assert found["commands"] == ["PYTHONPYCACHEPREFIX=FOLDER, with a folder that can be written"]
    subprocess.run([demo / ".venv" / "bin" / "python", "-m", "compileall", "-q", site(demo)], check=True)
    assert findings(demo, "no-bytecode", PYTHONDONTWRITEBYTECODE="1") == []


# -- editors -----------------------------------------------------------------------------------------------


def test_kernels_whose_python_is_gone(demo, tmp_path):
    folder = tmp_path / "jupyter"

    def kernel(name: str, python: str, **metadata: object) -> None:
        (folder / "kernels" / name).mkdir(parents=True)
        spec = {"argv": [python, "-m", "ipykernel"], "metadata": metadata}
        (folder / "kernels" / name / "kernel.json").write_text(json.dumps(spec))

    kernel("good", PYTHON)
    kernel("theirs", "/gone/python")
    kernel("ours", "/gone/python", hutch={"project": "/x"})
    (folder / "kernels" / "broken").mkdir()
    (folder / "kernels" / "broken" / "kernel.json").write_text("[")
    found = findings(demo, "dead-kernel", JUPYTER_DATA_DIR=str(folder))
    assert [(each["title"], each["class"]) for each in found] == [
        ("the kernel ours has a Python that is gone", "safe"),
        ("the kernel theirs has a Python that is gone", "info"),
    ]
    demo.run("doctor --fix --check dead-kernel", environ={"JUPYTER_DATA_DIR": str(folder)}).ok()
    assert sorted(os.listdir(folder / "kernels")) == ["broken", "good", "theirs"]


def test_settings_of_an_editor(demo):
    text = '{\n  // the one of "python.pythonPath": "x/y"\n  "python.defaultInterpreterPath": "%s",\n}\n'
    demo.write({".vscode/settings.json": text % "${workspaceFolder}/.venv/bin/python"})
    assert findings(demo, "dead-editor-python") == []
    demo.write({".vscode/settings.json": text % "/gone/bin/python"})
    (found,) = findings(demo, "dead-editor-python")
    assert (
        found["seen"][1]
        == "python.defaultInterpreterPath is /gone/bin/python, and there is no /gone/bin/python"
    )
    demo.write({".vscode/settings.json": text % PYTHON})
    (found,) = findings(demo, "dead-editor-python")
    assert (found["title"], found["severity"]) == (
        "VS Code is told of another Python than the project's",
        "info",
    )
    assert found["class"] == "ask"
    demo.run("doctor --fix --yes --check dead-editor-python").ok()
    written = demo.read(".vscode/settings.json")
    assert '"python.defaultInterpreterPath": "${workspaceFolder}/.venv/bin/python"' in written
    assert "// the one of" in written
    demo.write({".vscode/settings.json": text % "python3"})
    assert findings(demo, "dead-editor-python") == []


def test_pip_on_path_is_not_started(demo, tmp_path):
    """Nothing of an environment is run by these checks but its Python, by its facts."""
    marker = tmp_path / "ran"
    program(site(demo), "sitecustomize.py", f"open({str(marker)!r}, 'w').close()\n")
    examine(demo, *MINE)
    assert not marker.exists()


# -- what is advised is about the same environment --------------------------------------------------------


def test_advice_is_for_the_environment_that_was_asked_about(project, tmp_path):
    made = project(manifest())
    made.run("sync --env train").ok()
    bin_folder = python_in(tmp_path / "bin", "python")
    (found,) = findings(made, "forgotten-activation", words="--env train", PATH=str(bin_folder))
    assert found["commands"] == ["hutch run --env train python", "hutch shell --env train"]
    made.run("env create play").ok()
    assert findings(made, "forgotten-activation", words="-n play", PATH=str(bin_folder)) == []
    for env in (made / ".venv-train", Path(made.home) / "data" / "envs" / "play"):
        python = env / "bin" / "python"
        python.unlink()
        python.symlink_to("/nowhere/python3")
        settings = (env / "pyvenv.cfg").read_text().splitlines()
        changed = ["home = /nowhere" if line.startswith("home =") else line for line in settings]
        (env / "pyvenv.cfg").write_text("\n".join(changed) + "\n")
    assert "try: hutch doctor --env train --fix" in made.run("doctor --env train").stdout
    ran = made.run("doctor -n play")
    assert "try: hutch doctor -n play --fix" in ran.stdout
    assert "hutch doctor -n play --fix puts" in ran.stdout


@pytest.mark.parametrize("path", [each.path for each in every_command()])
def test_what_chooses_the_environment_is_said_where_a_command_takes_it(path):
    words = f"hutch {' '.join(path)}"
    options = {o.name for each in every_command() if each.path == path for o in each.options}
    for option, env, named, typed in (
        ("env", "train", None, "--env train"),
        ("name", None, "play", "-n play"),
    ):
        aimed = aim(f"{words} x", env, named)
        assert aimed in (f"{words} x", f"{words} {typed} x")
        if aimed != f"{words} x":
            assert option in options
            assert aim(aimed, env, named) == aimed
    if path[0] in ("sync", "run", "shell"):
        assert aim(words, "train", None) == f"{words} --env train"


def test_a_change_that_was_cut_off(demo):
    total = count_changes(demo, "sync --reinstall")
    for at in range(total - 1, 0, -1):
        killed_at(demo, "sync --reinstall", at)
        if (demo / ".venv" / ".hutch" / "journal").exists():
            break
    (found,) = findings(demo, "cut-off-change")
    assert (found["title"], found["severity"], found["class"]) == (
        "a change of .venv was cut off",
        "error",
        "safe",
    )
    ran = demo.run("doctor --fix --check cut-off-change").ok()
    assert "was cut off, and has been undone" in ran.stderr
    assert findings(demo, "cut-off-change") == []
    demo.run("env verify --deep").ok()
