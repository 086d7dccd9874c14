"""Reading manifests: what comes out, and that every fault is told, with its line."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.dependency_groups import DependencyGroupResolver

from hutch.project import InvalidManifest, parse_manifest

FULL = """\
[build-system]
requires = ["flit_core >=3.12,<5"]
build-backend = "flit_core.buildapi"

[project]
name = "My.Project"
version = "1.0"
requires-python = ">=3.9,<4"
dependencies = [
    "Flask>=2",  # the web
    'colorama; sys_platform == "win32"',
]

[project.optional-dependencies]
Fast_Mode = ["orjson[x,A]"]

[project.scripts]
mine = "my.project:main"

[dependency-groups]
test = ["pytest", { include-group = "Type_Check" }, "hypothesis"]
type-check = ["mypy"]
dev = [{ include-group = "test" }]

[tool.hutch]
targets = ["cp312-linux-x86_64"]
constraints = ["urllib3<3"]
overrides = ["idna==3.7"]
exclude-newer = 2026-01-02
python = "3.12"

[[tool.hutch.index]]
name = "company"
url = "https://index.example/simple/"
explicit = true

[tool.hutch.sources]
Flask = { git = "https://git.example/flask", tag = "3.0", subdirectory = "src" }
orjson = [
    { index = "company", marker = "sys_platform == 'linux'" },
    { path = "../orjson", editable = true, marker = "sys_platform != 'linux'" },
]
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text)
    return [(fault.line, fault.path) for fault in caught.value.faults]


def test_reads_everything() -> None:
    manifest = parse_manifest(FULL)
    assert (manifest.name, manifest.version, manifest.is_package) == ("My.Project", "1.0", True)
    assert [each.requirement.name for each in manifest.dependencies] == ["flask", "colorama"]
    assert manifest.dependencies[1].place == "pyproject.toml:11"
    assert [each.requirement.render() for each in manifest.optional_dependencies["fast-mode"]] == [
        "orjson[a,x]"
    ]
    assert [each.text for each in manifest.groups["test"]] == ["pytest", "mypy", "hypothesis"]
    assert [each.line for each in manifest.groups["dev"]] == [21, 22, 21]
    assert manifest.default_groups == ("dev",)
    assert manifest.scripts == {"mine": "my.project:main"}
    assert manifest.build_system is not None
    assert manifest.build_system.backend == "flit_core.buildapi"
    settings = manifest.settings
    assert settings.targets == ("cp312-linux-x86_64",)
    assert (settings.python, settings.exclude_newer) == ("3.12", "2026-01-02T00:00:00Z")
    assert settings.indexes[0].explicit
    assert settings.sources["flask"][0].revision_kind == "tag"
    assert settings.sources["orjson"][1].editable
    assert set(manifest.requirements()) == {
        "project",
        "extra:fast-mode",
        "group:test",
        "group:type-check",
        "group:dev",
    }


def test_an_empty_manifest_is_a_project_without_anything() -> None:
    manifest = parse_manifest("")
    assert (manifest.name, manifest.dependencies, manifest.is_package) == (None, (), False)
    assert manifest.default_groups == ()


