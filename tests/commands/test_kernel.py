"""``hutch kernel``: kernels of notebooks, made, listed, removed, and started as Jupyter starts them."""

from __future__ import annotations

import json
import os
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest

from commands.support import PYTHON, block, manifest, shown
from hutch.ops.kernelspecs import kernel_folders, read_kernel, user_folder

# What a kernel is as far as its start goes: it is handed a file that says where to listen.
FAKE = """
import json, os, sys
assert sys.argv[1] == "-f", sys.argv
with open(sys.argv[2]) as file:
    connection = json.load(file)
with open(connection["told"], "w") as file:
    json.dump({"prefix": sys.prefix, "path": os.environ["PATH"], "env": dict(os.environ)}, file)
"""


@pytest.fixture
def demo(project, index):
    index.add_wheel("ipykernel", "6.0", files={"ipykernel_launcher.py": FAKE})
    made = project(manifest("ipykernel", name="demo"), JUPYTER_PLATFORM_DIRS=None)
    made.run("sync").ok()
    return made


@pytest.fixture
def folder(demo):
    return demo.home / ".local" / "share" / "jupyter" / "kernels"


def the_kernel(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def start(spec_file: Path, environ: dict[str, str], tmp_path: Path) -> dict[str, object]:
    """Start a kernel as ``jupyter_client`` does, and read what it wrote down."""
    spec = json.loads(spec_file.read_text())
    connection, told = tmp_path / "connection.json", tmp_path / "told.json"
    connection.write_text(json.dumps({"told": str(told)}))
    words = [word.replace("{connection_file}", str(connection)) for word in spec["argv"]]
    env = {**environ}
    for name, value in spec["env"].items():
        env[name] = string.Template(value).safe_substitute(environ)
    subprocess.run(words, env=env, check=True, timeout=60)
    found = json.loads(told.read_text())
    assert isinstance(found, dict)
    return found


def test_a_kernel_is_installed_and_started(demo, folder, tmp_path):
    demo.run("kernel install --variable DEMO=it").ok()
    path = the_kernel(folder)
    spec = json.loads((path / "kernel.json").read_text())
    root = str(demo / ".venv")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert path.name.startswith("demo-")
    assert spec == {
        "argv": [
            f"{root}/bin/python", "-Xfrozen_modules=off",
            "-m", "ipykernel_launcher", "-f", "{connection_file}",
        ],
        "display_name": f"demo (Python {python})",
        "language": "python",
        "metadata": {"debugger": True, "hutch": {"project": str(demo.path), "environment": root}},
        "env": {"PATH": f"{root}/bin:${{PATH}}", "VIRTUAL_ENV": root, "DEMO": "it"},
    }  # fmt: skip
    told = start(path / "kernel.json", {"PATH": "/usr/bin"}, tmp_path)
    assert told["prefix"] == root
    assert told["path"] == f"{root}/bin:/usr/bin"
    assert told["env"]["DEMO"] == "it"


def test_a_dollar_in_a_path_is_no_variable(project, index, tmp_path):
    index.add_wheel("ipykernel", "6.0", files={"ipykernel_launcher.py": FAKE})
    made = project({})
    place = made / "a $HOME ${PATH}"
    place.mkdir()
    (place / "pyproject.toml").write_text(manifest("ipykernel", name="demo"))
    made.run("sync", cwd=place.name).ok()
    made.run("kernel install --prefix here", cwd=place.name).ok()
    path = the_kernel(place / "here" / "share" / "jupyter" / "kernels")
    told = start(path / "kernel.json", {"PATH": "/usr/bin", "HOME": "/home/x"}, tmp_path)
    assert told["path"] == f"{place}/.venv/bin:/usr/bin"


def test_what_is_said(demo, folder):
    said = shown(demo.run("kernel install demo"))
    assert said == block(f"""
        exit 0
        Installed the kernel demo, shown as demo (Python {sys.version_info[0]}.{sys.version_info[1]})
          in <home>/.local/share/jupyter/kernels/demo
          with .venv/bin/python
    """)
    assert demo.run("kernel install demo").ok().stderr.startswith("Nothing to do: the kernel demo, ")
    before = (folder / "demo" / "kernel.json").read_bytes()
    again = demo.run("kernel install demo --display-name 'Spä ß' --dry-run").ok()
    assert again.stderr.startswith("Would install the kernel demo, shown as Spä ß\n")
    assert (folder / "demo" / "kernel.json").read_bytes() == before


def test_two_projects_of_one_name_have_two_kernels(demo, folder, project):
    other = project(manifest("ipykernel", name="demo"))
    other.run("sync").ok()
    demo.run("kernel install").ok()
    other.run("kernel install").ok()
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2
    assert all(name.startswith("demo-") for name in names)


def test_an_environment_without_ipykernel_is_told_of(project):
    made = project(manifest(name="demo"))
    made.run("sync").ok()
    assert shown(made.run("kernel install")) == block("""
        exit 1
        error: the environment has no ipykernel
          it is what a notebook starts and talks to
        try: hutch add --dev ipykernel
    """)
    made.run("env create play").ok()
    assert "try: hutch pip install -n play ipykernel\n" in made.run("kernel install -n play").stderr
    assert not (made.home / ".local").exists()


def test_the_base_may_have_it(project, monkeypatch):
    """With the packages of the Python that it was made from, that is asked."""
    made = project({})
    made.run("venv --system-site-packages").ok()
    ran = made.run("kernel install --sys-prefix")
    has = subprocess.run([PYTHON, "-I", "-c", "import ipykernel_launcher"], capture_output=True, check=False)
    assert (ran.exit_code == 0) == (has.returncode == 0)


def test_kernels_are_listed_and_the_dead_ones_marked(demo, folder):
    demo.run("kernel install demo").ok()
    other = folder / "other"
    other.mkdir()
    (other / "kernel.json").write_text(json.dumps({"argv": ["/gone/python"], "display_name": "Other\x1b[2J"}))
    (folder / "broken").mkdir()
    (folder / "broken" / "kernel.json").write_text("[")
    ran = demo.run("kernel list").ok()
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["kernel", "shown", "as", "Python"]
    assert lines[1].split()[0] == "demo"
    assert lines[1].split()[-2:] == ["hutch", ".venv/bin/python"]
    assert lines[2].split()[-2:] == ["dead", "/gone/python"]
    assert "\x1b" not in ran.stdout
    assert ran.stderr == "jupyter kernelspec remove other removes one of another tool\n"
    said = json.loads(demo.run("kernel list --json").ok().stdout)["kernels"]
    assert [(each["name"], each["dead"], each["by_hutch"]) for each in said] == [
        ("demo", False, True),
        ("other", True, False),
    ]


def test_only_what_hutch_made_is_removed(demo, folder, project):
    demo.run("kernel install demo").ok()
    gone = project(manifest("ipykernel", name="gone"))
    gone.run("sync").ok()
    gone.run("kernel install gone").ok()
    shutil.rmtree(gone.path)
    (folder / "other").mkdir()
    (folder / "other" / "kernel.json").write_text(json.dumps({"argv": ["/gone/python"]}))
    assert demo.run("kernel remove --stale --dry-run").ok().stderr.startswith("Would remove 1 kernel: gone\n")
    assert shown(demo.run("kernel remove --stale")) == block("""
        exit 0
        Removed 1 kernel: gone
        jupyter kernelspec remove other removes one of another tool
    """)
    assert sorted(path.name for path in folder.iterdir()) == ["demo", "other"]
    refused = demo.run("kernel remove other")
    assert refused.exit_code == 1
    assert "the kernel other is not one that hutch made" in refused.stderr
    assert demo.run("kernel install other").exit_code == 1
    assert demo.run("kernel remove").ok().stderr == "Removed 1 kernel: demo\n"
    assert [path.name for path in folder.iterdir()] == ["other"]
    assert demo.run("kernel remove").exit_code == 1
    assert demo.run("kernel remove nosuch").stderr.startswith("error: there is no kernel nosuch\n")


def test_a_link_in_the_place_of_a_kernel_is_not_followed(demo, folder):
    demo.run("kernel install demo").ok()
    victim = demo.home / "victim"
    shutil.move(folder / "demo", victim)
    (folder / "demo").symlink_to(victim)
    demo.run("kernel remove demo").ok()
    assert (victim / "kernel.json").exists()
    assert not (folder / "demo").is_symlink()


@pytest.mark.parametrize("words", ["--variable X", "sp@ce", "--user --sys-prefix", "--stale"])
def test_wrong_words_are_refused(demo, words):
    assert demo.run(f"kernel install {words}").exit_code == 2


def test_a_folder_that_cannot_be_written_is_a_problem(demo):
    (demo.home / ".local").write_text("in the way")
    ran = demo.run("kernel install demo")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: cannot write <home>/.local/share/jupyter/kernels/demo\n")
    ran = demo.run("kernel install demo", environ={"HOME": None})
    assert ran.exit_code == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.local/share/jupyter"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/jupyter"),
        ("linux", {"HOME": "/h", "JUPYTER_DATA_DIR": "/j"}, "/j"),
        ("linux", {}, None),
        ("darwin", {"HOME": "/h"}, "/h/Library/Jupyter"),
        ("darwin", {"HOME": "/h", "JUPYTER_PLATFORM_DIRS": "1"}, "/h/Library/Application Support/Jupyter"),
        ("win32", {"APPDATA": "C:/a"}, os.path.join("C:/a", "jupyter")),
        ("win32", {"APPDATA": "C:/a", "LOCALAPPDATA": "C:/l", "JUPYTER_PLATFORM_DIRS": "1"}, "C:/l/Jupyter"),
        ("win32", {"USERPROFILE": "C:/u"}, "C:/u/.jupyter/data"),
    ],
)
def test_the_places_are_those_of_jupyter(platform, environ, expected):
    assert user_folder(environ, platform) == expected


