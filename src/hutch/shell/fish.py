"""`activate.fish`: to be sourced, ``source .venv/bin/activate.fish``.

Every line may be followed by a semicolon instead of a line end: ``eval (hutch activate)`` has none.
"""

from __future__ import annotations

__all__ = ["OWN_PLACE", "TEMPLATE"]

OWN_PLACE = r"""
# It may have been moved or copied since it was made; the place of this file tells.
begin
    set -l own (builtin realpath (string replace -r '[^/]*$' '' -- (status filename))./..)
    if test -n "$own"; and test -f "$own/pyvenv.cfg"
        if test "$own" != (builtin realpath -- "$_virtual_env/")
            set -g _virtual_env $own
        end
    end
end
if not test -f "$_virtual_env/pyvenv.cfg"
    echo "there is no environment in $_virtual_env: was it moved? hutch activate finds it" >&2
    set -e _virtual_env
    return 1
end
"""

TEMPLATE = r"""# To be sourced by fish:  source bin/activate.fish
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

set -g _virtual_env __ENVIRONMENT__
__OWN_PLACE__
# Leave the environment that may be active, in the words of whoever activated it.
if set -q _OLD_VIRTUAL_PATH; and functions -q deactivate
    deactivate nondestructive
end

function deactivate -d "Leave the Python environment"
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        if set -q _OLD_VIRTUAL_NO_PATH
            set -e PATH
            set -e _OLD_VIRTUAL_NO_PATH
        end
        set -e _OLD_VIRTUAL_PATH
    end
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_PYTHONHOME
    end
    if functions -q _old_fish_prompt
        functions -e fish_prompt
        functions -c _old_fish_prompt fish_prompt
        functions -e _old_fish_prompt
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    if set -q _OLD_VIRTUAL_ENV
        set -gx VIRTUAL_ENV $_OLD_VIRTUAL_ENV
        set -e _OLD_VIRTUAL_ENV
    end
    if set -q _OLD_VIRTUAL_ENV_PROMPT
        set -gx VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT
        set -e _OLD_VIRTUAL_ENV_PROMPT
    end
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

# Whoever started this shell may have had an environment of its own active, and passed it on.
if set -q VIRTUAL_ENV
    set -g _OLD_VIRTUAL_ENV $VIRTUAL_ENV
end
if set -q VIRTUAL_ENV_PROMPT
    set -g _OLD_VIRTUAL_ENV_PROMPT $VIRTUAL_ENV_PROMPT
end
set -gx VIRTUAL_ENV $_virtual_env
set -e _virtual_env
set -gx VIRTUAL_ENV_PROMPT __PROMPT__

if not set -q PATH
    set -g _OLD_VIRTUAL_NO_PATH yes
end
set -g _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV/"__SCRIPTS__ $PATH

# With this set, Python would look for its library somewhere else.
if set -qx PYTHONHOME
    set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end

if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _old_fish_prompt
    function fish_prompt
        # The prompt that was there sees the status of the last command, not of this function.
        set -l last_status $status
        printf '(%s) ' $VIRTUAL_ENV_PROMPT
        # `return` in a function of its own is the way to set $status.
        function _virtual_env_status; return $argv[1]; end
        _virtual_env_status $last_status
        functions -e _virtual_env_status
        _old_fish_prompt
    end
end
"""
