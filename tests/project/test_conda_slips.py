"""Slips of the pen in what a project says of conda: told with their place, once, with what may be meant."""

from __future__ import annotations

import pytest

from hutch.project import InvalidManifest, parse_manifest

WORKSPACE = '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["{}"]\n'


@pytest.mark.parametrize(
    ("platform", "meant"), [("linux-65", "linux-64"), ("osx-arm", "osx-arm64"), ("win-46", "win-64")]
)
def test_a_platform_that_there_is_not(platform: str, meant: str) -> None:
    text = WORKSPACE.format(platform) + '[dependencies]\npython = "*"\n'
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text, filename="pixi.toml")
    assert caught.value.why == (
        f"pixi.toml:4: workspace.platforms[0]: {platform} is no platform of conda: {meant} may be meant",
    )


@pytest.mark.parametrize("platform", ["linux-64", "osx-arm64", "linux-aarch64", "haiku-quantum"])
def test_platforms_that_there_are_or_may_be(platform: str) -> None:
    parse_manifest(WORKSPACE.format(platform) + '[dependencies]\npython = "*"\n', filename="pixi.toml")


def test_a_fault_is_told_once() -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(WORKSPACE.format("linux-64") + "[dependencies]\npython = 3.12\n", filename="pixi.toml")
    assert len(caught.value.why) == 1


def test_a_word_of_a_package_that_nobody_knows() -> None:
    """A slip in ``channel`` would take the package from another place without a word."""
    text = WORKSPACE.format("linux-64") + '[dependencies]\nnumpy = { version = "*", chanel = "mine" }\n'
    manifest = parse_manifest(text, filename="pixi.toml")
    assert [each.text for each in manifest.notes if each.warn] == [
        "'chanel' is nothing that is said of a package of conda (numpy): passed over"
    ]
