"""Conda parts of locks for property tests, and small worlds that a lock of conda can be made from."""

from __future__ import annotations

from hypothesis import strategies as st

from hutch.lock import (
    CondaEdge,
    CondaEnvironment,
    CondaLock,
    CondaRoot,
    CondaTarget,
    CondaWorld,
    LockedConda,
)
from hutch.lock.conda_render import conda_order, root_order
from hutch.spec import CondaRecord
from hutch.values import replace

SUBDIRS = ("linux-64", "osx-arm64", "win-64")
CHANNEL = "https://channel.example/main"
WHERES = ("project", "group:dev", "extra:x")
SPECS = st.sampled_from(
    ["numpy", "numpy >=1.26,<3", "python 3.12.* *_cpython", "__glibc >=2.17", "libfoo 1.2|1.3.* h1_0"]
)
EDGES = (
    CondaEdge(conda="dask-core", extra="distributed", wheel="distributed"),
    CondaEdge(conda="numpy", wheel="pandas", version="2.2", asks=">=1.26"),
    CondaEdge(conda="numpy", where="group:dev", asks=">=2"),
)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def records(draw: st.DrawFn, name: str) -> CondaRecord:
    version = draw(st.sampled_from(["1.0", "2.3rc1", "2026a", "1!2.0_3", "1.0+cu121"]))
    build = draw(st.sampled_from(["0", "py312h33ff503_0", "h1.2_1"]))
    ending = draw(st.sampled_from([".conda", ".tar.bz2"]))
    noarch = draw(st.sampled_from(["", "python", "generic"]))
    return CondaRecord(
        name=name,
        version=version,
        build=build,
        build_number=draw(st.integers(0, 3)),
        subdir="noarch" if noarch else draw(st.sampled_from(SUBDIRS)),
        channel=draw(st.sampled_from([CHANNEL, "file:///srv/channel", "http://channel.example/t/x/y"])),
        filename=f"{name}-{version}-{build}{ending}",
        sha256=draw(HEX),
        md5=draw(st.sampled_from(["", "a" * 32])),
        size=draw(st.none() | st.integers(1, 2**40)),
        depends=tuple(draw(st.lists(SPECS, max_size=3))),
        constrains=tuple(draw(st.lists(SPECS, max_size=2))),
        timestamp=draw(st.sampled_from([0, 1_700_000_000_000])),
        noarch=noarch,
        track_features=draw(st.sampled_from([(), ("mkl",)])),
        purls=draw(st.sampled_from([None, (), ("pkg:pypi/numpy@2.3",)])),
        site_packages=draw(st.sampled_from(["", "lib/python3.13t/site-packages"])),
    )


@st.composite
def conda_parts(draw: st.DrawFn) -> CondaLock:
    names = draw(st.lists(st.sampled_from(SUBDIRS), min_size=1, unique=True).map(sorted))
    targets = [
        CondaTarget(
            name=f"{subdir}-cuda" if draw(st.booleans()) else subdir,
            subdir=subdir,
            virtual=(("__glibc", "2.28", "0"), ("__unix", "0", "0")) if draw(st.booleans()) else (),
            python=draw(st.sampled_from(["", "cp312-linux-x86_64"])),
        )
        for subdir in names
    ]
    known = [target.name for target in targets]
    some = st.lists(st.sampled_from(known), min_size=1, unique=True).map(lambda found: tuple(sorted(found)))
    packages = []
    for name in draw(st.lists(st.sampled_from(["a", "b_c", "lib.d", "python"]), max_size=4, unique=True)):
        wheres = draw(st.lists(st.sampled_from(WHERES), min_size=1, unique=True).map(sorted))
        reached = tuple((where, draw(some)) for where in wheres)
        packages.append(LockedConda(record=draw(records(name)), reached=reached))
    roots = draw(
        st.lists(
            st.builds(
                CondaRoot,
                spec=SPECS,
                where=st.sampled_from(WHERES),
                targets=st.sampled_from([(), tuple(known)]),
            ),
            max_size=3,
            unique=True,
        )
    )
    worlds, environments = (), ()
    if draw(st.booleans()):
        worlds = (
            CondaWorld(name="default", wheres=("group:dev", "project")),
            CondaWorld(
                name="py311", wheres=("group:py311",), channels=draw(st.sampled_from([(), (CHANNEL,)]))
            ),
        )
        environments = (
            CondaEnvironment(name="Py311", world="py311", wheres=("group:py311",), group="py311-environment"),
            CondaEnvironment(name="default", world="default", wheres=("project",)),
        )
        targets = [replace(each, world=draw(st.sampled_from(["default", "py311"]))) for each in targets]
    return CondaLock(
        worlds=worlds,
        environments=environments,
        channels=draw(st.sampled_from([(), (CHANNEL, "file:///srv/channel")])),
        targets=tuple(sorted(targets, key=lambda target: target.name)),
        roots=tuple(sorted(roots, key=root_order)),
        packages=tuple(sorted(packages, key=conda_order)),
        wheels=draw(st.sampled_from([(), (("pytorch", "torch"),)])),
        edges=draw(st.sampled_from([(), EDGES])),
    )
