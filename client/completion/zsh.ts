export const zshScript = `#compdef atmosctl
# Completion of atmosctl in zsh.

_atmosctl() {
  local -a reply names
  local line name
  reply=("\${(@f)$(command atmosctl __complete zsh '' "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  local what=\${reply[1]%% *} number=\${reply[1]##* }
  case $what in
    names|files|directories) ((number)) && compset -p $number ;;
  esac
  case $what in
    names)
      for line in "\${(@)reply[2,-1]}"; do
        name=\${line%%$'\\t'*}
        name=\${name//\\\\/\\\\\\\\}
        name=\${name//:/\\\\:}
        [[ $line == *$'\\t' ]] || name+=:\${line#*$'\\t'}
        names+=("$name")
      done
      _describe -V -t atmosctl atmosctl names
      ;;
    files) _files ;;
    directories) _files -/ ;;
    command)
      words=("\${(@)words[number+2,-1]}")
      ((CURRENT -= number + 1))
      _normal
      ;;
  esac
}

if [[ \${funcstack[1]} == _atmosctl ]]; then
  _atmosctl "$@"
elif (( $+functions[compdef] )); then
  compdef _atmosctl atmosctl
fi
`
