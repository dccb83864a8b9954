"""What each act of a visitor does. Every act is answered by one ``Reply``, ``Pong`` or ``Session``.

Whatever the visitor sends again is applied once: the ids of the commands derive from the chat
and the act.
"""

from __future__ import annotations

import re

from cti_adapters.webchat import tokens
from cti_adapters.webchat.chat import ADDRESS_BY, Chat, Tab
from cti_adapters.webchat.claims import Known
from cti_adapters.webchat.messages import (
    MAX_NAME,
    MAX_TEXT,
    AnswerPrompt,
    LeaveChat,
    Ping,
    Pong,
    Reply,
    ResumeChat,
    SayLine,
    StartChat,
    VisitorAct,
    VisitorPage,
    VisitorSeen,
    VisitorTyping,
)
from cti_adapters.webchat.pages import page_of
from cti_adapters.webchat.speaking import Channel, Refused, answer, plain, post, say
from router.core.events import Rejected
from router.ports import (
    Arrival,
    JournalUnavailable,
    OutcomeUnknown,
    Overloaded,
)
from router.text import one_line

MAX_ADDRESS = 254
MAX_CHOICE = 64
UNGUESSABLE = 16  # characters an act id needs before a resent start can rely on it
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

REASONS = {
    "chat_over": "This chat has ended; start a new one.",
    "already_chatting": "You are already in a chat; leave it before you start another.",
    "no_chat": "There is no chat yet; start one first.",
    "unknown_chat": "That chat cannot be found any more; start a new one.",
    "empty": "There is nothing to send; write something first.",
    "too_long": f"That is too long; {MAX_TEXT} characters fit in one message.",
    "too_many_lines": "This chat has become too long; start a new one to go on.",
    "too_fast": "You are sending too fast; wait a moment and send it again.",
    "too_many_chats": "All our chat lines are taken; try again in a few minutes.",
    "too_many_tabs": "This chat is open in too many tabs; close one of them.",
    "unknown_entry_point": "This chat form is not in use; reload the page.",
    "overloaded": "We cannot take that right now; try again in a moment.",
    "journal_unavailable": "We cannot take that right now; try again in a moment.",
    "outcome_unknown": "We do not know yet whether that has arrived; send the same again.",
    "file_too_large": "That file is too large; make it smaller and send it again.",
    "file_type": "Files of that kind are not taken here; send a picture or a PDF.",
    "too_many_files": "This chat has too many files; it takes no more.",
    "no_mail": "Transcripts are not mailed here; save it instead.",
    "bad_address": "That does not look like an e-mail address; correct it.",
    "other_address": "The transcript goes to the address of your account only.",
    "nobody_answered": "The transcript can be mailed once somebody has answered.",
    "too_many_mails": "That is enough mails for now; save the transcript instead.",
    "too_many_questions": "That is enough for now; try again in a few minutes.",
    "late": "That question is over; look at what is asked now.",
    "refused": "That cannot be done in this chat any more.",
}


async def perform(channel: Channel, tab: Tab, act: VisitorAct) -> None:
    """Do ``act`` and answer it."""
    try:
        await _perform(channel, tab, act)
    except Refused as refused:
        code = refused.code
    except Overloaded:
        code = "overloaded"
    except OutcomeUnknown:
        code = "outcome_unknown"
    except JournalUnavailable:
        code = "journal_unavailable"
    else:
        return
    tab.reply(Reply(n=0, to=act.id, ok=False, code=code, reason=REASONS[code]))


