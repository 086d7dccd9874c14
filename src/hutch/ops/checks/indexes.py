"""Checks that ask the indexes: can they be reached, who has which name, what was taken back."""

from __future__ import annotations

import os
import time

from hutch.errors import Problem
from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.index import IndexOptions, Missing, Page
    from hutch.net import Client, Response
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say
    from hutch.spec import NormalizedName

__all__ = ["CHECKS"]

SKEW = 300
"""Seconds that the clocks may be apart: certificates and signatures allow for some minutes."""
MOST_NAMES = 300


def _with_client(ground: Ground, work: Callable[[Client], None]) -> None:
    """A client of this check's own: another one, which hangs, may still hold the command's."""
    from hutch.net import open_client
    from hutch.values import replace

    assert ground.configuration is not None
    # Somebody waits, and one answer is enough to know.
    options = replace(ground.configuration.net, retries=0)
    client = open_client(options, lambda event: None)
    try:
        work(client)
    finally:
        client.close()


def _remote(ground: Ground) -> list[IndexOptions]:
    configuration = ground.configuration
    if configuration is None:
        return []
    return [each for each in configuration.indexes if each.url.lower().startswith(("http://", "https://"))]


@check(
    "index-trouble",
    "The indexes can be reached, and prove who they are",
    group="packages",
    network=True,
    severity="error",
    seconds=60.0,
    why="Nothing that is not in the cache can be installed.",
)
def index_trouble(ground: Ground, say: Say) -> None:
    """One request to each index: the network, the proxy, the certificate, the login, the clock."""
    from hutch.config.values import redacted
    from hutch.net import Request

    lock = ground.lock
    names = [str(one.name) for one in lock.packages if one.index] if lock is not None else []

    def ask(client: Client) -> None:
        for index in _remote(ground):
            url = (
                index.url
                if index.kind == "flat"
                else f"{index.url.rstrip('/')}/{names[0] if names else 'pip'}/"
            )
            answers: list[Response | Problem] = []
            request = Request(url=url, method="HEAD", purpose=f"the index {index.name}")
            client.submit(request, answers.append)
            while not answers and client.pump(None):
                pass
            answer = answers[0] if answers else Problem(f"{index.name} gave no answer")
            shown = f"{index.name} ({redacted(index.url)})"
            if isinstance(answer, Problem):
                say(
                    f"the index {index.name} cannot be reached",
                    seen=(shown, answer.what, *answer.why, *_surroundings(ground, index.url)),
                    commands=answer.hints,
                )
                continue
            if answer.status in (401, 403):
                say(
                    f"the index {index.name} wants to know who you are",
                    seen=(shown, f"it answered {answer.status}"),
                    commands=(f"hutch auth login {redacted(index.url)}",),
                )
            elif answer.status >= 500:
                say(f"the index {index.name} is out of order", seen=(shown, f"it answered {answer.status}"))
            _tell_skew(answer, say, shown)

    _with_client(ground, ask)


def _surroundings(ground: Ground, url: str) -> tuple[str, ...]:
    """What of this machine decides whether a server is reached and believed."""
    from hutch.config.values import redacted
    from hutch.net.certificates import certificate_paths

    assert ground.configuration is not None
    file, directory = certificate_paths(ground.configuration.net)
    said = []
    if url.lower().startswith("https"):
        said.append(f"certificates are looked up in {file or directory or 'the store of the system'}")
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        if ground.environ.get(name):
            said.append(f"{name}={redacted(ground.environ[name])}")
    return tuple(said)


def _tell_skew(answer: Response, say: Say, shown: str) -> None:
    from email.utils import parsedate_to_datetime

    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return
    apart = time.time() - theirs
    if abs(apart) > SKEW:
        minutes = round(abs(apart) / 60)
        say(
            f"the clock of this machine is {minutes} minutes {'ahead' if apart > 0 else 'behind'}",
            seen=(shown, f"it says that it is {answer.headers['date']}"),
            commands=("timedatectl set-ntp true",) if os.name != "nt" else ("w32tm /resync",),
            why="Certificates are not valid yet, or not any more, and dates of files lie.",
            severity="warning",
        )


