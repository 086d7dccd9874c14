"""The same checkout, installed by the tool that it was made for and by hutch: equal packages, and the times.

    python benchmarks/any_project.py --index URL --hutch hutch --uv uv --poetry poetry --pdm pdm \\
        --pipenv pipenv --pip-sync pip-sync --python PYTHON [NAME…]

The checkouts are those of ``tests/corpus/projects``: manifests and locks with names and hashes of real
packages, and made-up addresses. Here those become addresses of ``--index``, for both tools alike. Each tool
fills its cache first; what is measured is the installation into a new environment, and the look that finds
nothing to do. What is compared is ``pip list`` of both environments, and that not a byte of the checkout has
changed under hutch.

A line of JSON a project goes to standard output, a table to standard error at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECTS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "projects"
INDEX = "https://index.example/simple/"
LOCKS = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "requirements.txt": "pip-sync",
    "requirements/main.txt": "pip-sync",
}
WITHOUT_LOCK = {
    "djangoproject.com": ("-r", "requirements.txt", "-r", "requirements/dev.txt"),
    "requests": ("-e", ".[socks]", "-r", "requirements-dev.txt"),
}
"""Checkouts without any lock, and what one types to pip in them; `hutch sync` makes a lock there."""
NOT_COUNTED = frozenset({"pip", "setuptools", "wheel"})


class Failed(Exception):
    """A command of one of the tools did not end well."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="projects; all of them by default")
    parser.add_argument("--index", required=True, help="a Simple API that has the packages")
    parser.add_argument("--python", required=True, help="the interpreter of all environments")
    parser.add_argument("--hutch", default="hutch")
    for name in sorted(set(LOCKS.values())):
        parser.add_argument(f"--{name}", help="the program; without it its projects are left out")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    rows = []
    for folder in sorted(PROJECTS.iterdir()):
        if not folder.is_dir() or (options.names and folder.name not in options.names):
            continue
        tool: str | None = next((LOCKS[name] for name in LOCKS if (folder / name).is_file()), None)
        program = getattr(options, tool.replace("-", "_")) if tool else None
        if folder.name in WITHOUT_LOCK:
            tool, program = "pip", options.python
        if tool is None or program is None:
            continue
        try:
            row = compare(folder, tool, program, options)
        except Failed as problem:
            row = {"project": folder.name, "tool": tool, "failed": str(problem)}
        rows.append(row)
        print(json.dumps(row), flush=True)
    table(rows)
    return any("failed" in row or row["differences"] for row in rows)


def compare(folder: Path, tool: str, program: str, options: argparse.Namespace) -> dict[str, Any]:
    """Install ``folder`` with both tools, several times, and compare what they leave."""
    with tempfile.TemporaryDirectory(prefix="any-project-", ignore_cleanup_errors=True) as scratch:
        base = Path(scratch)
        theirs, ours = base / "theirs" / folder.name, base / "ours" / folder.name
        for place in (theirs, ours):
            shutil.copytree(folder, place)
            rewrite(place, options.index)
        native = NATIVE[tool](program, theirs, options, base)
        variables = environment(options, base, native.variables)
        native.prepare(variables)
        if tool == "poetry":  # its lock may have been renewed for the address: hutch gets the same
            for name in ("pyproject.toml", "poetry.lock"):
                shutil.copy(theirs / name, ours / name)
        before = digests(ours)
        mine = [options.hutch, "sync", *native.for_hutch]
        their_first = timed(native.sync, theirs, variables)
        our_first = timed(mine, ours, variables)
        their_list, our_list = installed(native.site(theirs)), installed(ours / ".venv")
        fresh: dict[str, list[float]] = {"theirs": [], "ours": []}
        again: dict[str, list[float]] = {"theirs": [], "ours": []}
        for number in range(options.runs):
            native.forget(base / f"old-{number}", variables)
            os.rename(ours / ".venv", base / f"mine-{number}")
            fresh["theirs"].append(timed(native.sync, theirs, variables))
            fresh["ours"].append(timed(mine, ours, variables))
            again["theirs"].append(timed(native.sync, theirs, variables))
            again["ours"].append(timed(mine, ours, variables))
        own = own_name(folder)
        differences = sorted(
            f"{name} {their_list.get(name)} {our_list.get(name)}"
            for name in their_list.keys() | our_list.keys()
            if their_list.get(name) != our_list.get(name) and name != own
        )
        after = {path: digest for path, digest in digests(ours).items() if path in before}
        return {
            "project": folder.name,
            "tool": tool,
            "packages": len(our_list),
            "differences": differences,
            "untouched": before == after,
            "first": [round(their_first, 3), round(our_first, 3)],
            "fresh": [round(statistics.median(fresh[side]), 3) for side in ("theirs", "ours")],
            "again": [round(statistics.median(again[side]), 3) for side in ("theirs", "ours")],
        }


