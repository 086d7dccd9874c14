"""hutch's own bytecode in the cache: where it is kept, when it is used, and from where it is never read."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest

import hutch
from hutch import kept_code
from hutch.config.directories import find_directories
from hutch.store.layout import FORMATS, MARKER, MARKER_TEXT
from hutch.store.tables import unpack

BODY = """\
import sys
sys.path.insert(0, {source!r})
sys.argv = ['hutch', *{words!r}]
from hutch.cli import program
from hutch.finder import finder_in_use
import hutch.cli.main
leave = sys.modules['hutch.cli.main'].leave
def tell(code):
    print(len(finder_in_use().compiled), len([name for name in sys.modules if name.startswith('hutch')]))
    leave(code)
sys.modules['hutch.cli.main'].leave = tell
program()
"""


class Copy:
    """hutch without bytecode, and a store."""

    def __init__(self, folder: Path) -> None:
        self.source, self.cache = folder / "source", folder / "cache"
        ignored = shutil.ignore_patterns("__pycache__", "testing")
        shutil.copytree(Path(hutch.__file__).parent, self.source / "hutch", ignore=ignored)
        self.cache.mkdir(mode=0o700)
        (self.cache / MARKER).write_bytes(MARKER_TEXT)

    def run(self, *words: str, options: tuple[str, ...] = ("-B",), **environ: str) -> tuple[int, int]:
        """How many modules the finder had compiled, and how many were imported."""
        body = BODY.format(source=str(self.source), words=words or ("--version",))
        done = subprocess.run(
            [sys.executable, "-S", "-s", *options, "-c", body],
            capture_output=True,
            text=True,
            env={"HUTCH_CACHE_DIR": str(self.cache), "PATH": os.environ["PATH"], **environ},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        compiled, modules = done.stdout.splitlines()[-1].split()
        return int(compiled), int(modules)

    @property
    def tables(self) -> list[Path]:
        return list(self.cache.glob("code-v*/*"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copy(model):
    """The copy, without anything kept, and as it was."""
    shutil.rmtree(model.cache / "code-v1", ignore_errors=True)
    for folder in [*model.source.rglob("__pycache__")]:
        shutil.rmtree(folder)
    (model.source / "hutch" / "light.py").touch()
    model.cache.chmod(0o700)
    return model


def test_what_was_compiled_once_is_not_compiled_again(copy):
    first, modules = copy.run()
    assert first > 5
    assert first >= modules - 5  # what is imported before the finder is there
    assert copy.run()[0] == 0
    assert copy.run("sync", "--help")[0] == 2  # what it needs besides
    assert copy.run("sync", "--help")[0] == 0
    assert list(copy.source.rglob("*.pyc")) == []
    assert len(copy.tables) == 1
    assert unpack(copy.tables[0].read_bytes()) is not None  # a table, for `cache verify`


def test_the_variable_counts_as_the_option_does(copy):
    environ = {"PYTHONDONTWRITEBYTECODE": "1"}
    assert copy.run(options=(), **environ)[0] > 5
    assert copy.run(options=(), **environ)[0] == 0


def test_an_edited_module_is_compiled(copy):
    copy.run()
    terminal = copy.source / "hutch" / "cli" / "ui" / "terminal.py"
    text = terminal.read_text()
    try:
        terminal.write_text(text + "\n")
        assert copy.run()[0] == 1
        assert copy.run()[0] == 0
    finally:
        terminal.write_text(text)


def test_where_python_may_write_it_beside_nothing_is_kept(copy):
    assert copy.run(options=())[0] > 5
    assert copy.tables == []
    assert copy.run(options=())[0] == 0


@pytest.mark.parametrize("how", ["no store", "HUTCH_NO_CACHE", "--no-cache"])
def test_nothing_is_kept_where_nothing_is_to_be(copy, how):
    if how == "no store":
        (copy.cache / MARKER).unlink()
    try:
        environ = {"HUTCH_NO_CACHE": "1"} if how.startswith("HUTCH") else {}
        copy.run(*(["--version", how] if how.startswith("--") else []), **environ)
    finally:
        (copy.cache / MARKER).write_bytes(MARKER_TEXT)
    assert copy.tables == []


def plant(copy: Copy, text: str) -> Path:
    """Put other code in place of a module's; where the table is."""
    copy.run()
    place = copy.tables[0]
    *whose, kept = unpack(place.read_bytes())
    date, size, _ = kept["hutch.cli.ui.terminal"]
    kept["hutch.cli.ui.terminal"] = (date, size, marshal.dumps(compile(text, "planted", "exec")))
    body = marshal.dumps((*whose, kept))
    place.write_bytes(crc32(body).to_bytes(4, "little") + body)
    return place


