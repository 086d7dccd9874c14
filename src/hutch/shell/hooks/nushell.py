"""The hook of nushell: in a file that it sources, since it evaluates nothing at run time.

``hutch shell-hook nushell --install`` writes it into the folder from which nushell loads files by itself. The
state is in a variable that is a record, which programs do not get. The answer is JSON.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - the text of another language

TEMPLATE = r"""# The shell hook of hutch, for nushell: a file to be sourced.

def __hutch_path_name [] { if "PATH" in $env { "PATH" } else if "Path" in $env { "Path" } else { "PATH" } }

def __hutch_now [name: string] { if $name in $env { $env | get $name } else { null } }

# The nearest environment upwards, and a .python-version below it that may name one.
def __hutch_find [] {
    mut at = $env.PWD
    mut found = {venv: "", pin: "", name: ""}
    loop {
        let files = [
            ($at | path join ".venv" "pyvenv.cfg") ($at | path join ".venv") ($at | path join ".python-envs")
        ]
        if ($files | any {|each| ($each | path type) == "file" }) {
            $found.venv = $at
            break
        }
        let pin = ($at | path join ".python-version")
        if $found.pin == "" and ($pin | path type) == "file" {
            let words = (try {
                open --raw $pin | decode utf-8 | lines | each {|line| $line | split row --regex '\s+' | where $it != "" }
                    | where ($it | length) > 0 | each {|line| $line.0 } | where $it !~ '^(#|[0-9.]*$)'
            } catch { [] })
            if ($words | length) > 0 {
                $found.pin = $pin
                $found.name = ($words | str join ":")
            }
        }
        let above = ($at | path dirname)
        if $above == $at or $above == "" { break }
        $at = $above
    }
    $found
}

# Whether the marks of trust are as they were, and no env file was changed.
def __hutch_same [] {
    let state = $env.__hutch
    if ($state.marks | any {|mark| (($mark.path | path type) == "file") != $mark.there }) {
        false
    } else if ($state.files | is-empty) or not ($state.marks | last | get there) {
        true
    } else {
        let date = (ls --directory ($state.marks | last | get path) | get 0.modified)
        not ($state.files | any {|file|
            ($file | path exists) and (ls --directory $file | get 0.modified) > $date
        })
    }
}

def --env __hutch_put [name: string, value: any] {
    let row = {name: $name, had: ($name in $env), old: (__hutch_now $name), new: $value}
    $env.__hutch.saved = ($env.__hutch.saved | append $row)
    if $value == null { hide-env $name } else { load-env {$name: $value} }
}

def --env __hutch_enter [new: record] {
    $env.__hutch.active = $new.environment
    $env.__hutch.scripts = $new.scripts
    $env.__hutch.saved = []
    __hutch_put VIRTUAL_ENV $new.environment
    __hutch_put VIRTUAL_ENV_PROMPT $new.prompt
    __hutch_put HUTCH_SHELL_STATE $new.state
    for each in $new.variables { __hutch_put $each.name $each.value }
    # With this set, Python would look for its library somewhere else.
    if "PYTHONHOME" in $env { __hutch_put PYTHONHOME null }
    let name = (__hutch_path_name)
    let paths = (__hutch_paths $name)
    load-env {$name: ($paths | prepend $new.scripts)}
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default "" | is-empty) {
        let old = ($env.PROMPT_COMMAND? | default "")
        let is_code = ($old | describe) == "closure"
        let shown = $new.shown
        $env.__hutch.prompt = $old
        $env.PROMPT_COMMAND = {||
            let rest = (if $is_code { do $old } else { $old })
            $"\(($shown)) ($rest)"
        }
        $env.__hutch.made_prompt = true
    }
}

# PATH as a list: early in a start-up file it may still be one text.
def __hutch_paths [name: string] {
    let paths = (__hutch_now $name)
    if $paths == null {
        []
    } else if ($paths | describe) == "string" {
        $paths | split row (char esep)
    } else {
        $paths
    }
}

