"""What a customer still hears when the router is done: a text, a voicemail box, a number outside.

Pure. Each goes by stages, and ends in ``GONE``.
"""

from __future__ import annotations

import msgspec

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.left_behind import FAX, VOICEMAIL, LeftBehind
from cti_adapters.asterisk.legs import (
    GONE,
    PUT_THROUGH,
    RECEIVED,
    RECORDED,
    SPOKEN,
    Activity,
    Ask,
    Call,
    Leave,
    Leg,
    Record,
    Speak,
    TakeFax,
    Tell,
)
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import command
from cti_adapters.asterisk.wording import Spoken
from router.core import events as e
from router.core.catalog import ToMessage, ToVoicemail
from router.core.durations import MILLISECOND, SECOND
from router.ports import Arrival

FAX_MACHINE = "ReceiveFAX"  # the application
LONGEST_MESSAGE = 180 * SECOND
SILENCE_ENDS = 5  # seconds
DIALS_FOR = 60  # seconds
_LAST = {Tell: SPOKEN, Record: RECORDED, Leave: PUT_THROUGH, TakeFax: RECEIVED}


def ending_of(
    event: e.ContactEvent, settings: PbxSettings, *, worded: bool = False
) -> Activity | None:
    """What the event leaves for the customer to hear, None when it is no such event; ``worded``:
    it is a flow's, which says it in words of its own.
    """
    match event:
        case e.Overflowed(to=ToVoicemail(box=box)):
            return Record(box, greeted=worded)
        case e.Overflowed(to=ToMessage(text=text)):
            return Tell("" if worded else text)
        case e.CallbackPromised():
            return Tell("" if worded else settings.callback_promised)
        case _:
            return None


def ending_step(
    call: Call, leg: Leg, channel: Channel, ending: Activity, settings: PbxSettings
) -> Ask | Speak | None:
    """The next thing for a customer under control."""
    match ending:
        case Tell(text=text):
            return _say(call, leg, text, settings)
        case Record(greeted=greeted) if not call.stage:
            return _say(call, leg, "" if greeted else settings.voicemail_greeting, settings)
        case Record():
            stem = _left(call, VOICEMAIL).stem
            ask = command(leg, channel, RECORDED, _record(stem, settings))
            return msgspec.structs.replace(ask, makes=f"{stem}.wav")
        case TakeFax():
            call.stage = RECEIVED
            file = f"{_folder(settings)}/{_left(call, FAX).stem}.tif"
            return command(leg, channel, RECEIVED, agi.execute(FAX_MACHINE, file))
        case Leave() if call.words:
            return _say(call, leg, "", settings)
        case Leave(address=address):
            where = settings.trunk.replace("{number}", address)
            return command(leg, channel, PUT_THROUGH, agi.execute("Dial", where, str(DIALS_FOR)))
        case _:
            return None


def ending_went_on(call: Call, what: str, *, broken_off: bool) -> None:
    """The command ``what`` of the call's ending has come to its end."""
    match call.ending:
        case Record() if what == SPOKEN:
            call.stage = "" if broken_off else RECORDED  # who hangs up before the tone says nothing
        case Leave() if what == SPOKEN:
            call.words = ()
        case Tell() | Record() | Leave() | TakeFax() if what == _LAST[type(call.ending)]:
            call.ending = GONE
        case _:
            pass


def left_behind(call: Call) -> Arrival | None:
    """The contact that a recorded message or a received document becomes, once.

    Whether anything was recorded, the file says.
    """
    channel = {RECORDED: VOICEMAIL, RECEIVED: FAX}.get(call.stage)
    if channel is None:
        return None
    call.stage = ""
    return _left(call, channel).arrival()


def _left(call: Call, channel: str) -> LeftBehind:
    return LeftBehind(call=call.contact, channel=channel, box=call.box, number=call.number)


def _say(call: Call, leg: Leg, text: str, settings: PbxSettings) -> Speak:
    """``text``, unless it is empty, after the last words of a flow."""
    own = (Spoken(text, settings.language),) if text else ()
    return Speak(what=SPOKEN, unique=leg.unique, texts=(*call.words, *own))


def _record(stem: str, settings: PbxSettings) -> str:
    return agi.command(
        "RECORD",
        "FILE",
        f"{_folder(settings)}/{stem}",
        "wav",
        "#",
        str(LONGEST_MESSAGE // MILLISECOND),
        "BEEP",
        f"s={SILENCE_ENDS}",
    )


def _folder(settings: PbxSettings) -> str:
    return settings.recordings_there or str(settings.recordings or "")
