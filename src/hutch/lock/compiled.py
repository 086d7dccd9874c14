"""Pins as ``pip-compile`` writes them: one environment or many, with the reasons of each below it.

The layout is pip-compile's to the letter, so that whoever changes over sees the versions that
change and nothing else.
"""

from __future__ import annotations

from hutch.lock.requirements import _entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from hutch.lock.model import LockedPackage

__all__ = ["UNSAFE", "render_compiled"]

UNSAFE = frozenset(("distribute", "pip", "setuptools"))
"""What pip-compile keeps apart unless it is told otherwise: tools that environments have anyway."""

_UNHASHED = (
    "# WARNING: pip install will require the following package to be hashed.\n"
    "# Consider using a hashable URL like https://github.com/jazzband/pip-tools/archive/SOMECOMMIT.zip\n"
)
_APART = "# The following packages are considered to be unsafe in a requirements file:\n"
_UNPINNED = (
    "# WARNING: The following packages were not pinned, but pip requires them to be\n"
    "# pinned when the requirements file includes hashes and the requirement is not\n"
    "# satisfied by a package already installed. Consider using the --allow-unsafe flag.\n"
)


def render_compiled(
    packages: Iterable[LockedPackage],
    via: Mapping[str, Collection[str]],
    *,
    hashes: Mapping[tuple[str, str | None], Collection[str]] | None = None,
    annotate: bool = True,
    style: str = "split",
    header: str = "",
    options: Iterable[str] = (),
    extras: Mapping[str, Collection[str]] | None = None,
    markers: Mapping[str, str] | None = None,
    exact: Collection[str] = (),
    edited: Collection[str] = (),
    unsafe: Collection[str] = UNSAFE,
    allow_unsafe: bool = True,
) -> str:
    """The text of a compiled requirements file.

    ``via`` says who needs each package; ``style`` is ``split`` or ``line``. ``header`` is a comment
    (without ``#``), ``options`` are lines such as ``--index-url …``. Editable packages come first, the
    ``unsafe`` ones last, as comments unless they are allowed. ``hashes`` are those of a name and version
    (``sha256:…``), None for a file without any; ``extras`` are those to write behind a name, ``markers``
    those of packages that have none of their own. Versions of ``exact`` names are pinned with ``===``;
    ``edited`` are repositories that are checked out to be worked on (``-e git+…``).
    """
    lines = [f"# {line}".rstrip() + "\n" for line in header.splitlines()] if header else []
    given = list(dict.fromkeys(options))
    lines += [f"{option}\n" for option in given]
    if given:
        lines.append("\n")

    def pinned(package: LockedPackage) -> str:
        marker = package.marker or (markers or {}).get(package.name, "")
        proofs = None if hashes is None else sorted(hashes.get((package.name, package.version), ()))
        entry = _entry(package, marker, set((extras or {}).get(package.name, ())), False)
        if package.vcs is not None and package.name in edited:
            place = entry.partition(" @ ")[2].partition(" ; ")[0].rstrip("\n")
            entry = f"-e {place}{'&' if '#' in place else '#'}egg={package.name}\n"
        if package.name in exact:
            entry = entry.replace("==", "===", 1)
        if proofs and not package.directory and not package.vcs:
            entry = " \\\n    ".join([entry.rstrip("\n"), *(f"--hash={proof}" for proof in proofs)]) + "\n"
        warned = _UNHASHED if any_hashes and not proofs else ""
        reasons = sorted(set(via.get(package.name, ())))
        return warned + (_annotated(entry, reasons, style) if annotate and reasons else entry)

    ordered = sorted(
        packages,
        key=lambda one: not ((one.directory and one.directory.editable) or (one.vcs and one.name in edited)),
    )
    any_hashes = hashes is not None and any(hashes.values())
    lines += [pinned(package) for package in ordered if package.name not in unsafe]
    apart = [package for package in ordered if package.name in unsafe]
    if apart:
        lines += ["\n", _UNPINNED if any_hashes and not allow_unsafe else _APART]
        lines += [pinned(package) if allow_unsafe else f"# {package.name}\n" for package in apart]
    return "".join(lines) or "\n"


def _annotated(entry: str, reasons: list[str], style: str) -> str:
    if style == "line":
        said = f"# via {', '.join(reasons)}"
        if "\n" in entry.rstrip("\n"):
            return f"{entry}    {said}\n"
        return f"{entry.rstrip():24}  {said}\n"
    if len(reasons) == 1:
        return f"{entry}    # via {reasons[0]}\n"
    return f"{entry}    # via\n" + "".join(f"    #   {reason}\n" for reason in reasons)
