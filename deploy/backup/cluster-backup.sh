#!/bin/sh
# A backup of a cluster while it serves: the database first, then Redis, then files and recordings, so
# that the log is never older than what the database has read of it, and everything that either names
# is among the files. Needs pg_dump,
# redis-cli, redis-check-rdb and GNU tar.
#
#   PATCHBAY_DATABASE_URL=… PATCHBAY_REDIS_URL=… PATCHBAY_FILES_PATH=… PATCHBAY_RECORDINGS_PATH=… \
#     cluster-backup.sh FOLDER
#
# The settings may stand in the file that SETTINGS names. PATCHBAY_SECRET_KEY and the files of settings
# (mailboxes, broker, telephone systems) are not in it: keep those where you keep secrets.
set -eu
umask 077
. "$(dirname "$0")/common.sh"

folder=${1:?"name the folder to make: cluster-backup.sh FOLDER"}
[ ! -e "$folder" ] || fail "$folder is there already: name a folder that does not exist."
draft=$folder.part
[ ! -e "$draft" ] || fail "$draft is left of a backup that was broken off: remove it."
mkdir -p "$draft"
trap 'rm -rf "$draft"' EXIT
trap 'exit 1' INT TERM

say 'the database'
pg_dump --format=custom --file="$draft/patchbay.dump" "$database"
say 'Redis'
redis --rdb "$draft/redis.rdb" >/dev/null 2>"$draft/redis.log" || fail "$(cat "$draft/redis.log")"
rm "$draft/redis.log"
redis-check-rdb "$draft/redis.rdb" >/dev/null || fail 'what Redis sent is not whole: try again.'
for name in files recordings; do
  case $name in files) from=${PATCHBAY_FILES_PATH:-} ;; *) from=${PATCHBAY_RECORDINGS_PATH:-} ;; esac
  if [ -n "$from" ] && [ ! -d "$from" ]; then
    say "there is no folder $from, so no $name are in the backup: is it mounted?"
  elif [ -n "$from" ]; then
    say "$name"
    code=0 # 1: a file went while it was read; what anything names does not go
    tar -C "$from" -cf "$draft/$name.tar" . || code=$?
    [ "$code" -le 1 ] || fail "$from could not be copied."
  fi
done
date -u +%Y-%m-%dT%H:%M:%SZ >"$draft/taken"
(cd "$draft" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
sync
mv "$draft" "$folder"
trap - EXIT
say "the backup is in $folder"
