"""Between the interpreter's words and the router's: sessions as bytes, turns as commands, and what
is asked of a customer as the prompt that channels bring.
"""

from __future__ import annotations

import logging
from typing import Any, Final, assert_never
from zlib import crc32

import msgspec
from msgspec.structs import replace

from ivr.core import session as flows
from router.core import commands as c
from router.core.catalog import Announcement
from router.core.model import Contact, ContactState
from router.core.model import Passed as Logged
from router.ports import FlowPrompt, PromptButton, PromptLine

BY: Final = "flow"

log = logging.getLogger(__name__)

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(flows.Session)


def decoded(session: bytes) -> flows.Session | None:
    """What a contact's flow remembers; None when it cannot be read."""
    try:
        return _DECODER.decode(session)
    except msgspec.MsgspecError:
        log.exception("what a contact's flow remembers cannot be read")
        return None


def session_of(contact: Contact) -> flows.Session | None:
    """None when the contact is in no flow."""
    if contact.state is not ContactState.IN_FLOW or not contact.flow_session:
        return None
    return decoded(contact.flow_session)


def command_of(
    contact: Contact,
    number: int,
    session: flows.Session,
    path: tuple[flows.Passed, ...],
) -> c.Command:
    """The router's word for one turn; who has hung up is simply gone. Its id is of what it says: of
    two answers at once, the second is told that it came too late.
    """
    if isinstance(session.outcome, flows.Left):
        return c.Abandon(id=f"{contact.id}/left-flow", by=BY, contact=contact.id)
    where, remembered = session.frames[-1], _ENCODER.encode(session)
    return c.AdvanceFlow(
        id=f"{contact.id}/flow/{number}/{crc32(remembered):08x}",
        by=BY,
        contact=contact.id,
        turn=number,
        node=f"{where.flow}/{where.version}/{where.node}",
        session=remembered,
        passed=tuple(_logged(one) for one in path),
        leads_to=_leads_to(session),
    )


def _logged(one: flows.Passed) -> Logged:
    node = f"{one.flow}/{one.version}/{one.node}"
    return Logged(node=node, exit=one.exit, heard=one.heard, again=one.again)


def _leads_to(session: flows.Session) -> c.FlowEnd | None:
    end = session.outcome
    match end:
        case None | flows.Left():
            return None
        case flows.Queued(queue=queue, steps=steps):
            into = _into(session, queue, steps)
            return replace(
                into, announcements=_announcements(end), offer_callback=end.offer_callback
            )
        case flows.CallBack(queue=queue, steps=steps, number=number):
            return _into(session, queue, steps, call_back=number)
        case flows.TakeMessage(box=box):
            return c.IntoVoicemail(box=box)
        case flows.ConnectTo(number=number):
            return c.OutTo(address=number)
        case flows.Finished():
            return c.SaidGoodbye(text=" ".join(line.text for line in end.say if line.text))
        case _:
            assert_never(end)


def _announcements(end: flows.Queued) -> tuple[Announcement, ...] | None:
    if end.announced is None:
        return None
    return tuple(
        Announcement(
            text=one.say.text,
            audio=one.say.audio,
            language=one.say.language,
            after=one.after,
            every=one.every,
        )
        for one in end.announced
    )


def _into(
    session: flows.Session, queue: str, steps: tuple[Any, ...], call_back: str = ""
) -> c.IntoQueue:
    return c.IntoQueue(
        queue=queue,
        steps=steps or session.steps,
        preferred=session.preferred,
        boost=session.boost,
        attributes=session.for_routing,
        call_back=call_back,
    )


def prompt_of(does: flows.Instruction, turn: int) -> FlowPrompt:
    """What a channel brings to the customer for ``does``."""
    say = lines_of(does.say)
    match does:
        case flows.Play(barge_in=barge_in):
            return FlowPrompt(turn=turn, kind="play", say=say, barge_in=barge_in)
        case flows.AskChoice():
            buttons = tuple(PromptButton(key=one.key, text=one.text) for one in does.buttons)
            return FlowPrompt(
                turn=turn,
                kind="choice",
                say=say,
                buttons=buttons,
                within=does.within,
                barge_in=does.barge_in,
            )
        case flows.AskText():
            return FlowPrompt(
                turn=turn,
                kind="text",
                say=say,
                digits=does.digits,
                longest=does.longest,
                within=does.within,
                between=does.between,
                end_key=does.end_key,
                begun=does.begun,
                secret=does.secret,
                barge_in=does.barge_in,
            )
        case flows.FindCustomer() | flows.AskSystem():
            return FlowPrompt(turn=turn, kind="wait", say=say)
        case _:
            assert_never(does)


def lines_of(say: tuple[flows.Line, ...]) -> tuple[PromptLine, ...]:
    return tuple(PromptLine(text=o.text, audio=o.audio, language=o.language) for o in say)
