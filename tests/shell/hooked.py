"""The real shells with the hook in them: how each goes somewhere, sets something, shows all it has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import hutch
from hutch.ops.env_files import find_env_files
from hutch.ops.trust import allow_env_files, allow_environment
from hutch.shell.hooks import hook_text
from hutch.shell.hooks.text import quote_for

SOURCE = Path(hutch.__file__).parent.parent
POOL = ("FOO", "BAR", "EMPTY", "PYTHONPATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PATH")
WATCHED = (*POOL, "HUTCH_SHELL_STATE", "PS1")

Value = tuple[bool, str] | None
"""Of a variable: whether it is exported, and its value; None for none."""

BASH = """
t_dump() {
    local t_name t_flag
    {
        for t_name in WATCHED; do
            if [[ -z ${!t_name+x} ]]; then printf '%s-\\0' $t_name; continue; fi
            if [[ ${!t_name@a} == *x* ]]; then t_flag=x; else t_flag=p; fi
            printf '%s%s%s\\0' $t_name $t_flag "${!t_name}"
        done
        compgen -v | while IFS= read -r t_name; do printf 'name %s\\0' "$t_name"; done
        compgen -A function | while IFS= read -r t_name; do printf 'function %s\\0' "$t_name"; done
        printf 'options %s %s\\0' "$-" "$BASHOPTS"
        printf 'env\\0'; /usr/bin/env -0
        printf 'end\\0'
    } >> FILE
}
"""
ZSH = """
t_dump() {
    emulate -L zsh
    local t_name
    {
        for t_name in WATCHED; do
            case ${(Pt)t_name} in
                (*export*) printf '%sx%s\\0' $t_name "${(P)t_name}" ;;
                (?*) printf '%sp%s\\0' $t_name "${(P)t_name}" ;;
                (*) printf '%s-\\0' $t_name ;;
            esac
        done
        for t_name in ${(k)parameters}; do printf 'name %s\\0' $t_name; done
        for t_name in ${(k)functions}; do printf 'function %s\\0' $t_name; done
        printf 'env\\0'; /usr/bin/env -0
        printf 'end\\0'
    } >> FILE
}
"""
FISH = """
function t_dump
    begin
        for t_name in WATCHED
            if set -qx $t_name
                printf '%sx%s\\0' $t_name "$$t_name"
            else if set -q $t_name
                printf '%sp%s\\0' $t_name "$$t_name"
            else
                printf '%s-\\0' $t_name
            end
        end
        for t_name in (set -n); printf 'name %s\\0' $t_name; end
        for t_name in (functions -an); printf 'function %s\\0' $t_name; end
        printf 'env\\0'; /usr/bin/env -0
        printf 'end\\0'
    end >> FILE
end
"""
ELVISH = (
    'fn t_dump { { print "env\\x00"; e:/usr/bin/env -0; print "end\\x00" } >> FILE }\nvar t_look~ = { }\n'
)
XONSH = """
def t_dump():
    import subprocess
    data = subprocess.run(["/usr/bin/env", "-0"], stdout=subprocess.PIPE, env=__xonsh__.env.detype()).stdout
    with open('FILE', "ab") as file:
        file.write(b"env\\0" + data + b"end\\0")
