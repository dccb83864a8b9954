#!/bin/sh
# Puts back what cluster-backup.sh has taken, while every node is stopped: into an empty database, and
# into an empty Redis that this machine starts. Redis passes its file over while its append-only file is
# switched on, so it is started without one first, and switched afterwards.
#
#   PATCHBAY_DATABASE_URL=… PATCHBAY_FILES_PATH=… PATCHBAY_RECORDINGS_PATH=… \
#     cluster-restore.sh FOLDER REDIS-DATA-FOLDER
#
# REDIS-DATA-FOLDER is the empty `dir` of the Redis that is to be; it becomes an append-only file
# there. The script needs redis-server, and starts it on a socket of its own for that moment.
set -eu
umask 077
. "$(dirname "$0")/common.sh"

folder=${1:?"name the backup: cluster-restore.sh FOLDER REDIS-DATA-FOLDER"}
place=${2:?"name the folder of Redis: cluster-restore.sh FOLDER REDIS-DATA-FOLDER"}
[ -f "$folder/taken" ] || fail "$folder is no whole backup."
(cd "$folder" && sha256sum --quiet -c SHA256SUMS) || fail "$folder is not what was taken."
mkdir -p "$place"
[ -z "$(ls -A "$place")" ] || fail "$place is not empty: move away what is there."
folder=$(cd "$folder" && pwd)
place=$(cd "$place" && pwd)

tables=$(psql --no-psqlrc -At -c "select count(*) from pg_tables where schemaname = 'public'" "$database")
[ "$tables" = 0 ] || fail 'the database is not empty: make a new one, and name that.'

say 'Redis'
cp "$folder/redis.rdb" "$place/dump.rdb"
socket=$place/restore.sock
redis-server --port 0 --unixsocket "$socket" --dir "$place" --dbfilename dump.rdb --save '' \
  --appendonly no --daemonize yes --pidfile "$place/restore.pid" --logfile "$place/restore.log"
trap 'redis-cli -s "$socket" shutdown nosave >/dev/null 2>&1 || true' EXIT
trap 'exit 1' INT TERM
until redis-cli -s "$socket" ping 2>/dev/null | grep -q PONG; do sleep 0.2; done
[ "$(redis-cli -s "$socket" dbsize)" != 0 ] || fail 'Redis has read nothing from the backup.'
# Who held the lease then must not be waited for; the token stays, and only grows.
for head in $(redis-cli -s "$socket" --scan --pattern 'patchbay:{*}:head'); do
  redis-cli -s "$socket" hset "$head" holder '' until 0 >/dev/null
done
redis-cli -s "$socket" config set appendonly yes >/dev/null
until redis-cli -s "$socket" info persistence | grep -q '^aof_rewrite_in_progress:0'; do sleep 0.2; done
redis-cli -s "$socket" info persistence | grep -q '^aof_last_bgrewrite_status:ok' ||
  fail "the append-only file could not be written: see $place/restore.log."
redis-cli -s "$socket" shutdown nosave >/dev/null 2>&1 || true
trap - EXIT
rm -f "$place/dump.rdb" "$place/restore.pid" "$place/restore.log"
chown -R --reference="$place" "$place" # to whom the folder is: Redis does not run as root

say 'the database'
pg_restore --no-owner --exit-on-error --single-transaction --dbname="$database" "$folder/patchbay.dump"
for name in files recordings; do
  case $name in files) to=${PATCHBAY_FILES_PATH:-} ;; *) to=${PATCHBAY_RECORDINGS_PATH:-} ;; esac
  if [ -f "$folder/$name.tar" ]; then
    [ -n "$to" ] || fail "the backup has $name: say where they go."
    say "$name"
    mkdir -p "$to"
    tar -C "$to" -xf "$folder/$name.tar"
  fi
done
say "start Redis on $place with appendonly yes, then the nodes"
