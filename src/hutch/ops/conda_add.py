"""``hutch add --conda``: MatchSpecs into the manifest, with a bound from the versions that were chosen."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.ops.conda_problems import NoSuchCondaPackage
from hutch.ops.edit import apply_edit, edited_checkout, where_of, write_edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.index import Page
    from hutch.lock import Lock
    from hutch.ops.add import AddOptions
    from hutch.ops.add_outcome import AddOutcome
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.project import Editor

__all__ = ["add_from_conda", "bounded_spec", "page_on_index", "versions_of"]


def add_from_conda(context: Context, options: AddOptions) -> AddOutcome:
    """Add each MatchSpec; one without a version gets the bound that ``bounds`` asks for."""
    from hutch.ops.add_outcome import AddOutcome

    checkout = edited_checkout(context, options)
    where = where_of(options)
    wanted = _given(context, options)
    _check_platform(options.platform)
    channels = _channels(context, checkout, options)

    def written(specs: Sequence[str]) -> Editor:
        editor = checkout.editor_of(checkout.text)
        for selector in options.platform or ("",):
            for spec in specs:
                editor.add_conda(spec, where, selector=selector)
        if channels:
            editor.add_channels(channels)
        return editor

    final = list(wanted)
    lock_outcome = sync_outcome = None
    changed = written(wanted).changed
    if options.frozen:
        if not options.dry_run:
            write_edit(context, checkout, written(wanted))
    else:

        def finish(lock: Lock) -> Editor | None:
            nonlocal final
            pixi = "pixi" in checkout.own.dialects
            final = [bounded_spec(spec, lock, options.bounds, pixi=pixi) for spec in wanted]
            return written(final) if final != wanted else None

        try:
            lock_outcome, sync_outcome = apply_edit(
                context,
                checkout,
                written(wanted),
                finish,
                sync=options.sync,
                dry_run=options.dry_run,
                select=where,
            )
        except NoSuchCondaPackage as problem:
            _tell_of_the_index(context, problem)
            raise
    return AddOutcome(
        added=tuple(final),
        side="conda",
        channels=channels,
        where=where,
        manifest=changed,
        lock=lock_outcome,
        sync=sync_outcome,
        dry_run=options.dry_run,
    )


def _given(context: Context, options: AddOptions) -> list[str]:
    """The MatchSpecs that were typed, each name once."""
    from hutch.spec import parse_conda_spec

    names: set[str] = set()
    for text in options.requirements:
        name = parse_conda_spec(text).name
        if name == "*":
            raise UsageProblem(f"{text} names no package", hint="hutch add --conda NAME")
        if name.startswith("__"):
            from hutch.ops.conda_phrases import machines_have, manifest_of

            raise UsageProblem(
                f"{name} is what a machine has, and no package",
                hint=f"say what to assume: {machines_have(manifest_of(context), name[2:], 'VERSION')}",
            )
        if name in names:
            raise UsageProblem(f"{name} is named twice", hint="name it once, with all that you ask of it")
        names.add(name)
    if not names:
        raise UsageProblem("nothing is named that could be added", hint="hutch add --conda NAME")
    return [" ".join(text.split()) for text in options.requirements]


def _check_platform(words: Sequence[str]) -> None:
    from hutch.project.conda_settings import is_selector

    for word in words:
        if not is_selector(word):
            raise UsageProblem(
                f"--platform: {word} is no platform of conda",
                hint="linux, osx, win, unix, or one such as linux-64, osx-arm64, win-64",
            )


def _channels(context: Context, checkout: Checkout, options: AddOptions) -> tuple[str, ...]:
    """The channels to write: those that were named; the first time also those that are asked anyway, so that
    the project means the same elsewhere."""
    from hutch.net import hide_credentials

    for channel in options.channel:
        if hide_credentials(channel) != channel or "/t/" in channel.partition("://")[2]:
            raise UsageProblem(
                "--channel: the address has a password or a token in it",
                hint="hutch auth login keeps those; name the address without",
            )
    conda = checkout.manifest.settings.conda  # of a workspace: what all members say
    known = conda.channels if conda is not None else None
    if known:
        return tuple(channel for channel in dict.fromkeys(options.channel) if channel not in known)
    if conda is not None and not options.channel:
        return ()
    from hutch.ops.channels import configured_channels

    usual = configured_channels(context)
    # An address or a folder of this machine is for nobody else.
    shared = all("/" not in name and "\\" not in name for name in usual)
    return tuple(dict.fromkeys((*(usual if shared else ()), *options.channel)))


def bounded_spec(text: str, lock: Lock, bounds: str, *, pixi: bool = False) -> str:
    """The MatchSpec with a bound from what was chosen, if it says nothing but the name and where from.

    ``lower`` writes the lowest version that was chosen as the lower bound; what pixi reads gets the upper
    bound that pixi writes. Python's is that of its minor version: a newer one is another set of packages.
    """
    from hutch.ops.conda_bounds import lowest_version
    from hutch.spec import parse_conda_spec, parse_conda_version, parse_version_spec

    spec = parse_conda_spec(text)
    says_more = spec.version or spec.build or spec.build_number or spec.md5 or spec.sha256 or spec.url
    if says_more or "[" in text or bounds == "none" or lock.conda is None:
        return text
    versions = {one.record.version for one in lock.conda.packages if one.record.name == spec.name}
    if not versions:
        return text
    lowest = lowest_version(versions)
    if bounds == "exact":
        return f"{text} =={lowest}" if len(versions) == 1 else text
    bound = f">={lowest.partition('+')[0]}"
    upper = _upper(lowest, minor=spec.name == "python") if pixi or spec.name == "python" else ""
    if upper and all(parse_version_spec(upper)(parse_conda_version(each)) for each in versions):
        bound += f",{upper}"
    return f"{text} {bound}"


def versions_of(name: str, lock: Lock) -> list[str]:
    """The versions of the records that are the distribution ``name``, as far as PEP 440 can read them."""
    from hutch.lock import distributions_of
    from hutch.spec import InvalidVersion, version_key

    assert lock.conda is not None
    found = {one.record.version for one in lock.conda.packages if name in distributions_of(one.record)}
    readable = []
    for version in sorted(found):
        try:
            version_key(version)
        except InvalidVersion:
            continue
        readable.append(version)
    return readable


def _upper(version: str, *, minor: bool) -> str:
    """``<3`` for ``2.1.3``, ``<0.6`` for ``0.5.3``, as semantic versions have it."""
    epoch, mark, rest = version.rpartition("!")
    numbers = rest.split(".")
    if not numbers[0].isdigit():
        return ""
    if minor or int(numbers[0]) == 0:
        if len(numbers) < 2 or not numbers[1].isdigit():
            return ""
        return f"<{epoch}{mark}{numbers[0]}.{int(numbers[1]) + 1}"
    return f"<{epoch}{mark}{int(numbers[0]) + 1}"


def _tell_of_the_index(context: Context, problem: NoSuchCondaPackage) -> None:
    """Where an index has what no channel has, that is what was meant."""
    from hutch.spec import is_valid_name, normalize

    if (
        problem.near
        or any("hutch add" in hint for hint in problem.hints)
        or not is_valid_name(problem.name)
        or page_on_index(context, normalize(problem.name)) is None
    ):
        return
    problem.hints = (f"a package index has it: hutch add {problem.name}", *problem.hints)


def page_on_index(context: Context, name: str) -> Page | None:
    """What an index has of a package; None where it has nothing, or cannot be asked."""
    from hutch.errors import Problem
    from hutch.index import Page

    answers: list[object] = []
    try:
        context.indexes.fetch_page(name, answers.append)  # type: ignore[arg-type]
        while not answers and context.client.pump(None):
            pass
    except Problem:
        return None
    return answers[0] if answers and isinstance(answers[0], Page) else None
