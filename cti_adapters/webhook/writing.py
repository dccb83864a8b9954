"""From what the router did to what goes out: the lines of agents and of Patchbay in the contacts of
this channel, and what is said as a contact ends without anybody. Pure but for what flows said last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cti_adapters.webhook.ports import Conversation, Outgoing, conversation_of, outgoing_id
from router.core.catalog import Catalog, ToMessage
from router.core.events import ContactEvent, Entry, MessagePosted, Overflowed, TransferredOut

UNDELIVERED: Final = "undelivered-"
"""Begins the ids of what only the agent is told."""
CLOSING: Final = "closing"


class Line:
    """Something to be sent in the conversation ``key``, once its hook is known."""

    __slots__ = ("agent", "author", "contact", "key", "message", "text")

    def __init__(self, contact: str, message: str, text: str, author: str, agent: str) -> None:
        self.key = conversation_of(contact)
        self.contact = contact
        self.message = message
        self.text = text
        self.author = author
        self.agent = agent

    def outgoing(self, conversation: Conversation, catalog: Catalog, at: int) -> Outgoing:
        return Outgoing(
            id=outgoing_id(self.contact, self.message),
            hook=conversation.hook,
            conversation=self.key,
            contact=self.contact,
            message=self.message,
            text=self.text,
            author=self.author,
            name=_name_of(catalog, self.agent),
            at=at,
            due=at,
            since=at,
        )


def lines_of(entry: Entry, last_words: Mapping[str, str]) -> Iterator[Line]:
    """``last_words`` are those of flows, by contact: who ends with a flow hears them."""
    for event in entry.events:
        if isinstance(event, ContactEvent) and conversation_of(event.contact):
            line = _line(event, last_words.get(event.contact, ""))
            if line is not None and line.text:
                yield line


def _line(event: ContactEvent, last_words: str) -> Line | None:
    match event:
        case MessagePosted(message=message):
            told = message.author != "customer" and not message.id.startswith(UNDELIVERED)
            if not told:
                return None
            return Line(event.contact, message.id, message.text, message.author, message.agent)
        case Overflowed(to=to):
            text = to.text if isinstance(to, ToMessage) else ""
            return Line(event.contact, CLOSING, text or last_words, "system", "")
        case TransferredOut(agent=agent):
            return Line(event.contact, CLOSING, "" if agent else last_words, "system", "")
        case _:
            return None


def _name_of(catalog: Catalog, agent: str) -> str:
    """What customers may call them."""
    definition = catalog.agents.get(agent)
    if definition is None:
        return ""
    return definition.public_name or next(iter(definition.name.split()), "")
