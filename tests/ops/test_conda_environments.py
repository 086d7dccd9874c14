"""Several environments of a project: what is solved together, what apart, and one lock of it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from hutch.events import Notice
from hutch.lock import (
    Lock,
    NotSolvedTogether,
    choose_conda_target,
    chosen_wheres,
    environment_lock,
    parse_lock,
    select,
    select_conda,
)
from hutch.net import Client
from hutch.ops.conda_lock import check_solved
from hutch.ops.conda_project import locked_choices, platforms_of, solve_project_conda
from hutch.ops.conda_question import CondaResolution
from hutch.ops.conda_several import lock_of, solve_clusters
from hutch.ops.conda_solve import CondaConflict
from hutch.ops.conda_worlds import Cluster
from hutch.ops.context import Context
from hutch.ops.resolve import Root
from hutch.project import Manifest, parse_manifest
from hutch.spec import CondaRecord, parse_target
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock

PLATFORMS = ("linux-64", "osx-arm64")
HERE = (
    CondaRecord(name="__glibc", version="2.39", build="0"),
    CondaRecord(name="__linux", version="6.1", build="0"),
)


def channel(folder: Path) -> None:
    packages = []
    for subdir in PLATFORMS:
        for minor in (10, 11, 12, 13):
            packages.append(CondaPackage("python", f"3.{minor}.4", "0_cpython", subdir=subdir))
            tag = f"cp3{minor}"
            depends = [f"python 3.{minor}.*"]
            if minor < 12:
                packages.append(CondaPackage("numpy", "1.26", f"{tag}_0", subdir=subdir, depends=depends))
            if minor > 10:
                packages.append(CondaPackage("numpy", "2.3", f"{tag}_0", subdir=subdir, depends=depends))
    for version in ("7.0", "8.0"):
        packages.append(CondaPackage("pytest", version, "py_0", depends=["python"], noarch="python"))
    packages.append(CondaPackage("sphinx", "8.0", "py_0", depends=["python >=3.12"], noarch="python"))
    packages.append(CondaPackage("torch-cpu", "2.4", "0", subdir="linux-64", depends=["numpy"]))
    index_channel(folder / "channel", packages)
    cuda = [CondaPackage("torch-gpu", "2.4", "0", subdir="linux-64", depends=["numpy", "__cuda >=12"])]
    index_channel(folder / "cuda", cuda)


@pytest.fixture
def index() -> FakeIndex:
    index = FakeIndex()
    index.add_wheel("rich", "13.0")
    index.add_wheel("rich", "14.0", requires_python=">=3.11")
    index.add_wheel("tomli", "2.0")
    index.add_wheel("click", "8.0", requires=["tomli; python_version < '3.11'"])
    return index


@pytest.fixture
def context(home: Path, tmp_path: Path, index: FakeIndex) -> Iterator[Context]:
    channel(tmp_path)
    said = {"HOME": str(home), "HUTCH_CACHE_DIR": str(home / "cache"), "HUTCH_INDEX_URL": index.url}
    with Context(tmp_path, said) as context:
        client = Client(index.transport(), context.configuration.net, clock=FakeClock())
        context.__dict__["client"] = client
        yield context


def manifest_of(text: str, folder: Path, filename: str = "pixi.toml") -> Manifest:
    text = text.replace("CHANNEL", (folder / "channel").as_uri()).replace("CUDA", (folder / "cuda").as_uri())
    return parse_manifest(text, filename=filename)


def locked(context: Context, manifest: Manifest, old: Lock | None = None) -> Lock:
    """The lock of a manifest, checked environment by environment."""
    settings = manifest.settings.conda
    assert settings is not None
    platforms = platforms_of(settings)
    roots = tuple(
        Root(requirement=each.requirement, where=where)
        for where, found in manifest.requirements().items()
        for each in found
    )

    def solve(cluster: Cluster | None, kept: Mapping[str, tuple[str, ...]]) -> CondaResolution:
        return solve_project_conda(
            context, manifest, roots, preferred=kept, platforms=platforms, cluster=cluster
        )

    solved = solve_clusters(context, manifest, platforms, locked_choices(old), old, solve)
    lock = lock_of(
        solved,
        "sha256:0",
        requires_python=None,
        extras=manifest.optional_dependencies,
        groups=manifest.groups,
        default_groups=manifest.default_groups,
    )
    check_solved(lock, [found for _, found in solved])
    assert parse_lock(lock.render()).render() == lock.render()
    return parse_lock(lock.render())


def records(lock: Lock, environment: str, subdir: str = "linux-64") -> list[str]:
    assert lock.conda is not None
    target = choose_conda_target(lock.conda, subdir, HERE + CUDA_HERE, environment)
    return [each.record.label for each in select_conda(lock, target.name, environment=environment)]


CUDA_HERE = (CondaRecord(name="__cuda", version="12.4", build="0"),)


def wheels(lock: Lock, environment: str, subdir: str = "linux-64") -> list[str]:
    """What an installer that knows markers takes, with the groups of an environment."""
    part = lock.conda
    assert part is not None
    noted = part.environment(environment)
    assert noted is not None
    target = next(each for each in part.targets if each.world == noted.world and each.subdir == subdir)
    groups = [where[6:] for where in noted.wheres if where.startswith("group:")]
    extras = [where[6:] for where in noted.wheres if where.startswith("extra:")]
    place = parse_target(target.python).environment()
    found = select(lock, place, groups=groups, extras=extras, only="project" not in noted.wheres)
    alone = environment_lock(lock, noted)
    assert [each.name for each in select(alone, place)] == [each.name for each in found]
    return [f"{each.name} {each.version}" for each in found]


MATRIX = """\
[workspace]
name = "demo"
channels = ["CHANNEL"]
platforms = ["linux-64", "osx-arm64"]

