"""Packages that are named by their addresses: lists without hashes, words, with passwords and tokens."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import HERE, Served, alone, library, make_demo, serve
from hutch.testing.conda import index_channel

SECRET = "hunter-22-canary"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [alone(), library(depends=["alone"])])


@pytest.fixture
def served(demo: Any) -> Iterator[Served]:
    with serve(demo / "chan") as found:
        yield found


def everything(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path, path.read_bytes()


def explicit(*urls: str) -> str:
    return "# conda list --explicit\n@EXPLICIT\n" + "".join(f"{url}\n" for url in urls)


def both(base: str) -> tuple[str, str]:
    return f"{base}/noarch/alone-1-0.conda", f"{base}/{HERE}/libfoo-1.0-0.conda"


def said_with(how: str, served: Served) -> str:
    """The address of the channel as its user has it."""
    if how == "password":
        served.login = ("me", SECRET)
        return served.url.replace("://", f"://me:{SECRET}@")
    served.token = SECRET
    return f"{served.url}/t/{SECRET}"


def check_nothing_leaks(demo: Any, served: Served) -> None:
    kept = [path for path, content in everything(demo.home) if SECRET.encode() in content]
    assert not kept
    shown = demo.run("conda list -n sci --explicit --json").ok().stdout
    assert re.findall(r"http[^\"]*", shown) == list(both(demo.filtered(served.url)))


def test_conda_writes_its_lists_without_hashes(demo: Any, served: Served) -> None:
    """The channel knows the hash of that very file, so that it is compared with something."""
    demo.write({"list.txt": explicit(*both(served.url))})
    demo.run("conda create -n sci --file list.txt").ok()
    assert (demo.root / "share" / "libfoo.txt").exists()
    served.faults["alone-1-0.conda"] = (demo / "chan/noarch/alone-1-0.conda").read_bytes() + b"more"
    ran = demo.run("--no-cache conda create -n other --file list.txt")
    assert "the hash of alone-1-0.conda is wrong" in ran.stderr
    assert not (demo.root.parent / "other").exists()


def test_a_file_that_the_channel_does_not_know(demo: Any, served: Served) -> None:
    demo.write({"list.txt": explicit(f"{served.url}/noarch/alone-7-0.conda")})
    ran = demo.run("conda create -n sci --file list.txt")
    assert ran.exit_code == 3
    assert (
        "error: alone 7 0 is not fetched from http://<index>\n  the channel has no hash of it" in ran.stderr
    )
    assert not demo.root.exists()


@pytest.mark.parametrize("how", ["password", "token"])
def test_a_list_with_a_secret(how: str, demo: Any, served: Served) -> None:
    demo.write({"list.txt": explicit(*both(said_with(how, served)))})
    demo.run("conda create -n sci --file list.txt").ok()
    (demo / "list.txt").unlink()
    check_nothing_leaks(demo, served)


@pytest.mark.parametrize("how", ["password", "token"])
def test_a_word_with_a_secret(how: str, demo: Any, served: Served) -> None:
    """Its channel is asked for what it needs, too, without being named."""
    url = both(said_with(how, served))[1]
    ran = demo.run(f"conda create -n sci -c ./chan --override-channels {url}").ok()
    assert SECRET not in ran.stderr
    assert not [path for path, content in everything(demo.home) if SECRET.encode() in content]
    assert "libfoo" in demo.run("conda list -n sci").ok().stdout


def test_a_path(demo: Any) -> None:
    demo.run("conda create -n sci -c ./chan --override-channels chan/noarch/alone-1-0.conda").ok()
    assert (demo.root / "share" / "alone").exists()


def test_who_may_not_be_asked_is_not_asked(demo: Any, served: Served) -> None:
    (demo.home / ".condarc").write_text(f"denylist_channels: ['{served.url}']\n")
    demo.write({"list.txt": explicit(*both(served.url))})
    ran = demo.run("conda create -n sci --file list.txt")
    assert ran.exit_code != 0
    assert "denylist_channels" in ran.stderr
    assert not served.asked()


@pytest.mark.parametrize("how", ["password", "token"])
def test_the_lock_of_a_project_with_a_secret(how: str, demo: Any, served: Served) -> None:
    """conda-lock writes what it was told: it reaches its host, and no record, no lock and no cache."""
    packages = "".join(
        f"- {{name: {name}, version: '{version}', manager: conda, platform: {HERE}, dependencies: {{}},\n"
        f"   url: '{url}', hash: {{sha256: {digest}}}, category: main, optional: false}}\n"
        for (name, version), url in zip(
            [("alone", "1"), ("libfoo", "1.0")], both(said_with(how, served)), strict=True
        )
        for digest in [
            hashlib.sha256(
                (demo / "chan" / url.split("/", 3)[-1].removeprefix(f"t/{SECRET}/")).read_bytes()
            ).hexdigest()
        ]
    )
    channel = f"channels: [{{url: '{said_with(how, served)}', used_env_vars: []}}]"
    metadata = (f"content_hash: {{{HERE}: x}}", channel, f"platforms: [{HERE}]", "sources: []")
    lock = "version: 1\nmetadata:\n" + "".join(f"  {line}\n" for line in metadata)
    environment = f"name: x\nchannels: [./chan]\nplatforms: [{HERE}]\ndependencies: [alone, libfoo]\n"
    demo.write({"environment.yml": environment, "conda-lock.yml": f"{lock}package:\n{packages}"})
    demo.run("sync --frozen").ok()
    assert (demo / ".venv" / "share" / "libfoo.txt").exists()
    demo.run("lock").ok()
    (demo / "conda-lock.yml").unlink()
    places = [*everything(demo.path), *everything(demo.home)]
    assert not [path for path, content in places if SECRET.encode() in content]


def test_a_list_for_an_environment_that_is_there(demo: Any) -> None:
    """What it names replaces what has the same name; what else is there stays; nothing is solved."""
    index_channel(demo / "chan", [alone(), alone("alone", "2"), alone("other"), library(depends=["alone"])])
    demo.run("conda create -n sci -c ./chan --override-channels 'alone<2' other").ok()
    channel = (demo / "chan").as_uri()
    demo.write({"list.txt": explicit(f"{channel}/noarch/alone-2-0.conda")})
    demo.run("conda install -n sci --file list.txt").ok()
    assert [row.name for row in sorted((demo.root / "conda-meta").glob("*.json"))] == [
        "alone-2-0.json",
        "other-1-0.json",
    ]
    demo.run("conda install -n sci -c ./chan --override-channels libfoo").ok()  # and it is asked for no more
    assert (demo.root / "conda-meta" / "alone-2-0.json").exists()
    demo.write({"list.txt": explicit(both(channel)[1])})
    demo.run("conda remove -n sci alone").ok()
    ran = demo.run("conda install -n sci -f list.txt").ok()
    assert "warning: libfoo 1.0 needs `alone` in this environment, where it is missing\n" in ran.stderr
    assert demo.run("conda install -n sci -f list.txt other").exit_code == 2


def test_an_environment_file_as_mambas_users_name_it(demo: Any) -> None:
    demo.write({"e.yml": "name: sci\nchannels: [./chan]\ndependencies: [alone]\n"})
    demo.run("conda create -f e.yml").ok()
    assert (demo.root / "share" / "alone").exists()
    demo.run("conda create -n other --file e.yml").ok()
    assert (demo.root.parent / "other" / "share" / "alone").exists()
    ran = demo.run("conda create -n third --file e.yml libfoo")
    assert ran.exit_code == 2
    assert "try: hutch conda env create -f e.yml\n" in ran.stderr
