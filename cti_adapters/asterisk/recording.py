"""Recording conversations, and pausing while a card number is said. Pure.

The log knows it as attributes of the contact: ``recording`` (``on``, ``paused``) is what people
ask for, ``recording_file`` says that it was begun, so a restart begins no second one.
"""

from __future__ import annotations

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.departures import CHANNEL
from cti_adapters.asterisk.endings import file_name
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import Ask, Call, Leg
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import command
from router.core.commands import Command, EditContact
from router.core.model import WITH_AGENT, Contact

ON, PAUSED = "on", "paused"
ASKED, FILE = "recording", "recording_file"  # attributes
WHILE_BRIDGED = "b"  # MixMonitor's option: neither music nor announcements


def recording_steps(
    call: Call, leg: Leg, channel: Channel, contact: Contact, settings: PbxSettings
) -> list[Ask | Command]:
    """What to do about the recording of the customer's channel; it is done once."""
    if contact.state not in WITH_AGENT or settings.recordings is None:
        return []
    if FILE not in contact.attributes:
        return _begin(call, leg, channel, contact, settings)
    paused = contact.attributes.get(ASKED) == PAUSED
    if call.muted is paused:
        return []
    call.muted = paused
    return [_mute(leg, channel, paused=paused)]


def _begin(
    call: Call, leg: Leg, channel: Channel, contact: Contact, settings: PbxSettings
) -> list[Ask | Command]:
    """Just before the customer is joined with the agent, or when the agent asks for it."""
    asked = contact.attributes.get(ASKED, "")
    always = "*" in settings.record or contact.queue in settings.record
    if call.muted is not None or not channel.controlled or not (always or asked == ON):
        return []
    call.muted = False
    name = f"{file_name(call, 'call')}.wav"
    there = settings.recordings_there or str(settings.recordings)
    line = agi.execute("MixMonitor", f"{there}/{name}", WHILE_BRIDGED)
    edit = EditContact(
        id=f"{contact.id}/recording",
        by=CHANNEL,
        contact=contact.id,
        attributes={ASKED: asked or ON, FILE: name},
    )
    return [command(leg, channel, "record", line), edit]


def _mute(leg: Leg, channel: Channel, *, paused: bool) -> Ask:
    return Ask(
        what="pause recording" if paused else "go on recording",
        action="MixMonitorMute",
        unique=leg.unique,
        headers=(
            ("Channel", channel.name),
            ("Direction", "both"),
            ("State", "1" if paused else "0"),
        ),
    )
