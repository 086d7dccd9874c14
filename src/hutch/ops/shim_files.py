"""The files of the shims: writing them, compiling them, and telling them from those of others."""

from __future__ import annotations

import os
import sys

from hutch.errors import Problem
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.ops.context import Context
    from hutch.shell.shim import ShimFacts

__all__ = [
    "ALWAYS",
    "NoShims",
    "compilers",
    "hutch_words",
    "link_shim",
    "look_at_shims",
    "make_shims",
    "present_shims",
]

ALWAYS = ("python", "python3", "pip", "pip3")
STAMP = "hutch shim 1"
_LARGEST = 4 << 20
_SECONDS = 120.0


class NoShims(Problem):
    """There can be no shims, or none here."""

    code = "no-shims"


def hutch_words() -> tuple[str, ...]:
    """What starts this hutch again: its launcher, or the Python that runs it and the place of the modules."""
    launcher = os.path.abspath(sys.argv[0]) if sys.argv and os.sep in sys.argv[0] else ""
    if os.path.basename(launcher) == "hutch" and os.path.isfile(launcher) and os.access(launcher, os.X_OK):
        return (launcher,)
    import shutil

    found = shutil.which("hutch", path=os.path.dirname(sys.executable))
    if found:
        return (found,)
    import hutch

    modules = os.path.dirname(os.path.dirname(os.path.abspath(hutch.__file__ or "")))
    code = f"import sys; sys.path.insert(0, {modules!r}); from hutch.cli import program; program()"
    return (sys.executable, "-I", "-c", code)


def present_shims(folder: str) -> tuple[str, ...]:
    """The shims in the folder: files that are hutch's by what they say of themselves."""
    try:
        names = sorted(os.listdir(folder), key=lambda name: (name not in ALWAYS, len(name), name))
    except OSError:
        return ()
    return tuple(name for name in names if name[:1] != "." and _is_ours(os.path.join(folder, name)))


def _is_ours(path: str) -> bool:
    from hutch.plain import read_plain

    if os.path.islink(path):
        return False
    try:
        data = read_plain(path, _LARGEST)
    except OSError:
        return False
    return data.startswith((b"#!/bin/sh\n", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")) and (
        STAMP.encode() in data
    )


def look_at_shims(folder: str, names: Sequence[str]) -> tuple[str, str]:
    """What kind of shims they are, and what no longer holds of what they were made with."""
    path = os.path.join(folder, names[0])
    with open(path, "rb") as file:
        kind = "script" if file.read(2) == b"#!" else "program"
    said = _said_by(path)
    if said is None:
        return kind, "they do not start"
    if said[1:2] != [folder]:
        return kind, f"they were made for {said[1] if len(said) > 1 else 'another folder'}"
    if len(said) < 3 or not os.access(said[2], os.X_OK):
        return kind, f"hutch is not where it was ({said[2] if len(said) > 2 else 'unknown'})"
    return kind, ""


def _said_by(path: str) -> list[str] | None:
    """What a shim says of itself: the stamp, its folder, hutch."""
    import subprocess

    try:
        ran = subprocess.run(
            [path, "--hutch-shim"],
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10.0,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = ran.stdout.decode("utf-8", "surrogateescape").splitlines()
    return lines if ran.returncode == 0 and lines[:1] == [STAMP] else None


def make_shims(
    context: Context, folder: str, names: Sequence[str], watched: tuple[str, ...], *, script: bool
) -> str:
    """Write all of them, under other names first."""
    import shutil
    import tempfile

    from hutch.interpreters.pin_files import PIN_FILES
    from hutch.shell.shim import ShimFacts

    facts = ShimFacts(
        data=os.path.dirname(folder),
        shims=folder,
        hutch=hutch_words(),
        watched=watched,
        pin_files=tuple(PIN_FILES),
        stamp=STAMP,
    )
    work = tempfile.mkdtemp(prefix=".new-", dir=folder)
    try:
        made = os.path.join(work, "python")
        kind = "script"
        if not script:
            kind = "program" if _compiled(context, facts, work, made) else "script"
        if kind == "script":
            from hutch.shell.shim_sh import render_sh

            with open(made, "wb") as file:
                file.write(render_sh(facts).encode("utf-8", "surrogateescape"))
            os.chmod(made, 0o755)
            if _said_by(made) is None:
                raise NoShims(
                    "the script for /bin/sh does not start here", hint="hutch shell-hook does without"
                )
        for number, name in enumerate(names):
            other = os.path.join(work, str(number))
            link_shim(made, other)
            os.replace(other, os.path.join(folder, name))
        for name in present_shims(folder):
            if name not in names:
                os.unlink(os.path.join(folder, name))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return kind


def link_shim(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        import shutil

        shutil.copy2(source, target)


def compilers(context: Context) -> list[str]:
    import shutil

    path = os.pathsep.join(p for p in context.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(p))
    found = [shutil.which(name, path=path) for name in ("cc", "gcc", "clang")]
    return list(dict.fromkeys(one for one in found if one))


def _compiled(context: Context, facts: ShimFacts, work: str, made: str) -> bool:
    """Compile the program; False, and said why, where that cannot be done."""
    from hutch.processes import running
    from hutch.shell.shim_c import render_c

    found = compilers(context)
    if not found:
        context.emit(Notice("there is no C compiler (cc): the shims are scripts, a millisecond slower"))
        return False
    source = os.path.join(work, "shim.c")
    with open(source, "wb") as file:
        file.write(render_c(facts).encode("ascii"))
    environ = {
        k: v for k, v in context.environ.items() if k in ("PATH", "TMPDIR", "SDKROOT", "DEVELOPER_DIR")
    }
    log = os.path.join(work, "log")
    for compiler in found:
        try:
            with (
                open(log, "wb") as output,
                running(
                    [compiler, "-O2", "-o", made, source], environ=environ, seconds=_SECONDS, output=output,
                    directory=work,
                ) as one,
            ):  # fmt: skip
                one.wait()
        except OSError:
            continue
        if _said_by(made) is not None:
            return True
    context.emit(
        Notice(f"{found[0]} cannot compile the shim: it is a script, a millisecond slower", warning=True)
    )
    return False
