"""``hutch conda config``: what conda's configuration says, and changes of it."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.cli.parser import parse
from hutch.config.condarc import LISTS, TABLES, condarc_files
from hutch.config.condarc_keys import KEYS, find_key, near_keys
from hutch.errors import UsageProblem
from hutch.testing.conda import CondaPackage, index_channel

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = "https://me:s3cret@x.example/t/tk-12345678/c"


@pytest.fixture
def demo(project: Callable[..., Any], tmp_path: Path) -> Any:
    return project(
        {}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None, CONDARC=None, HUTCH_RETRIES=None
    )


def said(demo: Any) -> str:
    path = demo.home / ".condarc"
    return path.read_text() if path.exists() else ""


def config(demo: Any, words: str) -> Any:
    ran = demo.run(f"conda config {words}")
    assert ran.exit_code == 0, ran.stderr
    return ran


def shown(demo: Any, words: str) -> Any:
    return json.loads(config(demo, f"{words} --json").stdout)


# -- changing -----------------------------------------------------------------------------------------


def test_several_changes_of_one_command(demo: Any) -> None:
    (demo.home / ".condarc").write_text("# mine\nchannels: [mine]  # just that\n")
    config(
        demo,
        "--add channels first --append channels last --set channel_priority strict --set always_yes yes"
        " --set proxy_servers.https http://proxy.example:1",
    )
    assert said(demo) == (
        "# mine\nchannels: [first, mine, last]  # just that\nchannel_priority: strict\nalways_yes: true\n"
        "proxy_servers:\n  https: http://proxy.example:1\n"
    )
    config(demo, "--remove channels mine --remove-key channel_priority --remove-key always_yes")
    assert said(demo) == (
        "# mine\nchannels: [first, last]  # just that\nproxy_servers:\n  https: http://proxy.example:1\n"
    )


def test_what_is_asked_without_channels_stays_behind_the_first_one(demo: Any) -> None:
    ran = config(demo, "--add channels bioconda")
    assert said(demo) == "channels:\n  - bioconda\n  - conda-forge\n"
    assert "conda-forge stays" in ran.stderr
    ran = config(demo, "--add channels conda-forge")
    assert "'conda-forge' already in 'channels' list, moving to the top" in ran.stderr
    assert said(demo) == "channels:\n  - conda-forge\n  - bioconda\n"
    ran = config(demo, "--add channels conda-forge")
    assert "All of it is so already" in ran.stderr


def test_what_scripts_say_first(demo: Any) -> None:
    """Of recipes for images and CI: each has to go through, whatever comes of it."""
    config(demo, "--append channels conda-forge")
    assert said(demo) == "channels:\n  - conda-forge\n"
    ran = config(demo, "--remove channels defaults")
    assert "hutch asks it where it is named alone" in ran.stderr
    for key, value in (
        ("auto_activate_base", "false"), ("solver", "libmamba"), ("auto_update_conda", "False"),
        ("show_channel_urls", "yes"), ("notify_outdated_conda", "no"), ("channel_priority", "true"),
        ("pip_interop_enabled", "True"), ("safety_checks", "disabled"), ("default_threads", "4"),
        ("local_repodata_ttl", "0"), ("auto_stack", "1"), ("ssl_verify", "/etc/ssl/ca.pem"),
        ("env_prompt", "'({name}) '"), ("report_errors", "false"), ("anaconda_upload", "no"),
        ("remote_connect_timeout_secs", "30.0"), ("always_yes", "1"), ("changeps1", "off"),
    ):  # fmt: skip
        config(demo, f"--set {key} {value}")
    for key in ("pkgs_dirs", "envs_dirs", "create_default_packages", "pinned_packages", "default_channels"):
        config(demo, f"--add {key} value")
    config(demo, "--validate")
    found = shown(demo, "--get")["get"]
    assert [found[key] for key in ("auto_update_conda", "always_yes", "env_prompt")] == [
        False, True, "({name}) ",
    ]  # fmt: skip
    (demo.home / ".condarc").write_text("channels: [defaults, a]\n")
    config(demo, "--remove channels defaults")
    assert said(demo) == "channels: [a]\n"


@pytest.mark.slow
def test_several_at_once_lose_nothing(demo: Any) -> None:
    (demo.home / ".condarc").write_text("channels: []\n")
    environ = {**os.environ, "HOME": str(demo.home), "HUTCH_CACHE_DIR": str(demo.path / "cache")}
    environ = {name: value for name, value in environ.items() if not name.startswith("CONDA")}
    environ["PYTHONPATH"] = str(REPOSITORY / "src")
    words = [sys.executable, "-m", "hutch", "conda", "config", "--append", "channels"]
    running = [subprocess.Popen([*words, f"c{number}"], env=environ, cwd=demo.path) for number in range(8)]
    assert [each.wait() for each in running] == [0] * 8
    assert sorted(shown(demo, "--show channels")["channels"]) == [f"c{number}" for number in range(8)]


def test_no_channel_is_added_where_another_file_names_some(demo: Any) -> None:
    (demo.home / ".conda").mkdir()
    (demo.home / ".conda/.condarc").write_text("channels: [theirs]\n")
    config(demo, "--append channels mine")
    assert said(demo) == "channels:\n  - mine\n"
    assert shown(demo, "--show channels") == {"channels": ["mine", "theirs"]}


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ("--set always_yes true --set chanels x", 2, "conda has no setting 'chanels'"),
        ("--set always_yes true --add chanels x", 2, "channels"),
        ("--set always_yes true --set always_yes maybe", 2, "should be true or false"),
        ("--set always_yes true --set channel_priority sometimes", 2, "should be strict, flexible"),
        ("--set always_yes true --set remote_max_retries many", 2, "should be a number"),
        ("--set always_yes true --append pinned_packages 'numpy >=2,,<'", 2, "is no MatchSpec"),
        ("--set always_yes true --set channel_alias here", 2, "should be an address"),
        ("--set always_yes true --set proxy_servers.https here", 2, "should be an address"),
        ("--set always_yes true --set channels x", 2, "--append channels x"),
        ("--set always_yes true --add always_yes x", 2, "always_yes is no list"),
        ("--set always_yes true --add proxy_servers.https http://x", 2, "--set proxy_servers.https http://x"),
        ("--set always_yes true --set proxy_servers x", 2, "--set proxy_servers.NAME x"),
        ("--set always_yes true --set channels.x y", 2, "channels has no parts"),
        ("--set always_yes true --remove channels nobody", 1, "it is not in channels"),
        ("--set always_yes true --remove-key offlin", 1, "offlin is not in it"),
        ("--set always_yes true --set env_prompt 'a\tb'", 2, "characters"),
        ("--set always_yes true --show", 2, "--show"),
        ("--set always_yes", 2, "KEY VALUE"),
        ("--show --get", 2, "--get"),
        ("channels", 2, "--show channels"),
        ("", 2, "--add, --append"),
        ("--show chanels", 2, "conda has no setting 'chanels'"),
        ("--describe chanels", 2, "conda has no setting 'chanels'"),
        ("--env --system --set always_yes true", 2, "--system"),
        ("--file x -n y --set always_yes true", 2, "--file"),
        ("-n nobody --set always_yes true", 1, "nobody"),
    ],
)
def test_what_cannot_be_done_changes_nothing(words: str, code: int, text: str, demo: Any) -> None:
    before = "channels: [a]  # mine\noffline: false\n"
    (demo.home / ".condarc").write_text(before)
    ran = demo.run(f"conda config {words}")
    assert ran.exit_code == code, ran.stderr
    assert text in ran.stderr
    assert said(demo) == before
    assert os.listdir(demo.home).count(".condarc") == 1
    assert not [name for name in os.listdir(demo.home) if name.endswith(".tmp")]


def test_what_whoever_reads_it_cannot_use_is_not_written(demo: Any) -> None:
    (demo.home / ".condarc").write_text("channel_priority: sometimes\nproxy_servers: {http: [a]}\n")
    assert demo.run("conda config --show").exit_code == 1
    ran = demo.run("conda config --validate")
    assert ran.exit_code == 1
    assert "channel_priority: should be strict, flexible or disabled" in ran.stderr
    config(demo, "--set channel_priority strict")  # what is broken can be mended, one by one
    config(demo, "--remove-key proxy_servers")
    assert said(demo) == "channel_priority: strict\n"
    assert "can be used" in config(demo, "--validate").stderr


def test_values_are_looked_at_that_reading_lets_pass(demo: Any) -> None:
    (demo.home / ".condarc").write_text(
        "remote_max_retries: often\noffline: perhaps\npinned_packages: ['a >=1,,<']\n"
    )
    ran = demo.run("conda config --validate")
    assert ran.exit_code == 1
    for text in ("often", "remote_max_retries: should be a number", "offline: should be true or false",
                 "pinned_packages: is no MatchSpec"):  # fmt: skip
        assert (text in ran.stderr) is (text != "often")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_and_links_stay(demo: Any, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "condarc"
    real.parent.mkdir()
    real.write_text("offline: false\n")
    real.chmod(0o600)
    (demo.home / ".condarc").symlink_to(real)
    config(demo, "--set offline true")
    assert (demo.home / ".condarc").is_symlink()
    assert real.read_text() == "offline: true\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert os.listdir(real.parent) == ["condarc"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_new_file_with_a_password_is_its_users_alone(demo: Any) -> None:
    config(demo, f"--append channels {SECRET}")
    assert stat.S_IMODE((demo.home / ".condarc").stat().st_mode) == 0o600
    (demo.home / ".condarc").chmod(0o644)
    ran = config(demo, "--set proxy_servers.http http://me:other@proxy.example:1")
    assert "others on this machine may read" in ran.stderr
    assert stat.S_IMODE((demo.home / ".condarc").stat().st_mode) == 0o644


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="of a user")
def test_a_file_that_may_not_be_written_is_not_replaced(demo: Any) -> None:
    (demo.home / ".condarc").write_text("offline: false\n")
    (demo.home / ".condarc").chmod(0o444)
    assert demo.run("conda config --set offline true").exit_code == 1
    assert said(demo) == "offline: false\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"channels: [a\n", b"- a\n"])
def test_a_file_that_is_none(content: bytes, demo: Any) -> None:
    (demo.home / ".condarc").write_bytes(content)
    for words in ("--set offline true", "--add channels a", "--get"):
        ran = demo.run(f"conda config {words}")
        assert ran.exit_code == 1
        assert "Traceback" not in ran.stderr
    assert (demo.home / ".condarc").read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_and_a_folder_are_not_waited_for(demo: Any) -> None:
    os.mkfifo(demo.path / "pipe")
    (demo.path / "folder").mkdir()
    for name in ("pipe", "folder", "nowhere/condarc"):
        ran = demo.run(f"conda config --file {name} --set offline true")
        assert ran.exit_code == 1, name
        assert "cannot be" in ran.stderr


def test_which_file(demo: Any, tmp_path: Path) -> None:
    env, root = tmp_path / "env", tmp_path / "root"
    for folder in (env, root):
        (folder / "conda-meta").mkdir(parents=True)
        (folder / "conda-meta/history").write_text("")
    config(demo, "--env --set offline false")  # none is active
    assert said(demo) == "offline: false\n"
    config(demo, f"-p {env} --set offline true")
    assert (env / ".condarc").read_text() == "offline: true\n"
    demo.environ.update(CONDA_PREFIX=str(env), CONDA_ROOT=str(root))
    config(demo, "--env --set offline false")
    assert (env / ".condarc").read_text() == "offline: false\n"
    config(demo, "--system --set always_yes true")
    assert (root / ".condarc").read_text() == "always_yes: true\n"
    assert shown(demo, "--show always_yes") == {"always_yes": True}
    ran = config(demo, f"--file {tmp_path}/odd.yml --set always_yes true")
    assert f"it is with CONDARC={tmp_path}/odd.yml" in ran.stderr
    demo.environ["CONDARC"] = f"{tmp_path}/odd.yml"
    config(demo, "--set always_yes false")
    assert (tmp_path / "odd.yml").read_text() == "always_yes: false\n"
    assert shown(demo, "--show always_yes") == {"always_yes": False}
    assert shown(demo, "--get")["rc_path"] == f"{tmp_path}/odd.yml"


def test_a_file_in_a_project_is_not_read_and_that_is_told(demo: Any) -> None:
    (demo.path / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    env = demo.path / "env"
    (env / "conda-meta").mkdir(parents=True)
    (env / "conda-meta/history").write_text("")
    demo.environ["CONDA_PREFIX"] = str(env)
    ran = config(demo, "--env --set always_yes true")
    assert "is not read here" in ran.stderr
    assert shown(demo, "--show always_yes") == {"always_yes": False}
    assert "is not read here" not in config(demo, "--set always_yes true").stderr


def test_who_stands_above_the_file_is_told(demo: Any) -> None:
    demo.environ.update(
        CONDA_CHANNEL_ALIAS="https://a.example", HUTCH_CONDA_CHANNELS="ours", CONDA_CHANNELS="c"
    )
    ran = config(demo, "--set channel_alias https://b.example --append channels x --set offline true")
    assert "CONDA_CHANNEL_ALIAS stands above <home>/.condarc" in ran.stderr
    assert "conda-channels (HUTCH_CONDA_CHANNELS) stands above channels" in ran.stderr
    assert ran.stderr.count("stands above") == 2
    (demo.home / ".conda").mkdir()
    (demo.home / ".conda/.condarc").write_text("offline: false\n")
    weak = f"--file {demo.home}/.conda/.condarc"
    ran = config(demo, f"{weak} --set offline no")
    assert "<home>/.condarc stands above <home>/.conda/.condarc: what it says of offline" in ran.stderr
    assert "stands above" not in config(demo, f"{weak} --remove-key offline").stderr
    assert "stands above" not in config(demo, "--set offline false").stderr


def test_older_names_and_what_hutch_does_not_use(demo: Any) -> None:
    (demo.home / ".condarc").write_text("verify_ssl: true\nwhitelist_channels: [a]\n")
    config(demo, "--set ssl_verify false --append whitelist_channels b")
    assert said(demo) == "verify_ssl: false\nwhitelist_channels: [a, b]\n"
    ran = config(demo, "--set always_copy true")
    assert "hutch does not use always_copy: the setting link-mode" in ran.stderr
    config(demo, "--set channel-priority strict")
    assert "channel_priority: strict\n" in said(demo)
    (demo.home / ".condarc").write_text("frobnicate: 1\n")
    assert "conda has no setting 'frobnicate'" in config(demo, "--show-sources").stderr
    config(demo, "--remove-key frobnicate")
    assert said(demo) == ""


@pytest.mark.parametrize("words", ["create -p env -y a", "search a"])
def test_who_administers_a_machine_may_keep_its_channels(words: str, demo: Any) -> None:
    index_channel(demo.path / "chan", [CondaPackage("a", "1")])
    (demo.home / ".condarc").write_text("override_channels_enabled: false\n")
    ran = demo.run(f"conda {words} -c ./chan --override-channels")
    assert ran.exit_code == 2
    assert "override_channels_enabled is false" in ran.stderr
    assert not (demo.path / "env").exists()
    config(demo, "--remove-key override_channels_enabled")
    assert demo.run(f"conda {words} -c ./chan --override-channels").exit_code == 0


PIECES = (
    "channels:", "  - a\n", "\n", "\t", "- ", "{", "}", "[", "]", "&a", "*a", "!!x", "<<", "? ", ": ",
    "\x1b[31m",
    "\u2028", "\x85", "'", '"', "|\n", "#c\n", "proxy_servers", "https", "\ufeff", "---\n", "...\n", "\r\n",
    "offline: no\n", "x" * 30, "channel_settings:\n  - channel: a\n    auth: b\n", "~", "null",
)  # fmt: skip
DOING = (
    "--show", "--show-sources", "--get", "--validate", "--show --json", "--add channels z",
    "--remove channels a",
    "--set offline true", "--set proxy_servers.https http://p:1", "--remove-key channels",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_whatever_stands_in_the_file_nothing_breaks(seed: int, demo: Any) -> None:
    choose = random.Random(seed)
    for _ in range(60):
        text = "".join(choose.choice(PIECES) for _ in range(choose.randrange(12)))
        (demo.home / ".condarc").write_bytes(text.encode())
        words = choose.choice(DOING)
        ran = demo.run(f"conda config {words}")
        assert ran.exit_code in (0, 1), (text, words, ran.stderr)
        assert "\x1b" not in ran.stdout + ran.stderr, (text, words)
        if ran.exit_code or words not in DOING[5:]:
            assert (demo.home / ".condarc").read_bytes() == text.encode()


# -- looking ------------------------------------------------------------------------------------------


def test_what_holds_is_what_hutch_uses(demo: Any) -> None:
    (demo.home / ".condarc").write_text(
        "channels: [a, b]\nchannel_alias: https://alias.example\nalways_copy: true\nremote_max_retries: 7\n"
        "custom_multichannels: {all: [a, b]}\nproxy_servers: {https: 'http://p.example:1'}\n"
    )
    found = shown(demo, "--show")
    assert found["channels"] == ["a", "b"]
    assert found["channel_priority"] == "strict"
    assert found["remote_max_retries"] == 7
    assert found["custom_multichannels"] == {"all": ["a", "b"]}
    assert found["proxy_servers"] == {"https": "http://p.example:1"}
    assert {name for name, key in KEYS.items() if key.used} <= found.keys()
    demo.environ.update(HUTCH_CONDA_CHANNELS="ours", CONDA_CHANNEL_ALIAS="https://variable.example")
    assert shown(demo, "--show channels channel_alias") == {
        "channel_alias": "https://variable.example", "channels": ["ours"],
    }  # fmt: skip
    ran = config(demo, "--show channels always_copy")
    assert ran.stdout == "channels:\n  - ours\nalways_copy: None\n"
    assert "hutch does not use always_copy: the setting link-mode" in ran.stderr
    assert "hutch does not use always_copy" in config(demo, "--show").stderr


def test_who_says_what(demo: Any) -> None:
    (demo.home / ".condarc").write_text("channels: [a]\noffline: no\n")
    (demo.path / ".condarc").write_text("channels: [evil]\n")
    demo.environ.update(CONDA_CHANNELS="b,c", HUTCH_CONDA_CHANNEL_PRIORITY="disabled",
                        CONDA_PINNED_PACKAGES="numpy >=1,<2&python 3.12.*")  # fmt: skip
    found = shown(demo, "--show-sources")
    assert found["<home>/.condarc"] == {"channels": ["a"], "offline": False}
    assert found["envvars"] == {"channels": ["b", "c"], "pinned_packages": ["numpy >=1,<2", "python 3.12.*"]}
    assert found["HUTCH_CONDA_CHANNEL_PRIORITY (hutch)"] == {"channel_priority": "disabled"}
    assert len(found) == 3
    text = config(demo, "--show-sources").stdout
    assert "==> <home>/.condarc <==\nchannels:\n  - a\noffline: False\n\n==> envvars <==\n" in text


def test_one_file_as_words_that_say_it_again(demo: Any) -> None:
    (demo.home / ".condarc").write_text(
        "channels: [a, b]\nssl_verify: false\n"
        "proxy_servers: {https: 'http://p.example:1'}\nnonsense: 1\npinned_packages:\n  - x 1\n"
    )
    ran = config(demo, "--get")
    assert ran.stdout == (
        "--add channels 'b'   # lowest priority\n--add channels 'a'   # highest priority\n"
        "--add pinned_packages 'x 1'\n--set proxy_servers.https http://p.example:1\n--set ssl_verify False\n"
    )
    assert "unknown key nonsense" in ran.stderr
    assert shown(demo, "--get channels proxy_servers.https nobody offline") == {
        "get": {"channels": ["a", "b"], "proxy_servers.https": "http://p.example:1"},
        "rc_path": "<home>/.condarc", "success": True, "warnings": ["unknown key nobody"],
    }  # fmt: skip


@pytest.mark.parametrize("words", ["--show", "--show-sources", "--get", "--show channels", "--validate"])
def test_credentials_are_shown_nowhere(words: str, demo: Any) -> None:
    (demo.home / ".condarc").write_text(
        f"channels: ['{SECRET}', 'https://x.example/t/tk-87654321/d']\n"
        f"custom_channels: {{mine: '{SECRET}'}}\nmirrored_channels: {{'{SECRET}': ['{SECRET}']}}\n"
        "proxy_servers: {https: 'http://me:s3cret@proxy.example:1'}\nchannel_alias: https://$WHO:${PASS}@y.example\n"
        f"custom_multichannels: {{all: ['{SECRET}']}}\nnonsense: '{SECRET}'\n"
    )
    demo.environ.update(WHO="me", PASS="s3cret")
    for form in ("", " --json"):
        ran = demo.run(f"conda config {words}{form}")
        assert ran.exit_code == 0, ran.stderr
        for secret in ("s3cret", "tk-12345678", "tk-87654321"):
            assert secret not in ran.stdout + ran.stderr
    for said in ("--add always_yes", "--set channel_priority", "--set channels", "--remove pinned_packages",
                 "--set nonsense", "--remove-key"):  # fmt: skip
        bad = f"{said} {SECRET}"
        ran = demo.run(f"conda config {bad}")
        assert ran.exit_code
        assert "s3cret" not in ran.stdout + ran.stderr, bad
        assert "tk-12345678" not in ran.stdout + ran.stderr, bad


def test_what_is_shown_masked_can_be_removed_so(demo: Any) -> None:
    (demo.home / ".condarc").write_text(f"channels: ['{SECRET}', b]\n")
    listed = shown(demo, "--get channels")["get"]["channels"][0]
    assert "s3cret" not in listed
    config(demo, f"--remove channels {listed}")
    assert said(demo) == "channels: [b]\n"


def test_descriptions(demo: Any) -> None:
    text = config(demo, "--describe ssl_verify pkgs_dirs").stdout
    assert text.startswith("ssl_verify (str)\n  aliases: verify_ssl\n  true, false, truststore")
    assert "  not used by hutch: packages lie in hutch's store\n" in text
    found = {each["name"]: each for each in shown(demo, "--describe")}
    assert found.keys() == KEYS.keys()
    assert found["channels"]["parameter_type"] == "sequence"
    assert found["proxy_servers"]["parameter_type"] == "map"
    assert not found["solver"]["used"]


def test_pairs_of_words_come_from_variables_too() -> None:
    found = parse(["conda", "config"], {"HUTCH_CONDA_CONFIG_SET": "offline true  always_yes false"})
    assert found.values["set"] == (("offline", "true"), ("always_yes", "false"))
    with pytest.raises(UsageProblem, match="HUTCH_CONDA_CONFIG_SET needs a value"):
        parse(["conda", "config"], {"HUTCH_CONDA_CONFIG_SET": "offline"})
    with pytest.raises(UsageProblem, match="--set needs a value"):
        parse(["conda", "config", "--set", "offline", "--json"], {})
    assert parse(["conda", "config", "--set=offline", "true"], {}).values["set"] == (("offline", "true"),)


# -- the keys -----------------------------------------------------------------------------------------


def test_the_page_about_keys_says_the_same_of_each() -> None:
    page = (REPOSITORY / "docs/reference/condarc.md").read_text(encoding="utf-8")
    counts, _, rest = page.partition("## What does not")
    for key in KEYS.values():
        if key.used:
            assert f"`{key.name}`" in counts, key.name
        else:
            assert f"| `{key.name}`" not in counts, key.name
    assert rest


def test_every_key_that_is_read_is_known_and_of_its_kind() -> None:
    assert {name for name, key in KEYS.items() if key.used and key.kind == "list"} == LISTS
    assert {name for name, key in KEYS.items() if key.used and key.kind == "table"} == TABLES
    for name, key in KEYS.items():
        assert find_key(name) is key
        assert find_key(name.replace("_", "-")) is key
        assert key.about
    assert near_keys("chanels")[0] == "channels"
    assert near_keys("xxxx") == ()
    assert condarc_files({}, "unix", None)[0] == "/etc/conda/.condarc"
