"""`add --conda` and `remove`, in each syntax: what is said is read again, and the rest stays as it was."""

from __future__ import annotations

import pytest

from hutch.project import CannotEdit, Editor, NotDeclared, parse_manifest

HEAD = '[project]\nname = "d"\nversion = "1"\n'
LIST = HEAD + '\n[tool.hutch.conda]\ndependencies = [\n    "gdal",  # maps\n    "numpy >=2",\n]\n'
TABLE = (
    HEAD
    + '\n[tool.hutch.conda.dependencies]\ngdal = "*"  # maps\nnumpy = { version = ">=2", build = "py*" }\n'
)
PIXI = (
    '[workspace]\nname = "d"\nchannels = []\nplatforms = []\n\n'
    '[dependencies]\ngdal = "*"  # maps\nnumpy = ">=2"\n'
)
YML = "name: d\ndependencies:\n  - gdal  # maps\n  - numpy >=2\n  - pip:\n      - rich\n"
FILES = {
    "list": ("pyproject.toml", LIST),
    "table": ("pyproject.toml", TABLE),
    "nothing": ("pyproject.toml", HEAD),
    "pixi": ("pixi.toml", PIXI),
    "beside": (
        "pyproject.toml",
        HEAD + PIXI.replace("[workspace]", "[tool.pixi.workspace]").replace("[dep", "[tool.pixi.dep"),
    ),
    "yml": ("environment.yml", YML),
    "yml-empty": ("environment.yml", "name: d\n"),
    "yml-none": ("environment.yml", "name: d\ndependencies:  # maps\n"),
    "yml-no-list": ("environment.yml", "dependencies: []  # maps\nname: d"),
    "yml-pip": ("environment.yml", "dependencies:\n  # maps\n  - pip:\n      - rich\n"),
    "yml-one": ("environment.yml", "dependencies:\n# maps\n- gdal\nchannels: [c]\n"),
}


def editor(kind: str) -> Editor:
    name, text = FILES[kind]
    return Editor(parse_manifest(text, filename=name), text, lambda path: None)


def asked(found: Editor, kind: str) -> set[tuple[str, str, tuple[str, ...]]]:
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    return {(each.spec, each.where, each.selectors) for each in (conda.dependencies if conda else ())}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("spec", ["hdf5", "hdf5 >=1.14,<2", "hdf5 1.14.* mpi_*"])
def test_what_is_added_is_read_again(kind: str, spec: str) -> None:
    found = editor(kind)
    before = asked(found, kind)
    found.add_conda(spec)
    assert asked(found, kind) == before | {(spec, "project", ())}
    assert "# maps" in found.text or kind in ("nothing", "yml-empty")
    found.remove_conda("hdf5")
    assert asked(found, kind) == before


@pytest.mark.parametrize("kind", ["list", "table", "pixi", "beside", "yml"])
def test_an_entry_of_the_name_is_replaced(kind: str) -> None:
    found = editor(kind)
    found.add_conda("numpy >=2.3")
    said = {spec for spec, _, _ in asked(found, kind)}
    assert "numpy >=2.3" in said
    assert sum(spec.startswith("numpy") for spec in said) == 1
    before, after = FILES[kind][1].splitlines(), found.text.splitlines()
    assert [line for line in after if line not in before] == [line for line in after if ">=2.3" in line]


@pytest.mark.parametrize("kind", FILES)
def test_for_some_platforms(kind: str) -> None:
    found = editor(kind)
    found.add_conda("gcc >=14", selector="linux-64")
    assert ("gcc >=14", "project", ("linux-64",)) in asked(found, kind)
    found.remove_conda("gcc")
    assert not any(spec.startswith("gcc") for spec, _, _ in asked(found, kind))


@pytest.mark.parametrize("kind", ["list", "table", "nothing", "pixi", "beside"])
def test_for_a_group(kind: str) -> None:
    found = editor(kind)
    found.add_conda("gdb", "group:dev")
    found.add_conda("mypy >=1", "group:dev")
    assert {("gdb", "group:dev", ()), ("mypy >=1", "group:dev", ())} <= asked(found, kind)
    found.remove_conda("gdb", "group:dev")
    assert ("gdb", "group:dev", ()) not in asked(found, kind)


