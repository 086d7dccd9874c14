"""Requests to hutch's solver over folders that are channels, for tests that compare its choice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hutch.conda import CondaProvider, Offer, Sorter, is_condition
from hutch.ops.conda_question import asked_first
from hutch.provide.drive import drive
from hutch.solve import Options, Unsolvable, reach, solve
from hutch.spec import CondaRecord, record_from_json

VIRTUAL: dict[str, list[tuple[str, str, str]]] = {
    "linux": [("__glibc", "2.36", "0"), ("__linux", "6.1", "0"), ("__unix", "0", "0")],
    "osx": [("__osx", "14.0", "0"), ("__unix", "0", "0")],
    "win": [("__win", "10.0", "0")],
}


def virtual_of(subdir: str) -> list[tuple[str, str, str]]:
    arch = {"64": "x86_64", "arm64": "m1" if subdir.startswith("osx") else "aarch64"}
    machine = arch.get(subdir.partition("-")[2], subdir.partition("-")[2])
    return [*VIRTUAL[subdir.partition("-")[0]], ("__archspec", "1", machine)]


class Folders:
    """Channels that are folders, read once."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = [str(folder) for folder in folders]
        self.by_name: dict[str, dict[str, list[CondaRecord]]] = {}
        for folder in self.folders:
            for path in sorted(Path(folder).glob("*/repodata.json")):
                data = json.loads(path.read_bytes())
                for key in ("packages.conda", "packages"):
                    for filename, said in data.get(key, {}).items():
                        record = record_from_json(said, filename, channel=folder, subdir=path.parent.name)
                        assert record is not None
                        self.by_name.setdefault(record.name, {}).setdefault(folder, []).append(record)
        for name, found in self.by_name.items():
            self.by_name[name] = {each: found[each] for each in self.folders if each in found}

    def records(self, name: str) -> Mapping[str, Sequence[CondaRecord]]:
        return self.by_name.get(name, {})


def choose(
    channels: Folders,
    subdirs: Sequence[str],
    specs: Sequence[str],
    *,
    lowest: bool = False,
    priority: str = "strict",
    exclude_newer: int | None = None,
    locked: Iterable[tuple[str, str, str]] = (),
    virtual: Mapping[str, list[tuple[str, str, str]]] | None = None,
) -> dict[str, dict[str, list[str]]] | None:
    """What hutch chooses, all platforms in one solve: subdir → name → [version, build, subdir, channel]."""
    everything = (1 << len(subdirs)) - 1
    masks = {subdir: 1 << at for at, subdir in enumerate(subdirs)}
    wanted = {}
    for text in specs:
        channel, mark, rest = text.rpartition("::")
        if mark:
            wanted[rest.partition("=")[0].partition(" ")[0]] = channel
    offer = Offer(
        channels.records, masks, priority=priority, exclude_newer=exclude_newer, from_channel=wanted
    )
    rows: dict[tuple[str, str, str], int] = {}
    for subdir, mask in masks.items():
        for row in (virtual or {}).get(subdir, virtual_of(subdir)):
            rows[row] = rows.get(row, 0) | mask
    preferred: dict[str, list[str]] = {}
    for name, version, build in locked:
        preferred.setdefault(name, []).append(f"{version} {build}")
    provider = CondaProvider(
        offer.records,
        masks,
        [(CondaRecord(name=n, version=v, build=b), mask) for (n, v, b), mask in rows.items()],
        preferred=preferred,
        sort=Sorter(offer.records, rank_of=offer.rank, lowest=(lambda name: True) if lowest else None).sort,
        mask_of=offer.mask,
    )
    roots = [need for text in specs for need in provider.needs(text, everything)]
    first = asked_first(need.package for need in roots if not is_condition(need.package))
    options = Options(targets=everything, demanded=everything, lowest=lowest, first=first)
    try:
        found = drive(solve(roots, options), provider)
    except Unsolvable:
        return None
    reached = reach(found, roots)
    chosen: dict[str, dict[str, list[str]]] = {subdir: {} for subdir in subdirs}
    for name, parts in found.chosen.items():
        if name.startswith("__") or is_condition(name) or "[" in name:
            continue
        for mask, place in parts:
            record = provider.candidates_of(name).records[place]
            for subdir, one in masks.items():
                if mask & one & reached.get((name, place), 0):
                    said = [record.version, record.build, record.subdir, record.channel]
                    chosen[subdir][name] = said
    return chosen


def differences(ours: Mapping[str, list[str]] | None, theirs: Mapping[str, Any]) -> list[str]:
    """What one chose, and the other did not."""
    if ours is None or "unsatisfiable" in theirs:
        return [] if (ours is None) == ("unsatisfiable" in theirs) else [f"{ours} {theirs}"]
    chosen = theirs["chosen"]
    found = []
    for name in sorted({*ours, *chosen}):
        mine, other = ours.get(name), chosen.get(name)
        if mine is None or other is None or mine[:3] != other[:3]:
            found.append(f"{name}: {mine} and not {other}")
        elif mine[3].rstrip("/").rpartition("/")[2] != other[3].rstrip("/").rpartition("/")[2]:
            found.append(f"{name}: from {mine[3]} and not {other[3]}")
    return found
