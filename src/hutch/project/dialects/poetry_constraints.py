"""Poetry's version strings, in the words of the version specifiers specification (PEP 440).

``^1.2``, ``~1.2``, ``1.*``, ``>=1 <2``, ``^1 || ^3``: a constraint is a union of alternatives, and each of
these is a set of specifiers. A union is none, so for a requirement it becomes the span from its lowest to
its highest version, without the series in between; ``poetry.lock`` uses the alternatives as they are.
``tests/project/poetry_constraints.txt`` holds what poetry-core says of each form.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from hutch.spec import Marker, Specifiers, VersionKey

    Alternatives: TypeAlias = tuple[Specifiers, ...]

__all__ = [
    "InvalidConstraint",
    "admits_any",
    "caret",
    "joined",
    "parse_constraint",
    "platform_marker",
    "python_marker",
    "span_of",
]

_OPERATORS = ("^", "~=", "~", "==", "=", "!=", "<=", "<", ">=", ">")
_MOST_HOLES = 40


class InvalidConstraint(ValueError):
    """A text that Poetry would not read as versions either."""


def parse_constraint(text: str) -> Alternatives:
    """The alternatives of a constraint; ``((),)`` admits everything. Raises ``InvalidConstraint``."""
    parts = text.replace("||", "|").split("|")
    return tuple(tuple(_conjunction(part, text)) for part in parts)


def admits_any(alternatives: Alternatives, version: str) -> bool:
    """Does one of the alternatives admit the version?"""
    from hutch.spec import admits

    return any(admits(each, version) for each in alternatives)


def caret(version: str) -> Specifiers:
    """What ``^`` before a version means."""
    return parse_constraint(f"^{version}")[0]


def _conjunction(text: str, whole: str) -> Iterable[tuple[str, str]]:
    from hutch.spec import InvalidSpecifier, InvalidVersion, parse_specifiers

    words = text.replace(",", " ").split()
    if not words:
        raise InvalidConstraint(f"`{whole}` has no version" if "|" in whole else "there is no version")
    clauses: list[str] = []
    operator = ""
    for word in words:
        if operator:
            word, operator = operator + word, ""
        if word in _OPERATORS:
            operator = word  # ">= 1.0": the version follows
            continue
        try:
            clauses += _clauses(word)
        except (InvalidVersion, InvalidSpecifier, ValueError):
            raise InvalidConstraint(f"`{word}` is not a version constraint") from None
    if operator:
        raise InvalidConstraint(f"no version follows `{operator}`")
    return parse_specifiers(",".join(clauses))


def _clauses(word: str) -> list[str]:
    """One of Poetry's clauses as some of ours; none: any version."""
    from hutch.spec import base_version, canonical_version, public_version

    operator = next((each for each in _OPERATORS if word.startswith(each)), "")
    version = word[len(operator) :]
    if not operator and not version.lower().lstrip("v").strip("x*."):
        return []  # *, x, v*, *.*
    wild = version.endswith(".*")
    while version.endswith(".*"):
        version = version[:-2]
    if operator in ("<", ">", "<=", ">=") and version.lower() == "dev":
        version = "0.0.dev0"
    if wild and operator in ("^", "~", "~="):
        raise ValueError(word)
    canonical = canonical_version(version)
    release = base_version(canonical)
    if wild and operator in ("", "=", "==", "!="):
        if canonical != release:
            raise ValueError(word)
        return [f"{operator if operator == '!=' else '=='}{canonical}.*"]
    fields = release.rpartition("!")[2].split(".")
    if operator in ("^", "~"):
        public = public_version(canonical)
        return [f">={public}", f"<{_next(release, _caret(fields) if operator == '^' else len(fields) > 1)}"]
    if operator == "~=" and len(fields) == 1:
        return [f">={public_version(canonical)}", f"<{_next(release, 0)}"]
    if operator in ("", "=", "=="):
        return [f"=={canonical}"]
    return [operator + (canonical if operator == "!=" else public_version(canonical))]


def _caret(fields: list[str]) -> int:
    """The field that a caret holds: the first that is not 0, at most the third."""
    for level, field in enumerate(fields[:3]):
        if int(field):
            return level
    return min(len(fields), 3) - 1


