#!/bin/bash
# nightly-backup.sh - back up a PostgreSQL database and two folders to a Tidewater vault.
#
# Meant for a server without a person in front of it. It uses a service device
# (tide login --service) and is started by a timer at 01:10. Change the five
# settings below; everything else should work as it is.
#
# Exit status: 0 done, 1 failed, 3 done but some files could not be read.

set -u -o pipefail

VAULT=office-servers
DATABASE=inventory
FOLDERS=(/etc /srv/documents)
STAGING=/var/backups/tide-staging
HEARTBEAT=/run/nightly-backup.ok

export TIDE_NO_PROGRESS=1
export TIDE_PASSPHRASE_FILE="${CREDENTIALS_DIRECTORY:-/etc/tide}/passphrase"

log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }
die() { log "FAILED: $*"; exit 1; }

# Only one run at a time: a slow night must not overlap with the next.
exec 9>/run/lock/nightly-backup.lock
flock -n 9 || die "the previous run has not finished"

mkdir -p "$STAGING" && chmod 0700 "$STAGING" || die "cannot prepare $STAGING"

# A plain-format dump deduplicates far better than a compressed one: the client
# compresses anyway, and a compressed stream differs from its first changed byte on.
log "dumping $DATABASE"
pg_dump --format=plain --no-owner "$DATABASE" >"$STAGING/$DATABASE.sql.new" \
  || die "pg_dump ended with an error; the last good dump is kept"
[ -s "$STAGING/$DATABASE.sql.new" ] || die "the dump is empty"
mv "$STAGING/$DATABASE.sql.new" "$STAGING/$DATABASE.sql"

# Status 75 means that the vault is locked, for instance by a key rotation.
attempt=0
while :; do
  attempt=$((attempt + 1))
  tide backup "$VAULT" "${FOLDERS[@]}" "$STAGING" \
    --label nightly --one-file-system --limit-up 12M --exclude '*.tmp'
  status=$?
  [ "$status" -eq 75 ] && [ "$attempt" -lt 4 ] || break
  log "vault is locked, trying again in 20 minutes"
  sleep 1200
done

case "$status" in
  0) log "done" ;;
  3) log "done, but some files could not be read" ;;
  5) die "refused: quota, permission or hold" ;;
  *) die "tide ended with status $status" ;;
esac

# On the first day of a month keep the snapshot for seven years, as the auditors ask.
if [ "$(date +%d)" = 01 ]; then
  snapshot=$(tide ls "$VAULT" --json | tail -n 1 | sed -E 's/.*"snapshot":"([0-9a-f]{16})".*/\1/')
  tide snapshot hold "$VAULT" "$snapshot" \
    --until "$(date -d '+7 years' +%F)" --reason "monthly audit copy" \
    || log "warning: the hold could not be set"
fi

# The monitoring looks at the age of this file and complains after 30 hours.
touch "$HEARTBEAT"
exit "$status"
