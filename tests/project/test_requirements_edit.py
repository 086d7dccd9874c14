"""Edits of requirements files: a line in, a line out, all else as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import Editor, NotDeclared, Source, parse_manifest
from hutch.project.editing import CannotEdit
from hutch.spec import parse_requirement


class Files(dict):
    """Files by name, as the manifest's neighbours."""

    def __call__(self, path):
        return self.get(path)

    def names(self, folder):
        return [name.rpartition("/")[2] for name in self if name.rpartition("/")[0] == folder]


def editor(files, manifest="requirements.in"):
    files = Files(files)
    read = parse_manifest(files[manifest], filename=manifest, read=files)
    return Editor(read, files[manifest], files)


def added(text, words, manifest="requirements.txt"):
    edit = editor({manifest: text}, manifest)
    edit.add(parse_requirement(words), "project")
    return edit.text


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("", "flask", "flask\n"),
        ("flask\n", "attrs>=23", "attrs>=23\nflask\n"),
        ("# web\nflask\nrequests  # http\n", "gunicorn", "# web\nflask\ngunicorn\nrequests  # http\n"),
        ("# web\nflask\n", "attrs", "attrs\n# web\nflask\n"),
        ("zzz\naaa", "mmm", "zzz\naaa\nmmm\n"),
        ("flask\r\n", "uvicorn", "flask\r\nuvicorn\r\n"),
        ("Flask>=2  # keep\n", "flask>=3", "flask>=3  # keep\n"),
        (
            "flask[async]>=2 ; python_version > '3.8'\n",
            "flask>=3",
            "flask[async]>=3; python_version > '3.8'\n",
        ),
        ("flask \\\n  >=2,\\\n  <4\nx\n", "flask>=3", "flask>=3\nx\n"),
        (
            "-i https://index.example/simple/\n-c held.txt\n",
            "flask",
            "-i https://index.example/simple/\n-c held.txt\nflask\n",
        ),
        (
            "a @ https://files.example/a-1.0.tar.gz\n",
            "b @ git+https://git.example/b.git@v1",
            "a @ https://files.example/a-1.0.tar.gz\nb @ git+https://git.example/b.git@v1\n",
        ),
        (
            "foo==1 ; python_version < '3'\nfoo==2 ; python_version >= '3'\n",
            "foo==3; python_version >= '3'",
            "foo==1 ; python_version < '3'\nfoo==3; python_version >= '3'\n",
        ),
    ],
)
def test_a_line_more_or_another_one(before, words, after):
    files = {"requirements.txt": before, "held.txt": ""}
    edit = editor(files, "requirements.txt")
    edit.add(parse_requirement(words), "project")
    assert edit.text == after


def test_lines_of_a_name_that_differ_by_marker_are_not_guessed():
    with pytest.raises(Problem, match="2 times"):
        added("foo==1 ; python_version < '3'\nfoo==2 ; python_version >= '3'\n", "foo==3")


LAYERS = {
    "requirements.in": "flask\n",
    "requirements.txt": "flask==3.1.0\n",
    "requirements-dev.in": "-c requirements.txt\npytest\n",
}


def test_a_group_has_its_file():
    edit = editor(LAYERS)
    edit.add(parse_requirement("ruff"), "group:dev")
    assert edit.beside == {"requirements-dev.in": "-c requirements.txt\npytest\nruff\n"}
    assert edit.text == "flask\n"


def test_a_new_group_gets_a_file_that_is_held_to_the_project():
    edit = editor(LAYERS)
    edit.add(parse_requirement("sphinx"), "group:docs")
    assert edit.beside == {"requirements-docs.in": "-c requirements.txt\nsphinx\n"}


def test_a_new_group_beside_others_in_a_folder():
    edit = editor({"requirements/base.txt": "flask\n"}, "requirements/base.txt")
    edit.add(parse_requirement("pytest"), "group:dev")
    assert edit.beside == {"requirements/dev.txt": "pytest\n"}


