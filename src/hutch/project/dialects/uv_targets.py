"""Environments that uv names by markers, as words for targets."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.spec import Marker, Target

__all__ = ["words_of"]


def words_of(markers: Iterable[Marker], *, only: bool) -> tuple[tuple[str, ...], str]:
    """The systems that the markers mean, and in a sentence what of them no word says.

    ``only``: nothing else shall be locked for. Without it they are wanted besides what is there by default.
    """
    from hutch.spec import Platform, Target, evaluate
    from hutch.spec.targets import BASELINES, STABLE_MINORS

    def targets(platform: Platform) -> list[Target]:
        return [Target(python=python, platform=platform) for python in STABLE_MINORS]

    usual = {f"{each.os}-{each.machine}": targets(each) for each in BASELINES}
    rare = {"windows-arm64": targets(Platform(os="windows", machine="arm64"))}
    found: dict[str, None] = {}
    unsaid = False
    for marker in markers:
        values = {str(atom[2]) for atom in _atoms(marker)}
        here = {}
        for word, each in {**usual, **(rare if "ARM64" in values else {})}.items():
            holds = [evaluate(marker, target.environment()) for target in each]
            if any(holds):
                here[word] = all(holds)
        if not here or not all(here.values()):
            unsaid = True
        found.update(dict.fromkeys(here))
    if not only:
        new = tuple(word for word in found if word not in usual)
        told = "hutch locks for what is required as far as there are files: hutch lock --explain-targets"
        return (("default", *new) if new else ()), told
    words = () if set(found) >= set(usual) and not set(found) - set(usual) else tuple(found)
    told = "hutch limits a lock to systems and machines; the rest of these markers is left out"
    return words, told if unsaid else ""


def _atoms(marker: Marker) -> Iterable[Marker]:
    if marker[0] in ("and", "or"):
        for part in marker[1:]:
            yield from _atoms(part)  # type: ignore[arg-type]
    else:
        yield marker