def --env __hutch_leave [] {
    let state = $env.__hutch
    if $state.active != "" {
        for each in ($state.saved | reverse) {
            # What somebody has changed since stays as it is.
            if (__hutch_now $each.name) == $each.new {
                if $each.had {
                    load-env {$each.name: $each.old}
                } else if $each.name in $env {
                    hide-env $each.name
                }
            }
        }
        let name = (__hutch_path_name)
        let paths = (__hutch_paths $name)
        let at = ($paths | enumerate | where item == $state.scripts | get index)
        if ($at | length) > 0 {
            load-env {$name: ($paths | drop nth $at.0)}
        }
        if $state.made_prompt {
            $env.PROMPT_COMMAND = $state.prompt
        }
        $env.__hutch.made_prompt = false
        $env.__hutch.active = ""
        $env.__hutch.saved = []
    }
}

# What another shell has activated, and whose variables this one has.
def --env __hutch_adopt [new: record] {
    $env.__hutch.active = $new.environment
    $env.__hutch.scripts = $new.scripts
    $env.__hutch.saved = ($new.before | each {|each|
        {name: $each.name, had: ($each.value != null), old: $each.value, new: (__hutch_now $each.name)}
    } | append {name: "HUTCH_SHELL_STATE", had: false, old: null, new: (__hutch_now HUTCH_SHELL_STATE)})
}

def --env __hutch_look [] {
    let switch = ($env.HUTCH_SHELL_HOOK? | default "")
    if $switch == "off" {
        __hutch_leave
        $env.__hutch.key = "off"
    } else {
        let found = (__hutch_find)
        let here = ($env.VIRTUAL_ENV? | default "")
        if $env.__hutch.active != "" and $here != "" and $here != $env.__hutch.active {
            __hutch_leave # another one was activated over ours, by hand
        }
        let inherited = (($env.HUTCH_SHELL_STATE? | default "") != "")
        let conda = ($env.CONDA_DEFAULT_ENV? | default "base")
        let other = (if $here != "" and $here != $env.__hutch.active and not $inherited {
            $here
        } else if ($env.CONDA_PREFIX? | default "") != "" and $conda != "base" and $env.__hutch.active == "" {
            $conda
        } else { "" })
        let key = ([$found.venv $found.pin $found.name $other] | str join "|")
        let adopts = ($inherited and $env.__hutch.active == "")
        if $adopts or $key != $env.__hutch.key or not (__hutch_same) {
            __hutch_leave
            $env.__hutch.marks = []
            $env.__hutch.files = []
            if ($other == "" and ($found.venv + $found.pin) != "") or $inherited {
                __hutch_ask $found $switch
            }
            $env.__hutch.key = $key
        }
    }
}

def --env __hutch_ask [found: record, switch: string] {
    let program = $env.__hutch.program
    let venv = (if $found.venv == "" { "-" } else { $found.venv })
    let pin = (if $found.pin == "" { "-" } else { $found.pin })
    let data = $env.__hutch.data
    let answer = (try {
        ^$program shell-answer --data $data -- nushell enter $venv $pin | from json
    } catch { null })
    if $answer != null {
        if $answer.adopt != null {
            __hutch_adopt $answer.adopt
            __hutch_leave
        }
        for said in $answer.say {
            if $switch != "quiet" and $said.about not-in $env.__hutch.told {
                $env.__hutch.told = ($env.__hutch.told | append $said.about)
                print --stderr $said.text
            }
        }
        $env.__hutch.marks = $answer.marks
        $env.__hutch.files = $answer.files
        if $answer.enter != null { __hutch_enter $answer.enter }
    }
}

if "__hutch" not-in $env {
    $env.__hutch = {
        program: __HUTCH__, data: __DATA__, key: "", active: "", scripts: "", saved: [], marks: [], files: [],
        told: [], prompt: "", made_prompt: false
    }
    $env.config = ($env.config? | default {})
    $env.config.hooks = ($env.config.hooks? | default {})
    $env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {||
        let code = $env.LAST_EXIT_CODE?
        __hutch_look
        if $code != null { $env.LAST_EXIT_CODE = $code }
    })
}
"""
