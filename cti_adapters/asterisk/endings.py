"""What a customer still hears when the router is done: a text, a voicemail box, a number outside.

Pure. Each goes by stages, and ends in ``GONE``.
"""

from __future__ import annotations

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import (
    GONE,
    Activity,
    Ask,
    Call,
    Gone,
    Leave,
    Leg,
    Record,
    Speak,
    Tell,
)
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import command
from router.core import events as e
from router.core.catalog import ToMessage, ToVoicemail
from router.core.durations import SECOND
from router.ports import Arrival

VOICEMAIL = "voicemail"  # the channel of contacts that are a recorded message
SPOKEN, RECORDED, PUT_THROUGH = "spoken", "recorded", "put through"
LONGEST_MESSAGE = 180 * SECOND
SILENCE_ENDS = 5  # seconds
DIALS_FOR = 60  # seconds
MILLISECOND = 1_000


def ending_of(event: e.ContactEvent, settings: PbxSettings) -> Activity | None:
    """What the event leaves for the customer to hear, None when it is no such event."""
    match event:
        case e.Overflowed(to=ToVoicemail(box=box)):
            return Record(box)
        case e.Overflowed(to=ToMessage(text=text)):
            return Tell(text)
        case e.CallbackPromised():
            return Tell(settings.callback_promised)
        case _:
            return None


def ending_step(
    call: Call, leg: Leg, channel: Channel, ending: Activity, settings: PbxSettings
) -> Ask | Speak | None:
    """The next thing for a customer under control."""
    match ending:
        case Tell(text=text):
            return Speak(what=SPOKEN, unique=leg.unique, texts=(text,))
        case Record() if not call.stage:
            return Speak(what=SPOKEN, unique=leg.unique, texts=(settings.voicemail_greeting,))
        case Record():
            return command(leg, channel, RECORDED, _record(call, settings))
        case Leave(address=address):
            where = settings.trunk.replace("{number}", address)
            return command(leg, channel, PUT_THROUGH, agi.execute("Dial", where, str(DIALS_FOR)))
        case _:
            return None


def ending_went_on(call: Call, what: str) -> None:
    """The command ``what`` of the call's ending has come to its end."""
    match call.ending, what:
        case Record(), "spoken":
            call.stage = RECORDED
        case (Tell(), "spoken") | (Record(), "recorded") | (Leave(), "put through"):
            call.ending = GONE
        case _:
            pass


def message_left(call: Call) -> Arrival | None:
    """The contact that a recorded message becomes. Whether one was recorded, the file says."""
    if not isinstance(call.ending, Record | Gone) or call.stage != RECORDED or not call.box:
        return None
    call.stage = ""
    return Arrival(
        contact=f"{call.contact}-{VOICEMAIL}",
        channel=VOICEMAIL,
        address=call.number,
        entry_point=call.box,
        attributes={"recording": _file_name(call), "of": call.contact},
    )


def _record(call: Call, settings: PbxSettings) -> str:
    folder = settings.recordings_there or str(settings.recordings or "")
    return agi.command(
        "RECORD",
        "FILE",
        f"{folder}/{_file_name(call)}",
        "wav",
        "#",
        str(LONGEST_MESSAGE // MILLISECOND),
        "BEEP",
        f"s={SILENCE_ENDS}",
    )


def _file_name(call: Call) -> str:
    return f"{call.contact}-{VOICEMAIL}"
