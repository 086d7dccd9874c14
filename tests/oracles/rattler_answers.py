"""Answers questions with py-rattler; run by `oracles.conda`, in a process of its own.

One question a process: an object on standard input, an answer on standard output. After an ``await`` of
py-rattler an interpreter may crash while it ends (PyO3/pyo3-async-runtimes#40), so this one does not end.
"""

import asyncio
import datetime
import json
import os
import sys
from pathlib import Path

import rattler
from rattler.package.build_string import BuildString


def compare(question):
    """-1, 0 or 1 for each pair of versions; None where one cannot be read."""
    known = {}
    for pair in question["pairs"]:
        for text in pair:
            if text not in known:
                try:
                    known[text] = rattler.Version(text)
                except Exception:
                    known[text] = None
    found = []
    for one, other in question["pairs"]:
        a, b = known[one], known[other]
        found.append(None if a is None or b is None else (a > b) - (a < b))
    return found


def admits(question):
    """For each (spec, versions) whether it admits them; None where it cannot be read."""
    found = []
    for spec, versions in question["cases"]:
        try:
            read = rattler.VersionSpec(spec)
        except Exception:
            found.append(None)
            continue
        found.append([read.matches(rattler.Version(version)) for version in versions])
    return found


def matches(question):
    """For each (MatchSpec, records) its name and what it matches; None where it cannot be read."""
    found = []
    for text, records in question["cases"]:
        try:
            spec = rattler.MatchSpec(text, strict=False)
        except Exception:
            found.append(None)
            continue
        said = [
            spec.matches(
                rattler.PackageRecord(
                    name=each["name"],
                    version=each["version"],
                    build=BuildString(each["build"]),
                    build_number=each["build_number"],
                    subdir=each["subdir"],
                    arch=None,
                    platform=None,
                )
            )
            for each in records
        ]
        found.append([spec.name.normalized if spec.name else None, said])
    return found


def virtual_of(rows):
    """Virtual packages out of (name, version, build)."""
    return [
        rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(version), BuildString(build))
        for name, version, build in rows
    ]


def solve(question):
    """What the solver chooses of channels that are folders: name → (version, build, subdir, channel)."""
    subdir = question["subdir"]
    sources = []
    for folder in question["channels"]:
        channel = rattler.Channel(Path(folder).as_uri())
        for each in (subdir, "noarch"):
            path = Path(folder, each, "repodata.json")
            if path.exists():
                sources.append(rattler.SparseRepoData(channel, each, str(path)))
    more = {}
    if question.get("exclude_newer"):
        more["exclude_newer"] = datetime.datetime.fromtimestamp(
            question["exclude_newer"] / 1000, datetime.UTC
        )
    more["channel_priority"] = {
        "strict": rattler.ChannelPriority.Strict,
        "flexible": getattr(rattler.ChannelPriority, "Flexible", None),
        "disabled": rattler.ChannelPriority.Disabled,
    }[question.get("priority", "strict")]
    if question.get("locked"):
        wanted = {tuple(each) for each in question["locked"]}
        names = sorted({name for name, _, _ in wanted})
        records = []
        for source in sources:
            for name in names:
                records += source.load_records(rattler.PackageName(name))
        more["locked_packages"] = [
            each for each in records if (each.name.normalized, str(each.version), str(each.build)) in wanted
        ]

    async def run():
        return await rattler.solve_with_sparse_repodata(
            [rattler.MatchSpec(text, strict=False) for text in question["specs"]],
            sources,
            virtual_packages=virtual_of(question["virtual"]),
            strategy=question.get("strategy", "highest"),
            **more,
        )

    try:
        records = asyncio.run(run())
    except Exception as error:
        return {"unsatisfiable": str(error)}
    return {
        "chosen": {
            each.name.normalized: [str(each.version), str(each.build), each.subdir, str(each.channel or "")]
            for each in records
        }
    }


def solves(question):
    """What the solver chooses for each of several questions about the same channels."""
    return [solve({**question, **each}) for each in question["questions"]]


def detect(question):
    """The virtual packages of this machine: (name, version, build)."""
    overrides = rattler.VirtualPackageOverrides.from_env()
    found = []
    for each in rattler.VirtualPackage.detect(overrides):
        generic = each.into_generic()
        found.append([generic.name.normalized, str(generic.version), str(generic.build_string)])
    return sorted(found)


def index(question):
    """Write the repodata of a folder of packages, shards and all."""
    from rattler.index.index import index_fs

    asyncio.run(index_fs(Path(question["folder"]), write_zst=True, write_shards=True))


def install(question):
    """Install all packages of a folder that is a channel into a prefix."""
    from rattler.index.index import index_fs

    async def run():
        folder, cache = Path(question["channel"]), Path(question["cache"])
        await index_fs(folder, write_zst=False, write_shards=False)
        specs = [rattler.MatchSpec(each) for each in question["specs"]]
        records = await rattler.solve(
            [rattler.Channel(folder.as_uri())],
            specs,
            gateway=rattler.Gateway(cache_dir=cache / "repodata"),
            platforms=["linux-64", "noarch"],
        )
        await rattler.install(
            records,
            question["prefix"],
            cache_dir=cache / "packages",
            requested_specs=[each._match_spec for each in specs],
            execute_link_scripts=False,
        )

    asyncio.run(run())


def prefix(question):
    """What its reader of prefixes makes of each record: name, version, build, files, what was asked for."""
    found = []
    for path in sorted((Path(question["prefix"]) / "conda-meta").glob("*.json")):
        one = rattler.PrefixRecord.from_path(path)
        paths = {str(each.relative_path): each.sha256_in_prefix for each in one.paths_data.paths}
        hashes = {path: digest.hex() if digest else None for path, digest in paths.items()}
        found.append(
            {
                "name": one.name.normalized,
                "version": str(one.version),
                "build": str(one.build),
                "url": one.url,
                "files": sorted(str(each) for each in one.files),
                "hashes": hashes,
                "requested": [str(each) for each in one.requested_specs],
            }
        )
    return found


def activation(question):
    """The text with which it activates a prefix, perhaps in the place of another one."""
    from rattler.shell import ActivationVariables, Shell, activate

    path = [Path(each) for each in question["path"]]
    before = Path(question["before"]) if question["before"] else None
    return activate(
        Path(question["prefix"]), ActivationVariables(before, path), getattr(Shell, question["shell"])
    ).script


def channel(question):
    """The address of a channel by its name."""
    return rattler.Channel(question["name"]).base_url


def pixi_lock(question):
    """The addresses in a pixi.lock, by environment and platform."""
    found = {}
    for name, environment in rattler.LockFile.from_path(Path(question["path"])).environments():
        for platform in environment.platforms():
            packages = environment.packages(platform) or []
            found[f"{name} {platform.name}"] = sorted(each.location for each in packages)
    return found


question = json.load(sys.stdin)
json.dump(globals()[question.pop("ask")](question), sys.stdout)
sys.stdout.flush()
os._exit(0)
