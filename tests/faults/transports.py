"""Each test of the network twice: over libcurl, and over the standard library as where pycurl is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(params=["curl", "standard"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What carries the requests of hutch in this process."""
    if request.param == "standard":
        monkeypatch.setitem(sys.modules, "pycurl", None)  # as Python notes a module that cannot be imported
    else:
        pytest.importorskip("pycurl")
    yield request.param
