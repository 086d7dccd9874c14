"""Edits in the syntax of PDM, Flit and setuptools: one change, and everything else as it was."""

import pytest

from hutch.project import CannotEdit, Editor, NotDeclared, Source, parse_manifest
from hutch.spec import parse_requirement


def editor(files: dict[str, str], name: str) -> Editor:
    manifest = parse_manifest(files[name], filename=name, read=files.get)
    return Editor(manifest, files[name], files.get)


def added(files: dict[str, str], words: str, where: str = "project", *, name: str = "pyproject.toml"):
    found = editor(files, name)
    found.add(parse_requirement(words), where)
    return {key: text for key, text in found.texts.items() if text != files.get(key)}


def removed(files: dict[str, str], gone: str, where: str = "project", *, name: str = "pyproject.toml"):
    found = editor(files, name)
    found.remove(gone, where)
    return {key: text for key, text in found.texts.items() if text != files.get(key)}


PDM = """\
[project]
name = "shop"
version = "1"
dependencies = ["flask"]  # the web

[dependency-groups]
lint = ["ruff"]

[tool.pdm.dev-dependencies]
# what the tests need
Test = [
  'pytest',   # of course
  "-e file:///${PROJECT_ROOT}/lib#egg=lib",
]
lint = ["-e ./tools#egg=tools"]
"""


def changed(text: str, files: dict[str, str], name: str = "pyproject.toml") -> list[str]:
    """The lines that are not in ``text``, with a plus, and those that are gone, with a minus."""
    assert set(files) <= {name}
    before, after = text.splitlines(), files.get(name, text).splitlines()
    return [f"+{line}" for line in after if line not in before] + [
        f"-{line}" for line in before if line not in after
    ]


