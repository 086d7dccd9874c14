"""From entries to versions and files: order, masks, and what is left out."""

from __future__ import annotations

import json
import marshal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

import hutch.index as index
from hutch.index.digest import digest
from hutch.index.html_page import parse_html, parse_html_carefully
from hutch.index.json_page import InvalidPage, parse_json
from hutch.index.links import resolve_link
from hutch.index.page import Page
from hutch.spec import NormalizedName
from hutch.testing.fake_index import html_anchor
from hutch.values import replace

BASE = "https://index.example/simple/alpha/"
SHA = "a" * 64


def page_of(*entries: Any, name: str = "alpha", base: str = BASE) -> Page:
    return digest(entries, name=NormalizedName(name), index="main", url=base, base=base)


def entry(filename: str, **fields: Any) -> dict[str, Any]:
    url = f"https://files.example/{filename}"
    return {"filename": filename, "url": url, "hashes": {"sha256": SHA}, **fields}


def names(page: Page) -> list[str]:
    return [file.filename for position in range(len(page.versions)) for file in page.files_of(position)]


def test_versions_ascend_and_masks_tell_of_them() -> None:
    page = page_of(
        entry("alpha-1.10.tar.gz"),
        entry("alpha-1.9-py3-none-any.whl"),
        entry("alpha-2.0a1-py3-none-any.whl"),
        entry("alpha-2.0a1.tar.gz"),
        entry("alpha-1.2-py3-none-any.whl", yanked="broken"),
        entry("alpha-1.2.tar.gz", yanked=True),
        entry("alpha-1.3-py3-none-any.whl", yanked=True),
        entry("alpha-1.3.tar.gz"),
    )
    assert page.versions == ("1.2", "1.3", "1.9", "1.10", "2.0a1")
    assert page.prerelease == 0b10000
    assert page.yanked == 0b00001  # 1.3 still has a file that is not
    assert page.wheels == 0b10111
    assert page.sdists == 0b11011
    assert [file.yanked for file in page.files_of(0)] == ["broken", ""]


def test_a_file_is_what_its_entry_says() -> None:
    page = page_of(
        entry(
            "Alpha-1.0-2-CP311-cp311-Linux_x86_64.whl",
            hashes={"sha256": SHA.upper(), "md5": "b" * 32, "blake2b": "c" * 64, "sha512": "short"},
            size=123,
            **{
                "requires-python": ">=3.8",
                "core-metadata": {"sha256": "d" * 64},
                "upload-time": "2024-05-01T12:00:00.123456Z",
            },
        )
    )
    (file,) = page.files_of(0)
    assert file.hashes == (("sha256", SHA),)
    assert file.checksums == (("md5", "b" * 32),)
    assert (file.sha256, file.size, file.requires_python) == (SHA, 123, ">=3.8")
    assert (file.metadata, file.upload_time) == ("d" * 64, "2024-05-01T12:00:00.123456Z")
    assert file.tags == "cp311-cp311-linux_x86_64"
    assert file.is_wheel
    assert page.files_of(0) is page.files_of(0)


@pytest.mark.parametrize(
    ("core", "expected"),
    [
        ({"core-metadata": True}, True),
        ({"dist-info-metadata": {"sha256": SHA}}, SHA),
        ({"core-metadata": False, "dist-info-metadata": True}, False),
        ({"core-metadata": {"md5": "x"}}, True),
        ({}, False),
        *(({"core-metadata": value}, False) for value in (False, None, 1, "yes", [])),
    ],
)
def test_the_metadata_beside_a_file(core: dict[str, Any], expected: str | bool) -> None:
    """PEP 714: ``core-metadata`` first, ``dist-info-metadata`` for old indexes."""
    assert page_of(entry("alpha-1-py3-none-any.whl", **core)).files_of(0)[0].metadata == expected


def test_two_spellings_of_one_version_are_one_version() -> None:
    page = page_of(
        entry("alpha-1.0.0.tar.gz"), entry("alpha-1.0-py3-none-any.whl"), entry("alpha-v1-py2-none-any.whl")
    )
    assert page.versions == ("1.0",)
    assert len(page.files_of(0)) == 3


