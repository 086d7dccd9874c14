"""Layers: who wins, where a value is from, and what pip says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hutch.config import SETTINGS, ConfigProblem, Configuration, load_configuration
from hutch.config.settings import PROJECT_KEYS


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class Place:
    """A machine of its own: a home, a project, system directories, and what was noticed."""

    def __init__(self, root: Path) -> None:
        self.home, self.project, self.etc = root / "home", root / "project", root / "etc"
        for directory in (self.home, self.project, self.etc):
            directory.mkdir()
        self.environ = {"HOME": str(self.home), "XDG_CONFIG_DIRS": str(self.etc)}
        self.notices: list[str] = []

    def write(self, path: str, text: str) -> Path:
        where = {"home": self.home, "project": self.project, "etc": self.etc}[path.partition("/")[0]]
        file = where / path.partition("/")[2]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def load(self, flags: dict[str, object] | None = None, **environ: str) -> Configuration:
        return load_configuration(
            self.project, self.environ | environ, flags, notice=self.notices.append, system="unix"
        )

    def faults(self, flags: dict[str, object] | None = None, **environ: str) -> list[tuple[str, str]]:
        with pytest.raises(ConfigProblem) as caught:
            self.load(flags, **environ)
        return [(fault.place.replace(str(self.project), "P"), fault.name) for fault in caught.value.faults]


LADDER: list[tuple[str, str, str]] = [
    ("etc/pip/pip.conf", "[global]\ntimeout = 1\n", "pip-system"),
    ("etc/hutch/hutch.toml", "timeout = 2\n", "system"),
    ("home/.config/pip/pip.conf", "[global]\ntimeout = 3\n", "pip-user"),
    ("home/.config/hutch/hutch.toml", "timeout = 4\n", "user"),
    ("project/.venv/pip.conf", "[global]\ntimeout = 5\n", "pip-environment"),
    ("project/pyproject.toml", "[tool.hutch]\ntimeout = 6\n", "project"),
    ("project/hutch.toml", "timeout = 7\n", "project"),
]


def test_each_rung_beats_those_below(place: Place) -> None:
    assert place.load().origin("timeout").rung == "default"
    for number, (path, text, rung) in enumerate(LADDER, 1):
        file = place.write(path, text)
        loaded = place.load()
        assert loaded.net.timeout == number
        assert loaded.origin("timeout").rung == rung
        assert str(file) in loaded.origin("timeout").place
    assert place.load(PIP_TIMEOUT="8").net.timeout == 8
    assert place.load(PIP_TIMEOUT="8", HUTCH_TIMEOUT="9").net.timeout == 9
    last = place.load({"timeout": 10}, PIP_TIMEOUT="8", HUTCH_TIMEOUT="9")
    assert (last.net.timeout, last.origin("timeout").place) == (10, "--timeout")


def test_no_config_reads_no_file_but_hears_variables(place: Place) -> None:
    for path, text, _ in LADDER:
        place.write(path, text)
    assert place.load({"no-config": True}).net.timeout == 30
    assert place.load(HUTCH_NO_CONFIG="1", HUTCH_TIMEOUT="5").net.timeout == 5


def test_a_named_file_stands_instead_of_the_users_and_the_systems(place: Place) -> None:
    place.write("home/.config/hutch/hutch.toml", "timeout = 1\nretries = 1\n")
    named = place.write("home/other.toml", "timeout = 2\n")
    loaded = place.load(HUTCH_CONFIG_FILE=str(named))
    assert (loaded.net.timeout, loaded.net.retries) == (2, 4)
    assert place.faults({"config-file": "absent.toml"}) == [("P/absent.toml", "--config-file")]


def test_rows_say_value_and_origin_of_everything(place: Place) -> None:
    place.write("home/.config/hutch/hutch.toml", "# mine\n\noffline = true\n")
    rows = {name: (value, origin) for name, value, origin in place.load(HUTCH_RETRIES="0").rows()}
    assert rows.keys() == SETTINGS.keys()
    assert rows["offline"] == ("true", "~/.config/hutch/hutch.toml:3")
    assert rows["retries"] == ("0", "HUTCH_RETRIES")
    assert rows["cache-dir"] == (f"{place.home}/.cache/hutch", "default")
    said = place.load(HUTCH_RETRIES="0").to_json()
    assert said["offline"] == {"value": True, "source": "user", "origin": "~/.config/hutch/hutch.toml:3"}


SECRETS = {
    "HUTCH_INDEX_URL": "https://me:pa%24s@index.example/simple/",
    "HUTCH_EXTRA_INDEX_URL": "https://pa%24s@one.example/ https://index.example/two",
    "HUTCH_FIND_LINKS": "https://x:pa%24s@links.example/",
    "HUTCH_PROXY": "me:pa%24s@proxy.example:3128",
}


def test_no_secret_is_shown(place: Place) -> None:
    place.write("project/hutch.toml", '[[index]]\nname = "a"\nurl = "https://u:pa%24s@a.example/"\n')
    loaded = place.load(**SECRETS)
    shown = repr((loaded.rows(), loaded.to_json(), loaded, loaded.net, loaded.indexes))
    assert "pa%24s" not in shown
    assert "https://****@index.example/simple/" in shown
    assert all("@" not in index.url for index in loaded.indexes)
    assert {each.origin for each in loaded.net.credentials} == {
        "https://index.example",
        "https://one.example",
        "https://links.example",
        "https://a.example",
    }


def test_all_that_cannot_be_used_is_told_at_once(place: Place) -> None:
    place.write("project/hutch.toml", 'timeout = "x"\nlink-mode = "magic"\n\nsources = {}\nretries = -1\n')
    found = place.faults(
        {"offline": "perhaps"}, HUTCH_REFRESH="maybe", PIP_RETRIES="many", HUTCH_TARGETS="zx81"
    )
    assert found == [
        ("P/hutch.toml:1", "timeout"),
        ("P/hutch.toml:2", "link-mode"),
        ("P/hutch.toml:4", "sources"),
        ("P/hutch.toml:5", "retries"),
        ("PIP_RETRIES", "retries"),
        ("HUTCH_REFRESH", "refresh"),
        ("HUTCH_TARGETS", "targets"),
        ("--offline", "offline"),
    ]


def test_files_that_are_broken(place: Place) -> None:
    place.write("project/hutch.toml", "x = \n")
    place.write("home/.config/pip/pip.conf", "no section = 1\n")
    with pytest.raises(ConfigProblem) as caught:
        place.load()
    assert "pip.conf" in caught.value.why[0]
    place.write("home/.config/pip/pip.conf", "")
    assert place.faults() == [("P/hutch.toml:1", "TOML")]


def test_a_broken_manifest_is_not_the_business_of_the_configuration(place: Place) -> None:
    place.write("project/pyproject.toml", "[tool.hutch\n")
    assert place.load().net.timeout == 30


def test_an_unknown_setting_is_noticed_with_what_was_meant(place: Place) -> None:
    place.write("project/pyproject.toml", "[tool.hutch]\nofline = true\n\n[tool.hutch.sources]\n")
    place.load()
    assert place.notices == [
        f"{place.project}/pyproject.toml:2: there is no setting 'ofline'; did you mean 'offline'?"
    ]


def test_words_and_switches_of_variables(place: Place) -> None:
    loaded = place.load(
        HUTCH_ONLY_BINARY="A_b, c", HUTCH_NO_BINARY=":all: :none: d", HUTCH_OFFLINE="on", HUTCH_REFRESH=" "
    )
    assert loaded.only_binary == ("a-b", "c")
    assert loaded.no_binary == ("d",)
    assert (loaded.offline, loaded.refresh) == (True, False)


def test_relative_paths_begin_where_they_are_written(place: Place) -> None:
    place.write("home/.config/hutch/hutch.toml", 'cache-dir = "cache"\nca-bundle = "~/ca.pem"\n')
    loaded = load_configuration(
        place.project, place.environ | {"HUTCH_DATA_DIR": "d"}, cwd=place.etc, system="unix"
    )
    assert loaded.cache_dir == str(place.home / ".config/hutch/cache")
    assert loaded.data_dir == str(place.etc / "d")
    assert loaded.net.ca_bundle == str(place.home / "ca.pem")


# --- pip ---


def test_pips_words_for_our_settings(place: Place) -> None:
    place.write(
        "home/.config/pip/pip.conf",
        """\
