"""Lock files that lie, and requirements with hashes: rows Y and H of the threat table.

A lock comes with a checkout, so whoever can propose a change can write one. It may decide what is asked
for; it must not decide what is believed.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import block, installed, manifest, shown
from hutch.testing.fake_index import FakeFile, FakeIndex

MakeProject = Callable[..., Any]
WHEEL = "alpha-1.0-py3-none-any.whl"
COMMIT = "0123456789" * 4


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def lock_of(*packages: str) -> str:
    return 'lock-version = "1.0"\ncreated-by = "somebody"\n\n' + "\n".join(packages)


def wheel(url: str, hashes: str, *, name: str = WHEEL, package: str = "alpha", more: str = "") -> str:
    return (
        f'[[packages]]\nname = "{package}"\nversion = "1.0"\n'
        f'[[packages.wheels]]\nname = "{name}"\nurl = "{url}"\n{more}hashes = {{ {hashes} }}\n'
    )


def source(kind: str, text: str, hashes: str = "") -> str:
    return f'[[packages]]\nname = "alpha"\nversion = "1.0"\n[packages.{kind}]\n{text}\n' + (
        f"hashes = {{ {hashes} }}\n" if hashes else ""
    )


class Locked:
    """An index with two packages, a file outside of the project, and a project that is given a lock."""

    def __init__(self, make: MakeProject, index: FakeIndex, folder: Path) -> None:
        self.index = index
        self.alpha: FakeFile = index.add_wheel("alpha", "1.0")
        self.beta: FakeFile = index.add_wheel("beta", "1.0")
        self.sdist: FakeFile = index.add_sdist("alpha", "1.0")
        self.good = f'sha256 = "{sha256(self.alpha.body)}"'
        self.url = index.files_url + WHEEL
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "precious.txt").write_text("years of work\n")
        self._make = make

    def sync(self, *packages: str, command: str = "sync --frozen") -> Any:
        made = self._make({"pyproject.toml": manifest("alpha"), "pylock.toml": lock_of(*packages)})
        ran = made.run(command)
        assert made.tree() == ["pylock.toml", "pyproject.toml"]
        assert [path.name for path in self.outside.iterdir()] == ["precious.txt"]
        if ran.exit_code:
            assert installed(made) == {}
        return ran


@pytest.fixture
def locked(project: MakeProject, index: FakeIndex, tmp_path: Path) -> Locked:
    return Locked(project, index, tmp_path)


# -- bytes that are not those ------------------------------------------------------------------------


def test_y01_a_size_that_is_not_that_of_the_file(locked: Locked, transport: str) -> None:
    size = len(locked.alpha.body)
    ran = locked.sync(wheel(locked.url, locked.good, more=f"size = {size + 1}\n"))
    assert shown(ran) == block(f"""
        exit 1
        error: the hash of {WHEEL} is wrong
          expected: {size + 1} bytes
          got: {size} bytes
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)
    ran = locked.sync(wheel(locked.url, locked.good, more=f"size = {size - 1}\n"))
    assert "  got: more\n" in ran.stderr


def test_y02_a_hash_that_is_not_that_of_the_file(locked: Locked, transport: str) -> None:
    wrong = sha256(b"another file")
    assert shown(locked.sync(wheel(locked.url, f'sha256 = "{wrong}"'))) == block(f"""
        exit 1
        error: the hash of {WHEEL} is wrong
          expected: sha256:{wrong}
          got: sha256:{sha256(locked.alpha.body)}
          the file was damaged on its way, or changed since its hash was written down
        try: nothing of it was used; try again, or ask whoever offers it why it changed
    """)


@pytest.mark.parametrize("second", ["sha512", "sha384", "sha1", "md5"])
def test_y02_every_hash_that_is_given_has_to_be_right(locked: Locked, second: str) -> None:
    digits = {"sha512": 128, "sha384": 96, "sha1": 40, "md5": 32}[second]
    ran = locked.sync(wheel(locked.url, f'{locked.good}, {second} = "{"0" * digits}"'))
    assert ran.exit_code == 1
    assert f"  expected: {second}:{'0' * digits}\n" in ran.stderr


