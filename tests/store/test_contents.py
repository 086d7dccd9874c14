"""What a wheel must contain; each refusal leaves nothing behind."""

from __future__ import annotations

import base64
import hashlib
import os

import pytest

from hutch.store import InvalidWheel, Store
from hutch.store.texts import parse_entry_points, parse_record, split_wheel_name
from hutch.testing.wheels import make_wheel, record_line
from store.craft import Entry, build_zip, wheel_entries, write_temporary

NAME = "alpha-1.0-py3-none-any.whl"


def publish(tmp_path, entries, filename=NAME):
    data = build_zip(entries) if isinstance(entries, list) else entries
    store = Store(tmp_path / "store")
    return store.wheels.publish(write_temporary(data, tmp_path), filename, hashlib.sha256(data).hexdigest())


def refuse(tmp_path, entries, words, filename=NAME):
    with pytest.raises(InvalidWheel) as caught:
        publish(tmp_path, entries, filename)
    assert any(words in reason for reason in caught.value.reasons), caught.value.reasons
    left = [
        os.path.join(root, name)
        for root, folders, names in os.walk(tmp_path / "store")
        for name in [*folders, *names]
        if "wheels-v2" in root or "scratch-v1" in root
    ]
    assert not left


def test_an_honest_wheel_is_accepted(tmp_path):
    manifest = publish(tmp_path, wheel_entries()).manifest
    assert (manifest.name, manifest.version, manifest.dist_info) == ("alpha", "1.0", "alpha-1.0.dist-info")
    assert [file.path for file in manifest.files] == [
        "alpha-1.0.dist-info/METADATA", "alpha-1.0.dist-info/WHEEL", "alpha.py",
    ]  # fmt: skip
    assert manifest.directories == ("alpha-1.0.dist-info",)
    assert manifest.root_is_purelib


def drop(path):
    return lambda rows: [row for row in rows if not row.startswith(path)]


def rehash(path, value):
    return lambda rows: [f"{path},{value},120" if row.startswith(path + ",") else row for row in rows]


