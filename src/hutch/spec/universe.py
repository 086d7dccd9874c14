"""Sets of targets as integers: bit *i* stands for the *i*-th target of a :class:`Targets`.

Markers, ``requires-python`` and wheel tags all become masks, each computed once and remembered; and,
or, not, disjoint? are then integer operations, and no marker algebra is needed. The way back, from
a mask to the shortest marker that is right, is in :mod:`hutch.spec.wording`.

A target stands for many patch releases of Python. A comparison that is true for only some of them
*cuts* the target: the point is reported (:attr:`Targets.cuts`, :meth:`Targets.marker_cuts`,
:meth:`Targets.requires_python_cuts`), and :meth:`Targets.with_cuts` makes the universe in which
every answer is exact. Until then a marker holds on a target where it holds for some patch release,
and ``requires-python`` where it holds for all.
"""

from __future__ import annotations

from hutch.values import replace

from .markers import Marker, compare
from .platforms import Platform, accepts
from .specifiers import InvalidSpecifier, Specifiers, parse_legacy_specifiers
from .tags import interpreter_accepts
from .targets import Target, covers, patch_points, slices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from .wording import Wording

    Cut: TypeAlias = tuple[tuple[int, int], int]
    Cuts: TypeAlias = frozenset[Cut]
    # Masks of comparisons, of texts of ``requires-python``, of specifiers, and of the tags of wheels.
    Learned: TypeAlias = tuple[dict[Marker, int], dict[str, int], dict[Specifiers, int], dict[str, int]]
else:
    Cut = Cuts = tuple

__all__ = ["Cut", "Targets"]

_PATCHED = frozenset({"python_full_version", "implementation_version"})
_NO_CUTS: Cuts = frozenset()
_NO_PAST: Learned = ({}, {}, {}, {})


