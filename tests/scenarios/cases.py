"""The packse scenarios of ../shared, and what hutch makes of those that are policy or taste.

A case has a root, packages with versions, and an expectation, which is uv's. Three tables say where
hutch's answer is another, or is to be told more exactly; ``docs/explanation/solver.md`` argues them.
"""

from __future__ import annotations

import os
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from hutch.spec import canonical_version, normalize
from integration.law import Facts

SHARED = Path(os.environ.get("HUTCH_SHARED") or Path(__file__).parents[3] / "shared")
CASES = SHARED / "scenarios" / "cases"
FILES = sorted(CASES.rglob("*.toml")) if CASES.is_dir() else []

UNSATISFIABLE = "unsatisfiable"

# Every scenario of policy.txt, with hutch's own outcome.
POLICY: dict[str, str | dict[str, str]] = {
    "local/local-not-latest": {"a": "1.2.1+foo"},
    "prereleases/package-prerelease-specified-mixed-available": {"a": "0.3.0"},
    "prereleases/package-prereleases-specifier-boundary": {"a": "0.1.0"},
    "prereleases/prerelease-base-extra-stable-preference-after-backtrack": {
        "a": "1.0.0",
        "c": "1.0.0",
        "d": "1.0.0",
    },
    "prereleases/prerelease-base-extra-stable-preference-explicit-first": {"c": "1.0.0"},
    "prereleases/prerelease-base-extra-stable-preference-plain-first": {"c": "1.0.0"},
    "prereleases/prerelease-capped-union-alternate-parent": UNSATISFIABLE,
    "prereleases/prerelease-capped-union-backtrack": UNSATISFIABLE,
    "prereleases/prerelease-equivalent-stable-preference-explicit-first": {"c": "1.0.0"},
    "prereleases/prerelease-equivalent-stable-preference-plain-first": {"c": "1.0.0"},
    "prereleases/prerelease-extra-stable-preference": {"c": "1.0.0"},
    "prereleases/prerelease-fallback-after-stable-rejected": UNSATISFIABLE,
    "prereleases/prerelease-multiple-redundant-stable-preference": {"c": "1.5.0"},
    "prereleases/prerelease-multiple-redundant-stable-preference-explicit-first": {"c": "1.5.0"},
    "prereleases/prerelease-redundant-stable-preference-explicit-first": {"c": "1.0.0"},
    "prereleases/prerelease-redundant-stable-preference-plain-first": {"c": "1.0.0"},
    "prereleases/transitive-prerelease-equivalent-stable-preference-explicit-first": {
        "a": "1.0.0",
        "c": "1.0.0",
    },
    "prereleases/transitive-prerelease-equivalent-stable-preference-plain-first": {
        "a": "1.0.0",
        "c": "1.0.0",
    },
    "prereleases/transitive-prerelease-prefers-stable": {"a": "1.0.0", "c": "1.0.0"},
    "prereleases/transitive-prerelease-redundant-stable-preference-parent-first": {
        "a": "1.0.0",
        "c": "1.0.0",
    },
    "requires_python/python-less-than-current": UNSATISFIABLE,
    "yanked/transitive-yanked-and-unyanked-dependency": UNSATISFIABLE,
}

# uv has no answer for all environments; for hutch's targets there is one, and it is sound.
SOUND_ALL_THE_SAME = {
    "fork/conflict-in-fork",  # about systems that are nobody's target
    "fork/non-local-fork-marker-direct",
    "fork/non-local-fork-marker-transitive",
    "fork/preferences-dependent-forking-conflicting",
}

# Targets without any solution (files, requires-python), by pattern; all others must be in the lock.
_UNDER_311 = ("cp38-*", "cp39-*", "cp310-*")  # forkleaf requires Python 3.11
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "fork/lowest-direct-fork-max-python": _UNDER_311,
    "fork/lowest-direct-fork-min-python": _UNDER_311,
    "fork/lowest-fork-max-python": _UNDER_311,
    "fork/lowest-fork-min-python": _UNDER_311,
    "fork/marker-disjoint": ("*-linux-*",),
    # Wheels of b and c for CPython 3.13 alone; manylinux2010 never was on aarch64.
    "wheels/specific-architecture": (
        "cp31[245]-linux-x86_64",
        "cp31[245]-macos-x86_64",
        "cp31?-linux-aarch64",
    ),
}


class Case:
    """A case file. ``python`` is the one to solve for where the case is not ``universal``."""

    def __init__(self, path: Path) -> None:
        data = tomllib.loads(path.read_text())
        self.name = str(path.relative_to(CASES).with_suffix(""))
        self.options: dict[str, Any] = data.get("resolver_options", {})
        self.expected = data["expected"]
        if data.get("testgen", {}).get("disable"):
            self.expected.pop("packages", None)  # of a test that does more than this file says
        self.requires: list[str] = data["root"].get("requires", [])
        self.requires_python: str = data["root"].get("requires_python", ">=3.12")
        self.universal = bool(self.options.get("universal"))
        self.packages = {normalize(n): p.get("versions", {}) for n, p in data.get("packages", {}).items()}
        self.python: str = self.options.get("python") or data.get("environment", {}).get("python", "3.12")
        self.no_binary = {normalize(n) for n in self.options.get("no_binary", ())}
        self.no_build = {normalize(n) for n in self.options.get("no_build", ())}

    def judge(self, versions: dict[str, set[str]] | None, left_out: set[str]) -> None:
        """Compare with what is expected: the versions of each package (None: no solution), and the
        names of targets that were left out."""
        expected: str | dict[str, str] | None = POLICY.get(self.name)
        if expected is None:
            expected = self.expected.get("packages") if self.expected["satisfiable"] else UNSATISFIABLE
        if expected == UNSATISFIABLE and self.name in SOUND_ALL_THE_SAME:
            assert versions is not None
            return
        if expected == UNSATISFIABLE:
            assert versions is None
            return
        assert versions is not None
        patterns = LEFT_OUT.get(self.name, ())
        assert [name for name in left_out if not any(fnmatch(name, p) for p in patterns)] == []
        if expected is None:  # that there is a solution is all that is expected
            return
        assert isinstance(expected, dict)
        wanted = {normalize(name): canonical_version(version) for name, version in expected.items()}
        if self.universal:
            for name, version in wanted.items():
                assert version in {canonical_version(v) for v in versions[name]}, name
        else:
            assert {n: {canonical_version(v) for v in vs} for n, vs in versions.items()} == {
                name: {version} for name, version in wanted.items()
            }

    def facts_of(self, entry: dict[str, Any]) -> Facts:
        """What the metadata of a locked package says, for the law."""
        meta = self.packages[normalize(entry["name"])][entry["version"]]
        requires = list(meta.get("requires", ()))
        for extra, texts in meta.get("extras", {}).items():
            for text in texts:
                body, _, marker = text.partition(";")
                condition = f"extra == '{normalize(extra)}'"
                requires.append(f"{body}; ({marker}) and {condition}" if marker else f"{body}; {condition}")
        return Facts(tuple(requires), meta.get("requires_python", ">=3.12") or None)
