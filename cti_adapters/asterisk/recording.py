"""Recording conversations, and pausing while a card number is said. Pure.

The log knows it as attributes of the contact: ``recording`` (``on``, ``paused``) is what people
ask for, ``recording_file`` says that it was begun, so a restart begins no second one.
"""

from __future__ import annotations

import msgspec

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import Ask, Call, Leg
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.steps import command
from router.core.commands import Command, EditContact
from router.core.model import WITH_AGENT, Contact

ON, PAUSED = "on", "paused"
ASKED, FILE = "recording", "recording_file"  # attributes
MONITORS = "MixMonitor"
MUTES = "MixMonitorMute"
WHILE_BRIDGED = "b"  # MixMonitor's option: neither music nor announcements


def recording_steps(
    call: Call, leg: Leg, channel: Channel, contact: Contact, settings: PbxSettings
) -> list[Ask | Command]:
    """What to do about the recording of the customer's channel now."""
    if contact.state not in WITH_AGENT or settings.recordings is None:
        return []
    known = contact.attributes.get(FILE, "")
    if not leg.recorded and leg.found:
        leg.recorded = known  # begun before a restart
    if not leg.recorded:
        return _begin(call, leg, channel, contact, settings)
    told: list[Ask | Command] = [] if leg.recorded == known else [_begun(leg, contact)]
    paused = contact.attributes.get(ASKED) == PAUSED
    if call.muted is not paused:
        call.muted = paused
        told.append(_mute(leg, channel, paused=paused))
    return told


def _begin(
    call: Call, leg: Leg, channel: Channel, contact: Contact, settings: PbxSettings
) -> list[Ask | Command]:
    """Just before the customer is joined with the agent; each channel has its own file."""
    always = "*" in settings.record or contact.queue in settings.record
    asked = contact.attributes.get(ASKED) == ON
    if not channel.controlled or not (always or asked):
        return []
    again = f"-{leg.since:x}" if FILE in contact.attributes or leg.found else ""
    leg.recorded = f"{call.contact.replace(':', '_')}-call{again}.wav"
    call.muted = False
    there = settings.recordings_there or str(settings.recordings)
    line = agi.execute(MONITORS, f"{there}/{leg.recorded}", WHILE_BRIDGED)
    ask = msgspec.structs.replace(command(leg, channel, "record", line), makes=leg.recorded)
    return [ask, _begun(leg, contact)]


def _begun(leg: Leg, contact: Contact) -> Command:
    """Said until the contact has it: without it nobody finds the file."""
    return EditContact(
        id=f"{contact.id}/recording/{leg.since:x}",
        by=CHANNEL,
        contact=contact.id,
        attributes={ASKED: contact.attributes.get(ASKED) or ON, FILE: leg.recorded},
    )


def _mute(leg: Leg, channel: Channel, *, paused: bool) -> Ask:
    return Ask(
        what="pause recording" if paused else "go on recording",
        action=MUTES,
        unique=leg.unique,
        headers=(
            ("Channel", channel.name),
            ("Direction", "both"),
            ("State", "1" if paused else "0"),
        ),
    )
