"""Table 1.4, names and formats: an archive is what its file name says, wherever it says anything."""

from __future__ import annotations

import hashlib

import pytest

from hostile.world import FILENAME, INFO, World, evil
from store.craft import Entry, build_zip, wheel_entries


def metadata(text: str) -> list[Entry]:
    return evil(info={"METADATA": text.encode("utf-8", "surrogateescape")})


def wheel(text: str) -> list[Entry]:
    return evil(info={"WHEEL": text.encode()})


OWN = "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"
TAG = "Root-Is-Purelib: true\nTag: py3-none-any\n"

REFUSED = {
    "M09 METADATA of another": metadata("Metadata-Version: 2.1\nName: victim\nVersion: 1.0\n"),
    "M09 METADATA of another version": metadata("Metadata-Version: 2.1\nName: evil\nVersion: 6.6\n"),
    "M09 two names": metadata(f"{OWN}Name: victim\n"),
    "M09 two names, one in capitals": metadata(f"NAME: victim\n{OWN}"),
    "M09 two versions": metadata(f"{OWN}Version: 6.6\n"),
    "M09 a name behind a lone carriage return": metadata(f"Metadata-Version: 2.1\rName: victim\n{OWN[22:]}"),
    "M09 a name behind a line that is no header": metadata("Metadata-Version: 2.1\nnothing\n" + OWN[22:]),
    "M09 a name with a space behind it": metadata("Metadata-Version: 2.1\nName : evil\nVersion: 1.0\n"),
    "M09 a name in the description": metadata("Metadata-Version: 2.1\n\nName: evil\nVersion: 1.0\n"),
    "M09 no name": metadata("Metadata-Version: 2.1\nVersion: 1.0\n"),
    "M09 a version that is none": metadata("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\x1b[2J\n"),
    "M09 a version without end": metadata(f"Name: evil\nVersion: {'9' * 5000}\n"),
    "M09 a name without end": metadata(f"Name: {'e' * 100_000}\nVersion: 1.0\n"),
    "M10 another folder": wheel_entries({"evil.py": b""}, name="victim"),
    "M10 the folder of another version": wheel_entries({"evil.py": b""}, name="evil", version="6.6"),
    "M10 a folder in capitals": evil({"evil-1.0.DIST-INFO/METADATA": b""}),
    "M11 two folders": [*evil(), *wheel_entries({}, name="victim")],
    "M11 two folders of one project": [*evil(), *wheel_entries({}, name="evil", version="6.6")],
    "M11 two folders, one in capitals": evil({"Evil-1.0.dist-info/METADATA": b"1"}),
    "M11 a folder of nothing": [*evil(), Entry("victim-6.6.dist-info/", mode=0o040755)],
    "M11 a file called as a folder": evil({"victim-6.6.dist-info": b"1"}),
    "M11 an egg of another": evil({"victim-6.6.egg-info": b"Metadata-Version: 1.0\nName: victim\n"}),
    "M11 a folder of an egg of another": evil({"victim.egg-info/PKG-INFO": b"Name: victim\n"}),
    "M11 a link to an egg": evil({"victim.egg-link": b"/tmp\n"}),
    "M13 a format of the future": wheel(f"Wheel-Version: 2.0\n{TAG}"),
    "M13 a format without end": wheel(f"Wheel-Version: {'1' * 5000}.0\n{TAG}"),
    "M13 a format in other digits": wheel(f"Wheel-Version: \u0661.0\n{TAG}"),
    "M13 two formats": wheel(f"Wheel-Version: 1.0\nWheel-Version: 2.0\n{TAG}"),
    "M13 no format": wheel(TAG),
    "M14 no WHEEL": evil(info={"WHEEL": None}),
    "M14 WHEEL is not UTF-8": evil(info={"WHEEL": b"\xff\xfe"}),
    "M15 no METADATA": evil(info={"METADATA": None}),
    "M15 no .dist-info": [Entry("evil.py", b"")],
    "M16 a folder where the installer writes": evil({f"{INFO}/INSTALLER/x": b"1"}),
    "M16 a folder where the origin is written": evil({f"{INFO}/direct_url.json/x": b"1"}),
    "for another Python": wheel("Wheel-Version: 1.0\nTag: py2-none-any\n"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    world.offer(REFUSED[row])
    before = world.snapshot()
    ran = world.refuse(world.install(), before, f"{FILENAME} is not a valid wheel")
    assert len(ran.stderr) < 2000


@pytest.mark.parametrize(
    ("filename", "tag", "fits"),
    [
        # Real ones: torch for macOS, ray, playwright and py-spy say in WHEEL what they were called before.
        ("evil-1.0-py3-none-any.whl", "py3-none-macosx_11_0_arm64", True),
        ("evil-1.0-py3-none-any.whl", "cp39-cp39-linux_x86_64", True),
        ("evil-1.0-py2.py3-none-any.whl", "py3-none-any", True),
        ("evil-1.0-py3-none-any.whl", "py27-none-any", False),
        ("evil-1.0-py30-none-any.whl", "py31-none-any", False),
    ],
)
def test_tags_may_differ_as_far_as_makers_relabel_what_they_know(filename, tag, fits) -> None:
    from hutch.store.texts import check_wheel

    assert (not check_wheel(f"Wheel-Version: 1.0\nTag: {tag}\n", filename)[1]) is fits


@pytest.mark.parametrize("filename", ["evil-1.0-py3-none-any.whl", "EVIL-1.0.0-1-py2.py3-none-any.whl"])
def test_m12_other_spellings_are_the_same(world: World, filename: str) -> None:
    world.offer(evil(), filename)
    before = world.snapshot()
    world.accept(world.install(), before)


@pytest.mark.parametrize(
    "filename",
    ["victim-1.0-py3-none-any.whl", "evil-6.6-py3-none-any.whl", "evil.whl", "evil-1.0-py3-none-any.zip"],
)
def test_m12_i06_a_file_of_another_name_on_the_page(world: World, filename: str) -> None:
    world.offer(evil(), filename)
    before = world.snapshot()
    ran = world.install()
    world.proper(ran)
    assert ran.exit_code in (1, 3), ran
    assert world.snapshot() == before


SHIPPED = {
    "direct_url.json": b'{"url": "https://trusted.example/evil", "vcs_info": {}}',
    "INSTALLER": b"apt\n",
    "REQUESTED": b"",
    "provenance_url.json": b"{}",
    "RECORD.jws": b"{}",
    "Direct_URL.json": b"{}",
    "installer": b"apt\n",
}


def test_m16_the_installers_words_are_dropped(world: World) -> None:
    world.offer(evil({"other.py": b"import evil\n"}, info=SHIPPED))
    before = world.snapshot()
    world.index.add_wheel("other", "1.0", requires=["evil"])
    world.accept(world.install("other"), before)
    assert sorted(path.name for path in (world.site / INFO).iterdir()) == [
        "INSTALLER", "METADATA", "RECORD", "WHEEL",
    ]  # fmt: skip
    assert (world.site / INFO / "INSTALLER").read_text() == "hutch\n"


@pytest.mark.parametrize("scheme", ["purelib", "platlib", "data"])
def test_m16_nor_do_they_come_by_another_way(world: World, scheme: str) -> None:
    below = world.site.relative_to(world.environment).as_posix() + "/" if scheme == "data" else ""
    world.offer(evil({f"evil-1.0.data/{scheme}/{below}{INFO}/direct_url.json": b"{}"}))
    before = world.snapshot()
    world.refuse(world.install(), before, valid=scheme == "data")


def test_m17_what_it_says_of_itself_cannot_draw(world: World) -> None:
    words = b"Summary: \x1b[2J\x1b]0;pwned\x07\xc2\x9b31m\nHome-page: \x1b[31m\nRequires-Python: >=3\x1b[2J\n"
    text = OWN.encode() + words
    world.offer(evil(info={"METADATA": text + b"\n"}), metadata=text + b"\n")
    before = world.snapshot()
    world.accept(world.install(), before)
    for command in ("pip install evil --reinstall -vv", "pip install evil==2", "pip install evil --json"):
        world.proper(world.project.run(command))


def sidecar(world: World, requires: str, wheel: str, listed: str | None = None) -> None:
    """A wheel that needs ``wheel``, whose page says that it needs ``requires``."""
    said = f"{OWN}{requires}\n".encode()
    digest = hashlib.sha256(said).hexdigest() if listed is None else listed
    archive = build_zip(metadata(f"{OWN}{wheel}\n"))
    world.offer(archive, metadata=said, **{"core-metadata": {"sha256": digest}})


def test_m18_a_page_that_says_other_needs_than_the_wheel(world: World) -> None:
    world.index.add_wheel("hidden", "1.0")
    sidecar(world, "", "Requires-Dist: hidden")
    before = world.snapshot()
    words = "the file says other needs than its index told of it: hidden"
    world.refuse(world.install(), before, words, valid=True)


def test_m19_a_page_with_the_wrong_hash_of_metadata(world: World) -> None:
    world.index.add_wheel("needed", "1.0")
    sidecar(world, "Requires-Dist: hidden", "Requires-Dist: needed", listed="0" * 64)
    before = world.snapshot()
    ran = world.install()
    world.accept(ran, before)
    assert (world.site / "needed").exists()
    assert "another hash than its index says" in ran.stderr
