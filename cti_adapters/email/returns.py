"""Mails of ours that did not arrive go back to who wrote them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Final

from cti_adapters.email.ports import Outgoing, Sending
from cti_adapters.email.settings import MailboxSettings
from router.core.commands import PostMessage
from router.core.durations import DAY
from router.core.events import Rejected
from router.core.model import TERMINAL
from router.insisting import submit_surely
from router.ports import Arrival, CommandSink, ContactIntake, Said
from router.replica import Replica

BY: Final = "email"
CHANNEL: Final = "email"
KEPT_FOR_ITS_AUTHOR: Final = DAY

log = logging.getLogger(__name__)


class Returns:
    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        boxes: Mapping[str, MailboxSettings],
    ) -> None:
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._boxes = boxes

    async def give_back(self, outgoing: Outgoing) -> None:
        """Into its contact's thread while that goes on, else as a contact for its author. What a
        machine sent is given back to nobody.
        """
        if not outgoing.agent:
            log.info("an automatic mail did not arrive: %s", outgoing.reason)
            return
        text = _told(outgoing)
        live = self._replica.state.contacts.get(outgoing.contact)
        goes_on = live is not None and live.channel == CHANNEL and live.state not in TERMINAL
        if goes_on and await self._post(outgoing, text):
            return
        await self._come_in(outgoing, text)

    async def _post(self, outgoing: Outgoing, text: str) -> bool:
        key = _key(outgoing)
        post = PostMessage(
            id=f"{outgoing.contact}/returned/{key}",
            by=BY,
            contact=outgoing.contact,
            message=f"returned-{key}",
            author="system",
            text=text,
        )
        return not isinstance(await submit_surely(self._sink, post), Rejected)

    async def _come_in(self, outgoing: Outgoing, text: str) -> None:
        box = self._boxes.get(outgoing.mailbox)
        if box is None:
            return
        key = _key(outgoing)
        outcome = await self._intake.receive(
            Arrival(
                contact=f"mail-returned-{key}",
                channel=CHANNEL,
                address=next(iter(outgoing.recipients), ""),
                entry_point=box.entry_point,
                attributes={
                    "subject": outgoing.subject,
                    "thread": outgoing.thread,
                    "returned": outgoing.reason,
                    "earlier": outgoing.contact,
                },
                dialable=False,
                present=False,
                said=Said(id=f"returned-{key}", text=text),
                preferred=(outgoing.agent,),
                preferred_for=KEPT_FOR_ITS_AUTHOR,
            )
        )
        if isinstance(outcome, Rejected):
            log.error("a mail that did not arrive has no way back: %s", outcome.reason)


def _key(outgoing: Outgoing) -> str:
    """Another attempt may come back another time."""
    told = f"{outgoing.id} {outgoing.state} {outgoing.attempts} {outgoing.at}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _told(outgoing: Outgoing) -> str:
    if outgoing.state is Sending.UNKNOWN:
        return (
            "It is not known whether this mail left: ask the customer, or send it again. "
            f"{outgoing.reason}"
        )
    return f"This mail did not arrive. {outgoing.reason}"
