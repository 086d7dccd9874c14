"""Indexes that lie, attack or never end: rows I of the threat table, over both transports."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, installed, manifest, shown
from faults.measured import measure
from faults.servers import Asked, answer, serving
from hutch.testing.fake_index import FakeFile, FakeIndex
from hutch.testing.transport import Answer

MakeProject = Callable[..., Any]
JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = "alpha-1.0-py3-none-any.whl"
MOST_MEMORY = 300  # MiB


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Liar:
    """An index that has ``alpha``, and says of it what a test wants."""

    def __init__(self, index: FakeIndex, make: MakeProject) -> None:
        self.index = index
        self.alpha: FakeFile = index.add_wheel("alpha", "1.0")
        self.other: FakeFile = index.add_wheel("beta", "1.0")
        self.made = make(manifest("alpha"))

    def entry(self, **changes: Any) -> dict[str, Any]:
        honest = {
            "filename": WHEEL,
            "url": self.index.files_url + WHEEL,
            "hashes": {"sha256": sha256(self.alpha.body)},
            "size": len(self.alpha.body),
        }
        return {**honest, **changes}

    def says(self, *entries: Any, **more: Any) -> Any:
        """``hutch sync`` where the page has these entries."""
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": "alpha", "files": entries, **more})
        return self.sends(body.encode())

    def sends(self, body: bytes, kind: str = JSON) -> Any:
        self.index.pages["/simple/alpha/"] = Answer(headers=(("Content-Type", kind),), body=body)
        ran = self.made.run("sync")
        assert "Traceback" not in ran.stderr
        assert ran.exit_code != 70
        assert "\x1b" not in ran.stderr
        if ran.exit_code:
            assert installed(self.made) == {}
            assert self.made.tree() in (["pyproject.toml"], ["pylock.toml", "pyproject.toml"])
        return ran


@pytest.fixture
def liar(index: FakeIndex, project: MakeProject, transport: str) -> Liar:
    return Liar(index, project)


# -- hashes ------------------------------------------------------------------------------------------


def wrong_hash(expected: str, actual: str) -> str:
    return block(f"""
        exit 1
        error: the hash of {WHEEL} is wrong
          expected: {expected}
          got: {actual}
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)


def test_i01_a_wrong_hash(liar: Liar) -> None:
    ran = liar.says(liar.entry(hashes={"sha256": "0" * 64}))
    assert shown(ran) == wrong_hash(f"sha256:{'0' * 64}", f"sha256:{sha256(liar.alpha.body)}")


def test_i02_a_hash_that_proves_nothing(liar: Liar) -> None:
    ran = liar.says(liar.entry(hashes={"md5": hashlib.md5(liar.alpha.body).hexdigest()}))
    assert shown(ran) == block(f"""
        exit 1
        error: {WHEEL} cannot be locked
          the index default gives no hash of it, and a lock without hashes would accept any file
        try: put the file into a directory and name that in find-links
    """)


def test_i03_a_weak_hash_that_is_right_beside_a_strong_one_that_is_wrong(liar: Liar) -> None:
    md5 = hashlib.md5(liar.alpha.body).hexdigest()
    ran = liar.says(liar.entry(hashes={"md5": md5, "sha256": "0" * 64}))
    assert shown(ran) == wrong_hash(f"sha256:{'0' * 64}", f"sha256:{sha256(liar.alpha.body)}")


def test_i04_two_strong_hashes_of_which_one_is_wrong(liar: Liar) -> None:
    right = sha256(liar.alpha.body)
    ran = liar.says(liar.entry(hashes={"sha256": right, "sha512": "0" * 128}))
    assert ran.exit_code == 1
    assert f"  expected: sha512:{'0' * 128}\n" in ran.stderr


@pytest.mark.parametrize("size", [1, 10**9])
def test_i04_a_wrong_size(liar: Liar, size: int) -> None:
    ran = liar.says(liar.entry(size=size))
    assert ran.exit_code == 1
    assert f"  expected: {size} bytes\n" in ran.stderr


def test_i04_metadata_with_another_hash_is_never_used(liar: Liar) -> None:
    liar.alpha.metadata = b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\nRequires-Dist: beta\n\n"
    ran = liar.says(liar.entry(**{"core-metadata": {"sha256": "0" * 64}}))
    assert ran.exit_code == 0
    assert installed(liar.made) == {"alpha": "1.0"}
    assert "has another hash than its index says; reading the wheel instead" in ran.stderr


# -- addresses and names -----------------------------------------------------------------------------

NOTHING_USABLE = block("""
    exit 1
    error: no versions satisfy all requirements
      no index has a file of alpha that can be used (asked for in pyproject.toml:5)
""")


