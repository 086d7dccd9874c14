"""The real shells of this machine: how each reads a file, shows a variable, and is started."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hutch.shell import ActivationFacts, activation_scripts, quote

NASTY = [
    "plain",
    "with space",
    "it's",
    'dou"ble',
    "do$HOME$(echo x)",
    "back`tick`",
    "$(touch sentinel1)`touch sentinel2`",
    "';touch sentinel;'",
    '";touch sentinel;"',
    "\u2018;touch sentinel;\u2019",
    "üñí-ö",
    "a;b&c|d",
    "a#b #c",
    "x!y!!",
    "pct%PATH%",
    "%n%1v%%",
    "back\\slash\\",
    "{a,b}*?[x]~",
    "\\$(touch sentinel)\\",
]
"""Names of directories, each of them a prompt too."""

VARIABLES = ("PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")

# How each shell prints variables as `name=value`, or `name unset`. The prompt is shown as the shell would
# show it, not as it is written: what it expands to is what people see.
POSIX_SHOW = """
for name in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT; do
    eval "if [ -n \\"\\${$name+set}\\" ]; then printf '%s=%s\\n' $name \\"\\$$name\\"
        else printf '%s unset\\n' $name; fi"
done
"""
BASH_PROMPT = "printf 'PS1=%s\\n' \"${PS1@P}\"\n"
ZSH_PROMPT = 'print -r -- "PS1=$(print -rP -- "$PS1"; print .)" | sed -n \'1p;2q\'\n'
OTHER_PROMPT = 'eval "printf \'PS1=%s\\n\' \\"$PS1\\""\n'
FISH_SHOW = """
for name in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    if set -q $name; printf '%s=%s\\n' $name (string join : $$name); else; printf '%s unset\\n' $name; end
end
printf 'PS1=%s\\n' (fish_prompt)
"""
CSH_SHOW = (
    "".join(
        f"""if ( $?{name} ) then
/usr/bin/printf '{name}=%s\\n' "${name}:q"
else
echo {name} unset
endif
"""
        for name in VARIABLES
    )
    + "/usr/bin/printf 'PS1=%s\\n' \"$prompt:q\"\n"
)
XONSH_SHOW = """
for name in ("PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
    value = __xonsh__.env.get(name)
    value = value if name != "PATH" else ":".join(value)
    print("%s=%s" % (name, value) if name in __xonsh__.env else "%s unset" % name)
"""
ELVISH_SHOW = """
for name [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT] {
    if (has-env $name) { echo $name'='(get-env $name) } else { echo $name' unset' }
}
"""


@dataclass
class Ran:
    """What a script did: each ``show`` as name -> value, and all its output."""

    shown: list[dict[str, str | None]]
    output: str
    errors: str


@dataclass
class Shell:
    """A shell, started without anybody's settings."""

    name: str
    argv: list[str]
    file: str
    showing: str
    start: str
    directory: Path
    command_name: str = ""
    deactivate: str = "deactivate"
    after_show: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.command_name = self.command_name or self.name
        if self.name == "xonsh":  # which prints at other times than its children
            self.show = f"print('BEGIN', flush=True)\n{self.showing}\nprint('END', flush=True)"
            return
        self.show = f"echo BEGIN\n{self.showing}\necho END"

    def quoted(self, path: object) -> str:
        return quote(self.command_name, str(path))

    def source(self, environment: Path) -> str:
        """Activate the environment."""
        file = self.quoted(environment / "bin" / self.file)
        if self.name == "elvish":
            return f"eval (slurp < {file})"
        if self.name == "xonsh":  # in a word it would look for variables
            return f"source @({file})"
        return f"{'source' if self.name in ('fish', 'tcsh', 'xonsh') else '.'} {file}"

    def evaluations(self, text: Path) -> list[str]:
        """The ways to evaluate a text that a command printed."""
        if self.name == "fish":
            return [f"cat {text} | source", f"eval (cat {text})"]
        if self.name == "xonsh":
            return [f"execx(open({str(text)!r}).read())"]
        if self.name == "elvish":
            return [f"eval (cat {text} | slurp)"]
        return [f'eval "$(cat {text})"']

    def tolerantly(self, words: str) -> str:
        """The words, going on where they fail."""
        if self.name == "elvish":
            return f"try {{ {words} }} catch e {{ }}"
        return words

    def prompted(self, prompt: str) -> str | None:
        """What is to be seen at the prompt; None for a shell whose prompt only its editor has."""
        if self.name in ("elvish", "xonsh"):
            return None
        if self.name == "zsh":  # without prompt substitution
            prompt = prompt.replace("$", "_").replace("`", "_")
        if self.name == "ksh":  # `!` is the number of a command there, and `!!` is `!`
            prompt = prompt.replace("!", "!!")
        if self.name == "tcsh":  # as it is written; see test_prompts
            for letter in "\\^!":
                prompt = prompt.replace(letter, f"\\{letter}")
            prompt = prompt.replace("%", "%%")
        return f"({prompt}) $ "

    def run(self, *words: str, check: bool = True, **variables: str | None) -> Ran:
        script = self.directory / f"script{'.xsh' if self.name == 'xonsh' else ''}"
        start = self.start
        if self.name == "xonsh" and "PYTHONHOME" in variables:  # it is a Python itself
            start = f"$PYTHONHOME = {variables.pop('PYTHONHOME')!r}\n"
        script.write_text(start + "\n".join(words) + "\n", encoding="utf-8")
        environment: dict[str, str | None] = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.directory),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            **self.extra,
            **variables,
        }
        done = subprocess.run(
            [*self.argv, str(script)],
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            cwd=self.directory,
            timeout=60,
        )
        output, errors = done.stdout.decode(), done.stderr.decode()
        if check:
            assert (done.returncode, errors) == (0, ""), output + errors
        shown: list[dict[str, str | None]] = []
        for part in output.split("BEGIN\n")[1:]:
            values: dict[str, str | None] = {}
            for line in part.split("END\n")[0].split("\n")[:-1]:
                name, equals, value = line.partition("=")
                values[name.removesuffix(" unset")] = value if equals else None
            shown.append(values)
        return Ran(shown, output, errors)


