"""What says in a project where its environment is: a ``.venv`` that is a file or a link, ``.python-envs``.

The first is virtualenv's ``--venv-redirect``: one path. The last is that of PEP 832 (a draft): UTF-8, a
path a line, from the file's directory where it is relative; the last line is the default, but for a directory
``.venv``. All may come with a checkout, and so are followed only to an environment of this very
project in the central place (docs/adr/0029).
"""

from __future__ import annotations

import os

from hutch.ops.env_places import PYTHON_ENVS, VENV, central_place, project_folder
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = [
    "FORMS",
    "leads_to",
    "make_known",
    "make_room",
    "obstacle",
    "redirected",
    "remove_redirect",
    "targets",
    "write_redirect",
]

FORMS = ("venv", "python-envs", "link")
LARGEST = 64 * 1024


def redirected(context: Context, home: str) -> str | None:
    """The first environment of the project in ``home``, where a file in it says that it is in the central
    place; None where nothing does. Raises ``NotAnEnvironment`` for a ``.venv`` that leads elsewhere."""
    linked = targets(home, "link")
    said = targets(home, "venv")
    listed = targets(home, "python-envs")[-1:]
    if not linked and not said and not listed:
        return None
    data = context.configuration.data_dir
    if linked:  # whoever has made another one is asked to say so
        return central_place(data, home) if _lies_in(linked[0], project_folder(data, home)) else None
    if _lies_in((said or listed)[0], project_folder(data, home)):
        return central_place(data, home)
    if not said or not os.path.lexists(os.path.join(said[0], "pyvenv.cfg")):
        return None  # a line for others, or a file that is no redirect
    from hutch.env import NotAnEnvironment

    raise NotAnEnvironment(
        os.path.join(home, VENV),
        f"it is a file that says {_shown(said[0])}, and hutch made no environment of this project there",
        hint=(
            f"if you want that one, set HUTCH_PROJECT_ENVIRONMENT={_shown(said[0])}",
            "else delete the file",
        ),
    )


def targets(home: str, form: str) -> tuple[str, ...]:
    """The paths that the file of this form in ``home`` says, absolute; none where there is no such file."""
    path = _file(home, form)
    if form == "link":
        return (os.path.realpath(path),) if os.path.islink(path) else ()
    try:
        if os.path.islink(path):
            return ()
        text = read_plain(path, LARGEST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ()
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found = [
        os.path.normpath(os.path.join(home, line)) for line in lines if line.strip() and "\0" not in line
    ]
    return tuple(found[:1]) if form == "venv" else tuple(found)


def _lies_in(target: str, folder: str) -> bool:
    """Whether it is in the directory of this project in the central place, there or not, and no way out."""
    return os.path.dirname(os.path.realpath(target)) == os.path.realpath(folder)


def make_room(context: Context, checkout: Checkout, root: str) -> None:
    """Have the central place know whose ``root`` is, before it is made there."""
    from hutch.ops.env_owners import claim, is_central

    if not is_central(context, root):
        return
    from hutch.env import CannotWrite

    try:
        claim(os.path.dirname(root), checkout.home)
    except OSError as error:
        raise CannotWrite(str(error.filename or root), error.strerror or str(error)) from error


def make_known(context: Context, checkout: Checkout, root: str) -> None:
    """Write what the setting ``environment-redirect`` asks for, for the project's first environment.

    What cannot be written is told; the environment is what was wanted.
    """
    from hutch.events import Notice

    form = context.configuration.environment_redirect
    if form not in FORMS or context.env is not None or checkout.environment is not None:
        return
    if os.path.abspath(root) == os.path.join(checkout.home, VENV):
        return
    try:
        reason = write_redirect(checkout.home, root, form)
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        context.emit(Notice(f"no redirect to {root} was written: {reason}", warning=True))


def obstacle(home: str, root: str, form: str) -> str:
    """What stands in the way of having the file of that form lead to ``root``; ``""`` if nothing does."""
    if any(each in root for each in "\n\r"):
        return "its path has line ends"
    try:
        root.encode()
    except UnicodeEncodeError:
        return "its path is no UTF-8"
    path = _file(home, form)
    if os.path.islink(path):
        if form != "link":
            return f"{os.path.basename(path)} is a link"
    elif os.path.lexists(path) and (form == "link" or not os.path.isfile(path)):
        return f"{os.path.basename(path)} is a {'directory' if os.path.isdir(path) else 'file'}"
    known = targets(home, form)
    other = known and form != "python-envs" and not leads_to(known, root)
    if other and os.path.lexists(os.path.join(known[-1], "pyvenv.cfg")) and not _is_ours(known[-1], root):
        return f".venv leads to {_shown(known[-1])} already"
    return ""


def write_redirect(home: str, root: str, form: str) -> str:
    """Have the file of that form lead to ``root``; why it was left as it is, ``""`` if it was not.

    Nothing of somebody else's is written over, and through no link. Raises OSError.
    """
    reason = obstacle(home, root, form)
    known = targets(home, form)
    if reason or leads_to(known, root):
        return reason
    if form == "link":
        temporary = f"{_file(home, form)}.{os.getpid()}"
        os.symlink(root, temporary, target_is_directory=True)
        os.replace(temporary, _file(home, form))
        return ""
    _write(_file(home, form), [*(_lines_but(home, root) if form == "python-envs" else ()), root])
    return ""


def remove_redirect(home: str, root: str, form: str) -> None:
    """Take out what leads to ``root``; a file in which nothing is left goes. Raises OSError."""
    path, lines = _file(home, form), _lines_but(home, root) if form == "python-envs" else []
    if lines:
        _write(path, lines)
    else:
        os.unlink(path)


def leads_to(known: tuple[str, ...], root: str) -> bool:
    """Whether the last of these is ``root``."""
    return bool(known) and os.path.normcase(os.path.realpath(known[-1])) == os.path.normcase(
        os.path.realpath(root)
    )


def _file(home: str, form: str) -> str:
    return os.path.join(home, PYTHON_ENVS if form == "python-envs" else VENV)


def _write(path: str, lines: list[str]) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "x", encoding="utf-8", newline="") as file:
        file.write("\n".join(lines) + "\n")
    try:
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def _is_ours(target: str, root: str) -> bool:
    """Whether another environment is one that hutch keeps, as the central one of a project that was moved."""
    return os.path.dirname(os.path.dirname(target)) == os.path.dirname(os.path.dirname(root))


def _lines_but(home: str, root: str) -> list[str]:
    """The lines of ``.python-envs`` as they are, but those for ``root``."""
    try:
        text = read_plain(_file(home, "python-envs"), LARGEST).decode("utf-8-sig")
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    lines = [line.rstrip("\r") for line in text.split("\n") if line.strip()]
    same = os.path.normcase(os.path.normpath(root))
    return [line for line in lines if os.path.normcase(os.path.normpath(os.path.join(home, line))) != same]


def _shown(path: str) -> str:
    from hutch.spec import safe_text

    return safe_text(path)[:200]
