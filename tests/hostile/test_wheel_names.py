"""Table 1.1: paths, links and names in wheels. Nothing is written before the whole archive was judged."""

from __future__ import annotations

import pytest

from hostile.world import FILENAME, World, evil
from store.craft import Entry

UP = "../" * 12


def extra(name: str | bytes, data: bytes = b"pwned\n", **options: object) -> list[Entry]:
    """An honest wheel with one more member, which RECORD knows by its name as it is."""
    text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
    try:
        entries = evil({text: data})
    except UnicodeEncodeError:
        entries = evil()
        entries.insert(1, Entry(name, data))
    for entry in entries:
        if entry.name == text:
            entry.name = name
            for key, value in options.items():
                setattr(entry, key, value)
    return entries


LINK = {"mode": 0o120777}
REFUSED = {
    "W01 upwards": extra("../../../../outside/x"),
    **{f"W01 {depth} levels up": extra("../" * depth + "x") for depth in range(1, 9)},
    "W01 far upwards": extra(UP + "tmp/hutch-pwned"),
    "W02 absolute": extra("/tmp/hutch-pwned"),
    "W02 absolute, twice the slash": extra("//tmp/hutch-pwned"),
    "W02 a drive": extra("C:/hutch-pwned"),
    "W02 a drive without a slash": extra("c:hutch-pwned"),
    "W02 a share": extra("\\\\server\\share\\x"),
    "W03 upwards in the middle": extra("evil/../../../../../outside/x"),
    "W03 upwards at the end": extra("evil/.."),
    "W03 a dot in the middle": extra("evil/./x.py"),
    "W03 an empty component": extra("evil//x.py"),
    "W04 a sibling with the same beginning": extra("../site-packages-PWNED/x.py"),
    "W05 backslashes": extra("..\\..\\..\\outside\\x"),
    "W05 backslashes and slashes": extra("evil\\..\\../x"),
    "W06 a link to outside": extra("link", b"../../../../../outside", **LINK),
    "W06 a link to a file": extra("evil/passwd", b"/etc/passwd", **LINK),
    "W06 a link to the file beside it": extra("evil2.py", b"evil.py", **LINK),
    "W07 a file through a link": [
        *extra("link", b"../../../../../outside", **LINK),
        Entry("link/x", b"pwned\n"),
    ],
    "W08 NUL": extra("evil\0.py"),
    "W08 NUL and a suffix": extra("evil.py\0.txt"),
    "W09 a line feed": extra("evil\nx.py"),
    "W09 a carriage return": extra("evil\rx.py"),
    "W09 a tab": extra("evil\tx.py"),
    "W10 an escape": extra("evil\x1b[2J\x1b[31m.py"),
    "W10 an 8-bit escape": extra("evil\x9b31m.py"),
    "W10 the writing turned round": extra("evil\u202eyp.exe"),
    "W10 invisible": extra("evil\u200b.py"),
    "W10 a line separator": extra("evil\u2028x.py"),
    "W10 private use": extra("evil\ue000.py"),
    "W11 a pipe": extra("pipe", b"", mode=0o010644),
    "W11 a socket": extra("socket", b"", mode=0o140644),
    "W11 a disk": extra("disk", b"", mode=0o060644),
    "W11 a terminal": extra("tty", b"", mode=0o020644),
    "W12 a file and a folder": evil({"evil": b"1", "evil/x.py": b"2"}),
    "W12 a folder that is listed, and a file": [*evil({"thing": b"1"}), Entry("thing/", mode=0o040755)],
    "W12 a folder with content": [*evil(), Entry("folder/", b"content", mode=0o040755)],
    "W13 two spellings of é": evil({"\u00e9.py": b"1", "e\u0301.py": b"2"}),
    "W13 two spellings of a folder": evil({"\u00e9/a.py": b"1", "e\u0301/b.py": b"2"}),
    "Z01 twice": [*evil(), Entry("evil.py", b"pwned\n")],
    "Z01 twice, the same": [*evil(), Entry("evil.py", b"x = 1\n")],
    "Z21 not UTF-8, and not said to be": extra(b"evil\xff.py"),
    "Z21 not UTF-8, and said to be": extra(b"evil\xff.py", flags=0x800),
    "Z21 UTF-8, and not said to be": extra("evil\u00e9.py".encode()),
    "a surrogate": extra("\ud800".encode("utf-8", "surrogatepass"), flags=0x800),
    "no name": extra(""),
    "a component of 256 bytes": extra("e" * 256),
    "a component of 256 bytes, 128 letters": extra("\u00e9" * 128),
    "a path of 1,025 bytes": extra("/".join(["e" * 100] * 10 + ["x" * 16])),
    "a path of 70 folders": extra("e/" * 70 + "x"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_refused(world: World, row: str) -> None:
    world.offer(REFUSED[row])
    before = world.snapshot()
    ran = world.refuse(world.install(), before, f"{FILENAME} is not a valid wheel")
    assert len(ran.stderr) < 2000


def test_w14_only_the_executable_bit_counts(world: World) -> None:
    entries = evil({"tool": b"#!/bin/sh\n", "data.txt": b"x"})
    for entry in entries:
        entry.mode = {"tool": 0o106777, "data.txt": 0o100666}.get(str(entry.name), entry.mode)
    world.offer(entries)
    before = world.snapshot()
    world.accept(world.install(), before)
    assert world.site.joinpath("tool").stat().st_mode & 0o7022 == 0
    assert world.site.joinpath("data.txt").stat().st_mode & 0o7133 == 0


@pytest.mark.parametrize("where", ["evil", "evil/deep", "evil/__init__.py"])
def test_w15_a_link_in_the_way_is_not_followed(world: World, where: str) -> None:
    (world.root / "outside" / "deep").mkdir(exist_ok=True)
    link = world.site / where
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(world.root / "outside" / where.removeprefix("evil").lstrip("/"))
    world.offer(evil({"evil/__init__.py": b"pwned\n", "evil/deep/x": b"pwned\n", "evil/x": b"pwned\n"}))
    before = world.snapshot()
    world.refuse(world.install(), before, "--allow-clobber evil", valid=True)
    ran = world.install("evil --allow-clobber evil")
    assert ran.exit_code == 0, ran
    after = world.snapshot()
    assert {path: what for path, what in after.items() if path.startswith("outside")} == {
        path: what for path, what in before.items() if path.startswith("outside")
    }
    assert not link.is_symlink()


def test_names_that_only_look_odd_are_installed(world: World) -> None:
    odd = [
        "a b.txt",
        "\u65e5\u672c\u8a9e.txt",
        "\U0001f600",
        "...",
        "..a",
        "a..",
        "-rf",
        "%2e%2e",
        "~",
        "e" * 255,
    ]
    world.offer(evil({f"evil/{name}": b"1" for name in odd}))
    before = world.snapshot()
    new = world.accept(world.install(), before)
    assert {path.rpartition("/")[2] for path in new} >= set(odd)


@pytest.mark.parametrize("pair", [("A.py", "a.py"), ("A/x.py", "a/y.py"), ("stra\u00dfe.py", "STRASSE.py")])
def test_w13_two_spellings_in_letter_case(world: World, pair: tuple[str, str]) -> None:
    world.offer(evil({name: name.encode() for name in pair}))
    before = world.snapshot()
    marker = world.project.home / "cache" / ".HUTCH-STORE"
    there = marker.exists()
    if not there:
        marker.write_bytes(b"")  # as if this disk did not tell them apart
    world.refuse(world.install(), before, "are the same")
    if not there:
        marker.unlink()
        world.accept(world.install(), before)
        assert [(world.site / name).read_bytes() for name in pair] == [name.encode() for name in pair]