def _next(release: str, level: int) -> str:
    """The release that follows in this field, with as many fields: 0 of ``1.2.3`` → ``2.0.0``."""
    from hutch.spec import next_version

    fields = release.rpartition("!")[2].count(".") + 1
    return next_version(release, level) + ".0" * (fields - level - 1)


def joined(*sets: Specifiers) -> Specifiers:
    """All of these, without the clauses that the others say already: ``>=1`` beside ``>=1.2``."""
    from hutch.spec import admitted_intervals, mentions_prerelease, parse_specifiers, render_specifiers

    found = parse_specifiers(",".join(render_specifiers(each) for each in sets if each))
    for clause in found:
        less = tuple(each for each in found if each != clause)
        kept = mentions_prerelease(less) or not mentions_prerelease((clause,))
        if less and kept and admitted_intervals(less) == admitted_intervals(found):
            found = less
    return found


# --- a union as one set ---


def span_of(alternatives: Alternatives) -> tuple[Specifiers, str]:
    """One set of specifiers for a union, and what it admits beyond the union, in words; "" for nothing.

    Series that lie between the alternatives are taken out (``!=2.*``). Pre-releases of the version that an
    alternative begins with stay in; nobody gets those unasked.
    """
    from hutch.spec import admitted_intervals, parse_specifiers, render_specifiers

    alternatives = tuple(dict.fromkeys(alternatives))
    sound = [each for each in alternatives if admitted_intervals(each)]
    if len(alternatives) == 1 or not sound:
        return alternatives[0], ""
    if len(sound) == 1:
        return sound[0], ""
    intervals = _united([interval for each in sound for interval in admitted_intervals(each)])
    clauses = [_end_of(sound, intervals[0][0], lower=True), _end_of(sound, intervals[-1][1], lower=False)]
    # What all of them leave out: `!=1.5` in each of two alternatives.
    clauses += ["".join(each) for each in sound[0] if each[0] == "!=" and all(each in s for s in sound)]
    beyond: list[str] = []
    for number, (start, _) in enumerate(intervals[1:]):
        end = intervals[number][1]
        if end is None or start is None:
            continue  # only the first begins and the last ends nowhere
        holes, rest = _holes(end, start)
        clauses += holes
        beyond += rest
    found = parse_specifiers(",".join(each for each in clauses if each))
    left = [
        each
        for each in dict.fromkeys(beyond)
        if admitted_intervals(parse_specifiers(f"{each},{render_specifiers(found)}"))
    ]
    return found, ", ".join(left)


def _united(
    intervals: list[tuple[VersionKey | None, VersionKey | None]],
) -> list[tuple[VersionKey | None, VersionKey | None]]:
    """The same without overlaps, in order."""
    found: list[tuple[VersionKey | None, VersionKey | None]] = []
    for low, high in sorted(intervals, key=lambda each: (each[0] is not None, each[0])):
        if found and (found[-1][1] is None or low is None or low <= found[-1][1]):
            before = found[-1][1]
            found[-1] = (found[-1][0], None if before is None or high is None else max(before, high))
        else:
            found.append((low, high))
    return found


def _end_of(sound: list[Specifiers], key: VersionKey | None, *, lower: bool) -> str:
    """The clause that ends the union below or above, from the alternative that reaches so far."""
    if key is None:
        return ""
    from hutch.spec import admitted_intervals

    for each in sound:
        intervals = admitted_intervals(each)
        if (intervals[0][0] if lower else intervals[-1][1]) != key:
            continue
        for operator, version in each:
            clause = _one_end(operator, version, lower=lower)
            if clause and admitted_intervals((clause,))[0][0 if lower else 1] == key:
                return "".join(clause)
    return _spelled_end(key, lower=lower)


def _one_end(operator: str, version: str, *, lower: bool) -> tuple[str, str] | None:
    """The half of a clause that ends it below or above."""
    if operator in ((">=", ">") if lower else ("<=", "<")):
        return operator, version
    if operator == "==" and not version.endswith(".*"):
        return (">=" if lower else "<="), version.partition("+")[0]
    return (">=", version) if operator == "~=" and lower else None


