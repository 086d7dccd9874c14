"""Locks for property tests: valid, varied, small."""

from __future__ import annotations

from hypothesis import strategies as st

from hutch.lock import (
    Edge,
    Lock,
    LockedArchive,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedVcs,
    RootEdge,
)
from hutch.lock.render import order
from hutch.values import replace

NAMES = st.sampled_from(["a", "b-c", "zope-interface", "d1", "e"])
VERSIONS = st.sampled_from(["1.0", "2.0rc1", "1!3.0", "1.0+local", "10.2.3"])
MARKERS = st.sampled_from(
    [
        None,
        "sys_platform == 'win32'",
        "python_version < '3.12' and 'dev' in dependency_groups",
        "'x' in extras or os_name == \"nt\"",
    ]
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
HASHES = st.fixed_dictionaries({"sha256": HEX}, optional={"md5": HEX, "blake2b": HEX}).map(
    lambda found: tuple(sorted(found.items()))
)
PLACES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
TIMES = st.none() | st.sampled_from(["2025-01-25T11:30:12Z", "2025-01-25T11:30:12.123456Z"])
SIZES = st.none() | st.integers(0, 2**40)
EXTRAS = st.sampled_from([(), ("x",), ("x", "y")])


@st.composite
def files(draw: st.DrawFn, filename: str) -> LockedFile:
    where = draw(st.sampled_from(["url", "query", "other", "path"]))
    base = "https://index.example/files"
    shown = filename.replace("+", "%2B").replace("!", "%21")
    url = {"url": f"{base}/{shown}", "query": f"{base}/{shown}?x=1#y", "other": f"{base}/download/7"}.get(
        where
    )
    return LockedFile(
        filename=filename,
        url=url,
        path=None if url else f"vendor/{filename}",
        size=draw(SIZES),
        upload_time=draw(TIMES),
        hashes=draw(HASHES),
    )


@st.composite
def packages(draw: st.DrawFn) -> LockedPackage:
    name, version = draw(NAMES), draw(VERSIONS)
    edges = draw(
        st.lists(
            st.builds(Edge, name=NAMES, version=st.none() | VERSIONS, extras=EXTRAS, marker=MARKERS),
            max_size=3,
        )
    )
    package = LockedPackage(
        name=name,  # type: ignore[arg-type]
        version=version,
        marker=draw(MARKERS),
        requires_python=draw(st.sampled_from([None, ">=3.8", ">=3.8,!=3.9.1"])),
        dependencies=tuple(sorted(set(edges), key=edge_order)),
        tool=draw(st.sampled_from([{}, {"other": {"x": [1, "two", {"y": True}], "z": "\n"}}])),
        attestation_identities=draw(st.sampled_from([(), ({"kind": "Publisher", "claims": {}},)])),
    )
    kind = draw(st.sampled_from(["files", "files", "files", "directory", "vcs", "archive"]))
    stem = name.replace("-", "_")
    if kind == "directory":
        return replace(
            package,
            version=None,
            directory=LockedDirectory(path=draw(PLACES), editable=draw(st.booleans()), subdirectory=None),
        )
    if kind == "vcs":
        return replace(
            package,
            vcs=LockedVcs(
                kind="git",
                url="ssh://git@host.example/x.git",
                requested_revision=draw(st.none() | PLACES),
                commit_id="0123abcd" * 5,
                subdirectory=draw(st.none() | PLACES),
            ),
        )
    if kind == "archive":
        return replace(
            package,
            archive=LockedArchive(
                url="https://files.example/x.zip",
                size=draw(SIZES),
                upload_time=draw(TIMES),
                hashes=draw(HASHES),
            ),
        )
    tags = draw(
        st.sets(st.sampled_from(["py3-none-any", "cp312-cp312-win_amd64", "cp312-abi3-macosx_11_0_arm64"]))
    )
    wheels = tuple(draw(files(f"{stem}-{version}-{tag}.whl")) for tag in sorted(tags))
    sdist = draw(files(f"{stem}-{version}.tar.gz")) if draw(st.booleans()) or not wheels else None
    return replace(
        package,
        wheels=wheels,
        sdist=sdist,
        index="https://index.example/simple/",
        yanked=draw(st.none() | st.just("") | TEXTS),
    )


def edge_order(edge: Edge | RootEdge) -> tuple[str, ...]:
    where = getattr(edge, "where", "")
    return (edge.name, edge.version or "", ",".join(edge.extras), edge.marker or "", where)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    roots = draw(
        st.lists(
            st.builds(
                RootEdge,
                name=NAMES,
                version=st.none(),
                extras=EXTRAS,
                marker=MARKERS,
                where=st.sampled_from(["project", "extra:x", "group:dev"]),
            ),
            max_size=3,
        )
    )
    found = draw(st.lists(packages(), max_size=4, unique_by=lambda p: (p.name, p.version, p.marker)))
    return Lock(
        packages=tuple(sorted(found, key=order)),
        requires_python=draw(st.sampled_from([None, ">=3.9"])),
        environments=draw(st.sampled_from([(), ("sys_platform == 'linux'", "sys_platform == 'win32'")])),
        extras=("x",),
        dependency_groups=("dev", "docs"),
        default_groups=draw(st.sampled_from([(), ("dev",)])),
        targets=draw(st.sampled_from([(), ("cp312-linux-x86_64",)])),
        roots=tuple(sorted(set(roots), key=edge_order)),
        inputs="sha256:" + draw(HEX),
        tool=draw(st.sampled_from([{}, {"other": {"key": "value"}}])),
    )
