"""The hook of elvish, 0.19 and later: ``eval (hutch shell-hook elvish | slurp)`` in ``rc.elv``.

What `eval` defines is gone when it ends, so the state is in variables that the functions share. The answer is
JSON. Elvish has no dates of files: a changed env file is seen on entering anew.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - the text of another language

TEMPLATE = r"""# The shell hook of hutch, for elvish. In rc.elv:  eval (hutch shell-hook elvish | slurp)

use path
use re
use str

var program = __HUTCH__
var data = __DATA__
var key = ''
var active = $false
var scripts = ''
var had-path = $true
var saved = [&]
var made = [&]
var marks = []
var told = [&]
var shown = ''
var level = ''
var later = []
var old-prompt = $nil
var pins = []

fn value {|name| if (has-env $name) { put '='(get-env $name) } else { put '' } }

fn is-file {|name| path:is-regular &follow-symlink=$true $name }

fn find {
    # The nearest environment upwards, and a .python-version below it that may name one.
    var pin = ''
    var name = ''
    var at = (str:trim-suffix $pwd /)
    while $true {
        if (or (is-file $at/.venv/pyvenv.cfg) (is-file $at/.venv/conda-meta/history) (is-file $at/.venv) (is-file $at/.python-envs)) {
            put (if (eq $at '') { put / } else { put $at }) $pin $name
            return
        }
        if (and (eq $pin '') (is-file $at/.python-version)) {
            try {
                for line [(str:split "\n" (slurp < $at/.python-version))] {
                    for word [(re:find &max=1 '[^ \t\r]+' $line)] {
                        if (not (re:match '^(#|[0-9.]*$)' $word[text])) {
                            set pin = $at/.python-version
                            set name = $name$word[text]':'
                        }
                    }
                }
            } catch e { }
        }
        if (eq $at '') {
            put '' $pin $name
            return
        }
        set at = (str:join / [(all [(str:split / $at)][..-1])])
    }
}

fn same {
    for mark $marks {
        if (not-eq (is-file $mark[path]) $mark[there]) {
            put $false
            return
        }
    }
    put $true
}

fn keep {|name new|
    set saved[$name] = (value $name)
    if (eq $new $nil) { unset-env $name } else { set-env $name $new }
    set made[$name] = (value $name)
}

# The editor is there in an interactive elvish alone, and `eval` finds it there.
fn with-editor {|code names| try { eval $code &ns=(ns $names) } catch e { } }

fn remember {|prompt| set old-prompt = $prompt }

# Scripts of an environment of conda's, as far as they are there.
fn read-scripts {|scripts|
    for script $scripts {
        if (is-file $script) { eval (slurp < $script) }
    }
}

fn leave {|@arguments|
    if (eq $active $false) { return }
    if (and (not-eq $level '') (eq (value CONDA_PREFIX) '='$active)) {
        read-scripts $later
        # Who came back to it from another one may have said these in other words.
        for name [CONDA_PREFIX CONDA_SHLVL CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER] {
            set made[$name] = (value $name)
        }
    }
    for name [(keys $saved)] {
        # What somebody has changed since stays as it is.
        if (eq (value $name) $made[$name]) {
            if (eq $saved[$name] '') {
                unset-env $name
            } else {
                set-env $name $saved[$name][1..]
            }
        }
    }
    var found = $false
    var paths = [(
        for each [(str:split : $E:PATH)] {
            if (and (not $found) (eq $each $scripts)) { set found = $true } else { put $each }
        }
    )]
    if $found {
        if (and (eq $paths []) (not $had-path)) { unset-env PATH } else { set-env PATH (str:join : $paths) }
    }
    set active = $false
    set saved = [&]
    set made = [&]
    set level = ''
    set later = []
    if (not-eq $old-prompt $nil) {
        with-editor 'set edit:prompt = $old' [&old=$old-prompt]
        set old-prompt = $nil
    }
    with-editor 'edit:add-var deactivate~ $none' [&none={|@arguments| fail 'no environment is active' }]
}

fn enter {|new|
    set active = $new[environment]
    set scripts = $new[scripts]
    set shown = $new[shown]
    set level = $new[level]
    set later = $new[later]
    if (eq $level '') {
        keep VIRTUAL_ENV $new[environment]
        keep VIRTUAL_ENV_PROMPT $new[prompt]
    }
    keep HUTCH_SHELL_STATE $new[state]
    for each $new[variables] { keep $each[name] $each[value] }
    # With this set, Python would look for its library somewhere else.
    if (has-env PYTHONHOME) { keep PYTHONHOME $nil }
    set had-path = (has-env PATH)
    set-env PATH (if (eq $E:PATH '') { put $scripts } else { put $scripts':'$E:PATH })
    if (or (not (has-env VIRTUAL_ENV_DISABLE_PROMPT)) (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '')) {
        with-editor 'var old = $edit:prompt
            $remember $old
            set edit:prompt = { print "("$name") "; $old }' [&remember=$remember~ &name=$shown]
    }
    with-editor 'edit:add-var deactivate~ $leave' [&leave=$leave~]
    read-scripts $new[read]
}