def test_the_project_decides_where_its_name_ends() -> None:
    entries = [
        entry("foo-1.0.tar.gz"),
        entry("foo-2-1.0.tar.gz"),
        entry("foo-1.0-1.tar.gz"),
        entry("foo_2-3.0.tar.gz"),
        entry("Foo.2-4.0.zip"),
        entry("foo-2-5.0-py3-none-any.whl"),
    ]
    assert page_of(*entries, name="foo").versions == ("1.0", "1.0.post1", "2")
    assert page_of(*entries, name="foo-2").versions == ("1.0", "3.0", "4.0")


@pytest.mark.parametrize(
    "hostile",
    [
        entry("../alpha-1.0.tar.gz"),
        entry("alpha-1.0/../../x.tar.gz"),
        entry("alpha-1.0-py3-none-any/../../../x.whl"),
        entry("alpha-1.0-py3-none-../any.whl"),
        entry("alpha-1.0\\x-py3-none-any.whl"),
        entry("alpha-1.0-py3-none-any\x00.whl"),
        entry("alpha-1.0-py3-none-any\n.whl"),
        entry("alpha-1.0-py3-none-any\x1b[2J.whl"),
        entry("alpha-1.0-py3-none-\u202eany.whl"),
        entry("alpha-1.0-py3-none-any:x.whl"),
        entry("alpha-1.0-py3-none-a b.whl"),
        entry("alpha-1.0-py3-none-%2e%2e%2fany.whl"),
        entry("alpha-1.0-py3-none-" + "a" * 600 + ".whl"),
        entry("alpha\u0131-1.0-py3-none-any.whl"),
        entry("beta-1.0-py3-none-any.whl"),
        entry("beta-1.0.tar.gz"),
        entry("alpha-beta-1.0-py3-none-any.whl"),
        entry("alpha-1.0-py3-none.whl"),
        entry("alpha-1.0-1-2-py3-none-any.whl"),
        entry("alpha-one-py3-none-any.whl"),
        entry("alpha-1.0.exe"),
        entry("alpha-1.0-py3.8.egg"),
        entry("alpha-1.0.tar.gz.asc"),
        entry("alpha.whl"),
        entry(".whl"),
        entry(""),
        entry("alpha-1.0.tar.gz", url="file:///etc/passwd"),
        entry("alpha-1.0.tar.gz", url="FILE:///etc/passwd"),
        entry("alpha-1.0.tar.gz", url="ftp://files.example/a"),
        entry("alpha-1.0.tar.gz", url="javascript:alert(1)"),
        entry("alpha-1.0.tar.gz", url="https://files.example/a\nHost: x"),
        entry("alpha-1.0.tar.gz", url="https://files .example/a"),
        entry("alpha-1.0.tar.gz", url="//\\\\x"),
        entry("alpha-1.0.tar.gz", url=None),
        entry("alpha-1.0.tar.gz", url=[]),
        entry("alpha-1.0.tar.gz", **{"requires-python": 3}),
        {"filename": "alpha-1.0.tar.gz"},
        {"url": "https://files.example/"},
        {"filename": 3, "url": "https://files.example/"},
        {"filename": None, "url": "https://files.example/"},
        {"filename": ["alpha-1.0.tar.gz"], "url": "https://files.example/"},
        None,
        3,
        "alpha-1.0.tar.gz",
        [],
        {},
    ],
)
def test_what_is_not_a_file_of_the_project_is_left_out(hostile: Any) -> None:
    page = page_of(hostile, entry("alpha-9.tar.gz"))
    assert names(page) == ["alpha-9.tar.gz"]


@pytest.mark.parametrize(
    "value", [None, "x", [], {}, {"sha256": 3}, {"sha256": "x" * 64}, {3: 4}, {"sha256": None}]
)
def test_hashes_of_wrong_types_are_no_hashes(value: Any) -> None:
    (file,) = page_of(entry("alpha-1.tar.gz", hashes=value)).files_of(0)
    assert file.hashes == ()


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [("size", "12", "size"), ("size", -1, "size"), ("size", 1.5, "size"), ("size", True, "size")]
    + [("upload-time", value, "upload_time") for value in (3, "yesterday", "2024-05-01", "x" * 25)]
    + [("yanked", value, "yanked") for value in (False, None, 0, "")],
)
def test_other_fields_of_wrong_types_are_absent(field: str, value: Any, attribute: str) -> None:
    (file,) = page_of(entry("alpha-1.tar.gz", **{field: value})).files_of(0)
    assert getattr(file, attribute) is None


