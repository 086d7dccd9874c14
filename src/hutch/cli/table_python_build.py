"""The options of ``hutch python install`` that are about ``--build``, as data."""

from __future__ import annotations

from hutch.cli.model import FLAG, NUMBER, TEXT, Option

__all__ = ["BUILD"]

_SECTION = "building from source"

BUILD = (
    Option(
        "build",
        "Compile CPython: REQUEST is a folder, an archive, or a version",
        kind=FLAG,
        env="HUTCH_PYTHON_INSTALL_BUILD",
        section=_SECTION,
    ),
    Option(
        "configure",
        "Options for configure, in one text: '--enable-optimizations --with-lto'; CONFIGURE_OPTS count, too",
        kind=TEXT,
        metavar="WORDS",
        many=True,
        env="HUTCH_PYTHON_INSTALL_CONFIGURE",
        section=_SECTION,
    ),
    Option(
        "jobs",
        "How many steps of make at once",
        kind=NUMBER,
        short="j",
        metavar="N",
        env="HUTCH_PYTHON_INSTALL_JOBS",
        section=_SECTION,
    ),
    Option(
        "debug",
        "A debug build (--with-pydebug)",
        kind=FLAG,
        env="HUTCH_PYTHON_INSTALL_DEBUG",
        section=_SECTION,
    ),
    Option(
        "free-threaded",
        "Without the lock (--disable-gil)",
        kind=FLAG,
        env="HUTCH_PYTHON_INSTALL_FREE_THREADED",
        section=_SECTION,
    ),
    Option(
        "keep-source",
        "Keep the unpacked source beside the Pythons",
        kind=FLAG,
        env="HUTCH_PYTHON_INSTALL_KEEP_SOURCE",
        section=_SECTION,
    ),
    Option(
        "python-source-mirror",
        "Fetch sources from here: a URL or a folder, with Python-X.Y.Z.tar.xz or X.Y.Z/Python-X.Y.Z.tar.xz",
        kind=TEXT,
        metavar="PLACE",
        env="HUTCH_PYTHON_SOURCE_MIRROR",
        setting=True,
        section=_SECTION,
    ),
)