@pytest.mark.parametrize(
    ("words", "where", "lines"),
    [
        (
            "click>=8",
            "project",
            ['+dependencies = ["click>=8", "flask"]  # the web', '-dependencies = ["flask"]  # the web'],
        ),
        ("hypothesis", "group:test", ["+  'hypothesis',"]),
        ("pytest>=8", "group:test", ["+  'pytest>=8',   # of course", "-  'pytest',   # of course"]),
        ("lib>=2", "group:test", ["+  'lib>=2',", '-  "-e file:///${PROJECT_ROOT}/lib#egg=lib",']),
        ("mypy", "group:lint", ['+lint = ["mypy", "ruff"]', '-lint = ["ruff"]']),
        ("sphinx", "group:docs", ["+docs = [", '+    "sphinx",']),
        ("rich", "extra:cli", ["+", "+[project.optional-dependencies]", "+cli = [", '+    "rich",']),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pdm_gets_a_requirement_where_its_group_is(words, where, lines):
    found = [line for line in changed(PDM, added({"pyproject.toml": PDM}, words, where)) if line != "+"]
    assert found == [line for line in lines if line != "+"]


@pytest.mark.parametrize(
    ("name", "where", "line"),
    [
        ("pytest", "group:test", "-  'pytest',   # of course"),
        ("lib", "group:test", '-  "-e file:///${PROJECT_ROOT}/lib#egg=lib",'),
        ("ruff", "group:lint", '-lint = ["ruff"]'),
    ],
)
def test_pdm_loses_one_line(name, where, line):
    assert line in changed(PDM, removed({"pyproject.toml": PDM}, name, where))


def test_what_pdm_does_not_have_is_not_removed():
    with pytest.raises(NotDeclared, match="django"):
        removed({"pyproject.toml": PDM}, "django", "group:test")


@pytest.mark.parametrize(
    ("source", "where", "words"),
    [
        (
            Source(kind="git", location="https://git.example/x.git", revision="v1", revision_kind="tag"),
            "project",
            '"x[a] @ git+https://git.example/x.git@v1"',
        ),
        (
            Source(kind="path", location="../x", subdirectory="py"),
            "project",
            '"x[a] @ file:///${PROJECT_ROOT}/../x#subdirectory=py"',
        ),
        (
            Source(kind="path", location="libs/x", editable=True),
            "group:test",
            "'-e file:///${PROJECT_ROOT}/libs/x#egg=x[a]'",
        ),
        (
            Source(kind="path", location="libs/x", editable=True),
            "group:new",
            '"-e file:///${PROJECT_ROOT}/libs/x#egg=x[a]"',
        ),
    ],
)
def test_a_place_is_written_as_pdm_reads_it(source, where, words):
    found = editor({"pyproject.toml": PDM}, "pyproject.toml")
    found.add(parse_requirement("x[a]"), where)
    found.set_sources("x", (source,))
    assert words in found.text
    again = parse_manifest(found.text)
    if source.kind == "path":
        (said,) = again.settings.sources["x"]
        assert (said.location, said.editable) == (source.location, source.editable)
    assert "x" in {one.requirement.name for one in again.requirements()[where]}


def test_a_group_of_the_new_kind_that_is_left_empty_leaves_no_gap():
    text = '[project]\nname = "shop"\nversion = "1"\n\n[tool.pdm]\ndistribution = false\n'
    found = editor({"pyproject.toml": text}, "pyproject.toml")
    found.add(parse_requirement("x"), "group:dev")
    found.set_sources("x", (Source(kind="path", location="x", editable=True),))
    added_lines = '\n[tool.pdm.dev-dependencies]\ndev = [\n    "-e file:///${PROJECT_ROOT}/x#egg=x",\n]\n'
    assert found.text == text + added_lines


def test_pdm_has_no_editable_packages_among_the_dependencies():
    found = editor({"pyproject.toml": PDM}, "pyproject.toml")
    found.add(parse_requirement("x"), "project")
    with pytest.raises(CannotEdit, match="editable") as caught:
        found.set_sources("x", (Source(kind="path", location="../x", editable=True),))
    assert "--dev" in caught.value.hints[0]


FLIT = """\
[tool.flit.metadata]
module = "shop"
requires = [
    "flask",   # web
]

[tool.flit.metadata.requires-extra]
test = ["pytest"]
"""


def test_flits_own_lists():
    files = {"pyproject.toml": FLIT}
    assert changed(FLIT, added(files, "click")) == ['+    "click",']
    assert changed(FLIT, added(files, "mypy", "extra:test")) == [
        '+test = ["mypy", "pytest"]',
        '-test = ["pytest"]',
    ]
    assert "docs = [" in added(files, "sphinx", "extra:docs")["pyproject.toml"]
    assert "[dependency-groups]\nlint = [" in added(files, "ruff", "group:lint")["pyproject.toml"]
    assert "flask" not in removed(files, "flask")["pyproject.toml"]


CFG = """\
[metadata]
name = shop
version = 1.0

[options]
packages = find:
install_requires =
    # what it needs
    flask>=2
    requests[socks]; python_version < "3.12"
python_requires = >=3.9

[options.extras_require]
test = pytest; pytest-cov

[flake8]
ignore = E501
"""
SETUP = "from setuptools import setup\nsetup()\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("words", "where", "lines"),
    [
        ("click>=8", "project", ["+    click>=8"]),
        ("flask>=3", "project", ["+    flask>=3", "-    flask>=2"]),
        (
            "requests>=2",
            "project",
            [
                '+    requests[socks]>=2; python_version < "3.12"',
                '-    requests[socks]; python_version < "3.12"',
            ],
        ),
        ("zope", "project", ["+    zope"]),
        (
            "mypy",
            "extra:test",
            ["+test =", "+    pytest", "+    pytest-cov", "+    mypy", "-test = pytest; pytest-cov"],
        ),
        ("sphinx", "extra:docs", ["+docs =", "+    sphinx"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_setup_cfg_gets_a_line(words, where, lines, newline):
    text = CFG.replace("\n", newline)
    found = added({"setup.cfg": text, "setup.py": SETUP}, words, where, name="setup.py")
    assert [line.replace("'", '"') for line in changed(text, found, "setup.cfg")] == lines
    assert ("\r\n" in found["setup.cfg"]) is (newline == "\r\n")
    assert found["setup.cfg"].count("\n") == found["setup.cfg"].count(newline)


def test_setup_cfg_loses_a_line():
    files = {"setup.cfg": CFG, "setup.py": SETUP}
    assert changed(CFG, removed(files, "flask", name="setup.py"), "setup.cfg") == ["-    flask>=2"]
    assert changed(CFG, removed(files, "pytest", "extra:test", name="setup.py"), "setup.cfg") == [
        "+test =",
        "+    pytest-cov",
        "-test = pytest; pytest-cov",
    ]
    with pytest.raises(NotDeclared):
        removed(files, "django", name="setup.py")


def test_a_setup_cfg_without_lists_gets_one():
    files = {"setup.cfg": "[metadata]\nname = shop\nversion = 1", "setup.py": SETUP}
    text = added(files, "flask", name="setup.py")["setup.cfg"]
    assert text == "[metadata]\nname = shop\nversion = 1\n\n[options]\ninstall_requires =\n    flask\n"


def test_a_file_that_setup_cfg_names_is_the_one_to_edit():
    files = {
        "setup.py": SETUP,
        "setup.cfg": "[metadata]\nname=shop\nversion=1\n[options]\ninstall_requires = file: reqs.txt\n",
        "reqs.txt": "# ours\nflask>=2  # web\nrequests\n",
    }
    assert added(files, "click", name="setup.py") == {
        "reqs.txt": "# ours\nclick\nflask>=2  # web\nrequests\n"
    }
    assert added(files, "flask>=3", name="setup.py") == {"reqs.txt": "# ours\nflask>=3  # web\nrequests\n"}
    assert removed(files, "requests", name="setup.py") == {"reqs.txt": "# ours\nflask>=2  # web\n"}


def test_a_file_of_tool_setuptools_dynamic_too():
    files = {
        "pyproject.toml": '[project]\nname="shop"\nversion="1"\ndynamic=["dependencies"]\n'
        '[tool.setuptools.dynamic]\ndependencies = {file = ["reqs.txt"]}\n',
        "reqs.txt": "flask",
    }
    assert added(files, "click") == {"reqs.txt": "click\nflask\n"}


@pytest.mark.parametrize(
    "script",
    [
        'from setuptools import setup\nsetup(name="a",\n  install_requires=["flask"])\n',
        'from setuptools import setup\nrequired = read()\nsetup(name="a", install_requires=required)\n',
        "from setuptools import setup\n\nsetup(**all_of_it())\n",
    ],
)
def test_a_program_is_not_rewritten_and_its_line_is_named(script):
    files = {"setup.py": script, "setup.cfg": CFG}
    with pytest.raises(CannotEdit) as caught:
        added(files, "click", name="setup.py")
    assert "edit install_requires in setup.py:3" in caught.value.hints[0]
    assert "dev" in added(files, "pytest", "group:dev", name="setup.py")["pyproject.toml"]


def test_what_a_backend_computes_is_not_listed_beside_it():
    text = '[project]\nname="shop"\nversion="1"\ndynamic=["dependencies"]\n[build-system]\nrequires=[]\n'
    with pytest.raises(CannotEdit, match="add dependencies to") as caught:
        added({"pyproject.toml": text}, "click")
    assert "dynamic" in caught.value.why[0]
    assert "dev = [" in added({"pyproject.toml": text}, "pytest", "group:dev")["pyproject.toml"]


class Folder(dict):
    """The files of a directory, which also tells their names."""

    def __call__(self, path: str) -> str | None:
        return self.get(path)

    def names(self, folder: str) -> list[str]:
        return [name for name in self if "/" not in name] if not folder else []


def test_a_group_that_is_a_file_beside_setup_py_is_edited_there():
    files = Folder({"setup.py": SETUP, "setup.cfg": CFG, "requirements-dev.txt": "-e .\nruff  # lint\n"})
    manifest = parse_manifest(SETUP, filename="setup.py", read=files)
    for where, words, name, text in (
        ("group:dev", "ruff>=1", "requirements-dev.txt", "-e .\nruff>=1  # lint\n"),
        ("group:dev", "mypy", "requirements-dev.txt", "-e .\nmypy\nruff  # lint\n"),
        ("group:docs", "furo", "pyproject.toml", '[dependency-groups]\ndocs = [\n    "furo",\n]\n'),
    ):
        found = Editor(manifest, SETUP, files)
        found.add(parse_requirement(words), where)
        assert found.beside == {name: text}
    with_pyproject = Folder(files | {"pyproject.toml": '[dependency-groups]\nDev = ["ruff"]\n'})
    found = Editor(parse_manifest(SETUP, filename="setup.py", read=with_pyproject), SETUP, with_pyproject)
    found.add(parse_requirement("mypy"), "group:dev")
    assert found.beside == {"pyproject.toml": '[dependency-groups]\nDev = ["mypy", "ruff"]\n'}


def test_of_several_files_none_is_chosen():
    files = {
        "setup.py": SETUP,
        "setup.cfg": "[metadata]\nname=shop\n[options]\ninstall_requires = file: one.txt, two.txt\n",
    }
    with pytest.raises(CannotEdit, match="choose a file") as caught:
        added(files, "click", name="setup.py")
    assert caught.value.hints == ("edit one.txt or two.txt, then run hutch lock",)


def test_a_group_that_an_environment_makes_is_not_replaced():
    text = (
        '[project]\nname = "x"\nversion = "1"\n\n[tool.hatch.envs.docs]\ndependencies = ["mkdocs", "theme"]\n'
    )
    manifest = parse_manifest(text, filename="pyproject.toml")
    assert "group:hatch-docs" in manifest.requirements()
    editor = Editor(manifest, text, lambda path: None)
    with pytest.raises(CannotEdit) as caught:
        editor.add(parse_requirement("alpha"), "group:hatch-docs")
    told = "a list of its own would take the place of what makes the group: mkdocs, theme"
    assert caught.value.why == (told,)
    Editor(manifest, text, lambda path: None).add(parse_requirement("alpha"), "group:other")