MD5 = "md5=" + base64.urlsafe_b64encode(hashlib.md5(b"x = 1\n" * 20).digest()).rstrip(b"=").decode()
WRONG = "sha256=" + "A" * 43
REFUSED = {
    "no dist-info": ([Entry("alpha.py", b"1")], "no .dist-info"),
    "two dist-infos": ([*wheel_entries(), *wheel_entries({}, name="beta")], "several .dist-info"),
    "two dist-infos that differ in case": (
        wheel_entries({"alpha.py": b"1", "Alpha-1.0.dist-info/x": b"1"}),
        "several .dist-info",
    ),
    "another project's dist-info": (wheel_entries(name="beta"), "not that of the file name"),
    "another version's dist-info": (wheel_entries(version="2.0"), "not that of the file name"),
    "METADATA of another project": (
        wheel_entries(info={"METADATA": b"Metadata-Version: 2.1\nName: beta\nVersion: 1.0\n"}),
        "about beta",
    ),
    "METADATA of another version": (
        wheel_entries(info={"METADATA": b"Metadata-Version: 2.1\nName: alpha\nVersion: 1.1\n"}),
        "about alpha 1.1",
    ),
    "METADATA with two names": (
        wheel_entries(info={"METADATA": b"Name: alpha\nName: beta\nVersion: 1.0\n"}),
        "one Name",
    ),
    "METADATA with its name in the description": (
        wheel_entries(info={"METADATA": b"Metadata-Version: 2.1\n\nName: alpha\nVersion: 1.0\n"}),
        "one Name",
    ),
    "no METADATA": (wheel_entries(info={"METADATA": None}), "METADATA is missing"),
    "no WHEEL": (wheel_entries(info={"WHEEL": None}), "WHEEL is missing"),
    "WHEEL without a version": (wheel_entries(info={"WHEEL": b"Root-Is-Purelib: true\n"}), "Wheel-Version"),
    "WHEEL from the future": (wheel_entries(info={"WHEEL": b"Wheel-Version: 2.0\n"}), "Wheel-Version 2.0"),
    "no RECORD": (wheel_entries(info={"RECORD": None}), "RECORD is missing"),
    "an empty RECORD": (wheel_entries(info={"RECORD": b""}), "not in RECORD"),
    "a file that RECORD does not know": (
        wheel_entries(record=drop("alpha.py")),
        "'alpha.py' is not in RECORD",
    ),
    "a wrong hash": (wheel_entries(record=rehash("alpha.py", WRONG)), "hash that RECORD has"),
    "no hash": (wheel_entries(record=rehash("alpha.py", "")), "without a hash"),
    "an md5 hash": (wheel_entries(record=rehash("alpha.py", MD5)), "no SHA-256"),
    "half a hash": (wheel_entries(record=rehash("alpha.py", "sha256=abc")), "no SHA-256"),
    "a wrong size": (
        wheel_entries(
            record=lambda rows: [row[:-3] + "999" if row.startswith("alpha.py") else row for row in rows]
        ),
        "another size",
    ),
    "two rows that differ": (wheel_entries(record=lambda rows: [*rows, f"alpha.py,{WRONG},1"]), "two rows"),
    "a RECORD that is not UTF-8": (wheel_entries(info={"RECORD": b"\xff\xfe"}), "not UTF-8"),
    "a RECORD without columns": (wheel_entries(info={"RECORD": b"hello\n"}), "three columns"),
    "a RECORD of endless rows": (wheel_entries(record=lambda rows: rows + ["x,,"] * 20_000), "far more rows"),
    "the same file twice": ([*wheel_entries(), Entry("alpha.py", b"2")], "twice"),
    "two spellings of one name": (wheel_entries({"\u00e9.py": b"1", "e\u0301.py": b"2"}), "the same file"),
    "a file where a folder is": (
        [*wheel_entries(), Entry("alpha.py/", b"", mode=0o040755)],
        "a file and a folder",
    ),
    "an unknown scheme": (wheel_entries({"alpha-1.0.data/lib/x": b"1"}), "no known scheme"),
    "data without a scheme": (wheel_entries({"alpha-1.0.data/x": b"1"}), "no known scheme"),
    "data of another project": (wheel_entries({"beta-1.0.data/scripts/x": b"1"}), "another distribution"),
    "a dist-info by way of purelib": (
        wheel_entries({"alpha-1.0.data/purelib/beta-1.0.dist-info/METADATA": b"1"}),
        "pass for another",
    ),
    "a script called python": (wheel_entries({"alpha-1.0.data/scripts/python3": b"1"}), "environment itself"),
    "a script called activate": (
        wheel_entries({"alpha-1.0.data/scripts/activate": b"1"}),
        "environment itself",
    ),
    "data in bin called python": (
        wheel_entries({"alpha-1.0.data/data/bin/python": b"1"}),
        "environment itself",
    ),
    "another pyvenv.cfg": (wheel_entries({"alpha-1.0.data/data/pyvenv.cfg": b"1"}), "environment itself"),
    "a path that leaves": ([*wheel_entries(), Entry("alpha-1.0.data/scripts/../../x", b"1")], "'..'"),
    "a link": ([*wheel_entries(), Entry("lib", b"/etc", mode=0o120777)], "symbolic link"),
    "an entry point that leaves": (
        wheel_entries(info={"entry_points.txt": b"[console_scripts]\n../../x = a:b\n"}),
        "bad name",
    ),
    "an entry point called python": (
        wheel_entries(info={"entry_points.txt": b"[console_scripts]\npython = a:b\n"}),
        "bad name",
    ),
    "code in an entry point": (
        wheel_entries(info={"entry_points.txt": b"[console_scripts]\nx = a:b;__import__('os')\n"}),
        "bad name",
    ),
}


