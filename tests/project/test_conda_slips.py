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


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "dependancies: [gdal]\n",
            "1: dependancies is no key of an environment.yml: dependencies may be meant",
        ),
        ("name: x\nchannel: [c]\n", "2: channel is no key of an environment.yml: channels may be meant"),
        ("dependencies:\n- pip\n  - rich\n", "2: `pip - rich` is one line to YAML: `pip:` has a colon"),
        (
            "dependencies:\n- gdal\n   - numpy\n",
            "2: `gdal - numpy` is one line to YAML: the lines are not indented alike",
        ),
        (
            "dependencies:\n- numpy=>2\n",
            "2: `numpy=>2` names no package of conda: `=>2` cannot be read: `>=` may be meant",
        ),
        (
            "dependencies:\n- numpy≥2\n",
            "2: `numpy≥2` names no package of conda: `≥2` cannot be read: `>=` may be meant",
        ),
        ("dependencies:\n- conda-forge:numpy\n", "`:numpy` cannot be read: `::` stands behind a channel"),
        (
            "dependencies:\n- rich[jupyter]\n",
            "extras, markers and addresses are for package indexes: a `pip:` list",
        ),
    ],
)
def test_an_environment_yml(text: str, fault: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text, filename="environment.yml")
    (line,) = caught.value.why
    assert fault in line.removeprefix("environment.yml:")


def test_a_key_that_may_be_somebody_elses_is_told_and_passed_over() -> None:
    manifest = parse_manifest(
        "dependencies: [gdal]\nmaintainers: [me]\nname: x\n", filename="environment.yml"
    )
    assert [each.text for each in manifest.notes if each.warn] == [
        "maintainers is nothing that hutch knows of an environment.yml"
    ]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("[dependancies]", "5: dependancies: unknown key: dependencies may be meant"),
        ("[feature.a.dependecies]", "5: feature.a.dependecies: unknown key: dependencies may be meant"),
        ("[target.linux.dependecies]", "5: target.linux.dependecies: unknown key: dependencies may be meant"),
        ("[enviroments]", "5: enviroments: unknown key: environments may be meant"),
        ("[pypi-dependency]", "5: pypi-dependency: unknown key: pypi-dependencies may be meant"),
    ],
)
def test_a_table_of_pixi(table: str, fault: str) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(WORKSPACE.format("linux-64") + f'{table}\npython = "*"\n', filename="pixi.toml")
    assert caught.value.why == (f"pixi.toml:{fault}",)


@pytest.mark.parametrize("key", ["requires-pixi", "preview", "build-variants", "license-file", "s3-options"])
def test_words_of_pixi_that_mean_nothing_here_are_no_slips(key: str) -> None:
    manifest = parse_manifest(WORKSPACE.format("linux-64") + f'{key} = "x"\n', filename="pixi.toml")
    assert [each.warn for each in manifest.notes] == [False]


def test_a_table_that_nobody_knows_is_told() -> None:
    text = WORKSPACE.format("linux-64") + '[stuff]\na = 1\n[target.linx.dependencies]\nnumpy = "*"\n'
    manifest = parse_manifest(text, filename="pixi.toml")
    assert [each.text for each in manifest.notes if each.warn] == [
        "linx is no platform of conda: numpy is left out",
        "stuff has no words in hutch",
    ]
