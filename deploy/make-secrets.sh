#!/bin/sh
# Makes what deploy/compose.yaml keeps secret, at random, in deploy/secrets (or the folder that is
# named). What is there already is left as it is: run it again after you have taken a file away.
# Needs openssl.
set -eu
umask 022 # containers read these files under other users; the folder itself is closed to others
folder=${1:-$(dirname "$0")/secrets}
broker=${2:-mosquitto}
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
printf '*\n' >.gitignore

password() { openssl rand -hex 24; }
fresh() { [ ! -e "$1" ] || { printf '%s is there already\n' "$1"; return 1; }; }

fresh postgres_password && password >postgres_password
fresh redis_password && password >redis_password
fresh mqtt_password && password >mqtt_password
postgres=$(cat postgres_password)
redis=$(cat redis_password)
mqtt=$(cat mqtt_password)

if fresh redis.conf; then
  printf 'requirepass %s\nmasterauth %s\n' "$redis" "$redis" >redis.conf
fi
if fresh patchbay.env; then
  {
    printf 'PATCHBAY_SECRET_KEY=%s\n' "$(openssl rand -hex 32)"
    printf 'PATCHBAY_DATABASE_URL=postgresql://patchbay:%s@postgres/patchbay\n' "$postgres"
    printf 'PATCHBAY_REDIS_URL=redis://:%s@redis:6379/0\n' "$redis"
  } >patchbay.env
fi
if fresh mqtt_passwords; then
  printf 'patchbay:%s\n' "$mqtt" >mqtt_passwords # the broker hashes its copy at its start
fi
if fresh mqtt_ca.pem; then
  openssl req -x509 -newkey rsa:2048 -sha256 -nodes -days 3650 -subj "/CN=Patchbay's broker CA" \
    -keyout mqtt_ca.key -out mqtt_ca.pem 2>/dev/null
  chmod 600 mqtt_ca.key
fi
if fresh mqtt_server.pem; then
  openssl req -newkey rsa:2048 -sha256 -nodes -subj "/CN=$broker" \
    -keyout mqtt_server.key -out mqtt_server.csr 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:localhost\n' "$broker" >mqtt_server.ext
  openssl x509 -req -sha256 -days 825 -in mqtt_server.csr -CA mqtt_ca.pem -CAkey mqtt_ca.key \
    -CAcreateserial -extfile mqtt_server.ext -out mqtt_server.pem 2>/dev/null
  rm -f mqtt_server.csr mqtt_server.ext
  chmod 644 mqtt_server.key
fi
printf 'The secrets are in %s. Back them up: PATCHBAY_SECRET_KEY cannot be made again.\n' "$folder"
