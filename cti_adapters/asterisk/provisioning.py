"""What an admin copies into Asterisk's own files: the manager's user and the agents' phones. Pure.

Everything that is printed came through the checks of the settings, the catalog and ``outbound``;
what Asterisk would take for a comment is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from cti_adapters.asterisk.outbound import safe_name
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.unread import event_filters
from router.core.catalog import Catalog

# The least that the channel can do its work with: never system, command or config.
READ: Final = ("call", "dtmf", "agi")
WRITE: Final = ("call", "agi", "originate", "reporting")
NEEDED: Final = (
    "AGI",
    "CoreShowChannels",
    "DeviceStateList",
    "Getvar",
    "Hangup",
    "MixMonitorMute",
    "Originate",
    "Redirect",
)
"""The manager's actions that the channel uses."""

_ENDPOINT: Final = re.compile(r"PJSIP/([A-Za-z0-9_.+-]{1,64})", re.ASCII)

_MANAGER: Final = """\
; Patchbay's user, for manager.conf (on FreePBX: manager_custom.conf), whose section [general] needs
; enabled = yes.
[{username}]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
deny = ::/0
permit = {permit}
read = {read}
write = {write}
writetimeout = 5000
{filters}
"""

_PHONES: Final = """\
; The agents' phones, for pjsip.conf (on FreePBX: pjsip.endpoint_custom.conf or its own extensions).
; The context does not exist: these phones call nobody by themselves, which is what you want.
[patchbay-phone](!)
type = endpoint
context = patchbay-phones
disallow = all
allow = g722,ulaw,alaw
direct_media = no
allow_transfer = no
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
"""

_SOFTPHONES: Final = """
; Phones in the browser need http.conf with enabled = yes, tlsenable = yes and a certificate that
; browsers trust, and a transport: [transport-wss] type = transport, protocol = wss, bind = 0.0.0.0
; A browser that crashed hangs nothing up: its call is taken as lost when no sound comes any more.
[patchbay-softphone](!,patchbay-phone)
webrtc = yes
rtp_timeout = 15
"""

_PHONE: Final = """
; {name}
[{endpoint}]({template})
auth = {endpoint}
aors = {endpoint}
[{endpoint}]
type = auth
auth_type = userpass
username = {endpoint}
password = {password}
[{endpoint}]
type = aor
max_contacts = 1
remove_existing = yes
qualify_frequency = 30
"""


class PhoneUser(msgspec.Struct, frozen=True, kw_only=True):
    """An agent with a telephone. ``endpoint`` is empty when it is none of PJSIP's; ``named``: the
    admin has it already, and names it.
    """

    agent: str
    name: str
    dialled: str
    endpoint: str
    browser: bool
    named: bool = False


def manager_user(settings: PbxSettings, permit: str) -> str:
    """Lines for ``manager.conf``. ``permit`` is the address from which Patchbay connects, with a
    mask: ``127.0.0.1/255.255.255.255``.
    """
    return _MANAGER.format(
        username=settings.ami.username,
        secret=_escaped(settings.ami.secret),
        permit=permit,
        read=",".join(READ),
        write=",".join(WRITE),
        filters="\n".join(f"eventfilter = {one}" for one in event_filters()),
    )


def phone_users(settings: PbxSettings, catalog: Catalog) -> tuple[PhoneUser, ...]:
    """Every agent whose profile takes calls, in the catalog's order."""
    return tuple(
        _user(settings, agent.id, agent.name)
        for agent in catalog.agents.values()
        if catalog.profiles[agent.profile].capacity.get(CHANNEL)
    )


def phone_lines(users: Iterable[tuple[PhoneUser, str]]) -> str:
    """Lines for ``pjsip.conf``, of users and their passwords."""
    listed = list(users)
    browsers = any(user.browser for user, _ in listed)
    head = _PHONES + _SOFTPHONES if browsers else _PHONES
    return head + "".join(_phone(user, password) for user, password in listed)


def endpoint_of(dialled: str) -> str:
    """``PJSIP/ann`` as ``ann``; empty for what is no endpoint of PJSIP's."""
    found = _ENDPOINT.fullmatch(dialled)
    return found[1] if found else ""


def _user(settings: PbxSettings, agent: str, name: str) -> PhoneUser:
    dialled = settings.phone_of(agent)
    endpoint = endpoint_of(dialled)
    return PhoneUser(
        agent=agent,
        name=name,
        dialled=dialled,
        endpoint=endpoint,
        browser=bool(endpoint) and settings.talks_from_browser(agent),
        named=agent in settings.phones,
    )


def _phone(user: PhoneUser, password: str) -> str:
    name = safe_name(user.name)
    if not user.endpoint:
        return f"\n; {name}: {user.dialled} is no endpoint of PJSIP and is set up elsewhere\n"
    if user.named and not user.browser:  # a browser registers with the password given here
        return f"\n; {name}: {user.dialled} is set up already\n"
    template = "patchbay-softphone" if user.browser else "patchbay-phone"
    return _PHONE.format(
        name=name, endpoint=user.endpoint, template=template, password=_escaped(password)
    )


def _escaped(value: str) -> str:
    return value.replace(";", "\\;")
