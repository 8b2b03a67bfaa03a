#!/usr/bin/env bash
# Prints docs/commands.md, made from what each command says with --help. `make docs` writes it; a test compares.
set -euo pipefail
cd "$(dirname "$0")/.."
footnote=${FOOTNOTE:-.build/release/footnote}

commands() { "$footnote" "$@" --help | sed -n '/^SUBCOMMANDS:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p'; }
section() {
    local marks=$1; shift
    printf '\n%s footnote%s\n```\n' "$marks" "${*:+ $*}"
    "$footnote" "$@" --help | sed -e '/^  See .* for detailed help\.$/d' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    printf '```\n'
}

cat <<'TEXT'
# Commands
Made from `--help` by `scripts/command-reference.sh` (`make docs`): change the help, not this page.

| exit status | meaning |
|---|---|
| 0 | done; for `ask`, answered |
| 1 | error, explained in one line on standard error |
| 3 | nothing in the knowledge base answers the question (`ask`), or matches the query (`search`) |
| 4 | the index was updated, and some files could not be indexed (`index`) |
| 64 | the command line was not understood |
| 130, 141, 143 | interrupted; the reader of standard output went away; terminated |

Results go to standard output, everything else to standard error. `--json` is described in [json.md](json.md).
`NO_COLOR` switches colours off; `$FOOTNOTE_DB` names the knowledge base, `$FOOTNOTE_MODELS` the model folder.
TEXT
section '##'
for command in $(commands); do
    section '##' "$command"
    for subcommand in $(commands "$command"); do section '###' "$command" "$subcommand"; done
done
