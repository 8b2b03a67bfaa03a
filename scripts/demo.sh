#!/usr/bin/env bash
# Indexes corpora/ and asks a few questions about it. The second run finds everything unchanged.
set -euo pipefail
cd "$(dirname "$0")/../corpora"
footnote=$PWD/../.build/release/footnote

index() {
    printf '\n$ footnote index -c %s %s\n' "$1" "$1"
    "$footnote" index -c "$1" "$1"
}
# Status 3 means that nothing in the documents answers, which the last question of each collection is there to show.
ask() {
    local collection=$1 question=$2 status=0; shift 2
    printf '\n$ footnote ask -c %s%s "%s"\n' "$collection" "${*:+ $*}" "$question"
    "$footnote" ask --no-stream -c "$collection" "$@" "$question" || status=$?
    case $status in
        0) ;;
        3) echo "(exit status 3: no evidence)" ;;
        *) exit $status ;;
    esac
}

# In corpora/.footnote, which git ignores: paths in the answers are then relative to corpora/.
export FOOTNOTE_DB=$PWD/.footnote
for collection in tidewater handbook chaguan; do index "$collection"; done

ask tidewater "How long is an enrolment code valid?"
ask tidewater "How do I restore a single file?"
ask handbook "How many days of annual leave does a full-time member of staff have?"
ask handbook "Who won the football world cup in 2018?"
# The default language model hardly knows Chinese, so the sources are quoted as they stand.
ask chaguan "博物馆的地址在哪里？" --extractive
ask chaguan "感冒发烧应该吃什么药？" --extractive

printf '\nAsk your own: cd corpora && ../.build/release/footnote ask "…"\n'
