"""Advice beside other specifiers: fewer Pythons, fewer targets, a marker, a version by its name."""

from __future__ import annotations

from hutch.ops.edits import Edit, Suggestion
from hutch.ops.trials import TooDear, Trials
from hutch.solve import Unsolvable, facts
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.ops.resolve import Request, Root
    from hutch.spec import Specifiers

__all__ = ["QUESTION", "Narrowing", "ordered", "public"]

QUESTION = "your question"
"""Who asks for what is not to be relaxed: see ``ops.why_not``."""


class Narrowing:
    """The attempts, one after the other; what helped is in ``suggestions``.

    ``pinned`` gives the request with other specifiers for the requirements of one name and specifiers.
    """

    def __init__(
        self,
        first: Unsolvable,
        request: Request,
        trials: Trials,
        involved: list[tuple[str, Specifiers]],
        roots_of: Callable[[tuple[str, Specifiers]], list[Root]],
        pinned: Callable[[tuple[str, Specifiers], Specifiers], Request],
    ) -> None:
        self._first = first
        self._request = request
        self._trials = trials
        self._involved = involved
        self._roots_of = roots_of
        self._pinned = pinned
        self.suggestions: list[Suggestion] = []

    def _failing(self) -> int:
        return self._first.proof.mask & self._request.targets.everything

    def attempt(self) -> None:
        """What helps beside other specifiers, one after the other."""
        for step in (
            self._narrow_pythons,
            self._narrow_targets,
            self._narrow_marker,
            self._pin_yanked,
            self._open_pre_releases,
        ):
            try:
                step()
            except TooDear:
                pass

    def _narrow_pythons(self) -> None:
        """The smallest change of ``requires-python`` that leaves out the Pythons of the conflict."""
        request, manifest = self._request, self._request.manifest
        if manifest is None or not manifest.requires_python or "requires-python" in manifest.dynamic:
            return
        targets = request.targets
        failing = sorted({target.python for target in targets.in_mask(self._failing())})
        others = sorted({target.python for target in targets.targets} - set(failing))
        if not failing or not others:
            return
        old = manifest.requires_python
        if others[-1] > failing[0]:
            for python in [each for each in others if each > failing[0]]:
                bound = f"{python[0]}.{python[1]}"
                kept = tuple(each for each in old if each[0] in ("<", "<=", "!="))
                if self._try_pythons(ordered(((">=", bound), *kept))):
                    return
        if others[0] < failing[-1]:
            bound = f"{failing[0][0]}.{failing[0][1]}"
            kept = tuple(each for each in old if each[0] not in ("<", "<=", "!="))
            self._try_pythons(ordered((*kept, ("<", bound))))

    def _try_pythons(self, specifiers: Specifiers) -> bool:
        from hutch.ops.asking import is_part

        request = self._request
        targets = request.targets.limited_to(specifiers)
        if not targets.targets:
            return False
        before = request.targets.in_mask(request.demanded)
        demanded = sum(
            1 << i
            for i, target in enumerate(targets.targets)
            if any(is_part(target, whole) for whole in before)
        )
        note = ""
        if not demanded:
            # The Python in use is left out: another one is needed, on the same platform.
            same = [i for i, t in enumerate(targets.targets) if t.platform == before[0].platform]
            if not same:
                return False
            demanded = 1 << min(same, key=lambda i: targets.targets[i].python)
            note = f"with another Python than {before[0].python_text}"
        found = self._trials.solve(replace(request, targets=targets, demanded=demanded))
        if isinstance(found, Unsolvable):
            return False
        self.suggestions.append(Suggestion((Edit.requires_python(self._manifest_place(), specifiers, note),)))
        return True

    def _manifest_place(self) -> str:
        manifest = self._request.manifest
        assert manifest is not None
        return f"{manifest.filename}:{manifest.line('project', 'requires-python')}"

    def _narrow_targets(self) -> None:
        """Targets that the manifest names and that cannot be had: without them."""
        from hutch.ops.asking import is_part
        from hutch.spec import parse_target_word

        request, manifest = self._request, self._request.manifest
        if manifest is None or not manifest.settings.targets or not request.from_manifest:
            return
        names = tuple(manifest.settings.targets)
        failing = self._failing() & request.demanded
        while failing != request.demanded:
            found = self._trials.solve(replace(request, demanded=request.demanded & ~failing))
            if not isinstance(found, Unsolvable):
                lost = request.targets.in_mask(failing)
                words = [word for name in names if (word := parse_target_word(name)).one]
                gone = [w.text for w in words if any(is_part(each, w.targets[0]) for each in lost)]
                if gone and len(gone) < len(names):
                    place = f"{manifest.filename}:{manifest.line('tool', 'hutch', 'targets')}"
                    self.suggestions.append(Suggestion((Edit.targets(place, tuple(gone)),)))
                return
            more = found.proof.mask & request.demanded & ~failing
            if not more or self._trials.targets != request.targets:
                return
            failing |= more

    def _narrow_marker(self) -> None:
        """A package that some targets cannot have at all: ask for it on the others, if that is meant."""
        request, premises = self._request, facts(self._first.proof)
        needs = [fact.need for fact in premises if fact.kind == "root"]
        rest = request.targets.everything & ~self._failing()
        if len(needs) != 1 or needs[0] is None or not rest or any(f.kind == "dependency" for f in premises):
            return
        root: Any = needs[0].origin
        requirement = root.requirement
        if requirement.marker is not None or root.constraint:
            return
        from hutch.spec import parse_marker

        marker = request.targets.render(rest)
        if marker is None:
            return
        changed = replace(requirement, marker=parse_marker(marker))
        roots = [each for each in request.roots if each.requirement == requirement]
        kept = [
            replace(each, requirement=changed) if each.requirement == requirement else each
            for each in request.roots
        ]
        if not isinstance(self._trials.solve(replace(request, roots=tuple(kept))), Unsolvable):
            self.suggestions.append(Suggestion((Edit.marker(roots, changed, marker),)))

    def _open_pre_releases(self) -> None:
        """A pre-release newer than every final release, where it would do: to ask for it is one word."""
        universe = self._first.universe
        for key in self._involved:
            versions = universe.versions.get(key[0])
            if versions is None or not versions.labels:
                continue
            if not versions.prereleases >> len(versions.labels) - 1:
                continue
            if any(root.asker == QUESTION for root in self._roots_of(key)):
                continue
            pin = ((">=", public(versions.labels[-1])),)
            if not isinstance(self._trials.solve(self._pinned(key, pin)), Unsolvable):
                edit = Edit.change(self._roots_of(key), pin, "pre-release", "a pre-release")
                self.suggestions.append(Suggestion((edit,)))

    def _pin_yanked(self) -> None:
        """Where only yanked versions would do, the newest of them by its name."""
        premises = facts(self._first.proof)
        if len(premises) != 1 or premises[0].need is None or premises[0].kind != "root":
            return
        need = premises[0].need
        universe = self._first.universe
        states = universe.by_order(need)
        if not states & universe.versions[need.package].yanked << 1:
            return
        root: Any = need.origin
        label = universe.label(need.package, states.bit_length() - 2)
        key = (root.requirement.name, root.requirement.specifiers)
        pin = (("==", label),)
        if not isinstance(self._trials.solve(self._pinned(key, pin)), Unsolvable):
            edit = Edit.change(self._roots_of(key), pin, "yanked", "although it was yanked")
            self.suggestions.append(Suggestion((edit,)))


def public(label: str) -> str:
    """Without its local label, which only ``==`` can name."""
    return label.partition("+")[0]


def ordered(specifiers: Specifiers) -> Specifiers:
    """In the usual order, without doubles."""
    from hutch.spec import parse_specifiers

    return parse_specifiers(",".join(operator + version for operator, version in specifiers))
