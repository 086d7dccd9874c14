"""Packages of conda that mean harm, installed with the real command line beside one that is innocent.

What `info/paths.json` says and an archive's own tricks are judged in `tests/store/test_conda.py`; here it is
what comes of it: the command refuses, nothing changed, and what was not refused stays in the prefix.
"""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import HERE, alone, make_demo, python
from commands.support import shown
from hostile.world import difference, facts
from hutch.testing.conda import CondaPackage, index_channel, tar_of

VICTIM = alone("victim", files={"share/victim": "innocent", "bin/victim": "#!/bin/sh\necho innocent\n"})
pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and modes")


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    """An environment sci with a Python and victim, and files of somebody else around it."""
    found = make_demo(project, [python(), VICTIM])
    found.run("conda create -n sci -c ./chan --override-channels python victim").ok()
    for place in (found.root.parent / "x", found.home / "x", found.path / "x", found.path.parent / "x"):
        place.write_text("somebody else's\n")
    return found


def snapshot(demo: Any) -> dict[str, object]:
    found: dict[str, object] = {}
    for base in (demo.path.parent, demo.home):
        for directory, folders, files in os.walk(base):
            if directory == str(demo.home):
                folders[:] = [name for name in folders if name != "cache"]
                files = [name for name in files if not name.startswith(("stdout-", "stderr-"))]
            if directory == str(demo.path):
                folders.remove("chan")
            for name in (*folders, *files):
                path = os.path.join(directory, name)
                if "/.hutch" not in path:
                    found[path] = facts(path)
    return found


def offer(demo: Any, *packages: CondaPackage, data: bytes | None = None) -> None:
    index_channel(demo / "chan", [python(), VICTIM, *packages])
    if data is None:
        return
    import hashlib

    package = packages[0]
    (demo / "chan" / package.subdir / package.filename).write_bytes(data)
    index = demo / "chan" / package.subdir / "repodata.json"
    said = json.loads(index.read_text())
    key = "packages.conda" if package.form == "conda" else "packages"
    said[key][package.filename] |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    said[key][package.filename].pop("md5")
    index.write_text(json.dumps(said))


def install(demo: Any, *names: str) -> Any:
    return demo.run(f"conda install -n sci -c ./chan --override-channels {' '.join(names or ('evil',))}")


def refused(demo: Any, words: str, *names: str) -> None:
    before = snapshot(demo)
    ran = install(demo, *names)
    assert ran.exit_code == 1, shown(ran)
    assert ran.stderr.startswith("error: "), shown(ran)
    assert words in ran.stderr, shown(ran)
    assert not [each for each in ran.stderr if not each.isprintable() and each != "\n"], shown(ran)
    assert difference(before, snapshot(demo)) == {}


def evil(files: dict[str, bytes | str] | None = None, **more: Any) -> CondaPackage:
    return CondaPackage("evil", files={"share/evil": "evil", **(files or {})}, **more)


def command(entry: str) -> CondaPackage:
    files: dict[str, bytes | str] = {"site-packages/evil.py": "def main(): print('ran')\n"}
    return evil(files, noarch="python", entry_points=[entry], depends=["python"])


