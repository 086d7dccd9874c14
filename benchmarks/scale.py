"""How hutch grows: locks, workspaces, stores and crowds of growing size, beside uv where it is given.

    python3 dev.py scale                              all that needs no real index, a quarter of an hour
    python3 dev.py scale --uv uv --cases locks        one case, beside uv
    python3 dev.py scale --plots docs/performance     and draw the curves

Whole processes are measured, started by the installed launcher. The index is one of made-up packages on
loopback (``registry.py``). Quote how figures grow, and ratios of one run: never seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from measure import CommandFailed, Cost, best, slope, together
from tools import Project, Tool, found, hutch, manifest, uv

HERE = os.path.dirname(os.path.abspath(__file__))
REGISTRY = {"locks": 2000, "workspaces": 400, "store": 20, "crowd": 20}
SIZES = {
    "locks": (50, 100, 200, 500, 1000, 2000),
    "workspaces": (10, 50, 100, 200),
    "store": (500, 1000, 2500, 5000),
    "crowd": (1, 10, 30, 100),
}
UNITS = {"locks": "packages", "workspaces": "members", "store": "wheels", "crowd": "commands at once"}
# Case → what was measured → tool → size → cost.
Figures = dict[str, dict[str, dict[str, dict[int, Cost]]]]


class Bench:
    """Where figures are made and kept."""

    def __init__(self, tools: list[Tool], folder: str, python: str, runs: int) -> None:
        self.tools = tools
        self.folder = folder
        self.python = python
        self.runs = runs
        self.figures: Figures = {}
        self.index = ""
        self._count = 0

    def project(self, tool: Tool, cache: str | None = None) -> Project:
        """A new project of the tool."""
        self._count += 1
        return Project(
            tool, os.path.join(self.folder, f"{tool.name}-{self._count}"), self.index, self.python, cache
        )

    def note(self, case: str, what: str, tool: Tool, size: int, *costs: Cost) -> None:
        """Keep the best of the costs, and say it."""
        cost = best(costs)
        self.figures.setdefault(case, {}).setdefault(what, {}).setdefault(tool.name, {})[size] = cost
        told = f"{cost.wall:8.3f} s {cost.cpu:8.3f} s of CPU {cost.memory:6.0f} MiB"
        print(f"{case:10} {size:6} {tool.name:6} {what:14} {told}", flush=True)

    def often(self, case: str, what: str, size: int, project: Project, *words: str, within: str = "") -> None:
        """Measure a command that may be repeated as often as was asked for."""
        costs = [project.run(*words, within=within) for _ in range(self.runs)]
        self.note(case, what, project.tool, size, *costs)


# -- the cases -------------------------------------------------------------------------------------


def measure_locks(bench: Bench, size: int) -> None:
    """A project of so many packages."""
    requirements = made("top", size)
    for tool in bench.tools:
        costs = []
        for _ in range(bench.runs):
            project = bench.project(tool)
            project.write("pyproject.toml", manifest("large", requirements))
            costs.append(project.run("lock"))
        bench.note("locks", "lock cold", tool, size, *costs)
        bench.often("locks", "lock --upgrade", size, project, "lock", "--upgrade")
        project.run("lock")
        bench.often("locks", "relock", size, project, "lock")
        project.run("sync", "--frozen")
        bench.often("locks", "sync no-op", size, project, "sync", "--frozen")


def measure_workspaces(bench: Bench, size: int) -> None:
    """So many members, each tenth a library that others need; four requirements each."""
    every = ("sync", "--all-packages", "--frozen")
    run = ("run", "python", "-c", "pass")
    for tool in bench.tools:
        project = bench.project(tool)
        write_workspace(project, size)
        project.run("lock")
        bench.often("workspaces", "lock --upgrade", size, project, "lock", "--upgrade")
        project.run("lock")
        bench.often("workspaces", "relock", size, project, "lock")
        project.run(*every)
        bench.often("workspaces", "sync no-op", size, project, *every)
        project.run(*run, within="members/m0001")
        bench.often("workspaces", "run in a member", size, project, *run, within="members/m0001")


def measure_store(bench: Bench, size: int) -> None:
    """A store of so many wheels, and a project of 20 packages that uses it."""
    tool = bench.tools[0]
    cache = os.path.join(bench.folder, f"store-{size}")
    subprocess.run([sys.executable, os.path.join(HERE, "filling.py"), cache, str(size)], check=True)
    project = bench.project(tool, cache)
    project.write("pyproject.toml", manifest("small", made("top", 20)))
    for words in (("lock",), ("sync", "--frozen"), ("sync", "--frozen")):
        project.run(*words)
    bench.often("store", "sync no-op", size, project, "sync", "--frozen")
    bench.often("store", "cache size", size, project, "cache", "size")
    bench.often("store", "cache verify", size, project, "cache", "verify")
    bench.often("store", "cache prune", size, project, "cache", "prune", "--dry-run")
    costs = []
    for _ in range(bench.runs):
        project.away(".venv")
        costs.append(project.run("sync", "--frozen"))
    bench.note("store", "sync of 20", tool, size, *costs)


def measure_crowd(bench: Bench, size: int) -> None:
    """So many ``run`` at once in one project, and as many ``sync`` into nothing."""
    for tool in bench.tools:
        project = bench.project(tool)
        project.write("pyproject.toml", manifest("small", made("top", 20)))
        for words in (("lock",), ("sync", "--frozen"), ("run", "python", "-c", "pass")):
            project.run(*words)
        run, sync = project.command("run", "python", "-c", "pass"), project.command("sync", "--frozen")
        for what, words_of in (("run", run), ("sync of 20", sync)):
            if what != "run":
                project.away(".venv")
            costs = together([words_of] * size, project.folder, project.environ)
            most = Cost(
                max(cost.wall for cost in costs),
                sum(cost.cpu for cost in costs),
                max(cost.memory for cost in costs),
            )
            bench.note("crowd", what, tool, size, most)
        project.run("run", "python", "-c", "import p0000")


CASES = {
    "locks": measure_locks,
    "workspaces": measure_workspaces,
    "store": measure_store,
    "crowd": measure_crowd,
}


# -- what they work on -----------------------------------------------------------------------------


def made(what: str, *arguments: object) -> list[str]:
    """Ask ``registry.py``, in a process of its own: what measures is to stay small."""
    command = [sys.executable, os.path.join(HERE, "registry.py"), what, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@contextmanager
def served(packages: int) -> Iterator[str]:
    """The address of a registry of so many packages, while inside."""
    command = [sys.executable, os.path.join(HERE, "serving.py"), str(packages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


BACKEND = '''\
"""The smallest backend that makes an editable wheel."""
import os, zipfile

def build_editable(folder, settings=None, metadata=None):
    name = os.path.basename(os.getcwd())
    filename, info = f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    files = {
        f"{name}.pth": os.getcwd() + "\\n",
        f"{info}/METADATA": f"Metadata-Version: 2.2\\nName: {name}\\nVersion: 1.0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    import base64, hashlib
    rows = []
    with zipfile.ZipFile(os.path.join(folder, filename), "w") as archive:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(text.encode())}\\n")
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\\n")
    return filename

build_wheel = build_editable
'''


def write_workspace(project: Project, members: int) -> None:
    """The manifests of a workspace: ``members/m0000`` and so on, below a root that is no project."""
    table = project.tool.sources
    project.write("pyproject.toml", f'[{table}.workspace]\nmembers = ["members/*"]\n')
    for number in range(members):
        requirements = made_of_member(number)
        library = number - number % 10
        sources = ""
        if number != library:
            requirements.append(f"m{library:04}")
            sources = f"[{table}.sources]\nm{library:04} = {{ workspace = true }}\n"
        else:
            sources = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            project.write(f"members/m{number:04}/backend.py", BACKEND)
        if project.tool.name == "uv" and number != library:
            sources += "[tool.uv]\npackage = false\n"
        text = manifest(f"m{number:04}", requirements, more=sources)
        project.write(f"members/m{number:04}/pyproject.toml", text)


def made_of_member(number: int) -> list[str]:
    """Four of the 400 packages of the registry."""
    return [f"p{(number * 37 + each * 101) % 400:04}" for each in range(4)]


# -- telling ---------------------------------------------------------------------------------------


def tell(figures: Figures) -> None:
    """How each figure grows, and hutch over uv at the largest size."""
    print("\n| case | what | time grows as n to the | memory, most over least | hutch / uv at the most |")
    print("|---|---|---|---|---|")
    for case, measured in figures.items():
        for what, by_tool in measured.items():
            mine = by_tool["hutch"]
            sizes = sorted(mine)
            power = slope(sizes, [mine[size].cpu for size in sizes])
            memory = mine[sizes[-1]].memory / mine[sizes[0]].memory
            other = by_tool.get("uv", {}).get(sizes[-1])
            last = mine[sizes[-1]]
            beside = (
                f"time {last.cpu / other.cpu:.2f}, memory {last.memory / other.memory:.2f}" if other else "-"
            )
            print(f"| {case} | {what} | {power:.2f} | {memory:.1f} | {beside} |")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hutch", default="hutch", metavar="PATH")
    parser.add_argument("--uv", metavar="PATH")
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="of the environments")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--sizes", metavar="N,N", help="instead of those of the case")
    parser.add_argument(
        "--runs", type=int, default=3, help="of each command that may be repeated; the best counts"
    )
    parser.add_argument("--json", metavar="FILE", help="keep the figures; those of other cases in it stay")
    parser.add_argument("--plots", metavar="FOLDER", help="draw the curves of --json there")
    args = parser.parse_args()
    programs = [found(args.hutch), found(args.uv)]
    if programs[0] is None:
        sys.exit(f"error: there is no {args.hutch}\ntry: python3 dev.py scale")
    tools = [hutch(programs[0])] + ([uv(programs[1])] if programs[1] else [])
    folder = tempfile.mkdtemp(prefix="scale-of-hutch-")
    bench = Bench(tools, folder, args.python, args.runs)
    try:
        for case in filter(None, args.cases.split(",")):
            sizes = [int(size) for size in args.sizes.split(",")] if args.sizes else SIZES[case]
            with served(max(sizes) if case == "locks" else REGISTRY[case]) as bench.index:
                for size in sizes:
                    CASES[case](bench, size)
        keep(bench.figures, args.json, args.plots)
        tell(bench.figures)
    except CommandFailed as failed:
        sys.exit(f"error: {failed}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(figures: Figures, path: str | None, plots: str | None) -> None:
    """Write the figures down beside those of other cases, and draw all."""
    figures = {**read(path), **figures}
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    if plots:
        from plot import draw_all

        for drawn in draw_all(figures, UNITS, plots):
            print(drawn)


def read(path: str | None) -> Figures:
    """Figures that were kept before."""
    if path is None or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {
            case: {
                what: {
                    tool: {int(size): Cost(*cost) for size, cost in costs.items()}
                    for tool, costs in by_tool.items()
                }
                for what, by_tool in measured.items()
            }
            for case, measured in json.load(file).items()
        }


if __name__ == "__main__":
    main()
