"""What parts that know nothing of each other tell each other in passing."""

from __future__ import annotations

from agents.desk import DeskHub
from crm.database import DatabaseUnavailable
from crm.store import CustomerStore
from cti_adapters.email.channel import EmailChannel
from cti_adapters.webchat.hub import ChatHub
from router.cluster.whispers import Whispers


def join_desk_and_chat(desk: DeskHub, chat: ChatHub, whispers: Whispers | None) -> None:
    """What goes between an agent and a visitor in passing, whose pages may be at two nodes."""
    everywhere = whispers.everywhere if whispers else lambda _, handler: handler
    desk.on_typing = everywhere("agent typing", chat.attention.agent_typing)
    desk.on_read = everywhere("agent read", chat.attention.agent_read)
    chat.attention.on_visitor_typing = everywhere("visitor typing", desk.customer_typing)
    chat.attention.on_visitor_seen = everywhere("visitor saw", desk.customer_seen)
    chat.presence.on_away = everywhere("visitor away", desk.customer_away)
    desk.seen, desk.is_away = chat.attention.seen, chat.presence.is_away


def join_chat_and_mail(chat: ChatHub, mail: EmailChannel, customers: CustomerStore) -> None:
    """Chats become letters, to addresses that the customer is known by."""

    async def addresses_of(customer: str) -> list[str]:
        try:
            record = await customers.record(customer)
        except DatabaseUnavailable:
            return []
        known = record.identities if record is not None else ()
        return [one.value for one in known if one.kind == "email"]

    chat.mailer.letters = chat.questions.letters = mail.letters
    chat.mailer.addresses_of = addresses_of
