"""The function `hutch` of a shell with the hook: it lets a few commands change the shell they are typed in.

``hutch python shell`` and ``hutch conda activate``, ``deactivate``, ``reactivate`` print lines, which it
evaluates; behind ``hutch conda install`` and its like the scripts of the active environment are read again.
pyenv and conda do the same. Every other word goes to the program as it is. xonsh, elvish and nushell have no
such function: there the line is evaluated by the user.
"""

from __future__ import annotations

__all__ = ["CONDA", "FUNCTIONS"]

# `function NAME` and not `NAME ()`: an alias of that name would be expanded in the second.
_POSIX = r"""
function hutch {
    # A program cannot change the shell that calls it: a few commands print lines for it.
    case " $* " in
        *' --help '* | *' -h '* | *' --json '* | *' --shell '* | *' --shell='*)
            command hutch "$@"
            return
            ;;
    esac
    local __hutch_line=
    case "${1-} ${2-}" in
        'conda activate' | 'conda deactivate' | 'conda reactivate')
            if [[ $2 == reactivate ]] && __hutch_anew; then return; fi
            __hutch_line=$("$__hutch_program" "$@" --shell __SHELL__) || return
            eval "$__hutch_line"
            ;;
        'conda install' | 'conda update' | 'conda upgrade' | 'conda remove' | 'conda uninstall')
            command hutch "$@" || return
            if [[ -n ${CONDA_PREFIX-} ]] && ! __hutch_anew; then
                __hutch_line=$("$__hutch_program" conda reactivate --shell __SHELL__) || return
                eval "$__hutch_line"
            fi
            ;;
        'python shell')
            if [[ -z ${3-} ]]; then
                command hutch "$@"
                return
            fi
            __hutch_line=$("$__hutch_program" "$@" --shell __SHELL__) || return
            eval "$__hutch_line"
            ;;
        *) command hutch "$@" ;;
    esac
}

__hutch_anew() {
    # An environment of conda's that the hook has activated is left, and entered anew at the next prompt.
    if [[ -z ${__hutch_conda-} || ${CONDA_PREFIX-} != "${__hutch_env-}" ]]; then return 1; fi
    __hutch_leave
    __hutch_key=
}
"""

_FISH = r"""
function hutch
    # A program cannot change the shell that calls it: a few commands print lines for it.
    if string match -qr -- '^(--help|-h|--json|--shell(=.*)?)$' $argv
        command hutch $argv
        return
    end
    switch "$argv[1] $argv[2]"
        case 'conda activate' 'conda deactivate' 'conda reactivate'
            if test "$argv[2]" = reactivate; and __hutch_anew
                return
            end
            set -l __hutch_line ($__hutch_program $argv --shell fish)
            or return
            printf '%s\n' $__hutch_line | source
        case 'conda install' 'conda update' 'conda upgrade' 'conda remove' 'conda uninstall'
            command hutch $argv
            or return
            if test -n "$CONDA_PREFIX"; and not __hutch_anew
                set -l __hutch_line ($__hutch_program conda reactivate --shell fish)
                or return
                printf '%s\n' $__hutch_line | source
            end
        case 'python shell'
            if not set -q argv[3]
                command hutch $argv
                return
            end
            set -l __hutch_line ($__hutch_program $argv --shell fish)
            or return
            eval $__hutch_line
        case '*'
            command hutch $argv
    end
end

function __hutch_anew
    # An environment of conda's that the hook has activated is left, and entered anew at the next prompt.
    test -n "$__hutch_conda"; and test "$CONDA_PREFIX" = "$__hutch_env"; or return 1
    __hutch_leave
    set -g __hutch_key
    set -g __hutch_quick
    return 0
end
"""

_POWERSHELL = r"""
function global:hutch {
    # A program cannot change the shell that calls it: a few commands print lines for it.
    $shows = @($args | Where-Object { $_ -cmatch '^(--help|-h|--json|--shell(=.*)?)$' }).Count
    $verb = if ($shows) { '' } else { "$($args[0]) $($args[1])" }
    $program = Get-Command hutch -CommandType Application -ErrorAction Stop | Select-Object -First 1
    if ($verb -cin 'conda activate', 'conda deactivate', 'conda reactivate' -or
        ($verb -ceq 'python shell' -and $args.Count -gt 2)) {
        if ($verb -ceq 'conda reactivate' -and (__hutch_anew)) { return }
        $line = & $global:__hutch.Program @args --shell powershell
        if ($LASTEXITCODE -eq 0 -and $line) { Invoke-Expression ($line -join "`n") }
        return
    }
    & $program @args
    $changes = 'conda install', 'conda update', 'conda upgrade', 'conda remove', 'conda uninstall'
    if ($verb -cin $changes -and $LASTEXITCODE -eq 0 -and $env:CONDA_PREFIX -and -not (__hutch_anew)) {
        $line = & $global:__hutch.Program conda reactivate --shell powershell
        if ($line) { Invoke-Expression ($line -join "`n") }
    }
}

function global:__hutch_anew {
    # An environment of conda's that the hook has activated is left, and entered anew at the next prompt.
    $state = $global:__hutch
    if (-not $state.Level -or $env:CONDA_PREFIX -cne $state.Active) { return $false }
    __hutch_leave
    $state.Key = $null
    return $true
}
"""

FUNCTIONS = {
    "bash": _POSIX.replace("__SHELL__", "bash"),
    "zsh": _POSIX.replace("__SHELL__", "zsh"),
    "fish": _FISH,
    "powershell": _POWERSHELL,
}

_POSIX_CONDA = r"""
# With --conda: conda's own verbs, where there is no conda.
if ! type conda > /dev/null 2>&1; then
    function conda { hutch conda "$@"; }
fi
"""

CONDA = {
    "bash": _POSIX_CONDA,
    "zsh": _POSIX_CONDA,
    "fish": r"""
# With --conda: conda's own verbs, where there is no conda.
if not type -q conda
    function conda
        hutch conda $argv
    end
end
""",
    "powershell": r"""
# With --conda: conda's own verbs, where there is no conda.
if (-not (Get-Command conda -ErrorAction SilentlyContinue)) { function global:conda { hutch conda @args } }
""",
}
"""Where it is asked for: a function `conda`."""
