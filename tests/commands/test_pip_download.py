"""``hutch pip download``, ``wheel`` and ``hash``: archives in a folder."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile

import pytest

from commands.pip_compile_shop import stock
from commands.support import block, manifest, of_requirements, shown
from hutch.testing.wheels import make_sdist


@pytest.fixture
def place(project, index):
    stock(index)

    return of_requirements(project)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_of_all_that_is_needed(place, index):
    made = place()
    assert shown(made.run("pip download -d got 'web[quick]<2' 'io<2'")) == block("""
        exit 0
        Downloaded 3 files in <time>
        -- stdout --
        Saved got/fast-2.0-py3-none-any.whl
        Saved got/io-1.5-py3-none-any.whl
        Saved got/web-1.5-py3-none-any.whl
    """)
    body = (made / "got/io-1.5-py3-none-any.whl").read_bytes()
    assert hashlib.sha256(body).hexdigest() == index.projects["io"][1].record["hashes"]["sha256"]
    # What is there stays; what is there and is wrong does not.
    (made / "got/fast-2.0-py3-none-any.whl").write_bytes(b"wrong")
    assert shown(made.run("pip download -d got 'web[quick]<2' 'io<2'")) == block("""
        exit 0
        Downloaded 1 file, 2 files there already in <time>
        -- stdout --
        Saved got/fast-2.0-py3-none-any.whl
        File was already downloaded got/io-1.5-py3-none-any.whl
        File was already downloaded got/web-1.5-py3-none-any.whl
    """)
    assert zipfile.is_zipfile(made / "got/fast-2.0-py3-none-any.whl")
    assert names(made / "got") == [f"{name}-py3-none-any.whl" for name in ("fast-2.0", "io-1.5", "web-1.5")]


def test_what_is_named_alone_from_files_with_limits(place):
    made = place({"requirements.in": "web\n", "limits.txt": "web<2\n",
                  "pyproject.toml": manifest(groups={"dev": ["color"]})})  # fmt: skip
    made.run("pip download -r requirements.in -c limits.txt --group dev --no-deps -d got").ok()
    assert names(made / "got") == ["color-1.1.post1-py3-none-any.whl", "web-1.5-py3-none-any.whl"]


def test_without_a_folder_and_for_programs(place):
    made = place()
    outcome = json.loads(made.run("pip download color --json").ok().stdout)
    assert [(one["name"], one["version"], one["new"]) for one in outcome["files"]] == [
        ("color", "1.1.post1", True)
    ]
    assert (made / "color-1.1.post1-py3-none-any.whl").is_file()
    assert shown(made.run("pip download io --dry-run -d got")) == block("""
        exit 0
        Would bring 1 file in <time>
        -- stdout --
        Would save got/io-2.0-py3-none-any.whl
    """)
    assert not (made / "got").exists()


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("--platform win_amd64 --python-version 3.12", "native-1.0-cp312-cp312-win_amd64.whl"),
        ("--platform win_amd64 --python-version 3.11", "native-1.0-py3-none-any.whl"),
        (
            "--platform manylinux2014_x86_64 --python-version 311",
            "native-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
        ),
        (
            "--platform manylinux_2_28_x86_64 --platform manylinux1_x86_64 --python-version 3.12 --abi cp312",
            "native-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
        ),
        ("--platform macosx_11_0_arm64", "native-1.0-py3-none-any.whl"),
        ("--platform manylinux_2_28_x86_64 --python-version 3.12 --abi none", "native-1.0-py3-none-any.whl"),
        ("--platform manylinux_2_28_x86_64 --implementation py", "native-1.0-py3-none-any.whl"),
        ("--platform any --python-version 3.12", "native-1.0-py3-none-any.whl"),
    ],
)
def test_for_another_python(place, words, file):
    made = place()
    made.run(f"pip download native -d got {words}").ok()
    assert names(made / "got") == [file]


def test_the_version_that_fits_the_other_python(place):
    made = place()
    made.run("pip download young --python-version 3.12 -d old").ok()
    made.run("pip download young --python-version 3.99 -d new").ok()
    assert names(made / "old") == ["young-1.0-py3-none-any.whl"]
    assert names(made / "new") == ["young-2.0-py3-none-any.whl"]


def test_sources_for_another_python(place, index):
    index.add_sdist("raw", "1.0")
    made = place()
    ran = made.run("pip download raw --python-version 3.12 --platform win_amd64 -d got")
    assert ran.exit_code == 1
    made.run("pip download raw --python-version 3.12 --platform win_amd64 --no-deps -d got").ok()
    assert names(made / "got") == ["raw-1.0.tar.gz"]
    assert shown(made.run("pip download raw --platform win_amd64 --no-binary raw")) == block("""
        exit 2
        error: sources cannot be chosen for another Python
          what they need is known once they are built, and that is done by the Python of here
        try: leave --no-binary out
         or: --no-deps downloads what is named alone
    """)


def test_words_for_no_python(place):
    made = place()
    assert shown(made.run("pip download io --platform win_amd64 --platform macosx_11_0_arm64")) == block("""
        exit 2
        error: the platforms are of different systems
          one solve is for one system and machine
        try: run it once for each of them
    """)
    assert "error: --python-version: x is not a version of Python\n" in (
        made.run("pip download io --python-version x").stderr
    )
    assert "error: --implementation: hutch knows nothing of jy\n" in (
        made.run("pip download io --implementation jy").stderr
    )
    assert shown(made.run("pip download")) == block("""
        exit 2
        error: there is nothing to download
          neither a requirement, nor -r FILE, nor --group NAME was given
        try: hutch pip download -r requirements.txt
    """)


def test_hashes_that_are_required(place, index):
    digest = index.projects["color"][0].record["hashes"]["sha256"]
    made = place(f"color==1.0 --hash=sha256:{digest}\n")
    made.run("pip download -r requirements.in -d got").ok()
    (made / "requirements.in").write_text(f"color==1.0 --hash=sha256:{'0' * 64}\n")
    ran = made.run("pip download -r requirements.in -d other")
    assert ran.exit_code == 1
    assert "no file of the index has one of its hashes" in ran.stderr
    assert made.run("pip download --require-hashes color==1.0").exit_code == 1
    # Not required of all: what has a hash is proven by it all the same.
    (made / "requirements.in").write_text(f"color==1.0 --hash=sha256:{digest}\nio\n")
    assert made.run("pip download -r requirements.in -d other").exit_code == 1
    made.run("pip download -r requirements.in -d other --no-require-hashes").ok()
    (made / "requirements.in").write_text(f"color==1.0 --hash=sha256:{'0' * 64}\nio\n")
    assert made.run("pip download -r requirements.in -d other --no-require-hashes").exit_code == 1
    made.run("venv").ok()
    assert made.run("pip install -r requirements.in --no-require-hashes").exit_code == 1


def test_a_file_that_is_not_what_the_index_says(place, index):
    index.add_wheel("bad", "1.0", listed={"hashes": {"sha256": "0" * 64}})
    made = place()
    ran = made.run("pip download bad --no-deps -d got")
    assert ran.exit_code != 0
    assert names(made / "got") == []


def test_places_of_their_own(place, index):
    url = f"{index.files_url}io-1.5-py3-none-any.whl"
    made = place(sources("lib"))
    made.run(f"pip download ./lib 'io @ {url}' -d got").ok()
    assert names(made / "got") == ["io-1.5-py3-none-any.whl", "lib-1.0.tar.gz"]
    # A line that says -e is about the same sources.
    (made / "r.txt").write_text("-e ./lib\n")
    made.run("pip wheel -r r.txt -w wheels").ok()
    assert names(made / "wheels") == ["lib-1.0-py3-none-any.whl"]


def sources(name):
    """The files of a source tree, with a backend that needs nothing."""
    _, body = make_sdist(name, "1.0")
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {
            f"{name}/{member.name.partition('/')[2]}": archive.extractfile(member).read()
            for member in archive.getmembers()
            if member.isfile()
        }


def test_wheels_of_all_that_is_needed(place, index):
    index.add_sdist("raw", "1.0", requires=["io<2"], files={"raw/__init__.py": "x = 1\n", "raw/a b.txt": "ü"})
    made = place()
    assert shown(made.run("pip wheel -w house raw -q")) == block("""
        exit 0
        -- stdout --
        Saved house/io-1.5-py3-none-any.whl
        Saved house/raw-1.0-py3-none-any.whl
    """)
    with zipfile.ZipFile(made / "house/raw-1.0-py3-none-any.whl") as wheel:
        assert wheel.testzip() is None
        assert wheel.read("raw/a b.txt").decode() == "ü"
        record = wheel.read("raw-1.0.dist-info/RECORD").decode()
        assert {line.rsplit(",", 2)[0] for line in record.splitlines()} == set(wheel.namelist())
    # It is built once, is the same file each time, and can be installed by anybody.
    first = (made / "house/raw-1.0-py3-none-any.whl").read_bytes()
    made.run("pip wheel -w again raw").ok()
    assert (made / "again/raw-1.0-py3-none-any.whl").read_bytes() == first
    made.run("venv").ok()
    made.run("pip install --no-index --find-links house raw -q --no-cache").ok()
    assert "raw" in made.run("pip list").stdout


def test_no_wheel_is_editable(place):
    assert shown(place().run("pip wheel -e ./lib")) == block("""
        exit 2
        error: a wheel in a folder cannot be editable
          what is editable is used where it lies, by one environment
        try: hutch pip wheel ./lib builds one of its state now
    """)


def test_what_must_not_be_built_is_not(place, index):
    index.add_sdist("raw", "1.0")
    ran = place().run("pip wheel raw --no-build")
    assert ran.exit_code == 1
    assert "raw" in ran.stderr


def test_hashes_of_files(place):
    made = place({"a.whl": "a", "b.tar.gz": "b"})
    assert shown(made.run("pip hash a.whl b.tar.gz")) == block(f"""
        exit 0
        -- stdout --
        a.whl:
        --hash=sha256:{hashlib.sha256(b"a").hexdigest()}
        b.tar.gz:
        --hash=sha256:{hashlib.sha256(b"b").hexdigest()}
    """)
    assert made.run("pip hash -a sha512 a.whl").ok().stdout == (
        f"a.whl:\n--hash=sha512:{hashlib.sha512(b'a').hexdigest()}\n"
    )
    assert made.run("pip hash gone.whl").exit_code == 1
    assert made.run("pip hash -a md5 a.whl").exit_code == 2
    assert made.run("pip hash").exit_code == 2


def test_what_pip_takes_besides(place, index):
    index.add_sdist("raw", "2.0", build_requires=["tool"], dynamic=["version"])
    index.add_wheel("raw", "1.0", requires=["color"])
    index.add_wheel("dated", "1.0", upload_time="2025-01-01T00:00:00Z")
    index.add_wheel("dated", "2.0", upload_time="2026-01-01T00:00:00Z")
    made = place({"script.py": '# /// script\n# dependencies = ["io<2"]\n# ///\n',
                  "pip.txt": "--prefer-binary\nraw\n"})  # fmt: skip
    made.run("pip download --prefer-binary raw --only-deps -d a").ok()
    assert names(made / "a") == ["color-1.1.post1-py3-none-any.whl"]
    made.run("pip download -r pip.txt --no-deps -d b").ok()
    assert names(made / "b") == ["raw-1.0-py3-none-any.whl"]
    made.run("pip download --requirements-from-script script.py -d c").ok()
    assert names(made / "c") == ["io-1.5-py3-none-any.whl"]
    made.run("pip download dated --uploaded-prior-to 2025-06-01 -d d").ok()
    assert names(made / "d") == ["dated-1.0-py3-none-any.whl"]
    assert made.run("pip download raw --only-deps --no-deps").exit_code == 2


def test_builds_within_limits(place, index):
    index.add_wheel("tool", "1.0")
    index.add_wheel("tool", "2.0")
    index.add_sdist("raw", "1.0", build_requires=["tool"])
    made = place({"limits.txt": "tool<1\n"})
    ran = made.run("pip wheel raw -c limits.txt --build-constraint limits.txt")
    assert ran.exit_code == 1
    assert "tool" in ran.stderr
    made.run("pip wheel raw -c limits.txt").ok()


def test_a_lock_that_names_files_elsewhere(place, index):
    folder = index.files_url.rstrip("/")
    made = place()
    for name in ("..%2Fio-1.5-py3-none-any.whl", ".io-1.5-py3-none-any.whl"):
        made.write({"pylock.toml": f"""lock-version = "1.0"
created-by = "x"
[[packages]]
name = "io"
version = "1.5"
archive = {{ url = "{folder}/{name}", hashes = {{ sha256 = "{"0" * 64}" }} }}
"""})  # fmt: skip
        ran = made.run("pip download -r pylock.toml -d got")
        assert ran.exit_code != 0
        assert list(made.path.rglob("*.whl")) == []


def test_a_folder_with_links_of_others(place):
    made = place()
    (made / "got").mkdir()
    (made / "victim").write_text("mine")
    (made / "got/io-2.0-py3-none-any.whl").symlink_to(made.path / "victim")
    made.run("pip download io -d got").ok()
    assert (made / "victim").read_text() == "mine"
    assert not (made / "got/io-2.0-py3-none-any.whl").is_symlink()


def test_a_place_that_cannot_be_written(place):
    made = place({"got/io-2.0-py3-none-any.whl/inside": ""})
    ran = made.run("pip download web io -d got")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: cannot write <project>/got/io-2.0-py3-none-any.whl\n")
    assert not [name for name in names(made / "got") if name.startswith(".")]
    assert made.run("pip download io -d got/io-2.0-py3-none-any.whl/inside").exit_code == 1
