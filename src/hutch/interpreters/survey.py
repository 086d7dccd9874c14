"""Every Python of a machine, by name: what was asked once, what the disk tells, and only then a question.

The answers to questions are kept by `probe`; that one does not start, or is too old to be asked more, is
kept here. So a second survey starts nothing but scripts, which may start another Python each time.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.interpreters.glance import Glance, glance_at, glance_of, version_of
from hutch.interpreters.keepers import keeper_of
from hutch.interpreters.places import Candidate, SearchOptions, iterate_candidates, iterate_stubs
from hutch.interpreters.problems import BrokenInterpreter, UnsupportedInterpreter
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.interpreters.probe import FactsStore

__all__ = ["Sighting", "look_at", "survey_pythons"]

KIND = "interpreters"
FORMAT = 1
_SLOW = 5.0
"""Seconds: what failed after so long may only have been kept waiting, and is asked again the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One Python that is there: what is known of it, or the problem that it has.

    ``keeper`` is who put it there (``pyenv``, ``Debian``; "" where that cannot be told); ``name`` what its
    keeper calls it: the version or environment of pyenv, the environment of conda. ``stub`` marks a file
    that is no Python, and only offers to install one.
    """

    path: str
    real_path: str
    keeper: str
    name: str = ""
    glance: Glance | None = None
    problem: Problem | None = None
    stub: bool = False


def look_at(path: str, store: FactsStore | None, *, environ: Mapping[str, str] | None = None) -> Glance:
    """What the Python at ``path`` is, with as little effort as may be. Raises BrokenInterpreter, and
    UnsupportedInterpreter where it is too old to say it."""
    found = _without_a_start(path, store, environ)
    return found if found is not None else _ask(path, store, environ)


def survey_pythons(
    search: SearchOptions, *, store: FactsStore | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Sighting, ...]:
    """All Pythons, broken ones and stubs too, each real file once, in the order of search."""
    candidates = list(iterate_candidates(search, conda=True))
    known: dict[int, Glance | Problem] = {}
    for at, candidate in enumerate(candidates):
        try:
            found = _without_a_start(candidate.path, store, environ)
        except Problem as problem:
            known[at] = problem
        else:
            if found is not None:
                known[at] = found
    unknown = [at for at in range(len(candidates)) if at not in known]

    def asked(at: int) -> Glance | Problem:
        try:
            return _ask(candidates[at].path, store, environ)
        except Problem as problem:
            return problem

    if len(unknown) == 1:
        known[unknown[0]] = asked(unknown[0])
    elif unknown:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(8, len(unknown))) as pool:
            known.update(zip(unknown, pool.map(asked, unknown), strict=True))
    found_ones = [_sighting(candidate, known[at], search) for at, candidate in enumerate(candidates)]
    stubs = [
        Sighting(path=path, real_path=path, keeper=keeper, stub=True)
        for path, keeper in iterate_stubs(search)
    ]
    return (*found_ones, *stubs)


def _sighting(candidate: Candidate, known: Glance | Problem, search: SearchOptions) -> Sighting:
    glance = known if isinstance(known, Glance) else None
    conda = candidate.source in ("conda", "CONDA_PREFIX") or (glance is not None and glance.is_conda)
    # The one who made the Python behind an environment did not make the environment.
    real = candidate.path if candidate.is_virtual else candidate.real_path
    keeper = keeper_of(candidate.path, real, candidate.source, search, conda=conda)
    return Sighting(
        path=candidate.path,
        real_path=candidate.real_path,
        keeper=keeper,
        name=_name_in(candidate, keeper, search, glance),
        glance=glance,
        problem=known if isinstance(known, Problem) else None,
    )


def _name_in(candidate: Candidate, keeper: str, search: SearchOptions, glance: Glance | None) -> str:
    """What the keeper calls it, where the keeper has names: ``3.12.1``, ``work``."""
    if keeper == "pyenv":
        versions = os.path.join(search.pyenv_root, "versions", "")
        if candidate.path.startswith(versions):
            return os.path.dirname(os.path.dirname(candidate.path.removeprefix(versions))).replace(
                os.sep, "/"
            )
    if keeper == "conda" and glance is not None:
        prefix = glance.prefix
        if os.path.basename(os.path.dirname(prefix)) == "envs":
            return os.path.basename(prefix)
        return (
            "base" if os.path.isdir(os.path.join(prefix, "condabin")) or prefix in search.conda_roots else ""
        )
    return ""


def _without_a_start(path: str, store: FactsStore | None, environ: Mapping[str, str] | None) -> Glance | None:
    """From an earlier answer, or from the disk; None where it has to be asked."""
    from hutch.interpreters.probe import place_and_stamp, recall_interpreter

    if store is not None:
        asked = recall_interpreter(path, store, environ=environ)
        if asked is not None:
            return glance_of(asked)
    found = glance_at(path)
    if found is not None:
        return found
    place, stamp = place_and_stamp(path)
    said = store.tables.read(KIND, _key(place)) if store is not None else None
    if isinstance(said, tuple) and len(said) == 5 and said[:3] == (FORMAT, place, stamp):
        version, reason = said[3:]
        if isinstance(version, str) and isinstance(reason, str):
            if reason:
                raise BrokenInterpreter(path, reason)
            return _old(path, place, version)
    return None


def _ask(path: str, store: FactsStore | None, environ: Mapping[str, str] | None) -> Glance:
    from time import monotonic

    from hutch.interpreters.probe import place_and_stamp, probe_interpreter

    began = monotonic()
    place, stamp = place_and_stamp(path)
    try:
        return glance_of(probe_interpreter(path, store, environ=environ))
    except UnsupportedInterpreter as problem:
        if problem.version.count(".") != 2:
            raise
        if store is not None:
            store.tables.write(KIND, _key(place), (FORMAT, place, stamp, problem.version, ""))
        return _old(path, place, problem.version)
    except BrokenInterpreter as problem:
        if store is not None and problem.link is None and monotonic() - began < _SLOW:
            store.tables.write(KIND, _key(place), (FORMAT, place, stamp, "", problem.reason))
        raise


def _key(place: str) -> str:
    from zlib import crc32

    return f"{crc32(os.fsencode(place)):08x}-look"


def _old(path: str, place: str, version: str) -> Glance:
    """One that says its version and no more."""
    parts = version.split(".")
    micro = "".join(character for character in parts[2][:3] if character.isdigit())
    info = (int(parts[0]), int(parts[1]), int(micro or 0), "final", 0)
    return Glance(
        path=path,
        real_path=os.path.realpath(path),
        implementation="cpython",
        version=version_of(info),
        version_info=info,
        free_threaded=False,
        debug=False,
        prefix=os.path.dirname(os.path.dirname(path)),
        base_executable=path,
    )
