"""``hutch python shell 3.12`` in a shell with the hook: a function lets this one command change the shell.

pyenv does the same. Every other word goes to the program as it is. The other hooked shells have no such
function: there the line is evaluated by the user.
"""

from __future__ import annotations

__all__ = ["FUNCTIONS"]

# `function NAME` and not `NAME ()`: an alias of that name would be expanded in the second.
_POSIX = r"""
function hutch {
    # A program cannot change the shell that calls it: this one command prints a line for it.
    if [[ ${1-} == python && ${2-} == shell && -n ${3-} ]]; then
        case " $* " in
            *' --help '* | *' -h '* | *' --json '* | *' --shell '* | *' --shell='*) ;;
            *)
                local __hutch_line
                __hutch_line=$("$__hutch_program" "$@" --shell __SHELL__) || return
                eval "$__hutch_line"
                return
                ;;
        esac
    fi
    command hutch "$@"
}
"""

_FISH = r"""
function hutch
    # A program cannot change the shell that calls it: this one command prints a line for it.
    if test "$argv[1]" = python; and test "$argv[2]" = shell; and set -q argv[3]
        and not string match -qr -- '^(--help|-h|--json|--shell(=.*)?)$' $argv
        set -l __hutch_line ($__hutch_program $argv --shell fish)
        or return
        eval $__hutch_line
        return
    end
    command hutch $argv
end
"""

_POWERSHELL = r"""
function global:hutch {
    # A program cannot change the shell that calls it: this one command prints a line for it.
    $shows = @($args | Where-Object { $_ -cmatch '^(--help|-h|--json|--shell(=.*)?)$' }).Count
    if ($args.Count -gt 2 -and $args[0] -ceq 'python' -and $args[1] -ceq 'shell' -and -not $shows) {
        $line = & $global:__hutch.Program @args --shell powershell
        if ($LASTEXITCODE -eq 0) { Invoke-Expression ($line -join "`n") }
        return
    }
    & (Get-Command hutch -CommandType Application -ErrorAction Stop | Select-Object -First 1) @args
}
"""

FUNCTIONS = {
    "bash": _POSIX.replace("__SHELL__", "bash"),
    "zsh": _POSIX.replace("__SHELL__", "zsh"),
    "fish": _FISH,
    "powershell": _POWERSHELL,
}