def test_the_first_place_has_the_say(tmp_path):
    environ = {"JUPYTER_PATH": f"/one{os.pathsep}relative{os.pathsep}/two", "HOME": "/h"}
    assert kernel_folders(environ, "/env", "linux") == [
        "/one/kernels",
        "/two/kernels",
        "/h/.local/share/jupyter/kernels",
        "/env/share/jupyter/kernels",
        "/usr/local/share/jupyter/kernels",
        "/usr/share/jupyter/kernels",
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"argv": []}', '{"argv": [1]}', '{"argv": "x"', "[" * 100_000]
)
def test_a_file_that_is_none_is_no_kernel(tmp_path, text):
    (tmp_path / "kernel.json").write_text(text)
    assert read_kernel(str(tmp_path)) is None


CLIENT = """
import json
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

names = [name for name in KernelSpecManager().find_kernel_specs() if name == "real"]
manager, client = start_new_kernel(kernel_name="real", startup_timeout=120)
code = '''
import os, shutil, sys
print(sys.prefix); print(shutil.which("python")); print(os.environ["GREETING"]); print(6 * 7)
'''
said = []
try:
    def listen(message):
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])
    reply = client.execute_interactive(code, output_hook=listen, timeout=120)
    assert reply["content"]["status"] == "ok", reply
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps({"names": names, "said": "".join(said).split("\\n")[:-1]}))
"""


@pytest.mark.slow
@pytest.mark.network
def test_a_real_kernel_is_started_by_jupyter(project, mirror, tmp_path):
    """ipykernel in the project's environment, jupyter_client in another one: as on somebody's machine."""
    made = project(manifest(name="it-s-me", python=">=3.11"), HUTCH_INDEX_URL=mirror)
    made.run("add --dev ipykernel").ok()
    made.run("kernel install real --variable 'GREETING=it is ${HOME}'").ok()
    made.run("venv jupyter").ok()
    made.run("pip install --python jupyter jupyter-client").ok()
    script = tmp_path / "client.py"
    script.write_text(CLIENT)
    environ = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(made.home),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    python = made / "jupyter" / "bin" / "python"
    done = subprocess.run(
        [python, "-I", script], env=environ, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    root = str(made / ".venv")
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "names": ["real"],
        "said": [root, f"{root}/bin/python", f"it is {made.home}", "42"],
    }
