"""``hutch env pack`` and ``hutch env unpack``: there and back, in every form, and with what leads out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from commands.packages import SHOP, SHOP_BACKEND
from commands.support import PYTHON, block, installed, manifest, shown
from env.support import tree
from hutch.store import zstd

pytestmark = pytest.mark.skipif(os.name == "nt", reason="commands are started by their first lines")
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
MAIN = "def main():\n    import sys\n    print('web of', sys.prefix)\n"


@pytest.fixture
def indexed(index):
    index.add_wheel(
        "web", "1.0", requires=["io"], files={"web/__init__.py": MAIN}, console_scripts={"web": "web:main"}
    )
    index.add_wheel(
        "io",
        "1.0",
        files={f"io{i}/__init__.py": f"x = {i}\n" for i in range(3)}
        | {"io1/tests/test_x.py": "", "io1/a é.txt": ""},
        data={"data/share/io.txt": "x", "scripts/io-tool": "#!python\nimport sys\nprint(sys.prefix)\n"},
    )
    return index


@pytest.fixture
def demo(project, indexed):
    made = project(manifest("web"))
    made.run("sync").ok()
    return made


def said(ran):
    text = re.sub(r"\d+(\.\d+)? (KiB|MiB|B)\b", "<size>", shown(ran))
    text = re.sub(r"sha256 [0-9a-f]{64}", "sha256 <hash>", text)
    text = re.sub(r"\d+ files", "<n> files", text)
    text = re.sub(r"with Python <version> \(\S+\)", "with Python <version> (<one>)", text)
    return re.sub(r"in \d+(\.\d+)? m?s", "in <time>", text)


def output(path: Path | str) -> str:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([path], capture_output=True, text=True, check=True, env=environ).stdout.strip()


def verified(made, root: Path | str) -> None:
    told = json.loads(
        made.run("env verify --deep --no-lock --json", environ={"VIRTUAL_ENV": str(root)}, cwd="/").stdout
    )
    assert (told["faults"], told["notes"]) == ([], [])


def members(path: Path) -> dict[str, tarfile.TarInfo]:
    import io

    data = zstd().decompress(path.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {each.name: each for each in archive.getmembers()}


# -- there and back --------------------------------------------------------------------------------


def test_packed_and_unpacked_somewhere_else(demo, tmp_path):
    assert said(demo.run("env pack")) == block("""
        exit 0
        Packed .venv in <time>: 2 packages in <n> files, <size>
         demo.tar.zst (<size>)
         sha256 <hash>
        hutch env unpack makes an environment of it, where Python <minor> is
        """).replace("<minor>", MINOR)
    assert said(demo.run("env unpack demo.tar.zst 'sub/a b'")) == block("""
        exit 0
        Made sub/a b with Python <version> (<one>) in <time>: 2 packages in <n> files, <size>
        Activate it with: source 'sub/a b/bin/activate'
        """)
    root = demo / "sub" / "a b"
    assert output(root / "bin" / "web") == f"web of {root}"
    assert output(root / "bin" / "io-tool") == str(root)
    assert (root / "share" / "io.txt").read_text() == "x"
    assert sorted(os.listdir(demo / "sub")) == ["a b"], "nothing else is left"
    verified(demo, root)
    shell = subprocess.run(
        ["sh", "-c", f". '{root}/bin/activate'; web"], capture_output=True, text=True, check=True
    )
    assert shell.stdout.strip() == f"web of {root}"


@pytest.mark.parametrize("form", ["tar.zst", "tar.gz", "zip"])
def test_every_form_gives_the_same_environment(demo, form):
    for number in (1, 2):
        demo.run(f"env pack -o {number}.{form}").ok()
    assert (demo / f"1.{form}").read_bytes() == (demo / f"2.{form}").read_bytes()
    demo.run(f"env unpack 1.{form} out").ok()
    root = demo / "out"
    assert output(root / "bin" / "web") == f"web of {root}"
    verified(demo, root)
    before = {
        path: (found.st_mode & 0o111, found.st_size)
        for path in (demo / ".venv" / "lib").rglob("*")
        if path.is_file() and path.name != "RECORD" and (found := path.stat())
    }
    for path, (mode, size) in before.items():
        found = (root / "lib" / path.relative_to(demo / ".venv" / "lib")).stat()
        assert (found.st_mode & 0o111, found.st_size) == (mode, size), path


def test_two_environments_of_one_lock_are_the_same_bytes(demo):
    demo.run("env pack -o 1.tar.zst").ok()
    (demo / ".venv").rename(demo / "old")
    demo.run("sync").ok()
    demo.run("env pack -o 2.tar.zst").ok()
    assert (demo / "1.tar.zst").read_bytes() == (demo / "2.tar.zst").read_bytes()


def test_no_file_is_younger_than_source_date_epoch(demo):
    (demo / ".venv" / "share" / "mine.txt").write_text("x")
    python = demo / ".venv" / "bin" / "python"
    subprocess.run([python, "-m", "compileall", "-q", demo / ".venv" / "lib"], check=True)
    demo.run("env pack -o 1.tar.zst", environ={"SOURCE_DATE_EPOCH": "1000000000"}).ok()
    found = members(demo / "1.tar.zst")
    assert not [name for name in found if name.endswith(".pyc")], "it is for sources of another date"
    assert {each.mtime for each in found.values()} <= {1_000_000_000, 1_580_601_600}
    assert found["share/mine.txt"].mtime == 1_000_000_000
    assert {(each.uid, each.gid, each.uname) for each in found.values()} == {(0, 0, "")}
    assert shown(demo.run("env pack -o 2.tar.zst", environ={"SOURCE_DATE_EPOCH": "tomorrow"})) == block("""
        exit 2
        error: SOURCE_DATE_EPOCH is a number of seconds since 1970, of 1980 or later
          it is 'tomorrow'
        """)


def test_bytecode_comes_along_or_stays_and_works(demo):
    subprocess.run(
        [demo / ".venv" / "bin" / "python", "-m", "compileall", "-q", demo / ".venv" / "lib"], check=True
    )
    demo.run("env pack -o with.tar.zst").ok()
    demo.run("env pack -o without.tar.zst --no-bytecode").ok()
    with_it = [name for name in members(demo / "with.tar.zst") if name.endswith(".pyc")]
    assert len(with_it) > 3
    assert not [name for name in members(demo / "without.tar.zst") if name.endswith(".pyc")]
    demo.run("env unpack with.tar.zst out").ok()
    code = "import web, sys; print(web.__cached__, web.__spec__.loader.get_code('web') is not None)"
    done = subprocess.run(
        [demo / "out" / "bin" / "python", "-v", "-c", code], capture_output=True, text=True, check=True
    )
    assert "code object from" not in [line for line in done.stderr.splitlines() if "/web/" in line]
    assert any("matches" in line and "/web/__init__.py" in line for line in done.stderr.splitlines())


def test_a_name_is_given_and_a_sync_has_nothing_to_do(demo, project, indexed):
    demo.run("env pack -o a.zip").ok()
    assert (
        "Run in it with: hutch run -n science COMMAND\n"
        in demo.run("env unpack a.zip -n science").ok().stderr
    )
    assert demo.run("run -n science web").ok().stdout.startswith("web of ")
    told = json.loads(demo.run("env list --json").stdout)
    assert "science" in json.dumps(told)
    assert "there is an environment named science already" in demo.run("env unpack a.zip -n science").stderr
    other = project(manifest("web"))
    other.run("lock").ok()
    other.run(f"env unpack {demo / 'a.zip'} .venv").ok()
    assert "Nothing to do" in other.run("sync").ok().stderr
    assert json.loads(other.run("env verify --json").stdout)["lock"]["drift"] == []
    assert json.loads(other.run("env verify --json").stdout)["lock"]["unknown"] == []
    history = json.loads(other.run("env history --json").stdout)["generations"]
    assert [each["packages"] for each in history] == [2]


def test_without_hutch_tar_and_a_script_are_enough(demo, tmp_path):
    demo.run("env pack -o a.tar.gz").ok()
    root = tmp_path / "it's here"
    root.mkdir()
    with tarfile.open(demo / "a.tar.gz") as archive:
        archive.extractall(root, filter="fully_trusted")
    plain = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", root / "hutch-unpack", "/bin/sh"], capture_output=True, text=True, env=plain)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hutch-unpack: /bin/sh is not Python ")
    done = subprocess.run(["sh", root / "hutch-unpack", PYTHON], capture_output=True, text=True, env=plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{root} is ready for Python ")
    assert output(root / "bin" / "web") == f"web of {root}"
    verified(demo, root)
    moved = tmp_path / "moved"
    root.rename(moved)
    assert output(moved / "bin" / "web") == f"web of {moved}", "commands find themselves"
    (moved / "share" / "io.txt").write_text("y")
    done = subprocess.run(["sh", moved / "hutch-unpack", PYTHON], capture_output=True, text=True, env=plain)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "hutch-unpack: not as it was packed: share/io.txt",
    )


@pytest.mark.slow
def test_with_the_interpreter_in_it(demo):
    ran = demo.run("env pack --with-python -o a.tar.zst")
    if ran.exit_code:
        assert "cannot be packed" in ran.stderr, ran.stderr
        pytest.skip("this Python cannot be moved: " + ran.stderr.splitlines()[1])
    demo.run("env unpack a.tar.zst out").ok()
    root = demo / "out"
    code = "import sys, os; print(sys.base_prefix, os.path.realpath(sys.executable))"
    done = subprocess.run([root / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    base, program = done.stdout.split()
    assert base == str(root / "python")
    assert program.startswith(str(root / "python" / "bin"))
    assert output(root / "bin" / "web") == f"web of {root}"
    verified(demo, root)


# -- what leads out --------------------------------------------------------------------------------


def test_editables_are_refused_or_left_out(project, indexed):
    build = "[build-system]\nrequires = []\nbuild-backend = 'hatchling.build'\n"
    made = project(
        {
            "pyproject.toml": manifest("web"),
            "lib/demo_lib.py": "",
            "lib/pyproject.toml": manifest(name="demo-lib") + build,
        }
    )
    made.run("sync").ok()
    site = next((made / ".venv").glob("lib/python*/site-packages"))
    info = site / "demo_lib-1.0.dist-info"
    info.mkdir()
    (site / "demo_lib.pth").write_text(f"{made / 'lib'}\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo-lib\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "direct_url.json").write_text(
        json.dumps({"url": (made / "lib").as_uri(), "dir_info": {"editable": True}})
    )
    rows = [
        "demo_lib.pth",
        *(f"{info.name}/{name}" for name in ("METADATA", "INSTALLER", "direct_url.json", "RECORD")),
    ]
    (info / "RECORD").write_text("".join(f"{row},,\n" for row in rows))
    assert shown(made.run("env pack")) == block("""
        exit 1
        error: the environment cannot be packed as it is
          demo-lib is installed from <project>/lib, and is changed there
        try: --no-editable builds demo-lib, and packs what is there now
         or: --ignore-editable leaves demo-lib out
        """)
    ran = made.run("env pack --ignore-editable").ok()
    assert "left out, because they are changed elsewhere: demo-lib\n" in ran.stderr
    assert not [name for name in members(made / "demo.tar.zst") if "demo_lib" in name]
    ran = made.run("env unpack demo.tar.zst out").ok()
    assert "not in it: demo-lib, changed elsewhere\n" in ran.stderr


def test_links_out_are_refused_and_links_inside_stay(demo, tmp_path):
    (tmp_path / "outside").write_text("x")
    share = demo / ".venv" / "share"
    (share / "out.txt").symlink_to(tmp_path / "outside")
    (share / "whole.txt").symlink_to(share / "io.txt")
    ran = demo.run("env pack")
    assert ran.exit_code == 1
    assert "share/out.txt is a link to " in ran.stderr
    assert not (demo / "demo.tar.zst").exists()
    demo.run("env pack --exclude share/out.txt").ok()
    demo.run("env unpack demo.tar.zst out").ok()
    assert os.readlink(demo / "out" / "share" / "whole.txt") == "io.txt"
    assert not os.path.lexists(demo / "out" / "share" / "out.txt")


def test_what_is_excluded_is_in_no_record(demo):
    demo.run("env pack --exclude tests --exclude '**/*.txt'").ok()
    names = members(demo / "demo.tar.zst")
    assert not [name for name in names if "/tests/" in name or name.endswith(".txt")]
    demo.run("env unpack demo.tar.zst out").ok()
    verified(demo, demo / "out")


def test_directories_that_are_links_are_packed_as_what_they_lead_to(project, indexed):
    made = project(manifest("web"), HUTCH_LINK_MODE="tree")
    made.run("sync").ok()
    site = next((made / ".venv").glob("lib/python*/site-packages"))
    assert (site / "io0").is_symlink()
    made.run("env pack").ok()
    made.run("cache clean")
    made.run("env unpack demo.tar.zst out").ok()
    assert output(made / "out" / "bin" / "web") == f"web of {made / 'out'}"
    assert list((made / "out").glob("lib/python*/site-packages/io-1.0.dist-info/RECORD"))
    assert not list((made / "out").glob("lib/python*/site-packages/*/hutch.record"))
    verified(made, made / "out")


def test_settings_of_pip_and_the_history_stay_at_home(demo):
    (demo / ".venv" / "pip.conf").write_text("[global]\nindex-url = https://me:hunter2@index.example/\n")
    demo.run("env pack").ok()
    text = zstd().decompress((demo / "demo.tar.zst").read_bytes())
    assert b"hunter2" not in text
    assert not [name for name in members(demo / "demo.tar.zst") if name.startswith((".hutch", "pyvenv"))]


def test_a_file_that_names_the_environment_is_told_of(demo):
    (demo / ".venv" / "share" / "mine.pc").write_text(f"prefix={demo / '.venv'}\n")
    ran = demo.run("env pack").ok()
    assert "share/mine.pc names the path of the environment, and may not work somewhere else\n" in ran.stderr


# -- what is said otherwise ------------------------------------------------------------------------


def test_nothing_is_replaced_unasked(demo):
    (demo / "demo.tar.zst").write_text("mine")
    assert shown(demo.run("env pack")) == block("""
        exit 1
        error: <project>/demo.tar.zst is there already
        try: --force replaces it
         or: -o FILE is another name
        """)
    demo.run("env pack --force").ok()
    (demo / "out").mkdir()
    (demo / "out" / "mine").write_text("x")
    ran = demo.run("env unpack demo.tar.zst out")
    assert shown(ran) == block("""
        exit 1
        error: <project>/out is not a Python environment
          there is something else already
        try: choose another directory, or remove it
        """)
    assert os.listdir(demo / "out") == ["mine"]
    assert shown(demo.run("env unpack demo.tar.zst .venv")) == block("""
        exit 1
        error: there is an environment in <project>/.venv already
        try: choose another directory, or remove this one
        """)


def test_a_dry_run_writes_nothing(demo):
    before = sorted(os.listdir(demo.path))
    assert said(demo.run("env pack --dry-run")) == block("""
        exit 0
        Would pack .venv into demo.tar.zst: 2 packages in <n> files, <size>
        """)
    assert sorted(os.listdir(demo.path)) == before
    demo.run("env pack").ok()
    assert "Would make out with Python" in demo.run("env unpack demo.tar.zst out --dry-run").ok().stderr
    assert not (demo / "out").exists()


def test_told_to_a_program(demo):
    told = json.loads(demo.run("env pack --json").ok().stdout)
    assert (told["packages"], told["format"], told["with_python"]) == (2, "tar.zst", False)
    assert told["bytes"] == (demo / "demo.tar.zst").stat().st_size
    told = json.loads(demo.run("env unpack demo.tar.zst --json").ok().stdout)
    assert told["environment"].endswith("/demo")
    assert (told["packages"], told["name"]) == (2, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("-o x.zip --format tar.gz", "error: --format tar.gz and a file named x.zip\n"),
        ("--compress-level 99", "error: --compress-level of tar.zst is a number from 1 to 22; usually 9\n"),
        ("-o .venv/x.zip", "error: the archive would lie in the environment that is packed\n"),
        ("nowhere", "error: there is no environment named nowhere\n"),
        ("one -n two", "error: one, and -n or --env: one environment is packed at a time\n"),
        ("-o none/x.zip", "error: <project>/none/x.zip cannot be written\n"),
    ],
)
def test_wrong_words(demo, options, message):
    ran = demo.run(f"env pack {options}")
    assert ran.exit_code in (1, 2)
    assert ran.stderr.startswith(message)


def test_an_environment_without_its_python_is_not_packed(demo):
    python = demo / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/gone/python")
    ran = demo.run("env pack")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: the Python of <project>/.venv does not work\n")
    assert "try: hutch sync puts it right\n" in ran.stderr
    assert installed(demo)


def test_what_other_tools_put_beside_the_interpreter_stays_at_home(demo):
    for name in ("deactivate.csh", "pydoc.bat", "activate.xsh"):
        (demo / ".venv" / "bin" / name).write_text("of virtualenv, or uv\n")
    demo.run("env verify --deep").ok()
    demo.run("env pack").ok()
    assert sorted(name for name in members(demo / "demo.tar.zst") if name.startswith("bin/")) == [
        "bin/io-tool",
        "bin/web",
    ]


def test_directories_that_somebody_has_added_are_refused(demo, tmp_path):
    site = next((demo / ".venv").glob("lib/python*/site-packages"))
    (site / "mine.pth").write_text("# a comment\nimport os\n../inside\n" + str(tmp_path) + "\n")
    ran = demo.run("env pack")
    assert shown(ran).replace(str(tmp_path), "<there>") == block(f"""
        exit 1
        error: the environment cannot be packed as it is
          lib/python{MINOR}/site-packages/mine.pth adds the directory <there>
        try: --exclude PATH leaves a file or link out
        """)
    demo.run("env pack --exclude mine.pth").ok()


# -- does it fit -----------------------------------------------------------------------------------


def changed(demo, **changes) -> None:
    """``other.tar.gz``: the same with another manifest, as another machine would have packed it."""
    import io

    demo.run("env pack -o honest.tar.gz --force").ok()
    with tarfile.open(demo / "honest.tar.gz") as old, tarfile.open(demo / "other.tar.gz", "w:gz") as new:
        for each in old:
            stream = old.extractfile(each)
            data = stream.read() if stream else b""
            if each.name == "hutch-pack.json":
                told = json.loads(data)
                for key, value in changes.items():
                    told[key] = {**told[key], **value} if isinstance(value, dict) else value(told[key])
                data = json.dumps(told).encode()
                each.size = len(data)
            new.addfile(each, io.BytesIO(data))


def tagged(*tags):
    return lambda packages: [
        {**each, "tags": list(tags)} if each["name"] == "io" else each for each in packages
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"python": {"version": "3.2.1"}}, "it is for Python 3.2, of which there is none here"),
        ({"python": {"version": "3.2.1", "free_threaded": True}}, "it is for Python 3.2 (free-threaded)"),
        ({"python": {"implementation": "graalpy", "version": "3.2.1"}}, "it is for GraalPy 3.2, of which"),
        ({"packages": tagged("cp39-cp39-win_amd64")}, "io 1.0 is for cp39-cp39-win_amd64"),
        ({"packages": tagged("py3-none-linux_riscv64")}, "io 1.0 is for py3-none-linux_riscv64"),
        ({"environment": {"scripts": "Scripts", "purelib": "Lib/site-packages"}, "files": lambda files: []},
         "it is for linux on "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_before_anything_is_made(demo, changes, reason):
    changed(demo, **changes)
    ran = demo.run("env unpack other.tar.gz out")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: other.tar.gz does not fit here\n"), ran.stderr
    assert f"  {reason}" in ran.stderr
    assert not (demo / "out").exists()


def test_what_was_built_for_a_newer_libc(demo):
    machine = json.loads(demo.run("env pack --json -o x.zip").stdout) and os.uname().machine
    changed(
        demo, packages=tagged(f"py3-none-linux_{machine}"), platform={"libc": "glibc", "version": [99, 1]}
    )
    ran = demo.run("env unpack other.tar.gz out")
    assert "  io: made for glibc 99.1, and here is " in ran.stderr
    changed(demo, packages=tagged(f"py3-none-linux_{machine}"))
    demo.run("env unpack other.tar.gz out").ok()


def test_another_python_than_it_is_for(demo, real_home):
    others = sorted(real_home.glob(".pyenv/versions/3.*/bin/python"))
    other = next((each for each in others if f"/{MINOR}." not in str(each) and "/3.6" not in str(each)), None)
    if other is None:
        pytest.skip("there is no other Python here")
    demo.run("env pack").ok()
    ran = demo.run(f"env unpack demo.tar.zst out --python {other}")
    assert f"it is for Python {MINOR}, and {other} is Python" in ran.stderr.replace(
        "<python>", sys.base_prefix
    )


# -- what is worked on, built ----------------------------------------------------------------------


def test_editables_are_built_as_they_are_now(project, indexed):
    indexed.add_wheel("alpha", "1.0")
    made = project(
        {
            "pyproject.toml": SHOP,
            "backend/mine.py": SHOP_BACKEND,
            "src/shop.py": "def main():\n    print('new')\n",
        }
    )
    made.run("sync").ok()
    assert "--no-editable builds shop, and packs what is there now\n" in made.run("env pack").stderr
    before = tree(made / ".venv")
    (made / "src" / "shop.py").write_text("def main():\n    print('newest')\n")
    ran = made.run("env pack --no-editable").ok()
    assert "Packed .venv in " in ran.stderr
    assert tree(made / ".venv") == before, "the environment itself stays as it is"
    assert not [name for name in os.listdir(made.path) if name.startswith(".venv.") or "packing" in name]
    made.run("env unpack shop.tar.zst out").ok()
    shutil.rmtree(made / "src")
    code = "import shop; shop.main(); print(shop.__file__)"
    done = subprocess.run(
        [made / "out" / "bin" / "python", "-c", code], capture_output=True, text=True, check=True
    )
    first, place = done.stdout.splitlines()
    assert first == "newest"
    assert place.startswith(str(made / "out" / "lib"))
    verified(made, made / "out")
    info = next((made / "out").glob("lib/python*/site-packages/shop-*.dist-info"))
    assert not (info / "direct_url.json").exists(), "where it was made is nobody's business"


def test_what_cannot_be_built_is_not_packed(project, indexed):
    indexed.add_wheel("alpha", "1.0")
    made = project({"pyproject.toml": SHOP, "backend/mine.py": SHOP_BACKEND, "src/shop.py": "x = 1\n"})
    made.run("sync").ok()
    made.write({"backend/mine.py": "raise SystemError('no ink')\n"})
    before = tree(made / ".venv")
    ran = made.run("env pack --no-editable")
    assert ran.exit_code == 1
    assert "no ink" in ran.stderr
    assert not (made / "shop.tar.zst").exists()
    assert tree(made / ".venv") == before


def test_a_disk_without_room_leaves_nothing(demo):
    resource = pytest.importorskip("resource")
    demo.run("env pack").ok()
    (demo / ".venv" / "share" / "large").write_bytes(os.urandom(1 << 20))
    demo.run("env pack -o large.zip").ok()
    before = sorted(os.listdir(demo.path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
    try:
        packing, unpacking = demo.run("env pack -o other.zip"), demo.run("env unpack large.zip out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert shown(packing) == block("""
        exit 1
        error: <project>/other.zip cannot be written
          File too large
        try: -o FILE is another place
        """)
    assert (unpacking.exit_code, unpacking.stderr.splitlines()[0]) == (
        1,
        "error: large.zip cannot be unpacked",
    )
    assert "File too large" in unpacking.stderr
    assert "try:" not in unpacking.stderr
    assert sorted(os.listdir(demo.path)) == before