[dependencies]
numpy = "*"

[pypi-dependencies]
rich = "*"

[feature.py310.dependencies]
python = "3.10.*"
[feature.py311.dependencies]
python = "3.11.*"
[feature.py312.dependencies]
python = "3.12.*"

[feature.test.dependencies]
pytest = "*"
[feature.test.pypi-dependencies]
click = "*"

[environments]
py310 = ["py310", "test"]
py311 = ["py311", "test"]
py312 = ["py312", "test"]
"""


def test_a_matrix_of_pythons(context: Context, tmp_path: Path) -> None:
    lock = locked(context, manifest_of(MATRIX, tmp_path))
    assert lock.conda is not None
    assert [world.name for world in lock.conda.worlds] == ["default", "py310", "py311", "py312"]
    assert [target.name for target in lock.conda.targets][:4] == [
        *("linux-64", "osx-arm64"),
        *("py310.linux-64", "py310.osx-arm64"),
    ]
    assert records(lock, "default") == ["numpy 2.3 cp313_0", "python 3.13.4 0_cpython"]
    assert records(lock, "py310") == ["numpy 1.26 cp310_0", "pytest 8.0 py_0", "python 3.10.4 0_cpython"]
    assert records(lock, "py312") == ["numpy 2.3 cp312_0", "pytest 8.0 py_0", "python 3.12.4 0_cpython"]
    assert wheels(lock, "default") == ["rich 14.0"]
    assert wheels(lock, "py310", "osx-arm64") == ["click 8.0", "rich 13.0", "tomli 2.0"]
    assert wheels(lock, "py311") == ["click 8.0", "rich 14.0"]


CUDA_PAIR = """\
[workspace]
name = "demo"
channels = ["CHANNEL"]
platforms = ["linux-64", "osx-arm64"]

[dependencies]
numpy = "*"
python = "3.12.*"

[feature.cuda]
channels = ["CUDA"]
platforms = ["linux-64"]
system-requirements = { cuda = "12" }
[feature.cuda.dependencies]
torch-gpu = "*"

[feature.cpu]
platforms = ["linux-64"]
[feature.cpu.dependencies]
torch-cpu = "*"

[feature.docs.dependencies]
sphinx = "*"
python = ">=3.13"

[feature.lint.dependencies]
pytest = "<8"

