"""How each shell is started so that an environment is active in it when its user's own files have been read.

Files of users set PATH and prompts anew, so what is active before them is gone after. Each shell has one
place that comes last: an option, a variable that names its start-up file, or its home directory. Where it is
a file, that does what the user's would have done, activates, and takes itself away. Text only: who starts the
shell writes the files. See ``docs/adr/0032-how-subshells-start.md``.
"""

from __future__ import annotations

from hutch.shell import quoting
from hutch.shell.activation import ActivationFacts, activation_scripts, activation_text
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Start", "kind_of", "start_shell"]

KINDS = {
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    "ksh": "ksh",
    "ksh93": "ksh",
    "mksh": "ksh",
    "sh": "sh",
    "dash": "sh",
    "ash": "sh",
    "csh": "csh",
    "tcsh": "csh",
    "xonsh": "xonsh",
    "elvish": "elvish",
    "nu": "nu",
    "pwsh": "powershell",
    "powershell": "powershell",
    "cmd": "cmd",
}
"""Programs, and which of the shells that we know they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The words behind the program, files (name -> text) to be written first, and variables to be set or,
    with None, unset. ``active`` is False where nothing of this activates: variables have to do it."""

    words: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str | None] = field(default_factory=dict)
    active: bool = True


def kind_of(program: str) -> str | None:
    """Which shell a program is, by its name; None for one that we do not know."""
    name = program.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe").lstrip("-")
    return KINDS.get(name)


def start_shell(
    kind: str | None,
    program: str,
    facts: ActivationFacts,
    folder: str,
    environ: Mapping[str, str],
    *,
    rm: str = "/bin/rm",
) -> Start:
    """How to start the shell ``program``, with files in ``folder``, which is nobody else's.

    They take themselves away, with the program ``rm``, when they have been read.
    """
    if kind == "bash":
        return _bash(facts, folder, rm)
    if kind == "zsh":
        return _zsh(facts, folder, environ, rm)
    if kind in ("ksh", "sh"):
        return _ksh(kind, program, facts, folder, environ, rm)
    if kind == "fish":
        return Start(words=("--interactive", "--init-command", activation_text("fish", facts) or ""))
    if kind == "csh":
        return _csh(facts, folder, environ, rm)
    if kind == "xonsh":
        return _xonsh(facts, folder)
    if kind == "elvish":
        return _elvish(facts, folder, rm)
    if kind == "nu":
        # What it reads has to be there when it starts: of conda's environments it gets the variables.
        return _nu(facts, folder) if not facts.call else Start(active=False)
    if kind == "powershell":
        import base64

        # In a word of its own kind: no quotes to get wrong, and no file that a policy may refuse.
        text = (activation_text("powershell", facts) or "").encode("utf-16-le", "replace")
        return Start(words=("-NoExit", "-EncodedCommand", base64.b64encode(text).decode("ascii")))
    if kind == "cmd" and facts.call:
        return Start(words=("/k", activation_text("cmd", facts) or ""))
    if kind == "cmd":
        return Start(words=("/k", f"{facts.environment}\\{facts.scripts}\\activate.bat"))
    return Start(active=False)


def _bash(facts: ActivationFacts, folder: str, rm: str) -> Start:
    text = "if [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n" + (activation_text("bash", facts) or "")
    words = ("--rcfile", f"{folder}/bashrc", "-i")
    return Start(words=words, files={"bashrc": text + _gone(folder, rm)})


def _gone(folder: str, rm: str) -> str:
    """A line for a POSIX shell that removes the files again, whatever PATH and ``rm`` have become."""
    return f"command {quoting.quote_posix(rm)} -rf -- {quoting.quote_posix(folder)}\n"


# zsh reads its files from $ZDOTDIR, which the user's .zshenv may set: what it was there is what holds.
_ZSHENV = r"""unset ZDOTDIR
__BEFORE__
if [[ -f "${ZDOTDIR:-$HOME}/.zshenv" ]]; then source "${ZDOTDIR:-$HOME}/.zshenv"; fi
if [[ -n "${ZDOTDIR+set}" ]]; then _hutch_zdotdir="$ZDOTDIR"; fi
ZDOTDIR=__FOLDER__
"""
_ZSHRC = r"""unset ZDOTDIR
__BEFORE__
if [[ -n "${_hutch_zdotdir+set}" ]]; then ZDOTDIR="$_hutch_zdotdir"; unset _hutch_zdotdir; fi
# Where a system's own file says where history is, it has asked for our place.
if [[ "${HISTFILE-}" == __FOLDER__/* ]]; then HISTFILE="${ZDOTDIR:-$HOME}/.zsh_history"; fi
if [[ -f "${ZDOTDIR:-$HOME}/.zshrc" ]]; then source "${ZDOTDIR:-$HOME}/.zshrc"; fi
"""


def _zsh(facts: ActivationFacts, folder: str, environ: Mapping[str, str], rm: str) -> Start:
    before = ""
    if "ZDOTDIR" in environ:
        before = f"export ZDOTDIR={quoting.quote_posix(environ['ZDOTDIR'])}"
    files = {
        name: text.replace("__FOLDER__", quoting.quote_posix(folder)).replace("__BEFORE__", before)
        for name, text in ((".zshenv", _ZSHENV), (".zshrc", _ZSHRC))
    }
    files[".zshrc"] += (activation_text("zsh", facts) or "") + _gone(folder, rm)
    return Start(words=("-i",), files=files, variables={"ZDOTDIR": folder})


