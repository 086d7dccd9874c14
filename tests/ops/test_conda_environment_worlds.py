"""Random environments of a project: each one's part of the lock keeps the law for itself, whatever was solved
together; and what cannot be locked cannot be installed."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock
from packaging.tags import parse_tag

from hutch.lock import (
    Lock,
    check_lock,
    chosen_lock,
    chosen_wheres,
    environment_lock,
    parse_lock,
    select,
    select_conda,
)
from hutch.net import Client
from hutch.ops.conda_lock import check_solved
from hutch.ops.conda_problems import NoPythonForWheels
from hutch.ops.conda_project import platforms_of, solve_project_conda
from hutch.ops.conda_question import CondaResolution
from hutch.ops.conda_several import lock_of, solve_clusters
from hutch.ops.conda_solve import CondaConflict
from hutch.ops.conda_worlds import Cluster
from hutch.ops.context import Context
from hutch.ops.resolve import Root
from hutch.project import Manifest, parse_manifest
from hutch.spec import parse_target
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock

FEATURES = ("f0", "f1", "f2")
CONDA = ("python 3.11.*", "python 3.12.*", "aa", "aa <2", "aa >=2", "bb", "bb <2")
WHEELS = ("ww", "ww<2", "vv", "vv>=2")
FEATURE = st.tuples(
    st.lists(st.sampled_from(CONDA), max_size=2, unique=True),
    st.lists(st.sampled_from(WHEELS), max_size=1),
)
ENVIRONMENT = st.tuples(
    st.lists(st.sampled_from(FEATURES), min_size=1, max_size=3, unique=True).map(sorted),
    st.booleans(),
    st.sampled_from(["", "", "s", "t"]),
)
Feature = tuple[list[str], list[str]]
Environment = tuple[list[str], bool, str]


def manifest_of(
    folder: Path, first: Feature, features: list[Feature], environments: list[Environment], pixi: bool
) -> Manifest:
    """The same in pixi's words, or in hutch's, where nothing is apart that need not be."""
    channel = (folder / "channel").as_uri()
    if pixi:
        lines = [
            "[workspace]",
            'name = "d"',
            f'channels = ["{channel}"]',
            'platforms = ["linux-64", "win-64"]',
        ]
        for name, (conda, wheels) in zip(("", *FEATURES), (first, *features), strict=True):
            before = f"feature.{name}." if name else ""
            for key, specs in (("dependencies", conda), ("pypi-dependencies", wheels)):
                lines.append(f"[{before}{key}]")
                lines += [
                    f'{spec[:2]} = "{spec[2:] or "*"}"' for spec in specs if not spec.startswith("python")
                ]
                lines += [f'python = "{spec[7:]}"' for spec in specs if spec.startswith("python")]
        lines.append("[environments]")
        for number, (chosen, alone, group) in enumerate(environments):
            more = ", no-default-feature = true" if alone else ""
            more += f', solve-group = "{group}"' if group else ""
            lines.append(f"e{number} = {{ features = {chosen}{more} }}")
        return parse_manifest("\n".join(lines), filename="pixi.toml")
    lines = ["[project]", 'name = "d"', 'version = "1"', f"dependencies = {first[1]}", "[dependency-groups]"]
    lines += [f"{name} = {wheels}" for name, (_, wheels) in zip(FEATURES, features, strict=True)]
    lines += ["[tool.hutch.conda]", f'channels = ["{channel}"]', 'platforms = ["linux-64", "win-64"]']
    lines.append(f"dependencies = {first[0]}")
    lines += [
        f"group.{name}.dependencies = {conda}" for name, (conda, _) in zip(FEATURES, features, strict=True)
    ]
    for number, (chosen, alone, group) in enumerate(environments):
        lines += [f"[tool.hutch.environments.e{number}]", f"{'only-' if alone else ''}groups = {chosen}"]
        lines += [f'solve-group = "{group}"'] if group else []
    return parse_manifest("\n".join(lines))


def channel(folder: Path) -> None:
    packages = []
    for subdir in ("linux-64", "win-64"):
        packages += [CondaPackage("python", f"3.{minor}.4", "0_cp", subdir=subdir) for minor in (11, 12, 13)]
        packages.append(CondaPackage("aa", "1.0", "h_0", subdir=subdir, depends=["python <3.13"]))
        packages.append(CondaPackage("aa", "2.0", "h_0", subdir=subdir, depends=["bb >=2"]))
    packages.append(CondaPackage("bb", "1.0", "0"))
    packages.append(CondaPackage("bb", "2.0", "0"))
    index_channel(folder / "channel", packages)


def solve(context: Context, manifest: Manifest) -> Lock:
    conda = manifest.settings.conda
    assert conda is not None
    platforms = platforms_of(conda)
    roots = tuple(
        Root(requirement=each.requirement, where=where)
        for where, found in manifest.requirements().items()
        for each in found
    )

    def one(cluster: Cluster | None, kept: Mapping[str, tuple[str, ...]]) -> CondaResolution:
        return solve_project_conda(
            context, manifest, roots, preferred=kept, platforms=platforms, cluster=cluster
        )

    solved = solve_clusters(context, manifest, platforms, {}, None, one)
    lock = lock_of(
        solved,
        "sha256:0",
        requires_python=None,
        extras=(),
        groups=manifest.groups,
        default_groups=manifest.default_groups,
    )
    resolutions = [found for _, found in solved]
    check_solved(lock, resolutions)
    said = {"extras": (), "groups": manifest.groups, "default_groups": manifest.default_groups}
    by_name = lock_of(solved, "sha256:0", requires_python=None, **said, by_name=True)
    check_solved(by_name, resolutions)
    return lock


def solvable(first: Feature, features: list[Feature], chosen: list[str], alone: bool) -> bool:
    """Trying everything, for what is asked in one environment (or solve-group)."""
    known = dict(zip(FEATURES, features, strict=True))
    lists = [*([] if alone else [first]), *(known[name] for name in chosen)]
    specs = [spec for conda, _ in lists for spec in conda]
    wheels = [wheel for _, asked in lists for wheel in asked]
    for minor, aa, bb, ww, vv in product((None, 11, 12, 13), *[(None, 1, 2)] * 4):
        there = {"aa": aa, "bb": bb, "ww": ww, "vv": vv}

        def met(text: str, there: Mapping[str, int | None] = there, minor: int | None = minor) -> bool:
            if text.startswith("python"):
                return minor is not None and (text == "python" or text == f"python 3.{minor}.*")
            version, bound = there[text[:2]], text[2:].strip()
            return version is not None and {"": True, "<2": version < 2, ">=2": version >= 2}[bound]

        needs = [*specs, *wheels]
        if aa == 1 and (minor is None or minor == 13):
            continue
        needs += ["bb >=2"] if aa == 2 else []
        needs += ["vv<2"] if ww == 2 else []
        needs += ["python"] if ww or vv or wheels else []
        if all(map(met, needs)):
            return True
    return False


@settings(deadline=None, max_examples=150)
@given(
    FEATURE,
    st.lists(FEATURE, min_size=3, max_size=3),
    st.lists(ENVIRONMENT, min_size=1, max_size=4),
    st.booleans(),
)
def test_every_environment_keeps_the_law_alone(
    first: Feature, features: list[Feature], environments: list[Environment], pixi: bool
) -> None:
    if not any(conda for conda, _ in (first, *features)):
        first = (["bb"], first[1])
    if pixi:  # which has one entry for each name
        first, *features = (
            ([*{each[:2]: each for each in conda}.values()], wheels) for conda, wheels in (first, *features)
        )
    if pixi:  # whose environments without a package have no words
        known = dict(zip(FEATURES, features, strict=True))
        environments = [each for each in environments if any(any(known[name]) for name in each[0])]
    index = FakeIndex()
    index.add_wheel("ww", "1.0")
    index.add_wheel("ww", "2.0", requires=["vv<2"])
    index.add_wheel("vv", "1.0")
    index.add_wheel("vv", "2.0")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        channel(folder)
        manifest = manifest_of(folder, first, features, environments, pixi)
        said = {"HOME": name, "HUTCH_CACHE_DIR": str(folder / "cache"), "HUTCH_INDEX_URL": index.url}
        groups: dict[str, list[Environment]] = {}
        for number, each in enumerate(environments):
            groups.setdefault(each[2] or f"e{number}", []).append(each)
        # What is solved together has to be solvable together.
        expected = solvable(first, features, [], alone=False) and all(
            solvable(
                first,
                features,
                sorted({name for chosen, _, _ in group for name in chosen}),
                alone=all(alone for _, alone, _ in group),
            )
            for group in groups.values()
        )
        if not pixi:  # whose other groups can be chosen, each with the project
            used = {name for chosen, _, _ in environments for name in chosen}
            expected = expected and all(
                solvable(first, features, [name], alone=False) for name in set(FEATURES) - used
            )
        with Context(folder, said) as context:
            client = Client(index.transport(), context.configuration.net, clock=FakeClock())
            context.__dict__["client"] = client
            try:
                lock = solve(context, manifest)
            except (CondaConflict, NoPythonForWheels):
                assert not expected
                return
        assert expected
        judge(lock, manifest)


def judge(lock: Lock, manifest: Manifest) -> None:
    lock = parse_lock(lock.render())
    assert lock.conda is not None
    if not lock.conda.worlds:
        return
    pylock = Pylock.from_dict(tomllib.loads(lock.render()))
    for each in lock.conda.environments:
        alone = environment_lock(lock, each)
        assert alone.conda is not None
        assert alone.conda.worlds == ()
        names = {where[6:] for where in each.wheres if where.startswith("group:")}
        only = "project" not in each.wheres
        wheres = chosen_wheres(groups=names, only=only)
        assert chosen_lock(lock, each.name, wheres) == alone
        assert [
            str(one) for one in check_lock(alone, map(parse_target, alone.targets), None, lambda _: None)
        ] == []
        for target in alone.conda.targets:
            told = [one.record.label for one in select_conda(lock, target.name, groups=names)]
            assert told == [record.label for record in alone.conda.on(target.name)]
            if target.python:
                place = parse_target(target.python).environment()
                # Installers that know groups and markers alone take the same.
                taken = select(lock, place, groups=[each.group] if each.group else names)
                wanted = {one.name: one.version for one in select(alone, place)}
                assert {one.name: one.version for one in taken} == wanted
                reference = pylock.select(
                    environment=place,  # type: ignore[arg-type]
                    tags=list(parse_tag("py3-none-any")),
                    dependency_groups=[each.group] if each.group else sorted(names),
                )
                assert {one.name: str(one.version) for one, _ in reference} == wanted