[global]
index_url = https://index.example/a/
--extra-index-url = https://index.example/b/
    https://index.example/c/
cert = /ca.pem
client-cert = /me.pem
proxy = http://proxy.example:1
trusted-host = one.example
    two.example:8080
retries = 7
default-timeout = 9
[install]
index-url = https://index.example/install/
timeout =
[freeze]
timeout = 1
""",
    )
    loaded = place.load()
    assert [index.url for index in loaded.indexes] == [
        "https://index.example/b/",
        "https://index.example/c/",
        "https://index.example/install/",
    ]
    net = loaded.net
    assert (net.ca_bundle, net.client_cert, net.proxy) == ("/ca.pem", "/me.pem", "http://proxy.example:1")
    assert (net.trusted_hosts, net.retries, net.timeout) == (("one.example", "two.example:8080"), 7, 9)
    assert loaded.origin("index-url").place.endswith("pip.conf (index-url)")


def test_which_of_pips_files_are_read(place: Place) -> None:
    place.write(
        "etc/pip/pip.conf", "[global]\nretries = 1\ntimeout = 1\n[install]\nproxy = http://sys.example\n"
    )
    place.write("home/.pip/pip.conf", "[global]\nretries = 2\nproxy = http://user.example\n")
    named = place.write("home/named.conf", "[global]\nretries = 3\n")
    venv = place.write("home/venv/pip.conf", "[global]\ntimeout = 4\n").parent
    loaded = place.load()
    assert (loaded.net.retries, loaded.net.timeout) == (2, 1)
    # pip: [install] of any file counts more than [global] of any other
    assert loaded.net.proxy == "http://sys.example"
    assert place.load(PIP_CONFIG_FILE=str(named)).net.retries == 3
    assert place.load(PIP_CONFIG_FILE=os.devnull).net.retries == 4
    assert place.load(VIRTUAL_ENV=str(venv)).net.timeout == 4


def test_pip_itself_reads_the_same(place: Place) -> None:
    """pip as the oracle: what ``pip config list`` says of a set of files is what counts here."""
    place.write("etc/pip/pip.conf", "[global]\nretries = 1\ntimeout = 11\n")
    place.write("home/.pip/pip.conf", "[global]\nretries = 2\nproxy = http://legacy.example\n")
    place.write("home/.config/pip/pip.conf", "[global]\nretries = 3\n[install]\ntimeout = 13\n")
    environ = place.environ | {"PIP_PROXY": "http://variable.example"}
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        env=environ | {"PATH": ""},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip("no pip")
    said = dict(re.findall(r"^(\S+)='(.*)'$", done.stdout, re.MULTILINE))
    loaded = place.load(PIP_PROXY="http://variable.example")
    assert str(loaded.net.retries) == said["global.retries"]
    assert f"{loaded.net.timeout:g}" == said["install.timeout"]
    assert loaded.net.proxy == said[":env:.proxy"]


@pytest.mark.parametrize("flag", ["find-links", "extra-index-url"])
def test_flags_of_lists_come_in_front(place: Place, flag: str) -> None:
    (place.project / "w1").mkdir()
    (place.project / "w2").mkdir()
    place.write("project/hutch.toml", f'{flag} = ["w1"]\n')
    loaded = place.load({flag: ("w2",)})
    urls = [index.url for index in loaded.indexes if index.url.startswith("file:")]
    assert urls == [f"file://{place.project}/w2", f"file://{place.project}/w1"]
    assert loaded.origin(flag).place == f"--{flag}, {place.project}/hutch.toml:1"


# --- indexes ---


def ranked(loaded: Configuration) -> list[tuple[str, str]]:
    def mark(index: Any) -> str:
        return ("default " if index.default else "explicit " if index.explicit else "") + index.kind

    return [(index.name, mark(index)) for index in loaded.indexes]


def test_the_order_in_which_indexes_are_asked(place: Place) -> None:
    (place.project / "wheels").mkdir()
    place.write(
        "project/pyproject.toml",
        """\