def test_y02_the_bytes_of_another_package(locked: Locked) -> None:
    lie = f'sha256 = "{sha256(locked.beta.body)}"'
    expected = block(f"""
        exit 1
        error: {WHEEL} is not a valid wheel
          the folder beta-1.0.dist-info is not that of the file name
        try: nothing of it was installed; report it to its author, or take another version
    """)
    assert shown(locked.sync(wheel(locked.index.files_url + locked.beta.filename, lie))) == expected


def test_y02_the_bytes_of_another_package_that_are_in_the_store_already(locked: Locked) -> None:
    """H05: what is in the cache under a hash satisfies no other pin."""
    lie = f'sha256 = "{sha256(locked.beta.body)}"'
    beta = wheel(
        locked.index.files_url + locked.beta.filename, lie, name=locked.beta.filename, package="beta"
    )
    locked.sync(beta).ok()
    ran = locked.sync(wheel(locked.index.files_url + locked.beta.filename, lie))
    assert ran.exit_code == 1
    assert "Traceback" not in ran.stderr


# -- hashes that prove nothing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["md5", "sha1", "unknown", "shake_256", "blake2b"],
)
def test_y03_hashes_that_prove_nothing(locked: Locked, said: str) -> None:
    digest = {
        "md5": hashlib.md5(locked.alpha.body).hexdigest(),
        "sha1": hashlib.sha1(locked.alpha.body).hexdigest(),
        "blake2b": hashlib.blake2b(locked.alpha.body).hexdigest(),
    }.get(said, "00")
    for package in (
        wheel(locked.url, f'{said} = "{digest}"'),
        source("archive", f'url = "{locked.url}"', f'{said} = "{digest}"'),
    ):
        ran = locked.sync(package)
        place = "wheels[0]" if "wheels" in package else "archive"
        assert shown(ran) == block(f"""
            exit 1
            error: pylock.toml is not a valid lock
              packages[0].{place}.hashes: none of them proves the file; sha256, sha512, sha384 do
            try: take it from version control again
             or: delete pylock.toml and run `hutch lock`
        """)
    assert locked.index.asked("*.whl") == []


@pytest.mark.parametrize(
    ("hashes", "reason"),
    [
        ("", "hashes: at least one hash is required"),
        ('sha256 = ""', "hashes.sha256: should be hexadecimal"),
        ('sha256 = "zz"', "hashes.sha256: should be hexadecimal"),
        ('sha256 = "5df0dfe838"', "hashes.sha256: should have 64 digits, not 10"),
        ("sha256 = 7", "hashes.sha256: should be a string"),
        ("sha256 = [1]", "hashes.sha256: should be a string"),
    ],
)
def test_y03_hashes_that_are_none(locked: Locked, hashes: str, reason: str) -> None:
    ran = locked.sync(wheel(locked.url, hashes))
    assert ran.exit_code == 1
    assert f"  packages[0].wheels[0].{reason}\n" in ran.stderr


# -- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        f"../../../{WHEEL}",
        f"/etc/{WHEEL}",
        f"..\\\\..\\\\{WHEEL}",
        "alpha-1.0-1/../../x-py3-none-any.whl",
        "alpha-1.0-1\\u0000-py3-none-any.whl",
        "alpha-1.0-1\\u001b[31m-py3-none-any.whl",
        "alpha-1.0-1\\n-py3-none-any.whl",
        "alpha-1.0-1\\u202e-py3-none-any.whl",
        f"--target={WHEEL}",
        "alpha-1.0-" + "1" * 300 + "-py3-none-any.whl",
    ],
)
def test_y04_names_that_lead_somewhere(locked: Locked, name: str) -> None:
    ran = locked.sync(wheel(locked.url, locked.good, name=name))
    assert ran.exit_code == 1
    assert "is not the name of a file that installs" in ran.stderr
    assert "\x1b" not in ran.stderr
    assert "\u202e" not in ran.stderr