def test_a_group_that_nobody_would_find_again_is_refused():
    with pytest.raises(CannotEdit):
        editor({"requirements.txt": ""}, "requirements.txt").add(parse_requirement("x"), "group:py36")
    with pytest.raises(CannotEdit):
        editor(LAYERS).add(parse_requirement("x"), "extra:web")


def test_what_has_hashes_is_not_touched():
    pinned = f"flask==3.1.0 --hash=sha256:{'a' * 64}\n"
    with pytest.raises(CannotEdit):
        added(pinned, "attrs")


def test_taken_out_of_the_file_that_has_it():
    files = {
        "requirements.txt": "-r requirements/production.txt\n",
        "requirements/base.txt": "# web\nflask  # keep?\ndjango\n",
        "requirements/production.txt": "-r base.txt\ngunicorn\n",
    }
    edit = editor(files, "requirements.txt")
    edit.remove("flask", "project")
    assert edit.beside == {"requirements/base.txt": "# web\ndjango\n"}
    edit.remove("gunicorn", "project")
    assert edit.texts["requirements/production.txt"] == "-r base.txt\n"
    with pytest.raises(NotDeclared):
        edit.remove("nothing", "project")


def test_directories_are_known_by_the_name_in_them():
    files = {
        "requirements.txt": "-e ./lib[fast]  # ours\nflask\n",
        "lib/pyproject.toml": '[project]\nname = "the-lib"\nversion = "1"\n',
    }
    edit = editor(files, "requirements.txt")
    edit.remove("the-lib", "project")
    assert edit.text == "flask\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (Source(kind="path", location="../lib", editable=True), "-e ../lib[x]"),
        (Source(kind="path", location="lib"), "./lib[x]"),
        (Source(kind="url", location="https://files.example/lib-1.zip"), "lib[x] @ https://files.example/lib-1.zip"),
        (
            Source(kind="git", location="https://git.example/lib.git", revision="v1", subdirectory="py"),
            "lib[x] @ git+https://git.example/lib.git@v1#subdirectory=py",
        ),
        (Source(kind="git", location="git@git.example:lib.git"), "lib[x] @ git+ssh://git@git.example/lib.git"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["project", "group:dev"])
def test_where_a_package_comes_from(source, line, where):
    edit = editor(LAYERS)
    edit.add(parse_requirement("lib[x]"), where)
    edit.set_sources("lib", (source,))
    name = "requirements.in" if where == "project" else "requirements-dev.in"
    assert line in edit.texts[name].splitlines()


def test_no_line_names_an_index():
    edit = editor(LAYERS)
    edit.add(parse_requirement("lib"), "project")
    with pytest.raises(CannotEdit):
        edit.set_sources("lib", (Source(kind="index", location="private"),))


NAMES = st.sampled_from(["flask", "requests", "a", "zope.interface", "my_pkg", "zzz"])
SPECIFIERS = st.sampled_from(["", ">=1", "==2.*", "~=1.3,!=1.3.5"])
BEFORE = "# head\nflask>=2,\\\n  <9\n\n# http\nrequests  # keep\n-c held.txt\n"


@given(st.lists(st.tuples(NAMES, SPECIFIERS, st.booleans()), max_size=8), st.booleans())
def test_whatever_is_done_the_file_says_it(steps, windows):
    text = BEFORE.replace("\n", "\r\n") if windows else BEFORE
    for name, specifiers, is_add in steps:
        requirement = parse_requirement(name + specifiers)
        files = Files({"requirements.txt": text, "held.txt": ""})
        edit = editor(files, "requirements.txt")
        if is_add:
            edit.add(requirement, "project")
        else:
            try:
                edit.remove(requirement.name, "project")
            except NotDeclared:
                pass
        text = edit.text
        files["requirements.txt"] = text
        found = parse_manifest(text, filename="requirements.txt", read=files).dependencies
        same = [one.requirement for one in found if one.requirement.name == requirement.name]
        assert [one.specifiers for one in same] == ([requirement.specifiers] if is_add else [])
    assert ("\r\n" in text) is windows
    assert all(words in text for words in ("# head", "# http", "-c held.txt"))
