"""Requirements files in pip's dialect: pip's reference, "Requirements File Format", line by line."""

from __future__ import annotations

import posixpath
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.errors import Problem
from hutch.project import InvalidRequirementsFile, decode_requirements, parse_given, read_requirements
from hutch.project.requirement_lines import Unreadable, split_words

ONE = "a" * 64
TWO = "b" * 64


class Missing(Problem):
    """No such file, in these tests."""


def read(files, path="requirements.txt", constraint=False, **environ):
    if isinstance(files, (str, bytes)):
        files = {path: files}

    def reader(name):
        if name not in files:
            raise Missing(f"cannot read {name}", why="No such file")
        content = files[name]
        return content.encode() if isinstance(content, str) else content

    return read_requirements(
        path,
        reader,
        join=lambda container, text: posixpath.normpath(posixpath.join(posixpath.dirname(container), text)),
        shown=lambda name: name,
        environ=environ,
        constraint=constraint,
    )


def texts(found):
    return [asked.given.requirement.render() for asked in found.asked]


def faults(files, **environ):
    with pytest.raises(InvalidRequirementsFile) as raised:
        read(files, **environ)
    return list(raised.value.why)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flask\n", ["flask"]),
        ("flask>=2 # web\n", ["flask>=2"]),
        ("# nothing\n\n  # else\nflask", ["flask"]),
        ("flask \\\n  >=2, \\\n  <3\n", ["flask>=2,<3"]),
        ("flask \\\n# a comment ends it\nidna\n", ["flask", "idna"]),
        ("flask>=2 \\", ["flask>=2"]),
        ("Flask[Async]==3.0 ; python_version < '3.9'", ["flask[async]==3.0; python_version < '3.9'"]),
        ("flask\r\nidna\r\n", ["flask", "idna"]),
        ("name @ https://index.example/a#b.whl", ["name @ https://index.example/a#b.whl"]),
        ("${NAME}==1\n", ["flask==1"]),
    ],
)
def test_lines(text, expected):
    assert texts(read(text, NAME="flask")) == expected


def test_variables_are_braced_capitals_and_set():
    """An unset or empty variable stays as it is written, and so does one without braces."""
    found = read("-i https://${USER_}:${GONE}@index.example/${EMPTY}/$USER_/${lower}", USER_="me", EMPTY="")
    (option,) = found.options
    assert option.value == "https://me:${GONE}@index.example/${EMPTY}/$USER_/${lower}"
    assert option.raw == "https://${USER_}:${GONE}@index.example/${EMPTY}/$USER_/${lower}"


@pytest.mark.parametrize(
    "data",
    [
        "# é\nflask".encode(),
        b"\xef\xbb\xbf" + "# é\nflask".encode(),
        b"\xff\xfe" + "# é\nflask".encode("utf-16-le"),
        b"\xfe\xff" + "# é\nflask".encode("utf-16-be"),
        b"\xff\xfe\x00\x00" + "# é\nflask".encode("utf-32-le"),
        "# -*- coding: latin-1 -*-\n# é\nflask".encode("latin-1"),
    ],
)
def test_decoding(data):
    assert texts(read(data)) == ["flask"]


def test_what_is_no_utf8_is_read_as_the_locale_has_it_with_a_notice():
    text, notice = decode_requirements("flask # é".encode("latin-1"), "latin-1")
    assert text == "flask # é"
    assert "read as latin-1" in notice
    assert faults("flask # é".encode("latin-1"))[0].startswith("requirements.txt:1: it cannot be decoded")
    assert faults(b"# coding: klingon\nflask")[0].startswith("requirements.txt:1: it cannot be decoded")


def test_files_in_files_are_found_from_the_file_that_names_them():
    found = read(
        {
            "requirements.txt": "-r sub/more.txt\nidna\n",
            "sub/more.txt": "flask\n-c limits.txt\n--requirement=../other.txt\n",
            "sub/limits.txt": "click<8\n-r ../other.txt",
            "other.txt": "six",
        }
    )
    assert [(asked.text, asked.constraint, asked.place) for asked in found.asked] == [
        ("flask", False, "sub/more.txt:1"),
        ("click<8", True, "sub/limits.txt:1"),
        ("six", False, "other.txt:1"),  # a -r inside a -c is a requirement again
        ("six", False, "other.txt:1"),
        ("idna", False, "requirements.txt:2"),
    ]


def test_the_line_is_the_first_of_those_that_are_joined():
    (asked,) = read("\n\nflask \\\n  ==1.0\n").asked
    assert asked.place == "requirements.txt:3"
    assert asked.declared.place == "requirements.txt:3"


