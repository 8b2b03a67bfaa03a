#!/usr/bin/env bash
# Indexes corpora/ and asks a few questions about it. The second run finds everything unchanged.
set -euo pipefail
cd "$(dirname "$0")/../corpora"
footnote=$PWD/../.build/release/footnote

# Shows a command as a person would type it, then runs it. Status 3 means that nothing in the documents
# answers, which is what the last question of each group is there to show.
show() {
    local status=0
    printf '\n$ footnote'; printf ' %q' "$@" | sed "s/\\\\ / /g"; printf '\n'
    "$footnote" "$@" || status=$?
    [ $status -eq 0 ] || [ $status -eq 3 ] || exit $status
}
ask() {
    local status=0
    printf '\n$ footnote ask -c %s "%s"\n' "$1" "$2"
    "$footnote" ask --no-stream -c "$1" "$2" || status=$?
    case $status in
        0) ;;
        3) echo "(exit status 3: no evidence)" ;;
        *) exit $status ;;
    esac
}

# In corpora/.footnote, which git ignores: paths in the answers are then relative to corpora/.
export FOOTNOTE_DB=$PWD/.footnote
for collection in tidewater handbook chaguan; do show index -c "$collection" "$collection"; done

ask tidewater "How long is an enrolment code valid?"
ask tidewater "How much memory does the server need?"
ask handbook "How many days of annual leave does a full-time member of staff have?"
ask handbook "Who won the football world cup in 2018?"
ask chaguan "博物馆的地址在哪里？"
ask chaguan "馆里可以租自行车吗？"

printf '\nAsk your own: cd corpora && ../.build/release/footnote ask "…"\n'
