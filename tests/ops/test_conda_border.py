"""What crosses the border between conda and an index is told in the lock: who needs which record."""

from __future__ import annotations

from pathlib import Path

from hutch.lock import CondaEdge, Lock, parse_lock
from hutch.net import Client
from hutch.ops.conda_locking import conda_lock
from hutch.ops.conda_solve import solve_conda
from hutch.ops.context import Context
from hutch.ops.graph import CondaNeed, bare, make_graph
from hutch.ops.resolve import Root
from hutch.spec import parse_requirement
from hutch.testing.conda import CondaPackage, index_channel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock

DASK = CondaPackage(
    "dask", "1.0", "py_0", depends=["python", "numpy"], noarch="python", purls=["pkg:pypi/dask"]
)


def locked(folder: Path) -> Lock:
    """numpy and dask are conda's; pandas, and what the extra of dask adds, the index has."""
    index_channel(
        folder / "channel",
        [
            CondaPackage("python", "3.12.8", "0_cpython", subdir="linux-64"),
            CondaPackage("numpy", "2.1.0", "py_0", depends=["python"], noarch="python"),
            DASK,
        ],
    )
    index = FakeIndex()
    index.add_wheel("pandas", "2.2", requires=["numpy>=1.26", "tz"])
    index.add_wheel("tz", "2025.1")
    index.add_wheel("dask", "1.0", extras={"more": ["tz>=2025"]})
    index.add_project("numpy")
    said = {"HOME": str(folder), "HUTCH_CACHE_DIR": str(folder / "cache"), "HUTCH_INDEX_URL": index.url}
    with Context(folder, said) as context:
        client = Client(index.transport(), context.configuration.net, clock=FakeClock())
        context.__dict__["client"] = client
        roots = [
            Root(requirement=parse_requirement("pandas")),
            Root(requirement=parse_requirement("numpy>=2"), where="group:dev"),
            Root(requirement=parse_requirement("dask[more]")),
        ]
        channel = str(folder / "channel")
        found = solve_conda(context, ["python"], roots, ["linux-64"], channels=[channel])
    return conda_lock(found, "sha256:0")


def test_what_requirements_ask_of_records_is_in_the_lock(home: Path, tmp_path: Path) -> None:
    lock = locked(tmp_path)
    assert lock.conda is not None
    assert set(lock.conda.edges) == {
        CondaEdge(conda="numpy", where="group:dev", asks=">=2"),
        CondaEdge(conda="numpy", wheel="pandas", asks=">=1.26"),
        CondaEdge(conda="dask", where="project"),
        CondaEdge(conda="dask", extra="more", wheel="tz"),
    }
    assert [(root.name, root.where) for root in lock.roots] == [("pandas", "project")]
    again = parse_lock(lock.render())
    assert again.conda is not None
    assert set(again.conda.edges) == set(lock.conda.edges)
    assert again.render() == lock.render()


def test_the_graph_leads_across_the_border(home: Path, tmp_path: Path) -> None:
    graph = make_graph(locked(tmp_path))
    needs = {
        f"{bare(above)} {above[1]}": [
            (bare(below), edge.spec if isinstance(edge, CondaNeed) else edge.name) for below, edge in found
        ]
        for above, found in graph.needs.items()
    }
    assert needs == {
        "pandas 2.2": [("numpy", "numpy>=1.26"), ("tz", "tz")],
        "numpy 2.1.0": [("python", "python")],
        "dask 1.0": [("numpy", "numpy"), ("python", "python"), ("tz", "")],
    }
    assert sorted((bare(key), root.where) for key, root in graph.roots) == [
        ("dask", "project"),
        ("numpy", "group:dev"),
        ("pandas", "project"),
        ("python", "project"),
    ]
    assert graph.named("numpy") == [("conda:numpy", "2.1.0")]
