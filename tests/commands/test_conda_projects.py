"""``hutch lock|sync|run`` where packages of conda are asked for: a real Python and wheels, in one prefix."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, shown
from conda.real import same_tree, the_python
from hutch.conda import subdir_here
from hutch.lock import export_conda_lock, parse_lock
from hutch.ops.conda_folders import located
from hutch.testing.conda import CondaPackage, index_channel

HERE = subdir_here()
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the packages are for systems of POSIX")

PLAIN = """
[project]
name = "demo"
version = "1"
dependencies = ["alpha"]

[tool.hutch]
package = false
"""
MANIFEST = """
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = {wheels}

[dependency-groups]
test = ["beta"]

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["{here}"]
dependencies = {records}
"""


BACKEND = """
import base64, hashlib, sys, zipfile
def get_requires_for_build_editable(settings=None): return []
def build_editable(folder, settings=None, metadata=None):
    name = "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as out:
        info, record = "demo-1.0.dist-info", []
        for path, text in (
            ("demo_built_by.py", f"PYTHON = {sys.version_info[:3]}\\n"),
            (f"{info}/METADATA", "Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n"),
            (f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"),
        ):
            out.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(text)}\\n")
        out.writestr(f"{info}/RECORD", "".join(record) + f"{info}/RECORD,,\\n")
    return name
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all of them: the Python is unpacked once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def demo(project: Any, index: Any, real_channel: Path, cache: Path, tmp_path: Path) -> Any:
    """A project with a channel in it that holds a Python, and an index with wheels."""
    index.add_wheel("alpha", "1.0", requires=["gamma"])
    index.add_wheel("beta", "1.0")
    index.add_wheel("gamma", "1.0")
    python = the_python()
    assert python is not None
    minor = python.minor
    made = project(
        manifest([f"python {minor}.*", "greeter <2"], ["alpha"]),
        HUTCH_CACHE_DIR=os.fspath(cache),
        CONDA_PREFIX=None,
        CONDA_SHLVL=None,
    )
    shutil.copytree(real_channel, made.path / "chan")
    made.prefix = made.path / ".venv"
    made.minor = minor
    return made


def manifest(records: list[str], wheels: list[str]) -> str:
    return MANIFEST.format(here=HERE, records=json.dumps(records), wheels=json.dumps(wheels))


def installed(demo: Any) -> set[str]:
    """The names of both kinds of packages that are in the environment."""
    meta = {path.name.rsplit("-", 2)[0] for path in (demo.prefix / "conda-meta").glob("*.json")}
    site = demo.prefix / f"lib/python{demo.minor}/site-packages"
    return meta | {path.name.partition("-")[0] for path in site.glob("*.dist-info")}


def run_code(demo: Any, code: str, options: str = "") -> Any:
    return demo.run(f"run {options} python -c {shlex.quote(code)}")


def test_one_lock_and_one_environment_for_both(demo: Any) -> None:
    demo.run("lock").ok()
    lock = tomllib.loads(demo.read("pylock.toml"))
    assert [each["name"] for each in lock["packages"]] == ["alpha", "beta", "gamma"]
    part = lock["tool"]["hutch"]["conda"]
    assert [each["name"] for each in part["packages"]] == ["greeter", "libgreet", "python"]
    # A folder of the project is written as it is seen from there: the lock is for others, too.
    assert part["channels"] == ["./chan"]
    assert {each["channel"] for each in part["packages"]} == {"./chan"}
    assert os.fspath(demo.path) not in demo.read("pylock.toml")
    # Nor does it say what this machine happens to have.
    [target] = part["targets"]
    assert not [each for each in target["virtual"] if each.startswith("__linux=") and "4.18" not in each]

    demo.run("sync").ok()
    assert installed(demo) == {"alpha", "gamma", "greeter", "libgreet", "python"}
    said = run_code(demo, "import sys, alpha; print(sys.prefix)").ok().stdout
    assert said == "<project>/.venv\n"
    assert demo.run("run greeter hello").ok().stdout == "1.0 <project>/.venv hello\n"


def test_what_is_up_to_date_stays_untouched(demo: Any) -> None:
    demo.run("sync").ok()
    before, text = same_tree(demo.prefix), demo.read("pylock.toml")
    assert shown(demo.run("sync")) == "exit 0\nNothing to do: .venv is up to date\n"
    demo.run("lock").ok()
    demo.run("lock --check").ok()
    demo.run("sync --locked --refresh").ok()
    assert (same_tree(demo.prefix), demo.read("pylock.toml")) == (before, text)


