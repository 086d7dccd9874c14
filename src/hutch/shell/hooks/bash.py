"""The hook of bash, 3.2 and later: ``eval "$(hutch shell-hook bash)"`` in ``~/.bashrc``.

Every local variable begins with ``__hutch_``: the functions see the user's variables by their names, and a
local one of the same name would hide them. Options of the shell are put aside for the time of a function by
``local -``, which bash 3.2 does not know: there each command is written so that ``set -e`` finds no fault.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = r"""# The shell hook of hutch, for bash. In ~/.bashrc:  eval "$(hutch shell-hook bash)"

__hutch_program=__HUTCH__
__hutch_data=__DATA__

__hutch_find() {
    # The nearest environment upwards, and a .python-version below it that may name one.
    local __hutch_at=${PWD%/} __hutch_word __hutch_text=
    __hutch_venv= __hutch_pin= __hutch_name=
    while :; do
        if [[ -e $__hutch_at/.venv/pyvenv.cfg || -e $__hutch_at/.venv/conda-meta/history ||
            -f $__hutch_at/.venv || -f $__hutch_at/.python-envs ]]; then
            __hutch_venv=${__hutch_at:-/}
            return 0
        fi
        if [[ -z $__hutch_pin && -f $__hutch_at/.python-version && -r $__hutch_at/.python-version ]]; then
            # A few lines at most: it may have come with a checkout.
            IFS= read -r -d '' -n 4096 __hutch_text < "$__hutch_at/.python-version" || :
            while [[ -n $__hutch_text ]]; do
                __hutch_word=${__hutch_text%%$'\n'*}
                if [[ $__hutch_text == *$'\n'* ]]; then
                    __hutch_text=${__hutch_text#*$'\n'}
                else
                    __hutch_text=
                fi
                __hutch_word=${__hutch_word#"${__hutch_word%%[!$' \t\r']*}"}
                __hutch_word=${__hutch_word%%[$' \t\r']*}
                case $__hutch_word in
                    '' | '#'*) ;;
                    *[!0-9.]*) __hutch_pin=$__hutch_at/.python-version __hutch_name+=$__hutch_word: ;;
                esac
            done
        fi
        [[ -n $__hutch_at ]] || return 0
        __hutch_at=${__hutch_at%/*}
    done
}

__hutch_same() {
    # Whether everything is as it was when hutch was asked last.
    local __hutch_file
    [[ "$__hutch_venv|$__hutch_pin|$__hutch_name|$__hutch_other" == "${__hutch_key-}" ]] || return 1
    if [[ -n ${__hutch_mark1-} ]]; then
        if [[ -f $__hutch_mark1 ]]; then [[ $__hutch_there1 == 1 ]] || return 1
        else [[ $__hutch_there1 == 0 ]] || return 1; fi
    fi
    if [[ -n ${__hutch_mark2-} ]]; then
        if [[ -f $__hutch_mark2 ]]; then [[ $__hutch_there2 == 1 ]] || return 1
        else [[ $__hutch_there2 == 0 ]] || return 1; fi
        if [[ $__hutch_there2 == 1 && -n ${__hutch_files-} ]]; then
            for __hutch_file in "${__hutch_files[@]}"; do
                [[ $__hutch_file -nt $__hutch_mark2 ]] && return 1
            done
        fi
    fi
    if [[ -n ${__hutch_mark3-} ]]; then
        if [[ -f $__hutch_mark3 ]]; then [[ $__hutch_there3 == 1 ]] || return 1
        else [[ $__hutch_there3 == 0 ]] || return 1; fi
    fi
    return 0
}

__hutch_turn() {
    # Leave what was, and do what hutch says of what was found.
    local __hutch_answer= __hutch_arguments
    if [[ -n ${__hutch_env-} ]]; then __hutch_leave; fi
    __hutch_mark1= __hutch_mark2= __hutch_mark3= __hutch_files=()
    if [[ -z $__hutch_other && -n $__hutch_venv$__hutch_pin || -n ${HUTCH_SHELL_STATE-} ]]; then
        if [[ -x $__hutch_program ]]; then
            __hutch_arguments=(--data "$__hutch_data" -- bash enter "${__hutch_venv:--}" "${__hutch_pin:--}")
            __hutch_answer=$("$__hutch_program" shell-answer "${__hutch_arguments[@]}" < /dev/null) ||
                __hutch_answer=
            eval "$__hutch_answer"
        fi
    fi
    __hutch_key="$__hutch_venv|$__hutch_pin|$__hutch_name|$__hutch_other"
    return 0
}

__hutch_look() {
    local __hutch_venv __hutch_pin __hutch_name __hutch_other=
    if [[ ${HUTCH_SHELL_HOOK-} == off ]]; then
        if [[ -n ${__hutch_env-} ]]; then __hutch_leave; fi
        __hutch_key=off
        return 0
    fi
    if [[ -n ${__hutch_conda-} && ${CONDA_PREFIX-} != "$__hutch_env" ]]; then
        # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
        __hutch_other=CONDA_PREFIX_$__hutch_conda
        if [[ ${!__hutch_other-} == "$__hutch_env" ]]; then return 0; fi
        __hutch_other=
        __hutch_leave
    fi
    __hutch_find
    if [[ -n ${__hutch_env-} && -n ${VIRTUAL_ENV-} && $VIRTUAL_ENV != "$__hutch_env" ]]; then
        __hutch_yield
    fi
    if [[ -n ${VIRTUAL_ENV-} && $VIRTUAL_ENV != "${__hutch_env-}" && -z ${HUTCH_SHELL_STATE-} ]]; then
        __hutch_other=$VIRTUAL_ENV
    elif [[ -n ${CONDA_PREFIX-} && ${CONDA_DEFAULT_ENV-base} != base &&
        -z ${__hutch_env-}${HUTCH_SHELL_STATE-} ]]; then
        __hutch_other=$CONDA_PREFIX
    fi
    if [[ -n ${HUTCH_SHELL_STATE-} && -z ${__hutch_env-} ]] || ! __hutch_same; then __hutch_turn; fi
    return 0
}

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    __hutch_hook() {
        local __hutch_code=$? __hutch_options=$-
        local -
        { set +aeuxC; } 2> /dev/null
        __hutch_look
        # A shell that ends with the first error would end with the status of the last command.
        case $__hutch_options in *e*) return 0 ;; esac
        return $__hutch_code
    }
    __hutch_flags() {
        # What kind of variable it is, in letters; empty for one that is not set.
        local -
        set +u
        __hutch_kind=
        if [[ -n ${!1+x} ]]; then __hutch_kind=-${!1@a}; elif [[ ${!1@a} == *x* ]]; then __hutch_kind=x; fi
    }
else
    __hutch_hook() {
        local __hutch_code=$?
        __hutch_look || :
        case $- in *e*) return 0 ;; esac
        return $__hutch_code
    }
    __hutch_flags() {
        __hutch_kind=$(declare -p "$1" 2> /dev/null) || __hutch_kind=
        if [[ -n $__hutch_kind ]]; then
            __hutch_kind=${__hutch_kind#declare -}
            __hutch_kind=${__hutch_kind%% *}
            if [[ -n ${!1+x} ]]; then __hutch_kind=-${__hutch_kind#-}; fi
        fi
    }
fi

__hutch_keep() {
    # Remember what NAME is, before it is changed; no for what cannot be put back.
    local __hutch_kind
    __hutch_flags "$1"
    case $__hutch_kind in
        *[!-ix]*) return 1 ;;  # read-only, an array, a reference …
        -*x*) eval "__hutch_how_$1=export __hutch_old_$1=\$$1" ;;
        -*) eval "__hutch_how_$1=plain __hutch_old_$1=\$$1" ;;
        x) eval "__hutch_how_$1=named" ;;
        *) eval "__hutch_how_$1=unset" ;;
    esac
    __hutch_names="$1 ${__hutch_names-}"
}

__hutch_put() {
    # Export NAME as VALUE.
    if __hutch_keep "$1"; then
        eval "__hutch_new_$1=\$2"
        export "$1=$2"
    fi
}

__hutch_back() {
    # What NAME was, unless somebody has changed it since.
    local __hutch_how __hutch_old __hutch_new
    eval "__hutch_how=\$__hutch_how_$1 __hutch_old=\${__hutch_old_$1-} __hutch_new=\${__hutch_new_$1-}"
    if eval "[[ \${$1+x}\${$1-} == \"\${__hutch_new_$1+x}\$__hutch_new\" ]]"; then
        case $__hutch_how in
            unset) unset -v "$1" ;;
            named) unset -v "$1"; export "$1" ;;
            plain) unset -v "$1"; eval "$1=\$__hutch_old" ;;
            export) export "$1=$__hutch_old" ;;
        esac
    fi
    unset -v "__hutch_how_$1" "__hutch_old_$1" "__hutch_new_$1"
}

__hutch_enter() {
    # ENVIRONMENT SCRIPTS NAME SHOWN STATE, and LEVEL for one of conda's
    local __hutch_kind
    __hutch_env=$1 __hutch_bin=$2 __hutch_names= __hutch_begin= __hutch_conda=${6-}
    if [[ -z $__hutch_conda ]]; then
        __hutch_put VIRTUAL_ENV "$1"
        __hutch_put VIRTUAL_ENV_PROMPT "$3"
    fi
    __hutch_put HUTCH_SHELL_STATE "$5"
    # With this set, Python would look for its library somewhere else.
    if [[ -n ${PYTHONHOME+x} ]] && __hutch_keep PYTHONHOME; then unset -v PYTHONHOME; fi
    __hutch_flags PATH
    __hutch_path=$__hutch_kind
    if [[ $__hutch_kind != *r* ]]; then PATH=$2${PATH:+:$PATH}; export PATH; fi
    __hutch_flags PS1
    if [[ $__hutch_kind == -* && $__hutch_kind != *r* && -z ${VIRTUAL_ENV_DISABLE_PROMPT-} ]]; then
        __hutch_begin="($4) "
        PS1=$__hutch_begin$PS1
    fi
    if ! declare -F deactivate > /dev/null; then
        deactivate() { __hutch_leave; }
        __hutch_deactivate=1
    fi
    hash -r 2> /dev/null || :
}

__hutch_later() {
    # Scripts that are to be read when the environment is left.
    __hutch_scripts=("$@")
}

__hutch_read() {
    # Scripts of an environment of conda's, as far as they are there.
    local __hutch_unset=
    case $- in *u*) __hutch_unset=1; set +u ;; esac
    while (($#)); do
        if [[ -r $1 ]]; then __hutch_source "$1"; fi
        shift
    done
    if [[ -n $__hutch_unset ]]; then set -u; fi
    return 0
}

__hutch_source() { . "$1"; }

__hutch_without() {
    # The PATH in $1 without our entry: the part before it, and the part behind it.
    __hutch_rest=:$1:
    [[ -n ${__hutch_bin-} && $__hutch_rest == *":$__hutch_bin:"* ]] || return 1
    __hutch_rest=${__hutch_rest%%":$__hutch_bin:"*}:${__hutch_rest#*":$__hutch_bin:"}
    if [[ $__hutch_rest == : ]]; then
        __hutch_rest=
    else
        __hutch_rest=${__hutch_rest#:}
        __hutch_rest=${__hutch_rest%:}
    fi
}

__hutch_yield() {
    # Another environment was activated over ours, by hand: take ours out of what will be put back then.
    local __hutch_rest
    if [[ -n ${_OLD_VIRTUAL_PATH+x} ]] && __hutch_without "$_OLD_VIRTUAL_PATH"; then
        _OLD_VIRTUAL_PATH=$__hutch_rest
    fi
    if [[ -n ${__hutch_begin-} && -n ${PS1-} ]]; then
        if [[ ${_OLD_VIRTUAL_PS1-} == "$__hutch_begin"* ]]; then
            _OLD_VIRTUAL_PS1=${_OLD_VIRTUAL_PS1#"$__hutch_begin"}
        fi
        if [[ $PS1 == *"$__hutch_begin"* ]]; then
            PS1=${PS1%%"$__hutch_begin"*}${PS1#*"$__hutch_begin"}
        fi
    fi
    if [[ -n ${__hutch_old_PYTHONHOME+x} && -z ${PYTHONHOME+x} && -z ${_OLD_VIRTUAL_PYTHONHOME+x} ]]; then
        _OLD_VIRTUAL_PYTHONHOME=$__hutch_old_PYTHONHOME
        __hutch_how_PYTHONHOME=theirs
    fi
    __hutch_deactivate=
    __hutch_leave
}

__hutch_leave() {
    local __hutch_list=${__hutch_names-} __hutch_rest __hutch_each
    if [[ -n ${__hutch_conda-} && ${CONDA_PREFIX-} == "$__hutch_env" ]]; then
        __hutch_read ${__hutch_scripts[@]+"${__hutch_scripts[@]}"}
        # Who came back to it from another one may have said these in other words.
        if [[ -n ${__hutch_begin-} ]]; then __hutch_begin=${CONDA_PROMPT_MODIFIER-}; fi
        for __hutch_each in CONDA_PREFIX CONDA_SHLVL CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER; do
            eval "__hutch_new_$__hutch_each=\${$__hutch_each-}"
        done
    fi
    while [[ -n $__hutch_list ]]; do
        __hutch_back "${__hutch_list%% *}"
        __hutch_list=${__hutch_list#* }
    done
    if __hutch_without "${PATH-}"; then
        PATH=$__hutch_rest
        case ${__hutch_path-} in
            -*x*) ;;
            -*) export -n PATH ;;
            *) if [[ -z $PATH ]]; then unset -v PATH; if [[ $__hutch_path == x ]]; then export PATH; fi; fi ;;
        esac
    fi
    if [[ -n ${__hutch_begin-} && ${PS1-} == "$__hutch_begin"* ]]; then PS1=${PS1#"$__hutch_begin"}; fi
    if [[ -n ${__hutch_deactivate-} ]]; then unset -f deactivate || :; fi
    unset -v __hutch_env __hutch_bin __hutch_names __hutch_path __hutch_begin __hutch_deactivate
    unset -v __hutch_conda __hutch_scripts
    hash -r 2> /dev/null || :
    return 0
}

__hutch_adopt() {
    # ENVIRONMENT SCRIPTS NAME [LEVEL], which another shell has activated, and whose variables this one has.
    __hutch_env=$1 __hutch_bin=$2 __hutch_names= __hutch_path=-x __hutch_begin= __hutch_conda=${4-}
    __hutch_was HUTCH_SHELL_STATE
}

__hutch_was() {
    # NAME was VALUE, or not set, before that. What it is now nobody has changed.
    __hutch_names="$1 $__hutch_names"
    if [[ -n ${!1+x} ]]; then eval "__hutch_new_$1=\$$1"; fi
    if (($# > 1)); then eval "__hutch_how_$1=export __hutch_old_$1=\$2"; else eval "__hutch_how_$1=unset"; fi
}

__hutch_watch() {
    if [[ -z $__hutch_mark1 ]]; then
        __hutch_mark1=$1 __hutch_there1=$2
    elif [[ -z $__hutch_mark2 ]]; then
        __hutch_mark2=$1 __hutch_there2=$2
    else
        __hutch_mark3=$1 __hutch_there3=$2
    fi
}

__hutch_file() { __hutch_files+=("$1"); }

__hutch_say() {
    # Once a shell and project.
    if [[ ${HUTCH_SHELL_HOOK-} == quiet || "${__hutch_told-}" == *"|$1|"* ]]; then return 0; fi
    __hutch_told="${__hutch_told-}|$1|"
    printf '%s\n' "$2" >&2
}

if [[ $- == *i* ]]; then
    # First of all, so that it sees how the last command ended, and who makes a prompt comes later.
    if [[ $(declare -p PROMPT_COMMAND 2> /dev/null) == "declare -a"* ]]; then
        case " ${PROMPT_COMMAND[*]} " in
            *__hutch_hook*) ;;
            *) PROMPT_COMMAND=(__hutch_hook "${PROMPT_COMMAND[@]}") ;;
        esac
    else
        case ${PROMPT_COMMAND-} in
            *__hutch_hook*) ;;
            *) PROMPT_COMMAND="__hutch_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
        esac
    fi
fi
"""
