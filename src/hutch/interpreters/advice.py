"""What to say where no Python fits: those that nearly do first, and the command that helps."""

from __future__ import annotations

from hutch.interpreters.places import is_python_name
from hutch.interpreters.problems import NoInterpreter, Rejected
from hutch.interpreters.support_dates import NEWEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters.request import PythonRequest
    from hutch.spec import Specifiers

__all__ = ["no_interpreter"]


def no_interpreter(
    request: PythonRequest | None,
    requires_python: Specifiers,
    rejected: list[Rejected],
    *,
    names: tuple[str, ...] = (),
    install: bool = True,
) -> NoInterpreter:
    """The problem. ``names`` are of environments that are called nearly so."""
    from hutch.spec import render_specifiers

    hints: list[str] = []
    foreign = bool(
        request is not None and request.name and not request.specifiers and not is_python_name(request.name)
    )
    near = _near(request, rejected)
    if near is not None and request is not None:
        minor = _minor(near.version)
        hints.append(f"ask for {minor} to take {near.version}, which is here")
    if names and foreign:
        hints.append("did you mean " + " or ".join(f"`{name}`" for name in names) + "?")
    wanted = _to_install(request, requires_python) if install and not foreign else ""
    if wanted:
        hints.append(f"hutch python install {wanted}")
    if request is not None and request.origin:
        hints.append(f"change what {request.origin} asks for")
    if foreign:
        hints.append("hutch python list, to see what there is")
    else:
        hints.append("name another interpreter with --python")
    if not rejected and foreign:
        assert request is not None
        assert request.name is not None
        why = f"there is no program `{request.name}` on PATH, and pyenv has no version of that name"
        rejected = [Rejected(path=request.name, version="", reason=why)]
    ordered = sorted(rejected, key=lambda one: _distance(request, one))
    return NoInterpreter(
        str(request) if request is not None else None,
        render_specifiers(requires_python),
        tuple(ordered),
        hint=tuple(hints),
        asked=request,
        admitted=requires_python,
        installable=install and not foreign,
    )


def _exact(request: PythonRequest | None) -> str:
    """The version that was asked for, where it was one: ``3.12.5``, ``3.12``; else ""."""
    if request is not None and len(request.specifiers) == 1 and request.specifiers[0][0] == "==":
        return request.specifiers[0][1].removesuffix(".*")
    return ""


def _can_be(version: str, requires_python: Specifiers) -> bool:
    """Whether there may be such a version, and one that ``requires-python`` admits."""
    from hutch.interpreters.choose import ruled_out
    from hutch.interpreters.hints import Hint

    numbers = version.split(".")
    if not all(number.isdigit() for number in numbers):
        return True
    parts = tuple(int(number) for number in numbers)
    if parts[:1] != (3,) or (len(parts) > 1 and parts[1] > NEWEST[1] + 1):
        return False
    return not requires_python or not ruled_out(Hint(version=parts), None, requires_python)


def _minor(version: str) -> str:
    words = version.rpartition(" ")[2]
    return ".".join(words.split(".")[:2])


def _near(request: PythonRequest | None, rejected: list[Rejected]) -> Rejected | None:
    """Another patch release of the very version that was asked for."""
    exact = _exact(request)
    if exact.count(".") < 2:
        return None
    for one in rejected:
        if _is_a_patch(one) and _minor(one.version) == _minor(exact) and "was asked for" in one.reason:
            return one
    return None


def _is_a_patch(one: Rejected) -> bool:
    return one.version.count(".") == 2 and " " not in one.version


def _distance(request: PythonRequest | None, one: Rejected) -> tuple[int, int]:
    """How far one is from what was asked for: broken ones of that version first, then the neighbours."""
    exact = _exact(request)
    if not exact or not one.version:
        return (0, 0)
    try:
        wanted = [int(part) for part in _minor(exact).split(".")]
        has = [int(part.rstrip("t")) for part in _minor(one.version).split(".")]
    except ValueError:
        return (1, 0)
    if len(wanted) < 2 or len(has) < 2 or wanted[0] != has[0]:
        return (2, 0)
    return (0, abs(wanted[1] - has[1]))


def _to_install(request: PythonRequest | None, requires_python: Specifiers) -> str:
    """The words that `hutch python install` takes for what would fit: ``3.12``, ``pypy3.10``; else ""."""
    from hutch.spec import admits

    named = (request and request.implementation) or "cpython"
    prefix = "" if named == "cpython" else named
    suffix = "t" if request is not None and request.free_threaded else ""
    exact = _exact(request)
    if exact:
        return f"{prefix}{exact}{suffix}" if _can_be(exact, requires_python) else ""
    wanted = request.specifiers if request is not None else ()
    if prefix and not wanted:
        return prefix
    for minor in range(NEWEST[1], 7, -1):
        if admits(wanted, f"3.{minor}.9") and admits(requires_python, f"3.{minor}.9"):
            return f"{prefix}3.{minor}{suffix}"
    return ""