def test_groups_come_and_go(demo: Any) -> None:
    demo.write(
        {
            "pyproject.toml": demo.read("pyproject.toml")
            + '[tool.hutch.conda.group.test]\ndependencies = ["greet-activation"]\n'
        }
    )
    demo.run("sync --group test").ok()
    assert {"beta", "greet-activation"} < installed(demo)
    said = run_code(demo, "import os; print(os.environ['GREET'])", "--group test").ok().stdout
    assert said == "<project>/.venv/greet\n"
    # Running something takes nothing away; sync does.
    demo.run("run python -V").ok()
    assert {"beta", "greet-activation"} < installed(demo)
    demo.run("sync").ok()
    assert not {"beta", "greet-activation"} & installed(demo)


def test_a_change_keeps_what_it_can_and_is_undone_by_rollback(demo: Any) -> None:
    demo.run("sync").ok()
    demo.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    before = same_tree(demo.prefix)
    demo.write({"pyproject.toml": manifest([f"python {demo.minor}.*", "greeter >=2"], ["beta"])})
    ran = demo.run("sync --json").ok()
    outcome = json.loads(ran.stdout)
    assert [each["name"] for each in outcome["updated"]] == ["greeter"]
    assert [each["name"] for each in outcome["installed"]] == ["beta"]
    assert [each["name"] for each in outcome["removed"]] == ["alpha", "gamma"]
    assert demo.run("run greeter-version").ok().stdout == "2.0\n"
    demo.run("env rollback").ok()
    assert same_tree(demo.prefix) == before
    assert demo.run("run greeter-version").ok().stdout == "1.0\n"


