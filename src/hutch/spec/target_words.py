"""Words for targets, as people write them: a whole target, or a part of its name that stands for many.

``cp312-linux-x86_64`` is one target. ``linux`` is Linux with every Python, ``cp312`` that Python
everywhere, ``macos-arm64``, ``pypy``, ``musl`` and ``free-threaded`` likewise; parts can be joined
(``cp313-musl``, ``free-threaded-linux``) and stand in any order. ``default`` is what a lock is made for
if nobody says anything.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass, replace

from .names import safe_text
from .platforms import Platform
from .specifiers import Specifiers, render_specifiers
from .targets import BASELINES, STABLE_MINORS, InvalidTarget, Target, covers, parse_target
from .universe import Targets

__all__ = ["NoTargetsLeft", "TargetWord", "named_targets", "parse_target_word", "usual_target"]

_SYSTEMS = {
    **{name: name for name in ("linux", "macos", "windows")},
    **dict.fromkeys(("win", "win32"), "windows"),
    **dict.fromkeys(("darwin", "macosx"), "macos"),
}
_MACHINES = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "x64": "x86_64",
    "aarch64": "arm64",
    "arm64": "arm64",
}
_PLATFORMS = (
    *BASELINES,
    Platform(os="linux", machine="x86_64", libc="musl", version=(1, 2)),
    Platform(os="linux", machine="aarch64", libc="musl", version=(1, 2)),
    Platform(os="windows", machine="arm64"),
)
_PYPY_MINORS = ((3, 9), (3, 10), (3, 11))
_FIRST_FREE_THREADED = (3, 13)
_WORDS = (
    "default",
    "linux",
    "macos",
    "windows",
    "musl",
    "free-threaded",
    "cpython",
    "pypy",
    "x86_64",
    "arm64",
)


class NoTargetsLeft(Problem):
    """The targets that are named are none that ``requires-python`` admits."""

    code = "no-targets-left"

    def __init__(self, words: tuple[str, ...], requires_python: Specifiers) -> None:
        self.words = words
        super().__init__(
            f"no target is left of {', '.join(map(safe_text, words))}",
            why=f"requires-python is `{render_specifiers(requires_python)}`",
            hint="name other targets, or widen requires-python in pyproject.toml",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWord:
    """One word and the targets that it stands for; ``one`` if it is the whole name of a target."""

    text: str
    targets: tuple[Target, ...]
    one: bool = False


def named_targets(
    words: tuple[str, ...], requires_python: Specifiers
) -> tuple[Targets, tuple[TargetWord, ...]]:
    """The targets that ``words`` name, as far as ``requires_python`` admits them, and word by word.

    :class:`InvalidTarget` for a word that is none, :class:`NoTargetsLeft` where nothing is left.
    """
    found = tuple(parse_target_word(word) for word in words)
    targets = Targets(tuple(dict.fromkeys(target for word in found for target in word.targets)))
    if requires_python:
        targets = targets.limited_to(requires_python)
    if not targets.targets:
        raise NoTargetsLeft(words, requires_python)
    return targets, found


def parse_target_word(text: str) -> TargetWord:
    """Read one word; :class:`InvalidTarget` says what is wrong with it, and what there is."""
    word = text.strip().lower()
    if word == "default":
        targets = (Target(python=python, platform=each) for each in BASELINES for python in STABLE_MINORS)
        return TargetWord(text=text, targets=tuple(targets))
    parts = word.replace("free-threaded", "freethreaded").split("-")
    unknown = [part for part in parts if not _is_known(part)]
    whole = len(parts) in (3, 4) and _is_python(parts[0]) and parts[1] in _SYSTEMS
    if whole and parts[2] not in ("musl", "glibc", "freethreaded") and unknown in ([], [parts[2]]):
        return TargetWord(text=text, targets=(parse_target(word),), one=True)
    if unknown:
        raise InvalidTarget(text, _unknown(unknown[0]))
    return TargetWord(text=text, targets=tuple(_expanded(text, parts)))


def _is_python(part: str) -> bool:
    return (part[:1].isdigit() and not part.startswith("1")) or part.startswith(("cp", "pp", "graalpy"))


def _is_known(part: str) -> bool:
    return (
        part in _SYSTEMS
        or part in _MACHINES
        or part in ("cpython", "pypy", "freethreaded")
        or part.startswith(("musl", "glibc"))
        or _is_python(part)
        or part.replace(".", "").isdecimal()
    )


def _unknown(part: str) -> str:
    import difflib

    near = difflib.get_close_matches(part, [*_WORDS, "cp312", "cp313", "cp313t"], n=1)
    known = f"a Python such as cp312, or one of {', '.join(_WORDS)}"
    hint = f"did you mean `{near[0]}`?" if near else f"it may be {known}"
    return f"`{safe_text(part)}` is no part of a target; {hint}"


def _expanded(text: str, parts: list[str]) -> list[Target]:
    pythons: list[Target] = []
    system = machine = libc = ""
    version: tuple[int, int] | None = None
    implementation, free_threaded = "cpython", False
    somewhere = Platform(os="linux", machine="x86_64")
    for part in parts:
        kind = ""
        if part in _SYSTEMS:
            kind, system = system, _SYSTEMS[part]
        elif part in _MACHINES:
            kind, machine = machine, _MACHINES[part]
        elif part in ("cpython", "pypy"):
            implementation = part
        elif part == "freethreaded":
            free_threaded = True
        elif _is_python(part):
            kind = "python" if pythons else ""
            pythons.append(replace(parse_target(f"{part}-linux-x86_64"), platform=somewhere))
        else:
            kind = "version" if version is not None else ""
            if libc := part.rstrip("0123456789."):
                version = (
                    parse_target(f"cp312-linux-x86_64-{part}").platform.version if part != libc else None
                )
            else:
                version = parse_target(f"cp312-macos-arm64-{part}").platform.version
                system = system or "macos"
        if kind:
            raise InvalidTarget(text, f"`{part}` is the second of its kind in it")
    if not pythons:
        minors = _PYPY_MINORS if implementation == "pypy" else STABLE_MINORS
        pythons = [Target(implementation=implementation, python=one, platform=somewhere) for one in minors]
        if free_threaded:
            pythons = [one for one in pythons if one.python >= _FIRST_FREE_THREADED]
    if free_threaded:
        if any(one.implementation != "cpython" or one.python < _FIRST_FREE_THREADED for one in pythons):
            raise InvalidTarget(text, "only CPython 3.13 and newer can be free-threaded")
        pythons = [replace(one, free_threaded=True) for one in pythons]
    platforms = [
        each if version is None else replace(each, version=version)
        for each in _PLATFORMS
        if (not system or each.os == system)
        and (not machine or _MACHINES.get(each.machine) == machine)
        and (each.libc == libc if libc else each.libc != "musl")
        # Windows on ARM is no default, so it has to be asked for.
        and (each.os != "windows" or each.machine == "x86_64" or (system and machine))
    ]
    if not platforms:
        raise InvalidTarget(text, "there is no such system")
    return [replace(python, platform=platform) for platform in platforms for python in pythons]


def usual_target(machine: Target) -> Target:
    """The target that a lock should have for a machine: its whole Python, on a system as old as usual."""
    whole = replace(machine, low=0, high=None)
    usual = (replace(whole, platform=platform) for platform in _PLATFORMS)
    return next((target for target in usual if covers(target, whole)), whole)