fn adopt {|new|
    # What another shell has activated, and whose variables this one has.
    set active = $new[environment]
    set scripts = $new[scripts]
    set had-path = $true
    set level = $new[level]
    set later = $new[later]
    for each $new[before] {
        set saved[$each[name]] = (if (eq $each[value] $nil) { put '' } else { put '='$each[value] })
        set made[$each[name]] = (value $each[name])
    }
    set saved[HUTCH_SHELL_STATE] = ''
    set made[HUTCH_SHELL_STATE] = (value HUTCH_SHELL_STATE)
}

fn act {
    if (eq (value HUTCH_SHELL_HOOK) =off) {
        leave
        set key = off
        return
    }
    if (and (not-eq $level '') (not-eq (value CONDA_PREFIX) '='$active)) {
        # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
        if (eq (value CONDA_PREFIX_$level) '='$active) { return }
        leave
    }
    var venv pin name = (find)
    var here = (value VIRTUAL_ENV)
    if (and (not-eq $active $false) (not (has-value ['' '=' '='$active] $here))) {
        leave # another one was activated over ours, by hand
    }
    var inherited = (and (has-env HUTCH_SHELL_STATE) (not-eq $E:HUTCH_SHELL_STATE ''))
    var other = ''
    var mine = (if (eq $active $false) { put '' } else { put '='$active })
    if (and (not (has-value ['' '=' $mine] $here)) (not $inherited)) {
        set other = $here
    } elif (and (has-env CONDA_PREFIX) (not $inherited) (eq $active $false) (not (has-value ['' '=' =base] (value CONDA_DEFAULT_ENV)))) {
        set other = (value CONDA_DEFAULT_ENV)
    }
    var new-key = $venv'|'$pin'|'$name'|'$other
    var adopts = (and $inherited (eq $active $false))
    if (and (not $adopts) (eq $key $new-key) (same)) { return }
    leave
    set marks = []
    if (or (and (eq $other '') (not-eq $venv$pin '')) $adopts) {
        var words = [--data $data -- elvish enter (if (eq $venv '') { put - } else { put $venv }) (if (eq $pin '') { put - } else { put $pin })]
        var answers = [(try { (external $program) shell-answer $@words < /dev/null | from-json } catch e { })]
        if (not-eq $answers []) {
            var answer = $answers[0]
            if (not-eq $answer[adopt] $nil) {
                adopt $answer[adopt]
                leave
            }
            for said $answer[say] {
                if (and (not (has-key $told $said[about])) (not-eq (value HUTCH_SHELL_HOOK) =quiet)) {
                    set told[$said[about]] = $true
                    echo $said[text] >&2
                }
            }
            set marks = $answer[marks]
            if (not-eq $answer[enter] $nil) { enter $answer[enter] }
        }
    }
    set key = $new-key
}

# Nearly always nothing has changed, and one look at all that may be found here and upwards, and at the marks of
# trust, tells so. What is said in a .python-version belongs to it.
var looked-from = ''
var looked = []
var seen = []

fn glance {
    if (not-eq $pwd $looked-from) {
        var at = (str:trim-suffix $pwd /)
        set looked = [(
            while $true {
                put $at/.venv/pyvenv.cfg $at/.venv/conda-meta/history $at/.venv $at/.python-envs $at/.python-version
                if (eq $at '') { break }
                set at = (str:join / [(all [(str:split / $at)][..-1])])
            }
        )]
        set looked-from = $pwd
    }
    put [
        $pwd (value VIRTUAL_ENV) (value CONDA_PREFIX) (value CONDA_DEFAULT_ENV) (value HUTCH_SHELL_HOOK)
        [(each {|file| path:is-regular &follow-symlink=$true $file } $looked)]
        [(each {|mark| path:is-regular &follow-symlink=$true $mark[path] } $marks)]
        [(each {|file| try { slurp < $file } catch e { } } $pins)]
    ]
}

fn look {
    if (eq $seen (glance)) { return }
    act
    set pins = [(each {|file| if (and (str:has-suffix $file /.python-version) (is-file $file)) { put $file } } $looked)]
    set seen = (glance)
}

# Once, however often this is evaluated.
with-editor '
    try { eval "nop $__hutch_hooked" } catch e {
        edit:add-var __hutch_hooked $true
        set edit:before-readline = [$look $@edit:before-readline]
    }
' [&look=$look~]
"""
