"""What every operation is given: where, with which flags, and whom to tell.

The expensive things (configuration, store, network, interpreter) are made when they are first asked
for; a command that needs none of them pays for none.
"""

from __future__ import annotations

import os
import sys

from hutch.events import Emit, Event, Notice, silent
from hutch.light import cached_property, wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any, Protocol, TypeVar

    from hutch.config import Configuration
    from hutch.index import Indexes
    from hutch.net import Client
    from hutch.ops.checkout import Checkout
    from hutch.ops.fetching import Fetcher
    from hutch.ops.workspace import Place
    from hutch.store import Limits, Store

    Options = TypeVar("Options")
    Outcome = TypeVar("Outcome")

    class Helper(Protocol):
        """A process that works for this one."""

        def wait(self) -> None:
            """Send it home, and wait until it is gone."""


__all__ = ["Context", "one_at_a_time"]

PATIENCE = 600.0
"""Seconds to wait for another command in the same project."""


class Context:
    """The surroundings of one command.

    ``flags`` are the global flags that were given, by long name (``"index-url"``). ``directory`` is
    where the user stands; the project is looked for from there upwards.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        environ: Mapping[str, str],
        flags: Mapping[str, object] | None = None,
        emit: Emit = silent,
    ) -> None:
        self.directory = os.path.abspath(directory)
        self.environ = environ
        self.flags = dict(flags or {})
        self.noticed = False
        """Whether the user was told something that the next command may have to say again."""
        self._tell = emit
        self.words: tuple[str, ...] = ()
        """The command and what it works on, for the history of environments."""
        self.named: str | None = None
        """The name of the environment that is meant (``-n``), if it is none of a project."""
        self.env: str | None = None
        """Which of the project's environments is meant (``--env``), if not the first."""
        self.kept: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
        """What of two locks that are merged is to be kept, by environments that are solved apart."""
        self.within: str | None = None
        """An environment that this command is making, and that its parts work on."""
        self.typed: tuple[str, ...] = ()
        """The words as they were typed, for advice that can be copied."""
        self.ask: Callable[[str], bool] = lambda question: False
        """Ask the one at the terminal, if there is one: yes or no."""
        self.trusted_by_files: tuple[str, ...] = ()
        """Hosts that a requirements file calls good without a certificate; they are told no password."""
        self._scratch: object | None = None
        self.to_compile: dict[tuple[str, str], set[str]] = {}
        """Wheels without bytecode, by interpreter and tag: what is left for when the command is done."""
        self.made: str | None = None
        """The environment that this command has made already, and put nothing into."""
        self.helpers: list[Helper] = []
        """Processes that end by themselves, and may still be writing to the store."""
        self.fetcher: Fetcher | None = None
        """The process that fetches wheels already, if there is one."""
        self.becomes_another = False
        """Whether this process goes on as another program, which is not to inherit our children."""

    @cached_property
    def checkout(self) -> Checkout:
        """The project; ``NoProject`` where there is none."""
        from hutch.ops.finding import find_checkout

        return find_checkout(self)

    @cached_property
    def root(self) -> str | None:
        """The directory of the project's lock, if there is a project: of a workspace, its root."""
        return self.place.root if self.place is not None else None

    @cached_property
    def place(self) -> Place | None:
        """Where the user stands: which project, and of which workspace it is a member."""
        from hutch.ops.workspace import Place, find_place

        if named := self.flags.get("manifest"):
            path = self.path(str(named))
            if not os.path.isfile(path):
                from hutch.errors import UsageProblem

                raise UsageProblem("--manifest names a file that is not there", why=path)
            from hutch.ops.manifests import named_manifest

            return Place(root=named_manifest(path)[0])
        return find_place(self.directory)

    @cached_property
    def manifest_file(self) -> str:
        """The name of the project's manifest: what ``--manifest`` says, or what lies there."""
        from hutch.ops.manifests import PYPROJECT, manifest_in, named_manifest

        named = self.flags.get("manifest")
        if named:
            return named_manifest(self.path(str(named)))[1]
        root = self._settings_root()  # that of a manifest which nobody can read, too
        return manifest_in(root) or PYPROJECT

    @property
    def member(self) -> str:
        """The folder of the member of the workspace that the user stands in, ``.`` for its root."""
        return self.place.member if self.place is not None else "."

    def tell_only(self, emit: Emit) -> None:
        """From now on tell somebody else what happens."""
        self._tell = emit

    def emit(self, event: Event) -> None:
        """Pass on a fact about the work in progress."""
        self.noticed = self.noticed or isinstance(event, Notice)
        self._tell(event)

    @property
    def pins(self) -> str:
        """Where to look for `.python-version`, upwards; empty for nowhere."""
        return self.root or self.directory

    @cached_property
    def configuration(self) -> Configuration:
        """All settings, with where each came from."""
        from hutch.config import load_configuration

        return load_configuration(
            self._settings_root(),
            self.environ,
            self.flags,
            notice=self._notice,
            cwd=self.directory,
            manifest=self.manifest_file,
        )

    def _settings_root(self) -> str:
        """The directory whose settings count: that of the workspace, of the project, or this one.

        A manifest that cannot be read says nothing here; commands that need a project will say why.
        """
        from hutch.errors import Problem
        from hutch.ops.manifests import find_root

        try:
            place = self.place
        except Problem:
            return find_root(self.directory) or self.directory
        if place is None:
            return self.directory
        return place.workspace or self.root or self.directory

    def _notice(self, text: str) -> None:
        self.emit(Notice(text, warning=True))

    @cached_property
    def store(self) -> Store:
        """The store; with ``--no-cache``, or where it cannot be used, one that goes away with the command."""
        from hutch.store import Store

        configuration = self.configuration
        if configuration.no_cache:
            import tempfile

            scratch = tempfile.TemporaryDirectory(prefix="hutch-")
            self._scratch = scratch
            return Store(os.path.join(scratch.name, "cache"), limits=self._archive_limits)
        store = Store(
            configuration.cache_dir,
            layers=configuration.cache_layers,
            elsewhere=self._notice,
            limits=self._archive_limits,
        )
        store.admit(chosen=configuration.is_chosen("cache-dir"), warn=self._notice)
        return store

    def _archive_limits(self) -> Limits:
        from hutch.ops.limits import wheel_limits

        return wheel_limits(self)

    @property
    def throws_away(self) -> bool:
        """Whether what is in the store goes away with the command."""
        return self.configuration.no_cache or self.store.is_temporary

    @cached_property
    def client(self) -> Client:
        """The network."""
        return self.open_client(apart=True)

    def open_client(self, *, apart: bool = False, **changes: Any) -> Client:
        """A client by the settings, but for these options (``NetOptions``); see ``net.open_client``."""
        from hutch.net import open_client
        from hutch.values import replace

        options = replace(self.configuration.net, **changes) if changes else self.configuration.net
        more = tuple(host for host in self.trusted_by_files if host not in options.trusted_hosts)
        if more:
            options = replace(
                options,
                trusted_hosts=(*options.trusted_hosts, *more),
                unproven_hosts=(*options.unproven_hosts, *more),
            )
        return open_client(options, self.emit, apart=apart)

    @cached_property
    def indexes(self) -> Indexes:
        """The package indexes, in the order in which they are asked."""
        from hutch.index import Indexes

        configuration = self.configuration
        return Indexes(
            self.client,
            self.store,
            configuration.indexes,
            refresh=configuration.refresh,
            offline=configuration.offline,
        )

    def ask_again(self) -> None:
        """From here on ask indexes whether pages have changed, however fresh the cache calls them."""
        from hutch.index import Indexes

        configuration = self.configuration
        if not configuration.offline:
            self.indexes = Indexes(self.client, self.store, configuration.indexes, refresh=True)

    def forget(self) -> None:
        """Read the project and the settings anew when they are asked for: something has changed them."""
        for name in ("checkout", "place", "root", "manifest_file", "configuration"):
            self.__dict__.pop(name, None)

    def exclusively(self) -> AbstractContextManager[None]:
        """Keep other commands that change this project out while inside, so that no edit is lost.

        The manifest is read inside: another command may have written it while this one waited. Where
        the cache cannot be written, or has no locks, commands are on their own.
        """
        return _Exclusively(self)

    def path(self, text: str) -> str:
        """A path as the user means it: from where the user stands."""
        return os.path.abspath(os.path.join(self.directory, text))

    def close(self) -> None:
        """Let go of connections and of a throw-away store; sometimes, make the store smaller."""
        self.wait_for_helpers()
        if "client" in self.__dict__:
            self.client.close()
        if "store" in self.__dict__:
            if self.to_compile and sys.exc_info()[0] is None:
                from hutch.ops.bytecode import start_compiling

                start_compiling(self)
            # Whoever was interrupted, or has a problem, is not kept waiting.
            if self.store.has_news and sys.exc_info()[0] is None:
                from hutch.ops.cache import tidy

                tidy(self)
            self.store.close()
        if self._scratch is not None:
            self._scratch.cleanup()  # type: ignore[attr-defined]

    def wait_for_helpers(self) -> None:
        """Wait until all processes that were sent home are gone."""
        while self.helpers:
            self.helpers.pop().wait()

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Exclusively:
    """The lock of a project while inside, as far as there is one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock: AbstractContextManager[object] | None = None

    def __enter__(self) -> None:
        context = self._context
        if context.root is None:
            return
        from hutch.spec import short_sha256
        from hutch.store import StoreBusy, StoreProblem

        key = short_sha256(os.fsencode(os.path.realpath(context.root)))[:32]

        def waiting(holder: str) -> None:
            context.emit(Notice(f"waiting for {holder or 'another command'}, which changes this project"))

        try:
            lock = context.store.lock(f"project-{key}", timeout=PATIENCE, waiting=waiting)
            lock.__enter__()
            self._lock = lock
        except StoreBusy:
            raise
        except StoreProblem:
            pass
        context.__dict__.pop("checkout", None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.__exit__(kind, error, trace)


def one_at_a_time(operation: Callable[[Context, Options], Outcome]) -> Callable[[Context, Options], Outcome]:
    """An operation that changes a project, and does it while no other command does."""

    @wraps(operation)
    def exclusive(context: Context, options: Options) -> Outcome:
        with context.exclusively():
            return operation(context, options)

    return exclusive
