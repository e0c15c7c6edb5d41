/** For bash 3.2 and later. `atmosctl` on the path is asked, and nothing that a directory brought along. */
export const bashScript = `# Completion of atmosctl in bash.

_atmosctl() {
  COMPREPLY=()
  local -a words=() starts=() reply=()
  local index piece line rest=$COMP_LINE before='' last=-1 together
  # bash cuts words at = and : as well; here they are put together again where nothing stood between.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    piece=\${COMP_WORDS[index]}
    together=
    if [[ $last -ge 0 && $rest != [[:space:]]* ]]; then
      [[ $piece =~ ^[=:@]+$ || \${COMP_WORDS[index - 1]} =~ ^[=:@]+$ ]] && together=yes
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$piece"}
    if [[ $together ]]; then
      before=\${words[last]}
      words[last]+=$piece
    else
      before=
      words+=("$piece")
      starts+=("$index")
      ((last += 1))
    fi
    [[ $piece =~ ^[=:@]+$ ]] && before=\${words[last]}
  done
  while IFS= read -r line; do reply+=("$line"); done \\
    <<< "$(command atmosctl __complete bash "$before" "\${words[@]:1}" 2>/dev/null)"
  case \${reply[0]} in
    names\\ *) COMPREPLY=("\${reply[@]:1}") ;;
    files\\ *) _atmosctl_paths default -f "\${words[last]#"$before"}" ;;
    directories\\ *) _atmosctl_paths dirnames -d "\${words[last]#"$before"}" ;;
    command\\ *) _atmosctl_program "\${starts[\${reply[0]#command } + 1]}" ;;
  esac
}

# Paths are left to readline, which quotes them; where it cannot be told so, they are listed.
_atmosctl_paths() {
  compopt -o "$1" 2>/dev/null || _atmosctl_lines "$(compgen "$2" -- "$3")"
}

# What follows is completed as if it stood alone: number $1 of COMP_WORDS is the program.
_atmosctl_program() {
  local name=\${COMP_WORDS[$1]##*/} current=\${COMP_WORDS[COMP_CWORD]} spec
  if ((COMP_CWORD == $1)); then
    _atmosctl_lines "$(compgen -c -- "$current")"
    return
  fi
  if ! complete -p "$name" &>/dev/null; then
    if declare -F _comp_load >/dev/null; then _comp_load "$name"
    elif declare -F _completion_loader >/dev/null; then _completion_loader "$name"
    fi
  fi
  COMP_WORDS=("\${COMP_WORDS[@]:$1}")
  COMP_CWORD=$((COMP_CWORD - $1))
  COMP_LINE="\${COMP_WORDS[*]:0:COMP_CWORD + 1}"
  COMP_POINT=\${#COMP_LINE}
  local previous=\${COMP_WORDS[COMP_CWORD - 1]}
  spec=$(complete -p "$name" 2>/dev/null)
  if [[ $spec =~ \\ -F\\ ([^ ]+) ]]; then
    "\${BASH_REMATCH[1]}" "$name" "$current" "$previous"
  elif [[ $spec =~ \\ -C\\ \\'?([^\\ \\']+) ]]; then
    export COMP_LINE COMP_POINT
    _atmosctl_lines "$("\${BASH_REMATCH[1]}" "$name" "$current" "$previous" 2>/dev/null)"
    export -n COMP_LINE COMP_POINT
  elif [[ $spec ]]; then
    spec=\${spec#complete }
    _atmosctl_lines "$(eval "compgen \${spec% *} -- \\"\\$current\\"" 2>/dev/null)"
  else
    _atmosctl_paths default -f "$current"
  fi
}

_atmosctl_lines() {
  local line
  while IFS= read -r line; do [[ $line ]] && COMPREPLY+=("$line"); done <<< "$1"
}

complete -o nosort -F _atmosctl atmosctl 2>/dev/null || complete -F _atmosctl atmosctl
`
