"""Metadata: written down where that can be believed, else asked for, else built; never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutch.build import BuildForbidden, BuildOptions, WrongProject, prepare_metadata, read_static_metadata
from hutch.spec import InvalidMetadata, render_specifiers

STATIC = """
[project]
name = "My.Thing"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["idna>=2", "attrs; python_version < '3.11'"]
[project.optional-dependencies]
Web_App = ["flask[async]>=2; sys_platform != 'win32' or os_name == 'nt'"]
"""


def write(root: Path, pyproject: str | None = None, pkg_info: str | None = None) -> Path:
    root.mkdir(exist_ok=True)
    if pyproject is not None:
        (root / "pyproject.toml").write_text(pyproject)
    if pkg_info is not None:
        (root / "PKG-INFO").write_text(pkg_info)
    return root


def test_a_project_table_that_says_everything_is_believed(tmp_path: Path) -> None:
    found = prepare_metadata(write(tmp_path / "a", STATIC), environments=None)
    assert (found.name, found.version, render_specifiers(found.requires_python)) == (
        "my-thing",
        "1.0.0",
        ">=3.9",
    )
    assert found.extras == ("web-app",)
    assert [one.render() for one in found.requirements] == [
        "idna>=2",
        "attrs; python_version < '3.11'",
        "flask[async]>=2; (sys_platform != 'win32' or os_name == 'nt') and extra == 'web-app'",
    ]


@pytest.mark.parametrize(
    "pyproject",
    [
        STATIC.replace('version = "1.0.0"', 'dynamic = ["version"]'),
        STATIC.replace("[project]", '[project]\ndynamic = ["dependencies"]'),
        STATIC.replace("[project]", '[project]\ndynamic = ["optional-dependencies"]'),
        STATIC.replace("[project]", '[project]\ndynamic = ["requires-python"]'),
        STATIC.replace('version = "1.0.0"', "version = 1"),
        STATIC.replace('"1.0.0"', '"one"'),
        STATIC.replace("idna>=2", "idna >>2"),
        STATIC.replace('["idna>=2"', '[1, "idna>=2"'),
        "[project]\nname = 'a'\nversion = '1'\n[tool.poetry.dependencies]\npython = '^3.9'\nidna = '*'\n",
        "[build-system]\nrequires = []\n",
        "project = 1\n",
        "[project]\nname = 'a'\nversion = '1'\ndynamic = 'version'\n",
    ],
)
def test_a_project_table_that_leaves_something_open_is_not(tmp_path: Path, pyproject: str) -> None:
    assert read_static_metadata(write(tmp_path / "a", pyproject)) is None
    with pytest.raises(BuildForbidden):
        prepare_metadata(tmp_path / "a", environments=None)


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("Metadata-Version: 2.2\nName: a\nVersion: 1\nRequires-Dist: idna\n", True),
        ("Metadata-Version: 2.4\nName: a\nVersion: 1\nDynamic: License\n", True),
        ("Metadata-Version: 2.1\nName: a\nVersion: 1\n", False),
        ("Metadata-Version: 2.2\nName: a\nVersion: 1\nDynamic: Requires-Dist\n", False),
        ("Metadata-Version: 2.2\nName: a\nVersion: 1\nDynamic: requires-python\n", False),
        ("Metadata-Version: 2.2\nName: a\nVersion: 1\nDynamic: Provides-Extra\n", False),
        ("Metadata-Version: 2.2\nName: a\n", False),
        ("", False),
    ],
)
def test_pkg_info_is_believed_where_it_says_that_it_may_be(tmp_path: Path, text: str, believed: bool) -> None:
    """PEP 643: a field that is not marked as dynamic "MUST be the same" in every wheel."""
    source = write(tmp_path / "a", "[build-system]\nrequires = []\n", text)
    assert (read_static_metadata(source) is not None) is believed


def test_in_a_checkout_pkg_info_is_a_leftover(tmp_path: Path) -> None:
    source = write(tmp_path / "a", None, "Metadata-Version: 2.2\nName: a\nVersion: 1\n")
    (source / ".git").mkdir()
    assert read_static_metadata(source) is None


def test_the_hook_is_asked_where_nothing_is_written_down(
    tree, environments, prepare_hook: str, tmp_path: Path
) -> None:
    found = prepare_metadata(tree(prepare_hook), environments=environments, into=tmp_path)
    assert [one.render() for one in found.requirements] == ["idna", "prepared"]


def test_without_the_hook_the_wheel_is_built_and_kept_if_wanted(tree, environments, tmp_path: Path) -> None:
    source = tree()
    found = prepare_metadata(source, environments=environments, keep_wheel=tmp_path / "kept")
    assert [one.render() for one in found.requirements] == ["idna"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["tree-1.0-py3-none-any.whl"]


def test_the_scratch_directory_is_left_as_it_was(tree, environments, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    prepare_metadata(tree(), environments=environments, into=tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_archive_has_metadata_too(tarball, tmp_path: Path) -> None:
    path = tarball([("a-1/PKG-INFO", "Metadata-Version: 2.2\nName: a\nVersion: 1\n"), ("a-1/setup.py", "")])
    assert prepare_metadata(path, environments=None).name == "a"


def test_metadata_that_cannot_be_read_is_a_problem(tree, environments, tmp_path: Path) -> None:
    code = "\ndef prepare_metadata_for_build_wheel(directory, config_settings=None):\n"
    code += "    os.mkdir(directory + '/x.dist-info')\n"
    code += (
        "    open(directory + '/x.dist-info/METADATA', 'w').write('Name: x\\n')\n    return 'x.dist-info'\n"
    )
    with pytest.raises(InvalidMetadata):
        prepare_metadata(tree(code), environments=environments)


@pytest.mark.parametrize(
    "left", ["os.mkfifo({0})", "os.symlink('/dev/zero', {0})", "os.symlink('../../build.log', {0})"]
)
def test_metadata_that_are_no_file_are_not_waited_for(tree, environments, left: str) -> None:
    from hutch.build import BuildFailed

    code = "\ndef prepare_metadata_for_build_wheel(directory, config_settings=None):\n"
    code += "    os.mkdir(directory + '/x.dist-info')\n"
    place = "directory + '/x.dist-info/METADATA'"
    code += f"    {left.format(place)}\n    return 'x.dist-info'\n"
    with pytest.raises(BuildFailed, match="wrote no METADATA"):
        prepare_metadata(tree(code), environments=environments)


@pytest.mark.parametrize("answer", ["'../x.dist-info'", "'x'", "None", "'x.dist-info'"])
def test_an_answer_that_is_wrong(tree, environments, answer: str) -> None:
    from hutch.build import BuildFailed

    code = f"\ndef prepare_metadata_for_build_wheel(directory, config_settings=None):\n    return {answer}\n"
    with pytest.raises(BuildFailed, match="prepare_metadata_for_build_wheel"):
        prepare_metadata(tree(code), environments=environments)


@pytest.mark.parametrize(
    ("name", "version", "right"),
    [
        ("", "", True),
        ("My_Thing", "1.0", True),
        ("my-thing", "1.0.1", False),
        ("other", "", False),
        ("", "2", False),
    ],
)
def test_another_project_than_was_said_is_refused(
    tmp_path: Path, name: str, version: str, right: bool
) -> None:
    """S12: the file name on the index and the metadata inside have to agree."""
    source = write(tmp_path / "a", STATIC)
    options = BuildOptions(name=name, version=version)
    if right:
        prepare_metadata(source, environments=None, options=options)
        return
    with pytest.raises(WrongProject) as caught:
        prepare_metadata(source, environments=None, options=options)
    assert caught.value.found == "my-thing 1.0.0"


def test_another_project_than_was_said_is_refused_after_the_hook_too(
    tree, environments, prepare_hook: str
) -> None:
    with pytest.raises(WrongProject):
        prepare_metadata(tree(prepare_hook), environments=environments, options=BuildOptions(name="other"))


def test_static_metadata_needs_no_permission_to_build(tmp_path: Path) -> None:
    source = write(tmp_path / "a", STATIC)
    assert (
        prepare_metadata(source, environments=None, options=BuildOptions(forbidden=True)).name == "my-thing"
    )