[environments]
default = { solve-group = "main" }
cuda = { features = ["cuda"], solve-group = "main" }
cpu = { features = ["cpu"], solve-group = "main" }
docs = { features = ["docs"], no-default-feature = true }
lint = { features = ["lint"], no-default-feature = true, solve-group = "main" }
"""


def test_a_solve_group_with_channels_platforms_and_machines_of_its_own(
    context: Context, tmp_path: Path
) -> None:
    lock = locked(context, manifest_of(CUDA_PAIR, tmp_path))
    part = lock.conda
    assert part is not None
    # One solve, and a world for each set of platforms; docs is solved apart.
    assert [(each.name, each.world) for each in part.environments] == [
        *(("cpu", "cuda"), ("cuda", "cuda"), ("default", "default"), ("docs", "docs"), ("lint", "lint")),
    ]
    common = ["numpy 2.3 cp312_0", "python 3.12.4 0_cpython"]
    assert records(lock, "default") == common
    assert records(lock, "cuda") == [*common, "torch-gpu 2.4 0"]
    assert records(lock, "cpu") == [*common, "torch-cpu 2.4 0"]
    assert records(lock, "docs", "osx-arm64") == ["python 3.13.4 0_cpython", "sphinx 8.0 py_0"]
    assert records(lock, "lint", "osx-arm64") == ["pytest 7.0 py_0", "python 3.12.4 0_cpython"]
    # The machine is judged by what is chosen: without a graphics card there is the other environment.
    assert choose_conda_target(part, "linux-64", HERE, "cpu").world == "cuda"
    with pytest.raises(Exception, match="this machine lacks"):
        choose_conda_target(part, "linux-64", HERE, "cuda")
    with pytest.raises(Exception, match="nothing from conda for osx-arm64"):
        choose_conda_target(part, "osx-arm64", HERE, "cuda")


def test_environments_of_hutch_are_solved_together_where_they_can_be(
    context: Context, tmp_path: Path
) -> None:
    text = """\
[project]
name = "demo"
version = "1"

[dependency-groups]
docs = []

[tool.hutch.conda]
channels = ["CHANNEL"]
platforms = ["linux-64"]
dependencies = ["numpy"]
group.old.dependencies = ["python 3.10.*"]
group.new.dependencies = ["python 3.12.*"]
group.tests.dependencies = ["pytest"]

[tool.hutch.environments]
old = { groups = ["old", "tests"] }
new = { groups = ["new", "tests"] }
tests = { groups = ["tests"] }
eleven = { groups = ["tests"], python = "3.11" }
"""
    lock = locked(context, manifest_of(text, tmp_path, "pyproject.toml"))
    part = lock.conda
    assert part is not None
    # old and new contradict each other, and eleven says another Python.
    assert {each.name: each.world for each in part.environments} == {
        "default": "default",
        "tests": "default",
        "old": "old",
        "new": "new",
        "eleven": "eleven",
    }
    assert records(lock, "tests")[-1] == "python 3.13.4 0_cpython"
    assert records(lock, "eleven") == ["numpy 2.3 cp311_0", "pytest 8.0 py_0", "python 3.11.4 0_cpython"]
    assert records(lock, "old") == ["numpy 1.26 cp310_0", "pytest 8.0 py_0", "python 3.10.4 0_cpython"]
    # What is typed finds its world, too; what is in none is refused.
    chosen = chosen_wheres(groups=["new"])
    assert choose_conda_target(part, "linux-64", HERE, wheres=chosen).world == "new"
    with pytest.raises(NotSolvedTogether) as caught:
        choose_conda_target(part, "linux-64", HERE, wheres=chosen_wheres(groups=["new", "old"]))
    assert (
        caught.value.what
        == "the lock has no packages of conda for the project, the group new, the group old together"
    )


def test_others_follow_what_the_first_environment_has(context: Context, tmp_path: Path) -> None:
    text = MATRIX.replace('numpy = "*"', 'numpy = "<2"\npytest = "7.*"\npython = "<3.12"').replace(
        "py312", "py39"
    )
    text = text.replace('py39 = ["py39", "test"]\n', "").replace(
        'py310 = ["py310", "test"]\n', 'lint = ["test"]\n'
    )
    lock = locked(context, manifest_of(text, tmp_path))
    assert records(lock, "lint") == [*records(lock, "default")]
    # Alone the newest pytest would have been chosen.
    free = manifest_of(
        CUDA_PAIR.replace('numpy = "*"', 'pytest = "7.*"').replace('pytest = "<8"', 'pytest = "*"'), tmp_path
    )
    assert "pytest 7.0 py_0" in records(locked(context, free), "lint")


def test_a_lock_is_kept_world_by_world(context: Context, tmp_path: Path) -> None:
    manifest = manifest_of(MATRIX, tmp_path)
    old = locked(context, manifest)
    assert locked(context, manifest, old) == old


def test_what_contradicts_within_an_environment_is_told_with_its_name(
    context: Context, tmp_path: Path
) -> None:
    text = MATRIX.replace('python = "3.12.*"', 'python = "3.12.*"\nnumpy = "<2"')
    with pytest.raises(CondaConflict) as caught:
        locked(context, manifest_of(text, tmp_path))
    assert caught.value.what == "no packages satisfy all requirements on linux-64, in the environment py312"


def test_a_group_alone_in_a_lock_of_one_world(context: Context, tmp_path: Path) -> None:
    text = """\
