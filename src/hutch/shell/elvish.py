"""`activate.elv` for elvish: ``eval (slurp < .venv/bin/activate.elv)``, and `deactivate`.

A command that `eval` defines is gone when it ends, so `deactivate` is handed to the editor, which is there in
an interactive elvish alone; so is the prompt. `eval` does not know of which file a text is, so this one names
the environment even where the others find it, and says so when it is gone.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = r"""# For elvish:  eval (slurp < bin/activate.elv)
# It can be done again, or with another environment active; `deactivate` puts everything back.

use path
use str
var place = __ENVIRONMENT__
if (not (path:is-regular &follow-symlink=$true $place/pyvenv.cfg)) {
    fail 'there is no environment in '$place': was it moved? hutch activate finds it'
}

# Leave the environment that may be active, in the words of whoever activated it.
# (`?()` looks where this is evaluated; a block would see only what it names itself, which may not be there.)
var left = ?(eval '$deactivate~ nondestructive')

var before = [&]
for name [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT] {
    if (has-env $name) { set before[$name] = (get-env $name) }
}
var show = { }
var unshow = { }
if (or (not (has-env VIRTUAL_ENV_DISABLE_PROMPT)) (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '')) {
    # Where there is no editor there is no prompt.
    var keep = {|a b| set show = $a; set unshow = $b }
    try {
        eval 'var old = $edit:prompt
            $keep { set edit:prompt = { print "("$E:VIRTUAL_ENV_PROMPT") "; $old } } {
                set edit:prompt = $old
            }' &ns=(ns [&keep=$keep])
    } catch e { }
}
var deactivate = {|@arguments|
    for name [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT] {
        if (has-key $before $name) { set-env $name $before[$name] } else { unset-env $name }
    }
    $unshow
    if (not (has-value $arguments nondestructive)) {
        var none = {|@arguments| fail 'no environment is active' }
        try { eval 'edit:add-var deactivate~ $none' &ns=(ns [&none=$none]) } catch e { }
    }
}

set-env VIRTUAL_ENV $place
set-env VIRTUAL_ENV_PROMPT __PROMPT__
var old-path = ''
if (has-key $before PATH) { set old-path = $before[PATH] }
set-env PATH (str:trim-suffix $place/__SCRIPTS__":"$old-path ':')
# With this set, Python would look for its library somewhere else.
unset-env PYTHONHOME
$show
try { eval 'edit:add-var deactivate~ $deactivate' &ns=(ns [&deactivate=$deactivate]) } catch e { }
"""