@pytest.mark.parametrize("form", ["file://{}", "file:{}", "FILE://localhost{}", "file:///proc/self/fd/0"])
def test_i05_a_page_of_the_network_names_no_file_of_this_machine(
    liar: Liar, form: str, tmp_path: Path
) -> None:
    (tmp_path / WHEEL).write_bytes(liar.alpha.body)
    assert shown(liar.says(liar.entry(url=form.format(tmp_path / WHEEL)))) == NOTHING_USABLE
    anchor = f'<a href="{form.format(tmp_path / WHEEL)}#sha256={sha256(liar.alpha.body)}">{WHEEL}</a>'
    html = f"<!DOCTYPE html><html><body>{anchor}</body></html>".encode()
    assert liar.sends(html, "text/html").exit_code == 1
    based = html.replace(b"<body>", b"<base href='" + tmp_path.as_uri().encode() + b"/'>")
    assert liar.sends(based, "text/html").exit_code == 3


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//x.whl",
        "data:application/zip;base64,AAAA",
        "ftp://files.example/" + WHEEL,
        "gopher://files.example/" + WHEEL,
        "https://files.example\\@evil.example/" + WHEEL,
        "https://[::1/" + WHEEL,
        "https:///" + WHEEL,
        "https://files.example:99999/" + WHEEL,
        "https://files.example/\r\nX-Injected: 1/" + WHEEL,
    ],
)
def test_i05_addresses_that_nobody_follows(liar: Liar, url: str) -> None:
    assert liar.says(liar.entry(url=url)).exit_code == 1
    assert liar.index.asked("*.whl") == []


def test_i06_the_file_of_another_project(liar: Liar) -> None:
    url = liar.index.files_url + liar.other.filename
    ran = liar.says(liar.entry(url=url, hashes={"sha256": sha256(liar.other.body)}, size=None))
    assert shown(ran) == block(f"""
        exit 1
        error: the metadata of {WHEEL} cannot be used
          its .dist-info directory is of another project or version
    """)


@pytest.mark.parametrize(
    "filename",
    [
        "beta-1.0-py3-none-any.whl",
        "../../alpha-1.0-py3-none-any.whl",
        "..%2f..%2falpha-1.0-py3-none-any.whl",
        "%2e%2e%2falpha-1.0.tar.gz",
        "..\\..\\alpha-1.0-py3-none-any.whl",
        "/etc/alpha-1.0-py3-none-any.whl",
        "C:alpha-1.0-py3-none-any.whl",
        "-alpha-1.0-py3-none-any.whl",
        "alpha-1.0-py3-none-any.whl\0.txt",
        "alpha-1.0\u202e-py3-none-any.whl",
        "alpha-" + "1." * 200 + "0-py3-none-any.whl",
        "alpha" + "-a" * 100_000 + "-1.0.tar.gz",
        "",
    ],
    ids=range(13),
)
def test_i07_i08_i09_names_that_are_of_another_or_lead_out(liar: Liar, filename: str) -> None:
    assert shown(liar.says(liar.entry(filename=filename))) == NOTHING_USABLE


def test_i10_what_a_server_calls_its_file_counts_for_nothing(liar: Liar, tmp_path: Path) -> None:
    named = (("Content-Disposition", 'attachment; filename="../../../../pwned.py"'),)
    liar.index.fault("*.whl", headers=named)
    liar.says(liar.entry()).ok()
    assert installed(liar.made) == {"alpha": "1.0"}
    assert not list(tmp_path.parent.rglob("pwned.py"))