def test_a_list_stays_sorted() -> None:
    found = editor("list")
    found.add_conda("hdf5")
    assert '    "gdal",  # maps\n    "hdf5",\n    "numpy >=2",\n' in found.text
    found = editor("yml")
    found.add_conda("hdf5")
    assert "  - gdal  # maps\n  - hdf5\n  - numpy >=2\n  - pip:\n      - rich\n" in found.text


@pytest.mark.parametrize("kind", [kind for kind in FILES if "empty" not in kind])
def test_what_is_not_there_cannot_be_removed(kind: str) -> None:
    with pytest.raises(NotDeclared):
        editor(kind).remove_conda("numpyy")


@pytest.mark.parametrize(("kind", "where"), [("yml", "group:dev"), ("pixi", "extra:x")])
def test_what_a_syntax_has_no_words_for_is_refused(kind: str, where: str) -> None:
    with pytest.raises(CannotEdit):
        editor(kind).add_conda("gdb", where)
    manifest = parse_manifest("rich\n", filename="requirements.txt")
    with pytest.raises(CannotEdit):
        Editor(manifest, "rich\n", lambda path: None).add_conda("gdb")


def channels(found: Editor, kind: str) -> tuple[str, ...] | None:
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    return conda.channels if conda is not None else None


@pytest.mark.parametrize("kind", FILES)
def test_channels_are_added_behind_those_that_there_are(kind: str) -> None:
    found = editor(kind)
    had = channels(found, kind) or ()
    found.add_channels(("conda-forge", "bioconda"))
    found.add_channels(("bioconda", "https://channel.example/x"))
    assert channels(found, kind) == (*had, "conda-forge", "bioconda", "https://channel.example/x")
    assert "# maps" in found.text or kind in ("nothing", "yml-empty")


@pytest.mark.parametrize("kind", FILES)
def test_a_side_is_preferred_where_there_are_words_for_it(kind: str) -> None:
    found = editor(kind)
    before = found.text
    found.prefer("pypi", "numpy")
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    if kind in ("pixi", "beside") or kind.startswith("yml"):
        assert found.text == before
        return
    assert conda is not None
    assert conda.sides("numpy") == ("index", "conda")
    found.prefer("conda", "numpy")
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    assert conda is not None
    assert conda.prefer == (("conda", "numpy"),)
    found.prefer("pypi", "rich")
    found.forget_side("numpy")
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    assert conda is not None
    assert conda.prefer == (("index", "rich"),)
    found.forget_side("rich")
    found.forget_side("rich")
    conda = parse_manifest(found.text, filename=FILES[kind][0]).settings.conda
    assert conda is None or not conda.prefer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dependencies: # none\nname: d\n", "dependencies: # none\n  - hdf5\nname: d\n"),
        ("dependencies: []\n", "dependencies:\n  - hdf5\n"),
        ("dependencies: ~\r\nname: d\r\n", "dependencies:\r\n  - hdf5\r\nname: d\r\n"),
        ("dependencies:\n- pip:\n  - rich\n", "dependencies:\n- hdf5\n- pip:\n  - rich\n"),
        ("dependencies:\n  - pip: [rich]", "dependencies:\n  - hdf5\n  - pip: [rich]"),
    ],
)
def test_the_first_package_of_an_environment_yml(before: str, after: str) -> None:
    found = Editor(parse_manifest(before, filename="environment.yml"), before, lambda path: None)
    found.add_conda("hdf5")
    assert found.text == after


def test_the_last_package_leaves_an_empty_list() -> None:
    text = "name: d\ndependencies:  # what\n  - gdal\nchannels: [c]\n"
    found = Editor(parse_manifest(text, filename="environment.yml"), text, lambda path: None)
    found.remove_conda("gdal")
    assert found.text == "name: d\ndependencies: []  # what\nchannels: [c]\n"
    found.add_conda("gdal")
    assert found.text == text


@pytest.mark.parametrize(
    "text", ["dependencies: [{pip: [rich]}]\n", "dependencies:\n  - {pip: [rich], sel: [x]}\n"]
)
def test_lists_of_another_shape_are_left_alone(text: str) -> None:
    found = Editor(parse_manifest("name: d\n", filename="environment.yml"), text, lambda path: None)
    with pytest.raises(CannotEdit):
        found.add_conda("hdf5")
