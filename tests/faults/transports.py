"""Each test of the network twice: over libcurl, and over the standard library as where pycurl is missing."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(params=["curl", "standard"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What carries the requests of hutch in this process."""
    if request.param == "standard":
        monkeypatch.setitem(sys.modules, "pycurl", None)  # as Python notes a module that cannot be imported
    else:
        pytest.importorskip("pycurl")
    kind: str = request.param
    return kind
