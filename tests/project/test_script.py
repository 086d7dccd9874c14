"""Inline metadata of scripts: what is a block, what is wrong with it, and edits that touch nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.project import (
    InvalidManifest,
    UnclosedBlock,
    add_block,
    add_requirement,
    find_block,
    parse_script,
    put_back,
    remove_requirement,
    script_manifest,
)

# The specification's own.
REGEX = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
LINES = [
    "# /// script",
    "# /// other",
    "# ///",
    "#",
    "# x = 1",
    "#x",
    "x",
    "",
    " # ///",
    "# /// a b",
    "# /// ",
]


def by_the_specification(text):
    """The contents of the script blocks, as the reference implementation has them."""
    return [
        "".join(
            line[2:] if line.startswith("# ") else line[1:]
            for line in match["content"].splitlines(keepends=True)
        )
        for match in re.finditer(REGEX, text)
        if match["type"] == "script"
    ]


@given(st.lists(st.sampled_from(LINES), max_size=12), st.booleans())
def test_blocks_are_those_of_the_specification(lines, ended):
    text = "\n".join(lines) + ("\n" if ended else "")
    expected = by_the_specification(text)
    try:
        block = find_block(text, "x.py")
        found = [block.content] if block is not None else []
    except UnclosedBlock:
        found = []
    except InvalidManifest:
        assert len(re.findall("^# /// script$", text, re.MULTILINE)) > 1
        return
    assert [each for each in found if each] == expected  # an empty block is one for us


SCRIPT = """\
#!/usr/bin/env python3
# About this script.

# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "rich>=13",  # colours
#   'web; python_version < "3.13"',
# ]
#
# [tool.hutch]
# exclude-newer = "2026-01-01"
# [tool.other]
# text = '''
# a
#  b
# '''
# ///

print("# /// script")
"""


def edited(text, edit):
    """The script after an edit of its manifest."""
    block = find_block(text, "x.py")
    return put_back(block, edit(script_manifest(block)))


def test_reading():
    block = find_block(SCRIPT, "x.py")
    manifest = parse_script(script_manifest(block), filename="x.py")
    assert [(one.text, one.place) for one in manifest.dependencies] == [
        ("rich>=13", "x.py:7"),
        ('web; python_version < "3.13"', "x.py:8"),
    ]
    assert manifest.requires_python == ((">=", "3.11"),)
    assert manifest.tool["other"]["text"] == "a\n b\n"
    assert (manifest.name, manifest.is_package) == (None, False)


def test_adding_and_removing_change_one_line():
    added = edited(SCRIPT, lambda text: add_requirement(text, "attrs>=1"))
    assert added == SCRIPT.replace('#   "rich', '#   "attrs>=1",\n#   "rich', 1)
    removed = edited(added, lambda text: remove_requirement(text, "attrs"))
    assert removed == SCRIPT


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    "body",
    [
        "# /// script\n# dependencies = []\n# ///\n",
        "# /// script\n# dependencies = []\n# ///",
        "# /// script\n#\n# dependencies = []\n# \n# ///\nx = 1\x0c\n\ty = '\x1c'\n\n\n",
        "# /// script\n# requires-python = '>=3.11'\n# ///\n\nprint()\n",
        "# /// script\n# ///\n",
    ],
)
def test_all_other_bytes_stay(body, mark, end):
    text = mark + body.replace("\n", end)
    assert edited(text, lambda manifest: manifest) == text
    added = edited(text, lambda manifest: add_requirement(manifest, "rich"))
    assert "rich" in added
    assert "\r\n" not in added or added.count("\r\n") == added.count("\n")
    assert added.startswith(mark)
    assert added.split("# ///")[-1] == text.split("# ///")[-1]
    back = edited(added, lambda manifest: remove_requirement(manifest, "rich"))
    assert parse_script(script_manifest(find_block(back, "x.py")), filename="x.py").dependencies == ()


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ('dependencies = ["rich"', "x.py:3: Unclosed array"),
        ('dependencies = ["rich >"]', "x.py:3: dependencies[0]: "),
        ('requires-python = "3"', "x.py:3: requires-python: "),
        ("dependencies = 'rich'", "x.py:3: dependencies: should be an array of strings, not a string"),
        ('dependancies = ["rich"]', "x.py:3: dependancies: has no meaning in a script; "),
        ("[project]\n# name = 'x'", "x.py:3: Cannot declare ('project',) twice"),
        ("[dependency-groups]", "x.py:3: dependency-groups: has no meaning in a script; "),
        ("a = = 1", "x.py:3: Invalid value"),
    ],
)
def test_faults_have_the_lines_of_the_file(block, said):
    text = f"\n# /// script\n# {block}\n# ///\n"
    with pytest.raises(InvalidManifest) as caught:
        parse_script(script_manifest(find_block(text, "x.py")), filename="x.py")
    lines = [re.sub(r"^(x\.py:\d+):\d+:", r"\1:", line) for line in caught.value.why]
    assert any(line.startswith(said) for line in lines), lines


def test_columns_are_those_of_the_file():
    with pytest.raises(InvalidManifest) as caught:
        parse_script(script_manifest(find_block("# /// script\n# a = = 1\n# ///\n", "x.py")), filename="x.py")
    assert caught.value.why[0].startswith("x.py:2:7: ")


def test_a_second_block():
    with pytest.raises(InvalidManifest) as caught:
        find_block("# /// script\n# x = 1\n# ///\n\n# /// script\n# y = 1\n# ///\n", "x.py")
    assert caught.value.why == ("x.py:5: a second block `# /// script`; the first one is in line 1",)


def test_a_block_that_is_not_closed():
    with pytest.raises(UnclosedBlock) as caught:
        find_block("# /// script\n# x = 1\n\n# ///\n", "x.py")
    assert caught.value.what == "x.py:1: the block `# /// script` is not closed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "BLOCK"),
        ("print()\n", "BLOCK\nprint()\n"),
        ("#!/usr/bin/python\nprint()\n", "#!/usr/bin/python\nBLOCK\nprint()\n"),
        ("#!/usr/bin/python", "#!/usr/bin/python\nBLOCK"),
        ("# -*- coding: utf-8 -*-\n\n'''doc'''\n", "# -*- coding: utf-8 -*-\nBLOCK\n'''doc'''\n"),
        ("# hello\nprint()\n", "BLOCK\n# hello\nprint()\n"),
    ],
)
def test_a_new_block(text, expected):
    block = '# /// script\n# requires-python = ">=3.12"\n# dependencies = []\n# ///\n'
    assert add_block(text, ">=3.12") == expected.replace("BLOCK", block)
    assert add_block(text.replace("\n", "\r\n"), ">=3.12").count("\n") == expected.replace(
        "BLOCK", block
    ).count("\n")
