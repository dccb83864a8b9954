#!/usr/bin/env bash
# Asterisk 22 for the tests, from Debian's sid suite, into a directory of its own.
#
# The packages are downloaded from the Debian mirror that this machine already uses, checked with
# apt's keys, and unpacked, no more: nothing on this machine changes but that directory, no service
# starts, and neither root nor a chroot is needed, to install it or to run it. About a minute.
set -euo pipefail

directory=${PATCHBAY_ASTERISK:-/var/tmp/patchbay-asterisk}

fail() { printf '%s\n' "$1" >&2; exit 2; }

if [ -x "$directory/usr/sbin/asterisk" ]; then
  printf 'Asterisk is in %s already; remove that directory to install it anew.\n' "$directory"
  exit 0
fi
[ ! -e "$directory" ] ||
  fail "$directory is there and holds no Asterisk: remove it, or name another in PATCHBAY_ASTERISK."
for program in apt-get dpkg-deb; do
  command -v "$program" >/dev/null ||
    fail "There is no $program here: install Asterisk on Debian, or name a directory that holds its sid packages in PATCHBAY_ASTERISK."
done

mkdir -p "$(dirname "$directory")"
work=$(mktemp -d "$directory.XXXXXX") # beside it, so that the last step is a rename
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# The machine's own sources, whichever way they are written, as apt itself reads them.
codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
  awk -v codename="$codename" '$2 == "main" && ($1 == codename || $1 ~ /^(stable|testing|unstable|sid)$/) { print $3; exit }')
[ -n "$mirror" ] ||
  fail "apt knows no mirror of Debian's ${codename:-release}: add one to its sources and run this again."

mkdir -p "$work"/{trusted,root} "$work"/state/lists/partial "$work"/cache/archives/partial
: >"$work/status" # as if nothing were installed, so that every library comes along
printf 'deb %s sid main\n' "$mirror" >"$work/sources.list"
for key in /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc /usr/share/keyrings/debian-archive-keyring.gpg; do
  [ ! -r "$key" ] || ln -sf "$key" "$work/trusted/"
done
cat >"$work/apt.conf" <<CONF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "-";
Dir::Etc::PreferencesParts "-";
Dir::Etc::TrustedParts "$work/trusted";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "";
APT::Install-Recommends "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
CONF

quietly() { # $1: what it is; the rest: a command, whose output is shown only when it fails
  local what=$1
  shift
  "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; fail "$what failed; apt's words are above."; }
}

printf 'Downloading Asterisk from %s\n' "$mirror"
quietly "Reading the list of sid's packages" apt-get -c "$work/apt.conf" -q update
quietly "Downloading Asterisk" apt-get -c "$work/apt.conf" -q -y --download-only install \
  asterisk asterisk-core-sounds-en-gsm

for path in bin lib lib64 sbin; do # where sid's packages put what they call /lib
  mkdir -p "$work/root/usr/$path"
  ln -s "usr/$path" "$work/root/$path"
done
for package in "$work"/cache/archives/*.deb; do
  quietly "Unpacking $(basename "$package")" dpkg-deb -x "$package" "$work/root"
done
rm -rf "$work"/root/usr/share/{doc,man,locale,info}

libraries=$(dirname "$(find "$work/root/usr/lib" -path '*/asterisk/modules' -print -quit)")
libraries=$(dirname "$libraries")
version=$("$libraries"/ld-linux*.so.* --library-path "$libraries" "$work/root/usr/sbin/asterisk" -V) ||
  fail "The Asterisk that was installed does not start here: this machine is too old for sid, or not of the kind it was packed for."
chmod 755 "$work/root"
mv -T "$work/root" "$directory" # only a whole one ever has this name
printf '%s is in %s.\n' "$version" "$directory"