class Targets:
    """An ordered universe of targets, and what holds where in it. Immutable but for its memory."""

    __slots__ = (
        "_atoms",
        "_environments",
        "_interpreters",
        "_markers",
        "_platforms",
        "_pythons",
        "_requires",
        "_requires_texts",
        "_twins",
        "_wheels",
        "_wording",
        "cuts",
        "everything",
        "past",
        "targets",
        "worlds",
    )

    def __init__(self, targets: tuple[Target, ...], worlds: tuple[frozenset[str], ...] = ()) -> None:
        self.targets = targets
        self.worlds = worlds
        """Where extras and groups exclude each other: which of those are chosen in each copy of the list
        of targets (see :meth:`apart`); none where all of them can be chosen together."""
        self.everything = (1 << len(targets)) - 1
        self.cuts: set[Cut] = set()
        """Every cut point met so far, as ``((3, 11), 3)``: between 3.11.2 and 3.11.3."""
        self._environments = [target.environment() for target in targets]
        self._atoms: dict[Marker, tuple[int, Cuts]] = {}
        self._markers: dict[tuple[Marker, str], tuple[int, Cuts]] = {}
        self._requires: dict[Specifiers, tuple[int, Cuts]] = {}
        self._requires_texts: dict[str, tuple[int, Cuts]] = {}
        self._wheels: dict[str, int] = {}
        self._interpreters: dict[tuple[str, str, bool], int] = {}
        self._platforms: dict[str, int] = {}
        self._pythons: dict[tuple[tuple[int, int], int, int | None], int] = {}
        for i, target in enumerate(targets):
            key = (target.python, target.low, target.high)
            self._pythons[key] = self._pythons.get(key, 0) | (1 << i)
        self.past = _NO_PAST
        """What an equal universe learnt: see `recall`."""
        self._wording: object = None
        self._twins: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        return f"Targets({', '.join(target.name for target in self.targets)})"

    def __len__(self) -> int:
        return len(self.targets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Targets) and (self.targets, self.worlds) == (other.targets, other.worlds)

    def __hash__(self) -> int:
        return hash((self.targets, self.worlds))

    # -- from one command to the next --------------------------------------------------------------

    def learned(self) -> Learned:
        """What was found out of single comparisons, Pythons and tags, as far as it cuts through no target:
        for `recall`, by an equal universe."""
        return (
            {marker: mask for marker, (mask, cuts) in self._atoms.items() if not cuts},
            {text: mask for text, (mask, cuts) in self._requires_texts.items() if not cuts},
            {each: mask for each, (mask, cuts) in self._requires.items() if not cuts},
            self._wheels,
        )

    def recall(self, learned: Learned) -> None:
        """Believe what an equal universe has `learned`."""
        self.past = learned

    def scout(self) -> Targets:
        """An equal universe whose cuts are its own: for questions that shall leave none behind."""
        scout = Targets(self.targets)
        scout.past = self.past
        return scout

    # -- from words to masks ---------------------------------------------------------------------

    def marker_mask(self, marker: Marker | None, extra: str = "") -> int:
        """The targets where ``marker`` is true, ``extra`` being the one active extra."""
        if marker is None:
            return self.everything
        return self._marker(marker, extra)[0]

    def marker_cuts(self, marker: Marker | None) -> Cuts:
        """The cut points that ``marker`` needs to be exact in this universe."""
        return _NO_CUTS if marker is None else self._marker(marker, "")[1]

    def _marker(self, marker: Marker, extra: str) -> tuple[int, Cuts]:
        found = self._markers.get((marker, extra))
        if found is None:
            kind = marker[0]
            if kind == "and" or kind == "or":
                mask = self.everything if kind == "and" else 0
                cuts: Cuts = _NO_CUTS
                for part in marker[1:]:
                    inner, inner_cuts = self._marker(part, extra)  # type: ignore[arg-type]
                    mask = mask & inner if kind == "and" else mask | inner
                    if inner_cuts:
                        cuts |= inner_cuts
                found = mask, cuts
            elif marker[1] in ("extra", "extras", "dependency_groups"):
                found = self._extra(marker, extra), _NO_CUTS
            else:
                found = self._atoms.get(marker) or self._atom(marker)
            self._markers[marker, extra] = found
        return found

    def _extra(self, marker: Marker, extra: str) -> int:
        operator, variable, value = str(marker[0]), str(marker[1]), str(marker[2])
        if variable == "extra":
            holds = compare(operator, variable, extra, value, len(marker) == 4)
        else:
            holds = (variable == "extras" and value == extra) is (operator == "in")
        return self.everything if holds else 0

    def _atom(self, marker: Marker) -> tuple[int, Cuts]:
        """One comparison, asked once for each different value of its variable."""
        if marker in self.past[0]:
            known = self._atoms[marker] = self.past[0][marker], _NO_CUTS
            return known
        operator, variable, value = str(marker[0]), str(marker[1]), str(marker[2])
        reversed_ = len(marker) == 4
        answers: dict[object, tuple[bool, Cuts]] = {}
        mask, cuts = 0, _NO_CUTS
        for i, environment in enumerate(self._environments):
            actual = environment[variable]
            target = self.targets[i]
            # The version of PyPy itself says nothing about patch releases.
            patched = variable in _PATCHED and actual == environment["python_full_version"]
            key: object = (target.python, target.low, target.high) if patched else actual
            answer = answers.get(key)
            if answer is None:
                if patched:
                    answer = self._patched(target, operator, variable, value, reversed_)
                else:
                    answer = compare(operator, variable, actual, value, reversed_), _NO_CUTS
                answers[key] = answer
            if answer[0]:
                mask |= 1 << i
            if answer[1]:
                cuts |= answer[1]
        self.cuts |= cuts
        found = self._atoms[marker] = mask, cuts
        return found

    @staticmethod
    def _patched(
        target: Target, operator: str, variable: str, value: str, reversed_: bool
    ) -> tuple[bool, Cuts]:
        """A comparison over all patch releases of a target: true for some, and where it changes."""
        words = value.replace(",", " ").split() if "in" in operator else [value]
        starts = [target.low]
        for point in patch_points(words, target.python):
            if point > target.low and (target.high is None or point < target.high):
                starts.append(point)
        truths = [
            compare(operator, variable, f"{target.python_text}.{patch}", value, reversed_) for patch in starts
        ]
        cuts = frozenset(
            (target.python, starts[i]) for i in range(1, len(starts)) if truths[i] is not truths[i - 1]
        )
        return any(truths), cuts

    def requires_python_mask(self, specifiers: Specifiers) -> int:
        """The targets all of whose patch releases ``requires-python`` admits; upper bounds count."""
        return self._requires_python(specifiers)[0]

    def requires_python_cuts(self, specifiers: Specifiers) -> Cuts:
        """The cut points that ``requires-python`` needs to be exact in this universe."""
        return self._requires_python(specifiers)[1]

    def requires_python_mask_of(self, text: str | None) -> int:
        """As :meth:`requires_python_mask`, for the text of an index page: repaired, or passed over."""
        return self._requires_python_of(text)[0] if text else self.everything

    def requires_python_cuts_of(self, text: str | None) -> Cuts:
        """As :meth:`requires_python_cuts`, for the text of an index page."""
        return self._requires_python_of(text)[1] if text else _NO_CUTS

    def _requires_python_of(self, text: str) -> tuple[int, Cuts]:
        found = self._requires_texts.get(text)
        if found is None:
            if text in self.past[1]:
                found = self.past[1][text], _NO_CUTS
            else:
                try:
                    found = self._requires_python(parse_legacy_specifiers(text)[0])
                except InvalidSpecifier:
                    found = self.everything, _NO_CUTS
            self._requires_texts[text] = found
        return found

    def _requires_python(self, specifiers: Specifiers) -> tuple[int, Cuts]:
        found = self._requires.get(specifiers)
        if found is None and specifiers in self.past[2]:
            found = self._requires[specifiers] = self.past[2][specifiers], _NO_CUTS
        if found is None:
            mask = 0
            cuts: set[Cut] = set()
            for (python, low, high), bits in self._pythons.items():
                parts = slices(specifiers, python, low, high)
                if all(admitted for _, _, admitted in parts):
                    mask |= bits
                cuts.update((python, start) for start, _, _ in parts[1:])
            self.cuts |= cuts
            found = self._requires[specifiers] = mask, frozenset(cuts)
        return found

    def wheel_mask(self, tags: str) -> int:
        """The targets where a wheel with these tags installs; ``""`` (no wheel) installs nowhere."""
        mask = self._wheels.get(tags)
        if mask is None:
            mask = self.past[3].get(tags)
            if mask is None:
                mask = self._wheel(tags) if tags else 0
            self._wheels[tags] = mask
        return mask

    def _wheel(self, tags: str) -> int:
        interpreters, abis, platforms = tags.split("-")
        tagged = pure = 0
        where = 0
        names = platforms.split(".")
        for platform in names:
            if platform != "any":
                where |= self._platform(platform)
        for interpreter in interpreters.split("."):
            for abi in abis.split("."):
                if where:
                    tagged |= self._interpreter(interpreter, abi, False)
                if "any" in names:
                    pure |= self._interpreter(interpreter, abi, True)
        return tagged & where | pure

    def _platform(self, tag: str) -> int:
        mask = self._platforms.get(tag)
        if mask is None:
            mask = 0
            answers: dict[Platform, bool] = {}
            for i, target in enumerate(self.targets):
                answer = answers.get(target.platform)
                if answer is None:
                    answer = answers[target.platform] = accepts(target.platform, tag)
                if answer:
                    mask |= 1 << i
            self._platforms[tag] = mask
        return mask

    def _interpreter(self, interpreter: str, abi: str, pure: bool) -> int:
        mask = self._interpreters.get((interpreter, abi, pure))
        if mask is None:
            mask = 0
            answers: dict[tuple[str, tuple[int, int], bool], bool] = {}
            for i, target in enumerate(self.targets):
                kind = (target.implementation, target.python, target.free_threaded)
                answer = answers.get(kind)
                if answer is None:
                    answer = answers[kind] = interpreter_accepts(*kind, interpreter, abi, pure)
                if answer:
                    mask |= 1 << i
            self._interpreters[interpreter, abi, pure] = mask
        return mask

    # -- other universes -------------------------------------------------------------------------

    def with_cuts(self, cuts: Iterable[Cut]) -> Targets:
        """The universe with every target split at the given points, in the same order."""
        points: dict[tuple[int, int], set[int]] = {}
        for python, patch in cuts:
            points.setdefault(python, set()).add(patch)
        found: list[Target] = []
        for target in self.targets:
            inside = sorted(
                point
                for point in points.get(target.python, ())
                if point > target.low and (target.high is None or point < target.high)
            )
            lows, highs = [target.low, *inside], [*inside, target.high]
            found += [replace(target, low=low, high=high) for low, high in zip(lows, highs, strict=True)]
        return Targets(tuple(found), self.worlds)

    def limited_to(self, requires_python: Specifiers) -> Targets:
        """The universe of what ``requires_python`` admits of these, cut where it cuts them."""
        split = self.with_cuts(self._requires_python(requires_python)[1])
        return split.subset(split.requires_python_mask(requires_python))

    def subset(self, mask: int) -> Targets:
        """The universe of the targets in ``mask`` alone."""
        return Targets(tuple(self.in_mask(mask)))

    def index_of(self, target: Target) -> int | None:
        """The bit of ``target``, or of the first one that covers it (same kind, not newer)."""
        for i, candidate in enumerate(self.targets):
            if candidate == target:
                return i
        for i, candidate in enumerate(self.targets):
            if covers(candidate, target):
                return i
        return None

    def in_mask(self, mask: int) -> list[Target]:
        """The targets whose bits are set, in order; each once, whatever the world."""
        mask = self.folded(mask)
        return [target for i, target in enumerate(self.targets) if mask >> i & 1]

    def names(self, mask: int) -> list[str]:
        """Their names, in order."""
        return [target.name for target in self.in_mask(mask)]

    # -- worlds --------------------------------------------------------------------------------

    def apart(self, worlds: tuple[frozenset[str], ...]) -> Targets:
        """The universe with a copy of every target for each of ``worlds``.

        A world is a choice among the extras and groups that cannot all be chosen together, named as
        ``extra:cpu`` or ``group:dev``. The copies stand one world behind the other.
        """
        return Targets(self.base.targets * len(worlds), worlds)

    @property
    def base(self) -> Targets:
        """The universe without worlds."""
        return Targets(self.targets[: len(self.targets) // len(self.worlds)]) if self.worlds else self

    def parts(self, mask: int) -> tuple[int, ...]:
        """A mask world by world, as masks of :attr:`base`."""
        count = len(self.targets) // len(self.worlds or (1,))
        one = (1 << count) - 1
        return tuple(mask >> count * place & one for place in range(len(self.worlds or (1,))))

    def folded(self, mask: int) -> int:
        """The targets that are in ``mask`` in any world, as a mask of :attr:`base`."""
        if not self.worlds:
            return mask
        union = 0
        for part in self.parts(mask):
            union |= part
        return union

    def unfolded(self, mask: int) -> int:
        """A mask of :attr:`base` in every world."""
        count = len(self.targets) // len(self.worlds or (1,))
        return sum(mask << count * place for place in range(len(self.worlds or (1,))))

    def where_mask(self, where: str) -> int:
        """Where the requirements of ``project``, ``extra:x`` or ``group:y`` are active."""
        if not any(where in world for world in self.worlds):
            return self.everything
        count = len(self.targets) // len(self.worlds)
        one = (1 << count) - 1
        return sum(one << count * place for place, world in enumerate(self.worlds) if where in world)

    # -- from masks to words ---------------------------------------------------------------------

    def render(self, mask: int, within: int | None = None) -> str | None:
        """The shortest marker that is true on exactly the targets of ``mask``.

        ``None`` when it is true everywhere; a marker that is never true for an empty mask. Targets
        outside ``within`` do not matter. Markers cannot tell C libraries or free threading apart:
        see :meth:`closure`, which this applies.
        """
        within = self.everything if within is None else within
        return self._words().render(self.folded(mask), self.folded(within))

    def closure(self, mask: int) -> int:
        """``mask`` and the targets that no marker can tell from one of it."""
        count = len(self.targets) // len(self.worlds or (1,))
        closure = self._words().closure
        return sum(closure(part) << count * place for place, part in enumerate(self.parts(mask)))

    def twins(self) -> tuple[int, ...]:
        """The targets of :attr:`base` that no marker can tell apart, where there are several: a C library
        and another, a free-threaded Python and the usual one."""
        if self._twins is None:
            alike: dict[object, int] = {}
            for i, target in enumerate(self.base.targets):
                place = (target.platform.os, target.platform.machine)
                key = (target.implementation, target.python, target.low, *place)
                alike[key] = alike.get(key, 0) | 1 << i
            self._twins = tuple(mask for mask in alike.values() if mask & (mask - 1))
        return self._twins

    def alike(self, mask: int) -> int:
        """``mask`` without the targets that have a twin outside: what a lock can say by markers."""
        return self.everything & ~self.closure(self.everything & ~mask) if self.twins() else mask

    def name(self, mask: int) -> str:
        """A mask for people: ``Windows``, ``Python 3.12 on macOS``."""
        return self._words().name(self.folded(mask))

    def environments(self, mask: int | None = None) -> tuple[str, ...]:
        """Markers for ``environments`` of a lock file, one for each platform, true only there."""
        return self._words().environments(self.folded(self.everything if mask is None else mask))

    def _words(self) -> Wording:
        """The wording of this universe: markers of environments know nothing of worlds."""
        from .wording import Wording, wording_of

        if not self.worlds:
            return wording_of(self)
        if not isinstance(self._wording, Wording):
            self._wording = Wording(self.base.targets)
        return self._wording
