"""The process that fetches ahead: what is certain to be needed, and what it does with what it is told."""

from __future__ import annotations

import marshal
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hutch.lock import parse_lock
from hutch.net import Client
from hutch.ops.fetching import _Errand, _packed, certain
from hutch.ops.install import Chosen
from hutch.store import Store
from hutch.testing.fake_index import FakeIndex

SHA = "a" * 64


def entry(name: str = "io", *, files: Sequence[str] = ("io-1.0-py3-none-any.whl",), more: str = "") -> str:
    """A package of a lock; a file that begins with a path is one of this machine."""
    rows = []
    for number, file in enumerate(files):
        where = f'path = "{file}"' if file.startswith("./") else f'url = "https://files.example/{file}"'
        rows.append(f'{{ {where}, size = 9, hashes = {{ sha256 = "{number:064x}" }} }}')
    return f'[[packages]]\nname = "{name}"\nversion = "1.0"\n{more}wheels = [{", ".join(rows)}]\n'


def names_of(text: str) -> list[str]:
    head = 'lock-version = "1.0"\ncreated-by = "hutch"\n'
    return [one.file.filename for one in certain(parse_lock(head + text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (entry(), ["io-1.0-py3-none-any.whl"]),
        (entry(files=["io-1.0-py2.py3-none-any.whl"]), ["io-1.0-py2.py3-none-any.whl"]),
        (entry(files=["io-1.0-1-py3-none-any.whl"]), ["io-1.0-1-py3-none-any.whl"]),
        (entry(files=["io-1.0-py2-none-any.whl"]), []),
        (entry(files=["io-1.0-py39-none-any.whl"]), []),
        (entry(files=["io-1.0-cp39-abi3-any.whl"]), []),
        (entry(files=["io-1.0-py3-none-win_amd64.whl"]), []),
        (entry(files=["io-1.0-py3-none-any.whl", "io-1.0-cp311-cp311-win_amd64.whl"]), []),
        (entry(files=["./io-1.0-py3-none-any.whl"]), []),
        (entry(more="marker = \"sys_platform == 'win32'\"\n"), []),
        (entry(more="marker = \"'test' in dependency_groups\"\n"), []),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value) or "nothing",
)
def test_what_is_certain_to_be_needed(text, names):
    assert names_of(text) == names


class Late:
    """A transport that is asked for something new just after it was looked at, with nothing to do."""

    def __init__(self, inner: Any, happens: Callable[[], None]) -> None:
        self._inner = inner
        self._happens: list[Callable[[], None]] = [happens]
        self.submit = inner.submit
        self.close = inner.close

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        busy: bool = self._inner.pump(timeout)
        while self._happens:
            self._happens.pop()()
        return busy


@pytest.mark.skipif(sys.platform == "win32", reason="nobody forks there, and its pipes cannot be waited for")
@pytest.mark.parametrize("what", ["files", "the end"])
def test_what_it_is_told_between_two_looks_at_the_network_is_done(tmp_path, what):
    index = FakeIndex()
    file = index.add_wheel("io", "1.0")
    sha256 = file.record["hashes"]["sha256"]
    text = entry().replace(f"{0:064x}", sha256).replace("size = 9", f"size = {len(file.body)}")
    (one,) = certain(parse_lock('lock-version = "1.0"\ncreated-by = "hutch"\n' + text))
    assert isinstance(one, Chosen)
    reading, writing = os.pipe()
    data = marshal.dumps([_packed(one)])

    def tell() -> None:
        if what == "files":
            os.write(writing, len(data).to_bytes(4, "little") + data)
        else:
            os.close(writing)

    said: list[tuple[str, str]] = []
    store = Store(tmp_path / "store")
    store.prepare()
    client = Client(Late(index.transport(), tell))  # type: ignore[arg-type]
    errand = _Errand(client, store, reading, lambda kind, text: said.append((kind, text)))
    client.helped_by(errand)

    def work() -> None:
        while client.pump(None) and not errand.over and not said:
            pass

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert said == ([("new", sha256)] if what == "files" else [])
    assert errand.over == (what == "the end")
    client.close()
    os.close(reading)
    if what == "files":
        os.close(writing)