def test_remembered_requirements_are_not_split_again() -> None:
    remember: dict[str, Any] = {}
    first = parse_manifest(FULL, remember=remember)
    assert set(remember) >= {"Flask>=2", "mypy", "urllib3<3"}
    remember["mypy"] = remember["pytest"]
    assert parse_manifest(FULL, remember=remember).groups["type-check"][0].requirement.name == "pytest"
    assert first.dependencies == parse_manifest(FULL, remember=remember).dependencies


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
[project]
name = "-bad-"
version = "one"
requires-python = "3.9 or so"
dynamic = ["version", 3]
dependencies = [
    "ok",
    "not ok !!",
    7,
]
[project.optional-dependencies]
a_b = []
A-B = "x"
[dependency-groups]
one = [{ include-group = "two" }]
two = [{ include-group = "one" }, { include-group = "none" }, { include = "x" }]
[build-system]
[tool.hutch]
targets = ["nonsense"]
package = "yes"
default-groups = ["absent"]
exclude-newer = "soon"
[tool.hutch.sources]
x = { path = ".", git = "y" }
y = { git = "y", rev = "1", tag = "2", marker = "?", colour = 1 }
"""
    found = faults(text)
    assert [path for _, path in found] == [
        "project.name",
        "project.version",
        "project.requires-python",
        "project.dynamic[0]",
        "project.dynamic[1]",
        "project.dependencies[1]",
        "project.dependencies[2]",
        "project.optional-dependencies.A-B",
        "dependency-groups.two[0]",
        "dependency-groups.two[1]",
        "dependency-groups.two[2]",
        "build-system",
        "tool.hutch.targets[0]",
        "tool.hutch.package",
        "tool.hutch.default-groups[0]",
        "tool.hutch.exclude-newer",
        "tool.hutch.sources.x",
        "tool.hutch.sources.y",
        "tool.hutch.sources.y.marker",
        "tool.hutch.sources.y.colour",
    ]
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    assert (7, "project.dependencies[1]") not in found
    assert (8, "project.dependencies[1]") in found


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("[project\n", 1, 9), ("a = 1\na = 2\n", 2, 6), ("x = 'open\n", 1, None), ('[a]\nb = """\n', 2, None)],
)
def test_a_syntax_error_has_its_place(text: str, line: int, column: int | None) -> None:
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text, filename="sub/pyproject.toml")
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (line, column)
    assert caught.value.why[0].startswith(f"sub/pyproject.toml:{line}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("project = 3", (1, "project")),
        ("[project]\nversion = '1'\n", (1, "project")),
        ("[project]\nname = 3\n", (2, "project.name")),
        ("[project]\nname = 'x'\n[build-system]\nrequires = []\n", (1, "project")),
        ("[project]\nname = 'x'\ndependencies = 'a'\n", (3, "project.dependencies")),
        ("[dependency-groups]\na = [{include-group = 'a'}]\n", (2, "dependency-groups.a[0]")),
        ("[dependency-groups]\na = 'x'\n", (2, "dependency-groups.a")),
        ("[[tool.hutch.index]]\nname = 'a'\n", (1, "tool.hutch.index[0]")),
        ("[tool.hutch]\nindex = 1\n", (2, "tool.hutch.index")),
    ],
)
def test_shapes_that_are_wrong(text: str, fault: tuple[int, str]) -> None:
    assert faults(text) == [fault]


class TestGroupsQuotePep735:
    """Dependency Group Includes MUST NOT include cycles, and tools SHOULD report an error if they detect a
    cycle. Tools SHOULD […] report an error for names that are duplicates once normalised.
    """

    @pytest.mark.parametrize(
        "groups",
        [
            {"a": ["x", {"include-group": "b"}, "y"], "b": ["z"]},
            {"A.b": [{"include-group": "C_d"}, {"include-group": "c-D"}], "c-d": ["z; python_version < '4'"]},
            {"a": [{"include-group": "b"}], "b": [{"include-group": "c"}], "c": ["q[e]>=1"]},
        ],
    )
    def test_includes_are_resolved_as_packaging_does(self, groups: dict[str, list[Any]]) -> None:
        text = "[dependency-groups]\n"
        for name, items in groups.items():
            shown = [
                f'"{i}"' if isinstance(i, str) else f'{{ include-group = "{i["include-group"]}" }}'
                for i in items
            ]
            text += f'"{name}" = [{", ".join(shown)}]\n'
        manifest = parse_manifest(text)
        resolver = DependencyGroupResolver(groups)
        for name in groups:
            expected = [requirement.name for requirement in resolver.resolve(name)]
            normal = name.lower().replace(".", "-").replace("_", "-")
            assert [each.requirement.name for each in manifest.groups[normal]] == expected  # type: ignore[index]

    def test_a_cycle_is_told_once_with_its_way(self) -> None:
        items = ("a = [{include-group='b'}]", "b = [{include-group='c'}]", "c = [{include-group='a'}]")
        text = "\n".join(("[dependency-groups]", *items))
        with pytest.raises(InvalidManifest) as caught:
            parse_manifest(text)
        assert "a → b → c → a" in caught.value.why[0]
        assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("said", "groups", "chosen"),
    [
        ("", "dev = []\nx = []", ("dev",)),
        ("", "x = []", ()),
        ("[]", "dev = []", ()),
        ('"all"', "x = []\ny = []", ("x", "y")),
        ('["X"]', "x = []", ("x",)),
    ],
)
def test_default_groups(said: str, groups: str, chosen: tuple[str, ...]) -> None:
    text = f"[dependency-groups]\n{groups}\n" + (f"[tool.hutch]\ndefault-groups = {said}\n" if said else "")
    assert parse_manifest(text).default_groups == chosen
