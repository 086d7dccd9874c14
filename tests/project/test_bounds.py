"""Lower bounds: raised where they stand, in the way they are written."""

from __future__ import annotations

import pytest

from hutch.project import raise_lower_bound


@pytest.mark.parametrize(
    ("text", "version", "raised"),
    [
        ("flask", "3.1", "flask>=3.1"),
        ("Flask [async]", "3.1", "Flask [async]>=3.1"),
        ("flask ; python_version > '3'", "3.1", "flask>=3.1 ; python_version > '3'"),
        ("flask>=2", "3.1", "flask>=3.1"),
        ("flask >= 2.0, < 4", "3.1", "flask >= 3.1, < 4"),
        ("flask<4", "3.1", "flask>=3.1,<4"),
        ("flask (<4)", "3.1", "flask (>=3.1,<4)"),
        ("flask (>=2,<4)", "3.1", "flask (>=3.1,<4)"),
        ("flask>2", "3.1", "flask>=3.1"),
        ("flask~=2.0", "2.3.4", "flask~=2.3"),
        ("flask~=2.0.1", "2.0.7", "flask~=2.0.7"),
        ("flask>=2", "3.1+cpu", "flask>=3.1"),
        ("flask!=3.0", "3.1", "flask>=3.1,!=3.0"),
        # nothing to raise
        ("flask>=3.1", "3.1", "flask>=3.1"),
        ("flask>=4", "3.1", "flask>=4"),
        ("flask==3.*", "3.1", "flask==3.*"),
        ("flask==3.1", "3.1", "flask==3.1"),
        ("flask @ https://index.example/flask.whl", "3.1", "flask @ https://index.example/flask.whl"),
        # ~=2.1 would not admit its own pre-release
        ("flask~=2.0", "2.1rc1", "flask~=2.0"),
    ],
)
def test_bounds(text, version, raised):
    assert raise_lower_bound(text, version) == raised
