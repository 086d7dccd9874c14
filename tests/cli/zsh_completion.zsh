# Press Tab in a real zsh: zsh -f zsh_completion.zsh SCRIPT "hutch lo" prints what it would offer.
#
# A second zsh runs behind a pseudo-terminal; its compadd is replaced by one that also prints.
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT= ; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source $1"
zpty -w z $'
compprefuncs=( _begin )
comppostfuncs=( _end )
_begin () { print -r -- "<<<" }
_end () { print -r -- ">>>"; exit 0 }
zle -C offer complete-word _generic
bindkey "^I" offer
zstyle ":completion:*" completer _complete
compadd () {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a __offered
  builtin compadd -A __offered "$@"
  [[ -n $__offered ]] && print -rl -- "offer:"$^__offered
  builtin compadd "$@"
}
stty -onlcr; print READY'
line=
while zpty -r z line; do [[ $line == *READY* && $line != *print* ]] && break; done
zpty -w -n z "$2"$'\t'
while zpty -r z line; do
  print -r -- $line
  [[ $line == *">>>"* ]] && break
done | grep -a -o 'offer:[^[:cntrl:]]*' | sed 's/^offer://' | sort -u
