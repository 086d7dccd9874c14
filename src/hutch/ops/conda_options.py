"""What ``hutch conda create|install|update|remove`` are asked for: options, MatchSpecs of words and files."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.context import Context

__all__ = [
    "CondaCreateOptions",
    "CondaInstallOptions",
    "CondaRemoveOptions",
    "CondaSolveOptions",
    "CondaUpdateOptions",
    "specs_by_name",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaSolveOptions:
    """What ``conda create``, ``install`` and ``update`` are all asked for."""

    specs: tuple[str, ...] = ()
    prefix: str | None = None
    file: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    override_channels: bool = False
    no_pin: bool = False
    no_deps: bool = False
    only_deps: bool = False
    download_only: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCreateOptions(CondaSolveOptions):
    """The options of ``conda create``."""

    clone: str | None = None
    subdir: str | None = None
    no_default_packages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangeOptions(CondaSolveOptions):
    """What ``conda install`` and ``update`` say of the packages that are there."""

    force_reinstall: bool = False
    freeze_installed: bool = False
    update_deps: bool = False
    override_frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaInstallOptions(_ChangeOptions):
    """The options of ``conda install``."""

    revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaUpdateOptions(_ChangeOptions):
    """The options of ``conda update``."""

    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRemoveOptions:
    """The options of ``conda remove``."""

    names: tuple[str, ...] = ()
    prefix: str | None = None
    all: bool = False
    keep_env: bool = False
    override_frozen: bool = False
    yes: bool = False
    dry_run: bool = False


def specs_by_name(
    context: Context,
    words: Iterable[str],
    files: Iterable[str] = (),
    places: dict[str, str] | None = None,
) -> dict[str, tuple[str, ...]]:
    """MatchSpecs by the names of their packages; ``places`` gets where those of files stand."""
    from hutch.ops.channels import without_secret
    from hutch.spec import InvalidCondaSpec, parse_conda_spec

    found: dict[str, tuple[str, ...]] = {}
    told = [("", word) for word in words]
    for place, said in (*told, *(line for name in files for line in _lines(context, name))):
        word = without_secret(context, _address(context, said))
        try:
            spec = parse_conda_spec(word)
        except InvalidCondaSpec as problem:
            problem.what = f"{place}{problem.what}"
            raise
        if place and places is not None:
            places.setdefault(word, place.removesuffix(": "))
        found[spec.name] = (*found.get(spec.name, ()), word)
    return found


def _address(context: Context, word: str) -> str:
    """The address of a package that is named by its path; other words as they are."""
    if not word.endswith((".conda", ".tar.bz2")) or "://" in word or not os.path.isfile(context.path(word)):
        return word
    from urllib.request import pathname2url

    return "file://" + pathname2url(context.path(word))


def _lines(context: Context, name: str) -> list[tuple[str, str]]:
    """The MatchSpecs of a file, one a line, as ``conda list --export`` writes them, each with its place."""
    from hutch.plain import read_plain

    path = context.path(name)
    if name.endswith((".yml", ".yaml")):
        raise UsageProblem(f"{name} is an environment.yml", hint=f"hutch conda env create -f {name}")
    try:
        text = read_plain(path, 4 << 20).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageProblem(f"{name} cannot be read", why=why) from None
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    if "@EXPLICIT" in lines:
        raise UsageProblem(
            f"{name} is a list of files (@EXPLICIT)",
            why="it makes an environment by itself: nothing is solved",
            hint=(f"hutch conda create -n NAME --file {name}", f"hutch conda install --file {name}"),
        )
    # `name=version=pypi_0` of conda's export is a distribution of an index.
    return [
        (f"{name}:{number}: ", line)
        for number, line in enumerate(lines, 1)
        if line and not line.endswith("=pypi_0")
    ]