def test_options_are_told_in_order():
    found = read(
        "-i https://one.example\n--index-url=https://two.example\n--extra-index-url 'https://three.example'\n"
        "-f ./wheels\n--no-binary :all:\n--only-binary=:none:\n--pre --no-index\n--trusted-host host\n"
    )
    assert [(option.name, option.value) for option in found.options] == [
        ("index-url", "https://one.example"),
        ("index-url", "https://two.example"),
        ("extra-index-url", "https://three.example"),
        ("find-links", "./wheels"),
        ("no-binary", ":all:"),
        ("only-binary", ":none:"),
        ("pre", ""),
        ("no-index", ""),
        ("trusted-host", "host"),
    ]


def test_hashes():
    (asked,) = read(f"flask==1.0 --hash=sha256:{ONE} \\\n  --hash sha256:{TWO.upper()}").asked
    assert asked.hashes == (("sha256", ONE), ("sha256", TWO))


@pytest.mark.parametrize(
    ("text", "location", "extras", "editable"),
    [
        ("-e .", ".", (), True),
        ("--editable=./lib[b,A]", "./lib", ("a", "b"), True),
        ("./dist/a-1.0-py3-none-any.whl", "./dist/a-1.0-py3-none-any.whl", (), False),
        ("a-1.0.tar.gz", "a-1.0.tar.gz", (), False),
        ("~/lib", "~/lib", (), False),
        ("git+https://host.example/a@v1#egg=a", "git+https://host.example/a@v1#egg=a", (), False),
        ("file:///a/b", "file:///a/b", (), False),
    ],
)
def test_places(text, location, extras, editable):
    (asked,) = read(text).asked
    assert (asked.given.location, asked.given.extras, asked.given.editable) == (location, extras, editable)


def test_a_place_may_have_a_marker_and_a_hash():
    given = parse_given(f"https://index.example/a-1.0.tar.gz#sha256={ONE} ; os_name == 'nt'")
    assert given.marker is not None
    assert given.hashes == (("sha256", ONE),)
    assert parse_given("./a ; os_name == 'nt'").location == "./a"


def test_every_fault_has_its_file_and_line():
    assert faults(
        {
            "requirements.txt": "flask ==\n-r more.txt\n-r gone.txt\nidna --index-url https://x.example\n",
            "more.txt": (
                "\nsix --hash=md5:12\n--frobnicate\n--hash=sha256:12\n-i\n-e flask -r\n'\n--global-option x"
            ),
        }
    ) == [
        "requirements.txt:1: `flask ==` is not a valid requirement; `==`: `` is not a version",
        "more.txt:2: `md5:12` is not a hash such as sha256:HEX (sha384, sha512)",
        "more.txt:3: `--frobnicate` is not an option of requirements files",
        "more.txt:4: `sha256:12` is not a hash: sha256 has 64 digits",
        "more.txt:5: -i needs a value",
        "more.txt:6: -r needs a value",
        "more.txt:7: `'` is not a valid requirement; it does not begin with the name of a project",
        "more.txt:8: --global-option is gone; pip does not take it any more either",
        "requirements.txt:3: cannot read gone.txt; No such file",
        "requirements.txt:4: --index-url cannot stand on the line of a requirement",
    ]


def test_a_file_that_includes_itself_is_a_fault():
    assert faults({"requirements.txt": "-r b.txt", "b.txt": "\n-c requirements.txt"}) == [
        "b.txt:2: the file includes itself: requirements.txt → b.txt → requirements.txt"
    ]


def test_what_a_constraint_cannot_be():
    files = {"requirements.txt": "-c c.txt", "c.txt": "flask[async]\n-e ./lib\n./lib\nok @ file:///x\n"}
    assert faults(files) == [
        "c.txt:1: a constraint cannot have extras",
        "c.txt:2: a constraint cannot be editable",
        "c.txt:3: a constraint needs a name: `name @ URL`",
    ]


def test_settings_for_a_backend_stand_behind_what_is_built():
    found = read("flask --config-settings a=b --config-settings=c=d\n-e ./lib -C e=f\n")
    assert [asked.settings for asked in found.asked] == [("a=b", "c=d"), ("e=f",)]
    assert faults({"requirements.txt": "flask --config-settings a\n"}) == [
        "requirements.txt:1: --config-settings `a` is not KEY=VALUE"
    ]


@given(st.text(st.sampled_from(" \t-ab=:#$'\"\\é\x1c"), max_size=30))
def test_words_are_split_as_a_shell_does(text):
    """The short way for lines without quotes is that of ``shlex``."""
    try:
        expected = shlex.split(text)
    except ValueError:
        with pytest.raises(Unreadable):
            split_words(text)
    else:
        assert split_words(text) == expected