def test_a_reason_for_yanking_cannot_move_the_cursor() -> None:
    (file,) = page_of(entry("alpha-1.tar.gz", yanked="bad\x1b[2J\x07")).files_of(0)
    assert file.yanked == "bad[2J"


def test_a_name_twice_is_a_file_once() -> None:
    page = page_of(entry("alpha-1.tar.gz"), entry("alpha-1.tar.gz", url="https://evil.example/"))
    (file,) = page.files_of(0)
    assert file.url == "https://files.example/alpha-1.tar.gz"


def test_credentials_in_links_are_dropped() -> None:
    page = page_of(entry("alpha-1.tar.gz", url="https://user:hunter2@files.example/a@b/alpha-1.tar.gz"))
    assert page.files_of(0)[0].url == "https://files.example/a@b/alpha-1.tar.gz"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/files/a.whl", "https://index.example/files/a.whl"),
        ("../../files/a.whl", "https://index.example/files/a.whl"),
        ("a.whl", "https://index.example/simple/alpha/a.whl"),
        ("//files.example/a.whl", "https://files.example/a.whl"),
        ("http://files.example/a.whl", "http://files.example/a.whl"),
        ("https://files.example/a b.whl", "https://files.example/a%20b.whl"),
    ],
)
def test_links(link: str, expected: str) -> None:
    assert resolve_link(BASE, link) == expected
    assert page_of(entry("alpha-1.tar.gz", url=link)).files_of(0)[0].url == expected


def test_a_page_of_this_machine_may_name_files_of_it() -> None:
    page = page_of(entry("alpha-1.tar.gz", url="../files/alpha-1.tar.gz"), base="file:///opt/simple/alpha/")
    assert page.files_of(0)[0].url == "file:///opt/simple/files/alpha-1.tar.gz"


VERSIONS = st.from_regex(r"v?[0-3](\.[0-3]){0,2}((a|rc|\.post|\.dev)[0-2])?(\+x)?(-1)?", fullmatch=True)
PROJECTS = st.sampled_from(["alpha", "Alpha", "al.pha", "alpha_beta", "alpha-beta", "alpha.2", "alpha_2"])
FILENAMES = st.one_of(
    st.builds("{}-{}.tar.gz".format, PROJECTS, VERSIONS),
    st.builds("{}-{}-py3-none-any.whl".format, PROJECTS.map(lambda name: name.replace("-", "_")), VERSIONS),
    st.text(alphabet="alph-._12whtgz/", max_size=24),
)


@given(st.lists(FILENAMES, max_size=12), st.sampled_from(["alpha", "alpha-beta", "alpha-2"]))
def test_grouping_agrees_with_packaging(filenames: list[str], project: str) -> None:
    """What packaging takes for a file of the project, we do, under the same version."""
    page = page_of(*map(entry, filenames), name=project)
    mine = {
        file.filename: Version(version)
        for position, version in enumerate(page.versions)
        for file in page.files_of(position)
    }
    for filename in filenames:
        try:
            if filename.endswith(".whl"):
                name, version, *_ = parse_wheel_filename(filename)
            else:
                name, version = parse_sdist_filename(filename)
        except (ValueError, InvalidVersion):
            continue
        if name == canonicalize_name(project) and "/" not in filename:
            assert mine.get(filename) == version
    assert list(page.keys) == sorted(set(page.keys))
    assert [Version(text) for text in page.versions] == sorted({*mine.values()}) or not mine


@given(st.lists(FILENAMES, max_size=8))
def test_a_packed_page_is_the_same_page(filenames: list[str]) -> None:
    page = page_of(*map(entry, filenames))
    packed = marshal.loads(marshal.dumps(page.packed_records()))
    again = replace(page, records=list(packed), _files={})
    for position in range(len(page.versions)):
        assert again.files_of(position) == page.files_of(position)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "filename": st.sampled_from(["alpha-1-py3-none-any.whl", "alpha-2.tar.gz"]) | JSON_VALUES,
        "url": st.sampled_from(["https://files.example/a", "../a", "file:///a"]) | JSON_VALUES,
        **dict.fromkeys(("hashes", "size", "requires-python", "yanked"), JSON_VALUES),
        **dict.fromkeys(("core-metadata", "upload-time"), JSON_VALUES),
    },
)


