"""From a mask of targets back to words: the shortest marker, a name for people.

A marker sees only the marker variables of a target, so targets are first grouped into *classes* of
equal variables. A class is a point on a few axes: the patch slice of Python (ordered), operating
system, machine, implementation. The candidates for a comparison are few (some forty), and each is a
mask too. :meth:`Wording.render` looks for the cheapest expression in the order one comparison, two
joined, then peels off comparisons that contain the mask or are contained in it, and only then splits
in two; every step is an integer operation, and "does not matter" is a mask like any other. Nothing
here guesses: each answer is built so that it is equal to the mask wherever it matters.
"""

from __future__ import annotations

from .markers import NEVER_TEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .targets import Target
    from .universe import Targets

    Rank: TypeAlias = tuple[int, ...]

__all__ = ["Wording", "wording_of"]

_SYSTEM_NAMES = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}
_USUAL_MACHINES = {"linux": "x86_64", "macos": "arm64", "windows": "x86_64"}
_IMPLEMENTATIONS = {"cpython": "Python", "pypy": "PyPy", "graalpy": "GraalPy"}
_DEPTH = 12


class Expression:
    """A Boolean expression: its text, what joins it at the top, and what it costs a reader.

    ``rank`` says where it stands among its neighbours: Python first, from low to high, then system,
    machine and implementation, and what is itself joined last.
    """

    __slots__ = ("cost", "joint", "parts", "rank", "text")

    def __init__(
        self, text: str, cost: int, rank: Rank, joint: str = "", parts: tuple[Expression, ...] = ()
    ) -> None:
        self.text = text
        self.cost = cost
        self.rank = rank
        self.joint = joint
        self.parts = parts

    def order(self) -> tuple[int, int, str]:
        return (self.cost, len(self.text), self.text)


def _join(joint: str, left: Expression, right: Expression) -> Expression:
    parts = [
        *(left.parts if left.joint == joint else (left,)),
        *(right.parts if right.joint == joint else (right,)),
    ]
    parts.sort(key=lambda part: part.rank)
    texts = [f"({part.text})" if joint == "and" and part.joint == "or" else part.text for part in parts]
    # Brackets cost a little, so that the flat one of two equals wins.
    cost = left.cost + right.cost + 2 + (joint == "and") * sum(part.joint == "or" for part in parts)
    return Expression(f" {joint} ".join(texts), cost, (9, *parts[0].rank), joint, tuple(parts))


def wording_of(targets: Targets) -> Wording:
    """The wording of a universe, made on first use."""
    wording = targets._wording
    if not isinstance(wording, Wording):
        wording = targets._wording = Wording(targets.targets)
    return wording


