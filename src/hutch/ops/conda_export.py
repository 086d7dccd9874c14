"""``hutch export`` of a lock with packages of conda: into the files of conda, conda-lock and pixi, with the
wheels beside the records where the format has words for them."""

from __future__ import annotations

from hutch.errors import UsageProblem, some_words
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hutch.lock import CondaLock, CondaTarget, ExportedWheel, Lock, LockedPackage, SelectedConda
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import Selection
    from hutch.spec import CondaRecord

__all__ = ["CONDA_FORMATS", "export_conda", "in_order", "merged_choice", "narrowed_conda", "note_of_conda"]

CONDA_FORMATS = ("environment.yml", "explicit", "conda-lock", "pixi")
MOST = 6


def note_of_conda(lock: Lock, selection: Selection) -> str:
    """What is not in an export that has wheels alone."""
    if lock.conda is None:
        return ""
    part = narrowed_conda(lock.conda, selection)
    if not part.packages:
        return ""
    names = sorted({each.record.name for each in part.packages})
    shown = some_words(names, MOST)
    return f"what comes from conda's channels is not in it: {shown}"


def export_conda(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    selection: Selection,
    kind: str,
    *,
    asked: Sequence[str] = (),
    header: str | None = None,
    pip: Callable[[CondaTarget], Sequence[str]],
    variables: Callable[[CondaTarget], Sequence[tuple[str, str]]],
    hashes: bool = True,
) -> tuple[str, int]:
    """The text, and how many packages are in it. ``asked`` are the platforms that were named; ``pip`` and
    ``variables`` give what else is in an ``environment.yml`` of a platform."""
    from hutch.ops.conda_folders import located

    assert lock.conda is not None
    part = located(lock.conda, checkout.home)
    lock = replace(lock, conda=part)
    if part.worlds and kind == "pixi":
        return _every_environment(lock, header)
    if part.worlds:
        from hutch.lock import chosen_lock, chosen_wheres
        from hutch.ops.selection import Selection

        wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
        lock, selection = chosen_lock(lock, context.env, wheres, plain=True), Selection()
        assert lock.conda is not None
        part = lock.conda
    targets = _targets(context, part, selection, asked, one=kind in ("environment.yml", "explicit"))
    lines = "".join(f"# {line}\n" for line in header.splitlines()) if header else ""
    if kind in ("environment.yml", "explicit"):
        target = targets[0]
        records = [each.record for each in _selected(lock, target, selection)]
        if kind == "explicit":
            from hutch.lock import export_explicit

            if lock.packages:
                from hutch.events import Notice

                text = "an @EXPLICIT list has no wheels: those of the project are not in it"
                context.emit(Notice(text, warning=True))
            digest = "sha256" if hashes else "none"
            return export_explicit(in_order(records), target.subdir, digest=digest), len(records)
        from hutch.lock import export_conda_environment

        channels = _channels(checkout, part)
        names = {record.name for record in records}
        wanted = pip(target)
        extra = ["pip"] if wanted and "pip" not in names else []
        set_ = variables(target)
        packages: list[CondaRecord | str] = [*records, *extra]
        text = export_conda_environment(checkout.name, channels, packages, pip=wanted, variables=set_)
        platform = f"# for {target.name}: hutch export --target PLATFORM is for another\n"
        return f"{lines}{platform if header else ''}{text}", len(records) + len(wanted)
    kept = {target.name for target in targets}
    part = narrowed_conda(part, selection, kept)
    wheels = tuple(_wheels(lock, targets, selection))
    count = len({each.record.name for each in part.packages} | {wheel.name for wheel in wheels})
    if kind == "pixi":
        from hutch.lock import export_pixi_lock, without_credentials

        indexes = dict.fromkeys(
            without_credentials(package.index) for package in lock.packages if package.index
        )
        return lines + export_pixi_lock(part, wheels, indexes=indexes), count
    from hutch.lock import export_conda_lock

    return lines + export_conda_lock(part, wheels), count