def test_y04_a_source_distribution_that_would_be_put_outside(locked: Locked) -> None:
    told = 'name = "../../../outside/alpha-1.0.tar.gz"\n'
    good = f'sha256 = "{sha256(locked.sdist.body)}"'
    ran = locked.sync(
        source("sdist", told + f'url = "{locked.index.files_url}{locked.sdist.filename}"', good)
    )
    assert shown(ran) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          packages[0].sdist: '../../../outside/alpha-1.0.tar.gz' is not the name of a file that installs
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)


@pytest.mark.parametrize("path", ["..%2f..%2f", "%2e%2e/%2e%2e%2f", "x/..%5c", "%00"])
def test_y04_a_name_out_of_an_address(locked: Locked, path: str) -> None:
    text = wheel(locked.index.files_url + path + WHEEL, locked.good).replace(f'name = "{WHEEL}"\n', "")
    ran = locked.sync(text)
    assert ran.exit_code == 1
    assert "is not the name of a file that installs" in ran.stderr


@pytest.mark.parametrize(
    "name", ["--index-url=x", "-e", "../alpha", "al pha", "Alpha", "alpha\\u0000", "a" * 70 + "/"]
)
def test_y07_names_of_packages_that_are_none(locked: Locked, name: str) -> None:
    ran = locked.sync(wheel(locked.url, locked.good, package=name))
    assert ran.exit_code == 1
    assert "is not a normalised name" in ran.stderr


# -- addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://files.example/{WHEEL}",
        f"../{WHEEL}",
        f"//files.example/{WHEEL}",
        f"javascript://x/{WHEEL}",
        f"data:x/{WHEEL}",
        f"ext::sh -c x/{WHEEL}",
        f"git+https://files.example/{WHEEL}",
    ],
)
def test_y05_addresses_that_are_not_followed(locked: Locked, url: str) -> None:
    assert locked.sync(wheel(url, locked.good)).exit_code == 1
    assert locked.index.asked("*.whl") == []


def test_y05_control_characters_in_an_address(locked: Locked) -> None:
    ran = locked.sync(wheel("https://files.example/\\u001b[31m/" + WHEEL, locked.good))
    assert shown(ran) == block("""
        exit 1
        error: pylock.toml is not a valid lock
          packages[0].wheels[0].url: should have no control characters
        try: take it from version control again
         or: delete pylock.toml and run `hutch lock`
    """)


def test_y05_a_file_of_this_machine_is_still_proven_by_its_hash(locked: Locked) -> None:
    """A lock may name a file of this machine (find-links); what is installed is what was locked."""
    place = locked.outside.parent / WHEEL
    place.write_bytes(locked.beta.body)
    ran = locked.sync(wheel(place.as_uri(), locked.good))
    assert ran.exit_code == 1
    assert f"  got: sha256:{sha256(locked.beta.body)}\n" in ran.stderr


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty", "/proc/self/environ", "../outside"])
def test_y05_an_archive_that_is_a_device_or_a_directory(locked: Locked, path: str) -> None:
    ran = locked.sync(source("archive", f'path = "{path}"', locked.good))
    assert ran.exit_code == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'url = "ext::sh -c touch%20x"\ncommit-id = "{COMMIT}"', "vcs.url: should begin with https://"),
        (f'url = "--upload-pack=touch x"\ncommit-id = "{COMMIT}"', "vcs.url: should begin with https://"),
        (f'url = "ssh://-oProxyCommand=x/r"\ncommit-id = "{COMMIT}"', "vcs.url: should not have a host"),
        (f'url = "fd::17"\ncommit-id = "{COMMIT}"', "vcs.url: should begin with https://"),
        (
            'url = "https://x.example/r"\ncommit-id = "--upload-pack=touch x"',
            "vcs.commit-id: should be the 40 or 64 digits of a commit",
        ),
        ('url = "https://x.example/r"\ncommit-id = "HEAD"', "vcs.commit-id: should be the 40 or 64 digits"),
        (
            f'url = "https://x.example/r\\u000a"\ncommit-id = "{COMMIT}"',
            "vcs.url: should have no control characters",
        ),
    ],
)
def test_y07_words_that_git_would_take_for_something_else(locked: Locked, text: str, reason: str) -> None:
    ran = locked.sync(source("vcs", 'type = "git"\n' + text))
    assert ran.exit_code == 1
    assert f"  packages[0].{reason}" in ran.stderr