def test_i11_a_ring_of_redirects(liar: Liar) -> None:
    liar.index.fault("/simple/alpha/", status=302, headers=(("Location", "/simple/alpha/"),))
    assert shown(liar.made.run("lock")) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          it redirects more than 10 times
    """)
    assert len(liar.index.log) == 11


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:1", "ftp://x.example/", "https://", "//", "http://\\x/"]
)
def test_i12_a_redirect_to_what_is_not_the_web(liar: Liar, location: str) -> None:
    for path in ("/simple/alpha/", "*.whl"):
        liar.index.faults.clear()
        liar.index.fault(path, status=302, headers=(("Location", location),))
        ran = liar.made.run("sync")
        assert ran.exit_code == 3
        assert "  it redirects " in ran.stderr
        assert installed(liar.made) == {}


# -- pages that are none -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"files": ' + b"[" * 100_000, "it is not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "it is not valid JSON"),
        (b'{"files": ' + b'{"a":' * 100_000, "it is not valid JSON"),
        (b'{"files": [1e999999, ' + b"9" * 5000 + b"]}", "it is not valid JSON"),
        (b"\xff\xfe\xfd", "it is not valid JSON"),
        (b"7", "it is JSON, but not an object"),
        (b"{}", "it has no list of files"),
        (b'{"files": {}}', "it has no list of files"),
        (b'{"files": [], "meta": {"api-version": "2.0"}}', "it speaks version 2.0 of the Simple API"),
    ],
    ids=range(9),
)
def test_i14_pages_of_the_wrong_shape(liar: Liar, body: bytes, reason: str) -> None:
    ran = liar.sends(body)
    assert ran.exit_code == 3
    assert "error: the index default did not answer with its page of alpha\n" in ran.stderr
    assert f"  {reason}" in ran.stderr


@pytest.mark.parametrize("value", [None, 7, -1, 1.5, True, "x", "\x1b[2J", [], {}, [[]], {"a": {}}, 10**400])
@pytest.mark.parametrize(
    "field",
    ["filename", "url", "hashes", "size", "requires-python", "yanked", "core-metadata", "upload-time"],
)
def test_i15_fields_of_the_wrong_type(liar: Liar, field: str, value: object) -> None:
    """An entry or a field is left out; nothing of it is a bug of ours."""
    good = liar.entry(filename="alpha-0.9-py3-none-any.whl")
    ran = liar.says(good, liar.entry(**{field: value}), None, 7, [], "x")
    assert ran.exit_code in (0, 1, 3)


@pytest.mark.parametrize("more", [{"project-status": 7}, {"meta": []}, {"name": 7}, {"versions": {}}])
def test_i15_keys_of_the_wrong_type(liar: Liar, more: dict[str, object]) -> None:
    liar.says(liar.entry(), **more).ok()


def test_a_page_of_json_that_calls_itself_html(liar: Liar) -> None:
    liar.sends(json.dumps({"files": [liar.entry()]}).encode(), "text/html").ok()
    assert installed(liar.made) == {"alpha": "1.0"}


# -- what is said ------------------------------------------------------------------------------------


def test_i17_i18_escapes_in_what_is_shown(liar: Liar) -> None:
    liar.index.statuses["alpha"] = ("quarantined", "x\x1b[31;5mred\x07\x9b2J\u202eevil")
    ran = liar.made.run("lock")
    assert "alpha is in quarantine on the index default: x[31;5mred2Jevil" in ran.stderr
    liar.index.fault("/simple/alpha/", status=302, headers=(("Location", "ftp://\x9b2J.example/"),))
    ran = liar.made.run("lock --upgrade --refresh")
    assert ran.exit_code == 3
    assert not set(ran.stderr) & set("\x1b\x07\x9b\u202e")


def test_i19_what_was_yanked_is_not_chosen(liar: Liar) -> None:
    assert shown(liar.says(liar.entry(yanked="steals\x1b[2J passwords"))) == block("""
        exit 1
        error: no versions satisfy all requirements
          alpha is asked for in pyproject.toml:5, which only yanked versions satisfy (all versions)
        try: alpha ==1.0, although it was yanked
    """)


def test_i20_quarantine_is_told(liar: Liar) -> None:
    status = {"status": "quarantined", "reason": "malware"}
    assert shown(liar.says(liar.entry(), **{"project-status": status})) == block("""
        exit 0
        warning: alpha is in quarantine on the index default: malware
        Locked 1 package for 35 targets in <time>
        Made the environment .venv
        Installed 1 package in <time>
         + alpha 1.0
    """)


@pytest.mark.parametrize(
    "wish",
    ["file:///etc/passwd", "https://evil.example/beta-1.0-py3-none-any.whl", "git+ssh://evil.example/beta"],
)
def test_i21_i22_a_package_of_an_index_names_no_address(liar: Liar, project: MakeProject, wish: str) -> None:
    liar.index.add_wheel("gamma", "1.0", requires=[f"beta @ {wish}"])
    made = project(manifest("gamma"))
    assert shown(made.run("sync")) == block("""
        exit 1
        error: no versions satisfy all requirements
          gamma 1.0 asks for a file at a URL, which a package of an index may not
          gamma is asked for in pyproject.toml:5
    """)


# -- memory and time ---------------------------------------------------------------------------------


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def head(kind: str = JSON, *more: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {kind}", *more, "", ""]).encode()


def endless(first: bytes, again: bytes, kind: str = JSON) -> Callable[[Asked], Iterator[bytes]]:
    def script(asked: Asked) -> Iterator[bytes]:
        yield head(kind, "Transfer-Encoding: chunked") + chunk(first)
        while True:
            yield chunk(again)

    return script


def packed(body: bytes, kind: str = JSON) -> Callable[[Asked], Iterator[bytes]]:
    def script(asked: Asked) -> Iterator[bytes]:
        yield answer(body=gzip.compress(body, 1), content_type=kind, content_encoding="gzip")

    return script


def plain(body: bytes, kind: str = JSON) -> Callable[[Asked], Iterator[bytes]]:
    def script(asked: Asked) -> Iterator[bytes]:
        yield answer(body=body, content_type=kind)

    return script


def endless_heads(line: bytes, first: bytes = b"HTTP/1.1 200 OK\r\n") -> Callable[[Asked], Iterator[bytes]]:
    def script(asked: Asked) -> Iterator[bytes]:
        yield first
        while True:
            yield line

    return script


def many_objects() -> bytes:
    """As many little objects as a page may have, in as many bytes."""
    entry = b'{"' + b"x" * 18 + b'":1},'
    return b'{"files": [' + entry * ((31 << 20) // len(entry)) + b"1]}"


def most_entries(tags: str, versions: int) -> bytes:
    """Many versions, each with something of its own that no other has."""
    entry = (
        '{"filename":"alpha-%d.0-TAGS.whl","url":"https://x.example/%064d","hashes":{"sha256":"%064d"},'
        '"requires-python":">=3.%d","core-metadata":{"sha256":"%064d"},"yanked":"%0400d"}'
    ).replace("TAGS", tags)
    entries = ",".join(entry % (n, n, n, n, n, n) for n in range(versions))
    return b'{"files": [' + entries.encode() + b"]}"


MONSTERS: dict[str, Callable[[], Callable[[Asked], Iterator[bytes]]]] = {
    "i13 a bomb of zeros": lambda: packed(bytes(512 << 20)),
    "i13 a bomb of objects": lambda: packed(b'{"files": [' + b"{}," * (20 << 20)),
    "i13 a bomb in a bomb": lambda: packed(gzip.compress(bytes(256 << 20))),
    "i13 a bomb of anchors": lambda: packed(b"<a" * (30 << 20), "text/html"),
    "i13 as many objects as fit": lambda: plain(many_objects()),
    "i13 as many objects as fit, packed": lambda: packed(many_objects()),
    "i13 as many files as fit": lambda: packed(most_entries("py3-none-any", 33_000)),
    "i13 as many versions as may be": lambda: packed(most_entries("py3-none-any", 20_000)),
    "i13 as many versions that fit nowhere": lambda: plain(
        most_entries("cp27-none-any", 20_000).replace(b'"requires-python"', b'"x"').replace(b"yanked", b"y")
    ),
    "i13 wide characters": lambda: plain(b'{"files": [], "x": "' + "😀".encode() * (7 << 20) + b'"}'),
    "i13 a wide character": lambda: plain("<p>😀".encode() + b"x" * (31 << 20), "text/html"),
    "i13 attributes": lambda: plain(b"<!-- --><a " + b'ab="0123456789" ' * (1 << 20) + b">", "text/html"),
    "i16 endless blanks": lambda: endless(b'{"files": [', b" " * 65536),
    "i16 endless objects": lambda: endless(b'{"files": [', b"{}," * 20000),
    "i16 endless anchors": lambda: endless(b"<html>", b'<a href="alpha-1.tar.gz">' * 2000, "text/html"),
    "i16 an endless header": lambda: endless_heads(b"a" * 65536, b"HTTP/1.1 200 OK\r\nX-A: "),
    "i16 endless headers": lambda: endless_heads(b"X-A: b\r\n" * 5000),
    "i16 endless patience": lambda: endless_heads(b"HTTP/1.1 100 Continue\r\n\r\n" * 500, b""),
    "i16 an endless refusal": lambda: endless_heads(b"x" * 65536, b"HTTP/1.1 403 No\r\n\r\n"),
    "i14 comments in comments": lambda: plain(b"<!--" * (1 << 19), "text/html"),
    "i14 titles in titles": lambda: plain(b"<title" * (1 << 18), "text/html"),
    "i14 metas in metas": lambda: plain(b"<meta " * (1 << 18), "text/html"),
    "i14 an unclosed quote": lambda: plain(b"<a href='" * (1 << 18), "text/html"),
    "i14 scripts in scripts": lambda: plain(b"<script>" * (1 << 18), "text/html"),
}


USUAL = (
    "i13 a bomb of objects",
    "i13 as many objects as fit",
    "i13 wide characters",
    "i14 comments in comments",
    "i16 endless objects",
    "i16 endless patience",
)


@pytest.mark.parametrize(
    "name", [name if name in USUAL else pytest.param(name, marks=pytest.mark.slow) for name in MONSTERS]
)
def test_pages_that_would_take_all_memory_or_all_day(name: str, transport: str, project: MakeProject) -> None:
    """Row I13, I14, I16: refused, or read, in seconds and within bounds."""
    made = project(manifest("alpha"))
    with serving(MONSTERS[name]()) as server:
        ran = measure(made, ["lock"], transport=transport, environ={"HUTCH_INDEX_URL": server.url})
    assert ran.exit_code in (1, 3), ran.stderr
    assert ran.stderr.startswith("error: ")
    assert len(ran.stderr) < 1000
    assert ran.peak < MOST_MEMORY
    assert ran.seconds < 60
    assert made.tree() == ["pyproject.toml"]