[tool.hutch]
extra-index-url = ["https://index.example/one"]
find-links = ["wheels"]
[[tool.hutch.index]]
name = "company"
url = "https://company.example/simple/"
verify = false
[[tool.hutch.index]]
name = "torch"
url = "https://torch.example/"
format = "flat"
explicit = true
""",
    )
    loaded = place.load(HUTCH_INDEX_URL="https://index.example/simple/")
    assert ranked(loaded) == [
        ("find-links-1", "flat"),
        ("company", "simple"),
        ("torch", "explicit flat"),
        ("extra-1", "simple"),
        ("default", "default simple"),
    ]
    assert loaded.net.trusted_hosts == ("company.example",)
    assert ranked(place.load(HUTCH_NO_INDEX="1")) == [("find-links-1", "flat")]


def test_a_named_default_and_what_replaces_it(place: Place) -> None:
    place.write(
        "project/hutch.toml", '[[index]]\nname = "mine"\nurl = "https://index.example/a"\ndefault = true\n'
    )
    assert ranked(place.load()) == [("mine", "default simple")]
    assert ranked(place.load(PIP_INDEX_URL="https://index.example/b")) == [
        ("mine", "explicit simple"),
        ("default", "default simple"),
    ]
    place.write("project/pyproject.toml", '[tool.hutch]\nindex-url = "https://index.example/c"\n')
    assert ranked(place.load()) == [("mine", "default simple")]
    place.write("project/hutch.toml", 'index-url = "x"\n[[index]]\nname = "m"\nurl = "u"\ndefault = true\n')
    with pytest.raises(ConfigProblem):
        _ = place.load().indexes


def test_a_supplemental_index_is_asked_last_and_the_usual_one_needs_no_address(place: Place) -> None:
    place.write(
        "project/hutch.toml",
        """[[index]]
