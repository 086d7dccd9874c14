"""Tokens and passwords of channels: told to the channel's host, and found nowhere afterwards."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import Served, alone, library, make_demo, python, serve
from hutch.testing.conda import CondaPackage, index_channel

TOKEN = "canary-4711-of-a-token"
PASSWORD = "canary-4711-of-a-password"
SECRETS = [
    form
    for word in (TOKEN, PASSWORD, f"alice:{PASSWORD}")
    for form in (word.encode(), base64.b64encode(word.encode()).rstrip(b"="))
]


def condarc(text: str) -> Callable[[Any, str], dict[str, str]]:
    def write(demo: Any, signed: str) -> dict[str, str]:
        (demo.home / ".condarc").write_text(text.replace("SIGNED", signed))
        return {}

    return write


def variables(**said: str) -> Callable[[Any, str], dict[str, str]]:
    return lambda demo, signed: {key: text.replace("SIGNED", signed) for key, text in said.items()}


# Every place where an address can be said.
WAYS: dict[str, Callable[[Any, str], dict[str, str]]] = {
    "channels": condarc("channels: ['SIGNED/c']\n"),
    "channel_alias": condarc("channel_alias: SIGNED\nchannels: [c]\n"),
    "custom_channels": condarc("custom_channels:\n  c: SIGNED\nchannels: [c]\n"),
    "custom_multichannels": condarc("custom_multichannels:\n  all: ['SIGNED/c']\nchannels: [all]\n"),
    "default_channels": condarc("default_channels: ['SIGNED/c']\nchannels: [defaults]\n"),
    "mirrored_channels": condarc(
        "mirrored_channels:\n  c: ['SIGNED/c']\nchannel_alias: http://channel.example\nchannels: [c]\n"
    ),
    "CONDA_CHANNELS": variables(CONDA_CHANNELS="SIGNED/c"),
    "CONDA_CHANNEL_ALIAS": variables(CONDA_CHANNEL_ALIAS="SIGNED", CONDA_CHANNELS="c"),
    "HUTCH_CONDA_CHANNELS": variables(HUTCH_CONDA_CHANNELS="SIGNED/c"),
    "HUTCH_CONDA_MIRRORS": variables(
        HUTCH_CONDA_MIRRORS="c=SIGNED/c", HUTCH_CONDA_CHANNEL_ALIAS="http://channel.example",
        CONDA_CHANNELS="c",
    ),
    "-c": variables(),
    "a MatchSpec": variables(),
}  # fmt: skip

# (what is run, the exit code); WHERE is what says the channel on the command line, where nothing else does.
DAY = [
    ("conda search WHERE alone --info -v", 0),
    ("conda search WHERE alone --json", 0),
    ("conda search WHERE nothere --json", 1),
    ("-v -v conda create -n sci WHERE python SPEC=1", 0),
    ("conda install -n sci WHERE libfoo --json -v", 0),
    ("conda install -n sci WHERE broken", 1),
    ("conda create -n z WHERE broken --json", 1),
    ("conda create -n z WHERE alone=9 -v", 1),
    ("conda list -n sci", 0),
    ("conda list -n sci --json", 0),
    ("conda list -n sci --explicit --sha256", 0),
    ("conda list -n sci --export", 0),
    ("conda env export -n sci", 0),
    ("conda export -n sci --json", 0),
    ("conda export -n sci --from-history -f exported.yml", 0),
    ("conda update -n sci WHERE alone=2 -v -v", 0),
    ("conda create -n two --clone sci --json", 0),
    ("conda remove -n sci libfoo --json", 0),
    ("env history -n sci --json", 0),
    ("env rollback -n sci", 0),
    ("env verify -n sci", 1),  # a shell script is no Python
    ("env list --json", 0),
    ("conda env list --json", 0),
    ("config show", 0),
    ("config show --json", 0),
    ("cache verify", 0),
    ("--offline conda create -n off WHERE alone=2", 0),
]


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    found = make_demo(project)
    broken = CondaPackage("broken", depends=["not-there"])
    packages = [python(), library(), alone(), alone(version="2"), broken]
    index_channel(found.path.parent / "www" / "c", packages)
    return found


@pytest.fixture
def served(demo: Any) -> Iterator[Served]:
    with serve(demo.path.parent / "www") as found:
        yield found


def found_in(*folders: Path) -> list[str]:
    """The files that hold a secret, in the clear or in base64, by name or inside."""
    return [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if any(form in os.fsencode(path) for form in SECRETS)
        or (path.is_file() and any(form in path.read_bytes() for form in SECRETS))
    ]


def silent(ran: Any) -> None:
    said = (ran.stdout + ran.stderr).encode()
    assert not [form for form in SECRETS if form in said], (ran.command, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    if "--json" in ran.command:
        json.loads(ran.stdout)


@pytest.mark.parametrize("kind", ["token", "password"])
@pytest.mark.parametrize("way", WAYS)
def test_a_day(way: str, kind: str, demo: Any, served: Served) -> None:
    """Each verb, each way to say it: the server is told, the user reads it nowhere, no file has it."""
    if kind == "token":
        served.token = TOKEN
        signed = f"{served.url}/t/{TOKEN}"
    else:
        served.login = ("alice", PASSWORD)
        signed = served.url.replace("//", f"//alice:{PASSWORD}@")
    environ = WAYS[way](demo, signed)
    where = f"-c {signed}/c --override-channels" if way in ("-c", "a MatchSpec") else ""
    spec = f"{signed}/c::alone" if way == "a MatchSpec" else "alone"
    for words, code in DAY:
        ran = demo.run(words.replace("WHERE", where).replace("SPEC", spec), environ=environ)
        silent(ran)
        assert ran.exit_code == code, (words, ran.stderr)
    for fault in (b"<html>", 404, 418, 500, 401, 403):
        served.faults = {".json": fault, ".zst": fault}
        for words in (
            "conda search --refresh WHERE alone",
            "conda create -n z --refresh -v WHERE alone --json",
        ):
            ran = demo.run(words.replace("WHERE", where), environ=environ)
            silent(ran)
            assert ran.exit_code == 3
    served.faults = {".conda": 403}
    demo.run("cache clean").ok()
    ran = demo.run(f"conda create -n z {where} alone", environ=environ)
    silent(ran)
    assert ran.exit_code == 3
    (demo.home / ".condarc").unlink(missing_ok=True)
    assert found_in(demo.path, demo.home) == []


def test_without_it_nothing_is_had(demo: Any, served: Served) -> None:
    served.token = TOKEN
    ran = demo.run(f"conda create -n sci -c {served.url}/c --override-channels alone")
    assert ran.exit_code == 3
    ran = demo.run(f"conda create -n sci -c {served.url}/t/another-token/c --override-channels alone")
    assert ran.exit_code == 3
    assert "another-token" not in ran.stderr


@pytest.mark.parametrize(
    "words",
    ["conda create -n z 'SIGNED/c::alone=='", "conda search 'SIGNED/c::alone[x'",
     "conda install -n no SIGNED/c::x", "conda create -n z -c SIGNED/c SIGNED/c/noarch/alone-1-0.txt",
     "env create z --conda SIGNED/c::alone=="],
)  # fmt: skip
def test_words_that_mean_nothing_are_shown_without_it(words: str, demo: Any, served: Served) -> None:
    for signed in (f"{served.url}/t/{TOKEN}", served.url.replace("//", f"//alice:{PASSWORD}@")):
        ran = demo.run(words.replace("SIGNED", signed))
        silent(ran)
        assert ran.exit_code in (1, 2, 3)
    assert found_in(demo.path, demo.home) == []


def test_the_token_goes_to_its_own_channel_alone(demo: Any, served: Served) -> None:
    """Another host, and another channel of the same host, is not told."""
    with serve(demo.path.parent / "www") as other:
        served.token = TOKEN
        demo.run(
            f"conda create -n sci --override-channels -c {served.url}/t/{TOKEN}/c -c {other.url}/c alone"
        ).ok()
        assert not [line for line in other.log if TOKEN in line]


@pytest.mark.parametrize("kind", ["token", "password", "saved"])
def test_a_project_names_the_channel_and_its_user_has_the_secret(
    kind: str, demo: Any, served: Served, project: Callable[..., Any]
) -> None:
    signed = f"{served.url}/t/{TOKEN}/c"
    if kind == "token":
        served.token = TOKEN
    else:
        served.login = ("alice", PASSWORD)
        signed = served.url.replace("//", f"//alice:{PASSWORD}@") + "/c"
    manifest = (
        "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.9'\n[tool.hutch]\npackage = false\n"
    )
    made = project(f"{manifest}[tool.hutch.conda]\nchannels = ['{served.url}/c']\ndependencies = ['alone']\n")
    ran = made.run("lock")
    assert ran.exit_code == 3
    if kind == "saved":
        made.run(f"auth login {served.url}/ -u alice --stdin", stdin=PASSWORD).ok()
    else:
        (made.home / ".condarc").write_text(f"channels: ['{signed}']\n")
    for words in ("lock", "sync -v", "lock --upgrade --refresh", "tree --json", "export --format explicit"):
        ran = made.run(words).ok()
        silent(ran)
    for name in (".condarc", "data/credentials.json"):
        (made.home / name).unlink(missing_ok=True)
    assert found_in(made.path, made.home) == []
    # A project that has it in its own file is told not to.
    made.write({"pyproject.toml": f"{manifest}[tool.hutch.conda]\nchannels = ['{signed}']\n"})
    ran = made.run("lock")
    silent(ran)
    assert "should have no password or token in it" in ran.stderr


@pytest.mark.slow
def test_an_index_that_a_pip_list_names(project: Callable[..., Any], index: Any) -> None:
    """Its password is in the user's file, and nowhere else afterwards."""
    from conda.real import the_python

    real = the_python()
    if real is None:
        pytest.skip("no Python of this machine can be taken into a package")
    made = project({}, CONDA_PREFIX=None, HUTCH_PYTHON=None, HUTCH_INDEX_URL=None)
    index_channel(made / "chan", [real.package()])
    index.credentials = f"alice:{PASSWORD}"
    index.add_wheel("good", "1.0")
    signed = index.url.replace("//", f"//alice:{PASSWORD}@")
    lines = ["name: sci", "channels: [./chan]", "dependencies:", "  - python", "  - pip:"]
    lines += [f"    - --index-url {signed}", "    - good", ""]
    made.write({"environment.yml": "\n".join(lines)})
    for words in (
        "conda env create -y -v -v", "conda list -n sci --json", "conda export -n sci",
        "conda env export -n sci --from-history", "env history -n sci --json", "conda env update -y --json",
        "pip freeze -n sci", "env verify -n sci",
    ):  # fmt: skip
        silent(made.run(words).ok())
    index.credentials = "alice:another"
    ran = made.run("conda env create -n two -y --json --refresh")
    silent(ran)
    assert found_in(made.home) == []
