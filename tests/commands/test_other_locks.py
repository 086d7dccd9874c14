"""Locks of other tools as somebody meets them who has just cloned a project: checked, stale, broken."""

from __future__ import annotations

import json

import pytest

from commands.support import block, shown

UV = """\
version = 1
revision = 3
requires-python = ">=3.9"

[[package]]
name = "alpha"
version = "1.0"
source = {{ registry = "{url}" }}
wheels = [{{ url = "{file}", hash = "sha256:{sha256}" }}]

[[package]]
name = "demo"
version = "1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "alpha" }}]

[package.metadata]
requires-dist = [{{ name = "alpha" }}]
"""
MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["alpha"]

[tool.uv]
package = false
"""


@pytest.fixture
def cloned(project, index):
    index.add_wheel("alpha", "1.0")
    (entry,) = index.entries("alpha")
    lock = UV.format(url=index.url, file=entry["url"], sha256=entry["hashes"]["sha256"])
    return project({"pyproject.toml": MANIFEST, "uv.lock": lock})


def test_a_check_judges_the_lock_that_is_there(cloned):
    before = cloned.read("uv.lock")
    assert shown(cloned.run("lock --check")) == block("""
        exit 0
        uv.lock is up to date: 1 package
    """)
    cloned.write({"pyproject.toml": MANIFEST.replace('"alpha"', '"alpha", "beta"')})
    assert shown(cloned.run("lock --check")) == block("""
        exit 1
        error: uv.lock is not up to date
          beta is new
        try: uv lock makes it anew
         or: hutch lock starts from its versions and writes pylock.toml beside it; uv.lock stays
         or: --frozen takes it as it is
    """)
    assert cloned.tree() == ["pyproject.toml", "uv.lock"]
    assert cloned.read("uv.lock") == before


def test_what_is_broken_is_told_with_its_line(cloned):
    cloned.write({"uv.lock": "version = 1\n[[package\n"})
    assert cloned.run("lock --check").exit_code == 1
    ran = cloned.run("lock --dry-run").ok()
    assert "warning: uv.lock is passed over: uv.lock is not a valid lock; uv.lock:2: " in ran.stderr


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "pdm"\n[[packages\n',
            "pylock.toml is not a valid",
        ),
        (
            "poetry.lock",
            f'[metadata]\nlock-version = "{"9" * 5000}.0"\n',
            "poetry.lock was written for a newer",
        ),
        ("poetry.lock", '[metadata]\nlock-version = "²"\n', "poetry.lock is not up to date"),
    ],
)
def test_what_no_tool_writes_is_no_crash(project, name, text, told):
    ran = project({"pyproject.toml": MANIFEST, name: text}).run("sync")
    assert ran.exit_code == 1
    assert told in ran.stderr


def test_a_file_of_pins_is_named_once(project, index):
    index.add_wheel("alpha", "1.0")
    (entry,) = index.entries("alpha")
    made = project({"requirements.txt": f"alpha==1.0 --hash=sha256:{entry['hashes']['sha256']}\n"})
    assert made.run("sync").ok().stderr.startswith("Taken from requirements.txt\n")


def test_a_lock_in_a_folder_is_named_with_it(project, index):
    index.add_wheel("alpha", "1.0")
    (entry,) = index.entries("alpha")
    pins = f"alpha==1.0 --hash=sha256:{entry['hashes']['sha256']}\n"
    made = project({"requirements/main.in": "alpha\n", "requirements/main.txt": pins})
    assert made.run("sync").ok().stderr.startswith("Taken from requirements/main.in, requirements/main.txt\n")


def pipenv_lock(**entries):
    return json.dumps({"_meta": {"pipfile-spec": 6}, "default": entries})


def test_a_lock_that_does_not_prove_what_it_has_is_told_of(project, index):
    for name in ("alpha", "beta", "gamma"):
        index.add_wheel(name, "1.0")
    (entry,) = index.entries("gamma")
    proven = {"version": "==1.0", "hashes": [f"sha256:{entry['hashes']['sha256']}"]}
    locked = pipenv_lock(alpha={"version": "==1.0"}, beta={"version": "==1.0"}, gamma=proven)
    manifest = '[packages]\nalpha = "*"\nbeta = "*"\ngamma = "*"\n'
    made = project({"Pipfile": manifest, "Pipfile.lock": locked})
    told = "warning: Pipfile.lock has no hash for alpha and beta: nothing proves that theirs are the files"
    assert told in made.run("sync --frozen").ok().stderr
    made.write({"Pipfile.lock": pipenv_lock(gamma=proven)})
    assert "warning" not in made.run("sync --frozen").ok().stderr


def test_a_repository_whose_address_is_none(project):
    entry = {"git": "ext::sh -c true", "ref": "a" * 40}
    made = project({"Pipfile": '[packages]\nalpha = "*"\n', "Pipfile.lock": pipenv_lock(alpha=entry)})
    assert shown(made.run("sync --frozen")) == block("""
        exit 1
        error: alpha comes from a repository whose address is none: 'ext::sh -c true'
          one has a protocol (https, http, ssh, git, file), or is a path
        try: lock again, from an address such as ssh://git@host/path
    """)


# -- what comes later --------------------------------------------------------------------------------


def two_versions(index):
    for version in ("1.0", "2.0"):
        index.add_wheel("alpha", version)
    return {entry["filename"].split("-")[1]: entry for entry in index.entries("alpha")}


def pins_of(entry, version):
    return f"alpha=={version} --hash=sha256:{entry['hashes']['sha256']}\n"


def test_a_lock_that_is_taken_first_and_comes_later(project, index):
    first, second = (entries := two_versions(index))["1.0"], entries["2.0"]
    compiled = "# autogenerated by pip-compile\n#    pip-compile --generate-hashes pyproject.toml\n"
    made = project({"pyproject.toml": MANIFEST, "requirements.txt": compiled + pins_of(first, "1.0")})
    assert "Taken from pyproject.toml, requirements.txt\n" in made.run("sync").ok().stderr
    assert "Nothing to do" in made.run("sync").ok().stderr
    lock = UV.format(url=index.url, file=second["url"], sha256=second["hashes"]["sha256"])
    made.write(
        {"uv.lock": lock.replace('name = "alpha"\nversion = "1.0"', 'name = "alpha"\nversion = "2.0"')}
    )
    ran = made.run("sync").ok()
    assert "Taken from pyproject.toml, uv.lock\n" in ran.stderr
    assert "alpha 1.0 → 2.0" in ran.stderr


def test_a_manifest_that_is_taken_first_and_comes_later(project, index):
    entries = two_versions(index)
    made = project({"requirements.txt": pins_of(entries["1.0"], "1.0")})
    made.run("sync").ok()
    assert "Nothing to do" in made.run("sync").ok().stderr
    made.write({"requirements.in": "alpha>=2\n"})
    assert "requirements.txt is not up to date" in made.run("sync").stderr
    made.write({"Pipfile": '[packages]\nalpha = "==2.0"\n'})
    ran = made.run("sync").ok()
    assert "alpha 1.0 → 2.0" in ran.stderr


def test_a_name_that_comes_from_another_file_is_not_remembered(project, index):
    entry = two_versions(index)["1.0"]
    setup = "[metadata]\nname = demo\nversion = 1.0\n[options]\ninstall_requires = alpha\n"
    lock = UV.format(url=index.url, file=entry["url"], sha256=entry["hashes"]["sha256"])
    files = {"pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n[dependency-groups]\n'}
    made = project({**files, "setup.cfg": setup, "uv.lock": lock})
    assert "it is a package now" in made.run("lock --check").stderr
    made.write({"setup.cfg": setup.replace("demo", "other")})
    assert "other is not in it" in made.run("lock --check").stderr


# -- locks without edges ---------------------------------------------------------------------------------


@pytest.fixture
def pinned(project, index):
    """``a[x]`` needs ``b`` and, for the extra, ``c``; ``b`` has an extra that nobody asks for, of ``d``."""
    index.add_wheel("a", "1.0", requires=["b>=1"], extras={"x": ["c"], "y": ["d"]})
    index.add_wheel("b", "1.0", extras={"z": ["d"]})
    for name in ("c", "d"):
        index.add_wheel(name, "1.0")

    def pins() -> str:
        lines = ["# made by pip-compile"]
        for name in "abcd":
            (entry,) = index.entries(name)
            lines.append(f"{name}==1.0 --hash=sha256:{entry['hashes']['sha256']}")
        return "\n".join(lines) + "\n"

    return project({"requirements.in": "a[x]\nd\n", "requirements.txt": pins()})


def test_what_needs_what_comes_from_the_metadata(pinned):
    assert pinned.run("tree").ok().stdout == block("""
        project
        ├── a[x] 1.0
        │   ├── b 1.0
        │   └── c 1.0 (extra == 'x')
        └── d 1.0
    """)
    assert pinned.run("why b").ok().stdout == block("""
        b 1.0
          project → a 1.0 → b 1.0
          a 1.0 needs b>=1
    """)
    assert pinned.run("tree --offline").ok().stdout == pinned.run("tree").ok().stdout


def test_a_file_of_pins_alone_has_the_roots_that_nobody_needs(pinned):
    (pinned / "requirements.in").unlink()
    assert pinned.run("tree").ok().stdout == block("""
        project
        ├── a 1.0
        │   └── b 1.0
        ├── c 1.0
        └── d 1.0
    """)
