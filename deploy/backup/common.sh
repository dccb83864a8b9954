# Read by cluster-backup.sh and cluster-restore.sh.

fail() { printf '%s\n' "$1" >&2; exit 2; }
say() { printf '%s\n' "$1"; }

if [ -n "${SETTINGS:-}" ]; then # lines of settings, read and never run
  [ -r "$SETTINGS" ] || fail "$SETTINGS cannot be read."
  in_file() { sed -n "s/^$1=//p" "$SETTINGS" | tail -n 1; }
  PATCHBAY_DATABASE_URL=${PATCHBAY_DATABASE_URL:-$(in_file PATCHBAY_DATABASE_URL)}
  PATCHBAY_REDIS_URL=${PATCHBAY_REDIS_URL:-$(in_file PATCHBAY_REDIS_URL)}
  PATCHBAY_FILES_PATH=${PATCHBAY_FILES_PATH:-$(in_file PATCHBAY_FILES_PATH)}
  PATCHBAY_RECORDINGS_PATH=${PATCHBAY_RECORDINGS_PATH:-$(in_file PATCHBAY_RECORDINGS_PATH)}
fi
case ${PATCHBAY_DATABASE_URL:-} in
  postgresql://* | postgresql+asyncpg://*) ;;
  *) fail 'PATCHBAY_DATABASE_URL names no PostgreSQL: one machine is backed up by `patchbay backup`.' ;;
esac

# Passwords stay out of the list of processes, unless they are written with %: then only the programs
# themselves can read them.
password_of() { printf '%s' "$1" | sed -n 's,^[a-z+]*://[^:@/]*:\([^@/%]*\)@.*,\1,p'; }
without_password() { printf '%s' "$1" | sed 's,^\([a-z+]*://[^:@/]*\):[^@/%]*@,\1@,'; }

PGPASSWORD=$(password_of "$PATCHBAY_DATABASE_URL")
[ -z "$PGPASSWORD" ] && unset PGPASSWORD || export PGPASSWORD
database=$(without_password "$PATCHBAY_DATABASE_URL" | sed 's,^postgresql+asyncpg:,postgresql:,')

redis() {
  case ${PATCHBAY_REDIS_URL:-} in
    redis://* | rediss://*) ;;
    *) fail 'Set PATCHBAY_REDIS_URL to the server to copy: redis://…, the primary or a replica of it.' ;;
  esac
  address=$(without_password "${PATCHBAY_REDIS_URL%%\?*}")
  case $address in # a name without its password is none that redis-cli takes
    *%*) ;;
    *) address=$(printf '%s' "$address" | sed 's,://[^@/]*@,://,') ;;
  esac
  user=$(printf '%s' "$PATCHBAY_REDIS_URL" | sed -n 's,^rediss*://\([^:@/][^:@/]*\):[^@/%]*@.*,\1,p')
  REDISCLI_AUTH=$(password_of "$PATCHBAY_REDIS_URL") \
    redis-cli --no-auth-warning ${user:+--user "$user"} -u "$address" "$@"
}
