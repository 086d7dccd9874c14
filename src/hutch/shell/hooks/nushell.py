"""The hook of nushell: in a file that it sources, since it evaluates nothing at run time.

``hutch shell-hook nushell --install`` writes it into the folder from which nushell loads files by itself. The
state is in a variable that is a record, which programs do not get. The answer is JSON.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - the text of another language

TEMPLATE = r"""# The shell hook of hutch, for nushell: a file to be sourced.

# The functions change nothing: they give the state, and what variables become (null: none at all). All of it is
# done at the end, in one place. (A hide-env that follows calls which set variables is lost.)

def __hutch_path_name [] { if "PATH" in $env { "PATH" } else if "Path" in $env { "Path" } else { "PATH" } }

def __hutch_now [changes: record, name: string] {
    if $name in $changes { $changes | get $name } else if $name in $env { $env | get $name } else { null }
}

# PATH as a list: early in a start-up file it may still be one text.
def __hutch_paths [changes: record, name: string] {
    let paths = (__hutch_now $changes $name)
    if $paths == null {
        []
    } else if ($paths | describe) == "string" {
        $paths | split row (char esep)
    } else {
        $paths
    }
}

# The nearest environment upwards, and a .python-version below it that may name one.
def __hutch_find [] {
    mut at = $env.PWD
    mut found = {venv: "", pin: "", name: ""}
    loop {
        let files = [
            ($at | path join ".venv" "pyvenv.cfg") ($at | path join ".venv" "conda-meta" "history")
            ($at | path join ".venv") ($at | path join ".python-envs")
        ]
        if ($files | any {|each| __hutch_is_file $each }) {
            $found.venv = $at
            break
        }
        let pin = ($at | path join ".python-version")
        if $found.pin == "" and (__hutch_is_file $pin) {
            let words = (try {
                open --raw $pin | decode utf-8 | lines | each {|line|
                    $line | split row --regex '\s+' | where $it != "" | get 0? | default "#"
                } | where $it !~ '^(#|[0-9.]*$)'
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

def __hutch_is_file [file: string] { ($file | path exists) and (($file | path expand | path type) == "file") }

# Whether the marks of trust are as they were, and no env file was changed.
def __hutch_same [state: record] {
    if ($state.marks | any {|mark| (__hutch_is_file $mark.path) != $mark.there }) {
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

def __hutch_enter [so_far: record, new: record] {
    mut state = $so_far.state
    mut changes = $so_far.changes
    mut wanted = ([{name: "HUTCH_SHELL_STATE", value: $new.state}] | append $new.variables)
    if $new.level == "" {
        $wanted = ([
            {name: "VIRTUAL_ENV", value: $new.environment} {name: "VIRTUAL_ENV_PROMPT", value: $new.prompt}
        ] | append $wanted)
    }
    # With this set, Python would look for its library somewhere else.
    if (__hutch_now $changes "PYTHONHOME") != null {
        $wanted = ($wanted | append {name: "PYTHONHOME", value: null})
    }
    for each in $wanted {
        let old = (__hutch_now $changes $each.name)
        $state.saved = ($state.saved | append {name: $each.name, old: $old, new: $each.value})
        $changes = ($changes | upsert $each.name $each.value)
    }
    let name = (__hutch_path_name)
    # Of an environment of conda's on Windows there are several.
    let scripts = (if $new.level == "" { [$new.scripts] } else { $new.scripts | split row (char esep) })
    $changes = ($changes | upsert $name (__hutch_paths $changes $name | prepend $scripts))
    $state.active = $new.environment
    $state.scripts = $scripts
    $state.level = $new.level
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default "" | is-empty) {
        let old = (__hutch_now $changes "PROMPT_COMMAND")
        let is_code = ($old | describe) == "closure"
        let shown = $new.shown
        $state.prompt = $old
        $state.made_prompt = true
        $changes = ($changes | upsert PROMPT_COMMAND {||
            let rest = (if $is_code { do $old } else { $old | default "" })
            $"\(($shown)) ($rest)"
        })
    }
    {state: $state, changes: $changes}
}

def __hutch_leave [so_far: record] {
    mut state = $so_far.state
    mut changes = $so_far.changes
    if $state.active != "" {
        let conda = $state.level != "" and (__hutch_now $changes "CONDA_PREFIX" | default "") == $state.active
        let said = (if $conda { [CONDA_PREFIX CONDA_SHLVL CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER] } else { [] })
        for each in ($state.saved | reverse) {
            # What somebody has changed since stays as it is. Who came back to an environment of conda's may have
            # said those in other words.
            if $each.name in $said or (__hutch_now $changes $each.name) == $each.new {
                $changes = ($changes | upsert $each.name $each.old)
            }
        }
        let name = (__hutch_path_name)
        for scripts in $state.scripts {
            let paths = (__hutch_paths $changes $name)
            let at = ($paths | enumerate | where item == $scripts | get index)
            if ($at | length) > 0 {
                $changes = ($changes | upsert $name ($paths | drop nth $at.0))
            }
        }
        if $state.made_prompt {
            $changes = ($changes | upsert PROMPT_COMMAND $state.prompt)
        }
        $state.made_prompt = false
        $state.active = ""
        $state.level = ""
        $state.saved = []
    }
    {state: $state, changes: $changes}
}

# What another shell has activated, and whose variables this one has.
def __hutch_adopt [so_far: record, new: record] {
    mut state = $so_far.state
    let changes = $so_far.changes
    $state.active = $new.environment
    $state.scripts = (if $new.level == "" { [$new.scripts] } else { $new.scripts | split row (char esep) })
    $state.level = $new.level
    $state.saved = ($new.before | append {name: "HUTCH_SHELL_STATE", value: null} | each {|each|
        {name: $each.name, old: $each.value, new: (__hutch_now $changes $each.name)}
    })
    {state: $state, changes: $changes}
}

def __hutch_ask [so_far: record, found: record, switch: string] {
    mut so_far = $so_far
    let program = $so_far.state.program
    let data = $so_far.state.data
    let venv = (if $found.venv == "" { "-" } else { $found.venv })
    let pin = (if $found.pin == "" { "-" } else { $found.pin })
    # What has been left is still in the environment of this shell, and is taken out of that of the program.
    let given = ($so_far.changes | items {|name, value| if ($value | describe) == "string" { {$name: $value} } }
        | compact | reduce --fold {} {|each, all| $all | merge $each })
    let gone = ($so_far.changes | items {|name, value| if $value == null { $name } } | compact)
    let answer = (try {
        do {
            for name in $gone { hide-env --ignore-errors $name }
            load-env $given
            ^$program shell-answer --data $data -- nushell enter $venv $pin | from json
        }
    } catch { null })
    if $answer != null {
        if $answer.adopt != null {
            $so_far = (__hutch_leave (__hutch_adopt $so_far $answer.adopt))
        }
        for said in $answer.say {
            if $switch != "quiet" and $said.about not-in $so_far.state.told {
                $so_far.state.told = ($so_far.state.told | append $said.about)
                print --stderr $said.text
            }
        }
        $so_far.state.marks = $answer.marks
        $so_far.state.files = $answer.files
        if $answer.enter != null { $so_far = (__hutch_enter $so_far $answer.enter) }
    }
    $so_far
}

def __hutch_next [] {
    mut so_far = {state: $env.__hutch, changes: {}}
    let switch = ($env.HUTCH_SHELL_HOOK? | default "")
    if $switch == "off" {
        $so_far = (__hutch_leave $so_far)
        $so_far.state.key = "off"
        return $so_far
    }
    if $so_far.state.level != "" and ($env.CONDA_PREFIX? | default "") != $so_far.state.active {
        # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
        let below = $"CONDA_PREFIX_($so_far.state.level)"
        if (__hutch_now {} $below | default "") == $so_far.state.active { return $so_far }
        $so_far = (__hutch_leave $so_far)
    }
    let found = (__hutch_find)
    let here = ($env.VIRTUAL_ENV? | default "")
    if $so_far.state.active != "" and $here != "" and $here != $so_far.state.active {
        $so_far = (__hutch_leave $so_far) # another one was activated over ours, by hand
    }
    let active = $so_far.state.active
    let inherited = ((__hutch_now $so_far.changes "HUTCH_SHELL_STATE" | default "") != "")
    let conda = ($env.CONDA_DEFAULT_ENV? | default "base")
    let other = (if $here != "" and $here != $active and not $inherited {
        $here
    } else if ($env.CONDA_PREFIX? | default "") != "" and $conda != "base" and $active == "" and not $inherited {
        $conda
    } else { "" })
    let key = ([$found.venv $found.pin $found.name $other] | str join "|")
    if not ($inherited and $active == "") and $key == $so_far.state.key and (__hutch_same $so_far.state) {
        return $so_far
    }
    $so_far = (__hutch_leave $so_far)
    $so_far.state.marks = []
    $so_far.state.files = []
    let inherits = $inherited and $active == ""
    if ($other == "" and ($found.venv + $found.pin) != "") or $inherits {
        $so_far = (__hutch_ask $so_far $found $switch)
    }
    $so_far.state.key = $key
    $so_far
}

# Nearly always nothing has changed, and one look at all that may be found here and upwards, and at the marks of
# trust, tells so. What a .python-version says, and how old an env file is, belongs to it.
def __hutch_glance [] {
    let state = $env.__hutch
    let looked = (if $state.pwd == $env.PWD { $state.looked } else { __hutch_places })
    let pins = ($looked.pins | where ($it | path exists) | where (__hutch_is_file $it) | each {|pin| try { open --raw $pin } catch { "" } })
    let files = (if ($state.files | is-empty) { [] } else {
        $state.files ++ [($state.marks | last | get path)] | where ($it | path exists)
            | each {|file| ls --directory $file | get 0.modified }
    })
    {
        looked: $looked
        seen: [
            $env.PWD ($env.VIRTUAL_ENV? | default "") ($env.CONDA_PREFIX? | default "") ($env.CONDA_DEFAULT_ENV? | default "")
            ($env.HUTCH_SHELL_HOOK? | default "") ($looked.files | path exists)
            ($state.marks | each {|mark| $mark.path | path exists }) $pins $files
        ]
    }
}

def __hutch_places [] {
    mut at = $env.PWD
    mut files = []
    mut pins = []
    loop {
        $files = ($files ++ [
            ($at | path join ".venv" "pyvenv.cfg") ($at | path join ".venv" "conda-meta" "history")
            ($at | path join ".venv") ($at | path join ".python-envs")
        ])
        $pins = ($pins ++ [($at | path join ".python-version")])
        let above = ($at | path dirname)
        if $above == $at or $above == "" { break }
        $at = $above
    }
    {files: $files, pins: $pins}
}

def --env __hutch_look [] {
    let glance = (__hutch_glance)
    if $glance.seen != $env.__hutch.seen {
        __hutch_act
        # As it is now: what was just done is a part of it.
        let after = (__hutch_glance)
        $env.__hutch = ($env.__hutch | merge {pwd: $env.PWD, looked: $after.looked, seen: $after.seen})
    }
}

def --env __hutch_act [] {
    let next = (__hutch_next)
    for each in ($next.changes | transpose name value) {
        if $each.value == null and $each.name in $env { hide-env $each.name }
    }
    load-env ($next.changes | transpose name value | where value != null
        | reduce --fold {} {|each, all| $all | upsert $each.name $each.value })
    $env.__hutch = $next.state
}

if "__hutch" not-in $env {
    $env.__hutch = {
        program: __HUTCH__, data: __DATA__, key: "", active: "", scripts: [], level: "", saved: [], marks: [], files: [],
        told: [], prompt: "", made_prompt: false, pwd: "", looked: {files: [], pins: []}, seen: []
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