_KSH_OWN = {"ksh": "~/.kshrc", "ksh93": "~/.kshrc", "mksh": "~/.mkshrc"}


def _ksh(
    kind: str, program: str, facts: ActivationFacts, folder: str, environ: Mapping[str, str], rm: str
) -> Start:
    """The file that $ENV names is read by each interactive one; its value is expanded, as the shell does."""
    own = _KSH_OWN.get(program.rpartition("/")[2]) if kind == "ksh" else None
    lines = ["unset ENV"]
    if "ENV" in environ:
        lines += [f"ENV={quoting.quote_posix(environ['ENV'])}", "export ENV"]
        lines += ['eval "_hutch_env=\\"${ENV}\\""']
    elif own is not None:
        lines += [f"_hutch_env={own}"]
    if len(lines) > 1:
        lines += ['if [ -r "${_hutch_env}" ]; then . "${_hutch_env}"; fi', "unset _hutch_env"]
    text = "\n".join(lines) + "\n" + (activation_text("sh", facts) or "") + _gone(folder, rm)
    return Start(words=("-i",), files={"shrc": text}, variables={"ENV": f"{folder}/shrc"})


_CSHRC = r"""setenv HOME __HOME__
set home=__HOME__
if ( $?tcsh && -r ~/.tcshrc ) then
    source ~/.tcshrc
else if ( -r ~/.cshrc ) then
    source ~/.cshrc
endif
source __FOLDER__/activate.csh
__RM__ -rf __FOLDER__
"""


def _csh(facts: ActivationFacts, folder: str, environ: Mapping[str, str], rm: str) -> Start:
    """csh reads its file from the home directory, and nothing else says which."""
    home = environ.get("HOME", "/")
    text = _CSHRC.replace("__HOME__", quoting.quote_csh(home))
    text = text.replace("__FOLDER__", quoting.quote_csh(folder)).replace("__RM__", quoting.quote_csh(rm))
    own = activation_text("csh", facts) or activation_scripts(facts)["activate.csh"]
    files = {".tcshrc": text, ".cshrc": text, "activate.csh": own}
    return Start(files=files, variables={"HOME": folder})


_XONSHRC = r"""
import os as _hutch_os
for _hutch_rc in __xonsh__.env.get("XONSHRC", ()):
    if _hutch_os.path.isfile(_hutch_rc):
        source @(_hutch_rc)
for _hutch_folder in __xonsh__.env.get("XONSHRC_DIR", ()):
    if _hutch_os.path.isdir(_hutch_folder):
        for _hutch_rc in sorted(_hutch_os.listdir(_hutch_folder)):
            if _hutch_rc.endswith((".py", ".xsh")):
                source @(_hutch_os.path.join(_hutch_folder, _hutch_rc))
__ACTIVATION__
_hutch_os.unlink(__FILE__)
_hutch_os.rmdir(__FOLDER__)
for _hutch_rc in [each for each in globals() if each.startswith("_hutch_")]:
    globals().pop(_hutch_rc, None)
"""


def _xonsh(facts: ActivationFacts, folder: str) -> Start:
    file = f"{folder}/rc.xsh"
    text = _XONSHRC.replace("__FOLDER__", ascii(folder)).replace("__FILE__", ascii(file))
    files = {"rc.xsh": text.replace("__ACTIVATION__", activation_text("xonsh", facts) or "")}
    return Start(words=("--interactive", "--rc", file), files=files)


_ELVISHRC = r"""
{
    use path
    var folder = ~/.config/elvish
    if (has-env XDG_CONFIG_HOME) { set folder = $E:XDG_CONFIG_HOME/elvish }
    for file [$folder/rc.elv ~/.elvish/rc.elv] {
        if (path:is-regular &follow-symlink=$true $file) {
            try {
                eval (slurp < $file) &on-end={|defined|
                    for name [(keys $defined)] { edit:add-var $name $defined[$name] }
                }
            } catch problem {
                echo $file': '(to-string $problem[reason]) >&2
            }
            break
        }
    }
    eval (slurp < __FOLDER__/activate.elv)
    (external __RM__) -rf __FOLDER__
}
"""


def _elvish(facts: ActivationFacts, folder: str, rm: str) -> Start:
    text = _ELVISHRC.replace("__FOLDER__", quoting.quote_elvish(folder))
    text = text.replace("__RM__", quoting.quote_elvish(rm))
    files = {"rc.elv": text, "activate.elv": activation_text("elvish", facts) or ""}
    return Start(words=("-rc", f"{folder}/rc.elv"), files=files)


def _nu(facts: ActivationFacts, folder: str) -> Start:
    place = quoting.quote_nu(f"{folder}/activate.nu")
    words = ("--execute", f"overlay use {place}; rm --force --recursive {quoting.quote_nu(folder)}")
    return Start(words=words, files={"activate.nu": activation_scripts(facts)["activate.nu"]})
