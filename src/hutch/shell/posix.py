"""`activate` for bash, zsh, ksh and every POSIX shell: to be sourced, ``. .venv/bin/activate``."""

from __future__ import annotations

__all__ = ["GUARD", "OWN_PLACE", "SHOWN", "SHOWN_SAFELY", "TEMPLATE"]

# Where this file is, in the shells that can tell: bash, zsh, ksh93.
# `eval` hides from each shell the words that only another can read; functions and aliases that people
# have put in the place of `cd` are not asked.
OWN_PLACE = r"""
# It may have been moved or copied since it was made; bash, zsh and ksh can tell where this file is now.
_virtual_env_own=''
if [ -n "${ZSH_VERSION:-}" ]; then
    eval '_virtual_env_own="${${(%):-%x}:a:h:h}"'
else
    if [ -n "${BASH_SOURCE:-}" ]; then
        _virtual_env_own="${BASH_SOURCE}"
    else
        case "${KSH_VERSION:-}" in
            *93*) eval '_virtual_env_own="${.sh.file}"' ;;
        esac
    fi
    case "${_virtual_env_own}" in
        '') ;;
        */*) _virtual_env_own="${_virtual_env_own%/*}/.." ;;
        *) _virtual_env_own=./.. ;;
    esac
    if [ -n "${_virtual_env_own}" ]; then
        _virtual_env_own="$(
            if [ -n "${BASH_SOURCE:-}" ]; then unset -f cd pwd; fi
            CDPATH='' \cd -- "${_virtual_env_own}" 2>/dev/null && \pwd
        )" || _virtual_env_own=''
    fi
fi
if [ -n "${_virtual_env_own}" ] && [ -f "${_virtual_env_own}/pyvenv.cfg" ]; then
    if [ ! "${_virtual_env_own}/pyvenv.cfg" -ef "${_virtual_env}/pyvenv.cfg" ]; then
        _virtual_env="${_virtual_env_own}"
    fi
fi
unset _virtual_env_own
if [ ! -f "${_virtual_env}/pyvenv.cfg" ]; then
    echo "there is no environment in ${_virtual_env:-(this shell cannot tell)}: was it moved? hutch activate finds it" >&2
    unset _virtual_env
    return 1
fi
"""  # noqa: E501 - what is said is one line

SHOWN = 'PS1="(${VIRTUAL_ENV_PROMPT}) ${PS1}"'

# A prompt is expanded each time it is shown, and this one has letters that mean something then: so it names
# the variable, whose value no shell expands again.
SHOWN_SAFELY = r"""if [ -n "${ZSH_VERSION:-}" ]; then
        if eval '[[ -o promptsubst ]]'; then
            PS1='(${VIRTUAL_ENV_PROMPT//\%/%%}) '"${PS1}"
        else
            PS1=__ZSH_PROMPT__"${PS1}"
        fi
    elif [ -n "${KSH_VERSION:-}" ]; then
        PS1='(${VIRTUAL_ENV_PROMPT//!/!!}) '"${PS1}"
    else
        PS1='(${VIRTUAL_ENV_PROMPT-}) '"${PS1}"
    fi"""

TEMPLATE = r"""# To be sourced by bash, zsh, ksh or another POSIX shell:  . bin/activate
# It can be sourced again, or with another environment active; `deactivate` puts everything back.
__GUARD__
_virtual_env=__ENVIRONMENT__
case "${OSTYPE:-}" in
    cygwin|msys) _virtual_env="$(cygpath "${_virtual_env}")" ;;
esac
__OWN_PLACE__
deactivate () {
    # What was set before comes back, and what was not set is unset again.
    if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
        PATH="${_OLD_VIRTUAL_PATH}"
        export PATH
        if [ -n "${_OLD_VIRTUAL_NO_PATH+set}" ]; then
            unset PATH _OLD_VIRTUAL_NO_PATH
        fi
        unset _OLD_VIRTUAL_PATH
    fi
    if [ -n "${_OLD_VIRTUAL_PYTHONHOME+set}" ]; then
        PYTHONHOME="${_OLD_VIRTUAL_PYTHONHOME}"
        export PYTHONHOME
        unset _OLD_VIRTUAL_PYTHONHOME
    fi
    if [ -n "${_OLD_VIRTUAL_PS1+set}" ]; then
        PS1="${_OLD_VIRTUAL_PS1}"
        unset _OLD_VIRTUAL_PS1
    fi
    # The shell remembers where it found commands; make it look again.
    hash -r 2>/dev/null || true
    unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    # Whoever started this shell may have had an environment of its own active, and passed it on.
    if [ -n "${_OLD_VIRTUAL_ENV+set}" ]; then
        VIRTUAL_ENV="${_OLD_VIRTUAL_ENV}"
        export VIRTUAL_ENV
        unset _OLD_VIRTUAL_ENV
    fi
    if [ -n "${_OLD_VIRTUAL_ENV_PROMPT+set}" ]; then
        VIRTUAL_ENV_PROMPT="${_OLD_VIRTUAL_ENV_PROMPT}"
        export VIRTUAL_ENV_PROMPT
        unset _OLD_VIRTUAL_ENV_PROMPT
    fi
    if [ "${1:-}" != "nondestructive" ]; then
        unset -f deactivate
    fi
}

# Leave the environment that may be active.
if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
    deactivate nondestructive
fi

if [ -n "${VIRTUAL_ENV+set}" ]; then
    _OLD_VIRTUAL_ENV="${VIRTUAL_ENV}"
fi
if [ -n "${VIRTUAL_ENV_PROMPT+set}" ]; then
    _OLD_VIRTUAL_ENV_PROMPT="${VIRTUAL_ENV_PROMPT}"
fi
VIRTUAL_ENV="${_virtual_env}"
export VIRTUAL_ENV
unset _virtual_env
VIRTUAL_ENV_PROMPT=__PROMPT__
export VIRTUAL_ENV_PROMPT

if [ -z "${PATH+set}" ]; then
    _OLD_VIRTUAL_NO_PATH=yes
fi
_OLD_VIRTUAL_PATH="${PATH-}"
PATH="${VIRTUAL_ENV}/"__SCRIPTS__"${PATH:+:${PATH}}"
export PATH

# With this set, Python would look for its library somewhere else; one that is not exported it does not see.
if [ -n "${PYTHONHOME+set}" ]; then
    case "$(export -p)" in
        *" PYTHONHOME="*)
            _OLD_VIRTUAL_PYTHONHOME="${PYTHONHOME}"
            unset PYTHONHOME
            ;;
    esac
fi

if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT:-}" ] && [ -n "${PS1+set}" ]; then
    _OLD_VIRTUAL_PS1="${PS1}"
    __SHOWN__
fi

hash -r 2>/dev/null || true
"""

GUARD = r"""
if [ -n "${BASH_SOURCE:-}" ] && [ "${BASH_SOURCE:-}" = "$0" ]; then
    echo "this script changes the shell it runs in, so it must be sourced: . $0" >&2
    exit 33
fi
"""