@given(st.lists(ENTRIES | JSON_VALUES, max_size=6))
def test_no_json_is_a_traceback(entries: list[Any]) -> None:
    body = json.dumps({"meta": {"api-version": "1.0"}, "files": entries}).encode()
    page = page_of(*parse_json(body, BASE).entries)
    page.packed_records()
    for position in range(len(page.versions)):
        for file in page.files_of(position):
            assert file.url.startswith("http")


class TestJson:
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "not valid JSON"),
            (b"{", "not valid JSON"),
            (b"\xff\xfe{}", "not valid JSON"),
            (b"<html>", "sent a web page"),
            (b"[]", "not an object"),
            (b'"files"', "not an object"),
            (b"{}", "no list of files"),
            (b'{"files": {}}', "no list of files"),
            (b'{"files": null}', "no list of files"),
            (b'{"meta": {"api-version": "2.0"}, "files": []}', "version 2.0"),
            (b"[" * 100_000, "not valid JSON"),
            (b'{"files":' + b'[{"a":' * 50_000, "not valid JSON"),
        ],
    )
    def test_what_is_not_a_page(self, body: bytes, reason: str) -> None:
        with pytest.raises(InvalidPage, match=reason):
            parse_json(body, BASE)

    def test_a_page_of_nothing_but_parts_is_not_unpacked(self) -> None:
        with pytest.raises(InvalidPage, match="parts"):
            parse_json(b'{"files": [' + b"[]," * (2 << 20) + b"[]]}", BASE)

    def test_a_page_of_more_files_than_any_project_has(self) -> None:
        with pytest.raises(InvalidPage, match="more files"):
            parse_json(json.dumps({"files": [{}] * 100_001}).encode().ljust(1 << 22), BASE)
        with pytest.raises(InvalidPage, match="more links"):
            parse_html(b"<a>" * 100_001, BASE)

    def test_status_markers(self) -> None:
        """PEP 792."""
        body = b'{"files": [], "project-status": {"status": "quarantined", "reason": "mal\\u001bware"}}'
        page = parse_json(body, BASE)
        assert (page.status, page.status_reason) == ("quarantined", "malware")
        assert parse_json(b'{"files": [], "project-status": 3}', BASE).status == "active"

    def test_a_minor_version_of_tomorrow_is_fine(self) -> None:
        assert parse_json(b'{"meta": {"api-version": "1.99"}, "files": []}', BASE).entries == []


def html(*lines: str) -> bytes:
    return "\n".join(["<!DOCTYPE html><html><body>", *lines, "</body></html>"]).encode()


TEXTS = st.text(alphabet="abz019.,<>=!&\"' ;%+-_", max_size=12)
HTML_ENTRIES = st.fixed_dictionaries(
    {
        "filename": st.sampled_from(["alpha-1-py3-none-any.whl", "alpha-2+x.tar.gz"]),
        "url": st.sampled_from(["https://files.example/alpha-1-py3-none-any.whl", "../alpha-2%2Bx.tar.gz"]),
        "hashes": st.sampled_from([{}, {"sha256": SHA}, {"md5": "b" * 32}]),
    },
    optional={"requires-python": TEXTS, "yanked": TEXTS | st.just(True), "core-metadata": st.just(True)},
)