PLANTED = "import os; os._exit(77)"


def test_what_is_kept_is_run(copy):
    """So it matters from where it comes, and the next test means something."""
    plant(copy, PLANTED)
    with pytest.raises(AssertionError):
        copy.run()


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
@pytest.mark.parametrize(
    "what", ["cache", "folder", "file", "link to the folder", "link to the file", "foreign"]
)
def test_it_is_not_read_where_somebody_else_may_write(copy, what, tmp_path):
    place = plant(copy, PLANTED)
    if what.startswith("link"):
        real = place if what.endswith("file") else place.parent
        moved = real.rename(tmp_path / "elsewhere")
        real.symlink_to(moved)
    elif what == "foreign":
        if os.geteuid():
            pytest.skip("only root can give files away")
        os.chown(place, 65534, -1)
    else:
        {"cache": copy.cache, "folder": place.parent, "file": place}[what].chmod(0o777)
    try:
        assert copy.run()[0] > 5
    finally:
        if what.startswith("link"):
            real.unlink()
            moved.rename(real)


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_a_checkout_brings_is_not_read(copy, what):
    """git makes files and folders that others may read; what hutch keeps is for its user alone."""
    place = plant(copy, PLANTED)
    {"folder": place.parent, "file": place}[what].chmod(0o755 if what == "folder" else 0o644)
    assert copy.run()[0] > 5


def test_nothing_below_the_working_directory_is_read(copy, monkeypatch):
    plant(copy, PLANTED)
    monkeypatch.chdir(copy.cache.parent)
    assert copy.run()[0] > 5


def test_another_version_begins_anew(copy):
    copy.run()
    place = copy.tables[0]
    magic, _, *rest = unpack(place.read_bytes())
    body = marshal.dumps((magic, "0.0.1", *rest))
    place.write_bytes(crc32(body).to_bytes(4, "little") + body)
    assert copy.run()[0] > 5


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: b"", lambda data: data[:4] + b"?" * 99]
)
def test_what_is_damaged_is_compiled(copy, damage):
    copy.run()
    place = copy.tables[0]
    place.write_bytes(damage(place.read_bytes()))
    assert copy.run()[0] > 5
    assert copy.run()[0] == 0


@pytest.mark.skipif(os.name == "nt", reason="another rule there")
@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": "/home/me"},
        {"HOME": "/home/me", "XDG_CACHE_HOME": "/var/mine"},
        {"HOME": "/home/me", "XDG_CACHE_HOME": "relative"},
        {"XDG_CACHE_HOME": "/var/mine"},
    ],
)
def test_the_cache_is_where_the_configuration_has_it(environ):
    assert kept_code.cache_at_hand(environ) == find_directories(environ).cache


def test_it_has_the_words_of_the_store():
    assert f"code-v{FORMATS['code']}" == kept_code.FOLDER
    assert kept_code.MARKER == MARKER
    assert kept_code.cache_at_hand({"HUTCH_CACHE_DIR": "here", "HOME": "/home/me"}) is None
    assert kept_code.cache_at_hand({}) is None
