"""What the environment says about certificates, proxies and netrc."""

from __future__ import annotations

from pathlib import Path

import pytest

import hutch.net as net
from hutch.net import Credential, NetOptions, default_index_url, index_credential, options_from, parse_url
from hutch.net.certificates import certificate_paths
from hutch.net.proxies import proxy_for


def test_certificates_of_the_environment(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("")
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert certificate_paths(options_from({variable: str(bundle)})) == (str(bundle), None)
    assert certificate_paths(options_from({"SSL_CERT_DIR": str(tmp_path)})) == (None, str(tmp_path))
    assert certificate_paths(options_from({"REQUESTS_CA_BUNDLE": str(tmp_path)})) == (None, str(tmp_path))
    # The bundle is made of its directory: not both, because libcurl parses it for each connection then.
    both = options_from({"SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": str(tmp_path)})
    assert certificate_paths(both) == (str(bundle), None)


def test_what_the_user_configured_comes_before_the_environment(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("")
    options = options_from({"SSL_CERT_FILE": str(bundle)}, ca_bundle="/company.pem")
    assert certificate_paths(options) == ("/company.pem", None)


def test_a_certificate_file_that_is_not_there_is_passed_over() -> None:
    assert options_from({"SSL_CERT_FILE": "/nowhere"}).ca_file is None


def test_overrides_of_none_change_nothing() -> None:
    assert options_from({}, timeout=None, retries=9) == NetOptions(retries=9, netrc=None)
    with pytest.raises(TypeError, match="tiemout"):
        options_from({}, tiemout=3)


PROXIES = (("http", "http://plain:1"), ("https", "tunnel:2"))


@pytest.mark.parametrize(
    ("url", "no_proxy", "expected"),
    [
        ("http://index.example/", "", "http://plain:1"),
        ("https://index.example/", "", "http://tunnel:2"),
        ("https://index.example/", "*", None),
        ("https://index.example/", "other.example", "http://tunnel:2"),
        ("https://index.example/", "foo, index.example", None),
        ("https://a.index.example/", "index.example", None),
        ("https://a.index.example/", ".index.example", None),
        ("https://a.index.example/", "*.index.example", None),
        ("https://notindex.example/", "index.example", "http://tunnel:2"),
        ("https://index.example:8443/", "index.example:8443", None),
        ("https://index.example/", "index.example:8443", "http://tunnel:2"),
        ("https://10.1.2.3/", "10.0.0.0/8", None),
        ("https://index.example/", "10.0.0.0/8", "http://tunnel:2"),
        ("https://[::1]/", "::1", None),
    ],
)
def test_proxies(url: str, no_proxy: str, expected: str | None) -> None:
    options = NetOptions(proxies=PROXIES, no_proxy=no_proxy)
    assert proxy_for(parse_url(url), options) == expected


def test_proxies_of_the_environment() -> None:
    options = options_from({"http_proxy": "a:1", "HTTPS_PROXY": "b:2", "ALL_PROXY": "c:3", "NO_PROXY": "x"})
    assert options.proxies == (("http", "a:1"), ("https", "b:2"), ("all", "c:3"))
    assert options.no_proxy == "x"
    # Of a CGI script, HTTP_PROXY is what a client sent as the header "Proxy".
    assert options_from({"HTTP_PROXY": "evil:1", "REQUEST_METHOD": "GET"}).proxies == ()
    assert "hunter2" not in repr(options_from({"http_proxy": "http://u:hunter2@a:1"}))


def test_netrc_of_the_home_directory(tmp_path: Path) -> None:
    assert options_from({"HOME": str(tmp_path)}).netrc is None
    (tmp_path / ".netrc").write_text("")
    assert options_from({"HOME": str(tmp_path)}).netrc == str(tmp_path / ".netrc")
    assert options_from({"HOME": str(tmp_path), "NETRC": "/else"}).netrc == "/else"


def test_credentials_of_an_index() -> None:
    url = "https://index.example/simple/"
    environ = {"HUTCH_INDEX_MY_CORP_USERNAME": "u", "HUTCH_INDEX_MY_CORP_PASSWORD": "p"}
    expected = Credential(origin="https://index.example", path="/simple/", username="u", password="p")
    assert index_credential("my-corp", url, environ) == expected
    assert index_credential("my.corp", url, environ) == expected
    assert index_credential("other", url, environ) is None
    token = index_credential("x", url, {"HUTCH_INDEX_X_PASSWORD": "t"})
    assert token is not None
    assert (token.username, token.password) == ("__token__", "t")
    quoted = index_credential("x", "https://us%40er:p%3A%2F@index.example/simple/", {})
    assert quoted is not None
    assert (quoted.username, quoted.password) == ("us@er", "p:/")
    assert index_credential("x", "file:///somewhere", environ) is None


def test_the_default_index_is_the_one_of_the_ecosystem() -> None:
    from distlib.index import DEFAULT_INDEX

    url = default_index_url()
    assert url.endswith("/simple/")
    assert parse_url(url).origin == parse_url(DEFAULT_INDEX).origin


def test_the_door() -> None:
    assert sorted(net._HOME) == sorted(net.__all__)
    for name in net.__all__:
        assert getattr(net, name).__name__ == name
    with pytest.raises(AttributeError):
        net.nothing  # noqa: B018
