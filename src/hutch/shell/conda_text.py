"""A step of conda's activation in the words of a shell: text that it evaluates, or a file that it reads."""

from __future__ import annotations

from hutch.shell import quoting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.shell.conda import CondaStep

__all__ = ["EXTENSIONS", "call_text", "deactivate_text", "step_text"]

EXTENSIONS = {
    "bash": ".sh",
    "zsh": ".sh",
    "ksh": ".sh",
    "sh": ".sh",
    "fish": ".fish",
    "csh": ".csh",
    "xonsh": ".xsh",
    "powershell": ".ps1",
    "elvish": ".elv",
    "cmd": ".bat",
}
"""What the scripts of packages are called that a shell reads; a shell that is not here evaluates nothing."""


def step_text(shell: str, step: CondaStep, separator: str = ":") -> str:
    """What ``shell``, one of `EXTENSIONS`, does of the step."""
    if shell == "fish":
        return _fish(step)
    if shell == "csh":
        return _csh(step, separator)
    if shell == "xonsh":
        return _xonsh(step, separator)
    if shell == "elvish":
        return _elvish(step, separator)
    if shell == "powershell":
        return _powershell(step, separator)
    if shell == "cmd":
        return _cmd(step, separator)
    return _posix(step, separator)


def deactivate_text(shell: str, words: tuple[str, ...], level: int) -> str:
    """A command ``deactivate`` that asks hutch (``words``) for the way back, as long as more than ``level``
    environments are active; empty where a shell has no such thing."""
    template = _DEACTIVATE.get({"bash": "sh", "zsh": "sh", "ksh": "sh"}.get(shell, shell))
    if template is None or not words:
        return ""
    call = call_text(shell, (*words, "conda", "deactivate", "--shell", shell))
    if shell == "csh":
        return f"alias deactivate {_quote_csh(template.replace('__CALL__', call))}\n"
    text = template.replace("__LEVEL__", str(level)).replace("__CALL__", call)
    return "".join(f"{line.strip()};\n" for line in text.splitlines()) if shell == "fish" else text


def call_text(shell: str, words: tuple[str, ...]) -> str:
    """What evaluates in ``shell`` what a program prints for it."""
    quote = quoting.SHELLS[shell]
    call = " ".join(quote(word) for word in words)
    if shell == "fish":
        return f"{call} | source"
    if shell == "csh":
        return f"eval `{call}`"
    if shell == "xonsh":
        return f"execx($(@({list(words)!a})))"
    if shell == "elvish":
        rest = " ".join(quote(word) for word in words[1:])
        return f"eval ((external {quote(words[0])}) {rest} | slurp)"
    if shell == "powershell":
        return f"(& {call} | Out-String) | Invoke-Expression"
    if shell == "cmd":
        call = " ".join(f'"{quote(word)}"' for word in words)
        return f'for /f "delims=" %i in (\'{call}\') do @call "%i"'
    return f'eval "$({call})"'


_DEACTIVATE = {
    # Whose virtual environment is active over it has a `deactivate` of its own.
    "sh": r"""if [ -z "${_OLD_VIRTUAL_PATH+x}" ]; then
    : "${__hutch_conda_from=__LEVEL__}"
    deactivate () {
        __CALL__
        if [ "${CONDA_SHLVL:-0}" -le "${__hutch_conda_from:-0}" ]; then
            unset __hutch_conda_from
            unset -f deactivate
        fi
    }
fi
""",
    "fish": r"""if not set -q _OLD_VIRTUAL_PATH
set -q __hutch_conda_from; or set -g __hutch_conda_from __LEVEL__
function deactivate -d "Leave the environment"
__CALL__
if test "0$CONDA_SHLVL" -le "$__hutch_conda_from"
set -e __hutch_conda_from
functions -e deactivate
end
end
end
""",
    "csh": "__CALL__; if ( ! $?CONDA_PREFIX ) unalias deactivate",
    "xonsh": r"""
def _hutch_conda_deactivate(args=None):
    __CALL__
    if int(__xonsh__.env.get("CONDA_SHLVL") or 0) <= __LEVEL__:
        aliases.pop("deactivate", None)
if "deactivate" not in aliases:
    aliases["deactivate"] = _hutch_conda_deactivate
del _hutch_conda_deactivate
""",
    "elvish": r"""
try {
    eval 'edit:add-var deactivate~ $leave' &ns=(ns [&leave={|@arguments|
        __CALL__
        if (not (has-env CONDA_PREFIX)) {
            var none = {|@arguments| fail 'no environment is active' }
            eval 'edit:add-var deactivate~ $none' &ns=(ns [&none=$none])
        }
    }])
} catch e { }
""",
    "powershell": r"""
if (!(Test-Path variable:_OLD_VIRTUAL_PATH)) {
    if (!(Test-Path variable:global:__hutch_conda_from)) { $global:__hutch_conda_from = __LEVEL__ }
    function global:deactivate {
        __CALL__
        if ([int] ('0' + $env:CONDA_SHLVL) -le $global:__hutch_conda_from) {
            Remove-Variable __hutch_conda_from -Scope global
            Remove-Item function:deactivate
        }
    }
}
""",
}

