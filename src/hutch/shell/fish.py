"""`activate.fish`: to be sourced, ``source .venv/bin/activate.fish``."""

from __future__ import annotations

__all__ = ["RELOCATABLE", "TEMPLATE"]

RELOCATABLE = "(realpath (dirname (status filename))/..)"

TEMPLATE = r"""# To be sourced by fish:  source bin/activate.fish
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

function deactivate -d "Leave the Python environment"
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
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
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

# Leave the environment that may be active.
deactivate nondestructive

set -gx VIRTUAL_ENV __ENVIRONMENT__
set -gx VIRTUAL_ENV_PROMPT __PROMPT__

set -g _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV/"__SCRIPTS__ $PATH

# With this set, Python would look for its library somewhere else.
if set -q PYTHONHOME
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