async def _perform(channel: Channel, tab: Tab, act: VisitorAct) -> None:
    match act:
        case StartChat():
            await _start(channel, tab, act)
        case ResumeChat():
            _resume(channel, tab, act)
        case SayLine():
            await say(channel, _chat(tab), act)
        case AnswerPrompt():
            await answer(channel, _live_chat(tab), act)
        case VisitorTyping():
            channel.attention.visitor_typing(_live_chat(tab), typing=act.typing)
        case VisitorSeen():
            channel.attention.visitor_saw(_chat(tab), act.received, act.read)
        case VisitorPage():
            if (page := page_of(tab.site, act.url, act.title)) is not None:
                await channel.whereabouts.visited(_live_chat(tab), page)
        case LeaveChat():
            await channel.give_up(_chat(tab))
        case Ping():
            tab.reply(Pong(n=0))
            return
        case _:
            raise Refused("refused")
    tab.reply(Reply(n=0, to=act.id, ok=True))


async def _start(channel: Channel, tab: Tab, act: StartChat) -> None:
    text = plain(act.text)
    contact = _contact_of(channel, tab, act, text)
    tab.asked = (act, contact)
    current = tab.chat
    if current is not None and not current.thread.over and current.contact != contact:
        raise Refused("already_chatting")
    chat = channel.find(contact)
    if chat is None or chat.thread.sequence == 0:
        chat = chat or channel.open(contact, tab.source)
        known = channel.vouching.vouched_for(act.visitor, tab.site, contact)
        await _bring_in(channel, chat, _arrival(contact, act, known))
    channel.attach(tab, chat)
    if act.id not in chat.thread.ids and not chat.thread.over:
        await post(channel, chat, f"say/{act.id}", act.id, text)
    channel.opened(chat)


async def _bring_in(channel: Channel, chat: Chat, arrival: Arrival) -> None:
    channel.beginning(chat)
    try:
        outcome = await channel.intake.receive(arrival)
    except OutcomeUnknown:  # it is kept: whoever does not ask again shall leave nothing behind
        chat.unsure = True
        raise
    except (Overloaded, JournalUnavailable):
        if not chat.unsure:
            channel.forget_unless_arrived(chat)
        raise
    finally:
        channel.begun(chat)
    if isinstance(outcome, Rejected):
        channel.forget_unless_arrived(chat)
        raise Refused("unknown_entry_point" if outcome.code == "no_entry" else "refused")


def _contact_of(channel: Channel, tab: Tab, act: StartChat, text: str) -> str:
    """The same start sent again is the same chat; two visitors never share one by accident."""
    if tab.chat is None and tab.asked is not None and tab.asked[0] == act:
        return tab.asked[1]
    if len(act.id) < UNGUESSABLE:
        return tokens.new_contact()
    secret = channel.settings.secret
    return tokens.contact_for(
        secret, act.id, act.entry_point, act.name, text, act.choice, act.address, act.visitor
    )


def _arrival(contact: str, act: StartChat, known: Known | None) -> Arrival:
    name, typed = one_line(act.name)[:MAX_NAME], one_line(act.address)[:MAX_ADDRESS]
    given = {
        "name": (known.name if known else "") or name,
        "verified_by": _host(known.site) if known else "",
        ADDRESS_BY: _host(known.site) if known and known.address else "",
        "language": act.language if _LANGUAGE.fullmatch(act.language) else "",
    }
    return Arrival(
        contact=contact,
        channel="chat",
        address=(known.address if known else "") or typed,
        entry_point=act.entry_point,
        choice=act.choice[:MAX_CHOICE],
        attributes={name: value for name, value in given.items() if value},
        verified=known.subject if known else "",
    )


def _host(site: str) -> str:
    return site.partition("://")[2]


def _resume(channel: Channel, tab: Tab, act: ResumeChat) -> None:
    contact = tokens.contact_of(channel.settings.secret, act.token)
    chat = None if contact is None else channel.find(contact)
    if chat is None:
        raise Refused("unknown_chat")
    channel.attach(tab, chat)


def _chat(tab: Tab) -> Chat:
    if tab.chat is None:
        raise Refused("no_chat")
    return tab.chat


def _live_chat(tab: Tab) -> Chat:
    chat = _chat(tab)
    if chat.thread.over:
        raise Refused("chat_over")
    return chat
