"""W10, M17, I17, I18: nothing that others wrote acts on the terminal of the user, whichever way it comes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from hostile.world import World, evil
from hutch.cli.ui.terminal import STYLES, Stream, Terminal
from hutch.testing.wheels import make_sdist
from store.craft import Entry

EVIL = "\x1b[2J\x1b]0;pwned\x07\x9b31m\r\x1b[K\u202e\u2066\x7f\x08 \x1b[1;31mred\x1b[0m"


class Tty(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def written(text: str, *, color: bool) -> str:
    file = Tty()
    stream = Stream(file, {"COLUMNS": "80"})
    stream.color = color
    stream.write(text)
    return file.getvalue()


def test_a_stream_lets_out_our_own_colours_and_nothing_else() -> None:
    ours = Stream(None, {})
    ours.color = True
    told = "".join(ours.paint(style, style) for style in STYLES) + "\n"
    assert written(told, color=True) == told
    assert "\x1b" not in written(told, color=False)
    for color in (True, False):
        found = written(f"one {EVIL} two\n", color=color)
        rest = found.replace("\x1b[1;31m", "").replace("\x1b[0m", "") if color else found
        assert rest.replace("\n", "").isprintable(), repr(found)
        assert (found[:3], found[-4:]) == ("one", "two\n")


def test_data_for_a_pipe_is_exact_and_for_a_terminal_it_is_not() -> None:
    pipe, tty = io.StringIO(), Tty()
    Terminal(pipe, None, {}).data(f"{EVIL}\n")
    Terminal(tty, None, {}).data(f"{EVIL}\n")
    assert pipe.getvalue() == f"{EVIL}\n"
    assert "\x1b" not in tty.getvalue().replace("\x1b[1;31m", "").replace("\x1b[0m", "")


def test_json_says_the_same_without_acting() -> None:
    pipe = io.StringIO()
    Terminal(pipe, None, {}).json({"what": EVIL, "\x9b": ["\u00fc"]})
    text = pipe.getvalue()
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == {"what": EVIL, "\x9b": ["\u00fc"]}
    assert "\u00fc" in text


def yanked(world: World) -> None:
    world.offer(evil(), yanked=f"because {EVIL}")


def file_name(world: World) -> None:
    world.offer(evil(), f"evil-1.0{EVIL}-py3-none-any.whl")


def entry_name(world: World) -> None:
    world.offer([*evil(), Entry(f"evil/{EVIL}", b"1")])


def project_status(world: World) -> None:
    world.offer(evil())
    world.index.statuses["evil"] = ("quarantined", f"because {EVIL}")


def requires_python(world: World) -> None:
    world.offer(evil(), **{"requires-python": f">=4 {EVIL}"})


def requirement(world: World) -> None:
    text = f"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\nRequires-Dist: {EVIL}\nSummary: {EVIL}\n\n"
    world.offer(evil(info={"METADATA": text.encode()}), metadata=text.encode())


def script(world: World) -> None:
    world.offer(
        evil(info={"entry_points.txt": f"[console_scripts]\n{EVIL.replace(chr(13), '')} = x\n".encode()})
    )


def record_row(world: World) -> None:
    world.offer(evil(record=lambda rows: [*rows, f"{EVIL.replace(chr(13), '')},sha256=x,1", f"{EVIL},,x"]))


def build_output(world: World) -> None:
    code = f"import sys\nsys.stderr.write({EVIL!r} + '\\n')\nraise SystemExit({EVIL!r})\n"
    world.offer(make_sdist("evil", "1.0", backend=code, dynamic=["Requires-Dist"])[1], "evil-1.0.tar.gz")


def backend_name(world: World) -> None:
    text = f'[build-system]\nrequires = []\nbuild-backend = "x{json.dumps(EVIL)[1:-1]}"\n'
    world.offer(make_sdist("evil", "1.0", root_files={"pyproject.toml": text})[1], "evil-1.0.tar.gz")


WAYS: list[Callable[[World], None]] = [
    yanked, file_name, entry_name, project_status, requires_python, requirement, script, record_row,
    build_output, backend_name,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("words", ["", " -vv", " --json", " --dry-run"])
def test_whatever_an_index_or_an_archive_says(world: World, way: Callable[[World], Any], words: str) -> None:
    way(world)
    ran = world.install(f"evil{words}")
    world.proper(ran)
    assert ran.exit_code in (0, 1, 3)


def test_environments_with_hostile_names_are_told_as_well(world: World) -> None:
    info = world.site / "evil\x1b[31m-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: evil{EVIL}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{EVIL},,\n")
    (world.root / "victim.txt").write_text("victim==1.0\n")
    for command in ("pip sync ../victim.txt --dry-run", "pip sync ../victim.txt"):
        world.proper(world.project.run(command))
