"""pixi's features and environments, as groups and environments of a project; and what ``import`` writes."""

from __future__ import annotations

from hutch.project import CondaGroup, CondaPlatform, DeclaredEnvironment, Manifest, parse_manifest

MATRIX = """\
[workspace]
name = "demo"
channels = ["conda-forge"]
platforms = ["linux-64", "osx-arm64"]

[dependencies]
numpy = ">=1.24"

[pypi-dependencies]
rich = "*"

[feature.py311.dependencies]
python = "3.11.*"
[feature.py312.dependencies]
python = "3.12.*"

[feature.test.pypi-dependencies]
pytest = "*"

[feature.gpu]
channels = ["nvidia", { channel = "pytorch", priority = 2 }]
platforms = ["linux-64"]
system-requirements = { cuda = "12" }
[feature.gpu.dependencies]
pytorch-gpu = "*"

[feature.docs.dependencies]
sphinx = "*"

[environments]
default = { features = ["py312"], solve-group = "py312" }
test-py311 = ["py311", "test"]
test-py312 = { features = ["py312", "test"], solve-group = "py312" }
gpu = { features = ["gpu"] }
docs = { features = ["docs"], no-default-feature = true }
"""


def pixi(text: str) -> Manifest:
    return parse_manifest(text, filename="pixi.toml")


def test_environments_of_features() -> None:
    found = pixi(MATRIX)
    assert found.default_groups == ("py312",)
    assert found.settings.environments == {
        "default": DeclaredEnvironment(solve_group="py312"),
        "test-py311": DeclaredEnvironment(
            groups=("py311", "test"), no_groups=("py312",), solve_group="test-py311"
        ),
        "test-py312": DeclaredEnvironment(groups=("py312", "test"), solve_group="py312"),
        "gpu": DeclaredEnvironment(groups=("gpu",), no_groups=("py312",), solve_group="gpu"),
        "docs": DeclaredEnvironment(only_groups=("docs",), solve_group="docs"),
    }
    conda = found.settings.conda
    assert conda is not None
    assert conda.groups == {
        "group:gpu": CondaGroup(
            channels=("pytorch", "nvidia"), platforms=("linux-64",), requirements=(("__cuda", "12"),)
        )
    }
    # What asks channels alone is a group, too.
    assert {"py311", "py312", "gpu", "docs"} <= set(found.groups)
    assert found.notes == ()


def test_beside_a_project_the_default_feature_is_a_group() -> None:
    text = """\
[project]
name = "demo"
version = "1"
dependencies = ["rich"]
[project.optional-dependencies]
plot = ["matplotlib"]

[tool.pixi.workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[tool.pixi.dependencies]
numpy = "*"
[tool.pixi.pypi-dependencies]
demo = { path = ".", editable = true }
click = "*"
[tool.pixi.feature.dev.dependencies]
ruff = "*"
[tool.pixi.environments]
plot = ["plot"]
dev = ["dev"]
"""
    found = parse_manifest(text)
    assert found.default_groups == ("pixi",)
    assert found.settings.environments == {
        "plot": DeclaredEnvironment(extras=("plot",), solve_group="plot"),
        "dev": DeclaredEnvironment(groups=("dev",), solve_group="dev"),
    }


def test_platforms_that_say_what_machines_have() -> None:
    found = pixi(
        """\
[workspace]
name = "demo"
channels = []
platforms = [
  "linux-64",
  { platform = "linux-64", cuda = { driver = "12.0", arch = "8.6" } },
  { name = "jetson", platform = "linux-aarch64", cuda = "12.8", archspec = "armv8-a", __glibc = "2.31=0" },
  { name = "osx-arm64" },
]
[target.jetson.dependencies]
tegra = "*"
[feature.gpu]
platforms = ["jetson", { name = "linux-64-2" }]
"""
    )
    conda = found.settings.conda
    assert conda is not None
    assert conda.platforms == (
        CondaPlatform(name="linux-64", subdir="linux-64"),
        CondaPlatform(name="linux-64-2", subdir="linux-64", requirements=(("__cuda", "12.0"),)),
        CondaPlatform(
            name="jetson",
            subdir="linux-aarch64",
            requirements=(("__cuda", "12.8"), ("__archspec", "armv8-a"), ("__glibc", "2.31")),
        ),
        CondaPlatform(name="osx-arm64", subdir="osx-arm64"),
    )
    (tegra,) = conda.dependencies
    assert [tegra.is_for(each.subdir, each.name) for each in conda.platforms] == [False, False, True, False]
    assert conda.groups["group:gpu"].platforms == ("jetson", "linux-64-2")
    assert [each.text for each in found.notes] == ["arch of CUDA has no words in hutch"]


def test_what_is_wrong_is_told_and_what_cannot_be_said_noted() -> None:
    found = pixi(MATRIX + 'odd = { features = [], no-default-feature = true }\n"a b" = ["test"]\n')
    notes = [each.text for each in found.notes]
    assert "the environment odd has no feature with packages and no default feature: it is left out" in notes
    assert "'a b' cannot be the name of an environment: it is left out" in notes
    assert "odd" not in found.settings.environments
