"""The hook of fish, 3.1 and later: ``hutch shell-hook fish | source`` in ``config.fish``.

Every variable that is set is global: one of the user's that is universal is hidden by it and comes into view
again, and is never written.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - a condition of fish cannot be broken into lines

TEMPLATE = r"""# The shell hook of hutch, for fish. In config.fish:  hutch shell-hook fish | source

set -g __hutch_program __HUTCH__
set -g __hutch_data __DATA__

function __hutch_places
    # All that may be found from here upwards, nearest first, and what says whether it is trusted.
    set -g __hutch_pwd $PWD
    set -g __hutch_looked
    set -l at (string replace -r '/$' '' -- $PWD | string collect)
    while true
        set -a __hutch_looked "$at/.venv/pyvenv.cfg" "$at/.venv/conda-meta/history" "$at/.venv"
        set -a __hutch_looked "$at/.python-envs" "$at/.python-version"
        test -n "$at"; or break
        set at (string replace -r '/[^/]*$' '' -- $at | string collect)
    end
end

# Which of some files are there: one builtin, where fish has it (3.5 and later).
if builtin -n | string match -q path
    function __hutch_there
        path filter -f -- $argv
    end
else
    function __hutch_there
        for file in $argv
            test -f "$file"; and echo $file
        end
    end
end

function __hutch_find --no-scope-shadowing
    # The nearest environment upwards, and a .python-version below it that may name one.
    for __hutch_at in $__hutch_hits
        contains -- $__hutch_at $__hutch_marks; and continue
        if string match -q '*/.python-version' -- $__hutch_at
            test -z "$__hutch_pin"; and test -r "$__hutch_at"; or continue
            # A few lines at most: it may have come with a checkout.
            read -z -n 4096 -l __hutch_text <$__hutch_at
            for __hutch_line in (string split \n -- "$__hutch_text")
                set -l __hutch_word (string match -r '[^ \t\r]+' -- "$__hutch_line")
                if test -n "$__hutch_word"; and not string match -qr '^#|^[0-9.]*$' -- $__hutch_word
                    set __hutch_pin "$__hutch_at"
                    set __hutch_name "$__hutch_name$__hutch_word:"
                end
            end
        else
            set __hutch_venv (string replace -r '/(\.venv(/pyvenv\.cfg|/conda-meta/history)?|\.python-envs)$' '' -- $__hutch_at | string collect)
            test -n "$__hutch_venv"; or set __hutch_venv /
            return
        end
    end
end

function __hutch_same
    # Whether everything is as it was when hutch was asked last.
    test "$argv[1]" = "$__hutch_key"; or return 1
    test "$argv[2]" = "$__hutch_known"; or return 1
    if set -q __hutch_dates[1]
        test "$__hutch_dates" = (__hutch_date | string collect); or return 1
    end
    return 0
end

function __hutch_date
    # When the env files were changed last, where fish can tell (3.6 and later).
    path mtime -- $__hutch_files 2>/dev/null | string join ' '
    echo -
end

function __hutch_hook --on-event fish_prompt
    set -l __hutch_code $status
    __hutch_look
    return $__hutch_code
end

