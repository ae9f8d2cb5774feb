# Loads the completion of bash as a shell does, and completes a few words with it.
set -eu
program=$1
# shellcheck disable=SC1090
source <("$program" completion bash)

# expect WORDS... -- WANTED: WANTED is among what completes the last of WORDS.
expect() {
  COMP_WORDS=()
  while [ "$1" != -- ]; do
    COMP_WORDS+=("$1")
    shift
  done
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _counterfoil
  case " ${COMPREPLY[*]} " in
    *" $2 "*) ;;
    *) echo "\"${COMP_WORDS[*]}\" completes to \"${COMPREPLY[*]}\", without $2" >&2; exit 1 ;;
  esac
}

expect counterfoil ser -- serve
expect counterfoil config sh -- show
expect counterfoil config show --ori -- --origin
expect counterfoil --json config ch -- check
expect counterfoil demo --js -- --json
for shell in zsh fish; do
  if command -v "$shell" >/dev/null; then
    "$program" completion "$shell" | "$shell" -n /dev/stdin
  fi
done
