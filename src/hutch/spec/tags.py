"""File names of distributions, and the compatibility tags in those of wheels.

Tags stay text (``"cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64"``, compressed sets kept):
an index page has thousands, and splitting one costs 0.3 µs where an object costs 2-8 µs. Follows the
binary distribution format, source distribution format and platform compatibility tags
specifications.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

from .names import NormalizedName, is_valid_name, normalize, safe_text
from .platforms import Platform, platform_tags
from .versions import InvalidVersion, version_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "InvalidWheelName",
    "TagFacts",
    "WheelName",
    "best_rank",
    "interpreter_accepts",
    "parse_sdist_name",
    "parse_wheel_name",
    "split_wheel_name",
    "supported_tags",
]

_SHORT_NAMES = {"cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy", "python": "py"}
_SDIST_ENDINGS = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tbz", ".txz", ".tar.zst")


class InvalidWheelName(Problem):
    """A file name does not say what the name of a wheel has to say."""

    code = "invalid-wheel-name"

    def __init__(self, filename: str, reason: str) -> None:
        super().__init__(f"`{safe_text(filename)}` is not the name of a wheel", why=safe_text(reason))
        self.filename = filename
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelName:
    """``{name}-{version}(-{build})?-{tags}.whl``; ``version`` as written, ``build`` "" if absent."""

    name: NormalizedName
    version: str
    build: str
    tags: str

    @property
    def build_order(self) -> tuple[int, str]:
        """What sorts builds of one version, as the wheel specification says; none is lowest."""
        digits = self.build[: len(self.build) - len(self.build.lstrip("0123456789"))]
        return (int(digits), self.build[len(digits) :]) if digits else (-1, "")


def split_wheel_name(filename: str) -> tuple[str, str, str, str] | None:
    """``(name, version, build, tags)`` as written (tags in lower case), or ``None``: fast, unchecked."""
    parts = filename[:-4].split("-")
    if filename[-4:] != ".whl":
        return None
    if len(parts) == 5:
        return parts[0], parts[1], "", "-".join(parts[2:]).lower()
    if len(parts) == 6:
        return parts[0], parts[1], parts[2], "-".join(parts[3:]).lower()
    return None


def parse_wheel_name(filename: str) -> WheelName:
    """Split and check the file name of a wheel."""
    if not filename.endswith(".whl"):
        raise InvalidWheelName(filename, "it does not end in `.whl`")
    parts = split_wheel_name(filename)
    if parts is None:
        raise InvalidWheelName(filename, "it does not have five or six parts between its dashes")
    name, version, build, tags = parts
    # Some names in the wild begin or end with an underscore; two in a row were never allowed.
    if "__" in name or not is_valid_name(name.strip("_") or "-"):
        raise InvalidWheelName(filename, f"`{name}` is not the name of a project")
    try:
        version_key(version)
    except InvalidVersion:
        raise InvalidWheelName(filename, f"`{version}` is not a version") from None
    if build and not build[0].isdecimal():
        raise InvalidWheelName(filename, f"the build `{build}` does not begin with a digit")
    if any(not tag for part in tags.split("-") for tag in part.split(".")):
        raise InvalidWheelName(filename, f"`{tags}` has an empty tag")
    return WheelName(name=normalize(name), version=version, build=build, tags=tags)


def parse_sdist_name(filename: str, project: str) -> str | None:
    """The version in the file name of a source distribution of ``project``; ``None`` if it is none.

    The project decides where its name ends: ``foo-2-1.0.tar.gz`` is 1.0 of ``foo-2``, and as
    a file of ``foo`` it is nothing (``2-1.0`` is no version).
    """
    for ending in _SDIST_ENDINGS:
        if filename.endswith(ending):
            stem = filename[: -len(ending)]
            break
    else:
        return None
    wanted = normalize(project)
    at = stem.find("-")
    while at > 0:
        if normalize(stem[:at]) == wanted:
            version = stem[at + 1 :]
            try:
                version_key(version)
            except InvalidVersion:
                pass
            else:
                return version
        at = stem.find("-", at + 1)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFacts:
    """What decides the tags of one interpreter.

    ``implementation`` is ``sys.implementation.name``; ``python`` the language version; ``ext_suffix``
    is ``sysconfig``'s ``EXT_SUFFIX``, needed only where it is not CPython.
    """

    implementation: str
    python: tuple[int, int]
    platform: Platform
    free_threaded: bool = False
    debug: bool = False
    ext_suffix: str = ""


def supported_tags(facts: TagFacts) -> dict[str, int]:
    """Every tag that the interpreter supports -> its rank, 0 the best."""
    major, minor = facts.python
    nodot = f"{major}{minor}"
    short = _SHORT_NAMES.get(facts.implementation, facts.implementation)
    own = f"{short}{nodot}"
    platforms = platform_tags(facts.platform)
    tags: list[str] = []
    if short == "cp":
        stable = "abi3t" if facts.free_threaded else "abi3"
        for abi in (*_cpython_abis(facts), stable, "none"):
            tags += [f"{own}-{abi}-{platform}" for platform in platforms]
        for older in range(minor - 1, 1, -1):
            tags += [f"cp{major}{older}-{stable}-{platform}" for platform in platforms]
        pure = own
    else:
        for abi in (*_generic_abis(facts), "none"):
            tags += [f"{own}-{abi}-{platform}" for platform in platforms]
        pure = "pp3" if short == "pp" else ""
    versions = [f"py{nodot}", f"py{major}", *(f"py{major}{older}" for older in range(minor - 1, -1, -1))]
    for version in versions:
        tags += [f"{version}-none-{platform}" for platform in platforms]
    if pure:
        tags.append(f"{pure}-none-any")
    tags += [f"{version}-none-any" for version in versions]
    ranks: dict[str, int] = {}
    for rank, tag in enumerate(tags):
        ranks.setdefault(tag, rank)
    return ranks


def _cpython_abis(facts: TagFacts) -> tuple[str, ...]:
    """A debug build loads the extension modules of release builds too."""
    abi = f"cp{facts.python[0]}{facts.python[1]}{'t' if facts.free_threaded else ''}"
    return (f"{abi}d", abi) if facts.debug else (abi,)


def _generic_abis(facts: TagFacts) -> tuple[str, ...]:
    """The ABI in ``EXT_SUFFIX``: ``.pypy310-pp73-x86_64-linux-gnu.so`` -> ``pypy310_pp73``."""
    parts = facts.ext_suffix.split(".")
    if len(parts) < 3:
        return (f"pypy{facts.python[0]}{facts.python[1]}_pp73",) if facts.implementation == "pypy" else ()
    soabi = parts[1]
    if soabi.startswith("pypy"):
        soabi = "-".join(soabi.split("-")[:2])
    elif soabi.startswith("graalpy"):
        soabi = "-".join(soabi.split("-")[:3])
    return (soabi.replace("-", "_").replace(" ", "_"),) if soabi else ()


def interpreter_accepts(
    implementation: str, python: tuple[int, int], free_threaded: bool, interpreter: str, abi: str, pure: bool
) -> bool:
    """Does an interpreter of this kind accept the first two parts of a tag?

    ``pure`` says whether the platform part is ``any``. Same answer as membership in
    :func:`supported_tags` with a release build.
    """
    major, minor = python
    if interpreter[:2] == "py" and interpreter[2:].isdecimal():
        if abi != "none" or interpreter[2:3] != str(major):
            return False
        return len(interpreter) == 3 or int(interpreter[3:]) <= minor
    if implementation == "cpython":
        if interpreter[:3] != f"cp{major}" or not interpreter[3:].isdecimal():
            return False
        older = int(interpreter[3:])
        if older == minor and abi == "none":
            return True
        if abi == ("abi3t" if free_threaded else "abi3"):
            return not pure and 2 <= older <= minor
        native = f"cp{major}{minor}{'t' if free_threaded else ''}"
        return not pure and older == minor and abi == native
    if implementation == "pypy":
        if pure:
            return interpreter == "pp3" and abi == "none"
        nodot = f"{major}{minor}"
        return interpreter == f"pp{nodot}" and abi in ("none", f"pypy{nodot}_pp73")
    if pure or interpreter != f"{implementation}{major}{minor}":
        return False
    # graalpy242_311_native: the release of the implementation itself is not part of a target
    return abi == "none" or (abi.startswith(implementation) and f"_{major}{minor}_" in abi)


def best_rank(tags: str, supported: Mapping[str, int]) -> int | None:
    """The best rank of a (compressed) tag text among ``supported``, ``None`` if it is not supported."""
    if "." not in tags:
        return supported.get(tags)
    interpreters, abis, platforms = tags.split("-")
    best: int | None = None
    for interpreter in interpreters.split("."):
        for abi in abis.split("."):
            for platform in platforms.split("."):
                rank = supported.get(f"{interpreter}-{abi}-{platform}")
                if rank is not None and (best is None or rank < best):
                    best = rank
    return best
