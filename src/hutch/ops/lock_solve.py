"""From a manifest to a lock: what is asked for, for which targets, and whether the answer is right."""

from __future__ import annotations

from hutch.errors import Bug, UsageProblem
from hutch.ops.checkout import MANIFEST
from hutch.ops.lock_file import read_old_lock
from hutch.ops.moments import exclude_newer, newer_than

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.builds import Builder
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions
    from hutch.ops.lock_file import OldLock
    from hutch.ops.resolve import Request, Resolved, Root
    from hutch.provide import Direct
    from hutch.spec import Requirement, Targets

__all__ = ["current_request", "direct_packages", "solve_lock"]


def solve_lock(
    context: Context,
    checkout: Checkout,
    options: LockOptions,
    interpreter: Interpreter,
    old: OldLock,
    inputs: str,
) -> tuple[Lock, tuple[tuple[str, str], ...]]:
    """The lock that is right now, ``old`` changed as little as possible, and the wishes left out."""
    from hutch.ops.adjusting import tell_unused
    from hutch.ops.builds import Builder
    from hutch.ops.locking import make_lock
    from hutch.ops.resolve import resolve

    targets, demanded = _targets(context, checkout, options, interpreter)
    builder = Builder(context)
    resolved = resolve(
        context, _request(context, checkout, options, targets, demanded, old, builder), builder
    )
    new = make_lock(resolved, checkout.manifest, inputs)
    _check(new, resolved)
    if len(checkout.neighbours) == len(checkout.members):  # another member's lock may have to do with it
        tell_unused(context, checkout.manifest, resolved, new)
    return new, resolved.dropped


def _request(
    context: Context,
    checkout: Checkout,
    options: LockOptions,
    targets: Targets,
    demanded: int,
    old: OldLock,
    builder: Builder,
) -> Request:
    from hutch.ops.adjusting import adjusted
    from hutch.ops.apart import apart
    from hutch.ops.resolve import Request
    from hutch.ops.roots import project_roots

    roots, bound = project_roots(context, checkout, builder)
    if checkout.manifest.settings.sources:
        from hutch.ops.alternatives import refuse_overlaps

        refuse_overlaps(checkout.manifest, targets)
    preferred, extra_roots = _preferences(old, options)
    configuration = context.configuration
    request = Request(
        roots=(*roots, *extra_roots),
        targets=targets,
        demanded=demanded,
        preferred=preferred,
        direct=direct_packages(context, checkout, options, roots, targets, old, builder),
        bound=bound,
        resolution=options.resolution or configuration.resolution,
        prerelease=configuration.prerelease,
        only_binary=frozenset(configuration.only_binary),
        no_binary=frozenset(configuration.no_binary),
        exclude_newer=exclude_newer(context),
        **apart(checkout),
        **newer_than(checkout.manifest.settings),
        likely=frozenset(old.versions).difference(checkout.manifest.settings.sources),
        manifest=checkout.manifest,
        spoken_for=frozenset(one.name for one in checkout.members if one.installs),
        told=checkout.told,
        from_manifest=not options.target,
    )
    return adjusted(request, checkout.manifest.settings)


def direct_packages(
    context: Context,
    checkout: Checkout,
    options: LockOptions,
    roots: tuple[Root, ...],
    targets: Targets,
    old: OldLock,
    builder: Builder,
) -> dict[str, tuple[Direct, ...]]:
    """The packages that come from directories, archives and repositories."""
    sources = checkout.manifest.settings.sources
    if not sources and not any(root.requirement.url for root in roots):
        return {}
    from hutch.ops.direct import find_direct
    from hutch.ops.located import Locator
    from hutch.spec import parse_requirement

    names = {parse_requirement(text).name for text in options.upgrade_package}
    locator = Locator(
        context,
        builder,
        checkout.root,
        old.lock,
        lambda name: options.upgrade or name in names,
        checkout.texts,
    )
    return find_direct(roots, locator, targets, manifest=checkout.manifest, base=checkout.root)


def current_request(context: Context, checkout: Checkout, options: LockOptions, builder: Builder) -> Request:
    """What a lock of the checkout would be solved for now."""
    from hutch.ops.interpreter import project_interpreter

    targets, demanded = _targets(context, checkout, options, project_interpreter(context, checkout))
    return _request(context, checkout, options, targets, demanded, read_old_lock(context, checkout), builder)


def _check(new: Lock, resolved: Resolved) -> None:
    """A lock that is wrong anywhere is a bug of ours, and never gets to the disk."""
    from hutch.lock import check_lock

    roots: dict[str, list[Requirement]] = {}
    for root, _ in resolved.roots:
        if not root.constraint:
            roots.setdefault(root.where, []).append(root.limited)
    violations = check_lock(
        new,
        resolved.targets.in_mask(resolved.resolution.targets),
        roots,
        resolved.provider.metadata_of,
    )
    if violations:
        shown = "\n".join(f"  {violation}" for violation in violations[:12])
        raise Bug(f"the lock would be wrong; it has not been written\n{shown}")


def _preferences(old: OldLock, options: LockOptions) -> tuple[dict[str, tuple[str, ...]], tuple[Root, ...]]:
    """The versions to keep, and what ``--upgrade-package NAME<4`` asks for on top."""
    if options.upgrade:
        return {}, ()
    from hutch.ops.resolve import Root
    from hutch.spec import parse_requirement

    preferred = dict(old.versions)
    extra = []
    for text in options.upgrade_package:
        requirement = parse_requirement(text)
        direct = old.lock is not None and any(p.is_direct for p in old.lock.named(requirement.name))
        if requirement.name not in preferred and not direct:
            raise UsageProblem(
                f"--upgrade-package: {requirement.name} is not in the lock", hint="hutch tree shows what is"
            )
        preferred.pop(requirement.name, None)
        if requirement.specifiers:
            extra.append(Root(requirement=requirement, constraint=True))
    return preferred, tuple(extra)


def _targets(
    context: Context, checkout: Checkout, options: LockOptions, interpreter: Interpreter
) -> tuple[Targets, int]:
    """The targets to lock for, and those of them that must have a solution."""
    from hutch.ops.targets import named_words, targets_of

    named = named_words(context, checkout, options)
    admitted = checkout.manifest.requires_python
    if not admitted and checkout.file != MANIFEST:
        # Files of requirements cannot say it, and nobody means all Pythons that ever were.
        admitted = ((">=", ".".join(map(str, interpreter.python[:2]))),)
    targets, demanded = targets_of(named, admitted, interpreter, checkout.pythons)
    return targets, sum(1 << place for place in demanded)