@pytest.mark.parametrize(("entries", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_wheel_is_refused_and_leaves_nothing(tmp_path, entries, words):
    refuse(tmp_path, entries, words)


@pytest.mark.parametrize(
    "filename",
    ["alpha.whl", "alpha-1.0.zip", "alpha-1.0-py3-none.whl", "beta-1.0-py3-none-any.whl", "",
     "alpha-1.1-py3-none-any.whl",
     "alpha-1.0-x-py3-none-any.whl", "../alpha-1.0-py3-none-any.whl"],
)  # fmt: skip
def test_a_file_name_that_says_something_else_is_refused(tmp_path, filename):
    refuse(tmp_path, wheel_entries(), "", filename)


@pytest.mark.parametrize(
    "filename",
    ["ALPHA-1.0-py3-none-any.whl", "alpha-1.0.0-py3-none-any.whl", "alpha-1.0-1b-py2.py3-none-any.whl"],
)
def test_other_spellings_of_the_same_are_accepted(tmp_path, filename):
    assert publish(tmp_path, wheel_entries(), filename).manifest.filename == filename


def test_spellings_of_versions_in_folder_names(tmp_path):
    metadata = b"Name: alpha\nVersion: 1.0+local.1\n"
    entries = wheel_entries(version="1.0+local_1", info={"METADATA": metadata})
    assert publish(tmp_path, entries, "alpha-1.0+local.1-py3-none-any.whl").manifest.version == "1.0+local.1"


def test_several_faults_are_told_at_once(tmp_path):
    entries = wheel_entries(
        {"alpha-1.0.data/x": b"1"}, info={"WHEEL": b"", "entry_points.txt": b"[gui_scripts]\n/ = a:b\n"}
    )
    with pytest.raises(InvalidWheel) as caught:
        publish(tmp_path, entries)
    assert len(caught.value.reasons) == 3


def test_the_installers_words_are_dropped(tmp_path):
    info = {
        "direct_url.json": b"{}",
        "INSTALLER": b"evil",
        "REQUESTED": b"",
        "RECORD.jws": b"x",
        "LICENSE": b"MIT",
    }
    wheel = publish(tmp_path, wheel_entries(info=info))
    assert sorted(os.listdir(os.path.join(wheel.files, "alpha-1.0.dist-info"))) == [
        "LICENSE",
        "METADATA",
        "WHEEL",
    ]


def test_rows_of_record_without_a_file_are_dropped(tmp_path):
    rows = ["ghost.py,sha256=" + "A" * 43 + ",1", "../../victim.py,,"]
    wheel = publish(tmp_path, wheel_entries(record=lambda own: own + rows))
    assert all("ghost" not in file.path and ".." not in file.path for file in wheel.manifest.files)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_longer_hashes_are_proof_and_the_manifest_has_sha256(tmp_path, algorithm):
    data = b"x = 1\n" * 20
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    wheel = publish(tmp_path, wheel_entries(record=rehash("alpha.py", f"{algorithm}={digest}")))
    by_path = {file.path: file.hash for file in wheel.manifest.files}
    assert f"alpha.py,sha256={by_path['alpha.py']},120" == record_line("alpha.py", data)


def test_hexadecimal_and_padded_hashes_are_understood(tmp_path):
    data = b"x = 1\n" * 20
    digest = hashlib.sha256(data)
    publish(tmp_path, wheel_entries(record=rehash("alpha.py", f"sha256={digest.hexdigest()}")))
    padded = base64.urlsafe_b64encode(digest.digest()).decode()
    publish(tmp_path, wheel_entries(record=rehash("alpha.py", f"sha256={padded}")))


def test_data_lies_by_scheme_and_scripts_are_listed(tmp_path):
    filename, data = make_wheel(
        "alpha", "1.0",
        data={"scripts/run": "#!python\n", "data/etc/a.conf": "1", "headers/a.h": ""},
        console_scripts={"a": "alpha:main", "b": "alpha.cli:app.run [fast,slow]"},
        gui_scripts={"c": "alpha:window"},
        executables=["alpha-1.0.data/scripts/run"],
    )  # fmt: skip
    wheel = publish(tmp_path, data, filename)
    listed = [(scheme, [(file.path, file.mode) for file in files]) for scheme, files in wheel.manifest.data]
    assert listed == [
        ("data", [("etc/a.conf", 0o644)]), ("headers", [("a.h", 0o644)]), ("scripts", [("run", 0o755)]),
    ]  # fmt: skip
    assert (wheel.path / "data" / "scripts" / "run").read_bytes() == b"#!python\n"
    assert [tuple(script) for script in wheel.manifest.console_scripts] == [
        ("a", "alpha:main", ""), ("b", "alpha.cli:app.run", "fast,slow"),
    ]  # fmt: skip
    assert [script.name for script in wheel.manifest.gui_scripts] == ["c"]


def test_only_the_executable_bit_is_kept(tmp_path):
    entries = [*wheel_entries({"tool": b"1", "data.txt": b"2"})]
    for entry in entries:
        entry.mode = {"tool": 0o106777, "data.txt": 0o100666}.get(entry.name, entry.mode)
    wheel = publish(tmp_path, entries)
    modes = {file.path: file.mode for file in wheel.manifest.files}
    assert (modes["tool"], modes["data.txt"]) == (0o755, 0o644)
    assert os.stat(os.path.join(wheel.files, "tool")).st_mode & 0o7022 == 0


class TestEntryPoints:
    """Entry points specification: "within a value, readers must accept and ignore spaces before or after the
    object reference"; names of console scripts are those of files."""

    @pytest.mark.parametrize(
        ("line", "script"),
        [
            ("a = b:c", ("a", "b:c", "")),
            ("a=b:c", ("a", "b:c", "")),
            ("  a =  b.d : c.e ", ("a", "b.d:c.e", "")),
            ("a = b:c [x,y]", ("a", "b:c", "x,y")),
            ("a = b:c # a comment", ("a", "b:c", "")),
            ("a.b-c_d = ü:ö", ("a.b-c_d", "ü:ö", "")),
        ],
    )
    def test_good_ones(self, line, script):
        console, gui, faults = parse_entry_points(f"# x\n[other]\n?=!\n\n[console_scripts]\r\n{line}\n")
        assert ([tuple(each) for each in console], gui, faults) == ([script], [], [])

    @pytest.mark.parametrize(
        "line",
        ["a = b", "a = b:", "a = :c", "a", "= b:c", "a/b = b:c", "a\\b = b:c", ".. = b:c", "a = b:c()",
         "a = b:c\x1b", "a = b c:d", "a = b:c [x", "a = b:c [x;y]", "a = import os:x", "con = b:c",
         "a: = b:c", "a\t\x07 = b:c",
         "python3.12 = b:c", "activate = b:c"],
    )  # fmt: skip
    def test_bad_ones(self, line):
        assert parse_entry_points(f"[console_scripts]\n{line}\n")[2]

    def test_one_name_for_two_objects(self):
        assert parse_entry_points("[console_scripts]\na=b:c\na=b:d\n")[2]
        assert not parse_entry_points("[console_scripts]\na=b:c\na = b:c\n")[2]


def test_record_is_read_as_csv():
    rows, faults = parse_record('"a,b.py",sha256=AA==,1\r\n"say ""hi"".py",,\nplain,,\n')
    assert not faults
    assert rows == {"a,b.py": ("sha256", "AA", 1), 'say "hi".py': ("", "", None), "plain": ("", "", None)}


def test_wheel_names():
    assert split_wheel_name("a_b-1.0-py3-none-any.whl") == ("a_b", "1.0")
    assert split_wheel_name("a-1.0-2x-py3-none-any.whl") == ("a", "1.0")
    assert split_wheel_name("a-1.0--none-any.whl") is None
