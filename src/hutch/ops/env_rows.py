"""A line of ``hutch env list``: what can be told of an environment without starting anything."""

from __future__ import annotations

import os

from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.env import Environment

__all__ = ["EnvRow", "describe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvRow:
    """An environment. ``kind`` is ``named``, ``project``, ``central`` (of another project), ``pyenv`` or
    ``conda``; ``used`` is Unix time, ``size`` bytes where somebody asked; ``broken`` says what is wrong.

    ``asked`` is what was asked of it; ``project`` whose it is, and ``orphan`` that this one is gone; one
    that is ``passed_over`` was made when this project had its environments elsewhere. ``of_conda`` says that
    it is a prefix, which conda's packages can be in.
    """

    env_name: str
    path: str
    kind: str
    python: str = ""
    packages: int | None = None
    used: float | None = None
    size: int | None = None
    active: bool = False
    broken: str = ""
    asked: tuple[str, ...] = ()
    project: str = ""
    orphan: bool = False
    passed_over: bool = False
    of_conda: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.env_name or None,
            "path": self.path,
            "kind": self.kind,
            "python": self.python or None,
            "packages": self.packages,
            "last_used": self._moment(),
            "bytes": self.size,
            "active": self.active,
            "broken": self.broken or None,
            "asked": list(self.asked),
            "project": self.project or None,
            "orphan": self.orphan,
            "passed_over": self.passed_over,
            "of_conda": self.of_conda,
        }

    def _moment(self) -> str | None:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self.used, UTC).isoformat(timespec="seconds") if self.used else None


def describe(path: str, name: str, kind: str, *, project: str = "", orphan: bool = False) -> EnvRow:
    """What can be told of an environment without starting anything."""
    from hutch.env import NotAnEnvironment, is_prefix, open_environment, open_prefix

    row = EnvRow(env_name=name, path=path, kind=kind, project=project, orphan=orphan)
    if is_prefix(path):
        prefix = open_prefix(path)
        return replace(
            row,
            python=prefix.python_version,
            packages=len(prefix.installed()),
            used=_last_used(prefix),
            of_conda=True,
        )
    try:
        environment = open_environment(path)
    except NotAnEnvironment as problem:
        return replace(row, broken=problem.reason)
    installed = environment.installed()
    from hutch.ops.asked import read_asked, still_asked

    asked = read_asked(path)
    return replace(
        row,
        python=environment.python_version,
        packages=len(installed),
        used=_last_used(environment),
        broken=_what_is_broken(environment),
        asked=still_asked(asked, installed) if asked is not None else (),
    )


def _what_is_broken(environment: Environment) -> str:
    from hutch.env import find_moved

    if not os.path.exists(environment.executable):
        link = os.path.realpath(environment.executable)
        return f"its Python is gone ({link})" if link != environment.executable else "it has no Python"
    moved = find_moved(environment)
    return f"it was made in {moved}" if moved else ""


def _last_used(environment: Environment) -> float | None:
    """When it was used or changed last, as far as hutch knows."""
    own = os.path.join(environment.root, ".hutch")
    dates = []
    for path in (os.path.join(own, "used"), os.path.join(own, "state"), own):
        try:
            dates.append(os.stat(path).st_mtime)
        except OSError:
            pass
    if not dates:
        try:
            return os.stat(os.path.join(environment.root, "pyvenv.cfg")).st_mtime
        except OSError:
            return None
    return max(dates)
