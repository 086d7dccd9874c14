"""``hutch shell-hook``: the text for a shell's start-up file, or the line for it put there."""

from __future__ import annotations

import os
import sys

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "CannotChangeStartup",
    "ShellHookOptions",
    "StartupOutcome",
    "UnknownProgram",
    "change_startup",
    "own_program",
    "shell_hook",
    "startup_file",
    "startup_line",
]

BEGIN, END = b"# >>> hutch shell-hook >>>", b"# <<< hutch shell-hook <<<"


class UnknownProgram(Problem):
    """The hook has to call hutch, and nobody knows what it is called here."""

    code = "unknown-program"

    def __init__(self) -> None:
        super().__init__(
            "there is no hutch on PATH for the hook to call",
            why="this one was started as a module of Python",
            hint="install hutch with pipx or pip, and call it by its name",
        )


class CannotChangeStartup(Problem):
    """The shell's start-up file cannot be read or written."""

    code = "cannot-change-startup"

    def __init__(self, path: str, why: str, hint: str) -> None:
        super().__init__(f"cannot change {path}", why=why, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellHookOptions:
    """The options of ``shell-hook``."""

    shell: str = ""
    install: bool = False
    uninstall: bool = False
    conda: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupOutcome:
    """What became of a start-up file: ``lines`` are between the marks now, or were."""

    path: str
    lines: tuple[str, ...]
    installed: bool
    changed: bool
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "lines": list(self.lines),
            "installed": self.installed,
            "changed": self.changed,
            "dry_run": self.dry_run,
        }


def shell_hook(context: Context, options: ShellHookOptions) -> str:
    """The text that the shell is to evaluate."""
    from hutch.shell.hooks.text import hook_text

    _refuse_conda(options)
    program, data_dir = own_program(context.environ), context.configuration.data_dir
    return hook_text(options.shell, program, data_dir, conda=options.conda)


def _refuse_conda(options: ShellHookOptions) -> None:
    from hutch.shell.hooks.functions import CONDA

    if options.conda and options.shell not in CONDA:
        raise UsageProblem(
            f"there is no function conda for {options.shell}", why=f"there is one for {', '.join(CONDA)}"
        )


def change_startup(context: Context, options: ShellHookOptions) -> StartupOutcome:
    """Put the line into the start-up file between two marks, or take what is there out again.

    Everything else in the file stays as it is, byte for byte; one that is a link stays one.
    """
    _refuse_conda(options)
    path = startup_file(options.shell, context.environ)
    try:
        with open(path, "rb") as file:
            before = file.read()
    except FileNotFoundError:
        before = b""
    except OSError as error:
        raise CannotChangeStartup(path, error.strerror or str(error), _by_hand(options.shell)) from None
    found = _block(before)
    if options.uninstall:
        if found is None:
            return StartupOutcome(path=path, lines=(), installed=False, changed=False)
        start, end = found
        after, block = before[:start] + before[end:], before[start:end]
    else:
        block = _lines(context, options)
        if found is not None:
            after = before[: found[0]] + block + before[found[1] :]
        else:
            after = before + (b"\n" if before and not before.endswith(b"\n") else b"") + block
    changed = after != before
    if changed and not options.dry_run:
        _write(path, after, options.shell)
    inside = block.decode("utf-8", "replace").splitlines()[1:-1]
    return StartupOutcome(
        path=path,
        lines=tuple(inside),
        installed=options.install,
        changed=changed,
        dry_run=options.dry_run,
    )


