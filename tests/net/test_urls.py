"""Addresses: what is followed, what is shown, what is told to whom."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.net import InvalidAddress, join_url, origin_of, parse_url, without_credentials
from hutch.net.urls import hide_credentials, is_loopback, redact


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://index.example/simple/", "https://index.example", "/simple/"),
        ("HTTPS://Index.Example:443/a?b=c#d", "https://index.example", "/a?b=c"),
        ("http://index.example:8080", "http://index.example:8080", "/"),
        ("https://index.example?x", "https://index.example", "/?x"),
        ("https://[::1]:8443/a", "https://[::1]:8443", "/a"),
        ("https://user:p@ss@index.example/a@b", "https://index.example", "/a@b"),
        ("https://bücher.example/ü x", "https://xn--bcher-kva.example", "/%C3%BC%20x"),
    ],
)
def test_an_address_is_its_origin_and_its_target(url: str, origin: str, target: str) -> None:
    address = parse_url(url)
    assert (address.origin, address.target) == (origin, target)
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "ftp://index.example/",
        "file:///etc/passwd",
        "//index.example/",
        "index.example",
        "",
        "https://",
        "https://:443/",
        "https://index.example:port/",
        "https://index.example:99999/",
        "https://index example/",
        "https://index.example\\@evil.example/",
        "https://index.example/a\nHost: evil.example",
        "https://index.example/a\x7f",
        "https://[::1/",
        "https://..example/",
        "https://-index.example/",
        "https://\udcff.example/",
    ],
)
def test_what_two_parsers_may_read_differently_is_refused(url: str) -> None:
    with pytest.raises(InvalidAddress):
        parse_url(url)


def test_the_host_is_what_follows_the_last_at_sign() -> None:
    """CVE-2024-47081: a netrc look-up that took ``index.example`` for the host of this."""
    assert parse_url("http://index.example:@evil.example/").host == "evil.example"


@given(st.text(max_size=40))
def test_parsing_gives_an_address_or_a_problem(text: str) -> None:
    try:
        address = parse_url("https://" + text)
    except InvalidAddress:
        return
    assert address.url.isascii()
    assert address.url.isprintable()
    assert " " not in address.url
    assert parse_url(address.url).origin == address.origin


@given(
    st.sampled_from(
        ["https://a.example/x/y", "https://a.example", "http://a.example:8/x/?q", "file:///a/b/"]
    ),
    st.text(alphabet="/.ab?#:%", max_size=12),
)
def test_joining_agrees_with_the_standard_library(base: str, reference: str) -> None:
    try:
        expected = urljoin(base, reference)
        parts = urlsplit(expected)
    except ValueError:
        return
    # As parts: the library drops the mark of an empty query, which RFC 3986 keeps.
    assert urlsplit(join_url(base, reference)) == parts


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@index.example/simple/?token=secret#secret",
        "https://index.example:secret@evil.example/",
        "user:secret@index.example",
        "https://user:se@cret@index.example/",
        "https://secret@index.example?secret",
    ],
)
def test_no_secret_is_shown(url: str) -> None:
    assert "secret" not in redact(url)
    assert "secret" not in without_credentials(url).partition("?")[0] or "://" not in url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "x.localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["127.evil.example", "127.0.0.1.example", "index.example", "128.0.0.1", "::2"]
)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('url = "https://a:b@c.example/x"', 'url = "https://****@c.example/x"'),
        ("https://token@c.example https://d.example/@e", "https://****@c.example https://d.example/@e"),
        (
            "git+ssh://git@c.example/x ssh://git:pw@c.example",
            "git+ssh://git@c.example/x ssh://****@c.example",
        ),
        ("https://${USER}:${PASS}@c.example", "https://${USER}:${PASS}@c.example"),
        ("https://${USER}:secret@c.example", "https://****@c.example"),
        ("alice@c.example a@b: //x@y", "alice@c.example a@b: //x@y"),
        ("https://a:p@ss@c.example/", "https://****@c.example/"),
    ],
)
def test_credentials_in_any_text(text: str, shown: str) -> None:
    assert hide_credentials(text) == shown
