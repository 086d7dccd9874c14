"""Who is believed to be an index: rows T of the threat table, over both transports."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, installed, manifest, shown
from faults.servers import Asked, RawServer, answer, serving
from hutch.testing.fake_index import FakeIndex

MakeProject = Callable[..., Any]
JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Certificate:
    """A key with a certificate, for a server; ``authority`` is what proves it."""

    chain: Path
    authority: Path

    def context(self, **limits: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        for name, value in limits.items():
            setattr(context, name, value)
        return context


class Authority:
    """One's own authority, which signs what a test wants to have signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._openssl(
            f"req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {self._key} -out {self.certificate}",
            "-subj", "/CN=Authority of a test",
        )  # fmt: skip

    def _openssl(self, words: str, *more: str) -> None:
        subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True, cwd=self.folder)

    def sign(self, name: str, *, host: str = "localhost", days: int = 2, itself: bool = False) -> Certificate:
        key, request, found, chain = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt", "pem"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}\n")
        self._openssl(f"req -newkey rsa:2048 -nodes -keyout {key} -out {request}", "-subj", f"/CN={host}")
        by = f"-signkey {key}" if itself else f"-CA {self.certificate} -CAkey {self._key} -CAcreateserial"
        self._openssl(f"x509 -req -in {request} {by} -days {days} -extfile {extensions} -out {found}")
        chain.write_bytes(key.read_bytes() + found.read_bytes())
        return Certificate(chain, self.certificate)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make certificates with")
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def index_over(tls: ssl.SSLContext, index: FakeIndex) -> Iterator[RawServer]:
    """The pages and files of ``index``, over TLS."""

    def script(asked: Asked) -> list[object]:
        (file,) = index.projects["alpha"]
        if asked.path.endswith(".whl"):
            return [answer(body=file.body)]
        entries = [{"filename": file.filename, "url": f"/files/{file.filename}", **file.record}]
        entries[0].pop("core-metadata", None)
        return [answer(body=json.dumps({"files": entries}).encode(), content_type=JSON)]

    with serving(script, tls) as server:
        yield server


@pytest.fixture
def one(index: FakeIndex, project: MakeProject, transport: str) -> Any:
    index.add_wheel("alpha", "1.0", sidecar="none")
    return project(manifest("alpha"))


def refused(one: Any, server: RawServer, **environ: str) -> Any:
    """Exit 3 after one try, nothing asked, nothing left behind; a refused certificate is not weather."""
    where = {"HUTCH_INDEX_URL": f"{server.url}simple/", "HUTCH_RETRIES": "3"}
    ran = one.run("sync", environ={**where, **environ})
    assert ran.exit_code == 3
    assert "error: could not fetch the page of alpha from <index>\n" in ran.stderr
    assert "trying again" not in ran.stderr
    assert server.log == []
    assert one.tree() == ["pyproject.toml"]
    assert installed(one) == {}
    return ran


def test_t01_a_certificate_that_nobody_signed(one: Any, index: FakeIndex, authority: Authority) -> None:
    own = authority.sign("own", itself=True)
    with index_over(own.context(), index) as server:
        ran = refused(one, server)
    assert (
        "try: if a company's proxy opens TLS, name its certificate in ca-bundle or SSL_CERT_FILE"
        in ran.stderr
    )


def test_t01_an_authority_that_nobody_knows(one: Any, index: FakeIndex, authority: Authority) -> None:
    with index_over(authority.sign("unknown").context(), index) as server:
        refused(one, server)


@pytest.mark.parametrize("variable", ["HUTCH_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"])
def test_t01_an_authority_that_the_user_names(
    one: Any, index: FakeIndex, authority: Authority, variable: str
) -> None:
    with index_over(authority.sign("named").context(), index) as server:
        environ = {"HUTCH_INDEX_URL": f"{server.url}simple/", variable: str(authority.certificate)}
        one.run("sync", environ=environ).ok()
    assert installed(one) == {"alpha": "1.0"}


def test_t02_a_certificate_of_another_host(one: Any, index: FakeIndex, authority: Authority) -> None:
    with index_over(authority.sign("other", host="other.example").context(), index) as server:
        refused(one, server, HUTCH_CA_BUNDLE=str(authority.certificate))


