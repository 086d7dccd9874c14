"""Channels by the names that people give them, and what is never said of them."""

from __future__ import annotations

import pytest

from hutch.conda import ChannelNames, bare_channel
from hutch.errors import Problem
from hutch.values import replace

ALIAS = "https://channel.example"
NAMES = ChannelNames(
    alias=ALIAS,
    defaults=("main", "https://other.example/pkgs/r"),
    custom={"internal": "https://conda.corp.example/c", "deep/er": "https://deep.example",
        "disk": "/srv/mirror"},
    groups={"both": ("conda-forge", "both", "internal"), "empty": ()},
    mirrors={"mirrored": ("https://near.example/m", "https://far.example/t/sesame-1/m")},
    folder="/home/me/project",
    home="/home/me",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        ("conda-forge", ["https://channel.example/conda-forge"]),
        ("conda-forge/label/dev", ["https://channel.example/conda-forge/label/dev"]),
        ("internal", ["https://conda.corp.example/c/internal"]),
        ("internal/label/x", ["https://conda.corp.example/c/internal/label/x"]),
        ("deep/er/more", ["https://deep.example/deep/er/more"]),
        ("disk", ["file:///srv/mirror/disk"]),
        ("defaults", ["https://channel.example/main", "https://other.example/pkgs/r"]),
        ("both", ["https://channel.example/conda-forge", "https://conda.corp.example/c/internal"]),
        ("nodefaults", []),
        ("local", []),
        ("", []),
        ("./here", ["file:///home/me/project/here"]),
        ("../there/", ["file:///home/me/there"]),
        ("/srv/a b", ["file:///srv/a%20b"]),
        ("~/mine", ["file:///home/me/mine"]),
        ("file:///srv/c/", ["file:///srv/c"]),
        ("https://x.example/c/linux-64", ["https://x.example/c"]),
        ("https://x.example/c/noarch/", ["https://x.example/c"]),
        ("https://me:secret@x.example/c", ["https://x.example/c"]),
        ("https://x.example/t/tk-123-abc/c", ["https://x.example/c"]),
        ("https://x.example:8443/t/tk/deep/c/", ["https://x.example:8443/deep/c"]),
    ],
)
def test_where_a_name_leads(name: str, urls: list[str]) -> None:
    channels, _ = NAMES.channels([name])
    assert [channel.url for channel in channels] == urls


def test_each_channel_once_and_in_order() -> None:
    channels, _ = NAMES.channels(["internal", "both", "https://channel.example/conda-forge/"])
    assert [channel.name for channel in channels] == ["internal", "conda-forge"]


def test_secrets_are_asked_with_and_shown_to_nobody() -> None:
    channels, secrets = NAMES.channels(
        ["https://me:hunter22@x.example/c", "https://x.example/t/tk-123-abc/d", "mirrored"]
    )
    assert secrets == (("https://x.example/c", "https://me:hunter22@x.example/c"),)
    for word in ("hunter22", "tk-123-abc", "sesame"):
        assert word not in repr(channels)
        assert word not in "".join(channel.url + channel.name for channel in channels)
    assert [channel.places for channel in channels] == [
        ("https://x.example/c",),
        ("https://x.example/t/tk-123-abc/d",),
        ("https://near.example/m", "https://far.example/t/sesame-1/m"),
    ]


def test_a_token_stands_where_it_was_said() -> None:
    """Some servers have tokens behind a folder of theirs; elsewhere they are not known."""
    url = "https://x.example/api/repo/t/tk-123-abc/mine"
    channels, _ = NAMES.channels([url, "https://me:pw@x.example/api/t/tk-9/d/linux-64/"])
    assert [channel.url for channel in channels] == [
        "https://x.example/api/repo/mine",
        "https://x.example/api/d",
    ]
    assert [channel.places for channel in channels] == [(url,), ("https://x.example/api/t/tk-9/d",)]
    behind = replace(NAMES, alias="https://x.example/api/repo/t/tk-123-abc").channels(["mine"])[0]
    assert [(channel.url, channel.places) for channel in behind] == [(channels[0].url, (url,))]


def test_what_a_channel_with_an_address_is_called() -> None:
    channels, _ = NAMES.channels(["https://channel.example/bioconda", "https://x.example/c"])
    assert [channel.name for channel in channels] == ["bioconda", "https://x.example/c"]


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(Problem) as caught:
        ChannelNames(alias=None).channels(["conda-forge"])
    assert caught.value.what == "nobody knows where the channel conda-forge is"
    found, _ = ChannelNames(alias=None).channels(["/srv/c", "https://x.example/c"])
    assert len(found) == 2


@pytest.mark.parametrize(
    ("allowed", "denied", "fine"),
    [((), (), True), (("main",), (), False), (("conda-forge",), (), True), ((), ("conda-forge",), False)],
)
def test_channels_that_a_company_allows(
    allowed: tuple[str, ...], denied: tuple[str, ...], fine: bool
) -> None:
    names = ChannelNames(alias=ALIAS, allowed=allowed, denied=denied)
    if fine:
        names.channels(["conda-forge"])
        return
    with pytest.raises(Problem) as caught:
        names.channels(["conda-forge"])
    assert caught.value.what == "the channel conda-forge may not be used here"


def test_tokens_and_subdirs_of_addresses() -> None:
    assert bare_channel("https://u:p@h.example/t/abc/x/linux-64/?q#f") == ("https://h.example/x", "abc")
    assert bare_channel("file:///srv/t/x/c") == ("file:///srv/t/x/c", "")
