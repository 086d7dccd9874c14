"""`activate.csh` for csh and tcsh: to be sourced, ``source .venv/bin/activate.csh``.

csh has no functions, so `deactivate` is an alias of one line; and a sourced file cannot reliably know its
own place, so this one names the environment even where the others are relocatable.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - an alias cannot be broken into lines

TEMPLATE = r"""# To be sourced by csh or tcsh:  source bin/activate.csh
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

alias deactivate 'test $?_OLD_VIRTUAL_PATH != 0 && setenv PATH "$_OLD_VIRTUAL_PATH:q" && unset _OLD_VIRTUAL_PATH; rehash; test $?_OLD_VIRTUAL_PYTHONHOME != 0 && setenv PYTHONHOME "$_OLD_VIRTUAL_PYTHONHOME:q" && unset _OLD_VIRTUAL_PYTHONHOME; test $?_OLD_VIRTUAL_PROMPT != 0 && set prompt="$_OLD_VIRTUAL_PROMPT:q" && unset _OLD_VIRTUAL_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; test "\!:*" != "nondestructive" && unalias deactivate'

# Leave the environment that may be active.
deactivate nondestructive

setenv VIRTUAL_ENV __ENVIRONMENT__
setenv VIRTUAL_ENV_PROMPT __PROMPT__

set _OLD_VIRTUAL_PATH="$PATH:q"
setenv PATH "$VIRTUAL_ENV:q/"__SCRIPTS__":$PATH:q"

# With this set, Python would look for its library somewhere else.
if ( $?PYTHONHOME ) then
    set _OLD_VIRTUAL_PYTHONHOME="$PYTHONHOME:q"
    unsetenv PYTHONHOME
endif

if ( ! $?VIRTUAL_ENV_DISABLE_PROMPT && $?prompt ) then
    set _OLD_VIRTUAL_PROMPT="$prompt:q"
    set prompt="("__PROMPT__") $prompt:q"
endif

rehash
"""