def test_t03_a_certificate_whose_time_is_over(one: Any, index: FakeIndex, authority: Authority) -> None:
    with index_over(authority.sign("old", days=0).context(), index) as server:
        time.sleep(1.1)  # it was good for no time at all
        refused(one, server, HUTCH_CA_BUNDLE=str(authority.certificate))


def test_t03_a_bundle_that_is_not_there(one: Any, index: FakeIndex, authority: Authority) -> None:
    with index_over(authority.sign("bundle").context(), index) as server:
        refused(one, server, HUTCH_CA_BUNDLE="/nowhere/bundle.pem")


def test_t04_a_redirect_from_https_to_http(one: Any, index: FakeIndex, authority: Authority) -> None:
    """A page has no hash: whoever is on the way could say what is in it."""
    elsewhere = "http://plain.example/simple/alpha/"
    with serving(lambda asked: [answer(302, location=elsewhere)], authority.sign("step").context()) as server:
        environ = {
            "HUTCH_INDEX_URL": f"{server.url}simple/",
            "HUTCH_CA_BUNDLE": str(authority.certificate),
        }
        assert shown(one.run("lock", environ=environ)) == block("""
            exit 3
            error: <index> redirects from https to http (plain.example)
              anybody on the way could change what comes
            try: use https, or name plain.example in trusted-host
        """)


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_t05_plain_http_to_another_machine(one: Any, scheme: str) -> None:
    ran = one.run("lock", environ={"HUTCH_INDEX_URL": f"{scheme}://index.example/simple/"})
    assert shown(ran) == block("""
        exit 3
        error: refusing to fetch from index.example over plain http
          anybody on the way could change what comes
        try: use https, or name index.example in trusted-host
    """)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.example",
        "localhost.example",
        "0x7f000001.example",
        "127.1",
        "2130706433",
        "[::ffff:1.2.3.4]",
    ],
)
def test_t05_what_only_looks_like_this_machine(one: Any, host: str) -> None:
    ran = one.run("lock", environ={"HUTCH_INDEX_URL": f"http://{host}/simple/"})
    assert ran.exit_code == 3
    assert "error: refusing to fetch from" in ran.stderr


def test_t05_of_plain_http_only_what_a_hash_proves(one: Any, index: FakeIndex) -> None:
    """A locked file may come over plain http: its bytes are compared with the lock."""
    one.run("lock").ok()
    text = one.read("pylock.toml").replace(index.files_url, "http://files.example/")
    one.write({"pylock.toml": text})
    (file,) = index.projects["alpha"]
    for body, code in ((file.body + b"!", 1), (file.body, 0)):
        with serving(lambda asked, body=body: [answer(body=body)]) as proxy:
            ran = one.run("sync --frozen", environ={"HTTP_PROXY": proxy.url})
        assert ran.exit_code == code
    assert installed(one) == {"alpha": "1.0"}


@pytest.mark.parametrize("tool", ["poetry", "pdm"])
def test_t01_an_authority_that_another_tool_has_for_this_index_alone(
    one: Any, index: FakeIndex, authority: Authority, tool: str
) -> None:
    """Poetry's `certificates.NAME.cert` and PDM's `ca_certs`: for the address of that name, and no other."""
    certificate = str(authority.certificate)
    folder, text = {
        "poetry": ("pypoetry", f'[certificates.corp]\ncert = "{certificate}"\n'),
        "pdm": ("pdm", f'[pypi.corp]\nca_certs = "{certificate}"\n'),
    }[tool]
    (one.home / ".config" / folder).mkdir(parents=True)
    (one.home / ".config" / folder / "config.toml").write_text(text)
    with index_over(authority.sign(f"of-{tool}").context(), index) as server:
        refused(one, server)  # it has another name here
        table = f'[[tool.hutch.index]]\nname = "corp"\nurl = "{server.url}simple/"\ndefault = true\n'
        one.write({"pyproject.toml": manifest("alpha", more=table)})
        one.run("sync", environ={"HUTCH_INDEX_URL": None}).ok()
    assert installed(one) == {"alpha": "1.0"}
