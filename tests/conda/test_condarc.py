"""conda's configuration: which files, in which order, what they say together; and what hutch makes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hutch.config import ConfigProblem
from hutch.config.condarc import condarc_files, read_condarc
from hutch.ops.channels import (
    channel_priority,
    channels_of,
    configured_channels,
    net_options,
    pinned_packages,
    virtual_packages,
)
from hutch.ops.context import Context


def read(home: Path, environ: dict[str, str] | None = None, project: Path | None = None) -> Any:
    return read_condarc(environ or {}, "unix", str(home), str(project) if project else None)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_order_of_the_files(tmp_path: Path) -> None:
    environ = {
        "CONDA_ROOT": "/opt/conda",
        "XDG_CONFIG_HOME": "/x",
        "CONDA_PREFIX": "/env",
        "CONDARC": "/mine.yml",
    }
    files = condarc_files(environ, "unix", "/home/me")
    assert [file for file in files if file.endswith("/.condarc")] == [
        "/etc/conda/.condarc",
        "/var/lib/conda/.condarc",
        "/opt/conda/.condarc",
        "/x/conda/.condarc",
        "/home/me/.config/conda/.condarc",
        "/home/me/.conda/.condarc",
        "/home/me/.condarc",
        "/env/.condarc",
    ]
    assert files[-1] == "/mine.yml"


def test_the_file_that_is_named_may_be_below_the_home(tmp_path: Path) -> None:
    write(tmp_path / "mine.yml", "channels: [a]\n")
    assert read(tmp_path, {"CONDARC": "~/mine.yml"}, tmp_path).words("channels") == ("a",)


def test_variables_are_taken_apart_as_conda_does(tmp_path: Path) -> None:
    found = read(tmp_path, {
        "CONDA_ENVS_PATH": os.pathsep.join(("/a", "/b,c")), "CONDA_CHANNELS": "x, y",
        "CONDA_PINNED_PACKAGES": "numpy >=1,<2 & python 3.12.*", "CONDA_VERIFY_SSL": "no",
    })  # fmt: skip
    assert found.words("envs_dirs") == ("/a", "/b,c")
    assert found.words("channels") == ("x", "y")
    assert found.words("pinned_packages") == ("numpy >=1,<2", "python 3.12.*")
    assert found.switch("ssl_verify") is False
    assert found.places["envs_dirs"] == ("CONDA_ENVS_PATH",)


def test_lists_are_joined_and_the_rest_is_said_by_the_strongest(tmp_path: Path) -> None:
    write(
        tmp_path / ".conda/.condarc",
        "channels: [weak, both]\nchannel_alias: https://weak.example\noffline: true\n",
    )
    write(
        tmp_path / ".conda/condarc.d/b.yml",
        "channels:\n  - middle\ncustom_channels:\n  a: https://a.example\n",
    )
    write(tmp_path / ".conda/condarc.d/notes.txt", "channels: [never]")
    write(tmp_path / ".condarc", "channels: [strong, both]\nchannel_alias: https://strong.example\n"
        "custom_channels:\n  b: https://b.example\n")  # fmt: skip
    found = read(tmp_path, {"CONDA_CHANNEL_PRIORITY": "strict"})
    assert found.words("channels") == ("strong", "both", "middle", "weak")
    assert found.text("channel_alias") == "https://strong.example"
    assert found.table("custom_channels") == {"a": "https://a.example", "b": "https://b.example"}
    assert found.switch("offline") is True
    assert found.text("channel_priority") == "strict"
    assert found.places["channel_alias"] == (f"{tmp_path}/.condarc",)
    assert found.places["channel_priority"] == ("CONDA_CHANNEL_PRIORITY",)


def test_variables_in_values(tmp_path: Path) -> None:
    write(tmp_path / ".condarc", "channels:\n  - https://${WHO}:$PASS@x.example/c\n  - $NOT_SET/c\n")
    found = read(tmp_path, {"WHO": "me", "PASS": "s3"})
    assert found.words("channels") == ("https://me:s3@x.example/c", "$NOT_SET/c")
    assert "s3" not in repr(found)


def test_nothing_of_a_checkout_is_heard(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    write(checkout / ".pixi/envs/default/.condarc", "channel_alias: https://evil.example\n")
    environ = {"CONDA_PREFIX": str(checkout / ".pixi/envs/default")}
    assert read(tmp_path, environ, checkout).text("channel_alias") is None
    assert read(tmp_path, environ).text("channel_alias") == "https://evil.example"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("channels: 3: 4", "mapping values are not allowed in this context"),
        ("- a", "should be a table"),
        ("channels: {a: b}", "should be a list of texts"),
        ("channel_alias: [a]", "should be a single value"),
        ("custom_channels: [a]", "should be a table"),
        ("channel_priority: sometimes", "should be strict, flexible or disabled"),
        ("channels: !!python/object:os.system [a]", None),
        ("channels: [a]\nchannels: [b]", None),
    ],
)
def test_what_cannot_be_used(text: str, reason: str | None, tmp_path: Path) -> None:
    write(tmp_path / ".condarc", text)
    with pytest.raises(ConfigProblem) as caught:
        read(tmp_path)
    assert caught.value.faults[0].place.startswith(f"{tmp_path}/.condarc")
    if reason is not None:
        assert caught.value.faults[0].reason == reason


def test_what_conda_says_and_hutch_does(home: Path, tmp_path: Path) -> None:
    write(home / ".condarc", """
