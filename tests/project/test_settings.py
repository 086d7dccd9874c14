"""Moments, index tables and sources of ``[tool.hutch]``."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from hutch.project import (
    InvalidManifest,
    parse_manifest,
    parse_moment,
    parse_python_version,
    render_app,
    render_library,
    render_python_version,
    resolve_moment,
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
        ("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z"),
        (tomllib.loads("x = 2026-11-01")["x"], "2026-11-01T00:00:00Z"),
        (tomllib.loads("x = 2026-11-01T10:00:00+02:00")["x"], "2026-11-01T08:00:00Z"),
        (tomllib.loads("x = 2026-11-01 10:00:00")["x"], "2026-11-01T10:00:00Z"),
        ("30 days", "30 days"),
        ("30d", "30 days"),
        ("1 Week ago", "1 weeks"),
        ("12h", "12 hours"),
        ("30", None),
        ("soon", None),
        ("", None),
        ("2026-13-01", None),
        ("3 fortnights", None),
        (30, None),
        (True, None),
    ],
)
def test_moments(said: object, meant: str | None) -> None:
    assert parse_moment(said) == meant
    if meant is not None:
        assert parse_moment(meant) == meant


def test_a_span_counts_back_from_now() -> None:
    now = datetime(2026, 11, 20, 12, 0, 0, 5, tzinfo=UTC)
    assert resolve_moment("2 weeks", now) == "2026-11-06T12:00:00Z"
    assert resolve_moment("2026-11-01T00:00:00Z", now) == "2026-11-01T00:00:00Z"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('name = "a"', "has no url"),
        ('name = "a b"\nurl = "u"', "letters"),
        ('name = "a"\nurl = "u"\nformat = "html"', "'simple' or 'flat'"),
        ('name = "a"\nurl = "u"\nexplicit = true\ndefault = true', "cannot be explicit"),
        ('name = "a"\nurl = "u"\nsupplemental = true\ndefault = true', "asked last for every name"),
        ('name = "a"\nurl = "u"\nexplicit = "yes"', "should be true or false"),
        ('name = "a"\nurl = "u"\ncolour = "red"', "unknown key"),
        ('name = "a"\nurl = "u"\nabsent-statuses = [200]', "statuses"),
        ('name = "a"\nurl = "u"\n[[tool.hutch.index]]\nname = "a"\nurl = "v"', "is taken"),
    ],
)
def test_what_an_index_may_not_be(table: str, reason: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(f"[[tool.hutch.index]]\n{table}\n")
    assert reason in caught.value.why[0]


def test_python_version_files_are_read_as_pyenv_reads_them() -> None:
    text = "\ufeff# ours\n\n3.12.1 comment\r\n  python-3.11\npypy3.10-7.3.12\n../evil\na/b\n"
    assert parse_python_version(text) == ("3.12.1", "3.11", "pypy3.10-7.3.12")
    assert parse_python_version(render_python_version(("3.12", "3.11"))) == ("3.12", "3.11")


@pytest.mark.parametrize("render", [render_app, render_library])
def test_templates_are_manifests_without_a_fault(render: object) -> None:
    text = render("my-app", requires_python=">=3.11", description='says "hi"', dependencies=("a>=1",))  # type: ignore[operator]
    manifest = parse_manifest(text)
    assert (manifest.name, manifest.version) == ("my-app", "0.1.0")
    assert manifest.is_package is (render is render_library)
    assert [each.text for each in manifest.dependencies] == ["a>=1"]
    assert parse_manifest(render("x", requires_python=">=3.9")).dependencies == ()  # type: ignore[operator]
