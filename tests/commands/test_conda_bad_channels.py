"""Channels on a bad day: out of reach, slow, wrong, damaged. One command line, and all that it says."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import HERE, Served, alone, library, make_demo, serve
from commands.support import block, shown
from hutch.store import zstd
from hutch.testing.conda import CondaPackage, index_channel

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [library(), alone()])


@pytest.fixture
def served(demo: Any) -> Iterator[Served]:
    with serve(demo / "chan") as found:
        yield found


def create(demo: Any, channel: str = "./chan", specs: str = "alone", **environ: str) -> Any:
    return demo.run(f"conda create -n sci -c {channel} --override-channels {specs}", environ=environ)


def refused(demo: Any, ran: Any, text: str, stored: int = 0) -> None:
    """Just this was said, and nothing was done."""
    assert shown(ran).replace(HERE, "<here>") == block(text)
    assert max(map(len, ran.stderr.splitlines())) <= 100
    assert not demo.root.exists()
    assert len(list((demo.home / "cache").glob("conda-v1/*/*/manifest"))) == stored


# -- out of reach ----------------------------------------------------------------------------------------


def test_nobody_is_there(demo: Any) -> None:
    refused(
        demo,
        create(demo, f"{NOWHERE}/c"),
        """
        exit 3
        error: could not fetch what http://<index>/c has for <here> from <index>
          nobody listens there
        try: check the address, and the connection to the network
        """,
    )


def test_one_of_two_is_not_there(demo: Any, served: Served) -> None:
    """What the first has counts before the second, so the answer might be another: nothing is guessed."""
    ran = create(demo, f"{NOWHERE}/c -c {served.url}")
    assert (ran.exit_code, "nobody listens there" in ran.stderr) == (3, True)


@pytest.mark.parametrize("mirrors", [("{nowhere}/x", "{there}"), ("{there}", "{nowhere}/x")])
def test_the_mirror_that_is_there_is_enough(mirrors: tuple[str, ...], demo: Any, served: Served) -> None:
    words = " ".join(f"c={each.format(nowhere=NOWHERE, there=served.url)}" for each in mirrors)
    environ = {"HUTCH_CONDA_CHANNEL_ALIAS": NOWHERE, "HUTCH_CONDA_MIRRORS": words}
    ran = create(demo, "c", **environ).ok()
    note = "note: the mirror http://<index>/x is not asked any more: nobody listens there\n"
    assert ran.stderr == (note if mirrors[0] != "{there}" else "") + block("""
        Made <home>/data/envs/sci: 1 package in <time>
         + alone 1 0
        use it: hutch conda run -n sci COMMAND
            or: hutch conda activate sci
        """)
    # What is written down is the channel, not who has sent it.
    assert f'"channel": "{NOWHERE}/c/noarch"' in (demo.root / "conda-meta/alone-1-0.json").read_text()


def test_no_mirror_is_there(demo: Any) -> None:
    environ = {"HUTCH_CONDA_CHANNEL_ALIAS": NOWHERE, "HUTCH_CONDA_MIRRORS": f"c={NOWHERE}/x c={NOWHERE}/y"}
    refused(
        demo,
        create(demo, "c", **environ),
        """
        exit 3
        note: the mirror http://<index>/x is not asked any more: nobody listens there
        error: could not fetch what c has for <here> from <index>
          nobody listens there
        try: check the address, and the connection to the network
        """,
    )


def test_offline_what_is_cached_is_solved_and_installed(demo: Any, served: Served) -> None:
    create(demo, served.url, "alone libfoo").ok()
    served.asked()
    words = f"-c {served.url} --override-channels"
    demo.run(f"--offline conda create -n again {words} libfoo alone").ok()
    demo.run(f"--offline conda search {words} alone").ok()
    demo.run("--offline conda remove -n again alone").ok()
    demo.run("--offline conda install -n again alone").ok()
    demo.run("--offline conda update -n again --all").ok()
    assert served.asked() == []
    ran = demo.run(f"--offline conda install -n again {words} nothere")
    assert (ran.exit_code, "no channel has a package nothere" in ran.stderr) == (1, True)


def test_offline_without_what_a_channel_has(demo: Any) -> None:
    refused(
        demo,
        demo.run(f"--offline conda create -n sci -c {NOWHERE} --override-channels alone"),
        """
        exit 3
        error: what http://<index> has for <here> is not in the cache, and the network is switched off
        try: run the command once without --offline
        """,
    )


def test_offline_without_the_package(demo: Any, served: Served) -> None:
    demo.run(f"conda search -c {served.url} --override-channels alone").ok()
    refused(
        demo,
        demo.run(f"--offline conda create -n sci -c {served.url} --override-channels alone"),
        """
        exit 3
        error: alone-1-0.conda is not in the cache, and the network is switched off
        try: run the command once without --offline
        """,
    )


def test_condas_own_word_for_offline(demo: Any, served: Served) -> None:
    ran = create(demo, served.url, CONDA_OFFLINE="true")
    assert (ran.exit_code, served.asked()) == (3, [])
    assert "the network is switched off" in ran.stderr


def test_a_server_that_says_nothing(demo: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        refused(
            demo,
            create(demo, f"http://127.0.0.1:{silent.getsockname()[1]}", HUTCH_TIMEOUT="0.2"),
            """
            exit 3
            error: could not fetch what http://<index> has for <here> from <index>
              nothing came for 0.2 seconds
            """,
        )


# -- what is sent is wrong --------------------------------------------------------------------------------

SENT: dict[str, tuple[dict[str, int | bytes], str]] = {
    "nothing": (
        {"": 404},
        """
        exit 3
        error: there is no channel at http://<index>
          it has no repodata for <here> or noarch
        try: look at the spelling of the channel
        """,
    ),
    "no noarch, which has the package": (
        {"noarch/repodata.json": 404},
        """
        exit 1
        error: no channel has a package alone (asked for in this command)
          these were asked: http://<index>
        try: look at its name, or add the channel that has it
        """,
    ),
    "500": (
        {"repodata.json": 500},
        """
        exit 3
        error: could not fetch what http://<index> has for <here> from <index>
          it answered 500 each time
        """,
    ),
    "401": (
        {"repodata.json": 401},
        """
        exit 3
        error: the channel http://<index> (<index>) answered 401
          it was told no password: none is known for it
        try: `hutch auth login http://<index>/`
         or: name 127.0.0.1 in ~/.netrc
         or: name the channel by an address with its token, in ~/.condarc
        """,
    ),
    "418": (
        {"repodata.json": 418},
        """
        exit 3
        error: the channel sent something that is no repodata: http://<index>/<here>/repodata.json
          the server answered 418
        try: try again later, or ask another mirror of the channel
        """,
    ),
    "a page": (
        {"repodata.json": b"<html>please log in</html>"},
        """
        exit 3
        error: the channel sent something that is no repodata: http://<index>/<here>/repodata.json
          it is a page of the web
        try: check the channel's address, and whether this network wants a log-in first
        """,
    ),
    "cut off": (
        {"repodata.json.zst": zstd().compress(b"{}" * 500)[:-5]},
        """
        exit 3
        error: the channel sent something that is no repodata: http://<index>/<here>/repodata.json.zst
          it is cut off, or unpacks to more than it can have in it
        try: try again later, or ask another mirror of the channel
        """,
    ),
    "of another platform": (
        {"repodata.json": b'{"info": {"subdir": "osx-64"}, "packages": {}}'},
        """
        exit 3
        error: the channel sent something that is no repodata: http://<index>/<here>/repodata.json
          it is that of osx-64
        try: try again later, or ask another mirror of the channel
        """,
    ),
    "no package": (
        {"alone-1-0.conda": 404},
        """
        exit 3
        error: cannot get alone-1-0.conda
          http://<index>/noarch/alone-1-0.conda answered 404
        """,
    ),
    "another package": (
        {"alone-1-0.conda": b"x" * 1000},
        """
        exit 1
        error: the hash of alone-1-0.conda is wrong
          expected: 920 bytes
          got: more
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
        """,
    ),
}


@pytest.mark.parametrize("what", SENT)
def test_what_a_server_sends(what: str, demo: Any, served: Served) -> None:
    served.faults, text = SENT[what]
    size = (demo / "chan/noarch/alone-1-0.conda").stat().st_size
    refused(demo, create(demo, served.url), text.replace("920", str(size)))
    # Nothing of it is believed the next time.
    served.faults = {}
    demo.run(f"conda create -n sci --refresh -c {served.url} --override-channels alone").ok()


def test_a_login_that_a_plugin_of_conda_has_is_told_where_it_is_missed(demo: Any, served: Served) -> None:
    served.faults = {"repodata.json": 401}
    settings = f"channel_settings:\n  - channel: {served.url}\n    auth: my-plugin\n  - 3\n  - auth: x\n"
    (demo.home / ".condarc").write_text(settings)
    ran = create(demo, served.url)
    assert ran.exit_code == 3
    said = "channel_settings of .condarc name my-plugin for it, a plugin of conda's, which hutch lacks"
    assert said in ran.stderr
    served.faults = {}
    assert "my-plugin" not in create(demo, served.url).ok().stderr


def test_a_token_that_is_not_good_any_more(demo: Any, served: Served) -> None:
    served.token = "the-new-token"
    refused(
        demo,
        create(demo, f"{served.url}/t/the-old-token"),
        """
        exit 3
        error: the channel http://<index> (<index>) answered 403
          it did not take the token in the channel's address
        try: look whether that token is still good
        """,
    )


# -- hashes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["folder", "server"])
@pytest.mark.parametrize("change", [lambda data: data[:-1] + b"?", lambda data: data + b"?"])
def test_a_package_with_another_hash(
    where: str, change: Callable[[bytes], bytes], demo: Any, served: Served
) -> None:
    package: Path = demo / "chan/noarch/alone-1-0.conda"
    package.write_bytes(change(package.read_bytes()))
    ran = create(demo, "./chan" if where == "folder" else served.url, "alone libfoo")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: the hash of alone-1-0.conda is wrong\n  expected: ")
    assert not demo.root.exists()
    stored = (demo.home / "cache").glob("conda-v1/*/*/manifest")
    assert not [path for path in stored if b"alone" in path.read_bytes()]


def test_a_package_that_the_folder_has_lost(demo: Any) -> None:
    (demo / "chan/noarch/alone-1-0.conda").unlink()
    refused(
        demo,
        create(demo),
        """
        exit 3
        error: cannot get alone-1-0.conda
          <project>/chan/noarch/alone-1-0.conda: No such file or directory
        """,
    )


def test_a_package_without_a_hash(demo: Any, served: Served) -> None:
    for name in ("noarch", HERE):
        file = demo / "chan" / name / "repodata.json"
        file.write_text(file.read_text().replace('"sha256"', '"sha1"').replace('"md5"', '"md4"'))
    refused(
        demo,
        create(demo, served.url),
        """
        exit 3
        error: alone 1 0 is not fetched from http://<index>
          the channel has no hash of it
        try: take another build or another channel; in a list, an address ends in #sha256:… or #MD5
        """,
    )
    create(demo, "./chan").ok()  # whoever may write there may write what it likes


def test_a_tampered_store_is_mended(demo: Any) -> None:
    create(demo).ok()
    (entry,) = (demo.home / "cache").glob("conda-v1/*/*/files/share/alone")
    entry.unlink()
    entry.write_text("evil!")
    ran = demo.run("conda create -n two -c ./chan --override-channels alone")
    assert ran.exit_code == 0
    assert (demo.root.parent / "two/share/alone").read_text() == "1"
    assert entry.read_text() == "1"


# -- what a machine has ----------------------------------------------------------------------------------


def test_a_virtual_package_that_is_missing(demo: Any) -> None:
    index_channel(demo / "chan", [alone("torchy", depends=["__cuda >=12"])])
    refused(
        demo,
        create(demo, specs="torchy", CONDA_OVERRIDE_CUDA=""),
        """
        exit 1
        error: no packages satisfy all requirements
          torchy 1 0 (this command) needs __cuda >=12
          __cuda is no package, but what the driver of a graphics card can do: <here> has none
        try: CONDA_OVERRIDE_CUDA=12 solves as if it had it
         or: in a project: system-requirements = { cuda = "12" } in [tool.hutch.conda]
        """,
    )
    create(demo, specs="torchy", CONDA_OVERRIDE_CUDA="12.4").ok()


@pytest.mark.skipif(not HERE.startswith("linux"), reason="of Linux")
def test_a_virtual_package_that_is_too_old(demo: Any) -> None:
    index_channel(demo / "chan", [CondaPackage("new", "1", depends=["__glibc >=2.99"])])
    ran = create(demo, specs="new", CONDA_OVERRIDE_GLIBC="2.17")
    assert ran.exit_code == 1
    assert f"  __glibc is no package, but the C library: {HERE} has 2.17\n" in ran.stderr
    assert "try: CONDA_OVERRIDE_GLIBC=2.99 solves as if it had another\n" in ran.stderr
