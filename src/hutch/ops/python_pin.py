"""``hutch python pin``: which Python a directory, or the user everywhere, asks for."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.events import Notice
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.interpreters import Glance, Pin, PythonRequest, SearchOptions
    from hutch.ops.context import Context

__all__ = ["CannotPin", "NoPin", "PythonPinOptions", "PythonPinOutcome", "edited_pins", "python_pin"]

FILENAME = ".python-version"


class NoPin(Problem):
    """Nobody says which Python it is to be."""

    code = "no-pin"

    def __init__(self, where: str) -> None:
        super().__init__(f"no Python is pinned {where}", hint="hutch python pin 3.12, to pin one")


class CannotPin(Problem):
    """The file cannot be written, or must not."""

    code = "cannot-pin"

    def __init__(self, path: str, why: str, hint: str = "") -> None:
        super().__init__(f"{path} is not written", why=why, hint=hint or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonPinOptions:
    """The options of ``python pin``; without requests the pin is told."""

    requests: tuple[str, ...] = ()
    globally: bool = False
    rm: bool = False
    resolved: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonPinOutcome:
    """``path`` says ``pins``, or will; ``before`` is what it said. ``python`` is what they mean here."""

    path: str
    pins: tuple[str, ...]
    before: tuple[str, ...] = ()
    python: str = ""
    version: str = ""
    told: bool = False
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether the file was written, or would be."""
        return not self.told and self.pins != self.before

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "pins": list(self.pins),
            "before": list(self.before),
            "python": self.python or None,
            "version": self.version or None,
            "changed": self.changed,
            "dry_run": self.dry_run,
        }


def python_pin(context: Context, options: PythonPinOptions) -> PythonPinOutcome:
    """Tell, write or remove a pin. Raises NoPin, CannotPin and InvalidPythonRequest."""
    from hutch.interpreters.pins import names_of_file
    from hutch.ops.searching import search_options

    search = search_options(context)
    if options.rm and options.requests:
        raise UsageProblem("--rm takes no request", hint="hutch python pin --rm")
    if options.resolved and not options.requests:
        raise UsageProblem("--resolved needs a request", hint="hutch python pin 3.12 --resolved")
    path = search.global_pin if options.globally else os.path.join(search.directory, FILENAME)
    if not options.requests and not options.rm:
        return _told(context, search, options.globally)
    before = names_of_file(path)
    if options.rm:
        if not os.path.lexists(path):
            raise NoPin(f"in {path}")
        if not options.dry_run:
            try:
                os.unlink(path)
            except OSError as error:
                raise CannotPin(path, error.strerror or str(error)) from error
        return PythonPinOutcome(path=path, pins=(), before=before, dry_run=options.dry_run)
    pins: list[str] = []
    first: Glance | None = None
    for words in options.requests:
        word, glance = _word(context, search, words, resolved=options.resolved, globally=options.globally)
        if word not in pins:
            pins.append(word)
            first = glance if len(pins) == 1 else first
    _write(path, tuple(pins), before, dry_run=options.dry_run)
    _warn_of_stronger(context, options.globally)
    if not options.globally:
        _warn_of_neighbours(context, search.directory, pins)
    return PythonPinOutcome(
        path=path,
        pins=tuple(pins),
        before=before,
        python=first.path if first is not None else "",
        version=first.version if first is not None else "",
        dry_run=options.dry_run,
    )


def _told(context: Context, search: SearchOptions, globally: bool) -> PythonPinOutcome:
    from hutch.interpreters import global_pins, nearest_pin

    pin = None if globally else _of_variable(search) or nearest_pin(search.directory)
    if pin is None:
        pin = next(global_pins(search.global_pin, search.pyenv_root), None)
    if pin is None:
        raise NoPin("for everywhere" if globally else "here")
    glance = _meant(context, pin.names[0], pin.origin)
    return PythonPinOutcome(
        path=pin.origin,
        pins=pin.names,
        before=pin.names,
        python=glance.path if glance is not None else "",
        version=glance.version if glance is not None else "",
        told=True,
    )


