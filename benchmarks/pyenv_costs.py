"""What plain ``python`` costs with hutch, beside pyenv on the same machine: shims, prompts, searches.

    python benchmarks/pyenv_costs.py --hutch .hutch-dev/bin/hutch --pyenv ~/.pyenv [--runs 40]

Everything is measured in turns, in one run: time of the processor and on the clock, the least of each, in
milliseconds; a busy machine only adds to it. What counts is the difference to the Python itself, and hutch
beside pyenv. Folders of hutch's own are temporary. JSON goes to standard output, a table to the
other stream.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTHING = ["-I", "-S", "-c", "pass"]
PROMPTS = 2000


def main() -> int:
    """Measure, and show."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hutch", required=True, type=Path)
    parser.add_argument("--pyenv", required=True, type=Path)
    parser.add_argument("--version", default="3.12.1", help="one that pyenv has")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hutch-costs-") as top:
        rows = Costs(options, Path(top)).all()
    print(json.dumps(rows))
    print(f"{'':44} {'processor':>9} {'clock':>9}", file=sys.stderr)
    for name, (processor, clock) in rows.items():
        print(f"{name:44} {processor:9.3f} {clock:9.3f}", file=sys.stderr)
    return 0


class Costs:
    """One run on one machine."""

    def __init__(self, options: argparse.Namespace, top: Path) -> None:
        self.hutch, self.root = options.hutch.resolve(), options.pyenv.resolve()
        self.version, self.runs = options.version, options.runs
        self.here = top / "project"
        self.here.mkdir()
        (self.here / ".python-version").write_text(f"{self.version}\n")
        self.folders = {kind: top / kind for kind in ("program", "script")}
        known = ("HOME", "LANG", "TMPDIR", "SHELL")
        self.environ = {name: os.environ[name] for name in known if name in os.environ}
        self.environ |= {
            "PATH": f"{self.root}/bin:/usr/bin:/bin",
            "PYENV_ROOT": str(self.root),
            "HUTCH_CACHE_DIR": str(top / "cache"),
            "HUTCH_DATA_DIR": str(self.folders["program"]),
            "PWD": str(self.here),
        }
        for kind, folder in self.folders.items():
            words = ["--sh"] if kind == "script" else []
            self._hutch("python", "shim", "install", *words, HUTCH_DATA_DIR=str(folder))
            self._once([str(folder / "shims" / "python"), *NOTHING])

    def all(self) -> dict[str, tuple[float, float]]:
        """(time of the processor, on the clock), each the least, in milliseconds."""
        return {**self._starts(), **self._commands(), **self._prompts()}

    def _starts(self) -> dict[str, tuple[float, float]]:
        """How long until nothing has been done by Python."""
        ways = {
            "python itself": self.root / "versions" / self.version / "bin" / "python",
            "shim of hutch, compiled": self.folders["program"] / "shims" / "python",
            "shim of hutch, script": self.folders["script"] / "shims" / "python",
            "shim of pyenv": self.root / "shims" / "python",
        }
        return self._in_turns({name: [str(path), *NOTHING] for name, path in ways.items()})

    def _commands(self) -> dict[str, tuple[float, float]]:
        """Looking for Pythons."""
        pyenv, hutch = str(self.root / "bin" / "pyenv"), str(self.hutch)
        return self._in_turns(
            {
                "hutch python which": [hutch, "python", "which"],
                "pyenv which python": [pyenv, "which", "python"],
                "hutch python find 3.12": [hutch, "python", "find", "3.12"],
                "pyenv latest 3.12": [pyenv, "latest", "3.12"],
                "hutch python list": [hutch, "python", "list"],
                "pyenv versions": [pyenv, "versions"],
                "hutch shell-hook bash": [hutch, "shell-hook", "bash"],
                "pyenv init - bash, virtualenv-init -": [
                    "/bin/sh", "-c", f"{pyenv} init - bash; {pyenv} virtualenv-init - bash",
                ],
            }
        )  # fmt: skip

    def _prompts(self) -> dict[str, tuple[float, float]]:
        """One prompt of bash in which nothing has changed."""
        hooks = {
            "prompt with the hook of hutch": (f'eval "$({self.hutch} shell-hook bash)"', "__hutch_hook"),
            "prompt with pyenv-virtualenv": (
                'eval "$(pyenv virtualenv-init - bash)"',
                "_pyenv_virtualenv_hook",
            ),
        }
        rows: dict[str, list[float]] = {name: [] for name in hooks}
        for _ in range(5):
            for name, (load, hook) in hooks.items():
                count = PROMPTS if "hutch" in name else PROMPTS // 20
                loop = f"{hook}; s=$EPOCHREALTIME; for ((i = 0; i < {count}; i++)); do {hook}; done"
                script = f"{load}; cd {self.here}; {loop}; echo $s $EPOCHREALTIME"
                said = self._once(["bash", "--norc", "--noprofile", "-c", script]).split()[-2:]
                began, ended = (float(each.replace(",", ".")) for each in said)
                rows[name].append((ended - began) / count * 1000)
        return {name: (min(times), min(times)) for name, times in rows.items()}

    def _in_turns(self, ways: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for words in ways.values():
            self._once(words)
        for _ in range(self.runs):
            for name, words in ways.items():
                times[name].append(self._time(words))
        return {
            name: (min(cpu for cpu, _ in found), min(clock for _, clock in found))
            for name, found in times.items()
        }

    def _time(self, words: list[str]) -> tuple[float, float]:
        """Time of the processor, of the process and all that it waited for; and time on the clock."""
        nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        before = os.getcwd()
        os.chdir(self.here)
        try:
            began = time.perf_counter()
            process = os.posix_spawn(words[0], words, self.environ, file_actions=nowhere)
            _, _, used = os.wait4(process, 0)
            return (used.ru_utime + used.ru_stime) * 1000, (time.perf_counter() - began) * 1000
        finally:
            os.chdir(before)

    def _hutch(self, *words: str, **more: str) -> None:
        subprocess.run(
            [self.hutch, *words], env={**self.environ, **more}, check=True, capture_output=True, cwd=self.here
        )

    def _once(self, words: list[str]) -> str:
        ran = subprocess.run(
            words, env=self.environ, check=True, capture_output=True, text=True, cwd=self.here
        )
        return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