name = "nightly"
url = "https://nightly.example/simple/"
supplemental = true
[[index]]
name = "company"
url = "https://company.example/simple/"
default = true
[[index]]
name = "public"
url = "default"
explicit = true
""",
    )
    loaded = place.load()
    assert ranked(loaded) == [
        ("public", "explicit simple"),
        ("company", "default simple"),
        ("nightly", "simple"),
    ]
    assert loaded.indexes[0].url.startswith("https://")
    machine = place.load(HUTCH_INDEX_URL="https://mirror.example/simple/").indexes
    assert [each.url for each in machine if each.name == "public"] == ["https://mirror.example/simple/"]


def test_an_index_given_twice_is_asked_once(place: Place) -> None:
    loaded = place.load(
        HUTCH_INDEX_URL="https://index.example/simple",
        HUTCH_EXTRA_INDEX_URL="https://u:p@index.example/simple/ https://index.example/x https://index.example/x/",
    )
    assert ranked(loaded) == [("extra-2", "simple"), ("default", "default simple")]


def test_what_is_not_there_is_passed_over_with_one_notice(place: Place) -> None:
    loaded = place.load(
        HUTCH_INDEX_URL="https://index.example/simple/",
        HUTCH_FIND_LINKS="wheels",
        HUTCH_EXTRA_INDEX_URL=f"file://{place.home}/no%20index",
    )
    assert ranked(loaded) == [("default", "default simple")]
    assert ranked(loaded) == [("default", "default simple")]
    assert len(place.notices) == 2
    assert "wheels (HUTCH_FIND_LINKS) is not there" in place.notices[0]
    (place.home / "no index").mkdir()
    assert ranked(place.load(HUTCH_EXTRA_INDEX_URL=f"file://{place.home}/no%20index"))[0] == (
        "extra-1",
        "simple",
    )


def test_settings_and_the_projects_keys_do_not_overlap() -> None:
    assert not SETTINGS.keys() & PROJECT_KEYS


def test_paths_are_divided_as_in_PATH_and_begin_where_they_are_said(tmp_path):
    """Spaces belong to paths; `~` is the home, and what a file says begins beside that file."""
    (tmp_path / "mine.toml").write_text("cache-layers = ['shared cache', '~/other', '/srv/cache']\n")
    home = str(tmp_path / "home")
    flags = {"config-file": str(tmp_path / "mine.toml")}
    found = load_configuration(tmp_path, {}, flags, home=home).cache_layers
    assert found == (str(tmp_path / "shared cache"), f"{home}/other", "/srv/cache")
    said = {"HUTCH_CACHE_LAYERS": os.pathsep.join(["/a b", "", "c"])}
    found = load_configuration(tmp_path, said, flags, home=home, cwd="/elsewhere").cache_layers
    assert found == ("/a b", "/elsewhere/c")
    assert load_configuration(tmp_path, {}, home=home).cache_layers == ()


@pytest.mark.parametrize("said", ["'much'", "-1", "1.5", "true", "['1 GiB']", "'200 %'"])
def test_what_is_no_size(tmp_path, said):
    (tmp_path / "mine.toml").write_text(f"cache-size-limit = {said}\n")
    with pytest.raises(ConfigProblem, match=r"."):
        load_configuration(tmp_path, {}, {"config-file": "mine.toml"}, home=str(tmp_path))


@pytest.mark.parametrize(
    ("said", "value"), [("'1 GiB'", "1 GiB"), ("1000", "1000"), ("'10 %'", "10 %"), ("'none'", "none")]
)
def test_sizes(tmp_path, said, value):
    (tmp_path / "mine.toml").write_text(f"cache-size-limit = {said}\n")
    found = load_configuration(tmp_path, {}, {"config-file": "mine.toml"}, home=str(tmp_path))
    assert found.cache_size_limit == value
    assert found.is_chosen("cache-size-limit")
    usual = load_configuration(tmp_path, {}, home=str(tmp_path))
    assert not usual.is_chosen("cache-size-limit")
    assert {name: shown for name, shown, _ in usual.rows()}["cache-size-limit"].endswith("GiB")
