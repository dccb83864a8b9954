"""What the demo's customers called and wrote about before: a few conversations, told in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from crm.past import EndedContact
from router.core.durations import DAY, SECOND
from router.core.model import Message

LONG_AGO: Final = 35  # days: whoever served them then is no longer asked first


class PastCustomer(NamedTuple):
    """``number`` tells customers apart and is the same at every start."""

    number: int
    id: str
    language: str
    account_manager: str


class _Story(NamedTuple):
    """``lines`` begin with the customer and take turns; a call has none."""

    language: str
    channel: str
    queue: str
    agent: str
    disposition: str
    summary: str
    lines: tuple[str, ...] = ()


_STORIES: Final = (
    _Story("en", "chat", "support_en", "hana", "Solved", "Internet dropped in the evenings.", (
        "Hello, my internet drops every evening around eight.",
        "Hello! I see it. Your router changes channels then; may I restart it from here?",
        "Please do.",
        "Done. I fixed it to one channel; tell us if it happens again.",
        "It works, thank you!",
    )),
    _Story("en", "voice", "billing_en", "mia", "Explained", "Asked about the first invoice."),
    _Story("en", "chat", "billing_en", "mia", "Refunded", "Charged twice in one month.", (
        "You have charged me twice this month.",
        "I am sorry. The second one was a mistake of ours; you get it back by Friday.",
        "All right, thanks.",
    )),
    _Story("en", "voice", "support_en", "hana", "Engineer booked", "No signal after a storm."),
    _Story("es", "chat", "billing_es", "gus", "Refunded", "Dos cargos en un mes.", (
        "Buenas tardes, me han cobrado dos veces.",
        "Buenas tardes. Tiene razón: le devolvemos el segundo cargo esta semana.",
        "Muchas gracias.",
    )),
    _Story("es", "voice", "billing_es", "gus", "Explained", "Preguntó por su primera factura."),
    _Story("zh", "chat", "support_zh", "jun", "Engineer booked", "晚上断网，已预约工程师。", (
        "你好，家里每天晚上都断网。",
        "您好！我查到线路有干扰，周四上午请工程师上门可以吗？",
        "可以，谢谢。",
    )),
    _Story("zh", "voice", "support_zh", "jun", "Solved", "询问如何设置新的路由器。"),
)  # fmt: skip


def past_of(customers: Iterable[PastCustomer], now: int) -> Iterator[EndedContact]:
    """One or two contacts for each; ``now`` is microseconds."""
    for customer in customers:
        stories = [story for story in _STORIES if story.language == customer.language]
        for turn in range(1 + customer.number % 2):
            story = stories[(customer.number + turn) % len(stories)]
            yield _told(story, customer, turn, now)


def _told(story: _Story, customer: PastCustomer, turn: int, now: int) -> EndedContact:
    days = LONG_AGO + customer.number * 7 % 90 + 60 * turn
    if customer.account_manager:
        days -= LONG_AGO - 9  # with their account manager they were in touch lately
    at = now - days * DAY
    contact = f"demo-{customer.number}-{turn}"
    agent = customer.account_manager or story.agent
    return EndedContact(
        contact=contact,
        channel=story.channel,
        arrived_at=at,
        ended_at=at + 300 * SECOND,
        customer=customer.id,
        queue=story.queue,
        agent=agent,
        outcome="handled",
        disposition=story.disposition,
        summary=story.summary,
        transcript=tuple(
            Message(
                id=f"{contact}-{number}",
                author="agent" if number % 2 else "customer",
                text=text,
                at=at + 40 * number * SECOND,
                agent=agent if number % 2 else "",
            )
            for number, text in enumerate(story.lines)
        ),
    )
