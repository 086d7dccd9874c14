"""The shim as a script for `/bin/sh`, for machines without a compiler: built-ins alone.

Text only. The rules are those of docs/explanation/shims.md; each function is called as its like in `shim_c`.
Variables begin with ``_h_``, because what is assigned in a shell goes to the target where it was exported.
"""

from __future__ import annotations

from hutch.shell.quoting import quote_posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.shell.shim import ShimFacts

__all__ = ["render_sh"]


def render_sh(facts: ShimFacts) -> str:
    """The text of the shim."""
    watched = "".join(
        f'    _h_after "$_h_shims/stamp" {quote_posix(one)} || return 1\n' for one in facts.watched
    )
    return (
        _SOURCE.replace("__WATCHED__", watched)
        .replace("__OTHERS__", " ".join(map(quote_posix, facts.pin_files[1:])))
        .replace("__PIN__", quote_posix(facts.pin_files[0]))
        .replace("__CR__", "\r")
        .replace("__DATA__", quote_posix(facts.data))
        .replace("__SHIMS__", quote_posix(facts.shims))
        .replace("__HUTCH__", " ".join(map(quote_posix, facts.hutch)))
        .replace("__FORMAT__", quote_posix(facts.stamp))
    )


_SOURCE = r"""#!/bin/sh
# Plain python for programs that know no shell. Made by `hutch python shim install`.
set -f
_h_data=__DATA__
_h_shims=__SHIMS__
_h_name=${0##*/}
if [ "$#" = 1 ] && [ "$1" = --hutch-shim ]; then
    set -- __HUTCH__
    printf '%s\n' __FORMAT__ "$_h_shims" "$1"
    exit 0
fi
_h_pip= _h_minor= _h_target= _h_pipless= _h_strange=
case $_h_name in
    pip|pip3) _h_pip=1 ;;
    python3.*) _h_minor=${_h_name#python} ;;
    python*) ;;
    *) _h_name=python ;;
esac

# Each function says what came of it: 0 a target, 1 nothing, 2 another version, 3 system, 4 unknown.

_h_runs () { [ -f "$1" ] && [ -x "$1" ]; }

_h_plain () {
    case $1 in
        ''|[.-]*) return 1 ;;
        *[!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@-]*) return 1 ;;
    esac
    [ "${#1}" -le 64 ]
}

# Was the note ($1) written after $2 was changed last? In the same tick of the clock is not after it.
_h_after () { ! [ -e "$2" ] || [ "$1" -nt "$2" ]; }

_h_tables_hold () {
    [ -f "$_h_shims/stamp" ] || return 1
__WATCHED__    return 0
}

_h_fit () {
    case $1 in /*) ;; *) return 4 ;; esac
    _h_runs "$1" || return 4
    if [ -z "$_h_pip$_h_minor" ]; then
        _h_target=$1
        return 0
    fi
    if _h_runs "${1%/*}/$_h_name"; then
        _h_target=${1%/*}/$_h_name
        return 0
    fi
    [ -n "$_h_minor" ] && return 2
    _h_pipless=$1
    return 0
}

_h_named () {
    _h_plain "$1" || return 4
    [ "$1" = system ] && return 3
    _h_tables_hold && [ -f "$_h_shims/by-name/$1" ] && [ -r "$_h_shims/by-name/$1" ] || return 4
    IFS= read -r _h_line < "$_h_shims/by-name/$1" || return 4
    _h_fit "$_h_line"
}

# The names on standard input, one a line, first words; in our own notes also paths of Pythons.
_h_listed () {
    _h_last=1 _h_count=0
    while :; do
        _h_word=
        if [ -n "$1" ]; then
            IFS= read -r _h_word || [ -n "$_h_word" ] || break
        else
            IFS=" 	__CR__" read -r _h_word _h_more || [ -n "$_h_word" ] || break
        fi
        [ "$_h_count" -ge 64 ] && return 4
        _h_count=$((_h_count + 1))
        case $_h_word in
            ''|'#'*) continue ;;
            /*) if [ -n "$1" ]; then _h_fit "$_h_word"; else _h_named "$_h_word"; fi ;;
            *) _h_named "$_h_word" ;;
        esac
        _h_last=$?
        [ "$_h_last" = 2 ] || return "$_h_last"
    done
    return "$_h_last"
}

# What the slow way has noted of a file ($1); it counts while it is younger than that, and than $2.
_h_noted () {
    [ -f "$_h_shims/by-file$1" ] && [ -r "$_h_shims/by-file$1" ] && _h_tables_hold || return 4
    _h_after "$_h_shims/by-file$1" "$1" || return 4
    _h_after "$_h_shims/by-file$1" "$2" || return 4
    _h_listed own < "$_h_shims/by-file$1"
}

_h_pinned_by () {
    [ -f "$1" ] && [ -r "$1" ] || return 1
    _h_listed "" < "$1"
    _h_last=$?
    [ "$_h_last" = 4 ] || return "$_h_last"
    _h_noted "$1" ""
}

# Whether the user has allowed the project in this folder. A shell cannot see inodes, so the slow way looks,
# and its answer counts until the folder, what it lies in, the environment or the mark has changed.
_h_trusted () {
    _h_mark=$_h_data/trust/at$1/.hutch-allowed
    [ -f "$_h_mark" ] && [ -O "$_h_mark" ] || return 1
    [ -e "${_h_mark%allowed}denied" ] && return 1
    _h_note=$_h_shims/by-file$1/.hutch-allowed
    [ -f "$_h_note" ] && [ -r "$_h_note" ] && _h_tables_hold || return 4
    for _h_one in "$_h_mark" "$1/" "${1%/*}/" "$1/.venv" "$1/.venv/pyvenv.cfg" "$1/.python-envs" \
        "$1/.venv/conda-meta/history"; do
        _h_after "$_h_note" "$_h_one" || return 4
    done
    IFS= read -r _h_line < "$_h_note" || return 4
    [ "$_h_line" = allowed ]
}

_h_environment_of () {
    _h_root=${HUTCH_PROJECT_ENVIRONMENT:-.venv}
    case $_h_root in /*) ;; *) _h_root=$1/$_h_root ;; esac
    while :; do
        case $_h_root in ?*/) _h_root=${_h_root%/} ;; *) break ;; esac
    done
    if [ -n "${HUTCH_ENV:-}" ]; then
        _h_plain "$HUTCH_ENV" || return 1
        _h_root=$_h_root-$HUTCH_ENV
    fi
}

_h_in_environment () {
    _h_at=$_h_here
    until [ -f "$_h_at/.venv/pyvenv.cfg" ] || [ -f "$_h_at/.venv/conda-meta/history" ] ||
        [ -f "$_h_at/.venv" ] || [ -f "$_h_at/.python-envs" ]; do
        [ -n "$_h_at" ] || return 1
        _h_at=${_h_at%/*}
    done
    _h_trusted "$_h_at" || return
    _h_environment_of "$_h_at" || return 4
    if _h_runs "$_h_root/bin/python"; then
        _h_fit "$_h_root/bin/python"
        return
    fi
    _h_noted "$_h_root" "$_h_data/projects"
}

_h_in_pins () {
    _h_at=$_h_here
    while :; do
        _h_pinned_by "$_h_at"/__PIN__
        _h_last=$?
        [ "$_h_last" = 1 ] || return "$_h_last"
        for _h_file in __OTHERS__; do
            [ -f "$_h_at/$_h_file" ] || continue
            _h_noted "$_h_at/$_h_file" ""
            _h_last=$?
            [ "$_h_last" = 1 ] || return "$_h_last"
        done
        [ -n "$_h_at" ] || return 1
        _h_at=${_h_at%/*}
    done
}

_h_this_shell () {
    case ${HUTCH_PYTHON:-} in
        '') ;;
        /*)
            if [ -d "$HUTCH_PYTHON" ]; then _h_fit "$HUTCH_PYTHON/bin/python"; else _h_fit "$HUTCH_PYTHON"; fi
            return
            ;;
        *)
            _h_named "$HUTCH_PYTHON"
            return
            ;;
    esac
    _h_rest=${PYENV_VERSION:-}
    case $_h_rest in *'
'*) return 4 ;; esac
    _h_last=1 _h_count=0
    while [ -n "$_h_rest" ]; do
        _h_word=${_h_rest%%:*}
        case $_h_rest in *:*) _h_rest=${_h_rest#*:} ;; *) _h_rest= ;; esac
        [ "$_h_count" -ge 64 ] && return 4
        _h_count=$((_h_count + 1))
        # As a line of a file: the first word of it.
        while :; do
            case $_h_word in [" 	__CR__"]*) _h_word=${_h_word#?} ;; *) break ;; esac
        done
        _h_word=${_h_word%%[" 	__CR__"]*}
        case $_h_word in ''|'#'*) continue ;; esac
        _h_named "$_h_word"
        _h_last=$?
        [ "$_h_last" = 2 ] || return "$_h_last"
    done
    return "$_h_last"
}

# Where pyenv keeps its things.
_h_pyenv () {
    _h_root=${PYENV_ROOT:-}
    if [ -z "$_h_root" ]; then
        case ${HOME:-} in /*) _h_root=$HOME/.pyenv ;; esac
    fi
    case $_h_root in /*) return 0 ;; *) return 1 ;; esac
}

# The first program of this name on PATH that is no shim.
_h_on_path () {
    _h_rest=${PATH:-}
    _h_root=
    _h_pyenv || _h_root=
    while [ -n "$_h_rest" ]; do
        _h_at=${_h_rest%%:*}
        case $_h_rest in *:*) _h_rest=${_h_rest#*:} ;; *) _h_rest= ;; esac
        case $_h_at in /*) ;; *) continue ;; esac
        _h_runs "$_h_at/$1" || continue
        [ "$_h_at" -ef "$_h_shims" ] && continue
        [ "$_h_at/$1" -ef "$_h_shims/python" ] && continue
        if [ -n "$_h_root" ]; then
            [ "$_h_at" -ef "$_h_root/shims" ] && continue
            [ "$_h_at" -ef "$_h_root/plugins/pyenv-virtualenv/shims" ] && continue
        fi
        _h_line=$_h_at/$1
        return 0
    done
    return 1
}

_h_rest_of_path () {
    _h_line=
    if [ -n "$_h_minor" ]; then
        _h_on_path "$_h_name"
    elif [ -n "$_h_pip" ] || [ "$_h_name" = python ]; then
        _h_on_path python || _h_on_path python3
    else
        _h_on_path python3
    fi
    if [ -z "$_h_line" ]; then
        _h_named "${_h_minor:-any}"
        return
    fi
    _h_strange=1
    _h_fit "$_h_line"
}

# The real path of where we stand, without its last slash. PWD is that, unless somebody came by a link.
_h_find_here () {
    _h_here=$PWD
    case $_h_here in /*) ;; *) return 1 ;; esac
    _h_at=$_h_here
    while [ -n "$_h_at" ]; do
        if [ -h "$_h_at" ]; then
            _h_here=$(pwd -P 2>/dev/null) || return 1
            break
        fi
        _h_at=${_h_at%/*}
    done
    [ "$_h_here/" -ef . ] || return 1
    _h_here=${_h_here%/}
}

_h_decide () {
    _h_this_shell
    _h_last=$?
    if [ "$_h_last" = 1 ] && _h_find_here; then
        _h_in_environment
        _h_last=$?
        if [ "$_h_last" = 1 ]; then
            _h_in_pins
            _h_last=$?
        fi
    fi
    if [ "$_h_last" = 1 ]; then
        _h_pinned_by "$_h_data/python-version"
        _h_last=$?
    fi
    if [ "$_h_last" = 1 ] && _h_pyenv; then
        _h_pinned_by "$_h_root/version"
        _h_last=$?
    fi
    case $_h_last in
        2) _h_named "$_h_minor" ;;
        1|3) _h_rest_of_path ;;
        *) return "$_h_last" ;;
    esac
}

_h_decide
if [ "$?" != 0 ]; then
    set -- python shim exec "$_h_shims" "$_h_name" "$@"
    _h_target=
elif [ -n "$_h_strange" ]; then
    _h_count=0
    case ${_HUTCH_SHIM:-} in "$$":[0-9]|"$$":[0-9][0-9]) _h_count=${_HUTCH_SHIM#*:} ;; esac
    if [ "$_h_count" -ge 8 ]; then
        printf '%s\n' "$_h_name: two shims on PATH call each other, the other one is $_h_target" >&2
        exit 127
    fi
    export _HUTCH_SHIM="$$:$((_h_count + 1))"
fi
if [ -n "$_h_target" ]; then
    exec "$_h_target" "$@"
fi
if [ -n "$_h_pipless" ]; then
    _h_root=${_h_pipless%/*}
    _h_root=${_h_root%/*}
    # hutch's pip, if it is of an environment; else what it has itself.
    if ! [ -f "$_h_root/pyvenv.cfg" ]; then
        exec "$_h_pipless" -m pip "$@"
    fi
    export VIRTUAL_ENV="$_h_root"
    set -- pip "$@"
fi
set -- __HUTCH__ "$@"
if ! _h_runs "$1"; then
    printf '%s\n' "$_h_name: hutch is not where it was ($1)" \
        "try: hutch python shim install, with the hutch that there is now" >&2
    exit 127
fi
exec "$@"
"""