channels: [mine, defaults]
default_channels: [main]
channel_alias: https://alias.example/c
channel_priority: flexible
pinned_packages: ["openssl 3.*"]
proxy_servers: {https: "http://me:pw@proxy.example:3128"}
ssl_verify: false
offline: true
""")  # fmt: skip
    prefix = tmp_path / "env"
    write(prefix / "conda-meta/pinned", "numpy <2  # for now\n\n# nothing\nopenssl 3.*\n")
    with Context(tmp_path, {"HOME": str(home)}) as context:
        channels = channels_of(context)
        assert [channel.url for channel in channels] == [
            "https://alias.example/c/mine",
            "https://alias.example/c/main",
        ]
        assert channel_priority(context) == "flexible"
        assert pinned_packages(context, prefix) == ("openssl 3.*", "numpy <2")
        options = net_options(context, channels)
        assert options.proxies == (("https", "http://me:pw@proxy.example:3128"),)
        assert options.trusted_hosts == ("alias.example",)
        assert options.offline


def test_hutchs_own_settings_come_first(home: Path, tmp_path: Path) -> None:
    write(
        home / ".condarc",
        "channels: [theirs]\nchannel_alias: https://theirs.example\nchannel_priority: disabled\n",
    )
    environ = {
        "HOME": str(home),
        "HUTCH_CONDA_CHANNELS": "ours ./folder",
        "HUTCH_CONDA_CHANNEL_ALIAS": "https://ours.example",
        "HUTCH_CONDA_CHANNEL_PRIORITY": "strict",
        "HUTCH_CONDA_MIRRORS": "ours=https://one.example/x ours=https://two.example/x",
    }
    with Context(tmp_path, environ) as context:
        channels = channels_of(context)
        assert [channel.url for channel in channels] == [
            "https://ours.example/ours",
            f"file://{tmp_path}/folder",
        ]
        assert channels[0].places == ("https://one.example/x", "https://two.example/x")
        assert channel_priority(context) == "strict"
        assert [channel.url for channel in channels_of(context, ["else"])] == ["https://ours.example/else"]


def test_where_nobody_says_anything(home: Path, tmp_path: Path) -> None:
    with Context(tmp_path, {"HOME": str(home)}) as context:
        assert configured_channels(context) == ("conda-forge",)
        assert channel_priority(context) == "strict"


def test_a_project_says_channels_and_not_where_they_are(home: Path, tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project]\nname='x'\nversion='1'\n[tool.hutch]\n"
        "conda-channels=['a']\n"
        "conda-channel-alias='https://evil.example'\nconda-mirrors=['a=https://evil.example']\n")  # fmt: skip
    told: list[Any] = []
    with Context(tmp_path, {"HOME": str(home)}, emit=told.append) as context:
        assert configured_channels(context) == ("a",)
        assert context.configuration.conda_channel_alias is None
        assert context.configuration.conda_mirrors == ()
    assert sum("is passed over" in str(event) for event in told) == 2


def test_variables_win_over_what_a_project_asks(home: Path, tmp_path: Path) -> None:
    environ = {"HOME": str(home), "CONDA_OVERRIDE_CUDA": "12.9", "CONDA_OVERRIDE_GLIBC": ""}
    with Context(tmp_path, environ) as context:
        found = {
            r.name: r.version
            for r in virtual_packages(context, "linux-aarch64", {"cuda": "11.8", "linux": "6"})
        }
    assert found == {"__archspec": "1", "__cuda": "12.9", "__linux": "6", "__unix": "0"}


def test_where_a_value_comes_from_is_shown(home: Path, tmp_path: Path) -> None:
    write(home / ".condarc", "channels: [mine, 'https://me:pw@x.example/t/tk-12345/c']\n")
    with Context(tmp_path, {"HOME": str(home), "CONDA_CHANNEL_PRIORITY": "flexible"}) as context:
        rows = {name: (value, place) for name, value, place in context.configuration.rows()}
    assert rows["conda-channels"] == ("mine, https://****@x.example/t/****/c", "~/.condarc")
    assert rows["conda-channel-priority"] == ("flexible", "CONDA_CHANNEL_PRIORITY")
    assert rows["conda-channel-alias"] == ("-", "default")
