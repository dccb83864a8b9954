"""Calling somebody up: an agent's phone for an offer, a customer for a promised callback. Pure."""

from __future__ import annotations

import re

import msgspec

from cti_adapters.asterisk.legs import CUSTOMER, Ask, Leg
from cti_adapters.asterisk.outbound import safe_name, safe_number
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import UNDER_CONTROL
from router.core.durations import MILLISECOND, SECOND
from router.core.model import Contact

RINGS_FOR = 60 * SECOND  # a customer who is called back
CONTACT_HEADER = "X-Patchbay-Contact"  # softphones answer by themselves what their agent accepted
CONTACT_ID = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")


def ring_agent(leg: Leg, contact: Contact, settings: PbxSettings, rings_for: int) -> Ask:
    """``rings_for`` in microseconds: a little longer than the offer, whose end is the router's."""
    name = contact.customer.name if contact.customer else ""
    shown = _caller_id(name, contact.address)
    phone = settings.phone_of(leg.agent.removeprefix("!"))
    ask = _originate(leg, phone, shown, rings_for, settings)
    return msgspec.structs.replace(ask, headers=(*ask.headers, *_contact_header(phone, contact.id)))


def _contact_header(phone: str, contact: str) -> tuple[tuple[str, str], ...]:
    """Tells a phone which contact it rings for, so that it knows the call from a private one."""
    if not phone.startswith("PJSIP/") or not CONTACT_ID.fullmatch(contact):
        return ()
    return (("Variable", f"PJSIP_HEADER(add,{CONTACT_HEADER})={contact}"),)


def call_customer(leg: Leg, number: str, settings: PbxSettings) -> Ask:
    """``number`` has passed the outbound rules."""
    dialled = settings.trunk.replace("{number}", number)
    return _originate(leg, dialled, settings.caller_id, RINGS_FOR, settings)


def _caller_id(name: str, number: str) -> str:
    return f'"{safe_name(name)}" <{safe_number(number)}>'


def _originate(leg: Leg, channel: str, shown: str, timeout: int, settings: PbxSettings) -> Ask:
    what = "call customer" if leg.agent == CUSTOMER else "ring"
    return Ask(
        what=what,
        action="Originate",
        unique=leg.unique,
        headers=(
            ("Channel", _lasting(channel)),
            ("Context", settings.context),
            ("Exten", UNDER_CONTROL),
            ("Priority", "1"),
            ("CallerID", shown),
            ("Timeout", str(timeout // MILLISECOND)),
            ("ChannelId", leg.unique),
            ("Async", "true"),
        ),
    )


def _lasting(channel: str) -> str:
    """A Local channel takes itself out of a conversation once it can, and it is our leg that would
    be gone: its option ``n`` keeps it there.
    """
    if not channel.startswith("Local/") or "/" in channel.removeprefix("Local/"):
        return channel
    return f"{channel}/n"