def _every_environment(lock: Lock, header: str | None) -> tuple[str, int]:
    """The environments of a lock with several worlds, whatever is chosen: pixi has them all in one file."""
    from hutch.lock import environment_lock, export_pixi_lock, without_credentials
    from hutch.ops.selection import Selection

    assert lock.conda is not None
    wheels = []
    for each in lock.conda.environments:
        alone = environment_lock(lock, each)
        assert alone.conda is not None
        for wheel in _wheels(alone, alone.conda.targets, Selection()):
            reached = tuple((f"environment:{each.name}", names) for _, names in wheel.reached)
            wheels.append(replace(wheel, reached=reached))
    joined: dict[tuple[str, str], ExportedWheel] = {}
    for wheel in wheels:
        known = joined.get((wheel.name, wheel.place), replace(wheel, reached=()))
        joined[wheel.name, wheel.place] = replace(known, reached=(*known.reached, *wheel.reached))
    indexes = dict.fromkeys(without_credentials(each.index) for each in lock.packages if each.index)
    lines = "".join(f"# {line}\n" for line in header.splitlines()) if header else ""
    count = len({each.record.name for each in lock.conda.packages} | {name for name, _ in joined})
    return lines + export_pixi_lock(lock.conda, joined.values(), indexes=indexes), count


def narrowed_conda(part: CondaLock, selection: Selection, targets: set[str] | None = None) -> CondaLock:
    """The records that a choice of groups and extras can need, each still with what leads there."""
    from hutch.lock import chosen_wheres

    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    packages = []
    for package in part.packages:
        reached = []
        for where, names in package.reached:
            here = tuple(name for name in names if targets is None or name in targets)
            if where in wheres and here:
                reached.append((where, here))
        if reached:
            packages.append(replace(package, reached=tuple(reached)))
    return replace(
        part,
        targets=tuple(each for each in part.targets if targets is None or each.name in targets),
        roots=tuple(root for root in part.roots if root.where in wheres),
        edges=tuple(edge for edge in part.edges if not edge.where or edge.where in wheres),
        packages=tuple(packages),
    )


def merged_choice(part: CondaLock, selection: Selection) -> CondaLock:
    """As ``narrowed_conda``, freed of the choice that was made: all of it is the project's own."""
    kept = narrowed_conda(part, selection)
    packages = []
    for package in kept.packages:
        names = dict.fromkeys(name for _, found in package.reached for name in found)
        packages.append(replace(package, reached=(("project", tuple(sorted(names))),)))
    return replace(
        kept,
        packages=tuple(packages),
        roots=tuple(dict.fromkeys(replace(root, where="project") for root in kept.roots)),
        edges=tuple(
            dict.fromkeys(replace(edge, where="project") if edge.where else edge for edge in kept.edges)
        ),
        worlds=(),
        environments=(),
    )


def _targets(
    context: Context, part: CondaLock, selection: Selection, asked: Sequence[str], *, one: bool
) -> tuple[CondaTarget, ...]:
    """The platforms that were named; else all, or, where there can be ``one`` alone, that of this machine."""
    from hutch.conda import subdir_here
    from hutch.lock import chosen_wheres, world_of

    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    world = world_of(part, wheres=wheres)
    there = [each for each in part.targets if world is None or each.world == world.name]
    found = [each for each in there if {each.name, each.subdir} & set(asked)]
    known = {word for each in there for word in (each.name, each.subdir)}
    if unknown := [word for word in asked if word not in known]:
        raise UsageProblem(
            f"--target: the lock has no platform {unknown[0]}",
            why=f"it is for {', '.join(each.name for each in there)}",
        )
    if not one:
        return tuple(found or there)
    if not found:
        found = [each for each in there if each.subdir == subdir_here()] or there
    if asked and len(found) > 1:
        raise UsageProblem("--target: a file of this format is for one platform", hint="name one")
    return tuple(found[:1])


def _selected(lock: Lock, target: CondaTarget, selection: Selection) -> tuple[SelectedConda, ...]:
    from hutch.lock import select_conda

    found = select_conda(lock, target.name, extras=selection.extras, groups=selection.groups)
    if not selection.only_groups:
        return found
    assert lock.conda is not None
    kept = {each.record.name for each in narrowed_conda(lock.conda, selection, {target.name}).packages}
    return tuple(each for each in found if each.record.name in kept)


