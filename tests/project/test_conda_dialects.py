"""Manifests of conda and pixi of any shape: read, or refused with their faults; never anything else."""

from __future__ import annotations

from typing import Any

import tomlkit
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import parse_manifest

SCALARS = st.sampled_from(("", "*", ">=1", "x", "linux-64", ".", "a b", "../..", "http://[", True, 0, 1.5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                (
                    *(
                        "name",
                        "version",
                        "path",
                        "git",
                        "url",
                        "index",
                        "extras",
                        "features",
                        "editable",
                        "rev",
                    ),
                    *(
                        "python",
                        "pip",
                        "numpy",
                        "default",
                        "test",
                        "linux-64",
                        "env-markers",
                        "index-url",
                        "platforms",
                    ),
                    *(
                        "pypi-dependencies",
                        "dependencies",
                        "target",
                        "pypi-options",
                        "find-links",
                        "channels",
                    ),
                )
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
PIXI = st.dictionaries(
    st.sampled_from(
        (
            *(
                "workspace",
                "project",
                "dependencies",
                "pypi-dependencies",
                "feature",
                "environments",
                "target",
            ),
            *("pypi-options", "tasks", "package", "host-dependencies"),
        )
    ),
    VALUES,
    max_size=5,
)
CONDA = st.dictionaries(
    st.sampled_from(("name", "channels", "dependencies", "platforms", "variables", "prefix")),
    VALUES
    | st.lists(VALUES | st.dictionaries(st.just("pip"), st.lists(SCALARS | st.just("-r x"))), max_size=3),
    max_size=4,
)


def read(text: str, filename: str) -> None:
    try:
        parse_manifest(text, filename=filename, read={"x": "alpha\n-e .\n"}.get)
    except Problem as problem:
        assert problem.why


@given(PIXI, st.booleans())
def test_pixi_of_any_shape(data: dict[str, Any], beside: bool) -> None:
    read(tomlkit.dumps(data), "pixi.toml")
    project = {"project": {"name": "d", "version": "1"}} if beside else {}
    read(tomlkit.dumps({**project, "tool": {"pixi": data}}), "pyproject.toml")


@given(CONDA)
def test_an_environment_yml_of_any_shape(data: dict[str, Any]) -> None:
    read(yaml.safe_dump(data), "environment.yml")
