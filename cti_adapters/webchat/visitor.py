"""What each act of a visitor does. Every act is answered by one ``Reply``, ``Pong`` or ``Session``.

Whatever the visitor sends again is applied once: the ids of the commands derive from the chat
and the act.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cti_adapters.webchat import tokens
from cti_adapters.webchat.messages import (
    MAX_NAME,
    MAX_TEXT,
    LeaveChat,
    Ping,
    Pong,
    Reply,
    ResumeChat,
    SayLine,
    StartChat,
    VisitorAct,
    VisitorTyping,
)
from router.core.commands import PostMessage
from router.core.events import Rejected
from router.ports import Arrival, JournalUnavailable, Overloaded
from router.text import lines, one_line

if TYPE_CHECKING:
    from cti_adapters.webchat.chat import Chat
    from cti_adapters.webchat.connection import ChatConnection

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
    "refused": "That cannot be done in this chat any more.",
}


class Refused(Exception):
    """The act is answered with this code and its sentence in ``REASONS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def perform(connection: ChatConnection, act: VisitorAct) -> None:
    """Do ``act`` and answer it."""
    try:
        await _perform(connection, act)
    except Refused as refused:
        code = refused.code
    except Overloaded:
        code = "overloaded"
    except JournalUnavailable:
        code = "journal_unavailable"
    else:
        return
    connection.reply(Reply(n=0, to=act.id, ok=False, code=code, reason=REASONS[code]))


async def _perform(connection: ChatConnection, act: VisitorAct) -> None:
    match act:
        case StartChat():
            await _start(connection, act)
        case ResumeChat():
            _resume(connection, act)
        case SayLine():
            await _say(connection, act)
        case VisitorTyping():
            connection.hub.visitor_typing(_live_chat(connection), typing=act.typing)
        case LeaveChat():
            await connection.hub.give_up(_chat(connection))
        case Ping():
            connection.reply(Pong(n=0))
            return
        case _:
            raise Refused("refused")
    connection.reply(Reply(n=0, to=act.id, ok=True))


async def _start(connection: ChatConnection, act: StartChat) -> None:
    text = _text(act.text)
    contact = _contact_of(connection, act, text)
    current = connection.chat
    if current is not None and not current.thread.over and current.contact != contact:
        raise Refused("already_chatting")
    hub = connection.hub
    chat = hub.find(contact)
    if chat is None or chat.thread.sequence == 0:
        chat = chat or hub.open(contact, connection.source)
        await _bring_in(connection, chat, act)
    hub.attach(connection, chat)
    if act.id not in chat.thread.ids and not chat.thread.over:
        await _post(connection, chat, act.id, text)


async def _bring_in(connection: ChatConnection, chat: Chat, act: StartChat) -> None:
    hub = connection.hub
    try:
        outcome = await hub.intake.receive(_arrival(chat.contact, act))
    except (Overloaded, JournalUnavailable):
        hub.forget_unless_arrived(chat)
        raise
    if isinstance(outcome, Rejected):
        hub.forget_unless_arrived(chat)
        raise Refused("unknown_entry_point" if outcome.code == "no_entry" else "refused")


def _contact_of(connection: ChatConnection, act: StartChat, text: str) -> str:
    """The same start sent again is the same chat; two visitors never share one by accident."""
    if len(act.id) < UNGUESSABLE:
        return tokens.new_contact()
    secret = connection.hub.settings.secret
    return tokens.contact_for(
        secret, act.id, act.entry_point, act.name, text, act.choice, act.address
    )


def _arrival(contact: str, act: StartChat) -> Arrival:
    given = {
        "name": one_line(act.name)[:MAX_NAME],
        "language": act.language if _LANGUAGE.fullmatch(act.language) else "",
    }
    return Arrival(
        contact=contact,
        channel="chat",
        address=one_line(act.address)[:MAX_ADDRESS],
        entry_point=act.entry_point,
        choice=act.choice[:MAX_CHOICE],
        attributes={name: value for name, value in given.items() if value},
    )


def _resume(connection: ChatConnection, act: ResumeChat) -> None:
    hub = connection.hub
    contact = tokens.contact_of(hub.settings.secret, act.token)
    chat = None if contact is None else hub.find(contact)
    if chat is None:
        raise Refused("unknown_chat")
    hub.attach(connection, chat)


async def _say(connection: ChatConnection, act: SayLine) -> None:
    chat = _chat(connection)
    if act.id in chat.thread.ids:
        return
    if chat.thread.over:
        raise Refused("chat_over")
    text = _text(act.text)
    limits = connection.hub.settings
    too_long = chat.thread.characters + len(text) > limits.characters_per_chat
    if too_long or chat.thread.said >= limits.lines_per_chat:
        raise Refused("too_many_lines")
    if not chat.lines.take(connection.hub.now()):
        raise Refused("too_fast")
    await _post(connection, chat, act.id, text)


async def _post(connection: ChatConnection, chat: Chat, message: str, text: str) -> None:
    outcome = await connection.hub.sink.submit(
        PostMessage(
            id=f"{chat.contact}/say/{message}",
            by="chat",
            contact=chat.contact,
            message=message,
            author="customer",
            text=text,
        )
    )
    if isinstance(outcome, Rejected):
        raise Refused("chat_over")


def _text(raw: str) -> str:
    if len(raw) > MAX_TEXT:
        raise Refused("too_long")
    text = lines(raw)
    if not text:
        raise Refused("empty")
    return text


def _chat(connection: ChatConnection) -> Chat:
    if connection.chat is None:
        raise Refused("no_chat")
    return connection.chat


def _live_chat(connection: ChatConnection) -> Chat:
    chat = _chat(connection)
    if chat.thread.over:
        raise Refused("chat_over")
    return chat
