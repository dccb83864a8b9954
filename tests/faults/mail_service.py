"""The service under test: a whole Patchbay with a mailbox; its agent answers every mail once.

``python -m tests.faults.mail_service FOLDER``. For each line that is read a process is begun in
which all of it runs, until it is killed; one line says when it works, one when it has ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from crm.customers import CustomerFields
from cti_adapters.email.ports import Outgoing, Sending
from cti_adapters.email.replying import Reply
from router.core.commands import EndContact, FinishWrapUp
from router.core.durations import SECOND
from router.core.model import Contact, ContactState
from router.customers import Identity
from server.bootstrap import Patchbay, running
from tests.faults.agent import Agent
from tests.faults.lives import lives
from tests.faults.mail_site import AGENT, COPY_WITHIN, settings
from tests.mail.configuration import DOMAIN
from tests.mail.copies import copies_back_within

KNOWN = 250  # customers: who is known does not wait for strangers


class MailAgent(Agent):
    """Answers every mail, and ends what has been answered."""

    async def look_after(self, contact: Contact) -> None:
        if contact.state is ContactState.CONNECTED and contact.messages:
            text = f"About {contact.messages[0].text}"
            reply = Reply(id="the answer", text=text)
            held = await self.patchbay.mail.replies.send(contact, self.id, "Ann", reply)
            if isinstance(held, Outgoing) and held.state is not Sending.PREPARED:
                await self.do(EndContact(id=f"end/{contact.id}", contact=contact.id))
        elif contact.state is ContactState.WRAPPING:
            done = FinishWrapUp(id=f"done/{contact.id}", contact=contact.id, agent=self.id)
            await self.do(done)


async def live(folder: Path) -> None:
    """Until the end."""
    with copies_back_within(COPY_WITHIN * SECOND):
        async with running(settings(folder), 8080) as patchbay:
            await _know_customers(patchbay)
            print("works", flush=True)
            await MailAgent(patchbay, AGENT).work()


async def _know_customers(patchbay: Patchbay) -> None:
    if (await patchbay.customers.identify("email", f"user{KNOWN}@{DOMAIN}")).customers:
        return
    for number in range(1, KNOWN + 1):
        address = f"user{number}@{DOMAIN}"
        if not (await patchbay.customers.identify("email", address)).customers:
            identity = Identity(kind="email", value=address)
            await patchbay.customers.create(CustomerFields(name=f"Customer {number}"), [identity])


if __name__ == "__main__":
    lives(lambda: live(Path(sys.argv[1])))