def _channels(checkout: Checkout, part: CondaLock) -> tuple[str, ...]:
    """By their names, where the project has those."""
    settings = checkout.manifest.settings.conda
    said = settings.channels or () if settings is not None else ()
    if len(said) != len(part.channels):
        return part.channels
    return tuple(
        name if "/" not in name and "\\" not in name else url
        for name, url in zip(said, part.channels, strict=True)
    )


def in_order(records: list[CondaRecord]) -> list[CondaRecord]:
    """Each behind what it needs, as installers without a plan take them; of a ring any is the first."""
    from hutch.spec import parse_conda_spec

    by_name = {record.name: record for record in sorted(records, key=lambda record: record.name)}
    found: dict[str, CondaRecord] = {}
    seen: set[str] = set()
    for first in by_name:
        todo = [(first, False)]
        while todo:
            name, is_done = todo.pop()
            if is_done:
                found[name] = by_name[name]
            elif name not in seen:
                seen.add(name)
                needs = sorted({parse_conda_spec(text).name for text in by_name[name].depends}, reverse=True)
                todo.append((name, True))
                todo += [(each, False) for each in needs if each in by_name and each not in seen]
    return list(found.values())


def _wheels(lock: Lock, targets: Sequence[CondaTarget], selection: Selection) -> Iterator[ExportedWheel]:
    """Which file of each package is for which platform, and on whose behalf."""
    from hutch.lock import ExportedWheel, choose_file, select
    from hutch.spec import TagFacts, parse_target, supported_tags

    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    rows: dict[tuple[str, str], ExportedWheel] = {}
    for target in targets:
        if not target.python:
            continue
        python = parse_target(target.python)
        facts = TagFacts(implementation=python.implementation, python=python.python, platform=python.platform)
        tags = supported_tags(facts)
        environment = python.environment()
        own: set[str] = set()
        chosen: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [("project", (), ())]
        chosen += [(f"extra:{extra}", (extra,), ()) for extra in selection.extras]
        chosen += [(f"group:{group}", (), (group,)) for group in selection.groups]
        for where, extras, groups in chosen:
            for package in select(lock, environment, extras=extras, groups=groups):
                if where == "project":
                    own.add(package.name)
                    if selection.only_groups:
                        continue
                elif package.name in own and not selection.only_groups:
                    continue
                file = None if package.is_direct else choose_file(package, tags)
                place = _place(package) if file is None else file.url or file.path or file.filename
                key = (str(package.name), place)
                digest = dict(file.hashes).get("sha256", "") if file is not None else ""
                rows[key] = ExportedWheel(
                    name=package.name,
                    version=package.version or "",
                    place=place,
                    sha256=digest,
                    requires_python=package.requires_python or "",
                    needs=_needs(lock, package),
                )
                found.setdefault(key, {}).setdefault(where, {})[target.name] = None
    for key, row in rows.items():
        yield replace(row, reached=tuple((where, tuple(names)) for where, names in found[key].items()))


def _place(package: LockedPackage) -> str:
    """Where a package lies that comes from no index."""
    from hutch.lock import without_credentials

    if package.vcs is not None:
        url = without_credentials(package.vcs.url or package.vcs.path or "")
        below = f"#subdirectory={package.vcs.subdirectory}" if package.vcs.subdirectory else ""
        return f"{package.vcs.kind}+{url}@{package.vcs.commit_id}{below}"
    if package.directory is not None:
        return package.directory.path
    assert package.archive is not None
    return without_credentials(package.archive.url or package.archive.path or "")


def _needs(lock: Lock, package: LockedPackage) -> tuple[str, ...]:
    """What it needs, by name; of conda's packages with the words of the requirement."""
    assert lock.conda is not None
    needs = [str(edge.name) for edge in package.dependencies]
    needs += [f"{edge.conda} {edge.asks}".rstrip() for edge in lock.conda.edges if edge.wheel == package.name]
    return tuple(sorted(dict.fromkeys(needs)))