@pytest.mark.parametrize("below", ["../../..", "/etc", "alpha/../../.."])
def test_y06_a_subdirectory_that_leads_out_of_its_archive(locked: Locked, below: str) -> None:
    good = f'sha256 = "{sha256(locked.sdist.body)}"'
    url = f'url = "{locked.index.files_url}{locked.sdist.filename}"\nsubdirectory = "{below}"'
    ran = locked.sync(source("archive", url, good))
    assert ran.exit_code == 1
    assert "leads out of it" in ran.stderr or "there is no such directory in it" in ran.stderr


# -- a file that is none -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\x01\x02",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"a." * 50_000 + b"b = 1",
        b"a = " + b"[" * 50_000 + b"]" * 50_000,
        b'lock-version = "1.0"\ncreated-by = "x"\npackages = [[]]\n',
        b'lock-version = "1.0"\ncreated-by = "x"\npackages = [{name = "a", marker = "'
        + b"(" * 9000
        + b'"}]\n',
        b"lock-version = 1e400\n",
        b"lock-version = " + b"9" * 5000 + b"\n",
    ],
    ids=range(9),
)
def test_a_file_that_is_no_lock(project: MakeProject, index: FakeIndex, text: bytes) -> None:
    made = project({"pyproject.toml": manifest("alpha"), "pylock.toml": text})
    for command in ("sync --frozen", "lock --check", "tree", "export"):
        ran = made.run(command)
        assert ran.exit_code == 1, ran.stderr
        assert "Traceback" not in ran.stderr
        assert len(ran.stderr) < 2000


def test_two_entries_of_one_name_are_not_chosen_from(locked: Locked) -> None:
    entry = wheel(locked.url, locked.good)
    ran = locked.sync(entry, entry.replace("1.0", "2.0"))
    assert shown(ran) == block("""
        exit 1
        error: the lock has 2 entries for alpha that hold here
          1.0 and 2.0
        try: choose fewer extras or groups at once, or run `hutch lock`
    """)


# -- attestations have their place -------------------------------------------------------------------


def test_attestation_identities_are_kept_with_the_files_that_they_are_of(
    locked: Locked, project: MakeProject
) -> None:
    """PEP 740 is not checked at install time; what a lock says of it outlives the next `hutch lock`."""
    said = 'attestation-identities = [\n  { kind = "GitHub", repository = "a/b" },\n]\n'
    made = project({"pyproject.toml": manifest("alpha")})
    made.run("lock").ok()
    before, mark, after = made.read("pylock.toml").partition("wheels = [\n")
    wheels, end, rest = after.partition("]\n")
    made.write({"pylock.toml": before + mark + wheels + end + said + rest})
    made.run("sync --locked").ok()
    made.write({"pyproject.toml": manifest("alpha", "beta")})
    made.run("lock").ok()
    assert said in made.read("pylock.toml")
    locked.index.add_wheel("alpha", "1.0", tags="cp312-cp312-win_amd64")
    made.run("lock --upgrade --refresh").ok()
    assert said not in made.read("pylock.toml")


@pytest.mark.parametrize(
    ("said", "written"),
    [(">>>3", None), ("\x1b[2J", None), (">=3.6.*", ">=3.6"), (">=3.9", ">=3.9"), (">=3.9,<4", ">=3.9,<4")],
)
def test_what_no_reader_of_a_lock_could_read_is_not_written(
    locked: Locked, project: MakeProject, said: str, written: str | None
) -> None:
    """Old files have a `requires-python` that is none: passed over on the page, so also in the lock."""
    locked.index.add_wheel("gamma", "1.0", listed={"requires-python": said})
    made = project({"pyproject.toml": manifest("gamma")})
    made.run("sync").ok()
    (gamma,) = tomllib.loads(made.read("pylock.toml"))["packages"]
    assert gamma.get("requires-python") == written