@check(
    "several-owners",
    "No package is on several of the indexes",
    group="packages",
    network=True,
    fix_class="ask",
    seconds=60.0,
    why="Which one is installed depends on the order of indexes, and pip takes the highest version of any.",
)
def several_owners(ground: Ground, say: Say) -> None:
    """Names that more than one index has, where the project does not say which it means."""
    configuration, checkout = ground.configuration, ground.checkout
    if configuration is None or checkout is None:
        return
    owners = [
        each for each in configuration.indexes if not (each.explicit or each.supplemental or each.joins)
    ]
    if len(owners) < 2:
        return
    lock = ground.lock
    names: dict[NormalizedName, str | None] = {
        one.requirement.name: None
        for each in checkout.manifest.requirements().values()
        for one in each
        if one.requirement.url is None
    }
    if lock is not None:
        names.update({one.name: one.index for one in lock.packages if one.index is not None})
    asked = [name for name in names if name not in checkout.manifest.settings.sources][:MOST_NAMES]
    found: dict[NormalizedName, list[str]] = {name: [] for name in asked}

    def ask(client: Client) -> None:
        from hutch.index import Page

        for index in owners:
            pages = _pages(ground, client, asked, index.name)
            for name, page in pages.items():
                if isinstance(page, Page):
                    found[name].append(index.name)

    _with_client(ground, ask)
    declared = {each.name for each in checkout.manifest.settings.indexes}
    for name, places in found.items():
        if len(places) > 1:
            first = places[0]
            locked = names[name] is not None
            fix = _pin(ground, name, first) if first in declared else None
            say(
                f"{name} is on the indexes {' and '.join(places)}",
                seen=(
                    f"hutch asks {first} first, so it is taken from there",
                    f"the lock says {names[name]}" if locked else "no lock says which one is meant",
                ),
                commands=()
                if fix is not None
                else ("name the index in [[tool.hutch.index]], and the package in [tool.hutch.sources]",),
                fix=fix,
                severity="info" if locked else "warning",
            )


def _pin(ground: Ground, name: NormalizedName, index: str) -> Fix:
    """Say in the manifest that this package is of this index."""
    checkout = ground.checkout
    assert checkout is not None

    def apply() -> str:
        from hutch.ops.checkout import write_text
        from hutch.project import Source, add_source

        with ground.command.exclusively():
            now = ground.command.checkout
            text = add_source(now.source, name, Source(kind="index", location=index))
            now.edited(ground.command, text)  # read again, before it is written
            write_text(now.manifest_path, text)
        return f"wrote {name} = {{ index = {index!r} }} into [tool.hutch.sources]"

    return Fix(
        plan=(f"say in [tool.hutch.sources] of {checkout.file} that {name} comes from {index}",),
        apply=apply,
        undo=f"take {name} out of [tool.hutch.sources]",
    )


@check(
    "yanked-pins",
    "Nothing in the lock was taken back by its makers, or by the index",
    group="packages",
    network=True,
    seconds=60.0,
    why="A version is yanked because it is broken or dangerous; in quarantine is what is probably malware.",
)
def yanked_pins(ground: Ground, say: Say) -> None:
    """Versions of the lock that the index calls yanked; projects that are in quarantine."""
    from hutch.index import Page

    lock = ground.lock
    if lock is None:
        return
    wanted = {one.name: one for one in lock.packages if one.version is not None and not one.is_direct}
    pages: dict[NormalizedName, Page | Missing | Problem] = {}

    def ask(client: Client) -> None:
        pages.update(_pages(ground, client, list(wanted)[:MOST_NAMES]))

    _with_client(ground, ask)
    for name, page in pages.items():
        one = wanted[name]
        if not isinstance(page, Page):
            continue
        if page.status == "quarantined":
            say(
                f"{name} is in quarantine",
                seen=(f"on the index {page.index}: {page.status_reason or 'it does not say why'}",),
                commands=(f"hutch why {name}", f"hutch remove {name}"),
                severity="error",
            )
        elif one.version in page.versions and page.yanked >> page.versions.index(one.version) & 1:
            files = page.files_of(page.versions.index(one.version))
            reason = next((file.yanked for file in files if file.yanked), "")
            say(
                f"{name} {one.version} was yanked",
                seen=(f"on the index {page.index}: {reason or 'it does not say why'}",),
                commands=(f"hutch upgrade {name}",),
            )


def _pages(
    ground: Ground, client: Client, names: Iterable[NormalizedName], index: str | None = None
) -> dict[NormalizedName, Page | Missing | Problem]:
    """The pages of several projects, asked for at once."""
    from hutch.index import Indexes

    assert ground.configuration is not None
    indexes = Indexes(client, ground.context.store, ground.configuration.indexes)
    found: dict[NormalizedName, Page | Missing | Problem] = {}
    waiting = list(names)
    for name in waiting:

        def done(answer: Page | Missing | Problem, name: NormalizedName = name) -> None:
            found[name] = answer

        indexes.fetch_page(name, done, index=index)
    while len(found) < len(waiting) and client.pump(None):
        pass
    return found


CHECKS = (index_trouble, several_owners, yanked_pins)
