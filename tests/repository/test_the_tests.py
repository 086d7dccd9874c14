"""The isolation that every other test stands on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_nothing_of_the_user_is_seen(home, real_home):
    assert Path.home() == home
    assert home != real_home
    assert list(home.iterdir()) == []
    assert os.environ["HUTCH_CACHE_DIR"].startswith(str(home))
    assert os.environ["PIP_CONFIG_FILE"] == os.devnull
    foreign = ("PIP_INDEX_URL", "UV_INDEX_URL", "HUTCH_INDEX_URL", "VIRTUAL_ENV", "PYTHONPATH", "HTTPS_PROXY")
    assert [name for name in foreign if name in os.environ] == []


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "somewhere.com"])
def test_the_network_is_off(host):
    with pytest.raises(AssertionError, match="network is off"):
        socket.create_connection((host, 443), timeout=1)


def test_the_network_is_off_for_libcurl_too():
    pycurl = pytest.importorskip("pycurl")
    handle = pycurl.Curl()
    with pytest.raises(AssertionError, match="network is off"):
        handle.setopt(pycurl.URL, "https://somewhere.com/simple/")
    handle.setopt(pycurl.URL, "https://index.example/simple/")
    handle.setopt(pycurl.URL, "http://127.0.0.1:1/simple/")
    handle.close()


def test_loopback_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


@pytest.mark.network
def test_the_mirror_serves_pages(mirror):
    import urllib.request

    with urllib.request.urlopen(f"{mirror}packaging/", timeout=60) as response:
        assert b"packaging-" in response.read()


def test_output_of_children_is_caught_too(project, monkeypatch):
    import hutch.cli

    def main(words):
        print("from hutch", *words)
        subprocess.check_call([sys.executable, "-c", "import sys; print('from a child', file=sys.stderr)"])
        print(os.getcwd(), "in 1.25 s", file=sys.stderr)
        return 3

    monkeypatch.setattr(hutch.cli, "main", main, raising=False)
    ran = project().run("sync 'a b'")
    assert (ran.exit_code, ran.stdout) == (3, "from hutch sync a b\n")
    assert ran.stderr == "from a child\n<project> in <time>\n"


def test_a_project_is_made_of_its_files(project):
    made = project({"pyproject.toml": "[project]\n", "src/demo/__init__.py": ""})
    assert made.tree() == ["pyproject.toml", "src/demo/__init__.py"]
    assert project("x = 1\n").read("pyproject.toml") == "x = 1\n"