def _spelled_end(key: VersionKey, *, lower: bool) -> str:
    """A bound for a key that begins or ends a series, as those of ``==1.*`` and ``~=1.2`` do."""
    return f"{'>=' if lower else '<'}{_release(key)}"


def _release(key: VersionKey, fields: int = 0) -> str:
    epoch, release, _ = key
    text = ".".join(map(str, (*release, *([0] * (max(fields, 1) - len(release))))))
    return f"{epoch}!{text}" if epoch else text


def _holes(end: VersionKey, start: VersionKey) -> tuple[list[str], list[str]]:
    """What lies from ``end`` to before ``start``: as series to take out, and the rest as specifiers."""
    from hutch.spec import version_key

    if end[0] != start[0]:
        return [], [f">={_release(end)},<{_release(start)}"]
    prefix = f"{end[0]}!" if end[0] else ""
    size = max(len(end[1]), len(start[1]))
    low, high = (each[1] + (0,) * (size - len(each[1])) for each in (end, start))
    at = next((n for n in range(size) if low[n] != high[n]), size)
    if at == size:  # between two ends of one release: one version, or its pre-releases
        one = version_key(_release(end))
        return ([f"!={_release(end)}"] if end <= one < start else []), []
    holes: list[str] = []
    rest: list[str] = []
    begins = end == version_key(f"{_release(end)}.dev0")  # and not after it, as `<=1.5` ends
    first = low[at] if begins and not any(low[at + 1 :]) else low[at] + 1
    if first > low[at]:
        operator = ">" if end > version_key(_release(end)) else ">="
        rest.append(f"{operator}{_release(end)},<{_release((end[0], (*low[:at], first), end[2]))}")
    series = [(*high[:at], n) for n in range(first, high[at])]
    for depth in range(at + 1, size):
        series += [(*high[:depth], n) for n in range(high[depth])]
    if len(series) > _MOST_HOLES:
        return [], [f">={_release(end)},<{_release(start)}"]
    holes += (f"!={prefix}{'.'.join(map(str, each))}.*" for each in series)
    if start > version_key(_release(start)):  # an alternative that begins with `>1.7`
        holes.append(f"!={_release(start)}")
    return holes, rest


# --- keys of a dependency that limit where it is wanted ---


def python_marker(text: str) -> Marker | None:
    """The marker of ``python = "^3.8"`` at a dependency; None: always. Raises ``InvalidConstraint``."""
    from hutch.spec import and_, or_

    return or_(*(and_(*(_python(*clause) for clause in each)) for each in parse_constraint(text)))


def _python(operator: str, version: str) -> Marker:
    """A clause over versions of Python. ``python_version`` has two fields: ``>3.6`` speaks of 3.6.1 too."""
    from hutch.spec import and_, or_

    if operator == "~=":
        fields = version.split(".")
        marker = and_(_python(">=", version), _python("==", ".".join(fields[:-1]) + ".*"))
    elif version.endswith(".*"):
        low = version[:-2]
        high = _next(low, low.count("."))
        if operator == "==":
            marker = and_(_python(">=", low), _python("<", high))
        else:
            marker = or_(_python("<", low), _python(">=", high))
    elif operator == "!=":
        marker = or_(_python("<", version), _python(">", version))
    else:
        full = version.count(".") >= 2
        if not full and operator in (">", "<="):
            version += ".0" * (2 - version.count("."))
            full = True
        return (operator, "python_full_version" if full else "python_version", version)
    assert marker is not None
    return marker


def platform_marker(text: str) -> Marker | None:
    """The marker of ``platform = "linux || darwin"``; None: always. Raises ``InvalidConstraint``."""
    from hutch.spec import and_, or_

    if text.strip() == "*":
        return None
    alternatives: list[Marker | None] = []
    for part in text.replace("||", "|").split("|"):
        clauses: list[Marker] = []
        for piece in part.split(","):
            word = piece.strip()
            operator = "!=" if word.startswith("!=") else "=="
            value = word.removeprefix("!=").removeprefix("==").removeprefix("=").strip(" =")
            if not value or "'" in value or '"' in value:
                raise InvalidConstraint(f"`{text}` is not a platform such as `linux` or `!=win32`")
            clauses.append((operator, "sys_platform", value))
        alternatives.append(and_(*clauses))
    return or_(*alternatives)
