"""Table 1.4, E rows: commands, what runs when Python starts, and what runs while hutch works."""

from __future__ import annotations

import pytest

from hostile.world import World, evil

REFUSED = {
    "E01 upwards": "../../../x = evil:main",
    "E01 one level up": "../x = evil:main",
    "E01 absolute": "/tmp/hutch-pwned = evil:main",
    "E01 backslashes": "..\\..\\x = evil:main",
    "E01 a folder": "sub/x = evil:main",
    "E02 a dot": ". = evil:main",
    "E02 two dots": ".. = evil:main",
    "E02 nothing": " = evil:main",
    "E02 NUL": "a\0b = evil:main",
    "E02 an escape": "\x1b[2J = evil:main",
    "E02 a carriage return": "a\rb = evil:main",
    "E02 a stream": "a:b = evil:main",
    "E02 a device": "nul = evil:main",
    "E02 a device with a raised digit": "com\u00b9.txt = evil:main",
    "E02 a dot at the end": "python. = evil:main",
    "E02 256 bytes": f"{'x' * 256} = evil:main",
    "E03 python": "python = evil:main",
    "E03 python3": "python3 = evil:main",
    "E03 Python3.12": "Python3.12 = evil:main",
    "E03 python.exe": "python.exe = evil:main",
    "E03 activate": "activate = evil:main",
    "E03 activate.fish": "activate.fish = evil:main",
    "E04 code behind a semicolon": "x = evil:main;__import__('os').system('true')",
    "E04 a call": "x = evil:main()",
    "E04 code in the module": "x = evil\\nimport os:main",
    "E04 an import": "x = os, evil:main",
    "E04 a quote": "x = evil:main'",
    "E05 a newline by another name": "x = evil:main\u2028import os",
    "E05 a form feed": "x = evil\x0c:main",
    "E05 a line feed in the module": "x = e\\x0avil:main",
    "E06 no object": "x = evil",
    "E06 no module": "x = :main",
    "E06 brackets": "x = evil:main[0]()",
    "E06 extras with code": "x = evil:main [a;b]",
    "E06 spaces": "x = evil main:run",
    "two objects for one name": "x = evil:main\nx = evil:other",
    "a command and a window of one name": "x = evil:main\n[gui_scripts]\nx = evil:other",
    "another's command": "victim = evil:main",
}


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    text = f"[console_scripts]\n{REFUSED[row]}\n".encode()
    world.offer(evil(info={"entry_points.txt": text}))
    before = world.snapshot()
    valid = row == "another's command"
    words = "of victim 1.0" if valid else "is not a valid wheel"
    world.refuse(world.install(), before, words, valid=valid)


@pytest.mark.parametrize("group", ["gui_scripts", " console_scripts "])
def test_other_groups_of_commands_are_judged_too(world: World, group: str) -> None:
    world.offer(evil(info={"entry_points.txt": f"[{group}]\n../x = evil:main\n".encode()}))
    before = world.snapshot()
    world.refuse(world.install(), before, "is not a valid wheel")


STARTUP = {
    "E07 a .pth": {"evil.pth": b"import os; os.system('touch ran')\n"},
    "E07 a .pth with a tab": {"evil.pth": b"import\tos\n"},
    "E07 a .pth with paths before": {"evil.pth": b"/some/where\n\n# x\nimport os\n"},
    "E07 a .pth with a byte order mark": {"evil.pth": b"\xef\xbb\xbfimport os\n"},
    "E07 a .pth with lines of another kind": {"evil.pth": b"x\x0cimport os\n"},
    "E07 a long .pth": {"evil.pth": b"#" + b"x" * (1 << 21) + b"\nimport os\n"},
    "E07 a .pth by purelib": {"evil-1.0.data/purelib/evil.pth": b"import os\n"},
    "E07 a .pth by data": {"evil-1.0.data/data/SITE/evil.pth": b"import os\n"},
    "E08 sitecustomize": {"sitecustomize.py": b"open('ran', 'w')\n"},
    "E08 usercustomize": {"usercustomize.py": b"open('ran', 'w')\n"},
    "E08 a package": {"sitecustomize/__init__.py": b"open('ran', 'w')\n"},
    "E08 an extension": {"sitecustomize.cpython-312-x86_64-linux-gnu.so": b"\x7fELF"},
    "E08 by purelib": {"evil-1.0.data/purelib/sitecustomize.py": b"open('ran', 'w')\n"},
}


@pytest.mark.parametrize("row", STARTUP)
def test_what_runs_at_every_start_is_told(world: World, row: str) -> None:
    site = world.site.relative_to(world.environment).as_posix()
    world.offer(evil({path.replace("SITE", site): data for path, data in STARTUP[row].items()}))
    before = world.snapshot()
    ran = world.install("evil -q")
    world.accept(ran, before)
    assert "warning: evil 1.0 runs code whenever Python starts in this environment" in ran.stderr


@pytest.mark.parametrize(
    "files",
    [{"evil.pth": b"/some/where\n# import os\n"}, {"evil/sitecustomize.py": b""}, {"sitecustomized.py": b""}],
)
def test_what_does_not_is_not(world: World, files: dict[str, bytes]) -> None:
    world.offer(evil(files))
    before = world.snapshot()
    ran = world.install()
    world.accept(ran, before)
    assert "warning" not in ran.stderr


def test_e09_e10_nothing_that_is_installed_runs_while_hutch_works(world: World) -> None:
    marker = world.root / "ran"
    code = f"import builtins; builtins.open({str(marker)!r}, 'a').write(__name__ + '\\n')\n".encode()
    names = [
        "json",
        "email",
        "packaging",
        "pip",
        "site",
        "os",
        "hutch",
        "encodings",
        "_virtualenv",
        "platform",
    ]
    files = {f"{name}.py": code for name in names} | {
        "packaging/__init__.py": code, "pip/__init__.py": code, "hutch/__init__.py": code,
        "evil.pth": b"import json\n", "sitecustomize.py": code, "usercustomize.py": code,
    }  # fmt: skip
    del files["packaging.py"], files["pip.py"], files["hutch.py"]
    world.offer(evil(files))
    world.install().ok()
    assert not marker.exists()
    # As a process of its own, from inside of site-packages, with a cold memory of the interpreter.
    (world.project / "victim.txt").write_text("victim==1.0\n")
    manifest = '[project]\nname = "demo"\nversion = "1"\ndependencies = ["victim"]\n'
    (world.project / "pyproject.toml").write_text(manifest)
    where = world.site.relative_to(world.project.path).as_posix()
    for command in ("pip install victim --reinstall", "lock", "tree", "pip sync ../../../../victim.txt"):
        ran = world.project.run(command, apart=True, cwd=where)
        assert ran.exit_code == 0, ran
        assert not marker.exists(), (command, marker.read_text())
    assert not (world.site / "evil.pth").exists()
