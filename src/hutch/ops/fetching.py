"""A process that fetches wheels into the store while this one makes up its mind.

Between the lock and the first request lie the question what the interpreter is, the environment and the plan;
and what a new environment will need is known from the lock alone, nearly all of it. So a process is forked
that learns of it at once. It does what this process would do, with the same client and the same checks, and
has unpackers of its own (`hutch.store.unpackers`); the network's modules are loaded there and not here.

It fills the store, and nothing else. What it brought is found there; what it could not bring (whatever the
reason, its own death included) is fetched here again, where the problem belongs. It stops at the first
failure, for which it tries once, and it ends when its pipe does: so it is gone when this process is. It asks
no keyring, which is a program that may wait for somebody, and has to be ended by who was interrupted.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Fetched, Notice
from hutch.forked import Forked, may_fork, processors
from hutch.pipes import message, messages, receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any

    from hutch.events import Event
    from hutch.lock import Lock
    from hutch.net import Client
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen
    from hutch.ops.sync import SyncOptions
    from hutch.store import Store, StoredWheel

__all__ = ["Fetcher", "certain", "load_early", "start_fetching"]

_PART = 1 << 16


def load_early(context: Context, checkout: Checkout, options: SyncOptions) -> None:
    """Have the process load what it needs already, if there is no environment and the store is empty: it
    will be needed for certain."""
    if checkout.manifest.settings.conda is None and not context.store.wheels.has_some:
        _process_for(context, checkout, options)


def start_fetching(context: Context, checkout: Checkout, lock: Lock, options: SyncOptions) -> bool:
    """Begin with what a new environment is certain to need; False if nobody does that."""
    wheels = context.store.wheels
    files = [each for each in certain(lock) if wheels.find(each.sha256 or "") is None]
    fetcher = _process_for(context, checkout, options) if files else None
    if fetcher is None:
        return False
    fetcher.ask(files)
    return True


def _process_for(context: Context, checkout: Checkout, options: SyncOptions) -> Fetcher | None:
    """The process, if there is to be a new environment and nothing is in the way."""
    if context.fetcher is not None:
        return context.fetcher
    if "client" in context.__dict__ or processors() < 2 or not may_fork():
        return None
    if options.dry_run or options.only_dev or options.only_group or checkout.members:
        return None
    configuration = context.configuration
    if configuration.offline or configuration.no_cache or configuration.no_binary:
        return None
    from hutch.ops.environments import environment_root
    from hutch.store import StoreProblem

    if os.path.lexists(environment_root(context, checkout)):
        return None  # and much of it may be in there
    try:
        if not context.store.is_writable:
            return None
        fetcher = Fetcher(context)
    except StoreProblem:
        return None  # it may not be needed at all
    except OSError:
        return None  # no more processes for this user, or no descriptors
    context.helpers.append(fetcher)
    context.fetcher = fetcher
    return fetcher


def certain(lock: Lock) -> Iterator[Chosen]:
    """What whoever installs the lock's own part of it needs, wherever that is: entries without a condition
    whose only wheel is for every Python 3."""
    if lock.by_edges or lock.conflicts:
        return
    from hutch.ops.install import Chosen

    for package in lock.packages:
        wheel = package.wheels[0] if len(package.wheels) == 1 and not package.marker else None
        if wheel is None or wheel.url is None or not wheel.url.startswith(("https://", "http://")):
            continue
        if not _is_universal(wheel.filename) or not package.version:
            continue
        one = Chosen(
            name=package.name, version=package.version, file=wheel, is_wheel=True, index=package.index
        )
        if one.sha256:
            yield one


def _is_universal(filename: str) -> bool:
    """Whether a wheel is for every Python 3 on every platform, by its name."""
    parts = filename.removesuffix(".whl").split("-")
    return parts[-2:] == ["none", "any"] and "py3" in parts[-3].split(".") if len(parts) >= 5 else False


class Fetcher:
    """The process, what it was asked for, and what came of that. Raises OSError where there can be none."""

    def __init__(self, context: Context) -> None:
        self._wheels = context.store.wheels
        self._emit = context.emit
        self._asked: set[str] = set()
        self._brought: set[str] = set()
        self._begun: list[bytes] = []
        self._unsaid = b""
        process = Forked(lambda jobs, answers: _serve(context, jobs, answers))
        self._process: Forked | None = process
        os.set_blocking(process.jobs, False)

    def ask(self, files: Iterable[Chosen]) -> None:
        """Have these fetched as well. Returns at once."""
        new = [one for one in files if one.is_wheel and one.sha256 and one.sha256 not in self._asked]
        if new and self._process is not None:
            self._asked.update(one.sha256 for one in new if one.sha256)
            self._unsaid += message([_packed(one) for one in new])
            self._say()

    def was_asked(self, one: Chosen) -> bool:
        """Whether it was asked for this one, and `bring` tells what came of that."""
        return one.is_wheel and one.sha256 in self._asked

    def bring(self, files: Collection[Chosen]) -> dict[str, StoredWheel]:
        """Wait for these; those that it could bring, by name. Nothing more is fetched after this."""
        found: dict[str, StoredWheel] = {}
        self.ask(files)
        owed = {one.sha256: one for one in files if one.sha256 in self._asked}
        try:
            while owed:
                for sha256 in self._brought.intersection(owed):
                    one = owed.pop(sha256)
                    wheel = self._wheels.find(sha256)
                    if wheel is not None:
                        found[one.name] = wheel
                        self._emit(Fetched(one.file.filename, one.file.size or 0))
                if owed and not self._hear():
                    break
        finally:
            if owed:
                self.wait()  # it holds what those who fetch the rest will want to go on with
            else:
                self.dismiss()
        return found

    def dismiss(self) -> None:
        """Send it home, without waiting for that."""
        if self._process is not None:
            self._process.close()

    def wait(self) -> None:
        """Send it home, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _say(self) -> None:
        """Write as much as goes into its pipe."""
        assert self._process is not None
        try:
            while self._unsaid:
                self._unsaid = self._unsaid[os.write(self._process.jobs, self._unsaid) :]
        except BlockingIOError:
            pass
        except OSError:
            self._unsaid = b""
            self._process.give_up()  # which its other pipe says

    def _hear(self) -> bool:
        """Wait for a word of it; False where there will be no more."""
        process = self._process
        if process is None or process.jobs < 0:
            return False
        if self._unsaid:
            from select import select

            if select([process.answers], [process.jobs], [])[1]:
                self._say()
                return True
        data = os.read(process.answers, _PART)
        if not data:
            return False
        for kind, said in messages(self._begun, data):
            if kind in ("notice", "warning"):
                self._emit(Notice(said, warning=kind == "warning"))
            elif kind == "failed":
                return False
            else:
                self._wheels.count(said if kind == "new" else None)
                self._brought.add(said)
        return True


