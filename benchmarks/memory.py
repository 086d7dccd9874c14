"""Peak memory of real projects, beside uv.

    python3 dev.py memory --index URL --uv PATH SET…       a SET is a file of requirements, one a line

The index has to have what the sets ask for; the recording one of the shared benchmark does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile

from measure import CommandFailed, Cost
from tools import Project, Tool, found, hutch, manifest, uv

BAR = 2.0


def requirements_of(path: str) -> list[str]:
    """The lines of a file of requirements."""
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def costs_of(project: Project, *, locks_only: bool) -> dict[str, Cost]:
    """What each command costs, by its case in the shared benchmark."""
    lock, sync = ("lock",), ("sync", "--frozen")
    found = {"resolve-cold": project.run(*lock)}
    found["solve-warm"] = project.run("lock", "--upgrade")
    for _ in range(2):
        project.away(project.tool.lock_file)
        found["resolve-warm"] = project.run(*lock)
    project.run(*lock)
    found["relock"] = project.run(*lock)
    if locks_only:
        return found
    found["install-cold"] = project.run(*sync)
    project.away(".venv")
    found["install-warm"] = project.run(*sync)
    project.run(*sync)
    found["sync-noop"] = project.run(*sync)
    project.run("run", "python", "-c", "pass")
    found["run-noop"] = project.run("run", "python", "-c", "pass")
    return found


def main() -> int:
    """Print a table; 1 where hutch needs more than twice the memory of uv."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hutch", default="hutch", metavar="PATH")
    parser.add_argument("--uv", default="uv", metavar="PATH")
    parser.add_argument("--python", default=sys.executable, metavar="PATH")
    parser.add_argument("--index", required=True, metavar="URL")
    parser.add_argument("--requires-python", default=">=3.12", metavar="SPEC", help="of the projects")
    parser.add_argument("--locks-only", action="store_true", help="install nothing")
    parser.add_argument("sets", nargs="+", metavar="SET")
    args = parser.parse_args()
    programs = [found(args.hutch), found(args.uv)]
    if None in programs:
        sys.exit(f"error: {args.hutch} or {args.uv} is not there\ntry: --hutch PATH --uv PATH")
    tools: list[Tool] = [hutch(str(programs[0])), uv(str(programs[1]))]
    folder = tempfile.mkdtemp(prefix="memory-of-hutch-")
    missed = 0
    print("| set | case | hutch MiB | uv MiB | memory | CPU |\n|---|---|---|---|---|---|")
    try:
        for path in args.sets:
            name = os.path.splitext(os.path.basename(path))[0]
            costs: dict[str, dict[str, Cost]] = {}
            for tool in tools:
                project = Project(tool, os.path.join(folder, f"{name}-{tool.name}"), args.index, args.python)
                project.write(
                    "pyproject.toml", manifest("real", requirements_of(path), python=args.requires_python)
                )
                costs[tool.name] = costs_of(project, locks_only=args.locks_only)
            for case, mine in costs["hutch"].items():
                other = costs["uv"][case]
                ratio = mine.memory / other.memory
                missed += ratio > BAR
                figures = f"{mine.memory:.0f} | {other.memory:.0f} | {ratio:.2f} | {mine.cpu / other.cpu:.2f}"
                print(f"| {name} | {case} | {figures} |", flush=True)
    except CommandFailed as failed:
        sys.exit(f"error: {failed}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