[project]
name = "demo"
version = "1"
dependencies = ["rich"]

[dependency-groups]
lint = ["click"]

[tool.hutch.conda]
channels = ["CHANNEL"]
platforms = ["linux-64"]
dependencies = ["numpy", "python 3.12.*"]
group.tests.dependencies = ["pytest"]
"""
    lock = locked(context, manifest_of(text, tmp_path, "pyproject.toml"))
    assert lock.conda is not None
    assert lock.conda.worlds == ()

    def alone(*groups: str) -> list[str]:
        return [each.record.name for each in select_conda(lock, "linux-64", groups=groups, only=True)]

    assert alone("tests") == ["pytest", "python"]
    assert alone("lint") == ["python"]
    assert [each.record.name for each in select_conda(lock, "linux-64")] == ["numpy", "python"]


def test_extras_whose_wheels_contradict_each_other_are_worlds(context: Context, tmp_path: Path) -> None:
    text = """\
[project]
name = "demo"
version = "1"
dependencies = ["click"]

[project.optional-dependencies]
old = ["rich <14"]
new = ["rich >=14"]
more = ["rich"]

[tool.hutch.conda]
channels = ["CHANNEL"]
platforms = ["linux-64"]
dependencies = ["python 3.12.*"]
"""
    told: list[object] = []
    context.emit = told.append  # type: ignore[method-assign]
    lock = locked(context, manifest_of(text, tmp_path, "pyproject.toml"))
    part = lock.conda
    assert part is not None
    assert Notice(
        "extra new and extra old contradict each other: locked apart, to be installed one at a time"
    ) in (told)
    assert {each.name: each.world for each in part.environments} == {
        "default": "default",
        "extra:new": "new",
        "extra:old": "old",
    }
    assert lock.conflicts == (("extra:new", "extra:old"),)
    place = parse_target(part.targets[0].python).environment()
    versions = {
        extra: [each.version for each in select(lock, place, extras=[extra]) if each.name == "rich"]
        for extra in ("old", "new", "more")
    }
    assert versions == {"old": ["13.0"], "new": ["14.0"], "more": ["14.0"]}
    both = [each.version for each in select(lock, place, extras=["more", "old"]) if each.name == "rich"]
    assert both == ["13.0"]


def test_declared_conflicts_are_worlds_from_the_start(context: Context, tmp_path: Path) -> None:
    text = """\
[project]
name = "demo"
version = "1"

[dependency-groups]
a = ["rich"]
b = ["click"]

[tool.hutch]
conflicts = [[{ group = "a" }, { group = "b" }]]

[tool.hutch.conda]
channels = ["CHANNEL"]
platforms = ["linux-64"]
dependencies = ["python 3.12.*"]
"""
    lock = locked(context, manifest_of(text, tmp_path, "pyproject.toml"))
    assert lock.conda is not None
    assert {world.name: world.wheres for world in lock.conda.worlds} == {
        "default": ("project",),
        "a": ("group:a", "project"),
        "b": ("group:b", "project"),
    }
    with pytest.raises(NotSolvedTogether):
        choose_conda_target(lock.conda, "linux-64", HERE, wheres=chosen_wheres(groups=["a", "b"]))


def test_an_upgrade_of_one_name_follows_in_every_world(context: Context, tmp_path: Path) -> None:
    manifest = manifest_of(MATRIX.replace('pytest = "*"', 'pytest = "7.*"'), tmp_path)
    old = locked(context, manifest)
    assert "pytest 7.0 py_0" in records(old, "py311")
    # Where both are admitted, what is locked stays.
    free = manifest_of(MATRIX, tmp_path)
    assert "pytest 7.0 py_0" in records(locked(context, free, old), "py311")
    assert "pytest 8.0 py_0" in records(locked(context, free), "py311")
