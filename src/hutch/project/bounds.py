"""Lower bounds in requirements, raised in place: only the version changes, not how it is written."""

from __future__ import annotations

import re

__all__ = ["raise_lower_bound"]

_LOWER = re.compile(r"(>=|~=|>)(\s*)([^\s,;()]+)")
_RELEASE = re.compile(r"v?(\d+!)?(\d+(?:\.\d+)*)")
_NAME = re.compile(r"\s*[A-Za-z0-9._-]*[A-Za-z0-9](?:\s*\[[^\]]*\])?(?:\s*\()?")


def raise_lower_bound(text: str, version: str) -> str:
    """The requirement ``text`` with ``version`` as its lower bound; the same text where that is nothing new.

    ``~=1.4`` keeps its number of fields, so that it goes on to allow what it allowed upwards; ``>``
    becomes ``>=``; without a lower bound one is put in front. A requirement with ``==`` or a URL stays
    as it is, and so does one that would no longer admit ``version``.
    """
    from hutch.spec import admits, parse_requirement, public_version, version_key

    requirement = parse_requirement(text)
    specifiers = requirement.specifiers
    if requirement.url is not None or any(operator in ("==", "===") for operator, _ in specifiers):
        return text
    version = public_version(version)
    head, semicolon, marker = text.partition(";")
    found = _LOWER.search(head)
    if found is None:
        name = _NAME.match(head)
        assert name is not None
        rest = head[name.end() :]
        comma = "," if specifiers else ""
        head = f"{name[0].rstrip() if not specifiers else name[0]}>={version}{comma}{rest.lstrip() or rest}"
    else:
        operator, space, old = found.groups()
        if version_key(old) >= version_key(version):
            return text
        new = _as_precise(version, old) if operator == "~=" else version
        operator = ">=" if operator == ">" else operator
        head = f"{head[: found.start()]}{operator}{space}{new}{head[found.end() :]}"
    raised = head + semicolon + marker
    return raised if admits(parse_requirement(raised).specifiers, version) else text


def _as_precise(version: str, old: str) -> str:
    """``1.6.2`` with as many fields as ``1.4`` has: ``1.6``."""
    found, before = _RELEASE.match(version), _RELEASE.match(old)
    if found is None or before is None:
        return old
    number = before[2].count(".") + 1
    fields = [*found[2].split("."), *["0"] * number][:number]
    return (found[1] or "") + ".".join(fields)