function __hutch_look
    test "$PWD" = "$__hutch_pwd"; or __hutch_places
    set -l __hutch_hits (__hutch_there $__hutch_looked $__hutch_marks)
    # Nearly always nothing has changed: then this is all. What a .python-version says has to be read.
    set -l quick "$PWD|$HUTCH_SHELL_HOOK|$VIRTUAL_ENV|$CONDA_PREFIX|$CONDA_DEFAULT_ENV|$__hutch_env|$__hutch_hits"
    if test "$quick" = "$__hutch_quick"
        return
    end
    set -g __hutch_quick
    set -l __hutch_marked
    for mark in $__hutch_marks
        contains -- $mark $__hutch_hits; and set -a __hutch_marked $mark
    end
    set -l __hutch_venv
    set -l __hutch_pin
    set -l __hutch_name
    set -l __hutch_at
    set -l other
    if test "$HUTCH_SHELL_HOOK" = off
        set -q __hutch_env; and __hutch_leave
        set -g __hutch_key off
        return
    end
    if test -n "$__hutch_conda"; and test "$CONDA_PREFIX" != "$__hutch_env"
        # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
        set -l below CONDA_PREFIX_$__hutch_conda
        test "$$below" = "$__hutch_env"; and return
        __hutch_leave
    end
    __hutch_find
    if set -q __hutch_env; and test -n "$VIRTUAL_ENV"; and test "$VIRTUAL_ENV" != "$__hutch_env"
        __hutch_yield
    end
    if test -n "$VIRTUAL_ENV"; and test "$VIRTUAL_ENV" != "$__hutch_env"; and test -z "$HUTCH_SHELL_STATE"
        set other "$VIRTUAL_ENV"
    else if test -n "$CONDA_PREFIX"; and test -n "$CONDA_DEFAULT_ENV"; and test "$CONDA_DEFAULT_ENV" != base; and not set -q __hutch_env; and test -z "$HUTCH_SHELL_STATE"
        set other "$CONDA_PREFIX"
    end
    set -l key "$__hutch_venv|$__hutch_pin|$__hutch_name|$other"
    if test -n "$HUTCH_SHELL_STATE"; and not set -q __hutch_env
        # Another shell has activated what this one inherits.
    else if __hutch_same $key "$__hutch_marked"
        # Files that are read or dated each time stand in the way of knowing at a glance.
        if not set -q __hutch_dates[1]; and not string match -q '*/.python-version*' -- "$__hutch_hits"
            set -g __hutch_quick $quick
        end
        return
    end
    set -q __hutch_env; and __hutch_leave
    set -g __hutch_marks
    set -g __hutch_known
    set -g __hutch_files
    set -g __hutch_dates
    if test -z "$other" -a -n "$__hutch_venv$__hutch_pin"; or test -n "$HUTCH_SHELL_STATE"
        if test -x "$__hutch_program"
            test -n "$__hutch_venv"; or set __hutch_venv -
            test -n "$__hutch_pin"; or set __hutch_pin -
            set -l words --data $__hutch_data -- fish enter $__hutch_venv $__hutch_pin
            set -l answer (command $__hutch_program shell-answer $words </dev/null | string collect)
            eval $answer
        end
    end
    set -q __hutch_files[1]; and set -g __hutch_dates (__hutch_date | string collect)
    set -g __hutch_key $key
end

function __hutch_keep -a name
    # Remember what NAME is, before it is changed.
    set -ga __hutch_names $name
    if set -qgx $name
        set -g __hutch_how_$name export
        set -g __hutch_old_$name $$name
    else if set -qg $name
        set -g __hutch_how_$name plain
        set -g __hutch_old_$name $$name
    else
        set -g __hutch_how_$name unset
    end
end

function __hutch_put -a name value
    # Export NAME as VALUE.
    __hutch_keep $name
    set -gx $name $value
    set -g __hutch_new_$name "=$$name"
end

function __hutch_back -a name
    # What NAME was, unless somebody has changed it since.
    set -l how __hutch_how_$name
    set -l old __hutch_old_$name
    set -l new __hutch_new_$name
    set -l now ''
    set -qg $name; and set now "=$$name"
    if test "$now" = "$$new"
        switch $$how
            case unset
                set -eg $name
            case plain
                set -eg $name
                set -gu $name $$old
            case export
                set -gx $name $$old
        end
    end
    set -eg $how
    set -eg $old
    set -eg $new
end

function __hutch_enter -a environment scripts name shown state level
    set -g __hutch_env $environment
    set -g __hutch_bin $scripts
    set -g __hutch_shown $shown
    set -g __hutch_names
    set -qg PATH; or set -g __hutch_no_path
    set -g __hutch_conda $level
    if test -z "$level"
        __hutch_put VIRTUAL_ENV $environment
        __hutch_put VIRTUAL_ENV_PROMPT $name
    end
    __hutch_put HUTCH_SHELL_STATE $state
    # With this set, Python would look for its library somewhere else.
    if set -q PYTHONHOME
        __hutch_keep PYTHONHOME
        set -eg PYTHONHOME
        # A universal one is hidden from programs, and left as it is.
        if set -q PYTHONHOME
            set -gu PYTHONHOME
            set -g __hutch_new_PYTHONHOME =
        end
    end
    set -gx PATH $scripts $PATH
    if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt; and not functions -q __hutch_fish_prompt
        functions -c fish_prompt __hutch_fish_prompt
        function fish_prompt
            # The prompt that was there sees the status of the last command, not of this function.
            set -l __hutch_code $status
            # Of one of conda's that another was activated over, that one's name is shown.
            if set -q __hutch_env; and contains -- "$__hutch_conda$CONDA_PREFIX" "$CONDA_PREFIX" "$__hutch_conda$__hutch_env"
                printf '(%s) ' $__hutch_shown
            end
            __hutch_status $__hutch_code
            __hutch_fish_prompt
        end
    end
    if not functions -q deactivate
        function deactivate -d "Leave the Python environment"
            __hutch_leave
        end
        set -g __hutch_deactivate
    end
