"""What the timeline needs of a contact, folded from its events. Pure; times are microseconds."""

from __future__ import annotations

from typing import Final

import msgspec

from crm import words
from crm.limits import MAX_ADDRESS, MAX_ID, MAX_NOTE, MAX_SHORT
from crm.past import EndedContact
from router.core import events as e
from router.core.model import Message

MAX_CONTACT_ID: Final = 128
MAX_LINES: Final = 500
MAX_THREAD: Final = 200_000  # characters
_CUT: Final = "The thread was longer than is kept here."


class OpenContact(msgspec.Struct, kw_only=True):
    """A contact on its way to the timeline; kept in the database between restarts."""

    contact: str
    channel: str
    address: str
    arrived_at: int
    ended_at: int = 0  # when the conversation was over, 0 before
    customer: str = ""
    queue: str = ""
    agent: str = ""
    outcome: str = ""  # empty until the terminal event
    disposition: str = ""
    notes: list[str] = []
    messages: list[Message] = []
    size: int = 0  # characters in ``messages``
    wrapping: list[str] = []

    @property
    def is_ended(self) -> bool:
        return bool(self.outcome)

    @property
    def is_finished(self) -> bool:
        """Nothing more will be heard of it."""
        return self.is_ended and not self.wrapping

    def ended(self) -> EndedContact:
        """As a row of the timeline."""
        return EndedContact(
            contact=self.contact,
            channel=self.channel,
            arrived_at=self.arrived_at,
            ended_at=self.ended_at,
            customer=self.customer,
            address=self.address,
            queue=self.queue,
            agent=self.agent,
            outcome=self.outcome,
            disposition=self.disposition,
            summary="\n".join(self.notes)[:MAX_NOTE],
            transcript=tuple(self.messages),
        )


def opened(event: e.ContactArrived, at: int) -> OpenContact | None:
    """A contact to keep, None for one between colleagues."""
    if event.parent or event.direction == "internal" or len(event.contact) > MAX_CONTACT_ID:
        return None
    return OpenContact(
        contact=event.contact,
        channel=event.channel[:MAX_ID],
        address=words.line(event.address)[:MAX_ADDRESS],
        arrived_at=at,
    )


def apply(contact: OpenContact, event: e.ContactEvent, at: int) -> bool:
    """Fold one event in; whether it said anything the timeline keeps."""
    match event:
        case e.CustomerIdentified():
            contact.customer = event.customer.id if event.customer else ""
        case e.Enqueued():
            contact.queue = event.queue[:MAX_ID]
        case e.OfferAccepted() | e.HolderChanged():
            contact.agent = event.agent[:MAX_ID]
        case e.AgentJoined(role="holder"):
            contact.agent = event.agent[:MAX_ID]
        case e.MessagePosted():
            _add_line(contact, event.message)
        case e.AgentReleased():
            if event.wrap_until and event.agent not in contact.wrapping:
                contact.wrapping.append(event.agent)
        case e.WrapUpFinished():
            _finish_wrap_up(contact, event)
        case e.ContactEnded():
            contact.ended_at = at
        case e.Abandoned() | e.Overflowed() | e.TransferredOut() | e.Completed():
            contact.outcome = _outcome(event)
            contact.ended_at = contact.ended_at or at
        case _:
            return False
    return True


def _outcome(event: e.Abandoned | e.Overflowed | e.TransferredOut | e.Completed) -> str:
    match event:
        case e.Abandoned():
            return "abandoned"
        case e.Overflowed():
            return "overflowed"
        case e.TransferredOut():
            return "transferred"
        case e.Completed():
            return event.reason[:MAX_ID] or "handled"


def _add_line(contact: OpenContact, message: Message) -> None:
    if contact.size > MAX_THREAD or len(contact.messages) > MAX_LINES:
        return
    text = words.paragraph(message.text)
    contact.size += len(text)
    is_full = contact.size > MAX_THREAD or len(contact.messages) == MAX_LINES
    contact.messages.append(
        msgspec.structs.replace(message, author="system", text=_CUT, agent="")
        if is_full
        else msgspec.structs.replace(message, text=text)
    )


def _finish_wrap_up(contact: OpenContact, event: e.WrapUpFinished) -> None:
    """The last disposition counts; notes of several agents stand one under the other."""
    if event.agent in contact.wrapping:
        contact.wrapping.remove(event.agent)
    contact.disposition = words.line(event.disposition)[:MAX_SHORT] or contact.disposition
    if note := words.paragraph(event.note)[:MAX_NOTE]:
        contact.notes.append(note)