class Native:
    """How one tool installs what its lock says, into an environment in the checkout."""

    for_hutch: tuple[str, ...] = ("--frozen",)

    def __init__(self, program: str, place: Path, options: argparse.Namespace, base: Path) -> None:
        self.program, self.place, self.options, self.base = program, place, options, base

    @property
    def variables(self) -> dict[str, str]:
        return {}

    @property
    def sync(self) -> list[str]:
        raise NotImplementedError

    def prepare(self, variables: dict[str, str]) -> None:
        """What comes before the first installation."""

    def site(self, place: Path) -> Path:
        return place / ".venv"

    def forget(self, aside: Path, variables: dict[str, str]) -> None:
        """Take the environment away, so that a new one has to be made."""
        os.rename(self.site(self.place), aside)


class Uv(Native):
    sync = property(lambda self: [self.program, "sync", "--frozen"])
    variables = property(
        lambda self: {"UV_CACHE_DIR": str(self.base / "uv"), "UV_PYTHON": self.options.python}
    )


class Poetry(Native):
    sync = property(lambda self: [self.program, "sync", "--no-interaction"])
    variables = property(
        lambda self: {
            "POETRY_CACHE_DIR": str(self.base / "poetry"),
            "POETRY_CONFIG_DIR": str(self.base / "poetry-config"),
            "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        }
    )

    def prepare(self, variables: dict[str, str]) -> None:
        text = (self.place / "pyproject.toml").read_text()
        if text.count("[[tool.poetry.source]]") == text.count('priority = "explicit"'):
            # Poetry takes its default index from nowhere else
            source = f'\n[[tool.poetry.source]]\nname = "mirror"\nurl = "{self.options.index}"\n'
            (self.place / "pyproject.toml").write_text(f"{text.rstrip()}\n{source}")
        before = locked(self.place / "poetry.lock")
        self._run("env", "use", self.options.python, variables=variables)
        self._run("lock", "--no-interaction", variables=variables)
        if locked(self.place / "poetry.lock") != before:
            raise Failed("poetry lock has changed versions")

    def forget(self, aside: Path, variables: dict[str, str]) -> None:
        super().forget(aside, variables)
        self._run("env", "use", self.options.python, variables=variables)

    def _run(self, *words: str, variables: dict[str, str]) -> None:
        timed([self.program, *words], self.place, variables)


class Pdm(Native):
    sync = property(lambda self: [self.program, "sync", "--clean"])
    variables = property(
        lambda self: {"PDM_PYPI_URL": self.options.index, "PDM_CACHE_DIR": str(self.base / "pdm")}
    )

    def prepare(self, variables: dict[str, str]) -> None:
        timed([self.program, "use", "-f", self.options.python], self.place, variables)

    def forget(self, aside: Path, variables: dict[str, str]) -> None:
        super().forget(aside, variables)
        (self.place / ".pdm-python").unlink(missing_ok=True)
        timed([self.program, "use", "-f", self.options.python], self.place, variables)


class Pipenv(Native):
    sync = property(lambda self: [self.program, "sync", "--dev"])
    variables = property(
        lambda self: {
            "PIPENV_VENV_IN_PROJECT": "1",
            "PIPENV_PYPI_MIRROR": self.options.index.rstrip("/"),
            "PIPENV_DEFAULT_PYTHON_VERSION": self.options.python,
            "PIPENV_CACHE_DIR": str(self.base / "pipenv"),
            "PIPENV_YES": "1",
            "PIPENV_NOSPIN": "1",
        }
    )


class PipSync(Native):
    @property
    def sync(self) -> list[str]:
        python = self.place / ".venv" / "bin" / "python"
        names = [name for name in REQUIREMENTS if (self.place / name).is_file()]
        return [self.program, "--python-executable", str(python), "-i", self.options.index, *names]

    def prepare(self, variables: dict[str, str]) -> None:
        timed([self.options.python, "-m", "venv", ".venv"], self.place, variables)

    def forget(self, aside: Path, variables: dict[str, str]) -> None:
        super().forget(aside, variables)
        self.prepare(variables)


class Pip(PipSync):
    for_hutch = ()

    @property
    def sync(self) -> list[str]:
        python = str(self.place / ".venv" / "bin" / "python")
        words = WITHOUT_LOCK[self.place.name]
        return [python, "-m", "pip", "install", "-i", self.options.index, *words]


REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements/main.txt")
NATIVE: dict[str, type[Native]] = {
    "uv": Uv,
    "poetry": Poetry,
    "pdm": Pdm,
    "pipenv": Pipenv,
    "pip-sync": PipSync,
    "pip": Pip,
}


def environment(options: argparse.Namespace, base: Path, more: dict[str, str]) -> dict[str, str]:
    """Variables for both tools: caches of their own, no configuration of this machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(
            ("PIP_", "UV_", "HUTCH_", "POETRY_", "PDM_", "PIPENV_", "VIRTUAL_ENV", "PYENV_")
        )
    }
    own = {
        "HUTCH_CACHE_DIR": str(base / "hutch"),
        "HUTCH_INDEX_URL": options.index,
        "HUTCH_PYTHON": options.python,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(base / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return {**kept, **own, **more}


def timed(command: list[str], place: Path, variables: dict[str, str]) -> float:
    """Seconds that a command takes; ``Failed`` with the end of what it said where it does not end well."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=place, env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-600:]
        raise Failed(f"{' '.join([os.path.basename(command[0]), *command[1:]])}: {said}")
    return seconds


def rewrite(place: Path, index: str) -> None:
    """Put real addresses in the place of the made-up ones: of the index, and of each file on its pages."""
    where = address_of_files(index)
    for path in sorted(place.rglob("*")):
        if not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        changed = re.sub(
            r"https://files\.index\.example/[^\s\"'#]*?([^/\s\"'#]+\.(?:whl|tar\.gz|zip|tgz|tar\.bz2))",
            lambda found: where(found[1]),
            text,
        )
        changed = changed.replace(INDEX, index).replace(INDEX.rstrip("/"), index.rstrip("/"))
        if changed != text:
            path.write_text(changed)


def address_of_files(index: str) -> Callable[[str], str]:
    """Looks up a file by its name on the page of its project."""
    pages: dict[str, dict[str, str]] = {}

    def find(filename: str) -> str:
        name = re.sub(r"[-_.]+", "-", re.split(r"-(?=\d)", filename)[0]).lower()
        if name not in pages:
            request = urllib.request.Request(
                urllib.parse.urljoin(index, f"{name}/"),
                headers={"Accept": "application/vnd.pypi.simple.v1+json"},
            )
            with urllib.request.urlopen(request) as answer:
                page, base = json.load(answer), answer.geturl()
            pages[name] = {
                file["filename"]: urllib.parse.urljoin(base, file["url"]) for file in page["files"]
            }
        return pages[name].get(filename, f"https://files.index.example/{filename}")

    return find


def installed(environment: Path) -> dict[str, str]:
    """``pip list`` of an environment, without what a tool brings for itself."""
    site = next(environment.glob("lib/python3*/site-packages"))
    command = [sys.executable, "-m", "pip", "list", "--format", "json", "--path", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {
        re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in json.loads(done.stdout)
    }
    return {name: version for name, version in found.items() if name not in NOT_COUNTED}


def own_name(folder: Path) -> str:
    """The project's own name: not every tool installs the project itself."""
    manifest = folder / "pyproject.toml"
    found = re.search(r'^name\s*=\s*"([^"]+)"', manifest.read_text(), re.M) if manifest.is_file() else None
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def digests(place: Path) -> dict[str, str]:
    """The files of a checkout, by what is in them."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*"))
        if path.is_file() and ".venv" not in path.parts
    }


def locked(path: Path) -> list[tuple[str, str]]:
    """Names and versions of a ``poetry.lock``."""
    return re.findall(r'^name = "(.*)"\nversion = "(.*)"$', path.read_text(), re.M)


def table(rows: list[dict[str, Any]]) -> None:
    """What was found, for people."""
    print("\nproject, tool: packages · fresh environment, nothing to do (hutch / the tool)", file=sys.stderr)
    for row in rows:
        head = f"{row['project']}, {row['tool']}: "
        if "failed" in row:
            print(f"{head}failed: {row['failed']}", file=sys.stderr)
            continue
        ratios = [f"{mine / theirs:.2f}" for theirs, mine in (row["fresh"], row["again"])]
        same = "the same" if not row["differences"] else f"DIFFERENT: {row['differences']}"
        changed = "" if row["untouched"] else ", CHECKOUT CHANGED"
        print(f"{head}{row['packages']} {same}{changed} · {ratios[0]}, {ratios[1]}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
