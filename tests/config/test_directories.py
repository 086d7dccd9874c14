"""Where things are kept, by platform, and where there is no home."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from hutch.config import find_directories
from hutch.config.directories import NoHome, find_home
from hutch.config.places import as_url, is_missing, is_url
from hutch.config.values import redacted


def test_linux() -> None:
    found = find_directories({"HOME": "/home/me"}, system="unix")
    assert (found.cache, found.data) == ("/home/me/.cache/hutch", "/home/me/.local/share/hutch")
    assert found.user_config == "/home/me/.config/hutch"
    assert found.system_config == ("/etc/xdg/hutch", "/etc/hutch")
    xdg = {"HOME": "/home/me", "XDG_CACHE_HOME": "/c/", "XDG_DATA_HOME": "relative", "XDG_CONFIG_HOME": "/k"}
    found = find_directories(xdg | {"XDG_CONFIG_DIRS": "/a:b:/c"}, system="unix")
    assert (found.cache, found.data, found.user_config) == (
        "/c/hutch",
        "/home/me/.local/share/hutch",
        "/k/hutch",
    )
    assert found.system_config == ("/a/hutch", "/c/hutch", "/etc/hutch")


def test_macos() -> None:
    found = find_directories({"HOME": "/Users/me"}, system="macos")
    assert found.cache == "/Users/me/Library/Caches/hutch"
    assert found.data == found.user_config == "/Users/me/Library/Application Support/hutch"
    assert find_directories({"HOME": "/Users/me", "XDG_CACHE_HOME": "/x"}, system="macos").cache == "/x/hutch"


def test_windows() -> None:
    environ = {"USERPROFILE": "C:\\Users\\me", "LOCALAPPDATA": "L:\\local", "PROGRAMDATA": "P:\\data"}
    found = find_directories(environ, system="windows")
    assert (found.cache, found.data) == ("L:\\local\\hutch\\cache", "L:\\local\\hutch\\data")
    assert found.user_config == "C:\\Users\\me\\AppData\\Roaming\\hutch"
    assert found.system_config == ("P:\\data\\hutch",)
    with pytest.raises(NoHome):
        find_directories({}, system="windows")


posix = pytest.mark.skipif(os.name == "nt", reason="users and modes of Unix")


@posix
def test_without_home_the_user_database_is_asked() -> None:
    import pwd

    assert find_home({}, "unix") == pwd.getpwuid(os.getuid()).pw_dir
    assert find_home({"HOME": "relative"}, "unix") is None


@posix
def test_without_any_home_a_directory_of_ones_own_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = find_directories({"HOME": "relative"}, system="unix")
    own = tmp_path / f"hutch-{os.getuid()}"
    assert found.cache == str(own / "cache")
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert find_directories({"HOME": "relative"}, system="unix") == found
    assert found.user_config is None
    own.chmod(0o777)
    with pytest.raises(NoHome):
        find_directories({"HOME": "relative"}, system="unix")
    own.rmdir()
    own.symlink_to(tmp_path)
    with pytest.raises(NoHome):
        find_directories({"HOME": "relative"}, system="unix")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:p@host/x", "https://****@host/x"),
        ("https://token@host", "https://****@host"),
        ("https://host/a@b:c", "https://host/a@b:c"),
        ("https://u:p@x@host:1?q=@", "https://****@host:1?q=@"),
        ("me:secret@proxy:3128", "****@proxy:3128"),
        ("user@host", "user@host"),
        ("plain", "plain"),
        ("/a:b@c", "/a:b@c"),
    ],
)
def test_redaction(text: str, shown: str) -> None:
    assert redacted(text) == shown


@posix
@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("https://x/y", "https://x/y"),
        ("wheels", "file:///base/wheels"),
        ("../w x", "file:///w%20x"),
        ("/abs/ü", "file:///abs/%C3%BC"),
        ("~/w", "file:///home/me/w"),
        ("file:///x/y", "file:///x/y"),
        ("file:w", "file:///base/w"),
    ],
)
def test_places_as_urls(place: str, url: str) -> None:
    assert as_url(place, "/base", "/home/me") == url


def test_what_is_a_url_and_what_is_missing(tmp_path: Path) -> None:
    assert not is_url("C:\\wheels")
    assert not is_url("a/b:c")
    assert is_url("git+ssh://x")
    assert not is_missing(as_url(str(tmp_path), "/"))
    assert is_missing(as_url("absent", str(tmp_path)))
    assert not is_missing("https://absent.example/")