class Wording:
    """The words for the masks of one universe."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self._targets = targets
        self._everything = (1 << len(targets)) - 1
        classes: dict[tuple[object, ...], int] = {}
        for i, target in enumerate(targets):
            key = (
                target.implementation,
                target.python,
                target.low,
                target.platform.os,
                target.platform.machine,
            )
            classes[key] = classes.get(key, 0) | 1 << i
        self._classes = tuple(classes.values())
        self._atoms = self._candidates()
        self._memo: dict[tuple[int, int], Expression] = {}

    def closure(self, mask: int) -> int:
        """See :meth:`Targets.closure`."""
        if len(self._classes) == len(self._targets):
            return mask
        closed = 0
        for members in self._classes:
            if members & mask:
                closed |= members
        return closed

    def render(self, mask: int, within: int) -> str | None:
        """See :meth:`Targets.render`."""
        within &= self._everything
        mask = self.closure(mask & within)
        care = self.closure(within)
        if mask & care == care:
            return None
        if not mask & care:
            return NEVER_TEXT
        return self._shortest(mask & care, care, _DEPTH).text

    # -- the candidates --------------------------------------------------------------------------

    def _candidates(self) -> tuple[tuple[int, Expression], ...]:
        """Every comparison worth writing, cheapest first. Positive before negative, and an order of
        versions before equality, because those stay right when a newer Python joins the targets."""
        found: list[tuple[int, Expression]] = []

        def add(mask: int, text: str, cost: int, *rank: int) -> None:
            found.append((mask, Expression(text, cost, rank)))

        def choice(variable: str, cost: int, rank: int) -> None:
            for i, (value, mask) in enumerate(self._by_variable(variable).items()):
                add(mask, f"{variable} == '{value}'", cost, rank, i)
                add(self._everything & ~mask, f"{variable} != '{value}'", cost + 1, rank, i)

        choice("sys_platform", 20, 1)
        choice("platform_machine", 24, 2)
        choice("implementation_name", 22, 3)
        minors: dict[tuple[int, int], int] = {}
        starts: dict[tuple[tuple[int, int], int], int] = {}
        for i, target in enumerate(self._targets):
            minors[target.python] = minors.get(target.python, 0) | 1 << i
            place = (target.python, target.low)
            starts[place] = starts.get(place, 0) | 1 << i
        below = 0
        for python in sorted(minors):
            version = f"{python[0]}.{python[1]}"
            add(below, f"python_version < '{version}'", 20, 0, 1, *python, 0)
            add(self._everything & ~below, f"python_version >= '{version}'", 20, 0, 0, *python, 0)
            add(minors[python], f"python_version == '{version}'", 21, 0, 1, *python, 0)
            add(self._everything & ~minors[python], f"python_version != '{version}'", 22, 0, 2, *python, 0)
            below |= minors[python]
        below = 0
        for (python, low), mask in sorted(starts.items()):
            version = f"{python[0]}.{python[1]}.{low}"
            add(below, f"python_full_version < '{version}'", 26, 0, 1, *python, low)
            add(self._everything & ~below, f"python_full_version >= '{version}'", 26, 0, 0, *python, low)
            below |= mask
        best: dict[int, Expression] = {}
        for mask, expression in found:
            known = best.get(mask)
            if mask and mask != self._everything and (known is None or expression.order() < known.order()):
                best[mask] = expression
        return tuple(sorted(best.items(), key=lambda item: item[1].order()))

    def _by_variable(self, variable: str) -> dict[str, int]:
        values: dict[str, int] = {}
        for i, target in enumerate(self._targets):
            value = target.environment()[variable]
            values[value] = values.get(value, 0) | 1 << i
        return values

    def _projected(self, care: int) -> list[tuple[int, Expression]]:
        """The candidates as seen within ``care``: cheapest of equals, without the constant ones."""
        found: dict[int, Expression] = {}
        for mask, expression in self._atoms:
            seen = mask & care
            if seen and seen != care:
                found.setdefault(seen, expression)
        return list(found.items())

    # -- the search ------------------------------------------------------------------------------

    def _shortest(self, mask: int, care: int, depth: int) -> Expression:
        """An expression equal to ``mask`` within ``care`` (neither empty nor all of it)."""
        known = self._memo.get((mask, care))
        if known is None:
            atoms = self._projected(care)
            known = (
                next((expression for seen, expression in atoms if seen == mask), None)
                or self._pair(mask, atoms)
                or self._peeled(mask, care, atoms, depth)
                or self._split(mask, care, atoms, depth)
            )
            self._memo[mask, care] = known
        return known

    @staticmethod
    def _pair(mask: int, atoms: list[tuple[int, Expression]]) -> Expression | None:
        best: Expression | None = None
        above = [atom for atom in atoms if atom[0] & mask == mask]
        below = [atom for atom in atoms if atom[0] | mask == mask]
        for joint, among in (("and", above), ("or", below)):
            for i, (first, left) in enumerate(among):
                for second, right in among[i + 1 :]:
                    if (first & second if joint == "and" else first | second) == mask:
                        found = _join(joint, left, right)
                        if best is None or found.order() < best.order():
                            best = found
        return best

    def _peeled(
        self, mask: int, care: int, atoms: list[tuple[int, Expression]], depth: int
    ) -> Expression | None:
        """``atom and rest`` for an atom that contains the mask, ``atom or rest`` for one inside it."""
        steps: list[tuple[int, str, int, Expression]] = []
        for seen, expression in atoms:
            if seen & mask == mask:
                steps.append((seen.bit_count(), "and", seen, expression))
            elif seen | mask == mask:
                steps.append(((care & ~seen).bit_count(), "or", care & ~seen, expression))
        if not steps:
            return None
        # Those that leave the least to say, and few of them: this is called on every level.
        steps.sort(key=lambda step: (step[0], step[3].order()))
        best: Expression | None = None
        for _, joint, rest, expression in steps[: 4 if depth > 8 else 2]:
            found = _join(joint, expression, self._shortest(mask & rest, rest, depth - 1))
            if best is None or found.order() < best.order():
                best = found
        return best

    def _split(self, mask: int, care: int, atoms: list[tuple[int, Expression]], depth: int) -> Expression:
        """``(atom and one) or (not atom and other)`` for the atom whose halves are easiest to say."""
        complements = dict(atoms)
        choices = []
        for seen, expression in atoms:
            opposite = complements.get(care & ~seen)
            if opposite is not None:
                effort = self._effort(mask & seen, seen) + self._effort(mask & ~seen, care & ~seen)
                choices.append((effort, expression.order(), seen, expression, opposite))
        _, _, seen, expression, opposite = min(choices, key=lambda choice: choice[:2])
        one = _join("and", expression, self._shortest(mask & seen, seen, depth - 1))
        other = _join("and", opposite, self._shortest(mask & ~seen, care & ~seen, depth - 1))
        return _join("or", one, other)

    def _effort(self, mask: int, care: int) -> int:
        """How many comparisons at least separate the mask from its complement, roughly."""
        atoms = self._projected(care)
        if any(seen == mask for seen, _ in atoms):
            return 1
        inside = outside = 0
        for seen, _ in atoms:
            if seen | mask == mask:
                inside |= seen
            elif not seen & mask:
                outside |= seen
        return 2 + (mask & ~inside).bit_count() + (care & ~mask & ~outside).bit_count()

    # -- names and environments ------------------------------------------------------------------

    def name(self, mask: int) -> str:
        """See :meth:`Targets.name`."""
        mask &= self._everything
        if mask == self._everything:
            return "every target"
        if not mask:
            return "no target"
        by_platform: dict[tuple[str, str, str], int] = {}
        for i, target in enumerate(self._targets):
            if mask >> i & 1:
                platform = target.platform
                key = (platform.os, platform.machine, "" if platform.libc == "glibc" else platform.libc)
                by_platform[key] = by_platform.get(key, 0) | 1 << i
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for key, members in by_platform.items():
            groups.setdefault(self._pythons_text(key, members), []).append(key)
        texts = []
        for pythons, keys in groups.items():
            places = self._places_text(keys)
            texts.append(f"{pythons} on {places}" if pythons and places else pythons or places)
        return "; ".join(texts)

    def _pythons_text(self, platform: tuple[str, str, str], members: int) -> str:
        """``Python 3.8 to 3.10, 3.12``; empty if these are all that the platform has."""
        os, machine, libc = platform
        same = 0
        for i, target in enumerate(self._targets):
            place = target.platform
            if (place.os, place.machine, "" if place.libc == "glibc" else place.libc) == (os, machine, libc):
                same |= 1 << i
        if members == same:
            return ""
        texts = []
        by_kind: dict[tuple[str, bool], list[int]] = {}
        for i, target in enumerate(self._targets):
            if same >> i & 1:
                by_kind.setdefault((target.implementation, target.free_threaded), []).append(i)
        for (implementation, free_threaded), bits in by_kind.items():
            runs: list[list[int]] = []
            bits.sort(key=lambda i: (self._targets[i].python, self._targets[i].low))
            for at, i in enumerate(bits):
                if members >> i & 1:
                    if runs and runs[-1][-1] == at - 1:
                        runs[-1].append(at)
                    else:
                        runs.append([at])
            if runs:
                label = _IMPLEMENTATIONS.get(implementation, implementation)
                label += " (free-threaded)" if free_threaded else ""
                spans = [self._span(bits[run[0]], bits[run[-1]]) for run in runs]
                texts.append(f"{label} {', '.join(spans)}")
        return " and ".join(texts)

    def _span(self, first: int, last: int) -> str:
        def text(target: Target) -> str:
            if target.high is not None:
                return f"{target.python_text}.{target.low}-{target.high - 1}"
            return f"{target.python_text}.{target.low}+" if target.low else target.python_text

        low, high = text(self._targets[first]), text(self._targets[last])
        return low if first == last else f"{low} to {high}"

    def _places_text(self, keys: list[tuple[str, str, str]]) -> str:
        """``Linux and macOS``; a machine is named where only some of a system's are meant."""
        every: dict[str, set[tuple[str, str, str]]] = {}
        for target in self._targets:
            place = target.platform
            key = (place.os, place.machine, "" if place.libc == "glibc" else place.libc)
            every.setdefault(place.os, set()).add(key)
        if set(keys) == set().union(*every.values()):
            return ""
        texts = []
        for os in dict.fromkeys(key[0] for key in keys):
            mine = [key for key in keys if key[0] == os]
            label = _SYSTEM_NAMES.get(os, os)
            if set(mine) == every[os]:
                texts.append(label)
            else:
                texts += [f"{label} {machine}{f' ({libc})' if libc else ''}" for _, machine, libc in mine]
        return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"

    def environments(self, mask: int) -> tuple[str, ...]:
        """See :meth:`Targets.environments`."""
        by_place: dict[tuple[str, str, str], list[Target]] = {}
        for i, target in enumerate(self._targets):
            if mask >> i & 1:
                variables = target.environment()
                place = (
                    variables["sys_platform"],
                    variables["platform_machine"],
                    variables["implementation_name"],
                )
                by_place.setdefault(place, []).append(target)
        return tuple(
            f"sys_platform == '{system}' and platform_machine == '{machine}'"
            f" and implementation_name == '{implementation}' and {_pythons_marker(members)}"
            for (system, machine, implementation), members in by_place.items()
        )


def _pythons_marker(targets: list[Target]) -> str:
    """The Pythons of ``targets`` as a marker that is false for every other Python, also unknown ones."""
    spans = sorted({(target.python, target.low, target.high) for target in targets}, key=_span_order)
    runs: list[tuple[tuple[tuple[int, int], int], tuple[tuple[int, int], int]]] = []
    for python, low, high in spans:
        start = (python, low)
        end = ((python[0], python[1] + 1), 0) if high is None else (python, high)
        if runs and runs[-1][1] >= start:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((start, end))
    texts = []
    for start, end in runs:
        texts.append(f"{_python_text('>=', *start)} and {_python_text('<', *end)}")
    return texts[0] if len(texts) == 1 else "(" + " or ".join(texts) + ")"


def _span_order(span: tuple[tuple[int, int], int, int | None]) -> tuple[tuple[int, int], int]:
    return span[0], span[1]


def _python_text(operator: str, python: tuple[int, int], patch: int) -> str:
    if patch:
        return f"python_full_version {operator} '{python[0]}.{python[1]}.{patch}'"
    return f"python_version {operator} '{python[0]}.{python[1]}'"
