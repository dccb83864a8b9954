"""All that Dovecot and Exim are told. Both run as one person without rights, in one folder."""

from __future__ import annotations

from pathlib import Path

import msgspec

DOMAIN = "patchbay.test"
ABSENT = f"absent@{DOMAIN}"
"""A person who is away: the server answers every mail, also those that no machine should answer."""
BOUNCING = "bounces.test"
"""Mail to it is taken and cannot be delivered: its sender gets a report."""


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Of 127.0.0.1. ``submission`` wants STARTTLS and a password, ``submissions`` is TLS from the
    start, ``mx`` takes mail for the domain from anybody.
    """

    imap: int
    imaps: int
    lmtp: int
    mx: int
    submission: int
    submissions: int


class Site(msgspec.Struct, frozen=True, kw_only=True):
    folder: Path
    user: str
    group: str
    ports: Ports


def dovecot(site: Site) -> str:
    ports, folder = site.ports, site.folder
    return f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
instance_name = patchbay-tests
listen = 127.0.0.1
protocols = imap lmtp
default_internal_user = {site.user}
default_internal_group = {site.group}
default_login_user = {site.user}
default_process_limit = 50
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_cache_size = 0
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 50
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {ports.imap}
  }}
  inet_listener imaps {{
    port = {ports.imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {ports.lmtp}
  }}
}}
service stats {{
  chroot =
}}
protocol imap {{
  imap_idle_notify_interval = 2 mins
}}
"""


def dovecot_oauth2(site: Site) -> str:
    return f"""
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={site.folder}/keys/
username_attribute = sub
"""


def exim(site: Site) -> str:
    ports, folder = site.ports, site.folder
    known = folder / "known"
    return f"""
spool_directory = {folder}/spool
log_file_path = {folder}/exim-%s.log
primary_hostname = mail.{DOMAIN}
qualify_domain = {DOMAIN}
domainlist ours = {DOMAIN} : {BOUNCING}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports.mx} : {ports.submission} : {ports.submissions}
tls_on_connect_ports = {ports.submissions}
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
tls_advertise_hosts = ${{if eq{{$received_port}}{{{ports.mx}}}{{}}{{*}}}}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
smtputf8_advertise_hosts = *
message_size_limit = 20M
host_lookup =
rfc1413_hosts =
dns_ipv4_lookup =
disable_ipv6 = true
deliver_drop_privilege = true
keep_environment =
never_users =
smtp_accept_max = 100
queue_run_max = 2
bounce_return_size_limit = 10K
delay_warning =
smtp_enforce_sync = true
log_selector = -queue_run
acl_smtp_rcpt = rcpt
acl_smtp_data = data
exim_user = {site.user}
exim_group = {site.group}
admin_groups = {site.group}
trusted_users = {site.user}

begin acl

rcpt:
  deny message = 5.7.1 not today
       condition = ${{if exists{{{folder}/refusing}}}}
  defer message = 4.7.1 greylisted, come again
       condition = ${{if exists{{{folder}/deferring}}}}
  require verify = recipient
  accept authenticated = *
  accept condition = ${{if eq{{$received_port}}{{{ports.mx}}}}}
         domains = +ours
  deny message = 5.7.0 sign in first

data:
  deny message = 5.6.0 we do not like it
       condition = ${{if match{{$h_subject:}}{{unwanted}}}}
  accept

begin routers

bouncing:
  driver = manualroute
  domains = {BOUNCING}
  transport = into_dovecot
  route_list = * 127.0.0.1
  self = send

absent:
  driver = accept
  domains = {DOMAIN}
  local_parts = absent
  transport = absence
  unseen

known:
  driver = manualroute
  domains = {DOMAIN}
  local_part_suffix = +*
  local_part_suffix_optional
  condition = ${{lookup{{$local_part@$domain}}lsearch{{{known}}}{{yes}}{{no}}}}
  transport = into_dovecot
  route_list = * 127.0.0.1
  self = send

begin transports

into_dovecot:
  driver = smtp
  protocol = lmtp
  port = {ports.lmtp}
  allow_localhost
  hosts_try_fastopen =
  hosts_avoid_tls = *
  return_path_add = true
  rcpt_include_affixes = true

absence:
  driver = autoreply
  from = {ABSENT}
  to = ${{address:$h_from:}}
  subject = Away: $h_subject:
  text = I am not here.
  user = {site.user}

begin retry

* * F,2h,1m

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{known}}}{{$value}}fail}}}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{{known}}}{{$value}}fail}}}}}}
  server_set_id = $auth1

xoauth2:
  driver = plaintext
  public_name = XOAUTH2
  server_prompts = :
  server_condition = ${{lookup{{${{lc:${{sha1:$auth1}}}}}}lsearch{{{folder}/tokens}}{{yes}}{{no}}}}
  server_set_id = token
"""