def _of_variable(search: SearchOptions) -> Pin | None:
    from hutch.interpreters import Pin

    names = tuple(name for name in search.pyenv_version.split(":") if name)
    return Pin(names=names, origin="PYENV_VERSION") if names else None


def _meant(context: Context, word: str, origin: str = "") -> Glance | None:
    """The Python that a word means on this machine; None where there is none."""
    from hutch.interpreters import choose_interpreter
    from hutch.ops.searching import search_options

    try:
        found = choose_interpreter(
            word,
            search=search_options(context),
            store=context.store,
            environ=context.environ,
            origin=origin if os.path.isabs(origin) else "",
        )
    except Problem:
        return None
    return found.glance


def _word(
    context: Context, search: SearchOptions, words: str, *, resolved: bool, globally: bool
) -> tuple[str, Glance | None]:
    """What is written for a request, so that pyenv and uv read the same, and what it means here."""
    from hutch.interpreters import lies_in, parse_python_request

    request = parse_python_request(words)
    if request is None:
        raise UsageProblem(f"`{words}` asks for no Python in particular", hint="name a version: 3.12")
    if request.path is not None and not globally and lies_in(request.path, search.directory):
        raise CannotPin(
            os.path.join(search.directory, FILENAME),
            f"{request.path} is in the directory itself, and hutch starts no Python that a checkout names",
            "pin a version, or use --python",
        )
    glance = _meant(context, request.path or words)
    word = _exact(glance) if resolved and glance is not None else _spelled(request, glance)
    if any(character.isspace() for character in word):
        raise CannotPin(FILENAME, f"`{word}` has a blank in it, where pyenv and uv end the name")
    if glance is None:
        if resolved or words.lower() == "latest":
            raise CannotPin(FILENAME, f"no Python for `{words}` is here, so no version of one can be written")
        hint = f": hutch python install {word}" if request.specifiers or request.implementation else ""
        context.emit(Notice(f"there is no Python for {word} here yet{hint}", warning=True))
    _warn_of_others(context, request, word)
    if not globally:
        _warn_of_project(context, request, word, glance)
    return word, glance


def _exact(glance: Glance) -> str:
    from hutch.ops.python_list import shown_version

    if glance.implementation == "pypy":
        return f"pypy{glance.python[0]}.{glance.python[1]}"
    prefix = "" if glance.implementation == "cpython" else glance.implementation
    return f"{prefix}{shown_version(glance)}" + ("t" if glance.free_threaded else "")


def _spelled(request: PythonRequest, glance: Glance | None) -> str:
    """``cpython@3.12`` and ``312`` as ``3.12``; ``pypy@3.10`` as ``pypy3.10``; the rest as it was typed."""
    if request.path is not None:
        return request.path
    if request.text.lower() == "latest" and glance is not None:
        return f"{glance.python[0]}.{glance.python[1]}"
    plain = len(request.specifiers) == 1 and request.specifiers[0][0] == "=="
    lowered = request.text.lower()
    kept = lowered.endswith("-dev") or (lowered.startswith("pypy") and "-" in lowered)
    if not plain or kept or request.debug:
        return "".join(request.text.split()) if request.specifiers else request.text
    version = request.specifiers[0][1].removesuffix(".*")
    prefix = "" if request.implementation in (None, "cpython") else request.implementation
    return f"{prefix}{version}" + ("t" if request.free_threaded else "")


def _warn_of_others(context: Context, request: PythonRequest, word: str) -> None:
    plain = len(request.specifiers) == 1 and request.specifiers[0][0] == "=="
    if request.path is not None:
        context.emit(Notice(f"{word} is a path, which pyenv does not read", warning=True))
    elif request.specifiers and not plain and request.text.lower() != "latest":
        text = f"{word} is a range, which pyenv does not read; --resolved writes a version"
        context.emit(Notice(text, warning=True))