def odd(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, target, mode
    return member


MEMBERS = {
    "a path up": (odd("../../x"), "component"),
    "a path from the root": (odd("/tmp/hutch-pwned"), "absolute"),
    "a path through itself": (odd("share/../../../x"), "component"),
    "a backslash": (odd("..\\x"), "backslash"),
    "a line end": (odd("share/a\nb"), "control"),
    "a device": (odd("dev/sda", tarfile.BLKTYPE), "device"),
    "a pipe": (odd("share/pipe", tarfile.FIFOTYPE), "pipe"),
    "a link out": (odd("share/out", tarfile.SYMTYPE, "../../../x"), "leads out"),
    "a link to the root": (odd("share/out", tarfile.SYMTYPE, "/etc/passwd"), "absolute path"),
    "a hard link out": (odd("share/out", tarfile.LNKTYPE, "../../../x"), "hard link"),
    "a file through a link": (odd("share/evil/x"), "file"),
    "a file that is not told of": (odd("share/more"), "not told of"),
}


@pytest.mark.parametrize("form", ["conda", "tar.bz2"])
@pytest.mark.parametrize("row", MEMBERS)
def test_an_archive(row: str, form: str, demo: Any) -> None:
    import bz2

    member, words = MEMBERS[row]
    package = evil(form=form)
    if member.issym():
        package.paths.append({"_path": member.name, "path_type": "softlink"})
    if form == "conda":
        data = package.zipped(tar_of(package.infos()), tar_of(package.files, odd=[member]))
    else:
        data = bz2.compress(tar_of({**package.infos(), **package.files}, odd=[member]))
    offer(demo, package, data=data)
    refused(demo, words)


PATHS = {
    "of the prefix": "conda-meta/history",
    "the record of another": "conda-meta/victim-1-0.json",
    "the note of pins": "conda-meta/pinned",
    "in capitals": "Conda-Meta/history",
    "of hutch": ".hutch/journal",
    "of hutch, in capitals": ".HUTCH/generations",
    "what makes a venv": "pyvenv.cfg",
    "of git": ".git/hooks/post-checkout",
    "another's": "share/victim",
    "below another's file": "share/victim/x",
    "another's command": "bin/victim",
    "Python": "bin/python",
}


@pytest.mark.parametrize("row", PATHS)
def test_a_path_that_is_not_for_it(row: str, demo: Any) -> None:
    offer(demo, evil({PATHS[row]: "evil"}))
    refused(demo, PATHS[row].partition("/x")[0])


def test_one_path_for_two(demo: Any) -> None:
    offer(demo, evil(), alone("other", files={"share/evil": "else"}))
    refused(demo, "share/evil", "evil", "other")


def test_a_link_that_another_goes_through(demo: Any) -> None:
    offer(demo, evil(links={"lib/way": "../share"}), alone("other", files={"lib/way/victim": "evil"}))
    refused(demo, "lib/way", "evil", "other")


@pytest.mark.parametrize("site", ["conda-meta", ".hutch", ".git"])
def test_a_python_whose_packages_would_lie_in_what_is_nobodys(site: str, demo: Any) -> None:
    offer(
        demo,
        CondaPackage("python", "3.12.9", "1", subdir=HERE, python_site_packages_path=site),
        evil({"site-packages/history": "evil"}, noarch="python", depends=["python"]),
    )
    refused(demo, "history", "evil", "python=3.12.9")


@pytest.mark.parametrize("site", ["../x", "/tmp/x", "a/../../x", "a//b", "..", "lib\\x"])
def test_a_python_whose_packages_would_lie_outside(site: str, demo: Any) -> None:
    """Counts as not said."""
    offer(
        demo,
        CondaPackage("python", "3.12.9", "1", subdir=HERE, python_site_packages_path=site),
        evil({"site-packages/evil.py": "evil"}, noarch="python", depends=["python"]),
    )
    install(demo, "evil", "python=3.12.9").ok()
    assert (demo.root / "lib/python3.12/site-packages/evil.py").read_text() == "evil"


@pytest.mark.parametrize(
    "entry",
    [
        "../../x = evil:main", "/tmp/x = evil:main", ".. = evil:main", "a\\b = evil:main", "a\nb = evil:main",
        "\x1b[2J = evil:main", "a\u2028b = evil:main", " = evil:main", "x = evil", "x = evil:main()",
        "x = evil:main;import os", "x = evil\nimport os:main", "x = evil:$(touch x)", f"{'x' * 300} = evil:m",
        "a:b = evil:main",
    ],
)  # fmt: skip
def test_a_command_that_is_none(entry: str, demo: Any) -> None:
    offer(
        demo, evil({"site-packages/evil.py": ""}, noarch="python", entry_points=[entry], depends=["python"])
    )
    refused(demo, "evil")


@pytest.mark.parametrize("entry", ["python = evil:main", "victim = evil:main", "python3.12 = evil:main"])
def test_a_command_that_is_anothers(entry: str, demo: Any) -> None:
    offer(
        demo, evil({"site-packages/evil.py": ""}, noarch="python", entry_points=[entry], depends=["python"])
    )
    refused(demo, f"bin/{entry.partition(' ')[0]}")


def test_modes_are_those_of_files_and_programs(demo: Any) -> None:
    modes = {"bin/root": 0o6755, "share/sticky": 0o1666, "share/closed": 0}
    offer(demo, evil(dict.fromkeys(modes, "x"), modes=modes))
    install(demo).ok()
    found = {path: stat.S_IMODE((demo.root / path).stat().st_mode) for path in modes}
    assert found == {"bin/root": 0o755, "share/sticky": 0o644, "share/closed": 0o644}


def test_another_name_within_than_outside(demo: Any) -> None:
    package = evil()
    package.index["name"] = "victim"
    offer(demo, package, data=package.data())
    index = demo / "chan/noarch/repodata.json"
    index.write_text(
        index.read_text().replace(
            '"evil-1.0-0.conda": {"name": "victim"', '"evil-1.0-0.conda": {"name": "evil"'
        )
    )
    refused(demo, "it says that it is victim 1.0 0")


@pytest.mark.parametrize(
    ("placeholder", "content", "words"),
    [
        ("/opt/short", b"\0/opt/short/lib\0", "there is room for 10"),
        ("x", b"x\0", "cannot be replaced"),
        ("/opt\n", b"/opt\n\0", "cannot be replaced"),
    ],
)
def test_a_placeholder_that_cannot_be(placeholder: str, content: bytes, words: str, demo: Any) -> None:
    offer(demo, evil({"lib/x": content}, placeholder=placeholder))
    refused(demo, words)


def test_scripts_of_activation_with_odd_names_are_files_and_nothing_else(demo: Any) -> None:
    names = ["$(touch ran1).sh", "a; touch ran2 #.sh", "`touch ran3`.sh", "-rf.sh", "a b.sh", "'\"&.sh"]
    offer(demo, evil({f"etc/conda/activate.d/{name}": "COUNT=x$COUNT\nexport COUNT\n" for name in names}))
    install(demo).ok()
    ran = demo.run("conda run -n sci sh -c 'echo $COUNT'").ok()
    assert ran.stdout == "x" * len(names) + "\n"
    assert [name for name in os.listdir(demo.path) if name.startswith("ran")] == []


def test_variables_of_packages_are_names_and_texts(demo: Any) -> None:
    said = {"GOOD": "$(touch ran) `touch ran` '\"", "A=B": "x", "": "x", "N": 3, "Z": "a\0b", "X Y": "odd"}
    offer(demo, evil({"etc/conda/env_vars.d/evil.json": json.dumps(said)}))
    install(demo).ok()
    ran = demo.run("conda run -n sci env").ok()
    assert f"GOOD={said['GOOD']}\n" in ran.stdout
    assert "A=B" not in ran.stdout
    assert not (demo / "ran").exists()


def test_nothing_that_is_installed_runs_while_hutch_works(demo: Any) -> None:
    offer(
        demo,
        evil({
            "bin/.evil-post-link.sh": f"touch {demo.path}/ran\n",
            "bin/.evil-pre-unlink.sh": f"touch {demo.path}/ran\n",
            "bin/.evil-pre-link.sh": f"touch {demo.path}/ran\n",
            "bin/bash": f"#!/bin/sh\ntouch {demo.path}/ran\n",
            "etc/conda/activate.d/evil.sh": f"touch {demo.path}/ran\n",
        }),
    )  # fmt: skip
    ran = install(demo).ok()
    assert "not run, because packages may not run anything unless you say so" in ran.stderr
    for words in ("list", "export", "update --all -c ./chan --override-channels", "remove evil"):
        demo.run(f"conda {words} -n sci").ok()
    assert not (demo / "ran").exists()
    assert not (demo.root / "bin/bash").exists()


def test_a_bomb(demo: Any) -> None:
    offer(demo, evil({"share/zeros": b"\0" * (140 << 20)}))
    refused(demo, "out of proportion")


def test_a_path_with_signs_of_the_shell(demo: Any) -> None:
    """Where an environment lies is put into commands: as a place, and nothing else."""
    offer(demo, command("evil = evil:main"))
    place = "a $(touch ran) `touch ran` \"b' c"
    demo.run(f"conda create -c ./chan --override-channels evil -p {shlex.quote(place)}").ok()
    (demo / place / "bin/python3.12").write_text('#!/bin/sh\necho started "$@"\n')
    program = os.fspath(demo / place / "bin/evil")
    started = subprocess.run([program, "word"], cwd=demo.path, capture_output=True, text=True, check=True)
    assert started.stdout == f"started {program} word\n"
    assert not (demo / "ran").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("place", ["-n sci", "-p SIGNS"])
def test_activation_is_told_names_and_not_code(place: str, shell: str, demo: Any) -> None:
    """What the shell evaluates has scripts, variables and places of packages in it, each as one word."""
    import shutil

    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    names = ["$(touch ran1).sh", "a; touch ran2 #.sh", "`touch ran3`.sh", "-rf.sh", "x'$(touch ran4)'.sh"]
    said = {
        "GOOD": "$(touch ran5) `touch ran6` '\"\n; touch ran7", "A=B": "x", "X Y; touch ran8": "odd", "N": 3,
        "PATH": "/evil", "CONDA_PREFIX": "/evil", "a\nb": "c", "-x": "y",
    }  # fmt: skip
    files: dict[str, bytes | str] = {f"etc/conda/activate.d/{name}": "" for name in names}
    offer(demo, evil({**files, "etc/conda/env_vars.d/evil.json": json.dumps(said)}))
    signs = "e $(touch ran10) `touch ran11` \"b' c;touch ran12"
    which = shlex.quote(os.fspath(demo / signs)) if "SIGNS" in place else "sci"
    if which == "sci":
        install(demo).ok()
    else:
        demo.run(f"conda create -c ./chan --override-channels evil -p {which}").ok()
    script = demo.run(f"conda activate {which} --shell {shell}", apart=True).ok()
    environ = demo.variables
    for path, name in ((demo.path, "<project>"), (demo.home, "<home>")):
        script = type(script)(script.command, 0, script.stdout.replace(name, str(path)), "")
    told = 'echo "GOOD=$GOOD"; echo "PREFIX=$CONDA_PREFIX"; ls /'
    done = subprocess.run(
        [shell, "-c", f"{script.stdout}\n{told}"], cwd=demo.path, env=environ, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert f"GOOD={said['GOOD']}\n" in done.stdout
    expected = demo.root if which == "sci" else demo / signs
    assert f"PREFIX={expected}\n" in done.stdout
    assert "tmp" in done.stdout  # PATH is there, and ls is found
    assert [name for name in os.listdir(demo.path) if name.startswith("ran")] == []


def test_a_record_of_pip_over_condas_takes_nothing_else_along(demo: Any) -> None:
    """doctor takes out what pip has left beside conda's package, by a RECORD that may say anything."""
    info = "site-packages/evil-1.0.dist-info"
    offer(demo, evil({
        "site-packages/evil.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        f"{info}/RECORD": "evil.py,,\n", f"{info}/INSTALLER": "conda\n",
    }, noarch="python", depends=["python"]))  # fmt: skip
    install(demo).ok()
    site = demo.root / "lib/python3.12/site-packages"
    (site / "added.py").write_text("")
    up = os.path.relpath(demo.home / "x", site)
    said = ["evil.py", "added.py", up, os.fspath(demo.home / "x"), "../../../conda-meta/history",
        "../../../conda-meta/victim-1-0.json", "../../../.hutch/lock", "../../../share/victim"]  # fmt: skip
    for name, text in (("RECORD", "".join(f"{path},,\n" for path in said)), ("INSTALLER", "pip\n")):
        (site / "evil-1.0.dist-info" / name).unlink()
        (site / "evil-1.0.dist-info" / name).write_text(text)
    before = snapshot(demo)
    ran = demo.run("doctor -n sci --fix --yes")
    assert "evil" in ran.stdout + ran.stderr
    after = snapshot(demo)
    gone = {os.path.relpath(path, demo.root) for path in before.keys() - after.keys()}
    assert gone == {"lib/python3.12/site-packages/added.py"}
    changed = {os.path.basename(path) for path in difference(before, after) if path in after}
    assert changed <= {"RECORD", "INSTALLER", "history", "evil-1.0-0.json", "sci"}