def test_a_failure_leaves_everything_as_it_was(demo: Any) -> None:
    demo.run("sync").ok()
    before, text = same_tree(demo.prefix), demo.read("pylock.toml")
    demo.write({"pyproject.toml": manifest(["python", "greeter >=2", "libgreet <1"], ["alpha"])})
    ran = demo.run("sync")
    assert ran.exit_code == 1
    assert "libgreet" in ran.stderr
    assert (same_tree(demo.prefix), demo.read("pylock.toml")) == (before, text)
    # A package that is not what the lock says, after the solve.
    demo.write({"pyproject.toml": manifest([f"python {demo.minor}.*", "greeter >=2"], ["alpha"])})
    demo.run("lock").ok()
    for path in (demo.path / "chan").rglob("greeter-2*"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    demo.environ["HUTCH_CACHE_DIR"] = os.fspath(demo.path.parent / "another")
    ran = demo.run("sync")
    assert ran.exit_code != 0
    assert same_tree(demo.prefix) == before


def test_a_virtual_environment_becomes_a_prefix_and_back(demo: Any) -> None:
    conda = demo.read("pyproject.toml")
    demo.write({"pyproject.toml": PLAIN})
    demo.run("sync").ok()
    assert (demo.prefix / "pyvenv.cfg").exists()
    demo.write({"pyproject.toml": conda})
    ran = demo.run("sync").ok()
    assert "making .venv anew: it is to have packages of conda" in ran.stderr
    assert (demo.prefix / "conda-meta/history").exists()
    assert not (demo.prefix / "pyvenv.cfg").exists()
    demo.write({"pyproject.toml": PLAIN})
    ran = demo.run("sync").ok()
    assert (
        "making .venv anew: it is a conda environment, and the project asks conda for nothing" in ran.stderr
    )
    assert (demo.prefix / "pyvenv.cfg").exists()
    assert not (demo.prefix / "conda-meta").exists()
    assert [path.name for path in demo.path.glob(".venv*")] == [".venv"]


def test_the_old_environment_is_back_where_the_new_one_comes_to_nothing(demo: Any) -> None:
    conda = demo.read("pyproject.toml")
    demo.write({"pyproject.toml": PLAIN})
    demo.run("sync").ok()
    clash = CondaPackage("clash", "1", subdir=HERE, files={"share/a.txt": "1"})
    other = CondaPackage("other", "1", subdir=HERE, files={"share/a.txt": "2"})
    index_channel(demo.path / "more", [clash, other])
    wanted = conda.replace('["./chan"]', '["./chan", "./more"]').replace('"greeter <2"', '"clash", "other"')
    demo.write({"pyproject.toml": wanted})
    ran = demo.run("sync")
    assert ran.exit_code == 1
    assert "share/a.txt" in ran.stderr
    assert (demo.prefix / "pyvenv.cfg").exists()
    assert [path.name for path in demo.path.glob(".venv*")] == [".venv"]
    demo.write({"pyproject.toml": PLAIN})
    run_code(demo, "import alpha", "--no-sync").ok()


def test_the_project_itself_is_built_with_the_python_of_the_prefix(demo: Any) -> None:
    text = demo.read("pyproject.toml").replace("[tool.hutch]\npackage = false\n", "")
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    demo.write({"pyproject.toml": system + text, "backend.py": BACKEND})
    demo.run("sync").ok()
    code = "import sys, demo_built_by as d; assert d.PYTHON == sys.version_info[:3], d.PYTHON"
    run_code(demo, code).ok()
    assert "demo" in installed(demo)


def test_an_environment_yml_is_a_project(demo: Any) -> None:
    (demo.path / "pyproject.toml").unlink()
    asked = f"  - python={demo.minor}\n  - greeter=1\n  - pip:\n    - alpha\n"
    text = f"name: demo\nchannels: [./chan]\ndependencies:\n{asked}"
    demo.write({"environment.yml": text})
    ran = demo.run("sync").ok()
    assert "warning" not in ran.stderr
    assert installed(demo) == {"alpha", "gamma", "greeter", "libgreet", "python"}


def test_a_platform_that_the_lock_does_not_have(demo: Any) -> None:
    demo.run("lock").ok()
    demo.environ["CONDA_SUBDIR"] = "osx-arm64"
    ran = demo.run("sync --frozen")
    assert ran.exit_code == 1
    assert ran.stderr == block(f"""
        error: the lock has nothing from conda for osx-arm64
          it was solved for {HERE}
        try: add the platform to `platforms` of the manifest and run `hutch lock`
    """)


def test_a_lock_without_named_platforms_grows_with_the_machines(demo: Any) -> None:
    text = demo.read("pyproject.toml").replace(f'platforms = ["{HERE}"]\n', "")
    demo.write({"pyproject.toml": text})
    demo.run("lock").ok()
    lock = demo.read("pylock.toml")
    demo.run("lock --upgrade").ok()
    assert demo.read("pylock.toml") == lock
    ran = demo.run("lock --target nonsense")
    assert (ran.exit_code, "nonsense is no platform of conda" in ran.stderr) == (2, True)


def test_the_project_is_installed_where_no_wheel_is_asked_for(demo: Any) -> None:
    text = demo.read("pyproject.toml").replace("[tool.hutch]\npackage = false\n", "")
    text = text.replace('dependencies = ["alpha"]', "dependencies = []").replace(
        'test = ["beta"]', "test = []"
    )
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    demo.write({"pyproject.toml": system + text, "backend.py": BACKEND})
    demo.run("sync").ok()
    assert "demo" in installed(demo)


def test_a_lock_of_conda_lock_is_installed_as_it_stands(demo: Any) -> None:
    demo.run("lock").ok()
    part = parse_lock(demo.read("pylock.toml")).conda
    assert part is not None
    exported = export_conda_lock(located(part, os.fspath(demo.path)))
    for name in ("pyproject.toml", "pylock.toml"):
        (demo.path / name).unlink()
    asked = f"  - python={demo.minor}\n  - greeter=1\n"
    demo.write(
        {
            "environment.yml": f"name: demo\nchannels: [./chan]\ndependencies:\n{asked}",
            "conda-lock.yml": exported,
        }
    )
    demo.run("sync").ok()
    assert {"greeter", "libgreet", "python"} <= installed(demo)
    assert not (demo.path / "pylock.toml").exists()


def test_what_the_machine_is_taken_for_is_looked_at_each_time(demo: Any) -> None:
    """A lock may have two targets of one platform: with this alone changed, there is something to do."""
    plain = CondaPackage("speed", "1", "cpu", subdir=HERE, files={"share/speed": "cpu"})
    fast = CondaPackage(
        "speed", "1", "gpu", subdir=HERE, files={"share/speed": "gpu"}, depends=["__cuda >=12"]
    )
    index_channel(demo.path / "chan", [plain, fast])
    gpu = f'{{ name = "gpu", platform = "{HERE}", system-requirements.cuda = "12" }}'
    text = manifest(["speed"], []).replace('test = ["beta"]', "")
    text = text.replace(f'platforms = ["{HERE}"]', f'platforms = ["{HERE}", {gpu}]')
    demo.write({"pyproject.toml": f'{text}[tool.hutch.conda.target.gpu]\ndependencies = ["speed=*=gpu"]\n'})
    for version, said in ((None, "cpu"), ("12.4", "gpu"), (None, "cpu")):
        demo.run("sync", environ={"CONDA_OVERRIDE_CUDA": version}).ok()
        assert (demo.prefix / "share/speed").read_text() == said


def test_its_python_is_a_package(demo: Any) -> None:
    demo.run("sync").ok()
    demo.run(f"sync --python {demo.minor}").ok()
    ran = demo.run("sync --python 3.5")
    assert ran.exit_code == 2
    assert ran.stderr.startswith(
        "error: --python 3.5 cannot be had: this project's Python is a package of conda\n"
    )
    assert "hutch add --conda 'python 3.5.*' asks for another one" in ran.stderr
    assert demo.run("python which").ok().stdout == "<project>/.venv/bin/python\n"


def test_verify_compares_records_with_the_lock(demo: Any) -> None:
    demo.run("sync --group test").ok()
    assert "It is what pylock.toml says: 6 packages" in demo.run("env verify").ok().stderr
    before = demo.read("pylock.toml")
    demo.write({"pyproject.toml": manifest([f"python {demo.minor}.*", "greeter >=2"], ["alpha"])})
    demo.run("lock").ok()
    ran = demo.run("env verify")
    assert ran.exit_code == 1
    assert "greeter is 1.0 py_0 instead of 2.0 py_0" in ran.stderr
    demo.write({"pylock.toml": before})
    demo.run("env verify").ok()
    rows = json.loads(demo.run("env list --json").ok().stdout)
    assert "<project>/.venv" in json.dumps(rows)


def test_a_conda_environment_of_somebody_else_makes_no_room(demo: Any) -> None:
    demo.run("sync").ok()
    (demo.prefix / ".hutch/made").write_text("1 2 project\n")
    before = same_tree(demo.prefix)
    demo.write({"pyproject.toml": PLAIN})
    ran = demo.run("sync")
    assert ran.exit_code == 1
    assert ran.stderr == block("""
        error: <project>/.venv is not a Python environment
          it is a conda environment, and the project asks conda for nothing
        try: move it away; hutch deletes nothing that it did not make
         or: set HUTCH_PROJECT_ENVIRONMENT to have the environment in another directory
    """)
    assert same_tree(demo.prefix) == before


def test_a_dry_run_tells_and_changes_nothing(demo: Any) -> None:
    conda = demo.read("pyproject.toml")
    demo.write({"pyproject.toml": PLAIN})
    demo.run("sync").ok()
    demo.write({"pyproject.toml": conda})
    demo.run("lock").ok()
    outcome = json.loads(demo.run("sync --dry-run --json").ok().stdout)
    names = [each["name"] for each in outcome["installed"]]
    assert names == ["alpha", "gamma", "greeter", "libgreet", "python"]
    assert outcome["environment"] == "<project>/.venv"
    assert (demo.prefix / "pyvenv.cfg").exists()
    assert [path.name for path in demo.path.glob(".venv*")] == [".venv"]


def test_a_prefix_that_came_along_is_not_started(demo: Any) -> None:
    demo.run("sync").ok()
    copy = demo.path / "copy"
    shutil.copytree(demo.prefix, copy, symlinks=True)
    shutil.rmtree(demo.prefix)
    copy.rename(demo.prefix)
    (demo.prefix / "bin/python").unlink()
    (demo.prefix / "bin/python").write_text("#!/bin/sh\necho pwned > ran\n")
    (demo.prefix / "bin/python").chmod(0o755)
    for command in ("sync", "run python -V", "run --no-sync python -V"):
        ran = demo.run(command)
        assert (ran.exit_code, ran.stdout) == (1, ""), command
        assert ran.stderr == block("""
            error: <project>/.venv is not a Python environment
              it is a conda environment that hutch has not made on this machine
            try: if you know who made it: hutch allow
             or: else delete it, and hutch makes another one
        """)
    assert not (demo.path / "ran").exists()
    shutil.rmtree(demo.prefix)
    demo.run("sync").ok()
    demo.run("run --no-sync python -V").ok()


def test_a_wrong_guess_of_a_name_is_told(demo: Any) -> None:
    """Of the same name on both sides, and yet another thing: what is in the package says so."""
    files = {"site-packages/real/__init__.py": "", "site-packages/Really_Else-1.dist-info/METADATA": "x"}
    odd = CondaPackage("odd", "1", noarch="python", depends=["python"], files=files)
    index_channel(demo.path / "more", [odd])
    text = demo.read("pyproject.toml").replace('["./chan"]', '["./chan", "./more"]')
    demo.write({"pyproject.toml": text.replace('"greeter <2"', '"odd"').replace('["alpha"]', '["odd"]')})
    ran = demo.run("sync").ok()
    assert (
        "warning: the conda package odd was taken for odd, and has really-else:"
        ' put odd = "really-else" into [tool.hutch.conda.map]\n'
    ) in ran.stderr


def test_what_a_user_has_put_into_a_prefix_is_not_thrown_away_with_it(demo: Any) -> None:
    demo.run("sync").ok()
    demo.run("run python -V").ok()
    mine = demo.prefix / "share/jupyter/kernels/mine.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}")
    demo.write({"pyproject.toml": PLAIN})
    ran = demo.run("sync")
    assert ran.exit_code == 1
    assert "files that are no package's: share/jupyter/kernels/mine.json" in ran.stderr
    assert mine.read_text() == "{}"
    mine.unlink()
    demo.run("sync").ok()