"""
NU = """
def t_dump [] {
    "env\\u{0}" | save --raw --append FILE
    ^/usr/bin/env -0 | save --raw --append FILE
    "end\\u{0}" | save --raw --append FILE
}
"""


@dataclass
class Dump:
    """What a shell had at one moment: the watched variables, all names, what a program is given."""

    variables: dict[str, Value] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    environ: dict[str, str] = field(default_factory=dict)
    options: str = ""


@dataclass
class Hooked:
    """A shell with the hook, and projects around it.

    Scripts are not interactive: the function of the hook is called where a prompt would be.
    """

    name: str
    argv: list[str]
    top: Path
    start: str
    look: str

    @property
    def data(self) -> Path:
        return self.top / "data"

    def word(self, text: object) -> str:
        return quote_for("nushell" if self.name == "nu" else self.name, str(text))

    def load(self) -> str:
        file = self.word(self.top / "hook")
        return {
            "elvish": f"eval (slurp < {file}) &on-end={{|n| set t_look~ = $n[look~] }}",
            "xonsh": f"execx(open({file}).read())",
        }.get(self.name, f"source {file}")

    def cd(self, path: Path) -> str:
        if self.name == "xonsh":
            return f"__import__('os').chdir({self.word(path)})"
        return f"cd {self.word(path)}"

    def set(self, name: str, value: str, exported: bool = True) -> str:
        word = self.word(value)
        if self.name in ("bash", "zsh"):
            return f"{'export ' if exported else ''}{name}={word}"
        if self.name == "fish":
            return f"set -g{'x' if exported else ''} {name} {word}"
        if self.name == "elvish":
            return f"set-env {name} {word}"
        if self.name == "xonsh":
            return f"__xonsh__.env[{name!r}] = {word}"
        return f"$env.{name} = {word}"

    def unset(self, name: str) -> str:
        return {
            "bash": f"unset -v {name}",
            "zsh": f"unset -v {name}",
            "fish": f"set -eg {name}",
            "elvish": f"unset-env {name}",
            "xonsh": f"__xonsh__.env.pop({name!r}, None)",
            "nu": f"hide-env --ignore-errors {name}",
        }[self.name]

    def before_path(self, folder: str) -> str:
        return {
            "bash": f"PATH={folder}${{PATH:+:$PATH}}",
            "zsh": f"PATH={folder}${{PATH:+:$PATH}}",
            "fish": f"set -gx PATH {folder} $PATH",
            "elvish": f"set-env PATH {folder}':'$E:PATH",
            "xonsh": f"$PATH.insert(0, {folder!r})",
            "nu": f'$env.PATH = ($env.PATH | prepend "{folder}")',
        }[self.name]

    def behind_path(self, folder: str) -> str:
        return {
            "bash": f"PATH=${{PATH:+$PATH:}}{folder}",
            "zsh": f"PATH=${{PATH:+$PATH:}}{folder}",
            "fish": f"set -gx PATH $PATH {folder}",
            "elvish": f"set-env PATH $E:PATH':'{folder}",
            "xonsh": f"$PATH.append({folder!r})",
            "nu": f'$env.PATH = ($env.PATH | append "{folder}")',
        }[self.name]

    @property
    def dump(self) -> str:
        return "t_dump()" if self.name == "xonsh" else "t_dump"

    def prompt(self) -> str:
        return self.look

    def run(self, lines: list[str], *, load: bool = True, **variables: str) -> list[Dump]:
        """Run the lines; what each ``dump`` has shown."""
        return self.said(lines, load=load, **variables)[0]

    def said(self, lines: list[str], *, load: bool = True, **variables: str) -> tuple[list[Dump], str]:
        """The same, with what went to the terminal."""
        file = self.top / "dumps"
        file.unlink(missing_ok=True)
        start = self.start.replace("WATCHED", " ".join(WATCHED)).replace("FILE", str(file))
        script = self.top / "script"
        text = "\n".join([start, *([self.load()] if load else []), *lines, ""])
        script.write_text(text, encoding="utf-8", errors="surrogateescape")
        environ = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.top / "home"),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            **variables,
        }
        done = subprocess.run(
            [*self.argv, str(script)], env=environ, cwd=self.top / "out", capture_output=True, timeout=120
        )
        errors = done.stderr.decode("utf-8", "replace")
        assert done.returncode == 0, errors + done.stdout.decode("utf-8", "replace")
        return read_dumps(file), errors

    def calls(self) -> int:
        """How often hutch was started since the last time that somebody asked."""
        log = self.top / "calls"
        count = len(log.read_text()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    def project(self, name: str, *, env: str | None = None, trusted: bool = True) -> Path:
        """A project with an environment, as far as the hook looks at it."""
        root = self.top / name
        made = root / ".venv"
        (made / "bin").mkdir(parents=True)
        (made / "pyvenv.cfg").write_text("home = /usr/bin\n")
        if env is not None:
            (root / "pyproject.toml").write_text('[tool.hutch]\nenv-files = [".env"]\n')
            (root / ".env").write_text(env)
        if trusted:
            self.allow(root)
        return root

    def allow(self, root: Path) -> None:
        allow_environment(str(self.data), str(root))
        files = find_env_files(str(root), {"HOME": str(self.top / "home")})
        if files is not None:
            allow_env_files(str(self.data), str(root), files.digest)


def read_dumps(file: Path) -> list[Dump]:
    dumps: list[Dump] = []
    now, in_environ = Dump(), False
    for item in (file.read_bytes() if file.exists() else b"").split(b"\0"):
        text = item.decode("utf-8", "surrogateescape")
        if text == "end":
            dumps.append(now)
            now, in_environ = Dump(), False
        elif text == "env":
            in_environ = True
        elif in_environ:
            name, _, value = text.partition("=")
            now.environ[name] = value
        elif text.startswith(("name ", "function ")):
            now.names.add(text)
        elif text.startswith("options "):
            now.options = text
        elif text:
            name = max((each for each in WATCHED if text.startswith(each)), key=len)
            mark, value = text[len(name)], text[len(name) + 1 :]
            now.variables[name] = None if mark == "-" else (mark == "x", value)
    return dumps


def program_in(top: Path) -> Path:
    """A hutch that a shell can call, which writes down each call."""
    program = top / "bin" / "hutch"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(
        f"#!{sys.executable} -IS\n"
        "import os, sys\n"
        f"descriptor = os.open({str(top / 'calls')!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
        "os.write(descriptor, b'.')\n"
        f"sys.path.insert(0, {str(SOURCE)!r})\n"
        "from hutch.cli import program\n"
        "program()\n"
    )
    program.chmod(0o755)
    return program


SHELLS = ("bash", "old bash", "zsh", "fish", "elvish", "xonsh", "nu")
_TABLE = {
    "bash": (["bash", "--norc", "--noprofile"], BASH, "__hutch_hook"),
    "zsh": (["zsh", "-f"], ZSH, "__hutch_hook"),
    "fish": (["fish", "--no-config"], FISH, "__hutch_hook"),
    "elvish": (["elvish", "-norc"], ELVISH, "t_look"),
    "xonsh": (["xonsh", "--no-rc"], XONSH, "events.on_pre_prompt.fire()"),
    "nu": (["nu", "-n"], NU, "__hutch_look"),
}


def hooked(name: str, top: Path) -> Hooked:
    """The shell with the hook, its files below ``top``; skips the test where it is not installed."""
    is_old = name == "old bash"  # what it does where bash is 3.2
    name = name.removeprefix("old ")
    argv, start, look = _TABLE[name]
    program = shutil.which(argv[0])
    if program is None:
        pytest.skip(f"{argv[0]} is not installed")
    for folder in ("out", "home", "data"):
        (top / folder).mkdir(parents=True, exist_ok=True)
    shell = Hooked(name, [program, *argv[1:]], top, start, look)
    text = hook_text("nushell" if name == "nu" else name, str(program_in(top)), str(shell.data))
    if is_old:
        assert ">= 404" in text
        text = text.replace(">= 404", ">= 99900")
        shell.start += "set -u\n"
    (top / "hook").write_text(text)
    return shell


def find(name: str) -> str:
    """The path of a program, or a skipped test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return os.path.realpath(found)