# -- sh, bash, zsh, ksh ----------------------------------------------------------------------------


def _posix(step: CondaStep, separator: str) -> str:
    quote = quoting.quote_posix
    lines = []
    if step.path is None:
        lines.append("unset PATH")
    else:
        lines.append(f"PATH={quote(separator.join(step.path))}; export PATH")
    lines += [_read_posix(script) for script in step.leave]
    for one in step.restore:
        if one.value is not None:
            lines.append(f"{one.name}={quote(one.value)}; export {one.name}; unset {one.place}")
        else:
            # The shell may have had it for itself alone.
            lines.append(
                f'unset {one.name}; if [ -n "${{{one.place}+x}}" ]; then'
                f' {one.name}="${{{one.place}}}"; unset {one.place}; fi'
            )
    for one in step.save:
        if one.value is not None:
            lines.append(f"{one.place}={quote(one.value)}; export {one.place}")
        else:
            lines.append(f'if [ -n "${{{one.source}+x}}" ]; then {one.place}="${{{one.source}}}"; fi')
    lines += [f"unset {name}" for name in step.unset]
    lines += [f"{name}={quote(value)}; export {name}" for name, value in step.export.items()]
    if step.modifier != step.modifier_before:
        lines += (
            _POSIX_PROMPT.replace("__OLD__", quote(step.modifier_before))
            .replace("__NEW__", quote(step.modifier))
            .splitlines()
        )
    lines += [_read_posix(script) for script in step.enter]
    lines.append("hash -r 2>/dev/null || true")
    return "\n".join(lines) + "\n"


def _read_posix(script: str) -> str:
    word = quoting.quote_posix(script)
    return f"if [ -r {word} ]; then . {word}; fi"


# The first of it alone goes: what somebody has put before it since stays.
_POSIX_PROMPT = """if [ -n "${PS1+x}" ]; then
    __hutch_modifier=__OLD__
    if [ -n "${__hutch_modifier}" ]; then
        case "${PS1}" in
            *"${__hutch_modifier}"*) PS1="${PS1%%"${__hutch_modifier}"*}${PS1#*"${__hutch_modifier}"}" ;;
        esac
    fi
    PS1=__NEW__"${PS1}"
    unset __hutch_modifier
fi"""

# -- fish ------------------------------------------------------------------------------------------


def _fish(step: CondaStep) -> str:
    quote = quoting.quote_fish
    lines = []
    if step.path is None:
        lines.append("set -e PATH")
    else:
        lines.append(f"set -gx PATH {' '.join(quote(each) for each in step.path)}")
    lines += [_read_fish(script) for script in step.leave]
    for one in step.restore:
        # In fish a variable is a list: what is kept in the shell has all of it.
        flag = "x" if one.value is not None else ""
        lines += [
            f"if set -qg {one.place}",
            f"set -g{flag or 'u'} {one.name} ${one.place}",
            f"set -eg {one.place}",
            "else",
            f"set -eg {one.name}",
            "end",
        ]
    for one in step.save:
        flag = "x" if one.value is not None else "u"
        lines += [f"if set -qg {one.source}", f"set -g{flag} {one.place} ${one.source}", "end"]
    lines += [f"set -eg {name}" for name in step.unset]
    lines += [f"set -gx {name} {quote(value)}" for name, value in step.export.items()]
    if step.modifier:
        lines += _FISH_PROMPT.strip().splitlines()
    elif step.modifier_before:
        lines += _FISH_NO_PROMPT.strip().splitlines()
    lines += [_read_fish(script) for script in step.enter]
    # `eval (...)` joins lines: each may be followed by a semicolon.
    return "".join(f"{line.strip()};\n" for line in lines)