end

function __hutch_later
    # Scripts that are to be read when the environment is left.
    set -g __hutch_scripts $argv
end

function __hutch_read
    # Scripts of an environment of conda's, as far as they are there.
    for file in $argv
        test -r "$file"; and source $file
    end
end

function __hutch_status -a code
    return $code
end

function __hutch_yield
    # Another environment was activated over ours, by hand: take ours out of what will be put back then.
    if set -qg _OLD_VIRTUAL_PATH
        if set -l at (contains -i -- $__hutch_bin $_OLD_VIRTUAL_PATH)
            set -eg _OLD_VIRTUAL_PATH[$at]
        end
    end
    if set -qg __hutch_old_PYTHONHOME; and not set -q PYTHONHOME; and not set -q _OLD_VIRTUAL_PYTHONHOME
        set -g _OLD_VIRTUAL_PYTHONHOME $__hutch_old_PYTHONHOME
        set -g __hutch_how_PYTHONHOME theirs
    end
    set -eg __hutch_deactivate
    __hutch_leave
end

function __hutch_leave
    if test -n "$__hutch_conda"; and test "$CONDA_PREFIX" = "$__hutch_env"
        __hutch_read $__hutch_scripts
        # Who came back to it from another one may have said these in other words.
        for name in CONDA_PREFIX CONDA_SHLVL CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER
            set -g __hutch_new_$name "=$$name"
        end
    end
    for name in $__hutch_names[-1..1]
        __hutch_back $name
    end
    if set -l at (contains -i -- $__hutch_bin $PATH)
        set -e PATH[$at]
        if set -qg __hutch_no_path; and test -z "$PATH"
            set -eg PATH
        end
    end
    if functions -q __hutch_fish_prompt; and functions fish_prompt | string match -q '*__hutch_fish_prompt*'
        functions -e fish_prompt
        functions -c __hutch_fish_prompt fish_prompt
        functions -e __hutch_fish_prompt
    end
    if set -qg __hutch_deactivate
        functions -e deactivate
    end
    set -eg __hutch_env
    set -eg __hutch_bin
    set -eg __hutch_shown
    set -eg __hutch_names
    set -eg __hutch_no_path
    set -eg __hutch_deactivate
    set -eg __hutch_conda
    set -eg __hutch_scripts
end

function __hutch_adopt -a environment scripts name level
    # What another shell has activated, and whose variables this one has.
    set -g __hutch_env $environment
    set -g __hutch_bin $scripts
    set -g __hutch_conda $level
    set -g __hutch_names
    __hutch_was HUTCH_SHELL_STATE
end

function __hutch_was -a name value
    # NAME was VALUE, or not set, before that. What it is now nobody has changed.
    set -ga __hutch_names $name
    set -qg $name; and set -g __hutch_new_$name "=$$name"
    if set -q argv[2]
        set -g __hutch_how_$name export
        set -g __hutch_old_$name $value
    else
        set -g __hutch_how_$name unset
    end
end

function __hutch_watch -a path there
    set -ga __hutch_marks $path
    test $there = 1; and set -ga __hutch_known $path
end

function __hutch_file -a path
    set -ga __hutch_files $path
end

function __hutch_say -a about text
    # Once a shell and project.
    test "$HUTCH_SHELL_HOOK" = quiet; and return
    contains -- $about $__hutch_told; and return
    set -ga __hutch_told $about
    printf '%s\n' $text >&2
end
"""
