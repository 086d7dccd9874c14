"""Table 1.4, D rows: what a wheel puts outside of its own package, and whose files it would replace."""

from __future__ import annotations

import pytest

from hostile.world import World, evil
from store.craft import wheel_entries

DATA = "evil-1.0.data"
SCRIPT = b"#!python\nprint('pwned')\n"
INVALID = "is not a valid wheel"

REFUSED = {
    "D01 scripts/python": ({f"{DATA}/scripts/python": SCRIPT}, INVALID),
    "D01 scripts/python3": ({f"{DATA}/scripts/python3": SCRIPT}, INVALID),
    "D01 scripts/python3.13t": ({f"{DATA}/scripts/python3.13t": SCRIPT}, INVALID),
    "D01 scripts/PYTHON.EXE": ({f"{DATA}/scripts/PYTHON.EXE": SCRIPT}, INVALID),
    "D01 scripts/python_d.exe": ({f"{DATA}/scripts/python_d.exe": SCRIPT}, INVALID),
    "D01 scripts/pypy3": ({f"{DATA}/scripts/pypy3": SCRIPT}, INVALID),
    "D01 scripts/python._pth": ({f"{DATA}/scripts/python._pth": b"/tmp/lib\nimport site\n"}, INVALID),
    "D01 scripts/python3.12.exe._pth": ({f"{DATA}/scripts/python3.12.exe._pth": b"/tmp/lib\n"}, INVALID),
    "D02 data/bin/Python3._PTH": ({f"{DATA}/data/bin/Python3._PTH": b"/tmp/lib\n"}, INVALID),
    "D02 data/Scripts/python312.dll": ({f"{DATA}/data/Scripts/python312.dll": b"MZ"}, INVALID),
    "D02 data/bin/python": ({f"{DATA}/data/bin/python": SCRIPT}, INVALID),
    "D02 data/Scripts/pythonw.exe": ({f"{DATA}/data/Scripts/pythonw.exe": SCRIPT}, INVALID),
    "D02 data/BIN/python3": ({f"{DATA}/data/BIN/python3": SCRIPT}, INVALID),
    "D03 scripts/activate": ({f"{DATA}/scripts/activate": SCRIPT}, INVALID),
    "D03 scripts/Activate.ps1": ({f"{DATA}/scripts/Activate.ps1": SCRIPT}, INVALID),
    "D03 scripts/activate_this.py": ({f"{DATA}/scripts/activate_this.py": SCRIPT}, INVALID),
    "D03 data/bin/activate.fish": ({f"{DATA}/data/bin/activate.fish": SCRIPT}, INVALID),
    "D04 data/pyvenv.cfg": ({f"{DATA}/data/pyvenv.cfg": b"home = /tmp\n"}, INVALID),
    "D04 data/PYVENV.CFG": ({f"{DATA}/data/PYVENV.CFG": b"home = /tmp\n"}, INVALID),
    "D04 data/pip.conf": ({f"{DATA}/data/pip.conf": b"[global]\nproxy = evil.example\n"}, INVALID),
    "D04 data/Pip.ini": ({f"{DATA}/data/Pip.ini": b"[global]\nproxy = evil.example\n"}, INVALID),
    "D04 data/.git": ({f"{DATA}/data/.git/config": b"[core]\nfsmonitor = evil\n"}, INVALID),
    "D04 data/conda-meta": ({f"{DATA}/data/conda-meta/history": b""}, INVALID),
    "D04 data/.hutch": ({f"{DATA}/data/.hutch/journal": b"{}"}, INVALID),
    "D04 data/.gitignore": ({f"{DATA}/data/.gitignore": b""}, "of the environment"),
    "D04 data/lib64": ({f"{DATA}/data/lib64": b""}, "of the environment"),
    "D04 data/lib": ({f"{DATA}/data/lib": b""}, "of the environment"),
    "D04 data/bin": ({f"{DATA}/data/bin": b""}, "of the environment"),
    "D05 scripts upwards": ({f"{DATA}/scripts/../../../x": SCRIPT}, INVALID),
    "D05 data upwards": ({f"{DATA}/data/../../x": b"pwned\n"}, INVALID),
    "D05 purelib upwards": ({f"{DATA}/purelib/../x.py": b"pwned\n"}, INVALID),
    "D05 headers absolute": ({f"{DATA}/headers//tmp/x.h": b"pwned\n"}, INVALID),
    "D06 an unknown scheme": ({f"{DATA}/stdlib/os.py": b"pwned\n"}, INVALID),
    "D06 a scheme of sysconfig": ({f"{DATA}/platstdlib/os.py": b"pwned\n"}, INVALID),
    "D06 a scheme in capitals": ({f"{DATA}/SCRIPTS/x": b"pwned\n"}, INVALID),
    "D06 no scheme": ({f"{DATA}/x": b"pwned\n"}, INVALID),
    "D07 .data of another": ({"victim-1.0.data/scripts/x": SCRIPT}, INVALID),
    "D07 .data of another version": ({"evil-6.6.data/scripts/x": SCRIPT}, INVALID),
    "D08 another's module": ({"victim/__init__.py": b"pwned\n"}, "of victim 1.0"),
    "D08 another's module by purelib": ({f"{DATA}/purelib/victim/__init__.py": b"pwned\n"}, "of victim 1.0"),
    "D08 another's module by data": ({f"{DATA}/data/SITE/victim_alone.py": b"pwned\n"}, "of victim 1.0"),
    "D08 another's module by lib64": ({f"{DATA}/data/LIB64/victim_alone.py": b"pwned\n"}, "of victim 1.0"),
    "D08 another's data": ({f"{DATA}/data/etc/victim.conf": b"pwned\n"}, "of victim 1.0"),
    "D08 a file where another has a folder": ({f"{DATA}/data/etc": b"pwned\n"}, "of victim 1.0"),
    "D08 another's bytecode": ({"victim/__pycache__/__init__.PYC": b"pwned"}, "of victim 1.0"),
    "D09 another's script": ({f"{DATA}/scripts/victim-script": SCRIPT}, "of victim 1.0"),
    "D09 another's command": ({f"{DATA}/scripts/victim": SCRIPT}, "of victim 1.0"),
    "D09 another's command by data": ({f"{DATA}/data/bin/victim": SCRIPT}, "of victim 1.0"),
    "D10 another's RECORD": ({f"{DATA}/data/SITE/victim-1.0.dist-info/RECORD": b""}, "of victim 1.0"),
    "D10 another's origin": (
        {f"{DATA}/data/SITE/victim-1.0.dist-info/direct_url.json": b"{}"},
        "of victim 1.0",
    ),
    "D10 another's RECORD by purelib": ({f"{DATA}/purelib/victim-1.0.dist-info/RECORD": b""}, INVALID),
    "D10 a distribution that is not there": (
        {f"{DATA}/data/SITE/ghost-1.0.dist-info/METADATA": b"Name: ghost\n"},
        "of the environment",
    ),
    "D12 a .dist-info by platlib": ({f"{DATA}/platlib/ghost-1.0.dist-info/METADATA": b""}, INVALID),
    "D12 an egg by purelib": ({f"{DATA}/purelib/victim-6.6.egg-info": b"Name: victim\n"}, INVALID),
    "D12 a .data by purelib": ({f"{DATA}/purelib/victim-1.0.data/scripts/x": b""}, INVALID),
    "one place twice": ({f"{DATA}/purelib/evil.py": b"x = 1\n"}, INVALID),
    "one place twice, the other way": ({f"{DATA}/data/SITE/evil.py": b"x = 1\n"}, "of evil 1.0"),
    "a user's file": ({f"{DATA}/data/share/mine.txt": b"pwned\n"}, "that no package owns"),
    "a user's script": ({f"{DATA}/scripts/mine": SCRIPT}, "that no package owns"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    files, words = REFUSED[row]
    site = world.site.relative_to(world.environment).as_posix()
    minor = site.split("/")[1].removeprefix("python").replace(".", "")
    places = {"SITE": site, "LIB64": site.replace("lib/", "lib64/", 1), "PYC": f"cpython-{minor}.pyc"}
    for word, place in places.items():
        files = {path.replace(word, place): data for path, data in files.items()}
    (world.environment / "share").mkdir()
    (world.environment / "share" / "mine.txt").write_text("mine\n")
    (world.environment / "bin" / "mine").write_text("mine\n")
    world.offer(evil(files))
    before = world.snapshot()
    world.refuse(world.install(), before, words, valid=words != INVALID)


@pytest.mark.parametrize("row", ["D01 scripts/python", "D04 data/lib", "D10 another's origin"])
def test_what_is_the_environments_is_not_to_be_allowed(world: World, row: str) -> None:
    files, _ = REFUSED[row]
    site = world.site.relative_to(world.environment).as_posix()
    world.offer(evil({path.replace("SITE", site): data for path, data in files.items()}))
    before = world.snapshot()
    world.refuse(world.install("evil --allow-clobber evil"), before, valid=True)


def test_d11_two_newcomers_with_one_file(world: World) -> None:
    world.index.add_wheel("aaa", "1.0", files={"shared/x.py": "one"})
    world.index.add_wheel("bbb", "1.0", files={"shared/x.py": "two"})
    before = world.snapshot()
    ran = world.install("aaa bbb")
    world.proper(ran)
    assert ran.exit_code == 1
    assert "shared/x.py: of aaa 1.0, and wanted by bbb 1.0" in ran.stderr
    assert world.snapshot() == before
    world.accept(world.install("aaa bbb --allow-clobber aaa"), before)
    assert (world.site / "shared" / "x.py").read_text() == "one"


def test_who_is_allowed_replaces_it_and_says_so(world: World) -> None:
    world.offer(evil({"victim/__init__.py": b"replaced\n"}))
    ran = world.install("evil", HUTCH_ALLOW_CLOBBER="evil")
    world.proper(ran)
    assert (ran.exit_code, (world.site / "victim" / "__init__.py").read_text()) == (0, "replaced\n")
    assert "warning: evil 1.0 replaced a file of victim 1.0, as was allowed" in ran.stderr


def test_what_was_replaced_comes_back_with_the_generation_before(world: World) -> None:
    world.project.run("pip install victim --reinstall").ok()
    before = world.snapshot()
    world.offer(evil({"victim/__init__.py": b"replaced\n", f"{DATA}/data/etc/victim.conf": b"replaced\n"}))
    world.install("evil --allow-clobber evil").ok()
    assert "is sound" in world.project.run("env verify --deep").ok().stderr
    world.project.run("env rollback").ok()
    assert world.snapshot() == before
    assert "is sound" in world.project.run("env verify --deep").ok().stderr


def test_the_project_may_allow_it_for_all_who_work_on_it(world: World) -> None:
    world.offer(evil({"victim/__init__.py": b"replaced\n"}))
    manifest = '[project]\nname = "demo"\nversion = "1"\ndependencies = ["evil", "victim"]\n'
    (world.project / "pyproject.toml").write_text(manifest)
    ran = world.project.run("sync")
    assert ran.exit_code == 1, ran
    assert "--allow-clobber evil" in ran.stderr
    (world.project / "pyproject.toml").write_text(f'{manifest}\n[tool.hutch]\nallow-clobber = ["evil"]\n')
    world.project.run("sync").ok()
    assert (world.site / "victim" / "__init__.py").read_text() == "replaced\n"
    assert "Nothing to do" in world.project.run("sync").ok().stderr


def test_a_folder_of_another_may_be_shared(world: World) -> None:
    world.offer(evil({"victim/plugin.py": b"x = 1\n"}))
    before = world.snapshot()
    assert any(path.endswith("victim/plugin.py") for path in world.accept(world.install(), before))


def test_scripts_of_a_wheel_start_this_python_and_leave_the_shared_copy_alone(world: World) -> None:
    entries = evil({f"{DATA}/scripts/evil-run": b"#!python -x\n", f"{DATA}/scripts/evil-ok": b"#!python\n"})
    world.offer(entries)
    before = world.snapshot()
    world.accept(world.install(), before)
    assert (world.environment / "bin" / "evil-ok").read_text().startswith("#!")
    assert (world.environment / "bin" / "evil-run").read_text() == "#!python -x\n"


def test_an_entry_point_wins_over_a_script_of_its_name(world: World) -> None:
    files = {f"{DATA}/scripts/evil": b"#!python\nprint('old')\n", "evil.py": b"def main(): print('new')\n"}
    info = {"entry_points.txt": b"[console_scripts]\nevil = evil:main\n"}
    world.offer(wheel_entries(files, name="evil", info=info))
    before = world.snapshot()
    world.accept(world.install(), before)
    assert "from evil import main" in (world.environment / "bin" / "evil").read_text()