def _read_fish(script: str) -> str:
    word = quoting.quote_fish(script)
    return f"test -r {word}; and source {word}"


# conda's own hook has such a function (`__fish_prompt_orig`): then it shows the name.
_FISH_PROMPT = r"""
if functions -q fish_prompt
if not functions -q __hutch_conda_prompt; and not functions -q __fish_prompt_orig
functions -c fish_prompt __hutch_conda_prompt
function __hutch_conda_status; return $argv[1]; end
function fish_prompt
set -l __hutch_code $status
if set -q CONDA_PROMPT_MODIFIER; and test "$CONDA_PREFIX" != "$__hutch_env"
printf '%s' $CONDA_PROMPT_MODIFIER
end
__hutch_conda_status $__hutch_code
__hutch_conda_prompt
end
end
end
"""
_FISH_NO_PROMPT = r"""
if functions -q __hutch_conda_prompt
functions -e fish_prompt
functions -c __hutch_conda_prompt fish_prompt
functions -e __hutch_conda_prompt
functions -e __hutch_conda_status
end
"""

# -- csh -------------------------------------------------------------------------------------------


def _csh(step: CondaStep, separator: str) -> str:
    """For a file that is sourced: what is evaluated would be split at blanks."""
    quote = _quote_csh
    lines = []
    if step.path is None:
        lines.append("unsetenv PATH")
    else:
        lines.append(f"setenv PATH {quote(separator.join(step.path))}")
    lines += [_read_csh(script) for script in step.leave]
    for one in step.restore:
        if one.value is not None:
            lines += [f"setenv {one.name} {quote(one.value)}", f"unsetenv {one.place}"]
        else:
            lines.append(f"unsetenv {one.name}")
    lines += [f"setenv {one.place} {quote(one.value)}" for one in step.save if one.value is not None]
    lines += [f"unsetenv {name}" for name in step.unset]
    lines += [f"setenv {name} {quote(value)}" for name, value in step.export.items()]
    from hutch.shell.csh import show

    if step.modifier:
        lines += [
            "if ( $?prompt ) then",
            '    if ( ! $?_hutch_prompt ) set _hutch_prompt="$prompt:q"',
            f'    set prompt={quote(show(step.modifier))}"$_hutch_prompt:q"',
            "endif",
        ]
    else:
        lines += [
            "if ( $?_hutch_prompt ) then",
            '    set prompt="$_hutch_prompt:q"',
            "    unset _hutch_prompt",
            "endif",
        ]
    lines += [_read_csh(script) for script in step.enter]
    lines.append("rehash")
    return "\n".join(lines) + "\n"


def _quote_csh(text: str) -> str:
    """A line end is escaped, even between quotes."""
    return quoting.quote_csh(text).replace("\n", "\\\n")


def _read_csh(script: str) -> str:
    word = _quote_csh(script)
    return f"if ( -r {word} ) source {word}"


# -- xonsh, elvish, PowerShell, cmd ----------------------------------------------------------------


def _xonsh(step: CondaStep, separator: str) -> str:
    path = [] if step.path is None else list(step.path)
    lines = [f"__xonsh__.env['PATH'] = {path!a}"]
    lines += [f"source @({script!a})" for script in step.leave]
    lines += _each(
        step,
        lambda name, value: f"__xonsh__.env[{name!a}] = {value!a}",
        lambda name: f"__xonsh__.env.pop({name!a}, None)",
    )
    lines += [f"source @({script!a})" for script in step.enter]
    return "\n".join(lines) + "\n"


