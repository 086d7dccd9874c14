# The day of a user of pyenv and pyenv-virtualenv, with hutch alone. Run by test_pyenv_day.py, in bash.
#
# What is here before: `hutch` on PATH, HUTCH_PYTHON_MIRROR with archives of 3.11.2, 3.11.7 and 3.12.1, an empty HOME.
# On the right of each step the words that it takes the place of.

set -eu
trap 'echo "not ok - line $LINENO" >&2' ERR

step=0
same () { # WHAT EXPECTED FOUND
    step=$((step + 1))
    if [[ $2 == "$3" ]]; then
        echo "ok $step - $1"
    else
        printf 'not ok %s - %s\n  expected: %s\n  found:    %s\n' "$step" "$1" "$2" "$3" >&2
        exit 1
    fi
}
has () { # WHAT PART TEXT
    step=$((step + 1))
    if [[ $3 == *"$2"* ]]; then
        echo "ok $step - $1"
    else
        printf 'not ok %s - %s\n  not in it: %s\n  found:    %s\n' "$step" "$1" "$2" "$3" >&2
        exit 1
    fi
}
version () { "$@" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'; }
prefix () { "$@" -c 'import sys; print(sys.prefix)'; }

cd "$HOME"

# -- versions ---------------------------------------------------------------------------------------
hutch --quiet python install 3.12 3.11.2 3.11.7                  # pyenv install 3.12 3.11.2 3.11.7
versions=$(hutch python list)                                    # pyenv versions
for one in 3.12.1 3.11.2 3.11.7; do has "$one is listed" "$one" "$versions"; done
again=$(hutch python install 3.12.1 2>&1)                        # pyenv install --skip-existing
has 'what is there stays' '3.12.1' "$again"
same 'latest' 3.11.7 "$(hutch python find 3.11 --show-version)"  # pyenv latest 3.11
has 'prefix' "$(hutch python dir)/" "$(hutch python find 3.12 --prefix)" # pyenv prefix, pyenv root

# -- plain python: once, in place of `eval "$(pyenv init -)"` ------------------------------------------
hutch --quiet python shim install
shims=$HUTCH_DATA_DIR/shims
export PATH="$shims:$PATH"
hash -r

hutch --quiet python pin --global 3.12                           # pyenv global 3.12
same 'global' 3.12.1 "$(version python)"
same 'global, as hutch says it' 3.12.1 "$(hutch python find --show-version)"

mkdir "$HOME/shop" && cd "$HOME/shop"
hutch --quiet python pin 3.11.2                                  # pyenv local 3.11.2
same 'the file is the one of pyenv' 3.11.2 "$(cat .python-version)"
same 'local' 3.11.2 "$(version python)"
mkdir -p src/deep
same 'local, further down' 3.11.2 "$(cd src/deep && version python)"
same 'local, in a program without a shell' 3.11.2 "$(env -i PATH="$PATH" HOME="$HOME" python -c 'import platform; print(platform.python_version())')"
same 'elsewhere still global' 3.12.1 "$(cd "$HOME" && version python)"
hutch --quiet python pin 3.11 3.12                               # pyenv local 3.11 3.12
same 'the first of two' 3.11.7 "$(version python)"
same 'the second by its name' 3.12.1 "$(version python3.12)"

eval "$(hutch python shell 3.12)"                                # pyenv shell 3.12
same 'shell' 3.12.1 "$(version python)"
same 'which shell' 3.12 "$(hutch python shell)"
eval "$(hutch python shell --unset)"                             # pyenv shell --unset
same 'shell no more' 3.11.7 "$(version python)"
same "pyenv's own variable" 3.12.1 "$(PYENV_VERSION=3.12 version python)"

has 'which' "$(hutch python dir)/cpython-3.11" "$(hutch python which 2> why)"     # pyenv which python
has 'and why' .python-version "$(cat why)"
has 'whence' 3.12.1 "$(hutch python which --all python3.12)"    # pyenv whence python3.12
rm why

# -- environments with names: pyenv-virtualenv ---------------------------------------------------------
cd "$HOME"
hutch --quiet env create shop-env --python 3.11                  # pyenv virtualenv 3.11 shop-env
has 'it is listed' shop-env "$(hutch env list)"                  # pyenv virtualenvs
cd "$HOME/shop"
hutch --quiet python pin shop-env                                # pyenv local shop-env
root=$(hutch env path shop-env)
same 'plain python is that of the environment' "$root" "$(prefix python)"
eval "$(hutch shell-hook bash)"                                  # eval "$(pyenv virtualenv-init -)"
__hutch_hook
same 'and it is activated on entering' "$root" "${VIRTUAL_ENV-none}"
cd "$HOME"; __hutch_hook
same 'and left on leaving' none "${VIRTUAL_ENV-none}"
same 'exec' "$root" "$(prefix hutch run -n shop-env python)"     # PYENV_VERSION=shop-env pyenv exec python
hutch python shell shop-env                                      # pyenv activate shop-env
same 'shell, with the hook' "$root" "$(prefix python)"
hutch python shell --unset

# -- a Python goes; environments of its minor version stay ----------------------------------------------
hutch --quiet python uninstall 3.11.7 < /dev/null                # pyenv uninstall -f 3.11.7
same 'the environment runs the next patch' 3.11.2 "$(version hutch run -n shop-env python)"
cd "$HOME/shop"
same 'plain python, too' 3.11.2 "$(version python)"
hutch --quiet env remove shop-env                                # pyenv virtualenv-delete -f shop-env
same 'what names it is passed over' 3.12.1 "$(version python)"
echo 3.11.99 > .python-version
if gone=$(python -V 2>&1); then same 'a Python that is nowhere' 'a problem' "$gone"; fi
has 'what to do about it' 'hutch python install 3.11.99' "$gone"

hutch --quiet python shim remove
echo "1..$step"
