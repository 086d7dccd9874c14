"""`activate` for bash, zsh, ksh and every POSIX shell: to be sourced, ``. .venv/bin/activate``."""

from __future__ import annotations

__all__ = ["RELOCATABLE", "TEMPLATE"]

# Where this file is, in the shells that can tell: bash, zsh, ksh.
# `eval` hides from each shell the words that only the others can read.
RELOCATABLE = (
    """"$(CDPATH='' cd -- "$(dirname -- "$(eval '"""
    """if [ -n "${BASH_SOURCE:-}" ]; then printf %s "${BASH_SOURCE}"; """
    """elif [ -n "${ZSH_VERSION:-}" ]; then printf %s "${(%):-%x}"; """
    """elif [ -n "${KSH_VERSION:-}" ]; then printf %s "${.sh.file}"; """
    """else printf %s "$0"; fi')")/.." && pwd)\""""
)

TEMPLATE = r"""# To be sourced by bash, zsh, ksh or another POSIX shell:  . bin/activate
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

if [ -n "${BASH_SOURCE:-}" ] && [ "${BASH_SOURCE:-}" = "$0" ]; then
    echo "this script changes the shell it runs in, so it must be sourced: . $0" >&2
    exit 33
fi

deactivate () {
    # What was set before comes back, and what was not set is unset again.
    if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
        PATH="${_OLD_VIRTUAL_PATH}"
        export PATH
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
    if [ "${1:-}" != "nondestructive" ]; then
        unset -f deactivate
    fi
}

# Leave the environment that may be active.
deactivate nondestructive

VIRTUAL_ENV=__ENVIRONMENT__
case "${OSTYPE:-}" in
    cygwin|msys) VIRTUAL_ENV="$(cygpath "${VIRTUAL_ENV}")" ;;
esac
export VIRTUAL_ENV
VIRTUAL_ENV_PROMPT=__PROMPT__
export VIRTUAL_ENV_PROMPT

_OLD_VIRTUAL_PATH="${PATH-}"
PATH="${VIRTUAL_ENV}/"__SCRIPTS__"${PATH:+:${PATH}}"
export PATH

# With this set, Python would look for its library somewhere else.
if [ -n "${PYTHONHOME+set}" ]; then
    _OLD_VIRTUAL_PYTHONHOME="${PYTHONHOME}"
    unset PYTHONHOME
fi

if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT:-}" ] && [ -n "${PS1+set}" ]; then
    _OLD_VIRTUAL_PS1="${PS1}"
    PS1="(${VIRTUAL_ENV_PROMPT}) ${PS1}"
fi

hash -r 2>/dev/null || true
"""
