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

__all__ = ["render_compiled"]


def render_compiled(
    packages: Iterable[LockedPackage],
    via: Mapping[str, Collection[str]],
    *,
    hashes: bool = False,
    annotate: bool = True,
    style: str = "split",
    header: str = "",
    options: Iterable[str] = (),
) -> str:
    """The text of a compiled requirements file.

    ``via`` says who needs each package; ``style`` is ``split`` or ``line``. ``header`` is a comment
    (without ``#``), ``options`` are lines such as ``--index-url …``. Editable packages come first.
    """
    lines = [f"# {line}".rstrip() + "\n" for line in header.splitlines()] if header else []
    given = list(dict.fromkeys(options))
    lines += [f"{option}\n" for option in given]
    if given:
        lines.append("\n")
    for package in sorted(packages, key=lambda one: not (one.directory and one.directory.editable)):
        entry = _entry(package, package.marker or "", set(), hashes)
        reasons = sorted(set(via.get(package.name, ())))
        lines.append(_annotated(entry, reasons, style) if annotate and reasons else entry)
    return "".join(lines)


def _annotated(entry: str, reasons: list[str], style: str) -> str:
    if style == "line":
        said = f"# via {', '.join(reasons)}"
        if "\n" in entry.rstrip("\n"):
            return f"{entry}    {said}\n"
        return f"{entry.rstrip():24}  {said}\n"
    if len(reasons) == 1:
        return f"{entry}    # via {reasons[0]}\n"
    return f"{entry}    # via\n" + "".join(f"    #   {reason}\n" for reason in reasons)
