"""hutch beside py-rattler at conda's work, in one run: solving, installing, changing, looking.

    python benchmarks/conda_costs.py --hutch .hutch-dev/bin/hutch --rattler PYTHON [--records FOLDER] [CASE…]

``PYTHON`` is one that has py-rattler; `rattler_side.py` says what it is asked to do. Every command is a
process that starts cold, the two sides in turns. *cold* begins with an empty store, *warm* with one that
knows the channel (and the packages). Channels are folders of this machine: the real records of ``--records``
(nothing to download belongs to them, so they are solved and not installed), and packages that are made here,
``--packages`` of them with a thousand files.

Printed are medians: hutch over rattler on the clock, the difference in milliseconds, and the same of the
processor's time (children and threads included), which other work on the machine disturbs less. Nothing is
deleted before the end.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import measure

SOURCE = Path(__file__).resolve().parents[1] / "src"
SIDE = Path(__file__).with_name("rattler_side.py")
SCIENCE = ["python=3.11", "numpy", "pandas", "scikit-learn", "pytorch"]
SMALL = ["python=3.12", "numpy", "pandas"]
DESK = ["python=3.12", "jupyterlab", "matplotlib", "scipy", "xarray", "dask"]
PLATFORMS = ("linux-64", "osx-arm64", "win-64")
FILES = 1000


class Case(NamedTuple):
    """One row: what is done by whom. ``before`` makes things ready for a run of either side, untimed."""

    name: str
    ours: Callable[[Place], list[str]]
    theirs: Callable[[Place], dict[str, Any]]
    before: Callable[[Place], None] | None = None
    unsolvable: bool = False


class Place(NamedTuple):
    """Where one run of one side happens."""

    top: Path
    cache: Path
    prefix: Path


def main() -> int:
    """Measure, and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", nargs="*", help="only those whose name begins with one of these")
    parser.add_argument("--hutch", required=True)
    parser.add_argument("--rattler", required=True, help="a Python that has py-rattler")
    shared = os.environ.get("HUTCH_SHARED") or str(SOURCE.parents[1] / "shared")
    parser.add_argument("--records", default=f"{shared}/conda/records/conda-forge")
    parser.add_argument("--packages", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--python", help="unused, as dev.py gives it to every measurement")
    options = parser.parse_args()
    top = Path(tempfile.mkdtemp(prefix="conda-costs-"))
    try:
        rows = Costs(options, top).all()
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print(json.dumps(rows))
    head = f"{'':34} {'rattler ms':>10} {'hutch ms':>9} {'ratio':>6} {'more ms':>8} {'CPU more ms':>11}"
    print(head, file=sys.stderr)
    for name, row in rows.items():
        print(
            f"{name:34} {row['theirs']:10.0f} {row['ours']:9.0f} {row['ratio']:6.2f} "
            f"{row['ours'] - row['theirs']:+8.0f} {row['our_cpu'] - row['their_cpu']:+11.0f}",
            file=sys.stderr,
        )
    return 0


class Costs:
    """One run on one machine."""

    def __init__(self, options: argparse.Namespace, top: Path) -> None:
        self.options, self.top = options, top
        self.hutch = str(Path(options.hutch).resolve())
        self.real = top / "conda-forge"
        if Path(options.records).is_dir():
            for packed in sorted(Path(options.records).glob("*/repodata.json.gz")):
                target = self.real / packed.parent.name / "repodata.json"
                target.parent.mkdir(parents=True)
                with gzip.open(packed) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
        self.old, self.new = top / "made" / "old", top / "made" / "new"
        self.names = make_channels(self.old, self.new, options.packages)
        self.serial = 0
        known = ("HOME", "LANG", "PATH", "TMPDIR")
        self.environ = {name: os.environ[name] for name in known if name in os.environ}
        (top / "home").mkdir()
        self.environ |= {"HOME": str(top / "home"), "HUTCH_DATA_DIR": str(top / "data"), "PWD": str(top)}

    def all(self) -> dict[str, dict[str, float]]:
        """The rows by name."""
        wanted = tuple(self.options.cases) or ("",)
        return {
            case.name: self._measure(case)
            for case in (*self._solving(), *self._changing())
            if case.name.startswith(wanted)
        }

    # -- what is measured -----------------------------------------------------------------------------

    def _solving(self) -> list[Case]:
        cases = []
        if not self.real.is_dir():
            return []
        for name, specs in (("science", SCIENCE), ("desk", DESK)):
            for subdir in PLATFORMS:
                # Nobody locked a pytorch of Python 3.11 for these, nor all that dask needs on Windows.
                unsolvable = subdir == "win-64" or (name == "science" and subdir == "osx-arm64")
                for cold in (True, False):
                    cases.append(self._solve(name, specs, subdir, cold, unsolvable))
        for cold in (True, False):
            cases.append(self._lock("science", SCIENCE, ["linux-64"], cold))
            cases.append(self._lock("desk", DESK, ["linux-64", "osx-64", "osx-arm64"], cold))
            cases.append(self._lock("small", SMALL, ["linux-64", "osx-64", "osx-arm64", "win-64"], cold))
        return cases

    def _lock(self, name: str, specs: list[str], subdirs: list[str], cold: bool) -> Case:
        """A project's lock: solved, proven and written by hutch, only solved by rattler."""

        def theirs(place: Place) -> dict[str, Any]:
            question: dict[str, Any] = {"channel": str(self.real), "subdirs": subdirs, "specs": specs}
            return {"ask": "platforms", **question, "cache": str(place.cache)}

        def before(place: Place) -> None:
            lines = [f"channels: [{json.dumps(str(self.real))}]", f"platforms: {json.dumps(subdirs)}"]
            lines += ["dependencies:", *(f"  - {spec}" for spec in specs)]
            (place.top / "environment.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
            if not cold and place.cache.name.startswith("ours"):
                self._timed([self.hutch, "lock"], place, False)
                (place.top / "pylock.toml").unlink()

        kind = f"{len(subdirs)} platforms" if len(subdirs) > 1 else subdirs[0]
        label = f"lock {name}, {kind}, {'cold' if cold else 'warm'}"
        return Case(label, lambda place: ["lock"], theirs, before)

    def _solve(self, name: str, specs: list[str], subdir: str, cold: bool, unsolvable: bool) -> Case:
        def ours(place: Place) -> list[str]:
            words = ["-p", str(place.prefix), "--dry-run", "--subdir", subdir]
            return ["create", *words, "--override-channels", "-c", str(self.real), *specs]

        def theirs(place: Place) -> dict[str, Any]:
            question: dict[str, Any] = {"channel": str(self.real), "subdir": subdir, "specs": specs}
            return {"ask": "sparse", **question, "cache": str(place.cache), "unsolvable": unsolvable}

        kind = "proof" if unsolvable else "solve"
        label = f"{kind} {name} {subdir}, {'cold' if cold else 'warm'}"
        return Case(label, ours, theirs, None if cold else self._known, unsolvable)

    def _changing(self) -> list[Case]:
        def ours(*words: str, channel: Path = self.old) -> Callable[[Place], list[str]]:
            def made(place: Place) -> list[str]:
                verb, *rest = words
                where = [] if verb == "search" else ["-p", str(place.prefix)]
                channels = ["--override-channels", "-c", str(channel)]
                yes = ["-y"] if verb in ("create", "install", "update", "remove") else []
                if verb in ("list", "remove", "env"):
                    channels = []
                return [*verb.split(), *rest, *where, *channels, *yes]

            return made

        def theirs(ask: str, specs: list[str], channel: Path = self.old, **more: Any) -> Any:
            def made(place: Place) -> dict[str, Any]:
                question = {"ask": ask, "channel": str(channel), "subdir": "linux-64", "specs": specs, **more}
                return {**question, "cache": str(place.cache), "prefix": str(place.prefix)}

            return made

        names, some = self.names, self.names[:5]
        return [
            Case("install, cold", ours("create", *names), theirs("install", names)),
            Case("install, warm", ours("create", *names), theirs("install", names), self._full),
            Case("install, nothing to do", ours("install", *names), theirs("install", names), self._made),
            Case(
                "update of five",
                ours("update", *some, channel=self.new),
                theirs("install", names, self.new, free=some),
                self._made_newer_known,
            ),
            Case("remove of five", ours("remove", *some), theirs("remove", some), self._made),
            Case("list", ours("list"), theirs("listing", []), self._made),
            Case("env export", ours("env", "export"), theirs("listing", [], free=["x"]), self._made),
            Case("search, warm", ours("search", names[0]), theirs("search", names[:1]), self._full),
        ]

    # -- what is there before -------------------------------------------------------------------------

    def _known(self, place: Place) -> None:
        """A store that has read the real channel before."""
        self._keep("known", place, [["create", "-p", str(place.prefix), "--dry-run", *self._numpy()]])

    def _numpy(self) -> list[str]:
        return ["--subdir", "linux-64", "--override-channels", "-c", str(self.real), *DESK]

    def _full(self, place: Place) -> None:
        """A store that has the packages."""
        self._install(place, self.old, place.prefix.with_name("filling"))

    def _made(self, place: Place) -> None:
        """An environment of all packages."""
        self._install(place, self.old, place.prefix)

    def _made_newer_known(self, place: Place) -> None:
        self._install(place, self.new, place.prefix.with_name("filling"))
        self._made(place)

    def _keep(self, kind: str, place: Place, commands: list[list[str]]) -> None:
        if place.cache.name.startswith("theirs"):
            return
        for words in commands:
            for subdir in PLATFORMS:
                each = [subdir if word == "linux-64" else word for word in words]
                self._quietly([self.hutch, "conda", *each], place, may_fail=True)

    def _install(self, place: Place, channel: Path, prefix: Path) -> None:
        where = place._replace(prefix=prefix)
        if place.cache.name.startswith("theirs"):
            question = {"ask": "install", "channel": str(channel), "subdir": "linux-64", "specs": self.names}
            more = {"cache": str(place.cache), "prefix": str(prefix)}
            self._quietly(self._rattler({**question, **more}), where)
        else:
            words = ["create", "-p", str(prefix), "--override-channels", "-c", str(channel), "-y"]
            self._quietly([self.hutch, "conda", *words, *self.names], where)

    # -- running --------------------------------------------------------------------------------------

    def _measure(self, case: Case) -> dict[str, float]:
        costs: dict[str, list[measure.Cost]] = {"ours": [], "theirs": []}
        for _ in range(self.options.runs):
            for side in ("ours", "theirs"):
                place = self._place(side)
                if case.before is not None:
                    case.before(place)
                if side == "ours":
                    words = case.ours(place)
                    command = [self.hutch, *(words if words == ["lock"] else ["conda", *words])]
                else:
                    command = self._rattler(case.theirs(place))
                costs[side].append(self._timed(command, place, case.unsolvable))
        figures = {side: measure_medians(found) for side, found in costs.items()}
        return {
            "theirs": figures["theirs"][0],
            "ours": figures["ours"][0],
            "ratio": round(figures["ours"][0] / figures["theirs"][0], 2),
            "their_cpu": figures["theirs"][1],
            "our_cpu": figures["ours"][1],
        }

    def _place(self, side: str) -> Place:
        self.serial += 1
        top = self.top / f"run-{self.serial}"
        top.mkdir()
        cache = top / f"{side}-cache"
        cache.mkdir()
        return Place(top, cache, top / "env")

    def _timed(self, command: list[str], place: Place, may_fail: bool) -> measure.Cost:
        environ = {**self.environ, "HUTCH_CACHE_DIR": str(place.cache)}
        try:
            return measure.measure(command, str(place.top), environ)
        except measure.CommandFailed as failed:
            if may_fail and failed.cost is not None:
                return failed.cost
            raise

    def _quietly(self, command: list[str], place: Place, may_fail: bool = False) -> None:
        self._timed(command, place, may_fail)

    def _rattler(self, question: dict[str, Any]) -> list[str]:
        return [self.options.rattler, "-I", str(SIDE), json.dumps(question)]


def measure_medians(costs: list[measure.Cost]) -> tuple[float, float]:
    """(on the clock, of the processor) in milliseconds."""
    wall, cpu = ([getattr(cost, name) * 1000 for cost in costs] for name in ("wall", "cpu"))
    return round(statistics.median(wall), 1), round(statistics.median(cpu), 1)


def make_channels(old: Path, new: Path, count: int) -> list[str]:
    """A channel of ``count`` packages with a thousand files, and one that has newer ones of them as well."""
    sys.path.insert(0, str(SOURCE))
    from hutch.testing.conda import PLACEHOLDER, CondaPackage, index_channel

    each = FILES // count
    packages: list[CondaPackage] = []
    newer: list[CondaPackage] = []
    for number in range(count):
        name = f"pack{number:02}"
        for version, into in (("1.0", packages), ("2.0", newer)):
            files: dict[str, bytes | str] = {
                f"share/{name}/part{at % 7}/file{at}.txt": f"{name} {version} {at}\n" * (10 + at * 7 % 300)
                for at in range(each - 2)
            }
            files[f"bin/{name}"] = f"#!{PLACEHOLDER}/bin/sh\necho {version}\n"
            files[f"lib/lib{name}.so"] = (
                b"\x7fELF" + os.urandom(20_000) + PLACEHOLDER.encode() + b"/lib\0" + os.urandom(20_000)
            )
            depends = [f"pack{number - 1:02} >=1"] if number else []
            into.append(CondaPackage(name, version, subdir="linux-64", files=files, depends=depends))
    index_channel(old, packages)
    index_channel(new, [*packages, *newer])
    return [package.name for package in packages]


if __name__ == "__main__":
    sys.exit(main())