def _elvish(step: CondaStep, separator: str) -> str:
    quote = quoting.quote_elvish
    lines = [_elvish_path(step, separator)]
    lines += [f"eval (slurp < {quote(script)})" for script in step.leave]
    lines += _each(
        step,
        lambda name, value: f"set-env {name} {quote(value)}",
        lambda name: f"unset-env {name}",
    )
    if step.modifier and not step.modifier_before:
        lines += [
            "try { eval 'edit:add-var __hutch_conda_prompt $edit:prompt' } catch e { }",
            "try { eval 'var old = $edit:prompt",
            "    set edit:prompt = { print $E:CONDA_PROMPT_MODIFIER; $old }' } catch e { }",
        ]
    elif step.modifier_before and not step.modifier:
        lines += ["try { eval 'set edit:prompt = $__hutch_conda_prompt' } catch e { }"]
    lines += [f"eval (slurp < {quote(script)})" for script in step.enter]
    return "\n".join(lines) + "\n"


def _elvish_path(step: CondaStep, separator: str) -> str:
    if step.path is None:
        return "unset-env PATH"
    return f"set-env PATH {quoting.quote_elvish(separator.join(step.path))}"


def _powershell(step: CondaStep, separator: str) -> str:
    quote = quoting.quote_powershell
    lines = [f"$env:PATH = {quote(separator.join(step.path or ()))}"]
    lines += [f". {quote(script)}" for script in step.leave]
    lines += _each(
        step,
        lambda name, value: f"$env:{name} = {quote(value)}",
        lambda name: f"if (Test-Path env:{name}) {{ Remove-Item env:{name} }}",
    )
    if step.modifier:
        lines += _POWERSHELL_PROMPT.strip().splitlines()
    elif step.modifier_before:
        lines += _POWERSHELL_NO_PROMPT.strip().splitlines()
    lines += [f". {quote(script)}" for script in step.enter]
    return "\n".join(lines) + "\n"


# conda's own hook shows the name in the same way, and then there is nothing to do.
_POWERSHELL_PROMPT = r"""
if (!(Test-Path function:__hutch_conda_prompt) -and !(Test-Path function:CondaPromptBackup)) {
    Set-Item function:global:__hutch_conda_prompt $function:prompt
    function global:prompt {
        $shown = & $function:__hutch_conda_prompt
        "$env:CONDA_PROMPT_MODIFIER" + $shown
    }
}
"""
_POWERSHELL_NO_PROMPT = r"""
if (Test-Path function:__hutch_conda_prompt) {
    Set-Item function:global:prompt $function:__hutch_conda_prompt
    Remove-Item function:__hutch_conda_prompt
}
"""


def _cmd(step: CondaStep, separator: str) -> str:
    quote = quoting.quote_cmd
    lines = [f'@set "PATH={quote(separator.join(step.path or ()))}"']
    lines += [f'@call "{quote(script)}"' for script in step.leave]
    lines += _each(
        step,
        lambda name, value: f'@set "{name}={quote(" ".join(value.splitlines()))}"',
        lambda name: f"@set {name}=",
    )
    if step.modifier_before:
        lines.append(f'@call set "PROMPT=%%PROMPT:{quote(step.modifier_before)}=%%"')
    if step.modifier:
        lines.append('@if not defined PROMPT set "PROMPT=$P$G"')
        lines.append(f'@set "PROMPT={quote(step.modifier.replace("$", "$$"))}%PROMPT%"')
    lines += [f'@call "{quote(script)}"' for script in step.enter]
    return "".join(f"{line}\r\n" for line in lines)


def _each(step: CondaStep, put: Callable[[str, str], str], take: Callable[[str], str]) -> list[str]:
    """The variables, in the order of the step, where every variable is one that programs get."""
    lines = []
    for one in step.restore:
        lines += [take(one.name)] if one.value is None else [put(one.name, one.value), take(one.place)]
    lines += [put(one.place, one.value) for one in step.save if one.value is not None]
    lines += [take(name) for name in step.unset]
    lines += [put(name, value) for name, value in step.export.items()]
    return lines
