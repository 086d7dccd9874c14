"""`activate.nu` for nushell, as an overlay: ``overlay use .venv/bin/activate.nu``, and `deactivate`.

An overlay is nushell's own way to put things back: hiding it restores every variable it set.
"""

from __future__ import annotations

__all__ = ["OWN_PLACE", "TEMPLATE"]

OWN_PLACE = r"""
    # It may have been moved or copied since it was made; the place of this file tells.
    let own = ($env.FILE_PWD? | default (pwd) | path dirname)
    let other = (($virtual_env | is-empty) or (($own | path expand) != ($virtual_env | path expand)))
    let moved = ($other and ($own | path join "pyvenv.cfg" | path exists))
    let virtual_env = (if $moved { $own } else { $virtual_env })"""

TEMPLATE = r"""# For nushell:  overlay use bin/activate.nu
# `deactivate` hides the overlay, and with it everything that is set here.

export-env {
    let virtual_env = __ENVIRONMENT____OWN_PLACE__
    let prompt = __PROMPT__
    let scripts = ([$virtual_env __SCRIPTS__] | path join)
    # On Windows the variable is usually called Path.
    let path_name = (if "PATH" in $env { "PATH" } else if "Path" in $env { "Path" } else { "PATH" })
    let old_path = ($env | get $path_name)
    let is_text = (($old_path | describe) == "string")
    let old_path = (if $is_text { $old_path | split row (char esep) } else { $old_path })

    load-env {
        $path_name: ($old_path | prepend $scripts)
        VIRTUAL_ENV: $virtual_env
        VIRTUAL_ENV_PROMPT: $prompt
    }
    # With this set, Python would look for its library somewhere else.
    if "PYTHONHOME" in $env { hide-env PYTHONHOME }

    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default "" | is-empty) {
        let old_prompt = ($env.PROMPT_COMMAND? | default "")
        let old_is_closure = ($old_prompt | describe) == "closure"
        $env.PROMPT_COMMAND = {||
            let shown = (if $old_is_closure { do $old_prompt } else { $old_prompt })
            $"\(($prompt)) ($shown)"
        }
    }
}

export alias deactivate = overlay hide activate
"""
