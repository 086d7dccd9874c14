"""`activate.csh` for csh and tcsh: to be sourced, ``source .venv/bin/activate.csh``.

csh has no functions, so `deactivate` is an alias of one line; and a sourced file cannot reliably know its
own place, so this one names the environment even where the others find it, and says so when it is gone.

A line of csh is expanded before it is obeyed, the part behind a condition too: `eval` puts that off until the
condition has been looked at. (`test` and `&&` would do it as well, but `test` is a program on PATH.)
"""

from __future__ import annotations

__all__ = ["TEMPLATE", "show"]

# ruff: noqa: E501 - an alias cannot be broken into lines

TEMPLATE = r"""# To be sourced by csh or tcsh:  source bin/activate.csh
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

if ( ! -f __ENVIRONMENT__/pyvenv.cfg ) then
    echo "there is no environment where this one was made; was it moved? csh cannot tell where to: hutch activate finds it"
else

alias deactivate 'if ( $?_OLD_VIRTUAL_PATH ) eval setenv PATH \"\$_OLD_VIRTUAL_PATH\:q\"; unset _OLD_VIRTUAL_PATH; rehash; if ( $?_OLD_VIRTUAL_PYTHONHOME ) eval setenv PYTHONHOME \"\$_OLD_VIRTUAL_PYTHONHOME\:q\"; unset _OLD_VIRTUAL_PYTHONHOME; if ( $?_OLD_VIRTUAL_PROMPT ) eval set prompt=\"\$_OLD_VIRTUAL_PROMPT\:q\"; unset _OLD_VIRTUAL_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; if ( $?_OLD_VIRTUAL_ENV ) eval setenv VIRTUAL_ENV \"\$_OLD_VIRTUAL_ENV\:q\"; unset _OLD_VIRTUAL_ENV; if ( $?_OLD_VIRTUAL_ENV_PROMPT ) eval setenv VIRTUAL_ENV_PROMPT \"\$_OLD_VIRTUAL_ENV_PROMPT\:q\"; unset _OLD_VIRTUAL_ENV_PROMPT; if ( "\!:*" != "nondestructive" ) unalias deactivate'

# Leave the environment that may be active.
if ( $?_OLD_VIRTUAL_PATH ) then
    deactivate nondestructive
endif

# Whoever started this shell may have had an environment of its own active, and passed it on.
if ( $?VIRTUAL_ENV ) then
    set _OLD_VIRTUAL_ENV="$VIRTUAL_ENV:q"
endif
if ( $?VIRTUAL_ENV_PROMPT ) then
    set _OLD_VIRTUAL_ENV_PROMPT="$VIRTUAL_ENV_PROMPT:q"
endif
setenv VIRTUAL_ENV __ENVIRONMENT__
setenv VIRTUAL_ENV_PROMPT __PROMPT__

set _OLD_VIRTUAL_PATH="$PATH:q"
if ( "$PATH:q" == "" ) then
    setenv PATH "$VIRTUAL_ENV:q/"__SCRIPTS__
else
    setenv PATH "$VIRTUAL_ENV:q/"__SCRIPTS__":$PATH:q"
endif

# With this set, Python would look for its library somewhere else.
if ( $?PYTHONHOME ) then
    set _OLD_VIRTUAL_PYTHONHOME="$PYTHONHOME:q"
    unsetenv PYTHONHOME
endif

if ( ! $?VIRTUAL_ENV_DISABLE_PROMPT && $?prompt ) then
    set _OLD_VIRTUAL_PROMPT="$prompt:q"
    set prompt="("__SHOWN__") $prompt:q"
endif

rehash
endif
"""


def show(text: str) -> str:
    """``text`` for csh's prompt, in which these letters mean something."""
    for letter in "\\^!":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("%", "%%")