class TestHtml:
    @given(st.lists(HTML_ENTRIES, max_size=5))
    def test_the_fast_reader_reads_what_the_careful_one_reads(self, entries: list[dict[str, Any]]) -> None:
        body = html(*map(html_anchor, entries))
        fast, careful = parse_html(body, BASE), parse_html_carefully(body.decode(), BASE)
        assert (fast.entries, fast.base) == (careful.entries, careful.base)

    SNIPPETS = st.sampled_from(
        [
            '<a href="alpha-1.tar.gz">x</a>',
            "<a href='alpha-2.tar.gz' data-yanked>x</a>",
            "<A HREF=alpha-3.tar.gz>x",
            '<a href="alpha-4.tar.gz" data-requires-python="&gt;=3.8, &lt;4">',
            '<a\nclass="x"\thref="alpha-5.tar.gz#sha256=' + SHA + '"\n>',
            '<a href="alpha-6.tar.gz" href="alpha-7.tar.gz">',
            '<a data-x="<a href=" href="alpha-8.tar.gz">',
            "<!-- ", " -->", "<script>", "</script>", "<style>", "</style>", "<base href='/x/'>",
            "<title>", "</title>", "<a/href=alpha-9.tar.gz>", '<a href = "alpha-10.tar.gz">', "<a>",
            "<a href>", "<abbr>", "<", ">", '"', "'", "&", " ", "<textarea>", "</textarea>", "<![CDATA[",
            "]]>", "<?x", '<meta name="pypi:repository-version" content="1.1">',
        ]
    )  # fmt: skip

    @given(st.lists(SNIPPETS, max_size=8).map("".join))
    def test_on_any_soup(self, soup: str) -> None:
        try:
            careful: Any = parse_html_carefully(soup, BASE)
        except InvalidPage:
            careful = None
        try:
            fast: Any = parse_html(soup.encode(), BASE)
        except InvalidPage:
            fast = None
        assert (fast is None) == (careful is None)
        if fast is not None:
            assert (fast.entries, fast.base) == (careful.entries, careful.base)

    def test_everything_an_anchor_can_say(self) -> None:
        body = html(
            f'<a href="../../f/alpha-1-py3-none-any.whl#sha256={SHA}" data-requires-python="&gt;=3.8"'
            f' data-dist-info-metadata="sha256={"d" * 64}" data-yanked="bad &amp; old">alpha</a>'
        )
        (file,) = page_of(*parse_html(body, BASE).entries).files_of(0)
        assert file.url == "https://index.example/f/alpha-1-py3-none-any.whl"
        assert (file.sha256, file.requires_python) == (SHA, ">=3.8")
        assert (file.metadata, file.yanked) == ("d" * 64, "bad & old")

    def test_a_name_is_decoded_once(self) -> None:
        links = ("alpha-1%252f..%252fx.tar.gz", "alpha-2%2f..%2fx.tar.gz", "alpha-3%2Bx.tar.gz")
        body = html(*(f'<a href="{link}">' for link in links))
        page = page_of(*parse_html(body, BASE).entries)
        assert names(page) == ["alpha-3+x.tar.gz"]

    def test_a_base_is_obeyed_and_may_not_be_a_file(self) -> None:
        body = html('<base href="https://files.example/x/">', '<a href="alpha-1.tar.gz">')
        page = parse_html(body, BASE)
        assert (
            page_of(*page.entries, base=page.base).files_of(0)[0].url
            == "https://files.example/x/alpha-1.tar.gz"
        )
        with pytest.raises(InvalidPage):
            parse_html(html('<base href="file:///etc/">', '<a href="alpha-1.tar.gz">'), BASE)

    def test_a_log_in_page_is_no_project(self) -> None:
        for portal in ('<form action="/login"><input name="user"></form>', "<script>location='/'</script>"):
            with pytest.raises(InvalidPage, match="web page"):
                parse_html(html(portal, '<a href="/terms">Terms</a>'), BASE)

    def test_a_project_without_files_is_one(self) -> None:
        assert parse_html(html(), BASE).entries == []

    def test_another_version_of_the_api(self) -> None:
        with pytest.raises(InvalidPage, match="version 2"):
            parse_html(html('<meta name="pypi:repository-version" content="2.0">'), BASE)

    def test_status_markers(self) -> None:
        page = parse_html(
            html('<meta name="pypi:project-status" content="archived">', '<a href="alpha-1.tar.gz">'), BASE
        )
        assert page.status == "archived"

    @given(st.binary(max_size=60))
    def test_no_bytes_are_a_traceback(self, body: bytes) -> None:
        try:
            parse_html(body, BASE)
        except InvalidPage:
            pass


def test_the_door() -> None:
    assert sorted(index._HOME) == sorted(index.__all__)
    for name in index.__all__:
        assert getattr(index, name).__name__ == name
    with pytest.raises(AttributeError):
        index.nothing  # noqa: B018