def _posix(command: list[str], prompt: str) -> tuple[list[str], str, str, str]:
    return command, "activate", POSIX_SHOW + prompt, "PS1='$ '\n"


_TABLE: dict[str, tuple[list[str], str, str, str]] = {
    "bash": _posix(["bash", "--norc", "--noprofile"], BASH_PROMPT),
    "bash-strict": _posix(["bash", "--norc", "--noprofile", "-eu", "-o", "pipefail"], BASH_PROMPT),
    "dash": _posix(["dash"], OTHER_PROMPT),
    "zsh": _posix(["zsh", "-f"], ZSH_PROMPT),
    "ksh": _posix(["ksh"], OTHER_PROMPT),
    "fish": (
        ["fish", "--no-config"],
        "activate.fish",
        FISH_SHOW,
        "function fish_prompt; printf '$ '; end\n",
    ),
    "tcsh": (["tcsh", "-f"], "activate.csh", CSH_SHOW, "set prompt='$ '\n"),
    "elvish": (["elvish", "-norc"], "activate.elv", ELVISH_SHOW, ""),
    "xonsh": (["xonsh", "--no-rc"], "activate.xsh", XONSH_SHOW, ""),
}
SHELLS = list(_TABLE)


def needs(name: str, directory: Path) -> Shell:
    """The shell; the test is skipped where it is not."""
    argv, file, showing, start = _TABLE[name]
    program = shutil.which(argv[0])
    if program is None:
        pytest.skip(f"no {argv[0]} here")
    argv = [program, *argv[1:]]
    known = {"bash-strict": "bash", "dash": "sh"}.get(name, name)
    return Shell(name, argv, file, showing, start, directory, command_name=known)


def make(directory: Path, prompt: str | None = None, **about: bool) -> Path:
    """Something with the files of an environment that activation has to do with, and a command ``tool``."""
    scripts = directory / "bin"
    scripts.mkdir(parents=True)
    facts = ActivationFacts(environment=str(directory), prompt=prompt or directory.name, **about)
    for name, text in activation_scripts(facts).items():
        (scripts / name).write_text(text, encoding="utf-8")
    (directory / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (scripts / "tool").write_text("#!/bin/sh\necho from the environment\n")
    (scripts / "tool").chmod(0o755)
    return directory


class Terminal:
    """A shell at a terminal, as somebody uses it who types: a line is typed when the one before is done."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], directory: Path, marks: Path | None = None
    ) -> None:
        self.marks = marks or directory  # where it is seen that a line is done; a plain path
        self.output = b""
        self._lines = 0
        self._seen = 0
        self._process, self._descriptor = pty.fork()
        if self._process == 0:
            try:
                os.chdir(directory)
                os.execve(argv[0], list(argv), dict(environ))
            finally:
                os._exit(127)
        # Wide, so that no prompt is broken because a test has a long path: lines, columns.
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))

    def type(self, line: str, *, patience: float = 90) -> str:
        """Type a line, and wait until it is done; what came to the screen since, prompts and all."""
        before, self._lines = len(self.output), self._lines + 1
        mark = self.marks / f"done-{self._lines}"
        end = time.monotonic() + patience
        while not mark.exists():
            assert time.monotonic() < end, self.text()[-2000:]
            # A shell that sets up its terminal may throw away what was typed before.
            self._write(f"\x15{line}; {shutil.which('touch')} {mark}\r")
            again = time.monotonic() + 3
            while not mark.exists() and time.monotonic() < again:
                assert self._read(0.02) or mark.exists(), f"it has ended: {self.text()[-2000:]}"
        self._seen = before
        return _plain(self.output[before:])

    def wait_for(self, text: str, *, patience: float = 30) -> None:
        """Wait until ``text`` is on the screen, behind the line that was typed last."""
        end = time.monotonic() + patience
        while text not in _plain(self.output[self._seen :]):
            assert time.monotonic() < end, f"{text!r} is not in {_plain(self.output[self._seen :])!r}"
            self._read(0.05)

    def leave(self, line: str = "exit", *, patience: float = 30) -> int:
        """Type the last line; the exit code of the shell."""
        end = time.monotonic() + patience
        self._write(f"\x15{line}\r")
        while self._read(0.1):
            if time.monotonic() > end:
                os.kill(self._process, 9)
                break
        os.close(self._descriptor)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def text(self) -> str:
        return _plain(self.output)

    def _write(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def _read(self, seconds: float) -> bool:
        """What comes within this time; False at the end."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._descriptor], [], [], left)[0]:
                break
            try:
                data = os.read(self._descriptor, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.output += data
            if b"\x1b[6n" in data:  # where is the cursor?
                os.write(self._descriptor, b"\x1b[1;1R")
        return True


def _plain(output: bytes) -> str:
    """Without what moves the cursor and makes colours."""
    text = output.decode("utf-8", "replace")
    return re.sub(r"\x1b(\[[0-9;?=>]*[A-Za-z]|\][^\x07]*\x07|[=>()][A-Z0-9]?)|[\r\x0f\x08]", "", text)