def startup_file(shell: str, environ: Mapping[str, str]) -> str:
    """The file that an interactive ``shell`` of this user reads when it starts."""
    from hutch.config.directories import NoHome, find_home, system_here

    system = system_here()
    home = find_home(environ, system)
    if home is None:
        raise NoHome("the start-up file of a shell is in the home directory, and there is none")
    config = environ.get("XDG_CONFIG_HOME") or ""
    config = config if os.path.isabs(config) else os.path.join(home, ".config")
    if shell == "bash":
        # Terminals of macOS start login shells, which do not read .bashrc.
        return os.path.join(home, ".bash_profile" if system == "macos" else ".bashrc")
    if shell == "zsh":
        return os.path.join(environ.get("ZDOTDIR") or home, ".zshrc")
    if shell == "fish":
        return os.path.join(config, "fish", "config.fish")
    if shell == "elvish":
        if system == "windows":
            return os.path.join(environ.get("APPDATA") or home, "elvish", "rc.elv")
        return os.path.join(config, "elvish", "rc.elv")
    if shell == "xonsh":
        return os.path.join(home, ".xonshrc")
    if shell == "powershell":
        if system == "windows":
            return os.path.join(home, "Documents", "PowerShell", "profile.ps1")
        return os.path.join(config, "powershell", "profile.ps1")
    if system == "windows":
        return os.path.join(environ.get("APPDATA") or home, "nushell", "autoload", "hutch.nu")
    if system == "macos" and not environ.get("XDG_CONFIG_HOME"):
        config = os.path.join(home, "Library", "Application Support")
    return os.path.join(config, "nushell", "autoload", "hutch.nu")


def startup_line(shell: str, program: str, *, conda: bool = False) -> str:
    """The line that evaluates the hook's text; ``program`` is a word of that shell already."""
    line = {
        "bash": f'eval "$({program} shell-hook bash)"',
        "zsh": f'eval "$({program} shell-hook zsh)"',
        "fish": f"{program} shell-hook fish | source",
        "powershell": f"(& {program} shell-hook powershell | Out-String) | Invoke-Expression",
        "xonsh": f"execx($({program} shell-hook xonsh))",
        "elvish": f"eval ({'e:hutch' if program == 'hutch' else f'(external {program})'}"
        " shell-hook elvish | slurp)",
    }[shell]
    return line.replace(f"shell-hook {shell}", f"shell-hook {shell} --conda", 1) if conda else line


def _lines(context: Context, options: ShellHookOptions) -> bytes:
    """The marked lines; nushell can evaluate nothing at run time, so it gets the text itself."""
    if options.shell == "nushell":
        text = shell_hook(context, options).rstrip("\n")
    else:
        text = startup_line(options.shell, _word(options.shell, context.environ), conda=options.conda)
    return BEGIN + b"\n" + text.encode("utf-8", "surrogateescape") + b"\n" + END + b"\n"


def _word(shell: str, environ: Mapping[str, str]) -> str:
    """How the shell calls this hutch: by its name, where that means this one."""
    import shutil

    program = own_program(environ)
    found = shutil.which("hutch", path=environ.get("PATH"))
    if found is not None and os.path.realpath(found) == os.path.realpath(program):
        return "hutch"
    from hutch.shell.hooks.text import quote_for

    return "@(" + quote_for(shell, program) + ")" if shell == "xonsh" else quote_for(shell, program)


def own_program(environ: Mapping[str, str]) -> str:
    """The absolute path of this hutch, for a shell to call."""
    import shutil

    mine = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    for candidate in (mine, mine + ".exe" if os.name == "nt" else mine):
        name = os.path.basename(candidate)
        is_ours = name.removesuffix(".exe") == "hutch" and os.path.isfile(candidate)
        if is_ours and os.access(candidate, os.X_OK):
            return candidate
    found = shutil.which("hutch", path=environ.get("PATH"))
    if found is None:
        raise UnknownProgram
    return os.path.abspath(found)


def _block(text: bytes) -> tuple[int, int] | None:
    """Where the marked lines begin and end."""
    start = text.find(BEGIN)
    end = text.find(END, start)
    if start < 0 or end < 0:
        return None
    end += len(END)
    return start, end + 1 if text[end : end + 1] == b"\n" else end


def _write(path: str, text: bytes, shell: str) -> None:
    real = os.path.realpath(path)
    other = f"{real}.hutch-{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(real), exist_ok=True)
        mode = os.stat(real).st_mode & 0o777 if os.path.exists(real) else 0o644
        descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(descriptor, "wb") as file:
                file.write(text)
            if os.name != "nt":
                os.chmod(other, mode)
            os.replace(other, real)
        except BaseException:
            os.unlink(other)
            raise
    except OSError as error:
        raise CannotChangeStartup(path, error.strerror or str(error), _by_hand(shell)) from None


def _by_hand(shell: str) -> str:
    if shell == "nushell":
        return "hutch shell-hook nushell prints the lines; save them in a file that nushell sources"
    return f"add the line by hand: {startup_line(shell, 'hutch')}"