def _packed(one: Chosen) -> tuple[Any, ...]:
    file = one.file
    return file.filename, file.url, file.size, file.hashes, one.name, one.version, one.index


def _unpacked(row: tuple[Any, ...]) -> Chosen:
    from hutch.lock import LockedFile
    from hutch.ops.install import Chosen

    filename, url, size, hashes, name, version, index = row
    file = LockedFile(filename=filename, url=url, size=size, hashes=hashes)
    return Chosen(name=name, version=version, file=file, is_wheel=True, index=index)


# -- in the other process ------------------------------------------------------------------------------


def _serve(context: Context, jobs: int, answers: int) -> None:
    """What the process does all its life."""
    import gc

    gc.disable()

    def say(kind: str, said: str) -> None:
        send(answers, message((kind, said)))

    def tell(event: Event) -> None:
        if isinstance(event, Notice):
            say("warning" if event.warning else "notice", event.text)

    context.tell_only(tell)
    import hutch.store.publish  # noqa: F401  (here once, not in each of the unpackers)
    from hutch.net.keyring import KeyringOptions
    from hutch.store.unpackers import MOST

    with context.store.wheels.unpacking(MOST):  # who waits for this one waits for them
        client = context.open_client(retries=0, keyring=KeyringOptions())
        errand = _Errand(client, context.store, jobs, say)
        client.helped_by(errand)
        try:
            while client.pump(None) and not errand.over:
                pass
        except OSError:
            pass  # nobody listens any more
        finally:
            client.close()  # what has come of a file is written, for whoever goes on with it


def _go_on(_: None) -> None:
    """Look again."""


class _Errand:
    """What is to be fetched, on one side; the pipes to the one who wants it, on the other."""

    def __init__(self, client: Client, store: Store, jobs: int, say: Callable[[str, str], None]) -> None:
        from hutch.ops.install import downloads_at_once

        self._client = client
        self._store = store
        self._jobs = jobs
        self._say = say
        self._free = downloads_at_once()
        self._waiting: list[Chosen] = []
        self._under_way: list[Callable[[], None]] = []
        self.over = False

    @property
    def left(self) -> int:
        """There may be more to do as long as nobody says that it is over."""
        return 0 if self.over else 1

    def descriptors(self) -> Sequence[int]:
        """Where more to do comes from."""
        return (self._jobs,)

    def collect(self) -> None:
        """Take what has come, and begin with it."""
        from select import select

        while not self.over and select([self._jobs], [], [], 0)[0]:
            rows = receive(self._jobs)
            # The client may have looked at the network before this, and would wait as if nothing had begun,
            # or as if it was not over.
            self._client.soon(_go_on, None)
            if rows is None:
                self.over = True
                return
            self._waiting += [_unpacked(row) for row in rows]
        self._begin()

    def dismiss(self) -> None:
        """There is nobody to send home."""

    def _begin(self) -> None:
        from hutch.index import fetch_file
        from hutch.net import CannotSave
        from hutch.ops.install import indexed_file
        from hutch.store import StoreProblem

        while self._free and self._waiting:
            one = self._waiting.pop(0)
            self._free -= 1

            def fetched(answer: StoredWheel | Any | Problem, one: Chosen = one) -> None:
                self._free += 1
                if isinstance(answer, Problem):
                    self.over = True
                    if isinstance(answer, (CannotSave, StoreProblem)):
                        for give_up in self._under_way:  # a disk that is full shall not stay so
                            give_up()
                    self._say("failed", one.name)
                    return
                new = one.sha256 in self._store.wheels.fresh
                self._say("new" if new else "old", one.sha256 or "")
                self._begin()

            self._under_way.append(fetch_file(self._client, self._store, indexed_file(one), fetched))