def _warn_of_project(context: Context, request: PythonRequest, word: str, glance: Glance | None) -> None:
    """Say so where requires-python admits nothing that the pin may mean."""
    from hutch.interpreters.choose import misfit, ruled_out
    from hutch.interpreters.hints import Hint
    from hutch.ops.python_here import required_here
    from hutch.spec import render_specifiers

    required = required_here(context)
    if not required:
        return
    outside = False
    if len(request.specifiers) == 1 and request.specifiers[0][0] == "==":
        numbers = request.specifiers[0][1].removesuffix(".*").split(".")
        if all(number.isdigit() for number in numbers) and len(numbers) > 1:
            outside = bool(ruled_out(Hint(version=tuple(map(int, numbers))), None, required, any_age=True))
    elif glance is not None:
        outside = bool(misfit(glance, None, required))
    if outside:
        shown = render_specifiers(required)
        context.emit(Notice(f"the project's requires-python {shown} does not admit {word}", warning=True))


def _warn_of_stronger(context: Context, globally: bool) -> None:
    asked = context.configuration.python
    if asked is not None:
        place = context.configuration.origin("python").place
        context.emit(Notice(f"{place} says {asked}, and goes before a pin", warning=True))
    elif context.environ.get("PYENV_VERSION"):
        said = context.environ["PYENV_VERSION"]
        context.emit(Notice(f"PYENV_VERSION says {said}, and goes before a pin", warning=True))
    elif globally:
        from hutch.interpreters import nearest_pin

        pin = nearest_pin(context.pins)
        if pin is not None:
            context.emit(Notice(f"here {pin.origin} goes before it, and says {pin.names[0]}"))


def _warn_of_neighbours(context: Context, directory: str, pins: list[str]) -> None:
    """Other files here that say something else: hutch reads them later, other tools go by them."""
    from hutch.interpreters.pin_files import PIN_FILES
    from hutch.interpreters.pins import names_of_file

    for filename in PIN_FILES[1:]:
        names = names_of_file(os.path.join(directory, filename))
        if names and names[0] != pins[0]:
            text = f"{filename} says {names[0]}, which other tools go by; hutch reads {FILENAME} first"
            context.emit(Notice(text, warning=True))


def _write(path: str, pins: tuple[str, ...], before: tuple[str, ...], *, dry_run: bool) -> None:
    from hutch.interpreters.pins import decoded
    from hutch.plain import read_plain
    from hutch.store.disk import write_atomic

    if os.path.islink(path):
        target = os.path.realpath(path)
        # A checkout may say that its pin is the file that the user's shell reads when it starts.
        raise CannotPin(path, f"it is a link to {target}", "remove the link, or write that file")
    try:
        text = decoded(read_plain(path), "surrogateescape")
    except FileNotFoundError:
        text = ""
    except (OSError, ValueError) as error:
        raise CannotPin(path, getattr(error, "strerror", None) or str(error)) from error
    if dry_run or (pins == before and text):
        return
    try:
        write_atomic(path, edited_pins(text, pins).encode("utf-8", "surrogateescape"), sync=True)
    except OSError as error:
        raise CannotPin(path, error.strerror or str(error)) from error


def edited_pins(text: str, pins: tuple[str, ...]) -> str:
    """The file with other names in it: comments, blank lines and line ends stay as they are."""
    text = text.removeprefix("\ufeff")
    end = "\r\n" if "\r\n" in text else "\n"
    left, result, last = list(pins), list[str](), -1
    for line in text.splitlines():
        words = line.split(maxsplit=1)
        is_name = bool(words) and not words[0].startswith("#")
        if not is_name:
            result.append(line)
        elif left:
            result.append(left.pop(0))
            last = len(result)
    # Names that the file has no line for come after its last one.
    at = last if last >= 0 else len(result)
    result[at:at] = left
    return end.join(result) + end
